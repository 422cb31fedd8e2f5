//! Functions that the database lends to statements: what it has itself for lists and texts takes several times as
//! long. Each answers exactly as the SQL does that it stands for, to which `tests/equality.rs` holds it.

use super::json;
use super::value::text_of;
use crate::sql::Value;
use regex::bytes::{Regex, RegexBuilder};
use std::collections::HashSet;

/// `text_contains(text, needle)`: `text LIKE '%needle%'`, where the needle has no wildcards.
pub const TEXT_CONTAINS: &str = "text_contains";
/// `list_has(list, item)`: some item of a list is that text.
pub const LIST_HAS: &str = "list_has";
/// `list_has_other(list, item)`: some item of a list is not that text, or there is none.
pub const LIST_HAS_OTHER: &str = "list_has_other";
/// `list_meets(list, 0, ids)`: some item of a list is among those of a JSON list of ids. The ids do not depend on a row;
/// they are read once, and kept with the constant before them.
pub const LIST_MEETS: &str = "list_meets";

/// What is searched for in many texts.
#[derive(Debug)]
pub struct Needle(Regex);

impl Needle {
    /// # Errors
    /// When the needle is too long to be searched for.
    pub fn new(needle: &str) -> Result<Self, regex::Error> {
        RegexBuilder::new(&regex::escape(needle)).unicode(false).case_insensitive(true).build().map(Self)
    }

    /// Letters of ASCII match in both cases. As for LIKE, a text ends at its first NUL.
    #[must_use]
    pub fn is_in(&self, text: &[u8]) -> bool {
        self.0.find(text).is_some_and(|found| !text[..found.end()].contains(&0))
    }
}

/// Ids that the items of many lists are looked for among.
#[derive(Debug, Default)]
pub struct Ids(HashSet<String>);

impl Ids {
    /// Reads a JSON list of texts.
    #[must_use]
    pub fn read(list: &str) -> Self {
        let mut ids = HashSet::new();
        any_item(list, |item| {
            ids.extend(item.text());
            false
        });
        Self(ids)
    }

    #[must_use]
    pub fn meet(&self, list: &str) -> bool {
        any_item(list, |item| match item {
            Item::Text(text) => self.0.contains(text),
            Item::Other(_) => item.text().is_some_and(|text| self.0.contains(&text)),
        })
    }
}

/// See [`LIST_HAS`].
#[must_use]
pub fn list_has(list: &str, wanted: &str) -> bool {
    any_item(list, |item| item.is(wanted))
}

/// See [`LIST_HAS_OTHER`].
#[must_use]
pub fn list_has_other(list: &str, wanted: &str) -> bool {
    let mut is_empty = true;
    any_item(list, |item| {
        is_empty = false;
        !item.is(wanted)
    }) || is_empty
}

enum Item<'a> {
    Text(&'a str),
    Other(Value),
}

impl Item<'_> {
    /// Numbers, and what they are compared with, keep their types.
    fn is(&self, wanted: &str) -> bool {
        match self {
            Self::Text(text) => *text == wanted,
            Self::Other(value) => matches!(value, Value::Text(text) if text == wanted),
        }
    }

    /// As a column of text would hold it.
    fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some((*text).to_owned()),
            Self::Other(value) => text_of(value).map(std::borrow::Cow::into_owned),
        }
    }
}

/// Whether the test holds for an item; what is no list is a list of itself.
fn any_item(list: &str, mut test: impl FnMut(Item<'_>) -> bool) -> bool {
    if list == "[]" {
        return false;
    }
    match list.strip_prefix("[\"").and_then(|rest| rest.strip_suffix("\"]")) {
        Some(items) if is_plain(list) => items.split("\",\"").any(|item| test(Item::Text(item))),
        _ => json::items_or_near(&Value::Text(list.to_owned())).into_iter().any(|item| test(Item::Other(item))),
    }
}

/// Whether this is a list of texts without escapes and blanks between them, as lists are stored.
fn is_plain(list: &str) -> bool {
    let mut rest = list.as_bytes();
    loop {
        // `["` or `,"`, the text, `"`.
        let Some(text) = rest.get(2..).filter(|_| rest[1] == b'"') else { return false };
        let Some(end) = text.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=31)) else { return false };
        rest = &text[end..];
        match rest {
            [b'"', b']'] => return true,
            [b'"', b',', ..] => rest = &rest[1..],
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_sqlite_reads_them() {
        for (list, has, other) in [
            (r#"["a","b"]"#, true, true),
            (r#"["a"]"#, true, false),
            (r#"[ "b" , "\u0061" ]"#, true, true),
            ("[]", false, true),
            ("", false, true),
            ("a", true, false),
            (r#"["b",["a"],1,null]"#, false, true),
            (r#"["a""#, false, true),
            (r#"["a","]"#, false, true),
            (r#"["b,","a"]"#, true, true),
            (r#"["a"b"]"#, false, true),
            (r#"["a\"]"#, false, true),
        ] {
            assert_eq!((list_has(list, "a"), list_has_other(list, "a")), (has, other), "{list}");
        }
        assert!(list_has(r#"[["a", 1]]"#, r#"["a",1]"#));
    }

    #[test]
    fn lists_meet() {
        let ids = Ids::read(r#"["a","5"]"#);
        for (list, met) in [(r#"["b","a"]"#, true), ("[5]", true), ("5", true), (r#"["b"]"#, false), ("[]", false)] {
            assert_eq!(ids.meet(list), met, "{list}");
        }
        assert!(!Ids::read("[]").meet(r#"["a"]"#));
    }

    #[test]
    fn texts_contain() {
        let holds = |needle: &str, text: &str| Needle::new(needle).unwrap().is_in(text.as_bytes());
        assert!(holds("b.C", "aB.cd") && holds("", "") && holds("é", "café") && holds("a_", "A_"));
        assert!(!holds("b.C", "abxcd") && !holds("É", "café") && !holds("a_", "ab"));
        assert!(holds("a", "a\0b") && !holds("b", "a\0b"), "a text ends at its first NUL");
    }
}
