//! Which verdicts are certified.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use super::style::{Style, counted, wrapped};
use crate::{Certification, Uncertified};

/// So many verdicts that are not certified are named in text before the rest is counted.
const NAMED: usize = 20;

/// Which verdicts are certified: confirmed by a solver that shares nothing with the engine that found them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct CertificationDocument {
    /// Version of Z3; left out if it was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    solver: Option<String>,
    /// Why it was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
    /// How many verdicts there are: findings and clean scopes, or certain answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdicts: Option<usize>,
    /// How many of them are confirmed.
    certified: usize,
    /// Those that are not, because the solver could not tell.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    open: Vec<OpenEntry>,
}

/// A verdict that is not certified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
struct OpenEntry {
    /// Which one.
    what: String,
    /// Why not.
    why: String,
}

impl From<&Certification> for CertificationDocument {
    fn from(certification: &Certification) -> Self {
        let without =
            |why| Self { solver: None, why: Some(why), verdicts: None, certified: 0, open: Vec::new() };
        let entry =
            |Uncertified { what, why }: &Uncertified| OpenEntry { what: what.clone(), why: why.clone() };
        match certification {
            Certification::NotAsked => without("not asked for"),
            Certification::NoSolver => without("built without a solver"),
            Certification::Done(done) => Self {
                solver: Some(done.solver.clone()),
                why: None,
                verdicts: Some(done.verdicts),
                certified: done.certified,
                open: done.open.iter().map(entry).collect(),
            },
        }
    }
}

/// A line about all verdicts.
pub(crate) fn certification_line(certification: &Certification) -> String {
    match certification {
        Certification::NotAsked => "Not certified: not asked for.".to_owned(),
        Certification::NoSolver => "Not certified: built without a solver.".to_owned(),
        Certification::Done(done) => {
            let all = counted(done.verdicts, "verdict");
            format!("Certified by Z3 {}: {} of {all}.", done.solver, done.certified)
        }
    }
}

/// A line about all verdicts, and one for each that is not certified.
pub(crate) fn certification_text(certification: &Certification, style: Style) -> String {
    let line = certification_line(certification);
    match certification {
        Certification::NotAsked | Certification::NoSolver => line + "\n",
        Certification::Done(done) => {
            let mut text = if done.open.is_empty() { line } else { style.doubtful(&line) };
            text.push('\n');
            for Uncertified { what, why } in done.open.iter().take(NAMED) {
                text.push_str(&wrapped(&format!("- not certified: {what}: {why}"), 2, 4));
            }
            if let Some(more) = done.open.len().checked_sub(NAMED).filter(|more| *more > 0) {
                let _ = writeln!(text, "  and {more} more");
            }
            text
        }
    }
}
