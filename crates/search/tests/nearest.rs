//! How far destinations are from something getting through: against opening controls one by one.
#![allow(clippy::print_stdout, reason = "tests may tell")]

mod common;

use std::collections::BTreeSet;

use common::{ends, everything, inventory_of, network, seeds};
use graph::{ControlId, Effort, ForwardingGraph};
use search::{
    Answer, Closed, Direction, Engine, Nearest, Outcome, PathQuery, Sets, Through, closed, nearest,
};
use testkit::random::RandomNetwork;

const LIMIT: u64 = 2_000_000;

#[test]
fn distances_on_random_networks() {
    let counts = check(network, 12);
    assert!(counts.agreed > 30 && counts.by_one > 2 && counts.by_more > 15, "{counts:?}");
}

#[test]
fn distances_on_random_networks_with_everything() {
    let counts = check(everything, 5);
    assert!(counts.agreed > 30 && counts.by_one > 10 && counts.by_more > 3, "{counts:?}");
}

#[derive(Debug, Default)]
struct Counts {
    /// Destinations of which the other method says the same.
    agreed: usize,
    /// Of which that gave up, or something else is not known.
    unknown: usize,
    by_one: usize,
    by_more: usize,
    apart: usize,
}

fn check(network_of: fn(u64) -> RandomNetwork, count: u64) -> Counts {
    let mut counts = Counts::default();
    for seed in seeds(count) {
        let graph = aws::lower_openable(&inventory_of(&network_of(seed).json).0);
        let edits = |id: ControlId| graph.control(id).kind.effort() == Effort::Edit;
        let open = graph.opened(edits);
        let (departs, arrives) = ends(&graph);
        for source in departs.iter().step_by(departs.len() / 2 + 1) {
            let query =
                PathQuery::between([*source], arrives.iter().copied()).in_direction(Direction::Forward);
            let distances = nearest(&open, &query, LIMIT);
            if distances.truncated {
                counts.unknown += 1;
                continue;
            }
            for &node in arrives.iter().step_by(3) {
                let Some(id) = graph.node(node).resource else { continue };
                if graph.node(*source).resource == Some(id) {
                    continue;
                }
                let name = format!("seed {seed}: {} to {}", graph.describe(*source), graph.describe(node));
                let nodes = arrives.iter().copied().filter(|&other| graph.node(other).resource == Some(id));
                let query = PathQuery { destinations: nodes.collect(), ..query.clone() };
                check_one(
                    &graph,
                    &query,
                    distances.nearest.get(&id),
                    distances.missing_from,
                    &name,
                    &mut counts,
                );
            }
        }
    }
    println!("{counts:?}");
    counts
}

fn check_one(
    graph: &ForwardingGraph,
    query: &PathQuery,
    found: Option<&Nearest>,
    missing_from: Option<usize>,
    name: &str,
    counts: &mut Counts,
) {
    let ask = |open: &BTreeSet<ControlId>| {
        let graph = graph.opened(|id| open.contains(&id));
        Sets::for_query(&graph, query).with_limit(LIMIT).answer(query)
    };
    // What is said to open it does.
    for (controls, through) in found.iter().flat_map(|nearest| &nearest.ways) {
        let answer = ask(controls);
        match through {
            Some(Through { packet, .. }) => {
                assert!(matches!(answer, Answer::Reachable(_)), "{name}: {controls:?}: {answer:?}");
                assert!(query.at_source.accepts(packet), "{name}: {packet}");
            }
            None => assert!(!matches!(answer, Answer::Unreachable(_)), "{name}: {controls:?}: {answer:?}"),
        }
    }
    let known_to = missing_from.unwrap_or(usize::MAX);
    if let Some(Nearest { changes: 0, .. }) = found {
        counts.agreed += 1;
        return;
    }
    if known_to == 0 || !matches!(ask(&BTreeSet::new()), Answer::Unreachable(_)) {
        assert_eq!(known_to, 0, "{name}: something is open");
        counts.unknown += 1;
        return;
    }
    // Where one change is enough, all such changes are told.
    if found.is_some_and(|nearest| nearest.changes == 1) && known_to > 1 {
        let offered: BTreeSet<ControlId> = graph.openings().iter().map(|opening| opening.control).collect();
        for control in offered.into_iter().filter(|id| graph.control(*id).kind.effort() == Effort::Edit) {
            let alone = BTreeSet::from([control]);
            let opens = !matches!(ask(&alone), Answer::Unreachable(_));
            let told = found.is_some_and(|nearest| nearest.ways.contains_key(&alone));
            assert_eq!(opens, told, "{name}: {}", graph.control(control).kind);
        }
    }
    let outcome = |graph: &ForwardingGraph| {
        Outcome::from(Sets::for_query(graph, query).with_limit(LIMIT).answer(query))
    };
    let kept = match closed(graph, |_| 1, outcome, |_, shut| shut.clone()) {
        Closed::By(kept) if kept.effort == Effort::Edit => kept.distance,
        Closed::By(_) | Closed::Apart => {
            assert!(found.is_none(), "{name}: nothing opens it by editing");
            counts.apart += 1;
            return;
        }
        Closed::NoEnds | Closed::Unknown => None,
    };
    let Some(distance) = kept else {
        counts.unknown += 1;
        return;
    };
    match found {
        Some(nearest) if nearest.changes <= known_to => assert_eq!(nearest.changes, distance, "{name}"),
        _ => assert!(distance >= known_to, "{name}: {distance}, missing from {known_to}"),
    }
    counts.agreed += 1;
    let by = if distance == 1 { &mut counts.by_one } else { &mut counts.by_more };
    *by += 1;
}
