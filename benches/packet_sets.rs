//! Packet sets against two BDD packages: the cost of turning rule lists into exact sets.
//!
//! Each workload goes from rules as data to one set in an empty space. Peers get the same rules
//! over just the 88 bits that vary (IPv4, protocol, destination port, both addresses); our space
//! keeps its full fields. Unions are balanced for everyone. First-match lists are folded from the
//! last rule to the first for the peers; for us both so (`stepwise`) and in one sweep
//! (`headerspace`). Before anything is timed, all engines must agree (see `check`).
//!
//! `ORDERS=1` compares field orders instead; `PACKET_SETS_QUICK=1` checks without timing.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    missing_docs,
    reason = "a bench may stop with a message"
)]

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::time::Duration;

use biodivine_lib_bdd::{Bdd, BddVariable, BddVariableSet};
use criterion::{BatchSize, BenchmarkId, Criterion};
use headerspace::{Field, HeaderSpace, Layout, Match, Packet, PacketSet, Ranges, Rule};
use oxidd::bdd::BDDFunction;
use oxidd::{BooleanFunction, Manager, ManagerRef};

// ---- workloads --------------------------------------------------------------------------------

/// One rule: closed intervals of four fields.
#[derive(Clone, Debug)]
struct Entry {
    permit: bool,
    protocol: Option<u8>,
    dst_port: (u16, u16),
    src: (u32, u32),
    dst: (u32, u32),
}

struct Workload {
    name: &'static str,
    question: Question,
    /// Nodes the peer with a fixed store is given room for.
    room: usize,
    /// Whether the copying peer finishes in reasonable time.
    all_peers: bool,
}

enum Question {
    Union(Vec<Entry>),
    FirstMatch(Vec<Entry>),
    CommonPrefixes(Vec<Entry>, Vec<Entry>),
}

/// Splitmix64: the same lists on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u32) -> u32 {
        u32::try_from(self.next() % u64::from(end)).unwrap()
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(u32::try_from(choices.len()).unwrap()) as usize]
    }

    /// A prefix of length `min..=max` in 10.0.0.0/8 or, one time in four, anywhere.
    fn prefix(&mut self, min: u32, max: u32) -> (u32, u32) {
        let address = if self.below(4) == 0 { self.below(u32::MAX) } else { 10 << 24 | self.below(1 << 24) };
        let host = u32::MAX.checked_shr(min + self.below(max - min + 1)).unwrap_or(0);
        (address & !host, address | host)
    }

    fn ports(&mut self) -> (u16, u16) {
        const KNOWN: [u16; 12] = [22, 25, 53, 80, 123, 443, 3306, 3389, 5432, 6379, 8080, 9092];
        match self.below(10) {
            0 => (0, u16::MAX),
            1 => (1024, u16::MAX),
            2 => {
                let first = u16::try_from(self.below(60_000)).unwrap();
                (first, first + u16::try_from(self.below(2_000)).unwrap())
            }
            _ => {
                let port = self.pick(&KNOWN);
                (port, port)
            }
        }
    }
}

const ANY: (u32, u32) = (0, u32::MAX);

/// Allow rules of a security group: protocol, ports, source.
fn group_rules(seed: u64, count: usize) -> Vec<Entry> {
    let mut random = Random(seed);
    let rule = |_| Entry {
        permit: true,
        protocol: Some(random.pick(&[6, 6, 6, 17])),
        dst_port: random.ports(),
        src: random.prefix(8, 32),
        dst: ANY,
    };
    (0..count).map(rule).collect()
}

/// A network ACL: sources and ports, denials between permissions.
fn acl(seed: u64, count: usize) -> Vec<Entry> {
    let mut random = Random(seed);
    let rule = |number| Entry {
        permit: number % 3 != 0,
        protocol: random.pick(&[Some(6), Some(6), Some(17), None]),
        dst_port: random.ports(),
        src: random.prefix(8, 28),
        dst: ANY,
    };
    (0..count).map(rule).collect()
}

