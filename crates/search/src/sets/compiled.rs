//! A graph compiled to packet sets: what passes each edge, and which edges can be taken together.

use std::collections::{BTreeMap, BTreeSet};

use graph::{Choice, EdgeId, Flow, ForwardingGraph, NodeId, World};
use headerspace::{HeaderSpace, PacketSet, Rewrite};
use petgraph::algo::tarjan_scc;
use rustc_hash::FxHashMap;

use super::index::Index;

/// The edges of one node that lead the same way in the same manner: several rules that allow, one step.
#[derive(Debug, Clone)]
pub(super) struct Bundle {
    pub(super) to: NodeId,
    /// What passes by any of the arcs.
    pub(super) set: PacketSet,
    /// The rewrite of all arcs.
    pub(super) rewrite: Option<Rewrite>,
    /// Undoes the translation that happened on leaving this node.
    pub(super) restores: Option<NodeId>,
    pub(super) certain: bool,
    pub(super) arcs: Vec<Arc>,
}

/// One edge, or the part of it that is (un)certain, and what passes by it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arc {
    pub(super) edge: EdgeId,
    pub(super) set: PacketSet,
}

/// The bundles of every node, for one kind of packet.
#[derive(Debug, Clone, Default)]
pub(super) struct Bundles {
    by_node: Vec<Vec<Bundle>>,
    indexes: Vec<Option<Index>>,
}

impl Bundles {
    pub(super) fn of(&self, node: NodeId) -> &[Bundle] {
        self.by_node.get(node.index()).map_or(&[], Vec::as_slice)
    }

    /// The index of a node with many bundles.
    pub(super) fn index(&self, node: NodeId) -> Option<&Index> {
        self.indexes.get(node.index())?.as_ref()
    }
}

/// A compiled graph. Cloning it gives a worker its own space, in which all sets stay valid.
#[derive(Debug, Clone)]
pub(super) struct Compiled {
    pub(super) space: HeaderSpace,
    pub(super) opening: std::sync::Arc<Bundles>,
    pub(super) reply: std::sync::Arc<Bundles>,
    /// Strongly connected components, a component after all it leads to.
    pub(super) order: std::sync::Arc<Vec<Vec<NodeId>>>,
    pub(super) edges: u64,
    /// Where replies to packets from a source may arrive.
    homes: std::sync::Arc<FxHashMap<NodeId, Home>>,
}

type Home = std::sync::Arc<BTreeSet<NodeId>>;

impl Compiled {
    /// Where replies to packets from `source` may arrive: at its own end, or at any end of the same world.
    pub(super) fn home(&self, source: NodeId) -> Home {
        self.homes.get(&source).cloned().unwrap_or_default()
    }

    pub(super) fn new(graph: &ForwardingGraph) -> Self {
        let mut space = HeaderSpace::new();
        let world = space.well_formed();
        let guards: Vec<PacketSet> = graph
            .guards()
            .iter()
            .map(|guard| {
                let set = space.compile(guard);
                space.and(set, world)
            })
            .collect();
        let guard = |edge: EdgeId| guards.get(graph.edge(edge).guard.index()).copied();
        let mut compile = |flow: Flow| {
            let by_node = graph.nodes().map(|node| {
                let edges = graph.outgoing(node).iter().copied();
                let edges = edges
                    .filter(|&id| matches!(graph.edge(id).flow, Flow::Any) || graph.edge(id).flow == flow);
                let sets: Vec<(EdgeId, PacketSet)> = edges.filter_map(|id| Some((id, guard(id)?))).collect();
                bundles(graph, graph.node(node).choice, &sets, &mut space)
            });
            let by_node: Vec<Vec<Bundle>> = by_node.collect();
            let indexes = by_node.iter().map(|bundles| Index::new(bundles, &space)).collect();
            std::sync::Arc::new(Bundles { by_node, indexes })
        };
        let (opening, reply) = (compile(Flow::Opening), compile(Flow::Reply));
        let ids: Vec<NodeId> = graph.nodes().collect();
        let order = tarjan_scc(graph.petgraph())
            .into_iter()
            .map(|part| part.into_iter().filter_map(|node| ids.get(node.index()).copied()).collect());
        let (order, edges) = (std::sync::Arc::new(order.collect()), graph.edge_count() as u64);
        Self { space, opening, reply, order, edges, homes: std::sync::Arc::new(homes(graph)) }
    }
}

