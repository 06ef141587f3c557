//! Colour, width and lists of texts for people.

/// Lines are broken after this many columns where that is possible.
pub(crate) const WIDTH: usize = 110;

/// Lists of values are cut after this many.
const MOST: usize = 6;

/// Whether text is coloured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Style {
    /// Plain text.
    #[default]
    Plain,
    /// With the escape sequences that terminals understand.
    Coloured,
}

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Coloured => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }

    /// The word `error`.
    pub fn error(self) -> String {
        self.bad("error")
    }

    /// The word `warning`.
    pub fn warning(self) -> String {
        self.doubtful("warning")
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    pub(crate) fn bad(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    pub(crate) fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    pub(crate) fn doubtful(self, text: &str) -> String {
        self.paint("33", text)
    }
}

/// Breaks `text` at spaces so that no line is longer than [`WIDTH`] where words allow it. The first line is indented
/// by `first` columns, the others by `rest`. Ends with a line break.
pub(crate) fn wrapped(text: &str, first: usize, rest: usize) -> String {
    let mut out = " ".repeat(first);
    let mut column = first;
    let mut fresh = true;
    for word in text.split(' ') {
        let width = word.chars().count();
        if !fresh && column + 1 + width > WIDTH {
            out.push('\n');
            out.push_str(&" ".repeat(rest));
            column = rest;
            fresh = true;
        }
        if !fresh {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
        fresh = false;
    }
    out.push('\n');
    out
}

/// `a, b, c`, cut after six with the number of those left out.
pub(crate) fn listed(texts: &[String]) -> String {
    if texts.len() <= MOST {
        return texts.join(", ");
    }
    let shown: Vec<&str> = texts.iter().take(MOST).map(String::as_str).collect();
    format!("{} and {} more", shown.join(", "), texts.len() - MOST)
}

/// `1 finding`, `2 findings`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_at_spaces() {
        let text = "word ".repeat(30);
        let broken = wrapped(text.trim(), 2, 6);
        let widths: Vec<usize> = broken.lines().map(str::len).collect();
        assert_eq!(widths, [106, 50]);
        assert!(broken.lines().nth(1).unwrap().starts_with("      word"));
    }

    #[test]
    fn long_lists_are_cut() {
        let texts = |count: usize| (1..=count).map(|n| n.to_string()).collect::<Vec<_>>();
        assert_eq!(listed(&texts(6)), "1, 2, 3, 4, 5, 6");
        assert_eq!(listed(&texts(8)), "1, 2, 3, 4, 5, 6 and 2 more");
    }
}
