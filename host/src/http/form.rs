//! Forms to JSON: what a text stands for, what a repeated key means.

use crate::error::{Error, Result};
use crate::model::Distinct;
use serde_json::{Map, Number, Value, map::Entry};

/// Parts of this name hold JSON objects that are merged in as they are.
const JSON_PAYLOAD: &str = "@jsonPayload";

/// Whole numbers up to here are the same as floating-point numbers.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// A form on its way to an object.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    fields: Map<String, Value>,
    payloads: Map<String, Value>,
}

impl Gathered {
    /// Takes a text field; the second of a name makes a list of both.
    ///
    /// # Errors
    /// `Invalid` for an `@jsonPayload` that is not a JSON object.
    pub(super) fn add(&mut self, name: &str, text: &str) -> Result<()> {
        if name == JSON_PAYLOAD {
            if text.is_empty() {
                return Err(unreadable());
            }
            self.payloads.extend(object(text.as_bytes())?);
            return Ok(());
        }
        match self.fields.entry(name) {
            Entry::Vacant(place) => {
                place.insert(infer(text));
            }
            Entry::Occupied(mut place) => match place.get_mut() {
                Value::Array(list) => list.push(infer(text)),
                first => *first = Value::Array(vec![first.take(), infer(text)]),
            },
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Map<String, Value> {
        self.fields.extend(self.payloads);
        self.fields
    }
}

/// The JSON object in a body; `null` and nothing are an empty one. What follows it is ignored. A key that stands twice in
/// an object is an error: of two readers each might take another one.
///
/// # Errors
/// `Invalid` for anything else, also for one that is nested too deeply.
pub(super) fn object(json: &[u8]) -> Result<Map<String, Value>> {
    if json.is_empty() {
        return Ok(Map::new());
    }
    let first = serde_json::Deserializer::from_slice(json).into_iter::<Distinct>().next();
    match first {
        Some(Ok(Distinct(Value::Object(object)))) => Ok(object),
        Some(Ok(Distinct(Value::Null))) => Ok(Map::new()),
        _ => Err(unreadable()),
    }
}

/// What is said of a body that cannot be read, where nothing else is.
pub(super) const UNREADABLE: &str = "An error occurred while loading the submitted data.";

/// What a body that cannot be read is answered with.
pub(super) fn unreadable() -> Error {
    Error::invalid(UNREADABLE)
}

/// What a form's text stands for: a truth value, a number in its shortest form, else itself.
fn infer(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number),
    }
}

/// The text that a form's value was inferred from, for fields that are texts whatever they look like. None for what is no text.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        // As it was read: only numbers that come out as they went in are taken for numbers.
        Value::Number(number) => number.as_f64().map(|number| number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "whole and small enough")]
fn number(text: &str) -> Option<Number> {
    if !text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    if number.to_string() != text {
        return None;
    }
    if number.fract() == 0.0 && number.abs() < WHOLE_MAX && text != "-0" {
        return Some(Number::from(number as i64));
    }
    Number::from_f64(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_payload_is_an_object() {
        for (text, is_read) in
            [("{}", true), ("null", true), ("{\"a\":1}", true), ("", false), (" ", false), ("[]", false), ("5", false)]
        {
            assert_eq!(Gathered::default().add(JSON_PAYLOAD, text).is_ok(), is_read, "{text:?}");
        }
    }

    #[test]
    fn a_text_can_be_had_back() {
        for text in
            ["2024", "true", "false", "-1.5", "012", "-0", "9007199254740993", "10000000000000000000000", "", "a"]
        {
            assert_eq!(text_of(&infer(text)).as_deref(), Some(text));
        }
        assert_eq!(text_of(&json!(["a", "b"])), None);
    }

    #[test]
    fn texts_stand_for_themselves_unless_they_are_exact() {
        for (text, value) in [
            ("true", json!(true)),
            ("True", json!("True")),
            ("12", json!(12)),
            ("-1.5", json!(-1.5)),
            ("012", json!("012")),
            ("1e3", json!("1e3")),
            ("+1", json!("+1")),
            ("1.50", json!("1.50")),
            ("1.", json!("1.")),
            ("", json!("")),
            ("-", json!("-")),
            ("inf", json!("inf")),
            ("NaN", json!("NaN")),
            ("123456789012345678", json!("123456789012345678")),
            ("9007199254740991", json!(9_007_199_254_740_991_i64)),
        ] {
            assert_eq!(infer(text), value, "{text}");
        }
    }

    #[test]
    fn repeated_keys_are_lists_and_payloads_win() {
        let mut form = Gathered::default();
        for (name, text) in [
            ("a", "1"),
            ("a", "x"),
            ("b", "2"),
            (JSON_PAYLOAD, "{\"b\":\"12\"}"),
            (JSON_PAYLOAD, "{\"c\":[true]}"),
            ("a", "3"),
        ] {
            form.add(name, text).unwrap();
        }
        assert!(form.add(JSON_PAYLOAD, "{\"a\":").is_err());
        assert_eq!(Value::Object(form.finish()), json!({"a": [1, "x", 3], "b": "12", "c": [true]}));
    }

    #[test]
    fn bodies_are_objects() {
        assert_eq!(object(b"").unwrap(), Map::new());
        assert_eq!(object(b"null").unwrap(), Map::new());
        assert_eq!(object(b"{\"a\":1} trailing").unwrap().len(), 1);
        let deep = format!("{{\"j\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
        for body in ["[1]", "\"x\"", "{\"a\":", "  ", "nope", "{\"a\":1,\"a\":2}", &deep] {
            assert!(object(body.as_bytes()).is_err(), "{}", &body[..body.len().min(20)]);
        }
    }
}
