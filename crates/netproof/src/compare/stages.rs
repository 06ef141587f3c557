//! Firewall policies: what gets from the entry to the exit of a graph of rules, by stage and direction.
//!
//! A conversation that was let in leaves a mark at the place where it got through, and edges for replies ask for it. So
//! replies that get through are those that answer something let in at a place, and that are let through because of it.

use std::{collections::BTreeMap, sync::Arc};

use aws::rules::Stages;
use graph::{Cause, Choice, Disposition, Edge, Flow, Hop, NodeId, Rule, Session, Trace, walk};
use headerspace::{Family, Field, HeaderSpace, Match, Packet, PacketSet, Ranges};

use super::{Bounds, Side, Verdict};
use crate::proof::first_match;

/// Which packets of conversations are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    replies: Replies,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Replies {
    No,
    Yes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Handshake,
    Data,
}

/// All of them.
pub(super) const PARTS: [Part; 4] = [
    Part { replies: Replies::No, phase: Phase::Handshake },
    Part { replies: Replies::No, phase: Phase::Data },
    Part { replies: Replies::Yes, phase: Phase::Handshake },
    Part { replies: Replies::Yes, phase: Phase::Data },
];

impl Part {
    pub(super) fn name(self) -> &'static str {
        match (self.replies, self.phase) {
            (Replies::No, Phase::Handshake) => "opening packets, handshake",
            (Replies::No, Phase::Data) => "opening packets, data",
            (Replies::Yes, Phase::Handshake) => "replies, handshake",
            (Replies::Yes, Phase::Data) => "replies, data",
        }
    }

    fn packets(self) -> Match {
        let phase = u128::from(self.phase == Phase::Data);
        Match::In(Field::Phase, Ranges::single(phase))
    }
}

/// What a policy lets through of a part, and how it decides about one packet.
pub(super) fn side<'f>(stages: &'f Stages, part: Part, space: &mut HeaderSpace) -> Side<'f> {
    let whole = match part.replies {
        Replies::No => {
            Reach::new(stages, Way::Opening { dead: &[] }).between(stages.entering, stages.leaving, space)
        }
        Replies::Yes => replies(stages, space),
    };
    let domain = part.packets();
    let set = space.compile(&domain);
    let within = |term: Match| Match::all_of([domain.clone(), term]);
    let bounds = Bounds {
        surely: space.and(whole.surely, set),
        perhaps: space.and(whole.perhaps, set),
        surely_term: within(whole.surely_term),
        perhaps_term: within(whole.perhaps_term),
    };
    Side { bounds, deciding: Box::new(move |packet| decide(stages, part, packet)) }
}

fn replies(stages: &Stages, space: &mut HeaderSpace) -> Bounds {
    let graph = &stages.graph;
    let mut marks: Vec<NodeId> = graph.edges().filter_map(|id| graph.edge(id).restores).collect();
    marks.sort_unstable();
    marks.dedup();
    let answers = answers();
    let mut all = [(Vec::new(), Vec::new()), (Vec::new(), Vec::new())];
    let places = marks.iter().map(|mark| Some(*mark)).chain([None]);
    for mark in places {
        let (end, dead) = match mark {
            Some(mark) => (mark, [].as_slice()),
            None => (stages.leaving, marks.as_slice()),
        };
        let opening = Reach::new(stages, Way::Opening { dead }).between(stages.entering, end, space);
        let reply = Reach::new(stages, Way::Reply { mark }).between(stages.entering, stages.leaving, space);
        for ((sets, terms), (opened, opened_term, replied, replied_term)) in all.iter_mut().zip([
            (opening.surely, &opening.surely_term, reply.surely, &reply.surely_term),
            (opening.perhaps, &opening.perhaps_term, reply.perhaps, &reply.perhaps_term),
        ]) {
            let world = space.well_formed();
            let opened = space.and(opened, world);
            let answered = space.reverse(opened);
            // What the network remembers of a sender does not matter here.
            let answered = space.exists(answered, Field::Identity);
            sets.push(space.and(answered, replied));
            terms.push(Match::all_of([answers.clone(), mirrored(opened_term), replied_term.clone()]));
        }
    }
    let [(surely, surely_terms), (perhaps, perhaps_terms)] = all;
    Bounds {
        surely: space.any_of(surely),
        perhaps: space.any_of(perhaps),
        surely_term: Match::any_of(surely_terms),
        perhaps_term: Match::any_of(perhaps_terms),
    }
}

