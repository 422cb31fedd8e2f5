//! What the language is told from outside: the collections there are, the request, records at hand.

use crate::model::{Collection, Record};
use serde_json::{Map, Value as Json};
use std::fmt;

/// The collections of a tenant.
pub trait Lookup {
    fn collection(&self, name_or_id: &str) -> Option<&Collection>;
}

/// Records that are at hand while a rule is decided in memory.
pub trait Related: Lookup {
    /// The record with this id; `None` when it is not at hand, whether or not it exists.
    fn record(&self, collection_id: &str, id: &str) -> Option<&Record>;

    /// All records of a collection whose relation `field` holds an id; `None` when it is not known that
    /// these are all.
    fn pointing_at(&self, collection_id: &str, field: &str, id: &str) -> Option<Vec<&Record>> {
        let _ = (collection_id, field, id);
        None
    }

    /// All records of a collection; `None` when it is not known that these are all.
    fn every(&self, collection_id: &str) -> Option<Vec<&Record>> {
        let _ = collection_id;
        None
    }
}

/// No other record is at hand.
#[derive(Clone, Copy)]
pub struct Alone<'a>(pub &'a dyn Lookup);

impl fmt::Debug for Alone<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Alone")
    }
}

impl Lookup for Alone<'_> {
    fn collection(&self, name_or_id: &str) -> Option<&Collection> {
        self.0.collection(name_or_id)
    }
}

impl Related for Alone<'_> {
    fn record(&self, _collection_id: &str, _id: &str) -> Option<&Record> {
        None
    }
}

/// Few records are at hand, such as the caller's own.
#[derive(Clone, Copy)]
pub struct AtHand<'a> {
    pub lookup: &'a dyn Lookup,
    pub record: Option<&'a Record>,
}

impl fmt::Debug for AtHand<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("AtHand").field("record", &self.record.map(Record::id)).finish_non_exhaustive()
    }
}

impl Lookup for AtHand<'_> {
    fn collection(&self, name_or_id: &str) -> Option<&Collection> {
        self.lookup.collection(name_or_id)
    }
}

impl Related for AtHand<'_> {
    fn record(&self, collection_id: &str, id: &str) -> Option<&Record> {
        self.record.filter(|record| record.collection.id == collection_id && record.id() == id)
    }
}

/// What `@request.*` and the macros stand for.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub context: &'a str,
    pub method: &'a str,
    pub auth: Option<&'a Record>,
    /// What was submitted, with modifiers such as `n+` already resolved to values.
    pub body: &'a Map<String, Json>,
    /// The first value of each query parameter.
    pub query: &'a [(String, String)],
    /// Names in lower snake case: `X-Token` is `x_token`.
    pub headers: &'a [(String, String)],
    pub now_ms: i64,
}

/// What a rule says about one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    True,
    False,
    /// It depends on rows that are not at hand; ask with SQL.
    NeedsDatabase,
}

impl Truth {
    pub(super) fn of(truth: bool) -> Self {
        if truth { Self::True } else { Self::False }
    }
}
