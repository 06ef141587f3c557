//! A second opinion on every verdict about terms: Z3, where it is built in.

#[cfg(feature = "z3")]
use std::fmt::Write as _;

use headerspace::Match;
use headerspace::Packet;

/// Whether an independent solver has confirmed an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certificate {
    /// By this solver, with its version: `Z3 4.8.12`.
    By(String),
    /// No, for this reason.
    None(&'static str),
}

impl Certificate {
    /// The best that this build has to give.
    pub fn best() -> Self {
        #[cfg(feature = "z3")]
        return Self::By(format!("Z3 {}", search::Z3::version()));
        #[cfg(not(feature = "z3"))]
        Self::None("built without a solver")
    }
}

impl std::fmt::Display for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::By(solver) => write!(f, "certified by {solver}"),
            Self::None(why) => write!(f, "not certified: {why}"),
        }
    }
}

/// Two engines that answer differently: a defect of ours. Holds the question and both answers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the engines disagree about {question}: packet sets say {ours}, {theirs}; please report this")]
pub struct Refutation {
    pub(crate) question: String,
    pub(crate) ours: String,
    pub(crate) theirs: String,
}

/// Asks the solver again what packet sets have said.
#[derive(Debug)]
pub(crate) struct Checker {
    #[cfg(feature = "z3")]
    prover: search::Prover,
    #[cfg(feature = "z3")]
    gave_up: bool,
}

#[cfg(feature = "z3")]
impl Checker {
    pub(crate) fn new() -> Self {
        Self { prover: search::Prover::new(), gave_up: false }
    }

    /// That no packet is accepted by all of `parts`.
    pub(crate) fn nothing(
        &mut self,
        question: impl FnOnce() -> String,
        parts: impl IntoIterator<Item = Match>,
    ) -> Result<(), Refutation> {
        match self.prover.some_packet(&Match::all_of(parts)) {
            search::Proof::None => Ok(()),
            search::Proof::GaveUp => {
                self.gave_up = true;
                Ok(())
            }
            search::Proof::Packet(packet) => {
                let mut theirs = format!("Z3 found {packet}");
                for tag in [headerspace::Field::Identity, headerspace::Field::Phase] {
                    let _ = write!(theirs, ", {tag} {}", packet.get(tag));
                }
                Err(Refutation { question: question(), ours: "there is no such packet".to_owned(), theirs })
            }
        }
    }

    /// That all of `parts` accept `packet`.
    pub(crate) fn accepted(
        &mut self,
        question: impl FnOnce() -> String,
        packet: &Packet,
        parts: impl IntoIterator<Item = Match>,
    ) -> Result<(), Refutation> {
        match self.prover.some_packet(&Match::all_of(std::iter::once(exactly(packet)).chain(parts))) {
            search::Proof::Packet(_) => Ok(()),
            search::Proof::GaveUp => {
                self.gave_up = true;
                Ok(())
            }
            search::Proof::None => {
                let theirs = "Z3 says that it is none".to_owned();
                Err(Refutation { question: question(), ours: format!("{packet} is one"), theirs })
            }
        }
    }

    pub(crate) fn certificate(&self) -> Certificate {
        if self.gave_up {
            Certificate::None("the solver's work limit was reached")
        } else {
            Certificate::best()
        }
    }
}

#[cfg(not(feature = "z3"))]
#[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "the same form as with a solver")]
impl Checker {
    pub(crate) fn new() -> Self {
        Self {}
    }

    pub(crate) fn nothing(
        &mut self,
        _: impl FnOnce() -> String,
        _: impl IntoIterator<Item = Match>,
    ) -> Result<(), Refutation> {
        Ok(())
    }

    pub(crate) fn accepted(
        &mut self,
        _: impl FnOnce() -> String,
        _: &Packet,
        _: impl IntoIterator<Item = Match>,
    ) -> Result<(), Refutation> {
        Ok(())
    }

    pub(crate) fn certificate(&self) -> Certificate {
        Certificate::best()
    }
}

/// The term for one packet.
#[cfg(feature = "z3")]
fn exactly(packet: &Packet) -> Match {
    use headerspace::{Field, Ranges};
    Match::all_of(Field::ALL.map(|field| Match::In(field, Ranges::single(packet.get(field)))))
}

/// Terms for the packets that the first of `rules` to speak of them decides in favour, and for those that any decides.
///
/// Each rule is (what it takes, what it keeps from those behind it). The size of the terms is the number of rules times
/// its logarithm, their depth the logarithm.
pub(crate) fn first_match(rules: &[(Match, Match)]) -> (Match, Match) {
    match rules {
        [] => (Match::never(), Match::never()),
        [(taken, kept)] => (taken.clone(), kept.clone()),
        several => {
            let (left, right) = several.split_at(several.len() / 2);
            let ((taken, kept), (later, all)) = (first_match(left), first_match(right));
            let behind = Match::all_of([Match::not(kept.clone()), later]);
            (Match::any_of([taken, behind]), Match::any_of([kept, all]))
        }
    }
}

#[cfg(test)]
mod tests {
    use headerspace::{HeaderSpace, Rule};

    use super::*;

    #[test]
    fn first_match_terms_are_first_match_lists() {
        let ports = |first: u16, last: u16| Match::ports(headerspace::Field::DstPort, first..=last);
        let rules = [(ports(1, 9), true), (ports(5, 20), false), (ports(0, 30), true), (Match::All, false)];
        let terms: Vec<_> = rules
            .iter()
            .map(|(guard, permits)| (if *permits { guard.clone() } else { Match::never() }, guard.clone()))
            .collect();
        let mut space = HeaderSpace::new();
        let listed: Vec<Rule> = rules
            .iter()
            .map(|(guard, permits)| {
                let set = space.compile(guard);
                if *permits { Rule::Permit(set) } else { Rule::Deny(set) }
            })
            .collect();
        let listed = space.first_match(listed);
        assert_eq!(space.compile(&first_match(&terms).0), listed);
    }
}
