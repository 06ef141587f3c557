//! What is said about a scope file: problems that make it unusable, and remarks that do not.
use std::fmt;

/// One thing to say about one place of a scope file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeRemark {
    /// JSON pointer to the value or member it is about; empty for the whole document.
    pub pointer: String,
    /// Line of that place, counting from 1.
    pub line: usize,
    /// What was found and what was expected: lower case, no final stop.
    pub message: String,
    /// What to write instead, where that is known.
    pub help: Option<String>,
}

impl ScopeRemark {
    /// Returns the remark as text: `file#/pointer (line N): message`, and the help on a line of its own.
    pub fn to_text(&self, file: &str) -> String {
        let mut text = format!("{file}#{} (line {}): {}", self.pointer, self.line, self.message);
        if let Some(help) = &self.help {
            text.push_str("\n  help: ");
            text.push_str(help);
        }
        text
    }
}

/// Why a file holds no usable scope: every problem of the file, not just the first.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ScopeError {
    /// The file as the caller named it.
    pub file: String,
    /// INVARIANT: at least one, in the order of their lines. Kept by `read_scopes`.
    pub problems: Vec<ScopeRemark>,
}

impl fmt::Display for ScopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            f.write_str(&problem.to_text(&self.file))?;
        }
        Ok(())
    }
}

/// Returns the user's words in backticks, made safe for one line and cut to a readable length.
pub(super) fn quoted(words: &str) -> String {
    const LONGEST: usize = 80;
    let mut shown = String::from("`");
    for (count, character) in words.chars().enumerate() {
        if count == LONGEST {
            shown.push('…');
            break;
        }
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown.push('`');
    shown
}
