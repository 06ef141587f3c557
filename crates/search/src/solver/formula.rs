//! What must hold of a packet as it was sent, for it to be where it is.
//!
//! Guards speak of the packet where it is. On its way, each field of a packet is either as it was sent, or what a
//! translator made of it: a [`Header`] says which. A guard seen through a header is a [`Formula`] about the packet as it
//! was sent, and about what translators chose.
#![expect(clippy::indexing_slicing, reason = "arrays of length Field::COUNT, indexed by Field as usize")]

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use headerspace::{Field, Match, Packet, Ranges, Rewrite};

/// What a field holds, in terms of the packet as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Value {
    /// What this field held when the packet was sent.
    Sent(Field),
    /// This.
    Is(u128),
    /// What was chosen here.
    Chosen(u32),
}

/// A condition on the packet as it was sent.
#[derive(Debug, Clone)]
pub(super) enum Formula {
    /// The same for all packets.
    Constant(bool),
    /// The value is one of these.
    In(Value, Ranges),
    /// Both are the same.
    Equal(Value, Value),
    /// It does not hold.
    Not(Rc<Formula>),
    /// All of them hold.
    All(Rc<[Formula]>),
    /// One of them holds.
    Any(Rc<[Formula]>),
}

impl Formula {
    /// Every packet.
    pub(super) const TRUE: Self = Self::Constant(true);
    /// No packet.
    pub(super) const FALSE: Self = Self::Constant(false);

    /// Whether no packet can fulfil it, as far as its form tells.
    pub(super) fn is_false(&self) -> bool {
        matches!(self, Self::Constant(false))
    }

    /// Whether every packet fulfils it, as far as its form tells.
    pub(super) fn is_true(&self) -> bool {
        matches!(self, Self::Constant(true))
    }

    /// `value`, which a field like `field` can hold, is in `values`.
    fn is_in(value: Value, field: Field, values: &Ranges) -> Self {
        match value {
            Value::Is(number) => Self::Constant(values.contains(number)),
            _ if values.is_empty() => Self::FALSE,
            _ if *values == Ranges::range(0..=field.max()) => Self::TRUE,
            _ => Self::In(value, values.clone()),
        }
    }

    /// Both values are the same.
    pub(super) fn equal(a: Value, b: Value) -> Self {
        match (a, b) {
            _ if a == b => Self::TRUE,
            (Value::Is(_), Value::Is(_)) => Self::FALSE,
            (Value::Is(number), other) | (other, Value::Is(number)) => {
                Self::In(other, Ranges::single(number))
            }
            _ => Self::Equal(a.min(b), a.max(b)),
        }
    }

    /// The opposite.
    pub(super) fn not(self) -> Self {
        match self {
            Self::Constant(value) => Self::Constant(!value),
            Self::Not(inner) => Rc::unwrap_or_clone(inner),
            other => Self::Not(Rc::new(other)),
        }
    }

