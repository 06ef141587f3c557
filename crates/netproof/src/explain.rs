//! Why a path is closed, as Reachability Analyzer would say it.
//!
//! Of an unreachable destination it explains the *best blocked path*: the one that needs the fewest changes, with
//! everything on it that would have to change. Where no change that is known opens it, it explains every place where
//! packets stop. Of an unknown one, it explains what is missing.
//!
//! SOURCE: Reachability Analyzer guide, "Explanation codes"; CAV 2021, "Debugging Network Reachability with Blocked
//! Paths" (checked 2026-11-26).

mod codes;
mod controls;
mod filters;
mod missing;
mod obstacles;
mod routes;
mod stops;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use graph::{Cause, Direction, ForwardingGraph, Hop, NodeId, ResourceId, ResourceKey, Trace};
use headerspace::Field;
use search::{Closed, Leg};

pub use codes::{Code, Detail, When};

use crate::{Analysis, Answered, Question, Reason, Verdict};

/// One reason why a path is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What it is.
    pub code: Code,
    /// Whatever AWS's document tells of it.
    pub parts: BTreeMap<Member, Told>,
    /// In words, with its place.
    pub reason: Reason,
}

/// Names a member of AWS's explanation, as the API model orders them; `ExplanationCode` and those for which nothing
/// stands here are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are AWS's")]
pub enum Member {
    Acl,
    AclRule,
    Address,
    Addresses,
    AttachedTo,
    AvailabilityZones,
    Cidrs,
    Component,
    Destination,
    DestinationVpc,
    Direction,
    InternetGateway,
    LoadBalancerArn,
    LoadBalancerListenerPort,
    LoadBalancerTargetGroups,
    ElasticLoadBalancerListener,
    MissingComponent,
    NatGateway,
    NetworkInterface,
    VpcPeeringConnection,
    Port,
    PortRanges,
    Protocols,
    RouteTableRoute,
    RouteTable,
    SecurityGroup,
    SecurityGroups,
    SourceVpc,
    State,
    Subnet,
    Vpc,
    VpcEndpoint,
    VpnGateway,
    TransitGateway,
    TransitGatewayRouteTable,
    TransitGatewayRouteTableRoute,
    TransitGatewayAttachment,
    ComponentAccount,
    ComponentRegion,
    FirewallStatelessRule,
    FirewallStatefulRule,
}

/// What stands at a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A resource.
    Resource(ResourceId),
    /// Several.
    Resources(Vec<ResourceId>),
    /// A rule or a route.
    Rule(Arc<Cause>),
    /// A word, an address or an id.
    Text(String),
    /// Several.
    Texts(Vec<String>),
    /// A port.
    Number(u16),
    /// Ranges of ports.
    Ports(Vec<(u16, u16)>),
}

/// All that is said of a question that is not answered with "reachable".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explained {
    /// What would have to change on the best blocked path, in the order in which the packet comes to it; without such a
    /// path, every place where packets stop, or what is missing.
    pub explanations: Vec<Explanation>,
    /// How many other places there are where packets stop.
    pub others: usize,
}

impl Analysis {
    /// Explains an answer that is not "reachable"; for "unreachable", [`Answered::closed`] must have been filled in for
    /// the best blocked path to be known.
    ///
    /// Cost: of an unreachable destination, the question once more for each part of it that may be to blame.
    pub fn explain(&self, question: &Question, answered: &Answered) -> Explained {
        match answered.verdict {
            Verdict::Reachable => Explained::default(),
            Verdict::Unknown => {
                Explained { explanations: missing::explanations(self, question, answered), others: 0 }
            }
            Verdict::Unreachable => self.explain_unreachable(question, answered),
        }
    }

    fn explain_unreachable(&self, question: &Question, answered: &Answered) -> Explained {
        let asked = filters::explanations(self, question);
        if !asked.is_empty() {
            return Explained { explanations: asked, others: 0 };
        }
        let mut explanations = Vec::new();
        if let Some(Closed::By(kept)) = &answered.closed
            && let Some((open, Some(through))) = &kept.opened_by
        {
            let graph = self.openable().opened(|id| open.contains(&id));
            let mut said = BTreeSet::new();
            for (leg, trace) in &through.ways {
                let way = Way { analysis: self, graph: &graph, trace, leg: *leg };
                for (at, hop) in way.trace.hops.iter().enumerate() {
                    if graph.opened_by(hop.edge).is_some_and(|control| said.insert(control)) {
                        add_all(&mut explanations, controls::explanation(&way, at));
                    }
                }
            }
        }
        obstacles::merge(&mut explanations);
        let stops = stops::explanations(self, answered);
        if explanations.iter().any(|it| it.code == Code::DisconnectedVpcs) {
            // What joins them, but not for this packet, tells more than that nothing else does.
            let joining: Vec<Explanation> =
                stops.iter().filter(|it| it.code.is_of_a_joint()).cloned().collect();
            if !joining.is_empty() {
                explanations.retain(|it| it.code != Code::DisconnectedVpcs);
                explanations.splice(0..0, joining);
            }
        }
        if explanations.iter().any(|it| it.code == Code::DisconnectedVpcs) {
            // As long as there is no way at all, AWS says nothing else.
            explanations.retain(|it| it.code == Code::DisconnectedVpcs);
        }
        if explanations.is_empty() {
            // What stops them at the destination itself tells most; else packets get farthest to the first place.
            let ends = self.prepare(question).map(|prepared| prepared.destinations()).unwrap_or_default();
            let is_there = |stop: &&Explanation| stop.resources().any(|id| ends.contains(&id));
            let best = stops.iter().find(is_there).or(stops.first()).map(|first| first.code);
            add_all(&mut explanations, stops.iter().filter(|stop| Some(stop.code) == best).cloned());
            if explanations.is_empty() {
                add_all(&mut explanations, [stops::nothing(self, question, answered)]);
            }
        }
        let others = stops.iter().filter(|stop| !explanations.iter().any(|it| it.is_like(stop))).count();
        Explained { explanations, others }
    }
}

