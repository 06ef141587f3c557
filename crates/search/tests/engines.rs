//! The Z3 engine against the packet-set engine and concrete packets, on random networks and odd graphs.
#![cfg(feature = "z3")]
#![allow(clippy::indexing_slicing, clippy::print_stdout, reason = "tests may stop, and tell")]

mod common;

use std::collections::BTreeSet;

use common::{ends, everything, everything_but_some_records, graph_of, network, seeds};
use graph::{ForwardingGraph, NodeId};
use headerspace::{HeaderSpace, PacketSet};
use search::{
    Answer, Certificate, Certifier, Direction, Engine, PathQuery, Paths, Replies, Sets, WORK_LIMIT, Z3,
};
use testkit::oracle::{Values, contradictions, packets};
use testkit::random::{RandomNetwork, RandomOptions, random_network_from_seed};
use testkit::random_graph::{random_graph, random_graph_with_identities};

fn word(answer: &Answer) -> &'static str {
    match answer {
        Answer::Reachable(_) => "reachable",
        Answer::Unreachable(_) => "unreachable",
        Answer::Unknown(_) => "unknown",
    }
}

#[test]
fn engines_agree_on_random_networks() {
    let counts = check_networks(network, seeds(60));
    assert!(counts.iter().all(|&count| count > 50), "{counts:?} answers are too few of a kind");
}

#[test]
fn engines_agree_on_random_networks_with_everything() {
    // Now and then records are missing: few things are unknown otherwise.
    let some = |seed| if seed % 4 == 3 { everything_but_some_records(seed) } else { everything(seed) };
    let counts = check_networks(some, seeds(40));
    assert!(counts.iter().all(|&count| count > 20), "{counts:?} answers are too few of a kind");
}

#[test]
fn engines_agree_on_networks_of_up_to_sixty_interfaces() {
    let large = |seed: u64| {
        let interfaces = 5..=60;
        let options =
            RandomOptions { interfaces, missing_records: seed % 4 == 3, ..RandomOptions::everything() };
        random_network_from_seed(seed, &options)
    };
    let counts = check_networks(large, seeds(12));
    assert!(counts.iter().all(|&count| count > 10), "{counts:?} answers are too few of a kind");
}

/// So many pairs of ends are looked at in each network, spread over all of them.
const PAIRS: usize = 40;

/// Compares the engines' answers with each other and with packets that are walked; how many there are of each kind.
fn check_networks(network_of: fn(u64) -> RandomNetwork, seeds: impl Iterator<Item = u64>) -> [usize; 3] {
    let mut counts = [0; 3];
    let (mut networks, mut checks) = (0, 0);
    for seed in seeds {
        let network = network_of(seed);
        let (graph, values) = (graph_of(&network.json), Values::of(&network));
        let (departs, arrives) = ends(&graph);
        let (mut sets, mut z3) = (Sets::new(&graph), Z3::new(&graph));
        let pairs: Vec<(NodeId, NodeId)> =
            departs.iter().flat_map(|&from| arrives.iter().map(move |&to| (from, to))).collect();
        // Steps that have nothing in common with the number of ends, so that all of them get their turn.
        let apart = (pairs.len() / PAIRS).max(1) | 1;
        for &(source, destination) in pairs.iter().step_by(apart) {
            let sent = packets(&graph, &values, source, 20, seed);
            for direction in [Direction::Forward, Direction::RoundTrip] {
                let query = PathQuery::between([source], [destination]).in_direction(direction);
                let (expected, found) = (sets.answer(&query), z3.answer(&query));
                let pair = format!("{} to {}", graph.describe(source), graph.describe(destination));
                assert_eq!(
                    word(&found),
                    word(&expected),
                    "seed {seed} {direction:?} {pair}: {expected:?} {found:?}"
                );
                for answer in [&expected, &found] {
                    let sent = sent.iter().map(|packet| (source, packet));
                    let wrong = contradictions(&graph, &query, answer, sent);
                    assert!(wrong.is_empty(), "seed {seed} {direction:?} {pair}: {wrong:#?}");
                }
                counts[match found {
                    Answer::Reachable(_) => 0,
                    Answer::Unreachable(_) => 1,
                    Answer::Unknown(_) => 2,
                }] += 1;
            }
        }
        networks += 1;
        checks += z3.checks();
    }
    println!("{networks} networks, {counts:?} answers, {checks} checks");
    counts
}

