//! Domain names, in lower case.

use std::{fmt, str::FromStr};

/// Octets a label can have.
pub(crate) const LABEL_OCTETS: usize = 63;
/// Characters a name can have without its trailing dot, an escape counted as one; 255 octets on the wire.
pub(crate) const NAME_OCTETS: usize = 253;

/// A domain name that can be asked for: lower-case labels, most specific first.
///
/// Names compare without regard to case, as DNS compares them. Any octet can be part of a label; in text, `\.`
/// and `\DDD` (decimal) stand for octets that have no other spelling. The root name is written `.`.
///
/// Names are ordered by their text. SOURCE: RFC 1035 §2.3, §3.1, §5.1; RFC 4343 (letter case).
///
/// ```
/// use dns::DomainName;
///
/// let name: DomainName = "Mail.Example.COM.".parse()?;
/// assert_eq!(name.to_string(), "mail.example.com");
/// assert_eq!(name.labels().next_back(), Some("com"));
/// # Ok::<(), dns::NameError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainName {
    // INVARIANT: canonical text: ASCII letters in lower case; printable octets other than `.` and `\` as they
    // are, all others as `\DDD`; so every `.` ends a label, and equal names are equal texts. No trailing dot, the
    // root is empty. Labels are of 1 to 63 octets, 253 octets and dots in all. Kept by `from_labels`, `parse`.
    text: Box<str>,
}

/// Why a text is not a domain name. Positions are byte offsets into the text, from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameError {
    /// There is no text at all; the root name is `.`.
    Empty,
    /// Two dots in a row, or one at the start.
    EmptyLabel {
        /// Where the label should start.
        at: usize,
    },
    /// A label is longer than 63 octets.
    LongLabel {
        /// Where the label starts.
        at: usize,
        /// How many octets it has.
        octets: usize,
    },
    /// The name is longer than 253 characters, not counting a trailing dot.
    LongName {
        /// How many it has.
        octets: usize,
    },
    /// A backslash that is followed neither by three digits up to 255 nor by another character.
    BadEscape {
        /// Where the backslash stands.
        at: usize,
    },
    /// Not ASCII; write octets as `\DDD`, or international names as `xn--`.
    NotAscii {
        /// Where the character stands.
        at: usize,
    },
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NameError::Empty => write!(f, "an empty text is no domain name; the root name is `.`"),
            NameError::EmptyLabel { at } => write!(f, "an empty label at offset {at}"),
            NameError::LongLabel { at, octets } => {
                write!(f, "the label at offset {at} has {octets} octets, but labels end at {LABEL_OCTETS}")
            }
            NameError::LongName { octets } => {
                write!(f, "the name has {octets} characters, but names end at {NAME_OCTETS}")
            }
            NameError::BadEscape { at } => {
                write!(f, "the backslash at offset {at} needs three digits up to 255, or a character")
            }
            NameError::NotAscii { at } => {
                write!(f, "the character at offset {at} is not ASCII; international names start with `xn--`")
            }
        }
    }
}

impl std::error::Error for NameError {}

impl DomainName {
    /// Returns the root name, which has no labels.
    pub fn root() -> DomainName {
        DomainName { text: "".into() }
    }

    /// Whether this is the root name.
    pub fn is_root(&self) -> bool {
        self.text.is_empty()
    }

    /// Returns the canonical text without a trailing dot; nothing for the root name.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the labels, most specific first, top-level domain last.
    pub fn labels(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.text.split('.').filter(|label| !label.is_empty())
    }

    /// Returns the name without its first label, or `None` for the root name.
    pub fn parent(&self) -> Option<DomainName> {
        let rest = self.text.split_once('.').map_or("", |(_, rest)| rest);
        (!self.is_root()).then(|| DomainName { text: rest.into() })
    }

    /// Returns the name with one more label in front; `None` if it would be too long or the label is no label.
    ///
    /// The label is text: `\.` and `\DDD` are escapes in it.
    pub fn child(&self, label: &str) -> Option<DomainName> {
        let child = if self.is_root() { label.to_owned() } else { format!("{label}.{}", self.text) };
        let child: DomainName = child.parse().ok()?;
        (child.labels().count() == self.labels().count() + 1).then_some(child)
    }

    /// Whether this name is `other` or lies below it.
    pub fn is_within(&self, other: &DomainName) -> bool {
        other.is_root()
            || self.text.strip_suffix(&*other.text).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}

/// The octets of a canonical text: an escape is one.
pub(crate) fn octets(text: &str) -> usize {
    text.len() - 3 * text.bytes().filter(|&byte| byte == b'\\').count()
}

/// Appends an octet's canonical spelling.
pub(crate) fn push_octet(text: &mut String, octet: u8) {
    if octet.is_ascii_graphic() && octet != b'.' && octet != b'\\' {
        text.push(char::from(octet.to_ascii_lowercase()));
    } else {
        text.push('\\');
        for digit in [octet / 100, octet / 10 % 10, octet % 10] {
            text.push(char::from(b'0' + digit));
        }
    }
}

impl FromStr for DomainName {
    type Err = NameError;

