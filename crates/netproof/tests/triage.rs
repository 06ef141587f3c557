//! Which findings count.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, reason = "tests may stop")]

use std::path::Path;

use jiff::civil::{Date, date};
use netproof::{
    Analysis, AskedScope, Certification,
    audit::{Audit, Root, SeverityLabel, Site},
    read_scopes,
    triage::{Baseline, Policy, Raise, Suppressions, Triage, read_exclusions, triage},
};

const TODAY: Date = date(2026, 11, 27);

fn opened() -> (Analysis, Vec<AskedScope>) {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/ci");
    let file = |name: &str| {
        let folder = if name.contains("groups") { "change" } else { "snapshot" };
        (name.to_owned(), std::fs::read(example.join(folder).join(name)).unwrap())
    };
    let analysis =
        Analysis::of_documents([file("describe-network.json"), file("describe-security-groups.json")]);
    let scope = r#"{"MatchPaths": [{"Source": {"ResourceStatement": {"ResourceTypes": ["AWS::EC2::InternetGateway"]}},
        "Destination": {"ResourceStatement": {"ResourceTypes": ["AWS::EC2::NetworkInterface"]}}}]}"#;
    let asked = analysis.ask(read_scopes("ingress.json", scope).unwrap(), &analysis.context());
    (analysis, asked)
}

/// Ids of interfaces that are reached, each with its standing; and the rest.
fn judged(policy: &Policy) -> (Vec<String>, Triage) {
    let (analysis, asked) = opened();
    let site = Site { analysis: &analysis, root: Root::Unknown };
    let mut audit = Audit::of_scopes(site, &asked, &Certification::NotAsked);
    let triage = triage(&mut audit, policy);
    let lines = audit.checks[0].findings().map(|(finding, standing)| {
        let fails = if standing.fails() { "counts" } else { "does not count" };
        format!("{} {} {}, {fails}", finding.destination.unwrap().id, standing.severity, standing.word())
    });
    (lines.collect(), triage)
}

fn suppressing(selector: &str) -> Policy {
    let text = format!("[[suppress]]\nreason = 'because'\nowner = 'me'\n{selector}");
    let suppressions = Suppressions::read("s.toml", &text).unwrap();
    Policy { today: TODAY, suppressions, ..Policy::default() }
}

#[test]
fn without_a_policy_everything_counts() {
    let (lines, triage) = judged(&Policy { today: TODAY, ..Policy::default() });
    assert_eq!(lines, ["eni-0e01 MEDIUM open, counts", "eni-0e02 MEDIUM open, counts"]);
    assert!(!triage.in_force);
}

#[test]
fn selectors_mean_what_they_say() {
    let (web, db) = ("eni-0e01", "eni-0e02");
    let cases: [(&str, &[&str]); 14] = [
        ("destination = 'eni-0e02'", &[db]),
        ("destination = 'orders-db'", &[db]),
        ("destination = 'eni-*'", &[web, db]),
        ("destination = 'vpc-0c1d'", &[web, db]),
        ("destination = 'igw-0f01'", &[]),
        ("source = 'igw-0f01'", &[web, db]),
        ("resource = 'sg-0db'", &[db]),
        ("resource = 'acl-*'", &[web, db]),
        ("tag = 'data-classification=restricted'", &[db]),
        ("tag = 'data-classification=public'", &[]),
        ("tag = 'data-classification'", &[db]),
        ("check = 'ingress'\nresource = 'sg-0web'", &[web]),
        ("check = 'other-*'\nresource = 'sg-0web'", &[]),
        ("check = 'ingress'", &[web, db]),
    ];
    for (selector, expected) in cases {
        let (lines, triage) = judged(&suppressing(selector));
        let suppressed: Vec<&str> =
            lines.iter().filter(|line| line.contains("suppressed")).map(|line| &line[..8]).collect();
        assert_eq!(suppressed, expected, "{selector}");
        // A suppression of a check that was not asked is not said to match nothing.
        let is_unmatched = expected.is_empty() && !selector.contains("other-");
        assert_eq!(triage.unmatched.len(), usize::from(is_unmatched), "{selector}");
    }
}

