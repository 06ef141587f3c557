//! `netproof verify`.

use std::{io::Write, process::ExitCode};

use netproof::{
    FlowResult, Flows,
    report::{FlowTotals, FlowsDocument, flows_text, write_json},
};

use crate::{
    arguments::VerifyArguments,
    failure::Failure,
    input,
    output::{Format, Targets, Terminal},
    progress::Progress,
    second_opinion,
};

pub(crate) fn run(arguments: &VerifyArguments, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let targets = Targets::new(&arguments.format)?;
    input::stdin_once([arguments.snapshot.as_path(), arguments.flows.as_path()])?;
    let flows = Flows::read(&arguments.flows.display().to_string(), &input::text(&arguments.flows)?)?;
    let progress = Progress::new(terminal.progress);
    let analysis = input::snapshot(&arguments.snapshot, &arguments.assumed, &progress)?;
    progress.say(format!("checking {} flows", flows.flows.len()));
    let mut judge = second_opinion::judge(&analysis, &arguments.trust)?;
    let mut results = judge.verify(flows);
    if arguments.why {
        for FlowResult { flow, answered } in &mut results {
            progress.say(format!("looking for what keeps {} closed", flow.name));
            judge.explain(&flow.name, &flow.question, answered);
        }
    }
    drop(progress);
    let certification = second_opinion::certification(&judge, &arguments.snapshot)?;
    terminal.diagnostics(&analysis, &targets);
    targets.write(terminal, |format, style, sink| match format {
        Format::Json => write_json(&FlowsDocument::new(&analysis, &results, &certification), sink),
        Format::Text | Format::AwsJson | Format::Markdown | Format::AwsCli => {
            sink.write_all(flows_text(&analysis, &results, &certification, style).as_bytes())
        }
    })?;
    Ok(match FlowTotals::of(&results) {
        FlowTotals { failed: 1.., .. } => ExitCode::from(1),
        FlowTotals { unknown: 1.., .. } if !arguments.allow_unknown => ExitCode::from(3),
        _ => ExitCode::SUCCESS,
    })
}
