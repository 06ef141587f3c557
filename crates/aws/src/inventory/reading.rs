//! Raw records to typed ones, each with its account and Region.
//!
//! A record's own words come first, then the file's path, then what the other records of the snapshot tell.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use graph::Origin;
use serde::de::DeserializeOwned;

use super::{Coverage, Entry, Place, Standing, Table};
use crate::{
    Diagnostic,
    resource::Resource,
    snapshot::{Document, Element, PathPlace, Snapshot, is_account_id},
};

/// A record that was parsed but not yet placed.
#[derive(Debug)]
struct Draft<R> {
    value: R,
    account: Option<String>,
    region: Option<String>,
    origin: Origin,
    concluded: bool,
}

/// The parsed records of a type.
#[derive(Debug)]
pub struct Records<R> {
    drafts: Vec<Draft<R>>,
    /// Documents that hold the table; `false` where with holes.
    seen: Vec<(u32, bool)>,
}

impl<R: Resource> Records<R> {
    /// Whether no document holds the table.
    pub(crate) fn is_absent(&self) -> bool {
        self.seen.is_empty()
    }

    /// Ids of the records.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.drafts.iter().map(|draft| draft.value.id().as_str())
    }

    /// Adds a resource of which another record speaks, at `pointer`. It counts only if it is not described itself.
    /// `account` and `region` are what that record tells of them.
    pub(crate) fn conclude<T>(
        &mut self,
        value: R,
        from: &Glance<T>,
        pointer: &str,
        account: Option<&str>,
        region: Option<String>,
    ) {
        let account = account.or(from.owner.as_deref()).map(str::to_owned);
        let region = from.region.clone().or(region);
        let origin = Origin { pointer: pointer.to_owned(), ..from.origin.clone() };
        self.drafts.push(Draft { value, account, region, origin, concluded: true });
    }
}

/// A record that was looked at for what it tells of others.
#[derive(Debug)]
pub(crate) struct Glance<T> {
    pub(crate) value: T,
    pub(crate) origin: Origin,
    pub(crate) owner: Option<String>,
    pub(crate) region: Option<String>,
}

impl<T> Glance<T> {
    /// The Region that the path of its document tells.
    pub(crate) fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }
}

/// The records of an answer that does not say in each record what they are about.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    /// The request's parameter that names the subject.
    pub(crate) parameter: &'static str,
    /// What it is about, the likeliest reading first; never empty.
    pub(crate) subjects: Vec<String>,
    /// Account and Region from which it was exported.
    pub(crate) place: Place,
    /// Index of its document.
    pub(crate) document: u32,
    /// Its records, without damaged ones.
    pub(crate) records: Vec<(T, Origin)>,
    /// `false` if records of it are damaged or missing.
    pub(crate) whole: bool,
}

impl<T> Answer<T> {
    /// The one of its readings that `known` knows, else the likeliest.
    pub(crate) fn subject(&self, known: impl Fn(&str) -> bool) -> &str {
        let found = self.subjects.iter().find(|subject| known(subject)).or(self.subjects.first());
        found.map_or("", String::as_str)
    }
}

/// What the records of a document tell of their accounts and Regions.
#[derive(Debug, Clone, Default)]
struct Told {
    /// Owners of records of types that an account sees only if they are its own.
    own: BTreeSet<String>,
    /// Owners of all records.
    any: BTreeSet<String>,
    regions: BTreeSet<String>,
}

/// State of reading a snapshot.
#[derive(Debug)]
pub struct Reading<'s> {
    pub(crate) snapshot: &'s Snapshot,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// By document.
    told: Vec<Told>,
    /// The accounts from which the documents were exported, by the account that their paths name.
    homes: BTreeMap<Option<String>, BTreeSet<String>>,
    /// Whether `homes` had to be guessed, because what tells of accounts may be shared between them.
    guessed: BTreeSet<Option<String>>,
    regions: BTreeSet<String>,
}

impl<'s> Reading<'s> {
    pub(super) fn new(snapshot: &'s Snapshot) -> Self {
        Self {
            snapshot,
            diagnostics: Vec::new(),
            told: vec![Told::default(); snapshot.documents().len()],
            homes: BTreeMap::new(),
            guessed: BTreeSet::new(),
            regions: BTreeSet::new(),
        }
    }

