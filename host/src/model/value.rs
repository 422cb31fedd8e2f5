//! One column's value, in the shapes that cross to plugins (`wit/types.wit`).

use super::field::column;

/// What a field of a record holds after normalisation.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    /// Several choices, relations or file names, in order.
    Texts(Vec<String>),
    /// Valid JSON text, kept as it was written.
    Json(String),
}

impl Value {
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The ids or names in a single or a multiple value; an empty single value holds none.
    #[must_use]
    pub fn items(&self) -> &[String] {
        match self {
            Self::Text(text) if text.is_empty() => &[],
            Self::Text(text) => std::slice::from_ref(text),
            Self::Texts(items) => items,
            _ => &[],
        }
    }

    /// Whether `required` would refuse it: empty text, zero, false, an empty list, JSON null or empty.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Bool(truth) => !truth,
            Self::Integer(number) => *number == 0,
            Self::Number(number) => *number == 0.0,
            Self::Text(text) => text.is_empty(),
            Self::Texts(items) => items.is_empty(),
            Self::Json(text) => matches!(text.as_str(), "null" | "\"\"" | "[]" | "{}" | ""),
        }
    }

    /// Writes the value as JSON.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(truth) => out.extend_from_slice(if *truth { b"true" } else { b"false" }),
            Self::Integer(number) => column::write_integer(*number, out),
            Self::Number(number) => column::write_float(*number, out),
            Self::Text(text) => column::write_string(text, out),
            Self::Texts(items) => column::write_list(items, out),
            Self::Json(text) => column::write_json(crate::sql::ValueRef::Text(text), out),
        }
    }

    /// The value as JSON.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(truth) => (*truth).into(),
            Self::Integer(number) => (*number).into(),
            Self::Number(number) => (*number).into(),
            Self::Text(text) => text.as_str().into(),
            Self::Texts(items) => items.as_slice().into(),
            // Text that is no JSON, or nested too deeply to be read, is shown as it is.
            Self::Json(text) => serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_ways_to_json_agree() {
        for (value, json) in [
            (Value::Null, json!(null)),
            (Value::Bool(true), json!(true)),
            (Value::Integer(-3), json!(-3)),
            (Value::Number(1.5), json!(1.5)),
            (Value::Text("a\"\n".into()), json!("a\"\n")),
            (Value::Texts(vec!["a".into(), "b".into()]), json!(["a", "b"])),
            (Value::Json("{\"a\":[1]}".into()), json!({"a": [1]})),
            (Value::Json("broken".into()), json!("broken")),
        ] {
            let mut out = Vec::new();
            value.write_json(&mut out);
            assert_eq!(serde_json::from_slice::<serde_json::Value>(&out).unwrap(), json);
            assert_eq!(value.to_json(), json);
        }
    }

    #[test]
    fn items_of_one_and_of_many() {
        assert_eq!(Value::Text("a".into()).items(), ["a"]);
        assert!(Value::Text(String::new()).items().is_empty() && Value::Null.items().is_empty());
        assert_eq!(Value::Texts(vec!["a".into(), "b".into()]).items(), ["a", "b"]);
    }

    #[test]
    fn zero_values() {
        for value in [Value::Null, Value::Bool(false), Value::Integer(0), Value::Number(0.0), Value::Json("[]".into())]
        {
            assert!(value.is_zero(), "{value:?}");
        }
        assert!(!Value::Json("0".into()).is_zero() && !Value::Number(f64::NAN).is_zero());
    }
}
