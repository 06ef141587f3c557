//! Route table of a transit gateway: which attachment takes packets of the attachments associated with it.
//!
//! `lookup@zone` takes packets that came to the transit gateway from that zone, `lookup` those of no zone; each leads to
//! the same attachments, at the port for the same zone.
//!
//! SOURCE: transit gateway guide, "Transit gateway route tables" and "Route evaluation order" (checked 2026-11-26).
use std::collections::BTreeSet;

use graph::{Choice, Disposition, GraphBuilder, Port, ResourceKey, Target, Transfer};
use serde::Deserialize;

use super::{
    Resource, Tags, describe, optional,
    transit_gateway::TransitGateway,
    transit_gateway_attachment::TransitGatewayAttachment,
    transit_gateway_routes::{Toward, routes},
};
use crate::{
    Entry, Id, Inventory, Place,
    inventory::{Reading, Records},
};

/// A route table, as `describe-transit-gateway-route-tables` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TransitGatewayRouteTable {
    transit_gateway_route_table_id: Id<TransitGatewayRouteTable>,
    #[serde(default, deserialize_with = "optional")]
    transit_gateway_id: Option<Id<TransitGateway>>,
    #[serde(default)]
    tags: Tags,
}

/// Where packets from `zone` meet a route table or a policy table.
pub(super) fn lookup(table: &ResourceKey, zone: &str) -> Port {
    let name = if zone.is_empty() { "lookup".to_owned() } else { format!("lookup@{zone}") };
    Port::new(table, name)
}

impl TransitGatewayRouteTable {
    /// The key of its transit gateway.
    pub(super) fn gateway(&self, from: &Place, inventory: &Inventory) -> Option<ResourceKey> {
        self.transit_gateway_id.as_ref().map(|id| inventory.key_of(id, from))
    }
}

impl Resource for TransitGatewayRouteTable {
    const TYPE: &'static str = "AWS::EC2::TransitGatewayRouteTable";
    const LIST: &'static str = "TransitGatewayRouteTables";

    fn id(&self) -> &Id<Self> {
        &self.transit_gateway_route_table_id
    }

    fn also(reading: &mut Reading<'_>, records: &mut Records<Self>) {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Attached {
            transit_gateway_id: Id<TransitGateway>,
            #[serde(default, deserialize_with = "optional")]
            transit_gateway_owner_id: Option<String>,
            association: Associated,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Associated {
            transit_gateway_route_table_id: Id<TransitGatewayRouteTable>,
        }
        let mut known: BTreeSet<String> = records.ids().map(str::to_owned).collect();
        for glance in reading.glances::<Attached>(TransitGatewayAttachment::LIST) {
            let id = &glance.value.association.transit_gateway_route_table_id;
            if !known.insert(id.as_str().to_owned()) {
                continue;
            }
            let table = Self {
                transit_gateway_route_table_id: id.clone(),
                transit_gateway_id: Some(glance.value.transit_gateway_id.clone()),
                tags: Tags::default(),
            };
            let owner = glance.value.transit_gateway_owner_id.clone();
            records.conclude(table, &glance, "/Association", owner.as_deref(), None);
        }
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, None, "transit-gateway-route-table", &self.tags);
        let gateway = self.gateway(&here.place, inventory);
        resource.within = gateway.iter().cloned().collect();
        let key = graph.resource(resource);
        let Some(gateway) = gateway else { return };
        for zone in inventory.transit.origins(&gateway) {
            graph.declare(lookup(&key, zone), &key, Choice::FirstMatch, Disposition::NoRoute);
        }
    }

    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let Some(gateway) = self.gateway(&here.place, inventory) else { return };
        let routes = routes(here, &gateway, inventory);
        for zone in inventory.transit.origins(&gateway) {
            let from = lookup(&here.key, zone);
            for route in &routes {
                let target = match route.toward {
                    Toward::Attachment(it) => Target::Port(it.value.leaving(&it.key, zone)),
                    Toward::Refusal(disposition) => Target::Refusal(disposition),
                };
                let transfer = Transfer::only(route.guard.clone()).ranked(route.rank);
                graph.connect(&from, target, Transfer { certain: route.certain, ..transfer }, &route.cause);
            }
        }
    }
}
