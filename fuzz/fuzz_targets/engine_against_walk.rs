//! On a random network, every path holds exactly the packets that walk it, and replies agree.
#![no_main]

use std::collections::BTreeSet;

use arbitrary::Unstructured;
use aws::{Inventory, lower, snapshot::Snapshot};
use graph::NodeId;
use headerspace::Packet;
use libfuzzer_sys::fuzz_target;
use search::{PathQuery, Sets};
use testkit::{
    oracle::{Values, disagreements, packets},
    random::{RandomOptions, random_network_from},
};

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = Unstructured::new(bytes);
    let (missing_tables, missing_records) = (bytes.arbitrary().unwrap_or(false), bytes.arbitrary().unwrap_or(false));
    let options = RandomOptions { missing_tables, missing_records, ..RandomOptions::default() };
    let network = random_network_from(&mut bytes, &options);
    let (snapshot, _) = Snapshot::parse("network.json", &network.json);
    let (inventory, _) = Inventory::read(&snapshot);
    let (graph, _) = lower(&inventory, &snapshot);
    let departs: BTreeSet<NodeId> = graph.ends().iter().filter_map(|end| end.departs).collect();
    let arrives: BTreeSet<NodeId> = graph.ends().iter().filter_map(|end| end.arrives).collect();
    let query = PathQuery::between(departs.iter().copied(), arrives);
    let paths = Sets::new(&graph).paths(&query);
    let values = Values::of(&network);
    let drawn: Vec<(NodeId, BTreeSet<Packet>)> =
        departs.iter().map(|&source| (source, packets(&graph, &values, source, 20, 1))).collect();
    let drawn = drawn.iter().flat_map(|(source, packets)| packets.iter().map(|packet| (*source, packet)));
    let wrong = disagreements(&graph, &values, &query, &paths, drawn);
    assert!(wrong.is_empty(), "{wrong:#?}\n{}", network.json);
});
