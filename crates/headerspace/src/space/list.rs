//! Many sets at once: unions and first-match lists.
//!
//! Sparse lists are decided in one sweep: at the topmost field that any set looks at, the values
//! are cut where some set changes, and what the sets become between two cuts is a shorter list for
//! the fields below. Crowded lists are folded pair by pair instead.
#![expect(clippy::indexing_slicing, reason = "item positions index the list they were counted on")]

use super::{BOTTOM, HeaderSpace, PacketSet};

/// An entry of a first-match list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Lets these packets through, unless an earlier rule matched.
    Permit(PacketSet),
    /// Stops these packets, unless an earlier rule matched.
    Deny(PacketSet),
}

/// A set and whether it permits, in one word: the form in which lists are remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Item(u64);

impl Item {
    fn new(set: PacketSet, permits: bool) -> Item {
        Item(u64::from(set.0) << 1 | u64::from(permits))
    }

    fn set(self) -> PacketSet {
        #[expect(clippy::cast_possible_truncation, reason = "`new` shifts a 32-bit number by one")]
        let number = (self.0 >> 1) as u32;
        PacketSet(number)
    }

    fn permits(self) -> bool {
        self.0 & 1 == 1
    }

    fn with_set(self, set: PacketSet) -> Item {
        Item::new(set, self.permits())
    }
}

/// A sweep that carries more than this many sets from piece to piece, on average, is slower than
/// joining pairs: neighbouring pieces repeat most of each other's work.
// PERF: packet_sets/group_union_1000 and random_list_300 against their `stepwise` forms.
const CROWD: usize = 2;

/// Shorter lists are not worth a sweep.
const SHORT: usize = 32;

impl HeaderSpace {
    /// Returns the packets in at least one of `sets`; with no sets, nothing.
    ///
    /// Much cheaper than joining one by one: n disjoint sets take about n log n steps and no
    /// intermediate sets.
    pub fn any_of(&mut self, sets: impl IntoIterator<Item = PacketSet>) -> PacketSet {
        let list = sets.into_iter().map(|set| Item::new(self.own(set), true)).collect();
        self.decide_all(list)
    }

    /// Returns the packets that an ordered list lets through: the first rule that matches decides,
    /// and packets that no rule matches are stopped.
    pub fn first_match(&mut self, rules: impl IntoIterator<Item = Rule>) -> PacketSet {
        let list = rules
            .into_iter()
            .map(|rule| match rule {
                Rule::Permit(set) => Item::new(self.own(set), true),
                Rule::Deny(set) => Item::new(self.own(set), false),
            })
            .collect();
        self.decide_all(list)
    }

    fn decide_all(&mut self, list: Vec<Item>) -> PacketSet {
        let result = self.decide(list);
        self.memo.lists = rustc_hash::FxHashMap::default();
        result
    }

    fn decide(&mut self, mut list: Vec<Item>) -> PacketSet {
        simplify(&mut list);
        match *list {
            [] => return PacketSet::EMPTY,
            [only] => return only.set(),
            [a, b] if a.permits() => return self.or(a.set(), b.set()),
            [a, b] => return self.minus(b.set(), a.set()),
            _ => {}
        }
        if list.len() < SHORT {
            return self.fold(&list);
        }
        let key: Box<[u64]> = list.iter().map(|item| item.0).collect();
        if let Some(&known) = self.memo.lists.get(&key) {
            return known;
        }
        let result = self.sweep(&list).unwrap_or_else(|| self.fold(&list));
        self.memo.lists.insert(key, result);
        result
    }

