//! Files to raw records, without knowledge of resource types.
//!
//! A snapshot is a folder of any depth, one `.json`, `.zip` or `.tar.gz`, or standard input. What a document
//! holds is told by its top-level keys, whatever its file is called: each key with a list (or an
//! object) is a [`Table`], each member of the list an [`Element`]. Understood without options are
//!
//! | layout | written by |
//! |---|---|
//! | all files in one folder, or one file with all lists | AWS CLI, np-guard's collector (`network_acls`) |
//! | `<region>/…`, `accounts/<account>/<region>/…` | Batfish |
//! | `<account>/<region>/<service>-<command>.json`, or a folder of that name with a file per call | CloudMapper |
//! | `{"status_code": …, "data": {…}}` | Cloud Custodian's recordings |
//!
//! Lenient towards what AWS may add or leave out, strict towards damage. Remarks, by code:
//!
//! | code | severity | what |
//! |---|---|---|
//! | `unreadable-file` | error | the system does not let us read it, or it does not unpack |
//! | `not-utf8`, `invalid-json` | error | damaged: no record of this file is used |
//! | `failed-call` | error | what was recorded is a refusal |
//! | `bad-record` | error | a part that is not shaped as it has to be, and is skipped |
//! | `unrecognised-document` | warning | JSON, but not an answer with named lists |
//! | `incomplete-export` | warning | the answer says that there is another page |
//!
//! Records are byte ranges of the files' text: they are found in one pass and read by whoever knows
//! their type. The result does not depend on the number of threads.
mod archive;
mod document;
mod files;
mod key;
mod manifest;
mod members;
mod place;
mod scan;
mod source;
mod subject;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

pub use files::ReadError;
pub use place::PathPlace;
pub(crate) use place::is_account_id;

use crate::diagnostic::{Diagnostic, Location};
use archive::{Limits, NamedBytes};
use source::Source;

/// Codes of remarks on files of which no record is used.
const LOST: [&str; 4] = ["unreadable-file", "not-utf8", "invalid-json", "failed-call"];

/// Everything that was read, in the order of the files' paths.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    documents: Vec<Document>,
    holes: Vec<PathPlace>,
}

/// One answer: usually a file, or one element of a file that holds several.
#[derive(Debug, Clone)]
pub struct Document {
    source: Arc<Source>,
    /// Account and Region as far as the file's path tells.
    pub place: PathPlace,
    /// Whether something is known to be missing: another page, or a part that was skipped.
    pub incomplete: bool,
    /// Top-level strings, numbers and truth values by their keys as written.
    pub members: BTreeMap<String, String>,
    /// The lists and objects, in the order of the document. A key that occurs twice is here twice.
    pub tables: Vec<Table>,
}

/// The records under one top-level key.
#[derive(Debug, Clone)]
pub struct Table {
    /// The key as the AWS CLI spells it, such as `SecurityGroups`. `Reservations` are opened:
    /// their key is `Instances`. Empty for a list without a key.
    pub key: String,
    /// The key as it stands in the document.
    pub written: String,
    /// JSON pointer to the list or object.
    pub pointer: String,
    /// Whether it is a list; otherwise an object, which is then the only element.
    pub is_array: bool,
    /// The records, in the order of the document; elements of lists within the list are here themselves.
    pub elements: Vec<Element>,
}

/// Where one record is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// JSON pointer to the record.
    pub pointer: String,
    /// First byte of the record in the text of its document.
    pub offset: usize,
    /// Length of the record in bytes.
    pub length: usize,
    /// The account that the record's surroundings name: the `OwnerId` of a reservation.
    pub owner: Option<String>,
}

impl Snapshot {
    /// Reads a folder, a file, an archive, or standard input if `path` is `-`.
    ///
    /// Fails only if there is nothing to begin with: no such path, an archive that does not unpack, no
    /// JSON at all. Everything else is a remark; remarks are sorted.
    pub fn open(path: &Path) -> Result<(Snapshot, Vec<Diagnostic>), ReadError> {
        if path.as_os_str() == "-" {
            return Snapshot::from_reader("stdin", io::stdin().lock());
        }
        Ok(Snapshot::assemble(files::at(path, Limits::DEFAULT)?))
    }

    /// Reads a stream that holds a JSON document or an archive. `name` is what to call it in remarks.
    pub fn from_reader(name: &str, from: impl Read) -> Result<(Snapshot, Vec<Diagnostic>), ReadError> {
        Ok(Snapshot::assemble(files::stream(name, from, Limits::DEFAULT)?))
    }

    /// Reads documents that are in memory: names (paths parted by `/`) and contents.
    pub fn from_documents(documents: impl IntoIterator<Item = NamedBytes>) -> (Snapshot, Vec<Diagnostic>) {
        Snapshot::assemble(files::Found { files: documents.into_iter().collect(), ..files::Found::default() })
    }

    /// Reads one document that is in memory.
    pub fn parse(name: &str, text: &str) -> (Snapshot, Vec<Diagnostic>) {
        Snapshot::from_documents([(name.to_owned(), text.as_bytes().to_vec())])
    }

    fn assemble(found: files::Found) -> (Snapshot, Vec<Diagnostic>) {
        let files::Found { above, mut files, mut diagnostics } = found;
        // Stable: files of the same name, which archives may hold, stay in their order.
        files.sort_by(|(one, _), (other, _)| one.cmp(other));
        let read = |(file, bytes): NamedBytes| {
            let place = PathPlace::of(&above, &file);
            document::read(file, bytes, &place)
        };
        let parts: Vec<_> = files.into_par_iter().map(read).collect();
        let mut documents = Vec::with_capacity(parts.len());
        for (part, remarks) in parts {
            documents.extend(part);
            diagnostics.extend(remarks);
        }
        diagnostics.sort();
        let lost = diagnostics.iter().filter(|remark| LOST.contains(&remark.code));
        let files = lost.filter_map(|remark| remark.location.as_ref()).map(|at| at.file.as_str());
        let nameless = documents.iter().filter(|document| document.has_nameless_records());
        let files: BTreeSet<&str> = files.chain(nameless.map(Document::file)).collect();
        let mut holes: Vec<PathPlace> = files.into_iter().map(|file| PathPlace::of(&above, file)).collect();
        holes.sort();
        holes.dedup();
        (Snapshot { documents, holes }, diagnostics)
    }