fn prefix_list(seed: u64, count: usize) -> Vec<Entry> {
    let mut random = Random(seed);
    let rule = |_| Entry {
        permit: true,
        protocol: None,
        dst_port: (0, u16::MAX),
        src: random.prefix(14, 32),
        dst: ANY,
    };
    (0..count).map(rule).collect()
}

/// The random lists of reference/performance.md section 3: everything overlaps everything.
fn random_list(seed: u64, count: usize) -> Vec<Entry> {
    let mut random = Random(seed);
    let rule = |_| Entry {
        permit: random.below(3) != 0,
        protocol: random.pick(&[Some(6), Some(17), None]),
        dst_port: random.ports(),
        src: random.prefix(8, 32),
        dst: random.prefix(8, 32),
    };
    (0..count).map(rule).collect()
}

fn workloads() -> Vec<Workload> {
    let workload = |name, question, room, all_peers| Workload { name, question, room, all_peers };
    vec![
        workload("group_union_300", Question::Union(group_rules(1, 300)), 1 << 18, true),
        workload("group_union_1000", Question::Union(group_rules(2, 1000)), 1 << 18, true),
        workload("acl_40", Question::FirstMatch(acl(3, 40)), 1 << 18, true),
        workload(
            "prefix_lists_2000",
            Question::CommonPrefixes(prefix_list(4, 2000), prefix_list(5, 2000)),
            1 << 18,
            true,
        ),
        workload("random_list_100", Question::FirstMatch(random_list(6, 100)), 1 << 18, true),
        workload("random_list_300", Question::FirstMatch(random_list(7, 300)), 1 << 20, true),
        workload("random_list_1000", Question::FirstMatch(random_list(8, 1000)), 1 << 22, false),
    ]
}

// ---- engines ----------------------------------------------------------------------------------

trait Algebra {
    type Set: Clone;
    fn empty(&mut self) -> Self::Set;
    fn rule(&mut self, entry: &Entry) -> Self::Set;
    fn and(&mut self, a: &Self::Set, b: &Self::Set) -> Self::Set;
    fn or(&mut self, a: &Self::Set, b: &Self::Set) -> Self::Set;
    fn minus(&mut self, a: &Self::Set, b: &Self::Set) -> Self::Set;
    fn is_empty(&self, set: &Self::Set) -> bool;
    fn contains(&self, set: &Self::Set, packet: &Packet) -> bool;

    fn union(&mut self, entries: &[Entry]) -> Self::Set {
        match entries {
            [] => self.empty(),
            [one] => self.rule(one),
            several => {
                let (left, right) = several.split_at(several.len() / 2);
                let (left, right) = (self.union(left), self.union(right));
                self.or(&left, &right)
            }
        }
    }

    fn first_match(&mut self, entries: &[Entry]) -> Self::Set {
        let mut permitted = self.empty();
        for entry in entries.iter().rev() {
            let rule = self.rule(entry);
            permitted = if entry.permit { self.or(&permitted, &rule) } else { self.minus(&permitted, &rule) };
        }
        permitted
    }

    fn solve(&mut self, question: &Question) -> Self::Set {
        match question {
            Question::Union(entries) => self.union(entries),
            Question::FirstMatch(entries) => self.first_match(entries),
            Question::CommonPrefixes(left, right) => {
                let (left, right) = (self.union(left), self.union(right));
                self.and(&left, &right)
            }
        }
    }
}

fn term(entry: &Entry) -> Match {
    let wide = |(first, last): (u32, u32)| Ranges::range(first.into()..=last.into());
    let mut parts = vec![Match::family(headerspace::Family::V4)];
    parts.extend(entry.protocol.map(Match::protocol));
    if entry.dst_port != (0, u16::MAX) {
        parts.push(Match::ports(Field::DstPort, entry.dst_port.0..=entry.dst_port.1));
    }
    if entry.src != ANY {
        parts.push(Match::In(Field::SrcIp, wide(entry.src)));
    }
    if entry.dst != ANY {
        parts.push(Match::In(Field::DstIp, wide(entry.dst)));
    }
    Match::all_of(parts)
}

