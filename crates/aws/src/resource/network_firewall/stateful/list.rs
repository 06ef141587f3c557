//! A list of rules as edges, so that both bounds are exact: what is surely let through, and what may be.
//!
//! `NAME` leads to `NAME-0`, where rules that surely match decide in their order. What a rule may drop goes on over an
//! uncertain edge, to a node of its own. Rules that may pass something are left out there: they can only help, unless one
//! about packets comes before one about whole conversations (`NAME-narrow-0` then holds the least that passes). If there
//! are any, `NAME` also leads to `NAME-perhaps`, where rules that surely drop stand in the way of those that may pass. So
//! a packet gets through certainly if and only if no rule in front of the one that passes it may drop it, and perhaps if
//! and only if some rule may pass it before one surely drops it. The edges are as many as the rules.
//!
//! SOURCE: as of `stateful`.
use std::sync::Arc;

use graph::{Cause, Choice, Control, Disposition, GraphBuilder, Port, Transfer};
use headerspace::Match;

use super::{
    Stage, data,
    decision::{Decision, Likely, Verdict},
};
use crate::resource::{network_firewall::At, suricata::option::Toward};

/// How many rules a note names.
const NAMED: usize = 3;

/// The rules for packets that go one way at one stage.
pub(super) struct List<'a> {
    pub(super) at: &'a At<'a>,
    pub(super) decisions: &'a [Decision],
    pub(super) name: &'static str,
    pub(super) toward: Toward,
    pub(super) stage: Stage,
}

/// Where packets go on.
#[derive(Clone, Copy)]
pub(super) struct Ends<'p> {
    /// Those of a conversation that a rule has passed as a whole.
    pub(super) whole: &'p Port,
    /// Those that a rule about packets has passed.
    pub(super) packet: &'p Port,
    /// Those that a rule may have passed.
    pub(super) perhaps: &'p Port,
    /// Those that no rule decides.
    pub(super) undecided: &'p Port,
}

