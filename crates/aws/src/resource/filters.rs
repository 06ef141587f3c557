//! Filters by themselves, handed out as lists: see `crate::rules`.
//!
//! No ports and no records of its own: each list is made by the function with which its resource type is lowered.
//!
//! SOURCE: as of `security_group`, `network_acl`, `prefix_list` and `network_firewall`.
use graph::{Direction, ResourceKey};

use super::{
    network_acl::{self, NetworkAcl},
    network_firewall::policy,
    prefix_list::{self, PrefixList},
    route_table::RouteTable,
    rule_group::name_of,
    security_group::{self, SecurityGroup},
};
use crate::{
    Entry, Inventory, Place,
    rules::{Effect, ListedRule, Order, RuleList, Stages},
};

const PARTS: [(Direction, &str); 2] = [(Direction::Ingress, "ingress"), (Direction::Egress, "egress")];

/// Both lists of a group.
pub(crate) fn group(here: &Entry<SecurityGroup>, inventory: &Inventory) -> Vec<RuleList> {
    let all = security_group::rules(here, inventory);
    let part = |(direction, part)| RuleList {
        owner: here.key.clone(),
        part,
        order: Order::Any,
        rules: all.iter().filter(|(of, _)| *of == direction).map(|(_, rule)| rule.clone()).collect(),
        otherwise: Some(Effect::Drop),
        note: None,
    };
    PARTS.map(part).into()
}

/// Both lists of an ACL.
pub(crate) fn acl(here: &Entry<NetworkAcl>) -> Vec<RuleList> {
    let part = |(direction, part)| {
        let mut rules: Vec<ListedRule> = network_acl::rules(here, direction).collect();
        // Of two entries with one number, as no export has them, either may be the first: so `graph::walk` takes it.
        rules.sort_by_key(|rule| (rule.rank, rule.effect != Effect::Pass));
        let otherwise = Some(Effect::Drop);
        RuleList { owner: here.key.clone(), part, order: Order::FirstMatch, rules, otherwise, note: None }
    };
    PARTS.map(part).into()
}

/// Where the entries of a prefix list are told.
pub(crate) fn places_of_list(id: &str, inventory: &Inventory) -> Vec<Place> {
    let mut places: Vec<Place> = prefix_list::places(inventory, id).cloned().collect();
    places.sort();
    places.dedup();
    places
}

/// The entries of a prefix list as who is at `place` knows it.
pub(crate) fn list(id: &str, place: &Place, inventory: &Inventory) -> Option<RuleList> {
    let entries = prefix_list::entries_of(inventory, id, place)?;
    let owner = place.key(id);
    let rules = entries.iter().zip(0..);
    let rules =
        rules.map(|((net, origin), rank)| ListedRule::entry(&owner, *net, Some(origin.clone()), rank));
    let rules = rules.collect();
    let mut tables = inventory.table::<RouteTable>().iter();
    let routed = tables.any(|table| table.value.names_list(id) && table.place.same_region(place));
    let note = routed.then(|| "route tables use this list, and a route's length decides there".to_owned());
    Some(RuleList { owner, part: "addresses", order: Order::Any, rules, otherwise: Some(Effect::Drop), note })
}

/// The entries of every prefix list.
pub(crate) fn prefix_lists(inventory: &Inventory) -> Vec<RuleList> {
    let described = inventory.table::<PrefixList>().iter();
    let mut all: Vec<(String, Place)> =
        described.map(|list| (super::Resource::id(&list.value).to_string(), list.place.clone())).collect();
    for id in prefix_list::all(inventory).into_keys() {
        if !all.iter().any(|(known, _)| *known == id) {
            all.extend(places_of_list(&id, inventory).into_iter().map(|place| (id.clone(), place)));
        }
    }
    all.iter().filter_map(|(id, place)| list(id, place, inventory)).collect()
}

/// ARNs of all policies.
pub(crate) fn policies(inventory: &Inventory) -> impl Iterator<Item = &str> {
    policy::arns(inventory)
}

/// The key of a policy.
pub(crate) fn policy_key(arn: &str) -> ResourceKey {
    super::network_firewall::answer::place(arn).key(name_of(arn))
}

/// What a policy does, or why that is not known.
pub(crate) fn stages(arn: &str, inventory: &Inventory) -> Result<Stages, String> {
    policy::stages(arn, inventory)
}

/// The lists of a policy in which headers decide.
pub(crate) fn policy_lists(arn: &str, inventory: &Inventory) -> Vec<RuleList> {
    policy::lists(arn, inventory)
}
