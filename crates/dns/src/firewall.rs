//! A stack of rule groups, made ready for questions.

mod assumptions;
mod decide;
mod outcome;

use std::{collections::BTreeSet, fmt};

use rustc_hash::FxHashMap;

use crate::{
    Coverage, DomainLists, EntryId, ListId, Names, Query, QueryType, Redirection, Rule, RuleGroup, Stack,
    State, Verdict,
    lists::{Best, Hit},
};
use assumptions::Assumptions;
pub use decide::{Decision, Doubt, NameDecision, Passed, Proviso, Taker, Why};
use outcome::Reading;
pub(crate) use outcome::{Outcome, readings};

/// A rule of a [`Firewall`]: its group's place in [`Stack::groups`], and its own in [`RuleGroup::rules`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RuleId {
    /// Index of the group, from 0.
    pub group: usize,
    /// Index of the rule in its group, from 0.
    pub rule: usize,
}

/// What a network's rule groups do to queries.
///
/// Groups are looked at by priority, and rules in a group by priority, lowest first; the first rule that takes the
/// name and the type decides, whatever its action, also if it only alerts; a query that no rule takes is answered.
/// SOURCE: Route 53 developer guide, "How Route 53 Resolver DNS Firewall works", and AWS's agent toolkit,
/// "identify the effective DNS Firewall rule" (checked 2026-11-23).
///
/// Whether a managed list, a detector or a partly known list has a name is not known, and neither is whether an
/// uncertain rule is in force or how groups of different tracks are ordered. Answers hold whatever the truth is:
/// a verdict is certain only if all possible truths lead to it.
///
/// ```
/// use std::sync::Arc;
/// use dns::*;
///
/// let mut lists = DomainLists::builder();
/// let (all, _) = lists.list("all", Coverage::Complete, ["*"]);
/// let lists = lists.build();
/// let rule = Rule {
///     name: "nothing else".to_owned(),
///     priority: 100,
///     names: Names::List(all),
///     query_type: None,
///     action: Action::Block(Response::NxDomain),
///     redirection: Redirection::Inspect,
///     state: State::InForce,
/// };
/// let group = RuleGroup { id: "rslvr-frg-1".to_owned(), rules: vec![rule] };
/// let firewall = Firewall::new(&lists, Stack::ordered([Arc::new(group)]));
/// let query = Query { name: "example.com".parse()?, query_type: QueryType::A };
/// assert_eq!(firewall.verdict(&query).verdict, Verdict::Block);
/// # Ok::<(), NameError>(())
/// ```
pub struct Firewall<'l> {
    lists: &'l DomainLists,
    stack: Stack,
    // INVARIANT: sorted by `Rank`, so that no rule stands after one it precedes. Kept by `new`.
    rules: Vec<Placed>,
    /// The rules of every list, by its number, ascending.
    uses: Vec<Vec<u32>>,
    // INVARIANT: sorted by type. Kept by `collect_rows`.
    stated: Vec<(QueryType, Row)>,
    /// For types that no rule states.
    others: Row,
    /// The rules that may take a name without a list known to have it, ascending.
    unlisted: Vec<u32>,
    // INVARIANT: a rule precedes all after it iff there is one order. Kept by `new`.
    ordered: bool,
    /// The first rule whose names or state are not known; `u32::MAX` if there is none.
    first_doubtful: u32,
    predicates: Vec<Predicate>,
    assumptions: Assumptions,
}

/// Where a rule stands: dense numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Rank {
    track: u32,
    /// The group's priority in its track.
    tier: u32,
    group: u32,
    /// The rule's priority in its group.
    step: u32,
}

impl Rank {
    /// Whether a rule here is looked at before one there in every possible order.
    fn precedes(self, other: Rank) -> bool {
        self.track == other.track
            && (self.tier < other.tier || self.group == other.group && self.step < other.step)
    }
}

/// A rule where it stands.
struct Placed {
    id: RuleId,
    verdict: Verdict,
    rank: Rank,
    /// What has to be true for it to take a name that no list is known to have; `None` if it does not.
    unlisted: Option<u32>,
    /// What has to be true for it to be in force, by number among the assumptions; 0 if it is.
    in_force: u32,
    /// The same, and that it has the names of redirections looked at.
    inspecting: u32,
}

/// The first rules that are in force, for one query type or for all that no rule states.
struct Row {
    /// The first that takes the names of a list, by its number; `u32::MAX` if there is none.
    first: Vec<u32>,
    /// The first that takes all names.
    star: Best,
}

impl Row {
    fn new(lists: usize) -> Row {
        Row { first: vec![u32::MAX; lists], star: Best::NONE }
    }

    fn first(&self, list: u32) -> u32 {
        self.first.get(list as usize).copied().unwrap_or(u32::MAX)
    }
}

