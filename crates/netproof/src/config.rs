//! The file `netproof.toml`: what is decided once for all runs in a repository.

use std::{collections::BTreeMap, net::IpAddr, path::PathBuf};

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{AddressSets, audit::SeverityLabel, triage::Raise};

/// The name under which it is looked for.
pub const CONFIG_FILE: &str = "netproof.toml";

/// What the file says. Paths are as they are written: from the folder of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// Files of scopes, or names of ready-made scopes, that `analyze` asks if it is told none.
    pub scope: Vec<PathBuf>,
    /// Folders of scopes, likewise.
    pub scopes: Vec<PathBuf>,
    /// Known findings.
    pub baseline: Option<PathBuf>,
    /// Files of suppressions.
    pub suppressions: Vec<PathBuf>,
    /// The least severity that counts.
    pub fail_on: Option<SeverityLabel>,
    /// Whether overdue findings count though they are known.
    pub fail_overdue: bool,
    /// Whether what is unknown is no reason to fail.
    pub allow_unknown: bool,
    /// Days from when a finding was first seen until it is overdue, by severity.
    pub days: BTreeMap<SeverityLabel, u32>,
    /// The severity of checks by their id.
    pub severities: BTreeMap<String, SeverityLabel>,
    /// Tags that make findings graver.
    pub raises: Vec<Raise>,
    /// Named sets of addresses for scopes.
    pub address_sets: AddressSets,
}

/// A `netproof.toml` that cannot be used; a line for each problem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", problems.join("\n"))]
pub struct ConfigError {
    problems: Vec<String>,
}

/// What `netproof.toml` may hold.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "netproof.toml")]
pub struct ConfigDocument {
    /// Scope files, or names of ready-made scopes, that `analyze` asks if it is told none.
    #[serde(default)]
    scope: Vec<PathBuf>,
    /// Folders whose `.json` files are scopes.
    #[serde(default)]
    scopes: Vec<PathBuf>,
    /// The file of known findings.
    #[serde(default)]
    baseline: Option<PathBuf>,
    /// Files of suppressions: TOML, or the exclusions of AWS's sample as CSV.
    #[serde(default)]
    suppressions: Vec<PathBuf>,
    /// `INFORMATIONAL`, `LOW`, `MEDIUM`, `HIGH` or `CRITICAL`: less grave findings do not count.
    #[serde(default)]
    fail_on: Option<String>,
    /// Whether overdue findings count though they are known.
    #[serde(default)]
    fail_overdue: bool,
    /// Whether what is unknown is no reason to fail.
    #[serde(default)]
    allow_unknown: bool,
    /// Days from when a finding was first seen until it is overdue, by severity.
    #[serde(default)]
    days: BTreeMap<String, u32>,
    /// The severity of scopes and other checks, by name, in place of their own.
    #[serde(default)]
    severity: BTreeMap<String, String>,
    /// Tags of destinations, or of what they are in, that make findings graver.
    #[serde(default)]
    raise: Vec<RaiseDocument>,
    /// Named sets of addresses, used in scopes as `@NAME`.
    #[serde(default)]
    address_sets: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RaiseDocument {
    /// `KEY=VALUE` or `KEY`; `*` in the value stands for any text.
    tag: String,
    /// The severity that such findings have at least.
    to: String,
}

impl Config {
    /// Reads the text of the file.
    pub fn read(file: &str, text: &str) -> Result<Self, ConfigError> {
        let document: ConfigDocument = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = 1 + before.matches('\n').count();
            ConfigError { problems: vec![format!("{file}:{line}: {}", error.message())] }
        })?;
        let mut problems = Vec::new();
        let mut label = |pointer: String, text: &str| {
            let label = SeverityLabel::parse(text);
            if label.is_none() {
                let all = SeverityLabel::ALL.map(SeverityLabel::name).join(", ");
                problems.push(format!("{file}#{pointer}: `{text}` is no severity; expected {all}"));
            }
            label
        };
        let fail_on = document.fail_on.as_ref().and_then(|text| label("/fail-on".to_owned(), text));
        let days =
            document.days.iter().filter_map(|(key, days)| Some((label(format!("/days/{key}"), key)?, *days)));
        let days = days.collect();
        let severities = document.severity.iter();
        let severities = severities
            .filter_map(|(check, text)| Some((check.clone(), label(format!("/severity/{check}"), text)?)));
        let severities = severities.collect();
        let raises = document.raise.iter().enumerate().filter_map(|(index, raise)| {
            let to = label(format!("/raise/{index}/to"), &raise.to)?;
            let (key, value) = match raise.tag.split_once('=') {
                Some((key, value)) => (key, Some(value.to_owned())),
                None => (raise.tag.as_str(), None),
            };
            Some(Raise { key: key.to_owned(), value, to })
        });
        let raises = raises.collect();
        let mut address_sets = AddressSets::new();
        for (name, texts) in &document.address_sets {
            let mut blocks = Vec::new();
            for (index, text) in texts.iter().enumerate() {
                match text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)) {
                    Ok(block) => blocks.push(block),
                    Err(_) => problems.push(format!(
                        "{file}#/address-sets/{name}/{index}: `{text}` is no block of addresses such as 203.0.113.0/24"
                    )),
                }
            }
            if texts.is_empty() {
                problems.push(format!("{file}#/address-sets/{name}: the set is empty"));
            }
            address_sets.insert(name.clone(), blocks);
        }
        if !problems.is_empty() {
            return Err(ConfigError { problems });
        }
        Ok(Self {
            scope: document.scope,
            scopes: document.scopes,
            baseline: document.baseline,
            suppressions: document.suppressions,
            fail_on,
            fail_overdue: document.fail_overdue,
            allow_unknown: document.allow_unknown,
            days,
            severities,
            raises,
            address_sets,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_it_is_read() {
        let text = r#"
            scopes = ["scopes"]
            baseline = "known.json"
            suppressions = ["accepted.toml"]
            fail-on = "high"
            fail-overdue = true
            [days]
            CRITICAL = 1
            high = 7
            [severity]
            detect-public-emr = "LOW"
            [[raise]]
            tag = "data-classification=restricted"
            to = "CRITICAL"
            [address-sets]
            corporate = ["203.0.113.0/24"]
        "#;
        let config = Config::read("netproof.toml", text).unwrap();
        assert_eq!(config.fail_on, Some(SeverityLabel::High));
        assert_eq!(config.days, [(SeverityLabel::Critical, 1), (SeverityLabel::High, 7)].into());
        assert_eq!(config.severities["detect-public-emr"], SeverityLabel::Low);
        assert_eq!(config.raises[0].value.as_deref(), Some("restricted"));
        assert!(config.fail_overdue && !config.allow_unknown);
    }

    #[test]
    fn problems_have_their_place() {
        let said = |text| Config::read("netproof.toml", text).unwrap_err().to_string();
        insta::assert_snapshot!(said("fail-on = 'grave'\n[days]\nsoon = 1"), @"
        netproof.toml#/fail-on: `grave` is no severity; expected INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL
        netproof.toml#/days/soon: `soon` is no severity; expected INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL
        ");
        assert!(said("\nfail-no = 'HIGH'").starts_with("netproof.toml:2: unknown field `fail-no`"));
    }
}
