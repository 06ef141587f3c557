//! Network Access Scope files: what they say, typed and checked.
//!
//! [`read_scopes`] takes every form in which AWS hands scopes around:
//!
//! | form | from |
//! |---|---|
//! | request | `aws ec2 create-network-insights-access-scope --cli-input-json file://…` |
//! | content | `aws ec2 get-network-insights-access-scope-content`, whole or bare |
//! | created | what `create-network-insights-access-scope` answers |
//! | resource | a CloudFormation `AWS::EC2::NetworkInsightsAccessScope`, alone or in a JSON template |
//!
//! All problems of a file are reported at once, each with its place and, where it can be guessed,
//! what to write instead. What AWS is not known to refuse is taken with a warning. Whether the named
//! resources exist is decided later, against a snapshot.
//!
//! What netproof adds to AWS's grammar, each use noted in [`ScopeDocument::extensions`]:
//!
//! | addition | where | means |
//! |---|---|---|
//! | `"@name"` | `SourceAddresses`, `DestinationAddresses` | the blocks of a named address set |
//! | `TagFilters` | `ResourceStatement` | only resources so tagged |
//! | `WebAcls` | `ResourceStatement` | only load balancers with (`present`) or without (`absent`) a web ACL |
//! | `Differ` | `MatchPaths`, `ExcludePaths` | only paths whose ends differ in account, zone or the value of a tag |
//!
//! SOURCE: EC2 service model (botocore 1.44.5), `CreateNetworkInsightsAccessScope`; Network Access
//! Analyzer guide, how it works; CloudFormation `AWS::EC2::NetworkInsightsAccessScope`
//! (checked 2026-11-23).
//! GAP: YAML templates are not read. CloudFormation functions are not worked out.
mod address_sets;
mod advice;
mod condition;
mod describe;
mod envelope;
mod header;
mod json;
mod nameable;
mod narrowing;
mod print;
mod reader;
mod remark;
mod resource;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::collections::BTreeMap;

pub use address_sets::AddressSets;
pub use describe::describe;
pub use header::{HeaderCondition, Protocol};
pub use narrowing::{Differing, TagFilter, WebAcls};
pub use print::{normalized_json, normalized_text};
pub use remark::{ScopeError, ScopeRemark};
pub use resource::{Position, ResourceCondition, ResourceName, ResourceNameKind, ResourceType, Which};

/// One Network Access Scope as its file states it.
///
/// A path is a finding if it meets any of `match_paths` and none of `exclude_paths`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeDocument {
    /// The file's name without folder and extension; in a template the logical id. For input without
    /// a file name (`-`) the `Name` tag, else the scope id, else `scope`.
    pub name: String,
    /// The `Name` tag.
    pub title: Option<String>,
    /// The `Description` tag.
    pub description: Option<String>,
    /// `nis-…`, if the document says so.
    pub scope_id: Option<String>,
    /// Every tag, `Name` and `Description` included.
    pub tags: BTreeMap<String, String>,
    /// INVARIANT: not empty. Kept by [`read_scopes`].
    pub match_paths: Vec<PathCondition>,
    pub exclude_paths: Vec<PathCondition>,
    /// What is doubtful about the document, in the order of the lines.
    pub warnings: Vec<ScopeRemark>,
    /// Every use of something that AWS's grammar does not have, in the order of the lines. AWS takes the document if
    /// there is none.
    pub extensions: Vec<ScopeRemark>,
}

/// One entry of `MatchPaths` or `ExcludePaths`: all of its parts must hold.
///
/// INVARIANT: at least one part is there. Kept by [`read_scopes`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathCondition {
    pub source: Option<EndCondition>,
    pub destination: Option<EndCondition>,
    /// The path passes through one of each, in any order. Entry `i` stands at
    /// `pointer/ThroughResources/i`.
    pub through: Vec<ResourceCondition>,
    /// What both ends have, and not in common: all of these. An extension of netproof.
    pub differ: Vec<Differing>,
    /// JSON pointer to the entry.
    pub pointer: String,
}

/// What holds at one end of a path.
///
/// INVARIANT: at least one part is there. Kept by [`read_scopes`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndCondition {
    /// The packet as it leaves the source, or as it arrives at the destination; absent means all of
    /// TCP and UDP.
    pub header: Option<HeaderCondition>,
    /// Absent means any resource that can be an end.
    pub resources: Option<ResourceCondition>,
    /// JSON pointer to the statement.
    pub pointer: String,
}

impl ScopeDocument {
    /// Returns whether both documents carry the same tags and conditions, wherever those stand.
    ///
    /// Name, scope id and remarks do not count. What [`normalized_json`] prints asks the same as what
    /// it was printed from.
    pub fn asks_the_same_as(&self, other: &ScopeDocument) -> bool {
        let placeless = |paths: &[PathCondition]| -> Vec<PathCondition> {
            paths.iter().cloned().map(PathCondition::placeless).collect()
        };
        self.tags == other.tags
            && placeless(&self.match_paths) == placeless(&other.match_paths)
            && placeless(&self.exclude_paths) == placeless(&other.exclude_paths)
    }
}

impl PathCondition {
    fn placeless(mut self) -> Self {
        self.pointer.clear();
        for end in [&mut self.source, &mut self.destination].into_iter().flatten() {
            end.pointer.clear();
            end.resources = end.resources.take().map(ResourceCondition::placeless);
        }
        self.through = self.through.into_iter().map(ResourceCondition::placeless).collect();
        self
    }
}

/// Reads the scopes of one file: one, or each scope of a CloudFormation template in its order.
///
/// `file` is used for names and messages only. The list is not empty.
pub fn read_scopes(file: &str, text: &str) -> Result<Vec<ScopeDocument>, ScopeError> {
    read_scopes_with(&AddressSets::new(), file, text)
}

/// The same for scopes that use named address sets: `"@corporate"` stands for the blocks of the set `corporate`.
pub fn read_scopes_with(
    sets: &AddressSets,
    file: &str,
    text: &str,
) -> Result<Vec<ScopeDocument>, ScopeError> {
    let root = json::read(text).map_err(|error| ScopeError {
        file: file.to_owned(),
        problems: vec![ScopeRemark {
            pointer: String::new(),
            line: error.line,
            message: format!("not JSON: {} (column {})", error.message, error.column),
            help: envelope::help_for_text(file, text),
        }],
    })?;
    let mut reader = reader::Reader { sets: sets.clone(), ..reader::Reader::default() };
    let scopes = reader.documents(file, &reader::At::root(&root));
    if reader.problems.is_empty() {
        return Ok(scopes);
    }
    let mut problems = reader.problems;
    problems.sort_by_key(|problem| problem.line);
    Err(ScopeError { file: file.to_owned(), problems })
}
