//! Route tables, gateways, peering connections and gateway endpoints.

use std::io::{self, Write};

use super::interfaces::{MADE, nat_gateway_address, nat_interface_id};
use super::plan::{Kind, PeeringState, Place, Plan, Subnet, Vpc};
use super::record::{Record, Table};

/// The route tables of a VPC, by number: the main one (local only, taken by every second isolated subnet
/// without a word), one for isolated subnets that name it, one for public subnets, then one per NAT gateway.
const MAIN: u32 = 0;
const ISOLATED: u32 = 1;
const PUBLIC: u32 = 2;
const FIRST_PRIVATE: u32 = 3;

fn tables(vpc: Vpc<'_>) -> u32 {
    FIRST_PRIVATE + vpc.nat_gateways().max(1)
}

fn table_of(subnet: Subnet<'_>) -> u32 {
    match subnet.kind() {
        Kind::Public => PUBLIC,
        Kind::Private => FIRST_PRIVATE + subnet.number % subnet.vpc.nat_gateways().max(1),
        Kind::Isolated if subnet.number.is_multiple_of(2) => ISOLATED,
        Kind::Isolated => MAIN,
    }
}

pub(super) fn route_tables<W: Write>(plan: &Plan, place: Place, table: &mut Table<'_, W>) -> io::Result<()> {
    for vpc in plan.vpcs(place) {
        for number in 0..tables(vpc) {
            table.record(|r| {
                r.list("Associations", |list| associations(list, vpc, number));
                r.list("PropagatingVgws", |_| {});
                r.text("RouteTableId", vpc.id_of("rtb", number));
                r.list("Routes", |list| routes(list, vpc, number));
                r.tags(
                    "Tags",
                    match number {
                        MAIN => "main",
                        ISOLATED => "isolated",
                        PUBLIC => "public",
                        _ => "private",
                    },
                );
                r.text("VpcId", vpc.id());
                r.text("OwnerId", place.account());
            })?;
        }
    }
    Ok(())
}

fn associations(list: &mut Record, vpc: Vpc<'_>, number: u32) {
    let mut association = |subnet: Option<Subnet<'_>>, place| {
        list.item(|r| {
            r.plain("Main", subnet.is_none());
            r.text("RouteTableAssociationId", vpc.id_of("rtbassoc", place));
            r.text("RouteTableId", vpc.id_of("rtb", number));
            if let Some(subnet) = subnet {
                r.text("SubnetId", subnet.id());
            }
            r.object("AssociationState", |r| r.text("State", "associated"));
        });
    };
    if number == MAIN {
        association(None, 0);
        return;
    }
    for subnet in vpc.subnets().filter(|subnet| table_of(*subnet) == number) {
        association(Some(subnet), subnet.number + 1);
    }
}

fn routes(list: &mut Record, vpc: Vpc<'_>, number: u32) {
    let mut route = |destination: (&str, String), target: (&str, String)| {
        list.item(|r| {
            r.text(destination.0, &destination.1);
            r.text(target.0, &target.1);
            r.text("Origin", if target.1 == "local" { "CreateRouteTable" } else { "CreateRoute" });
            r.text("State", "active");
        });
    };
    let v4 = |block: &str| ("DestinationCidrBlock", block.to_owned());
    let v6 = |block: &str| ("DestinationIpv6CidrBlock", block.to_owned());
    let gateway = |id: String| ("GatewayId", id);
    route(v4(&vpc.block().to_string()), gateway("local".to_owned()));
    if let Some(block) = vpc.block6() {
        route(v6(&block.to_string()), gateway("local".to_owned()));
    }
    if number == MAIN || number == ISOLATED {
        return;
    }
    if number == PUBLIC {
        route(v4("0.0.0.0/0"), gateway(vpc.id_of("igw", 0)));
        if vpc.block6().is_some() {
            route(v6("::/0"), gateway(vpc.id_of("igw", 0)));
        }
    } else {
        if vpc.nat_gateways() > 0 {
            route(v4("0.0.0.0/0"), ("NatGatewayId", vpc.id_of("nat", number - FIRST_PRIVATE)));
        }
        if vpc.block6().is_some() {
            route(v6("::/0"), ("EgressOnlyInternetGatewayId", vpc.id_of("eigw", 0)));
        }
    }
    for peering in vpc.peerings() {
        let Some(peer) = peering.routed_from(vpc) else { continue };
        let connection = || ("VpcPeeringConnectionId", peering.id());
        route(v4(&peer.block().to_string()), connection());
        if let (Some(_), Some(block)) = (vpc.block6(), peer.block6()) {
            route(v6(&block.to_string()), connection());
        }
    }
    if vpc.has_endpoint() {
        let s3 = vpc.plan.prefix_list(vpc.place, 0).id();
        route(("DestinationPrefixListId", s3), gateway(vpc.id_of("vpce", 0)));
    }
}

