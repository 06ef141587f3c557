//! `netproof lint`.

use std::{io::Write, process::ExitCode};

use netproof::{
    audit::Audit,
    report::{LintDocument, Report, lint_text, triage_text, write_json},
};

use crate::{
    arguments::LintArguments,
    failure::Failure,
    input,
    judged::{Judgement, Settings},
    output::{Format, Targets, Terminal},
    progress::Progress,
};

pub(crate) fn run(
    arguments: &LintArguments,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let targets = Targets::new(&arguments.format)?;
    let judgement = Judgement::new(&arguments.judged, settings, false)?;
    let progress = Progress::new(terminal.progress);
    let analysis = input::snapshot(&arguments.snapshot, &arguments.assumed, &progress)?;
    progress.say("looking for idle rules".to_owned());
    let lint = analysis.lint();
    drop(progress);
    terminal.diagnostics(&analysis, &targets);
    let lint = lint?;
    let mut audit = Audit::of_lint(input::site(&analysis, &arguments.snapshot), &lint);
    let triage = judgement.triage(&mut audit)?;
    let report = Report { audit: &audit, triage: &triage, when: judgement.when };
    targets.write(terminal, |format, style, sink| match format {
        Format::Json => write_json(&LintDocument::new(&analysis, &lint).triaged(&audit, &triage), sink),
        Format::Exchange(exchange) => exchange.write(report, sink),
        Format::Text | Format::AwsJson | Format::Markdown | Format::AwsCli => {
            sink.write_all(lint_text(&analysis, &lint, style).as_bytes())?;
            sink.write_all(triage_text(&audit, &triage, style).as_bytes())
        }
    })?;
    Ok(judgement.exit(&audit))
}
