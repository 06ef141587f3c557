//! A name in the index of domain lists.

use crate::{hash::Hash, pattern::Kind};

/// A name that some entries have, or the text after their star.
///
/// PERF: says by itself whether it is the name that is looked up, and of which list the only entry is that has it,
/// so that few places in memory are looked at one after the other (`tests/speed.rs`).
pub(super) struct Listed {
    /// Where the name stands in the text of the first entry that has it.
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

impl Listed {
    /// The name, in the letter case of the text.
    pub(super) fn name<'t>(&self, text: &'t str) -> &'t str {
        let start = self.offset as usize;
        text.get(start..start + usize::from(self.length)).unwrap_or_default()
    }

    /// Whether this is the name with that hash.
    pub(super) fn is(&self, text: &str, hash: Hash, name: &str) -> bool {
        let same = |own: &str| own == name || own.eq_ignore_ascii_case(name);
        self.tag == hash.tag() && usize::from(self.length) == name.len() && same(self.name(text))
    }
}
