//! Random networks as graphs, sketches of graphs, and what tests say about paths.
#![allow(clippy::unwrap_used, reason = "helpers of tests, which may stop them")]
#![allow(dead_code, reason = "each test file uses its share")]

use std::fmt::Write as _;

use aws::{Inventory, lower, snapshot::Snapshot};
use graph::{
    Cause, Choice, Disposition, End, ForwardingGraph, GraphBuilder, NodeId, Port, ResourceKey, ResourceRef,
    Rule, Target, Transfer,
};
use headerspace::{Block, Field};
use search::{Answer, FoundPath, Paths, Replies};
use testkit::random::{RandomNetwork, RandomOptions, random_network_from_seed};

/// The graph of an export.
pub(crate) fn graph_of(json: &str) -> ForwardingGraph {
    let (inventory, snapshot) = inventory_of(json);
    lower(&inventory, &snapshot).0
}

/// What is in an export.
pub(crate) fn inventory_of(json: &str) -> (Inventory, Snapshot) {
    let (snapshot, _) = Snapshot::parse("network.json", json);
    (Inventory::read(&snapshot).0, snapshot)
}

/// The network of a seed. Every other one is complete; the rest lack tables, records or forwarding appliances.
pub(crate) fn network(seed: u64) -> RandomNetwork {
    let options = RandomOptions {
        missing_tables: seed % 8 == 1,
        missing_records: seed % 8 == 3,
        appliance_routes: seed % 8 >= 5,
        ..RandomOptions::default()
    };
    random_network_from_seed(seed, &options)
}

/// A small network of a seed that may have everything in it.
pub(crate) fn everything(seed: u64) -> RandomNetwork {
    let options = RandomOptions { interfaces: 1..=4, ..RandomOptions::everything() };
    random_network_from_seed(seed, &options)
}

/// The same with records left out.
pub(crate) fn everything_but_some_records(seed: u64) -> RandomNetwork {
    let options = RandomOptions { interfaces: 1..=4, missing_records: true, ..RandomOptions::everything() };
    random_network_from_seed(seed, &options)
}

/// Where packets start, and where they arrive.
pub(crate) fn ends(graph: &ForwardingGraph) -> (Vec<NodeId>, Vec<NodeId>) {
    let mut departs: Vec<NodeId> = graph.ends().iter().filter_map(|end| end.departs).collect();
    let mut arrives: Vec<NodeId> = graph.ends().iter().filter_map(|end| end.arrives).collect();
    for nodes in [&mut departs, &mut arrives] {
        nodes.sort_unstable();
        nodes.dedup();
    }
    (departs, arrives)
}

/// Seeds of a test, and of a longer run if the environment asks for one.
pub(crate) fn seeds(usual: u64) -> std::ops::Range<u64> {
    let from = |name: &str| std::env::var(name).ok().and_then(|value| value.parse().ok());
    let first = from("NETPROOF_FIRST_SEED").unwrap_or(0);
    first..first + from("NETPROOF_SEEDS").unwrap_or(usual)
}

/// A graph drawn by hand. Ports are called `resource/port`.
#[derive(Debug, Default)]
pub(crate) struct Sketch(GraphBuilder);

impl Sketch {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    fn resource(&mut self, id: &str) -> ResourceKey {
        self.0.resource(ResourceRef::new("Box", id))
    }

    fn port(&mut self, name: &str) -> Port {
        let (resource, port) = name.split_once('/').unwrap();
        Port::new(&self.resource(resource), port)
    }

    /// Hosts that send from `name/send` and receive at `name/receive`.
    pub(crate) fn hosts(mut self, names: &[&str]) -> Self {
        for name in names {
            let key = self.resource(name);
            self.0.declare_end(End::host(key.clone(), Port::new(&key, "send"), Port::new(&key, "receive")));
        }
        self
    }

    /// Ports that choose freely, or by first match if their name says so (`…/first`).
    pub(crate) fn ports(mut self, names: &[&str]) -> Self {
        for name in names {
            let port = self.port(name);
            let owner = self.resource(name.split_once('/').unwrap().0);
            let choice = if name.contains("first") { Choice::FirstMatch } else { Choice::Any };
            self.0.declare(port, &owner, choice, Disposition::NoRoute);
        }
        self
    }

