//! Answers: what handlers return, and the one place where an error becomes a status and an envelope.

use super::spool::Download;
use crate::error::{Axis, Cause, Current, Error, FieldErrors, FieldIssue, PluginFailure, Result};
use crate::model::picker::Picker;
use crate::records::{Answer, BatchFailure, Report, Stopped};
use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, RETRY_AFTER, VARY};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;

/// On the answer to a write that had been made before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

const VARY_CALLER: HeaderValue = HeaderValue::from_static("Authorization, Cookie");

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// When to try again after 503, in seconds.
const RETRY_S: u64 = 1;

/// What PocketBase says when there is nothing better to say.
const SOMETHING_WENT_WRONG: &str = "Something went wrong while processing your request.";

/// What a handler answers when it goes well.
#[derive(Debug)]
pub(super) enum Reply {
    /// Finished JSON, `fields` applied.
    Ready(Vec<u8>),
    /// A value that `fields` picks from.
    Value(Value),
    /// The same, with its tag.
    Tagged(Value, String),
    /// A page, of whose items `fields` picks.
    Page(Value),
    /// A record with its tag; or a batch's answers, which have none.
    Record(Answer),
    /// A file that is sent as it is.
    Download(Download),
    /// 304: the client has what it asks for.
    NotModified(String),
    /// 204.
    Nothing,
}

/// What a handler answers when it does not.
#[derive(Debug)]
pub enum Failure {
    Error(Error),
    /// A batch of which one request failed; `None` when no single one is to blame.
    Batch(Option<(usize, Error)>),
}

pub(super) type Outcome<T = Reply> = std::result::Result<T, Failure>;

