//! Union, intersection, difference; overlap and inclusion.
#![expect(clippy::indexing_slicing, reason = "edge positions come from `edges`; see `Node`")]

use rustc_hash::FxHashSet;

use super::{HeaderSpace, PacketSet};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    And,
    Or,
    Minus,
}

/// What two children of the same value range come to.
enum Step {
    /// The result holds `PacketSet` as long as the left (right) edge lasts.
    FillLeft(PacketSet),
    FillRight(PacketSet),
    /// The result equals the left operand as long as the right edge lasts, or the reverse.
    CopyLeft,
    CopyRight,
    /// Neither: combine the children.
    Combine,
}

impl Op {
    /// The result where one operand decides it.
    fn shortcut(self, a: PacketSet, b: PacketSet) -> Option<PacketSet> {
        const NONE: PacketSet = PacketSet::EMPTY;
        const ALL: PacketSet = PacketSet::EVERYTHING;
        match self {
            Op::And if a == b || b == ALL => Some(a),
            Op::And if a == ALL => Some(b),
            Op::And if a == NONE || b == NONE => Some(NONE),
            Op::Or if a == b || b == NONE => Some(a),
            Op::Or if a == NONE => Some(b),
            Op::Or if a == ALL || b == ALL => Some(ALL),
            Op::Minus if a == b || a == NONE || b == ALL => Some(NONE),
            Op::Minus if b == NONE => Some(a),
            Op::And | Op::Or | Op::Minus => None,
        }
    }

    #[expect(clippy::match_same_arms, reason = "the laws of one operation stay together")]
    fn step(self, a: PacketSet, b: PacketSet) -> Step {
        const NONE: PacketSet = PacketSet::EMPTY;
        const ALL: PacketSet = PacketSet::EVERYTHING;
        match self {
            Op::And if a == NONE => Step::FillLeft(NONE),
            Op::And if b == NONE => Step::FillRight(NONE),
            Op::And if a == ALL => Step::CopyRight,
            Op::And if b == ALL => Step::CopyLeft,
            Op::Or if a == ALL => Step::FillLeft(ALL),
            Op::Or if b == ALL => Step::FillRight(ALL),
            Op::Or if a == NONE => Step::CopyRight,
            Op::Or if b == NONE => Step::CopyLeft,
            Op::Minus if a == NONE => Step::FillLeft(NONE),
            Op::Minus if b == ALL => Step::FillRight(NONE),
            Op::Minus if b == NONE => Step::CopyLeft,
            Op::And | Op::Or | Op::Minus => Step::Combine,
        }
    }
}

/// From this many edges per edge of the other operand on, it pays to look first whether the
/// larger operand stays as it is.
const SKEW: usize = 8;

impl HeaderSpace {
    /// Returns the packets in both sets.
    ///
    /// Where one operand has few values at a field and the other many, the cost is that of finding
    /// the few among the many.
    pub fn and(&mut self, a: PacketSet, b: PacketSet) -> PacketSet {
        self.apply(Op::And, self.own(a), self.own(b))
    }

    /// Returns the packets in either set.
    pub fn or(&mut self, a: PacketSet, b: PacketSet) -> PacketSet {
        self.apply(Op::Or, self.own(a), self.own(b))
    }

    /// Returns the packets of `a` that are not in `b`.
    pub fn minus(&mut self, a: PacketSet, b: PacketSet) -> PacketSet {
        self.apply(Op::Minus, self.own(a), self.own(b))
    }

    /// Returns the packets that are not in `set`, ill-formed ones too.
    pub fn not(&mut self, set: PacketSet) -> PacketSet {
        self.apply(Op::Minus, PacketSet::EVERYTHING, self.own(set))
    }

    /// Returns the packets in every one of `sets`; with no sets, everything.
    pub fn all_of(&mut self, sets: impl IntoIterator<Item = PacketSet>) -> PacketSet {
        let mut sets: Vec<PacketSet> = sets.into_iter().collect();
        sets.sort_unstable_by_key(|&set| (self.node(set).len, set));
        sets.dedup();
        let mut all = PacketSet::EVERYTHING;
        for set in sets {
            all = self.and(all, set);
            if all == PacketSet::EMPTY {
                break;
            }
        }
        all
    }

    /// Whether some packet is in both sets. Makes no nodes and stops at the first common packet.
    pub fn overlaps(&self, a: PacketSet, b: PacketSet) -> bool {
        self.finds(Op::And, a, b, &mut FxHashSet::default())
    }

