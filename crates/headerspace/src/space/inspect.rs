//! Reading sets: members, examples, projections, sizes; copying between spaces.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{BOTTOM, HeaderSpace, PacketSet};
use crate::field::Field;
use crate::packet::{ICMP, ICMPV6, Packet, TCP, UDP};
use crate::ranges::Ranges;

impl HeaderSpace {
    /// Whether `packet` is in `set`. Takes one binary search per field.
    pub fn contains(&self, set: PacketSet, packet: &Packet) -> bool {
        let mut at = set;
        for (level, field) in (0_u8..).zip(self.layout.order()) {
            let value = packet.get(field);
            if value > self.top(level) {
                return false;
            }
            at = self.child_at(at, level, value).0;
        }
        at == PacketSet::EVERYTHING
    }

    /// Returns a member of `set`, or `None` if there is none. Depends on the set alone.
    ///
    /// A well-formed member if there is one, with the lowest addresses; among those preferably TCP,
    /// else UDP, else ICMP; preferably an echo request or with a source port from 49152 and a
    /// destination port other than 0. Otherwise values are the lowest.
    pub fn sample(&self, set: PacketSet) -> Option<Packet> {
        if set == PacketSet::EMPTY {
            return None;
        }
        let unspecified = std::net::Ipv4Addr::UNSPECIFIED.into();
        let mut packet = Packet::other(unspecified, unspecified, 0);
        let within = if self.overlaps(set, self.well_formed) { self.well_formed } else { set };
        let (mut at, mut within) = (set, within);
        for (level, field) in (0_u8..).zip(self.layout.order()) {
            let everywhere = (0, self.top(level));
            let found = friendly(field)
                .iter()
                .chain([&everywhere])
                .find_map(|&(first, last)| self.common_value(at, within, level, first, last));
            let (value, children) = found?;
            packet.set(field, value);
            (at, within) = children;
        }
        Some(packet)
    }

    /// Returns the values that `field` has in members of `set`.
    pub fn project(&self, set: PacketSet, field: Field) -> Ranges {
        let level = self.level_of(field);
        let (mut seen, mut open, mut intervals) = (FxHashSet::default(), vec![set], Vec::new());
        while let Some(at) = open.pop() {
            if at == PacketSet::EMPTY || !seen.insert(at) {
                continue;
            }
            match self.level(at).cmp(&level) {
                std::cmp::Ordering::Less => open.extend(self.segments(at).map(|(_, _, child)| child)),
                std::cmp::Ordering::Equal => intervals.extend(
                    self.segments(at)
                        .filter(|&(_, _, child)| child != PacketSet::EMPTY)
                        .map(|(first, last, _)| first..=last),
                ),
                std::cmp::Ordering::Greater => return Ranges::range(0..=self.top(level)),
            }
        }
        intervals.into_iter().collect()
    }

    /// Returns the number of packets in `set`, rounded as `f64` rounds (exact up to 2^53).
    pub fn count(&self, set: PacketSet) -> f64 {
        self.count_from(set, 0, &mut FxHashMap::default())
    }

    /// Returns the handle in this space of `set`, which belongs to `other`.
    ///
    /// Values that do not fit the layout of this space are lost.
    pub fn import(&mut self, other: &HeaderSpace, set: PacketSet) -> PacketSet {
        if self.layout == other.layout {
            self.import_nodes(other, set, &mut FxHashMap::default())
        } else {
            let sets: Vec<PacketSet> = other.blocks(set).iter().map(|block| self.from_block(block)).collect();
            self.any_of(sets)
        }
    }

    /// The least value in `first..=last` at `level` for which both sets go on together, and what
    /// they become there.
    fn common_value(
        &self,
        a: PacketSet,
        b: PacketSet,
        level: u8,
        first: u128,
        last: u128,
    ) -> Option<(u128, (PacketSet, PacketSet))> {
        let last = last.min(self.top(level));
        let mut value = first;
        while value <= last {
            let ((child_a, last_a), (child_b, last_b)) =
                (self.child_at(a, level, value), self.child_at(b, level, value));
            if self.overlaps(child_a, child_b) {
                return Some((value, (child_a, child_b)));
            }
            value = last_a.min(last_b).checked_add(1)?;
        }
        None
    }

    fn count_from(&self, set: PacketSet, level: u8, known: &mut FxHashMap<PacketSet, f64>) -> f64 {
        let own = self.level(set);
        let skipped: f64 = (level..own).map(|level| self.size(0, self.top(level))).product();
        if own == BOTTOM {
            return if set == PacketSet::EMPTY { 0.0 } else { skipped };
        }
        let below = if let Some(&below) = known.get(&set) {
            below
        } else {
            let below = self
                .segments(set)
                .map(|(first, last, child)| self.size(first, last) * self.count_from(child, own + 1, known))
                .sum();
            known.insert(set, below);
            below
        };
        skipped * below
    }

    #[expect(clippy::cast_precision_loss, clippy::unused_self, reason = "the count is documented as rounded")]
    fn size(&self, first: u128, last: u128) -> f64 {
        (last - first) as f64 + 1.0
    }

    fn import_nodes(
        &mut self,
        other: &HeaderSpace,
        set: PacketSet,
        known: &mut FxHashMap<PacketSet, PacketSet>,
    ) -> PacketSet {
        if set.is_terminal() {
            return set;
        }
        if let Some(&known) = known.get(&set) {
            return known;
        }
        let base = self.open();
        for (_, last, child) in other.segments(set) {
            let child = self.import_nodes(other, child, known);
            self.push(base, last, child);
        }
        let copy = self.seal(base, other.level(set));
        known.insert(set, copy);
        copy
    }
}

/// Values a reader likes to see in an example, best first.
fn friendly(field: Field) -> &'static [(u128, u128)] {
    const PROTOCOLS: [(u128, u128); 4] = [
        (TCP as u128, TCP as u128),
        (UDP as u128, UDP as u128),
        (ICMP as u128, ICMP as u128),
        (ICMPV6 as u128, ICMPV6 as u128),
    ];
    match field {
        Field::Protocol => &PROTOCOLS,
        Field::SrcPort => &[(49_152, 65_535)],
        Field::DstPort => &[(1, 65_535)],
        Field::IcmpType => &[(8, 8), (128, 128)],
        Field::Family | Field::DstIp | Field::SrcIp | Field::IcmpCode | Field::Identity | Field::Phase => &[],
    }
}
