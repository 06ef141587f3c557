//! Domain lists of Network Firewall: what a policy does to connections by the name that they ask for, wherever a firewall
//! uses it. No ports: paths know nothing of names (`rule_group`).
//!
//! A list is looked at in the order of its policy. In action order, every list that allows comes before every one that
//! denies or rejects, and what a list that allows does not have is dropped behind them. In strict order, groups stand by
//! priority, and what a list that allows does not have is dropped where it stands.
//!
//! SOURCE: Network Firewall API reference, `RulesSourceList` (`.example.com` is that name and all below it,
//! `abc.example.com` that name only; TLS_SNI and HTTP_HOST; traffic from the firewall's own VPC unless `HOME_NET` says
//! more), developer guide, "Stateful domain list rule groups" (an allow list denies other traffic of the protocols that
//! it inspects; its drop comes before lists that reject or alert) (checked 2026-11-27).
//! GAP: how a policy in strict order tries the drop of a list that allows before a later list that allows is not
//! documented: what only the later one has is unknown.
//! GAP: an entry with a star is not documented: what it takes is unknown.
//! GAP: rules of other groups that may speak of TCP, stateless rules that do more than hand on, and TLS inspection may
//! decide otherwise: they are named, and then nothing is certain.
use std::{collections::BTreeMap, fmt::Write as _};

use graph::{Origin, ResourceKey};
use headerspace::{Field, HeaderSpace};

use super::{At, NetworkFirewall, endpoint::Endpoint, names::GroupNames, stateful::decision::may_decide_tcp};
use crate::{
    Entry, Inventory,
    domains::{DomainAction, DomainFilter, DomainGroup, DomainRest, DomainUnknown},
    resource::{
        RouteTable, Vpc,
        address_set::address_in,
        rule_group::{RuleGroup, Rules, name_of},
        suricata::address::Addresses,
    },
};

/// Filters that are known, and firewalls of which it is not known what they do.
pub(crate) type Found = (Vec<DomainFilter>, Vec<DomainUnknown>);

/// What firewalls do to the names of connections from every VPC, by VPC and firewall.
pub(crate) fn all(inventory: &Inventory) -> Found {
    let mut found = Found::default();
    for firewall in inventory.table::<NetworkFirewall>().iter() {
        of_firewall(firewall, inventory, &mut found);
    }
    found.0.sort_by(|a, b| (&a.vpc, &a.firewall).cmp(&(&b.vpc, &b.firewall)));
    found.1.sort_by(|a, b| (&a.vpc, &a.firewall).cmp(&(&b.vpc, &b.firewall)));
    found
}

/// A VPC that a firewall may inspect.
struct Protected<'i> {
    vpc: ResourceKey,
    entry: Option<&'i Entry<Vpc>>,
    /// By what right it is taken to be.
    by: String,
    /// Why it may not be.
    doubt: Option<String>,
}

fn of_firewall(firewall: &Entry<NetworkFirewall>, inventory: &Inventory, found: &mut Found) {
    let name = firewall.value.name.to_string();
    let own = firewall.value.described.as_ref().and_then(|it| it.vpc.as_ref());
    let own = own.map(|vpc| inventory.key_of(vpc, &firewall.place));
    let mut unknown = |why: String| {
        found.1.push(DomainUnknown { vpc: own.clone(), firewall: name.clone(), why });
    };
    let Some(described) = &firewall.value.described else {
        return unknown(format!("the description of firewall `{name}` is not in the snapshot"));
    };
    if let Some(mode) = described.mode {
        return unknown(format!("firewall `{name}` is {mode}, which is not modelled"));
    }
    let Some(policy) = inventory.firewalls.policies.get(&described.policy) else {
        return unknown(format!("policy `{}` is not in the snapshot", described.policy));
    };
    let content = match &policy.content {
        Ok(content) => content,
        Err(why) => return unknown(why.clone()),
    };
    let at = At { firewall, place: "domains", policy, content, inventory };
    let lists = content.stateful_rule_group_references.iter().filter_map(|it| at.group(&it.resource_arn));
    if !lists.clone().any(|group| matches!(group.rules, Rules::Domains(_))) {
        return;
    }
    for protected in protected(&at, own.as_ref()) {
        found.0.extend(filter(&at, &protected));
    }
}

