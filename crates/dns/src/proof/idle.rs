//! Rules that never decide.

use std::collections::BTreeSet;

use crate::{
    Firewall, NameSet, Query, QueryType, Rule, RuleId,
    firewall::{Outcome, readings},
    lists::Hit,
    partition::{Class, Partition},
    proof::query_types,
};

/// Whether there is a query that a rule decides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleUse {
    /// The rule.
    pub rule: RuleId,
    /// Whether it decides any query.
    pub wins: Wins,
    /// If it never decides: the rules that take what it would take, ascending. None if it would take nothing.
    pub taken_by: Vec<RuleId>,
}

/// Whether there is a query that a rule decides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wins {
    /// This one, whatever is unknown.
    Surely(Query),
    /// None for certain; this one if what is unknown is so.
    Perhaps(Query),
    /// None: the rule is dead. Without it, every query has the same verdict.
    Never,
}

/// The rules of one outcome, with what they are about.
struct Row {
    hits: Vec<Hit>,
    query_type: QueryType,
    outcomes: Vec<Outcome>,
}

impl Firewall<'_> {
    /// Returns for every rule whether it decides any query, in the order in which rules are looked at.
    ///
    /// Exact. Linear in the entries of the lists in use, and in the product of the sets of lists that have a name in
    /// common and the query types that rules state.
    pub fn rule_uses(&self) -> Vec<RuleUse> {
        let names = NameSet::empty();
        let partition = Partition::new(&[self], &names);
        let types = query_types(&[self]);
        let mut rows: Vec<Row> = Vec::new();
        let mut surely: Vec<Option<(Class, QueryType)>> = vec![None; self.rules().len()];
        let mut perhaps = surely.clone();
        for class in partition.representatives() {
            let hits = partition.hits(self, class.signature);
            let readings = readings(&hits);
            for &query_type in &types {
                let outcomes = readings.iter().map(|reading| self.outcome(&hits, query_type, *reading));
                let outcomes: Vec<Outcome> = outcomes.collect();
                for taker in outcomes.iter().flat_map(|outcome| &outcome.takers) {
                    let is_sure = outcomes.iter().all(|outcome| {
                        outcome.takers.iter().all(|other| other.rule == taker.rule) && !outcome.unmatched
                    });
                    let found = if is_sure { &mut surely } else { &mut perhaps };
                    if let Some(found) = found.get_mut(taker.rule as usize) {
                        found.get_or_insert((class, query_type));
                    }
                }
                rows.push(Row { hits: hits.clone(), query_type, outcomes });
            }
        }
        let query = |found: &Option<(Class, QueryType)>| {
            let (class, query_type) = found.as_ref()?;
            Some(Query { name: partition.witness(class)?, query_type: *query_type })
        };
        // What is certain is said only if the query's name by itself confirms it.
        let is_confirmed = |query: &Query, rule| {
            let confirmed = self.verdict(query).rule == Some(rule);
            debug_assert!(confirmed, "{query} is decided by {rule:?}");
            confirmed
        };
        let found = surely.iter().zip(&perhaps).zip(self.rules());
        let wins = found.map(|((surely, perhaps), rule)| match (query(surely), query(perhaps)) {
            (Some(query), _) if is_confirmed(&query, rule) => Wins::Surely(query),
            (Some(query), _) | (None, Some(query)) => Wins::Perhaps(query),
            (None, None) => Wins::Never,
        });
        let wins: Vec<Wins> = wins.collect();
        let mut taken_by = self.taken_by(&wins, &rows).into_iter();
        let uses = self.rules().zip(wins).map(|(rule, wins)| {
            let taken_by = taken_by.next().unwrap_or_default();
            RuleUse { rule, wins, taken_by: taken_by.into_iter().collect() }
        });
        uses.collect()
    }

    /// For every rule that never decides, the rules that take what it would take.
    fn taken_by(&self, wins: &[Wins], rows: &[Row]) -> Vec<BTreeSet<RuleId>> {
        let mut taken_by: Vec<BTreeSet<RuleId>> = vec![BTreeSet::new(); wins.len()];
        let rules: Vec<Option<&Rule>> = self.rules().map(|id| self.rule(id)).collect();
        if !wins.contains(&Wins::Never) {
            return taken_by;
        }
        for row in rows {
            for number in self.rules_near(&row.hits) {
                let index = number as usize;
                let is_dead = wins.get(index) == Some(&Wins::Never);
                let takes_type = rules
                    .get(index)
                    .copied()
                    .flatten()
                    .is_some_and(|rule| rule.query_type.is_none_or(|stated| stated == row.query_type));
                let Some(taken_by) = taken_by.get_mut(index).filter(|_| is_dead && takes_type) else {
                    continue;
                };
                let takers = row.outcomes.iter().flat_map(|outcome| &outcome.takers);
                taken_by.extend(takers.filter_map(|taker| self.id(taker.rule)));
            }
        }
        taken_by
    }
}
