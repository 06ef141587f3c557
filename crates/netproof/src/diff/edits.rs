//! Which change of configuration makes a packet fare differently: its way in one snapshot, hop by hop, beside what the
//! other snapshot does with the same packet at the same place.

use std::{
    cell::{OnceCell, RefCell},
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use aws::rules::Content;
use graph::{
    Cause, Edge, Flow, ForwardingGraph, Hop, NodeId, Origin, ResourceKey, Rule, Session, Trace, applicable,
};
use headerspace::Match;

use crate::Analysis;

/// A change of configuration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edit {
    /// A resource that only one of the snapshots holds.
    Resource {
        /// Which.
        key: ResourceKey,
        /// Whether it is the newer one that holds it.
        added: bool,
        /// Where its record is.
        origin: Option<Origin>,
    },
    /// A rule or route that only one of the snapshots holds; or one that has another in its place in the other.
    Rule {
        /// As the older snapshot has it.
        old: Option<Arc<Cause>>,
        /// As the newer one has it.
        new: Option<Arc<Cause>>,
    },
    /// A rule that says the same in both snapshots and means other packets, because what it names has changed.
    Meaning {
        /// In the older snapshot.
        old: Arc<Cause>,
        /// In the newer one.
        new: Arc<Cause>,
    },
    /// A resource that has to do with other resources than before: a subnet with another route table or network ACL, an
    /// interface with other groups.
    Uses {
        /// Which.
        key: ResourceKey,
        /// With which no longer.
        old: Vec<ResourceKey>,
        /// With which now.
        new: Vec<ResourceKey>,
    },
    /// What a resource does with the packet by itself, without a rule: passing on, translating, sending.
    Conduct {
        /// Which.
        key: ResourceKey,
        /// Why it did what it did.
        old: Option<Arc<Cause>>,
        /// Why it does what it does.
        new: Option<Arc<Cause>>,
    },
}

/// What is known about a graph, for comparing hops.
#[derive(Debug)]
pub(super) struct Known<'g> {
    analysis: &'g Analysis,
    graph: &'g ForwardingGraph,
    nodes: BTreeMap<(Option<&'g ResourceKey>, &'g str), NodeId>,
    /// Every rule of every resource.
    rules: OnceCell<Rules<'g>>,
    records: OnceCell<BTreeMap<&'g ResourceKey, Origin>>,
    /// Rules of filters that nothing in the network uses, as far as they were asked for.
    unused: RefCell<BTreeMap<ResourceKey, Vec<Arc<Cause>>>>,
}

type Rules<'g> = BTreeMap<&'g ResourceKey, BTreeMap<&'g Rule, Arc<Cause>>>;

type Name<'g> = (Option<&'g ResourceKey>, &'g str);

impl<'g> Known<'g> {
    pub(super) fn new(analysis: &'g Analysis) -> Self {
        let graph = analysis.graph();
        let nodes = graph.nodes().map(|node| (name(graph, node), node)).collect();
        let (rules, records, unused) = (OnceCell::new(), OnceCell::new(), RefCell::default());
        Self { analysis, graph, nodes, rules, records, unused }
    }

    /// The same rule, if it is in this snapshot.
    fn rule(&self, cause: &Cause) -> Option<Arc<Cause>> {
        let rules = self.rules.get_or_init(|| {
            let mut rules = Rules::new();
            for cause in self.graph.edges().map(|id| &self.graph.edge(id).cause) {
                if is_rule(&cause.rule) {
                    let of = rules.entry(&cause.resource).or_default();
                    of.entry(&cause.rule).or_insert_with(|| cause.clone());
                }
            }
            rules
        });
        let used = rules.get(&cause.resource).and_then(|of| of.get(&cause.rule));
        used.cloned().or_else(|| self.unused(cause))
    }

