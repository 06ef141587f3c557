//! Small graphs, each for one thing that the engine must get right.

mod common;

use std::collections::BTreeSet;

use common::{Sketch, node, text, verdict};
use graph::{Flow, ForwardingGraph, LONGEST_WAY, Transfer};
use headerspace::{Field, Match, Ranges, Rewrite};
use insta::assert_snapshot;
use search::{Answer, Direction, Engine, Exception, PathQuery, Sets};

fn any() -> Transfer {
    Transfer::all()
}

/// TCP from 0.0.0.1 to 0.0.0.2 with these destination ports, so that everything is one short line.
fn web(ports: std::ops::RangeInclusive<u16>) -> Transfer {
    let one = |field, value| Match::In(field, Ranges::single(value));
    Transfer::only(Match::all_of([
        Match::In(Field::Family, Ranges::single(0)),
        Match::protocol(6),
        one(Field::SrcIp, 1),
        one(Field::DstIp, 2),
        one(Field::SrcPort, 9),
        Match::ports(Field::DstPort, ports),
    ]))
}

fn set(field: Field, value: u128) -> Rewrite {
    Rewrite::identity().assign(field, Ranges::single(value))
}

fn a_to_b(graph: &ForwardingGraph) -> PathQuery {
    PathQuery::between([node(graph, "a/send")], [node(graph, "b/receive")]).in_direction(Direction::Forward)
}

fn paths(graph: &ForwardingGraph) -> String {
    text(graph, &Sets::new(graph).paths(&a_to_b(graph)))
}

fn answer(graph: &ForwardingGraph, direction: Direction) -> String {
    verdict(graph, &Sets::new(graph).answer(&a_to_b(graph).in_direction(direction)))
}

#[test]
fn one_step_is_a_path() {
    let graph = Sketch::new().hosts(&["a", "b"]).edge("a/send", "b/receive", web(80..=80)).graph();
    assert_snapshot!(paths(&graph), @"a/send -a> b/receive; 6 1:9 > 2:80; not back");
}

