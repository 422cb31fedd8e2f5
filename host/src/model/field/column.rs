//! Stored columns to values and to JSON. Rows may have been written by other versions or by hand, so every
//! shape of column is read; the expected shape is the fast path.

use super::convert;
use crate::model::Value;
use crate::sql::{self, ValueRef};
use serde::de::IgnoredAny;
use std::io::Write as _;

/// Floats from here on are written with an exponent, as JavaScript and Go do; so are those below 1e-6.
const EXPONENT_FROM: f64 = 1e21;
const EXPONENT_BELOW: f64 = 1e-6;

/// The column as text.
#[must_use]
pub fn text(stored: ValueRef<'_>) -> String {
    match stored {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => text.to_owned(),
        ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Writes the column as a JSON string.
pub fn write_text(stored: ValueRef<'_>, out: &mut Vec<u8>) {
    match stored {
        ValueRef::Text(text) => write_string(text, out),
        other => write_string(&text(other), out),
    }
}

/// Writes a JSON string.
pub fn write_string(text: &str, out: &mut Vec<u8>) {
    // Writing to a vector and from a valid text cannot fail.
    let _ = serde_json::to_writer(out, text);
}

/// The column as a number.
#[must_use]
pub fn number(stored: ValueRef<'_>) -> Value {
    match stored {
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) if number.is_finite() => convert::number_value(number),
        ValueRef::Text(text) => finite(convert::text_number(text)),
        ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => Value::Integer(0),
    }
}

fn finite(value: Value) -> Value {
    if convert::as_float(&value).is_finite() { value } else { Value::Integer(0) }
}

/// Writes the column as a JSON number.
pub fn write_number(stored: ValueRef<'_>, out: &mut Vec<u8>) {
    match stored {
        ValueRef::Integer(number) => write_integer(number, out),
        ValueRef::Real(number) => write_float(number, out),
        other => match self::number(other) {
            Value::Integer(number) => write_integer(number, out),
            other => write_float(convert::as_float(&other), out),
        },
    }
}

/// Writes an integer.
pub fn write_integer(number: i64, out: &mut Vec<u8>) {
    let _ = write!(out, "{number}");
}

/// Writes a float in its shortest form, without a fraction when it has none; 0 for what JSON cannot say.
pub fn write_float(number: f64, out: &mut Vec<u8>) {
    if number == 0.0 || !number.is_finite() {
        out.push(b'0');
    } else if number.abs() < EXPONENT_BELOW {
        let _ = write!(out, "{number:e}");
    } else if number.abs() >= EXPONENT_FROM {
        let text = format!("{number:e}");
        out.extend_from_slice(text.replacen('e', "e+", 1).as_bytes());
    } else {
        let _ = write!(out, "{number}");
    }
}

/// The column as a truth value.
#[must_use]
pub fn boolean(stored: ValueRef<'_>) -> bool {
    match stored {
        ValueRef::Integer(number) => number != 0,
        ValueRef::Real(number) => number != 0.0,
        ValueRef::Text(text) => convert::text_bool(text),
        ValueRef::Null | ValueRef::Blob(_) => false,
    }
}

/// The column of a field with choices. A list left over from a time when the field held several yields
/// its last item, a lone text a list of one.
#[must_use]
pub fn choice(stored: ValueRef<'_>, multiple: bool) -> Value {
    match stored {
        ValueRef::Text(text) if multiple || text.starts_with('[') => {
            convert::choice(convert::text_list(text), multiple)
        }
        other => convert::choice(convert::unique(vec![text(other)]), multiple),
    }
}

/// What is bound for a field with choices.
#[must_use]
pub fn store_choice(value: &Value, multiple: bool) -> sql::Value {
    if multiple {
        let mut out = Vec::new();
        write_list(value.items(), &mut out);
        sql::Value::Text(String::from_utf8(out).unwrap_or_default())
    } else {
        sql::Value::Text(value.items().last().cloned().unwrap_or_default())
    }
}

/// Writes the column of a field with choices as a JSON string or list.
pub fn write_choice(stored: ValueRef<'_>, multiple: bool, out: &mut Vec<u8>) {
    match stored {
        ValueRef::Text(text) if multiple && is_plain_list(text.as_bytes()) => out.extend_from_slice(text.as_bytes()),
        ValueRef::Text(text) if !multiple && !text.starts_with('[') => write_string(text, out),
        other => match choice(other, multiple) {
            Value::Texts(items) => write_list(&items, out),
            single => write_string(single.as_text().unwrap_or_default(), out),
        },
    }
}

/// Writes a JSON list of strings.
pub fn write_list(items: &[String], out: &mut Vec<u8>) {
    out.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_string(item, out);
    }
    out.push(b']');
}

