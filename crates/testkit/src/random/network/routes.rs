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
    let count = dice.between(1, 3);
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
    for (number, subnet) in (1..).zip(&vpc.subnets) {
        let table = dice.between(0, count - 1);
        if table > 0 || dice.once_in(2) {
            associate(table, Some(subnet), number);
        }
    }
    let mut endpoint_tables = Vec::new();
    for (table, associations) in associations.into_iter().enumerate() {
        let mut routes = vec![json!({
            "DestinationCidrBlock": vpc.block,
            "GatewayId": "local",
            "Origin": "CreateRouteTable",
            "State": "active",
        })];
        if let Some(block) = &vpc.block6 {
            routes.push(json!({
                "DestinationIpv6CidrBlock": block,
                "GatewayId": "local",
                "Origin": "CreateRouteTable",
                "State": "active",
            }));
        }
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
        for _ in 0..dice.between(0, 4) {
            if let Some((destination, route)) = route(dice, options, vpcs, vpc)
                && taken.insert(destination)
            {
                routes.push(route);
            }
        }
        tables.add(
            "RouteTables",
            json!({
                "RouteTableId": id(table),
                "Associations": associations,
                "PropagatingVgws": [],
                "Routes": routes,
                "OwnerId": ACCOUNT,
                "VpcId": vpc.id,
            }),
        );
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

/// A route that AWS would let in, with its destination; none when the target drawn is not there.
fn route(
    dice: &mut Dice<'_, '_>,
    options: &RandomOptions,
    vpcs: &[Vpc],
    vpc: &Vpc,
) -> Option<(String, Value)> {
    let mut active = true;
    let mut only6 = false;
    let (member, target) = match dice.between(0, 9) {
        0..=2 => ("GatewayId", vpc.internet_gateway.clone()?),
        3 | 4 => ("NatGatewayId", dice.pick(&vpc.nat_gateways)?.clone()),
        5 | 6 => {
            let peering = dice.pick(&vpc.peerings)?;
            // SOURCE: VPC peering guide, Update your route tables, checked 2026-11-23: a route to a connection
            // that nobody accepted yet is a blackhole.
            active = peering.active;
            ("VpcPeeringConnectionId", peering.id.clone())
        }
        7 => {
            only6 = true;
            ("EgressOnlyInternetGatewayId", vpc.egress_only.clone()?)
        }
        8 if options.unknown_targets => ("TransitGatewayId", "tgw-99".to_owned()),
        9 if options.appliance_routes => ("NetworkInterfaceId", dice.pick(&vpc.appliances)?.clone()),
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
