//! Pieces that several `json` documents share: copies of answers that can be serialised.

use graph::{Action, Cause, Direction, Peer, ResourceId, ResourceRef, RouteTo, Rule};
use headerspace::{Block, Field, HeaderSpace, Match, Packet, Ranges};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    cidr::{cidrs, port_ranges},
    component::Component,
};
use crate::{Analysis, Reason};

/// The version of every `json` document. Goes up when a member changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// A resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct ResourceDocument {
    /// Its id, as the export gives it.
    id: String,
    /// CloudFormation's name of its type, as in `AWS::EC2::NetworkInterface`.
    #[serde(rename = "type")]
    kind: String,
    /// Its ARN, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    arn: Option<String>,
    /// Its `Name` tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// What it is for, if the export tells: the description of an interface, the service of an endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// The account that owns it, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    /// Its Region, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
}

/// A source or destination: a resource with its tags and what it is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct EndDocument {
    #[serde(flatten)]
    resource: ResourceDocument,
    /// Its tags by key.
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    tags: std::collections::BTreeMap<String, String>,
    /// What it is in or belongs to: subnet, VPC, instance, security groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    within: Vec<ResourceDocument>,
}

impl ResourceDocument {
    fn of(resource: &ResourceRef) -> Self {
        let known = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        Self {
            id: resource.id.clone(),
            kind: resource.kind.clone(),
            arn: resource.arn.clone(),
            name: resource.name().map(str::to_owned),
            description: resource.label.clone(),
            account: known(&resource.account),
            region: known(&resource.region),
        }
    }

    pub(crate) fn new(analysis: &Analysis, id: ResourceId) -> Self {
        Self::of(analysis.graph().resource(id))
    }
}

impl EndDocument {
    pub(crate) fn new(analysis: &Analysis, id: ResourceId) -> Self {
        let graph = analysis.graph();
        let resource = graph.resource(id);
        let within = resource.within.iter().filter_map(|key| graph.find(key));
        Self {
            resource: ResourceDocument::of(resource),
            tags: resource.tags.clone(),
            within: within.map(|id| ResourceDocument::new(analysis, id)).collect(),
        }
    }
}

/// A place in the snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct LocationDocument {
    /// Path inside the snapshot.
    file: String,
    /// Line, from 1.
    line: u32,
    /// JSON pointer (RFC 6901) into the file; empty means the whole document.
    pointer: String,
}

impl From<crate::Location> for LocationDocument {
    fn from(location: crate::Location) -> Self {
        let crate::Location { file, line, pointer } = location;
        Self { file, line, pointer }
    }
}

/// An inclusive range of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Span {
    from: u16,
    to: u16,
}

/// A set of packets: every combination of the values listed. A member that is left out does not apply: ports to
/// protocols without ports, ICMP types to anything but ICMP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct PacketsDocument {
    /// `ipv4` or `ipv6`.
    family: &'static str,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or a range of numbers such as `59-255`.
    protocols: Vec<String>,
    /// Fewest address blocks, in order.
    source_addresses: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_ports: Option<Vec<Span>>,
    /// Fewest address blocks, in order.
    destination_addresses: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_ports: Option<Vec<Span>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icmp_types: Option<Vec<Span>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icmp_codes: Option<Vec<Span>>,
}

impl PacketsDocument {
    pub(crate) fn new(block: &Block) -> Self {
        let kinds = Kinds::of(block);
        let spans =
            |field| port_ranges(block.get(field)).into_iter().map(|(from, to)| Span { from, to }).collect();
        let texts = |field| cidrs(block, field).iter().map(ToString::to_string).collect();
        Self {
            family: if block.get(Field::Family).contains(0) { "ipv4" } else { "ipv6" },
            protocols: protocol_texts(block.get(Field::Protocol)),
            source_addresses: texts(Field::SrcIp),
            source_ports: kinds.ports.then(|| spans(Field::SrcPort)),
            destination_addresses: texts(Field::DstIp),
            destination_ports: kinds.ports.then(|| spans(Field::DstPort)),
            icmp_types: kinds.icmp.then(|| spans(Field::IcmpType)),
            icmp_codes: kinds.icmp.then(|| spans(Field::IcmpCode)),
        }
    }

