//! Entries with a star and no dot, by where they are in the tree of labels.

use hashbrown::HashTable;
use rustc_hash::FxHashMap;

use super::label_tree::NodeId;
use crate::{hash::Rolling, lists::How, pattern::is_within_escape};

/// How labels end that entries with a star and no dot mention, by the node below which the labels are.
#[derive(Default)]
pub(super) struct Endings<'a> {
    nodes: FxHashMap<NodeId, AtNode<'a>>,
}

/// The endings at one node.
#[derive(Default)]
pub(super) struct AtNode<'a> {
    all: Vec<Ending<'a>>,
    /// Their numbers, by the hashes of their texts.
    numbers: HashTable<u32>,
    /// Which lengths they have: a bit each, the last for all greater ones.
    lengths: u64,
}

/// An ending.
struct Ending<'a> {
    /// In any letter case.
    text: &'a str,
    hash: Rolling,
    /// The lists that mention it.
    slots: Vec<u32>,
}

impl<'a> Endings<'a> {
    /// Enters an ending that a list mentions.
    pub(super) fn insert(&mut self, node: NodeId, text: &'a str, slot: u32) {
        let at = self.nodes.entry(node).or_default();
        let hash = text.bytes().rev().fold(Rolling::default(), Rolling::before);
        let number = at.number(text, hash).unwrap_or_else(|| {
            let number = u32::try_from(at.all.len()).unwrap_or(u32::MAX);
            at.all.push(Ending { text, hash, slots: Vec::new() });
            let rehash = |number: &u32| at.all.get(*number as usize).map_or(0, |ending| ending.hash.bits());
            at.numbers.insert_unique(hash.bits(), number, rehash);
            at.lengths |= bit(text.len());
            number
        });
        at.all.get_mut(number as usize).into_iter().for_each(|ending| ending.slots.push(slot));
    }

    /// Returns the endings at a node, if there are any.
    pub(super) fn at(&self, node: NodeId) -> Option<&AtNode<'a>> {
        self.nodes.get(&node)
    }
}

impl AtNode<'_> {
    /// Returns the number of different endings.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Returns an ending by its number, from 0, in any letter case.
    pub(super) fn text(&self, number: u32) -> Option<&str> {
        self.all.get(number as usize).map(|ending| ending.text)
    }

    /// Returns the number of the longest ending that a label has. Costs a look-up for each octet of the label.
    pub(super) fn longest(&self, label: &str) -> Option<u32> {
        let mut longest = None;
        self.each(label, |number, _| longest = Some(number));
        longest
    }

    /// Adds the lists that mention an ending of this label, and in which sense they have names with it.
    pub(super) fn collect(&self, label: &str, into: &mut Vec<(u32, How)>) {
        self.each(label, |number, how| {
            let slots = self.all.get(number as usize).into_iter().flat_map(|ending| &ending.slots);
            into.extend(slots.map(|slot| (*slot, how)));
        });
    }

    fn number(&self, text: &str, hash: Rolling) -> Option<u32> {
        let is_it = |number: &u32| {
            let ending = self.all.get(*number as usize);
            ending.is_some_and(|ending| ending.hash == hash && ending.text.eq_ignore_ascii_case(text))
        };
        self.numbers.find(hash.bits(), is_it).copied()
    }

    /// Shows the endings of a label, the shortest first.
    fn each(&self, label: &str, mut found: impl FnMut(u32, How)) {
        let mut hash = Rolling::default();
        for (start, byte) in label.bytes().enumerate().rev() {
            hash = hash.before(byte);
            if self.lengths & bit(label.len() - start) == 0 {
                continue;
            }
            let Some((head, ending)) = label.split_at_checked(start) else { continue };
            if let Some(number) = self.number(ending, hash).filter(|_| !is_within_escape(head)) {
                found(number, if head.is_empty() { How::Within } else { How::Suffix });
            }
        }
    }
}

fn bit(length: usize) -> u64 {
    1 << length.min(63)
}
