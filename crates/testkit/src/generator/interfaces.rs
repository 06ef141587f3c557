//! Network interfaces and the instances that hold them.

use std::io::{self, Write};
use std::net::Ipv4Addr;

use super::addresses::{nat_address, public_address};
use super::groups::group_name;
use super::plan::{FIRST_HOST, Holder, Interface, Place, Plan, Vpc};
use super::record::{Record, Table};

/// When everything was made; the generator has no clock.
pub(super) const MADE: &str = "2026-01-15T08:00:00+00:00";

pub(super) fn network_interfaces<W: Write>(
    plan: &Plan,
    place: Place,
    table: &mut Table<'_, W>,
) -> io::Result<()> {
    for vpc in plan.vpcs(place) {
        for interface in vpc.subnets().flat_map(super::plan::Subnet::interfaces) {
            table.record(|r| network_interface(r, interface))?;
        }
        for gateway in 0..vpc.nat_gateways() {
            table.record(|r| nat_interface(r, vpc, gateway))?;
        }
    }
    Ok(())
}

fn network_interface(r: &mut Record, interface: Interface<'_>) {
    let (subnet, holder) = (interface.subnet, interface.holder());
    let place = subnet.vpc.place;
    let private = private_address(interface);
    if interface.has_public_address() {
        association(r, interface);
    }
    match holder {
        Holder::Nobody => {}
        Holder::Instance => {
            attachment(r, interface, true);
        }
        Holder::Database => r.object("Attachment", |r| {
            r.text("AttachTime", MADE);
            r.text("AttachmentId", interface.id("eni-attach"));
            r.plain("DeleteOnTermination", false);
            r.plain("DeviceIndex", 1);
            r.text("InstanceOwnerId", "amazon-rds");
            r.text("Status", "attached");
        }),
    }
    r.text("AvailabilityZone", format_args!("{}{}", place.region(), subnet.zone()));
    r.text("Description", if holder == Holder::Database { "RDSNetworkInterface" } else { "" });
    r.list("Groups", |list| groups(list, interface));
    r.text("InterfaceType", "interface");
    r.list("Ipv6Addresses", |list| {
        if let Some(block) = subnet.block6() {
            list.item(|r| r.text("Ipv6Address", block.address(FIRST_HOST + interface.number)));
        }
    });
    r.text("MacAddress", mac_address(interface.serial()));
    r.text("NetworkInterfaceId", interface.id("eni"));
    r.text("OwnerId", place.account());
    r.text("PrivateIpAddress", private);
    r.list("PrivateIpAddresses", |list| {
        list.item(|r| {
            if interface.has_public_address() {
                association(r, interface);
            }
            r.plain("Primary", true);
            r.text("PrivateIpAddress", private);
        });
    });
    if holder == Holder::Database {
        r.text("RequesterId", "amazon-rds");
    }
    r.plain("RequesterManaged", holder == Holder::Database);
    r.plain("SourceDestCheck", true);
    r.text("Status", if holder == Holder::Nobody { "available" } else { "in-use" });
    r.text("SubnetId", subnet.id());
    r.list("TagSet", |_| {});
    r.text("VpcId", subnet.vpc.id());
}

/// The interface of the VPC's NAT gateway with this number.
fn nat_interface(r: &mut Record, vpc: Vpc<'_>, gateway: u32) {
    let (subnet, offset) = vpc.nat_gateway(gateway);
    let (place, private) = (vpc.place, subnet.block().address(offset));
    let association = |r: &mut Record| {
        r.object("Association", |r| {
            r.text("AllocationId", vpc.id_of("eipalloc", gateway));
            r.text("AssociationId", vpc.id_of("eipassoc", gateway));
            r.text("IpOwnerId", place.account());
            r.text("PublicIp", nat_gateway_address(vpc, gateway));
        });
    };
    association(r);
    r.object("Attachment", |r| {
        r.text(
            "AttachmentId",
            format_args!("ela-attach-0{:016x}", vpc.plan.scattered("ela", nat_serial(vpc, gateway).into())),
        );
        r.plain("DeleteOnTermination", false);
        r.plain("DeviceIndex", 1);
        r.text("InstanceOwnerId", "amazon-aws");
        r.text("Status", "attached");
    });
    r.text("AvailabilityZone", format_args!("{}{}", place.region(), subnet.zone()));
    r.text("Description", format_args!("Interface for NAT Gateway {}", vpc.id_of("nat", gateway)));
    r.list("Groups", |_| {});
    r.text("InterfaceType", "nat_gateway");
    r.list("Ipv6Addresses", |_| {});
    r.text("MacAddress", mac_address(0x8000_0000 | nat_serial(vpc, gateway)));
    r.text("NetworkInterfaceId", nat_interface_id(vpc, gateway));
    r.text("OwnerId", place.account());
    r.text("PrivateIpAddress", private);
    r.list("PrivateIpAddresses", |list| {
        list.item(|r| {
            association(r);
            r.plain("Primary", true);
            r.text("PrivateIpAddress", private);
        });
    });
    r.text("RequesterId", "amazon-nat");
    r.plain("RequesterManaged", true);
    r.plain("SourceDestCheck", false);
    r.text("Status", "in-use");
    r.text("SubnetId", subnet.id());
    r.list("TagSet", |_| {});
    r.text("VpcId", vpc.id());
}

