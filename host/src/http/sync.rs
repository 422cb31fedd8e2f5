//! `/api/sync`, for superusers: the copy of the collections in a libSQL server.

use super::body::Submitted;
use super::reply::{Outcome, Reply};
use super::request::Superuser;
use crate::activity;
use serde_json::{Value, json};

/// How far it is.
pub(super) async fn view(Superuser(seat): Superuser) -> Outcome {
    Ok(Reply::Value(seat.opened.sync.status().await?))
}

/// Tries an address and a token, those of the settings where the body has none.
pub(super) async fn test(Superuser(seat): Superuser, body: Submitted) -> Outcome {
    let body = body.fields().await?;
    Ok(Reply::Value(json!({"dialogue": seat.opened.sync.test(&body).await?})))
}

/// Begins to compare the copy, and does not wait for the end.
pub(super) async fn verify(Superuser(seat): Superuser) -> Outcome {
    let begun = seat.opened.sync.verify()?;
    activity::tell(&seat.cx, activity::simple(&seat.cx, "verify", "sync", "sync", "sync", Value::Null)).await?;
    Ok(Reply::Value(begun))
}

/// Begins to copy everything anew.
pub(super) async fn restart(Superuser(seat): Superuser) -> Outcome {
    seat.opened.sync.restart()?;
    activity::tell(&seat.cx, activity::simple(&seat.cx, "restart", "sync", "sync", "sync", Value::Null)).await?;
    Ok(Reply::Value(seat.opened.sync.status().await?))
}
