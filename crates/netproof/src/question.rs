//! Can A reach B?

use std::{collections::BTreeSet, fmt, net::IpAddr, ops::RangeInclusive};

use aws::Location;
use graph::{FinishedEnd, ForwardingGraph, NodeId, ResourceId, World};
use headerspace::{Field, Match, Ranges};
use ipnet::IpNet;
use scope::selection::{self, public};
use search::{Blocked, Closed, Direction, Witness};

/// An end of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Every internet gateway and egress-only gateway, with public addresses.
    Internet,
    /// Whoever has this address.
    Address(IpAddr),
    /// A resource by id or ARN; a subnet, VPC, security group or instance stands for its network interfaces.
    Resource(String),
}

impl Place {
    /// Reads an end: `internet`, an address, or an id or ARN.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if text.eq_ignore_ascii_case("internet") {
            return Self::Internet;
        }
        text.parse().map_or_else(|_| Self::Resource(text.to_owned()), Self::Address)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Internet => f.write_str("internet"),
            Self::Address(address) => write!(f, "{address}"),
            Self::Resource(text) => f.write_str(text),
        }
    }
}

/// A question: which packets, from where to where. What is left out means "some value works".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Where packets start.
    pub source: Place,
    /// Where they are to arrive.
    pub destination: Place,
    /// IANA protocol number.
    pub protocol: Option<u8>,
    /// Source address as the packet starts.
    pub source_ip: Option<IpNet>,
    /// Destination address as the packet starts.
    pub destination_ip: Option<IpNet>,
    /// Source ports as the packet starts.
    pub source_port: Option<RangeInclusive<u16>>,
    /// Destination ports as the packet starts.
    pub destination_port: Option<RangeInclusive<u16>>,
    /// ICMP type.
    pub icmp_type: Option<u8>,
    /// ICMP code.
    pub icmp_code: Option<u8>,
    /// What packets are like as they arrive, beside what the destination asks for.
    pub arriving: Header,
    /// Ids or ARNs of resources that the way there must pass, each of them.
    pub through: Vec<String>,
    /// Ids or ARNs of resources that the way there must not pass, none of them.
    pub avoid: Vec<String>,
    /// Whether replies must get back.
    pub direction: Direction,
    /// The id of the path that it comes from, if it was read from one of AWS's documents.
    pub path_id: Option<String>,
}

/// What packets are like at some place; what is left out may have any value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// Source address or block.
    pub source_ip: Option<IpNet>,
    /// Destination address or block.
    pub destination_ip: Option<IpNet>,
    /// Source ports.
    pub source_port: Option<RangeInclusive<u16>>,
    /// Destination ports.
    pub destination_port: Option<RangeInclusive<u16>>,
}

impl Header {
    /// Whether anything is asked.
    pub fn is_any(&self) -> bool {
        *self == Self::default()
    }

    /// Whether ports are asked for, so that only TCP and UDP will do.
    fn has_ports(&self) -> bool {
        self.source_port.is_some() || self.destination_port.is_some()
    }

    /// The packets that are like this.
    fn packets(&self) -> Match {
        let mut parts = Vec::new();
        parts.extend(self.source_ip.map(Match::src_in));
        parts.extend(self.destination_ip.map(Match::dst_in));
        let ports = [(Field::SrcPort, &self.source_port), (Field::DstPort, &self.destination_port)];
        for (field, ports) in ports {
            if let Some(ports) = ports {
                parts.push(Match::any_of([Match::protocol(6), Match::protocol(17)]));
                parts.push(Match::ports(field, ports.clone()));
            }
        }
        Match::all_of(parts)
    }
}

/// A question that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct QuestionError(pub String);

impl Question {
    /// All packets from `source` to `destination`, and back.
    pub fn parse(source: &str, destination: &str) -> Result<Self, QuestionError> {
        for text in [source, destination] {
            if text.trim().is_empty() {
                return Err(QuestionError(
                    "an end is empty, expected an id, an ARN, an address or `internet`".to_owned(),
                ));
            }
        }
        Ok(Self {
            source: Place::parse(source),
            destination: Place::parse(destination),
            protocol: None,
            source_ip: None,
            destination_ip: None,
            source_port: None,
            destination_port: None,
            icmp_type: None,
            icmp_code: None,
            arriving: Header::default(),
            through: Vec::new(),
            avoid: Vec::new(),
            direction: Direction::default(),
            path_id: None,
        })
    }

