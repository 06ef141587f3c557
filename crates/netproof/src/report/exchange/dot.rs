//! Graphviz: the paths of findings.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use super::{
    Report,
    picture::{Arrow, Picture},
};
use crate::report::counted;

/// So many arrows can be looked at.
const ARROWS: usize = 1_000;

/// So many rules are written on an arrow.
const TEXTS: usize = 4;

/// Boxes within boxes.
#[derive(Debug, Default)]
struct Cluster {
    inner: BTreeMap<String, Cluster>,
    boxes: Vec<String>,
}

pub(super) fn write(report: Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let picture = Picture::new(report, ARROWS);
    writeln!(out, "digraph netproof {{")?;
    writeln!(out, "  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11];")?;
    writeln!(
        out,
        "  edge [fontname=\"sans-serif\", fontsize=9];\n  graph [fontname=\"sans-serif\", fontsize=10];"
    )?;
    let mut outermost = Cluster::default();
    for (name, drawn) in &picture.boxes {
        let place = drawn
            .within
            .iter()
            .fold(&mut outermost, |cluster, name| cluster.inner.entry(name.clone()).or_default());
        let style = if drawn.is_end { ", penwidth=2" } else { "" };
        place.boxes.push(format!("{} [label={}{style}];", quoted(name), lines(&drawn.lines)));
    }
    let mut count = 0;
    cluster(&outermost, 1, &mut count, out)?;
    for ((from, to), arrow) in &picture.arrows {
        writeln!(out, "  {} -> {} [{}];", quoted(from), quoted(to), attributes(arrow))?;
    }
    if picture.left > 0 {
        let text = format!("and {} more that there is no room for", counted(picture.left, "finding"));
        writeln!(out, "  label={};", quoted(&text))?;
    }
    writeln!(out, "}}")
}

fn cluster(cluster_: &Cluster, depth: usize, count: &mut usize, out: &mut impl Write) -> io::Result<()> {
    let indent = "  ".repeat(depth);
    for drawn in &cluster_.boxes {
        writeln!(out, "{indent}{drawn}")?;
    }
    for (name, inner) in &cluster_.inner {
        *count += 1;
        writeln!(out, "{indent}subgraph cluster_{count} {{\n{indent}  label={};", quoted(name))?;
        cluster(inner, depth + 1, count, out)?;
        writeln!(out, "{indent}}}")?;
    }
    Ok(())
}

fn attributes(arrow: &Arrow) -> String {
    let mut shown: Vec<String> = arrow.texts.iter().take(TEXTS).cloned().collect();
    if arrow.texts.len() > TEXTS {
        shown.push(format!("and {} more", arrow.texts.len() - TEXTS));
    }
    let style = if arrow.fails { "color=\"#b00020\", penwidth=2" } else { "color=\"#666666\", style=dashed" };
    format!("{style}, label={}", lines(&shown))
}

/// A text in quotes, as it is.
fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn lines(lines: &[String]) -> String {
    format!("\"{}\"", lines.iter().map(|line| escaped(line)).collect::<Vec<_>>().join("\\n"))
}

fn escaped(text: &str) -> String {
    let one_line: String =
        text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    one_line.replace('\\', "\\\\").replace('"', "\\\"")
}
