//! The concrete walk against the answers of the scenarios: where an answer is "unreachable", no packet that is tried
//! arrives, and where it is "unknown", none arrives for certain.
//!
//! The walk is the definition of what a packet does, so that this finds a wrong "unreachable" whatever its cause in the
//! engine. Packets are those of the question, from and to every address that the snapshot knows.
#![expect(clippy::unwrap_used, reason = "a test: failing loudly is its job")]

use std::{collections::BTreeSet, fmt::Write as _, fs, net::IpAddr, path::Path};

use graph::{FinishedEnd, ForwardingGraph, NodeId, Session, World, walk};
use headerspace::{Field, Packet};
use netproof::{Analysis, Direction, Flows, Place, Question, Verdict};
use scope::selection;

/// Addresses of the world outside, public and private.
const ELSEWHERE: [&str; 4] = ["8.8.8.8", "192.168.1.10", "172.16.5.5", "2a00:1450:4001:80f::7"];
const PORTS: [u16; 6] = [22, 53, 80, 443, 3306, 8080];

fn ends<'g>(graph: &'g ForwardingGraph, place: &Place) -> Vec<&'g FinishedEnd> {
    match place {
        Place::Internet => graph.ends().iter().filter(|end| end.world == World::Internet).collect(),
        Place::Resource(text) => {
            let resources = selection::by_text(graph, text);
            graph.ends().iter().filter(|end| selection::belongs(graph, end, &resources)).collect()
        }
        Place::Address(_) => Vec::new(),
    }
}

/// The addresses of the network, and some of elsewhere.
fn addresses(analysis: &Analysis) -> Vec<IpAddr> {
    let known = analysis.inventory().addresses().into_iter();
    let known = known.flat_map(|(_, private, public)| std::iter::once(private).chain(public));
    let all: BTreeSet<IpAddr> = known.chain(ELSEWHERE.iter().map(|text| text.parse().unwrap())).collect();
    all.into_iter().collect()
}

/// What the ends of a source send from.
fn sources(analysis: &Analysis, ends: &[&FinishedEnd], question: &Question) -> Vec<IpAddr> {
    if let Some(net) = question.source_ip {
        return vec![net.addr()];
    }
    let keys: BTreeSet<String> =
        ends.iter().map(|end| analysis.graph().resource(end.resource).key().as_str().to_owned()).collect();
    let known = analysis.inventory().addresses().into_iter();
    let own: Vec<IpAddr> =
        known.filter(|(key, ..)| keys.contains(key.as_str())).map(|(_, address, _)| address).collect();
    if own.is_empty() { ELSEWHERE.iter().map(|text| text.parse().unwrap()).collect() } else { own }
}

fn packets(analysis: &Analysis, ends: &[&FinishedEnd], question: &Question) -> Vec<Packet> {
    let to = question.destination_ip.map_or_else(|| addresses(analysis), |net| vec![net.addr()]);
    let ports = |range: &Option<std::ops::RangeInclusive<u16>>, else_: &[u16]| {
        range.as_ref().map_or_else(|| else_.to_vec(), |range| vec![*range.start(), *range.end()])
    };
    let protocol = question.protocol.unwrap_or(6);
    let phase = u128::from(question.direction == Direction::RoundTrip);
    let mut all = Vec::new();
    for from in sources(analysis, ends, question) {
        for to in to.iter().filter(|to| to.is_ipv4() == from.is_ipv4()) {
            let base = match protocol {
                6 | 17 => Packet::tcp(from, *to, 0, 0).with(Field::Protocol, protocol.into()),
                other => Packet::other(from, *to, other),
            };
            let base = base.with(Field::Phase, phase);
            if matches!(protocol, 6 | 17) {
                for source in ports(&question.source_port, &[50_000]) {
                    for destination in ports(&question.destination_port, &PORTS) {
                        all.push(
                            base.with(Field::SrcPort, source.into()).with(Field::DstPort, destination.into()),
                        );
                    }
                }
            } else {
                let echo = if protocol == 58 { 128 } else { 8 };
                let kind = question.icmp_type.unwrap_or(if matches!(protocol, 1 | 58) { echo } else { 0 });
                let code = question.icmp_code.unwrap_or(0);
                all.push(base.with(Field::IcmpType, kind.into()).with(Field::IcmpCode, code.into()));
            }
        }
    }
    all.retain(Packet::is_well_formed);
    all
}

