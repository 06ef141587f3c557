//! Our own document of what scopes found: complete and versioned.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use scope::{Finding, Unknown};
use search::{Replies, Track};
use serde::{Serialize, Serializer};

use super::{
    certification::CertificationDocument,
    closed::ClosedDocument,
    component::{Component, trail},
    distance::DistanceDocument,
    document::{
        ChangesDocument, ComponentDocument, EndDocument, LocationDocument, PacketDocument, PacketsDocument,
        ReasonDocument, ResourceDocument, SCHEMA_VERSION, doubt_document, path_document,
    },
    remark::{DiagnosticDocument, ScopeRemarkDocument, documents},
    triage::TriageDocument,
    verdict::{ScopeVerdict, Totals},
};
use crate::{Analysis, AskedScope, Certification, audit::Audit, describe, triage::Triage};

/// What `netproof analyze --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "netproof analyze")]
pub struct ScopesDocument<'a> {
    /// Version of this form.
    schema_version: u32,
    /// The scopes in the order in which they were asked.
    scopes: Vec<ScopeEntry<'a>>,
    /// Remarks about the snapshot, the gravest first.
    diagnostics: Vec<DiagnosticDocument>,
    totals: Totals,
    /// Which findings and clean scopes are certified.
    certification: CertificationDocument,
    /// What was decided about findings by severity, baseline and suppressions; left out if nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    triage: Option<TriageDocument>,
}

/// A scope and what came out of it.
#[derive(Debug, Serialize, JsonSchema)]
struct ScopeEntry<'a> {
    /// The file's name without folder and extension; in a template the logical id.
    name: String,
    /// The `Name` tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// The `Description` tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// `nis-…`, if the file says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope_id: Option<String>,
    tags: BTreeMap<String, String>,
    /// What it looks for, in words.
    looks_for: String,
    /// What is doubtful about the scope file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<ScopeRemarkDocument>,
    /// `findings`, `clean` (there is no such path), or `unknown` (none was found, but see `unknowns`).
    verdict: ScopeVerdict,
    /// For `clean`, with `--why`: which controls keep it so.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<ClosedDocument>,
    /// With `--distance`: how far its destinations are from a finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance: Option<DistanceDocument>,
    /// Whether there are more findings than are listed.
    truncated: bool,
    /// Sorted by source, destination and path.
    #[schemars(with = "Vec<FindingEntry>")]
    findings: Findings<'a>,
    /// What the snapshot does not tell and further findings may depend on, sorted.
    unknowns: Vec<UnknownEntry>,
}

/// Findings that become entries one by one, as they are written: all at once would take many times the memory.
#[derive(Debug)]
struct Findings<'a> {
    analysis: &'a Analysis,
    findings: &'a [Finding],
}

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.findings.iter().map(|finding| FindingEntry::new(self.analysis, finding)))
    }
}

/// A path that the scope looks for, with all packets that can take it.
#[derive(Debug, Serialize, JsonSchema)]
struct FindingEntry {
    /// The same on every run as long as the path, its rules and its packets are.
    id: String,
    /// Index in the scope's `MatchPaths`.
    match_path: usize,
    source: EndDocument,
    destination: EndDocument,
    /// Protocols of its packets at the source: names, numbers, or ranges of numbers.
    protocols: Vec<String>,
    /// Its packets, as disjoint sets.
    packets: Vec<TrackEntry>,
    /// Its components in order.
    path: Vec<ComponentDocument>,
    replies: RepliesEntry,
}

/// A set of packets on its way.
#[derive(Debug, Serialize, JsonSchema)]
struct TrackEntry {
    at_source: PacketsDocument,
    /// Where headers change, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<ChangeEntry>,
    at_destination: PacketsDocument,
}

/// What a component changed: the new values of what is different after it.
#[derive(Debug, Serialize, JsonSchema)]
struct ChangeEntry {
    /// Index in the finding's `path`.
    component: usize,
    #[serde(flatten)]
    after: ChangesDocument,
}

/// Whether replies get back to the source.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RepliesEntry {
    /// To `all` packets of a kind that is answered, to `some`, to `none`; `unknown`, or `not-asked`.
    verdict: &'static str,
    /// For `some`: those packets, as they are at the source.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    packets: Vec<PacketsDocument>,
    /// For `unknown`: what is missing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<ReasonDocument>,
}

/// Something that the snapshot does not tell.
#[derive(Debug, Serialize, JsonSchema)]
struct UnknownEntry {
    /// What is missing or not modelled.
    what: String,
    /// Where the snapshot leads there.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<LocationDocument>,
    /// How many sources have packets that get that far.
    #[serde(skip_serializing_if = "Option::is_none")]
    sources: Option<usize>,
    /// One of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<ExampleEntry>,
    /// What can be done about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

/// A packet that gets as far as something unknown.
#[derive(Debug, Serialize, JsonSchema)]
struct ExampleEntry {
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<ResourceDocument>,
    /// As it starts.
    packet: PacketDocument,
}

impl<'a> ScopesDocument<'a> {
    /// The document for these scopes, in their order.
    pub fn new(analysis: &'a Analysis, asked: &'a [AskedScope], certification: &Certification) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            scopes: asked.iter().map(|asked| ScopeEntry::new(analysis, asked)).collect(),
            diagnostics: documents(analysis.diagnostics()),
            totals: Totals::of(asked),
            certification: CertificationDocument::from(certification),
            triage: None,
        }
    }

    /// The same with what was decided about its findings.
    #[must_use]
    pub fn triaged(mut self, audit: &Audit<'_>, triage: &Triage) -> Self {
        self.triage = triage.in_force.then(|| TriageDocument::new(audit, triage));
        self
    }
}

