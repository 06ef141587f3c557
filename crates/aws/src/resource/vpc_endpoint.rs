//! VPC endpoint.
//!
//! A gateway endpoint is a border: route tables lead its service's prefixes to it. `routed@vpc` takes what route tables
//! send here, `service` is where the conversation reaches the service, and `answering` where the service's replies
//! enter the VPC.
//!
//! Packets reach the network interfaces of an interface endpoint, which are resources of their own. If its service is in
//! the snapshot, what they accept goes on to it (`carried@eni-1`), and replies come back from there. An endpoint opens no
//! conversations into its VPC.
//!
//! A Gateway Load Balancer endpoint takes what route tables send to it, past the filter of its subnet (`routed@vpc`),
//! hands it to appliances (`inspecting`), and what these return goes on from its subnet as anybody's packets there. Both
//! directions pass it alike; that the appliances see both is not checked, as AWS does not.
//!
//! SOURCE: PrivateLink guide, "Gateway endpoints", "Interface endpoints", "Gateway Load Balancer endpoints" (one
//! interface in one subnet; the endpoint only returns packets) and "Resource endpoints"; EC2 API reference,
//! `VpcEndpoint`; Reachability Analyzer guide, `VPCE_GATEWAY_PROTOCOL_RESTRICTION` (TCP or ICMP echo in, TCP or echo
//! reply out), `VPCE_INTRA_VPC_TRAFFIC` and `PATH_THROUGH_GWLB_NOT_CHECKED` (checked 2026-11-26).
//! GAP: endpoint policies decide about requests, not packets, and are not considered.
//! GAP: what lies behind resource and service-network endpoints is not modelled: it is unknown.
//! GAP: an appliance that changes, answers or redirects packets is not modelled; `Assumptions` says what is taken for
//! granted.
use std::{collections::BTreeSet, sync::Arc};

use graph::{
    Cause, Choice, Control, Direction, Disposition, End, Flow, GraphBuilder, Obstacle, Port, Rule, Transfer,
    World,
};
use headerspace::{Family, Field, Match, Ranges, Rewrite};
use serde::Deserialize;

use super::{
    LOCAL, OUT, Resource, Tags, describe, network_acl, network_firewall,
    network_interface::{Filters, NetworkInterface},
    not_modelled::{lose_behind, lose_beyond},
    nullable, optional, routed,
    subnet::Subnet,
    vpc::Vpc,
    vpc_endpoint_service::{self, VpcEndpointService},
};
use crate::{
    Entry, Id, Inventory, Place,
    inventory::{Appliances, Reading, Records},
};

const INSPECTING: &str = "inspecting";
const SERVICE: &str = "service";
const ANSWERING: &str = "answering";

/// An endpoint, as `describe-vpc-endpoints` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VpcEndpoint {
    vpc_endpoint_id: Id<VpcEndpoint>,
    #[serde(default, deserialize_with = "optional")]
    vpc_endpoint_type: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    vpc_id: Option<Id<Vpc>>,
    #[serde(default, deserialize_with = "optional")]
    owner_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    service_name: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    service_region: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    state: Option<String>,
    /// Whether its service made it, rather than the owner of the VPC.
    #[serde(default, deserialize_with = "nullable")]
    requester_managed: bool,
    #[serde(default, deserialize_with = "nullable")]
    subnet_ids: Vec<Id<Subnet>>,
    #[serde(default, deserialize_with = "nullable")]
    network_interface_ids: Vec<Id<NetworkInterface>>,
    #[serde(default)]
    tags: Tags,
}

/// What kind of endpoint it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Gateway,
    GatewayLoadBalancer,
    Interface,
    /// One to a resource or a service network, or of a kind that is not known.
    Other,
}

