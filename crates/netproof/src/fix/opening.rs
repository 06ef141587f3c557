//! Controls as changes: what to write for them to be open to the packets of a question.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use graph::{Control, ControlId, ControlKind, Direction, Hop, Origin, ResourceKey, Rule};
use headerspace::{Field, Packet};
use ipnet::IpNet;
use search::{Leg, Through};

use crate::{Analysis, Place, Question, Reason};

use super::{Change, Repair, Traffic};

/// How much routes take in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Routes {
    /// What the question is about.
    AsAsked,
    /// The one address: they come before all others.
    Single,
}

/// Controls for which no change is known, and that in words.
pub(super) type Unchangeable = (BTreeSet<ControlId>, Vec<Reason>);

/// What opens the controls for the packets that go that way.
pub(super) fn changes(
    analysis: &Analysis,
    question: &Question,
    controls: &[ControlId],
    through: &Through,
    routes: Routes,
) -> Result<Vec<Change>, Unchangeable> {
    let graph = analysis.openable().opened(|id| controls.contains(&id));
    let (mut changes, mut unchangeable, mut reasons) = (Vec::<Change>::new(), BTreeSet::new(), Vec::new());
    for (leg, way) in &through.ways {
        let asker = Asker { analysis, question, first: way.packet, routes, leg: *leg };
        for hop in &way.hops {
            let Some(id) = graph.opened_by(hop.edge) else { continue };
            match asker.change(analysis.openable().control(id), hop) {
                // A setting stands for every gateway that it is about.
                Some(change) => {
                    let same = |it: &Change| (&it.record, &it.repair) == (&change.record, &change.repair);
                    if !changes.iter().any(same) {
                        changes.push(change);
                    }
                }
                None if unchangeable.insert(id) => {
                    let Reason { text, location } = analysis.control(id);
                    reasons.push(Reason { text: format!("no change is known for this: {text}"), location });
                }
                None => {}
            }
        }
    }
    changes.sort();
    if unchangeable.is_empty() { Ok(numbered(analysis, changes)) } else { Err((unchangeable, reasons)) }
}

/// Entries of the same list get numbers of their own.
pub(super) fn numbered(analysis: &Analysis, mut changes: Vec<Change>) -> Vec<Change> {
    let mut taken = BTreeMap::<(ResourceKey, Direction), Vec<u32>>::new();
    for change in &mut changes {
        let Repair::AddEntry { direction, number, .. } = &mut change.repair else { continue };
        let known = || numbers(analysis, &change.record, *direction).unwrap_or_default();
        let taken = taken.entry((change.resource.clone(), *direction)).or_insert_with(known);
        while taken.contains(number) && *number > 1 {
            *number -= 1;
        }
        taken.push(*number);
    }
    changes
}

/// What is asked for, seen from a way.
struct Asker<'a> {
    analysis: &'a Analysis,
    question: &'a Question,
    /// The packet as the way begins.
    first: Packet,
    routes: Routes,
    leg: Leg,
}

