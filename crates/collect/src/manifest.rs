//! What was asked for, what came of it, and what is missing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

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
    #[serde(default, skip_serializing_if = "is_zero")]
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

fn is_zero(number: &usize) -> bool {
    *number == 0
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

    /// Answers and records in all.
    pub fn totals(&self) -> (usize, usize) {
        let tables = self.places.iter().flat_map(|place| &place.tables);
        tables.fold((0, 0), |(answers, records), table| (answers + table.answers, records + table.records))
    }
}

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