/// Where replies for a source are at home.
fn home(graph: &ForwardingGraph, source: &FinishedEnd) -> BTreeSet<NodeId> {
    let same = |end: &&FinishedEnd| {
        if source.world == World::Internet { end.world == World::Internet } else { *end == source }
    };
    graph.ends().iter().filter(same).filter_map(|end| end.arrives).collect()
}

/// Whether the packet gets there, and back if that is asked for; `Some(true)` if for certain.
fn arrives(
    graph: &ForwardingGraph,
    source: &FinishedEnd,
    packet: Packet,
    destinations: &[&FinishedEnd],
    question: &Question,
) -> Option<bool> {
    let public = |field| selection::public(field);
    if question.source == Place::Internet && !public(Field::SrcIp).accepts(&packet) {
        return None;
    }
    let mut best = None;
    for trace in walk(graph, source.departs?, packet, Session::Opening) {
        let there = destinations.iter().filter(|end| end.arrives == Some(trace.end));
        if !trace.disposition.is_success()
            || (question.destination == Place::Internet && !public(Field::DstIp).accepts(&trace.arriving()))
        {
            continue;
        }
        for end in there {
            let certain = match (question.direction, trace.arriving().reply(), end.answers) {
                (Direction::Forward, ..) | (Direction::RoundTrip, None, _) => Some(trace.certain),
                (Direction::RoundTrip, Some(_), None) => None,
                (Direction::RoundTrip, Some(reply), Some(answers)) => {
                    let home = home(graph, source);
                    let back = walk(graph, answers, reply, Session::ReplyTo(&trace)).into_iter();
                    let back = back.filter(|back| {
                        home.contains(&back.end)
                            && back.disposition.is_success()
                            && Some(back.arriving()) == packet.reply()
                    });
                    back.map(|back| back.certain && trace.certain).max()
                }
            };
            best = best.max(certain);
        }
    }
    best
}

#[test]
fn no_packet_arrives_where_the_answer_is_no() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut questions, mut tried, mut wrong, mut reachable) = (0, 0, String::new(), (0, 0));
    for path in files {
        let file = path.file_name().unwrap().to_str().unwrap();
        let text: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
        let network = text["network"]["json"].as_str().unwrap().as_bytes().to_vec();
        if text["network"].get("appliances").is_some() {
            continue; // asked under other assumptions
        }
        let analysis = Analysis::of_documents([("network.json".to_owned(), network)]);
        let graph = analysis.graph();
        for asked in text.get("question").and_then(toml::Value::as_array).into_iter().flatten() {
            let mut asked = asked.as_table().unwrap().clone();
            for key in ["why", "kept-by", "opened-by", "codes", "details"] {
                asked.remove(key);
            }
            let document = serde_json::json!({ "flows": [asked] }).to_string();
            let flow =
                Flows::read("flow.json", &document).unwrap_or_else(|error| panic!("{error}")).flows.remove(0);
            let question = &flow.question;
            let (from, to) = (ends(graph, &question.source), ends(graph, &question.destination));
            if flow.expect == Verdict::Reachable {
                // That the packets tried do get somewhere shows that trying them means something.
                let mut tries = packets(&analysis, &from, question).into_iter();
                let gets_through = |packet| {
                    from.iter().any(|source| arrives(graph, source, packet, &to, question) == Some(true))
                };
                reachable.0 += usize::from(tries.any(gets_through));
                reachable.1 += 1;
                continue;
            }
            questions += 1;
            for packet in packets(&analysis, &from, question) {
                for source in &from {
                    tried += 1;
                    let arrived = arrives(graph, source, packet, &to, question);
                    let contradicts = match flow.expect {
                        Verdict::Unreachable => arrived.is_some(),
                        Verdict::Unknown | Verdict::Reachable => arrived == Some(true),
                    };
                    if contradicts {
                        writeln!(wrong, "{file}: {} is {}, but {packet} arrives", flow.name, flow.expect)
                            .unwrap();
                    }
                }
            }
        }
    }
    println!("{tried} packets of {questions} questions walked; {} of {} reachable", reachable.0, reachable.1);
    assert!(questions > 500 && tried > 10_000 && reachable.0 > 500, "hardly anything was tried");
    assert!(wrong.is_empty(), "\n{wrong}");
}
