//! Exclusion from VPC Block Public Access: a VPC or subnet for which the account's mode does not hold.
//!
//! Adds nothing by itself: the options ask for it.
//!
//! SOURCE: EC2 API reference, `VpcBlockPublicAccessExclusion` (resource by ARN, mode, states; the ARN's account is the
//! owner) (checked 2026-11-26).
use graph::GraphBuilder;
use serde::Deserialize;

use super::{Resource, optional};
use crate::{Entry, Id, Inventory, Place};

/// An exclusion, as `describe-vpc-block-public-access-exclusions` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VpcBlockPublicAccessExclusion {
    exclusion_id: Id<VpcBlockPublicAccessExclusion>,
    resource_arn: String,
    #[serde(default, deserialize_with = "optional")]
    internet_gateway_exclusion_mode: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    state: Option<String>,
}

impl VpcBlockPublicAccessExclusion {
    /// Exclusions of a VPC or subnet at `place` that hold or may hold.
    pub(super) fn of<'i>(
        inventory: &'i Inventory,
        id: &str,
        place: &Place,
    ) -> impl Iterator<Item = &'i Entry<Self>> + use<'i> {
        let named = inventory.table::<Self>().associated(&format!("excludes:{id}"), place);
        named.filter(|exclusion| {
            let state = exclusion.value.state.as_deref();
            !matches!(state, Some("create-failed" | "delete-complete" | "disable-complete"))
        })
    }

    /// Whether it holds for certain, as written.
    pub(super) fn is_settled(&self) -> bool {
        let known = matches!(
            self.internet_gateway_exclusion_mode.as_deref(),
            Some("allow-bidirectional" | "allow-egress")
        );
        known && matches!(self.state.as_deref(), None | Some("create-complete" | "update-complete"))
    }

    /// Whether it lets conversations in as well as out.
    pub(super) fn is_bidirectional(&self) -> bool {
        self.internet_gateway_exclusion_mode.as_deref() == Some("allow-bidirectional")
    }
}

impl Resource for VpcBlockPublicAccessExclusion {
    const TYPE: &'static str = "AWS::EC2::VPCBlockPublicAccessExclusion";
    const LIST: &'static str = "VpcBlockPublicAccessExclusions";

    fn id(&self) -> &Id<Self> {
        &self.exclusion_id
    }

    fn account(&self) -> Option<&str> {
        self.resource_arn.split(':').nth(4).filter(|account| !account.is_empty())
    }

    fn region(&self) -> Option<String> {
        self.resource_arn.split(':').nth(3).filter(|region| !region.is_empty()).map(str::to_owned)
    }

    fn associations(&self) -> Vec<String> {
        let id = self.resource_arn.rsplit('/').next().unwrap_or(&self.resource_arn);
        vec![format!("excludes:{id}")]
    }

    fn declare(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}
