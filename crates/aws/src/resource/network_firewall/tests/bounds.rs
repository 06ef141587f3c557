//! Random rules, each conversation tried with every way in which what is not known could turn out.
//!
//! SOURCE: as of `stateful`.
use std::collections::BTreeSet;

use graph::{Disposition, ForwardingGraph, Hop, NodeId, Session, Trace, applicable};
use headerspace::{Field, Packet};

use super::{documents, strict, text};
use crate::{Inventory, lower, snapshot::Snapshot};

const HOSTS: [&str; 2] = ["10.0.1.1", "10.0.2.2"];

#[derive(Clone, Copy)]
struct Draw(u64);

impl Draw {
    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        all[usize::try_from(self.0 >> 33).unwrap() % all.len()]
    }
}

#[derive(Clone, Copy)]
struct Written {
    action: &'static str,
    protocol: &'static str,
    source: &'static str,
    port: &'static str,
    arrow: &'static str,
    flow: &'static str,
    content: bool,
}

impl Written {
    fn draw(draw: &mut Draw) -> Self {
        Self {
            action: draw.of(&["pass", "drop", "alert"]),
            protocol: draw.of(&["tcp", "ip", "udp", "tls"]),
            source: draw.of(&["any", "10.0.1.1", "10.0.2.2"]),
            port: draw.of(&["any", "443", "80"]),
            arrow: draw.of(&["->", "->", "<>"]),
            flow: draw.of(&["", "", "to_server", "to_client", "established,to_server", "not_established"]),
            content: draw.of(&[false, false, true]),
        }
    }

    fn text(&self, sid: usize) -> String {
        let Self { action, protocol, source, port, arrow, .. } = self;
        let flow = if self.flow.is_empty() { String::new() } else { format!("flow:{}; ", self.flow) };
        let content = if self.content { "content:\"x\"; " } else { "" };
        format!("{action} {protocol} {source} any {arrow} any {port} ({flow}{content}sid:{sid};)")
    }

    /// Whether it matches a packet: surely, never, or it depends.
    fn matches(&self, packet: &Packet, to_server: bool, data: bool) -> Option<bool> {
        let tcp = packet.get(Field::Protocol) == 6;
        let payload = self.content || self.protocol == "tls";
        let protocol = match self.protocol {
            "ip" => true,
            "udp" => !tcp,
            _ => tcp,
        };
        let way = |packet: &Packet| {
            (self.source == "any" || self.source == packet.src().to_string())
                && (self.port == "any" || self.port == packet.get(Field::DstPort).to_string())
        };
        let header = way(packet) || self.arrow == "<>" && way(&packet.reply().unwrap());
        let direction = match self.flow {
            "to_server" | "established,to_server" => to_server,
            "to_client" => !to_server,
            _ => true,
        };
        if !(protocol && header && direction) || payload && tcp && !data {
            return Some(false);
        }
        let mut depends = payload;
        match self.flow {
            "established,to_server" if tcp && !data => return Some(false),
            "not_established" if tcp && data => return Some(false),
            "established,to_server" if !tcp && to_server && !data => return Some(false),
            "established,to_server" if !tcp => depends = true,
            "not_established" if !tcp && (!to_server || data) => depends = true,
            _ => {}
        }
        (!depends).then_some(true)
    }
}

/// Whether a conversation gets through, if what is open turns out as the bits say.
fn simulate(rules: &[Written], default: bool, first: &Packet, mut bits: u32) -> bool {
    let mut turn_out = || {
        let bit = bits & 1 == 1;
        bits >>= 1;
        bit
    };
    let packets_pass_all = turn_out();
    let back = first.reply().unwrap();
    let tcp = first.get(Field::Protocol) == 6;
    let mut passed = false;
    for (packet, to_server, data) in
        [(first, true, false), (&back, false, false), (first, true, true), (&back, false, true)]
    {
        let mut decided = false;
        for rule in rules.iter().filter(|rule| rule.action != "alert") {
            let hit = rule.matches(packet, to_server, data);
            if !hit.unwrap_or_else(&mut turn_out) {
                continue;
            }
            if rule.action == "drop" {
                return false;
            }
            if rule.flow.is_empty() || packets_pass_all && rule.flow != "not_established" {
                return true;
            }
            passed |= rule.flow != "not_established";
            decided = true;
            break;
        }
        // What a rule has passed is no matter for the default action, as AWS writes.
        if !decided && !passed && default && ((tcp && data) || (!tcp && turn_out())) {
            return false;
        }
    }
    true
}

