//! Which rules can take a name, when not everything is known.

use rustc_hash::FxHashMap;

use super::{Deciding, Firewall, Predicate, Rank};
use crate::{
    EntryId, Query, QueryType, Redirection, Rule, RuleId, Verdict, Verdicts,
    lists::{Hit, How},
};

/// A reading of what AWS's documentation leaves open about entries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Reading {
    tail: Tail,
    star_takes_root: bool,
    /// Whether rules that trust redirections take names at all: they may be about the query's own name only.
    trusting: bool,
}

/// What `*ab`, without a dot, takes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Tail {
    Nothing,
    Within,
    Suffix,
}

impl Reading {
    /// The same, but rules that trust redirections take nothing.
    pub(crate) fn without_trusting(self) -> Reading {
        Reading { trusting: false, ..self }
    }

    fn holds(self, how: How) -> bool {
        match how {
            How::Certain => true,
            How::Star => self.star_takes_root,
            How::Within => self.tail >= Tail::Within,
            How::Suffix => self.tail >= Tail::Suffix,
        }
    }
}

/// The readings that can make a difference to these hits; at least one.
pub(crate) fn readings(hits: &[Hit]) -> Vec<Reading> {
    let any = |how| hits.iter().any(|hit| hit.how == how);
    let tails: &[Tail] = match (any(How::Within), any(How::Suffix)) {
        (false, false) => &[Tail::Nothing],
        (true, false) => &[Tail::Nothing, Tail::Within],
        (false, true) => &[Tail::Nothing, Tail::Suffix],
        (true, true) => &[Tail::Nothing, Tail::Within, Tail::Suffix],
    };
    let stars: &[bool] = if any(How::Star) { &[false, true] } else { &[false] };
    let all = tails.iter().flat_map(|&tail| {
        stars.iter().map(move |&star_takes_root| Reading { tail, star_takes_root, trusting: true })
    });
    all.collect()
}

/// What has to be true for a rule to take a name, besides that no earlier rule does; 0 is true.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub(crate) struct Condition {
    /// The number of a predicate.
    pub(crate) names: u32,
    /// The number of an assumption.
    pub(crate) in_force: u32,
}

/// A rule that some possible truth makes the one that takes the name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Possible {
    /// Its place among the firewall's rules.
    pub(crate) rule: u32,
    pub(crate) condition: Condition,
}

/// What can become of a name, in one reading.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Outcome {
    /// The rules that can take it, ascending.
    pub(crate) takers: Vec<Possible>,
    /// Whether it can be that none does.
    pub(crate) unmatched: bool,
}

/// What can become of a name, in all readings.
pub(super) struct Judged {
    pub(super) hits: Vec<Hit>,
    pub(super) outcomes: Vec<Outcome>,
}

impl Firewall<'_> {
    pub(super) fn judged(&self, query: &Query) -> Judged {
        let hits = self.lists.hits(&query.name);
        let outcomes = readings(&hits).into_iter();
        let outcomes = outcomes.map(|reading| self.outcome(&hits, query.query_type, reading)).collect();
        Judged { hits, outcomes }
    }

    /// Finds the rules that can take a name which these lists have.
    ///
    /// Exact: a rule is among them iff some truth of all predicates, and some possible order, makes it the first
    /// that takes the name. That is so iff making only its own condition true leaves no preceding rule's condition
    /// true: a condition only asks for predicates to be true, and an order exists in which nothing but what has
    /// to precede a rule stands before it.
    pub(crate) fn outcome(&self, hits: &[Hit], query_type: QueryType, reading: Reading) -> Outcome {
        let mut takers = Vec::new();
        let mut before = Before::default();
        let mut unmatched = true;
        for possible in self.candidates(hits, query_type, reading) {
            let Some(rank) = self.rules.get(possible.rule as usize).map(|placed| placed.rank) else {
                continue;
            };
            unmatched &= possible.condition != Condition::default();
            let within = self.assumptions.within(possible.condition.in_force);
            if !before.has_weaker(possible.condition.names, within, rank) {
                takers.push(possible);
            }
            before.insert(possible.condition, rank);
        }
        Outcome { takers, unmatched }
    }

    /// The rules that take the name if their condition is true, ascending; once there is one without a condition,
    /// later ones are left out if the order is known.
    fn candidates(&self, hits: &[Hit], query_type: QueryType, reading: Reading) -> Vec<Possible> {
        let holding = || hits.iter().filter(|hit| reading.holds(hit.how)).map(|hit| hit.list);
        let last = holding().filter_map(|list| self.first(list, query_type)).min();
        let last = last.filter(|_| self.ordered && reading.trusting);
        let last = last.unwrap_or(u32::MAX);
        let mut found: Vec<Possible> = Vec::new();
        let uses = holding().filter_map(|list| self.uses.get(list as usize));
        let listed = uses.flat_map(|uses| uses.iter().map(|&rule| (rule, true)));
        for (rule, listed) in listed.chain(self.unlisted.iter().map(|&rule| (rule, false))) {
            let Some(placed) = self.rules.get(rule as usize).filter(|_| rule <= last) else { continue };
            let takes = |rule: &Rule| {
                takes_type(rule, query_type) && (reading.trusting || rule.redirection != Redirection::Trust)
            };
            if !self.rule(placed.id).is_some_and(takes) {
                continue;
            }
            let names = if listed { 0 } else { placed.unlisted.unwrap_or_default() };
            let in_force = if reading.trusting { placed.in_force } else { placed.inspecting };
            found.push(Possible { rule, condition: Condition { names, in_force } });
        }
        found.sort_unstable_by_key(|possible| (possible.rule, possible.condition.names));
        found.dedup_by_key(|possible| possible.rule);
        found
    }

    /// The verdict if this rule takes a name.
    pub(crate) fn verdict_of(&self, rule: u32) -> Option<(RuleId, Verdict)> {
        self.rules.get(rule as usize).map(|placed| (placed.id, placed.verdict))
    }

    /// All verdicts an outcome can mean.
    pub(crate) fn verdicts(&self, outcome: &Outcome) -> Verdicts {
        let takers = outcome.takers.iter().filter_map(|taker| self.verdict_of(taker.rule));
        let verdicts = takers.map(|(_, verdict)| verdict);
        verdicts.chain(outcome.unmatched.then_some(Verdict::Unmatched)).collect()
    }

    pub(crate) fn id(&self, rule: u32) -> Option<RuleId> {
        self.rules.get(rule as usize).map(|placed| placed.id)
    }

    /// What a condition asks to be true.
    pub(crate) fn conditions(&self, condition: Condition) -> impl Iterator<Item = &Predicate> {
        let assumed = self.assumptions.predicates(condition.in_force).iter().copied();
        [condition.names].into_iter().filter(|&n| n > 0).chain(assumed).map(|n| self.predicate(n))
    }
}

