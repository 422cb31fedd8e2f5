//! Input of any shape to what a kind holds, as lenient as `PocketBase`.

use crate::model::Value;
use serde_json::Value as Json;
use std::collections::HashSet;

/// Integers beyond this are not exact as JSON numbers elsewhere.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Text as it is, numbers in plain decimals, `true` or `false`; anything else is empty.
#[must_use]
pub fn to_text(input: &Json) -> String {
    match input {
        Json::String(text) => text.clone(),
        Json::Bool(truth) => truth.to_string(),
        Json::Number(number) => number_text(number),
        Json::Null | Json::Array(_) | Json::Object(_) => String::new(),
    }
}

fn number_text(number: &serde_json::Number) -> String {
    match (number.as_i64(), number.as_u64(), number.as_f64()) {
        (Some(integer), ..) => integer.to_string(),
        (_, Some(integer), _) => integer.to_string(),
        (.., Some(float)) => float.to_string(),
        _ => String::new(),
    }
}

/// Numbers, decimal text and truth values; anything else is 0.
#[must_use]
pub fn to_number(input: &Json) -> Value {
    match input {
        Json::Number(number) => match number.as_i64() {
            Some(integer) => Value::Integer(integer),
            None => number_value(number.as_f64().unwrap_or(0.0)),
        },
        Json::String(text) => text_number(text),
        Json::Bool(truth) => Value::Integer(i64::from(*truth)),
        Json::Null | Json::Array(_) | Json::Object(_) => Value::Integer(0),
    }
}

/// Decimal text to a number; 0 when it is none.
#[must_use]
pub fn text_number(text: &str) -> Value {
    if let Ok(integer) = text.parse::<i64>() {
        return Value::Integer(integer);
    }
    match text.parse::<f64>() {
        // Too large is no number; the words for infinity are kept, for the check to refuse.
        Ok(float) if float.is_infinite() && !text.contains(['i', 'I']) => Value::Integer(0),
        Ok(float) => number_value(float),
        Err(_) => Value::Integer(0),
    }
}

/// A float, as an integer when it is one: what the column would make of it.
#[must_use]
pub fn number_value(float: f64) -> Value {
    if float.fract() == 0.0 && float.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "within the range of exact integers")]
        return Value::Integer(float as i64);
    }
    Value::Number(float)
}

/// A number value as a float.
#[must_use]
pub fn as_float(value: &Value) -> f64 {
    match value {
        #[expect(clippy::cast_precision_loss, reason = "limits and sums are floats, as in every JSON client")]
        Value::Integer(integer) => *integer as f64,
        Value::Number(float) => *float,
        _ => 0.0,
    }
}

/// Truth values, numbers other than 0, and the words that Go reads as true.
#[must_use]
pub fn to_bool(input: &Json) -> bool {
    match input {
        Json::Bool(truth) => *truth,
        Json::Number(number) => number.as_f64().is_some_and(|number| number != 0.0),
        Json::String(text) => text_bool(text),
        Json::Null | Json::Array(_) | Json::Object(_) => false,
    }
}

/// The words that Go reads as true.
#[must_use]
pub fn text_bool(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "true" | "TRUE" | "True")
}

/// A list, one value, or the JSON text of a list, to texts: empty and repeated ones left out, order kept.
#[must_use]
pub fn to_list(input: &Json) -> Vec<String> {
    match input {
        Json::Array(items) => unique(items.iter().map(to_text).collect()),
        Json::String(text) => text_list(text),
        other => unique(vec![to_text(other)]),
    }
}

/// Text that may be the JSON of a list.
#[must_use]
pub fn text_list(text: &str) -> Vec<String> {
    if text.trim_start().starts_with('[')
        && let Ok(items) = serde_json::from_str::<Vec<String>>(text)
    {
        return unique(items);
    }
    unique(vec![text.to_owned()])
}

/// Leaves out empty and repeated items; of repeated ones the first stays.
#[must_use]
pub fn unique(items: Vec<String>) -> Vec<String> {
    // A set, because clients choose how long their lists are.
    let mut seen = HashSet::with_capacity(items.len());
    let first: Vec<bool> = items.iter().map(|item| !item.is_empty() && seen.insert(item.as_str())).collect();
    items.into_iter().zip(first).filter_map(|(item, first)| first.then_some(item)).collect()
}

/// The value of a field with choices: the list, or of a single one the last.
#[must_use]
pub fn choice(mut items: Vec<String>, multiple: bool) -> Value {
    if multiple { Value::Texts(items) } else { Value::Text(items.pop().unwrap_or_default()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn text_of_anything() {
        for (input, text) in [
            (json!("a"), "a"),
            (json!(12), "12"),
            (json!(-1.5), "-1.5"),
            (json!(1e21), "1000000000000000000000"),
            (json!(-0.0), "-0"),
            (json!(u64::MAX), "18446744073709551615"),
            (json!(true), "true"),
            (json!(null), ""),
            (json!([1]), ""),
            (json!({}), ""),
        ] {
            assert_eq!(to_text(&input), text, "{input}");
        }
    }

    #[test]
    fn number_of_anything() {
        for (input, number) in [
            (json!(12), Value::Integer(12)),
            (json!(12.0), Value::Integer(12)),
            (json!(-0.0), Value::Integer(0)),
            (json!(1.5), Value::Number(1.5)),
            (json!(1e300), Value::Number(1e300)),
            (json!("12"), Value::Integer(12)),
            (json!("+1.50"), Value::Number(1.5)),
            (json!("1e3"), Value::Integer(1000)),
            (json!("9007199254740993"), Value::Integer(9_007_199_254_740_993)),
            (json!("1e999"), Value::Integer(0)),
            (json!("-Inf"), Value::Number(f64::NEG_INFINITY)),
            (json!(" 1"), Value::Integer(0)),
            (json!("x"), Value::Integer(0)),
            (json!(""), Value::Integer(0)),
            (json!(true), Value::Integer(1)),
            (json!(null), Value::Integer(0)),
            (json!([1]), Value::Integer(0)),
        ] {
            assert_eq!(to_number(&input), number, "{input}");
        }
        assert!(matches!(to_number(&json!("NaN")), Value::Number(number) if number.is_nan()));
    }

    #[test]
    fn truth_of_anything() {
        for input in [json!(true), json!(1), json!(-0.5), json!("true"), json!("1"), json!("T")] {
            assert!(to_bool(&input), "{input}");
        }
        for input in [json!(false), json!(0), json!("yes"), json!(""), json!(null), json!([true]), json!({})] {
            assert!(!to_bool(&input), "{input}");
        }
    }

    #[test]
    fn lists_of_anything() {
        for (input, list) in [
            (json!(["b", "a", "b", "", null, 1]), vec!["b", "a", "1"]),
            (json!("a"), vec!["a"]),
            (json!(r#"["a","b"]"#), vec!["a", "b"]),
            (json!("[a"), vec!["[a"]),
            (json!("[1]"), vec!["[1]"]),
            (json!(5), vec!["5"]),
            (json!(""), vec![]),
            (json!(null), vec![]),
            (json!({}), vec![]),
        ] {
            assert_eq!(to_list(&input), list, "{input}");
        }
        assert_eq!(choice(to_list(&json!(["a", "b"])), false), Value::Text("b".into()));
        assert_eq!(choice(vec![], false), Value::Text(String::new()));
        assert_eq!(choice(vec![], true), Value::Texts(vec![]));
    }
}