    /// An edge caused by a rule of `rule`, which is a resource of its own.
    pub(crate) fn rule(mut self, rule: &str, from: &str, to: &str, transfer: Transfer) -> Self {
        let (from, rule) = (self.port(from), self.resource(rule));
        let to = match to {
            "denied" => Target::Refusal(Disposition::Denied),
            "missing" => Target::Refusal(Disposition::InsufficientInfo),
            port => Target::Port(self.port(port)),
        };
        self.0.connect(&from, to, transfer, &Cause::new(&rule, Rule::Carries));
        self
    }

    /// An edge caused by the resource that it leaves.
    pub(crate) fn edge(self, from: &str, to: &str, transfer: Transfer) -> Self {
        self.rule(from.split_once('/').unwrap().0, from, to, transfer)
    }

    pub(crate) fn graph(self) -> ForwardingGraph {
        let (graph, remarks) = self.0.finish();
        assert!(remarks.is_empty(), "{remarks:?}");
        graph
    }
}

/// The node of this name.
pub(crate) fn node(graph: &ForwardingGraph, name: &str) -> NodeId {
    graph.nodes().find(|&node| graph.describe(node) == name).unwrap()
}

/// Paths, a line each: nodes, rules, packets at the source, replies.
pub(crate) fn text(graph: &ForwardingGraph, paths: &Paths) -> String {
    let mut text = String::new();
    for path in &paths.found {
        writeln!(text, "{}", line(graph, path)).unwrap();
    }
    for doubt in &paths.doubts {
        writeln!(text, "? {} for {} sources, as {}", doubt.cause.resource, doubt.sources, doubt.packet)
            .unwrap();
    }
    if paths.truncated {
        text.push_str("and more\n");
    }
    text
}

/// Protocols, addresses and ports of packets.
fn packets(block: &Block) -> String {
    let values = |field| {
        let ranges = block.get(field).iter().map(|range| match range.clone().into_inner() {
            (first, last) if first == last => first.to_string(),
            (first, last) => format!("{first}-{last}"),
        });
        ranges.collect::<Vec<_>>().join(",")
    };
    let [protocol, from, by, to, at] =
        [Field::Protocol, Field::SrcIp, Field::SrcPort, Field::DstIp, Field::DstPort].map(values);
    format!("{protocol} {from}:{by} > {to}:{at}")
}

fn line(graph: &ForwardingGraph, path: &FoundPath) -> String {
    let mut text = graph.describe(path.source);
    for &edge in &path.edges {
        let edge = graph.edge(edge);
        write!(text, " -{}> {}", edge.cause.resource, graph.describe(edge.to)).unwrap();
    }
    for track in &path.tracks {
        write!(text, "; {}", packets(&track.first)).unwrap();
        for (step, block) in &track.changes {
            write!(text, " [{step}: {}]", packets(block)).unwrap();
        }
    }
    let replies = match &path.replies {
        Replies::All => "back".to_owned(),
        Replies::Some(_) => "some back".to_owned(),
        Replies::None => "not back".to_owned(),
        Replies::Unknown(causes) => format!("perhaps back: {} causes", causes.len()),
        Replies::NotAsked => "not asked".to_owned(),
    };
    write!(text, "; {replies}").unwrap();
    text
}

/// An answer in a line.
pub(crate) fn verdict(graph: &ForwardingGraph, answer: &Answer) -> String {
    match answer {
        Answer::Reachable(witness) => {
            let way: Vec<String> =
                witness.forward.hops.iter().map(|hop| graph.describe(graph.edge(hop.edge).to)).collect();
            format!("reachable: {} by {}", witness.forward.packet, way.join(" "))
        }
        Answer::Unreachable(blocked) => {
            let places =
                blocked.iter().map(|at| format!("{} at {}", at.disposition, graph.describe(at.node)));
            format!("unreachable: {}", places.collect::<Vec<_>>().join(", "))
        }
        Answer::Unknown(why) => {
            let causes = why
                .iter()
                .map(|why| format!("{}{}", why.cause.resource, if why.reply { " (reply)" } else { "" }));
            format!("unknown: {}", causes.collect::<Vec<_>>().join(", "))
        }
    }
}
