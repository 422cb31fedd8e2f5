//! Reads single settings out of a flat JSON object without a JSON library: a plugin's configuration rarely needs more,
//! and a parser would be larger than the plugin.

use std::borrow::Cow;

/// The raw text of a member of the top-level object, or `None` where there is no such member or no such object.
pub fn member<'a>(object: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = object.trim_ascii_start().strip_prefix('{')?.trim_ascii_start();
    while !rest.starts_with('}') {
        let (key, after) = rest.split_at_checked(value_length(rest)?)?;
        let value = after.trim_ascii_start().strip_prefix(':')?.trim_ascii_start();
        let (value, after) = value.split_at_checked(value_length(value)?)?;
        if text(key)? == name {
            return Some(value);
        }
        let after = after.trim_ascii_start();
        rest = after.strip_prefix(',').unwrap_or(after).trim_ascii_start();
    }
    None
}

/// The text of a JSON string.
pub fn text(value: &str) -> Option<Cow<'_, str>> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(character) = rest.next() {
        text.push(match character {
            '\\' => unescape(&mut rest)?,
            other => other,
        });
    }
    Some(Cow::Owned(text))
}

fn unescape(rest: &mut std::str::Chars) -> Option<char> {
    Some(match rest.next()? {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'u' => match code_unit(rest)? {
            high @ 0xD800..=0xDBFF => {
                rest.next().filter(|&c| c == '\\')?;
                rest.next().filter(|&c| c == 'u')?;
                let low = code_unit(rest)?.checked_sub(0xDC00).filter(|&low| low < 0x400)?;
                char::from_u32(0x10000 + ((high - 0xD800) << 10) + low)?
            }
            unit => char::from_u32(unit)?,
        },
        quoted @ ('"' | '\\' | '/') => quoted,
        _ => return None,
    })
}

fn code_unit(rest: &mut std::str::Chars) -> Option<u32> {
    (0..4).try_fold(0, |unit, _| Some(unit * 16 + rest.next()?.to_digit(16)?))
}

/// The length of the value at the start of `json`: a string, an object or array with all that is in it, or a word.
fn value_length(json: &str) -> Option<usize> {
    let bytes = json.as_bytes();
    let mut depth = 0usize;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at += string_length(bytes.get(at..)?)? - 1,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return Some(at),
            b'}' | b']' => depth -= 1,
            b',' | b':' if depth == 0 => return Some(at),
            byte if depth == 0 && byte.is_ascii_whitespace() => return Some(at),
            _ if depth == 0 => {
                at += 1;
                continue;
            }
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

fn string_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match bytes.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_members_of_a_flat_object() {
        let json = r#" { "a" : "x" , "b":-12, "c" : [1, {"d": "}"}], "e":true,"f":{"a":1} , "g\u0041": null } "#;
        assert_eq!(member(json, "a"), Some(r#""x""#));
        assert_eq!(member(json, "b"), Some("-12"));
        assert_eq!(member(json, "c"), Some(r#"[1, {"d": "}"}]"#));
        assert_eq!(member(json, "d"), None);
        assert_eq!(member(json, "e"), Some("true"));
        assert_eq!(member(json, "f"), Some(r#"{"a":1}"#));
        assert_eq!(member(json, "gA"), Some("null"));
    }

    #[test]
    fn unescapes_texts() {
        assert_eq!(text(r#""plain""#).unwrap(), "plain");
        assert_eq!(text(r#""a\"b\\c\n\u00e9\ud83d\ude00""#).unwrap(), "a\"b\\c\n\u{e9}\u{1f600}");
        assert_eq!(text(r#""\ud83d""#), None);
        assert_eq!(text("12"), None);
    }

    #[test]
    fn answers_none_for_what_is_not_an_object() {
        for json in ["", "{", "[]", "12", r#"{"a"#, r#"{"a"}"#, r#"{"a":"#, r#"{"a":"x"#, r#"{,}"#, "{:}", r#"{"b":[}"#]
        {
            assert_eq!(member(json, "a"), None, "{json}");
        }
    }
}
