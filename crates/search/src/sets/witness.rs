//! A concrete packet for a path, replayed.

use graph::{EdgeId, ForwardingGraph, Hop, Session, Trace, replay, walk};
use headerspace::{HeaderSpace, Match, Packet, PacketSet};

use super::{compiled::Compiled, route::Leg, route::stages};
use crate::{FoundPath, Replies, Witness};

/// A witness for `path`; `None` if the walk does not confirm it, which would be a defect of this engine.
pub(super) fn witness(graph: &ForwardingGraph, compiled: &mut Compiled, path: &FoundPath) -> Option<Witness> {
    let space = &mut compiled.space;
    let tracks = path.tracks.iter().map(|track| track.first.to_match());
    let mut headers = Match::any_of(tracks.collect::<Vec<_>>());
    if let Replies::Some(answered) = &path.replies {
        headers = answered.clone();
    }
    let start = space.compile(&headers);
    let ends = path.tracks.iter().map(|track| space.from_block(track.last())).collect::<Vec<_>>();
    let arriving = space.any_of(ends);
    let mut path = path.clone();
    // A path found without telling rules apart names one rule of each filter; take those that let this packet in.
    let (packet, hops) = packet_and_hops(graph, space, &mut path.edges, path.source, start, arriving)?;
    let forward = replay(graph, path.source, packet, &hops, Session::Opening).ok()?;
    let back = match path.replies {
        Replies::NotAsked => None,
        _ => match forward.arriving().reply() {
            Some(reply) => Some(way_back(graph, &forward, packet, reply)?),
            None => None,
        },
    };
    let headers = space.to_match(start);
    Some(Witness { forward, back, path, headers })
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
    let mut traces = starts.flat_map(|start| walk(graph, start, reply, Session::ReplyTo(forward)));
    traces.find(returns)
}

fn packet_and_hops(
    graph: &ForwardingGraph,
    space: &mut HeaderSpace,
    edges: &mut [EdgeId],
    source: graph::NodeId,
    start: PacketSet,
    arriving: PacketSet,
) -> Option<(Packet, Vec<Hop>)> {
    // The guards of a step: all edges that lead the same way in the same manner.
    let alike = |id: EdgeId| {
        let edge = graph.edge(id);
        let same = move |other: &EdgeId| {
            let other = graph.edge(*other);
            (other.to, &other.rewrite, other.flow) == (edge.to, &edge.rewrite, edge.flow) && other.certain
        };
        graph.outgoing(edge.from).iter().copied().filter(same)
    };
    let mut legs = Vec::new();
    for &id in edges.iter() {
        let guards: Vec<PacketSet> =
            alike(id).map(|other| space.compile(graph.guard(graph.edge(other).guard))).collect();
        let edge = graph.edge(id);
        legs.push(Leg {
            from: edge.from,
            bundle: 0,
            edge: id,
            guard: space.any_of(guards),
            rewrite: Some(edge.rewrite.clone()).filter(|rewrite| !rewrite.is_identity()),
        });
    }
    let sets = stages(space, &legs, start, arriving)?;
    let packet = space.sample(*sets.first()?)?;
    let mut at = packet;
    let mut hops = Vec::new();
    debug_assert!(edges.first().is_none_or(|&id| graph.edge(id).from == source));
    for (index, slot) in edges.iter_mut().enumerate() {
        let applicable = graph::applicable(graph, graph.edge(*slot).from, &at, Session::Opening);
        let chosen =
            alike(*slot).find(|id| applicable.iter().any(|(able, certain)| able == id && *certain))?;
        *slot = chosen;
        let edge = graph.edge(chosen);
        let mut after = edge.rewrite.apply(&at);
        let next = *sets.get(index + 1)?;
        if !space.contains(next, &after) {
            let rest = sets_from(space, &at, &edge.rewrite, next);
            after = space.sample(rest)?;
        }
        hops.push(Hop { edge: chosen, before: at, after });
        at = after;
    }
    Some((packet, hops))
}

/// What `packet` may be rewritten to, as far as that is in `next`.
fn sets_from(
    space: &mut HeaderSpace,
    packet: &Packet,
    rewrite: &headerspace::Rewrite,
    next: PacketSet,
) -> PacketSet {
    let exact = headerspace::Field::ALL
        .into_iter()
        .map(|field| Match::In(field, headerspace::Ranges::single(packet.get(field))));
    let exact = space.compile(&Match::all_of(exact));
    let image = space.image(exact, rewrite);
    space.and(image, next)
}
