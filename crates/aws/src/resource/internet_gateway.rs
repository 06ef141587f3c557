//! Internet gateway: the border to the internet, translating public and private IPv4 addresses one to one.
//!
//! Ports: `routed@vpc` takes what route tables send here, `outside` and `arriving` are the two directions of the
//! border, `admitted` holds what was let in and meets the gateway's own route table, if it has one. The translations
//! are connected by the interfaces and NAT gateways that own the addresses.
//!
//! SOURCE: VPC user guide, "Enable internet access using internet gateways" (one-to-one NAT; IPv6 untranslated) and
//! "Gateway route tables"; Reachability Analyzer guide, codes `IGW_*` (RFC 1918 and RFC 6598 dropped both ways,
//! public address needed both ways) (checked 2026-11-23).
use std::sync::Arc;

use graph::{
    Cause, Choice, Disposition, End, Flow, GraphBuilder, Origin, Port, ResourceKey, Rule, Transfer, World,
};
use headerspace::{Field, Match};
use ipnet::IpNet;
use serde::Deserialize;

use super::{
    ADMITTED, ARRIVING, LOCAL, OUTSIDE, Resource, Tags,
    address_set::{address_in, global_unicast, public_ipv4},
    describe,
    nat_gateway::NatGateway,
    network_interface::NetworkInterface,
    nullable, obstacles, optional,
    route_table::RouteTable,
    routed, structure,
    subnet::Subnet,
    vpc::Vpc,
    vpc_block_public_access::{Traveller, Way, by_area},
};
use crate::{Entry, Id, Inventory, Place};

/// An internet gateway, as `describe-internet-gateways` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InternetGateway {
    internet_gateway_id: Id<InternetGateway>,
    #[serde(default, deserialize_with = "optional")]
    owner_id: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    attachments: Vec<Attachment>,
    #[serde(default)]
    tags: Tags,
}

/// The VPC that a gateway belongs to.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attachment {
    #[serde(default, deserialize_with = "optional")]
    vpc_id: Option<Id<Vpc>>,
    #[serde(default, deserialize_with = "optional")]
    state: Option<String>,
}

impl Attachment {
    /// The VPC, unless it is no longer attached.
    pub(super) fn vpc(&self) -> Option<&Id<Vpc>> {
        let holds = self.state.as_deref().is_none_or(|state| matches!(state, "available" | "attached"));
        self.vpc_id.as_ref().filter(|_| holds)
    }
}

/// Where a VPC's public addresses are translated.
pub(super) struct Gateway {
    pub(super) key: ResourceKey,
    /// `None` for the stand-in of an unlisted gateway, which no route names.
    pub(super) routed: Option<Port>,
    pub(super) outside: Port,
    pub(super) arriving: Port,
    pub(super) admitted: Port,
    /// Where it is written.
    pub(super) origin: Option<Origin>,
}

/// The gateways of a VPC: the attached one, or the stand-in if the snapshot does not tell.
pub(super) fn gateways_of(inventory: &Inventory, vpc: &Entry<Vpc>) -> Vec<Gateway> {
    let of = |key: &ResourceKey, origin: Option<Origin>, routed: Option<Port>| Gateway {
        key: key.clone(),
        routed,
        outside: Port::new(key, OUTSIDE),
        arriving: Port::new(key, ARRIVING),
        admitted: Port::new(key, ADMITTED),
        origin,
    };
    if unlisted(inventory, vpc) {
        return vec![of(&vpc.key, vpc.at(""), None)];
    }
    let id = vpc.value.id().as_str();
    attached(inventory, vpc)
        .map(|gateway| of(&gateway.key, gateway.at(""), Some(routed(&gateway.key, id))))
        .collect()
}

fn attached<'i>(
    inventory: &'i Inventory,
    vpc: &Entry<Vpc>,
) -> impl Iterator<Item = &'i Entry<InternetGateway>> + use<'i> {
    let name = format!("attached:{}", vpc.value.id());
    let named = inventory.table::<InternetGateway>().associated(&name, &vpc.place);
    let gateways: Vec<_> = named
        .filter(|gateway| {
            inventory.get(vpc.value.id(), &gateway.place).is_some_and(|meant| meant.key == vpc.key)
        })
        .collect();
    gateways.into_iter()
}

/// Whether the VPC may have a gateway of which the snapshot tells nothing.
pub(super) fn unlisted(inventory: &Inventory, vpc: &Entry<Vpc>) -> bool {
    !inventory.table::<InternetGateway>().complete(&vpc.place) && attached(inventory, vpc).next().is_none()
}

