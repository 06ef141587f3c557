//! From terms to sets and back.
#![expect(clippy::indexing_slicing, reason = "arrays of length Field::COUNT, indexed by Field::index()")]

use super::{BOTTOM, HeaderSpace, PacketSet};
use crate::field::Field;
use crate::matches::Match;
use crate::ranges::Ranges;

impl HeaderSpace {
    /// Returns the packets that `term` accepts, ill-formed ones too.
    pub fn compile(&mut self, term: &Match) -> PacketSet {
        match term {
            Match::All => PacketSet::EVERYTHING,
            Match::In(field, values) => {
                self.values(self.level_of(*field), values.pairs(), PacketSet::EVERYTHING)
            }
            Match::Not(inner) => {
                let inner = self.compile(inner);
                self.not(inner)
            }
            Match::AllOf(parts) => self.compile_all_of(parts),
            Match::AnyOf(parts) => {
                let sets: Vec<PacketSet> = parts.iter().map(|part| self.compile(part)).collect();
                self.any_of(sets)
            }
        }
    }

    /// Conjunctions are mostly products of per-field values: those are built without any algebra.
    fn compile_all_of(&mut self, parts: &[Match]) -> PacketSet {
        let mut product: [Option<Ranges>; Field::COUNT] = Default::default();
        let mut others = Vec::new();
        split(parts, &mut product, &mut others);
        let mut set = self.product(|field| product[field.index()].as_ref());
        let (denied, others): (Vec<&Match>, Vec<&Match>) =
            others.into_iter().partition(|part| matches!(part, Match::Not(_)));
        let others: Vec<PacketSet> = others.into_iter().map(|part| self.compile(part)).collect();
        for other in others {
            set = self.and(set, other);
        }
        let denied: Vec<PacketSet> = denied
            .into_iter()
            .filter_map(|part| if let Match::Not(inner) = part { Some(self.compile(inner)) } else { None })
            .collect();
        for other in denied {
            set = self.minus(set, other);
        }
        set
    }

    /// The packets whose fields have the given values; fields without any restriction are `None`.
    pub(super) fn product<'a>(&mut self, values: impl Fn(Field) -> Option<&'a Ranges>) -> PacketSet {
        let mut set = PacketSet::EVERYTHING;
        for (level, field) in (0..BOTTOM).zip(self.layout.order()).rev() {
            if let Some(values) = values(field) {
                set = self.values(level, values.pairs(), set);
            }
        }
        set
    }
}

/// Sorts the parts of a conjunction, nested ones too, into per-field values and the rest.
fn split<'a>(parts: &'a [Match], product: &mut [Option<Ranges>; Field::COUNT], others: &mut Vec<&'a Match>) {
    let mut restrict = |field: Field, values: Ranges| {
        let slot = &mut product[field.index()];
        *slot = Some(match slot {
            Some(before) => before.intersect(&values),
            None => values,
        });
    };
    let mut nested = Vec::new();
    for part in parts {
        match part {
            Match::All => {}
            Match::In(field, values) => restrict(*field, values.clone()),
            Match::Not(inner) => match &**inner {
                Match::In(field, values) => restrict(*field, values.complement((*field).max())),
                _ => others.push(part),
            },
            Match::AllOf(inner) => nested.push(inner),
            Match::AnyOf(_) => others.push(part),
        }
    }
    for inner in nested {
        split(inner, product, others);
    }
}
