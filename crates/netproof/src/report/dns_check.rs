//! Answers about all names, as a document.

use dns::{DomainName, Region, Types};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    certification::CertificationDocument,
    dns::{DnsAnswerEntry, DnsRuleEntry, verdict_word},
    dns_domains::{DomainEntries, domains_hold},
    document::{LocationDocument, ReasonDocument, SCHEMA_VERSION},
    remark::{DiagnosticDocument, documents},
    triage::TriageDocument,
};
use crate::{
    Analysis, Certification, Diagnostic, DnsClaim, DnsClaimResult, DnsComparison, DnsDifference, DnsDomains,
    DnsEntryFault, DnsIdle, DnsIdleEntry, DnsIdleRule, DnsMissing, DnsSide, DnsUnseen, Holds, Location,
    audit::Audit, triage::Triage,
};

/// What was checked of DNS firewalls.
#[derive(Debug, Clone, Default)]
pub struct DnsChecked {
    /// Claims, VPC by VPC.
    pub claims: Vec<DnsClaimResult>,
    /// Comparisons.
    pub comparisons: Vec<DnsComparison>,
    /// What does nothing, if that was asked for.
    pub idle: Option<DnsIdle>,
    /// Contradictions with Network Firewall, if that was asked for.
    pub domains: Option<DnsDomains>,
    /// What the solver made of the answers.
    pub certification: Option<Certification>,
}

impl DnsChecked {
    /// Over all: [`Holds::No`] if anything does not hold or was found, otherwise whether anything is unknown.
    pub fn holds(&self) -> Holds {
        let claims = self.claims.iter().map(|it| it.holds);
        let comparisons = self.comparisons.iter().map(|it| it.holds);
        let others = self.idle.as_ref().map(idle_holds).into_iter();
        let others = others.chain(self.domains.as_ref().map(domains_hold));
        let all: Vec<Holds> = claims.chain(comparisons).chain(others).collect();
        [Holds::No, Holds::Unknown].into_iter().find(|it| all.contains(it)).unwrap_or(Holds::Yes)
    }
}

fn idle_holds(idle: &DnsIdle) -> Holds {
    if !idle.dead.is_empty() || !idle.entries.is_empty() || !idle.unseen.is_empty() {
        return Holds::No;
    }
    if idle.doubtful.is_empty() { Holds::Yes } else { Holds::Unknown }
}

/// What `netproof dns check --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "netproof dns check")]
pub struct DnsChecksDocument {
    /// Version of this form.
    schema_version: u32,
    /// Over all: `holds` (nothing was found), `fails` (something does not hold or was found) or `unknown`.
    verdict: &'static str,
    /// Walled gardens and deny lists, VPC by VPC.
    claims: Vec<ClaimEntry>,
    /// Comparisons.
    comparisons: Vec<ComparisonEntry>,
    /// What does nothing; `null` if that was not asked for.
    idle: Option<IdleEntries>,
    /// Contradictions with the domain lists of Network Firewall; `null` if that was not asked for.
    network_firewalls: Option<DomainEntries>,
    /// Which of these answers are confirmed by a solver.
    certification: CertificationDocument,
    /// Remarks about the snapshot, the gravest first.
    diagnostics: Vec<DiagnosticDocument>,
    /// Remarks about the other snapshot, if there is one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_diagnostics: Vec<DiagnosticDocument>,
    /// What was decided about findings by severity, baseline and suppressions; left out if nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    triage: Option<TriageDocument>,
}

/// Whether a claim holds for a VPC.
#[derive(Debug, Serialize, JsonSchema)]
struct ClaimEntry {
    /// `only-allow` (nothing outside these names is answered) or `deny` (everything within them is blocked).
    claim: &'static str,
    /// Names, each of which stands for itself and all below it.
    names: Vec<String>,
    vpc: String,
    /// `holds`, `fails` or `unknown`.
    verdict: &'static str,
    /// A query that shows that it fails, or that it may; `null` if it holds.
    example: Option<DnsAnswerEntry>,
    /// If it holds, what that takes for granted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<ReasonDocument>,
}

