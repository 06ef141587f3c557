//! Answers in XML: those of EC2, and of the services with the older Query protocol.
//!
//! SOURCE: botocore's `parsers.py`, classes `QueryParser` and `EC2QueryParser` (1.43.64). Where that guesses, this refuses: a
//! root element of another name, a member that is there twice, a boolean that is neither `true` nor `false`.

use std::fmt::Display;

use roxmltree::{Document, Node};

use crate::{
    answer::LeftOut,
    error::AnswerError,
    shape::{Operation, Protocol, Scalar, Service, Shape, Structure},
    timestamp,
    value::{Members, Value},
};

pub(crate) fn read(
    service: &Service,
    operation: &Operation,
    body: &[u8],
    left_out: &mut LeftOut,
) -> Result<Members, AnswerError> {
    let document = Document::parse(std::str::from_utf8(body)?)?;
    let root = document.root_element();
    let expected = format!("{}Response", operation.name);
    let found = name(root);
    if ["Response", "ErrorResponse"].contains(&found) {
        let told = |what| root.descendants().find(|node| name(*node) == what).map(text).unwrap_or_default();
        return Err(AnswerError::Refused { code: told("Code"), message: told("Message") });
    }
    if found != expected {
        return Err(AnswerError::OtherDocument { expected, found: found.to_owned() });
    }
    let structure = service.structure(operation.output)?;
    let mut reader = Reader { service, left_out };
    let Some(wrapper) = operation.wrapper else { return reader.structure(structure, root, true) };
    let answers: Vec<_> = elements(root).filter(|node| name(*node) == wrapper).collect();
    match answers.as_slice() {
        [answer] => reader.structure(structure, *answer, false),
        [] => Err(AnswerError::Member { place: expected, why: format!("has no `{wrapper}`") }),
        _ => Err(AnswerError::Member { place: expected, why: format!("has more than one `{wrapper}`") }),
    }
}

/// Without the namespace; empty for what is no element.
fn name<'d>(node: Node<'_, 'd>) -> &'d str {
    node.tag_name().name()
}

fn elements<'a, 'd>(node: Node<'a, 'd>) -> impl Iterator<Item = Node<'a, 'd>> {
    node.children().filter(Node::is_element)
}

fn text(node: Node<'_, '_>) -> String {
    node.children().filter(Node::is_text).filter_map(|text| text.text()).collect()
}

struct Reader<'r> {
    service: &'r Service,
    left_out: &'r mut LeftOut,
}

impl Reader<'_> {
    fn structure(
        &mut self,
        structure: &Structure,
        node: Node<'_, '_>,
        is_root: bool,
    ) -> Result<Members, AnswerError> {
        let mut found: Vec<Option<Node<'_, '_>>> = vec![None; structure.members.len()];
        for element in elements(node) {
            let wire = name(element);
            if let Some(place) = structure.on_wire(wire).and_then(|(index, _)| found.get_mut(index)) {
                if place.replace(element).is_some() {
                    return Err(member(structure, wire, "is there twice"));
                }
            } else if !(is_root && self.service.protocol == Protocol::Ec2 && wire == "requestId") {
                self.left_out.unknown(structure, wire);
            }
        }
        let mut members = Members::new();
        for (member, element) in structure.members.iter().zip(found) {
            let Some(element) = element else { continue };
            let Some(shape) = &member.shape else {
                self.left_out.secret(structure, member.name);
                continue;
            };
            let value = self.value(shape, element, structure, member.name)?;
            members.push((member.name.into(), value));
        }
        Ok(members)
    }

    /// `structure` and `place` only say where it is.
    fn value(
        &mut self,
        shape: &Shape,
        node: Node<'_, '_>,
        structure: &Structure,
        place: &str,
    ) -> Result<Value, AnswerError> {
        match shape {
            Shape::Scalar(scalar) => {
                let value = match elements(node).next() {
                    Some(inner) => Err(format!("has a `{}` in it", name(inner))),
                    None => self::scalar(*scalar, text(node)),
                };
                value.map_err(|why| member(structure, place, why))
            }
            // Elements have all kinds of names; they are not looked at, as botocore does not.
            Shape::List(inner) => {
                let values = elements(node).map(|element| self.value(inner, element, structure, place));
                Ok(Value::List(values.collect::<Result<_, _>>()?))
            }
            Shape::Map(inner) => {
                let mut members = Members::new();
                for entry in elements(node) {
                    let parts: Vec<_> = elements(entry).map(|part| (name(part), part)).collect();
                    let ([("key", key), ("value", value)] | [("value", value), ("key", key)]) =
                        parts.as_slice()
                    else {
                        return Err(member(structure, place, "has an entry that is no key and value"));
                    };
                    let value = self.value(inner, *value, structure, place)?;
                    insert(&mut members, text(*key), value);
                }
                Ok(Value::Members(members))
            }
            Shape::Structure(id) => {
                Ok(Value::Members(self.structure(self.service.structure(*id)?, node, false)?))
            }
        }
    }
}

/// A later value replaces an earlier one in its place, as in Python's dictionaries.
pub(crate) fn insert(members: &mut Members, key: String, value: Value) {
    match members.iter_mut().find(|(name, _)| *name == key) {
        Some((_, earlier)) => *earlier = value,
        None => members.push((key.into(), value)),
    }
}

fn member(structure: &Structure, place: &str, why: impl Display) -> AnswerError {
    AnswerError::Member { place: format!("{}.{place}", structure.name), why: why.to_string() }
}

fn scalar(scalar: Scalar, text: String) -> Result<Value, String> {
    let wrong = |what: &str| format!("is not {what}: `{text}`");
    match scalar {
        Scalar::String | Scalar::Blob => Ok(Value::String(text)),
        Scalar::Boolean => match text.trim() {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(wrong("`true` or `false`")),
        },
        Scalar::Integer => text.trim().parse().map(Value::Integer).map_err(|_| wrong("a whole number")),
        Scalar::Float => match text.trim().parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Value::Float(value)),
            _ => Err(wrong("a number")),
        },
        Scalar::Timestamp => timestamp::from_text(&text).map(Value::String),
    }
}
