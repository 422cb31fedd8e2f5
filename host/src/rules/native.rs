//! Functions that the database lends to statements: what it has itself for lists and texts takes several times as
//! long. Each answers exactly as the SQL does that it stands for, to which `tests/equality.rs` holds it.

use super::json;
use super::value::text_of;
use crate::sql::Value;
use std::collections::HashSet;

mod needle;

pub use needle::Needle;

/// `text_contains(text, needle)`: `text LIKE '%needle%'`, where the needle has no wildcards.
pub const TEXT_CONTAINS: &str = "text_contains";
/// `list_has(list, item)`: some item of a list is that text.
pub const LIST_HAS: &str = "list_has";
/// `list_has_other(list, item)`: some item of a list is not that text, or there is none.
pub const LIST_HAS_OTHER: &str = "list_has_other";
/// `is_among(id, 0, ids)`: a text is among those of a JSON list of ids, as in [`LIST_MEETS`].
pub const IS_AMONG: &str = "is_among";
/// `list_meets(list, 0, ids)`: some item of a list is among those of a JSON list of ids. The ids do not depend on a row;
/// they are read once, and kept with the constant before them.
pub const LIST_MEETS: &str = "list_meets";

/// Ids that many others are looked for among.
#[derive(Debug, Default)]
pub struct Ids {
    few: Vec<String>,
    /// All of them when they are more than [`FEW_IDS`].
    many: HashSet<String>,
}

/// Ids that are compared one by one in less time than it takes to hash one.
const FEW_IDS: usize = 6;

impl Ids {
    /// Reads a JSON list of texts.
    #[must_use]
    pub fn read(list: &str) -> Self {
        let mut all = HashSet::new();
        let is_plain = any_plain_item(list, |item| {
            all.insert(item.to_owned());
            false
        });
        if is_plain.is_none() {
            all = others(list).filter_map(|item| Item::Other(item).text()).collect();
        }
        if all.len() > FEW_IDS {
            Self { few: Vec::new(), many: all }
        } else {
            Self { few: all.into_iter().collect(), many: HashSet::new() }
        }
    }

    #[must_use]
    pub fn have(&self, id: &str) -> bool {
        if self.many.is_empty() { self.few.iter().any(|known| known == id) } else { self.many.contains(id) }
    }

    /// Whether an item of a list is one of them.
    #[must_use]
    pub fn meet(&self, list: &str) -> bool {
        any_item(list, |item| match item {
            Item::Text(text) => self.have(text),
            Item::Other(_) => item.text().is_some_and(|text| self.have(&text)),
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
    any_plain_item(list, |item| test(Item::Text(item)))
        .unwrap_or_else(|| others(list).any(|item| test(Item::Other(item))))
}

/// The same for a list of texts without escapes and without blanks between them, as lists are stored; `None` for
/// anything else, of which some may have been tested in vain.
fn any_plain_item(list: &str, mut test: impl FnMut(&str) -> bool) -> Option<bool> {
    if list == "[]" {
        return Some(false);
    }
    let bytes = list.as_bytes();
    let mut found = false;
    // Where `[` or a comma stands.
    let mut at = 0;
    if bytes.first() != Some(&b'[') {
        return None;
    }
    loop {
        let start = at + 2;
        let text = bytes.get(start..).filter(|_| bytes[at + 1] == b'"')?;
        let end = start + text.iter().position(|byte| ENDS_TEXT[usize::from(*byte)])?;
        found = found || test(list.get(start..end)?);
        // What follows may still show that this is no list, and so has other items.
        match &bytes[end..] {
            b"\"]" => return Some(found),
            [b'"', b',', ..] => at = end + 1,
            _ => return None,
        }
    }
}

/// The items of any list.
fn others(list: &str) -> impl Iterator<Item = Value> {
    json::items_or_near(&Value::Text(list.to_owned())).into_iter()
}

/// The bytes that a text within a plain list does not go beyond: its end, escapes, and what JSON does not allow.
static ENDS_TEXT: [bool; 256] = {
    let mut ends = [false; 256];
    let mut byte = 0;
    while byte < 32 {
        ends[byte] = true;
        byte += 1;
    }
    ends[b'"' as usize] = true;
    ends[b'\\' as usize] = true;
    ends
};

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
        let many: Vec<String> = (0..100).map(|number| format!("\"{number}\"")).collect();
        let ids = Ids::read(&format!("[{}]", many.join(",")));
        assert!(ids.meet(r#"["x","99"]"#) && ids.meet("7") && ids.have("0") && !ids.have("100") && !ids.have(""));
        assert!(Ids::read(r#"["a", "b\n"]"#).have("b\n") && !Ids::read(r#"["a","#).have("a"));
    }
}
