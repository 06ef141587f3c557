//! Whether replies get back.

use std::{collections::BTreeSet, sync::Arc};

use graph::{Cause, Disposition, ForwardingGraph, LONGEST_WAY, NodeId};
use headerspace::{HeaderSpace, PacketSet};

use super::{compiled::Compiled, route::Leg};
use crate::Work;

/// What is known about the replies to the packets of a way.
#[derive(Debug, Clone)]
pub(super) struct Returned {
    /// Packets at the source whose replies get back, or that are of a kind that gets none.
    pub(super) certain: PacketSet,
    /// Packets at the source whose replies perhaps get back.
    pub(super) perhaps: PacketSet,
    /// Why that is uncertain.
    pub(super) causes: BTreeSet<Arc<Cause>>,
}

/// Finds out which packets of a way get their replies back. `sets` are the way's [`stages`](super::route::stages).
pub(super) fn returned(
    graph: &ForwardingGraph,
    compiled: &mut Compiled,
    source: NodeId,
    destination: NodeId,
    (legs, sets): (&[Leg], &[PacketSet]),
    work: &mut Work,
) -> Returned {
    let home = compiled.home(source);
    let space = &mut compiled.space;
    let empty = space.empty();
    let (Some(&first), Some(&last)) = (sets.first(), sets.last()) else {
        return Returned { certain: empty, perhaps: empty, causes: BTreeSet::new() };
    };
    let silent = space.without_reply();
    let silent = space.and(first, silent);
    let replies = space.reverse(last);
    let mut search = Search {
        graph,
        compiled,
        legs,
        sets,
        home,
        work,
        certain: vec![],
        perhaps: vec![],
        causes: BTreeSet::new(),
    };
    if !search.compiled.space.is_empty(replies) {
        for end in graph.arriving_at(destination) {
            if let Some(start) = end.answers {
                search.follow(&mut vec![], start, replies, true);
            }
        }
    }
    let Search { compiled, certain, perhaps, causes, .. } = search;
    let space = &mut compiled.space;
    let replies = space.any_of(certain);
    let packets = space.reverse_back(replies);
    let packets = space.and(first, packets);
    let certain = space.or(packets, silent);
    // What is lost on the way may come out anywhere and anyhow: then nothing is known about any packet.
    let perhaps = if perhaps.is_empty() { empty } else { first };
    Returned { certain, perhaps, causes }
}

struct Search<'a> {
    graph: &'a ForwardingGraph,
    compiled: &'a mut Compiled,
    legs: &'a [Leg],
    sets: &'a [PacketSet],
    home: Arc<BTreeSet<NodeId>>,
    work: &'a mut Work,
    certain: Vec<PacketSet>,
    perhaps: Vec<PacketSet>,
    causes: BTreeSet<Arc<Cause>>,
}

impl Search<'_> {
    fn follow(&mut self, been: &mut Vec<(NodeId, PacketSet)>, node: NodeId, set: PacketSet, certain: bool) {
        if been.contains(&(node, set)) || been.len() >= LONGEST_WAY {
            return;
        }
        if self.graph.node(node).refuses == Some(Disposition::InsufficientInfo) {
            self.perhaps.push(set);
            return;
        }
        if self.home.contains(&node) {
            if certain { self.certain.push(set) } else { self.perhaps.push(set) }
        }
        been.push((node, set));
        let bundles = self.compiled.reply.clone();
        let list = bundles.of(node);
        let candidates = bundles.index(node).and_then(|index| index.candidates(&self.compiled.space, set));
        let count = u32::try_from(list.len()).unwrap_or(u32::MAX);
        for index in candidates.unwrap_or_else(|| (0..count).collect()) {
            let Some(bundle) = list.get(index as usize) else { continue };
            self.work.reply_steps += 1;
            let passing = self.compiled.space.and(set, bundle.set);
            if self.compiled.space.is_empty(passing) {
                continue;
            }
            let refused = self.graph.node(bundle.to).refuses;
            if !bundle.certain || refused == Some(Disposition::InsufficientInfo) {
                let edges = bundle.arcs.iter().map(|arc| self.graph.edge(arc.edge).cause.clone());
                self.causes.extend(edges);
            }
            let next = match (bundle.restores, &bundle.rewrite) {
                (Some(at), _) => self.restored(at, passing),
                (None, Some(rewrite)) => self.compiled.space.image(passing, rewrite),
                (None, None) => passing,
            };
            if !self.compiled.space.is_empty(next) {
                self.follow(been, bundle.to, next, certain && bundle.certain);
            }
        }
        been.pop();
    }

    /// Replies as they are after the translation that the way made on leaving `at` is undone.
    fn restored(&mut self, at: NodeId, replies: PacketSet) -> PacketSet {
        let space: &mut HeaderSpace = &mut self.compiled.space;
        let answered = space.reverse_back(replies);
        let mut found = Vec::new();
        for (leg, &before) in self.legs.iter().zip(self.sets) {
            if leg.from == at {
                let sent = leg.rewrite.as_ref().map_or(answered, |rewrite| space.preimage(answered, rewrite));
                let sent = space.and(sent, before);
                found.push(space.reverse(sent));
            }
        }
        space.any_of(found)
    }
}
