//! A record's `ETag`: a strong tag of the row as it is stored, the same for everybody and for every `fields`.
//!
//! It is an HMAC and not a hash, because the row has values that not everybody may see: whoever knows the
//! others could guess a short one until a hash agrees.

use crate::crypto;
use crate::db::Row;
use crate::model::{Collection, FieldKind, Record, Value};
use crate::schema::catalog::Catalog;
use crate::sql::ValueRef;

/// Bytes of the HMAC that are kept.
const TAG_BYTES: usize = 16;

/// The tag of a row that was selected with the collection's columns first.
pub(super) fn of_row(catalog: &Catalog, collection: &Collection, row: &Row<'_>) -> String {
    let mut text = begin(collection);
    for (index, field) in collection.fields.iter().enumerate() {
        match (&field.kind, row.get(index)) {
            // What a password is shown as says nothing about it.
            (FieldKind::Password(_), ValueRef::Text(hash)) => text.extend_from_slice(hash.as_bytes()),
            (_, column) => field.write_json(column, &mut text),
        }
        text.push(0);
    }
    sign(catalog, &text)
}

/// The tag of a record at hand; the same as that of its row.
pub(super) fn of_record(catalog: &Catalog, record: &Record) -> String {
    let mut text = begin(&record.collection);
    for (field, value) in record.collection.fields.iter().zip(&record.values) {
        match (&field.kind, value) {
            (FieldKind::Password(_), Value::Text(hash)) => text.extend_from_slice(hash.as_bytes()),
            (_, value) => value.write_json(&mut text),
        }
        text.push(0);
    }
    sign(catalog, &text)
}

/// A change of the collection changes how its records are shown, and so their tags.
fn begin(collection: &Collection) -> Vec<u8> {
    let mut text = Vec::with_capacity(512);
    for part in ["etag", &collection.id, &collection.updated] {
        text.extend_from_slice(part.as_bytes());
        text.push(0);
    }
    text
}

/// The tag that stands for a text, which it does not tell.
#[must_use]
pub fn sign(catalog: &Catalog, text: &[u8]) -> String {
    // Any secret of the tenant that lasts would do; this one every tenant has.
    let superusers = catalog.collection("_superusers").and_then(|collection| collection.auth());
    let key = superusers.map(|options| options.auth_token.secret.as_bytes()).unwrap_or_default();
    let mut tag = String::with_capacity(TAG_BYTES * 2 + 2);
    tag.push('"');
    for byte in crypto::hmac(key, text).iter().take(TAG_BYTES) {
        for digit in [byte >> 4, byte & 15] {
            tag.push(char::from_digit(u32::from(digit), 16).unwrap_or_default());
        }
    }
    tag.push('"');
    tag
}

/// What `If-Match` or `If-None-Match` lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tags {
    /// `*`: any record that exists.
    Any,
    Listed(Vec<String>),
}

impl Tags {
    /// Parses the value of the header. What is no tag matches nothing.
    #[must_use]
    pub fn parse(header: &str) -> Self {
        if header.trim() == "*" {
            return Self::Any;
        }
        Self::Listed(header.split(',').map(|tag| tag.trim().to_owned()).collect())
    }

    /// Whether a strong tag is among them, by strong comparison: for writes.
    #[must_use]
    pub fn match_strongly(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(tags) => tags.iter().any(|known| known == tag),
        }
    }

    /// The same by weak comparison, for reads: a cache may have weakened the tag.
    #[must_use]
    pub fn match_weakly(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(tags) => tags.iter().any(|known| known.strip_prefix("W/").unwrap_or(known) == tag),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_tags() {
        let tags = Tags::parse(" \"a\" , W/\"b\"");
        assert!(tags.match_strongly("\"a\"") && !tags.match_strongly("\"b\"") && tags.match_weakly("\"b\""));
        assert!(!tags.match_strongly("a") && !Tags::parse("").match_weakly("\"a\""));
        assert!(Tags::parse("*").match_strongly("\"x\""));
    }
}
