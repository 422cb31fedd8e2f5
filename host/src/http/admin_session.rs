//! `/api/admin/session` and `/api/admin/setup`: the dashboard's session, in a cookie that no script can read.

use super::body::{SIGN_IN_MAX, Submitted};
use super::cookie;
use super::reply::{Outcome, Reply, nothing};
use super::request::{Path, Seat, Superuser};
use crate::auth::session::{self, Holder, Session};
use crate::error::{Error, FieldErrors, code};
use crate::host::Host;
use crate::model::{Caller, Record};
use crate::tenant::Cx;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, HeaderName, HeaderValue, SET_COOKIE};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Headers that tell the browser to keep, or forget, the session.
type Headers = [(HeaderName, HeaderValue); 2];

pub(super) async fn open(cx: Cx, headers: HeaderMap, body: Submitted) -> Outcome<(Headers, Reply)> {
    let body = body.up_to(SIGN_IN_MAX).texts().await?;
    let session = session::open(&cx, &body).await?;
    begun(&headers, &session)
}

pub(super) async fn view(cx: Cx, headers: HeaderMap) -> Outcome {
    match holder(&cx, &headers).await {
        Some(Holder { caller: Caller::Superuser(record), csrf, .. }) => Ok(Reply::Value(shown(&record, &csrf))),
        _ => Err(Error::Unauthenticated("There is no session.".into()).into()),
    }
}

/// Ends the session on the server and in the browser. Without one there is nothing to end, which is what was wanted.
pub(super) async fn close(seat: Seat, headers: HeaderMap) -> Outcome<(Headers, Reply)> {
    let Seat { cx, opened } = seat;
    if let Some(holder) = holder(&cx, &headers).await {
        if cx.caller.record().is_none() {
            return Err(Error::Forbidden("The X-CSRF-Token header is missing or wrong.".into()).into());
        }
        opened.realtime.end_session(&Cx { caller: holder.caller, ..cx }, &holder.id).await?;
    }
    Ok((set_cookie(&headers, "", 0)?, Reply::Nothing))
}

pub(super) async fn list(Superuser(seat): Superuser, headers: HeaderMap) -> Outcome {
    let current = holder(&seat.cx, &headers).await.map(|holder| holder.id);
    Ok(Reply::Page(json!({"items": session::list(&seat.cx, current.as_deref()).await?})))
}

pub(super) async fn end(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    Ok(seat.opened.realtime.end_session(&seat.cx, &id).await.map(nothing)?)
}

async fn holder(cx: &Cx, headers: &HeaderMap) -> Option<Holder> {
    session::holder(&cx.tenant, cookie::read(headers)?).await
}

pub(super) async fn set_up(
    State(host): State<Arc<Host>>,
    cx: Cx,
    headers: HeaderMap,
    body: Submitted,
) -> Outcome<(Headers, Reply)> {
    let body = body.up_to(SIGN_IN_MAX).texts().await?;
    let mut errors = FieldErrors::default();
    for key in ["token", "email", "password"].into_iter().filter(|key| text(&body, key).is_empty()) {
        errors.add(key, code::REQUIRED);
    }
    let (email, password) = (text(&body, "email"), text(&body, "password"));
    if text(&body, "passwordConfirm") != password {
        errors.add("passwordConfirm", code::VALUES_MISMATCH);
    }
    errors.into_result("Failed to create the superuser.")?;
    // The token is the right to do so, and `complete` demands it.
    let cx = cx.as_system();
    let session = host.set_up.complete(&cx, text(&body, "token"), email, password).await?;
    begun(&headers, &session)
}

fn begun(headers: &HeaderMap, session: &Session) -> Outcome<(Headers, Reply)> {
    let cookie = set_cookie(headers, &session.token, session.duration_s)?;
    Ok((cookie, Reply::Value(shown(&session.record, &session.csrf))))
}

fn shown(record: &Record, csrf: &str) -> Value {
    json!({"csrf": csrf, "record": {"id": record.id(), "email": record.text("email")}})
}

fn set_cookie(headers: &HeaderMap, token: &str, seconds: u64) -> Outcome<Headers> {
    let cookie = cookie::write(headers, token, seconds);
    let cookie = cookie.ok_or_else(|| Error::internal("set a cookie", "a token with strange characters"))?;
    Ok([(SET_COOKIE, cookie), (CACHE_CONTROL, HeaderValue::from_static("no-store"))])
}

fn text<'a>(body: &'a Map<String, Value>, key: &str) -> &'a str {
    body.get(key).and_then(Value::as_str).unwrap_or_default()
}
