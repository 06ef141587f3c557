//! What keeps packets back and could be changed: the graph beside the graph.
//!
//! A [`Control`] is closed in the graph as it is. Resources tell with [`GraphBuilder::offer`](crate::GraphBuilder::offer)
//! which edges there would be if one of their controls were opened: a rule added to a group, a denying entry that
//! allows instead, a route to a gateway that is there. No engine sees these [`Opening`]s;
//! [`ForwardingGraph::opened`] makes a graph in which those of some controls are edges like all others.
//!
//! INVARIANT: opening only adds ways. What was possible stays possible, so that more open controls never lead to less.

use std::{collections::BTreeMap, fmt, sync::Arc};

use headerspace::Match;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::{
    Cause, Choice, Direction, Edge, EdgeId, ForwardingGraph, MatchId, Node, NodeId, Origin, ResourceKey,
    Rule, Transfer,
};

/// Names a control of one graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ControlId(pub(crate) u32);

impl ControlId {
    /// The dense index, from 0.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Something that keeps packets back and that its owner could change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Control {
    /// Whose it is.
    pub resource: ResourceKey,
    /// What it is.
    pub kind: ControlKind,
    /// Where it is written; for what is absent, where it would be written.
    pub origin: Option<Origin>,
}

/// What kind of control it is, and with that what opening it means.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ControlKind {
    /// A filter without a rule that lets the packet pass. Open: it has one.
    NoRule(Direction),
    /// A rule that refuses. Open: it lets pass what it refused.
    Refusal(Arc<Cause>),
    /// A table without a route to this target, by id. Open: whatever packet may be routed there.
    NoRoute(String),
    /// An attachment that is not associated with a table. Open: it is associated with this one, by id.
    NoAssociation(String),
    /// An interface without a public address. Open: it has one.
    NoPublicAddress,
    /// A setting that refuses, in words. Open: it does not.
    Setting(String),
    /// A network that nothing joins with others. Open: something joins it with all networks that are open, too.
    NoAttachment,
    /// Something that no rule says and no single edit changes, in words. Open: it would be otherwise.
    Obstacle(Obstacle, String),
}

/// What stands in the way where neither a rule nor a route does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Obstacle {
    /// A component is in a state in which it passes nothing. Open: it works.
    State,
    /// A balancer has no listener that takes the packet. Open: one hands it to the targets that there are.
    Listener,
    /// A listener hands what it takes to nobody. Open: it hands it to the targets of other listeners.
    Targets,
    /// A component does not stand in the zone. Open: it does.
    Zone,
    /// A component does not use what is in another zone. Open: it does.
    CrossZone,
    /// An interface takes and sends what is its own only. Open: whatever comes.
    Check,
    /// A component does not know the packet's address. Open: the address is one that it knows.
    Address,
    /// A gateway takes a sender for an impostor. Open: it does not.
    Impostor,
    /// A component takes other protocols only. Open: this one, too.
    Protocol,
    /// A component takes other ports only. Open: this one, too.
    Port,
}

/// How much it takes to open a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effort {
    /// An edit of something that is there.
    Edit,
    /// Something that has to be otherwise, and that no single edit makes so.
    Repair,
    /// Something new between networks.
    Join,
}

impl Effort {
    /// All of them, least first.
    pub const ALL: [Self; 3] = [Self::Edit, Self::Repair, Self::Join];
}

impl Control {
    /// A control of this kind.
    pub fn new(resource: &ResourceKey, kind: ControlKind, origin: Option<Origin>) -> Self {
        Self { resource: resource.clone(), kind, origin }
    }

    /// Something in the way that no rule says, in words that follow the name of the resource.
    pub fn obstacle(
        resource: &ResourceKey,
        obstacle: Obstacle,
        words: impl Into<String>,
        origin: Option<Origin>,
    ) -> Self {
        Self::new(resource, ControlKind::Obstacle(obstacle, words.into()), origin)
    }

    /// The rule that refuses.
    pub fn refusal(cause: &Arc<Cause>) -> Self {
        Self::new(&cause.resource, ControlKind::Refusal(cause.clone()), cause.origin.clone())
    }
}

impl ControlKind {
    /// Whether opening it would take more than an edit: something new between networks.
    pub fn is_attachment(&self) -> bool {
        self.effort() == Effort::Join
    }

    /// How much it takes to open it.
    pub fn effort(&self) -> Effort {
        match self {
            Self::NoRule(_)
            | Self::Refusal(_)
            | Self::NoRoute(_)
            | Self::NoAssociation(_)
            | Self::NoPublicAddress
            | Self::Setting(_) => Effort::Edit,
            Self::Obstacle(..) => Effort::Repair,
            Self::NoAttachment => Effort::Join,
        }
    }
}

