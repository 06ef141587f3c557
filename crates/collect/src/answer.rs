//! What AWS answered, as the AWS CLI prints it.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde::{Serialize, Serializer};

use crate::{
    error::AnswerError,
    json,
    shape::{self, Operation, Printed, Protocol, Scalar, Service, Shape, Structure},
    value::{self, Members, Value},
    xml,
};

/// What AWS answered to an operation, page after page.
///
/// It serializes, and is written, as the AWS CLI prints it, but for what is in [`LeftOut`].
#[derive(Debug, Clone)]
pub struct Answer {
    service: &'static Service,
    operation: &'static Operation,
    /// Those that are printed.
    members: Members,
    /// How many of the members, the first ones, say what it is about.
    subjects: usize,
    /// Token for the next page.
    next: Option<String>,
    left_out: LeftOut,
}

/// How often members were left out, by structure and member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Members that the tables of shapes do not have: AWS added them later. By structure, and name on the wire.
    pub unknown: BTreeMap<(&'static str, String), u64>,
    /// Members that can hold secrets (`shapes/secrets.txt`).
    pub secret: BTreeMap<(&'static str, &'static str), u64>,
}

impl LeftOut {
    pub(crate) fn unknown(&mut self, structure: &Structure, wire: &str) {
        *self.unknown.entry((structure.name, wire.to_owned())).or_default() += 1;
    }

    pub(crate) fn secret(&mut self, structure: &Structure, member: &'static str) {
        *self.secret.entry((structure.name, member)).or_default() += 1;
    }

    fn add(&mut self, other: Self) {
        for (member, count) in other.unknown {
            *self.unknown.entry(member).or_default() += count;
        }
        for (member, count) in other.secret {
            *self.secret.entry(member).or_default() += count;
        }
    }
}

/// Reads the body of an answer. `service` is called as botocore calls it (`elbv2`), `operation` as AWS does (`DescribeRules`).
///
/// Linear in the body.
///
/// # Errors
///
/// [`AnswerError`] if the body is not a whole answer to this operation: cut off, malformed, an error, or something else. There
/// never is a part of an answer.
pub fn read(service: &str, operation: &str, body: &[u8]) -> Result<Answer, AnswerError> {
    let (service, operation) = shape::find(service, operation)?;
    if body.trim_ascii().is_empty() {
        return Err(AnswerError::Empty);
    }
    let mut left_out = LeftOut::default();
    let members = match service.protocol {
        Protocol::Ec2 | Protocol::Query => xml::read(service, operation, body, &mut left_out)?,
        Protocol::Json => json::read(service, operation, body, &mut left_out)?,
    };
    let (members, next) = page(operation, members);
    Ok(Answer { service, operation, members, subjects: 0, next, left_out })
}

/// What is printed of a page, and the token for the next one.
///
/// SOURCE: botocore's `paginate.py`, `PageIterator` (1.43.64).
fn page(operation: &Operation, members: Members) -> (Members, Option<String>) {
    let Some(pages) = &operation.pages else { return (members, None) };
    let is_more = pages.more.is_none_or(|more| value::get(&members, more) == Some(&Value::Bool(true)));
    let token = value::get(&members, pages.token).and_then(Value::as_str);
    let next = token.filter(|token| is_more && !token.is_empty()).map(str::to_owned);
    // The AWS CLI does not print `more`. Where it says that something is missing that cannot be asked for, it must not be lost.
    let is_cut = pages.more.is_some() && is_more && next.is_none();
    let is_printed = |name: &str| match pages.printed {
        Printed::Results => pages.results.contains(&name) || (is_cut && pages.more == Some(name)),
        Printed::Whole => name != pages.token,
    };
    let mut printed: Members = members.into_iter().filter(|(name, _)| is_printed(name)).collect();
    if pages.printed == Printed::Results {
        let place = |name: &str| pages.results.iter().position(|result| *result == name);
        printed.sort_by_key(|(name, _)| place(name).unwrap_or(usize::MAX));
    }
    (printed, next)
}

impl Answer {
    /// The token for the next page, if there is one.
    #[must_use]
    pub fn next_token(&self) -> Option<&str> {
        self.next.as_deref()
    }

