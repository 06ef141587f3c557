//! A JSON reader that remembers on which line each value stands.
//!
//! `serde_json` gives lines for syntax errors only. A remark about a scope file names the line of
//! the value it is about, so the file is read into this small tree first. Objects keep every
//! member, duplicates included: whoever walks the tree reports them.
//!
//! INVARIANT: accepts what RFC 8259 accepts, down to [`MAX_DEPTH`] levels (test
//! `agrees_with_serde_json`); a byte order mark in front is skipped. Never panics.

use super::remark::quoted;

/// Nesting beyond this is refused; a scope needs eight levels, in a template eleven.
pub(super) const MAX_DEPTH: usize = 100;

/// One value and where it begins.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) json: Json,
}

#[derive(Debug)]
pub(super) enum Json {
    Null,
    Bool,
    /// The digits as written.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<Member>),
}

/// One member of an object, in the order of the file.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) value: Node,
}

/// Why a text is not JSON. Line and column count from 1; the column counts characters.
#[derive(Debug)]
pub(super) struct SyntaxError {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) message: String,
}

/// Reads one JSON value that fills the whole text.
pub(super) fn read(text: &str) -> Result<Node, SyntaxError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut cursor = Cursor { text, at: 0, line: 1, line_start: 0 };
    cursor.skip_space();
    let node = cursor.value(0)?;
    cursor.skip_space();
    match cursor.peek() {
        None => Ok(node),
        Some(_) => Err(cursor.unexpected("the end of the file")),
    }
}

struct Cursor<'t> {
    text: &'t str,
    /// INVARIANT: a character boundary of `text`; moved by whole characters only.
    at: usize,
    line: usize,
    line_start: usize,
}

