//! Explanations, as Reachability Analyzer prints them.

use std::collections::BTreeMap;

use graph::Rule;
use serde::{Serialize, Serializer};

use super::component::{
    AclRule, AnalysisComponent, FirewallStatefulRule, FirewallStatelessRule, PortRange, RouteTableRoute,
    SecurityGroupRule, TransitGatewayRouteTableRoute, analysis_component,
};
use crate::{Analysis, Explanation, Member, Told};

/// An explanation; its members stand in the order of their names.
#[derive(Debug)]
pub(super) struct ExplanationDocument(BTreeMap<String, Value>);

/// What stands at a member.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Value {
    Component(AnalysisComponent),
    Components(Vec<AnalysisComponent>),
    Acl(AclRule),
    Group(SecurityGroupRule),
    Route(RouteTableRoute),
    Transit(TransitGatewayRouteTableRoute),
    Stateless(FirewallStatelessRule),
    Stateful(FirewallStatefulRule),
    Text(String),
    Texts(Vec<String>),
    Number(u16),
    Ports(Vec<PortRange>),
}

impl Serialize for ExplanationDocument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(&self.0)
    }
}

impl ExplanationDocument {
    pub(super) fn new(analysis: &Analysis, explanation: &Explanation) -> Self {
        let mut members = BTreeMap::new();
        members.insert("ExplanationCode".to_owned(), Value::Text(explanation.code.name().to_owned()));
        for (member, told) in &explanation.parts {
            if let Some(value) = value(analysis, told) {
                members.insert(name(*member), value);
            }
        }
        Self(members)
    }
}

/// A member as AWS writes it.
fn name(member: Member) -> String {
    format!("{member:?}")
}

fn value(analysis: &Analysis, told: &Told) -> Option<Value> {
    Some(match told {
        Told::Resource(id) => Value::Component(analysis_component(analysis, *id)),
        Told::Resources(ids) => {
            Value::Components(ids.iter().map(|&id| analysis_component(analysis, id)).collect())
        }
        Told::Rule(cause) => match &cause.rule {
            Rule::Filter(rule) => {
                AclRule::new(rule).map_or_else(|| Value::Group(SecurityGroupRule::new(rule)), Value::Acl)
            }
            Rule::Route(rule) => Value::Route(RouteTableRoute::new(rule)),
            Rule::Transit(rule) => Value::Transit(TransitGatewayRouteTableRoute::new(rule)),
            Rule::Inspection(rule) if rule.stateful => Value::Stateful(FirewallStatefulRule::new(rule)),
            Rule::Inspection(rule) => Value::Stateless(FirewallStatelessRule::new(rule)),
            _ => return None,
        },
        Told::Text(text) => Value::Text(text.clone()),
        Told::Texts(texts) => Value::Texts(texts.clone()),
        Told::Number(number) => Value::Number(*number),
        Told::Ports(ports) => Value::Ports(ports.iter().map(|&(from, to)| PortRange { from, to }).collect()),
    })
}
