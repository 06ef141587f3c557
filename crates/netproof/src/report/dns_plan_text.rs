//! Plans of domain lists, for people.

use std::fmt::Write;

use aws::Filtered;

use super::{
    dns::{answered_text, list_text, name_text, rule_text},
    dns_check_text::doubts,
    dns_plan::operation,
    style::{Style, counted, listed, wrapped},
    verify::reasons_text,
};
use crate::{
    DnsAnswer, Holds, Reason,
    dns_plan::{
        DnsPlan, LeftWhy, OverQuota, PlanClaim, PlanList, PlanProof, PlanStep, PlannedName, PlannedRequest,
        SkippedFinding,
    },
};

/// So many names, findings or entries of one kind are printed; `json` has all.
const MOST: usize = 20;

/// A plan, for people.
pub fn dns_plan_text(plan: &DnsPlan, skipped: &[SkippedFinding], style: Style) -> String {
    let mut blocks: Vec<String> = Vec::new();
    for role in [PlanList::Deny, PlanList::Alert] {
        let names: Vec<&PlannedName> = plan.names.iter().filter(|name| name.role == role).collect();
        blocks.extend(names.iter().take(MOST).map(|name| planned_text(plan, name, style)));
        blocks.extend(more(names.len()));
    }
    blocks.extend(left_text(plan, style));
    blocks.extend(expired_text(plan));
    blocks.extend(skipped_text(skipped));
    blocks.extend(plan.over_quota.iter().map(|over| over_text(over, style)));
    blocks.extend(requests_text(plan));
    blocks.extend(proofs_text(plan, style));
    if !plan.notes.is_empty() {
        blocks.push(format!("Note:\n{}", reasons_text(&plan.notes, 2, style)));
    }
    blocks.push(last_line(plan, style));
    blocks.join("\n")
}

/// That there are more than are printed.
fn more(count: usize) -> Option<String> {
    let more = count.checked_sub(MOST).filter(|more| *more > 0)?;
    Some(format!("and {more} more; `json` has all of them\n"))
}

fn planned_text(plan: &DnsPlan, name: &PlannedName, style: Style) -> String {
    let below = if name.names.with_below { " and all below it" } else { "" };
    let role = match name.role {
        PlanList::Deny => "to be denied",
        PlanList::Alert => "to be alerted on",
    };
    let title = style.bold(&name.names.name.to_string());
    let mut text = format!("{title}{below}: {role}\n");
    let until = name.expires.map(|expires| format!(", stays until {expires}")).unwrap_or_default();
    let seen = format!("last seen {}{until}, by {}", name.last_seen, listed(&name.findings));
    text.push_str(&wrapped(&seen, 2, 4));
    for (group, (today, after)) in plan.groups.iter().zip(&name.answers) {
        let vpcs = listed(&group.vpcs);
        let (today_said, after_said) = (answered_text(today, style), answered_text(after, style));
        if today_said == after_said && today.rule == after.rule {
            text.push_str(&wrapped(&format!("{vpcs}: {today_said}, today and after it{}", by(today)), 2, 4));
        } else {
            text.push_str(&wrapped(&format!("{vpcs}: today {today_said}{}", by(today)), 2, 4));
            text.push_str(&wrapped(&format!("after it {after_said}{}", by(after)), 4, 6));
        }
    }
    text
}

/// The rule that decides.
fn by(answer: &DnsAnswer) -> String {
    let rule = answer.rule.as_ref();
    rule.map_or_else(String::new, |rule| format!("; {}, {}", rule_text(rule), list_text(rule)))
}