pub(super) fn internet_gateways<W: Write>(
    plan: &Plan,
    place: Place,
    table: &mut Table<'_, W>,
) -> io::Result<()> {
    for vpc in plan.vpcs(place) {
        table.record(|r| {
            r.list("Attachments", |list| {
                list.item(|r| {
                    r.text("State", "available");
                    r.text("VpcId", vpc.id());
                });
            });
            r.text("InternetGatewayId", vpc.id_of("igw", 0));
            r.text("OwnerId", place.account());
            r.list("Tags", |_| {});
        })?;
    }
    Ok(())
}

pub(super) fn egress_only_internet_gateways<W: Write>(
    plan: &Plan,
    place: Place,
    table: &mut Table<'_, W>,
) -> io::Result<()> {
    for vpc in plan.vpcs(place).filter(|vpc| vpc.block6().is_some()) {
        table.record(|r| {
            r.list("Attachments", |list| {
                list.item(|r| {
                    r.text("State", "attached");
                    r.text("VpcId", vpc.id());
                });
            });
            r.text("EgressOnlyInternetGatewayId", vpc.id_of("eigw", 0));
            r.list("Tags", |_| {});
        })?;
    }
    Ok(())
}

pub(super) fn nat_gateways<W: Write>(plan: &Plan, place: Place, table: &mut Table<'_, W>) -> io::Result<()> {
    for vpc in plan.vpcs(place) {
        for number in 0..vpc.nat_gateways() {
            let (subnet, offset) = vpc.nat_gateway(number);
            table.record(|r| {
                r.text("CreateTime", MADE);
                r.list("NatGatewayAddresses", |list| {
                    list.item(|r| {
                        r.text("AllocationId", vpc.id_of("eipalloc", number));
                        r.text("NetworkInterfaceId", nat_interface_id(vpc, number));
                        r.text("PrivateIp", subnet.block().address(offset));
                        r.text("PublicIp", nat_gateway_address(vpc, number));
                        r.text("AssociationId", vpc.id_of("eipassoc", number));
                        r.plain("IsPrimary", true);
                        r.text("Status", "succeeded");
                    });
                });
                r.text("NatGatewayId", vpc.id_of("nat", number));
                r.text("State", "available");
                r.text("SubnetId", subnet.id());
                r.text("VpcId", vpc.id());
                r.tags("Tags", format_args!("nat-{number}"));
                r.text("ConnectivityType", "public");
            })?;
        }
    }
    Ok(())
}

pub(super) fn peering_connections<W: Write>(
    plan: &Plan,
    place: Place,
    table: &mut Table<'_, W>,
) -> io::Result<()> {
    for vpc in plan.vpcs(place) {
        for peering in vpc.peerings() {
            // Either side's account and Region list a connection, but only once.
            let asks = peering.requester.number == vpc.number;
            if !asks && peering.requester.place == place {
                continue;
            }
            table.record(|r| {
                r.object("AccepterVpcInfo", |r| peer(r, peering.accepter));
                r.object("RequesterVpcInfo", |r| peer(r, peering.requester));
                r.object("Status", |r| match peering.state {
                    PeeringState::Pending => {
                        r.text("Code", "pending-acceptance");
                        r.text("Message", "Pending Acceptance by the accepter");
                    }
                    PeeringState::OneWayRoutes | PeeringState::Routed => {
                        r.text("Code", "active");
                        r.text("Message", "Active");
                    }
                });
                r.list("Tags", |_| {});
                r.text("VpcPeeringConnectionId", peering.id());
            })?;
        }
    }
    Ok(())
}

fn peer(r: &mut Record, vpc: Vpc<'_>) {
    r.text("CidrBlock", vpc.block());
    r.list("CidrBlockSet", |list| list.item(|r| r.text("CidrBlock", vpc.block())));
    r.list("Ipv6CidrBlockSet", |list| {
        if let Some(block) = vpc.block6() {
            list.item(|r| r.text("Ipv6CidrBlock", block));
        }
    });
    r.text("OwnerId", vpc.place.account());
    r.text("VpcId", vpc.id());
    r.text("Region", vpc.place.region());
}

pub(super) fn gateway_endpoints<W: Write>(
    plan: &Plan,
    place: Place,
    table: &mut Table<'_, W>,
) -> io::Result<()> {
    for vpc in plan.vpcs(place).filter(|vpc| vpc.has_endpoint()) {
        table.record(|r| {
            r.text("VpcEndpointId", vpc.id_of("vpce", 0));
            r.text("VpcEndpointType", "Gateway");
            r.text("VpcId", vpc.id());
            r.text("ServiceName", format_args!("com.amazonaws.{}.s3", place.region()));
            r.text("State", "available");
            r.list("RouteTableIds", |list| {
                for number in PUBLIC..tables(vpc) {
                    list.text_item(vpc.id_of("rtb", number));
                }
            });
            r.list("SubnetIds", |_| {});
            r.list("Groups", |_| {});
            r.plain("PrivateDnsEnabled", false);
            r.plain("RequesterManaged", false);
            r.list("NetworkInterfaceIds", |_| {});
            r.list("DnsEntries", |_| {});
            r.text("CreationTimestamp", MADE);
            r.list("Tags", |_| {});
            r.text("OwnerId", place.account());
        })?;
    }
    Ok(())
}
