//! Which ends of the graph a resource statement selects.

use std::collections::{BTreeMap, BTreeSet};

use graph::{FinishedEnd, ForwardingGraph, NodeId, ResourceId, World};

use headerspace::{Family, Field, Match};
use ipnet::IpNet;

use crate::{
    Context,
    document::{Position, ResourceCondition, ResourceName, ResourceNameKind, ResourceType, Which},
    narrow::{Fit, Purpose, fit},
    pieces::{Passed, Side},
};

/// Members of resource groups, by the group's name or ARN: ids and ARNs.
pub type Groups = BTreeMap<String, Vec<String>>;

/// What a name in a scope stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// These resources.
    Resources(BTreeSet<ResourceId>),
    /// Nothing in the snapshot; the text says what is missing.
    Missing(String),
}

/// The resources that a name stands for: by id or ARN, or the members of a resource group.
pub fn named(graph: &ForwardingGraph, groups: &Groups, name: &ResourceName) -> Named {
    if let ResourceNameKind::ResourceGroupArn { group, .. } = &name.kind {
        let Some(members) = groups.get(&name.text).or_else(|| groups.get(group)) else {
            return Named::Missing(format!(
                "the members of resource group `{}` are not in the snapshot",
                name.text
            ));
        };
        let all = members.iter().flat_map(|member| by_text(graph, member)).collect();
        return Named::Resources(all);
    }
    let found = by_text(graph, &name.text);
    if found.is_empty() {
        return Named::Missing(format!("`{}` is not in the snapshot", name.text));
    }
    Named::Resources(found)
}

/// Resources of this id or ARN.
///
/// An ARN also finds a resource whose own ARN is not fully known, by the id at its end.
pub fn by_text(graph: &ForwardingGraph, text: &str) -> BTreeSet<ResourceId> {
    let exact: BTreeSet<ResourceId> = graph
        .resource_ids()
        .filter(|&id| {
            let resource = graph.resource(id);
            resource.id == text || resource.arn.as_deref() == Some(text)
        })
        .collect();
    if !exact.is_empty() || !text.starts_with("arn:") {
        return exact;
    }
    let mut parts = text.splitn(6, ':').skip(3);
    let (region, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let Some(tail) = parts.next().and_then(|rest| rest.rsplit('/').next()) else { return exact };
    let fits = |known: &str, wanted: &str| known.is_empty() || known == wanted;
    graph
        .resource_ids()
        .filter(|&id| {
            let resource = graph.resource(id);
            resource.id == tail && fits(&resource.account, account) && fits(&resource.region, region)
        })
        .collect()
}

/// Whether an end belongs to one of `resources`: it is one of them, or a network interface in one of them.
///
/// A VPC stands for its network interfaces alone: not for its gateways, endpoints and peering connections, nor for the
/// gateway that it stands in for where the snapshot does not tell which it has.
/// SOURCE: Network Access Analyzer guide, examples that name subnets and security groups (checked 2026-11-23).
pub fn belongs(graph: &ForwardingGraph, end: &FinishedEnd, resources: &BTreeSet<ResourceId>) -> bool {
    let resource = graph.resource(end.resource);
    let mut within = resource.within.iter().filter_map(|key| graph.find(key));
    match resource.kind.as_str() {
        "AWS::EC2::NetworkInterface" => {
            resources.contains(&end.resource) || within.any(|container| resources.contains(&container))
        }
        "AWS::EC2::VPC" => false,
        _ => {
            let joins = |id: &ResourceId| JOINS.contains(&graph.resource(*id).kind.as_str());
            resources.contains(&end.resource)
                || within.any(|container| joins(&container) && resources.contains(&container))
        }
    }
}

/// Types whose traffic goes through ends of other types: a gateway is its attachments, and the far side of a connection
/// is behind the gateway or attachment where it ends.
const JOINS: [&str; 5] = [
    "AWS::DirectConnect::DirectConnectGateway",
    "AWS::DirectConnect::VirtualInterface",
    "AWS::EC2::CustomerGateway",
    "AWS::EC2::TransitGateway",
    "AWS::EC2::VPNConnection",
];

/// Types that may well hold nothing that sends or receives.
const CONTAINERS: [&str; 3] = ["AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::SecurityGroup"];

/// Whether a resource stands for whatever interfaces are in it.
pub fn is_container(graph: &ForwardingGraph, id: ResourceId) -> bool {
    CONTAINERS.contains(&graph.resource(id).kind.as_str())
}

/// What to say of a name that stands for resources without any end, though they should have some.
fn endless(graph: &ForwardingGraph, resources: &BTreeSet<ResourceId>, name: &str) -> Option<String> {
    if resources.iter().any(|&id| is_container(graph, id)) || ends_of(graph, resources).next().is_some() {
        return None;
    }
    Some(format!("the snapshot holds nothing of `{name}` that sends or receives packets"))
}

/// The ends that belong to `resources`, in order.
pub fn ends_of<'g>(
    graph: &'g ForwardingGraph,
    resources: &'g BTreeSet<ResourceId>,
) -> impl Iterator<Item = &'g FinishedEnd> {
    graph.ends().iter().filter(move |end| belongs(graph, end, resources))
}

/// Whether an end is of this type.
///
/// An instance and an interface endpoint are the interfaces that belong to them. Where the snapshot does not tell
/// which gateway a VPC has, the VPC stands in for it.
fn is_of_type(graph: &ForwardingGraph, end: &FinishedEnd, kind: &str) -> bool {
    let resource = graph.resource(end.resource);
    let mut within = resource.within.iter().filter_map(|key| graph.find(key));
    match kind {
        "AWS::EC2::Instance" => within.any(|id| graph.resource(id).kind == kind),
        "AWS::EC2::VPCEndpoint" => resource.kind == kind || within.any(|id| graph.resource(id).kind == kind),
        "AWS::EC2::InternetGateway" => {
            resource.kind == kind || (end.world == World::Internet && resource.kind == "AWS::EC2::VPC")
        }
        _ => resource.kind == kind,
    }
}

