//! Questions with conditions on random networks: exceptions, resources on the way, limits; and what must not show in
//! an answer: threads and the order of the input.
#![expect(clippy::unwrap_used, reason = "helpers of tests, which may stop them")]

mod common;

use std::collections::BTreeSet;

use common::{ends, graph_of, network, seeds};
use graph::{Disposition, ForwardingGraph, NodeId, ResourceId, Rule};
use headerspace::{Field, Match, Packet};
use search::{Answer, Direction, Engine, Exception, FoundPath, PathQuery, Paths, Replies, Sets};
use testkit::oracle::{Values, contradictions, disagreements, packets};
use testkit::random::shuffle;

/// Packets from every source, the same for the same seed.
fn sent(graph: &ForwardingGraph, values: &Values, seed: u64) -> Vec<(NodeId, BTreeSet<Packet>)> {
    let (departs, _) = ends(graph);
    departs.into_iter().map(|source| (source, packets(graph, values, source, 50, seed))).collect()
}

fn each(sent: &[(NodeId, BTreeSet<Packet>)]) -> impl Iterator<Item = (NodeId, &Packet)> {
    sent.iter().flat_map(|(source, packets)| packets.iter().map(|packet| (*source, packet)))
}

fn everything(graph: &ForwardingGraph) -> PathQuery {
    let (departs, arrives) = ends(graph);
    PathQuery::between(departs, arrives)
}

/// Resources by turns, so that filters, routes, subnets and interfaces are all asked about.
fn some_resources(graph: &ForwardingGraph, from: u64) -> BTreeSet<ResourceId> {
    graph.resource_ids().filter(|id| (id.index() as u64 + from) % 5 < 2).collect()
}

/// Conditions on headers by turns.
fn header(turn: u64) -> Match {
    let port = |field, range| Match::all_of([Match::protocol(6), Match::ports(field, range)]);
    match turn % 6 {
        0 => Match::All,
        1 => port(Field::DstPort, 0..=443),
        2 => Match::any_of([Match::protocol(6), Match::protocol(17)]),
        3 => port(Field::SrcPort, 1_024..=65_535),
        4 => Match::not(Match::dst_in("10.0.0.0/25".parse().unwrap())),
        _ => Match::src_any_of(["10.0.0.0/8".parse().unwrap(), "2600::/16".parse().unwrap()]),
    }
}

/// Everything that can be wrong with the answers to `query`.
fn wrong(graph: &ForwardingGraph, values: &Values, query: &PathQuery, seed: u64) -> Vec<String> {
    let sent = sent(graph, values, seed);
    let mut engine = Sets::new(graph);
    let paths = engine.paths(query);
    let mut found = disagreements(graph, values, query, &paths, each(&sent));
    for direction in [Direction::Forward, Direction::RoundTrip] {
        let query = query.clone().in_direction(direction);
        let answer = engine.answer(&query);
        found.extend(contradictions(graph, &query, &answer, each(&sent)));
        let through = paths.found.iter().any(|path| {
            direction == Direction::Forward || matches!(path.replies, Replies::All | Replies::Some(_))
        });
        if through != matches!(answer, Answer::Reachable(_)) {
            found.push(format!("{direction:?}: {} paths, but {answer:?}", paths.found.len()));
        }
    }
    found.truncate(3);
    found
}

#[test]
fn headers_at_both_ends_are_kept_to() {
    for seed in seeds(60) {
        let network = network(seed);
        let (graph, values) = (graph_of(&network.json), Values::of(&network));
        let mut query = everything(&graph);
        (query.at_source, query.at_destination) = (header(seed), header(seed / 6));
        let wrong = wrong(&graph, &values, &query, seed);
        assert!(wrong.is_empty(), "seed {seed}: {wrong:#?}");
    }
}

#[test]
fn paths_go_through_what_they_must() {
    for seed in seeds(60) {
        let network = network(seed);
        let (graph, values) = (graph_of(&network.json), Values::of(&network));
        let mut query = everything(&graph);
        query.through = (0..=seed % 2).map(|turn| some_resources(&graph, seed + turn)).collect();
        let wrong = wrong(&graph, &values, &query, seed);
        assert!(wrong.is_empty(), "seed {seed}: {wrong:#?}");
    }
}

#[test]
fn exceptions_take_out_their_packets_and_no_others() {
    for seed in seeds(120) {
        let network = network(seed);
        let (graph, values) = (graph_of(&network.json), Values::of(&network));
        let (departs, arrives) = ends(&graph);
        let half = |nodes: &[NodeId], turn: u64| -> BTreeSet<NodeId> {
            nodes.iter().copied().filter(|node| (node.index() as u64 + turn).is_multiple_of(2)).collect()
        };
        let exception = |turn: u64| Exception {
            sources: turn.is_multiple_of(2).then(|| half(&departs, turn / 2)),
            destinations: turn.is_multiple_of(3).then(|| half(&arrives, turn / 3)),
            through: turn.is_multiple_of(4).then(|| some_resources(&graph, turn)).into_iter().collect(),
            at_source: header(turn),
            at_destination: header(turn / 4 + 1),
        };
        let mut query = everything(&graph);
        query.except = (0..=seed % 3).map(|turn| exception(seed * 3 + turn)).collect();
        let wrong = wrong(&graph, &values, &query, seed);
        assert!(wrong.is_empty(), "seed {seed}: {wrong:#?}");
    }
}

