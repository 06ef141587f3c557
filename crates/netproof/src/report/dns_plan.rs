//! Plans of domain lists, as a document and as commands of the AWS CLI.

use std::fmt::Write;

use aws::Filtered;
use dns::DomainName;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    dns::{DnsAnswerEntry, DnsRuleEntry, verdict_word},
    dns_check::word,
    document::{ReasonDocument, SCHEMA_VERSION},
    json_text,
    remark::{DiagnosticDocument, documents},
};
use crate::{
    Analysis, DnsAnswer, Holds,
    dns_plan::{
        DnsPlan, ExpiredName, LeftName, LeftWhy, OverQuota, PlanClaim, PlanGroup, PlanList, PlanProof,
        PlanStep, PlannedList, PlannedName, PlannedRequest, SkippedFinding,
    },
    shell,
};

/// What `netproof dns plan --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "netproof dns plan")]
pub struct DnsPlanDocument {
    /// Version of this form.
    schema_version: u32,
    /// Over all: `holds` (after the requests, every name is taken care of in every VPC, and nothing else changes), `fails`
    /// or `unknown`.
    verdict: &'static str,
    /// The lists that names go to, those that are denied first.
    lists: Vec<ListEntry>,
    /// VPCs of which the same holds; others count from 0 here.
    groups: Vec<GroupEntry>,
    /// Names that are to be listed, those to be denied first.
    names: Vec<NameEntry>,
    /// Names that are not listed though findings ask for it.
    left: Vec<LeftEntry>,
    /// Names that leave their lists.
    expired: Vec<ExpiredEntry>,
    /// Findings that ask for nothing, in the order of reading.
    skipped: Vec<SkippedEntry>,
    /// The requests, in the order in which to send them.
    requests: Vec<RequestEntry>,
    /// Accounts and Regions that have no room for it; then there are no requests.
    over_quota: Vec<OverQuotaEntry>,
    /// What was proved of the model after the requests.
    proofs: Vec<ProofEntry>,
    /// What else there is to say.
    notes: Vec<ReasonDocument>,
    /// Remarks about the snapshot, the gravest first.
    diagnostics: Vec<DiagnosticDocument>,
}

/// A list that names go to.
#[derive(Debug, Serialize, JsonSchema)]
struct ListEntry {
    /// `deny` or `alert`.
    role: &'static str,
    id: String,
    name: String,
    #[serde(flatten)]
    place: PlaceEntry,
    /// How many entries it has.
    before: usize,
    /// How many it has after the requests.
    after: usize,
}

/// Account and Region; left out where unknown.
#[derive(Debug, Serialize, JsonSchema)]
struct PlaceEntry {
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
}

