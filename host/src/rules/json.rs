//! JSON text read the way SQLite's `json_valid`, `json_extract` and `json_each` read it: the first of equal
//! keys counts, numbers keep how they were written, objects and lists come out without blanks.

use super::number::number_of;
use crate::sql::Value;
use std::borrow::Cow;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// A text that SQLite makes of an escape that is no character; `near` is as close as a Rust string comes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unclear {
    pub near: Value,
}

/// Deeper JSON is none to SQLite.
const DEPTH_MAX: usize = 1000;

/// A path in the form of `json_extract`: `$."a"[0]`. Steps hold letters, digits and `_` only.
pub(super) fn path_text(path: &[Step]) -> String {
    let mut text = String::from("$");
    for step in path {
        match step {
            Step::Key(key) => text.extend([".\"", key, "\""]),
            Step::Index(index) => text.extend(["[", &index.to_string(), "]"]),
        }
    }
    text
}

/// The value at a path of a stored column. What is no JSON counts as a JSON string of that text.
pub(super) fn extract(stored: &Value, path: &[Step]) -> Result<Value, Unclear> {
    let Some(text) = super::value::text_of(stored) else { return Ok(Value::Null) };
    if !is_valid(&text) {
        return Ok(if path.is_empty() { stored.clone() } else { Value::Null });
    }
    let mut found = text.as_ref();
    for step in path {
        match child(found, step) {
            Some(inner) => found = inner,
            None => return Ok(Value::Null),
        }
    }
    scalar(found)
}

/// The items of a stored list; anything else is a list of itself.
pub(super) fn items(stored: &Value) -> Result<Vec<Value>, Unclear> {
    match list_text(stored) {
        Some(text) => elements(&text).map(scalar).collect(),
        None => Ok(vec![stored.clone()]),
    }
}

/// The same, with what is near where SQLite makes a text of it that is none to Rust.
pub(super) fn items_or_near(stored: &Value) -> Vec<Value> {
    match list_text(stored) {
        Some(text) => elements(&text).map(|item| scalar(item).unwrap_or_else(|unclear| unclear.near)).collect(),
        None => vec![stored.clone()],
    }
}

/// The number of items; nothing and the empty text have none.
pub(super) fn length(stored: &Value) -> i64 {
    let count = match list_text(stored) {
        Some(text) => elements(&text).count(),
        None => usize::from(!matches!(stored, Value::Null) && !matches!(stored, Value::Text(text) if text.is_empty())),
    };
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The text of a stored list; `None` when it is no list.
pub(super) fn list_text(stored: &Value) -> Option<Cow<'_, str>> {
    let text = super::value::text_of(stored)?;
    (text.trim_start_matches(is_blank).starts_with('[') && is_valid(&text)).then_some(text)
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// Whether a text is JSON as RFC 8259 has it.
fn is_valid(text: &str) -> bool {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0 };
    let valid = scanner.value();
    scanner.skip_blank();
    valid && scanner.at == text.len()
}

/// What a key or index leads to in a valid text.
fn child<'a>(text: &'a str, step: &Step) -> Option<&'a str> {
    let text = text.trim_matches(is_blank);
    match step {
        Step::Index(index) if text.starts_with('[') => elements(text).nth(*index),
        Step::Key(key) if text.starts_with('{') => {
            let mut parts = elements(text);
            loop {
                let name = parts.next()?;
                let value = parts.next()?;
                if unescape(name).is_ok_and(|name| name == *key) {
                    return Some(value);
                }
            }
        }
        _ => None,
    }
}

/// The members of a valid list; of an object keys and values in turn.
fn elements(text: &str) -> impl Iterator<Item = &str> {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0 };
    scanner.skip_blank();
    scanner.at += 1;
    std::iter::from_fn(move || {
        while scanner.peek().is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':')) {
            scanner.at += 1;
        }
        if matches!(scanner.peek(), None | Some(b']' | b'}')) {
            return None;
        }
        let start = scanner.at;
        scanner.value().then(|| &text[start..scanner.at])
    })
}

