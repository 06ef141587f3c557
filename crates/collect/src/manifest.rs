//! What was asked for, what came of it, and what is missing.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[cfg(feature = "live")]
use crate::answer::LeftOut;

/// The name of the manifest in the snapshot's folder. Readers of snapshots know that it is no answer by its member
/// `collected`.
pub const MANIFEST: &str = "manifest.json";

/// What was asked for, what came of it, and what is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Manifest {
    /// Always 1.
    pub schema_version: u32,
    /// Which program took the snapshot.
    pub collected: Collected,
    /// The accounts and Regions, in order.
    pub places: Vec<Place>,
    /// Accounts that could not be entered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreachable: Vec<Unreachable>,
}

/// Which program took the snapshot, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collected {
    /// `netproof VERSION`.
    pub by: String,
    /// When it was started; of several runs, the last.
    pub started: Timestamp,
    /// When it ended; absent if it was interrupted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<Timestamp>,
    /// The oldest answer is of this time or later: when the first run started.
    pub since: Timestamp,
}

/// An account, or an account in a Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Account id.
    pub account: String,
    /// Region; absent for services that have one endpoint for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// As whom the account was asked.
    pub caller: String,
    /// The calls, in the order of the catalogue.
    pub tables: Vec<Table>,
}

/// A kind of call in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// `ec2 describe-vpcs`, as for the AWS CLI.
    pub command: String,
    /// Files of answers.
    pub answers: usize,
    /// Records in them.
    pub records: usize,
    /// Of these answers, those that an earlier run has written.
    pub kept: usize,
    /// Pages that were asked for, retries not counted.
    pub pages: usize,
    /// How long the calls took together, in milliseconds.
    pub milliseconds: u64,
    /// Answers that are not there, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Missing>,
    /// Subjects that were gone when they were asked about: named by an earlier answer, and removed since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vanished: Vec<String>,
    /// Answers of which AWS says that there is more, but not how to get it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cut: Vec<String>,
    /// Members that this version does not know, and how often they were left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown_members: BTreeMap<String, u64>,
    /// Members that can hold secrets, and how often they were left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets_left_out: BTreeMap<String, u64>,
    /// What changed while the snapshot was taken; absent if that was not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<Changed>,
}

/// An answer that is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// What it would be about; absent for calls about a whole Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Why.
    pub why: Why,
    /// AWS's error code, if AWS answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The error in words.
    pub message: String,
}

/// Why an answer is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// A permission is missing.
    Denied,
    /// The service is not offered there, or the account does not use it.
    Unavailable,
    /// It failed, however often it was tried.
    Failed,
    /// Another answer that would name its subjects is missing.
    Dependent,
}

/// What a second look at a table at the end showed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Records that are new, by their id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub appeared: Vec<String>,
    /// Records that are gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vanished: Vec<String>,
    /// Records that say something else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub altered: Vec<String>,
    /// Why the second look failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// An account that could not be entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreachable {
    /// The account's id, or the role.
    pub account: String,
    /// What went wrong.
    pub message: String,
}

impl Manifest {
    /// Whether nothing is missing.
    pub fn is_complete(&self) -> bool {
        self.collected.finished.is_some() && self.unreachable.is_empty() && self.missing().next().is_none()
    }

    /// What is missing, with its place and table.
    pub fn missing(&self) -> impl Iterator<Item = (&Place, &Table, &Missing)> {
        let tables =
            self.places.iter().flat_map(|place| place.tables.iter().map(move |table| (place, table)));
        tables.flat_map(|(place, table)| table.missing.iter().map(move |missing| (place, table, missing)))
    }

