//! One change of configuration: what it does to the export, in words, and as a command of the AWS CLI.

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
};

use graph::{Direction, Origin, ResourceKey};
use ipnet::IpNet;
use serde_json::{Map, Value, json};

use crate::shell;

/// Traffic that a rule is about: a protocol and, where it has them, ports or an ICMP type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Traffic {
    /// IANA number; `None` is every protocol.
    pub protocol: Option<u8>,
    /// Destination ports, for TCP and UDP; `None` is all of them.
    pub ports: Option<(u16, u16)>,
}

impl Traffic {
    /// As security groups and the AWS CLI write it: `tcp`, `47`, `-1`.
    fn word(&self) -> String {
        match self.protocol {
            None => "-1".to_owned(),
            Some(6) => "tcp".to_owned(),
            Some(17) => "udp".to_owned(),
            Some(1) => "icmp".to_owned(),
            Some(58) => "icmpv6".to_owned(),
            Some(other) => other.to_string(),
        }
    }

    fn number(&self) -> String {
        self.protocol.map_or_else(|| "-1".to_owned(), |protocol| protocol.to_string())
    }

    fn has_ports(&self) -> bool {
        matches!(self.protocol, Some(6 | 17))
    }

    /// First and last port as groups write them.
    fn range(&self) -> Option<(i64, i64)> {
        match self.protocol {
            Some(6 | 17) => Some(self.ports.map_or((0, 65535), |(first, last)| (first.into(), last.into()))),
            Some(1 | 58) => Some((-1, -1)),
            _ => None,
        }
    }
}

impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.protocol {
            None => f.write_str("all")?,
            Some(_) => f.write_str(&self.word())?,
        }
        match self.ports.filter(|_| self.has_ports()) {
            None | Some((0, u16::MAX)) => Ok(()),
            Some((first, last)) if first == last => write!(f, " {first}"),
            Some((first, last)) => write!(f, " {first}-{last}"),
        }
    }
}

/// What is changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Repair {
    /// A rule is added to a security group.
    AddRule {
        /// Which way it looks.
        direction: Direction,
        /// Traffic that it allows.
        traffic: Traffic,
        /// From or to whom.
        peer: IpNet,
    },
    /// A rule of a security group is taken away; others, which allow less, may take its place.
    RemoveRule {
        /// Which way it looks.
        direction: Direction,
        /// JSON pointer of the peer within the group's record.
        pointer: String,
        /// The rule as it stands: traffic and peer, in words.
        written: String,
        /// The rule as it stands: protocol, first and last port, peer.
        rule: (String, Option<(i64, i64)>, String),
        /// What is still allowed.
        rest: Vec<(Traffic, IpNet)>,
    },
    /// An entry is added to a network ACL.
    AddEntry {
        /// Which way it looks.
        direction: Direction,
        /// Its number, which no other entry of the direction has.
        number: u32,
        /// Whether it allows; if not, it denies.
        allows: bool,
        /// Traffic that it is about.
        traffic: Traffic,
        /// From or to whom.
        peer: IpNet,
    },
    /// A route is added to a route table, in the place of one with the same destination if there is one.
    AddRoute {
        /// Its destination.
        destination: IpNet,
        /// Member that names the target (`GatewayId` …).
        target_kind: &'static str,
        /// The target, by id.
        target: String,
        /// Whether another route has the same destination.
        replaces: bool,
    },
    /// A route is taken out of a route table.
    RemoveRoute {
        /// Its destination, as written.
        destination: String,
        /// JSON pointer within the table's record.
        pointer: String,
    },
    /// A static route is added to a route table of a transit gateway.
    AddTransitRoute {
        /// Its destination.
        destination: IpNet,
        /// The attachment it leads to, by id.
        attachment: String,
        /// What is attached, and of which kind it is.
        resource: (String, String),
    },
    /// An attachment of a transit gateway is associated with a route table.
    Associate {
        /// The route table, by id.
        table: String,
    },
    /// An interface gets a public address; [`PLACEHOLDER`] stands for it.
    AddPublicAddress,
    /// VPC Block Public Access is turned off.
    AllowPublicAccess,
}

/// Stands for a public address that is yet to be allocated.
pub const PLACEHOLDER: &str = "192.0.2.1";

/// A change and the resource that it changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Whose record it is.
    pub resource: ResourceKey,
    /// Where the record is.
    pub record: Origin,
    /// What is changed.
    pub repair: Repair,
}

fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "ingress",
        Direction::Egress => "egress",
    }
}

fn side(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "from",
        Direction::Egress => "to",
    }
}

