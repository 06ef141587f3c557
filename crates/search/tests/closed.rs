//! What keeps questions closed, on random networks: by both engines, and by walking.
#![allow(clippy::indexing_slicing, clippy::print_stdout, reason = "tests may stop, and tell")]

mod common;

use std::collections::BTreeSet;

use common::{ends, everything, inventory_of, network, seeds};
use graph::{ControlId, ForwardingGraph, NodeId, Session, walk};
use search::{Answer, Closed, Direction, Engine, Kept, Outcome, PathQuery, Sets, closed};
use testkit::random::RandomNetwork;

#[test]
fn controls_are_beside_the_graph() {
    for seed in seeds(40) {
        let (inventory, snapshot) = inventory_of(&everything(seed).json);
        let (plain, _) = aws::lower(&inventory, &snapshot);
        let openable = aws::lower_openable(&inventory);
        assert_eq!(plain.to_string(), openable.to_string(), "seed {seed}");
        for node in plain.nodes() {
            assert_eq!(plain.node(node), openable.node(node), "seed {seed}: a node has another id");
        }
        for edge in plain.edges() {
            assert_eq!(plain.edge(edge), openable.edge(edge), "seed {seed}: an edge has another id");
        }
        assert_eq!(openable.opened(|_| false).to_string(), plain.to_string(), "seed {seed}");
    }
}

/// Opening more never closes anything: no answer gets worse.
#[test]
fn opening_takes_nothing_away() {
    let rank = |answer: &Answer| match answer {
        Answer::Unreachable(_) => 0,
        Answer::Unknown(_) => 1,
        Answer::Reachable(_) => 2,
    };
    for seed in seeds(12) {
        let graph = aws::lower_openable(&inventory_of(&everything(seed).json).0);
        let some = graph.opened(|id| id.index() as u64 % 3 == seed % 3);
        let all = graph.opened(|_| true);
        let mut engines = [&graph, &some, &all].map(engine);
        for (source, destination) in pairs(&graph, 30) {
            for direction in [Direction::Forward, Direction::RoundTrip] {
                let query = PathQuery::between([source], [destination]).in_direction(direction);
                let ranks = engines.each_mut().map(|engine| rank(&engine.answer(&query)));
                assert!(ranks.is_sorted(), "seed {seed} {direction:?} {source:?} {destination:?}: {ranks:?}");
            }
        }
    }
}

#[test]
fn what_keeps_questions_closed_on_random_networks() {
    let counts = check(network, 12);
    assert!(counts[0] > 50, "{counts:?}");
}

#[test]
fn what_keeps_questions_closed_on_random_networks_with_everything() {
    let counts = check(everything, 4);
    assert!(counts[0] > 50, "{counts:?}");
}

/// Where everything is open there are very many ways; some questions are given up.
fn engine(graph: &ForwardingGraph) -> Sets<'_> {
    Sets::new(graph).with_limit(100_000)
}

#[cfg_attr(not(feature = "z3"), expect(unused_variables, reason = "there is no solver"))]
fn core(
    graph: &ForwardingGraph,
    query: &PathQuery,
    open: &BTreeSet<ControlId>,
    shut: &BTreeSet<ControlId>,
) -> BTreeSet<ControlId> {
    #[cfg(feature = "z3")]
    let core = search::unsat_core(graph, query, open, shut);
    #[cfg(not(feature = "z3"))]
    let core = shut.clone();
    core
}

fn pairs(graph: &ForwardingGraph, most: usize) -> Vec<(NodeId, NodeId)> {
    let (departs, arrives) = ends(graph);
    let pairs: Vec<(NodeId, NodeId)> =
        departs.iter().flat_map(|&from| arrives.iter().map(move |&to| (from, to))).collect();
    let apart = (pairs.len() / most).max(1) | 1;
    pairs.into_iter().step_by(apart).collect()
}

/// How many questions are kept closed by controls, how many are apart, and how many are not known.
fn check(network_of: fn(u64) -> RandomNetwork, count: u64) -> [usize; 3] {
    let (mut counts, mut opened, mut proved) = ([0; 3], 0, 0);
    for seed in seeds(count) {
        let graph = aws::lower_openable(&inventory_of(&network_of(seed).json).0);
        let mut sets = engine(&graph);
        for (source, destination) in pairs(&graph, 20) {
            for direction in [Direction::Forward, Direction::RoundTrip] {
                let query = PathQuery::between([source], [destination]).in_direction(direction);
                if !matches!(sets.answer(&query), Answer::Unreachable(_)) {
                    continue;
                }
                let name = format!(
                    "seed {seed} {direction:?} {} to {}",
                    graph.describe(source),
                    graph.describe(destination)
                );
                let ask = |graph: &ForwardingGraph| Outcome::from(engine(graph).answer(&query));
                match closed(&graph, |_| 1, ask, |open, shut| core(&graph, &query, open, shut)) {
                    Closed::By(kept) => {
                        proved += usize::from(check_kept(&graph, &query, &kept, &name));
                        opened += usize::from(
                            kept.opened_by.as_ref().is_some_and(|(_, through)| through.is_some()),
                        );
                        counts[0] += 1;
                    }
                    Closed::Apart => counts[1] += 1,
                    Closed::Unknown | Closed::NoEnds => counts[2] += 1,
                }
            }
        }
    }
    println!("{counts:?} closed by controls, apart, unknown; {opened} with what opens them; {proved} proved");
    assert!(proved * 100 >= counts[0] * 95, "{proved} of {counts:?} are too few");
    assert!(opened > 5, "{opened} of {counts:?} are too few");
    counts
}