    /// What was taken and what is missing, for people.
    pub fn text(&self) -> String {
        let (answers, records) = self.totals();
        let mut text = format!("{answers} answers with {records} records");
        let accounts: BTreeSet<&str> = self.places.iter().map(|place| place.account.as_str()).collect();
        let regions: BTreeSet<&str> =
            self.places.iter().filter_map(|place| place.region.as_deref()).collect();
        let count = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
        let _ = writeln!(
            text,
            " from {} in {}.",
            count(accounts.len(), "account"),
            count(regions.len(), "Region")
        );
        let tables = || self.places.iter().flat_map(|place| &place.tables);
        let kept: usize = tables().map(|table| table.kept).sum();
        if kept > 0 {
            let _ = writeln!(
                text,
                "{kept} of these answers are of an earlier run, the oldest of {} or later.",
                self.collected.since
            );
        }
        for account in &self.unreachable {
            let _ = writeln!(text, "not entered: account {}: {}", account.account, account.message);
        }
        // What is missing everywhere for the same reason is said once.
        let mut missing: BTreeMap<(&str, Why, &str), (BTreeSet<String>, usize)> = BTreeMap::new();
        for (place, table, gap) in self.missing() {
            let why = gap.code.as_deref().unwrap_or(&gap.message);
            let entry = missing.entry((&table.command, gap.why, why)).or_default();
            let region = place.region.as_deref().map_or(String::new(), |region| format!("/{region}"));
            entry.0.insert(format!("{}{region}", place.account));
            entry.1 += 1;
        }
        for ((command, why, reason), (places, count)) in missing {
            let why = match why {
                Why::Denied => "denied",
                Why::Unavailable => "not available",
                Why::Failed => "failed",
                Why::Dependent => "incomplete",
            };
            let places: Vec<&str> = places.iter().map(String::as_str).collect();
            let times = if count > places.len() { format!(" ({count} answers)") } else { String::new() };
            let _ = writeln!(text, "missing: {command} in {}: {why}: {reason}{times}", places.join(", "));
        }
        for place in &self.places {
            let region = place.region.as_deref().unwrap_or("all Regions");
            for table in &place.tables {
                for subject in &table.vanished {
                    let _ = writeln!(text, "gone meanwhile: {subject} ({} in {region})", table.command);
                }
                for subject in &table.cut {
                    let _ = writeln!(text, "cut off by AWS: {subject} ({} in {region})", table.command);
                }
                if let Some(changed) = &table.changed {
                    let all = [
                        ("appeared", &changed.appeared),
                        ("vanished", &changed.vanished),
                        ("altered", &changed.altered),
                    ];
                    for (what, records) in all.iter().filter(|(_, records)| !records.is_empty()) {
                        let _ = writeln!(
                            text,
                            "{what} meanwhile: {} ({} in {region})",
                            records.join(", "),
                            table.command
                        );
                    }
                    if let Some(failed) = &changed.failed {
                        let _ =
                            writeln!(text, "not looked at again: {} in {region}: {failed}", table.command);
                    }
                }
            }
        }
        let unknown: BTreeSet<&str> =
            tables().flat_map(|table| table.unknown_members.keys()).map(String::as_str).collect();
        if !unknown.is_empty() {
            let unknown: Vec<&str> = unknown.into_iter().collect();
            let _ = writeln!(
                text,
                "left out, as this version does not know what they are: {}",
                unknown.join(", ")
            );
        }
        let secrets: u64 = tables().flat_map(|table| table.secrets_left_out.values()).sum();
        if secrets > 0 {
            let _ = writeln!(text, "left out, as they may be secrets: {secrets} members (see {MANIFEST})");
        }
        text
    }

    /// Answers and records in all.
    pub fn totals(&self) -> (usize, usize) {
        let tables = self.places.iter().flat_map(|place| &place.tables);
        tables.fold((0, 0), |(answers, records), table| (answers + table.answers, records + table.records))
    }
}

#[cfg(feature = "live")]
impl Table {
    pub(crate) fn new(command: String) -> Self {
        Self {
            command,
            answers: 0,
            records: 0,
            kept: 0,
            pages: 0,
            milliseconds: 0,
            missing: Vec::new(),
            vanished: Vec::new(),
            cut: Vec::new(),
            unknown_members: BTreeMap::new(),
            secrets_left_out: BTreeMap::new(),
            changed: None,
        }
    }

    pub(crate) fn left_out(&mut self, left_out: &LeftOut) {
        for ((structure, member), count) in &left_out.unknown {
            *self.unknown_members.entry(format!("{structure}.{member}")).or_default() += count;
        }
        for ((structure, member), count) in &left_out.secret {
            *self.secrets_left_out.entry(format!("{structure}.{member}")).or_default() += count;
        }
    }
}
