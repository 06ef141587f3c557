//! Why an edge exists.

use std::fmt;

use crate::ResourceKey;

/// Why an edge exists: the resource, its rule, and where that is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause {
    /// The resource that decides here.
    pub resource: ResourceKey,
    /// What of it decides.
    pub rule: Rule,
    /// Where it is written, if it is written anywhere.
    pub origin: Option<Origin>,
    /// What to tell the user beside the rule: why information is missing, or what is assumed.
    pub note: Option<String>,
}

/// Where a rule is written: a record of an input document and the JSON pointer inside the record.
///
/// The graph does not interpret it; whoever read the document turns it into file and line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Index of the document in the input.
    pub document: u32,
    /// Byte offset of the record in the document.
    pub offset: usize,
    /// JSON pointer of the record in the document.
    pub record: String,
    /// JSON pointer within the record; empty for the record itself.
    pub pointer: String,
}

/// What kind of rule stands behind an edge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// How the network is put together; never shown as a component of a path.
    Structure,
    /// An entry of a packet filter.
    Filter(FilterRule),
    /// A stateful filter lets the packet pass because its conversation was let in before.
    Established,
    /// A route.
    Route(RouteRule),
    /// A route of a router that joins networks.
    Transit(TransitRule),
    /// An entry of a policy that chooses a route table.
    Policy(PolicyRule),
    /// A rule of a firewall's policy.
    Inspection(InspectionRule),
    /// A listener of a load balancer.
    Listener(ListenerRule),
    /// The resource carries or rewrites the packet (gateway, address translation, peering).
    Carries,
}

/// Which way a filter looks, seen from the filtered interface or subnet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Packets coming in.
    Ingress,
    /// Packets going out.
    Egress,
}

/// What a filter entry does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Lets the packet pass.
    Allow,
    /// Drops it.
    Deny,
}

/// Whom a filter entry speaks of: the far side of the packet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Peer {
    /// A block of addresses, as written in the rule.
    Cidr(String),
    /// The members of a security group, by id.
    Group(String),
    /// A prefix list, by id.
    PrefixList(String),
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cidr(text) | Self::Group(text) | Self::PrefixList(text) => f.write_str(text),
        }
    }
}

/// An entry of a packet filter, as its owner wrote it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilterRule {
    /// Which way it looks.
    pub direction: Direction,
    /// What it does.
    pub action: Action,
    /// Its place in an ordered list; `None` for unordered rules.
    pub number: Option<u32>,
    /// `all`, `tcp`, `udp`, `icmp`, `icmpv6`, or a protocol number as text.
    pub protocol: String,
    /// Destination ports, for `tcp` and `udp`; `None` means all.
    pub ports: Option<(u16, u16)>,
    /// ICMP type and code, for `icmp` and `icmpv6`; `None` means all.
    pub icmp: Option<(u8, Option<u8>)>,
    /// The far side.
    pub peer: Peer,
}

impl fmt::Display for FilterRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let action = match self.action {
            Action::Allow => "allow",
            Action::Deny => "deny",
        };
        let direction = match self.direction {
            Direction::Ingress => "ingress",
            Direction::Egress => "egress",
        };
        if let Some(number) = self.number {
            write!(f, "rule {number}: ")?;
        }
        write!(f, "{action} {direction} {}", self.protocol)?;
        match self.ports {
            Some((first, last)) if first == last => write!(f, " {first}")?,
            Some((0, u16::MAX)) | None => {}
            Some((first, last)) => write!(f, " {first}-{last}")?,
        }
        if let Some((kind, code)) = self.icmp {
            write!(f, " type {kind}")?;
            if let Some(code) = code {
                write!(f, " code {code}")?;
            }
        }
        match self.direction {
            Direction::Ingress => write!(f, " from {}", self.peer),
            Direction::Egress => write!(f, " to {}", self.peer),
        }
    }
}