    /// All of `parts` hold.
    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::Constant(true) => {}
                Self::Constant(false) => return Self::FALSE,
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::TRUE,
            1 => kept.swap_remove(0),
            _ => Self::All(kept.into()),
        }
    }

    /// One of `parts` holds.
    pub(super) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::Constant(false) => {}
                Self::Constant(true) => return Self::TRUE,
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::FALSE,
            1 => kept.swap_remove(0),
            _ => Self::Any(kept.into()),
        }
    }

    /// The numbers of the choices that it speaks of.
    pub(super) fn choices(&self, found: &mut BTreeSet<u32>) {
        let mut see = |value: &Value| {
            if let Value::Chosen(number) = value {
                found.insert(*number);
            }
        };
        match self {
            Self::Constant(_) => {}
            Self::In(value, _) => see(value),
            Self::Equal(a, b) => [a, b].into_iter().for_each(see),
            Self::Not(inner) => inner.choices(found),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.choices(found)),
        }
    }

    /// Whether it compares values with each other.
    pub(super) fn compares(&self) -> bool {
        match self {
            Self::Constant(_) | Self::In(..) => false,
            Self::Equal(..) => true,
            Self::Not(inner) => inner.compares(),
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::compares),
        }
    }

    /// The same with other values in place of some.
    fn with(&self, change: &impl Fn(Value) -> Value) -> Self {
        match self {
            Self::Constant(value) => Self::Constant(*value),
            Self::In(value, values) => match change(*value) {
                Value::Is(number) => Self::Constant(values.contains(number)),
                other => Self::In(other, values.clone()),
            },
            Self::Equal(a, b) => Self::equal(change(*a), change(*b)),
            Self::Not(inner) => inner.with(change).not(),
            Self::All(parts) => Self::all(parts.iter().map(|part| part.with(change))),
            Self::Any(parts) => Self::any(parts.iter().map(|part| part.with(change))),
        }
    }

    /// The same with other numbers of choices.
    pub(super) fn renumbered(&self, number: impl Fn(u32) -> u32) -> Self {
        self.with(&|value| match value {
            Value::Chosen(old) => Value::Chosen(number(old)),
            other => other,
        })
    }

    /// Which packets fulfil it for some values of the choices in `gone`; `values` says what each can be. `None` if
    /// these are compared with fields, or if there are too many cases.
    pub(super) fn without(&self, gone: &BTreeSet<u32>, values: &Choices) -> Option<Self> {
        let parts = match self {
            Self::All(parts) => parts.to_vec(),
            other => vec![other.clone()],
        };
        let speaks = |part: &Self| {
            let mut found = BTreeSet::new();
            part.choices(&mut found);
            !found.is_disjoint(gone)
        };
        let (speaking, silent): (Vec<Self>, Vec<Self>) = parts.into_iter().partition(speaks);
        let speaking = Self::all(speaking);
        let mut cuts = BTreeMap::<u32, Vec<Ranges>>::new();
        if !speaking.cuts(gone, &mut cuts) {
            return None;
        }
        let mut cases = vec![BTreeMap::<u32, u128>::new()];
        for (number, cuts) in cuts {
            let values = representatives(values.get(&number)?, &cuts);
            let with = |case: BTreeMap<u32, u128>| {
                let with =
                    |&value: &u128| case.iter().map(|(&a, &b)| (a, b)).chain([(number, value)]).collect();
                values.iter().map(with).collect::<Vec<_>>()
            };
            cases = cases.into_iter().flat_map(with).collect();
            if cases.len() > MOST_CASES {
                return None;
            }
        }
        let cases = cases.into_iter().map(|case| {
            speaking.with(&|value| match value {
                Value::Chosen(number) => case.get(&number).map_or(value, |&number| Value::Is(number)),
                other => other,
            })
        });
        let cases = Self::any(cases.collect::<Vec<_>>());
        Some(Self::all(silent.into_iter().chain([cases])))
    }

    /// Gathers what is asked of each choice in `of`; `false` if one is compared with a field.
    fn cuts(&self, of: &BTreeSet<u32>, cuts: &mut BTreeMap<u32, Vec<Ranges>>) -> bool {
        match self {
            Self::In(Value::Chosen(number), values) if of.contains(number) => {
                cuts.entry(*number).or_default().push(values.clone());
                true
            }
            Self::Constant(_) | Self::In(..) => true,
            Self::Equal(a, b) => {
                ![a, b].into_iter().any(|value| matches!(value, Value::Chosen(number) if of.contains(number)))
            }
            Self::Not(inner) => inner.cuts(of, cuts),
            Self::All(parts) | Self::Any(parts) => parts.iter().all(|part| part.cuts(of, cuts)),
        }
    }

    /// The formula as a term about the packet as it was sent; `None` if it speaks of choices or compares fields.
    pub(super) fn to_match(&self) -> Option<Match> {
        Some(match self {
            Self::Constant(true) => Match::All,
            Self::Constant(false) => Match::never(),
            Self::In(Value::Sent(field), values) => Match::In(*field, values.clone()),
            Self::In(..) | Self::Equal(..) => return None,
            Self::Not(inner) => Match::not(inner.to_match()?),
            Self::All(parts) => Match::all_of(parts.iter().map(Self::to_match).collect::<Option<Vec<_>>>()?),
            Self::Any(parts) => Match::any_of(parts.iter().map(Self::to_match).collect::<Option<Vec<_>>>()?),
        })
    }

    /// Whether it holds of this packet and these choices.
    pub(super) fn holds(&self, example: &Example) -> bool {
        match self {
            Self::Constant(value) => *value,
            Self::In(value, values) => values.contains(example.get(*value)),
            Self::Equal(a, b) => example.get(*a) == example.get(*b),
            Self::Not(inner) => !inner.holds(example),
            Self::All(parts) => parts.iter().all(|part| part.holds(example)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(example)),
        }
    }
}

