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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{audit::samples, triage::Triage};

    fn written(audit: &Audit<'_>) -> String {
        let triage = Triage::default();
        let report = Report { audit, triage: &triage, when: "2026-11-27T11:30:00.5Z".parse().unwrap() };
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_standing_has_a_form() {
        let analysis = samples::analysis(&[]);
        let (audit, _) = samples::mixed(&analysis);
        insta::assert_snapshot!(written(&audit), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="netproof analyze" tests="10" failures="2" errors="3">
          <testsuite name="all" timestamp="2026-11-27T11:30:00" tests="4" failures="2" errors="0" skipped="1">
            <properties>
              <property name="title" value="Title of all"/>
              <property name="description" value="Looks for what should not be"/>
              <property name="severity" value="HIGH"/>
              <property name="verdict" value="findings"/>
            </properties>
            <testcase classname="netproof analyze.all" name="&lt;a&gt; &amp; &quot;b&quot; &apos;c&apos; ]]&gt; é [16e3d02bada5345d]">
              <failure message="&lt;a&gt; &amp; &quot;b&quot; &apos;c&apos; ]]&gt; é" type="HIGH">Severity: HIGH
        First seen: 2026-11-27
        Due: 2026-12-27</failure>
            </testcase>
            <testcase classname="netproof analyze.all" name="found new [fa09f48e5746b630]">
              <failure message="found new" type="HIGH">Severity: HIGH
        First seen: 2026-11-27
        Due: 2026-12-27
        Look first at sg-1: allow ingress tcp 80 (snapshot/groups.json:7).
        way of new:
          sg-1 (web): allow ingress tcp 80 (snapshot/groups.json:7)
          eni-1: network interface (snapshot/groups.json:7)</failure>
            </testcase>
            <testcase classname="netproof analyze.all" name="found known [faf39940025610bd]">
              <system-out>The baseline has it, so it does not count.
        Severity: HIGH
        First seen: 2026-10-01
        Due: 2026-10-31, overdue
        Look first at sg-1: allow ingress tcp 80 (snapshot/groups.json:7).
        way of known:
          sg-1 (web): allow ingress tcp 80 (snapshot/groups.json:7)
          eni-1: network interface (snapshot/groups.json:7)</system-out>
            </testcase>
            <testcase classname="netproof analyze.all" name="found suppressed [54eb20235197bb07]">
              <skipped message="it is a decoy (blue team, until 2027-01-31; suppressions.toml#/suppress/0)" type="suppressed">Severity: HIGH
        First seen: 2026-11-27
        Due: 2026-12-27
        Look first at sg-1: allow ingress tcp 80 (snapshot/groups.json:7).
        way of suppressed:
          sg-1 (web): allow ingress tcp 80 (snapshot/groups.json:7)
          eni-1: network interface (snapshot/groups.json:7)</skipped>
            </testcase>
          </testsuite>
          <testsuite name="low" timestamp="2026-11-27T11:30:00" tests="1" failures="0" errors="0" skipped="0">
            <properties>
              <property name="title" value="Title of low"/>
              <property name="description" value="Looks for what should not be"/>
              <property name="severity" value="LOW"/>
              <property name="verdict" value="clean"/>
            </properties>
            <testcase classname="netproof analyze.low" name="found low [dadf9c830ff2d2c7]">
              <system-out>It is less grave than what counts.
        Severity: LOW
        First seen: 2026-11-27
        Look first at sg-1: allow ingress tcp 80 (snapshot/groups.json:7).
        way of low:
          sg-1 (web): allow ingress tcp 80 (snapshot/groups.json:7)
          eni-1: network interface (snapshot/groups.json:7)</system-out>
            </testcase>
          </testsuite>
          <testsuite name="only-suppressed" timestamp="2026-11-27T11:30:00" tests="1" failures="0" errors="0" skipped="1">
            <properties>
              <property name="title" value="Title of only-suppressed"/>
              <property name="description" value="Looks for what should not be"/>
              <property name="severity" value="HIGH"/>
              <property name="verdict" value="clean"/>
            </properties>
            <testcase classname="netproof analyze.only-suppressed" name="found suppressed [54eb20235197bb07]">
              <skipped message="it is a decoy (blue team, until 2027-01-31; suppressions.toml#/suppress/0)" type="suppressed">Severity: HIGH
        First seen: 2026-11-27
        Due: 2026-12-27
        Look first at sg-1: allow ingress tcp 80 (snapshot/groups.json:7).
        way of suppressed:
          sg-1 (web): allow ingress tcp 80 (snapshot/groups.json:7)
          eni-1: network interface (snapshot/groups.json:7)</skipped>
            </testcase>
          </testsuite>
          <testsuite name="unknown-only" timestamp="2026-11-27T11:30:00" tests="2" failures="0" errors="2" skipped="0">
            <properties>
              <property name="title" value="Title of unknown-only"/>
              <property name="description" value="Looks for what should not be"/>
              <property name="severity" value="HIGH"/>
              <property name="verdict" value="unknown"/>
            </properties>
            <testcase classname="netproof analyze.unknown-only" name="unknown 1: what gw-1 does (snapshot/groups.json:9): export it">
              <error message="what gw-1 does (snapshot/groups.json:9): export it" type="unknown">what gw-1 does (snapshot/groups.json:9): export it</error>
            </testcase>
            <testcase classname="netproof analyze.unknown-only" name="unknown 2: what gw-2 does (snapshot/groups.json:9): export it">
              <error message="what gw-2 does (snapshot/groups.json:9): export it" type="unknown">what gw-2 does (snapshot/groups.json:9): export it</error>
            </testcase>
          </testsuite>
          <testsuite name="cut" timestamp="2026-11-27T11:30:00" tests="1" failures="0" errors="1" skipped="0">
            <properties>
              <property name="title" value="Title of cut"/>
              <property name="description" value="Looks for what should not be"/>
              <property name="severity" value="HIGH"/>
              <property name="verdict" value="unknown"/>
            </properties>
            <testcase classname="netproof analyze.cut" name="unknown 1: there are more findings than are listed">
              <error message="there are more findings than are listed" type="unknown">there are more findings than are listed</error>
            </testcase>
          </testsuite>
          <testsuite name="clean" timestamp="2026-11-27T11:30:00" tests="1" failures="0" errors="0" skipped="0">
            <properties>
              <property name="title" value="Title of clean"/>
              <property name="description" value="Looks for what should not be"/>
              <property name="severity" value="HIGH"/>
              <property name="verdict" value="clean"/>
            </properties>
            <testcase classname="netproof analyze.clean" name="nothing found"/>
          </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn without_checks_there_are_no_suites() {
        let analysis = samples::analysis(&[]);
        let text = written(&samples::audit(&analysis, Vec::new()));
        assert!(text.ends_with("tests=\"0\" failures=\"0\" errors=\"0\">\n</testsuites>\n"), "{text}");
    }

    #[test]
    fn unknown_is_an_error_and_nothing_passes() {
        let analysis = samples::analysis(&[]);
        let mut check = samples::check("unknown", Vec::new());
        check.unknowns = vec![samples::unknown("what gw-1 does")];
        let text = written(&samples::audit(&analysis, vec![check]));
        assert_eq!(text.matches("<testcase").count(), 1, "{text}");
        assert_eq!(text.matches("<error").count(), 1, "{text}");
        assert!(text.contains("tests=\"1\" failures=\"0\" errors=\"1\""), "{text}");
    }

    #[test]
    fn characters_that_xml_forbids_are_left_out() {
        assert_eq!(permitted("a\u{0}\u{8}\t\n\u{1f}b\u{fffe}\u{ffff}\u{1f600}"), "a\t\nb\u{1f600}");
    }
}
