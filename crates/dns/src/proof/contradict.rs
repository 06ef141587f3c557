//! Names that one firewall blocks and another does not.

use crate::{
    Decision, Firewall, NameSet, Query, QueryType, Region, Verdict, Verdicts,
    firewall::readings,
    lists::Hit,
    partition::{Class, Partition},
};

/// Names that one of two firewalls blocks and the other does not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contradiction {
    /// The names.
    pub region: Region,
    /// How many regions there are, this and further ones with the same rules on both sides that are not shown.
    pub regions: usize,
    /// Which one blocks. If that is not certain, the other may be the one as well.
    pub blocking: Blocking,
    /// Whether it blocks all, and the other never blocks the query, whatever is unknown.
    pub is_certain: bool,
    /// A query that the other lets through, or may. Its name is a valid name.
    pub query: Query,
    /// What the first firewall does to it, no redirections given.
    pub first: Decision,
    /// What the second does to it.
    pub second: Decision,
}

/// One of two firewalls.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Blocking {
    /// The first.
    First,
    /// The second.
    Second,
}

/// What a firewall may do to names of a class, by type, in one reading.
type Possible = Vec<Verdicts>;

/// Which one blocks, whether that is certain, and a type that shows it.
type Relation = (Blocking, bool, QueryType);

/// What rules stand on both sides of a contradiction.
type Key = (Blocking, bool, Vec<crate::RuleId>, Vec<crate::RuleId>);

impl Firewall<'_> {
    /// Finds the names of which this firewall lets some query of these types through although the other blocks all, or
    /// the reverse: up to `each` examples for every combination of deciding rules, those that are certain first.
    ///
    /// What is certain is so, and nothing is left out: if nothing is found, then both block all these queries for a name
    /// or neither does, whatever is unknown. What is found as uncertain may be none, or be certain, if unknowns hang
    /// together: each type is looked at by itself, so that it stays uncertain where whatever is unknown lets one of two
    /// types through, but not always the same one. The root name is left out. Linear in the entries of the lists in use, apart from the rules.
    pub fn contradictions(
        &self,
        other: &Firewall<'_>,
        types: &[QueryType],
        each: usize,
    ) -> Vec<Contradiction> {
        let names = NameSet::empty();
        let partition = Partition::new(&[self, other], &names);
        let mut relations: Vec<Option<Option<Relation>>> = vec![None; partition.signature_count()];
        // By signature, where its contradictions are: the same rules decide all its names.
        let mut places: Vec<Option<usize>> = vec![None; partition.signature_count()];
        let mut found: Vec<(Key, Vec<Contradiction>)> = Vec::new();
        for class in partition.classes() {
            let signature = class.signature as usize;
            let (Some(known), Some(place)) = (relations.get_mut(signature), places.get_mut(signature)) else {
                continue;
            };
            let relation = known.get_or_insert_with(|| {
                let hits = |firewall| partition.hits(firewall, class.signature);
                self.contradiction(other, &(hits(self), hits(other)), types)
            });
            let Some(relation) = *relation else { continue };
            if let Some((_, all)) =
                place.and_then(|place| found.get_mut(place)).filter(|it| it.1.len() >= each)
            {
                if let Some(last) = all.last_mut() {
                    last.regions += 1;
                }
                continue;
            }
            let Some(it) = self.shown(other, &partition, class, types, relation) else { continue };
            let takers = |decision: &Decision| {
                let names = decision.names.first().into_iter();
                names.flat_map(|name| name.takers.iter().map(|taker| taker.rule)).collect()
            };
            let key = (relation.0, relation.1, takers(&it.first), takers(&it.second));
            let at = place.or_else(|| found.iter().position(|(other, _)| *other == key));
            let at = at.unwrap_or_else(|| {
                found.push((key, Vec::new()));
                found.len() - 1
            });
            *place = Some(at);
            let Some((_, all)) = found.get_mut(at) else { continue };
            if all.len() < each {
                all.push(it);
            } else if let Some(last) = all.last_mut() {
                last.regions += 1;
            }
        }
        let mut found: Vec<Contradiction> = found.into_iter().flat_map(|(_, all)| all).collect();
        found.sort_by_key(|it| !it.is_certain);
        found
    }

    /// The contradiction of a class, if its name by itself confirms it.
    fn shown(
        &self,
        other: &Firewall<'_>,
        partition: &Partition<'_>,
        class: &Class,
        types: &[QueryType],
        relation: Relation,
    ) -> Option<Contradiction> {
        let name = partition.witness(class).filter(|name| !name.is_root())?;
        let hits = (self.lists().hits(&name), other.lists().hits(&name));
        let confirmed = self.contradiction(other, &hits, types) == Some(relation);
        debug_assert!(confirmed, "{name}: {relation:?}");
        let (blocking, is_certain, query_type) = relation;
        let query = Query { name, query_type };
        let (first, second) = (self.decide(&query, &[]), other.decide(&query, &[]));
        let region = partition.region(class)?;
        confirmed.then_some(Contradiction { region, regions: 1, blocking, is_certain, query, first, second })
    }

    /// Whether both contradict each other about names that these lists of each have, and a type that shows it.
    fn contradiction(
        &self,
        other: &Firewall<'_>,
        (ours, theirs): &(Vec<Hit>, Vec<Hit>),
        types: &[QueryType],
    ) -> Option<Relation> {
        let both: Vec<Hit> = ours.iter().chain(theirs).copied().collect();
        let possible = |firewall: &Firewall<'_>, hits: &[Hit], reading| -> Possible {
            let outcomes = types.iter().map(|query_type| firewall.outcome(hits, *query_type, reading));
            outcomes.map(|outcome| firewall.verdicts(&outcome)).collect()
        };
        let readings = readings(&both).into_iter();
        let sides: Vec<(Possible, Possible)> = readings
            .map(|reading| (possible(self, ours, reading), possible(other, theirs, reading)))
            .collect();
        // One query has to show what is certain, so a type that passes in one reading and another type that passes in
        // the next are not enough.
        let (mut ours, mut theirs) = sides.first().cloned()?;
        for (one, two) in sides.iter().skip(1) {
            join(&mut ours, one);
            join(&mut theirs, two);
        }
        let both_ways = |ours: &Possible, theirs: &Possible, by: OneWay| {
            let second = by(ours, theirs, types).map(|query_type| (Blocking::Second, query_type));
            second.or_else(|| by(theirs, ours, types).map(|query_type| (Blocking::First, query_type)))
        };
        if let Some((blocking, query_type)) = both_ways(&ours, &theirs, surely) {
            return Some((blocking, true, query_type));
        }
        let mut sides = sides.iter();
        sides.find_map(|(ours, theirs)| {
            let (blocking, query_type) = both_ways(ours, theirs, perhaps)?;
            Some((blocking, false, query_type))
        })
    }
}

