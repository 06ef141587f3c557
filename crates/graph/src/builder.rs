//! A graph being made.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use headerspace::{Match, Rewrite};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::{
    Cause, Choice, Control, ControlId, Disposition, Edge, End, FinishedEnd, Flow, ForwardingGraph, MatchId,
    Node, NodeId, Opening, ResourceId, ResourceKey, ResourceRef, Transfer,
    control::{Offer, Stands, assembled},
};

/// A named attachment point of a resource, while building.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port {
    owner: ResourceKey,
    name: Arc<str>,
}

impl Port {
    /// The port of `owner` called `name`.
    pub fn new(owner: &ResourceKey, name: impl Into<Arc<str>>) -> Self {
        Self { owner: owner.clone(), name: name.into() }
    }
}

impl Port {
    /// The resource in whose name it is called; not always the one it belongs to.
    pub fn owner(&self) -> &ResourceKey {
        &self.owner
    }

    /// Its name, unique within its owner.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Debug for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner.id(), self.name)
    }
}

/// Where an edge leads, while building.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A port, which somebody declares.
    Port(Port),
    /// One of [`Disposition::REFUSALS`].
    Refusal(Disposition),
}

impl From<&Port> for Target {
    fn from(port: &Port) -> Self {
        Self::Port(port.clone())
    }
}

impl From<Disposition> for Target {
    fn from(disposition: Disposition) -> Self {
        Self::Refusal(disposition)
    }
}

/// Something that did not fit together; the packets concerned become "insufficient information".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remark {
    /// The rule or association that points to something that is not there.
    pub cause: Arc<Cause>,
    /// What is missing.
    pub missing: Port,
}

/// A graph being made: resources declare ports and connect them by name, in any order.
#[derive(Debug, Default)]
pub struct GraphBuilder {
    resources: BTreeMap<ResourceKey, ResourceRef>,
    ports: BTreeMap<Port, (ResourceKey, Choice, Disposition)>,
    ends: Vec<End>,
    edges: Vec<Draft>,
    offers: Vec<Offer>,
    /// Ports that stand only where something is open. INVARIANT: their nodes come behind all others, so that ids are what
    /// they are without.
    late: BTreeMap<Port, (ResourceKey, Choice, Disposition)>,
    /// The control for which everything is offered that is connected.
    offering: Option<Control>,
    /// Whether offers are kept.
    openable: bool,
}

#[derive(Debug)]
struct Draft {
    from: Port,
    to: Target,
    transfer: Transfer,
    cause: Arc<Cause>,
}

impl GraphBuilder {
    /// A graph with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, and [offers](Self::offer) are kept. Nodes and edges have the same ids as without.
    #[must_use]
    pub fn openable(mut self) -> Self {
        self.openable = true;
        self
    }

    /// Whether offers are kept: if not, it is of no use to work them out.
    pub fn is_openable(&self) -> bool {
        self.openable
    }

    /// All ports that are declared so far, with the resource they belong to; sorted.
    pub fn ports(&self) -> impl Iterator<Item = (&Port, &ResourceKey)> {
        self.ports.iter().map(|(port, (owner, ..))| (port, owner))
    }

    /// Adds a resource and returns its key. The first description of a key stays.
    pub fn resource(&mut self, resource: ResourceRef) -> ResourceKey {
        let key = resource.key();
        self.resources.entry(key.clone()).or_insert(resource);
        key
    }

    /// Declares `port` as a node of `resource`. Declaring the same port again changes nothing.
    ///
    /// A packet there that no edge accepts ends as `otherwise`.
    pub fn declare(&mut self, port: Port, resource: &ResourceKey, choice: Choice, otherwise: Disposition) {
        let ports = if self.offering.is_some() { &mut self.late } else { &mut self.ports };
        ports.entry(port).or_insert_with(|| (resource.clone(), choice, otherwise));
    }

    /// Whether `port` is declared so far.
    pub fn is_declared(&self, port: &Port) -> bool {
        self.ports.contains_key(port) || (self.offering.is_some() && self.late.contains_key(port))
    }

