//! Security group: the stateful allow list of the interfaces that carry it.
//!
//! Interfaces with the same groups in the same subnet share two filters (see `network_interface`); a group adds one
//! edge per rule and range to each filter it takes part in. Replies of admitted conversations pass without a rule.
//! A rule that names a group means the private addresses of the interfaces that carry that group.
//!
//! SOURCE: VPC user guide, "Security group rules" and "Security group referencing"; EC2 API reference,
//! `IpPermission` (-1 is all protocols; ICMP type and code in `FromPort` and `ToPort`, -1 is all) (checked 2026-11-23).
//! GAP: whether a conversation is tracked is not modelled; replies of untracked ones are allowed by rules anyway.
//! GAP: if the members of a referenced group are unknown, only private senders are taken to be possible members.
use std::{collections::BTreeSet, fmt, sync::Arc};

use graph::{Action, Cause, Direction, FilterRule, Flow, GraphBuilder, Peer, Rule, Transfer};
use headerspace::{Family, Field, Match, Ranges};
use ipnet::IpNet;
use serde::{Deserialize, Deserializer};

use super::{
    Resource, Tags,
    address_set::{address_in, private_ipv4},
    describe,
    network_interface::{Filters, NetworkInterface},
    nullable, prefix_list,
    security_group_rule::SecurityGroupRule,
};
use crate::{Entry, Id, Inventory, Place};

/// A security group, as `describe-security-groups` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecurityGroup {
    group_id: Id<SecurityGroup>,
    owner_id: Option<String>,
    vpc_id: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    ip_permissions: Vec<IpPermission>,
    #[serde(default, deserialize_with = "nullable")]
    ip_permissions_egress: Vec<IpPermission>,
    security_group_arn: Option<String>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IpPermission {
    ip_protocol: Protocol,
    from_port: Option<i64>,
    to_port: Option<i64>,
    #[serde(default, deserialize_with = "nullable")]
    ip_ranges: Vec<IpRange>,
    #[serde(default, deserialize_with = "nullable")]
    ipv6_ranges: Vec<Ipv6Range>,
    #[serde(default, deserialize_with = "nullable")]
    prefix_list_ids: Vec<PrefixListId>,
    #[serde(default, deserialize_with = "nullable")]
    user_id_group_pairs: Vec<GroupPair>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IpRange {
    cidr_ip: IpNet,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Ipv6Range {
    cidr_ipv6: IpNet,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PrefixListId {
    prefix_list_id: String,
}

/// A reference to a group, perhaps of another account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GroupPair {
    pub(super) group_id: Option<String>,
    pub(super) user_id: Option<String>,
}

/// The protocol of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Protocol {
    All,
    Number(u8),
}

impl Protocol {
    const ICMP: u8 = 1;
    const TCP: u8 = 6;
    const UDP: u8 = 17;
    const ICMPV6: u8 = 58;

    pub(super) fn has_ports(self) -> bool {
        matches!(self, Self::Number(Self::TCP | Self::UDP))
    }

    pub(super) fn is_icmp(self) -> bool {
        matches!(self, Self::Number(Self::ICMP | Self::ICMPV6))
    }

    /// Packets of this protocol, and of these ports or ICMP types where the protocol has such.
    pub(super) fn matches(self, ports: Option<(u16, u16)>, icmp: IcmpRange) -> Match {
        let Self::Number(number) = self else { return Match::All };
        let family = if number == Self::ICMP { Family::V4 } else { Family::V6 };
        let mut parts = vec![Match::protocol(number)];
        if let Some((first, last)) = ports.filter(|&range| self.has_ports() && range != (0, u16::MAX)) {
            parts.push(Match::ports(Field::DstPort, first..=last));
        }
        if let Some(kind) = icmp.kind.filter(|_| self.is_icmp()) {
            parts.push(Match::family(family));
            parts.push(Match::In(Field::IcmpType, Ranges::single(u128::from(kind))));
            parts.extend(icmp.code.map(|code| Match::In(Field::IcmpCode, Ranges::single(u128::from(code)))));
        }
        Match::all_of(parts)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::All => f.write_str("all"),
            Self::Number(Self::TCP) => f.write_str("tcp"),
            Self::Number(Self::UDP) => f.write_str("udp"),
            Self::Number(Self::ICMP) => f.write_str("icmp"),
            Self::Number(Self::ICMPV6) => f.write_str("icmpv6"),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

impl<'de> Deserialize<'de> for Protocol {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            Number(i64),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Text(text) => text.to_ascii_lowercase(),
            Written::Number(number) => number.to_string(),
        };
        Ok(match text.as_str() {
            "-1" | "all" => Self::All,
            "tcp" => Self::Number(Self::TCP),
            "udp" => Self::Number(Self::UDP),
            "icmp" => Self::Number(Self::ICMP),
            "icmpv6" | "icmp6" => Self::Number(Self::ICMPV6),
            other => Self::Number(other.parse().map_err(|_| {
                serde::de::Error::custom(format!(
                    "protocol is `{other}`, but it must be -1, tcp, udp, icmp, icmpv6 or a number up to 255"
                ))
            })?),
        })
    }
}

/// ICMP type and code of a rule; `None` is all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IcmpRange {
    kind: Option<u8>,
    code: Option<u8>,
}