pub(super) fn reservations<W: Write>(plan: &Plan, place: Place, table: &mut Table<'_, W>) -> io::Result<()> {
    for vpc in plan.vpcs(place) {
        for interface in vpc.subnets().flat_map(super::plan::Subnet::interfaces) {
            if interface.holder() == Holder::Instance {
                table.record(|r| reservation(r, interface))?;
            }
        }
    }
    Ok(())
}

fn reservation(r: &mut Record, interface: Interface<'_>) {
    let (subnet, place) = (interface.subnet, interface.subnet.vpc.place);
    let stopped = interface.draws("stopped").chance(5);
    r.text("ReservationId", interface.id("r"));
    r.text("OwnerId", place.account());
    r.list("Groups", |_| {});
    r.list("Instances", |list| {
        list.item(|r| {
            r.text("InstanceId", interface.id("i"));
            r.text("ImageId", subnet.vpc.plan.id("ami", 0));
            r.text("InstanceType", "m7g.large");
            r.text("LaunchTime", MADE);
            r.object("State", |r| {
                r.plain("Code", if stopped { 80 } else { 16 });
                r.text("Name", if stopped { "stopped" } else { "running" });
            });
            r.text("PrivateIpAddress", private_address(interface));
            if interface.has_public_address() {
                r.text("PublicIpAddress", public_address(interface.serial()));
            }
            r.text("SubnetId", subnet.id());
            r.text("VpcId", subnet.vpc.id());
            r.list("NetworkInterfaces", |list| {
                list.item(|r| {
                    attachment(r, interface, false);
                    r.text("NetworkInterfaceId", interface.id("eni"));
                    r.text("PrivateIpAddress", private_address(interface));
                });
            });
            r.list("SecurityGroups", |list| groups(list, interface));
            r.plain("SourceDestCheck", true);
            r.tags("Tags", format_args!("host-{}", interface.serial()));
        });
    });
}

fn association(r: &mut Record, interface: Interface<'_>) {
    r.object("Association", |r| {
        r.text("IpOwnerId", "amazon");
        r.text("PublicDnsName", "");
        r.text("PublicIp", public_address(interface.serial()));
    });
}

/// The attachment to an instance; inside the instance's own record the instance goes without saying.
fn attachment(r: &mut Record, interface: Interface<'_>, with_instance: bool) {
    r.object("Attachment", |r| {
        r.text("AttachTime", MADE);
        r.text("AttachmentId", interface.id("eni-attach"));
        r.plain("DeleteOnTermination", true);
        r.plain("DeviceIndex", 0);
        if with_instance {
            r.text("InstanceId", interface.id("i"));
            r.text("InstanceOwnerId", interface.subnet.vpc.place.account());
        }
        r.text("Status", "attached");
    });
}

fn groups(list: &mut Record, interface: Interface<'_>) {
    for group in interface.groups() {
        list.item(|r| {
            r.text("GroupId", interface.subnet.vpc.id_of("sg", group));
            r.text("GroupName", group_name(group));
        });
    }
}

fn private_address(interface: Interface<'_>) -> Ipv4Addr {
    interface.subnet.block().address(FIRST_HOST + interface.number)
}

/// A number for the NAT gateway, different for all of the network.
fn nat_serial(vpc: Vpc<'_>, gateway: u32) -> u32 {
    vpc.number * vpc.nat_gateways() + gateway
}

/// The Elastic IP address of a NAT gateway.
pub(super) fn nat_gateway_address(vpc: Vpc<'_>, gateway: u32) -> Ipv4Addr {
    nat_address(nat_serial(vpc, gateway))
}

/// The id of a NAT gateway's interface, which must differ from those of all others.
pub(super) fn nat_interface_id(vpc: Vpc<'_>, gateway: u32) -> String {
    vpc.plan.id("eni", (1 << 40) | u64::from(nat_serial(vpc, gateway)))
}

fn mac_address(serial: u32) -> String {
    let [a, b, c, d] = serial.to_be_bytes();
    format!("02:fe:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
}
