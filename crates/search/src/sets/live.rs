//! What can still get through from each node: the backward half of the search.
//!
//! With it, following paths forward never enters a way that leads nowhere, so that its cost is that of the answer.

use graph::{ForwardingGraph, NodeId};
use headerspace::PacketSet;

use super::{
    compiled::{Bundle, Bundles, Compiled},
    space::Space,
};

/// For every node: what gets through from there, and by which bundles.
#[derive(Debug, Clone)]
pub(super) struct Live {
    /// What gets through.
    sets: Vec<PacketSet>,
    /// Bundles by which something gets through, with what does.
    steps: Vec<Vec<(u32, PacketSet)>>,
    pub(super) nodes: u64,
}

/// Which bundles count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Certainty {
    /// Only certain ones.
    Certain,
    /// All.
    Any,
}

impl Live {
    /// Works backwards from what is wanted at each node.
    ///
    /// Nodes are taken in an order in which everything a node leads to comes first; within a cycle, until nothing
    /// changes. Cost: one preimage and one union for every bundle on the way.
    pub(super) fn new(
        graph: &ForwardingGraph,
        compiled: &mut Compiled,
        reached: &[bool],
        wanted: &[PacketSet],
        certainty: Certainty,
    ) -> Self {
        let empty = compiled.space.empty();
        let mut live = Self {
            sets: vec![empty; graph.node_count()],
            steps: vec![Vec::new(); graph.node_count()],
            nodes: 0,
        };
        let (order, bundles) = (compiled.order.clone(), compiled.opening.clone());
        for part in order.iter() {
            loop {
                let mut changed = false;
                for &node in
                    part.nodes.iter().filter(|node| reached.get(node.index()).copied().unwrap_or_default())
                {
                    changed |= live.update(node, bundles.of(node), &mut compiled.space, wanted, certainty);
                }
                if !changed || !part.cyclic {
                    break;
                }
            }
        }
        live
    }

    /// Works backwards from what is uncertain: what gets through from each node, but only past an uncertain step or
    /// to where information is missing. `any` is what gets through at all.
    pub(super) fn doubtful(
        graph: &ForwardingGraph,
        compiled: &mut Compiled,
        reached: &[bool],
        any: &Live,
        lost: &[PacketSet],
    ) -> Self {
        let empty = compiled.space.empty();
        let mut live = Self {
            sets: vec![empty; graph.node_count()],
            steps: vec![Vec::new(); graph.node_count()],
            nodes: 0,
        };
        let (order, bundles) = (compiled.order.clone(), compiled.opening.clone());
        for part in order.iter() {
            loop {
                let mut changed = false;
                for &node in
                    part.nodes.iter().filter(|node| reached.get(node.index()).copied().unwrap_or_default())
                {
                    let target = |live: &Self, bundle: &Bundle| {
                        if bundle.certain { live.set(bundle.to) } else { any.set(bundle.to) }
                    };
                    let bundles = bundles.of(node);
                    changed |= live.update_by(node, bundles, &mut compiled.space, lost, |_| true, target);
                }
                if !changed || !part.cyclic {
                    break;
                }
            }
        }
        live
    }

    /// Works backwards from marks: what gets through from each node, but only past a node where it is in that node's mark,
    /// or to where it is in `wanted`. `any` is what gets through at all, by certain steps.
    pub(super) fn past(
        graph: &ForwardingGraph,
        compiled: &mut Compiled,
        reached: &[bool],
        any: &Live,
        marks: &[PacketSet],
        wanted: &[PacketSet],
    ) -> Self {
        let empty = compiled.space.empty();
        let mut live = Self {
            sets: vec![empty; graph.node_count()],
            steps: vec![Vec::new(); graph.node_count()],
            nodes: 0,
        };
        let (order, bundles) = (compiled.order.clone(), compiled.opening.clone());
        for part in order.iter() {
            loop {
                let mut changed = false;
                for &node in
                    part.nodes.iter().filter(|node| reached.get(node.index()).copied().unwrap_or_default())
                {
                    let list = bundles.of(node);
                    changed |= live.update_past(node, list, &mut compiled.space, any, marks, wanted);
                }
                if !changed || !part.cyclic {
                    break;
                }
            }
        }
        live
    }

