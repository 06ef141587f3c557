//! What netproof's own members of a scope ask of an end: its tags, its web ACL, and how it differs from the other end.
//!
//! The snapshot may not tell. Then an end fits perhaps, and a path that depends on it makes the answer unknown.
//!
//! A managed service's own record counts as an instance does: nearer than the groups of its interface. Where the record is
//! not told, a tag farther out finds, but proves nothing: the record may say otherwise. So it makes findings, leaves out
//! only perhaps, and where it does not fit, the answer is unknown.
//!
//! SOURCE: AWS WAF developer guide, "Associating web ACL with a resource": among load balancers only Application Load
//! Balancers can have a web ACL (checked 2026-11-27).

use std::collections::{BTreeMap, BTreeSet};

use graph::{FinishedEnd, ForwardingGraph, ResourceId};

use crate::{
    Context,
    document::{Differing, ResourceCondition, TagFilter, WebAcls},
};

/// Something that the snapshot does not tell and a condition asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Untold {
    /// The tags of a resource of this type.
    Tags(String, String),
    /// The tags of what a managed service's interface or a balancer belongs to: how it is exported, what it is, its id.
    Record(String, String, String),
    /// Whether this balancer has a web ACL.
    WebAcl(String),
    /// The zone of this interface.
    Zone(String),
    /// The account of this resource.
    Account(String),
}

/// Whether a resource fits a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fit {
    Yes,
    No,
    Perhaps(Untold),
}

/// What a resource has of something.
enum Has {
    /// These values; none if it has nothing of the kind.
    Values(BTreeSet<String>),
    Untold(Untold),
    /// These values, unless something nearer, which is not told, has others.
    Unless(BTreeSet<String>, Untold),
}

/// What a condition is for. What is not told may make findings, but must not take them away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Find,
    LeaveOut,
}

const BALANCER: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";

/// What a network interface has its tags from, the nearest first, with the command that exports each.
const TAGGED: [(&str, &str, &str); 5] = [
    ("AWS::EC2::Instance", "instance", "describe-instances"),
    ("AWS::EC2::VPCEndpoint", "VPC endpoint", "describe-vpc-endpoints"),
    ("AWS::EC2::SecurityGroup", "security group", "describe-security-groups"),
    ("AWS::EC2::Subnet", "subnet", "describe-subnets"),
    ("AWS::EC2::VPC", "VPC", "describe-vpcs"),
];

/// Whether a resource fits what the condition asks beside ids and types.
pub(crate) fn fit(
    graph: &ForwardingGraph,
    context: &Context,
    resource: ResourceId,
    condition: &ResourceCondition,
    purpose: Purpose,
) -> Fit {
    let mut perhaps = None;
    let tags = condition.tags.iter().map(|filter| tagged(graph, context, resource, filter, purpose));
    for fit in tags.chain(condition.web_acls.map(|wanted| protected(graph, context, resource, wanted))) {
        match fit {
            Fit::Yes => {}
            Fit::No => return Fit::No,
            Fit::Perhaps(untold) => perhaps = perhaps.or(Some(untold)),
        }
    }
    perhaps.map_or(Fit::Yes, Fit::Perhaps)
}

fn tagged(
    graph: &ForwardingGraph,
    context: &Context,
    resource: ResourceId,
    filter: &TagFilter,
    purpose: Purpose,
) -> Fit {
    let fits = |values: &BTreeSet<String>| {
        (filter.values.is_empty() && !values.is_empty())
            || filter.values.iter().any(|value| values.contains(value))
    };
    match values(graph, context, resource, &filter.key) {
        Has::Values(values) if fits(&values) => Fit::Yes,
        Has::Values(_) => Fit::No,
        Has::Unless(values, _) if purpose == Purpose::Find && fits(&values) => Fit::Yes,
        Has::Unless(_, untold) | Has::Untold(untold) => Fit::Perhaps(untold),
    }
}

