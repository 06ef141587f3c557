//! Field assignments.

use std::fmt;

use crate::field::Field;
use crate::matches::values_text;
use crate::packet::Packet;
use crate::ranges::Ranges;

/// Assignments to fields: what address translation does to a packet.
///
/// A field that is assigned takes *any* value of the assigned set, independently of the value it had: a set
/// of one value is an ordinary assignment, a larger one leaves the choice to the translator.
/// Fields that are not assigned keep their values.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rewrite {
    // INVARIANT: sorted by field, each field at most once. Kept by `assign`.
    assignments: Vec<(Field, Ranges)>,
}

impl Rewrite {
    /// Returns the rewrite that changes nothing.
    pub fn identity() -> Rewrite {
        Rewrite::default()
    }

    /// Returns this rewrite with `field` also set to some value of `values`. An earlier assignment to
    /// the field is replaced. With no values at all the rewrite lets nothing through.
    #[must_use]
    pub fn assign(mut self, field: Field, values: Ranges) -> Rewrite {
        match self.assignments.binary_search_by_key(&field, |&(f, _)| f) {
            Ok(at) => {
                if let Some(slot) = self.assignments.get_mut(at) {
                    slot.1 = values;
                }
            }
            Err(at) => self.assignments.insert(at, (field, values)),
        }
        self
    }

    /// Whether nothing is assigned.
    pub fn is_identity(&self) -> bool {
        self.assignments.is_empty()
    }

    /// Returns the assignments, sorted by field.
    pub fn assignments(&self) -> &[(Field, Ranges)] {
        &self.assignments
    }

    /// Returns one result of rewriting `packet`: an assigned field keeps its value if that is
    /// allowed and takes the lowest allowed value otherwise. A field assigned from no values keeps
    /// its value; [`Rewrite::allows`] then rejects the result.
    #[must_use]
    pub fn apply(&self, packet: &Packet) -> Packet {
        let mut after = *packet;
        for (field, values) in &self.assignments {
            if let Some(lowest) = values.min().filter(|_| !values.contains(packet.get(*field))) {
                after.set(*field, lowest);
            }
        }
        after
    }

    /// Whether `before` can become `after`: assigned fields hold allowed values, all others are
    /// unchanged.
    pub fn allows(&self, before: &Packet, after: &Packet) -> bool {
        Field::ALL.into_iter().all(|field| match self.values(field) {
            Some(values) => values.contains(after.get(field)),
            None => before.get(field) == after.get(field),
        })
    }

    /// Returns the values assigned to `field`, or `None` if the field is left alone.
    pub fn values(&self, field: Field) -> Option<&Ranges> {
        self.assignments.iter().find(|(f, _)| *f == field).map(|(_, values)| values)
    }
}

impl fmt::Display for Rewrite {
    /// Writes `src_ip := 10.0.0.9`, assignments separated by `, `, or `unchanged`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_identity() {
            return f.write_str("unchanged");
        }
        for (i, (field, values)) in self.assignments.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{field} := {}", values_text(*field, values, None))?;
        }
        Ok(())
    }
}
