//! A way through the graph with the sets on it.

use graph::{EdgeId, NodeId};
use headerspace::{HeaderSpace, PacketSet, Rewrite};

/// One step of a way: an edge, or several that lead the same way in the same manner.
#[derive(Debug, Clone)]
pub(super) struct Leg {
    pub(super) from: NodeId,
    /// The bundle's index at `from`.
    pub(super) bundle: u32,
    pub(super) edge: EdgeId,
    /// What passes here.
    pub(super) guard: PacketSet,
    pub(super) rewrite: Option<Rewrite>,
}

/// The sets of a way before each of its legs and at its end, exact: a header is in the first set iff it can take the
/// whole way and arrive in `arriving`.
pub(super) fn stages(
    space: &mut HeaderSpace,
    legs: &[Leg],
    start: PacketSet,
    arriving: PacketSet,
) -> Option<Vec<PacketSet>> {
    let mut sets = Vec::with_capacity(legs.len() + 1);
    let mut set = start;
    for leg in legs {
        set = space.and(set, leg.guard);
        if space.is_empty(set) {
            return None;
        }
        sets.push(set);
        if let Some(rewrite) = &leg.rewrite {
            set = space.image(set, rewrite);
        }
    }
    set = space.and(set, arriving);
    if space.is_empty(set) {
        return None;
    }
    sets.push(set);
    // Going forward may have kept headers that only later legs refuse; take them out from the end.
    let mut next = set;
    for (leg, slot) in legs.iter().zip(sets.iter_mut()).rev() {
        let before = leg.rewrite.as_ref().map_or(next, |rewrite| space.preimage(next, rewrite));
        *slot = space.and(*slot, before);
        next = *slot;
    }
    // And once more forward, where a translator's choice had been left open by headers that are out now.
    if legs.iter().any(|leg| leg.rewrite.is_some()) {
        let mut set = next;
        for (leg, slot) in legs.iter().zip(sets.iter_mut()) {
            *slot = space.and(*slot, set);
            set = leg.rewrite.as_ref().map_or(*slot, |rewrite| space.image(*slot, rewrite));
        }
        if let Some(last) = sets.last_mut() {
            *last = space.and(*last, set);
        }
    }
    Some(sets)
}
