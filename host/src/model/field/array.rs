//! A list of texts or of numbers, in order.

use super::options::{MAX_SAFE_INTEGER, check_limit};
use super::text::DEFAULT_MAX_CHARS;
use super::{Behaviour, Field, Modifier, column, convert};
use crate::error::{FieldError, FieldErrors, code};
use crate::model::Value;
use crate::sql;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::HashSet;

/// Items allowed when `max_items` is 0.
pub const DEFAULT_MAX_ITEMS: u64 = 1000;

/// What the items are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Of {
    #[default]
    Text,
    Number,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Array {
    pub of: Of,
    /// Of a list that is not empty; 0 for none.
    pub min_items: u64,
    /// 0 for [`DEFAULT_MAX_ITEMS`].
    pub max_items: u64,
    /// Items that are there already are left out, as those of a select are.
    pub unique_items: bool,
}

impl Array {
    /// A list, the JSON text of one, or one item.
    fn items(input: &Json) -> Vec<Json> {
        match input {
            Json::Array(items) => items.clone(),
            Json::Null => Vec::new(),
            Json::String(text) if text.is_empty() => Vec::new(),
            Json::String(text) if text.trim_start().starts_with('[') => {
                serde_json::from_str(text).unwrap_or_else(|_| vec![input.clone()])
            }
            other => vec![other.clone()],
        }
    }

    /// The item as the list holds it; what is none stays as it is, for the check to refuse.
    fn item(&self, item: Json) -> Json {
        match (self.of, &item) {
            (Of::Text, Json::Number(_) | Json::Bool(_)) => Json::String(convert::to_text(&item)),
            // A number in the form that it has where it is stored, so that equal ones are equal.
            (Of::Number, Json::Number(_)) => convert::to_number(&item).to_json(),
            (Of::Number, Json::String(text)) if text.parse::<f64>().is_ok_and(f64::is_finite) => {
                convert::to_number(&item).to_json()
            }
            _ => item,
        }
    }

    fn value(&self, items: Vec<Json>) -> Value {
        let mut items: Vec<Json> = items.into_iter().map(|item| self.item(item)).collect();
        if self.unique_items {
            let mut seen = HashSet::with_capacity(items.len());
            items.retain(|item| seen.insert(item.to_string()));
        }
        let texts = || items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
        match self.of {
            Of::Text => texts().map_or_else(|| Value::Json(Json::Array(items.clone()).to_string()), Value::Texts),
            Of::Number => Value::Json(Json::Array(items).to_string()),
        }
    }

    fn check_item(&self, item: &Json) -> Result<(), FieldError> {
        match (self.of, item) {
            (Of::Number, Json::Number(_)) => Ok(()),
            (Of::Number, _) => Err(code::NOT_A_NUMBER.into()),
            (Of::Text, Json::String(text)) if text.chars().count() as u64 > DEFAULT_MAX_CHARS => {
                Err(code::MAX_TEXT.with([("max", DEFAULT_MAX_CHARS.into())]))
            }
            (Of::Text, Json::String(_)) => Ok(()),
            (Of::Text, other) => Err(code::INVALID_VALUE.say(format!("Invalid value {other}."))),
        }
    }
}

/// The items of a value; none of any other.
fn listed(value: &Value) -> Vec<Json> {
    match value.to_json() {
        Json::Array(items) => items,
        _ => Vec::new(),
    }
}

impl Behaviour for Array {
    const NAME: &'static str = "array";

    fn zero(&self) -> Value {
        self.value(Vec::new())
    }

