//! `netproof verify`.

use std::{io::Write, process::ExitCode};

use netproof::{
    FlowResult, Flows,
    audit::Audit,
    report::{FlowsDocument, Report, flows_text, triage_text, write_json},
};

use crate::{
    arguments::VerifyArguments,
    failure::Failure,
    input,
    judged::{Judgement, Settings},
    output::{Format, Targets, Terminal},
    progress::Progress,
    second_opinion,
};

pub(crate) fn run(
    arguments: &VerifyArguments,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let targets = Targets::new(&arguments.format)?;
    let judgement = Judgement::new(&arguments.judged, settings, arguments.allow_unknown)?;
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
    let mut audit = Audit::of_flows(input::site(&analysis, &arguments.snapshot), &results, &certification);
    let triage = judgement.triage(&mut audit)?;
    let report = Report { audit: &audit, triage: &triage, when: judgement.when };
    targets.write(terminal, |format, style, sink| match format {
        Format::Json => {
            let document = FlowsDocument::new(&analysis, &results, &certification);
            write_json(&document.triaged(&audit, &triage), sink)
        }
        Format::Exchange(exchange) => exchange.write(report, sink),
        Format::Text | Format::AwsJson | Format::Markdown | Format::AwsCli => {
            sink.write_all(flows_text(&analysis, &results, &certification, style).as_bytes())?;
            sink.write_all(triage_text(&audit, &triage, style).as_bytes())
        }
    })?;
    Ok(judgement.exit(&audit))
}