impl<'a> ScopeEntry<'a> {
    fn new(analysis: &'a Analysis, asked: &'a AskedScope) -> Self {
        let AskedScope { scope, result, closed, distances } = asked;
        Self {
            name: scope.name.clone(),
            title: scope.title.clone(),
            description: scope.description.clone(),
            scope_id: scope.scope_id.clone(),
            tags: scope.tags.clone(),
            looks_for: describe(scope),
            warnings: scope.warnings.iter().map(ScopeRemarkDocument::from).collect(),
            verdict: asked.verdict(),
            closed: closed.as_ref().map(|closed| ClosedDocument::new(analysis, closed)),
            distance: distances.as_ref().map(|distances| DistanceDocument::new(analysis, distances)),
            truncated: result.truncated,
            findings: Findings { analysis, findings: &result.findings },
            unknowns: result.unknowns.iter().map(|unknown| UnknownEntry::new(analysis, unknown)).collect(),
        }
    }
}

impl FindingEntry {
    fn new(analysis: &Analysis, finding: &Finding) -> Self {
        let path = &finding.path;
        let components = trail(analysis.graph(), path.source, path.edges.iter().copied(), path.destination);
        let packets: Vec<TrackEntry> =
            path.tracks.iter().map(|track| TrackEntry::new(track, &components)).collect();
        let mut protocols: Vec<String> = Vec::new();
        for protocol in packets.iter().flat_map(|track| track.at_source.protocols()) {
            if !protocols.contains(protocol) {
                protocols.push(protocol.clone());
            }
        }
        Self {
            id: finding.id.clone(),
            match_path: finding.match_path,
            source: EndDocument::new(analysis, finding.source),
            destination: EndDocument::new(analysis, finding.destination),
            protocols,
            packets,
            path: path_document(analysis, &components, "destination"),
            replies: RepliesEntry::new(analysis, &path.replies),
        }
    }
}

/// The component at which the header changes in this step.
pub(crate) fn changing(components: &[Component], step: usize) -> usize {
    // A component of several steps has the last one's index.
    let found = components.iter().position(|component| component.step.is_some_and(|last| last >= step));
    found.unwrap_or_else(|| components.len().saturating_sub(1))
}

impl TrackEntry {
    fn new(track: &Track, components: &[Component]) -> Self {
        let changes = track.header_changes().map(|(step, before, after)| ChangeEntry {
            component: changing(components, step),
            after: ChangesDocument::new(before, after),
        });
        Self {
            at_source: PacketsDocument::new(&track.first),
            changes: changes.collect(),
            at_destination: PacketsDocument::new(track.last()),
        }
    }
}

impl RepliesEntry {
    pub(crate) fn new(analysis: &Analysis, replies: &Replies) -> Self {
        let (verdict, packets, why) = match replies {
            Replies::All => ("all", Vec::new(), Vec::new()),
            Replies::Some(answered) => ("some", PacketsDocument::of_match(answered), Vec::new()),
            Replies::None => ("none", Vec::new(), Vec::new()),
            Replies::Unknown(causes) => {
                ("unknown", Vec::new(), causes.iter().map(|cause| doubt_document(analysis, cause)).collect())
            }
            Replies::NotAsked => ("not-asked", Vec::new(), Vec::new()),
        };
        Self { verdict, packets, why }
    }
}

impl UnknownEntry {
    fn new(analysis: &Analysis, unknown: &Unknown) -> Self {
        let location = unknown.cause.as_ref().and_then(|cause| analysis.locate(cause));
        let example = unknown.doubt.as_ref().map(|doubt| ExampleEntry {
            source: analysis
                .graph()
                .node(doubt.source)
                .resource
                .map(|id| ResourceDocument::new(analysis, id)),
            packet: PacketDocument::from(&doubt.packet),
        });
        Self {
            what: unknown.what.clone(),
            help: help(analysis, location.as_ref()),
            location: location.map(LocationDocument::from),
            sources: unknown.doubt.as_ref().map(|doubt| doubt.sources),
            example,
        }
    }
}

/// What the remark about the same place advises, beside saying that something is unknown.
pub(crate) fn help(analysis: &Analysis, location: Option<&crate::Location>) -> Option<String> {
    let location = location?;
    let about =
        analysis.diagnostics().iter().filter(|diagnostic| diagnostic.location.as_ref() == Some(location));
    let mut advice = about.filter_map(|diagnostic| diagnostic.help.as_ref()).filter_map(|help| {
        let parts: Vec<&str> =
            help.split("; ").filter(|part| !part.ends_with("reported as unknown")).collect();
        Some(parts.join("; ")).filter(|advice| !advice.is_empty())
    });
    advice.next()
}
