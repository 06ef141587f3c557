//! The invariants of the arena, checked.
#![expect(clippy::indexing_slicing, reason = "node numbers run over the node array")]

use rustc_hash::FxHashMap;

use super::{HeaderSpace, PacketSet, hash_of};

impl HeaderSpace {
    /// Checks every node and table; an error says what is wrong. For tests: the cost is that of
    /// reading all memory of the space.
    pub fn check_invariants(&self) -> Result<(), String> {
        let mut contents: FxHashMap<Vec<(u128, PacketSet)>, Vec<u8>> = FxHashMap::default();
        for (number, node) in self.nodes.iter().enumerate().skip(2) {
            let set = PacketSet(u32::try_from(number).map_err(|_| "too many nodes".to_owned())?);
            let edges: Vec<(u128, PacketSet)> =
                self.segments(set).map(|(_, last, child)| (last, child)).collect();
            self.check_node(set, &edges).map_err(|found| format!("node {number}: {found}"))?;
            let levels = contents.entry(edges).or_default();
            if levels.contains(&node.level) {
                return Err(format!("node {number}: made twice"));
            }
            levels.push(node.level);
        }
        let stored = self.unique.iter().filter(|&&number| number != 0).count();
        if stored + 2 != self.nodes.len() {
            return Err(format!("unique table: {stored} entries for {} nodes", self.nodes.len() - 2));
        }
        if !self.pending.is_empty() {
            return Err(format!("{} pending edges left behind", self.pending.len()));
        }
        let memo = &self.memo;
        let results =
            [&memo.and, &memo.or, &memo.minus, &memo.exists].into_iter().flat_map(|table| table.values());
        match results.chain(memo.mirror.values()).find(|set| set.0 as usize >= self.nodes.len()) {
            Some(set) => Err(format!("memo names node {}, which does not exist", set.0)),
            None => Ok(()),
        }
    }

    fn check_node(&self, set: PacketSet, edges: &[(u128, PacketSet)]) -> Result<(), String> {
        let node = self.node(set);
        if edges.len() < 2 {
            return Err("fewer than two edges".to_owned());
        }
        if edges.last().map(|edge| edge.0) != Some(self.top(node.level)) {
            return Err("the last bound is not the field's maximum".to_owned());
        }
        for pair in edges.windows(2) {
            if pair[0].0 >= pair[1].0 {
                return Err("bounds do not ascend".to_owned());
            }
            if pair[0].1 == pair[1].1 {
                return Err("equal neighbours".to_owned());
            }
        }
        for &(_, child) in edges {
            if child >= set || self.level(child) <= node.level {
                return Err(format!("child {} is not below", child.0));
            }
        }
        if node.hash != hash_of(node.level, edges.iter().copied()) {
            return Err("wrong hash".to_owned());
        }
        let mask = self.unique.len() - 1;
        let mut slot = node.hash as usize & mask;
        while self.unique[slot] != set.0 {
            if self.unique[slot] == 0 {
                return Err("not in the unique table".to_owned());
            }
            slot = (slot + 1) & mask;
        }
        Ok(())
    }
}
