//! Sets through rewrites, and sets of replies.

use super::{BOTTOM, HeaderSpace, PacketSet};
use crate::field::{Family, Field};
use crate::matches::Match;
use crate::packet::{ICMP, ICMP_REPLIES, ICMPV6, ICMPV6_REPLIES};
use crate::ranges::Ranges;
use crate::rewrite::Rewrite;

impl HeaderSpace {
    /// Returns every packet that `rewrite` can make of a member of `set`.
    ///
    /// Exact: `after` is in the result iff [`Rewrite::allows`] holds for some `before` in `set`.
    pub fn image(&mut self, set: PacketSet, rewrite: &Rewrite) -> PacketSet {
        if rewrite.is_identity() {
            return set;
        }
        let free = self.exists_all(set, self.assigned_levels(rewrite));
        let allowed = self.allowed(rewrite);
        self.and(free, allowed)
    }

    /// Returns the packets that `rewrite` can turn into a member of `set`, for at least one of the
    /// values it may choose.
    ///
    /// Exact: `before` is in the result iff [`Rewrite::allows`] holds for some `after` in `set`.
    pub fn preimage(&mut self, set: PacketSet, rewrite: &Rewrite) -> PacketSet {
        if rewrite.is_identity() {
            return set;
        }
        let allowed = self.allowed(rewrite);
        let hit = self.and(set, allowed);
        self.exists_all(hit, self.assigned_levels(rewrite))
    }

    /// Returns the packets that are in `set` for some value of `field`: the field no longer matters.
    pub fn exists(&mut self, set: PacketSet, field: Field) -> PacketSet {
        self.exists_all(set, 1 << self.level_of(field))
    }

    /// Returns the replies of the members of `set`; members without a
    /// [reply](crate::Packet::reply) contribute nothing.
    pub fn reverse(&mut self, set: PacketSet) -> PacketSet {
        let set = self.exists(set, Field::Identity);
        let icmp = self.icmp();
        let plain = self.minus(set, icmp);
        let mut parts = vec![self.mirror(plain)];
        for (family, protocol, query, reply) in exchanges() {
            let replies = self.retyped(set, family, protocol, query, reply);
            parts.push(self.mirror(replies));
        }
        let replies = self.any_of(parts);
        let anew = self.compile(&anew());
        self.and(replies, anew)
    }

    /// Returns all well-formed packets whose [reply](crate::Packet::reply) is in `set`.
    pub fn reverse_back(&mut self, set: PacketSet) -> PacketSet {
        let icmp = self.icmp();
        let anew = self.compile(&anew());
        let set = self.and(set, anew);
        let set = self.exists(set, Field::Identity);
        let mirrored = self.mirror(set);
        let mut parts = vec![self.minus(mirrored, icmp)];
        for (family, protocol, query, reply) in exchanges() {
            parts.push(self.retyped(mirrored, family, protocol, reply, query));
        }
        let senders = self.any_of(parts);
        self.and(senders, self.well_formed)
    }

    /// Returns the well-formed packets that have no [reply](crate::Packet::reply).
    pub fn without_reply(&mut self) -> PacketSet {
        let icmp = self.icmp();
        let queries: Vec<PacketSet> = exchanges()
            .map(|(family, protocol, query, _)| self.compile(&typed(family, protocol, query)))
            .collect();
        let queries = self.any_of(queries);
        let silent = self.minus(icmp, queries);
        self.and(silent, self.well_formed)
    }

    /// ICMP and ICMPv6, each in its family.
    fn icmp(&mut self) -> PacketSet {
        self.compile(&Match::any_of(
            [(Family::V4, ICMP), (Family::V6, ICMPV6)]
                .map(|(family, protocol)| Match::all_of([Match::family(family), Match::protocol(protocol)])),
        ))
    }

    /// The members of `set` with ICMP type `from`, given type `to` instead.
    fn retyped(&mut self, set: PacketSet, family: Family, protocol: u8, from: u8, to: u8) -> PacketSet {
        let before = self.compile(&typed(family, protocol, from));
        let before = self.and(set, before);
        self.image(before, &Rewrite::identity().assign(Field::IcmpType, Ranges::single(to.into())))
    }

    /// `set` with source and destination exchanged, fields otherwise unchanged.
    fn mirror(&mut self, set: PacketSet) -> PacketSet {
        let level = self.level(set);
        if level == BOTTOM {
            return set;
        }
        if let Some(&known) = self.memo.mirror.get(&set) {
            return known;
        }
        let field = self.field_at(level);
        let target = self.level_of(field.mirror());
        let mut parts = Vec::new();
        for (child, values) in self.children_by_values(set) {
            let child = self.mirror(child);
            let below = self.level(child) > target;
            let inside = if below { child } else { PacketSet::EVERYTHING };
            let part = self.values(target, values.pairs(), inside);
            parts.push(if below { part } else { self.and(part, child) });
        }
        // The parts are disjoint, but in general their common field is not on top any more.
        let result = self.any_of(parts);
        self.memo.mirror.insert(set, result);
        self.memo.mirror.insert(result, set);
        result
    }

    /// Makes the fields at the levels of `mask` irrelevant.
    fn exists_all(&mut self, set: PacketSet, mask: u64) -> PacketSet {
        let level = self.level(set);
        let mask = mask >> level << level;
        if mask == 0 || level == BOTTOM {
            return set;
        }
        let key = u64::from(set.0) << 32 | mask;
        if let Some(&known) = self.memo.exists.get(&key) {
            return known;
        }
        let result = if mask & (1 << level) == 0 {
            self.apply_each(set, level, |space, child| space.exists_all(child, mask))
        } else {
            let mut children: Vec<PacketSet> = self.segments(set).map(|(_, _, child)| child).collect();
            children.sort_unstable();
            children.dedup();
            let freed: Vec<PacketSet> =
                children.into_iter().map(|child| self.exists_all(child, mask)).collect();
            self.any_of(freed)
        };
        self.memo.exists.insert(key, result);
        result
    }

    fn assigned_levels(&self, rewrite: &Rewrite) -> u64 {
        rewrite.assignments().iter().fold(0, |mask, (field, _)| mask | 1 << self.level_of(*field))
    }

    /// The packets whose assigned fields hold allowed values.
    fn allowed(&mut self, rewrite: &Rewrite) -> PacketSet {
        self.product(|field| rewrite.values(field))
    }
}

/// What every reply has, whatever it replies to: a sender of its own.
fn anew() -> Match {
    Match::In(Field::Identity, Ranges::single(0))
}

/// Queries and replies as (family, protocol, query type, reply type).
fn exchanges() -> impl Iterator<Item = (Family, u8, u8, u8)> {
    let v4 = ICMP_REPLIES.into_iter().map(|(query, reply)| (Family::V4, ICMP, query, reply));
    let v6 = ICMPV6_REPLIES.into_iter().map(|(query, reply)| (Family::V6, ICMPV6, query, reply));
    v4.chain(v6)
}

fn typed(family: Family, protocol: u8, icmp_type: u8) -> Match {
    Match::all_of([
        Match::family(family),
        Match::protocol(protocol),
        Match::In(Field::IcmpType, Ranges::single(icmp_type.into())),
    ])
}