/// A valid text as SQL: words become 1, 0 and NULL, lists and objects stay text.
fn scalar(text: &str) -> Result<Value, Unclear> {
    let text = text.trim_matches(is_blank);
    match text.as_bytes().first() {
        Some(b'"') => unescape(text).map(Value::Text),
        Some(b'[' | b'{') => Ok(Value::Text(minified(text))),
        _ => Ok(match text {
            "null" => Value::Null,
            "true" => Value::Integer(1),
            "false" => Value::Integer(0),
            number => number_of(number).unwrap_or(Value::Null),
        }),
    }
}

fn minified(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        if quoted || !is_blank(c) {
            out.push(c);
        }
        quoted = if quoted { escaped || c != '"' } else { c == '"' };
        escaped = quoted && !escaped && c == '\\';
    }
    out
}

/// The text of a valid JSON string. Of a NUL and of half a surrogate pair SQLite makes something else.
fn unescape(quoted: &str) -> Result<String, Unclear> {
    match serde_json::from_str::<String>(quoted) {
        Ok(text) if !text.contains('\0') => Ok(text),
        Ok(text) => Err(Unclear { near: Value::Text(text) }),
        Err(_) => Err(Unclear { near: Value::Text(without_surrogates(quoted)) }),
    }
}

/// The same with a replacement character for each surrogate.
fn without_surrogates(quoted: &str) -> String {
    let mut replaced = String::with_capacity(quoted.len());
    let mut rest = quoted;
    while let Some(at) = rest.find('\\') {
        let code = rest.get(at + 2..at + 6).filter(|_| rest[at + 1..].starts_with('u'));
        let code = code.and_then(|hex| u32::from_str_radix(hex, 16).ok());
        let end = at + if code.is_some() { 6 } else { 2 };
        replaced.push_str(&rest[..at]);
        replaced.push_str(if matches!(code, Some(0xd800..=0xdfff)) { "\\ufffd" } else { &rest[at..end] });
        rest = &rest[end..];
    }
    replaced.push_str(rest);
    serde_json::from_str(&replaced).unwrap_or_default()
}

