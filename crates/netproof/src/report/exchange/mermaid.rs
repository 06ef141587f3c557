//! Mermaid: the paths of findings, for Markdown that shows such pictures.
//!
//! SOURCE: Mermaid documentation, "Flowcharts", `maxEdges` 500 and `maxTextSize` 50,000 (checked 2026-11-27).

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write},
};

use super::{
    Report,
    picture::{Arrow, Picture},
};
use crate::report::counted;

/// The most arrows that Mermaid draws unless told otherwise.
const ARROWS: usize = 500;

/// The longest text that it takes unless told otherwise, in characters.
const ROOM: usize = 50_000;

/// So many rules are written on an arrow.
const TEXTS: usize = 3;

pub(super) fn write(report: Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut most = ARROWS;
    loop {
        let text = drawn(report, most);
        if text.chars().count() <= ROOM || most < 2 {
            return out.write_all(text.as_bytes());
        }
        most /= 2;
    }
}

fn drawn(report: Report<'_>, most: usize) -> String {
    let picture = Picture::new(report, most);
    let numbers: BTreeMap<&String, usize> = picture.boxes.keys().zip(1..).collect();
    let number = |name: &String| numbers.get(name).copied().unwrap_or_default();
    let mut text = String::from("flowchart LR\n");
    let mut groups: BTreeMap<&[String], Vec<(usize, &[String])>> = BTreeMap::new();
    for (name, drawn) in &picture.boxes {
        groups.entry(&drawn.within).or_default().push((number(name), &drawn.lines));
    }
    for (count, (within, boxes)) in groups.into_iter().enumerate() {
        let indent = if within.is_empty() { "  " } else { "    " };
        if !within.is_empty() {
            let _ = writeln!(text, "  subgraph g{count} [{}]", quoted(&[within.join(" / ")]));
        }
        for (number, lines) in boxes {
            let _ = writeln!(text, "{indent}n{number}[{}]", quoted(lines));
        }
        if !within.is_empty() {
            text.push_str("  end\n");
        }
    }
    let mut failing = Vec::new();
    for (index, ((from, to), arrow)) in picture.arrows.iter().enumerate().take(most) {
        let _ = writeln!(text, "  n{} -->{} n{}", number(from), label(arrow), number(to));
        if arrow.fails {
            failing.push(index.to_string());
        }
    }
    if !failing.is_empty() {
        let _ = writeln!(text, "  linkStyle {} stroke:#b00020,stroke-width:2px", failing.join(","));
    }
    if picture.left > 0 {
        let more = format!("and {} more that there is no room for", counted(picture.left, "finding"));
        let _ = writeln!(text, "  more[{}]", quoted(&[more]));
    }
    text
}

fn label(arrow: &Arrow) -> String {
    let mut shown: Vec<String> = arrow.texts.iter().take(TEXTS).cloned().collect();
    if arrow.texts.len() > TEXTS {
        shown.push(format!("and {} more", arrow.texts.len() - TEXTS));
    }
    if shown.is_empty() { String::new() } else { format!("|{}|", quoted(&shown)) }
}

/// Lines in quotes, in which nothing has a meaning to Mermaid or HTML.
fn quoted(lines: &[String]) -> String {
    let line = |line: &String| -> String {
        let escaped = |letter: char| match letter {
            letter if letter.is_control() => " ".to_owned(),
            '"' | '#' | '&' | '<' | '>' | '`' | ';' | '\\' | '*' | '_' | '|' | '[' | ']' | '{' | '}' => {
                format!("#{};", u32::from(letter))
            }
            letter => letter.to_string(),
        };
        line.chars().map(escaped).collect()
    };
    format!("\"{}\"", lines.iter().map(line).collect::<Vec<_>>().join("<br>"))
}
