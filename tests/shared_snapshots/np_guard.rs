//! np-guard's collector output, and the table of all connections that its analyzer prints for it.
//!
//! That tool reads no route tables, and its exports hold none. Each VPC gets one here: a main route table with the
//! local route and a default route to the VPC's internet gateway, which is what the tool's idea of a public subnet
//! comes to for interfaces with a public address. Its ports are 1 to 65535, its protocols TCP, UDP and ICMP.

use std::{collections::BTreeMap, fs, ops::RangeInclusive};

use headerspace::{Field, HeaderSpace, Match, PacketSet};
use netproof::{Analysis, Direction, Verdict};
use search::{PathQuery, Replies, Sets};
use serde_json::{Value, json};

use crate::{ask, folder, interfaces, subnet};

const EXPORTS: [(&str, &str); 2] = [
    ("input_aws_acl_1.json", "aws_acl_1_all_vpcs_.txt"),
    ("input_basic_config_with_sg.json", "basic_config_with_sg_all_vpcs_.txt"),
];

/// Addresses that stand for the internet: those that the tables name, and others.
const STRANGERS: [&str; 3] = ["147.235.208.136", "147.235.208.137", "8.8.8.8"];

/// An end of the table: an interface by its private address, or an address of the internet.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum End {
    Interface(String),
    Stranger(&'static str),
}

/// What may flow between two ends, in either tool's opinion: what arrives, and what of TCP is answered as well.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Connections {
    forward: PacketSet,
    answered_tcp: PacketSet,
}

type Table = BTreeMap<(End, End), Connections>;

/// An export with a main route table for each VPC.
fn routed(export: &Value) -> Value {
    let list = |name: &str| export[name].as_array().unwrap().clone();
    let tables: Vec<Value> = list("vpcs")
        .iter()
        .map(|vpc| {
            let gateway = list("internet_gateways")
                .into_iter()
                .find(|igw| igw["Attachments"][0]["VpcId"] == vpc["VpcId"]);
            let mut routes = vec![json!({
                "DestinationCidrBlock": vpc["CidrBlock"], "GatewayId": "local", "State": "active",
            })];
            routes.extend(gateway.map(|gateway| {
                let id = &gateway["InternetGatewayId"];
                json!({ "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": id, "State": "active" })
            }));
            let id = format!("main-of-{}", vpc["VpcId"].as_str().unwrap());
            json!({
                "RouteTableId": id, "VpcId": vpc["VpcId"], "OwnerId": vpc["OwnerId"],
                "Associations": [{ "RouteTableId": id, "Main": true }], "Routes": routes,
            })
        })
        .collect();
    let mut routed = export.clone();
    routed["RouteTables"] = tables.into();
    routed
}

fn read(export: &Value) -> Analysis {
    Analysis::of_documents([("export.json".to_owned(), export.to_string().into_bytes())])
}

fn ranges(field: Field, text: &str) -> Match {
    let port = |text: &str| text.parse::<u16>().unwrap();
    Match::any_of(text.split(',').map(|part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let range: RangeInclusive<u16> = port(first)..=port(last);
        Match::ports(field, range)
    }))
}

/// What the tables are about, without addresses: TCP and UDP with ports from 1, ICMP.
fn universe() -> Match {
    let ported = Match::any_of([Match::protocol(6), Match::protocol(17)]);
    let from_one = |field| Match::ports(field, 1..=65535);
    Match::any_of([
        Match::all_of([ported, from_one(Field::SrcPort), from_one(Field::DstPort)]),
        Match::protocol(1),
    ])
}

/// The packets of `set` without their addresses and what the network remembers of them, and within what the tables are about.
fn bare(space: &mut HeaderSpace, set: PacketSet) -> PacketSet {
    let universe = space.compile(&universe());
    let set = [Field::Family, Field::SrcIp, Field::DstIp, Field::Identity, Field::Phase]
        .into_iter()
        .fold(set, |set, field| space.exists(set, field));
    space.and(set, universe)
}

fn from_host(address: &str) -> Match {
    Match::src_in(format!("{address}/32").parse().unwrap())
}

fn to_host(address: &str) -> Match {
    Match::dst_in(format!("{address}/32").parse().unwrap())
}

