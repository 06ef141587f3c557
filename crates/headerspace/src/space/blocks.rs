//! Sets as disjoint products.
#![expect(clippy::indexing_slicing, reason = "arrays of length Field::COUNT, indexed by Field::index()")]

use super::{BOTTOM, HeaderSpace, PacketSet};
use crate::field::Field;
use crate::matches::Match;
use crate::packet::Packet;
use crate::ranges::Ranges;

/// A product: the packets each of whose fields has one of the values listed for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Block {
    values: [Ranges; Field::COUNT],
}

impl Block {
    /// Returns the product that holds just this packet.
    pub fn single(packet: &Packet) -> Self {
        Self { values: Field::ALL.map(|field| Ranges::single(packet.get(field))) }
    }

    /// Returns the same with source and destination, addresses and ports, in each other's place.
    #[must_use]
    pub fn turned(&self) -> Self {
        let mut turned = self.clone();
        for (source, destination) in [(Field::SrcIp, Field::DstIp), (Field::SrcPort, Field::DstPort)] {
            turned.values.swap(source.index(), destination.index());
        }
        turned
    }

    /// Returns the values that `field` may have.
    pub fn get(&self, field: Field) -> &Ranges {
        &self.values[field.index()]
    }

    /// Returns the term for this product. Fields that may have any value do not appear.
    pub fn to_match(&self) -> Match {
        self.term(Field::ALL)
    }

    /// Returns the term for the headers of this product, whatever the tags beside them are.
    pub fn to_header_match(&self) -> Match {
        self.term(Field::HEADER)
    }

    /// The least header of this product, field by field, with tags of zero; `None` if a field allows nothing.
    pub fn least(&self) -> Option<Packet> {
        let nowhere = std::net::Ipv4Addr::UNSPECIFIED.into();
        let mut packet = Packet::other(nowhere, nowhere, 0);
        for field in Field::HEADER {
            packet.set(field, self.get(field).min()?);
        }
        Some(packet)
    }

    /// Whether both allow the same headers, whatever the tags beside them are.
    pub fn same_headers(&self, other: &Block) -> bool {
        Field::HEADER.into_iter().all(|field| self.get(field) == other.get(field))
    }

    fn term(&self, fields: impl IntoIterator<Item = Field>) -> Match {
        Match::all_of(
            fields
                .into_iter()
                .filter(|&field| !self.get(field).pairs().contains(&(0, field.max())))
                .map(|field| Match::In(field, self.get(field).clone())),
        )
    }
}

impl HeaderSpace {
    /// Returns disjoint products that make up `set`, in an order that depends on the set alone.
    ///
    /// There is one block per path through the diagram, edges with the same target taken together;
    /// their number can be exponential in the number of fields.
    pub fn blocks(&self, set: PacketSet) -> Vec<Block> {
        let mut current = Block { values: Field::ALL.map(|field| Ranges::range(0..=self.layout.max(field))) };
        let mut blocks = Vec::new();
        self.collect_blocks(set, &mut current, &mut blocks);
        blocks
    }

    /// Returns the set of the packets in `block`.
    pub fn from_block(&mut self, block: &Block) -> PacketSet {
        self.product(|field| Some(block.get(field)))
    }

    /// Returns a term that accepts exactly the members of `set`; it depends on the set alone.
    pub fn to_match(&self, set: PacketSet) -> Match {
        Match::any_of(self.blocks(set).iter().map(Block::to_match))
    }

    fn collect_blocks(&self, set: PacketSet, current: &mut Block, blocks: &mut Vec<Block>) {
        if set == PacketSet::EMPTY {
            return;
        }
        let level = self.level(set);
        if level == BOTTOM {
            blocks.push(current.clone());
            return;
        }
        let at = self.field_at(level).index();
        let full = current.values[at].clone();
        for (child, values) in self.children_by_values(set) {
            current.values[at] = values;
            self.collect_blocks(child, current, blocks);
        }
        current.values[at] = full;
    }

    /// The distinct non-empty children of a node with the values that lead there, by least value.
    pub(super) fn children_by_values(&self, set: PacketSet) -> Vec<(PacketSet, Ranges)> {
        let mut segments: Vec<(PacketSet, u128, u128)> = self
            .segments(set)
            .filter(|&(_, _, child)| child != PacketSet::EMPTY)
            .map(|(first, last, child)| (child, first, last))
            .collect();
        segments.sort_unstable();
        let mut groups: Vec<(PacketSet, Ranges)> = segments
            .chunk_by(|a, b| a.0 == b.0)
            .filter_map(|group| {
                let intervals = group.iter().map(|&(_, first, last)| (first, last)).collect();
                group.first().map(|&(child, ..)| (child, Ranges::from_canonical(intervals)))
            })
            .collect();
        groups.sort_unstable_by_key(|(_, values)| values.min());
        groups
    }
}
