//! `netproof inspect`.

use std::{io::Write, process::ExitCode};

use netproof::report::{InspectionDocument, inspection_text, write_json};

use crate::{
    arguments::InspectArguments,
    failure::Failure,
    input,
    output::{Format, Targets, Terminal},
    progress::Progress,
};

pub(crate) fn run(arguments: &InspectArguments, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let targets = Targets::new(&arguments.format)?;
    let progress = Progress::new(terminal.progress);
    let analysis = input::snapshot(&arguments.snapshot, &arguments.assumed, &progress)?;
    drop(progress);
    targets.write(terminal, |format, style, sink| match format {
        Format::Json => write_json(&InspectionDocument::new(&analysis), sink),
        Format::Text | Format::AwsJson | Format::Markdown | Format::AwsCli | Format::Exchange(_) => {
            sink.write_all(inspection_text(&analysis, style).as_bytes())
        }
    })?;
    Ok(ExitCode::SUCCESS)
}
