//! A point in time, as text in one form.

use super::options::{date_error, read_date};
use super::{Behaviour, Field, column};
use crate::error::{FieldError, FieldErrors, code};
use crate::model::{Value, date};
use crate::sql;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Date {
    /// In the stored form; empty for none.
    #[serde(deserialize_with = "read_date")]
    pub min: String,
    #[serde(deserialize_with = "read_date")]
    pub max: String,
}

/// Only text is read; numbers are not taken for times.
pub(super) fn normalise(input: &serde_json::Value) -> Value {
    Value::Text(input.as_str().map(date::normalise).unwrap_or_default())
}

pub(super) fn load(stored: sql::ValueRef<'_>) -> Value {
    Value::Text(date::normalise(&column::text(stored)))
}

pub(super) fn write_json(stored: sql::ValueRef<'_>, out: &mut Vec<u8>) {
    match stored {
        // The stored form needs no escapes.
        sql::ValueRef::Text(text) if text.is_empty() || date::is_canonical(text) => {
            out.push(b'"');
            out.extend_from_slice(text.as_bytes());
            out.push(b'"');
        }
        other => column::write_string(&date::normalise(&column::text(other)), out),
    }
}

impl Behaviour for Date {
    const NAME: &'static str = "date";

    fn zero(&self) -> Value {
        Value::Text(String::new())
    }

    fn column(&self) -> &'static str {
        "TEXT DEFAULT '' NOT NULL"
    }

    fn normalise(&self, input: &serde_json::Value) -> Value {
        normalise(input)
    }

    fn check(&self, value: &Value) -> Result<(), FieldError> {
        let date = value.as_text().unwrap_or_default();
        if !self.min.is_empty() && date < self.min.as_str() {
            return Err(date_error(code::MIN_GREATER_EQUAL, &self.min));
        }
        if !self.max.is_empty() && date > self.max.as_str() {
            return Err(date_error(code::MAX_LESS_EQUAL, &self.max));
        }
        Ok(())
    }

    fn load(&self, stored: sql::ValueRef<'_>) -> Value {
        load(stored)
    }

    fn store(&self, value: &Value) -> sql::Value {
        sql::Value::Text(value.as_text().unwrap_or_default().to_owned())
    }

    fn write_json(&self, stored: sql::ValueRef<'_>, out: &mut Vec<u8>) {
        write_json(stored, out);
    }

    fn check_options(&self, _field: &Field, errors: &mut FieldErrors) {
        if !self.min.is_empty() && !self.max.is_empty() && self.max < self.min {
            errors.add("max", code::DATE_OUT_OF_RANGE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::ValueRef;
    use serde_json::json;

    #[test]
    fn input_is_text() {
        let date = Date::default();
        for (input, value) in [
            (json!("2024-06-01"), "2024-06-01 00:00:00.000Z"),
            (json!("2024-06-01T10:00:00+02:00"), "2024-06-01 08:00:00.000Z"),
            (json!("not a date"), ""),
            (json!(1_700_000_000), ""),
            (json!(null), ""),
        ] {
            assert_eq!(date.normalise(&input), Value::Text(value.into()), "{input}");
        }
    }

    #[test]
    fn limits() {
        let wire = json!({"min": "2024-01-01", "max": "2024-12-31 00:00:00.000Z"});
        let date: Date = serde_json::from_value(wire).unwrap();
        assert_eq!(date.min, "2024-01-01 00:00:00.000Z");
        let code = |text: &str| date.check(&date.normalise(&json!(text))).err().map(|error| error.code.into_owned());
        assert_eq!(code("2023-12-31").as_deref(), Some("validation_min_greater_equal_than_required"));
        assert_eq!(code("2025-01-01").as_deref(), Some("validation_max_less_equal_than_required"));
        assert_eq!(code("2024-06-01"), None);
        let mut errors = FieldErrors::default();
        let turned = Date { min: date.max.clone(), max: date.min.clone() };
        turned.check_options(&Field::new("d", turned.clone()), &mut errors);
        assert_eq!(errors.0.keys().collect::<Vec<_>>(), ["max"]);
    }

    #[test]
    fn stored_dates_of_any_form_come_out_in_one() {
        for (stored, expected) in [
            (ValueRef::Text("2024-06-01 00:00:00.000Z"), r#""2024-06-01 00:00:00.000Z""#),
            (ValueRef::Text("2024-06-01 00:00:00Z"), r#""2024-06-01 00:00:00.000Z""#),
            (ValueRef::Text("\"'x"), r#""""#),
            (ValueRef::Text(""), r#""""#),
            (ValueRef::Null, r#""""#),
        ] {
            let mut out = Vec::new();
            Date::default().write_json(stored, &mut out);
            assert_eq!(out, expected.as_bytes());
        }
    }
}
