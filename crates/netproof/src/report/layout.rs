//! JSON that people can read too: what fits on a line stands on a line.

use std::io::{self, Write};

use serde::Serialize;

use super::style::WIDTH;

/// Writes a document as JSON text with line breaks, members in the order in which the document has them.
///
/// Takes no memory beside the document's own: text is written as the document is walked.
pub fn write_json(document: &impl Serialize, out: impl Write) -> io::Result<()> {
    let mut layout = Layout { out, open: Vec::new(), item: Item::default() };
    serde_json::to_writer(&mut layout, document)?;
    layout.end_item()?;
    layout.out.write_all(b"\n")
}

/// A document as [`write_json`] writes it.
pub fn json_text(document: &impl Serialize) -> io::Result<String> {
    let mut text = Vec::new();
    write_json(document, &mut text)?;
    String::from_utf8(text).map_err(io::Error::other)
}

/// Takes JSON without white space, byte by byte, and lays it out.
///
/// An element or member ([`Item`]) is held back until it is whole, or too long for a line; then the list or object
/// that it holds is opened, and what was held back is taken again as the items of that.
struct Layout<W> {
    out: W,
    /// Lists and objects that take several lines, outermost first.
    open: Vec<Open>,
    item: Item,
}

/// A list or object that takes several lines.
struct Open {
    is_list: bool,
    /// Whether values are put side by side: those of a list that does not begin with a list or object.
    filled: bool,
    /// Whether nothing of it is written yet.
    fresh: bool,
    /// Where its last line ends, if values are put side by side.
    column: usize,
}

/// A value, or a key with its value, as far as it is known.
#[derive(Default)]
struct Item {
    bytes: Vec<u8>,
    /// Columns that it takes on a line, with spaces.
    width: usize,
    /// How many lists and objects are open in it.
    depth: usize,
    /// Number of bytes up to and with its first bracket.
    bracket: Option<usize>,
    in_text: bool,
    escaped: bool,
}

impl Item {
    /// Takes a byte; `false` if the item ended before it.
    fn take(&mut self, byte: u8) -> bool {
        if self.in_text {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_text = false,
                _ => {}
            }
        } else {
            match byte {
                b',' | b']' | b'}' if self.depth == 0 => return false,
                b']' | b'}' => self.depth -= 1,
                b'[' | b'{' => {
                    self.depth += 1;
                    self.bracket.get_or_insert(self.bytes.len() + 1);
                }
                b'"' => self.in_text = true,
                b',' | b':' => self.width += 1,
                _ => {}
            }
        }
        // Bytes that go on a character take no column.
        self.width += usize::from(byte & 0b1100_0000 != 0b1000_0000);
        self.bytes.push(byte);
        true
    }

    /// With a space after each comma and colon.
    fn spaced(bytes: &[u8]) -> Vec<u8> {
        let mut spaced = Vec::with_capacity(bytes.len() + 8);
        let (mut in_text, mut escaped) = (false, false);
        for &byte in bytes {
            spaced.push(byte);
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = in_text,
                b'"' => in_text = !in_text,
                b',' | b':' if !in_text => spaced.push(b' '),
                _ => {}
            }
        }
        spaced
    }
}

impl<W: Write> Layout<W> {
    fn indent(&self) -> usize {
        2 * self.open.len()
    }

    fn take(&mut self, byte: u8) -> io::Result<()> {
        if !self.item.take(byte) {
            self.end_item()?;
            if byte != b',' {
                self.close(byte)?;
            }
            return Ok(());
        }
        // One column is left for a comma.
        if self.item.width + self.indent() >= WIDTH
            && let Some(bracket) = self.item.bracket
        {
            let item = std::mem::take(&mut self.item);
            let (lead, rest) = item.bytes.split_at(bracket.min(item.bytes.len()));
            self.begin(0)?;
            self.out.write_all(&Item::spaced(lead))?;
            let is_list = lead.last() == Some(&b'[');
            let filled = is_list && !matches!(rest.first(), Some(b'[' | b'{'));
            self.open.push(Open { is_list, filled, fresh: true, column: WIDTH });
            for &byte in rest {
                self.take(byte)?;
            }
        }
        Ok(())
    }

    /// Writes what stands between the last item and one of this width.
    fn begin(&mut self, width: usize) -> io::Result<()> {
        let indent = self.indent();
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        if !open.fresh {
            self.out.write_all(b",")?;
        }
        if open.filled && open.column + width + 2 <= WIDTH {
            open.column += width + 2;
            return self.out.write_all(b" ");
        }
        open.fresh = false;
        open.column = indent + width + 2;
        write!(self.out, "\n{:indent$}", "")
    }

    fn end_item(&mut self) -> io::Result<()> {
        let item = std::mem::take(&mut self.item);
        if item.bytes.is_empty() {
            return Ok(());
        }
        self.begin(item.width)?;
        self.out.write_all(&Item::spaced(&item.bytes))
    }

    fn close(&mut self, bracket: u8) -> io::Result<()> {
        let closed = self.open.pop();
        debug_assert!(closed.is_none_or(|open| open.is_list == (bracket == b']')));
        let indent = self.indent();
        write!(self.out, "\n{:indent$}{}", "", char::from(bracket))
    }
}

impl<W: Write> Write for Layout<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for &byte in bytes {
            self.take(byte)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_fits_stands_on_one_line() {
        let long: Vec<String> = (0..30).map(|n| format!("10.0.{n}.0/24")).collect();
        let document =
            json!({"a": {"from": 1, "to": 2}, "b": long, "c": [], "d": [{"key": "word ".repeat(25)}, null]});
        insta::assert_snapshot!(json_text(&document).unwrap(), @r#"
        {
          "a": {"from": 1, "to": 2},
          "b": [
            "10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24", "10.0.4.0/24", "10.0.5.0/24", "10.0.6.0/24",
            "10.0.7.0/24", "10.0.8.0/24", "10.0.9.0/24", "10.0.10.0/24", "10.0.11.0/24", "10.0.12.0/24",
            "10.0.13.0/24", "10.0.14.0/24", "10.0.15.0/24", "10.0.16.0/24", "10.0.17.0/24", "10.0.18.0/24",
            "10.0.19.0/24", "10.0.20.0/24", "10.0.21.0/24", "10.0.22.0/24", "10.0.23.0/24", "10.0.24.0/24",
            "10.0.25.0/24", "10.0.26.0/24", "10.0.27.0/24", "10.0.28.0/24", "10.0.29.0/24"
          ],
          "c": [],
          "d": [
            {
              "key": "word word word word word word word word word word word word word word word word word word word word word word word word word "
            },
            null
          ]
        }
        "#);
    }

    #[test]
    fn the_text_means_the_document() {
        let document = json!({"a\"\n": [1.5, -1, true, {"é": "\u{1}"}, ["x".repeat(200), {}]]});
        let text = json_text(&document).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), document);
    }
}
