//! Why nothing gets through: which controls keep a question closed, and which would have to be opened.
//!
//! The two are dual. A set of controls *keeps* the question closed if nothing gets through while they are closed, were
//! everything else open; a set *opens* it if something gets through once they are open and everything else is as it
//! is. Every keeping set shares a control with every opening set.

use std::collections::{BTreeMap, BTreeSet};

use graph::{ControlId, EdgeId, Effort, ForwardingGraph, Trace};
use headerspace::{Match, Packet};

use crate::Answer;

/// Why nothing gets through.
#[derive(Debug, Clone)]
pub enum Closed {
    /// Controls keep it closed.
    By(Box<Kept>),
    /// Nothing would get through if every control that is known were open.
    Apart,
    /// There is nothing to start from, or to arrive at.
    NoEnds,
    /// Whether anything would get through is not known, whatever is opened.
    Unknown,
}

/// What keeps a question closed.
#[derive(Debug, Clone)]
pub struct Kept {
    /// A minimal set of controls that together keep it closed, whatever were done to all others; sorted.
    pub controls: Vec<ControlId>,
    /// For each of them: what would get through if it, too, were open. `None` where that is not known.
    pub without: Vec<Option<Through>>,
    /// `controls` hold whatever were done to others that take no more effort than this. What takes more was not
    /// considered.
    pub effort: Effort,
    /// A smallest set of controls to open for something to get through for certain, with what does; if there is none, a
    /// smallest set with which something perhaps does. Beside edits, repairs are considered if they are cheaper. `None` if
    /// looking for it was given up.
    pub opened_by: Option<(Vec<ControlId>, Option<Through>)>,
    /// So many controls that take no more than `effort` have at least to be open for anything to get through, perhaps or
    /// for certain; with fewer, certainly nothing does. `None` if looking for it was given up.
    pub distance: Option<usize>,
}

/// So many controls are taken away one by one from the start.
const FEW: usize = 8;

/// After so many keeping sets, or so many graphs that were asked, or so many sets that were tried to share a control with
/// all of them, the search for the cheapest opening set is given up.
const MOST_ROUNDS: usize = 64;
const MOST_ASKED: usize = 512;
const MOST_TRIED: usize = 100_000;

/// Something that gets through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Through {
    /// One packet, as it is sent.
    pub packet: Packet,
    /// All headers that can take the same way, as they are sent.
    pub headers: Match,
    /// The edges of its way there, and then of its reply's way back.
    pub edges: Vec<EdgeId>,
    /// The packet's way there, step by step, and then its reply's way back; a way around consists of several. Empty if no
    /// packet was followed.
    pub ways: Vec<(Leg, Trace)>,
}

/// Which part of a conversation a way is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Leg {
    /// The packet's, to the destination.
    There,
    /// The reply's, to the source.
    Back,
}

/// What a question comes to on some graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// This gets through.
    Through(Through),
    /// Nothing does.
    Nothing,
    /// That is not known.
    Unknown,
}

impl From<Answer> for Outcome {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Reachable(witness) => {
                let hops = witness.forward.hops.iter().chain(witness.back.iter().flat_map(|back| &back.hops));
                let edges = hops.map(|hop| hop.edge).collect();
                let packet = witness.forward.packet;
                let back = witness.back.map(|back| (Leg::Back, back));
                let ways = std::iter::once((Leg::There, witness.forward)).chain(back).collect();
                Self::Through(Through { packet, headers: witness.headers, edges, ways })
            }
            Answer::Unreachable(_) => Self::Nothing,
            Answer::Unknown(_) => Self::Unknown,
        }
    }
}

