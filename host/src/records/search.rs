//! `?search=`: what somebody typed becomes a query of FTS5 that cannot be malformed.
//!
//! All words must be there, in any of the fields; the last may be the beginning of one; words in double quotes
//! stand together. What is no letter or digit is no word.

use super::selection::Selection;
use crate::error::{Error, Result, code};
use crate::model::Collection;
use crate::schema::search::{self, Sees, Table};
use crate::sql::Sql;
use crate::tenant::Cx;
use std::fmt::Write as _;

/// Longest search.
pub(super) const SEARCH_CHARS_MAX: usize = 500;
/// Most words.
const WORDS_MAX: usize = 32;

/// A search that a collection can answer.
#[derive(Debug)]
pub(super) struct Search<'a> {
    table: Table<'a>,
    /// `None` when no word is left of it, so that nothing can be found.
    query: Option<String>,
}

/// The search of a caller, if there is one.
///
/// # Errors
/// `Invalid` when it is too long, and when there is nothing that this caller could search.
pub(super) fn parse<'a>(cx: &Cx, collection: &'a Collection, text: Option<&str>) -> Result<Option<Search<'a>>> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    let refused = |error| Error::field("The search cannot be carried out.", "search", error);
    if text.chars().count() > SEARCH_CHARS_MAX {
        let most = [("min", 0.into()), ("max", SEARCH_CHARS_MAX.into())];
        return Err(refused(code::LENGTH_TOO_LONG.with(most)));
    }
    let sees = if cx.caller.is_trusted() { Sees::Everything } else { Sees::OpenFields };
    let nothing = || refused(code::NOT_SEARCHABLE.say("No field of this collection is searchable."));
    let table = search::table(collection, sees).ok_or_else(nothing)?;
    Ok(Some(Search { table, query: query(text) }))
}

impl Search<'_> {
    /// The condition that a row of the collection's table is found.
    pub(super) fn condition(&self) -> Sql {
        let Some(query) = &self.query else { return Sql::new("FALSE") };
        let name = &self.table.name;
        let mut sql = Sql::default();
        sql.column(self.table.of(), "_rowid_").push(" IN (SELECT rowid FROM ").name(name);
        sql.push(" WHERE ").name(name).push(" MATCH ").bind(query.as_str()).push(")");
        sql
    }

    /// Leaves the rows that are found, and answers with the ORDER BY: the best first.
    pub(super) fn rank(&self, selection: &mut Selection<'_>) -> Sql {
        let Some(query) = &self.query else {
            selection.and(Sql::new("FALSE"));
            return Sql::default();
        };
        let (name, row) = (&self.table.name, self.table.of());
        let mut from = Sql::default();
        // CROSS JOIN, so that the words are looked for first: they find few rows.
        from.name(name).push(" CROSS JOIN ").name(row).push(" ON ").column(row, "_rowid_").push(" = ");
        from.column(name, "rowid");
        let mut found = Sql::default();
        found.column(name, name).push(" MATCH ").bind(query.as_str());
        selection.join(from, found);
        let mut order = Sql::new(" ORDER BY ");
        order.column(name, "rank").push(", ").column(row, "id");
        order
    }
}

/// The query that a text means; `None` when it has no word.
fn query(text: &str) -> Option<String> {
    let mut query = String::new();
    let mut words = 0;
    let mut last_is_open = false;
    for (index, part) in text.split('"').enumerate() {
        let quoted = index % 2 == 1;
        // The engine ends a text at NUL, which would leave a quotation open.
        let is_gap = |c: char| c.is_control() || (!quoted && c.is_whitespace());
        for word in part.split(is_gap).filter(|word| word.contains(char::is_alphanumeric)) {
            if words == WORDS_MAX {
                break;
            }
            words += 1;
            last_is_open = !quoted;
            let _ = write!(query, "\"{word}\" ");
        }
    }
    if words == 0 {
        return None;
    }
    if last_is_open {
        query.push('*');
    }
    Some(query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_words() {
        for (text, expected) in [
            ("cat", Some("\"cat\" *")),
            (" big  cat ", Some("\"big\" \"cat\" *")),
            ("\"big cat\" dog", Some("\"big cat\" \"dog\" *")),
            ("dog \"big cat\"", Some("\"dog\" \"big cat\" ")),
            ("dog \"big ca", Some("\"dog\" \"big ca\" ")),
            ("foo-bar", Some("\"foo-bar\" *")),
            ("a AND NOT b* c:d (x) ^y", Some("\"a\" \"AND\" \"NOT\" \"b*\" \"c:d\" \"(x)\" \"^y\" *")),
            ("a\0b", Some("\"a\" \"b\" *")),
            ("žluť 猫", Some("\"žluť\" \"猫\" *")),
            ("", None),
            ("- * \" \" ( ) ' ; \0", None),
        ] {
            assert_eq!(query(text).as_deref(), expected, "{text:?}");
        }
        assert_eq!(query(&"a ".repeat(100)).unwrap().matches("\"a\"").count(), WORDS_MAX);
    }
}
