//! Sets of predicates that have to be true together.

use rustc_hash::FxHashMap;

/// Sets of predicates, by their numbers, each stored once.
pub(super) struct Assumptions {
    all: Vec<Assumption>,
    numbers: FxHashMap<Vec<u32>, u32>,
}

/// A set of predicates.
struct Assumption {
    // INVARIANT: ascending, without 0, which is always true. Kept by `Assumptions::number`.
    predicates: Vec<u32>,
    // INVARIANT: the numbers of all sets within this one, itself and the empty one too. Kept by `Assumptions::number`.
    within: Vec<u32>,
}

impl Assumptions {
    /// Number 0 is the empty one.
    pub(super) fn new() -> Assumptions {
        let mut assumptions = Assumptions { all: Vec::new(), numbers: FxHashMap::default() };
        assumptions.number(Vec::new());
        assumptions
    }

    /// Returns the number of a set. A new one costs a look at all others: there are as many as there are doubts about
    /// associations and rules.
    pub(super) fn number(&mut self, mut predicates: Vec<u32>) -> u32 {
        predicates.sort_unstable();
        predicates.dedup();
        predicates.retain(|&predicate| predicate > 0);
        if let Some(known) = self.numbers.get(&predicates) {
            return *known;
        }
        let number = super::number(self.all.len());
        let is_within = |less: &[u32], more: &[u32]| less.iter().all(|it| more.binary_search(it).is_ok());
        let mut within = vec![number];
        for (place, other) in self.all.iter_mut().enumerate() {
            if is_within(&other.predicates, &predicates) {
                within.push(super::number(place));
            } else if is_within(&predicates, &other.predicates) {
                other.within.push(number);
            }
        }
        self.numbers.insert(predicates.clone(), number);
        self.all.push(Assumption { predicates, within });
        number
    }

    /// Returns the predicates of a set, ascending.
    pub(super) fn predicates(&self, number: u32) -> &[u32] {
        self.all.get(number as usize).map_or(&[], |assumption| &assumption.predicates)
    }

    /// Returns the numbers of all sets that are true whenever this one is.
    pub(super) fn within(&self, number: u32) -> &[u32] {
        self.all.get(number as usize).map_or(&[0], |assumption| &assumption.within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_stored_once_and_know_what_is_within_them() {
        let mut assumptions = Assumptions::new();
        let both = assumptions.number(vec![2, 1, 2, 0]);
        let one = assumptions.number(vec![1]);
        let other = assumptions.number(vec![3]);
        assert_eq!([both, one, other, assumptions.number(vec![1, 2])], [1, 2, 3, 1]);
        let within = |number| {
            let mut within = assumptions.within(number).to_vec();
            within.sort_unstable();
            within
        };
        assert_eq!(
            [within(0), within(both), within(one), within(other)],
            [vec![0], vec![0, 1, 2], vec![0, 2], vec![0, 3]]
        );
        assert_eq!(assumptions.predicates(both), [1, 2]);
    }
}