/// What keeps a question closed; `ask` puts it to a graph, and comes to [`Outcome::Nothing`] for `graph` as it is.
/// `graph` must have been made with its openings; those that `ask` is given have them as edges.
///
/// Whenever controls have been found that are enough to keep it closed, `core` is told which others are open, and gives
/// those of them that it takes: an unsatisfiable core, if there is a solver ([`unsat_core`](crate::unsat_core)), or else
/// all. What is left is taken away as long as the rest is enough.
///
/// `price` says how dear opening a control is; of sets that open the question, the cheapest is found, and so the
/// smallest if no control costs as much as two others. What takes more than an edit is considered where edits alone do
/// not open it, or cost more than the cheapest such control.
///
/// Cost: a question and a copy of the graph for every control that is looked at: about twice the size of the keeping
/// sets, and more where what would be open is not known.
pub fn closed(
    graph: &ForwardingGraph,
    price: impl Fn(ControlId) -> u64,
    ask: impl FnMut(&ForwardingGraph) -> Outcome,
    core: impl FnMut(&BTreeSet<ControlId>, &BTreeSet<ControlId>) -> BTreeSet<ControlId>,
) -> Closed {
    let known = BTreeMap::new();
    let prices = graph.control_ids().map(|id| (id, price(id).max(1))).collect();
    let all: BTreeSet<ControlId> = graph.openings().iter().map(|opening| opening.control).collect();
    let within = |effort: Effort| -> BTreeSet<ControlId> {
        all.iter().copied().filter(|id| graph.control(*id).kind.effort() <= effort).collect()
    };
    let universes = Effort::ALL.map(|effort| (effort, within(effort)));
    let mut question = Openable { graph, prices, ask, core, known, certainly: false };
    let none = BTreeSet::new();
    let mut known = true;
    for (effort, universe) in &universes {
        let outcome = question.with(universe).0;
        if outcome == Outcome::Nothing {
            continue;
        }
        let keeping = question.keeping(universe, &none);
        if keeping.is_empty() {
            known = false;
            continue;
        }
        let mut kept = question.kept(universe, &keeping, *effort);
        if *effort == Effort::Edit
            && let Some((_, wider)) = universes.iter().find(|(other, _)| *other == Effort::Repair)
        {
            question.repaired(universe, wider, &mut kept);
        }
        return Closed::By(Box::new(kept));
    }
    if known { Closed::Apart } else { Closed::Unknown }
}

/// The cheapest controls to open for something to get through for certain, as far as `accept` has no objection. It is
/// given controls, cheapest first, and what gets through; of what it objects to it gives back the controls that are to
/// blame, and nothing that has all of those is tried again. `None` if it objects to all, or there are too many.
///
/// What is asked, and what it costs, is as for [`closed()`]; controls that take more than an edit stay closed.
pub fn cheapest_opening<T>(
    graph: &ForwardingGraph,
    price: impl Fn(ControlId) -> u64,
    ask: impl FnMut(&ForwardingGraph) -> Outcome,
    core: impl FnMut(&BTreeSet<ControlId>, &BTreeSet<ControlId>) -> BTreeSet<ControlId>,
    mut accept: impl FnMut(&[ControlId], &Through) -> Result<T, BTreeSet<ControlId>>,
) -> Option<T> {
    let known = BTreeMap::new();
    let prices: BTreeMap<ControlId, u64> = graph.control_ids().map(|id| (id, price(id).max(1))).collect();
    let mut universe: BTreeSet<ControlId> = graph.openings().iter().map(|opening| opening.control).collect();
    universe.retain(|id| graph.control(*id).kind.effort() == Effort::Edit);
    let mut question = Openable { graph, prices, ask, core, known, certainly: true };
    let (mut keeping, mut objections) = (Vec::new(), Vec::new());
    while keeping.len() + objections.len() < MOST_ROUNDS && question.known.len() < MOST_ASKED {
        let price = |id| question.prices.get(&id).copied().unwrap_or(1);
        let open = cheapest_hitting(&keeping, &objections, price)?;
        if let Outcome::Through(through) = question.with(&open).0 {
            let controls: Vec<ControlId> = open.into_iter().collect();
            match accept(&controls, &through) {
                Ok(accepted) => return Some(accepted),
                Err(objection) => {
                    if let (1, Some(only)) = (objection.len(), objection.first()) {
                        universe.remove(only);
                    }
                    objections.push(objection);
                }
            }
            continue;
        }
        let next = question.keeping(&universe, &open);
        if next.is_empty() {
            return None;
        }
        keeping.push(next);
    }
    None
}

