//! `netproof analyze`.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use netproof::{
    Analysis, AskedScope, Certification, Context, Judge, ScopeDocument,
    audit::Audit,
    report::{Report, ScopesDocument, Style, aws_json, scopes_text, triage_text, write_json},
};

use crate::{
    arguments::AnalyzeArguments,
    failure::Failure,
    input,
    judged::{Judgement, Settings},
    output::{Format, Sink, Targets, Terminal, write_aws_json},
    progress::Progress,
    second_opinion,
};

pub(crate) fn run(
    arguments: &AnalyzeArguments,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let targets = Targets::new(&arguments.format)?;
    let judgement = Judgement::new(&arguments.judged, settings, arguments.allow_unknown)?;
    let scopes = scopes(&arguments.snapshot, &arguments.scope, &arguments.scopes, settings, terminal)?;
    let progress = Progress::new(terminal.progress);
    let analysis = input::snapshot(&arguments.snapshot, &arguments.assumed, &progress)?;
    progress.say("preparing the network".to_owned());
    let mut judge = second_opinion::judge(&analysis, &arguments.trust)?;
    let asked = ask(arguments, &mut judge, analysis.context(), scopes, &progress);
    let certification = if arguments.trust.no_certify {
        Certification::NotAsked
    } else {
        progress.say("confirming verdicts".to_owned());
        analysis.certify(&asked).and(judge.certification())
    };
    second_opinion::check(&certification, judge.disagreements(), &arguments.snapshot)?;
    progress.say("writing".to_owned());
    drop(progress);
    terminal.diagnostics(&analysis, &targets);
    for asked in asked.iter().filter(|asked| asked.result.truncated) {
        let (name, count) = (&asked.scope.name, asked.result.findings.len());
        terminal.warning(format!("{name}: more findings than the {count} listed (`--max-findings`)"));
    }
    let mut audit = Audit::of_scopes(input::site(&analysis, &arguments.snapshot), &asked, &certification);
    let triage = judgement.triage(&mut audit)?;
    let report = Report { audit: &audit, triage: &triage, when: judgement.when };
    targets.write(terminal, |format, style, sink| {
        write(&analysis, &asked, &certification, report, format, style, sink)
    })?;
    Ok(judgement.exit(&audit))
}

/// The scopes to be asked: those that are named, else those of the settings.
pub(crate) fn scopes(
    snapshot: &Path,
    files: &[PathBuf],
    folders: &[PathBuf],
    settings: &Settings,
    terminal: &Terminal,
) -> Result<Vec<ScopeDocument>, Failure> {
    let named = !files.is_empty() || !folders.is_empty();
    let config = &settings.config;
    let (files, folders) = if named { (files, folders) } else { (&*config.scope, &*config.scopes) };
    let mut files = files.to_vec();
    for folder in folders {
        files.extend(input::folder(folder)?);
    }
    if files.is_empty() {
        return Err(Failure::new(
            "which scopes? Name some with `--scope` or `--scopes`, or in netproof.toml; see `netproof scopes list`",
        ));
    }
    input::stdin_once(files.iter().map(AsRef::<Path>::as_ref).chain([snapshot]))?;
    input::scopes(&files, settings, terminal)
}

fn ask(
    arguments: &AnalyzeArguments,
    judge: &mut Judge<'_>,
    mut context: Context,
    scopes: Vec<ScopeDocument>,
    progress: &Progress,
) -> Vec<AskedScope> {
    context.all_protocols = arguments.all_protocols;
    if let Some(most) = arguments.max_findings {
        context.most = most.get();
    }
    let count = scopes.len();
    let analysis = judge.analysis();
    let ask = |(index, scope): (usize, ScopeDocument)| {
        progress.say(format!("scope {} of {count}: {}", index + 1, scope.name));
        let mut asked = judge.ask(scope, &context);
        if arguments.margin.why {
            judge.explain_clean(&mut asked);
        }
        if arguments.margin.distance {
            asked.distances = Some(analysis.distances(&asked));
        }
        asked
    };
    scopes.into_iter().enumerate().map(ask).collect()
}

fn write(
    analysis: &Analysis,
    asked: &[AskedScope],
    certification: &Certification,
    report: Report<'_>,
    format: Format,
    style: Style,
    sink: &mut Sink,
) -> io::Result<()> {
    match (format, asked) {
        (Format::Text | Format::Markdown | Format::AwsCli, _) => {
            sink.write_all(scopes_text(analysis, asked, certification, style).as_bytes())?;
            sink.write_all(triage_text(report.audit, report.triage, style).as_bytes())
        }
        (Format::Json, _) => {
            let document = ScopesDocument::new(analysis, asked, certification);
            write_json(&document.triaged(report.audit, report.triage), sink)
        }
        (Format::Exchange(exchange), _) => exchange.write(report, sink),
        (Format::AwsJson, [only]) => write_aws_json(&aws_json::findings(analysis, only), sink),
        (Format::AwsJson, all) => {
            let all: Vec<_> = all.iter().map(|asked| aws_json::findings(analysis, asked)).collect();
            write_aws_json(&all, sink)
        }
    }
}
