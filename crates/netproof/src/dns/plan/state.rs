//! What planning remembers from one time to the next: which names were asked for, and which entries it had added.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    io,
};

use dns::{DomainName, Pattern};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Version of the form.
const VERSION: u32 = 1;

/// What it is, for people who find the file.
const KIND: &str = "netproof dns plan";

/// Entries by the ids of their lists.
pub(super) type EntriesOf = BTreeMap<String, BTreeSet<String>>;

/// What planning remembers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DnsPlanState {
    /// Names that findings asked for.
    pub(super) wishes: BTreeMap<WishKey, Wish>,
    /// Entries that planning had added, by the id of their list, in lower case and without a trailing dot.
    pub(super) added: EntriesOf,
    /// Those of them that were there and are to go.
    pub(super) leaving: EntriesOf,
}

/// A name that findings ask for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WishKey {
    pub(super) name: DomainName,
    /// Whether its whole registrable domain is meant.
    pub(super) whole_domain: bool,
}

/// What is asked for, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) list: PlanList,
    /// The registrable domain, if a finding told it.
    pub(super) registrable: Option<DomainName>,
    pub(super) first_seen: Timestamp,
    pub(super) last_seen: Timestamp,
    /// Ids of findings.
    pub(super) findings: BTreeSet<String>,
}

/// Which list a name is to be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlanList {
    /// The list whose names are answered with an alert.
    Alert,
    /// The list whose names are blocked.
    Deny,
}

/// A state file that cannot be used; it is not to be overwritten.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{pointer}: {what}; this state is damaged and is left as it is")]
pub struct DnsStateError {
    file: String,
    /// JSON pointer with `#` in front, or `:LINE`.
    pointer: String,
    what: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema_version: u32,
    kind: String,
    /// Over all that follows; without it, no damage is noticed that leaves the form intact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    names: Vec<Record>,
    added: BTreeMap<String, Vec<String>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    leaving: BTreeMap<String, Vec<String>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    name: String,
    whole_domain: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    registrable: Option<String>,
    list: PlanList,
    first_seen: Timestamp,
    last_seen: Timestamp,
    findings: Vec<String>,
}

impl DnsPlanState {
    /// Reads the text of a state file. Anything that is not as [`DnsPlanState::text`] writes it is an error, but for a
    /// digest that was taken out, as one does who edits the file.
    pub fn read(file: &str, text: &str) -> Result<Self, DnsStateError> {
        let error = |pointer: String, what: String| DnsStateError { file: file.to_owned(), pointer, what };
        let deserializer = &mut serde_json::Deserializer::from_str(text);
        let mut document: Document =
            serde_path_to_error::deserialize(&mut *deserializer).map_err(|wrong| {
                error(format!(":{}", wrong.inner().line()), crate::flows::plain(wrong.inner()))
            })?;
        deserializer
            .end()
            .map_err(|wrong| error(format!(":{}", wrong.line()), crate::flows::plain(&wrong)))?;
        let at = |pointer: &str, what: &str| error(format!("#{pointer}"), what.to_owned());
        if document.kind != KIND {
            return Err(at("/kind", &format!("expected `{KIND}`")));
        }
        if document.schema_version != VERSION {
            let what = format!("this netproof reads version {VERSION}, not {}", document.schema_version);
            return Err(at("/schema_version", &what));
        }
        if let Some(digest) = document.digest.take()
            && digest != digest_of(&document)
        {
            let what = "what follows is not what was written; whoever edited it has to take out this member";
            return Err(at("/digest", what));
        }
        let mut state = Self::default();
        for (index, record) in document.names.into_iter().enumerate() {
            let at = |member: &str, what: &str| at(&format!("/names/{index}/{member}"), what);
            let name: DomainName =
                record.name.parse().map_err(|wrong| at("name", &format!("no domain name: {wrong}")))?;
            let registrable = record.registrable.as_deref().map(str::parse).transpose();
            let registrable =
                registrable.map_err(|wrong| at("registrable", &format!("no domain name: {wrong}")))?;
            if record.first_seen > record.last_seen {
                return Err(at("first_seen", "first seen after it was last seen"));
            }
            if record.name != name.to_string() {
                return Err(at("name", "not written as names are written here"));
            }
            if let Some(registrable) = &registrable
                && (!name.is_within(registrable) || record.registrable != Some(registrable.to_string()))
            {
                return Err(at("registrable", "not a domain that the name is in"));
            }
            if !is_ascending(&record.findings) || record.findings.is_empty() {
                return Err(at("findings", "expected findings in order, each once"));
            }
            let key = WishKey { name, whole_domain: record.whole_domain };
            if state.wishes.last_key_value().is_some_and(|(last, _)| *last >= key) {
                return Err(at("name", "names are there in order, each once"));
            }
            let wish = Wish {
                list: record.list,
                registrable,
                first_seen: record.first_seen,
                last_seen: record.last_seen,
                findings: record.findings.into_iter().collect(),
            };
            state.wishes.insert(key, wish);
        }
        for (member, lists) in [("added", document.added), ("leaving", document.leaving)] {
            for (list, entries) in lists {
                let at = |step: &str, what: &str| at(&format!("/{member}/{list}{step}"), what);
                for (index, entry) in entries.iter().enumerate() {
                    if entry.parse::<Pattern>().is_err() || *entry != canonical(entry) {
                        return Err(at(
                            &format!("/{index}"),
                            "no entry of a domain list as they are written here",
                        ));
                    }
                }
                if !is_ascending(&entries) || entries.is_empty() {
                    return Err(at("", "expected entries in order, each once"));
                }
                let into = if member == "added" { &mut state.added } else { &mut state.leaving };
                into.insert(list, entries.into_iter().collect());
            }
        }
        Ok(state)
    }

    /// The text to write. The same state gives the same bytes.
    pub fn text(&self) -> io::Result<String> {
        let names = self.wishes.iter().map(|(key, wish)| Record {
            name: key.name.to_string(),
            whole_domain: key.whole_domain,
            registrable: wish.registrable.as_ref().map(DomainName::to_string),
            list: wish.list,
            first_seen: wish.first_seen,
            last_seen: wish.last_seen,
            findings: wish.findings.iter().cloned().collect(),
        });
        let lists = |lists: &EntriesOf| {
            let some = lists.iter().filter(|(_, entries)| !entries.is_empty());
            some.map(|(list, entries)| (list.clone(), entries.iter().cloned().collect())).collect()
        };
        let mut document = Document {
            schema_version: VERSION,
            kind: KIND.to_owned(),
            digest: None,
            names: names.collect(),
            added: lists(&self.added),
            leaving: lists(&self.leaving),
        };
        document.digest = Some(digest_of(&document));
        crate::report::json_text(&document)
    }
}

fn digest_of(document: &Document) -> String {
    let text = serde_json::to_string(document).unwrap_or_default();
    let mut digest = String::new();
    for byte in Sha256::digest(text.as_bytes()) {
        let _ = write!(digest, "{byte:02x}");
    }
    digest
}

fn is_ascending(texts: &[String]) -> bool {
    texts.iter().zip(texts.iter().skip(1)).all(|(one, next)| one < next)
}

/// An entry as it is compared: in lower case, without a trailing dot.
pub(super) fn canonical(entry: &str) -> String {
    entry.strip_suffix('.').unwrap_or(entry).to_ascii_lowercase()
}
