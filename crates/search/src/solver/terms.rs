//! Formulas in Z3's own terms, and the solver that decides them.
//!
//! Z3's context is that of the thread, and its terms may not travel: everything here belongs to one thread.

use std::{collections::BTreeSet, rc::Rc};

use headerspace::{Field, Packet, Ranges};
use rustc_hash::FxHashMap;
use z3::{
    Model, Params, SatResult, Solver,
    ast::{BV, Bool},
};

use super::{
    formula::{Example, Formula, Value},
    shape::Shape,
};

/// Variables for one packet and for what translators choose, and formulas about them.
#[derive(Debug)]
pub(super) struct Terms {
    sent: Vec<BV>,
    chosen: Vec<BV>,
    /// Formulas with parts, by the address of the parts, which are kept so that no other can have it.
    known: FxHashMap<*const Formula, (Rc<[Formula]>, Bool)>,
    /// For the names of variables.
    name: String,
}

/// Formulas beyond this number are made into terms again.
const MOST_KNOWN: usize = 200_000;

impl Terms {
    /// Variables whose names start with `name`.
    pub(super) fn new(name: &str) -> Self {
        Self::of_widths(name, Field::ALL.map(|field| u32::from(field.width())))
    }

    /// The same for fields of other widths, at least 1.
    fn of_widths(name: &str, widths: [u32; Field::COUNT]) -> Self {
        let fields = Field::ALL.iter().zip(widths);
        let sent =
            fields.map(|(field, width)| BV::new_const(format!("{name}.{field}.{width}"), width)).collect();
        Self { sent, chosen: Vec::new(), known: FxHashMap::default(), name: name.to_owned() }
    }

    /// A new number for what a translator chooses for `field`.
    pub(super) fn choice(&mut self, field: Field) -> u32 {
        let index = u32::try_from(self.chosen.len()).unwrap_or(u32::MAX);
        self.chosen.push(BV::new_const(format!("{}.chosen.{index}", self.name), u32::from(field.width())));
        index
    }

    /// Makes sure that there are variables for so many choices of whatever field.
    pub(super) fn know(&mut self, choices: usize) {
        while self.chosen.len() < choices {
            self.choice(Field::DstIp);
        }
    }

    /// The variable for a field of the packet as it was sent.
    pub(super) fn field(&self, field: Field) -> Option<&BV> {
        self.sent.get(field as usize)
    }

    fn value(&self, value: Value) -> Option<&BV> {
        match value {
            Value::Sent(field) => self.field(field),
            Value::Chosen(index) => self.chosen.get(index as usize),
            Value::Is(_) => None,
        }
    }

    /// The formula as a term.
    pub(super) fn term(&mut self, formula: &Formula) -> Bool {
        match formula {
            Formula::Constant(value) => Bool::from_bool(*value),
            Formula::In(value, values) => {
                let constant = Bool::from_bool(false);
                self.value(*value).map_or(constant, |term| within(term, values))
            }
            Formula::Equal(a, b) => match (self.value(*a), self.value(*b)) {
                (Some(a), Some(b)) => a.eq(b),
                _ => Bool::from_bool(false),
            },
            Formula::Not(inner) => self.term(inner).not(),
            Formula::All(parts) => self.parts(parts, true),
            Formula::Any(parts) => self.parts(parts, false),
        }
    }

    fn parts(&mut self, parts: &Rc<[Formula]>, all: bool) -> Bool {
        let address = parts.as_ptr();
        if let Some((_, term)) = self.known.get(&address) {
            return term.clone();
        }
        let terms: Vec<Bool> = parts.iter().map(|part| self.term(part)).collect();
        let term = if all { Bool::and(&terms) } else { Bool::or(&terms) };
        self.known.insert(address, (parts.clone(), term.clone()));
        term
    }

    /// Forgets what formulas were made into, if that is much.
    fn forget(&mut self) {
        if self.known.len() > MOST_KNOWN {
            self.known.clear();
        }
    }

