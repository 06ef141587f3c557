//! Network ACL: the ordered, stateless filter at the border of a subnet.
//!
//! No ports of its own: a subnet (or a gateway that stands in one) asks it to filter between two of its ports.
//! Entries are tried in order of their number, whatever their order in the export; the first that matches decides;
//! what none matches is denied.
//!
//! SOURCE: VPC user guide, "Network ACLs: rules" (ascending number, first match, final `*` deny that cannot be
//! removed); EC2 API reference, `NetworkAclEntry` (protocol numbers, -1 is all; ICMP type or code -1 is all)
//! (checked 2026-11-23).
use graph::{Action, Cause, Direction, Disposition, FilterRule, GraphBuilder, Peer, Port, Rule, Transfer};
use headerspace::{Field, Match};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::Deserialize;
use std::sync::Arc;

use super::{
    Resource, Tags,
    address_set::address_in,
    describe, nullable, optional,
    subnet::Subnet,
    traffic::{Protocol, Traffic},
    vpc::Vpc,
};
use crate::{Entry, Id, Inventory};

/// A network ACL, as `describe-network-acls` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NetworkAcl {
    network_acl_id: Id<NetworkAcl>,
    #[serde(default, deserialize_with = "optional")]
    owner_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    vpc_id: Option<Id<Vpc>>,
    #[serde(deserialize_with = "nullable")]
    associations: Vec<Association>,
    entries: Vec<AclEntry>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Association {
    #[serde(default, deserialize_with = "optional")]
    subnet_id: Option<Id<Subnet>>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "WrittenEntry")]
struct AclEntry {
    number: u32,
    direction: Direction,
    action: RuleAction,
    traffic: Traffic,
    peer: IpNet,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WrittenEntry {
    rule_number: u32,
    egress: bool,
    protocol: Protocol,
    rule_action: RuleAction,
    #[serde(default, deserialize_with = "optional")]
    cidr_block: Option<Ipv4Net>,
    #[serde(default, deserialize_with = "optional")]
    ipv6_cidr_block: Option<Ipv6Net>,
    port_range: Option<PortRange>,
    icmp_type_code: Option<IcmpTypeCode>,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RuleAction {
    Allow,
    Deny,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PortRange {
    from: Option<i64>,
    to: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IcmpTypeCode {
    r#type: Option<i64>,
    code: Option<i64>,
}

impl TryFrom<WrittenEntry> for AclEntry {
    type Error = String;

    fn try_from(written: WrittenEntry) -> Result<Self, String> {
        let peer = match (written.cidr_block, written.ipv6_cidr_block) {
            (Some(net), None) => IpNet::V4(net.trunc()),
            (None, Some(net)) => IpNet::V6(net.trunc()),
            (None, None) => return Err("found no address block, expected one".to_owned()),
            (Some(_), Some(_)) => return Err("found two address blocks, expected one".to_owned()),
        };
        let ports = written.port_range.map_or((None, None), |range| (range.from, range.to));
        let icmp = written.icmp_type_code.map_or((None, None), |icmp| (icmp.r#type, icmp.code));
        Ok(Self {
            number: written.rule_number,
            direction: if written.egress { Direction::Egress } else { Direction::Ingress },
            action: written.rule_action,
            traffic: Traffic::new(written.protocol, ports, icmp)?,
            peer,
        })
    }
}

impl AclEntry {
    /// Packets it is about, going in or out as it says.
    fn matches(&self) -> Match {
        let side = if self.direction == Direction::Egress { Field::DstIp } else { Field::SrcIp };
        Match::all_of([self.traffic.matches(), address_in(side, [self.peer])])
    }

    fn rule(&self) -> FilterRule {
        FilterRule {
            direction: self.direction,
            action: match self.action {
                RuleAction::Allow => Action::Allow,
                RuleAction::Deny => Action::Deny,
            },
            number: Some(self.number),
            protocol: self.traffic.protocol().to_string(),
            ports: self.traffic.ports(),
            icmp: self.traffic.icmp(),
            peer: Peer::Cidr(self.peer.to_string()),
        }
    }
}

/// Filters between `from` and `to` as the ACL of `subnet` does. Without an ACL in the snapshot, everything may pass
/// or not.
pub(super) fn filter(
    inventory: &Inventory,
    subnet: &Entry<Subnet>,
    direction: Direction,
    [from, to]: [&Port; 2],
    graph: &mut GraphBuilder,
) {
    let Some(acl) = inventory.naming::<NetworkAcl, Subnet>("subnet", subnet).next() else {
        let note = format!("the network ACL of `{}` is not in the snapshot", subnet.value.id());
        let cause = Arc::new(Cause::structure(&subnet.key).at(subnet.at("")).noting(note));
        graph.connect(from, to, Transfer::all().uncertain(), &cause);
        return;
    };
    for (index, entry) in acl.value.entries.iter().enumerate() {
        if entry.direction != direction {
            continue;
        }
        let rule = Rule::Filter(entry.rule());
        let cause = Arc::new(Cause::new(&acl.key, rule).at(acl.at(format_args!("/Entries/{index}"))));
        let transfer = Transfer::only(entry.matches()).ranked(entry.number);
        match entry.action {
            RuleAction::Allow => graph.connect(from, to, transfer, &cause),
            RuleAction::Deny => graph.connect(from, Disposition::Denied, transfer, &cause),
        }
    }
}

impl Resource for NetworkAcl {
    const TYPE: &'static str = "AWS::EC2::NetworkAcl";
    const LIST: &'static str = "NetworkAcls";

    fn id(&self) -> &Id<Self> {
        &self.network_acl_id
    }

    fn account(&self) -> Option<&str> {
        self.owner_id.as_deref()
    }

    fn associations(&self) -> Vec<String> {
        let subnets = self.associations.iter().filter_map(|association| association.subnet_id.as_ref());
        subnets.map(|id| format!("subnet:{id}")).collect()
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, None, "network-acl", &self.tags);
        resource.within = self.vpc_id.iter().map(|vpc| inventory.key_of(vpc, &here.place)).collect();
        graph.resource(resource);
    }

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}
