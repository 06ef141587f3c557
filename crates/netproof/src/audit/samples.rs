//! Audits for tests of reports, made by hand.

use super::{
    Audit, AuditFinding, AuditUnknown, Check, Container, Placed, Role, Root, SeverityLabel, Site, Step,
    Subject, Way,
};
use crate::{
    Analysis,
    triage::{Baseline, Policy, Suppressions, Triage, triage},
};

/// A snapshot with one VPC in each of these accounts and Regions.
pub(crate) fn analysis(homes: &[(&str, &str)]) -> Analysis {
    let document = |(index, (account, region)): (usize, &(&str, &str))| {
        let vpc = format!(
            r#"{{"Vpcs":[{{"VpcId":"vpc-{index}","CidrBlock":"10.{index}.0.0/16","OwnerId":"{account}"}}]}}"#
        );
        (format!("{account}/{region}/vpcs.json"), vpc.into_bytes())
    };
    Analysis::of_documents(homes.iter().enumerate().map(document))
}

pub(crate) fn audit<'a>(analysis: &'a Analysis, checks: Vec<Check<'a>>) -> Audit<'a> {
    let site = Site { analysis, root: Root::Folder("snapshot".to_owned()) };
    Audit { command: "analyze", site, checks, certified: String::new() }
}

pub(crate) fn check(id: &str, findings: Vec<AuditFinding>) -> Check<'static> {
    Check::new(id, format!("Title of {id}"), "Looks for what should not be")
        .graded(SeverityLabel::High)
        .with(findings)
}

pub(crate) fn place(line: u32) -> Placed {
    Placed { file: "snapshot/groups.json".to_owned(), line: Some(line), pointer: String::new(), inside: None }
}

pub(crate) fn unknown(text: &str) -> AuditUnknown {
    AuditUnknown { text: text.to_owned(), place: Some(place(9)), help: Some("export it".to_owned()) }
}

/// A network interface in a subnet.
pub(crate) fn subject(id: &str, account: &str, region: &str) -> Subject {
    let within = Container {
        kind: "AWS::EC2::Subnet".to_owned(),
        id: "subnet-1".to_owned(),
        arn: None,
        name: None,
        tags: std::collections::BTreeMap::new(),
    };
    Subject {
        key: format!("{account}/{region}/{id}"),
        id: id.to_owned(),
        kind: "AWS::EC2::NetworkInterface".to_owned(),
        what: format!("network interface {id}"),
        arn: Some(format!("arn:aws:ec2:{region}:{account}:network-interface/{id}")),
        name: Some("web".to_owned()),
        account: account.to_owned(),
        region: region.to_owned(),
        tags: [("Name", "web"), ("aws:cloudformation:stack-name", "shop"), ("blank", "")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
        within: vec![within],
        records: Vec::new(),
        internet: false,
    }
}

pub(crate) fn step(id: &str, text: &str) -> Step {
    Step {
        key: format!("//{id}"),
        id: id.to_owned(),
        kind: "AWS::EC2::SecurityGroup".to_owned(),
        role: Role::Filter,
        text: text.to_owned(),
        place: Some(place(7)),
        cause: None,
    }
}

/// A finding about an interface, with a way of two steps.
pub(crate) fn finding(identity: &str) -> AuditFinding {
    let steps = vec![step("sg-1", "(web) allow ingress tcp 80"), step("eni-1", "network interface")];
    AuditFinding {
        destination: Some(subject("eni-1", "111122223333", "eu-west-1")),
        place: Some(place(7)),
        rule: Some("sg-1: allow ingress tcp 80".to_owned()),
        ways: vec![Way { title: format!("way of {identity}"), steps }],
        ..AuditFinding::new([identity], format!("found {identity}"))
    }
}

/// One finding of each standing, something unknown, and a check that is clean. Judged on 2026-11-27.
pub(crate) fn mixed(analysis: &Analysis) -> (Audit<'_>, Triage) {
    let odd = AuditFinding::new(["odd"], "<a> & \"b\" 'c' \u{1}\u{fffe}]]> é");
    let known = finding("known");
    let mut unknown_only = check("unknown-only", Vec::new());
    unknown_only.unknowns = vec![unknown("what gw-1 does"), unknown("what gw-2 does")];
    let mut cut = check("cut", Vec::new());
    cut.truncated = true;
    let suppressed = finding("suppressed");
    let suppressions = format!(
        "[[suppress]]\nfinding = \"{}\"\nreason = \"it is a decoy\"\nowner = \"blue team\"\nuntil = \"2027-01-31\"\n",
        suppressed.id
    );
    let mut only_known = audit(analysis, vec![check("all", vec![known.clone()])]);
    let days = Policy { today: "2026-10-01".parse().unwrap(), ..Policy::default() };
    triage(&mut only_known, &days);
    let baseline = Baseline::default().updated(&only_known, days.today);
    let policy = Policy {
        today: "2026-11-27".parse().unwrap(),
        fail_on: Some(SeverityLabel::Medium),
        baseline: Some(baseline),
        suppressions: Suppressions::read("suppressions.toml", &suppressions).unwrap(),
        severities: [("low".to_owned(), SeverityLabel::Low)].into(),
        days: [(SeverityLabel::High, 30)].into(),
        ..Policy::default()
    };
    let mut audit = audit(
        analysis,
        vec![
            check("all", vec![odd, finding("new"), known, suppressed.clone()]),
            check("low", vec![finding("low")]),
            check("only-suppressed", vec![suppressed]),
            unknown_only,
            cut,
            check("clean", Vec::new()),
        ],
    );
    let triage = triage(&mut audit, &policy);
    (audit, triage)
}
