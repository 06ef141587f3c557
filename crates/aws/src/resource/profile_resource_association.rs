//! What a Route 53 Profile holds: of its resources, rule groups of DNS Firewall are read.
//!
//! No ports.
//!
//! SOURCE: Route 53 Profiles API reference, `ProfileResourceAssociation`; the properties of a rule group are JSON with
//! its `priority` (checked 2026-11-27).
use graph::GraphBuilder;
use serde::Deserialize;

use super::{Resource, optional, region_of_arn};
use crate::{Entry, Id, Inventory};

/// An association, as `list-profile-resource-associations` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ProfileResourceAssociation {
    id: Id<ProfileResourceAssociation>,
    profile_id: String,
    resource_arn: String,
    #[serde(default, deserialize_with = "optional")]
    resource_type: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    resource_properties: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    status: Option<String>,
}

impl ProfileResourceAssociation {
    /// The id of the rule group of DNS Firewall that it is about.
    pub(crate) fn rule_group(&self) -> Option<&str> {
        self.resource_arn.split_once(":firewall-rule-group/").map(|(_, id)| id)
    }

    /// The place among the rule groups of the Profile, if it tells.
    pub(crate) fn priority(&self) -> Option<i64> {
        let properties: serde_json::Value =
            serde_json::from_str(self.resource_properties.as_deref()?).ok()?;
        properties.get("priority")?.as_i64()
    }

    /// Its status, if that leaves open whether it is in force.
    pub(crate) fn unsettled(&self) -> Option<&str> {
        self.status.as_deref().filter(|status| *status != "COMPLETE")
    }
}

impl Resource for ProfileResourceAssociation {
    const TYPE: &'static str = "AWS::Route53Profiles::ProfileResourceAssociation";
    const LIST: &'static str = "ProfileResourceAssociations";

    fn id(&self) -> &Id<Self> {
        &self.id
    }

    fn region(&self) -> Option<String> {
        region_of_arn(Some(&self.resource_arn))
    }

    fn associations(&self) -> Vec<String> {
        vec![format!("profile:{}", self.profile_id)]
    }

    fn declare(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}
