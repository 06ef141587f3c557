//! NAT gateway: sources leave through its private addresses and a port of its choice; replies belong to the session.
//!
//! `routed@vpc` receives what route tables send here, past the filter of its subnet; `translating` gives the packet
//! its new source and hands it to the subnet as any sender there would. `addressed` takes packets for its own
//! addresses: replies get their translation undone, everything else is refused.
//!
//! SOURCE: VPC user guide, "NAT gateways" (TCP, UDP, ICMP; network ACLs of its subnet apply, security groups do not)
//! and "NAT gateway basics" (ports 1024-65535) (checked 2026-11-23).
//! GAP: fragmented TCP and ICMP, which a NAT gateway drops, are not told apart.
//! GAP: NAT64 (64:ff9b::/96) and regional NAT gateways are not modelled: paths through them are unknown.
use std::{net::Ipv4Addr, sync::Arc};

use graph::{
    Cause, Choice, Control, Direction, Disposition, Flow, GraphBuilder, Obstacle, Port, Rule, Transfer,
};
use headerspace::{Family, Field, Match, Ranges, Rewrite};
use ipnet::{IpNet, Ipv6Net};
use serde::Deserialize;

use super::{
    INSIDE, OUT, Resource, Tags, describe, network_acl, network_interface::NetworkInterface, nullable,
    obstacles, openings, optional, public_address, routed, subnet::Subnet, vpc::Vpc,
    vpc_block_public_access::Traveller,
};
use crate::{Entry, Id, Inventory};

const TRANSLATING: &str = "translating";
const ADDRESSED: &str = "addressed";

/// A NAT gateway, as `describe-nat-gateways` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NatGateway {
    nat_gateway_id: Id<NatGateway>,
    #[serde(default, deserialize_with = "optional")]
    vpc_id: Option<Id<Vpc>>,
    #[serde(default, deserialize_with = "optional")]
    subnet_id: Option<Id<Subnet>>,
    #[serde(default, deserialize_with = "optional")]
    state: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    connectivity_type: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    nat_gateway_addresses: Vec<Address>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Address {
    #[serde(default, deserialize_with = "optional")]
    network_interface_id: Option<Id<NetworkInterface>>,
    #[serde(default, deserialize_with = "optional")]
    private_ip: Option<Ipv4Addr>,
    #[serde(default, deserialize_with = "optional")]
    public_ip: Option<Ipv4Addr>,
}

impl NatGateway {
    /// Its private addresses with the public ones behind which they appear.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = (Ipv4Addr, Option<Ipv4Addr>)> {
        self.nat_gateway_addresses.iter().filter_map(|address| Some((address.private_ip?, address.public_ip)))
    }

    /// What becomes of packets that it does not carry in its present state, if it carries none for sure.
    ///
    /// SOURCE: VPC user guide, "NAT gateways": what is pending or failed carries nothing; what is being deleted may
    /// still do (checked 2026-11-23).
    fn idle(&self) -> Option<Disposition> {
        match self.state.as_deref() {
            None | Some("available") => None,
            Some("deleting") => Some(Disposition::InsufficientInfo),
            Some(_) => Some(Disposition::Blackhole),
        }
    }

    fn vpc<'i>(&self, here: &Entry<Self>, inventory: &'i Inventory) -> Option<&'i Entry<Vpc>> {
        let subnet = self.subnet_id.as_ref().and_then(|id| inventory.get(id, &here.place));
        let id = self.vpc_id.as_ref().or_else(|| subnet.map(|subnet| subnet.value.vpc()))?;
        inventory.get(id, &here.place)
    }
}

impl Resource for NatGateway {
    const TYPE: &'static str = "AWS::EC2::NatGateway";
    const LIST: &'static str = "NatGateways";
    const ROUTABLE: bool = true;

    fn id(&self) -> &Id<Self> {
        &self.nat_gateway_id
    }

    fn associations(&self) -> Vec<String> {
        let interfaces =
            self.nat_gateway_addresses.iter().filter_map(|address| address.network_interface_id.as_ref());
        interfaces.map(|id| format!("interface:{id}")).collect()
    }