/// Adds what is not said yet.
fn add_all(all: &mut Vec<Explanation>, more: impl IntoIterator<Item = Explanation>) {
    for explanation in more {
        if !all.contains(&explanation) {
            all.push(explanation);
        }
    }
}

impl Explanation {
    fn new(code: Code, text: impl Into<String>) -> Self {
        Self { code, parts: BTreeMap::new(), reason: Reason { text: text.into(), location: None } }
    }

    fn with(mut self, part: Member, told: Told) -> Self {
        self.parts.insert(part, told);
        self
    }

    fn resource(self, part: Member, id: Option<ResourceId>) -> Self {
        match id {
            Some(id) => self.with(part, Told::Resource(id)),
            None => self,
        }
    }

    fn text(self, part: Member, text: impl Into<String>) -> Self {
        self.with(part, Told::Text(text.into()))
    }

    fn direction(self, direction: Direction) -> Self {
        let word = match direction {
            Direction::Ingress => "ingress",
            Direction::Egress => "egress",
        };
        self.text(Member::Direction, word)
    }

    fn reason(mut self, reason: Reason) -> Self {
        self.reason = reason;
        self
    }

    /// The resources that it names.
    fn resources(&self) -> impl Iterator<Item = ResourceId> {
        self.parts.values().filter_map(|told| match told {
            Told::Resource(id) => Some(*id),
            _ => None,
        })
    }

    /// Whether both blame the same: they have a code in common, and a resource.
    fn is_like(&self, other: &Self) -> bool {
        self.code == other.code
            && self.parts.iter().any(|(part, told)| {
                matches!(told, Told::Resource(_) | Told::Resources(_)) && other.parts.get(part) == Some(told)
            })
    }
}

/// A way that a packet goes in a graph in which some controls are open.
struct Way<'w> {
    analysis: &'w Analysis,
    graph: &'w ForwardingGraph,
    trace: &'w Trace,
    leg: Leg,
}

impl Way<'_> {
    fn hop(&self, at: usize) -> Option<&Hop> {
        self.trace.hops.get(at)
    }

    fn from(&self, at: usize) -> Option<NodeId> {
        self.hop(at).map(|hop| self.graph.edge(hop.edge).from)
    }

    /// The nodes before step `at`, nearest first, and those behind it, nearest first.
    fn around(&self, at: usize) -> (Vec<NodeId>, Vec<NodeId>) {
        let nodes = |hops: &[Hop], to: bool| -> Vec<NodeId> {
            let node =
                |hop: &Hop| if to { self.graph.edge(hop.edge).to } else { self.graph.edge(hop.edge).from };
            hops.iter().map(node).collect()
        };
        let (before, behind) = self.trace.hops.split_at_checked(at).unwrap_or_default();
        let mut before = nodes(before, false);
        before.reverse();
        (before, nodes(behind, true))
    }

    /// The nearest resource of a type among these nodes.
    fn nearest(&self, nodes: &[NodeId], kind: &str) -> Option<ResourceId> {
        let graph = self.analysis.graph();
        let owners = nodes.iter().filter_map(|&node| self.graph.node(node).resource);
        owners.into_iter().find(|&id| graph.resource(id).kind == kind)
    }
}

/// The resource of this type that `id` is, is in or belongs to.
fn member(graph: &ForwardingGraph, id: ResourceId, kind: &str) -> Option<ResourceId> {
    if graph.resource(id).kind == kind {
        return Some(id);
    }
    let within = graph.resource(id).within.iter().filter_map(|key: &ResourceKey| graph.find(key));
    within.into_iter().find(|&id| graph.resource(id).kind == kind)
}

/// The groups that a filter's port is made of: `groups[sg-1,sg-2]/…`.
pub(crate) fn groups_of_port(graph: &ForwardingGraph, node: NodeId) -> Vec<ResourceId> {
    let port = graph.node(node).port.as_str();
    let Some(rest) = port.strip_prefix("groups[") else { return Vec::new() };
    let names = rest.split(']').next().unwrap_or_default();
    let found = names.split(',').flat_map(|name| scope::selection::by_text(graph, name));
    found.collect()
}

/// Whether a security group has any rule, in whichever direction.
///
/// SOURCE: published runs (a tutorial's log): a group without rules in one direction is `ENI_SG_RULES_MISMATCH` (checked
/// 2026-11-27).
fn has_rules(graph: &ForwardingGraph, group: ResourceId) -> bool {
    let key = graph.key(group);
    let is_rule = |cause: &Cause| matches!(cause.rule, graph::Rule::Filter(_)) && cause.resource == *key;
    graph.edges().any(|edge| is_rule(&graph.edge(edge).cause))
}

/// IPv4 space that is never public: RFC 1918, or else RFC 6598.
fn private(address: std::net::IpAddr) -> Option<bool> {
    let within = |nets: &[&str]| {
        nets.iter().filter_map(|net| net.parse::<ipnet::IpNet>().ok()).any(|net| net.contains(&address))
    };
    if within(&["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]) {
        return Some(true);
    }
    within(&["100.64.0.0/10"]).then_some(false)
}

/// What a packet's protocol is called.
fn protocol_text(packet: &headerspace::Packet) -> String {
    crate::report::protocol_texts(&headerspace::Ranges::single(packet.get(Field::Protocol))).concat()
}