/// Two VPCs or rule groups, compared.
#[derive(Debug, Serialize, JsonSchema)]
struct ComparisonEntry {
    /// `vpc` or `rule-group`.
    of: &'static str,
    /// Id or ARN of one.
    first: String,
    /// Id or ARN of the other.
    second: String,
    /// `holds` (they do the same to every query), `fails` or `unknown`.
    verdict: &'static str,
    /// The first differences, those that are certain first.
    differences: Vec<DifferenceEntry>,
    /// How many there are that are certain.
    certain: usize,
    /// How many there are that depend on something unknown.
    uncertain: usize,
    /// What the answer depends on or takes for granted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<ReasonDocument>,
}

/// Names and types to which both do not do the same.
#[derive(Debug, Serialize, JsonSchema)]
struct DifferenceEntry {
    /// The names, in words.
    names: String,
    /// The types, in words.
    types: String,
    /// `fails`, or `unknown` if it depends on something unknown.
    verdict: &'static str,
    /// What one does to a query of these.
    first: DnsAnswerEntry,
    /// What the other does to it.
    second: DnsAnswerEntry,
}

/// What does nothing.
#[derive(Debug, Serialize, JsonSchema)]
struct IdleEntries {
    /// `holds` (nothing does nothing), `fails` or `unknown`.
    verdict: &'static str,
    /// VPCs with rules that are not asked, as DNS Firewall does not see their queries.
    unseen: Vec<UnseenEntry>,
    /// Rules that never decide.
    dead: Vec<IdleRuleEntry>,
    /// Rules of which it is not known whether they ever decide.
    doubtful: Vec<IdleRuleEntry>,
    /// Entries of domain lists that do nothing, or half of what is usually meant.
    entries: Vec<IdleEntryEntry>,
}

/// A VPC with rules that are not asked.
#[derive(Debug, Serialize, JsonSchema)]
struct UnseenEntry {
    vpc: String,
    why: String,
}

/// A rule that does not decide.
#[derive(Debug, Serialize, JsonSchema)]
struct IdleRuleEntry {
    vpc: String,
    rule: DnsRuleEntry,
    /// The rules that take what it would take, or may.
    taken_by: Vec<DnsRuleEntry>,
    /// A query that it would take, and what becomes of it; `null` if there is none, or its names are not known.
    example: Option<DnsAnswerEntry>,
}

/// An entry that does nothing, or half.
#[derive(Debug, Serialize, JsonSchema)]
struct IdleEntryEntry {
    /// Id of its list.
    list: String,
    /// Name of its list.
    list_name: String,
    /// The entry as it is written.
    entry: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<LocationDocument>,
    /// `repeats`, `covered`, `no-name` (no name is so long), `lacks-below` or `lacks-itself`.
    fault: &'static str,
    /// The entry that does the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    /// Where that is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_location: Option<LocationDocument>,
    /// The entry that would add the other half.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<String>,
    /// A name of the other half.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// A VPC that uses the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    vpc: Option<String>,
    /// What becomes there of a query for the name, with type A.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'static str>,
}

