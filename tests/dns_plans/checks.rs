//! What has to be true of any plan, whatever it is for.

use std::collections::BTreeSet;

use netproof::{
    Holds,
    dns_plan::{DnsPlan, DnsPlanRequest, DnsPlanState, PlanClaim, PlanList, PlanProof, PlanStep},
};

use crate::naive::{Documents, Entries, Fate, bare};

/// What a plan was made from.
pub(crate) struct Situation<'a> {
    pub(crate) documents: &'a Documents,
    pub(crate) request: &'a DnsPlanRequest,
    pub(crate) before: &'a DnsPlanState,
    /// Whether more is open than the naive matcher knows of.
    pub(crate) open: bool,
}

const TYPES: [&str; 4] = ["A", "AAAA", "TXT", "MX"];

/// What is wrong, and the documents after its requests. `ours` are the entries that plans asked for; if the requests
/// of this one are not `kept`, those that it removes stay among them.
pub(crate) fn of_any_plan(
    situation: &Situation,
    plan: &DnsPlan,
    ours: &mut Entries,
    kept: bool,
) -> (Vec<String>, Documents) {
    let mut wrong = again(situation, plan);
    let (found, after, added) = sent(situation, plan, ours);
    wrong.extend(found);
    if kept {
        *ours = added;
    } else {
        // What was asked for may yet be done.
        for request in plan.requests.iter().filter(|it| it.step == PlanStep::Missing) {
            ours.entry(request.list.clone()).or_default().extend(request.domains.iter().map(|it| bare(it)));
        }
    }
    wrong.extend(afterwards(situation, plan, &after));
    // That it is equal as well, `states_are_equal_to_what_is_read_of_them` tests.
    let text = plan.state.text().unwrap();
    let read = DnsPlanState::read("state.json", &text).map(|it| it.text().unwrap());
    if read.as_ref().ok() != Some(&text) {
        wrong.push(format!("the text of the state is not the state: {read:?}"));
    }
    wrong.extend(plan.proofs.iter().flat_map(|proof| agrees(situation, plan, proof, &after)));
    (wrong, after)
}

/// The same plan without its requests having been sent.
fn again(situation: &Situation, plan: &DnsPlan) -> Vec<String> {
    let mut wrong = Vec::new();
    let analysis = situation.documents.analysis();
    for (what, remembered) in [("the same", situation.before), ("a second", &plan.state)] {
        let second = analysis.plan_dns(situation.request, remembered).unwrap();
        if format!("{:?}", second.requests) != format!("{:?}", plan.requests) {
            wrong.push(format!("{what} plan asks for {:?}, not {:?}", second.requests, plan.requests));
        }
        let (first, second) = (plan.state.text().unwrap(), second.state.text().unwrap());
        if first != second {
            wrong.push(format!("{what} plan remembers {second}, not {first}"));
        }
    }
    wrong
}

/// Sends the requests one after the other, as far as the API takes them.
fn sent(situation: &Situation, plan: &DnsPlan, ours: &Entries) -> (Vec<String>, Documents, Entries) {
    let (mut after, mut ours, mut wrong) = (situation.documents.clone(), ours.clone(), Vec::new());
    let mut steps = Vec::new();
    for request in &plan.requests {
        let is_add = request.step == PlanStep::Missing;
        let place = after.place(&request.list);
        let used = after.count(&place);
        if let Err(refusal) = after.apply(&request.list, is_add, &request.domains) {
            wrong.push(format!("the API refuses {request:?}: {refusal}"));
        }
        if is_add && after.count(&place) > situation.request.quota.max(used) {
            wrong.push(format!("there is no room for {request:?}: {}", after.count(&place)));
        }
        steps.push((format!("{:?} {}", request.step, request.list), after.clone()));
        let own = ours.entry(request.list.clone()).or_default();
        let frees =
            situation.request.compact && matches!(request.step, PlanStep::Redundant | PlanStep::Covered);
        for domain in request.domains.iter().map(|it| bare(it)) {
            if is_add {
                wrong.extend(
                    situation
                        .request
                        .never
                        .iter()
                        .filter(|it| touches(&domain, it.as_str()))
                        .map(|never| format!("{domain} touches {never}, which is never to be listed")),
                );
                own.insert(domain);
            } else if !own.remove(&domain) && !frees {
                wrong.push(format!("{domain} is removed from {}, though no plan added it", request.list));
            }
        }
    }
    wrong.extend(unprotected(situation, plan, &steps));
    for list in &plan.lists {
        let numbers = |documents: &Documents| documents.entries_of(&list.id).len();
        let (before, then) = (numbers(situation.documents), numbers(&after));
        // What is refused changes nothing, but its lists tell what they would have had.
        if list.before != before || list.after != then && plan.over_quota.is_empty() {
            wrong.push(format!("{}: {} then {}, not {before} then {then}", list.id, list.before, list.after));
        }
    }
    (wrong, after, ours)
}

