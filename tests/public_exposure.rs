//! The main example, `examples/public-exposure/`: its five scopes find exactly what its README says, its flows hold,
//! and neither the order of records nor the names of files matter. `examples/two-vpcs/` and the other files in
//! `scopes/` come along.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test: failing loudly is its job"
)]

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use graph::ControlId;
use netproof::{
    Analysis, Closed, Flows, Outcome, Question, ScopeDocument, Verdict, read_scopes, report::aws_json,
};
use serde_json::Value;

/// The interfaces of the example, as its README lists them.
const ALB: [&str; 2] = ["eni-0f6276e81618c9cc6", "eni-046d36f282a999493"];
const WEB_A: &str = "eni-017872453172ea9c1";
const WEB_B: &str = "eni-0bde448d2b2bb0718";
const AURORA_A: &str = "eni-0d98bf88c3283cb96";
const AURORA_B: &str = "eni-0ab19a817ab51b535";
const OPENSEARCH: &str = "eni-038f8a05f54bbe20d";
const EMR: &str = "eni-06fad7426bb065999";
const WINDOWS: &str = "eni-0f4091c563d442485";

/// The scopes of the example, with what each finds in `before/`: the interface, and its ports.
const EXPECTED: [(&str, &str, &[u64]); 5] = [
    ("detect-public-databases", AURORA_A, &[3306]),
    ("detect-public-elastic", OPENSEARCH, &[9200]),
    ("detect-public-emr", EMR, &[8080]),
    ("detect-public-remotedesktop", WINDOWS, &[3389]),
    ("detect-public-webserver-noloadbalancer", WEB_A, &[80, 443]),
];

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn open(path: &str) -> Analysis {
    Analysis::open(&root(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn scopes(name: &str) -> Vec<ScopeDocument> {
    let path = root("scopes").join(name).with_extension("json");
    let text = fs::read_to_string(&path).unwrap();
    read_scopes(name, &text).unwrap_or_else(|error| panic!("{error}"))
}

/// AWS's document for the scope of this name.
fn findings(analysis: &Analysis, name: &str) -> String {
    let asked = analysis.ask(scopes(name), &analysis.context());
    assert_eq!(asked.len(), 1, "{name} is one scope");
    assert_eq!(asked[0].result.unknowns, Vec::new(), "{name}: nothing is unknown in the example");
    serde_json::to_string_pretty(&aws_json::findings(analysis, &asked[0])).unwrap()
}

/// A finding as its components' ids, and the ports it is about.
fn shown(finding: &Value) -> (Vec<String>, BTreeSet<u64>) {
    let components = finding["FindingComponents"].as_array().unwrap();
    let ids = components.iter().map(|component| component["Component"]["Id"].as_str().unwrap().to_owned());
    let ranges = components.last().unwrap()["InboundHeader"]["DestinationPortRanges"].as_array().unwrap();
    let ports = ranges.iter().map(|range| {
        assert_eq!(range["From"], range["To"]);
        range["From"].as_u64().unwrap()
    });
    (ids.collect(), ports.collect())
}

fn all(document: &str) -> Vec<Value> {
    let document: Value = serde_json::from_str(document).unwrap();
    document["AnalysisFindings"].as_array().unwrap().clone()
}

#[test]
fn before_finds_exactly_the_table() {
    let analysis = open("examples/public-exposure/before");
    for (name, interface, ports) in EXPECTED {
        let document = findings(&analysis, name);
        let mut found = BTreeSet::new();
        for finding in &all(&document) {
            let (path, ports) = shown(finding);
            let kinds: Vec<&str> = path.iter().map(|id| id.split('-').next().unwrap()).collect();
            assert_eq!(kinds, ["igw", "acl", "sg", "eni"], "{name}: {path:?}");
            assert_eq!(path.last().unwrap(), interface, "{name}");
            found.extend(ports);
        }
        assert_eq!(found, ports.iter().copied().collect(), "{name}");
        for never in [WEB_B, AURORA_B, ALB[0], ALB[1]] {
            assert!(!document.contains(never), "{name} mentions {never}");
        }
    }
}

#[test]
fn after_finds_nothing() {
    let analysis = open("examples/public-exposure/after");
    for (name, _, _) in EXPECTED {
        assert_eq!(all(&findings(&analysis, name)), Vec::<Value>::new(), "{name}");
    }
}

#[test]
fn the_load_balancer_stays_reachable_on_its_two_ports() {
    for state in ["before", "after"] {
        let analysis = open(&format!("examples/public-exposure/{state}"));
        for interface in ALB {
            for (port, expected) in [
                (80, Verdict::Reachable),
                (443, Verdict::Reachable),
                (22, Verdict::Unreachable),
                (3306, Verdict::Unreachable),
                (8080, Verdict::Unreachable),
            ] {
                let question = Question::parse("internet", interface).unwrap().tcp(port);
                assert_eq!(analysis.answer(&question).verdict, expected, "{state}: {interface} on {port}");
            }
        }
        // Web server B is a target of the balancer, and reached through nothing else.
        for (port, expected) in
            [(80, Verdict::Reachable), (443, Verdict::Reachable), (22, Verdict::Unreachable)]
        {
            let question = Question::parse("internet", WEB_B).unwrap().tcp(port);
            assert_eq!(analysis.answer(&question).verdict, expected, "{state}: {WEB_B} on {port}");
        }
        let anything = Question::parse("internet", AURORA_B).unwrap();
        assert_eq!(analysis.answer(&anything).verdict, Verdict::Unreachable, "{state}: {AURORA_B}");
    }
}

/// The rule that denies telnet stands before the rule that allows everything.
#[test]
fn rule_order_holds_in_public_a() {
    let analysis = open("examples/public-exposure/before");
    let asked = analysis.ask(scopes("all-igw-ingress"), &analysis.context());
    let document: Value = serde_json::to_value(aws_json::findings(&analysis, &asked[0])).unwrap();
    for finding in document["AnalysisFindings"].as_array().unwrap() {
        let ranges = finding["FindingComponents"].as_array().unwrap().last().unwrap()["InboundHeader"]
            ["DestinationPortRanges"]
            .as_array()
            .unwrap()
            .clone();
        let telnet =
            |range: &Value| range["From"].as_u64().unwrap() <= 23 && 23 <= range["To"].as_u64().unwrap();
        assert!(!ranges.iter().any(telnet), "{ranges:?}");
    }
}

/// Every file in `scopes/`, asked of both states: findings as rule combinations, and interfaces concerned.
#[test]
fn every_ready_made_scope() {
    let mut names: Vec<String> = fs::read_dir(root("scopes"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    let examples = ["examples/public-exposure/before", "examples/public-exposure/after", "examples/two-vpcs"];
    let states: Vec<Analysis> = examples.into_iter().map(open).collect();
    let mut table = String::new();
    for name in names {
        write!(table, "{name}.json:").unwrap();
        for (analysis, state) in states.iter().zip(["before", "after", "two-vpcs"]) {
            let asked = analysis.ask(scopes(&name), &analysis.context());
            let result = &asked[0].result;
            let pairs: BTreeSet<_> =
                result.findings.iter().map(|finding| (finding.source, finding.destination)).collect();
            assert_eq!(result.unknowns, Vec::new(), "{name}, {state}");
            write!(table, " {state} {} in {} pairs;", result.findings.len(), pairs.len()).unwrap();
        }
        table.push('\n');
    }
    insta::assert_snapshot!(table, @r"
    all-igw-ingress.json: before 14 in 8 pairs; after 12 in 4 pairs; two-vpcs 0 in 0 pairs;
    aws-igw-egress.json: before 9 in 9 pairs; after 12 in 9 pairs; two-vpcs 0 in 0 pairs;
    aws-vpc-egress.json: before 11 in 11 pairs; after 46 in 34 pairs; two-vpcs 2 in 2 pairs;
    aws-vpc-ingress.json: before 14 in 8 pairs; after 12 in 4 pairs; two-vpcs 2 in 1 pairs;
    cross-environment.json: before 0 in 0 pairs; after 0 in 0 pairs; two-vpcs 0 in 0 pairs;
    decoy-isolation.json: before 0 in 0 pairs; after 0 in 0 pairs; two-vpcs 0 in 0 pairs;
    detect-public-databases.json: before 1 in 1 pairs; after 0 in 0 pairs; two-vpcs 0 in 0 pairs;
    detect-public-elastic.json: before 1 in 1 pairs; after 0 in 0 pairs; two-vpcs 0 in 0 pairs;
    detect-public-emr.json: before 1 in 1 pairs; after 0 in 0 pairs; two-vpcs 0 in 0 pairs;
    detect-public-remotedesktop.json: before 1 in 1 pairs; after 0 in 0 pairs; two-vpcs 0 in 0 pairs;
    detect-public-webserver-noloadbalancer.json: before 2 in 1 pairs; after 0 in 0 pairs; two-vpcs 0 in 0 pairs;
    directory-ports.json: before 0 in 0 pairs; after 0 in 0 pairs; two-vpcs 0 in 0 pairs;
    dns-bypass-dns.json: before 9 in 9 pairs; after 12 in 9 pairs; two-vpcs 1 in 1 pairs;
    dns-bypass-doh.json: before 9 in 9 pairs; after 12 in 9 pairs; two-vpcs 0 in 0 pairs;
    dns-bypass-dot.json: before 9 in 9 pairs; after 12 in 9 pairs; two-vpcs 1 in 1 pairs;
    egress-skips-firewall.json: before 9 in 9 pairs; after 12 in 9 pairs; two-vpcs 0 in 0 pairs;
    egress-skips-nat.json: before 7 in 7 pairs; after 2 in 2 pairs; two-vpcs 0 in 0 pairs;
    jenkins-ports.json: before 0 in 0 pairs; after 0 in 0 pairs; two-vpcs 0 in 0 pairs;
    kafka-cross-zone.json: before 0 in 0 pairs; after 0 in 0 pairs; two-vpcs 0 in 0 pairs;
    log-egress.json: before 0 in 0 pairs; after 0 in 0 pairs; two-vpcs 0 in 0 pairs;
    private-builds.json: before 0 in 0 pairs; after 0 in 0 pairs; two-vpcs 0 in 0 pairs;
    redshift-other-accounts.json: before 0 in 0 pairs; after 0 in 0 pairs; two-vpcs 0 in 0 pairs;
    remote-administration.json: before 1 in 1 pairs; after 0 in 0 pairs; two-vpcs 0 in 0 pairs;
    transit-between-peers.json: before 0 in 0 pairs; after 0 in 0 pairs; two-vpcs 0 in 0 pairs;
    web-acl-missing.json: before 4 in 2 pairs; after 0 in 0 pairs; two-vpcs 0 in 0 pairs;
    ");
}

fn check_flows(snapshot: &str, file: &str) {
    let text = fs::read_to_string(root(file)).unwrap();
    let flows = Flows::read(file, &text).unwrap_or_else(|error| panic!("{error}"));
    let mut failed = String::new();
    for result in open(snapshot).verify(flows) {
        if !result.pass() {
            let reasons: Vec<_> = result.answered.reasons.iter().map(|reason| &reason.text).collect();
            let (flow, verdict) = (&result.flow, result.answered.verdict);
            writeln!(failed, "{}: expected {}, found {verdict}: {reasons:?}", flow.name, flow.expect)
                .unwrap();
        }
    }
    assert!(failed.is_empty(), "{file}\n{failed}");
}

#[test]
fn the_flows_hold() {
    check_flows("examples/public-exposure/before", "examples/public-exposure/flows.json");
    check_flows("examples/public-exposure/after", "examples/public-exposure/flows-after.json");
    check_flows("examples/two-vpcs", "examples/two-vpcs/flows.toml");
}

/// The snapshot's documents, with other names and their records in another order.
fn rearranged(path: &str, seed: u64) -> Analysis {
    let mut files: Vec<PathBuf> =
        fs::read_dir(root(path)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    if seed % 2 == 1 {
        files.reverse();
    }
    let documents = files.iter().zip(0_u64..).map(|(file, number)| {
        let text = testkit::random::shuffle(&fs::read_to_string(file).unwrap(), seed + number);
        (format!("document-{number}.json"), text.into_bytes())
    });
    Analysis::of_documents(documents)
}

#[test]
fn order_and_names_do_not_matter() {
    let analysis = open("examples/public-exposure/before");
    let every = ["all-igw-ingress", "aws-igw-egress", "aws-vpc-egress", "aws-vpc-ingress"];
    let names: Vec<&str> = EXPECTED.iter().map(|(name, _, _)| *name).chain(every).collect();
    let documents: Vec<String> = names.iter().map(|name| findings(&analysis, name)).collect();
    for seed in [1, 2, 3] {
        let other = rearranged("examples/public-exposure/before", seed);
        for (name, document) in names.iter().zip(&documents) {
            assert_eq!(&findings(&other, name), document, "{name}, seed {seed}");
        }
    }
}

/// A clean scope rests on the controls that are said to keep it so: they are enough, each is needed, and what is said to
/// open it does, and no less.
#[test]
fn what_keeps_scopes_clean() {
    let analysis = open("examples/public-exposure/after");
    let graph = analysis.openable();
    let mut clean = 0;
    for name in ["detect-public-databases", "detect-public-webserver-noloadbalancer"] {
        for asked in analysis.ask(scopes(name), &analysis.context()) {
            let Closed::By(kept) = analysis.why_clean(&asked) else {
                panic!("{name} is not clean by controls")
            };
            let outcome =
                |open: &dyn Fn(ControlId) -> bool| analysis.scope_outcome(&graph.opened(open), &asked);
            let fixed = |id| graph.control(id).kind.effort() > kept.effort;
            let keeps = |id: &ControlId| kept.controls.contains(id);
            assert_eq!(outcome(&|id| !keeps(&id) && !fixed(id)), Outcome::Nothing, "{name}");
            for one in &kept.controls {
                let without = outcome(&|id| (id == *one || !keeps(&id)) && !fixed(id));
                assert!(matches!(without, Outcome::Through(_)), "{name}: {}", analysis.control(*one).text);
            }
            let (controls, through) = kept.opened_by.unwrap();
            assert!(through.is_some());
            assert!(matches!(outcome(&|id| controls.contains(&id)), Outcome::Through(_)), "{name}");
            for one in &controls {
                assert_eq!(outcome(&|id| id != *one && controls.contains(&id)), Outcome::Nothing, "{name}");
            }
            clean += 1;
        }
    }
    assert_eq!(clean, 2);
}
