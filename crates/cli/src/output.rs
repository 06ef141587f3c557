//! Where text goes: answers to standard output or files, everything else to standard error.

use std::{
    fmt,
    fs::File,
    io::{self, BufWriter, IsTerminal, StdoutLock, Write},
    path::PathBuf,
};

use netproof::{
    Analysis, Diagnostic, ScopeDocument, Severity,
    report::{Exchange, Length, Style, diagnostics_text, scope_warnings_text},
};
use serde::Serialize;

use crate::{
    arguments::{Colour, Common},
    failure::Failure,
};

/// A format of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Json,
    AwsJson,
    Markdown,
    AwsCli,
    Exchange(Exchange),
}

/// A format, and the file it goes to; without one, standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) format: Format,
    pub(crate) file: Option<PathBuf>,
}

const TEXT: (&str, Format) = ("text", Format::Text);
const JSON: (&str, Format) = ("json", Format::Json);
const AWS_JSON: (&str, Format) = ("aws-json", Format::AwsJson);

/// Reads `FORMAT` or `FORMAT=FILE` for questions.
pub(crate) fn question_target(text: &str) -> Result<Target, String> {
    target(text, &[TEXT, JSON, AWS_JSON])
}

/// Reads `FORMAT` or `FORMAT=FILE` for commands that have only our own formats.
pub(crate) fn own_target(text: &str) -> Result<Target, String> {
    target(text, &[TEXT, JSON])
}

/// Reads `FORMAT` or `FORMAT=FILE` for commands whose answers may be run.
pub(crate) fn runnable_target(text: &str) -> Result<Target, String> {
    target(text, &[TEXT, JSON, ("aws-cli", Format::AwsCli)])
}

/// Reads `FORMAT` or `FORMAT=FILE` for commands that find something.
pub(crate) fn audit_target(text: &str) -> Result<Target, String> {
    audited(text, &[TEXT, JSON])
}

/// Reads `FORMAT` or `FORMAT=FILE` for scopes, whose findings AWS has a document for.
pub(crate) fn scope_target(text: &str) -> Result<Target, String> {
    audited(text, &[TEXT, JSON, AWS_JSON])
}

/// Reads `FORMAT` or `FORMAT=FILE` for differences, which have Markdown of their own.
pub(crate) fn difference_target(text: &str) -> Result<Target, String> {
    audited(text, &[TEXT, JSON, ("markdown", Format::Markdown)])
}

fn audited(text: &str, own: &[(&str, Format)]) -> Result<Target, String> {
    let exchange = Exchange::ALL.into_iter().map(|format| (format.name(), Format::Exchange(format)));
    // The first of a name is found.
    let all: Vec<(&str, Format)> = own.iter().copied().chain(exchange).collect();
    target(text, &all)
}

fn target(text: &str, formats: &[(&str, Format)]) -> Result<Target, String> {
    let (name, file) = match text.split_once('=') {
        Some((name, file)) => (name, Some(file)),
        None => (text, None),
    };
    let Some((_, format)) = formats.iter().find(|(known, _)| *known == name) else {
        let mut names: Vec<String> = formats.iter().map(|(known, _)| format!("`{known}`")).collect();
        names.dedup();
        return Err(format!("expected {}, or FORMAT=FILE", names.join(", ")));
    };
    if file == Some("") {
        return Err("expected the name of a file after `=`".to_owned());
    }
    Ok(Target { format: *format, file: file.filter(|file| *file != "-").map(PathBuf::from) })
}

/// Where an answer goes, in which formats.
#[derive(Debug)]
pub(crate) struct Targets(Vec<Target>);

impl Targets {
    /// At most one format goes to standard output; none was named means text.
    pub(crate) fn new(named: &[Target]) -> Result<Self, Failure> {
        if named.iter().filter(|target| target.file.is_none()).count() > 1 {
            return Err(Failure::new(
                "two formats for standard output; name a file for all but one: `--format json=FILE`",
            ));
        }
        if named.is_empty() {
            return Ok(Self(vec![Target { format: Format::Text, file: None }]));
        }
        Ok(Self(named.to_vec()))
    }

    /// Whether anything is written in this format.
    pub(crate) fn has(&self, format: Format) -> bool {
        self.0.iter().any(|target| target.format == format)
    }

    /// Whether the answer on standard output carries the remarks about the snapshot itself.
    fn carry_diagnostics(&self) -> bool {
        self.0.iter().any(|target| target.file.is_none() && target.format == Format::Json)
    }