impl Asker<'_> {
    fn is_reply(&self) -> bool {
        self.leg == Leg::Back
    }

    fn change(&self, control: &Control, hop: &Hop) -> Option<Change> {
        let record = control.origin.clone()?;
        let repair = match &control.kind {
            ControlKind::NoRule(direction) if self.kind(control) == "AWS::EC2::SecurityGroup" => {
                Repair::AddRule {
                    direction: *direction,
                    traffic: self.traffic(&hop.before),
                    peer: self.peer(&hop.before, *direction),
                }
            }
            ControlKind::NoRule(direction) if self.kind(control) == "AWS::EC2::NetworkAcl" => {
                self.entry(control, *direction, None, &hop.before)?
            }
            ControlKind::Refusal(cause) => match &cause.rule {
                Rule::Filter(rule) => self.entry(control, rule.direction, rule.number, &hop.before)?,
                _ => return None,
            },
            ControlKind::NoRoute(target) if self.kind(control) == "AWS::EC2::RouteTable" => {
                self.route(&record, target, hop)?
            }
            ControlKind::NoRoute(target) if self.kind(control) == "AWS::EC2::TransitGatewayRouteTable" => {
                return self.transit_route(control, target, hop);
            }
            ControlKind::NoAssociation(table) => Repair::Associate { table: table.clone() },
            ControlKind::NoPublicAddress => Repair::AddPublicAddress,
            ControlKind::Setting(_) => Repair::AllowPublicAccess,
            ControlKind::NoRule(_)
            | ControlKind::NoRoute(_)
            | ControlKind::Obstacle(..)
            | ControlKind::NoAttachment => return None,
        };
        Some(Change {
            resource: control.resource.clone(),
            record: Origin { pointer: String::new(), ..record },
            repair,
        })
    }

    fn kind(&self, control: &Control) -> &str {
        let graph = self.analysis.graph();
        graph.find(&control.resource).map_or("", |id| graph.resource(id).kind.as_str())
    }

    /// The traffic of a packet, as wide as the question is.
    fn traffic(&self, packet: &Packet) -> Traffic {
        let protocol = u8::try_from(packet.get(Field::Protocol)).ok();
        let ports = matches!(protocol, Some(6 | 17)).then(|| self.ports(packet));
        Traffic { protocol, ports }
    }

    fn ports(&self, packet: &Packet) -> (u16, u16) {
        let port = u16::try_from(packet.get(Field::DstPort)).unwrap_or(u16::MAX);
        let asked =
            if self.is_reply() { &self.question.source_port } else { &self.question.destination_port };
        let unchanged = packet.get(Field::DstPort) == self.first.get(Field::DstPort);
        match asked {
            Some(asked) if unchanged => (*asked.start(), *asked.end()),
            // SOURCE: VPC user guide, "Network ACLs", ephemeral ports: clients send from 1024 to 65535 (checked 2026-11-27).
            None if self.is_reply() => (1024.min(port), u16::MAX),
            None if unchanged => (0, u16::MAX),
            _ => (port, port),
        }
    }

    /// Whom a rule has to name for a packet to pass: the far side.
    fn peer(&self, packet: &Packet, direction: Direction) -> IpNet {
        let is_source = direction == Direction::Ingress;
        let (address, first) =
            if is_source { (packet.src(), self.first.src()) } else { (packet.dst(), self.first.dst()) };
        self.net(address, first, is_source)
    }

    /// An address as wide as the question is.
    fn net(&self, address: IpAddr, first: IpAddr, is_source: bool) -> IpNet {
        if address != first {
            return IpNet::from(address);
        }
        // The source of a reply is the destination of what it answers.
        let of_sender = is_source != self.is_reply();
        let (place, asked) = if of_sender {
            (&self.question.source, self.question.source_ip)
        } else {
            (&self.question.destination, self.question.destination_ip)
        };
        if let Some(net) = asked.filter(|net| net.contains(&address)) {
            return net;
        }
        match (place, address) {
            (Place::Internet, IpAddr::V4(_)) => any("0.0.0.0/0", address),
            (Place::Internet, IpAddr::V6(_)) => any("::/0", address),
            _ => IpNet::from(address),
        }
    }

    /// An entry that goes before the one that refuses, or behind all others.
    fn entry(
        &self,
        control: &Control,
        direction: Direction,
        refusing: Option<u32>,
        packet: &Packet,
    ) -> Option<Repair> {
        let taken = numbers(self.analysis, control.origin.as_ref()?, direction)?;
        let number = if let Some(number) = refusing {
            (1..number).rev().find(|number| !taken.contains(number))?
        } else {
            let last = taken.iter().copied().filter(|number| *number < 32_767).max().unwrap_or(90);
            (last / 10 + 1) * 10
        };
        let (traffic, peer) = (self.traffic(packet), self.peer(packet, direction));
        Some(Repair::AddEntry { direction, number, allows: true, traffic, peer })
    }

    fn destination(&self, hop: &Hop) -> IpNet {
        match self.routes {
            Routes::AsAsked => self.net(hop.before.dst(), self.first.dst(), false),
            Routes::Single => IpNet::from(hop.before.dst()),
        }
    }

    fn route(&self, record: &Origin, target: &str, hop: &Hop) -> Option<Repair> {
        let destination = self.destination(hop);
        let table: serde_json::Value =
            serde_json::from_str(self.analysis.snapshot().record(record.document, record.offset)?).ok()?;
        let routes = table.get("Routes").and_then(serde_json::Value::as_array);
        let same = |route: &serde_json::Value| {
            ["DestinationCidrBlock", "DestinationIpv6CidrBlock"].iter().any(|key| {
                let text = route.get(*key).and_then(serde_json::Value::as_str);
                text.and_then(|text| text.parse::<IpNet>().ok()) == Some(destination)
            })
        };
        let replaces = routes.is_some_and(|routes| routes.iter().any(same));
        Some(Repair::AddRoute {
            destination,
            target_kind: target_kind(target)?,
            target: target.to_owned(),
            replaces,
        })
    }

    /// A route of a transit gateway stands beside the others of its table, in an answer of their own.
    fn transit_route(&self, control: &Control, target: &str, hop: &Hop) -> Option<Change> {
        let graph = self.analysis.graph();
        let table = control.resource.id();
        let mut documents = self.analysis.snapshot().documents().iter().enumerate();
        let (index, element) = documents.find_map(|(index, document)| {
            let of = document.members.get("TransitGatewayRouteTableId")?;
            let routes = document.tables.iter().find(|it| it.key == "Routes").filter(|_| of == table)?;
            Some((index, routes.elements.first()?))
        })?;
        let attachment = scope::selection::by_text(graph, target).into_iter().next()?;
        let within = graph.resource(attachment).within.iter().filter_map(|key| graph.find(key));
        let vpc = within.into_iter().find(|id| graph.resource(*id).kind == "AWS::EC2::VPC")?;
        let repair = Repair::AddTransitRoute {
            destination: self.destination(hop),
            attachment: target.to_owned(),
            resource: (graph.resource(vpc).id.clone(), "vpc".to_owned()),
        };
        let record = Origin {
            document: u32::try_from(index).ok()?,
            offset: element.offset,
            record: element.pointer.clone(),
            pointer: String::new(),
        };
        Some(Change { resource: control.resource.clone(), record, repair })
    }
}

