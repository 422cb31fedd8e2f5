//! True or false. The file is not `bool.rs` because a module of that name would hide the type.

use super::{Behaviour, Field, column, convert};
use crate::error::{FieldError, FieldErrors};
use crate::model::Value;
use crate::sql;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Bool {}

impl Behaviour for Bool {
    const NAME: &'static str = "bool";

    fn zero(&self) -> Value {
        Value::Bool(false)
    }

    fn column(&self) -> &'static str {
        "BOOLEAN DEFAULT FALSE NOT NULL"
    }

    fn normalise(&self, input: &serde_json::Value) -> Value {
        Value::Bool(convert::to_bool(input))
    }

    fn check(&self, _value: &Value) -> Result<(), FieldError> {
        Ok(())
    }

    fn load(&self, stored: sql::ValueRef<'_>) -> Value {
        Value::Bool(column::boolean(stored))
    }

    fn store(&self, value: &Value) -> sql::Value {
        sql::Value::Integer(i64::from(*value == Value::Bool(true)))
    }

    fn write_json(&self, stored: sql::ValueRef<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(if column::boolean(stored) { b"true" } else { b"false" });
    }

    fn check_options(&self, _field: &Field, _errors: &mut FieldErrors) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::ValueRef;

    #[test]
    fn round_trip() {
        let kind = Bool::default();
        for truth in [true, false] {
            let value = kind.normalise(&truth.into());
            let stored = kind.store(&value);
            assert_eq!(stored, sql::Value::Integer(i64::from(truth)));
            assert_eq!(kind.load(ValueRef::Integer(i64::from(truth))), value);
            let mut out = Vec::new();
            kind.write_json(ValueRef::Integer(i64::from(truth)), &mut out);
            assert_eq!(out, truth.to_string().as_bytes());
        }
        assert!(kind.is_zero(&kind.zero()));
    }
}
