//! What one packet does: the reference semantics.

use std::{collections::BTreeMap, fmt};

use headerspace::Packet;

use crate::{Choice, Disposition, Edge, EdgeId, Flow, ForwardingGraph, NodeId};

/// The longest way that is followed, in hops. Longer ones count as loops.
pub const LONGEST_WAY: usize = 256;

/// Which packet of a conversation is walking.
#[derive(Debug, Clone, Copy)]
pub enum Session<'t> {
    /// The one that opens it.
    Opening,
    /// A reply to the packet that went this way.
    ReplyTo(&'t Trace),
}

/// One step: the edge, and the header before and after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hop {
    /// The edge taken.
    pub edge: EdgeId,
    /// The header at its start.
    pub before: Packet,
    /// The header at its end.
    pub after: Packet,
}

/// What one packet does from one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Where it starts.
    pub start: NodeId,
    /// Its header there.
    pub packet: Packet,
    /// Its steps in order.
    pub hops: Vec<Hop>,
    /// Where it stops.
    pub end: NodeId,
    /// What becomes of it there.
    pub disposition: Disposition,
    /// `false` if a step on the way is uncertain.
    pub certain: bool,
}

impl Trace {
    /// Its header where it stops.
    pub fn arriving(&self) -> Packet {
        self.hops.last().map_or(self.packet, |hop| hop.after)
    }
}

/// The edges that `packet` can take at `node`, in order; with `false` where that is uncertain.
///
/// At a first-match node, an uncertain edge that accepts does not end the search: the packet may pass it by, so
/// everything of higher rank is uncertain too. Edges of equal rank do not get in each other's way.
pub fn applicable(
    graph: &ForwardingGraph,
    node: NodeId,
    packet: &Packet,
    session: Session<'_>,
) -> Vec<(EdgeId, bool)> {
    let mut found = Vec::new();
    // Ranks of the first certain and the first uncertain edge that accept.
    let (mut decided, mut doubted): (Option<u32>, Option<u32>) = (None, None);
    for &id in graph.outgoing(node) {
        let edge = graph.edge(id);
        if decided.is_some_and(|rank| rank < edge.rank) {
            break;
        }
        if !accepts(graph, edge, packet, session) {
            continue;
        }
        found.push((id, edge.certain && doubted.is_none_or(|rank| rank == edge.rank)));
        if graph.node(node).choice == Choice::FirstMatch {
            let slot = if edge.certain { &mut decided } else { &mut doubted };
            slot.get_or_insert(edge.rank);
        }
    }
    found
}

fn accepts(graph: &ForwardingGraph, edge: &Edge, packet: &Packet, session: Session<'_>) -> bool {
    let flow = match (edge.flow, session) {
        (Flow::Any, _) | (Flow::Opening, Session::Opening) | (Flow::Reply, Session::ReplyTo(_)) => true,
        (Flow::Opening, Session::ReplyTo(_)) | (Flow::Reply, Session::Opening) => false,
    };
    flow && graph.guard(edge.guard).accepts(packet)
        && (edge.restores.is_none() || restored(graph, edge, packet, session).is_some())
}

/// The header that a reply has after the translation of its opening packet is undone.
fn restored(graph: &ForwardingGraph, edge: &Edge, packet: &Packet, session: Session<'_>) -> Option<Packet> {
    let (Some(node), Session::ReplyTo(opening)) = (edge.restores, session) else { return None };
    opening
        .hops
        .iter()
        .find(|hop| graph.edge(hop.edge).from == node && hop.after.reply() == Some(*packet))
        .and_then(|hop| hop.before.reply())
}

fn after(graph: &ForwardingGraph, edge: &Edge, packet: &Packet, session: Session<'_>) -> Packet {
    restored(graph, edge, packet, session).unwrap_or_else(|| edge.rewrite.apply(packet))
}

/// Everything that can happen to `packet` from `start`, in a fixed order.
///
/// Where a translator may choose a value, the walk keeps the present one if that is allowed, else takes the lowest.
/// A packet that reaches an end also goes on if edges lead on from there. Cost: the sum of all ways.
pub fn walk(graph: &ForwardingGraph, start: NodeId, packet: Packet, session: Session<'_>) -> Vec<Trace> {
    let mut traces = Vec::new();
    let trace =
        Trace { start, packet, hops: Vec::new(), end: start, disposition: Disposition::Loop, certain: true };
    go_on(graph, session, trace, &mut traces);
    traces
}