    fn elsewhere(&self, here: &Entry<Self>, vpc: &Id<Vpc>, inventory: &Inventory) -> Option<String> {
        let own = self.vpc_id.as_ref().or_else(|| self.vpc(here, inventory).map(|vpc| vpc.value.id()))?;
        (own != vpc).then(|| format!("`{}` is not in `{vpc}`", self.nat_gateway_id))
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, None, "natgateway", &self.tags);
        let subnet = self.subnet_id.as_ref().map(|id| inventory.key_of(id, &here.place));
        resource.within =
            subnet.into_iter().chain(self.vpc(here, inventory).map(|vpc| vpc.key.clone())).collect();
        let key = graph.resource(resource);
        let Some(vpc) = self.vpc_id.as_ref().or_else(|| self.vpc(here, inventory).map(|vpc| vpc.value.id()))
        else {
            return;
        };
        graph.declare(routed(&key, vpc.as_str()), &key, Choice::FirstMatch, Disposition::Denied);
        graph.declare(Port::new(&key, TRANSLATING), &key, Choice::FirstMatch, Disposition::Denied);
        graph.declare(Port::new(&key, ADDRESSED), &key, Choice::Any, Disposition::Denied);
    }

    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let Some(vpc) = self.vpc_id.as_ref().or_else(|| self.vpc(here, inventory).map(|vpc| vpc.value.id()))
        else {
            return;
        };
        let entry = routed(&here.key, vpc.as_str());
        let cause = Arc::new(Cause::new(&here.key, Rule::Carries).at(here.at("")));
        if let Some(disposition) = self.idle() {
            let state = self.state.as_deref().unwrap_or_default();
            let cause =
                Arc::new(Cause::clone(&cause).noting(format!("`{}` is {state}", self.nat_gateway_id)));
            graph.connect(&entry, disposition, Transfer::all(), &cause);
            if disposition == Disposition::Blackhole {
                let control =
                    Control::obstacle(&here.key, Obstacle::State, format!("is {state}"), here.at("/State"));
                graph.offered(&control, |graph| {
                    let working = Port::new(&here.key, "routed, if it worked");
                    graph.declare(working.clone(), &here.key, Choice::FirstMatch, Disposition::Denied);
                    graph.connect(&entry, &working, Transfer::all(), &cause);
                    self.repaired(here, inventory).connect_working(here, &working, inventory, graph);
                });
            }
            return;
        }
        self.connect_working(here, &entry, inventory, graph);
    }
}

impl NatGateway {
    /// The same with an address: one that never came to be has none.
    fn repaired(&self, here: &Entry<Self>, inventory: &Inventory) -> Self {
        let mut repaired = self.clone();
        if self.addresses().next().is_none()
            && let Some(subnet) = self.subnet_id.as_ref().and_then(|id| inventory.get(id, &here.place))
            && let Some(private_ip) = subnet.value.cidrs().find_map(never_assigned)
        {
            let is_public = self.connectivity_type.as_deref() != Some("private");
            repaired.nat_gateway_addresses = vec![Address {
                network_interface_id: None,
                private_ip: Some(private_ip),
                public_ip: is_public.then_some(openings::ANY_TRANSLATED),
            }];
        }
        repaired
    }

