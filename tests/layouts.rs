//! The answers of the scenarios do not depend on how an export is laid out in files: one document a file, with the
//! subject of an answer as a member of it or in the name of its file, and the answers of Network Firewall as lists.
#![expect(clippy::unwrap_used, reason = "a test: failing loudly is its job")]

use std::{fmt::Write as _, fs, path::Path};

use netproof::{Analysis, Flows};
use serde_json::{Map, Value, json};

/// Members that say what an answer is about.
const SUBJECTS: [&str; 6] = [
    "ListenerArn",
    "LoadBalancerArn",
    "PrefixListId",
    "TargetGroupArn",
    "TransitGatewayPolicyTableId",
    "TransitGatewayRouteTableId",
];

type Files = Vec<(String, Vec<u8>)>;

fn file(name: String, document: &Map<String, Value>) -> (String, Vec<u8>) {
    (name, serde_json::to_vec(document).unwrap())
}

/// One document a file, with names that say nothing.
fn apart(documents: &[Map<String, Value>]) -> Files {
    documents.iter().enumerate().map(|(at, it)| file(format!("{at}.json"), it)).collect()
}

/// The same with subjects in the names of files instead of in the documents.
fn named(documents: &[Map<String, Value>]) -> Files {
    let named = documents.iter().enumerate().map(|(at, document)| {
        let mut document = document.clone();
        let subject = SUBJECTS
            .iter()
            .find(|key| document.len() > 1 && document.get(**key).is_some_and(Value::is_string));
        let subject = subject.and_then(|key| document.remove(*key));
        let subject = subject.as_ref().and_then(Value::as_str).unwrap_or("answer").replace([':', '/'], "_");
        file(format!("{at}/{subject}.json"), &document)
    });
    named.collect()
}

/// The same with firewalls, policies and rule groups in lists, as collectors write them.
fn listed(documents: &[Map<String, Value>]) -> Files {
    let lists = [
        ("Firewalls", "Firewall"),
        ("FirewallPolicies", "FirewallPolicyResponse"),
        ("RuleGroups", "RuleGroupResponse"),
    ];
    let of = |key: &str| -> Vec<&Map<String, Value>> {
        documents.iter().filter(|it| it.contains_key(key)).collect()
    };
    let others = documents.iter().filter(|it| lists.iter().all(|(_, key)| !it.contains_key(*key)));
    let mut files = apart(&others.cloned().collect::<Vec<_>>());
    let together: Map<String, Value> =
        lists.iter().map(|(list, key)| ((*list).to_owned(), json!(of(key)))).collect();
    files.push(file("firewalls.json".to_owned(), &together));
    files
}

#[test]
fn answers_do_not_depend_on_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let (mut asked, mut wrong) = (0, String::new());
    for path in paths {
        let name = path.file_name().unwrap().to_str().unwrap();
        let text: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
        if text["network"].get("appliances").is_some() {
            continue; // asked under other assumptions
        }
        let network: Value = serde_json::from_str(text["network"]["json"].as_str().unwrap()).unwrap();
        // One object is one file already.
        let Value::Array(documents) = network else { continue };
        let documents: Vec<Map<String, Value>> =
            documents.into_iter().map(|document| document.as_object().unwrap().clone()).collect();
        let questions = text.get("question").and_then(toml::Value::as_array).into_iter().flatten();
        let questions: Vec<toml::Table> = questions
            .map(|question| {
                let mut question = question.as_table().unwrap().clone();
                for key in ["why", "kept-by", "opened-by", "codes", "details"] {
                    question.remove(key);
                }
                question
            })
            .collect();
        let flows = json!({ "flows": questions }).to_string();
        for (layout, files) in
            [("apart", apart(&documents)), ("named", named(&documents)), ("listed", listed(&documents))]
        {
            let analysis = Analysis::of_documents(files);
            for result in analysis.verify(Flows::read("flows.json", &flows).unwrap()) {
                asked += 1;
                if !result.pass() {
                    let found = result.answered.verdict;
                    writeln!(wrong, "{name}, {layout}: {}: {found}", result.flow.name).unwrap();
                }
            }
        }
    }
    println!("{asked} questions asked of other layouts");
    assert!(asked > 500, "hardly anything was asked");
    assert!(wrong.is_empty(), "\n{wrong}");
}