/// Ours with the same algorithms as the peers.
struct Stepwise(HeaderSpace);

impl Algebra for Stepwise {
    type Set = PacketSet;
    fn empty(&mut self) -> PacketSet {
        self.0.empty()
    }
    fn rule(&mut self, entry: &Entry) -> PacketSet {
        self.0.compile(&term(entry))
    }
    fn and(&mut self, a: &PacketSet, b: &PacketSet) -> PacketSet {
        self.0.and(*a, *b)
    }
    fn or(&mut self, a: &PacketSet, b: &PacketSet) -> PacketSet {
        self.0.or(*a, *b)
    }
    fn minus(&mut self, a: &PacketSet, b: &PacketSet) -> PacketSet {
        self.0.minus(*a, *b)
    }
    fn is_empty(&self, set: &PacketSet) -> bool {
        self.0.is_empty(*set)
    }
    fn contains(&self, set: &PacketSet, packet: &Packet) -> bool {
        self.0.contains(*set, packet)
    }
}

/// Ours as it is meant to be used.
struct Sweeping(Stepwise);

impl Sweeping {
    fn with_layout(layout: Layout) -> Sweeping {
        Sweeping(Stepwise(HeaderSpace::with_layout(layout)))
    }
}

impl Algebra for Sweeping {
    type Set = PacketSet;
    fn empty(&mut self) -> PacketSet {
        self.0.empty()
    }
    fn rule(&mut self, entry: &Entry) -> PacketSet {
        self.0.rule(entry)
    }
    fn and(&mut self, a: &PacketSet, b: &PacketSet) -> PacketSet {
        self.0.and(a, b)
    }
    fn or(&mut self, a: &PacketSet, b: &PacketSet) -> PacketSet {
        self.0.or(a, b)
    }
    fn minus(&mut self, a: &PacketSet, b: &PacketSet) -> PacketSet {
        self.0.minus(a, b)
    }
    fn is_empty(&self, set: &PacketSet) -> bool {
        self.0.is_empty(set)
    }
    fn contains(&self, set: &PacketSet, packet: &Packet) -> bool {
        self.0.contains(set, packet)
    }
    fn union(&mut self, entries: &[Entry]) -> PacketSet {
        let sets: Vec<PacketSet> = entries.iter().map(|entry| self.rule(entry)).collect();
        self.0.0.any_of(sets)
    }
    fn first_match(&mut self, entries: &[Entry]) -> PacketSet {
        let rules: Vec<Rule> = entries
            .iter()
            .map(|entry| {
                let set = self.rule(entry);
                if entry.permit { Rule::Permit(set) } else { Rule::Deny(set) }
            })
            .collect();
        self.0.0.first_match(rules)
    }
}

/// Where the bits of the four fields start, in the variable order of the reference measurement:
/// protocol, destination port, source, destination.
const FIELDS: [(Field, u32, u32); 4] =
    [(Field::Protocol, 0, 8), (Field::DstPort, 8, 16), (Field::SrcIp, 24, 32), (Field::DstIp, 56, 32)];
const BITS: u32 = 88;

/// A rule as intervals per field.
fn intervals(entry: &Entry) -> [(u32, u32); 4] {
    let protocol = entry.protocol.map_or((0, 255), |p| (p.into(), p.into()));
    [protocol, (entry.dst_port.0.into(), entry.dst_port.1.into()), entry.src, entry.dst]
}

fn bits_of(packet: &Packet) -> Vec<bool> {
    FIELDS
        .iter()
        .flat_map(|&(field, _, width)| {
            let value = packet.get(field);
            (0..width).map(move |bit| value >> (width - 1 - bit) & 1 == 1)
        })
        .collect()
}

