//! Whether there is room for a plan, and what could make room.

use std::collections::{BTreeMap, BTreeSet};

use aws::{ExportedList, ListChange, Place};

use super::{
    DnsPlanRequest, PlanList,
    entries::{ListPlan, redundant_entries},
};

/// An account and Region without room for what is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverQuota {
    /// Account and Region.
    pub place: Place,
    /// How many entries its lists can have.
    pub quota: usize,
    /// How many they have.
    pub used: usize,
    /// How many they would have.
    pub needed: usize,
    /// Entries without which lists have the same names.
    pub redundant: Vec<Redundant>,
}

/// Entries of a list without which it has the same names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redundant {
    /// Id of the list.
    pub list: String,
    /// Its name, or else its id.
    pub list_name: String,
    /// The entries as they are written, each with one that has its names; empty where no name is so long.
    pub entries: Vec<(String, String)>,
}

impl OverQuota {
    /// How many entries could go.
    pub fn spare(&self) -> usize {
        self.redundant.iter().map(|list| list.entries.len()).sum()
    }

    /// Whether there is room without them.
    pub fn is_enough(&self) -> bool {
        self.needed.saturating_sub(self.spare()) <= self.quota
    }
}

/// What room there is.
#[derive(Debug, Default)]
pub(super) struct Room<'e> {
    /// Where there is none.
    pub(super) over: Vec<OverQuota>,
    /// What is removed to make room.
    pub(super) removed: Vec<(&'e ExportedList, Vec<String>)>,
    /// Whether there is room only if entries are removed before others are added, so that names may go without any for a
    /// moment.
    pub(super) is_tight: bool,
    /// Whether it is not known how many entries there are.
    pub(super) is_unknown: bool,
    /// What there is to say.
    pub(super) notes: Vec<String>,
}

/// Looks for room in every account and Region in which entries are added.
pub(super) fn look<'e>(
    request: &DnsPlanRequest,
    exported: &'e [ExportedList],
    plans: &[(PlanList, &'e ExportedList, ListPlan)],
) -> Room<'e> {
    let mut room = Room::default();
    let places = plans.iter().filter(|(.., plan)| !plan.add.is_empty()).map(|(_, list, _)| &list.place);
    for place in places.collect::<BTreeSet<_>>() {
        let own = || exported.iter().filter(|list| list.place == *place && !list.is_managed);
        let mut used = 0_usize;
        for list in own() {
            let known = list.entries.as_ref().map_or(0, Vec::len);
            let told = list.count.and_then(|count| usize::try_from(count).ok());
            if !list.is_whole && told.is_none() {
                room.is_unknown = true;
                room.notes.push(format!(
                    "how many entries {} has was not exported: whether there is room for more is not certain",
                    list.id
                ));
            }
            used += if list.is_whole { known } else { known.max(told.unwrap_or_default()) };
        }
        let here = || plans.iter().filter(|(_, list, _)| list.place == *place);
        let added: usize = here().map(|(.., plan)| plan.add.len()).sum();
        let gone: usize = here().map(|(.., plan)| plan.expired.len() + plan.covered.len()).sum();
        let (first, needed) = (used + added, (used + added).saturating_sub(gone));
        if needed <= request.quota {
            room.is_tight |= first > request.quota;
            continue;
        }
        let redundant = own().filter(|list| list.is_whole).map(|list| {
            let planned = plans.iter().find(|(_, other, _)| std::ptr::eq(*other, list));
            let entries = match planned {
                Some((.., plan)) => plan.redundant.clone(),
                None => redundant_entries(list.entries.as_deref().unwrap_or_default()),
            };
            let list_name = list.name.as_ref().unwrap_or(&list.id).clone();
            Redundant { list: list.id.clone(), list_name, entries }
        });
        let redundant = redundant.filter(|list| !list.entries.is_empty()).collect();
        let over = OverQuota { place: place.clone(), quota: request.quota, used, needed, redundant };
        if request.compact && over.is_enough() {
            for redundant in &over.redundant {
                let list = own().find(|list| list.id == redundant.list);
                let entries = redundant.entries.iter().map(|(entry, _)| entry.clone());
                room.removed.extend(list.map(|list| (list, entries.collect())));
            }
            room.is_tight |= first.saturating_sub(over.spare()) > request.quota;
        } else {
            room.over.push(over);
        }
    }
    if room.is_tight {
        let text = "there is no room to add entries before others are removed: for a moment, names may be in no list";
        room.notes.push(text.to_owned());
    }
    room
}

/// The lists without their redundant entries.
pub(super) fn without(over: &[OverQuota]) -> BTreeMap<String, ListChange> {
    let lists = over.iter().flat_map(|over| &over.redundant).map(|list| {
        let remove = list.entries.iter().map(|(entry, _)| entry.clone()).collect();
        (list.list.clone(), ListChange { add: Vec::new(), remove })
    });
    lists.collect()
}
