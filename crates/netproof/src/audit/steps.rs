//! Resources on a way, and what each does there.

use std::{collections::BTreeMap, sync::Arc};

use graph::{Cause, Direction, ResourceId, ResourceKey, Rule};

use scope::OwnTags;

use super::{Placed, Site};
use crate::report::{Component, component_text, kind_words, own_text, rule_text, short, what};

/// What a step on a way is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Where packets start.
    Source,
    /// It lets them pass or not.
    Filter,
    /// It chooses where they go.
    Route,
    /// They pass it.
    Carrier,
    /// Where they arrive.
    Destination,
    /// A rule beside others, where no packets are followed.
    Rule,
}

impl Role {
    /// The word used in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Filter => "filter",
            Self::Route => "route",
            Self::Carrier => "carrier",
            Self::Destination => "destination",
            Self::Rule => "rule",
        }
    }
}

/// A resource that something is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Names it across accounts and Regions: `account/region/id`.
    pub key: String,
    /// Its id, as the export gives it.
    pub id: String,
    /// CloudFormation's name of its type.
    pub kind: String,
    /// What it is, in words: `network interface of instance web-a (i-1)`.
    pub what: String,
    /// Its ARN, if it is known or can be derived.
    pub arn: Option<String>,
    /// Its `Name` tag.
    pub name: Option<String>,
    /// Account; empty when unknown.
    pub account: String,
    /// Region; empty when unknown.
    pub region: String,
    /// Its tags by key.
    pub tags: BTreeMap<String, String>,
    /// What it is in or belongs to: type, id and name of subnet, VPC, instance, security groups.
    pub within: Vec<Container>,
    /// What is told of the tags of records that are no resources of their own: of the managed service it belongs to.
    pub records: Vec<OwnTags>,
    /// Whether whoever is behind it is the internet.
    pub internet: bool,
}

/// What a resource is in or belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// CloudFormation's name of its type.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its ARN, if it is known or can be derived.
    pub arn: Option<String>,
    /// Its `Name` tag.
    pub name: Option<String>,
    /// Its tags by key.
    pub tags: BTreeMap<String, String>,
}

/// One step on a way.
#[derive(Debug, Clone)]
pub struct Step {
    /// Names the resource across accounts and Regions.
    pub key: String,
    /// Id of the resource.
    pub id: String,
    /// Type of the resource.
    pub kind: String,
    /// What it is.
    pub role: Role,
    /// Its rule in words, or what it is.
    pub text: String,
    /// Where the rule is written.
    pub place: Option<Placed>,
    /// The rule.
    pub cause: Option<Arc<Cause>>,
}

impl Subject {
    pub(super) fn new(site: &Site<'_>, id: ResourceId) -> Self {
        let graph = site.analysis.graph();
        let resource = graph.resource(id);
        let within = resource.within.iter().filter_map(|key| graph.find(key)).map(|id| graph.resource(id));
        let own = std::iter::once(graph.key(id)).chain(&resource.within);
        let container = |it: &graph::ResourceRef| Container {
            kind: it.kind.clone(),
            id: it.id.clone(),
            arn: it.arn.clone(),
            name: it.name().map(str::to_owned),
            tags: it.tags.clone(),
        };
        Self {
            key: resource.key().as_str().to_owned(),
            id: resource.id.clone(),
            kind: resource.kind.clone(),
            what: what(graph, id),
            arn: resource.arn.clone(),
            name: resource.name().map(str::to_owned),
            account: resource.account.clone(),
            region: resource.region.clone(),
            tags: resource.tags.clone(),
            within: within.map(container).collect(),
            records: own.filter_map(|key| site.analysis.records().get(key)).cloned().collect(),
            internet: matches!(
                resource.kind.as_str(),
                "AWS::EC2::InternetGateway" | "AWS::EC2::EgressOnlyInternetGateway"
            ),
        }
    }