struct Oxidd {
    variables: Vec<(BDDFunction, BDDFunction)>,
    all: BDDFunction,
    none: BDDFunction,
}

impl Oxidd {
    fn with_room(nodes: usize) -> Oxidd {
        let manager = oxidd::bdd::new_manager(nodes, nodes, 1);
        let (variables, all, none) = manager.with_manager_exclusive(|manager| {
            manager.add_vars(BITS);
            let variables: Vec<(BDDFunction, BDDFunction)> = (0..BITS)
                .map(|n| (BDDFunction::var(manager, n).unwrap(), BDDFunction::not_var(manager, n).unwrap()))
                .collect();
            (variables, BDDFunction::t(manager), BDDFunction::f(manager))
        });
        Oxidd { variables, all, none }
    }

    /// Values of one field up to `limit` (or from it on), from the lowest bit to the highest.
    fn bound(&self, start: u32, width: u32, limit: u32, at_most: bool) -> BDDFunction {
        let mut set = self.all.clone();
        for bit in 0..width {
            let (is_one, is_zero) = &self.variables[(start + width - 1 - bit) as usize];
            set = match (limit >> bit & 1 == 1, at_most) {
                (true, true) => is_zero.or(&set).unwrap(),
                (false, true) => is_zero.and(&set).unwrap(),
                (true, false) => is_one.and(&set).unwrap(),
                (false, false) => is_one.or(&set).unwrap(),
            };
        }
        set
    }
}

impl Algebra for Oxidd {
    type Set = BDDFunction;
    fn empty(&mut self) -> BDDFunction {
        self.none.clone()
    }
    fn rule(&mut self, entry: &Entry) -> BDDFunction {
        let mut rule = self.all.clone();
        for (&(_, start, width), (first, last)) in FIELDS.iter().zip(intervals(entry)).rev() {
            let most = u32::MAX >> (32 - width);
            if last < most {
                rule = self.bound(start, width, last, true).and(&rule).unwrap();
            }
            if first > 0 {
                rule = self.bound(start, width, first, false).and(&rule).unwrap();
            }
        }
        rule
    }
    fn and(&mut self, a: &BDDFunction, b: &BDDFunction) -> BDDFunction {
        a.and(b).unwrap()
    }
    fn or(&mut self, a: &BDDFunction, b: &BDDFunction) -> BDDFunction {
        a.or(b).unwrap()
    }
    fn minus(&mut self, a: &BDDFunction, b: &BDDFunction) -> BDDFunction {
        b.imp_strict(a).unwrap()
    }
    fn is_empty(&self, set: &BDDFunction) -> bool {
        !set.satisfiable()
    }
    fn contains(&self, set: &BDDFunction, packet: &Packet) -> bool {
        set.eval((0..BITS).zip(bits_of(packet)))
    }
}

struct Biodivine {
    set: BddVariableSet,
    variables: Vec<BddVariable>,
}

impl Biodivine {
    fn new() -> Biodivine {
        let set = BddVariableSet::new_anonymous(u16::try_from(BITS).unwrap());
        let variables = set.variables();
        Biodivine { set, variables }
    }

    fn bound(&self, start: u32, width: u32, limit: u32, at_most: bool) -> Bdd {
        let mut set = self.set.mk_true();
        for bit in 0..width {
            let variable = self.variables[(start + width - 1 - bit) as usize];
            set = match (limit >> bit & 1 == 1, at_most) {
                (true, true) => self.set.mk_not_var(variable).or(&set),
                (false, true) => self.set.mk_not_var(variable).and(&set),
                (true, false) => self.set.mk_var(variable).and(&set),
                (false, false) => self.set.mk_var(variable).or(&set),
            };
        }
        set
    }
}

