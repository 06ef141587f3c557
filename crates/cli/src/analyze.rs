//! `netproof analyze`.

use std::{path::Path, process::ExitCode};

use netproof::{
    Analysis, AskedScope, ScopeDocument,
    report::{ScopeVerdict, ScopesDocument, Style, Totals, aws_json, scopes_text},
};

use crate::{
    arguments::AnalyzeArguments,
    failure::Failure,
    input,
    output::{self, Format, Targets, Terminal, json},
    progress::Progress,
};

pub(crate) fn run(arguments: &AnalyzeArguments, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let targets = Targets::new(&arguments.format)?;
    let mut files = arguments.scope.clone();
    for folder in &arguments.scopes {
        files.extend(input::folder(folder)?);
    }
    input::stdin_once(files.iter().map(AsRef::<Path>::as_ref).chain([arguments.snapshot.as_path()]))?;
    let scopes = input::scopes(&files, terminal)?;
    let progress = Progress::new(terminal.progress);
    let analysis = input::snapshot(&arguments.snapshot, &progress)?;
    let asked = ask(arguments, &analysis, scopes, &progress);
    progress.say("writing".to_owned());
    drop(progress);
    terminal.diagnostics(&analysis, &targets);
    for asked in asked.iter().filter(|asked| asked.result.truncated) {
        let (name, count) = (&asked.scope.name, asked.result.findings.len());
        terminal.warning(format!("{name}: more findings than the {count} listed (`--max-findings`)"));
    }
    targets.write(terminal, |format, style| document(&analysis, &asked, format, style))?;
    Ok(match Totals::of(&asked).verdict() {
        ScopeVerdict::Findings => ExitCode::from(1),
        ScopeVerdict::Unknown if !arguments.allow_unknown => ExitCode::from(3),
        ScopeVerdict::Unknown | ScopeVerdict::Clean => ExitCode::SUCCESS,
    })
}

fn ask(
    arguments: &AnalyzeArguments,
    analysis: &Analysis,
    scopes: Vec<ScopeDocument>,
    progress: &Progress,
) -> Vec<AskedScope> {
    let mut context = analysis.context();
    context.all_protocols = arguments.all_protocols;
    if let Some(most) = arguments.max_findings {
        context.most = most.get();
    }
    progress.say("preparing the network".to_owned());
    let engine = analysis.engine();
    let count = scopes.len();
    let ask = |(index, scope): (usize, ScopeDocument)| {
        progress.say(format!("scope {} of {count}: {}", index + 1, scope.name));
        analysis.ask_with(&engine, scope, &context)
    };
    scopes.into_iter().enumerate().map(ask).collect()
}

fn document(
    analysis: &Analysis,
    asked: &[AskedScope],
    format: Format,
    style: Style,
) -> Result<String, Failure> {
    match (format, asked) {
        (Format::Text, _) => Ok(scopes_text(analysis, asked, style)),
        (Format::Json, _) => json(&ScopesDocument::new(analysis, asked)),
        (Format::AwsJson, [only]) => output::aws_json(&aws_json::findings(analysis, only)),
        (Format::AwsJson, all) => {
            output::aws_json(&all.iter().map(|asked| aws_json::findings(analysis, asked)).collect::<Vec<_>>())
        }
    }
}
