//! Values of answers, in the order in which the AWS CLI prints them.

use std::{
    borrow::Cow,
    fmt::Write as _,
    io::{self, Write},
};

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::ser::{Formatter, PrettyFormatter};

/// A value of JSON whose members keep their order.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, which only lists and maps have.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    String(String),
    /// A list.
    List(Vec<Value>),
    /// A structure or map. INVARIANT: no name twice.
    Members(Members),
}

/// Members in order, by name.
pub(crate) type Members = Vec<(Cow<'static, str>, Value)>;

impl Value {
    /// The member of this name. Linear in the number of members.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Members(members) => get(members, name),
            _ => None,
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The elements; none if it is not a list.
    #[must_use]
    pub fn elements(&self) -> &[Value] {
        match self {
            Self::List(elements) => elements,
            _ => &[],
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::String(text) => serializer.serialize_str(text),
            Self::List(elements) => serializer.collect_seq(elements),
            Self::Members(members) => serialize(members, serializer),
        }
    }
}

pub(crate) fn get<'m>(members: &'m Members, name: &str) -> Option<&'m Value> {
    members.iter().find(|(member, _)| member == name).map(|(_, value)| value)
}

pub(crate) fn serialize<S: Serializer>(members: &Members, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(members.len()))?;
    for (name, value) in members {
        map.serialize_entry(name, value)?;
    }
    map.end()
}

/// Writes as the AWS CLI does: four spaces, characters outside of ASCII as they are, a new line at the end.
pub(crate) fn write(value: &impl Serialize, mut out: impl Write) -> io::Result<()> {
    let formatter = LikePython(PrettyFormatter::with_indent(b"    "));
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, formatter))?;
    out.write_all(b"\n")
}

/// Pretty, with floats as Python writes them.
struct LikePython(PrettyFormatter<'static>);

/// Hands calls on to `PrettyFormatter`.
macro_rules! pretty {
    ($($method:ident($($argument:ident: $type:ty),*);)+) => {$(
        fn $method<W: ?Sized + Write>(&mut self, out: &mut W $(, $argument: $type)*) -> io::Result<()> {
            self.0.$method(out $(, $argument)*)
        }
    )+};
}

impl Formatter for LikePython {
    pretty! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        begin_object_value();
        end_object_value();
    }

    fn write_f64<W: ?Sized + Write>(&mut self, out: &mut W, value: f64) -> io::Result<()> {
        out.write_all(like_python(value).as_bytes())
    }
}

/// The shortest digits that mean the same number, with an exponent below 0.0001 and from 1e16 on.
///
/// SOURCE: Python's `float.__repr__`, format `r` (`Python/pystrtod.c`).
fn like_python(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-4..1e16).contains(&size) {
        return format!("{value:?}");
    }
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
    let mut text = digits.to_owned();
    let _ = write!(text, "e{sign}{exponent:0>2}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each as Python 3.11's `repr` prints it.
    #[test]
    fn floats_are_written_as_python_does() {
        let floats = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (50.0, "50.0"),
            (0.1, "0.1"),
            (-2.5, "-2.5"),
            (0.0001, "0.0001"),
            (0.000_012_5, "1.25e-05"),
            (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (1e100, "1e+100"),
            (5e-324, "5e-324"),
        ];
        for (value, text) in floats {
            assert_eq!(like_python(value), text);
        }
    }

    /// As Python 3.11's `json.dumps(…, indent=4, ensure_ascii=False)` prints it.
    #[test]
    fn json_is_written_as_the_cli_does() {
        let value = Value::Members(vec![
            ("b".into(), Value::List(vec![Value::Integer(-1), Value::Null, Value::List(vec![])])),
            ("a\u{1}\u{7f}".into(), "ü\"\\/\n\u{1f}\u{2028}🦀".into()),
            ("c".into(), Value::Members(vec![])),
        ]);
        let mut out = Vec::new();
        write(&value, &mut out).unwrap();
        let expected = "{\n    \"b\": [\n        -1,\n        null,\n        []\n    ],\n    \"a\\u0001\u{7f}\": \
                        \"ü\\\"\\\\/\\n\\u001f\u{2028}🦀\",\n    \"c\": {}\n}\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
