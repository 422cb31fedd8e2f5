//! Fixtures of routes: the request that is made, and what is expected of its answer. `docs/plugin-authors.md` explains them.

use super::fixture::is_part;
use crate::plugins::web::{WebAnswer, WebRequest};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Who is asked, as the request has it.
const AUTHORITY: &str = "localhost";

/// What can be read of an answer that is shown.
const SHOWN_BYTES: usize = 2_000;

/// A request, as a client sends it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Request {
    #[serde(default = "get")]
    method: String,
    /// Below the plugin's own place, with the query.
    #[serde(default = "root")]
    path: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// A text, or what becomes JSON.
    #[serde(default)]
    body: Value,
}

fn get() -> String {
    "GET".to_owned()
}

fn root() -> String {
    "/".to_owned()
}

impl Default for Request {
    fn default() -> Self {
        Self { method: get(), path: root(), headers: BTreeMap::new(), body: Value::Null }
    }
}

/// What has to be answered. Without a status it has to be below 400.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct Answered {
    pub status: Option<u16>,
    /// Among those of the answer, names in any case.
    pub headers: BTreeMap<String, String>,
    /// A text that has to stand in the body, or JSON with at least these members.
    pub body: Option<Value>,
}

impl Request {
    pub(super) fn to_web(&self) -> WebRequest {
        let mut headers: Vec<(String, Vec<u8>)> =
            self.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.as_bytes().to_vec())).collect();
        let body = match &self.body {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            json => {
                if !self.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type")) {
                    headers.push(("content-type".to_owned(), b"application/json".to_vec()));
                }
                json.to_string()
            }
        };
        WebRequest {
            method: self.method.clone(),
            path_with_query: self.path.clone(),
            authority: AUTHORITY.to_owned(),
            headers,
            body: body.into(),
        }
    }
}

impl Answered {
    pub(super) fn wants_nothing(&self) -> bool {
        self.status.is_none() && self.headers.is_empty() && self.body.is_none()
    }

    pub(super) fn is_met(&self, answer: &WebAnswer) -> bool {
        let has = |name: &str, value: &str| {
            answer.headers.iter().any(|(known, found)| known.eq_ignore_ascii_case(name) && found == value.as_bytes())
        };
        let body = String::from_utf8_lossy(&answer.body);
        let body_fits = match &self.body {
            None => true,
            Some(Value::String(part)) => body.contains(part.as_str()),
            Some(part) => serde_json::from_str(&body).is_ok_and(|whole: Value| is_part(part, &whole)),
        };
        self.status.map_or(answer.status < 400, |status| answer.status == status)
            && self.headers.iter().all(|(name, value)| has(name, value))
            && body_fits
    }

    pub(super) fn json(&self) -> Value {
        let mut json = json!({});
        if let Some(status) = self.status {
            json["status"] = status.into();
        }
        if !self.headers.is_empty() {
            json["headers"] = json!(self.headers);
        }
        if let Some(body) = &self.body {
            json["body"] = body.clone();
        }
        json
    }
}

/// An answer as it is shown.
pub(super) fn answer_json(answer: &WebAnswer) -> Value {
    let text = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN_BYTES)]).into_owned();
    let headers: serde_json::Map<String, Value> =
        answer.headers.iter().map(|(name, value)| (name.clone(), text(value).into())).collect();
    json!({"status": answer.status, "headers": headers, "body": text(&answer.body)})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_at_least_what_is_expected() {
        let answer = WebAnswer {
            status: 201,
            headers: vec![("content-type".into(), b"application/json".to_vec())],
            body: br#"{"a": 1, "b": {"c": 2, "d": 3}}"#.to_vec(),
        };
        for (expected, met) in [
            (json!({}), true),
            (json!({"status": 201, "headers": {"Content-Type": "application/json"}}), true),
            (json!({"status": 200}), false),
            (json!({"headers": {"content-type": "text/plain"}}), false),
            (json!({"headers": {"x-other": "1"}}), false),
            (json!({"body": {"b": {"c": 2.0}}}), true),
            (json!({"body": {"b": {"c": 3}}}), false),
            (json!({"body": "\"d\": 3"}), true),
            (json!({"body": "\"d\": 4"}), false),
        ] {
            let wanted: Answered = serde_json::from_value(expected.clone()).unwrap();
            assert_eq!(wanted.is_met(&answer), met, "{expected}");
            assert_eq!(wanted.json(), expected);
            assert_eq!(wanted.wants_nothing(), expected == json!({}));
        }
        let broken = WebAnswer { status: 500, ..answer };
        assert!(!Answered::default().is_met(&broken), "without a status it has to be a good one");
        assert_eq!(answer_json(&broken)["headers"]["content-type"], "application/json");
    }

    #[test]
    fn a_request_is_small_to_write() {
        let request: Request = serde_json::from_value(json!({"headers": {"X-A": "1"}, "body": {"a": 1}})).unwrap();
        let web = request.to_web();
        assert_eq!(
            (web.method.as_str(), web.path_with_query.as_str(), &web.body[..]),
            ("GET", "/", &br#"{"a":1}"#[..])
        );
        let expected = [("x-a", "1"), ("content-type", "application/json")];
        assert_eq!(web.headers, expected.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())));
        assert!(serde_json::from_value::<Request>(json!({"url": "/"})).is_err());
    }
}
