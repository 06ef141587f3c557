//! Subnet: a range of addresses in one zone, with a filter and a route table at its border.
//!
//! `out` holds what interfaces in it send; to a neighbour it goes directly, past no filter and no route table.
//! Otherwise it leaves: filter (`leaving` → `router`), then the route table. `entering` holds what comes from
//! elsewhere; after the filter it is `inside`.
//!
//! SOURCE: VPC user guide, "Network ACLs" (evaluated when traffic enters and leaves the subnet, not within it) and
//! "Subnet route tables" (checked 2026-11-23); "Share your VPC subnets with other accounts" (the owner has the subnet,
//! its route table and network ACL; participants have their interfaces and groups) (checked 2026-11-26).
//! GAP: accounts with which a subnet is shared, and of which nothing was exported, may have interfaces in it.
use graph::{Cause, Choice, Direction, Disposition, Flow, GraphBuilder, Port, Transfer};
use headerspace::Match;
use ipnet::{IpNet, Ipv4Net};
use serde::Deserialize;
use std::sync::Arc;

use super::{
    ENTERING, INSIDE, LOCAL, OUT, ROUTER, Resource, Tags, describe, network_acl,
    network_interface::NetworkInterface,
    nullable, optional, region_of_zone, route_table, structure,
    vpc::{Ipv6CidrAssociation, Vpc},
};
use crate::{Entry, Id, Inventory};

/// Where packets about to leave the subnet stand, before its filter.
const LEAVING: &str = "leaving";

/// A subnet, as `describe-subnets` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Subnet {
    subnet_id: Id<Subnet>,
    vpc_id: Id<Vpc>,
    #[serde(default, deserialize_with = "optional")]
    owner_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    availability_zone: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    availability_zone_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    cidr_block: Option<Ipv4Net>,
    #[serde(default, deserialize_with = "nullable")]
    ipv6_cidr_block_association_set: Vec<Ipv6CidrAssociation>,
    #[serde(default, deserialize_with = "optional")]
    subnet_arn: Option<String>,
    #[serde(default)]
    tags: Tags,
}

impl Subnet {
    /// The VPC it is in.
    pub(crate) fn vpc(&self) -> &Id<Vpc> {
        &self.vpc_id
    }

    /// The zone it is in: the id, which means the same in all accounts, else the name; empty if the snapshot does not
    /// tell.
    ///
    /// SOURCE: EC2 user guide, "AZ IDs": names are mapped to zones by account, ids are not (checked 2026-11-26).
    pub(crate) fn zone(&self) -> &str {
        self.availability_zone_id.as_deref().or(self.availability_zone.as_deref()).unwrap_or_default()
    }

    /// Whether [`zone`](Self::zone) is an id.
    pub(crate) fn has_zone_id(&self) -> bool {
        self.availability_zone_id.is_some()
    }

    /// The zone's name in the account of the subnet.
    pub(crate) fn zone_name(&self) -> Option<&str> {
        self.availability_zone.as_deref()
    }

    /// Its address blocks of both families.
    pub(crate) fn cidrs(&self) -> impl Iterator<Item = IpNet> {
        let v6 = self.ipv6_cidr_block_association_set.iter().filter_map(Ipv6CidrAssociation::block);
        self.cidr_block.into_iter().map(|net| IpNet::V4(net.trunc())).chain(v6.map(IpNet::V6))
    }
}

impl Resource for Subnet {
    const TYPE: &'static str = "AWS::EC2::Subnet";
    const LIST: &'static str = "Subnets";

    fn id(&self) -> &Id<Self> {
        &self.subnet_id
    }

    fn account(&self) -> Option<&str> {
        self.owner_id.as_deref()
    }

    fn region(&self) -> Option<String> {
        region_of_zone(self.availability_zone.as_deref())
    }

    fn associations(&self) -> Vec<String> {
        vec![format!("vpc:{}", self.vpc_id)]
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let arn = self.subnet_arn.clone().filter(|arn| arn.starts_with("arn:"));
        let mut resource = describe(here, arn, "subnet", &self.tags);
        resource.within = vec![inventory.key_of(&self.vpc_id, &here.place)];
        let key = graph.resource(resource);
        let mut port =
            |name: &str, choice, otherwise| graph.declare(Port::new(&key, name), &key, choice, otherwise);
        port(OUT, Choice::FirstMatch, Disposition::NoRoute);
        port(LEAVING, Choice::FirstMatch, Disposition::Denied);
        port(ROUTER, Choice::FirstMatch, Disposition::NoRoute);
        port(ENTERING, Choice::FirstMatch, Disposition::Denied);
        port(INSIDE, Choice::Any, Disposition::NoRoute);
    }

    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let port = |name: &str| Port::new(&here.key, name);
        let (cause, addresses) = (structure(here), Match::dst_any_of(self.cidrs()));
        graph.connect(&port(OUT), &port(INSIDE), Transfer::only(addresses.clone()), &cause);
        graph.connect(&port(OUT), &port(LEAVING), Transfer::all().ranked(1), &cause);
        network_acl::filter(inventory, here, Direction::Egress, [&port(LEAVING), &port(ROUTER)], graph);
        network_acl::filter(inventory, here, Direction::Ingress, [&port(ENTERING), &port(INSIDE)], graph);
        let vpc = inventory.get(&self.vpc_id, &here.place);
        if let Some(vpc) = vpc {
            graph.connect(
                &Port::new(&vpc.key, LOCAL),
                &port(ENTERING),
                Transfer::only(addresses.clone()),
                &cause,
            );
        }
        if !all_interfaces_known(here, inventory) {
            let interfaces = inventory.naming::<NetworkInterface, Self>("subnet", here);
            let known = Match::dst_any_of(interfaces.flat_map(|interface| interface.value.addresses()));
            let note =
                format!("the network interfaces in `{}` are not fully in the snapshot", self.subnet_id);
            let cause = Arc::new(Cause::structure(&here.key).at(here.at("")).noting(note));
            let unknown = Transfer::only(Match::all_of([addresses, Match::not(known)]));
            graph.connect(
                &port(INSIDE),
                Disposition::InsufficientInfo,
                unknown.for_flow(Flow::Opening),
                &cause,
            );
        }
        if route_table::of_subnet(inventory, here).is_none() {
            let note = format!("the route table of `{}` is not in the snapshot", self.subnet_id);
            let cause = Arc::new(Cause::structure(&here.key).at(here.at("")).noting(note));
            // Every route table has local routes, but one that is not exported may also divert packets elsewhere.
            if let Some(vpc) = vpc.filter(|vpc| !vpc.is_concluded()) {
                let local = Transfer::only(Match::dst_any_of(vpc.value.cidrs())).uncertain();
                graph.connect(&port(ROUTER), &Port::new(&vpc.key, LOCAL), local, &cause);
            }
            graph.connect(&port(ROUTER), Disposition::InsufficientInfo, Transfer::all().ranked(1), &cause);
        }
    }
}