impl Cursor<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        if next == '\n' {
            self.line += 1;
            self.line_start = self.at;
        }
        Some(next)
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.bump();
        }
        found
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.bump();
        }
    }

    fn error(&self, message: impl Into<String>) -> SyntaxError {
        let before = self.text.get(self.line_start..self.at).unwrap_or("");
        SyntaxError { line: self.line, column: before.chars().count() + 1, message: message.into() }
    }

    fn unexpected(&self, wanted: &str) -> SyntaxError {
        match self.peek() {
            None => self.error(format!("the file ends where {wanted} is expected")),
            Some(found) => {
                let found = quoted(found.encode_utf8(&mut [0; 4]));
                self.error(format!("found {found} where {wanted} is expected"))
            }
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, SyntaxError> {
        if depth >= MAX_DEPTH {
            return Err(self.error(format!("values are nested deeper than {MAX_DEPTH} levels")));
        }
        let line = self.line;
        let json = match self.peek() {
            Some('{') => self.object(depth)?,
            Some('[') => self.list(depth)?,
            Some('"') => Json::Text(self.string()?),
            Some('-' | '0'..='9') => self.number()?,
            Some(_) => self.word()?,
            None => return Err(self.unexpected("a value")),
        };
        Ok(Node { line, json })
    }

    fn object(&mut self, depth: usize) -> Result<Json, SyntaxError> {
        self.bump();
        let mut members = Vec::new();
        self.skip_space();
        if self.take('}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.skip_space();
            if self.peek() != Some('"') {
                return Err(self.unexpected("a member name in double quotes"));
            }
            let line = self.line;
            let name = self.string()?;
            self.skip_space();
            if !self.take(':') {
                return Err(self.unexpected("`:`"));
            }
            self.skip_space();
            let value = self.value(depth + 1)?;
            members.push(Member { name, line, value });
            self.skip_space();
            if self.take('}') {
                return Ok(Json::Object(members));
            }
            if !self.take(',') {
                return Err(self.unexpected("`,` or `}`"));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Json, SyntaxError> {
        self.bump();
        let mut entries = Vec::new();
        self.skip_space();
        if self.take(']') {
            return Ok(Json::List(entries));
        }
        loop {
            self.skip_space();
            entries.push(self.value(depth + 1)?);
            self.skip_space();
            if self.take(']') {
                return Ok(Json::List(entries));
            }
            if !self.take(',') {
                return Err(self.unexpected("`,` or `]`"));
            }
        }
    }

    fn word(&mut self) -> Result<Json, SyntaxError> {
        for (word, json) in [("null", Json::Null), ("true", Json::Bool), ("false", Json::Bool)] {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(json);
            }
        }
        Err(self.unexpected("a value"))
    }

    fn number(&mut self) -> Result<Json, SyntaxError> {
        let start = self.at;
        self.take('-');
        if !self.take('0') {
            self.digits()?;
        }
        if self.take('.') {
            self.digits()?;
        }
        if self.take('e') || self.take('E') {
            if !self.take('+') {
                self.take('-');
            }
            self.digits()?;
        }
        Ok(Json::Number(self.text.get(start..self.at).unwrap_or("").to_owned()))
    }

    fn digits(&mut self) -> Result<(), SyntaxError> {
        if !matches!(self.peek(), Some('0'..='9')) {
            return Err(self.unexpected("a digit"));
        }
        while matches!(self.peek(), Some('0'..='9')) {
            self.bump();
        }
        Ok(())
    }

    fn string(&mut self) -> Result<String, SyntaxError> {
        self.bump();
        let mut text = String::new();
        loop {
            match self.peek() {
                None => return Err(self.error("the file ends inside a text")),
                Some('"') => {
                    self.bump();
                    return Ok(text);
                }
                Some('\\') => {
                    self.bump();
                    text.push(self.escape()?);
                }
                Some(control) if control < ' ' => {
                    return Err(self.error("a line break or control character stands inside a text"));
                }
                Some(plain) => {
                    text.push(plain);
                    self.bump();
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        let plain = match self.peek() {
            Some(same @ ('"' | '\\' | '/')) => same,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => return self.unicode_escape(),
            _ => return Err(self.unexpected("one of `\"` `\\` `/` `b` `f` `n` `r` `t` `u`")),
        };
        self.bump();
        Ok(plain)
    }

    fn unicode_escape(&mut self) -> Result<char, SyntaxError> {
        self.bump();
        let first = self.four_digits()?;
        let code = match first {
            0xD800..=0xDBFF if self.rest().starts_with("\\u") => {
                self.at += 2;
                let second = self.four_digits()?;
                match second {
                    0xDC00..=0xDFFF => 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00),
                    _ => first,
                }
            }
            _ => first,
        };
        char::from_u32(code).ok_or_else(|| self.error("half of a surrogate pair stands alone"))
    }

    fn four_digits(&mut self) -> Result<u32, SyntaxError> {
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(16)) else {
                return Err(self.unexpected("a hexadecimal digit"));
            };
            code = code * 16 + digit;
            self.bump();
        }
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(node: &Node) -> serde_json::Value {
        match &node.json {
            Json::Null => serde_json::Value::Null,
            Json::Bool => true.into(),
            Json::Number(digits) => serde_json::from_str(digits).unwrap(),
            Json::Text(text) => text.clone().into(),
            Json::List(entries) => entries.iter().map(plain).collect(),
            Json::Object(members) => {
                members.iter().map(|member| (member.name.clone(), plain(&member.value))).collect()
            }
        }
    }

    fn refusal(text: &str) -> String {
        let error = read(text).expect_err("not JSON");
        format!("{}:{}: {}", error.line, error.column, error.message)
    }

    #[test]
    fn lines_are_those_of_the_first_character() {
        let node = read("\n{\"a\":\n [1,\n  2]}").unwrap();
        let Json::Object(members) = &node.json else { panic!("object") };
        let Json::List(entries) = &members[0].value.json else { panic!("list") };
        assert_eq!((node.line, members[0].line, members[0].value.line), (2, 2, 3));
        assert_eq!(entries.iter().map(|entry| entry.line).collect::<Vec<_>>(), [3, 4]);
    }

    #[test]
    fn refusals_name_line_column_and_expectation() {
        let texts =
            ["", "{", "{\"a\":1,}", "[1 2]", "{'a':1}", "// x", "\"a\nb\"", "\"\\ud800\"", "1.", "[] []"];
        let all: Vec<String> = texts.iter().map(|text| refusal(text)).collect();
        insta::assert_snapshot!(all.join("\n"), @r"
        1:1: the file ends where a value is expected
        1:2: the file ends where a member name in double quotes is expected
        1:8: found `}` where a member name in double quotes is expected
        1:4: found `2` where `,` or `]` is expected
        1:2: found `'` where a member name in double quotes is expected
        1:1: found `/` where a value is expected
        1:3: a line break or control character stands inside a text
        1:8: half of a surrogate pair stands alone
        1:3: the file ends where a digit is expected
        1:4: found `[` where the end of the file is expected
        ");
    }

    #[test]
    fn deep_nesting_is_refused() {
        insta::assert_snapshot!(refusal(&"[".repeat(1_000_000)), @"1:101: values are nested deeper than 100 levels");
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        assert!(matches!(read("\u{feff}[]").unwrap().json, Json::List(_)));
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json(text in r#"([\[\]{},: 01\-.e"\\/ua\n]|null|true|"k":|\\ud83d\\ude00|é){0,24}"#) {
            let ours = read(&text).ok().map(|node| plain(&node));
            let theirs = serde_json::from_str::<serde_json::Value>(&text).ok();
            // `false` is not in the alphabet, and exponents stay small enough for a float or are skipped.
            if !text.contains('e') || ours.is_some() == theirs.is_some() {
                prop_assert_eq!(ours, theirs);
            }
        }

        #[test]
        fn never_panics(text in any::<String>()) {
            let _ = read(&text);
        }
    }
}
