//! One page with everything in it: a summary that needs no script, and data from which a script draws the list of
//! findings, their details and a map of the network.
//!
//! INVARIANT: the page fetches nothing and runs nothing but its own script: its content security policy allows only
//! the style and the script whose digests it names. Texts of the snapshot are escaped by the template, or stand in data
//! that the script writes as text, never as markup. Kept by the tests below and by `tests/html`.

mod data;

use std::{
    cmp::Reverse,
    io::{self, Write},
};

use askama::Template;
use sha2::{Digest, Sha256};

use super::Report;
use crate::{
    audit::{Audit, Check, Root, SeverityLabel},
    report::{ScopeVerdict, style::counted},
    triage::Triage,
};

const STYLE: &str = concat!(
    include_str!("html/page.css"),
    include_str!("html/findings.css"),
    include_str!("html/map.css"),
    include_str!("html/print.css"),
);
const SCRIPT: &str = concat!(
    "\"use strict\";\n(() => {\n",
    include_str!("html/model.js"),
    include_str!("html/filter.js"),
    include_str!("html/list.js"),
    include_str!("html/detail.js"),
    include_str!("html/tree.js"),
    include_str!("html/path.js"),
    include_str!("html/page.js"),
    "})();\n",
);

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    style: &'static str,
    style_digest: String,
    script: &'static str,
    script_digest: String,
    audit: &'a Audit<'a>,
    triage: &'a Triage,
    when: String,
    /// Where the snapshot is.
    snapshot: &'a str,
    data: String,
}

/// A table of checks, each with its number.
struct Table<'a> {
    id: &'static str,
    folded: bool,
    checks: Vec<(usize, &'a Check<'a>)>,
}

impl Table<'_> {
    /// What is in it.
    fn label(&self) -> String {
        match (self.id, self.checks.len()) {
            ("clean", 1) => "1 clean check".to_owned(),
            ("clean", count) => format!("{count} clean checks"),
            _ => "Checks".to_owned(),
        }
    }
}

impl Page<'_> {
    /// The verdict in a sentence.
    fn headline(&self) -> String {
        let unknowns: usize = self.audit.checks.iter().map(|check| check.unknowns.len()).sum();
        let cut = self.audit.checks.iter().any(|check| check.truncated);
        let found = match (self.triage.failing, self.triage.findings) {
            (0, 0) => "Nothing found".to_owned(),
            (0, all) => format!(
                "No finding counts: {} known, suppressed or below the threshold",
                counted(all, "finding")
            ),
            (counting, all) if counting == all => counted(all, "finding"),
            (counting, all) => format!("{counting} of {} count", counted(all, "finding")),
        };
        match (unknowns, cut) {
            (0, false) => found,
            (0, true) => format!("{found}, and the list is cut off"),
            (unknowns, _) => format!("{found}, {unknowns} unknown"),
        }
    }

    fn unknowns(&self) -> usize {
        self.audit.checks.iter().map(|check| check.unknowns.len()).sum()
    }

    /// A verdict in words: "clean" is said only where nothing was found, whether it counts or not.
    fn verdict_words(verdict: ScopeVerdict, findings: usize) -> &'static str {
        match verdict {
            ScopeVerdict::Clean if findings > 0 => "none counts",
            ScopeVerdict::Clean | ScopeVerdict::Unknown | ScopeVerdict::Findings => verdict.name(),
        }
    }

    /// The checks, in the tables they stand in: those with findings first, the gravest and then the most numerous first;
    /// then those of which something is unknown, and those whose findings do not count. Clean ones stand in a table of their
    /// own, folded unless there are no others.
    fn tables(&self) -> Vec<Table<'_>> {
        let all = self.audit.checks.iter().enumerate();
        let (clean, mut others): (Vec<_>, Vec<_>) =
            all.partition(|(_, check)| check.verdict() == ScopeVerdict::Clean && check.is_empty());
        others.sort_by_key(|(_, check)| {
            let standing = match check.verdict() {
                ScopeVerdict::Findings => 0,
                ScopeVerdict::Unknown => 1,
                ScopeVerdict::Clean => 2,
            };
            let gravest = Self::grades(check).first().map_or(check.severity, |(label, _)| *label);
            (standing, Reverse(gravest), Reverse(check.failing()), Reverse(check.len()))
        });
        let folded = !others.is_empty();
        let tables = [
            Table { id: "checks", folded: false, checks: others },
            Table { id: "clean", folded, checks: clean },
        ];
        tables.into_iter().filter(|table| !table.checks.is_empty()).collect()
    }

    /// How many findings of a check are of each severity, the gravest first.
    fn grades(check: &Check<'_>) -> Vec<(SeverityLabel, usize)> {
        let of = |label: &SeverityLabel| {
            (0..check.len()).filter(|&at| check.standing(at).severity == *label).count()
        };
        SeverityLabel::ALL
            .iter()
            .rev()
            .map(|label| (*label, of(label)))
            .filter(|(_, count)| *count > 0)
            .collect()
    }
}

/// Writes the page.
pub(super) fn write(report: Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let audit = report.audit;
    let snapshot = match &audit.site.root {
        Root::Unknown => "",
        Root::Folder(path) | Root::Packed(path) => path,
    };
    let page = Page {
        style: STYLE,
        style_digest: digest(STYLE),
        script: SCRIPT,
        script_digest: digest(SCRIPT),
        audit,
        triage: report.triage,
        when: report.when.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        snapshot,
        data: data::Data::of(audit).to_json()?,
    };
    page.write_into(out)
}

/// The name by which a content security policy allows a text: `sha256-` and its digest in base 64.
///
/// SOURCE: W3C, Content Security Policy Level 3, hash-source (checked 2026-11-27).
fn digest(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut named = "sha256-".to_owned();
    for bytes in Sha256::digest(text.as_bytes()).chunks(3) {
        let group =
            bytes.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - bytes.len()));
        for at in 0..4 {
            let digit = DIGITS.get((group >> (18 - 6 * at) & 63) as usize).copied().unwrap_or(b'=');
            named.push(if at <= bytes.len() { char::from(digit) } else { '=' });
        }
    }
    named
}

#[cfg(test)]
mod tests;
