//! Where DNS Firewall and the domain lists of Network Firewall contradict each other.

use std::collections::BTreeMap;

use aws::{
    DnsNetwork, DomainAction, DomainCause, DomainFilter, DomainGroup, DomainRest, DomainVerdict, Filtered,
    Location,
};
use dns::{
    Action, Blocking, Coverage, DomainLists, EntryId, Firewall, ListId, Names, Pattern, Query, QueryType,
    Redirection, Region, Response, Rule, RuleGroup, Stack, State, Verdict,
};

use super::{DnsAnswer, DnsQuestion, DnsQuestionError, Seen};
use crate::{Analysis, Holds, Reason};

/// So many contradictions are handed out for a VPC and a firewall.
const SHOWN: usize = 50;

/// So many examples are looked for, of every combination of rules.
const EACH: usize = 5;

/// The types of queries that give addresses to connect to.
pub(super) const ADDRESSES: [QueryType; 2] = [QueryType::A, QueryType::AAAA];

/// What was compared of DNS Firewall and Network Firewall.
#[derive(Debug, Clone, Default)]
pub struct DnsDomains {
    /// VPC by VPC, firewall by firewall.
    pub compared: Vec<DnsDomainComparison>,
    /// What was not.
    pub left_out: Vec<DnsDomainsLeftOut>,
}

/// A firewall that was not compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsDomainsLeftOut {
    /// The VPC, if it is known which.
    pub vpc: Option<String>,
    /// Name of the firewall.
    pub firewall: String,
    /// [`Holds::Unknown`] if there may be contradictions, [`Holds::Yes`] if there is nothing to compare.
    pub holds: Holds,
    /// Why.
    pub why: String,
}

/// The rule groups of a VPC and the domain lists of a firewall, compared for all names.
#[derive(Debug, Clone)]
pub struct DnsDomainComparison {
    /// The VPC, as it was named.
    pub vpc: String,
    /// Name of the firewall.
    pub firewall: String,
    /// Name of its policy.
    pub policy: String,
    /// What the firewall has to do with the VPC, in words that go on from its name.
    pub by: String,
    /// What its lists look at: `TLS_SNI`, `HTTP_HOST`.
    pub protocols: Vec<String>,
    /// Whether there is no contradiction.
    pub holds: Holds,
    /// The first contradictions, those that are certain first, and up to five for each combination of rules on both sides.
    pub contradictions: Vec<DnsContradiction>,
    /// How many sets of names there are about which they contradict each other.
    pub count: usize,
    /// Entries of the firewall's lists that mean nothing there, or nothing documented.
    pub odd: Vec<DnsOddTarget>,
    /// What the answer depends on or takes for granted.
    pub why: Vec<Reason>,
    /// Place of the firewall's lists among [`DomainFilter::all`] of the snapshot.
    #[cfg_attr(not(feature = "z3"), expect(dead_code, reason = "only the solver looks at the lists again"))]
    pub(super) filter: usize,
}

/// Names that one side lets through and the other does not.
#[derive(Debug, Clone)]
pub struct DnsContradiction {
    /// The names.
    pub region: Region,
    /// How many such sets of names there are, this and further ones by the same rules that are not shown.
    pub regions: usize,
    /// What is contradictory.
    pub kind: DnsContradictionKind,
    /// [`Holds::No`] if it is so whatever is unknown, otherwise [`Holds::Unknown`].
    pub holds: Holds,
    /// What DNS Firewall does to an example.
    pub answer: DnsAnswer,
    /// What the other firewall does to connections that ask for it.
    pub decided: DnsDomainRule,
    /// What makes the difference, if entries mean different things on both sides.
    pub reasons: Vec<Reason>,
}

/// What is contradictory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DnsContradictionKind {
    /// The name resolves, but connections that ask for it are dropped.
    ResolvedButDropped,
    /// The name is blocked, but connections that ask for it pass, if an address is learnt otherwise.
    BlockedButPassed,
}

/// What decides about connections that ask for a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsDomainRule {
    /// `true` if they pass, `false` if they are dropped, `None` if that is unknown.
    pub passes: Option<bool>,
    /// Name of the rule group; `None` if it is none.
    pub group: Option<String>,
    /// The entry as it is written, if it is one.
    pub entry: Option<String>,
    /// In words.
    pub text: String,
    /// Where it is written.
    pub location: Option<Location>,
}

