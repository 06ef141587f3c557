//! Network Firewall: inspects what route tables send to its endpoints, and hands it on in the endpoint's subnet.
//!
//! An endpoint is a VPC endpoint (`vpc_endpoint`), whose ports lead here: past the network ACL of its subnet to
//! `ENDPOINT/stateless`, and from `ENDPOINT/leaving` to the subnet, as any sender there would send. In between lie the
//! rules about single packets (`network_firewall/stateless`) and those about conversations
//! (`network_firewall/stateful`). Each endpoint remembers conversations by itself.
//!
//! SOURCE: Network Firewall developer guide, "How AWS Network Firewall works" and "VPC subnet configuration" (endpoints
//! by zone; the firewall subnet's route table decides what comes behind), "Avoiding asymmetric routing" (both directions
//! by the same endpoint) (checked 2026-11-26). Network Firewall API reference, `Firewall`, `FirewallStatus`,
//! `VpcEndpointAssociation` (checked 2026-11-26).
//! GAP: a sender in the endpoint's own subnet passes its network ACL here, although it crosses no border.
//! GAP: fragments are not told apart: where only those of UDP pass by default, and no whole packets, the answer is unknown.
//! GAP: firewalls in proxy mode, or in front of NAT gateways, are recognised, and what passes them is unknown.
use std::{collections::BTreeMap, sync::Arc};

use graph::{
    Cause, Choice, Direction, Disposition, Flow, GraphBuilder, Port, ResourceKey, ResourceRef, Rule, Transfer,
};
use headerspace::{Field, Ranges, Rewrite};
use serde::Deserialize;

use self::endpoint::Endpoint;
use super::{
    OUT, Resource, Tags,
    firewall_policy::{self, FirewallPolicy},
    network_acl, nullable, optional,
    rule_group::{self, RuleGroup, name_of},
    subnet::Subnet,
    vpc::Vpc,
    vpc_endpoint::VpcEndpoint,
};
use crate::{Entry, Id, Inventory, inventory::Reading};

pub(super) mod answer;
pub(crate) mod domains;
pub(super) mod endpoint;
mod names;
pub(in crate::resource) mod policy;
mod stateful;
mod stateless;

/// A firewall, as `describe-firewall` prints it, or as a collector lists it.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Written")]
pub struct NetworkFirewall {
    name: Id<NetworkFirewall>,
    arn: Option<String>,
    described: Option<Described>,
    tags: Tags,
}

#[derive(Debug, Clone, PartialEq)]
struct Described {
    policy: String,
    vpc: Option<Id<Vpc>>,
    transit_gateway: Option<String>,
    /// Where it has endpoints.
    subnets: Vec<String>,
    /// What it does beside inspecting, which is not modelled.
    mode: Option<&'static str>,
}