/// In words that follow the name of the resource.
impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddRule { direction, traffic, peer } => {
                write!(f, "add rule: allow {} {traffic} {} {peer}", word(*direction), side(*direction))
            }
            Self::RemoveRule { direction, written, rest, .. } if rest.is_empty() => {
                write!(f, "remove rule: allow {} {written}", word(*direction))
            }
            Self::RemoveRule { direction, written, rest, .. } => {
                write!(f, "narrow rule: allow {} {written}, to ", word(*direction))?;
                for (index, (traffic, peer)) in rest.iter().enumerate() {
                    let comma = if index == 0 { "" } else { "; " };
                    write!(f, "{comma}{traffic} {} {peer}", side(*direction))?;
                }
                Ok(())
            }
            Self::AddEntry { direction, number, allows, traffic, peer } => {
                let action = if *allows { "allow" } else { "deny" };
                let (word, side) = (word(*direction), side(*direction));
                write!(f, "add rule {number}: {action} {word} {traffic} {side} {peer}")
            }
            Self::AddRoute { destination, target, replaces, .. } => {
                let verb = if *replaces { "replace" } else { "add" };
                write!(f, "{verb} route {destination} to {target}")
            }
            Self::RemoveRoute { destination, .. } => write!(f, "remove route {destination}"),
            Self::AddTransitRoute { destination, attachment, .. } => {
                write!(f, "add static route {destination} to {attachment}")
            }
            Self::Associate { table } => write!(f, "associate with {table}"),
            Self::AddPublicAddress => write!(f, "associate a public address ({PLACEHOLDER} stands for it)"),
            Self::AllowPublicAccess => f.write_str("turn VPC Block Public Access off"),
        }
    }
}

impl Change {
    /// The record after the change; `None` if it is not of the form that is expected.
    pub(super) fn applied(&self, record: &Value) -> Option<Value> {
        let mut record = record.clone();
        let members = record.as_object_mut()?;
        match &self.repair {
            Repair::AddRule { direction, traffic, peer } => {
                list(members, permissions(*direction))?.push(permission(traffic, *peer));
            }
            Repair::RemoveRule { direction, pointer, rest, .. } => {
                remove(&mut record, pointer)?;
                let list = list(record.as_object_mut()?, permissions(*direction))?;
                list.extend(rest.iter().map(|(traffic, peer)| permission(traffic, *peer)));
            }
            Repair::AddEntry { direction, number, allows, traffic, peer } => {
                let entry = json!({
                    "RuleNumber": number,
                    "RuleAction": if *allows { "allow" } else { "deny" },
                    "Egress": *direction == Direction::Egress,
                    "Protocol": traffic.number(),
                    cidr(*peer, "CidrBlock", "Ipv6CidrBlock"): peer.to_string(),
                });
                let (first, last) = traffic.ports.unwrap_or((0, u16::MAX));
                let ports = traffic.has_ports().then(|| json!({ "From": first, "To": last }));
                let icmp =
                    matches!(traffic.protocol, Some(1 | 58)).then(|| json!({ "Type": -1, "Code": -1 }));
                let more = [("PortRange", ports), ("IcmpTypeCode", icmp)];
                let entries = list(members, "Entries")?;
                let same = |other: &Value, key: &str| other.get(key) == entry.get(key);
                // A number stands for one entry of a direction.
                if entries.iter().any(|other| same(other, "RuleNumber") && same(other, "Egress")) {
                    return None;
                }
                entries.push(with(entry, more));
            }
            Repair::AddRoute { destination, target_kind, target, .. } => {
                let key = cidr(*destination, "DestinationCidrBlock", "DestinationIpv6CidrBlock");
                let routes = list(members, "Routes")?;
                let same = |route: &Value| {
                    route.get(key).and_then(Value::as_str).and_then(|text| text.parse::<IpNet>().ok())
                        == Some(*destination)
                };
                routes.retain(|route| !same(route));
                routes.push(json!({
                    key: destination.to_string(), *target_kind: target, "Origin": "CreateRoute", "State": "active",
                }));
            }
            Repair::RemoveRoute { pointer, .. } => remove(&mut record, pointer)?,
            // It stands beside the record: see `beside`.
            Repair::AddTransitRoute { .. } => {}
            Repair::Associate { table } => {
                members.insert(
                    "Association".to_owned(),
                    json!({ "TransitGatewayRouteTableId": table, "State": "associated" }),
                );
            }
            Repair::AddPublicAddress => {
                let association = json!({ "PublicIp": PLACEHOLDER });
                let private = members.get("PrivateIpAddress").cloned();
                members.insert("Association".to_owned(), association.clone());
                let addresses = members.get_mut("PrivateIpAddresses").and_then(Value::as_array_mut);
                for address in addresses.into_iter().flatten() {
                    if address.get("PrivateIpAddress") == private.as_ref() {
                        *address = with(address.take(), [("Association", Some(association.clone()))]);
                    }
                }
            }
            Repair::AllowPublicAccess => {
                members.get("InternetGatewayBlockMode")?;
                members.insert("InternetGatewayBlockMode".to_owned(), json!("off"));
            }
        }
        Some(record)
    }

