//! One file of text to documents: which tables it has, and where each record begins and ends.
//!
//! Records are found, not read: every byte is looked at once, by serde_json, which also makes sure that
//! the text is JSON.
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::key::{self, Role};
use super::manifest;
use super::members::{Members, Value, kind, scalar};
use super::place::PathPlace;
use super::scan::{self, escape};
use super::source::Source;
use super::{Document, Element, Table};
use crate::diagnostic::{Diagnostic, Location};

/// Arrays within arrays are opened up to this depth (JMESPath makes two); what lies deeper is skipped.
const DEEPEST_LIST: usize = 8;

/// Returns the documents of one file and what is wrong with it. Usually one document; a top-level array of
/// documents gives one each, a damaged file none.
pub(super) fn read(file: String, bytes: Vec<u8>, place: &PathPlace) -> (Vec<Document>, Vec<Diagnostic>) {
    let text = match decoded(&file, bytes) {
        Ok(text) => text,
        Err(damage) => return (Vec::new(), vec![*damage]),
    };
    let source = Arc::new(Source::new(file, text));
    let mut reader = Reader { source: &source, place, documents: Vec::new(), diagnostics: Vec::new() };
    if let Err(error) = reader.file() {
        reader.documents.clear();
        reader.diagnostics = vec![not_json(&source, &error)];
    }
    (reader.documents, reader.diagnostics)
}

/// Returns the text of a file, without byte order mark.
fn decoded(file: &str, mut bytes: Vec<u8>) -> Result<String, Box<Diagnostic>> {
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, _, ..] | [_, 0, ..] = bytes.as_slice() {
        let message = "this file is UTF-16 text or binary, expected UTF-8";
        let damage = Diagnostic::error("not-utf8", Some(Location::file(file)), message)
            .with_help("PowerShell's `>` writes UTF-16: use `| Out-File -Encoding utf8` instead");
        return Err(Box::new(damage));
    }
    if bytes.starts_with(&[0xef, 0xbb, 0xbf]) {
        bytes.drain(..3);
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let offset = valid.len();
        let readable = Source::new(file.to_owned(), String::from_utf8_lossy(valid).into_owned());
        let at = readable.location(offset, String::new());
        let message = format!("byte {offset} is not UTF-8, as JSON has to be");
        Box::new(Diagnostic::error("not-utf8", Some(at), message))
    })
}

fn not_json(source: &Source, error: &serde_json::Error) -> Diagnostic {
    let line = u32::try_from(error.line()).unwrap_or(u32::MAX).max(1);
    let at = Some(Location { line, ..Location::file(&source.file) });
    let column = error.column();
    let code = "invalid-json";
    if source.text.trim().is_empty() {
        return Diagnostic::error(code, at, "this file is empty, expected a JSON object")
            .with_help("the command that wrote it probably failed: run it again");
    }
    if error.is_eof() {
        return Diagnostic::error(code, at, format!("the text ends inside a JSON value, at column {column}"))
            .with_help("the file is cut off: export it again");
    }
    let told = error.to_string();
    let told = told.rsplit_once(" at line ").map_or(told.as_str(), |(what, _)| what);
    Diagnostic::error(code, at, format!("not JSON: {told}, at column {column}"))
}

struct Reader<'t> {
    source: &'t Arc<Source>,
    place: &'t PathPlace,
    documents: Vec<Document>,
    diagnostics: Vec<Diagnostic>,
}

impl<'t> Reader<'t> {
    fn file(&mut self) -> Result<(), serde_json::Error> {
        let text: &'t str = &self.source.text;
        match text.trim_start().as_bytes().first() {
            Some(b'{') => {
                let members = Members::of(text)?;
                self.document(String::new(), members);
            }
            Some(b'[') => {
                let elements: Vec<&RawValue> = serde_json::from_str(text)?;
                self.list_of_documents(&elements);
            }
            _ => {
                let value: &RawValue = serde_json::from_str(text)?;
                let message = format!("unrecognised document: found {}, expected an object", kind(value));
                let at = Some(Location::file(&self.source.file));
                self.diagnostics.push(Diagnostic::warning("unrecognised-document", at, message));
            }
        }
        Ok(())
    }

