//! Security group rule: the same rules in the answer that lists them one by one.
//!
//! Adds nothing by itself: the group it belongs to reads it. If only rules were exported, the groups stand on them.
//!
//! SOURCE: EC2 API reference, `SecurityGroupRule` and `ReferencedSecurityGroup` (checked 2026-11-23).
use graph::{Direction, GraphBuilder};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::Deserialize;

use super::{
    Resource, optional,
    prefix_list::PrefixList,
    security_group::{GroupPair, GroupRule, SecurityGroup, Whom},
    traffic::{Protocol, Traffic},
};
use crate::{Entry, Id, Inventory};

/// A rule, as `describe-security-group-rules` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Written")]
pub struct SecurityGroupRule {
    id: Id<SecurityGroupRule>,
    group: Id<SecurityGroup>,
    owner: Option<String>,
    rule: GroupRule,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Written {
    security_group_rule_id: Id<SecurityGroupRule>,
    group_id: Id<SecurityGroup>,
    #[serde(default, deserialize_with = "optional")]
    group_owner_id: Option<String>,
    is_egress: bool,
    ip_protocol: Protocol,
    from_port: Option<i64>,
    to_port: Option<i64>,
    #[serde(default, deserialize_with = "optional")]
    cidr_ipv4: Option<Ipv4Net>,
    #[serde(default, deserialize_with = "optional")]
    cidr_ipv6: Option<Ipv6Net>,
    #[serde(default, deserialize_with = "optional")]
    prefix_list_id: Option<Id<PrefixList>>,
    referenced_group_info: Option<GroupPair>,
}

impl TryFrom<Written> for SecurityGroupRule {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let v4 = written.cidr_ipv4.map(|net| Whom::Cidr(IpNet::V4(net.trunc())));
        let v6 = written.cidr_ipv6.map(|net| Whom::Cidr(IpNet::V6(net.trunc())));
        let list = written.prefix_list_id.map(|list| Whom::PrefixList(list.to_string()));
        let group = written.referenced_group_info.map(Whom::Group);
        let whom = v4.or(v6).or(list).or(group);
        let numbers = (written.from_port, written.to_port);
        let rule = GroupRule {
            direction: if written.is_egress { Direction::Egress } else { Direction::Ingress },
            traffic: Traffic::new(written.ip_protocol, numbers, numbers)?,
            whom: whom.ok_or("found neither an address block nor a prefix list nor a group, expected one")?,
        };
        let Written { security_group_rule_id: id, group_id: group, group_owner_id: owner, .. } = written;
        Ok(Self { id, group, owner, rule })
    }
}

impl SecurityGroupRule {
    /// The group it belongs to.
    pub(super) fn group(&self) -> &Id<SecurityGroup> {
        &self.group
    }

    /// What it says.
    pub(super) fn rule(&self) -> &GroupRule {
        &self.rule
    }
}

impl Resource for SecurityGroupRule {
    const TYPE: &'static str = "AWS::EC2::SecurityGroupRule";
    const LIST: &'static str = "SecurityGroupRules";

    fn id(&self) -> &Id<Self> {
        &self.id
    }

    fn account(&self) -> Option<&str> {
        self.owner.as_deref()
    }

    fn associations(&self) -> Vec<String> {
        vec![format!("rules-of:{}", self.group)]
    }

    fn declare(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}

#[cfg(test)]
mod tests {
    use crate::resource::among;

    #[test]
    fn rules_alone_make_the_groups() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Status":"in-use","Groups":[{"GroupId":"sg-1"}]}],"SecurityGroupRules":[{"SecurityGroupRuleId":"sgr-1","GroupId":"sg-1","IsEgress":false,"IpProtocol":"tcp","FromPort":22,"ToPort":22,"CidrIpv4":"10.0.0.0/8","CidrIpv6":"","PrefixListId":null},{"SecurityGroupRuleId":"sgr-2","GroupId":"sg-1","IsEgress":true,"IpProtocol":"tcp","FromPort":443,"ToPort":443,"CidrIpv4":"10.0.0.0/8","CidrIpv6":"","PrefixListId":null}]}"#;
        insta::assert_snapshot!(among(export, "groups["), @r"
        eni-1/send -> subnet-1/groups[sg-1]/sending: src_ip 10.0.1.5
        subnet-1/groups[sg-1]/accepted -> eni-1/receive: dst_ip 10.0.1.5
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening tcp and dst_port 22 and src_ip in 10.0.0.0/8
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: reply any packet
        subnet-1/groups[sg-1]/sending -> subnet-1/groups[sg-1]/sent: opening tcp and dst_port 443 and dst_ip in 10.0.0.0/8
        subnet-1/groups[sg-1]/sending -> subnet-1/groups[sg-1]/sent: reply any packet
        subnet-1/groups[sg-1]/sent -> subnet-1/out: any packet
        subnet-1/inside -> subnet-1/groups[sg-1]/received: dst_ip 10.0.1.5
        ");
    }

