//! What is missing where an answer is unknown.

use graph::ResourceId;

use crate::{Analysis, Answered, Place, Question, Reason};

use super::{Code, Explanation, Member, member};

/// Of an unknown answer: an end that is not there or not modelled, or else what the snapshot does not tell.
pub(super) fn explanations(
    analysis: &Analysis,
    question: &Question,
    answered: &Answered,
) -> Vec<Explanation> {
    let ends: Vec<Explanation> = [&question.source, &question.destination]
        .into_iter()
        .filter_map(|end| absent(analysis, end, answered))
        .collect();
    if !ends.is_empty() {
        return ends;
    }
    let graph = analysis.graph();
    let mut all = Vec::new();
    for why in &answered.missing {
        let text = why.cause.doubt();
        let resource = graph.find(&why.cause.resource);
        let code = code(analysis, resource);
        let back = if why.reply { "on the way back: " } else { "" };
        let reason = Reason { text: format!("{back}{text}"), location: analysis.locate(&why.cause) };
        let part = match code {
            Code::TgwRtbRoutesAreUnknown => Member::TransitGatewayRouteTable,
            _ => Member::Component,
        };
        let explanation = Explanation::new(code, "").resource(part, resource).reason(reason);
        super::add_all(&mut all, [explanation]);
    }
    if all.is_empty() {
        let unnamed = answered.reasons.iter().map(|reason| {
            let missing = Explanation::new(Code::UnknownDestination, "");
            missing.reason(reason.clone())
        });
        super::add_all(&mut all, unnamed);
    }
    all
}

/// What is missing, by what decides there.
fn code(analysis: &Analysis, resource: Option<ResourceId>) -> Code {
    let graph = analysis.graph();
    let kind = resource.map_or("", |id| graph.resource(id).kind.as_str());
    match kind {
        "AWS::EC2::TransitGatewayRouteTable" => Code::TgwRtbRoutesAreUnknown,
        "AWS::EC2::RouteTable" => Code::UnknownDestination,
        "AWS::EC2::VPCPeeringConnection" | "AWS::EC2::TransitGatewayAttachment" => {
            Code::NoPossibleDestination
        }
        _ => Code::UnknownResource,
    }
}

/// An end of which the snapshot holds nothing that sends or receives.
fn absent(analysis: &Analysis, end: &Place, answered: &Answered) -> Option<Explanation> {
    let Place::Resource(text) = end else { return None };
    let graph = analysis.graph();
    let named = scope::selection::by_text(graph, text);
    let reason = answered.reasons.first().cloned();
    let with = |explanation: Explanation| match &reason {
        Some(reason) if reason.text.contains(text.as_str()) => explanation.reason(reason.clone()),
        _ => explanation,
    };
    if let Some(kind) = analysis.inventory().not_modelled(text) {
        let unsupported = Explanation::new(Code::UnsupportedComponent, kind);
        return Some(with(unsupported.text(Member::MissingComponent, text)));
    }
    let Some(&first) = named.iter().next() else {
        let absent =
            Explanation::new(Code::NoSourceOrDestination, format!("`{text}` is not in the snapshot"));
        return Some(with(absent.text(Member::MissingComponent, text)));
    };
    if graph.ends().iter().any(|end| scope::selection::belongs(graph, end, &named)) {
        return None;
    }
    let what = format!("the snapshot holds nothing of `{text}` that sends or receives packets");
    let vpc = member(graph, first, "AWS::EC2::VPC");
    let gathers =
        scope::selection::is_container(graph, first) || graph.resource(first).kind == "AWS::EC2::Instance";
    let code = if gathers { Code::UnassociatedComponent } else { Code::UnsupportedComponent };
    Some(with(
        Explanation::new(code, what).resource(Member::Component, Some(first)).resource(Member::Vpc, vpc),
    ))
}
