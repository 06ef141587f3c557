//! What has to give on a way that is open: rules that lose what travels it, lists that deny it, routes that go.

use std::collections::{BTreeMap, BTreeSet};

use graph::{Action, Direction, FilterRule, Origin, Peer, ResourceKey, Rule};
use headerspace::{Block, Field, HeaderSpace, Match};
use ipnet::IpNet;
use search::{FoundPath, Witness};

use crate::{
    Analysis,
    report::{nets, port_ranges},
};

use super::{
    Change, Repair, Traffic,
    opening::{numbered, numbers},
};

/// A rule is not parted into more than this.
const MOST_PARTS: usize = 8;

/// A change counts so much, whatever it is.
const CHANGE: u64 = 10_000;

/// Changes that were thought of, each of one rule or route.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    all: Vec<Candidate>,
    by_key: BTreeMap<Key, usize>,
}

/// What a candidate changes: a resource and a place in its record; and to what extent.
type Key = (ResourceKey, String, Extent);

/// How much an entry of a list denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Extent {
    /// What travels the way; that may take several entries.
    Exact,
    /// The least that one entry can say and that has all of it.
    Cover,
}

#[derive(Debug)]
struct Candidate {
    key: Key,
    /// Where the rule is written: more than once, if an export has it twice.
    places: Vec<Origin>,
    rule: Closes,
    /// What travels by it and is not to.
    unwanted: Vec<Block>,
    changes: Vec<Change>,
    price: u64,
}

/// What closes a way.
#[derive(Debug, Clone)]
enum Closes {
    /// A rule of a security group loses it.
    Group(FilterRule),
    /// An entry of a network ACL denies it before the one that allows it.
    List(FilterRule, Extent),
    /// A route goes.
    Route(String),
}

impl Closes {
    fn extent(&self) -> Extent {
        match self {
            Self::List(_, extent) => *extent,
            Self::Group(_) | Self::Route(_) => Extent::Exact,
        }
    }
}

impl Candidates {
    /// The cheapest candidates that share one with each clause and have all of no objection.
    pub(super) fn cheapest(
        &self,
        clauses: &[BTreeSet<usize>],
        objections: &[BTreeSet<usize>],
    ) -> Option<BTreeSet<usize>> {
        let price = |index: usize| self.all.get(index).map_or(u64::MAX, |it| it.price);
        search::cheapest_hitting(clauses, objections, price)
    }

    pub(super) fn changes(&self, analysis: &Analysis, chosen: &BTreeSet<usize>) -> Vec<Change> {
        let chosen = chosen.iter().filter_map(|&index| self.all.get(index));
        let mut changes: Vec<Change> = chosen.flat_map(|candidate| candidate.changes.clone()).collect();
        changes.sort();
        changes.dedup();
        numbered(analysis, changes)
    }

    /// The candidates that close a way of `after`, which is `before` with some of them; and whether any of them is more
    /// than it was. A way consists of some that follow each other.
    pub(super) fn of(
        &mut self,
        before: &Analysis,
        after: &Analysis,
        open: &[Witness],
    ) -> (BTreeSet<usize>, bool) {
        let (mut clause, mut grown) = (BTreeSet::new(), false);
        let steps =
            open.iter().flat_map(|way| way.path.edges.iter().enumerate().map(move |step| (way, step)));
        for (way, (step, &edge)) in steps {
            let cause = &after.graph().edge(edge).cause;
            let rules = match &cause.rule {
                Rule::Filter(rule) if rule.action == Action::Allow && rule.number.is_none() => {
                    vec![Closes::Group(rule.clone())]
                }
                Rule::Filter(rule) if rule.action == Action::Allow => {
                    vec![Closes::List(rule.clone(), Extent::Exact), Closes::List(rule.clone(), Extent::Cover)]
                }
                Rule::Route(rule) if rule.target != "local" => {
                    vec![Closes::Route(crate::report::route_destination(&rule.destination).to_owned())]
                }
                _ => continue,
            };
            // Rules are known by what they say: their places differ in a copy.
            let known = before.graph().edges().map(|edge| &before.graph().edge(edge).cause);
            let same = known.filter(|it| it.resource == cause.resource && it.rule == cause.rule);
            let mut places: Vec<Origin> = same.filter_map(|it| it.origin.clone()).collect();
            places.sort();
            places.dedup();
            let Some(origin) = places.first() else { continue };
            for rule in rules {
                let key = (cause.resource.clone(), origin.pointer.clone(), rule.extent());
                let index = *self.by_key.entry(key.clone()).or_insert(self.all.len());
                if index == self.all.len() {
                    let (places, unwanted) = (places.clone(), Vec::new());
                    self.all.push(Candidate { key, places, rule, unwanted, changes: Vec::new(), price: 0 });
                }
                let Some(candidate) = self.all.get_mut(index) else { continue };
                let mut more = false;
                for block in blocks_at(&way.path, step) {
                    if !candidate.unwanted.contains(&block) {
                        candidate.unwanted.push(block);
                        more = true;
                    }
                }
                if more {
                    candidate.work_out(before);
                    grown = true;
                }
                if !candidate.changes.is_empty() {
                    clause.insert(index);
                }
            }
        }
        (clause, grown)
    }
}

