//! What DNS Firewall does to queries: cases written from AWS's documentation by someone who had not seen the code.

use std::{fs, path::Path};

use netproof::{Analysis, DnsAnswer, DnsQuestion, DnsRule, DnsVerdict};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    /// The documentation that they are from.
    #[serde(rename = "source")]
    _source: String,
    documents: Vec<Document>,
    queries: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    name: String,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    vpc: String,
    query: String,
    #[serde(rename = "type")]
    query_type: Option<String>,
    #[serde(default)]
    chain: Vec<String>,
    verdict: String,
    filtered: Option<bool>,
    rule: Option<Rule>,
    passed: Option<Vec<String>>,
    may: Option<Vec<String>>,
    why: Option<String>,
    /// What the documentation leaves open.
    #[serde(rename = "gap")]
    _gap: Option<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    group: String,
    priority: Option<i64>,
    name: String,
    list: Option<String>,
    entry: Option<String>,
    action: String,
    block_response: Option<String>,
}

#[test]
fn documented_cases() {
    let (mut count, mut wrong) = (0, Vec::new());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dns");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|it| it == "toml")) {
        let cases: Cases = toml::from_str(&fs::read_to_string(file).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let documents = cases.documents.into_iter().map(|it| (it.name, it.text.into_bytes()));
        let analysis = Analysis::of_documents(documents);
        for case in cases.queries {
            count += 1;
            let name = format!("{}: {}", file.file_stem().unwrap().display(), case.name);
            match answer(&analysis, &case) {
                Ok(answer) => wrong.extend(differences(&case, &answer).map(|it| format!("{name}: {it}"))),
                Err(error) => wrong.push(format!("{name}: {error}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{} differences in {count} cases:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 250, "{count} cases");
}

fn answer(analysis: &Analysis, case: &Case) -> Result<DnsAnswer, String> {
    let question = DnsQuestion::new(&case.vpc, &case.query, case.query_type.as_deref(), &case.chain);
    let question = question.map_err(|error| error.to_string())?;
    let answers = analysis.ask_dns(&[question]).map_err(|error| error.to_string())?;
    answers.into_iter().next().ok_or_else(|| "no answer".to_owned())
}

fn differences<'a>(case: &'a Case, answer: &'a DnsAnswer) -> impl Iterator<Item = String> + use<'a> {
    let mut found = Vec::new();
    let mut compare = |what: &str, expected: String, actual: String| {
        if expected != actual {
            found.push(format!("{what}: expected {expected}, is {actual}"));
        }
    };
    compare("verdict", case.verdict.clone(), word(answer.verdict).to_owned());
    if let Some(filtered) = case.filtered {
        let is_filtered = !matches!(answer.filtered, netproof::Filtered::No(_));
        compare("filtered", filtered.to_string(), is_filtered.to_string());
    }
    compare("rule", format!("{:?}", case.rule), format!("{:?}", answer.rule.as_ref().map(rule)));
    if let Some(passed) = &case.passed {
        let named = |rule: &DnsRule| format!("{}/{}", rule.group, rule.priority.unwrap_or(-1));
        let first = answer.names.first();
        let actual: Vec<String> =
            first.into_iter().flat_map(|name| &name.passed).map(|(rule, _)| named(rule)).collect();
        compare("passed", format!("{passed:?}"), format!("{actual:?}"));
    }
    if let Some(may) = &case.may {
        let mut actual: Vec<&str> = answer.possible.iter().map(word).collect();
        actual.sort_unstable();
        compare("may", format!("{may:?}"), format!("{actual:?}"));
    }
    if let Some(why) = &case.why {
        let said: Vec<&str> = answer.why.iter().map(|why| why.text.as_str()).collect();
        let said = said.join("; ").to_lowercase();
        if !said.contains(why) {
            found.push(format!("why: expected `{why}`, says `{said}`"));
        }
    }
    found.into_iter()
}

fn rule(rule: &DnsRule) -> Rule {
    let response = match &rule.action {
        dns::Action::Block(dns::Response::NoData) => Some("NODATA"),
        dns::Action::Block(dns::Response::NxDomain) => Some("NXDOMAIN"),
        dns::Action::Block(dns::Response::Override { .. }) => Some("OVERRIDE"),
        dns::Action::Block(dns::Response::Unknown) | dns::Action::Allow | dns::Action::Alert => None,
    };
    let action = match rule.action {
        dns::Action::Allow => "ALLOW",
        dns::Action::Alert => "ALERT",
        dns::Action::Block(_) => "BLOCK",
    };
    Rule {
        group: rule.group.clone(),
        priority: rule.priority,
        name: rule.name.clone(),
        list: rule.list.clone(),
        entry: rule.entry.clone(),
        action: action.to_owned(),
        block_response: response.map(str::to_owned),
    }
}

fn word(verdict: DnsVerdict) -> &'static str {
    match verdict {
        DnsVerdict::Allow => "allow",
        DnsVerdict::Alert => "alert",
        DnsVerdict::Block => "block",
        DnsVerdict::Unmatched => "unmatched",
        DnsVerdict::Depends => "depends",
    }
}