    pub(crate) fn protocols(&self) -> &[String] {
        &self.protocols
    }

    /// The packets that a term accepts, as disjoint sets.
    pub(crate) fn of_match(accepted: &Match) -> Vec<Self> {
        blocks(accepted).iter().map(Self::new).collect()
    }
}

/// New values of those parts of a header that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct ChangesDocument {
    #[serde(skip_serializing_if = "Option::is_none")]
    source_addresses: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_ports: Option<Vec<Span>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_addresses: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_ports: Option<Vec<Span>>,
}

impl ChangesDocument {
    pub(crate) fn new(before: &Block, after: &Block) -> Self {
        let PacketsDocument {
            source_addresses, source_ports, destination_addresses, destination_ports, ..
        } = PacketsDocument::new(after);
        let differs = |field| before.get(field) != after.get(field);
        Self {
            source_addresses: Some(source_addresses).filter(|_| differs(Field::SrcIp)),
            source_ports: source_ports.filter(|_| differs(Field::SrcPort)),
            destination_addresses: Some(destination_addresses).filter(|_| differs(Field::DstIp)),
            destination_ports: destination_ports.filter(|_| differs(Field::DstPort)),
        }
    }
}

/// What a set of packets has beside addresses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kinds {
    pub(crate) ports: bool,
    pub(crate) icmp: bool,
}

impl Kinds {
    pub(crate) fn of(block: &Block) -> Self {
        let protocols = block.get(Field::Protocol);
        let icmp = if block.get(Field::Family).contains(0) { 1 } else { 58 };
        Self { ports: protocols.contains(6) || protocols.contains(17), icmp: protocols.contains(icmp) }
    }
}

/// The packets that a term accepts, as disjoint products.
pub(crate) fn blocks(accepted: &Match) -> Vec<Block> {
    let mut space = HeaderSpace::new();
    let set = space.compile(accepted);
    let world = space.well_formed();
    let set = space.and(set, world);
    space.blocks(set)
}

/// Names of protocols, numbers where there is no usual name, ranges of three and more as such.
pub(crate) fn protocol_texts(protocols: &Ranges) -> Vec<String> {
    let named = [(1, "icmp"), (6, "tcp"), (17, "udp"), (58, "icmpv6")];
    let mut texts = Vec::new();
    for range in protocols.iter() {
        let (first, last) = range.into_inner();
        let names: Vec<&str> = named
            .iter()
            .filter(|(number, _)| (first..=last).contains(number))
            .map(|(_, name)| *name)
            .collect();
        match names.as_slice() {
            [name] if first == last => texts.push((*name).to_owned()),
            _ if first == last => texts.push(first.to_string()),
            _ => texts.push(format!("{first}-{last}")),
        }
    }
    texts
}

/// One packet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct PacketDocument {
    /// `tcp`, `udp`, `icmp`, `icmpv6` or a protocol number.
    protocol: String,
    source_address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_port: Option<u128>,
    destination_address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_port: Option<u128>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icmp_type: Option<u128>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icmp_code: Option<u128>,
}

impl From<&Packet> for PacketDocument {
    fn from(packet: &Packet) -> Self {
        let protocol = packet.get(Field::Protocol);
        let ports = matches!(protocol, 6 | 17);
        let icmp = protocol == if packet.get(Field::Family) == 0 { 1 } else { 58 };
        let value = |has: bool, field| has.then(|| packet.get(field));
        Self {
            protocol: protocol_texts(&Ranges::single(protocol)).concat(),
            source_address: packet.src().to_string(),
            source_port: value(ports, Field::SrcPort),
            destination_address: packet.dst().to_string(),
            destination_port: value(ports, Field::DstPort),
            icmp_type: value(icmp, Field::IcmpType),
            icmp_code: value(icmp, Field::IcmpCode),
        }
    }
}

