//! `netproof dns`.

use std::{io::Write, path::Path, process::ExitCode};

use netproof::{
    DnsQuestion, DnsVerdict,
    report::{DnsAnswersDocument, dns_answers_text, write_json},
};

use crate::{
    arguments::{DnsCommand, DnsQueryArguments},
    dns_bypass, dns_check, dns_plan,
    failure::Failure,
    input,
    judged::Settings,
    output::{Format, Targets, Terminal},
    progress::Progress,
};

pub(crate) fn run(
    command: &DnsCommand,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    match command {
        DnsCommand::Query(arguments) => query(arguments, terminal),
        DnsCommand::Check(arguments) => dns_check::run(arguments, settings, terminal),
        DnsCommand::Bypass(arguments) => dns_bypass::run(arguments, terminal),
        DnsCommand::Plan(arguments) => dns_plan::run(arguments, terminal),
    }
}

fn query(arguments: &DnsQueryArguments, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let targets = Targets::new(&arguments.format)?;
    let files = arguments.names.iter().map(AsRef::<Path>::as_ref);
    input::stdin_once(files.chain([arguments.snapshot.as_path()]))?;
    let questions = questions(arguments)?;
    let progress = Progress::new(terminal.progress);
    let analysis = input::snapshot(&arguments.snapshot, &arguments.assumed, &progress)?;
    progress.say("asking DNS Firewall".to_owned());
    let answers = analysis.ask_dns(&questions).map_err(|error| Failure(error.to_string()))?;
    drop(progress);
    terminal.remarks(&analysis.dns_diagnostics(), &targets);
    targets.write(terminal, |format, style, sink| match format {
        Format::Json => write_json(&DnsAnswersDocument::new(&analysis, &answers), sink),
        Format::Text | Format::AwsJson | Format::Markdown | Format::AwsCli | Format::Exchange(_) => {
            sink.write_all(dns_answers_text(&answers, style).as_bytes())
        }
    })?;
    let unknown = answers.iter().any(|answer| answer.verdict == DnsVerdict::Depends);
    Ok(if unknown && !arguments.allow_unknown { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

/// The questions, VPC by VPC.
fn questions(arguments: &DnsQueryArguments) -> Result<Vec<DnsQuestion>, Failure> {
    let mut asked: Vec<(String, Option<String>, Option<String>)> = Vec::new();
    asked.extend(arguments.name.iter().map(|name| (name.clone(), arguments.query_type.clone(), None)));
    if let Some(file) = &arguments.names {
        for (line, number) in input::text(file)?.lines().zip(1..) {
            let mut words = line.split_whitespace();
            let Some(name) = words.next().filter(|name| !name.starts_with('#')) else { continue };
            let place = format!("{}:{number}", file.display());
            let query_type = words.next().map(str::to_owned).or_else(|| arguments.query_type.clone());
            if words.next().is_some() {
                return Err(Failure(format!(
                    "{place}: expected a name and perhaps a type, found `{}`",
                    line.trim()
                )));
            }
            asked.push((name.to_owned(), query_type, Some(place)));
        }
    }
    let mut questions = Vec::new();
    for vpc in &arguments.vpc {
        for (name, query_type, place) in &asked {
            let question = DnsQuestion::new(vpc, name, query_type.as_deref(), &arguments.chain);
            questions.push(question.map_err(|error| {
                Failure(place.as_ref().map_or_else(|| error.to_string(), |place| format!("{place}: {error}")))
            })?);
        }
    }
    Ok(questions)
}
