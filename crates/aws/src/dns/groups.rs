//! Rule groups and domain lists, each made once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use dns::{Coverage, DomainListsBuilder, ListId, Names, Redirection, Response, Rule, RuleGroup, State};

use graph::Origin;

use super::{KnownGroup, KnownList, KnownRule, ListChange};
use crate::{
    Id, Inventory, Place,
    resource::{
        DnsDomainList, DnsRuleGroup, Resource as _,
        dns_answers::{Action, BlockResponse, Rule as Written},
    },
};

/// Makes rule groups and the lists they name.
pub(super) struct Builder<'i> {
    pub(super) inventory: &'i Inventory,
    changes: &'i BTreeMap<String, ListChange>,
    /// Of lists that were changed, what they were before.
    changed: BTreeMap<ListId, ListId>,
    lists: DomainListsBuilder,
    known: BTreeMap<ListId, KnownList>,
    /// Lists made, by id and by the place from which they were named.
    made: BTreeMap<(String, Place), Listed>,
    groups: BTreeMap<String, KnownGroup>,
    made_groups: BTreeMap<(String, Place), Arc<RuleGroup>>,
    /// Entries of lists that are no names.
    unread: Vec<(Origin, String)>,
    /// What rules do not tell, or tell in words that are not known.
    untold: Vec<(Origin, String)>,
}

/// Lists and groups.
pub(super) struct Made {
    pub(super) lists: dns::DomainLists,
    pub(super) known: BTreeMap<ListId, KnownList>,
    pub(super) groups: BTreeMap<String, KnownGroup>,
    /// The groups themselves, by id.
    pub(super) rules: BTreeMap<String, Arc<RuleGroup>>,
    pub(super) changed: BTreeMap<ListId, ListId>,
    pub(super) unread: Vec<(Origin, String)>,
    pub(super) untold: Vec<(Origin, String)>,
}

/// A list, ready for rules.
#[derive(Debug, Clone)]
struct Listed {
    names: Names,
    /// Why its names may not count.
    doubt: Option<String>,
}

impl<'i> Builder<'i> {
    pub(super) fn new(inventory: &'i Inventory, changes: &'i BTreeMap<String, ListChange>) -> Self {
        let mut builder = Self {
            inventory,
            changes,
            changed: BTreeMap::new(),
            lists: dns::DomainLists::builder(),
            known: BTreeMap::new(),
            made: BTreeMap::new(),
            groups: BTreeMap::new(),
            made_groups: BTreeMap::new(),
            unread: Vec::new(),
            untold: Vec::new(),
        };
        // Also those that are in force nowhere: they may be asked for.
        for group in inventory.table::<DnsRuleGroup>().iter() {
            builder.group(group.value.id().as_str(), &group.place);
        }
        builder
    }

    pub(super) fn finish(self) -> Made {
        let mut rules = BTreeMap::new();
        for ((id, _), group) in self.made_groups {
            rules.entry(id).or_insert(group);
        }
        let Self { lists, known, groups, changed, unread, untold, .. } = self;
        Made { lists: lists.build(), known, groups, rules, changed, unread, untold }
    }

    /// The rule group that a record at `from` means.
    pub(super) fn group(&mut self, id: &str, from: &Place) -> Arc<RuleGroup> {
        let key = (id.to_owned(), from.clone());
        if let Some(made) = self.made_groups.get(&key) {
            return made.clone();
        }
        let record = self.inventory.get(&Id::<DnsRuleGroup>::new(id), from);
        let mut known =
            KnownGroup { name: record.and_then(|it| it.value.name()).map(str::to_owned), rules: Vec::new() };
        let mut rules = Vec::new();
        let told = self.inventory.dns.rules(id, from);
        if told.is_none_or(|told| !told.whole) {
            self.missing(&format!("the rules of {id} were not all exported"), &mut rules, &mut known);
        }
        for (written, origin) in told.into_iter().flat_map(|told| &told.records) {
            let (rule, mut about) = self.rule(written, from);
            about.origin = Some(origin.clone());
            let named = format!("rule {} `{}` of {id}", rule.priority, rule.name);
            if rule.action == dns::Action::Block(Response::Unknown) {
                let text = format!("{named} blocks, but its `BlockResponse` is not told");
                self.untold.push((origin.clone(), text));
            }
            if rule.redirection == Redirection::Unknown {
                let setting = written.firewall_domain_redirection_action.as_deref().unwrap_or_default();
                let text = format!("{named} has the `FirewallDomainRedirectionAction` `{setting}`");
                self.untold.push((origin.clone(), format!("{text}, which is not known")));
            }
            rules.push(rule);
            known.rules.push(about);
        }
        let group = Arc::new(RuleGroup { id: id.to_owned(), rules });
        self.groups.insert(id.to_owned(), known);
        self.made_groups.insert(key, group.clone());
        group
    }

