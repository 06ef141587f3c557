//! From ways to paths: one rule per filter, one source each, exceptions subtracted, replies looked at.

use std::collections::BTreeSet;

use graph::{ForwardingGraph, NodeId, ResourceId};
use headerspace::{HeaderSpace, PacketSet};
use rustc_hash::FxHashMap;

use super::{
    compiled::{Bundle, Compiled},
    explore::{Explorer, Way},
    replies::{self, Returned},
    roots::{self, Member, Roots},
    route::{Leg, stages},
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
        let exceptions = query
            .except
            .iter()
            .map(|except| (except, space.compile(&except.at_source), space.compile(&except.at_destination)))
            .collect();
        Self { query, at_source, exceptions, rules_apart: true, replies: true }
    }

    /// What `source` may send: without what exceptions leave out wherever it goes.
    pub(super) fn sent_by(&self, source: NodeId, set: PacketSet, space: &mut HeaderSpace) -> PacketSet {
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

/// Takes ways apart into paths.
pub(super) struct Expander<'a> {
    graph: &'a ForwardingGraph,
    asked: &'a Asked<'a>,
    roots: &'a Roots,
    wanted: &'a [PacketSet],
    /// Replies already followed, by all that they depend on.
    known: FxHashMap<(NodeId, NodeId, PacketSet, PacketSet, Vec<(NodeId, u32)>), Returned>,
}

impl<'a> Expander<'a> {
    pub(super) fn new(
        graph: &'a ForwardingGraph,
        asked: &'a Asked<'a>,
        roots: &'a Roots,
        wanted: &'a [PacketSet],
    ) -> Self {
        Self { graph, asked, roots, wanted, known: FxHashMap::default() }
    }

    /// The paths of a way, in order; `found` says whether to go on. Returns whether it went to the end.
    pub(super) fn expand(
        &mut self,
        explorer: &mut Explorer<'_>,
        way: &Way,
        found: &mut impl FnMut(FoundPath) -> bool,
    ) -> bool {
        let Some(root) = self.roots.at(way.root) else { return true };
        let Some(&arriving) = self.wanted.get(way.destination.index()) else { return true };
        let all: Vec<PacketSet> = root.members.iter().map(|member| member.set).collect();
        let start = explorer.space().any_of(all);
        let bundles = explorer.compiled.opening.clone();
        // Choose one arc per leg, depth first; `chosen` holds the legs chosen so far and the set before the next.
        let mut left: Vec<(Vec<Leg>, PacketSet)> = vec![(Vec::new(), start)];
        while let Some((chosen, set)) = left.pop() {
            let Some(leg) = way.legs.get(chosen.len()) else {
                let Some(sets) = stages(explorer.space(), &chosen, start, arriving) else { continue };
                let first = sets.first().copied().unwrap_or(start);
                for member in root.senders(first, explorer.space()) {
                    if let Some(path) = self.path(explorer, member, &chosen, way.destination, arriving) {
                        if !found(path) {
                            return false;
                        }
                    }
                }
                continue;
            };
            let bundle: Option<&Bundle> = bundles.of(leg.from).get(leg.bundle as usize);
            let arcs = bundle.map_or([].as_slice(), |bundle| bundle.arcs.as_slice());
            let mut next = Vec::new();
            if arcs.len() == 1 || !self.asked.rules_apart {
                next.push(leg.clone());
            } else {
                next.extend(arcs.iter().map(|arc| Leg { edge: arc.edge, guard: arc.set, ..leg.clone() }));
            }
            for leg in next.into_iter().rev() {
                explorer.work.steps += 1;
                let passing = explorer.space().and(set, leg.guard);
                if explorer.space().is_empty(passing) {
                    continue;
                }
                let after = match &leg.rewrite {
                    Some(rewrite) => explorer.space().image(passing, rewrite),
                    None => passing,
                };
                let mut chosen = chosen.clone();
                chosen.push(leg);
                left.push((chosen, after));
            }
        }
        true
    }