    /// What it does with packets at `entry` while it is available.
    fn connect_working(
        &self,
        here: &Entry<Self>,
        entry: &Port,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        let (translating, addressed) = (Port::new(&here.key, TRANSLATING), Port::new(&here.key, ADDRESSED));
        let cause = Arc::new(Cause::new(&here.key, Rule::Carries).at(here.at("")));
        let Some(subnet) = self.subnet_id.as_ref().and_then(|id| inventory.get(id, &here.place)) else {
            let note = match &self.subnet_id {
                Some(id) => format!("`{id}` is not in the snapshot"),
                None => format!(
                    "`{}` is not zonal, and regional NAT gateways are not modelled",
                    self.nat_gateway_id
                ),
            };
            let cause = Arc::new(Cause::clone(&cause).noting(note));
            graph.connect(entry, Disposition::InsufficientInfo, Transfer::all(), &cause);
            return;
        };
        network_acl::filter(inventory, subnet, Direction::Ingress, [entry, &translating], graph);
        let out = Port::new(&subnet.key, OUT);
        let mut own = Vec::new();
        for address in &self.nat_gateway_addresses {
            let Some(private) = address.private_ip else { continue };
            own.push(IpNet::from(std::net::IpAddr::V4(private)));
            let source =
                Rewrite::identity().assign(Field::SrcIp, Ranges::single(u128::from(private.to_bits())));
            let with_port = source.clone().assign(Field::SrcPort, Ranges::range(1024..=65535));
            let ports = Match::any_of([Match::protocol(6), Match::protocol(17)]);
            let v4 = |packets| Match::all_of([Match::family(Family::V4), packets]);
            for (packets, rewrite) in [(ports, with_port), (Match::protocol(1), source)] {
                let transfer = Transfer::only(v4(packets)).rewriting(rewrite).for_flow(Flow::Opening);
                graph.connect(&translating, &out, transfer, &cause);
            }
            obstacles::offer_protocols(here, private, &translating, &out, graph);
            let vpc = self.vpc(here, inventory);
            if address.public_ip.is_none() {
                obstacles::offer_public_translator(here, private, vpc, inventory, graph);
            }
            if let Some(public) = address.public_ip {
                public_address::connect(
                    Traveller::NatGateway,
                    vpc,
                    [private, public],
                    &cause,
                    inventory,
                    graph,
                );
            }
        }
        if own.is_empty() {
            let note = format!("the addresses of `{}` are not in the snapshot", self.nat_gateway_id);
            let cause = Arc::new(Cause::clone(&cause).noting(note));
            graph.connect(&translating, Disposition::InsufficientInfo, Transfer::all(), &cause);
        }
        if let Ok(nat64) = Ipv6Net::new(std::net::Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96) {
            let cause = Arc::new(Cause::clone(&cause).noting("NAT64 is not modelled"));
            let transfer = Transfer::only(Match::dst_in(IpNet::V6(nat64))).for_flow(Flow::Opening).ranked(1);
            graph.connect(&translating, Disposition::InsufficientInfo, transfer, &cause);
        }
        let for_me = Transfer::only(Match::dst_any_of(own));
        let structure = Arc::new(Cause::structure(&here.key).at(here.at("")));
        graph.connect(&Port::new(&subnet.key, INSIDE), &addressed, for_me, &structure);
        graph.connect(&addressed, &out, Transfer::all().restoring(translating), &cause);
    }
}

