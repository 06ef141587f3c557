//! VPC: joins its subnets. Whatever is addressed to somebody in the VPC goes to the subnet that holds the address.
//!
//! Port `local` takes packets that a local route, a gateway or a peering connection has addressed to the VPC.
//! If the snapshot holds no table of internet gateways, the VPC stands in with a gateway of which nothing is known,
//! so that whatever might pass there is uncertain. A VPC that others name but of which there is no record stands
//! here too: its address blocks are not known.
//!
//! SOURCE: VPC user guide, "VPC CIDR blocks" and "Route tables: local route" (checked 2026-11-23).
//! GAP: the addresses that AWS reserves in each subnet (router, DNS, time) are not modelled as ends.
use std::{collections::BTreeSet, sync::Arc};

use graph::{Cause, Choice, Disposition, End, GraphBuilder, Port, Transfer, World};
use headerspace::Match;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::Deserialize;

use super::{
    ADMITTED, ARRIVING, LOCAL, OUTSIDE, Resource, Tags, describe, dhcp_options::DhcpOptions,
    internet_gateway, network_interface::NetworkInterface, nullable, optional, region_of_zone, structure,
    subnet::Subnet,
};
use crate::{
    Entry, Id, Inventory,
    inventory::{Reading, Records},
};

/// A VPC, as `describe-vpcs` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Vpc {
    vpc_id: Id<Vpc>,
    #[serde(default, deserialize_with = "optional")]
    owner_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    cidr_block: Option<Ipv4Net>,
    #[serde(default, deserialize_with = "optional")]
    dhcp_options_id: Option<Id<DhcpOptions>>,
    #[serde(default, deserialize_with = "nullable")]
    cidr_block_association_set: Vec<CidrAssociation>,
    #[serde(default, deserialize_with = "nullable")]
    ipv6_cidr_block_association_set: Vec<Ipv6CidrAssociation>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CidrAssociation {
    #[serde(default, deserialize_with = "optional")]
    cidr_block: Option<Ipv4Net>,
    cidr_block_state: Option<AssociationState>,
}

/// An IPv6 block of a VPC or subnet.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Ipv6CidrAssociation {
    #[serde(default, deserialize_with = "optional")]
    ipv6_cidr_block: Option<Ipv6Net>,
    ipv6_cidr_block_state: Option<AssociationState>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssociationState {
    state: Option<String>,
}

impl AssociationState {
    fn holds(state: Option<&Self>) -> bool {
        state.and_then(|s| s.state.as_deref()).is_none_or(|s| matches!(s, "associated" | "associating"))
    }
}

impl Ipv6CidrAssociation {
    /// The block, unless it is no longer associated.
    pub(super) fn block(&self) -> Option<Ipv6Net> {
        let block =
            self.ipv6_cidr_block.filter(|_| AssociationState::holds(self.ipv6_cidr_block_state.as_ref()));
        block.map(|net| net.trunc())
    }
}

impl Vpc {
    /// Where its first block begins: its resolver is two further.
    pub(crate) fn base(&self) -> Option<std::net::IpAddr> {
        self.cidr_block.map(|block| block.network().into())
    }

    /// Its DHCP options, if it tells.
    pub(crate) fn dhcp_options(&self) -> Option<&Id<DhcpOptions>> {
        self.dhcp_options_id.as_ref()
    }

    /// Its address blocks of both families, without those no longer associated, sorted.
    pub(crate) fn cidrs(&self) -> Vec<IpNet> {
        let secondary = self.cidr_block_association_set.iter();
        let secondary = secondary.filter(|a| AssociationState::holds(a.cidr_block_state.as_ref()));
        let v4 = self.cidr_block.into_iter().chain(secondary.filter_map(|a| a.cidr_block));
        let v6 = self.ipv6_cidr_block_association_set.iter().filter_map(Ipv6CidrAssociation::block);
        let mut cidrs: Vec<IpNet> = v4.map(|net| IpNet::V4(net.trunc())).chain(v6.map(IpNet::V6)).collect();
        cidrs.sort();
        cidrs.dedup();
        cidrs
    }
}

impl Resource for Vpc {
    const TYPE: &'static str = "AWS::EC2::VPC";
    const LIST: &'static str = "Vpcs";

    fn id(&self) -> &Id<Self> {
        &self.vpc_id
    }

    fn account(&self) -> Option<&str> {
        self.owner_id.as_deref()
    }

