//! A number: integers are kept exactly, everything else as a float.

use super::options::{number_param, write_number};
use super::{Behaviour, Field, Modifier, column, convert};
use crate::error::{FieldError, FieldErrors, code};
use crate::model::Value;
use crate::sql;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Number {
    #[serde(serialize_with = "write_number")]
    pub min: Option<f64>,
    #[serde(serialize_with = "write_number")]
    pub max: Option<f64>,
    pub only_int: bool,
}

/// A sum that stays exact as long as both are integers.
fn sum(a: &Value, b: &Value, sign: i64) -> Value {
    if let (Value::Integer(a), Value::Integer(b)) = (a, b)
        && let Some(sum) = b.checked_mul(sign).and_then(|b| a.checked_add(b))
    {
        return Value::Integer(sum);
    }
    let (a, b) = (convert::as_float(a), convert::as_float(b));
    convert::number_value(if sign < 0 { a - b } else { a + b })
}

impl Behaviour for Number {
    const NAME: &'static str = "number";

    fn zero(&self) -> Value {
        Value::Integer(0)
    }

    fn column(&self) -> &'static str {
        "NUMERIC DEFAULT 0 NOT NULL"
    }

    fn normalise(&self, input: &serde_json::Value) -> Value {
        convert::to_number(input)
    }

    fn check(&self, value: &Value) -> Result<(), FieldError> {
        let number = convert::as_float(value);
        if !number.is_finite() {
            return Err(code::NOT_A_NUMBER.into());
        }
        if self.only_int && number.fract() != 0.0 {
            return Err(code::ONLY_INT.into());
        }
        if let Some(min) = self.min.filter(|min| number < *min) {
            return Err(code::MIN_NUMBER.with([("min", number_param(min))]));
        }
        match self.max.filter(|max| number > *max) {
            Some(max) => Err(code::MAX_NUMBER.with([("max", number_param(max))])),
            None => Ok(()),
        }
    }

    fn load(&self, stored: sql::ValueRef<'_>) -> Value {
        column::number(stored)
    }

    fn store(&self, value: &Value) -> sql::Value {
        match value {
            Value::Integer(number) => sql::Value::Integer(*number),
            Value::Number(number) => sql::Value::Real(*number),
            _ => sql::Value::Integer(0),
        }
    }

    fn write_json(&self, stored: sql::ValueRef<'_>, out: &mut Vec<u8>) {
        column::write_number(stored, out);
    }

    fn check_options(&self, _field: &Field, errors: &mut FieldErrors) {
        for (key, limit) in [("min", self.min), ("max", self.max)] {
            if self.only_int && limit.is_some_and(|limit| limit.fract() != 0.0) {
                errors.add(key, code::ONLY_INT);
            }
        }
        if let (Some(min), Some(max)) = (self.min, self.max)
            && max < min
        {
            errors.add("max", code::MIN_NUMBER.with([("min", number_param(min))]));
        }
    }

    fn modify(&self, current: &Value, modifier: Modifier, input: &serde_json::Value) -> Option<Value> {
        match modifier {
            Modifier::Append => Some(sum(current, &convert::to_number(input), 1)),
            Modifier::Remove => Some(sum(current, &convert::to_number(input), -1)),
            Modifier::Set | Modifier::Prepend | Modifier::Autogenerate => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(number: &Number, input: &serde_json::Value) -> String {
        let value = number.normalise(input);
        number.check(&value).err().map_or_else(String::new, |error| format!("{}: {}", error.code, error.message))
    }

    #[test]
    fn limits() {
        let number = Number { min: Some(2.0), max: Some(5.5), only_int: false };
        assert_eq!(refused(&number, &json!(2)), "");
        assert_eq!(refused(&number, &json!(1.5)), "validation_min_number_constraint: Must be greater or equal than 2.");
        assert_eq!(refused(&number, &json!(9000)), "validation_max_number_constraint: Must be less or equal than 5.5.");
        let integer = Number { only_int: true, ..Number::default() };
        assert_eq!(refused(&integer, &json!(1.5)), "validation_only_int_constraint: Decimal numbers are not allowed.");
        assert_eq!(refused(&integer, &json!(1e300)), "");
        assert!(refused(&integer, &json!("NaN")).starts_with("validation_not_a_number"));
        assert!(refused(&integer, &json!("Infinity")).starts_with("validation_not_a_number"));
    }

    #[test]
    fn modifiers_add_and_subtract() {
        let number = Number::default();
        let modify = |current: Value, modifier, input| number.modify(&current, modifier, &input);
        assert_eq!(modify(Value::Integer(1), Modifier::Append, json!(4)), Some(Value::Integer(5)));
        assert_eq!(modify(Value::Integer(1), Modifier::Remove, json!("1.5")), Some(Value::Number(-0.5)));
        assert_eq!(modify(Value::Number(0.5), Modifier::Append, json!(0.5)), Some(Value::Integer(1)));
        assert_eq!(
            modify(Value::Integer(i64::MAX), Modifier::Append, json!(1)),
            Some(Value::Number(9_223_372_036_854_775_807.0))
        );
        assert_eq!(modify(Value::Integer(1), Modifier::Prepend, json!(1)), None);
    }

    #[test]
    fn options() {
        let errors = |number: Number| {
            let mut errors = FieldErrors::default();
            number.check_options(&Field::new("n", number.clone()), &mut errors);
            errors.0.into_keys().collect::<Vec<_>>()
        };
        assert!(errors(Number { min: Some(1.0), max: Some(1.0), only_int: true }).is_empty());
        assert_eq!(errors(Number { min: Some(1.5), max: Some(1.0), only_int: true }), ["max", "min"]);
        let wire = json!({"min": 1, "max": 2.5, "onlyInt": true});
        let number: Number = serde_json::from_value(wire.clone()).unwrap();
        assert_eq!(serde_json::to_value(&number).unwrap(), wire);
        assert_eq!(
            serde_json::to_value(Number::default()).unwrap(),
            json!({"min": null, "max": null, "onlyInt": false})
        );
    }
}
