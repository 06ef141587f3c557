//! Network interface: sends from and receives at its own addresses, through the filters of its security groups.
//!
//! Ports `send` and `receive` are the ends; `passing` holds what an appliance that is trusted to forward takes on behalf
//! of others: it comes in past the filters of the subnet and the groups, and leaves as if the appliance had sent it.
//! Interfaces in the same subnet that carry the same groups share the nodes of their filters (`groups[sg-1,sg-2]/…`, which
//! belong to the subnet): what nothing can tell apart is one node.
//! Public IPv4 addresses are translated one to one at the VPC's internet gateway; that association is connected here.
//!
//! SOURCE: EC2 user guide, "Elastic network interfaces" (source/destination check); VPC user guide, "Internet
//! gateways" (one-to-one NAT) and "Security groups" (several groups: union of their rules); Reachability Analyzer
//! guide, `ENI_ADDRESS_RESTRICTION`, `ENI_SOURCE_DEST_CHECK_RESTRICTION`, `IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS`
//! (an interface that is not attached cannot be reached) (checked 2026-11-23).
//! GAP: an interface without source/destination check may forward; what it does with packets of others is unknown,
//! unless appliances are assumed to forward everything unchanged.
//! GAP: carrier addresses (Wavelength) and customer-owned addresses (Outposts) are not translated.
//! GAP: whether the instance is running, and whether anything listens, is not considered.
use graph::{
    Cause, Choice, Control, Direction, Disposition, End, Flow, GraphBuilder, Obstacle, Port, ResourceKey,
    Rule, Transfer,
};
use headerspace::{Field, Match, Ranges, Rewrite};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use super::{
    INSIDE, LOCAL, OUT, Resource, Tags, describe,
    instance::{self, Instance},
    load_balancer,
    nat_gateway::NatGateway,
    network_acl, nullable, obstacles, openings, optional, public_address, region_of_zone, routed,
    security_group::SecurityGroup,
    serves, structure,
    subnet::Subnet,
    vpc::Vpc,
    vpc_block_public_access::Traveller,
    vpc_endpoint::{self, VpcEndpoint},
};
use crate::{
    Entry, Id, Inventory,
    inventory::{Appliances, Reading, Records},
};

/// Where packets of others stand that a trusted appliance takes.
const PASSING: &str = "passing";

