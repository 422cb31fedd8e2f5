//! What an SSE client posts: which connection is its own, and all that it wants to hear of.

use super::topic::{SUBSCRIPTION_LENGTH_MAX, SUBSCRIPTIONS_MAX};
use crate::error::{Error, FieldErrors, Result, code};
use serde_json::{Map, Value};

/// Longest client id that is looked up.
const CLIENT_ID_MAX: usize = 255;

const INVALID: &str = "Something went wrong while processing your request.";

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Submission {
    pub client_id: String,
    pub subscriptions: Vec<String>,
}

impl Submission {
    /// Reads a body.
    ///
    /// # Errors
    /// `Invalid`, with the fields that are beyond the limits.
    pub(super) fn parse(body: &Map<String, Value>) -> Result<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned).ok_or_else(|| Error::invalid(INVALID));
        let client_id = match body.get("clientId") {
            None | Some(Value::Null) => String::new(),
            Some(value) => text(value)?,
        };
        let subscriptions = match body.get("subscriptions") {
            None | Some(Value::Null) => Vec::new(),
            // As in PocketBase, null is the name of nothing.
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| if item.is_null() { Ok(String::new()) } else { text(item) })
                .collect::<Result<_>>()?,
            Some(_) => return Err(Error::invalid(INVALID)),
        };
        let submission = Self { client_id, subscriptions };
        submission.check().into_result(INVALID)?;
        Ok(submission)
    }

    fn check(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        if self.client_id.is_empty() {
            errors.add("clientId", code::REQUIRED);
        } else if self.client_id.len() > CLIENT_ID_MAX {
            errors.add("clientId", code::LENGTH_OUT_OF_RANGE.with([("min", 1.into()), ("max", CLIENT_ID_MAX.into())]));
        }
        if self.subscriptions.len() > SUBSCRIPTIONS_MAX {
            errors.add("subscriptions", code::LENGTH_TOO_LONG.with([("max", SUBSCRIPTIONS_MAX.into())]));
            return errors;
        }
        let mut items = FieldErrors::default();
        let long = self.subscriptions.iter().enumerate().filter(|(_, name)| name.len() > SUBSCRIPTION_LENGTH_MAX);
        for (index, _) in long {
            items.add(&index.to_string(), code::LENGTH_TOO_LONG.with([("max", SUBSCRIPTION_LENGTH_MAX.into())]));
        }
        errors.nest("subscriptions", items);
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::FieldIssue;
    use serde_json::json;

    fn parse(body: &Value) -> Result<Submission> {
        Submission::parse(body.as_object().unwrap())
    }

    fn errors(body: &Value) -> FieldErrors {
        match parse(body) {
            Err(Error::Invalid { fields, .. }) => fields,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_body() {
        let read = parse(&json!({"clientId": "c", "subscriptions": ["a/*", "b"], "other": 1})).unwrap();
        assert_eq!(read, Submission { client_id: "c".into(), subscriptions: vec!["a/*".into(), "b".into()] });
        assert!(parse(&json!({"clientId": "c"})).unwrap().subscriptions.is_empty());
        assert_eq!(parse(&json!({"clientId": "c", "subscriptions": [null, "a"]})).unwrap().subscriptions, ["", "a"]);
    }

    #[test]
    fn limits() {
        assert!(errors(&json!({})).0.contains_key("clientId"));
        assert!(errors(&json!({"clientId": "x".repeat(256)})).0.contains_key("clientId"));
        assert!(parse(&json!({"clientId": "x".repeat(255), "subscriptions": vec!["a"; 1000]})).is_ok());
        assert!(errors(&json!({"clientId": "c", "subscriptions": vec!["a"; 1001]})).0.contains_key("subscriptions"));
        let long = errors(&json!({"clientId": "c", "subscriptions": ["x".repeat(2500), "x".repeat(2501)]}));
        let Some(FieldIssue::Nested(items)) = long.0.get("subscriptions") else { panic!("{long:?}") };
        assert_eq!(items.0.keys().collect::<Vec<_>>(), ["1"]);
    }

    #[test]
    fn wrong_types_are_refused() {
        for body in [
            json!({"clientId": 1}),
            json!({"clientId": "c", "subscriptions": [1]}),
            json!({"clientId": "c", "subscriptions": {}}),
            json!({"clientId": "c", "subscriptions": "a"}),
        ] {
            assert!(errors(&body).is_empty(), "no field is named");
        }
    }
}