    /// The documents with their indexes.
    pub(crate) fn documents(&self) -> impl Iterator<Item = (u32, &'s Document)> + use<'s> {
        (0u32..).zip(self.snapshot.documents())
    }

    /// Parses one element; a bad one is a diagnostic and `None`.
    pub(crate) fn parse<T: DeserializeOwned>(
        &mut self,
        index: u32,
        document: &Document,
        element: &Element,
    ) -> Option<(T, Origin)> {
        let deserializer = &mut serde_json::Deserializer::from_str(document.raw(element));
        match serde_path_to_error::deserialize(deserializer) {
            Ok(value) => Some((value, origin_of(index, element))),
            Err(error) => {
                let pointer = pointer_of(error.path());
                let location = self.snapshot.locate(index, element.offset, &pointer);
                let text = error.inner().to_string();
                let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
                self.diagnostics.push(
                    Diagnostic::error("bad-record", Some(location), text.to_owned())
                        .with_help("this record is left out; what depends on it is reported as unknown"),
                );
                None
            }
        }
    }

    /// Parses the answers under the top-level member `list` that do not name their subject in each record. The subject
    /// is an extra member, called as one of `parameters`, or stands in the file's or folder's name, where ids and ARNs
    /// of it begin so. Answers without are remarked on and left out; `of` says what they would belong to.
    pub(crate) fn answers<T: DeserializeOwned>(
        &mut self,
        list: &str,
        of: &str,
        parameters: &[(&'static str, &[&str])],
    ) -> Vec<Answer<T>> {
        let mut found = Vec::new();
        for (index, document) in self.documents() {
            for table in document.tables.iter().filter(|table| table.key == list) {
                let named = parameters.iter().find_map(|(parameter, kinds)| {
                    Some((*parameter, document.subjects(parameter, kinds)))
                        .filter(|(_, named)| !named.is_empty())
                });
                let Some((parameter, subjects)) = named else {
                    let location = table.elements.first().map(|e| self.snapshot.locate(index, e.offset, ""));
                    let members: Vec<String> =
                        parameters.iter().map(|(parameter, _)| format!("`{parameter}`")).collect();
                    let message = format!("these `{list}` do not say which {of} they belong to");
                    let help = format!(
                        "add a top-level member {}, or name the file after the {of}",
                        members.join(" or ")
                    );
                    self.diagnostics
                        .push(Diagnostic::warning("no-subject", location, message).with_help(help));
                    continue;
                };
                let mut whole = !document.incomplete;
                let mut records = Vec::with_capacity(table.elements.len());
                for element in &table.elements {
                    match self.parse(index, document, element) {
                        Some(record) => records.push(record),
                        None => whole = false,
                    }
                }
                let place = self.place_of(document);
                found.push(Answer { parameter, subjects, place, document: index, records, whole });
            }
        }
        found
    }

    /// Looks at every record of `list` as a `T`, without remarks: whoever reads the list makes them.
    pub(crate) fn glances<T: DeserializeOwned>(&self, list: &str) -> Vec<Glance<T>> {
        let mut found = Vec::new();
        for (index, document) in self.documents() {
            let elements =
                document.tables.iter().filter(|table| table.key == list).flat_map(|table| &table.elements);
            for element in elements {
                let Ok(value) = serde_json::from_str(document.raw(element)) else { continue };
                let (origin, owner) = (origin_of(index, element), element.owner.clone());
                found.push(Glance { value, origin, owner, region: document.place.region.clone() });
            }
        }
        found
    }

    /// The same with the place and the origin of each. To be called after [`settle`](Self::settle).
    pub(crate) fn peeks<T: DeserializeOwned>(&self, list: &str) -> Vec<(T, Place, Origin)> {
        let glances = self.glances::<T>(list).into_iter().filter_map(|glance| {
            let document = self.snapshot.documents().get(glance.origin.document as usize)?;
            Some((glance.value, self.place_of(document), glance.origin))
        });
        glances.collect()
    }

    /// Parses all records of a type.
    pub(crate) fn records<R: Resource>(&mut self) -> Records<R> {
        let mut records = Records { drafts: Vec::new(), seen: Vec::new() };
        for (index, document) in self.documents() {
            let listed = |key: &str| key == R::LIST || R::ALSO.contains(&key);
            for table in document.tables.iter().filter(|table| listed(&table.key)) {
                let another = |element: &&Element| R::is_another(document.raw(element));
                if !table.elements.is_empty() && table.elements.iter().all(|element| another(&element)) {
                    continue;
                }
                let mut whole = !document.incomplete;
                for element in table.elements.iter().filter(|element| !another(element)) {
                    let Some((value, origin)) = self.parse::<R>(index, document, element) else {
                        whole = false;
                        continue;
                    };
                    let draft = Self::draft(value, origin, element.owner.as_deref(), &document.place);
                    self.listen(index, &draft);
                    records.drafts.push(draft);
                }
                records.seen.push((index, whole));
            }
        }
        R::also(self, &mut records);
        records
    }

    /// Adds the records that the elements of `list` hold in a list of their own, called as the type's own list: answers
    /// that a program collected, each with what it was asked about.
    pub(crate) fn nested<R: Resource>(&mut self, list: &str, records: &mut Records<R>) {
        for (index, document) in self.documents() {
            for table in document.tables.iter().filter(|table| table.key == list) {
                let mut whole = !document.incomplete;
                for element in &table.elements {
                    let Some((answer, origin)) =
                        self.parse::<BTreeMap<String, serde_json::Value>>(index, document, element)
                    else {
                        whole = false;
                        continue;
                    };
                    let inner = answer.get(R::LIST).and_then(serde_json::Value::as_array);
                    for (at, record) in inner.into_iter().flatten().enumerate() {
                        let pointer = format!("/{}/{at}", R::LIST);
                        match R::deserialize(record) {
                            Ok(value) => {
                                let origin = Origin { pointer, ..origin.clone() };
                                let draft =
                                    Self::draft(value, origin, element.owner.as_deref(), &document.place);
                                self.listen(index, &draft);
                                records.drafts.push(draft);
                            }
                            Err(error) => {
                                whole = false;
                                let location = self.snapshot.locate(index, element.offset, &pointer);
                                self.diagnostics.push(
                                    Diagnostic::error("bad-record", Some(location), error.to_string())
                                        .with_help("this record is left out; what depends on it is reported as unknown"),
                                );
                            }
                        }
                    }
                }
                records.seen.push((index, whole));
            }
        }
    }

    fn draft<R: Resource>(value: R, origin: Origin, owner: Option<&str>, path: &PathPlace) -> Draft<R> {
        let account = value.account().filter(|account| !account.is_empty()).or(owner).map(str::to_owned);
        let region = if R::GLOBAL {
            value.region().or_else(|| path.region.clone())
        } else {
            path.region.clone().or_else(|| value.region())
        };
        Draft { value, account, region, origin, concluded: false }
    }

    /// Takes note of what a record tells of its account and Region.
    fn listen<R: Resource>(&mut self, document: u32, draft: &Draft<R>) {
        // A resource that spans accounts and Regions does not tell where its record was exported.
        let Some(told) = self.told.get_mut(document as usize).filter(|_| !R::GLOBAL) else { return };
        told.any.extend(draft.account.clone());
        if R::OWN {
            told.own.extend(draft.account.clone());
        }
        told.regions.extend(draft.region.clone());
    }

    /// Concludes from all records which accounts and Regions there are. To be called between reading and placing.
    pub(crate) fn settle(&mut self) {
        let mut by_path = BTreeMap::<Option<String>, Told>::new();
        for ((_, document), told) in self.documents().zip(&self.told) {
            let sum = by_path.entry(document.place.account.clone()).or_default();
            sum.own.extend(told.own.iter().cloned());
            sum.any.extend(told.any.iter().cloned());
            self.regions.extend(told.regions.iter().cloned().chain(document.place.region.clone()));
        }
        let all: BTreeSet<String> = by_path.values().flat_map(|told| told.any.iter().cloned()).collect();
        for (path, told) in by_path {
            let id = path.clone().filter(|name| is_account_id(name));
            let (homes, guessed) = match (id, told.own.is_empty(), told.any.is_empty()) {
                (Some(id), ..) => (BTreeSet::from([id]), false),
                (None, false, _) => (told.own, false),
                (None, true, false) => (told.any, true),
                (None, true, true) => (all.clone(), true),
            };
            if guessed && homes.len() > 1 {
                self.guessed.insert(path.clone());
            }
            self.homes.insert(path, homes);
        }
    }

    /// The account of a record that does not tell it.
    fn account(&self, path: &PathPlace) -> String {
        let homes = self.homes.get(&path.account);
        let only = homes.filter(|homes| homes.len() == 1).and_then(BTreeSet::first);
        only.or(path.account.as_ref()).cloned().unwrap_or_default()
    }

    /// The accounts and Regions that a document speaks for.
    fn coverage(&self, index: u32, whole: bool) -> Option<Coverage> {
        let path = &self.snapshot.documents().get(index as usize)?.place;
        let told = self.told.get(index as usize)?;
        let homes = self.homes.get(&path.account).filter(|homes| !homes.is_empty());
        let mut whole = whole && !self.guessed.contains(&path.account);
        let regions = match &path.region {
            Some(region) => Some(BTreeSet::from([region.clone()])),
            None if !told.regions.is_empty() => Some(told.regions.clone()),
            None => {
                // It speaks for one Region or for all, and nothing tells which.
                whole &= self.regions.len() <= 1;
                None
            }
        };
        let accounts = homes.cloned().map(|mut homes| {
            homes.extend(path.account.clone());
            homes
        });
        Some(Coverage { accounts, regions, whole })
    }

    /// The places of files that could not be used.
    fn holes(&self) -> Vec<Coverage> {
        let holes = self.snapshot.holes().iter().map(|path| {
            let homes = path.account.clone().map(|name| {
                let mut homes = self.homes.get(&Some(name.clone())).cloned().unwrap_or_default();
                homes.insert(name);
                homes
            });
            // A folder's name of which no record tells the account may stand for any.
            let told = homes.filter(|homes| homes.iter().any(|home| is_account_id(home)));
            let regions = path.region.clone().map(|region| BTreeSet::from([region]));
            Coverage { accounts: told, regions, whole: false }
        });
        holes.collect()
    }

    /// Places drafts: where account or Region is unknown and the snapshot knows only one, it is that one.
    pub(crate) fn place<R: Resource>(
        &mut self,
        table: &mut Table<R>,
        records: Records<R>,
        places: &mut BTreeSet<Place>,
    ) {
        let region = self.regions.first().filter(|_| self.regions.len() == 1).cloned().unwrap_or_default();
        let mut entries = Vec::with_capacity(records.drafts.len());
        for draft in records.drafts {
            let Some(document) = self.snapshot.documents().get(draft.origin.document as usize) else {
                continue;
            };
            let account = draft.account.unwrap_or_else(|| self.account(&document.place));
            let homes = self.homes.get(&document.place.account);
            let guest = homes.is_some_and(|homes| !homes.is_empty() && !homes.contains(&account));
            let standing = match (draft.concluded, guest) {
                (true, _) => Standing::Concluded,
                (false, true) => Standing::Guest,
                (false, false) => Standing::Owner,
            };
            let place = Place { account, region: draft.region.unwrap_or_else(|| region.clone()) };
            let key = place.key(draft.value.id().as_str());
            entries.push(Entry { value: draft.value, place, key, origin: draft.origin, standing });
        }
        places.extend(entries.iter().map(|entry| entry.place.clone()));
        let mut seen: Vec<Coverage> =
            records.seen.iter().filter_map(|&(index, whole)| self.coverage(index, whole)).collect();
        seen.sort();
        seen.dedup();
        table.seen = seen;
        table.holes = self.holes();
        let mut remarks = Vec::new();
        table.fill(entries, &mut remarks);
        for (origin, message) in remarks {
            let location = self.snapshot.locate(origin.document, origin.offset, &origin.pointer);
            self.diagnostics.push(Diagnostic::warning("contradiction", Some(location), message));
        }
    }

    /// The place of a document's answer that tells no account or Region itself.
    pub(crate) fn place_of(&self, document: &Document) -> Place {
        let region = self.regions.first().filter(|_| self.regions.len() == 1).cloned();
        let region = document.place.region.clone().or(region).unwrap_or_default();
        Place { account: self.account(&document.place), region }
    }
}

fn origin_of(index: u32, element: &Element) -> Origin {
    Origin {
        document: index,
        offset: element.offset,
        record: element.pointer.clone(),
        pointer: String::new(),
    }
}

/// A path of serde as a JSON pointer.
fn pointer_of(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => {
                // Writing to a string cannot fail.
                let _ = write!(pointer, "/{index}");
            }
            Segment::Map { key } => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}
