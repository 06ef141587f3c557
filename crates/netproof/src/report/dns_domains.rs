//! Contradictions between DNS Firewall and Network Firewall, for programs and for people.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    dns::{DnsAnswerEntry, answered_text, name_text},
    dns_check::{region_text, word},
    document::{LocationDocument, ReasonDocument},
    style::{Style, counted, wrapped},
    verify::reasons_text,
};
use crate::{
    DnsContradiction, DnsContradictionKind, DnsDomainComparison, DnsDomainRule, DnsDomains,
    DnsDomainsLeftOut, DnsOddTarget, Holds, Reason, dns::CHAIN_PASSES,
};

/// Contradictions of a kind that are printed; `json` has more.
const MOST: usize = 6;

/// Contradictions between DNS Firewall and the domain lists of Network Firewall.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DomainEntries {
    /// `holds` (no contradiction), `fails` or `unknown`.
    verdict: &'static str,
    /// VPC by VPC, firewall by firewall.
    compared: Vec<DomainEntry>,
    /// Firewalls that were not compared.
    left_out: Vec<LeftOutEntry>,
}

/// The rule groups of a VPC and the domain lists of a firewall.
#[derive(Debug, Serialize, JsonSchema)]
struct DomainEntry {
    vpc: String,
    /// Name of the firewall.
    firewall: String,
    /// Name of its policy.
    policy: String,
    /// What the firewall has to do with the VPC.
    by: String,
    /// What its lists look at: `TLS_SNI`, `HTTP_HOST`.
    protocols: Vec<String>,
    /// `holds`, `fails` or `unknown`.
    verdict: &'static str,
    /// The first contradictions, those that are certain first, and up to five for each combination of rules on both sides.
    contradictions: Vec<ContradictionEntry>,
    /// How many sets of names there are about which they contradict each other.
    count: usize,
    /// Entries of the firewall's lists that mean nothing there, or nothing documented.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    odd: Vec<OddEntry>,
    /// What the answer depends on or takes for granted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<ReasonDocument>,
}

/// Names that one side lets through and the other does not.
#[derive(Debug, Serialize, JsonSchema)]
struct ContradictionEntry {
    /// `resolved-but-dropped` or `blocked-but-passed`.
    kind: &'static str,
    /// `fails`, or `unknown` if it depends on something unknown.
    verdict: &'static str,
    /// The names, in words.
    names: String,
    /// How many such sets of names there are, this and further ones by the same rules that are not shown.
    regions: usize,
    /// What DNS Firewall does to an example.
    dns: DnsAnswerEntry,
    /// What the other firewall does to connections that ask for it.
    firewall: DecidedEntry,
    /// What makes the difference, if entries mean different things on both sides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<ReasonDocument>,
}

/// What decides about connections that ask for a name.
#[derive(Debug, Serialize, JsonSchema)]
struct DecidedEntry {
    /// `passes`, `drops` or `unknown`.
    verdict: &'static str,
    /// Name of the rule group; left out if it is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    /// The entry as it is written, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<String>,
    /// In words.
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<LocationDocument>,
}

/// An entry that takes no name for certain.
#[derive(Debug, Serialize, JsonSchema)]
struct OddEntry {
    /// Name of its rule group.
    group: String,
    /// The entry as it is written.
    entry: String,
    /// What is the matter.
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<LocationDocument>,
}

/// A firewall that was not compared.
#[derive(Debug, Serialize, JsonSchema)]
struct LeftOutEntry {
    /// `null` if it is not known which.
    vpc: Option<String>,
    /// Name of the firewall.
    firewall: String,
    /// `unknown` if there may be contradictions, `holds` if there is nothing to compare.
    verdict: &'static str,
    why: String,
}

/// Over all.
pub(crate) fn domains_hold(domains: &DnsDomains) -> Holds {
    let compared = domains.compared.iter().map(|it| it.holds);
    let all: Vec<Holds> = compared.chain(domains.left_out.iter().map(|it| it.holds)).collect();
    [Holds::No, Holds::Unknown].into_iter().find(|it| all.contains(it)).unwrap_or(Holds::Yes)
}

impl DomainEntries {
    pub(crate) fn new(domains: &DnsDomains) -> Self {
        let left_out = |it: &DnsDomainsLeftOut| LeftOutEntry {
            vpc: it.vpc.clone(),
            firewall: it.firewall.clone(),
            verdict: word(it.holds),
            why: it.why.clone(),
        };
        Self {
            verdict: word(domains_hold(domains)),
            compared: domains.compared.iter().map(DomainEntry::new).collect(),
            left_out: domains.left_out.iter().map(left_out).collect(),
        }
    }
}

impl DomainEntry {
    fn new(found: &DnsDomainComparison) -> Self {
        let odd = |it: &DnsOddTarget| OddEntry {
            group: it.group.clone(),
            entry: it.entry.clone(),
            text: it.text.clone(),
            location: it.location.clone().map(LocationDocument::from),
        };
        Self {
            vpc: found.vpc.clone(),
            firewall: found.firewall.clone(),
            policy: found.policy.clone(),
            by: found.by.clone(),
            protocols: found.protocols.clone(),
            verdict: word(found.holds),
            contradictions: found.contradictions.iter().map(ContradictionEntry::new).collect(),
            count: found.count,
            odd: found.odd.iter().map(odd).collect(),
            why: found.why.iter().map(ReasonDocument::from).collect(),
        }
    }
}

