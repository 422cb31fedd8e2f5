//! Strings of a form to the values they stand for.

use serde_json::Value as Json;

/// `true`, `false` and numbers in their shortest decimal form are what they look like; everything else,
/// `012`, `1e3` and `1.50` too, stays text.
#[must_use]
pub fn infer(text: &str) -> Json {
    match text {
        "true" => Json::Bool(true),
        "false" => Json::Bool(false),
        _ if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') => infer_number(text),
        _ => text.into(),
    }
}

fn infer_number(text: &str) -> Json {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number.to_string() == text => match text.parse::<i64>() {
            Ok(integer) if text != "-0" => integer.into(),
            _ => number.into(),
        },
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_shortest_form_is_a_number() {
        for (text, value) in
            [("true", json!(true)), ("false", json!(false)), ("12", json!(12)), ("-1.5", json!(-1.5)), ("0", json!(0))]
        {
            assert_eq!(infer(text), value);
        }
        for text in [
            "",
            "012",
            "1e3",
            "+1",
            "1.50",
            "-",
            "1.",
            ".5",
            "True",
            "null",
            "9007199254740993",
            "-inf",
            "NaN",
            "1 ",
            "[1]",
        ] {
            assert_eq!(infer(text), json!(text), "{text}");
        }
        assert_eq!(infer("-0").to_string(), "-0.0");
    }
}