fn left_text(plan: &DnsPlan, style: Style) -> Option<String> {
    if plan.left.is_empty() {
        return None;
    }
    let mut text = "Not listed:\n".to_owned();
    for left in plan.left.iter().take(MOST) {
        let why = match &left.why {
            LeftWhy::Never(never) if *never == left.name => "it is never to be listed".to_owned(),
            LeftWhy::Never(never) => format!("{never} and all below it are never to be listed"),
            LeftWhy::NoEntry => style.bad("no entry of a domain list can be written so"),
            LeftWhy::NoList => {
                style.bad("there is no list for names to be alerted on; `--alert-list` names one")
            }
            LeftWhy::Old(last_seen) => format!("it was last seen {last_seen}, too long ago"),
            LeftWhy::Opens(vpc) => {
                format!(
                    "it, or a name below it, is blocked in {vpc} today; on a list of alerts it would be answered there"
                )
            }
            LeftWhy::MayOpen(vpc) => format!(
                "it, or a name below it, may be blocked in {vpc} today, and on a list of alerts it would be answered there; a rule for alerts that \
                 stands behind those that block opens nothing"
            ),
        };
        text.push_str(&wrapped(&format!("{}: {why}", left.name), 2, 4));
        text.push_str(&wrapped(&format!("by {}", listed(&left.findings)), 4, 6));
    }
    text.extend(more(plan.left.len()).map(|more| format!("  {more}")));
    Some(text)
}

fn expired_text(plan: &DnsPlan) -> Option<String> {
    if plan.expired.is_empty() {
        return None;
    }
    let mut text = "No longer listed:\n".to_owned();
    for expired in plan.expired.iter().take(MOST) {
        let seen = expired.last_seen.map(|time| format!(", last seen {time}")).unwrap_or_default();
        let _ = writeln!(text, "  {}{seen}", expired.name);
    }
    text.extend(more(plan.expired.len()).map(|more| format!("  {more}")));
    Some(text)
}

fn skipped_text(skipped: &[SkippedFinding]) -> Option<String> {
    if skipped.is_empty() {
        return None;
    }
    let mut text = "Findings that ask for nothing:\n".to_owned();
    for skipped in skipped.iter().take(MOST) {
        let lead = if skipped.id.is_empty() { String::new() } else { format!("{}: ", skipped.id) };
        text.push_str(&wrapped(&format!("{lead}{} ({})", skipped.why, skipped.place), 2, 4));
    }
    text.extend(more(skipped.len()).map(|more| format!("  {more}")));
    Some(text)
}

fn over_text(over: &OverQuota, style: Style) -> String {
    let place = match (over.place.account.as_str(), over.place.region.as_str()) {
        ("", "") => "Its account".to_owned(),
        ("", region) => format!("Region {region}"),
        (account, "") => format!("Account {account}"),
        (account, region) => format!("Account {account} in {region}"),
    };
    let no_room = style.bad("no room");
    let mut text = wrapped(
        &format!(
            "{place}: {no_room}: its lists have {} entries of at most {}, and would have {}",
            over.used, over.quota, over.needed
        ),
        0,
        2,
    );
    let spare = over.spare();
    if spare == 0 {
        text.push_str("  no entry could be spared\n");
        return text;
    }
    let enough = if over.is_enough() {
        "; `--compact` removes them, and then there is room"
    } else {
        ", which does not make enough room"
    };
    let said = format!("{} could be removed without any effect{enough}:", counted_entries(spare));
    text.push_str(&wrapped(&said, 2, 4));
    for list in &over.redundant {
        for (entry, by) in list.entries.iter().take(MOST) {
            let by = if by.is_empty() { "no name is so long".to_owned() } else { format!("{by} has it") };
            let _ = writeln!(text, "    {entry} of {} ({}): {by}", list.list_name, list.list);
        }
        text.extend(more(list.entries.len()).map(|more| format!("    {more}")));
    }
    text
}

fn counted_entries(count: usize) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}

fn requests_text(plan: &DnsPlan) -> Option<String> {
    if plan.requests.is_empty() {
        return None;
    }
    let mut text = "Requests, in this order:\n".to_owned();
    for request in &plan.requests {
        text.push_str(&request_text(request));
    }
    Some(text)
}

