//! Association of a security group with another VPC of its Region: interfaces there may carry it, too.
//!
//! Adds nothing by itself. Which interfaces carry a group stands with the interfaces; the association tells in which
//! VPCs a reference to the group means anybody, and whose exports its members may be in.
//!
//! SOURCE: VPC user guide, "Associate security groups with multiple VPCs" (same Region; also VPCs shared with the
//! group's owner); EC2 API reference, `SecurityGroupVpcAssociation` (checked 2026-11-26).
use graph::GraphBuilder;
use serde::Deserialize;

use super::{Resource, optional, security_group::SecurityGroup, vpc::Vpc};
use crate::{Entry, Id, Inventory, Place};

/// An association, as `describe-security-group-vpc-associations` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "Written")]
pub struct SecurityGroupVpcAssociation {
    id: Id<SecurityGroupVpcAssociation>,
    group: Id<SecurityGroup>,
    vpc: Id<Vpc>,
    vpc_owner: Option<String>,
    group_owner: Option<String>,
    state: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Written {
    group_id: Id<SecurityGroup>,
    vpc_id: Id<Vpc>,
    #[serde(default, deserialize_with = "optional")]
    vpc_owner_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    group_owner_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    state: Option<String>,
}

impl From<Written> for SecurityGroupVpcAssociation {
    fn from(written: Written) -> Self {
        Self {
            id: Id::new(format!("{}/{}", written.group_id, written.vpc_id)),
            group: written.group_id,
            vpc: written.vpc_id,
            vpc_owner: written.vpc_owner_id,
            group_owner: written.group_owner_id,
            state: written.state,
        }
    }
}

impl SecurityGroupVpcAssociation {
    /// The associations of a group that hold or may hold.
    pub(super) fn of<'i>(
        inventory: &'i Inventory,
        group: &'i Entry<SecurityGroup>,
    ) -> impl Iterator<Item = &'i Entry<Self>> {
        let all = inventory.naming::<Self, SecurityGroup>("group", group);
        all.filter(|it| !matches!(it.value.state.as_deref(), Some("association-failed" | "disassociated")))
    }

    /// The VPC.
    pub(super) fn vpc(&self) -> &Id<Vpc> {
        &self.vpc
    }

    /// Where the VPC is.
    pub(super) fn vpc_place(&self, here: &Place) -> Place {
        let account = self.vpc_owner.clone().unwrap_or_else(|| here.account.clone());
        Place { account, region: here.region.clone() }
    }
}

impl Resource for SecurityGroupVpcAssociation {
    const TYPE: &'static str = "AWS::EC2::SecurityGroupVpcAssociation";
    const LIST: &'static str = "SecurityGroupVpcAssociations";

    fn id(&self) -> &Id<Self> {
        &self.id
    }

    fn account(&self) -> Option<&str> {
        self.group_owner.as_deref()
    }

    fn associations(&self) -> Vec<String> {
        vec![format!("group:{}", self.group)]
    }

    fn declare(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}
