//! What is on the other side of VPN connections and Direct Connect.

use serde_json::{Value, json};

use super::{ACCOUNT, Tables, Vpc};
use crate::random::dice::Dice;
use crate::random::pools::SITE_BLOCKS;

/// A virtual private gateway as the route tables of its VPC see it.
pub(super) struct VpnGateway {
    pub(super) id: String,
    pub(super) attached: bool,
    /// What it announces to route tables that take it.
    pub(super) announced: Vec<String>,
}

/// Gives some VPCs a virtual private gateway.
pub(super) fn vpn_gateways(dice: &mut Dice<'_, '_>, vpcs: &mut [Vpc], tables: &mut Tables) {
    tables.expect(&[
        "VpnGateways",
        "VpnConnections",
        "CustomerGateways",
        "directConnectGateways",
        "directConnectGatewayAssociations",
        "directConnectGatewayAttachments",
        "virtualInterfaces",
    ]);
    for (number, vpc) in (1..).zip(vpcs) {
        if dice.once_in(2) {
            continue;
        }
        let (id, attached) = (format!("vgw-{number}"), !dice.once_in(6));
        tables.add(
            "VpnGateways",
            json!({
                "VpnGatewayId": id,
                "State": "available",
                "Type": "ipsec.1",
                "AmazonSideAsn": 64512,
                "VpcAttachments": [{"VpcId": vpc.id, "State": if attached { "attached" } else { "detached" }}],
            }),
        );
        let announced = match dice.between(0, 5) {
            0..=2 => vpn_connection(dice, number, ("VpnGatewayId", &id), true, tables),
            3 => vpn_connection(dice, number, ("VpnGatewayId", &id), false, tables),
            4 => {
                virtual_interface(number, "private", ("virtualGatewayId", &id), tables);
                some_blocks(dice)
            }
            _ => {
                let gateway = direct_connect_gateway(number, "private", tables);
                let blocks = vec![vpc.block.clone()];
                associate(&gateway, (&id, "virtualPrivateGateway"), &blocks, tables);
                some_blocks(dice)
            }
        };
        vpc.vpn_gateway = Some(VpnGateway { id, attached, announced });
    }
}

fn some_blocks(dice: &mut Dice<'_, '_>) -> Vec<String> {
    let mut blocks: Vec<String> =
        (0..dice.between(1, 2)).map(|_| dice.word(&SITE_BLOCKS).to_owned()).collect();
    blocks.sort_unstable();
    blocks.dedup();
    blocks
}

/// Makes a VPN connection to a gateway, and tells which blocks are known to lie behind it.
pub(super) fn vpn_connection(
    dice: &mut Dice<'_, '_>,
    number: usize,
    (member, gateway): (&str, &str),
    fixed: bool,
    tables: &mut Tables,
) -> Vec<String> {
    let blocks = some_blocks(dice);
    // SOURCE: EC2 API reference, `VpnConnection.Routes`: the static routes of a connection to a virtual private
    // gateway; those to a transit gateway are in its route tables (checked 2026-11-26).
    let listed = fixed && member == "VpnGatewayId";
    let routes: Vec<Value> = blocks
        .iter()
        .filter(|_| listed)
        .map(|block| json!({"DestinationCidrBlock": block, "Source": "Static", "State": "available"}))
        .collect();
    let tunnel = |last: usize| {
        let outside = format!("203.0.113.{}", 100 + 2 * number + last);
        json!({"OutsideIpAddress": outside, "Status": "UP", "AcceptedRouteCount": 0, "StatusMessage": ""})
    };
    tables.add(
        "VpnConnections",
        json!({
            "VpnConnectionId": format!("vpn-{number}"),
            "State": "available",
            "Type": "ipsec.1",
            "Category": "VPN",
            "CustomerGatewayId": format!("cgw-{number}"),
            member: gateway,
            "GatewayAssociationState": "associated",
            "Options": {
                "EnableAcceleration": false,
                "StaticRoutesOnly": fixed,
                "LocalIpv4NetworkCidr": "0.0.0.0/0",
                "RemoteIpv4NetworkCidr": "0.0.0.0/0",
                "TunnelInsideIpVersion": "ipv4",
            },
            "Routes": routes,
            "VgwTelemetry": [tunnel(0), tunnel(1)],
        }),
    );
    tables.add(
        "CustomerGateways",
        json!({
            "CustomerGatewayId": format!("cgw-{number}"),
            "State": "available",
            "Type": "ipsec.1",
            "IpAddress": format!("203.0.113.{number}"),
            "BgpAsn": "65000",
        }),
    );
    blocks
}