    /// The packet and the choices of a model.
    fn example(&self, model: &Model) -> Option<Example> {
        let number = |term: &BV| -> Option<u128> {
            let width = term.get_size();
            let part = |high: u32, low: u32| model.eval(&term.extract(high, low), true)?.as_u64();
            let low = part((width - 1).min(63), 0)?;
            let high = if width > 64 { part(width - 1, 64)? } else { 0 };
            Some((u128::from(high) << 64) | u128::from(low))
        };
        let nowhere = std::net::Ipv4Addr::UNSPECIFIED.into();
        let mut sent = Packet::other(nowhere, nowhere, 0);
        for (field, term) in Field::ALL.into_iter().zip(&self.sent) {
            sent.set(field, number(term)?);
        }
        let chosen = self.chosen.iter().map(number).collect::<Option<Vec<u128>>>()?;
        Some(Example { sent, chosen })
    }
}

/// A number of up to 128 bits.
pub(super) fn constant(number: u128, width: u32) -> BV {
    let low = |number: u128| u64::try_from(number & u128::from(u64::MAX)).unwrap_or(u64::MAX);
    if width <= 64 {
        BV::from_u64(low(number), width)
    } else {
        BV::from_u64(low(number >> 64), width - 64).concat(BV::from_u64(low(number), 64))
    }
}

/// `term` is one of `values`: a block of addresses by its leading bits, everything else by comparison.
pub(super) fn within(term: &BV, values: &Ranges) -> Bool {
    let width = term.get_size();
    let max = u128::MAX >> (128 - width);
    let parts: Vec<Bool> = values
        .iter()
        .map(|range| {
            let (first, last) = (*range.start(), (*range.end()).min(max));
            if first > max {
                return Bool::from_bool(false);
            }
            let size = last - first;
            let free = 128 - size.leading_zeros();
            let is_block = size.checked_add(1).is_none_or(u128::is_power_of_two) && first & size == 0;
            if is_block && free < width {
                return term.extract(width - 1, free).eq(constant(first >> free, width - free));
            }
            let mut both = Vec::new();
            if first > 0 {
                both.push(term.bvuge(constant(first, width)));
            }
            if last < max {
                both.push(term.bvule(constant(last, width)));
            }
            Bool::and(&both)
        })
        .collect();
    Bool::or(&parts)
}

/// What the solver says.
#[derive(Debug, Clone)]
pub(super) enum Judged {
    /// Some packet fulfils all conditions; this one, if it was asked for.
    Holds(Option<Rc<Example>>),
    /// None does.
    Never,
    /// It gave up.
    TooHard,
}

/// Conditions that can be taken back in reverse order, and a solver that says whether all of them can hold.
#[derive(Debug)]
pub(super) struct Conditions {
    pub(super) terms: Terms,
    solver: Solver,
    /// The conditions so far, each with a packet that fulfils it and all before it, if one is known.
    levels: Vec<(Formula, Option<Rc<Example>>)>,
    /// How often the solver was asked.
    pub(super) checks: u64,
    /// How many conditions there were.
    pub(super) pushes: u64,
    /// Whether lists of conditions of these shapes can hold; `None` if the solver keeps the conditions instead.
    shapes: Option<FxHashMap<Box<[u32]>, bool>>,
    shape: Shape,
}

/// A solver of which one question may take `limit` of its units of work.
pub(super) fn limited(limit: u32) -> Solver {
    let solver = Solver::new();
    let mut params = Params::new();
    params.set_u32("rlimit", limit);
    solver.set_params(&params);
    solver
}

impl Conditions {
    /// No conditions. The solver holds them as they come. One question to it may take `limit` of its units of work.
    pub(super) fn new(limit: u32) -> Self {
        let solver = limited(limit);
        let (levels, shape) = (Vec::new(), Shape::default());
        Self { terms: Terms::new("p"), solver, levels, checks: 0, pushes: 0, shapes: None, shape }
    }

    /// The same, but the solver is asked once for all conditions of one [shape](super::shape).
    pub(super) fn by_shape(limit: u32) -> Self {
        Self { shapes: Some(FxHashMap::default()), ..Self::new(limit) }
    }

    /// Forgets the choices of earlier questions. There must be no conditions.
    pub(super) fn begin(&mut self) {
        self.terms.known.clear();
        self.terms.chosen.clear();
    }