/// Returns whether Z3 proves by induction that the controls are enough.
fn check_kept(graph: &ForwardingGraph, query: &PathQuery, kept: &Kept, name: &str) -> bool {
    let effort = |id: ControlId| graph.control(id).kind.effort();
    let fixed = |id: ControlId| effort(id) > kept.effort;
    let keeping: BTreeSet<ControlId> = kept.controls.iter().copied().collect();
    assert_eq!(keeping.len(), kept.without.len(), "{name}");
    // They are enough: both engines say so.
    let shut = graph.opened(|id| !keeping.contains(&id) && !fixed(id));
    assert!(matches!(engine(&shut).answer(query), Answer::Unreachable(_)), "{name}: not enough");
    #[cfg(feature = "z3")]
    let proved = search::certify_nothing(&shut, query) == search::Certificate::Certified;
    #[cfg(not(feature = "z3"))]
    let proved = true;
    // Each is needed: what gets through without it is walked.
    for (&control, through) in kept.controls.iter().zip(&kept.without) {
        let open = |id: ControlId| (id == control || !keeping.contains(&id)) && !fixed(id);
        let without = graph.opened(open);
        if let Some(through) = through {
            arrives(&without, query, through.packet, name);
        } else {
            let answer = engine(&without).answer(query);
            assert!(matches!(answer, Answer::Unknown(_)), "{name}: {control:?} is not needed");
        }
    }
    // What opens it does, and no part of that.
    let Some((controls, through)) = &kept.opened_by else { return proved };
    // What perhaps gets through by less is not shown, and need not have anything in common with it.
    assert!(
        kept.distance < Some(controls.len())
            || controls.iter().any(|control| keeping.contains(control) || effort(*control) > kept.effort),
        "{name}: the two have nothing in common"
    );
    let opened = graph.opened(|id| controls.contains(&id));
    if let Some(through) = through {
        arrives(&opened, query, through.packet, name);
    } else {
        assert!(matches!(engine(&opened).answer(query), Answer::Unknown(_)), "{name}");
    }
    for left_out in controls {
        let part = graph.opened(|id| id != *left_out && controls.contains(&id));
        let answer = engine(&part).answer(query);
        let less = if through.is_some() {
            !matches!(answer, Answer::Reachable(_))
        } else {
            matches!(answer, Answer::Unreachable(_))
        };
        assert!(less, "{name}: {left_out:?} need not be opened");
    }
    assert!(kept.distance.is_some_and(|distance| distance <= controls.len()), "{name}");
    proved
}

fn arrives(graph: &ForwardingGraph, query: &PathQuery, packet: headerspace::Packet, name: &str) {
    let traces = query.sources.iter().flat_map(|&source| walk(graph, source, packet, Session::Opening));
    let arrived = traces.filter(|trace| query.destinations.contains(&trace.end)).count();
    assert!(arrived > 0, "{name}: {packet} does not arrive");
}

/// What gets through, or perhaps does, is not proved to be shut; nearly all of what does not is.
#[cfg(feature = "z3")]
#[test]
fn induction_proves_what_is_so_and_nothing_else() {
    let (mut proved, mut shut) = (0, 0);
    for seed in seeds(12) {
        for graph in [&network(seed), &everything(seed)].map(|network| common::graph_of(&network.json)) {
            let mut sets = Sets::new(&graph);
            for (source, destination) in pairs(&graph, 30) {
                for direction in [Direction::Forward, Direction::RoundTrip] {
                    let query = PathQuery::between([source], [destination]).in_direction(direction);
                    let answer = sets.answer(&query);
                    let is_shut = matches!(answer, Answer::Unreachable(_));
                    let certificate = search::certify_nothing(&graph, &query);
                    let is_proved = certificate == search::Certificate::Certified;
                    assert!(
                        is_shut || !is_proved,
                        "seed {seed} {direction:?} {source:?} {destination:?}: {answer:?}"
                    );
                    proved += usize::from(is_proved);
                    shut += usize::from(is_shut);
                }
            }
        }
    }
    println!("{proved} of {shut} proved");
    assert!(shut > 100 && proved * 100 >= shut * 95, "{proved} of {shut}");
}
