//! Rule group of DNS Firewall. Its rules come with `list-firewall-rules`.
//!
//! No ports.
//!
//! SOURCE: Route 53 Resolver API reference, `FirewallRuleGroup`, `FirewallRuleGroupMetadata` (checked 2026-11-27).
use graph::GraphBuilder;
use serde::Deserialize;

use super::{Resource, optional, region_of_arn};
use crate::{Entry, Id, Inventory};

/// A rule group, as `list-firewall-rule-groups` or `get-firewall-rule-group` prints it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DnsRuleGroup {
    id: Id<DnsRuleGroup>,
    #[serde(default, deserialize_with = "optional")]
    arn: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    owner_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    share_status: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    name: Option<String>,
}

/// The two answers tell different things about a group; only its name can contradict itself.
impl PartialEq for DnsRuleGroup {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl DnsRuleGroup {
    /// What people call it.
    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

impl Resource for DnsRuleGroup {
    const TYPE: &'static str = "AWS::Route53Resolver::FirewallRuleGroup";
    const LIST: &'static str = "FirewallRuleGroups";
    const ALSO: &'static [&'static str] = &["FirewallRuleGroup"];

    /// Network Firewall calls its rule groups of the next generation so, too.
    fn is_another(raw: &str) -> bool {
        !raw.contains("\"rslvr-") && !raw.contains("route53resolver")
    }

    fn id(&self) -> &Id<Self> {
        &self.id
    }

    fn account(&self) -> Option<&str> {
        // That of another account does not tell from which account the answer was exported.
        self.owner_id.as_deref().filter(|_| self.share_status.as_deref() != Some("SHARED_WITH_ME"))
    }

    fn region(&self) -> Option<String> {
        region_of_arn(self.arn.as_deref())
    }

    fn declare(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}