/// What each choice can be, by its number.
pub(super) type Choices = BTreeMap<u32, Ranges>;

/// At most this many combinations of choices are looked at.
const MOST_CASES: usize = 1_024;

/// One value of `values` for each way in which they can be in some of `cuts` and not in others.
fn representatives(values: &Ranges, cuts: &[Ranges]) -> Vec<u128> {
    let ranges = cuts.iter().flat_map(Ranges::iter);
    let changes = ranges.flat_map(|range| [Some(*range.start()), range.end().checked_add(1)]).flatten();
    let firsts = changes.chain(values.iter().map(|range| *range.start()));
    let firsts: BTreeSet<u128> = firsts.filter(|&at| values.contains(at)).collect();
    firsts.into_iter().collect()
}

/// A packet as it was sent, and what translators chose, by number of the choice.
#[derive(Debug, Clone)]
pub(super) struct Example {
    pub(super) sent: Packet,
    pub(super) chosen: Vec<u128>,
}

impl Example {
    fn get(&self, value: Value) -> u128 {
        match value {
            Value::Sent(field) => self.sent.get(field),
            Value::Is(number) => number,
            // What has not come up yet may be anything.
            Value::Chosen(index) => self.chosen.get(index as usize).copied().unwrap_or_default(),
        }
    }

    /// The packet that `header` describes.
    pub(super) fn at(&self, header: &Header) -> Packet {
        let mut packet = self.sent;
        for field in Field::ALL {
            packet.set(field, self.get(header.get(field)));
        }
        packet
    }
}

/// A packet on its way, in terms of the packet as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Header([Value; Field::COUNT]);

/// ICMP messages that are answered: family, protocol, type of the query, type of the reply.
///
/// SOURCE: RFC 792 (echo, timestamp, information), RFC 950 (address mask), RFC 4443 section 4 (echo)
/// (checked 2026-11-26).
const QUERIES: [(u128, u128, u128, u128); 5] =
    [(0, 1, 8, 0), (0, 1, 13, 14), (0, 1, 15, 16), (0, 1, 17, 18), (1, 58, 128, 129)];

impl Header {
    /// As it was sent: nobody knows anything of its sender but the address.
    pub(super) fn sent() -> Self {
        let mut header = Self(Field::ALL.map(Value::Sent));
        header.set(Field::Identity, Value::Is(0));
        header
    }

    /// As it was sent, whatever is known of its sender.
    pub(super) fn unsent() -> Self {
        Self(Field::ALL.map(Value::Sent))
    }

    /// What `field` holds.
    pub(super) fn get(&self, field: Field) -> Value {
        self.0[field as usize]
    }

    pub(super) fn set(&mut self, field: Field, value: Value) {
        self.0[field as usize] = value;
    }

    /// After `rewrite`; `choose` numbers what a translator may choose, for a field and its values.
    pub(super) fn rewritten(
        mut self,
        rewrite: &Rewrite,
        mut choose: impl FnMut(Field, &Ranges) -> Value,
    ) -> Self {
        for (field, values) in rewrite.assignments() {
            let value = values.single_value().map_or_else(|| choose(*field, values), Value::Is);
            self.set(*field, value);
        }
        self
    }