/// The headers of a path before one of its steps.
fn blocks_at(path: &FoundPath, step: usize) -> impl Iterator<Item = Block> {
    path.tracks.iter().map(move |track| {
        let before = track.changes.iter().rev().find(|(at, _)| *at < step);
        before.map_or(&track.first, |(_, block)| block).clone()
    })
}

impl Candidate {
    fn work_out(&mut self, analysis: &Analysis) {
        self.changes = Vec::new();
        let Some(origin) = self.places.first().cloned() else { return };
        let record = Origin { pointer: String::new(), ..origin.clone() };
        let change = |repair| Change { resource: self.key.0.clone(), record: record.clone(), repair };
        match &self.rule {
            Closes::Group(rule) => {
                let narrowed = rest(rule, &self.unwanted);
                // What is lost beside what is unwanted counts.
                self.price = CHANGE * self.places.len() as u64;
                self.price += if narrowed.is_some() { 0 } else { 50 + width(rule) };
                let range = match (rule.protocol.as_str(), rule.ports, rule.icmp) {
                    (_, Some((first, last)), _) => Some((i64::from(first), i64::from(last))),
                    (_, None, Some((kind, code))) => Some((i64::from(kind), code.map_or(-1, i64::from))),
                    ("tcp" | "udp", None, None) => Some((0, 65535)),
                    ("icmp" | "icmpv6", None, None) => Some((-1, -1)),
                    _ => None,
                };
                let protocol = if rule.protocol == "all" { "-1".to_owned() } else { rule.protocol.clone() };
                let text = rule.to_string();
                let written = text.split_once(' ').and_then(|(_, rest)| rest.split_once(' '));
                let written = written.map_or(text.clone(), |(_, rest)| rest.to_owned());
                let mut rest = narrowed.unwrap_or_default();
                for place in &self.places {
                    self.changes.push(change(Repair::RemoveRule {
                        direction: rule.direction,
                        pointer: place.pointer.clone(),
                        written: written.clone(),
                        rule: (protocol.clone(), range, rule.peer.to_string()),
                        rest: std::mem::take(&mut rest),
                    }));
                }
            }
            Closes::List(rule, extent) => {
                let parts = match extent {
                    Extent::Exact => parts(&self.unwanted, rule.direction),
                    Extent::Cover => Some(cover(&self.unwanted, rule.direction)),
                };
                let (Some(parts), Some(before), Some(taken)) =
                    (parts, rule.number, numbers(analysis, &origin, rule.direction))
                else {
                    return;
                };
                let mut free = (1..before).rev().filter(|number| !taken.contains(number));
                let mut changes = Vec::new();
                for (traffic, peer) in parts {
                    let Some(number) = free.next() else { return };
                    let direction = rule.direction;
                    changes.push(change(Repair::AddEntry {
                        direction,
                        number,
                        allows: false,
                        traffic,
                        peer,
                    }));
                }
                self.price = changes.len() as u64 * CHANGE + if *extent == Extent::Exact { 100 } else { 150 };
                self.changes = changes;
            }
            Closes::Route(destination) => {
                self.price = CHANGE + 400;
                let (destination, pointer) = (destination.clone(), origin.pointer.clone());
                self.changes.push(change(Repair::RemoveRoute { destination, pointer }));
            }
        }
    }
}

/// The field that a rule's peer is about.
fn side(direction: Direction) -> Field {
    if direction == Direction::Ingress { Field::SrcIp } else { Field::DstIp }
}

/// What is unwanted, as far as rules of filters can say it.
fn told(unwanted: &[Block], direction: Direction) -> Match {
    let fields = [Field::Family, Field::Protocol, Field::DstPort, side(direction)];
    Match::any_of(
        unwanted
            .iter()
            .map(|block| Match::all_of(fields.map(|field| Match::In(field, block.get(field).clone())))),
    )
}

