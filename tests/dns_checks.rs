//! What holds for all names of DNS firewalls: cases written from AWS's documentation by someone who had not seen the
//! code.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests may stop")]

use std::{fs, path::Path};

use netproof::{
    Analysis, Certification, DnsAnswer, DnsClaim, DnsContradictionKind, DnsDomains, DnsEntryFault, DnsFound,
    DnsQuestion, DnsSide, DnsVerdict, Holds,
};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    /// The documentation that they are from.
    #[serde(rename = "source")]
    _source: String,
    documents: Vec<Document>,
    checks: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    name: String,
    text: String,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    #[serde(flatten)]
    kind: Kind,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Kind {
    WalledGarden(Claimed),
    DenyList(Claimed),
    Equivalent {
        #[serde(default)]
        groups: Vec<String>,
        #[serde(default)]
        vpcs: Vec<String>,
        #[serde(flatten)]
        expected: Expected,
    },
    DeadRules {
        vpc: String,
        dead: Vec<String>,
    },
    Pairs {
        list: String,
        lonely: Vec<Lonely>,
    },
    NetworkFirewall {
        vpc: String,
        /// `resolved-but-dropped` or `blocked-but-passed`: the only one that there is.
        direction: Option<String>,
        /// What makes the difference.
        reason: Option<String>,
        #[serde(flatten)]
        expected: Expected,
    },
}

#[derive(Deserialize)]
struct Claimed {
    /// Every VPC if left out.
    vpc: Option<String>,
    suffixes: Vec<String>,
    #[serde(flatten)]
    expected: Expected,
}