/// A question whose controls can be opened.
struct Openable<'a, A, C> {
    graph: &'a ForwardingGraph,
    prices: BTreeMap<ControlId, u64>,
    ask: A,
    core: C,
    /// What came of it so far, by what was open.
    known: BTreeMap<BTreeSet<ControlId>, (Outcome, Vec<ControlId>)>,
    /// Whether only that counts which gets through for certain.
    certainly: bool,
}

impl<A, C> Openable<'_, A, C>
where
    A: FnMut(&ForwardingGraph) -> Outcome,
    C: FnMut(&BTreeSet<ControlId>, &BTreeSet<ControlId>) -> BTreeSet<ControlId>,
{
    /// What the question comes to with some controls open, and the controls whose openings are used, in order.
    fn with(&mut self, open: &BTreeSet<ControlId>) -> (Outcome, Vec<ControlId>) {
        if !self.known.contains_key(open) {
            let outcome = self.ask_with(open);
            self.known.insert(open.clone(), outcome);
        }
        match self.known.get(open) {
            Some((Outcome::Unknown, used)) if self.certainly => (Outcome::Nothing, used.clone()),
            Some(known) => known.clone(),
            None => (Outcome::Unknown, Vec::new()),
        }
    }

    fn ask_with(&mut self, open: &BTreeSet<ControlId>) -> (Outcome, Vec<ControlId>) {
        let graph = self.graph.opened(|control| open.contains(&control));
        let outcome = (self.ask)(&graph);
        let used = match &outcome {
            Outcome::Through(through) => {
                through.edges.iter().filter_map(|&edge| graph.opened_by(edge)).collect()
            }
            Outcome::Nothing | Outcome::Unknown => Vec::new(),
        };
        (outcome, used)
    }

    /// Whether nothing gets through while these are closed and everything else of the universe open.
    fn keeps(&mut self, closed: &BTreeSet<ControlId>, universe: &BTreeSet<ControlId>) -> bool {
        self.with(&universe.difference(closed).copied().collect()).0 == Outcome::Nothing
    }

    /// A minimal set of controls that keeps the question closed while `open` are open; empty if there is none, because
    /// something perhaps gets through whatever is closed.
    fn keeping(&mut self, universe: &BTreeSet<ControlId>, open: &BTreeSet<ControlId>) -> BTreeSet<ControlId> {
        let enough = self.enough(universe, open);
        let mut closed = (self.core)(&universe.difference(&enough).copied().collect(), &enough);
        if closed.len() < enough.len() && !self.keeps(&closed, universe) {
            closed = enough;
        }
        // From what is enough, everything is taken away without which the rest is enough, too: many at a time at
        // first, at last one by one.
        let mut size = if closed.len() > FEW { closed.len().next_power_of_two() } else { 1 };
        while size > 0 {
            for part in closed.iter().copied().collect::<Vec<_>>().chunks(size) {
                let rest: BTreeSet<ControlId> =
                    closed.iter().filter(|id| !part.contains(id)).copied().collect();
                if self.keeps(&rest, universe) {
                    closed = rest;
                }
            }
            size /= 2;
        }
        closed
    }

    /// Controls that keep the question closed: of every way that is open the last control is closed, until none is.
    fn enough(&mut self, universe: &BTreeSet<ControlId>, open: &BTreeSet<ControlId>) -> BTreeSet<ControlId> {
        let mut closed = BTreeSet::new();
        loop {
            let (outcome, used) = self.with(&universe.difference(&closed).copied().collect());
            if outcome == Outcome::Nothing {
                return closed;
            }
            let Some(&last) = used.iter().rev().find(|control| !open.contains(control)) else { break };
            closed.insert(last);
        }
        // What perhaps gets through tells no controls.
        let closed: BTreeSet<ControlId> = universe.difference(open).copied().collect();
        if self.keeps(&closed, universe) { closed } else { BTreeSet::new() }
    }

    /// Takes repairs into account where they are cheaper than the edits that were found.
    fn repaired(&mut self, edits: &BTreeSet<ControlId>, wider: &BTreeSet<ControlId>, kept: &mut Kept) {
        let price = |id: &ControlId| self.prices.get(id).copied().unwrap_or(1);
        // What perhaps opens it is no match for what does.
        let known = kept.opened_by.as_ref().filter(|(_, through)| through.is_some());
        let known = known.map(|(open, _)| open.iter().map(price).sum::<u64>());
        let least = wider.difference(edits).map(price).min();
        if least.is_none_or(|least| known.is_some_and(|known| known <= least)) {
            return;
        }
        self.certainly = true;
        let keeping = self.keeping(wider, &BTreeSet::new());
        let found = if keeping.is_empty() { None } else { self.opening(wider, &keeping) };
        self.certainly = false;
        if let Some((open, Outcome::Through(through))) = found {
            let price = |id: &ControlId| self.prices.get(id).copied().unwrap_or(1);
            if known.is_none_or(|known| open.iter().map(price).sum::<u64>() < known) {
                kept.opened_by = Some((open, Some(through)));
            }
        }
    }

    fn kept(
        &mut self,
        universe: &BTreeSet<ControlId>,
        keeping: &BTreeSet<ControlId>,
        effort: Effort,
    ) -> Kept {
        let through = |outcome: Outcome| match outcome {
            Outcome::Through(through) => Some(through),
            Outcome::Nothing | Outcome::Unknown => None,
        };
        let mut without = Vec::new();
        for control in keeping {
            let open = universe.iter().copied().filter(|other| other == control || !keeping.contains(other));
            without.push(through(self.with(&open.collect()).0));
        }
        let nearest = self.opening(universe, keeping);
        let distance = nearest.as_ref().map(|(open, _)| open.len());
        let mut opened_by = nearest.map(|(open, outcome)| (open, through(outcome)));
        if let Some((_, None)) = opened_by {
            // What perhaps gets through has no packet to show.
            self.certainly = true;
            let keeping = self.keeping(universe, &BTreeSet::new());
            let surely = if keeping.is_empty() { None } else { self.opening(universe, &keeping) };
            let surely = surely.and_then(|(open, outcome)| Some((open, Some(through(outcome)?))));
            opened_by = surely.or(opened_by);
            self.certainly = false;
        }
        Kept { controls: keeping.iter().copied().collect(), without, effort, opened_by, distance }
    }

    /// The cheapest set of controls that shares one with each set that keeps the question closed, as far as it takes to
    /// find one with which it is not closed; and what it then comes to.
    fn opening(
        &mut self,
        universe: &BTreeSet<ControlId>,
        keeping: &BTreeSet<ControlId>,
    ) -> Option<(Vec<ControlId>, Outcome)> {
        let mut known = vec![keeping.clone()];
        let most = self.known.len() + MOST_ASKED;
        while known.len() < MOST_ROUNDS && self.known.len() < most {
            let open = cheapest_hitting(&known, &[], |id| self.prices.get(&id).copied().unwrap_or(1))?;
            let outcome = self.with(&open).0;
            if outcome != Outcome::Nothing {
                return Some((open.into_iter().collect(), outcome));
            }
            let next = self.keeping(universe, &open);
            if next.is_empty() {
                return None;
            }
            known.push(next);
        }
        None
    }
}