    /// Writes the answer in each format.
    pub(crate) fn write(
        &self,
        terminal: &Terminal,
        mut answer: impl FnMut(Format, Style, &mut Sink) -> io::Result<()>,
    ) -> Result<(), Failure> {
        // One that cannot be written keeps nobody from the others.
        let mut failures = Vec::new();
        for target in &self.0 {
            if let Some(file) = &target.file {
                let written = File::create(file).and_then(|file| {
                    let mut sink = Sink::File(BufWriter::new(file));
                    answer(target.format, Style::Plain, &mut sink)?;
                    sink.flush()
                });
                if let Err(error) = written {
                    failures.push(format!("cannot write `{}`: {error}", file.display()));
                }
            }
        }
        for target in self.0.iter().filter(|target| target.file.is_none()) {
            if let Err(failure) = to_stdout(|sink| answer(target.format, terminal.out, sink)) {
                failures.push(failure.0);
            }
        }
        if failures.is_empty() { Ok(()) } else { Err(Failure(failures.join("\n"))) }
    }
}

/// Where an answer is written to.
#[derive(Debug)]
pub(crate) enum Sink {
    File(BufWriter<File>),
    Stdout(BufWriter<StdoutLock<'static>>),
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(out) => out.write(bytes),
            Self::Stdout(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(out) => out.flush(),
            Self::Stdout(out) => out.flush(),
        }
    }
}

/// Writes to standard output. A reader that has gone away wants no more; that is no failure.
fn to_stdout(write: impl FnOnce(&mut Sink) -> io::Result<()>) -> Result<(), Failure> {
    let mut sink = Sink::Stdout(BufWriter::new(io::stdout().lock()));
    let written = write(&mut sink).and_then(|()| sink.flush());
    if let Sink::Stdout(out) = sink {
        // What could not be written is not tried again.
        let _ = out.into_parts();
    }
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a text to standard output.
pub(crate) fn answer(text: &str) -> Result<(), Failure> {
    to_stdout(|sink| sink.write_all(text.as_bytes()))
}

/// Writes a document of AWS's, laid out as the AWS CLI does.
pub(crate) fn write_aws_json(document: &impl Serialize, sink: &mut Sink) -> io::Result<()> {
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    document.serialize(&mut serde_json::Serializer::with_formatter(&mut *sink, formatter))?;
    sink.write_all(b"\n")
}

/// Standard output and standard error.
#[derive(Debug)]
pub(crate) struct Terminal {
    pub(crate) out: Style,
    err: Style,
    /// The least severity that is printed; none for quiet.
    least: Option<Severity>,
    /// Whether progress may be shown.
    pub(crate) progress: bool,
}

impl Terminal {
    pub(crate) fn new(common: &Common) -> Self {
        // SOURCE: no-color.org: present and not empty.
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let style = |is_terminal: bool| match common.color {
            Colour::Always => Style::Coloured,
            Colour::Auto if is_terminal && !plain => Style::Coloured,
            Colour::Auto | Colour::Never => Style::Plain,
        };
        let least = match (common.quiet, common.verbose) {
            (true, _) => None,
            (false, false) => Some(Severity::Warning),
            (false, true) => Some(Severity::Info),
        };
        let err = io::stderr().is_terminal();
        Self {
            out: style(io::stdout().is_terminal()),
            err: style(err),
            least,
            progress: err && !common.quiet,
        }
    }

    /// The remarks about a snapshot, unless the answer carries them.
    pub(crate) fn diagnostics(&self, analysis: &Analysis, targets: &Targets) {
        self.remarks(analysis.diagnostics(), targets);
    }

    /// Remarks about the input, unless a document carries them.
    pub(crate) fn remarks(&self, diagnostics: &[Diagnostic], targets: &Targets) {
        if let Some(least) = self.least.filter(|_| !targets.carry_diagnostics()) {
            remark(&diagnostics_text(diagnostics, least, Length::Short, self.err));
        }
    }

    /// What is doubtful about a scope file.
    pub(crate) fn scope_warnings(&self, scope: &ScopeDocument) {
        if self.least.is_some() {
            remark(&scope_warnings_text(scope, self.err));
        }
    }

    /// Something that is said however quiet the command is asked to be.
    pub(crate) fn warning(&self, text: impl fmt::Display) {
        remark(&format!("{}: {text}\n", self.err.warning()));
    }

    pub(crate) fn error(&self, failure: &Failure) {
        for line in failure.0.lines() {
            // Help belongs to the line before it.
            let lead = if line.starts_with(' ') { String::new() } else { format!("{}: ", self.err.error()) };
            remark(&format!("{lead}{line}\n"));
        }
    }
}

/// Writes to standard error.
fn remark(text: &str) {
    // There is nobody left to be told that standard error is gone.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