impl VpcEndpoint {
    /// SOURCE: EC2 API reference, `VpcEndpoint.VpcEndpointType`: Gateway unless stated.
    fn kind(&self) -> Kind {
        match self.vpc_endpoint_type.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("gateway") => Kind::Gateway,
            Some("gatewayloadbalancer") => Kind::GatewayLoadBalancer,
            Some("interface") => Kind::Interface,
            Some(_) => Kind::Other,
        }
    }

    /// The firewall that the endpoint belongs to, if it is one of a firewall's.
    ///
    /// SOURCE: Network Firewall guide, "Firewall endpoints" (AWS tags them) (checked 2026-11-26).
    fn owner(&self) -> Option<&str> {
        let tag = |key: &str| self.tags.0.get(key).map(String::as_str);
        tag("Firewall").or_else(|| tag("AWSNetworkFirewallManaged").map(|_| "a network firewall"))
    }

    /// SOURCE: EC2 API reference, `VpcEndpoint.State`; one that is being deleted may still carry packets (checked
    /// 2026-11-23).
    fn idle(&self) -> Option<Disposition> {
        match self.state.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("available") => None,
            Some("deleting" | "partial") => Some(Disposition::InsufficientInfo),
            Some(_) => Some(Disposition::Blackhole),
        }
    }
}

fn tcp_or_icmp(kind: u128) -> Match {
    let echo =
        [Match::family(Family::V4), Match::protocol(1), Match::In(Field::IcmpType, Ranges::single(kind))];
    Match::any_of([Match::protocol(6), Match::all_of(echo)])
}

impl Resource for VpcEndpoint {
    const TYPE: &'static str = "AWS::EC2::VPCEndpoint";
    const LIST: &'static str = "VpcEndpoints";
    const ROUTABLE: bool = true;

    fn id(&self) -> &Id<Self> {
        &self.vpc_endpoint_id
    }

    fn account(&self) -> Option<&str> {
        self.owner_id.as_deref()
    }

    fn associations(&self) -> Vec<String> {
        self.network_interface_ids.iter().map(|id| format!("interface:{id}")).collect()
    }

    fn also(reading: &mut Reading<'_>, records: &mut Records<Self>) {
        // Route tables lead to the endpoints of firewalls, whether or not endpoints were exported.
        for told in network_firewall::endpoint::all(reading) {
            let endpoint = &told.value;
            let value = Self {
                vpc_endpoint_id: Id::new(endpoint.id.as_str()),
                vpc_endpoint_type: Some("GatewayLoadBalancer".to_owned()),
                vpc_id: endpoint.vpc.as_deref().map(Id::new),
                owner_id: None,
                service_name: None,
                service_region: None,
                requester_managed: false,
                subnet_ids: Vec::new(),
                state: None,
                network_interface_ids: Vec::new(),
                tags: Tags::default(),
            };
            let region = Some(endpoint.place.region.clone()).filter(|region| !region.is_empty());
            let account = Some(endpoint.place.account.as_str()).filter(|account| !account.is_empty());
            records.conclude(value, &told, "", account, region);
        }
    }

    fn elsewhere(&self, _: &Entry<Self>, vpc: &Id<Vpc>, _: &Inventory) -> Option<String> {
        let own = self.vpc_id.as_ref()?;
        (own != vpc).then(|| format!("`{}` is not in `{vpc}`", self.vpc_endpoint_id))
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let mut resource = describe(here, None, "vpc-endpoint", &self.tags);
        resource.label.clone_from(&self.service_name);
        let vpc = self.vpc_id.as_ref().and_then(|id| inventory.get(id, &here.place));
        resource.within = vpc.map(|vpc| vpc.key.clone()).into_iter().collect();
        let key = graph.resource(resource);
        let Some(vpc) = &self.vpc_id else { return };
        graph.declare(routed(&key, vpc.as_str()), &key, Choice::FirstMatch, Disposition::Denied);
        if self.kind() == Kind::Gateway {
            graph.declare_end(End {
                resource: key.clone(),
                departs: None,
                arrives: Some(Port::new(&key, SERVICE)),
                answers: Some(Port::new(&key, ANSWERING)),
                border: true,
                world: World::Own,
            });
        }
    }