/// The cheapest set that shares a member with each of `sets` and has all of none of `objections`, the first in order of
/// those; `None` if there is none, or so many sets that looking for it is given up. Cost: exponential in the number of
/// sets, as far as they have little in common.
pub fn cheapest_hitting<T: Copy + Ord>(
    sets: &[BTreeSet<T>],
    objections: &[BTreeSet<T>],
    price: impl Fn(T) -> u64,
) -> Option<BTreeSet<T>> {
    struct Best<'a, T, P> {
        objections: &'a [BTreeSet<T>],
        price: P,
        left: usize,
        found: Option<(u64, BTreeSet<T>)>,
    }
    impl<T: Copy + Ord, P: Fn(T) -> u64> Best<'_, T, P> {
        fn look(&mut self, sets: &[BTreeSet<T>], chosen: &mut BTreeSet<T>, price: u64) {
            self.left = self.left.saturating_sub(1);
            let mut open: Vec<&BTreeSet<T>> = sets.iter().filter(|set| set.is_disjoint(chosen)).collect();
            open.sort_by_key(|set| set.len());
            if self.left == 0
                || self.found.as_ref().is_some_and(|(best, _)| price + self.rest(&open) >= *best)
            {
                return;
            }
            let Some(first) = open.first() else {
                self.found = Some((price, chosen.clone()));
                return;
            };
            // What is in many sets first: good ones are found early.
            let shared = |one: &T| open.iter().filter(|set| set.contains(one)).count();
            let mut members: Vec<(usize, u64, T)> =
                first.iter().map(|one| (usize::MAX - shared(one), (self.price)(*one), *one)).collect();
            members.sort_unstable();
            for (_, more, one) in members {
                chosen.insert(one);
                if !self.objections.iter().any(|objection| objection.is_subset(chosen)) {
                    self.look(sets, chosen, price.saturating_add(more));
                }
                chosen.remove(&one);
            }
        }

        /// What sharing a member with each of these costs at least: those that have nothing in common take one each.
        fn rest(&self, open: &[&BTreeSet<T>]) -> u64 {
            let mut apart: Vec<&BTreeSet<T>> = Vec::new();
            for set in open {
                if apart.iter().all(|other| other.is_disjoint(set)) {
                    apart.push(set);
                }
            }
            let least = |set: &&BTreeSet<T>| set.iter().map(|one| (self.price)(*one)).min().unwrap_or(0);
            apart.iter().map(least).sum()
        }
    }
    let mut best = Best { objections, price, left: MOST_TRIED, found: None };
    best.look(sets, &mut BTreeSet::new(), 0);
    if best.left == 0 { None } else { best.found.map(|(_, found)| found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheapest_set_shares_a_member_with_each() {
        let ids: Vec<ControlId> = {
            let mut builder = graph::GraphBuilder::new().openable();
            let host = builder.resource(graph::ResourceRef::new("Host", "h"));
            let port = graph::Port::new(&host, "in");
            builder.declare(port.clone(), &host, graph::Choice::Any, graph::Disposition::Denied);
            for at in 0..5 {
                let kind = graph::ControlKind::NoRoute(at.to_string());
                let control = graph::Control::new(&host, kind, None);
                builder.offer(&port, &port, graph::Transfer::all(), control);
            }
            builder.finish().0.control_ids().collect()
        };
        let sets = |lists: &[&[usize]]| -> Vec<BTreeSet<ControlId>> {
            lists.iter().map(|list| list.iter().map(|&at| ids[at]).collect()).collect()
        };
        let smallest = |lists: &[&[usize]]| -> Option<Vec<usize>> {
            Some(cheapest_hitting(&sets(lists), &[], |_| 10)?.into_iter().map(ControlId::index).collect())
        };
        assert_eq!(smallest(&[]), Some(vec![]));
        assert_eq!(smallest(&[&[0, 1], &[1, 2], &[3]]), Some(vec![1, 3]));
        assert_eq!(smallest(&[&[0, 1], &[2, 3], &[0, 3], &[1, 2]]), Some(vec![0, 2]));
        // One that is dear gives way to one that is not, but not to two.
        let price = |id| if id == ids[1] { 19 } else { 10 };
        let cheapest = |lists: &[&[usize]]| cheapest_hitting(&sets(lists), &[], price).unwrap();
        assert_eq!(cheapest(&[&[1, 2]]), BTreeSet::from([ids[2]]));
        assert_eq!(cheapest(&[&[1, 2], &[1, 3]]), BTreeSet::from([ids[1]]));
        // What is objected to gives way, too, and so does all that has it.
        let but = |lists: &[&[usize]], objections: &[&[usize]]| {
            cheapest_hitting(&sets(lists), &sets(objections), price)
        };
        assert_eq!(but(&[&[1, 2], &[1, 3]], &[&[1]]), Some(BTreeSet::from([ids[2], ids[3]])));
        assert_eq!(but(&[&[1, 2], &[1, 3]], &[&[1], &[2, 3]]), None);
    }
}
