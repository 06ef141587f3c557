//! `netproof inspect`.

use std::process::ExitCode;

use netproof::report::{InspectionDocument, inspection_text};

use crate::{
    arguments::InspectArguments,
    failure::Failure,
    input,
    output::{Format, Targets, Terminal, json},
    progress::Progress,
};

pub(crate) fn run(arguments: &InspectArguments, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let targets = Targets::new(&arguments.format)?;
    let progress = Progress::new(terminal.progress);
    let analysis = input::snapshot(&arguments.snapshot, &progress)?;
    drop(progress);
    targets.write(terminal, |format, style| match format {
        Format::Json => json(&InspectionDocument::new(&analysis)),
        Format::Text | Format::AwsJson => Ok(inspection_text(&analysis, style)),
    })?;
    Ok(ExitCode::SUCCESS)
}