    /// The same for TCP to this port.
    #[must_use]
    pub fn tcp(mut self, port: u16) -> Self {
        self.protocol = Some(6);
        self.destination_port = Some(port..=port);
        self
    }

    /// The same for UDP to this port.
    #[must_use]
    pub fn udp(mut self, port: u16) -> Self {
        self.protocol = Some(17);
        self.destination_port = Some(port..=port);
        self
    }

    /// The same in this direction only.
    #[must_use]
    pub fn in_direction(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// Reads a protocol: `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `all` for any.
    pub fn set_protocol(&mut self, text: &str) -> Result<(), QuestionError> {
        self.protocol = crate::flows::protocol(text).map_err(QuestionError)?;
        Ok(())
    }

    /// Reads the source address of packets as they start: an address or a block of addresses.
    pub fn set_source_ip(&mut self, text: &str) -> Result<(), QuestionError> {
        self.source_ip = Some(crate::flows::parse_net(text).map_err(QuestionError)?);
        Ok(())
    }

    /// Reads the destination address of packets as they start: an address or a block of addresses.
    pub fn set_destination_ip(&mut self, text: &str) -> Result<(), QuestionError> {
        self.destination_ip = Some(crate::flows::parse_net(text).map_err(QuestionError)?);
        Ok(())
    }

    /// Reads the source port of packets as they start: a port or a range of ports.
    pub fn set_source_port(&mut self, text: &str) -> Result<(), QuestionError> {
        self.source_port = Some(crate::flows::parse_ports(text).map_err(QuestionError)?);
        Ok(())
    }

    /// Reads the destination port of packets as they start: a port or a range of ports.
    pub fn set_destination_port(&mut self, text: &str) -> Result<(), QuestionError> {
        self.destination_port = Some(crate::flows::parse_ports(text).map_err(QuestionError)?);
        Ok(())
    }

    /// Reads the source address of packets as they arrive: an address or a block of addresses.
    pub fn set_arriving_source_ip(&mut self, text: &str) -> Result<(), QuestionError> {
        self.arriving.source_ip = Some(crate::flows::parse_net(text).map_err(QuestionError)?);
        Ok(())
    }

    /// Reads the source port of packets as they arrive: a port or a range of ports.
    pub fn set_arriving_source_port(&mut self, text: &str) -> Result<(), QuestionError> {
        self.arriving.source_port = Some(crate::flows::parse_ports(text).map_err(QuestionError)?);
        Ok(())
    }

    /// Reads the destination address of packets as they arrive: an address or a block of addresses.
    pub fn set_arriving_destination_ip(&mut self, text: &str) -> Result<(), QuestionError> {
        self.arriving.destination_ip = Some(crate::flows::parse_net(text).map_err(QuestionError)?);
        Ok(())
    }

    /// Reads the destination port of packets as they arrive: a port or a range of ports.
    pub fn set_arriving_destination_port(&mut self, text: &str) -> Result<(), QuestionError> {
        self.arriving.destination_port = Some(crate::flows::parse_ports(text).map_err(QuestionError)?);
        Ok(())
    }

    /// Whether its parts go together: ports are for TCP and UDP, types and codes for ICMP.
    pub fn check(&self) -> Result<(), QuestionError> {
        let ports =
            self.source_port.is_some() || self.destination_port.is_some() || self.arriving.has_ports();
        let icmp = self.icmp_type.is_some() || self.icmp_code.is_some();
        let wrong = |what: &str| Err(QuestionError(what.to_owned()));
        match self.protocol {
            Some(6 | 17) if icmp => wrong("ICMP types and codes go with `icmp` and `icmpv6` only"),
            Some(1 | 58) if ports => wrong("ports go with `tcp` and `udp` only"),
            Some(protocol) if !matches!(protocol, 1 | 6 | 17 | 58) && (ports || icmp) => {
                wrong("ports go with `tcp` and `udp` only, types and codes with `icmp` and `icmpv6`")
            }
            None if ports && icmp => wrong("a packet has ports or an ICMP type, not both"),
            _ => Ok(()),
        }
    }

    /// Which packets of a conversation it asks about: the first alone, or data in both directions.
    pub(crate) fn phase(&self) -> Match {
        match self.direction {
            Direction::Forward => opening(),
            Direction::RoundTrip => Match::not(opening()),
        }
    }

    /// The packets it is about, as they start.
    pub(crate) fn packets(&self) -> Match {
        let starting = Header {
            source_ip: self.source_ip,
            destination_ip: self.destination_ip,
            source_port: self.source_port.clone(),
            destination_port: self.destination_port.clone(),
        };
        let mut parts = vec![starting.packets()];
        parts.extend(self.protocol.map(Match::protocol));
        let icmp = [(Field::IcmpType, self.icmp_type), (Field::IcmpCode, self.icmp_code)];
        for (field, value) in icmp {
            if let Some(value) = value {
                parts.push(Match::any_of([Match::protocol(1), Match::protocol(58)]));
                parts.push(Match::In(field, Ranges::single(u128::from(value))));
            }
        }
        Match::all_of(parts)
    }

    /// The packets it is about, as they arrive.
    pub(crate) fn arriving_packets(&self) -> Match {
        self.arriving.packets()
    }
}

/// The answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Some packet gets through.
    Reachable,
    /// No packet does.
    Unreachable,
    /// The snapshot does not tell.
    Unknown,
}

