//! What holds of the model after changes of lists, for all VPCs.

use aws::{DnsFirewalls, DnsNetwork, Filtered};
use dns::{
    Comparison, DomainName, Firewall, NameSet, Names, Query, QueryType, RuleId, RuleUse, Stack, Verdict, Wins,
};

use super::{LeftWhy, PlanClaim, PlanGroup, PlanProof};
use crate::{
    Analysis, DnsAnswer, DnsQuestion, DnsRule, Holds, Reason,
    dns::{Seen, check},
    report::listed,
};

/// So many regions of names that are opened are looked at at once.
const MOST_OPENED: usize = 10_000;

/// The firewalls of all VPCs before and after changes, each once.
pub(super) struct Proving<'a> {
    analysis: &'a Analysis,
    all: &'a DnsFirewalls,
    groups: Vec<Group<'a>>,
}

/// VPCs with the same firewall.
struct Group<'a> {
    vpcs: Vec<String>,
    network: &'a DnsNetwork,
    before: Firewall<'a>,
    after: Firewall<'a>,
    is_changed: bool,
}

/// What is to hold after changes.
pub(super) struct Goals {
    pub(super) denied: Goal,
    pub(super) alerted: Goal,
    /// The names that are added to lists.
    pub(super) new: NameSet,
    /// The names of which something else may become.
    pub(super) touched: NameSet,
}

/// Names that are to be in lists.
pub(super) struct Goal {
    pub(super) claim: PlanClaim,
    pub(super) names: NameSet,
    /// The ids of these lists.
    pub(super) lists: Vec<String>,
}

impl Goal {
    pub(super) fn new(claim: PlanClaim) -> Self {
        Self { claim, names: NameSet::empty(), lists: Vec::new() }
    }
}

impl<'a> Proving<'a> {
    /// The firewalls of these VPCs, of which `all` knows what they are after the changes.
    pub(super) fn new(
        analysis: &'a Analysis,
        all: &'a DnsFirewalls,
        networks: &[(String, &DnsNetwork)],
    ) -> Self {
        let mut groups: Vec<(Vec<String>, &DnsNetwork)> = Vec::new();
        for (vpc, network) in networks {
            let Some(network) = all.networks().iter().find(|other| other.vpc == network.vpc) else {
                continue;
            };
            let same = groups.iter_mut().find(|(_, other)| {
                other.stack == network.stack
                    && other.filtered == network.filtered
                    && other.notes == network.notes
            });
            match same {
                Some((vpcs, _)) => vpcs.push(vpc.clone()),
                None => groups.push((vec![vpc.clone()], network)),
            }
        }
        let firewall = |stack: Stack| Firewall::new(all.lists(), stack);
        let groups = groups.into_iter().map(|(vpcs, network)| {
            let before = all.before(&network.stack);
            let is_changed = before != network.stack;
            Group {
                vpcs,
                network,
                before: firewall(before),
                after: firewall(network.stack.clone()),
                is_changed,
            }
        });
        Self { analysis, all, groups: groups.collect() }
    }

