//! The entries that a domain list needs so that it has certain names, and what has to change for that.

use std::collections::{BTreeMap, BTreeSet};

use dns::{DomainName, NameSet};

use super::{state::canonical, targets::PlanNames};

/// Entries, and which names they have for certain.
#[derive(Debug, Default)]
struct Having {
    /// Names of entries without a star.
    exact: BTreeSet<String>,
    /// Names of entries `*.name`; empty for `*`.
    below: BTreeSet<String>,
}

impl Having {
    /// Adds an entry in canonical form. Those with a star and no dot have no names for certain.
    fn insert(&mut self, entry: &str) {
        match entry.strip_prefix('*') {
            None => self.exact.insert(entry.to_owned()),
            Some("") => self.below.insert(String::new()),
            Some(rest) => rest.strip_prefix('.').is_some_and(|rest| self.below.insert(rest.to_owned())),
        };
    }

    /// Whether the names of an entry in canonical form are there without it.
    fn covers(&self, entry: &str) -> bool {
        let (name, is_wildcard) = entry.strip_prefix("*.").map_or((entry, false), |name| (name, true));
        // Whether `*` has the root name is not documented; nobody plans that.
        let above = std::iter::successors(Some(name), |name| {
            (!name.is_empty()).then(|| name.split_once('.').map_or("", |(_, parent)| parent))
        });
        above.skip(1).any(|name| self.below.contains(name))
            || if is_wildcard { self.below.contains(name) } else { self.exact.contains(name) }
    }
}

/// The entries for names in canonical form, the name before what is below it.
pub(super) fn entries(names: &PlanNames) -> Vec<String> {
    let name = names.name.to_string();
    let mut entries = vec![name.clone()];
    // Nothing can be below a name of the greatest length.
    if names.with_below && !NameSet::below(&names.name).is_empty() {
        entries.push(format!("*.{name}"));
    }
    entries
}

/// What has to become of one list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ListPlan {
    /// Entries of planning that nobody asks for any longer, as they are written.
    pub(super) expired: Vec<String>,
    /// Entries that are missing, in canonical form.
    pub(super) add: Vec<String>,
    /// Entries of planning whose names other entries have, as they are written; they go last.
    pub(super) covered: Vec<String>,
    /// Entries of people that the list has the same names without, as they are written, with those that have them.
    pub(super) redundant: Vec<(String, String)>,
    /// Entries that planning then answers for, in canonical form: those that are wanted, those that are yet to go, and
    /// those that it asked for and that the export does not have yet.
    pub(super) added: BTreeSet<String>,
    /// Those of them that are there and are to go.
    pub(super) leaving: BTreeSet<String>,
    /// How many entries there are.
    pub(super) before: usize,
}

impl ListPlan {
    /// What has to change so that a list has these names, and no more of what planning had added.
    ///
    /// `present` are its entries as they are written, `added` those that planning had added, `left` those of them that were
    /// there and were to go. Entries of others are never touched, and what they have is not added again. Linear but for
    /// sorting.
    pub(super) fn new(
        present: &[String],
        added: &BTreeSet<String>,
        left: &BTreeSet<String>,
        wanted: &[PlanNames],
    ) -> Self {
        let mut having = Having::default();
        let mut ours = BTreeMap::new();
        for written in present {
            let entry = canonical(written);
            if added.contains(&entry) {
                ours.insert(entry, written.clone());
            } else {
                having.insert(&entry);
            }
        }
        let redundant = redundant(present, &ours);
        let mut wanted: Vec<&PlanNames> = wanted.iter().collect();
        wanted.sort_by_key(|names| (names.name.labels().count(), &names.name, !names.with_below));
        let mut desired = BTreeSet::new();
        for entry in wanted.into_iter().flat_map(entries) {
            if !having.covers(&entry) {
                having.insert(&entry);
                desired.insert(entry);
            }
        }
        let gone = ours.iter().filter(|(entry, _)| !desired.contains(*entry));
        let (covered, expired): (Vec<_>, Vec<_>) = gone.partition(|(entry, _)| having.covers(entry));
        let written = |entries: Vec<(&String, &String)>| -> Vec<String> {
            entries.into_iter().map(|(_, written)| written.clone()).collect()
        };
        let (covered, expired) = (written(covered), written(expired));
        let add = desired.iter().filter(|entry| !ours.contains_key(*entry)).cloned().collect();
        let leaving = ours.keys().filter(|entry| !desired.contains(*entry)).cloned().collect();
        // What was there and is gone has been removed; what was asked for and never seen may come yet.
        let pending = added.iter().filter(|entry| !left.contains(*entry)).cloned();
        let added = desired.into_iter().chain(ours.into_keys()).chain(pending).collect();
        Self { expired, add, covered, redundant, added, leaving, before: present.len() }
    }

    /// How many entries there are after it.
    pub(super) fn after(&self) -> usize {
        let gone = self.expired.len() + self.covered.len();
        (self.before + self.add.len()).saturating_sub(gone)
    }

