//! `netproof scopes`.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use netproof::{
    read_scopes, read_scopes_with,
    report::{ScopesCheckDocument, scope_check_text, scope_list_text, write_json},
};

use crate::{
    arguments::{ScopesArguments, ScopesCommand},
    failure::Failure,
    input,
    judged::Settings,
    output::{Format, Targets, Terminal, answer},
    ready_made,
};

pub(crate) fn run(
    arguments: &ScopesArguments,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    match &arguments.command {
        ScopesCommand::List { folders } => list(folders, settings, terminal),
        ScopesCommand::Check { files, format } => check(files, &Targets::new(format)?, settings, terminal),
        ScopesCommand::Print { name } => {
            let Some(ready) = ready_made::find(name) else {
                return Err(Failure(format!(
                    "there is no ready-made scope `{name}`; see `netproof scopes list`"
                )));
            };
            answer(ready.text)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn list(folders: &[PathBuf], settings: &Settings, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let mut scopes = Vec::new();
    if folders.is_empty() {
        for ready in ready_made::ALL {
            scopes.extend(read_scopes(&format!("{}.json", ready.name), ready.text)?);
        }
    }
    for folder in folders {
        scopes.extend(input::scopes(&input::folder(folder)?, settings, terminal)?);
    }
    answer(&scope_list_text(&scopes))?;
    Ok(ExitCode::SUCCESS)
}

fn check(
    files: &[PathBuf],
    targets: &Targets,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    input::stdin_once(files.iter().map(AsRef::<Path>::as_ref))?;
    let (mut valid, mut problems) = (Vec::new(), Vec::new());
    for file in files {
        match input::scope_text(file) {
            Err(failure) => problems.push(failure.0),
            Ok((name, text)) => match read_scopes_with(&settings.config.address_sets, &name, &text) {
                Err(error) => problems.push(error.to_string()),
                Ok(scopes) => {
                    for scope in &scopes {
                        terminal.scope_warnings(scope);
                    }
                    valid.extend(scopes);
                }
            },
        }
    }
    targets.write(terminal, |format, _, sink| match format {
        Format::Json => write_json(&ScopesCheckDocument::new(&valid, &problems), sink),
        Format::Text | Format::AwsJson | Format::Markdown | Format::AwsCli | Format::Exchange(_) => {
            sink.write_all(scope_check_text(&valid).as_bytes())
        }
    })?;
    if problems.is_empty() { Ok(ExitCode::SUCCESS) } else { Err(Failure(problems.join("\n"))) }
}
