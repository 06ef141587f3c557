//! JUnit's XML, which CI systems show as tests: a suite for each check, a case for each finding.
//!
//! A finding that counts is a failed case. One that somebody took responsibility for is skipped, with the reason; one that is
//! known, or less grave than what counts, passes and says so in its output. What is unknown is an error, so that it never
//! looks like passed. A check with none of these is one case that passes.
//!
//! SOURCE: Jenkins' `junit-10.xsd` (xUnit plugin), which leaves out more than other readers do: no counts of skipped cases
//! for the whole report, no files and lines as attributes of cases (checked 2026-11-27).

use std::io::{self, Write};

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use super::{
    Report,
    record::{sentences, step_line, suppression, unknowns},
};
use crate::{
    audit::{Audit, AuditFinding, Check},
    triage::Standing,
};

pub(super) fn write(report: Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let audit = report.audit;
    let mut xml = Xml(Writer::new_with_indent(&mut *out, b' ', 2));
    xml.0.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let all = audit.checks.iter().map(Counts::of).fold(Counts::default(), Counts::plus);
    let name = format!("netproof {}", audit.command);
    let total = [("name", name.clone())].into_iter().chain(all.attributes().into_iter().take(3));
    xml.open("testsuites", total)?;
    // Seconds are enough, and without a zone: it is UTC.
    let when = report.when.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    for check in &audit.checks {
        let named = [("name", check.id.clone()), ("timestamp", when.clone())];
        xml.open("testsuite", named.into_iter().chain(Counts::of(check).attributes()))?;
        xml.properties(audit, check)?;
        for (finding, standing) in check.findings() {
            xml.case(&name, check, &finding, &standing)?;
        }
        for (index, unknown) in unknowns(check).iter().enumerate() {
            let case = Case { class: &name, check, name: format!("unknown {}: {unknown}", index + 1) };
            xml.marked(&case, Mark::Error, unknown, "unknown", unknown)?;
        }
        if check.is_empty() && unknowns(check).is_empty() {
            xml.passed(&Case { class: &name, check, name: "nothing found".to_owned() }, None)?;
        }
        xml.close("testsuite")?;
    }
    xml.close("testsuites")?;
    drop(xml);
    writeln!(out)
}

/// How many cases there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Counts {
    fn of(check: &Check<'_>) -> Self {
        let errors = unknowns(check).len();
        let skipped = (0..check.len()).filter(|&index| check.standing(index).suppressed.is_some()).count();
        Self { tests: (check.len() + errors).max(1), failures: check.failing(), errors, skipped }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            tests: self.tests + other.tests,
            failures: self.failures + other.failures,
            errors: self.errors + other.errors,
            skipped: self.skipped + other.skipped,
        }
    }

    fn attributes(self) -> [(&'static str, String); 4] {
        [
            ("tests", self.tests.to_string()),
            ("failures", self.failures.to_string()),
            ("errors", self.errors.to_string()),
            ("skipped", self.skipped.to_string()),
        ]
    }
}

/// What a case that does not pass is.
#[derive(Debug, Clone, Copy)]
enum Mark {
    Failure,
    Error,
    Skipped,
}

impl Mark {
    fn name(self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::Error => "error",
            Self::Skipped => "skipped",
        }
    }
}

/// A case by its names.
struct Case<'a> {
    class: &'a str,
    check: &'a Check<'a>,
    name: String,
}

impl Case<'_> {
    fn attributes(&self) -> [(&'static str, String); 2] {
        [("classname", format!("{}.{}", self.class, self.check.id)), ("name", self.name.clone())]
    }
}

struct Xml<W: Write>(Writer<W>);