/// The ways to `leaving`, each with whether it is certain; where information is missing, it may be a way.
fn ways(graph: &ForwardingGraph, at: NodeId, packet: Packet, session: Session<'_>) -> Vec<(bool, Trace)> {
    let start = Trace {
        start: at,
        packet,
        hops: Vec::new(),
        end: at,
        disposition: Disposition::Delivered,
        certain: true,
    };
    let (mut found, mut left) = (Vec::new(), vec![start]);
    while let Some(trace) = left.pop() {
        let node = graph.node(trace.end);
        if node.port == "vpce-1/leaving" || node.refuses == Some(Disposition::InsufficientInfo) {
            let certain = trace.certain && node.refuses.is_none();
            found.push((certain, trace));
            continue;
        }
        for (edge, certain) in applicable(graph, trace.end, &packet, session) {
            let mut next = trace.clone();
            next.hops.push(Hop { edge, before: packet, after: packet });
            next.end = graph.edge(edge).to;
            next.certain &= certain;
            left.push(next);
        }
    }
    found
}

#[test]
fn both_bounds_hold_however_it_turns_out() {
    let mut draw = Draw(7);
    let random = (0..60).map(|_| {
        let rules: Vec<Written> = (0..draw.of(&[1, 2, 3, 4])).map(|_| Written::draw(&mut draw)).collect();
        (rules, draw.of(&[false, true]))
    });
    // The first rule may pass a packet, and then the second does not pass the conversation.
    let any = Written {
        action: "pass",
        protocol: "ip",
        source: "10.0.2.2",
        port: "any",
        arrow: "->",
        flow: "",
        content: false,
    };
    let narrow =
        Written { protocol: "udp", port: "80", arrow: "<>", flow: "not_established", content: true, ..any };
    let mut seen = BTreeSet::new();
    for (rules, default) in random.chain([(vec![narrow, any], true)]) {
        let written: Vec<String> = rules.iter().enumerate().map(|(sid, rule)| rule.text(sid)).collect();
        let written = written.join("\n");
        let policy = strict(&["a"], if default { r#""aws:drop_established""# } else { "" });
        let documents = documents(&policy, &[("a", &text(&written))]).into_iter();
        let (snapshot, _) = Snapshot::from_documents(documents.map(|(name, text)| (name, text.into_bytes())));
        let (inventory, _) = Inventory::read(&snapshot);
        let (graph, _) = lower(&inventory, &snapshot);
        let stateful = graph.nodes().find(|&node| graph.node(node).port == "vpce-1/stateful").unwrap();
        for (from, to) in [(HOSTS[0], HOSTS[1]), (HOSTS[1], HOSTS[0])] {
            for port in [443, 80] {
                for tcp in [true, false] {
                    let make = if tcp { Packet::tcp } else { Packet::udp };
                    let first = make(from.parse().unwrap(), to.parse().unwrap(), 5_000, port);
                    let outcomes: BTreeSet<bool> =
                        (0..1 << 12).map(|bits| simulate(&rules, default, &first, bits)).collect();
                    let packet = first.with(Field::Phase, 1);
                    let (mut surely, mut perhaps) = (false, false);
                    for (certain, opening) in ways(&graph, stateful, packet, Session::Opening) {
                        if graph.node(opening.end).refuses.is_some() {
                            perhaps = true;
                            continue;
                        }
                        let back = packet.reply().unwrap();
                        for (sure, _) in ways(&graph, stateful, back, Session::ReplyTo(&opening)) {
                            surely |= certain && sure;
                            perhaps = true;
                        }
                    }
                    let shown = format!("{written}\ndefault {default}, {from} to {to} {port} tcp {tcp}");
                    assert!(!surely || !outcomes.contains(&false), "not surely reachable:\n{shown}");
                    assert!(perhaps || !outcomes.contains(&true), "not surely unreachable:\n{shown}");
                    seen.insert((surely, perhaps));
                }
            }
        }
    }
    assert_eq!(seen, BTreeSet::from([(true, true), (false, true), (false, false)]));
}