/// Names that are blocked, or alerted on, before the requests and after them, and not in between although there is room.
fn unprotected(situation: &Situation, plan: &DnsPlan, steps: &[(String, Documents)]) -> Vec<String> {
    let used: usize = situation.documents.entries().values().map(BTreeSet::len).sum();
    let added = plan.requests.iter().filter(|it| it.step == PlanStep::Missing);
    let added: usize = added.map(|it| it.domains.len()).sum();
    let Some((_, last)) = steps.last().filter(|_| used + added <= situation.request.quota) else {
        return Vec::new();
    };
    let mut wrong = Vec::new();
    for vpc in plan.groups.iter().flat_map(|it| &it.vpcs) {
        for name in plan.names.iter().take(20).map(|it| it.names.name.as_str()) {
            let is_open = |documents: &Documents| {
                let fates = documents.fates(vpc, name, "A");
                fates.contains(&Fate::Allow) || fates.contains(&Fate::Unmatched)
            };
            let both = !is_open(situation.documents) && !is_open(last);
            let open = steps.iter().filter(|(_, documents)| both && is_open(documents));
            wrong
                .extend(open.map(|(step, _)| format!("{vpc}: after {step}, {name} is answered for a while")));
        }
    }
    wrong
}

/// Whether an entry has a name at or below `never`, or the entry is one for names around it.
fn touches(entry: &str, never: &str) -> bool {
    let is_within = |name: &str, of: &str| name == of || name.ends_with(&format!(".{of}"));
    match entry.strip_prefix("*.") {
        Some(base) => is_within(never, base) && never != base || is_within(base, never),
        None => is_within(entry, never),
    }
}

/// The same plan after its requests were sent.
fn afterwards(situation: &Situation, plan: &DnsPlan, after: &Documents) -> Vec<String> {
    let mut wrong = Vec::new();
    let next = after.analysis().plan_dns(situation.request, &plan.state);
    let next = match next {
        Ok(next) => next,
        Err(error) => return vec![format!("after the requests, it is refused: {error}")],
    };
    if !next.requests.is_empty() {
        wrong.push(format!("after the requests, it asks for {:?}", next.requests));
    }
    let proved = |plan: &DnsPlan| {
        let mut proved = Vec::new();
        for proof in &plan.proofs {
            let vpcs = plan.groups.get(proof.group).unwrap().vpcs.iter().cloned();
            proved.extend(vpcs.map(|vpc| (vpc, format!("{:?}", proof.claim), proof.holds)));
        }
        proved
    };
    // What is compared with today holds afterwards, whether it did before or not, and need not be proved.
    let next = proved(&next);
    for (vpc, claim, holds) in proved(plan) {
        let same = next.iter().find(|it| (&it.0, &it.1) == (&vpc, &claim)).map(|it| it.2);
        let compares = !matches!(claim.as_str(), "Denied" | "Alerted");
        if same != Some(holds) && !(compares && matches!(same, Some(Holds::Yes) | None)) {
            wrong.push(format!("after the requests, {vpc} {claim} is {same:?}, not {holds:?}"));
        }
    }
    let third = after.analysis().plan_dns(situation.request, &plan.state).unwrap().state;
    let fourth = after.analysis().plan_dns(situation.request, &third).unwrap();
    if !fourth.requests.is_empty() || fourth.state.text().unwrap() != third.text().unwrap() {
        wrong.push(format!("the state does not settle: {:?}", fourth.requests));
    }
    wrong
}

