//! Customer gateway: the far end of a VPN connection, a router of somebody's own.
//!
//! No ports: packets for the networks behind it leave through the gateway or attachment of its connections, which are
//! within it for those who ask.
//!
//! SOURCE: Site-to-Site VPN user guide, "How AWS Site-to-Site VPN works" (checked 2026-11-26).
use graph::GraphBuilder;
use serde::Deserialize;

use super::{Resource, Tags, describe, optional};
use crate::{Entry, Id, Inventory};

/// A customer gateway, as `describe-customer-gateways` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CustomerGateway {
    customer_gateway_id: Id<CustomerGateway>,
    #[serde(default, deserialize_with = "optional")]
    ip_address: Option<String>,
    #[serde(default)]
    tags: Tags,
}

impl Resource for CustomerGateway {
    const TYPE: &'static str = "AWS::EC2::CustomerGateway";
    const LIST: &'static str = "CustomerGateways";

    fn id(&self) -> &Id<Self> {
        &self.customer_gateway_id
    }

    fn declare(&self, here: &Entry<Self>, _: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, None, "customer-gateway", &self.tags);
        resource.label.clone_from(&self.ip_address);
        graph.resource(resource);
    }

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}
