//! Paths past certain places: what gets through only past them, and whose replies may pass them.

use std::collections::VecDeque;

use graph::{ForwardingGraph, NodeId};
use headerspace::PacketSet;

use super::{
    changes::Changes,
    compiled::Compiled,
    explore::Point,
    live::{Live, through},
    replies::perhaps_answered,
    roots::Roots,
    space::Space,
};
use crate::PathQuery;

/// The places past which a question goes.
#[derive(Debug, Clone)]
pub(super) struct Past {
    /// What gets through past a place, or is answered past one.
    pub(super) live: Live,
    /// For each node: packets there that a place is about.
    marks: Vec<PacketSet>,
    /// What is wanted at each node although the way there went past no place: packets whose replies may.
    pub(super) wanted: Vec<PacketSet>,
}

impl Past {
    /// The places of `changes`, for a question from whose sources edges lead to the nodes `reached`; `any` is what gets
    /// through to where it is `wanted`.
    pub(super) fn new(
        graph: &ForwardingGraph,
        compiled: &mut Compiled,
        (query, reached): (&PathQuery, &[bool]),
        wanted: &[PacketSet],
        any: &Live,
        changes: &Changes,
    ) -> Self {
        let marks = marked(graph, &changes.opening, &mut compiled.space);
        let wanted = answered_past(graph, compiled, query, wanted, changes);
        let live = Live::past(graph, compiled, reached, any, &marks, &wanted);
        Self { live, marks, wanted }
    }

    /// Whether packets at `point` are some that the place there is about.
    pub(super) fn is_at(&self, point: &Point, space: &Space) -> bool {
        self.marks_at(point.node, space).is_some_and(|mark| space.overlaps(mark, point.set))
    }

    fn marks_at(&self, node: NodeId, space: &Space) -> Option<PacketSet> {
        self.marks.get(node.index()).copied().filter(|&mark| !space.is_empty(mark))
    }

    /// Notes which points are beyond a place because their sources are one.
    pub(super) fn start(&self, points: &mut [Point], roots: &Roots, space: &Space) {
        for point in points {
            let members = roots.at(point.root).map_or([].as_slice(), |root| root.members.as_slice());
            point.passed = members.iter().any(|member| {
                member.leg.is_some()
                    && self
                        .marks_at(member.source, space)
                        .is_some_and(|mark| space.overlaps(mark, member.set))
            });
        }
    }
}

fn marked(
    graph: &ForwardingGraph,
    marks: &[(NodeId, headerspace::Match)],
    space: &mut Space,
) -> Vec<PacketSet> {
    let mut sets = vec![space.empty(); graph.node_count()];
    let world = space.well_formed();
    for (node, packets) in marks {
        let set = space.compile(packets);
        let set = space.and(set, world);
        if let Some(slot) = sets.get_mut(node.index()) {
            *slot = space.or(*slot, set);
        }
    }
    sets
}

/// Of what is wanted at each node, packets whose replies may get back past one of the places of `changes`: no fewer than
/// do, because what a translation that is undone makes of a reply is left open.
fn answered_past(
    graph: &ForwardingGraph,
    compiled: &mut Compiled,
    query: &PathQuery,
    wanted: &[PacketSet],
    changes: &Changes,
) -> Vec<PacketSet> {
    if changes.reply.is_empty() {
        return vec![compiled.space.empty(); graph.node_count()];
    }
    let back = perhaps_answered(graph, compiled, &query.sources, wanted, true);
    let bundles = compiled.reply.clone();
    let space = &mut compiled.space;
    let mut sets = marked(graph, &changes.reply, space);
    for (node, set) in back.replies {
        if let Some(mark) = sets.get_mut(node.index()) {
            *mark = space.and(*mark, set);
        }
    }
    let mut left: VecDeque<NodeId> = graph.nodes().collect();
    left.retain(|node| sets.get(node.index()).is_some_and(|&set| !space.is_empty(set)));
    let mut before = vec![Vec::new(); graph.node_count()];
    for node in graph.nodes() {
        for bundle in bundles.of(node) {
            if let Some(list) = before.get_mut(bundle.to.index()) {
                list.push(node);
            }
        }
    }
    while let Some(node) = left.pop_front() {
        let target = sets.get(node.index()).copied().unwrap_or(space.empty());
        for &from in before.get(node.index()).into_iter().flatten() {
            let mut parts = vec![sets.get(from.index()).copied().unwrap_or(space.empty())];
            for bundle in bundles.of(from).iter().filter(|bundle| bundle.to == node) {
                parts.push(match bundle.restores {
                    Some(_) => bundle.set,
                    None => through(bundle, target, space),
                });
            }
            let all = space.any_of(parts);
            if let Some(known) = sets.get_mut(from.index()).filter(|known| **known != all) {
                *known = all;
                left.push_back(from);
            }
        }
    }
    let mut answered = wanted.to_vec();
    for node in graph.nodes() {
        let Some(slot) = answered.get_mut(node.index()).filter(|set| !space.is_empty(**set)) else {
            continue;
        };
        let starts = graph.arriving_at(node).filter_map(|end| end.answers);
        let parts: Vec<PacketSet> = starts.filter_map(|start| sets.get(start.index()).copied()).collect();
        let replies = space.any_of(parts);
        let sent = space.answered_by(replies);
        *slot = space.and(*slot, sent);
    }
    answered
}
