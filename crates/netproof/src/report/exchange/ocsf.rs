//! Open Cybersecurity Schema Framework 1.6: one JSON array of Compliance Findings (class 2003), an event in each line.
//!
//! A Compliance Finding, because that class can say what became of a check: pass, fail, or a warning where something is
//! unknown. Every finding is an event that failed, and every check is one too, so that "unknown" is not an absence of
//! events. A finding that the baseline has is an update with status "Known"; one that somebody took responsibility for is
//! suppressed. Hops are evidence; what the schema has no place for is under `unmapped`.
//!
//! An array as other scanners write it; `jq -c '.[]'` makes lines of it.
//!
//! SOURCE: OCSF schema 1.6.0, class `compliance_finding`, profile `cloud`, with their objects (checked 2026-11-27).

use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    Report,
    record::{
        Home, Homes, Outcome, check_sentences, check_severity, first_seen, partition, remedy, sentences,
        subject_name, suppression, unknowns,
    },
};
use crate::{
    audit::{Audit, AuditFinding, Check, SeverityLabel, Step, Subject, Way},
    triage::Standing,
};

/// The class.
const CLASS: u32 = 2003;

pub(super) fn write(report: Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let audit = report.audit;
    let homes = Homes::of(audit);
    let mut begin = "[\n";
    for check in &audit.checks {
        let home = homes.only().cloned().unwrap_or_default();
        out.write_all(begin.as_bytes())?;
        begin = ",\n";
        serde_json::to_writer(&mut *out, &check_event(audit, check, &home, report.when))?;
        for (finding, standing) in check.findings() {
            out.write_all(begin.as_bytes())?;
            let home = homes.of_finding(&finding);
            let event = finding_event(audit, check, &finding, &standing, &home, report.when);
            serde_json::to_writer(&mut *out, &event)?;
        }
    }
    out.write_all(if begin == "[\n" { b"[]\n" } else { b"\n]\n" })
}

/// A word of the schema with its number.
type Word = (u32, &'static str);

const NEW: Word = (1, "New");
const SUPPRESSED: Word = (3, "Suppressed");
/// The schema has no word for what a baseline has.
const KNOWN: Word = (99, "Known");

const CREATE: Word = (1, "Create");
const UPDATE: Word = (2, "Update");

fn severity(label: SeverityLabel) -> Word {
    match label {
        SeverityLabel::Informational => (1, "Informational"),
        SeverityLabel::Low => (2, "Low"),
        SeverityLabel::Medium => (3, "Medium"),
        SeverityLabel::High => (4, "High"),
        SeverityLabel::Critical => (5, "Critical"),
    }
}

fn outcome(outcome: Outcome) -> Word {
    match outcome {
        Outcome::Passed => (1, "Pass"),
        Outcome::Unknown => (2, "Warning"),
        Outcome::Failed => (3, "Fail"),
    }
}

/// What events of findings and of checks have in common.
struct Event<'a> {
    audit: &'a Audit<'a>,
    check: &'a Check<'a>,
    home: &'a Home,
    uid: String,
    title: &'a str,
    about: Vec<String>,
    activity: Word,
    status: Word,
    severity: Word,
    outcome: Word,
    first: Option<Timestamp>,
    when: Timestamp,
    unmapped: Map<String, Value>,
}

impl Event<'_> {
    fn to_members(&self) -> Map<String, Value> {
        let check = self.check;
        let version = env!("CARGO_PKG_VERSION");
        let when = self.when.as_millisecond();
        let mut info = json!({
            "uid": self.uid,
            "title": self.title,
            "desc": self.about.join(" "),
            "last_seen_time": when,
            "modified_time": when,
            "types": ["Network Reachability"],
            "analytic": { "uid": check.id, "name": check.title, "type_id": 1, "type": "Rule", "version": version },
        });
        if let (Value::Object(info), Some(first)) = (&mut info, self.first) {
            info.insert("first_seen_time".to_owned(), first.as_millisecond().into());
            info.insert("created_time".to_owned(), first.as_millisecond().into());
        }
        let event = json!({
            "activity_id": self.activity.0,
            "activity_name": self.activity.1,
            "category_uid": 2,
            "category_name": "Findings",
            "class_uid": CLASS,
            "class_name": "Compliance Finding",
            "type_uid": CLASS * 100 + self.activity.0,
            "type_name": format!("Compliance Finding: {}", self.activity.1),
            "time": when,
            "timezone_offset": 0,
            "severity_id": self.severity.0,
            "severity": self.severity.1,
            "status_id": self.status.0,
            "status": self.status.1,
            "message": self.title,
            "metadata": {
                "version": "1.6.0",
                "profiles": ["cloud"],
                "uid": self.uid,
                "event_code": check.id,
                "log_name": format!("netproof {}", self.audit.command),
                "product": { "name": "netproof", "vendor_name": "netproof", "version": version },
            },
            "finding_info": info,
            "compliance": {
                "control": check.id,
                "desc": check.description,
                "status_id": self.outcome.0,
                "status": self.outcome.1,
            },
            "cloud": cloud(self.home),
            "unmapped": self.unmapped,
        });
        match event {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }
}