/// A rule as its owner wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum RuleDocument {
    /// An entry of a security group or network ACL.
    Filter {
        /// `ingress` or `egress`, seen from what is filtered.
        direction: &'static str,
        /// `allow` or `deny`.
        action: &'static str,
        /// Its number in a network ACL.
        #[serde(skip_serializing_if = "Option::is_none")]
        number: Option<u32>,
        /// `all`, `tcp`, `udp`, `icmp`, `icmpv6`, or a protocol number.
        protocol: String,
        /// Left out for all ports.
        #[serde(skip_serializing_if = "Option::is_none")]
        ports: Option<Span>,
        /// Left out for all types.
        #[serde(skip_serializing_if = "Option::is_none")]
        icmp: Option<IcmpDocument>,
        peer: PeerDocument,
    },
    /// An entry of a route table.
    Route {
        destination: PeerDocument,
        /// Id of the target.
        target: String,
        /// Member of the export that names the target, as in `NatGatewayId`.
        target_member: String,
        /// How it came about, as in `CreateRoute`.
        #[serde(skip_serializing_if = "Option::is_none")]
        origin: Option<String>,
        /// `active` or `blackhole`.
        state: String,
    },
    /// An entry of a transit gateway route table.
    TransitRoute {
        destination: PeerDocument,
        /// Id of the attachment.
        attachment: String,
        /// Id of what is attached.
        resource: String,
        /// Kind of what is attached, as in `vpc`.
        resource_kind: String,
        /// `static` or `propagated`.
        origin: String,
        /// `active` or `blackhole`.
        state: String,
    },
    /// An entry of a transit gateway policy table.
    Policy {
        number: u32,
        /// A protocol number; `-1` is all.
        protocol: String,
        source: String,
        destination: String,
        /// Left out for all ports.
        #[serde(skip_serializing_if = "Option::is_none")]
        source_ports: Option<Span>,
        /// Left out for all ports.
        #[serde(skip_serializing_if = "Option::is_none")]
        destination_ports: Option<Span>,
        /// Id of the route table.
        target: String,
    },
    /// A rule of a firewall policy, or its default action.
    Inspection {
        /// Whether it speaks of conversations; if not, of single packets.
        stateful: bool,
        /// ARN of its group; left out for a default action.
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<String>,
        /// What names it: its number or message, or the default action.
        name: String,
        action: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        priority: Option<i64>,
    },
    /// A listener of a load balancer, and the rule of it that hands requests on.
    Listener {
        listener: String,
        protocol: String,
        port: u16,
        /// Its rule's priority, or `default`.
        #[serde(skip_serializing_if = "Option::is_none")]
        priority: Option<String>,
    },
    /// A stateful filter lets a reply pass.
    Established,
    /// The resource carries the packet or rewrites it.
    Carries,
}

/// An ICMP type and code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct IcmpDocument {
    #[serde(rename = "type")]
    kind: u8,
    /// Left out for all codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u8>,
}

/// Whom a rule speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "kind", content = "value", rename_all = "kebab-case")]
pub(crate) enum PeerDocument {
    /// A block of addresses.
    Cidr(String),
    /// The members of a security group.
    SecurityGroup(String),
    /// The entries of a prefix list.
    PrefixList(String),
}

impl PeerDocument {
    fn of_route(destination: &RouteTo) -> Self {
        match destination {
            RouteTo::Cidr(text) => Self::Cidr(text.clone()),
            RouteTo::PrefixList(text) => Self::PrefixList(text.clone()),
        }
    }
}

