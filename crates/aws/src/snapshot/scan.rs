//! Follows a JSON pointer through text, without reading what lies beside the way.
use std::borrow::Cow;

/// Returns where the value begins that `pointer` leads to from the value at `start`.
///
/// If the way ends early (no such member, damaged text), the last value on it is returned: for a missing
/// member that is the object which lacks it. Cost: the bytes between `start` and the value.
pub(super) fn seek(text: &str, start: usize, pointer: &str) -> usize {
    let mut scanner = Scanner { text, at: start };
    scanner.skip_space();
    for token in pointer.split('/').skip(1) {
        let here = scanner.at;
        let found = match scanner.peek() {
            Some(b'{') => scanner.enter_member(&unescape(token)),
            Some(b'[') => token.parse().is_ok_and(|index| scanner.enter_element(index)),
            _ => false,
        };
        if !found {
            return here;
        }
    }
    scanner.at
}

/// Returns `key` as one token of a JSON pointer. SOURCE: RFC 6901, section 3 (checked 2026-11-23).
pub(super) fn escape(key: &str) -> Cow<'_, str> {
    if key.contains(['~', '/']) { key.replace('~', "~0").replace('/', "~1").into() } else { key.into() }
}

fn unescape(token: &str) -> Cow<'_, str> {
    if token.contains('~') { token.replace("~1", "/").replace("~0", "~").into() } else { token.into() }
}

/// A position in JSON text. Tolerant: on damaged text it stops somewhere, never beyond the end.
struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scanner<'t> {
    fn rest(&self) -> &'t [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    fn skip_space(&mut self) {
        self.at += self.rest().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    }

    /// Steps over `byte` and the space around it; false if something else stands here.
    fn eat(&mut self, byte: u8) -> bool {
        self.skip_space();
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
            self.skip_space();
        }
        found
    }

    fn enter_member(&mut self, key: &str) -> bool {
        if !self.eat(b'{') {
            return false;
        }
        while self.peek() == Some(b'"') {
            let written = self.string();
            if !self.eat(b':') {
                return false;
            }
            if is_written(written, key) {
                return true;
            }
            self.skip_value();
            if !self.eat(b',') {
                return false;
            }
        }
        false
    }

    fn enter_element(&mut self, index: usize) -> bool {
        if !self.eat(b'[') {
            return false;
        }
        for _ in 0..index {
            self.skip_value();
            if !self.eat(b',') {
                return false;
            }
        }
        !matches!(self.peek(), None | Some(b']'))
    }

    /// Steps over a string and returns it with its quotation marks.
    fn string(&mut self) -> &'t str {
        let start = self.at;
        self.at += 1;
        let mut escaped = false;
        for byte in self.rest() {
            self.at += 1;
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => break,
                _ => {}
            }
        }
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn skip_value(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.string();
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    self.at += 1;
                }
                // Between the brackets of the value to skip, and in a number or word that is the value.
                _ if depth > 0 => {
                    self.at += 1;
                    continue;
                }
                b',' => return,
                _ => {
                    self.at += 1;
                    self.at += self.rest().iter().take_while(|byte| !b",]} \t\r\n".contains(byte)).count();
                }
            }
            if depth == 0 {
                return;
            }
        }
    }
}

/// Whether `written`, a string with quotation marks and perhaps escapes, means `key`.
fn is_written(written: &str, key: &str) -> bool {
    if written.contains('\\') {
        return serde_json::from_str::<String>(written).is_ok_and(|plain| plain == key);
    }
    written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) == Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str =
        r#"  {"a": [1, "x,]", {"b": {"c/d": true, "e": [[], [2]]}}], "\u0066": -1e3, "~": null }"#;

    fn at(pointer: &str) -> &'static str {
        RECORD.get(seek(RECORD, 0, pointer)..).unwrap_or_default()
    }

    #[test]
    fn pointer_leads_to_value() {
        for (pointer, value) in [
            ("", "{"),
            ("/a", "[1"),
            ("/a/0", "1,"),
            ("/a/1", r#""x,]""#),
            ("/a/2/b/c~1d", "true"),
            ("/a/2/b/e/1/0", "2]"),
            ("/f", "-1e3"),
            ("/~0", "null"),
        ] {
            assert!(at(pointer).starts_with(value), "{pointer} led to {}", at(pointer));
        }
    }

    #[test]
    fn missing_member_leads_to_the_value_that_lacks_it() {
        for (pointer, value) in
            [("/x", "{"), ("/a/9/b", "[1"), ("/a/2/x/y", r#"{"b""#), ("/a/0/b", "1,"), ("/a/b", "[1")]
        {
            assert!(at(pointer).starts_with(value), "{pointer} led to {}", at(pointer));
        }
    }

    #[test]
    fn agrees_with_serde_json_on_every_value() {
        fn visit(value: &serde_json::Value, pointer: &str) {
            let start = seek(RECORD, 0, pointer);
            let mut found =
                serde_json::Deserializer::from_str(&RECORD[start..]).into_iter::<serde_json::Value>();
            assert_eq!(&found.next().unwrap().unwrap(), value, "{pointer}");
            match value {
                serde_json::Value::Array(list) => {
                    list.iter().enumerate().for_each(|(i, v)| visit(v, &format!("{pointer}/{i}")));
                }
                serde_json::Value::Object(map) => {
                    map.iter().for_each(|(k, v)| visit(v, &format!("{pointer}/{}", escape(k))));
                }
                _ => {}
            }
        }
        visit(&serde_json::from_str(RECORD).unwrap(), "");
    }

    #[test]
    fn text_cut_off_anywhere_ends_within_it() {
        for end in 0..=RECORD.len() {
            for pointer in ["/a/2/b/e/1/0", "/f", "/~0", "/a/1/0"] {
                assert!(seek(&RECORD[..end], 0, pointer) <= end);
                assert!(seek(&RECORD[..end], end + 5, pointer) <= end + 5);
            }
        }
    }
}
