//! The ready-made scopes for systems beside the main example: of each a bad topology, with the findings that it must have,
//! and a good one, in which nothing is found. Both engines answer, and the solver confirms every verdict.
//!
//! A case replaces or adds members of `tests/library/network.json`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test: failing loudly is its job"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use netproof::{Analysis, AskedScope, ScopeDocument, read_scopes, report::aws_json};
use serde::Deserialize;
use serde_json::Value;

/// Every scope that has a file of cases here.
const SCOPES: &[&str] = &[
    "cross-environment.json",
    "decoy-isolation.json",
    "directory-ports.json",
    "egress-skips-firewall.json",
    "egress-skips-nat.json",
    "jenkins-ports.json",
    "kafka-cross-zone.json",
    "log-egress.json",
    "private-builds.json",
    "redshift-other-accounts.json",
    "remote-administration.json",
    "transit-between-peers.json",
    "web-acl-missing.json",
];

/// What netproof adds to AWS's grammar, each with what is so, is not so, and is not told; and whose tags count.
const EXTENSIONS: [&str; 2] = ["extensions", "managed-services"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    /// Where the topologies come from.
    source: String,
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// The scope as JSON, where the file is not about a ready-made one.
    scope: Option<String>,
    /// Members of the network to replace, as JSON.
    replace: Option<String>,
    /// Documents to add.
    #[serde(default)]
    more: Vec<String>,
    #[serde(default)]
    findings: BTreeSet<String>,
    #[serde(default)]
    unknown: BTreeSet<String>,
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

impl Case {
    fn scope(&self, file: &str) -> ScopeDocument {
        let Some(text) = &self.scope else { return scope(file) };
        read_scopes(file, text).unwrap_or_else(|error| panic!("{}: {error}", self.name)).remove(0)
    }

    fn analysis(&self) -> Analysis {
        let text = fs::read_to_string(root("tests/library/network.json")).unwrap();
        let mut network: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
        if let Some(replace) = &self.replace {
            let members: BTreeMap<String, Value> =
                serde_json::from_str(replace).unwrap_or_else(|error| panic!("{}: {error}", self.name));
            network.extend(members);
            network.retain(|_, value| !value.is_null());
        }
        let documents = [("network.json".to_owned(), serde_json::to_vec(&network).unwrap())];
        let more = self.more.iter().zip(1..);
        let more = more.map(|(text, number)| (format!("more-{number}.json"), text.clone().into_bytes()));
        Analysis::of_documents(documents.into_iter().chain(more))
    }
}

/// The components of each path and what arrives at its end.
fn findings(analysis: &Analysis, asked: &AskedScope) -> BTreeSet<String> {
    let document = serde_json::to_value(aws_json::findings(analysis, asked)).unwrap();
    let said = |finding: &Value| {
        let components = finding["FindingComponents"].as_array().unwrap();
        let ids: Vec<&str> =
            components.iter().map(|component| component["Component"]["Id"].as_str().unwrap()).collect();
        let last = components.last().unwrap();
        let header = ["InboundHeader", "OutboundHeader"].iter().find_map(|key| last.get(*key)).unwrap();
        let ports: Vec<String> = header["DestinationPortRanges"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|range| match (&range["From"], &range["To"]) {
                (from, to) if from == to => from.to_string(),
                (from, to) => format!("{from}-{to}"),
            })
            .collect();
        format!("{}: {} {}", ids.join(" > "), header["Protocol"].as_str().unwrap_or("any"), ports.join(","))
    };
    document["AnalysisFindings"].as_array().unwrap().iter().map(said).collect()
}

fn unknown(asked: &AskedScope) -> BTreeSet<String> {
    asked.result.unknowns.iter().map(|unknown| unknown.what.clone()).collect()
}

fn scope(file: &str) -> ScopeDocument {
    let text = fs::read_to_string(root("scopes").join(file)).unwrap();
    read_scopes(file, &text).unwrap_or_else(|error| panic!("{error}")).remove(0)
}

fn cases(file: &str) -> Vec<Case> {
    let path = root("tests/library").join(file).with_extension("toml");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let cases: Cases = toml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert!(!cases.source.is_empty(), "{file}: `source` says nothing");
    cases.case
}

#[test]
fn bad_topologies_are_found_and_good_ones_are_clean() {
    let mut wrong = String::new();
    for file in SCOPES.iter().chain(&EXTENSIONS) {
        for case in &cases(file) {
            let analysis = case.analysis();
            let asked = analysis.ask(vec![case.scope(file)], &analysis.context());
            let found = (findings(&analysis, &asked[0]), unknown(&asked[0]));
            if found != (case.findings.clone(), case.unknown.clone()) {
                writeln!(wrong, "{file}: {}\nfindings = {:#?}\nunknown = {:#?}", case.name, found.0, found.1)
                    .unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_scope_has_both_topologies() {
    for file in SCOPES {
        let cases = cases(file);
        assert!(cases.iter().any(|case| !case.findings.is_empty()), "{file} has no bad topology");
        let is_good = |case: &Case| case.findings.is_empty() && case.unknown.is_empty();
        assert!(cases.iter().any(is_good), "{file} has no good topology");
    }
}

/// A scope that looks for something by tags or by web ACLs says nothing where there are no tags and no balancers.
#[test]
fn without_tags_nothing_is_found_and_nothing_unknown() {
    let case = Case {
        name: String::new(),
        scope: None,
        replace: None,
        more: Vec::new(),
        findings: BTreeSet::new(),
        unknown: BTreeSet::new(),
    };
    let analysis = case.analysis();
    for file in SCOPES.iter().filter(|file| !scope(file).extensions.is_empty()) {
        let asked = analysis.ask(vec![scope(file)], &analysis.context());
        assert_eq!(findings(&analysis, &asked[0]), BTreeSet::new(), "{file}");
        assert_eq!(unknown(&asked[0]), BTreeSet::new(), "{file}");
    }
}

#[cfg(feature = "z3")]
#[test]
fn z3_finds_the_same_and_confirms_it() {
    use netproof::{Certification, EngineChoice, Judge};
    let mut verdicts = 0;
    for file in SCOPES.iter().chain(&EXTENSIONS) {
        for case in cases(file) {
            let analysis = case.analysis();
            let mut judge = Judge::new(&analysis, EngineChoice::Both, true).unwrap();
            let asked = judge.ask(case.scope(file), &analysis.context());
            assert_eq!(judge.disagreements(), [], "{file}: {}", case.name);
            let Certification::Done(certified) = analysis.certify(&[asked]) else { panic!("no solver") };
            assert_eq!((&certified.open, &certified.refuted), (&vec![], &vec![]), "{file}: {}", case.name);
            verdicts += certified.certified;
        }
    }
    assert!(verdicts >= SCOPES.len() * 2, "only {verdicts} verdicts");
}
