//! Answers about all names, for people.

use std::fmt::Write;

use dns::DomainName;

use super::{
    certification::certification_text,
    dns::{action_word, answered_text, list_text, name_text, possible_text, rule_text},
    dns_check::{DnsChecked, region_text, types_text},
    dns_domains::domains_texts,
    style::{Style, counted, listed, wrapped},
    verify::reasons_text,
};
use crate::{
    Certification, DnsAnswer, DnsClaim, DnsClaimResult, DnsComparison, DnsDifference, DnsEntryFault, DnsIdle,
    DnsIdleEntry, DnsIdleRule, DnsMissing, DnsSide, Holds, Location, Reason, dns::CHAIN_PASSES,
};

/// Entries of one list and one fault that are printed; `json` has all.
const MOST: usize = 20;

/// Differences that are printed, those that are certain; `json` has more.
const MOST_CERTAIN: usize = 5;

/// Differences that are printed, those that are not.
const MOST_UNCERTAIN: usize = 2;

/// What was checked, for people.
pub fn dns_checks_text(checked: &DnsChecked, style: Style) -> String {
    let mut blocks: Vec<String> = Vec::new();
    blocks.extend(checked.claims.iter().map(|it| claim_text(it, style)));
    blocks.extend(checked.comparisons.iter().map(|it| comparison_text(it, style)));
    blocks.extend(checked.idle.iter().flat_map(|it| idle_texts(it, style)));
    blocks.extend(checked.domains.iter().flat_map(|it| domains_texts(it, style)));
    let mut text = blocks.join("\n");
    if checked.claims.len() > 1 {
        let count = |holds| checked.claims.iter().filter(|it| it.holds == holds).count();
        let parts = [(Holds::Yes, "hold"), (Holds::No, "fail"), (Holds::Unknown, "unknown")];
        let parts = parts.iter().map(|(holds, said)| (count(*holds), *said)).filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts
            .map(|(count, said)| match (count, said) {
                (1, "hold") => "1 holds".to_owned(),
                (1, "fail") => "1 fails".to_owned(),
                _ => format!("{count} {said}"),
            })
            .collect();
        let _ = writeln!(text, "\n{}: {}", counted(checked.claims.len(), "answer"), parts.join(", "));
    }
    // What is unknown is no verdict.
    let is_verdict = |holds: Holds| holds != Holds::Unknown;
    let asked = checked.claims.iter().any(|it| is_verdict(it.holds))
        || checked.comparisons.iter().any(|it| is_verdict(it.holds))
        || checked.idle.is_some()
        || checked.domains.iter().flat_map(|it| &it.compared).any(|it| is_verdict(it.holds));
    let says = |it: &&Certification| !matches!(it, Certification::Done(done) if done.verdicts == 0);
    if let Some(certification) = checked.certification.as_ref().filter(|_| asked).filter(says) {
        let _ = write!(text, "\n{}", certification_text(certification, style));
    }
    text
}

fn claim_text(result: &DnsClaimResult, style: Style) -> String {
    let asked = match &result.claim {
        DnsClaim::OnlyAllow(names) => format!("nothing outside {} resolves", names_text(names)),
        DnsClaim::Deny(names) => format!("everything at and below {} is blocked", names_text(names)),
    };
    let said = match result.holds {
        Holds::Yes => style.good("holds"),
        Holds::No => style.bad("does not hold"),
        Holds::Unknown => style.doubtful("unknown"),
    };
    let mut text = format!("{}: {asked}: {said}\n", style.bold(&result.vpc));
    if let Some(example) = &result.example {
        text.push_str(&example_text(example, 2, style));
    }
    if !result.why.is_empty() {
        text.push_str("  Note:\n");
        text.push_str(&reasons_text(&result.why, 4, style));
    }
    text
}

fn names_text(names: &[DomainName]) -> String {
    if names.is_empty() {
        return "no name".to_owned();
    }
    listed(&names.iter().map(DomainName::to_string).collect::<Vec<_>>())
}