/// Kinds of ICMP messages that are asked and answered: family, protocol, query, reply.
fn exchanges() -> impl Iterator<Item = (Family, u8, u8, u8)> {
    let v4 = std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
    let v6 = std::net::IpAddr::V6(std::net::Ipv6Addr::UNSPECIFIED);
    [(Family::V4, 1, v4), (Family::V6, 58, v6)].into_iter().flat_map(|(family, protocol, address)| {
        (0..=u8::MAX).filter_map(move |query| {
            let reply = Packet::icmp(address, address, query, 0).reply()?;
            u8::try_from(reply.get(Field::IcmpType)).ok().map(|reply| (family, protocol, query, reply))
        })
    })
}

fn icmp(family: Family, protocol: u8) -> Match {
    Match::all_of([Match::family(family), Match::protocol(protocol)])
}

fn any_icmp() -> Match {
    Match::any_of([icmp(Family::V4, 1), icmp(Family::V6, 58)])
}

/// Packets that answer some other, whatever the network remembers of their senders.
fn answers() -> Match {
    let typed = exchanges().map(|(family, protocol, _, reply)| {
        Match::all_of([icmp(family, protocol), Match::In(Field::IcmpType, Ranges::single(reply.into()))])
    });
    Match::any_of(typed.chain([Match::not(any_icmp())]))
}

/// The term for answers to what `term` accepts, among [`answers`].
///
/// INVARIANT: firewalls do not look at what the network remembers of a sender, so that this need not be mirrored.
fn mirrored(term: &Match) -> Match {
    match term {
        Match::All | Match::In(Field::Identity, _) => Match::All,
        Match::In(Field::IcmpType, values) => {
            let typed = exchanges().filter(|(_, _, query, _)| values.contains(u128::from(*query)));
            let typed = typed.map(|(family, protocol, _, reply)| {
                Match::all_of([
                    icmp(family, protocol),
                    Match::In(Field::IcmpType, Ranges::single(reply.into())),
                ])
            });
            let others = Match::all_of([Match::not(any_icmp()), term.clone()]);
            Match::any_of(typed.chain([others]))
        }
        Match::In(field, values) => Match::In(field.mirror(), values.clone()),
        Match::Not(inner) => Match::not(mirrored(inner)),
        Match::AllOf(parts) => Match::all_of(parts.iter().map(mirrored)),
        Match::AnyOf(parts) => Match::any_of(parts.iter().map(mirrored)),
    }
}

/// Which edges count.
#[derive(Debug, Clone, Copy)]
enum Way<'w> {
    /// Those for what opens a conversation, but none from a `dead` node.
    Opening { dead: &'w [NodeId] },
    /// Those for replies to what got through at `mark`.
    Reply { mark: Option<NodeId> },
}

/// What gets from where to an end.
struct Reach<'s> {
    stages: &'s Stages,
    way: Way<'s>,
    known: BTreeMap<NodeId, Bounds>,
}

impl<'s> Reach<'s> {
    fn new(stages: &'s Stages, way: Way<'s>) -> Self {
        Self { stages, way, known: BTreeMap::new() }
    }

    fn between(mut self, from: NodeId, to: NodeId, space: &mut HeaderSpace) -> Bounds {
        let all = space.everything();
        let arrived = Bounds { surely: all, perhaps: all, surely_term: Match::All, perhaps_term: Match::All };
        self.known.insert(to, arrived);
        self.at(from, space)
    }

    fn counts(&self, edge: &Edge) -> bool {
        match (self.way, edge.flow) {
            (Way::Opening { dead }, Flow::Any | Flow::Opening) => !dead.contains(&edge.from),
            (Way::Reply { mark }, Flow::Any | Flow::Reply) => {
                edge.restores.is_none() || edge.restores == mark
            }
            (Way::Opening { .. }, Flow::Reply) | (Way::Reply { .. }, Flow::Opening) => false,
        }
    }

