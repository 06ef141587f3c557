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
use headerspace::Match;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::Deserialize;
use std::sync::Arc;

use super::{
    Resource, Tags,
    address_set::address_in,
    describe, nullable,
    security_group::{IcmpRange, Protocol},
    subnet::Subnet,
};
use crate::{Entry, Id, Inventory};

/// A network ACL, as `describe-network-acls` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NetworkAcl {
    network_acl_id: Id<NetworkAcl>,
    owner_id: Option<String>,
    vpc_id: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    associations: Vec<Association>,
    #[serde(default, deserialize_with = "nullable")]
    entries: Vec<AclEntry>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Association {
    subnet_id: Option<Id<Subnet>>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AclEntry {
    rule_number: u32,
    egress: bool,
    protocol: Protocol,
    rule_action: RuleAction,
    cidr_block: Option<Ipv4Net>,
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

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PortRange {
    from: Option<u16>,
    to: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IcmpTypeCode {
    r#type: Option<i64>,
    code: Option<i64>,
}

impl AclEntry {
    fn ports(&self) -> Option<(u16, u16)> {
        let range = self.port_range?;
        Some((range.from?, range.to?))
    }

    fn icmp(&self) -> IcmpRange {
        let codes = self.icmp_type_code;
        IcmpRange::new(codes.and_then(|c| c.r#type), codes.and_then(|c| c.code))
    }

    /// Packets it is about, going in or out as it says.
    fn matches(&self) -> Match {
        let side = if self.egress { headerspace::Field::DstIp } else { headerspace::Field::SrcIp };
        let v4 = self.cidr_block.map(|net| IpNet::V4(net.trunc()));
        let nets = v4.into_iter().chain(self.ipv6_cidr_block.map(|net| IpNet::V6(net.trunc())));
        Match::all_of([self.protocol.matches(self.ports(), self.icmp()), address_in(side, nets)])
    }

    fn rule(&self) -> FilterRule {
        let cidr = self.cidr_block.map(|net| net.to_string());
        let cidr = cidr.or_else(|| self.ipv6_cidr_block.map(|net| net.to_string())).unwrap_or_default();
        FilterRule {
            direction: if self.egress { Direction::Egress } else { Direction::Ingress },
            action: match self.rule_action {
                RuleAction::Allow => Action::Allow,
                RuleAction::Deny => Action::Deny,
            },
            number: Some(self.rule_number),
            protocol: self.protocol.to_string(),
            ports: self.ports().filter(|_| self.protocol.has_ports()),
            icmp: self.icmp().shown().filter(|_| self.protocol.is_icmp()),
            peer: Peer::Cidr(cidr),
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
    let acls = inventory.table::<NetworkAcl>();
    let mut own = acls.associated(&format!("subnet:{}", subnet.value.id()), &subnet.place);
    let Some(acl) = own.next() else {
        let note = format!("the network ACL of `{}` is not in the snapshot", subnet.value.id());
        let cause = Arc::new(Cause::structure(&subnet.key).at(subnet.at("")).noting(note));
        graph.connect(from, to, Transfer::all().uncertain(), &cause);
        return;
    };
    for (index, entry) in acl.value.entries.iter().enumerate() {
        if entry.egress != (direction == Direction::Egress) {
            continue;
        }
        let rule = Rule::Filter(entry.rule());
        let cause = Arc::new(Cause::new(&acl.key, rule).at(acl.at(format_args!("/Entries/{index}"))));
        let transfer = Transfer::only(entry.matches()).ranked(entry.rule_number);
        match entry.rule_action {
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

    fn weight(&self) -> String {
        format!("{self:?}")
    }

    fn associations(&self) -> Vec<String> {
        let subnets = self.associations.iter().filter_map(|association| association.subnet_id.as_ref());
        subnets.map(|id| format!("subnet:{id}")).collect()
    }

    fn declare(&self, here: &Entry<Self>, _: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, None, "network-acl", &self.tags);
        resource.within = self.vpc_id.iter().map(|vpc| here.place.key(vpc)).collect();
        graph.resource(resource);
    }

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}
