//! What packets do on graphs drawn by hand, and what the builder makes of descriptions in any order.
#![expect(clippy::unwrap_used, reason = "helpers of tests, which may stop them")]

use graph::{
    Cause, Choice, Disposition, End, Flow, ForwardingGraph, GraphBuilder, Hop, NodeId, Port, ResourceKey,
    ResourceRef, Session, Target, Trace, Transfer, World, applicable, replay, walk,
};
use headerspace::{Field, Match, Packet, Ranges, Rewrite};
use insta::assert_snapshot;

/// A graph in the making. Ports are called `resource/port` and choose by first match if `first` is in their name.
#[derive(Debug, Default)]
struct Sketch(GraphBuilder);

impl Sketch {
    fn port(&mut self, name: &str) -> (ResourceKey, Port) {
        let (resource, port) = name.split_once('/').unwrap();
        let key = self.0.resource(ResourceRef::new("Box", resource));
        (key.clone(), Port::new(&key, port))
    }

    fn hosts(mut self, names: &[&str]) -> Self {
        for name in names {
            let (key, send) = self.port(&format!("{name}/send"));
            let receive = Port::new(&key, "receive");
            self.0.declare_end(End::host(key, send, receive));
        }
        self
    }

    fn ports(mut self, names: &[&str]) -> Self {
        for name in names {
            let (key, port) = self.port(name);
            let choice = if name.contains("first") { Choice::FirstMatch } else { Choice::Any };
            self.0.declare(port, &key, choice, Disposition::NoRoute);
        }
        self
    }

    fn edge(mut self, from: &str, to: impl Into<Goal>, transfer: Transfer) -> Self {
        let (key, from) = self.port(from);
        let to: Target = match to.into() {
            Goal::Port(name) => Target::Port(self.port(&name).1),
            Goal::Refusal(disposition) => disposition.into(),
        };
        self.0.connect(&from, to, transfer, &Cause::structure(&key));
        self
    }

    fn graph(self) -> ForwardingGraph {
        let (graph, remarks) = self.0.finish();
        assert!(remarks.is_empty(), "{remarks:?}");
        graph
    }
}

enum Goal {
    Port(String),
    Refusal(Disposition),
}

impl From<&str> for Goal {
    fn from(name: &str) -> Self {
        Self::Port(name.to_owned())
    }
}

impl From<Disposition> for Goal {
    fn from(disposition: Disposition) -> Self {
        Self::Refusal(disposition)
    }
}

fn node(graph: &ForwardingGraph, name: &str) -> NodeId {
    graph.nodes().find(|&node| graph.describe(node) == name).unwrap()
}

fn packet() -> Packet {
    Packet::tcp([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), 50_000, 80)
}

fn any() -> Transfer {
    Transfer::all()
}

fn to_port(port: u16) -> Transfer {
    Transfer::only(Match::ports(Field::DstPort, port..=port))
}

fn set(field: Field, value: u128) -> Rewrite {
    Rewrite::identity().assign(field, Ranges::single(value))
}

/// One way in words: nodes, with the header where it has changed, and what becomes of the packet.
fn told(graph: &ForwardingGraph, trace: &Trace) -> String {
    let mut text = graph.describe(trace.start);
    for hop in &trace.hops {
        text += " > ";
        text += &graph.describe(graph.edge(hop.edge).to);
        if hop.before != hop.after {
            text += " [";
            text += &hop.after.to_string();
            text += "]";
        }
    }
    format!("{text}: {}{}", trace.disposition, if trace.certain { "" } else { "?" })
}

/// Everything that happens to the packet from `a/send`.
fn ways(graph: &ForwardingGraph) -> String {
    let traces = walk(graph, node(graph, "a/send"), packet(), Session::Opening);
    traces.iter().map(|trace| told(graph, trace)).collect::<Vec<_>>().join("\n")
}

#[test]
fn delivered() {
    assert_snapshot!(ways(&Sketch::default().hosts(&["a", "b"]).edge("a/send", "b/receive", any()).graph()), @"a/send > b/receive: delivered");
}

#[test]
fn exits_network_at_a_border() {
    let mut sketch = Sketch::default().hosts(&["a"]);
    let (key, out) = sketch.port("gateway/out");
    sketch.0.declare_end(End {
        resource: key,
        departs: None,
        arrives: Some(out),
        answers: None,
        border: true,
        world: World::Internet,
    });
    assert_snapshot!(ways(&sketch.edge("a/send", "gateway/out", any()).graph()), @"a/send > gateway/out: exits-network");
}

