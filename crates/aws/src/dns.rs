//! DNS firewalls of a snapshot: what is in force for each VPC, as plain data of the crate `dns`.
//!
//! Whatever the snapshot does not tell takes part as something unknown: a list without names, a rule that may not be in
//! force, or rules of any kind where associations or rules are missing.
//!
//! SOURCE: Route 53 developer guide, "How DNS Firewall works", "Route 53 Profiles" (checked 2026-11-27).
//! GAP: how rule groups of a Profile stand among those of the VPC is not documented, nor among those of another Profile
//! unless the priorities of both Profiles and groups agree: every order counts.
//! GAP: where no answer tells of associations with Profiles, there are none: most accounts have none. It is remarked on.

mod exported;
mod groups;
mod network;

use std::{collections::BTreeMap, fmt, net::IpAddr, sync::Arc};

use graph::{Origin, ResourceKey};
use ipnet::IpNet;

use crate::{
    Diagnostic, Id, Inventory, Place, locate,
    resource::{DnsRuleGroupAssociation, ProfileAssociation, Vpc},
    snapshot::Snapshot,
};
pub use exported::{ExportedList, ListChange};
use groups::{Builder, Made};

/// The DNS firewalls of a snapshot.
#[derive(Debug)]
pub struct DnsFirewalls {
    lists: dns::DomainLists,
    /// What lists are, by their number among `lists`.
    known: BTreeMap<dns::ListId, KnownList>,
    groups: BTreeMap<String, KnownGroup>,
    /// Rule groups as they are, wherever they are in force, by id.
    rules: BTreeMap<String, Arc<dns::RuleGroup>>,
    networks: Vec<DnsNetwork>,
    /// Of lists that were changed, what they were before.
    changed: BTreeMap<dns::ListId, dns::ListId>,
    /// Entries of lists that are no names.
    unread: Vec<(Origin, String)>,
    /// What rules do not tell, or tell in words that are not known.
    untold: Vec<(Origin, String)>,
    /// Whether any answer tells of Profiles that are associated with VPCs.
    tells_of_profiles: bool,
}

/// What is in force for the queries of a VPC.
#[derive(Debug, Clone)]
pub struct DnsNetwork {
    /// The VPC.
    pub vpc: ResourceKey,
    /// Its account and Region.
    pub place: Place,
    /// The rule groups.
    pub stack: dns::Stack,
    /// Whether DNS Firewall sees the queries at all.
    pub filtered: Filtered,
    /// Its blocks of addresses, as far as they are known.
    pub blocks: Vec<IpNet>,
    /// The addresses of its resolver, as far as they are known.
    pub resolver: Vec<IpAddr>,
    /// What is to be said of every answer, such as that DNS Firewall fails open.
    pub notes: Vec<String>,
}

/// Whether DNS Firewall sees the queries of a VPC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filtered {
    /// It does.
    Yes,
    /// It does not, for this reason.
    No(String),
    /// It may, for this reason.
    Perhaps(String),
}

/// A domain list.
#[derive(Debug, Clone)]
pub struct KnownList {
    /// Its id; empty if it stands for something missing.
    pub id: String,
    /// Its name, or what is missing, in words.
    pub name: String,
    /// Where its names are written, in order of reading; names that are added by a change follow, and are written
    /// nowhere.
    pub origins: Vec<Origin>,
    /// Whether it stands for missing rules rather than for missing names.
    pub stands_for_rules: bool,
}

/// A rule group.
#[derive(Debug, Clone, Default)]
pub struct KnownGroup {
    /// Its name.
    pub name: Option<String>,
    /// Of its rules, in order of [`dns::RuleGroup::rules`].
    pub rules: Vec<KnownRule>,
}

/// A rule of a group.
#[derive(Debug, Clone, Default)]
pub struct KnownRule {
    /// Where it is written; `None` if it stands for missing rules.
    pub origin: Option<Origin>,
    /// The id of its domain list or of its protection.
    pub list: Option<String>,
    /// Why it may not be in force, in words.
    pub doubts: Vec<String>,
}

impl DnsFirewalls {
    /// What is in force for every VPC of a snapshot. Cost: linear in rules and names.
    pub fn of(inventory: &Inventory) -> Self {
        Self::changed(inventory, &BTreeMap::new())
    }

    /// The same after changes of domain lists, by their ids. What was in force before them is known, too; see
    /// [`DnsFirewalls::before`].
    pub fn changed(inventory: &Inventory, changes: &BTreeMap<String, ListChange>) -> Self {
        let mut builder = Builder::new(inventory, changes);
        let networks = network::all(&mut builder);
        let tells_of_profiles =
            networks.iter().any(|network| inventory.table::<ProfileAssociation>().covers(&network.place));
        let Made { lists, known, groups, rules, changed, unread, untold } = builder.finish();
        Self { lists, known, groups, rules, networks, changed, unread, untold, tells_of_profiles }
    }

