//! Canonical sets of field values.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// A set of field values as sorted inclusive intervals.
///
/// Cheap to clone: the intervals are shared. Equal sets compare equal, because the form is canonical.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ranges {
    // INVARIANT: sorted; within an interval first <= last; consecutive intervals neither overlap
    // nor touch. Kept by `normalised`, the only place that makes this slice from unsorted input.
    intervals: Arc<[(u128, u128)]>,
}

impl Ranges {
    /// Returns the set without values.
    pub fn empty() -> Ranges {
        Ranges { intervals: Arc::new([]) }
    }

    /// Returns the set that holds `value` alone.
    pub fn single(value: u128) -> Ranges {
        Ranges { intervals: Arc::new([(value, value)]) }
    }

    /// Returns the values of `values`, both ends included; nothing if the end is before the start.
    pub fn range(values: RangeInclusive<u128>) -> Ranges {
        ends(values).map_or_else(Ranges::empty, |pair| Ranges { intervals: Arc::new([pair]) })
    }

    /// Whether `value` is in the set. Logarithmic in the number of intervals.
    pub fn contains(&self, value: u128) -> bool {
        let after = self.intervals.partition_point(|&(first, _)| first <= value);
        after.checked_sub(1).and_then(|i| self.intervals.get(i)).is_some_and(|&(_, last)| value <= last)
    }

    /// Whether the set holds nothing.
    pub fn is_empty(&self) -> bool {
        self.intervals.is_empty()
    }

    /// Returns the intervals in ascending order, disjoint and not adjacent.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = RangeInclusive<u128>> + ExactSizeIterator + '_ {
        self.intervals.iter().map(|&(first, last)| first..=last)
    }

    /// Returns the number of intervals (not of values; see [`Ranges::count`]).
    pub fn len(&self) -> usize {
        self.intervals.len()
    }

    /// Returns the least value, or `None` if the set is empty.
    pub fn min(&self) -> Option<u128> {
        self.intervals.first().map(|&(first, _)| first)
    }

    /// Returns the greatest value, or `None` if the set is empty.
    pub fn max(&self) -> Option<u128> {
        self.intervals.last().map(|&(_, last)| last)
    }

    /// Returns the value if there is exactly one.
    pub fn single_value(&self) -> Option<u128> {
        match *self.intervals {
            [(first, last)] if first == last => Some(first),
            _ => None,
        }
    }

    /// Returns the number of values, or `u128::MAX` if there are more.
    pub fn count(&self) -> u128 {
        self.intervals
            .iter()
            .fold(0_u128, |sum, &(first, last)| sum.saturating_add((last - first).saturating_add(1)))
    }

    /// Returns the values in either set.
    #[must_use]
    pub fn union(&self, other: &Ranges) -> Ranges {
        normalised(self.intervals.iter().chain(other.intervals.iter()).copied().collect())
    }

    /// Returns the values in both sets. Linear in the number of intervals.
    #[must_use]
    pub fn intersect(&self, other: &Ranges) -> Ranges {
        let mut both = Vec::new();
        let (mut left, mut right) = (self.intervals.iter().peekable(), other.intervals.iter().peekable());
        while let (Some(&&(a, b)), Some(&&(c, d))) = (left.peek(), right.peek()) {
            let (first, last) = (a.max(c), b.min(d));
            if first <= last {
                both.push((first, last));
            }
            if b <= d {
                left.next();
            } else {
                right.next();
            }
        }
        Ranges { intervals: both.into() }
    }

    /// Returns the values of this set that `other` lacks.
    #[must_use]
    pub fn subtract(&self, other: &Ranges) -> Ranges {
        self.intersect(&other.complement(u128::MAX))
    }

    /// Returns the values from 0 to `max`, both included, that this set lacks.
    #[must_use]
    pub fn complement(&self, max: u128) -> Ranges {
        let mut gaps = Vec::new();
        let mut next = Some(0);
        for &(first, last) in self.intervals.iter() {
            match next {
                Some(start) if start < first && start <= max => gaps.push((start, (first - 1).min(max))),
                _ => {}
            }
            next = last.checked_add(1);
        }
        if let Some(start) = next.filter(|&start| start <= max) {
            gaps.push((start, max));
        }
        Ranges { intervals: gaps.into() }
    }

    /// The intervals as pairs of first and last value.
    pub(crate) fn pairs(&self) -> &[(u128, u128)] {
        &self.intervals
    }

    /// Takes intervals that already are in canonical form.
    pub(crate) fn from_canonical(intervals: Vec<(u128, u128)>) -> Ranges {
        debug_assert!(
            intervals.iter().all(|(first, last)| first <= last)
                && intervals.iter().zip(intervals.iter().skip(1)).all(|(a, b)| a.1 < b.0 && b.0 - a.1 > 1),
            "not canonical"
        );
        Ranges { intervals: intervals.into() }
    }
}

/// Both ends of a range, unless it is empty.
fn ends(values: RangeInclusive<u128>) -> Option<(u128, u128)> {
    (!values.is_empty()).then(|| values.into_inner())
}

impl FromIterator<RangeInclusive<u128>> for Ranges {
    /// Collects intervals in any order; they may overlap, touch or be empty.
    fn from_iter<I: IntoIterator<Item = RangeInclusive<u128>>>(intervals: I) -> Ranges {
        normalised(intervals.into_iter().filter_map(ends).collect())
    }
}

impl From<RangeInclusive<u128>> for Ranges {
    fn from(values: RangeInclusive<u128>) -> Ranges {
        Ranges::range(values)
    }
}

impl fmt::Debug for Ranges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// Sorts intervals with first <= last and joins those that overlap or touch.
fn normalised(mut intervals: Vec<(u128, u128)>) -> Ranges {
    intervals.sort_unstable();
    let mut joined: Vec<(u128, u128)> = Vec::with_capacity(intervals.len());
    for (first, last) in intervals {
        match joined.last_mut() {
            Some(previous) if first <= previous.1.saturating_add(1) => previous.1 = previous.1.max(last),
            _ => joined.push((first, last)),
        }
    }
    Ranges { intervals: joined.into() }
}
