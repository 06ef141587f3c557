//! SARIF 2.1.0, as GitHub's code scanning takes it.
//!
//! A check is a rule, a finding a result at the line of the rule that is to be changed first, with its way as a code
//! flow. What is unknown is a result of kind `open`, so that it never looks like passed. Where there are more findings
//! than code scanning keeps, those between the same ends become one result, then those to one destination, then those
//! of one place.
//!
//! SOURCE: OASIS SARIF 2.1.0; GitHub documentation, "SARIF support for code scanning": 5,000 results are kept of a run,
//! 1,000 locations of a code flow and 100 locations of a result are shown, `security-severity` (checked 2026-11-27).

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write},
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use serde_sarif::sarif::{
    ArtifactLocation, CodeFlow, Invocation, Location, LogicalLocation, Message, MultiformatMessageString,
    Notification, NotificationLevel, PhysicalLocation, PropertyBag, Region, ReportingConfiguration,
    ReportingConfigurationLevel, ReportingDescriptor, Result as Found, ResultBaselineState, ResultKind,
    ResultLevel, Run, RunAutomationDetails, SCHEMA_URL, Sarif, Suppression, SupressionKind, SupressionStatus,
    ThreadFlow, ThreadFlowLocation, Tool, ToolComponent, Version,
};

use super::Report;
use crate::{
    audit::{AuditFinding, AuditUnknown, Check, Placed, SeverityLabel, Step, Subject},
    report::short,
    triage::Standing,
};

/// So many results of a run are kept.
const RESULTS: usize = 5_000;

/// So many locations of code flows are shown of a result.
const FLOW_LOCATIONS: usize = 1_000;

/// So many code flows of a result are made.
const FLOWS: usize = 20;

/// So many other locations are shown of a result.
const RELATED: usize = 100;

/// What stays as it is in the path of a URI reference.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');

pub(super) fn write(report: Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let audit = report.audit;
    let mut results = Vec::new();
    for ((index, check), grouping) in audit.checks.iter().enumerate().zip(groupings(report)) {
        results.extend(groups(check, grouping).iter().map(|group| result(index, check, group)));
        results.extend(check.unknowns.iter().map(|unknown| open(index, check, unknown)));
        if check.truncated {
            let text = "there may be more findings than were looked at".to_owned();
            results.push(open(index, check, &AuditUnknown { text, place: None, help: None }));
        }
    }
    let driver = ToolComponent::builder()
        .name("netproof")
        .version(env!("CARGO_PKG_VERSION"))
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .information_uri(env!("CARGO_PKG_REPOSITORY"))
        .rules(audit.checks.iter().map(rule).collect::<Vec<_>>())
        .build();
    let notifications: Vec<Notification> = audit
        .checks
        .iter()
        .flat_map(|check| check.unknowns.iter().map(|unknown| notice(check, unknown)))
        .collect();
    let invocation =
        Invocation::builder().execution_successful(true).tool_execution_notifications(notifications).build();
    let mut properties = BTreeMap::new();
    if !audit.certified.is_empty() {
        properties.insert("certification".to_owned(), json!(audit.certified));
    }
    if !report.triage.gone.is_empty() {
        properties.insert(
            "gone".to_owned(),
            json!(report.triage.gone.iter().map(|known| &known.id).collect::<Vec<_>>()),
        );
    }
    let id = format!("netproof/{}/", audit.command.replace(' ', "-"));
    let run = Run::builder()
        .tool(Tool::builder().driver(driver).build())
        .invocations(vec![invocation])
        .automation_details(RunAutomationDetails::builder().id(id).build())
        .results(results)
        .properties(bag(properties))
        .build();
    let sarif = Sarif::builder()
        .schema(SCHEMA_URL)
        .version(json!(Version::V2_1_0.to_string()))
        .runs(vec![run])
        .build();
    crate::report::write_json(&sarif, out)
}

/// What findings have in common that become one result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grouping {
    None,
    Ends,
    Destination,
    Place,
}

