//! Domain lists as they were exported, whether rules use them or not.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Inventory, Place,
    resource::{DnsDomainList, Resource as _, dns_answers::Told},
};

/// A domain list as it was exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedList {
    /// Its id.
    pub id: String,
    /// Its name, if a description of it was exported.
    pub name: Option<String>,
    /// Account and Region of the description, or else of the names.
    pub place: Place,
    /// Whether AWS keeps it.
    pub is_managed: bool,
    /// Its status, unless that is `COMPLETE` or not told.
    pub unsettled: Option<String>,
    /// How many names the description says it has.
    pub count: Option<u64>,
    /// Its names as they are written, each once; `None` if they were not exported.
    pub entries: Option<Vec<String>>,
    /// Whether all names were exported.
    pub is_whole: bool,
}

/// What is to become of a domain list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListChange {
    /// Names that are added.
    pub add: Vec<String>,
    /// Names that are removed, written as in the export.
    pub remove: Vec<String>,
}

/// All domain lists of which the snapshot tells, sorted by id, Region and account.
pub(super) fn all(inventory: &Inventory) -> Vec<ExportedList> {
    let mut found = BTreeMap::new();
    for entry in inventory.table::<DnsDomainList>().iter() {
        let list = &entry.value;
        let id = list.id().as_str().to_owned();
        let told = inventory.dns.domains(&id, &entry.place);
        let exported = ExportedList {
            name: list.given_name().map(str::to_owned),
            place: entry.place.clone(),
            is_managed: list.is_managed(),
            unsettled: list.unsettled().map(str::to_owned),
            count: list.count(),
            entries: told.map(entries),
            is_whole: told.is_some_and(|told| told.whole),
            id: id.clone(),
        };
        found.insert((id, entry.place.clone()), exported);
    }
    for (id, told) in inventory.dns.all_domains() {
        for told in told {
            let described = found.keys().any(|(known, place)| known == id && place.same_region(&told.place));
            if described {
                continue;
            }
            let exported = ExportedList {
                id: id.to_owned(),
                name: None,
                place: told.place.clone(),
                is_managed: false,
                unsettled: None,
                count: None,
                entries: Some(entries(told)),
                is_whole: told.whole,
            };
            found.insert((id.to_owned(), told.place.clone()), exported);
        }
    }
    found.into_values().collect()
}

fn entries(told: &Told<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let texts = told.records.iter().map(|(text, _)| text);
    texts.filter(|text| seen.insert(text.as_str())).cloned().collect()
}