#[test]
fn a_destination_that_leads_on_is_reached_and_passed() {
    let graph = Sketch::new()
        .hosts(&["a", "b", "c"])
        .edge("a/send", "b/receive", web(80..=80))
        .edge("b/receive", "c/receive", any())
        .edge("c/receive", "b/receive", any())
        .graph();
    let all =
        PathQuery::between([node(&graph, "a/send")], [node(&graph, "b/receive"), node(&graph, "c/receive")]);
    assert_snapshot!(text(&graph, &Sets::new(&graph).paths(&all)), @r"
    a/send -a> b/receive; 6 1:9 > 2:80; not back
    a/send -a> b/receive -b> c/receive; 6 1:9 > 2:80; not back
    ");
}

#[test]
fn rules_of_one_filter_are_told_apart() {
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .ports(&["f/in", "f/out"])
        .edge("a/send", "f/in", web(80..=90))
        .rule("rule-1", "f/in", "f/out", web(80..=81))
        .rule("rule-2", "f/in", "f/out", web(81..=82))
        .edge("f/out", "b/receive", any())
        .graph();
    assert_snapshot!(paths(&graph), @r"
    a/send -a> f/in -rule-1> f/out -f> b/receive; 6 1:9 > 2:80-81; not back
    a/send -a> f/in -rule-2> f/out -f> b/receive; 6 1:9 > 2:81-82; not back
    ");
}

#[test]
fn edges_of_one_rule_are_one_path() {
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .ports(&["t/first"])
        .edge("a/send", "t/first", web(80..=90))
        .rule("rule-1", "t/first", "b/receive", web(80..=80).ranked(1))
        .rule("rule-1", "t/first", "b/receive", web(80..=82).ranked(2))
        .graph();
    assert_snapshot!(paths(&graph), @"a/send -a> t/first -rule-1> b/receive; 6 1:9 > 2:80-82; not back");
}

#[test]
fn earlier_rules_take_from_later_ones() {
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .ports(&["f/first"])
        .edge("a/send", "f/first", web(80..=90))
        .rule("rule-1", "f/first", "denied", web(80..=80).ranked(1))
        .rule("rule-2", "f/first", "b/receive", web(80..=81).ranked(2))
        .rule("rule-3", "f/first", "b/receive", web(80..=82).ranked(3))
        .graph();
    assert_snapshot!(paths(&graph), @r"
    a/send -a> f/first -rule-2> b/receive; 6 1:9 > 2:81; not back
    a/send -a> f/first -rule-3> b/receive; 6 1:9 > 2:82; not back
    ");
}

#[test]
fn circles_end() {
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .ports(&["x/1", "x/2", "x/3"])
        .edge("a/send", "x/1", web(80..=80))
        .edge("x/1", "x/2", any())
        .edge("x/2", "x/3", any())
        .edge("x/3", "x/1", any())
        .edge("x/2", "x/2", any())
        .edge("x/2", "b/receive", any())
        .graph();
    assert_snapshot!(paths(&graph), @"a/send -a> x/1 -x> x/2 -x> b/receive; 6 1:9 > 2:80; not back");
}

#[test]
fn circles_that_rewrite_end_and_count_what_they_do() {
    let out = Transfer::only(Match::ports(Field::DstPort, 82..=82));
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .ports(&["x/1", "x/2"])
        .edge("a/send", "x/1", web(80..=80))
        .edge(
            "x/1",
            "x/2",
            Transfer::only(Match::ports(Field::DstPort, 80..=80)).rewriting(set(Field::DstPort, 81)),
        )
        .edge(
            "x/1",
            "x/2",
            Transfer::only(Match::ports(Field::DstPort, 81..=81)).rewriting(set(Field::DstPort, 82)),
        )
        .edge("x/2", "x/1", any())
        .edge("x/2", "b/receive", out)
        .graph();
    assert_snapshot!(paths(&graph), @"a/send -a> x/1 -x> x/2 -x> x/1 -x> x/2 -x> b/receive; 6 1:9 > 2:80 [1: 6 1:9 > 2:81] [3: 6 1:9 > 2:82]; not back");
}

#[test]
fn a_step_to_where_it_started_counts_what_it_rewrites() {
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .ports(&["x/1"])
        .edge("a/send", "x/1", web(80..=80))
        .edge("x/1", "x/1", any().rewriting(set(Field::DstPort, 81)))
        .edge("x/1", "b/receive", Transfer::only(Match::ports(Field::DstPort, 81..=81)))
        .graph();
    assert_snapshot!(paths(&graph), @"a/send -a> x/1 -x> x/1 -x> b/receive; 6 1:9 > 2:80 [1: 6 1:9 > 2:81]; not back");
}

#[test]
fn the_longest_way_is_as_long_as_a_walk_goes() {
    let chain = |steps: usize| {
        let names: Vec<String> = (1..steps).map(|at| format!("x/{at:03}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut sketch = Sketch::new().hosts(&["a", "b"]).ports(&names);
        let stops: Vec<&str> =
            ["a/send"].into_iter().chain(names.iter().copied()).chain(["b/receive"]).collect();
        for pair in stops.windows(2) {
            sketch = sketch.edge(pair[0], pair[1], any());
        }
        let graph = sketch.graph();
        Sets::new(&graph).paths(&a_to_b(&graph)).found.len()
    };
    assert_eq!((chain(LONGEST_WAY - 1), chain(LONGEST_WAY)), (1, 0));
}

#[test]
fn through_is_met_by_whichever_rule_lets_the_packet_pass() {
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .ports(&["f/in", "f/out"])
        .edge("a/send", "f/in", web(80..=90))
        .rule("rule-1", "f/in", "f/out", web(80..=81))
        .rule("rule-2", "f/in", "f/out", web(81..=82))
        .edge("f/out", "b/receive", any())
        .graph();
    let rule = graph.resource_ids().find(|&id| graph.resource(id).id == "rule-2").unwrap();
    let mut query = a_to_b(&graph);
    query.through = vec![BTreeSet::from([rule])];
    let mut engine = Sets::new(&graph);
    assert_snapshot!(verdict(&graph, &engine.answer(&query)), @"reachable: tcp 0.0.0.1:9 -> 0.0.0.2:81 by f/in f/out b/receive");
    assert_snapshot!(text(&graph, &engine.paths(&query)), @"a/send -a> f/in -rule-2> f/out -f> b/receive; 6 1:9 > 2:81-82; not back");
}

#[test]
fn a_choice_is_made_so_that_the_reply_gets_back() {
    // Only replies to ports 5 and 6 pass the filter on the way back.
    let translated = Rewrite::identity()
        .assign(Field::SrcIp, Ranges::single(7))
        .assign(Field::SrcPort, Ranges::range(1..=60_000));
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .ports(&["n/nat", "n/back", "f/back"])
        .edge("a/send", "n/nat", web(80..=80))
        .edge("n/nat", "b/receive", any().for_flow(Flow::Opening).rewriting(translated))
        .edge("b/send", "f/back", any())
        .edge("f/back", "n/back", Transfer::only(Match::ports(Field::DstPort, 5..=6)))
        .edge(
            "n/back",
            "a/receive",
            any().restoring(graph::Port::new(&graph::ResourceKey::new("", "", "n"), "nat")),
        )
        .graph();
    assert_snapshot!(answer(&graph, Direction::Forward), @"reachable: tcp 0.0.0.1:9 -> 0.0.0.2:80 by n/nat b/receive");
    assert_snapshot!(answer(&graph, Direction::RoundTrip), @"reachable: tcp 0.0.0.1:9 -> 0.0.0.2:80 by n/nat b/receive");
    assert_snapshot!(paths(&graph), @"a/send -a> n/nat -n> b/receive; 6 1:9 > 2:80 [1: 6 7:1-60000 > 2:80]; back");
}

#[test]
fn a_translator_may_choose_differently_for_different_packets() {
    let translated = Rewrite::identity().assign(Field::SrcPort, Ranges::range(1..=4));
    let late = |to: u16, from: std::ops::RangeInclusive<u16>| {
        Transfer::only(Match::all_of([
            Match::ports(Field::DstPort, to..=to),
            Match::ports(Field::SrcPort, from),
        ]))
    };
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .ports(&["n/nat", "f/first"])
        .edge("a/send", "n/nat", web(80..=81))
        .edge("n/nat", "f/first", any().rewriting(translated))
        .rule("rule-1", "f/first", "denied", late(80, 1..=2))
        .rule("rule-2", "f/first", "denied", late(81, 3..=4).ranked(1))
        .rule("rule-3", "f/first", "b/receive", any().ranked(2))
        .graph();
    assert_snapshot!(paths(&graph), @"a/send -a> n/nat -n> f/first -rule-3> b/receive; 6 1:9 > 2:80 [1: 6 1:3-4 > 2:80]; 6 1:9 > 2:81 [1: 6 1:1-2 > 2:81]; not back");
}

#[test]
fn nothing_known_beyond_the_first_step_is_a_doubt() {
    let graph = Sketch::new().hosts(&["a", "b"]).edge("a/send", "missing", web(80..=80)).graph();
    assert_snapshot!(paths(&graph), @"? a for 1 sources, as tcp 0.0.0.1:9 -> 0.0.0.2:80");
    assert_snapshot!(answer(&graph, Direction::Forward), @"unknown: a");
}

#[test]
fn an_uncertain_first_step_is_a_doubt() {
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .ports(&["x/1", "x/2"])
        .edge("a/send", "x/1", web(80..=80).uncertain())
        .edge("x/1", "x/2", any())
        .edge("x/2", "b/receive", any())
        .graph();
    assert_snapshot!(paths(&graph), @"? a for 1 sources, as tcp 0.0.0.1:9 -> 0.0.0.2:80");
    assert_snapshot!(answer(&graph, Direction::Forward), @"unknown: a");
}

#[test]
fn doubts_are_about_packets_that_may_still_arrive() {
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .ports(&["x/1", "x/2"])
        .edge("a/send", "x/1", web(80..=82))
        .rule("rule-1", "x/1", "x/2", web(80..=80).uncertain())
        .rule("rule-2", "x/1", "x/2", web(81..=81).uncertain())
        .edge("x/2", "b/receive", web(81..=82))
        .graph();
    assert_snapshot!(paths(&graph), @"? rule-2 for 1 sources, as tcp 0.0.0.1:9 -> 0.0.0.2:81");
}

#[test]
fn what_passes_for_certain_leaves_no_doubt() {
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .edge("a/send", "b/receive", web(80..=80))
        .rule("rule-1", "a/send", "b/receive", web(80..=80).uncertain())
        .graph();
    assert_snapshot!(paths(&graph), @"a/send -a> b/receive; 6 1:9 > 2:80; not back");
}

#[test]
fn doubts_after_which_packets_stop_leave_the_answer_unreachable() {
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .ports(&["x/1"])
        .edge("a/send", "x/1", web(80..=80).uncertain())
        .edge("x/1", "denied", any())
        .graph();
    assert_snapshot!(answer(&graph, Direction::Forward), @"unreachable: denied at x/1");
}

#[test]
fn replies_lost_to_missing_information_are_unknown() {
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .edge("a/send", "b/receive", web(80..=81))
        .rule("rule-1", "b/send", "missing", any())
        .graph();
    assert_snapshot!(answer(&graph, Direction::RoundTrip), @"unknown: rule-1 (reply)");
    assert_snapshot!(paths(&graph), @"a/send -a> b/receive; 6 1:9 > 2:80-81; perhaps back: 1 causes");
}

#[test]
fn replies_that_are_refused_are_said_to_stop_there() {
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .edge("a/send", "b/receive", web(80..=81))
        .rule("rule-1", "b/send", "denied", any())
        .graph();
    assert_snapshot!(answer(&graph, Direction::RoundTrip), @"unreachable: denied at b/send");
}

#[test]
fn each_uncertain_reply_names_its_own_cause() {
    let to = |port: u16| Transfer::only(Match::ports(Field::SrcPort, port..=port));
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .ports(&["f/in"])
        .edge("a/send", "f/in", web(80..=81))
        .rule("rule-1", "f/in", "b/receive", web(80..=80))
        .rule("rule-2", "f/in", "b/receive", web(81..=81))
        .rule("why-1", "b/send", "a/receive", to(80).uncertain())
        .rule("why-2", "b/send", "a/receive", to(81).uncertain())
        .graph();
    let found = Sets::new(&graph).paths(&a_to_b(&graph)).found;
    let causes: Vec<String> = found
        .iter()
        .map(|path| match &path.replies {
            search::Replies::Unknown(causes) => {
                causes.iter().map(|cause| cause.resource.to_string()).collect::<Vec<_>>().join(" ")
            }
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(causes, ["why-1", "why-2"], "{}", paths(&graph));
}

#[test]
fn the_reply_must_be_one_to_the_packet_that_was_sent() {
    // Both senders become 7 on the way; what comes back goes to 1 alone.
    let from = |address| Match::In(Field::SrcIp, Ranges::single(address));
    let tcp = Match::all_of([
        Match::In(Field::Family, Ranges::single(0)),
        Match::protocol(6),
        Match::In(Field::DstIp, Ranges::single(2)),
        Match::ports(Field::DstPort, 80..=80),
        Match::ports(Field::SrcPort, 9..=9),
    ]);
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .ports(&["n/nat"])
        .edge("a/send", "n/nat", Transfer::only(Match::all_of([tcp, Match::any_of([from(1), from(3)])])))
        .edge("n/nat", "b/receive", any().rewriting(set(Field::SrcIp, 7)))
        .edge("b/send", "a/receive", any().rewriting(set(Field::DstIp, 1)))
        .graph();
    assert_snapshot!(paths(&graph), @"a/send -a> n/nat -n> b/receive; 6 1,3:9 > 2:80 [1: 6 7:9 > 2:80]; some back");
}

#[test]
fn an_uncertain_way_stays_beside_one_that_restores() {
    let restores = any().restoring(graph::Port::new(&graph::ResourceKey::new("", "", "n"), "nat"));
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .ports(&["n/nat"])
        .edge("a/send", "n/nat", web(80..=80))
        .edge("n/nat", "b/receive", any())
        .edge("n/nat", "denied", any().rewriting(set(Field::SrcIp, 7)))
        .rule("rule-1", "b/send", "a/receive", restores)
        .rule("rule-2", "b/send", "b/send", any().uncertain())
        .graph();
    assert_snapshot!(paths(&graph), @"a/send -a> n/nat -n> b/receive; 6 1:9 > 2:80; back");
}

/// Lets pass whose sender is known by its address.
fn known() -> Transfer {
    Transfer::only(identity(0))
}

fn identity(value: u128) -> Match {
    Match::In(Field::Identity, Ranges::single(value))
}

fn becomes(value: u128) -> Transfer {
    any().for_flow(Flow::Opening).rewriting(set(Field::Identity, value))
}

#[test]
fn who_is_forgotten_on_the_way_is_not_let_in_as_who_he_was() {
    let through = |middlebox: Transfer| {
        Sketch::new()
            .hosts(&["a", "b"])
            .ports(&["m/in", "f/in"])
            .edge("a/send", "m/in", web(80..=80))
            .edge("m/in", "f/in", middlebox)
            .edge("f/in", "b/receive", known())
    };
    let graph = through(becomes(1)).graph();
    assert_snapshot!(paths(&graph), @"");
    assert_snapshot!(answer(&graph, Direction::Forward), @"unreachable: no-route at f/in");
    let graph = through(any()).graph();
    assert_snapshot!(answer(&graph, Direction::Forward), @"reachable: tcp 0.0.0.1:9 -> 0.0.0.2:80 by m/in f/in b/receive");
    // Around the middlebox it is who it was.
    let graph = through(becomes(1)).rule("peering", "a/send", "f/in", web(80..=80)).graph();
    assert_snapshot!(paths(&graph), @"a/send -peering> f/in -f> b/receive; 6 1:9 > 2:80; not back");
    assert_snapshot!(answer(&graph, Direction::Forward), @"reachable: tcp 0.0.0.1:9 -> 0.0.0.2:80 by f/in b/receive");
}

#[test]
fn filters_tell_names_apart() {
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .ports(&["m/in", "m/other", "f/first"])
        .edge("a/send", "m/in", web(80..=81))
        .edge("m/in", "f/first", Transfer { guard: Match::ports(Field::DstPort, 80..=80), ..becomes(2) })
        .edge("m/in", "f/first", Transfer { guard: Match::ports(Field::DstPort, 81..=81), ..becomes(3) })
        .rule("rule-1", "f/first", "denied", known())
        .rule("rule-2", "f/first", "b/receive", Transfer::only(identity(3)).ranked(1))
        .graph();
    assert_snapshot!(paths(&graph), @"a/send -a> m/in -m> f/first -rule-2> b/receive; 6 1:9 > 2:81 [1: 6 1:9 > 2:81]; not back");
}

#[test]
fn replies_come_back_to_who_was_forgotten() {
    // Only the opening packet is forgotten. Its reply is known by its own address, and a translation on the way is
    // undone for it.
    let back = || any().restoring(graph::Port::new(&graph::ResourceKey::new("", "", "m"), "nat"));
    let translated = set(Field::SrcIp, 7).assign(Field::Identity, Ranges::single(1));
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .ports(&["m/nat", "f/in", "f/back", "m/back"])
        .edge("a/send", "m/nat", web(80..=80))
        .edge("m/nat", "f/in", any().for_flow(Flow::Opening).rewriting(translated))
        .edge("f/in", "b/receive", Transfer::only(identity(1)))
        .edge("b/send", "f/back", any())
        .edge("f/back", "m/back", known())
        .edge("m/back", "a/receive", back())
        .graph();
    assert_snapshot!(paths(&graph), @"a/send -a> m/nat -m> f/in -f> b/receive; 6 1:9 > 2:80 [1: 6 7:9 > 2:80]; back");
    assert_snapshot!(answer(&graph, Direction::RoundTrip), @"reachable: tcp 0.0.0.1:9 -> 0.0.0.2:80 by m/nat f/in b/receive");
}

#[test]
fn questions_are_about_packets_that_nobody_has_touched() {
    let graph = Sketch::new().hosts(&["a", "b"]).edge("a/send", "b/receive", web(80..=80)).graph();
    let mut query = a_to_b(&graph);
    let Answer::Reachable(witness) = Sets::new(&graph).answer(&query) else { panic!("reachable") };
    assert_eq!(witness.forward.packet.get(Field::Identity), 0);
    let texts = [witness.headers.to_string(), witness.path.tracks[0].first.to_header_match().to_string()];
    assert!(texts.iter().all(|text| !text.contains("identity")), "{texts:?}");
    query.at_source = identity(1);
    assert_snapshot!(text(&graph, &Sets::new(&graph).paths(&query)), @"");
}

#[test]
fn steps_that_change_the_identity_alone_change_no_header() {
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .ports(&["m/in", "n/in"])
        .edge("a/send", "m/in", web(80..=80))
        .edge("m/in", "n/in", becomes(1))
        .edge("n/in", "b/receive", any().for_flow(Flow::Opening).rewriting(set(Field::SrcIp, 7)))
        .graph();
    let found = Sets::new(&graph).paths(&a_to_b(&graph)).found;
    let track = &found[0].tracks[0];
    assert_eq!(track.last().get(Field::Identity), &Ranges::single(1));
    let changes: Vec<(usize, &Ranges, &Ranges)> = track
        .header_changes()
        .map(|(step, before, after)| (step, before.get(Field::SrcIp), after.get(Field::SrcIp)))
        .collect();
    assert_eq!(changes, [(2, &Ranges::single(1), &Ranges::single(7))]);
}

/// Two packets that become the same on their ways: the one that is left out does not hide the other's doubt.
#[test]
fn a_packet_that_is_left_out_hides_no_doubt() {
    let port = |port| Match::ports(Field::DstPort, port..=port);
    let becomes_80 = Rewrite::identity().assign(Field::DstPort, Ranges::single(80));
    let translating = |from| Transfer::only(port(from)).rewriting(becomes_80.clone());
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .ports(&["m/in", "n/one", "n/two"])
        .edge("a/send", "n/one", Transfer::only(port(1)))
        .edge("a/send", "n/two", Transfer::only(port(2)))
        .edge("n/one", "m/in", translating(1))
        .edge("n/two", "m/in", translating(2))
        .edge("m/in", "b/receive", Transfer::all().uncertain())
        .graph();
    let except = Exception {
        sources: None,
        destinations: None,
        through: Vec::new(),
        at_source: port(1),
        at_destination: Match::All,
    };
    for leave_out in [1, 2] {
        let except = Exception { at_source: port(leave_out), ..except.clone() };
        let query = PathQuery::between([node(&graph, "a/send")], [node(&graph, "b/receive")]);
        let query = PathQuery { except: vec![except], ..query }.in_direction(Direction::Forward);
        let doubts = Sets::new(&graph).paths(&query).doubts;
        assert_eq!(doubts.len(), 1, "without port {leave_out}");
        assert_ne!(doubts[0].packet.get(Field::DstPort), u128::from(leave_out));
        assert!(matches!(Sets::new(&graph).answer(&query), Answer::Unknown(_)));
    }
}

/// A search that is cut short says so.
#[test]
fn what_was_not_looked_at_is_not_absent() {
    let graph = Sketch::new()
        .hosts(&["a", "b"])
        .ports(&["m/in"])
        .edge("a/send", "m/in", Transfer::all())
        .edge("m/in", "b/receive", Transfer::all())
        .graph();
    let query = PathQuery::between([node(&graph, "a/send")], [node(&graph, "b/receive")]);
    let query = query.in_direction(Direction::Forward);
    let short = || Sets::new(&graph).with_limit(0);
    assert!(matches!(short().answer(&query), Answer::Unknown(_)));
    let paths = short().paths(&query);
    assert!(paths.truncated, "{paths:?}");
    assert!(!Sets::new(&graph).paths(&query).truncated);
}
