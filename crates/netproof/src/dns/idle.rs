//! Rules that never decide, and entries of domain lists that do nothing, or half of what is usually meant.

use std::collections::{BTreeMap, BTreeSet};

use aws::{DnsNetwork, Filtered, Location};
use dns::{
    DomainName, EntryId, Firewall, ListId, Missing, NameSet, Names, Query, QueryType, Redundancy, RuleId,
    RuleUse, Verdict, Wins,
};

use super::{DnsAnswer, DnsQuestion, DnsQuestionError, DnsRule, Seen};
use crate::Analysis;

/// A name of the other half of an entry is looked for so often.
const TRIES: usize = 16;

/// What does nothing.
#[derive(Debug, Clone, Default)]
pub struct DnsIdle {
    /// VPCs whose rules do nothing, as DNS Firewall does not see their queries.
    pub unseen: Vec<DnsUnseen>,
    /// Rules that never decide, VPC by VPC.
    pub dead: Vec<DnsIdleRule>,
    /// Rules of which it is not known whether they ever decide.
    pub doubtful: Vec<DnsIdleRule>,
    /// Entries, list by list.
    pub entries: Vec<DnsIdleEntry>,
}

/// A VPC with rules that are not asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsUnseen {
    /// The VPC, as it was named.
    pub vpc: String,
    /// Why DNS Firewall does not see its queries.
    pub why: String,
}

/// A rule that does not decide.
#[derive(Debug, Clone)]
pub struct DnsIdleRule {
    /// The VPC, as it was named.
    pub vpc: String,
    /// The rule.
    pub rule: DnsRule,
    /// The rules that take what it would take. None if it would take nothing.
    pub taken_by: Vec<DnsRule>,
    /// A query that it would take, and what becomes of it; `None` if its names are not known.
    pub example: Option<DnsAnswer>,
}

/// An entry that does nothing, or half.
#[derive(Debug, Clone)]
pub struct DnsIdleEntry {
    /// Id of its list.
    pub list: String,
    /// Name of its list.
    pub list_name: String,
    /// The entry as it is written.
    pub entry: String,
    /// Where it is written.
    pub location: Option<Location>,
    /// What is the matter.
    pub fault: DnsEntryFault,
}

/// What is the matter with an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DnsEntryFault {
    /// An earlier entry says the same.
    Repeats(String, Option<Location>),
    /// A wildcard takes all its names.
    Covered(String, Option<Location>),
    /// No domain name is so long.
    NoName,
    /// It names a domain, but not what is below it.
    LacksBelow(DnsMissing),
    /// It names what is below a domain, but not the domain.
    LacksItself(DnsMissing),
}

/// What an entry leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsMissing {
    /// The entry that would add it.
    pub entry: String,
    /// One of the names; `None` if the list has all that were tried.
    pub name: Option<DomainName>,
    /// What becomes of a query for that name with type A in a VPC that uses the list.
    pub answered: Option<(String, Verdict)>,
}

/// What is known of one list.
struct Listed<'a, 'f> {
    id: ListId,
    known: &'a aws::KnownList,
    /// A VPC that uses it.
    used: Option<&'f (String, &'a DnsNetwork, Firewall<'a>)>,
}

impl Analysis {
    /// Returns what does nothing in VPCs, or in all of the snapshot if none is named; then also in lists that no VPC
    /// uses.
    ///
    /// Exact. Cost: linear in the names of lists, for every VPC.
    pub fn idle_dns(&self, vpcs: &[String]) -> Result<DnsIdle, DnsQuestionError> {
        let all = self.dns();
        let networks = self
            .dns_networks(vpcs)?
            .into_iter()
            .map(|(vpc, network)| (vpc, network, Firewall::new(all.lists(), network.stack.clone())));
        let networks: Vec<_> = networks.collect();
        let mut idle = DnsIdle::default();
        let mut uses: Vec<(usize, Vec<RuleUse>)> = Vec::new();
        for (place, (vpc, network, firewall)) in networks.iter().enumerate() {
            if let Filtered::No(why) = &network.filtered {
                if !network.stack.groups.is_empty() {
                    idle.unseen.push(DnsUnseen { vpc: vpc.clone(), why: why.clone() });
                }
                continue;
            }
            let is_same = |(known, _): &&(usize, _)| {
                networks.get(*known).is_some_and(|(_, known, _)| known.stack == network.stack)
            };
            let found = match uses.iter().find(is_same) {
                Some((_, found)) => found.clone(),
                None => firewall.rule_uses(),
            };
            for found in &found {
                self.idle_rule(vpc, network, firewall, found, &mut idle);
            }
            uses.push((place, found));
        }
        let mut users: BTreeMap<ListId, usize> = BTreeMap::new();
        for (place, (_, network, _)) in networks.iter().enumerate() {
            for rule in network.stack.groups.iter().flat_map(|association| &association.group.rules) {
                if let Names::List(list) = rule.names {
                    users.entry(list).or_insert(place);
                }
            }
        }
        let mut seen = BTreeSet::new();
        for id in all.lists().lists() {
            let used = users.get(&id).and_then(|place| networks.get(*place));
            let Some(known) = all.list(id).filter(|_| used.is_some() || vpcs.is_empty()) else { continue };
            // A list that several accounts name is one list.
            if !known.stands_for_rules && seen.insert((&known.id, known.origins.first())) {
                self.idle_entries(&Listed { id, known, used }, &mut idle.entries);
            }
        }
        Ok(idle)
    }