/// Whether the text is a JSON list of strings without escapes or white space, as lists are stored.
fn is_plain_list(text: &[u8]) -> bool {
    let Some(inner) = text.strip_prefix(b"[").and_then(|text| text.strip_suffix(b"]")) else { return false };
    let mut rest = inner;
    while let Some(start) = rest.strip_prefix(b"\"") {
        let Some(end) = start.iter().position(|&byte| byte == b'"') else { return false };
        if start[..end].iter().any(|&byte| byte < 0x20 || byte == b'\\') {
            return false;
        }
        rest = &start[end + 1..];
        match rest.strip_prefix(b",") {
            Some(next) if next.starts_with(b"\"") => rest = next,
            Some(_) => return false,
            None => break,
        }
    }
    rest.is_empty()
}

/// Whether a text is one JSON value.
#[must_use]
pub fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Valid JSON without the white space between its parts.
#[must_use]
pub fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let (mut quoted, mut escaped) = (false, false);
    for c in json.chars() {
        if quoted {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if c.is_ascii_whitespace() {
            continue;
        } else {
            quoted = c == '"';
        }
        out.push(c);
    }
    out
}

/// The column of a JSON field: valid JSON without white space, or `Null`. Other text becomes a JSON string.
#[must_use]
pub fn json(stored: ValueRef<'_>) -> Value {
    let mut out = Vec::new();
    write_json(stored, &mut out);
    match String::from_utf8(out) {
        Ok(text) if text != "null" => Value::Json(text),
        _ => Value::Null,
    }
}

