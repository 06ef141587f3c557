//! A concrete packet for a path, replayed.

use graph::{EdgeId, ForwardingGraph, Hop, Session, Trace, applicable, replay, walk_to};
use headerspace::{Field, Match, Packet, PacketSet, Ranges, Rewrite};

use super::{
    compiled::{Bundle, Compiled},
    expand::Asked,
    replies::{Homeward, Route},
    route::{Leg, Segments},
    space::Space,
};
use crate::{FoundPath, Replies, Witness, Work};

/// A witness for `path`; `None` if the walk does not confirm it, which would be a defect of this engine.
pub(super) fn witness(
    graph: &ForwardingGraph,
    compiled: &mut Compiled,
    path: &FoundPath,
    asked: &Asked<'_>,
) -> Option<Witness> {
    let legs = legs(compiled, graph, path, asked.rules_apart)?;
    let space = &mut compiled.space;
    let segments = Segments::of(&legs, space);
    let mut parts = Vec::new();
    for track in &path.tracks {
        let (start, arriving) = (space.from_block(&track.first), space.from_block(track.last()));
        parts.extend(segments.stages(space, start, arriving));
    }
    let firsts: Vec<PacketSet> = parts.iter().filter_map(|sets| sets.first().copied()).collect();
    let mut headers = space.any_of(firsts);
    if path.replies != Replies::NotAsked {
        // Of all packets, and of all choices of the translators, those whose replies get back; best one that is answered.
        let homeward = Homeward::new(graph, compiled, &[path.source]);
        let (source, destination) = (path.source, path.destination);
        let (mut certain, mut answered, mut silent) = (Vec::new(), Vec::new(), Vec::new());
        for sets in &parts {
            let route = Route { source, destination, legs: &legs, segments: &segments, sets };
            let returned = route.replies(graph, compiled, &homeward, &mut Work::default());
            certain.push(returned.certain);
            answered.extend(returned.answered);
            let space = &mut compiled.space;
            let unanswered = space.silent();
            let last = space.and(*sets.last()?, unanswered);
            silent.extend(segments.stages(space, *sets.first()?, last));
        }
        let certain = compiled.space.any_of(certain);
        headers = compiled.space.and(headers, certain);
        parts = answered.into_iter().chain(silent).collect();
    }
    let headers = compiled.space.headers_of(headers);
    // People read the packet: an everyday one says more than one of a protocol nobody uses.
    parts.sort_by_key(|sets| {
        let packet = sets.first().and_then(|&first| compiled.space.sample(first));
        packet.map_or(u8::MAX, |packet| match packet.get(Field::Protocol) {
            6 => 0,
            17 => 1,
            1 => 2,
            _ => 3,
        })
    });
    for sets in parts {
        let Some((packet, hops)) =
            packet_and_hops(graph, compiled, &legs, &segments, &sets, asked.rules_apart)
        else {
            continue;
        };
        let Ok(forward) = replay(graph, path.source, packet, &hops, Session::Opening) else { continue };
        let back = match forward.arriving().reply() {
            Some(reply) if path.replies != Replies::NotAsked => {
                match way_back(graph, &forward, packet, reply) {
                    Some(back) => Some(back),
                    None => continue,
                }
            }
            _ => None,
        };
        let edges = forward.hops.iter().map(|hop| hop.edge).collect();
        return Some(Witness { forward, back, path: FoundPath { edges, ..path.clone() }, headers });
    }
    None
}

/// The bundle that an edge is certainly in, with its index.
fn bundle_of<'c>(compiled: &'c Compiled, graph: &ForwardingGraph, edge: EdgeId) -> Option<(u32, &'c Bundle)> {
    let bundles = (0u32..).zip(compiled.opening.of(graph.edge(edge).from));
    let mut holding = bundles.filter(|(_, bundle)| bundle.arcs.iter().any(|arc| arc.edge == edge));
    holding.find(|(_, bundle)| bundle.certain)
}

/// The legs of a path: one rule each, or all rules that do the same where rules are not told apart.
fn legs(
    compiled: &Compiled,
    graph: &ForwardingGraph,
    path: &FoundPath,
    rules_apart: bool,
) -> Option<Vec<Leg>> {
    let leg = |&edge: &EdgeId| {
        let (index, bundle) = bundle_of(compiled, graph, edge)?;
        let arc = bundle.arcs.iter().find(|arc| arc.edge == edge)?;
        let guard = if rules_apart { arc.set } else { bundle.set };
        Some(Leg { from: graph.edge(edge).from, bundle: index, edge, guard, rewrite: bundle.rewrite })
    };
    path.edges.iter().map(leg).collect()
}

/// A way back that ends with the reply to `packet` where it came from.
fn way_back(graph: &ForwardingGraph, forward: &Trace, packet: Packet, reply: Packet) -> Option<Trace> {
    let home: Vec<_> = graph.ends().iter().filter(|end| end.departs == Some(forward.start)).collect();
    let returns = |trace: &Trace| {
        let at_home = graph.arriving_at(trace.end).any(|end| {
            home.iter().any(|own| {
                own.arrives == end.arrives || (own.world != graph::World::Own && own.world == end.world)
            })
        });
        at_home && trace.certain && trace.disposition.is_success() && Some(trace.arriving()) == packet.reply()
    };
    let starts = graph.arriving_at(forward.end).filter_map(|end| end.answers);
    let mut found =
        starts.filter_map(|start| walk_to(graph, start, reply, Session::ReplyTo(forward), returns));
    found.next()
}

/// A certain way on which the reply to a packet that has arrived gets back to where the packet came from; `None` if there
/// is none, or if nothing answers such packets.
pub fn answer_to(graph: &ForwardingGraph, forward: &Trace) -> Option<Trace> {
    way_back(graph, forward, forward.packet, forward.arriving().reply()?)
}

/// A packet of the first of `sets`, and its hops along `legs` to the last.
fn packet_and_hops(
    graph: &ForwardingGraph,
    compiled: &mut Compiled,
    legs: &[Leg],
    segments: &Segments,
    sets: &[PacketSet],
    rules_apart: bool,
) -> Option<(Packet, Vec<Hop>)> {
    let space = &mut compiled.space;
    let packet = space.sample(*sets.first()?)?;
    let mut at = packet;
    let mut hops = Vec::new();
    for (index, leg) in legs.iter().enumerate() {
        let named = graph.edge(leg.edge);
        let alike = |id: EdgeId| {
            let edge = graph.edge(id);
            let same = (edge.to, &edge.rewrite, edge.restores) == (named.to, &named.rewrite, named.restores);
            same && (!rules_apart || edge.cause == named.cause)
        };
        let open = applicable(graph, leg.from, &at, Session::Opening);
        let edge = open.into_iter().find(|&(id, certain)| certain && alike(id))?.0;
        let rewrite = &graph.edge(edge).rewrite;
        let mut after = rewrite.apply(&at);
        if leg.rewrite.is_some() {
            let next = *sets.get(segments.before(index) + 1)?;
            if !space.contains(next, &after) {
                let able = able(space, &at, rewrite, next);
                after = space.sample(able)?;
            }
        }
        hops.push(Hop { edge, before: at, after });
        at = after;
    }
    Some((packet, hops))
}

/// What `packet` may be rewritten to, as far as that is in `next`.
fn able(space: &mut Space, packet: &Packet, rewrite: &Rewrite, next: PacketSet) -> PacketSet {
    let exact = Field::ALL.into_iter().map(|field| Match::In(field, Ranges::single(packet.get(field))));
    let exact = space.compile(&Match::all_of(exact));
    let image = space.image(exact, rewrite);
    space.and(image, next)
}
