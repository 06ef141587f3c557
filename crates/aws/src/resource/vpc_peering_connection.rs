//! VPC peering connection: carries packets between two VPCs, and no further.
//!
//! For each side, `routed@vpc` takes what route tables of that VPC send here, and `into@vpc` holds what arrives in it.
//! `into` leads only to receivers inside the VPC, never to its gateways or other peerings: not transitive.
//!
//! SOURCE: VPC peering guide, "How VPC peering connections work" (active only; transitive and edge-to-edge routing not
//! supported); Reachability Analyzer guide, `PCX_REQUIRES_ADDRESS_IN_VPC_CIDR` (checked 2026-11-23).
use std::sync::Arc;

use graph::{
    Cause, Choice, Control, Disposition, End, GraphBuilder, Obstacle, Port, ResourceKey, Rule, Transfer,
    World,
};
use headerspace::{Field, Match};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::Deserialize;

use super::{
    LOCAL, Resource, Tags, address_set::address_in, describe, nullable, optional, routed, structure, vpc::Vpc,
};
use crate::{Entry, Id, Inventory, Place};

/// A peering connection, as `describe-vpc-peering-connections` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VpcPeeringConnection {
    vpc_peering_connection_id: Id<VpcPeeringConnection>,
    requester_vpc_info: Side,
    accepter_vpc_info: Side,
    status: Option<Status>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Side {
    #[serde(default, deserialize_with = "optional")]
    vpc_id: Option<Id<Vpc>>,
    #[serde(default, deserialize_with = "optional")]
    owner_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    region: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    cidr_block: Option<Ipv4Net>,
    #[serde(default, deserialize_with = "nullable")]
    cidr_block_set: Vec<Block>,
    #[serde(default, deserialize_with = "nullable")]
    ipv6_cidr_block_set: Vec<Ipv6Block>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Block {
    cidr_block: Ipv4Net,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Ipv6Block {
    ipv6_cidr_block: Ipv6Net,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    #[serde(default, deserialize_with = "optional")]
    code: Option<String>,
}

impl Side {
    fn place(&self, here: &Place) -> Place {
        Place {
            account: self.owner_id.clone().unwrap_or_else(|| here.account.clone()),
            region: self.region.clone().unwrap_or_else(|| here.region.clone()),
        }
    }

    fn vpc<'i>(&self, here: &Place, inventory: &'i Inventory) -> Option<&'i Entry<Vpc>> {
        inventory.get(self.vpc_id.as_ref()?, &self.place(here))
    }

    /// The blocks of the VPC: what the VPC's own record says, else what the connection does.
    fn cidrs(&self, here: &Place, inventory: &Inventory) -> Vec<IpNet> {
        match self.vpc(here, inventory).filter(|vpc| !vpc.is_concluded()) {
            Some(vpc) => vpc.value.cidrs(),
            None => self.listed().collect(),
        }
    }

    /// The blocks that the connection lists.
    fn listed(&self) -> impl Iterator<Item = IpNet> {
        let v4 = self.cidr_block.into_iter().chain(self.cidr_block_set.iter().map(|block| block.cidr_block));
        let v6 = self.ipv6_cidr_block_set.iter().map(|block| IpNet::V6(block.ipv6_cidr_block.trunc()));
        v4.map(|net| IpNet::V4(net.trunc())).chain(v6)
    }

    fn name(&self) -> &str {
        self.vpc_id.as_ref().map_or("", Id::as_str)
    }
}

impl VpcPeeringConnection {
    /// The address blocks of both sides, as the connection lists them.
    pub(super) fn cidrs(&self) -> impl Iterator<Item = IpNet> {
        self.requester_vpc_info.listed().chain(self.accepter_vpc_info.listed())
    }

    /// Whether it is active and joins these two VPCs.
    pub(super) fn joins(&self, one: &Id<Vpc>, other: &Id<Vpc>) -> bool {
        let sides =
            |from: &Side, to: &Side| from.vpc_id.as_ref() == Some(one) && to.vpc_id.as_ref() == Some(other);
        self.active() && self.directions().into_iter().any(|(from, to)| sides(from, to))
    }

    /// Both directions: from, to.
    fn directions(&self) -> [(&Side, &Side); 2] {
        [
            (&self.requester_vpc_info, &self.accepter_vpc_info),
            (&self.accepter_vpc_info, &self.requester_vpc_info),
        ]
    }

