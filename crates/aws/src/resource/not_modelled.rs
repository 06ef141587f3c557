//! What is recognised but not modelled: it is named wherever packets could pass through it.
//!
//! Routes that name such a thing lead to "insufficient information" already (see `route_table`). Here stands what
//! carries packets without a route that names it: a Verified Access endpoint takes requests from the internet to its
//! target, VPC Lattice takes them from the VPCs of a service network to targets anywhere, and a multicast domain takes
//! packets from its subnets to others. Each leads to "insufficient information" with the destinations that the packets
//! may have got there, so that only questions about those become unknown.
//!
//! Client VPN needs nothing more: what its clients send comes from its network interfaces, which are exported like
//! others. Route servers write routes into route tables, where they are read.
//!
//! SOURCE: Verified Access user guide, "Verified Access endpoints" (targets); VPC Lattice user guide, "How VPC Lattice
//! works" (link-local prefixes 169.254.171.0/24 and fd00:ec2:80::/64); Transit Gateways guide, "Multicast on transit
//! gateways" (association by subnet); Client VPN administrator guide, "How Client VPN works" (source network address
//! translation to the interface in the target subnet); EC2, VPC Lattice and Network Manager API references for the
//! shapes (checked 2026-11-26).
//! GAP: Verified Access, VPC Lattice, transit gateway multicast, Client VPN as an end, Cloud WAN core networks, local
//! gateways and carrier gateways (Wavelength): unknown by name.
//! GAP: which targets a VPC Lattice service has is not read: any address in the snapshot may be one.
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use graph::{Cause, Disposition, End, Flow, GraphBuilder, Origin, Port, ResourceRef, Rule, Transfer, World};
use headerspace::{Family, Field, Match, Ranges, Rewrite};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::Deserialize;

use super::{
    ROUTER, Resource as _, address_set::private_nets, network_interface::NetworkInterface, optional,
    subnet::Subnet, vpc::Vpc,
};
use crate::{Id, Inventory, Place, inventory::Reading};

/// The target of routes that lead to VPC Lattice.
pub(super) const LATTICE: &str = "VpcLattice";

/// Something recognised.
#[derive(Debug)]
pub(crate) struct NotModelled {
    pub(crate) kind: &'static Kind,
    pub(crate) id: String,
    place: Place,
    origin: Origin,
    record: Record,
}

/// A kind of thing that is recognised.
#[derive(Debug)]
pub(crate) struct Kind {
    /// The member of the answer that lists them.
    pub(crate) list: &'static str,
    /// CloudFormation's name of the type.
    pub(crate) name: &'static str,
    /// In words.
    pub(crate) words: &'static str,
    id: fn(&Record) -> Option<&String>,
    carries: Carries,
}

/// How packets get to it that no route leads there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carries {
    Routed,
    FromTheInternet,
    FromVpcs,
    FromSubnets,
}

/// Kinds by list, in order.
pub(crate) const KINDS: &[Kind] = &[
    Kind {
        list: "CarrierGateways",
        name: "AWS::EC2::CarrierGateway",
        words: "carrier gateway",
        id: |record| record.carrier_gateway_id.as_ref(),
        carries: Carries::Routed,
    },
    Kind {
        list: "ClientVpnEndpoints",
        name: "AWS::EC2::ClientVpnEndpoint",
        words: "Client VPN endpoint",
        id: |record| record.client_vpn_endpoint_id.as_ref(),
        carries: Carries::Routed,
    },
    Kind {
        list: "CoreNetworks",
        name: "AWS::NetworkManager::CoreNetwork",
        words: "Cloud WAN core network",
        id: |record| record.core_network_arn.as_ref().or(record.core_network_id.as_ref()),
        carries: Carries::Routed,
    },
    Kind {
        list: "LocalGateways",
        name: "AWS::EC2::LocalGateway",
        words: "local gateway",
        id: |record| record.local_gateway_id.as_ref(),
        carries: Carries::Routed,
    },
    Kind {
        list: "RouteServers",
        name: "AWS::EC2::RouteServer",
        words: "route server",
        id: |record| record.route_server_id.as_ref(),
        carries: Carries::Routed,
    },
    Kind {
        list: "TransitGatewayMulticastDomains",
        name: "AWS::EC2::TransitGatewayMulticastDomain",
        words: "multicast domain",
        id: |record| record.transit_gateway_multicast_domain_id.as_ref(),
        carries: Carries::FromSubnets,
    },
    Kind {
        list: "VerifiedAccessEndpoints",
        name: "AWS::EC2::VerifiedAccessEndpoint",
        words: "Verified Access endpoint",
        id: |record| record.verified_access_endpoint_id.as_ref(),
        carries: Carries::FromTheInternet,
    },
    // The VPC Lattice API calls every list `items`.
    Kind {
        list: "Items",
        name: "AWS::VpcLattice::ServiceNetworkVpcAssociation",
        words: "VPC Lattice association",
        id: |record| record.arn.as_ref().filter(|arn| arn.contains(":servicenetworkvpcassociation/")),
        carries: Carries::FromVpcs,
    },
];