/// Something unknown that is either true or false, for a name or at all.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Predicate {
    /// Always true. Has number 0.
    True,
    /// A managed list has the name.
    Managed(String),
    /// A detector takes the name for a threat.
    Detector(String),
    /// A list has the name although it is not among the entries that are known.
    Unlisted(ListId),
    /// A rule is in force: ids of group and rule.
    InForce(String, String),
    /// Something is so that a group's being in force depends on.
    Associated(String),
    /// A rule has the names of redirections looked at: ids of group and rule.
    Inspects(String, String),
}

/// The verdict on a query's name, and why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deciding {
    /// The verdict.
    pub verdict: Verdict,
    /// The rule that decides; `None` if no rule takes the name, or if it depends which does.
    pub rule: Option<RuleId>,
    /// The entry by which it takes the name: the exact name before wildcards, longer ones before shorter, then
    /// the first that was read. `None` if its names are not known.
    pub entry: Option<EntryId>,
}

impl<'l> Firewall<'l> {
    /// Makes a stack ready. The cost is that of its rules and of the lists, for each query type that rules state.
    ///
    /// A rule whose list is not among `lists` may take any name.
    pub fn new(lists: &'l DomainLists, stack: Stack) -> Firewall<'l> {
        let mut predicates = Predicates::new();
        let mut assumptions = Assumptions::new();
        let mut rules = Vec::new();
        let tiers = dense(stack.groups.iter().map(|group| (group.track, group.priority)));
        for ((group, association), tier) in stack.groups.iter().enumerate().zip(tiers) {
            let steps = dense(association.group.rules.iter().map(|rule| rule.priority));
            let doubts = association.doubts.iter().map(|doubt| Predicate::Associated(doubt.clone()));
            let associated: Vec<u32> = doubts.map(|predicate| predicates.number(predicate)).collect();
            for ((index, rule), step) in association.group.rules.iter().enumerate().zip(steps) {
                let unlisted = match &rule.names {
                    Names::Managed(name) => Some(Predicate::Managed(name.clone())),
                    Names::Detector(name) => Some(Predicate::Detector(name.clone())),
                    Names::List(list) => {
                        (lists.coverage(*list) == Coverage::Partial).then_some(Predicate::Unlisted(*list))
                    }
                };
                let mut assumed = associated.clone();
                let ids = || (association.group.id.clone(), rule.name.clone());
                if rule.state == State::Uncertain {
                    let (group, rule) = ids();
                    assumed.push(predicates.number(Predicate::InForce(group, rule)));
                }
                let in_force = assumptions.number(assumed.clone());
                if rule.redirection == Redirection::Unknown {
                    let (group, rule) = ids();
                    assumed.push(predicates.number(Predicate::Inspects(group, rule)));
                }
                rules.push(Placed {
                    id: RuleId { group, rule: index },
                    verdict: rule.action.verdict(),
                    rank: Rank { track: association.track, tier, group: number(group), step },
                    unlisted: unlisted.map(|predicate| predicates.number(predicate)),
                    in_force,
                    inspecting: assumptions.number(assumed),
                });
            }
        }
        rules.sort_by_key(|rule| (rule.rank, rule.id));
        let ordered =
            rules.iter().zip(rules.iter().skip(1)).all(|(rule, next)| rule.rank.precedes(next.rank));
        let doubtful = rules.iter().position(|rule| rule.unlisted.is_some() || rule.in_force > 0);
        let first_doubtful = doubtful.map_or(u32::MAX, number);
        let unlisted = rules.iter().enumerate().filter(|(_, rule)| rule.unlisted.is_some());
        let unlisted = unlisted.map(|(index, _)| number(index)).collect();
        let predicates = predicates.all;
        let mut firewall = Firewall {
            lists,
            stack,
            rules,
            uses: Vec::new(),
            stated: Vec::new(),
            others: Row::new(0),
            unlisted,
            ordered,
            first_doubtful,
            predicates,
            assumptions,
        };
        firewall.collect_uses();
        firewall
    }

    fn collect_uses(&mut self) {
        let lists = self.lists.lists().len();
        let mut types = BTreeSet::new();
        self.query_types(&mut types);
        self.uses = vec![Vec::new(); lists];
        self.others = Row::new(lists);
        let row = |query_type| (query_type, Row::new(lists));
        self.stated = types.into_iter().map(row).collect();
        for index in 0..self.rules.len() {
            let Some(placed) = self.rules.get(index) else { continue };
            let Some(Rule { names: Names::List(ListId(list)), query_type, .. }) = self.rule(placed.id) else {
                continue;
            };
            let (index, list, query_type) = (number(index), *list as usize, *query_type);
            let is_sure = placed.in_force == 0;
            if let Some(uses) = self.uses.get_mut(list) {
                uses.push(index);
            }
            let stated = self.stated.iter_mut().map(|(stated, row)| (Some(*stated), row));
            for (stated, row) in stated.chain([(None, &mut self.others)]) {
                let takes = is_sure && (query_type.is_none() || query_type == stated);
                if let Some(first) = row.first.get_mut(list).filter(|_| takes) {
                    *first = index.min(*first);
                }
            }
        }
        for row in self.stated.iter_mut().map(|(_, row)| row).chain([&mut self.others]) {
            self.lists.each_star(|list, entry| row.star = row.star.or(Best::new(row.first(list), 0, entry)));
        }
    }

    /// Returns the lists its rules refer to.
    pub fn lists(&self) -> &'l DomainLists {
        self.lists
    }