    /// A top-level array: documents collected in one file, or the records of `--query`, which have lost
    /// the name of their table.
    fn list_of_documents(&mut self, elements: &[&'t RawValue]) {
        let parts: Option<Vec<Members<'t>>> = elements
            .iter()
            .map(|part| Members::of(part.get()).ok().filter(|members| is_document(members)))
            .collect();
        if let Some(parts) = parts.filter(|parts| !parts.is_empty()) {
            for (index, members) in parts.into_iter().enumerate() {
                self.document(format!("/{index}"), members);
            }
            return;
        }
        let message = "unrecognised document: found an array of records, expected an object that names them, \
                       such as `{\"Vpcs\": […]}`";
        self.diagnostics.push(
            Diagnostic::warning("unrecognised-document", Some(Location::file(&self.source.file)), message)
                .with_help("export the whole answer, without `--query`"),
        );
        let mut table = Table::new("", String::new());
        self.flatten(elements, &mut table);
        let mut document = self.empty_document();
        document.incomplete = true;
        document.tables.push(table);
        self.documents.push(document);
    }

    /// Reads the members of one document, of which all pointers begin with `prefix`.
    fn document(&mut self, mut prefix: String, mut members: Members<'t>) {
        if let Some(data) = custodian_data(&members) {
            let inner = Members::of(data.get());
            prefix.push_str("/data");
            let status = members.find("status_code").and_then(|value| value.get().parse::<u16>().ok());
            let failed = status.is_some_and(|status| status >= 400);
            members = match inner {
                Ok(inner) if !failed && inner.find("Error").is_none() => inner,
                inner => {
                    let error = inner.ok().and_then(|inner| inner.find("Error"));
                    return self.failed_call(status, error.unwrap_or(data), prefix);
                }
            };
        } else if let Some(error) = members.find("Error").filter(|_| members.content().count() == 1) {
            return self.failed_call(None, error, prefix);
        }

        if manifest::is_manifest(&members) {
            return self.manifest(&members, &prefix);
        }

        let mut document = self.empty_document();
        let remarks = self.diagnostics.len();
        for (written, value) in members.content() {
            self.member(&mut document, written, value, &prefix);
        }
        self.next_page(&members, &document, &prefix);
        document.incomplete = self.diagnostics.len() > remarks;
        self.documents.push(document);
    }

    /// Says what `netproof collect` says is missing.
    fn manifest(&mut self, members: &Members<'t>, prefix: &str) {
        let gaps = manifest::gaps(members).unwrap_or_else(|error| vec![manifest::Gap::damaged(&error)]);
        for gap in gaps {
            let offset = scan::seek(&self.source.text, 0, &format!("{prefix}{}", gap.pointer));
            let at = self.source.location(offset, format!("{prefix}{}", gap.pointer));
            let remark = Diagnostic::warning("not-collected", Some(at), gap.message);
            self.diagnostics.push(remark.with_help(gap.help));
        }
    }

    fn empty_document(&self) -> Document {
        Document {
            source: Arc::clone(self.source),
            place: self.place.clone(),
            incomplete: false,
            members: BTreeMap::new(),
            tables: Vec::new(),
        }
    }

    fn member(&mut self, document: &mut Document, written: &str, value: &Value<'t>, prefix: &str) {
        let mut table = Table::new(written, format!("{prefix}/{}", escape(written)));
        match value {
            Value::Array(elements) if table.key == "Reservations" => self.reservations(elements, &mut table),
            Value::Array(elements) => self.flatten(elements, &mut table),
            Value::Other(value) => match value.get().as_bytes().first() {
                Some(b'{') if table.key == "Reservations" => {
                    let only = self.element(value, table.pointer.clone());
                    "Instances".clone_into(&mut table.key);
                    self.reservation(&only, &mut table);
                }
                Some(b'{') => {
                    table.is_array = false;
                    table.elements.push(self.element(value, table.pointer.clone()));
                }
                // No list at all is how Go and some SDKs write an empty one.
                Some(b'n') => {}
                _ => {
                    document.members.insert(written.to_owned(), scalar(value));
                    return;
                }
            },
        }
        document.tables.push(table);
    }

    fn element(&self, value: &'t RawValue, pointer: String) -> Element {
        let start = self.source.offset_of(value.get());
        Element { pointer, offset: start, length: value.get().len(), owner: None }
    }

    /// Adds `elements` to `table`; the elements of arrays among them instead of the arrays.
    fn flatten(&mut self, elements: &[&'t RawValue], table: &mut Table) {
        let pointer = table.pointer.clone();
        self.flatten_at(elements, &pointer, 1, table);
    }

    fn flatten_at(&mut self, elements: &[&'t RawValue], pointer: &str, depth: usize, table: &mut Table) {
        table.elements.reserve(elements.len());
        for (index, value) in elements.iter().enumerate() {
            let pointer = format!("{pointer}/{index}");
            if !value.get().starts_with('[') {
                table.elements.push(self.element(value, pointer));
            } else if depth == DEEPEST_LIST {
                let message = format!("found arrays nested {DEEPEST_LIST} deep, expected records");
                self.bad_record(message, value.get(), pointer);
            } else if let Ok(inner) = serde_json::from_str::<Vec<&RawValue>>(value.get()) {
                self.flatten_at(&inner, &pointer, depth + 1, table);
            }
        }
    }

    /// Replaces reservations by their instances, which is what everybody wants of them.
    fn reservations(&mut self, elements: &[&'t RawValue], table: &mut Table) {
        let mut reservations = Table::new(&table.written, table.pointer.clone());
        self.flatten(elements, &mut reservations);
        "Instances".clone_into(&mut table.key);
        for reservation in &reservations.elements {
            self.reservation(reservation, table);
        }
    }

    fn reservation(&mut self, reservation: &Element, table: &mut Table) {
        let text: &'t str = self.source.text.get(reservation.span()).unwrap_or_default();
        let members = Members::of(text).unwrap_or_default();
        let instances = match members.value("Instances") {
            Some(Value::Array(instances)) => instances,
            Some(Value::Other(value)) if value.get() == "null" => return,
            _ => {
                let message = "found no `Instances` here, expected a reservation with a list of them";
                return self.bad_record(message, text, reservation.pointer.clone());
            }
        };
        let owner = members.find("OwnerId").and_then(|id| serde_json::from_str::<String>(id.get()).ok());
        let first = table.elements.len();
        self.flatten_at(instances, &format!("{}/Instances", reservation.pointer), 1, table);
        for instance in table.elements.iter_mut().skip(first) {
            instance.owner.clone_from(&owner);
        }
    }

    /// Says that records are missing if the answer tells where the next page begins.
    fn next_page(&mut self, members: &Members<'t>, document: &Document, prefix: &str) {
        let truncated = members.find("IsTruncated").map(RawValue::get);
        let left_over = members.0.iter().find_map(|(written, value)| {
            let Value::Other(value) = value else { return None };
            let counts = match key::role(written) {
                Role::NextPage => !matches!(value.get(), "null" | "\"\""),
                Role::Marker => !matches!(value.get(), "null" | "\"\"") && truncated != Some("false"),
                Role::Truncated => value.get() == "true",
                Role::Content | Role::Envelope => false,
            };
            counts.then_some((written, *value))
        });
        let Some((written, value)) = left_over else { return };
        let keys: Vec<String> = document.tables.iter().map(|table| format!("`{}`", table.written)).collect();
        let of = if keys.is_empty() { String::new() } else { format!(" of {}", keys.join(", ")) };
        let found = if key::role(written) == Role::Truncated { "is true" } else { "is left over" };
        let message = format!(
            "this export is incomplete: `{written}` {found}, so there are more records{of} than these"
        );
        let at =
            self.source.location(self.source.offset_of(value.get()), format!("{prefix}/{}", escape(written)));
        let help = match written.as_ref() {
            "AdditionalRoutesAvailable" => "export all routes with `aws ec2 export-transit-gateway-routes`",
            _ => "export all pages: leave out `--max-items`, `--no-paginate` and `--starting-token`",
        };
        self.diagnostics.push(Diagnostic::warning("incomplete-export", Some(at), message).with_help(help));
    }

    fn failed_call(&mut self, status: Option<u16>, error: &'t RawValue, mut pointer: String) {
        #[derive(Deserialize, Default)]
        #[serde(default, rename_all = "PascalCase")]
        struct Answer {
            code: Option<String>,
            message: Option<String>,
        }
        let answer: Answer = serde_json::from_str(error.get()).unwrap_or_default();
        let what = match status.filter(|status| *status >= 400) {
            Some(status) => format!("the recorded call failed with status {status}"),
            None if error.get().starts_with('{') => "the recorded call failed".to_owned(),
            None => format!("found {}, expected the answer, an object", kind(error)),
        };
        let told = [answer.code, answer.message].into_iter().flatten().map(|word| format!("`{word}`"));
        let told: Vec<String> = told.collect();
        let why = if told.is_empty() { String::new() } else { format!(": {}", told.join(", ")) };
        let message = format!("this holds no records: {what}{why}");
        if !told.is_empty() {
            pointer.push_str("/Error");
        }
        let at = self.source.location(self.source.offset_of(error.get()), pointer);
        self.diagnostics.push(Diagnostic::error("failed-call", Some(at), message));
    }

    fn bad_record(&mut self, message: impl Into<String>, text: &str, pointer: String) {
        let at = self.source.location(self.source.offset_of(text), pointer);
        self.diagnostics.push(Diagnostic::error("bad-record", Some(at), message));
    }
}

impl Table {
    fn new(written: &str, pointer: String) -> Table {
        let (key, written) = (key::canonical(written), written.to_owned());
        Table { key, written, pointer, is_array: true, elements: Vec::new() }
    }
}

/// Cloud Custodian's recordings hold the answer under `data`, beside the call's status.
fn custodian_data<'t>(members: &Members<'t>) -> Option<&'t RawValue> {
    let few = members.0.len() <= 3;
    members.find("status_code").filter(|_| few).and(members.find("data"))
}

/// Whether an element of a top-level array is an answer with lists, rather than a record.
///
/// Answers hold at most one fact besides their lists (the subject of the call); records name themselves,
/// mostly by several ids and with tags.
fn is_document(members: &Members<'_>) -> bool {
    if custodian_data(members).is_some() {
        return true;
    }
    let is_list = |value: &Value<'_>| match value {
        Value::Array(_) => true,
        Value::Other(value) => value.get().starts_with('{'),
    };
    let lists = members.content().filter(|(_, value)| is_list(value)).count();
    let names = members.content().filter(|(written, value)| {
        !is_list(value) && ["Id", "ID", "Arn", "ARN", "Name"].iter().any(|end| written.ends_with(end))
    });
    let tagged = members.content().any(|(written, _)| written.eq_ignore_ascii_case("tags"));
    match names.count() {
        0 => lists > 0 && !(tagged && lists == 1),
        1 => lists > 0 && !tagged,
        _ => false,
    }
}
