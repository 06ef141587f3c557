//! `netproof path`.

use std::{io::Write, process::ExitCode};

use netproof::{
    AllPaths, Verdict,
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
    question, second_opinion,
};

/// So many paths are looked at for hints at others than the shortest.
const HINTED: usize = 64;

pub(crate) fn run(arguments: &PathArguments, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let targets = Targets::new(&arguments.format)?;
    let question = question::asked(&arguments.question, &arguments.snapshot)?;
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
        Format::Text | Format::Markdown | Format::AwsCli | Format::Exchange(_) => {
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
