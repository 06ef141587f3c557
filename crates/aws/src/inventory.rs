//! Typed tables of everything that was read.

mod reading;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
};

use graph::{Origin, ResourceKey};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::{
    Diagnostic,
    resource::{Listed, Resource},
    snapshot::Snapshot,
};

pub(crate) use reading::Answer;
pub(crate) use reading::Glance;
pub use reading::{Reading, Records};

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
    pub(crate) fn same_region(&self, other: &Self) -> bool {
        self.region == other.region || self.region.is_empty() || other.region.is_empty()
    }
}

/// The id of a resource of type `R`. Opaque: nothing is concluded from its form.
///
/// INVARIANT: not empty when it was read. Kept by its `Deserialize`.
pub struct Id<R> {
    text: String,
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

impl<'de, R> Deserialize<'de> for Id<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() {
            Err(D::Error::custom("found an empty string, expected an id"))
        } else {
            Ok(Self::new(text))
        }
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
    standing: Standing,
}

/// How far a description of a resource is to be believed, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// Exported from the account that owns the resource, or from who knows where.
    Owner,
    /// Exported from an account with which the resource is shared.
    Guest,
    /// Concluded from other records that speak of it.
    Concluded,
}

impl<R> Entry<R> {
    /// Where a part of it is written; `pointer` is relative to the record.
    pub fn at(&self, pointer: impl fmt::Display) -> Option<Origin> {
        let pointer = format!("{}{pointer}", self.origin.pointer);
        Some(Origin { pointer, ..self.origin.clone() })
    }

    /// An entry of which there is no record.
    pub(crate) fn made(value: R, place: Place, key: ResourceKey, origin: Origin) -> Self {
        Self { value, place, key, origin, standing: Standing::Concluded }
    }

    /// Whether it was exported from the account that owns it, or from who knows where.
    pub(crate) fn is_owners(&self) -> bool {
        self.standing == Standing::Owner
    }

    /// Whether there is no record of it, and only others speak of it.
    pub(crate) fn is_concluded(&self) -> bool {
        self.standing == Standing::Concluded
    }
}

/// Accounts and Regions that a document speaks for; `None` is any.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Coverage {
    accounts: Option<BTreeSet<String>>,
    regions: Option<BTreeSet<String>>,
    /// `false` if something of it is missing.
    whole: bool,
}

impl Coverage {
    fn includes(&self, place: &Place) -> bool {
        let among = |set: &Option<BTreeSet<String>>, name: &String| {
            name.is_empty() || set.as_ref().is_none_or(|set| set.contains(name))
        };
        among(&self.accounts, &place.account) && among(&self.regions, &place.region)
    }
}

/// All records of one type, sorted by key.
#[derive(Debug)]
pub struct Table<R> {
    entries: Vec<Entry<R>>,
    by_id: FxHashMap<String, Vec<usize>>,
    by_association: FxHashMap<String, Vec<usize>>,
    /// What was exported of it.
    seen: Vec<Coverage>,
    /// Where records of unknown kind are missing.
    holes: Vec<Coverage>,
}