/// Whether the first of two lets some type through, and which, and the second blocks all.
type OneWay = fn(&Possible, &Possible, &[QueryType]) -> Option<QueryType>;

fn join(all: &mut Possible, more: &Possible) {
    for (all, more) in all.iter_mut().zip(more) {
        all.extend(*more);
    }
}

fn may_block(verdicts: Verdicts) -> bool {
    verdicts.contains(Verdict::Block)
}

fn may_pass(verdicts: Verdicts) -> bool {
    verdicts.iter().any(|verdict| verdict != Verdict::Block)
}

/// For certain: queries of one and the same type pass whatever is unknown.
fn surely(passing: &Possible, blocking: &Possible, types: &[QueryType]) -> Option<QueryType> {
    if blocking.iter().copied().any(may_pass) {
        return None;
    }
    let mut types = types.iter().zip(passing);
    types.find(|(_, verdicts)| !may_block(**verdicts)).map(|(query_type, _)| *query_type)
}

/// Perhaps. A type that surely passes is preferred.
fn perhaps(passing: &Possible, blocking: &Possible, types: &[QueryType]) -> Option<QueryType> {
    if !blocking.iter().copied().all(may_block) {
        return None;
    }
    let types = || types.iter().zip(passing);
    let found = types().find(|(_, verdicts)| !may_block(**verdicts));
    found.or_else(|| types().find(|(_, verdicts)| may_pass(**verdicts))).map(|(query_type, _)| *query_type)
}
