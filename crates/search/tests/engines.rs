//! The Z3 engine against the packet-set engine and concrete packets, on random networks and odd graphs.
#![cfg(feature = "z3")]
#![allow(clippy::indexing_slicing, clippy::print_stdout, reason = "tests may stop, and tell")]

mod common;

use common::{ends, everything, everything_but_some_records, graph_of, network, seeds};
use graph::ForwardingGraph;
use search::{Answer, Direction, Engine, PathQuery, Sets, Z3};
use testkit::oracle::{Values, contradictions, packets};
use testkit::random::RandomNetwork;
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
    let counts = check_networks(network, seeds(60), 3, |_| true);
    assert!(counts.iter().all(|&count| count > 50), "{counts:?} answers are too few of a kind");
}

#[test]
fn engines_agree_on_random_networks_with_everything() {
    // Now and then records are missing: few things are unknown otherwise.
    let some = |seed| if seed % 4 == 3 { everything_but_some_records(seed) } else { everything(seed) };
    // Where nothing arrives, no reply is sent, and to make sure of it once more takes Z3 long.
    let counts = check_networks(some, seeds(40), 5, |_| true);
    assert!(counts.iter().all(|&count| count > 20), "{counts:?} answers are too few of a kind");
}

/// Compares the engines' answers for one in `apart` pairs of ends; how many there are of each kind. Replies are asked for
/// where the first packets' answer makes it worth it.
fn check_networks(
    network_of: fn(u64) -> RandomNetwork,
    seeds: impl Iterator<Item = u64>,
    apart: usize,
    worth_replies: fn(&Answer) -> bool,
) -> [usize; 3] {
    let mut counts = [0; 3];
    let mut checks = 0;
    for seed in seeds {
        let network = network_of(seed);
        let (graph, values) = (graph_of(&network.json), Values::of(&network));
        let (departs, arrives) = ends(&graph);
        let (mut sets, mut z3) = (Sets::new(&graph), Z3::new(&graph));
        for (index, &source) in departs.iter().enumerate() {
            let sent = packets(&graph, &values, source, 20, seed);
            for &destination in arrives.iter().skip(index % apart).step_by(apart) {
                let mut worth = true;
                for direction in [Direction::Forward, Direction::RoundTrip] {
                    if !worth {
                        continue;
                    }
                    let query = PathQuery::between([source], [destination]).in_direction(direction);
                    let (expected, found) = (sets.answer(&query), z3.answer(&query));
                    let pair = format!("{} to {}", graph.describe(source), graph.describe(destination));
                    assert_eq!(
                        word(&found),
                        word(&expected),
                        "seed {seed} {direction:?} {pair}: {expected:?} {found:?}"
                    );
                    let sent = sent.iter().map(|packet| (source, packet));
                    let wrong = contradictions(&graph, &query, &found, sent);
                    assert!(wrong.is_empty(), "seed {seed} {direction:?} {pair}: {wrong:#?}");
                    worth = worth_replies(&found);
                    counts[match found {
                        Answer::Reachable(_) => 0,
                        Answer::Unreachable(_) => 1,
                        Answer::Unknown(_) => 2,
                    }] += 1;
                }
            }
        }
        checks += z3.checks();
    }
    println!("{counts:?} answers, {checks} checks");
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
