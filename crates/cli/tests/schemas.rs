//! What commands print in `json` is what `netproof schema` says.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::process::{Command, Output};

use serde_json::Value;

fn netproof(arguments: &[&str]) -> Output {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    Command::new(env!("CARGO_BIN_EXE_netproof")).args(arguments).current_dir(root).output().unwrap()
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_slice(&netproof(arguments).stdout).unwrap()
}

fn check(command: &str, calls: &[&[&str]]) {
    let schema = json(&["schema", command]);
    assert!(jsonschema::meta::is_valid(&schema));
    let validator = jsonschema::validator_for(&schema).unwrap();
    for call in calls {
        let mut arguments: Vec<&str> = command.split('-').collect();
        arguments.extend(*call);
        arguments.extend(["--format", "json"]);
        let document = json(&arguments);
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{arguments:?}: {errors:#?}");
    }
    assert!(!validator.is_valid(&serde_json::json!({"schema_version": 1})), "the schema accepts anything");
}

const BEFORE: &str = "examples/public-exposure/before";

#[test]
fn analyze() {
    let calls: [&[&str]; 4] = [
        &[BEFORE, "--scopes", "scopes"],
        &[BEFORE, "--scope", "aws-vpc-egress", "--all-protocols", "--max-findings", "3"],
        &["tests/cli/holes", "--scope", "all-igw-ingress"],
        &["examples/two-vpcs", "--scope", "aws-vpc-egress", "--all-protocols"],
    ];
    check("analyze", &calls);
}

#[test]
fn diff() {
    let calls: [&[&str]; 4] = [
        &[BEFORE, "examples/public-exposure/after"],
        &[BEFORE, "examples/public-exposure/after", "--scopes", "scopes"],
        &["tests/cli/tiny", "tests/cli/holes"],
        &["examples/two-vpcs", "examples/two-vpcs"],
    ];
    check("diff", &calls);
}

#[test]
fn verify() {
    let calls: [&[&str]; 3] = [
        &["tests/cli/tiny", "tests/cli/wrong-flows.json"],
        &["tests/cli/holes", "tests/cli/flows.toml"],
        &["examples/two-vpcs", "examples/two-vpcs/flows.toml"],
    ];
    check("verify", &calls);
}

#[test]
fn scopes_check() {
    let calls: [&[&str]; 2] = [
        &["web-acl-missing", "detect-public-emr", "tests/cli/web.json"],
        &["detect-public-emr", "tests/cli/broken-scope.json"],
    ];
    check("scopes-check", &calls);
}

#[test]
fn path() {
    let calls: [&[&str]; 4] = [
        &["tests/cli/tiny", "--source", "eni-1", "--destination", "eni-2"],
        &["tests/cli/tiny", "--source", "eni-2", "--destination", "eni-1", "--protocol", "icmp"],
        &["tests/cli/holes", "--source", "eni-1", "--destination", "internet"],
        &["tests/cli/tiny", "--source", "no-such-thing", "--destination", "internet", "--forward"],
    ];
    check("path", &calls);
}

#[test]
fn inspect() {
    check("inspect", &[&[BEFORE], &["tests/cli/holes"], &["examples/two-vpcs"]]);
}

#[test]
fn equivalent() {
    let calls: [&[&str]; 5] = [
        &["tests/cli/filters", "acl-a", "acl-b"],
        &["tests/cli/filters", "pl-office", "pl-office-new"],
        &["tests/cli/filters", "policy-a", "policy-c"],
        &["tests/cli/filters", "pl-office", "pl-partner"],
        &["tests/cli/filters", "sg-db", "sg-db", "--other", "tests/cli/filters-after"],
    ];
    check("equivalent", &calls);
}

#[test]
fn dns() {
    const GARDEN: &str = "tests/cli/dns-garden";
    let calls: [&[&str]; 4] = [
        &[GARDEN],
        &[GARDEN, "--only-allow", "example.com", "--deny", "bad.example"],
        &[GARDEN, "--equal", "vpc-garden", "vpc-old"],
        &[GARDEN, "--equal-groups", "rslvr-frg-garden", "rslvr-frg-threats", "--idle"],
    ];
    check("dns-check", &calls);
    check("dns-bypass", &[&["tests/cli/dns-bypass"], &["examples/two-vpcs"], &[GARDEN, "--vpc", "vpc-own"]]);
    check("dns-query", &[&[GARDEN, "--vpc", "vpc-threats", "--name", "bad.example"]]);
}

#[test]
fn dns_plan() {
    const FINDINGS: [&str; 3] = [
        "tests/cli/dns-findings/answer.json",
        "tests/cli/dns-findings/event.json",
        "tests/cli/dns-findings/security-hub.json",
    ];
    let plan = |more: &[&'static str]| {
        let common = ["tests/cli/dns-plan", "--now", "2026-11-27T00:00:00Z", "--dry-run", "--finding"];
        [common.as_slice(), &FINDINGS, more].concat()
    };
    let (new, known) = ("tests/cli/dns-plan-more/new.json", "tests/cli/dns-plan-more/known.json");
    let calls = [
        plan(&["--state", new]),
        plan(&["--state", known, "--never-block", "tests/cli/dns-plan-more/never.txt"]),
        plan(&["--state", new, "--quota", "9"]),
    ];
    check("dns-plan", &calls.each_ref().map(Vec::as_slice));
}

#[test]
fn lint() {
    check("lint", &[&["tests/cli/filters"], &["tests/cli/tiny"]]);
}
