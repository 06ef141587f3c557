//! What else could be configured: the routes, associations, public addresses and attachments that there are not.
//!
//! No ports but one and no records of its own. Rules of filters are offered where their filters are made; what is
//! offered here needs to know what else there is. See `graph::Control` for what becomes of it.
//!
//! SOURCE: as of `route_table`, `transit_gateway_route_table`, `transit_gateway_association` and `internet_gateway`, which
//! model what there is; RFC 5737 (addresses that nobody has).
//! GAP: not offered, and so taken as they are when it is asked what keeps something closed: targets that a load balancer has
//! nowhere, new NAT gateways, routes of a gateway's own table and within a VPC, IPv6 addresses, internet gateways of VPCs
//! without one, stateless firewall lists that look at TCP flags, and what lies beyond a border.
//! GAP: whether an interface that a service manages can be given a public address is not asked; it is offered one.
use std::net::Ipv4Addr;

use graph::{Choice, Control, ControlKind, Disposition, GraphBuilder, Port, ResourceKey, Transfer};
use headerspace::{Field, Match, Ranges, Rewrite};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    LOCAL, ROUTER, Resource as _,
    instance::Instance,
    internet_gateway,
    network_interface::{NetworkInterface, vpc_of},
    public_ipv4, route_table,
    subnet::Subnet,
    transit_gateway_attachment::TransitGatewayAttachment,
    transit_gateway_route_table::{TransitGatewayRouteTable, lookup},
    vpc::Vpc,
    vpc_block_public_access::{Traveller, of_address},
};
use crate::{Entry, Inventory};

/// Stands for the public address that an interface could have: one that is kept for documentation, so that nobody has it.
pub(crate) const ANY_PUBLIC: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

/// The same for a NAT gateway, and for senders that are not of the VPC: replies go to whom they are for.
pub(crate) const ANY_TRANSLATED: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 1);
pub(crate) const ANY_FOREIGN: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);

/// Offers routes that the tables of VPCs and transit gateways do not have, and networks to be joined.
pub(crate) fn offer_routes(inventory: &Inventory, graph: &mut GraphBuilder) {
    if !graph.is_openable() {
        return;
    }
    let targets = targets(inventory, graph);
    // Sorts behind all others, so that ids stay what they are without it.
    let joined = Port::new(&ResourceKey::new("~", "", "networks"), "joined");
    graph.declare(joined.clone(), &ResourceKey::new("~", "", "networks"), Choice::Any, Disposition::NoRoute);
    for vpc in inventory.table::<Vpc>().iter().filter(|vpc| !vpc.is_concluded()) {
        let own = vpc.value.cidrs();
        let elsewhere = Transfer::only(Match::not(Match::dst_any_of(own.iter().copied())));
        let attachment = Control::new(&vpc.key, ControlKind::NoAttachment, vpc.at(""));
        let ours = Transfer::only(Match::dst_any_of(own));
        graph.offer(&joined, &Port::new(&vpc.key, LOCAL), ours, attachment.clone());
        for subnet in inventory.naming::<Subnet, Vpc>("vpc", vpc) {
            let Some(table) = route_table::of_subnet(inventory, subnet) else { continue };
            let router = Port::new(&subnet.key, ROUTER);
            graph.offer(&router, &joined, elsewhere.clone(), attachment.clone());
            for (zone, target, id) in targets.get(vpc.value.id().as_str()).into_iter().flatten() {
                if zone.as_deref().is_none_or(|zone| zone == subnet.value.zone()) {
                    let kind = ControlKind::NoRoute(id.clone());
                    graph.offer(
                        &router,
                        target,
                        elsewhere.clone(),
                        Control::new(&table.key, kind, table.at("/Routes")),
                    );
                }
            }
        }
    }
    for table in inventory.table::<TransitGatewayRouteTable>().iter() {
        let Some(gateway) = table.value.gateway(&table.place, inventory) else { continue };
        for attachment in attachments(&gateway, inventory) {
            let kind = ControlKind::NoRoute(attachment.value.id().to_string());
            let control = Control::new(&table.key, kind, table.at(""));
            for zone in inventory.transit.origins(&gateway) {
                let leaving = attachment.value.leaving(&attachment.key, zone);
                graph.offer(&lookup(&table.key, zone), &leaving, Transfer::all(), control.clone());
            }
        }
    }
}

/// A place to which routes of a VPC may lead: the zone it is for, if it is for one; the port; the resource's id.
type RoutedTo = (Option<String>, Port, String);