impl From<BatchFailure> for Failure {
    fn from(BatchFailure { index, error }: BatchFailure) -> Self {
        match index {
            Some(index) => Self::Batch(Some((index, error))),
            None => Self::Error(error),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// What the client and the operator were told about a failure, for the request log.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub error: String,
    pub details: String,
}

/// A value on its way to [`finish`], which knows what is to be picked.
#[derive(Clone)]
struct Unpicked {
    value: Arc<Value>,
    is_page: bool,
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let (value, is_page) = match self {
            Self::Ready(json) => return json_response(StatusCode::OK, json),
            Self::Record(Answer { json, etag, replayed }) => {
                let mut response = tagged(json_response(StatusCode::OK, json), &etag);
                if replayed {
                    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
                }
                return response;
            }
            Self::Download(download) => return download.into_response(),
            Self::NotModified(etag) => return tagged(StatusCode::NOT_MODIFIED.into_response(), &etag),
            Self::Nothing => return StatusCode::NO_CONTENT.into_response(),
            Self::Tagged(value, etag) => return tagged(Self::Value(value).into_response(), &etag),
            Self::Value(value) => (value, false),
            Self::Page(value) => (value, true),
        };
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(Unpicked { value: Arc::new(value), is_page });
        response
    }
}

impl IntoResponse for Failure {
    /// Carries the failure to [`finish`], which knows the request.
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Turns what a handler left in the response into what is sent.
pub(super) fn finish(mut response: Response, picker: Option<&Picker>, request_id: &str) -> (Response, Told) {
    if let Some(failure) = response.extensions_mut().remove::<Arc<Failure>>() {
        return fail(&failure, request_id);
    }
    let Some(Unpicked { value, is_page }) = response.extensions_mut().remove() else {
        return (response, Told::default());
    };
    let value = Arc::unwrap_or_clone(value);
    let body = match picker {
        Some(picker) if is_page => picker.apply_to_items(value),
        Some(picker) => picker.apply(value),
        None => value,
    };
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    // The router has written down the length of the empty body that the handler left.
    response.headers_mut().remove(CONTENT_LENGTH);
    *response.body_mut() = Body::from(body.to_string());
    (response, Told::default())
}

/// The answer to a request whose handler panicked.
pub(super) fn panicked(request_id: &str) -> (Response, Told) {
    fail(&Failure::Error(Error::internal("answer a request", "panic")), request_id)
}

/// No route, or not with that method.
pub(super) async fn nothing_here() -> Failure {
    Failure::Error(Error::not_found())
}

/// Names what is answered. Callers see different parts of it, so a cache must tell them apart.
fn tagged(mut response: Response, etag: &str) -> Response {
    if let Ok(etag) = HeaderValue::from_str(etag)
        && !etag.is_empty()
    {
        response.headers_mut().insert(ETAG, etag);
        response.headers_mut().append(VARY, VARY_CALLER);
    }
    response
}

fn json_response(status: StatusCode, json: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(json));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

fn fail(failure: &Failure, request_id: &str) -> (Response, Told) {
    let (envelope, details) = match failure {
        Failure::Error(error) => (Envelope::of(error), details(error, request_id)),
        Failure::Batch(None) => (Envelope::of_batch(Map::new(), None), String::new()),
        Failure::Batch(Some((index, error))) => {
            let requests = json!({ "requests": { index.to_string(): of_batch_request(error) } });
            (Envelope::of_batch(object(requests), Envelope::of(error).retry_after_s), details(error, request_id))
        }
    };
    let body = match failure {
        // As PocketBase's SDKs expect it: what is missing is not an error to be shown.
        Failure::Error(Error::SecondFactor(id)) => json!({ "mfaId": id }),
        _ => envelope.to_json(),
    };
    let mut response = json_response(envelope.status, body.to_string().into_bytes());
    if let Some(seconds) = envelope.retry_after_s {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Failure::Error(Error::Stale(Some(Current { etag, .. }))) = failure {
        response = tagged(response, etag);
    }
    (response, Told { error: envelope.message, details })
}

/// The cause of what is our own fault: for the console and the request log, never for a client.
fn details(error: &Error, request_id: &str) -> String {
    match error {
        Error::Internal(Cause { context, detail }) => {
            tracing::error!(request_id, context, detail, "a request failed");
            format!("{context}: {detail}")
        }
        Error::Plugin(PluginFailure { plugin, axis, detail, .. }) => {
            tracing::warn!(request_id, plugin, ?axis, detail, "a plugin failed");
            format!("{plugin}: {detail}")
        }
        _ => String::new(),
    }
}

/// `{status, message, data}`.
struct Envelope {
    status: StatusCode,
    message: String,
    data: Map<String, Value>,
    retry_after_s: Option<u64>,
    /// The record, or collection, as it is now, beside `data`, whose keys are fields.
    current: Option<(&'static str, Value)>,
}

impl Envelope {
    fn new(status: StatusCode, message: &str) -> Self {
        Self { status, message: sentence(message), data: Map::new(), retry_after_s: None, current: None }
    }

    fn of(error: &Error) -> Self {
        match error {
            Error::Invalid { message, fields } => Self {
                data: fields_json(fields),
                ..Self::new(StatusCode::BAD_REQUEST, or(message, SOMETHING_WENT_WRONG))
            },
            Error::Unprocessable { message, fields } => Self {
                data: fields_json(fields),
                ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, or(message, SOMETHING_WENT_WRONG))
            },
            Error::Unauthenticated(text) => {
                Self::new(StatusCode::UNAUTHORIZED, or(text, "Missing or invalid authentication."))
            }
            Error::SecondFactor(_) => Self::new(StatusCode::UNAUTHORIZED, "A second factor is demanded."),
            Error::Forbidden(text) => {
                Self::new(StatusCode::FORBIDDEN, or(text, "You are not allowed to perform this request."))
            }
            Error::MissingScope(scope) => Self::missing_scope(scope.as_deref()),
            Error::BeyondCaller(_) => Self::beyond_caller(),
            Error::NotFound(text) => Self::new(StatusCode::NOT_FOUND, or(text, "The requested resource wasn't found.")),
            Error::Refused { status, message } => {
                let status = StatusCode::from_u16(*status).ok().filter(StatusCode::is_client_error);
                Self::new(status.unwrap_or(StatusCode::BAD_REQUEST), or(message, SOMETHING_WENT_WRONG))
            }
            Error::TooLarge { .. } => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Request entity too large."),
            Error::RateLimited { retry_after } => Self {
                retry_after_s: Some(whole_seconds(*retry_after)),
                ..Self::new(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests.")
            },
            Error::OverQuota { retry_after } => Self::over_quota(*retry_after),
            Error::Conflict(text) => Self::new(StatusCode::CONFLICT, or(text, SOMETHING_WENT_WRONG)),
            Error::Stale(current) => Self::stale(current.as_ref()),
            Error::Unavailable(text) => Self {
                retry_after_s: Some(RETRY_S),
                ..Self::new(StatusCode::SERVICE_UNAVAILABLE, or(text, SOMETHING_WENT_WRONG))
            },
            Error::Plugin(failure) => Self::of_plugin(failure),
            Error::Internal(_) => Self::new(StatusCode::INTERNAL_SERVER_ERROR, SOMETHING_WENT_WRONG),
        }
    }

    fn stale(current: Option<&Current>) -> Self {
        let was = Current::was(current);
        let it = if was.ends_with("were") { "them" } else { "it" };
        let message = format!("The {was} changed since you have seen {it}.");
        let seen = current.and_then(|current| Some((current.noun, serde_json::from_slice(&current.json).ok()?)));
        Self { current: seen, ..Self::new(StatusCode::PRECONDITION_FAILED, &message) }
    }

    fn over_quota(retry_after: Duration) -> Self {
        let message = "The plugins have used what they may for now. Please try again.";
        let plugin = json!({"code": "plugin_quota", "message": message, "axis": Axis::Fuel.name()});
        Self {
            data: object(json!({ "plugin": plugin })),
            retry_after_s: Some(whole_seconds(retry_after)),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, message)
        }
    }

    fn missing_scope(scope: Option<&str>) -> Self {
        let message = scope.map_or_else(
            || "This is not for API keys.".to_owned(),
            |scope| format!("The API key does not have the scope {scope}."),
        );
        let error = json!({"code": "missing_scope", "message": message, "params": {"scope": scope}});
        Self { data: object(json!({ "scope": error })), ..Self::new(StatusCode::FORBIDDEN, &message) }
    }

    /// Neither which record that is nor whether it is there is the caller's to know.
    fn beyond_caller() -> Self {
        let message =
            "A plugin asks for the write of another record, which is not there or not for its caller to write.";
        let plugin = json!({"code": "plugin_beyond_caller", "message": message});
        Self { data: object(json!({ "plugin": plugin })), ..Self::new(StatusCode::FORBIDDEN, message) }
    }

    fn of_plugin(failure: &PluginFailure) -> Self {
        let Some(axis) = failure.axis else {
            let message = if failure.is_broken {
                "The plugin's code cannot be loaded."
            } else {
                "The plugin is switched off after repeated failures."
            };
            let plugin = json!({"code": "plugin_unavailable", "message": message});
            return Self {
                data: object(json!({ "plugin": plugin })),
                retry_after_s: Some(RETRY_S),
                ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "A plugin is unavailable.")
            };
        };
        let plugin = json!({"code": "plugin_failed", "message": "The plugin failed.", "axis": axis.name()});
        Self {
            data: object(json!({ "plugin": plugin })),
            ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, "A plugin failed.")
        }
    }

