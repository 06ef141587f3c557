//! The main example through the program: what it prints in every format, compared with `tests/golden/public-exposure/`.
//! `UPDATE_GOLDEN=1 cargo test -p netproof-cli --test golden` updates the files; then read what changed.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::{path::PathBuf, process::Command};

use serde_json::Value;

const SCOPES: [&str; 5] = [
    "detect-public-databases",
    "detect-public-elastic",
    "detect-public-emr",
    "detect-public-remotedesktop",
    "detect-public-webserver-noloadbalancer",
];

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Exit code and standard output.
fn netproof(arguments: &[&str]) -> (i32, String) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_netproof")).args(arguments).current_dir(root()).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

fn files(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("scopes/{name}.json")).collect()
}

fn analyze(state: &str, names: &[&str], more: &[&str]) -> (i32, String) {
    let (snapshot, files) = (format!("examples/public-exposure/{state}"), files(names));
    let mut arguments = vec!["analyze", &snapshot, "--scope"];
    arguments.extend(files.iter().map(String::as_str));
    // The files are the same with and without a solver, and with every version of it.
    arguments.push("--no-certify");
    arguments.extend(more);
    netproof(&arguments)
}

fn golden(name: &str, text: &str) {
    let path = root().join("tests/golden/public-exposure").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    if known != text {
        let line = known.lines().zip(text.lines()).position(|(known, text)| known != text);
        let line = line.unwrap_or_else(|| known.lines().count().min(text.lines().count()));
        panic!("{} differs from line {}; UPDATE_GOLDEN=1 updates it. Now:\n{text}", path.display(), line + 1);
    }
}

#[test]
fn text_of_the_exposed_shop() {
    let (code, text) = analyze("before", &SCOPES, &[]);
    assert_eq!(code, 1);
    golden("before.txt", &text);
}

#[test]
fn text_of_the_shop_with_every_exposure_closed() {
    let (code, text) = analyze("after", &SCOPES, &[]);
    assert_eq!(code, 0);
    golden("after.txt", &text);
}

#[test]
fn documents_of_one_scope() {
    for (format, file) in
        [("json", "detect-public-databases.json"), ("aws-json", "detect-public-databases.aws.json")]
    {
        let (code, text) = analyze("before", &SCOPES[..1], &["--format", format]);
        assert_eq!(code, 1);
        golden(file, &text);
    }
}

/// Everything that is said of the shop is certified.
#[cfg(feature = "z3")]
#[test]
fn every_verdict_about_the_shop_is_certified() {
    for (state, verdicts) in [("before", 111), ("after", 148)] {
        let snapshot = format!("examples/public-exposure/{state}");
        let (_, text) = netproof(&["analyze", &snapshot, "--scopes", "scopes"]);
        let last = text.lines().last().unwrap();
        assert!(last.starts_with("Certified by Z3 "), "{last}");
        assert!(last.ends_with(&format!(": {verdicts} of {verdicts} verdicts.")), "{last}");
    }
}

/// Both engines find the same in the examples; one that does not would end with exit code 2.
#[cfg(feature = "z3")]
#[test]
fn engines_agree_about_the_examples() {
    for (example, code) in [("public-exposure/before", 1), ("public-exposure/after", 1), ("two-vpcs", 1)] {
        let snapshot = format!("examples/{example}");
        for engine in ["both", "z3"] {
            let (found, text) = netproof(&["analyze", &snapshot, "--scopes", "scopes", "--engine", engine]);
            assert_eq!(found, code, "{example} by {engine}: {text}");
            let (_, alone) = netproof(&["analyze", &snapshot, "--scopes", "scopes"]);
            assert!(text == alone, "{example} by {engine}");
        }
    }
}

/// The scenario's table: scope, `Name` tag or description of the destination, port.
const EXPECTED: [(&str, &str, u64); 6] = [
    ("detect-public-databases", "eni-0d98bf88c3283cb96", 3306),
    ("detect-public-elastic", "eni-038f8a05f54bbe20d", 9200),
    ("detect-public-emr", "eni-06fad7426bb065999", 8080),
    ("detect-public-remotedesktop", "eni-0f4091c563d442485", 3389),
    ("detect-public-webserver-noloadbalancer", "eni-017872453172ea9c1", 80),
    ("detect-public-webserver-noloadbalancer", "eni-017872453172ea9c1", 443),
];

#[test]
fn the_exposed_shop_has_exactly_the_findings_of_the_scenario() {
    let (_, text) = analyze("before", &SCOPES, &["--format", "json"]);
    let document: Value = serde_json::from_str(&text).unwrap();
    let mut found = Vec::new();
    for scope in document["scopes"].as_array().unwrap() {
        for finding in scope["findings"].as_array().unwrap() {
            for packets in finding["packets"].as_array().unwrap() {
                let ports = packets["at_destination"]["destination_ports"].as_array().unwrap();
                let [port] = ports.as_slice() else { panic!("several ports in {finding}") };
                assert_eq!(port["from"], port["to"]);
                found.push((
                    scope["name"].as_str().unwrap().to_owned(),
                    finding["destination"]["id"].as_str().unwrap().to_owned(),
                    port["from"].as_u64().unwrap(),
                ));
            }
            assert_eq!(finding["protocols"], serde_json::json!(["tcp"]));
            assert_eq!(finding["replies"]["verdict"], "all");
        }
    }
    found.sort();
    let mut expected: Vec<_> =
        EXPECTED.iter().map(|&(scope, eni, port)| (scope.to_owned(), eni.to_owned(), port)).collect();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn flows_of_both_states_hold() {
    let verify = |state: &str, flows: &str| {
        let (folder, flows) =
            (format!("examples/public-exposure/{state}"), format!("examples/public-exposure/{flows}"));
        netproof(&["verify", &folder, &flows])
    };
    for (state, flows) in [("before", "flows.json"), ("after", "flows-after.json")] {
        let (code, text) = verify(state, flows);
        assert_eq!(code, 0, "{text}");
    }
    let (code, text) = netproof(&["verify", "examples/two-vpcs", "examples/two-vpcs/flows.toml"]);
    assert_eq!(code, 0, "{text}");
}
