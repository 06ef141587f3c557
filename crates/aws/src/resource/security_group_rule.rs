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