    /// With when to try again, where the request that failed would be told so by itself.
    fn of_batch(data: Map<String, Value>, retry_after_s: Option<u64>) -> Self {
        Self { data, retry_after_s, ..Self::new(StatusCode::BAD_REQUEST, "Batch transaction failed.") }
    }

    fn to_json(&self) -> Value {
        let mut json = json!({"status": self.status.as_u16(), "message": self.message, "data": self.data});
        if let Some((noun, current)) = &self.current {
            json[*noun] = current.clone();
        }
        json
    }
}

/// What became of an imported file; each row that failed has what it would have been answered on its own.
pub(super) fn report(report: &Report) -> Reply {
    let error = |(row, error): &(u64, Error)| {
        let envelope = Envelope::of(error);
        json!({"row": row, "message": envelope.message, "data": envelope.data})
    };
    Reply::Value(json!({
        "rows": report.rows,
        "created": report.created,
        "updated": report.updated,
        "failed": report.failed,
        "errors": report.errors.iter().map(error).collect::<Vec<_>>(),
        "dryRun": report.dry_run,
        "stopped": report.stopped.as_ref().map(stopped),
    }))
}

/// With what the import would have been answered, had it not written anything before.
fn stopped(Stopped { row, why }: &Stopped) -> Value {
    let Envelope { status, message, data, retry_after_s, .. } = Envelope::of(why);
    json!({"row": row, "status": status.as_u16(), "message": message, "data": data, "retryAfter": retry_after_s})
}

fn of_batch_request(error: &Error) -> Value {
    json!({
        "code": "batch_request_failed",
        "message": "Batch request failed.",
        "response": Envelope::of(error).to_json(),
    })
}

/// The body that an error would be answered with.
pub(super) fn envelope(error: &Error) -> Value {
    Envelope::of(error).to_json()
}

/// At least one.
fn whole_seconds(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX).max(1)
}

