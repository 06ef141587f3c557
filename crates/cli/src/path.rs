//! `netproof path`.

use std::{io::Write, process::ExitCode};

use netproof::{
    Direction, Question, QuestionError, Verdict,
    report::{AnswerDocument, answer_text, write_json},
};

use crate::{
    arguments::PathArguments,
    failure::Failure,
    input,
    output::{Format, Targets, Terminal},
    progress::Progress,
    second_opinion,
};

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
    drop(progress);
    let certification = second_opinion::certification(&judge, &arguments.snapshot)?;
    terminal.diagnostics(&analysis, &targets);
    targets.write(terminal, |format, style, sink| match format {
        Format::Json => {
            write_json(&AnswerDocument::new(&analysis, &question, &answered, &certification), sink)
        }
        Format::Text | Format::AwsJson | Format::Markdown => {
            sink.write_all(answer_text(&analysis, &question, &answered, &certification, style).as_bytes())
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
    let mut question = Question::parse(&arguments.source, &arguments.destination)?;
    let parts: [(&str, &Option<String>, Set); 5] = [
        ("protocol", &arguments.protocol, Question::set_protocol),
        ("source-ip", &arguments.source_ip, Question::set_source_ip),
        ("destination-ip", &arguments.destination_ip, Question::set_destination_ip),
        ("source-port", &arguments.source_port, Question::set_source_port),
        ("destination-port", &arguments.destination_port, Question::set_destination_port),
    ];
    for (option, text, set) in parts {
        if let Some(text) = text {
            set(&mut question, text).map_err(|error| Failure(format!("`--{option}`: {error}")))?;
        }
    }
    question.icmp_type = arguments.icmp_type;
    question.icmp_code = arguments.icmp_code;
    if arguments.forward {
        question.direction = Direction::Forward;
    }
    question.check()?;
    Ok(question)
}