#[test]
fn the_last_day_counts() {
    for (until, suppressed) in [("2026-11-27", 2), ("2026-11-26", 0)] {
        let (_, triage) = judged(&suppressing(&format!("check = 'ingress'\nuntil = {until}")));
        assert_eq!(triage.suppressed, suppressed, "{until}");
        assert_eq!(triage.expired.len(), usize::from(suppressed == 0), "{until}");
        assert_eq!(triage.failing, 2 - suppressed, "{until}");
    }
}

#[test]
fn severity_threshold_and_days() {
    let raises = vec![Raise {
        key: "data-classification".to_owned(),
        value: Some("res*".to_owned()),
        to: SeverityLabel::Critical,
    }];
    let policy = Policy { today: TODAY, fail_on: Some(SeverityLabel::High), raises, ..Policy::default() };
    let (lines, triage) = judged(&policy);
    assert_eq!(lines, ["eni-0e01 MEDIUM open, does not count", "eni-0e02 CRITICAL open, counts"]);
    assert_eq!((triage.below, triage.failing), (1, 1));
    // A severity of the policy takes the place of the check's, and is never lowered by a tag.
    let severities = [("ingress".to_owned(), SeverityLabel::Critical)].into();
    let raises = vec![Raise { key: "data-classification".to_owned(), value: None, to: SeverityLabel::Low }];
    let (lines, _) = judged(&Policy { today: TODAY, severities, raises, ..Policy::default() });
    assert_eq!(lines, ["eni-0e01 CRITICAL open, counts", "eni-0e02 CRITICAL open, counts"]);
}

/// A database's own record has the tag. Without the record nobody can say that the finding does not count.
#[test]
fn a_tag_of_a_managed_service_raises_and_is_unknown_where_it_is_not_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/public-exposure/before");
    let judged = |leave_out: &[&str], to: SeverityLabel| {
        let files = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
        let files = files.filter(|path| !leave_out.iter().any(|name| path.ends_with(name)));
        let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        let analysis = Analysis::of_documents(files.map(|path| (name(&path), std::fs::read(path).unwrap())));
        let scope = r#"{"MatchPaths": [{"Source": {"ResourceStatement": {"ResourceTypes": ["AWS::EC2::InternetGateway"]}},
            "Destination": {"ResourceStatement": {"Resources": ["eni-0d98bf88c3283cb96"]}}}]}"#;
        let asked = analysis.ask(read_scopes("ingress.json", scope).unwrap(), &analysis.context());
        let site = Site { analysis: &analysis, root: Root::Unknown };
        let mut audit = Audit::of_scopes(site, &asked, &Certification::NotAsked);
        let value = Some("restricted".to_owned());
        let raises = vec![Raise { key: "data-classification".to_owned(), value, to }];
        let policy = Policy { today: TODAY, fail_on: Some(SeverityLabel::High), raises, ..Policy::default() };
        let triage = triage(&mut audit, &policy);
        let by = audit.checks[0].findings().next().unwrap().1.raised_by;
        let unknown: Vec<String> = audit.checks[0].unknowns.iter().map(|it| it.text.clone()).collect();
        (triage.failing, by, unknown)
    };
    let by = "data-classification=restricted of RDS database shop-aurora-a-1";
    let (failing, raised, unknown) = judged(&[], SeverityLabel::Critical);
    assert_eq!((failing, raised.as_deref(), unknown), (1, Some(by), vec![]));
    let (failing, raised, unknown) = judged(&["get-resources.json"], SeverityLabel::Critical);
    assert_eq!((failing, raised), (0, None));
    assert_eq!(
        unknown,
        [
            "the tags of RDS database shop-aurora-a-1 (`eni-0d98bf88c3283cb96`) are not in the snapshot; findings that do not count would with \
          the tag `data-classification=restricted`"
        ]
    );
    let (failing, _, unknown) = judged(&["get-resources.json"], SeverityLabel::Low);
    assert_eq!((failing, unknown), (0, vec![]), "it would not count with the tag either");
}