/// A network interface, as `describe-network-interfaces` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NetworkInterface {
    network_interface_id: Id<NetworkInterface>,
    #[serde(default, deserialize_with = "optional")]
    subnet_id: Option<Id<Subnet>>,
    #[serde(default, deserialize_with = "optional")]
    vpc_id: Option<Id<Vpc>>,
    #[serde(default, deserialize_with = "optional")]
    owner_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    availability_zone: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    private_ip_address: Option<Ipv4Addr>,
    #[serde(default, deserialize_with = "nullable")]
    private_ip_addresses: Vec<PrivateAddress>,
    #[serde(default, deserialize_with = "nullable")]
    ipv6_addresses: Vec<Ipv6Address>,
    #[serde(default, deserialize_with = "nullable")]
    ipv4_prefixes: Vec<Ipv4Prefix>,
    #[serde(default, deserialize_with = "nullable")]
    ipv6_prefixes: Vec<Ipv6Prefix>,
    association: Option<Association>,
    groups: Option<Vec<GroupName>>,
    source_dest_check: Option<bool>,
    requester_managed: Option<bool>,
    deny_all_igw_traffic: Option<bool>,
    #[serde(default, deserialize_with = "optional")]
    status: Option<String>,
    attachment: Option<Attachment>,
    #[serde(default, deserialize_with = "optional")]
    interface_type: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    description: String,
    #[serde(default)]
    tag_set: Tags,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PrivateAddress {
    #[serde(default, deserialize_with = "optional")]
    private_ip_address: Option<Ipv4Addr>,
    association: Option<Association>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Association {
    #[serde(default, deserialize_with = "optional")]
    public_ip: Option<Ipv4Addr>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Ipv6Address {
    ipv6_address: Ipv6Addr,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Ipv4Prefix {
    ipv4_prefix: Ipv4Net,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Ipv6Prefix {
    ipv6_prefix: Ipv6Net,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GroupName {
    group_id: Id<SecurityGroup>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attachment {
    #[serde(default, deserialize_with = "optional")]
    instance_id: Option<Id<Instance>>,
    device_index: Option<u32>,
    #[serde(default, deserialize_with = "optional")]
    instance_owner_id: Option<String>,
}

/// What an interface is used for decides whether it opens and takes conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Sends and receives.
    Host,
    /// Receives and answers only: an endpoint opens no conversations into its VPC, and what a Network or Gateway Load
    /// Balancer sends are its clients' packets (see `balancing`).
    /// SOURCE: Reachability Analyzer guide, `VPCE_INTRA_VPC_TRAFFIC`; Network Access Analyzer guide, "How Network
    /// Access Analyzer works" (no finding starts or ends at a Network Load Balancer's interface).
    Listener,
    /// Belongs to a component that has ports of its own.
    Component,
}

impl NetworkInterface {
    fn role(here: &Entry<Self>, inventory: &Inventory) -> Role {
        let this = &here.value;
        // Old exports call the interface of a NAT gateway an ordinary one.
        let nat = this.description.starts_with("Interface for NAT Gateway ")
            || inventory.naming::<NatGateway, Self>("interface", here).next().is_some();
        match this.interface_type.as_deref().unwrap_or("interface") {
            "nat_gateway" | "natGateway" | "transit_gateway" | "gateway_load_balancer_endpoint" => {
                Role::Component
            }
            "vpc_endpoint" | "network_load_balancer" | "gateway_load_balancer" => Role::Listener,
            _ if this.is_of_network_balancer() => Role::Listener,
            _ if nat => Role::Component,
            _ => Role::Host,
        }
    }

    /// Whether it is what a transit gateway attachment has in its subnet. Its description names the attachment.
    pub(super) fn is_of_attachment(&self, attachment: &str) -> bool {
        let names = |text: &str| self.description.contains(text);
        self.interface_type.as_deref() == Some("transit_gateway")
            && (names(attachment) || !names("tgw-attach-"))
    }

    /// The same interface as an instance lists it: attached to the instance, in its zone.
    pub(crate) fn of_instance(mut self, instance: &Id<Instance>, zone: Option<&str>) -> Self {
        let device_index = self.device_index();
        self.attachment =
            Some(Attachment { instance_id: Some(instance.clone()), device_index, instance_owner_id: None });
        self.availability_zone = self.availability_zone.or_else(|| zone.map(str::to_owned));
        self
    }

    /// Its place among the interfaces of its instance; 0 is the primary one.
    pub(super) fn device_index(&self) -> Option<u32> {
        self.attachment.as_ref().and_then(|attachment| attachment.device_index)
    }

    /// Whether it belongs to a Network or Gateway Load Balancer.
    pub(super) fn is_of_network_balancer(&self) -> bool {
        let name = load_balancer::name_in(&self.description);
        name.is_some_and(|name| name.starts_with("net/") || name.starts_with("gwy/"))
    }

    /// Whether it belongs to a balancer which its description, perhaps left out of the export, does not name.
    ///
    /// SOURCE: EC2 API reference, `NetworkInterface.InterfaceType` and `NetworkInterfaceAttachment.InstanceOwnerId`; ELB
    /// user guides, "Network interfaces of your load balancer" (owner `amazon-elb`) (checked 2026-11-26).
    pub(super) fn is_of_unnamed_balancer(&self) -> bool {
        let owner = self.attachment.as_ref().and_then(|attachment| attachment.instance_owner_id.as_deref());
        let kind = self.interface_type.as_deref();
        load_balancer::name_in(&self.description).is_none()
            && (owner == Some("amazon-elb")
                || matches!(kind, Some("network_load_balancer" | "gateway_load_balancer")))
    }

    /// Whether it belongs to a managed service, and not to an instance or a component that has a record of its own.
    ///
    /// SOURCE: EC2 API reference, `NetworkInterface.RequesterManaged` and `InterfaceType`,
    /// `NetworkInterfaceAttachment.InstanceOwnerId` (`amazon-rds`, or the account of the service) (checked 2026-11-27).
    pub(super) fn is_managed(here: &Entry<Self>, inventory: &Inventory) -> bool {
        let this = &here.value;
        let kind = this.interface_type.as_deref().unwrap_or("interface");
        let ordinary = matches!(kind, "interface" | "efa" | "efa-only" | "trunk" | "branch");
        let attached_by = this.attachment.as_ref().and_then(|it| it.instance_owner_id.as_deref());
        let another = attached_by.is_some_and(|by| match &this.owner_id {
            Some(owner) => by != owner,
            None => by.starts_with("amazon-"),
        });
        let by_service = !ordinary || another || this.requester_managed == Some(true);
        this.instance().is_none() && by_service && Self::role(here, inventory) != Role::Component
    }

    /// Whether it belongs to an interface endpoint.
    pub(super) fn is_of_endpoint(&self) -> bool {
        self.interface_type.as_deref() == Some("vpc_endpoint")
    }

    /// The subnet it is in.
    pub(super) fn subnet(&self) -> Option<&Id<Subnet>> {
        self.subnet_id.as_ref()
    }

    /// Whether it takes nothing from internet gateways over IPv6.
    pub(super) fn denies_internet(&self) -> bool {
        self.deny_all_igw_traffic == Some(true)
    }

    /// What it is for, as AWS or its owner wrote it.
    pub(super) fn description(&self) -> &str {
        &self.description
    }

    /// Its primary private address of one family.
    pub(super) fn primary_address(&self, ipv6: bool) -> Option<IpAddr> {
        if ipv6 {
            return self.ipv6_addresses.first().map(|address| IpAddr::V6(address.ipv6_address));
        }
        self.private_ip_address.or_else(|| self.private_ipv4().next()).map(IpAddr::V4)
    }

    fn instance(&self) -> Option<&Id<Instance>> {
        self.attachment.as_ref().and_then(|attachment| attachment.instance_id.as_ref())
    }

    /// The instance that it is attached to.
    pub(super) fn instance_key(&self, here: &Entry<Self>, inventory: &Inventory) -> Option<ResourceKey> {
        self.instance().map(|id| inventory.key_of(id, &here.place))
    }

    fn private_ipv4(&self) -> impl Iterator<Item = Ipv4Addr> {
        let listed = self.private_ip_addresses.iter().filter_map(|address| address.private_ip_address);
        let first = self.private_ip_address.filter(|first| !listed.clone().any(|address| address == *first));
        first.into_iter().chain(listed)
    }

    /// Its own addresses and delegated prefixes, of both families, without public IPv4 addresses.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = IpNet> {
        let v4 = self.private_ipv4().map(|address| IpNet::from(std::net::IpAddr::V4(address)));
        let v6 = self.ipv6_addresses.iter().map(|a| IpNet::from(std::net::IpAddr::V6(a.ipv6_address)));
        let prefixes4 = self.ipv4_prefixes.iter().map(|p| IpNet::V4(p.ipv4_prefix.trunc()));
        let prefixes6 = self.ipv6_prefixes.iter().map(|p| IpNet::V6(p.ipv6_prefix.trunc()));
        v4.chain(prefixes4).chain(v6).chain(prefixes6)
    }

    /// Private addresses with their public ones.
    pub(crate) fn public_addresses(&self) -> BTreeMap<Ipv4Addr, (Ipv4Addr, String)> {
        let mut found = BTreeMap::new();
        for (index, address) in self.private_ip_addresses.iter().enumerate() {
            let public = address.association.as_ref().and_then(|association| association.public_ip);
            if let (Some(private), Some(public)) = (address.private_ip_address, public) {
                found.insert(private, (public, format!("/PrivateIpAddresses/{index}/Association")));
            }
        }
        let public = self.association.as_ref().and_then(|association| association.public_ip);
        if let (Some(private), Some(public)) = (self.private_ip_address, public) {
            found.entry(private).or_insert((public, "/Association".to_owned()));
        }
        found
    }

    /// Whether it is attached to anything. Only an export that says otherwise counts.
    /// SOURCE: EC2 user guide, "Elastic network interfaces": `available` is not attached (checked 2026-11-23).
    pub(super) fn is_attached(&self) -> bool {
        self.status.as_deref().is_none_or(|status| status != "available")
    }

    /// Its id as text.
    pub(super) fn network_interface_id(&self) -> &str {
        self.network_interface_id.as_str()
    }

    /// The subnet it is in.
    pub(super) fn subnet_id(&self) -> Option<&str> {
        self.subnet_id.as_ref().map(Id::as_str)
    }

    /// Whether it takes packets of others.
    pub(super) fn forwards(&self) -> bool {
        self.source_dest_check == Some(false) && self.is_attached()
    }

    /// Whether it passes everything: it may carry security groups, and has none. Those of instances always have.
    /// SOURCE: EC2 API reference, `CreateNetworkInterface` (checked 2026-11-23).
    fn is_unfiltered(&self) -> bool {
        let ordinary = self.interface_type.as_deref().is_none_or(|kind| kind == "interface")
            && !self.is_of_network_balancer();
        self.groups.as_ref().is_some_and(Vec::is_empty) && !ordinary
    }

    /// Its security groups with where each is written in the record.
    pub(crate) fn groups(&self) -> impl Iterator<Item = (&Id<SecurityGroup>, String)> {
        let groups = self.groups.iter().flatten().enumerate();
        groups.map(|(at, group)| (&group.group_id, format!("/Groups/{at}/GroupId")))
    }

    fn group_ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self.groups.iter().flatten().map(|group| group.group_id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

/// The two filters that interfaces with the same groups in the same subnet share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Filters {
    egress: [Port; 2],
    ingress: [Port; 2],
}

impl Filters {
    /// The filters of an interface.
    pub(super) fn of(interface: &Entry<NetworkInterface>, inventory: &Inventory) -> Self {
        Self::called(interface, "", inventory)
    }

    /// The same filters once more, for what comes to a balancer through an endpoint service: its packets are forwarded
    /// otherwise than those that come directly.
    pub(super) fn linked(interface: &Entry<NetworkInterface>, inventory: &Inventory) -> Self {
        Self::called(interface, "linked-", inventory)
    }

    fn called(interface: &Entry<NetworkInterface>, prefix: &str, inventory: &Inventory) -> Self {
        let subnet = subnet_key(interface, inventory);
        let groups = match &interface.value.groups {
            Some(groups) if !groups.is_empty() => interface.value.group_ids().join(","),
            _ if interface.value.is_unfiltered() => String::new(),
            _ => "?".to_owned(),
        };
        // What passes through an appliance meets the same rules, but is not addressed to it.
        let own = if is_trusted(interface, inventory) {
            format!("@{}", interface.value.network_interface_id)
        } else {
            String::new()
        };
        let port = |name: &str| Port::new(&subnet, format!("groups[{groups}]{own}/{name}"));
        Self {
            egress: [port("sending"), port("sent")],
            ingress: [port(&format!("{prefix}received")), port(&format!("{prefix}accepted"))],
        }
    }

    /// The distinct filters that the group takes part in, sorted.
    pub(super) fn with_group(inventory: &Inventory, group: &Entry<SecurityGroup>) -> Vec<Self> {
        let members = inventory.naming::<NetworkInterface, SecurityGroup>("group", group);
        let mut filters: Vec<Self> = members
            .flat_map(|interface| {
                let linked = load_balancer::filters_linked(interface, inventory);
                let linked = linked.then(|| Self::linked(interface, inventory));
                std::iter::once(Self::of(interface, inventory)).chain(linked)
            })
            .collect();
        filters.sort();
        filters.dedup();
        filters
    }

    /// Where packets enter and leave the filter of this direction.
    pub(super) fn ports(&self, direction: Direction) -> &[Port; 2] {
        match direction {
            Direction::Egress => &self.egress,
            Direction::Ingress => &self.ingress,
        }
    }
}

/// Whether it is an appliance that is taken to forward packets of others.
fn is_trusted(here: &Entry<NetworkInterface>, inventory: &Inventory) -> bool {
    inventory.assumptions.appliances == Appliances::Trusted && here.value.forwards()
}

/// The key of the subnet that an interface is in.
pub(super) fn subnet_key(here: &Entry<NetworkInterface>, inventory: &Inventory) -> ResourceKey {
    let id = here.value.subnet_id.as_ref();
    let known = id.and_then(|id| inventory.get(id, &here.place)).map(|subnet| subnet.key.clone());
    known.unwrap_or_else(|| here.place.key(id.map_or("", Id::as_str)))
}

/// The subnet that an interface is in, if it is in the snapshot.
pub(crate) fn subnet_of<'i>(
    here: &Entry<NetworkInterface>,
    inventory: &'i Inventory,
) -> Option<&'i Entry<Subnet>> {
    here.value.subnet_id.as_ref().and_then(|id| inventory.get(id, &here.place))
}

/// The VPC that an interface is in.
pub(super) fn vpc_of<'i>(here: &Entry<NetworkInterface>, inventory: &'i Inventory) -> Option<&'i Entry<Vpc>> {
    let subnet = here.value.subnet_id.as_ref().and_then(|id| inventory.get(id, &here.place));
    match (&here.value.vpc_id, subnet) {
        (Some(id), _) => inventory.get(id, &here.place),
        (None, Some(subnet)) => inventory.get(subnet.value.vpc(), &subnet.place),
        (None, None) => None,
    }
}

impl Resource for NetworkInterface {
    const TYPE: &'static str = "AWS::EC2::NetworkInterface";
    const LIST: &'static str = "NetworkInterfaces";
    const OWN: bool = true;
    const ROUTABLE: bool = true;

    fn id(&self) -> &Id<Self> {
        &self.network_interface_id
    }

    fn account(&self) -> Option<&str> {
        self.owner_id.as_deref()
    }

    fn region(&self) -> Option<String> {
        region_of_zone(self.availability_zone.as_deref())
    }

    fn also(reading: &mut Reading<'_>, records: &mut Records<Self>) {
        instance::interfaces(reading, records);
    }

    fn associations(&self) -> Vec<String> {
        let groups = self.group_ids().into_iter().map(|id| format!("group:{id}"));
        let subnet = self.subnet_id.iter().map(|id| format!("subnet:{id}"));
        let instance = self.instance().map(|id| format!("instance:{id}"));
        let balancer = load_balancer::name_in(&self.description).map(|name| format!("balancer:{name}"));
        let v4 = self.private_ipv4().map(IpAddr::V4);
        let addresses = v4.chain(self.ipv6_addresses.iter().map(|a| IpAddr::V6(a.ipv6_address)));
        let addresses = addresses.map(|address| format!("address:{address}"));
        groups.chain(subnet).chain(instance).chain(balancer).chain(addresses).collect()
    }

    fn elsewhere(&self, here: &Entry<Self>, vpc: &Id<Vpc>, inventory: &Inventory) -> Option<String> {
        let id = &self.network_interface_id;
        if !self.is_attached() {
            return Some(format!("`{id}` is not attached to anything"));
        }
        let own = vpc_of(here, inventory).map(|vpc| vpc.value.id()).or(self.vpc_id.as_ref())?;
        (own != vpc).then(|| format!("`{id}` is not in `{vpc}`"))
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, None, "network-interface", &self.tag_set);
        let described = Some(self.description.clone()).filter(|text| !text.is_empty());
        resource.label = serves::label(here, inventory).or(described);
        let subnet = self.subnet_id.as_ref().map(|_| subnet_key(here, inventory));
        let vpc = vpc_of(here, inventory).map(|vpc| vpc.key.clone());
        let vpc = vpc.or_else(|| self.vpc_id.as_ref().map(|id| here.place.key(id.as_str())));
        let instance = self.instance_key(here, inventory);
        let groups = self.groups.iter().flatten().map(|group| inventory.key_of(&group.group_id, &here.place));
        let balancer = load_balancer::of_interface(&self.description, here, inventory, graph);
        let endpoints =
            inventory.naming::<VpcEndpoint, Self>("interface", here).map(|endpoint| endpoint.key.clone());
        let members = groups.chain(balancer).chain(endpoints);
        resource.within = subnet.clone().into_iter().chain(vpc).chain(instance).chain(members).collect();
        let key = graph.resource(resource);
        let role = Self::role(here, inventory);
        let (send, receive) = (Port::new(&key, "send"), Port::new(&key, "receive"));
        if role == Role::Component {
            // Nobody opens conversations with it, nor it with anybody: no edge leads to or from this end.
            graph.declare_end(End { departs: None, answers: None, ..End::host(key, send, receive) });
            return;
        }
        let departs = (role == Role::Host).then(|| send.clone());
        graph.declare_end(End { departs, ..End::host(key.clone(), send, receive) });
        let filters = Filters::of(here, inventory);
        let owner = subnet.unwrap_or(key);
        for [from, to] in [&filters.egress, &filters.ingress] {
            graph.declare(from.clone(), &owner, Choice::Any, Disposition::Denied);
            graph.declare(to.clone(), &owner, Choice::Any, Disposition::NoRoute);
        }
    }

    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        if Self::role(here, inventory) == Role::Component {
            return;
        }
        let own: Vec<IpNet> = self.addresses().collect();
        if !self.is_attached() {
            let note = format!("`{}` is not attached to anything", self.network_interface_id);
            let cause = Arc::new(Cause::structure(&here.key).at(here.at("/Status")).noting(note));
            graph.connect(&Port::new(&here.key, "send"), Disposition::NoRoute, Transfer::all(), &cause);
            if self.subnet_id.as_ref().is_some_and(|id| inventory.get(id, &here.place).is_some()) {
                let inside = Port::new(&subnet_key(here, inventory), INSIDE);
                let for_me = Transfer::only(Match::dst_any_of(own));
                graph.connect(&inside, Disposition::NoRoute, for_me, &cause);
            }
            let text = "is not attached to anything";
            let control = Control::obstacle(&here.key, Obstacle::State, text, here.at("/Status"));
            graph.offered(&control, |graph| self.connect_attached(here, inventory, graph));
            return;
        }
        self.connect_attached(here, inventory, graph);
    }
}

