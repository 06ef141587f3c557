//! What triage made of findings, for people and for programs.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use super::style::{Style, counted, wrapped};
use crate::{
    audit::{Audit, SeverityLabel},
    triage::{Known, Standing, Suppression, Triage},
};

/// So many findings that count are listed; `json` has all.
const SHOWN: usize = 50;

/// What triage made of findings.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TriageDocument {
    /// `findings` (some count), `unknown` (none does, but not all is known) or `clean` (none does).
    verdict: &'static str,
    totals: TriageTotals,
    /// What it made of each, in the order of the checks and their findings.
    findings: Vec<StandingEntry>,
    /// Findings of the baseline that are gone.
    gone: Vec<Known>,
    /// Suppressions that have run out and still match findings.
    expired_suppressions: Vec<SuppressionEntry>,
    /// Suppressions that match nothing.
    unmatched_suppressions: Vec<SuppressionEntry>,
}

/// Numbers over all findings.
#[derive(Debug, Serialize, JsonSchema)]
struct TriageTotals {
    findings: usize,
    /// Those that count.
    failing: usize,
    /// Those that the baseline has.
    known: usize,
    suppressed: usize,
    /// Those less grave than what counts.
    below: usize,
    overdue: usize,
    gone: usize,
}

/// What triage made of a finding.
#[derive(Debug, Serialize, JsonSchema)]
struct StandingEntry {
    /// The scope or other check.
    check: String,
    /// Id of the finding.
    id: String,
    severity: &'static str,
    /// The tag that made it graver.
    #[serde(skip_serializing_if = "Option::is_none")]
    raised_by: Option<String>,
    /// `open`, with a baseline `new` or `known`; or `suppressed`.
    state: &'static str,
    /// Whether it counts.
    fails: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_seen: Option<String>,
    /// The last day on which it is not overdue.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    overdue: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppression: Option<SuppressionEntry>,
}

/// Who takes responsibility, and why.
#[derive(Debug, Serialize, JsonSchema)]
struct SuppressionEntry {
    reason: String,
    owner: String,
    /// The last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    /// File and place.
    written: String,
    /// How many findings it matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    matches: Option<usize>,
}

impl TriageDocument {
    pub(crate) fn new(audit: &Audit<'_>, triage: &Triage) -> Self {
        let mut findings = Vec::with_capacity(triage.findings);
        for check in &audit.checks {
            for (index, id) in check.ids().into_iter().enumerate() {
                findings.push(StandingEntry::new(&check.id, id, check.standing(index)));
            }
        }
        let entry = |entry: &Suppression, matches: Option<usize>| SuppressionEntry {
            reason: entry.reason.clone(),
            owner: entry.owner.clone(),
            until: entry.until.map(|until| until.to_string()),
            written: entry.written.clone(),
            matches,
        };
        Self {
            verdict: audit.verdict().name(),
            totals: TriageTotals {
                findings: triage.findings,
                failing: triage.failing,
                known: triage.known,
                suppressed: triage.suppressed,
                below: triage.below,
                overdue: triage.overdue,
                gone: triage.gone.len(),
            },
            findings,
            gone: triage.gone.clone(),
            expired_suppressions: triage.expired.iter().map(|(it, count)| entry(it, Some(*count))).collect(),
            unmatched_suppressions: triage.unmatched.iter().map(|it| entry(it, None)).collect(),
        }
    }
}

impl StandingEntry {
    fn new(check: &str, id: &str, standing: Standing) -> Self {
        let fails = standing.fails();
        let state = standing.word();
        let suppression = standing.suppressed.map(|by| SuppressionEntry {
            reason: by.reason,
            owner: by.owner,
            until: by.until.map(|until| until.to_string()),
            written: by.written,
            matches: None,
        });
        Self {
            check: check.to_owned(),
            id: id.to_owned(),
            severity: standing.severity.name(),
            raised_by: standing.raised_by,
            state,
            fails,
            first_seen: standing.first_seen.map(|date| date.to_string()),
            due: standing.due.map(|date| date.to_string()),
            overdue: standing.overdue,
            suppression,
        }
    }
}