impl<R> Default for Table<R> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            by_id: FxHashMap::default(),
            by_association: FxHashMap::default(),
            seen: Vec::new(),
            holes: Vec::new(),
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
        self.seen.iter().any(|seen| seen.includes(place))
    }

    /// Whether a record that is not here does not exist: the table was exported for `place`, and no part of it nor
    /// any file that might have held a part of it is damaged or missing.
    pub fn complete(&self, place: &Place) -> bool {
        let mut known = self.seen.iter().chain(&self.holes).filter(|seen| seen.includes(place));
        self.covers(place) && known.all(|seen| seen.whole)
    }

    /// The records with this association that a record at `from` can mean, sorted by key.
    pub fn associated(&self, name: &str, from: &Place) -> impl Iterator<Item = &Entry<R>> + use<'_, R> {
        let from = from.clone();
        let all = self.by_association.get(name).map_or([].as_slice(), Vec::as_slice);
        let entries = all.iter().filter_map(|&at| self.entries.get(at));
        entries.filter(move |entry| R::GLOBAL || entry.place.same_region(&from))
    }

    /// The record that a record at `from` means by `id`: of the same account if there are several, never of another
    /// Region, and `None` if that still leaves a choice.
    pub fn get(&self, id: &Id<R>, from: &Place) -> Option<&Entry<R>> {
        let all = self.by_id.get(id.as_str())?.iter().filter_map(|&at| self.entries.get(at));
        let found: Vec<&Entry<R>> = all.filter(|entry| R::GLOBAL || entry.place.same_region(from)).collect();
        let only = |fits: &dyn Fn(&Place) -> bool| {
            let mut fitting = found.iter().filter(|entry| fits(&entry.place));
            fitting.next().filter(|_| fitting.next().is_none()).copied()
        };
        only(&|_| true)
            .or_else(|| only(&|place| place.account == from.account))
            .or_else(|| only(&|place| place == from))
    }

    /// The records with this association, wherever they are, sorted by key.
    pub(crate) fn associated_anywhere(&self, name: &str) -> impl Iterator<Item = &Entry<R>> + use<'_, R> {
        let all = self.by_association.get(name).map_or([].as_slice(), Vec::as_slice);
        all.iter().filter_map(|&at| self.entries.get(at))
    }

    /// The place of the record of this key in the order of keys.
    pub(crate) fn position(&self, key: &ResourceKey) -> Option<usize> {
        self.entries.binary_search_by(|entry| entry.key.cmp(key)).ok()
    }

    /// All records of this id, wherever they are, sorted by key: for what is in two Regions at once.
    pub(crate) fn everywhere(&self, id: &str) -> impl Iterator<Item = &Entry<R>> {
        let all = self.by_id.get(id).map_or([].as_slice(), Vec::as_slice);
        all.iter().filter_map(|&at| self.entries.get(at))
    }

    /// Sorts and indexes records. The same resource twice is merged: the owner's description counts, and what only
    /// others tell counts if there is no description. Contradiction between equals is remarked on.
    fn fill(&mut self, mut entries: Vec<Entry<R>>, remarks: &mut Vec<(Origin, String)>) {
        // The weight is dear, and needed only where a resource is described twice.
        entries.sort_by(|a, b| {
            (&a.key, a.value.part(), a.standing)
                .cmp(&(&b.key, b.value.part(), b.standing))
                .then_with(|| a.value.weight().cmp(&b.value.weight()))
                .then_with(|| a.origin.cmp(&b.origin))
        });
        entries.dedup_by(|second, first| {
            let same = second.key == first.key && second.value.part() == first.value.part();
            if same
                && second.standing == first.standing
                && !first.is_concluded()
                && second.value != first.value
            {
                let id = second.value.id();
                let message = format!(
                    "`{id}` is described a second time and differently; the other description is used"
                );
                remarks.push((second.origin.clone(), message));
            }
            same
        });
        if R::GLOBAL {
            // Where the record itself names no Region, every Region's answer lists the same resource.
            let mut seen = BTreeSet::new();
            entries.retain(|entry| {
                let part = entry.value.part().map(str::to_owned);
                let name = (entry.place.account.clone(), entry.value.id().as_str().to_owned(), part);
                entry.value.region().is_some() || seen.insert(name)
            });
        }
        let mut described = FxHashMap::<String, Vec<Place>>::default();
        for entry in entries.iter().filter(|entry| !entry.is_concluded()) {
            described.entry(entry.value.id().as_str().to_owned()).or_default().push(entry.place.clone());
        }
        entries.retain(|entry| {
            let places = described.get(entry.value.id().as_str()).map_or([].as_slice(), Vec::as_slice);
            // Ids are unique in a Region, so that a description of another account's is a description of this.
            !entry.is_concluded() || !places.iter().any(|place| place.same_region(&entry.place))
        });
        self.by_id.clear();
        self.by_association.clear();
        for (at, entry) in entries.iter().enumerate() {
            self.by_id.entry(entry.value.id().as_str().to_owned()).or_default().push(at);
            for name in entry.value.associations() {
                self.by_association.entry(name).or_default().push(at);
            }
        }
        self.entries = entries;
    }
}