    /// The same rule groups before lists were changed, so that both can be compared: they share [`DnsFirewalls::lists`].
    pub fn before(&self, stack: &dns::Stack) -> dns::Stack {
        let group = |group: &Arc<dns::RuleGroup>| {
            let uses_changed = |rule: &dns::Rule| matches!(&rule.names, dns::Names::List(list) if self.changed.contains_key(list));
            if !group.rules.iter().any(uses_changed) {
                return group.clone();
            }
            let mut before = group.as_ref().clone();
            for rule in &mut before.rules {
                if let dns::Names::List(list) = &mut rule.names {
                    *list = self.changed.get(list).copied().unwrap_or(*list);
                }
            }
            Arc::new(before)
        };
        let groups = stack.groups.iter().map(|it| dns::Association { group: group(&it.group), ..it.clone() });
        dns::Stack { groups: groups.collect() }
    }

    /// All domain lists of which the snapshot tells, whether rules use them or not, sorted by id, Region and account.
    pub fn exported_lists(inventory: &Inventory) -> Vec<ExportedList> {
        exported::all(inventory)
    }

    /// All domain lists that rules use.
    pub fn lists(&self) -> &dns::DomainLists {
        &self.lists
    }

    /// What a list is.
    pub fn list(&self, id: dns::ListId) -> Option<&KnownList> {
        self.known.get(&id)
    }

    /// What is known of a rule group, by its id.
    pub fn group(&self, id: &str) -> Option<&KnownGroup> {
        self.groups.get(id)
    }

    /// The rules of a group, by its id or ARN; the first if there are several.
    pub fn rule_group(&self, group: &str) -> Option<&Arc<dns::RuleGroup>> {
        let id = group.rsplit_once(":firewall-rule-group/").map_or(group, |(_, id)| id);
        self.rules.get(id)
    }

    /// Ids of all rule groups, sorted.
    pub fn group_ids(&self) -> impl Iterator<Item = &str> {
        self.groups.keys().map(String::as_str)
    }

    /// Remarks: entries of lists that are no names, and what is taken for granted.
    pub fn diagnostics(&self, snapshot: &Snapshot) -> Vec<Diagnostic> {
        let unread = self.unread.iter().map(|(origin, text)| {
            Diagnostic::error("bad-record", Some(locate(snapshot, origin)), text.clone())
                .with_help("this entry is left out; its list may have any name")
        });
        let untold = self.untold.iter().map(|(origin, text)| {
            Diagnostic::warning("unknown-value", Some(locate(snapshot, origin)), text.clone())
                .with_help("answers for which it matters are reported as unknown")
        });
        let mut found: Vec<Diagnostic> = unread.chain(untold).collect();
        if !self.tells_of_profiles && !self.networks.is_empty() {
            let text =
                "the snapshot holds no `ProfileAssociations`: VPCs are taken to have no Route 53 Profile";
            let help = "add the output of `aws route53profiles list-profile-associations`";
            found.push(Diagnostic::warning("missing-table", None, text.to_owned()).with_help(help));
        }
        found
    }

    /// The VPCs, sorted by key.
    pub fn networks(&self) -> &[DnsNetwork] {
        &self.networks
    }

    /// The VPC of this id or ARN; the first if there are several.
    pub fn network(&self, vpc: &str) -> Option<&DnsNetwork> {
        let id = vpc.rsplit_once(":vpc/").map_or(vpc, |(_, id)| id);
        self.networks.iter().find(|network| network.vpc.id() == id)
    }
}

impl fmt::Display for Filtered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Yes => f.write_str("filtered"),
            Self::No(why) | Self::Perhaps(why) => f.write_str(why),
        }
    }
}

/// The VPCs of which the snapshot speaks, by key: those of the table, and those that associations name.
fn vpcs(inventory: &Inventory) -> BTreeMap<ResourceKey, Place> {
    let named = |vpc: &Id<Vpc>, from: &Place| match inventory.get(vpc, from) {
        Some(entry) => (entry.key.clone(), entry.place.clone()),
        None => (from.key(vpc.as_str()), from.clone()),
    };
    let table = inventory.table::<Vpc>().iter().map(|vpc| (vpc.key.clone(), vpc.place.clone()));
    let groups = inventory.table::<DnsRuleGroupAssociation>().iter();
    let groups = groups.map(|it| named(it.value.vpc(), &it.place));
    let profiles = inventory.table::<ProfileAssociation>().iter();
    let profiles = profiles.map(|it| named(it.value.vpc(), &it.place));
    table.chain(groups).chain(profiles).collect()
}