impl Algebra for Biodivine {
    type Set = Bdd;
    fn empty(&mut self) -> Bdd {
        self.set.mk_false()
    }
    fn rule(&mut self, entry: &Entry) -> Bdd {
        let mut rule = self.set.mk_true();
        for (&(_, start, width), (first, last)) in FIELDS.iter().zip(intervals(entry)).rev() {
            let most = u32::MAX >> (32 - width);
            if last < most {
                rule = self.bound(start, width, last, true).and(&rule);
            }
            if first > 0 {
                rule = self.bound(start, width, first, false).and(&rule);
            }
        }
        rule
    }
    fn and(&mut self, a: &Bdd, b: &Bdd) -> Bdd {
        a.and(b)
    }
    fn or(&mut self, a: &Bdd, b: &Bdd) -> Bdd {
        a.or(b)
    }
    fn minus(&mut self, a: &Bdd, b: &Bdd) -> Bdd {
        a.and_not(b)
    }
    fn is_empty(&self, set: &Bdd) -> bool {
        set.is_false()
    }
    fn contains(&self, set: &Bdd, packet: &Packet) -> bool {
        set.eval_in(&biodivine_lib_bdd::BddValuation::new(bits_of(packet)))
    }
}

// ---- agreement --------------------------------------------------------------------------------

fn entries(question: &Question) -> Vec<&Entry> {
    match question {
        Question::Union(list) | Question::FirstMatch(list) => list.iter().collect(),
        Question::CommonPrefixes(left, right) => left.iter().chain(right).collect(),
    }
}

/// The question with its middle rule left out.
fn shortened(question: &Question) -> Question {
    let cut = |list: &[Entry]| {
        let mut list = list.to_vec();
        list.remove(list.len() / 2);
        list
    };
    match question {
        Question::Union(list) => Question::Union(cut(list)),
        Question::FirstMatch(list) => Question::FirstMatch(cut(list)),
        Question::CommonPrefixes(left, right) => Question::CommonPrefixes(cut(left), right.clone()),
    }
}

/// What the rules say about one packet, read off the list.
fn verdict(question: &Question, packet: &Packet) -> bool {
    let value = |field| u32::try_from(packet.get(field)).unwrap();
    let hits = |entry: &Entry| {
        FIELDS
            .iter()
            .zip(intervals(entry))
            .all(|(&(field, ..), (first, last))| (first..=last).contains(&value(field)))
    };
    match question {
        Question::Union(list) => list.iter().any(hits),
        Question::FirstMatch(list) => list.iter().find(|entry| hits(entry)).is_some_and(|entry| entry.permit),
        Question::CommonPrefixes(left, right) => left.iter().any(hits) && right.iter().any(hits),
    }
}

/// 100,000 packets, each field on or beside a border of some rule.
fn probes(question: &Question) -> Vec<Packet> {
    let entries = entries(question);
    let mut random = Random(99);
    let zero = Packet::other(Ipv4Addr::UNSPECIFIED.into(), Ipv4Addr::UNSPECIFIED.into(), 0);
    (0..100_000)
        .map(|_| {
            let mut packet = zero;
            // Half of the packets take all fields from one rule.
            let together = random.below(2) == 0;
            let mut entry = random.pick(&entries);
            for (at, (field, _, width)) in FIELDS.into_iter().enumerate() {
                if !together {
                    entry = random.pick(&entries);
                }
                let (first, last) = intervals(entry)[at];
                let most = u32::MAX >> (32 - width);
                let near = [first.saturating_sub(1), first, last, last.saturating_add(1).min(most)];
                packet.set(field, random.pick(&near).into());
            }
            packet
        })
        .collect()
}

/// The answers of one engine: a verdict per probe, and which differences with the shortened
/// question are empty.
fn answers<A: Algebra>(mut engine: A, question: &Question, probes: &[Packet]) -> (Vec<bool>, [bool; 2]) {
    let full = engine.solve(question);
    let short = engine.solve(&shortened(question));
    let (lost, gained) = (engine.minus(&full, &short), engine.minus(&short, &full));
    let verdicts = probes.iter().map(|packet| engine.contains(&full, packet)).collect();
    (verdicts, [engine.is_empty(&lost), engine.is_empty(&gained)])
}

