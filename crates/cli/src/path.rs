//! `netproof path`.

use std::{io::Write, path::PathBuf, process::ExitCode};

use netproof::{
    AllPaths, Direction, InsightsRequest, Question, QuestionError, Verdict,
    report::{
        AnswerDocument, answer_text,
        aws_json::{analyses, analyses_of_paths},
        write_json,
    },
};

use crate::{
    arguments::PathArguments,
    failure::Failure,
    input,
    output::{Format, Targets, Terminal, write_aws_json},
    progress::Progress,
    second_opinion,
};

/// So many paths are looked at for hints at others than the shortest.
const HINTED: usize = 64;

pub(crate) fn run(arguments: &PathArguments, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let targets = Targets::new(&arguments.format)?;
    let question = question(arguments)?;
    let progress = Progress::new(terminal.progress);
    let analysis = input::snapshot(&arguments.snapshot, &arguments.assumed, &progress)?;
    progress.say("looking for a path".to_owned());
    let mut judge = second_opinion::judge(&analysis, &arguments.trust)?;
    let name = format!("{} to {}", question.source, question.destination);
    let mut answered = judge.answer_to(&name, &question);
    if !arguments.no_why {
        progress.say("looking for what keeps it closed".to_owned());
        judge.explain(&name, &question, &mut answered);
    }
    let explained = analysis.explain(&question, &answered);
    // AWS shows the shortest path and hints at others.
    let hints = targets.has(Format::AwsJson).then_some(HINTED);
    let most = if arguments.all { Some(usize::MAX) } else { hints };
    let paths = match most.filter(|_| answered.verdict == Verdict::Reachable) {
        Some(most) => analysis.paths(&analysis.engine(), &question, most),
        None => AllPaths::default(),
    };
    drop(progress);
    let certification = second_opinion::certification(&judge, &arguments.snapshot)?;
    terminal.diagnostics(&analysis, &targets);
    let all = arguments.all.then_some(&paths);
    targets.write(terminal, |format, style, sink| match format {
        Format::Json => {
            let answer =
                AnswerDocument::new(&analysis, &question, &answered, &explained, all, &certification);
            write_json(&answer, sink)
        }
        Format::AwsJson if arguments.all && !paths.witnesses.is_empty() => {
            write_aws_json(&analyses_of_paths(&analysis, &question, &paths), sink)
        }
        Format::AwsJson => {
            write_aws_json(&analyses(&analysis, &question, &answered, &explained, &paths), sink)
        }
        Format::Text => {
            let text = answer_text(&analysis, &question, &answered, &explained, all, &certification, style);
            sink.write_all(text.as_bytes())
        }
    })?;
    Ok(match answered.verdict {
        Verdict::Reachable => ExitCode::SUCCESS,
        Verdict::Unreachable => ExitCode::from(1),
        Verdict::Unknown if arguments.allow_unknown => ExitCode::SUCCESS,
        Verdict::Unknown => ExitCode::from(3),
    })
}

/// Sets a part of a question.
type Set = fn(&mut Question, &str) -> Result<(), QuestionError>;

fn question(arguments: &PathArguments) -> Result<Question, Failure> {
    let snapshot = std::iter::once(arguments.snapshot.as_path());
    input::stdin_once(snapshot.chain(arguments.input.iter().map(PathBuf::as_path)))?;
    let ends = (arguments.source.as_deref(), arguments.destination.as_deref());
    let mut question = match ends {
        (Some(source), Some(destination)) if arguments.input.is_empty() => {
            Question::parse(source, destination)?
        }
        (source, destination) => {
            let mut request = InsightsRequest::default();
            for file in &arguments.input {
                request.read(&file.display().to_string(), &input::text(file)?)?;
            }
            request.between(source, destination).question()?
        }
    };
    let parts: [(&str, &Option<String>, Set); 9] = [
        ("protocol", &arguments.protocol, Question::set_protocol),
        ("source-ip", &arguments.source_ip, Question::set_source_ip),
        ("destination-ip", &arguments.destination_ip, Question::set_destination_ip),
        ("source-port", &arguments.source_port, Question::set_source_port),
        ("destination-port", &arguments.destination_port, Question::set_destination_port),
        ("arriving-source-ip", &arguments.arriving_source_ip, Question::set_arriving_source_ip),
        (
            "arriving-destination-ip",
            &arguments.arriving_destination_ip,
            Question::set_arriving_destination_ip,
        ),
        ("arriving-source-port", &arguments.arriving_source_port, Question::set_arriving_source_port),
        (
            "arriving-destination-port",
            &arguments.arriving_destination_port,
            Question::set_arriving_destination_port,
        ),
    ];
    for (option, text, set) in parts {
        if let Some(text) = text {
            set(&mut question, text).map_err(|error| Failure(format!("`--{option}`: {error}")))?;
        }
    }
    question.icmp_type = arguments.icmp_type.or(question.icmp_type);
    question.icmp_code = arguments.icmp_code.or(question.icmp_code);
    question.through.extend(arguments.through.iter().cloned());
    question.avoid.extend(arguments.avoid.iter().cloned());
    if arguments.forward {
        question.direction = Direction::Forward;
    }
    question.check()?;
    Ok(question)
}
