//! Random networks with everything in them: read without complaint, and worth testing with.
#![allow(clippy::unwrap_used, reason = "tests may stop")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use aws::{Diagnostic, Inventory, Severity, lower, snapshot::Snapshot};
use common::{ends, everything, graph_of};
use graph::{ForwardingGraph, ResourceId};
use search::{Answer, Engine, FoundPath, PathQuery, Sets};
use testkit::random::{RandomOptions, random_network_from_seed};

/// What is wrong with an export, or worth a remark.
fn remarks(json: &str) -> Vec<Diagnostic> {
    let (snapshot, mut remarks) = Snapshot::parse("network.json", json);
    let (inventory, more) = Inventory::read(&snapshot);
    remarks.extend(more);
    remarks.extend(lower(&inventory, &snapshot).1);
    remarks.retain(|remark| remark.severity < Severity::Info);
    remarks
}

#[test]
fn networks_with_everything_are_read_without_remarks() {
    for seed in 0..100 {
        // An endpoint of a firewall may be in the making, as AWS would say.
        for remark in remarks(&everything(seed).json) {
            assert_eq!(remark.code, "not-ready", "seed {seed}: {remark}");
        }
    }
}

#[test]
fn large_networks_are_read_without_remarks() {
    for seed in 0..10 {
        let options = RandomOptions { interfaces: 60..=60, ..RandomOptions::everything() };
        for remark in remarks(&random_network_from_seed(seed, &options).json) {
            assert_eq!(remark.code, "not-ready", "seed {seed}: {remark}");
        }
    }
}

/// Types of which something must be on some path.
const ON_PATHS: [&str; 18] = [
    "AWS::EC2::InternetGateway",
    "AWS::EC2::NatGateway",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::NetworkInterface",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Subnet",
    "AWS::EC2::TransitGateway",
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::TransitGatewayRouteTable",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCEndpoint",
    "AWS::EC2::VPCEndpointService",
    "AWS::EC2::VPCPeeringConnection",
    "AWS::EC2::VPNGateway",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::NetworkFirewall::Firewall",
];

/// What else must be on some path: in the names of nodes and rules, and in the notes of causes.
const SAID_ON_PATHS: [&str; 22] = [
    "tgw-attach-17",                // a peering
    "tgw-attach-18",                // a VPN
    "tgw-attach-19",                // Direct Connect
    "route_origin: \"static\"",     // a static route of a transit gateway
    "route_origin: \"propagated\"", // a propagated one
    "EnableVgwRoutePropagation",
    "vpce-1/service",     // a gateway endpoint
    "vpce-7",             // an endpoint of a firewall
    "vpce-8",             // one of a Gateway Load Balancer
    "vpce-9",             // an interface endpoint
    "vpce-svc-1",         // a service carried by a Network Load Balancer
    "linked[",            // through it to a node
    ":loadbalancer/app/", // an Application Load Balancer
    ":loadbalancer/net/", // a Network Load Balancer
    "/sent[",             // the address of its client is preserved
    "priority: Some(\"10\")",
    "rtb-18", // the route table of an internet gateway
    "eigw-",
    "stateful: false, group: \"arn", // a rule about single packets
    "stateful: true, group: \"arn",  // a rule about conversations
    "/stateless-passed",             // a rule about flags
    "/stateful",
];

/// Types of what is on a path: its nodes, and what causes its edges.
fn passed(graph: &ForwardingGraph, path: &FoundPath) -> BTreeSet<ResourceId> {
    let edges = path.edges.iter().map(|&edge| graph.edge(edge));
    edges
        .flat_map(|edge| {
            let nodes = [graph.node(edge.from).resource, graph.node(edge.to).resource];
            nodes.into_iter().chain([graph.find(&edge.cause.resource)]).flatten()
        })
        .collect()
}

#[test]
fn everything_lies_on_paths() {
    let mut networks = BTreeMap::<String, usize>::new();
    let mut paths_through = BTreeMap::<String, usize>::new();
    let mut said = SAID_ON_PATHS.map(|words| (words, 0));
    let mut answers = [0; 3];
    for seed in 0..200 {
        let graph = graph_of(&everything(seed).json);
        let kind = |id: ResourceId| graph.resource(id).kind.clone();
        let there: BTreeSet<String> =
            graph.nodes().filter_map(|node| graph.node(node).resource).map(kind).collect();
        for kind in there {
            *networks.entry(kind).or_default() += 1;
        }
        let (departs, arrives) = ends(&graph);
        let mut engine = Sets::new(&graph);
        for path in &engine.paths(&PathQuery::between(departs.clone(), arrives.clone())).found {
            for kind in passed(&graph, path).into_iter().map(kind).collect::<BTreeSet<_>>() {
                *paths_through.entry(kind).or_default() += 1;
            }
            let told = path.edges.iter().map(|&edge| {
                let edge = graph.edge(edge);
                format!("{} {} {:?}\n", graph.describe(edge.to), edge.cause.resource, edge.cause.rule)
            });
            let text: String = told.collect();
            for (words, count) in &mut said {
                *count += usize::from(text.contains(*words));
            }
        }
        for (index, &source) in departs.iter().enumerate() {
            for &destination in arrives.iter().skip(index % 3).step_by(3) {
                answers[match engine.answer(&PathQuery::between([source], [destination])) {
                    Answer::Reachable(_) => 0,
                    Answer::Unreachable(_) => 1,
                    Answer::Unknown(_) => 2,
                }] += 1;
            }
        }
    }
    for kind in ON_PATHS {
        let (there, through) = (networks.get(kind), paths_through.get(kind));
        let rules = ["AWS::EC2::NetworkAcl", "AWS::EC2::RouteTable", "AWS::EC2::SecurityGroup"];
        assert!(
            rules.contains(&kind) || there.is_some_and(|&count| count >= 20),
            "{kind}: {there:?} networks"
        );
        assert!(through.is_some_and(|&count| count >= 20), "{kind}: {through:?} paths");
    }
    for (words, count) in said {
        assert!(count > 0, "{words} is on no path");
    }
    assert!(answers.iter().all(|&count| count > 200), "{answers:?} answers are too few of a kind");
}