/// The values of a tag: a resource's own, else, for a network interface, those of the nearest of [`TAGGED`] that has the
/// tag. An interface with several groups has the values of all. The record of a managed service or a balancer is as near as
/// an instance.
fn values(graph: &ForwardingGraph, context: &Context, id: ResourceId, key: &str) -> Has {
    let resource = graph.resource(id);
    if let Some(value) = resource.tags.get(key) {
        return Has::Values(BTreeSet::from([value.clone()]));
    }
    let within =
        resource.within.iter().filter_map(|key| graph.find(key)).filter(|id| is_balancer(graph, *id));
    let mut open = None;
    for record in std::iter::once(id).chain(within) {
        match context.records.get(graph.key(record)) {
            Some(own) if own.values.contains_key(key) => {
                return Has::Values(own.values.get(key).cloned().unwrap_or_default());
            }
            Some(own) if own.may_have(key) => {
                let of = resource.id.clone();
                open = open.or(Some(Untold::Record(own.command.clone(), own.what.clone(), of)));
            }
            None if is_balancer(graph, record) => {
                let balancer = graph.resource(record);
                open = open.or(Some(Untold::Tags(balancer.kind.clone(), balancer.id.clone())));
            }
            Some(_) | None => {}
        }
    }
    let farther = match resource.kind.as_str() {
        "AWS::EC2::NetworkInterface" => farther(graph, id, key),
        _ => Has::Values(BTreeSet::new()),
    };
    match (farther, open) {
        (Has::Values(values), Some(untold)) => Has::Unless(values, untold),
        (farther, _) => farther,
    }
}

fn is_balancer(graph: &ForwardingGraph, id: ResourceId) -> bool {
    matches!(graph.resource(id).kind.as_str(), BALANCER | "AWS::ElasticLoadBalancing::LoadBalancer")
}

/// The values of a tag that what a network interface is in has.
fn farther(graph: &ForwardingGraph, id: ResourceId, key: &str) -> Has {
    let resource = graph.resource(id);
    for (kind, ..) in TAGGED {
        let mut values = BTreeSet::new();
        for within in &resource.within {
            match graph.find(within).map(|id| graph.resource(id)) {
                Some(holder) if holder.kind == kind => values.extend(holder.tags.get(key).cloned()),
                None if kind_of(within.id()) == Some(kind) => {
                    return Has::Untold(Untold::Tags(kind.to_owned(), within.id().to_owned()));
                }
                Some(_) | None => {}
            }
        }
        if !values.is_empty() {
            return Has::Values(values);
        }
    }
    Has::Values(BTreeSet::new())
}

/// What has such an id.
fn kind_of(id: &str) -> Option<&'static str> {
    match id.split_once('-')?.0 {
        "i" => Some("AWS::EC2::Instance"),
        "vpce" => Some("AWS::EC2::VPCEndpoint"),
        "sg" => Some("AWS::EC2::SecurityGroup"),
        "subnet" => Some("AWS::EC2::Subnet"),
        "vpc" => Some("AWS::EC2::VPC"),
        _ => None,
    }
}

/// Whether a resource is a balancer that can have a web ACL, or the interface of one, and has one or has none.
fn protected(graph: &ForwardingGraph, context: &Context, id: ResourceId, wanted: WebAcls) -> Fit {
    let resource = graph.resource(id);
    let itself = std::iter::once(id);
    let within = resource.within.iter().filter_map(|key| graph.find(key));
    let mut balancers = itself.chain(within).filter(|&id| {
        let balancer = graph.resource(id);
        balancer.kind == BALANCER && balancer.id.contains(":loadbalancer/app/")
    });
    let Some(balancer) = balancers.next() else { return Fit::No };
    let told = match context.web_acls.get(graph.key(balancer)) {
        None | Some(None) => return Fit::Perhaps(Untold::WebAcl(graph.resource(balancer).id.clone())),
        Some(Some(true)) => WebAcls::Present,
        Some(Some(false)) => WebAcls::Absent,
    };
    if told == wanted { Fit::Yes } else { Fit::No }
}

/// What an end has of what is compared.
#[derive(Debug)]
pub(crate) struct Compared {
    /// Of each; `None` if one is not told at all.
    pub(crate) values: Option<Vec<BTreeSet<String>>>,
    /// What is not told, by which it may have others.
    pub(crate) untold: Option<Untold>,
}