pub(super) fn fields_json(errors: &FieldErrors) -> Map<String, Value> {
    let each = errors.0.iter().map(|(name, issue)| (name.clone(), issue_json(issue)));
    each.collect()
}

fn issue_json(issue: &FieldIssue) -> Value {
    match issue {
        FieldIssue::Nested(errors) => Value::Object(fields_json(errors)),
        FieldIssue::Error(error) => {
            let mut value = json!({"code": error.code, "message": sentence(&error.message)});
            if !error.params.is_empty() {
                value["params"] =
                    error.params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
            }
            value
        }
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn or<'a>(text: &'a str, default: &'a str) -> &'a str {
    if text.trim().is_empty() { default } else { text }
}

/// The first letter large, a period at the end.
fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return String::new() };
    let mut sentence: String = first.to_uppercase().chain(chars).collect();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

/// A result of a verb that answers nothing.
pub(super) fn nothing((): ()) -> Reply {
    Reply::Nothing
}

/// Reads a whole JSON document from a verb that answers text.
pub(super) fn ready(result: Result<Vec<u8>>) -> Outcome {
    Ok(Reply::Ready(result?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Axis, code};

    fn envelope(error: &Error) -> String {
        Envelope::of(error).to_json().to_string()
    }

    #[test]
    fn fields_are_nested_and_carry_params() {
        let mut fields = FieldErrors::one("rating", code::MAX_NUMBER.with([("max", 5.into())]));
        let mut place = FieldErrors::default();
        place.nest("0", FieldErrors::one("name", code::REQUIRED));
        fields.nest("fields", place);
        assert_eq!(
            envelope(&Error::Invalid { message: "failed to create record".into(), fields }),
            "{\"status\":400,\"message\":\"Failed to create record.\",\"data\":{\"fields\":{\"0\":{\"name\":{\
             \"code\":\"validation_required\",\"message\":\"Cannot be blank.\"}}},\"rating\":{\
             \"code\":\"validation_max_number_constraint\",\"message\":\"Must be less or equal than 5.\",\
             \"params\":{\"max\":5}}}}"
        );
    }

    #[test]
    fn causes_stay_inside() {
        let error = Error::internal("read the vault", "password is hunter2");
        assert_eq!(
            envelope(&error),
            format!("{{\"status\":500,\"message\":\"{SOMETHING_WENT_WRONG}\",\"data\":{{}}}}")
        );
    }

    #[test]
    fn plugins_fail_with_their_axis() {
        let (plugin, detail) = ("p".to_owned(), "secret".to_owned());
        let failure = PluginFailure { plugin, axis: Some(Axis::Fuel), is_broken: false, detail };
        let text = envelope(&Error::Plugin(failure.clone()));
        assert!(
            text.contains("\"axis\":\"fuel\"") && text.starts_with("{\"status\":500") && !text.contains("secret"),
            "{text}"
        );
        for (is_broken, words) in [(false, "repeated failures"), (true, "cannot be loaded")] {
            let text = envelope(&Error::Plugin(PluginFailure { axis: None, is_broken, ..failure.clone() }));
            assert!(text.contains("plugin_unavailable") && text.starts_with("{\"status\":503"), "{text}");
            assert!(text.contains(words) && !text.contains("secret"), "{text}");
        }
    }

    #[test]
    fn a_hook_may_only_refuse_with_4xx() {
        let refused = |status| Envelope::of(&Error::Refused { status, message: "no".into() }).status.as_u16();
        assert_eq!([refused(402), refused(200), refused(503), refused(9)], [402, 400, 400, 400]);
    }

    #[test]
    fn sentences() {
        assert_eq!(["é", " a b", "A!", ""].map(sentence), ["É.", "A b.", "A!", ""]);
    }
}
