//! Formulas that nothing can tell apart.
//!
//! A formula speaks of a field only by asking whether its value is in certain intervals. The ends of all intervals cut
//! the values of the field into pieces, and within a piece nothing changes. Two formulas that become the same when every
//! end is replaced by its place among the ends are fulfilled alike: for each packet that fulfils one there is one that
//! fulfils the other. So thousands of interfaces that differ by their addresses alone are decided once.

#![expect(
    clippy::cast_possible_truncation,
    reason = "places in a list that fits in memory; halves of numbers"
)]

use std::{collections::BTreeMap, ops::RangeInclusive};

use headerspace::Field;

use super::formula::{Formula, Value};

/// What is left of formulas when all that matters of values is their order.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// The form, piece by piece.
    pub(super) tokens: Vec<u32>,
    ends: BTreeMap<Field, Vec<u128>>,
}

const NOT: u32 = 1;
const ALL: u32 = 2;
const ANY: u32 = 3;
const CLOSE: u32 = 4;
const TRUE: u32 = 5;
const FALSE: u32 = 6;
const IN: u32 = 7;
const FIRST: u32 = 8;
const LAST: u32 = 9;
/// Numbers start here, so that no place of an end is taken for a sign.
const VALUES: u32 = 16;

impl Shape {
    /// Makes this the shape of the list of `formulas`; `false` if they compare values with each other, so that they have
    /// none.
    pub(super) fn of<'f>(&mut self, formulas: impl Iterator<Item = &'f Formula> + Clone) -> bool {
        self.tokens.clear();
        self.ends.values_mut().for_each(Vec::clear);
        if !formulas.clone().all(|formula| self.gather(formula)) {
            return false;
        }
        for ends in self.ends.values_mut() {
            ends.sort_unstable();
            ends.dedup();
        }
        for formula in formulas {
            self.write(formula);
            self.tokens.push(CLOSE);
        }
        true
    }

    /// The same formulas about the number of the piece that a value is in, for the formulas that this is the shape of.
    /// Pieces are numbered from 0; [`Self::pieces`] says how many there are.
    pub(super) fn reduced(&self, formula: &Formula) -> Formula {
        match formula {
            Formula::In(Value::Sent(field), values) => {
                let pieces = values
                    .iter()
                    .map(|range| self.piece(*field, *range.start())..=self.piece(*field, *range.end()));
                Formula::In(Value::Sent(*field), pieces.collect())
            }
            Formula::Constant(_) | Formula::In(..) | Formula::Equal(..) => formula.clone(),
            Formula::Not(inner) => self.reduced(inner).not(),
            Formula::All(parts) => Formula::all(parts.iter().map(|part| self.reduced(part))),
            Formula::Any(parts) => Formula::any(parts.iter().map(|part| self.reduced(part))),
        }
    }

    /// How many pieces the values of `field` are cut into.
    pub(super) fn pieces(&self, field: Field) -> u128 {
        self.piece(field, field.max()) + 1
    }

    /// The first value of a piece.
    pub(super) fn first(&self, field: Field, piece: u128) -> u128 {
        let ends = self.ends(field);
        usize::try_from(piece)
            .ok()
            .and_then(|piece| ends.get(piece.checked_sub(1)?))
            .copied()
            .unwrap_or_default()
    }

    /// The number of the piece that `value` is in.
    fn piece(&self, field: Field, value: u128) -> u128 {
        self.ends(field).partition_point(|&end| end <= value) as u128
    }

    /// The ends of a field but the first value of all, before which nothing lies.
    fn ends(&self, field: Field) -> &[u128] {
        let ends = self.ends.get(&field).map_or(&[][..], Vec::as_slice);
        if ends.first() == Some(&0) { ends.get(1..).unwrap_or_default() } else { ends }
    }

    fn gather(&mut self, formula: &Formula) -> bool {
        match formula {
            Formula::Constant(_) => true,
            Formula::In(value, values) => {
                if let Value::Sent(field) = value {
                    let ends = self.ends.entry(*field).or_default();
                    ends.extend(
                        values
                            .iter()
                            .flat_map(|range| [Some(*range.start()), after(&range, *field)])
                            .flatten(),
                    );
                }
                true
            }
            Formula::Equal(..) => false,
            Formula::Not(inner) => self.gather(inner),
            Formula::All(parts) | Formula::Any(parts) => parts.iter().all(|part| self.gather(part)),
        }
    }

    fn write(&mut self, formula: &Formula) {
        match formula {
            Formula::Constant(value) => self.tokens.push(if *value { TRUE } else { FALSE }),
            Formula::In(value, values) => {
                match value {
                    Value::Sent(field) => {
                        self.tokens.extend([IN, *field as u32]);
                        let ends = self.ends.get(field).map_or(&[][..], Vec::as_slice);
                        let place = |end: u128| VALUES + ends.partition_point(|&other| other < end) as u32;
                        for range in values.iter() {
                            // The first value of all and the last are not like others: nothing lies beyond.
                            let first = if *range.start() == 0 { FIRST } else { place(*range.start()) };
                            self.tokens.extend([first, after(&range, *field).map_or(LAST, place)]);
                        }
                    }
                    // Choices are few: they keep their values.
                    Value::Chosen(number) => {
                        self.tokens.extend([IN, VALUES + number]);
                        for end in values.iter().flat_map(|range| [*range.start(), *range.end()]) {
                            self.tokens.extend([96, 64, 32, 0].map(|shift| (end >> shift) as u32));
                        }
                    }
                    Value::Is(_) => {}
                }
                self.tokens.push(CLOSE);
            }
            Formula::Equal(..) => self.tokens.push(FALSE),
            Formula::Not(inner) => {
                self.tokens.push(NOT);
                self.write(inner);
            }
            Formula::All(parts) | Formula::Any(parts) => {
                self.tokens.push(if matches!(formula, Formula::All(_)) { ALL } else { ANY });
                parts.iter().for_each(|part| self.write(part));
                self.tokens.push(CLOSE);
            }
        }
    }
}