    /// Declares that packets start and stop here. Ports of it that nobody declares are declared for its resource.
    pub fn declare_end(&mut self, end: End) {
        if self.offering.is_some() {
            return;
        }
        for port in [&end.departs, &end.arrives, &end.answers].into_iter().flatten() {
            self.declare(port.clone(), &end.resource, Choice::Any, Disposition::NoRoute);
        }
        self.ends.push(end);
    }

    /// Connects a port to another, or to a refusal. Either port may be declared later.
    pub fn connect<'t>(
        &mut self,
        from: &Port,
        to: impl Into<Target> + 't,
        transfer: Transfer,
        cause: &(impl Into<Arc<Cause>> + Clone),
    ) {
        let (from, to, cause) = (from.clone(), to.into(), cause.clone().into());
        if let Some(control) = self.offering.clone() {
            let (stands, cause) = (Stands::AsConnected, Some(cause));
            self.offers.push(Offer { from, to, transfer, stands, cause, control });
            return;
        }
        self.edges.push(Draft { from, to, transfer, cause });
    }

    /// Tells of an edge that there would be if `control` were open, whatever else the node does with its packets: see
    /// [`Control`]. Left out if one of the ports is not declared in the end.
    pub fn offer(&mut self, from: &Port, to: &Port, transfer: Transfer, control: Control) {
        self.tell(from, to, transfer, Stands::Before, control);
    }

    /// The same for an edge beside those of its rank: where a refusal of that rank decides, packets may pass instead.
    pub fn offer_instead(&mut self, from: &Port, to: &Port, transfer: Transfer, control: Control) {
        self.tell(from, to, transfer, Stands::Beside, control);
    }

    fn tell(&mut self, from: &Port, to: &Port, transfer: Transfer, stands: Stands, control: Control) {
        if self.openable {
            let (from, to, cause) = (from.clone(), to.into(), None);
            self.offers.push(Offer { from, to, transfer, stands, cause, control });
        }
    }

    /// Tells what there would be if `control` were open: `build` declares and connects it as if it were so. Nothing that
    /// is there changes: ports that nobody else declares stand behind all others, edges are [offers](Self::offer), and no ends
    /// are declared. Ranks count where no edge leaves a port as it is; elsewhere packets pass whatever the ranks of others,
    /// and refusals are left out. So is an edge whose target is not declared in the end.
    pub fn offered(&mut self, control: &Control, build: impl FnOnce(&mut Self)) {
        if !self.openable {
            return;
        }
        let around = self.offering.replace(control.clone());
        build(self);
        self.offering = around;
    }

    /// The finished graph, and what did not fit together, sorted.
    ///
    /// An edge to a port that nobody declared leads to "insufficient information" instead; an edge from one is left
    /// out. Both are remarked on. Cost: sorting.
    pub fn finish(self) -> (ForwardingGraph, Vec<Remark>) {
        let Self { resources, ports, ends, edges, offers, mut late, offering: _, openable: _ } = self;
        late.retain(|port, _| !ports.contains_key(port));
        let keys: Vec<ResourceKey> = resources.keys().cloned().collect();
        let resources: Vec<ResourceRef> = resources.into_values().collect();
        let resource_id = |key: &ResourceKey| {
            keys.binary_search(key).ok().and_then(|at| u32::try_from(at).ok()).map(ResourceId)
        };

        let mut nodes = Vec::with_capacity(ports.len() + Disposition::REFUSALS.len());
        let mut ids: FxHashMap<Port, NodeId> = FxHashMap::default();
        let mut refusals = Vec::new();
        for disposition in Disposition::REFUSALS {
            refusals.push((disposition, next(&nodes)));
            nodes.push(Node {
                resource: None,
                port: disposition.name().to_owned(),
                choice: Choice::Any,
                otherwise: disposition,
                refuses: Some(disposition),
            });
        }
        for (port, (owner, choice, otherwise)) in ports.into_iter().chain(late) {
            let id = next(&nodes);
            let resource = resource_id(&owner);
            nodes.push(Node { resource, port: port.name.to_string(), choice, otherwise, refuses: None });
            ids.insert(port, id);
        }
        let refusal = |disposition: Disposition| {
            refusals.iter().find(|(known, _)| *known == disposition).map_or(NodeId(0), |&(_, id)| id)
        };

        let mut remarks = BTreeSet::new();
        let mut drafts = Vec::with_capacity(edges.len());
        for draft in edges {
            let Some(&from) = ids.get(&draft.from) else {
                remarks.insert(Remark { cause: draft.cause, missing: draft.from });
                continue;
            };
            let (mut transfer, mut cause) = (draft.transfer, draft.cause);
            let to = match draft.to {
                Target::Refusal(disposition) => refusal(disposition),
                Target::Port(port) => ids.get(&port).copied().unwrap_or_else(|| {
                    let note = format!("`{}` is not in the snapshot", port.owner.id());
                    remarks.insert(Remark { cause: cause.clone(), missing: port });
                    cause = Arc::new(Cause::clone(&cause).noting(note));
                    transfer.rewrite = Rewrite::identity();
                    refusal(Disposition::InsufficientInfo)
                }),
            };
            let restores = transfer.restores.as_ref().and_then(|port| ids.get(port).copied());
            if transfer.restores.is_some() && restores.is_none() {
                continue; // nothing can have been translated at a port that does not exist
            }
            drafts.push((from, to, transfer, restores, cause));
        }
        // The order of the input must not show: sort by what the edge is, not by when it was added.
        drafts.sort_by(|a, b| {
            let key = |(from, to, transfer, restores, _): &(
                NodeId,
                NodeId,
                Transfer,
                Option<NodeId>,
                Arc<Cause>,
            )| {
                (*from, transfer.rank, *to, transfer.flow, *restores, transfer.certain)
            };
            key(a)
                .cmp(&key(b))
                .then_with(|| (&a.4.resource, &a.4.rule).cmp(&(&b.4.resource, &b.4.rule)))
                .then_with(|| a.2.guard.cmp(&b.2.guard))
                .then_with(|| a.2.rewrite.cmp(&b.2.rewrite))
                .then_with(|| a.4.cmp(&b.4))
        });
        drafts.dedup_by(|a, b| (a.0, a.1, &a.2, a.3, &a.4) == (b.0, b.1, &b.2, b.3, &b.4));

        let mut matches = Matches::default();
        let edges = drafts.into_iter().map(|(from, to, transfer, restores, cause)| {
            let Transfer { guard, rewrite, flow, rank, certain, .. } = transfer;
            let flow = if restores.is_some() { Flow::Reply } else { flow };
            Edge { from, to, guard: matches.id(guard), rewrite, flow, restores, rank, certain, cause }
        });
        let edges: Vec<Edge> = edges.collect();
        let bare: FxHashSet<NodeId> = {
            let busy: FxHashSet<NodeId> = edges.iter().map(|edge| edge.from).collect();
            (0..nodes.len())
                .filter_map(|at| u32::try_from(at).ok().map(NodeId))
                .filter(|id| !busy.contains(id))
                .collect()
        };
        let places = Places { ids: &ids, refusals: &refusals, bare: &bare };
        let (controls, openings, opening_matches) = openings(offers, &places);
        let count = nodes.len();
        let (graph, outgoing, incoming) = assembled(nodes, edges);

        let mut finished: Vec<FinishedEnd> = ends
            .into_iter()
            .filter_map(|end| {
                let node = |port: Option<Port>| port.and_then(|port| ids.get(&port).copied());
                Some(FinishedEnd {
                    resource: resource_id(&end.resource)?,
                    departs: node(end.departs),
                    arrives: node(end.arrives),
                    answers: node(end.answers),
                    border: end.border,
                    world: end.world,
                })
            })
            .collect();
        finished.sort_by_key(|end| (end.resource, end.departs, end.arrives, end.answers));
        finished.dedup();
        let mut arrivals = vec![Vec::new(); count];
        for (at, end) in finished.iter().enumerate() {
            if let Some(list) = end.arrives.and_then(|node| arrivals.get_mut(node.index())) {
                list.push(u32::try_from(at).unwrap_or(u32::MAX));
            }
        }
        let (matches, ends) = (matches.all, finished);
        let graph = ForwardingGraph {
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
            opened: (usize::MAX, Vec::new()),
        };
        (graph, remarks.into_iter().collect())
    }
}