    /// A group of which nothing is known but why: it may do anything to any name.
    pub(super) fn anything(&mut self, id: &str, why: &str) -> Arc<RuleGroup> {
        let (mut rules, mut known) = (Vec::new(), KnownGroup::default());
        self.missing(why, &mut rules, &mut known);
        self.groups.insert(id.to_owned(), known);
        Arc::new(RuleGroup { id: id.to_owned(), rules })
    }

    /// Rules that stand for what is missing, before all others: whatever a missing rule could do, they may do.
    fn missing(&mut self, why: &str, rules: &mut Vec<Rule>, known: &mut KnownGroup) {
        let actions = [dns::Action::Allow, dns::Action::Alert, dns::Action::Block(Response::Unknown)];
        for (place, action) in (0_i64..).zip(actions) {
            let list = self.unknown_list("", why, true);
            rules.push(Rule {
                name: why.to_owned(),
                priority: i64::MIN + place,
                names: Names::List(list),
                query_type: None,
                action,
                redirection: Redirection::Unknown,
                state: State::InForce,
            });
            known.rules.push(KnownRule::default());
        }
    }

    fn rule(&mut self, written: &Written, from: &Place) -> (Rule, KnownRule) {
        let name = written.name.clone().unwrap_or_default();
        let Listed { names, doubt } = self.names(written, from);
        let mut doubts: Vec<String> = doubt.into_iter().collect();
        if let Some(status) = written.status.as_deref().filter(|status| *status != "COMPLETE") {
            doubts.push(format!("its status is {status}"));
        }
        let query_type = match written.qtype.as_deref().map(str::parse) {
            None => None,
            Some(Ok(query_type)) => Some(query_type),
            // A type that cannot be told may be any, so that the rule may take a query of any type.
            Some(Err(_)) => {
                let qtype = written.qtype.as_deref().unwrap_or_default();
                doubts.push(format!("its query type `{qtype}` is not known"));
                None
            }
        };
        let response = match written.block_response {
            Some(BlockResponse::NxDomain) => Response::NxDomain,
            Some(BlockResponse::NoData) => Response::NoData,
            // SOURCE: Route 53 Resolver API reference, `FirewallRule`: what blocks has a response, and an override a
            // domain and a TTL (checked 2026-11-27). An export without them tells less than the rule says.
            Some(BlockResponse::Override) => {
                match (written.block_override_domain.clone(), written.block_override_ttl) {
                    (Some(domain), Some(ttl)) => Response::Override { domain, ttl },
                    _ => Response::Unknown,
                }
            }
            None => Response::Unknown,
        };
        let rule = Rule {
            name,
            priority: written.priority,
            names,
            query_type,
            action: match written.action {
                Action::Allow => dns::Action::Allow,
                Action::Alert => dns::Action::Alert,
                Action::Block => dns::Action::Block(response),
            },
            redirection: match written.firewall_domain_redirection_action.as_deref() {
                Some("TRUST_REDIRECTION_DOMAIN") => Redirection::Trust,
                None | Some("INSPECT_REDIRECTION_DOMAIN") => Redirection::Inspect,
                Some(_) => Redirection::Unknown,
            },
            state: if doubts.is_empty() { State::InForce } else { State::Uncertain },
        };
        let list = written.firewall_domain_list_id.clone();
        let list = list.or_else(|| written.firewall_threat_protection_id.clone());
        (rule, KnownRule { origin: None, list, doubts })
    }

