//! Rules that do nothing.

use super::{Audit, AuditFinding, Check, SeverityLabel, Site, Subject, Way, steps::rule_step};
use crate::{Idle, IdleRule, Lint, report::rule_text};

impl<'a> Audit<'a> {
    /// Of idle rules: a check for each reason why a rule does nothing.
    pub fn of_lint(site: Site<'a>, lint: &Lint) -> Self {
        let kinds = [
            (
                Idle::Shadowed,
                SeverityLabel::Medium,
                "Rules that no packet gets to",
                "Rules before it decide about all its packets: what it says is not what happens.",
            ),
            (
                Idle::Redundant,
                SeverityLabel::Low,
                "Rules that others make needless",
                "Without it the same happens to every packet.",
            ),
            (
                Idle::Empty,
                SeverityLabel::Low,
                "Rules about no packet",
                "It is about no packet that can exist, such as those of a group without members.",
            ),
        ];
        let checks = kinds.into_iter().map(|(why, severity, title, description)| {
            let found = lint.idle.iter().filter(|idle| idle.why == why).map(|idle| finding(&site, idle));
            Check::new(format!("lint-{}", why.name()), title, description)
                .graded(severity)
                .with(found.collect())
        });
        let checks = checks.collect();
        Self { command: "lint", site, checks, certified: lint.certificate.to_string() }
    }
}

fn finding(site: &Site<'_>, idle: &IdleRule) -> AuditFinding {
    let rule = rule_text(&idle.cause);
    let said = match (idle.why, idle.covered_by.is_empty()) {
        (Idle::Empty, _) => "is about no packet that can exist",
        (Idle::Shadowed, _) => "no packet gets to it",
        (Idle::Redundant, _) => "without it the same happens",
    };
    let owner = idle.owner.as_str();
    let identity = [owner, idle.part, idle.why.name(), &format!("{:?}", idle.cause.rule)];
    let mut finding = AuditFinding::new(identity, format!("{rule}: {said}"));
    finding.place = site.locate(&idle.cause);
    finding.rule = Some(rule);
    finding.remarks.extend(idle.note.clone());
    let graph = site.analysis.graph();
    let subject = graph.find(&idle.owner).map(|id| Subject::new(site, id));
    // The graph does not have what is no place in the network, such as policies of firewalls.
    let unplaced = || Subject { key: owner.to_owned(), ..Subject::named("", idle.owner.id()) };
    finding.destination = Some(subject.unwrap_or_else(unplaced));
    for cause in &idle.covered_by {
        if let Some(place) = site.locate(cause) {
            finding.related.push((format!("because of {}", rule_text(cause)), place));
        }
    }
    let others = idle.covered_by.iter().map(|cause| rule_step(site, cause));
    let steps = others.chain([rule_step(site, &idle.cause)]).collect();
    finding.ways.push(Way { title: format!("{} of {}", idle.part, idle.owner.id()), steps });
    finding
}
