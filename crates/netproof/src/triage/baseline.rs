//! Findings that are known, and since when.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::audit::{Audit, SeverityLabel};

/// Version of the form.
const VERSION: u32 = 1;

/// What it is, for people who find the file.
const KIND: &str = "netproof baseline";

/// Findings that are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    /// By check and id.
    known: BTreeMap<(String, String), Known>,
}

/// A finding that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The check that found it.
    pub check: String,
    /// Its id.
    pub id: String,
    /// The day it was first seen.
    #[schemars(with = "String")]
    pub first_seen: Date,
    /// How grave it was when it was recorded.
    pub severity: String,
    /// What it is, in a line.
    pub title: String,
    /// Where packets start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Where they arrive, or what it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
}

/// A baseline that cannot be used; it is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{at}: {what}")]
pub struct BaselineError {
    file: String,
    /// `:LINE`, or a JSON pointer with `#` in front.
    at: String,
    what: String,
}

/// What a baseline file holds.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "netproof baseline")]
pub struct BaselineDocument {
    /// Version of this form.
    schema_version: u32,
    /// `netproof baseline`.
    kind: String,
    /// Sorted by check and id.
    findings: Vec<Known>,
}

impl Baseline {
    /// Reads the text of a baseline file.
    pub fn read(file: &str, text: &str) -> Result<Self, BaselineError> {
        let error = |at: String, what: String| BaselineError { file: file.to_owned(), at, what };
        let deserializer = &mut serde_json::Deserializer::from_str(text);
        let document: BaselineDocument =
            serde_path_to_error::deserialize(&mut *deserializer).map_err(|wrong| {
                error(format!(":{}", wrong.inner().line()), crate::flows::plain(wrong.inner()))
            })?;
        deserializer
            .end()
            .map_err(|wrong| error(format!(":{}", wrong.line()), crate::flows::plain(&wrong)))?;
        if document.kind != KIND {
            return Err(error("#/kind".to_owned(), format!("expected `{KIND}`")));
        }
        if document.schema_version != VERSION {
            let what = format!("this netproof reads version {VERSION}, not {}", document.schema_version);
            return Err(error("#/schema_version".to_owned(), what));
        }
        let mut known = BTreeMap::new();
        for (index, entry) in document.findings.into_iter().enumerate() {
            let at = |member: &str| format!("#/findings/{index}/{member}");
            if SeverityLabel::parse(&entry.severity).is_none() {
                return Err(error(at("severity"), format!("`{}` is no severity", entry.severity)));
            }
            let key = (entry.check.clone(), entry.id.clone());
            if known.insert(key, entry).is_some() {
                return Err(error(at("id"), "this finding is there already".to_owned()));
            }
        }
        Ok(Self { known })
    }

    /// Writes a baseline file: sorted, so that two versions of it can be compared line by line.
    pub fn write(&self, out: &mut impl std::io::Write) -> std::io::Result<()> {
        let findings = self.known.values().cloned().collect();
        let document = BaselineDocument { schema_version: VERSION, kind: KIND.to_owned(), findings };
        crate::report::write_json(&document, out)
    }

    /// The finding, if it is known.
    pub fn find(&self, check: &str, id: &str) -> Option<&Known> {
        self.known.get(&(check.to_owned(), id.to_owned()))
    }

    /// The known findings of a check, sorted by id.
    pub fn of<'b>(&'b self, check: &'b str) -> impl Iterator<Item = &'b Known> {
        let from = (check.to_owned(), String::new());
        self.known.range(from..).map(|(_, known)| known).take_while(move |known| known.check == check)
    }

    /// How many findings are known.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The baseline for what was found now: findings keep the day on which they were first seen. Those that are gone
    /// leave it, but for those of checks that were not asked or whose list is not complete.
    #[must_use]
    pub fn updated(&self, audit: &Audit<'_>, today: Date) -> Self {
        let mut known = self.known.clone();
        for check in &audit.checks {
            if !check.truncated {
                known.retain(|(of, _), _| *of != check.id);
            }
            for (finding, standing) in check.findings() {
                let first_seen = self.find(&check.id, &finding.id).map_or(today, |known| known.first_seen);
                let entry = Known {
                    check: check.id.clone(),
                    id: finding.id.clone(),
                    first_seen,
                    severity: standing.severity.name().to_owned(),
                    title: finding.title,
                    source: finding.source.map(|subject| subject.id),
                    destination: finding.destination.map(|subject| subject.id),
                };
                known.insert((check.id.clone(), finding.id), entry);
            }
        }
        Self { known }
    }
}
