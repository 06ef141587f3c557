//! Where two graphs treat packets differently.
//!
//! A packet's way can only differ if it comes to a node that does something else with it in the other graph. So of two
//! networks that differ in a rule, only what that rule is about need be searched.

use std::collections::{BTreeMap, BTreeSet};

use graph::{EdgeId, Flow, ForwardingGraph, NodeId, ResourceKey, World};
use headerspace::{Match, PacketSet};
use rustc_hash::FxHashMap;

use super::{
    compiled::bundles,
    space::{RewriteId, Space},
};

/// Nodes of one graph that treat some packets otherwise than their namesakes of another do, with those packets.
///
/// Nodes are namesakes if they are the same port of the same resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Of packets that open a conversation.
    pub opening: Vec<(NodeId, Match)>,
    /// Of replies.
    pub reply: Vec<(NodeId, Match)>,
}

impl Changes {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.opening.is_empty() && self.reply.is_empty()
    }
}

/// Who is who in two graphs: a number for each name.
#[derive(Debug, Default)]
struct Names<'g> {
    numbers: BTreeMap<(Option<&'g ResourceKey>, &'g str), u32>,
    /// For each graph, the number of each node.
    of: [Vec<u32>; 2],
}

impl<'g> Names<'g> {
    fn new(graphs: [&'g ForwardingGraph; 2]) -> Self {
        let mut names = Self::default();
        names.of = graphs.map(|graph| {
            let name = |node: NodeId| {
                let node = graph.node(node);
                (node.resource.map(|id| graph.key(id)), node.port.as_str())
            };
            graph
                .nodes()
                .map(|node| {
                    let next = u32::try_from(names.numbers.len()).unwrap_or(u32::MAX);
                    *names.numbers.entry(name(node)).or_insert(next)
                })
                .collect()
        });
        names
    }

    fn number(&self, side: usize, node: NodeId) -> Option<u32> {
        self.of.get(side)?.get(node.index()).copied()
    }
}

/// What is done with packets that are let pass: where they go, how they change, what is undone, and whether for certain.
type Effect = (Option<u32>, Option<RewriteId>, Option<u32>, bool);

/// Where two graphs treat packets differently: in terms of the first, and in terms of the second.
///
/// Cost: a look at every node, and packet sets for those whose edges are not the same word for word.
pub fn changes(first: &ForwardingGraph, second: &ForwardingGraph) -> [Changes; 2] {
    let graphs = [first, second];
    let names = Names::new(graphs);
    let mut nodes = vec![[None; 2]; names.numbers.len()];
    for (side, graph) in graphs.iter().enumerate() {
        for node in graph.nodes() {
            let number = names.number(side, node).and_then(|number| nodes.get_mut(number as usize));
            if let Some(slot) = number.and_then(|pair| pair.get_mut(side)) {
                *slot = Some(node);
            }
        }
    }
    let mut space = Space::default();
    let mut found = [Changes::default(), Changes::default()];
    for pair in nodes {
        let [Some(one), Some(other)] = pair else {
            for (changes, node) in found.iter_mut().zip(pair) {
                // Nobody of that name: whatever comes here is treated otherwise.
                changes.opening.extend(node.map(|node| (node, Match::All)));
                changes.reply.extend(node.map(|node| (node, Match::All)));
            }
            continue;
        };
        if same_words(&names, graphs, [one, other]) {
            continue;
        }
        for flow in [Flow::Opening, Flow::Reply] {
            let [a, b] = [(0, first, one), (1, second, other)]
                .map(|(side, graph, node)| effects(&names, side, graph, node, flow, &mut space));
            let set = differing(&a, &b, &mut space);
            if space.is_empty(set) {
                continue;
            }
            let packets = space.to_match(set);
            for (changes, node) in found.iter_mut().zip([one, other]) {
                let list = if flow == Flow::Opening { &mut changes.opening } else { &mut changes.reply };
                list.push((node, packets.clone()));
            }
        }
    }
    ends(&names, graphs, &mut found);
    for changes in &mut found {
        for list in [&mut changes.opening, &mut changes.reply] {
            list.sort();
            list.dedup();
        }
    }
    found
}

/// Whether both nodes have the same edges in the same order, whatever their causes.
fn same_words(names: &Names<'_>, graphs: [&ForwardingGraph; 2], nodes: [NodeId; 2]) -> bool {
    let ([first, second], [one, other]) = (graphs, nodes);
    let (a, b) = (first.outgoing(one), second.outgoing(other));
    let node = |graph: &ForwardingGraph, id| (graph.node(id).choice, graph.node(id).refuses);
    node(first, one) == node(second, other)
        && a.len() == b.len()
        && a.iter().zip(b).all(|(&a, &b)| {
            let (a, b) = (first.edge(a), second.edge(b));
            let undone = |side, node: Option<NodeId>| node.map(|node| names.number(side, node));
            names.number(0, a.to) == names.number(1, b.to)
                && (a.flow, a.rank, a.certain) == (b.flow, b.rank, b.certain)
                && undone(0, a.restores) == undone(1, b.restores)
                && a.rewrite == b.rewrite
                && first.guard(a.guard) == second.guard(b.guard)
        })
}

/// What a node does with packets.
fn effects(
    names: &Names<'_>,
    side: usize,
    graph: &ForwardingGraph,
    node: NodeId,
    flow: Flow,
    space: &mut Space,
) -> FxHashMap<Effect, PacketSet> {
    let world = space.well_formed();
    let edges = graph.outgoing(node).iter().copied();
    let edges = edges.filter(|&id| graph.edge(id).flow == Flow::Any || graph.edge(id).flow == flow);
    let sets: Vec<(EdgeId, PacketSet)> = edges
        .map(|id| {
            let set = space.compile(graph.guard(graph.edge(id).guard));
            (id, space.and(set, world))
        })
        .collect();
    let mut effects = FxHashMap::default();
    for bundle in bundles(graph, graph.node(node).choice, &sets, |_| None, space) {
        let undone = bundle.restores.and_then(|node| names.number(side, node));
        let effect = (names.number(side, bundle.to), bundle.rewrite, undone, bundle.certain);
        let known = effects.entry(effect).or_insert(space.empty());
        *known = space.or(*known, bundle.set);
    }
    effects
}

/// Packets to which not all is done in both that is done in one.
fn differing(
    a: &FxHashMap<Effect, PacketSet>,
    b: &FxHashMap<Effect, PacketSet>,
    space: &mut Space,
) -> PacketSet {
    let effects: BTreeSet<&Effect> = a.keys().chain(b.keys()).collect();
    let mut parts = Vec::new();
    for effect in effects {
        let [a, b] = [a, b].map(|effects| effects.get(effect).copied().unwrap_or(space.empty()));
        parts.push(space.minus(a, b));
        parts.push(space.minus(b, a));
    }
    space.any_of(parts)
}

/// Ends that are not the same in both graphs: whatever starts, arrives or is answered there is treated otherwise.
fn ends(names: &Names<'_>, graphs: [&ForwardingGraph; 2], found: &mut [Changes; 2]) {
    type Words<'g> = (&'g ResourceKey, [Option<u32>; 3], bool, World);
    let words = [0, 1].map(|side| -> BTreeMap<Words<'_>, [Option<NodeId>; 3]> {
        let Some(graph) = graphs.get(side).copied() else { return BTreeMap::new() };
        let ends = graph.ends().iter().map(|end| {
            let nodes = [end.departs, end.arrives, end.answers];
            let ports = nodes.map(|node| node.and_then(|node| names.number(side, node)));
            ((graph.key(end.resource), ports, end.border, end.world), nodes)
        });
        ends.collect()
    });
    let [first, second] = &words;
    for (changes, (own, others)) in found.iter_mut().zip([(first, second), (second, first)]) {
        for (_, [departs, arrives, answers]) in own.iter().filter(|(words, _)| !others.contains_key(words)) {
            changes.opening.extend([*departs, *arrives].into_iter().flatten().map(|node| (node, Match::All)));
            changes.reply.extend([*arrives, *answers].into_iter().flatten().map(|node| (node, Match::All)));
        }
    }
}