/// The VPCs that a firewall inspects, or may.
fn protected<'i>(at: &At<'i>, own: Option<&ResourceKey>) -> Vec<Protected<'i>> {
    let (inventory, firewall) = (at.inventory, at.firewall);
    let mut found = Vec::new();
    let endpoints = || inventory.firewalls.endpoints.iter();
    let mine = |it: &&Endpoint| firewall.value.arn.as_deref() == Some(it.firewall.as_str());
    let mut by_vpc: BTreeMap<ResourceKey, Vec<&Endpoint>> = BTreeMap::new();
    by_vpc.extend(own.map(|vpc| (vpc.clone(), Vec::new())));
    for endpoint in endpoints().filter(mine) {
        if let Some(vpc) = &endpoint.vpc {
            let key = inventory.key_of(&crate::Id::<Vpc>::new(vpc), &endpoint.place);
            by_vpc.entry(key).or_default().push(endpoint);
        }
    }
    let vpcs = || inventory.table::<Vpc>().iter();
    for (vpc, endpoints) in &by_vpc {
        let entry = vpcs().find(|entry| entry.key == *vpc);
        let is_own = own == Some(vpc);
        let by = if is_own { "is in it" } else { "has an endpoint in it" };
        let route = route_to(endpoints, inventory);
        let by = match &route {
            Some((table, endpoint)) => {
                format!("{by}, and route table {table} leads to its endpoint {endpoint}")
            }
            None => by.to_owned(),
        };
        let doubt = route
            .is_none()
            .then(|| format!("no route of {} is known to lead to an endpoint of it", vpc.id()));
        found.push(Protected { vpc: vpc.clone(), entry, by, doubt });
    }
    // Others send what they send by way of a transit gateway or a peering, if at all.
    for entry in vpcs().filter(|entry| !by_vpc.contains_key(&entry.key) && !entry.is_concluded()) {
        let names_it = at.content.stateful_rule_group_references.iter().any(|reference| {
            let group = at.group(&reference.resource_arn);
            group.is_some_and(|group| {
                matches!(group.rules, Rules::Domains(_))
                    && sets_home_net(at, group)
                    && covers(at, group, entry) != Some(Covered::Nothing)
            })
        });
        if names_it {
            let by = "has its addresses in `HOME_NET`".to_owned();
            let doubt =
                "whether what it sends passes the firewall, as by a transit gateway, is not looked at"
                    .to_owned();
            found.push(Protected { vpc: entry.key.clone(), entry: Some(entry), by, doubt: Some(doubt) });
        }
    }
    found
}

/// A route table that leads to one of these endpoints.
fn route_to(endpoints: &[&Endpoint], inventory: &Inventory) -> Option<(String, String)> {
    let endpoints = endpoints.iter().filter(|it| it.idle().is_none());
    endpoints.into_iter().find_map(|endpoint| {
        let mut tables = inventory.table::<RouteTable>().iter();
        let table =
            tables.find(|it| it.place.same_region(&endpoint.place) && it.value.leads_to(&endpoint.id))?;
        Some((table.key.id().to_owned(), endpoint.id.clone()))
    })
}

/// How much of a VPC's addresses a list is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Covered {
    Everything,
    Something,
    Nothing,
}

fn sets_home_net(at: &At<'_>, group: &RuleGroup) -> bool {
    group.addresses.contains_key("HOME_NET") || at.content.variable("HOME_NET").is_some()
}

/// How much of the addresses of a VPC a group is about; `None` if that is not known.
fn covers(at: &At<'_>, group: &RuleGroup, vpc: &Entry<Vpc>) -> Option<Covered> {
    let names = GroupNames::new(at, group);
    let home = Addresses::Variable("HOME_NET".to_owned()).matches(Field::SrcIp, &names).ok()?;
    if vpc.is_concluded() {
        return None;
    }
    let theirs = address_in(Field::SrcIp, vpc.value.cidrs());
    let mut space = HeaderSpace::new();
    let (home, theirs): (_, _) = (space.compile(&home), space.compile(&theirs));
    Some(if space.is_subset(theirs, home) {
        Covered::Everything
    } else if space.overlaps(theirs, home) {
        Covered::Something
    } else {
        Covered::Nothing
    })
}

