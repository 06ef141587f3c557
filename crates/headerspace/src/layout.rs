//! Field order and widths of a space.
#![expect(
    clippy::indexing_slicing,
    reason = "arrays of length Field::COUNT, indexed by Field::index() or by level"
)]

use crate::field::{Field, max_of_width};

/// The field order and field widths of a [`HeaderSpace`](crate::HeaderSpace).
///
/// The default is right for everything but tests, which use narrow fields to enumerate every
/// packet, and measurements, which compare orders. The order changes size and speed of diagrams,
/// never the meaning of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    // INVARIANT: a permutation of Field::ALL. Kept by `with_order`.
    order: [Field; Field::COUNT],
    // INVARIANT: widths[f.index()] <= f.width(). Kept by `with_width`.
    widths: [u8; Field::COUNT],
}

impl Default for Layout {
    fn default() -> Layout {
        Layout {
            // PERF: benches/packet_sets.rs with ORDERS=1. Addresses first need the fewest nodes
            // for rule lists; the protocol above ports and ICMP keeps well-formedness small. The
            // identity and the phase, of which nearly all sets have one value or any, are a node on top
            // each; below, they would be in the way of every comparison of a set with a guard.
            order: [
                Field::Identity,
                Field::Phase,
                Field::Family,
                Field::DstIp,
                Field::SrcIp,
                Field::Protocol,
                Field::DstPort,
                Field::SrcPort,
                Field::IcmpType,
                Field::IcmpCode,
            ],
            widths: Field::ALL.map(Field::width),
        }
    }
}

impl Layout {
    /// Returns this layout with the fields of `first` moved to the front, in that order; the other
    /// fields keep their order behind them.
    #[must_use]
    pub fn with_order(mut self, first: impl IntoIterator<Item = Field>) -> Layout {
        let mut order: Vec<Field> = Vec::new();
        for field in first.into_iter().chain(self.order) {
            if !order.contains(&field) {
                order.push(field);
            }
        }
        for (slot, field) in self.order.iter_mut().zip(order) {
            *slot = field;
        }
        self
    }

    /// Returns this layout with `field` cut down to `bits`, which may be 0 (the field is then
    /// always 0). Widths beyond the field's own are cut to that.
    #[must_use]
    pub fn with_width(mut self, field: Field, bits: u8) -> Layout {
        self.widths[field.index()] = bits.min(field.width());
        self
    }

    /// Returns the fields from the top of a diagram to its bottom.
    pub fn order(&self) -> [Field; Field::COUNT] {
        self.order
    }

    /// Returns the width of `field` in bits.
    pub fn width(&self, field: Field) -> u8 {
        self.widths[field.index()]
    }

    /// Returns the greatest value of `field`.
    pub fn max(&self, field: Field) -> u128 {
        max_of_width(self.width(field))
    }
}