/// Findings that become one result, all of the same standing.
struct Group<'c> {
    check: &'c Check<'c>,
    grouping: Grouping,
    members: Vec<usize>,
}

/// The first grouping for each check with which all results are kept.
fn groupings(report: Report<'_>) -> Vec<Grouping> {
    let checks = &report.audit.checks;
    let unknowns: usize =
        checks.iter().map(|check| check.unknowns.len() + usize::from(check.truncated)).sum();
    let mut chosen = Grouping::None;
    for grouping in [Grouping::None, Grouping::Ends, Grouping::Destination, Grouping::Place] {
        chosen = grouping;
        let count = |check| {
            if grouping == Grouping::None { Check::len(check) } else { groups(check, grouping).len() }
        };
        if checks.iter().map(count).sum::<usize>() + unknowns <= RESULTS {
            break;
        }
    }
    vec![chosen; checks.len()]
}

fn groups<'c>(check: &'c Check<'c>, grouping: Grouping) -> Vec<Group<'c>> {
    if grouping == Grouping::None {
        let one = |index| Group { check, grouping, members: vec![index] };
        return (0..check.len()).map(one).collect();
    }
    let mut groups: Vec<Group<'c>> = Vec::new();
    let mut known: BTreeMap<(String, &'static str, SeverityLabel), usize> = BTreeMap::new();
    for (index, (finding, standing)) in check.findings().enumerate() {
        let key = |subject: &Option<Subject>| subject.as_ref().map_or(String::new(), |it| it.key.clone());
        let alike = match grouping {
            Grouping::None | Grouping::Ends => {
                format!("{}\n{}", key(&finding.source), key(&finding.destination))
            }
            Grouping::Destination => key(&finding.destination),
            Grouping::Place => finding.place.map_or(String::new(), |place| place.to_string()),
        };
        let at = *known.entry((alike, standing.word(), standing.severity)).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.members.push(index),
            None => groups.push(Group { check, grouping, members: vec![index] }),
        }
    }
    groups
}

impl Group<'_> {
    fn findings(&self) -> impl Iterator<Item = AuditFinding> {
        self.members.iter().filter_map(|&index| self.check.finding(index))
    }

    fn standing(&self) -> Standing {
        self.check.standing(self.members.first().copied().unwrap_or_default())
    }
}

fn result(index: usize, check: &Check<'_>, group: &Group<'_>) -> Found {
    let standing = group.standing();
    let first = group.findings().next();
    let text = first.as_ref().map(|finding| message(finding, group)).unwrap_or_default();
    let mut flows = Vec::new();
    let mut room = FLOW_LOCATIONS;
    for way in group.findings().take(FLOWS).flat_map(|finding| finding.ways) {
        if way.steps.len() > room {
            break;
        }
        room -= way.steps.len();
        let locations: Vec<ThreadFlowLocation> = way.steps.iter().map(flow_location).collect();
        let flow = ThreadFlow::builder().locations(locations).build();
        flows.push(CodeFlow::builder().message(said(&way.title)).thread_flows(vec![flow]).build());
    }
    let ids: Vec<String> = group.findings().map(|finding| finding.id).collect();
    let fingerprint = match (ids.as_slice(), group.grouping) {
        ([only], Grouping::None) => only.clone(),
        (ids, _) => crate::audit::digest(ids.iter().map(String::as_str)),
    };
    // GitHub goes by the first of these, others by what has our name.
    let fingerprints = BTreeMap::from([
        ("netproofFinding/v1".to_owned(), fingerprint.clone()),
        ("primaryLocationLineHash".to_owned(), format!("{fingerprint}:1")),
    ]);
    let place = first.as_ref().and_then(|finding| finding.place.clone());
    let subject = first.as_ref().and_then(|finding| finding.subject().cloned());
    let related: Vec<Location> = first
        .iter()
        .flat_map(|finding| &finding.related)
        .take(RELATED)
        .map(|(text, place)| {
            Location::builder().message(said(text)).physical_location(physical(place)).build()
        })
        .collect();
    let suppressions: Vec<Suppression> = standing.suppressed.iter().map(suppression).collect();
    let mut properties = BTreeMap::from([
        ("severity".to_owned(), json!(standing.severity.name())),
        ("findings".to_owned(), json!(ids.len())),
    ]);
    if let Some(by) = &standing.raised_by {
        properties.insert("raisedBy".to_owned(), json!(by));
    }
    for (name, date) in [("firstSeen", standing.first_seen), ("due", standing.due)] {
        if let Some(date) = date {
            properties.insert(name.to_owned(), json!(date.to_string()));
        }
    }
    let found = Found::builder()
        .rule_id(check.id.clone())
        .rule_index(i64::try_from(index).unwrap_or(-1))
        .kind(ResultKind::Fail)
        .level(level(standing.severity))
        .message(said(&text))
        .locations(vec![location(place.as_ref(), subject.as_ref())])
        .partial_fingerprints(fingerprints)
        .code_flows(flows)
        .related_locations(related)
        .suppressions(suppressions)
        .properties(bag(properties));
    match standing.known {
        None => found.build(),
        Some(true) => found.baseline_state(json!(ResultBaselineState::Unchanged.to_string())).build(),
        Some(false) => found.baseline_state(json!(ResultBaselineState::New.to_string())).build(),
    }
}