/// A list names a firewall and says nothing about it: only descriptions can contradict each other.
impl PartialEq for NetworkFirewall {
    fn eq(&self, other: &Self) -> bool {
        match (&self.described, &other.described) {
            (Some(these), Some(those)) => these == those,
            _ => true,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Written {
    /// The whole answer, as collectors list it.
    firewall: Option<Record>,
    #[serde(flatten)]
    record: Record,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Record {
    #[serde(deserialize_with = "optional")]
    firewall_name: Option<Id<NetworkFirewall>>,
    #[serde(deserialize_with = "optional")]
    firewall_arn: Option<String>,
    #[serde(deserialize_with = "optional")]
    firewall_policy_arn: Option<String>,
    #[serde(deserialize_with = "optional")]
    vpc_id: Option<Id<Vpc>>,
    #[serde(deserialize_with = "nullable")]
    subnet_mappings: Vec<SubnetMapping>,
    #[serde(deserialize_with = "optional")]
    transit_gateway_id: Option<String>,
    #[serde(deserialize_with = "nullable")]
    nat_gateway_create_mappings: Vec<serde::de::IgnoredAny>,
    proxy_settings: Option<serde::de::IgnoredAny>,
    transparent_filtering_nat_scope: Option<serde::de::IgnoredAny>,
    tags: Tags,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SubnetMapping {
    #[serde(default, deserialize_with = "optional")]
    subnet_id: Option<String>,
}

impl TryFrom<Written> for NetworkFirewall {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let record = written.firewall.unwrap_or(written.record);
        let named = record.firewall_arn.as_deref().map(name_of).map(Id::new);
        let name = named.or(record.firewall_name).ok_or("found neither `FirewallArn` nor `FirewallName`")?;
        let mode = if record.proxy_settings.is_some() {
            Some("a proxy")
        } else if !record.nat_gateway_create_mappings.is_empty()
            || record.transparent_filtering_nat_scope.is_some()
        {
            Some("part of a NAT gateway")
        } else {
            None
        };
        let described = record.firewall_policy_arn.map(|policy| Described {
            policy,
            vpc: record.vpc_id,
            transit_gateway: record.transit_gateway_id,
            subnets: record.subnet_mappings.into_iter().filter_map(|mapping| mapping.subnet_id).collect(),
            mode,
        });
        Ok(Self { name, arn: record.firewall_arn, described, tags: record.tags })
    }
}

/// What the answers tell that do not stand in the firewall's own record.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// By ARN.
    policies: BTreeMap<String, FirewallPolicy>,
    /// By ARN.
    groups: BTreeMap<String, RuleGroup>,
    endpoints: Vec<Endpoint>,
    /// ARNs of firewalls by their attachments to transit gateways.
    attached: BTreeMap<String, String>,
}

/// Reads policies, groups and endpoints.
pub(crate) fn parts(reading: &mut Reading<'_>, inventory: &mut Inventory) {
    let policies = firewall_policy::policies(reading);
    let groups = rule_group::groups(reading);
    let endpoints = endpoint::all(reading).into_iter().map(|told| told.value).collect();
    let attached = endpoint::attached(reading);
    endpoint::remarks(reading);
    inventory.firewalls = Parts { policies, groups, endpoints, attached };
}

/// The firewall of this ARN.
fn of_arn<'i>(inventory: &'i Inventory, arn: &str) -> Option<&'i Entry<NetworkFirewall>> {
    inventory.get(&Id::<NetworkFirewall>::new(name_of(arn)), &answer::place(arn))
}

/// The key of the firewall of this ARN; describes it if nobody has.
fn key_of(inventory: &Inventory, arn: &str, graph: &mut GraphBuilder) -> ResourceKey {
    if let Some(known) = of_arn(inventory, arn) {
        return known.key.clone();
    }
    let place = answer::place(arn);
    graph.resource(ResourceRef {
        arn: Some(arn.to_owned()),
        account: place.account,
        region: place.region,
        ..ResourceRef::new(NetworkFirewall::TYPE, name_of(arn))
    })
}

/// Connects an endpoint of a firewall: what arrives at `entry` is inspected and goes on in the endpoint's subnet.
/// `false` if it is no firewall's.
pub(super) fn connect_endpoint(
    here: &Entry<VpcEndpoint>,
    entry: &Port,
    inventory: &Inventory,
    graph: &mut GraphBuilder,
) -> bool {
    let all = inventory.firewalls.endpoints.iter();
    let mut mine = all.filter(|it| it.id == here.value.id().as_str() && it.place.same_region(&here.place));
    let Some(endpoint) = mine.next() else { return false };
    let id = &endpoint.id;
    let firewall = key_of(inventory, &endpoint.firewall, graph);
    let unknown = |note: String| Arc::new(Cause::new(&firewall, Rule::Carries).at(here.at("")).noting(note));
    let subnet = endpoint.subnet.as_deref().map(Id::<Subnet>::new);
    let Some(subnet) = subnet.as_ref().and_then(|subnet| inventory.get(subnet, &here.place)) else {
        let subnet = endpoint.subnet.as_deref().unwrap_or("?");
        let cause = unknown(format!("subnet `{subnet}` of `{id}` is not in the snapshot"));
        graph.connect(entry, Disposition::InsufficientInfo, Transfer::all(), &cause);
        return true;
    };
    let inspecting = Port::new(&here.key, "inspecting");
    let arriving = Port::new(&firewall, format!("{id}/arriving"));
    let out = Port::new(&subnet.key, OUT);
    graph.declare(inspecting.clone(), &here.key, Choice::FirstMatch, Disposition::Denied);
    graph.declare(arriving.clone(), &firewall, Choice::Any, Disposition::Denied);
    let carries = Arc::new(Cause::new(&here.key, Rule::Carries).at(here.at("")));
    graph.connect(entry, &inspecting, Transfer::all(), &carries);
    network_acl::filter(inventory, subnet, Direction::Ingress, [&inspecting, &arriving], graph);
    if let Some(status) = endpoint.idle() {
        let cause = unknown(format!("the firewall endpoint `{id}` is {status}"));
        hand_on([&arriving, &out], &Transfer::all().uncertain(), &cause, graph);
    } else if let Some(described) = of_arn(inventory, &endpoint.firewall) {
        inspect(described, id, [&arriving, &out], inventory, graph);
    } else {
        let cause = unknown(format!("firewall `{}` is not in the snapshot", endpoint.firewall));
        hand_on([&arriving, &out], &Transfer::all().uncertain(), &cause, graph);
    }
    true
}

/// The firewall that has an endpoint in `subnet` of which nothing else in the snapshot tells.
pub(super) fn with_untold_endpoint<'i>(
    inventory: &'i Inventory,
    subnet: &Entry<Subnet>,
) -> Option<&'i Id<NetworkFirewall>> {
    let id = subnet.value.id().as_str();
    let told = |firewall: &Entry<NetworkFirewall>| {
        let arn = firewall.value.arn.as_deref();
        let mut all = inventory.firewalls.endpoints.iter();
        all.any(|it| it.subnet.as_deref() == Some(id) && Some(it.firewall.as_str()) == arn)
    };
    let mut all = inventory.table::<NetworkFirewall>().iter();
    let found = all.find(|it| {
        let described = it.value.described.as_ref();
        described.is_some_and(|described| described.subnets.iter().any(|mapped| mapped == id))
            && it.place.same_region(&subnet.place)
            && !told(it)
    });
    found.map(|firewall| &firewall.value.name)
}

