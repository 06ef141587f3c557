//! What answers about DNS tell: the rules of rule groups, the names of domain lists, what happens when DNS Firewall
//! fails, and whether the resolver of a VPC is on.
//!
//! Which group or list an answer is about stands in its records, in an extra member or in the file's name.
//!
//! SOURCE: Route 53 Resolver API reference, `ListFirewallRules`, `FirewallRule`, `ListFirewallDomains`,
//! `ListFirewallConfigs`; EC2 API reference, `DescribeVpcAttribute` (checked 2026-11-27).
use std::collections::{BTreeMap, BTreeSet};

use graph::Origin;
use serde::Deserialize;

use super::optional;
use crate::{Diagnostic, Inventory, Place, inventory::Reading};

/// All answers about DNS.
#[derive(Debug, Default)]
pub(crate) struct DnsAnswers {
    /// Rules by group.
    rules: BTreeMap<String, Vec<Told<Rule>>>,
    /// Names by list, as they are written.
    domains: BTreeMap<String, Vec<Told<String>>>,
    /// VPCs and Profiles that let queries pass when DNS Firewall does not answer.
    fail_open: BTreeMap<String, Vec<Place>>,
    /// Profiles of which an answer tells what they hold.
    profiles: BTreeSet<String>,
    /// VPCs whose resolver is off.
    without_resolver: BTreeMap<String, Vec<Place>>,
}

/// What the answers from one place tell of a group or list.
#[derive(Debug)]
pub(crate) struct Told<T> {
    pub(crate) place: Place,
    pub(crate) records: Vec<(T, Origin)>,
    /// `false` if records of it are damaged or missing.
    pub(crate) whole: bool,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Rule {
    #[serde(default, deserialize_with = "optional")]
    firewall_rule_group_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    pub(crate) name: Option<String>,
    pub(crate) priority: i64,
    #[serde(default, deserialize_with = "optional")]
    pub(crate) firewall_domain_list_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    pub(crate) firewall_threat_protection_id: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    pub(crate) dns_threat_protection: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    pub(crate) confidence_threshold: Option<String>,
    #[serde(default)]
    pub(crate) firewall_rule_type: Option<BTreeMap<String, BTreeMap<String, serde_json::Value>>>,
    pub(crate) action: Action,
    #[serde(default)]
    pub(crate) block_response: Option<BlockResponse>,
    #[serde(default, deserialize_with = "optional")]
    pub(crate) block_override_domain: Option<String>,
    #[serde(default)]
    pub(crate) block_override_ttl: Option<u32>,
    #[serde(default, deserialize_with = "optional")]
    pub(crate) firewall_domain_redirection_action: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    pub(crate) qtype: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    pub(crate) status: Option<String>,
}

/// What becomes of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Action {
    Allow,
    Block,
    Alert,
}

/// How a blocked query is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum BlockResponse {
    #[serde(rename = "NODATA")]
    NoData,
    #[serde(rename = "NXDOMAIN")]
    NxDomain,
    Override,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    resource_id: String,
    #[serde(default, deserialize_with = "optional")]
    firewall_fail_open: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Holds {
    profile_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    #[serde(default)]
    value: Option<bool>,
}

impl DnsAnswers {
    /// The rules of the group that a record at `from` means; `None` if no answer tells of it.
    pub(crate) fn rules(&self, group: &str, from: &Place) -> Option<&Told<Rule>> {
        nearest(self.rules.get(group)?, from)
    }

    /// The names of a list; `None` if no answer tells of it.
    pub(crate) fn domains(&self, list: &str, from: &Place) -> Option<&Told<String>> {
        nearest(self.domains.get(list)?, from)
    }

    /// The names of every list of which an answer tells, by its id.
    pub(crate) fn all_domains(&self) -> impl Iterator<Item = (&str, &[Told<String>])> {
        self.domains.iter().map(|(list, told)| (list.as_str(), told.as_slice()))
    }

    /// Whether an answer tells what a Profile holds.
    pub(crate) fn tells_of_profile(&self, profile: &str) -> bool {
        self.profiles.contains(profile)
    }

    /// Whether a VPC or Profile lets queries pass when DNS Firewall does not answer.
    pub(crate) fn fails_open(&self, resource: &str, from: &Place) -> bool {
        is_told(&self.fail_open, resource, from)
    }

    /// Whether the resolver of a VPC is said to be off.
    pub(crate) fn has_no_resolver(&self, vpc: &str, from: &Place) -> bool {
        is_told(&self.without_resolver, vpc, from)
    }
}