/// The first value behind `range`, if the field has values there.
fn after(range: &RangeInclusive<u128>, field: Field) -> Option<u128> {
    range.end().checked_add(1).filter(|&end| end <= field.max())
}

#[cfg(test)]
mod tests {
    use headerspace::{Match, Ranges};

    use super::*;
    use crate::solver::formula::Header;

    fn shape(parts: &[(Field, std::ops::RangeInclusive<u128>)]) -> Vec<u32> {
        let header = Header::unsent();
        let parts: Vec<Formula> = parts
            .iter()
            .map(|(field, range)| header.accepted_by(&Match::In(*field, Ranges::range(range.clone()))))
            .collect();
        let mut shape = Shape::default();
        assert!(shape.of(parts.iter()));
        shape.tokens
    }

    #[test]
    fn only_the_order_of_values_matters() {
        let of = |a, b, c| shape(&[(Field::DstIp, a..=b), (Field::DstIp, c..=c)]);
        assert_eq!(of(10, 20, 15), of(100, 900, 500));
        assert_ne!(of(10, 20, 15), of(10, 20, 20), "at the end is not within");
        assert_ne!(of(10, 20, 15), of(10, 20, 21), "beside is not within");
        assert_ne!(of(10, 20, 21), of(10, 20, 22), "next to it is not further away");
    }

    #[test]
    fn pieces_hold_values_that_nothing_tells_apart() {
        let header = Header::unsent();
        for ranges in [vec![0..=9, 20..=29], vec![5..=65_535, 7..=7], vec![0..=65_535]] {
            let formulas: Vec<Formula> = ranges
                .iter()
                .map(|range| header.accepted_by(&Match::In(Field::DstPort, Ranges::range(range.clone()))))
                .collect();
            let mut shape = Shape::default();
            assert!(shape.of(formulas.iter()));
            for value in [0, 1, 4, 5, 6, 7, 8, 9, 10, 19, 20, 29, 30, 65_534, 65_535] {
                let piece = shape.piece(Field::DstPort, value);
                assert!(piece < shape.pieces(Field::DstPort));
                assert_eq!(shape.piece(Field::DstPort, shape.first(Field::DstPort, piece)), piece);
                for (range, formula) in ranges.iter().zip(&formulas) {
                    let within = match shape.reduced(formula) {
                        Formula::In(_, pieces) => pieces.contains(piece),
                        Formula::Constant(all) => all,
                        other => unreachable!("{other:?}"),
                    };
                    assert_eq!(within, range.contains(&value), "{value} in {range:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_lies_beyond_the_last_value() {
        let of = |a, b| shape(&[(Field::DstPort, a..=b), (Field::DstPort, 0..=a - 1)]);
        assert_eq!(of(5, 100), of(6, 200));
        assert_ne!(of(5, 100), of(5, 65_535));
        assert_ne!(shape(&[(Field::DstPort, 0..=9)]), shape(&[(Field::DstPort, 1..=9)]));
        assert_ne!(shape(&[(Field::DstPort, 7..=9)]), shape(&[(Field::SrcPort, 7..=9)]));
    }
}