    fn active(&self) -> bool {
        self.status.as_ref().and_then(|status| status.code.as_deref()).is_none_or(|code| code == "active")
    }
}

fn into(key: &ResourceKey, side: &Side) -> Port {
    Port::new(key, format!("into@{}", side.name()))
}

impl Resource for VpcPeeringConnection {
    const TYPE: &'static str = "AWS::EC2::VPCPeeringConnection";
    const LIST: &'static str = "VpcPeeringConnections";
    const GLOBAL: bool = true;
    const ROUTABLE: bool = true;

    fn id(&self) -> &Id<Self> {
        &self.vpc_peering_connection_id
    }

    fn account(&self) -> Option<&str> {
        self.requester_vpc_info.owner_id.as_deref()
    }

    fn region(&self) -> Option<String> {
        self.requester_vpc_info.region.clone()
    }

    fn associations(&self) -> Vec<String> {
        self.directions().iter().map(|(from, _)| format!("vpc:{}", from.name())).collect()
    }

    fn elsewhere(&self, _: &Entry<Self>, vpc: &Id<Vpc>, _: &Inventory) -> Option<String> {
        let others =
            self.directions().iter().all(|(from, _)| from.vpc_id.as_ref().is_some_and(|id| id != vpc));
        others.then(|| format!("`{}` does not join `{vpc}` with another VPC", self.vpc_peering_connection_id))
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, None, "vpc-peering-connection", &self.tags);
        let sides = self.directions().map(|(from, _)| from.vpc(&here.place, inventory));
        resource.within = sides.into_iter().flatten().map(|vpc| vpc.key.clone()).collect();
        let key = graph.resource(resource);
        for (from, to) in self.directions() {
            graph.declare(routed(&key, from.name()), &key, Choice::Any, Disposition::Denied);
            graph.declare(into(&key, to), &key, Choice::Any, Disposition::NoRoute);
            graph.declare_end(End {
                resource: key.clone(),
                departs: Some(into(&key, from)).filter(|_| self.active()),
                arrives: Some(into(&key, to)),
                answers: Some(into(&key, from)),
                border: to.vpc(&here.place, inventory).is_none(),
                world: World::Own,
            });
        }
    }

    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        for (from, to) in self.directions() {
            let entry = routed(&here.key, from.name());
            let cause = Cause::new(&here.key, Rule::Carries).at(here.at(""));
            if !self.active() {
                let idle =
                    cause.clone().noting(format!("`{}` is not active", self.vpc_peering_connection_id));
                graph.connect(&entry, Disposition::Blackhole, Transfer::all(), &Arc::new(idle));
                let control =
                    Control::obstacle(&here.key, Obstacle::State, "is not active", here.at("/Status"));
                graph.offered(&control, |graph| self.carry(here, [from, to], &cause, inventory, graph));
                continue;
            }
            self.carry(here, [from, to], &cause, inventory, graph);
        }
    }
}

