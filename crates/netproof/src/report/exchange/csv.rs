//! A line for each finding, and for each thing that is unknown.

use std::io::{self, Write};

use super::Report;
use crate::audit::{AuditFinding, Check, Placed, Subject};

const COLUMNS: [&str; 24] = [
    "check",
    "severity",
    "state",
    "counts",
    "id",
    "title",
    "account",
    "region",
    "vpc",
    "subnet",
    "source",
    "source_name",
    "destination",
    "destination_name",
    "rule",
    "file",
    "line",
    "first_seen",
    "due",
    "overdue",
    "suppressed_by",
    "reason",
    "until",
    "path",
];

pub(super) fn write(report: Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    let mut row = |cells: [String; 24]| {
        table.write_record(cells.iter().map(|cell| harmless(cell))).map_err(io::Error::from)
    };
    row(COLUMNS.map(str::to_owned))?;
    for check in &report.audit.checks {
        for (finding, standing) in check.findings() {
            let suppressed = standing.suppressed.as_ref();
            let date =
                |date: Option<jiff::civil::Date>| date.map(|date| date.to_string()).unwrap_or_default();
            let mut cells = about(check, &finding);
            cells[1] = standing.severity.to_string();
            standing.word().clone_into(&mut cells[2]);
            cells[3] = yes(standing.fails());
            cells[17] = date(standing.first_seen);
            cells[18] = date(standing.due);
            cells[19] = if standing.due.is_some() { yes(standing.overdue) } else { String::new() };
            cells[20] = suppressed.map(|by| by.owner.clone()).unwrap_or_default();
            cells[21] = suppressed.map(|by| by.reason.clone()).unwrap_or_default();
            cells[22] = date(suppressed.and_then(|by| by.until));
            row(cells)?;
        }
        for unknown in &check.unknowns {
            let mut cells = [const { String::new() }; 24];
            cells[0].clone_from(&check.id);
            "unknown".clone_into(&mut cells[2]);
            cells[5].clone_from(&unknown.text);
            (cells[15], cells[16]) = place(unknown.place.as_ref());
            row(cells)?;
        }
    }
    table.flush()
}

fn about(check: &Check<'_>, finding: &AuditFinding) -> [String; 24] {
    let mut cells = [const { String::new() }; 24];
    cells[0].clone_from(&check.id);
    cells[4].clone_from(&finding.id);
    cells[5].clone_from(&finding.title);
    if let Some(subject) = finding.subject() {
        cells[6].clone_from(&subject.account);
        cells[7].clone_from(&subject.region);
        cells[8] = container(subject, "AWS::EC2::VPC");
        cells[9] = container(subject, "AWS::EC2::Subnet");
    }
    if let Some(source) = &finding.source {
        cells[10].clone_from(&source.id);
        cells[11] = source.name.clone().unwrap_or_default();
    }
    if let Some(destination) = &finding.destination {
        cells[12].clone_from(&destination.id);
        cells[13] = destination.name.clone().unwrap_or_default();
    }
    cells[14] = finding.rule.clone().unwrap_or_default();
    (cells[15], cells[16]) = place(finding.place.as_ref());
    let first =
        finding.ways.first().map(|way| way.steps.iter().map(|step| step.id.as_str()).collect::<Vec<_>>());
    cells[23] = first.unwrap_or_default().join(" > ");
    cells
}

fn container(subject: &Subject, kind: &str) -> String {
    let found = subject.within.iter().find(|within| within.kind == kind);
    found.map(|within| within.id.clone()).unwrap_or_default()
}

fn place(place: Option<&Placed>) -> (String, String) {
    let Some(place) = place else { return (String::new(), String::new()) };
    let file = match &place.inside {
        Some(inside) => format!("{} ({inside})", place.file),
        None => place.file.clone(),
    };
    (file, place.line.map(|line| line.to_string()).unwrap_or_default())
}

fn yes(it_is: bool) -> String {
    if it_is { "yes" } else { "no" }.to_owned()
}

/// A cell that no spreadsheet takes for a formula.
///
/// SOURCE: OWASP, "CSV Injection" (checked 2026-11-27).
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}