/// By VPC: everything that its route tables may name.
fn targets(inventory: &Inventory, graph: &GraphBuilder) -> FxHashMap<String, Vec<RoutedTo>> {
    // Interfaces are targets only if they forward packets of others; instances are the same targets once more.
    let interfaces = inventory.table::<NetworkInterface>().iter().filter(|it| !it.value.forwards());
    let instances = inventory.table::<Instance>().iter().map(|it| &it.key);
    let idle: FxHashSet<&ResourceKey> = interfaces.map(|it| &it.key).chain(instances).collect();
    let mut found = FxHashMap::<String, Vec<RoutedTo>>::default();
    for (port, _) in graph.ports().filter(|(port, _)| !idle.contains(port.owner())) {
        let mut parts = port.name().split('@');
        let (Some("routed"), Some(vpc), zone) = (parts.next(), parts.next(), parts.next()) else { continue };
        let id = port.owner().id().to_owned();
        found.entry(vpc.to_owned()).or_default().push((zone.map(str::to_owned), port.clone(), id));
    }
    found
}

fn attachments<'i>(
    gateway: &ResourceKey,
    inventory: &'i Inventory,
) -> impl Iterator<Item = &'i Entry<TransitGatewayAttachment>> {
    let gateway = gateway.clone();
    let all = inventory.table::<TransitGatewayAttachment>().iter();
    all.filter(move |it| it.value.gateway(&it.place, inventory) == gateway)
}

/// Offers the association of an attachment that has none with each table of its transit gateway.
pub(super) fn offer_association(
    here: &Entry<TransitGatewayAttachment>,
    from: &Port,
    zone: &str,
    transfer: &Transfer,
    inventory: &Inventory,
    graph: &mut GraphBuilder,
) {
    if !graph.is_openable() {
        return;
    }
    let gateway = here.value.gateway(&here.place, inventory);
    for table in inventory.table::<TransitGatewayRouteTable>().iter() {
        if table.value.gateway(&table.place, inventory).as_ref() == Some(&gateway) {
            let kind = ControlKind::NoAssociation(table.value.id().to_string());
            let control = Control::new(&here.key, kind, here.at("/Association"));
            graph.offer(from, &lookup(&table.key, zone), transfer.clone(), control);
        }
    }
}

/// Offers a public address to an interface that has none.
pub(super) fn offer_public(here: &Entry<NetworkInterface>, inventory: &Inventory, graph: &mut GraphBuilder) {
    let (Some(vpc), Some(std::net::IpAddr::V4(private))) =
        (vpc_of(here, inventory), here.value.primary_address(false))
    else {
        return;
    };
    if !graph.is_openable() || here.value.public_addresses().contains_key(&private) {
        return;
    }
    let ruling = of_address(inventory, vpc, private.into(), Traveller::Host);
    let control = Control::new(&here.key, ControlKind::NoPublicAddress, here.at(""));
    let is = |field, ip: Ipv4Addr| Match::In(field, Ranges::single(u128::from(ip.to_bits())));
    let becomes =
        |field, ip: Ipv4Addr| Rewrite::identity().assign(field, Ranges::single(u128::from(ip.to_bits())));
    let crossing = |field, ip, far| {
        Match::all_of([Match::In(Field::Family, Ranges::single(0)), is(field, ip), public_ipv4(far)])
    };
    for gateway in internet_gateway::gateways_of(inventory, vpc) {
        // Where public access is blocked, too, both would have to be otherwise.
        let setting = ruling.closed_at(&gateway.key);
        if setting.is_none() && !ruling.is_open() {
            continue;
        }
        let mut cross = |from: &Port, to: &Port, transfer: Transfer| {
            let Some(setting) = setting.clone() else {
                graph.offer(from, to, transfer, control.clone());
                return;
            };
            let between = Port::new(&gateway.key, format!("{}, with a public address", from.name()));
            graph.offered(&control, |graph| {
                graph.declare(between.clone(), &gateway.key, Choice::Any, Disposition::Denied);
            });
            graph.offer(from, &between, transfer, control.clone());
            graph.offer(&between, to, Transfer::all(), setting);
        };
        if let Some(routed) = &gateway.routed {
            let leaves = Transfer::only(crossing(Field::SrcIp, private, Field::DstIp));
            cross(routed, &gateway.outside, leaves.rewriting(becomes(Field::SrcIp, ANY_PUBLIC)));
        }
        let enters = Transfer::only(crossing(Field::DstIp, ANY_PUBLIC, Field::SrcIp));
        cross(&gateway.arriving, &gateway.admitted, enters.rewriting(becomes(Field::DstIp, private)));
    }
}
