//! Random networks as graphs, and the questions that tests ask of them.
#![allow(dead_code, reason = "each test file uses its share")]

use aws::{Inventory, lower, snapshot::Snapshot};
use graph::{ForwardingGraph, NodeId};
use testkit::random::{RandomNetwork, RandomOptions, random_network_from_seed};

/// The graph of an export.
pub fn graph_of(json: &str) -> ForwardingGraph {
    let (snapshot, _) = Snapshot::parse("network.json", json);
    let (inventory, _) = Inventory::read(&snapshot);
    lower(&inventory, &snapshot).0
}

/// The network of a seed. Every other one is complete; the rest lack tables, records or forwarding appliances.
pub fn network(seed: u64) -> RandomNetwork {
    let options = RandomOptions {
        missing_tables: seed % 8 == 1,
        missing_records: seed % 8 == 3,
        appliance_routes: seed % 8 >= 5,
        ..RandomOptions::default()
    };
    random_network_from_seed(seed, &options)
}

/// Where packets start, and where they arrive.
pub fn ends(graph: &ForwardingGraph) -> (Vec<NodeId>, Vec<NodeId>) {
    let mut departs: Vec<NodeId> = graph.ends().iter().filter_map(|end| end.departs).collect();
    let mut arrives: Vec<NodeId> = graph.ends().iter().filter_map(|end| end.arrives).collect();
    for nodes in [&mut departs, &mut arrives] {
        nodes.sort_unstable();
        nodes.dedup();
    }
    (departs, arrives)
}

/// Seeds of a test, and of a longer run if the environment asks for one.
pub fn seeds(usual: u64) -> std::ops::Range<u64> {
    let from = |name: &str| std::env::var(name).ok().and_then(|value| value.parse().ok());
    let first = from("NETPROOF_FIRST_SEED").unwrap_or(0);
    first..first + from("NETPROOF_SEEDS").unwrap_or(usual)
}
