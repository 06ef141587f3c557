//! Remarks about the input: what was found where, what was expected, and what to do about it.
//!
//! Nothing in the content of a snapshot is fatal: whatever cannot be used is skipped and said here.
use std::fmt;

/// How much a remark matters. Sorts the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Part of the input could not be used; answers that depend on it are affected.
    Error,
    /// The input was used, but it is doubtful or incomplete.
    Warning,
    /// Worth knowing; changes no answer.
    Info,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        })
    }
}

/// A place in the snapshot. Displays as `security-groups.json:12#/SecurityGroups/3`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// Path inside the snapshot, parted by `/`.
    pub file: String,
    /// Line of the value the pointer leads to; the first line is 1.
    pub line: u32,
    /// JSON pointer (RFC 6901) into the file; empty means the whole document.
    pub pointer: String,
}

impl Location {
    /// Returns the place of a whole file: line 1, empty pointer.
    pub fn file(file: impl Into<String>) -> Location {
        Location { file: file.into(), line: 1, pointer: String::new() }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        if self.pointer.is_empty() { Ok(()) } else { write!(f, "#{}", self.pointer) }
    }
}

/// A remark about the input. Sorts by severity, then by place.
///
/// Displays as `LOCATION: MESSAGE`, and the help, if any, on a line of its own; the severity is left
/// to whoever prints it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// Where it was found; `None` if it concerns the snapshot as a whole.
    pub location: Option<Location>,
    /// Stable name of this kind of remark, in kebab-case.
    pub code: &'static str,
    /// What was found and what was expected: lower case, no final stop, the user's words in backticks.
    pub message: String,
    /// What the user can do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Returns a remark of the gravest kind, without help.
    pub fn error(code: &'static str, location: Option<Location>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Error, code, location, message)
    }

    /// Returns a warning, without help.
    pub fn warning(code: &'static str, location: Option<Location>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Warning, code, location, message)
    }

    /// Returns a remark that changes no answer, without help.
    pub fn info(code: &'static str, location: Option<Location>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Info, code, location, message)
    }

    /// Returns a remark of the given severity, without help.
    pub fn new(
        severity: Severity,
        code: &'static str,
        location: Option<Location>,
        message: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic { severity, location, code, message: message.into(), help: None }
    }

    /// Returns this remark with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = &self.location {
            write!(f, "{location}: ")?;
        }
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remark_says_where_what_and_help() {
        let place =
            Location { file: "route-tables.json".into(), line: 7, pointer: "/RouteTables/0/Routes/2".into() };
        let remark =
            Diagnostic::warning("missing-target", Some(place), "target `tgw-1` is not in the snapshot")
                .with_help("export transit gateways too, or paths through it are reported as unknown");
        insta::assert_snapshot!(remark, @r"
        route-tables.json:7#/RouteTables/0/Routes/2: target `tgw-1` is not in the snapshot
          help: export transit gateways too, or paths through it are reported as unknown
        ");
    }

    #[test]
    fn gravest_come_first_then_by_place() {
        let at = |line| Some(Location { line, ..Location::file("a.json") });
        let mut remarks = [
            Diagnostic::info("x", at(1), "third"),
            Diagnostic::error("x", at(10), "second"),
            Diagnostic::error("x", at(9), "first"),
        ];
        remarks.sort();
        let text: Vec<String> = remarks.iter().map(|r| format!("{}: {r}", r.severity)).collect();
        insta::assert_snapshot!(text.join("\n"), @r"
        error: a.json:9: first
        error: a.json:10: second
        info: a.json:1: third
        ");
    }
}