    /// What gets to the end from a node. The graph of a policy has no loops.
    fn at(&mut self, node: NodeId, space: &mut HeaderSpace) -> Bounds {
        if let Some(known) = self.known.get(&node) {
            return known.clone();
        }
        let never = Bounds {
            surely: space.empty(),
            perhaps: space.empty(),
            surely_term: Match::never(),
            perhaps_term: Match::never(),
        };
        self.known.insert(node, never.clone());
        let graph = &self.stages.graph;
        match graph.node(node).refuses {
            // Whether it gets any further is what is not known.
            Some(Disposition::InsufficientInfo) => {
                let perhaps = Bounds { perhaps: space.everything(), perhaps_term: Match::All, ..never };
                self.known.insert(node, perhaps.clone());
                return perhaps;
            }
            Some(_) => return never,
            None => {}
        }
        let edges: Vec<&Edge> = graph.outgoing(node).iter().map(|id| graph.edge(*id)).collect();
        let edges: Vec<&Edge> = edges.into_iter().filter(|edge| self.counts(edge)).collect();
        let mut targets: BTreeMap<NodeId, Bounds> = BTreeMap::new();
        for edge in &edges {
            targets.insert(edge.to, self.at(edge.to, space));
        }
        targets.retain(|_, bounds| !space.is_empty(bounds.perhaps));
        let found = Bounds {
            surely: self.set(node, &edges, &targets, Bound::Least, space),
            perhaps: self.set(node, &edges, &targets, Bound::Most, space),
            surely_term: self.term(node, &edges, &targets, Bound::Least),
            perhaps_term: self.term(node, &edges, &targets, Bound::Most),
        };
        self.known.insert(node, found.clone());
        found
    }

    fn set(
        &self,
        node: NodeId,
        edges: &[&Edge],
        targets: &BTreeMap<NodeId, Bounds>,
        bound: Bound,
        space: &mut HeaderSpace,
    ) -> PacketSet {
        let graph = &self.stages.graph;
        let mut left = space.everything();
        let mut found = Vec::new();
        for same in edges.chunk_by(|a, b| a.rank == b.rank) {
            let mut kept = Vec::new();
            for edge in same {
                let guard = space.compile(graph.guard(edge.guard));
                if let (true, Some(beyond)) = (bound.takes(edge), targets.get(&edge.to)) {
                    let here = space.and(left, guard);
                    let beyond = if bound == Bound::Least { beyond.surely } else { beyond.perhaps };
                    found.push(space.and(here, beyond));
                }
                if bound.keeps(edge) {
                    kept.push(guard);
                }
            }
            if graph.node(node).choice == Choice::FirstMatch {
                let kept = space.any_of(kept);
                left = space.minus(left, kept);
            }
        }
        space.any_of(found)
    }

    fn term(&self, node: NodeId, edges: &[&Edge], targets: &BTreeMap<NodeId, Bounds>, bound: Bound) -> Match {
        let graph = &self.stages.graph;
        let ordered = graph.node(node).choice == Choice::FirstMatch;
        let through = targets.iter().map(|(target, beyond)| {
            let beyond = if bound == Bound::Least { &beyond.surely_term } else { &beyond.perhaps_term };
            let rule = |same: &[&Edge]| {
                let guards = |which: &dyn Fn(&Edge) -> bool| {
                    let counting = same.iter().filter(|edge| which(edge));
                    Match::any_of(counting.map(|edge| graph.guard(edge.guard).clone()))
                };
                let taken = guards(&|edge| bound.takes(edge) && edge.to == *target);
                (taken, guards(&|edge| ordered && bound.keeps(edge)))
            };
            let rules: Vec<(Match, Match)> = edges.chunk_by(|a, b| a.rank == b.rank).map(rule).collect();
            Match::all_of([first_match(&rules).0, beyond.clone()])
        });
        Match::any_of(through)
    }
}

/// At least what gets through, or at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Least,
    Most,
}

impl Bound {
    /// Whether packets may be taken to go over an edge.
    fn takes(self, edge: &Edge) -> bool {
        edge.certain || self == Self::Most
    }