    /// Commands of the AWS CLI that make the change.
    ///
    /// SOURCE: AWS CLI reference, `authorize-security-group-ingress`, `revoke-security-group-ingress`,
    /// `create-network-acl-entry`, `create-route`, `replace-route`, `delete-route`, `create-transit-gateway-route`,
    /// `associate-transit-gateway-route-table`, `associate-address`, `modify-vpc-block-public-access-options` (checked
    /// 2026-11-27).
    pub fn commands(&self) -> Vec<String> {
        let id = &shell::word(self.resource.id());
        match &self.repair {
            Repair::AddRule { direction, traffic, peer } => {
                vec![group_command("authorize", id, *direction, &[permission(traffic, *peer)])]
            }
            Repair::RemoveRule { direction, rule, rest, .. } => {
                let (protocol, range, peer) = rule;
                let rest: Vec<Value> =
                    rest.iter().map(|(traffic, peer)| permission(traffic, *peer)).collect();
                let mut lines = Vec::new();
                if !rest.is_empty() {
                    // What is to stay allowed is so before the rule goes.
                    lines.push(group_command("authorize", id, *direction, &rest));
                }
                lines.push(group_command("revoke", id, *direction, &[written(protocol, *range, peer)]));
                lines
            }
            Repair::AddEntry { direction, number, allows, traffic, peer } => {
                let way = if *direction == Direction::Egress { "--egress" } else { "--ingress" };
                let action = if *allows { "allow" } else { "deny" };
                let block = cidr(*peer, "--cidr-block", "--ipv6-cidr-block");
                let mut line = format!(
                    "aws ec2 create-network-acl-entry --network-acl-id {id} {way} --rule-number {number} \
                     --protocol {} --rule-action {action} {block} {peer}",
                    traffic.number()
                );
                if traffic.has_ports() {
                    let (first, last) = traffic.ports.unwrap_or((0, u16::MAX));
                    let _ = write!(line, " --port-range From={first},To={last}");
                }
                if matches!(traffic.protocol, Some(1 | 58)) {
                    line.push_str(" --icmp-type-code Type=-1,Code=-1");
                }
                vec![line]
            }
            Repair::AddRoute { destination, target_kind, target, replaces } => {
                let verb = if *replaces { "replace-route" } else { "create-route" };
                let block = cidr(*destination, "--destination-cidr-block", "--destination-ipv6-cidr-block");
                let option = option(target_kind);
                let target = shell::word(target);
                vec![format!("aws ec2 {verb} --route-table-id {id} {block} {destination} {option} {target}")]
            }
            Repair::RemoveRoute { destination, .. } => {
                let option = match destination.parse::<IpNet>() {
                    Ok(net) => cidr(net, "--destination-cidr-block", "--destination-ipv6-cidr-block"),
                    Err(_) => "--destination-prefix-list-id",
                };
                let destination = shell::word(destination);
                vec![format!("aws ec2 delete-route --route-table-id {id} {option} {destination}")]
            }
            Repair::AddTransitRoute { destination, attachment, .. } => vec![format!(
                "aws ec2 create-transit-gateway-route --transit-gateway-route-table-id {id} \
                 --destination-cidr-block {destination} --transit-gateway-attachment-id {}",
                shell::word(attachment)
            )],
            Repair::Associate { table } => vec![format!(
                "aws ec2 associate-transit-gateway-route-table --transit-gateway-route-table-id {} \
                 --transit-gateway-attachment-id {id}",
                shell::word(table)
            )],
            Repair::AddPublicAddress => vec![
                "aws ec2 allocate-address --domain vpc".to_owned(),
                format!(
                    "aws ec2 associate-address --network-interface-id {id} --allocation-id ALLOCATION_ID"
                ),
            ],
            Repair::AllowPublicAccess => vec![
                "aws ec2 modify-vpc-block-public-access-options --internet-gateway-block-mode off".to_owned(),
            ],
        }
    }
}

/// The option of the AWS CLI for a member that names a route's target: `--nat-gateway-id` for `NatGatewayId`.
fn option(member: &str) -> String {
    let mut option = String::from("-");
    for letter in member.chars() {
        if letter.is_uppercase() {
            option.push('-');
        }
        option.extend(letter.to_lowercase());
    }
    option
}

fn group_command(verb: &str, group: &str, direction: Direction, permissions: &[Value]) -> String {
    let (way, permissions) = (word(direction), Value::from(permissions));
    let permissions = permissions.to_string();
    let permissions = shell::word(&permissions);
    format!("aws ec2 {verb}-security-group-{way} --group-id {group} --ip-permissions {permissions}")
}

