//! `/api/collections`, for superusers.

use super::body::Submitted;
use super::reply::{Outcome, Reply, nothing};
use super::request::{Path, Superuser, list_query};
use crate::collections;
use crate::records::ListQuery;

pub(super) async fn list(Superuser(seat): Superuser) -> Outcome {
    // What is picked is picked from the reply.
    let query = ListQuery { fields: None, ..list_query(&seat.cx) };
    Ok(Reply::Page(collections::list(&seat.cx, &query).await?))
}

pub(super) async fn view(Superuser(seat): Superuser, Path(name): Path<String>) -> Outcome {
    Ok(Reply::Value(collections::view(&seat.cx, &name)?))
}

/// What `PocketBase` says of bodies that are no definitions.
const NEW_UNREADABLE: &str = "Failed to load the collection type data due to invalid formatting.";
const CHANGE_UNREADABLE: &str = "Failed to load the submitted data due to invalid formatting.";

pub(super) async fn create(Superuser(seat): Superuser, body: Submitted) -> Outcome {
    let body = body.saying(NEW_UNREADABLE).fields().await?;
    Ok(Reply::Value(collections::create(&seat.cx, &body).await?))
}

pub(super) async fn update(Superuser(seat): Superuser, Path(name): Path<String>, body: Submitted) -> Outcome {
    let body = body.saying(CHANGE_UNREADABLE).fields().await?;
    Ok(Reply::Value(collections::update(&seat.cx, &name, &body).await?))
}

pub(super) async fn delete(Superuser(seat): Superuser, Path(name): Path<String>) -> Outcome {
    Ok(collections::delete(&seat.cx, &name).await.map(nothing)?)
}

pub(super) async fn truncate(Superuser(seat): Superuser, Path(name): Path<String>) -> Outcome {
    Ok(collections::truncate(&seat.cx, &name).await.map(nothing)?)
}

pub(super) async fn import(Superuser(seat): Superuser, body: Submitted) -> Outcome {
    Ok(collections::import(&seat.cx, &body.fields().await?).await.map(nothing)?)
}

pub(super) async fn dry_run_view(Superuser(seat): Superuser, body: Submitted) -> Outcome {
    Ok(Reply::Value(collections::dry_run_view(&seat.cx, &body.fields().await?).await?))
}

pub(super) async fn oauth2_providers(_: Superuser) -> Outcome {
    Ok(Reply::Value(collections::oauth2_providers()))
}

pub(super) async fn scaffolds(_: Superuser) -> Outcome {
    Ok(Reply::Value(collections::scaffolds()))
}
