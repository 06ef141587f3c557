//! What the graph does not tell, and which packets may depend on it.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use graph::{Cause, Disposition, ForwardingGraph, NodeId};
use headerspace::PacketSet;
use rustc_hash::FxHashMap;

use super::{
    compiled::Compiled,
    expand::Asked,
    explore::{Explorer, Point},
    live::{Certainty, Live, reached_from},
    roots::{Roots, edges},
    route::Segments,
};
use crate::{Doubt, PathQuery, Work};

/// The first uncertain steps that packets of the question can get to and from which they may get through, one for
/// each cause, sorted.
pub(super) fn doubts(
    graph: &ForwardingGraph,
    compiled: &mut Compiled,
    query: &PathQuery,
    asked: &Asked<'_>,
    wanted: &[PacketSet],
    work: &mut Work,
) -> Vec<Doubt> {
    let reached = reached_from(graph, &compiled.opening, &query.sources);
    let is_reached = |index: usize| reached.get(index).copied().unwrap_or_default();
    let missing = graph.nodes().find(|&node| graph.node(node).refuses == Some(Disposition::InsufficientInfo));
    let missing = missing.filter(|node| is_reached(node.index()));
    let bundles = compiled.opening.clone();
    let uncertain = graph.nodes().filter(|node| is_reached(node.index()));
    let uncertain = uncertain.flat_map(|node| bundles.of(node)).any(|bundle| !bundle.certain);
    if missing.is_none() && !uncertain {
        return Vec::new();
    }
    let mut lost = vec![compiled.space.empty(); graph.node_count()];
    let mut all = wanted.to_vec();
    let perhaps = compiled.space.compile(&query.perhaps);
    let world = compiled.space.well_formed();
    let perhaps = compiled.space.and(perhaps, world);
    for sets in [&mut lost, &mut all] {
        if let Some(slot) = missing.and_then(|node| sets.get_mut(node.index())) {
            *slot = perhaps;
        }
    }
    let any = Live::new(graph, compiled, &reached, &all, Certainty::Any);
    let live = Live::doubtful(graph, compiled, &reached, &any, &lost);
    work.nodes += any.nodes + live.nodes;
    let roots = Roots::new(graph, &query.sources, asked.at_source, compiled, &live);

    let mut found = BTreeMap::<Arc<Cause>, Doubt>::new();
    for (start, root) in roots.iter() {
        let mut here = BTreeMap::<Arc<Cause>, Doubt>::new();
        // Breadth first: where packets have been by a shorter way, they need not be followed again. That only holds as
        // long as it does not matter what they were when they were sent, and what they have passed.
        let mut left = VecDeque::from([start]);
        let mut seen = FxHashMap::<NodeId, PacketSet>::default();
        let merges = query.except.is_empty() && !asked.asks_what_is_passed();
        while let Some(point) = left.pop_front() {
            let mut explorer = Explorer { compiled, live: &live, wanted, past: None, work };
            if explorer.is_exhausted() {
                break;
            }
            let nexts = explorer.next(&point);
            for mut next in nexts {
                let Some(leg) = next.legs.last() else { continue };
                let bundle = bundles.of(leg.from).get(leg.bundle as usize);
                let certain = bundle.is_none_or(|bundle| bundle.certain);
                if certain && Some(next.node) != missing {
                    if merges {
                        let space = &mut compiled.space;
                        let known = seen.entry(next.node).or_insert(space.empty());
                        next.set = space.minus(next.set, *known);
                        *known = space.or(*known, next.set);
                        if space.is_empty(next.set) {
                            continue;
                        }
                    }
                    left.push_back(next);
                    continue;
                }
                let arcs = bundle.map_or([].as_slice(), |bundle| bundle.arcs.as_slice());
                for arc in arcs {
                    let cause = &graph.edge(arc.edge).cause;
                    if here.contains_key(cause) {
                        continue;
                    }
                    let mut legs = next.legs.clone();
                    if let Some(last) = legs.last_mut() {
                        (last.edge, last.guard) = (arc.edge, arc.set);
                    }
                    let next = Point { legs, ..next.clone() };
                    if let Some(doubt) = doubt(graph, cause.clone(), &next, root, asked, compiled) {
                        here.insert(cause.clone(), doubt);
                    }
                }
            }
        }
        for (cause, doubt) in here {
            let sources = doubt.sources;
            found.entry(cause).and_modify(|known| known.sources += sources).or_insert(doubt);
        }
    }
    found.into_values().collect()
}

/// The doubt at the end of `point`, for the sources behind its root; `None` if exceptions leave nothing of it.
fn doubt(
    graph: &ForwardingGraph,
    cause: Arc<Cause>,
    point: &Point,
    root: &super::roots::Root,
    asked: &Asked<'_>,
    compiled: &mut Compiled,
) -> Option<Doubt> {
    let space = &mut compiled.space;
    let start = point.sets.first().copied()?;
    let segments = Segments::of(&point.legs, space);
    let set = *segments.stages(space, start, point.set)?.first()?;
    let mut example = None;
    let mut sources = 0;
    for member in root.senders(set, space) {
        let sent = space.and(member.set, set);
        let sent = asked.sent_by(member.source, sent, space);
        let nodes = member.legs(&point.legs).into_iter().map(|leg| graph.node(leg.from).resource);
        let passed = nodes.flatten().chain(graph.find(&cause.resource)).collect();
        let sent = asked.left_past(member.source, &passed, sent, space);
        if let Some(packet) = space.sample(sent) {
            sources += 1;
            example.get_or_insert((member, packet));
        }
    }
    let (member, packet) = example?;
    let edges = edges(&member.legs(&point.legs));
    Some(Doubt { cause, sources, source: member.source, edges, packet })
}