    /// The path of one source, unless nothing is left of it.
    fn path(
        &mut self,
        explorer: &mut Explorer<'_>,
        member: &Member,
        legs: &[Leg],
        destination: NodeId,
        arriving: PacketSet,
    ) -> Option<FoundPath> {
        let legs = member.legs(legs);
        let passed = self.passed(member.source, &legs, destination);
        let goes = |through: &[BTreeSet<ResourceId>]| through.iter().all(|one| !one.is_disjoint(&passed));
        if !goes(&self.asked.query.through) {
            return None;
        }
        let space = explorer.space();
        let mut parts = vec![(member.set, arriving)];
        for (except, from, to) in &self.asked.exceptions {
            let applies = except.sources.as_ref().is_none_or(|sources| sources.contains(&member.source))
                && except.destinations.as_ref().is_none_or(|all| all.contains(&destination))
                && goes(&except.through);
            if applies {
                parts = subtract(space, &legs, parts, *from, *to);
            }
        }
        let mut tracks = Vec::new();
        let mut starts = Vec::new();
        for (start, arriving) in parts {
            if let Some(sets) = stages(space, &legs, start, arriving) {
                starts.extend(sets.first());
                tracks.extend(self::tracks(space, &legs, &sets));
            }
        }
        if tracks.is_empty() {
            return None;
        }
        let replies = if self.asked.replies {
            let start = space.any_of(starts);
            self.replies(explorer, member.source, destination, &legs, start, arriving)
        } else {
            Replies::NotAsked
        };
        Some(FoundPath { source: member.source, destination, edges: roots::edges(&legs), tracks, replies })
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
        source: NodeId,
        destination: NodeId,
        legs: &[Leg],
        start: PacketSet,
        arriving: PacketSet,
    ) -> Replies {
        let Some(sets) = stages(explorer.space(), legs, start, arriving) else { return Replies::None };
        let (Some(&first), Some(&last)) = (sets.first(), sets.last()) else { return Replies::None };
        let rewriting = legs.iter().filter(|leg| leg.rewrite.is_some()).map(|leg| (leg.from, leg.bundle));
        let key = (source, destination, first, last, rewriting.collect());
        let graph = self.graph;
        let returned = self.known.entry(key).or_insert_with(|| {
            let route = (legs, sets.as_slice());
            replies::returned(graph, explorer.compiled, source, destination, route, explorer.work)
        });
        let space = &mut explorer.compiled.space;
        if returned.certain == first {
            Replies::All
        } else if !space.is_empty(returned.certain) {
            Replies::Some(space.to_match(returned.certain))
        } else if !space.is_empty(returned.perhaps) {
            Replies::Unknown(returned.causes.iter().cloned().collect())
        } else {
            Replies::None
        }
    }
}

/// Parts of a relation between headers at the source and at the destination, without those that are in `from` at the
/// source and in `to` at the destination.
fn subtract(
    space: &mut HeaderSpace,
    legs: &[Leg],
    parts: Vec<(PacketSet, PacketSet)>,
    from: PacketSet,
    to: PacketSet,
) -> Vec<(PacketSet, PacketSet)> {
    let mut left = Vec::new();
    let rewrites = legs.iter().any(|leg| leg.rewrite.is_some());
    for (start, arriving) in parts {
        if rewrites {
            let (outside, inside) = (space.minus(start, from), space.and(start, from));
            let rest = space.minus(arriving, to);
            left.extend([(outside, arriving), (inside, rest)]);
        } else {
            let both = space.and(from, to);
            left.push((space.minus(start, both), arriving));
        }
    }
    left.retain(|&(start, arriving)| !space.is_empty(start) && !space.is_empty(arriving));
    left
}

/// The products of a way's packets, and how they change.
fn tracks(space: &mut HeaderSpace, legs: &[Leg], sets: &[PacketSet]) -> Vec<Track> {
    let (Some(&first), Some(&last)) = (sets.first(), sets.last()) else { return Vec::new() };
    let blocks = space.blocks(first);
    if legs.iter().all(|leg| leg.rewrite.is_none()) {
        return blocks.into_iter().map(|first| Track { first, changes: Vec::new() }).collect();
    }
    let mut tracks = Vec::new();
    for first in blocks {
        let start = space.from_block(&first);
        let Some(sets) = stages(space, legs, start, last) else { continue };
        for end in sets.last().map(|&last| space.blocks(last)).unwrap_or_default() {
            let arriving = space.from_block(&end);
            let Some(sets) = stages(space, legs, start, arriving) else { continue };
            let changing =
                (0..legs.len()).filter(|&at| legs.get(at).is_some_and(|leg| leg.rewrite.is_some()));
            let changes = changing.filter_map(|at| {
                let set = *sets.get(at + 1)?;
                Some((at, space.blocks(set).into_iter().next()?))
            });
            tracks.push(Track { first: first.clone(), changes: changes.collect() });
        }
    }
    tracks
}