    /// Returns what it was made from.
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    /// Returns a rule, or `None` if there is no such rule here.
    pub fn rule(&self, id: RuleId) -> Option<&Rule> {
        self.group(id)?.rules.get(id.rule)
    }

    /// Returns the group of a rule, or `None` if there is no such group here.
    pub fn group(&self, id: RuleId) -> Option<&RuleGroup> {
        self.stack.groups.get(id.group).map(|association| &*association.group)
    }

    /// Returns the rules in the order in which they are looked at; where that is open, in one possible order.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = RuleId> {
        self.rules.iter().map(|rule| rule.id)
    }

    /// Adds the query types that rules state.
    pub(crate) fn query_types(&self, into: &mut BTreeSet<QueryType>) {
        into.extend(self.rules.iter().filter_map(|placed| self.rule(placed.id)?.query_type));
    }

    /// Whether a rule uses a list.
    pub(crate) fn uses_list(&self, list: ListId) -> bool {
        self.uses.get(list.0 as usize).is_some_and(|uses| !uses.is_empty())
    }

    /// The rules that use one of the lists with a name, or may take any name.
    pub(crate) fn rules_near(&self, hits: &[Hit]) -> impl Iterator<Item = u32> {
        let uses = hits.iter().filter_map(|hit| self.uses.get(hit.list as usize));
        uses.flat_map(|uses| uses.iter().copied()).chain(self.unlisted.iter().copied())
    }

    /// Whether there is only one order in which the rules can stand.
    pub(crate) fn is_ordered(&self) -> bool {
        self.ordered
    }

    pub(crate) fn predicate(&self, number: u32) -> &Predicate {
        self.predicates.get(number as usize).unwrap_or(&Predicate::True)
    }

    /// Returns the verdict on a query's own name, without regard to redirections, and what decides.
    ///
    /// Agrees with [`Firewall::decide`], without the list of rules that were passed. The cost is that of looking
    /// up the name's labels, however many rules and entries there are, unless unknown names or orders matter.
    pub fn verdict(&self, query: &Query) -> Deciding {
        if !self.ordered {
            return self.judged(query).deciding(self);
        }
        let row = self.row(query.query_type);
        let best = self.lists.best(&query.name, row.star, |list| row.first(list));
        let mut sure = !query.name.is_root();
        self.lists.each_tail(&query.name, |_| sure = false);
        if !sure || best.rank() > self.first_doubtful {
            return self.judged(query).deciding(self);
        }
        match self.rules.get(best.rank() as usize) {
            Some(Placed { id, verdict, .. }) => {
                Deciding { verdict: *verdict, rule: Some(*id), entry: Some(best.entry()) }
            }
            None => Deciding { verdict: Verdict::Unmatched, rule: None, entry: None },
        }
    }

    /// The row for a query type.
    fn row(&self, query_type: QueryType) -> &Row {
        let stated = self.stated.binary_search_by_key(&query_type, |(stated, _)| *stated).ok();
        stated.and_then(|index| self.stated.get(index)).map_or(&self.others, |(_, row)| row)
    }

    /// The first rule in force that takes names of a list, with this query type.
    fn first(&self, list: u32, query_type: QueryType) -> Option<u32> {
        Some(self.row(query_type).first(list)).filter(|rule| *rule != u32::MAX)
    }
}

impl fmt::Debug for Firewall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Firewall({} groups, {} rules)", self.stack.groups.len(), self.rules.len())
    }
}

/// Numbers predicates.
struct Predicates {
    all: Vec<Predicate>,
    numbers: FxHashMap<Predicate, u32>,
}

impl Predicates {
    fn new() -> Predicates {
        let mut predicates = Predicates { all: Vec::new(), numbers: FxHashMap::default() };
        predicates.number(Predicate::True);
        predicates
    }

    fn number(&mut self, predicate: Predicate) -> u32 {
        *self.numbers.entry(predicate).or_insert_with_key(|predicate| {
            self.all.push(predicate.clone());
            number(self.all.len() - 1)
        })
    }
}

/// An index as it is stored. There are not so many rules.
fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// The place of every value among the different ones, in order.
fn dense<T: Ord + Copy>(values: impl Iterator<Item = T>) -> Vec<u32> {
    let values: Vec<T> = values.collect();
    let mut sorted = values.clone();
    sorted.sort_unstable();
    sorted.dedup();
    values.iter().map(|value| number(sorted.partition_point(|other| other < value))).collect()
}
