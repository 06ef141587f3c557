//! Which of a node's many bundles can take a set at all, found by address.

use headerspace::{Field, HeaderSpace, PacketSet, Ranges};

use super::compiled::Bundle;

/// Nodes with no more bundles than this are scanned.
pub(super) const FEW: usize = 12;

/// An interval index over one address field of a node's bundles.
///
/// INVARIANT: sorted by `first`; `reach` is the highest `last` up to here, so that a stabbing query can stop early.
#[derive(Debug, Clone)]
pub(super) struct Index {
    field: Field,
    spans: Vec<Span>,
    /// Bundles that the field does not narrow.
    always: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    first: u128,
    last: u128,
    reach: u128,
    bundle: u32,
}

impl Index {
    /// An index by the address field that narrows most, or `None` for nodes that are quicker to scan.
    pub(super) fn new(bundles: &[Bundle], space: &HeaderSpace) -> Option<Self> {
        if bundles.len() <= FEW {
            return None;
        }
        [Field::DstIp, Field::SrcIp]
            .into_iter()
            .map(|field| Self::by(field, bundles, space))
            .min_by_key(|index| (index.always.len(), index.breadth()))
            .filter(|index| index.always.len() <= FEW)
    }

    /// How much of the field the spans cover, counted as often as they do: an index of wide spans narrows nothing.
    fn breadth(&self) -> u128 {
        self.spans.iter().fold(0, |sum: u128, span| sum.saturating_add(span.last - span.first))
    }

    fn by(field: Field, bundles: &[Bundle], space: &HeaderSpace) -> Self {
        let (mut spans, mut always) = (Vec::new(), Vec::new());
        for (bundle, index) in bundles.iter().zip(0u32..) {
            let values = space.project(bundle.set, field);
            if values.count() > u128::MAX / 4 {
                always.push(index);
                continue;
            }
            spans.extend(values.iter().map(|range| Span {
                first: *range.start(),
                last: *range.end(),
                reach: 0,
                bundle: index,
            }));
        }
        spans.sort_by_key(|span| (span.first, span.last, span.bundle));
        let mut reach = 0;
        for span in &mut spans {
            reach = reach.max(span.last);
            span.reach = reach;
        }
        Self { field, spans, always }
    }

    /// The bundles that may take some of `set`, in order; `None` if a scan is as good.
    pub(super) fn candidates(&self, space: &HeaderSpace, set: PacketSet) -> Option<Vec<u32>> {
        let values: Ranges = space.project(set, self.field);
        if values.len() > self.spans.len() / 4 {
            return None;
        }
        let mut found = self.always.clone();
        for range in values.iter() {
            let end = self.spans.partition_point(|span| span.first <= *range.end());
            for span in self.spans.get(..end).unwrap_or_default().iter().rev() {
                if span.reach < *range.start() {
                    break;
                }
                if span.last >= *range.start() {
                    found.push(span.bundle);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        Some(found)
    }
}