/// Hands packets on behind a firewall: the network no longer knows the groups of their sender.
///
/// SOURCE: Reachability Analyzer guide, `SG_REFERENCES_NOT_PRESERVED`; VPC user guide, "Security group referencing" (not
/// through a middlebox) (checked 2026-11-26).
fn hand_on([from, to]: [&Port; 2], transfer: &Transfer, cause: &Arc<Cause>, graph: &mut GraphBuilder) {
    let forgotten = Rewrite::identity().assign(Field::Identity, Ranges::single(1));
    graph.connect(from, to, transfer.clone().rewriting(forgotten).for_flow(Flow::Opening), cause);
    graph.connect(from, to, transfer.clone().for_flow(Flow::Reply), cause);
}

/// Connects `from` to `to` through a firewall, which remembers the conversations that it sees at this `place` (an
/// endpoint or an attachment, by id).
pub(super) fn inspect(
    firewall: &Entry<NetworkFirewall>,
    place: &str,
    [from, to]: [&Port; 2],
    inventory: &Inventory,
    graph: &mut GraphBuilder,
) {
    let cause =
        |note: String| Arc::new(Cause::new(&firewall.key, Rule::Carries).at(firewall.at("")).noting(note));
    // Whatever its rules are, it passes packets or drops them.
    let unknown = |note: String, graph: &mut GraphBuilder| {
        hand_on([from, to], &Transfer::all().uncertain(), &cause(note), graph);
    };
    let name = &firewall.value.name;
    let Some(described) = &firewall.value.described else {
        return unknown(format!("the description of firewall `{name}` is not in the snapshot"), graph);
    };
    if let Some(mode) = described.mode {
        let cause = cause(format!("firewall `{name}` is {mode}, which is not modelled"));
        graph.connect(from, Disposition::InsufficientInfo, Transfer::all(), &cause);
        return;
    }
    let policy = inventory.firewalls.policies.get(&described.policy);
    let Some(policy) = policy else {
        return unknown(format!("policy `{}` is not in the snapshot", described.policy), graph);
    };
    let content = match &policy.content {
        Ok(content) => content,
        Err(why) => return unknown(why.clone(), graph),
    };
    let at = At { firewall, place, policy, content, inventory };
    let [stateless, stateful, leaving] = ["stateless", "stateful", "leaving"].map(|name| at.port(name));
    graph.declare(leaving.clone(), &firewall.key, Choice::Any, Disposition::NoRoute);
    let structure = at.structure();
    graph.connect(from, &stateless, Transfer::all(), &structure);
    hand_on([&leaving, to], &Transfer::all(), &structure, graph);
    stateless::connect(&at, [&stateless, &stateful, &leaving], graph);
    stateful::connect(&at, [&stateful, &leaving], graph);
}

