//! Hrana 3 over HTTP, as far as a copy needs it: one request is one batch, which happens as a whole or not at all.
//!
//! Each step runs when the one before it went well, and the last one takes back what is left open: so no transaction waits
//! for another request, which servers end after a few seconds.

use crate::outbound::{Limits, Outbound, Reach, Trouble as Unanswered};
use crate::settings::DatabaseSync;
use crate::sql::{Sql, Value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use hyper::Request;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

/// How long a server may take to answer a batch, and how much longer for each so many bytes that it has to receive.
const PATIENCE: Duration = Duration::from_secs(30);
const PATIENCE_MORE: Duration = Duration::from_secs(1);
const PATIENCE_BYTES: usize = 64 << 10;
/// Largest answer: servers send 10 MB at most.
const ANSWER_BYTES: usize = 12 << 20;
/// Characters of what a server says that are passed on.
const WORDS_MAX: usize = 300;

/// Rows that a statement has found.
pub(super) type Rows = Vec<Vec<Value>>;

/// Why a batch did not happen, or is not known to have happened.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("the server cannot be reached: {0}")]
    Unreachable(Unanswered),
    #[error("the server does not accept the token ({0})")]
    Token(String),
    #[error("the server answers {0}")]
    Status(String),
    #[error("the server refuses a statement: {words}")]
    Statement { step: usize, words: String },
    #[error("the server does not speak Hrana 3: {0}")]
    Foreign(String),
    /// Trying again would copy over what the other one copies.
    #[error("another server writes to the same copy; this one stops until it is told to begin anew")]
    Contested,
    /// It is there, and must not be touched or cannot be used.
    #[error("{0}")]
    Refused(String),
    /// This side's fault.
    #[error("{}", .0.for_superusers())]
    Local(crate::error::Error),
}

impl From<crate::error::Error> for Trouble {
    fn from(error: crate::error::Error) -> Self {
        Self::Local(error)
    }
}

/// Statements that happen together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    steps: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    sql: Sql,
    /// Whether all that follows hangs on it.
    counts: bool,
}

impl Batch {
    /// A step that all others hang on; answers with where its rows will be.
    pub(super) fn run(&mut self, sql: Sql) -> usize {
        self.steps.push(Step { sql, counts: true });
        self.steps.len() - 1
    }

    /// A step that may fail.
    pub(super) fn attempt(&mut self, sql: Sql) {
        self.steps.push(Step { sql, counts: false });
    }

    fn to_json(&self) -> Json {
        let mut before = None;
        let mut steps = Vec::with_capacity(self.steps.len() + 1);
        for (index, step) in self.steps.iter().enumerate() {
            let mut shown = json!({"stmt": statement(&step.sql)});
            if let Some(before) = before {
                shown["condition"] = json!({"type": "ok", "step": before});
            }
            steps.push(shown);
            if step.counts {
                before = Some(index);
            }
        }
        steps.push(json!({
            "condition": {"type": "not", "cond": {"type": "is_autocommit"}},
            "stmt": {"sql": "ROLLBACK", "want_rows": false},
        }));
        json!({"baton": null, "requests": [{"type": "batch", "batch": {"steps": steps}}, {"type": "close"}]})
    }
}

fn statement(sql: &Sql) -> Json {
    json!({"sql": sql.text(), "args": sql.params().iter().map(argument).collect::<Vec<_>>(), "want_rows": true})
}

fn argument(value: &Value) -> Json {
    match value {
        Value::Null => json!({"type": "null"}),
        // JSON's own numbers are not exact.
        Value::Integer(number) => json!({"type": "integer", "value": number.to_string()}),
        Value::Real(number) if number.is_finite() => json!({"type": "float", "value": number}),
        // JSON has no word for it; a column of numbers makes one of it.
        Value::Real(number) => json!({"type": "text", "value": if *number > 0.0 { "9e999" } else { "-9e999" }}),
        Value::Text(text) => json!({"type": "text", "value": text}),
        Value::Blob(bytes) => json!({"type": "blob", "base64": STANDARD_NO_PAD.encode(bytes)}),
    }
}

fn value(json: &Json) -> Value {
    let text = |key: &str| json[key].as_str().unwrap_or_default();
    match text("type") {
        "integer" => text("value").parse().map_or(Value::Null, Value::Integer),
        "float" => json["value"].as_f64().map_or(Value::Null, Value::Real),
        "text" => Value::Text(text("value").to_owned()),
        "blob" => STANDARD_NO_PAD.decode(text("base64").trim_end_matches('=')).map_or(Value::Null, Value::Blob),
        _ => Value::Null,
    }
}

/// A server, as the settings name it.
#[derive(Debug, Clone)]
pub(super) struct Remote {
    outbound: Arc<Outbound>,
    settings: DatabaseSync,
}

impl Remote {
    pub(super) fn new(outbound: Arc<Outbound>, settings: DatabaseSync) -> Self {
        Self { outbound, settings }
    }

    /// The address that is asked.
    pub(super) fn endpoint(&self) -> String {
        format!("{}/v3/pipeline", self.settings.address())
    }

