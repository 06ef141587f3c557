//! Annotations in the log of a GitHub workflow.
//!
//! SOURCE: GitHub documentation, "Workflow commands": `::error file=…,line=…,title=…::…`; ten annotations of each kind
//! are shown of a step (checked 2026-11-27).

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use super::Report;
use crate::{
    audit::{Placed, SeverityLabel},
    report::counted,
};

/// So many annotations of a kind are shown of a step.
const SHOWN: usize = 10;

pub(super) fn write(report: Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut errors: Vec<(SeverityLabel, Option<Placed>, String, String)> = Vec::new();
    let mut warnings: Vec<(Option<Placed>, String, String)> = Vec::new();
    for check in &report.audit.checks {
        for (finding, standing) in check.findings() {
            if !standing.fails() {
                continue;
            }
            let mut text = finding.title.clone();
            if let (Some(source), Some(destination)) = (&finding.source, &finding.destination) {
                let _ = write!(text, "\nfrom {} to {}", source.label(), destination.label());
            }
            if let Some(rule) = &finding.rule {
                let _ = write!(text, "\nby {rule}");
            }
            let title = format!("{} {}", standing.severity, check.id);
            match errors.iter_mut().find(|(_, place, known, _)| *place == finding.place && *known == title) {
                // One line of a file is to be changed once.
                Some((.., said)) if finding.place.is_some() => {
                    if !said.ends_with("and others") {
                        said.push_str("\nand others");
                    }
                }
                _ => errors.push((standing.severity, finding.place, title, text)),
            }
        }
        for unknown in &check.unknowns {
            let help = unknown.help.as_ref().map_or_else(String::new, |help| format!("\nhelp: {help}"));
            warnings.push((
                unknown.place.clone(),
                format!("unknown {}", check.id),
                format!("{}{help}", unknown.text),
            ));
        }
        if check.truncated {
            let text = "there may be more findings than were looked at".to_owned();
            warnings.push((None, format!("unknown {}", check.id), text));
        }
    }
    errors.sort_by_key(|(severity, ..)| std::cmp::Reverse(*severity));
    let errors = errors.into_iter().map(|(_, place, title, text)| (place, title, text)).collect();
    annotations("error", errors, out)?;
    annotations("warning", warnings, out)?;
    let triage = report.triage;
    let text = format!("{}, {} of them count", counted(triage.findings, "finding"), triage.failing);
    writeln!(out, "::notice title=netproof {}::{}", report.audit.command, data(&text))
}

fn annotations(
    kind: &str,
    all: Vec<(Option<Placed>, String, String)>,
    out: &mut impl Write,
) -> io::Result<()> {
    let room = if all.len() > SHOWN { SHOWN - 1 } else { SHOWN };
    let more = all.len().saturating_sub(room);
    for (place, title, text) in all.into_iter().take(room) {
        let mut properties = Vec::new();
        if let Some(place) = place {
            properties.push(format!("file={}", property(&place.file)));
            properties.extend(place.line.map(|line| format!("line={line}")));
        }
        properties.push(format!("title={}", property(&title)));
        writeln!(out, "::{kind} {}::{}", properties.join(","), data(&text))?;
    }
    if more > 0 {
        writeln!(
            out,
            "::{kind} title=netproof::and {} more; other formats have all",
            counted(more, "annotation")
        )?;
    }
    Ok(())
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
