//! What answers about load balancers tell that do not name their subject in each record: the targets of a group, and
//! attributes of balancers and groups.
//!
//! SOURCE: ELB API reference, `DescribeTargetHealth`, `DescribeLoadBalancerAttributes`,
//! `DescribeTargetGroupAttributes`, and that of version 2012-06-01, `DescribeLoadBalancerAttributes` (checked
//! 2026-11-26). Batfish collects such answers in lists of its own: `LoadBalancerTargetHealth`, `LoadBalancerAttributes`.
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use graph::Origin;
use serde::Deserialize;

use super::{
    ClassicLoadBalancer, LoadBalancer, Resource as _, TargetGroup, nullable, optional,
    target_group::TargetType,
};
use crate::{
    Diagnostic, Inventory,
    inventory::{Answer, Reading},
};

/// What such answers tell, by ARN; for classic balancers by name.
#[derive(Debug, Default)]
pub(crate) struct BalancingAnswers {
    attributes: BTreeMap<String, BTreeMap<String, String>>,
    targets: BTreeMap<String, Registered>,
    without_listeners: BTreeSet<String>,
}

/// The targets of a group as answers tell them.
#[derive(Debug)]
pub(super) struct Registered {
    pub(super) targets: Vec<(TargetDescription, Origin)>,
    /// `false` if records are damaged or missing.
    pub(super) whole: bool,
}

/// A target of a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TargetDescription {
    pub(super) target: WrittenTarget,
    target_health: Option<Health>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct WrittenTarget {
    pub(super) id: String,
    pub(super) port: Option<u16>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) availability_zone: Option<String>,
}