#[test]
fn engines_agree_on_odd_graphs() {
    check_odd_graphs(random_graph, seeds(100));
}

#[test]
fn engines_agree_on_odd_graphs_that_remember_senders() {
    check_odd_graphs(random_graph_with_identities, seeds(100));
}

fn check_odd_graphs(graph_of: fn(u64) -> ForwardingGraph, seeds: impl Iterator<Item = u64>) {
    for seed in seeds {
        let graph = graph_of(seed);
        let (departs, arrives) = ends(&graph);
        let (mut sets, mut z3) = (Sets::new(&graph), Z3::new(&graph));
        for &source in &departs {
            // Whether a packet that goes in a circle has arrived where it started is no question about networks.
            for &destination in arrives.iter().filter(|&&destination| destination != source) {
                for direction in [Direction::Forward, Direction::RoundTrip] {
                    let query = PathQuery::between([source], [destination]).in_direction(direction);
                    let (expected, found) = (sets.answer(&query), z3.answer(&query));
                    assert_eq!(
                        word(&found),
                        word(&expected),
                        "seed {seed} {direction:?} {} to {}: {} {}\n{graph}",
                        graph.describe(source),
                        graph.describe(destination),
                        common::verdict(&graph, &expected),
                        common::verdict(&graph, &found)
                    );
                }
            }
        }
    }
}

/// Paths, each with its packets and what becomes of replies, in a form that does not depend on who found them.
fn told(graph: &ForwardingGraph, paths: &Paths) -> Vec<String> {
    let mut space = HeaderSpace::new();
    let mut lines: Vec<String> = Vec::new();
    for path in &paths.found {
        let blocks: Vec<PacketSet> = path.tracks.iter().map(|track| space.from_block(&track.first)).collect();
        let packets = space.any_of(blocks);
        let replies = match &path.replies {
            Replies::Some(these) => {
                let these = space.compile(these);
                let these = space.and(these, packets);
                format!("some: {}", space.to_match(these))
            }
            Replies::Unknown(_) => "unknown".to_owned(),
            other => format!("{other:?}"),
        };
        let ends = [path.source, path.destination].map(|node| graph.describe(node));
        let causes: Vec<String> =
            path.edges.iter().map(|&id| format!("{:?}", graph.edge(id).cause)).collect();
        let nodes: Vec<NodeId> = path.edges.iter().map(|&id| graph.edge(id).to).collect();
        // Whether packets that come to a node again, for some as what they were there, go another way, is told
        // differently: sets of packets have changed, single packets have not.
        let distinct: BTreeSet<&NodeId> = nodes.iter().chain([&path.source]).collect();
        if distinct.len() <= nodes.len() {
            continue;
        }
        lines.push(format!("{ends:?} {nodes:?} {causes:?} {} {replies}", space.to_match(packets)));
    }
    lines.sort();
    lines
}