/// What the policy does to names that a VPC's connections ask for; `None` if no list is about them.
fn filter(at: &At<'_>, protected: &Protected<'_>) -> Option<DomainFilter> {
    let mut doubts: Vec<String> = protected.doubt.iter().cloned().collect();
    let mut groups = Vec::new();
    let mut references: Vec<_> = at.content.stateful_rule_group_references.iter().collect();
    if at.content.is_strict() {
        references.sort_by_key(|reference| reference.priority);
    }
    for reference in references {
        let arn = &reference.resource_arn;
        let name = name_of(arn);
        let group = match at.group(arn).map(|group| (group, &group.rules)) {
            Some((group, Rules::Domains(_))) => group,
            Some((_, Rules::Stateful(rules))) => {
                if rules.iter().any(|(rule, _)| may_decide_tcp(rule)) {
                    doubts.push(format!("rules of group `{name}` may decide otherwise"));
                }
                continue;
            }
            Some((_, Rules::Unknown(why))) => {
                doubts.push(why.clone());
                continue;
            }
            Some((_, Rules::Stateless(_))) => continue,
            None => {
                doubts.push(format!("rule group `{arn}` is not in the snapshot"));
                continue;
            }
        };
        match protected.entry.and_then(|vpc| covers(at, group, vpc)) {
            Some(Covered::Everything) => {}
            Some(Covered::Nothing) => continue,
            Some(Covered::Something) => {
                doubts.push(format!("`HOME_NET` of group `{name}` has only some addresses of the VPC"));
            }
            None if !sets_home_net(at, group) && protected.entry.is_none() => {}
            None => doubts.push(format!("what `HOME_NET` of group `{name}` stands for is not known")),
        }
        groups.extend(listed(group, reference.drops_nothing(), &mut doubts));
    }
    if !groups.iter().any(|group| group.action != DomainAction::Alert) {
        return None;
    }
    stateless(at, &mut doubts);
    let rest = rest(at, &mut doubts);
    doubts.dedup();
    Some(DomainFilter {
        vpc: protected.vpc.clone(),
        firewall: at.firewall.value.name.to_string(),
        policy: name_of(&at.firewall.value.described.as_ref()?.policy).to_owned(),
        by: protected.by.clone(),
        is_strict: at.content.is_strict(),
        groups,
        rest,
        doubts,
    })
}

/// A list as it stands in a policy.
fn listed(group: &RuleGroup, drops_nothing: bool, doubts: &mut Vec<String>) -> Option<DomainGroup> {
    let Rules::Domains(list) = &group.rules else { return None };
    let name = name_of(&group.arn).to_owned();
    let action = match list.generated_rules_type.as_str() {
        "ALLOWLIST" => DomainAction::Allow,
        "DENYLIST" if !drops_nothing => DomainAction::Deny,
        "REJECTLIST" if !drops_nothing => DomainAction::Reject,
        "DENYLIST" | "REJECTLIST" | "ALERTLIST" => DomainAction::Alert,
        other => {
            doubts.push(format!("group `{name}` is a list of kind {other}, which is not modelled"));
            return None;
        }
    };
    let (known, others): (Vec<&String>, Vec<&String>) =
        list.target_types.iter().partition(|it| matches!(it.as_str(), "TLS_SNI" | "HTTP_HOST"));
    for other in others {
        doubts.push(format!("group `{name}` also looks at {other}, which is not modelled"));
    }
    let targets = list.targets.iter().enumerate().map(|(place, text)| {
        let mut origin: Origin = group.origin.clone();
        let _ = write!(origin.pointer, "/RulesSource/RulesSourceList/Targets/{place}");
        (text.clone(), origin)
    });
    let mut origin = group.origin.clone();
    origin.pointer.push_str("/RulesSource/RulesSourceList");
    Some(DomainGroup {
        name,
        action,
        protocols: known.into_iter().cloned().collect(),
        targets: targets.collect(),
        origin,
    })
}

/// What stateless rules do besides handing packets on.
fn stateless(at: &At<'_>, doubts: &mut Vec<String>) {
    let hands_on = |actions: &[String]| actions.iter().any(|it| it == "aws:forward_to_sfe");
    if !hands_on(&at.content.stateless_default_actions) {
        doubts.push(
            "the policy's stateless default action does not hand packets to its stateful rules".to_owned(),
        );
    }
    for reference in &at.content.stateless_rule_group_references {
        let name = name_of(&reference.resource_arn);
        let plain = at.group(&reference.resource_arn).is_some_and(|group| {
            matches!(&group.rules, Rules::Stateless(rules) if rules.iter().all(|it| hands_on(&it.rule_definition.actions)))
        });
        if !plain {
            doubts.push(format!("stateless rules of group `{name}` may decide before"));
        }
    }
}

/// What becomes of what no list decides.
fn rest(at: &At<'_>, doubts: &mut Vec<String>) -> DomainRest {
    if at.content.tls_inspection() {
        doubts.push("the policy inspects TLS, which is not modelled".to_owned());
    }
    if !at.content.is_strict() {
        return DomainRest::Passes;
    }
    let mut rest = DomainRest::Passes;
    for (place, action) in at.content.stateful_default_actions.iter().enumerate() {
        match action.as_str() {
            alert if alert.starts_with("aws:alert_") => continue,
            "aws:drop_strict" => {
                // It drops what opens a connection, before there is a name to pass it by.
                doubts.push("the policy's default action `aws:drop_strict` may drop connections before they ask for a name".to_owned());
            }
            "aws:drop_established"
            | "aws:drop_established_app_layer"
            | "aws:drop_established_app_layer_to_server" => {}
            other => doubts.push(format!("the policy's default action `{other}` is not known")),
        }
        let mut origin = at.policy.origin.clone();
        let _ = write!(origin.pointer, "/StatefulDefaultActions/{place}");
        rest = DomainRest::Drops { action: action.clone(), origin };
    }
    rest
}