    fn connect(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let cause = Cause::new(&here.key, Rule::Carries).at(here.at(""));
        match self.kind() {
            Kind::Interface | Kind::Other => {
                let idle = self.idle().map(|disposition| (disposition, self.state_note()));
                self.connect_interfaces(here, idle, &cause, inventory, graph);
                if self.idle() == Some(Disposition::Blackhole) {
                    let control = self.in_state(here);
                    graph.offered(&control, |graph| {
                        self.connect_interfaces(here, None, &cause, inventory, graph);
                    });
                }
            }
            Kind::Gateway | Kind::GatewayLoadBalancer => {}
        }
        let Some(vpc) = &self.vpc_id else { return };
        let entry = routed(&here.key, vpc.as_str());
        if let Some(disposition) = self.idle() {
            let idle = Arc::new(cause.clone().noting(self.state_note()));
            graph.connect(&entry, disposition, Transfer::all(), &idle);
            if disposition == Disposition::Blackhole {
                graph.offered(&self.in_state(here), |graph| {
                    let working = Port::new(&here.key, "routed, if it worked");
                    graph.declare(working.clone(), &here.key, Choice::FirstMatch, Disposition::Denied);
                    graph.connect(&entry, &working, Transfer::all(), &idle);
                    self.connect_working(here, &working, cause, inventory, graph);
                });
            }
            return;
        }
        self.connect_working(here, &entry, cause, inventory, graph);
    }
}

impl VpcEndpoint {
    /// That its state is none in which it passes anything.
    fn in_state(&self, here: &Entry<Self>) -> Control {
        let state = format!("is {}", self.state.as_deref().unwrap_or_default());
        Control::obstacle(&here.key, Obstacle::State, state, here.at("/State"))
    }

    /// What it does with packets at `entry`, which route tables sent to it, while it is available.
    fn connect_working(
        &self,
        here: &Entry<Self>,
        entry: &Port,
        cause: Cause,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        if network_firewall::connect_endpoint(here, entry, inventory, graph) {
            return; // the firewall behind it inspects
        }
        match self.kind() {
            Kind::Gateway => {
                let cause = Arc::new(cause);
                let service = Port::new(&here.key, SERVICE);
                graph.connect(entry, &service, Transfer::only(tcp_or_icmp(8)), &cause);
                let text = "takes TCP and echo requests only";
                let control = Control::obstacle(&here.key, Obstacle::Protocol, text, here.at(""));
                let others = |kind| Transfer::only(Match::not(tcp_or_icmp(kind)));
                graph.offer(entry, &service, others(8), control.clone());
                let vpc = self.vpc_id.as_ref().and_then(|vpc| inventory.get(vpc, &here.place));
                if let Some(vpc) = vpc {
                    let replies = Transfer::only(tcp_or_icmp(0)).for_flow(Flow::Reply);
                    let (answering, local) = (Port::new(&here.key, ANSWERING), Port::new(&vpc.key, LOCAL));
                    graph.connect(&answering, &local, replies, &cause);
                    graph.offer(&answering, &local, others(0).for_flow(Flow::Reply), control);
                }
            }
            Kind::GatewayLoadBalancer => self.connect_appliances(here, entry, cause, inventory, graph),
            Kind::Interface | Kind::Other => {
                let kind = self.vpc_endpoint_type.as_deref().unwrap_or_default();
                let note =
                    format!("routes to `{}` (endpoint type {kind}) are not modelled", self.vpc_endpoint_id);
                let cause = Arc::new(cause.noting(note));
                graph.connect(entry, Disposition::InsufficientInfo, Transfer::all(), &cause);
            }
        }
    }

    fn state_note(&self) -> String {
        format!("`{}` is {}", self.vpc_endpoint_id, self.state.as_deref().unwrap_or_default())
    }

