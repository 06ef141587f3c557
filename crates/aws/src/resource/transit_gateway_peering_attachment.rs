//! Peering attachment of two transit gateways: who is on either side.
//!
//! No ports and no resource of its own: it tells accounts and Regions of the sides, and that an attachment exists where
//! the table of all attachments does not.
//!
//! SOURCE: EC2 API reference, `TransitGatewayPeeringAttachment` (`AccepterTransitGatewayAttachmentId`) (checked 2026-11-26).
use graph::GraphBuilder;
use serde::Deserialize;

use super::{Resource, optional, transit_gateway::TransitGateway};
use crate::{Entry, Id, Inventory, Place};

/// A peering attachment, as `describe-transit-gateway-peering-attachments` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TransitGatewayPeeringAttachment {
    transit_gateway_attachment_id: Id<TransitGatewayPeeringAttachment>,
    /// The accepter's own id of the attachment, where both are in one Region.
    #[serde(default, deserialize_with = "optional")]
    accepter_transit_gateway_attachment_id: Option<String>,
    pub(super) requester_tgw_info: Option<Side>,
    pub(super) accepter_tgw_info: Option<Side>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) state: Option<String>,
}

/// A transit gateway that takes part.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Side {
    #[serde(default, deserialize_with = "optional")]
    pub(super) transit_gateway_id: Option<Id<TransitGateway>>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) owner_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) region: Option<String>,
}

impl TransitGatewayPeeringAttachment {
    /// The id by which the other side knows the attachment that `own` calls so.
    pub(super) fn other_id<'t>(&'t self, own: &'t str) -> &'t str {
        match &self.accepter_transit_gateway_attachment_id {
            Some(accepter) if own == accepter => self.transit_gateway_attachment_id.as_str(),
            Some(accepter) => accepter,
            None => own,
        }
    }

    /// The record that tells of an attachment of this id.
    pub(super) fn telling<'i>(id: &str, from: &Place, inventory: &'i Inventory) -> Option<&'i Entry<Self>> {
        let accepted = || inventory.table::<Self>().associated(&format!("accepter:{id}"), from).next();
        inventory.get(&Id::new(id), from).or_else(accepted)
    }

    /// Both sides, each with the other.
    pub(super) fn sides(&self) -> impl Iterator<Item = (&Side, &Side)> {
        let both = self.requester_tgw_info.as_ref().zip(self.accepter_tgw_info.as_ref());
        both.into_iter().flat_map(|(one, other)| [(one, other), (other, one)])
    }
}

impl Resource for TransitGatewayPeeringAttachment {
    const TYPE: &'static str = "AWS::EC2::TransitGatewayPeeringAttachment";
    const LIST: &'static str = "TransitGatewayPeeringAttachments";
    const GLOBAL: bool = true;

    fn id(&self) -> &Id<Self> {
        &self.transit_gateway_attachment_id
    }

    fn account(&self) -> Option<&str> {
        self.requester_tgw_info.as_ref().and_then(|side| side.owner_id.as_deref())
    }

    fn region(&self) -> Option<String> {
        self.requester_tgw_info.as_ref().and_then(|side| side.region.clone())
    }

    fn associations(&self) -> Vec<String> {
        self.accepter_transit_gateway_attachment_id.iter().map(|id| format!("accepter:{id}")).collect()
    }

    fn declare(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}
