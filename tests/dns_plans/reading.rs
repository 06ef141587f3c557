//! Files of findings and of states: what is read of them, and with what the others are refused.

use netproof::{
    Analysis,
    dns_plan::{DnsFinding, DnsFindings, DnsPlanRequest, DnsPlanState, QUOTA},
};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FindingsFile {
    name: String,
    text: String,
    /// `ID SEVERITY NAME REGISTRABLE FIRST LAST`; `-` for a registrable domain that is not told.
    #[serde(default)]
    findings: Vec<String>,
    kinds: Option<Vec<String>>,
    /// `ID: WHY`, of which WHY is a part of what is said.
    #[serde(default)]
    skipped: Vec<String>,
    error: Option<Refused>,
    /// What the documentation leaves open.
    #[serde(rename = "gap")]
    _gap: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    line: Option<usize>,
    pointer: String,
    what: Option<String>,
}

/// A state file after an edit. Each text that is replaced has to be there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StateFile {
    name: String,
    /// Instead of the text of a plan.
    text: Option<String>,
    #[serde(default)]
    replace: Vec<[String; 2]>,
    /// How many bytes are left of it.
    cut: Option<usize>,
    /// Whether the digest is taken out, so that only what it stands for can be wrong.
    #[serde(default)]
    no_digest: bool,
    /// What the message has to contain; it is read, if left out.
    error: Option<String>,
    /// What the documentation leaves open.
    #[serde(rename = "gap")]
    _gap: Option<String>,
}

pub(crate) fn played(files: &[FindingsFile], states: &[StateFile]) -> Vec<(String, Vec<String>)> {
    let files = files.iter().map(|it| (it.name.clone(), it.differences()));
    files.chain(states.iter().map(|it| (it.name.clone(), it.differences()))).collect()
}

impl FindingsFile {
    fn differences(&self) -> Vec<String> {
        let mut found = Vec::new();
        match (DnsFindings::read("finding.json", &self.text), &self.error) {
            (Ok(_), Some(_)) => found.push("is not refused".to_owned()),
            (Err(error), None) => found.push(format!("is refused: {error}")),
            (Err(error), Some(expected)) => {
                let (place, said) = (&error.place, error.to_string());
                if place.file != "finding.json" || !said.contains("finding.json") {
                    found.push(format!("does not name the file: {said}"));
                }
                if place.line != expected.line || place.pointer != expected.pointer {
                    let is = (place.line, &place.pointer);
                    found.push(format!(
                        "expected {:?}, is {is:?}: {said}",
                        (expected.line, &expected.pointer)
                    ));
                }
                if expected.what.as_ref().is_some_and(|what| !error.what.contains(what)) {
                    found.push(format!("says `{}`", error.what));
                }
            }
            (Ok(read), None) => {
                let actual: Vec<String> = read.findings.iter().map(line).collect();
                if actual != self.findings {
                    found.push(format!("expected {:?}, is {actual:?}", self.findings));
                }
                let kinds: Vec<&String> = read.findings.iter().map(|it| &it.kind).collect();
                if self.kinds.as_ref().is_some_and(|it| *it.iter().collect::<Vec<_>>() != kinds) {
                    found.push(format!("expected {:?}, is {kinds:?}", self.kinds));
                }
                let actual: Vec<String> =
                    read.skipped.iter().map(|it| format!("{}: {}", it.id, it.why)).collect();
                let same = |(expected, actual): (&String, &String)| {
                    let (id, why) = expected.split_once(": ").unwrap_or((expected, ""));
                    actual.starts_with(&format!("{id}: ")) && actual.contains(why)
                };
                if actual.len() != self.skipped.len() || !self.skipped.iter().zip(&actual).all(same) {
                    found.push(format!("skipped: expected {:?}, is {actual:?}", self.skipped));
                }
            }
        }
        found
    }
}

fn line(finding: &DnsFinding) -> String {
    let registrable = finding.registrable.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
    let severity = if finding.is_high { "high" } else { "low" };
    format!(
        "{} {severity} {} {registrable} {} {}",
        finding.id, finding.name, finding.first_seen, finding.last_seen
    )
}

