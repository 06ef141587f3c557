//! Components of paths, as both analyzers show them.

use graph::{Action, Direction, FilterRule, Peer, ResourceId, RouteRule, Rule, Trace};
use headerspace::{Block, Field, Ranges};
use search::{FoundPath, Track};
use serde::Serialize;

use super::super::{
    cidr::{cidr_texts, port_ranges},
    component::{Component, components, way},
    route_destination,
};
use crate::{Analysis, Detail, groups_of_port};

/// A component of a path; shared by both analyzers.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PathComponent {
    sequence_number: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    acl_rule: Option<AclRule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attached_to: Option<AnalysisComponent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<AnalysisComponent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_vpc: Option<AnalysisComponent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outbound_header: Option<PacketHeader>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inbound_header: Option<PacketHeader>,
    #[serde(skip_serializing_if = "Option::is_none")]
    route_table_route: Option<RouteTableRoute>,
    #[serde(skip_serializing_if = "Option::is_none")]
    security_group_rule: Option<SecurityGroupRule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_vpc: Option<AnalysisComponent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subnet: Option<AnalysisComponent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vpc: Option<AnalysisComponent>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    additional_details: Vec<AdditionalDetail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transit_gateway: Option<AnalysisComponent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transit_gateway_route_table_route: Option<TransitGatewayRouteTableRoute>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transit_gateway_policy_table_entry: Option<TransitGatewayPolicyTableEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    elastic_load_balancer_listener: Option<AnalysisComponent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    firewall_stateless_rule: Option<FirewallStatelessRule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    firewall_stateful_rule: Option<FirewallStatefulRule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_name: Option<String>,
}

