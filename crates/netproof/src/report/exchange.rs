//! Reports for other programs and for reviewers: every one is made from an [`Audit`](crate::audit::Audit), whichever command made that.

mod asff;
mod csv;
mod dot;
mod github;
mod html;
mod junit;
mod markdown;
mod mermaid;
mod ocsf;
mod picture;
mod record;
mod sarif;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use jiff::Timestamp;

use crate::{audit::Audit, triage::Triage};

/// What is reported.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// What a command found.
    pub audit: &'a Audit<'a>,
    /// What was decided about it.
    pub triage: &'a Triage,
    /// The time to be written where a format wants one.
    pub when: Timestamp,
}

/// A format for other programs or reviewers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exchange {
    /// AWS Security Finding Format, for Security Hub.
    Asff,
    /// Comma-separated values, a line for each finding.
    Csv,
    /// Graphviz: the paths of findings.
    Dot,
    /// Annotations in the log of a GitHub workflow.
    Github,
    /// One page with everything in it, for a browser without a network.
    Html,
    /// JUnit's XML: a case for each finding.
    Junit,
    /// A comment on a pull request, or a job summary.
    Markdown,
    /// Mermaid: the paths of findings.
    Mermaid,
    /// Open Cybersecurity Schema Framework 1.6: Compliance Findings.
    Ocsf,
    /// Static Analysis Results Interchange Format 2.1.0.
    Sarif,
}

impl Exchange {
    /// All of them, sorted by name.
    pub const ALL: [Self; 10] = [
        Self::Asff,
        Self::Csv,
        Self::Dot,
        Self::Github,
        Self::Html,
        Self::Junit,
        Self::Markdown,
        Self::Mermaid,
        Self::Ocsf,
        Self::Sarif,
    ];

    /// The word by which it is asked for.
    pub fn name(self) -> &'static str {
        match self {
            Self::Asff => "asff",
            Self::Csv => "csv",
            Self::Dot => "dot",
            Self::Github => "github",
            Self::Html => "html",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Mermaid => "mermaid",
            Self::Ocsf => "ocsf",
            Self::Sarif => "sarif",
        }
    }

    /// Writes a report. Errors are those of `out`.
    pub fn write(self, report: Report<'_>, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Asff => asff::write(report, out),
            Self::Csv => csv::write(report, out),
            Self::Dot => dot::write(report, out),
            Self::Github => github::write(report, out),
            Self::Html => html::write(report, out),
            Self::Junit => junit::write(report, out),
            Self::Markdown => markdown::write(report, out),
            Self::Mermaid => mermaid::write(report, out),
            Self::Ocsf => ocsf::write(report, out),
            Self::Sarif => sarif::write(report, out),
        }
    }
}
