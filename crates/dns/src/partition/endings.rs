//! Entries with a star and no dot, by where they are in the tree of labels.

use rustc_hash::FxHashMap;

use super::label_tree::NodeId;
use crate::{lists::How, pattern::is_within_escape};

/// How labels end that entries with a star and no dot mention, by the node below which the labels are.
#[derive(Default)]
pub(super) struct Endings {
    nodes: FxHashMap<NodeId, AtNode>,
}

/// The endings at one node.
#[derive(Default)]
pub(super) struct AtNode {
    /// Each ending in lower case, and the lists that mention it, by slot.
    all: Vec<(String, Vec<u32>)>,
    numbers: FxHashMap<String, u32>,
}

impl Endings {
    /// Enters an ending that a list mentions.
    pub(super) fn insert(&mut self, node: NodeId, ending: &str, slot: u32) {
        let AtNode { all, numbers } = self.nodes.entry(node).or_default();
        let ending = ending.to_ascii_lowercase();
        let number = *numbers.entry(ending).or_insert_with_key(|ending| {
            all.push((ending.clone(), Vec::new()));
            u32::try_from(all.len() - 1).unwrap_or(u32::MAX)
        });
        if let Some((_, slots)) = all.get_mut(number as usize) {
            slots.push(slot);
        }
    }

    /// Returns the endings at a node, if there are any.
    pub(super) fn at(&self, node: NodeId) -> Option<&AtNode> {
        self.nodes.get(&node)
    }
}

impl AtNode {
    /// Returns the number of different endings.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Returns an ending by its number, from 0.
    pub(super) fn text(&self, number: u32) -> Option<&str> {
        self.all.get(number as usize).map(|(text, _)| text.as_str())
    }

    /// Returns the number of the longest ending that a label has. Costs a look-up for each octet of the label.
    pub(super) fn longest(&self, label: &str) -> Option<u32> {
        self.each(label, |number, _| Some(number))
    }

    /// Adds the lists that mention an ending of this label, and in which sense they have names with it.
    pub(super) fn collect(&self, label: &str, into: &mut Vec<(u32, How)>) {
        self.each(label, |number, how| {
            let slots = self.all.get(number as usize).into_iter().flat_map(|(_, slots)| slots);
            into.extend(slots.map(|slot| (*slot, how)));
            None::<()>
        });
    }

    /// Shows the endings of a label, the longest first, until something is found.
    fn each<T>(&self, label: &str, mut found: impl FnMut(u32, How) -> Option<T>) -> Option<T> {
        let label = label.to_ascii_lowercase();
        label.char_indices().find_map(|(start, _)| {
            let (head, ending) = label.split_at_checked(start)?;
            let number = self.numbers.get(ending).filter(|_| !is_within_escape(head))?;
            found(*number, if head.is_empty() { How::Within } else { How::Suffix })
        })
    }
}
