//! What becomes of DNS queries.

use std::fmt::Write;

use dns::{Action, Response, Verdict, Why};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    document::{LocationDocument, ReasonDocument, SCHEMA_VERSION},
    remark::{DiagnosticDocument, documents},
    style::{Style, listed, wrapped},
    verify::reasons_text,
};
use crate::{Analysis, DnsAnswer, DnsName, DnsRule, Reason};
use aws::Filtered;

/// What `netproof dns query --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "netproof dns query")]
pub struct DnsAnswersDocument {
    /// Version of this form.
    schema_version: u32,
    /// What becomes of each query, in the order in which they were asked.
    results: Vec<DnsAnswerEntry>,
    totals: DnsTotals,
    /// Remarks about the snapshot, the gravest first.
    diagnostics: Vec<DiagnosticDocument>,
}

/// How many queries have which verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DnsTotals {
    /// All queries.
    pub queries: usize,
    /// That are allowed by a rule.
    pub allow: usize,
    /// That are blocked.
    pub block: usize,
    /// That are allowed and logged.
    pub alert: usize,
    /// That no rule takes, or that DNS Firewall does not see.
    pub unmatched: usize,
    /// Of which it depends on something unknown.
    pub depends: usize,
}

/// What becomes of a query.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DnsAnswerEntry {
    /// The VPC, as it was asked for.
    vpc: String,
    /// The name, as it was asked for.
    name: String,
    /// The type, by its name, or as `TYPE` and its number.
    #[serde(rename = "type")]
    query_type: String,
    /// The names that it is redirected to, as they were given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    chain: Vec<String>,
    /// `allow`, `block`, `alert`, `unmatched` (no rule takes it, or DNS Firewall does not see it: it is answered), or
    /// `depends` (see `may` and `why`).
    verdict: &'static str,
    /// Whether DNS Firewall sees the query; also `true` where it only may: then `why` says so.
    filtered: bool,
    /// The rule that decides; `null` if none does, or if it is not certain which.
    rule: Option<DnsRuleEntry>,
    /// All verdicts that are possible, sorted, if there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    may: Vec<&'static str>,
    /// Its names one by one: its own, then those that it is redirected to.
    names: Vec<DnsNameEntry>,
    /// What the answer depends on or takes for granted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<ReasonDocument>,
}

/// What becomes of one name.
#[derive(Debug, Serialize, JsonSchema)]
struct DnsNameEntry {
    name: String,
    verdict: &'static str,
    /// Rules that take it, or may, in order.
    takers: Vec<DnsRuleEntry>,
    /// Rules that were asked before and do not take it, in order.
    passed: Vec<PassedEntry>,
}

/// A rule of a rule group of DNS Firewall.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DnsRuleEntry {
    /// Id of its group.
    group: String,
    /// Name of its group.
    #[serde(skip_serializing_if = "Option::is_none")]
    group_name: Option<String>,
    /// Its place in the group, the lowest first; left out of what stands for rules that were not exported.
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<i64>,
    /// Its name; of what stands for rules that were not exported, what is missing, in words.
    name: String,
    /// Id of its domain list or protection.
    list: Option<String>,
    /// Name of its list, or what it detects.
    list_name: String,
    /// The entry by which its list has the name, as it is written; left out if that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<String>,
    /// `ALLOW`, `BLOCK` or `ALERT`.
    action: &'static str,
    /// `NODATA`, `NXDOMAIN` or `OVERRIDE`, of what is blocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    block_response: Option<&'static str>,
    /// For `OVERRIDE`: the name to which it redirects.
    #[serde(skip_serializing_if = "Option::is_none")]
    block_override_domain: Option<String>,
    /// Where it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<LocationDocument>,
    /// Where the entry is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry_location: Option<LocationDocument>,
}

/// A rule that does not take a name.
#[derive(Debug, Serialize, JsonSchema)]
struct PassedEntry {
    group: String,
    /// Its place in the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<i64>,
    name: String,
    /// `not-listed`, `other-type`, or `earlier` (whenever it would take it, an earlier rule does).
    why: &'static str,
}

impl DnsTotals {
    /// Counts answers.
    pub fn of(answers: &[DnsAnswer]) -> Self {
        let count = |verdict| answers.iter().filter(|answer| answer.verdict == verdict).count();
        Self {
            queries: answers.len(),
            allow: count(Verdict::Allow),
            block: count(Verdict::Block),
            alert: count(Verdict::Alert),
            unmatched: count(Verdict::Unmatched),
            depends: count(Verdict::Depends),
        }
    }
}