    /// The condition that the packet is accepted.
    pub(super) fn accepted_by(&self, term: &Match) -> Formula {
        match term {
            Match::All => Formula::TRUE,
            Match::In(field, values) => Formula::is_in(self.get(*field), *field, values),
            Match::Not(inner) => self.accepted_by(inner).not(),
            Match::AllOf(parts) => Formula::all(parts.iter().map(|part| self.accepted_by(part))),
            Match::AnyOf(parts) => Formula::any(parts.iter().map(|part| self.accepted_by(part))),
        }
    }

    /// The numbers of the choices that it holds, in order of the fields.
    pub(super) fn choices(&self) -> Vec<u32> {
        let numbers = self.0.iter().filter_map(|value| match value {
            Value::Chosen(number) => Some(*number),
            Value::Sent(_) | Value::Is(_) => None,
        });
        let mut found = Vec::new();
        for number in numbers {
            if !found.contains(&number) {
                found.push(number);
            }
        }
        found
    }

    /// The same with other numbers of choices.
    pub(super) fn renumbered(mut self, number: impl Fn(u32) -> u32) -> Self {
        for value in &mut self.0 {
            if let Value::Chosen(old) = value {
                *old = number(*old);
            }
        }
        self
    }

    /// The condition that both are the same packet.
    pub(super) fn equals(&self, other: &Self) -> Formula {
        Formula::all(Field::ALL.map(|field| Formula::equal(self.get(field), other.get(field))))
    }

    fn field_is(&self, field: Field, number: u128) -> Formula {
        Formula::is_in(self.get(field), field, &Ranges::single(number))
    }

    fn is_icmp(&self) -> Formula {
        let of = |family, protocol| {
            Formula::all([self.field_is(Field::Family, family), self.field_is(Field::Protocol, protocol)])
        };
        Formula::any([of(0, 1), of(1, 58)])
    }

    /// The replies to it, each with the condition under which it is the reply; without those whose condition cannot
    /// hold by its form.
    pub(super) fn replies(&self) -> Vec<(Formula, Self)> {
        let mut plain = *self;
        for field in Field::ALL {
            plain.set(field, self.get(field.mirror()));
        }
        plain.set(Field::Identity, Value::Is(0));
        let mut found = vec![(self.is_icmp().not(), plain)];
        for (family, protocol, query, reply) in QUERIES {
            let condition = Formula::all([
                self.field_is(Field::Family, family),
                self.field_is(Field::Protocol, protocol),
                self.field_is(Field::IcmpType, query),
            ]);
            let mut header = plain;
            header.set(Field::IcmpType, Value::Is(reply));
            found.push((condition, header));
        }
        found.retain(|(condition, _)| !condition.is_false());
        found
    }

    /// The condition that nothing answers it.
    pub(super) fn is_silent(&self) -> Formula {
        let queries = QUERIES.map(|(family, protocol, query, _)| {
            Formula::all([
                self.field_is(Field::Family, family),
                self.field_is(Field::Protocol, protocol),
                self.field_is(Field::IcmpType, query),
            ])
        });
        Formula::all([self.is_icmp(), Formula::any(queries).not()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_those_of_packets() {
        let [a, b] = ["10.0.0.1", "10.0.0.2"].map(|address| address.parse().unwrap());
        let [c, d] = ["2001:db8::1", "2001:db8::2"].map(|address| address.parse().unwrap());
        let icmp = (0..=255).flat_map(|kind| [Packet::icmp(a, b, kind, 1), Packet::icmp(c, d, kind, 0)]);
        let others = [Packet::tcp(a, b, 5, 6), Packet::udp(c, d, 7, 8), Packet::other(a, b, 58)];
        for packet in icmp.chain(others) {
            let example = Example { sent: packet, chosen: Vec::new() };
            let header = Header::unsent();
            let replies: Vec<Packet> = header
                .replies()
                .into_iter()
                .filter(|(condition, _)| condition.holds(&example))
                .map(|(_, reply)| example.at(&reply))
                .collect();
            assert_eq!(replies, Vec::from_iter(packet.reply()), "{packet}");
            assert_eq!(header.is_silent().holds(&example), packet.reply().is_none(), "{packet}");
        }
    }
}