/// What triage made of findings: those that count, one line each, the gravest first, and what else it noticed. Empty if
/// nothing was decided beforehand.
pub fn triage_text(audit: &Audit<'_>, triage: &Triage, style: Style) -> String {
    if !triage.in_force {
        return String::new();
    }
    let mut text = String::from("\n");
    let count = format!("{} of {} count", triage.failing, counted(triage.findings, "finding"));
    let count = match (triage.failing, triage.findings) {
        (_, 0) => style.good("no finding"),
        (0, 1) => style.good("the one finding does not count"),
        (0, _) => style.good(&format!("none of {} counts", counted(triage.findings, "finding"))),
        (_, 1) => style.bad("the one finding counts"),
        (1, _) => style.bad(&format!("1 of {} counts", counted(triage.findings, "finding"))),
        _ => style.bad(&count),
    };
    let parts = [
        (triage.known, "known"),
        (triage.suppressed, "suppressed"),
        (triage.below, "below the threshold"),
        (triage.overdue, "overdue"),
        (triage.gone.len(), "gone since the baseline"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    let rest = if parts.is_empty() { String::new() } else { format!("; {}", parts.join(", ")) };
    let _ = writeln!(text, "{count}{rest}");
    for severity in SeverityLabel::ALL.into_iter().rev() {
        let left = SHOWN.saturating_sub(text.matches("\n  ").count());
        text.push_str(&failing(audit, severity, left, style));
    }
    for check in &audit.checks {
        for (index, id) in check.ids().into_iter().enumerate() {
            let standing = check.standing(index);
            if standing.overdue && standing.suppressed.is_none() && !standing.fails() {
                let due = standing.due.map(|due| due.to_string()).unwrap_or_default();
                let line = format!("{} {id} of {}, since {due}", style.doubtful("overdue"), check.id);
                text.push_str(&wrapped(&line, 2, 4));
            }
        }
    }
    for (entry, count) in &triage.expired {
        let until = entry.until.map(|until| until.to_string()).unwrap_or_default();
        let line = format!(
            "{}: the suppression `{}` of {} ran out after {until} and matches {}",
            style.warning(),
            entry.reason,
            entry.owner,
            counted(*count, "finding")
        );
        text.push_str(&wrapped(&line, 2, 4));
        let _ = writeln!(text, "    {}", style.dim(&entry.written));
    }
    for entry in &triage.unmatched {
        let line = format!(
            "{}: the suppression `{}` of {} matches nothing",
            style.warning(),
            entry.reason,
            entry.owner
        );
        text.push_str(&wrapped(&line, 2, 4));
        let _ = writeln!(text, "    {}", style.dim(&entry.written));
    }
    text
}

/// Findings of a severity that count.
fn failing(audit: &Audit<'_>, severity: SeverityLabel, room: usize, style: Style) -> String {
    let mut text = String::new();
    let mut left = 0_usize;
    for check in &audit.checks {
        for index in 0..check.len() {
            let standing = check.standing(index);
            if standing.severity != severity || !standing.fails() {
                continue;
            }
            let Some(finding) = check.finding(index).filter(|_| text.matches("\n  ").count() < room) else {
                left += 1;
                continue;
            };
            let late = if standing.overdue { ", overdue" } else { "" };
            let line = format!(
                "{} {} {}, {}{late}: {}",
                style.bad(severity.name()),
                standing.word(),
                finding.id,
                check.id,
                finding.title
            );
            text.push_str(&wrapped(&line, 2, 4));
            if let Some(place) = &finding.place {
                let _ = writeln!(text, "    {}", style.dim(&place.to_string()));
            }
        }
    }
    if left > 0 {
        let _ = writeln!(text, "  … and {left} more of severity {severity}; `--format json` has all");
    }
    text
}
