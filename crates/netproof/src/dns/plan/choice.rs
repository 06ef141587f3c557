//! Which lists names go to.

use std::collections::{BTreeMap, BTreeSet};

use aws::{DnsNetwork, ExportedList, Place};
use dns::{Action, Names};

use super::{DnsPlanError, DnsPlanRequest, PlanList, state::canonical};
use crate::{Analysis, Reason};

/// The lists that were named, or else the only one in each account and Region that rules block or alert on; those that
/// are denied first.
pub(super) fn lists<'e>(
    analysis: &Analysis,
    request: &DnsPlanRequest,
    exported: &'e [ExportedList],
    networks: &[(String, &DnsNetwork)],
    notes: &mut Vec<Reason>,
) -> Result<Vec<(PlanList, &'e ExportedList)>, DnsPlanError> {
    let regions: BTreeSet<&str> = networks.iter().map(|(_, network)| network.place.region.as_str()).collect();
    let is_near = |list: &ExportedList| {
        let region = list.place.region.as_str();
        region.is_empty() || regions.contains(region) || regions.contains("")
    };
    let mut chosen: Vec<(PlanList, &ExportedList)> = Vec::new();
    for (role, named) in [(PlanList::Deny, &request.deny), (PlanList::Alert, &request.alert)] {
        let mut found: Vec<&ExportedList> = Vec::new();
        for name in named {
            let id = name.rsplit_once(":firewall-domain-list/").map_or(name.as_str(), |(_, id)| id);
            let by_id = exported.iter().filter(|list| list.id == id);
            let by_name = exported.iter().filter(|list| list.name.as_deref() == Some(name) && is_near(list));
            let these: Vec<_> = by_id.chain(by_name).collect();
            if these.is_empty() {
                return Err(DnsPlanError::NoList(name.clone()));
            }
            if these.iter().all(|list| list.is_managed) {
                return Err(DnsPlanError::Managed(name.clone()));
            }
            found.extend(these.into_iter().filter(|list| !list.is_managed));
        }
        if named.is_empty() {
            found = by_rules(analysis, role, exported, is_near)?;
            for list in &found {
                let name = list.name.as_ref().unwrap_or(&list.id);
                let (becomes, action) = match role {
                    PlanList::Deny => ("denied", "BLOCK"),
                    PlanList::Alert => ("alerted on", "ALERT"),
                };
                let text = format!(
                    "names to be {becomes} go to list {name}, as no other list is in rules with action {action}"
                );
                notes.push(Reason { text, location: None });
            }
        }
        let mut seen = BTreeSet::new();
        found.retain(|list| seen.insert((&list.id, &list.place)));
        chosen.extend(found.into_iter().map(|list| (role, list)));
    }
    let denied: BTreeSet<&str> =
        chosen.iter().filter(|(role, _)| *role == PlanList::Deny).map(|(_, list)| list.id.as_str()).collect();
    let both =
        chosen.iter().find(|(role, list)| *role == PlanList::Alert && denied.contains(list.id.as_str()));
    match both {
        Some((_, list)) => Err(DnsPlanError::Both(list.id.clone())),
        None => Ok(chosen),
    }
}

/// The only list of each account and Region that rules take with an action, whatever the type; those with `*` are left
/// out, as they are the wall of a walled garden.
fn by_rules<'e>(
    analysis: &Analysis,
    role: PlanList,
    exported: &'e [ExportedList],
    is_near: impl Fn(&ExportedList) -> bool,
) -> Result<Vec<&'e ExportedList>, DnsPlanError> {
    let all = analysis.dns();
    let mut used = BTreeSet::new();
    for group in all.group_ids().filter_map(|id| all.rule_group(id)) {
        for rule in &group.rules {
            let is_it = match rule.action {
                Action::Block(_) => role == PlanList::Deny,
                Action::Alert => role == PlanList::Alert,
                Action::Allow => false,
            };
            if let (Names::List(list), None, true) = (&rule.names, rule.query_type, is_it) {
                used.extend(all.list(*list).map(|list| list.id.as_str()));
            }
        }
    }
    let mut by_place = BTreeMap::<&Place, Vec<&ExportedList>>::new();
    for list in exported.iter().filter(|list| used.contains(list.id.as_str()) && !list.is_managed) {
        let entries = list.entries.as_deref().unwrap_or_default();
        if is_near(list) && !entries.iter().any(|entry| canonical(entry) == "*") {
            by_place.entry(&list.place).or_default().push(list);
        }
    }
    let (action, option) = match role {
        PlanList::Deny => ("BLOCK", "--deny-list"),
        PlanList::Alert => ("ALERT", "--alert-list"),
    };
    if let Some(several) = by_place.values().find(|lists| lists.len() > 1) {
        let names: Vec<&str> =
            several.iter().map(|list| list.name.as_deref().unwrap_or(list.id.as_str())).collect();
        let text = format!(
            "rules with action {action} take the names of several lists: {}; name the one to use with `{option}`",
            names.join(", ")
        );
        return Err(DnsPlanError::NoChoice(text));
    }
    if by_place.is_empty() && role == PlanList::Deny {
        let text = format!(
            "no rule with action {action} takes the names of a list of one's own; name the list to use with `{option}`"
        );
        return Err(DnsPlanError::NoChoice(text));
    }
    Ok(by_place.into_values().flatten().collect())
}
