//! `/api/settings/storage`, for superusers: moving files between the disk and a bucket, and what buckets there are.

use super::body::Submitted;
use super::reply::{Outcome, Reply, nothing};
use super::request::Superuser;
use crate::activity;
use crate::error::{Error, code};
use crate::files::PRESETS;
use serde_json::{Value, json};

pub(super) async fn presets(_: Superuser) -> Outcome {
    Ok(Reply::Value(json!(PRESETS)))
}

/// How far the move is.
pub(super) async fn progress(Superuser(seat): Superuser) -> Outcome {
    Ok(Reply::Value(seat.cx.tenant.files.moving()))
}

/// Begins a move and does not wait for its end.
pub(super) async fn migrate(Superuser(seat): Superuser, body: Submitted) -> Outcome {
    let body = body.fields().await?;
    let to = match body.get("to") {
        None | Some(Value::Null) => None,
        Some(Value::String(to)) => Some(to.as_str()),
        Some(_) => return Err(Error::field("Failed to move the files.", "to", code::IN_INVALID).into()),
    };
    let begun = seat.cx.tenant.files.move_all(to)?;
    let after = json!({"to": begun["to"]});
    activity::tell(&seat.cx, activity::simple(&seat.cx, "migrate", "storage", "storage", "storage", after)).await?;
    Ok(Reply::Value(begun))
}

pub(super) async fn cancel(Superuser(seat): Superuser) -> Outcome {
    seat.cx.tenant.files.stop_moving()?;
    let entry = activity::simple(&seat.cx, "cancel", "storage", "storage", "storage", Value::Null);
    Ok(activity::tell(&seat.cx, entry).await.map(nothing)?)
}