impl<W: Write> Xml<W> {
    fn properties(&mut self, audit: &Audit<'_>, check: &Check<'_>) -> io::Result<()> {
        let certified = Some(("certified", audit.certified.as_str())).filter(|(_, text)| !text.is_empty());
        let known = [
            ("title", check.title.as_str()),
            ("description", check.description.as_str()),
            ("severity", check.severity.name()),
            ("verdict", check.verdict().name()),
        ];
        self.open("properties", [])?;
        for (name, value) in known.into_iter().chain(certified) {
            let attributes = [("name", name.to_owned()), ("value", value.to_owned())];
            let tag = start("property", attributes);
            self.0.write_event(Event::Empty(tag))?;
        }
        self.close("properties")
    }

    fn case(
        &mut self,
        class: &str,
        check: &Check<'_>,
        finding: &AuditFinding,
        standing: &Standing,
    ) -> io::Result<()> {
        // The id makes it one of a kind, and the same case on the next run.
        let case = Case { class, check, name: format!("{} [{}]", finding.title, finding.id) };
        let text = text(finding, standing);
        if let Some(reason) = suppression(standing) {
            return self.marked(&case, Mark::Skipped, &reason, "suppressed", &text);
        }
        if standing.fails() {
            return self.marked(&case, Mark::Failure, &finding.title, standing.severity.name(), &text);
        }
        let why = match standing.known {
            Some(true) => "The baseline has it, so it does not count.",
            Some(false) | None => "It is less grave than what counts.",
        };
        self.passed(&case, Some(format!("{why}\n{text}")))
    }

    fn marked(
        &mut self,
        case: &Case<'_>,
        mark: Mark,
        message: &str,
        kind: &str,
        text: &str,
    ) -> io::Result<()> {
        self.open("testcase", case.attributes())?;
        self.open(mark.name(), [("message", message.to_owned()), ("type", kind.to_owned())])?;
        self.text(text)?;
        self.close(mark.name())?;
        self.close("testcase")
    }

    fn passed(&mut self, case: &Case<'_>, output: Option<String>) -> io::Result<()> {
        let Some(output) = output else {
            return self.0.write_event(Event::Empty(start("testcase", case.attributes())));
        };
        self.open("testcase", case.attributes())?;
        self.open("system-out", [])?;
        self.text(&output)?;
        self.close("system-out")?;
        self.close("testcase")
    }

    fn open(
        &mut self,
        name: &'static str,
        attributes: impl IntoIterator<Item = (&'static str, String)>,
    ) -> io::Result<()> {
        self.0.write_event(Event::Start(start(name, attributes)))
    }

    fn close(&mut self, name: &'static str) -> io::Result<()> {
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        self.0.write_event(Event::Text(BytesText::new(&permitted(text))))
    }
}

fn start(
    name: &'static str,
    attributes: impl IntoIterator<Item = (&'static str, String)>,
) -> BytesStart<'static> {
    let mut tag = BytesStart::new(name);
    for (name, value) in attributes {
        tag.push_attribute((name, permitted(&value).as_str()));
    }
    tag
}

/// Without the characters that no XML may contain, not even as references.
///
/// SOURCE: Extensible Markup Language 1.0, section 2.2, `Char`.
fn permitted(text: &str) -> String {
    let is_permitted = |letter: &char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(is_permitted).collect()
}

/// A finding in lines: what there is to say, then its ways.
fn text(finding: &AuditFinding, standing: &Standing) -> String {
    let mut lines = vec![format!("Severity: {}", standing.severity)];
    lines.extend(standing.raised_by.as_ref().map(|by| format!("Raised by: {by}")));
    lines.extend(standing.first_seen.map(|day| format!("First seen: {day}")));
    let overdue = if standing.overdue { ", overdue" } else { "" };
    lines.extend(standing.due.map(|day| format!("Due: {day}{overdue}")));
    lines.extend(sentences(finding));
    for way in &finding.ways {
        lines.push(format!("{}:", way.title));
        lines.extend(way.steps.iter().map(|step| format!("  {}", step_line(step))));
    }
    lines.extend(finding.related.iter().map(|(what, place)| format!("{what} ({place})")));
    lines.join("\n")
}
