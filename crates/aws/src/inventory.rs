//! Typed tables of everything that was read.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
};

use graph::{Origin, ResourceKey};
use rustc_hash::FxHashMap;
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    Diagnostic,
    resource::{Listed, Resource},
    snapshot::{Document, Element, PathPlace, Snapshot},
};

/// Account and Region of a record; empty where unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Account id, or the name of the account's folder.
    pub account: String,
    /// Region, as in `eu-west-1`.
    pub region: String,
}

impl Place {
    /// The key of a resource of this id here.
    pub fn key(&self, id: &str) -> ResourceKey {
        ResourceKey::new(&self.account, &self.region, id)
    }

    /// Whether a record here can speak of a resource there: ids do not cross Regions.
    fn same_region(&self, other: &Self) -> bool {
        self.region == other.region || self.region.is_empty() || other.region.is_empty()
    }
}

/// The id of a resource of type `R`. Opaque: nothing is concluded from its form.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Id<R> {
    text: String,
    #[serde(skip)]
    kind: PhantomData<fn() -> R>,
}

impl<R> Id<R> {
    /// The id of this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), kind: PhantomData }
    }

    /// The id as the export gives it.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<R> Clone for Id<R> {
    fn clone(&self) -> Self {
        Self::new(self.text.clone())
    }
}

impl<R> fmt::Debug for Id<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<R> fmt::Display for Id<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<R> PartialEq for Id<R> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<R> Eq for Id<R> {}

impl<R> PartialOrd for Id<R> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<R> Ord for Id<R> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}

impl<R> Hash for Id<R> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

/// A record with where it belongs and where it was read.
#[derive(Debug, Clone)]
pub struct Entry<R> {
    /// What the record says.
    pub value: R,
    /// Its account and Region.
    pub place: Place,
    /// Its key.
    pub key: ResourceKey,
    /// Where it is written.
    pub origin: Origin,
}

impl<R> Entry<R> {
    /// Where a part of it is written; `pointer` is relative to the record.
    pub fn at(&self, pointer: impl fmt::Display) -> Option<Origin> {
        let pointer = format!("{}{pointer}", self.origin.pointer);
        Some(Origin { pointer, ..self.origin.clone() })
    }
}

/// All records of one type, sorted by key.
#[derive(Debug)]
pub struct Table<R> {
    entries: Vec<Entry<R>>,
    by_id: FxHashMap<String, Vec<usize>>,
    by_association: FxHashMap<String, Vec<usize>>,
    /// Places for which the table was exported; `false` if what was exported has a hole.
    seen: BTreeSet<(Place, bool)>,
}

impl<R> Default for Table<R> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            by_id: FxHashMap::default(),
            by_association: FxHashMap::default(),
            seen: BTreeSet::new(),
        }
    }
}

impl<R: Resource> Table<R> {
    /// The records, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = &Entry<R>> {
        self.entries.iter()
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it holds no record. An empty table may still have been exported: see [`Table::covers`].
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether the snapshot holds this table for `place`, be it empty.
    pub fn covers(&self, place: &Place) -> bool {
        self.seen_for(place).next().is_some()
    }

    /// Whether a record that is not here does not exist: the table was exported for `place`, and without holes.
    pub fn complete(&self, place: &Place) -> bool {
        let mut seen = self.seen_for(place).peekable();
        seen.peek().is_some() && seen.all(|whole| whole)
    }

    fn seen_for(&self, place: &Place) -> impl Iterator<Item = bool> {
        let same = |a: &str, b: &str| a == b || a.is_empty() || b.is_empty();
        let here = self
            .seen
            .iter()
            .filter(move |(seen, _)| seen.same_region(place) && same(&seen.account, &place.account));
        here.map(|(_, whole)| *whole)
    }