    /// The same rule of a filter, if it is in this snapshot and nothing uses it.
    fn unused(&self, cause: &Cause) -> Option<Arc<Cause>> {
        if !matches!(cause.rule, Rule::Filter(_)) {
            return None;
        }
        let mut unused = self.unused.borrow_mut();
        let rules = unused.entry(cause.resource.clone()).or_insert_with(|| {
            let filters = self.analysis.inventory().filters(cause.resource.id());
            let own = filters.into_iter().filter(|filter| filter.key == cause.resource);
            let lists = own.flat_map(|filter| match filter.content {
                Content::Lists(lists) => lists,
                Content::Stages(_) | Content::Unknown(_) => Vec::new(),
            });
            lists.flat_map(|list| list.rules).map(|rule| rule.cause).collect()
        });
        rules.iter().find(|known| known.rule == cause.rule).cloned()
    }

    /// Where the record of a resource is, as far as edges tell.
    fn record(&self, key: &ResourceKey) -> Option<Origin> {
        let records = self.records.get_or_init(|| {
            let mut records = BTreeMap::new();
            for cause in self.graph.edges().map(|id| &self.graph.edge(id).cause) {
                if let Some(origin) = &cause.origin {
                    let origin = || Origin { pointer: String::new(), ..origin.clone() };
                    records.entry(&cause.resource).or_insert_with(origin);
                }
            }
            records
        });
        records.get(key).cloned()
    }

    fn holds(&self, key: &ResourceKey) -> bool {
        self.graph.find(key).is_some()
    }

    /// What a resource is in or belongs to.
    fn within(&self, key: &ResourceKey) -> BTreeSet<ResourceKey> {
        let resource = self.graph.find(key).map(|id| self.graph.resource(id));
        resource.map(|it| it.within.iter().cloned().collect()).unwrap_or_default()
    }
}

fn name(graph: &ForwardingGraph, node: NodeId) -> Name<'_> {
    let node = graph.node(node);
    (node.resource.map(|id| graph.key(id)), node.port.as_str())
}

fn is_rule(rule: &Rule) -> bool {
    match rule {
        Rule::Structure | Rule::Established | Rule::Carries => false,
        Rule::Filter(_)
        | Rule::Route(_)
        | Rule::Transit(_)
        | Rule::Policy(_)
        | Rule::Inspection(_)
        | Rule::Listener(_) => true,
    }
}

/// The two snapshots, seen from the one in which a packet gets through.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'v, 'g> {
    pub(super) here: &'v Known<'g>,
    pub(super) there: &'v Known<'g>,
    /// Whether `here` is the newer one.
    pub(super) here_is_new: bool,
}

/// What is found along a way.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) edits: BTreeSet<Edit>,
    /// The first hop that there is not there: its index, and the packets to which the same happens there as to this one.
    pub(super) first: Option<(usize, Match)>,
}

impl View<'_, '_> {
    /// The edits that make the difference for a packet that goes this way here; `opening` is the way of the packet that it
    /// replies to there, if it is a reply.
    pub(super) fn along(&self, way: &Trace, opening: Option<&Trace>) -> Found {
        let mut found = Found::default();
        // Whoever is new, or gone, is reason enough.
        for node in [way.end, way.start] {
            if let Some(key) = name(self.here.graph, node).0.filter(|key| !self.there.holds(key)) {
                self.belongs(key, &mut found);
                return found;
            }
        }
        for (index, hop) in way.hops.iter().enumerate() {
            self.at(index, hop, opening, way, &mut found);
        }
        // Where packets may start and arrive is told by the ends themselves.
        if found.edits.is_empty() {
            for node in [way.start, way.end] {
                let Some(key) = name(self.here.graph, node).0 else { continue };
                self.belongs(key, &mut found);
            }
        }
        found
    }

