//! Security group rule: the same rules in the answer that lists them one by one.
//!
//! Adds nothing by itself: the group it belongs to reads it. If only rules were exported, the groups stand on them.
//!
//! SOURCE: EC2 API reference, `SecurityGroupRule` (checked 2026-11-23).
use graph::{Direction, GraphBuilder};
use ipnet::IpNet;
use serde::Deserialize;

use super::{
    Resource,
    security_group::{GroupPair, GroupRule, Protocol, Whom},
};
use crate::{Entry, Id, Inventory};

/// A rule, as `describe-security-group-rules` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecurityGroupRule {
    security_group_rule_id: Id<SecurityGroupRule>,
    group_id: String,
    group_owner_id: Option<String>,
    is_egress: bool,
    ip_protocol: Protocol,
    from_port: Option<i64>,
    to_port: Option<i64>,
    cidr_ipv4: Option<IpNet>,
    cidr_ipv6: Option<IpNet>,
    prefix_list_id: Option<String>,
    referenced_group_info: Option<GroupPair>,
}

impl SecurityGroupRule {
    /// The rule, unless it names nobody.
    pub(super) fn rule(&self) -> Option<GroupRule> {
        let cidr = self.cidr_ipv4.or(self.cidr_ipv6).map(Whom::Cidr);
        let list = self.prefix_list_id.clone().map(Whom::PrefixList);
        let whom = cidr.or(list).or_else(|| self.referenced_group_info.clone().map(Whom::Group))?;
        Some(GroupRule {
            direction: if self.is_egress { Direction::Egress } else { Direction::Ingress },
            protocol: self.ip_protocol,
            from_port: self.from_port,
            to_port: self.to_port,
            whom,
        })
    }
}

impl Resource for SecurityGroupRule {
    const TYPE: &'static str = "AWS::EC2::SecurityGroupRule";
    const LIST: &'static str = "SecurityGroupRules";

    fn id(&self) -> &Id<Self> {
        &self.security_group_rule_id
    }

    fn account(&self) -> Option<&str> {
        self.group_owner_id.as_deref()
    }

    fn weight(&self) -> String {
        format!("{self:?}")
    }

    fn associations(&self) -> Vec<String> {
        vec![format!("rules-of:{}", self.group_id)]
    }

    fn declare(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}