/// An entry of a domain list of Network Firewall that takes no name for certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsOddTarget {
    /// Name of its rule group.
    pub group: String,
    /// The entry as it is written.
    pub entry: String,
    /// Where it is written.
    pub location: Option<Location>,
    /// What is the matter.
    pub text: String,
}

impl Analysis {
    /// Compares what DNS Firewall and the domain lists of Network Firewall do to names, for VPCs that have both, or all of
    /// the snapshot if none is named.
    ///
    /// Exact, for all names: a contradiction is a name that resolves (A or AAAA) although connections that ask for it are
    /// dropped, or is blocked although they pass. What is unknown may in truth be none, or certain, if it hangs together over
    /// both types, see `dns::Firewall::contradictions`. Cost: linear in the names of both, for every VPC and firewall.
    pub fn dns_contradictions(&self, vpcs: &[String]) -> Result<DnsDomains, DnsQuestionError> {
        let networks = self.dns_networks(vpcs)?;
        let (filters, unknown) = DomainFilter::all(self.inventory());
        let mut found = DnsDomains::default();
        for (vpc, network) in &networks {
            let of_vpc = filters.iter().enumerate().filter(|(_, filter)| filter.vpc == network.vpc);
            for (place, filter) in of_vpc {
                if let Filtered::No(why) = &network.filtered {
                    found.left_out.push(DnsDomainsLeftOut {
                        vpc: Some(vpc.clone()),
                        firewall: filter.firewall.clone(),
                        holds: Holds::Yes,
                        why: why.clone(),
                    });
                    continue;
                }
                for protocols in protocols(filter) {
                    found.compared.push(self.domains_compared(vpc, network, (place, filter), &protocols));
                }
            }
        }
        for it in unknown {
            let named = it.vpc.as_ref().map(|key| networks.iter().find(|(_, network)| network.vpc == *key));
            let vpc = match named {
                None => None,
                Some(Some((vpc, _))) => Some(vpc.clone()),
                Some(None) => continue,
            };
            let firewall = it.firewall;
            found.left_out.push(DnsDomainsLeftOut { vpc, firewall, holds: Holds::Unknown, why: it.why });
        }
        Ok(found)
    }

    fn domains_compared(
        &self,
        vpc: &str,
        network: &DnsNetwork,
        (place, filter): (usize, &DomainFilter),
        protocols: &[String],
    ) -> DnsDomainComparison {
        let protocol = protocols.first().map(String::as_str).unwrap_or_default();
        let (lists, stack) = as_rules(filter, protocol);
        let ours = Firewall::new(self.dns().lists(), network.stack.clone());
        let theirs = Firewall::new(&lists, stack);
        let all = ours.contradictions(&theirs, &ADDRESSES, EACH);
        let mut entries: Option<BTreeMap<String, (ListId, EntryId)>> = None;
        let mut holds = if filter.doubts.is_empty() { Holds::Yes } else { Holds::Unknown };
        let mut contradictions = Vec::new();
        for it in &all {
            let mut contradiction = self.contradiction(vpc, network, (&ours, filter), protocol, it);
            holds = match (holds, contradiction.holds) {
                (Holds::No, _) | (_, Holds::No) => Holds::No,
                _ => Holds::Unknown,
            };
            if contradictions.len() < SHOWN {
                let entries = entries.get_or_insert_with(|| entries_of(&ours));
                contradiction.reasons = self.reasons(&it.query, filter, protocol, entries);
                contradictions.push(contradiction);
            }
        }
        contradictions.sort_by_key(|it| it.holds != Holds::No);
        let reason = |text: &String| Reason { text: text.clone(), location: None };
        let mut why: Vec<Reason> = filter.doubts.iter().map(reason).collect();
        if let Filtered::Perhaps(doubt) = &network.filtered {
            why.push(reason(doubt));
        }
        why.extend(network.notes.iter().map(reason));
        DnsDomainComparison {
            vpc: vpc.to_owned(),
            firewall: filter.firewall.clone(),
            policy: filter.policy.clone(),
            by: filter.by.clone(),
            protocols: protocols.to_vec(),
            holds,
            contradictions,
            count: all.iter().map(|it| it.regions).sum(),
            odd: self.odd_targets(filter, protocol),
            why,
            filter: place,
        }
    }

