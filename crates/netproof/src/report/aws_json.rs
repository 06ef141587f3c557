//! AWS's own documents.
//!
//! [`findings()`] makes that of `get-network-insights-access-scope-analysis-findings`, [`analyses()`] that of
//! `describe-network-insights-analyses`: keys, casing, order and types are AWS's; members that AWS would leave out are
//! absent. Ids that AWS would assign are derived from content.
//!
//! SOURCE: EC2 API reference, `AccessScopeAnalysisFinding`, `NetworkInsightsAnalysis`, `PathComponent` and `Explanation`;
//! Network Access Analyzer guide, Reachability Analyzer guide and VPC guide, examples (checked 2026-11-26).
//! GAP: AWS reports IPv4 only; what is over IPv6 has the same shape with IPv6 blocks.

mod analyses;
mod component;
mod details;
mod explanation;
mod findings;

use std::fmt::Write;

use sha2::{Digest, Sha256};

pub use analyses::{Analyses, analyses, analyses_of_paths};
pub use findings::{Findings, findings};

/// Seventeen hexadecimal digits, as AWS's ids have.
fn digest(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\n").as_bytes());
    let mut text = digest.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    text.truncate(17);
    text
}
