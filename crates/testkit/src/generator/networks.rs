//! VPCs and subnets.

use std::io::{self, Write};

use super::plan::{Kind, Place, Plan};
use super::record::Table;

pub(super) fn vpcs<W: Write>(plan: &Plan, place: Place, table: &mut Table<'_, W>) -> io::Result<()> {
    for vpc in plan.vpcs(place) {
        table.record(|r| {
            r.text("OwnerId", place.account());
            r.text("InstanceTenancy", "default");
            r.list("Ipv6CidrBlockAssociationSet", |list| {
                if let Some(block) = vpc.block6() {
                    list.item(|r| {
                        r.text("AssociationId", vpc.id_of("vpc-cidr-assoc", 1));
                        r.text("Ipv6CidrBlock", block);
                        r.object("Ipv6CidrBlockState", |r| r.text("State", "associated"));
                        r.text("NetworkBorderGroup", place.region());
                        r.text("Ipv6Pool", "Amazon");
                    });
                }
            });
            r.list("CidrBlockAssociationSet", |list| {
                list.item(|r| {
                    r.text("AssociationId", vpc.id_of("vpc-cidr-assoc", 0));
                    r.text("CidrBlock", vpc.block());
                    r.object("CidrBlockState", |r| r.text("State", "associated"));
                });
            });
            r.plain("IsDefault", false);
            r.tags("Tags", format_args!("vpc-{:03}", vpc.number));
            r.text("VpcId", vpc.id());
            r.text("State", "available");
            r.text("CidrBlock", vpc.block());
            r.text("DhcpOptionsId", plan.id("dopt", 0));
        })?;
    }
    Ok(())
}

pub(super) fn subnets<W: Write>(plan: &Plan, place: Place, table: &mut Table<'_, W>) -> io::Result<()> {
    let size = 1 << plan.parameters.subnet_bits();
    for subnet in plan.vpcs(place).flat_map(super::plan::Vpc::subnets) {
        let (vpc, public) = (subnet.vpc, subnet.kind() == Kind::Public);
        table.record(|r| {
            r.text("AvailabilityZoneId", zone_id(place.region(), subnet.zone()));
            r.plain("MapCustomerOwnedIpOnLaunch", false);
            r.text("OwnerId", place.account());
            r.plain("AssignIpv6AddressOnCreation", subnet.block6().is_some());
            r.list("Ipv6CidrBlockAssociationSet", |list| {
                if let Some(block) = subnet.block6() {
                    list.item(|r| {
                        r.text("AssociationId", vpc.id_of("subnet-cidr-assoc", subnet.number));
                        r.text("Ipv6CidrBlock", block);
                        r.object("Ipv6CidrBlockState", |r| r.text("State", "associated"));
                    });
                }
            });
            r.tags("Tags", format_args!("vpc-{:03} {} {}", vpc.number, subnet.kind().word(), subnet.number));
            let arn =
                format_args!("arn:aws:ec2:{}:{}:subnet/{}", place.region(), place.account(), subnet.id());
            r.text("SubnetArn", arn);
            r.plain("EnableDns64", false);
            r.plain("Ipv6Native", false);
            r.text("SubnetId", subnet.id());
            r.text("State", "available");
            r.text("VpcId", vpc.id());
            r.text("CidrBlock", subnet.block());
            r.plain("AvailableIpAddressCount", size - 5 - plan.parameters.interfaces_per_subnet);
            r.text("AvailabilityZone", format_args!("{}{}", place.region(), subnet.zone()));
            r.plain("DefaultForAz", false);
            r.plain("MapPublicIpOnLaunch", public);
        })?;
    }
    Ok(())
}

/// The id of an Availability Zone, such as `use1-az1` for zone `a` of us-east-1.
fn zone_id(region: &str, zone: char) -> String {
    let mut words = region.split('-');
    let mut id = words.next().unwrap_or("us").to_owned();
    let direction = words.next().unwrap_or("east");
    id.push_str(match direction {
        "southeast" => "se",
        "northeast" => "ne",
        other => other.get(..1).unwrap_or("e"),
    });
    id.push_str(words.next().unwrap_or("1"));
    id.push_str(match zone {
        'a' => "-az1",
        'b' => "-az2",
        _ => "-az3",
    });
    id
}
