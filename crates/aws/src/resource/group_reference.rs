//! What a rule means that names a security group: the private addresses of the group's members, as long as the network
//! knows the sender by its address.
//!
//! A group of another VPC means somebody only where the two VPCs have to do with each other; a rule whose peering
//! connection is gone is stale and admits nobody.
//!
//! SOURCE: VPC user guide, "Security group referencing" (private addresses; not through a middlebox that routes lead to)
//! and "Work with stale security group rules"; VPC peering guide, "Update your security groups to reference peer
//! security groups" (active connection, same Region); EC2 API reference, `DescribeStaleSecurityGroups` (peering
//! connection, transit gateway, association with the VPC) (checked 2026-11-26).
//! GAP: interfaces of other accounts that carry a group shared with them are members only if they were exported.
use std::collections::BTreeSet;

use headerspace::{Family, Field, Match, Ranges};

use super::{
    Resource as _,
    address_set::{address_in, private_ipv4},
    load_balancer,
    network_interface::{self, NetworkInterface},
    route_table::RouteTable,
    security_group::{GroupPair, SecurityGroup},
    security_group_vpc_association::SecurityGroupVpcAssociation,
    vpc::Vpc,
    vpc_peering_connection::VpcPeeringConnection,
};
use crate::{Entry, Id, Inventory, Place};

/// Whether a group means somebody in the VPCs of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Related {
    Yes,
    No,
    Perhaps,
}

/// Packets whose `side` is a private address of a member of the group that `pair` names in a rule of `here`, and a note
/// if that is not fully known.
pub(super) fn members(
    pair: &GroupPair,
    side: Field,
    here: &Entry<SecurityGroup>,
    inventory: &Inventory,
) -> (Match, Option<String>) {
    let account = pair.account().map_or_else(|| here.place.account.clone(), str::to_owned);
    let place = Place { account, region: here.place.region.clone() };
    let group = match (pair.id(), pair.group_name()) {
        (Some(id), _) => inventory.get(id, &place),
        // SOURCE: EC2 API reference, `UserIdGroupPair.GroupName`: only for groups of the default VPC and of old.
        (None, Some(name)) => {
            let called = inventory.table::<SecurityGroup>().associated_anywhere(&format!("called:{name}"));
            let mut called = called.filter(|group| group.place == here.place);
            called.find(|group| group.value.vpc() == here.value.vpc())
        }
        (None, None) => None,
    };
    let interfaces = inventory.table::<NetworkInterface>();
    let members: Vec<&Entry<NetworkInterface>> = match (group, pair.id()) {
        (Some(group), _) => inventory.naming("group", group).collect(),
        (None, Some(id)) => interfaces.associated(&format!("group:{id}"), &place).collect(),
        (None, None) => Vec::new(),
    };
    let far = address_in(side, members.iter().flat_map(|interface| interface.value.addresses()));
    let far = Match::all_of([known_by_address(side), far]);
    // What a balancer carries under its own name comes from a member if the balancer is one.
    let carried = group.filter(|_| side == Field::SrcIp);
    let far = Match::any_of(
        std::iter::once(far).chain(carried.and_then(|group| load_balancer::carried_by(group, inventory))),
    );
    let related = group.map_or(Related::Yes, |group| related(here, group, inventory));
    if related == Related::No {
        return (Match::never(), None);
    }
    let is_named = group.is_some() || pair.id().is_some();
    let name = pair.name();
    if is_named && group.map_or_else(|| interfaces.complete(&place), |group| all_known(group, inventory)) {
        let note = format!("whether group `{name}` of another VPC counts here is not known");
        return (far, Some(note).filter(|_| related == Related::Perhaps));
    }
    let note = match pair.account().filter(|user| *user != here.place.account) {
        Some(account) if !here.place.account.is_empty() => {
            format!("the members of group `{name}` of account {account} are not fully in the snapshot")
        }
        _ => format!("the members of group `{name}` are not fully in the snapshot"),
    };
    let perhaps = Match::all_of([not_forgotten(side), conceivable(side, inventory)]);
    (Match::any_of([far, perhaps]), Some(note))
}

/// Senders of which the network remembers nothing but their address; receivers are always known by it.
fn known_by_address(side: Field) -> Match {
    if side == Field::SrcIp { Match::In(Field::Identity, Ranges::single(0)) } else { Match::All }
}

/// Senders that are not forgotten on the way.
fn not_forgotten(side: Field) -> Match {
    let forgotten = Match::In(Field::Identity, Ranges::single(1));
    if side == Field::SrcIp { Match::not(forgotten) } else { Match::All }
}

/// Whether everybody who may carry the group is in the snapshot.
fn all_known(group: &Entry<SecurityGroup>, inventory: &Inventory) -> bool {
    let interfaces = inventory.table::<NetworkInterface>();
    let elsewhere = SecurityGroupVpcAssociation::of(inventory, group);
    let mut places = elsewhere.map(|association| association.value.vpc_place(&association.place));
    interfaces.complete(&group.place) && places.all(|place| interfaces.complete(&place))
}

/// The VPCs in which a group is used: its own, those associated with it, and those in which interfaces carry it.
fn vpcs(group: &Entry<SecurityGroup>, inventory: &Inventory) -> BTreeSet<Id<Vpc>> {
    let associated = SecurityGroupVpcAssociation::of(inventory, group).map(|it| it.value.vpc().clone());
    let carriers = inventory.naming::<NetworkInterface, SecurityGroup>("group", group);
    let carried = carriers.filter_map(|it| network_interface::vpc_of(it, inventory));
    group
        .value
        .vpc()
        .cloned()
        .into_iter()
        .chain(associated)
        .chain(carried.map(|vpc| vpc.value.id().clone()))
        .collect()
}

