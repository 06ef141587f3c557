//! A way through the graph with the sets on it.

use graph::{EdgeId, NodeId};
use headerspace::PacketSet;

use super::space::{RewriteId, Space};

/// One step of a way: an edge, or several that lead the same way in the same manner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leg {
    pub(super) from: NodeId,
    /// The bundle's index at `from`.
    pub(super) bundle: u32,
    pub(super) edge: EdgeId,
    /// What passes here.
    pub(super) guard: PacketSet,
    pub(super) rewrite: Option<RewriteId>,
}

/// What a way does to packets, shortened: between two rewrites all guards are one.
#[derive(Debug, Clone, Default)]
pub(super) struct Segments {
    /// What passes each segment.
    pub(super) guards: Vec<PacketSet>,
    /// The rewrite after each segment but the last, with the index of its leg.
    ///
    /// INVARIANT: one shorter than `guards`; indexes ascend. Kept by `of` and by the expander.
    pub(super) rewrites: Vec<(usize, Option<RewriteId>)>,
}

impl Segments {
    /// The segments of `legs`.
    pub(super) fn of(legs: &[Leg], space: &mut Space) -> Self {
        let mut segments = Self::default();
        let mut guard = space.well_formed();
        for (at, leg) in legs.iter().enumerate() {
            guard = space.and(guard, leg.guard);
            if leg.rewrite.is_some() {
                segments.guards.push(guard);
                segments.rewrites.push((at, leg.rewrite));
                guard = space.well_formed();
            }
        }
        segments.guards.push(guard);
        segments
    }

    /// The segment in which packets stand before the leg of this index.
    pub(super) fn before(&self, leg: usize) -> usize {
        self.rewrites.partition_point(|&(at, _)| at < leg)
    }

    /// Whether a translator on the way has a choice.
    pub(super) fn has_choice(&self, space: &Space) -> bool {
        self.rewrites.iter().any(|&(_, rewrite)| rewrite.is_some_and(|rewrite| space.has_choice(rewrite)))
    }

    /// The sets in each segment, exact: a header is in the first set iff it is in `start`, can take the whole way
    /// and can arrive in `arriving`. `None` if nothing does.
    pub(super) fn stages(
        &self,
        space: &mut Space,
        start: PacketSet,
        arriving: PacketSet,
    ) -> Option<Vec<PacketSet>> {
        let mut sets = Vec::with_capacity(self.guards.len());
        let mut set = start;
        for (at, &guard) in self.guards.iter().enumerate() {
            set = space.and(set, guard);
            if at + 1 == self.guards.len() {
                set = space.and(set, arriving);
            }
            if space.is_empty(set) {
                return None;
            }
            sets.push(set);
            set = space.image_of(set, self.rewrites.get(at).and_then(|&(_, rewrite)| rewrite));
        }
        // Going forward has kept headers that only later segments refuse.
        self.narrow(space, &mut sets);
        Some(sets)
    }

    /// Keeps of each segment's set what leads into the last segment's.
    fn narrow(&self, space: &mut Space, sets: &mut [PacketSet]) {
        for (at, &(_, rewrite)) in self.rewrites.iter().enumerate().rev() {
            let Some(&next) = sets.get(at + 1) else { continue };
            let leading = space.preimage_of(next, rewrite);
            if let Some(slot) = sets.get_mut(at) {
                *slot = space.and(*slot, leading);
            }
        }
    }

    /// The part of `sets`, a way's stages, that meets what `asked` wants in some of the segments.
    pub(super) fn meeting(
        &self,
        space: &mut Space,
        sets: &[PacketSet],
        asked: &[(usize, PacketSet)],
    ) -> Vec<PacketSet> {
        let mut sets = sets.to_vec();
        for &(segment, wanted) in asked {
            if let Some(slot) = sets.get_mut(segment) {
                *slot = space.and(*slot, wanted);
            }
        }
        self.narrow(space, &mut sets);
        sets
    }
}