/// Moves over JSON without building anything.
struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_blank(&mut self) {
        while self.peek().is_some_and(|byte| is_blank(byte.into())) {
            self.at += 1;
        }
    }

    fn accept(&mut self, word: &[u8]) -> bool {
        let found = self.bytes[self.at..].starts_with(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    /// Moves over one value with the blanks before it; without recursion, as depth is the client's to choose.
    fn value(&mut self) -> bool {
        let mut closers: Vec<u8> = Vec::new();
        loop {
            self.skip_blank();
            match self.peek() {
                Some(open @ (b'[' | b'{')) => {
                    if closers.len() >= DEPTH_MAX {
                        return false;
                    }
                    self.at += 1;
                    self.skip_blank();
                    let close = if open == b'[' { b']' } else { b'}' };
                    if !self.accept(&[close]) {
                        closers.push(close);
                        if close == b'}' && !self.key() {
                            return false;
                        }
                        continue;
                    }
                }
                Some(b'"') if self.string() => {}
                Some(b'-' | b'0'..=b'9') if self.number() => {}
                Some(b't') if self.accept(b"true") => {}
                Some(b'f') if self.accept(b"false") => {}
                Some(b'n') if self.accept(b"null") => {}
                _ => return false,
            }
            // A value has ended: close what ends with it, up to the next member.
            loop {
                let Some(&close) = closers.last() else { return true };
                self.skip_blank();
                if self.accept(&[close]) {
                    closers.pop();
                } else if self.accept(b",") && (close == b']' || self.key()) {
                    break;
                } else {
                    return false;
                }
            }
        }
    }

    /// `"name" :`
    fn key(&mut self) -> bool {
        self.skip_blank();
        let named = self.peek() == Some(b'"') && self.string();
        self.skip_blank();
        named && self.accept(b":")
    }

    fn string(&mut self) -> bool {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'"' => return true,
                b'\\' => match self.peek() {
                    Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
                    Some(b'u')
                        if self
                            .bytes
                            .get(self.at + 1..self.at + 5)
                            .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) =>
                    {
                        self.at += 5;
                    }
                    _ => return false,
                },
                0..=0x1f => return false,
                _ => {}
            }
        }
        false
    }

    fn number(&mut self) -> bool {
        self.accept(b"-");
        let leading_zero = self.peek() == Some(b'0');
        let whole = self.digits();
        if whole == 0 || (leading_zero && whole > 1) {
            return false;
        }
        if self.accept(b".") && self.digits() == 0 {
            return false;
        }
        if self.accept(b"e") || self.accept(b"E") {
            let _ = self.accept(b"+") || self.accept(b"-");
            return self.digits() > 0;
        }
        true
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Value {
        Value::Text(value.to_owned())
    }

    fn at(document: &str, path: &[Step]) -> Value {
        extract(&text(document), path).expect("it is clear")
    }

    #[test]
    fn paths_lead_to_values() {
        let document = r#" {"a": {"b": [1, 2.50, "x\u00e9", true, null, {"k" : "v w"}]}, "a": 9, "e": 1e3} "#;
        let inside = |index| vec![Step::Key("a".into()), Step::Key("b".into()), Step::Index(index)];
        assert_eq!(at(document, &inside(0)), Value::Integer(1));
        assert_eq!(at(document, &inside(1)), Value::Real(2.5));
        assert_eq!(at(document, &inside(2)), text("xé"));
        assert_eq!(at(document, &inside(3)), Value::Integer(1));
        assert_eq!(at(document, &inside(4)), Value::Null);
        assert_eq!(at(document, &inside(5)), text(r#"{"k":"v w"}"#));
        assert_eq!(at(document, &inside(6)), Value::Null);
        assert_eq!(at(document, &[Step::Key("e".into())]), Value::Real(1000.0));
        assert_eq!(at(document, &[Step::Index(0)]), Value::Null);
        assert_eq!(at(document, &[Step::Key("b".into())]), Value::Null);
        assert_eq!(path_text(&inside(0)), r#"$."a"."b"[0]"#);
    }

    #[test]
    fn what_is_no_json_is_itself() {
        for document in [
            "plain",
            "",
            "01",
            "{a:1}",
            "[1,]",
            "'x'",
            "\"a",
            "1 2",
            "nul",
            "[1}",
            "{\"a\" 1}",
            "\"\\x\"",
            "-",
            "1.",
            "\"\t\"",
        ] {
            assert_eq!(at(document, &[]), text(document));
            assert_eq!(at(document, &[Step::Key("a".into())]), Value::Null);
        }
        assert_eq!(extract(&Value::Null, &[]), Ok(Value::Null));
        assert_eq!(extract(&Value::Integer(5), &[]), Ok(Value::Integer(5)));
    }

    #[test]
    fn lists_and_their_length() {
        assert_eq!(items(&text(r#"["a", 2, [3]]"#)), Ok(vec![text("a"), Value::Integer(2), text("[3]")]));
        assert_eq!(items(&text("")), Ok(vec![text("")]));
        assert_eq!(items(&text("[]")), Ok(vec![]));
        assert_eq!(items(&Value::Null), Ok(vec![Value::Null]));
        for (stored, count) in [(text("x"), 1), (text(""), 0), (Value::Null, 0), (text("[1,[2,3],{}]"), 3)] {
            assert_eq!(length(&stored), count);
        }
    }

    #[test]
    fn deep_text_is_no_json() {
        let nested = |depth: usize| text(&format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
        assert_eq!(length(&nested(DEPTH_MAX)), 1);
        assert!(list_text(&nested(DEPTH_MAX)).is_some());
        assert!(list_text(&nested(DEPTH_MAX + 1)).is_none());
        assert!(list_text(&nested(100_000)).is_none());
    }

    #[test]
    fn odd_texts_are_unclear() {
        for (quoted, near) in
            [(r#""a\ud800\u00e9\\ud800""#, "a\u{fffd}é\\ud800"), (r#""\udc00""#, "\u{fffd}"), (r#""x\u0000y""#, "x\0y")]
        {
            assert_eq!(extract(&text(quoted), &[]), Err(Unclear { near: text(near) }));
        }
        assert_eq!(at(r#""\ud83d\ude00""#, &[]), text("😀"));
    }
}
