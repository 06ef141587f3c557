//! What shells and `man` want to know about the command line.

use std::{fs, path::Path, process::ExitCode};

use clap::CommandFactory;

use crate::{arguments::Arguments, failure::Failure, output::answer};

/// Prints completions.
pub(crate) fn completions(shell: clap_complete::Shell) -> Result<ExitCode, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "netproof", &mut text);
    answer(&String::from_utf8_lossy(&text))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the man page, or writes those of all commands to a folder.
pub(crate) fn man(out: Option<&Path>) -> Result<ExitCode, Failure> {
    let command = Arguments::command();
    if let Some(folder) = out {
        let cannot =
            |error: std::io::Error| Failure(format!("cannot write to `{}`: {error}", folder.display()));
        fs::create_dir_all(folder).map_err(cannot)?;
        clap_mangen::generate_to(command, folder).map_err(cannot)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = Vec::new();
    clap_mangen::Man::new(command).render(&mut text)?;
    answer(&String::from_utf8_lossy(&text))?;
    Ok(ExitCode::SUCCESS)
}