/// VPCs of which the same holds.
#[derive(Debug, Serialize, JsonSchema)]
struct GroupEntry {
    vpcs: Vec<String>,
    /// Whether DNS Firewall sees their queries; also `true` where it only may.
    filtered: bool,
    /// Why it does not, or may not.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// A name that is to be listed.
#[derive(Debug, Serialize, JsonSchema)]
struct NameEntry {
    name: String,
    /// Whether all names below it are, too.
    with_below: bool,
    /// `deny` or `alert`.
    role: &'static str,
    /// Ids of the findings that ask for it.
    findings: Vec<String>,
    first_seen: String,
    last_seen: String,
    /// When it leaves the list if it is not seen again; `null` if never.
    expires: Option<String>,
    /// Entries that have to be added for it, in any list.
    missing: Vec<String>,
    /// What becomes of a query for it, type A, group by group.
    answers: Vec<BothEntry>,
}

/// What becomes of a query today and after the requests.
#[derive(Debug, Serialize, JsonSchema)]
struct BothEntry {
    today: BecomesEntry,
    after: BecomesEntry,
}

/// What becomes of a query.
#[derive(Debug, Serialize, JsonSchema)]
struct BecomesEntry {
    /// As in `dns query`.
    verdict: &'static str,
    /// All verdicts that are possible, if there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    may: Vec<&'static str>,
    /// The rule that decides; `null` if none does, or if it is not certain which.
    rule: Option<DnsRuleEntry>,
    /// What that depends on or takes for granted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<ReasonDocument>,
}

/// A name that is not listed.
#[derive(Debug, Serialize, JsonSchema)]
struct LeftEntry {
    name: String,
    /// The list it would be in: `deny` or `alert`.
    role: &'static str,
    findings: Vec<String>,
    /// `never-block`, `no-entry` (no entry of a list can be so), `no-list`, `old` (it was last seen too long ago), `opens`
    /// (it is blocked in some VPC today, and with an alert it would be answered) or `may-open` (perhaps it is).
    why: &'static str,
    /// The name that is never to be listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    never: Option<String>,
    /// The VPC in which it is blocked today.
    #[serde(skip_serializing_if = "Option::is_none")]
    vpc: Option<String>,
}

/// A name that is no longer listed.
#[derive(Debug, Serialize, JsonSchema)]
struct ExpiredEntry {
    name: String,
    role: &'static str,
    /// When it was last seen; `null` if it leaves for another reason, or that was said before.
    last_seen: Option<String>,
}

/// A finding that asks for nothing.
#[derive(Debug, Serialize, JsonSchema)]
struct SkippedEntry {
    finding: String,
    /// File, line and JSON pointer.
    place: String,
    why: String,
}

/// A request.
#[derive(Debug, Serialize, JsonSchema)]
struct RequestEntry {
    #[serde(flatten)]
    place: PlaceEntry,
    list_name: String,
    /// `expired`, `redundant`, `missing` or `covered`.
    step: &'static str,
    /// What `aws route53resolver update-firewall-domains --cli-input-json` takes.
    request: UpdateFirewallDomains,
}

/// The request in the API's own form.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
struct UpdateFirewallDomains {
    firewall_domain_list_id: String,
    /// `ADD` or `REMOVE`.
    operation: &'static str,
    domains: Vec<String>,
}

/// An account and Region without room.
#[derive(Debug, Serialize, JsonSchema)]
struct OverQuotaEntry {
    #[serde(flatten)]
    place: PlaceEntry,
    /// How many entries all its lists can have.
    quota: usize,
    /// How many they have.
    used: usize,
    /// How many they would have.
    needed: usize,
    /// How many entries could be removed without any effect.
    spare: usize,
    /// Whether there is room without them: `--compact` removes them.
    is_enough: bool,
    /// These entries, list by list.
    redundant: Vec<RedundantEntry>,
}

/// Entries of a list that could be removed without any effect.
#[derive(Debug, Serialize, JsonSchema)]
struct RedundantEntry {
    list: String,
    list_name: String,
    entries: Vec<String>,
}

/// Whether something holds after the requests.
#[derive(Debug, Serialize, JsonSchema)]
struct ProofEntry {
    /// `denied`, `alerted`, `nothing-opened`, `nothing-else-changes`, `no-rule-shadowed`, or, where there is no room, `same-without`.
    claim: &'static str,
    /// Of which group of VPCs, from 0.
    group: usize,
    verdict: &'static str,
    /// A query that shows that it fails, or may.
    example: Option<DnsAnswerEntry>,
    /// Rules that nothing is left for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shadowed: Vec<DnsRuleEntry>,
    /// What it takes for granted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<ReasonDocument>,
}

impl DnsPlanDocument {
    /// The document for a plan.
    pub fn new(analysis: &Analysis, plan: &DnsPlan, skipped: &[SkippedFinding]) -> Self {
        let diagnostics = analysis.dns_diagnostics();
        Self {
            schema_version: SCHEMA_VERSION,
            verdict: word(plan.holds()),
            lists: plan.lists.iter().map(ListEntry::new).collect(),
            groups: plan.groups.iter().map(GroupEntry::new).collect(),
            names: plan.names.iter().map(NameEntry::new).collect(),
            left: plan.left.iter().map(LeftEntry::new).collect(),
            expired: plan.expired.iter().map(ExpiredEntry::new).collect(),
            skipped: skipped.iter().map(SkippedEntry::new).collect(),
            requests: plan.requests.iter().map(RequestEntry::new).collect(),
            over_quota: plan.over_quota.iter().map(OverQuotaEntry::new).collect(),
            proofs: plan.proofs.iter().map(ProofEntry::new).collect(),
            notes: plan.notes.iter().map(ReasonDocument::from).collect(),
            diagnostics: documents(&diagnostics),
        }
    }
}

pub(super) fn role_word(role: PlanList) -> &'static str {
    match role {
        PlanList::Deny => "deny",
        PlanList::Alert => "alert",
    }
}

