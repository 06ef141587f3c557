//! One offending path.

use std::fmt::Write;

use graph::{Cause, ForwardingGraph, ResourceId, Rule};
use search::FoundPath;
use sha2::{Digest, Sha256};

/// A path that a scope looks for, with all packets that can take it.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The same on every run and for every order of the input; 16 hexadecimal digits.
    pub id: String,
    /// Index of the match path that found it.
    pub match_path: usize,
    /// Index of the query that found it, of [`ScopeResult::queries`](crate::ScopeResult::queries).
    pub query: usize,
    /// Where packets start.
    pub source: ResourceId,
    /// Where they arrive.
    pub destination: ResourceId,
    /// The path.
    pub path: FoundPath,
}

/// A stable id for a path found by the scope of this name: a digest of its ends, its rules and its packets.
pub fn finding_id(scope: &str, graph: &ForwardingGraph, path: &FoundPath) -> String {
    let mut text =
        format!("{scope}\n{}\n{}\n", graph.describe(path.source), graph.describe(path.destination));
    for &edge in &path.edges {
        let cause: &Cause = &graph.edge(edge).cause;
        if cause.rule != Rule::Structure {
            let _ = writeln!(text, "{} {:?}", cause.resource.as_str(), cause.rule);
        }
    }
    for track in &path.tracks {
        let _ = writeln!(text, "{}", track.first.to_header_match());
    }
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(8).fold(String::new(), |mut id, byte| {
        let _ = write!(id, "{byte:02x}");
        id
    })
}
