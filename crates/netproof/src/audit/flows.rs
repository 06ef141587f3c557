//! Flows that do not hold.

use super::{
    Audit, AuditFinding, Check, Site, Subject, Way, certified,
    steps::{deciding, steps},
    unknowns,
};
use crate::{
    Certification, FlowResult, Verdict,
    report::{rule_text, way},
};

impl<'a> Audit<'a> {
    /// Of flows, in their order: each is a check, with a finding if its answer is certain and not the expected one.
    pub fn of_flows(site: Site<'a>, results: &[FlowResult], certification: &Certification) -> Self {
        let mut names = super::Names::default();
        let checks =
            results.iter().map(|result| check(&site, &names.unique(&result.flow.name), result)).collect();
        Self { command: "verify", site, checks, certified: certified(certification) }
    }
}

fn check<'a>(site: &Site<'a>, id: &str, result: &FlowResult) -> Check<'a> {
    let FlowResult { flow, answered } = result;
    let (source, destination) = (flow.question.source.to_string(), flow.question.destination.to_string());
    let asked = format!("{source} to {destination} is expected to be {}.", flow.expect);
    let mut check = Check::new(id, &flow.name, asked);
    if result.pass() {
        return check;
    }
    if answered.verdict == Verdict::Unknown {
        check.unknowns = unknowns(site, &answered.reasons);
        if check.unknowns.is_empty() {
            check.truncated = true;
        }
        return check;
    }
    let title = format!("{source} to {destination}: expected {}, found {}", flow.expect, answered.verdict);
    let mut finding =
        AuditFinding::new([flow.name.as_str(), &source, &destination, flow.expect.name()], title);
    finding.remarks = answered.reasons.iter().map(|reason| format!("{}.", reason.text)).collect();
    for reason in &answered.reasons {
        if let Some(location) = &reason.location {
            finding.related.push((reason.text.clone(), site.place(location)));
        }
    }
    finding.place = finding.related.first().map(|(_, place)| place.clone());
    let graph = site.analysis.graph();
    if let Some(witness) = &answered.witness {
        let node = |node| graph.node(node).resource.map(|id| Subject::new(site, id));
        finding.source = node(witness.forward.start);
        finding.destination = node(witness.forward.end);
        finding.packets = vec![witness.forward.packet.to_string()];
        let there = steps(site, &way(graph, &witness.forward));
        let decides = deciding(&there);
        finding.place = decides.and_then(|step| step.place.clone());
        finding.rule = decides.and_then(|step| step.cause.as_deref()).map(rule_text);
        finding.ways.push(Way { title: witness.forward.packet.to_string(), steps: there });
        if let Some(back) = &witness.back {
            let title = format!("the reply, {}", back.packet);
            finding.ways.push(Way { title, steps: steps(site, &way(graph, back)) });
        }
    } else {
        let end = |id: &str| super::steps::find(site, id);
        finding.source = end(&source);
        finding.destination = end(&destination);
    }
    check.with(vec![finding])
}