fn related(here: &Entry<SecurityGroup>, group: &Entry<SecurityGroup>, inventory: &Inventory) -> Related {
    if here.key == group.key || group.value.vpc().is_none() || here.value.vpc().is_none() {
        return Related::Yes;
    }
    let (ours, theirs) = (vpcs(here, inventory), vpcs(group, inventory));
    if !ours.is_disjoint(&theirs) {
        return Related::Yes;
    }
    let joins = |peering: &Entry<VpcPeeringConnection>| {
        ours.iter().any(|near| theirs.iter().any(|far| peering.value.joins(near, far)))
    };
    let peerings = inventory.table::<VpcPeeringConnection>();
    if ours.iter().any(|near| peerings.associated_anywhere(&format!("vpc:{near}")).any(joins)) {
        return Related::Yes;
    }
    // Where a transit gateway carries packets, it tells what it remembers of senders.
    let tables = inventory.table::<RouteTable>();
    let leads = |vpc: &Id<Vpc>| tables.associated_anywhere(&format!("transit:{vpc}")).next().is_some();
    if ours.iter().chain(&theirs).any(leads) {
        return Related::Yes;
    }
    let told = [&here.place, &group.place].into_iter().all(|place| {
        // Either side's account lists a connection.
        tables.complete(place)
            && peerings.complete(place)
            && inventory.table::<SecurityGroupVpcAssociation>().complete(place)
    });
    if told { Related::No } else { Related::Perhaps }
}

/// Packets whose `side` is an address that an interface might have of which the snapshot does not tell.
fn conceivable(side: Field, inventory: &Inventory) -> Match {
    let made = if side == Field::SrcIp { &inventory.once.sources } else { &inventory.once.destinations };
    let make = || {
        let vpcs = inventory.table::<Vpc>().iter().flat_map(|vpc| vpc.value.cidrs());
        let peerings = inventory.table::<VpcPeeringConnection>().iter();
        let known = vpcs.chain(peerings.flat_map(|peering| peering.value.cidrs()));
        Match::any_of([private_ipv4(side), address_in(side, known), Match::family(Family::V6)])
    };
    made.get_or_init(make).clone()
}

#[cfg(test)]
mod tests {
    use crate::resource::among;

    /// Two VPCs, a group with a member in each, and a rule of the first that names the second.
    fn references(more: &str) -> String {
        let export = format!(
            r#"{{"Vpcs":[{{"VpcId":"vpc-1","CidrBlock":"10.1.0.0/16"}},{{"VpcId":"vpc-2","CidrBlock":"10.2.0.0/16"}}],"Subnets":[{{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.1.1.0/24"}},{{"SubnetId":"subnet-2","VpcId":"vpc-2","CidrBlock":"10.2.1.0/24"}}],"NetworkInterfaces":[{{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.1.1.5","Groups":[{{"GroupId":"sg-1"}}]}},{{"NetworkInterfaceId":"eni-2","SubnetId":"subnet-2","VpcId":"vpc-2","PrivateIpAddress":"10.2.1.5","Groups":[{{"GroupId":"sg-2"}}]}}],"SecurityGroups":[{{"GroupId":"sg-1","VpcId":"vpc-1","IpPermissions":[{{"IpProtocol":"-1","UserIdGroupPairs":[{{"GroupId":"sg-2"}}]}}],"IpPermissionsEgress":[]}},{{"GroupId":"sg-2","VpcId":"vpc-2","IpPermissions":[],"IpPermissionsEgress":[]}}]{more}}}"#
        );
        among(&export, "subnet-1/groups[sg-1]/accepted: opening")
    }

    #[test]
    fn a_group_of_another_vpc_counts_as_long_as_they_are_connected() {
        let peered = |state: &str| {
            let code = format!(
                r#","VpcPeeringConnections":[{{"VpcPeeringConnectionId":"pcx-1","Status":{{"Code":"{state}"}},"RequesterVpcInfo":{{"VpcId":"vpc-1"}},"AccepterVpcInfo":{{"VpcId":"vpc-2"}}}}]"#
            );
            references(&code)
        };
        let associated = references(
            r#","SecurityGroupVpcAssociations":[{"GroupId":"sg-2","VpcId":"vpc-1","State":"associated"}]"#,
        );
        let stale = references(
            r#","SecurityGroupVpcAssociations":[{"GroupId":"sg-2","VpcId":"vpc-1","State":"disassociated"}]"#,
        );
        let text = [peered("active"), peered("deleted"), associated, stale].join("\n");
        insta::assert_snapshot!(text, @r"
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening identity 0 and src_ip 10.2.1.5
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening identity 0 and src_ip 10.2.1.5; uncertain (whether group `sg-2` of another VPC counts here is not known)
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening identity 0 and src_ip 10.2.1.5
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening no packet
        ");
    }

    #[test]
    fn without_the_tables_that_tell_a_group_of_another_vpc_is_in_doubt() {
        insta::assert_snapshot!(references(r#","RouteTables":[{"RouteTableId":null}]"#), @"subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening identity 0 and src_ip 10.2.1.5; uncertain (whether group `sg-2` of another VPC counts here is not known)");
    }

    #[test]
    fn a_transit_gateway_may_carry_references() {
        let table = r#","RouteTables":[{"RouteTableId":"rtb-1","VpcId":"vpc-2","Associations":[{"Main":true}],"Routes":[{"DestinationCidrBlock":"10.0.0.0/8","TransitGatewayId":"tgw-1"}]}]"#;
        insta::assert_snapshot!(references(table), @"subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening identity 0 and src_ip 10.2.1.5");
    }
}
