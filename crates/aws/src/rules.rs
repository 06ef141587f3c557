//! Filters by themselves: the rules of groups, network ACLs, prefix lists and firewall policies as lists of terms.
//!
//! Lowering makes its edges of the same rules by the same functions, so that what is said of a filter here holds in the
//! graph. Nothing is decided here: two filters are compared, and lists searched for idle rules, in the crate `netproof`.

use std::sync::Arc;

use graph::{Cause, ForwardingGraph, NodeId, ResourceKey, Rule};
use headerspace::{Field, Match};

use crate::{
    Inventory, Place,
    resource::{NetworkAcl, PrefixList, SecurityGroup, filters},
};

/// How a list decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The first rule that is about a packet decides.
    FirstMatch,
    /// Each rule that is about a packet lets it through.
    Any,
}

/// What a rule does to its packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Lets them through (or, of a prefix list, counts them in).
    Pass,
    /// Stops them.
    Drop,
    /// Hands them to the stateful rules of a firewall.
    Forward,
}

/// Whether a rule does what it does to all packets that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sureness {
    /// To all of them.
    Surely,
    /// To some of them or to none; its cause or something that is not in a header tells which.
    Perhaps,
}

/// Who wrote a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// The owner of the list.
    Owner,
    /// AWS, with the list itself.
    Default,
}

/// A rule of a list.
#[derive(Debug, Clone)]
pub struct ListedRule {
    /// The packets that it is about.
    pub guard: Match,
    /// What it does to them.
    pub effect: Effect,
    /// Whether it does so to all of them.
    pub sureness: Sureness,
    /// Who wrote it.
    pub author: Author,
    /// Its place among the others, the smallest first; rules of one rank stand beside each other.
    pub rank: u32,
    /// The rule, where it is written, and a note if it is not fully known.
    pub cause: Arc<Cause>,
}

/// Rules that decide together.
#[derive(Debug, Clone)]
pub struct RuleList {
    /// The resource that they belong to.
    pub owner: ResourceKey,
    /// What of it: `ingress`, `egress`, `addresses`, `stateless`, `stateful`.
    pub part: &'static str,
    /// How they decide.
    pub order: Order,
    /// The rules in the order that decides.
    pub rules: Vec<ListedRule>,
    /// What becomes of packets that no rule is about, if the list alone decides it.
    pub otherwise: Option<Effect>,
    /// What is worth knowing before a rule is taken out.
    pub note: Option<String>,
}

/// What kind of filter it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FilterKind {
    /// A security group.
    SecurityGroup,
    /// A network ACL.
    NetworkAcl,
    /// A managed prefix list.
    PrefixList,
    /// A policy of Network Firewall.
    FirewallPolicy,
}

impl FilterKind {
    /// Its name in texts.
    pub fn name(self) -> &'static str {
        match self {
            Self::SecurityGroup => "security group",
            Self::NetworkAcl => "network ACL",
            Self::PrefixList => "prefix list",
            Self::FirewallPolicy => "firewall policy",
        }
    }
}

/// A filter and everything that decides in it.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Which.
    pub key: ResourceKey,
    /// What it is.
    pub kind: FilterKind,
    /// How it decides.
    pub content: Content,
}

/// How a filter decides.
#[derive(Debug, Clone)]
pub enum Content {
    /// By lists, one for each of its parts.
    Lists(Vec<RuleList>),
    /// Packet by packet and conversation by conversation, as a graph of its own.
    Stages(Box<Stages>),
    /// Nobody knows, for this reason.
    Unknown(String),
}

/// A firewall's policy as a graph without a network around it.
#[derive(Debug, Clone)]
pub struct Stages {
    /// The rules as edges.
    pub graph: ForwardingGraph,
    /// Where packets enter.
    pub entering: NodeId,
    /// Where those stand that were let through.
    pub leaving: NodeId,
}