    /// A contradiction; it is certain only if both sides confirm it by the name alone.
    fn contradiction(
        &self,
        vpc: &str,
        network: &DnsNetwork,
        (ours, filter): (&Firewall<'_>, &DomainFilter),
        protocol: &str,
        found: &dns::Contradiction,
    ) -> DnsContradiction {
        let kind = match found.blocking {
            Blocking::First => DnsContradictionKind::BlockedButPassed,
            Blocking::Second => DnsContradictionKind::ResolvedButDropped,
        };
        let ask = |query_type| {
            let query = Query { name: found.query.name.clone(), query_type };
            self.dns_answer(self.dns(), &DnsQuestion::of(vpc, query), Seen::by(network), ours)
        };
        let answer = ask(found.query.query_type);
        let verdict = filter.verdict(found.query.name.as_str(), protocol);
        let surely = match kind {
            DnsContradictionKind::ResolvedButDropped => {
                !answer.possible.contains(Verdict::Block) && matches!(verdict, DomainVerdict::Drops(_))
            }
            DnsContradictionKind::BlockedButPassed => {
                ADDRESSES.iter().all(|query_type| ask(*query_type).verdict == Verdict::Block)
                    && matches!(verdict, DomainVerdict::Passes(_))
            }
        };
        debug_assert!(!found.is_certain || surely || network.filtered != Filtered::Yes, "{}", found.query);
        let is_certain = found.is_certain && surely && filter.doubts.is_empty();
        DnsContradiction {
            region: found.region.clone(),
            regions: found.regions,
            kind,
            holds: if is_certain { Holds::No } else { Holds::Unknown },
            answer,
            decided: self.decided(filter, verdict),
            reasons: Vec::new(),
        }
    }

    fn decided(&self, filter: &DomainFilter, verdict: DomainVerdict) -> DnsDomainRule {
        let (passes, cause) = match verdict {
            DomainVerdict::Passes(cause) => (Some(true), Some(cause)),
            DomainVerdict::Drops(cause) => (Some(false), Some(cause)),
            DomainVerdict::Unknown => (None, None),
        };
        let group = |place: usize| filter.groups.get(place);
        let (named, entry, text, origin) = match cause {
            Some(DomainCause::Entry(place, entry)) => {
                let group = group(place);
                let target = group.and_then(|group| group.targets.get(entry));
                let said = group.map_or("", |group| action_word(group.action));
                let text = format!("{said} of group {}", group.map_or("", |group| &group.name));
                (group, target.map(|(text, _)| text.clone()), text, target.map(|(_, origin)| origin))
            }
            Some(DomainCause::Others(place)) => {
                let group = group(place);
                let name = group.map_or("", |group| &group.name);
                let text = format!("ALLOWLIST of group {name} does not have it");
                (group, None, text, group.map(|group| &group.origin))
            }
            Some(DomainCause::Rest) => match &filter.rest {
                DomainRest::Passes => (None, None, "no list is about it".to_owned(), None),
                DomainRest::Drops { action, origin } => {
                    (None, None, format!("default action {action}"), Some(origin))
                }
            },
            None => (None, None, "what its lists do is not documented".to_owned(), None),
        };
        DnsDomainRule {
            passes,
            group: named.map(|group| group.name.clone()),
            entry,
            text,
            location: origin.map(|origin| self.locate_origin(origin)),
        }
    }

    /// Entries that would say the same if a star and a leading dot meant the same on both sides.
    fn reasons(
        &self,
        query: &Query,
        filter: &DomainFilter,
        protocol: &str,
        entries: &BTreeMap<String, (ListId, EntryId)>,
    ) -> Vec<Reason> {
        let name = query.name.as_str();
        let target = |text: &str| {
            let groups = filter.groups.iter().filter(|group| looks_at(group, protocol));
            groups.into_iter().find_map(|group| {
                let mut targets = group.targets.iter();
                let found = targets.find(|(target, _)| normal(target) == text)?;
                Some((group, found))
            })
        };
        let listed = |text: &str| entries.get(text).map(|(list, entry)| self.list_entry(*list, *entry));
        let mut reasons = Vec::new();
        let starts = std::iter::once(0).chain(name.match_indices('.').map(|(at, _)| at + 1));
        for domain in starts.filter_map(|start| name.get(start..)).filter(|domain| !domain.is_empty()) {
            let is_itself = domain == name;
            let (dotted, starred) = (format!(".{domain}"), format!("*.{domain}"));
            let (exact, wildcard) = (listed(domain), listed(&starred));
            if let (true, None, Some((list, _)), Some((group, (written, origin)))) =
                (is_itself, &exact, &wildcard, target(&dotted))
            {
                let text = format!(
                    "`{starred}` of {list} does not take `{domain}` itself; `{written}` of group {} does",
                    group.name
                );
                reasons.push(Reason { text, location: Some(self.locate_origin(origin)) });
            }
            if let (false, Some((list, location)), None, Some((group, (written, _)))) =
                (is_itself, &wildcard, target(&dotted), target(domain))
            {
                let text = format!(
                    "`{written}` of group {} is that name only, while `{starred}` of {list} takes those below; \
                     `{dotted}` would take both",
                    group.name
                );
                reasons.push(Reason { text, location: location.clone() });
            }
            if let (false, Some((list, location)), None, Some((group, (written, _)))) =
                (is_itself, &exact, &wildcard, target(&dotted))
            {
                let text = format!(
                    "`{domain}` of {list} is that name only, while `{written}` of group {} takes those below as well; \
                     `{starred}` is missing",
                    group.name
                );
                reasons.push(Reason { text, location: location.clone() });
            }
            if let (false, Some((group, (written, origin)))) = (is_itself, target(&starred)) {
                let text = format!(
                    "`{written}` of group {} is no wildcard in Network Firewall, where `{dotted}` is one",
                    group.name
                );
                reasons.push(Reason { text, location: Some(self.locate_origin(origin)) });
            }
        }
        reasons
    }

    /// A list, as it is called, and where one of its entries is written.
    fn list_entry(&self, list: ListId, entry: EntryId) -> (String, Option<Location>) {
        let all = self.dns();
        let Some(known) = all.list(list) else { return (String::new(), None) };
        let position = all.lists().entries(list).position(|other| other == entry);
        let origin = position.and_then(|position| known.origins.get(position));
        (known.id.clone(), origin.map(|origin| self.locate_origin(origin)))
    }

    fn odd_targets(&self, filter: &DomainFilter, protocol: &str) -> Vec<DnsOddTarget> {
        let mut odd = Vec::new();
        for group in filter.groups.iter().filter(|group| looks_at(group, protocol)) {
            for (target, origin) in &group.targets {
                let text = if let Some(rest) = target.strip_prefix('*') {
                    let rest = rest.trim_start_matches('.');
                    format!("a star means nothing documented here; `.{rest}` takes `{rest}` and all below it")
                } else if patterns(target).is_empty() {
                    "is no domain name: it takes nothing".to_owned()
                } else {
                    continue;
                };
                odd.push(DnsOddTarget {
                    group: group.name.clone(),
                    entry: target.clone(),
                    location: Some(self.locate_origin(origin)),
                    text,
                });
            }
        }
        odd
    }
}

pub(crate) fn action_word(action: DomainAction) -> &'static str {
    match action {
        DomainAction::Allow => "ALLOWLIST",
        DomainAction::Deny => "DENYLIST",
        DomainAction::Reject => "REJECTLIST",
        DomainAction::Alert => "ALERTLIST",
    }
}

