//! Remarks about the snapshot and about scope files, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write;

use schemars::JsonSchema;
use scope::document::{ScopeDocument, ScopeRemark};
use serde::Serialize;

use super::{document::LocationDocument, style::Style};
use crate::{Diagnostic, Severity};

/// Of each kind of remark, so many are printed before the rest is counted.
const SHOWN: usize = 3;

/// A remark about the snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct DiagnosticDocument {
    /// `error` (part of the input could not be used), `warning` (doubtful or incomplete) or `info`.
    severity: String,
    /// Stable name of this kind of remark.
    code: &'static str,
    /// What was found, and what was expected.
    message: String,
    /// What can be done about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<LocationDocument>,
}

impl From<&Diagnostic> for DiagnosticDocument {
    fn from(diagnostic: &Diagnostic) -> Self {
        Self {
            severity: diagnostic.severity.to_string(),
            code: diagnostic.code,
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
            location: diagnostic.location.clone().map(LocationDocument::from),
        }
    }
}

/// All remarks, as every `json` document carries them.
pub(crate) fn documents(diagnostics: &[Diagnostic]) -> Vec<DiagnosticDocument> {
    diagnostics.iter().map(DiagnosticDocument::from).collect()
}

/// How many remarks to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// The first few of each kind, then how many more there are.
    Short,
    /// All.
    Full,
}

/// Remarks of at least this severity as text, the gravest kinds first, those of a kind together; each ends with a
/// line break.
pub fn diagnostics_text(diagnostics: &[Diagnostic], least: Severity, length: Length, style: Style) -> String {
    let mut kinds: BTreeMap<(Severity, &str), Vec<&Diagnostic>> = BTreeMap::new();
    for diagnostic in diagnostics.iter().filter(|diagnostic| diagnostic.severity <= least) {
        kinds.entry((diagnostic.severity, diagnostic.code)).or_default().push(diagnostic);
    }
    let mut text = String::new();
    for ((severity, code), kind) in kinds {
        // A list that is one longer than it may be would save nothing by being cut.
        let shown = if length == Length::Full || kind.len() <= SHOWN + 1 { kind.len() } else { SHOWN };
        for diagnostic in kind.iter().take(shown) {
            let _ = writeln!(text, "{}: {diagnostic}", severity_text(severity, style));
        }
        if shown < kind.len() {
            let more = kind.len() - shown;
            let severity = severity_text(severity, style);
            let _ = writeln!(text, "{severity}: … and {more} more `{code}`; `netproof inspect` lists all");
        }
    }
    text
}

pub(crate) fn severity_text(severity: Severity, style: Style) -> String {
    let word = severity.to_string();
    match severity {
        Severity::Error => style.bad(&word),
        Severity::Warning => style.doubtful(&word),
        Severity::Info => style.dim(&word),
    }
}

/// What is doubtful about a scope file, a line each.
pub fn scope_warnings_text(scope: &ScopeDocument, style: Style) -> String {
    let mut text = String::new();
    for warning in &scope.warnings {
        let _ = writeln!(text, "{}: {}", style.doubtful("warning"), warning.to_text(&scope.name));
    }
    text
}

/// A remark about a scope file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct ScopeRemarkDocument {
    /// JSON pointer into the scope file.
    pointer: String,
    /// Line in the scope file, from 1.
    line: usize,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

impl From<&ScopeRemark> for ScopeRemarkDocument {
    fn from(remark: &ScopeRemark) -> Self {
        let ScopeRemark { pointer, line, message, help } = remark.clone();
        Self { pointer, line, message, help }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Location;

    fn remarks() -> Vec<Diagnostic> {
        let at = |line| Some(Location { line, ..Location::file("a.json") });
        let many = (1..=6).map(|line| {
            Diagnostic::warning("missing-resource", at(line), format!("`eni-{line}` is not there"))
        });
        let one = Diagnostic::error("bad-record", at(9), "`ToPort` is 70000").with_help("ports end at 65535");
        let info = Diagnostic::info("unread-table", None, "`Volumes` was not read");
        many.chain([one, info]).collect()
    }

    #[test]
    fn gravest_first_and_long_kinds_are_cut() {
        let text = diagnostics_text(&remarks(), Severity::Warning, Length::Short, Style::Plain);
        insta::assert_snapshot!(text, @r"
        error: a.json:9: `ToPort` is 70000
          help: ports end at 65535
        warning: a.json:1: `eni-1` is not there
        warning: a.json:2: `eni-2` is not there
        warning: a.json:3: `eni-3` is not there
        warning: … and 3 more `missing-resource`; `netproof inspect` lists all
        ");
    }

    #[test]
    fn all_of_them_on_request() {
        let text = diagnostics_text(&remarks(), Severity::Info, Length::Full, Style::Plain);
        assert_eq!(text.lines().count(), 9);
    }

    #[test]
    fn one_more_than_the_limit_is_not_cut() {
        let four: Vec<_> = remarks().into_iter().take(4).collect();
        let text = diagnostics_text(&four, Severity::Info, Length::Short, Style::Plain);
        assert_eq!(text.lines().count(), 4);
    }
}