    /// The names of the entries that are added.
    pub(super) fn added_names(&self) -> NameSet {
        names_of(&self.add)
    }

    /// The names of the entries that are added, or removed because nobody asks for them.
    pub(super) fn touched(&self) -> NameSet {
        self.added_names().union(&names_of(&self.expired))
    }
}

fn names_of(entries: &[String]) -> NameSet {
    let mut names = NameSet::empty();
    for entry in entries {
        let entry = canonical(entry);
        let (name, is_wildcard) = entry.strip_prefix("*.").map_or((entry.as_str(), false), |it| (it, true));
        let Ok(name) = name.parse::<DomainName>() else { continue };
        if is_wildcard { names.insert_below(&name) } else { names.insert_name(&name) }
    }
    names
}

/// Entries of people whose names other entries of people have, with one of those.
fn redundant(present: &[String], ours: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let theirs = present.iter().filter(|entry| !ours.contains_key(&canonical(entry)));
    redundant_entries(&theirs.cloned().collect::<Vec<_>>())
}

/// Entries without which a list has the same names, with one that has its names; nothing where no name is so long. Of
/// lists with entries that cannot be read, none.
pub(super) fn redundant_entries(entries: &[String]) -> Vec<(String, String)> {
    let mut lists = dns::DomainLists::builder();
    let (list, unread) = lists.list("", dns::Coverage::Complete, entries.iter().map(String::as_str));
    if !unread.is_empty() {
        return Vec::new();
    }
    let lists = lists.build();
    let text = |entry| lists.text(entry).unwrap_or_default().to_owned();
    let redundant = lists.redundant_entries(list).into_iter().map(|it| {
        let by = match it.redundancy {
            dns::Redundancy::Repeats(by) | dns::Redundancy::Covered(by) => text(by),
            dns::Redundancy::NoName => String::new(),
        };
        (text(it.entry), by)
    });
    redundant.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> PlanNames {
        let (name, with_below) = text.strip_prefix('+').map_or((text, false), |name| (name, true));
        PlanNames { name: name.parse().unwrap(), with_below }
    }

    fn texts(entries: &[&str]) -> Vec<String> {
        entries.iter().map(|&entry| entry.to_owned()).collect()
    }

    fn plan(present: &[&str], added: &[&str], wanted: &[&str]) -> ListPlan {
        let added = texts(added).into_iter().collect();
        ListPlan::new(
            &texts(present),
            &added,
            &BTreeSet::new(),
            &wanted.iter().map(|it| names(it)).collect::<Vec<_>>(),
        )
    }

    #[test]
    fn a_domain_needs_two_entries() {
        let plan = plan(&["other.com."], &[], &["+evil.com"]);
        assert_eq!(plan.add, ["*.evil.com", "evil.com"]);
        assert_eq!((plan.after(), plan.added.len()), (3, 2));
    }

    #[test]
    fn only_what_is_missing_is_added() {
        assert_eq!(plan(&["Evil.com."], &[], &["+evil.com"]).add, ["*.evil.com"]);
        assert_eq!(plan(&["*.evil.com."], &[], &["+evil.com", "+a.evil.com"]).add, ["evil.com"]);
        assert_eq!(plan(&["*."], &[], &["+evil.com"]).add, [""; 0]);
        // What this takes is not documented.
        assert_eq!(plan(&["*evil.com."], &[], &["evil.com"]).add, ["evil.com"]);
    }

    #[test]
    fn wider_names_make_narrower_ones_needless() {
        let plan = plan(&["a.evil.com."], &["a.evil.com"], &["a.evil.com", "+evil.com"]);
        assert_eq!(plan.add, ["*.evil.com", "evil.com"]);
        assert_eq!((plan.covered, plan.expired), (texts(&["a.evil.com."]), texts(&[])));
    }

    #[test]
    fn only_what_planning_added_is_removed() {
        let plan = plan(&["theirs.com.", "ours.com."], &["ours.com", "gone.com"], &[]);
        assert_eq!((plan.expired, plan.covered), (texts(&["ours.com."]), texts(&[])));
        // What was asked for may come yet, unless it was there before.
        assert_eq!(plan.added.into_iter().collect::<Vec<_>>(), ["gone.com", "ours.com"]);
        let set = |entries: &[&str]| texts(entries).into_iter().collect::<BTreeSet<_>>();
        let gone = ListPlan::new(&[], &set(&["a.com", "b.com"]), &set(&["b.com"]), &[]);
        assert_eq!(gone.added, set(&["a.com"]));
    }

    #[test]
    fn entries_of_people_are_redundant_by_each_other_only() {
        let plan = plan(&["*.a.com.", "x.a.com.", "*.b.com.", "x.b.com."], &["*.b.com"], &["+b.com"]);
        assert_eq!(plan.redundant, [("x.a.com.".to_owned(), "*.a.com.".to_owned())]);
    }
}
