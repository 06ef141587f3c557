//! What `netproof collect` says about a snapshot it took: no records, but what is missing, and why.
//!
//! That a table is missing makes answers `unknown` by itself; this only says why it is.
use serde::Deserialize;
use serde_json::value::RawValue;

use super::members::{Members, Value};

/// A remark about something that was not collected.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Gap {
    /// JSON pointer to what says so.
    pub(super) pointer: String,
    pub(super) message: String,
    pub(super) help: &'static str,
}

impl Gap {
    /// What is missing cannot be told.
    pub(super) fn damaged(error: &serde_json::Error) -> Self {
        let told = error.to_string();
        let told = told.rsplit_once(" at line ").map_or(told.as_str(), |(what, _)| what);
        let message = format!("this manifest of `netproof collect` is damaged: {told}");
        Self {
            pointer: String::new(),
            message,
            help: "what it would say is missing is `unknown` all the same",
        }
    }
}

#[derive(Deserialize)]
struct Collected {
    finished: Option<String>,
}

#[derive(Deserialize)]
struct Place {
    account: String,
    region: Option<String>,
    #[serde(default)]
    tables: Vec<Table>,
}

#[derive(Deserialize)]
struct Table {
    command: String,
    #[serde(default)]
    missing: Vec<Missing>,
    #[serde(default)]
    vanished: Vec<String>,
}

#[derive(Deserialize)]
struct Missing {
    subject: Option<String>,
    code: Option<String>,
    message: String,
}

#[derive(Deserialize)]
struct Unreachable {
    account: String,
    message: String,
}

const AGAIN: &str = "run `netproof collect` with the same `--out` again: it asks only for what is missing";

/// Whether these are the members of a manifest.
pub(super) fn is_manifest(members: &Members<'_>) -> bool {
    let has = |key: &str| members.value(key).is_some();
    matches!(members.value("places"), Some(Value::Array(_))) && has("collected") && has("schema_version")
}

/// What it says is missing, in its order; or what is wrong with it.
pub(super) fn gaps(members: &Members<'_>) -> Result<Vec<Gap>, serde_json::Error> {
    let mut gaps = Vec::new();
    let mut add = |pointer: String, message: String| gaps.push(Gap { pointer, message, help: AGAIN });
    if let Some(collected) = members.find("collected") {
        let collected: Collected = serde_json::from_str(collected.get())?;
        if collected.finished.is_none() {
            add(
                "/collected".to_owned(),
                "this snapshot is not finished: collecting it was interrupted".to_owned(),
            );
        }
    }
    for (at, account) in list::<Unreachable>(members, "unreachable")?.into_iter().enumerate() {
        let message = format!("account {} was not collected: {}", account.account, account.message);
        add(format!("/unreachable/{at}"), message);
    }
    for (at, place) in list::<Place>(members, "places")?.into_iter().enumerate() {
        let name = place
            .region
            .map_or_else(|| place.account.clone(), |region| format!("{}/{region}", place.account));
        for (number, table) in place.tables.into_iter().enumerate() {
            let pointer = format!("/places/{at}/tables/{number}");
            for (index, missing) in table.missing.into_iter().enumerate() {
                let of = missing.subject.map_or_else(String::new, |subject| format!(" of {subject}"));
                let code = missing.code.map_or_else(String::new, |code| format!("{code}: "));
                let message =
                    format!("`{}`{of} in {name} was not collected: {code}{}", table.command, missing.message);
                add(format!("{pointer}/missing/{index}"), message);
            }
            for (index, subject) in table.vanished.into_iter().enumerate() {
                let message =
                    format!("{subject} in {name} was removed while it was collected (`{}`)", table.command);
                add(format!("{pointer}/vanished/{index}"), message);
            }
        }
    }
    Ok(gaps)
}

fn list<'t, T: Deserialize<'t>>(members: &Members<'t>, key: &str) -> Result<Vec<T>, serde_json::Error> {
    let elements: &[&'t RawValue] = match members.value(key) {
        Some(Value::Array(elements)) => elements,
        Some(Value::Other(_)) | None => &[],
    };
    elements.iter().map(|element| serde_json::from_str(element.get())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Snapshot;

    fn remarks(text: &str) -> Vec<String> {
        let (snapshot, diagnostics) = Snapshot::parse("manifest.json", text);
        assert!(snapshot.documents().is_empty());
        diagnostics
            .iter()
            .map(ToString::to_string)
            .map(|text| text.lines().next().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn what_is_missing_is_said_where_the_manifest_says_it() {
        let text = r#"{
            "schema_version": 1,
            "collected": {"by": "netproof 0.1.0", "finished": "2026-11-27T00:00:00Z"},
            "places": [{"account": "123456789012", "region": "eu-west-1", "caller": "arn", "tables": [
                {"command": "ec2 describe-vpcs", "answers": 1},
                {"command": "elbv2 describe-rules",
                 "missing": [{"subject": "arn:1", "why": "denied", "code": "AccessDenied", "message": "no"}],
                 "vanished": ["arn:2"]}
            ]}],
            "unreachable": [{"account": "210987654321", "message": "no such role"}]
        }"#;
        assert_eq!(
            remarks(text),
            [
                "manifest.json:7#/places/0/tables/1/missing/0: `elbv2 describe-rules` of arn:1 in \
                 123456789012/eu-west-1 was not collected: AccessDenied: no",
                "manifest.json:8#/places/0/tables/1/vanished/0: arn:2 in 123456789012/eu-west-1 was removed while \
                 it was collected (`elbv2 describe-rules`)",
                "manifest.json:10#/unreachable/0: account 210987654321 was not collected: no such role",
            ]
        );
    }

    #[test]
    fn an_interrupted_or_damaged_one_is_told() {
        let head = r#"{"schema_version": 1, "places": [{"account": 5}], "collected": {"by": "x"}}"#;
        assert!(remarks(head)[0].contains("this manifest of `netproof collect` is damaged: invalid type"));
        let text = r#"{"schema_version": 1, "places": [], "collected": {"by": "x"}}"#;
        assert!(remarks(text)[0].contains("not finished"), "{:?}", remarks(text));
    }
}