    /// Adds a condition, to be taken back by [`Self::pop`], and says whether all can hold.
    pub(super) fn push(&mut self, condition: &Formula) -> Judged {
        self.pushes += 1;
        if self.shapes.is_none() {
            self.solver.push();
            if !condition.is_true() {
                let term = self.terms.term(condition);
                self.solver.assert(&term);
            }
        }
        let before = self.levels.last().and_then(|(_, example)| example.clone());
        let known = before.filter(|example| condition.holds(example));
        self.levels.push((condition.clone(), known.clone()));
        let judged = match known {
            Some(example) => Judged::Holds(Some(example)),
            None if condition.is_false() => Judged::Never,
            None if self.shapes.is_some() => self.judged_by_shape(),
            None => self.check(),
        };
        if let (Judged::Holds(example), Some(level)) = (&judged, self.levels.last_mut()) {
            level.1.clone_from(example);
        }
        judged
    }

    /// Takes the last condition back.
    pub(super) fn pop(&mut self) {
        if self.shapes.is_none() {
            self.solver.pop(1);
        }
        self.levels.pop();
    }

    /// How many conditions there are.
    pub(super) fn depth(&self) -> usize {
        self.levels.len()
    }

    /// All conditions from the one of this number on.
    pub(super) fn since(&self, depth: usize) -> Formula {
        let levels = self.levels.get(depth..).unwrap_or_default();
        Formula::all(levels.iter().map(|(condition, _)| condition.clone()))
    }

    /// Whether all conditions can hold, with a packet.
    pub(super) fn example(&mut self) -> Judged {
        match self.levels.last() {
            Some((_, Some(example))) => Judged::Holds(Some(example.clone())),
            _ if self.shapes.is_some() => self.check_all(),
            _ => self.check(),
        }
    }

    fn judged_by_shape(&mut self) -> Judged {
        let conditions = self.levels.iter().map(|(condition, _)| condition);
        let shaped = self.shape.of(conditions.filter(|condition| !condition.is_true()));
        let known = self
            .shapes
            .as_ref()
            .filter(|_| shaped)
            .and_then(|shapes| shapes.get(self.shape.tokens.as_slice()));
        match known {
            Some(true) => return Judged::Holds(None),
            Some(false) => return Judged::Never,
            None => {}
        }
        let conditions: Vec<Formula> = self.levels.iter().map(|(condition, _)| condition.clone()).collect();
        let mut choices = BTreeSet::new();
        for condition in &conditions {
            condition.choices(&mut choices);
        }
        let judged =
            if shaped && choices.is_empty() { self.judge_reduced(&conditions) } else { self.check_all() };
        let holds = match &judged {
            Judged::Holds(_) => Some(true),
            Judged::Never => Some(false),
            Judged::TooHard => None,
        };
        if let (Some(shapes), Some(holds), true) = (&mut self.shapes, holds, shaped) {
            shapes.insert(self.shape.tokens.as_slice().into(), holds);
        }
        judged
    }

    /// Asks whether one condition can hold, apart from all others.
    ///
    /// If it compares no values with each other, the solver gets it about pieces of values instead of values, which is
    /// the same in fewer bits.
    pub(super) fn judge(&mut self, condition: &Formula) -> Judged {
        let mut choices = BTreeSet::new();
        condition.choices(&mut choices);
        if !choices.is_empty() || !self.shape.of([condition].into_iter()) {
            let judged = self.push(condition);
            self.pop();
            return judged;
        }
        self.judge_reduced(std::slice::from_ref(condition))
    }

    /// The same for all of `conditions`, of which `shape` is the shape.
    fn judge_reduced(&mut self, conditions: &[Formula]) -> Judged {
        self.checks += 1;
        let last = |field| self.shape.pieces(field) - 1;
        let widths = Field::ALL.map(|field| (128 - last(field).leading_zeros()).max(1));
        let mut terms = Terms::of_widths("n", widths);
        self.solver.push();
        // Numbers behind the last piece stand for nothing.
        for (field, width) in Field::ALL.into_iter().zip(widths) {
            if let Some(term) = terms.field(field) {
                self.solver.assert(term.bvule(constant(last(field), width)));
            }
        }
        for condition in conditions {
            let term = terms.term(&self.shape.reduced(condition));
            self.solver.assert(&term);
        }
        let judged = match self.solver.check() {
            SatResult::Unsat => Judged::Never,
            SatResult::Unknown => Judged::TooHard,
            SatResult::Sat => {
                let example = self.solver.get_model().and_then(|model| terms.example(&model));
                example.map_or(Judged::TooHard, |mut example| {
                    for field in Field::ALL {
                        let piece = example.sent.get(field).min(self.shape.pieces(field) - 1);
                        example.sent.set(field, self.shape.first(field, piece));
                    }
                    Judged::Holds(Some(Rc::new(example)))
                })
            }
        };
        self.solver.pop(1);
        judged
    }

