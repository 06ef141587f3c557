//! A policy by itself: what it does to packets wherever a firewall uses it, without a network around it.
//!
//! It is lowered as a firewall would be, in a graph of its own. What its rules leave to the firewall's VPC (`HOME_NET`) is
//! that of the firewalls that use the policy, if they are all in one VPC, and not known otherwise.
//!
//! SOURCE: as of `network_firewall`.
use std::collections::BTreeSet;

use graph::{Choice, Disposition, GraphBuilder, ResourceRef};

use super::{
    At, Described, NetworkFirewall, answer,
    stateful::{self, decision},
    stateless,
};
use crate::{
    Entry, Id, Inventory, Place,
    resource::{Tags, firewall_policy::FirewallPolicy, rule_group::name_of, vpc::Vpc},
    rules::{Order, RuleList, Stages},
};

/// ARNs of all policies.
pub(in crate::resource) fn arns(inventory: &Inventory) -> impl Iterator<Item = &str> {
    inventory.firewalls.policies.keys().map(String::as_str)
}

/// The VPC of all firewalls that use a policy, with where to look for it.
fn vpc<'i>(arn: &str, inventory: &'i Inventory) -> Option<(&'i Id<Vpc>, &'i Place)> {
    let firewalls = inventory.table::<NetworkFirewall>().iter();
    let users = firewalls.filter_map(|firewall| {
        let described = firewall.value.described.as_ref().filter(|it| it.policy == arn)?;
        Some((described.vpc.as_ref(), &firewall.place))
    });
    let all: BTreeSet<(Option<&Id<Vpc>>, &Place)> = users.collect();
    match all.into_iter().collect::<Vec<_>>().as_slice() {
        [(Some(vpc), place)] => Some((vpc, place)),
        _ => None,
    }
}

/// Does `work` with the policy as a firewall of its own name uses it, or says why it is not known.
fn with<T>(arn: &str, inventory: &Inventory, work: impl FnOnce(&At<'_>) -> T) -> Result<T, String> {
    let not_here = || format!("policy `{arn}` is not in the snapshot");
    let policy: &FirewallPolicy = inventory.firewalls.policies.get(arn).ok_or_else(not_here)?;
    let content = policy.content.as_ref().map_err(Clone::clone)?;
    let vpc = vpc(arn, inventory);
    let place = vpc.map_or_else(|| answer::place(arn), |(_, place)| place.clone());
    let user = NetworkFirewall {
        name: Id::new(name_of(arn)),
        arn: None,
        described: Some(Described {
            policy: arn.to_owned(),
            vpc: vpc.map(|(vpc, _)| vpc.clone()),
            transit_gateway: None,
            subnets: Vec::new(),
            mode: None,
        }),
        tags: Tags::default(),
    };
    let key = answer::place(arn).key(name_of(arn));
    let firewall = Entry::made(user, place, key, policy.origin.clone());
    Ok(work(&At { firewall: &firewall, place: "policy", policy, content, inventory }))
}

/// The policy as a graph.
pub(in crate::resource) fn stages(arn: &str, inventory: &Inventory) -> Result<Stages, String> {
    let graph = with(arn, inventory, |at| {
        let mut graph = GraphBuilder::new();
        let key = graph.resource(ResourceRef {
            arn: Some(arn.to_owned()),
            account: at.firewall.key.as_str().split('/').next().unwrap_or_default().to_owned(),
            region: at.firewall.key.as_str().split('/').nth(1).unwrap_or_default().to_owned(),
            ..ResourceRef::new("AWS::NetworkFirewall::FirewallPolicy", name_of(arn))
        });
        let [stateless, stateful, leaving] = ["stateless", "stateful", "leaving"].map(|name| at.port(name));
        graph.declare(leaving.clone(), &key, Choice::Any, Disposition::NoRoute);
        stateless::connect(at, [&stateless, &stateful, &leaving], &mut graph);
        stateful::connect(at, [&stateful, &leaving], &mut graph);
        graph.finish().0
    })?;
    let node = |port: &str| {
        let name = format!("policy/{port}");
        graph.nodes().find(|node| graph.node(*node).port == name)
    };
    let ends = node("stateless").zip(node("leaving"));
    let (entering, leaving) = ends.ok_or_else(|| format!("policy `{arn}` has no beginning and no end"))?;
    Ok(Stages { graph, entering, leaving })
}

/// The lists in which the first rule decides: that of the stateless rules, and that of the stateful ones if they are
/// tried as they stand.
pub(in crate::resource) fn lists(arn: &str, inventory: &Inventory) -> Vec<RuleList> {
    let lists = with(arn, inventory, |at| {
        let list = |part, rules| RuleList {
            owner: at.firewall.key.clone(),
            part,
            order: Order::FirstMatch,
            rules,
            otherwise: None,
            note: None,
        };
        let mut lists = vec![list("stateless", stateless::rules(at))];
        if at.content.is_strict() {
            lists.push(list("stateful", decision::rules(at)));
        }
        lists
    });
    lists.unwrap_or_default()
}