    /// Returns the same snapshot with other records in the place of some: those of a document, by index, that begin at a
    /// byte offset. Names, accounts and Regions of files stay; offsets and lines do not.
    #[must_use]
    pub fn edited(&self, records: &BTreeMap<(u32, usize), String>) -> Snapshot {
        let mut by_file = BTreeMap::<&str, BTreeMap<usize, (usize, &str)>>::new();
        for ((document, offset), text) in records {
            let document = usize::try_from(*document).ok().and_then(|index| self.documents.get(index));
            let Some((document, element)) = document.and_then(|it| Some((it, it.element_at(*offset)?)))
            else {
                continue;
            };
            by_file.entry(document.file()).or_default().insert(*offset, (element.length, text));
        }
        let mut documents = Vec::with_capacity(self.documents.len());
        for same_file in self.documents.chunk_by(|one, other| Arc::ptr_eq(&one.source, &other.source)) {
            let Some(first) = same_file.first() else { continue };
            let Some(edits) = by_file.get(first.file()) else {
                documents.extend(same_file.iter().cloned());
                continue;
            };
            let mut text = first.text().to_owned();
            for (&offset, &(length, record)) in edits.iter().rev() {
                text.replace_range(offset..offset.saturating_add(length), record);
            }
            documents.extend(document::read(first.file().to_owned(), text.into_bytes(), &first.place).0);
        }
        Snapshot { documents, holes: self.holes.clone() }
    }

    /// Returns the text of the record of a document, by index, that begins at a byte offset.
    pub fn record(&self, document: u32, offset: usize) -> Option<&str> {
        let document = usize::try_from(document).ok().and_then(|index| self.documents.get(index))?;
        document.element_at(offset).map(|element| document.raw(element))
    }

    /// Whether both hold the same records, whatever the names of files and the order of files and records.
    pub fn has_records_of(&self, other: &Snapshot) -> bool {
        let records = |snapshot: &Snapshot| {
            let mut records = Vec::new();
            for document in &snapshot.documents {
                for table in &document.tables {
                    let about = format!(
                        "{:?} {:?} {} {} {}",
                        document.place, document.members, document.incomplete, table.key, table.is_array
                    );
                    // An empty list says that there is nothing.
                    records.push((about.clone(), None, serde_json::Value::Null));
                    records.extend(table.elements.iter().map(|element| {
                        let text = document.raw(element);
                        // What is no JSON is itself.
                        let value = serde_json::from_str(text).unwrap_or_else(|_| text.into());
                        (about.clone(), element.owner.clone(), value)
                    }));
                }
            }
            let mut records: Vec<(String, Option<String>, String)> =
                records.into_iter().map(|(about, owner, value)| (about, owner, value.to_string())).collect();
            records.sort_unstable();
            records.dedup();
            records
        };
        self.holes == other.holes && records(self) == records(other)
    }

    /// Returns where records are missing of which not even the kind is known, sorted: the accounts and Regions of
    /// files that could not be used.
    pub fn holes(&self) -> &[PathPlace] {
        &self.holes
    }

    /// Returns the documents, sorted by file.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// Returns the place of a value inside a record, for a remark or a cause.
    ///
    /// `offset` is the record's (see [`Element::offset`]) in the document with the index `document`;
    /// `pointer_within` leads from the record to the value and may be empty. If there is no
    /// such value, the line is that of the last one on the way. Cost: the bytes of the record before the value.
    pub fn locate(&self, document: u32, offset: usize, pointer_within: &str) -> Location {
        let document = usize::try_from(document).ok().and_then(|index| self.documents.get(index));
        let Some(document) = document else { return Location::file("") };
        let record = document.element_at(offset).map_or("", |element| element.pointer.as_str());
        let value = scan::seek(&document.source.text, offset, pointer_within);
        document.source.location(value, format!("{record}{pointer_within}"))
    }
}

impl Document {
    /// Returns the path of the file inside the snapshot, parted by `/`.
    pub fn file(&self) -> &str {
        &self.source.file
    }

    /// Returns the whole text of the file.
    pub fn text(&self) -> &str {
        &self.source.text
    }

    /// Returns the JSON text of a record of this document.
    pub fn raw(&self, element: &Element) -> &str {
        self.source.text.get(element.span()).unwrap_or_default()
    }

    /// Whether it holds records whose table has lost its name.
    fn has_nameless_records(&self) -> bool {
        let nameless = self.tables.iter().filter(|table| table.key.is_empty());
        nameless.flat_map(|table| &table.elements).any(|element| self.raw(element).starts_with('{'))
    }

    /// Returns the record that begins at `offset`.
    fn element_at(&self, offset: usize) -> Option<&Element> {
        // INVARIANT: the elements of a table are in the order of the text, and so is the search. Kept by
        // `document::read`, which adds them in the order in which it meets them.
        self.tables.iter().find_map(|table| {
            let index = table.elements.binary_search_by_key(&offset, |element| element.offset).ok()?;
            table.elements.get(index)
        })
    }
}

impl Element {
    /// Returns the range of the record's bytes in the text of its document.
    pub fn span(&self) -> Range<usize> {
        self.offset..self.offset.saturating_add(self.length)
    }
}