fn homes(graph: &ForwardingGraph) -> FxHashMap<NodeId, Home> {
    let mut worlds = BTreeMap::<World, BTreeSet<NodeId>>::new();
    for end in graph.ends() {
        worlds.entry(end.world).or_default().extend(end.arrives);
    }
    let worlds: BTreeMap<World, Home> =
        worlds.into_iter().map(|(world, home)| (world, std::sync::Arc::new(home))).collect();
    let mut homes = FxHashMap::<NodeId, Home>::default();
    for end in graph.ends() {
        let Some(departs) = end.departs else { continue };
        let home = match end.world {
            World::Own => std::sync::Arc::new(end.arrives.into_iter().collect()),
            World::Internet => worlds.get(&end.world).cloned().unwrap_or_default(),
        };
        let known = homes.entry(departs).or_insert_with(|| home.clone());
        if !home.is_subset(known) {
            *known = std::sync::Arc::new(known.union(&home).copied().collect());
        }
    }
    homes
}

/// What passes each edge of a node, given what the node's choice leaves for it, bundled.
fn bundles(
    graph: &ForwardingGraph,
    choice: Choice,
    edges: &[(EdgeId, PacketSet)],
    space: &mut HeaderSpace,
) -> Vec<Bundle> {
    let mut found: Vec<Bundle> = Vec::new();
    let mut add = |id: EdgeId, set: PacketSet, certain: bool, space: &mut HeaderSpace| {
        if space.is_empty(set) {
            return;
        }
        let edge = graph.edge(id);
        let rewrite = Some(edge.rewrite.clone()).filter(|rewrite| !rewrite.is_identity());
        let arc = Arc { edge: id, set };
        let same = |bundle: &&mut Bundle| {
            bundle.to == edge.to
                && bundle.certain == certain
                && bundle.rewrite == rewrite
                && bundle.restores == edge.restores
        };
        // Edges come sorted by target within a rank, so the partner is usually the last one.
        if let Some(bundle) = found.iter_mut().rev().take(8).find(same) {
            // One rule may have several edges: a route to a prefix list has one for each prefix length.
            let alike = |arc: &&mut Arc| graph.edge(arc.edge).cause == edge.cause;
            match bundle.arcs.iter_mut().rev().take(4).find(alike) {
                Some(known) => known.set = space.or(known.set, set),
                None => bundle.arcs.push(arc),
            }
        } else {
            found.push(Bundle {
                to: edge.to,
                set,
                rewrite,
                restores: edge.restores,
                certain,
                arcs: vec![arc],
            });
        }
    };
    match choice {
        Choice::Any => {
            for &(id, set) in edges {
                add(id, set, graph.edge(id).certain, space);
            }
        }
        Choice::FirstMatch => {
            let (mut left, mut doubt) = (space.well_formed(), space.empty());
            for rank in edges.chunk_by(|a, b| graph.edge(a.0).rank == graph.edge(b.0).rank) {
                let (mut taken, mut perhaps) = (Vec::new(), Vec::new());
                for &(id, set) in rank {
                    let here = space.and(set, left);
                    if graph.edge(id).certain {
                        let sure = space.minus(here, doubt);
                        let unsure = space.and(here, doubt);
                        add(id, sure, true, space);
                        add(id, unsure, false, space);
                        taken.push(here);
                    } else {
                        add(id, here, false, space);
                        perhaps.push(here);
                    }
                }
                let taken = space.any_of(taken);
                left = space.minus(left, taken);
                let perhaps = space.any_of(perhaps);
                doubt = space.or(doubt, perhaps);
            }
        }
    }
    for bundle in &mut found {
        if let [only] = bundle.arcs.as_slice() {
            bundle.set = only.set;
        } else {
            bundle.set = space.any_of(bundle.arcs.iter().map(|arc| arc.set).collect::<Vec<_>>());
        }
    }
    // Where a certain edge leads the same way, an uncertain one adds nothing.
    for at in 0..found.len() {
        let Some(unsure) =
            found.get(at).filter(|bundle| !bundle.certain && bundle.rewrite.is_none()).cloned()
        else {
            continue;
        };
        let same =
            found.iter().filter(|other| other.certain && other.to == unsure.to && other.rewrite.is_none());
        let sure: Vec<PacketSet> = same.map(|other| other.set).collect();
        let sure = space.any_of(sure);
        if let Some(bundle) = found.get_mut(at) {
            bundle.set = space.minus(unsure.set, sure);
        }
    }
    found.retain(|bundle| !space.is_empty(bundle.set));
    found
}
