//! Lists of questions with expected answers.

use std::{fmt, ops::RangeInclusive};

use ipnet::IpNet;
use search::{Direction, Engine};
use serde::Deserialize;

use crate::{Analysis, Answered, Question, Verdict};

/// A question with the answer that is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// Its name.
    pub name: String,
    /// The question.
    pub question: Question,
    /// The expected answer.
    pub expect: Verdict,
}

/// A list of flows, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flows {
    /// The flows.
    pub flows: Vec<Flow>,
}

/// A file of flows that cannot be used; one line for each problem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct FlowError {
    /// The file.
    pub file: String,
    /// What is wrong, with a JSON pointer each.
    pub problems: Vec<String>,
}

impl fmt::Display for FlowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{}{problem}", self.file)?;
        }
        Ok(())
    }
}

/// What became of a flow.
#[derive(Debug, Clone)]
pub struct FlowResult {
    /// The flow.
    pub flow: Flow,
    /// The answer.
    pub answered: Answered,
}

impl FlowResult {
    /// Whether the answer is the expected one. "Unknown" never passes.
    pub fn pass(&self) -> bool {
        self.answered.verdict == self.flow.expect
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    flows: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    #[serde(default)]
    name: Option<String>,
    source: String,
    destination: String,
    #[serde(default)]
    protocol: Option<Text>,
    #[serde(default)]
    source_ip: Option<String>,
    #[serde(default)]
    destination_ip: Option<String>,
    #[serde(default)]
    source_port: Option<Text>,
    #[serde(default)]
    destination_port: Option<Text>,
    #[serde(default)]
    icmp_type: Option<Text>,
    #[serde(default)]
    icmp_code: Option<Text>,
    expect: Expected,
    #[serde(default)]
    direction: Way,
}

/// A number that may be written as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Number(i64),
    Text(String),
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Expected {
    Reachable,
    Unreachable,
    Unknown,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
enum Way {
    #[default]
    RoundTrip,
    Forward,
}

impl Flows {
    /// Reads a list of flows in JSON or TOML: `file` is used for messages, and to tell which it is.
    pub fn read(file: &str, text: &str) -> Result<Self, FlowError> {
        let fail = |problem: String| FlowError { file: file.to_owned(), problems: vec![problem] };
        let toml = file.to_ascii_lowercase().ends_with(".toml")
            || !(file.to_ascii_lowercase().ends_with(".json") || text.trim_start().starts_with('{'));
        let document: Document = if toml {
            toml::from_str(text).map_err(|error| {
                let line = error
                    .span()
                    .map_or(1, |span| 1 + text.get(..span.start).unwrap_or_default().matches('\n').count());
                fail(format!(":{line}: {}", error.message()))
            })?
        } else {
            let deserializer = &mut serde_json::Deserializer::from_str(text);
            serde_path_to_error::deserialize(deserializer).map_err(|error| {
                let line = error.inner().line();
                fail(format!(":{line}: {}", plain(error.inner())))
            })?
        };
        let mut problems = Vec::new();
        let mut flows = Vec::new();
        for (index, value) in document.flows.into_iter().enumerate() {
            match serde_path_to_error::deserialize::<_, Written>(value) {
                Ok(written) => match written.flow(index) {
                    Ok(flow) => flows.push(flow),
                    Err(problem) => problems.push(format!("#/flows/{index}{problem}")),
                },
                Err(error) => {
                    let path = error.path().to_string();
                    let member =
                        if path == "." { String::new() } else { format!("/{}", path.replace('.', "/")) };
                    problems.push(format!("#/flows/{index}{member}: {}", plain(error.inner())));
                }
            }
        }
        if problems.is_empty() {
            Ok(Self { flows })
        } else {
            Err(FlowError { file: file.to_owned(), problems })
        }
    }
}

pub(crate) fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(what, _)| what.to_owned())
}

