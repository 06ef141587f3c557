//! What a snapshot holds, what of it was read, and what is missing.

use std::collections::BTreeMap;
use std::fmt::Write;

use aws::resource;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    document::SCHEMA_VERSION,
    remark::{DiagnosticDocument, Length, diagnostics_text, documents},
    style::{Style, counted, wrapped},
};
use crate::{Analysis, Severity};

/// What `netproof inspect --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "netproof inspect")]
pub struct InspectionDocument {
    /// Version of this form.
    schema_version: u32,
    /// Number of documents read.
    documents: usize,
    /// Accounts and Regions, sorted.
    places: Vec<PlaceEntry>,
    /// How many records of each type were read, by CloudFormation's name; types that are modelled, all of them.
    records: BTreeMap<&'static str, usize>,
    /// Every member of the export that lists records, sorted.
    members: Vec<MemberEntry>,
    /// Remarks about the snapshot, the gravest first.
    diagnostics: Vec<DiagnosticDocument>,
}

/// An account and Region.
#[derive(Debug, Serialize, JsonSchema)]
struct PlaceEntry {
    /// Empty if the snapshot does not tell.
    account: String,
    /// Empty if the snapshot does not tell.
    region: String,
    /// How many resources of each type are there, by CloudFormation's name.
    resources: BTreeMap<String, usize>,
}

/// A member of the export that lists records.
#[derive(Debug, Serialize, JsonSchema)]
struct MemberEntry {
    /// As AWS spells it, as in `TransitGateways`.
    member: String,
    /// How many records the export holds.
    records: usize,
    /// Whether they were used.
    status: Status,
}

/// Whether the records of a member were used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Status {
    /// They were read.
    Read,
    /// Nothing depends on them.
    NotNeeded,
    /// Answers may depend on them, and are then unknown.
    NotModelled,
}

impl InspectionDocument {
    /// The document for what was read.
    pub fn new(analysis: &Analysis) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            documents: analysis.snapshot().documents().len(),
            places: places(analysis),
            records: resource::counts(analysis.inventory()),
            members: members(analysis),
            diagnostics: documents(analysis.diagnostics()),
        }
    }
}

fn places(analysis: &Analysis) -> Vec<PlaceEntry> {
    let mut places: BTreeMap<(String, String), BTreeMap<String, usize>> = BTreeMap::new();
    for place in analysis.inventory().places() {
        places.entry((place.account.clone(), place.region.clone())).or_default();
    }
    for resource in analysis.graph().resources() {
        let here = places.entry((resource.account.clone(), resource.region.clone())).or_default();
        *here.entry(resource.kind.clone()).or_default() += 1;
    }
    let entry = |((account, region), resources)| PlaceEntry { account, region, resources };
    places.into_iter().map(entry).collect()
}

fn members(analysis: &Analysis) -> Vec<MemberEntry> {
    let mut members: BTreeMap<&str, usize> = BTreeMap::new();
    for table in analysis.snapshot().documents().iter().flat_map(|document| &document.tables) {
        if !table.key.is_empty() {
            *members.entry(&table.key).or_default() += table.elements.len();
        }
    }
    let said = |member: &str, code: &str| {
        let start = format!("`{member}` (");
        analysis.diagnostics().iter().any(|remark| remark.code == code && remark.message.starts_with(&start))
    };
    let entry = |(member, records): (&str, usize)| {
        let status = if said(member, "not-modelled") {
            Status::NotModelled
        } else if said(member, "unread-table") {
            Status::NotNeeded
        } else {
            Status::Read
        };
        MemberEntry { member: member.to_owned(), records, status }
    };
    members.into_iter().map(entry).collect()
}

/// What was read for people: places, counts, what was left out, and all remarks.
pub fn inspection_text(analysis: &Analysis, style: Style) -> String {
    let mut text = String::new();
    let places = places(analysis);
    let documents = counted(analysis.snapshot().documents().len(), "document");
    let resources: usize = resource::counts(analysis.inventory()).values().sum();
    let _ = writeln!(text, "{documents}, {} of modelled types\n", counted(resources, "record"));
    let named =
        |name: &str, what: &str| if name.is_empty() { format!("unknown {what}") } else { name.to_owned() };
    for place in &places {
        let (account, region) = (named(&place.account, "account"), named(&place.region, "Region"));
        let _ = writeln!(text, "{}", style.bold(&format!("{account} {region}")));
        for (kind, count) in &place.resources {
            let _ = writeln!(text, "  {count:>7}  {kind}");
        }
    }
    let members = members(analysis);
    let lists = [
        (Status::NotModelled, "Not modelled; what depends on them is reported as unknown:"),
        (Status::NotNeeded, "Not needed:"),
    ];
    for (status, lead) in lists {
        let texts: Vec<String> = members
            .iter()
            .filter(|entry| entry.status == status)
            .map(|entry| format!("{} ({})", entry.member, entry.records))
            .collect();
        if !texts.is_empty() {
            let _ = writeln!(text, "\n{lead}");
            text.push_str(&wrapped(&texts.join(", "), 2, 2));
        }
    }
    let remarks = analysis.diagnostics();
    let of = |severity| remarks.iter().filter(|remark| remark.severity == severity).count();
    let _ = writeln!(
        text,
        "\n{}, {}, {}",
        counted(of(Severity::Error), "error"),
        counted(of(Severity::Warning), "warning"),
        counted(of(Severity::Info), "further remark"),
    );
    text.push_str(&diagnostics_text(remarks, Severity::Info, Length::Full, style));
    text
}