impl WrittenTarget {
    /// What has such an id.
    pub(super) fn kind(&self) -> TargetType {
        match self.id.as_str() {
            id if id.parse::<IpAddr>().is_ok() => TargetType::Address,
            id if id.contains(":loadbalancer/") => TargetType::LoadBalancer,
            id if id.contains(":function:") => TargetType::Function,
            _ => TargetType::Instance,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Health {
    #[serde(default, deserialize_with = "optional")]
    state: Option<String>,
}

impl TargetDescription {
    /// Whether it is being taken out, and gets no new requests.
    ///
    /// SOURCE: ELB user guides, "Deregistration delay" (checked 2026-11-26).
    pub(super) fn is_draining(&self) -> bool {
        self.target_health.as_ref().and_then(|health| health.state.as_deref()) == Some("draining")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    key: String,
    #[serde(default, deserialize_with = "nullable")]
    value: String,
}

impl BalancingAnswers {
    /// An attribute of a balancer or target group, if the snapshot tells it.
    pub(super) fn attribute(&self, of: &str, key: &str) -> Option<&str> {
        self.attributes.get(of)?.get(key).map(String::as_str)
    }

    /// Whether the snapshot tells the attributes of a balancer or target group; those that it does not name are as AWS
    /// sets them.
    pub(super) fn tells(&self, of: &str) -> bool {
        self.attributes.contains_key(of)
    }

    /// Whether the nodes of a balancer that is not an application's use targets in other zones, if the snapshot tells.
    pub(super) fn crosses_zones(&self, of: &str) -> Option<bool> {
        self.tells(of).then(|| self.attribute(of, CROSS_ZONE) == Some("true"))
    }

    /// The targets of a group, if the snapshot tells them.
    pub(super) fn targets(&self, group: &str) -> Option<&Registered> {
        self.targets.get(group)
    }

    /// Whether an answer says that a balancer has no listeners.
    pub(super) fn has_no_listeners(&self, balancer: &str) -> bool {
        self.without_listeners.contains(balancer)
    }

    fn register(&mut self, group: &str, targets: Vec<(TargetDescription, Origin)>, whole: bool) {
        let known = self
            .targets
            .entry(group.to_owned())
            .or_insert_with(|| Registered { targets: Vec::new(), whole: true });
        known.whole &= whole;
        let mut seen: BTreeSet<TargetDescription> =
            known.targets.iter().map(|(target, _)| target.clone()).collect();
        known.targets.extend(targets.into_iter().filter(|(target, _)| seen.insert(target.clone())));
    }

    fn learn(&mut self, of: &str, attributes: impl IntoIterator<Item = Attribute>) {
        let known = self.attributes.entry(of.to_owned()).or_default();
        known.extend(attributes.into_iter().map(|attribute| (attribute.key, attribute.value)));
    }
}

const BALANCERS: &[&str] = &["loadbalancer/"];
const GROUPS: &[&str] = &["targetgroup/"];

/// Reads them all.
pub(super) fn read(reading: &mut Reading<'_>, inventory: &mut Inventory) {
    let mut answers = BalancingAnswers::default();
    let group = [("TargetGroupArn", GROUPS)];
    for answer in reading.answers::<TargetDescription>("TargetHealthDescriptions", "target group", &group) {
        let subject = about(&answer, inventory);
        answers.register(&subject, answer.records, answer.whole);
    }
    let either = [("LoadBalancerArn", BALANCERS), ("TargetGroupArn", GROUPS)];
    for answer in reading.answers::<Attribute>("Attributes", "load balancer or target group", &either) {
        let subject = about(&answer, inventory);
        answers.learn(&subject, answer.records.into_iter().map(|(attribute, _)| attribute));
    }
    collected(reading, inventory, &mut answers);
    for (_, document) in reading.documents() {
        let empty = |table: &crate::snapshot::Table| table.key == "Listeners" && table.elements.is_empty();
        if !document.incomplete && document.tables.iter().any(empty) {
            answers.without_listeners.extend(document.subject("LoadBalancerArn", BALANCERS));
        }
    }
    let newer = inventory.table::<LoadBalancer>().iter().any(|it| !it.value.name().starts_with("app/"));
    let any = newer || !inventory.table::<ClassicLoadBalancer>().is_empty();
    if any && answers.attributes.is_empty() {
        let message = "the snapshot holds no attributes of load balancers and target groups; AWS's defaults are \
                       assumed (client addresses preserved, zones kept apart), and what gets through only \
                       otherwise is unknown";
        reading.diagnostics.push(Diagnostic::info("assumed", None, message).with_help(
            "add the outputs of `aws elbv2 describe-load-balancer-attributes` and `describe-target-group-attributes`",
        ));
    }
    inventory.balancing = answers;
}

/// The ARN of what an answer is about.
fn about<T>(answer: &Answer<T>, inventory: &Inventory) -> String {
    let known = |arn: &str| match answer.parameter {
        "LoadBalancerArn" => inventory.table::<LoadBalancer>().everywhere(arn).next().is_some(),
        _ => inventory.table::<TargetGroup>().everywhere(arn).next().is_some(),
    };
    answer.subject(known).to_owned()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CollectedHealth {
    target_group_arn: String,
    #[serde(default, deserialize_with = "nullable")]
    target_health_descriptions: Vec<TargetDescription>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CollectedAttributes {
    #[serde(default, deserialize_with = "optional")]
    load_balancer_arn: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    attributes: Vec<Attribute>,
    cross_zone_load_balancing: Option<Enabled>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Enabled {
    enabled: bool,
}

/// The classic balancer after which a file or its folder is called.
fn classic_in(file: &str, inventory: &Inventory) -> Option<String> {
    let path = file.strip_suffix(".gz").unwrap_or(file);
    let path = path.strip_suffix(".json").unwrap_or(path);
    let known = |name: &&str| {
        inventory.table::<ClassicLoadBalancer>().iter().any(|it| it.value.id().as_str() == *name)
    };
    path.rsplit('/').take(2).find(known).map(str::to_owned)
}

/// Answers that a program collected in a list, and those about classic balancers, which are no lists.
fn collected(reading: &mut Reading<'_>, inventory: &Inventory, answers: &mut BalancingAnswers) {
    for (index, document) in reading.documents() {
        for table in &document.tables {
            for element in &table.elements {
                match table.key.as_str() {
                    "LoadBalancerTargetHealth" => {
                        let Some((health, origin)) =
                            reading.parse::<CollectedHealth>(index, document, element)
                        else {
                            continue;
                        };
                        let targets = health.target_health_descriptions.into_iter().enumerate();
                        let targets = targets.map(|(at, target)| {
                            let pointer = format!("/TargetHealthDescriptions/{at}");
                            (target, Origin { pointer, ..origin.clone() })
                        });
                        answers.register(&health.target_group_arn, targets.collect(), !document.incomplete);
                    }
                    "LoadBalancerAttributes" => {
                        let Some((told, _)) = reading.parse::<CollectedAttributes>(index, document, element)
                        else {
                            continue;
                        };
                        let subject =
                            told.load_balancer_arn.or_else(|| document.subject("LoadBalancerName", &[]));
                        let subject = subject.or_else(|| classic_in(document.file(), inventory));
                        let cross = told.cross_zone_load_balancing.map(|cross| Attribute {
                            key: CROSS_ZONE.to_owned(),
                            value: cross.enabled.to_string(),
                        });
                        let Some(subject) = subject else {
                            let location = Some(reading.snapshot.locate(index, element.offset, ""));
                            let message = "these `LoadBalancerAttributes` do not say which load balancer they belong to";
                            reading.diagnostics.push(
                                Diagnostic::warning("no-subject", location, message)
                                    .with_help("add a top-level member `LoadBalancerName`"),
                            );
                            continue;
                        };
                        answers.learn(&subject, told.attributes.into_iter().chain(cross));
                    }
                    _ => {}
                }
            }
        }
    }
}

/// The attribute that says whether a balancer's nodes use targets of other zones; classic balancers call it otherwise.
pub(super) const CROSS_ZONE: &str = "load_balancing.cross_zone.enabled";
