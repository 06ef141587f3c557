//! Association of a Route 53 Profile with a VPC: what the Profile holds is in force there.
//!
//! No ports.
//!
//! SOURCE: Route 53 Profiles API reference, `ProfileAssociation` (checked 2026-11-27).
use graph::GraphBuilder;
use serde::{Deserialize, Deserializer};

use super::{Resource, optional, vpc::Vpc};
use crate::{Entry, Id, Inventory};

/// An association, as `list-profile-associations` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ProfileAssociation {
    id: Id<ProfileAssociation>,
    profile_id: String,
    #[serde(deserialize_with = "vpc")]
    resource_id: Id<Vpc>,
    #[serde(default)]
    priority: Option<i64>,
    #[serde(default, deserialize_with = "optional")]
    status: Option<String>,
}

/// A VPC by its id, or by its ARN as the API's model describes it.
fn vpc<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Id<Vpc>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(Id::new(text.split_once(":vpc/").map_or(text.as_str(), |(_, id)| id)))
}

impl ProfileAssociation {
    /// The Profile's id.
    pub(crate) fn profile(&self) -> &str {
        &self.profile_id
    }

    /// The VPC.
    pub(crate) fn vpc(&self) -> &Id<Vpc> {
        &self.resource_id
    }

    /// The place among the Profiles of the VPC, the lowest first.
    pub(crate) fn priority(&self) -> i64 {
        // SOURCE: Route 53 Profiles API reference, `AssociateProfile`: 100 unless it says otherwise (checked 2026-11-27).
        self.priority.unwrap_or(100)
    }

    /// Its status, if that leaves open whether it is in force.
    pub(crate) fn unsettled(&self) -> Option<&str> {
        self.status.as_deref().filter(|status| *status != "COMPLETE")
    }
}

impl Resource for ProfileAssociation {
    const TYPE: &'static str = "AWS::Route53Profiles::ProfileAssociation";
    const LIST: &'static str = "ProfileAssociations";
    const ALSO: &'static [&'static str] = &["ProfileAssociation"];

    fn id(&self) -> &Id<Self> {
        &self.id
    }

    fn associations(&self) -> Vec<String> {
        vec![format!("vpc:{}", self.resource_id)]
    }

    fn declare(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}
