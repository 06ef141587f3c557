//! A naive second opinion on what a search engine says: concrete packets, walked one by one.
//!
//! Nothing here knows packet sets. A packet is sent with [`graph::walk()`], its reply after it, and what they do is
//! compared with what the engine claims for just that packet: on which paths it arrives, rule by rule, and whether
//! its reply gets back. [`packets`] chooses the packets; [`disagreements`] compares every path of a question,
//! [`contradictions`] the one-word answer.
//!
//! A translator's choice of a port is one choice in a walk and every choice in an engine. Where a path has such a
//! choice, what the walk does must be among what the engine says, and what the engine says beyond that must be borne
//! out by a choice that is found by trying.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use graph::{
    Disposition, EdgeId, ForwardingGraph, Hop, NodeId, ResourceId, Session, Trace, World, applicable, replay,
    walk,
};
use headerspace::{Block, Field, Packet};
use search::{Answer, Direction, Exception, FoundPath, PathQuery, Paths, Replies};

use crate::{draws::Draws, random::RandomNetwork};

/// Values of header fields from which packets are put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values {
    /// Addresses of interfaces and their neighbours in meaning, ascending.
    pub addresses: Vec<IpAddr>,
    /// Source and destination ports, ascending.
    pub ports: Vec<u16>,
    /// Protocol numbers, ascending.
    pub protocols: Vec<u8>,
    /// ICMP types with codes.
    pub icmp: Vec<(u8, u8)>,
}

impl Values {
    /// The values that `network` tells apart.
    pub fn of(network: &RandomNetwork) -> Self {
        Self {
            addresses: network.interesting.clone(),
            ports: network.ports.clone(),
            protocols: network.protocols.clone(),
            icmp: vec![(0, 0), (3, 4), (8, 0), (8, 1), (13, 0), (128, 0), (129, 0)],
        }
    }

    /// All packets of these values. Their number is that of the products: for tiny networks only.
    pub fn every_packet(&self) -> impl Iterator<Item = Packet> {
        let pairs = self.addresses.iter().flat_map(|&src| self.addresses.iter().map(move |&dst| (src, dst)));
        let pairs = pairs.filter(|(src, dst)| src.is_ipv4() == dst.is_ipv4());
        pairs.flat_map(move |(src, dst)| {
            self.protocols.iter().flat_map(move |&protocol| self.with_addresses(src, dst, protocol))
        })
    }

    fn with_addresses(&self, src: IpAddr, dst: IpAddr, protocol: u8) -> Vec<Packet> {
        let ports = || self.ports.iter().flat_map(|&from| self.ports.iter().map(move |&to| (from, to)));
        match (protocol, src.is_ipv4()) {
            (6, _) => ports().map(|(from, to)| Packet::tcp(src, dst, from, to)).collect(),
            (17, _) => ports().map(|(from, to)| Packet::udp(src, dst, from, to)).collect(),
            (1, true) | (58, false) => {
                self.icmp.iter().map(|&(kind, code)| Packet::icmp(src, dst, kind, code)).collect()
            }
            _ => vec![Packet::other(src, dst, protocol)],
        }
    }

    fn draw(&self, draws: &mut Draws, from: &[IpAddr], to: &[IpAddr]) -> Option<Packet> {
        let (src, dst) = (draws.pick(from)?, draws.pick(to)?);
        if src.is_ipv4() != dst.is_ipv4() {
            return None;
        }
        let protocol = if draws.chance(60) { 6 } else { draws.pick(&self.protocols)? };
        let all = (draws.pick(&self.ports)?, draws.pick(&self.ports)?);
        Some(match (protocol, src.is_ipv4()) {
            (6, _) => Packet::tcp(src, dst, all.0, all.1),
            (17, _) => Packet::udp(src, dst, all.0, all.1),
            (1, true) | (58, false) => {
                let (kind, code) = draws.pick(&self.icmp)?;
                Packet::icmp(src, dst, kind, code)
            }
            _ => Packet::other(src, dst, protocol),
        })
    }
}