#[test]
fn what_is_asked_and_excepted_at_once_is_nothing() {
    for seed in seeds(30) {
        let graph = graph_of(&network(seed).json);
        let mut query = everything(&graph);
        query.at_destination = header(seed);
        let whole = Exception {
            sources: None,
            destinations: None,
            through: Vec::new(),
            at_source: Match::All,
            at_destination: header(seed),
        };
        query.except = vec![whole];
        let mut engine = Sets::new(&graph);
        assert!(engine.paths(&query).found.is_empty());
        assert!(!matches!(engine.answer(&query), Answer::Reachable(_)));
    }
}

#[test]
fn a_limit_gives_some_of_the_paths_and_says_so() {
    for seed in seeds(30) {
        let graph = graph_of(&network(seed).json);
        let engine = Sets::new(&graph);
        let all = engine.paths(&everything(&graph));
        assert!(!all.truncated);
        let count = all.found.len();
        let known: BTreeSet<String> = all.found.iter().map(|path| format!("{path:?}")).collect();
        for most in [0, 1, count / 2, count.saturating_sub(1), count, count + 1] {
            let some = engine.paths(&PathQuery { most, ..everything(&graph) });
            assert_eq!((some.found.len(), some.truncated), (most.min(count), most < count), "seed {seed}");
            assert!(some.found.iter().all(|path| known.contains(&format!("{path:?}"))), "seed {seed}");
        }
    }
}

#[test]
fn threads_do_not_show() {
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let (one, four) = (pool(1), pool(4));
    for seed in seeds(40) {
        let graph = graph_of(&network(seed).json);
        for most in [usize::MAX, 5] {
            let query = PathQuery { most, ..everything(&graph) };
            let ask = || format!("{:#?}", Sets::new(&graph).paths(&query));
            assert_eq!(one.install(ask), four.install(ask), "seed {seed}");
        }
    }
}

/// Paths and doubts without where their causes are written.
fn told(graph: &ForwardingGraph, paths: &Paths) -> String {
    let path = |path: &FoundPath| {
        let rules: Vec<(String, &Rule, &_)> = path
            .edges
            .iter()
            .map(|&edge| graph.edge(edge))
            .map(|edge| (graph.describe(edge.to), &edge.cause.rule, &edge.cause.resource))
            .collect();
        let replies = match &path.replies {
            Replies::Unknown(causes) => format!("unknown {}", causes.len()),
            known => format!("{known:?}"),
        };
        format!("{} {rules:?} {:?} {replies}\n", graph.describe(path.source), path.tracks)
    };
    let found: Vec<String> = paths.found.iter().map(path).collect();
    let mut doubts: Vec<String> = paths
        .doubts
        .iter()
        .map(|doubt| format!("{:?} {} {}\n", doubt.cause.rule, doubt.cause.resource, doubt.sources))
        .collect();
    doubts.sort();
    format!("{}{}{:?}", found.concat(), doubts.concat(), paths.work)
}

#[test]
fn the_order_of_the_input_does_not_show() {
    for seed in seeds(60) {
        let json = network(seed).json;
        let (graph, other) = (graph_of(&json), graph_of(&shuffle(&json, seed)));
        assert_eq!(graph.to_string(), other.to_string(), "seed {seed}");
        let ask = |graph: &ForwardingGraph| told(graph, &Sets::new(graph).paths(&everything(graph)));
        assert_eq!(ask(&graph), ask(&other), "seed {seed}");
    }
}

#[test]
fn doubts_are_where_packets_may_get_on() {
    let mut doubts = 0;
    for seed in seeds(200) {
        let network = network(seed);
        let graph = graph_of(&network.json);
        let query = everything(&graph);
        let paths = Sets::new(&graph).paths(&query);
        for doubt in &paths.doubts {
            doubts += 1;
            // Its packet goes that way for certain, up to the last step.
            let mut traces =
                graph::walk(&graph, doubt.source, doubt.packet, graph::Session::Opening).into_iter();
            let uncertain =
                |trace: &graph::Trace| !trace.certain || trace.disposition == Disposition::InsufficientInfo;
            assert!(traces.any(|trace| uncertain(&trace)), "seed {seed}: {doubt:?}");
            let last = doubt.edges.last().unwrap();
            assert_eq!(graph.edge(*last).cause, doubt.cause, "seed {seed}");
        }
    }
    assert!(doubts > 50, "{doubts} doubts are too few to show anything");
}
