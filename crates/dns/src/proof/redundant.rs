//! Entries that do nothing, and entries that do only half of what is usually meant.

use crate::{DomainLists, DomainName, EntryId, ListId, lists::How, pattern::Kind};

/// An entry without which its list has the same names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RedundantEntry {
    /// The entry.
    pub entry: EntryId,
    /// Why.
    pub redundancy: Redundancy,
}

/// Why an entry is redundant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Redundancy {
    /// An earlier entry says the same.
    Repeats(EntryId),
    /// A wildcard takes all its names.
    Covered(EntryId),
    /// No domain name is so long.
    NoName,
}

/// An entry that names a domain without what is below it, or the reverse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HalfEntry {
    /// The entry.
    pub entry: EntryId,
    /// What its list lacks.
    pub missing: Missing,
}

/// The other half of a domain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Missing {
    /// The names below: there is `x`, but not `*.x`.
    Below,
    /// The domain itself: there is `*.x`, but not `x`.
    Itself,
}

/// What stands in a list about a name.
#[derive(Default)]
struct Standing {
    /// A wildcard that takes the name and all below it.
    above: Option<EntryId>,
    /// The first entry that is the name.
    exact: Option<EntryId>,
    /// The first entry that is a wildcard for names below it.
    below: Option<EntryId>,
}

impl DomainLists {
    /// Returns the entries of a list that could be left out, one by one or all together, in order.
    ///
    /// Entries with a star and no dot, whose meaning is not known, neither are redundant nor make others so.
    /// Linear in the number of entries.
    pub fn redundant_entries(&self, list: ListId) -> Vec<RedundantEntry> {
        let redundant = self.entries(list).filter_map(|entry| {
            let (kind, name) = self.shape(entry)?;
            let same = |standing: &Standing| match kind {
                Kind::Below => standing.below,
                Kind::Exact | Kind::Tail | Kind::Nothing => standing.exact,
            };
            let redundancy = match kind {
                Kind::Tail => return None,
                Kind::Nothing => Redundancy::NoName,
                Kind::Exact | Kind::Below => {
                    let standing = self.standing(list, name)?;
                    match (standing.above, same(&standing)) {
                        (Some(above), _) => Redundancy::Covered(above),
                        (None, Some(first)) if first != entry => Redundancy::Repeats(first),
                        _ => return None,
                    }
                }
            };
            Some(RedundantEntry { entry, redundancy })
        });
        redundant.collect()
    }

    /// Returns the entries of a list that take a domain without the names below it, or only those, in order.
    ///
    /// Entries that repeat others or are covered by them are left out. Linear in the number of entries.
    pub fn half_entries(&self, list: ListId) -> Vec<HalfEntry> {
        let halves = self.entries(list).filter_map(|entry| {
            let (kind, name) = self.shape(entry)?;
            let standing = self.standing(list, name).filter(|_| !name.is_empty())?;
            let missing = match (kind, standing.exact, standing.below) {
                _ if standing.above.is_some() => return None,
                (Kind::Exact, Some(first), None) if first == entry => Missing::Below,
                (Kind::Below, None, Some(first)) if first == entry => Missing::Itself,
                _ => return None,
            };
            Some(HalfEntry { entry, missing })
        });
        halves.collect()
    }

    fn standing(&self, list: ListId, name: &str) -> Option<Standing> {
        let name: DomainName = if name.is_empty() { DomainName::root() } else { name.parse().ok()? };
        let mut standing = Standing::default();
        self.each_hit(&name, |hit| {
            let entry = EntryId(hit.entry);
            if hit.list != list.0 {
                return;
            }
            match self.shape(entry) {
                Some((Kind::Exact, _)) => standing.exact = standing.exact.or(Some(entry)),
                Some((Kind::Below, _)) if hit.how == How::Certain => standing.above = Some(entry),
                _ => {}
            }
        });
        standing.below = self.wildcard(list, &name);
        Some(standing)
    }
}
