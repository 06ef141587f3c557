//! Association of an attachment with a table: what routes the packets that come from it, and whether their senders are
//! remembered there.
//!
//! SOURCE: transit gateway guide, "Transit gateway route tables" (one association; without one nothing is routed) and
//! "Security group referencing"; Reachability Analyzer guide, `TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION` (checked
//! 2026-11-26).
use std::sync::Arc;

use graph::{Cause, Disposition, Flow, GraphBuilder, Port, ResourceKey, Rule, Transfer};
use headerspace::{Field, Match, Ranges, Rewrite};

use super::{
    Resource as _, openings,
    transit_gateway_attachment::{Kind, TransitGatewayAttachment},
    transit_gateway_policy_table::TransitGatewayPolicyTable,
    transit_gateway_route_table::{TransitGatewayRouteTable, lookup},
};
use crate::{Entry, Id, Inventory};

/// What routes the packets that come from an attachment.
enum Routing {
    RouteTable(ResourceKey),
    PolicyTable(ResourceKey),
    None(String),
    Unknown(String),
}

impl TransitGatewayAttachment {
    /// Whether security groups of other VPCs know senders whose packets pass here; `None` if the snapshot does not
    /// tell.
    ///
    /// SOURCE: transit gateway guide, "Security group referencing": to be enabled for the transit gateway and for the
    /// attachments of both VPCs; not over peering (checked 2026-11-26).
    pub(super) fn remembers(&self, here: &Entry<Self>, inventory: &Inventory) -> Option<bool> {
        let details = self.vpc_details(here, inventory);
        if self.kind() != Kind::Vpc || details.is_some_and(|it| !it.value.group_references()) {
            return Some(false);
        }
        let gateway = inventory.get(&self.transit_gateway_id, &here.place);
        gateway.filter(|gateway| !gateway.is_concluded()).map(|gateway| gateway.value.group_references())
    }

    /// What routes the packets that come from it, and where that is written.
    fn routing(&self, here: &Entry<Self>, inventory: &Inventory) -> Routing {
        let id = &self.transit_gateway_attachment_id;
        let gateway = self.gateway(&here.place, inventory);
        let own = self.association.as_ref().filter(|it| it.state.as_deref() != Some("disassociated"));
        if let Some(association) = own {
            let state = association.state.as_deref().unwrap_or("associated");
            if let Some(table) = &association.transit_gateway_route_table_id {
                if state == "associated" {
                    return Routing::RouteTable(inventory.key_of(table, &here.place));
                }
                return Routing::Unknown(format!("the association of `{id}` with `{table}` is {state}"));
            }
        }
        for (policy, table) in inventory.transit.associated(id.as_str()) {
            if policy {
                let table = Id::<TransitGatewayPolicyTable>::new(table);
                let known = inventory.get(&table, &here.place);
                if known.is_none_or(|it| it.value.gateway(&it.place, inventory) == gateway) {
                    return Routing::PolicyTable(inventory.key_of(&table, &here.place));
                }
            } else {
                let table = Id::<TransitGatewayRouteTable>::new(table);
                // A peering attachment has an association on each side.
                let known = inventory.get(&table, &here.place);
                if known.is_none_or(|it| it.value.gateway(&it.place, inventory).as_ref() == Some(&gateway)) {
                    return Routing::RouteTable(inventory.key_of(&table, &here.place));
                }
            }
        }
        if self.kind() == Kind::Peering && !policies_are_told(here, inventory) {
            return Routing::Unknown(format!(
                "whether a policy table routes for `{id}` is not in the snapshot"
            ));
        }
        // What the owner of the transit gateway was told of its attachments includes their associations.
        if (here.is_owners() && !here.is_concluded()) || associations_are_told(here, &gateway, inventory) {
            return Routing::None(format!("`{id}` is not associated with a route table"));
        }
        Routing::Unknown(format!("the route table association of `{id}` is not in the snapshot"))
    }

    /// Leads what arrives from `zone` to what routes it.
    pub(super) fn connect_routing(
        &self,
        here: &Entry<Self>,
        from: &Port,
        zone: &str,
        packets: Match,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        let cause = Cause::new(&here.key, Rule::Carries).at(here.at("/Association"));
        let transfer = Transfer::only(packets);
        match self.routing(here, inventory) {
            Routing::RouteTable(table) | Routing::PolicyTable(table) => {
                let cause = Arc::new(cause);
                for transfer in remembering(&transfer, self.remembers(here, inventory)) {
                    graph.connect(from, &lookup(&table, zone), transfer, &cause);
                }
            }
            Routing::None(note) => {
                openings::offer_association(here, from, zone, &transfer, inventory, graph);
                graph.connect(from, Disposition::Denied, transfer, &Arc::new(cause.noting(note)));
            }
            Routing::Unknown(note) => {
                graph.connect(from, Disposition::InsufficientInfo, transfer, &Arc::new(cause.noting(note)));
            }
        }
    }
}

/// The same packets where a sender is remembered, or forgotten; both where that is not known.
pub(super) fn remembering(packets: &Transfer, remembers: Option<bool>) -> Vec<Transfer> {
    let forgetting = Rewrite::identity().assign(Field::Identity, Ranges::single(1));
    let opening = packets.clone().for_flow(Flow::Opening);
    let forgotten = [opening.clone().rewriting(forgetting), packets.clone().for_flow(Flow::Reply)];
    match remembers {
        Some(true) => vec![packets.clone()],
        Some(false) => forgotten.into(),
        None => forgotten.into_iter().chain([opening.uncertain()]).collect(),
    }
}

/// Whether an association with a policy table that is not here does not exist.
fn policies_are_told(here: &Entry<TransitGatewayAttachment>, inventory: &Inventory) -> bool {
    let tables = inventory.table::<TransitGatewayPolicyTable>();
    let mut mine = tables.iter().filter(|it| it.place.same_region(&here.place));
    // Nobody has to export tables of a kind that hardly anybody has, if nothing speaks of any.
    tables.is_empty()
        || (tables.complete(&here.place)
            && mine.all(|it| {
                let id = it.value.id().as_str();
                inventory.transit.policy_associations(id, &it.place).is_some_and(|known| known.whole)
            }))
}

/// Whether an association with a route table that is not here does not exist.
fn associations_are_told(
    here: &Entry<TransitGatewayAttachment>,
    gateway: &ResourceKey,
    inventory: &Inventory,
) -> bool {
    let tables = inventory.table::<TransitGatewayRouteTable>();
    let place = inventory.get(here.value.gateway_id(), &here.place).map_or(&here.place, |it| &it.place);
    let mut mine =
        tables.iter().filter(|it| it.value.gateway(&it.place, inventory).as_ref() == Some(gateway));
    tables.complete(place)
        && mine.all(|it| inventory.transit.associations(it).is_some_and(|known| known.whole))
}
