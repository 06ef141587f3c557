//! A graph compiled to packet sets: what passes each edge, and which edges can be taken together.

use std::collections::{BTreeMap, BTreeSet};

use graph::{Cause, Choice, ControlId, EdgeId, Flow, ForwardingGraph, NodeId, World};
use headerspace::PacketSet;
use petgraph::{algo::tarjan_scc, graph::DiGraph};
use rustc_hash::FxHashMap;

use super::{
    index::Index,
    space::{RewriteId, Space},
};

/// The edges of one node that lead the same way in the same manner: several rules that allow, one step.
#[derive(Debug, Clone)]
pub(super) struct Bundle {
    pub(super) to: NodeId,
    /// What passes by any of the arcs.
    pub(super) set: PacketSet,
    /// The rewrite of all arcs.
    pub(super) rewrite: Option<RewriteId>,
    /// Undoes the translation that happened on leaving this node.
    pub(super) restores: Option<NodeId>,
    pub(super) certain: bool,
    /// The control that was opened for it, if controls are told apart.
    pub(super) control: Option<ControlId>,
    pub(super) arcs: Vec<Arc>,
}

impl Bundle {
    /// Whether both do the same to the packets that they let pass.
    fn leads_like(&self, other: &Self) -> bool {
        (self.to, self.rewrite, self.restores, self.control)
            == (other.to, other.rewrite, other.restores, other.control)
    }
}

/// One rule, or the part of it that is (un)certain, and what passes by it: the first of its edges stands for all.
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
    pub(super) space: Space,
    pub(super) opening: std::sync::Arc<Bundles>,
    pub(super) reply: std::sync::Arc<Bundles>,
    /// Strongly connected components of what opening packets may take, a component after all it leads to.
    pub(super) order: std::sync::Arc<Vec<Component>>,
    pub(super) edges: u64,
    /// Where replies to packets from a source may arrive.
    homes: std::sync::Arc<FxHashMap<NodeId, Home>>,
    /// So many steps are taken for an answer.
    pub(super) limit: u64,
}

type Home = std::sync::Arc<BTreeSet<NodeId>>;

/// Nodes that can all reach each other.
#[derive(Debug, Clone)]
pub(super) struct Component {
    pub(super) nodes: Vec<NodeId>,
    /// Whether packets can come back to where they were.
    pub(super) cyclic: bool,
}

impl Compiled {
    /// Where replies to packets from `source` may arrive: at its own end, or at any end of the same world.
    pub(super) fn home(&self, source: NodeId) -> Home {
        self.homes.get(&source).cloned().unwrap_or_default()
    }

    pub(super) fn new(graph: &ForwardingGraph) -> Self {
        Self::within(graph, |_, _| true)
    }

    /// The same, but packets that come to nodes without `is_of_use` stay there.
    pub(super) fn within(graph: &ForwardingGraph, is_of_use: impl Fn(Flow, NodeId) -> bool) -> Self {
        Self::told_apart(graph, is_of_use, |_| None)
    }

    /// The same, but edges that are there because different controls were opened are not taken together.
    pub(super) fn by_control(graph: &ForwardingGraph) -> Self {
        Self::told_apart(graph, |_, _| true, |edge| graph.opened_by(edge))
    }

    fn told_apart(
        graph: &ForwardingGraph,
        is_of_use: impl Fn(Flow, NodeId) -> bool,
        control: impl Fn(EdgeId) -> Option<ControlId>,
    ) -> Self {
        let mut space = Space::default();
        let world = space.well_formed();
        let mut guards: Vec<Option<PacketSet>> = vec![None; graph.guards().len()];
        let mut guard = |edge: EdgeId, space: &mut Space| {
            let id = graph.edge(edge).guard;
            let slot = guards.get_mut(id.index())?;
            Some(*slot.get_or_insert_with(|| {
                let set = space.compile(graph.guard(id));
                space.and(set, world)
            }))
        };
        let mut compile = |flow: Flow| {
            let by_node = graph.nodes().map(|node| {
                if !is_of_use(flow, node) {
                    return Vec::new();
                }
                let edges = graph.outgoing(node).iter().copied();
                let edges = edges
                    .filter(|&id| matches!(graph.edge(id).flow, Flow::Any) || graph.edge(id).flow == flow);
                let sets: Vec<(EdgeId, PacketSet)> =
                    edges.filter_map(|id| Some((id, guard(id, &mut space)?))).collect();
                bundles(graph, graph.node(node).choice, &sets, &control, &mut space)
            });
            let by_node: Vec<Vec<Bundle>> = by_node.collect();
            let indexes = by_node.iter().map(|bundles| Index::new(bundles, &space)).collect();
            std::sync::Arc::new(Bundles { by_node, indexes })
        };
        let (opening, reply) = (compile(Flow::Opening), compile(Flow::Reply));
        let order = std::sync::Arc::new(components(graph, &opening));
        let edges = graph.edge_count() as u64;
        // Copies of the space are for questions; what compiling remembered is of no use to them.
        space.memo_clear();
        Self {
            space,
            opening,
            reply,
            order,
            edges,
            homes: std::sync::Arc::new(homes(graph)),
            limit: u64::MAX,
        }
    }
}