/// What any of them tells.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Record {
    #[serde(default, deserialize_with = "optional")]
    carrier_gateway_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    client_vpn_endpoint_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    core_network_arn: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    core_network_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    local_gateway_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    route_server_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    transit_gateway_multicast_domain_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    verified_access_endpoint_id: Option<String>,
    network_interface_options: Option<InterfaceOptions>,
    #[serde(default, rename = "arn", deserialize_with = "optional")]
    arn: Option<String>,
    #[serde(default, rename = "vpcId", deserialize_with = "optional")]
    vpc_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InterfaceOptions {
    #[serde(default, deserialize_with = "optional")]
    network_interface_id: Option<String>,
}

/// The association of a subnet with a multicast domain.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MulticastAssociation {
    subnet: Option<AssociatedSubnet>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssociatedSubnet {
    #[serde(default, deserialize_with = "optional")]
    subnet_id: Option<String>,
}

/// CloudFormation's names of all kinds that are recognised.
pub fn recognised() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| kind.name)
}

/// Collects what is recognised.
pub(crate) fn records(reading: &mut Reading<'_>, inventory: &mut Inventory) {
    for kind in KINDS {
        for (record, place, origin) in reading.peeks::<Record>(kind.list) {
            let Some(id) = (kind.id)(&record).cloned() else { continue };
            inventory.not_modelled.push(NotModelled { kind, id, place, origin, record });
        }
    }
    let associations = reading.peeks::<MulticastAssociation>("MulticastDomainAssociations");
    inventory.multicast_subnets = associations
        .into_iter()
        .filter_map(|(association, _, _)| association.subnet?.subnet_id)
        .collect::<BTreeSet<String>>();
}

/// What is named so and not modelled, in words.
pub(crate) fn named(inventory: &Inventory, text: &str) -> Option<String> {
    let mut found = inventory.not_modelled.iter();
    let found = found.find(|it| it.id == text || text.ends_with(&format!("/{}", it.id)))?;
    Some(format!("`{text}` is a {}, and those are not modelled", found.kind.words))
}

/// Whether records of this list are counted by kind.
pub(crate) fn words(list: &str, raw: &str) -> Option<&'static str> {
    match KINDS.iter().find(|kind| kind.list == list)? {
        kind if kind.list == "Items" => raw.contains(":vpc-lattice:").then_some("VPC Lattice"),
        kind => Some(kind.words),
    }
}

/// Adds the ends and edges of everything that is recognised.
pub(crate) fn lower(inventory: &Inventory, graph: &mut GraphBuilder) {
    for it in &inventory.not_modelled {
        match it.kind.carries {
            Carries::Routed => it.describe(graph),
            Carries::FromTheInternet => it.let_in(inventory, graph),
            Carries::FromVpcs => it.take_requests(inventory, graph),
            Carries::FromSubnets => it.spread(inventory, graph),
        }
    }
}

impl NotModelled {
    fn describe(&self, graph: &mut GraphBuilder) {
        graph.resource(ResourceRef {
            account: self.place.account.clone(),
            region: self.place.region.clone(),
            label: Some("not modelled".to_owned()),
            arn: Some(self.id.clone()).filter(|id| id.starts_with("arn:")),
            ..ResourceRef::new(self.kind.name, &self.id)
        });
    }