/// A query, what becomes of it, by which rules and on what it depends.
fn example_text(answer: &DnsAnswer, indent: usize, style: Style) -> String {
    let query = format!("{} {}", answer.question.query.name, answer.question.query.query_type);
    let mut text =
        format!("{}{}: {}\n", " ".repeat(indent), style.bold(&query), answered_text(answer, style));
    for name in &answer.names {
        text.push_str(&name_text(name, style));
    }
    text.push_str(&reasons_text(&doubts(answer), 4, style));
    text
}

/// What an answer depends on, other than redirections: whatever they are, it shows what it is to show.
pub(super) fn doubts(answer: &DnsAnswer) -> Vec<Reason> {
    answer.why.iter().filter(|why| why.text != CHAIN_PASSES).cloned().collect()
}

fn comparison_text(comparison: &DnsComparison, style: Style) -> String {
    let (first, second) = (comparison.first.name(), comparison.second.name());
    let of = match comparison.first {
        DnsSide::Vpc(_) => "queries from",
        DnsSide::Group(_) => "rule groups",
    };
    let names = if first == second {
        format!("{of} {}, in both snapshots", style.bold(first))
    } else {
        format!("{of} {} and {}", style.bold(first), style.bold(second))
    };
    let said = match comparison.holds {
        Holds::Yes => style.good("the same becomes of every query"),
        Holds::No => style.bad("not the same becomes of every query"),
        Holds::Unknown => style.doubtful("whether the same becomes of every query is unknown"),
    };
    let mut text = format!("{names}: {said}\n");
    let mut more = comparison.certain + comparison.uncertain;
    for (same, most) in [(Holds::No, MOST_CERTAIN), (Holds::Unknown, MOST_UNCERTAIN)] {
        for difference in comparison.differences.iter().filter(|it| it.same == same).take(most) {
            text.push_str(&difference_text(difference, style));
            more = more.saturating_sub(1);
        }
    }
    if more > 0 {
        let _ = writeln!(text, "  and {}; `json` shows more of them", counted(more, "more difference"));
    }
    if !comparison.why.is_empty() {
        text.push_str("  Note:\n");
        text.push_str(&reasons_text(&comparison.why, 4, style));
    }
    text
}

fn difference_text(difference: &DnsDifference, style: Style) -> String {
    let may = if difference.same == Holds::Unknown { ", perhaps" } else { "" };
    let mut text = format!("  {}, {}{may}\n", region_text(&difference.region), types_text(difference.types));
    for (lead, answer) in [("-", &difference.first), ("+", &difference.second)] {
        let query = &answer.question.query;
        let query = style.bold(&format!("{} {}", query.name, query.query_type));
        let from = &answer.question.vpc;
        let _ = writeln!(text, "  {lead} {from}: {query}: {}", answered_text(answer, style));
        for name in &answer.names {
            text.push_str(&name_text(name, style));
        }
        if difference.same == Holds::Unknown {
            text.push_str(&reasons_text(&doubts(answer), 4, style));
        }
    }
    text
}

fn idle_texts(idle: &DnsIdle, style: Style) -> Vec<String> {
    let mut blocks = Vec::new();
    for unseen in &idle.unseen {
        let lead = format!("{}: {}", style.bold(&unseen.vpc), style.bad("its rules do nothing"));
        blocks.push(format!("{lead}\n{}", wrapped(&unseen.why, 2, 4)));
    }
    blocks.extend(idle.dead.iter().map(|it| dead_text(it, style)));
    blocks.extend(idle.doubtful.iter().map(|it| doubtful_text(it, style)));
    for entries in idle.entries.chunk_by(|one, other| one.list == other.list) {
        blocks.push(list_block(entries, style));
    }
    if blocks.is_empty() {
        blocks
            .push(format!("{}\n", style.good("every rule decides some query, and no entry is idle or half")));
    } else {
        let mut counts = vec![
            counted(idle.dead.len(), "rule") + " never decide" + if idle.dead.len() == 1 { "s" } else { "" },
            format!("{} idle or half", counted_entries(idle.entries.len())),
        ];
        if !idle.doubtful.is_empty() {
            counts.push(format!("{} may never decide", counted(idle.doubtful.len(), "rule")));
        }
        blocks.push(format!("{}\n", counts.join(", ")));
    }
    blocks
}