    /// Decides a list field value by field value. `None` if it is too crowded for that.
    fn sweep(&mut self, list: &[Item]) -> Option<PacketSet> {
        let level = list.iter().map(|item| self.level(item.set())).min().filter(|&level| level < BOTTOM)?;
        // What the items are at the current value, by position; absent if empty there.
        let mut live: Vec<(u32, Item)> = Vec::new();
        let mut changes: Vec<(u128, u32, PacketSet)> = Vec::new();
        for (position, item) in (0_u32..).zip(list) {
            if self.level(item.set()) == level {
                for (first, _, child) in self.segments(item.set()) {
                    if first > 0 {
                        changes.push((first, position, child));
                    } else if child != PacketSet::EMPTY {
                        live.push((position, item.with_set(child)));
                    }
                }
            } else {
                live.push((position, *item));
            }
        }
        changes.sort_unstable_by_key(|&(first, position, _)| (first, position));
        if is_crowded(list.len(), &live, &changes) {
            return None;
        }
        let top = self.top(level);
        let base = self.open();
        for moment in changes.chunk_by(|a, b| a.0 == b.0) {
            let here = self.decide(live.iter().map(|&(_, item)| item).collect());
            for &(first, position, child) in moment {
                if position == moment[0].1 {
                    self.push(base, first - 1, here);
                }
                let at = live.binary_search_by_key(&position, |&(p, _)| p);
                match at {
                    Ok(at) if child == PacketSet::EMPTY => {
                        live.remove(at);
                    }
                    Ok(at) => live[at].1 = live[at].1.with_set(child),
                    Err(_) if child == PacketSet::EMPTY => {}
                    Err(at) => live.insert(at, (position, list[position as usize].with_set(child))),
                }
            }
        }
        let here = self.decide(live.iter().map(|&(_, item)| item).collect());
        self.push(base, top, here);
        Some(self.seal(base, level))
    }

    /// Decides a list pair by pair: the rules of a run of equal verdicts are joined in a balanced
    /// tree, the runs applied from the last to the first.
    fn fold(&mut self, list: &[Item]) -> PacketSet {
        let mut permitted = PacketSet::EMPTY;
        for run in list.chunk_by(|a, b| a.permits() == b.permits()).rev() {
            let joined = self.join(run);
            permitted = match run {
                [first, ..] if first.permits() => self.or(permitted, joined),
                _ => self.minus(permitted, joined),
            };
        }
        permitted
    }

    fn join(&mut self, items: &[Item]) -> PacketSet {
        match items {
            [] => PacketSet::EMPTY,
            [only] => only.set(),
            several => {
                let (left, right) = several.split_at(several.len() / 2);
                let (left, right) = (self.join(left), self.join(right));
                self.or(left, right)
            }
        }
    }
}

/// Whether a sweep would carry too many items on average. `live` is the state at value 0.
fn is_crowded(items: usize, live: &[(u32, Item)], changes: &[(u128, u32, PacketSet)]) -> bool {
    let mut alive = vec![false; items];
    for &(position, _) in live {
        alive[position as usize] = true;
    }
    let (mut count, mut carried) = (live.len(), live.len());
    for moment in changes.chunk_by(|a, b| a.0 == b.0) {
        for &(_, position, child) in moment {
            let was = std::mem::replace(&mut alive[position as usize], child != PacketSet::EMPTY);
            count = count + usize::from(child != PacketSet::EMPTY) - usize::from(was);
        }
        carried += count;
    }
    carried > CROWD * (items + changes.len())
}

/// Drops what cannot matter and sorts what may be sorted, so that lists of the same meaning more
/// often look the same: within a run of equal verdicts the order is free, nothing follows a rule
/// that matches everything, and trailing denials say what the end of the list says anyway.
fn simplify(list: &mut Vec<Item>) {
    list.retain(|item| item.set() != PacketSet::EMPTY);
    let mut from = 0;
    while from < list.len() {
        let verdict = list[from].permits();
        let to =
            list[from..].iter().position(|item| item.permits() != verdict).map_or(list.len(), |n| from + n);
        list[from..to].sort_unstable();
        if list[from].set() == PacketSet::EVERYTHING {
            list.truncate(from + 1);
            break;
        }
        from = to;
    }
    list.dedup();
    while list.last().is_some_and(|item| !item.permits()) {
        list.pop();
    }
}