    fn cause(&self) -> Arc<Cause> {
        let note = format!("`{}` ({}) is not modelled", self.id, self.kind.words);
        let key = self.place.key(&self.id);
        Arc::new(Cause::new(&key, Rule::Carries).at(Some(self.origin.clone())).noting(note))
    }

    /// A Verified Access endpoint: an entry from the internet to its target.
    fn let_in(&self, inventory: &Inventory, graph: &mut GraphBuilder) {
        self.describe(graph);
        let key = self.place.key(&self.id);
        let departs = Port::new(&key, "requests");
        graph.declare_end(End {
            resource: key,
            departs: Some(departs.clone()),
            arrives: None,
            answers: None,
            border: true,
            world: World::Internet,
        });
        let targets = self.targets(inventory);
        lose(&departs, &Match::protocol(TCP), targets.as_deref(), 0, inventory, &self.cause(), graph);
    }

    /// The addresses of its target, if that is one interface; what a balancer or a block of addresses stands for may be
    /// anywhere.
    fn targets(&self, inventory: &Inventory) -> Option<Vec<IpNet>> {
        let wanted = self.record.network_interface_options.as_ref();
        if let Some(id) = wanted.and_then(|options| options.network_interface_id.as_ref()) {
            let its = inventory.table::<NetworkInterface>().everywhere(id);
            let its = its.filter(|it| it.place.same_region(&self.place));
            // Behind a load balancer's interface lie others.
            let its = its.filter(|it| !it.value.description().starts_with("ELB "));
            return Some(its.flat_map(|it| it.value.addresses()).collect())
                .filter(|nets: &Vec<_>| !nets.is_empty());
        }
        None
    }

    /// VPC Lattice: requests to its own addresses go to targets of the service network's services.
    fn take_requests(&self, inventory: &Inventory, graph: &mut GraphBuilder) {
        self.describe(graph);
        let vpcs = inventory.table::<Vpc>().iter().filter(|vpc| {
            vpc.place.same_region(&self.place)
                && Some(vpc.value.id().as_str()) == self.record.vpc_id.as_deref()
        });
        for subnet in vpcs.flat_map(|vpc| inventory.naming::<Subnet, Vpc>("vpc", vpc)) {
            let router = Port::new(&subnet.key, ROUTER);
            lose_to_lattice(&router, 0, inventory, &self.cause(), graph);
        }
    }

    /// A multicast domain: packets to a group from one of its subnets reach others.
    fn spread(&self, inventory: &Inventory, graph: &mut GraphBuilder) {
        self.describe(graph);
        let listed = &inventory.multicast_subnets;
        let subnets = inventory.table::<Subnet>().iter().filter(|subnet| {
            // Without a list of associations, any subnet may be in the domain.
            let member = listed.is_empty() || listed.contains(subnet.value.id().as_str());
            member && subnet.place.same_region(&self.place)
        });
        let subnets: Vec<_> = subnets.collect();
        let members: Vec<IpNet> = subnets.iter().flat_map(|subnet| subnet.value.cidrs()).collect();
        let groups =
            Match::dst_any_of(nets([(Ipv4Addr::new(224, 0, 0, 0), 4)], [(Ipv6Addr::from(0xff00 << 112), 8)]));
        for subnet in subnets {
            let router = Port::new(&subnet.key, ROUTER);
            lose(&router, &groups, Some(&members), 0, inventory, &self.cause(), graph);
        }
    }
}

const TCP: u8 = 6;

/// Where VPC Lattice takes requests.
fn lattice_nets() -> Vec<IpNet> {
    let v6 = Ipv6Addr::new(0xfd00, 0xec2, 0x80, 0, 0, 0, 0, 0);
    nets([(Ipv4Addr::new(169, 254, 171, 0), 24)], [(v6, 64)])
}

