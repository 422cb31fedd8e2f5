//! One or several of a list of words.

use super::options::check_limit;
use super::{Behaviour, Field, Modifier, column, convert};
use crate::error::{FieldError, FieldErrors, code};
use crate::model::Value;
use crate::sql;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Select {
    pub values: Vec<String>,
    /// 0 and 1: a single value.
    pub max_select: u64,
}

/// The column of one choice or of a list.
pub(super) fn column(multiple: bool) -> &'static str {
    if multiple { "JSON DEFAULT '[]' NOT NULL" } else { "TEXT DEFAULT '' NOT NULL" }
}

/// The zero value of one choice or of a list.
pub(super) fn zero(multiple: bool) -> Value {
    convert::choice(Vec::new(), multiple)
}

/// What `f+`, `+f` and `f-` make of a choice. Of a single one the last item wins, so that a value put
/// before an existing one has no effect.
pub(super) fn modify(current: &Value, modifier: Modifier, input: &serde_json::Value, multiple: bool) -> Option<Value> {
    let (current, given) = (current.items().to_vec(), convert::to_list(input));
    let items = match modifier {
        Modifier::Append => [current, given].concat(),
        Modifier::Prepend => [given, current].concat(),
        Modifier::Remove => {
            let given: HashSet<String> = given.into_iter().collect();
            current.into_iter().filter(|item| !given.contains(item)).collect()
        }
        Modifier::Set | Modifier::Autogenerate => return None,
    };
    Some(convert::choice(convert::unique(items), multiple))
}

/// More items than allowed.
pub(super) fn check_count(items: &[String], max_select: u64) -> Result<(), FieldError> {
    let max = max_select.max(1);
    if items.len() as u64 > max { Err(code::TOO_MANY_VALUES.with([("maxSelect", max.into())])) } else { Ok(()) }
}

impl Behaviour for Select {
    const NAME: &'static str = "select";

    fn zero(&self) -> Value {
        zero(self.is_multiple())
    }

    fn column(&self) -> &'static str {
        column(self.is_multiple())
    }

    fn normalise(&self, input: &serde_json::Value) -> Value {
        convert::choice(convert::to_list(input), self.is_multiple())
    }

    fn check(&self, value: &Value) -> Result<(), FieldError> {
        check_count(value.items(), self.max_select)?;
        match value.items().iter().find(|item| !self.values.contains(item)) {
            Some(unknown) => {
                Err(code::INVALID_VALUE.say(format!("Invalid value {unknown}.")).param("value", unknown.as_str()))
            }
            None => Ok(()),
        }
    }

    fn load(&self, stored: sql::ValueRef<'_>) -> Value {
        column::choice(stored, self.is_multiple())
    }

    fn store(&self, value: &Value) -> sql::Value {
        column::store_choice(value, self.is_multiple())
    }

    fn write_json(&self, stored: sql::ValueRef<'_>, out: &mut Vec<u8>) {
        column::write_choice(stored, self.is_multiple(), out);
    }

    fn check_options(&self, _field: &Field, errors: &mut FieldErrors) {
        if self.values.is_empty() {
            errors.add("values", code::REQUIRED);
        }
        check_limit(errors, "maxSelect", self.max_select, 0, (self.values.len() as u64).max(1));
    }

    fn is_multiple(&self) -> bool {
        self.max_select > 1
    }

    fn modify(&self, current: &Value, modifier: Modifier, input: &serde_json::Value) -> Option<Value> {
        modify(current, modifier, input, self.is_multiple())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn select(max_select: u64) -> Select {
        Select { values: ["a", "b", "c"].map(String::from).into(), max_select }
    }

    fn list(items: &[&str]) -> Value {
        Value::Texts(items.iter().map(|item| (*item).to_owned()).collect())
    }

    #[test]
    fn single_and_multiple() {
        assert_eq!(select(1).normalise(&json!(["a", "b"])), Value::Text("b".into()));
        assert_eq!(select(0).normalise(&json!(null)), Value::Text(String::new()));
        assert_eq!(select(2).normalise(&json!("a")), list(&["a"]));
        assert_eq!((select(1).zero(), select(2).zero()), (Value::Text(String::new()), list(&[])));
        assert_eq!(
            (select(1).column(), select(2).column()),
            ("TEXT DEFAULT '' NOT NULL", "JSON DEFAULT '[]' NOT NULL")
        );
    }

    #[test]
    fn values_are_of_the_list_and_not_too_many() {
        let error = select(2).check(&list(&["a", "z"])).unwrap_err();
        assert_eq!((error.code.as_ref(), error.message.as_ref()), ("validation_invalid_value", "Invalid value z."));
        assert_eq!(select(1).check(&Value::Text("z".into())).unwrap_err().code, "validation_invalid_value");
        let error = select(2).check(&list(&["a", "b", "c"])).unwrap_err();
        assert_eq!(
            (error.code.as_ref(), error.message.as_ref()),
            ("validation_too_many_values", "Select no more than 2.")
        );
        assert!(select(3).check(&list(&["a", "b", "c"])).is_ok());
    }

    #[test]
    fn modifiers() {
        let many = |current: &[&str], modifier, input| select(3).modify(&list(current), modifier, &input);
        assert_eq!(many(&["b"], Modifier::Prepend, json!(["c", "a"])), Some(list(&["c", "a", "b"])));
        assert_eq!(many(&["b"], Modifier::Append, json!(["a", "b"])), Some(list(&["b", "a"])));
        assert_eq!(many(&["a", "b"], Modifier::Remove, json!("a")), Some(list(&["b"])));
        let one =
            |current: &str, modifier| select(1).modify(&Value::Text(current.into()), modifier, &json!("b")).unwrap();
        assert_eq!(one("a", Modifier::Append), Value::Text("b".into()));
        assert_eq!(one("a", Modifier::Prepend), Value::Text("a".into()));
        assert_eq!(one("", Modifier::Prepend), Value::Text("b".into()));
        assert_eq!(one("b", Modifier::Remove), Value::Text(String::new()));
    }

    #[test]
    fn options() {
        let errors = |select: Select| {
            let mut errors = FieldErrors::default();
            select.check_options(&Field::new("s", select.clone()), &mut errors);
            errors.0.into_keys().collect::<Vec<_>>()
        };
        assert!(errors(select(3)).is_empty() && errors(select(0)).is_empty());
        assert_eq!(errors(select(4)), ["maxSelect"]);
        assert_eq!(errors(Select { values: vec![], max_select: 2 }), ["maxSelect", "values"]);
        assert_eq!(serde_json::to_value(select(3)).unwrap(), json!({"values": ["a", "b", "c"], "maxSelect": 3}));
    }
}