fn finding_event(
    audit: &Audit<'_>,
    check: &Check<'_>,
    finding: &AuditFinding,
    standing: &Standing,
    home: &Home,
    when: Timestamp,
) -> Value {
    let is_known = standing.known == Some(true);
    let event = Event {
        audit,
        check,
        home,
        uid: format!("netproof/{}/{}", check.id, finding.id),
        title: &finding.title,
        about: sentences(finding),
        activity: if is_known { UPDATE } else { CREATE },
        status: match (&standing.suppressed, is_known) {
            (Some(_), _) => SUPPRESSED,
            (None, true) => KNOWN,
            (None, false) => NEW,
        },
        severity: severity(standing.severity),
        outcome: outcome(Outcome::Failed),
        first: first_seen(standing, when),
        when,
        unmapped: unmapped(finding, standing),
    };
    let mut members = event.to_members();
    if let Some(text) = suppression(standing) {
        members.insert("status_detail".to_owned(), text.into());
    }
    if let Some(text) = remedy(finding) {
        members.insert("remediation".to_owned(), json!({ "desc": text }));
    }
    let ends = [(&finding.destination, (1, "Target")), (&finding.source, (2, "Actor"))];
    let ends = ends.into_iter().filter_map(|(subject, role)| Some(resource(subject.as_ref()?, role)));
    let ends: Vec<Value> = ends.collect();
    if !ends.is_empty() {
        members.insert("resources".to_owned(), ends.into());
    }
    let evidences: Vec<Value> = finding.ways.iter().map(evidence).collect();
    if !evidences.is_empty() {
        members.insert("evidences".to_owned(), evidences.into());
    }
    Value::Object(members)
}

fn check_event(audit: &Audit<'_>, check: &Check<'_>, home: &Home, when: Timestamp) -> Value {
    let event = Event {
        audit,
        check,
        home,
        uid: format!("netproof/{}", check.id),
        title: &format!("netproof {}: {}", audit.command, check.title),
        about: check_sentences(check),
        activity: UPDATE,
        status: NEW,
        severity: severity(check_severity(check)),
        outcome: outcome(Outcome::of(check)),
        first: None,
        when,
        unmapped: Map::from_iter([
            ("verdict".to_owned(), check.verdict().name().into()),
            ("findings".to_owned(), check.len().into()),
            ("failing".to_owned(), check.failing().into()),
            ("unknown".to_owned(), unknowns(check).into()),
            ("certified".to_owned(), audit.certified.clone().into()),
        ]),
    };
    Value::Object(event.to_members())
}

/// Where it is; what is not known is left out.
fn cloud(home: &Home) -> Value {
    let mut cloud = json!({ "provider": "AWS" });
    if let Value::Object(members) = &mut cloud {
        if !home.account.is_empty() {
            let account = json!({ "uid": home.account, "type_id": 10, "type": "AWS Account" });
            members.insert("account".to_owned(), account);
        }
        if !home.region.is_empty() {
            members.insert("region".to_owned(), home.region.clone().into());
            members.insert("cloud_partition".to_owned(), home.partition().into());
        }
    }
    cloud
}