fn message(finding: &AuditFinding, group: &Group<'_>) -> String {
    let mut text = finding.title.clone();
    let label = |subject: &Subject| format!("{} ({})", short(&subject.id), subject.what);
    match (&finding.source, &finding.destination) {
        (Some(source), Some(destination)) => {
            let _ = write!(text, "\nFrom {} to {}.", label(source), label(destination));
        }
        (None, Some(subject)) | (Some(subject), None) => {
            let _ = write!(text, "\nAbout {}.", label(subject));
        }
        (None, None) => {}
    }
    if let Some(rule) = &finding.rule {
        let _ = write!(text, "\nBy {rule}.");
    }
    for remark in &finding.remarks {
        text.push('\n');
        text.push_str(remark);
    }
    if group.members.len() > 1 {
        let alike = match group.grouping {
            Grouping::None | Grouping::Ends => "between the same ends",
            Grouping::Destination => "to the same destination",
            Grouping::Place => "by the same rule",
        };
        let _ = write!(
            text,
            "
One of {} findings {alike}; other formats have all.",
            group.members.len()
        );
    }
    text
}

/// Something unknown, as a result.
fn open(index: usize, check: &Check<'_>, unknown: &AuditUnknown) -> Found {
    let fingerprint = crate::audit::digest([check.id.as_str(), "unknown", &unknown.text]);
    Found::builder()
        .rule_id(check.id.clone())
        .rule_index(i64::try_from(index).unwrap_or(-1))
        .kind(ResultKind::Open)
        .level(ResultLevel::None)
        .message(said(&unknown_text(unknown)))
        .locations(vec![location(unknown.place.as_ref(), None)])
        .partial_fingerprints(BTreeMap::from([(
            "primaryLocationLineHash".to_owned(),
            format!("{fingerprint}:1"),
        )]))
        .build()
}

fn unknown_text(unknown: &AuditUnknown) -> String {
    let help = unknown.help.as_ref().map_or_else(String::new, |help| format!("\nHelp: {help}."));
    format!("Unknown: {}.{help}", unknown.text)
}

fn notice(check: &Check<'_>, unknown: &AuditUnknown) -> Notification {
    Notification::builder()
        .level(json!(NotificationLevel::Warning.to_string()))
        .message(said(&format!("{}: {}", check.id, unknown_text(unknown))))
        .locations(unknown.place.iter().map(|place| location(Some(place), None)).collect::<Vec<_>>())
        .build()
}

