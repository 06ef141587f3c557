//! The text of one file, and on which line a byte of it stands.
use std::fmt;
use std::sync::OnceLock;

use crate::diagnostic::Location;

/// Bytes between two remembered line counts.
///
/// PERF: a count per block instead of a position per line keeps the index under 0.1 % of the text, at
/// the price of counting through at most one block per question.
const BLOCK: usize = 4096;

/// Name and text of one file. Documents of the same file share it.
pub(super) struct Source {
    pub(super) file: String,
    pub(super) text: String,
    /// Line breaks before each block of the text; made when first asked for.
    breaks: OnceLock<Vec<u32>>,
}

impl Source {
    pub(super) fn new(file: String, text: String) -> Source {
        Source { file, text, breaks: OnceLock::new() }
    }

    /// Returns the line, from 1, on which the byte at `offset` stands.
    pub(super) fn line(&self, offset: usize) -> u32 {
        let bytes = self.text.as_bytes();
        let offset = offset.min(bytes.len());
        let breaks = self.breaks.get_or_init(|| {
            let mut before = 0_u32;
            let count = |block| {
                let here = before;
                before = before.saturating_add(line_breaks(block));
                here
            };
            bytes.chunks(BLOCK).map(count).collect()
        });
        // At the very end of the text there may be no block any more: then count on from the last one.
        let block = (offset / BLOCK).min(breaks.len().saturating_sub(1));
        let before = breaks.get(block).copied().unwrap_or(0);
        let rest = bytes.get(block * BLOCK..offset).unwrap_or_default();
        before.saturating_add(line_breaks(rest)).saturating_add(1)
    }

    /// Returns the place of the value at `offset`, to which `pointer` leads.
    pub(super) fn location(&self, offset: usize, pointer: String) -> Location {
        Location { file: self.file.clone(), line: self.line(offset), pointer }
    }

    /// Returns where in the text `part`, a piece of this very text, begins.
    pub(super) fn offset_of(&self, part: &str) -> usize {
        part.as_ptr().addr().saturating_sub(self.text.as_ptr().addr())
    }
}

/// INVARIANT: called for at most one block, so that the sum does not overflow.
fn line_breaks(bytes: &[u8]) -> u32 {
    bytes.iter().map(|byte| u32::from(*byte == b'\n')).sum()
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("file", &self.file)
            .field("bytes", &self.text.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offset_is_on_the_line_that_counting_from_the_start_gives() {
        let text = "ab\n\nc\n".repeat(3 * BLOCK / 5);
        let source = Source::new("x.json".into(), text.clone());
        let mut line = 1;
        for (offset, byte) in text.bytes().enumerate() {
            assert_eq!(source.line(offset), line, "at {offset}");
            line += u32::from(byte == b'\n');
        }
        assert_eq!(source.line(text.len()), line);
        assert_eq!(source.line(usize::MAX), line);
        assert_eq!(Source::new("x.json".into(), String::new()).line(0), 1);
        assert_eq!(Source::new("x.json".into(), "\n".repeat(BLOCK)).line(BLOCK), 4097);
    }
}
