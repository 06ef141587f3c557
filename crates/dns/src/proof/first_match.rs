//! What becomes of a query, by what is unknown.

use super::compare::{By, Effect, Relation};
use crate::firewall::Predicate;

/// Something unknown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Unknown<'f> {
    /// Whether only the second of two firewalls knows it.
    pub(super) is_foreign: bool,
    pub(super) predicate: &'f Predicate,
}

/// What has to be true, all of it.
pub(super) type Condition<'f> = Vec<Unknown<'f>>;

/// Conditions with the effect if they are true, the first that is true counts.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct FirstMatch<'f> {
    pub(super) rows: Vec<(Condition<'f>, Effect<'f>)>,
    /// The effect if no condition is true.
    pub(super) last: Effect<'f>,
}

/// Up to so many unknowns, all truths are tried.
const TRIED: usize = 8;

impl<'f> FirstMatch<'f> {
    /// How the effects of two stand, equal ones the same. Exact if there are few unknowns; otherwise `MayDiffer` also if they
    /// always differ, or are the same for an involved reason.
    pub(super) fn relation(self, other: FirstMatch<'f>, by: By) -> Relation {
        let mut unknowns: Vec<Unknown<'f>> = Vec::new();
        for (condition, _) in self.rows.iter().chain(&other.rows) {
            unknowns.extend(condition);
        }
        unknowns.sort_by_cached_key(|unknown| format!("{unknown:?}"));
        unknowns.dedup();
        if unknowns.len() > TRIED {
            let same = self.normal_form() == other.normal_form();
            return if same { Relation::Same } else { Relation::MayDiffer };
        }
        let mut relations = (0_u32..1 << unknowns.len()).map(|truth| {
            let is_true = |unknown: &Unknown<'_>| {
                unknowns
                    .iter()
                    .position(|other| other == unknown)
                    .is_some_and(|place| truth >> place & 1 == 1)
            };
            by(self.effect(is_true), other.effect(is_true))
        });
        match relations.next() {
            Some(first) if relations.any(|relation| relation != first) => Relation::MayDiffer,
            Some(relation) => relation,
            None => Relation::Same,
        }
    }

    /// The effect in one truth.
    fn effect(&self, is_true: impl Fn(&Unknown<'_>) -> bool) -> Effect<'f> {
        let row = self.rows.iter().find(|(condition, _)| condition.iter().all(&is_true));
        row.map_or(self.last, |(_, effect)| *effect)
    }

    /// An equivalent list, in which conditions in a row with one effect are sorted, as they can change places,
    /// and without the last ones if they change nothing.
    fn normal_form(mut self) -> FirstMatch<'f> {
        while self.rows.pop_if(|(_, effect)| *effect == self.last).is_some() {}
        for row in self.rows.chunk_by_mut(|(_, effect), (_, next)| effect == next) {
            row.sort_by_cached_key(|(condition, _)| format!("{condition:?}"));
        }
        self
    }
}
