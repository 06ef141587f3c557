//! Domain list of DNS Firewall: names that rules take. The names themselves come with `list-firewall-domains`.
//!
//! No ports. Lists that AWS manages do not show their names.
//!
//! SOURCE: Route 53 Resolver API reference, `FirewallDomainList`, `FirewallDomainListMetadata` (checked 2026-11-27).
use graph::GraphBuilder;
use serde::Deserialize;

use super::{Resource, optional, region_of_arn};
use crate::{Entry, Id, Inventory};

/// A list, as `list-firewall-domain-lists` or `get-firewall-domain-list` prints it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DnsDomainList {
    id: Id<DnsDomainList>,
    #[serde(default, deserialize_with = "optional")]
    arn: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    name: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    managed_owner_name: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    status: Option<String>,
    #[serde(default)]
    domain_count: Option<u64>,
}

/// The two answers tell different things about a list; only its name can contradict itself.
impl PartialEq for DnsDomainList {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.managed_owner_name == other.managed_owner_name
    }
}

impl DnsDomainList {
    /// What people call it: its name, or else its id.
    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.id.as_str())
    }

    /// Its name, if the description has one.
    pub(crate) fn given_name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// How many names the description says it has.
    pub(crate) fn count(&self) -> Option<u64> {
        self.domain_count
    }

    /// Whether AWS keeps it.
    pub(crate) fn is_managed(&self) -> bool {
        self.managed_owner_name.is_some()
    }

    /// Its status, if that leaves open which names count.
    ///
    /// GAP: what a list does whose import has failed or that is being updated is not documented.
    pub(crate) fn unsettled(&self) -> Option<&str> {
        self.status.as_deref().filter(|status| *status != "COMPLETE")
    }
}

impl Resource for DnsDomainList {
    const TYPE: &'static str = "AWS::Route53Resolver::FirewallDomainList";
    const LIST: &'static str = "FirewallDomainLists";
    const ALSO: &'static [&'static str] = &["FirewallDomainList"];

    fn id(&self) -> &Id<Self> {
        &self.id
    }

    fn region(&self) -> Option<String> {
        region_of_arn(self.arn.as_deref())
    }

    /// The description with a status comes first.
    fn weight(&self) -> String {
        format!("{} {self:?}", if self.status.is_some() { "a" } else { "b" })
    }

    fn declare(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}
