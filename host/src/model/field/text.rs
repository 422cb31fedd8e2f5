//! Plain text, also the kind of the primary key `id`.

use super::Behaviour;
use crate::error::FieldError;
use crate::model::Value;
use crate::sql;

/// Characters allowed when `max` is 0.
pub const DEFAULT_MAX_CHARS: u64 = 5000;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Text {
    pub min: u64,
    pub max: u64,
    /// Linear-time regular expression; empty for none.
    pub pattern: String,
    pub autogenerate_pattern: String,
    pub primary_key: bool,
}

impl Behaviour for Text {
    const NAME: &'static str = "text";

    fn zero(&self) -> Value {
        Value::Text(String::new())
    }

    fn column(&self) -> &'static str {
        if self.primary_key {
            "TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL"
        } else {
            "TEXT DEFAULT '' NOT NULL"
        }
    }

    fn normalise(&self, input: &serde_json::Value) -> Value {
        Value::Text(super::wire::to_text(input))
    }

    fn check(&self, _value: &Value) -> Result<(), FieldError> {
        Ok(())
    }

    fn load(&self, stored: sql::ValueRef<'_>) -> Value {
        Value::Text(super::wire::stored_text(stored))
    }

    fn store(&self, value: &Value) -> sql::Value {
        sql::Value::Text(value.as_text().unwrap_or_default().to_owned())
    }

    fn write_json(&self, stored: sql::ValueRef<'_>, out: &mut Vec<u8>) {
        super::wire::write_text(stored, out);
    }
}
