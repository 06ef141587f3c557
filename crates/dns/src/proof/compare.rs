//! Where two firewalls differ.

use crate::{
    Action, Decision, Firewall, NameSet, Query, QueryType, Redirection, Region, Response,
    firewall::{Outcome, Predicate, readings},
    lists::Hit,
    partition::{Class, Partition},
    proof::{
        first_match::{Condition, FirstMatch, Unknown},
        query_types,
    },
};

/// Where two firewalls differ.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Comparison {
    /// The first differences, up to the limit that was given; those that are certain first.
    pub differences: Vec<Difference>,
    /// How many there are that are certain.
    pub certain: usize,
    /// How many there are that depend on something unknown.
    pub uncertain: usize,
}

impl Comparison {
    /// Whether both firewalls do the same to every query, whatever is unknown.
    pub fn is_equal(&self) -> bool {
        self.certain == 0 && self.uncertain == 0
    }
}

/// Names and types for which two firewalls differ.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// The names.
    pub region: Region,
    /// The types.
    pub types: Types,
    /// Whether they differ whatever is unknown; otherwise they may.
    pub is_certain: bool,
    /// A query that shows it. Its name is a valid name.
    pub query: Query,
    /// What the first firewall does to it, no redirections given.
    pub first: Decision,
    /// What the second does to it.
    pub second: Decision,
}

/// Types of queries.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Types {
    /// All.
    All,
    /// One that some rule states.
    Only(QueryType),
    /// All that no rule states.
    Others,
}

/// What a query meets; `None` if no rule takes it.
pub(super) type Effect<'r> = Option<Met<'r>>;

/// What a query meets: an action, and what is done about redirections.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Met<'r> {
    action: &'r Action,
    redirection: Redirection,
    /// The rule, if it is not known what exactly it does: whether it is one of the second of two firewalls with
    /// different lists, and ids of group and rule.
    unknown: Option<(bool, &'r str, &'r str)>,
}

impl Met<'_> {
    /// Whether both may be the same in the end.
    fn may_be(&self, other: &Met<'_>) -> bool {
        let redirections = [self.redirection, other.redirection];
        let redirections =
            self.redirection == other.redirection || redirections.contains(&Redirection::Unknown);
        redirections
            && match (self.action, other.action) {
                (Action::Block(Response::Unknown), Action::Block(_))
                | (Action::Block(_), Action::Block(Response::Unknown)) => true,
                (one, other) => one == other,
            }
    }
}

/// How two effects stand, whatever is unknown of them.
pub(super) fn effects_relation(one: Effect<'_>, other: Effect<'_>) -> Relation {
    match (one, other) {
        _ if one == other => Relation::Same,
        (Some(one), Some(other)) if one.may_be(&other) => Relation::MayDiffer,
        _ => Relation::Differ,
    }
}

/// Whether the first is a block and the second is not: then they differ.
fn opening(one: Effect<'_>, other: Effect<'_>) -> Relation {
    let blocks = |effect: Effect<'_>| effect.is_some_and(|met| matches!(met.action, Action::Block(_)));
    if blocks(one) && !blocks(other) { Relation::Differ } else { Relation::Same }
}

/// How two effects stand.
pub(super) type By = fn(Effect<'_>, Effect<'_>) -> Relation;

/// Whether two firewalls do the same to a query.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Relation {
    Same,
    MayDiffer,
    Differ,
}