fn request_text(request: &PlannedRequest) -> String {
    let why = match request.step {
        PlanStep::Expired => "nobody asks for them any longer",
        PlanStep::Redundant => "to make room: others have their names",
        PlanStep::Missing => "missing",
        PlanStep::Covered => "others have their names now",
    };
    let place = [request.place.account.as_str(), request.place.region.as_str()];
    let place: Vec<&str> = place.into_iter().filter(|part| !part.is_empty()).collect();
    let place = if place.is_empty() { String::new() } else { format!(" in {}", place.join(" ")) };
    let (list, count) = (&request.list, counted_entries(request.domains.len()));
    let name =
        if request.list_name == *list { list.clone() } else { format!("{} ({list})", request.list_name) };
    let mut text = wrapped(&format!("{} {count}, {name}{place}: {why}", operation(request.step)), 2, 4);
    let shown: Vec<String> = request.domains.iter().take(MOST).cloned().collect();
    let rest = request.domains.len().saturating_sub(shown.len());
    let rest = if rest > 0 { format!(", and {rest} more") } else { String::new() };
    text.push_str(&wrapped(&format!("{}{rest}", shown.join(", ")), 4, 4));
    text
}

fn proofs_text(plan: &DnsPlan, style: Style) -> Option<String> {
    if plan.proofs.is_empty() {
        return None;
    }
    let mut text = if plan.over_quota.is_empty() {
        "Proved of the model after it:\n".to_owned()
    } else {
        "Proved of the model without these entries:\n".to_owned()
    };
    for proof in &plan.proofs {
        text.push_str(&proof_text(plan, proof, style));
    }
    Some(text)
}

fn proof_text(plan: &DnsPlan, proof: &PlanProof, style: Style) -> String {
    let claim = match proof.claim {
        PlanClaim::Denied => "all names to be denied are blocked, whatever the type",
        PlanClaim::Alerted => "all names to be alerted on are, or are blocked, whatever the type",
        PlanClaim::NothingOpened => "no name that is added is blocked today and answered after it",
        PlanClaim::NothingElse => "nothing changes for other names",
        PlanClaim::NoRuleShadowed => "no rule that decides today is shadowed by others",
        PlanClaim::SameWithout => "the same becomes of all names",
    };
    let said = match proof.holds {
        Holds::Yes => style.good("holds"),
        Holds::No => style.bad("does not hold"),
        Holds::Unknown => style.doubtful("unknown"),
    };
    let group = plan.groups.get(proof.group);
    let vpcs = group.map(|group| listed(&group.vpcs)).unwrap_or_default();
    let mut text = wrapped(&format!("{vpcs}: {claim}: {said}"), 2, 4);
    if let Some(example) = &proof.example {
        let query = format!("{} {}", example.question.query.name, example.question.query.query_type);
        text.push_str(&wrapped(&format!("{query}: {}", answered_text(example, style)), 4, 6));
        for name in &example.names {
            text.push_str(&name_text(name, style));
        }
        text.push_str(&reasons_text(&doubts(example), 4, style));
    }
    for rule in &proof.shadowed {
        let said = format!("nothing is left for {}, {}", rule_text(rule), list_text(rule));
        text.push_str(&reasons_text(&[Reason { text: said, location: rule.location.clone() }], 4, style));
    }
    text.push_str(&reasons_text(&proof.why, 4, style));
    text
}

fn last_line(plan: &DnsPlan, style: Style) -> String {
    let count = |add: bool| -> usize {
        let requests = plan.requests.iter().filter(|request| (request.step == PlanStep::Missing) == add);
        requests.map(|request| request.domains.len()).sum()
    };
    let changes = match (count(true), count(false)) {
        (0, 0) => "nothing is to be sent".to_owned(),
        (add, 0) => format!("{} to add", counted_entries(add)),
        (0, remove) => format!("{} to remove", counted_entries(remove)),
        (add, remove) => format!("{} to add, {remove} to remove", counted_entries(add)),
    };
    let unseen = plan.groups.iter().any(|group| matches!(group.filtered, Filtered::No(_)));
    let said = match plan.holds() {
        Holds::Yes => style.good("every name is taken care of in every VPC, and nothing else changes"),
        Holds::No if !plan.over_quota.is_empty() => style.bad("refused, as there is no room"),
        Holds::No if unseen => {
            style.bad("what is wanted does not hold in every VPC: DNS Firewall does not see all")
        }
        Holds::No => style.bad("what is wanted does not hold"),
        Holds::Unknown => style.doubtful("whether what is wanted holds is unknown"),
    };
    format!("{}: {changes}; {said}\n", counted(plan.names.len(), "name"))
}