/// What a rule still allows without what is unwanted; `None` if few rules cannot say it.
fn rest(rule: &FilterRule, unwanted: &[Block]) -> Option<Vec<(Traffic, IpNet)>> {
    let Peer::Cidr(peer) = &rule.peer else { return None };
    let net: IpNet = peer.parse().ok()?;
    let protocol = match rule.protocol.as_str() {
        "tcp" => 6,
        "udp" => 17,
        _ => return None,
    };
    let mut space = HeaderSpace::new();
    let peer = if rule.direction == Direction::Ingress { Match::src_in(net) } else { Match::dst_in(net) };
    let (first, last) = rule.ports.unwrap_or((0, u16::MAX));
    let allowed =
        Match::all_of([Match::protocol(protocol), Match::ports(Field::DstPort, first..=last), peer]);
    let (allowed, unwanted) = (space.compile(&allowed), space.compile(&told(unwanted, rule.direction)));
    let rest = space.minus(allowed, unwanted);
    // Ports for which the same peers are left go together.
    let mut cuts = BTreeSet::from([first]);
    for block in space.blocks(rest) {
        for (from, to) in port_ranges(block.get(Field::DstPort)) {
            cuts.extend([from].into_iter().chain(to.checked_add(1)));
        }
    }
    let mut left: Vec<((u16, u16), Vec<IpNet>)> = Vec::new();
    for (index, &from) in cuts.iter().enumerate() {
        let to = cuts.iter().nth(index + 1).map_or(last, |next| next - 1);
        let here = space.compile(&Match::ports(Field::DstPort, from..=from));
        let here = space.and(rest, here);
        let mut peers: Vec<IpNet> =
            space.blocks(here).iter().flat_map(|block| nets(block, side(rule.direction))).collect();
        peers.sort();
        match left.last_mut() {
            Some((ports, same)) if *same == peers => ports.1 = to,
            _ => left.push(((from, to), peers)),
        }
    }
    let mut parts = Vec::new();
    for (ports, peers) in left {
        let traffic = Traffic { protocol: Some(protocol), ports: Some(ports) };
        parts.extend(peers.into_iter().map(|net| (traffic.clone(), net)));
    }
    (parts.len() <= MOST_PARTS).then_some(parts)
}

/// How wide a rule is, in bits of what it tells apart: addresses, ports, protocols.
fn width(rule: &FilterRule) -> u64 {
    let peer = match &rule.peer {
        Peer::Cidr(text) => {
            text.parse::<IpNet>().map_or(32, |net| (net.max_prefix_len() - net.prefix_len()).min(32))
        }
        Peer::Group(_) | Peer::PrefixList(_) => 8,
    };
    let ports = match (rule.protocol.as_str(), rule.ports) {
        ("all", _) => 24,
        (_, Some((first, last))) => (u32::from(last - first) + 1).ilog2(),
        ("tcp" | "udp", None) => 16,
        _ => 0,
    };
    u64::from(peer) + u64::from(ports)
}

/// Packets as rules of filters, if few of them can say it.
fn parts(blocks: &[Block], direction: Direction) -> Option<Vec<(Traffic, IpNet)>> {
    let mut parts = Vec::new();
    for block in blocks {
        let protocols: Vec<u8> = block
            .get(Field::Protocol)
            .iter()
            .flatten()
            .take(3)
            .filter_map(|it| u8::try_from(it).ok())
            .collect();
        if protocols.len() > 2 {
            return None;
        }
        for protocol in protocols {
            let ports: Vec<Option<(u16, u16)>> = if matches!(protocol, 6 | 17) {
                port_ranges(block.get(Field::DstPort)).into_iter().map(Some).collect()
            } else {
                vec![None]
            };
            for ports in ports {
                for net in nets(block, side(direction)) {
                    parts.push((Traffic { protocol: Some(protocol), ports }, net));
                    if parts.len() > MOST_PARTS {
                        return None;
                    }
                }
            }
        }
    }
    parts.sort();
    parts.dedup();
    Some(parts)
}

/// The narrowest rule for each address family that has all these packets.
fn cover(blocks: &[Block], direction: Direction) -> Vec<(Traffic, IpNet)> {
    let mut of_family = BTreeMap::<bool, Vec<(Traffic, IpNet)>>::new();
    for block in blocks {
        let protocols: Vec<u8> =
            block.get(Field::Protocol).iter().flatten().filter_map(|it| u8::try_from(it).ok()).collect();
        let protocol = if let [one] = protocols.as_slice() { Some(*one) } else { None };
        let ranges = port_ranges(block.get(Field::DstPort));
        let ports = ranges.first().zip(ranges.last()).map(|(first, last)| (first.0, last.1));
        let traffic = Traffic { protocol, ports: ports.filter(|_| matches!(protocol, Some(6 | 17))) };
        for net in nets(block, side(direction)) {
            of_family.entry(matches!(net, IpNet::V4(_))).or_default().push((traffic.clone(), net));
        }
    }
    let both = |(one, net): (Traffic, IpNet), (other, more): (Traffic, IpNet)| {
        let protocol = one.protocol.filter(|_| one.protocol == other.protocol);
        let ports = one.ports.zip(other.ports).map(|(a, b)| (a.0.min(b.0), a.1.max(b.1)));
        let mut net = net;
        while !net.contains(&more) {
            net = net.supernet().unwrap_or(net);
        }
        (Traffic { protocol, ports: ports.filter(|_| protocol.is_some()) }, net)
    };
    of_family.into_values().filter_map(|parts| parts.into_iter().reduce(both)).collect()
}
