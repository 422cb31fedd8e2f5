//! A record as values in the order of its collection's fields, and the draft of one to be written.

use super::{Collection, Value};
use std::sync::Arc;

/// A stored row. `values[i]` belongs to `collection.fields[i]`.
#[derive(Debug, Clone)]
pub struct Record {
    pub collection: Arc<Collection>,
    pub values: Vec<Value>,
}

impl Record {
    /// The value of a field; `None` when the collection has no such field.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.collection.field_index(field).map(|index| &self.values[index])
    }

    /// A text field's value, empty when absent.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        self.get(field).and_then(Value::as_text).unwrap_or_default()
    }

    #[must_use]
    pub fn id(&self) -> &str {
        self.text("id")
    }
}

/// A record on its way to the table: the whole new row, and which fields somebody set.
#[derive(Debug, Clone)]
pub struct Draft {
    pub record: Record,
    /// `set[i]`: the input or a hook gave field `i` a value.
    pub set: Vec<bool>,
    /// Plain passwords that are to be hashed before the write, by field index.
    pub passwords: Vec<(usize, String)>,
}

impl Draft {
    /// A new record: every field at its zero value.
    #[must_use]
    pub fn new(collection: Arc<Collection>) -> Self {
        let values = collection.fields.iter().map(|field| field.kind.zero()).collect::<Vec<_>>();
        let set = vec![false; values.len()];
        Self { record: Record { collection, values }, set, passwords: Vec::new() }
    }

    /// A change of a stored record.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        Self { set: vec![false; record.values.len()], record: record.clone(), passwords: Vec::new() }
    }

    pub fn put(&mut self, index: usize, value: Value) {
        self.record.values[index] = value;
        self.set[index] = true;
    }
}
