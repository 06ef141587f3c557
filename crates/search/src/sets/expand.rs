//! From ways to paths: one rule per filter, one source each, exceptions subtracted, replies looked at.

use std::{collections::BTreeSet, sync::Arc};

use graph::{Cause, ForwardingGraph, NodeId, ResourceId};
use headerspace::{Field, Match, PacketSet, Ranges};
use rustc_hash::FxHashMap;

use super::{
    compiled::{Bundle, Bundles, Compiled},
    explore::{Explorer, Way},
    replies::{Homeward, Returned, Route},
    roots::{Member, Root, Roots},
    route::{Leg, Segments},
    space::Space,
};
use crate::{Exception, FoundPath, PathQuery, Replies, Track};

/// A question, compiled.
#[derive(Debug, Clone)]
pub(super) struct Asked<'q> {
    pub(super) query: &'q PathQuery,
    pub(super) at_source: PacketSet,
    exceptions: Vec<(&'q Exception, PacketSet, PacketSet)>,
    /// Whether rules of one filter are told apart.
    pub(super) rules_apart: bool,
    /// Whether replies are looked at.
    pub(super) replies: bool,
}

impl<'q> Asked<'q> {
    pub(super) fn new(query: &'q PathQuery, compiled: &mut Compiled) -> Self {
        let space = &mut compiled.space;
        let world = space.well_formed();
        let at_source = space.compile(&query.at_source);
        let at_source = space.and(at_source, world);
        // At its source, a packet is known by its address and by nothing else.
        let known = space.compile(&Match::In(Field::Identity, Ranges::single(0)));
        let at_source = space.and(at_source, known);
        let exceptions = query
            .except
            .iter()
            .map(|except| (except, space.compile(&except.at_source), space.compile(&except.at_destination)))
            .collect();
        Self { query, at_source, exceptions, rules_apart: true, replies: true }
    }

    /// Whether it matters which resources a path passes.
    pub(super) fn asks_what_is_passed(&self) -> bool {
        !self.query.through.is_empty() || self.query.except.iter().any(|except| !except.through.is_empty())
    }

    /// What `source` may send: without what exceptions leave out wherever it goes.
    pub(super) fn sent_by(&self, source: NodeId, set: PacketSet, space: &mut Space) -> PacketSet {
        let everything = space.everything();
        let mut set = set;
        for (except, from, to) in &self.exceptions {
            let whole = *to == everything && except.destinations.is_none() && except.through.is_empty();
            if whole && except.sources.as_ref().is_none_or(|sources| sources.contains(&source)) {
                set = space.minus(set, *from);
            }
        }
        set
    }
}

impl Asked<'_> {
    /// What exceptions leave of `set`, sent by `source`, once it has `passed` these resources, wherever it goes on to.
    pub(super) fn left_past(
        &self,
        source: NodeId,
        passed: &BTreeSet<ResourceId>,
        set: PacketSet,
        space: &mut Space,
    ) -> PacketSet {
        let everything = space.everything();
        let mut set = set;
        for (except, from, to) in &self.exceptions {
            let anywhere = except.destinations.as_ref().is_none_or(|all| {
                self.query.destinations.iter().all(|destination| all.contains(destination))
            });
            let applies = anywhere
                && *to == everything
                && except.sources.as_ref().is_none_or(|sources| sources.contains(&source))
                && except.through.iter().all(|one| !one.is_disjoint(passed));
            if applies {
                set = space.minus(set, *from);
            }
        }
        set
    }
}

/// Takes ways apart into paths.
pub(super) struct Expander<'a> {
    graph: &'a ForwardingGraph,
    asked: &'a Asked<'a>,
    roots: &'a Roots,
    wanted: &'a [PacketSet],
    homeward: &'a Homeward,
    /// Replies to the packets of the present way, by source and by what else they depend on.
    known: FxHashMap<(NodeId, Option<(PacketSet, PacketSet)>), Returned>,
}

/// A way with one rule per filter, for all its sources.
struct Chosen<'c> {
    legs: &'c [Leg],
    segments: Segments,
    destination: NodeId,
    arriving: PacketSet,
    /// What the whole way, with all rules of its filters, lets pass; if replies depend on nothing else.
    whole: Option<&'c (Vec<Leg>, Segments)>,
}

