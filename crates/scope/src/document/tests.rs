//! One test per rule of the grammar: text in, what is said about it out.
mod examples;
mod forms;
mod ready_made;
mod refused;
mod round_trip;
mod warned;

use super::{ScopeDocument, describe, read_scopes};

/// Returns the only scope of a file called `scope.json` that must be usable.
pub(in crate::document) fn scope(text: &str) -> ScopeDocument {
    let mut scopes = read_scopes("scope.json", text).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(scopes.len(), 1, "one scope");
    scopes.remove(0)
}

/// Returns everything said about a file called `s.json` that must be unusable.
fn refused(text: &str) -> String {
    read_scopes("s.json", text).expect_err("unusable").to_string()
}

/// Returns everything said about a request with this one match path, which must be unusable.
pub(in crate::document) fn refused_path(path: &str) -> String {
    refused(&format!(r#"{{"MatchPaths":[{path}]}}"#))
}

/// Returns what the scope asks and, below, everything said about a usable file called `s.json`.
fn said(text: &str) -> String {
    let scope = scope(text);
    let mut said = describe(&scope);
    for warning in &scope.warnings {
        said.push('\n');
        said.push_str(&warning.to_text("s.json"));
    }
    said
}

/// Returns what is said about a request with this one match path.
pub(in crate::document) fn said_path(path: &str) -> String {
    said(&format!(r#"{{"MatchPaths":[{path}]}}"#))
}

/// Returns what is said about a request with this packet header at the destination.
fn said_header(header: &str) -> String {
    said_path(&format!(r#"{{"Destination":{{"PacketHeaderStatement":{header}}}}}"#))
}

/// Returns what is said about a request with this packet header at the destination, which must be unusable.
fn refused_header(header: &str) -> String {
    refused_path(&format!(r#"{{"Destination":{{"PacketHeaderStatement":{header}}}}}"#))
}

/// Returns what is said about a request with this resource statement at the source, which must be unusable.
pub(in crate::document) fn refused_source(statement: &str) -> String {
    refused_path(&format!(r#"{{"Source":{{"ResourceStatement":{statement}}}}}"#))
}

/// Returns what is said about a request with this resource statement on the way, which must be unusable.
fn refused_through(statement: &str) -> String {
    refused(&format!(
        r#"{{"MatchPaths":[{{"Source":{{"ResourceStatement":{{"Resources":["vpc-1"]}}}}}}],
            "ExcludePaths":[{{"ThroughResources":[{{"ResourceStatement":{statement}}}]}}]}}"#
    ))
}
