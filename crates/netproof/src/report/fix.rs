//! Proposed changes: in words, as commands, and for programs.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    certification::{CertificationDocument, certification_text},
    diff::{DifferenceDocument, difference_text},
    document::{ReasonDocument, SCHEMA_VERSION},
    style::{Style, counted, wrapped},
    verify::reasons_text,
};
use crate::{Analysis, Certification, Change, Fixed, Goal, PLACEHOLDER, Proposal, Reason, Repair, shell};

/// What `netproof fix --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "netproof fix")]
pub struct FixDocument {
    /// Version of this form.
    schema_version: u32,
    /// What is wanted, in words.
    goal: String,
    /// `already` if it is so, `proposed` if changes do it, `not-known` if none is known.
    outcome: &'static str,
    /// The changes.
    changes: Vec<ChangeEntry>,
    /// Flows that were to be kept and still hold, by name.
    kept: Vec<String>,
    /// What else gets through that did not, or no longer does.
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<DifferenceDocument>,
    /// For `not-known`: why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<ReasonDocument>,
    /// Which of the verdicts that this rests on are certified.
    certification: CertificationDocument,
}

/// One change.
#[derive(Debug, Serialize, JsonSchema)]
struct ChangeEntry {
    /// The resource that is changed, by id.
    resource: String,
    #[serde(flatten)]
    what: ReasonDocument,
    /// Commands of the AWS CLI that make it.
    commands: Vec<String>,
}

impl FixDocument {
    /// The document for what came of a wish.
    pub fn new(analysis: &Analysis, goal: &Goal, fixed: &Fixed, certification: &Certification) -> Self {
        let mut document = Self {
            schema_version: SCHEMA_VERSION,
            goal: goal_text(goal),
            outcome: "already",
            changes: Vec::new(),
            kept: Vec::new(),
            difference: None,
            why: Vec::new(),
            certification: CertificationDocument::from(certification),
        };
        match fixed {
            Fixed::Already => {}
            Fixed::NotKnown(reasons) => {
                document.outcome = "not-known";
                document.why = reasons.iter().map(ReasonDocument::from).collect();
            }
            Fixed::Proposed(proposal) => {
                document.outcome = "proposed";
                document.changes = proposal
                    .changes
                    .iter()
                    .map(|change| ChangeEntry {
                        resource: change.resource.id().to_owned(),
                        what: ReasonDocument::from(&analysis.change(change)),
                        commands: commands(analysis, change),
                    })
                    .collect();
                document.kept = proposal.kept.iter().map(|result| result.flow.name.clone()).collect();
                let compared = &proposal.difference;
                document.difference = Some(DifferenceDocument::new(analysis, &proposal.after, compared));
            }
        }
        document
    }
}

fn goal_text(goal: &Goal) -> String {
    match goal {
        Goal::Open(question) => format!("open {} to {}", question.source, question.destination),
        Goal::Close(question) => format!("close {} to {}", question.source, question.destination),
        Goal::Clean(scope, None) => format!("close the findings of {}", scope.name),
        Goal::Clean(scope, Some(id)) => format!("close finding {id} of {}", scope.name),
    }
}

/// The commands of a change, in the Region of its resource if that is known.
fn commands(analysis: &Analysis, change: &Change) -> Vec<String> {
    let graph = analysis.graph();
    let region = graph.find(&change.resource).map(|id| graph.resource(id).region.as_str());
    let region =
        region.filter(|region| !region.is_empty()).map(|region| format!(" --region {}", shell::word(region)));
    let with = |line: String| line + region.as_deref().unwrap_or_default();
    change.commands().into_iter().map(with).collect()
}

/// What came of a wish, for people.
pub fn fix_text(
    analysis: &Analysis,
    goal: &Goal,
    fixed: &Fixed,
    certification: &Certification,
    style: Style,
) -> String {
    let goal = goal_text(goal);
    let mut text = match fixed {
        Fixed::Already => format!("{goal}: {}\n", style.good("it is so already")),
        Fixed::NotKnown(reasons) => {
            let mut text = format!("{goal}: {}\n", style.bad("no changes are known that do it"));
            text.push_str(&reasons_text(reasons, 2, style));
            text
        }
        Fixed::Proposed(proposal) => proposal_text(analysis, &goal, proposal, style),
    };
    let certified = certification_text(certification, style);
    match fixed {
        Fixed::Already => text.push_str(&certified),
        Fixed::Proposed(_) => text.extend(["\n", &certified]),
        // That no changes are known is no verdict.
        Fixed::NotKnown(_) => {}
    }
    text
}

fn proposal_text(analysis: &Analysis, goal: &str, proposal: &Proposal, style: Style) -> String {
    let count = counted(proposal.changes.len(), "change");
    let mut text = format!("{goal}: {}\n\n", style.good(&format!("{count} would do it")));
    let reasons: Vec<Reason> = proposal.changes.iter().map(|change| analysis.change(change)).collect();
    text.push_str(&reasons_text(&reasons, 2, style));
    text.push_str("\n  As commands:\n");
    for line in proposal.changes.iter().flat_map(|change| commands(analysis, change)) {
        let _ = writeln!(text, "    {line}");
    }
    text.push_str("\n  Proved on a copy with these changes:\n");
    let done = match &proposal.answered {
        Some(answered) => format!("- the answer is {}", answered.verdict),
        None => "- the findings are gone".to_owned(),
    };
    text.push_str(&wrapped(&done, 4, 6));
    if !proposal.kept.is_empty() {
        let kept = counted(proposal.kept.len(), "flow");
        text.push_str(&wrapped(&format!("- {kept} to be kept, all as before"), 4, 6));
    }
    text.push_str("\n  Everything that gets through and did not, or no longer does:\n");
    for line in difference_text(analysis, &proposal.after, &proposal.difference, style).lines() {
        let _ = writeln!(text, "{}{line}", if line.is_empty() { "" } else { "    " });
    }
    text
}

/// The changes as a script of the AWS CLI.
pub fn fix_commands(analysis: &Analysis, goal: &Goal, fixed: &Fixed) -> String {
    let mut text = format!("#!/bin/sh\n# netproof: {}\nset -e\n", shell::comment(&goal_text(goal)));
    match fixed {
        Fixed::Already => text.push_str("# It is so already.\n"),
        Fixed::NotKnown(reasons) => {
            text.push_str("# No changes are known that do it:\n");
            for reason in reasons {
                let _ = writeln!(text, "# {}", shell::comment(&reason.text));
            }
            text.push_str("exit 1\n");
        }
        Fixed::Proposed(proposal) => {
            for change in &proposal.changes {
                let _ = writeln!(text, "# {}", shell::comment(&analysis.change(change).text));
                if change.repair == Repair::AddPublicAddress {
                    let _ = writeln!(
                        text,
                        "# Put the id that comes of the first command in for ALLOCATION_ID; {PLACEHOLDER} stood for the address."
                    );
                }
                for line in commands(analysis, change) {
                    let _ = writeln!(text, "{line}");
                }
            }
        }
    }
    text
}
