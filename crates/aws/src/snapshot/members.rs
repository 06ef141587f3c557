//! The members of a JSON object, looked at no closer than needed to find records.
use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::key::{self, Role};

pub(super) fn kind(value: &RawValue) -> &'static str {
    match value.get().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b'n') => "null",
        Some(b't' | b'f') => "a truth value",
        _ => "a number",
    }
}

/// Returns a string's content, or a number or truth value as it is written.
pub(super) fn scalar(value: &RawValue) -> String {
    serde_json::from_str(value.get()).unwrap_or_else(|_| value.get().to_owned())
}

/// The members of an object in order, doubles included.
#[derive(Default)]
pub(super) struct Members<'t>(pub(super) Vec<(Cow<'t, str>, Value<'t>)>);

/// A value that has been looked at no closer than needed.
pub(super) enum Value<'t> {
    Array(Vec<&'t RawValue>),
    Other(&'t RawValue),
}

impl<'t> Members<'t> {
    /// Returns the members of the object that `text` is.
    pub(super) fn of(text: &'t str) -> Result<Members<'t>, serde_json::Error> {
        let mut json = serde_json::Deserializer::from_str(text);
        let members = json.deserialize_map(MembersVisitor { text })?;
        json.end()?;
        Ok(members)
    }

    pub(super) fn value(&self, key: &str) -> Option<&Value<'t>> {
        self.0.iter().find(|(written, _)| written == key).map(|(_, value)| value)
    }

    /// Returns the value of `key`, unless that is an array.
    pub(super) fn find(&self, key: &str) -> Option<&'t RawValue> {
        match self.value(key) {
            Some(Value::Other(value)) => Some(value),
            _ => None,
        }
    }

    pub(super) fn content(&self) -> impl Iterator<Item = (&str, &Value<'t>)> {
        self.0
            .iter()
            .filter(|(written, _)| key::role(written) == Role::Content)
            .map(|(written, value)| (written.as_ref(), value))
    }
}

/// PERF: looks at the byte behind each key, so that the elements of a list are found while the list is
/// passed over for the first and only time.
struct MembersVisitor<'t> {
    text: &'t str,
}

impl<'t> Visitor<'t> for MembersVisitor<'t> {
    type Value = Members<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Members<'t>, A::Error> {
        #[derive(Deserialize)]
        struct Key<'t>(#[serde(borrow)] Cow<'t, str>);

        let mut members = Members::default();
        while let Some(Key(written)) = map.next_key()? {
            let value = if matches!(&written, Cow::Borrowed(key) if is_array_next(self.text, key)) {
                Value::Array(map.next_value_seed(Elements)?)
            } else {
                let value: &'t RawValue = map.next_value()?;
                // An array only behind a key with escapes in it, whose end in the text is unknown.
                let elements = value.get().starts_with('[').then(|| serde_json::from_str(value.get()).ok());
                elements.flatten().map_or(Value::Other(value), Value::Array)
            };
            members.0.push((written, value));
        }
        Ok(members)
    }
}

/// Whether the value behind `key`, a piece of `text`, is an array.
fn is_array_next(text: &str, key: &str) -> bool {
    let behind = key.as_ptr().addr().saturating_sub(text.as_ptr().addr()) + key.len() + 1;
    let value = text.get(behind..).and_then(|rest| rest.trim_start().strip_prefix(':'));
    value.is_some_and(|value| value.trim_start().starts_with('['))
}

struct Elements;

impl<'t> DeserializeSeed<'t> for Elements {
    type Value = Vec<&'t RawValue>;

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'t> Visitor<'t> for Elements {
    type Value = Vec<&'t RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element()? {
            elements.push(element);
        }
        Ok(elements)
    }
}
