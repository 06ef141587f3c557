//! The arena of packet sets.
//!
//! A set is an interval decision diagram: a node looks at one field and has one edge per interval
//! of values, in ascending order; edges lead to nodes of later fields or to one of two terminals.
//! Nodes are hash-consed and never change, so a 4-byte number names a set for good.
#![expect(
    clippy::indexing_slicing,
    reason = "node numbers come from `seal` alone and edge positions from the nodes; see the invariants of `Node`"
)]

mod algebra;
mod blocks;
mod check;
mod compile;
mod inspect;
mod list;
mod transfer;

use rustc_hash::FxHashMap;

use crate::field::Field;
use crate::layout::Layout;
use crate::matches::Match;

pub use blocks::Block;
pub use list::Rule;

/// The handle of a packet set in one [`HeaderSpace`].
///
/// INVARIANT: canonical: within one space (and its clones, for sets made before cloning) handles
/// are equal iff the sets are equal. Kept by `seal`; checked by [`HeaderSpace::check_invariants`].
/// The order of handles is arbitrary but total; it depends on what the space made before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PacketSet(u32);

impl PacketSet {
    const EMPTY: PacketSet = PacketSet(0);
    const EVERYTHING: PacketSet = PacketSet(1);

    fn is_terminal(self) -> bool {
        self.0 <= 1
    }
}

/// The level of both terminals: below every field.
const BOTTOM: u8 = 10;
const _: () = assert!(Field::COUNT == BOTTOM as usize, "levels are counted in a u8, one per field");

/// One diagram node; its edges are `start..start + len` in the edge arrays.
///
/// INVARIANT: at least two edges; upper bounds strictly ascending, the last one is the field's
/// maximum; neighbouring children differ; children have smaller numbers and later levels. Kept by
/// `push` and `seal`, checked by `check_invariants`.
#[derive(Clone, Copy, Debug)]
struct Node {
    start: usize,
    len: u32,
    hash: u32,
    level: u8,
}

/// Results of earlier operations. They stay correct for ever, since nodes never change.
#[derive(Clone, Debug, Default)]
struct Memo {
    and: FxHashMap<u64, PacketSet>,
    or: FxHashMap<u64, PacketSet>,
    minus: FxHashMap<u64, PacketSet>,
    exists: FxHashMap<u64, PacketSet>,
    mirror: FxHashMap<PacketSet, PacketSet>,
    lists: FxHashMap<Box<[u64]>, PacketSet>,
}

/// The arena that owns packet sets and computes with them.
///
/// Every operation is exact. Memory grows with the sets made and is freed with the space;
/// [`HeaderSpace::memo_clear`] frees the results remembered to answer repeated questions. A clone
/// copies a few flat tables and then goes its own way: handles made before are valid in both,
/// handles made later only where they were made. Handles of another space give wrong or empty
/// results (never a panic); use [`HeaderSpace::import`].
#[derive(Clone, Debug)]
pub struct HeaderSpace {
    layout: Layout,
    /// Per level, the greatest value of its field.
    tops: [u128; Field::COUNT],
    /// Per field, its level.
    levels: [u8; Field::COUNT],
    nodes: Vec<Node>,
    bounds: Vec<u128>,
    children: Vec<PacketSet>,
    /// Open-addressing table of node numbers, 0 is free. Length is a power of two.
    unique: Vec<u32>,
    memo: Memo,
    /// Edges of nodes under construction, innermost last.
    pending: Vec<(u128, PacketSet)>,
    well_formed: PacketSet,
}

impl Default for HeaderSpace {
    fn default() -> HeaderSpace {
        HeaderSpace::new()
    }
}

impl HeaderSpace {
    /// Returns a space with the fields of [`Field::ALL`] at their full widths.
    pub fn new() -> HeaderSpace {
        HeaderSpace::with_layout(Layout::default())
    }

