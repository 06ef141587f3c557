//! Why a table does not route a packet to where it would have to go.

use std::{net::IpAddr, sync::Arc};

use graph::{Cause, Control, Disposition, EdgeId, ForwardingGraph, NodeId, ResourceId, RouteTo, Rule};
use headerspace::Packet;
use ipnet::IpNet;

use super::{Code, Explanation, Member, Told, Way, member};

/// A route of a table, as the graph has it: what it is, whether it covers the packet, where it leads.
struct Route {
    cause: Arc<Cause>,
    rank: u32,
    covers: bool,
    target: String,
    is_active: bool,
}

impl Route {
    fn length(&self) -> Option<u8> {
        let (Rule::Route(graph::RouteRule { destination, .. })
        | Rule::Transit(graph::TransitRule { destination, .. })) = &self.cause.rule
        else {
            return None;
        };
        match destination {
            RouteTo::Cidr(text) => text.parse::<IpNet>().ok().map(|net| net.prefix_len()),
            RouteTo::PrefixList(_) => None,
        }
    }
}

/// The routes of a table at a node, in the order in which they are tried; `packet` as it is there.
fn routes(graph: &ForwardingGraph, node: NodeId, packet: &Packet) -> Vec<Route> {
    let route = |&edge: &EdgeId| {
        let edge = graph.edge(edge);
        let (target, is_active) = match &edge.cause.rule {
            Rule::Route(rule) => (rule.target.clone(), rule.state != "blackhole"),
            Rule::Transit(rule) => (rule.attachment.clone(), rule.state != "blackhole"),
            _ => return None,
        };
        let is_active = is_active && graph.node(edge.to).refuses != Some(Disposition::Blackhole);
        let covers = graph.guard(edge.guard).accepts(packet);
        Some(Route { cause: edge.cause.clone(), rank: edge.rank, covers, target, is_active })
    };
    graph.outgoing(node).iter().filter_map(route).collect()
}

/// The codes for a VPC's table and for a transit gateway's.
struct Codes {
    none: Code,
    cannot: Code,
    bad: Code,
    specific: Code,
    higher: Code,
    table: Member,
    route: Member,
}

const OF_VPC: Codes = Codes {
    none: Code::NoRouteToDestination,
    cannot: Code::CannotRoute,
    bad: Code::BadStateRoute,
    specific: Code::MoreSpecificRoute,
    higher: Code::HigherPriorityRoute,
    table: Member::RouteTable,
    route: Member::RouteTableRoute,
};

const OF_TRANSIT_GATEWAY: Codes = Codes {
    none: Code::TgwRtbNoRouteToTgwAttachment,
    cannot: Code::TgwRtbCannotRoute,
    bad: Code::TgwRtbBadStateRoute,
    specific: Code::TgwRtbMoreSpecificRoute,
    higher: Code::TgwRtbHigherPriorityRoute,
    table: Member::TransitGatewayRouteTable,
    route: Member::TransitGatewayRouteTableRoute,
};

fn codes(graph: &ForwardingGraph, table: Option<ResourceId>) -> &'static Codes {
    let kind = table.map(|id| graph.resource(id).kind.as_str());
    if kind == Some("AWS::EC2::TransitGatewayRouteTable") { &OF_TRANSIT_GATEWAY } else { &OF_VPC }
}

/// Why the table of `control` does not route the packet to `target`, by id.
pub(super) fn no_route(way: &Way<'_>, at: usize, control: &Control, target: &str) -> Explanation {
    let graph = way.analysis.graph();
    let (Some(hop), Some(node)) = (way.hop(at), way.from(at)) else {
        return Explanation::new(Code::NoRouteToDestination, "");
    };
    let table = graph.find(&control.resource);
    let all = routes(graph, node, &hop.before);
    let codes = codes(graph, table);
    let towards = |route: &&Route| route.target == target;
    let decides = all.iter().find(|route| route.covers);
    let covering = all.iter().filter(towards).find(|route| route.covers);
    let (code, route) = match (decides, covering) {
        (Some(first), Some(_)) if first.target == target && !first.is_active => (codes.bad, Some(first)),
        (Some(first), Some(wanted)) if !first.is_active && wanted.rank == first.rank => {
            (codes.bad, Some(first))
        }
        (Some(first), Some(wanted)) if first.length() == wanted.length() => (codes.higher, Some(first)),
        (Some(first), Some(_)) => (codes.specific, Some(first)),
        // A route that leads nowhere stands where the one to the target would.
        (Some(first), None) if !first.is_active => (codes.bad, Some(first)),
        (_, None) => match all.iter().find(towards) {
            Some(other) => (codes.cannot, Some(other)),
            None => (codes.none, None),
        },
        (None, Some(_)) => (codes.none, None),
    };
    let destination = scope::selection::by_text(graph, target).into_iter().next();
    let vpc = way.nearest(&[node], "AWS::EC2::Subnet").and_then(|id| member(graph, id, "AWS::EC2::VPC"));
    let mut explanation = Explanation::new(code, "").resource(codes.table, table);
    if let Some(route) = route {
        explanation = explanation.with(codes.route, Told::Rule(route.cause.clone()));
        if code == codes.bad {
            explanation = explanation.text(Member::State, "blackhole");
        }
    }
    if codes.table == Member::RouteTable {
        explanation.resource(Member::Destination, destination).resource(Member::Vpc, vpc)
    } else {
        let gateway = table.and_then(|id| member(graph, id, "AWS::EC2::TransitGateway"));
        explanation
            .resource(Member::TransitGatewayAttachment, destination)
            .resource(Member::TransitGateway, gateway)
    }
}

/// What a table says of a packet that stops there: a route that leads nowhere, or none.
pub(super) fn stopped(
    graph: &ForwardingGraph,
    table: Option<ResourceId>,
    cause: Option<&Arc<Cause>>,
    subnet: Option<ResourceId>,
    destination: IpAddr,
) -> Explanation {
    let codes = codes(graph, table);
    let vpc = subnet.and_then(|id| member(graph, id, "AWS::EC2::VPC"));
    let mut explanation = match cause {
        Some(cause) => Explanation::new(codes.bad, "")
            .with(codes.route, Told::Rule(cause.clone()))
            .text(Member::State, "blackhole"),
        None => Explanation::new(codes.none, "").text(Member::Address, destination.to_string()),
    };
    explanation = explanation.resource(codes.table, table);
    if codes.table == Member::RouteTable { explanation.resource(Member::Vpc, vpc) } else { explanation }
}