fn rule(check: &Check<'_>) -> ReportingDescriptor {
    let text = |text: &str| MultiformatMessageString::builder().text(text).build();
    let mut properties = BTreeMap::from([
        ("tags".to_owned(), json!(["security", "network"])),
        ("severity".to_owned(), json!(check.severity.name())),
    ]);
    if let Some(score) = score(check.severity) {
        properties.insert("security-severity".to_owned(), json!(score));
    }
    let level = match check.severity {
        SeverityLabel::Critical | SeverityLabel::High => ReportingConfigurationLevel::Error,
        SeverityLabel::Medium => ReportingConfigurationLevel::Warning,
        SeverityLabel::Low | SeverityLabel::Informational => ReportingConfigurationLevel::Note,
    };
    ReportingDescriptor::builder()
        .id(check.id.clone())
        .name(check.id.clone())
        .short_description(text(&check.title))
        .full_description(text(&check.description))
        .help(text(&check.description))
        .default_configuration(ReportingConfiguration::builder().level(json!(level.to_string())).build())
        .properties(bag(properties))
        .build()
}

/// What GitHub calls critical (over 9.0), high (7.0), medium (4.0) and low.
fn score(severity: SeverityLabel) -> Option<&'static str> {
    match severity {
        SeverityLabel::Critical => Some("9.5"),
        SeverityLabel::High => Some("8.0"),
        SeverityLabel::Medium => Some("5.5"),
        SeverityLabel::Low => Some("2.0"),
        SeverityLabel::Informational => None,
    }
}

fn level(severity: SeverityLabel) -> ResultLevel {
    match severity {
        SeverityLabel::Critical | SeverityLabel::High => ResultLevel::Error,
        SeverityLabel::Medium => ResultLevel::Warning,
        SeverityLabel::Low | SeverityLabel::Informational => ResultLevel::Note,
    }
}

fn suppression(suppressed: &crate::triage::Suppressed) -> Suppression {
    let mut properties = BTreeMap::from([
        ("owner".to_owned(), json!(suppressed.owner)),
        ("written".to_owned(), json!(suppressed.written)),
    ]);
    if let Some(until) = suppressed.until {
        properties.insert("until".to_owned(), json!(until.to_string()));
    }
    Suppression::builder()
        .kind(json!(SupressionKind::External.to_string()))
        .status(json!(SupressionStatus::Accepted.to_string()))
        .justification(suppressed.reason.clone())
        .properties(bag(properties))
        .build()
}

fn flow_location(step: &Step) -> ThreadFlowLocation {
    let text = format!("{}: {}", step.id, step.text);
    let logical = logical(&step.id, &step.kind, &step.key);
    let mut location = Location::builder().message(said(&text)).logical_locations(vec![logical]).build();
    location.physical_location = step.place.as_ref().map(physical);
    ThreadFlowLocation::builder().location(location).kinds(vec![step.role.name().to_owned()]).build()
}

fn location(place: Option<&Placed>, subject: Option<&Subject>) -> Location {
    let logical: Vec<LogicalLocation> =
        subject.iter().map(|subject| logical(&subject.id, &subject.kind, &subject.key)).collect();
    let mut location = Location::builder().logical_locations(logical).build();
    location.physical_location = place.map(physical);
    location
}

fn logical(id: &str, kind: &str, key: &str) -> LogicalLocation {
    LogicalLocation::builder().name(id).fully_qualified_name(key).kind(kind).build()
}

fn physical(place: &Placed) -> PhysicalLocation {
    let mut uri = utf8_percent_encode(&place.file, PATH).to_string();
    if place.file.starts_with('/') {
        uri.insert_str(0, "file://");
    }
    let mut physical =
        PhysicalLocation::builder().artifact_location(ArtifactLocation::builder().uri(uri).build()).build();
    physical.region = place.line.map(|line| Region::builder().start_line(i64::from(line)).build());
    physical
}

fn said(text: &str) -> Message {
    Message::builder().text(text).build()
}

fn bag(properties: BTreeMap<String, Value>) -> PropertyBag {
    PropertyBag::builder().additional_properties(properties).build()
}
