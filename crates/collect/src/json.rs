//! Answers in JSON.
//!
//! SOURCE: botocore's `parsers.py`, class `BaseJSONParser` (1.43.64): members that are `null` are absent, texts, numbers and
//! booleans are printed as they came.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::{
    answer::LeftOut,
    error::AnswerError,
    shape::{Operation, Scalar, Service, Shape},
    timestamp,
    value::{Members, Value},
    xml::insert,
};

pub(crate) fn read(
    service: &Service,
    operation: &Operation,
    body: &[u8],
    left_out: &mut LeftOut,
) -> Result<Members, AnswerError> {
    let shape = Shape::Structure(operation.output);
    let mut document = serde_json::Deserializer::from_slice(body);
    let value = Reader { service, shape: &shape, left_out }.deserialize(&mut document)?;
    document.end()?;
    let Value::Members(members) = value else {
        let expected = service.structure(operation.output)?.name.to_owned();
        return Err(AnswerError::OtherDocument { expected, found: "null".to_owned() });
    };
    if members.is_empty()
        && let Some(refused) = refused(body)
    {
        return Err(refused);
    }
    Ok(members)
}

/// The error that a document tells if it has none of the members that were expected.
///
/// SOURCE: botocore's `parsers.py`, `BaseJSONParser._do_error_parse` and `RestJSONParser._inject_error_code` (1.43.64).
fn refused(body: &[u8]) -> Option<AnswerError> {
    let document: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(body).ok()?;
    let told = |names: [&str; 3]| names.into_iter().find_map(|name| document.get(name)?.as_str());
    let code = told(["__type", "code", "Code"]);
    let message = told(["message", "Message", "errorMessage"]);
    if code.is_none() && message.is_none() {
        return None;
    }
    let code = code.unwrap_or_default();
    let code = code.split(':').next().unwrap_or_default().rsplit('#').next().unwrap_or_default();
    Some(AnswerError::Refused { code: code.to_owned(), message: message.unwrap_or_default().to_owned() })
}

/// Reads one value of a shape.
struct Reader<'r> {
    service: &'r Service,
    shape: &'r Shape,
    left_out: &'r mut LeftOut,
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Reader<'_> {
    /// A scalar, as long as one is expected.
    fn scalar<E: Error>(&self, value: Value) -> Result<Value, E> {
        let Shape::Scalar(scalar) = self.shape else {
            return Err(E::custom(format_args!(
                "a text, number or boolean instead of {}",
                Expected(self.shape)
            )));
        };
        if *scalar != Scalar::Timestamp {
            return Ok(value);
        }
        let time = match value {
            Value::String(text) => timestamp::from_text(&text),
            #[expect(clippy::cast_precision_loss, reason = "times are far below 2^53 seconds")]
            Value::Integer(seconds) => timestamp::from_seconds(seconds as f64),
            Value::Float(seconds) => timestamp::from_seconds(seconds),
            _ => Err("is not a time".to_owned()),
        };
        time.map(Value::String).map_err(|why| E::custom(format_args!("a value {why}")))
    }
}

struct Expected<'r>(&'r Shape);

impl fmt::Display for Expected<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self.0 {
            Shape::Scalar(_) => "a text, number or boolean",
            Shape::List(_) => "a list",
            Shape::Map(_) => "a map",
            Shape::Structure(_) => "a structure",
        })
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", Expected(self.shape))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        self.scalar(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        self.scalar(Value::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        let value = i64::try_from(value).map_err(|_| E::custom("a number above 2^63"))?;
        self.scalar(Value::Integer(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        self.scalar(Value::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.scalar(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let Shape::List(shape) = self.shape else {
            return Err(A::Error::custom(format_args!("a list instead of {}", Expected(self.shape))));
        };
        let mut elements = Vec::new();
        while let Some(element) =
            list.next_element_seed(Reader { service: self.service, shape, left_out: &mut *self.left_out })?
        {
            elements.push(element);
        }
        Ok(Value::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let Self { service, shape, left_out } = self;
        match shape {
            Shape::Map(shape) => {
                let mut members = Members::new();
                while let Some(key) = map.next_key::<String>()? {
                    let reader = Reader { service, shape, left_out: &mut *left_out };
                    let value = map.next_value_seed(reader)?;
                    insert(&mut members, key, value);
                }
                Ok(Value::Members(members))
            }
            Shape::Structure(id) => {
                let structure = service.structure(*id).map_err(A::Error::custom)?;
                let mut found: Vec<Option<Value>> = vec![None; structure.members.len()];
                while let Some(wire) = map.next_key::<String>()? {
                    let Some((index, member)) = structure.on_wire(&wire) else {
                        let value = map.next_value::<Option<IgnoredAny>>()?;
                        // Services with this protocol may name the shape; it is no member.
                        if value.is_some() && wire != "__type" {
                            left_out.unknown(structure, &wire);
                        }
                        continue;
                    };
                    let Some(shape) = &member.shape else {
                        if map.next_value::<Option<IgnoredAny>>()?.is_some() {
                            left_out.secret(structure, member.name);
                        }
                        continue;
                    };
                    let reader = Reader { service, shape, left_out: &mut *left_out };
                    let value = map.next_value_seed(reader)?;
                    if let Some(place) = found.get_mut(index) {
                        *place = Some(value).filter(|value| *value != Value::Null);
                    }
                }
                let members = structure.members.iter().zip(found);
                Ok(Value::Members(
                    members.filter_map(|(member, value)| Some((member.name.into(), value?))).collect(),
                ))
            }
            Shape::List(_) | Shape::Scalar(_) => {
                Err(A::Error::custom(format_args!("an object instead of {}", Expected(shape))))
            }
        }
    }
}
