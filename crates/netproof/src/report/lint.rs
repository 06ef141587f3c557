//! Rules that do nothing.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    document::SCHEMA_VERSION,
    equivalent::{CertificateDocument, DecidingDocument},
    remark::{DiagnosticDocument, documents},
    rule_text,
    style::{Style, counted, wrapped},
    triage::TriageDocument,
};
use crate::{
    Analysis,
    audit::Audit,
    lint::{Idle, IdleRule, Lint},
    triage::Triage,
};

/// Rules that cover another and are printed as text; `json` has all.
const MOST: usize = 8;

/// What `netproof lint --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "netproof lint")]
pub struct LintDocument {
    /// Version of this form.
    schema_version: u32,
    /// Rules that do nothing; all of them can be taken out together.
    findings: Vec<IdleDocument>,
    totals: LintTotals,
    #[serde(flatten)]
    certificate: CertificateDocument,
    /// Remarks about the snapshot, the gravest first.
    diagnostics: Vec<DiagnosticDocument>,
    /// What was decided about findings by severity, baseline and suppressions; left out if nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    triage: Option<TriageDocument>,
}

/// Numbers over all lists.
#[derive(Debug, Serialize, JsonSchema)]
struct LintTotals {
    lists: usize,
    rules: usize,
    findings: usize,
}

/// A rule that does nothing.
#[derive(Debug, Serialize, JsonSchema)]
struct IdleDocument {
    /// Id of what the rule belongs to, or name of a policy.
    resource: String,
    /// Which list of it: `ingress`, `egress`, `addresses`, `stateless`, `stateful`.
    list: &'static str,
    /// `empty` (about no packet that can exist), `shadowed` (no packet gets to it) or `redundant` (others do the same).
    why: &'static str,
    #[serde(flatten)]
    rule: DecidingDocument,
    /// Rules that together make it idle, none of which can be left out.
    covered_by: Vec<DecidingDocument>,
    /// What is worth knowing before it is taken out.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl LintDocument {
    /// The document.
    pub fn new(analysis: &Analysis, lint: &Lint) -> Self {
        let finding = |idle: &IdleRule| IdleDocument {
            resource: idle.owner.id().to_owned(),
            list: idle.part,
            why: idle.why.name(),
            rule: DecidingDocument::new(analysis, &idle.cause),
            covered_by: idle.covered_by.iter().map(|cause| DecidingDocument::new(analysis, cause)).collect(),
            note: idle.note.clone(),
        };
        Self {
            schema_version: SCHEMA_VERSION,
            findings: lint.idle.iter().map(finding).collect(),
            totals: LintTotals { lists: lint.lists, rules: lint.rules, findings: lint.idle.len() },
            certificate: CertificateDocument::from(&lint.certificate),
            diagnostics: documents(analysis.diagnostics()),
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

/// The findings for people, list by list.
pub fn lint_text(analysis: &Analysis, lint: &Lint, style: Style) -> String {
    let mut text = String::new();
    for of_list in lint.idle.chunk_by(|a, b| (&a.owner, a.part) == (&b.owner, b.part)) {
        let Some(first) = of_list.first() else { continue };
        let _ = writeln!(text, "{}", style.bold(&format!("{} {}", first.owner.id(), first.part)));
        for idle in of_list {
            let why = match idle.why {
                Idle::Empty => "empty    ",
                Idle::Shadowed => "shadowed ",
                Idle::Redundant => "redundant",
            };
            let _ = writeln!(text, "  {}  {}", style.doubtful(why), placed(analysis, &idle.cause, style));
            let lead = match (idle.why, idle.covered_by.is_empty()) {
                (Idle::Empty, _) => "it is about no packet that can exist",
                (Idle::Shadowed, _) => "no packet gets to it, because of",
                (Idle::Redundant, true) => "without it the same happens: no rule is about its packets",
                (Idle::Redundant, false) => "without it the same happens, because of",
            };
            let _ = writeln!(text, "             {lead}");
            for cause in idle.covered_by.iter().take(MOST) {
                let _ = writeln!(text, "             - {}", placed(analysis, cause, style));
            }
            if idle.covered_by.len() > MOST {
                let more = counted(idle.covered_by.len() - MOST, "rule");
                let _ = writeln!(text, "             … and {more} more; `--format json` has all");
            }
        }
        if let Some(note) = &first.note {
            text.push_str(&wrapped(&format!("note: {note}"), 2, 4));
        }
        text.push('\n');
    }
    let findings = counted(lint.idle.len(), "idle rule");
    let findings = if lint.idle.is_empty() { style.good("no idle rule") } else { style.bad(&findings) };
    let (lists, rules) = (counted(lint.lists, "list"), counted(lint.rules, "rule"));
    let _ = writeln!(text, "{findings} among {rules} in {lists}");
    let _ = writeln!(text, "{}", lint.certificate);
    text
}

fn placed(analysis: &Analysis, cause: &graph::Cause, style: Style) -> String {
    let rule = rule_text(cause);
    let rule = rule.split_once(": ").map_or(rule.as_str(), |(_, rule)| rule);
    let place = analysis.locate(cause);
    let place = place.map(|place| style.dim(&format!("  {}:{}", place.file, place.line)));
    format!("{rule}{}", place.unwrap_or_default())
}