/// Packets worth sending from `source`: `count` drawn from `values`, most of them with addresses that the graph's
/// edges from there and to its ends accept. The same for the same `seed`.
pub fn packets(
    graph: &ForwardingGraph,
    values: &Values,
    source: NodeId,
    count: usize,
    seed: u64,
) -> BTreeSet<Packet> {
    let mut draws = Draws::new(seed, "oracle", &[source.index() as u64]);
    let accepted = |field: Field, edge: EdgeId| {
        let guard = graph.guard(graph.edge(edge).guard);
        let speaks = guard.to_string().contains(field.name());
        values
            .addresses
            .iter()
            .copied()
            .filter(move |&address| speaks && guard.accepts(&Packet::other(address, address, 6)))
    };
    let own: Vec<IpAddr> =
        graph.outgoing(source).iter().flat_map(|&edge| accepted(Field::SrcIp, edge)).collect();
    let far: Vec<IpAddr> = graph
        .edges()
        .filter(|&id| graph.arrival(graph.edge(id).to).is_some() || !graph.edge(id).rewrite.is_identity())
        .flat_map(|id| accepted(Field::DstIp, id))
        .collect();
    let mut found = BTreeSet::new();
    for _ in 0..count {
        let from = if own.is_empty() || draws.chance(20) { &values.addresses } else { &own };
        let to = if far.is_empty() || draws.chance(30) { &values.addresses } else { &far };
        found.extend(values.draw(&mut draws, from, to));
    }
    found
}

/// What becomes of a packet's reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reply {
    /// It does not get back.
    Lost,
    /// Perhaps it gets back.
    Perhaps,
    /// It gets back.
    Back,
    /// Nothing answers packets of this kind.
    Silent,
}

/// Sends the reply to the packet that went the way of `forward`.
pub fn reply(graph: &ForwardingGraph, forward: &Trace) -> Reply {
    let Some(answer) = forward.arriving().reply() else { return Reply::Silent };
    let mut best = Reply::Lost;
    for end in graph.arriving_at(forward.end) {
        for trace in
            end.answers.map(|start| walk(graph, start, answer, Session::ReplyTo(forward))).unwrap_or_default()
        {
            let home = trace.disposition.is_success()
                && is_home(graph, forward.start, trace.end)
                && Some(trace.arriving()) == forward.packet.reply();
            let what = match (home, trace.certain) {
                (true, true) => Reply::Back,
                (true, false) => Reply::Perhaps,
                (false, _) if trace.disposition == Disposition::InsufficientInfo => Reply::Perhaps,
                (false, _) => Reply::Lost,
            };
            best = best.max(what);
        }
    }
    best
}

/// Whether what arrives at `node` has come back to the sender at `source`.
fn is_home(graph: &ForwardingGraph, source: NodeId, node: NodeId) -> bool {
    let senders = graph.ends().iter().filter(|end| end.departs == Some(source));
    senders.into_iter().any(|sender| {
        graph.arriving_at(node).any(|end| match sender.world {
            World::Own => sender.arrives == Some(node),
            World::Internet => end.world == World::Internet,
        })
    })
}

/// One way of one packet, rule by rule.
struct Sent {
    edges: Vec<EdgeId>,
    trace: Trace,
}

/// Whether the question is about `packet`: it is like that at its source, and known by nothing but its address.
fn starts(query: &PathQuery, packet: &Packet) -> bool {
    packet.get(Field::Identity) == 0 && query.at_source.accepts(packet)
}

/// Every certain way that `packet` goes from `source` to a destination of the question, told apart by rules, without
/// what the question leaves out.
fn sent(graph: &ForwardingGraph, query: &PathQuery, source: NodeId, packet: Packet) -> Vec<Sent> {
    let mut found = Vec::new();
    if !starts(query, &packet) {
        return found;
    }
    for trace in walk(graph, source, packet, Session::Opening) {
        let arrives = trace.certain && trace.disposition.is_success() && !trace.hops.is_empty();
        if !arrives
            || !query.destinations.contains(&trace.end)
            || !query.at_destination.accepts(&trace.arriving())
        {
            continue;
        }
        for edges in by_rule(graph, &trace) {
            let passed = passed(graph, source, &edges, trace.end);
            let excepted = query
                .except
                .iter()
                .any(|except| applies(except, &passed, source, trace.end, &packet, &trace.arriving()));
            if !excepted && goes_through(&query.through, &passed) {
                found.push(Sent { edges, trace: trace.clone() });
            }
        }
    }
    found
}

/// The edges of a way, and of all ways that differ from it in which of several rules lets the packet pass.
fn by_rule(graph: &ForwardingGraph, trace: &Trace) -> Vec<Vec<EdgeId>> {
    let mut ways = vec![Vec::new()];
    for hop in &trace.hops {
        let taken = graph.edge(hop.edge);
        let alike = applicable(graph, taken.from, &hop.before, Session::Opening);
        let alike = alike.into_iter().filter(|&(id, certain)| {
            let edge = graph.edge(id);
            certain && edge.to == taken.to && edge.rewrite.apply(&hop.before) == hop.after
        });
        let alike: BTreeSet<EdgeId> = alike.map(|(id, _)| rule_of(graph, id)).collect();
        ways = ways
            .into_iter()
            .flat_map(|way| {
                alike.iter().map(move |&edge| {
                    let mut way = way.clone();
                    way.push(edge);
                    way
                })
            })
            .collect();
    }
    ways
}