/// Whether every interface in it is in the snapshot: those of its owner, and those of the accounts with which it is
/// shared, as far as the snapshot shows that there are such.
fn all_interfaces_known(here: &Entry<Subnet>, inventory: &Inventory) -> bool {
    let interfaces = inventory.table::<NetworkInterface>();
    let mut participants = inventory.naming::<NetworkInterface, Subnet>("subnet", here);
    interfaces.complete(&here.place) && participants.all(|it| interfaces.complete(&it.place))
}

#[cfg(test)]
mod tests {
    use crate::resource::{among, lowered};

    #[test]
    fn packets_to_a_neighbour_pass_no_filter() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"NetworkAcls":[{"NetworkAclId":"acl-1","Associations":[{"SubnetId":"subnet-1"}],"Entries":[]}],"RouteTables":[{"RouteTableId":"rtb-1","VpcId":"vpc-1","Associations":[{"Main":true}],"Routes":[]}]}"#;
        insta::assert_snapshot!(among(export, "subnet-1"), @r"
        subnet-1/out -> subnet-1/inside: dst_ip in 10.0.1.0/24
        subnet-1/out -> subnet-1/leaving: [1] any packet
        subnet-1/router -> vpc-1/local: [67] dst_ip in 10.0.0.0/16
        vpc-1/local -> subnet-1/entering: dst_ip in 10.0.1.0/24
        ");
    }

    #[test]
    fn missing_filter_and_routes_make_everything_beyond_uncertain() {
        let export = r#"{"InternetGateways":[],"NetworkInterfaces":[],"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}]}"#;
        insta::assert_snapshot!(lowered(export), @r"
        subnet-1/entering -> subnet-1/inside: any packet; uncertain (the network ACL of `subnet-1` is not in the snapshot)
        subnet-1/leaving -> subnet-1/router: any packet; uncertain (the network ACL of `subnet-1` is not in the snapshot)
        subnet-1/out -> subnet-1/inside: dst_ip in 10.0.1.0/24
        subnet-1/out -> subnet-1/leaving: [1] any packet
        subnet-1/router -> vpc-1/local: dst_ip in 10.0.0.0/16; uncertain (the route table of `subnet-1` is not in the snapshot)
        subnet-1/router -> insufficient-info: [1] any packet (the route table of `subnet-1` is not in the snapshot)
        vpc-1/local -> subnet-1/entering: dst_ip in 10.0.1.0/24
        ");
    }

    #[test]
    fn missing_vpc_is_said() {
        let export = r#"{"InternetGateways":[],"NetworkInterfaces":[],"RouteTables":[],"NetworkAcls":[],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}]}"#;
        insta::assert_snapshot!(lowered(export), @r"
        subnet-1/entering -> subnet-1/inside: any packet; uncertain (the network ACL of `subnet-1` is not in the snapshot)
        subnet-1/leaving -> subnet-1/router: any packet; uncertain (the network ACL of `subnet-1` is not in the snapshot)
        subnet-1/out -> subnet-1/inside: dst_ip in 10.0.1.0/24
        subnet-1/out -> subnet-1/leaving: [1] any packet
        subnet-1/router -> insufficient-info: [1] any packet (the route table of `subnet-1` is not in the snapshot)
        vpc-1/local -> subnet-1/entering: dst_ip in 10.0.1.0/24
        ");
    }

    #[test]
    fn without_all_interfaces_an_address_may_be_taken() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Groups":[{"GroupId":"sg-1"}]},{"NetworkInterfaceId":""}]}"#;
        insta::assert_snapshot!(among(export, "subnet-1/inside ->"), @r"
        subnet-1/inside -> insufficient-info: opening dst_ip in 10.0.1.0/24 and not (dst_ip 10.0.1.5) (the network interfaces in `subnet-1` are not fully in the snapshot)
        subnet-1/inside -> subnet-1/groups[sg-1]/received: dst_ip 10.0.1.5
        ");
    }
}
