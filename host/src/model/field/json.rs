//! Any JSON value, kept as text.

use super::options::{MAX_SAFE_INTEGER, check_limit};
use super::{Behaviour, Field, column};
use crate::error::{FieldError, FieldErrors, code};
use crate::model::Value;
use crate::model::json_schema::JsonSchema;
use crate::sql;
use serde::{Deserialize, Serialize};

/// Bytes allowed when `max_size` is 0.
pub const DEFAULT_MAX_BYTES: u64 = 1 << 20;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Json {
    pub max_size: u64,
    /// What values look like; null has no look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<JsonSchema>,
}

impl Json {
    /// The limit that holds, in bytes.
    #[must_use]
    pub fn max_bytes(&self) -> u64 {
        if self.max_size == 0 { DEFAULT_MAX_BYTES } else { self.max_size }
    }
}

/// Whether a string stands for the JSON in it, because forms can only send strings.
fn holds_json(text: &str) -> bool {
    matches!(text, "true" | "false" | "null")
        || (text.starts_with(|c: char| c.is_ascii_digit() || "-\"[{".contains(c)) && column::is_json(text))
}

impl Behaviour for Json {
    const NAME: &'static str = "json";

    fn zero(&self) -> Value {
        Value::Null
    }

    fn column(&self) -> &'static str {
        "JSON DEFAULT NULL"
    }

    fn normalise(&self, input: &serde_json::Value) -> Value {
        let text = match input {
            serde_json::Value::String(text) if holds_json(text) => column::compact(text),
            other => other.to_string(),
        };
        if text == "null" { Value::Null } else { Value::Json(text) }
    }

    fn check(&self, value: &Value) -> Result<(), FieldError> {
        let Value::Json(text) = value else { return Ok(()) };
        if text.len() as u64 > self.max_bytes() {
            return Err(code::JSON_SIZE_LIMIT.with([("maxSize", self.max_bytes().into())]));
        }
        if !column::is_json(text) {
            return Err(code::INVALID_JSON.into());
        }
        let Some(schema) = &self.schema else { return Ok(()) };
        // What is nested too deeply to be read cannot be compared either.
        let value = serde_json::from_str(text).map_err(|_| code::INVALID_JSON)?;
        schema.mismatch(&value).map_or(Ok(()), |words| Err(code::JSON_SCHEMA.with([("mismatch", words.into())])))
    }

    fn load(&self, stored: sql::ValueRef<'_>) -> Value {
        column::json(stored)
    }

    fn store(&self, value: &Value) -> sql::Value {
        match value {
            Value::Json(text) => sql::Value::Text(text.clone()),
            _ => sql::Value::Null,
        }
    }

    fn write_json(&self, stored: sql::ValueRef<'_>, out: &mut Vec<u8>) {
        column::write_json(stored, out);
    }

    fn check_options(&self, _field: &Field, errors: &mut FieldErrors) {
        check_limit(errors, "maxSize", self.max_size, 0, MAX_SAFE_INTEGER);
        if let Some(objection) = self.schema.as_ref().and_then(JsonSchema::objection) {
            errors.add("schema", code::INVALID_JSON_SCHEMA.with([("objection", objection.into())]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn strings_may_hold_json() {
        for (input, text) in [
            (json!({"a": [1, {"b": null}]}), r#"{"a":[1,{"b":null}]}"#),
            (json!(12.5), "12.5"),
            (json!(true), "true"),
            (json!("{\"a\": 1}"), r#"{"a":1}"#),
            (json!("[1, 2]"), "[1,2]"),
            (json!("12"), "12"),
            (json!("-1"), "-1"),
            (json!("true"), "true"),
            (json!("\"quoted\""), r#""quoted""#),
            (json!("hello"), r#""hello""#),
            (json!(""), r#""""#),
            (json!(" 12"), r#"" 12""#),
            (json!("{\"a\":"), r#""{\"a\":""#),
            (json!("[1,"), r#""[1,""#),
            (json!("012"), r#""012""#),
        ] {
            assert_eq!(Json::default().normalise(&input), Value::Json(text.into()), "{input}");
        }
        assert_eq!(Json::default().normalise(&json!(null)), Value::Null);
        assert_eq!(Json::default().normalise(&json!("null")), Value::Null);
    }

    #[test]
    fn empty_values_are_zero() {
        let kind = Json::default();
        for input in [json!(null), json!([]), json!({}), json!(""), json!("[ ]")] {
            assert!(kind.is_zero(&kind.normalise(&input)), "{input}");
        }
        assert!(!kind.is_zero(&kind.normalise(&json!(0))) && !kind.is_zero(&kind.normalise(&json!(false))));
    }

    #[test]
    fn a_schema_is_asked_of_every_value() {
        let kind: Json = serde_json::from_value(json!({"schema": {"type": "object", "required": ["a"]}})).unwrap();
        assert!(kind.check(&kind.normalise(&json!({"a": 1}))).is_ok());
        let error = kind.check(&kind.normalise(&json!({}))).unwrap_err();
        assert_eq!(error.code, "validation_json_schema");
        assert!(error.message.starts_with("Does not match the schema: "), "{}", error.message);
        assert_eq!(serde_json::to_value(&kind).unwrap()["schema"]["required"], json!(["a"]));
        let mut errors = FieldErrors::default();
        let kind: Json = serde_json::from_value(json!({"schema": {"type": 5}})).unwrap();
        kind.check_options(&Field::new("j", kind.clone()), &mut errors);
        assert_eq!(errors.0.into_keys().collect::<Vec<_>>(), ["schema"]);
    }

    #[test]
    fn size_and_form() {
        let kind = Json { max_size: 5, schema: None };
        assert_eq!(kind.check(&Value::Json("123456".into())).unwrap_err().code, "validation_json_size_limit");
        assert_eq!(kind.check(&Value::Json("{".into())).unwrap_err().code, "validation_invalid_json");
        assert!(kind.check(&Value::Json("[1]".into())).is_ok());
        assert_eq!(kind.store(&Value::Null), sql::Value::Null);
        assert_eq!(kind.load(sql::ValueRef::Text("[1, 2]")), Value::Json("[1, 2]".into()));
    }
}