/// Requests to VPC Lattice at `from`: they may go to any address that the snapshot knows.
pub(super) fn lose_to_lattice(
    from: &Port,
    rank: u32,
    inventory: &Inventory,
    cause: &Arc<Cause>,
    graph: &mut GraphBuilder,
) {
    let requests = Match::all_of([Match::protocol(TCP), Match::dst_any_of(lattice_nets())]);
    lose(from, &requests, None, rank, inventory, cause, graph);
    // Whoever asks for the addresses of VPC Lattice themselves is not told either.
    let transfer = Transfer::only(requests).ranked(rank).for_flow(Flow::Opening);
    graph.connect(from, Disposition::InsufficientInfo, transfer, cause);
}

/// Packets in `guard` go from `from` to `targets` in a way that is not known; `None` is any address that may be in a
/// VPC.
pub(super) fn lose(
    from: &Port,
    guard: &Match,
    targets: Option<&[IpNet]>,
    rank: u32,
    inventory: &Inventory,
    cause: &Arc<Cause>,
    graph: &mut GraphBuilder,
) {
    let by_family =
        targets.map_or_else(|| conceivable(inventory), |targets| by_family(targets.iter().copied()));
    for (family, addresses) in by_family {
        let rewrite = Rewrite::identity().assign(Field::DstIp, addresses);
        let packets = Match::all_of([Match::family(family), guard.clone()]);
        let transfer = Transfer::only(packets).rewriting(rewrite).ranked(rank).for_flow(Flow::Opening);
        graph.connect(from, Disposition::InsufficientInfo, transfer, cause);
    }
}

/// Something takes packets in `guard` at `from`, and what it does with them is not known: they may go on to anybody in a
/// VPC, at any port, from their own address or another.
pub(super) fn lose_behind(
    from: &Port,
    guard: &Match,
    inventory: &Inventory,
    cause: &Arc<Cause>,
    graph: &mut GraphBuilder,
) {
    for (family, addresses) in conceivable(inventory) {
        let kept = Rewrite::identity()
            .assign(Field::DstIp, addresses.clone())
            .assign(Field::DstPort, Ranges::range(1..=65535));
        let proxied = kept
            .clone()
            .assign(Field::Family, Ranges::single(family.value()))
            .assign(Field::SrcIp, addresses)
            .assign(Field::SrcPort, Ranges::range(1024..=65535));
        let of_family = Match::all_of([Match::family(family), guard.clone()]);
        for (guard, rewrite) in [(of_family, kept), (guard.clone(), proxied)] {
            let transfer = Transfer::only(guard).rewriting(rewrite).for_flow(Flow::Opening);
            graph.connect(from, Disposition::InsufficientInfo, transfer, cause);
        }
    }
    let transfer = Transfer::only(guard.clone()).for_flow(Flow::Opening);
    graph.connect(from, Disposition::InsufficientInfo, transfer, cause);
}

/// The same as [`lose`] for targets in other VPCs than this one.
pub(super) fn lose_beyond(
    from: &Port,
    guard: &Match,
    vpc: Option<&Id<Vpc>>,
    inventory: &Inventory,
    cause: &Arc<Cause>,
    graph: &mut GraphBuilder,
) {
    let others = inventory.table::<Vpc>().iter().filter(|other| Some(other.value.id()) != vpc);
    let targets: Vec<IpNet> = others.flat_map(|other| other.value.cidrs()).collect();
    lose(from, guard, Some(&targets), 0, inventory, cause, graph);
}

/// Addresses that somebody in a VPC may have, by family.
pub(super) fn conceivable(inventory: &Inventory) -> BTreeMap<Family, Ranges> {
    let make = || {
        let vpcs = inventory.table::<Vpc>().iter().flat_map(|vpc| vpc.value.cidrs());
        by_family(vpcs.chain(private_nets()).chain(nets([], [(Ipv6Addr::from(0xfc00 << 112), 7)])))
    };
    inventory.once.conceivable.get_or_init(make).clone()
}

fn by_family(targets: impl Iterator<Item = IpNet>) -> BTreeMap<Family, Ranges> {
    let mut by_family = BTreeMap::<Family, Ranges>::new();
    for net in targets {
        let (family, first, last) = match net {
            IpNet::V4(net) => (Family::V4, net.network().to_bits().into(), net.broadcast().to_bits().into()),
            IpNet::V6(net) => (Family::V6, net.network().to_bits(), net.broadcast().to_bits()),
        };
        let ranges = by_family.entry(family).or_insert_with(Ranges::empty);
        *ranges = ranges.union(&Ranges::range(first..=last));
    }
    by_family
}