    /// Returns a space with other field widths or another field order.
    ///
    /// Sets then hold packets whose values fit those widths; terms are read within them.
    pub fn with_layout(layout: Layout) -> HeaderSpace {
        let order = layout.order();
        let mut levels = [BOTTOM; Field::COUNT];
        for (level, field) in (0_u8..).zip(order) {
            levels[field.index()] = level;
        }
        let terminal = Node { start: 0, len: 0, hash: 0, level: BOTTOM };
        let mut space = HeaderSpace {
            tops: order.map(|field| layout.max(field)),
            levels,
            layout,
            nodes: vec![terminal, terminal],
            bounds: Vec::new(),
            children: Vec::new(),
            unique: vec![0; 64],
            memo: Memo::default(),
            pending: Vec::new(),
            well_formed: PacketSet::EMPTY,
        };
        space.well_formed = space.compile(&Match::well_formed());
        space
    }

    /// Returns the field order and widths of this space.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Returns the set without packets.
    pub fn empty(&self) -> PacketSet {
        PacketSet::EMPTY
    }

    /// Returns the set of all packets, ill-formed ones too.
    pub fn everything(&self) -> PacketSet {
        PacketSet::EVERYTHING
    }

    /// Returns the set of the packets that can exist; see
    /// [`Packet::is_well_formed`](crate::Packet::is_well_formed).
    pub fn well_formed(&self) -> PacketSet {
        self.well_formed
    }

    /// Whether `set` holds no packet. Takes constant time.
    pub fn is_empty(&self, set: PacketSet) -> bool {
        set == PacketSet::EMPTY
    }

    /// Returns the number of diagram nodes made so far, both terminals included: a measure of
    /// work that is the same on every machine.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Forgets remembered results. Sets stay valid; repeated questions cost their full price again.
    pub fn memo_clear(&mut self) {
        self.memo = Memo::default();
    }

    // ---- diagram access -------------------------------------------------------------------

    /// `set`, or the empty set if no such node exists here: a handle of another space.
    ///
    /// Everything that could put a handle into a node calls this first; a number that comes to
    /// life later would make a cycle.
    fn own(&self, set: PacketSet) -> PacketSet {
        if (set.0 as usize) < self.nodes.len() { set } else { PacketSet::EMPTY }
    }

    fn node(&self, set: PacketSet) -> Node {
        self.nodes.get(set.0 as usize).copied().unwrap_or(self.nodes[0])
    }

    fn level(&self, set: PacketSet) -> u8 {
        self.node(set).level
    }

    fn level_of(&self, field: Field) -> u8 {
        self.levels[field.index()]
    }

    /// The field of `level`; callers never pass `BOTTOM`.
    fn field_at(&self, level: u8) -> Field {
        self.layout.order()[usize::from(level)]
    }

    fn top(&self, level: u8) -> u128 {
        self.tops[usize::from(level)]
    }

    /// Positions of a node's edges in the edge arrays.
    fn edges(&self, set: PacketSet) -> std::ops::Range<usize> {
        let node = self.node(set);
        node.start..node.start + node.len as usize
    }

