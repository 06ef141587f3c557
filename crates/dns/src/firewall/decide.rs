//! What becomes of one query, with the names it is redirected to, and why.

use super::{Firewall, Outcome, Predicate, Reading, outcome, readings};
use crate::{
    Action, DomainName, EntryId, ListId, Names, Query, QueryType, Redirection, RuleId, Verdict, Verdicts,
    lists::{Hit, How},
};

/// What becomes of a query, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// The verdict, redirections that were given included: block if any name is blocked; otherwise alert if
    /// any name alerts; otherwise that on the query's own name.
    pub verdict: Verdict,
    /// All verdicts that are possible; more than one iff `verdict` is [`Verdict::Depends`].
    pub possible: Verdicts,
    /// The names, the query's own first, then those it is redirected to. Names after one that is surely
    /// blocked are left out: they are not asked for.
    pub names: Vec<NameDecision>,
    /// What the verdict takes for granted.
    pub proviso: Proviso,
}

/// What a verdict takes for granted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proviso {
    /// Nothing.
    Nothing,
    /// That names to which the query is redirected, none of which were given, are neither blocked nor alerted on.
    ChainPasses,
}

/// What becomes of one name by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NameDecision {
    /// The name.
    pub name: DomainName,
    /// The verdict on it.
    pub verdict: Verdict,
    /// All verdicts that are possible.
    pub possible: Verdicts,
    /// The rules that can take it, in order. If there is one and `unmatched` is not possible, it decides.
    pub takers: Vec<Taker>,
    /// Whether it is possible that no rule takes it.
    pub unmatched: bool,
    /// The rules that surely do not take it and stand before a taker (all, if `unmatched` is possible), in order.
    pub passed: Vec<Passed>,
}

impl NameDecision {
    /// Returns the rule that takes the name, whatever is unknown.
    pub fn deciding(&self) -> Option<&Taker> {
        match self.takers.as_slice() {
            [taker] if !self.unmatched => Some(taker),
            _ => None,
        }
    }
}

/// A rule that takes a name, or may.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taker {
    /// The rule.
    pub rule: RuleId,
    /// The most specific entry by which its list has the name, see [`super::Deciding::entry`].
    pub entry: Option<EntryId>,
    /// Why it may also not be the one.
    pub doubts: Vec<Doubt>,
}

/// Why it is not certain that a rule takes a name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Doubt {
    /// The list is managed, and AWS does not show its names.
    Managed,
    /// A detector decides.
    Detector,
    /// Not all entries of the list are known.
    Unlisted(ListId),
    /// What the entry means is not documented, see [`crate::Pattern`].
    Meaning(EntryId),
    /// The rule may not be in force.
    State,
    /// Its group may not be in force, see [`crate::Association::doubts`].
    Association,
    /// A rule of another group may stand before it, or after it.
    Order,
    /// It is not documented with which type the names of a redirection are looked at.
    Type,
    /// The rule trusts redirections, and it is not documented whether such a rule looks at names of one.
    Trust,
    /// It is not known whether the rule trusts redirections.
    Redirection,
}

/// A rule that does not take a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Passed {
    /// The rule.
    pub rule: RuleId,
    /// Why.
    pub why: Why,
}

/// Why a rule does not take a name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Why {
    /// It takes another type only.
    OtherType,
    /// Its list does not have the name.
    NotListed,
    /// Whenever it would take it, an earlier rule does.
    Earlier,
}

/// Whether a rule that trusts redirections also keeps rules before it from blocking a later name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Trust {
    /// It does: later names are not looked at.
    All,
    /// It does not: later names are looked at by the rules before it.
    LaterRules,
}

/// Whether rules that trust redirections look at later names, or pass them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Later {
    Looked,
    Passed,
}

/// All readings of what it means to trust redirections.
const TRUSTS: [(Trust, Later); 4] = [
    (Trust::All, Later::Looked),
    (Trust::LaterRules, Later::Looked),
    (Trust::All, Later::Passed),
    (Trust::LaterRules, Later::Passed),
];