#[test]
fn engines_find_the_same_paths() {
    let (mut found, mut gave_up) = (0, 0);
    let some = |seed: u64| match seed % 3 {
        0 => network(seed),
        1 => everything(seed),
        _ => everything_but_some_records(seed),
    };
    for seed in seeds(45) {
        let network = some(seed);
        let graph = graph_of(&network.json);
        let (departs, arrives) = ends(&graph);
        let sources = departs.into_iter().step_by(3);
        let query = PathQuery { most: 400, ..PathQuery::between(sources, arrives) };
        let (sets, z3) = (Sets::new(&graph).paths(&query), Z3::new(&graph).paths(&query));
        assert_eq!(sets.truncated, z3.truncated, "seed {seed}");
        if sets.truncated {
            continue;
        }
        if z3.doubts.iter().any(|doubt| doubt.cause.note.as_deref() == Some(WORK_LIMIT)) {
            gave_up += 1;
            continue;
        }
        found += sets.found.len();
        let (sets_told, z3_told) = (told(&graph, &sets), told(&graph, &z3));
        let only = |a: &[String], b: &[String]| a.iter().find(|line| !b.contains(line)).cloned();
        assert_eq!(only(&sets_told, &z3_told), None, "seed {seed}: the packet sets alone say so");
        assert_eq!(only(&z3_told, &sets_told), None, "seed {seed}: Z3 alone says so");
        let causes =
            |paths: &Paths| -> Vec<_> { paths.doubts.iter().map(|doubt| doubt.cause.clone()).collect() };
        assert_eq!(causes(&sets), causes(&z3), "seed {seed}");
    }
    assert!(
        found > 500 && gave_up < 6,
        "{found} paths are too few, or {gave_up} times of giving up too many"
    );
}

#[test]
fn a_tiny_limit_gives_unknown_and_never_a_wrong_answer() {
    let (mut unknown, mut known) = (0, 0);
    for seed in seeds(25) {
        let graph = graph_of(&network(seed).json);
        let (departs, arrives) = ends(&graph);
        let mut sets = Sets::new(&graph);
        for (limit, checks) in [(1, 1_000), (2_000, 1_000), (50_000_000, 1), (50_000_000, 3)] {
            let mut z3 = Z3::new(&graph).with_limits(limit, checks);
            for (&source, &destination) in departs.iter().zip(arrives.iter().rev()) {
                let query = PathQuery::between([source], [destination]);
                let (expected, found) = (sets.answer(&query), z3.answer(&query));
                if matches!(found, Answer::Unknown(_)) {
                    unknown += 1;
                } else {
                    known += 1;
                    assert_eq!(word(&found), word(&expected), "seed {seed}, {limit} units, {checks} checks");
                }
            }
        }
    }
    assert!(unknown > 50 && known > 50, "{unknown} and {known} are too few");
}

/// The longest way that counts, there and back, fits on the stack of an ordinary thread.
#[test]
fn ways_of_every_length_are_followed() {
    use graph::{Cause, Choice, Disposition, End, GraphBuilder, LONGEST_WAY, Port, ResourceRef, Transfer};
    for (length, expected) in
        [(3, "reachable"), (LONGEST_WAY - 2, "reachable"), (LONGEST_WAY + 2, "unreachable")]
    {
        let mut builder = GraphBuilder::new();
        let keys: Vec<_> = (0..=length)
            .map(|at| builder.resource(ResourceRef::new("Box", format!("box-{at:03}"))))
            .collect();
        let port = |at: usize| Port::new(&keys[at], "port");
        for (at, key) in keys.iter().enumerate() {
            builder.declare(port(at), key, Choice::Any, Disposition::NoRoute);
        }
        for (at, key) in keys.iter().enumerate().take(length) {
            for (from, to) in [(at, at + 1), (at + 1, at)] {
                builder.connect(&port(from), &port(to), Transfer::all(), &Cause::structure(key));
            }
        }
        for at in [0, length] {
            builder.declare_end(End::host(keys[at].clone(), port(at), port(at)));
        }
        let (graph, _) = builder.finish();
        let (departs, arrives) = ends(&graph);
        let query = PathQuery::between(departs.first().copied(), arrives.last().copied());
        let mut certifier = Certifier::new(&graph);
        for answer in [Sets::new(&graph).answer(&query), Z3::new(&graph).answer(&query)] {
            assert_eq!(word(&answer), expected, "{length}: {}", common::verdict(&graph, &answer));
            assert_eq!(certifier.answer(&query, &answer), Some(Certificate::Certified), "{length}");
        }
    }
}