    /// The records with this association that a record at `from` can mean, sorted by key.
    pub fn associated(&self, name: &str, from: &Place) -> impl Iterator<Item = &Entry<R>> + use<'_, R> {
        let from = from.clone();
        let all = self.by_association.get(name).map_or([].as_slice(), Vec::as_slice);
        let entries = all.iter().filter_map(|&at| self.entries.get(at));
        entries.filter(move |entry| R::GLOBAL || entry.place.same_region(&from))
    }

    /// The record that a record at `from` means by `id`: of the same account and Region if there are several, never
    /// of another Region, and `None` if that still leaves a choice.
    pub fn get(&self, id: &Id<R>, from: &Place) -> Option<&Entry<R>> {
        let all = self.by_id.get(id.as_str())?;
        let reachable: Vec<&Entry<R>> = all
            .iter()
            .filter_map(|&at| self.entries.get(at))
            .filter(|entry| R::GLOBAL || entry.place.same_region(from))
            .collect();
        match reachable.as_slice() {
            [only] => Some(only),
            several => {
                let mut own = several.iter().filter(|entry| entry.place == *from);
                own.next().filter(|_| own.next().is_none()).copied()
            }
        }
    }

    /// Sorts and indexes records; the same resource twice is merged, and contradiction is remarked on.
    fn fill(&mut self, mut entries: Vec<Entry<R>>, remarks: &mut Vec<(Origin, String)>) {
        entries.sort_by(|a, b| {
            (&a.key, a.value.weight(), &a.origin).cmp(&(&b.key, b.value.weight(), &b.origin))
        });
        entries.dedup_by(|second, first| {
            let same = second.key == first.key;
            if same && second.value != first.value {
                let message = format!(
                    "`{}` is described a second time and differently; the other description is used",
                    second.key.id()
                );
                remarks.push((second.origin.clone(), message));
            }
            same
        });
        self.by_id.clear();
        for (at, entry) in entries.iter().enumerate() {
            self.by_id.entry(entry.value.id().as_str().to_owned()).or_default().push(at);
        }
        self.by_association.clear();
        for (at, entry) in entries.iter().enumerate() {
            for name in entry.value.associations() {
                self.by_association.entry(name).or_default().push(at);
            }
        }
        self.entries = entries;
    }
}

/// A record that was parsed but not yet placed.
#[derive(Debug)]
pub struct Draft<R> {
    value: R,
    account: Option<String>,
    region: Option<String>,
    origin: Origin,
}

impl<R: Resource> Draft<R> {
    /// The id of the record.
    pub(crate) fn id(&self) -> &str {
        self.value.id().as_str()
    }
}

/// Parsed records, and the places for which their table was exported; `false` where with holes.
pub type Records<R> = (Vec<Draft<R>>, BTreeSet<(PathPlace, bool)>);

/// Everything read from a snapshot: one table per resource type, and the answers that are no resources.
#[derive(Debug, Default)]
pub struct Inventory {
    pub(crate) tables: crate::resource::Tables,
    pub(crate) prefixes: crate::resource::PrefixEntries,
    pub(crate) groups: BTreeMap<String, Vec<String>>,
    places: BTreeSet<Place>,
}

impl Inventory {
    /// Reads every table that this crate knows. Bad records are skipped; each is a diagnostic, sorted by place.
    pub fn read(snapshot: &Snapshot) -> (Self, Vec<Diagnostic>) {
        let mut reading = Reading {
            snapshot,
            diagnostics: Vec::new(),
            regions: BTreeSet::new(),
            accounts: BTreeSet::new(),
        };
        let mut inventory = Self::default();
        crate::resource::read_all(&mut reading, &mut inventory);
        let mut diagnostics = reading.diagnostics;
        crate::resource::unread(snapshot, &inventory, &mut diagnostics);
        diagnostics.sort();
        diagnostics.dedup();
        (inventory, diagnostics)
    }

    /// The table of a type.
    pub fn table<R: Listed>(&self) -> &Table<R> {
        R::table(&self.tables)
    }

    /// What a record at `from` means by `id`. See [`Table::get`].
    pub fn get<R: Listed>(&self, id: &Id<R>, from: &Place) -> Option<&Entry<R>> {
        self.table().get(id, from)
    }

    /// Accounts and Regions of the records, sorted.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.places.iter()
    }

    /// Whether any record belongs to this account.
    pub fn knows_account(&self, account: &str) -> bool {
        self.places.iter().any(|place| place.account == account)
    }

    /// Members of resource groups by the group's name or ARN: ids and ARNs as exported.
    pub fn resource_groups(&self) -> &BTreeMap<String, Vec<String>> {
        &self.groups
    }
}