impl List<'_> {
    /// Where packets enter it.
    pub(super) fn start(&self) -> Port {
        self.at.port(self.name)
    }

    pub(super) fn connect(&self, ends: &Ends<'_>, graph: &mut GraphBuilder) {
        let key = &self.at.firewall.key;
        let structure = self.at.structure();
        let start = self.start();
        let mut steps = Vec::new();
        for decision in self.decisions {
            let parts = decision.at(self.toward, self.stage).into_iter();
            steps.extend(parts.filter(|(_, likely)| *likely != Likely::Never).map(|(guard, likely)| Step {
                decision,
                guard,
                likely,
            }));
        }
        graph.declare(start.clone(), key, Choice::Any, Disposition::Denied);
        let sure = self.surely(&steps, ends, self.name, graph);
        let mut these = Match::All;
        if self.stage == Stage::Data {
            these = data();
            graph.connect(&start, ends.undecided, Transfer::only(Match::not(data())), &structure);
        }
        let Some((narrowed, names)) = narrowed(&steps, ends) else {
            graph.connect(&start, &sure, Transfer::only(these), &structure);
            self.perhaps(&steps, ends, &start, graph);
            return;
        };
        let within = |packets: Match| Transfer::only(Match::all_of([these.clone(), packets]));
        let least = Ends { whole: ends.packet, ..*ends };
        let least = self.surely(&steps, &least, &format!("{}-narrow", self.name), graph);
        let cause = Arc::new(Cause::clone(&structure).noting(names));
        graph.connect(&start, &least, within(narrowed.clone()), &structure);
        graph.connect(&start, &sure, within(narrowed.clone()).uncertain(), &cause);
        graph.connect(&start, &sure, within(Match::not(narrowed)), &structure);
        self.perhaps(&steps, ends, &start, graph);
    }

    fn surely(&self, steps: &[Step<'_>], ends: &Ends<'_>, name: &str, graph: &mut GraphBuilder) -> Port {
        let key = &self.at.firewall.key;
        let node = |number: usize, graph: &mut GraphBuilder| {
            let port = self.at.port(&format!("{name}-{number}"));
            graph.declare(port.clone(), key, Choice::FirstMatch, Disposition::NoRoute);
            port
        };
        let first = node(0, graph);
        let (mut here, mut number, mut rank) = (first.clone(), 0, 0);
        let mut doubts: Vec<&Step<'_>> = Vec::new();
        let mut go_on =
            |doubts: &mut Vec<&Step<'_>>, here: &mut Port, rank: &mut u32, graph: &mut GraphBuilder| {
                let Some(first) = doubts.first() else { return };
                number += 1;
                let next = node(number, graph);
                let doubted = Match::any_of(doubts.iter().map(|step| step.guard.clone()));
                let cause = Arc::new(Cause::clone(&first.decision.cause).noting(depends(doubts)));
                let structure = self.at.structure();
                if doubted != Match::All {
                    let clear = Transfer::only(Match::not(doubted.clone())).ranked(*rank);
                    graph.connect(here, &next, clear, &structure);
                }
                graph.connect(here, &next, Transfer::only(doubted).ranked(*rank).uncertain(), &cause);
                doubts.clear();
                (*here, *rank) = (next, 0);
            };
        for step in steps {
            match (step.decision.verdict, step.likely) {
                (Verdict::Drop, Likely::Perhaps) => doubts.push(step),
                (_, Likely::Perhaps | Likely::Never) => {}
                (verdict, Likely::Surely) => {
                    // What is dropped here anyway need not be doubted first.
                    if verdict == Verdict::Pass {
                        go_on(&mut doubts, &mut here, &mut rank, graph);
                    }
                    let transfer = Transfer::only(step.guard.clone()).ranked(rank);
                    rank += 1;
                    let cause = &step.decision.cause;
                    match verdict {
                        Verdict::Drop => {
                            graph.offer_instead(&here, ends.whole, transfer.clone(), Control::refusal(cause));
                            graph.connect(&here, Disposition::Denied, transfer, cause);
                        }
                        Verdict::Pass if step.decision.by_packet => {
                            graph.connect(&here, ends.packet, transfer, cause);
                        }
                        Verdict::Pass => graph.connect(&here, ends.whole, transfer, cause),
                    }
                }
            }
        }
        go_on(&mut doubts, &mut here, &mut rank, graph);
        graph.connect(&here, ends.undecided, Transfer::all().ranked(rank), &self.at.structure());
        first
    }

    fn perhaps(&self, steps: &[Step<'_>], ends: &Ends<'_>, start: &Port, graph: &mut GraphBuilder) {
        // A rule about packets may pass the whole conversation, and a rule that may match may pass it.
        let may_pass = |step: &Step<'_>| {
            step.decision.verdict == Verdict::Pass
                && (step.likely == Likely::Perhaps
                    || step.decision.by_packet
                        && !step.decision.handshake_only()
                        && ends.packet != ends.perhaps)
        };
        let guards: Vec<Match> =
            steps.iter().filter(|step| may_pass(step)).map(|step| step.guard.clone()).collect();
        if guards.is_empty() {
            return;
        }
        let port = self.at.port(&format!("{}-perhaps", self.name));
        graph.declare(port.clone(), &self.at.firewall.key, Choice::FirstMatch, Disposition::Denied);
        let mut these = Match::any_of(guards);
        if self.stage == Stage::Data {
            these = Match::all_of([data(), these]);
        }
        graph.connect(start, &port, Transfer::only(these), &self.at.structure());
        for (rank, step) in (0..).zip(steps) {
            let transfer = Transfer::only(step.guard.clone()).ranked(rank);
            if may_pass(step) {
                let note = if step.likely == Likely::Perhaps {
                    depends(&[step])
                } else {
                    format!("whether {} passes the whole conversation", step.decision.name)
                };
                let cause = Arc::new(Cause::clone(&step.decision.cause).noting(note));
                graph.connect(&port, ends.perhaps, transfer.uncertain(), &cause);
            } else if step.decision.verdict == Verdict::Drop && step.likely == Likely::Surely {
                graph.connect(&port, Disposition::Denied, transfer, &step.decision.cause);
            }
        }
    }
}

/// Packets that a rule about packets may pass before one that passes their whole conversation is asked, and a note. So
/// the least that happens to them is less than the second rule says.
fn narrowed(steps: &[Step<'_>], ends: &Ends<'_>) -> Option<(Match, String)> {
    let passes = |step: &Step<'_>, likely, by_packet| {
        let decision = step.decision;
        decision.verdict == Verdict::Pass && step.likely == likely && decision.by_packet == by_packet
    };
    let last = steps.iter().rposition(|step| passes(step, Likely::Surely, false))?;
    let before = steps.iter().take(last).filter(|step| passes(step, Likely::Perhaps, true));
    let before: Vec<&Step<'_>> = before.collect();
    let counts = ends.whole != ends.packet && !before.is_empty();
    counts.then(|| (Match::any_of(before.iter().map(|step| step.guard.clone())), depends(&before)))
}

/// A rule that counts for this list, or a part of one.
struct Step<'a> {
    decision: &'a Decision,
    guard: Match,
    likely: Likely,
}

fn depends(steps: &[&Step<'_>]) -> String {
    let mut names: Vec<&str> = steps.iter().map(|step| step.decision.name.as_str()).collect();
    names.dedup();
    let more = names.len().saturating_sub(NAMED);
    let named = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    if more == 0 { format!("depends on {named}") } else { format!("depends on {named} and {more} more") }
}
