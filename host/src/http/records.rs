//! `/api/collections/{collection}/records`.

use super::body::Submitted;
use super::reply::{Outcome, nothing, ready};
use super::request::{Path, collection, list_query, view_query};
use crate::records;
use crate::tenant::Cx;

pub(super) async fn list(cx: Cx, Path(name): Path<String>) -> Outcome {
    let collection = collection(&cx, &name)?;
    ready(records::list(&cx, &collection, &list_query(&cx)).await)
}

pub(super) async fn view(cx: Cx, Path((name, id)): Path<(String, String)>) -> Outcome {
    let collection = collection(&cx, &name)?;
    ready(records::view(&cx, &collection, &id, &view_query(&cx)).await)
}

pub(super) async fn create(cx: Cx, Path(name): Path<String>, body: Submitted) -> Outcome {
    let collection = collection(&cx, &name)?;
    let input = body.fields().await?;
    ready(records::create(&cx, &collection, input, &view_query(&cx)).await)
}

pub(super) async fn update(cx: Cx, Path((name, id)): Path<(String, String)>, body: Submitted) -> Outcome {
    let collection = collection(&cx, &name)?;
    let input = body.fields().await?;
    ready(records::update(&cx, &collection, &id, input, &view_query(&cx)).await)
}

pub(super) async fn delete(cx: Cx, Path((name, id)): Path<(String, String)>) -> Outcome {
    let collection = collection(&cx, &name)?;
    Ok(records::delete(&cx, &collection, &id).await.map(nothing)?)
}