/// Stands for an address that the gateway would have: one that nobody in the subnet has.
///
/// SOURCE: VPC user guide, "Subnet CIDR blocks": the fourth address of a subnet is reserved for future use (checked
/// 2026-11-27).
fn never_assigned(block: IpNet) -> Option<Ipv4Addr> {
    match block {
        IpNet::V4(block) => block.network().to_bits().checked_add(3).map(Ipv4Addr::from_bits),
        IpNet::V6(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::resource::among;

    #[test]
    fn sources_are_translated_and_replies_restored() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"InternetGateways":[{"InternetGatewayId":"igw-1","Attachments":[{"VpcId":"vpc-1","State":"available"}]}],"NetworkAcls":[{"NetworkAclId":"acl-1","VpcId":"vpc-1","Associations":[{"SubnetId":"subnet-1"}],"Entries":[]}],"NatGateways":[{"NatGatewayId":"nat-1","VpcId":"vpc-1","SubnetId":"subnet-1","State":"available","NatGatewayAddresses":[{"PrivateIp":"10.0.1.9","PublicIp":"3.0.0.9","NetworkInterfaceId":"eni-9"}]}]}"#;
        insta::assert_snapshot!(among(export, "10.0.1.9"), @r"
        igw-1/arriving -> igw-1/admitted: dst_ip 3.0.0.9 and ipv4 and not (src_ip in {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}); dst_ip := 10.0.1.9
        igw-1/routed@vpc-1 -> igw-1/outside: src_ip 10.0.1.9 and ipv4 and not (dst_ip in {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}); src_ip := 3.0.0.9
        nat-1/translating -> subnet-1/out: opening ipv4 and icmp; src_ip := 10.0.1.9
        nat-1/translating -> subnet-1/out: opening ipv4 and protocol in {tcp, udp}; src_ip := 10.0.1.9, src_port := 1024-65535
        subnet-1/inside -> nat-1/addressed: dst_ip 10.0.1.9
        ");
    }

    #[test]
    fn private_gateway_has_no_public_address() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"InternetGateways":[{"InternetGatewayId":"igw-1","Attachments":[{"VpcId":"vpc-1","State":"available"}]}],"NetworkAcls":[{"NetworkAclId":"acl-1","VpcId":"vpc-1","Associations":[{"SubnetId":"subnet-1"}],"Entries":[]}],"NatGateways":[{"NatGatewayId":"nat-1","VpcId":"vpc-1","SubnetId":"subnet-1","ConnectivityType":"private","NatGatewayAddresses":[{"PrivateIp":"10.0.1.9","PublicIp":null},{"PrivateIp":"10.0.1.10"}]}]}"#;
        insta::assert_snapshot!(among(export, "nat-1"), @r"
        nat-1/addressed -> subnet-1/out: reply any packet; as before nat-1/translating
        nat-1/translating -> subnet-1/out: opening ipv4 and icmp; src_ip := 10.0.1.9
        nat-1/translating -> subnet-1/out: opening ipv4 and icmp; src_ip := 10.0.1.10
        nat-1/translating -> subnet-1/out: opening ipv4 and protocol in {tcp, udp}; src_ip := 10.0.1.9, src_port := 1024-65535
        nat-1/translating -> subnet-1/out: opening ipv4 and protocol in {tcp, udp}; src_ip := 10.0.1.10, src_port := 1024-65535
        nat-1/translating -> insufficient-info: [1] opening dst_ip in 64:ff9b::/96 (NAT64 is not modelled)
        subnet-1/inside -> nat-1/addressed: dst_ip in {10.0.1.9, 10.0.1.10}
        ");
    }

    #[test]
    fn missing_subnet_is_said() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"NatGateways":[{"NatGatewayId":"nat-1","VpcId":"vpc-1","SubnetId":"subnet-1","NatGatewayAddresses":[{"PrivateIp":"10.0.1.9"}]}]}"#;
        insta::assert_snapshot!(among(export, "nat-1"), @"nat-1/routed@vpc-1 -> insufficient-info: any packet (`subnet-1` is not in the snapshot)");
    }

    #[test]
    fn what_is_not_available_carries_nothing_for_sure() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"NatGateways":[{"NatGatewayId":"nat-1","VpcId":"vpc-1","SubnetId":"subnet-1","State":"failed"},{"NatGatewayId":"nat-2","VpcId":"vpc-1","SubnetId":"subnet-1","State":"deleting"},{"NatGatewayId":"nat-3","VpcId":"vpc-1","SubnetId":"subnet-1","State":"available","NatGatewayAddresses":[]},{"NatGatewayId":"nat-4","VpcId":"vpc-1","SubnetId":"","State":"available"}]}"#;
        insta::assert_snapshot!(among(export, "nat-"), @r"
        nat-1/routed@vpc-1 -> blackhole: any packet (`nat-1` is failed)
        nat-2/routed@vpc-1 -> insufficient-info: any packet (`nat-2` is deleting)
        nat-3/addressed -> subnet-1/out: reply any packet; as before nat-3/translating
        nat-3/routed@vpc-1 -> nat-3/translating: any packet; uncertain (the network ACL of `subnet-1` is not in the snapshot)
        nat-3/translating -> insufficient-info: any packet (the addresses of `nat-3` are not in the snapshot)
        nat-3/translating -> insufficient-info: [1] opening dst_ip in 64:ff9b::/96 (NAT64 is not modelled)
        nat-4/routed@vpc-1 -> insufficient-info: any packet (`nat-4` is not zonal, and regional NAT gateways are not modelled)
        subnet-1/inside -> nat-3/addressed: no packet
        ");
    }
}