impl NetworkInterface {
    /// What it sends and receives while it is attached.
    fn connect_attached(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let cause = structure(here);
        let own: Vec<IpNet> = self.addresses().collect();
        let checked = self.source_dest_check != Some(false);
        let (filters, subnet) = (Filters::of(here, inventory), subnet_key(here, inventory));

        let sends = if checked { Match::src_any_of(own.iter().copied()) } else { Match::All };
        graph.connect(&Port::new(&here.key, "send"), &filters.egress[0], Transfer::only(sends), &cause);
        let for_me = Transfer::only(Match::dst_any_of(own.iter().copied()));
        graph.connect(&filters.ingress[1], &Port::new(&here.key, "receive"), for_me.clone(), &cause);

        connect_filters(here, &[&filters.egress, &filters.ingress], inventory, graph);
        load_balancer::connect_unrecorded(here, &filters.ingress[1], inventory, graph);
        vpc_endpoint::connect_unrecorded(here, &filters.ingress[1], inventory, graph);
        let shared = Arc::new(Cause::structure(&subnet));
        graph.connect(&filters.egress[1], &Port::new(&subnet, OUT), Transfer::all(), &shared);

        let in_subnet = self.subnet_id.as_ref().is_some_and(|id| inventory.get(id, &here.place).is_some());
        if in_subnet {
            graph.connect(&Port::new(&subnet, INSIDE), &filters.ingress[0], for_me, &cause);
        } else if let Some(vpc) = vpc_of(here, inventory) {
            let id = self.subnet_id.as_ref().map_or("its subnet", Id::as_str);
            let cause = Arc::new(
                Cause::structure(&here.key).at(here.at("")).noting(format!("`{id}` is not in the snapshot")),
            );
            graph.connect(&Port::new(&vpc.key, LOCAL), Disposition::InsufficientInfo, for_me, &cause);
        }
        self.connect_routes(here, inventory, checked, graph);
        for (private, (public, pointer)) in self.public_addresses() {
            let cause = Cause::new(&here.key, Rule::Structure).at(here.at(pointer));
            let (vpc, cause) = (vpc_of(here, inventory), Arc::new(cause));
            public_address::connect(Traveller::Host, vpc, [private, public], &cause, inventory, graph);
        }
        openings::offer_public(here, inventory, graph);
        if checked {
            obstacles::offer_unchecked(here, inventory, graph);
        }
    }
}

