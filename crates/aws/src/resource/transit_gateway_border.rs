//! Attachments that are no VPCs: sites behind VPN and Direct Connect, appliances, and other transit gateways.
//!
//! `outside` and `arriving` are the two directions. What is outside has left the network, except that peering goes on at
//! the other side's `arriving`, if that is in the snapshot, and what a firewall that is attached itself passes goes on at
//! its own `arriving`.
//!
//! SOURCE: transit gateway guide, "Peering attachments" (the same id on both sides, each with an association of its own)
//! "Connect attachments"; Network Firewall developer guide, "Transit gateway-attached firewalls"; Site-to-Site VPN user guide, "IPv4 and IPv6 traffic" (one of them in a tunnel) (checked
//! 2026-11-26).
//! GAP: what the appliance behind a Connect attachment does, and other network functions, client VPNs and VPN concentrators,
//! are unknown.
use std::sync::Arc;

use graph::{Cause, Disposition, GraphBuilder, ResourceKey, Rule, Transfer};
use headerspace::Match;

use super::{
    ARRIVING, OUTSIDE, Resource as _, network_firewall,
    network_firewall::NetworkFirewall,
    structure,
    transit_gateway::TransitGateway,
    transit_gateway_attachment::{Condition, Kind, TransitGatewayAttachment},
    transit_gateway_peering_attachment::TransitGatewayPeeringAttachment,
    vpn_connection::VpnConnection,
};
use crate::{Entry, Id, Inventory};

impl TransitGatewayAttachment {
    /// Whether a network function is attached, such as a firewall.
    fn is_function(&self) -> bool {
        self.resource_type.as_deref() == Some("network-function")
    }

    /// The firewall that is attached, if this is a firewall's attachment.
    pub(super) fn firewall<'i>(
        &self,
        here: &Entry<Self>,
        inventory: &'i Inventory,
    ) -> Option<&'i Entry<NetworkFirewall>> {
        if !self.is_function() {
            return None;
        }
        let (id, gateway) = (self.transit_gateway_attachment_id.as_str(), self.transit_gateway_id.as_str());
        let all = inventory.table::<Self>().associated(&format!("tgw:{gateway}"), &here.place);
        let functions =
            all.filter(|it| it.value.is_function() && !matches!(it.value.condition(), Condition::Gone(_)));
        let alone = functions.count() == 1;
        network_firewall::of_attachment(inventory, id, gateway, self.resource_id.as_deref(), alone)
    }

    /// The other side of a peering attachment.
    pub(super) fn other_side<'i>(
        &self,
        here: &Entry<Self>,
        inventory: &'i Inventory,
    ) -> Option<&'i Entry<Self>> {
        let (other, ..) = self.other_gateway(here, inventory);
        let own = self.transit_gateway_attachment_id.as_str();
        let details = TransitGatewayPeeringAttachment::telling(own, &here.place, inventory);
        let id = details.map_or(own, |details| details.value.other_id(own));
        let sides = inventory.table::<Self>().everywhere(id);
        let mut others = sides.filter(|side| {
            let same = side.key == here.key && side.value.part() == self.part();
            !same
                && side.value.kind() == Kind::Peering
                && side.value.idle().is_none()
                && other.as_ref().is_none_or(|other| *other == side.value.transit_gateway_id)
        });
        others.next().filter(|_| others.next().is_none())
    }

    /// The transit gateway on the other side of a peering attachment, with its account and Region where known.
    fn other_gateway(
        &self,
        here: &Entry<Self>,
        inventory: &Inventory,
    ) -> (Option<Id<TransitGateway>>, Option<String>, Option<String>) {
        let own = self.transit_gateway_attachment_id.as_str();
        let details = TransitGatewayPeeringAttachment::telling(own, &here.place, inventory);
        let mut sides = details.into_iter().flat_map(|details| details.value.sides());
        let other = sides.find(|(own, _)| own.transit_gateway_id.as_ref() == Some(&self.transit_gateway_id));
        let other = other.map(|(_, other)| other);
        let named = self.resource_id.clone().map(Id::new);
        (
            other.and_then(|other| other.transit_gateway_id.clone()).or(named),
            other.and_then(|other| other.owner_id.clone()).or_else(|| self.resource_owner_id.clone()),
            other.and_then(|other| other.region.clone()),
        )
    }

    /// Connects what is no VPC: a border, or the other side of a peering.
    pub(super) fn connect_border(
        &self,
        here: &Entry<Self>,
        gateway: &ResourceKey,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        let carries = Cause::new(&here.key, Rule::Carries).at(here.at(""));
        let (outside, arriving) = (self.port(&here.key, OUTSIDE, ""), self.port(&here.key, ARRIVING, ""));
        let packets = self.tunnel(here, inventory);
        for zone in inventory.transit.origins(gateway) {
            let from = self.leaving(&here.key, zone);
            graph.connect(&from, &outside, Transfer::only(packets.clone()), &Arc::new(carries.clone()));
        }
        self.connect_routing(here, &arriving, "", packets, inventory, graph);
        let id = &self.transit_gateway_attachment_id;
        let beyond = match self.kind() {
            Kind::Vpc | Kind::Vpn | Kind::DirectConnect => return,
            Kind::Connect => format!("what the appliance behind `{id}` does is not known"),
            Kind::Other => {
                if let Some(firewall) = self.firewall(here, inventory) {
                    // What it passes meets the attachment's route table, as if it came from there.
                    network_firewall::inspect(firewall, id.as_str(), [&outside, &arriving], inventory, graph);
                    return;
                }
                let kind = self.resource_type.as_deref().unwrap_or("of unknown kind");
                format!("attachments such as `{id}` ({kind}) are not modelled")
            }
            Kind::Peering => {
                if let Some(other) = self.other_side(here, inventory) {
                    let far = other.value.port(&other.key, ARRIVING, "");
                    graph.connect(&outside, &far, Transfer::all(), &structure(here));
                    return;
                }
                let (other, account, region) = self.other_gateway(here, inventory);
                let other = other.map_or_else(|| format!("the other side of `{id}`"), |id| format!("`{id}`"));
                let account = account.map_or(String::new(), |account| format!(" of account {account}"));
                let region = region.map_or(String::new(), |region| format!(" in {region}"));
                format!("{other}{account}{region} is not in the snapshot")
            }
        };
        let cause = Arc::new(carries.noting(beyond));
        graph.connect(&outside, Disposition::InsufficientInfo, Transfer::all(), &cause);
    }

    /// What fits into the tunnels of a VPN connection.
    fn tunnel(&self, here: &Entry<Self>, inventory: &Inventory) -> Match {
        let id = self.resource_id.as_deref().filter(|_| self.kind() == Kind::Vpn);
        let connection = id.and_then(|id| inventory.get(&Id::<VpnConnection>::new(id), &here.place));
        connection.map_or(Match::All, |connection| connection.value.inside())
    }
}
