//! What would have to be otherwise where no rule and no route is to blame: addresses, senders and protocols that
//! interfaces and gateways do not take.
//!
//! No records of its own. Ports that it declares stand behind all others, and only where something is open. States in
//! which a component passes nothing are offered by the component, load balancers in `balancing_openings`.
//!
//! SOURCE: Reachability Analyzer guide, `ENI_SOURCE_DEST_CHECK_RESTRICTION`, `GATEWAY_REJECTS_SPOOFED_TRAFFIC`,
//! `IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS`, `IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS`,
//! `IGW_SOURCE_ADDRESS_NOT_IN_RFC6598_INGRESS`, `PROTOCOL_RESTRICTION`, `BAD_STATE_VPN`; EC2 user guide, "Elastic network
//! interfaces" (source/destination check) (checked 2026-11-27).
//! GAP: what an appliance would do with packets that its check refuses is taken to be what trusted appliances do.
use std::{net::Ipv4Addr, sync::Arc};

use graph::{
    Cause, Choice, Control, Direction, Disposition, Flow, GraphBuilder, Obstacle, Port, ResourceKey, Rule,
    Transfer,
};
use headerspace::{Family, Field, Match, Ranges, Rewrite};
use ipnet::IpNet;

use super::{
    Resource as _,
    address_set::address_in,
    internet_gateway::{Gateway, gateways_of},
    nat_gateway::NatGateway,
    network_interface::{Filters, NetworkInterface, subnet_of, vpc_of},
    openings::{ANY_FOREIGN, ANY_TRANSLATED},
    public_ipv4, routed,
    vpc::Vpc,
    vpc_block_public_access::{Traveller, of_address},
    vpn_connection::VpnConnection,
    vpn_gateway::VpnGateway,
};
use crate::{Entry, Inventory};

/// Offers an interface to send what is not its own, and to forward.
pub(super) fn offer_unchecked(
    here: &Entry<NetworkInterface>,
    inventory: &Inventory,
    graph: &mut GraphBuilder,
) {
    if !graph.is_openable() {
        return;
    }
    let text = "checks that what it sends and takes is its own";
    let control = Control::obstacle(&here.key, Obstacle::Check, text, here.at("/SourceDestCheck"));
    let (own, filters) = (here.value.addresses().collect::<Vec<_>>(), Filters::of(here, inventory));
    let [sending, _] = filters.ports(Direction::Egress);
    let foreign = Transfer::only(Match::not(Match::src_any_of(own)));
    graph.offer(&Port::new(&here.key, "send"), sending, foreign, control.clone());
    offer_forwarding(here, &control, inventory, graph);
}

/// Offers an interface as a forwarder of what route tables send to it.
fn offer_forwarding(
    here: &Entry<NetworkInterface>,
    control: &Control,
    inventory: &Inventory,
    graph: &mut GraphBuilder,
) {
    let (Some(vpc), Some(subnet)) = (vpc_of(here, inventory), subnet_of(here, inventory)) else { return };
    let passing = NetworkInterface::passing(&here.key);
    graph.offered(control, |graph| here.value.connect_passing(here, subnet, inventory, graph));
    let instance: Option<ResourceKey> = here.value.instance_key(here, inventory);
    for target in std::iter::once(here.key.clone()).chain(instance) {
        let entry = routed(&target, vpc.value.id().as_str());
        graph.offer(&entry, &passing, Transfer::all(), control.clone());
    }
}

/// Offers a NAT gateway for protocols that it does not translate.
pub(super) fn offer_protocols(
    here: &Entry<NatGateway>,
    private: Ipv4Addr,
    translating: &Port,
    out: &Port,
    graph: &mut GraphBuilder,
) {
    let known = Match::any_of([1, 6, 17].map(Match::protocol));
    let others = Match::all_of([Match::family(Family::V4), Match::not(known)]);
    let transfer = Transfer::only(others).rewriting(becomes(Field::SrcIp, private)).for_flow(Flow::Opening);
    let text = "translates TCP, UDP and ICMP only";
    let control = Control::obstacle(&here.key, Obstacle::Protocol, text, here.at(""));
    // Beside the others: replies undo what was done behind them.
    graph.offer_instead(translating, out, transfer, control);
}

/// Offers a public address to a private NAT gateway.
pub(super) fn offer_public_translator(
    here: &Entry<NatGateway>,
    private: Ipv4Addr,
    vpc: Option<&Entry<Vpc>>,
    inventory: &Inventory,
    graph: &mut GraphBuilder,
) {
    let Some(vpc) = vpc.filter(|_| graph.is_openable()) else { return };
    if !of_address(inventory, vpc, private.into(), Traveller::NatGateway).is_open() {
        return;
    }
    let text = "has no public address";
    let control = Control::obstacle(&here.key, Obstacle::Address, text, here.at("/NatGatewayAddresses"));
    for gateway in gateways_of(inventory, vpc) {
        if let Some(routed) = &gateway.routed {
            let leaves = Match::all_of([is(Field::SrcIp, private), public_ipv4(Field::DstIp)]);
            let leaves = Transfer::only(leaves).rewriting(becomes(Field::SrcIp, ANY_TRANSLATED));
            graph.offer(routed, &gateway.outside, leaves, control.clone());
        }
        let enters = Match::all_of([is(Field::DstIp, ANY_TRANSLATED), public_ipv4(Field::SrcIp)]);
        let enters = Transfer::only(enters).rewriting(becomes(Field::DstIp, private));
        graph.offer(&gateway.arriving, &gateway.admitted, enters, control.clone());
    }
}