    /// A node's edges as (first value, last value, child).
    fn segments(&self, set: PacketSet) -> impl Iterator<Item = (u128, u128, PacketSet)> + '_ {
        let edges = self.edges(set);
        let mut first = 0;
        self.bounds[edges.clone()].iter().zip(&self.children[edges]).map(move |(&last, &child)| {
            let segment = (first, last, child);
            first = last.wrapping_add(1);
            segment
        })
    }

    /// The child of `set` for `value` of the field at `level`, and the last value with that child.
    /// `set` may skip the level.
    fn child_at(&self, set: PacketSet, level: u8, value: u128) -> (PacketSet, u128) {
        if self.level(set) != level {
            return (set, self.top(level));
        }
        let edges = self.edges(set);
        let at = edges.start + self.bounds[edges.clone()].partition_point(|&bound| bound < value);
        // Values beyond the field's maximum cannot be in the set.
        if at < edges.end { (self.children[at], self.bounds[at]) } else { (PacketSet::EMPTY, u128::MAX) }
    }

    // ---- diagram construction -------------------------------------------------------------

    /// Begins a node; give the result to `push` and `seal`.
    fn open(&self) -> usize {
        self.pending.len()
    }

    /// Appends the edge that ends at `last`, joining it with an equal neighbour.
    fn push(&mut self, base: usize, last: u128, child: PacketSet) {
        match self.pending.get_mut(base..).and_then(<[_]>::last_mut) {
            Some(previous) if previous.1 == child => previous.0 = last,
            _ => self.pending.push((last, child)),
        }
    }

    /// Ends the node begun by `open`: finds it or makes it.
    fn seal(&mut self, base: usize, level: u8) -> PacketSet {
        let set = match self.pending.get(base..) {
            Some([]) | None => PacketSet::EMPTY,
            Some(&[(_, only)]) => only,
            Some(_) => self.intern(base, level),
        };
        self.pending.truncate(base);
        set
    }

    fn intern(&mut self, base: usize, level: u8) -> PacketSet {
        let hash = hash_of(level, self.pending[base..].iter().copied());
        let mask = self.unique.len() - 1;
        let mut slot = hash as usize & mask;
        while self.unique[slot] != 0 {
            let candidate = PacketSet(self.unique[slot]);
            if self.is_node(candidate, hash, level, &self.pending[base..]) {
                return candidate;
            }
            slot = (slot + 1) & mask;
        }
        let edges = &self.pending[base..];
        let number = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        let start = self.bounds.len();
        self.bounds.extend(edges.iter().map(|&(last, _)| last));
        self.children.extend(edges.iter().map(|&(_, child)| child));
        let len = u32::try_from(edges.len()).unwrap_or(u32::MAX);
        self.nodes.push(Node { start, len, hash, level });
        self.unique[slot] = number;
        if self.nodes.len() * 2 > self.unique.len() {
            self.grow();
        }
        PacketSet(number)
    }

    fn is_node(&self, set: PacketSet, hash: u32, level: u8, edges: &[(u128, PacketSet)]) -> bool {
        let node = self.node(set);
        if node.hash != hash || node.level != level || node.len as usize != edges.len() {
            return false;
        }
        let at = self.edges(set);
        self.bounds[at.clone()]
            .iter()
            .zip(&self.children[at])
            .zip(edges)
            .all(|((bound, child), edge)| (*bound, *child) == *edge)
    }

    /// Doubles the unique table.
    fn grow(&mut self) {
        let mask = self.unique.len() * 2 - 1;
        let mut table = vec![0; mask + 1];
        for (number, node) in (0_u32..).zip(&self.nodes).skip(2) {
            let mut slot = node.hash as usize & mask;
            while table[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            table[slot] = number;
        }
        self.unique = table;
    }

    /// The packets of `inside` whose field at `level` is in `intervals` (canonical). Every node of
    /// `inside` lies below `level`.
    fn values(&mut self, level: u8, intervals: &[(u128, u128)], inside: PacketSet) -> PacketSet {
        let top = self.top(level);
        let base = self.open();
        let mut next = 0;
        let mut full = false;
        for &(first, last) in intervals.iter().take_while(|(first, _)| *first <= top) {
            if let Some(gap) = first.checked_sub(1).filter(|_| first > next) {
                self.push(base, gap, PacketSet::EMPTY);
            }
            self.push(base, last.min(top), inside);
            full = last >= top;
            next = last.saturating_add(1);
        }
        if !full {
            self.push(base, top, PacketSet::EMPTY);
        }
        self.seal(base, level)
    }
}

/// Hash of a node's content.
fn hash_of(level: u8, edges: impl Iterator<Item = (u128, PacketSet)>) -> u32 {
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = u64::from(level);
    for (last, child) in edges {
        #[expect(clippy::cast_possible_truncation, reason = "both halves of the bound are mixed in")]
        let (low, high) = (last as u64, (last >> 64) as u64);
        let mixed = low ^ high.rotate_left(29) ^ (u64::from(child.0) << 20).rotate_left(17);
        hash = (hash.rotate_left(5) ^ mixed).wrapping_mul(MULTIPLIER);
    }
    #[expect(clippy::cast_possible_truncation, reason = "a hash may lose bits")]
    let folded = (hash ^ (hash >> 32)) as u32;
    folded
}