/// Everything read from a snapshot: one table per resource type, and the answers that are no resources.
#[derive(Debug, Default)]
pub struct Inventory {
    pub(crate) tables: crate::resource::Tables,
    pub(crate) balancing: crate::resource::BalancingAnswers,
    pub(crate) dns: crate::resource::DnsAnswers,
    pub(crate) prefixes: crate::resource::PrefixEntries,
    pub(crate) groups: BTreeMap<String, Vec<String>>,
    pub(crate) firewalls: crate::resource::FirewallParts,
    pub(crate) multicast_subnets: BTreeSet<String>,
    pub(crate) not_modelled: Vec<crate::resource::NotModelled>,
    pub(crate) transit: crate::resource::Transit,
    pub(crate) places: BTreeSet<Place>,
    pub(crate) services: crate::resource::Services,
    pub(crate) record_tags: crate::resource::RecordTags,
    pub(crate) web_acls: crate::resource::WebAcls,
    pub(crate) assumptions: Assumptions,
    /// What is asked again and again of all records, found out at the first time.
    pub(crate) once: crate::once::Once,
}

/// What is taken for granted where no export can tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Assumptions {
    /// What appliances do with packets of others that are sent through them.
    pub appliances: Appliances,
}

/// What appliances do with packets of others: hosts without source/destination check that routes lead to, and the
/// appliances behind Gateway Load Balancers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Appliances {
    /// As AWS's analyzers take it: appliances behind a Gateway Load Balancer return every packet unchanged, and what
    /// other hosts do is not known.
    #[default]
    AsAws,
    /// All forward every packet unchanged.
    Trusted,
    /// What any of them does is not known.
    Unknown,
}

impl Inventory {
    /// The same inventory under other assumptions.
    #[must_use]
    pub fn assuming(mut self, assumptions: Assumptions) -> Self {
        self.assumptions = assumptions;
        self
    }

    /// What is taken for granted where no export can tell.
    pub fn assumed(&self) -> Assumptions {
        self.assumptions
    }

    /// Reads every table that this crate knows. Bad records are skipped; each is a diagnostic, sorted by place.
    pub fn read(snapshot: &Snapshot) -> (Self, Vec<Diagnostic>) {
        let mut reading = Reading::new(snapshot);
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

    /// The key of what a record at `from` means by `id`; if that is not here, the key it would have there.
    pub(crate) fn key_of<R: Listed>(&self, id: &Id<R>, from: &Place) -> ResourceKey {
        self.get(id, from).map_or_else(|| from.key(id.as_str()), |entry| entry.key.clone())
    }

    /// The records that name `subject` in this relation and mean it and no namesake, sorted by key.
    pub(crate) fn naming<'i, R: Listed + 'i, S: Listed + 'i>(
        &'i self,
        relation: &str,
        subject: &'i Entry<S>,
    ) -> impl Iterator<Item = &'i Entry<R>> + use<'i, R, S> {
        let name = format!("{relation}:{}", subject.value.id());
        let named = self.table::<R>().associated(&name, &subject.place);
        named.filter(|entry| {
            self.get(subject.value.id(), &entry.place).is_some_and(|meant| meant.key == subject.key)
        })
    }

    /// Accounts and Regions of the records, sorted.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.places.iter()
    }

    /// Whether any record belongs to this account. Others may speak of it all the same.
    pub fn knows_account(&self, account: &str) -> bool {
        self.places.iter().any(|place| place.account == account)
    }

    /// What is named so and not modelled, in words.
    pub fn not_modelled(&self, id: &str) -> Option<String> {
        crate::resource::not_modelled_named(self, id)
    }

    /// Members of resource groups by the group's name or ARN: ids and ARNs as exported.
    pub fn resource_groups(&self) -> &BTreeMap<String, Vec<String>> {
        &self.groups
    }
}