/// Reads np-guard's table.
fn expected(space: &mut HeaderSpace, text: &str, all: &[End]) -> Table {
    let mut table = nothing(space, all);
    let tcp = space.compile(&Match::protocol(6));
    for line in text.lines() {
        let Some((ends, what)) = line.split_once(" : ") else { continue };
        let (from, to) = ends.split_once(" => ").unwrap();
        let refused = what.trim_end().ends_with('*');
        let words = what.trim_end_matches(['*', ' ']);
        let mut parts = vec![universe()];
        if words != "All Connections" {
            for word in words.split_whitespace().collect::<Vec<_>>().windows(2) {
                match word[0] {
                    "protocol:" => {
                        assert_eq!(word[1], "TCP", "{line}");
                        parts.push(Match::protocol(6));
                    }
                    "src-ports:" => parts.push(ranges(Field::SrcPort, word[1])),
                    "dst-ports:" => parts.push(ranges(Field::DstPort, word[1])),
                    _ => {}
                }
            }
        }
        let set = space.compile(&Match::all_of(parts));
        let well_formed = space.well_formed();
        let set = space.and(set, well_formed);
        let set = bare(space, set);
        for (pair, connections) in &mut table {
            if means(&pair.0, from) && means(&pair.1, to) {
                connections.forward = space.or(connections.forward, set);
                if !refused {
                    let answered = space.and(set, tcp);
                    connections.answered_tcp = space.or(connections.answered_tcp, answered);
                }
            }
        }
    }
    table
}

/// Whether a table's text, `name[address]` or `Public Internet …`, means this end.
fn means(end: &End, text: &str) -> bool {
    match (end, text.strip_prefix("Public Internet ")) {
        (End::Interface(address), None) => text.ends_with(&format!("[{address}]")),
        (End::Stranger(_), Some("(all ranges)")) => true,
        (End::Stranger(address), Some(net)) => net.strip_suffix("/32").unwrap() == *address,
        _ => false,
    }
}

/// All pairs, without a connection.
fn nothing(space: &HeaderSpace, all: &[End]) -> Table {
    let none = Connections { forward: space.empty(), answered_tcp: space.empty() };
    let stranger = |end: &End| matches!(end, End::Stranger(_));
    let pairs = all.iter().flat_map(|from| all.iter().map(move |to| (from.clone(), to.clone())));
    pairs
        .filter(|(from, to)| from != to && !(stranger(from) && stranger(to)))
        .map(|pair| (pair, none))
        .collect()
}

/// The same table from our answers: every path between every two ends, with all its packets.
fn found(space: &mut HeaderSpace, analysis: &Analysis, all: &[End]) -> Table {
    let graph = analysis.graph();
    let engine = Sets::new(graph);
    let mut table = nothing(space, all);
    let tcp = space.compile(&Match::protocol(6));
    let interfaces = interfaces(graph);
    let owner = |address: &str| {
        let from = from_host(address);
        let sends = |end: &graph::FinishedEnd| {
            graph
                .outgoing(end.departs.unwrap())
                .iter()
                .any(|&edge| *graph.guard(graph.edge(edge).guard) == from)
        };
        interfaces.iter().find(|(_, end)| sends(end)).unwrap().1
    };
    let gateways: Vec<_> = graph.ends().iter().filter(|end| end.border).collect();
    for ((from, to), connections) in &mut table {
        let (sources, at_source) = match from {
            End::Interface(address) => (vec![owner(address)], Match::All),
            End::Stranger(address) => (gateways.clone(), from_host(address)),
        };
        let (destinations, at_destination) = match to {
            End::Interface(address) => (vec![owner(address)], Match::All),
            End::Stranger(address) => (gateways.clone(), to_host(address)),
        };
        let departing = sources.iter().filter_map(|end| end.departs);
        let arriving = destinations.iter().filter_map(|end| end.arrives);
        let perhaps = scope::perhaps(graph, &destinations);
        let query =
            PathQuery { at_source, at_destination, perhaps, ..PathQuery::between(departing, arriving) };
        let paths = engine.paths(&query.in_direction(Direction::Forward));
        assert_eq!(paths.doubts, Vec::new(), "{from:?} to {to:?}");
        for path in paths.found {
            let blocks: Vec<PacketSet> =
                path.tracks.iter().map(|track| space.from_block(&track.first)).collect();
            let set = space.any_of(blocks);
            let answered = match &path.replies {
                Replies::All => set,
                Replies::Some(some) => {
                    let some = space.compile(some);
                    space.and(set, some)
                }
                Replies::None => space.empty(),
                Replies::Unknown(_) | Replies::NotAsked => panic!("{from:?} to {to:?}: {:?}", path.replies),
            };
            let forward = bare(space, set);
            connections.forward = space.or(connections.forward, forward);
            let answered = bare(space, answered);
            let answered = space.and(answered, tcp);
            connections.answered_tcp = space.or(connections.answered_tcp, answered);
        }
    }
    table
}