/// What an end has of each of `differ`; `None` if it has nothing of one of them, and so differs from nobody.
pub(crate) fn compared(
    graph: &ForwardingGraph,
    context: &Context,
    end: &FinishedEnd,
    differ: &[Differing],
    purpose: Purpose,
) -> Option<Compared> {
    let resource = graph.resource(end.resource);
    let mut all = Some(Vec::new());
    let mut untold = None;
    for what in differ {
        let has = match what {
            Differing::Tag(key) => values(graph, context, end.resource, key),
            Differing::Account if resource.account.is_empty() => {
                Has::Untold(Untold::Account(resource.id.clone()))
            }
            Differing::Account => Has::Values(BTreeSet::from([resource.account.clone()])),
            Differing::AvailabilityZone if resource.kind != "AWS::EC2::NetworkInterface" => {
                Has::Values(BTreeSet::new())
            }
            Differing::AvailabilityZone => match context.zones.get(graph.key(end.resource)) {
                Some(zone) => Has::Values(BTreeSet::from([zone.clone()])),
                None => Has::Untold(Untold::Zone(resource.id.clone())),
            },
        };
        let (told, doubt) = match has {
            Has::Values(values) if values.is_empty() => return None,
            Has::Values(values) => (Some(values), None),
            Has::Untold(what) => (None, Some(what)),
            Has::Unless(values, what) if purpose == Purpose::LeaveOut || values.is_empty() => {
                (None, Some(what))
            }
            Has::Unless(values, what) => (Some(values), Some(what)),
        };
        untold = untold.or(doubt);
        all = all.zip(told).map(|(mut all, told)| {
            all.push(told);
            all
        });
    }
    Some(Compared { values: all, untold })
}

/// What is not told, in words: a line for each kind, with the command that exports it.
pub(crate) fn phrases(untold: &BTreeSet<Untold>) -> Vec<String> {
    let mut tags = BTreeMap::<&str, Vec<&str>>::new();
    let mut records = BTreeMap::<&str, Vec<(&str, &str)>>::new();
    let (mut web_acls, mut zones, mut accounts) = (Vec::new(), Vec::new(), Vec::new());
    for what in untold {
        match what {
            Untold::Tags(kind, id) => tags.entry(kind).or_default().push(id),
            Untold::Record(command, what, id) => records.entry(command).or_default().push((what, id)),
            Untold::WebAcl(arn) => web_acls.push(arn.as_str()),
            Untold::Zone(id) => zones.push(id.as_str()),
            Untold::Account(id) => accounts.push(id.as_str()),
        }
    }
    let mut texts = Vec::new();
    for (kind, ids) in tags {
        texts.push(match TAGGED.iter().find(|(tagged, ..)| *tagged == kind) {
            Some((_, noun, command)) => {
                let whose = some_of(noun, &ids);
                format!("the tags of {whose} are not in the snapshot; export `aws ec2 {command}`")
            }
            None => format!("the tags of {} are not read", some_of("load balancer", &ids)),
        });
    }
    for (command, of) in records {
        let Some((what, id)) = of.first() else { continue };
        let of_whom = if what.contains(id) { (*what).to_owned() } else { format!("{what} (`{id}`)") };
        let whose = match of.len() - 1 {
            0 => of_whom,
            more => format!("{of_whom} and {more} more"),
        };
        texts.push(format!("the tags of {whose} are not in the snapshot; export `aws {command}`"));
    }
    if !web_acls.is_empty() {
        texts.push(format!(
            "the snapshot does not tell whether {} has a web ACL; export `aws wafv2 get-web-acl-for-resource`",
            some_of("load balancer", &web_acls)
        ));
    }
    if !zones.is_empty() {
        texts.push(format!(
            "the Availability Zone of {} is not in the snapshot; export `aws ec2 describe-subnets`",
            some_of("network interface", &zones)
        ));
    }
    if !accounts.is_empty() {
        texts.push(format!("the account of {} is not in the snapshot", some_of("resource", &accounts)));
    }
    texts
}

/// One by name, and how many more.
fn some_of(noun: &str, ids: &[&str]) -> String {
    match ids {
        [] => String::new(),
        [only] => format!("{noun} `{only}`"),
        [first, rest @ ..] => format!("{noun} `{first}` and {} more", rest.len()),
    }
}