impl Inventory {
    /// The filters of this id, ARN or (of policies) name, sorted by key. Several only if accounts or Regions share it.
    pub fn filters(&self, name: &str) -> Vec<Filter> {
        let mut found: Vec<Filter> = Vec::new();
        found.extend(self.named::<SecurityGroup>(name, "security-group").map(|group| Filter {
            key: group.key.clone(),
            kind: FilterKind::SecurityGroup,
            content: Content::Lists(filters::group(group, self)),
        }));
        found.extend(self.named::<NetworkAcl>(name, "network-acl").map(|acl| Filter {
            key: acl.key.clone(),
            kind: FilterKind::NetworkAcl,
            content: Content::Lists(filters::acl(acl)),
        }));
        let mut lists: Vec<Place> =
            self.named::<PrefixList>(name, "prefix-list").map(|list| list.place.clone()).collect();
        let id = name.rsplit_once("prefix-list/").map_or(name, |(_, id)| id);
        if lists.is_empty() {
            // What tells the entries need not describe the list.
            lists.extend(filters::places_of_list(id, self).into_iter().filter(|place| fits(name, place)));
        }
        // What several accounts tell of one list is one list.
        let mut told = Vec::new();
        lists.retain(|place| {
            let rules = filters::list(id, place, self).map(|list| list.rules);
            let guards: Option<Vec<Match>> =
                rules.map(|rules| rules.into_iter().map(|rule| rule.guard).collect());
            let version = (place.region.clone(), guards);
            let is_new = !told.contains(&version);
            if is_new {
                told.push(version);
            }
            is_new
        });
        found.extend(lists.into_iter().map(|place| Filter {
            key: place.key(id),
            kind: FilterKind::PrefixList,
            content: filters::list(id, &place, self).map_or_else(
                || Content::Unknown(format!("the entries of prefix list `{id}` are not in the snapshot")),
                |list| Content::Lists(vec![list]),
            ),
        }));
        found.extend(filters::policies(self).filter(|arn| is_called(arn, name)).map(|arn| Filter {
            key: filters::policy_key(arn),
            kind: FilterKind::FirewallPolicy,
            content: match filters::stages(arn, self) {
                Ok(stages) => Content::Stages(Box::new(stages)),
                Err(why) => Content::Unknown(why),
            },
        }));
        found.sort_by(|a, b| (&a.key, a.kind).cmp(&(&b.key, b.kind)));
        found
    }

    /// All lists of rules, sorted by the key of their owners; those of a policy that is not known are left out.
    pub fn rule_lists(&self) -> Vec<RuleList> {
        let mut lists: Vec<RuleList> = Vec::new();
        lists.extend(self.table::<SecurityGroup>().iter().flat_map(|group| filters::group(group, self)));
        lists.extend(self.table::<NetworkAcl>().iter().flat_map(filters::acl));
        lists.extend(filters::prefix_lists(self));
        lists.extend(filters::policies(self).flat_map(|arn| filters::policy_lists(arn, self)));
        lists.sort_by(|a, b| (&a.owner, a.part).cmp(&(&b.owner, b.part)));
        lists
    }

    fn named<'i, R: crate::resource::Listed + 'i>(
        &'i self,
        name: &'i str,
        kind: &'i str,
    ) -> impl Iterator<Item = &'i crate::Entry<R>> {
        let id = name.rsplit_once(':').map_or(name, |(_, end)| {
            end.strip_prefix(kind).and_then(|rest| rest.strip_prefix('/')).unwrap_or(name)
        });
        self.table::<R>().everywhere(id).filter(move |entry| fits(name, &entry.place))
    }
}

/// Whether an id or ARN may be that of something here.
fn fits(name: &str, place: &Place) -> bool {
    let Some(rest) = name.strip_prefix("arn:") else { return true };
    let parts: Vec<&str> = rest.splitn(5, ':').collect();
    let [_, _, region, account, _] = parts.as_slice() else { return false };
    let same = |known: &str, said: &str| known.is_empty() || said.is_empty() || known == said;
    // AWS's own lists belong to `aws`.
    same(&place.region, region) && (same(&place.account, account) || *account == "aws")
}

/// Whether a policy of this ARN is called so.
fn is_called(arn: &str, name: &str) -> bool {
    arn == name || arn.rsplit('/').next() == Some(name)
}

impl ListedRule {
    /// An entry of a set of addresses.
    pub(crate) fn entry(
        owner: &ResourceKey,
        net: ipnet::IpNet,
        origin: Option<graph::Origin>,
        rank: u32,
    ) -> Self {
        let cause = Cause::new(owner, Rule::Structure).at(origin).noting(format!("entry {net}"));
        Self {
            guard: Match::dst_in(net),
            effect: Effect::Pass,
            sureness: Sureness::Surely,
            author: Author::Owner,
            rank,
            cause: Arc::new(cause),
        }
    }
}

/// The field that stands for the addresses of a prefix list.
pub const ADDRESSES: Field = Field::DstIp;