    /// Reads presentation form, with or without trailing dot, in any letter case.
    fn from_str(text: &str) -> Result<DomainName, NameError> {
        if text == "." {
            return Ok(DomainName::root());
        }
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        let mut canonical = String::with_capacity(text.len());
        let mut octets = 0;
        let mut label = Label { start: 0, octets: 0 };
        let mut rest = text.bytes().enumerate();
        while let Some((at, byte)) = rest.next() {
            if byte == b'.' {
                label.check(at)?;
                octets += label.octets + 1;
                label = Label { start: at + 1, octets: 0 };
                canonical.push('.');
                continue;
            }
            if !byte.is_ascii() {
                return Err(NameError::NotAscii { at });
            }
            label.octets += 1;
            if byte == b'\\' {
                let (octet, length) = escaped(text.as_bytes().get(at + 1..).unwrap_or_default(), at)?;
                push_octet(&mut canonical, octet);
                rest.nth(length - 1);
            } else {
                push_octet(&mut canonical, byte);
            }
        }
        if label.start == text.len() {
            canonical.pop();
            octets -= 1;
        } else {
            label.check(label.start)?;
            octets += label.octets;
        }
        if octets > NAME_OCTETS {
            return Err(NameError::LongName { octets });
        }
        Ok(DomainName { text: canonical.into() })
    }
}

/// A label while it is read.
struct Label {
    start: usize,
    octets: usize,
}

impl Label {
    fn check(&self, end: usize) -> Result<(), NameError> {
        match self.octets {
            0 => Err(NameError::EmptyLabel { at: end }),
            1..=LABEL_OCTETS => Ok(()),
            octets => Err(NameError::LongLabel { at: self.start, octets }),
        }
    }
}

/// The octet after a backslash, and how many bytes spell it.
fn escaped(after: &[u8], at: usize) -> Result<(u8, usize), NameError> {
    match *after {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', ..] => {
            let [a, b, c] = [a, b, c].map(|digit| u32::from(digit - b'0'));
            let octet = u8::try_from(100 * a + 10 * b + c).map_err(|_| NameError::BadEscape { at })?;
            Ok((octet, 3))
        }
        [b'0'..=b'9', ..] | [] => Err(NameError::BadEscape { at }),
        [byte, ..] if byte.is_ascii() => Ok((byte, 1)),
        [..] => Err(NameError::NotAscii { at: at + 1 }),
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(if self.is_root() { "." } else { &self.text })
    }
}

impl fmt::Debug for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        text.parse::<DomainName>().map_or_else(|error| format!("! {error}"), |name| name.to_string())
    }

    #[test]
    fn names_are_read_without_case_and_trailing_dot() {
        assert_eq!(read("Example.COM."), "example.com");
        assert_eq!(read("example.com"), "example.com");
        assert_eq!(read("."), ".");
        assert_eq!(read("_dmarc.x"), "_dmarc.x");
        assert_eq!(read("*.x"), "*.x");
    }

    #[test]
    fn escapes_have_one_spelling() {
        assert_eq!(read(r"a\.b.c"), r"a\046b.c");
        assert_eq!(read(r"a\046b.c"), r"a\046b.c");
        assert_eq!(read(r"\065\\.c"), r"a\092.c");
        assert_eq!(read(r"\000 .c"), r"\000\032.c");
        assert_eq!(r"a\.b.c".parse::<DomainName>().map(|name| name.labels().count()), Ok(2));
    }

    #[test]
    fn errors_say_what_and_where() {
        assert_eq!(read(""), "! an empty text is no domain name; the root name is `.`");
        assert_eq!(read("a..b"), "! an empty label at offset 2");
        assert_eq!(read(".b"), "! an empty label at offset 0");
        assert_eq!(read(r"ab\"), "! the backslash at offset 2 needs three digits up to 255, or a character");
        assert_eq!(read(r"\256"), "! the backslash at offset 0 needs three digits up to 255, or a character");
        assert_eq!(
            read("aé"),
            "! the character at offset 1 is not ASCII; international names start with `xn--`"
        );
        let label = "x".repeat(64);
        assert_eq!(
            read(&format!("a.{label}.b")),
            "! the label at offset 2 has 64 octets, but labels end at 63"
        );
    }

    #[test]
    fn names_end_at_253_characters_and_an_escape_is_one() {
        let label = "x".repeat(49);
        let longest = format!("{}.{label}", [label.as_str(); 4].join("."));
        assert_eq!(longest.len(), 249);
        assert_eq!(read(&format!("abc.{longest}.")).len(), 253);
        assert_eq!(read(&format!(r"ab\000.{longest}")).len(), 256);
        assert_eq!(read(&format!("abcd.{longest}")), "! the name has 254 characters, but names end at 253");
    }

    #[test]
    fn children_and_parents() {
        let name: DomainName = "a.b".parse().unwrap();
        assert_eq!(name.child("X").unwrap().to_string(), "x.a.b");
        assert_eq!(name.child("x.y"), None);
        assert_eq!(name.child(""), None);
        assert_eq!(name.parent().unwrap().to_string(), "b");
        assert_eq!(name.parent().unwrap().parent(), Some(DomainName::root()));
        assert_eq!(DomainName::root().parent(), None);
        let within = |other: &str| name.is_within(&other.parse().unwrap());
        assert!(within("b") && within("a.b") && within("."));
        assert!(!within("c.a.b") && !"xa.b".parse::<DomainName>().unwrap().is_within(&name));
    }
}
