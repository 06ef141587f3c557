//! A comment on a pull request, or a job summary.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use super::Report;
use crate::{
    audit::{AuditFinding, Check},
    report::{
        ScopeVerdict, counted, markdown_code as code, markdown_plain as plain, markdown_prose as prose,
    },
    triage::Standing,
};

/// The longest comment that GitHub takes has 65,536 characters; this leaves room for what is put around it.
///
/// SOURCE: GitHub documentation, REST API, "body is too long (maximum is 65536 characters)" (checked 2026-11-27).
const ROOM: usize = 60_000;

/// So many things that are unknown are listed for a check.
const UNKNOWNS: usize = 10;

pub(super) fn write(report: Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let (audit, triage) = (report.audit, report.triage);
    let mut text = format!("## netproof {}\n\n", audit.command);
    let (mark, said) = match audit.verdict() {
        ScopeVerdict::Findings => ("🔴", format!("**{}**", counted(triage.failing, "finding"))),
        ScopeVerdict::Unknown => ("🟡", "**unknown**: nothing counts, but not all is known".to_owned()),
        ScopeVerdict::Clean if audit.count() > 0 => ("🟢", "**nothing counts**".to_owned()),
        ScopeVerdict::Clean => ("🟢", "**clean**".to_owned()),
    };
    let _ = write!(text, "{mark} {said}");
    for (count, what) in [
        (triage.known, "known"),
        (triage.suppressed, "suppressed"),
        (triage.overdue, "overdue"),
        (triage.below, "below the threshold"),
        (triage.gone.len(), "gone"),
    ] {
        if count > 0 {
            let _ = write!(text, ", {count} {what}");
        }
    }
    text.push_str("\n\n| | Check | Severity | Count | All | Unknown |\n|---|---|---|--:|--:|--:|\n");
    for check in &audit.checks {
        let mark = match check.verdict() {
            ScopeVerdict::Findings => "🔴",
            ScopeVerdict::Unknown => "🟡",
            ScopeVerdict::Clean => "🟢",
        };
        let unknown = check.unknowns.len() + usize::from(check.truncated);
        let (id, severity, failing, all) = (plain(&check.id), check.severity, check.failing(), check.len());
        let _ = writeln!(text, "| {mark} | {id} | {severity} | {failing} | {all} | {unknown} |");
    }
    let mut left = 0;
    let mut gravest_first: Vec<&Check<'_>> = audit.checks.iter().collect();
    gravest_first.sort_by_key(|check| std::cmp::Reverse(check.severity));
    for check in gravest_first {
        let (part, cut) = part(check, ROOM.saturating_sub(text.len()));
        text.push_str(&part);
        left += cut;
    }
    if left > 0 {
        let _ = writeln!(text, "\n… and {} more; other formats have all.", counted(left, "finding"));
    }
    for (entry, count) in &triage.expired {
        let _ = writeln!(
            text,
            "\n⚠️ A suppression has run out: {} ({}), {}.",
            plain(&entry.reason),
            code(&entry.written),
            counted(*count, "finding")
        );
    }
    for entry in &triage.unmatched {
        let _ = writeln!(
            text,
            "\n⚠️ A suppression matches nothing: {} ({}).",
            plain(&entry.reason),
            code(&entry.written)
        );
    }
    if !audit.certified.is_empty() {
        let _ = writeln!(text, "\n{}", plain(&audit.certified));
    }
    out.write_all(text.as_bytes())
}

/// What counts of a check and what is unknown, and how many findings there is no room for.
fn part(check: &Check<'_>, room: usize) -> (String, usize) {
    let mut text = String::new();
    let mut left = 0;
    for (finding, standing) in check.findings().filter(|(_, standing)| standing.fails()) {
        if left > 0 {
            left += 1;
            continue;
        }
        let one = finding_text(&finding, &standing);
        if text.len() + one.len() > room {
            left += 1;
            continue;
        }
        if text.is_empty() {
            let _ = write!(text, "\n### {}\n\n{}\n", plain(&check.id), prose(&check.description));
        }
        text.push_str(&one);
    }
    if !check.unknowns.is_empty() || check.truncated {
        let _ = write!(text, "\n**Not known of {}**\n\n", plain(&check.id));
    }
    if check.truncated {
        text.push_str("- there may be more findings than were looked at\n");
    }
    for unknown in check.unknowns.iter().take(UNKNOWNS) {
        let place =
            unknown.place.as_ref().map_or(String::new(), |place| format!(" — {}", code(&place.to_string())));
        let help = unknown.help.as_ref().map_or(String::new(), |help| format!("; {}", prose(help)));
        let _ = writeln!(text, "- {}{place}{help}", prose(&unknown.text));
    }
    if check.unknowns.len() > UNKNOWNS {
        let _ = writeln!(text, "- … and {} more", check.unknowns.len() - UNKNOWNS);
    }
    (text, left)
}

fn finding_text(finding: &AuditFinding, standing: &Standing) -> String {
    let mut text = format!("\n- **{}** {}", standing.severity, code(&finding.title));
    if let (Some(source), Some(destination)) = (&finding.source, &finding.destination) {
        let _ = write!(text, "<br>{} → {}", plain(&source.label()), plain(&destination.label()));
    } else if let Some(subject) = finding.subject() {
        let _ = write!(text, "<br>{}", plain(&subject.label()));
    }
    if let Some(rule) = &finding.rule {
        let _ = write!(text, "<br>{}", code(rule));
    }
    if let Some(place) = &finding.place {
        let _ = write!(text, " — {}", code(&place.to_string()));
    }
    if let Some(due) = standing.due {
        let late = if standing.overdue { "**overdue** since" } else { "due by" };
        let _ = write!(text, "<br>{late} {due}");
    }
    text.push('\n');
    for way in &finding.ways {
        let _ = write!(text, "  <details><summary>{}</summary>\n\n", plain(&way.title));
        for (index, step) in way.steps.iter().enumerate() {
            let place =
                step.place.as_ref().map_or(String::new(), |place| format!(" — {}", code(&place.to_string())));
            let _ = writeln!(text, "  {}. {} {}{place}", index + 1, code(&step.id), plain(&step.text));
        }
        text.push_str("\n  </details>\n");
    }
    let _ = writeln!(text, "  <sub>{}</sub>", finding.id);
    text
}