    /// What route tables send here, to appliances and back.
    fn connect_appliances(
        &self,
        here: &Entry<Self>,
        entry: &Port,
        cause: Cause,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        let id = &self.vpc_endpoint_id;
        let subnet = self.subnet_ids.first().or_else(|| self.subnet_of_interfaces(here, inventory));
        let subnet = subnet.and_then(|subnet| inventory.get(subnet, &here.place));
        let unknown = match (self.owner(), subnet) {
            (Some(firewall), _) => {
                Some(format!("`{id}` belongs to `{firewall}`, which is not in the snapshot"))
            }
            (None, None) => Some(format!("the subnet of `{id}` is not in the snapshot")),
            // Who may not read tags, or exports without the status, does not see whose it is.
            (None, Some(subnet)) => match network_firewall::with_untold_endpoint(inventory, subnet) {
                Some(firewall) => {
                    Some(format!("whether `{id}` belongs to firewall `{firewall}` is not in the snapshot"))
                }
                // SOURCE: EC2 API reference, `VpcEndpoint.RequesterManaged` (checked 2026-11-26): the appliances are
                // those of a service, such as a firewall of another account.
                None => self
                    .requester_managed
                    .then(|| format!("`{id}` is managed by its service, which is not in the snapshot")),
            },
        };
        let (Some(subnet), None) = (subnet, &unknown) else {
            let cause = Arc::new(cause.noting(unknown.unwrap_or_default()));
            graph.connect(entry, Disposition::InsufficientInfo, Transfer::all(), &cause);
            return;
        };
        let inspecting = Port::new(&here.key, INSPECTING);
        graph.declare(inspecting.clone(), &here.key, Choice::Any, Disposition::Denied);
        network_acl::filter(inventory, subnet, Direction::Ingress, [entry, &inspecting], graph);
        if inventory.assumptions.appliances == Appliances::Unknown {
            let cause = Arc::new(cause.noting(format!("what the appliances behind `{id}` do is not known")));
            graph.connect(&inspecting, Disposition::InsufficientInfo, Transfer::all(), &cause);
        } else {
            let cause = Arc::new(cause.noting("its appliances are taken to return every packet unchanged"));
            // SOURCE: Reachability Analyzer guide, `SG_REFERENCES_NOT_PRESERVED` (checked 2026-11-26).
            let forgotten = Rewrite::identity().assign(Field::Identity, Ranges::single(1));
            let out = Port::new(&subnet.key, OUT);
            let opening = Transfer::all().rewriting(forgotten).for_flow(Flow::Opening);
            graph.connect(&inspecting, &out, opening, &cause);
            graph.connect(&inspecting, &out, Transfer::all().for_flow(Flow::Reply), &cause);
        }
    }

