//! `/api/collections/{collection}/auth-*`, what is proved by a mail, and impersonation; where providers of accounts send
//! browsers back to.

use super::body::{SIGN_IN_MAX, Submitted};
use super::form::UNREADABLE;
use super::reply::{Outcome, Reply, nothing, ready};
use super::request::{Path, Seat, Superuser, presented, view_query};
use crate::auth;
use crate::tenant::Cx;
use axum::http::header::{HeaderName, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

/// Pages of the dashboard, which need no session.
const REDIRECTED: &str = "../_/#/auth/oauth2-redirect-success";
const NOT_REDIRECTED: &str = "../_/#/auth/oauth2-redirect-failure";

pub(super) async fn methods(cx: Cx, Path(name): Path<String>) -> Outcome {
    let collection = auth::collection(&cx, &name)?;
    Ok(Reply::Value(auth::methods(&cx, &collection)))
}

pub(super) async fn with_password(cx: Cx, Path(name): Path<String>, body: Submitted) -> Outcome {
    let collection = auth::collection(&cx, &name)?;
    let body = body.up_to(SIGN_IN_MAX).texts().await?;
    ready(auth::with_password(&cx, &collection, &body, &view_query(&cx)).await)
}

pub(super) async fn request_otp(cx: Cx, Path(name): Path<String>, body: Submitted) -> Outcome {
    let collection = auth::collection(&cx, &name)?;
    let body = body.up_to(SIGN_IN_MAX).texts().await?;
    Ok(Reply::Value(auth::otp::request(&cx, &collection, &body).await?))
}

pub(super) async fn with_otp(cx: Cx, Path(name): Path<String>, body: Submitted) -> Outcome {
    let collection = auth::collection(&cx, &name)?;
    let body = body.up_to(SIGN_IN_MAX).texts().await?;
    ready(auth::otp::with_otp(&cx, &collection, &body, &view_query(&cx)).await)
}

pub(super) async fn request_password_reset(cx: Cx, Path(name): Path<String>, body: Submitted) -> Outcome {
    let collection = auth::collection(&cx, &name)?;
    let body = body.up_to(SIGN_IN_MAX).texts().await?;
    Ok(auth::password_reset::request(&cx, &collection, &body).await.map(nothing)?)
}

pub(super) async fn confirm_password_reset(cx: Cx, Path(name): Path<String>, body: Submitted) -> Outcome {
    let collection = auth::collection(&cx, &name)?;
    let body = body.up_to(SIGN_IN_MAX).saying(UNREADABLE).texts().await?;
    Ok(auth::password_reset::confirm(&cx, &collection, &body).await.map(nothing)?)
}

pub(super) async fn request_verification(cx: Cx, Path(name): Path<String>, body: Submitted) -> Outcome {
    let collection = auth::collection(&cx, &name)?;
    let body = body.up_to(SIGN_IN_MAX).texts().await?;
    Ok(auth::verification::request(&cx, &collection, &body).await.map(nothing)?)
}

pub(super) async fn confirm_verification(cx: Cx, Path(name): Path<String>, body: Submitted) -> Outcome {
    let collection = auth::collection(&cx, &name)?;
    let body = body.up_to(SIGN_IN_MAX).texts().await?;
    Ok(auth::verification::confirm(&cx, &collection, &body).await.map(nothing)?)
}

pub(super) async fn request_email_change(cx: Cx, Path(name): Path<String>, body: Submitted) -> Outcome {
    let collection = auth::collection(&cx, &name)?;
    let body = body.up_to(SIGN_IN_MAX).texts().await?;
    Ok(auth::email_change::request(&cx, &collection, &body).await.map(nothing)?)
}

pub(super) async fn confirm_email_change(cx: Cx, Path(name): Path<String>, body: Submitted) -> Outcome {
    let collection = auth::collection(&cx, &name)?;
    let body = body.up_to(SIGN_IN_MAX).texts().await?;
    Ok(auth::email_change::confirm(&cx, &collection, &body).await.map(nothing)?)
}

pub(super) async fn with_oauth2(cx: Cx, Path(name): Path<String>, body: Submitted) -> Outcome {
    let collection = auth::collection(&cx, &name)?;
    let body = body.texts().await?;
    ready(auth::oauth2::with_oauth2(&cx, &collection, &body, &view_query(&cx)).await)
}

/// Where a browser is sent, and how.
type Redirect = (StatusCode, [(HeaderName, &'static str); 1]);

/// A provider says in the address how it went.
pub(super) async fn oauth2_redirect(seat: Seat) -> Redirect {
    let said = |key: &str| seat.query(key).unwrap_or_default().to_owned();
    redirect(&seat, StatusCode::TEMPORARY_REDIRECT, said)
}

/// A provider has the browser post how it went.
pub(super) async fn oauth2_redirect_posted(seat: Seat, body: Submitted) -> Redirect {
    let posted = body.up_to(SIGN_IN_MAX).texts().await.unwrap_or_default();
    let said = |key: &str| posted.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    redirect(&seat, StatusCode::SEE_OTHER, said)
}

/// Hands what a provider says to the page that waits for it, and sends the browser to where it is told how it went.
fn redirect(seat: &Seat, status: StatusCode, said: impl Fn(&str) -> String) -> Redirect {
    let (state, code, error) = (said("state"), said("code"), said("error"));
    let heard = seat.opened.realtime.hand_over(&seat.cx.facts.ip, &state, &code, &error);
    let good = heard && error.is_empty() && !code.is_empty();
    if good {
        auth::oauth2::apple::keep_name(&seat.cx, &code, &said("user"));
    }
    (status, [(LOCATION, if good { REDIRECTED } else { NOT_REDIRECTED })])
}

pub(super) async fn refresh(cx: Cx, Path(name): Path<String>, headers: HeaderMap) -> Outcome {
    let collection = auth::collection(&cx, &name)?;
    ready(auth::refresh(&cx, &collection, presented(&headers), &view_query(&cx)).await)
}

pub(super) async fn impersonate(
    Superuser(seat): Superuser,
    Path((name, id)): Path<(String, String)>,
    body: Submitted,
) -> Outcome {
    let cx = seat.cx;
    let collection = auth::collection(&cx, &name)?;
    let duration_s = auth::duration_of(&body.up_to(SIGN_IN_MAX).saying(UNREADABLE).fields().await?)?;
    ready(auth::impersonate(&cx, &collection, &id, duration_s, &view_query(&cx)).await)
}
