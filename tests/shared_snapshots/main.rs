//! Snapshots of other projects, where they lie beside the repository: do our answers agree with what those projects'
//! own tests expect?
//!
//! The data is not ours and not part of the repository. Where `../shared/snapshots` is absent each test says so in a
//! line and passes. The numbers of agreeing cases are pinned; what does not agree is named and explained here.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test: failing loudly is its job"
)]

mod batfish;
mod cloudmapper;
mod np_guard;
mod reading;

use std::path::{Path, PathBuf};

use graph::{FinishedEnd, ForwardingGraph};
use netproof::{Analysis, Certification, EngineChoice, Flows, Judge, Verdict};

/// The folder of this name among the shared snapshots; `None`, and a line saying so, if it is not there.
fn folder(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/snapshots").join(name);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

fn open(path: &Path) -> Analysis {
    Analysis::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What is answered to one flow (in the keys of a list of flows; `expect` is left to us), and why.
fn ask(analysis: &Analysis, mut flow: serde_json::Value, direction: &str) -> (Verdict, Vec<String>) {
    flow["direction"] = direction.into();
    flow["expect"] = "reachable".into();
    let text = serde_json::json!({ "flows": [flow] }).to_string();
    let flows = Flows::read("flow.json", &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    // By both engines, if there is a solver, and with certificates.
    let choice = if netproof::solver().is_some() { EngineChoice::Both } else { EngineChoice::Sets };
    let mut judge = Judge::new(analysis, choice, true).unwrap();
    let result = judge.verify(flows).pop().unwrap();
    assert!(judge.disagreements().is_empty(), "{text}: {:?}", judge.disagreements());
    if let Certification::Done(done) = judge.certification() {
        assert_eq!(done.certified, done.verdicts, "{text}: {done:?}");
    }
    (result.answered.verdict, result.answered.reasons.into_iter().map(|reason| reason.text).collect())
}

/// The network interfaces that send and receive, by id.
fn interfaces(graph: &ForwardingGraph) -> Vec<(String, &FinishedEnd)> {
    let interface = |end: &&FinishedEnd| graph.resource(end.resource).kind == "AWS::EC2::NetworkInterface";
    let ends = graph.ends().iter().filter(interface);
    ends.map(|end| (graph.resource(end.resource).id.clone(), end)).collect()
}

/// The subnet of an interface.
fn subnet<'g>(graph: &'g ForwardingGraph, end: &FinishedEnd) -> Option<&'g str> {
    let within = graph.resource(end.resource).within.iter().filter_map(|key| graph.find(key));
    let mut containers = within.map(|id| graph.resource(id));
    containers.find(|container| container.kind == "AWS::EC2::Subnet").map(|subnet| subnet.id.as_str())
}