#[derive(Clone, Deserialize)]
struct Expected {
    /// `true`, `false` or `"unknown"`.
    holds: toml::Value,
    #[serde(default)]
    witness_in: Vec<String>,
    #[serde(default)]
    witness_out: Vec<String>,
    witness_type: Option<String>,
    #[serde(default)]
    witness_not_type: Vec<String>,
    why: Option<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lonely {
    entry: String,
    missing: String,
}

#[test]
fn documented_cases() {
    let (mut count, mut wrong) = (0, Vec::new());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dns/checks");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        let cases: Cases = toml::from_str(&fs::read_to_string(&file).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let documents = cases.documents.into_iter().map(|it| (it.name, it.text.into_bytes()));
        let analysis = Analysis::of_documents(documents);
        for case in cases.checks {
            count += 1;
            let name = format!("{}: {}", file.file_stem().unwrap().display(), case.name);
            wrong.extend(differences(&analysis, &case.kind).into_iter().map(|it| format!("{name}: {it}")));
        }
    }
    assert!(wrong.is_empty(), "{} differences in {count} cases:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 53, "{count} cases");
}

fn differences(analysis: &Analysis, kind: &Kind) -> Vec<String> {
    match kind {
        Kind::WalledGarden(claimed) => {
            claim(analysis, &DnsClaim::only_allow(&claimed.suffixes).unwrap(), claimed)
        }
        Kind::DenyList(claimed) => claim(analysis, &DnsClaim::deny(&claimed.suffixes).unwrap(), claimed),
        Kind::Equivalent { groups, vpcs, expected } => {
            let groups = groups.iter().cloned().map(DnsSide::Group);
            let sides: Vec<DnsSide> = groups.chain(vpcs.iter().cloned().map(DnsSide::Vpc)).collect();
            let [first, second] = sides.as_slice() else { panic!("two sides") };
            let compared = analysis.compare_dns(first, analysis, second).unwrap();
            let examples: Vec<&DnsAnswer> =
                compared.differences.iter().flat_map(|it| [&it.first, &it.second]).collect();
            let mut wrong = outcome(expected, compared.holds, &examples);
            for answer in examples.iter().filter(|_| matches!(first, DnsSide::Vpc(_))) {
                wrong.extend(confirmed(analysis, answer));
            }
            wrong
        }
        Kind::DeadRules { vpc, dead } => {
            let idle = analysis.idle_dns(std::slice::from_ref(vpc)).unwrap();
            let mut actual: Vec<String> = idle
                .dead
                .iter()
                .map(|it| format!("{}/{}", it.rule.group, it.rule.priority.unwrap()))
                .collect();
            actual.sort();
            different("dead", dead, &actual)
        }
        Kind::Pairs { list, lonely } => {
            let idle = analysis.idle_dns(&[]).unwrap();
            let entries = idle.entries.iter().filter(|it| it.list == *list);
            let actual = entries.filter_map(|it| match &it.fault {
                DnsEntryFault::LacksBelow(missing) | DnsEntryFault::LacksItself(missing) => {
                    Some(Lonely { entry: it.entry.clone(), missing: missing.entry.clone() })
                }
                DnsEntryFault::Repeats(..) | DnsEntryFault::Covered(..) | DnsEntryFault::NoName => None,
            });
            different("lonely", lonely, &actual.collect())
        }
        Kind::NetworkFirewall { vpc, direction, reason, expected } => {
            contradictions(analysis, vpc, (direction.as_deref(), reason.as_deref()), expected)
        }
    }
}

fn contradictions(
    analysis: &Analysis,
    vpc: &String,
    (direction, reason): (Option<&str>, Option<&str>),
    expected: &Expected,
) -> Vec<String> {
    let found = analysis.dns_contradictions(std::slice::from_ref(vpc)).unwrap();
    let [compared] = found.compared.as_slice() else {
        return vec![format!("{} comparisons, left out: {:?}", found.compared.len(), found.left_out)];
    };
    let examples: Vec<&DnsAnswer> = compared.contradictions.iter().map(|it| &it.answer).collect();
    // Why nothing is certain stands beside the examples.
    let mut wrong = outcome(&Expected { why: None, ..expected.clone() }, compared.holds, &examples);
    if let Some(why) = &expected.why
        && !compared.why.iter().any(|it| it.text == *why)
    {
        wrong.push(format!("expected `{why}`, says {:?}", compared.why));
    }
    for it in &compared.contradictions {
        let kind = match it.kind {
            DnsContradictionKind::ResolvedButDropped => "resolved-but-dropped",
            DnsContradictionKind::BlockedButPassed => "blocked-but-passed",
        };
        if Some(kind) != direction {
            wrong.push(format!("{}: {kind}", it.answer.question.written));
        }
        if reason.is_some_and(|reason| !it.reasons.iter().any(|it| it.text.contains(reason))) {
            wrong.push(format!("the reasons are {:?}", it.reasons));
        }
        wrong.extend(confirmed(analysis, &it.answer));
    }
    wrong.extend(certified(analysis, &found));
    wrong
}

/// What the solver does not confirm of contradictions.
fn certified(analysis: &Analysis, found: &DnsDomains) -> Option<String> {
    let certification =
        analysis.certify_dns(None, &[], DnsFound { domains: Some(found), ..DnsFound::default() });
    let Certification::Done(done) = certification.unwrap() else { panic!("no solver") };
    let verdicts = found.compared.iter().map(|it| match it.holds {
        Holds::Yes => 1,
        Holds::No => it.contradictions.iter().filter(|it| it.holds == Holds::No).count(),
        Holds::Unknown => 0,
    });
    let is_whole = verdicts.sum::<usize>() == done.verdicts && done.certified == done.verdicts;
    (!is_whole).then(|| format!("{done:?}"))
}

fn claim(analysis: &Analysis, asked: &DnsClaim, case: &Claimed) -> Vec<String> {
    let vpcs: Vec<String> = case.vpc.iter().cloned().collect();
    let results = analysis.check_dns(&vpcs, std::slice::from_ref(asked)).unwrap();
    let all: Vec<Holds> = results.iter().map(|it| it.holds).collect();
    let holds = [Holds::No, Holds::Unknown].into_iter().find(|it| all.contains(it)).unwrap_or(Holds::Yes);
    let example = results.iter().find(|it| it.holds == holds).and_then(|it| it.example.as_ref());
    let mut wrong = outcome(&case.expected, holds, &Vec::from_iter(example));
    for answer in results.iter().filter_map(|it| it.example.as_ref()) {
        wrong.extend(confirmed(analysis, answer));
        if holds == Holds::No && answer.possible.contains(DnsVerdict::Block) && results.len() == 1 {
            wrong.push(format!("{} may be blocked", answer.question.written));
        }
    }
    wrong
}

/// What `dns query` says otherwise.
fn confirmed(analysis: &Analysis, answer: &DnsAnswer) -> Option<String> {
    let (name, query_type) = (&answer.question.written, answer.question.query.query_type.to_string());
    let question = DnsQuestion::new(&answer.question.vpc, name, Some(&query_type), &[]).unwrap();
    let asked = analysis.ask_dns(&[question]).unwrap();
    let same = asked.first().is_some_and(|it| it.possible == answer.possible && it.rule == answer.rule);
    (!same).then(|| format!("{name} {query_type} is not confirmed"))
}

fn outcome(expected: &Expected, holds: Holds, examples: &[&DnsAnswer]) -> Vec<String> {
    let wanted = match &expected.holds {
        toml::Value::Boolean(true) => Holds::Yes,
        toml::Value::Boolean(false) => Holds::No,
        _ => Holds::Unknown,
    };
    let mut wrong = different("holds", &wanted, &holds);
    if (holds == Holds::Yes) != examples.is_empty() {
        wrong.push(format!("{} examples", examples.len()));
    }
    if let Some(example) = examples.first() {
        let name = example.question.written.as_str();
        let query_type = example.question.query.query_type.to_string();
        let is_in = |patterns: &[String]| patterns.iter().any(|pattern| takes(pattern, name));
        if !expected.witness_in.is_empty() && !is_in(&expected.witness_in) || is_in(&expected.witness_out) {
            wrong.push(format!("the example is {name}"));
        }
        if expected.witness_type.as_ref().is_some_and(|it| *it != query_type)
            || expected.witness_not_type.contains(&query_type)
        {
            wrong.push(format!("the example is {name} {query_type}"));
        }
    }
    if let Some(why) = &expected.why {
        let said = examples.iter().flat_map(|it| &it.why).map(|it| it.text.to_lowercase());
        let said: Vec<String> = said.collect();
        if !said.iter().any(|it| it.contains(why)) {
            wrong.push(format!("expected `{why}`, says {said:?}"));
        }
    }
    wrong
}

fn takes(pattern: &str, name: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some("") => true,
        Some(below) => name.ends_with(below),
        None => name == pattern,
    }
}

