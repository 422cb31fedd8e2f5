//! The tenant's records, within the collections and verbs that an admin grants. Using it makes the component import
//! `tinybase:plugin/records`.
//!
//! A grant is as the plugin, past the rules, or as the caller: what the caller could read and write by itself, and
//! nothing else.
//!
//! In a before-hook reads see one consistent snapshot, and writes join the transaction of the main write, all or
//! nothing. One as the caller is judged there: when its rule refuses it, the main write is refused, and the hook has no say
//! in that. In an after-hook each write is a transaction of its own; the rules' refusal is an error with code `denied` (a create) or
//! `not_found` (a record that the caller may not change, as one that is not there).

use crate::Record;
use crate::bindings::types::Error;

#[cfg(target_arch = "wasm32")]
use crate::bindings::records as host;
#[cfg(not(target_arch = "wasm32"))]
use crate::testing::host::records as host;

/// One record; an error with code `not_found` where there is none.
pub fn get(collection: &str, id: &str) -> Result<Record, Error> {
    host::get(collection, id).map(Record::from)
}

/// At most `limit` (1 to 500) records that match `filter` (empty for all), ordered by `sort` such as
/// `-created,title`. Texts go into a filter through [`quote`].
pub fn find(collection: &str, filter: &str, sort: &str, limit: u32) -> Result<Vec<Record>, Error> {
    let found = host::find(collection, filter, sort, limit)?;
    Ok(found.into_iter().map(Record::from).collect())
}

/// The first record that matches `filter`, if any.
pub fn first(collection: &str, filter: &str) -> Result<Option<Record>, Error> {
    Ok(find(collection, filter, "", 1)?.pop())
}

/// How many records match `filter`.
pub fn count(collection: &str, filter: &str) -> Result<u64, Error> {
    host::count(collection, filter)
}

/// Creates a record and answers with its id. Keys may change fields as those of clients do: `draft.with("views+", 1)`. A new
/// password comes with `passwordConfirm`, and with `oldPassword` where the caller has to prove it.
pub fn create(collection: &str, draft: &Record) -> Result<String, Error> {
    host::create(collection, &draft.as_fields())
}

/// Stores the changes of a record; its other fields stay as they are.
pub fn update(collection: &str, id: &str, record: &Record) -> Result<(), Error> {
    host::update(collection, id, record.changes())
}

pub fn delete(collection: &str, id: &str) -> Result<(), Error> {
    host::delete(collection, id)
}

/// A text as a literal of the rule language: `["email = ", &quote(email)].concat()`.
pub fn quote(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('\'');
    for character in text.chars() {
        if matches!(character, '\'' | '\\') {
            literal.push('\\');
        }
        literal.push(character);
    }
    literal.push('\'');
    literal
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn a_text_cannot_leave_its_literal() {
        assert_eq!(quote("it's"), r"'it\'s'");
        assert_eq!(quote(r"a\b"), r"'a\\b'");
        assert_eq!(quote(r"end\"), r"'end\\'");
    }
}