    /// Gives the solver all conditions at once.
    fn check_all(&mut self) -> Judged {
        self.solver.push();
        for (condition, _) in &self.levels {
            let term = self.terms.term(condition);
            self.solver.assert(&term);
        }
        let judged = self.check();
        self.solver.pop(1);
        judged
    }

    fn check(&mut self) -> Judged {
        self.checks += 1;
        self.terms.forget();
        match self.solver.check() {
            SatResult::Unsat => Judged::Never,
            SatResult::Unknown => Judged::TooHard,
            SatResult::Sat => {
                let example = self.solver.get_model().and_then(|model| self.terms.example(&model));
                example.map_or(Judged::TooHard, |example| Judged::Holds(Some(Rc::new(example))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use headerspace::Match;

    use super::*;
    use crate::solver::formula::Header;

    /// Whether `values` and exactly `number` go together, for conditions as they come, by shape, and in pieces.
    fn found(field: Field, values: &Ranges, number: u128) -> [bool; 3] {
        let header = Header::unsent();
        let is = |values: Ranges| header.accepted_by(&Match::In(field, values));
        let (within, exactly) = (is(values.clone()), is(Ranges::single(number)));
        let holds = |judged: &Judged| match judged {
            Judged::Holds(example) => {
                let example = example.as_ref().map(|example| example.at(&header).get(field));
                assert!(
                    example.is_none_or(|example| example == number),
                    "{field}: {example:?} is not {number}"
                );
                true
            }
            Judged::Never => false,
            Judged::TooHard => unreachable!("{values:?} and {number} are easy"),
        };
        let stacked = [Conditions::new(1_000_000), Conditions::by_shape(1_000_000)].map(|mut conditions| {
            conditions.push(&within);
            holds(&conditions.push(&exactly))
        });
        let both = Formula::all([within, exactly]);
        let [stacked, shaped] = stacked;
        [stacked, shaped, holds(&Conditions::new(1_000_000).judge(&both))]
    }

    #[test]
    fn the_solver_that_is_linked_understands_values_of_every_width() {
        for field in Field::ALL {
            let max = field.max();
            let middle = max / 2;
            let sets = [0..=max, 0..=middle, middle..=max, max..=max, 0..=0].map(Ranges::range);
            let odd: Ranges =
                [1..=1, middle.saturating_add(1)..=max].into_iter().filter(|r| *r.end() <= max).collect();
            for values in sets.into_iter().chain([odd]) {
                for number in [0, 1, middle, middle + 1, max].into_iter().filter(|&number| number <= max) {
                    let expected = values.contains(number);
                    assert_eq!(
                        found(field, &values, number),
                        [expected; 3],
                        "{field} in {values:?}: {number}"
                    );
                }
            }
        }
    }

    #[test]
    fn blocks_and_other_ranges_are_the_same_to_the_solver() {
        for range in [8..=15, 8..=14, 7..=15, 0x0a00_0000..=0x0aff_ffff, (1 << 100)..=(1 << 101) - 1] {
            let (first, last) = (*range.start(), *range.end());
            let values = Ranges::range(range);
            for number in [first - 1, first, last, last + 1] {
                assert_eq!(
                    found(Field::DstIp, &values, number),
                    [values.contains(number); 3],
                    "{values:?}: {number}"
                );
            }
        }
    }

    #[test]
    fn a_solver_that_may_not_work_gives_up() {
        let header = Header::unsent();
        let hard = Match::all_of([Match::well_formed(), Match::protocol(6)]);
        let mut conditions = Conditions::new(1);
        assert!(matches!(conditions.push(&header.accepted_by(&hard)), Judged::TooHard));
    }
}