impl Verdict {
    /// The word used in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reachable => "reachable",
            Self::Unreachable => "unreachable",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What the snapshot does not tell, or what stops packets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// In words.
    pub text: String,
    /// Where that is written.
    pub location: Option<Location>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answered {
    /// In one word.
    pub verdict: Verdict,
    /// For "reachable": a packet that gets through, replayed, and all packets that can take the same path.
    pub witness: Option<Box<Witness>>,
    /// For "reachable" by way of the internet: the way back in, from where the witness has left.
    pub onward: Option<Box<Witness>>,
    /// For "unreachable": where packets stop, most advanced first.
    pub blocked: Vec<Blocked>,
    /// For "unreachable" and "unknown": why, most telling first.
    pub reasons: Vec<Reason>,
    /// For "unknown": the rules and resources behind the reasons, where there are such.
    pub missing: Vec<search::Why>,
    /// For "unreachable", if that was asked for: which controls keep it so.
    pub closed: Option<Closed>,
}

/// Packets that open a conversation, as against those that carry data.
pub(crate) fn opening() -> Match {
    Match::In(Field::Phase, Ranges::single(0))
}

/// One side of a question, resolved: its ends, and packets as they must be there.
pub(crate) struct Side<'g> {
    pub(crate) ends: Vec<&'g FinishedEnd>,
    /// Where such packets would come in if somebody sends them in a network that is not in the snapshot.
    pub(crate) beyond: Vec<&'g FinishedEnd>,
    pub(crate) packets: Match,
    /// Whether it is an address that nobody in the snapshot has.
    pub(crate) unowned: bool,
}

impl<'g> Side<'g> {
    fn new(ends: Vec<&'g FinishedEnd>, packets: Match) -> Self {
        Self { ends, beyond: Vec::new(), packets, unowned: false }
    }
}

/// Resolves a source. `Err` says why nothing in the snapshot is meant.
pub(crate) fn source<'g>(
    graph: &'g ForwardingGraph,
    place: &Place,
    owners: &crate::analysis::Owners,
) -> Result<Side<'g>, String> {
    match place {
        Place::Internet => {
            let ends = graph.ends().iter().filter(|end| end.world == World::Internet).collect();
            Ok(Side::new(ends, public(Field::SrcIp)))
        }
        Place::Address(address) => {
            let mut private: BTreeSet<ResourceId> = owners.private.get(address).cloned().unwrap_or_default();
            private
                .extend(owners.prefixes.iter().filter(|(net, _)| net.contains(address)).map(|(_, id)| *id));
            let public: Vec<(ResourceId, IpAddr)> = owners.public.get(address).cloned().unwrap_or_default();
            let mut resources = private.clone();
            resources.extend(public.iter().map(|(resource, _)| *resource));
            if resources.is_empty() {
                // The internet has every public address. Whether a network beyond another border has this one, and lets
                // such packets go, the snapshot does not tell.
                let borders = graph.ends().iter().filter(|end| end.border && end.departs.is_some());
                let (ends, beyond) = borders.partition(|end| end.world == World::Internet);
                let packets = Match::src_in(IpNet::from(*address));
                return Ok(Side { ends, beyond, packets, unowned: true });
            }
            let ends = graph.ends().iter().filter(|end| resources.contains(&end.resource)).collect();
            let own = (!private.is_empty()).then_some(*address).into_iter();
            let nets = own.chain(public.iter().map(|(_, private)| *private)).map(IpNet::from);
            Ok(Side::new(ends, Match::src_any_of(nets)))
        }
        Place::Resource(text) => Ok(Side::new(ends_of(graph, text)?, Match::All)),
    }
}

