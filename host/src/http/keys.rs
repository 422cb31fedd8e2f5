//! `/api/keys`, for superusers themselves: no key makes, sees or ends keys.

use super::body::Submitted;
use super::reply::{Outcome, Reply, nothing};
use super::request::{Path, Superuser};
use crate::auth::keys;
use serde_json::json;

pub(super) async fn list(Superuser(seat): Superuser) -> Outcome {
    Ok(Reply::Page(json!({"items": keys::list(&seat.cx).await?})))
}

pub(super) async fn create(Superuser(seat): Superuser, body: Submitted) -> Outcome {
    let body = body.fields().await?;
    Ok(Reply::Value(keys::create(&seat.cx, &body).await?))
}

pub(super) async fn view(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    Ok(Reply::Value(keys::view(&seat.cx, &id).await?))
}

pub(super) async fn update(Superuser(seat): Superuser, Path(id): Path<String>, body: Submitted) -> Outcome {
    keys::view(&seat.cx, &id).await?;
    let (cx, key, body) = (seat.cx, id.clone(), body.fields().await?);
    let change = async move { keys::update(&cx, &key, &body).await };
    Ok(Reply::Value(seat.opened.realtime.change_key(&id, change).await?))
}

pub(super) async fn delete(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    let (cx, key) = (seat.cx, id.clone());
    let change = async move { keys::revoke(&cx, &key).await };
    Ok(seat.opened.realtime.change_key(&id, change).await.map(nothing)?)
}

pub(super) async fn rotate(Superuser(seat): Superuser, Path(id): Path<String>, body: Submitted) -> Outcome {
    keys::view(&seat.cx, &id).await?;
    let (cx, key, body) = (seat.cx, id.clone(), body.fields().await?);
    let change = async move { keys::rotate(&cx, &key, &body).await };
    Ok(Reply::Value(seat.opened.realtime.change_key(&id, change).await?))
}