impl<'a> Expander<'a> {
    pub(super) fn new(
        graph: &'a ForwardingGraph,
        asked: &'a Asked<'a>,
        roots: &'a Roots,
        wanted: &'a [PacketSet],
        homeward: &'a Homeward,
    ) -> Self {
        Self { graph, asked, roots, wanted, homeward, known: FxHashMap::default() }
    }

    /// The paths of a way, in order; `found` says whether to go on. Returns whether it went to the end.
    pub(super) fn expand(
        &mut self,
        explorer: &mut Explorer<'_>,
        way: &Way,
        found: &mut impl FnMut(&mut Explorer<'_>, FoundPath) -> bool,
    ) -> bool {
        let (Some(root), Some(&arriving)) =
            (self.roots.at(way.root), self.wanted.get(way.destination.index()))
        else {
            return true;
        };
        self.known.clear();
        let whole = Segments::of(&way.legs, explorer.space());
        // Replies depend on the way, not on the rules that let the packet pass, unless the rules leave a translator
        // less choice.
        let whole = (!whole.has_choice(explorer.space())).then(|| (way.legs.clone(), whole));
        let (destination, bundles) = (way.destination, explorer.compiled.opening.clone());
        // One rule per leg, depth first: the legs chosen, what each lets pass, and the sets before each and at the end.
        // The first `depth` of them lead to the item on top of `left`.
        let (mut legs, mut passed, mut sets) = (Vec::<Leg>::new(), Vec::new(), vec![root.set]);
        let mut left: Vec<(usize, Option<Leg>)> = vec![(0, None)];
        while let Some((depth, leg)) = left.pop() {
            legs.truncate(depth);
            passed.truncate(depth);
            sets.truncate(depth + 1);
            if let Some(leg) = leg {
                explorer.work.steps += 1;
                let Some(&set) = sets.last() else { continue };
                let passing = explorer.space().and(set, leg.guard);
                if explorer.space().is_empty(passing) {
                    continue;
                }
                let after = explorer.space().image_of(passing, leg.rewrite);
                legs.push(leg);
                passed.push(passing);
                sets.push(after);
            }
            if let Some(leg) = way.legs.get(legs.len()) {
                let rules = rules(&bundles, leg, self.asked.rules_apart);
                left.extend(rules.into_iter().rev().map(|leg| (legs.len(), Some(leg))));
                continue;
            }
            let segments = segments(&legs, &passed, sets.last().copied());
            let chosen = Chosen { legs: &legs, segments, destination, arriving, whole: whole.as_ref() };
            if !self.paths(explorer, root, &chosen, found) {
                return false;
            }
        }
        true
    }

    /// The paths of all sources that go a way with one rule per filter.
    fn paths(
        &mut self,
        explorer: &mut Explorer<'_>,
        root: &Root,
        chosen: &Chosen<'_>,
        found: &mut impl FnMut(&mut Explorer<'_>, FoundPath) -> bool,
    ) -> bool {
        let Some(sets) = chosen.segments.stages(explorer.space(), root.set, chosen.arriving) else {
            return true;
        };
        let Some(&first) = sets.first() else { return true };
        for member in root.senders(first, explorer.space()) {
            let path = self.path(explorer, member, chosen);
            if path.is_some_and(|path| !found(explorer, path)) {
                return false;
            }
        }
        true
    }

    /// The path of one source, unless nothing is left of it.
    fn path(
        &mut self,
        explorer: &mut Explorer<'_>,
        member: &Member,
        chosen: &Chosen<'_>,
    ) -> Option<FoundPath> {
        let Chosen { legs, segments, destination, arriving, .. } = chosen;
        let space = explorer.space();
        let sets = segments.stages(space, member.set, *arriving)?;
        let mut parts = vec![(member.set, *arriving, sets)];
        let passed = self
            .asked
            .asks_what_is_passed()
            .then(|| self.passed(member.source, &member.legs(legs), *destination));
        let goes = |through: &[BTreeSet<ResourceId>]| {
            passed.as_ref().is_none_or(|passed| through.iter().all(|one| !one.is_disjoint(passed)))
        };
        if !goes(&self.asked.query.through) {
            return None;
        }
        for (except, from, to) in &self.asked.exceptions {
            let applies = except.sources.as_ref().is_none_or(|sources| sources.contains(&member.source))
                && except.destinations.as_ref().is_none_or(|all| all.contains(destination))
                && goes(&except.through);
            if applies {
                parts = subtract(space, segments, parts, *from, *to);
            }
        }
        let lead = usize::from(member.leg.is_some());
        let mut tracks = Vec::new();
        for (.., sets) in &parts {
            self::tracks(space, segments, sets, lead, &mut tracks);
        }
        if tracks.is_empty() {
            return None;
        }
        let replies = if self.asked.replies {
            self.replies(explorer, member, chosen, &parts)
        } else {
            Replies::NotAsked
        };
        let edges = member.leg.iter().chain(legs.iter()).map(|leg| leg.edge).collect();
        Some(FoundPath { source: member.source, destination: *destination, edges, tracks, replies })
    }

    /// Resources on the way, and those that its two ends belong to.
    fn passed(&self, source: NodeId, legs: &[Leg], destination: NodeId) -> BTreeSet<ResourceId> {
        let nodes = legs.iter().map(|leg| leg.from).chain([destination]);
        let mut passed: BTreeSet<ResourceId> =
            nodes.filter_map(|node| self.graph.node(node).resource).collect();
        for end in [source, destination] {
            let within = self.graph.node(end).resource.map(|id| self.graph.resource(id).within.as_slice());
            passed.extend(within.unwrap_or_default().iter().filter_map(|key| self.graph.find(key)));
        }
        passed
            .extend(legs.iter().filter_map(|leg| self.graph.find(&self.graph.edge(leg.edge).cause.resource)));
        passed
    }

    fn replies(
        &mut self,
        explorer: &mut Explorer<'_>,
        member: &Member,
        chosen: &Chosen<'_>,
        parts: &[Part],
    ) -> Replies {
        let space = explorer.space();
        let firsts: Vec<PacketSet> = parts.iter().filter_map(|(.., sets)| sets.first().copied()).collect();
        let first = space.any_of(firsts);
        let own = || parts.iter().map(|&(start, arriving, _)| Some((start, arriving)));
        let asked = if chosen.whole.is_some() { vec![None] } else { own().collect() };
        let (certain, mut causes) = self.judged(explorer, member, chosen, first, &asked);
        if certain == first {
            return Replies::All;
        }
        if !explorer.space().is_empty(certain) {
            return Replies::Some(explorer.space().headers_of(certain));
        }
        if causes.len() > 1 && chosen.whole.is_some() {
            // Of the causes that the whole way has, those that these packets meet.
            let chosen = Chosen { whole: None, segments: chosen.segments.clone(), ..*chosen };
            causes = self.judged(explorer, member, &chosen, first, &own().collect::<Vec<_>>()).1;
        }
        if causes.is_empty() { Replies::None } else { Replies::Unknown(causes.into_iter().collect()) }
    }

    /// The packets in `first` whose replies get back, and why those of others perhaps do.
    fn judged(
        &mut self,
        explorer: &mut Explorer<'_>,
        member: &Member,
        chosen: &Chosen<'_>,
        first: PacketSet,
        asked: &[Option<(PacketSet, PacketSet)>],
    ) -> (PacketSet, BTreeSet<Arc<Cause>>) {
        let (mut certain, mut causes) = (explorer.space().empty(), BTreeSet::new());
        for &part in asked {
            let returned = self.returned(explorer, member, chosen, part);
            let space = &mut explorer.compiled.space;
            certain = space.or(certain, returned.certain);
            let perhaps = returned.perhaps.iter().filter(|(set, _)| space.overlaps(*set, first));
            causes.extend(perhaps.flat_map(|(_, why)| why.iter().cloned()));
        }
        (explorer.space().and(certain, first), causes)
    }

    /// The replies to a part of a way's packets, or to all that go the whole way.
    fn returned(
        &mut self,
        explorer: &mut Explorer<'_>,
        member: &Member,
        chosen: &Chosen<'_>,
        part: Option<(PacketSet, PacketSet)>,
    ) -> &Returned {
        let (graph, homeward) = (self.graph, self.homeward);
        let look = || {
            let (legs, segments) = match chosen.whole {
                Some((legs, segments)) => (legs.as_slice(), segments),
                None => (chosen.legs, &chosen.segments),
            };
            let (start, arriving) = part.unwrap_or((member.set, chosen.arriving));
            let Some(sets) = segments.stages(&mut explorer.compiled.space, start, arriving) else {
                return Returned::nothing(&explorer.compiled.space);
            };
            let route =
                Route { source: member.source, destination: chosen.destination, legs, segments, sets: &sets };
            route.replies(graph, explorer.compiled, homeward, explorer.work)
        };
        if part.is_some() {
            // A part of the packets is asked about once.
            self.known.remove(&(member.source, part));
        }
        self.known.entry((member.source, part)).or_insert_with(look)
    }
}

/// The rules of a leg, each as a leg of its own, or the leg as it is.
fn rules(bundles: &Bundles, leg: &Leg, apart: bool) -> Vec<Leg> {
    let bundle: Option<&Bundle> = bundles.of(leg.from).get(leg.bundle as usize);
    let arcs = bundle.map_or([].as_slice(), |bundle| bundle.arcs.as_slice());
    if arcs.len() == 1 || !apart {
        return vec![*leg];
    }
    arcs.iter().map(|arc| Leg { edge: arc.edge, guard: arc.set, ..*leg }).collect()
}

/// The segments of legs, from what passes each of them and what there is at the end.
fn segments(legs: &[Leg], passed: &[PacketSet], end: Option<PacketSet>) -> Segments {
    let mut segments = Segments::default();
    for (at, (leg, &set)) in legs.iter().zip(passed).enumerate() {
        if leg.rewrite.is_some() {
            segments.guards.push(set);
            segments.rewrites.push((at, leg.rewrite));
        }
    }
    segments.guards.extend(end);
    segments
}

/// A part of what a way relates: headers at the source and at the destination, and the stages between them.
type Part = (PacketSet, PacketSet, Vec<PacketSet>);

/// Parts of a relation between headers at the source and at the destination, without those that are in `from` at the
/// source and in `to` at the destination.
fn subtract(
    space: &mut Space,
    segments: &Segments,
    parts: Vec<Part>,
    from: PacketSet,
    to: PacketSet,
) -> Vec<Part> {
    let mut left = Vec::new();
    for (start, arriving, sets) in parts {
        let (Some(&first), Some(&last)) = (sets.first(), sets.last()) else { continue };
        if !space.overlaps(first, from) || !space.overlaps(last, to) {
            left.push((start, arriving, sets));
            continue;
        }
        let rests = if segments.rewrites.is_empty() {
            let both = space.and(from, to);
            vec![(space.minus(start, both), arriving)]
        } else {
            let (outside, inside) = (space.minus(start, from), space.and(start, from));
            let rest = space.minus(arriving, to);
            vec![(outside, arriving), (inside, rest)]
        };
        for (start, arriving) in rests {
            left.extend(segments.stages(space, start, arriving).map(|sets| (start, arriving, sets)));
        }
    }
    left
}

/// Adds the products of a way's packets, and how they change. `lead` is the number of steps before the first leg.
fn tracks(space: &mut Space, segments: &Segments, sets: &[PacketSet], lead: usize, tracks: &mut Vec<Track>) {
    let mut left = vec![sets.to_vec()];
    while let Some(sets) = left.pop() {
        let (Some(&first), Some(&last)) = (sets.first(), sets.last()) else { continue };
        let starts = space.blocks(first);
        if segments.rewrites.is_empty() {
            tracks.extend(starts.into_iter().map(|first| Track { first, changes: Vec::new() }));
            continue;
        }
        let ends = space.blocks(last);
        if let ([first], [_]) = (starts.as_slice(), ends.as_slice()) {
            let changes = segments
                .rewrites
                .iter()
                .zip(sets.iter().skip(1))
                .filter_map(|(&(at, _), &set)| Some((lead + at, space.blocks(set).into_iter().next()?)));
            let changes = changes.collect();
            tracks.push(Track { first: first.clone(), changes });
            continue;
        }
        // Several products: each pair of them is a smaller relation, which may fall apart further.
        let mut parts = Vec::new();
        for start in &starts {
            let start = space.from_block(start);
            for end in &ends {
                let end = space.from_block(end);
                parts.extend(segments.stages(space, start, end));
            }
        }
        left.extend(parts.into_iter().rev());
    }
}