    fn idle_rule(
        &self,
        vpc: &str,
        network: &DnsNetwork,
        firewall: &Firewall<'_>,
        found: &RuleUse,
        idle: &mut DnsIdle,
    ) {
        let rule = self.dns_rule(self.dns(), firewall, found.rule, None);
        // What stands for missing rules is none.
        if rule.location.is_none() {
            return;
        }
        let answer =
            |query| self.dns_answer(self.dns(), &DnsQuestion::of(vpc, query), Seen::by(network), firewall);
        match &found.wins {
            Wins::Surely(_) => {}
            Wins::Perhaps(query) => {
                let decision = firewall.decide(query, &[]);
                let takers = decision.names.first().map(|name| name.takers.as_slice()).unwrap_or_default();
                // That lists and detectors of AWS find something, and rules come into force, is taken for granted.
                if takers.first().is_none_or(|taker| taker.rule == found.rule) {
                    return;
                }
                let before = takers.iter().map(|taker| taker.rule).take_while(|rule| *rule != found.rule);
                let taken_by = before.map(|rule| self.dns_rule(self.dns(), firewall, rule, None)).collect();
                // One of its entries is the better example, if it is one.
                let is_example = |query: &Query| {
                    let names = firewall.decide(query, &[]).names;
                    names.iter().flat_map(|name| &name.takers).any(|taker| taker.rule == found.rule)
                };
                let query = wanted(firewall, found.rule).filter(is_example).unwrap_or_else(|| query.clone());
                let example = Some(answer(query));
                idle.doubtful.push(DnsIdleRule { vpc: vpc.to_owned(), rule, taken_by, example });
            }
            Wins::Never => {
                let taken_by =
                    found.taken_by.iter().map(|rule| self.dns_rule(self.dns(), firewall, *rule, None));
                let taken_by = taken_by.collect();
                let example = wanted(firewall, found.rule).map(answer);
                idle.dead.push(DnsIdleRule { vpc: vpc.to_owned(), rule, taken_by, example });
            }
        }
    }

    fn idle_entries(&self, list: &Listed<'_, '_>, found: &mut Vec<DnsIdleEntry>) {
        let lists = self.dns().lists();
        let (redundant, halves) = (lists.redundant_entries(list.id), lists.half_entries(list.id));
        if redundant.is_empty() && halves.is_empty() {
            return;
        }
        let places: BTreeMap<EntryId, usize> =
            lists.entries(list.id).enumerate().map(|(place, entry)| (entry, place)).collect();
        let text = |entry: EntryId| lists.text(entry).unwrap_or_default().to_owned();
        let location = |entry: EntryId| {
            let origin = places.get(&entry).and_then(|place| list.known.origins.get(*place));
            origin.map(|origin| self.locate_origin(origin))
        };
        let mut faults: BTreeMap<EntryId, DnsEntryFault> = BTreeMap::new();
        for it in redundant {
            let fault = match it.redundancy {
                Redundancy::Repeats(other) => DnsEntryFault::Repeats(text(other), location(other)),
                Redundancy::Covered(other) => DnsEntryFault::Covered(text(other), location(other)),
                Redundancy::NoName => DnsEntryFault::NoName,
            };
            faults.insert(it.entry, fault);
        }
        let names = if halves.is_empty() { NameSet::empty() } else { lists.names(list.id) };
        for it in halves {
            let written = text(it.entry);
            let Ok(domain) = written.strip_prefix("*.").unwrap_or(&written).parse::<DomainName>() else {
                continue;
            };
            let fault = match it.missing {
                Missing::Below => {
                    let name = other_name(&domain, &names);
                    DnsEntryFault::LacksBelow(missing(format!("*.{domain}"), name, list))
                }
                Missing::Itself => {
                    DnsEntryFault::LacksItself(missing(domain.to_string(), Some(domain), list))
                }
            };
            faults.insert(it.entry, fault);
        }
        found.extend(faults.into_iter().map(|(entry, fault)| DnsIdleEntry {
            list: list.known.id.clone(),
            list_name: list.known.name.clone(),
            entry: text(entry),
            location: location(entry),
            fault,
        }));
    }
}

/// A query that a rule would take if it were asked.
fn wanted(firewall: &Firewall<'_>, rule: RuleId) -> Option<Query> {
    let rule = firewall.rule(rule)?;
    let Names::List(list) = rule.names else { return None };
    let lists = firewall.lists();
    let name = lists.entries(list).find_map(|entry| {
        let text = lists.text(entry)?;
        match text.strip_prefix('*') {
            Some("" | ".") => NameSet::below(&DomainName::root()).witness(),
            Some(rest) => NameSet::below(&rest.strip_prefix('.')?.parse().ok()?).witness(),
            None => text.parse().ok(),
        }
    })?;
    Some(Query { name, query_type: rule.query_type.unwrap_or(QueryType::A) })
}

/// A name below a domain that is not among these.
fn other_name(domain: &DomainName, names: &NameSet) -> Option<DomainName> {
    let mut below = NameSet::below(domain);
    for _ in 0..TRIES {
        let name = below.witness()?;
        if !names.contains(&name) {
            return Some(name);
        }
        below = below.minus(&NameSet::within(&name));
    }
    None
}

fn missing(entry: String, name: Option<DomainName>, list: &Listed<'_, '_>) -> DnsMissing {
    let asked = name.clone().zip(list.used.filter(|(_, network, _)| network.filtered == Filtered::Yes));
    let answered = asked.map(|(name, (vpc, _, firewall))| {
        let verdict = firewall.verdict(&Query { name, query_type: QueryType::A }).verdict;
        (vpc.clone(), verdict)
    });
    DnsMissing { entry, name, answered }
}