impl Firewall<'_> {
    /// Compares with another firewall: for which names and types do they act differently?
    ///
    /// Two rule groups are compared as firewalls of one group each, see [`crate::Stack::ordered`].
    ///
    /// To act alike, both need the same action, the same response to what is blocked, and to what is not
    /// blocked the same attitude to redirections; being allowed is not the same as being taken by no rule. A managed
    /// list or detector of one name is the same for both; if both borrow the same lists, so are what is not known of
    /// a list, the state of a rule of one name in a group of one id, and what an association depends on in the same words.
    ///
    /// Gives examples for up to `limit` differences, in order of the tree of names, and counts all. Exact, but
    /// for two cases in which what is the same, or differs for certain, can be reported as uncertain: where the
    /// order of rules is not known, and where more than eight unknowns matter to one query. Linear in the entries of
    /// the lists in use.
    pub fn compare(&self, other: &Firewall<'_>, limit: usize) -> Comparison {
        self.compare_within(other, &NameSet::all(), limit)
    }

    /// The same for some names only.
    pub fn compare_within(&self, other: &Firewall<'_>, names: &NameSet, limit: usize) -> Comparison {
        self.compared(other, names, limit, effects_relation)
    }

    /// Finds queries for some names that this firewall blocks and another does not, as [`Firewall::compare`] finds
    /// differences.
    pub fn opened(&self, other: &Firewall<'_>, names: &NameSet, limit: usize) -> Comparison {
        self.compared(other, names, limit, opening)
    }

    fn compared(&self, other: &Firewall<'_>, names: &NameSet, limit: usize, by: By) -> Comparison {
        let mut comparison = Comparison { differences: Vec::new(), certain: 0, uncertain: 0 };
        if self.has_lists_of(other) && self.stack() == other.stack() {
            return comparison;
        }
        let partition = Partition::new(&[self, other], names);
        let types = query_types(&[self, other]);
        let mut relations: Vec<Option<Vec<Relation>>> = vec![None; partition.signature_count()];
        let mut found: Vec<(Class, Types, QueryType, Relation)> = Vec::new();
        for class in partition.classes().iter().filter(|class| class.member) {
            let Some(relations) = relations.get_mut(class.signature as usize) else { continue };
            let relations = relations.get_or_insert_with(|| {
                let hits = |firewall| partition.hits(firewall, class.signature);
                self.relations(other, &(hits(self), hits(other)), &types, by)
            });
            for (types, query_type, relation) in summed_up(&types, relations) {
                let count = match relation {
                    Relation::Same => continue,
                    Relation::Differ => &mut comparison.certain,
                    Relation::MayDiffer => &mut comparison.uncertain,
                };
                *count += 1;
                if *count <= limit {
                    found.push((*class, types, query_type, relation));
                }
            }
        }
        found.sort_by_key(|(.., relation)| std::cmp::Reverse(*relation));
        let found = found.into_iter().filter(|(class, _, query_type, relation)| {
            // A difference is shown only if the query's name by itself confirms it.
            partition.witness(class).is_some_and(|name| {
                let hits = (self.lists().hits(&name), other.lists().hits(&name));
                let confirmed = self.relations(other, &hits, &[*query_type], by) == [*relation];
                debug_assert!(confirmed, "{name} {query_type}: {relation:?}");
                confirmed
            })
        });
        for (class, types, query_type, relation) in found.take(limit) {
            let (Some(region), Some(name)) = (partition.region(&class), partition.witness(&class)) else {
                continue;
            };
            let query = Query { name, query_type };
            let (first, second) = (self.decide(&query, &[]), other.decide(&query, &[]));
            let is_certain = relation == Relation::Differ;
            comparison.differences.push(Difference { region, types, is_certain, query, first, second });
        }
        comparison
    }

    fn has_lists_of(&self, other: &Firewall<'_>) -> bool {
        std::ptr::eq(self.lists(), other.lists())
    }

    /// How two firewalls stand for names that these lists of each have, by type.
    fn relations(
        &self,
        other: &Firewall<'_>,
        (ours, theirs): &(Vec<Hit>, Vec<Hit>),
        types: &[QueryType],
        by: By,
    ) -> Vec<Relation> {
        let mut both = ours.clone();
        both.extend(theirs.iter().copied());
        let readings = readings(&both);
        let relation = |query_type: &QueryType| {
            let relations: Vec<Relation> = readings
                .iter()
                .map(|reading| {
                    let ours = self.outcome(ours, *query_type, *reading);
                    self.relation(&ours, other, &other.outcome(theirs, *query_type, *reading), by)
                })
                .collect();
            match (relations.iter().min(), relations.iter().max()) {
                (Some(least), Some(most)) if least == most => *least,
                (Some(_), Some(_)) => Relation::MayDiffer,
                _ => Relation::Same,
            }
        };
        types.iter().map(relation).collect()
    }

    fn relation(&self, ours: &Outcome, other: &Firewall<'_>, theirs: &Outcome, by: By) -> Relation {
        let is_foreign = !self.has_lists_of(other);
        let (our_effects, their_effects) = (self.effects(ours, false), other.effects(theirs, is_foreign));
        let relations = our_effects.iter().flat_map(|one| their_effects.iter().map(|other| by(*one, *other)));
        if relations.clone().all(|relation| relation == Relation::Same) {
            return Relation::Same;
        }
        if relations.min().is_none_or(|nearest| nearest == Relation::Differ) {
            return Relation::Differ;
        }
        let is_one = |effects: &[Effect<'_>]| effects.iter().zip(effects.iter().skip(1)).all(|(a, b)| a == b);
        if let ([one, ..], [other, ..]) = (our_effects.as_slice(), their_effects.as_slice())
            && is_one(&our_effects)
            && is_one(&their_effects)
        {
            return by(*one, *other);
        }
        match (self.first_match(ours, false), other.first_match(theirs, is_foreign)) {
            (Some(ours), Some(theirs)) => ours.relation(theirs, by),
            _ => Relation::MayDiffer,
        }
    }

    fn effect(&self, rule: u32, is_foreign: bool) -> Effect<'_> {
        let id = self.id(rule)?;
        let (group, rule) = (self.group(id)?, self.rule(id)?);
        let redirection = match rule.action {
            Action::Block(_) => Redirection::Inspect,
            Action::Allow | Action::Alert => rule.redirection,
        };
        let is_unknown =
            redirection == Redirection::Unknown || rule.action == Action::Block(Response::Unknown);
        let unknown = is_unknown.then_some((is_foreign, group.id.as_str(), rule.name.as_str()));
        Some(Met { action: &rule.action, redirection, unknown })
    }

    /// All possible effects.
    fn effects(&self, outcome: &Outcome, is_foreign: bool) -> Vec<Effect<'_>> {
        let takers = outcome.takers.iter().map(|taker| self.effect(taker.rule, is_foreign));
        takers.chain(outcome.unmatched.then_some(None)).collect()
    }

    /// The outcome as a first-match list; `None` if the order is not known.
    fn first_match(&self, outcome: &Outcome, is_foreign: bool) -> Option<FirstMatch<'_>> {
        let mut list = FirstMatch { rows: Vec::new(), last: None };
        for taker in &outcome.takers {
            let effect = self.effect(taker.rule, is_foreign);
            let condition = self.conditions(taker.condition).map(|predicate| {
                let shared = matches!(predicate, Predicate::Managed(_) | Predicate::Detector(_));
                Unknown { is_foreign: is_foreign && !shared, predicate }
            });
            let condition: Condition<'_> = condition.collect();
            if condition.is_empty() {
                list.last = effect;
                break;
            }
            list.rows.push((condition, effect));
        }
        self.is_ordered().then_some(list)
    }
}

/// One row if all types stand alike, otherwise one for each; the first type stands for all that are not stated.
fn summed_up(types: &[QueryType], relations: &[Relation]) -> Vec<(Types, QueryType, Relation)> {
    let each = types.iter().zip(relations).enumerate();
    let one = relations.first().filter(|first| relations.iter().all(|relation| relation == *first));
    match (types.first(), one) {
        (Some(first), Some(relation)) => vec![(Types::All, *first, *relation)],
        _ => each
            .map(|(index, (query_type, relation))| {
                let types = if index == 0 { Types::Others } else { Types::Only(*query_type) };
                (types, *query_type, *relation)
            })
            .collect(),
    }
}