    /// A resource of which the graph knows nothing.
    pub(super) fn named(kind: &str, id: &str) -> Self {
        Self {
            key: format!("//{id}"),
            id: id.to_owned(),
            kind: kind.to_owned(),
            what: kind_words(kind),
            arn: id.starts_with("arn:").then(|| id.to_owned()),
            name: None,
            account: String::new(),
            region: String::new(),
            tags: BTreeMap::new(),
            within: Vec::new(),
            records: Vec::new(),
            internet: false,
        }
    }

    /// Name and id, or the id alone.
    pub fn label(&self) -> String {
        let id = short(&self.id);
        self.name.as_ref().map_or_else(|| id.to_owned(), |name| format!("{name} ({id})"))
    }
}

/// The steps of a way; the last is where packets arrive.
pub(super) fn steps(site: &Site<'_>, components: &[Component]) -> Vec<Step> {
    let last = components.len().saturating_sub(1);
    let step = |(index, component): (usize, &Component)| {
        let resource = site.analysis.graph().resource(component.resource);
        let cause = component.cause.clone();
        let role = match cause.as_deref().map(|cause| &cause.rule) {
            _ if index == 0 => Role::Source,
            _ if index == last => Role::Destination,
            Some(Rule::Filter(_) | Rule::Inspection(_) | Rule::Established) => Role::Filter,
            Some(Rule::Route(_) | Rule::Transit(_) | Rule::Policy(_)) => Role::Route,
            Some(Rule::Listener(_) | Rule::Carries | Rule::Structure) | None => Role::Carrier,
        };
        Step {
            key: resource.key().as_str().to_owned(),
            id: resource.id.clone(),
            kind: resource.kind.clone(),
            role,
            text: component_text(site.analysis, component),
            place: cause.as_ref().and_then(|cause| site.locate(cause)),
            cause,
        }
    };
    components.iter().enumerate().map(step).collect()
}

/// The resource with this id or ARN, if there is exactly one. Cost: a look at all resources.
pub(super) fn find(site: &Site<'_>, id: &str) -> Option<Subject> {
    let graph = site.analysis.graph();
    let is_it = |found: &ResourceId| {
        let resource = graph.resource(*found);
        resource.id == id || resource.arn.as_deref() == Some(id)
    };
    let mut found = graph.resource_ids().filter(is_it);
    let first = found.next()?;
    found.next().is_none().then(|| Subject::new(site, first))
}

/// The resource with this key.
pub(super) fn find_key(site: &Site<'_>, key: &ResourceKey) -> Option<Subject> {
    site.analysis.graph().find(key).map(|id| Subject::new(site, id))
}

/// A rule as a step of its own.
pub(super) fn rule_step(site: &Site<'_>, cause: &Arc<Cause>) -> Step {
    let graph = site.analysis.graph();
    let kind = graph.find(&cause.resource).map(|id| graph.resource(id).kind.clone());
    Step {
        key: cause.resource.as_str().to_owned(),
        id: cause.resource.id().to_owned(),
        kind: kind.unwrap_or_default(),
        role: Role::Rule,
        text: own_text(cause).unwrap_or_else(|| rule_text(cause)),
        place: site.locate(cause),
        cause: Some(cause.clone()),
    }
}

impl Site<'_> {
    /// Where a rule is written.
    pub(super) fn locate(&self, cause: &Cause) -> Option<Placed> {
        self.analysis.locate(cause).map(|location| self.place(&location))
    }
}

/// The step whose rule is to be changed first: of a security group the rule that lets packets in, closest to the
/// destination, else any last filter, else any last route, else the last that is written anywhere.
pub(super) fn deciding(steps: &[Step]) -> Option<&Step> {
    let filter = |step: &&Step| step.role == Role::Filter;
    let group_in = |step: &&Step| {
        step.kind == "AWS::EC2::SecurityGroup"
            && step.cause.as_deref().is_some_and(
                |cause| matches!(&cause.rule, Rule::Filter(rule) if rule.direction == Direction::Ingress),
            )
    };
    let written = || steps.iter().rev().filter(|step| step.place.is_some());
    written()
        .find(group_in)
        .or_else(|| written().find(filter))
        .or_else(|| written().find(|step| step.role == Role::Route))
        .or_else(|| written().next())
}
