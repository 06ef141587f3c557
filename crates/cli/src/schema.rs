//! `netproof schema`.

use std::process::ExitCode;

use netproof::report::{
    json_text,
    schema::{COMMANDS, schema},
};

use crate::{arguments::SchemaArguments, failure::Failure, output::answer};

pub(crate) fn run(arguments: &SchemaArguments) -> Result<ExitCode, Failure> {
    let Some(schema) = schema(&arguments.command) else {
        let (command, known) = (&arguments.command, COMMANDS.join(", "));
        return Err(Failure(format!("`{command}` has no json output of its own; these have: {known}")));
    };
    answer(&json_text(&schema)?)?;
    Ok(ExitCode::SUCCESS)
}
