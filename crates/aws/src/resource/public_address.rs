//! Public addresses: translated one to one at the internet gateways of a VPC, for interfaces and NAT gateways.
//!
//! No ports and no records of its own: whoever has the address connects it here.
//!
//! SOURCE: VPC user guide, "Enable internet access using internet gateways" (one-to-one NAT) (checked 2026-11-23).
use std::{net::Ipv4Addr, sync::Arc};

use graph::{Cause, GraphBuilder, Rule, Transfer};
use headerspace::{Field, Match, Ranges, Rewrite};
use ipnet::IpNet;

use super::{
    internet_gateway, obstacles, public_ipv4,
    vpc::Vpc,
    vpc_block_public_access::{Traveller, Way, of_address},
};
use crate::{Entry, Inventory};

/// Connects one private address with its public one at the gateways of `vpc`, for a `traveller` that has it.
pub(super) fn connect(
    traveller: Traveller,
    vpc: Option<&Entry<Vpc>>,
    [private, public]: [Ipv4Addr; 2],
    cause: &Arc<Cause>,
    inventory: &Inventory,
    graph: &mut GraphBuilder,
) {
    let Some(vpc) = vpc else { return };
    let address = |ip: Ipv4Addr| Ranges::single(u128::from(ip.to_bits()));
    let host = |ip: Ipv4Addr| IpNet::from(std::net::IpAddr::V4(ip));
    let ruling = of_address(inventory, vpc, std::net::IpAddr::V4(private), traveller);
    for gateway in internet_gateway::gateways_of(inventory, vpc) {
        let leaves = Transfer::only(Match::all_of([Match::src_in(host(private)), public_ipv4(Field::DstIp)]))
            .rewriting(Rewrite::identity().assign(Field::SrcIp, address(public)));
        let enters = Transfer::only(Match::all_of([Match::dst_in(host(public)), public_ipv4(Field::SrcIp)]))
            .rewriting(Rewrite::identity().assign(Field::DstIp, address(private)));
        let cause =
            Arc::new(Cause { resource: gateway.key.clone(), rule: Rule::Carries, ..Cause::clone(cause) });
        if let Some(routed) = &gateway.routed {
            ruling.connect([routed, &gateway.outside], Way::Out, leaves, &cause, graph);
        }
        ruling.connect([&gateway.arriving, &gateway.admitted], Way::In, enters, &cause, graph);
        if ruling.is_open() {
            obstacles::admit_forged(&gateway, [private, public], graph);
        }
    }
}