/// Stops the bench if the engines do not agree.
fn check(workload: &Workload) {
    let question = &workload.question;
    let probes = probes(question);
    let expected: Vec<bool> = probes.iter().map(|packet| verdict(question, packet)).collect();
    let ours = answers(Sweeping::with_layout(Layout::default()), question, &probes);
    assert_eq!(ours.0, expected, "{}: the list and the sweep differ", workload.name);
    let stepwise = answers(Stepwise(HeaderSpace::new()), question, &probes);
    assert_eq!(ours, stepwise, "{}: stepwise differs", workload.name);
    let oxidd = answers(Oxidd::with_room(workload.room * 2), question, &probes);
    assert_eq!(ours, oxidd, "{}: oxidd differs", workload.name);
    if workload.all_peers {
        assert_eq!(
            ours,
            answers(Biodivine::new(), question, &probes),
            "{}: biodivine differs",
            workload.name
        );
    }

    // Ours, cut into blocks and put together by the peer, is the peer's own set.
    let mut space = Sweeping::with_layout(Layout::default());
    let set = space.solve(question);
    let blocks = space.0.0.blocks(set);
    let mut line = format!(
        "{}: {} probes agree, {} in the set, {} nodes, {} blocks",
        workload.name,
        probes.len(),
        expected.iter().filter(|&&inside| inside).count(),
        space.0.0.node_count(),
        blocks.len(),
    );
    let boxes: Vec<Entry> = blocks.iter().flat_map(boxes).collect();
    if boxes.len() <= 50_000 {
        let mut peer = Oxidd::with_room(1 << 22);
        let (theirs, ours) = (peer.solve(question), peer.union(&boxes));
        assert!(theirs == ours, "{}: blocks differ from oxidd's set", workload.name);
        write!(line, ", {} boxes equal oxidd's set", boxes.len()).unwrap();
        drop((theirs, ours));
        drop(peer);
    }
    eprintln!("{line}");
}

/// A block as entries with one interval per field.
fn boxes(block: &headerspace::Block) -> Vec<Entry> {
    let narrow = |field: Field| -> Vec<(u32, u32)> {
        let most = if field == Field::Protocol { 255 } else { u128::from(u32::MAX) };
        block
            .get(field)
            .intersect(&Ranges::range(0..=most))
            .iter()
            .map(|i| (u32::try_from(*i.start()).unwrap(), u32::try_from(*i.end()).unwrap()))
            .collect()
    };
    let mut found = Vec::new();
    for protocol in narrow(Field::Protocol) {
        // The peers' rules know one protocol or all of them.
        let protocols: Vec<Option<u8>> = if protocol == (0, 255) {
            vec![None]
        } else {
            (protocol.0..=protocol.1).map(|p| u8::try_from(p).ok()).collect()
        };
        for ports in narrow(Field::DstPort) {
            for src in narrow(Field::SrcIp) {
                for dst in narrow(Field::DstIp) {
                    found.extend(protocols.iter().map(|&protocol| Entry {
                        permit: true,
                        protocol,
                        dst_port: (u16::try_from(ports.0).unwrap(), u16::try_from(ports.1).unwrap()),
                        src,
                        dst,
                    }));
                }
            }
        }
    }
    found
}

// ---- timing -----------------------------------------------------------------------------------