/// What is closed, in words that follow the name of the resource.
impl fmt::Display for ControlKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRule(Direction::Ingress) => f.write_str("has no ingress rule that allows it"),
            Self::NoRule(Direction::Egress) => f.write_str("has no egress rule that allows it"),
            Self::Refusal(cause) => match &cause.rule {
                Rule::Filter(rule) => write!(f, "refuses it: {rule}"),
                Rule::Inspection(rule) => write!(f, "refuses it: {rule}"),
                _ => f.write_str("refuses it"),
            },
            Self::NoRoute(target) => write!(f, "has no route for it to {target}"),
            Self::NoAssociation(table) => write!(f, "is not associated with {table}"),
            Self::NoPublicAddress => f.write_str("has no public address"),
            Self::Setting(what) | Self::Obstacle(_, what) => f.write_str(what),
            Self::NoAttachment => f.write_str("is not joined with the other network"),
        }
    }
}

/// An edge that there would be if its control were open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Which control.
    pub control: ControlId,
    /// The edge.
    pub edge: Edge,
    /// Whether it stands beside the edges of its rank; if not, it is open to packets whatever the ranks of others.
    pub beside: bool,
}

/// An edge on offer, while building.
#[derive(Debug)]
pub(crate) struct Offer {
    pub(crate) from: crate::Port,
    pub(crate) to: crate::Target,
    pub(crate) transfer: Transfer,
    pub(crate) stands: Stands,
    /// Why the edge would be there, if that is told.
    pub(crate) cause: Option<Arc<Cause>>,
    pub(crate) control: Control,
}

/// Where an edge on offer stands among those of its node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stands {
    /// Before all of them, whatever their ranks.
    Before,
    /// Beside those of its rank.
    Beside,
    /// Where it would if it were one of them: with its rank in a node that has none yet, else before all.
    AsConnected,
}

#[expect(
    clippy::indexing_slicing,
    reason = "ids are made by the builder of the same graph, dense from 0; a foreign id is a caller's bug"
)]
impl ForwardingGraph {
    /// All controls, sorted; the position is the id's index.
    pub fn controls(&self) -> &[Control] {
        &self.controls
    }

    /// All control ids in order.
    pub fn control_ids(&self) -> impl Iterator<Item = ControlId> + use<> {
        (0..u32::try_from(self.controls.len()).unwrap_or(u32::MAX)).map(ControlId)
    }

    /// The control of this id, which must come from this graph.
    pub fn control(&self, id: ControlId) -> &Control {
        &self.controls[id.index()]
    }

    /// The edges that there would be, sorted like edges.
    pub fn openings(&self) -> &[Opening] {
        &self.openings
    }

    /// The control that was opened for this edge to be there.
    pub fn opened_by(&self, edge: EdgeId) -> Option<ControlId> {
        let (first, controls) = &self.opened;
        edge.index().checked_sub(*first).and_then(|at| controls.get(at)).copied()
    }

    /// The same graph with some controls open: their openings are edges.
    ///
    /// Ids of nodes, edges, matches and resources stay what they are; new ones come after them. A node where the first
    /// match decides gets another behind it, and packets choose between that and the openings. Cost: a copy of the
    /// graph.
    #[must_use]
    pub fn opened(&self, open: impl Fn(ControlId) -> bool) -> Self {
        self.opened_but(open, |_| false)
    }

