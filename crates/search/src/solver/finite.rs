//! Conditions on variables with few values each, for questions that are not about packets.

use std::rc::Rc;

use rustc_hash::FxHashMap;
use z3::{
    SatResult,
    ast::{BV, Bool},
};

use super::terms::limited;

/// A condition on variables, by their numbers.
#[derive(Debug, Clone)]
pub enum Condition {
    /// The same whatever the values are.
    Constant(bool),
    /// This variable has this value.
    Is(usize, u32),
    /// It does not hold.
    Not(Rc<Condition>),
    /// All of them hold.
    All(Rc<[Condition]>),
    /// One of them holds.
    Any(Rc<[Condition]>),
}

impl Condition {
    /// The opposite.
    #[must_use]
    pub fn opposite(self) -> Self {
        Self::Not(Rc::new(self))
    }

    /// All of `parts` hold.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::All(parts.into_iter().collect())
    }

    /// One of `parts` holds.
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::Any(parts.into_iter().collect())
    }
}

/// Variables and the solver that says whether conditions on them can hold.
#[derive(Debug)]
pub struct FiniteSolver {
    variables: Vec<BV>,
    /// What is true of all values.
    domains: Vec<Bool>,
    /// Conditions with parts, by the address of the parts, which are kept so that no other can have it.
    known: FxHashMap<*const Condition, (Rc<[Condition]>, Bool)>,
    limit: u32,
}

impl FiniteSolver {
    /// A solver for variables, each with so many values, numbered from 0. One question may take `limit` units of Z3's work.
    pub fn new(sizes: &[u32], limit: u32) -> Self {
        let width = |size: u32| (32 - size.max(2).saturating_sub(1).leading_zeros()).max(1);
        let variables: Vec<BV> = sizes
            .iter()
            .enumerate()
            .map(|(index, size)| BV::new_const(format!("v.{index}.{size}"), width(*size)))
            .collect();
        let domains = variables.iter().zip(sizes);
        let domains = domains.map(|(variable, size)| {
            let last = size.saturating_sub(1);
            variable.bvule(BV::from_u64(u64::from(last), width(*size)))
        });
        Self { domains: domains.collect(), variables, known: FxHashMap::default(), limit }
    }

    /// Whether some values fulfil a condition; `None` if the work limit was reached.
    pub fn can_hold(&mut self, condition: &Condition) -> Option<bool> {
        let term = self.term(condition);
        let solver = limited(self.limit);
        for domain in &self.domains {
            solver.assert(domain);
        }
        solver.assert(&term);
        match solver.check() {
            SatResult::Sat => Some(true),
            SatResult::Unsat => Some(false),
            SatResult::Unknown => None,
        }
    }

    fn term(&mut self, condition: &Condition) -> Bool {
        match condition {
            Condition::Constant(value) => Bool::from_bool(*value),
            Condition::Is(variable, value) => match self.variables.get(*variable) {
                Some(variable) => variable.eq(BV::from_u64(u64::from(*value), variable.get_size())),
                None => Bool::from_bool(false),
            },
            Condition::Not(inner) => self.term(inner).not(),
            Condition::All(parts) => self.parts(parts, true),
            Condition::Any(parts) => self.parts(parts, false),
        }
    }

    fn parts(&mut self, parts: &Rc<[Condition]>, all: bool) -> Bool {
        if parts.is_empty() {
            return Bool::from_bool(all);
        }
        let address = parts.as_ptr();
        if let Some((_, term)) = self.known.get(&address) {
            return term.clone();
        }
        let terms: Vec<Bool> = parts.iter().map(|part| self.term(part)).collect();
        let term = if all { Bool::and(&terms) } else { Bool::or(&terms) };
        self.known.insert(address, (parts.clone(), term.clone()));
        term
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_where_they_are_said_to() {
        let mut solver = FiniteSolver::new(&[3, 1, 2], 1_000_000);
        let is = Condition::Is;
        let none = Condition::all([is(0, 0).opposite(), is(0, 1).opposite(), is(0, 2).opposite()]);
        assert_eq!(solver.can_hold(&none), Some(false));
        assert_eq!(solver.can_hold(&is(1, 0).opposite()), Some(false));
        assert_eq!(solver.can_hold(&Condition::all([is(2, 1), is(0, 2)])), Some(true));
        assert_eq!(solver.can_hold(&Condition::all([is(2, 1), is(2, 0)])), Some(false));
        assert_eq!(solver.can_hold(&Condition::any([])), Some(false));
        assert_eq!(solver.can_hold(&Condition::all([])), Some(true));
        // A variable that there is not has no value.
        assert_eq!(solver.can_hold(&is(7, 0)), Some(false));
    }
}