/// Matches, each once.
#[derive(Default)]
struct Matches {
    all: Vec<Match>,
    known: FxHashMap<Match, MatchId>,
}

impl Matches {
    fn id(&mut self, guard: Match) -> MatchId {
        *self.known.entry(guard).or_insert_with_key(|guard| {
            self.all.push(guard.clone());
            MatchId(u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX))
        })
    }
}

/// What offers refer to.
struct Places<'g> {
    ids: &'g FxHashMap<Port, NodeId>,
    refusals: &'g [(Disposition, NodeId)],
    /// Nodes that no edge leaves.
    bare: &'g FxHashSet<NodeId>,
}

impl Places<'_> {
    /// Where an offer leads and whether it stands beside others; `None` if it takes away more than it adds.
    fn target(&self, from: NodeId, offer: &Offer) -> Option<(NodeId, bool)> {
        let beside = match offer.stands {
            Stands::Before => false,
            Stands::Beside => true,
            // Ranks mean something among those that are opened together.
            Stands::AsConnected => self.bare.contains(&from),
        };
        match &offer.to {
            Target::Port(to) => Some((*self.ids.get(to)?, beside)),
            Target::Refusal(refusal) if beside => {
                let found = self.refusals.iter().find(|(known, _)| known == refusal);
                found.map(|&(_, id)| (id, beside))
            }
            Target::Refusal(_) => None,
        }
    }
}

