//! Connect attachment of a transit gateway: tunnels to an appliance in a VPC, or behind Direct Connect.
//!
//! No ports and no resource of its own: it tells that an attachment exists where the table of all attachments does not.
//!
//! SOURCE: EC2 API reference, `TransitGatewayConnect` (checked 2026-11-26).
use graph::GraphBuilder;
use serde::Deserialize;

use super::{Resource, optional, transit_gateway::TransitGateway};
use crate::{Entry, Id, Inventory};

/// A Connect attachment, as `describe-transit-gateway-connects` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TransitGatewayConnect {
    transit_gateway_attachment_id: Id<TransitGatewayConnect>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) transit_gateway_id: Option<Id<TransitGateway>>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) state: Option<String>,
}

impl Resource for TransitGatewayConnect {
    const TYPE: &'static str = "AWS::EC2::TransitGatewayConnect";
    const LIST: &'static str = "TransitGatewayConnects";

    fn id(&self) -> &Id<Self> {
        &self.transit_gateway_attachment_id
    }

    fn declare(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}