pub(super) fn looks_at(group: &DomainGroup, protocol: &str) -> bool {
    group.protocols.iter().any(|it| it == protocol)
}

/// What the lists look at, those together that the same lists look at.
fn protocols(filter: &DomainFilter) -> Vec<Vec<String>> {
    let mut found: Vec<(Vec<bool>, Vec<String>)> = Vec::new();
    for protocol in ["TLS_SNI", "HTTP_HOST"] {
        let lists: Vec<bool> = filter.groups.iter().map(|group| looks_at(group, protocol)).collect();
        let decides = |group: &DomainGroup| group.action != DomainAction::Alert && looks_at(group, protocol);
        if !filter.groups.iter().any(decides) {
            continue;
        }
        match found.iter_mut().find(|(known, _)| *known == lists) {
            Some((_, protocols)) => protocols.push(protocol.to_owned()),
            None => found.push((lists, vec![protocol.to_owned()])),
        }
    }
    found.into_iter().map(|(_, protocols)| protocols).collect()
}

/// An entry in lower case, without a trailing dot.
fn normal(text: &str) -> String {
    let text = text.to_ascii_lowercase();
    text.strip_suffix('.').unwrap_or(&text).to_owned()
}

/// The entries of the lists in use, as they are written but for letter case and a trailing dot.
fn entries_of(firewall: &Firewall<'_>) -> BTreeMap<String, (ListId, EntryId)> {
    let lists = firewall.lists();
    let mut found = BTreeMap::new();
    for id in firewall.rules() {
        let Some(Rule { names: Names::List(list), .. }) = firewall.rule(id) else { continue };
        for entry in lists.entries(*list) {
            let text = lists.text(entry).unwrap_or_default();
            found.entry(normal(text)).or_insert((*list, entry));
        }
    }
    found
}