/// The ends of an export: every interface, and a few addresses of the internet.
fn ends(export: &Value) -> Vec<End> {
    let instances = export["instances"].as_array().unwrap().iter();
    let interfaces = instances.flat_map(|instance| instance["NetworkInterfaces"].as_array().unwrap());
    let addresses = interfaces.map(|interface| interface["PrivateIpAddress"].as_str().unwrap().to_owned());
    addresses.map(End::Interface).chain(STRANGERS.map(End::Stranger)).collect()
}

#[test]
fn tables_of_all_connections() {
    let Some(root) = folder("np-guard-aws") else { return };
    let (mut agree, mut all, mut connected) = (0, 0, 0);
    for (export, table) in EXPORTS {
        let export: Value = serde_json::from_str(&fs::read_to_string(root.join(export)).unwrap()).unwrap();
        let text = fs::read_to_string(root.join("expected").join(table)).unwrap();
        let mut space = HeaderSpace::new();
        let ends = ends(&export);
        let expected = expected(&mut space, &text, &ends);
        let found = found(&mut space, &read(&routed(&export)), &ends);
        for (pair, theirs) in &expected {
            let ours = &found[pair];
            all += 1;
            connected += usize::from(!space.is_empty(theirs.forward));
            if ours == theirs {
                agree += 1;
                continue;
            }
            let sets = [theirs.forward, ours.forward, theirs.answered_tcp, ours.answered_tcp];
            let [forward, our_forward, answered, our_answered] =
                sets.map(|set| space.to_match(set).to_string());
            println!("{pair:?}\n  forward: theirs {forward}\n           ours {our_forward}");
            println!("  answered: theirs {answered}\n            ours {our_answered}");
        }
    }
    let line = format!("{agree} of {all} pairs agree, {connected} of them connected");
    println!("np-guard: {line}");
    assert_eq!(line, "80 of 80 pairs agree, 38 of them connected");
}

/// As exported, without route tables: what the tool takes for granted is unknown to us. Within a subnet no route table
/// is met, so that is answered.
#[test]
fn without_route_tables_the_rest_is_unknown() {
    let Some(root) = folder("np-guard-aws") else { return };
    let mut counts: BTreeMap<(&str, Verdict, Verdict), usize> = BTreeMap::new();
    for (export, _) in EXPORTS {
        let export: Value = serde_json::from_str(&fs::read_to_string(root.join(export)).unwrap()).unwrap();
        let (bare, routed) = (read(&export), read(&routed(&export)));
        let interfaces = interfaces(bare.graph());
        for (from, from_end) in &interfaces {
            for (to, to_end) in &interfaces {
                if from == to {
                    continue;
                }
                let flow =
                    json!({ "source": from, "destination": to, "protocol": "tcp", "destination-port": 443 });
                let near = subnet(bare.graph(), from_end) == subnet(bare.graph(), to_end);
                let place = if near { "same subnet" } else { "other subnet" };
                let with = ask(&routed, flow.clone(), "round-trip").0;
                *counts.entry((place, with, ask(&bare, flow, "round-trip").0)).or_default() += 1;
            }
            let out = json!({ "source": from, "destination": "internet", "protocol": "tcp", "destination-port": 443 });
            let with = ask(&routed, out.clone(), "round-trip").0;
            *counts.entry(("internet", with, ask(&bare, out, "round-trip").0)).or_default() += 1;
        }
    }
    let lines: Vec<String> = counts
        .iter()
        .map(|((place, with, without), count)| {
            format!("{place}: {with} with route tables, {without} without: {count}")
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    internet: reachable with route tables, unknown without: 5
    internet: unreachable with route tables, unreachable without: 2
    internet: unreachable with route tables, unknown without: 1
    other subnet: reachable with route tables, unknown without: 11
    other subnet: unreachable with route tables, unreachable without: 11
    other subnet: unreachable with route tables, unknown without: 6
    same subnet: reachable with route tables, reachable without: 4
    ");
}
