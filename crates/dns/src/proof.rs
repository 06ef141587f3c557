//! What firewalls do to all names and types.

mod compare;
mod contradict;
mod first_match;
mod idle;
mod redundant;

use std::collections::BTreeSet;

use crate::{
    Decision, DomainName, Firewall, NameSet, Query, QueryType, Verdict, Verdicts,
    firewall::readings,
    partition::{Class, Partition},
};
pub use compare::{Comparison, Difference, Types};
pub use contradict::{Blocking, Contradiction};
pub use idle::{RuleUse, Wins};
pub use redundant::{HalfEntry, Missing, Redundancy, RedundantEntry};

/// Whether something holds for all queries of a kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Proof {
    /// It does, whatever is unknown.
    Holds,
    /// It does not, as this query shows, whatever is unknown.
    Fails(Box<Example>),
    /// It depends on something unknown, as for this query; no query shows that it fails for certain.
    Unknown(Box<Example>),
}

/// A query, and what [`Firewall::decide`] says about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Example {
    /// The query. Its name is a valid name.
    pub query: Query,
    /// The decision on it, no redirections given.
    pub decision: Decision,
}

impl Firewall<'_> {
    /// Whether every query for a name outside `allowed` is blocked, whatever its type: a walled garden.
    ///
    /// The root name itself is left out: nothing can be found under it, and whether `*` takes it is not documented.
    /// Holds for redirections too, as what is blocked is blocked by its first name. Exact: of several examples, one
    /// that is certain is preferred. Linear in the entries of the lists in use and the size of `allowed`.
    pub fn is_walled_garden(&self, allowed: &NameSet) -> Proof {
        let root = NameSet::exactly(&DomainName::root());
        self.blocks_all(&allowed.union(&root).complement())
    }

    /// Whether every query for one of these names is blocked, whatever its type.
    ///
    /// Exactness and cost as for [`Firewall::is_walled_garden`].
    pub fn blocks_all(&self, names: &NameSet) -> Proof {
        self.gives_only([Verdict::Block].into_iter().collect(), names)
    }

    /// Whether every query for one of these names gets one of these verdicts, whatever its type, no redirections given.
    ///
    /// Exactness and cost as for [`Firewall::is_walled_garden`].
    pub fn gives_only(&self, wanted: Verdicts, names: &NameSet) -> Proof {
        let partition = Partition::new(&[self], names);
        let types = query_types(&[self]);
        let mut unknown: Option<Example> = None;
        for class in partition.representatives().into_iter().filter(|class| class.member) {
            let hits = partition.hits(self, class.signature);
            for &query_type in &types {
                let mut verdicts = Verdicts::default();
                for reading in readings(&hits) {
                    verdicts.extend(self.verdicts(&self.outcome(&hits, query_type, reading)));
                }
                let is_certain = !verdicts.iter().any(|verdict| wanted.contains(verdict));
                let holds = verdicts.iter().all(|verdict| wanted.contains(verdict));
                if holds || !is_certain && unknown.is_some() {
                    continue;
                }
                let Some(example) = self.example(&partition, &class, query_type, verdicts) else { continue };
                if is_certain {
                    return Proof::Fails(Box::new(example));
                }
                unknown = Some(example);
            }
        }
        unknown.map_or(Proof::Holds, |example| Proof::Unknown(Box::new(example)))
    }

    /// A query of a class, if deciding it by its name gives the same verdicts.
    pub(crate) fn example(
        &self,
        partition: &Partition<'_>,
        class: &Class,
        query_type: QueryType,
        verdicts: Verdicts,
    ) -> Option<Example> {
        let query = Query { name: partition.witness(class)?, query_type };
        let decision = self.decide(&query, &[]);
        debug_assert_eq!(decision.possible, verdicts, "{query}");
        (decision.possible == verdicts).then_some(Example { query, decision })
    }
}

/// The types that rules of these firewalls state, and one that none states and that stands for all others.
pub(crate) fn query_types(firewalls: &[&Firewall<'_>]) -> Vec<QueryType> {
    let mut stated = BTreeSet::new();
    for firewall in firewalls {
        firewall.query_types(&mut stated);
    }
    let common = [QueryType::A, QueryType::AAAA, QueryType::TXT];
    let other = common.into_iter().chain((1..=u16::MAX).map(QueryType)).find(|other| !stated.contains(other));
    other.into_iter().chain(stated.iter().copied()).collect()
}
