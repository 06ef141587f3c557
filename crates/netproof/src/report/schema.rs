//! JSON Schemas of the `json` documents.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

use super::{
    AnswerDocument, ComparisonDocument, DifferenceDocument, DnsAnswersDocument, DnsBypassDocument,
    DnsChecksDocument, DnsPlanDocument, FixDocument, FlowsDocument, InspectionDocument, LintDocument,
    ScopesCheckDocument, ScopesDocument,
};
use crate::{
    ConfigDocument,
    triage::{BaselineDocument, SuppressionsDocument},
};

/// Commands whose `json` output has a schema.
pub const COMMANDS: [&str; 13] = [
    "analyze",
    "diff",
    "dns-bypass",
    "dns-check",
    "dns-plan",
    "dns-query",
    "equivalent",
    "fix",
    "inspect",
    "lint",
    "path",
    "scopes-check",
    "verify",
];

/// The JSON Schema (draft 2020-12) of what `netproof COMMAND --format json` prints, or of a file that is read:
/// `baseline`, `config` (`netproof.toml`) or `suppressions`; `None` for others.
pub fn schema(command: &str) -> Option<Value> {
    match command {
        "analyze" => Some(of::<ScopesDocument<'_>>()),
        "diff" => Some(of::<DifferenceDocument>()),
        "dns-bypass" => Some(of::<DnsBypassDocument>()),
        "dns-check" => Some(of::<DnsChecksDocument>()),
        "dns-plan" => Some(of::<DnsPlanDocument>()),
        "dns-query" => Some(of::<DnsAnswersDocument>()),
        "equivalent" => Some(of::<ComparisonDocument>()),
        "fix" => Some(of::<FixDocument>()),
        "inspect" => Some(of::<InspectionDocument>()),
        "lint" => Some(of::<LintDocument>()),
        "path" => Some(of::<AnswerDocument>()),
        "scopes-check" => Some(of::<ScopesCheckDocument>()),
        "verify" => Some(of::<FlowsDocument>()),
        "baseline" => Some(of::<BaselineDocument>()),
        "config" => Some(read::<ConfigDocument>()),
        "suppressions" => Some(read::<SuppressionsDocument>()),
        _ => None,
    }
}

fn read<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    generator.into_root_schema_for::<T>().to_value()
}

fn of<T: JsonSchema>() -> Value {
    // Members that may be left out when writing are not required.
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    generator.into_root_schema_for::<T>().to_value()
}