/// What a route names as the destination of packets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RouteTo {
    /// A block of addresses.
    Cidr(String),
    /// A prefix list, by id.
    PrefixList(String),
}

/// A route, as its table holds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteRule {
    /// Destinations it is for.
    pub destination: RouteTo,
    /// Member that names the target in the export (`GatewayId`, `NatGatewayId` …).
    pub target_kind: String,
    /// The target's id.
    pub target: String,
    /// How it came about, as exported (`CreateRouteTable`, `CreateRoute`, `EnableVgwRoutePropagation`).
    pub route_origin: Option<String>,
    /// `active` or `blackhole`.
    pub state: String,
}

impl fmt::Display for RouteRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (RouteTo::Cidr(destination) | RouteTo::PrefixList(destination)) = &self.destination;
        write!(f, "{destination} to {}", self.target)?;
        if self.state == "blackhole" { f.write_str(" (blackhole)") } else { Ok(()) }
    }
}

/// A route between attachments, as the table of a router that joins networks holds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransitRule {
    /// Destinations it is for.
    pub destination: RouteTo,
    /// The attachment it leads to, by id; empty for a blackhole.
    pub attachment: String,
    /// What is attached, by id.
    pub resource: String,
    /// What kind of thing that is, as exported (`vpc`, `vpn`, `peering` …).
    pub resource_kind: String,
    /// `static` or `propagated`.
    pub route_origin: String,
    /// `active` or `blackhole`.
    pub state: String,
}

impl fmt::Display for TransitRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (RouteTo::Cidr(destination) | RouteTo::PrefixList(destination)) = &self.destination;
        write!(f, "{} {destination}", self.route_origin)?;
        if self.state == "blackhole" {
            f.write_str(" (blackhole)")
        } else {
            write!(f, " to {}", self.attachment)
        }
    }
}

/// An entry of a policy table: which packets are routed by which route table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyRule {
    /// Its place in the table.
    pub number: u32,
    /// IANA number as text; `-1` is all.
    pub protocol: String,
    /// Block of sources.
    pub source: String,
    /// Block of destinations.
    pub destination: String,
    /// Source ports; `None` means all.
    pub source_ports: Option<(u16, u16)>,
    /// Destination ports; `None` means all.
    pub destination_ports: Option<(u16, u16)>,
    /// The route table, by id.
    pub target: String,
}

impl fmt::Display for PolicyRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = if self.protocol == "-1" { "all" } else { &self.protocol };
        write!(f, "rule {}: {protocol} from {}", self.number, self.source)?;
        ports_text(f, self.source_ports)?;
        write!(f, " to {}", self.destination)?;
        ports_text(f, self.destination_ports)?;
        write!(f, " by {}", self.target)
    }
}

fn ports_text(f: &mut fmt::Formatter<'_>, ports: Option<(u16, u16)>) -> fmt::Result {
    match ports {
        None => Ok(()),
        Some((first, last)) if first == last => write!(f, " port {first}"),
        Some((first, last)) => write!(f, " ports {first}-{last}"),
    }
}

/// A rule of a firewall's policy, or its default action.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InspectionRule {
    /// Whether it speaks of conversations; if not, of single packets.
    pub stateful: bool,
    /// The group it belongs to, by ARN; empty for a default action.
    pub group: String,
    /// Its place in the group, where that counts.
    pub priority: Option<i64>,
    /// What it does, as in `pass`, `drop`, `alert`, `reject`, `forward_to_site`.
    pub action: String,
    /// `tcp`, `udp`, `ip` …, for a rule about conversations.
    pub protocol: Option<String>,
    /// IANA numbers, for a rule about single packets; empty means all.
    pub protocols: Vec<u8>,
    /// Blocks of sources; empty means all.
    pub sources: Vec<String>,
    /// Blocks of destinations; empty means all.
    pub destinations: Vec<String>,
    /// Source ports; empty means all.
    pub source_ports: Vec<(u16, u16)>,
    /// Destination ports; empty means all.
    pub destination_ports: Vec<(u16, u16)>,
    /// Whether it looks at both directions alike.
    pub both_directions: bool,
    /// What names it best for a reader: its number or message, or the default action.
    pub name: String,
}

