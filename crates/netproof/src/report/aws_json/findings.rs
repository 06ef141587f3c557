//! The document of `get-network-insights-access-scope-analysis-findings`.

use headerspace::Field;
use scope::document::normalized_text;
use serde::Serialize;

use super::{
    component::{PathComponent, path_components},
    digest,
};
use crate::{Analysis, AskedScope};

/// The answer of `get-network-insights-access-scope-analysis-findings`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "the names are AWS's")]
pub struct Findings {
    network_insights_access_scope_analysis_id: String,
    analysis_status: &'static str,
    analysis_findings: Vec<Finding>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "the names are AWS's")]
struct Finding {
    network_insights_access_scope_analysis_id: String,
    network_insights_access_scope_id: String,
    finding_id: String,
    finding_components: Vec<PathComponent>,
}

/// The document for one scope. One finding for each rule combination and protocol.
pub fn findings(analysis: &Analysis, asked: &AskedScope) -> Findings {
    let scope_id = asked.scope.scope_id.clone();
    let scope_id = scope_id
        .unwrap_or_else(|| format!("nis-{}", digest(&[&asked.scope.name, &normalized_text(&asked.scope)])));
    let content: Vec<&str> = asked.result.findings.iter().map(|finding| finding.id.as_str()).collect();
    let analysis_id = format!("nisa-{}", digest(&[&scope_id, &content.join(" ")]));
    let mut all = Vec::new();
    for finding in &asked.result.findings {
        for track in &finding.path.tracks {
            for protocol in track.first.get(Field::Protocol).iter().flatten() {
                let Ok(protocol) = u8::try_from(protocol) else { continue };
                all.push(Finding {
                    network_insights_access_scope_analysis_id: analysis_id.clone(),
                    network_insights_access_scope_id: scope_id.clone(),
                    finding_id: format!("AnalysisFinding-{}", all.len() + 1),
                    finding_components: path_components(analysis, &finding.path, track, protocol),
                });
            }
        }
    }
    Findings {
        network_insights_access_scope_analysis_id: analysis_id,
        analysis_status: "succeeded",
        analysis_findings: all,
    }
}
