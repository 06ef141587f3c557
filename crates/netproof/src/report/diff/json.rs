//! The difference for programs.

use graph::{Cause, ResourceKey};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Said, Snapshots};
use crate::{
    Analysis,
    audit::Audit,
    diff::{Answers, Compared, Difference, Edit, Kind, Only, Portion, Sent, What},
    report::{
        document::{LocationDocument, PacketDocument, PacketsDocument, ResourceDocument, SCHEMA_VERSION},
        remark::{DiagnosticDocument, documents},
        rule_text,
        triage::TriageDocument,
        verdict::ScopeVerdict,
    },
    triage::Triage,
};

/// What `netproof diff --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "netproof diff")]
pub struct DifferenceDocument {
    /// Version of this form.
    schema_version: u32,
    /// `opened`, `nothing-opened`, or `unknown`: nothing is known to have opened, but not all is known.
    verdict: &'static str,
    /// Everything that gets through, compared; left out if scopes were asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<PartDocument>,
    /// The findings of each scope, compared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes: Vec<ScopeDocument>,
    /// Remarks about the older snapshot, the gravest first.
    old_diagnostics: Vec<DiagnosticDocument>,
    /// Remarks about the newer snapshot.
    new_diagnostics: Vec<DiagnosticDocument>,
    /// What was decided about findings by severity, baseline and suppressions; left out if nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    triage: Option<TriageDocument>,
}

/// A scope, asked of both snapshots.
#[derive(Debug, Serialize, JsonSchema)]
struct ScopeDocument {
    name: String,
    /// What it was: `findings`, `clean` or `unknown`.
    old_verdict: &'static str,
    /// What it is.
    new_verdict: &'static str,
    #[serde(flatten)]
    part: PartDocument,
}

/// Differences.
#[derive(Debug, Serialize, JsonSchema)]
struct PartDocument {
    /// `opened`, `nothing-opened` or `unknown`.
    change: &'static str,
    /// Whether there may be more differences than are listed.
    truncated: bool,
    summary: SummaryDocument,
    /// Changes of configuration that act together. Differences name one by its index.
    causes: Vec<CauseDocument>,
    /// Sources and destinations between which something has changed.
    paths: Vec<PairDocument>,
    /// What the snapshots do not tell.
    unknown: Vec<UnknownDocument>,
}

/// How many pairs of ends there are of each kind.
#[derive(Debug, Serialize, JsonSchema)]
struct SummaryDocument {
    opened: usize,
    closed: usize,
    changed: usize,
    answered: usize,
}

/// Changes of configuration that act together; none if no rule or resource on the way is another.
#[derive(Debug, Serialize, JsonSchema)]
struct CauseDocument {
    edits: Vec<EditDocument>,
}

/// A change of configuration.
#[derive(Debug, Serialize, JsonSchema)]
struct EditDocument {
    /// `resource-added`, `resource-removed`, `rule-added`, `rule-removed`, `rule-changed`, `rule-means-other-packets`,
    /// `association-changed` or `resource-changed`.
    kind: &'static str,
    /// In words.
    text: String,
    /// Id of the resource that it is about.
    resource: String,
    /// The older rule, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<String>,
    /// The newer rule, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<String>,
    /// Where that is written in the older snapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    old_location: Option<LocationDocument>,
    /// Where that is written in the newer snapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    new_location: Option<LocationDocument>,
}

/// A source and a destination between which something has changed.
#[derive(Debug, Serialize, JsonSchema)]
struct PairDocument {
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<ResourceDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<ResourceDocument>,
    /// `opened` (nothing got through before), `closed` (nothing does any more), `changed` (other packets do) or `answered`
    /// (the same packets do, and others of them are answered).
    kind: &'static str,
    differences: Vec<PortionDocument>,
}

/// Packets gained or lost.
#[derive(Debug, Serialize, JsonSchema)]
struct PortionDocument {
    /// `gained` or `lost`.
    change: &'static str,
    /// `arrival`, or `replies`: the packets get through in both snapshots, their replies get back in one.
    what: &'static str,
    /// Of arriving packets: whether `all` replies get back, `some` or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    answered: Option<&'static str>,
    /// `any`, or which packets of a conversation fare so: `opening` or `data`.
    sent: &'static str,
    /// Whether the other snapshot does not tell what becomes of them.
    doubtful: bool,
    /// All packets, as disjoint sets, as they start.
    packets: Vec<PacketsDocument>,
    /// One of them, replayed.
    witness: PacketDocument,
    /// Index into `causes`.
    cause: usize,
}

/// Something that a snapshot does not tell.
#[derive(Debug, Serialize, JsonSchema)]
struct UnknownDocument {
    what: String,
    /// Whether it is unknown in the older snapshot.
    old: bool,
    /// Whether it is unknown in the newer one.
    new: bool,
    /// To how many sources it may matter, at most.
    sources: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_location: Option<LocationDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_location: Option<LocationDocument>,
}