fn time<A: Algebra>(criterion: &mut Criterion, workload: &Workload, engine: &str, fresh: impl Fn() -> A) {
    let mut group = criterion.benchmark_group(workload.name);
    group.sample_size(10);
    group.bench_function(BenchmarkId::from_parameter(engine), |bencher| {
        bencher.iter_batched(
            &fresh,
            |mut engine| {
                let set = engine.solve(&workload.question);
                (set, engine)
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

type Operation = fn(&mut HeaderSpace, PacketSet, PacketSet) -> PacketSet;

/// One set with 10,000 addresses against a few of them: finding the few, not reading the many.
fn time_skewed(criterion: &mut Criterion) {
    let mut space = HeaderSpace::new();
    let address = |n: u128| Match::In(Field::DstIp, Ranges::single(0x0a00_0000 + 7 * n));
    let singles: Vec<PacketSet> = (0..10_000).map(|n| space.compile(&address(n))).collect();
    let many = space.any_of(singles.iter().copied());
    let inside = singles[5_000];
    let outside = space.compile(&Match::In(Field::DstIp, Ranges::single(0x0a00_0001)));
    space.memo_clear();
    let mut group = criterion.benchmark_group("one_of_10000");
    group.sample_size(10);
    group.bench_function("overlaps", |bencher| bencher.iter(|| space.overlaps(many, inside)));
    let cases: [(&str, Operation, PacketSet); 4] = [
        ("and", HeaderSpace::and, inside),
        ("or_inside", HeaderSpace::or, inside),
        ("minus_outside", HeaderSpace::minus, outside),
        ("minus_inside", HeaderSpace::minus, inside),
    ];
    for (name, operation, few) in cases {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                // What is remembered is the one thing that would spoil the measurement.
                space.memo_clear();
                operation(&mut space, many, few)
            });
        });
    }
    group.bench_function("any_of", |bencher| {
        bencher.iter_batched_ref(
            || space.clone(),
            |space| {
                space.memo_clear();
                space.any_of(singles.iter().copied())
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn orders() -> Vec<(&'static str, Layout)> {
    use Field::{DstIp, DstPort, Family, Protocol, SrcIp, SrcPort};
    let order = |first: &[Field]| Layout::default().with_order(first.iter().copied());
    vec![
        ("default", Layout::default()),
        ("protocol_dstip_dstport_srcip", order(&[Family, Protocol, DstIp, DstPort, SrcIp, SrcPort])),
        ("protocol_dstport_srcip_dstip", order(&[Family, Protocol, DstPort, SrcIp, DstIp, SrcPort])),
        ("protocol_srcip_dstip_dstport", order(&[Family, Protocol, SrcIp, DstIp, DstPort, SrcPort])),
        ("srcip_dstip_protocol_dstport", order(&[Family, SrcIp, DstIp, Protocol, DstPort, SrcPort])),
        ("srcip_dstip_dstport_protocol", order(&[Family, SrcIp, DstIp, DstPort, Protocol, SrcPort])),
    ]
}

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    let workloads = workloads();
    if std::env::var_os("ORDERS").is_some() {
        for workload in &workloads {
            for (name, layout) in orders() {
                let mut engine = Sweeping::with_layout(layout.clone());
                let set = engine.solve(&workload.question);
                let space = &mut engine.0.0;
                let made = space.node_count();
                let before = std::time::Instant::now();
                let real = space.and(set, space.well_formed());
                space.reverse(real);
                let reversing = before.elapsed();
                eprintln!(
                    "{} {name}: {made} nodes; {} more and {reversing:?} to reverse",
                    workload.name,
                    space.node_count() - made
                );
                time(&mut criterion, workload, name, || Sweeping::with_layout(layout.clone()));
            }
        }
        return;
    }
    for workload in &workloads {
        check(workload);
    }
    if std::env::var_os("PACKET_SETS_QUICK").is_some() {
        return;
    }
    for workload in &workloads {
        time(&mut criterion, workload, "headerspace", || Sweeping::with_layout(Layout::default()));
        time(&mut criterion, workload, "stepwise", || Stepwise(HeaderSpace::new()));
        time(&mut criterion, workload, "oxidd", || Oxidd::with_room(workload.room));
        if workload.all_peers {
            time(&mut criterion, workload, "biodivine", Biodivine::new);
        }
    }
    time_skewed(&mut criterion);
    criterion.final_summary();
}