/// A query on its way: the verdict so far, and the rule that trusts what follows.
type OnTheWay = (Verdict, Option<u32>);

/// A name with the lists that have it.
struct Asked<'q> {
    name: &'q DomainName,
    hits: Vec<Hit>,
}

impl Firewall<'_> {
    /// Decides a query, and the names it is redirected to in this order.
    ///
    /// A rule with [`Redirection::Inspect`], and no rule at all, has the next name looked at by all rules; one with
    /// [`Redirection::Trust`] has not. SOURCE: Route 53 developer guide, "Domain redirection action" (checked
    /// 2026-11-23).
    ///
    /// GAP: with which type the names of a redirection are looked at is not documented: the query's or CNAME.
    /// GAP: whether a rule that trusts redirections also keeps earlier rules from taking later names is not
    /// documented, nor whether such a rule takes later names at all, nor whether an alert on a later name counts for a
    /// query that is allowed. All readings are tried, and the verdict depends if it matters.
    ///
    /// Unknown names, states and orders are taken to be different for each name of a chain, so that a
    /// verdict on a chain can depend although it would be the same for every truth; it is never wrong. Without
    /// `chain` it is exact. The cost is linear in the rules, as it lists those that were passed.
    pub fn decide(&self, query: &Query, chain: &[DomainName]) -> Decision {
        let names = std::iter::once(&query.name).chain(chain);
        let asked: Vec<Asked<'_>> = names.map(|name| Asked { name, hits: self.lists.hits(name) }).collect();
        let all: Vec<Hit> = asked.iter().flat_map(|asked| asked.hits.iter().copied()).collect();
        let readings = readings(&all);
        let chain_types = chain_types(query.query_type, chain);
        let mut possible = Verdicts::default();
        for reading in &readings {
            for chain_type in &chain_types {
                for (trust, later) in TRUSTS {
                    let outcomes = asked.iter().enumerate().map(|(place, asked)| {
                        let (query_type, reading) = match (place, later) {
                            (0, _) => (query.query_type, *reading),
                            (_, Later::Looked) => (*chain_type, *reading),
                            (_, Later::Passed) => (*chain_type, reading.without_trusting()),
                        };
                        self.outcome(&asked.hits, query_type, reading)
                    });
                    possible.extend(self.follow(outcomes, trust));
                }
            }
        }
        let mut names: Vec<NameDecision> = Vec::new();
        for (place, asked) in asked.iter().enumerate() {
            if names.last().is_some_and(|name| name.verdict == Verdict::Block) {
                break;
            }
            if place == 0 {
                names.push(self.name_decision(asked, &[query.query_type], &readings, false));
            } else {
                let passing = readings.iter().map(|reading| reading.without_trusting());
                let readings: Vec<Reading> = readings.iter().copied().chain(passing).collect();
                names.push(self.name_decision(asked, &chain_types, &readings, true));
            }
        }
        if !chain.is_empty() {
            for taker in names.iter_mut().flat_map(|name| &mut name.takers) {
                if self.rule(taker.rule).is_some_and(|rule| rule.redirection == Redirection::Unknown) {
                    taker.doubts.push(Doubt::Redirection);
                }
            }
        }
        let settled = possible.verdict() == Verdict::Block
            || !chain.is_empty()
            || names.first().is_none_or(|first| self.is_settled(first));
        let proviso = if settled { Proviso::Nothing } else { Proviso::ChainPasses };
        Decision { verdict: possible.verdict(), possible, names, proviso }
    }

    /// The verdicts on names that are looked at one after the other.
    fn follow(&self, mut outcomes: impl Iterator<Item = Outcome>, trust: Trust) -> Verdicts {
        let mut verdicts = Verdicts::default();
        let mut running: Vec<OnTheWay> = vec![(Verdict::Unmatched, None)];
        let mut first = true;
        while let Some(outcome) = outcomes.next().filter(|_| !running.is_empty()) {
            let mut next: Vec<OnTheWay> = Vec::new();
            for &(verdict, trusting) in &running {
                if outcome.unmatched {
                    next.push((verdict, trusting));
                }
                for taker in &outcome.takers {
                    let (looked_at, skipped) = self.is_before(taker.rule, trusting);
                    if skipped {
                        next.push((verdict, trusting));
                    }
                    let Some(rule) = self.id(taker.rule).and_then(|id| self.rule(id)).filter(|_| looked_at)
                    else {
                        continue;
                    };
                    let after: &[Verdict] = match rule.action {
                        Action::Block(_) => {
                            verdicts.insert(Verdict::Block);
                            continue;
                        }
                        // Whether it is logged for a query that an earlier name has allowed is open.
                        Action::Alert if verdict == Verdict::Allow => &[Verdict::Allow, Verdict::Alert],
                        Action::Alert => &[Verdict::Alert],
                        Action::Allow if first => &[Verdict::Allow],
                        Action::Allow => &[verdict],
                    };
                    for &verdict in after {
                        if rule.redirection != Redirection::Trust {
                            next.push((verdict, trusting));
                        }
                        match (rule.redirection, trust) {
                            (Redirection::Inspect, _) => {}
                            (_, Trust::All) => verdicts.insert(verdict),
                            (_, Trust::LaterRules) => next.push((verdict, Some(taker.rule))),
                        }
                    }
                }
            }
            next.sort_unstable();
            next.dedup();
            running = next;
            first = false;
        }
        for (verdict, _) in running {
            verdicts.insert(verdict);
        }
        verdicts
    }

    /// Whether a rule may stand before the one that trusts, and whether it may not.
    fn is_before(&self, rule: u32, trusting: Option<u32>) -> (bool, bool) {
        let rank = |rule: u32| self.rules.get(rule as usize).map(|placed| placed.rank);
        let (Some(rank), Some(limit)) = (rank(rule), trusting.and_then(rank)) else { return (true, false) };
        let is_limit = trusting == Some(rule);
        (!is_limit && !limit.precedes(rank), is_limit || !rank.precedes(limit))
    }

    /// Whether no later name can change the verdict on this one, the first.
    fn is_settled(&self, first: &NameDecision) -> bool {
        let strict = (0_u32..)
            .zip(self.rules())
            .filter(|(_, id)| self.rule(*id).is_some_and(|rule| rule.action != Action::Allow));
        let strict: Vec<u32> = strict.map(|(index, _)| index).collect();
        let settles = |taker: &Taker| {
            let Some(rule) = self.rule(taker.rule) else { return false };
            let index = self.rules().position(|id| id == taker.rule).map(super::number);
            matches!(rule.action, Action::Block(_))
                || rule.redirection == Redirection::Trust
                    && !strict.iter().any(|&strict| self.is_before(strict, index).0)
        };
        strict.is_empty() || !first.unmatched && first.takers.iter().all(settles)
    }

    fn name_decision(
        &self,
        asked: &Asked<'_>,
        types: &[QueryType],
        readings: &[Reading],
        is_later: bool,
    ) -> NameDecision {
        let outcomes = types.iter().flat_map(|query_type| {
            readings.iter().map(|reading| self.outcome(&asked.hits, *query_type, *reading))
        });
        let outcomes: Vec<Outcome> = outcomes.collect();
        let mut possible = Verdicts::default();
        for outcome in &outcomes {
            possible.extend(self.verdicts(outcome));
        }
        let unmatched = outcomes.iter().any(|outcome| outcome.unmatched);
        let mut numbers: Vec<u32> =
            outcomes.iter().flat_map(|outcome| outcome.takers.iter().map(|taker| taker.rule)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let takers = numbers
            .iter()
            .filter_map(|&rule| self.taker(asked, types, rule, (&outcomes, &numbers), is_later));
        NameDecision {
            name: asked.name.clone(),
            verdict: possible.verdict(),
            possible,
            takers: takers.collect(),
            unmatched,
            passed: self.passed(asked, types, &numbers, unmatched),
        }
    }

    fn taker(
        &self,
        asked: &Asked<'_>,
        types: &[QueryType],
        number: u32,
        (outcomes, takers): (&[Outcome], &[u32]),
        is_later: bool,
    ) -> Option<Taker> {
        let placed = self.rules.get(number as usize)?;
        let rule = self.rule(placed.id)?;
        let hit = match rule.names {
            Names::List(list) => asked.hits.iter().find(|hit| hit.list == list.0),
            Names::Managed(_) | Names::Detector(_) => None,
        };
        let entry = hit.map(|hit| EntryId(hit.entry));
        let mut doubts: Vec<Doubt> = Vec::new();
        for taker in outcomes.iter().flat_map(|outcome| &outcome.takers).filter(|taker| taker.rule == number)
        {
            doubts.extend(self.conditions(taker.condition).filter_map(|predicate| match predicate {
                Predicate::True | Predicate::Inspects(..) => None,
                Predicate::Managed(_) => Some(Doubt::Managed),
                Predicate::Detector(_) => Some(Doubt::Detector),
                Predicate::Unlisted(list) => Some(Doubt::Unlisted(*list)),
                Predicate::InForce(..) => Some(Doubt::State),
                Predicate::Associated(_) => Some(Doubt::Association),
            }));
        }
        if let Some(hit) = hit.filter(|hit| hit.how != How::Certain) {
            doubts.push(Doubt::Meaning(EntryId(hit.entry)));
        }
        let comparable = |other: &u32| {
            self.rules.get(*other as usize).is_none_or(|other| {
                other.id == placed.id || other.rank.precedes(placed.rank) || placed.rank.precedes(other.rank)
            })
        };
        if !takers.iter().all(comparable) {
            doubts.push(Doubt::Order);
        }
        if types.iter().any(|query_type| !outcome::takes_type(rule, *query_type)) {
            doubts.push(Doubt::Type);
        }
        let passes = outcomes.iter().any(|outcome| outcome.takers.iter().all(|taker| taker.rule != number));
        if is_later && rule.redirection == Redirection::Trust && passes {
            doubts.push(Doubt::Trust);
        }
        doubts.sort_unstable();
        doubts.dedup();
        Some(Taker { rule: placed.id, entry, doubts })
    }

    fn passed(&self, asked: &Asked<'_>, types: &[QueryType], takers: &[u32], unmatched: bool) -> Vec<Passed> {
        let mut passed = Vec::new();
        let ranks: Vec<_> = takers.iter().filter_map(|&taker| self.rules.get(taker as usize)).collect();
        for (index, placed) in self.rules.iter().enumerate() {
            let Some(rule) = self.rule(placed.id) else { continue };
            let on_the_way = unmatched || ranks.iter().any(|taker| !taker.rank.precedes(placed.rank));
            if !on_the_way || takers.binary_search(&super::number(index)).is_ok() {
                continue;
            }
            let listed = match rule.names {
                Names::List(list) => asked.hits.iter().any(|hit| hit.list == list.0),
                Names::Managed(_) | Names::Detector(_) => false,
            };
            let why = if !types.iter().any(|query_type| outcome::takes_type(rule, *query_type)) {
                Why::OtherType
            } else if !listed && placed.unlisted.is_none() {
                Why::NotListed
            } else {
                Why::Earlier
            };
            passed.push(Passed { rule: placed.id, why });
        }
        passed
    }
}

/// The types with which names of a redirection may be looked at.
fn chain_types(query_type: QueryType, chain: &[DomainName]) -> Vec<QueryType> {
    if chain.is_empty() || query_type == QueryType::CNAME {
        vec![query_type]
    } else {
        vec![query_type, QueryType::CNAME]
    }
}