impl IcmpRange {
    /// From the numbers of an export, where -1 and absence mean all.
    pub(super) fn new(kind: Option<i64>, code: Option<i64>) -> Self {
        let byte = |value: Option<i64>| value.and_then(|v| u8::try_from(v).ok());
        Self { kind: byte(kind), code: byte(code) }
    }

    /// As a rule shows it.
    pub(super) fn shown(self) -> Option<(u8, Option<u8>)> {
        self.kind.map(|kind| (kind, self.code))
    }
}

/// Whom a rule speaks of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Whom {
    Cidr(IpNet),
    PrefixList(String),
    Group(GroupPair),
}

/// One rule of one group for one range, from either of the two answers that list rules.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GroupRule {
    pub(super) direction: Direction,
    pub(super) protocol: Protocol,
    pub(super) from_port: Option<i64>,
    pub(super) to_port: Option<i64>,
    pub(super) whom: Whom,
}

impl GroupRule {
    fn ports(&self) -> Option<(u16, u16)> {
        let port = |value: Option<i64>| value.and_then(|v| u16::try_from(v).ok());
        Some((port(self.from_port)?, port(self.to_port)?)).filter(|_| self.protocol.has_ports())
    }

    fn icmp(&self) -> IcmpRange {
        IcmpRange::new(self.from_port, self.to_port)
    }

    fn rule(&self) -> FilterRule {
        FilterRule {
            direction: self.direction,
            action: Action::Allow,
            number: None,
            protocol: self.protocol.to_string(),
            ports: self.ports(),
            icmp: self.icmp().shown().filter(|_| self.protocol.is_icmp()),
            peer: match &self.whom {
                Whom::Cidr(net) => Peer::Cidr(net.to_string()),
                Whom::PrefixList(id) => Peer::PrefixList(id.clone()),
                Whom::Group(pair) => Peer::Group(pair.group_id.clone().unwrap_or_default()),
            },
        }
    }

    /// What it allows, and a note if that is not fully known.
    fn transfer(&self, group: &Place, inventory: &Inventory) -> (Match, Option<String>) {
        let side = if self.direction == Direction::Egress { Field::DstIp } else { Field::SrcIp };
        let packets = self.protocol.matches(self.ports(), self.icmp());
        let (far, note) = match &self.whom {
            Whom::Cidr(net) => (address_in(side, [*net]), None),
            Whom::PrefixList(id) => match prefix_list::entries_of(inventory, id, group) {
                Some(entries) => (address_in(side, entries.iter().map(|(net, _)| *net)), None),
                None => {
                    (Match::All, Some(format!("the entries of prefix list `{id}` are not in the snapshot")))
                }
            },
            Whom::Group(pair) => members(pair, side, group, inventory),
        };
        (Match::all_of([packets, far]), note)
    }
}

/// Packets whose `side` is a private address of a member of the group that `pair` names.
fn members(pair: &GroupPair, side: Field, group: &Place, inventory: &Inventory) -> (Match, Option<String>) {
    let id = pair.group_id.clone().unwrap_or_default();
    let table = inventory.table::<NetworkInterface>();
    let addresses: Vec<IpNet> = table
        .associated(&format!("group:{id}"), group)
        .flat_map(|interface| interface.value.addresses().collect::<Vec<_>>())
        .collect();
    let foreign = pair.user_id.as_deref().filter(|user| *user != group.account && !group.account.is_empty());
    let known = match foreign {
        Some(account) => !addresses.is_empty() || inventory.knows_account(account),
        None => table.complete(group),
    };
    let far = address_in(side, addresses);
    if known {
        return (far, None);
    }
    let note = match foreign {
        Some(account) => format!("group `{id}` of account {account} is not in the snapshot"),
        None => format!("the members of group `{id}` are not fully in the snapshot"),
    };
    (Match::any_of([far, private_ipv4(side), Match::family(Family::V6)]), Some(note))
}