impl ContradictionEntry {
    fn new(found: &DnsContradiction) -> Self {
        let DnsDomainRule { passes, group, entry, text, location } = &found.decided;
        Self {
            kind: match found.kind {
                DnsContradictionKind::ResolvedButDropped => "resolved-but-dropped",
                DnsContradictionKind::BlockedButPassed => "blocked-but-passed",
            },
            verdict: word(found.holds),
            names: region_text(&found.region),
            regions: found.regions,
            dns: DnsAnswerEntry::new(&found.answer),
            firewall: DecidedEntry {
                verdict: match passes {
                    Some(true) => "passes",
                    Some(false) => "drops",
                    None => "unknown",
                },
                group: group.clone(),
                entry: entry.clone(),
                text: text.clone(),
                location: location.clone().map(LocationDocument::from),
            },
            reasons: found.reasons.iter().map(ReasonDocument::from).collect(),
        }
    }
}

/// Contradictions, a block for each VPC and firewall.
pub(crate) fn domains_texts(domains: &DnsDomains, style: Style) -> Vec<String> {
    let mut blocks: Vec<String> = domains.compared.iter().map(|it| compared_text(it, style)).collect();
    for it in &domains.left_out {
        let vpc = it.vpc.as_ref().map(|vpc| format!("{} and ", style.bold(vpc))).unwrap_or_default();
        let said = match it.holds {
            Holds::Unknown => style.doubtful("whether they contradict each other is unknown"),
            Holds::Yes | Holds::No => "there is nothing to compare".to_owned(),
        };
        let lead = format!("{vpc}firewall {}: {said}", style.bold(&it.firewall));
        blocks.push(format!("{lead}\n{}", wrapped(&it.why, 2, 4)));
    }
    if blocks.is_empty() {
        blocks.push("no firewall with domain lists is known to inspect a VPC\n".to_owned());
    }
    blocks
}

fn compared_text(found: &DnsDomainComparison, style: Style) -> String {
    let said = match found.holds {
        Holds::Yes => style.good("no name is let through by one and not by the other"),
        Holds::No => style.bad("they contradict each other"),
        Holds::Unknown => style.doubtful("whether they contradict each other is unknown"),
    };
    let lists = format!("the domain lists of firewall {}", style.bold(&found.firewall));
    let mut text =
        format!("{} and {lists} ({}): {said}\n", style.bold(&found.vpc), found.protocols.join(", "));
    let by = format!("the firewall, by policy {}, {}", found.policy, found.by);
    text.push_str(&wrapped(&by, 2, 4));
    let mut left = found.count;
    for kind in [DnsContradictionKind::ResolvedButDropped, DnsContradictionKind::BlockedButPassed] {
        for it in found.contradictions.iter().filter(|it| it.kind == kind).take(MOST) {
            text.push_str(&contradiction_text(it, style));
            left = left.saturating_sub(it.regions);
        }
    }
    if left > 0 {
        let _ = writeln!(text, "  and {}; `json` shows more of them", counted(left, "more contradiction"));
    }
    for odd in &found.odd {
        let said = format!("entry {} of group {}: {}", odd.entry, odd.group, odd.text);
        text.push_str(&reasons_text(&[Reason { text: said, location: odd.location.clone() }], 2, style));
    }
    if !found.why.is_empty() {
        text.push_str("  Note:\n");
        text.push_str(&reasons_text(&found.why, 4, style));
    }
    text
}

fn contradiction_text(found: &DnsContradiction, style: Style) -> String {
    let query = &found.answer.question.query;
    let name = style.bold(&format!("{} {}", query.name, query.query_type));
    let said = contradiction_words(found);
    let mut text = format!("  {name} {said}\n");
    let _ = writeln!(text, "    of {}", names_text(found));
    let _ = writeln!(text, "    DNS Firewall: {}", answered_text(&found.answer, style));
    for name in &found.answer.names {
        text.push_str(&name_text(name, style));
    }
    let doubts: Vec<Reason> =
        found.answer.why.iter().filter(|why| why.text != CHAIN_PASSES).cloned().collect();
    if found.holds != Holds::No {
        text.push_str(&reasons_text(&doubts, 4, style));
    }
    let decided = &found.decided;
    let verdict = match decided.passes {
        Some(true) => style.bad("passes"),
        Some(false) => style.good("dropped"),
        None => style.doubtful("unknown"),
    };
    let _ = writeln!(text, "    Network Firewall: {verdict}");
    let entry = decided.entry.as_ref().map(|entry| format!(", entry {entry}")).unwrap_or_default();
    let by = Reason { text: format!("{}{entry}", decided.text), location: decided.location.clone() };
    text.push_str(&reasons_text(&[by], 4, style));
    if !found.reasons.is_empty() {
        text.push_str("    What makes the difference:\n");
        text.push_str(&reasons_text(&found.reasons, 4, style));
    }
    text
}

/// What is contradictory, in words that follow a query.
pub(crate) fn contradiction_words(found: &DnsContradiction) -> &'static str {
    match (found.kind, found.holds) {
        (DnsContradictionKind::ResolvedButDropped, Holds::No) => {
            "resolves, but connections that ask for it are dropped"
        }
        (DnsContradictionKind::ResolvedButDropped, _) => {
            "may resolve, while connections that ask for it may be dropped"
        }
        (DnsContradictionKind::BlockedButPassed, Holds::No) => {
            "is blocked, but connections that ask for it pass, if an address is learnt otherwise"
        }
        (DnsContradictionKind::BlockedButPassed, _) => {
            "may be blocked, while connections that ask for it may pass, if an address is learnt otherwise"
        }
    }
}

fn names_text(found: &DnsContradiction) -> String {
    let names = region_text(&found.region);
    match found.regions.saturating_sub(1) {
        0 => names,
        more => format!("{names}, and {} by the same rules", counted(more, "more set") + " of names"),
    }
}
