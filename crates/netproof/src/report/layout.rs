//! JSON that people can read too: what fits on a line stands on a line.

use std::fmt::Write;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;

use super::style::WIDTH;

/// A document as JSON text with line breaks, members in the order in which the document has them.
///
/// Fails only for documents with keys that are not texts.
pub fn json_text(document: &impl Serialize) -> Result<String, serde_json::Error> {
    let tree: Tree = serde_json::from_str(&serde_json::to_string(document)?)?;
    let mut text = String::new();
    write(&tree, 0, 0, &mut text);
    text.push('\n');
    Ok(text)
}

/// A value whose members have an order.
enum Tree {
    Scalar(Value),
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

struct Builder;

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Builder)
    }
}

impl<'de> Visitor<'de> for Builder {
    type Value = Tree;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Scalar(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Tree, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = from.next_element()? {
            elements.push(element);
        }
        Ok(Tree::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Tree, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = from.next_entry()? {
            members.push(member);
        }
        Ok(Tree::Object(members))
    }
}

/// Writes `tree`, whose first line begins at `column` of a line that is indented by `indent`.
fn write(tree: &Tree, indent: usize, column: usize, out: &mut String) {
    let mut line = String::new();
    // One column is left for a comma.
    if inline(tree, WIDTH.saturating_sub(column + 1), &mut line) {
        out.push_str(&line);
        return;
    }
    let inner = indent + 2;
    match tree {
        Tree::Scalar(value) => {
            let _ = write!(out, "{value}");
        }
        Tree::Array(elements) if elements.iter().all(|element| matches!(element, Tree::Scalar(_))) => {
            filled(elements, indent, out);
        }
        Tree::Array(elements) => {
            out.push_str("[\n");
            for (index, element) in elements.iter().enumerate() {
                begin(index, inner, out);
                write(element, inner, inner, out);
            }
            let _ = write!(out, "\n{:indent$}]", "");
        }
        Tree::Object(members) => {
            out.push_str("{\n");
            for (index, (key, value)) in members.iter().enumerate() {
                begin(index, inner, out);
                let key = Value::from(key.as_str()).to_string();
                let _ = write!(out, "{key}: ");
                write(value, inner, inner + key.chars().count() + 2, out);
            }
            let _ = write!(out, "\n{:indent$}}}", "");
        }
    }
}

/// Ends the element before, if there is one, and begins a line.
fn begin(index: usize, indent: usize, out: &mut String) {
    if index > 0 {
        out.push_str(",\n");
    }
    let _ = write!(out, "{:indent$}", "");
}

/// Writes as many values on each line as fit.
fn filled(elements: &[Tree], indent: usize, out: &mut String) {
    let inner = indent + 2;
    out.push('[');
    let mut column = WIDTH;
    for (index, element) in elements.iter().enumerate() {
        let mut text = String::new();
        inline(element, usize::MAX, &mut text);
        let width = text.chars().count() + 2;
        let comma = if index > 0 { "," } else { "" };
        if column + width > WIDTH {
            let _ = write!(out, "{comma}\n{:inner$}{text}", "");
            column = inner + width;
        } else {
            let _ = write!(out, "{comma} {text}");
            column += width;
        }
    }
    let _ = write!(out, "\n{:indent$}]", "");
}

/// Writes `tree` on one line; `false` if that takes more than `room` columns, and then `out` is not whole.
fn inline(tree: &Tree, room: usize, out: &mut String) -> bool {
    match tree {
        Tree::Scalar(value) => {
            let _ = write!(out, "{value}");
        }
        Tree::Array(elements) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                if !inline(element, room, out) {
                    return false;
                }
            }
            out.push(']');
        }
        Tree::Object(members) => {
            out.push('{');
            for (index, (key, value)) in members.iter().enumerate() {
                let _ = write!(out, "{}{}: ", if index > 0 { ", " } else { "" }, Value::from(key.as_str()));
                if !inline(value, room, out) {
                    return false;
                }
            }
            out.push('}');
        }
    }
    out.chars().count() <= room
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_fits_stands_on_one_line() {
        let long: Vec<String> = (0..30).map(|n| format!("10.0.{n}.0/24")).collect();
        let document =
            json!({"a": {"from": 1, "to": 2}, "b": long, "c": [], "d": [{"key": "word ".repeat(25)}, null]});
        insta::assert_snapshot!(json_text(&document).unwrap(), @r#"
        {
          "a": {"from": 1, "to": 2},
          "b": [
            "10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24", "10.0.4.0/24", "10.0.5.0/24", "10.0.6.0/24",
            "10.0.7.0/24", "10.0.8.0/24", "10.0.9.0/24", "10.0.10.0/24", "10.0.11.0/24", "10.0.12.0/24",
            "10.0.13.0/24", "10.0.14.0/24", "10.0.15.0/24", "10.0.16.0/24", "10.0.17.0/24", "10.0.18.0/24",
            "10.0.19.0/24", "10.0.20.0/24", "10.0.21.0/24", "10.0.22.0/24", "10.0.23.0/24", "10.0.24.0/24",
            "10.0.25.0/24", "10.0.26.0/24", "10.0.27.0/24", "10.0.28.0/24", "10.0.29.0/24"
          ],
          "c": [],
          "d": [
            {
              "key": "word word word word word word word word word word word word word word word word word word word word word word word word word "
            },
            null
          ]
        }
        "#);
    }

    #[test]
    fn the_text_means_the_document() {
        let document = json!({"a\"\n": [1.5, -1, true, {"é": "\u{1}"}, ["x".repeat(200), {}]]});
        let text = json_text(&document).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), document);
    }
}