fn components(graph: &ForwardingGraph, bundles: &Bundles) -> Vec<Component> {
    let mut steps = DiGraph::<NodeId, ()>::with_capacity(graph.node_count(), graph.node_count());
    let ids: Vec<_> = graph.nodes().map(|node| steps.add_node(node)).collect();
    let mut own = BTreeSet::new();
    for node in graph.nodes() {
        for bundle in bundles.of(node) {
            if let (Some(&from), Some(&to)) = (ids.get(node.index()), ids.get(bundle.to.index())) {
                steps.update_edge(from, to, ());
                own.extend((node == bundle.to).then_some(node));
            }
        }
    }
    tarjan_scc(&steps)
        .into_iter()
        .map(|part| {
            let nodes: Vec<NodeId> =
                part.into_iter().filter_map(|at| steps.node_weight(at).copied()).collect();
            let cyclic = nodes.len() > 1 || nodes.iter().any(|node| own.contains(node));
            Component { nodes, cyclic }
        })
        .collect()
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

/// Shorter lists of ranks are decided rank by rank.
const SHORT: usize = 16;

/// The edges of a node by rank, halved until the lists are short.
struct Ranks<'e> {
    edges: Vec<&'e [(EdgeId, PacketSet)]>,
    halves: Option<Box<[Ranks<'e>; 2]>>,
    /// What certain edges are about.
    taken: PacketSet,
    /// What uncertain edges are about.
    perhaps: PacketSet,
}

impl<'e> Ranks<'e> {
    fn new(graph: &ForwardingGraph, edges: Vec<&'e [(EdgeId, PacketSet)]>, space: &mut Space) -> Self {
        if edges.len() > SHORT {
            let (first, second) = edges.split_at(edges.len() / 2);
            let halves = [first, second].map(|half| Self::new(graph, half.to_vec(), space));
            let [first, second] = &halves;
            let taken = space.or(first.taken, second.taken);
            let perhaps = space.or(first.perhaps, second.perhaps);
            return Self { edges: Vec::new(), halves: Some(Box::new(halves)), taken, perhaps };
        }
        let [taken, perhaps] = [true, false].map(|certain| {
            let edges = edges.iter().copied().flatten();
            let sets = edges.filter(|(id, _)| graph.edge(*id).certain == certain).map(|(_, set)| *set);
            space.any_of(sets.collect::<Vec<_>>())
        });
        Self { edges, halves: None, taken, perhaps }
    }
}

/// Tells `add` what passes each edge of these ranks, given what is left for them and where that is in doubt; and whether
/// it passes for certain.
///
/// What is left becomes more intricate with every rank. So the two halves of a long list are decided by themselves, each
/// on what its own edges are about: n rules about different packets take about n log n steps, not n squared.
fn first_match(
    graph: &ForwardingGraph,
    ranks: &Ranks<'_>,
    (mut left, mut doubt): (PacketSet, PacketSet),
    space: &mut Space,
    add: &mut impl FnMut(EdgeId, PacketSet, bool, &mut Space),
) {
    if space.is_empty(left) {
        return;
    }
    if let Some(halves) = &ranks.halves {
        for half in halves.iter() {
            let here = space.or(half.taken, half.perhaps);
            let near = (space.and(left, here), space.and(doubt, here));
            first_match(graph, half, near, space, add);
            left = space.minus(left, half.taken);
            doubt = space.or(doubt, half.perhaps);
        }
        return;
    }
    for rank in &ranks.edges {
        let (mut taken, mut perhaps) = (Vec::new(), Vec::new());
        for &(id, set) in *rank {
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

/// What passes each edge of a node, given what the node's choice leaves for it, bundled; those with different controls
/// apart.
pub(super) fn bundles(
    graph: &ForwardingGraph,
    choice: Choice,
    edges: &[(EdgeId, PacketSet)],
    control: impl Fn(EdgeId) -> Option<ControlId>,
    space: &mut Space,
) -> Vec<Bundle> {
    let mut found: Vec<Bundle> = Vec::new();
    let mut places = FxHashMap::<_, usize>::default();
    // One rule may have several edges: a route to a prefix list has one for each prefix length. They are one arc.
    let mut rules = FxHashMap::<(usize, &Cause), usize>::default();
    let mut add = |id: EdgeId, set: PacketSet, certain: bool, space: &mut Space| {
        if space.is_empty(set) {
            return;
        }
        let edge = graph.edge(id);
        let (to, restores, rewrite) = (edge.to, edge.restores, space.rewrite_id(&edge.rewrite));
        let control = control(id);
        let place = *places.entry((to, rewrite, restores, certain, control)).or_insert(found.len());
        if place == found.len() {
            found.push(Bundle { to, set, rewrite, restores, certain, control, arcs: Vec::new() });
        }
        let Some(bundle) = found.get_mut(place) else { return };
        let rule = *rules.entry((place, &*edge.cause)).or_insert(bundle.arcs.len());
        match bundle.arcs.get_mut(rule) {
            Some(known) => known.set = space.or(known.set, set),
            None => bundle.arcs.push(Arc { edge: id, set }),
        }
    };
    match choice {
        Choice::Any => {
            for &(id, set) in edges {
                add(id, set, graph.edge(id).certain, space);
            }
        }
        Choice::FirstMatch => {
            let ranks = edges.chunk_by(|a, b| graph.edge(a.0).rank == graph.edge(b.0).rank).collect();
            let ranks = Ranks::new(graph, ranks, space);
            let state = (space.well_formed(), space.empty());
            first_match(graph, &ranks, state, space, &mut add);
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
        let Some(unsure) = found.get(at).filter(|bundle| !bundle.certain).cloned() else { continue };
        let same = found.iter().filter(|other| other.certain && other.leads_like(&unsure));
        let sure: Vec<PacketSet> = same.map(|other| other.set).collect();
        let sure = space.any_of(sure);
        if let Some(bundle) = found.get_mut(at) {
            bundle.set = space.minus(unsure.set, sure);
            for arc in &mut bundle.arcs {
                arc.set = space.and(arc.set, bundle.set);
            }
            bundle.arcs.retain(|arc| !space.is_empty(arc.set));
        }
    }
    found.retain(|bundle| !space.is_empty(bundle.set));
    found
}