    /// Whether every packet of `a` is in `b`. Makes no nodes and stops at the first counterexample.
    pub fn is_subset(&self, a: PacketSet, b: PacketSet) -> bool {
        !self.finds(Op::Minus, a, b, &mut FxHashSet::default())
    }

    fn apply(&mut self, op: Op, a: PacketSet, b: PacketSet) -> PacketSet {
        if let Some(decided) = op.shortcut(a, b) {
            return decided;
        }
        let (a, b) = if op != Op::Minus && b < a { (b, a) } else { (a, b) };
        let key = pair(a, b);
        let known = match op {
            Op::And => self.memo.and.get(&key),
            Op::Or => self.memo.or.get(&key),
            Op::Minus => self.memo.minus.get(&key),
        };
        if let Some(&known) = known {
            return known;
        }
        let (level_a, level_b) = (self.level(a), self.level(b));
        let result = match level_a.cmp(&level_b) {
            std::cmp::Ordering::Less => self.apply_each(a, level_a, |space, child| space.apply(op, child, b)),
            std::cmp::Ordering::Greater => {
                self.apply_each(b, level_b, |space, child| space.apply(op, a, child))
            }
            std::cmp::Ordering::Equal => self.merge(op, a, b),
        };
        match op {
            Op::And => self.memo.and.insert(key, result),
            Op::Or => self.memo.or.insert(key, result),
            Op::Minus => self.memo.minus.insert(key, result),
        };
        result
    }

    /// The node `set` with every child replaced.
    pub(super) fn apply_each(
        &mut self,
        set: PacketSet,
        level: u8,
        mut change: impl FnMut(&mut HeaderSpace, PacketSet) -> PacketSet,
    ) -> PacketSet {
        let base = self.open();
        for edge in self.edges(set) {
            let (last, child) = (self.bounds[edge], self.children[edge]);
            let changed = change(self, child);
            self.push(base, last, changed);
        }
        self.seal(base, level)
    }

    /// Combines two nodes of the same level.
    fn merge(&mut self, op: Op, a: PacketSet, b: PacketSet) -> PacketSet {
        let (edges_a, edges_b) = (self.edges(a), self.edges(b));
        // PERF: a small change to a large node that turns out to be none must not copy the node.
        if edges_a.len() > SKEW * edges_b.len() && op != Op::And && self.keeps_left(op, a, b) {
            return a;
        }
        if edges_b.len() > SKEW * edges_a.len() && op == Op::Or && self.keeps_left(op, b, a) {
            return b;
        }
        let level = self.level(a);
        let base = self.open();
        let (mut i, mut j) = (edges_a.start, edges_b.start);
        while i < edges_a.end && j < edges_b.end {
            let (last_a, last_b) = (self.bounds[i], self.bounds[j]);
            let (child_a, child_b) = (self.children[i], self.children[j]);
            match op.step(child_a, child_b) {
                Step::FillLeft(filler) => {
                    self.push(base, last_a, filler);
                    i += 1;
                    j = self.skip(j, edges_b.end, last_a);
                }
                Step::FillRight(filler) => {
                    self.push(base, last_b, filler);
                    j += 1;
                    i = self.skip(i, edges_a.end, last_b);
                }
                Step::CopyRight => {
                    i += 1;
                    j = self.copy(base, j, edges_b.end, last_a);
                }
                Step::CopyLeft => {
                    j += 1;
                    i = self.copy(base, i, edges_a.end, last_b);
                }
                Step::Combine => {
                    let child = self.apply(op, child_a, child_b);
                    let last = last_a.min(last_b);
                    self.push(base, last, child);
                    i += usize::from(last_a == last);
                    j += usize::from(last_b == last);
                }
            }
        }
        self.seal(base, level)
    }

    /// Whether `op` (`Or` or `Minus`) leaves the large node `a` as it is: looks only where the
    /// small node `b` has something.
    fn keeps_left(&mut self, op: Op, a: PacketSet, b: PacketSet) -> bool {
        let (edges_a, edges_b) = (self.edges(a), self.edges(b));
        let (mut i, mut first) = (edges_a.start, 0);
        for j in edges_b {
            let (last, child_b) = (self.bounds[j], self.children[j]);
            if child_b != PacketSet::EMPTY {
                i = first_beyond(&self.bounds, i, edges_a.end, first);
                while i < edges_a.end {
                    let child_a = self.children[i];
                    if self.apply(op, child_a, child_b) != child_a {
                        return false;
                    }
                    if self.bounds[i] >= last {
                        break;
                    }
                    i += 1;
                }
            }
            first = last.wrapping_add(1);
        }
        true
    }

