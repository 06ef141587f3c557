//! Every file in `tests/scenarios/`: a small network, questions, and the answers that AWS's documentation gives.
//!
//! A question has the keys of a flow (`netproof verify`), a scope states how many findings it has. All disagreements
//! of all files are shown at once.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test: failing loudly is its job")]

use std::{fmt::Write as _, fs, path::Path};

use aws::snapshot::Snapshot;
use graph::{ControlId, Trace};
use netproof::{
    Analysis, Appliances, AskedScope as AskedOne, Assumptions, Closed, FlowResult, Flows, Outcome,
    ScopeDocument, Verdict, read_scopes,
};
use search::Replies;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// Where the expectations come from.
    source: String,
    network: Network,
    #[serde(default, rename = "question")]
    questions: Vec<toml::Table>,
    #[serde(default, rename = "scope")]
    scopes: Vec<AskedScope>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Network {
    json: String,
    /// As the option of the command line.
    #[serde(default)]
    appliances: Option<String>,
}

impl Network {
    fn analysis(&self) -> Analysis {
        let appliances = match self.appliances.as_deref() {
            None | Some("as-aws") => Appliances::AsAws,
            Some("trusted") => Appliances::Trusted,
            Some("unknown") => Appliances::Unknown,
            Some(other) => panic!("appliances: `{other}`"),
        };
        let documents = [("network.json".to_owned(), self.json.clone().into_bytes())];
        let (snapshot, diagnostics) = Snapshot::from_documents(documents);
        Analysis::of_snapshot_assuming(snapshot, diagnostics, Assumptions { appliances })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedScope {
    name: String,
    json: String,
    /// How many findings there are: one for each combination of rules.
    count: usize,
    /// Whether something that the snapshot does not tell may add to them.
    #[serde(default)]
    unknown: bool,
}

/// A way of answering a list of questions.
struct Engine {
    name: &'static str,
    verify: fn(&Analysis, Flows) -> Vec<FlowResult>,
}

/// Every engine answers every question.
const ENGINES: &[Engine] = &[
    Engine { name: "packet sets", verify: |analysis, flows| analysis.verify(flows) },
    #[cfg(feature = "z3")]
    Engine { name: "Z3", verify: |analysis, flows| analysis.verify_with(&mut analysis.z3(), flows) },
];

/// The questions as a list of flows, without what is for readers only.
fn flows(file: &str, questions: &[toml::Table]) -> Flows {
    let questions: Vec<toml::Table> = questions
        .iter()
        .map(|question| {
            let kept = question.iter().filter(|(key, _)| {
                !["why", "kept-by", "opened-by", "codes", "details"].contains(&key.as_str())
            });
            kept.map(|(key, value)| (key.clone(), value.clone())).collect()
        })
        .collect();
    let document = serde_json::json!({ "flows": questions });
    let name = format!("{file} (as JSON)");
    Flows::read(&name, &document.to_string()).unwrap_or_else(|error| panic!("{error}"))
}

/// A way through the graph, node by node.
fn way(analysis: &Analysis, trace: &Trace) -> String {
    let graph = analysis.graph();
    let steps = trace.hops.iter().map(|hop| graph.describe(graph.edge(hop.edge).to));
    let nodes: Vec<String> = std::iter::once(graph.describe(trace.start)).chain(steps).collect();
    format!("{} as {}", nodes.join(" > "), trace.packet)
}

fn check_questions(file: &str, analysis: &Analysis, scenario: &Scenario, disagreements: &mut String) {
    for engine in ENGINES {
        let results = (engine.verify)(analysis, flows(file, &scenario.questions));
        for (result, written) in results.iter().zip(&scenario.questions) {
            if result.pass() {
                continue;
            }
            let answered = &result.answered;
            let (name, expected) = (&result.flow.name, result.flow.expect);
            writeln!(disagreements, "{file}: {name} ({})", engine.name).unwrap();
            writeln!(disagreements, "  expected {expected}, found {}", answered.verdict).unwrap();
            for (key, value) in written.iter().filter(|(key, _)| !["name", "expect"].contains(&key.as_str()))
            {
                writeln!(disagreements, "    {key} = {value}").unwrap();
            }
            for reason in &answered.reasons {
                writeln!(disagreements, "  because {}", reason.text).unwrap();
            }
            if let Some(witness) = &answered.witness {
                writeln!(disagreements, "  there: {}", way(analysis, &witness.forward)).unwrap();
            }
        }
    }
}

/// Of every question that comes to nothing, what keeps it closed: that it is enough and that each part is needed, that
/// what is said to open it does, and that both are what is written, where something is.
fn check_controls(file: &str, analysis: &Analysis, scenario: &Scenario, disagreements: &mut String) {
    let graph = analysis.openable();
    let results = analysis.verify(flows(file, &scenario.questions));
    for (result, written) in results.iter().zip(&scenario.questions) {
        let (name, question) = (&result.flow.name, &result.flow.question);
        let closed = match result.answered.verdict {
            Verdict::Unreachable => analysis.why_closed(question),
            Verdict::Reachable | Verdict::Unknown => continue,
        };
        let texts = |controls: &[ControlId]| -> Vec<String> {
            controls.iter().map(|&id| analysis.control(id).text).collect()
        };
        let (mut kept_by, mut opened_by) = (Vec::new(), Vec::new());
        if let Closed::By(kept) = &closed {
            let outcome = |open: &dyn Fn(ControlId) -> bool| analysis.outcome(&graph.opened(open), question);
            let fixed = |id| graph.control(id).kind.effort() > kept.effort;
            let mut wrong =
                |what: &str| writeln!(disagreements, "{file}: {name}: {what}: {kept:#?}").unwrap();
            if outcome(&|id| !kept.controls.contains(&id) && !fixed(id)) != Outcome::Nothing {
                wrong("what keeps it closed is not enough");
            }
            for control in &kept.controls {
                if outcome(&|id| (id == *control || !kept.controls.contains(&id)) && !fixed(id))
                    == Outcome::Nothing
                {
                    wrong("not all of what keeps it closed is needed");
                }
            }
            kept_by = texts(&kept.controls);
            if let Some((controls, through)) = &kept.opened_by {
                let found = outcome(&|id| controls.contains(&id));
                if through.is_some() != matches!(found, Outcome::Through(_)) || found == Outcome::Nothing {
                    wrong("what opens it does not");
                }
                for left_out in controls {
                    let less = outcome(&|id| id != *left_out && controls.contains(&id));
                    if matches!(less, Outcome::Through(_)) || (through.is_none() && less != Outcome::Nothing)
                    {
                        wrong("less opens it");
                    }
                }
                opened_by = texts(controls);
            }
        }
        for (key, found) in [("kept-by", kept_by), ("opened-by", opened_by)] {
            let Some(expected) = written.get(key) else { continue };
            if *expected != toml::Value::from(found.clone()) {
                writeln!(disagreements, "{file}: {name}: {key}: expected {expected}, found {found:#?}")
                    .unwrap();
            }
        }
    }
}

/// Findings by what tells them apart, and what is unknown.
fn asked(analysis: &Analysis, engine: &str, scopes: Vec<ScopeDocument>) -> (Vec<String>, Vec<String>) {
    let context = analysis.context();
    let results: Vec<AskedOne> = match engine {
        #[cfg(feature = "z3")]
        "Z3" => {
            let mut z3 = analysis.z3();
            scopes.into_iter().map(|scope| analysis.ask_z3(&mut z3, scope, &context)).collect()
        }
        _ => analysis.ask(scopes, &context),
    };
    let findings = results.iter().flat_map(|asked| &asked.result.findings);
    let findings = findings.map(|finding| {
        let replies = match &finding.path.replies {
            Replies::All => "all",
            Replies::Some(_) => "some",
            Replies::None => "none",
            Replies::Unknown(_) => "unknown",
            Replies::NotAsked => "not asked",
        };
        format!("{} replies {replies}", finding.id)
    });
    let unknowns = results.iter().flat_map(|asked| &asked.result.unknowns);
    (findings.collect(), unknowns.map(|unknown| unknown.what.clone()).collect())
}

fn check_scopes(file: &str, analysis: &Analysis, scenario: &Scenario, disagreements: &mut String) {
    for question in &scenario.scopes {
        let read = || read_scopes(file, &question.json).unwrap_or_else(|error| panic!("{file}: {error}"));
        let mut first = None::<Vec<String>>;
        for engine in ENGINES {
            let (findings, unknowns) = asked(analysis, engine.name, read());
            let same = first.get_or_insert_with(|| findings.clone()) == &findings;
            if same && findings.len() == question.count && question.unknown != unknowns.is_empty() {
                continue;
            }
            let (name, found) = (&question.name, findings.len());
            writeln!(disagreements, "{file}: scope {name} ({})", engine.name).unwrap();
            writeln!(disagreements, "  expected {} findings, found {found}", question.count).unwrap();
            if !same {
                writeln!(disagreements, "  engines differ: {first:?}\n  {findings:?}").unwrap();
            }
            for unknown in unknowns {
                writeln!(disagreements, "  unknown: {unknown}").unwrap();
            }
        }
    }
}

/// Every scenario with its file's name, in order.
fn scenarios() -> Vec<(String, Scenario)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: std::path::PathBuf| {
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(path).unwrap();
        let scenario: Scenario = toml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(!scenario.source.is_empty(), "{file}: `source` says nothing");
        (file, scenario)
    };
    files.into_iter().map(read).collect()
}

#[test]
fn documented_behaviour() {
    let (mut questions, mut scopes, mut disagreements) = (0, 0, String::new());
    let all = scenarios();
    for (file, scenario) in &all {
        let analysis = scenario.network.analysis();
        check_questions(file, &analysis, scenario, &mut disagreements);
        check_scopes(file, &analysis, scenario, &mut disagreements);
        questions += scenario.questions.len();
        scopes += scenario.scopes.len();
    }
    println!("{questions} questions and {scopes} scopes in {} files", all.len());
    assert!(disagreements.is_empty(), "\n{disagreements}");
}

#[test]
fn what_keeps_questions_closed() {
    let mut disagreements = String::new();
    for (file, scenario) in scenarios() {
        check_controls(&file, &scenario.network.analysis(), &scenario, &mut disagreements);
    }
    assert!(disagreements.is_empty(), "\n{disagreements}");
}