impl DnsChecksDocument {
    /// The document for what was checked, and compared with another snapshot.
    pub fn new(analysis: &Analysis, other: Option<&Analysis>, checked: &DnsChecked) -> Self {
        let certification = checked.certification.as_ref().unwrap_or(&Certification::NotAsked);
        Self {
            schema_version: SCHEMA_VERSION,
            verdict: word(checked.holds()),
            claims: checked.claims.iter().map(ClaimEntry::new).collect(),
            comparisons: checked.comparisons.iter().map(ComparisonEntry::new).collect(),
            idle: checked.idle.as_ref().map(IdleEntries::new),
            network_firewalls: checked.domains.as_ref().map(DomainEntries::new),
            certification: CertificationDocument::from(certification),
            diagnostics: documents(&remarks(analysis)),
            other_diagnostics: other.map(|other| documents(&remarks(other))).unwrap_or_default(),
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

/// All remarks about a snapshot, those about DNS as well.
fn remarks(analysis: &Analysis) -> Vec<Diagnostic> {
    let mut found = analysis.diagnostics().to_vec();
    found.extend(analysis.dns_diagnostics());
    found.sort();
    found.dedup();
    found
}

/// Whether something holds, in a word.
pub(super) fn word(holds: Holds) -> &'static str {
    match holds {
        Holds::Yes => "holds",
        Holds::No => "fails",
        Holds::Unknown => "unknown",
    }
}

impl ClaimEntry {
    fn new(result: &DnsClaimResult) -> Self {
        let (claim, names) = match &result.claim {
            DnsClaim::OnlyAllow(names) => ("only-allow", names),
            DnsClaim::Deny(names) => ("deny", names),
        };
        Self {
            claim,
            names: names.iter().map(DomainName::to_string).collect(),
            vpc: result.vpc.clone(),
            verdict: word(result.holds),
            example: result.example.as_ref().map(DnsAnswerEntry::new),
            why: result.why.iter().map(ReasonDocument::from).collect(),
        }
    }
}

impl ComparisonEntry {
    fn new(comparison: &DnsComparison) -> Self {
        let difference = |found: &DnsDifference| DifferenceEntry {
            names: region_text(&found.region),
            types: types_text(found.types),
            verdict: word(found.same),
            first: DnsAnswerEntry::new(&found.first),
            second: DnsAnswerEntry::new(&found.second),
        };
        Self {
            of: match comparison.first {
                DnsSide::Vpc(_) => "vpc",
                DnsSide::Group(_) => "rule-group",
            },
            first: comparison.first.name().to_owned(),
            second: comparison.second.name().to_owned(),
            verdict: word(comparison.holds),
            differences: comparison.differences.iter().map(difference).collect(),
            certain: comparison.certain,
            uncertain: comparison.uncertain,
            why: comparison.why.iter().map(ReasonDocument::from).collect(),
        }
    }
}

/// Names in words.
pub(crate) fn region_text(region: &Region) -> String {
    match region {
        Region::Name(name) => name.to_string(),
        Region::Below(name) if name.is_root() => "all names that no list mentions".to_owned(),
        Region::Below(name) => format!("names below {name} that no list mentions"),
        Region::Ending { ending, below } => format!("names below {below} whose next label ends in {ending}"),
    }
}

/// Types in words.
pub(super) fn types_text(types: Types) -> String {
    match types {
        Types::All => "all types".to_owned(),
        Types::Only(query_type) => format!("type {query_type}"),
        Types::Others => "all types that no rule states".to_owned(),
    }
}

impl IdleEntries {
    fn new(idle: &DnsIdle) -> Self {
        let unseen = |it: &DnsUnseen| UnseenEntry { vpc: it.vpc.clone(), why: it.why.clone() };
        Self {
            verdict: word(idle_holds(idle)),
            unseen: idle.unseen.iter().map(unseen).collect(),
            dead: idle.dead.iter().map(IdleRuleEntry::new).collect(),
            doubtful: idle.doubtful.iter().map(IdleRuleEntry::new).collect(),
            entries: idle.entries.iter().map(IdleEntryEntry::new).collect(),
        }
    }
}

impl IdleRuleEntry {
    fn new(found: &DnsIdleRule) -> Self {
        Self {
            vpc: found.vpc.clone(),
            rule: DnsRuleEntry::new(&found.rule),
            taken_by: found.taken_by.iter().map(DnsRuleEntry::new).collect(),
            example: found.example.as_ref().map(DnsAnswerEntry::new),
        }
    }
}

impl IdleEntryEntry {
    fn new(found: &DnsIdleEntry) -> Self {
        let document = |location: &Option<Location>| location.clone().map(LocationDocument::from);
        let (fault, by, missing): (_, _, Option<&DnsMissing>) = match &found.fault {
            DnsEntryFault::Repeats(by, location) => ("repeats", Some((by, location)), None),
            DnsEntryFault::Covered(by, location) => ("covered", Some((by, location)), None),
            DnsEntryFault::NoName => ("no-name", None, None),
            DnsEntryFault::LacksBelow(missing) => ("lacks-below", None, Some(missing)),
            DnsEntryFault::LacksItself(missing) => ("lacks-itself", None, Some(missing)),
        };
        let answered = missing.and_then(|it| it.answered.as_ref());
        Self {
            list: found.list.clone(),
            list_name: found.list_name.clone(),
            entry: found.entry.clone(),
            location: document(&found.location),
            fault,
            by: by.map(|(by, _)| by.clone()),
            by_location: by.and_then(|(_, location)| document(location)),
            missing: missing.map(|it| it.entry.clone()),
            name: missing.and_then(|it| it.name.as_ref()).map(DomainName::to_string),
            vpc: answered.map(|(vpc, _)| vpc.clone()),
            answer: answered.map(|(_, verdict)| verdict_word(*verdict)),
        }
    }
}