impl Judged {
    pub(super) fn entry(&self, firewall: &Firewall<'_>, rule: RuleId) -> Option<EntryId> {
        let Some(Rule { names: crate::Names::List(list), .. }) = firewall.rule(rule) else { return None };
        let hit = self.hits.binary_search_by_key(&list.0, |hit| hit.list).ok()?;
        self.hits.get(hit).map(|hit| EntryId(hit.entry))
    }

    pub(super) fn deciding(&self, firewall: &Firewall<'_>) -> Deciding {
        let mut verdicts = Verdicts::default();
        let mut takers: Vec<Option<u32>> = Vec::new();
        for outcome in &self.outcomes {
            verdicts.extend(firewall.verdicts(outcome));
            takers.extend(outcome.takers.iter().map(|taker| Some(taker.rule)));
            takers.extend(outcome.unmatched.then_some(None));
        }
        takers.sort_unstable();
        takers.dedup();
        let rule = match takers.as_slice() {
            [Some(rule)] => firewall.id(*rule),
            _ => None,
        };
        let entry = rule.and_then(|rule| self.entry(firewall, rule));
        Deciding { verdict: verdicts.verdict(), rule, entry }
    }
}

/// Whether a rule takes queries of this type.
pub(super) fn takes_type(rule: &Rule, query_type: QueryType) -> bool {
    rule.query_type.is_none_or(|stated| stated == query_type)
}

/// The conditions of rules looked at so far, in ascending order of rank.
#[derive(Default)]
struct Before {
    always: Option<Place>,
    others: FxHashMap<Condition, Place>,
}

/// The earliest places of rules with one condition.
#[derive(Clone, Copy)]
struct Place {
    track: u32,
    /// The first tier of the track.
    tier: u32,
    /// The latest group, and its first step.
    group: u32,
    step: u32,
}

impl Place {
    fn at(rank: Rank) -> Place {
        Place { track: rank.track, tier: rank.tier, group: rank.group, step: rank.step }
    }

    fn add(&mut self, rank: Rank) {
        if rank.track != self.track {
            *self = Place::at(rank);
        } else if rank.group != self.group {
            (self.group, self.step) = (rank.group, rank.step);
        }
    }

    fn precedes(self, rank: Rank) -> bool {
        self.track == rank.track
            && (self.tier < rank.tier || self.group == rank.group && self.step < rank.step)
    }
}

impl Before {
    fn insert(&mut self, condition: Condition, rank: Rank) {
        let place = if condition == Condition::default() {
            self.always.get_or_insert_with(|| Place::at(rank))
        } else {
            self.others.entry(condition).or_insert_with(|| Place::at(rank))
        };
        place.add(rank);
    }

    /// Whether a rule that precedes takes the name whenever this predicate and any of these assumptions are true.
    fn has_weaker(&self, names: u32, within: &[u32], rank: Rank) -> bool {
        let precedes = |place: &Place| place.precedes(rank);
        let has = |condition| self.others.get(&condition).is_some_and(precedes);
        self.always.as_ref().is_some_and(precedes)
            || !self.others.is_empty()
                && within.iter().any(|&in_force| {
                    has(Condition { names, in_force }) || names > 0 && has(Condition { names: 0, in_force })
                })
    }
}