    /// The names a rule takes.
    fn names(&mut self, written: &Written, from: &Place) -> Listed {
        let certain = |names| Listed { names, doubt: None };
        if let Some(list) = &written.firewall_domain_list_id {
            return self.list(list, from);
        }
        if let Some(protection) = &written.dns_threat_protection {
            let confidence = written.confidence_threshold.as_deref();
            let text = confidence.map_or_else(|| protection.clone(), |it| format!("{protection} ({it})"));
            return certain(Names::Detector(text));
        }
        if let Some(kind) = &written.firewall_rule_type {
            let texts = kind.iter().map(|(kind, members)| {
                let values: Vec<String> = members.values().map(plain).collect();
                if kind == "DnsThreatProtection" {
                    let value = members.get("Value").map(plain).unwrap_or_default();
                    let confidence = members.get("ConfidenceThreshold").map(plain);
                    return confidence.map_or_else(|| value.clone(), |it| format!("{value} ({it})"));
                }
                format!("{kind} {}", values.join(" "))
            });
            return certain(Names::Detector(texts.collect::<Vec<_>>().join(", ")));
        }
        let name = written.firewall_threat_protection_id.clone();
        certain(Names::Detector(
            name.unwrap_or_else(|| "a protection that the rule does not name".to_owned()),
        ))
    }

    fn list(&mut self, id: &str, from: &Place) -> Listed {
        let key = (id.to_owned(), from.clone());
        if let Some(made) = self.made.get(&key) {
            return made.clone();
        }
        let record = self.inventory.get(&Id::<DnsDomainList>::new(id), from).map(|entry| &entry.value);
        let name = record.map_or(id, DnsDomainList::name);
        let unsettled = record.and_then(DnsDomainList::unsettled);
        let names = match self.inventory.dns.domains(id, from) {
            None if record.is_some_and(DnsDomainList::is_managed) => Names::Managed(name.to_owned()),
            None => Names::List(self.unknown_list(id, name, false)),
            Some(told) => {
                let coverage =
                    if told.whole && unsettled.is_none() { Coverage::Complete } else { Coverage::Partial };
                let records: Vec<_> =
                    told.records.iter().map(|(text, origin)| (text.as_str(), origin)).collect();
                let list = self.told_list((id, name), coverage, &records, &[]);
                match self.changes.get(id) {
                    None => Names::List(list),
                    Some(change) => {
                        let removed: BTreeSet<&str> = change.remove.iter().map(String::as_str).collect();
                        let mut records = records;
                        records.retain(|(text, _)| !removed.contains(text));
                        let after = self.told_list((id, name), coverage, &records, &change.add);
                        self.changed.insert(after, list);
                        Names::List(after)
                    }
                }
            }
        };
        let doubt = unsettled.map(|status| format!("the status of its list {id} is {status}"));
        let listed = Listed { names, doubt };
        self.made.insert(key, listed.clone());
        listed
    }

    /// A list with these names, and others that are written nowhere.
    fn told_list(
        &mut self,
        (id, name): (&str, &str),
        coverage: Coverage,
        records: &[(&str, &Origin)],
        added: &[String],
    ) -> ListId {
        let texts = records.iter().map(|(text, _)| *text).chain(added.iter().map(String::as_str));
        let (list, unread) = self.lists.list(name, coverage, texts);
        for unread in &unread {
            if let Some((text, origin)) = records.get(unread.position) {
                self.unread
                    .push(((*origin).clone(), format!("`{text}` is no domain name: {}", unread.error)));
            }
        }
        let is_read = |position: &usize| !unread.iter().any(|unread| unread.position == *position);
        let origins = records.iter().enumerate().filter(|(position, _)| is_read(position));
        let origins = origins.map(|(_, (_, origin))| (*origin).clone()).collect();
        let known = KnownList { id: id.to_owned(), name: name.to_owned(), origins, stands_for_rules: false };
        self.known.insert(list, known);
        list
    }

    fn unknown_list(&mut self, id: &str, name: &str, stands_for_rules: bool) -> ListId {
        let (list, _) = self.lists.list(name, Coverage::Partial, []);
        let known =
            KnownList { id: id.to_owned(), name: name.to_owned(), origins: Vec::new(), stands_for_rules };
        self.known.insert(list, known);
        list
    }
}

fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