/// A verdict in a word.
pub(crate) fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allow",
        Verdict::Alert => "alert",
        Verdict::Block => "block",
        Verdict::Unmatched => "unmatched",
        Verdict::Depends => "depends",
    }
}

impl DnsAnswersDocument {
    /// The document for these answers, in their order.
    pub fn new(analysis: &Analysis, answers: &[DnsAnswer]) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            results: answers.iter().map(DnsAnswerEntry::new).collect(),
            totals: DnsTotals::of(answers),
            diagnostics: documents(&analysis.dns_diagnostics()),
        }
    }
}

impl DnsAnswerEntry {
    pub(super) fn new(answer: &DnsAnswer) -> Self {
        let question = &answer.question;
        let mut may: Vec<&'static str> = answer.possible.iter().map(verdict_word).collect();
        may.sort_unstable();
        Self {
            vpc: question.vpc.clone(),
            name: question.written.clone(),
            query_type: question.query.query_type.to_string(),
            chain: question.chain.iter().map(ToString::to_string).collect(),
            verdict: verdict_word(answer.verdict),
            filtered: !matches!(answer.filtered, Filtered::No(_)),
            rule: answer.rule.as_ref().map(DnsRuleEntry::new),
            may: if may.len() > 1 { may } else { Vec::new() },
            names: answer.names.iter().map(DnsNameEntry::new).collect(),
            why: answer.why.iter().map(ReasonDocument::from).collect(),
        }
    }
}

impl DnsNameEntry {
    fn new(name: &DnsName) -> Self {
        let passed = |(rule, why): &(DnsRule, Why)| PassedEntry {
            group: rule.group.clone(),
            priority: rule.priority,
            name: rule.name.clone(),
            why: match why {
                Why::OtherType => "other-type",
                Why::NotListed => "not-listed",
                Why::Earlier => "earlier",
            },
        };
        Self {
            name: name.name.to_string(),
            verdict: verdict_word(name.verdict),
            takers: name.takers.iter().map(DnsRuleEntry::new).collect(),
            passed: name.passed.iter().map(passed).collect(),
        }
    }
}

impl DnsRuleEntry {
    pub(super) fn new(rule: &DnsRule) -> Self {
        let response = match &rule.action {
            Action::Block(response) => Some(response),
            Action::Allow | Action::Alert => None,
        };
        Self {
            group: rule.group.clone(),
            group_name: rule.group_name.clone(),
            priority: rule.priority,
            name: rule.name.clone(),
            list: rule.list.clone(),
            list_name: rule.list_name.clone(),
            entry: rule.entry.clone(),
            action: action_word(&rule.action),
            block_response: response.and_then(response_word),
            block_override_domain: match response {
                Some(Response::Override { domain, .. }) => Some(domain.clone()),
                _ => None,
            },
            location: rule.location.clone().map(LocationDocument::from),
            entry_location: rule.entry_location.clone().map(LocationDocument::from),
        }
    }
}

pub(super) fn action_word(action: &Action) -> &'static str {
    match action {
        Action::Allow => "ALLOW",
        Action::Alert => "ALERT",
        Action::Block(_) => "BLOCK",
    }
}

fn response_word(response: &Response) -> Option<&'static str> {
    match response {
        Response::NoData => Some("NODATA"),
        Response::NxDomain => Some("NXDOMAIN"),
        Response::Override { .. } => Some("OVERRIDE"),
        Response::Unknown => None,
    }
}