    /// Sends a batch. The rows of each step, none for those that did not run.
    ///
    /// # Errors
    /// When it is refused, and when it is not known what became of it.
    pub(super) async fn send(&self, batch: &Batch) -> Result<Vec<Rows>, Trouble> {
        let answer = self.ask(batch.to_json().to_string()).await?;
        let result = &answer["results"][0];
        if result["type"] == "error" {
            return Err(Trouble::Statement { step: 0, words: message(&result["error"]) });
        }
        let result = &result["response"]["result"];
        let (Some(results), Some(errors)) = (result["step_results"].as_array(), result["step_errors"].as_array())
        else {
            return Err(Trouble::Foreign("the answer has no steps".into()));
        };
        for (step, _) in batch.steps.iter().enumerate().filter(|(_, step)| step.counts) {
            if let Some(error) = errors.get(step).filter(|error| !error.is_null()) {
                return Err(Trouble::Statement { step, words: message(error) });
            }
            if results.get(step).is_none_or(Json::is_null) {
                return Err(Trouble::Foreign("a step did not run".into()));
            }
        }
        Ok(results.iter().map(rows).collect())
    }

    async fn ask(&self, body: String) -> Result<Json, Trouble> {
        let wrong = |error: hyper::http::Error| Trouble::Refused(error.to_string());
        let mut request = Request::post(self.endpoint()).header(CONTENT_TYPE, "application/json");
        if !self.settings.auth_token.is_empty() {
            let bearer = HeaderValue::try_from(format!("Bearer {}", self.settings.auth_token));
            let mut bearer = bearer.map_err(|error| wrong(error.into()))?;
            bearer.set_sensitive(true);
            request = request.header(AUTHORIZATION, bearer);
        }
        let limits = Limits { body_bytes: ANSWER_BYTES, time: patience(body.len()) };
        let request = request.body(Bytes::from(body)).map_err(wrong)?;
        let answer = self.outbound.send(Reach::Anywhere, request, limits).await.map_err(Trouble::Unreachable)?;
        let said = || {
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            let json: Option<Json> = serde_json::from_str(&text).ok();
            let words = json.as_ref().and_then(|json| json["error"].as_str().or(json["message"].as_str()));
            short(words.unwrap_or(&text))
        };
        match answer.status {
            200 => serde_json::from_slice(&answer.body).map_err(|_| Trouble::Foreign("the answer is not its".into())),
            401 | 403 => Err(Trouble::Token(format!("{}: {}", answer.status, said()))),
            404 if !answer.body.starts_with(b"{") => Err(Trouble::Foreign(format!("404: {}", said()))),
            status => Err(Trouble::Status(format!("{status}: {}", said()))),
        }
    }
}

/// How long a batch of so many bytes may take.
fn patience(body_bytes: usize) -> Duration {
    PATIENCE + PATIENCE_MORE * u32::try_from(body_bytes / PATIENCE_BYTES).unwrap_or(u32::MAX)
}

fn message(error: &Json) -> String {
    short(error["message"].as_str().unwrap_or("no reason given"))
}

/// What a server says, on one line and not too long.
fn short(text: &str) -> String {
    let line: String = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(WORDS_MAX).collect();
    if line.is_empty() { "nothing".to_owned() } else { line }
}

fn rows(result: &Json) -> Rows {
    let all = result["rows"].as_array().map_or(&[][..], Vec::as_slice);
    all.iter().map(|row| row.as_array().into_iter().flatten().map(value).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_hang_on_those_that_count() {
        let mut batch = Batch::default();
        batch.run(Sql::new("BEGIN"));
        batch.attempt(Sql::new("CREATE INDEX a"));
        batch.run(Sql::new("COMMIT"));
        let json = batch.to_json();
        let steps = json["requests"][0]["batch"]["steps"].as_array().unwrap();
        assert_eq!(steps[0]["condition"], Json::Null);
        assert_eq!(steps[1]["condition"]["step"], 0);
        assert_eq!(steps[2]["condition"]["step"], 0, "what may fail holds nothing up");
        assert_eq!(steps[3]["stmt"]["sql"], "ROLLBACK");
    }

    #[test]
    fn values_come_back_as_they_went() {
        for original in [
            Value::Null,
            Value::Integer(i64::MAX),
            Value::Real(0.1),
            Value::Text("a\0b \u{1F600}".into()),
            Value::Blob(vec![0, 255, 7]),
        ] {
            assert_eq!(value(&argument(&original)), original);
        }
        let padded = json!({"type": "blob", "base64": "AP8="});
        assert_eq!(value(&padded), Value::Blob(vec![0, 255]));
    }

    #[test]
    fn large_batches_may_take_longer() {
        assert_eq!(patience(100), PATIENCE);
        assert_eq!(patience(8 << 20), PATIENCE + Duration::from_secs(128));
    }

    #[test]
    fn what_a_server_says_is_one_short_line() {
        assert_eq!(short(" a\nb "), "a b");
        assert_eq!(short(""), "nothing");
        assert_eq!(short(&"x".repeat(1_000)).len(), WORDS_MAX);
    }
}