    /// Whether AWS says that there is more, but not how to get it. The member that says so is printed then.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        let more = self.operation.pages.as_ref().and_then(|pages| pages.more);
        more.is_some_and(|more| self.get(more).is_some())
    }

    /// Appends the next page. Linear in that page.
    ///
    /// # Errors
    ///
    /// [`AnswerError::SameToken`] if it gives the token that it was asked with, so that asking on would never end;
    /// [`AnswerError::OtherOperation`] if it is no page of this. Nothing has been appended then.
    pub fn append(&mut self, page: Answer) -> Result<(), AnswerError> {
        if !std::ptr::eq(self.operation, page.operation) {
            let (expected, found) = (self.operation.name, page.operation.name);
            return Err(AnswerError::OtherOperation { expected, found });
        }
        if page.next.is_some() && page.next == self.next {
            return Err(AnswerError::SameToken);
        }
        let results = self.operation.pages.as_ref().map_or([].as_slice(), |pages| &pages.results);
        for (name, value) in page.members.into_iter().skip(page.subjects) {
            match (self.members.iter_mut().find(|(member, _)| *member == name), value) {
                (Some((_, Value::List(all))), Value::List(more)) if results.contains(&&*name) => {
                    all.extend(more);
                }
                // What every page tells is told.
                (Some(_), _) => {}
                (None, value) => self.members.push((name, value)),
            }
        }
        self.next = page.next;
        self.left_out.add(page.left_out);
        Ok(())
    }

    /// Says what the answer is about: a further member, before the members of the answer and after those that were given
    /// before. Changes nothing if the answer has a member of this name.
    pub fn about(&mut self, name: &'static str, value: impl Into<Value>) {
        if self.get(name).is_none() {
            self.members.insert(self.subjects, (name.into(), value.into()));
            self.subjects += 1;
        }
    }

    /// The member of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        value::get(&self.members, name)
    }

    /// The strings at a path such as `TransitGatewayRouteTables[].TransitGatewayRouteTableId`, in order, as often as they are
    /// there. `[]` stands for every element of a list.
    ///
    /// # Errors
    ///
    /// [`AnswerError::NoSuchPath`] if by the tables of shapes nothing can be there, or no strings.
    pub fn strings(&self, path: &str) -> Result<Vec<&str>, AnswerError> {
        let steps: Vec<_> = path.split('.').flat_map(steps).collect();
        let wrong = || AnswerError::NoSuchPath { operation: self.operation.name, path: path.to_owned() };
        let mut shape = &Shape::Structure(self.operation.output);
        for step in &steps {
            shape = match (step, shape) {
                (Step::Elements, Shape::List(inner)) => inner,
                (Step::Member(name), Shape::Structure(id)) => {
                    let member = self.service.structure(*id)?.member(name);
                    member.and_then(|member| member.shape.as_ref()).ok_or_else(wrong)?
                }
                _ => return Err(wrong()),
            };
        }
        if !matches!(shape, Shape::Scalar(Scalar::String)) {
            return Err(wrong());
        }
        let Some((Step::Member(first), steps)) = steps.split_first() else { return Err(wrong()) };
        let mut found: Vec<&Value> = self.get(first).into_iter().collect();
        for step in steps {
            found = match step {
                Step::Elements => found.into_iter().flat_map(Value::elements).collect(),
                Step::Member(name) => found.into_iter().filter_map(|value| value.get(name)).collect(),
            };
        }
        Ok(found.into_iter().filter_map(Value::as_str).collect())
    }

    /// How many records it has: the elements of its lists. An answer that can have no list is one record, if it has anything.
    #[must_use]
    pub fn records(&self) -> usize {
        let members =
            self.service.structure(self.operation.output).map_or([].as_slice(), |output| &output.members);
        let mut lists =
            members.iter().filter(|member| matches!(member.shape, Some(Shape::List(_)))).peekable();
        if lists.peek().is_none() {
            return usize::from(self.members.len() > self.subjects);
        }
        lists.filter_map(|list| self.get(list.name)).map(|list| list.elements().len()).sum()
    }

    /// What was left out of all pages so far.
    #[must_use]
    pub fn left_out(&self) -> &LeftOut {
        &self.left_out
    }

    /// Writes it as the AWS CLI prints it: JSON with four spaces and a new line at the end.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write(&self, out: impl Write) -> io::Result<()> {
        value::write(self, out)
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        value::serialize(&self.members, serializer)
    }
}

#[derive(Debug)]
enum Step<'p> {
    Member(&'p str),
    Elements,
}

/// The steps between two dots.
fn steps(mut text: &str) -> impl Iterator<Item = Step<'_>> {
    let mut lists = 0;
    while let Some(rest) = text.strip_suffix("[]") {
        text = rest;
        lists += 1;
    }
    [Step::Member(text)].into_iter().chain((0..lists).map(|_| Step::Elements))
}