    #[test]
    fn a_damaged_list_of_rules_leaves_groups_open_to_doubt() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Status":"in-use","Groups":[{"GroupId":"sg-1"}]}],"SecurityGroupRules":[{"SecurityGroupRuleId":"sgr-1","GroupId":"sg-1","IsEgress":false,"IpProtocol":"tcp","FromPort":22,"ToPort":22,"CidrIpv4":"10.0.0.0/8","CidrIpv6":"","PrefixListId":null},{"SecurityGroupRuleId":"sgr-2","GroupId":"sg-1","IsEgress":false,"IpProtocol":"-1"}]}"#;
        insta::assert_snapshot!(among(export, ""), @r"
        eni-1/routed@vpc-1 -> vpc-1/local: dst_ip 10.0.1.5
        eni-1/send -> subnet-1/groups[sg-1]/sending: src_ip 10.0.1.5
        subnet-1/entering -> subnet-1/inside: any packet; uncertain (the network ACL of `subnet-1` is not in the snapshot)
        subnet-1/groups[sg-1]/accepted -> eni-1/receive: dst_ip 10.0.1.5
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening any packet; uncertain (the rules of `sg-1` are not fully in the snapshot)
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening tcp and dst_port 22 and src_ip in 10.0.0.0/8
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: reply any packet
        subnet-1/groups[sg-1]/sending -> subnet-1/groups[sg-1]/sent: opening any packet; uncertain (the rules of `sg-1` are not fully in the snapshot)
        subnet-1/groups[sg-1]/sending -> subnet-1/groups[sg-1]/sent: reply any packet
        subnet-1/groups[sg-1]/sent -> subnet-1/out: any packet
        subnet-1/inside -> subnet-1/groups[sg-1]/received: dst_ip 10.0.1.5
        subnet-1/leaving -> subnet-1/router: any packet; uncertain (the network ACL of `subnet-1` is not in the snapshot)
        subnet-1/out -> subnet-1/inside: dst_ip in 10.0.1.0/24
        subnet-1/out -> subnet-1/leaving: [1] any packet
        subnet-1/router -> vpc-1/local: dst_ip in 10.0.0.0/16; uncertain (the route table of `subnet-1` is not in the snapshot)
        subnet-1/router -> insufficient-info: [1] any packet (the route table of `subnet-1` is not in the snapshot)
        vpc-1/local -> subnet-1/entering: dst_ip in 10.0.1.0/24
        ! found neither an address block nor a prefix list nor a group, expected one
        ");
    }

    #[test]
    fn both_answers_are_one() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Status":"in-use","Groups":[{"GroupId":"sg-1"}]}],"SecurityGroups":[{"GroupId":"sg-1","VpcId":"vpc-1","IpPermissions":[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"10.0.0.0/8"}]}],"IpPermissionsEgress":[]}],"SecurityGroupRules":[{"SecurityGroupRuleId":"sgr-1","GroupId":"sg-1","IsEgress":false,"IpProtocol":"tcp","FromPort":22,"ToPort":22,"CidrIpv4":"10.0.0.0/8","CidrIpv6":"","PrefixListId":null},{"SecurityGroupRuleId":"sgr-2","GroupId":"sg-1","IsEgress":false,"IpProtocol":"tcp","FromPort":80,"ToPort":80,"CidrIpv4":"10.0.0.0/8","CidrIpv6":"","PrefixListId":null}]}"#;
        insta::assert_snapshot!(among(export, "opening"), @r"
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening tcp and dst_port 22 and src_ip in 10.0.0.0/8
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening tcp and dst_port 80 and src_ip in 10.0.0.0/8
        ");
    }
}
