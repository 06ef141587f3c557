//! What hangs on subnets and between VPCs: NAT gateways, interfaces, peering connections.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{ACCOUNT, Host, Peering, Subnet, Tables, Vpc, set};
use crate::random::dice::Dice;

/// The next public address, each once.
pub(super) fn public_address(given: &mut usize) -> String {
    *given += 1;
    format!("3.0.0.{given}")
}

pub(super) fn nat_gateways(
    dice: &mut Dice<'_, '_>,
    vpcs: &mut [Vpc],
    tables: &mut Tables,
    addresses: &mut usize,
) {
    for (number, vpc) in (1..).zip(vpcs) {
        if dice.once_in(3) {
            continue;
        }
        let at = dice.between(0, vpc.subnets.len().saturating_sub(1));
        // A public NAT gateway needs an Elastic IP address, and that an internet gateway.
        let public = (vpc.internet_gateway.is_some() && !dice.once_in(4)).then(|| public_address(addresses));
        let Some(subnet) = vpc.subnets.get_mut(at) else { continue };
        let (id, interface, private) =
            (format!("nat-{number}"), format!("eni-9{number}"), subnet.next_address());
        let mut address = json!({"NetworkInterfaceId": interface, "PrivateIp": private, "IsPrimary": true});
        let mut row = json!({
            "NetworkInterfaceId": interface,
            "InterfaceType": "nat_gateway",
            "Description": format!("Interface for NAT Gateway {id}"),
            "RequesterManaged": true,
            "SourceDestCheck": false,
            "Status": "in-use",
            "Groups": [],
            "Ipv6Addresses": [],
            "PrivateIpAddress": private,
            "PrivateIpAddresses": [{"Primary": true, "PrivateIpAddress": private}],
            "SubnetId": subnet.id,
            "VpcId": vpc.id,
            "OwnerId": ACCOUNT,
        });
        if let Some(public) = &public {
            set(&mut address, "PublicIp", public.as_str().into());
            associate(&mut row, public);
        }
        tables.add("NetworkInterfaces", row);
        tables.add(
            "NatGateways",
            json!({
                "NatGatewayId": id,
                "ConnectivityType": if public.is_some() { "public" } else { "private" },
                "NatGatewayAddresses": [address],
                "State": "available",
                "SubnetId": subnet.id,
                "VpcId": vpc.id,
            }),
        );
        vpc.nat_gateways.push(id);
        vpc.translating.push(at);
    }
}

