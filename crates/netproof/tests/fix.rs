//! Repairs against brute force, on random networks: each does what it says, all of it is needed, and nothing smaller does.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests, which may stop them"
)]

use std::collections::{BTreeMap, BTreeSet};

use graph::{Control, ControlId, ControlKind, ForwardingGraph, Rule};
use netproof::{
    Analysis, Direction, Fixed, Flow, Flows, Goal, Outcome, Proposal, Question, Reason, Through, Verdict,
};
use serde_json::{Value, json};
use testkit::random::{RandomNetwork, RandomOptions, random_network_from_seed};

/// Numbers that look random, the same for the same seed.
struct Draws(u64);

impl Draws {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % count.max(1)
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

fn seeds(usual: u64) -> std::ops::Range<u64> {
    let from = |name: &str| std::env::var(name).ok().and_then(|value| value.parse().ok());
    let first = from("NETPROOF_FIRST_SEED").unwrap_or(0);
    first..first + from("NETPROOF_SEEDS").unwrap_or(usual)
}

fn analysis(json: &str) -> Analysis {
    Analysis::of_documents([("network.json".to_owned(), json.as_bytes().to_vec())])
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

/// What has been looked at.
#[derive(Debug, Default)]
struct Counts {
    /// Questions that changes open.
    opened: usize,
    /// Questions that changes close.
    closed: usize,
    /// Of those that are opened and those that are closed, the ones that take more than one control or change.
    several: [usize; 2],
    /// Of the closed ones, those with a flow that was kept.
    kept: usize,
    /// Sets of controls and single edits that were tried.
    tried: usize,
    /// Why no changes were proposed, and how often.
    not_known: BTreeMap<String, usize>,
    /// What is wrong.
    wrong: Vec<String>,
}

impl Counts {
    fn not_known(&mut self, goal: &str, reasons: &[Reason]) {
        let text = reasons.first().map_or("", |reason| reason.text.as_str());
        let kind = text.split(':').next().unwrap();
        *self.not_known.entry(format!("{goal}: {kind}")).or_default() += 1;
    }
}

/// Elements of the lists of this name in a table, by JSON pointer.
fn pointers(document: &Value, table: &str, lists: &[&str]) -> Vec<String> {
    fn look(value: &Value, at: &str, below: bool, names: (&str, &[&str]), found: &mut Vec<String>) {
        match value {
            Value::Array(list) => {
                for (index, value) in list.iter().enumerate() {
                    look(value, &format!("{at}/{index}"), below, names, found);
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    let at = format!("{at}/{name}");
                    let below = below || name == names.0;
                    let list = value.as_array().filter(|_| below && names.1.contains(&name.as_str()));
                    found.extend((0..list.map_or(0, Vec::len)).map(|index| format!("{at}/{index}")));
                    look(value, &at, below, names, found);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut found = Vec::new();
    look(document, "", table.is_empty(), (table, lists), &mut found);
    found
}

fn without(document: &Value, pointer: &str) -> Value {
    let mut document = document.clone();
    let (list, index) = pointer.rsplit_once('/').unwrap();
    document.pointer_mut(list).unwrap().as_array_mut().unwrap().remove(index.parse().unwrap());
    document
}

/// What one edit can make of a document to close a question: a rule or a route less, or an entry more that denies what is
/// asked about. Everything if that is little, or else some of it.
fn edits(document: &Value, question: &Question, draws: &mut Draws) -> Vec<(String, Value)> {
    const MOST: usize = 30;
    let mut edits = Vec::new();
    let peers = ["IpRanges", "Ipv6Ranges", "UserIdGroupPairs", "PrefixListIds"];
    for (table, lists) in [("SecurityGroups", peers.as_slice()), ("RouteTables", &["Routes"])] {
        for pointer in pointers(document, table, lists) {
            let element = document.pointer(&pointer).unwrap();
            // Nobody can take these away.
            let fixed = element.get("GatewayId").is_some_and(|target| target == "local");
            if !fixed {
                edits.push((format!("without {pointer}: {element}"), without(document, &pointer)));
            }
        }
    }
    for pointer in pointers(document, "", &["NetworkAcls"]) {
        for egress in [true, false] {
            for (member, block) in [("CidrBlock", "0.0.0.0/0"), ("Ipv6CidrBlock", "::/0")] {
                let mut edited = document.clone();
                let mut entry = json!({
                    "RuleNumber": 1, "RuleAction": "deny", "Egress": egress, member: block,
                    "Protocol": question.protocol.map_or("-1".to_owned(), |protocol| protocol.to_string()),
                });
                if let Some(ports) = &question.destination_port {
                    entry["PortRange"] = json!({"From": ports.start(), "To": ports.end()});
                }
                if let Some(1 | 58) = question.protocol {
                    entry["IcmpTypeCode"] = json!({"Type": -1, "Code": -1});
                }
                let Some(entries) = edited.pointer_mut(&format!("{pointer}/Entries")) else { continue };
                entries.as_array_mut().unwrap().push(entry.clone());
                edits.push((format!("with {pointer}: {entry}"), edited));
            }
        }
    }
    while edits.len() > MOST {
        edits.swap_remove(draws.below(edits.len()));
    }
    edits
}

/// A question between ends of a network.
fn question(ends: &[String], draws: &mut Draws) -> Question {
    let source = draws.one(ends);
    let destination = draws.one(ends);
    let question = Question::parse(source, destination).unwrap();
    match draws.below(10) {
        0 => question.udp(53),
        8 => Question { protocol: Some(6), ..question },
        9 => question,
        1 => Question { protocol: Some(1), ..question },
        2 => question.tcp(443).in_direction(Direction::Forward),
        3 | 4 => question.tcp(22),
        _ => question.tcp(*draws.one(&[80, 443, 8080])),
    }
}

/// Interfaces, subnets, and the internet.
fn ends(document: &Value) -> Vec<String> {
    let interfaces = pointers(document, "", &["NetworkInterfaces"]);
    let id = |pointer: &String| {
        let row = document.pointer(pointer)?;
        row.get("NetworkInterfaceId")?.as_str().filter(|_| row["InterfaceType"] == "interface")
    };
    let mut ends: Vec<String> = interfaces.iter().filter_map(id).map(str::to_owned).collect();
    for pointer in pointers(document, "", &["Subnets"]) {
        let id = document.pointer(&pointer).and_then(|row| row.get("SubnetId")?.as_str());
        ends.extend(id.map(str::to_owned));
    }
    ends.extend(["internet".to_owned(), "internet".to_owned()]);
    ends
}

fn asked(question: &Question) -> String {
    let Question { source, destination, protocol, destination_port: ports, direction, .. } = question;
    format!("{source} to {destination}, {protocol:?} {ports:?} {direction:?}")
}

/// What a repair is to do, in a network.
struct Case<'a> {
    name: String,
    document: &'a Value,
    analysis: &'a Analysis,
    question: Question,
}

fn check(network_of: fn(u64) -> RandomNetwork, seeds: std::ops::Range<u64>) -> Counts {
    let mut counts = Counts::default();
    for seed in seeds {
        let network = network_of(seed);
        let mut draws = Draws(seed);
        let document: Value = serde_json::from_str(&network.json).unwrap();
        let analysis = analysis(&network.json);
        let ends = ends(&document);
        let mut open = Vec::new();
        let mut shut = Vec::new();
        for _ in 0..30 {
            let question = question(&ends, &mut draws);
            if question.source == question.destination || open.len() > 1 && !shut.is_empty() {
                continue;
            }
            match analysis.answer(&question).verdict {
                Verdict::Reachable => open.push(question),
                Verdict::Unreachable => shut.push(question),
                Verdict::Unknown => {}
            }
        }
        let case = |question: &Question| Case {
            name: format!("seed {seed}: {}", asked(question)),
            document: &document,
            analysis: &analysis,
            question: question.clone(),
        };
        for question in shut.iter().take(1) {
            case(question).opens(&mut draws, &mut counts);
        }
        for (at, question) in open.iter().take(1 + usize::from(seed % 2 == 0)).enumerate() {
            let keep = open.last().filter(|other| at == 0 && *other != question);
            case(question).closes(keep, &mut draws, &mut counts);
        }
    }
    counts
}

impl Case<'_> {
    fn verdict(&self, changes: &[netproof::Change]) -> Verdict {
        self.analysis.changed(changes).unwrap().answer(&self.question).verdict
    }

    fn texts(&self, proposal: &Proposal) -> Vec<String> {
        proposal.changes.iter().map(|change| self.analysis.change(change).text).collect()
    }

    /// That the changes bring the answer about, and that it takes each of them.
    fn does(&self, proposal: &Proposal, wanted: Verdict, counts: &mut Counts) {
        let Self { name, .. } = self;
        assert!(!proposal.changes.is_empty(), "{name}");
        assert_eq!(self.verdict(&proposal.changes), wanted, "{name}: {:#?}", self.texts(proposal));
        assert_eq!(proposal.after.answer(&self.question).verdict, wanted, "{name}");
        for left_out in 0..proposal.changes.len() {
            let mut fewer = proposal.changes.clone();
            let change = fewer.remove(left_out);
            if self.verdict(&fewer) == wanted {
                let change = self.analysis.change(&change).text;
                counts.wrong.push(format!("{name}: not needed: {change} of {:#?}", self.texts(proposal)));
            }
        }
    }

    fn opens(&self, draws: &mut Draws, counts: &mut Counts) {
        let Self { name, analysis, question, .. } = self;
        let proposal = match analysis.fix(&Goal::Open(question.clone()), &Flows { flows: Vec::new() }) {
            Fixed::Already => panic!("{name} is unreachable"),
            Fixed::NotKnown(reasons) => {
                return counts.not_known("open", &reasons);
            }
            Fixed::Proposed(proposal) => proposal,
        };
        counts.opened += 1;
        self.does(&proposal, Verdict::Reachable, counts);
        let fewer = proposal.opened.len().saturating_sub(1);
        if fewer == 0 {
            return;
        }
        counts.several[0] += 1;
        for open in sets(&self.controls(), &proposal.opened, fewer, draws) {
            counts.tried += 1;
            let graph = analysis.openable().opened(|id| open.contains(&id));
            let Outcome::Through(through) = analysis.outcome(&graph, question) else { continue };
            if is_consistent(&graph, &through) {
                let texts = open.iter().map(|&id| analysis.control(id).text).collect::<Vec<_>>();
                counts.wrong.push(format!("{name}: {texts:?} instead of {:#?}", self.texts(&proposal)));
            }
        }
    }

    /// Controls that are on offer and can be opened by an edit.
    fn controls(&self) -> Vec<ControlId> {
        let graph = self.analysis.openable();
        let is_edit = |id: &ControlId| {
            let control = graph.control(*id);
            let of = graph.find(&control.resource).map_or("", |id| graph.resource(id).kind.as_str());
            control.kind != ControlKind::NoAttachment && !of.contains("Firewall")
        };
        graph.control_ids().filter(is_edit).collect()
    }

    fn closes(&self, keep: Option<&Question>, draws: &mut Draws, counts: &mut Counts) {
        let Self { name, analysis, question, .. } = self;
        let flow = |question: &Question| Flow {
            name: "kept".to_owned(),
            question: question.clone(),
            expect: Verdict::Reachable,
        };
        let keep = Flows { flows: keep.into_iter().map(flow).collect() };
        let kept = |after: &Analysis| {
            keep.flows.iter().all(|flow| after.answer(&flow.question).verdict == flow.expect)
        };
        let fixed = analysis.fix(&Goal::Close(question.clone()), &keep);
        let closes = |edited: &Value| {
            let edited = self::analysis(&edited.to_string());
            edited.answer(question).verdict == Verdict::Unreachable && kept(&edited)
        };
        let proposal = match fixed {
            Fixed::Already => panic!("{name} is reachable"),
            Fixed::NotKnown(reasons) => {
                counts.not_known("close", &reasons);
                let known =
                    edits(self.document, question, draws).into_iter().find(|(_, edited)| closes(edited));
                if let Some((edit, _)) = known {
                    counts.wrong.push(format!("{name}: {edit} would do, but: {reasons:?}"));
                }
                return;
            }
            Fixed::Proposed(proposal) => proposal,
        };
        counts.closed += 1;
        counts.kept += keep.flows.len();
        self.does(&proposal, Verdict::Unreachable, counts);
        assert!(kept(&proposal.after), "{name}");
        if proposal.changes.len() < 2 {
            return;
        }
        counts.several[1] += 1;
        for (edit, edited) in edits(self.document, question, draws) {
            counts.tried += 1;
            if closes(&edited) {
                counts.wrong.push(format!("{name}: {edit} instead of {:#?}", self.texts(&proposal)));
            }
        }
    }
}

/// Whether no route table would have to send packets for one address to two targets: what is open to any packet need
/// not be open to one.
fn is_consistent(graph: &ForwardingGraph, through: &Through) -> bool {
    let mut targets = BTreeMap::new();
    through.ways.iter().flat_map(|(_, way)| &way.hops).all(|hop| {
        let opened = graph.opened_by(hop.edge).map(|id| graph.control(id));
        let cause = &graph.edge(hop.edge).cause;
        let (table, target) = match (opened, &cause.rule) {
            (Some(Control { resource, kind: ControlKind::NoRoute(target), .. }), _) => (resource, target),
            (_, Rule::Route(route)) => (&cause.resource, &route.target),
            _ => return true,
        };
        targets.entry((table.clone(), hop.before.dst())).or_insert_with(|| target.clone()) == target
    })
}

/// Sets of so many of these: all if they are few; or else some, mostly such as have nearly all of a set that is known to
/// be enough.
fn sets(of: &[ControlId], enough: &[ControlId], size: usize, draws: &mut Draws) -> Vec<BTreeSet<ControlId>> {
    const MOST: usize = 60;
    match size {
        1 => of.iter().map(|&one| BTreeSet::from([one])).collect(),
        2 if of.len() * of.len() <= 2 * MOST => {
            let pairs = of.iter().enumerate();
            pairs
                .flat_map(|(at, &one)| of[at + 1..].iter().map(move |&two| BTreeSet::from([one, two])))
                .collect()
        }
        _ => {
            let mut some = || {
                let from = if draws.below(4) == 0 { of } else { enough };
                let mut set = BTreeSet::from([*draws.one(of)]);
                while set.len() < size {
                    set.insert(*draws.one(from));
                }
                set
            };
            (0..MOST).map(|_| some()).collect()
        }
    }
}

#[test]
fn repairs_do_what_they_say_and_none_is_smaller() {
    let counts = check(network, seeds(200));
    assert!(counts.wrong.is_empty(), "{}", counts.wrong.join("\n"));
    let enough = counts.opened > 80 && counts.closed > 40 && counts.several[0] > 50 && counts.several[1] > 5;
    assert!(enough && counts.kept > 8, "{counts:?} are too few to show anything");
}

#[test]
fn repairs_do_what_they_say_and_none_is_smaller_past_everything() {
    let counts = check(everything, seeds(100));
    assert!(counts.wrong.is_empty(), "{}", counts.wrong.join("\n"));
    let enough = counts.opened > 20 && counts.closed > 60 && counts.several[0] > 10 && counts.several[1] > 5;
    assert!(enough && counts.kept > 20, "{counts:?} are too few to show anything");
}
