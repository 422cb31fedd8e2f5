//! A record: named values, read by kind, with its changes kept apart from what it was.

use std::borrow::Cow;

use crate::bindings::types::{Field, FieldError, Value};

/// A record or a draft of one: a flat list of named values.
///
/// Reading looks at the changes first. [`Record::set`] notes a change only where the value really differs, and only
/// changes go back to the host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    fields: Vec<Field>,
    changes: Vec<Field>,
}

impl Record {
    /// An empty record, to be filled with [`Record::with`] and handed to `records::create`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a field, or `None` where the record has no such field, or the plugin may not read it.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let field = find(&self.changes, name).or_else(|| find(&self.fields, name))?;
        Some(&field.value)
    }

    /// A text field. Like all readers that name a kind: a field that is missing, null or of another kind is an error
    /// on that field, ready for `?`.
    pub fn text(&self, name: &str) -> Result<&str, FieldError> {
        match self.required(name)? {
            Value::Text(text) => Ok(text),
            _ => Err(wrong_kind(name, "Must be a text.")),
        }
    }

    /// A whole number; also where a number field holds one, such as `3.0`.
    pub fn integer(&self, name: &str) -> Result<i64, FieldError> {
        match *self.required(name)? {
            Value::Integer(integer) => Ok(integer),
            Value::Number(number) if number as i64 as f64 == number => Ok(number as i64),
            _ => Err(wrong_kind(name, "Must be a whole number.")),
        }
    }

    /// A number, whole or not.
    pub fn number(&self, name: &str) -> Result<f64, FieldError> {
        match *self.required(name)? {
            Value::Number(number) => Ok(number),
            Value::Integer(integer) => Ok(integer as f64),
            _ => Err(wrong_kind(name, "Must be a number.")),
        }
    }

    /// A yes or no.
    pub fn boolean(&self, name: &str) -> Result<bool, FieldError> {
        match *self.required(name)? {
            Value::Boolean(boolean) => Ok(boolean),
            _ => Err(wrong_kind(name, "Must be true or false.")),
        }
    }

    /// A field of several texts: a select, a relation or files. A single text is a list of one.
    pub fn texts(&self, name: &str) -> Result<&[String], FieldError> {
        match self.required(name)? {
            Value::Texts(texts) => Ok(texts),
            Value::Text(text) => Ok(std::slice::from_ref(text)),
            _ => Err(wrong_kind(name, "Must be a list of texts.")),
        }
    }

    /// The JSON text of a JSON field, for the parser of your choice.
    pub fn json(&self, name: &str) -> Result<&str, FieldError> {
        match self.required(name)? {
            Value::Json(json) => Ok(json),
            _ => Err(wrong_kind(name, "Must be JSON.")),
        }
    }

    /// The record's id; empty for a draft that has none yet.
    pub fn id(&self) -> &str {
        self.text("id").unwrap_or_default()
    }

    /// Changes a field, unless it already has this value.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        self.put(name, value.into());
        self
    }

    /// [`Record::set`] for building: `Record::new().with("title", "Hello").with("views", 0)`.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }

    /// Whether a field differs from what it is in another record: in a before-update hook,
    /// `draft.differs(original, "title")` tells whether the caller changes the title.
    pub fn differs(&self, other: &Record, name: &str) -> bool {
        self.get(name) != other.get(name)
    }

    /// Every field as it stands, with the changes in place.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Value)> {
        let unchanged = self.fields.iter().filter(|field| find(&self.changes, &field.name).is_none());
        unchanged.chain(&self.changes).map(|field| (field.name.as_str(), &field.value))
    }

    /// The changed fields.
    pub fn changes(&self) -> &[Field] {
        &self.changes
    }

    /// Every field as it stands, borrowed where the record is all changes or none.
    pub(crate) fn as_fields(&self) -> Cow<'_, [Field]> {
        if self.fields.is_empty() {
            return Cow::Borrowed(&self.changes);
        }
        if self.changes.is_empty() {
            return Cow::Borrowed(&self.fields);
        }
        self.fields().map(|(name, value)| Field { name: name.to_owned(), value: value.clone() }).collect()
    }

    pub(crate) fn into_changes(self) -> Vec<Field> {
        self.changes
    }

    fn put(&mut self, name: &str, value: Value) {
        if self.get(name) != Some(&value) {
            match self.changes.iter_mut().find(|field| field.name == name) {
                Some(field) => field.value = value,
                None => self.changes.push(Field { name: name.to_owned(), value }),
            }
        }
    }

    fn required(&self, name: &str) -> Result<&Value, FieldError> {
        match self.get(name) {
            None | Some(Value::Null) => Err(FieldError::new(name, "validation_required", "Cannot be blank.")),
            Some(value) => Ok(value),
        }
    }
}

/// A stored record, without changes.
impl From<Vec<Field>> for Record {
    fn from(fields: Vec<Field>) -> Self {
        Self { fields, changes: Vec::new() }
    }
}

fn find<'a>(fields: &'a [Field], name: &str) -> Option<&'a Field> {
    fields.iter().find(|field| field.name == name)
}

fn wrong_kind(name: &str, message: &str) -> FieldError {
    FieldError::new(name, "validation_invalid_type", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored() -> Record {
        let field = |name: &str, value| Field { name: name.into(), value };
        Record::from(vec![
            field("title", Value::Text("Hello".into())),
            field("views", Value::Number(3.0)),
            field("tags", Value::Texts(vec!["a".into(), "b".into()])),
            field("note", Value::Null),
        ])
    }

    #[test]
    fn reads_by_kind() {
        let record = stored();
        assert_eq!(record.text("title"), Ok("Hello"));
        assert_eq!(record.integer("views"), Ok(3));
        assert_eq!(record.number("views"), Ok(3.0));
        assert_eq!(record.texts("tags").unwrap().len(), 2);
        assert_eq!(record.texts("title").unwrap(), ["Hello"]);
    }

    #[test]
    fn a_field_that_is_not_there_is_an_error_on_that_field() {
        let record = stored();
        for name in ["missing", "note"] {
            let error = record.text(name).unwrap_err();
            assert_eq!((error.field.as_str(), error.code.as_str()), (name, "validation_required"));
        }
        assert_eq!(record.boolean("title").unwrap_err().code, "validation_invalid_type");
        assert_eq!(Record::new().with("n", 0.5).integer("n").unwrap_err().code, "validation_invalid_type");
    }

    #[test]
    fn only_real_changes_are_changes() {
        let mut record = stored();
        record.set("title", "Hello");
        assert!(record.changes().is_empty());
        record.set("title", "New").set("title", "Newer").set("slug", "newer");
        let names: Vec<_> = record.changes().iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["title", "slug"]);
        assert_eq!(record.text("title"), Ok("Newer"));
        assert_eq!(record.fields().count(), 5);
        assert!(record.differs(&stored(), "title") && !record.differs(&stored(), "views"));
    }
}
