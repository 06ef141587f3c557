//! Choices drawn from a fuzzer's bytes.

use arbitrary::Unstructured;

/// Draws that cannot fail: when the bytes run out, the first choice is taken.
pub(super) struct Dice<'u, 'bytes> {
    bytes: &'u mut Unstructured<'bytes>,
}

impl<'u, 'bytes> Dice<'u, 'bytes> {
    pub(super) fn new(bytes: &'u mut Unstructured<'bytes>) -> Self {
        Self { bytes }
    }

    /// A number from `first` to `last`.
    pub(super) fn between(&mut self, first: usize, last: usize) -> usize {
        self.bytes.int_in_range(first..=last.max(first)).unwrap_or(first)
    }

    /// True once in `cases`, and never when the bytes have run out.
    pub(super) fn once_in(&mut self, cases: usize) -> bool {
        self.between(1, cases) == cases
    }

    /// One of `choices`, if there is any.
    pub(super) fn pick<'c, T>(&mut self, choices: &'c [T]) -> Option<&'c T> {
        let last = choices.len().checked_sub(1)?;
        let at = self.between(0, last);
        choices.get(at)
    }

    /// One of the texts, which must not be an empty list.
    pub(super) fn word<'c>(&mut self, choices: &[&'c str]) -> &'c str {
        self.pick(choices).copied().unwrap_or_default()
    }
}