    /// Whether an edge keeps its packets from those behind it.
    fn keeps(self, edge: &Edge) -> bool {
        edge.certain || self == Self::Least
    }
}

/// Step by step, by the walk.
fn decide(stages: &Stages, part: Part, packet: &Packet) -> Verdict {
    let graph = &stages.graph;
    let from = stages.entering;
    let arrives = |trace: &Trace| trace.end == stages.leaving;
    let lost = |trace: &Trace| trace.disposition == Disposition::InsufficientInfo;
    let opening = match part.replies {
        Replies::No => *packet,
        Replies::Yes => match answered(packet) {
            Some(opening) => opening,
            None => return Verdict::default(),
        },
    };
    let mut ways: Vec<Vec<Trace>> = Vec::new();
    for trace in walk(graph, from, opening, Session::Opening) {
        if part.replies == Replies::No || !(arrives(&trace) || lost(&trace)) {
            ways.push(vec![trace]);
            continue;
        }
        // Of what is lost on its way in, it is not known where it would have got through.
        let openings = if arrives(&trace) { vec![trace.clone()] } else { everywhere(stages, &trace) };
        for opened in openings {
            let back = walk(graph, from, *packet, Session::ReplyTo(&opened));
            ways.extend(back.into_iter().map(|reply| vec![trace.clone(), reply]));
        }
    }
    let legs = if part.replies == Replies::Yes { 2 } else { 1 };
    let whole = |way: &&Vec<Trace>| way.len() == legs && way.iter().all(arrives);
    let through = |way: &&Vec<Trace>| way.len() == legs && way.iter().all(|it| arrives(it) || lost(it));
    let certain = |way: &&Vec<Trace>| way.iter().all(|trace| trace.certain);
    let surely = ways.iter().find(|way| whole(way) && certain(way));
    let perhaps = ways.iter().find(through);
    let stopped = ways.iter().find(certain).or(ways.first());
    let mut causes: Vec<Arc<Cause>> = Vec::new();
    for trace in surely.or(perhaps).or(stopped).into_iter().flatten() {
        for hop in &trace.hops {
            let cause = &graph.edge(hop.edge).cause;
            if matches!(cause.rule, Rule::Inspection(_)) && !causes.contains(cause) {
                causes.push(cause.clone());
            }
        }
    }
    let mut doubts = Vec::new();
    if surely.is_none() {
        for hop in ways.iter().flatten().flat_map(|trace| &trace.hops) {
            let edge = graph.edge(hop.edge);
            let lost = graph.node(edge.to).refuses == Some(graph::Disposition::InsufficientInfo);
            if (!edge.certain || lost) && edge.cause.note.is_some() && !doubts.contains(&edge.cause) {
                doubts.push(edge.cause.clone());
            }
        }
    }
    Verdict { causes, surely: surely.is_some(), perhaps: perhaps.is_some(), doubts }
}

/// The trace as if it had gone on and got through, at each place where it could have.
fn everywhere(stages: &Stages, lost: &Trace) -> Vec<Trace> {
    let graph = &stages.graph;
    let mut marks: Vec<NodeId> = graph.edges().filter_map(|id| graph.edge(id).restores).collect();
    marks.sort_unstable();
    marks.dedup();
    let packet = lost.packet;
    let beyond = marks.iter().filter_map(|mark| graph.outgoing(*mark).first());
    let hops = beyond.map(|edge| vec![Hop { edge: *edge, before: packet, after: packet }]);
    hops.chain([Vec::new()]).map(|hops| Trace { hops, ..lost.clone() }).collect()
}

/// The packet that this one answers.
fn answered(reply: &Packet) -> Option<Packet> {
    let swapped = |query: u128| {
        let mut packet = *reply;
        for field in [Field::SrcIp, Field::DstIp, Field::SrcPort, Field::DstPort] {
            packet.set(field.mirror(), reply.get(field));
        }
        packet.with(Field::IcmpType, query)
    };
    let kinds = exchanges().map(|(_, _, query, _)| u128::from(query));
    kinds
        .chain([reply.get(Field::IcmpType)])
        .map(swapped)
        .find(|packet| packet.reply().as_ref() == Some(reply))
}
