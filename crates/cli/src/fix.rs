//! `netproof fix`.

use std::{io::Write, path::Path, process::ExitCode};

use netproof::{
    Certification, Fixed, Flows, Goal,
    report::{FixDocument, fix_commands, fix_text, write_json},
};

use crate::{
    arguments::FixArguments,
    failure::Failure,
    input,
    judged::Settings,
    output::{Format, Targets, Terminal},
    progress::Progress,
    question, second_opinion,
};

pub(crate) fn run(
    arguments: &FixArguments,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let targets = Targets::new(&arguments.format)?;
    let files = [&arguments.scope, &arguments.keep].into_iter().flatten();
    input::stdin_once(files.map(AsRef::<Path>::as_ref).chain([arguments.snapshot.as_path()]))?;
    let goal = if let Some(file) = &arguments.scope {
        let scopes = input::scopes(std::slice::from_ref(file), settings, terminal)?;
        let [scope] = <[_; 1]>::try_from(scopes).map_err(|scopes| {
            Failure(format!("`{}` holds {} scopes, expected one", file.display(), scopes.len()))
        })?;
        Goal::Clean(Box::new(scope), arguments.finding.clone())
    } else {
        let question = question::asked(&arguments.question, &arguments.snapshot)?;
        if arguments.close { Goal::Close(question) } else { Goal::Open(question) }
    };
    let keep = match &arguments.keep {
        Some(file) => Flows::read(&file.display().to_string(), &input::text(file)?)?,
        None => Flows { flows: Vec::new() },
    };
    let progress = Progress::new(terminal.progress);
    let analysis = input::snapshot(&arguments.snapshot, &arguments.assumed, &progress)?;
    progress.say("looking for changes".to_owned());
    let fixed = analysis.fix(&goal, &keep);
    let certification = if arguments.no_certify {
        Certification::NotAsked
    } else {
        progress.say("confirming verdicts".to_owned());
        analysis.certify_fix(&goal, &fixed)
    };
    drop(progress);
    second_opinion::check(&certification, &[], &arguments.snapshot)?;
    terminal.diagnostics(&analysis, &targets);
    targets.write(terminal, |format, style, sink| match format {
        Format::Json => write_json(&FixDocument::new(&analysis, &goal, &fixed, &certification), sink),
        Format::AwsCli => sink.write_all(fix_commands(&analysis, &goal, &fixed).as_bytes()),
        Format::Text | Format::AwsJson | Format::Markdown | Format::Exchange(_) => {
            sink.write_all(fix_text(&analysis, &goal, &fixed, &certification, style).as_bytes())
        }
    })?;
    Ok(match fixed {
        Fixed::Already | Fixed::Proposed(_) => ExitCode::SUCCESS,
        Fixed::NotKnown(_) => ExitCode::from(1),
    })
}
