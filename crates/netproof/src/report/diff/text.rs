//! The difference for people at a terminal.

use std::fmt::Write;

use super::{
    Group, NO_CAUSE, NO_CAUSE_OF_SCOPE, Said, Snapshots, TRUNCATED, Written, groups, headline, packets,
    remarks, sign,
};
use crate::{
    Analysis,
    diff::{Change, Compared, Difference},
    report::{
        style::{Style, counted, wrapped},
        verdict::ScopeVerdict,
        words::Words,
    },
};

/// So many pairs of ends are listed for each cause; `json` has all.
const PAIRS: usize = 10;

/// So many sets of packets are listed for each pair.
const SETS: usize = 4;

/// The difference for people: what opened first, grouped by what causes it.
pub fn difference_text(old: &Analysis, new: &Analysis, compared: &Compared, style: Style) -> String {
    let snapshots = Snapshots { old, new };
    let words = Words::new();
    let mut text = String::new();
    match compared {
        Compared::Network(difference) => {
            let _ = writeln!(text, "{}", head(difference, style));
            text.push_str(&part(snapshots, &words, difference, NO_CAUSE, style));
        }
        Compared::Scopes(scopes) => {
            for (at, scope) in scopes.iter().enumerate() {
                if at > 0 {
                    text.push('\n');
                }
                let [before, now] = scope.verdicts().map(ScopeVerdict::name);
                let verdicts =
                    if before == now { format!("still {now}") } else { format!("was {before}, is {now}") };
                let name = style.bold(&scope.new.scope.name);
                let _ = writeln!(text, "{name}: {} ({verdicts})", head(&scope.difference, style));
                text.push_str(&part(snapshots, &words, &scope.difference, NO_CAUSE_OF_SCOPE, style));
            }
        }
    }
    text
}

fn head(difference: &Difference, style: Style) -> String {
    let (verdict, counts) = headline(difference);
    let verdict = match difference.verdict() {
        Change::Opened => style.bad(verdict),
        Change::Unknown => style.doubtful(verdict),
        Change::NothingOpened => style.good(verdict),
    };
    format!("{verdict}: {counts}")
}

fn part(
    snapshots: Snapshots<'_>,
    words: &Words,
    difference: &Difference,
    uncaused: &str,
    style: Style,
) -> String {
    let mut text = String::new();
    for group in groups(difference) {
        text.push('\n');
        text.push_str(&group_text(snapshots, words, &group, uncaused, style));
    }
    if difference.truncated {
        text.push('\n');
        text.push_str(&style.bad(wrapped(TRUNCATED, 0, 2).trim_end()));
        text.push('\n');
    }
    if !difference.unknowns.is_empty() {
        let _ = writeln!(text, "\n{}", style.doubtful("not known"));
        for unknown in &difference.unknowns {
            let (what, written) = snapshots.unknown(unknown);
            text.push_str(&wrapped(&what, 2, 4));
            text.push_str(&places(&written, 4, style));
        }
    }
    text
}

fn places(written: &[Written], indent: usize, style: Style) -> String {
    let mut text = String::new();
    for (side, place) in written {
        let place = style.dim(&format!("{side} {}:{}", place.file, place.line));
        let _ = writeln!(text, "{}{place}", " ".repeat(indent));
    }
    text
}

fn group_text(
    snapshots: Snapshots<'_>,
    words: &Words,
    group: &Group<'_>,
    uncaused: &str,
    style: Style,
) -> String {
    let mut text = String::new();
    if group.edits.is_empty() {
        text.push_str(&wrapped(uncaused, 0, 2));
    }
    for edit in group.edits {
        let Said { kind, text: what, more, written } = snapshots.edit(edit);
        let line = wrapped(&format!("{kind}: {what}"), 0, 2);
        text.push_str(&line.replacen(&kind, &style.bold(&kind), 1));
        if let Some(more) = more {
            text.push_str(&wrapped(&more, 2, 4));
        }
        text.push_str(&places(&written, 2, style));
    }
    for (pair, portions) in group.pairs.iter().take(PAIRS) {
        let ends = format!("{} to {}", snapshots.end(&pair.source), snapshots.end(&pair.destination));
        text.push_str(&wrapped(&format!("{:<8}  {ends}", pair.kind.name()), 2, 12));
        for portion in portions {
            let (sets, more) = packets(words, portion, SETS);
            for set in &sets {
                text.push_str(&wrapped(&format!("{} {set}", sign(portion)), 4, 6));
            }
            if more > 0 {
                let _ = writeln!(text, "      … and {} more; `--format json` has all", counted(more, "set"));
            }
            let remarks = remarks(portion);
            let example = format!("for example {}", portion.witness);
            let line = if remarks.is_empty() { example } else { format!("{example}; {remarks}") };
            text.push_str(&wrapped(&line, 6, 8));
        }
    }
    if group.pairs.len() > PAIRS {
        let more = counted(group.pairs.len() - PAIRS, "path");
        let _ = writeln!(text, "  … and {more} more; `--format json` has all");
    }
    text
}
