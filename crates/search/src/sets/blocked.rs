//! Where packets stop.

use std::collections::BTreeMap;

use graph::{Disposition, EdgeId, ForwardingGraph, NodeId, Session, walk};
use headerspace::PacketSet;

use super::{compiled::Compiled, expand::Asked, route::Leg, space::Space, witness};
use crate::{Blocked, FoundPath, PathQuery};

/// At most this many steps are looked at, and this many places reported.
const STEPS: usize = 20_000;
const PLACES: usize = 50;

/// Where packets of the question stop on the way to the destination, most advanced first.
pub(super) fn forward(
    graph: &ForwardingGraph,
    compiled: &mut Compiled,
    query: &PathQuery,
    asked: &Asked<'_>,
) -> Vec<Blocked> {
    let bundles = compiled.opening.clone();
    let space = &mut compiled.space;
    let heading = space.compile(&query.perhaps);
    let set = space.and(asked.at_source, heading);
    // Where all packets are for somebody else on the way, such as a balancer, it is these that stop.
    let elsewhere = space.is_empty(set);
    let set = if elsewhere { asked.at_source } else { set };
    let mut found = BTreeMap::<(NodeId, Disposition, Option<EdgeId>), Blocked>::new();
    let mut left: Vec<(Vec<Leg>, NodeId, PacketSet, PacketSet)> =
        query.sources.iter().rev().map(|&source| (Vec::new(), source, set, set)).collect();
    let mut steps = 0;
    while let Some((legs, node, set, start)) = left.pop() {
        steps += 1;
        if steps > STEPS || legs.iter().any(|leg| leg.from == node) {
            continue;
        }
        let mut note = |disposition, edge: Option<EdgeId>, stopped: PacketSet, space: &Space| {
            let Some(packet) = space.sample(stopped) else { return };
            let cause = edge.map(|edge| graph.edge(edge).cause.clone());
            let edges = legs.iter().map(|leg| leg.edge).collect();
            let hops = legs.len();
            found.entry((node, disposition, edge)).or_insert(Blocked {
                node,
                disposition,
                cause,
                hops,
                reply: false,
                packet,
                edges,
            });
        };
        let list = bundles.of(node);
        let index = bundles.index(node).and_then(|index| index.candidates(space, set));
        let all = || (0..u32::try_from(list.len()).unwrap_or(u32::MAX)).collect();
        let mut rest = set;
        let mut next = Vec::new();
        for at in index.unwrap_or_else(all) {
            let Some(bundle) = list.get(at as usize) else { continue };
            let passing = space.and(set, bundle.set);
            if space.is_empty(passing) {
                continue;
            }
            rest = space.minus(rest, passing);
            if let Some(disposition) = graph.node(bundle.to).refuses {
                for arc in &bundle.arcs {
                    let stopped = space.and(set, arc.set);
                    note(disposition, Some(arc.edge), stopped, space);
                }
                continue;
            }
            let Some(arc) = bundle.arcs.first() else { continue };
            let mut legs = legs.clone();
            legs.push(Leg {
                from: node,
                bundle: at,
                edge: arc.edge,
                guard: bundle.set,
                rewrite: bundle.rewrite,
            });
            let after = space.image_of(passing, bundle.rewrite);
            next.push((legs, bundle.to, after, start));
        }
        // Of what a source might send, only what nothing lets leave at all is worth a word.
        let stops = if legs.is_empty() { rest == set } else { graph.arrival(node).is_none() };
        if !space.is_empty(rest) && stops {
            note(graph.node(node).otherwise, None, rest, space);
        } else if !space.is_empty(rest)
            && elsewhere
            && !legs.is_empty()
            && !query.destinations.contains(&node)
            && let Some(arrival) = graph.arrival(node)
        {
            note(arrival, None, rest, space);
        }
        left.extend(next.into_iter().rev());
    }
    let mut found: Vec<Blocked> = found.into_values().collect();
    found.sort_by(|a, b| (b.hops, a.node, a.disposition).cmp(&(a.hops, b.node, b.disposition)));
    found.truncate(PLACES);
    found
}

/// Where the reply to a packet of `path`, which itself arrives, stops.
pub(super) fn reply(
    graph: &ForwardingGraph,
    compiled: &mut Compiled,
    path: &FoundPath,
    asked: &Asked<'_>,
) -> Vec<Blocked> {
    let one_way = FoundPath { replies: crate::Replies::NotAsked, ..path.clone() };
    let Some(witness) = witness::witness(graph, compiled, &one_way, asked) else { return Vec::new() };
    let forward = witness.forward;
    let Some(reply) = forward.arriving().reply() else { return Vec::new() };
    let starts = graph.arriving_at(forward.end).filter_map(|end| end.answers);
    let traces = starts.flat_map(|start| walk(graph, start, reply, Session::ReplyTo(&forward)));
    let mut found: Vec<Blocked> = traces
        .map(|trace| {
            let last = trace.hops.last().filter(|_| graph.node(trace.end).refuses.is_some());
            let cause = last.map(|hop| graph.edge(hop.edge).cause.clone());
            let node = last.map_or(trace.end, |hop| graph.edge(hop.edge).from);
            Blocked {
                node,
                disposition: trace.disposition,
                cause,
                hops: trace.hops.len(),
                reply: true,
                packet: trace.arriving(),
                edges: trace.hops.iter().map(|hop| hop.edge).collect(),
            }
        })
        .collect();
    found.sort_by(|a, b| (b.hops, a.node, a.disposition).cmp(&(a.hops, b.node, b.disposition)));
    found
}
