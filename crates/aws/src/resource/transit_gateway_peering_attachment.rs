//! Peering attachment of two transit gateways: who is on either side.
//!
//! No ports and no resource of its own: it tells accounts and Regions of the sides, and that an attachment exists where
//! the table of all attachments does not.
//!
//! SOURCE: EC2 API reference, `TransitGatewayPeeringAttachment` (checked 2026-11-26).
use graph::GraphBuilder;
use serde::Deserialize;

use super::{Resource, optional, transit_gateway::TransitGateway};
use crate::{Entry, Id, Inventory};

/// A peering attachment, as `describe-transit-gateway-peering-attachments` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TransitGatewayPeeringAttachment {
    transit_gateway_attachment_id: Id<TransitGatewayPeeringAttachment>,
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

    fn declare(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}