/// The edge that stands for all edges of a rule that do the same: the first.
fn rule_of(graph: &ForwardingGraph, id: EdgeId) -> EdgeId {
    let edge = graph.edge(id);
    let same = |other: &&EdgeId| {
        let other = graph.edge(**other);
        (other.to, &other.rewrite, other.restores, &other.cause)
            == (edge.to, &edge.rewrite, edge.restores, &edge.cause)
    };
    graph.outgoing(edge.from).iter().find(same).copied().unwrap_or(id)
}

/// Resources on a way: those of its nodes and rules, and those that its two ends are in.
fn passed(
    graph: &ForwardingGraph,
    source: NodeId,
    edges: &[EdgeId],
    destination: NodeId,
) -> BTreeSet<ResourceId> {
    let mut passed = BTreeSet::new();
    for id in edges {
        let edge = graph.edge(*id);
        passed.extend(graph.node(edge.from).resource);
        passed.extend(graph.node(edge.to).resource);
        passed.extend(graph.find(&edge.cause.resource));
    }
    for end in [source, destination] {
        if let Some(resource) = graph.node(end).resource {
            passed.extend(graph.resource(resource).within.iter().filter_map(|key| graph.find(key)));
        }
    }
    passed
}

fn goes_through(through: &[BTreeSet<ResourceId>], passed: &BTreeSet<ResourceId>) -> bool {
    through.iter().all(|one| one.iter().any(|resource| passed.contains(resource)))
}

fn applies(
    except: &Exception,
    passed: &BTreeSet<ResourceId>,
    source: NodeId,
    destination: NodeId,
    first: &Packet,
    last: &Packet,
) -> bool {
    except.sources.as_ref().is_none_or(|sources| sources.contains(&source))
        && except.destinations.as_ref().is_none_or(|all| all.contains(&destination))
        && goes_through(&except.through, passed)
        && except.at_source.accepts(first)
        && except.at_destination.accepts(last)
}

/// Whether a translator on the way has a choice.
fn has_choice(graph: &ForwardingGraph, edges: &[EdgeId]) -> bool {
    let assignments = edges.iter().flat_map(|&id| graph.edge(id).rewrite.assignments());
    assignments.into_iter().any(|(_, values)| values.count() > 1)
}

/// Whether a way comes to a node twice.
fn returns(graph: &ForwardingGraph, edges: &[EdgeId]) -> bool {
    let mut seen = BTreeSet::new();
    let nodes = edges.iter().map(|&id| graph.edge(id).from);
    nodes.chain(edges.last().map(|&id| graph.edge(id).to)).any(|node| !seen.insert(node))
}

fn holds(block: &Block, packet: &Packet) -> bool {
    Field::ALL.into_iter().all(|field| block.get(field).contains(packet.get(field)))
}

/// Everything in which `paths`, an engine's answer to `query`, differs from what `packets` do when they are walked
/// from their sources; empty if nothing does.
///
/// For each packet: the paths that hold it are exactly those that it goes, rule by rule; its reply gets back iff the
/// path says so; and it is on a path or in doubt wherever it perhaps arrives. For each path: one packet from every
/// corner of its tracks goes that way.
pub fn disagreements<'p>(
    graph: &ForwardingGraph,
    values: &Values,
    query: &PathQuery,
    paths: &Paths,
    packets: impl IntoIterator<Item = (NodeId, &'p Packet)>,
) -> Vec<String> {
    let mut found = Vec::new();
    let mut by_source = BTreeMap::<NodeId, Vec<&FoundPath>>::new();
    for path in &paths.found {
        by_source.entry(path.source).or_default().push(path);
        for packet in corners(path) {
            compare(graph, values, query, &[path], path.source, packet, false, &mut found);
        }
    }
    for (source, packet) in packets {
        let paths = by_source.get(&source).map_or(&[][..], Vec::as_slice);
        compare(graph, values, query, paths, source, *packet, true, &mut found);
    }
    found
}

/// The packets of the lowest and of the highest values of each track, as they are at the source.
fn corners(path: &FoundPath) -> BTreeSet<Packet> {
    let mut found = BTreeSet::new();
    let unspecified = std::net::Ipv4Addr::UNSPECIFIED.into();
    for track in &path.tracks {
        for highest in [false, true] {
            let mut packet = Packet::other(unspecified, unspecified, 0);
            for field in Field::ALL {
                let values = track.first.get(field);
                let value = if highest { values.max() } else { values.min() };
                packet.set(field, value.unwrap_or_default());
            }
            if packet.is_well_formed() {
                found.insert(packet);
            }
        }
    }
    found
}