fn counted_entries(count: usize) -> String {
    if count == 1 { "1 entry is".to_owned() } else { format!("{count} entries are") }
}

fn place_text(location: Option<&Location>, style: Style) -> String {
    location.map(|it| format!("  {}", style.dim(&format!("{}:{}", it.file, it.line)))).unwrap_or_default()
}

fn head_text(found: &DnsIdleRule, said: &str, style: Style) -> String {
    let rule = &found.rule;
    let what = format!("{}, {} {}", rule_text(rule), action_word(&rule.action), list_text(rule));
    let place = place_text(rule.location.as_ref(), style);
    format!("{}: {what}: {said}{place}\n", style.bold(&found.vpc))
}

/// The rules that take what it would take, those that were not exported once.
fn taken_by_texts(found: &DnsIdleRule) -> Vec<String> {
    let mut rules: Vec<String> = found.taken_by.iter().map(rule_text).collect();
    rules.dedup();
    rules
}

fn dead_text(found: &DnsIdleRule, style: Style) -> String {
    let mut text = head_text(found, &style.bad("never decides"), style);
    if found.taken_by.is_empty() {
        text.push_str("  no name and type is left for it\n");
    } else {
        let rules = taken_by_texts(found);
        text.push_str(&wrapped(&format!("what it would take goes to {}", listed(&rules)), 2, 4));
    }
    if let Some(example) = &found.example {
        text.push_str(&example_text(example, 2, style));
    }
    text
}

fn doubtful_text(found: &DnsIdleRule, style: Style) -> String {
    let mut text = head_text(found, &style.doubtful("may never decide"), style);
    let rules = taken_by_texts(found);
    text.push_str(&wrapped(&format!("all it would take may go to {}", listed(&rules)), 2, 4));
    if let Some(example) = &found.example {
        let query = &example.question.query;
        let query = style.bold(&format!("{} {}", query.name, query.query_type));
        let _ = writeln!(text, "  {query}: {}", answered_text(example, style));
        text.push_str(&reasons_text(&doubts(example), 4, style));
    }
    text
}

fn list_block(entries: &[DnsIdleEntry], style: Style) -> String {
    let mut text = String::new();
    let Some(first) = entries.first() else { return text };
    let name = if first.list == first.list_name { String::new() } else { format!(" ({})", first.list_name) };
    let _ = writeln!(text, "list {}{name}", style.bold(&first.list));
    for entry in entries.iter().take(MOST) {
        let place = place_text(entry.location.as_ref(), style);
        let said = fault_text(&entry.fault, style);
        let _ = writeln!(text, "  {}{place}\n    {said}", style.bold(&entry.entry));
    }
    if entries.len() > MOST {
        let _ = writeln!(text, "  and {} more; `json` has all", entries.len() - MOST);
    }
    text
}

pub(crate) fn fault_text(fault: &DnsEntryFault, style: Style) -> String {
    match fault {
        DnsEntryFault::Repeats(by, location) => {
            format!("does nothing: {by} says the same{}", place_text(location.as_ref(), style))
        }
        DnsEntryFault::Covered(by, location) => {
            format!("does nothing: {by} takes its names{}", place_text(location.as_ref(), style))
        }
        DnsEntryFault::NoName => "does nothing: no name is so long".to_owned(),
        DnsEntryFault::LacksBelow(missing) => {
            format!("without {}, names below are not taken{}", missing.entry, missing_text(missing))
        }
        DnsEntryFault::LacksItself(missing) => {
            format!("without {}, the name itself is not taken{}", missing.entry, missing_text(missing))
        }
    }
}

fn missing_text(missing: &DnsMissing) -> String {
    match (&missing.name, &missing.answered) {
        (Some(name), Some((vpc, verdict))) => {
            format!(": {name} A from {vpc} is {}", possible_text(*verdict))
        }
        (Some(name), None) => format!(", such as {name}"),
        (None, _) => String::new(),
    }
}