impl Written {
    /// The flow, or the problem with its member's pointer in front.
    fn flow(self, index: usize) -> Result<Flow, String> {
        let mut question =
            Question::parse(&self.source, &self.destination).map_err(|error| format!(": {error}"))?;
        question.protocol = match &self.protocol {
            Some(text) => protocol(&text.to_string()).map_err(|what| format!("/protocol: {what}"))?,
            None => None,
        };
        let net = |text: &Option<String>, member: &str| match text {
            Some(text) => parse_net(text).map(Some).map_err(|what| format!("/{member}: {what}")),
            None => Ok(None),
        };
        question.source_ip = net(&self.source_ip, "source-ip")?;
        question.destination_ip = net(&self.destination_ip, "destination-ip")?;
        let ports = |text: &Option<Text>, member: &str| match text {
            Some(text) => {
                parse_ports(&text.to_string()).map(Some).map_err(|what| format!("/{member}: {what}"))
            }
            None => Ok(None),
        };
        question.source_port = ports(&self.source_port, "source-port")?;
        question.destination_port = ports(&self.destination_port, "destination-port")?;
        let byte = |text: &Option<Text>, member: &str| match text {
            Some(text) => text
                .to_string()
                .trim()
                .parse::<u8>()
                .map(Some)
                .map_err(|_| format!("/{member}: found `{text}`, expected a number from 0 to 255")),
            None => Ok(None),
        };
        question.icmp_type = byte(&self.icmp_type, "icmp-type")?;
        question.icmp_code = byte(&self.icmp_code, "icmp-code")?;
        question.check().map_err(|error| format!(": {error}"))?;
        question.direction = match self.direction {
            Way::RoundTrip => Direction::RoundTrip,
            Way::Forward => Direction::Forward,
        };
        let expect = match self.expect {
            Expected::Reachable => Verdict::Reachable,
            Expected::Unreachable => Verdict::Unreachable,
            Expected::Unknown => Verdict::Unknown,
        };
        let name = self.name.unwrap_or_else(|| format!("flow {}", index + 1));
        Ok(Flow { name, question, expect })
    }
}

/// Reads a protocol: `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `all` and `-1` for any.
pub(crate) fn protocol(text: &str) -> Result<Option<u8>, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "tcp" => Ok(Some(6)),
        "udp" => Ok(Some(17)),
        "icmp" => Ok(Some(1)),
        "icmpv6" | "icmp6" => Ok(Some(58)),
        "all" | "any" | "-1" => Ok(None),
        other => other.parse().map(Some).map_err(|_| {
            format!("found `{text}`, expected `tcp`, `udp`, `icmp`, `icmpv6` or a protocol number up to 255")
        }),
    }
}

/// Reads an address or a block of addresses.
pub(crate) fn parse_net(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    text.parse::<std::net::IpAddr>()
        .map(IpNet::from)
        .or_else(|_| text.parse::<IpNet>().map(|net| net.trunc()))
        .map_err(|_| {
            format!("found `{text}`, expected an address such as `10.0.0.1` or a block such as `10.0.0.0/8`")
        })
}

/// Reads a port or a range of ports.
pub(crate) fn parse_ports(text: &str) -> Result<RangeInclusive<u16>, String> {
    let text = text.trim();
    let wrong = || format!("found `{text}`, expected a port up to 65535 or a range such as `1024-65535`");
    let port = |part: &str| part.trim().parse::<u16>().map_err(|_| wrong());
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (port(first)?, port(last)?),
        None => (port(text)?, port(text)?),
    };
    if first > last { Err(wrong()) } else { Ok(first..=last) }
}

impl Analysis {
    /// Checks a list of flows, in order.
    pub fn verify(&self, flows: Flows) -> Vec<FlowResult> {
        self.verify_with(&mut self.engine(), flows)
    }

    /// Checks a list of flows with an engine made before.
    pub fn verify_with(&self, engine: &mut impl Engine, flows: Flows) -> Vec<FlowResult> {
        let check = |flow: Flow| {
            let answered = self.answer_with(engine, &flow.question);
            FlowResult { flow, answered }
        };
        flows.flows.into_iter().map(check).collect()
    }
}