fn go_on(graph: &ForwardingGraph, session: Session<'_>, trace: Trace, traces: &mut Vec<Trace>) {
    let (node, packet) = (trace.end, trace.arriving());
    if let Some(disposition) = graph.node(node).refuses {
        traces.push(Trace { disposition, ..trace });
        return;
    }
    let been_here = trace.hops.iter().any(|hop| graph.edge(hop.edge).from == node && hop.before == packet);
    if been_here || trace.hops.len() >= LONGEST_WAY {
        traces.push(Trace { disposition: Disposition::Loop, ..trace });
        return;
    }
    let arrival = graph.arrival(node);
    if let Some(disposition) = arrival {
        traces.push(Trace { disposition, ..trace.clone() });
    }
    let edges = applicable(graph, node, &packet, session);
    if edges.is_empty() && arrival.is_none() {
        traces.push(Trace { disposition: graph.node(node).otherwise, ..trace });
        return;
    }
    let mut seen: Vec<(NodeId, Packet, bool)> = Vec::new();
    for (id, certain) in edges {
        let edge = graph.edge(id);
        let after = after(graph, edge, &packet, session);
        if seen.contains(&(edge.to, after, certain)) {
            continue; // another rule allows the same
        }
        seen.push((edge.to, after, certain));
        let mut next = trace.clone();
        next.hops.push(Hop { edge: id, before: packet, after });
        next.end = edge.to;
        next.certain &= certain;
        go_on(graph, session, next, traces);
    }
}

/// One of the traces of [`walk`] that is `wanted`, if there is one that is no loop, without making all others: where a
/// packet has been, and it did not come there by a longer way, it need not go on from again. `wanted` must not depend on
/// the steps before the last.
///
/// Cost: the sum of all nodes and headers, not of all ways.
pub fn walk_to(
    graph: &ForwardingGraph,
    start: NodeId,
    packet: Packet,
    session: Session<'_>,
    wanted: impl Fn(&Trace) -> bool,
) -> Option<Trace> {
    let trace =
        Trace { start, packet, hops: Vec::new(), end: start, disposition: Disposition::Loop, certain: true };
    let mut been = BTreeMap::<(NodeId, Packet, bool), usize>::new();
    let mut left = vec![trace];
    while let Some(trace) = left.pop() {
        let (node, packet, hops) = (trace.end, trace.arriving(), trace.hops.len());
        let end = graph.node(node).refuses.or_else(|| graph.arrival(node));
        if let Some(disposition) = end {
            let trace = Trace { disposition, ..trace.clone() };
            if wanted(&trace) {
                return Some(trace);
            }
        }
        let known = been.entry((node, packet, trace.certain)).or_insert(usize::MAX);
        if graph.node(node).refuses.is_some() || *known <= hops || hops >= LONGEST_WAY {
            continue;
        }
        *known = hops;
        let edges = applicable(graph, node, &packet, session);
        if edges.is_empty() && end.is_none() {
            let trace = Trace { disposition: graph.node(node).otherwise, ..trace.clone() };
            if wanted(&trace) {
                return Some(trace);
            }
        }
        for (id, certain) in edges.into_iter().rev() {
            let edge = graph.edge(id);
            let after = after(graph, edge, &packet, session);
            let mut next = trace.clone();
            next.hops.push(Hop { edge: id, before: packet, after });
            next.end = edge.to;
            next.certain &= certain;
            left.push(next);
        }
    }
    None
}

/// A claimed way that the graph does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayError {
    /// Index of the hop that is wrong.
    pub hop: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hop {}: {}", self.hop, self.what)
    }
}

impl std::error::Error for ReplayError {}

/// Checks a claimed way step by step and returns it as a trace, which ends at an end or a refusal.
///
/// Unlike [`walk`], any value that a translator may choose is accepted.
pub fn replay(
    graph: &ForwardingGraph,
    start: NodeId,
    packet: Packet,
    hops: &[Hop],
    session: Session<'_>,
) -> Result<Trace, ReplayError> {
    let mut at = (start, packet);
    let mut certain = true;
    for (index, hop) in hops.iter().enumerate() {
        let wrong = |what| ReplayError { hop: index, what };
        let edge = graph.edge(hop.edge);
        if (edge.from, hop.before) != at {
            return Err(wrong("it does not start where the packet is"));
        }
        let Some(&(_, sure)) =
            applicable(graph, edge.from, &hop.before, session).iter().find(|(id, _)| *id == hop.edge)
        else {
            return Err(wrong("the packet does not go this way"));
        };
        let right = match restored(graph, edge, &hop.before, session) {
            Some(packet) => packet == hop.after,
            None => edge.rewrite.allows(&hop.before, &hop.after),
        };
        if !right {
            return Err(wrong("the header changes in a way that the edge does not"));
        }
        certain &= sure;
        at = (edge.to, hop.after);
    }
    let end = at.0;
    let Some(disposition) = graph.node(end).refuses.or_else(|| graph.arrival(end)) else {
        return Err(ReplayError { hop: hops.len(), what: "the way stops where nothing arrives" });
    };
    Ok(Trace { start, packet, hops: hops.to_vec(), end, disposition, certain })
}