impl RuleDocument {
    fn new(rule: &Rule) -> Option<Self> {
        Some(match rule {
            Rule::Structure => return None,
            Rule::Established => Self::Established,
            Rule::Carries => Self::Carries,
            Rule::Filter(rule) => Self::Filter {
                direction: match rule.direction {
                    Direction::Ingress => "ingress",
                    Direction::Egress => "egress",
                },
                action: match rule.action {
                    Action::Allow => "allow",
                    Action::Deny => "deny",
                },
                number: rule.number,
                protocol: rule.protocol.clone(),
                ports: rule.ports.map(|(from, to)| Span { from, to }),
                icmp: rule.icmp.map(|(kind, code)| IcmpDocument { kind, code }),
                peer: match &rule.peer {
                    Peer::Cidr(text) => PeerDocument::Cidr(text.clone()),
                    Peer::Group(text) => PeerDocument::SecurityGroup(text.clone()),
                    Peer::PrefixList(text) => PeerDocument::PrefixList(text.clone()),
                },
            },
            Rule::Transit(rule) => Self::TransitRoute {
                destination: PeerDocument::of_route(&rule.destination),
                attachment: rule.attachment.clone(),
                resource: rule.resource.clone(),
                resource_kind: rule.resource_kind.clone(),
                origin: rule.route_origin.clone(),
                state: rule.state.clone(),
            },
            Rule::Policy(rule) => Self::Policy {
                number: rule.number,
                protocol: rule.protocol.clone(),
                source: rule.source.clone(),
                destination: rule.destination.clone(),
                source_ports: rule.source_ports.map(|(from, to)| Span { from, to }),
                destination_ports: rule.destination_ports.map(|(from, to)| Span { from, to }),
                target: rule.target.clone(),
            },
            Rule::Inspection(rule) => Self::Inspection {
                stateful: rule.stateful,
                group: Some(rule.group.clone()).filter(|group| !group.is_empty()),
                name: rule.name.clone(),
                action: rule.action.clone(),
                priority: rule.priority,
            },
            Rule::Listener(rule) => Self::Listener {
                listener: rule.listener.clone(),
                protocol: rule.protocol.clone(),
                port: rule.port,
                priority: rule.priority.clone(),
            },
            Rule::Route(rule) => Self::Route {
                destination: PeerDocument::of_route(&rule.destination),
                target: rule.target.clone(),
                target_member: rule.target_kind.clone(),
                origin: rule.route_origin.clone(),
                state: rule.state.clone(),
            },
        })
    }
}

/// A component of a path: a resource that packets pass, and the rule of it that let them pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct ComponentDocument {
    resource: ResourceDocument,
    /// `source`, `destination` (or `stop`, where packets get no further), or between them `filter`, `route` or
    /// `carrier`.
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<RuleDocument>,
    /// The rule in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Where the rule is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<LocationDocument>,
}

/// The components of a path, the last of which is a `destination`, or where packets `stop`.
pub(crate) fn path_document(
    analysis: &Analysis,
    components: &[Component],
    last: &'static str,
) -> Vec<ComponentDocument> {
    let count = components.len();
    let document = |(index, component): (usize, &Component)| {
        let cause: Option<&Cause> = component.cause.as_deref();
        let role = match cause.map(|cause| &cause.rule) {
            _ if index == 0 => "source",
            _ if index + 1 == count => last,
            Some(Rule::Filter(_) | Rule::Inspection(_) | Rule::Established) => "filter",
            Some(Rule::Route(_) | Rule::Transit(_) | Rule::Policy(_)) => "route",
            Some(Rule::Listener(_) | Rule::Carries | Rule::Structure) | None => "carrier",
        };
        ComponentDocument {
            resource: ResourceDocument::new(analysis, component.resource),
            role,
            rule: cause.and_then(|cause| RuleDocument::new(&cause.rule)),
            text: cause.and_then(own_text),
            location: cause.and_then(|cause| analysis.locate(cause)).map(LocationDocument::from),
        }
    };
    components.iter().enumerate().map(document).collect()
}

/// A rule in words, without the resource it belongs to; `None` if there is nothing to say.
pub(crate) fn own_text(cause: &Cause) -> Option<String> {
    match &cause.rule {
        Rule::Filter(rule) => Some(rule.to_string()),
        Rule::Route(rule) => Some(format!("route {rule}")),
        Rule::Transit(rule) => Some(format!("route {rule}")),
        Rule::Policy(rule) => Some(rule.to_string()),
        Rule::Inspection(rule) => Some(rule.to_string()),
        Rule::Listener(rule) => Some(rule.to_string()),
        Rule::Established => Some("security groups let the reply pass".to_owned()),
        Rule::Structure | Rule::Carries => cause.note.clone(),
    }
}

/// What is not known, or what stops packets, and where that is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct ReasonDocument {
    /// In words.
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<LocationDocument>,
}

impl From<&Reason> for ReasonDocument {
    fn from(reason: &Reason) -> Self {
        Self { text: reason.text.clone(), location: reason.location.clone().map(LocationDocument::from) }
    }
}

/// A doubtful cause in words, with its place.
pub(crate) fn doubt_document(analysis: &Analysis, cause: &std::sync::Arc<Cause>) -> ReasonDocument {
    ReasonDocument {
        text: analysis.unknown(cause),
        location: analysis.locate(cause).map(LocationDocument::from),
    }
}
