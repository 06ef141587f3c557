//! Route tables, and the gateway endpoints that stand in them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{ACCOUNT, OWN_LIST, SERVICE_LIST, Subnet, Tables, Vpc, peers, peers6, set};
use crate::random::RandomOptions;
use crate::random::dice::Dice;
use crate::random::pools::LISTED_BLOCKS;

pub(super) fn route_tables(
    dice: &mut Dice<'_, '_>,
    options: &RandomOptions,
    vpcs: &[Vpc],
    at: usize,
    tables: &mut Tables,
) {
    let Some(vpc) = vpcs.get(at) else { return };
    let drawn = dice.between(1, 3);
    // The subnet for endpoints that routes lead to has a table of its own, which leads on.
    let count = drawn + usize::from(vpc.inspection.is_some());
    let id = |table: usize| format!("rtb-{}{}", at + 1, table + 1);
    // The first table is the main one; a subnet that draws it has no association of its own, or an explicit one.
    let mut associations = vec![Vec::new(); count];
    let mut associate = |table: usize, subnet: Option<&Subnet>, number: usize| {
        let mut row = json!({
            "Main": subnet.is_none(),
            "RouteTableAssociationId": format!("rtbassoc-{}{number}", at + 1),
            "RouteTableId": id(table),
            "AssociationState": {"State": "associated"},
        });
        if let Some(subnet) = subnet {
            set(&mut row, "SubnetId", subnet.id.as_str().into());
        }
        associations.get_mut(table).into_iter().for_each(|list: &mut Vec<Value>| list.push(row.clone()));
    };
    associate(0, None, 0);
    let mut tables_of = Vec::new();
    for (number, subnet) in (1..).zip(&vpc.subnets) {
        let own = vpc.inspection == Some(number - 1);
        let table = if own { drawn } else { dice.between(0, drawn - 1) };
        tables_of.push(table);
        if table > 0 || dice.once_in(2) {
            associate(table, Some(subnet), number);
        }
    }
    let mut endpoint_tables = Vec::new();
    for (table, associations) in associations.into_iter().enumerate() {
        let mut routes = local(vpc);
        if let Some(endpoint) = vpc.endpoint.as_ref().filter(|_| dice.once_in(2)) {
            routes.push(json!({
                "DestinationPrefixListId": SERVICE_LIST,
                "GatewayId": endpoint,
                "Origin": "CreateRoute",
                "State": "active",
            }));
            endpoint_tables.push(id(table));
        }
        let mut taken = BTreeSet::from([vpc.block.clone()]);
        taken.extend(vpc.block6.clone());
        // What a gateway or endpoint sends on seldom comes back to it at once.
        let is_of = |places: &[usize]| places.iter().any(|&place| tables_of.get(place) == Some(&table));
        let leads_on = table == drawn || (is_of(&vpc.inspecting) && !dice.once_in(8));
        if !leads_on && !vpc.inspectors.is_empty() && !dice.once_in(3) {
            inspected(dice, vpc, &mut taken, &mut routes);
        }
        if options.has_middleboxes() {
            for (destination, route) in default_routes(dice, vpc, !is_of(&vpc.translating)) {
                if taken.insert(destination.to_owned()) {
                    routes.push(route);
                }
            }
        }
        for _ in 0..dice.between(0, 4) {
            if let Some((destination, route)) = route(dice, options, vpcs, vpc)
                && taken.insert(destination)
            {
                routes.push(route);
            }
        }
        let mut propagating = Vec::new();
        if let Some(gateway) = vpc.vpn_gateway.as_ref().filter(|gateway| gateway.attached)
            && !dice.once_in(3)
        {
            propagating.push(json!({"GatewayId": gateway.id}));
            for block in &gateway.announced {
                if taken.insert(block.clone()) {
                    routes.push(json!({
                        "DestinationCidrBlock": block,
                        "GatewayId": gateway.id,
                        "Origin": "EnableVgwRoutePropagation",
                        "State": "active",
                    }));
                }
            }
        }
        tables.add(
            "RouteTables",
            json!({
                "RouteTableId": id(table),
                "Associations": associations,
                "PropagatingVgws": propagating,
                "Routes": routes,
                "OwnerId": ACCOUNT,
                "VpcId": vpc.id,
            }),
        );
    }
    if options.edge_tables {
        edge_tables(dice, vpc, at, tables);
    }
    if let Some(endpoint) = &vpc.endpoint {
        tables.add(
            "VpcEndpoints",
            json!({
                "VpcEndpointId": endpoint,
                "VpcEndpointType": "Gateway",
                "ServiceName": "com.amazonaws.us-east-1.s3",
                "RouteTableIds": endpoint_tables,
                "State": "available",
                "OwnerId": ACCOUNT,
                "VpcId": vpc.id,
            }),
        );
    }
}