#[expect(clippy::too_many_arguments, reason = "a packet, an answer and where to say what is wrong with it")]
fn compare(
    graph: &ForwardingGraph,
    values: &Values,
    query: &PathQuery,
    paths: &[&FoundPath],
    source: NodeId,
    packet: Packet,
    complete: bool,
    found: &mut Vec<String>,
) {
    let mut say = |what: &str, edges: &[EdgeId]| {
        let way: Vec<String> = edges.iter().map(|&id| graph.describe(graph.edge(id).to)).collect();
        found.push(format!("{packet} from {}: {what}: {}", graph.describe(source), way.join(" ")));
    };
    let sent = sent(graph, query, source, packet);
    for path in paths {
        if !path.tracks.iter().any(|track| holds(&track.first, &packet)) {
            continue;
        }
        let choice = has_choice(graph, &path.edges);
        let edges: Vec<EdgeId> = path.edges.iter().map(|&id| rule_of(graph, id)).collect();
        let walked = sent.iter().find(|sent| sent.edges == edges);
        if let Some(walked) = walked {
            let mut reply = reply(graph, &walked.trace);
            let back = matches!(reply, Reply::Back | Reply::Silent);
            let said = match &path.replies {
                Replies::All => true,
                Replies::Some(these) => these.accepts(&packet),
                Replies::None | Replies::Unknown(_) | Replies::NotAsked => false,
            };
            if said && !back && choice {
                let tried = tried(graph, values, path, packet, &|_| true);
                reply = tried.iter().map(|trace| self::reply(graph, trace)).max().unwrap_or(reply).max(reply);
            }
            let back = matches!(reply, Reply::Back | Reply::Silent);
            if path.replies != Replies::NotAsked && said != back {
                say(if said { "the reply does not get back" } else { "the reply gets back" }, &path.edges);
            }
            if reply == Reply::Perhaps && path.replies == Replies::None {
                say("the reply perhaps gets back", &path.edges);
            }
        } else if choice || returns(graph, &path.edges) {
            let fits = |trace: &Trace| {
                let passed = passed(graph, source, &path.edges, trace.end);
                let last = trace.arriving();
                query.at_destination.accepts(&last)
                    && !query
                        .except
                        .iter()
                        .any(|except| applies(except, &passed, source, trace.end, &packet, &last))
            };
            if tried(graph, values, path, packet, &fits).is_empty() {
                say("no choice of the translators brings it there", &path.edges);
            }
        } else {
            say("it does not go this way", &path.edges);
        }
    }
    if !complete {
        return;
    }
    for sent in &sent {
        let holding = paths.iter().filter(|path| {
            let edges = path.edges.iter().map(|&id| rule_of(graph, id));
            path.destination == sent.trace.end && edges.eq(sent.edges.iter().copied())
        });
        if !holding.flat_map(|path| &path.tracks).any(|track| holds(&track.first, &packet)) {
            say("it goes this way", &sent.edges);
        }
    }
}

/// Ways along the edges of `path` that the graph allows, over all choices among `values` that fit.
fn tried(
    graph: &ForwardingGraph,
    values: &Values,
    path: &FoundPath,
    packet: Packet,
    fits: &dyn Fn(&Trace) -> bool,
) -> Vec<Trace> {
    let mut ways: Vec<(Vec<Hop>, Packet)> = vec![(Vec::new(), packet)];
    for &id in &path.edges {
        let mut next = Vec::new();
        for (hops, before) in ways {
            let open = applicable(graph, graph.edge(id).from, &before, Session::Opening);
            let same =
                |&(other, certain): &(EdgeId, bool)| certain && rule_of(graph, other) == rule_of(graph, id);
            let Some((id, _)) = open.into_iter().find(same) else { continue };
            let edge = graph.edge(id);
            let mut afters = vec![edge.rewrite.apply(&before)];
            for (field, range) in edge.rewrite.assignments() {
                let ports = values.ports.iter().map(|&port| u128::from(port));
                let ports = ports.chain(range.iter().flat_map(|part| [*part.start(), *part.end()]));
                let ports: BTreeSet<u128> = ports.filter(|&port| range.contains(port)).collect();
                if range.count() > 1 {
                    afters = afters
                        .iter()
                        .flat_map(|after| ports.iter().map(|&port| after.with(*field, port)))
                        .collect();
                }
            }
            next.extend(afters.into_iter().map(|after| {
                let mut hops = hops.clone();
                hops.push(Hop { edge: id, before, after });
                (hops, after)
            }));
        }
        ways = next;
    }
    let replayed =
        ways.iter().filter_map(|(hops, _)| replay(graph, path.source, packet, hops, Session::Opening).ok());
    replayed.filter(|trace| trace.certain && trace.end == path.destination && fits(trace)).collect()
}

