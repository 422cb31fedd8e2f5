//! `/api/backups`, for superusers.

use super::body::Submitted;
use super::files::{answer, elsewhere};
use super::form::UNREADABLE;
use super::reply::{Outcome, Reply, nothing};
use super::request::{Path, Superuser, query};
use super::spool;
use crate::auth;
use crate::error::{Error, Result, code};
use crate::host::Host;
use crate::host::tenants::Opened;
use crate::model::Caller;
use crate::tenant::Cx;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, HeaderValue};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use serde_json::Value;
use std::sync::Arc;

/// Largest archive that is taken.
const ARCHIVE_MAX: usize = 1 << 40;

pub(super) async fn list(Superuser(seat): Superuser) -> Outcome {
    Ok(Reply::Value(seat.opened.backups.list().await?))
}

/// What is being done, and how far it is.
pub(super) async fn status(Superuser(seat): Superuser) -> Outcome {
    Ok(Reply::Value(seat.opened.backups.status()))
}

pub(super) async fn create(Superuser(seat): Superuser, body: Submitted) -> Outcome {
    let body = body.saying(UNREADABLE).fields().await?;
    let name = match body.get("name") {
        None | Some(Value::Null) => "",
        Some(Value::String(name)) => name,
        Some(_) => return Err(Error::field("Failed to create the backup.", "name", code::INVALID_VALUE).into()),
    };
    Ok(seat.opened.backups.create(&seat.cx, name).await.map(|_| Reply::Nothing)?)
}

pub(super) async fn upload(Superuser(seat): Superuser, request: Request) -> Outcome {
    let backups = &seat.opened.backups;
    let archive = backups.scratch();
    let received = spool::receive_into(request, ARCHIVE_MAX, spool::named(archive.path())?).await?;
    let name =
        received.name.ok_or_else(|| Error::field("The form has no part called file.", "file", code::REQUIRED))?;
    Ok(backups.take(&seat.cx, &name, archive).await.map(nothing)?)
}

/// The archive, for whoever has the file token of a superuser: a link is followed without headers.
pub(super) async fn download(
    cx: Cx,
    seat: super::request::Seat,
    Path(key): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Outcome<Response> {
    admit(&cx).await?;
    let found = seat.opened.backups.find(&key).await?;
    let disposition = format!("attachment; filename=\"{key}\"");
    if let Some(response) = elsewhere(&found, &found.mime, &disposition, &method, &headers).await? {
        return Ok(response);
    }
    let mut response = answer(&found, &method, &headers).await?;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if let Ok(disposition) = HeaderValue::try_from(disposition) {
        response.headers_mut().insert(CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}

async fn admit(cx: &Cx) -> Result<()> {
    let by_token = || auth::file_caller(cx, query(cx, "token").unwrap_or_default());
    let may = matches!(cx.caller, Caller::Superuser(_)) || matches!(by_token().await, Caller::Superuser(_));
    may.then_some(()).ok_or_else(|| Error::Forbidden("Insufficient permissions to access the resource.".into()))
}

pub(super) async fn delete(Superuser(seat): Superuser, Path(key): Path<String>) -> Outcome {
    Ok(seat.opened.backups.delete(&seat.cx, &key).await.map(nothing)?)
}

pub(super) async fn verify(Superuser(seat): Superuser, Path(key): Path<String>) -> Outcome {
    Ok(Reply::Value(verify_named(&seat.opened, &key).await?))
}

/// Over HTTP an archive has no path.
async fn verify_named(opened: &Opened, key: &str) -> Result<Value> {
    opened.backups.find(key).await?;
    opened.backups.verify(key).await
}

/// 204 when the archive is unpacked and tried out; the server then opens it in the place of its data.
pub(super) async fn restore(
    Superuser(seat): Superuser,
    State(host): State<Arc<Host>>,
    Path(key): Path<String>,
) -> Outcome {
    seat.opened.backups.find(&key).await?;
    seat.opened.backups.stage(&seat.cx, &key).await?;
    host.again.ask();
    Ok(Reply::Nothing)
}