/// Resolves a destination; its packets are as they arrive, except that an address is what the sender writes.
pub(crate) fn destination<'g>(
    graph: &'g ForwardingGraph,
    place: &Place,
    owners: &crate::analysis::Owners,
) -> Result<(Side<'g>, Match), String> {
    match place {
        Place::Internet => {
            let ends = graph.ends().iter().filter(|end| end.world == World::Internet).collect();
            Ok((Side::new(ends, public(Field::DstIp)), Match::All))
        }
        Place::Address(address) => {
            let sent = Match::dst_in(IpNet::from(*address));
            let ends = if let Some(owners) = owners.public.get(address) {
                // A public address of the snapshot means the interface that has it, not the way to the internet.
                let owns = |end: &&FinishedEnd| owners.iter().any(|(resource, _)| *resource == end.resource);
                graph.ends().iter().filter(owns).collect()
            } else {
                // Where packets go on, nobody has the address: a peering connection may be asked for by its id, but is
                // only on the way to an address, be the other VPC in the snapshot or not.
                let last =
                    |end: &&FinishedEnd| end.arrives.is_some_and(|node| graph.outgoing(node).is_empty());
                graph.ends().iter().filter(last).collect()
            };
            Ok((Side::new(ends, Match::All), sent))
        }
        Place::Resource(text) => Ok((Side::new(ends_of(graph, text)?, Match::All), Match::All)),
    }
}

fn ends_of<'g>(graph: &'g ForwardingGraph, text: &str) -> Result<Vec<&'g FinishedEnd>, String> {
    let resources = selection::by_text(graph, text);
    if resources.is_empty() {
        return Err(format!("`{text}` is not in the snapshot"));
    }
    let ends: Vec<&FinishedEnd> =
        graph.ends().iter().filter(|end| selection::belongs(graph, end, &resources)).collect();
    if ends.is_empty() {
        return Err(format!("the snapshot holds nothing of `{text}` that sends or receives packets"));
    }
    Ok(ends)
}

/// The resources that these texts name, with everything that is in them or belongs to them: a set for each. `Err` says
/// which names none.
///
/// A security group is its rules alone, not the interfaces that carry it: those may let packets pass by another's.
pub(crate) fn passing(
    graph: &ForwardingGraph,
    texts: &[String],
) -> Result<Vec<BTreeSet<ResourceId>>, String> {
    let named = |text: &String| {
        let mut resources = selection::by_text(graph, text);
        if resources.is_empty() {
            return Err(format!("`{text}` is not in the snapshot"));
        }
        let gathers = |id: &&ResourceId| graph.resource(**id).kind != "AWS::EC2::SecurityGroup";
        let keys: BTreeSet<_> = resources.iter().filter(gathers).map(|&id| graph.key(id)).collect();
        let is_in = |id: &ResourceId| graph.resource(*id).within.iter().any(|key| keys.contains(key));
        resources.extend(graph.resource_ids().filter(is_in));
        // What stands nowhere on any way, such as a listener or a prefix list, would never be passed.
        let mut owners = graph.nodes().filter_map(|node| graph.node(node).resource);
        let mut deciders = graph.edges().filter_map(|edge| graph.find(&graph.edge(edge).cause.resource));
        if owners.any(|id| resources.contains(&id)) || deciders.any(|id| resources.contains(&id)) {
            return Ok(resources);
        }
        Err(format!("whether ways pass `{text}` is not modelled"))
    };
    texts.iter().map(named).collect()
}

/// The nodes of `ends` where packets start, sorted.
pub(crate) fn departing(ends: &[&FinishedEnd]) -> Vec<NodeId> {
    selection::departing(ends).into_iter().collect()
}

/// The nodes of `ends` where packets arrive, sorted.
pub(crate) fn arriving(ends: &[&FinishedEnd]) -> Vec<NodeId> {
    selection::arriving(ends).into_iter().collect()
}