#[test]
fn a_baseline_keeps_days_and_tells_what_is_gone() {
    let (analysis, asked) = opened();
    let site = Site { analysis: &analysis, root: Root::Unknown };
    let audit = Audit::of_scopes(site, &asked, &Certification::NotAsked);
    let baseline = Baseline::default().updated(&audit, date(2026, 10, 1));
    let mut text = Vec::new();
    baseline.write(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let read = Baseline::read("b.json", &text).unwrap();
    assert_eq!(read, baseline);
    assert_eq!(read.updated(&audit, TODAY), baseline, "known findings keep their day");

    let days = [(SeverityLabel::Medium, 56)].into();
    let policy = Policy { today: TODAY, baseline: Some(read.clone()), days, ..Policy::default() };
    let (lines, triage) = judged(&policy);
    assert_eq!(lines, ["eni-0e01 MEDIUM known, does not count", "eni-0e02 MEDIUM known, does not count"]);
    assert_eq!(triage.overdue, 2);
    let (_, triage) = judged(&Policy { fail_overdue: true, ..policy });
    assert_eq!(triage.failing, 2);

    // One that is not found any more is gone; one of a check that was not asked is not looked at.
    let gone = text.replacen("\"id\": \"", "\"id\": \"f", 1);
    assert_ne!(gone, text);
    let baseline = Baseline::read("b.json", &gone).unwrap();
    let (lines, triage) = judged(&Policy { today: TODAY, baseline: Some(baseline), ..Policy::default() });
    assert_eq!(triage.gone.len(), 1);
    assert_eq!(lines.iter().filter(|line| line.contains("new, counts")).count(), 1);
    let other = text.replace("\"ingress\"", "\"another\"");
    let baseline = Baseline::read("b.json", &other).unwrap();
    let (_, triage) = judged(&Policy { today: TODAY, baseline: Some(baseline.clone()), ..Policy::default() });
    assert_eq!((triage.gone.len(), triage.failing), (0, 2));
    assert_eq!(baseline.updated(&audit, TODAY).len(), 4, "findings of other checks stay");
}

#[test]
fn what_cannot_be_used_says_where() {
    let suppressions = |text: &str| Suppressions::read("s.toml", text).unwrap_err().to_string();
    insta::assert_snapshot!(suppressions("[[suppress]]\nowner = 'me'\n[[suppress]]\nowner = 'me'\nreason = 'r'\n[[suppress]]\nowner = 'me'\nreason = 'r'\nuntil = 'soon'\ncheck = '*'\n[[suppress]]\nowner = 'me'\nreason = 'r'\nresuorce = 'x'\n[[supress]]\n"), @"
    s.toml#/suppress/0: `reason` is missing
    s.toml#/suppress/1: it says of no finding that it is meant; expected `finding`, `check`, `source`, `destination`, `resource` or `tag`
    s.toml#/suppress/2/until: `soon` is no day such as 2027-01-31
    s.toml#/suppress/3: unknown field `resuorce`, expected one of `finding`, `check`, `source`, `destination`, `resource`, `tag`
    s.toml#/supress: there is no such member; expected `suppress`
    ");
    assert!(suppressions("[[suppress]\n").starts_with("s.toml:1: "));
    let exclusions = |text: &str| read_exclusions("e.csv", text).unwrap_err().to_string();
    insta::assert_snapshot!(exclusions("eni-1,sg-1\neni-1,sg-1,0.0.0.0/0,many,tcp\n,sg-1,0.0.0.0/0,80 to 80,tcp"), @"
    e.csv:1: expected `resource_id,secgroup_id,sgrule_cidr,sgrule_portrange,sgrule_protocol`, found 2 values
    e.csv:2: `many` is no range of ports such as `80 to 80`
    e.csv:3: `resource_id` is empty
    ");
    let baseline = |text: &str| Baseline::read("b.json", text).unwrap_err().to_string();
    assert_eq!(
        baseline(r#"{"schema_version": 2, "kind": "netproof baseline", "findings": []}"#),
        "b.json#/schema_version: this netproof reads version 1, not 2"
    );
    assert_eq!(
        baseline(r#"{"schema_version": 1, "kind": "other", "findings": []}"#),
        "b.json#/kind: expected `netproof baseline`"
    );
}