impl DifferenceDocument {
    /// The document.
    pub fn new(old: &Analysis, new: &Analysis, compared: &Compared) -> Self {
        let snapshots = Snapshots { old, new };
        let (network, scopes) = match compared {
            Compared::Network(difference) => (Some(PartDocument::new(snapshots, difference)), Vec::new()),
            Compared::Scopes(scopes) => {
                let documents = scopes.iter().map(|scope| {
                    let [before, now] = scope.verdicts().map(ScopeVerdict::name);
                    ScopeDocument {
                        name: scope.new.scope.name.clone(),
                        old_verdict: before,
                        new_verdict: now,
                        part: PartDocument::new(snapshots, &scope.difference),
                    }
                });
                (None, documents.collect())
            }
        };
        Self {
            schema_version: SCHEMA_VERSION,
            verdict: compared.verdict().name(),
            network,
            scopes,
            old_diagnostics: documents(old.diagnostics()),
            new_diagnostics: documents(new.diagnostics()),
            triage: None,
        }
    }

    /// The same with what was decided about what opened.
    #[must_use]
    pub fn triaged(mut self, audit: &Audit<'_>, triage: &Triage) -> Self {
        self.triage = triage.in_force.then(|| TriageDocument::new(audit, triage));
        self
    }
}

impl PartDocument {
    fn new(snapshots: Snapshots<'_>, difference: &Difference) -> Self {
        let count = |kind| difference.pairs.iter().filter(|pair| pair.kind == kind).count();
        let end = |key: &ResourceKey| {
            let (analysis, _) = snapshots.resource(key)?;
            Some(ResourceDocument::new(analysis, analysis.graph().find(key)?))
        };
        let unknown = difference.unknowns.iter().map(|unknown| {
            let (_, written) = snapshots.unknown(unknown);
            let place = |side: &str| written.iter().find(|(known, _)| *known == side);
            let place = |side: &str| place(side).map(|(_, place)| LocationDocument::from(place.clone()));
            let doubtful = [&unknown.old, &unknown.new].into_iter().flatten();
            UnknownDocument {
                what: unknown.what.clone(),
                old: unknown.old.is_some(),
                new: unknown.new.is_some(),
                sources: doubtful.map(|doubtful| doubtful.sources).max().unwrap_or(0),
                old_location: place("old"),
                new_location: place("new"),
            }
        });
        Self {
            change: difference.verdict().name(),
            truncated: difference.truncated,
            summary: SummaryDocument {
                opened: count(Kind::Opened),
                closed: count(Kind::Closed),
                changed: count(Kind::Changed),
                answered: count(Kind::Answered),
            },
            causes: difference
                .causes
                .iter()
                .map(|edits| CauseDocument {
                    edits: edits.iter().map(|edit| EditDocument::new(snapshots, edit)).collect(),
                })
                .collect(),
            paths: difference
                .pairs
                .iter()
                .map(|pair| PairDocument {
                    source: end(&pair.source),
                    destination: end(&pair.destination),
                    kind: pair.kind.name(),
                    differences: pair.portions.iter().map(PortionDocument::from).collect(),
                })
                .collect(),
            unknown: unknown.collect(),
        }
    }
}

impl EditDocument {
    fn new(snapshots: Snapshots<'_>, edit: &Edit) -> Self {
        let Said { text, written, .. } = snapshots.edit(edit);
        let place = |side: &str| written.iter().find(|(known, _)| *known == side);
        let place = |side: &str| place(side).map(|(_, place)| LocationDocument::from(place.clone()));
        let rule = |cause: &Option<std::sync::Arc<Cause>>| cause.as_ref().map(|cause| rule_text(cause));
        let key = |cause: &Option<std::sync::Arc<Cause>>| cause.as_ref().map(|cause| cause.resource.clone());
        let (kind, resource, old, new) = match edit {
            Edit::Resource { key, added, .. } => {
                (if *added { "resource-added" } else { "resource-removed" }, Some(key.clone()), None, None)
            }
            Edit::Rule { old, new } => {
                let kind = match (old, new) {
                    (None, _) => "rule-added",
                    (_, None) => "rule-removed",
                    (Some(_), Some(_)) => "rule-changed",
                };
                (kind, key(new).or_else(|| key(old)), rule(old), rule(new))
            }
            Edit::Meaning { old, new } => {
                let (old, new) = (Some(old.clone()), Some(new.clone()));
                ("rule-means-other-packets", key(&new), rule(&old), rule(&new))
            }
            Edit::Uses { key, .. } => ("association-changed", Some(key.clone()), None, None),
            Edit::Conduct { key, .. } => ("resource-changed", Some(key.clone()), None, None),
        };
        Self {
            kind,
            text,
            resource: resource.map(|key| key.id().to_owned()).unwrap_or_default(),
            old,
            new,
            old_location: place("old"),
            new_location: place("new"),
        }
    }
}

impl From<&Portion> for PortionDocument {
    fn from(portion: &Portion) -> Self {
        let (what, answered) = match portion.what {
            What::Replies => ("replies", None),
            What::Arrival(answers) => (
                "arrival",
                Some(match answers {
                    Answers::All => "all",
                    Answers::Some => "some",
                    Answers::None => "none",
                }),
            ),
        };
        Self {
            change: match portion.only {
                Only::New => "gained",
                Only::Old => "lost",
            },
            what,
            answered,
            sent: match portion.sent {
                Sent::Any => "any",
                Sent::Opening => "opening",
                Sent::Data => "data",
            },
            doubtful: portion.doubtful,
            packets: portion.blocks.iter().map(PacketsDocument::new).collect(),
            witness: PacketDocument::from(&portion.witness),
            cause: portion.cause,
        }
    }
}
