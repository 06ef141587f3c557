//! Network ACL: the ordered, stateless filter at the border of a subnet.
//!
//! No ports of its own: a subnet (or a gateway that stands in one) asks it to filter between two of its ports.
//! Entries are tried in order of their number, whatever their order in the export; the first that matches decides;
//! what none matches is denied.
//!
//! SOURCE: VPC user guide, "Network ACLs: rules" (ascending number, first match, final `*` deny that cannot be
//! removed); EC2 API reference, `NetworkAclEntry` (protocol numbers, -1 is all; ICMP type or code -1 is all)
//! (checked 2026-11-23).
use graph::{
    Action, Cause, Control, ControlKind, Direction, Disposition, FilterRule, GraphBuilder, Peer, Port, Rule,
    Transfer,
};
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
use crate::{
    Entry, Id, Inventory,
    rules::{Author, Effect, ListedRule, Sureness},
};

/// The number of the final denial for IPv4; that for IPv6 is the next. Others have lower ones.
const FIRST_DEFAULT: u32 = 32_767;

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
    for rule in rules(acl, direction) {
        let transfer = Transfer::only(rule.guard).ranked(rule.rank);
        match rule.effect {
            Effect::Pass => graph.connect(from, to, transfer, &rule.cause),
            Effect::Drop | Effect::Forward => {
                let control = match rule.author {
                    Author::Default => {
                        Control::new(&acl.key, ControlKind::NoRule(direction), acl.at("/Entries"))
                    }
                    Author::Owner => Control::refusal(&rule.cause),
                };
                graph.offer_instead(from, to, transfer.clone(), control);
                graph.connect(from, Disposition::Denied, transfer, &rule.cause);
            }
        }
    }
    // An ACL may be exported without its last entries, which deny the rest.
    let control = Control::new(&acl.key, ControlKind::NoRule(direction), acl.at("/Entries"));
    graph.offer_instead(from, to, Transfer::all().ranked(u32::MAX), control);
}

/// The entries for one direction, ranked by their numbers.
pub(super) fn rules(
    here: &Entry<NetworkAcl>,
    direction: Direction,
) -> impl Iterator<Item = ListedRule> + use<'_> {
    let entries =
        here.value.entries.iter().enumerate().filter(move |(_, entry)| entry.direction == direction);
    entries.map(|(index, entry)| {
        let cause = Cause::new(&here.key, Rule::Filter(entry.rule()));
        ListedRule {
            guard: entry.matches(),
            effect: match entry.action {
                RuleAction::Allow => Effect::Pass,
                RuleAction::Deny => Effect::Drop,
            },
            sureness: Sureness::Surely,
            author: if entry.number >= FIRST_DEFAULT { Author::Default } else { Author::Owner },
            rank: entry.number,
            cause: Arc::new(cause.at(here.at(format_args!("/Entries/{index}")))),
        }
    })
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

#[cfg(test)]
mod tests {
    use crate::resource::among;

    #[test]
    fn entries_go_by_their_number() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"NetworkAcls":[{"NetworkAclId":"acl-1","VpcId":"vpc-1","Associations":[{"SubnetId":"subnet-1"}],"Entries":[{"RuleNumber":32767,"Egress":false,"Protocol":"-1","RuleAction":"deny","CidrBlock":"0.0.0.0/0"},{"RuleNumber":32768,"Egress":false,"Protocol":"-1","RuleAction":"deny","Ipv6CidrBlock":"::/0"},{"RuleNumber":110,"Egress":false,"Protocol":"6","RuleAction":"deny","CidrBlock":"10.9.0.0/16","PortRange":{"From":22,"To":22}},{"RuleNumber":100,"Egress":false,"Protocol":"1","RuleAction":"allow","CidrBlock":"0.0.0.0/0","IcmpTypeCode":{"Type":-1,"Code":-1}},{"RuleNumber":105,"Egress":false,"Protocol":"58","RuleAction":"allow","Ipv6CidrBlock":"::/0","IcmpTypeCode":{"Type":128,"Code":-1}},{"RuleNumber":100,"Egress":true,"Protocol":"17","RuleAction":"allow","CidrBlock":"0.0.0.0/0","PortRange":{"From":0,"To":65535}}]}]}"#;
        insta::assert_snapshot!(among(export, "subnet-1"), @r"
        subnet-1/entering -> subnet-1/inside: [100] icmp and src_ip in 0.0.0.0/0
        subnet-1/entering -> subnet-1/inside: [105] icmpv6 and ipv6 and icmp_type 128 and src_ip in ::/0
        subnet-1/entering -> denied: [110] tcp and dst_port 22 and src_ip in 10.9.0.0/16
        subnet-1/entering -> denied: [32767] src_ip in 0.0.0.0/0
        subnet-1/entering -> denied: [32768] src_ip in ::/0
        subnet-1/leaving -> subnet-1/router: [100] udp and dst_ip in 0.0.0.0/0
        subnet-1/out -> subnet-1/inside: dst_ip in 10.0.1.0/24
        subnet-1/out -> subnet-1/leaving: [1] any packet
        subnet-1/router -> vpc-1/local: dst_ip in 10.0.0.0/16; uncertain (the route table of `subnet-1` is not in the snapshot)
        subnet-1/router -> insufficient-info: [1] any packet (the route table of `subnet-1` is not in the snapshot)
        vpc-1/local -> subnet-1/entering: dst_ip in 10.0.1.0/24
        ");
    }

    #[test]
    fn an_entry_without_a_block_makes_the_filter_unknown() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"NetworkAcls":[{"NetworkAclId":"acl-1","VpcId":"vpc-1","Associations":[{"SubnetId":"subnet-1"}],"Entries":[{"RuleNumber":1,"Egress":false,"Protocol":"-1","RuleAction":"deny","CidrBlock":"","Ipv6CidrBlock":null}]}]}"#;
        insta::assert_snapshot!(among(export, "! "), @"! found no address block, expected one");
    }

    #[test]
    fn an_entry_for_tcp_without_ports_makes_the_filter_unknown() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"NetworkAcls":[{"NetworkAclId":"acl-1","VpcId":"vpc-1","Associations":[{"SubnetId":"subnet-1"}],"Entries":[{"RuleNumber":1,"Egress":false,"Protocol":"6","RuleAction":"allow","CidrBlock":"0.0.0.0/0"}]}]}"#;
        insta::assert_snapshot!(among(export, "!"), @"! found no range of ports, but a rule for tcp has one");
    }

    #[test]
    fn missing_filter_is_said() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}]}"#;
        insta::assert_snapshot!(among(export, "network ACL"), @r"
        subnet-1/entering -> subnet-1/inside: any packet; uncertain (the network ACL of `subnet-1` is not in the snapshot)
        subnet-1/leaving -> subnet-1/router: any packet; uncertain (the network ACL of `subnet-1` is not in the snapshot)
        ");
    }
}