#[test]
fn denied_blackhole_and_insufficient_info_are_places() {
    let graph = Sketch::default()
        .hosts(&["a"])
        .edge("a/send", Disposition::Denied, any())
        .edge("a/send", Disposition::Blackhole, any())
        .edge("a/send", Disposition::InsufficientInfo, any())
        .graph();
    assert_snapshot!(ways(&graph), @r"
    a/send > denied: denied
    a/send > blackhole: blackhole
    a/send > insufficient-info: insufficient-info
    ");
}

#[test]
fn no_route_where_no_edge_accepts() {
    let graph = Sketch::default().hosts(&["a", "b"]).ports(&["r/1"]).edge("a/send", "r/1", any()).edge(
        "r/1",
        "b/receive",
        to_port(81),
    );
    assert_snapshot!(ways(&graph.graph()), @"a/send > r/1: no-route");
}

#[test]
fn loop_when_a_packet_is_where_it_was() {
    let graph = Sketch::default()
        .hosts(&["a", "b"])
        .ports(&["r/1", "r/2"])
        .edge("a/send", "r/1", any())
        .edge("r/1", "r/2", any())
        .edge("r/2", "r/1", any().rewriting(set(Field::DstPort, 80)))
        .graph();
    assert_snapshot!(ways(&graph), @"a/send > r/1 > r/2 > r/1: loop");
}

#[test]
fn a_changed_packet_may_come_again() {
    let graph = Sketch::default()
        .hosts(&["a", "b"])
        .ports(&["r/first"])
        .edge("a/send", "r/first", any())
        .edge("r/first", "r/first", to_port(80).rewriting(set(Field::DstPort, 81)))
        .edge("r/first", "b/receive", any().ranked(1))
        .graph();
    assert_snapshot!(ways(&graph), @"a/send > r/first > r/first [tcp 10.0.0.1:50000 -> 10.0.0.2:81] > b/receive: delivered");
}

#[test]
fn every_accepting_edge_is_a_way_where_the_choice_is_free() {
    let graph = Sketch::default()
        .hosts(&["a", "b", "c"])
        .edge("a/send", "b/receive", any())
        .edge("a/send", "c/receive", any())
        .edge("a/send", "c/receive", to_port(80))
        .edge("a/send", "c/receive", to_port(81))
        .graph();
    assert_snapshot!(ways(&graph), @r"
    a/send > b/receive: delivered
    a/send > c/receive: delivered
    ");
}

#[test]
fn packets_go_on_from_an_end_that_leads_on() {
    let graph = Sketch::default().hosts(&["a", "b", "c"]).edge("a/send", "b/receive", any()).edge(
        "b/receive",
        "c/receive",
        any(),
    );
    assert_snapshot!(ways(&graph.graph()), @r"
    a/send > b/receive: delivered
    a/send > b/receive > c/receive: delivered
    ");
}

#[test]
fn first_match_takes_the_lowest_rank_and_all_of_it() {
    let graph = Sketch::default()
        .hosts(&["a", "b", "c", "d"])
        .ports(&["r/first"])
        .edge("a/send", "r/first", any())
        .edge("r/first", "d/receive", any().ranked(3))
        .edge("r/first", "b/receive", to_port(80).ranked(2))
        .edge("r/first", "c/receive", any().ranked(2))
        .edge("r/first", Disposition::Denied, to_port(81).ranked(1))
        .graph();
    assert_snapshot!(ways(&graph), @r"
    a/send > r/first > b/receive: delivered
    a/send > r/first > c/receive: delivered
    ");
}

#[test]
fn an_uncertain_first_match_makes_the_rest_uncertain() {
    let graph = Sketch::default()
        .hosts(&["a", "b", "c"])
        .ports(&["r/first"])
        .edge("a/send", "r/first", any())
        .edge("r/first", Disposition::Denied, any().ranked(1).uncertain())
        .edge("r/first", "b/receive", any().ranked(2))
        .edge("r/first", "c/receive", any().ranked(3))
        .graph();
    assert_snapshot!(ways(&graph), @r"
    a/send > r/first > denied: denied?
    a/send > r/first > b/receive: delivered?
    ");
}

#[test]
fn an_uncertain_edge_says_nothing_about_others_of_its_rank() {
    let graph = Sketch::default()
        .hosts(&["a", "b", "c"])
        .ports(&["r/first"])
        .edge("a/send", "r/first", any())
        .edge("r/first", "b/receive", any().ranked(1).uncertain())
        .edge("r/first", "c/receive", any().ranked(1))
        .graph();
    assert_snapshot!(ways(&graph), @r"
    a/send > r/first > b/receive: delivered?
    a/send > r/first > c/receive: delivered
    ");
}

#[test]
fn uncertainty_stays_with_the_packet() {
    let graph = Sketch::default()
        .hosts(&["a", "b"])
        .ports(&["r/1"])
        .edge("a/send", "r/1", any().uncertain())
        .edge("r/1", "b/receive", any())
        .graph();
    assert_snapshot!(ways(&graph), @"a/send > r/1 > b/receive: delivered?");
}

/// A stateful filter and a translator between `a` and `b`: `b` may answer, but open nothing.
fn stateful() -> ForwardingGraph {
    let translated = set(Field::SrcIp, 7).assign(Field::SrcPort, Ranges::range(1_024..=2_048));
    let nat = Port::new(&ResourceKey::new("", "", "nat"), "out");
    Sketch::default()
        .hosts(&["a", "b"])
        .ports(&["nat/out", "nat/in", "filter/out"])
        .edge("a/send", "nat/out", any())
        .edge("nat/out", "b/receive", any().rewriting(translated).for_flow(Flow::Opening))
        .edge("b/send", "filter/out", any())
        .edge("filter/out", "nat/in", any().for_flow(Flow::Reply))
        .edge("nat/in", "a/receive", any().restoring(nat))
        .graph()
}

fn replies(graph: &ForwardingGraph, forward: &Trace, reply: Packet) -> String {
    let traces = walk(graph, node(graph, "b/send"), reply, Session::ReplyTo(forward));
    traces.iter().map(|trace| told(graph, trace)).collect::<Vec<_>>().join("\n")
}

#[test]
fn replies_pass_where_nothing_may_be_opened() {
    let graph = stateful();
    let forward = walk(&graph, node(&graph, "a/send"), packet(), Session::Opening).remove(0);
    assert_snapshot!(told(&graph, &forward), @"a/send > nat/out > b/receive [tcp 0.0.0.7:1024 -> 10.0.0.2:80]: delivered");
    let reply = forward.arriving().reply().unwrap();
    assert_snapshot!(replies(&graph, &forward, reply), @"b/send > filter/out > nat/in > a/receive [tcp 10.0.0.2:80 -> 10.0.0.1:50000]: delivered");
    let opening = walk(&graph, node(&graph, "b/send"), reply, Session::Opening);
    assert_snapshot!(told(&graph, &opening[0]), @"b/send > filter/out: no-route");
}

#[test]
fn only_the_reply_to_what_was_translated_is_translated_back() {
    let graph = stateful();
    let forward = walk(&graph, node(&graph, "a/send"), packet(), Session::Opening).remove(0);
    let stray = forward.arriving().reply().unwrap().with(Field::DstPort, 1_025);
    assert_snapshot!(replies(&graph, &forward, stray), @"b/send > filter/out > nat/in: no-route");
    let elsewhere = Trace { hops: Vec::new(), ..forward.clone() };
    assert_snapshot!(replies(&graph, &elsewhere, forward.arriving().reply().unwrap()), @"b/send > filter/out > nat/in: no-route");
}

#[test]
fn edges_for_openings_are_not_for_replies() {
    let graph = stateful();
    let forward = walk(&graph, node(&graph, "a/send"), packet(), Session::Opening).remove(0);
    let at = node(&graph, "nat/out");
    assert_eq!(applicable(&graph, at, &packet(), Session::Opening).len(), 1);
    assert_eq!(applicable(&graph, at, &packet(), Session::ReplyTo(&forward)).len(), 0);
}

#[test]
fn replay_accepts_what_walks_and_any_choice() {
    let graph = stateful();
    let start = node(&graph, "a/send");
    let walked = walk(&graph, start, packet(), Session::Opening).remove(0);
    assert_eq!(replay(&graph, start, packet(), &walked.hops, Session::Opening).as_ref(), Ok(&walked));
    let chosen = |port: u16| -> Vec<Hop> {
        let [first, second] = walked.hops.as_slice() else { panic!("two hops") };
        vec![*first, Hop { after: second.after.with(Field::SrcPort, port.into()), ..*second }]
    };
    let replayed = replay(&graph, start, packet(), &chosen(2_000), Session::Opening).unwrap();
    assert_eq!(replayed.arriving().get(Field::SrcPort), 2_000);
    assert!(replayed.certain);
    assert_snapshot!(replay(&graph, start, packet(), &chosen(3_000), Session::Opening).unwrap_err(), @"hop 1: the header changes in a way that the edge does not");
}

#[test]
fn replay_rejects_ways_that_the_graph_does_not_allow() {
    let graph = stateful();
    let start = node(&graph, "a/send");
    let walked = walk(&graph, start, packet(), Session::Opening).remove(0);
    let error = |start: NodeId, packet: Packet, hops: &[Hop]| {
        replay(&graph, start, packet, hops, Session::Opening).unwrap_err().to_string()
    };
    assert_snapshot!(error(start, packet().with(Field::DstPort, 81), &walked.hops), @"hop 0: it does not start where the packet is");
    assert_snapshot!(error(node(&graph, "b/send"), packet(), &walked.hops), @"hop 0: it does not start where the packet is");
    assert_snapshot!(error(start, packet(), &walked.hops[..1]), @"hop 1: the way stops where nothing arrives");
    assert_snapshot!(error(start, packet(), &[walked.hops[0], walked.hops[0]]), @"hop 1: it does not start where the packet is");
    let back = graph.edges().find(|&id| graph.edge(id).restores.is_some()).unwrap();
    let at = graph.edge(back).from;
    let hop = Hop { edge: back, before: packet(), after: packet() };
    assert_snapshot!(error(at, packet(), &[hop]), @"hop 0: the packet does not go this way");
}

#[test]
fn the_order_of_description_does_not_show() {
    let edges: Vec<(&str, &str, Transfer)> = vec![
        ("a/send", "r/first", any()),
        ("r/first", "b/receive", to_port(80).ranked(2)),
        ("r/first", "c/receive", to_port(80).ranked(2)),
        ("r/first", "c/receive", to_port(81).ranked(2)),
        ("r/first", "c/receive", to_port(81).ranked(2).uncertain()),
        ("r/first", "b/receive", any().ranked(1).rewriting(set(Field::DstIp, 1))),
        ("r/first", "b/receive", any().ranked(1).rewriting(set(Field::DstIp, 2))),
        ("c/send", "r/first", any().for_flow(Flow::Reply)),
        ("c/send", "r/first", any().restoring(Port::new(&ResourceKey::new("", "", "r"), "first"))),
    ];
    let hosts = ["a", "b", "c"];
    let built = |turn: usize, reversed: bool| {
        let (mut edges, mut hosts) = (edges.clone(), hosts);
        edges.rotate_left(turn);
        hosts.rotate_left(turn % 3);
        if reversed {
            edges.reverse();
            hosts.reverse();
        }
        let mut sketch = Sketch::default();
        if turn.is_multiple_of(2) {
            sketch = sketch.hosts(&hosts).ports(&["r/first"]);
        }
        for (from, to, transfer) in edges {
            sketch = sketch.edge(from, to, transfer.clone()).edge(from, to, transfer);
        }
        sketch.hosts(&hosts).ports(&["r/first"]).graph()
    };
    let first = built(0, false);
    assert_snapshot!(first, @r"
    a/send -> r/first: any packet
    c/send -> r/first: reply any packet
    c/send -> r/first: reply any packet; as before r/first
    r/first -> b/receive: [1] any packet; dst_ip := 0.0.0.1
    r/first -> b/receive: [1] any packet; dst_ip := 0.0.0.2
    r/first -> b/receive: [2] dst_port 80
    r/first -> c/receive: [2] dst_port 81; uncertain
    r/first -> c/receive: [2] dst_port 80
    r/first -> c/receive: [2] dst_port 81
    ");
    for turn in 0..edges.len() {
        for reversed in [false, true] {
            let other = built(turn, reversed);
            assert_eq!(other.to_string(), first.to_string());
            assert_eq!(other.ends(), first.ends());
            assert_eq!(other.resources(), first.resources());
        }
    }
}

#[test]
fn what_is_missing_is_remarked_on_and_unknown() {
    let mut sketch = Sketch::default().hosts(&["a"]);
    let (key, nowhere) = sketch.port("b/receive");
    let (_, send) = sketch.port("a/send");
    sketch.0.connect(&send, &nowhere, any(), &Cause::structure(&key));
    sketch.0.connect(&nowhere, &send, any(), &Cause::structure(&key));
    sketch.0.connect(&send, &send, any().restoring(nowhere.clone()), &Cause::structure(&key));
    let (graph, remarks) = sketch.0.finish();
    assert_snapshot!(graph, @"a/send -> insufficient-info: any packet (`b` is not in the snapshot)");
    let missing: Vec<String> = remarks.iter().map(|remark| remark.missing.to_string()).collect();
    assert_eq!(missing, ["b/receive"]);
}

#[test]
fn the_longest_way_counts_as_a_loop() {
    let names: Vec<String> = (0..graph::LONGEST_WAY).map(|at| format!("r/{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut sketch = Sketch::default().hosts(&["a"]).ports(&names).edge("a/send", names[0], any());
    for pair in names.windows(2) {
        sketch = sketch.edge(pair[0], pair[1], any());
    }
    let graph = sketch.graph();
    let traces = walk(&graph, node(&graph, "a/send"), packet(), Session::Opening);
    assert_eq!(traces.iter().map(|trace| trace.disposition).collect::<Vec<_>>(), [Disposition::Loop]);
}
