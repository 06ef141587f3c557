//! `netproof lint`.

use std::{io::Write, process::ExitCode};

use netproof::report::{LintDocument, lint_text, write_json};

use crate::{
    arguments::LintArguments,
    failure::Failure,
    input,
    output::{Format, Targets, Terminal},
    progress::Progress,
};

pub(crate) fn run(arguments: &LintArguments, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let targets = Targets::new(&arguments.format)?;
    let progress = Progress::new(terminal.progress);
    let analysis = input::snapshot(&arguments.snapshot, &arguments.assumed, &progress)?;
    progress.say("looking for idle rules".to_owned());
    let lint = analysis.lint();
    drop(progress);
    terminal.diagnostics(&analysis, &targets);
    let lint = lint?;
    targets.write(terminal, |format, style, sink| match format {
        Format::Json => write_json(&LintDocument::new(&analysis, &lint), sink),
        Format::Text | Format::AwsJson | Format::Markdown | Format::AwsCli => {
            sink.write_all(lint_text(&analysis, &lint, style).as_bytes())
        }
    })?;
    Ok(if lint.idle.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
