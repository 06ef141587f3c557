//! Where two firewalls differ.

use crate::{
    Action, Decision, Firewall, NameSet, Query, QueryType, Redirection, Region,
    firewall::{Outcome, Predicate, readings},
    partition::{Class, Partition},
    proof::query_types,
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

/// What a query meets: an action, and what is done about redirections; `None` if no rule takes it.
type Effect<'r> = Option<(&'r Action, Redirection)>;

/// Whether two firewalls do the same to a query.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Relation {
    Same,
    MayDiffer,
    Differ,
}

impl Firewall<'_> {
    /// Compares with another firewall: for which names and types do they act differently?
    ///
    /// To act alike, both need the same action, the same response to what is blocked, and to what is not
    /// blocked the same attitude to redirections; being allowed is not the same as being taken by no rule. What
    /// is unknown is the same for both: a managed list or detector of one name, a partly known list if both use the
    /// same lists, the state of a rule of one name in a group of one id.
    ///
    /// Gives examples for up to `limit` differences, in order of the tree of names, and counts all. Exact, but
    /// for one case: where the order of rules is not known, or a rule's names and state are both not, differences that
    /// cannot be are reported as uncertain. Linear in the entries of the lists in use.
    pub fn compare(&self, other: &Firewall<'_>, limit: usize) -> Comparison {
        let mut comparison = Comparison { differences: Vec::new(), certain: 0, uncertain: 0 };
        if self.has_lists_of(other) && self.stack() == other.stack() {
            return comparison;
        }
        let names = NameSet::empty();
        let partition = Partition::new(&[self, other], &names);
        let types = query_types(&[self, other]);
        let mut relations: Vec<Option<Vec<Relation>>> = vec![None; partition.signature_count()];
        let mut found: Vec<(Class, Types, QueryType, Relation)> = Vec::new();
        for class in partition.classes() {
            let Some(relations) = relations.get_mut(class.signature as usize) else { continue };
            let relations = relations.get_or_insert_with(|| self.relations(other, &partition, class, &types));
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
        for (class, types, query_type, relation) in found.into_iter().take(limit) {
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

    /// How two firewalls stand for a class, by type.
    fn relations(
        &self,
        other: &Firewall<'_>,
        partition: &Partition<'_>,
        class: &Class,
        types: &[QueryType],
    ) -> Vec<Relation> {
        let (ours, theirs) = (partition.hits(self, class.signature), partition.hits(other, class.signature));
        let mut both = ours.clone();
        both.extend(theirs.iter().copied());
        let readings = readings(&both);
        let relation = |query_type: &QueryType| {
            let relations: Vec<Relation> = readings
                .iter()
                .map(|reading| {
                    let ours = self.outcome(&ours, *query_type, *reading);
                    self.relation(&ours, other, &other.outcome(&theirs, *query_type, *reading))
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

    fn relation(&self, ours: &Outcome, other: &Firewall<'_>, theirs: &Outcome) -> Relation {
        let (our_effects, their_effects) = (self.effects(ours), other.effects(theirs));
        if !our_effects.iter().any(|effect| their_effects.contains(effect)) {
            return Relation::Differ;
        }
        let is_one = |effects: &[Effect<'_>]| effects.iter().zip(effects.iter().skip(1)).all(|(a, b)| a == b);
        if is_one(&our_effects) && is_one(&their_effects) {
            return Relation::Same;
        }
        let same_lists = self.has_lists_of(other);
        let normal = (self.normal_form(ours, false), other.normal_form(theirs, !same_lists));
        match normal {
            (Some(ours), Some(theirs)) if ours == theirs => Relation::Same,
            _ => Relation::MayDiffer,
        }
    }

    fn effect(&self, rule: u32) -> Effect<'_> {
        let rule = self.rule(self.id(rule)?)?;
        let redirection = match rule.action {
            Action::Block(_) => Redirection::Inspect,
            Action::Allow | Action::Alert => rule.redirection,
        };
        Some((&rule.action, redirection))
    }

    /// All possible effects.
    fn effects(&self, outcome: &Outcome) -> Vec<Effect<'_>> {
        let takers = outcome.takers.iter().map(|taker| self.effect(taker.rule));
        takers.chain(outcome.unmatched.then_some(None)).collect()
    }

    /// The outcome as a list of what has to be true for which effect, first match, that is equal for equal
    /// outcomes; `None` if the order is not known.
    ///
    /// Conditions in a row with one effect can change places, and the last can go if they change nothing.
    fn normal_form(&self, outcome: &Outcome, is_foreign: bool) -> Option<NormalForm<'_>> {
        if !self.is_ordered() {
            return None;
        }
        let mut last = None;
        let mut rows: Vec<(Effect<'_>, Vec<Condition<'_>>)> = Vec::new();
        for taker in &outcome.takers {
            let effect = self.effect(taker.rule);
            let condition: Condition<'_> = self
                .conditions(taker.condition)
                .map(|predicate| {
                    let shared = matches!(predicate, Predicate::Managed(_) | Predicate::Detector(_));
                    (is_foreign && !shared, predicate)
                })
                .collect();
            if condition.is_empty() {
                last = effect;
                break;
            }
            match rows.last_mut() {
                Some((same, conditions)) if *same == effect => conditions.push(condition),
                _ => rows.push((effect, vec![condition])),
            }
        }
        while rows.pop_if(|(effect, _)| *effect == last).is_some() {}
        for (_, conditions) in &mut rows {
            conditions.sort_by_cached_key(|condition| format!("{condition:?}"));
        }
        Some((rows, last))
    }
}

/// Predicates that all have to be true, each with whether only the second firewall knows it.
type Condition<'f> = Vec<(bool, &'f Predicate)>;
/// Effects with the conditions for them, in order, and the effect if none is true.
type NormalForm<'f> = (Vec<(Effect<'f>, Vec<Condition<'f>>)>, Effect<'f>);

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
