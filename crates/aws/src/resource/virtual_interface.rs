//! Virtual interface: a connection of one's own into a virtual private gateway or a Direct Connect gateway.
//!
//! No ports: packets leave and enter at the gateways behind which it is, which are within it for those who ask.
//!
//! SOURCE: Direct Connect user guide, "Virtual interfaces" (private ones end on a virtual private gateway or a Direct
//! Connect gateway, transit ones on a Direct Connect gateway, public ones reach public addresses of AWS and no VPC)
//! (checked 2026-11-26).
//! GAP: the state of BGP sessions is not considered, and public virtual interfaces are recognised only.
use graph::GraphBuilder;
use serde::Deserialize;

use super::{Resource, Tags, describe, direct_connect_gateway::DirectConnectGateway, optional};
use crate::{Entry, Id, Inventory};

/// A virtual interface, as `aws directconnect describe-virtual-interfaces` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VirtualInterface {
    #[serde(alias = "virtualInterfaceId")]
    virtual_interface_id: Id<VirtualInterface>,
    #[serde(default, deserialize_with = "optional", alias = "virtualInterfaceName")]
    virtual_interface_name: Option<String>,
    #[serde(default, deserialize_with = "optional", alias = "ownerAccount")]
    owner_account: Option<String>,
    #[serde(default, deserialize_with = "optional", alias = "region")]
    region: Option<String>,
    #[serde(default, deserialize_with = "optional", alias = "virtualGatewayId")]
    virtual_gateway_id: Option<String>,
    #[serde(default, deserialize_with = "optional", alias = "directConnectGatewayId")]
    direct_connect_gateway_id: Option<Id<DirectConnectGateway>>,
    #[serde(default, deserialize_with = "optional", alias = "virtualInterfaceState")]
    virtual_interface_state: Option<String>,
    #[serde(default, alias = "tags")]
    tags: Tags,
}

impl VirtualInterface {
    /// Whether it is more than a memory or a wish.
    pub(super) fn holds(&self) -> bool {
        !matches!(self.virtual_interface_state.as_deref(), Some("deleted" | "rejected" | "confirming"))
    }
}

impl Resource for VirtualInterface {
    const TYPE: &'static str = "AWS::DirectConnect::VirtualInterface";
    const LIST: &'static str = "VirtualInterfaces";
    // A Direct Connect gateway is of no Region, and speaks of interfaces of all.
    const GLOBAL: bool = true;

    fn id(&self) -> &Id<Self> {
        &self.virtual_interface_id
    }

    fn account(&self) -> Option<&str> {
        self.owner_account.as_deref()
    }

    fn region(&self) -> Option<String> {
        self.region.clone()
    }

    fn associations(&self) -> Vec<String> {
        let gateway = self.virtual_gateway_id.iter().map(|id| format!("gateway:{id}"));
        gateway.chain(self.direct_connect_gateway_id.iter().map(|id| format!("dx:{id}"))).collect()
    }

    fn declare(&self, here: &Entry<Self>, _: &Inventory, graph: &mut GraphBuilder) {
        let (region, account) = (&here.place.region, &here.place.account);
        let arn = format!("arn:aws:directconnect:{region}:{account}:dxvif/{}", self.virtual_interface_id);
        let mut resource = describe(here, Some(arn), "dxvif", &self.tags);
        resource.label.clone_from(&self.virtual_interface_name);
        graph.resource(resource);
    }

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}
