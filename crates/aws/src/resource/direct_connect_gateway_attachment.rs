//! Attachment of a virtual interface to a Direct Connect gateway.
//!
//! No ports and no resource of its own: it tells which virtual interfaces are behind a Direct Connect gateway.
//!
//! SOURCE: Direct Connect API reference, `DirectConnectGatewayAttachment`; it has no id of its own: that of the virtual
//! interface is unique (checked 2026-11-26).
use graph::GraphBuilder;
use serde::Deserialize;

use super::{
    Resource, direct_connect_gateway::DirectConnectGateway, optional, virtual_interface::VirtualInterface,
};
use crate::{Entry, Id, Inventory, Place};

/// An attachment, as `aws directconnect describe-direct-connect-gateway-attachments` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DirectConnectGatewayAttachment {
    #[serde(alias = "virtualInterfaceId")]
    virtual_interface_id: Id<DirectConnectGatewayAttachment>,
    #[serde(default, deserialize_with = "optional", alias = "directConnectGatewayId")]
    direct_connect_gateway_id: Option<Id<DirectConnectGateway>>,
    #[serde(default, deserialize_with = "optional", alias = "virtualInterfaceOwnerAccount")]
    virtual_interface_owner_account: Option<String>,
    #[serde(default, deserialize_with = "optional", alias = "virtualInterfaceRegion")]
    virtual_interface_region: Option<String>,
    #[serde(default, deserialize_with = "optional", alias = "attachmentState")]
    attachment_state: Option<String>,
}

impl DirectConnectGatewayAttachment {
    /// The virtual interface, unless it is no longer attached.
    pub(super) fn interface<'i>(
        &self,
        from: &Place,
        inventory: &'i Inventory,
    ) -> Option<&'i Entry<VirtualInterface>> {
        let holds = self.attachment_state.as_deref() != Some("detached");
        inventory.get(&Id::new(self.virtual_interface_id.as_str()), from).filter(|_| holds)
    }
}

impl Resource for DirectConnectGatewayAttachment {
    const TYPE: &'static str = "AWS::DirectConnect::DirectConnectGatewayAttachment";
    const LIST: &'static str = "DirectConnectGatewayAttachments";
    const GLOBAL: bool = true;

    fn id(&self) -> &Id<Self> {
        &self.virtual_interface_id
    }

    fn account(&self) -> Option<&str> {
        self.virtual_interface_owner_account.as_deref()
    }

    fn region(&self) -> Option<String> {
        self.virtual_interface_region.clone()
    }

    fn associations(&self) -> Vec<String> {
        self.direct_connect_gateway_id.iter().map(|id| format!("dx:{id}")).collect()
    }

    fn declare(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}
