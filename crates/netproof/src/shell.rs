//! Words and comments of shell scripts: whatever a snapshot holds, it runs nothing.

use std::borrow::Cow;

/// A text as one word of a POSIX shell: as it is if nothing in it means anything to the shell, otherwise in quotes.
pub(crate) fn word(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:,=@%+".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
}

/// A text that stays within a line.
pub(crate) fn comment(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_word_or_line() {
        assert_eq!(word("us-east-1"), "us-east-1");
        assert_eq!(word("a; rm -r b"), "'a; rm -r b'");
        assert_eq!(word("$(a)'b"), r"'$(a)'\''b'");
        assert_eq!(word(""), "''");
        assert_eq!(comment("a\nrm b"), "a rm b");
    }
}
