//! What each stage of an analysis costs on a generated network of 1,000 interfaces.
//!
//! `read`: JSON to typed records. `lower`: records to graph. `compile`: edges to packet sets. `ingress`: every path from
//! the internet to an interface with its packets and replies. `point`: one question with its witness.
//!
//! `cargo bench --bench analysis -- --warm-up-time 0.5 --measurement-time 1`

#![expect(clippy::print_stderr, reason = "a bench may stop with a message")]

use criterion::Criterion;
use netproof::{Analysis, Question, read_scopes};
use testkit::generator::{Parameters, generate};

const INGRESS: &str = include_str!("../scopes/all-igw-ingress.json");

fn main() {
    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let files: Vec<(String, Vec<u8>)> = generate(&Parameters::interfaces(1_000), 1)
        .into_iter()
        .map(|(name, json)| (name, json.into_bytes()))
        .collect();
    let scope = match read_scopes("all-igw-ingress.json", INGRESS) {
        Ok(scopes) => scopes,
        Err(error) => {
            eprintln!("{error:?}");
            return;
        }
    };

    criterion.bench_function("read_and_lower/1000", |bench| {
        bench.iter(|| Analysis::of_documents(files.iter().cloned()));
    });
    let analysis = Analysis::of_documents(files.iter().cloned());
    criterion.bench_function("compile/1000", |bench| bench.iter(|| analysis.engine()));
    let context = analysis.context();
    criterion.bench_function("ingress/1000", |bench| bench.iter(|| analysis.ask(scope.clone(), &context)));
    let ends: Vec<String> = analysis
        .graph()
        .resources()
        .iter()
        .filter(|resource| resource.kind == "AWS::EC2::NetworkInterface")
        .map(|resource| resource.id.clone())
        .take(2)
        .collect();
    if let [a, b] = ends.as_slice() {
        let mut engine = analysis.engine();
        if let Ok(question) = Question::parse(a, b).map(|question| question.tcp(443)) {
            criterion.bench_function("point/1000", |bench| {
                bench.iter(|| analysis.answer_with(&mut engine, &question));
            });
        }
    }
    criterion.final_summary();
}
