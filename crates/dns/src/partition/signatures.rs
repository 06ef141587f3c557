//! Sets of lists that have some names in common.

use rustc_hash::FxHashMap;

use crate::lists::How;

/// Which lists have the names of a class, by slot, ascending, and in which sense.
type Signature = [(u32, How)];

/// Sets of lists, each stored once.
pub(super) struct Signatures {
    all: Vec<Box<Signature>>,
    numbers: FxHashMap<Box<Signature>, u32>,
    unions: FxHashMap<(u32, u32), u32>,
}

impl Default for Signatures {
    /// Number 0 is the empty one.
    fn default() -> Signatures {
        let empty: Box<Signature> = Box::new([]);
        let numbers = FxHashMap::from_iter([(empty.clone(), 0)]);
        Signatures { all: vec![empty], numbers, unions: FxHashMap::default() }
    }
}

impl Signatures {
    /// Returns how many there are; they are numbered from 0.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Returns the lists of a signature, ascending.
    pub(super) fn lists(&self, signature: u32) -> &Signature {
        self.all.get(signature as usize).map_or(&[], |all| all)
    }

    /// Adds lists to a signature; the strongest sense counts.
    pub(super) fn with(&mut self, signature: u32, own: &mut Vec<(u32, How)>) -> u32 {
        if own.is_empty() {
            return signature;
        }
        sort(own);
        let added = self.number(own);
        if signature == 0 {
            return added;
        }
        if let Some(known) = self.unions.get(&(signature, added)) {
            return *known;
        }
        own.extend_from_slice(self.all.get(signature as usize).map_or(&[], |all| all));
        sort(own);
        let union = self.number(own);
        self.unions.insert((signature, added), union);
        union
    }

    fn number(&mut self, signature: &Signature) -> u32 {
        if let Some(known) = self.numbers.get(signature) {
            return *known;
        }
        let number = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.all.push(signature.into());
        self.numbers.insert(signature.into(), number);
        number
    }
}

/// Brings lists into order, each once, in the strongest sense.
fn sort(lists: &mut Vec<(u32, How)>) {
    lists.sort_unstable_by_key(|&(slot, how)| (slot, std::cmp::Reverse(how)));
    lists.dedup_by_key(|(slot, _)| *slot);
}