/// Whether the naive matcher comes to the same.
fn agrees(situation: &Situation, plan: &DnsPlan, proof: &PlanProof, after: &Documents) -> Vec<String> {
    let group = plan.groups.get(proof.group).unwrap();
    let mut wrong = Vec::new();
    let mut tell = |vpc: &str, name: &str, query_type: &str, fates: &dyn std::fmt::Debug| {
        wrong.push(format!(
            "{vpc} {:?} is {:?}, but {name} {query_type}: {fates:?}",
            proof.claim, proof.holds
        ));
    };
    let role = match proof.claim {
        PlanClaim::Denied => Some(PlanList::Deny),
        PlanClaim::Alerted => Some(PlanList::Alert),
        _ => None,
    };
    if let Some(role) = role {
        let is_good = |fate: &Fate| match role {
            PlanList::Deny => *fate == Fate::Block,
            PlanList::Alert => matches!(fate, Fate::Block | Fate::Alert),
        };
        for vpc in &group.vpcs {
            for planned in plan.names.iter().filter(|it| it.role == role) {
                let name = planned.names.name.as_str();
                let below = [format!("fresh.{name}"), format!("a.fresh.{name}")];
                let below = below.iter().filter(|_| planned.names.with_below).map(String::as_str);
                for name in [name].into_iter().chain(below) {
                    for query_type in TYPES {
                        let fates = after.fates(vpc, name, query_type);
                        let none = !fates.iter().any(is_good);
                        let all = fates.iter().all(is_good);
                        if proof.holds == Holds::Yes && !all
                            || proof.holds == Holds::Unknown && none && !situation.open
                        {
                            tell(vpc, name, query_type, &fates);
                        }
                    }
                }
            }
        }
        if let Some(example) = &proof.example {
            let (name, query_type) =
                (&example.question.written, example.question.query.query_type.to_string());
            let fates = after.fates(&example.question.vpc, name, &query_type);
            if proof.holds == Holds::No && fates.iter().any(is_good)
                || proof.holds == Holds::Unknown && fates.iter().all(is_good) && !situation.open
            {
                tell(&example.question.vpc, name, &query_type, &fates);
            }
        } else if proof.holds != Holds::Yes {
            tell("", "no example", "", &"");
        }
        return wrong;
    }
    if proof.holds != Holds::Yes {
        return wrong;
    }
    let covers = |name: &str| {
        let is_within = |of: &str| name == of || name.ends_with(&format!(".{of}"));
        let listed = plan.names.iter().filter(|it| it.names.with_below || it.names.name.as_str() == name);
        let listed = listed.map(|it| it.names.name.as_str());
        let planned = plan.names.iter().map(|it| it.names.name.as_str());
        let gone = plan.expired.iter().map(|it| it.name.as_str());
        let left = plan.left.iter().map(|it| it.name.as_str());
        ({ listed }.any(is_within), planned.chain(gone).chain(left).any(is_within))
    };
    let all = situation.documents.entries().into_values().chain(after.entries().into_values()).flatten();
    let mut names = BTreeSet::from(["unlisted.test".to_owned()]);
    for entry in all.filter(|it| it != "*" && !it.is_empty()).take(400) {
        let name = entry.trim_start_matches("*.").to_owned();
        names.extend(name.split_once('.').map(|(_, parent)| parent.to_owned()));
        names.extend([format!("fresh.{name}"), name]);
    }
    for vpc in &group.vpcs {
        for name in &names {
            let (planned, known) = covers(name);
            for query_type in TYPES {
                let before = situation.documents.fates(vpc, name, query_type);
                let then = after.fates(vpc, name, query_type);
                let is_broken = match proof.claim {
                    PlanClaim::NothingOpened => {
                        planned && before == BTreeSet::from([Fate::Block]) && then != before
                    }
                    PlanClaim::NothingElse => !known && before != then,
                    PlanClaim::SameWithout => before != then,
                    _ => false,
                };
                if is_broken {
                    tell(vpc, name, query_type, &(before, then));
                }
            }
        }
    }
    wrong
}