fn nets<const A: usize, const B: usize>(v4: [(Ipv4Addr, u8); A], v6: [(Ipv6Addr, u8); B]) -> Vec<IpNet> {
    let v4 = v4.into_iter().filter_map(|(address, length)| Ipv4Net::new(address, length).ok()).map(IpNet::V4);
    let v6 = v6.into_iter().filter_map(|(address, length)| Ipv6Net::new(address, length).ok()).map(IpNet::V6);
    v4.chain(v6).collect()
}

#[cfg(test)]
mod tests {
    use crate::resource::among;

    const VPC: &str = r#""Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"},{"SubnetId":"subnet-2","VpcId":"vpc-1","CidrBlock":"10.0.2.0/24"}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Groups":[]}]"#;

    #[test]
    fn a_verified_access_endpoint_is_an_entry_from_the_internet_to_its_target() {
        let export = format!(
            r#"{{{VPC},"VerifiedAccessEndpoints":[{{"VerifiedAccessEndpointId":"vae-1","EndpointType":"network-interface","NetworkInterfaceOptions":{{"NetworkInterfaceId":"eni-1","Port":443}}}},{{"VerifiedAccessEndpointId":"vae-2","EndpointType":"cidr","CidrOptions":{{"Cidr":"10.0.0.0/8"}}}}]}}"#
        );
        insta::assert_snapshot!(among(&export, "vae-"), @r"
        vae-1/requests -> insufficient-info: opening ipv4 and tcp; dst_ip := 10.0.1.5 (`vae-1` (Verified Access endpoint) is not modelled)
        vae-2/requests -> insufficient-info: opening ipv4 and tcp; dst_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16} (`vae-2` (Verified Access endpoint) is not modelled)
        vae-2/requests -> insufficient-info: opening ipv6 and tcp; dst_ip := fc00::/7 (`vae-2` (Verified Access endpoint) is not modelled)
        ");
    }