/// Offers to let out by an internet gateway what comes from no address of its VPC, and in what comes from a private one
/// or claims to come from the VPC.
pub(super) fn offer_forged(vpc: &Entry<Vpc>, gateway: &Gateway, graph: &mut GraphBuilder) {
    if !graph.is_openable() || vpc.is_concluded() {
        return;
    }
    let obstacle = |kind, text: &str| Control::obstacle(&gateway.key, kind, text, gateway.origin.clone());
    let v4 = Match::family(Family::V4);
    let ours = address_in(Field::SrcIp, vpc.value.cidrs());
    if let Some(routed) = &gateway.routed {
        let foreign = Match::all_of([v4.clone(), Match::not(ours.clone()), public_ipv4(Field::DstIp)]);
        let leaves = Transfer::only(foreign).rewriting(becomes(Field::SrcIp, ANY_FOREIGN));
        let text = "has no public address for senders outside its VPC";
        graph.offer(routed, &gateway.outside, leaves, obstacle(Obstacle::Address, text));
    }
    let [private, forged] = [private_sender(&gateway.key), forged(&gateway.key)];
    let drops = from_private(gateway);
    let rejects =
        obstacle(Obstacle::Impostor, "takes what comes in from addresses of its own VPC for forged");
    graph.offered(&drops, |graph| {
        for port in [&private, &forged] {
            graph.declare(port.clone(), &gateway.key, Choice::Any, Disposition::NoRoute);
        }
        let cause = Arc::new(Cause::new(&gateway.key, Rule::Carries));
        graph.connect(&private, &forged, Transfer::only(Match::not(ours.clone())), &cause);
    });
    let hidden = Match::all_of([v4, Match::not(public_ipv4(Field::SrcIp))]);
    graph.offer(&gateway.arriving, &private, Transfer::only(hidden), drops);
    graph.offer(&private, &forged, Transfer::only(ours), rejects);
}

/// That an internet gateway drops what comes in from private addresses.
fn from_private(gateway: &Gateway) -> Control {
    let text = "drops what comes in from private addresses";
    Control::obstacle(&gateway.key, Obstacle::Address, text, gateway.origin.clone())
}

/// Where packets stand that came in by an internet gateway from a private address.
fn private_sender(gateway: &ResourceKey) -> Port {
    Port::new(gateway, "arriving, from a private address")
}

/// Where they stand when nobody minds whether they claim to be of the VPC.
fn forged(gateway: &ResourceKey) -> Port {
    Port::new(gateway, "arriving, whoever sent it")
}

/// Lets such packets in to a public address.
pub(super) fn admit_forged(gateway: &Gateway, [private, public]: [Ipv4Addr; 2], graph: &mut GraphBuilder) {
    graph.offered(&from_private(gateway), |graph| {
        let enters = Transfer::only(is(Field::DstIp, public)).rewriting(becomes(Field::DstIp, private));
        let forged = forged(&gateway.key);
        graph.declare(forged.clone(), &gateway.key, Choice::Any, Disposition::NoRoute);
        let cause = Arc::new(Cause::new(&gateway.key, Rule::Carries));
        graph.connect(&forged, &gateway.admitted, enters, &cause);
    });
}

/// Offers connections of a virtual private gateway that are gone, for what their static routes lead to.
pub(super) fn offer_connections(
    here: &Entry<VpnGateway>,
    [routed, outside]: [&Port; 2],
    ours: &Match,
    inventory: &Inventory,
    graph: &mut GraphBuilder,
) {
    let connections = inventory.naming::<VpnConnection, VpnGateway>("gateway", here);
    for gone in connections.filter(|it| !it.value.holds()) {
        let control = Control::obstacle(&gone.key, Obstacle::State, "is deleted", gone.at("/State"));
        let there: Vec<IpNet> = gone.value.destinations().collect();
        let leaves = Match::all_of([ours.clone(), Match::dst_any_of(there), gone.value.inside()]);
        graph.offer(routed, outside, Transfer::only(leaves), control);
    }
}

fn is(field: Field, ip: Ipv4Addr) -> Match {
    let address = Match::In(field, Ranges::single(u128::from(ip.to_bits())));
    Match::all_of([Match::family(Family::V4), address])
}

fn becomes(field: Field, ip: Ipv4Addr) -> Rewrite {
    Rewrite::identity().assign(field, Ranges::single(u128::from(ip.to_bits())))
}
