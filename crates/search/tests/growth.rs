//! Work grows with the network, not with its square: exact counts of the four scopes that AWS ships, on networks of
//! 1,000 and 10,000 interfaces.

use aws::{Inventory, lower, snapshot::Snapshot};
use graph::{FinishedEnd, ForwardingGraph, NodeId};
use headerspace::Match;
use search::{PathQuery, Sets, Work};
use testkit::generator::{Parameters, generate};

const GATEWAY: &str = "AWS::EC2::InternetGateway";
const INTERFACE: &str = "AWS::EC2::NetworkInterface";
const PEERING: &str = "AWS::EC2::VPCPeeringConnection";
const ENDPOINT: &str = "AWS::EC2::VPCEndpoint";

fn graph(interfaces: u32) -> ForwardingGraph {
    let files = generate(&Parameters::interfaces(interfaces), 1);
    let files = files.into_iter().map(|(name, text)| (name, text.into_bytes()));
    let (snapshot, _) = Snapshot::from_documents(files);
    let (inventory, _) = Inventory::read(&snapshot);
    lower(&inventory, &snapshot).0
}

/// The work of the four scopes: name, and what they took.
fn work(graph: &ForwardingGraph) -> Vec<(&'static str, Work)> {
    let nodes = |kinds: &[&str], of: fn(&FinishedEnd) -> Option<NodeId>| -> Vec<NodeId> {
        let chosen = graph.ends().iter();
        chosen
            .filter(|end| kinds.contains(&graph.resource(end.resource).kind.as_str()))
            .filter_map(of)
            .collect()
    };
    let from = |kinds: &[&str]| nodes(kinds, |end| end.departs);
    let to = |kinds: &[&str]| nodes(kinds, |end| end.arrives);
    let scopes = [
        ("igw-ingress", from(&[GATEWAY]), to(&[INTERFACE])),
        ("igw-egress", from(&[INTERFACE]), to(&[GATEWAY])),
        ("vpc-ingress", from(&[GATEWAY, PEERING]), to(&[INTERFACE])),
        ("vpc-egress", from(&[INTERFACE]), to(&[GATEWAY, PEERING, ENDPOINT])),
    ];
    let engine = Sets::new(graph);
    let tcp_or_udp = Match::any_of([Match::protocol(6), Match::protocol(17)]);
    let ask = |(name, sources, destinations)| {
        let mut query = PathQuery::between(sources, destinations);
        query.at_source = tcp_or_udp.clone();
        query.at_destination = tcp_or_udp.clone();
        query.perhaps = tcp_or_udp.clone();
        (name, engine.paths(&query).work)
    };
    scopes.into_iter().map(ask).collect()
}

#[test]
fn work_for_a_thousand_interfaces() {
    let told: Vec<String> =
        work(&graph(1_000)).iter().map(|(name, work)| format!("{name} {work:?}")).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    igw-ingress Work { edges: 49151, nodes: 2486, steps: 111351, reply_steps: 7139, paths: 8698 }
    igw-egress Work { edges: 49151, nodes: 15417, steps: 60178, reply_steps: 143497, paths: 5937 }
    vpc-ingress Work { edges: 49151, nodes: 2502, steps: 346408, reply_steps: 24424, paths: 13814 }
    vpc-egress Work { edges: 49151, nodes: 15417, steps: 127811, reply_steps: 172359, paths: 14317 }
    ");
}

/// Ten times the network takes about ten times the work. Without optimisation three times must do.
#[test]
fn work_grows_with_the_network() {
    let times = if cfg!(debug_assertions) { 3 } else { 10 };
    let (small, large) = (work(&graph(1_000)), work(&graph(1_000 * times)));
    for ((name, small), (_, large)) in small.iter().zip(&large) {
        let counts = |work: &Work| [work.edges, work.nodes, work.steps, work.reply_steps, work.paths];
        for (few, many) in counts(small).into_iter().zip(counts(large)) {
            assert!(
                many * 10 <= few * u64::from(times) * 11,
                "{name}: {few} became {many}: {small:?}, {large:?}"
            );
        }
    }
}