    #[test]
    fn lattice_carries_requests_from_the_vpcs_of_a_service_network() {
        let export = format!(
            r#"{{{VPC},"items":[{{"arn":"arn:aws:vpc-lattice:eu-west-1:111122223333:servicenetworkvpcassociation/snva-1","id":"snva-1","vpcId":"vpc-1","status":"ACTIVE"}},{{"arn":"arn:aws:vpc-lattice:eu-west-1:111122223333:service/svc-1","id":"svc-1"}}]}}"#
        );
        insta::assert_snapshot!(among(&export, "Lattice"), @"
        subnet-1/router -> insufficient-info: opening ipv4 and tcp and (dst_ip in 169.254.171.0/24 or dst_ip in fd00:ec2:80::/64); dst_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16} (`arn:aws:vpc-lattice:eu-west-1:111122223333:servicenetworkvpcassociation/snva-1` (VPC Lattice association) is not modelled)
        subnet-1/router -> insufficient-info: opening ipv6 and tcp and (dst_ip in 169.254.171.0/24 or dst_ip in fd00:ec2:80::/64); dst_ip := fc00::/7 (`arn:aws:vpc-lattice:eu-west-1:111122223333:servicenetworkvpcassociation/snva-1` (VPC Lattice association) is not modelled)
        subnet-1/router -> insufficient-info: opening tcp and (dst_ip in 169.254.171.0/24 or dst_ip in fd00:ec2:80::/64) (`arn:aws:vpc-lattice:eu-west-1:111122223333:servicenetworkvpcassociation/snva-1` (VPC Lattice association) is not modelled)
        subnet-2/router -> insufficient-info: opening ipv4 and tcp and (dst_ip in 169.254.171.0/24 or dst_ip in fd00:ec2:80::/64); dst_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16} (`arn:aws:vpc-lattice:eu-west-1:111122223333:servicenetworkvpcassociation/snva-1` (VPC Lattice association) is not modelled)
        subnet-2/router -> insufficient-info: opening ipv6 and tcp and (dst_ip in 169.254.171.0/24 or dst_ip in fd00:ec2:80::/64); dst_ip := fc00::/7 (`arn:aws:vpc-lattice:eu-west-1:111122223333:servicenetworkvpcassociation/snva-1` (VPC Lattice association) is not modelled)
        subnet-2/router -> insufficient-info: opening tcp and (dst_ip in 169.254.171.0/24 or dst_ip in fd00:ec2:80::/64) (`arn:aws:vpc-lattice:eu-west-1:111122223333:servicenetworkvpcassociation/snva-1` (VPC Lattice association) is not modelled)
        ! `Items` (VPC Lattice, 2 records) is not modelled
        ");
    }

    #[test]
    fn multicast_reaches_the_subnets_of_its_domain() {
        let domain =
            r#""TransitGatewayMulticastDomains":[{"TransitGatewayMulticastDomainId":"tgw-mcast-domain-1"}]"#;
        let export = format!(r"{{{VPC},{domain}}}");
        let all = among(&export, "multicast domain");
        let export = format!(
            r#"{{{VPC},{domain},"MulticastDomainAssociations":[{{"ResourceId":"vpc-1","Subnet":{{"SubnetId":"subnet-2"}}}}]}}"#
        );
        insta::assert_snapshot!(format!("{all}\n\n{}", among(&export, "multicast domain")), @r"
        subnet-1/router -> insufficient-info: opening ipv4 and (dst_ip in 224.0.0.0/4 or dst_ip in ff00::/8); dst_ip := {10.0.1.0/24, 10.0.2.0/24} (`tgw-mcast-domain-1` (multicast domain) is not modelled)
        subnet-2/router -> insufficient-info: opening ipv4 and (dst_ip in 224.0.0.0/4 or dst_ip in ff00::/8); dst_ip := {10.0.1.0/24, 10.0.2.0/24} (`tgw-mcast-domain-1` (multicast domain) is not modelled)
        ! `TransitGatewayMulticastDomains` (multicast domain, 1 records) is not modelled

        subnet-2/router -> insufficient-info: opening ipv4 and (dst_ip in 224.0.0.0/4 or dst_ip in ff00::/8); dst_ip := 10.0.2.0/24 (`tgw-mcast-domain-1` (multicast domain) is not modelled)
        ! `TransitGatewayMulticastDomains` (multicast domain, 1 records) is not modelled
        ");
    }

    #[test]
    fn routes_lead_there_by_name() {
        let export = format!(
            r#"{{{VPC},"CarrierGateways":[{{"CarrierGatewayId":"cagw-1","VpcId":"vpc-1"}}],"RouteTables":[{{"RouteTableId":"rtb-1","VpcId":"vpc-1","Associations":[{{"SubnetId":"subnet-1"}}],"Routes":[{{"DestinationCidrBlock":"0.0.0.0/0","CarrierGatewayId":"cagw-1"}},{{"DestinationPrefixListId":"pl-1","GatewayId":"VpcLattice"}}]}}]}}"#
        );
        insta::assert_snapshot!(among(&export, "subnet-1/router"), @"
        subnet-1/leaving -> subnet-1/router: any packet; uncertain (the network ACL of `subnet-1` is not in the snapshot)
        subnet-1/router -> insufficient-info: opening ipv4 and tcp and (dst_ip in 169.254.171.0/24 or dst_ip in fd00:ec2:80::/64); dst_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16} (routes to VPC Lattice are not modelled)
        subnet-1/router -> insufficient-info: opening ipv6 and tcp and (dst_ip in 169.254.171.0/24 or dst_ip in fd00:ec2:80::/64); dst_ip := fc00::/7 (routes to VPC Lattice are not modelled)
        subnet-1/router -> insufficient-info: opening tcp and (dst_ip in 169.254.171.0/24 or dst_ip in fd00:ec2:80::/64) (routes to VPC Lattice are not modelled)
        subnet-1/router -> vpc-1/local: [67] dst_ip in 10.0.0.0/16
        subnet-1/router -> insufficient-info: [129] dst_ip in 0.0.0.0/0 (routes to `cagw-1` are not modelled)
        ");
    }
}