/// An entry of Network Firewall in the words of DNS Firewall; none if no name can be so.
fn patterns(target: &str) -> Vec<String> {
    let (domain, is_dotted) = match target.strip_prefix('.') {
        Some(domain) => (domain, true),
        None => (target, false),
    };
    if domain.starts_with('*') && is_dotted || domain.parse::<Pattern>().is_err() {
        return Vec::new();
    }
    let mut found = vec![domain.to_owned()];
    found.extend(is_dotted.then(|| format!("*.{domain}")));
    found
}

/// The domain lists as rules of DNS Firewall: what blocks is what drops.
///
/// Entries with a star may take what they would take in DNS Firewall; of a list that allows in strict order, it is not
/// known whether its drop keeps later lists from passing what they have.
pub(super) fn as_rules(filter: &DomainFilter, protocol: &str) -> (DomainLists, Stack) {
    let mut lists = DomainLists::builder();
    let mut rules: Vec<Rule> = Vec::new();
    let (everything, _) = lists.list("everything", Coverage::Complete, ["*"]);
    let mut add = |list: ListId, action: Action, state: State| {
        let priority = i64::try_from(rules.len()).unwrap_or(i64::MAX);
        rules.push(Rule {
            name: format!("{priority}"),
            priority,
            names: Names::List(list),
            query_type: None,
            action,
            redirection: Redirection::Inspect,
            state,
        });
    };
    let drop = || Action::Block(Response::NoData);
    let groups = || filter.groups.iter().filter(|group| looks_at(group, protocol));
    let is_allowing = |group: &&DomainGroup| group.action == DomainAction::Allow;
    let mut add_list = |group: &DomainGroup, add: &mut dyn FnMut(ListId, Action, State)| {
        let (odd, plain): (Vec<_>, Vec<_>) =
            group.targets.iter().partition(|(text, _)| text.starts_with('*'));
        let plain: Vec<String> = plain.iter().flat_map(|(text, _)| patterns(text)).collect();
        let odd = odd.iter().flat_map(|(text, _)| {
            let domain = text.strip_prefix("*.").filter(|domain| !domain.is_empty());
            std::iter::once(text.as_str()).chain(domain)
        });
        let odd = odd.filter(|text| text.parse::<Pattern>().is_ok());
        let (plain, _) = lists.list(&group.name, Coverage::Complete, plain.iter().map(String::as_str));
        let (odd, _) = lists.list(&group.name, Coverage::Complete, odd);
        let action = if is_allowing(&group) { Action::Allow } else { drop() };
        add(plain, action.clone(), State::InForce);
        add(odd, action, State::Uncertain);
    };
    let decides = |group: &&DomainGroup| group.action != DomainAction::Alert;
    if filter.is_strict {
        let mut left = groups().filter(is_allowing).count();
        for group in groups().filter(decides) {
            add_list(group, &mut add);
            if is_allowing(&group) {
                left -= 1;
                add(everything, drop(), if left > 0 { State::Uncertain } else { State::InForce });
            }
        }
    } else {
        for group in groups().filter(is_allowing) {
            add_list(group, &mut add);
        }
        for group in groups().filter(decides).filter(|group| !is_allowing(group)) {
            add_list(group, &mut add);
        }
        if groups().any(|group| is_allowing(&group)) {
            add(everything, drop(), State::InForce);
        }
    }
    if matches!(filter.rest, DomainRest::Drops { .. }) {
        add(everything, drop(), State::InForce);
    }
    let group = RuleGroup { id: filter.policy.clone(), rules };
    (lists.build(), Stack::ordered([std::sync::Arc::new(group)]))
}
