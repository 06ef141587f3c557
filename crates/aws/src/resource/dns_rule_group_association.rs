//! Association of a rule group of DNS Firewall with a VPC, with the place of the group among those of the VPC.
//!
//! No ports.
//!
//! SOURCE: Route 53 Resolver API reference, `FirewallRuleGroupAssociation` (checked 2026-11-27).
use graph::GraphBuilder;
use serde::Deserialize;

use super::{Resource, dns_rule_group::DnsRuleGroup, optional, region_of_arn, vpc::Vpc};
use crate::{Entry, Id, Inventory};

/// An association, as `list-firewall-rule-group-associations` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DnsRuleGroupAssociation {
    id: Id<DnsRuleGroupAssociation>,
    #[serde(default, deserialize_with = "optional")]
    arn: Option<String>,
    firewall_rule_group_id: Id<DnsRuleGroup>,
    vpc_id: Id<Vpc>,
    priority: i64,
    #[serde(default, deserialize_with = "optional")]
    status: Option<String>,
}

impl DnsRuleGroupAssociation {
    /// The group.
    pub(crate) fn group(&self) -> &Id<DnsRuleGroup> {
        &self.firewall_rule_group_id
    }

    /// The VPC.
    pub(crate) fn vpc(&self) -> &Id<Vpc> {
        &self.vpc_id
    }

    /// The place among the groups of the VPC, the lowest first.
    pub(crate) fn priority(&self) -> i64 {
        self.priority
    }

    /// Its status, if that leaves open whether it is in force.
    pub(crate) fn unsettled(&self) -> Option<&str> {
        self.status.as_deref().filter(|status| *status != "COMPLETE")
    }
}

impl Resource for DnsRuleGroupAssociation {
    const TYPE: &'static str = "AWS::Route53Resolver::FirewallRuleGroupAssociation";
    const LIST: &'static str = "FirewallRuleGroupAssociations";

    fn id(&self) -> &Id<Self> {
        &self.id
    }

    fn region(&self) -> Option<String> {
        region_of_arn(self.arn.as_deref())
    }

    fn associations(&self) -> Vec<String> {
        vec![format!("vpc:{}", self.vpc_id)]
    }

    fn declare(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}