fn resource(subject: &Subject, role: (u32, &str)) -> Value {
    let tag = |(name, value): (&String, &String)| json!({ "name": name, "value": value });
    let within =
        subject.within.iter().map(|it| json!({ "uid": it.arn.as_ref().unwrap_or(&it.id), "type": it.kind }));
    let mut resource = json!({
        "uid": subject.arn.as_ref().unwrap_or(&subject.id),
        "name": subject_name(subject),
        "type": subject.kind,
        "role_id": role.0,
        "role": role.1,
        "tags": subject.tags.iter().map(tag).collect::<Vec<_>>(),
        "data": {
            "id": subject.id,
            "what": subject.what,
            "account": subject.account,
            "within": within.collect::<Vec<_>>(),
        },
    });
    if let Value::Object(members) = &mut resource
        && !subject.region.is_empty()
    {
        members.insert("region".to_owned(), subject.region.clone().into());
        members.insert("cloud_partition".to_owned(), partition(&subject.region).into());
    }
    resource
}

/// A way with its hops.
fn evidence(way: &Way) -> Value {
    json!({ "name": way.title, "data": { "hops": way.steps.iter().map(hop).collect::<Vec<_>>() } })
}

fn hop(step: &Step) -> Value {
    json!({
        "resource": step.id,
        "type": step.kind,
        "role": step.role.name(),
        "text": step.text,
        "place": step.place.as_ref().map(ToString::to_string),
    })
}