/// Connects what a VPC has at its gateway, or at the stand-in for it, whatever its interfaces: its IPv6 blocks, which
/// are not translated, and the addresses of interfaces of which the snapshot does not tell.
pub(super) fn connect_vpc(
    vpc: &Entry<Vpc>,
    gateway: &ResourceKey,
    routed: Option<&Port>,
    inventory: &Inventory,
    graph: &mut GraphBuilder,
) {
    let blocks: Vec<IpNet> =
        vpc.value.cidrs().into_iter().filter(|net| matches!(net, IpNet::V6(_))).collect();
    let (outside, arriving) = (Port::new(gateway, OUTSIDE), Port::new(gateway, ARRIVING));
    let cause = Cause::new(gateway, Rule::Carries).at(vpc.at(""));
    let ours = |field| {
        let blocks = (!vpc.is_concluded()).then(|| address_in(field, blocks.iter().copied()));
        Match::all_of(blocks.into_iter().chain([global_unicast(field)]))
    };
    if vpc.is_concluded() || !blocks.is_empty() {
        let mut cause = cause.clone();
        if vpc.is_concluded() {
            cause.note = Some(format!("the address blocks of `{}` are not in the snapshot", vpc.value.id()));
        }
        let cause = Arc::new(cause);
        let closed = closed_to_the_internet(vpc, inventory);
        if let Some(closed) = &closed {
            let note = "its `DenyAllIgwTraffic` drops what comes from the internet";
            let cause = Arc::new(Cause::clone(&cause).noting(note));
            graph.connect(&arriving, Disposition::Denied, Transfer::only(closed.clone()), &cause);
        }
        let crossing = |packets| Transfer { certain: !vpc.is_concluded(), ..Transfer::only(packets) };
        let admitted = Port::new(gateway, ADMITTED);
        for (area, ruling) in by_area(inventory, vpc, Traveller::Host) {
            let near = |field| Match::all_of([ours(field), area.matches(field)]);
            if let Some(routed) = routed {
                let leaves = crossing(Match::all_of([near(Field::SrcIp), global_unicast(Field::DstIp)]));
                ruling.connect([routed, &outside], Way::Out, leaves, &cause, graph);
            }
            let enters = Match::all_of([near(Field::DstIp), global_unicast(Field::SrcIp)]);
            let enters = crossing(match &closed {
                Some(closed) => Match::all_of([enters, Match::not(closed.clone())]),
                None => enters,
            });
            ruling.connect([&arriving, &admitted], Way::In, enters, &cause, graph);
        }
    }
    if !inventory.table::<NetworkInterface>().complete(&vpc.place) {
        let note = format!("the network interfaces in `{}` are not fully in the snapshot", vpc.value.id());
        let cause = Arc::new(cause.noting(note));
        let transfer = Transfer::only(to_unknown_addresses(inventory)).for_flow(Flow::Opening);
        graph.connect(&arriving, Disposition::InsufficientInfo, transfer, &cause);
    }
}

/// IPv4 packets from the internet to public addresses of which the snapshot does not tell whose they are.
pub(super) fn to_unknown_addresses(inventory: &Inventory) -> Match {
    let known = known_public(inventory);
    Match::all_of([public_ipv4(Field::SrcIp), public_ipv4(Field::DstIp), Match::not(known)])
}

/// Packets to public IPv4 addresses of which the snapshot tells whose they are.
fn known_public(inventory: &Inventory) -> Match {
    let make = || {
        let interfaces = inventory.table::<NetworkInterface>().iter();
        let known = interfaces.flat_map(|interface| interface.value.public_addresses().into_values());
        let gateways = inventory.table::<NatGateway>().iter();
        let gateways = gateways.flat_map(|nat| nat.value.addresses().filter_map(|(_, public)| public));
        let known = known.map(|(public, _)| public).chain(gateways);
        Match::dst_any_of(known.map(|public| IpNet::from(std::net::IpAddr::V4(public))))
    };
    inventory.once.public.get_or_init(make).clone()
}

/// IPv6 packets to interfaces of the VPC that take nothing from internet gateways, if there are such interfaces.
///
/// SOURCE: EC2 API reference, `NetworkInterface.DenyAllIgwTraffic` (inbound traffic from the internet is dropped)
/// (checked 2026-11-26).
fn closed_to_the_internet(vpc: &Entry<Vpc>, inventory: &Inventory) -> Option<Match> {
    let subnets = inventory.naming::<Subnet, Vpc>("vpc", vpc);
    let interfaces =
        subnets.flat_map(|subnet| inventory.naming::<NetworkInterface, Subnet>("subnet", subnet));
    let closed = interfaces.filter(|interface| interface.value.denies_internet());
    let v6 = closed.flat_map(|interface| interface.value.addresses().collect::<Vec<_>>());
    let v6: Vec<IpNet> = v6.filter(|net| matches!(net, IpNet::V6(_))).collect();
    if v6.is_empty() { None } else { Some(Match::dst_any_of(v6)) }
}

/// Why a gateway with these attachments does not serve `vpc`.
pub(super) fn not_attached<R>(id: &Id<R>, attachments: &[Attachment], vpc: &Id<Vpc>) -> Option<String> {
    let attached = attachments.iter().any(|attachment| attachment.vpc() == Some(vpc));
    (!attached).then(|| format!("`{id}` is not attached to `{vpc}`"))
}

impl InternetGateway {
    fn vpcs<'i>(&self, place: &Place, inventory: &'i Inventory) -> impl Iterator<Item = &'i Entry<Vpc>> {
        let attachments = self.attachments.iter().filter_map(Attachment::vpc);
        attachments.filter_map(move |id| inventory.get(id, place)).collect::<Vec<_>>().into_iter()
    }
}