pub(super) fn network_interface(
    dice: &mut Dice<'_, '_>,
    vpcs: &mut [Vpc],
    number: usize,
    tables: &mut Tables,
    addresses: &mut usize,
) {
    let at = dice.between(0, vpcs.len().saturating_sub(1));
    let Some(vpc) = vpcs.get_mut(at) else { return };
    let at = dice.between(0, vpc.subnets.len().saturating_sub(1));
    let full = vpc.subnets.get(at).is_none_or(|subnet| !subnet.has_room());
    let other = vpc.subnets.iter().position(Subnet::has_room).filter(|_| full);
    let Some(subnet) = vpc.subnets.get_mut(other.unwrap_or(at)).filter(|subnet| subnet.has_room()) else {
        return;
    };
    let (id, private) = (format!("eni-{number}"), subnet.next_address());
    let attached = !dice.once_in(6);
    let groups: BTreeSet<&String> = (0..dice.between(1, 2)).filter_map(|_| dice.pick(&vpc.groups)).collect();
    let groups: Vec<Value> =
        groups.iter().map(|group| json!({"GroupId": group, "GroupName": group})).collect();
    let version6: Vec<Value> = match &subnet.block6 {
        Some(block) if !dice.once_in(4) => {
            let address = block.replace("::/64", &format!("::{:x}", 3 + number));
            vec![json!({"Ipv6Address": address})]
        }
        _ => Vec::new(),
    };
    let mut private_addresses = vec![json!({"Primary": true, "PrivateIpAddress": private})];
    if dice.once_in(4) {
        private_addresses.push(json!({"Primary": false, "PrivateIpAddress": subnet.next_address()}));
    }
    let mut row = json!({
        "NetworkInterfaceId": id,
        "InterfaceType": "interface",
        "Description": "",
        "RequesterManaged": false,
        "SourceDestCheck": !dice.once_in(6),
        "Status": if attached { "in-use" } else { "available" },
        "Groups": groups,
        "Ipv6Addresses": version6,
        "PrivateIpAddress": private,
        "PrivateIpAddresses": private_addresses,
        "SubnetId": subnet.id,
        "VpcId": vpc.id,
        "OwnerId": ACCOUNT,
    });
    if vpc.internet_gateway.is_some() && !dice.once_in(3) {
        associate(&mut row, &public_address(addresses));
    }
    if attached {
        let instance = format!("i-{number}");
        let attachment = json!({"DeviceIndex": 0, "InstanceId": instance, "InstanceOwnerId": ACCOUNT, "Status": "attached"});
        set(&mut row, "Attachment", attachment);
        tables.add(
            "Reservations",
            json!({
                "ReservationId": format!("r-{number}"),
                "OwnerId": ACCOUNT,
                "Instances": [{
                    "InstanceId": instance,
                    "State": {"Code": 16, "Name": "running"},
                    "PrivateIpAddress": private,
                    "SubnetId": subnet.id,
                    "VpcId": vpc.id,
                    "NetworkInterfaces": [{"NetworkInterfaceId": id}],
                    "SecurityGroups": groups,
                }],
            }),
        );
        vpc.hosts.push(Host { instance, address: private });
        vpc.appliances.push(id);
    }
    tables.add("NetworkInterfaces", row);
}

/// Gives the primary address of an interface a public one.
pub(super) fn associate(row: &mut Value, public: &str) {
    let association = json!({"IpOwnerId": ACCOUNT, "PublicIp": public});
    set(row, "Association", association.clone());
    if let Some(primary) = row.pointer_mut("/PrivateIpAddresses/0") {
        set(primary, "Association", association);
    }
}

pub(super) fn peerings(dice: &mut Dice<'_, '_>, vpcs: &mut [Vpc], tables: &mut Tables) {
    for (a, b) in [(0, 1), (1, 2), (0, 2)] {
        let (Some(requester), Some(accepter)) = (vpcs.get(a), vpcs.get(b)) else { continue };
        // SOURCE: VPC peering guide, Limitations, checked 2026-11-23: no connection between overlapping VPCs.
        if overlapping(&requester.block, &accepter.block) || dice.once_in(4) {
            continue;
        }
        let (id, active) = (format!("pcx-{}{}", a + 1, b + 1), !dice.once_in(4));
        let side = |vpc: &Vpc| {
            let blocks6: Vec<Value> =
                vpc.block6.iter().map(|block| json!({"Ipv6CidrBlock": block})).collect();
            json!({
                "CidrBlock": vpc.block,
                "CidrBlockSet": [{"CidrBlock": vpc.block}],
                "Ipv6CidrBlockSet": blocks6,
                "OwnerId": ACCOUNT,
                "VpcId": vpc.id,
                "Region": "us-east-1",
            })
        };
        tables.add(
            "VpcPeeringConnections",
            json!({
                "VpcPeeringConnectionId": id,
                "RequesterVpcInfo": side(requester),
                "AccepterVpcInfo": side(accepter),
                "Status": {"Code": if active { "active" } else { "pending-acceptance" }},
            }),
        );
        for (at, other) in [(a, b), (b, a)] {
            if let Some(vpc) = vpcs.get_mut(at) {
                vpc.peerings.push(Peering { id: id.clone(), active, other });
            }
        }
    }
}

/// Whether two of `VPC_BLOCKS` have an address in common.
pub(super) fn overlapping(a: &str, b: &str) -> bool {
    let wide = "10.0.0.0/23";
    a == b || (a == wide && b.starts_with("10.0.")) || (b == wide && a.starts_with("10.0."))
}