    fn subnet_of_interfaces<'i>(
        &self,
        here: &Entry<Self>,
        inventory: &'i Inventory,
    ) -> Option<&'i Id<Subnet>> {
        let mut interfaces =
            self.network_interface_ids.iter().filter_map(|id| inventory.get(id, &here.place));
        interfaces.find_map(|interface| interface.value.subnet())
    }

    /// What its interfaces accept, to the service and back; `idle` says what becomes of it if it is not carried.
    fn connect_interfaces(
        &self,
        here: &Entry<Self>,
        idle: Option<(Disposition, String)>,
        cause: &Cause,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        let service = self.service(here, inventory);
        let behind = match (self.kind(), idle) {
            (_, Some(idle)) => Some(idle),
            (Kind::Interface, None) if service.is_none() => {
                self.foreign(here, inventory).map(|note| (Disposition::InsufficientInfo, note))
            }
            (Kind::Interface, None) => None,
            _ => {
                let kind = self.vpc_endpoint_type.as_deref().unwrap_or_default();
                let note = format!(
                    "what lies behind `{}` (endpoint type {kind}) is not modelled",
                    self.vpc_endpoint_id
                );
                Some((Disposition::InsufficientInfo, note))
            }
        };
        let interfaces = self.network_interface_ids.iter().filter_map(|id| inventory.get(id, &here.place));
        for interface in interfaces.filter(|interface| interface.value.is_attached()) {
            let filters = Filters::of(interface, inventory);
            let ([_, accepted], [sending, _]) =
                (filters.ports(Direction::Ingress), filters.ports(Direction::Egress));
            let either = Match::any_of([Match::protocol(6), Match::protocol(17)]);
            let own = Match::all_of([Match::dst_any_of(interface.value.addresses()), either]);
            let transfer = Transfer::only(own).for_flow(Flow::Opening);
            if let Some((disposition, note)) = &behind {
                let cause = Arc::new(cause.clone().noting(note.clone()));
                if self.kind() == Kind::Other && *disposition == Disposition::InsufficientInfo {
                    // Who is behind it is told nowhere: anybody in another VPC may be.
                    // SOURCE: VPC Lattice user guide, "VPC resources": TCP only (checked 2026-11-26).
                    let guard = Match::all_of([transfer.guard.clone(), Match::protocol(6)]);
                    lose_beyond(accepted, &guard, self.vpc_id.as_ref(), inventory, &cause, graph);
                }
                if *disposition == Disposition::InsufficientInfo && self.kind() == Kind::Interface {
                    lose_behind(accepted, &transfer.guard, inventory, &cause, graph);
                }
                graph.connect(accepted, *disposition, transfer, &cause);
            } else if let Some(service) = service {
                let carried = Port::new(&here.key, format!("carried@{}", interface.key.id()));
                graph.declare(carried.clone(), &here.key, Choice::Any, Disposition::Denied);
                graph.connect(accepted, &carried, transfer, &Arc::new(cause.clone()));
                Self::connect_service(here, interface, &carried, service, inventory, graph);
                let back = Transfer::all().restoring(carried);
                let structure = Arc::new(Cause::structure(&here.key));
                graph.connect(&vpc_endpoint_service::answering(&service.key), sending, back, &structure);
            }
        }
    }

    /// What an interface carries, to the nodes of the service in its zone.
    fn connect_service(
        here: &Entry<Self>,
        interface: &Entry<NetworkInterface>,
        carried: &Port,
        service: &Entry<VpcEndpointService>,
        inventory: &Inventory,
        graph: &mut GraphBuilder,
    ) {
        let structure = Arc::new(Cause::structure(&here.key));
        let opening = || Transfer::all().for_flow(Flow::Opening);
        graph.connect(carried, &vpc_endpoint_service::reached(&service.key), opening(), &structure);
        let (zone, zones) =
            (vpc_endpoint_service::zone(interface, inventory), service.value.zones(inventory));
        let arriving = |zone: &str| vpc_endpoint_service::arriving(&service.key, zone);
        // SOURCE: EC2 user guide, "AZ IDs": a name may mean different zones in different accounts.
        let namesakes = is_id(&zone) || here.place.account == service.place.account;
        if namesakes && zones.contains(&zone) {
            graph.connect(carried, &arriving(&zone), opening(), &structure);
        } else if !here.place.same_region(&service.place) || zones.is_empty() {
            // An endpoint to another Region is connected to any zone there.
            graph.connect(carried, &arriving(""), opening(), &structure);
        } else if service.value.lacks_nodes(inventory) {
            let note =
                format!("the load balancers of `{}` are not fully in the snapshot", service.value.id());
            let cause = Arc::new(Cause::structure(&here.key).noting(note));
            lose_behind(carried, &Match::All, inventory, &cause, graph);
        } else if zone.is_empty() || !namesakes || zones.iter().any(|other| is_id(other) != is_id(&zone)) {
            let note = format!("the zone of `{}` is not in the snapshot", interface.key.id());
            let cause = Arc::new(Cause::structure(&here.key).noting(note));
            graph.connect(carried, &arriving(""), opening().uncertain(), &cause);
        } else {
            let note = format!("`{}` has no load balancer in zone {zone}", service.value.id());
            let cause = Arc::new(Cause::structure(&here.key).noting(note));
            graph.connect(carried, Disposition::NoRoute, opening(), &cause);
            let text = format!("leads to a service that has no load balancer in zone {zone}");
            let control = Control::obstacle(&here.key, Obstacle::Zone, text, here.at(""));
            graph.offer(carried, &arriving(""), opening(), control);
        }
    }

    /// The service it leads to, if it is in the snapshot.
    fn service<'i>(
        &self,
        here: &Entry<Self>,
        inventory: &'i Inventory,
    ) -> Option<&'i Entry<VpcEndpointService>> {
        inventory.get(&vpc_endpoint_service::id_in(self.service_name.as_deref()?)?, &self.abroad(here))
    }

    /// Where its service is.
    fn abroad(&self, here: &Entry<Self>) -> Place {
        // `com.amazonaws.vpce.REGION.vpce-svc-1`
        let named = self.service_name.as_deref().and_then(|name| name.rsplit('.').nth(1)).map(str::to_owned);
        let named = named.filter(|region| region.contains('-'));
        let region = self.service_region.clone().or(named).unwrap_or_else(|| here.place.region.clone());
        Place { account: here.place.account.clone(), region }
    }

    /// Why the service, which is not in the snapshot, may lead back into the snapshot's networks: some account there has
    /// Network Load Balancers and did not tell its services.
    fn foreign(&self, here: &Entry<Self>, inventory: &Inventory) -> Option<String> {
        let name = self.service_name.as_deref()?;
        vpc_endpoint_service::id_in(name)?;
        let services = inventory.table::<VpcEndpointService>();
        let there = self.abroad(here);
        let silent = |place: &Place| place.same_region(&there) && !services.complete(place);
        let possible = places_of_network_balancers(inventory).iter().any(silent);
        possible.then(|| format!("the endpoint service `{name}` is not in the snapshot"))
    }
}

