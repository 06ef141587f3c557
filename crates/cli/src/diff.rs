//! `netproof diff`.

use std::{io::Write, path::Path, process::ExitCode};

use netproof::{
    diff::{Change, Compared, MOST_PATHS, diff, diff_scopes},
    report::{DifferenceDocument, difference_markdown, difference_text, write_json},
};

use crate::{
    arguments::DiffArguments,
    failure::Failure,
    input,
    output::{Format, Targets, Terminal},
    progress::Progress,
};

pub(crate) fn run(arguments: &DiffArguments, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let targets = Targets::new(&arguments.format)?;
    let mut files = arguments.scope.clone();
    for folder in &arguments.scopes {
        files.extend(input::folder(folder)?);
    }
    let snapshots = [arguments.old.as_path(), arguments.new.as_path()];
    input::stdin_once(files.iter().map(AsRef::<Path>::as_ref).chain(snapshots))?;
    let scopes = input::scopes(&files, terminal)?;
    let progress = Progress::new(terminal.progress);
    let old = input::snapshot(&arguments.old, &arguments.assumed, &progress)?;
    let new = input::snapshot(&arguments.new, &arguments.assumed, &progress)?;
    progress.say("comparing".to_owned());
    let compared = if scopes.is_empty() {
        Compared::Network(diff(&old, &new, MOST_PATHS))
    } else {
        let mut contexts = [old.context(), new.context()];
        for context in &mut contexts {
            context.all_protocols = arguments.all_protocols;
        }
        Compared::Scopes(diff_scopes(&old, &new, scopes, contexts.each_ref()))
    };
    drop(progress);
    terminal.diagnostics(&old, &targets);
    terminal.diagnostics(&new, &targets);
    targets.write(terminal, |format, style, sink| match format {
        Format::Json => write_json(&DifferenceDocument::new(&old, &new, &compared), sink),
        Format::Markdown => sink.write_all(difference_markdown(&old, &new, &compared).as_bytes()),
        Format::Text | Format::AwsJson | Format::AwsCli => {
            sink.write_all(difference_text(&old, &new, &compared, style).as_bytes())
        }
    })?;
    Ok(match compared.verdict() {
        Change::Opened => ExitCode::from(1),
        Change::Unknown if !arguments.allow_unknown => ExitCode::from(3),
        Change::Unknown | Change::NothingOpened => ExitCode::SUCCESS,
    })
}
