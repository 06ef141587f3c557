//! What firewalls do to connections by the names that they ask for: domain lists of Network Firewall.
//!
//! They are read as part of rule groups (`resource::rule_group`), and put in order as their policy puts them
//! (`resource::network_firewall`). [`DomainFilter::verdict`] says what becomes of one name, list by list.

use graph::{Origin, ResourceKey};

use crate::{Inventory, resource::network_firewall::domains};

/// The domain lists of a firewall, as they are about the connections of a VPC.
#[derive(Debug, Clone)]
pub struct DomainFilter {
    /// The VPC.
    pub vpc: ResourceKey,
    /// Name of the firewall.
    pub firewall: String,
    /// Name of its policy.
    pub policy: String,
    /// What the firewall has to do with the VPC, in words that go on from its name.
    pub by: String,
    /// Whether the groups decide as they stand; otherwise all that pass come first.
    pub is_strict: bool,
    /// The lists, as the policy orders them.
    pub groups: Vec<DomainGroup>,
    /// What becomes of what no list decides.
    pub rest: DomainRest,
    /// Why the firewall may do something else, in words; empty if it is certain.
    pub doubts: Vec<String>,
}

/// A list of domains.
#[derive(Debug, Clone)]
pub struct DomainGroup {
    /// Name of its rule group.
    pub name: String,
    /// What becomes of connections that ask for one of its names.
    pub action: DomainAction,
    /// What it looks at: `TLS_SNI`, `HTTP_HOST`.
    pub protocols: Vec<String>,
    /// The entries, as they are written.
    pub targets: Vec<(String, Origin)>,
    /// Where it is written.
    pub origin: Origin,
}

/// What a list does to connections that ask for one of its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DomainAction {
    /// Passes them, and drops all others of the protocols that it looks at.
    Allow,
    /// Drops them.
    Deny,
    /// Drops them, and says so to both sides.
    Reject,
    /// Nothing but a remark.
    Alert,
}

/// What becomes of connections that no list decides.
#[derive(Debug, Clone)]
pub enum DomainRest {
    /// They pass.
    Passes,
    /// They are dropped.
    Drops {
        /// By this default action.
        action: String,
        /// Where it is written.
        origin: Origin,
    },
}

/// A firewall of which it is not known what it does to names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainUnknown {
    /// Its VPC, if that is known.
    pub vpc: Option<ResourceKey>,
    /// Its name.
    pub firewall: String,
    /// Why it is not known, in words.
    pub why: String,
}

/// What the lists do to a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DomainVerdict {
    /// The connection passes.
    Passes(DomainCause),
    /// It is dropped.
    Drops(DomainCause),
    /// It is not known.
    Unknown,
}

/// By what a name is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DomainCause {
    /// By an entry: its group and its place there.
    Entry(usize, usize),
    /// By this group, a list that allows and does not have it.
    Others(usize),
    /// By no list.
    Rest,
}

/// Whether an entry takes a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Yes,
    No,
    Perhaps,
}

impl DomainFilter {
    /// All filters of a snapshot, and firewalls of which it is not known what they do, by VPC and firewall.
    pub fn all(inventory: &Inventory) -> (Vec<DomainFilter>, Vec<DomainUnknown>) {
        domains::all(inventory)
    }

    /// What the lists do to connections of a protocol that ask for a name in lower case: group by group, entry by entry.
    /// Doubts about the firewall do not count.
    pub fn verdict(&self, name: &str, protocol: &str) -> DomainVerdict {
        let groups = self.groups.iter().enumerate();
        let groups: Vec<(usize, &DomainGroup)> =
            groups.filter(|(_, group)| group.protocols.iter().any(|it| it == protocol)).collect();
        let is_allowing = |group: &DomainGroup| group.action == DomainAction::Allow;
        let passing = |(place, group): &(usize, &DomainGroup)| {
            let (takes, entry) = group.takes(name);
            (takes, DomainVerdict::Passes(DomainCause::Entry(*place, entry)))
        };
        let dropping = |(place, group): &(usize, &DomainGroup)| {
            let (takes, entry) = group.takes(name);
            (takes, DomainVerdict::Drops(DomainCause::Entry(*place, entry)))
        };
        let others = |place: usize| DomainVerdict::Drops(DomainCause::Others(place));
        let mut steps: Vec<(Takes, DomainVerdict)> = Vec::new();
        let allowing = groups.iter().filter(|(_, group)| is_allowing(group));
        let denying = groups
            .iter()
            .filter(|(_, group)| matches!(group.action, DomainAction::Deny | DomainAction::Reject));
        if self.is_strict {
            for (index, (place, group)) in groups.iter().enumerate() {
                match group.action {
                    DomainAction::Alert => {}
                    DomainAction::Deny | DomainAction::Reject => steps.push(dropping(&(*place, group))),
                    DomainAction::Allow => {
                        steps.push(passing(&(*place, group)));
                        // Whether a later list that allows still passes it is not documented.
                        let mut later = groups.iter().skip(index + 1).filter(|(_, group)| is_allowing(group));
                        let is_later = later.any(|(_, group)| group.takes(name).0 != Takes::No);
                        steps.push((if is_later { Takes::Perhaps } else { Takes::Yes }, others(*place)));
                    }
                }
            }
        } else {
            steps.extend(allowing.clone().map(passing));
            steps.extend(denying.map(dropping));
            steps.extend(allowing.clone().next().map(|(place, _)| (Takes::Yes, others(*place))));
        }
        let rest = match self.rest {
            DomainRest::Passes => DomainVerdict::Passes(DomainCause::Rest),
            DomainRest::Drops { .. } => DomainVerdict::Drops(DomainCause::Rest),
        };
        steps.push((Takes::Yes, rest));
        // The first that takes it decides, and each before it that perhaps takes it.
        let sure = steps.iter().position(|(takes, _)| *takes == Takes::Yes).unwrap_or(0);
        let mut possible =
            steps.iter().take(sure + 1).filter(|(takes, _)| *takes != Takes::No).map(|(_, it)| *it);
        let first = possible.next().unwrap_or(rest);
        let passes = |verdict: &DomainVerdict| matches!(verdict, DomainVerdict::Passes(_));
        if possible.all(|it| passes(&it) == passes(&first)) { first } else { DomainVerdict::Unknown }
    }
}