fn unmapped(finding: &AuditFinding, standing: &Standing) -> Map<String, Value> {
    let related = finding.related.iter().map(|(what, place)| format!("{what} ({place})"));
    Map::from_iter([
        ("standing".to_owned(), standing.word().into()),
        ("counts".to_owned(), standing.fails().into()),
        ("raised_by".to_owned(), standing.raised_by.clone().into()),
        ("due".to_owned(), standing.due.map(|day| day.to_string()).into()),
        ("overdue".to_owned(), standing.overdue.into()),
        ("rule".to_owned(), finding.rule.clone().into()),
        ("place".to_owned(), finding.place.as_ref().map(ToString::to_string).into()),
        ("packets".to_owned(), finding.packets.clone().into()),
        ("related".to_owned(), related.collect::<Vec<_>>().into()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{audit::samples, triage::Triage};

    fn written(audit: &Audit<'_>) -> Vec<Value> {
        let triage = Triage::default();
        let report = Report { audit, triage: &triage, when: "2026-11-27T11:30:00Z".parse().unwrap() };
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn every_standing_has_a_form() {
        let analysis = samples::analysis(&[("111122223333", "eu-west-1")]);
        let (audit, _) = samples::mixed(&analysis);
        let line = |event: &Value| {
            let members = [
                "/finding_info/title",
                "/type_uid",
                "/status_id",
                "/status",
                "/severity_id",
                "/compliance/status",
                "/finding_info/first_seen_time",
                "/status_detail",
            ];
            let member = |name| event.pointer(name).map(ToString::to_string).unwrap_or_default();
            members.map(member).join("|")
        };
        insta::assert_snapshot!(written(&audit).iter().map(line).collect::<Vec<_>>().join("\n"), @r#"
        "netproof analyze: Title of all"|200302|1|"New"|1|"Fail"||
        "<a> & \"b\" 'c' \u0001￾]]> é"|200301|1|"New"|4|"Fail"|1795737600000|
        "found new"|200301|1|"New"|4|"Fail"|1795737600000|
        "found known"|200302|99|"Known"|4|"Fail"|1790812800000|
        "found suppressed"|200301|3|"Suppressed"|4|"Fail"|1795737600000|"it is a decoy (blue team, until 2027-01-31; suppressions.toml#/suppress/0)"
        "netproof analyze: Title of low"|200302|1|"New"|1|"Fail"||
        "found low"|200301|1|"New"|2|"Fail"|1795737600000|
        "netproof analyze: Title of only-suppressed"|200302|1|"New"|1|"Pass"||
        "found suppressed"|200301|3|"Suppressed"|4|"Fail"|1795737600000|"it is a decoy (blue team, until 2027-01-31; suppressions.toml#/suppress/0)"
        "netproof analyze: Title of unknown-only"|200302|1|"New"|4|"Warning"||
        "netproof analyze: Title of cut"|200302|1|"New"|4|"Warning"||
        "netproof analyze: Title of clean"|200302|1|"New"|1|"Pass"||
        "#);
    }

    #[test]
    fn an_event_says_where_what_and_why() {
        let analysis = samples::analysis(&[("111122223333", "eu-west-1")]);
        let (audit, _) = samples::mixed(&analysis);
        let events = written(&audit);
        let known = events.iter().find(|event| event["message"] == "found known").unwrap();
        let text = serde_json::to_string_pretty(known).unwrap().replace(env!("CARGO_PKG_VERSION"), "VERSION");
        insta::assert_snapshot!(text, @r#"
        {
          "activity_id": 2,
          "activity_name": "Update",
          "category_name": "Findings",
          "category_uid": 2,
          "class_name": "Compliance Finding",
          "class_uid": 2003,
          "cloud": {
            "account": {
              "type": "AWS Account",
              "type_id": 10,
              "uid": "111122223333"
            },
            "cloud_partition": "aws",
            "provider": "AWS",
            "region": "eu-west-1"
          },
          "compliance": {
            "control": "all",
            "desc": "Looks for what should not be",
            "status": "Fail",
            "status_id": 3
          },
          "evidences": [
            {
              "data": {
                "hops": [
                  {
                    "place": "snapshot/groups.json:7",
                    "resource": "sg-1",
                    "role": "filter",
                    "text": "(web) allow ingress tcp 80",
                    "type": "AWS::EC2::SecurityGroup"
                  },
                  {
                    "place": "snapshot/groups.json:7",
                    "resource": "eni-1",
                    "role": "filter",
                    "text": "network interface",
                    "type": "AWS::EC2::SecurityGroup"
                  }
                ]
              },
              "name": "way of known"
            }
          ],
          "finding_info": {
            "analytic": {
              "name": "Title of all",
              "type": "Rule",
              "type_id": 1,
              "uid": "all",
              "version": "VERSION"
            },
            "created_time": 1790812800000,
            "desc": "Look first at sg-1: allow ingress tcp 80 (snapshot/groups.json:7).",
            "first_seen_time": 1790812800000,
            "last_seen_time": 1795779000000,
            "modified_time": 1795779000000,
            "title": "found known",
            "types": [
              "Network Reachability"
            ],
            "uid": "netproof/all/faf39940025610bd"
          },
          "message": "found known",
          "metadata": {
            "event_code": "all",
            "log_name": "netproof analyze",
            "product": {
              "name": "netproof",
              "vendor_name": "netproof",
              "version": "VERSION"
            },
            "profiles": [
              "cloud"
            ],
            "uid": "netproof/all/faf39940025610bd",
            "version": "1.6.0"
          },
          "remediation": {
            "desc": "Look first at sg-1: allow ingress tcp 80 (snapshot/groups.json:7)."
          },
          "resources": [
            {
              "cloud_partition": "aws",
              "data": {
                "account": "111122223333",
                "id": "eni-1",
                "what": "network interface eni-1",
                "within": [
                  {
                    "type": "AWS::EC2::Subnet",
                    "uid": "subnet-1"
                  }
                ]
              },
              "name": "web",
              "region": "eu-west-1",
              "role": "Target",
              "role_id": 1,
              "tags": [
                {
                  "name": "Name",
                  "value": "web"
                },
                {
                  "name": "aws:cloudformation:stack-name",
                  "value": "shop"
                },
                {
                  "name": "blank",
                  "value": ""
                }
              ],
              "type": "AWS::EC2::NetworkInterface",
              "uid": "arn:aws:ec2:eu-west-1:111122223333:network-interface/eni-1"
            }
          ],
          "severity": "High",
          "severity_id": 4,
          "status": "Known",
          "status_id": 99,
          "time": 1795779000000,
          "timezone_offset": 0,
          "type_name": "Compliance Finding: Update",
          "type_uid": 200302,
          "unmapped": {
            "counts": false,
            "due": "2026-10-31",
            "overdue": true,
            "packets": [],
            "place": "snapshot/groups.json:7",
            "raised_by": null,
            "related": [],
            "rule": "sg-1: allow ingress tcp 80",
            "standing": "known"
          }
        }
        "#);
    }

    #[test]
    fn without_checks_there_is_an_empty_array() {
        let analysis = samples::analysis(&[]);
        assert_eq!(written(&samples::audit(&analysis, Vec::new())), Vec::<Value>::new());
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let analysis = samples::analysis(&[]);
        let mut finding = samples::finding("x");
        finding.destination = None;
        for event in written(&samples::audit(&analysis, vec![samples::check("check", vec![finding])])) {
            assert_eq!(event["cloud"], json!({ "provider": "AWS" }));
        }
    }
}