/// Whether an end is the interface of a Network or Gateway Load Balancer: paths go through it, and none starts or ends
/// there unless a scope names the interface itself.
///
/// SOURCE: Network Access Analyzer guide, "How Network Access Analyzer works": no finding starts or ends at the
/// interface of a Network Load Balancer (checked 2026-11-26). One that is named is meant: to leave it out as well would
/// make a scope about it silently clean.
fn is_balancing(graph: &ForwardingGraph, end: &FinishedEnd) -> bool {
    let resource = graph.resource(end.resource);
    let mut within = resource.within.iter().filter_map(|key| graph.find(key)).map(|id| graph.resource(id));
    resource.kind == "AWS::EC2::NetworkInterface"
        && within.any(|container| {
            let is_balancer = container.kind == "AWS::ElasticLoadBalancingV2::LoadBalancer";
            is_balancer
                && [":loadbalancer/net/", ":loadbalancer/gwy/"].iter().any(|it| container.id.contains(it))
        })
}

/// The ends that a condition selects, and what it names that is not there. `None` selects all.
pub(crate) fn ends<'g>(
    graph: &'g ForwardingGraph,
    context: &Context,
    condition: Option<&ResourceCondition>,
    purpose: Purpose,
) -> (Side<'g>, Vec<String>) {
    let mut missing = Vec::new();
    let all = || graph.ends().iter().filter(|end| !is_balancing(graph, end));
    let selected: Vec<&FinishedEnd> = match condition.map(|condition| &condition.which) {
        None | Some(Which::Any) => all().collect(),
        Some(Which::Types(types)) => {
            let of_type =
                |end: &&FinishedEnd| types.iter().any(|t| is_of_type(graph, end, t.cloudformation_name()));
            all().filter(of_type).collect()
        }
        Some(Which::Resources(names)) => {
            let mut all = BTreeSet::new();
            for name in names {
                match named(graph, &context.groups, name) {
                    Named::Resources(found) => {
                        missing.extend(endless(graph, &found, &name.text));
                        all.extend(found);
                    }
                    Named::Missing(text) => missing.push(text),
                }
            }
            let meant = |end: &&FinishedEnd| all.contains(&end.resource) || !is_balancing(graph, end);
            graph.ends().iter().filter(|end| belongs(graph, end, &all)).filter(meant).collect()
        }
    };
    let mut side = Side::default();
    for end in selected {
        match condition.map_or(Fit::Yes, |condition| fit(graph, context, end.resource, condition, purpose)) {
            Fit::Yes => side.certain.push(end),
            Fit::No => {}
            Fit::Perhaps(untold) => side.perhaps.push((end, untold)),
        }
    }
    (side, missing)
}

/// Resources that a through entry means, and what it names that is not there.
pub(crate) fn through(
    graph: &ForwardingGraph,
    context: &Context,
    condition: &ResourceCondition,
    purpose: Purpose,
) -> (Passed, Vec<String>) {
    let mut missing = Vec::new();
    let mut all = BTreeSet::new();
    let of_types = |types: &[ResourceType]| -> Vec<ResourceId> {
        let of_type =
            |id: &ResourceId| types.iter().any(|t| graph.resource(*id).kind == t.cloudformation_name());
        graph.resource_ids().filter(of_type).collect()
    };
    match &condition.which {
        Which::Any => {
            let types = ResourceType::ALL.into_iter().filter(|kind| kind.allowed_in(Position::Through));
            all.extend(of_types(&types.collect::<Vec<_>>()));
        }
        Which::Types(types) => all.extend(of_types(types)),
        Which::Resources(names) => {
            for name in names {
                match named(graph, &context.groups, name) {
                    Named::Resources(found) => all.extend(found),
                    Named::Missing(text) => missing.push(text),
                }
            }
        }
    }
    let mut passed = Passed::default();
    for id in all {
        match fit(graph, context, id, condition, purpose) {
            Fit::Yes => _ = passed.certain.insert(id),
            Fit::No => {}
            Fit::Perhaps(untold) => _ = passed.perhaps.insert(id, untold),
        }
    }
    (passed, missing)
}

/// The nodes where packets of these ends start.
pub fn departing(ends: &[&FinishedEnd]) -> BTreeSet<NodeId> {
    ends.iter().filter_map(|end| end.departs).collect()
}

/// The nodes where packets for these ends arrive.
pub fn arriving(ends: &[&FinishedEnd]) -> BTreeSet<NodeId> {
    ends.iter().filter_map(|end| end.arrives).collect()
}

/// Packets whose `field`, an address, is of the public internet: IPv4 outside RFC 1918 and RFC 6598, IPv6 global
/// unicast.
pub fn public(field: Field) -> Match {
    let nets = |nets: &[&str]| nets.iter().filter_map(|net| net.parse::<IpNet>().ok()).collect::<Vec<_>>();
    let within = |nets: Vec<IpNet>| match field {
        Field::SrcIp => Match::src_any_of(nets),
        _ => Match::dst_any_of(nets),
    };
    let private = within(nets(&["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"]));
    let v4 = Match::all_of([Match::family(Family::V4), Match::not(private)]);
    Match::any_of([v4, within(nets(&["2000::/3"]))])
}