const LISTS: [(&str, &str); 5] = [
    ("vpcs.json", r#"{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}]}"#),
    (
        "lists.json",
        r#"{"FirewallDomainLists": [{"Id": "rslvr-fdl-deny", "Name": "denied"}, {"Id": "rslvr-fdl-alert", "Name": "watched"}]}"#,
    ),
    ("denied.json", r#"{"FirewallDomainListId": "rslvr-fdl-deny", "Domains": []}"#),
    ("watched.json", r#"{"FirewallDomainListId": "rslvr-fdl-alert", "Domains": []}"#),
    ("groups.json", r#"{"FirewallRuleGroups": []}"#),
];

const FOUND: &str = r#"[
  {"schemaVersion": "2.0", "accountId": "123456789012", "region": "us-east-1", "id": "1", "arn": "arn:1", "type": "Backdoor:EC2/C&CActivity.B!DNS",
   "severity": 8, "createdAt": "2026-11-25T00:00:00Z", "updatedAt": "2026-11-26T00:00:00Z", "resource": {},
   "service": {"archived": false, "eventFirstSeen": "2026-11-25T00:00:00Z", "eventLastSeen": "2026-11-26T00:00:00Z",
     "action": {"actionType": "DNS_REQUEST", "dnsRequestAction": {"domain": "c2.bad.example", "domainWithSuffix": "bad.example"}}}},
  {"schemaVersion": "2.0", "accountId": "123456789012", "region": "us-east-1", "id": "2", "arn": "arn:2", "type": "Impact:EC2/AbusedDomainRequest.Reputation",
   "severity": 5, "createdAt": "2026-11-25T00:00:00Z", "updatedAt": "2026-11-26T00:00:00Z", "resource": {},
   "service": {"archived": false, "eventFirstSeen": "2026-11-25T00:00:00Z", "eventLastSeen": "2026-11-26T00:00:00Z",
     "action": {"actionType": "DNS_REQUEST", "dnsRequestAction": {"domain": "odd.example"}}}}]"#;

/// What a plan with one name to deny and one to alert on remembers, and its text.
pub(crate) fn remembered(denied: &str, alerted: &str) -> (DnsPlanState, String) {
    let found = FOUND.replace("c2.bad.example", denied).replace("odd.example", alerted);
    let documents = LISTS.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
    let request = DnsPlanRequest {
        findings: DnsFindings::read("finding.json", &found).unwrap().findings,
        deny: vec!["denied".to_owned()],
        alert: vec!["watched".to_owned()],
        never: Vec::new(),
        vpcs: Vec::new(),
        now: "2026-11-27T00:00:00Z".parse().unwrap(),
        alert_days: 30,
        deny_days: None,
        quota: QUOTA,
        compact: false,
    };
    let state = Analysis::of_documents(documents).plan_dns(&request, &DnsPlanState::default()).unwrap().state;
    let text = state.text().unwrap();
    (state, text)
}

impl StateFile {
    fn differences(&self) -> Vec<String> {
        let (state, written) = remembered("c2.bad.example", "odd.example");
        let mut text = self.text.clone().unwrap_or_else(|| written.clone());
        let mut found = Vec::new();
        for [old, new] in &self.replace {
            if !text.contains(old.as_str()) {
                found.push(format!("there is no `{old}` to replace in {text}"));
            }
            text = text.replacen(old, new, 1);
        }
        if self.no_digest {
            let lines = text.lines().filter(|it| !it.trim_start().starts_with("\"digest\""));
            text = lines.collect::<Vec<_>>().join("\n");
        }
        if let Some(cut) = self.cut {
            text.truncate(cut);
        }
        match (DnsPlanState::read("state.json", &text), &self.error) {
            (Ok(_), Some(_)) => found.push("is not refused".to_owned()),
            (Err(error), None) => found.push(format!("is refused: {error}")),
            (Err(error), Some(expected)) => {
                let said = error.to_string();
                if !said.contains("state.json") || !said.contains(expected) {
                    found.push(format!("expected `{expected}`, says `{said}`"));
                }
            }
            (Ok(read), None) => {
                if self.replace.is_empty() && (read != state || read.text().unwrap() != written) {
                    found.push("is read as another".to_owned());
                }
                let again = DnsPlanState::read("state.json", &read.text().unwrap());
                if again.ok().as_ref() != Some(&read) {
                    found.push("is not read back".to_owned());
                }
            }
        }
        found
    }
}
