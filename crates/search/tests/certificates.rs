//! Certificates: what the packet-set engine finds is confirmed, what is wrong is refuted.
#![cfg(feature = "z3")]

mod common;

use common::{ends, everything, graph_of, network, seeds};
use graph::{ForwardingGraph, NodeId};
use headerspace::{Field, HeaderSpace, Match, Ranges};
use search::{
    Answer, Certificate, Certifier, Direction, Engine, FoundPath, PathQuery, Sets, Track, Z3, certify_absence,
};
use testkit::random_graph::{random_graph, random_graph_with_identities};

fn certified(graph: &ForwardingGraph, query: &PathQuery, paths: &[FoundPath], seed: u64) -> usize {
    let certificates = Certifier::new(graph).paths(query, &paths.iter().collect::<Vec<_>>());
    for (certificate, path) in certificates.each.iter().zip(paths) {
        let way: Vec<String> = path.edges.iter().map(|&edge| graph.describe(graph.edge(edge).to)).collect();
        let from = graph.describe(path.source);
        assert_eq!(*certificate, Certificate::Certified, "seed {seed}: {from} {}\n{path:?}", way.join(" "));
    }
    certificates.each.len()
}

#[test]
fn paths_of_random_networks_are_certified() {
    let (mut paths, mut distinct) = (0, 0);
    for seed in seeds(80) {
        let graph = graph_of(&network(seed).json);
        let (departs, arrives) = ends(&graph);
        let query = PathQuery::between(departs, arrives);
        let found = Sets::new(&graph).paths(&query).found;
        paths += certified(&graph, &query, &found, seed);
        distinct += Certifier::new(&graph).paths(&query, &found.iter().collect::<Vec<_>>()).distinct;
    }
    assert!(paths > 300 && distinct < paths, "{paths} paths, {distinct} distinct");
}

#[test]
fn paths_of_odd_graphs_are_certified() {
    for graph_of in [random_graph, random_graph_with_identities] {
        let mut paths = 0;
        for seed in seeds(60) {
            let graph = graph_of(seed);
            let (departs, arrives) = ends(&graph);
            let query = PathQuery { most: 300, ..PathQuery::between(departs, arrives) };
            paths += certified(&graph, &query, &Sets::new(&graph).paths(&query).found, seed);
        }
        assert!(paths > 300, "{paths} paths are too few");
    }
}

#[test]
fn answers_are_certified() {
    let mut counts = [0; 3];
    for seed in seeds(40) {
        let network = if seed % 2 == 0 { network(seed) } else { everything(seed) };
        let graph = graph_of(&network.json);
        let (departs, arrives) = ends(&graph);
        let (mut sets, mut z3) = (Sets::new(&graph), Z3::new(&graph));
        let mut certifier = Certifier::new(&graph);
        for (index, &source) in departs.iter().enumerate() {
            for &destination in arrives.iter().skip(index % 3).step_by(3) {
                for direction in [Direction::Forward, Direction::RoundTrip] {
                    let query = PathQuery::between([source], [destination]).in_direction(direction);
                    let answer = sets.answer(&query);
                    let certificate = certifier.answer(&query, &answer);
                    counts[match answer {
                        Answer::Reachable(_) => 0,
                        Answer::Unreachable(_) => 1,
                        Answer::Unknown(_) => 2,
                    }] += 1;
                    let expected = (!matches!(answer, Answer::Unknown(_))).then_some(Certificate::Certified);
                    let pair = format!("{} to {}", graph.describe(source), graph.describe(destination));
                    assert_eq!(certificate, expected, "seed {seed} {direction:?} {pair}: {answer:?}");
                    // What Z3 finds itself is no different.
                    let answer = z3.answer(&query);
                    let certificate = certifier.answer(&query, &answer);
                    assert_eq!(certificate, expected, "seed {seed} {direction:?} {pair} by Z3: {answer:?}");
                }
            }
        }
    }
    assert!(counts.iter().all(|&count| count > 20), "{counts:?} answers are too few of a kind");
}

/// The path with these packets instead of its own.
fn with_packets(path: &FoundPath, packets: &Match) -> FoundPath {
    let mut space = HeaderSpace::new();
    let set = space.compile(packets);
    let set = space.and(set, space.well_formed());
    let tracks = space.blocks(set).into_iter().map(|first| Track { first, changes: Vec::new() });
    FoundPath { tracks: tracks.collect(), ..path.clone() }
}

#[test]
fn wrong_packets_are_refuted() {
    let (mut fewer, mut more) = (0, 0);
    for seed in seeds(30) {
        let graph = graph_of(&network(seed).json);
        let (departs, arrives) = ends(&graph);
        let query = PathQuery::between(departs, arrives);
        for path in &Sets::new(&graph).paths(&query).found {
            let own = Match::any_of(path.tracks.iter().map(|track| track.first.to_match()));
            let refuted = |packets: Match| {
                let changed = with_packets(path, &packets);
                let each = Certifier::new(&graph).paths(&query, &[&changed]).each;
                matches!(each.as_slice(), [Certificate::Refuted(_)])
            };
            // Without its lowest source port, and with one more protocol.
            let Some(port) = path.tracks.first().and_then(|track| track.first.get(Field::SrcPort).min())
            else {
                continue;
            };
            let others = Match::not(Match::In(Field::SrcPort, Ranges::single(port)));
            assert!(refuted(Match::all_of([own.clone(), others])), "seed {seed}: packets are missing");
            fewer += 1;
            let odd = Match::all_of([
                Match::protocol(99),
                Match::In(Field::Identity, Ranges::single(0)),
                Match::In(Field::Phase, Ranges::single(1)),
                Match::In(Field::SrcIp, Ranges::single(1)),
            ]);
            assert!(refuted(Match::any_of([own, odd])), "seed {seed}: packets are too many");
            more += 1;
        }
    }
    assert!(fewer > 50 && more > 50, "{fewer} and {more} are too few");
}

#[test]
fn wrong_absence_is_refuted_and_right_absence_is_certified() {
    let mut counts = [0; 2];
    for seed in seeds(60) {
        let graph = graph_of(&network(seed).json);
        let (departs, arrives): (Vec<NodeId>, Vec<NodeId>) = ends(&graph);
        for at_destination in [Match::All, Match::ports(Field::DstPort, 443..=443), Match::protocol(99)] {
            let query = PathQuery { at_destination, ..PathQuery::between(departs.clone(), arrives.clone()) };
            let query = query.in_direction(Direction::Forward);
            let paths = Sets::new(&graph).paths(&query);
            let others =
                |path: &&FoundPath| graph.node(path.source).resource != graph.node(path.destination).resource;
            let clean = paths.found.iter().find(others).is_none() && paths.doubts.is_empty();
            match certify_absence(&graph, &query) {
                Certificate::Certified => assert!(clean, "seed {seed}: {:?}", paths.found),
                Certificate::Refuted(what) => assert!(!clean, "seed {seed}: {what}"),
                Certificate::Open(why) => unreachable!("seed {seed}: {why}"),
            }
            counts[usize::from(clean)] += 1;
        }
    }
    assert!(counts.iter().all(|&count| count > 10), "{counts:?} questions are too few of a kind");
}