    pub(super) fn groups(&self) -> Vec<PlanGroup> {
        let group = |group: &Group<'_>| PlanGroup {
            vpcs: group.vpcs.clone(),
            filtered: group.network.filtered.clone(),
        };
        self.groups.iter().map(group).collect()
    }

    /// What becomes of a query for a name before and after, type A, group by group.
    pub(super) fn answers(&self, name: &DomainName) -> Vec<(DnsAnswer, DnsAnswer)> {
        let query = Query { name: name.clone(), query_type: QueryType::A };
        let answer = |group: &Group<'_>, firewall| {
            let (question, seen) = Self::asked(group, &query);
            self.analysis.dns_brief(self.all, &question, seen, firewall).0
        };
        self.groups.iter().map(|group| (answer(group, &group.before), answer(group, &group.after))).collect()
    }

    /// Names of a set that are blocked before, or may be, and not after, each with a VPC in which it is so; not all if
    /// there are very many.
    pub(super) fn opened(&self, names: &NameSet) -> Vec<(DomainName, LeftWhy)> {
        let mut opened = Vec::new();
        for group in self.groups.iter().filter(|group| group.is_changed) {
            if matches!(group.network.filtered, Filtered::No(_)) {
                continue;
            }
            let vpc = group.vpcs.first().cloned().unwrap_or_default();
            let found = group.before.opened(&group.after, names, MOST_OPENED).differences;
            opened.extend(found.into_iter().map(|it| {
                let why = if it.is_certain { LeftWhy::Opens } else { LeftWhy::MayOpen };
                (it.query.name, why(vpc.clone()))
            }));
        }
        opened
    }

    /// Whether names are denied and alerted on, none is opened and nothing else changes, claim by claim.
    pub(super) fn prove(&self, goals: &Goals) -> Vec<PlanProof> {
        let mut proofs = Vec::new();
        for goal in [&goals.denied, &goals.alerted] {
            if !goal.names.is_empty() {
                let proof = |(place, group)| self.listed(goal, place, group);
                proofs.extend(self.groups.iter().enumerate().map(proof));
            }
        }
        for (place, group) in self.groups.iter().enumerate().filter(|(_, group)| group.is_changed) {
            let opened = group.before.opened(&group.after, &goals.new, 1);
            proofs.push(self.compared(PlanClaim::NothingOpened, place, group, &opened));
        }
        let untouched = goals.touched.complement();
        for (place, group) in self.groups.iter().enumerate().filter(|(_, group)| group.is_changed) {
            proofs.push(self.same(PlanClaim::NothingElse, place, group, &untouched));
        }
        for (place, group) in self.groups.iter().enumerate().filter(|(_, group)| group.is_changed) {
            proofs.push(self.none_shadowed(place, group));
        }
        proofs
    }

    /// That the same becomes of all names.
    pub(super) fn same_without(&self) -> Vec<PlanProof> {
        let changed = self.groups.iter().enumerate().filter(|(_, group)| group.is_changed);
        changed
            .map(|(place, group)| self.same(PlanClaim::SameWithout, place, group, &NameSet::all()))
            .collect()
    }

    /// Whether names that are to be in lists get the verdicts that they are to get.
    fn listed(&self, goal: &Goal, place: usize, group: &Group<'_>) -> PlanProof {
        let wanted: &[Verdict] = match goal.claim {
            PlanClaim::Alerted => &[Verdict::Block, Verdict::Alert],
            _ => &[Verdict::Block],
        };
        let proof = group.after.gives_only(wanted.iter().copied().collect(), &goal.names);
        let query = check::shown(&group.network.filtered, &proof, &goal.names);
        let example = query.map(|query| self.answer(group, &group.after, &query));
        // It fails only if the name by itself confirms it.
        let holds = match &example {
            None => Holds::Yes,
            Some(example) if wanted.iter().any(|verdict| example.possible.contains(*verdict)) => {
                Holds::Unknown
            }
            Some(_) => Holds::No,
        };
        let notes = group.network.notes.iter().filter(|_| holds == Holds::Yes).cloned();
        let is_seen = !matches!(group.network.filtered, Filtered::No(_));
        let uses = |list: &&String| self.uses(&group.network.stack, list);
        let unused = is_seen && holds == Holds::No && !goal.lists.iter().any(|list| uses(&list));
        let unused = unused.then(|| {
            let lists = listed(&goal.lists);
            format!(
                "no rule of these VPCs takes the names of {lists}: what is listed there does nothing for them"
            )
        });
        let why = notes.chain(unused).map(|text| Reason { text, location: None }).collect();
        PlanProof { claim: goal.claim, group: place, holds, example, shadowed: Vec::new(), why }
    }

    /// Whether any rule takes the names of a list.
    fn uses(&self, stack: &Stack, list: &str) -> bool {
        let mut rules = stack.groups.iter().flat_map(|it| &it.group.rules);
        rules.any(|rule| match &rule.names {
            Names::List(id) => self.all.list(*id).is_some_and(|known| known.id == list),
            Names::Managed(_) | Names::Detector(_) => false,
        })
    }

    fn same(&self, claim: PlanClaim, place: usize, group: &Group<'_>, names: &NameSet) -> PlanProof {
        let compared = group.before.compare_within(&group.after, names, 1);
        self.compared(claim, place, group, &compared)
    }

    fn compared(
        &self,
        claim: PlanClaim,
        place: usize,
        group: &Group<'_>,
        compared: &Comparison,
    ) -> PlanProof {
        let holds = match (compared.certain, compared.uncertain) {
            (0, 0) => Holds::Yes,
            (0, _) => Holds::Unknown,
            _ => Holds::No,
        };
        let example = compared.differences.first().map(|it| self.answer(group, &group.after, &it.query));
        PlanProof { claim, group: place, holds, example, shadowed: Vec::new(), why: Vec::new() }
    }

    fn none_shadowed(&self, place: usize, group: &Group<'_>) -> PlanProof {
        // A rule whose list is empty by now is not in anybody's shadow.
        let is_shadowed = |uses: &[RuleUse], rule: RuleId| {
            uses.iter()
                .any(|other| other.rule == rule && other.wins == Wins::Never && !other.taken_by.is_empty())
        };
        let (before, after) = (group.before.rule_uses(), group.after.rule_uses());
        let shadowed = before.iter().filter(|it| it.wins != Wins::Never && is_shadowed(&after, it.rule));
        let rule = |it: &RuleUse| self.analysis.dns_rule(self.all, &group.after, it.rule, None);
        let shadowed: Vec<DnsRule> = shadowed.map(rule).collect();
        let holds = if shadowed.is_empty() { Holds::Yes } else { Holds::No };
        PlanProof {
            claim: PlanClaim::NoRuleShadowed,
            group: place,
            holds,
            example: None,
            shadowed,
            why: Vec::new(),
        }
    }

    fn answer(&self, group: &Group<'_>, firewall: &Firewall<'_>, query: &Query) -> DnsAnswer {
        let (question, seen) = Self::asked(group, query);
        self.analysis.dns_answer(self.all, &question, seen, firewall)
    }

    fn asked<'g>(group: &'g Group<'_>, query: &Query) -> (DnsQuestion, Seen<'g>) {
        let vpc = group.vpcs.first().map(String::as_str).unwrap_or_default();
        let seen = Seen { filtered: &group.network.filtered, notes: &group.network.notes };
        (DnsQuestion::of(vpc, query.clone()), seen)
    }
}
