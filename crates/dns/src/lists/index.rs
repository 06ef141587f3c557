//! An index of the names in domain lists.

use hashbrown::{HashTable, hash_table::Entry};

use crate::{hash::Hash, pattern::Kind};

/// Names of entries, or the texts after their star, each once.
pub(super) struct Index {
    names: HashTable<Listed>,
}

/// A name that some entries have, or the text after their star.
///
/// PERF: says by itself whether it is the name that is looked up, and of which list the only entry is that has it,
/// so that few places in memory are looked at one after the other.
pub(super) struct Listed {
    /// Where the name stands in the text of an entry that has it.
    pub(super) offset: u32,
    // INVARIANT: the others follow by `Entry::next`, in ascending order.
    pub(super) first: u32,
    /// The list of the first, or `NONE` if there are others.
    pub(super) only: u32,
    /// A part of the name's hash.
    pub(super) tag: u16,
    pub(super) length: u8,
    /// Which kinds of entries have the name.
    pub(super) kinds: Kinds,
}

/// A set of kinds, a bit each.
#[derive(Clone, Copy)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub(super) fn of(kind: Kind) -> Kinds {
        Kinds(1 << kind as u8)
    }

    pub(super) fn union(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    pub(super) fn contains(self, kind: Kind) -> bool {
        self.0 & Kinds::of(kind).0 != 0
    }
}

/// Which numbers of labels names have, by kind: a bit each, the last for all greater ones.
#[derive(Default)]
pub(super) struct Labels {
    exact: u64,
    below: u64,
}

impl Labels {
    pub(super) fn insert(&mut self, kind: Kind, name: &str) {
        let labels = name.split('.').filter(|label| !label.is_empty()).count();
        let labels = u32::try_from(labels).unwrap_or(u32::MAX);
        match kind {
            Kind::Exact => self.exact |= bit(labels),
            Kind::Below => self.below |= bit(labels),
            Kind::Tail | Kind::Nothing => {}
        }
    }

    /// Whether a name of a kind can have so many labels.
    pub(super) fn contains(&self, kind: Kind, labels: u32) -> bool {
        let all = if kind == Kind::Exact { self.exact } else { self.below };
        all & bit(labels) != 0
    }

    /// No name has more labels.
    pub(super) fn most(&self) -> u32 {
        match 63_u32.saturating_sub((self.exact | self.below).leading_zeros()) {
            63 => u32::MAX,
            most => most,
        }
    }
}

fn bit(labels: u32) -> u64 {
    1 << labels.min(63)
}

impl Listed {
    /// The name, in the letter case of the text.
    fn name<'t>(&self, text: &'t str) -> &'t str {
        let start = self.offset as usize;
        text.get(start..start + usize::from(self.length)).unwrap_or_default()
    }

    /// Whether this is the name with that hash.
    fn is(&self, text: &str, hash: Hash, name: &str) -> bool {
        let same = |own: &str| own == name || own.eq_ignore_ascii_case(name);
        self.tag == hash.tag() && usize::from(self.length) == name.len() && same(self.name(text))
    }
}

impl Index {
    /// Makes room for so many names.
    pub(super) fn with_room_for(names: usize) -> Index {
        Index { names: HashTable::with_capacity(names) }
    }

    /// Finds a name, with its hash, in any letter case.
    pub(super) fn find(&self, text: &str, hash: Hash, name: &str) -> Option<&Listed> {
        self.names.find(hash.bits(), |known| known.is(text, hash, name))
    }

    /// Enters a name, unless it is there: then returns it to be changed.
    pub(super) fn insert(&mut self, text: &str, hash: Hash, name: &str, new: Listed) -> Option<&mut Listed> {
        let rehash = |listed: &Listed| Hash::of(listed.name(text).as_bytes()).bits();
        match self.names.entry(hash.bits(), |known| known.is(text, hash, name), rehash) {
            Entry::Occupied(known) => Some(known.into_mut()),
            Entry::Vacant(place) => {
                place.insert(new);
                None
            }
        }
    }

    /// Returns how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.names.allocation_size()
    }
}