impl DomainGroup {
    /// Whether it has a name, and by which entry, the first that has it for certain before others.
    fn takes(&self, name: &str) -> (Takes, usize) {
        let mut found = (Takes::No, 0);
        for (place, (target, _)) in self.targets.iter().enumerate() {
            match takes(target, name) {
                Takes::Yes => return (Takes::Yes, place),
                Takes::Perhaps => found = (Takes::Perhaps, place),
                Takes::No => {}
            }
        }
        found
    }
}

/// Whether an entry takes a name in lower case. Letter case and one trailing dot do not matter.
fn takes(target: &str, name: &str) -> Takes {
    let target = target.to_ascii_lowercase();
    let target = target.strip_suffix('.').unwrap_or(&target);
    if let Some(rest) = target.strip_prefix('*') {
        // Not documented: nothing, or what it would take elsewhere.
        let may = match rest.strip_prefix('.') {
            Some(domain) => name == domain || name.ends_with(rest),
            None => name.ends_with(rest),
        };
        return if may { Takes::Perhaps } else { Takes::No };
    }
    let is_taken = match target.strip_prefix('.') {
        Some(domain) => !domain.is_empty() && (name == domain || name.ends_with(target)),
        None => name == target,
    };
    if is_taken { Takes::Yes } else { Takes::No }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(action: DomainAction, targets: &[&str]) -> DomainGroup {
        let origin = Origin { document: 0, offset: 0, record: String::new(), pointer: String::new() };
        DomainGroup {
            name: "list".to_owned(),
            action,
            protocols: vec!["TLS_SNI".to_owned()],
            targets: targets.iter().map(|it| ((*it).to_owned(), origin.clone())).collect(),
            origin,
        }
    }

    fn verdicts(is_strict: bool, groups: &[DomainGroup], names: &[&str]) -> Vec<&'static str> {
        let filter = DomainFilter {
            vpc: ResourceKey::new("1", "r", "vpc"),
            firewall: String::new(),
            policy: String::new(),
            by: String::new(),
            is_strict,
            groups: groups.to_vec(),
            rest: DomainRest::Passes,
            doubts: Vec::new(),
        };
        let word = |name: &&str| match filter.verdict(name, "TLS_SNI") {
            DomainVerdict::Passes(_) => "passes",
            DomainVerdict::Drops(_) => "drops",
            DomainVerdict::Unknown => "unknown",
        };
        names.iter().map(word).collect()
    }

    #[test]
    fn a_leading_dot_is_the_name_and_all_below() {
        let lists = [group(DomainAction::Allow, &[".example.com", "Only.example.net.", "*.example.org"])];
        let names = [
            "example.com",
            "a.b.example.com",
            "badexample.com",
            "only.example.net",
            "a.only.example.net",
            "a.example.org",
        ];
        assert_eq!(
            verdicts(false, &lists, &names),
            ["passes", "passes", "drops", "passes", "drops", "unknown"]
        );
    }

    #[test]
    fn in_action_order_what_allows_comes_first() {
        let lists = [group(DomainAction::Deny, &["a", "b"]), group(DomainAction::Allow, &["a"])];
        assert_eq!(verdicts(false, &lists, &["a", "b", "c"]), ["passes", "drops", "drops"]);
        assert_eq!(verdicts(true, &lists, &["a", "b", "c"]), ["drops", "drops", "drops"]);
        assert_eq!(verdicts(false, &lists[..1], &["a", "c"]), ["drops", "passes"]);
    }

    #[test]
    fn in_strict_order_what_only_a_later_list_allows_is_unknown() {
        let lists = [group(DomainAction::Allow, &["a"]), group(DomainAction::Allow, &["b"])];
        assert_eq!(verdicts(true, &lists, &["a", "b", "c"]), ["passes", "unknown", "drops"]);
        assert_eq!(verdicts(false, &lists, &["a", "b", "c"]), ["passes", "passes", "drops"]);
    }
}
