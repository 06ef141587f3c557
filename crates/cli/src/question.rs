//! Questions in options and files.

use std::path::{Path, PathBuf};

use netproof::{Direction, InsightsRequest, Question, QuestionError};

use crate::{arguments::QuestionArguments, failure::Failure, input};

/// Sets a part of a question.
type Set = fn(&mut Question, &str) -> Result<(), QuestionError>;

/// The question that options and files ask.
pub(crate) fn asked(arguments: &QuestionArguments, snapshot: &Path) -> Result<Question, Failure> {
    let snapshot = std::iter::once(snapshot);
    input::stdin_once(snapshot.chain(arguments.input.iter().map(PathBuf::as_path)))?;
    let ends = (arguments.source.as_deref(), arguments.destination.as_deref());
    let mut question = match ends {
        (Some(source), Some(destination)) if arguments.input.is_empty() => {
            Question::parse(source, destination)?
        }
        (source, destination) => {
            if arguments.input.is_empty() {
                return Err(Failure::new("expected `--source` and `--destination`, or `--input`"));
            }
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