/// What lies behind an endpoint's interface is not known if no record of an endpoint names it: as far as the snapshot
/// shows anybody that offers services.
pub(super) fn connect_unrecorded(
    here: &Entry<NetworkInterface>,
    accepted: &Port,
    inventory: &Inventory,
    graph: &mut GraphBuilder,
) {
    let recorded = inventory.naming::<VpcEndpoint, NetworkInterface>("interface", here).next().is_some();
    if !here.value.is_of_endpoint() || recorded || places_of_network_balancers(inventory).is_empty() {
        return;
    }
    let note = format!("the endpoint of `{}` is not in the snapshot", here.key.id());
    let cause = Arc::new(Cause::new(&here.key, Rule::Carries).noting(note));
    let either = Match::any_of([Match::protocol(6), Match::protocol(17)]);
    let guard = Match::all_of([Match::dst_any_of(here.value.addresses()), either]);
    lose_behind(accepted, &guard, inventory, &cause, graph);
}

/// Where there are interfaces of Network or Gateway Load Balancers.
fn places_of_network_balancers(inventory: &Inventory) -> &BTreeSet<Place> {
    let make = || {
        let interfaces = inventory.table::<NetworkInterface>().iter();
        let nodes = interfaces.filter(|interface| interface.value.is_of_network_balancer());
        nodes.map(|node| node.place.clone()).collect()
    };
    inventory.once.network_balancers.get_or_init(make)
}

