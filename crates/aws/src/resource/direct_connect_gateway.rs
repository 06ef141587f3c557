//! Direct Connect gateway: joins virtual interfaces with the gateways of several Regions.
//!
//! No ports: what it carries comes in and goes out at the virtual private gateways and transit gateway attachments
//! associated with it, which are within it for those who ask. It carries nothing between those gateways.
//!
//! SOURCE: Direct Connect user guide, "Direct Connect gateways" (global; no traffic between the gateways associated
//! with it) (checked 2026-11-26).
//! GAP: prefixes allowed for an association decide what the site hears of, and restrict no packets here.
use graph::{GraphBuilder, ResourceKey};
use serde::Deserialize;

use super::{
    Resource, Tags, describe, direct_connect_gateway_attachment::DirectConnectGatewayAttachment, optional,
    virtual_interface::VirtualInterface,
};
use crate::{Entry, Id, Inventory};

/// A Direct Connect gateway, as `aws directconnect describe-direct-connect-gateways` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DirectConnectGateway {
    #[serde(alias = "directConnectGatewayId")]
    direct_connect_gateway_id: Id<DirectConnectGateway>,
    #[serde(default, deserialize_with = "optional", alias = "directConnectGatewayName")]
    direct_connect_gateway_name: Option<String>,
    #[serde(default, deserialize_with = "optional", alias = "ownerAccount")]
    owner_account: Option<String>,
    #[serde(default, alias = "tags")]
    tags: Tags,
}

/// The keys of a Direct Connect gateway and of the virtual interfaces attached to it.
pub(super) fn with_interfaces(
    gateway: &Entry<DirectConnectGateway>,
    inventory: &Inventory,
) -> Vec<ResourceKey> {
    let direct = inventory.naming::<VirtualInterface, DirectConnectGateway>("dx", gateway);
    let attached = inventory.naming::<DirectConnectGatewayAttachment, DirectConnectGateway>("dx", gateway);
    let attached = attached.filter_map(|attachment| attachment.value.interface(&attachment.place, inventory));
    let mut keys: Vec<ResourceKey> =
        direct.chain(attached).filter(|it| it.value.holds()).map(|it| it.key.clone()).collect();
    keys.push(gateway.key.clone());
    keys.sort();
    keys.dedup();
    keys
}

impl Resource for DirectConnectGateway {
    const TYPE: &'static str = "AWS::DirectConnect::DirectConnectGateway";
    const LIST: &'static str = "DirectConnectGateways";
    const GLOBAL: bool = true;

    fn id(&self) -> &Id<Self> {
        &self.direct_connect_gateway_id
    }

    fn account(&self) -> Option<&str> {
        self.owner_account.as_deref()
    }

    fn declare(&self, here: &Entry<Self>, _: &Inventory, graph: &mut GraphBuilder) {
        let arn = format!(
            "arn:aws:directconnect::{}:dx-gateway/{}",
            here.place.account, self.direct_connect_gateway_id
        );
        let mut resource = describe(here, Some(arn), "dx-gateway", &self.tags);
        resource.label.clone_from(&self.direct_connect_gateway_name);
        graph.resource(resource);
    }

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}

#[cfg(test)]
mod tests {
    use super::DirectConnectGateway;
    use crate::{Id, Inventory, Place, snapshot::Snapshot};

    #[test]
    fn every_region_lists_the_same_gateway() {
        let text = r#"{"directConnectGateways":[{"directConnectGatewayId":"dxgw-1","ownerAccount":"111122223333"}]}"#;
        let names = ["111122223333/us-east-1/dx.json", "111122223333/eu-west-1/dx.json"];
        let documents = names.map(|name| (name.to_owned(), text.as_bytes().to_vec()));
        let (inventory, remarks) = Inventory::read(&Snapshot::from_documents(documents).0);
        assert_eq!(remarks, []);
        assert_eq!(inventory.table::<DirectConnectGateway>().len(), 1);
        let other = Place { account: "444455556666".to_owned(), region: "ap-south-1".to_owned() };
        assert!(inventory.get(&Id::<DirectConnectGateway>::new("dxgw-1"), &other).is_some());
    }
}
