//! Scope files for people.

use std::fmt::Write;

use super::style::wrapped;
use crate::{ScopeDocument, describe};

/// Names of scopes and what each is for, a line each.
pub fn scope_list_text(scopes: &[ScopeDocument]) -> String {
    let width = scopes.iter().map(|scope| scope.name.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for scope in scopes {
        let column = width + 2;
        let _ =
            write!(text, "{:<column$}{}", scope.name, wrapped(&purpose(scope), column, column).trim_start());
    }
    text
}

/// Its description, else its title, else what it looks for.
fn purpose(scope: &ScopeDocument) -> String {
    let title = scope.title.clone().filter(|title| *title != scope.name);
    scope.description.clone().or(title).unwrap_or_else(|| describe(scope))
}

/// That scopes are valid, and what they look for.
pub fn scope_check_text(scopes: &[ScopeDocument]) -> String {
    let valid = |scope: &ScopeDocument| {
        wrapped(&format!("{}: valid, looks for {}", scope.name, describe(scope)), 0, 2)
    };
    scopes.iter().map(valid).collect()
}
