//! The finished graph.

use std::{fmt, sync::Arc};

use headerspace::{Match, Rewrite};
use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};

use crate::{
    Cause, Choice, Control, ControlId, Disposition, FinishedEnd, Flow, Opening, ResourceKey, ResourceRef,
};

/// Names a node of one graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

/// Names an edge of one graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdgeId(pub(crate) u32);

/// Names a stored match of one graph: equal matches have equal ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MatchId(pub(crate) u32);

/// Names a resource of one graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId(pub(crate) u32);

macro_rules! dense {
    ($($id:ident),*) => {$(
        impl $id {
            /// The dense index, from 0.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}
dense!(NodeId, EdgeId, MatchId, ResourceId);

/// A place where a packet can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The resource it belongs to; `None` for the common refusals.
    pub resource: Option<ResourceId>,
    /// Name of the port, unique within the resource.
    pub port: String,
    /// Which accepting edges are used.
    pub choice: Choice,
    /// What becomes of a packet that no edge accepts, unless an end is here.
    pub otherwise: Disposition,
    /// `Some` if packets that come here are refused so.
    pub refuses: Option<Disposition>,
}

/// A way from one node to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Where it leaves.
    pub from: NodeId,
    /// Where it leads.
    pub to: NodeId,
    /// Packets that may pass.
    pub guard: MatchId,
    /// What happens to those that do.
    pub rewrite: Rewrite,
    /// Which packets of a conversation it is for.
    pub flow: Flow,
    /// `Some(node)`: undoes the translation that the opening packet got on an edge that leaves `node`.
    pub restores: Option<NodeId>,
    /// Order among the edges of a first-match node: lower goes first.
    pub rank: u32,
    /// `false`: nobody knows whether packets really pass.
    pub certain: bool,
    /// Why it exists.
    pub cause: Arc<Cause>,
}

/// A vendor-neutral description of how packets move. Made by [`GraphBuilder::finish`](crate::GraphBuilder::finish).
///
/// INVARIANT: nodes, edges, resources and ends are sorted by name and content, so that equal networks give equal
/// graphs whatever the order of their description. Kept by the builder.
#[derive(Debug, Clone)]
pub struct ForwardingGraph {
    pub(crate) graph: DiGraph<Node, Edge>,
    pub(crate) outgoing: Vec<Vec<EdgeId>>,
    pub(crate) incoming: Vec<Vec<EdgeId>>,
    pub(crate) matches: Vec<Match>,
    pub(crate) resources: Vec<ResourceRef>,
    pub(crate) keys: Vec<ResourceKey>,
    pub(crate) ends: Vec<FinishedEnd>,
    /// Per node: indexes of the ends whose packets arrive there.
    pub(crate) arrivals: Vec<Vec<u32>>,
    pub(crate) controls: Vec<Control>,
    pub(crate) openings: Vec<Opening>,
    /// Guards of openings; their ids are of this list.
    pub(crate) opening_matches: Vec<Match>,
    /// The first edge that is there because a control was opened, and the controls of it and all after it.
    pub(crate) opened: (usize, Vec<ControlId>),
}

#[expect(
    clippy::indexing_slicing,
    reason = "ids are made by the builder of the same graph, dense from 0; a foreign id is a caller's bug"
)]
impl ForwardingGraph {
    /// The graph as petgraph holds it: for its algorithms and its DOT writer.
    pub fn petgraph(&self) -> &DiGraph<Node, Edge> {
        &self.graph
    }

    /// Number of nodes; ids run from 0 to it.
    pub fn node_count(&self) -> usize {
        self.graph.node_count()
    }

    /// Number of edges; ids run from 0 to it.
    pub fn edge_count(&self) -> usize {
        self.graph.edge_count()
    }