    /// The first edge from `from` on that ends after `last`.
    fn skip(&self, from: usize, end: usize, last: u128) -> usize {
        match last.checked_add(1) {
            Some(next) => first_beyond(&self.bounds, from, end, next),
            None => end,
        }
    }

    /// Copies edges from `from` on, cut off at `last`; returns the first edge that ends after it.
    fn copy(&mut self, base: usize, from: usize, end: usize, last: u128) -> usize {
        let beyond = self.skip(from, end, last);
        if from < beyond {
            self.push(base, self.bounds[from], self.children[from]);
            let rest = from + 1..beyond;
            self.pending
                .extend(self.bounds[rest.clone()].iter().copied().zip(self.children[rest].iter().copied()));
        }
        if beyond < end && (beyond == from || self.bounds[beyond - 1] < last) {
            self.push(base, last, self.children[beyond]);
        }
        beyond
    }

    /// Whether `op` (`And` or `Minus`) has a non-empty result. `barren` holds pairs known to have none.
    fn finds(&self, op: Op, a: PacketSet, b: PacketSet, barren: &mut FxHashSet<u64>) -> bool {
        if let Some(decided) = op.shortcut(a, b) {
            return decided != PacketSet::EMPTY;
        }
        let (a, b) = if op == Op::And && b < a { (b, a) } else { (a, b) };
        let key = pair(a, b);
        if barren.contains(&key) {
            return false;
        }
        let known = if op == Op::And { self.memo.and.get(&key) } else { self.memo.minus.get(&key) };
        if let Some(&known) = known {
            return known != PacketSet::EMPTY;
        }
        let found = match self.level(a).cmp(&self.level(b)) {
            std::cmp::Ordering::Less => {
                self.children[self.edges(a)].iter().any(|&child| self.finds(op, child, b, barren))
            }
            std::cmp::Ordering::Greater => {
                self.children[self.edges(b)].iter().any(|&child| self.finds(op, a, child, barren))
            }
            std::cmp::Ordering::Equal => self.finds_merged(op, a, b, barren),
        };
        if !found {
            barren.insert(key);
        }
        found
    }

    fn finds_merged(&self, op: Op, a: PacketSet, b: PacketSet, barren: &mut FxHashSet<u64>) -> bool {
        let (edges_a, edges_b) = (self.edges(a), self.edges(b));
        let (mut i, mut j) = (edges_a.start, edges_b.start);
        while i < edges_a.end && j < edges_b.end {
            let (last_a, last_b) = (self.bounds[i], self.bounds[j]);
            let (child_a, child_b) = (self.children[i], self.children[j]);
            match op.step(child_a, child_b) {
                Step::FillLeft(_) => {
                    i += 1;
                    j = self.skip(j, edges_b.end, last_a);
                }
                Step::FillRight(_) => {
                    j += 1;
                    i = self.skip(i, edges_a.end, last_b);
                }
                // The side copied is not empty, or the other side would have filled.
                Step::CopyLeft | Step::CopyRight => return true,
                Step::Combine => {
                    if self.finds(op, child_a, child_b, barren) {
                        return true;
                    }
                    let last = last_a.min(last_b);
                    i += usize::from(last_a == last);
                    j += usize::from(last_b == last);
                }
            }
        }
        false
    }
}

/// The key of a pair of sets in a memo table.
fn pair(a: PacketSet, b: PacketSet) -> u64 {
    u64::from(a.0) << 32 | u64::from(b.0)
}

/// The first position in `from..end` whose bound is at least `value`, found by galloping: the cost
/// is logarithmic in the distance.
fn first_beyond(bounds: &[u128], from: usize, end: usize, value: u128) -> usize {
    let (mut low, mut stride) = (from, 1);
    while low < end && bounds[low] < value {
        let probe = (low + stride).min(end);
        if probe == end || bounds[probe] >= value {
            return low + 1 + bounds[low + 1..probe].partition_point(|&bound| bound < value);
        }
        (low, stride) = (probe, stride * 2);
    }
    low
}
