//! `/api/collections/{collection}/auth-*`, what is proved by a mail, and impersonation.

use super::body::{SIGN_IN_MAX, Submitted};
use super::reply::{Outcome, Reply, nothing, ready};
use super::request::{Path, Superuser, presented, view_query};
use crate::auth;
use crate::tenant::Cx;
use axum::http::HeaderMap;
use serde_json::Value;

pub(super) async fn methods(cx: Cx, Path(name): Path<String>) -> Outcome {
    let collection = auth::collection(&cx, &name)?;
    Ok(Reply::Value(auth::methods(&collection)))
}

pub(super) async fn with_password(cx: Cx, Path(name): Path<String>, body: Submitted) -> Outcome {
    let collection = auth::collection(&cx, &name)?;
    let body = body.up_to(SIGN_IN_MAX).fields().await?;
    ready(auth::with_password(&cx, &collection, &body, &view_query(&cx)).await)
}

pub(super) async fn request_otp(cx: Cx, Path(name): Path<String>, body: Submitted) -> Outcome {
    let collection = auth::collection(&cx, &name)?;
    let body = body.up_to(SIGN_IN_MAX).fields().await?;
    Ok(Reply::Value(auth::otp::request(&cx, &collection, &body).await?))
}

pub(super) async fn with_otp(cx: Cx, Path(name): Path<String>, body: Submitted) -> Outcome {
    let collection = auth::collection(&cx, &name)?;
    let body = body.up_to(SIGN_IN_MAX).fields().await?;
    ready(auth::otp::with_otp(&cx, &collection, &body, &view_query(&cx)).await)
}

pub(super) async fn request_password_reset(cx: Cx, Path(name): Path<String>, body: Submitted) -> Outcome {
    let collection = auth::collection(&cx, &name)?;
    let body = body.up_to(SIGN_IN_MAX).fields().await?;
    Ok(auth::password_reset::request(&cx, &collection, &body).await.map(nothing)?)
}

pub(super) async fn confirm_password_reset(cx: Cx, Path(name): Path<String>, body: Submitted) -> Outcome {
    let collection = auth::collection(&cx, &name)?;
    let body = body.up_to(SIGN_IN_MAX).fields().await?;
    Ok(auth::password_reset::confirm(&cx, &collection, &body).await.map(nothing)?)
}

pub(super) async fn request_verification(cx: Cx, Path(name): Path<String>, body: Submitted) -> Outcome {
    let collection = auth::collection(&cx, &name)?;
    let body = body.up_to(SIGN_IN_MAX).fields().await?;
    Ok(auth::verification::request(&cx, &collection, &body).await.map(nothing)?)
}

pub(super) async fn confirm_verification(cx: Cx, Path(name): Path<String>, body: Submitted) -> Outcome {
    let collection = auth::collection(&cx, &name)?;
    let body = body.up_to(SIGN_IN_MAX).fields().await?;
    Ok(auth::verification::confirm(&cx, &collection, &body).await.map(nothing)?)
}

pub(super) async fn request_email_change(cx: Cx, Path(name): Path<String>, body: Submitted) -> Outcome {
    let collection = auth::collection(&cx, &name)?;
    let body = body.up_to(SIGN_IN_MAX).fields().await?;
    Ok(auth::email_change::request(&cx, &collection, &body).await.map(nothing)?)
}

pub(super) async fn confirm_email_change(cx: Cx, Path(name): Path<String>, body: Submitted) -> Outcome {
    let collection = auth::collection(&cx, &name)?;
    let body = body.up_to(SIGN_IN_MAX).fields().await?;
    Ok(auth::email_change::confirm(&cx, &collection, &body).await.map(nothing)?)
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
    let duration_s = body.up_to(SIGN_IN_MAX).fields().await?.get("duration").and_then(Value::as_u64);
    ready(auth::impersonate(&cx, &collection, &id, duration_s).await)
}
