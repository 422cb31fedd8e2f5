//! One or several records of another collection, by id. That they exist is checked where the database is.

use super::options::{MAX_SAFE_INTEGER, check_limit};
use super::select::{check_count, column as column_of, modify, zero};
use super::{Behaviour, Field, Modifier, column, convert};
use crate::error::{FieldError, FieldErrors, code};
use crate::model::Value;
use crate::sql;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Relation {
    /// Cannot change once the field exists.
    pub collection_id: String,
    /// Whether a record goes with the last record it points at.
    pub cascade_delete: bool,
    /// 0 for none; an empty value is always allowed.
    pub min_select: u64,
    /// 0 and 1: a single value.
    pub max_select: u64,
}

impl Behaviour for Relation {
    const NAME: &'static str = "relation";

    fn zero(&self) -> Value {
        zero(self.is_multiple())
    }

    fn column(&self) -> &'static str {
        column_of(self.is_multiple())
    }

    fn normalise(&self, input: &serde_json::Value) -> Value {
        convert::choice(convert::to_list(input), self.is_multiple())
    }

    fn check(&self, value: &Value) -> Result<(), FieldError> {
        if (value.items().len() as u64) < self.min_select {
            return Err(code::NOT_ENOUGH_VALUES.with([("minSelect", self.min_select.into())]));
        }
        check_count(value.items(), self.max_select)
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
        if self.collection_id.is_empty() {
            errors.add("collectionId", code::REQUIRED);
        }
        if self.min_select > 0 && self.max_select == 0 {
            errors.add("maxSelect", code::REQUIRED);
        }
        check_limit(errors, "minSelect", self.min_select, 0, MAX_SAFE_INTEGER);
        check_limit(errors, "maxSelect", self.max_select, self.min_select, MAX_SAFE_INTEGER);
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

    #[test]
    fn counts() {
        let relation = Relation { collection_id: "c".into(), min_select: 2, max_select: 3, ..Relation::default() };
        let code = |input| relation.check(&relation.normalise(&input)).err().map(|error| error.code.into_owned());
        assert_eq!(code(json!(["a"])).as_deref(), Some("validation_not_enough_values"));
        assert_eq!(code(json!(["a", "b", "a"])), None);
        assert_eq!(code(json!(["a", "b", "c", "d"])).as_deref(), Some("validation_too_many_values"));
    }

    #[test]
    fn options() {
        let errors = |relation: Relation| {
            let mut errors = FieldErrors::default();
            relation.check_options(&Field::new("r", relation.clone()), &mut errors);
            errors.0.into_keys().collect::<Vec<_>>()
        };
        assert_eq!(errors(Relation::default()), ["collectionId"]);
        let some = Relation { collection_id: "c".into(), ..Relation::default() };
        assert!(errors(some.clone()).is_empty());
        assert_eq!(errors(Relation { min_select: 2, ..some.clone() }), ["maxSelect"]);
        assert_eq!(errors(Relation { min_select: 3, max_select: 2, ..some.clone() }), ["maxSelect"]);
        let wire = json!({"collectionId": "c", "cascadeDelete": false, "minSelect": 0, "maxSelect": 0});
        assert_eq!(serde_json::to_value(some).unwrap(), wire);
    }
}
