//! One entry of a domain list.

use std::{fmt, str::FromStr};

use crate::{
    DomainName,
    name::{LABEL_OCTETS, NAME_OCTETS},
};

/// Characters an entry can have, without a trailing dot.
const ENTRY_CHARACTERS: usize = 255;

/// An entry of a domain list, a domain specification in AWS's words, with the text it was read from.
///
/// | text | names |
/// |---|---|
/// | `example.com` | that name only |
/// | `*.example.com` | names strictly below, at any depth, not `example.com` itself |
/// | `*` or `*.` | all names |
/// | `*example.com` | undecided, see below |
///
/// Letter case and one trailing dot do not matter. SOURCE: Route 53 Resolver API reference, `FirewallDomains`,
/// and AWS's agent toolkit, "identify the effective DNS Firewall rule" (checked 2026-11-23).
///
/// GAP: what `*example.com` without a dot after the star means is not documented: names whose text ends so,
/// `example.com` with all below it, or nothing because it is refused. Answers say so where it matters.
/// GAP: whether `*` takes the root name is not documented; answers say so where it matters.
/// GAP: whether the API takes underscores or labels of more than 63 characters is not documented. Both are
/// read here; no name has such a label, so such an entry takes nothing.
///
/// ```
/// use dns::{Matching, Pattern};
///
/// let pattern: Pattern = "*.Example.com.".parse()?;
/// assert_eq!(pattern.matches(&"a.b.example.com".parse()?), Matching::Yes);
/// assert_eq!(pattern.matches(&"example.com".parse()?), Matching::No);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern {
    text: Box<str>,
    shape: Shape,
}

/// Whether an entry takes a name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Matching {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// AWS's documentation does not say.
    Perhaps,
}

/// Why a text is not an entry. Positions are byte offsets into the text, from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PatternError {
    /// There is no name in it.
    Empty,
    /// Two dots in a row, or one at the start.
    EmptyLabel {
        /// Where the label should start.
        at: usize,
    },
    /// A star that is not the first character.
    Star {
        /// Where it stands.
        at: usize,
    },
    /// Neither letter, digit, `-`, `_` nor `.`.
    Character {
        /// Where it stands.
        at: usize,
    },
    /// More than 255 characters.
    Long {
        /// How many there are.
        characters: usize,
    },
    /// All lists together have more than four gigabytes of text or four thousand million entries.
    TooMany,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PatternError::Empty => write!(f, "an entry without a name; all names are `*`"),
            PatternError::EmptyLabel { at } => write!(f, "an empty label at offset {at}"),
            PatternError::Star { at } => {
                write!(f, "a star at offset {at}, but it can only be the first character")
            }
            PatternError::Character { at } => {
                write!(f, "the character at offset {at} is neither a letter, a digit, `-`, `_` nor `.`")
            }
            PatternError::Long { characters } => {
                write!(f, "{characters} characters, but entries end at {ENTRY_CHARACTERS}")
            }
            PatternError::TooMany => write!(f, "more entries than can be numbered"),
        }
    }
}

impl std::error::Error for PatternError {}

/// How an entry takes names.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Kind {
    /// The name itself.
    Exact,
    /// All strictly below it; with the empty name, `*`.
    Below,
    /// The text after a star without a dot.
    Tail,
    /// No name at all, as none can be so long.
    Nothing,
}

/// An entry's kind, and which bytes of its text are the name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Shape {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Reads the shape of an entry, in one pass.
pub(crate) fn shape(text: &str) -> Result<Shape, PatternError> {
    let bytes = text.as_bytes();
    let (kind, start) = match bytes {
        [b'*', b'.', ..] => (Kind::Below, 2),
        [b'*'] => (Kind::Below, 1),
        [b'*', ..] => (Kind::Tail, 1),
        [..] => (Kind::Exact, 0),
    };
    let mut end = bytes.len();
    let mut longest = 0;
    let mut label = start;
    for (at, &byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'A'..=b'Z' | b'_' => {}
            b'.' if at == label => return Err(PatternError::EmptyLabel { at }),
            b'.' => {
                longest = longest.max(at - label);
                label = at + 1;
            }
            b'*' => return Err(PatternError::Star { at }),
            _ => return Err(PatternError::Character { at }),
        }
    }
    if label > start && label == end {
        end -= 1;
    } else {
        longest = longest.max(end - label);
    }
    if end > ENTRY_CHARACTERS {
        return Err(PatternError::Long { characters: end });
    }
    if start >= end && kind != Kind::Below {
        return Err(PatternError::Empty);
    }
    // A name below has at least one more character and a dot.
    let octets = end.saturating_sub(start) + if kind == Kind::Below { 2 } else { 0 };
    let nothing = longest > LABEL_OCTETS || octets > NAME_OCTETS;
    Ok(Shape { kind: if nothing { Kind::Nothing } else { kind }, start, end: end.max(start) })
}