    fn column(&self) -> &'static str {
        "JSON DEFAULT '[]' NOT NULL"
    }

    fn normalise(&self, input: &Json) -> Value {
        self.value(Self::items(input))
    }

    fn check(&self, value: &Value) -> Result<(), FieldError> {
        let items = listed(value);
        let count = items.len() as u64;
        if count < self.min_items {
            let message = format!("The list must have at least {} item(s).", self.min_items);
            return Err(code::NOT_ENOUGH_VALUES.say(message).param("minItems", self.min_items));
        }
        let max = if self.max_items == 0 { DEFAULT_MAX_ITEMS } else { self.max_items };
        if count > max {
            let message = format!("The list must have no more than {max} item(s).");
            return Err(code::TOO_MANY_VALUES.say(message).param("maxItems", max));
        }
        items.iter().try_for_each(|item| self.check_item(item))
    }

    fn load(&self, stored: sql::ValueRef<'_>) -> Value {
        match serde_json::from_str(&column::text(stored)) {
            Ok(Json::Array(items)) => self.value(items),
            _ => self.zero(),
        }
    }

    fn store(&self, value: &Value) -> sql::Value {
        sql::Value::Text(Json::Array(listed(value)).to_string())
    }

    fn write_json(&self, stored: sql::ValueRef<'_>, out: &mut Vec<u8>) {
        self.load(stored).write_json(out);
    }

    fn check_options(&self, _field: &Field, errors: &mut FieldErrors) {
        check_limit(errors, "minItems", self.min_items, 0, MAX_SAFE_INTEGER);
        check_limit(errors, "maxItems", self.max_items, self.min_items, MAX_SAFE_INTEGER);
    }

    fn is_multiple(&self) -> bool {
        true
    }

    fn modify(&self, current: &Value, modifier: Modifier, input: &Json) -> Option<Value> {
        let (current, given) = (listed(current), Self::items(input));
        Some(self.value(match modifier {
            Modifier::Append => [current, given].concat(),
            Modifier::Prepend => [given, current].concat(),
            Modifier::Remove => {
                let given: HashSet<String> = given.into_iter().map(|item| self.item(item).to_string()).collect();
                current.into_iter().filter(|item| !given.contains(&item.to_string())).collect()
            }
            Modifier::Set | Modifier::Autogenerate => return None,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn texts() -> Array {
        Array::default()
    }

    fn numbers() -> Array {
        Array { of: Of::Number, ..Array::default() }
    }

    #[test]
    fn items_have_the_kind_of_the_list() {
        for (input, list) in [
            (json!(["a", 1, true, "", "a"]), json!(["a", "1", "true", "", "a"])),
            (json!("a"), json!(["a"])),
            (json!("[\"a\", 2]"), json!(["a", "2"])),
            (json!("[a"), json!(["[a"])),
            (json!(null), json!([])),
            (json!(""), json!([])),
        ] {
            assert_eq!(texts().normalise(&input).to_json(), list, "{input}");
        }
        for (input, list) in [
            (json!([1, 2.5, "3", 4.0]), json!([1, 2.5, 3, 4])),
            (json!("7"), json!([7])),
            (json!("[1,2]"), json!([1, 2])),
            (json!(["x", null]), json!(["x", null])),
        ] {
            assert_eq!(numbers().normalise(&input).to_json(), list, "{input}");
        }
    }

    #[test]
    fn limits_and_wrong_items() {
        let code = |array: &Array, input: Json| {
            array.check(&array.normalise(&input)).err().map(|error| error.code.into_owned()).unwrap_or_default()
        };
        let few = Array { min_items: 2, max_items: 3, ..texts() };
        assert_eq!(code(&few, json!(["a"])), "validation_not_enough_values");
        assert_eq!(code(&few, json!(["a", "b", "c", "d"])), "validation_too_many_values");
        assert_eq!(code(&few, json!(["a", "a"])), "");
        assert_eq!(code(&numbers(), json!([1, "x"])), "validation_not_a_number");
        assert_eq!(code(&texts(), json!(["a", {}])), "validation_invalid_value");
        assert_eq!(code(&texts(), json!(["x".repeat(5001)])), "validation_max_text_constraint");
        assert_eq!(code(&texts(), Json::Array(vec![json!("a"); 1001])), "validation_too_many_values");
        let error = few.check(&few.normalise(&json!(["a"]))).unwrap_err();
        assert_eq!(error.message, "The list must have at least 2 item(s).");
    }

    #[test]
    fn modifiers() {
        let modify = |array: &Array, current: Json, modifier, input: Json| {
            array.modify(&array.normalise(&current), modifier, &input).map(|value| value.to_json())
        };
        assert_eq!(modify(&texts(), json!(["b"]), Modifier::Append, json!(["a", "b"])), Some(json!(["b", "a", "b"])));
        assert_eq!(modify(&texts(), json!(["b"]), Modifier::Prepend, json!("a")), Some(json!(["a", "b"])));
        assert_eq!(modify(&texts(), json!(["a", "b", "a"]), Modifier::Remove, json!(["a"])), Some(json!(["b"])));
        assert_eq!(modify(&numbers(), json!([1, 2, 1]), Modifier::Remove, json!("1")), Some(json!([2])));
        assert_eq!(modify(&numbers(), json!([1]), Modifier::Set, json!(1)), None);
        let unique = Array { unique_items: true, ..numbers() };
        assert_eq!(modify(&unique, json!([1, 1.0]), Modifier::Append, json!([2, "1"])), Some(json!([1, 2])));
    }

    #[test]
    fn columns() {
        let list = texts().normalise(&json!(["a\"", "b"]));
        assert_eq!(texts().store(&list), sql::Value::Text(r#"["a\"","b"]"#.into()));
        assert_eq!(texts().load(sql::ValueRef::Text(r#"["a\"","b"]"#)), list);
        assert_eq!(numbers().load(sql::ValueRef::Text("broken")), Value::Json("[]".into()));
        assert!(numbers().zero().is_zero() && texts().zero().is_zero());
        let mut out = Vec::new();
        numbers().write_json(sql::ValueRef::Text("[1, 2.5]"), &mut out);
        assert_eq!(out, b"[1,2.5]");
    }

    #[test]
    fn options() {
        let errors = |array: Array| {
            let mut errors = FieldErrors::default();
            array.check_options(&Field::new("a", array.clone()), &mut errors);
            errors.0.into_keys().collect::<Vec<_>>()
        };
        assert!(errors(texts()).is_empty());
        assert_eq!(errors(Array { min_items: 3, max_items: 2, ..texts() }), ["maxItems"]);
        let wire = json!({"of": "number", "minItems": 1, "maxItems": 2, "uniqueItems": true});
        let array: Array = serde_json::from_value(wire.clone()).unwrap();
        assert_eq!(serde_json::to_value(&array).unwrap(), wire);
        assert!(serde_json::from_value::<Array>(json!({"of": "date"})).is_err());
    }
}
