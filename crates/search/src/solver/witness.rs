//! What was found, as a witness: replayed, and with all packets that take the same way.

use graph::{EdgeId, ForwardingGraph, Hop, NodeId, Session, Trace, applicable, replay};
use headerspace::{Block, Field, HeaderSpace, Match, Packet, Ranges};

use super::{
    explore::{Found, Taken},
    formula::{Choices, Example, Header, Value},
};
use crate::{Direction, FoundPath, Replies, Track, Witness};

/// The witness for what was found; `None` if the walk does not confirm it, which would be a defect of this engine.
pub(super) fn witness(
    graph: &ForwardingGraph,
    found: &Found,
    choices: &Choices,
    direction: Direction,
) -> Option<Witness> {
    let packet = found.example.at(&Header::sent());
    let hops = hops(graph, &found.opening, &found.example, Session::Opening, |edge| vec![edge])?;
    let forward =
        replay(graph, found.source, packet, &hops, Session::Opening).ok().filter(|trace| trace.certain)?;
    let back = match &found.back {
        Some((start, way)) => Some(way_back(graph, &forward, *start, way, &found.example)?),
        None => None,
    };
    if direction == Direction::RoundTrip && back.is_none() && forward.arriving().reply().is_some() {
        return None;
    }
    let headers = headers(found, choices).unwrap_or_else(|| exactly(&packet));
    let path = FoundPath {
        source: found.source,
        destination: found.destination,
        edges: forward.hops.iter().map(|hop| hop.edge).collect(),
        tracks: tracks(&headers, &found.opening, choices),
        replies: if direction == Direction::Forward {
            Replies::NotAsked
        } else {
            Replies::Some(headers.clone())
        },
    };
    Some(Witness { forward, back, path, headers })
}

fn way_back(
    graph: &ForwardingGraph,
    forward: &Trace,
    start: NodeId,
    way: &[Taken],
    example: &Example,
) -> Option<Trace> {
    let session = Session::ReplyTo(forward);
    let hops = hops(graph, way, example, session, |edge| vec![edge])?;
    let trace = replay(graph, start, forward.arriving().reply()?, &hops, session).ok()?;
    (trace.certain && Some(trace.arriving()) == forward.packet.reply()).then_some(trace)
}

/// The hops of a way, each by an edge that the walk allows; `alike` gives the edges that may stand for one.
pub(super) fn hops(
    graph: &ForwardingGraph,
    way: &[Taken],
    example: &Example,
    session: Session<'_>,
    mut alike: impl FnMut(EdgeId) -> Vec<EdgeId>,
) -> Option<Vec<Hop>> {
    let mut hop = |taken: &Taken| {
        let [before, after] = [&taken.before, &taken.after].map(|header| example.at(header));
        let open = applicable(graph, taken.from, &before, session);
        let edges: Vec<EdgeId> = taken.edges.iter().flat_map(|&id| alike(id)).collect();
        let edge = open.into_iter().find(|(id, certain)| *certain && edges.contains(id))?.0;
        Some(Hop { edge, before, after })
    };
    way.iter().map(&mut hop).collect()
}

/// The packet and no other; silent about the tags beside its header.
fn exactly(packet: &Packet) -> Match {
    Match::all_of(Field::HEADER.map(|field| Match::In(field, Ranges::single(packet.get(field)))))
}

/// All headers that fulfil the conditions for some choice of the translators; `None` if that cannot be said by a term.
fn headers(found: &Found, choices: &Choices) -> Option<Match> {
    let all = choices.keys().copied().collect();
    let terms = found.conditions.iter().map(|condition| condition.without(&all, choices)?.to_match());
    Some(Match::any_of(terms.collect::<Option<Vec<_>>>()?))
}

/// The headers as products, and what becomes of them; for display, so that sets may be used.
pub(super) fn tracks(headers: &Match, way: &[Taken], choices: &Choices) -> Vec<Track> {
    let mut space = HeaderSpace::new();
    let set = space.compile(headers);
    let known = space.compile(&Match::In(Field::Identity, Ranges::single(0)));
    let set = space.and(set, known);
    let set = space.and(set, space.well_formed());
    let blocks = space.blocks(set);
    let mut along = |first: Block| {
        let mut changes = Vec::new();
        for (index, taken) in way.iter().enumerate().filter(|(_, taken)| taken.before != taken.after) {
            let fields = Field::ALL.map(|field| {
                Match::In(
                    field,
                    match taken.after.get(field) {
                        Value::Sent(sent) => first.get(sent).clone(),
                        Value::Is(number) => Ranges::single(number),
                        Value::Chosen(choice) => choices.get(&choice).cloned().unwrap_or_else(Ranges::empty),
                    },
                )
            });
            let set = space.compile(&Match::all_of(fields));
            changes.extend(space.blocks(set).into_iter().map(|block| (index, block)));
        }
        Track { first, changes }
    };
    blocks.into_iter().map(&mut along).collect()
}

/// That replies to some packets get back, as the other engine would write it.
pub(super) fn replies_of(headers: &Match) -> Replies {
    let mut space = HeaderSpace::new();
    let set = space.compile(headers);
    let set = space.and(set, space.well_formed());
    let blocks = space.blocks(set);
    Replies::Some(Match::any_of(blocks.iter().map(Block::to_match)))
}

/// The edges of a way, one each.
pub(super) fn edges(way: &[Taken]) -> Vec<EdgeId> {
    way.iter().filter_map(|taken| taken.edges.first().copied()).collect()
}
