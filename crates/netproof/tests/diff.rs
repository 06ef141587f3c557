//! Differences against concrete packets, on random networks with a few random edits.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests, which may stop them")]

use std::collections::{BTreeMap, BTreeSet};

use graph::{FinishedEnd, ForwardingGraph, NodeId, ResourceKey, Session, Trace, World, walk};
use headerspace::{Field, Packet};
use netproof::{
    Analysis,
    diff::{Difference, MOST_PATHS, Only, Sent, What, diff},
};
use serde_json::Value;
use testkit::oracle::{Values, packets};
use testkit::random::{RandomNetwork, RandomOptions, random_network_from_seed, shuffle};

/// Numbers that look random, the same for the same seed.
struct Draws(u64);

impl Draws {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % count.max(1)
    }
}

fn seeds(usual: u64) -> std::ops::Range<u64> {
    let from = |name: &str| std::env::var(name).ok().and_then(|value| value.parse().ok());
    let first = from("NETPROOF_FIRST_SEED").unwrap_or(0);
    first..first + from("NETPROOF_SEEDS").unwrap_or(usual)
}

/// JSON pointers of everything in a document that `wanted` accepts.
fn pointers(value: &Value, at: &str, wanted: &dyn Fn(&Value) -> bool, found: &mut Vec<String>) {
    if wanted(value) {
        found.push(at.to_owned());
    }
    match value {
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                pointers(value, &format!("{at}/{index}"), wanted, found);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                pointers(value, &format!("{at}/{name}"), wanted, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A document with one thing changed: an element taken out of a list, or a value replaced by another of its kind.
fn edited(json: &str, draws: &mut Draws) -> String {
    let mut document: Value = serde_json::from_str(json).unwrap();
    let is_list = |value: &Value| value.as_array().is_some_and(|list| !list.is_empty());
    let is_value = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
    let (mut lists, mut values) = (Vec::new(), Vec::new());
    pointers(&document, "", &is_list, &mut lists);
    pointers(&document, "", &is_value, &mut values);
    // Most of a record is of no account; rules and routes are.
    let matters = |pointer: &String| {
        let names =
            ["IpPermissions", "Entries", "Routes", "Associations", "Groups", "Rules", "SecurityGroups"];
        names.iter().any(|name| pointer.contains(name))
    };
    if draws.below(4) > 0 {
        lists.retain(matters);
        values.retain(matters);
    }
    if lists.is_empty() || values.is_empty() {
        return json.to_owned();
    }
    if draws.below(2) == 0 {
        let list = &lists[draws.below(lists.len())];
        let list = document.pointer_mut(list).unwrap().as_array_mut().unwrap();
        list.remove(draws.below(list.len()));
    } else {
        let one = values[draws.below(values.len())].clone();
        let member = |pointer: &str| pointer.rsplit('/').next().unwrap().to_owned();
        let same: Vec<&String> = values.iter().filter(|other| member(other) == member(&one)).collect();
        let other = document.pointer(same[draws.below(same.len())]).unwrap().clone();
        *document.pointer_mut(&one).unwrap() = other;
    }
    document.to_string()
}

fn analysis(json: &str) -> Analysis {
    Analysis::of_documents([("network.json".to_owned(), json.as_bytes().to_vec())])
}

fn has_choice(graph: &ForwardingGraph, traces: &[Trace]) -> bool {
    let hops = traces.iter().flat_map(|trace| &trace.hops);
    hops.flat_map(|hop| graph.edge(hop.edge).rewrite.assignments()).any(|(_, values)| values.count() > 1)
}

/// A port of a resource.
type Place = (ResourceKey, String);

fn place(graph: &ForwardingGraph, node: NodeId) -> Place {
    let node = graph.node(node);
    (graph.key(node.resource.unwrap()).clone(), node.port.clone())
}

fn places(graph: &ForwardingGraph) -> BTreeMap<Place, NodeId> {
    let nodes = graph.nodes().filter(|&node| graph.node(node).resource.is_some());
    nodes.map(|node| (place(graph, node), node)).collect()
}

/// Where a packet surely arrives, and whether it is answered from there.
fn arrivals(graph: &ForwardingGraph, source: &FinishedEnd, traces: &[Trace]) -> BTreeSet<(Place, bool)> {
    let public = |field, packet: &Packet| scope::selection::public(field).accepts(packet);
    let mut found = BTreeSet::new();
    for trace in traces.iter().filter(|trace| trace.certain && trace.disposition.is_success()) {
        let internet = graph.arriving_at(trace.end).any(|end| end.world == World::Internet);
        let strange = internet && !public(Field::DstIp, &trace.arriving())
            || source.world == World::Internet && !public(Field::SrcIp, &trace.packet);
        if trace.hops.is_empty() || strange {
            continue;
        }
        let place = place(graph, trace.end);
        if trace.arriving().reply().is_none() || search::answer_to(graph, trace).is_some() {
            found.insert((place.clone(), true));
        }
        found.insert((place, false));
    }
    found
}

/// Whether the difference lists the packet between these ends.
fn listed(
    difference: &Difference,
    ends: (&Place, &Place),
    packet: &Packet,
    only: Only,
    replies: bool,
) -> bool {
    let sent = |sent: Sent| match sent {
        Sent::Any => true,
        Sent::Opening => packet.get(Field::Phase) == 0,
        Sent::Data => packet.get(Field::Phase) == 1,
    };
    let pairs = difference.pairs.iter();
    let pairs = pairs.filter(|pair| (&pair.source, &pair.destination) == (&ends.0.0, &ends.1.0));
    pairs.flat_map(|pair| &pair.portions).any(|portion| {
        let holds = |field: Field, block: &headerspace::Block| block.get(field).contains(packet.get(field));
        portion.only == only
            && (portion.what == What::Replies) == replies
            && sent(portion.sent)
            && portion.blocks.iter().any(|block| Field::HEADER.iter().all(|&field| holds(field, block)))
    })
}

/// What has been compared.
#[derive(Debug, Default)]
struct Counts {
    /// Edits that made a difference.
    differences: usize,
    /// Packets that fared differently.
    arrivals: usize,
    /// Packets that arrived in both and were answered in one.
    replies: usize,
}

/// Compares differences with packets that are walked in both snapshots.
fn check(network_of: fn(u64) -> RandomNetwork, seeds: std::ops::Range<u64>) -> Counts {
    let mut counts = Counts::default();
    for seed in seeds {
        let network = network_of(seed);
        let mut draws = Draws(seed);
        let mut other = network.json.clone();
        for _ in 0..=draws.below(3) {
            other = edited(&other, &mut draws);
        }
        let mut texts = [network.json.clone(), other];
        if draws.below(2) == 0 {
            texts.reverse();
        }
        let snapshots = texts.each_ref().map(|text| analysis(text));
        let difference = diff(&snapshots[0], &snapshots[1], MOST_PATHS);
        counts.differences += usize::from(!difference.pairs.is_empty());
        let defect = difference.unknowns.iter().find(|unknown| unknown.what.contains("defect"));
        assert!(defect.is_none(), "seed {seed}: {defect:?}");
        assert!(difference.portions().all(|portion| !portion.blocks.is_empty()), "seed {seed}");
        compare(seed, &network, snapshots.each_ref().map(Analysis::graph), &difference, &mut counts);
    }
    counts
}

fn compare(
    seed: u64,
    network: &RandomNetwork,
    graphs: [&ForwardingGraph; 2],
    difference: &Difference,
    counts: &mut Counts,
) {
    let values = Values::of(network);
    let nodes = graphs.map(places);
    let departing = |graph: &ForwardingGraph| -> Vec<Place> {
        graph.ends().iter().filter_map(|end| Some(place(graph, end.departs?))).collect()
    };
    let sources: BTreeSet<Place> = graphs.into_iter().flat_map(departing).collect();
    for source in &sources {
        let starts = nodes.each_ref().map(|nodes| nodes.get(source).copied());
        let mut sent = BTreeSet::new();
        for (graph, start) in graphs.iter().zip(starts) {
            sent.extend(start.into_iter().flat_map(|start| packets(graph, &values, start, 120, seed)));
        }
        let data: Vec<Packet> = sent.iter().map(|packet| packet.with(Field::Phase, 1)).collect();
        for packet in sent.into_iter().chain(data) {
            let mut chosen = false;
            let fares = [0, 1].map(|at| {
                let graph = graphs[at];
                let starting = |end: &&FinishedEnd| end.departs.is_some() && end.departs == starts[at];
                let Some(end) = graph.ends().iter().find(starting) else { return BTreeSet::new() };
                let traces = walk(graph, end.departs.unwrap(), packet, Session::Opening);
                chosen |= has_choice(graph, &traces);
                arrivals(graph, end, &traces)
            });
            if chosen {
                continue; // the walk knows one choice, the difference all
            }
            let destinations: BTreeSet<&Place> = fares.iter().flatten().map(|(place, _)| place).collect();
            for destination in destinations.into_iter().filter(|place| place.0 != source.0) {
                for (only, here, there) in [(Only::New, 1, 0), (Only::Old, 0, 1)] {
                    let goes_on = nodes[here].get(destination).is_some_and(|&node| {
                        let internet = graphs[here].arriving_at(node).any(|end| end.world != World::Own);
                        !graphs[here].outgoing(node).is_empty() && !internet
                    });
                    if goes_on {
                        continue;
                    }
                    let has = |at: usize, answered| fares[at].contains(&(destination.clone(), answered));
                    let ends = (source, destination);
                    let said = |replies| listed(difference, ends, &packet, only, replies);
                    let context = || format!("seed {seed}: {packet} {source:?} > {destination:?}, {only:?}");
                    let differs = has(here, false) && !has(there, false);
                    counts.arrivals += usize::from(differs);
                    assert_eq!(said(false), differs, "{}", context());
                    if packet.get(Field::Phase) == 1 {
                        let both = has(here, false) && has(there, false);
                        let differs = both && has(here, true) && !has(there, true);
                        counts.replies += usize::from(differs);
                        assert_eq!(said(true), differs, "{}, replies", context());
                    }
                }
            }
        }
    }
}

fn network(seed: u64) -> RandomNetwork {
    let options = RandomOptions {
        missing_tables: seed % 8 == 1,
        missing_records: seed % 8 == 3,
        appliance_routes: seed % 8 >= 5,
        ..RandomOptions::default()
    };
    random_network_from_seed(seed, &options)
}

fn everything(seed: u64) -> RandomNetwork {
    random_network_from_seed(seed, &RandomOptions { interfaces: 1..=4, ..RandomOptions::everything() })
}

#[test]
fn differences_are_exactly_the_packets_that_fare_differently() {
    let counts = check(network, seeds(300));
    // Replies alone hardly ever fare differently in networks as small as these.
    assert!(counts.arrivals > 100 && counts.differences > 10, "{counts:?} are too few to show anything");
}

#[test]
fn differences_are_exactly_the_packets_that_fare_differently_past_everything() {
    let counts = check(everything, seeds(120));
    assert!(
        counts.arrivals > 100 && counts.replies > 5 && counts.differences > 10,
        "{counts:?} are too few to show anything"
    );
}

#[test]
fn order_and_file_names_make_no_difference() {
    for seed in seeds(60) {
        let network = everything(seed);
        let shuffled = shuffle(&network.json, seed + 1);
        let other = Analysis::of_documents([("elsewhere/other.json".to_owned(), shuffled.into_bytes())]);
        let difference = diff(&analysis(&network.json), &other, MOST_PATHS);
        assert!(difference.pairs.is_empty() && !difference.truncated, "seed {seed}: {:#?}", difference.pairs);
    }
}