/// What passes filters whatever the rules of their groups say. Interfaces behind the same filters have it in common:
/// equal edges are kept once.
pub(super) fn connect_filters(
    here: &Entry<NetworkInterface>,
    filters: &[&[Port; 2]],
    inventory: &Inventory,
    graph: &mut GraphBuilder,
) {
    let (this, subnet) = (&here.value, subnet_key(here, inventory));
    let shared = Arc::new(Cause::structure(&subnet));
    let established = Arc::new(Cause::new(&subnet, Rule::Established));
    for [from, to] in filters {
        graph.connect(from, to, Transfer::all().for_flow(Flow::Reply), &established);
        if here.value.is_unfiltered() {
            graph.connect(from, to, Transfer::all().for_flow(Flow::Opening), &shared);
        }
    }
    let unknown: Vec<String> = match &this.groups {
        Some(groups) if !groups.is_empty() => here
            .value
            .group_ids()
            .into_iter()
            .filter(|id| inventory.get(&Id::<SecurityGroup>::new(*id), &here.place).is_none())
            .map(|id| format!("security group `{id}` is not in the snapshot"))
            .collect(),
        _ if here.value.is_unfiltered() => Vec::new(),
        _ => vec!["its security groups are not in the snapshot".to_owned()],
    };
    for note in unknown {
        let cause = Arc::new(Cause::structure(&subnet).noting(note));
        for [from, to] in filters {
            graph.connect(from, to, Transfer::all().for_flow(Flow::Opening).uncertain(), &cause);
        }
    }
}

