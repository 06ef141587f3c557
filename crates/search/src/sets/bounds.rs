//! What may get through from each node, as terms: a bound that another engine can check step by step.

use graph::NodeId;
use headerspace::{Match, PacketSet};

use super::{
    Sets,
    live::{Certainty, Live, reached_from},
    replies::{is_missing, perhaps_answered},
    wanted,
};
use crate::{Direction, PathQuery};

/// For every node that packets of a question may come to: packets there that may get through, or get lost to missing
/// information. No fewer than do.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bounds {
    /// Of opening packets.
    pub(crate) there: Vec<(NodeId, Match)>,
    /// Of replies, if the question is about them.
    pub(crate) back: Vec<(NodeId, Match)>,
}

/// For which nodes there are bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Those that packets may come to.
    Reached,
    /// All.
    Everywhere,
}

impl Sets<'_> {
    /// The bounds of a question, without regard to what must be passed and what is left out.
    pub(crate) fn bounds(&mut self, query: &PathQuery, extent: Extent) -> Bounds {
        let everywhere = extent == Extent::Everywhere;
        let graph = self.graph;
        let compiled = &mut self.compiled;
        let mut wanted = wanted(graph, query, compiled);
        let mut replies = Vec::new();
        if query.direction == Direction::RoundTrip {
            let answered = perhaps_answered(graph, compiled, &query.sources, &wanted, everywhere);
            (wanted, replies) = (answered.wanted, answered.replies);
        }
        let mut reached = reached_from(graph, &compiled.opening, &query.sources);
        if everywhere {
            reached.fill(true);
        }
        let (perhaps, world) = (compiled.space.compile(&query.perhaps), compiled.space.well_formed());
        for node in graph.nodes().filter(|&node| is_missing(graph, node)) {
            if let Some(slot) = wanted.get_mut(node.index()) {
                *slot = compiled.space.and(perhaps, world);
            }
        }
        let live = Live::new(graph, compiled, &reached, &wanted, Certainty::Any);
        let is_reached = |node: &NodeId| reached.get(node.index()).copied().unwrap_or_default();
        let there: Vec<(NodeId, PacketSet)> =
            graph.nodes().filter(is_reached).filter_map(|node| Some((node, live.set(node)?))).collect();
        let space = &compiled.space;
        let terms = |sets: Vec<(NodeId, PacketSet)>| -> Vec<(NodeId, Match)> {
            sets.into_iter().map(|(node, set)| (node, space.to_match(set))).collect()
        };
        Bounds { there: terms(there), back: terms(replies) }
    }
}