impl InspectionRule {
    /// A rule about any packet that belongs to no group, such as a default action.
    pub fn about_any(stateful: bool, action: &str, name: &str) -> Self {
        Self {
            stateful,
            group: String::new(),
            priority: None,
            action: action.to_owned(),
            protocol: None,
            protocols: Vec::new(),
            sources: Vec::new(),
            destinations: Vec::new(),
            source_ports: Vec::new(),
            destination_ports: Vec::new(),
            both_directions: false,
            name: name.to_owned(),
        }
    }
}

impl fmt::Display for InspectionRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.group.is_empty() {
            return write!(f, "default action {}", self.name);
        }
        let group = self.group.rsplit('/').next().unwrap_or(&self.group);
        write!(f, "{} of {group}: {}", self.name, self.action)?;
        let protocols: Vec<String> = self.protocols.iter().map(u8::to_string).collect();
        match &self.protocol {
            Some(protocol) => write!(f, " {protocol}")?,
            None if !protocols.is_empty() => write!(f, " protocol {}", protocols.join(", "))?,
            None => {}
        }
        for (word, blocks, ports) in [
            ("from", &self.sources, &self.source_ports),
            (if self.both_directions { "and" } else { "to" }, &self.destinations, &self.destination_ports),
        ] {
            match blocks.as_slice() {
                [] => write!(f, " {word} any")?,
                [one] => write!(f, " {word} {one}")?,
                [first, ..] => write!(f, " {word} {first} and {} more", blocks.len() - 1)?,
            }
            if let [one] = ports.as_slice() {
                ports_text(f, Some(*one))?;
            } else if let [first, ..] = ports.as_slice() {
                ports_text(f, Some(*first))?;
                write!(f, " and {} more", ports.len() - 1)?;
            }
        }
        Ok(())
    }
}

/// A listener of a load balancer, with the rule of it that hands requests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListenerRule {
    /// The listener, by ARN; for balancers of the first kind, which have no ARNs for them, its port as text.
    pub listener: String,
    /// Its protocol, as exported (`HTTP`, `TCP` …).
    pub protocol: String,
    /// Its port.
    pub port: u16,
    /// The rule's priority, as exported (`10`, `default`), if it has rules.
    pub priority: Option<String>,
}

impl fmt::Display for ListenerRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "listener {} {}", self.protocol, self.port)?;
        match self.priority.as_deref() {
            None => Ok(()),
            Some("default") => f.write_str(", default rule"),
            Some(priority) => write!(f, ", rule {priority}"),
        }
    }
}

impl Cause {
    /// A cause that is only the network's structure.
    pub fn structure(resource: &ResourceKey) -> Self {
        Self { resource: resource.clone(), rule: Rule::Structure, origin: None, note: None }
    }

    /// A cause with this rule and nothing else.
    pub fn new(resource: &ResourceKey, rule: Rule) -> Self {
        Self { resource: resource.clone(), rule, origin: None, note: None }
    }

    /// The same cause, written at `origin`.
    #[must_use]
    pub fn at(mut self, origin: Option<Origin>) -> Self {
        self.origin = origin;
        self
    }

    /// The same cause with a note for the user.
    #[must_use]
    pub fn noting(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// What it says of something uncertain, in words that stand by themselves: the note, or else that it is not known.
    pub fn doubt(&self) -> String {
        match self.note.as_deref() {
            Some(note) => match note.strip_prefix("depends on ") {
                Some(rest) => format!("what `{}` passes depends on {rest}", self.resource),
                None => note.to_owned(),
            },
            None => format!("what `{}` does is not known", self.resource),
        }
    }
}