/// Everything in which `answer` to `query` contradicts what `packets` do; empty if nothing does.
///
/// A packet that gets through shows that the answer must be "reachable"; one that perhaps does, that it must not be
/// "unreachable". A witness must be what walking its packet gives, unless a translator has a choice on its way.
pub fn contradictions<'p>(
    graph: &ForwardingGraph,
    query: &PathQuery,
    answer: &Answer,
    packets: impl IntoIterator<Item = (NodeId, &'p Packet)>,
) -> Vec<String> {
    let mut found = Vec::new();
    let round_trip = query.direction == Direction::RoundTrip;
    for (source, packet) in packets {
        let mut through = false;
        let mut perhaps = false;
        for sent in sent(graph, query, source, *packet) {
            let reply = if round_trip { reply(graph, &sent.trace) } else { Reply::Back };
            through |= matches!(reply, Reply::Back | Reply::Silent);
            perhaps |= reply == Reply::Perhaps;
        }
        if starts(query, packet) && query.except.is_empty() && query.through.is_empty() {
            for trace in walk(graph, source, *packet, Session::Opening) {
                let last = trace.arriving();
                perhaps |= trace.disposition == Disposition::InsufficientInfo && query.perhaps.accepts(&last);
                perhaps |= !trace.certain
                    && query.destinations.contains(&trace.end)
                    && trace.disposition.is_success()
                    && query.at_destination.accepts(&last)
                    && (!round_trip || reply(graph, &trace) != Reply::Lost);
            }
        }
        let start = graph.describe(source);
        match answer {
            Answer::Unreachable(_) if through || perhaps => {
                found.push(format!("{packet} from {start} gets through or perhaps does: not unreachable"));
            }
            Answer::Unknown(_) if through => {
                found.push(format!("{packet} from {start} gets through: reachable"));
            }
            Answer::Reachable(_) | Answer::Unreachable(_) | Answer::Unknown(_) => {}
        }
    }
    match answer {
        Answer::Unknown(why) if why.is_empty() => found.push("unknown without a reason".to_owned()),
        Answer::Reachable(witness) => found.extend(false_witness(graph, query, witness).map(str::to_owned)),
        Answer::Unreachable(_) | Answer::Unknown(_) => {}
    }
    found
}

/// What is wrong with a witness, if anything.
fn false_witness(
    graph: &ForwardingGraph,
    query: &PathQuery,
    witness: &search::Witness,
) -> Option<&'static str> {
    let forward = &witness.forward;
    let fits = query.sources.contains(&forward.start)
        && query.destinations.contains(&forward.end)
        && forward.certain
        && starts(query, &forward.packet)
        && query.at_destination.accepts(&forward.arriving());
    if !fits {
        return Some("the witness does not fit the question");
    }
    let edges: Vec<EdgeId> = forward.hops.iter().map(|hop| hop.edge).collect();
    let passed = passed(graph, forward.start, &edges, forward.end);
    let last = forward.arriving();
    let excepted = query
        .except
        .iter()
        .any(|except| applies(except, &passed, forward.start, forward.end, &forward.packet, &last));
    if excepted || !goes_through(&query.through, &passed) {
        return Some("the witness goes a way that the question leaves out");
    }
    if !witness.headers.accepts(&forward.packet) {
        return Some("the witness is not among its own headers");
    }
    let same = |trace: &Trace| trace.end == forward.end && trace.arriving() == last && trace.certain;
    let walked = walk(graph, forward.start, forward.packet, Session::Opening).iter().any(same);
    if !walked && !has_choice(graph, &edges) && !returns(graph, &edges) {
        return Some("the witness does not walk where it says");
    }
    let confirmed = replay(graph, forward.start, forward.packet, &forward.hops, Session::Opening);
    if confirmed.as_ref() != Ok(forward) {
        return Some("the witness does not replay");
    }
    if query.direction == Direction::RoundTrip {
        let back = matches!(reply(graph, forward), Reply::Back | Reply::Silent);
        if !back || witness.back.is_some() != last.reply().is_some() {
            return Some("the reply to the witness does not get back");
        }
    }
    None
}