/// A remark beside a component.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct AdditionalDetail {
    additional_detail_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<AnalysisComponent>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AnalysisComponent {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AclRule {
    cidr: String,
    egress: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    port_range: Option<PortRange>,
    protocol: String,
    rule_action: &'static str,
    rule_number: u32,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SecurityGroupRule {
    #[serde(skip_serializing_if = "Option::is_none")]
    cidr: Option<String>,
    direction: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    security_group_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port_range: Option<PortRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix_list_id: Option<String>,
    protocol: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PortRange {
    pub(super) from: u16,
    pub(super) to: u16,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RouteTableRoute {
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_cidr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_prefix_list_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    egress_only_internet_gateway_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nat_gateway_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network_interface_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transit_gateway_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vpc_peering_connection_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier_gateway_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    core_network_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    local_gateway_id: Option<String>,
}

impl AclRule {
    /// An entry of an ordered list; `None` for a rule of another kind of filter.
    pub(super) fn new(rule: &FilterRule) -> Option<Self> {
        Some(Self {
            cidr: rule.peer.to_string(),
            egress: rule.direction == Direction::Egress,
            port_range: rule.ports.map(|(from, to)| PortRange { from, to }),
            protocol: rule.protocol.clone(),
            rule_action: if rule.action == Action::Allow { "allow" } else { "deny" },
            rule_number: rule.number?,
        })
    }
}

impl SecurityGroupRule {
    pub(super) fn new(rule: &FilterRule) -> Self {
        let (cidr, group, list) = match &rule.peer {
            Peer::Cidr(text) => (Some(text.clone()), None, None),
            Peer::Group(text) => (None, Some(text.clone()), None),
            Peer::PrefixList(text) => (None, None, Some(text.clone())),
        };
        // A rule for all ports of a protocol has them in full.
        let full =
            matches!(rule.protocol.as_str(), "tcp" | "udp").then_some(PortRange { from: 0, to: u16::MAX });
        Self {
            cidr,
            direction: if rule.direction == Direction::Ingress { "ingress" } else { "egress" },
            security_group_id: group,
            port_range: rule.ports.map(|(from, to)| PortRange { from, to }).or(full),
            prefix_list_id: list,
            protocol: rule.protocol.clone(),
        }
    }
}

impl RouteTableRoute {
    pub(super) fn new(rule: &RouteRule) -> Self {
        let mut route = Self {
            origin: rule.route_origin.as_ref().map(|origin| origin.to_lowercase()),
            state: Some(rule.state.clone()),
            ..Self::default()
        };
        let destination = Some(route_destination(&rule.destination).to_owned());
        match rule.destination {
            graph::RouteTo::Cidr(_) => route.destination_cidr = destination,
            graph::RouteTo::PrefixList(_) => route.destination_prefix_list_id = destination,
        }
        let target = Some(rule.target.clone());
        match rule.target_kind.as_str() {
            "EgressOnlyInternetGatewayId" => route.egress_only_internet_gateway_id = target,
            "InstanceId" => route.instance_id = target,
            "NatGatewayId" => route.nat_gateway_id = target,
            "NetworkInterfaceId" => route.network_interface_id = target,
            "TransitGatewayId" => route.transit_gateway_id = target,
            "VpcPeeringConnectionId" => route.vpc_peering_connection_id = target,
            "CarrierGatewayId" => route.carrier_gateway_id = target,
            "CoreNetworkArn" => route.core_network_arn = target,
            "LocalGatewayId" => route.local_gateway_id = target,
            _ => route.gateway_id = target,
        }
        route
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TransitGatewayRouteTableRoute {
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_cidr: Option<String>,
    state: String,
    route_origin: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix_list_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attachment_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_type: Option<String>,
}

impl TransitGatewayRouteTableRoute {
    pub(super) fn new(rule: &graph::TransitRule) -> Self {
        let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let (destination_cidr, prefix_list_id) = match &rule.destination {
            graph::RouteTo::Cidr(cidr) => (Some(cidr.clone()), None),
            graph::RouteTo::PrefixList(list) => (None, Some(list.clone())),
        };
        Self {
            destination_cidr,
            state: rule.state.clone(),
            route_origin: rule.route_origin.clone(),
            prefix_list_id,
            attachment_id: text(&rule.attachment),
            resource_id: text(&rule.resource),
            resource_type: text(&rule.resource_kind),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct TransitGatewayPolicyTableEntry {
    rule_number: u32,
    protocol: String,
    source_cidr: String,
    destination_cidr: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_port_range: Option<PortRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_port_range: Option<PortRange>,
    target_route_table_id: String,
}

impl TransitGatewayPolicyTableEntry {
    fn new(rule: &graph::PolicyRule) -> Self {
        let range = |ports: Option<(u16, u16)>| ports.map(|(from, to)| PortRange { from, to });
        Self {
            rule_number: rule.number,
            protocol: rule.protocol.clone(),
            source_cidr: rule.source.clone(),
            destination_cidr: rule.destination.clone(),
            source_port_range: range(rule.source_ports),
            destination_port_range: range(rule.destination_ports),
            target_route_table_id: rule.target.clone(),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FirewallStatelessRule {
    rule_group_arn: String,
    sources: Vec<String>,
    destinations: Vec<String>,
    source_ports: Vec<PortRange>,
    destination_ports: Vec<PortRange>,
    protocols: Vec<u8>,
    rule_action: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<i64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FirewallStatefulRule {
    rule_group_arn: String,
    sources: Vec<String>,
    destinations: Vec<String>,
    source_ports: Vec<PortRange>,
    destination_ports: Vec<PortRange>,
    protocol: String,
    rule_action: String,
    direction: &'static str,
}

impl FirewallStatelessRule {
    pub(super) fn new(rule: &graph::InspectionRule) -> Self {
        let ranges = |ports: &[(u16, u16)]| ports.iter().map(|&(from, to)| PortRange { from, to }).collect();
        Self {
            rule_group_arn: rule.group.clone(),
            sources: rule.sources.clone(),
            destinations: rule.destinations.clone(),
            source_ports: ranges(&rule.source_ports),
            destination_ports: ranges(&rule.destination_ports),
            protocols: rule.protocols.clone(),
            rule_action: rule.action.clone(),
            priority: rule.priority,
        }
    }
}

impl FirewallStatefulRule {
    pub(super) fn new(rule: &graph::InspectionRule) -> Self {
        let ranges = |ports: &[(u16, u16)]| ports.iter().map(|&(from, to)| PortRange { from, to }).collect();
        Self {
            rule_group_arn: rule.group.clone(),
            sources: rule.sources.clone(),
            destinations: rule.destinations.clone(),
            source_ports: ranges(&rule.source_ports),
            destination_ports: ranges(&rule.destination_ports),
            protocol: rule.protocol.clone().unwrap_or_default(),
            rule_action: rule.action.clone(),
            direction: if rule.both_directions { "ANY" } else { "FORWARD" },
        }
    }
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct PacketHeader {
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_addresses: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_port_ranges: Option<Vec<PortRange>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_addresses: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_port_ranges: Option<Vec<PortRange>>,
}

fn ports(values: &Ranges) -> Vec<PortRange> {
    port_ranges(values).into_iter().map(|(from, to)| PortRange { from, to }).collect()
}

impl PacketHeader {
    /// All fields, for one protocol.
    fn full(block: &Block, protocol: u8) -> Self {
        let has_ports = matches!(protocol, 6 | 17);
        Self {
            destination_addresses: Some(cidr_texts(block, Field::DstIp)),
            destination_port_ranges: has_ports.then(|| ports(block.get(Field::DstPort))),
            protocol: Some(protocol.to_string()),
            source_addresses: Some(cidr_texts(block, Field::SrcIp)),
            source_port_ranges: has_ports.then(|| ports(block.get(Field::SrcPort))),
        }
    }

    /// Only the fields in which `after` differs from `before`.
    fn changed(before: &Block, after: &Block, protocol: u8) -> Option<Self> {
        let full = Self::full(after, protocol);
        let differs = |field| before.get(field) != after.get(field);
        let changed = Self {
            destination_addresses: full.destination_addresses.filter(|_| differs(Field::DstIp)),
            destination_port_ranges: full.destination_port_ranges.filter(|_| differs(Field::DstPort)),
            protocol: None,
            source_addresses: full.source_addresses.filter(|_| differs(Field::SrcIp)),
            source_port_ranges: full.source_port_ranges.filter(|_| differs(Field::SrcPort)),
        };
        let any = changed.destination_addresses.is_some()
            || changed.destination_port_ranges.is_some()
            || changed.source_addresses.is_some()
            || changed.source_port_ranges.is_some();
        any.then_some(changed)
    }
}

/// The components of a path with the headers of one protocol.
pub(super) fn path_components(
    analysis: &Analysis,
    path: &FoundPath,
    track: &Track,
    protocol: u8,
) -> Vec<PathComponent> {
    let all = components(analysis.graph(), path, track);
    dressed(analysis, &all, [&track.first, track.last()], protocol)
}

/// The components of the way that the replies to a path's packets go; `reply` is one of them.
///
/// SOURCE: Reachability Analyzer guide, example of a return path: security groups stand there without rules, for they
/// let replies pass (checked 2026-11-26).
pub(super) fn return_components(
    analysis: &Analysis,
    track: &Track,
    reply: &Trace,
    protocol: u8,
) -> Vec<PathComponent> {
    let graph = analysis.graph();
    let mut all = way(graph, reply);
    for component in &mut all {
        let hop = component.step.and_then(|step| reply.hops.get(step));
        let Some(hop) = hop else { continue };
        if hop.before != hop.after {
            component.change = Some((Block::single(&hop.before), Block::single(&hop.after)));
        }
        if component.cause.as_ref().is_some_and(|cause| cause.rule == Rule::Established) {
            let groups = groups_of_port(graph, graph.edge(hop.edge).from);
            if let Some(&group) = groups.first() {
                component.resource = group;
            }
        }
    }
    dressed(analysis, &all, [&track.last().turned(), &track.first.turned()], protocol)
}

/// Components with the headers `first` at the first of them and `last` at the last.
fn dressed(
    analysis: &Analysis,
    all: &[Component],
    [first_header, last_header]: [&Block; 2],
    protocol: u8,
) -> Vec<PathComponent> {
    let count = all.len();
    let mut shown: Vec<PathComponent> = all
        .iter()
        .enumerate()
        .map(|(index, component)| {
            let mut shown = path_component(analysis, component);
            shown.sequence_number = index + 1;
            let (first, last) = (index == 0, index + 1 == count);
            let border = is_border(analysis, component.resource);
            if first && border {
                shown.inbound_header = Some(PacketHeader::full(first_header, protocol));
            } else if first {
                shown.outbound_header = Some(PacketHeader::full(first_header, protocol));
            }
            if last && !first {
                let header = Some(PacketHeader::full(last_header, protocol));
                if border { shown.outbound_header = header } else { shown.inbound_header = header }
            } else if let Some((before, after)) = &component.change {
                shown.outbound_header =
                    PacketHeader::changed(before, after, protocol).or(shown.outbound_header);
            }
            shown
        })
        .collect();
    name_sides(analysis, all, &mut shown);
    shown
}

/// Puts an end before or behind the interface by which packets leave or reach it: an instance, as it was asked for.
pub(super) fn add_end(analysis: &Analysis, shown: &mut Vec<PathComponent>, end: ResourceId, is_first: bool) {
    let mut added =
        PathComponent { component: Some(analysis_component(analysis, end)), ..PathComponent::default() };
    if is_first {
        added.outbound_header = shown.first_mut().and_then(|next| next.outbound_header.take());
        shown.insert(0, added);
    } else {
        added.inbound_header = shown.last_mut().and_then(|before| before.inbound_header.take());
        shown.push(added);
    }
    for (shown, number) in shown.iter_mut().zip(1..) {
        shown.sequence_number = number;
    }
}

/// Says a detail of a component, by its place in the list.
pub(super) fn add_detail(
    shown: &mut [PathComponent],
    at: usize,
    detail: Detail,
    component: Option<AnalysisComponent>,
) {
    if let Some(shown) = shown.get_mut(at) {
        shown.additional_details.push(AdditionalDetail { additional_detail_type: detail.name(), component });
    }
}

impl PathComponent {
    /// Whether this is said of it.
    pub(super) fn has_detail(&self, detail: Detail) -> bool {
        self.additional_details.iter().any(|it| it.additional_detail_type == detail.name())
    }

    pub(super) fn renumber(&mut self, number: usize) {
        self.sequence_number = number;
    }
}

/// The id of a component's resource.
pub(super) fn id_of(shown: &PathComponent) -> &str {
    shown.component.as_ref().map_or("", |component| component.id.as_str())
}

/// Peering connections show the VPCs on both sides.
fn name_sides(analysis: &Analysis, all: &[Component], shown: &mut [PathComponent]) {
    let graph = analysis.graph();
    let vpc = |component: &Component| member(analysis, component.resource, "AWS::EC2::VPC");
    for (index, component) in all.iter().enumerate() {
        if graph.resource(component.resource).kind != "AWS::EC2::VPCPeeringConnection" {
            continue;
        }
        let (before, after) = all.split_at(index);
        let source = before.iter().rev().find_map(vpc);
        let destination = after.iter().skip(1).find_map(vpc);
        if let Some(shown) = shown.get_mut(index) {
            (shown.source_vpc, shown.destination_vpc, shown.vpc) = (source, destination, None);
        }
    }
}

fn is_border(analysis: &Analysis, resource: ResourceId) -> bool {
    let kind = analysis.graph().resource(resource).kind.as_str();
    kind != "AWS::EC2::NetworkInterface"
}

fn path_component(analysis: &Analysis, component: &Component) -> PathComponent {
    let resource = analysis.graph().resource(component.resource);
    let mut shown = PathComponent {
        component: Some(analysis_component(analysis, component.resource)),
        ..PathComponent::default()
    };
    match component.cause.as_ref().map(|cause| &cause.rule) {
        Some(Rule::Filter(rule)) => {
            shown.acl_rule = AclRule::new(rule);
            if shown.acl_rule.is_none() {
                shown.security_group_rule = Some(SecurityGroupRule::new(rule));
            }
        }
        Some(Rule::Route(rule)) => shown.route_table_route = Some(RouteTableRoute::new(rule)),
        Some(Rule::Transit(rule)) => {
            shown.transit_gateway = member(analysis, component.resource, "AWS::EC2::TransitGateway");
            shown.transit_gateway_route_table_route = Some(TransitGatewayRouteTableRoute::new(rule));
        }
        Some(Rule::Policy(rule)) => {
            shown.transit_gateway = member(analysis, component.resource, "AWS::EC2::TransitGateway");
            shown.transit_gateway_policy_table_entry = Some(TransitGatewayPolicyTableEntry::new(rule));
        }
        Some(Rule::Inspection(rule)) => {
            // A default action is no rule that AWS could name.
            if !rule.group.is_empty() && rule.stateful {
                shown.firewall_stateful_rule = Some(FirewallStatefulRule::new(rule));
            } else if !rule.group.is_empty() {
                shown.firewall_stateless_rule = Some(FirewallStatelessRule::new(rule));
            }
            shown.vpc = member(analysis, component.resource, "AWS::EC2::VPC");
        }
        Some(Rule::Listener(rule)) => {
            let is_arn = rule.listener.starts_with("arn:");
            shown.elastic_load_balancer_listener = is_arn.then(|| AnalysisComponent {
                id: rule.listener.clone(),
                arn: Some(rule.listener.clone()),
                name: None,
            });
            shown.vpc = member(analysis, component.resource, "AWS::EC2::VPC");
        }
        Some(Rule::Established) => {}
        Some(Rule::Carries | Rule::Structure) | None => {
            shown.transit_gateway = member(analysis, component.resource, "AWS::EC2::TransitGateway");
            shown.subnet = member(analysis, component.resource, "AWS::EC2::Subnet");
            shown.vpc = member(analysis, component.resource, "AWS::EC2::VPC");
            shown.attached_to = member(analysis, component.resource, "AWS::EC2::Instance");
            if resource.kind == "AWS::EC2::VPCEndpoint" {
                shown.service_name.clone_from(&resource.label);
            }
        }
    }
    shown
}

pub(super) fn analysis_component(analysis: &Analysis, id: ResourceId) -> AnalysisComponent {
    let resource = analysis.graph().resource(id);
    AnalysisComponent {
        id: resource.id.clone(),
        arn: resource.arn.clone(),
        name: resource.name().map(str::to_owned),
    }
}

/// The resource of this type that `id` is in or belongs to.
fn member(analysis: &Analysis, id: ResourceId, kind: &str) -> Option<AnalysisComponent> {
    let graph = analysis.graph();
    let within = graph.resource(id).within.iter().filter_map(|key| graph.find(key));
    let found = within.into_iter().find(|&id| graph.resource(id).kind == kind)?;
    Some(analysis_component(analysis, found))
}
