//! JSON text, written member by member.
//!
//! Not serde: a record goes straight from its numbers to the file, in the member order chosen here, whatever
//! features other crates switch on.

use std::fmt::{Display, Write as _};
use std::io::{self, Write};

/// One JSON value being written.
///
/// INVARIANT: texts hold no quote, backslash or control character, so none is escaped. They are all made in
/// this module tree; `generated_files_are_json` reads every file back.
#[derive(Debug, Default)]
pub(super) struct Record {
    text: String,
}

impl Record {
    /// A member whose value is a string.
    pub(super) fn text(&mut self, name: &str, value: impl Display) {
        self.name(name);
        self.quoted(value);
    }

    /// A member whose value is a number or a boolean.
    pub(super) fn plain(&mut self, name: &str, value: impl Display) {
        self.name(name);
        self.raw(value);
    }

    /// A member whose value is an object.
    pub(super) fn object(&mut self, name: &str, fill: impl FnOnce(&mut Self)) {
        self.name(name);
        self.between('{', '}', fill);
    }

    /// A member whose value is a list.
    pub(super) fn list(&mut self, name: &str, fill: impl FnOnce(&mut Self)) {
        self.name(name);
        self.between('[', ']', fill);
    }

    /// An object as the next item of a list.
    pub(super) fn item(&mut self, fill: impl FnOnce(&mut Self)) {
        self.comma();
        self.between('{', '}', fill);
    }

    /// A string as the next item of a list.
    pub(super) fn text_item(&mut self, value: impl Display) {
        self.comma();
        self.quoted(value);
    }

    /// A list of tags with the `Name` tag in it.
    pub(super) fn tags(&mut self, name: &str, value: impl Display) {
        self.list(name, |tags| {
            tags.item(|tag| {
                tag.text("Key", "Name");
                tag.text("Value", value);
            });
        });
    }

    /// The outermost object.
    pub(super) fn document(&mut self, fill: impl FnOnce(&mut Self)) {
        self.between('{', '}', fill);
    }

    /// The text so far.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    fn name(&mut self, name: &str) {
        self.comma();
        self.quoted(name);
        self.text.push_str(": ");
    }

    fn comma(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(['{', '[']) {
            self.text.push_str(", ");
        }
    }

    fn between(&mut self, open: char, close: char, fill: impl FnOnce(&mut Self)) {
        self.text.push(open);
        fill(self);
        self.text.push(close);
    }

    fn quoted(&mut self, value: impl Display) {
        self.text.push('"');
        self.raw(value);
        self.text.push('"');
    }

    fn raw(&mut self, value: impl Display) {
        // Writing to a `String` cannot fail.
        let _ = write!(self.text, "{value}");
    }
}

/// A document with one list, written record by record, one record a line.
#[derive(Debug)]
pub(super) struct Table<'w, W: Write> {
    out: &'w mut W,
    record: Record,
    records: u64,
}

impl<'w, W: Write> Table<'w, W> {
    /// Begins the document.
    pub(super) fn open(out: &'w mut W, list: &str) -> io::Result<Self> {
        write!(out, "{{\n    \"{list}\": [")?;
        Ok(Self { out, record: Record::default(), records: 0 })
    }

    /// Writes one record.
    pub(super) fn record(&mut self, fill: impl FnOnce(&mut Record)) -> io::Result<()> {
        self.record.text.clear();
        self.record.item(fill);
        self.out.write_all(if self.records == 0 { b"\n        " } else { b",\n        " })?;
        self.out.write_all(self.record.text.as_bytes())?;
        self.records += 1;
        Ok(())
    }

    /// Ends the document.
    pub(super) fn close(self) -> io::Result<()> {
        self.out.write_all(if self.records == 0 { b"]\n}\n" } else { b"\n    ]\n}\n" })
    }
}