    /// The same, but nothing passes the openings of controls that are `shut`. So ids are those of the graph in which
    /// all of them are open.
    #[must_use]
    pub fn opened_but(&self, open: impl Fn(ControlId) -> bool, shut: impl Fn(ControlId) -> bool) -> Self {
        let is_chosen = |opening: &&Opening| open(opening.control) || shut(opening.control);
        let chosen: Vec<&Opening> = self.openings.iter().filter(is_chosen).collect();
        let mut nodes: Vec<Node> = self.graph.node_weights().cloned().collect();
        let mut edges: Vec<Edge> = self.graph.edge_weights().cloned().collect();
        let mut behind = BTreeMap::<NodeId, NodeId>::new();
        for from in chosen.iter().filter(|opening| !opening.beside).map(|opening| opening.edge.from) {
            if self.node(from).choice == Choice::FirstMatch && !behind.contains_key(&from) {
                let node = &mut nodes[from.index()];
                let moved = Node { port: format!("{}, as it is", node.port), ..node.clone() };
                node.choice = Choice::Any;
                behind.insert(from, NodeId(u32::try_from(nodes.len()).unwrap_or(u32::MAX)));
                nodes.push(moved);
            }
        }
        for edge in &mut edges {
            edge.from = behind.get(&edge.from).copied().unwrap_or(edge.from);
            // Translations are remembered by the node that packets left.
            edge.restores = edge.restores.map(|node| behind.get(&node).copied().unwrap_or(node));
        }
        let (mut matches, mut guards) = (self.matches.clone(), vec![None; self.opening_matches.len()]);
        let mut never = None;
        let mut stored = |guard: Match| {
            matches.push(guard);
            MatchId(u32::try_from(matches.len() - 1).unwrap_or(u32::MAX))
        };
        if !behind.is_empty() {
            let all = stored(Match::All);
            for (&from, &to) in &behind {
                let resource = self.node(from).resource.map(|id| self.key(id));
                let cause =
                    resource.map_or_else(|| edges[0].cause.clone(), |key| Cause::structure(key).into());
                let Transfer { rewrite, flow, rank, certain, .. } = Transfer::all();
                edges.push(Edge {
                    from,
                    to,
                    guard: all,
                    rewrite,
                    flow,
                    restores: None,
                    rank,
                    certain,
                    cause,
                });
            }
        }
        let first_opened = edges.len();
        let opened: Vec<ControlId> = chosen.iter().map(|opening| opening.control).collect();
        for opening in chosen {
            let mut edge = opening.edge.clone();
            if opening.beside {
                edge.from = behind.get(&edge.from).copied().unwrap_or(edge.from);
            }
            edge.restores = edge.restores.map(|node| behind.get(&node).copied().unwrap_or(node));
            let at = edge.guard.index();
            let is_shut = shut(opening.control);
            let guard = if is_shut { &mut never } else { &mut guards[at] };
            let term = || if is_shut { Match::never() } else { self.opening_matches[at].clone() };
            edge.guard = *guard.get_or_insert_with(|| stored(term()));
            edges.push(edge);
        }
        let mut arrivals = self.arrivals.clone();
        arrivals.resize(nodes.len(), Vec::new());
        let (graph, outgoing, incoming) = assembled(nodes, edges);
        let (resources, keys) = (self.resources.clone(), self.keys.clone());
        let (ends, controls) = (self.ends.clone(), self.controls.clone());
        let (openings, opening_matches) = (Vec::new(), Vec::new());
        Self {
            graph,
            outgoing,
            incoming,
            matches,
            resources,
            keys,
            ends,
            arrivals,
            controls,
            openings,
            opening_matches,
            opened: (first_opened, opened),
        }
    }
}

/// A graph, and the edges that leave and enter each node.
type Assembled = (DiGraph<Node, Edge>, Vec<Vec<EdgeId>>, Vec<Vec<EdgeId>>);

/// Nodes and edges as a graph, with the edges that leave and enter each node: those that leave lowest rank first.
pub(crate) fn assembled(nodes: Vec<Node>, edges: Vec<Edge>) -> Assembled {
    let mut graph = DiGraph::with_capacity(nodes.len(), edges.len());
    let mut outgoing = vec![Vec::new(); nodes.len()];
    let mut incoming = vec![Vec::new(); nodes.len()];
    for node in nodes {
        graph.add_node(node);
    }
    for (edge, id) in edges.into_iter().zip((0..).map(EdgeId)) {
        if let Some(list) = outgoing.get_mut(edge.from.index()) {
            list.push((edge.rank, id));
        }
        if let Some(list) = incoming.get_mut(edge.to.index()) {
            list.push(id);
        }
        graph.add_edge(NodeIndex::new(edge.from.index()), NodeIndex::new(edge.to.index()), edge);
    }
    let sorted = |mut list: Vec<(u32, EdgeId)>| {
        list.sort_unstable();
        list.into_iter().map(|(_, id)| id).collect()
    };
    (graph, outgoing.into_iter().map(sorted).collect(), incoming)
}

#[cfg(test)]
mod tests {
    use headerspace::{Field, Packet};

    use super::*;
    use crate::{Disposition, End, GraphBuilder, Port, ResourceRef, Session, walk};