    fn also(reading: &mut Reading<'_>, records: &mut Records<Self>) {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Inside {
            vpc_id: Id<Vpc>,
            #[serde(default, deserialize_with = "optional")]
            owner_id: Option<String>,
            #[serde(default, deserialize_with = "optional")]
            availability_zone: Option<String>,
        }
        let unknown = |vpc_id: &Id<Self>| Self {
            vpc_id: vpc_id.clone(),
            owner_id: None,
            cidr_block: None,
            dhcp_options_id: None,
            cidr_block_association_set: Vec::new(),
            ipv6_cidr_block_association_set: Vec::new(),
            tags: Tags::default(),
        };
        for list in [Subnet::LIST, NetworkInterface::LIST] {
            // An interface may belong to another account than the VPC it is in: it tells of VPCs only where subnets
            // do not.
            let mut known = BTreeSet::new();
            if list == NetworkInterface::LIST {
                known.extend(records.ids().map(str::to_owned));
            }
            for inside in reading.glances::<Inside>(list) {
                let Inside { vpc_id, owner_id, availability_zone } = &inside.value;
                if !known.contains(vpc_id.as_str()) {
                    let region = region_of_zone(availability_zone.as_deref());
                    records.conclude(unknown(vpc_id), &inside, "", owner_id.as_deref(), region);
                }
            }
        }
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let key = graph.resource(describe(here, None, "vpc", &self.tags));
        graph.declare(Port::new(&key, LOCAL), &key, Choice::Any, Disposition::NoRoute);
        if internet_gateway::unlisted(inventory, here) {
            let (outside, arriving) = (Port::new(&key, OUTSIDE), Port::new(&key, ARRIVING));
            graph.declare(Port::new(&key, ADMITTED), &key, Choice::FirstMatch, Disposition::NoRoute);
            graph.declare_end(End {
                resource: key,
                departs: Some(arriving.clone()),
                arrives: Some(outside),
                answers: Some(arriving),
                border: true,
                world: World::Internet,
            });
        }
    }

    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        if internet_gateway::unlisted(inventory, here) {
            // Nobody knows whether there is a gateway, nor what its own route table says.
            let key = &here.key;
            let note = format!("the internet gateways of `{}` are not in the snapshot", self.vpc_id);
            let cause = Arc::new(Cause::clone(&structure(here)).noting(note));
            let transfer = Transfer::all().uncertain();
            graph.connect(&Port::new(key, ADMITTED), &Port::new(key, LOCAL), transfer, &cause);
            internet_gateway::connect_vpc(here, key, None, inventory, graph);
        }
        if !inventory.table::<Subnet>().complete(&here.place) {
            let subnets = inventory.naming::<Subnet, Self>("vpc", here);
            let known =
                Match::dst_any_of(subnets.flat_map(|subnet| subnet.value.cidrs().collect::<Vec<_>>()));
            let own = if here.is_concluded() { Match::All } else { Match::dst_any_of(self.cidrs()) };
            let note = format!("the subnets of `{}` are not fully in the snapshot", self.vpc_id);
            let cause = Arc::new(Cause::structure(&here.key).at(here.at("")).noting(note));
            let transfer = Transfer::only(Match::all_of([own, Match::not(known)]));
            graph.connect(&Port::new(&here.key, LOCAL), Disposition::InsufficientInfo, transfer, &cause);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::resource::{among, lowered};

    #[test]
    fn blocks_no_longer_associated_do_not_count() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16","CidrBlockAssociationSet":[{"CidrBlock":"10.0.0.0/16","CidrBlockState":{"State":"associated"}},{"CidrBlock":"10.1.0.0/16","CidrBlockState":{"State":"associated"}},{"CidrBlock":"10.2.0.0/16","CidrBlockState":{"State":"disassociated"}}],"Ipv6CidrBlockAssociationSet":null,"New":{"x":1}}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"RouteTables":[{"RouteTableId":"rtb-1","VpcId":"vpc-1","Associations":[{"Main":true}],"Routes":[]}]}"#;
        insta::assert_snapshot!(among(export, "vpc-1/local"), @r"
        subnet-1/router -> vpc-1/local: [67] dst_ip in 10.0.0.0/16
        subnet-1/router -> vpc-1/local: [67] dst_ip in 10.1.0.0/16
        vpc-1/local -> subnet-1/entering: dst_ip in 10.0.1.0/24
        ");
    }

    #[test]
    fn without_a_table_of_gateways_a_way_out_is_uncertain() {
        let export =
            r#"{"Subnets":[],"NetworkInterfaces":[],"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}]}"#;
        insta::assert_snapshot!(lowered(export), @"vpc-1/admitted -> vpc-1/local: any packet; uncertain (the internet gateways of `vpc-1` are not in the snapshot)");
    }

    #[test]
    fn without_a_record_its_blocks_are_unknown() {
        let export = r#"{"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"InternetGateways":[{"InternetGatewayId":"igw-1","Attachments":[{"VpcId":"vpc-1","State":"available"}]}]}"#;
        insta::assert_snapshot!(among(export, "igw-1/"), @r"
        igw-1/admitted -> vpc-1/local: any packet
        igw-1/arriving -> igw-1/admitted: dst_ip in 2000::/3 and src_ip in 2000::/3; uncertain (the address blocks of `vpc-1` are not in the snapshot)
        igw-1/routed@vpc-1 -> igw-1/outside: src_ip in 2000::/3 and dst_ip in 2000::/3; uncertain (the address blocks of `vpc-1` are not in the snapshot)
        ");
    }

    #[test]
    fn without_all_subnets_an_address_may_be_in_a_missing_one() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"InternetGateways":[],"NetworkInterfaces":[],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"},{"SubnetId":"subnet-2","VpcId":"vpc-1","CidrBlock":"ten"}],"NetworkAcls":[],"RouteTables":[]}"#;
        insta::assert_snapshot!(lowered(export), @r"
        subnet-1/entering -> subnet-1/inside: any packet; uncertain (the network ACL of `subnet-1` is not in the snapshot)
        subnet-1/leaving -> subnet-1/router: any packet; uncertain (the network ACL of `subnet-1` is not in the snapshot)
        subnet-1/out -> subnet-1/inside: dst_ip in 10.0.1.0/24
        subnet-1/out -> subnet-1/leaving: [1] any packet
        subnet-1/router -> vpc-1/local: dst_ip in 10.0.0.0/16; uncertain (the route table of `subnet-1` is not in the snapshot)
        subnet-1/router -> insufficient-info: [1] any packet (the route table of `subnet-1` is not in the snapshot)
        vpc-1/local -> insufficient-info: dst_ip in 10.0.0.0/16 and not (dst_ip in 10.0.1.0/24) (the subnets of `vpc-1` are not fully in the snapshot)
        vpc-1/local -> subnet-1/entering: dst_ip in 10.0.1.0/24
        ! found `ten`: invalid IP address syntax
        ");
    }
}