impl VpcPeeringConnection {
    /// Carries packets from one side to the other.
    fn carry(
        &self,
        here: &Entry<Self>,
        [from, to]: [&Side; 2],
        cause: &Cause,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        let entry = routed(&here.key, from.name());
        let [near, far] = [(Field::SrcIp, from), (Field::DstIp, to)].map(|(side, vpc)| {
            let blocks = vpc.cidrs(&here.place, inventory);
            if blocks.is_empty() { None } else { Some(address_in(side, blocks)) }
        });
        let unknown = near.is_none() || far.is_none();
        let guard = Match::all_of(near.into_iter().chain(far));
        let crossing = Transfer { certain: !unknown, ..Transfer::only(guard) };
        let mut carries = cause.clone();
        if unknown {
            carries.note = Some(format!(
                "the address blocks of `{}` are not fully in the snapshot",
                self.vpc_peering_connection_id
            ));
        }
        graph.connect(&entry, &into(&here.key, to), crossing.clone(), &Arc::new(carries));
        // The same again for packets that start on the peering connection, which come from the other VPC.
        if let Some(vpc) = to.vpc(&here.place, inventory) {
            graph.connect(&into(&here.key, to), &Port::new(&vpc.key, LOCAL), crossing, &structure(here));
        } else {
            let account = to.owner_id.as_deref().map_or(String::new(), |id| format!(" of account {id}"));
            let cause =
                Arc::new(cause.clone().noting(format!("`{}`{account} is not in the snapshot", to.name())));
            graph.connect(&into(&here.key, to), Disposition::InsufficientInfo, crossing, &cause);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::resource::among;

    #[test]
    fn joins_two_vpcs_and_no_more() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"},{"VpcId":"vpc-2","CidrBlock":"10.1.0.0/16"}],"VpcPeeringConnections":[{"VpcPeeringConnectionId":"pcx-1","Status":{"Code":"active"},"RequesterVpcInfo":{"VpcId":"vpc-1"},"AccepterVpcInfo":{"VpcId":"vpc-2"}}]}"#;
        insta::assert_snapshot!(among(export, "pcx-1"), @r"
        pcx-1/into@vpc-1 -> vpc-1/local: src_ip in 10.1.0.0/16 and dst_ip in 10.0.0.0/16
        pcx-1/into@vpc-2 -> vpc-2/local: src_ip in 10.0.0.0/16 and dst_ip in 10.1.0.0/16
        pcx-1/routed@vpc-1 -> pcx-1/into@vpc-2: src_ip in 10.0.0.0/16 and dst_ip in 10.1.0.0/16
        pcx-1/routed@vpc-2 -> pcx-1/into@vpc-1: src_ip in 10.1.0.0/16 and dst_ip in 10.0.0.0/16
        ");
    }

    #[test]
    fn missing_side_is_said() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"VpcPeeringConnections":[{"VpcPeeringConnectionId":"pcx-1","Status":{"Code":"active"},"RequesterVpcInfo":{"VpcId":"vpc-1"},"AccepterVpcInfo":{"VpcId":"vpc-9","OwnerId":"444455556666","CidrBlock":"10.9.0.0/16","CidrBlockSet":[{"CidrBlock":"10.9.0.0/16"}]}}]}"#;
        insta::assert_snapshot!(among(export, "pcx-1"), @r"
        pcx-1/into@vpc-1 -> vpc-1/local: src_ip in 10.9.0.0/16 and dst_ip in 10.0.0.0/16
        pcx-1/into@vpc-9 -> insufficient-info: src_ip in 10.0.0.0/16 and dst_ip in 10.9.0.0/16 (`vpc-9` of account 444455556666 is not in the snapshot)
        pcx-1/routed@vpc-1 -> pcx-1/into@vpc-9: src_ip in 10.0.0.0/16 and dst_ip in 10.9.0.0/16
        pcx-1/routed@vpc-9 -> pcx-1/into@vpc-1: src_ip in 10.9.0.0/16 and dst_ip in 10.0.0.0/16
        ");
    }

    #[test]
    fn unknown_blocks_leave_all_possible() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"VpcPeeringConnections":[{"VpcPeeringConnectionId":"pcx-1","Status":{"Code":"active"},"RequesterVpcInfo":{"VpcId":"vpc-1"},"AccepterVpcInfo":{"VpcId":"vpc-9"}}]}"#;
        insta::assert_snapshot!(among(export, "pcx-1"), @r"
        pcx-1/into@vpc-1 -> vpc-1/local: dst_ip in 10.0.0.0/16; uncertain
        pcx-1/into@vpc-9 -> insufficient-info: src_ip in 10.0.0.0/16; uncertain (`vpc-9` is not in the snapshot)
        pcx-1/routed@vpc-1 -> pcx-1/into@vpc-9: src_ip in 10.0.0.0/16; uncertain (the address blocks of `pcx-1` are not fully in the snapshot)
        pcx-1/routed@vpc-9 -> pcx-1/into@vpc-1: dst_ip in 10.0.0.0/16; uncertain (the address blocks of `pcx-1` are not fully in the snapshot)
        ");
    }

    #[test]
    fn what_is_not_active_carries_nothing() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"VpcPeeringConnections":[{"VpcPeeringConnectionId":"pcx-1","Status":{"Code":"pending-acceptance"},"RequesterVpcInfo":{"VpcId":"vpc-1"},"AccepterVpcInfo":{"VpcId":"vpc-9"}}]}"#;
        insta::assert_snapshot!(among(export, "pcx-1"), @r"
        pcx-1/routed@vpc-1 -> blackhole: any packet (`pcx-1` is not active)
        pcx-1/routed@vpc-9 -> blackhole: any packet (`pcx-1` is not active)
        ");
    }
}