pub(super) fn step_word(step: PlanStep) -> &'static str {
    match step {
        PlanStep::Expired => "expired",
        PlanStep::Redundant => "redundant",
        PlanStep::Missing => "missing",
        PlanStep::Covered => "covered",
    }
}

pub(super) fn operation(step: PlanStep) -> &'static str {
    if step == PlanStep::Missing { "ADD" } else { "REMOVE" }
}

impl ListEntry {
    fn new(list: &PlannedList) -> Self {
        Self {
            role: role_word(list.role),
            id: list.id.clone(),
            name: list.name.clone(),
            place: PlaceEntry::new(&list.place),
            before: list.before,
            after: list.after,
        }
    }
}

impl PlaceEntry {
    fn new(place: &aws::Place) -> Self {
        let told = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        Self { account: told(&place.account), region: told(&place.region) }
    }
}

impl GroupEntry {
    fn new(group: &PlanGroup) -> Self {
        let why = match &group.filtered {
            Filtered::Yes => None,
            Filtered::No(why) | Filtered::Perhaps(why) => Some(why.clone()),
        };
        Self { vpcs: group.vpcs.clone(), filtered: !matches!(group.filtered, Filtered::No(_)), why }
    }
}

impl NameEntry {
    fn new(name: &PlannedName) -> Self {
        let both = |(today, after): &(DnsAnswer, DnsAnswer)| BothEntry {
            today: BecomesEntry::new(today),
            after: BecomesEntry::new(after),
        };
        Self {
            name: name.names.name.to_string(),
            with_below: name.names.with_below,
            role: role_word(name.role),
            findings: name.findings.clone(),
            first_seen: name.first_seen.to_string(),
            last_seen: name.last_seen.to_string(),
            expires: name.expires.map(|expires| expires.to_string()),
            missing: name.missing.clone(),
            answers: name.answers.iter().map(both).collect(),
        }
    }
}

impl BecomesEntry {
    fn new(answer: &DnsAnswer) -> Self {
        let may: Vec<_> = answer.possible.iter().map(verdict_word).collect();
        Self {
            verdict: verdict_word(answer.verdict),
            may: if may.len() > 1 { may } else { Vec::new() },
            rule: answer.rule.as_ref().map(DnsRuleEntry::new),
            why: answer.why.iter().map(ReasonDocument::from).collect(),
        }
    }
}

impl LeftEntry {
    fn new(left: &LeftName) -> Self {
        let (why, never) = match &left.why {
            LeftWhy::Never(never) => ("never-block", Some(never)),
            LeftWhy::NoEntry => ("no-entry", None),
            LeftWhy::NoList => ("no-list", None),
            LeftWhy::Opens(_) => ("opens", None),
            LeftWhy::MayOpen(_) => ("may-open", None),
            LeftWhy::Old(_) => ("old", None),
        };
        Self {
            name: left.name.to_string(),
            role: role_word(left.role),
            findings: left.findings.clone(),
            why,
            never: never.map(DomainName::to_string),
            vpc: match &left.why {
                LeftWhy::Opens(vpc) | LeftWhy::MayOpen(vpc) => Some(vpc.clone()),
                _ => None,
            },
        }
    }
}

impl ExpiredEntry {
    fn new(expired: &ExpiredName) -> Self {
        let last_seen = expired.last_seen.map(|time| time.to_string());
        Self { name: expired.name.to_string(), role: role_word(expired.role), last_seen }
    }
}

impl SkippedEntry {
    fn new(skipped: &SkippedFinding) -> Self {
        Self { finding: skipped.id.clone(), place: skipped.place.to_string(), why: skipped.why.clone() }
    }
}