impl Pattern {
    /// Returns the text as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the entry takes this name. This is the meaning of entries; every index agrees with it.
    pub fn matches(&self, name: &DomainName) -> Matching {
        let part = self.text.get(self.shape.start..self.shape.end).unwrap_or_default().to_ascii_lowercase();
        let text = name.as_str();
        let takes = match self.shape.kind {
            Kind::Exact => text == part,
            Kind::Below if part.is_empty() => {
                return if name.is_root() { Matching::Perhaps } else { Matching::Yes };
            }
            Kind::Below => text.strip_suffix(&part).is_some_and(|rest| rest.ends_with('.')),
            Kind::Tail if ends_with(text, &part) => return Matching::Perhaps,
            Kind::Tail | Kind::Nothing => false,
        };
        if takes { Matching::Yes } else { Matching::No }
    }
}

/// Whether a canonical text ends so, without taking an escape apart.
pub(crate) fn ends_with(text: &str, tail: &str) -> bool {
    text.strip_suffix(tail).is_some_and(|rest| !is_within_escape(rest))
}

/// Whether a canonical text stops in the middle of an escape.
pub(crate) fn is_within_escape(text: &str) -> bool {
    text.bytes().rev().take(3).any(|byte| byte == b'\\')
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Pattern, PatternError> {
        shape(text).map(|shape| Pattern { text: text.into(), shape })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(pattern: &str, name: &str) -> Matching {
        pattern.parse::<Pattern>().unwrap().matches(&name.parse().unwrap())
    }

    #[test]
    fn exact_names_and_wildcards() {
        assert_eq!(takes("Example.COM.", "example.com"), Matching::Yes);
        assert_eq!(takes("example.com", "a.example.com"), Matching::No);
        assert_eq!(takes("*.example.com", "a.b.example.com."), Matching::Yes);
        assert_eq!(takes("*.example.com", "example.com"), Matching::No);
        assert_eq!(takes("*.example.com", "badexample.com"), Matching::No);
        assert_eq!(takes("_a.x", "_A.x"), Matching::Yes);
        for all in ["*", "*."] {
            assert_eq!(takes(all, "a"), Matching::Yes);
            assert_eq!(takes(all, "."), Matching::Perhaps);
        }
    }

    #[test]
    fn a_star_without_a_dot_is_undecided() {
        assert_eq!(takes("*ab.c", "ab.c"), Matching::Perhaps);
        assert_eq!(takes("*ab.c", "xab.c"), Matching::Perhaps);
        assert_eq!(takes("*ab.c", "x.ab.c"), Matching::Perhaps);
        assert_eq!(takes("*ab.c", "b.c"), Matching::No);
        assert_eq!(takes("*46a", r"\046a"), Matching::No);
        assert_eq!(takes("*a", r"\046a"), Matching::Perhaps);
    }

    #[test]
    fn what_no_name_can_be_is_read_and_takes_nothing() {
        let label = "x".repeat(64);
        assert_eq!(takes(&label, "x"), Matching::No);
        assert_eq!(takes(&format!("*.a.{label}"), "x"), Matching::No);
    }

    #[test]
    fn errors_say_what_and_where() {
        let error = |text: &str| text.parse::<Pattern>().unwrap_err().to_string();
        assert_eq!(error(""), "an entry without a name; all names are `*`");
        assert_eq!(error("."), "an empty label at offset 0");
        assert_eq!(error("a..b"), "an empty label at offset 2");
        assert_eq!(error("*..b"), "an empty label at offset 2");
        assert_eq!(error("a.*.b"), "a star at offset 2, but it can only be the first character");
        assert_eq!(error("**"), "a star at offset 1, but it can only be the first character");
        assert_eq!(error("a b"), "the character at offset 1 is neither a letter, a digit, `-`, `_` nor `.`");
        assert_eq!(
            error(r"\052.a"),
            "the character at offset 0 is neither a letter, a digit, `-`, `_` nor `.`"
        );
        assert_eq!(error(&"x".repeat(256)), "256 characters, but entries end at 255");
    }
}