impl NetworkInterface {
    /// What route tables send to the interface as a forwarder.
    fn connect_routes(
        &self,
        here: &Entry<Self>,
        inventory: &Inventory,
        checked: bool,
        graph: &mut GraphBuilder,
    ) {
        let Some(vpc) = vpc_of(here, inventory) else { return };
        let instance = self.instance_key(here, inventory);
        let targets = std::iter::once(here.key.clone()).chain(instance);
        for target in targets {
            let port = routed(&target, vpc.value.id().as_str());
            graph.declare(port.clone(), &here.key, Choice::FirstMatch, Disposition::Denied);
            let own = Match::dst_any_of(self.addresses());
            graph.connect(&port, &Port::new(&vpc.key, LOCAL), Transfer::only(own), &structure(here));
            if checked {
                continue;
            }
            let subnet = self.subnet_id.as_ref().and_then(|id| inventory.get(id, &here.place));
            if let Some(subnet) = subnet.filter(|_| is_trusted(here, inventory)) {
                let (passing, structure) = (Self::passing(&here.key), structure(here));
                graph.connect(&port, &passing, Transfer::all().ranked(1), &structure);
                self.connect_passing(here, subnet, inventory, graph);
                continue;
            }
            let note =
                format!("`{}` forwards packets of others, and how is not known", self.network_interface_id);
            let cause =
                Arc::new(Cause::new(&here.key, Rule::Carries).at(here.at("/SourceDestCheck")).noting(note));
            graph.connect(&port, Disposition::InsufficientInfo, Transfer::all().ranked(1), &cause);
        }
    }