/// Offers as openings, with their controls and guards; all sorted.
fn openings(offers: Vec<Offer>, places: &Places<'_>) -> (Vec<Control>, Vec<Opening>, Vec<Match>) {
    let known = offers.into_iter().filter_map(|offer| {
        let restores = match &offer.transfer.restores {
            Some(port) => Some(*places.ids.get(port)?),
            None => None,
        };
        let from = *places.ids.get(&offer.from)?;
        let (to, beside) = places.target(from, &offer)?;
        Some((from, to, restores, beside, offer))
    });
    let mut known: Vec<Known> = known.collect();
    let mut controls: Vec<Control> = known.iter().map(|(.., offer)| offer.control.clone()).collect();
    controls.sort();
    controls.dedup();
    let mut matches = Matches::default();
    known.sort_by(|a, b| {
        let key = |(from, to, restores, beside, offer): &Known| {
            (*from, *beside, offer.transfer.rank, *to, offer.transfer.flow, *restores, offer.transfer.certain)
        };
        key(a)
            .cmp(&key(b))
            .then_with(|| a.4.control.cmp(&b.4.control))
            .then_with(|| a.4.transfer.guard.cmp(&b.4.transfer.guard))
            .then_with(|| a.4.transfer.rewrite.cmp(&b.4.transfer.rewrite))
            .then_with(|| a.4.cause.cmp(&b.4.cause))
    });
    let made = known.into_iter().map(|(from, to, restores, beside, offer)| {
        let at = controls.binary_search(&offer.control).unwrap_or_default();
        let Transfer { guard, rewrite, flow, rank, certain, .. } = offer.transfer;
        let flow = if restores.is_some() { Flow::Reply } else { flow };
        let cause = offer.cause.unwrap_or_else(|| {
            let cause = Cause::structure(&offer.control.resource).at(offer.control.origin);
            Arc::new(cause.noting("opened"))
        });
        let edge = Edge { from, to, guard: matches.id(guard), rewrite, flow, restores, rank, certain, cause };
        Opening { control: ControlId(u32::try_from(at).unwrap_or(u32::MAX)), edge, beside }
    });
    let mut made: Vec<Opening> = made.collect();
    made.dedup();
    (controls, made, matches.all)
}

/// An offer with the nodes it leaves, leads to and restores, and whether it stands beside others.
type Known = (NodeId, NodeId, Option<NodeId>, bool, Offer);

/// The id of the next node.
fn next(nodes: &[Node]) -> NodeId {
    NodeId(u32::try_from(nodes.len()).unwrap_or(u32::MAX))
}
