//! What scopes found.

use scope::{Finding, Unknown};

use super::{
    Audit, AuditFinding, AuditUnknown, Check, Findings, Names, SeverityLabel, Site, Subject, Way, certified,
    steps::{deciding, steps},
};
use crate::{
    AskedScope, Certification, describe,
    report::{Words, help, replies_text, rule_text, trail},
};

/// The tag of a scope that says how grave what it finds is.
pub(crate) const SEVERITY_TAG: &str = "Severity";

/// Paths that become findings one by one.
#[derive(Debug)]
pub(super) struct Paths<'a> {
    site: Site<'a>,
    words: Words,
    findings: &'a [Finding],
}

impl<'a> Audit<'a> {
    /// Of scopes, in their order. How grave findings are is said by the tag `Severity` of a scope, otherwise medium.
    pub fn of_scopes(site: Site<'a>, asked: &'a [AskedScope], certification: &Certification) -> Self {
        let mut names = Names::default();
        let checks = asked.iter().map(|asked| check(&site, names.unique(&asked.scope.name), asked)).collect();
        Self { command: "analyze", site, checks, certified: certified(certification) }
    }
}

fn check<'a>(site: &Site<'a>, id: String, asked: &'a AskedScope) -> Check<'a> {
    let AskedScope { scope, result, .. } = asked;
    let looks_for = format!("Looks for {}.", describe(scope));
    let description = scope
        .description
        .as_ref()
        .map_or_else(|| looks_for.clone(), |text| format!("{}. {looks_for}", text.trim_end_matches('.')));
    let title = scope.title.clone().unwrap_or_else(|| scope.name.clone());
    let severity = scope.tags.get(SEVERITY_TAG).and_then(|text| SeverityLabel::parse(text));
    let mut check = Check::new(id, title, description).graded(severity.unwrap_or(SeverityLabel::Medium));
    check.unknowns = result.unknowns.iter().map(|unknown| unknown_of(site, unknown)).collect();
    check.truncated = result.truncated;
    check.findings =
        Findings::Paths(Paths { site: site.clone(), words: Words::new(), findings: &result.findings });
    check
}

fn unknown_of(site: &Site<'_>, unknown: &Unknown) -> AuditUnknown {
    let location = unknown.cause.as_ref().and_then(|cause| site.analysis.locate(cause));
    AuditUnknown {
        text: unknown.what.clone(),
        help: help(site.analysis, location.as_ref()),
        place: location.map(|location| site.place(&location)),
    }
}

impl Paths<'_> {
    pub(super) fn len(&self) -> usize {
        self.findings.len()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.findings.iter().map(|finding| finding.id.as_str())
    }

    pub(super) fn get(&self, index: usize) -> Option<AuditFinding> {
        Some(self.made(self.findings.get(index)?))
    }

    fn made(&self, finding: &Finding) -> AuditFinding {
        let site = &self.site;
        let graph = site.analysis.graph();
        let path = &finding.path;
        let components = trail(graph, path.source, path.edges.iter().copied(), path.destination);
        let steps = steps(site, &components);
        let packets: Vec<String> = path.tracks.iter().map(|track| self.words.packets(&track.first)).collect();
        let (first, more) = (packets.first().cloned().unwrap_or_default(), packets.len().saturating_sub(1));
        let title = if more == 0 { first } else { format!("{first}, and {more} more sets of packets") };
        let decides = deciding(&steps);
        let replies = replies_text(site.analysis, &self.words, &path.replies);
        AuditFinding {
            id: finding.id.clone(),
            remarks: Some(replies).into_iter().filter(|text| !text.is_empty()).collect(),
            source: Some(Subject::new(site, finding.source)),
            destination: Some(Subject::new(site, finding.destination)),
            place: decides.and_then(|step| step.place.clone()),
            rule: decides.and_then(|step| step.cause.as_deref()).map(rule_text),
            ways: vec![Way { title: title.clone(), steps }],
            title,
            packets,
            related: Vec::new(),
        }
    }
}