    /// What becomes of packets to ports 1 to 4 behind a filter: 1 allowed, 2 denied, 3 and 4 without a rule.
    fn dispositions(open: &[usize]) -> Vec<Vec<Disposition>> {
        let mut builder = GraphBuilder::new().openable();
        let [a, b, filter] =
            ["a", "b", "filter"].map(|name| builder.resource(ResourceRef::new("Host", name)));
        for host in [&a, &b] {
            let (send, receive) = (Port::new(host, "send"), Port::new(host, "receive"));
            builder.declare_end(End::host(host.clone(), send, receive));
        }
        let (before, behind) = (Port::new(&filter, "before"), Port::new(&filter, "behind"));
        builder.declare(before.clone(), &filter, Choice::FirstMatch, Disposition::Denied);
        builder.declare(behind.clone(), &filter, Choice::Any, Disposition::NoRoute);
        let cause = Arc::new(Cause::structure(&filter));
        builder.connect(&Port::new(&a, "send"), &before, Transfer::all(), &cause);
        builder.connect(&behind, &Port::new(&b, "receive"), Transfer::all(), &cause);
        let port = |ports| Transfer::only(Match::ports(Field::DstPort, ports));
        builder.connect(&before, &behind, port(1..=1).ranked(1), &cause);
        builder.connect(&before, Disposition::Denied, port(2..=2).ranked(2), &cause);
        builder.connect(&before, Disposition::Denied, port(2..=3).ranked(3), &cause);
        let control = |kind| Control { resource: filter.clone(), kind, origin: None };
        let denied = ControlKind::Refusal(cause.clone());
        builder.offer_instead(&before, &behind, port(2..=3).ranked(3), control(denied));
        builder.offer(&before, &behind, port(4..=4), control(ControlKind::NoRule(Direction::Ingress)));
        let (graph, remarks) = builder.finish();
        assert!(remarks.is_empty());
        let graph = graph.opened(|id| open.contains(&id.index()));
        let start = graph.ends().iter().find_map(|end| end.departs).unwrap();
        let sent = |port| Packet::tcp([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), 9, port);
        let walked = (1..=4).map(|port| walk(&graph, start, sent(port), Session::Opening));
        walked.map(|traces| traces.into_iter().map(|trace| trace.disposition).collect()).collect()
    }

    #[test]
    fn opening_adds_ways_and_takes_none_away() {
        use Disposition::{Delivered, Denied};
        let (yes, no) = (vec![Delivered], vec![Denied]);
        assert_eq!(dispositions(&[]), [yes.clone(), no.clone(), no.clone(), no.clone()]);
        // A missing rule: beside what the filter does.
        let added = dispositions(&[0]);
        assert_eq!(added, [yes.clone(), no.clone(), no.clone(), vec![Denied, Delivered]]);
        // A denying entry that allows: entries before it still come first.
        let turned = dispositions(&[1]);
        assert_eq!(turned, [yes.clone(), no, vec![Denied, Delivered], vec![Denied]]);
        assert_eq!(dispositions(&[0, 1])[3].iter().filter(|it| **it == Delivered).count(), 1);
        assert_eq!(dispositions(&[0, 1])[2].iter().filter(|it| **it == Delivered).count(), 1);
    }

    /// A filter that stands only if something is otherwise: nothing of it is there as long as it is not.
    #[test]
    fn what_is_offered_changes_nothing_until_it_is_open() {
        let make = |openable: bool| {
            let mut builder = if openable { GraphBuilder::new().openable() } else { GraphBuilder::new() };
            let [a, b] = ["a", "b"].map(|name| builder.resource(ResourceRef::new("Host", name)));
            for host in [&a, &b] {
                let (send, receive) = (Port::new(host, "send"), Port::new(host, "receive"));
                builder.declare_end(End::host(host.clone(), send, receive));
            }
            let cause = Arc::new(Cause::structure(&a));
            let control = Control::obstacle(&a, Obstacle::State, "is failed", None);
            builder.offered(&control, |builder| {
                let filter = Port::new(&a, "filter");
                builder.declare(filter.clone(), &a, Choice::FirstMatch, Disposition::Denied);
                let port = |ports| Transfer::only(Match::ports(Field::DstPort, ports));
                builder.connect(&Port::new(&a, "send"), &filter, Transfer::all(), &cause);
                builder.connect(&filter, Disposition::Denied, port(1..=1).ranked(1), &cause);
                builder.connect(&filter, &Port::new(&b, "receive"), port(1..=2).ranked(2), &cause);
            });
            builder.finish().0
        };
        let (plain, openable) = (make(false), make(true));
        assert_eq!(plain.to_string(), openable.to_string());
        assert!(plain.nodes().all(|node| plain.node(node) == openable.node(node)));
        let walked = |graph: &ForwardingGraph, port| {
            let start = graph.ends().iter().find_map(|end| end.departs).unwrap();
            let sent = Packet::tcp([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), 9, port);
            let traces = walk(graph, start, sent, Session::Opening);
            traces.into_iter().map(|trace| trace.disposition).collect::<Vec<_>>()
        };
        assert_eq!([1, 2].map(|port| walked(&openable, port)), [1, 2].map(|_| vec![Disposition::NoRoute]));
        // Ranks count where nothing else is.
        let opened = openable.opened(|_| true);
        let dispositions = [1, 2, 3].map(|port| walked(&opened, port));
        let (denied, delivered) = (vec![Disposition::Denied], vec![Disposition::Delivered]);
        assert_eq!(dispositions, [denied.clone(), delivered, denied]);
    }
}