impl SecurityGroup {
    /// Rules of this record, each with its pointer.
    fn own_rules(&self) -> impl Iterator<Item = (GroupRule, String)> {
        let ingress =
            self.ip_permissions.iter().enumerate().map(|p| (Direction::Ingress, "IpPermissions", p));
        let egress = self
            .ip_permissions_egress
            .iter()
            .enumerate()
            .map(|p| (Direction::Egress, "IpPermissionsEgress", p));
        ingress.chain(egress).flat_map(|(direction, list, (index, permission))| {
            let v4 = permission.ip_ranges.iter().map(|range| Whom::Cidr(range.cidr_ip));
            let v6 = permission.ipv6_ranges.iter().map(|range| Whom::Cidr(range.cidr_ipv6));
            let lists = permission.prefix_list_ids.iter().map(|p| Whom::PrefixList(p.prefix_list_id.clone()));
            let groups = permission.user_id_group_pairs.iter().cloned().map(Whom::Group);
            let sources = [
                ("IpRanges", v4.collect::<Vec<_>>()),
                ("Ipv6Ranges", v6.collect()),
                ("PrefixListIds", lists.collect()),
                ("UserIdGroupPairs", groups.collect()),
            ];
            sources.into_iter().flat_map(move |(member, sources)| {
                sources.into_iter().enumerate().map(move |(at, whom)| {
                    let rule = GroupRule {
                        direction,
                        protocol: permission.ip_protocol,
                        from_port: permission.from_port,
                        to_port: permission.to_port,
                        whom,
                    };
                    (rule, format!("/{list}/{index}/{member}/{at}"))
                })
            })
        })
    }
}

/// A key under which a rule of both answers is the same rule.
fn same(rule: &GroupRule) -> GroupRule {
    let mut rule = rule.clone();
    if let Whom::Group(pair) = &mut rule.whom {
        pair.user_id = None;
    }
    if rule.protocol == Protocol::All {
        (rule.from_port, rule.to_port) = (None, None);
    }
    rule
}

impl Resource for SecurityGroup {
    const TYPE: &'static str = "AWS::EC2::SecurityGroup";
    const LIST: &'static str = "SecurityGroups";

    fn id(&self) -> &Id<Self> {
        &self.group_id
    }

    fn account(&self) -> Option<&str> {
        self.owner_id.as_deref()
    }

    fn weight(&self) -> String {
        format!("{self:?}")
    }

    fn declare(&self, here: &Entry<Self>, _: &Inventory, graph: &mut GraphBuilder) {
        let arn = self.security_group_arn.clone().filter(|arn| arn.starts_with("arn:"));
        let mut resource = describe(here, arn, "security-group", &self.tags);
        resource.within = self.vpc_id.iter().map(|vpc| here.place.key(vpc)).collect();
        graph.resource(resource);
    }

    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let id = self.group_id.as_str();
        let filters = Filters::with_group(inventory, id, &here.place);
        if filters.is_empty() {
            return;
        }
        let mut known = BTreeSet::new();
        for (rule, pointer) in self.own_rules() {
            known.insert(same(&rule));
            let cause = Cause::new(&here.key, Rule::Filter(rule.rule())).at(here.at(pointer));
            allow(&rule, cause, here, inventory, &filters, graph);
        }
        let listed = inventory.table::<SecurityGroupRule>();
        for entry in listed.associated(&format!("rules-of:{id}"), &here.place) {
            let Some(rule) = entry.value.rule().filter(|rule| !known.contains(&same(rule))) else { continue };
            let cause = Cause::new(&here.key, Rule::Filter(rule.rule())).at(entry.at(""));
            allow(&rule, cause, here, inventory, &filters, graph);
        }
    }
}

/// Adds the edges of one rule to every filter that the group takes part in.
fn allow(
    rule: &GroupRule,
    cause: Cause,
    here: &Entry<SecurityGroup>,
    inventory: &Inventory,
    filters: &[Filters],
    graph: &mut GraphBuilder,
) {
    let (guard, note) = rule.transfer(&here.place, inventory);
    let mut transfer = Transfer::only(guard).for_flow(Flow::Opening);
    let mut cause = cause;
    if let Some(note) = note {
        transfer = transfer.uncertain();
        cause = cause.noting(note);
    }
    let cause = Arc::new(cause);
    for filter in filters {
        let [from, to] = filter.ports(rule.direction);
        graph.connect(from, to, transfer.clone(), &cause);
    }
}
