//! What DNS Firewall does to a query, the slow way: rules by priority, entries one by one.

use std::collections::{BTreeMap, BTreeSet};

use netproof::Analysis;
use serde_json::{Value, json};

/// The entries of lists, by list, as [`bare`] has them.
pub(crate) type Entries = BTreeMap<String, BTreeSet<String>>;

/// Documents of a snapshot, by name.
#[derive(Clone, Default)]
pub(crate) struct Documents(BTreeMap<String, Value>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    Block,
    Alert,
    Allow,
    Unmatched,
}

/// An entry without regard to case and to a dot at its end.
pub(crate) fn bare(entry: &str) -> String {
    let entry = entry.to_ascii_lowercase();
    entry.strip_suffix('.').unwrap_or(&entry).to_owned()
}

impl Documents {
    pub(crate) fn put(&mut self, name: &str, text: &str) {
        let value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        self.0.insert(name.to_owned(), value);
    }

    pub(crate) fn analysis(&self) -> Analysis {
        Analysis::of_documents(
            self.0.iter().map(|(name, value)| (name.clone(), value.to_string().into_bytes())),
        )
    }

    /// All records under a member of that name.
    fn all<'a>(&'a self, member: &'a str) -> impl Iterator<Item = &'a Value> {
        self.0.values().filter_map(move |it| it.get(member)?.as_array()).flatten()
    }

    fn domains(&self, list: &str) -> Option<&Vec<Value>> {
        let mut lists = self.0.values().filter(|it| text(it, "FirewallDomainListId") == Some(list));
        lists.find_map(|it| it.get("Domains")?.as_array())
    }

    pub(crate) fn entries(&self) -> Entries {
        let lists = self.0.values().filter_map(|it| text(it, "FirewallDomainListId"));
        lists.map(|list| (list.to_owned(), self.entries_of(list))).collect()
    }

    pub(crate) fn entries_of(&self, list: &str) -> BTreeSet<String> {
        self.domains(list).into_iter().flatten().filter_map(Value::as_str).map(bare).collect()
    }

    /// The account and Region of a list, by its ARN.
    pub(crate) fn place(&self, list: &str) -> String {
        let arn = self.all("FirewallDomainLists").find(|it| text(it, "Id") == Some(list));
        let arn = arn.and_then(|it| text(it, "Arn")).unwrap_or_default();
        arn.split(':').skip(3).take(2).collect::<Vec<_>>().join(" ")
    }

    /// With a dot at the end, as the API gives them.
    pub(crate) fn set_entries(&mut self, list: &str, entries: &[String]) {
        let entries: Vec<String> = entries.iter().map(|it| format!("{}.", bare(it))).collect();
        let document = self.0.values_mut().find(|it| text(it, "FirewallDomainListId") == Some(list));
        let document = document.unwrap_or_else(|| panic!("no entries of {list} are exported"));
        document.as_object_mut().unwrap().insert("Domains".to_owned(), json!(entries));
    }

    /// What the API does with a request, or why it refuses it.
    pub(crate) fn apply(&mut self, list: &str, is_add: bool, domains: &[String]) -> Result<(), String> {
        if domains.is_empty() || domains.len() > 1_000 {
            return Err(format!("{} entries in a request", domains.len()));
        }
        let mut entries = self.entries_of(list);
        for domain in domains {
            let done = if is_add { entries.insert(bare(domain)) } else { entries.remove(&bare(domain)) };
            if !done {
                return Err(format!("{domain} is {} {list}", if is_add { "already in" } else { "not in" }));
            }
        }
        self.set_entries(list, &Vec::from_iter(entries));
        Ok(())
    }

    pub(crate) fn count(&self, place: &str) -> usize {
        self.entries().iter().filter(|(list, _)| self.place(list) == place).map(|(_, it)| it.len()).sum()
    }

    /// Whether DNS Firewall sees the queries of a VPC.
    pub(crate) fn is_seen(&self, vpc: &str) -> bool {
        let options = self.all("Vpcs").find(|it| text(it, "VpcId") == Some(vpc));
        let options = options.and_then(|it| text(it, "DhcpOptionsId"));
        let mut options = self.all("DhcpOptions").filter(|it| text(it, "DhcpOptionsId") == options);
        options.all(|it| it.to_string().contains("AmazonProvidedDNS"))
    }

    /// What may become of a query: several if a list that decides is not exported.
    pub(crate) fn fates(&self, vpc: &str, name: &str, query_type: &str) -> BTreeSet<Fate> {
        let vpc = vpc.rsplit('/').next().unwrap();
        let mut possible = BTreeSet::new();
        if !self.is_seen(vpc) {
            return BTreeSet::from([Fate::Unmatched]);
        }
        let mut associations: Vec<&Value> =
            self.all("FirewallRuleGroupAssociations").filter(|it| text(it, "VpcId") == Some(vpc)).collect();
        associations.sort_by_key(|it| number(it, "Priority"));
        for association in associations {
            let group = text(association, "FirewallRuleGroupId");
            let mut rules: Vec<&Value> =
                self.all("FirewallRules").filter(|it| text(it, "FirewallRuleGroupId") == group).collect();
            rules.sort_by_key(|it| number(it, "Priority"));
            for rule in rules {
                if text(rule, "Qtype").is_some_and(|it| it != query_type) {
                    continue;
                }
                let fate = match text(rule, "Action") {
                    Some("BLOCK") => Fate::Block,
                    Some("ALERT") => Fate::Alert,
                    _ => Fate::Allow,
                };
                let list = text(rule, "FirewallDomainListId").unwrap_or_default();
                match self.domains(list) {
                    None => _ = possible.insert(fate),
                    Some(domains) if domains.iter().filter_map(Value::as_str).any(|it| takes(it, name)) => {
                        possible.insert(fate);
                        return possible;
                    }
                    Some(_) => {}
                }
            }
        }
        possible.insert(Fate::Unmatched);
        possible
    }
}

fn takes(entry: &str, name: &str) -> bool {
    let (entry, name) = (bare(entry), bare(name));
    match entry.strip_prefix('*') {
        Some("") => true,
        Some(below) => name.len() > below.len() && name.ends_with(below),
        None => name == entry,
    }
}

fn text<'a>(record: &'a Value, member: &str) -> Option<&'a str> {
    record.get(member)?.as_str()
}

fn number(record: &Value, member: &str) -> i64 {
    record.get(member).and_then(Value::as_i64).unwrap_or_default()
}