impl Resource for InternetGateway {
    const TYPE: &'static str = "AWS::EC2::InternetGateway";
    const LIST: &'static str = "InternetGateways";
    const ROUTABLE: bool = true;

    fn id(&self) -> &Id<Self> {
        &self.internet_gateway_id
    }

    fn account(&self) -> Option<&str> {
        self.owner_id.as_deref()
    }

    fn associations(&self) -> Vec<String> {
        self.attachments.iter().filter_map(Attachment::vpc).map(|id| format!("attached:{id}")).collect()
    }

    fn elsewhere(&self, _: &Entry<Self>, vpc: &Id<Vpc>, _: &Inventory) -> Option<String> {
        not_attached(&self.internet_gateway_id, &self.attachments, vpc)
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, None, "internet-gateway", &self.tags);
        resource.within = self.vpcs(&here.place, inventory).map(|vpc| vpc.key.clone()).collect();
        let key = graph.resource(resource);
        for attachment in self.attachments.iter().filter_map(Attachment::vpc) {
            graph.declare(routed(&key, attachment.as_str()), &key, Choice::Any, Disposition::Denied);
        }
        let (outside, arriving) = (Port::new(&key, OUTSIDE), Port::new(&key, ARRIVING));
        graph.declare(arriving.clone(), &key, Choice::Any, Disposition::NoRoute);
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

    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let tables = inventory.table::<RouteTable>();
        let own_table = inventory.naming::<RouteTable, Self>("gateway", here).next();
        for vpc in self.vpcs(&here.place, inventory) {
            let routed = routed(&here.key, vpc.value.id().as_str());
            connect_vpc(vpc, &here.key, Some(&routed), inventory, graph);
            for gateway in gateways_of(inventory, vpc).iter().filter(|it| it.key == here.key) {
                obstacles::offer_forged(vpc, gateway, graph);
            }
            if own_table.is_none() {
                let (admitted, local) = (Port::new(&here.key, ADMITTED), Port::new(&vpc.key, LOCAL));
                if tables.complete(&vpc.place) {
                    graph.connect(&admitted, &local, Transfer::all(), &structure(here));
                } else {
                    let note = format!(
                        "route tables are not fully in the snapshot; `{}` may have one",
                        self.internet_gateway_id
                    );
                    let cause = Arc::new(Cause::structure(&here.key).at(here.at("")).noting(note));
                    graph.connect(&admitted, &local, Transfer::all().uncertain(), &cause);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::resource::among;

    #[test]
    fn ipv6_is_not_translated() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16","Ipv6CidrBlockAssociationSet":[{"Ipv6CidrBlock":"2600:1f00::/56","Ipv6CidrBlockState":{"State":"associated"}}]}],"InternetGateways":[{"InternetGatewayId":"igw-1","Attachments":[{"VpcId":"vpc-1","State":"available"}]}]}"#;
        insta::assert_snapshot!(among(export, "igw-1/"), @r"
        igw-1/admitted -> vpc-1/local: any packet
        igw-1/arriving -> igw-1/admitted: dst_ip in 2600:1f00::/56 and dst_ip in 2000::/3 and src_ip in 2000::/3
        igw-1/routed@vpc-1 -> igw-1/outside: src_ip in 2600:1f00::/56 and src_ip in 2000::/3 and dst_ip in 2000::/3
        ");
    }

    #[test]
    fn detached_gateway_lets_nothing_in() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"InternetGateways":[{"InternetGatewayId":"igw-1","Attachments":[{"VpcId":"vpc-1","State":"detached"}]}]}"#;
        insta::assert_snapshot!(among(export, "igw-1"), @"");
    }

    #[test]
    fn without_all_route_tables_it_may_have_one() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"InternetGateways":[{"InternetGatewayId":"igw-1","Attachments":[{"VpcId":"vpc-1","State":"available"}]}],"RouteTables":[{}]}"#;
        insta::assert_snapshot!(among(export, "igw-1/"), @"igw-1/admitted -> vpc-1/local: any packet; uncertain (route tables are not fully in the snapshot; `igw-1` may have one)");
    }

    #[test]
    fn without_all_interfaces_somebody_may_have_the_address() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"InternetGateways":[{"InternetGatewayId":"igw-1","Attachments":[{"VpcId":"vpc-1","State":"available"}]}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Status":"in-use","Groups":[{"GroupId":"sg-1"}],"Association":{"PublicIp":"3.0.0.5"}},{}]}"#;
        insta::assert_snapshot!(among(export, "igw-1/arriving"), @r"
        igw-1/arriving -> insufficient-info: opening ipv4 and not (src_ip in {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}) and ipv4 and not (dst_ip in {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}) and not (dst_ip 3.0.0.5) (the network interfaces in `vpc-1` are not fully in the snapshot)
        igw-1/arriving -> igw-1/admitted: dst_ip 3.0.0.5 and ipv4 and not (src_ip in {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}); dst_ip := 10.0.1.5
        ");
    }
}