    /// Where packets of others stand that it takes as a forwarder.
    pub(super) fn passing(key: &ResourceKey) -> Port {
        Port::new(key, PASSING)
    }

    /// What a trusted appliance does with packets of others: it sends them on unchanged, from the interface at which
    /// they came in, or perhaps from another of the same instance.
    pub(super) fn connect_passing(
        &self,
        here: &Entry<Self>,
        subnet: &Entry<Subnet>,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        let (filters, passing) = (Filters::of(here, inventory), Self::passing(&here.key));
        graph.declare(passing.clone(), &here.key, Choice::FirstMatch, Disposition::Denied);
        let received = [&passing, &filters.ingress[0]];
        network_acl::filter(inventory, subnet, Direction::Ingress, received, graph);
        let instance = self.instance().and_then(|id| inventory.get(id, &here.place));
        let others = instance.into_iter().flat_map(|it| inventory.naming::<Self, Instance>("instance", it));
        let others = others.filter(|it| it.key != here.key && is_trusted(it, inventory));
        let ways: Vec<&Entry<Self>> = std::iter::once(here).chain(others).collect();
        for way in &ways {
            let of_others = Transfer::only(Match::not(Match::dst_any_of(self.addresses())));
            let cause = Cause::new(&here.key, Rule::Carries).at(here.at("/SourceDestCheck"));
            let (transfer, note) = if ways.len() == 1 {
                (of_others, "taken to forward packets of others unchanged".to_owned())
            } else {
                let id = self.instance().map_or("", Id::as_str);
                let note = format!("which interface of `{id}` packets of others leave from is not known");
                (of_others.uncertain(), note)
            };
            let (cause, sending) = (Arc::new(cause.noting(note)), &Filters::of(way, inventory).egress[0]);
            graph.connect(&filters.ingress[1], sending, transfer.clone().for_flow(Flow::Reply), &cause);
            // SOURCE: VPC peering guide, "Update your security groups to reference peer security groups": a reference
            // to a group does not admit what comes through a middlebox (checked 2026-11-26).
            let forgets = Rewrite::identity().assign(Field::Identity, Ranges::single(1));
            let opening = transfer.for_flow(Flow::Opening).rewriting(forgets);
            graph.connect(&filters.ingress[1], sending, opening, &cause);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::resource::among;

    #[test]
    fn sends_and_receives_at_all_its_addresses() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"SecurityGroups":[{"GroupId":"sg-1","VpcId":"vpc-1","IpPermissions":[],"IpPermissionsEgress":[]}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Status":"in-use","Groups":[{"GroupId":"sg-1"}],"PrivateIpAddresses":[{"PrivateIpAddress":"10.0.1.5","Primary":true},{"PrivateIpAddress":"10.0.1.6"}],"Ipv4Prefixes":[{"Ipv4Prefix":"10.0.1.16/28"}],"Ipv6Addresses":[{"Ipv6Address":"2001:db8::5"}],"Ipv6Prefixes":[{"Ipv6Prefix":"2001:db8::1:0/80"}],"InterfaceType":"brand_new"}]}"#;
        insta::assert_snapshot!(among(export, "eni-1"), @r"
        eni-1/routed@vpc-1 -> vpc-1/local: dst_ip in {10.0.1.5, 10.0.1.6, 10.0.1.16/28} or dst_ip in 2001:db8::/80
        eni-1/send -> subnet-1/groups[sg-1]/sending: src_ip in {10.0.1.5, 10.0.1.6, 10.0.1.16/28} or src_ip in 2001:db8::/80
        subnet-1/groups[sg-1]/accepted -> eni-1/receive: dst_ip in {10.0.1.5, 10.0.1.6, 10.0.1.16/28} or dst_ip in 2001:db8::/80
        ");
    }

    #[test]
    fn each_private_address_has_its_own_public_one() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"SecurityGroups":[{"GroupId":"sg-1","VpcId":"vpc-1","IpPermissions":[],"IpPermissionsEgress":[]}],"InternetGateways":[{"InternetGatewayId":"igw-1","Attachments":[{"VpcId":"vpc-1","State":"available"}]}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Status":"in-use","Groups":[{"GroupId":"sg-1"}],"Association":{"PublicIp":"3.0.0.5"},"PrivateIpAddresses":[{"PrivateIpAddress":"10.0.1.5","Association":{"PublicIp":"3.0.0.5"}},{"PrivateIpAddress":"10.0.1.6","Association":{"PublicIp":"3.0.0.6"}},{"PrivateIpAddress":"10.0.1.7","Association":{"PublicIp":""}}]}]}"#;
        insta::assert_snapshot!(among(export, "igw-1/"), @r"
        igw-1/admitted -> vpc-1/local: any packet
        igw-1/arriving -> igw-1/admitted: dst_ip 3.0.0.5 and ipv4 and not (src_ip in {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}); dst_ip := 10.0.1.5
        igw-1/arriving -> igw-1/admitted: dst_ip 3.0.0.6 and ipv4 and not (src_ip in {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}); dst_ip := 10.0.1.6
        igw-1/routed@vpc-1 -> igw-1/outside: src_ip 10.0.1.5 and ipv4 and not (dst_ip in {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}); src_ip := 3.0.0.5
        igw-1/routed@vpc-1 -> igw-1/outside: src_ip 10.0.1.6 and ipv4 and not (dst_ip in {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}); src_ip := 3.0.0.6
        ");
    }

    #[test]
    fn missing_group_is_said() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"SecurityGroups":[],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Status":"in-use","Groups":[{"GroupId":"sg-1"}]}]}"#;
        insta::assert_snapshot!(among(export, "sg-1"), @r"
        eni-1/send -> subnet-1/groups[sg-1]/sending: src_ip 10.0.1.5
        subnet-1/groups[sg-1]/accepted -> eni-1/receive: dst_ip 10.0.1.5
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: opening any packet; uncertain (security group `sg-1` is not in the snapshot)
        subnet-1/groups[sg-1]/received -> subnet-1/groups[sg-1]/accepted: reply any packet
        subnet-1/groups[sg-1]/sending -> subnet-1/groups[sg-1]/sent: opening any packet; uncertain (security group `sg-1` is not in the snapshot)
        subnet-1/groups[sg-1]/sending -> subnet-1/groups[sg-1]/sent: reply any packet
        subnet-1/groups[sg-1]/sent -> subnet-1/out: any packet
        subnet-1/inside -> subnet-1/groups[sg-1]/received: dst_ip 10.0.1.5
        ! security group `sg-1` is not in the snapshot
        ");
    }

    #[test]
    fn unlisted_groups_are_unknown_groups() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","PrivateIpAddress":"10.0.1.5"},{"NetworkInterfaceId":"eni-2","SubnetId":"subnet-1","PrivateIpAddress":"10.0.1.6","Groups":[]},{"NetworkInterfaceId":"eni-3","SubnetId":"subnet-1","PrivateIpAddress":"10.0.1.7","Groups":[],"InterfaceType":"network_load_balancer"}]}"#;
        insta::assert_snapshot!(among(export, "groups["), @"
        eni-1/send -> subnet-1/groups[?]/sending: src_ip 10.0.1.5
        eni-2/send -> subnet-1/groups[?]/sending: src_ip 10.0.1.6
        eni-3/send -> subnet-1/groups[]/sending: src_ip 10.0.1.7
        subnet-1/groups[?]/accepted -> eni-1/receive: dst_ip 10.0.1.5
        subnet-1/groups[?]/accepted -> eni-2/receive: dst_ip 10.0.1.6
        subnet-1/groups[?]/received -> subnet-1/groups[?]/accepted: opening any packet; uncertain (its security groups are not in the snapshot)
        subnet-1/groups[?]/received -> subnet-1/groups[?]/accepted: reply any packet
        subnet-1/groups[?]/sending -> subnet-1/groups[?]/sent: opening any packet; uncertain (its security groups are not in the snapshot)
        subnet-1/groups[?]/sending -> subnet-1/groups[?]/sent: reply any packet
        subnet-1/groups[?]/sent -> subnet-1/out: any packet
        subnet-1/groups[]/accepted -> insufficient-info: opening ipv4 and dst_ip 10.0.1.7 and protocol in {tcp, udp}; dst_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}, dst_port := 1-65535 (the load balancer of `eni-3` is not in the snapshot)
        subnet-1/groups[]/accepted -> insufficient-info: opening ipv6 and dst_ip 10.0.1.7 and protocol in {tcp, udp}; dst_ip := fc00::/7, dst_port := 1-65535 (the load balancer of `eni-3` is not in the snapshot)
        subnet-1/groups[]/accepted -> insufficient-info: opening dst_ip 10.0.1.7 and protocol in {tcp, udp} (the load balancer of `eni-3` is not in the snapshot)
        subnet-1/groups[]/accepted -> insufficient-info: opening dst_ip 10.0.1.7 and protocol in {tcp, udp}; family := ipv4, dst_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}, dst_port := 1-65535, src_ip := {10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16}, src_port := 1024-65535 (the load balancer of `eni-3` is not in the snapshot)
        subnet-1/groups[]/accepted -> insufficient-info: opening dst_ip 10.0.1.7 and protocol in {tcp, udp}; family := ipv6, dst_ip := fc00::/7, dst_port := 1-65535, src_ip := fc00::/7, src_port := 1024-65535 (the load balancer of `eni-3` is not in the snapshot)
        subnet-1/groups[]/accepted -> eni-3/receive: dst_ip 10.0.1.7
        subnet-1/groups[]/received -> subnet-1/groups[]/accepted: opening any packet
        subnet-1/groups[]/received -> subnet-1/groups[]/accepted: reply any packet
        subnet-1/groups[]/sending -> subnet-1/groups[]/sent: opening any packet
        subnet-1/groups[]/sending -> subnet-1/groups[]/sent: reply any packet
        subnet-1/groups[]/sent -> subnet-1/out: any packet
        subnet-1/inside -> subnet-1/groups[?]/received: dst_ip 10.0.1.5
        subnet-1/inside -> subnet-1/groups[?]/received: dst_ip 10.0.1.6
        subnet-1/inside -> subnet-1/groups[]/received: dst_ip 10.0.1.7
        ");
    }

    #[test]
    fn missing_subnet_is_said() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"SecurityGroups":[{"GroupId":"sg-1","VpcId":"vpc-1","IpPermissions":[],"IpPermissionsEgress":[]}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Status":"in-use","Groups":[{"GroupId":"sg-1"}]}]}"#;
        insta::assert_snapshot!(among(export, "subnet-1"), @r"
        groups[sg-1]/sent -> insufficient-info: any packet (`subnet-1` is not in the snapshot)
        vpc-1/local -> insufficient-info: dst_ip 10.0.1.5 (`subnet-1` is not in the snapshot)
        ! `subnet-1` points to `subnet-1/out`, which is not there
        ");
    }

    #[test]
    fn unattached_interface_takes_part_in_nothing() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"SecurityGroups":[{"GroupId":"sg-1","VpcId":"vpc-1","IpPermissions":[],"IpPermissionsEgress":[]}],"InternetGateways":[{"InternetGatewayId":"igw-1","Attachments":[{"VpcId":"vpc-1","State":"available"}]}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Status":"available","Groups":[{"GroupId":"sg-1"}],"Association":{"PublicIp":"3.0.0.5"}}]}"#;
        insta::assert_snapshot!(among(export, "eni-1"), @r"
        eni-1/send -> no-route: any packet (`eni-1` is not attached to anything)
        subnet-1/inside -> no-route: dst_ip 10.0.1.5 (`eni-1` is not attached to anything)
        ");
    }

    #[test]
    fn without_the_check_it_may_forward() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"SecurityGroups":[{"GroupId":"sg-1","VpcId":"vpc-1","IpPermissions":[],"IpPermissionsEgress":[]}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Status":"in-use","Groups":[{"GroupId":"sg-1"}],"SourceDestCheck":false,"Attachment":{"InstanceId":"i-1"}}]}"#;
        insta::assert_snapshot!(among(export, "eni-1"), @r"
        eni-1/routed@vpc-1 -> vpc-1/local: dst_ip 10.0.1.5
        eni-1/routed@vpc-1 -> insufficient-info: [1] any packet (`eni-1` forwards packets of others, and how is not known)
        eni-1/send -> subnet-1/groups[sg-1]/sending: any packet
        eni-1/routed@vpc-1 -> vpc-1/local: dst_ip 10.0.1.5
        eni-1/routed@vpc-1 -> insufficient-info: [1] any packet (`eni-1` forwards packets of others, and how is not known)
        subnet-1/groups[sg-1]/accepted -> eni-1/receive: dst_ip 10.0.1.5
        ");
    }

    #[test]
    fn interfaces_of_other_components_are_silent_ends() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"SecurityGroups":[{"GroupId":"sg-1","VpcId":"vpc-1","IpPermissions":[],"IpPermissionsEgress":[]}],"NatGateways":[{"NatGatewayId":"nat-1","SubnetId":"subnet-1","VpcId":"vpc-1","State":"available","NatGatewayAddresses":[{"NetworkInterfaceId":"eni-1","PrivateIp":"10.0.1.5","PublicIp":"3.0.0.5"}]}],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Status":"in-use","Groups":[{"GroupId":"sg-1"}]}]}"#;
        insta::assert_snapshot!(among(export, "10.0.1.5"), @r"
        nat-1/translating -> subnet-1/out: opening ipv4 and icmp; src_ip := 10.0.1.5
        nat-1/translating -> subnet-1/out: opening ipv4 and protocol in {tcp, udp}; src_ip := 10.0.1.5, src_port := 1024-65535
        subnet-1/inside -> nat-1/addressed: dst_ip 10.0.1.5
        ");
    }
}
