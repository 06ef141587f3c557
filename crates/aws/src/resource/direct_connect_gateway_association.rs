//! Association of a Direct Connect gateway with a virtual private gateway or a transit gateway.
//!
//! No ports and no resource of its own: the gateways look up which Direct Connect gateways are behind them.
//!
//! SOURCE: Direct Connect API reference, `DirectConnectGatewayAssociation` (checked 2026-11-26).
use graph::GraphBuilder;
use serde::Deserialize;

use super::{Resource, direct_connect_gateway::DirectConnectGateway, optional};
use crate::{Entry, Id, Inventory, Place};

/// An association, as `aws directconnect describe-direct-connect-gateway-associations` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DirectConnectGatewayAssociation {
    #[serde(alias = "associationId")]
    association_id: Id<DirectConnectGatewayAssociation>,
    #[serde(default, deserialize_with = "optional", alias = "directConnectGatewayId")]
    direct_connect_gateway_id: Option<Id<DirectConnectGateway>>,
    #[serde(default, deserialize_with = "optional", alias = "directConnectGatewayOwnerAccount")]
    direct_connect_gateway_owner_account: Option<String>,
    #[serde(default, deserialize_with = "optional", alias = "associationState")]
    association_state: Option<String>,
    #[serde(default, alias = "associatedGateway")]
    associated_gateway: Option<AssociatedGateway>,
    #[serde(default, deserialize_with = "optional", alias = "virtualGatewayId")]
    virtual_gateway_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssociatedGateway {
    #[serde(default, deserialize_with = "optional", alias = "id")]
    id: Option<String>,
}

impl DirectConnectGatewayAssociation {
    fn gateway(&self) -> Option<&str> {
        let associated = self.associated_gateway.as_ref().and_then(|gateway| gateway.id.as_deref());
        associated.or(self.virtual_gateway_id.as_deref())
    }

    /// The Direct Connect gateway, unless it is no longer associated.
    pub(super) fn direct_connect<'i>(
        &self,
        from: &Place,
        inventory: &'i Inventory,
    ) -> Option<&'i Entry<DirectConnectGateway>> {
        let holds = self.association_state.as_deref() != Some("disassociated");
        inventory.get(self.direct_connect_gateway_id.as_ref().filter(|_| holds)?, from)
    }
}

impl Resource for DirectConnectGatewayAssociation {
    const TYPE: &'static str = "AWS::DirectConnect::DirectConnectGatewayAssociation";
    const LIST: &'static str = "DirectConnectGatewayAssociations";
    const GLOBAL: bool = true;

    fn id(&self) -> &Id<Self> {
        &self.association_id
    }

    fn account(&self) -> Option<&str> {
        self.direct_connect_gateway_owner_account.as_deref()
    }

    fn associations(&self) -> Vec<String> {
        self.gateway().map(|id| format!("gateway:{id}")).into_iter().collect()
    }

    fn declare(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}
