//! Engines and certificates: what to do when they do not agree.

use std::{fs, path::Path};

use netproof::{Analysis, Certification, Disagreement, Judge, Uncertified};

use crate::{arguments::Trust, failure::Failure};

/// A folder for what it takes to see a disagreement again, in the folder where the program runs.
const FOLDER: &str = "netproof-disagreement";

pub(crate) fn judge<'a>(analysis: &'a Analysis, trust: &Trust) -> Result<Judge<'a>, Failure> {
    let choice = trust.engine()?;
    Judge::new(analysis, choice, !trust.no_certify).ok_or_else(|| Failure::new("built without a solver"))
}

/// What the solver made of the verdicts; a failure if it contradicts one, or if engines disagree.
pub(crate) fn certification(judge: &Judge<'_>, snapshot: &Path) -> Result<Certification, Failure> {
    let certification = judge.certification();
    check(&certification, judge.disagreements(), snapshot)?;
    Ok(certification)
}

/// Fails, and writes down what it takes to see it again, if something is contradicted.
pub(crate) fn check(
    certification: &Certification,
    disagreements: &[Disagreement],
    snapshot: &Path,
) -> Result<(), Failure> {
    let refuted = match certification {
        Certification::Done(certified) => certified.refuted.as_slice(),
        Certification::NotAsked | Certification::NoSolver => &[],
    };
    let first = match (disagreements.first(), refuted.first()) {
        (Some(Disagreement { what, answers, graph }), _) => (what, answers.clone(), graph.as_str()),
        (None, Some(Uncertified { what, why })) => (what, format!("Z3 contradicts it: {why}\n"), ""),
        (None, None) => return Ok(()),
    };
    let (what, answers, graph) = first;
    let count = disagreements.len() + refuted.len();
    let head = format!(
        "netproof {}, Z3 {}\nsnapshot: {}\nasked: {what}\n{answers}",
        env!("CARGO_PKG_VERSION"),
        netproof::solver().unwrap_or_default(),
        snapshot.display(),
    );
    let written = fs::create_dir_all(FOLDER)
        .and_then(|()| fs::write(Path::new(FOLDER).join("answers.txt"), &head))
        .and_then(|()| fs::write(Path::new(FOLDER).join("graph.txt"), graph));
    let where_to = match written {
        Ok(()) => format!("what it takes to see it again is in `{FOLDER}`"),
        Err(error) => format!("`{FOLDER}` cannot be written: {error}"),
    };
    Err(Failure(format!(
        "the engines disagree about {count} of the answers, first about {what}: {}; no answer is given, because one of \
         them is wrong; {where_to}; please report it",
        answers.lines().take(2).collect::<Vec<_>>().join(", "),
    )))
}