impl RequestEntry {
    fn new(request: &PlannedRequest) -> Self {
        Self {
            place: PlaceEntry::new(&request.place),
            list_name: request.list_name.clone(),
            step: step_word(request.step),
            request: UpdateFirewallDomains::new(request),
        }
    }
}

impl UpdateFirewallDomains {
    fn new(request: &PlannedRequest) -> Self {
        Self {
            firewall_domain_list_id: request.list.clone(),
            operation: operation(request.step),
            domains: request.domains.clone(),
        }
    }
}

impl OverQuotaEntry {
    fn new(over: &OverQuota) -> Self {
        let redundant = over.redundant.iter().map(|list| RedundantEntry {
            list: list.list.clone(),
            list_name: list.list_name.clone(),
            entries: list.entries.iter().map(|(entry, _)| entry.clone()).collect(),
        });
        Self {
            place: PlaceEntry::new(&over.place),
            quota: over.quota,
            used: over.used,
            needed: over.needed,
            spare: over.spare(),
            is_enough: over.is_enough(),
            redundant: redundant.collect(),
        }
    }
}

impl ProofEntry {
    fn new(proof: &PlanProof) -> Self {
        let claim = match proof.claim {
            PlanClaim::Denied => "denied",
            PlanClaim::Alerted => "alerted",
            PlanClaim::NothingOpened => "nothing-opened",
            PlanClaim::NothingElse => "nothing-else-changes",
            PlanClaim::NoRuleShadowed => "no-rule-shadowed",
            PlanClaim::SameWithout => "same-without",
        };
        Self {
            claim,
            group: proof.group,
            verdict: word(proof.holds),
            example: proof.example.as_ref().map(DnsAnswerEntry::new),
            shadowed: proof.shadowed.iter().map(DnsRuleEntry::new).collect(),
            why: proof.why.iter().map(ReasonDocument::from).collect(),
        }
    }
}

/// The requests of a plan as a script that sends them in order, each after the list has taken the one before.
///
/// SOURCE: AWS CLI reference, `route53resolver update-firewall-domains`, `get-firewall-domain-list`: a list that is
/// `UPDATING` takes no other request (checked 2026-11-23).
pub fn dns_plan_commands(plan: &DnsPlan) -> String {
    let mut text = "#!/bin/sh\n# netproof: domain lists of DNS Firewall\nset -e\n".to_owned();
    match plan.holds() {
        Holds::Yes => {}
        Holds::No if !plan.over_quota.is_empty() => {
            text.push_str("# There is no room for these names in the quota.\nexit 1\n");
            return text;
        }
        Holds::No => {
            text.push_str("# What is wanted does not hold after these requests; `--format text` says why.\n");
        }
        Holds::Unknown => {
            text.push_str(
                "# Whether what is wanted holds after these requests is unknown; `--format text` says why.\n",
            );
        }
    }
    if plan.requests.is_empty() {
        text.push_str("# Nothing is to be sent.\n");
        return text;
    }
    text.push_str(SETTLED);
    for request in &plan.requests {
        let account = &request.place.account;
        let account = if account.is_empty() { String::new() } else { format!("account {account}: ") };
        let count = request.domains.len();
        let about = format!("{account}{} {count} in {}", operation(request.step), request.list_name);
        let _ = writeln!(text, "# {}", shell::comment(&about));
        let region = &request.place.region;
        let region =
            if region.is_empty() { String::new() } else { format!(" --region {}", shell::word(region)) };
        let body = json_text(&UpdateFirewallDomains::new(request)).unwrap_or_default();
        let _ = writeln!(
            text,
            "aws route53resolver update-firewall-domains{region} --cli-input-json file:///dev/stdin <<'JSON'\n{}\nJSON",
            body.trim_end()
        );
        let _ = writeln!(text, "settled {}{region}", shell::word(&request.list));
    }
    text
}

/// Waits for a list.
const SETTLED: &str = "\
settled() {
  id=$1; shift
  while [ \"$(aws route53resolver get-firewall-domain-list --firewall-domain-list-id \"$id\" \"$@\" \\
    --query FirewallDomainList.Status --output text)\" = UPDATING ]; do sleep 1; done
}
";
