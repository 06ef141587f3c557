//! Following packets forward from a node along every live way.

use graph::{LONGEST_WAY, NodeId};
use headerspace::PacketSet;

use super::{
    compiled::{Bundle, Compiled},
    index::FEW,
    live::Live,
    past::Past,
    route::{Leg, Segments},
    space::Space,
};
use crate::Work;

/// A way that ends at a destination. Each leg stands for its whole bundle.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) root: NodeId,
    pub(super) legs: Vec<Leg>,
    pub(super) destination: NodeId,
}

/// A point on a way, from which it is followed further.
#[derive(Debug, Clone)]
pub(super) struct Point {
    pub(super) root: NodeId,
    pub(super) node: NodeId,
    pub(super) set: PacketSet,
    pub(super) legs: Vec<Leg>,
    /// The sets before the legs, to recognise loops.
    pub(super) sets: Vec<PacketSet>,
    /// Steps that all sources behind the root have taken to it: 0 or 1.
    pub(super) lead: usize,
    /// Whether it has been past one of the places past which the question goes, if it does.
    pub(super) passed: bool,
}

impl Point {
    pub(super) fn start(root: NodeId, set: PacketSet, lead: usize) -> Self {
        Self { root, node: root, set, legs: Vec::new(), sets: Vec::new(), lead, passed: false }
    }

    /// Whether the way has been here in a manner that makes going on pointless.
    ///
    /// Without a rewrite since then it is a loop. With one, it is if the same packets from the root have become the
    /// same set as then.
    fn loops(&self, space: &mut Space) -> bool {
        if self.lead + self.legs.len() >= LONGEST_WAY {
            return true;
        }
        let mut changed = false;
        for (at, (leg, &set)) in self.legs.iter().zip(&self.sets).enumerate().rev() {
            changed |= leg.rewrite.is_some();
            if leg.from != self.node || (changed && set != self.set) {
                continue;
            }
            let before = self.legs.get(..at).unwrap_or_default();
            if !changed || self.sent(before, set, space) == self.sent(&self.legs, set, space) {
                return true;
            }
        }
        false
    }

    /// The packets from the root that become `set` along `legs`.
    fn sent(&self, legs: &[Leg], set: PacketSet, space: &mut Space) -> Option<PacketSet> {
        let start = self.sets.first().copied()?;
        Segments::of(legs, space).stages(space, start, set)?.first().copied()
    }
}

/// What is needed to follow packets.
pub(super) struct Explorer<'a> {
    pub(super) compiled: &'a mut Compiled,
    pub(super) live: &'a Live,
    pub(super) wanted: &'a [PacketSet],
    /// Past which places packets must go.
    pub(super) past: Option<&'a Past>,
    pub(super) work: &'a mut Work,
}

impl Explorer<'_> {
    pub(super) fn space(&mut self) -> &mut Space {
        &mut self.compiled.space
    }

    /// What leads on from `point`, and whether that goes past nothing more that must be passed.
    fn onward(&self, point: &Point) -> (&Live, bool) {
        match self.past {
            Some(past) if !point.passed && !past.is_at(point, &self.compiled.space) => (&past.live, false),
            Some(_) | None => (self.live, true),
        }
    }

    /// The way up to `point`, if packets arrive there.
    pub(super) fn arrival(&mut self, point: &Point) -> Option<Way> {
        let (_, passed) = self.onward(point);
        let wanted = self.past.filter(|_| !passed).map_or(self.wanted, |past| &past.wanted);
        let wanted = wanted.get(point.node.index()).copied()?;
        let stepped = point.lead + point.legs.len() > 0;
        let arrives = stepped
            && self.compiled.space.overlaps(point.set, wanted)
            && !point.loops(&mut self.compiled.space);
        arrives.then(|| Way { root: point.root, legs: point.legs.clone(), destination: point.node })
    }

    /// The points one step on, in order.
    pub(super) fn next(&mut self, point: &Point) -> Vec<Point> {
        if point.loops(&mut self.compiled.space) {
            return Vec::new();
        }
        let bundles = self.compiled.opening.clone();
        let (live, passed) = self.onward(point);
        let (list, steps) = (bundles.of(point.node), live.steps(point.node).to_vec());
        let candidates = match bundles.index(point.node) {
            Some(index) if steps.len() > FEW => index.candidates(&self.compiled.space, point.set),
            _ => None,
        };
        let mut found = Vec::new();
        let mut step = |(bundle, passing): (u32, PacketSet), explorer: &mut Self| {
            explorer.work.steps += 1;
            let set = explorer.compiled.space.and(point.set, passing);
            if let Some(next) = list.get(bundle as usize).filter(|_| !explorer.compiled.space.is_empty(set)) {
                found.push(Point { passed, ..explorer.step(point, set, bundle, next) });
            }
        };
        match candidates {
            Some(candidates) => {
                for bundle in candidates {
                    if let Ok(at) = steps.binary_search_by_key(&bundle, |&(bundle, _)| bundle) {
                        steps.get(at).into_iter().for_each(|&live| step(live, self));
                    }
                }
            }
            None => steps.iter().for_each(|&live| step(live, self)),
        }
        found
    }

    fn step(&mut self, point: &Point, passing: PacketSet, index: u32, bundle: &Bundle) -> Point {
        let mut next = Point {
            node: bundle.to,
            set: self.compiled.space.image_of(passing, bundle.rewrite),
            legs: Vec::with_capacity(point.legs.len() + 8),
            sets: Vec::with_capacity(point.sets.len() + 8),
            ..*point
        };
        next.legs.extend_from_slice(&point.legs);
        next.legs.extend(bundle.arcs.first().map(|arc| Leg {
            from: point.node,
            bundle: index,
            edge: arc.edge,
            guard: bundle.set,
            rewrite: bundle.rewrite,
        }));
        next.sets.extend_from_slice(&point.sets);
        next.sets.push(point.set);
        next
    }

    /// Whether the limit of steps is reached.
    pub(super) fn is_exhausted(&self) -> bool {
        self.work.steps.saturating_add(self.work.reply_steps) > self.compiled.limit
    }

    /// Follows `point` everywhere, depth first and in order; `found` sees each way that arrives and says whether to
    /// go on. Returns whether it went to the end; it does not if the limit of steps is reached.
    pub(super) fn follow(&mut self, point: Point, found: &mut impl FnMut(&mut Self, Way) -> bool) -> bool {
        let mut left = vec![point];
        while let Some(point) = left.pop() {
            if self.is_exhausted() {
                return false;
            }
            let way = self.arrival(&point);
            if way.is_some_and(|way| !found(self, way)) {
                return false;
            }
            let next = self.next(&point);
            left.extend(next.into_iter().rev());
        }
        true
    }
}
