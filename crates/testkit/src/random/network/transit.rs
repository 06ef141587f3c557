//! Transit gateways and what is attached to them.

use serde_json::json;

use super::interfaces::Managed;
use super::transit_routes::route_tables;
use super::{ACCOUNT, Tables, Vpc, sites};
use crate::random::RandomOptions;
use crate::random::dice::Dice;

/// A transit gateway drawn so far.
pub(super) struct TransitGateway {
    pub(super) number: usize,
    pub(super) id: String,
    pub(super) attachments: Vec<Attachment>,
}

/// An attachment to it.
pub(super) struct Attachment {
    pub(super) id: String,
    /// Its `ResourceType` and `ResourceId`.
    pub(super) kind: &'static str,
    pub(super) resource: String,
    /// Blocks that it propagates, or, where it cannot, that lie behind it.
    pub(super) blocks: Vec<String>,
    pub(super) propagates: bool,
}

/// Makes one transit gateway, or two, which may be peered.
pub(super) fn transit_gateways(
    dice: &mut Dice<'_, '_>,
    options: &RandomOptions,
    vpcs: &mut [Vpc],
    tables: &mut Tables,
) {
    tables.expect(&[
        "TransitGateways",
        "TransitGatewayAttachments",
        "TransitGatewayVpcAttachments",
        "TransitGatewayPeeringAttachments",
        "TransitGatewayRouteTables",
        "TransitGatewayConnects",
    ]);
    if dice.once_in(5) {
        return;
    }
    let count = if dice.once_in(3) { 2 } else { 1 };
    let mut gateways: Vec<TransitGateway> =
        (1..=count).map(|number| gateway(dice, options, number, vpcs, tables)).collect();
    if let [first, second] = gateways.as_mut_slice()
        && !dice.once_in(4)
    {
        peer(first, second, vpcs, tables);
    }
    for gateway in &gateways {
        route_tables(dice, gateway, vpcs, tables);
    }
}

fn on(it: bool) -> &'static str {
    if it { "enable" } else { "disable" }
}

fn gateway(
    dice: &mut Dice<'_, '_>,
    options: &RandomOptions,
    number: usize,
    vpcs: &mut [Vpc],
    tables: &mut Tables,
) -> TransitGateway {
    let id = format!("tgw-{number}");
    tables.add(
        "TransitGateways",
        json!({
            "TransitGatewayId": id,
            "TransitGatewayArn": format!("arn:aws:ec2:us-east-1:{ACCOUNT}:transit-gateway/{id}"),
            "State": "available",
            "OwnerId": ACCOUNT,
            "Options": {
                "AmazonSideAsn": 64512,
                "AutoAcceptSharedAttachments": "disable",
                "DefaultRouteTableAssociation": "disable",
                "DefaultRouteTablePropagation": "disable",
                "VpnEcmpSupport": "enable",
                "DnsSupport": "enable",
                "SecurityGroupReferencingSupport": on(dice.once_in(2)),
                "MulticastSupport": "disable",
            },
        }),
    );
    let mut gateway = TransitGateway { number, id, attachments: Vec::new() };
    for (at, vpc) in (1..).zip(vpcs.iter_mut()) {
        // To a second one only some are attached.
        if !dice.once_in(if number == 1 { 5 } else { 2 }) {
            attach(dice, &mut gateway, at, vpc, tables);
        }
    }
    if !options.sites {
        return gateway;
    }
    if dice.once_in(2) {
        let (site, fixed) = (10 + number, dice.once_in(2));
        let blocks = sites::vpn_connection(dice, site, ("TransitGatewayId", &gateway.id), fixed, tables);
        gateway.attachments.push(Attachment {
            id: format!("tgw-attach-{number}8"),
            kind: "vpn",
            resource: format!("vpn-{site}"),
            blocks,
            propagates: !fixed,
        });
    }
    if dice.once_in(4) {
        let allowed: Vec<String> = vpcs.iter().take(1).map(|vpc| vpc.block.clone()).collect();
        let (resource, blocks) = sites::direct_connect(dice, 20 + number, &gateway.id, &allowed, tables);
        gateway.attachments.push(Attachment {
            id: format!("tgw-attach-{number}9"),
            kind: "direct-connect-gateway",
            resource,
            blocks,
            propagates: true,
        });
    }
    gateway
}

/// Attaches a VPC by one subnet in each zone.
fn attach(
    dice: &mut Dice<'_, '_>,
    gateway: &mut TransitGateway,
    number: usize,
    vpc: &mut Vpc,
    tables: &mut Tables,
) {
    let id = format!("tgw-attach-{}{number}", gateway.number);
    let feet = vpc.zonal(dice);
    for &at in &feet {
        let managed = Managed {
            id: format!("eni-t{}{number}{at}", gateway.number),
            kind: "transit_gateway",
            description: format!("Network Interface for Transit Gateway Attachment {id}"),
            groups: &[],
            owner: "amazon-aws",
            public: None,
        };
        vpc.add_interface(at, &managed, tables);
    }
    let subnets: Vec<&str> =
        feet.iter().filter_map(|&at| vpc.subnets.get(at)).map(|subnet| subnet.id.as_str()).collect();
    let ipv6 = vpc.block6.is_some() && !dice.once_in(3);
    tables.add(
        "TransitGatewayVpcAttachments",
        json!({
            "TransitGatewayAttachmentId": id,
            "TransitGatewayId": gateway.id,
            "VpcId": vpc.id,
            "VpcOwnerId": ACCOUNT,
            "State": "available",
            "SubnetIds": subnets,
            "Options": {
                "DnsSupport": "enable",
                "SecurityGroupReferencingSupport": on(!dice.once_in(3)),
                "Ipv6Support": on(ipv6),
                "ApplianceModeSupport": on(dice.once_in(3)),
            },
        }),
    );
    let blocks6 = vpc.block6.iter().filter(|_| ipv6);
    gateway.attachments.push(Attachment {
        id,
        kind: "vpc",
        resource: vpc.id.clone(),
        blocks: std::iter::once(&vpc.block).chain(blocks6).cloned().collect(),
        propagates: true,
    });
    vpc.transit_gateways.push(gateway.id.clone());
}

/// Peers two transit gateways: each side lists an attachment of its own.
fn peer(first: &mut TransitGateway, second: &mut TransitGateway, vpcs: &[Vpc], tables: &mut Tables) {
    let (requester, accepter) = ("tgw-attach-17", "tgw-attach-27");
    let info = |gateway: &TransitGateway| json!({"TransitGatewayId": gateway.id, "OwnerId": ACCOUNT, "Region": "us-east-1"});
    tables.add(
        "TransitGatewayPeeringAttachments",
        json!({
            "TransitGatewayAttachmentId": requester,
            "AccepterTransitGatewayAttachmentId": accepter,
            "RequesterTgwInfo": info(first),
            "AccepterTgwInfo": info(second),
            "Status": {"Code": "available"},
            "State": "available",
        }),
    );
    let behind = |gateway: &TransitGateway| -> Vec<String> {
        let attached = vpcs.iter().filter(|vpc| vpc.transit_gateways.contains(&gateway.id));
        attached.map(|vpc| vpc.block.clone()).collect()
    };
    let (near, far) = (behind(first), behind(second));
    let side = |id: &str, other: &TransitGateway, blocks: Vec<String>| Attachment {
        id: id.to_owned(),
        kind: "peering",
        resource: other.id.clone(),
        blocks,
        propagates: false,
    };
    first.attachments.push(side(requester, second, far));
    second.attachments.push(side(accepter, first, near));
}