    fn at(&self, index: usize, hop: &Hop, opening: Option<&Trace>, way: &Trace, found: &mut Found) {
        let (here, there) = (self.here.graph, self.there.graph);
        let edge = here.edge(hop.edge);
        let at = name(here, edge.from);
        let Some(&node) = self.there.nodes.get(&at) else {
            self.unknown_place(edge, way, found);
            found.first.get_or_insert((index, Match::All));
            return;
        };
        let session = opening.map_or(Session::Opening, Session::ReplyTo);
        let taken = applicable(there, node, &hop.before, session);
        if taken.iter().any(|(id, certain)| *certain && self.alike(edge, there.edge(*id))) {
            return;
        }
        let taken: Vec<&Edge> = taken.iter().map(|(id, _)| there.edge(*id)).collect();
        if found.first.is_none() {
            let flow = if opening.is_some() { Flow::Reply } else { Flow::Opening };
            found.first = Some((index, treated_alike(there, node, &taken, flow)));
        }
        let before = found.edits.len();
        if self.missing(edge, found) {
            return;
        }
        self.rule_here(edge, node, found);
        for other in &taken {
            self.rule_there(&other.cause, found);
        }
        if found.edits.len() > before {
            return;
        }
        let to = name(here, edge.to).0;
        for key in [at.0, to, Some(&edge.cause.resource)].into_iter().flatten() {
            self.belongs(key, found);
        }
        if found.edits.len() == before {
            let other = taken.first().map(|edge| edge.cause.clone());
            let (old, new) = self.ordered(Some(edge.cause.clone()), other);
            found.edits.insert(Edit::Conduct { key: edge.cause.resource.clone(), old, new });
        }
    }

    /// Whether both edges do the same to packets.
    fn alike(&self, edge: &Edge, other: &Edge) -> bool {
        let (here, there) = (self.here.graph, self.there.graph);
        name(here, edge.to) == name(there, other.to)
            && edge.rewrite == other.rewrite
            && edge.restores.map(|node| name(here, node)) == other.restores.map(|node| name(there, node))
    }

    /// What is here and what is there, as old and new.
    fn ordered<T>(&self, here: T, there: T) -> (T, T) {
        if self.here_is_new { (there, here) } else { (here, there) }
    }

    /// Notes resources of this step that the other snapshot does not hold; whether there are any.
    fn missing(&self, edge: &Edge, found: &mut Found) -> bool {
        let graph = self.here.graph;
        let keys = [name(graph, edge.from).0, Some(&edge.cause.resource), name(graph, edge.to).0];
        let missing = keys.into_iter().flatten().find(|key| !self.there.holds(key));
        if let Some(key) = missing {
            let (key, origin) = (key.clone(), self.here.record(key));
            found.edits.insert(Edit::Resource { key, added: self.here_is_new, origin });
        }
        missing.is_some()
    }

    /// A step from a place that the other snapshot does not have.
    fn unknown_place(&self, edge: &Edge, way: &Trace, found: &mut Found) {
        if self.missing(edge, found) {
            return;
        }
        if is_rule(&edge.cause.rule) {
            if self.there.rule(&edge.cause).is_none() {
                let (old, new) = self.ordered(Some(edge.cause.clone()), None);
                found.edits.insert(Edit::Rule { old, new });
            }
            return;
        }
        // Filters are shared by interfaces with the same groups: whose groups have changed is at the ends of the way.
        let graph = self.here.graph;
        let mut keys: Vec<&ResourceKey> =
            [way.start, way.end].map(|node| name(graph, node).0).into_iter().flatten().collect();
        keys.extend(name(graph, edge.from).0);
        for key in keys {
            self.belongs(key, found);
        }
    }

    /// The rule that lets the packet on here.
    fn rule_here(&self, edge: &Edge, node: NodeId, found: &mut Found) {
        if !is_rule(&edge.cause.rule) {
            return;
        }
        let there = self.there.graph;
        let beside =
            || there.outgoing(node).iter().map(|&id| there.edge(id)).filter(|edge| is_rule(&edge.cause.rule));
        let Some(same) = self.there.rule(&edge.cause) else {
            // One in its place, or that differs in a part.
            let only_there = beside().map(|edge| &edge.cause).filter(|cause| self.here.rule(cause).is_none());
            let instead: BTreeSet<&Arc<Cause>> =
                only_there.filter(|cause| stands_for(&edge.cause, cause)).collect();
            let other = if instead.len() == 1 { instead.into_iter().next().cloned() } else { None };
            let (old, new) = self.ordered(Some(edge.cause.clone()), other);
            found.edits.insert(Edit::Rule { old, new });
            return;
        };
        let is_same = |other: &&Edge| {
            (&other.cause.resource, &other.cause.rule) == (&edge.cause.resource, &edge.cause.rule)
        };
        if let Some(other) = beside().find(is_same) {
            let guard = self.here.graph.guard(edge.guard);
            if there.guard(other.guard) != guard || !self.alike(edge, other) || edge.certain != other.certain
            {
                let (old, new) = self.ordered(edge.cause.clone(), same);
                found.edits.insert(Edit::Meaning { old, new });
            }
            return;
        }
        // The same rule, but not looked at in this place.
        let Some(key) = name(there, node).0 else { return };
        let others: BTreeSet<ResourceKey> = beside().map(|edge| edge.cause.resource.clone()).collect();
        let (old, new) = self.ordered(vec![edge.cause.resource.clone()], others.into_iter().collect());
        found.edits.insert(Edit::Uses { key: key.clone(), old, new });
    }