fn any(text: &str, address: IpAddr) -> IpNet {
    text.parse().unwrap_or_else(|_| IpNet::from(address))
}

/// The numbers of the entries of a network ACL's record in one direction.
pub(super) fn numbers(analysis: &Analysis, record: &Origin, direction: Direction) -> Option<Vec<u32>> {
    let text = analysis.snapshot().record(record.document, record.offset)?;
    let acl: serde_json::Value = serde_json::from_str(text).ok()?;
    let entries = acl.get("Entries")?.as_array()?;
    let here = |entry: &&serde_json::Value| {
        entry.get("Egress").and_then(serde_json::Value::as_bool) == Some(direction == Direction::Egress)
    };
    let number = |entry: &serde_json::Value| u32::try_from(entry.get("RuleNumber")?.as_u64()?).ok();
    Some(entries.iter().filter(here).filter_map(number).collect())
}

/// The member that names a target of a route.
///
/// SOURCE: EC2 API reference, `Route` (checked 2026-11-27).
fn target_kind(target: &str) -> Option<&'static str> {
    let kinds = [
        ("igw-", "GatewayId"),
        ("vgw-", "GatewayId"),
        ("eigw-", "EgressOnlyInternetGatewayId"),
        ("nat-", "NatGatewayId"),
        ("tgw-", "TransitGatewayId"),
        ("pcx-", "VpcPeeringConnectionId"),
        ("eni-", "NetworkInterfaceId"),
        ("vpce-", "GatewayId"),
        ("i-", "InstanceId"),
    ];
    kinds.into_iter().find(|(prefix, _)| target.starts_with(prefix)).map(|(_, kind)| kind)
}