/// What becomes of queries, for people: those of one VPC under each other, and a line over all at the end.
pub fn dns_answers_text(answers: &[DnsAnswer], style: Style) -> String {
    let mut text = String::new();
    for answer in answers {
        text.push_str(&answer_text(answer, style));
        text.push('\n');
    }
    let totals = DnsTotals::of(answers);
    let mut parts = Vec::new();
    let counts = [
        (totals.block, "blocked"),
        (totals.alert, "answered with an alert"),
        (totals.allow, "allowed"),
        (totals.unmatched, "answered without a rule"),
        (totals.depends, "unknown"),
    ];
    parts
        .extend(counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")));
    let queries =
        if totals.queries == 1 { "1 query".to_owned() } else { format!("{} queries", totals.queries) };
    let _ = writeln!(text, "{queries}: {}", parts.join(", "));
    text
}

fn answer_text(answer: &DnsAnswer, style: Style) -> String {
    let question = &answer.question;
    let said = answered_text(answer, style);
    let name = format!("{} {}", question.written, question.query.query_type);
    let mut text = format!("{} from {}: {said}\n", style.bold(&name), question.vpc);
    for (index, name) in answer.names.iter().enumerate() {
        if index > 0 || answer.names.len() > 1 {
            let lead = if index == 0 { "its own name" } else { "redirected to" };
            let _ = writeln!(
                text,
                "  {lead} {}: {}",
                style.bold(&name.name.to_string()),
                possible_text(name.verdict)
            );
        }
        text.push_str(&name_text(name, style));
    }
    if !answer.why.is_empty() {
        let lead = if answer.verdict == Verdict::Depends { "It depends:" } else { "Note:" };
        let _ = writeln!(text, "  {lead}");
        text.push_str(&reasons_text(&answer.why, 4, style));
    }
    text
}

/// What becomes of a query, in words.
pub(crate) fn answered_text(answer: &DnsAnswer, style: Style) -> String {
    match (answer.verdict, &answer.filtered, &answer.rule) {
        (Verdict::Block, _, Some(rule)) => style.good(&format!("blocked, {}", response_text(&rule.action))),
        (Verdict::Block, ..) => style.good("blocked"),
        (Verdict::Alert, ..) => style.bad("answered, with an alert"),
        (Verdict::Allow, ..) => style.bad("allowed"),
        (Verdict::Unmatched, Filtered::No(_), _) => style.bad("answered, DNS Firewall does not see it"),
        (Verdict::Unmatched, ..) => style.bad("answered, no rule takes it"),
        (Verdict::Depends, ..) => {
            let may: Vec<String> = answer.possible.iter().map(|it| possible_text(it).to_owned()).collect();
            style.doubtful(&format!("unknown: {}", may.join(", or ")))
        }
    }
}

pub(super) fn possible_text(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allowed",
        Verdict::Alert => "answered with an alert",
        Verdict::Block => "blocked",
        Verdict::Unmatched => "answered without a rule",
        Verdict::Depends => "unknown",
    }
}

fn response_text(action: &Action) -> String {
    match action {
        Action::Block(Response::NxDomain) => "the name is said not to exist (NXDOMAIN)".to_owned(),
        Action::Block(Response::NoData) => "no data is said to be there (NODATA)".to_owned(),
        Action::Block(Response::Override { domain, .. }) => format!("redirected to {domain} (OVERRIDE)"),
        Action::Block(Response::Unknown) => "how it is answered is not known".to_owned(),
        Action::Allow => "allowed".to_owned(),
        Action::Alert => "alerted on".to_owned(),
    }
}

pub(super) fn name_text(name: &DnsName, style: Style) -> String {
    let mut text = String::new();
    let lead = if name.takers.len() == 1 { "taken by" } else { "may be taken by" };
    for (place, rule) in name.takers.iter().enumerate() {
        let entry = rule.entry.as_ref().map(|entry| format!(", entry {entry}")).unwrap_or_default();
        // What stands for the same missing rules is said once.
        let is_alike = |it: &&DnsRule| it.priority.is_none() && it.name == rule.name;
        let said = if rule.priority.is_some() {
            format!("{lead} {}: {} {}{entry}", rule_text(rule), action_word(&rule.action), list_text(rule))
        } else if name.takers.iter().take(place).any(|it| is_alike(&it)) {
            continue;
        } else {
            let actions: Vec<&str> =
                name.takers.iter().filter(is_alike).map(|it| action_word(&it.action)).collect();
            format!("{lead} {} ({}): {}", rule_text(rule), actions.join(", "), rule.name)
        };
        text.push_str(&reasons_text(&[Reason { text: said, location: rule.location.clone() }], 4, style));
        if let Some(location) = &rule.entry_location {
            let _ = writeln!(text, "      {}", style.dim(&format!("{}:{}", location.file, location.line)));
        }
    }
    if !name.passed.is_empty() {
        let rules: Vec<String> = name.passed.iter().map(|(rule, _)| rule_text(rule)).collect();
        let lead = match rules.len() {
            1 => "1 rule does not take it".to_owned(),
            many => format!("{many} rules do not take it"),
        };
        text.push_str(&wrapped(&format!("{lead}: {}", listed(&rules)), 4, 6));
    }
    text
}

pub(crate) fn rule_text(rule: &DnsRule) -> String {
    let group = rule
        .group_name
        .as_ref()
        .map_or_else(|| rule.group.clone(), |name| format!("{} ({name})", rule.group));
    rule.called(&group)
}

pub(crate) fn list_text(rule: &DnsRule) -> String {
    match &rule.list {
        Some(list) if *list != rule.list_name => format!("{list} ({})", rule.list_name),
        _ => rule.list_name.clone(),
    }
}