/// Whether a zone is named by its id, which ends in a number; names end in a letter.
fn is_id(zone: &str) -> bool {
    zone.ends_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use crate::resource::among;

    #[test]
    fn gateway_takes_tcp_and_echo_and_only_answers() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"VpcEndpoints":[{"VpcEndpointId":"vpce-1","VpcEndpointType":"Gateway","VpcId":"vpc-1","ServiceName":"s3","State":"available"}]}"#;
        insta::assert_snapshot!(among(export, "vpce-1"), @r"
        vpce-1/answering -> vpc-1/local: reply tcp or ipv4 and icmp and icmp_type 0
        vpce-1/routed@vpc-1 -> vpce-1/service: tcp or ipv4 and icmp and icmp_type 8
        ");
    }

    #[test]
    fn other_kinds_are_not_modelled_as_targets() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"VpcEndpoints":[{"VpcEndpointId":"vpce-1","VpcEndpointType":"GatewayLoadBalancer","VpcId":"vpc-1"},{"VpcEndpointId":"vpce-2","VpcId":"vpc-1","State":"pending"}]}"#;
        insta::assert_snapshot!(among(export, "vpce-"), @r"
        vpce-1/routed@vpc-1 -> insufficient-info: any packet (the subnet of `vpce-1` is not in the snapshot)
        vpce-2/routed@vpc-1 -> blackhole: any packet (`vpce-2` is pending)
        ");
    }

    #[test]
    fn appliances_return_packets_past_the_subnets_filter() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"NetworkAcls":[{"NetworkAclId":"acl-1","Associations":[{"SubnetId":"subnet-1"}],"Entries":[{"RuleNumber":1,"Egress":false,"Protocol":"6","RuleAction":"allow","CidrBlock":"0.0.0.0/0","PortRange":{"From":80,"To":80}}]}],"VpcEndpoints":[{"VpcEndpointId":"vpce-1","VpcEndpointType":"GatewayLoadBalancer","VpcId":"vpc-1","SubnetIds":["subnet-1"]},{"VpcEndpointId":"vpce-2","VpcEndpointType":"GatewayLoadBalancer","VpcId":"vpc-1","SubnetIds":["subnet-1"],"Tags":[{"Key":"Firewall","Value":"fw-1"}]}]}"#;
        insta::assert_snapshot!(among(export, "vpce-"), @r"
        vpce-1/inspecting -> subnet-1/out: opening any packet; identity := 1 (its appliances are taken to return every packet unchanged)
        vpce-1/inspecting -> subnet-1/out: reply any packet (its appliances are taken to return every packet unchanged)
        vpce-1/routed@vpc-1 -> vpce-1/inspecting: [1] tcp and dst_port 80 and src_ip in 0.0.0.0/0
        vpce-2/routed@vpc-1 -> insufficient-info: any packet (`vpce-2` belongs to `fw-1`, which is not in the snapshot)
        ");
    }

    #[test]
    fn what_lies_behind_a_resource_endpoint_is_unknown() {
        let export = r#"{"Vpcs":[{"VpcId":"vpc-1","CidrBlock":"10.0.0.0/16"},{"VpcId":"vpc-2","CidrBlock":"10.2.0.0/16"}],"Subnets":[{"SubnetId":"subnet-1","VpcId":"vpc-1","CidrBlock":"10.0.1.0/24"}],"SecurityGroups":[],"NetworkInterfaces":[{"NetworkInterfaceId":"eni-1","SubnetId":"subnet-1","VpcId":"vpc-1","PrivateIpAddress":"10.0.1.5","Status":"in-use","InterfaceType":"vpc_endpoint","Groups":[]}],"VpcEndpoints":[{"VpcEndpointId":"vpce-1","VpcEndpointType":"Resource","VpcId":"vpc-1","NetworkInterfaceIds":["eni-1"]}]}"#;
        insta::assert_snapshot!(among(export, "lies behind"), @"
        subnet-1/groups[]/accepted -> insufficient-info: opening ipv4 and dst_ip 10.0.1.5 and protocol in {tcp, udp} and tcp; dst_ip := 10.2.0.0/16 (what lies behind `vpce-1` (endpoint type Resource) is not modelled)
        subnet-1/groups[]/accepted -> insufficient-info: opening dst_ip 10.0.1.5 and protocol in {tcp, udp} (what lies behind `vpce-1` (endpoint type Resource) is not modelled)
        ");
    }

    #[test]
    fn missing_vpc_gets_no_replies() {
        let export = r#"{"VpcEndpoints":[{"VpcEndpointId":"vpce-1","VpcId":"vpc-1"}]}"#;
        insta::assert_snapshot!(among(export, "vpce-1"), @"vpce-1/routed@vpc-1 -> vpce-1/service: tcp or ipv4 and icmp and icmp_type 8");
    }
}