/// Writes the column of a JSON field: as it is when it is valid JSON on one line.
pub fn write_json(stored: ValueRef<'_>, out: &mut Vec<u8>) {
    match stored {
        ValueRef::Null | ValueRef::Text("") => out.extend_from_slice(b"null"),
        ValueRef::Integer(number) => write_integer(number, out),
        ValueRef::Real(number) => write_float(number, out),
        ValueRef::Text(text) if !is_json(text) => write_string(text, out),
        // A line break inside a message would end it in an event stream.
        ValueRef::Text(text) if text.bytes().any(|byte| byte < b' ') => out.extend_from_slice(compact(text).as_bytes()),
        ValueRef::Text(text) => out.extend_from_slice(text.as_bytes()),
        ValueRef::Blob(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => write_json(ValueRef::Text(text), out),
            Err(_) => out.extend_from_slice(b"null"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn text_of_every_column() {
        for (stored, expected) in [
            (ValueRef::Null, r#""""#),
            (ValueRef::Text("a\"b\\\n\u{1}ž"), r#""a\"b\\\n\u0001ž""#),
            (ValueRef::Integer(5), r#""5""#),
            (ValueRef::Real(1.5), r#""1.5""#),
            (ValueRef::Blob(b"b\xff"), "\"b\u{fffd}\""),
        ] {
            assert_eq!(written(|out| write_text(stored, out)), expected);
            assert_eq!(serde_json::from_str::<String>(expected).unwrap(), text(stored));
        }
    }

    #[test]
    fn numbers_are_as_short_as_in_javascript() {
        for (stored, expected) in [
            (ValueRef::Integer(-7), "-7"),
            (ValueRef::Real(5.0), "5"),
            (ValueRef::Real(0.1), "0.1"),
            (ValueRef::Real(-0.0), "0"),
            (ValueRef::Real(1e20), "100000000000000000000"),
            (ValueRef::Real(1.5e21), "1.5e+21"),
            (ValueRef::Real(1e-6), "0.000001"),
            (ValueRef::Real(-1.5e-7), "-1.5e-7"),
            (ValueRef::Real(f64::INFINITY), "0"),
            (ValueRef::Null, "0"),
            (ValueRef::Text("12"), "12"),
            (ValueRef::Text("1.25"), "1.25"),
            (ValueRef::Text("inf"), "0"),
            (ValueRef::Text("x"), "0"),
        ] {
            assert_eq!(written(|out| write_number(stored, out)), expected, "{stored:?}");
        }
        assert_eq!(number(ValueRef::Real(3.0)), Value::Integer(3));
        assert_eq!(number(ValueRef::Text("nan")), Value::Integer(0));
    }

    #[test]
    fn truth_of_every_column() {
        assert!(boolean(ValueRef::Integer(1)) && boolean(ValueRef::Text("true")) && boolean(ValueRef::Real(1.0)));
        assert!(!boolean(ValueRef::Integer(0)) && !boolean(ValueRef::Null) && !boolean(ValueRef::Text("false")));
    }

    #[test]
    fn choices_follow_the_option_of_today() {
        for (stored, single, multiple) in [
            (ValueRef::Text(""), r#""""#, "[]"),
            (ValueRef::Null, r#""""#, "[]"),
            (ValueRef::Text("a"), r#""a""#, r#"["a"]"#),
            (ValueRef::Text(r#"["a","b"]"#), r#""b""#, r#"["a","b"]"#),
            (ValueRef::Text("[]"), r#""""#, "[]"),
            (ValueRef::Text(r#"[ "a", "a", "" ]"#), r#""a""#, r#"["a"]"#),
            (ValueRef::Text(r#"["\u0061"]"#), r#""a""#, r#"["a"]"#),
            (ValueRef::Text("[x"), r#""[x""#, r#"["[x"]"#),
            (ValueRef::Text(r#"["a"]x]"#), r#""[\"a\"]x]""#, r#"["[\"a\"]x]"]"#),
            (ValueRef::Integer(7), r#""7""#, r#"["7"]"#),
        ] {
            assert_eq!(written(|out| write_choice(stored, false, out)), single, "{stored:?}");
            assert_eq!(written(|out| write_choice(stored, true, out)), multiple, "{stored:?}");
        }
        let list = Value::Texts(vec!["a\"".into(), "b".into()]);
        assert_eq!(store_choice(&list, true), sql::Value::Text(r#"["a\"","b"]"#.into()));
        assert_eq!(store_choice(&list, false), sql::Value::Text("b".into()));
        assert_eq!(choice(ValueRef::Text(r#"["a\"","b"]"#), true), list);
    }

    #[test]
    fn plain_lists_are_recognised() {
        for text in ["[]", r#"["a"]"#, r#"["a","ž"]"#] {
            assert!(is_plain_list(text.as_bytes()), "{text}");
        }
        for text in
            ["", "[", "[1]", r#"["a",]"#, r#"["a"b]"#, r#"["a" ]"#, r#"["a\n"]"#, r#"["a]"#, r#"["a","#, "[\"a\n\"]"]
        {
            assert!(!is_plain_list(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn json_is_embedded_as_it_is() {
        for (stored, expected) in [
            (ValueRef::Null, "null"),
            (ValueRef::Text("null"), "null"),
            (ValueRef::Text(""), "null"),
            (ValueRef::Text(r#"{"b": 1.0, "a":[]}"#), r#"{"b": 1.0, "a":[]}"#),
            (ValueRef::Text("[1,\n \"a \\\" \\\\\" ]"), r#"[1,"a \" \\"]"#),
            (ValueRef::Text("bare"), r#""bare""#),
            (ValueRef::Text("{\"a\":"), r#""{\"a\":""#),
            (ValueRef::Integer(12), "12"),
            (ValueRef::Real(1.5), "1.5"),
            (ValueRef::Blob(b"{}"), "{}"),
            (ValueRef::Blob(b"\xff"), "null"),
        ] {
            assert_eq!(written(|out| write_json(stored, out)), expected, "{stored:?}");
        }
        assert_eq!(json(ValueRef::Null), Value::Null);
        assert_eq!(json(ValueRef::Integer(1)), Value::Json("1".into()));
        let deep = "[".repeat(5000) + &"]".repeat(5000);
        assert_eq!(written(|out| write_json(ValueRef::Text(&deep), out)), deep);
    }
}
