//! Scope files for people, and what `netproof scopes check` says of them.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use super::{document::SCHEMA_VERSION, remark::ScopeRemarkDocument, style::wrapped};
use crate::{ScopeDocument, describe};

/// Names of scopes, how severe what they find is, and what each is for, a line each.
pub fn scope_list_text(scopes: &[ScopeDocument]) -> String {
    let widest = |of: &dyn Fn(&ScopeDocument) -> &str| {
        scopes.iter().map(|scope| of(scope).chars().count()).max().unwrap_or(0)
    };
    let (name, grave) = (widest(&|scope| &scope.name) + 2, widest(&|scope| severity(scope)));
    let grave = if grave == 0 { 0 } else { grave + 2 };
    let mut text = String::new();
    for scope in scopes {
        let column = name + grave;
        let purpose = wrapped(&purpose(scope), column, column);
        let _ = write!(text, "{:<name$}{:<grave$}{}", scope.name, severity(scope), purpose.trim_start());
    }
    text
}

/// The severity of what a scope finds, from its tag `Severity`; empty if there is none.
fn severity(scope: &ScopeDocument) -> &str {
    scope.tags.get("Severity").map_or("", String::as_str)
}

/// Its description, else its title, else what it looks for.
fn purpose(scope: &ScopeDocument) -> String {
    let title = scope.title.clone().filter(|title| *title != scope.name);
    scope.description.clone().or(title).unwrap_or_else(|| describe(scope))
}

/// That scopes are valid, what they look for, and why AWS does not take those that it does not.
pub fn scope_check_text(scopes: &[ScopeDocument]) -> String {
    let valid = |scope: &ScopeDocument| {
        let mut text = wrapped(&format!("{}: valid, looks for {}", scope.name, describe(scope)), 0, 2);
        if !scope.extensions.is_empty() {
            let used = scope.extensions.iter().map(|used| format!("{} (line {})", used.message, used.line));
            let used = used.collect::<Vec<_>>().join("; ");
            text.push_str(&wrapped(&format!("AWS does not accept it: {used}"), 2, 4));
        }
        text
    };
    scopes.iter().map(valid).collect()
}

/// What `netproof scopes check --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "netproof scopes check")]
pub struct ScopesCheckDocument {
    /// Version of this form.
    schema_version: u32,
    /// The valid scopes, in the order of the files.
    scopes: Vec<CheckedScope>,
    /// What makes other files unusable, as text.
    problems: Vec<String>,
}

/// A valid scope.
#[derive(Debug, Serialize, JsonSchema)]
struct CheckedScope {
    /// The file's name without folder and extension; in a template the logical id.
    name: String,
    /// What it looks for, in words.
    looks_for: String,
    /// Whether it is written in AWS's grammar alone, so that AWS's Network Access Analyzer takes it, too.
    aws_accepts: bool,
    /// Every use of something that only netproof knows.
    extensions: Vec<ScopeRemarkDocument>,
    /// What is doubtful about the file.
    warnings: Vec<ScopeRemarkDocument>,
}

impl ScopesCheckDocument {
    /// These valid scopes, and the problems of other files.
    pub fn new(scopes: &[ScopeDocument], problems: &[String]) -> Self {
        let checked = |scope: &ScopeDocument| CheckedScope {
            name: scope.name.clone(),
            looks_for: describe(scope),
            aws_accepts: scope.extensions.is_empty(),
            extensions: scope.extensions.iter().map(ScopeRemarkDocument::from).collect(),
            warnings: scope.warnings.iter().map(ScopeRemarkDocument::from).collect(),
        };
        Self {
            schema_version: SCHEMA_VERSION,
            scopes: scopes.iter().map(checked).collect(),
            problems: problems.to_vec(),
        }
    }
}