fn different<T: std::fmt::Debug + PartialEq>(what: &str, expected: &T, actual: &T) -> Vec<String> {
    if expected == actual {
        return Vec::new();
    }
    vec![format!("{what}: expected {expected:?}, is {actual:?}")]
}

/// A VPC with a group that allows `example.com` and blocks everything else, and what else is written.
fn garden(response: &str, more: &[(&str, &str)]) -> Analysis {
    let rules = r#"{"FirewallRules": [
      {"FirewallRuleGroupId": "rslvr-frg-1", "Name": "ok", "Priority": 1, "Action": "ALLOW", "FirewallDomainListId": "rslvr-fdl-ok"},
      {"FirewallRuleGroupId": "rslvr-frg-1", "Name": "rest", "Priority": 2, "Action": "BLOCK", "BlockResponse": "RESPONSE", "FirewallDomainListId": "rslvr-fdl-all"}]}"#
        .replace("RESPONSE", response);
    let documents = [
        (
            "vpcs.json",
            r#"{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "DhcpOptionsId": "dopt-1"}]}"#,
        ),
        ("groups.json", r#"{"FirewallRuleGroups": [{"Id": "rslvr-frg-1", "Name": "group"}]}"#),
        ("rules.json", rules.as_str()),
        (
            "lists.json",
            r#"{"FirewallDomainLists": [{"Id": "rslvr-fdl-ok", "Name": "ok"}, {"Id": "rslvr-fdl-all", "Name": "all"}]}"#,
        ),
        (
            "ok.json",
            r#"{"FirewallDomainListId": "rslvr-fdl-ok", "Domains": ["example.com.", "*.example.com."]}"#,
        ),
        ("all.json", r#"{"FirewallDomainListId": "rslvr-fdl-all", "Domains": ["*."]}"#),
        (
            "associations.json",
            r#"{"FirewallRuleGroupAssociations": [{"Id": "rslvr-frgassoc-1", "FirewallRuleGroupId": "rslvr-frg-1", "VpcId": "vpc-1", "Priority": 101, "Status": "COMPLETE"}]}"#,
        ),
        ("configs.json", r#"{"FirewallConfigs": []}"#),
        ("profiles.json", r#"{"ProfileAssociations": []}"#),
    ];
    let documents = documents.iter().chain(more);
    Analysis::of_documents(documents.map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())))
}

const AMAZON: (&str, &str) = (
    "dhcp.json",
    r#"{"DhcpOptions": [{"DhcpOptionsId": "dopt-1", "DhcpConfigurations": [{"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]}]}]}"#,
);

fn only_allow(analysis: &Analysis, name: &str) -> Holds {
    let claim = DnsClaim::only_allow(&[name.to_owned()]).unwrap();
    analysis.check_dns(&[], &[claim]).unwrap().first().unwrap().holds
}

#[test]
fn where_queries_may_not_be_seen_nothing_holds_for_certain_but_what_fails_does() {
    let (seen, perhaps) = (garden("NODATA", &[AMAZON]), garden("NODATA", &[]));
    assert_eq!(only_allow(&seen, "example.com"), Holds::Yes);
    assert_eq!(only_allow(&perhaps, "example.com"), Holds::Unknown);
    assert_eq!(only_allow(&seen, "www.example.com"), Holds::No);
    assert_eq!(only_allow(&perhaps, "www.example.com"), Holds::No);
}

#[test]
fn a_vpc_and_a_group_are_compared_between_snapshots() {
    let before = garden("NODATA", &[AMAZON]);
    let vpc = DnsSide::Vpc("arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1".to_owned());
    let group = DnsSide::Group("rslvr-frg-1".to_owned());
    for (response, more, holds) in [
        ("NODATA", [AMAZON].as_slice(), [Holds::Yes, Holds::Yes]),
        ("NXDOMAIN", [AMAZON].as_slice(), [Holds::No, Holds::No]),
        ("NODATA", [].as_slice(), [Holds::Unknown, Holds::Yes]),
    ] {
        let after = garden(response, more);
        let compared = [&vpc, &group].map(|side| before.compare_dns(side, &after, side).unwrap());
        assert_eq!(compared.each_ref().map(|it| it.holds), holds, "{response} {}", more.len());
        assert!(compared.iter().all(|it| it.differences.is_empty() == (it.holds == Holds::Yes)));
    }
    // Where both may not be seen, both are, or neither.
    let perhaps = garden("NODATA", &[]);
    assert_eq!(perhaps.compare_dns(&vpc, &garden("NODATA", &[]), &vpc).unwrap().holds, Holds::Yes);
}

#[test]
fn questions_that_cannot_be_asked() {
    let analysis = garden("NODATA", &[AMAZON]);
    let said = |error: netproof::DnsQuestionError| error.to_string();
    let wildcard = DnsClaim::deny(&["*.example.com".to_owned()]).map_err(said).unwrap_err();
    assert_eq!(wildcard, "`*.example.com` is a wildcard; `example.com` stands for the name and all below it");
    let vpc = analysis.idle_dns(&["vpc-2".to_owned()]).map_err(said).unwrap_err();
    assert_eq!(vpc, "there is no VPC `vpc-2` in the snapshot");
    let group = DnsSide::Group("rslvr-frg-2".to_owned());
    let group = analysis.compare_dns(&group, &analysis, &group).map_err(said).unwrap_err();
    assert_eq!(group, "there is no rule group `rslvr-frg-2` in the snapshot");
    let none = Analysis::of_documents([]).idle_dns(&[]).map_err(said).unwrap_err();
    assert_eq!(none, "there is no VPC in the snapshot");
}