/// The firewall that has this attachment to a transit gateway: by its status; else the one that the attachment names (its
/// name, or its ARN); else, where `alone` no other attachment is a firewall's, the only one that is attached there.
/// `None` if that is not known.
pub(super) fn of_attachment<'i>(
    inventory: &'i Inventory,
    attachment: &str,
    gateway: &str,
    named: Option<&str>,
    alone: bool,
) -> Option<&'i Entry<NetworkFirewall>> {
    let told = &inventory.firewalls.attached;
    if let Some(arn) = told.get(attachment) {
        return of_arn(inventory, arn);
    }
    let elsewhere = |it: &Entry<NetworkFirewall>| {
        it.value.arn.as_ref().is_some_and(|arn| told.values().any(|other| other == arn))
    };
    let all = inventory.table::<NetworkFirewall>().iter().filter(|it| !elsewhere(it));
    let attached: Vec<_> = all
        .filter(|it| {
            it.value.described.as_ref().is_some_and(|it| it.transit_gateway.as_deref() == Some(gateway))
        })
        .collect();
    let meant = attached.iter().find(|it| {
        named.is_some_and(|named| it.value.arn.as_deref() == Some(named) || it.value.name.as_str() == named)
    });
    meant.or(attached.first().filter(|_| alone && attached.len() == 1)).copied()
}

/// A firewall at one of the places where it inspects.
struct At<'i> {
    firewall: &'i Entry<NetworkFirewall>,
    place: &'i str,
    policy: &'i FirewallPolicy,
    content: &'i firewall_policy::Content,
    inventory: &'i Inventory,
}

impl At<'_> {
    fn port(&self, name: &str) -> Port {
        Port::new(&self.firewall.key, format!("{}/{name}", self.place))
    }

    fn structure(&self) -> Arc<Cause> {
        Arc::new(Cause::structure(&self.firewall.key).at(self.firewall.at("")))
    }

    /// A cause written in the policy.
    fn by_policy(&self, rule: Rule, pointer: &str) -> Cause {
        let mut origin = self.policy.origin.clone();
        origin.pointer.push_str(pointer);
        Cause::new(&self.firewall.key, rule).at(Some(origin))
    }

    /// A cause written in a group.
    fn by_group(&self, rule: Rule, group: &RuleGroup, pointer: &str) -> Cause {
        let mut origin = group.origin.clone();
        origin.pointer.push_str(pointer);
        Cause::new(&self.firewall.key, rule).at(Some(origin))
    }

    fn group(&self, arn: &str) -> Option<&RuleGroup> {
        self.inventory.firewalls.groups.get(arn)
    }
}

impl Resource for NetworkFirewall {
    const TYPE: &'static str = "AWS::NetworkFirewall::Firewall";
    const LIST: &'static str = "Firewall";
    const ALSO: &'static [&'static str] = &["Firewalls"];

    fn id(&self) -> &Id<Self> {
        &self.name
    }

    fn account(&self) -> Option<&str> {
        let arn = self.arn.as_deref()?;
        arn.split(':').nth(4).filter(|account| !account.is_empty())
    }

    fn region(&self) -> Option<String> {
        let place = answer::place(self.arn.as_deref()?);
        Some(place.region).filter(|region| !region.is_empty())
    }

    /// Descriptions come before names.
    fn weight(&self) -> String {
        format!("{} {self:?}", if self.described.is_some() { "a" } else { "b" })
    }

    fn declare(&self, here: &Entry<Self>, inventory: &Inventory, graph: &mut GraphBuilder) {
        let vpc = self.described.as_ref().and_then(|described| described.vpc.as_ref());
        let gateway = self.described.as_ref().and_then(|described| described.transit_gateway.as_ref());
        let mut within: Vec<ResourceKey> =
            vpc.map(|vpc| inventory.key_of(vpc, &here.place)).into_iter().collect();
        within.extend(gateway.map(|gateway| here.place.key(gateway)));
        graph.resource(ResourceRef {
            arn: self.arn.clone(),
            account: here.place.account.clone(),
            region: here.place.region.clone(),
            tags: self.tags.0.clone(),
            within,
            ..ResourceRef::new(Self::TYPE, self.name.as_str())
        });
    }

    /// Endpoints and attachments ask it to inspect.
    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}

#[cfg(test)]
mod tests;
