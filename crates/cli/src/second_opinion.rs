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
    check_in(Path::new(FOLDER), certification, disagreements, snapshot)
}

fn check_in(
    folder: &Path,
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
    let written = fs::create_dir_all(folder)
        .and_then(|()| fs::write(folder.join("answers.txt"), &head))
        .and_then(|()| fs::write(folder.join("graph.txt"), graph));
    let where_to = match written {
        Ok(()) => format!("what it takes to see it again is in `{}`", folder.display()),
        Err(error) => format!("`{}` cannot be written: {error}", folder.display()),
    };
    Err(Failure(format!(
        "the engines disagree about {count} of the answers, first about {what}: {}; no answer is given, because one of \
         them is wrong; {where_to}; please report it",
        answers.lines().take(2).collect::<Vec<_>>().join(", "),
    )))
}

#[cfg(test)]
mod tests {
    use netproof::Certified;

    use super::*;

    fn text(result: Result<(), Failure>) -> String {
        result.err().map(|failure| failure.to_string()).unwrap_or_default()
    }

    #[test]
    fn engines_that_disagree_are_a_failure_that_can_be_seen_again() {
        let folder = std::env::temp_dir().join(format!("netproof-disagreement-{}", std::process::id()));
        let disagreement = Disagreement {
            what: "a to b".to_owned(),
            answers: "packet sets: reachable\nZ3: unreachable\n".to_owned(),
            graph: "a/out -> b/in: tcp\n".to_owned(),
        };
        let said = text(check_in(&folder, &Certification::NotAsked, &[disagreement], Path::new("export")));
        assert!(said.contains("first about a to b: packet sets: reachable, Z3: unreachable"), "{said}");
        assert!(said.contains(&folder.display().to_string()), "{said}");
        let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(read("answers.txt").contains("snapshot: export\nasked: a to b\npacket sets: reachable"));
        assert_eq!(read("graph.txt"), "a/out -> b/in: tcp\n");
        assert!(fs::remove_dir_all(&folder).is_ok());
    }

    #[test]
    fn a_contradicted_verdict_is_a_failure_and_an_open_one_is_not() {
        let folder = std::env::temp_dir().join(format!("netproof-contradiction-{}", std::process::id()));
        let one = || vec![Uncertified { what: "web: clean".to_owned(), why: "this and that".to_owned() }];
        let check =
            |done: Certified| text(check_in(&folder, &Certification::Done(done), &[], Path::new("export")));
        assert_eq!(check(Certified { open: one(), ..Certified::default() }), "");
        let said = check(Certified { refuted: one(), ..Certified::default() });
        assert!(said.contains("first about web: clean: Z3 contradicts it: this and that"), "{said}");
        assert!(fs::remove_dir_all(&folder).is_ok());
    }
}