/// A Direct Connect gateway with a virtual interface; returns its id.
fn direct_connect_gateway(number: usize, kind: &str, tables: &mut Tables) -> String {
    let id = format!("5f294f92-bafb-4011-916d-9b0bd00000{number:02}");
    tables.add(
        "directConnectGateways",
        json!({
            "directConnectGatewayId": id,
            "directConnectGatewayName": format!("site-{number}"),
            "amazonSideAsn": 64513,
            "ownerAccount": ACCOUNT,
            "directConnectGatewayState": "available",
        }),
    );
    let transit = kind == "transit";
    tables.add(
        "directConnectGatewayAttachments",
        json!({
            "directConnectGatewayId": id,
            "virtualInterfaceId": format!("dxvif-{number}"),
            "virtualInterfaceRegion": "us-east-1",
            "virtualInterfaceOwnerAccount": ACCOUNT,
            "attachmentState": "attached",
            "attachmentType": if transit { "TransitVirtualInterface" } else { "PrivateVirtualInterface" },
        }),
    );
    virtual_interface(number, kind, ("directConnectGatewayId", &id), tables);
    id
}

fn associate(gateway: &str, (id, kind): (&str, &str), blocks: &[String], tables: &mut Tables) {
    let allowed: Vec<Value> = blocks.iter().map(|block| json!({"cidr": block})).collect();
    tables.add(
        "directConnectGatewayAssociations",
        json!({
            "directConnectGatewayId": gateway,
            "directConnectGatewayOwnerAccount": ACCOUNT,
            "associationState": "associated",
            "associatedGateway": {"id": id, "type": kind, "ownerAccount": ACCOUNT, "region": "us-east-1"},
            "associationId": format!("{gateway}-{id}"),
            "allowedPrefixesToDirectConnectGateway": allowed,
        }),
    );
}

/// Associates a transit gateway with a new Direct Connect gateway; returns the latter's id.
pub(super) fn direct_connect(
    dice: &mut Dice<'_, '_>,
    number: usize,
    transit_gateway: &str,
    blocks: &[String],
    tables: &mut Tables,
) -> (String, Vec<String>) {
    let id = direct_connect_gateway(number, "transit", tables);
    associate(&id, (transit_gateway, "transitGateway"), blocks, tables);
    (id, some_blocks(dice))
}

fn virtual_interface(number: usize, kind: &str, (member, gateway): (&str, &str), tables: &mut Tables) {
    let mut row = json!({
        "ownerAccount": ACCOUNT,
        "virtualInterfaceId": format!("dxvif-{number}"),
        "location": "EqDC2",
        "connectionId": "dxcon-1",
        "virtualInterfaceType": kind,
        "virtualInterfaceName": format!("site-{number}"),
        "vlan": 100 + number,
        "asn": 65001,
        "amazonSideAsn": 64513,
        "amazonAddress": "169.254.0.1/30",
        "customerAddress": "169.254.0.2/30",
        "addressFamily": "ipv4",
        "virtualInterfaceState": "available",
        "routeFilterPrefixes": [],
        "bgpPeers": [{
            "bgpPeerId": format!("dxpeer-{number}"),
            "asn": 65001,
            "addressFamily": "ipv4",
            "amazonAddress": "169.254.0.1/30",
            "customerAddress": "169.254.0.2/30",
            "bgpPeerState": "available",
            "bgpStatus": "up",
        }],
        "region": "us-east-1",
    });
    super::set(&mut row, member, gateway.into());
    tables.add("virtualInterfaces", row);
}
