//! Nodes of load balancers that the snapshot lacks: a balancer has one in every subnet that its record names.
//!
//! What a client sends to the address of such a node, which nobody knows, is taken by the balancer and goes on to its
//! targets.
//!
//! SOURCE: ELB user guides, "Network interfaces of your load balancer" and "Availability Zones" (an interface in every
//! enabled subnet) (checked 2026-11-26).
use std::sync::Arc;

use graph::{Cause, GraphBuilder, Port};
use headerspace::Match;

use super::{
    INSIDE, Resource as _, internet_gateway, network_interface::NetworkInterface, not_modelled::lose_behind,
    subnet::Subnet, vpc::Vpc,
};
use crate::{Entry, Inventory};

/// Those of a balancer's subnets in which it has none of these nodes.
pub(super) fn without_node<'i>(
    subnets: impl Iterator<Item = &'i Entry<Subnet>>,
    nodes: &[&Entry<NetworkInterface>],
) -> Vec<&'i Entry<Subnet>> {
    let has = |subnet: &Entry<Subnet>| {
        nodes.iter().any(|node| node.value.subnet_id() == Some(subnet.value.id().as_str()))
    };
    subnets.filter(|subnet| !has(subnet)).collect()
}

/// Says that it is not known what becomes of packets to the nodes that a balancer has in these subnets.
pub(super) fn lose_to(
    subnets: &[&Entry<Subnet>],
    faces_internet: bool,
    cause: &Arc<Cause>,
    inventory: &Inventory,
    graph: &mut GraphBuilder,
) {
    let either = || Match::any_of([Match::protocol(6), Match::protocol(17)]);
    for subnet in subnets {
        let known = inventory.naming::<NetworkInterface, Subnet>("subnet", subnet);
        // An interface of which nothing is told may be the node.
        let known = known.filter(|interface| {
            !interface.value.description().is_empty() || interface.value.device_index().is_some()
        });
        let known = Match::dst_any_of(known.flat_map(|interface| interface.value.addresses()));
        let guard = Match::all_of([Match::dst_any_of(subnet.value.cidrs()), Match::not(known), either()]);
        lose_behind(&Port::new(&subnet.key, INSIDE), &guard, inventory, cause, graph);
        let vpc = inventory.get::<Vpc>(subnet.value.vpc(), &subnet.place);
        for gateway in vpc
            .filter(|_| faces_internet)
            .iter()
            .flat_map(|vpc| internet_gateway::gateways_of(inventory, vpc))
        {
            let guard = Match::all_of([internet_gateway::to_unknown_addresses(inventory), either()]);
            lose_behind(&gateway.arriving, &guard, inventory, cause, graph);
        }
    }
}