    /// All node ids in order.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..u32::try_from(self.graph.node_count()).unwrap_or(u32::MAX)).map(NodeId)
    }

    /// All edge ids in order.
    pub fn edges(&self) -> impl Iterator<Item = EdgeId> + use<> {
        (0..u32::try_from(self.graph.edge_count()).unwrap_or(u32::MAX)).map(EdgeId)
    }

    /// The node of this id, which must come from this graph.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.graph[NodeIndex::new(id.index())]
    }

    /// The edge of this id, which must come from this graph.
    pub fn edge(&self, id: EdgeId) -> &Edge {
        &self.graph[EdgeIndex::new(id.index())]
    }

    /// Edges that leave a node, lowest rank first, otherwise in id order.
    pub fn outgoing(&self, node: NodeId) -> &[EdgeId] {
        &self.outgoing[node.index()]
    }

    /// Edges that lead to a node, in id order.
    pub fn incoming(&self, node: NodeId) -> &[EdgeId] {
        &self.incoming[node.index()]
    }

    /// The stored match of this id.
    pub fn guard(&self, id: MatchId) -> &Match {
        &self.matches[id.index()]
    }

    /// All stored matches; the position is the id's index.
    pub fn guards(&self) -> &[Match] {
        &self.matches
    }

    /// The resource of this id.
    pub fn resource(&self, id: ResourceId) -> &ResourceRef {
        &self.resources[id.index()]
    }

    /// All resources, sorted by key; the position is the id's index.
    pub fn resources(&self) -> &[ResourceRef] {
        &self.resources
    }

    /// All resource ids in order.
    pub fn resource_ids(&self) -> impl Iterator<Item = ResourceId> + use<> {
        (0..u32::try_from(self.resources.len()).unwrap_or(u32::MAX)).map(ResourceId)
    }

    /// The resource with this key. Cost: a binary search.
    pub fn find(&self, key: &ResourceKey) -> Option<ResourceId> {
        self.keys.binary_search(key).ok().and_then(|at| u32::try_from(at).ok()).map(ResourceId)
    }

    /// The key of a resource.
    pub fn key(&self, id: ResourceId) -> &ResourceKey {
        &self.keys[id.index()]
    }

    /// Where packets start and stop, sorted by resource.
    pub fn ends(&self) -> &[FinishedEnd] {
        &self.ends
    }

    /// The ends whose packets arrive at `node`.
    pub fn arriving_at(&self, node: NodeId) -> impl Iterator<Item = &FinishedEnd> {
        self.arrivals[node.index()].iter().map(|&end| &self.ends[end as usize])
    }

    /// What it means for a packet to be at `node` if an end is there, else `None`.
    pub fn arrival(&self, node: NodeId) -> Option<Disposition> {
        let border = self.arriving_at(node).map(|end| end.border).next()?;
        Some(if border { Disposition::ExitsNetwork } else { Disposition::Delivered })
    }

    /// `resource/port`, for messages and tests.
    pub fn describe(&self, node: NodeId) -> String {
        let node = self.node(node);
        match node.resource {
            Some(resource) => format!("{}/{}", self.resource(resource).id, node.port),
            None => node.port.clone(),
        }
    }
}

/// The graph as text, an edge a line, in order: the form used by tests.
impl fmt::Display for ForwardingGraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for edge in self.edges().map(|id| self.edge(id)) {
            write!(f, "{} -> {}: ", self.describe(edge.from), self.describe(edge.to))?;
            if edge.rank != 0 {
                write!(f, "[{}] ", edge.rank)?;
            }
            match edge.flow {
                Flow::Any => {}
                Flow::Opening => f.write_str("opening ")?,
                Flow::Reply => f.write_str("reply ")?,
            }
            write!(f, "{}", self.guard(edge.guard))?;
            if !edge.rewrite.is_identity() {
                write!(f, "; {}", edge.rewrite)?;
            }
            if let Some(node) = edge.restores {
                write!(f, "; as before {}", self.describe(node))?;
            }
            if !edge.certain {
                f.write_str("; uncertain")?;
            }
            if let Some(note) = &edge.cause.note {
                write!(f, " ({note})")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