fn via_gateway(destination: &str, gateway: &str) -> Value {
    json!({
        "DestinationCidrBlock": destination,
        "GatewayId": gateway,
        "Origin": "CreateRoute",
        "State": "active",
    })
}

/// Routes to an endpoint that inspects: for everything, or for another subnet.
///
/// SOURCE: VPC user guide, "Route table concepts" and "Middlebox routing": a route more specific than the local one
/// may name the whole range of a subnet, and lead to an endpoint or an interface (checked 2026-11-26).
fn inspected(dice: &mut Dice<'_, '_>, vpc: &Vpc, taken: &mut BTreeSet<String>, routes: &mut Vec<Value>) {
    let everything = dice.between(0, 2);
    let subnet = dice.pick(&vpc.subnets).map(|subnet| subnet.block.as_str());
    for destination in
        ["0.0.0.0/0"].into_iter().filter(|_| everything < 2).chain(subnet.filter(|_| everything > 0))
    {
        if let Some(inspector) = dice.pick(&vpc.inspectors)
            && taken.insert(destination.to_owned())
        {
            routes.push(via_gateway(destination, inspector));
        }
    }
    if vpc.block6.is_some()
        && dice.once_in(2)
        && let Some(inspector) = dice.pick(&vpc.inspectors)
        && taken.insert("::/0".to_owned())
    {
        routes.push(json!({
            "DestinationIpv6CidrBlock": "::/0",
            "GatewayId": inspector,
            "Origin": "CreateRoute",
            "State": "active",
        }));
    }
}

/// Routes for everything, to gateways that lead far; to translators only if packets do not come from there.
fn default_routes(dice: &mut Dice<'_, '_>, vpc: &Vpc, translated: bool) -> Vec<(&'static str, Value)> {
    let transit = dice.pick(&vpc.transit_gateways).map(|gateway| ("TransitGatewayId", gateway.as_str()));
    let translator = dice.pick(&vpc.nat_gateways).map(|gateway| ("NatGatewayId", gateway.as_str()));
    let internet = vpc.internet_gateway.as_deref().map(|gateway| ("GatewayId", gateway));
    let egress_only = vpc.egress_only.as_deref().map(|gateway| ("EgressOnlyInternetGatewayId", gateway));
    let mut routes = Vec::new();
    let target = match dice.between(0, 8) {
        0 => transit.or(internet),
        1 | 2 => translator.filter(|_| translated).or(internet),
        3..=5 => internet.or(transit),
        _ => None,
    };
    let target6 = match dice.between(0, 3) {
        0 => internet.or(transit),
        1 => egress_only.or(internet),
        _ => None,
    };
    if let Some((member, target)) = target {
        routes.push((
            "0.0.0.0/0",
            json!({
                "DestinationCidrBlock": "0.0.0.0/0",
                member: target,
                "Origin": "CreateRoute",
                "State": "active",
            }),
        ));
    }
    if let (Some((member, target)), true) = (target6, vpc.block6.is_some()) {
        routes.push((
            "::/0",
            json!({
                "DestinationIpv6CidrBlock": "::/0",
                member: target,
                "Origin": "CreateRoute",
                "State": "active",
            }),
        ));
    }
    routes
}

/// Route tables of the gateways at the edge of a VPC: past its endpoints into its subnets.
fn edge_tables(dice: &mut Dice<'_, '_>, vpc: &Vpc, at: usize, tables: &mut Tables) {
    let attached = vpc.vpn_gateway.as_ref().filter(|gateway| gateway.attached);
    let gateways = vpc.internet_gateway.as_ref().into_iter().chain(attached.map(|gateway| &gateway.id));
    for (number, gateway) in (8..).zip(gateways) {
        if dice.once_in(if vpc.inspectors.is_empty() { 2 } else { 4 }) {
            continue;
        }
        let id = format!("rtb-{}{number}", at + 1);
        let mut routes = local(vpc);
        for subnet in &vpc.subnets {
            if let (true, Some(inspector)) = (dice.once_in(2), dice.pick(&vpc.inspectors)) {
                routes.push(via_gateway(&subnet.block, inspector));
            } else if let (true, Some(interface)) = (dice.once_in(8), dice.pick(&vpc.appliances)) {
                routes.push(json!({
                    "DestinationCidrBlock": subnet.block,
                    "NetworkInterfaceId": interface,
                    "Origin": "CreateRoute",
                    "State": "active",
                }));
            }
        }
        tables.add(
            "RouteTables",
            json!({
                "RouteTableId": id,
                "Associations": [{
                    "Main": false,
                    "RouteTableAssociationId": format!("rtbassoc-{}{number}", at + 1),
                    "RouteTableId": id,
                    "GatewayId": gateway,
                    "AssociationState": {"State": "associated"},
                }],
                "PropagatingVgws": [],
                "Routes": routes,
                "OwnerId": ACCOUNT,
                "VpcId": vpc.id,
            }),
        );
    }
}