    fn update_past(
        &mut self,
        node: NodeId,
        bundles: &[Bundle],
        space: &mut Space,
        any: &Live,
        marks: &[PacketSet],
        wanted: &[PacketSet],
    ) -> bool {
        self.nodes += 1;
        let empty = space.empty();
        let mark = marks.get(node.index()).copied().unwrap_or(empty);
        let here = space.and(mark, any.set(node).unwrap_or(empty));
        let mut steps = Vec::new();
        let mut parts = vec![wanted.get(node.index()).copied().unwrap_or(empty), here];
        for (bundle, index) in bundles.iter().zip(0u32..).filter(|(bundle, _)| bundle.certain) {
            let mut passing = through(bundle, self.set(bundle.to).unwrap_or(empty), space);
            if !space.is_empty(mark) {
                let marked = through(bundle, any.set(bundle.to).unwrap_or(empty), space);
                let marked = space.and(marked, mark);
                passing = space.or(passing, marked);
            }
            if !space.is_empty(passing) {
                steps.push((index, passing));
                parts.push(passing);
            }
        }
        let set = space.any_of(parts);
        let changed = self.set(node) != Some(set);
        if let (Some(old), Some(list)) = (self.sets.get_mut(node.index()), self.steps.get_mut(node.index())) {
            (*old, *list) = (set, steps);
        }
        changed
    }

    fn update(
        &mut self,
        node: NodeId,
        bundles: &[Bundle],
        space: &mut Space,
        wanted: &[PacketSet],
        certainty: Certainty,
    ) -> bool {
        let counts = |bundle: &Bundle| certainty == Certainty::Any || bundle.certain;
        self.update_by(node, bundles, space, wanted, counts, |live, bundle| live.set(bundle.to))
    }

    fn update_by(
        &mut self,
        node: NodeId,
        bundles: &[Bundle],
        space: &mut Space,
        wanted: &[PacketSet],
        counts: impl Fn(&Bundle) -> bool,
        target: impl Fn(&Self, &Bundle) -> Option<PacketSet>,
    ) -> bool {
        self.nodes += 1;
        let empty = space.empty();
        let mut steps = Vec::new();
        let mut parts = vec![wanted.get(node.index()).copied().unwrap_or(empty)];
        for (bundle, index) in bundles.iter().zip(0u32..) {
            if !counts(bundle) {
                continue;
            }
            let passing = through(bundle, target(self, bundle).unwrap_or(empty), space);
            if !space.is_empty(passing) {
                steps.push((index, passing));
                parts.push(passing);
            }
        }
        let set = space.any_of(parts);
        let changed = self.set(node) != Some(set);
        if let (Some(old), Some(list)) = (self.sets.get_mut(node.index()), self.steps.get_mut(node.index())) {
            (*old, *list) = (set, steps);
        }
        changed
    }

    /// What gets through from `node`.
    pub(super) fn set(&self, node: NodeId) -> Option<PacketSet> {
        self.sets.get(node.index()).copied()
    }

    /// The bundles of `node` by which something gets through, with what does, in order.
    pub(super) fn steps(&self, node: NodeId) -> &[(u32, PacketSet)] {
        self.steps.get(node.index()).map_or(&[], Vec::as_slice)
    }
}

/// What `bundle` turns into a member of `target`.
pub(super) fn through(bundle: &Bundle, target: PacketSet, space: &mut Space) -> PacketSet {
    if space.is_empty(target) {
        return target;
    }
    let before = space.preimage_of(target, bundle.rewrite);
    space.and(before, bundle.set)
}

/// Nodes that edges lead to from `starts`, whatever their guards.
pub(super) fn reached_from(graph: &ForwardingGraph, bundles: &Bundles, starts: &[NodeId]) -> Vec<bool> {
    let mut reached = vec![false; graph.node_count()];
    let mut left = starts.to_vec();
    while let Some(node) = left.pop() {
        let Some(seen) = reached.get_mut(node.index()) else { continue };
        if !std::mem::replace(seen, true) {
            left.extend(bundles.of(node).iter().map(|bundle| bundle.to));
        }
    }
    reached
}