fn is_told(told: &BTreeMap<String, Vec<Place>>, id: &str, from: &Place) -> bool {
    told.get(id).is_some_and(|places| places.iter().any(|place| place.same_region(from)))
}

/// Groups and lists are shared between accounts, so that another account's answer will do if there is no own one.
fn nearest<'t, T>(told: &'t [Told<T>], from: &Place) -> Option<&'t Told<T>> {
    let mut here = told.iter().filter(|told| told.place.same_region(from));
    let first = here.next()?;
    if first.place.account == from.account {
        return Some(first);
    }
    Some(here.find(|told| told.place.account == from.account).unwrap_or(first))
}

/// Collects what answers tell.
pub(crate) fn read(reading: &mut Reading<'_>, inventory: &mut Inventory) {
    let mut answers = DnsAnswers::default();
    read_rules(reading, &mut answers);
    for answer in reading.answers::<String>(
        "Domains",
        "domain list",
        &[("FirewallDomainListId", &["rslvr-fdl-"]), ("DomainListId", &["rslvr-fdl-"])],
    ) {
        let list = answer.subject(|_| false).to_owned();
        add(answers.domains.entry(list).or_default(), answer.place, answer.records, answer.whole);
    }
    for (config, place, _) in reading.peeks::<Config>("FirewallConfigs") {
        if config.firewall_fail_open.as_deref() == Some("ENABLED") {
            answers.fail_open.entry(config.resource_id).or_default().push(place);
        }
    }
    for (holds, _, _) in reading.peeks::<Holds>("ProfileResourceAssociations") {
        answers.profiles.insert(holds.profile_id);
    }
    let documents: Vec<_> = reading.documents().collect();
    for (_, document) in documents {
        if document.tables.iter().any(|table| table.key == "ProfileResourceAssociations") {
            answers.profiles.extend(document.subject("ProfileId", &["rp-"]));
        }
        let table = document.tables.iter().find(|table| table.key == "EnableDnsSupport");
        let Some((vpc, element)) =
            document.members.get("VpcId").zip(table.and_then(|it| it.elements.first()))
        else {
            continue;
        };
        let attribute = serde_json::from_str::<Attribute>(document.raw(element)).ok();
        if attribute.and_then(|attribute| attribute.value) == Some(false) {
            let place = reading.place_of(document);
            answers.without_resolver.entry(vpc.clone()).or_default().push(place);
        }
    }
    inventory.dns = answers;
}

/// Rules name their group; an answer without rules tells it otherwise.
fn read_rules(reading: &mut Reading<'_>, answers: &mut DnsAnswers) {
    const LIST: &str = "FirewallRules";
    for (index, document) in reading.documents() {
        for table in document.tables.iter().filter(|table| table.key == LIST) {
            let subject = document.subject("FirewallRuleGroupId", &["rslvr-frg-"]);
            let mut whole = !document.incomplete;
            let mut by_group = BTreeMap::<String, Vec<(Rule, Origin)>>::new();
            by_group.extend(subject.clone().map(|group| (group, Vec::new())));
            for element in &table.elements {
                let Some((rule, origin)) = reading.parse::<Rule>(index, document, element) else {
                    whole = false;
                    continue;
                };
                let group = rule.firewall_rule_group_id.clone().or_else(|| subject.clone());
                if let Some(group) = group {
                    by_group.entry(group).or_default().push((rule, origin));
                    continue;
                }
                whole = false;
                let location = Some(reading.snapshot.locate(index, element.offset, ""));
                let text = "this rule does not say which rule group it belongs to".to_owned();
                let help =
                    "add a top-level member `FirewallRuleGroupId`, or name the file after the rule group";
                let remark = Diagnostic::warning("no-subject", location, text).with_help(help);
                reading.diagnostics.push(remark);
            }
            let place = reading.place_of(document);
            for (group, rules) in by_group {
                add(answers.rules.entry(group).or_default(), place.clone(), rules, whole);
            }
        }
    }
}

/// Adds a page to the others from there.
fn add<T: PartialEq>(told: &mut Vec<Told<T>>, place: Place, records: Vec<(T, Origin)>, whole: bool) {
    match told.iter_mut().find(|told| told.place == place) {
        Some(known) => {
            known.records.extend(records);
            known.whole &= whole;
        }
        None => told.push(Told { place, records, whole }),
    }
}