/// State of reading a snapshot.
#[derive(Debug)]
pub struct Reading<'s> {
    pub(crate) snapshot: &'s Snapshot,
    pub(crate) diagnostics: Vec<Diagnostic>,
    regions: BTreeSet<String>,
    accounts: BTreeSet<String>,
}

impl Reading<'_> {
    /// Parses one element; a bad one is a diagnostic and `None`.
    pub(crate) fn parse<T: DeserializeOwned>(
        &mut self,
        index: u32,
        document: &Document,
        element: &Element,
    ) -> Option<(T, Origin)> {
        let origin = Origin {
            document: index,
            offset: element.offset,
            record: element.pointer.clone(),
            pointer: String::new(),
        };
        let deserializer = &mut serde_json::Deserializer::from_str(document.raw(element));
        match serde_path_to_error::deserialize(deserializer) {
            Ok(value) => Some((value, origin)),
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

    /// Parses all records of a type.
    pub(crate) fn records<R: Resource>(&mut self) -> Records<R> {
        let mut drafts = Vec::new();
        let mut seen = BTreeSet::new();
        let snapshot = self.snapshot;
        for (index, document) in (0u32..).zip(snapshot.documents()) {
            for table in document.tables.iter().filter(|table| table.key == R::LIST) {
                let mut whole = true;
                for element in &table.elements {
                    let Some((value, origin)) = self.parse::<R>(index, document, element) else {
                        whole = false;
                        continue;
                    };
                    self.draft(value, origin, element.owner.as_deref(), document, &mut drafts);
                }
                seen.insert((document.place.clone(), whole && !document.incomplete));
            }
        }
        let mut records = (drafts, seen);
        R::also(self, &mut records);
        records
    }

    pub(crate) fn draft<R: Resource>(
        &mut self,
        value: R,
        origin: Origin,
        owner: Option<&str>,
        document: &Document,
        drafts: &mut Vec<Draft<R>>,
    ) {
        let account = value.account().map(str::to_owned).or_else(|| owner.map(str::to_owned));
        let account = account.or_else(|| document.place.account.clone());
        let region = if R::GLOBAL {
            value.region().or_else(|| document.place.region.clone())
        } else {
            document.place.region.clone().or_else(|| value.region())
        };
        self.accounts.extend(account.clone());
        self.regions.extend(region.clone());
        drafts.push(Draft { value, account, region, origin });
    }

    /// Places drafts: where account or Region is unknown and the snapshot knows only one, it is that one.
    pub(crate) fn place<R: Resource>(
        &mut self,
        table: &mut Table<R>,
        drafts: Vec<Draft<R>>,
        seen: &BTreeSet<(PathPlace, bool)>,
        places: &mut BTreeSet<Place>,
    ) {
        let only = |set: &BTreeSet<String>| match set.len() {
            1 => set.first().cloned().unwrap_or_default(),
            _ => String::new(),
        };
        let (account, region) = (only(&self.accounts), only(&self.regions));
        let entries: Vec<Entry<R>> = drafts
            .into_iter()
            .map(|draft| {
                let place = Place {
                    account: draft.account.unwrap_or_else(|| account.clone()),
                    region: draft.region.unwrap_or_else(|| region.clone()),
                };
                let key = place.key(draft.value.id().as_str());
                Entry { value: draft.value, place, key, origin: draft.origin }
            })
            .collect();
        places.extend(entries.iter().map(|entry| entry.place.clone()));
        table.seen = seen
            .iter()
            .map(|(place, whole)| {
                let account = place.account.clone().unwrap_or_default();
                (Place { account, region: place.region.clone().unwrap_or_default() }, *whole)
            })
            .collect();
        let mut remarks = Vec::new();
        table.fill(entries, &mut remarks);
        for (origin, message) in remarks {
            let location = self.snapshot.locate(origin.document, origin.offset, &origin.pointer);
            self.diagnostics.push(Diagnostic::warning("contradiction", Some(location), message));
        }
    }
}

pub(crate) fn finish_places(inventory: &mut Inventory, places: BTreeSet<Place>) {
    inventory.places = places;
}

/// A path of serde as a JSON pointer.
fn pointer_of(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}