fn cidr<'t>(net: IpNet, four: &'t str, six: &'t str) -> &'t str {
    match net {
        IpNet::V4(_) => four,
        IpNet::V6(_) => six,
    }
}

fn permissions(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "IpPermissions",
        Direction::Egress => "IpPermissionsEgress",
    }
}

fn permission(traffic: &Traffic, peer: IpNet) -> Value {
    written(&traffic.word(), traffic.range(), &peer.to_string())
}

/// A permission with one peer: a block of addresses, a group or a prefix list.
fn written(protocol: &str, range: Option<(i64, i64)>, peer: &str) -> Value {
    let (list, entry) = match peer.parse::<IpNet>() {
        Ok(IpNet::V4(_)) => ("IpRanges", json!({ "CidrIp": peer })),
        Ok(IpNet::V6(_)) => ("Ipv6Ranges", json!({ "CidrIpv6": peer })),
        Err(_) if peer.starts_with("pl-") => ("PrefixListIds", json!({ "PrefixListId": peer })),
        Err(_) => ("UserIdGroupPairs", json!({ "GroupId": peer })),
    };
    let ports = range.map(|(first, last)| (json!(first), json!(last))).unzip();
    with(json!({ "IpProtocol": protocol, list: [entry] }), [("FromPort", ports.0), ("ToPort", ports.1)])
}

/// An object with those of these members that there are.
fn with<const N: usize>(mut object: Value, more: [(&str, Option<Value>); N]) -> Value {
    for (key, value) in more {
        if let (Some(members), Some(value)) = (object.as_object_mut(), value) {
            members.insert(key.to_owned(), value);
        }
    }
    object
}

fn list<'m>(members: &'m mut Map<String, Value>, key: &str) -> Option<&'m mut Vec<Value>> {
    members.entry(key).or_insert_with(|| json!([])).as_array_mut()
}

/// Takes the element of a list away that a pointer names; `null` keeps its place until [`cleaned`], so that other
/// pointers stay what they are.
fn remove(record: &mut Value, pointer: &str) -> Option<()> {
    *record.pointer_mut(pointer)? = Value::Null;
    Some(())
}

/// A record without what was taken away.
pub(super) fn cleaned(mut record: Value) -> Value {
    for key in ["IpPermissions", "IpPermissionsEgress", "Routes"] {
        let Some(items) = record.get_mut(key).and_then(Value::as_array_mut) else { continue };
        items.retain(|item| !item.is_null());
        for item in items.iter_mut() {
            for peers in PEERS {
                if let Some(peers) = item.get_mut(peers).and_then(Value::as_array_mut) {
                    peers.retain(|peer| !peer.is_null());
                }
            }
        }
        if key != "Routes" {
            items.retain(|permission| !is_idle(permission));
        }
    }
    record
}

/// The lists of peers in a permission.
const PEERS: [&str; 4] = ["IpRanges", "Ipv6Ranges", "UserIdGroupPairs", "PrefixListIds"];

/// Whether a permission names nobody any more.
fn is_idle(permission: &Value) -> bool {
    PEERS.iter().all(|key| permission.get(*key).and_then(Value::as_array).is_none_or(Vec::is_empty))
}

impl Change {
    /// A record that the change adds behind its own.
    fn beside(&self) -> Option<Value> {
        let Repair::AddTransitRoute { destination, attachment, resource: (id, kind) } = &self.repair else {
            return None;
        };
        let attached =
            json!({ "TransitGatewayAttachmentId": attachment, "ResourceId": id, "ResourceType": kind });
        Some(json!({
            "DestinationCidrBlock": destination.to_string(), "TransitGatewayAttachments": [attached],
            "Type": "static", "State": "active",
        }))
    }
}

/// The text of records after changes, by document and offset; `None` if one is not of the form that is expected.
pub(super) fn edited<'c>(
    changes: impl IntoIterator<Item = &'c Change>,
    record_at: impl Fn(u32, usize) -> Option<Value>,
) -> Option<BTreeMap<(u32, usize), String>> {
    let mut records = BTreeMap::<(u32, usize), (Value, Vec<Value>)>::new();
    for change in changes {
        let at = (change.record.document, change.record.offset);
        let (before, mut more) = match records.remove(&at) {
            Some(known) => known,
            None => (record_at(at.0, at.1)?, Vec::new()),
        };
        more.extend(change.beside());
        records.insert(at, (change.applied(&before)?, more));
    }
    let text = |(record, more): (Value, Vec<Value>)| {
        let all = std::iter::once(cleaned(record)).chain(more);
        all.map(|record| record.to_string()).collect::<Vec<_>>().join(", ")
    };
    Some(records.into_iter().map(|(at, record)| (at, text(record))).collect())
}