/// A target of a VPC's routes that only some networks have.
fn further_target(dice: &mut Dice<'_, '_>, vpc: &Vpc) -> Option<(&'static str, String)> {
    let gateway = vpc.vpn_gateway.as_ref().filter(|gateway| gateway.attached);
    let transit = vpc.transit_gateways.iter().map(|id| ("TransitGatewayId", id));
    let inspectors = vpc.inspectors.iter().map(|id| ("GatewayId", id));
    let all: Vec<(&'static str, &String)> =
        transit.chain(gateway.map(|gateway| ("GatewayId", &gateway.id))).chain(inspectors).collect();
    if all.is_empty() || !dice.once_in(2) {
        return None;
    }
    dice.pick(&all).map(|&(member, id)| (member, id.clone()))
}

/// A route that AWS would let in, with its destination; none when the target drawn is not there.
fn route(
    dice: &mut Dice<'_, '_>,
    options: &RandomOptions,
    vpcs: &[Vpc],
    vpc: &Vpc,
) -> Option<(String, Value)> {
    let mut active = true;
    let mut only6 = false;
    let further = further_target(dice, vpc);
    let (member, target) = match further.map_or_else(|| Err(dice.between(0, 9)), Ok) {
        Ok(further) => further,
        Err(0..=2) => ("GatewayId", vpc.internet_gateway.clone()?),
        Err(3 | 4) => ("NatGatewayId", dice.pick(&vpc.nat_gateways)?.clone()),
        Err(5 | 6) => {
            let peering = dice.pick(&vpc.peerings)?;
            // SOURCE: VPC peering guide, Update your route tables, checked 2026-11-23: a route to a connection
            // that nobody accepted yet is a blackhole.
            active = peering.active;
            ("VpcPeeringConnectionId", peering.id.clone())
        }
        Err(7) => {
            only6 = true;
            ("EgressOnlyInternetGatewayId", vpc.egress_only.clone()?)
        }
        Err(8) if options.unknown_targets => ("TransitGatewayId", "tgw-99".to_owned()),
        Err(9) if options.appliance_routes => ("NetworkInterfaceId", dice.pick(&vpc.appliances)?.clone()),
        _ => {
            active = false;
            ("NatGatewayId", "nat-99".to_owned())
        }
    };
    let only4 = member == "NatGatewayId";
    let (kind, destination) = if only6 || (!only4 && vpc.block6.is_some() && dice.once_in(3)) {
        ("DestinationIpv6CidrBlock", dice.word(&peers6(vpcs)))
    } else if !only6 && dice.once_in(6) {
        ("DestinationPrefixListId", OWN_LIST)
    } else {
        ("DestinationCidrBlock", dice.word(&peers(vpcs)))
    };
    // GAP: no routes more specific than the local one; what they may lead to depends on the target.
    let entries = if destination == OWN_LIST { &LISTED_BLOCKS[..] } else { &[destination] };
    if entries.iter().any(|entry| within(entry, vpc)) {
        return None;
    }
    let route = json!({
        kind: destination,
        member: target,
        "Origin": "CreateRoute",
        "State": if active { "active" } else { "blackhole" },
    });
    Some((destination.to_owned(), route))
}

/// Whether a destination is the VPC's own range or, judged by its text, a part of it.
fn within(destination: &str, vpc: &Vpc) -> bool {
    let stem = |block: &str| block.rsplit_once('.').map_or(block.to_owned(), |(stem, _)| stem.to_owned());
    let same4 = destination.contains('.')
        && destination != "10.0.0.0/8"
        && (stem(destination) == stem(&vpc.block)
            || (vpc.block.ends_with("/23") && destination.starts_with("10.0.1.")));
    let same6 = vpc.block6.as_ref().is_some_and(|block| {
        let own = block.trim_end_matches("00::/56");
        destination.starts_with(own)
    });
    same4 || same6
}

/// The routes to the VPC itself, which every table has.
fn local(vpc: &Vpc) -> Vec<Value> {
    let route = |field: &str, block: &str| json!({ field: block, "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active" });
    let narrow = route("DestinationCidrBlock", &vpc.block);
    let wide = vpc.block6.as_ref().map(|block| route("DestinationIpv6CidrBlock", block));
    std::iter::once(narrow).chain(wide).collect()
}
