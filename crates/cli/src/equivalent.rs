//! `netproof equivalent`.

use std::{io::Write, path::Path, process::ExitCode};

use netproof::{
    Analysis, Holds, Relation,
    report::{ComparisonDocument, comparison_text, write_json},
};

use crate::{
    arguments::EquivalentArguments,
    failure::Failure,
    input,
    output::{Format, Targets, Terminal},
    progress::Progress,
};

pub(crate) fn run(arguments: &EquivalentArguments, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let targets = Targets::new(&arguments.format)?;
    input::stdin_once(
        [Some(&arguments.snapshot), arguments.other.as_ref()]
            .into_iter()
            .flatten()
            .map(AsRef::<Path>::as_ref),
    )?;
    let progress = Progress::new(terminal.progress);
    let analysis = input::snapshot(&arguments.snapshot, &arguments.assumed, &progress)?;
    let other = match &arguments.other {
        Some(path) => Some(input::snapshot(path, &arguments.assumed, &progress)?),
        None => None,
    };
    progress.say("comparing".to_owned());
    let relation = if arguments.contained { Relation::Contained } else { Relation::Equal };
    let compared = analysis.compare(&arguments.first, other.as_ref(), &arguments.second, relation);
    drop(progress);
    terminal.diagnostics(&analysis, &targets);
    if let Some(other) = &other {
        terminal.diagnostics(other, &targets);
    }
    let compared = compared?;
    let second: &Analysis = other.as_ref().unwrap_or(&analysis);
    targets.write(terminal, |format, style, sink| match format {
        Format::Json => write_json(&ComparisonDocument::new(&analysis, second, &compared), sink),
        Format::Text | Format::AwsJson | Format::Markdown | Format::AwsCli | Format::Exchange(_) => {
            sink.write_all(comparison_text(&analysis, second, &compared, style).as_bytes())
        }
    })?;
    Ok(match compared.holds {
        Holds::Yes => ExitCode::SUCCESS,
        Holds::No => ExitCode::from(1),
        Holds::Unknown => ExitCode::from(3),
    })
}