    /// A rule that decides about the packet there.
    fn rule_there(&self, cause: &Arc<Cause>, found: &mut Found) {
        if !is_rule(&cause.rule) || self.here.rule(cause).is_some() {
            return;
        }
        let known = found.edits.iter().any(|edit| match edit {
            Edit::Rule { old, new } => [old, new].into_iter().flatten().any(|known| known == cause),
            Edit::Resource { .. } | Edit::Meaning { .. } | Edit::Uses { .. } | Edit::Conduct { .. } => false,
        });
        if !known {
            let (old, new) = self.ordered(None, Some(cause.clone()));
            found.edits.insert(Edit::Rule { old, new });
        }
    }

    /// Notes whether a resource is in, or belongs to, other resources than before.
    fn belongs(&self, key: &ResourceKey, found: &mut Found) {
        if !self.there.holds(key) {
            let origin = self.here.record(key);
            found.edits.insert(Edit::Resource { key: key.clone(), added: self.here_is_new, origin });
            return;
        }
        let (here, there) = (self.here.within(key), self.there.within(key));
        if here == there {
            return;
        }
        let only = |a: &BTreeSet<ResourceKey>, b: &BTreeSet<ResourceKey>| a.difference(b).cloned().collect();
        let (old, new) = self.ordered(only(&here, &there), only(&there, &here));
        found.edits.insert(Edit::Uses { key: key.clone(), old, new });
    }
}

/// The packets at a node to which the same happens as to one that takes these edges.
fn treated_alike(graph: &ForwardingGraph, node: NodeId, taken: &[&Edge], flow: Flow) -> Match {
    if let Some(first) = taken.first() {
        return graph.guard(first.guard).clone();
    }
    let edges = graph.outgoing(node).iter().map(|&id| graph.edge(id));
    let edges = edges.filter(|edge| edge.flow == Flow::Any || edge.flow == flow);
    Match::not(Match::any_of(edges.map(|edge| graph.guard(edge.guard).clone())))
}

/// Whether one rule has taken the place of the other: the same entry, or one that differs in one respect.
fn stands_for(one: &Cause, other: &Cause) -> bool {
    let same_resource = one.resource == other.resource;
    match (&one.rule, &other.rule) {
        (Rule::Filter(a), Rule::Filter(b)) => {
            let same = [
                a.action == b.action,
                a.protocol == b.protocol,
                (a.ports, a.icmp) == (b.ports, b.icmp),
                a.peer == b.peer,
            ];
            let differs = same.iter().filter(|same| !**same).count();
            let numbered = a.number.is_some() && a.number == b.number;
            same_resource && a.direction == b.direction && a.number == b.number && (numbered || differs == 1)
        }
        (Rule::Route(a), Rule::Route(b)) => same_resource && a.destination == b.destination,
        (Rule::Transit(a), Rule::Transit(b)) => same_resource && a.destination == b.destination,
        (Rule::Policy(a), Rule::Policy(b)) => same_resource && a.number == b.number,
        (Rule::Listener(a), Rule::Listener(b)) => {
            a.listener == b.listener && (a.priority == b.priority || a.port == b.port)
        }
        (Rule::Inspection(a), Rule::Inspection(b)) => same_resource && a.group == b.group && a.name == b.name,
        _ => false,
    }
}
