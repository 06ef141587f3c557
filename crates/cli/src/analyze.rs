//! `netproof analyze`.

use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use netproof::{
    Analysis, AskedScope, Certification, Context, Judge, ScopeDocument,
    report::{ScopeVerdict, ScopesDocument, Style, Totals, aws_json, scopes_text, write_json},
};

use crate::{
    arguments::AnalyzeArguments,
    failure::Failure,
    input,
    output::{Format, Sink, Targets, Terminal, write_aws_json},
    progress::Progress,
    second_opinion,
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
    targets.write(terminal, |format, style, sink| {
        write(&analysis, &asked, &certification, format, style, sink)
    })?;
    Ok(match Totals::of(&asked).verdict() {
        ScopeVerdict::Findings => ExitCode::from(1),
        ScopeVerdict::Unknown if !arguments.allow_unknown => ExitCode::from(3),
        ScopeVerdict::Unknown | ScopeVerdict::Clean => ExitCode::SUCCESS,
    })
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
    format: Format,
    style: Style,
    sink: &mut Sink,
) -> io::Result<()> {
    match (format, asked) {
        (Format::Text | Format::Markdown | Format::AwsCli, _) => {
            sink.write_all(scopes_text(analysis, asked, certification, style).as_bytes())
        }
        (Format::Json, _) => write_json(&ScopesDocument::new(analysis, asked, certification), sink),
        (Format::AwsJson, [only]) => write_aws_json(&aws_json::findings(analysis, only), sink),
        (Format::AwsJson, all) => {
            let all: Vec<_> = all.iter().map(|asked| aws_json::findings(analysis, asked)).collect();
            write_aws_json(&all, sink)
        }
    }
}
