//! `/api/collections/{collection}/records`.

use super::body::{BODY_MAX, Form, Submitted};
use super::reply::{Outcome, Reply, nothing, ready};
use super::request::{
    Path, Superuser, aggregate_query, bulk_query, collection, if_none_match, list_query, query, terms, view_query,
};
use crate::access::Operation;
use crate::error::Result;
use crate::model::{Collection, FieldKind};
use crate::records::{self, Input};
use crate::tenant::Cx;

/// What `PocketBase` says of a body that is no record.
const WRONG: &str = "Something went wrong while processing your request.";

pub(super) async fn list(cx: Cx, Path(name): Path<String>) -> Outcome {
    let collection = collection(&cx, &name)?;
    ready(records::list(&cx, &collection, &list_query(&cx)).await)
}

pub(super) async fn count(cx: Cx, Path(name): Path<String>) -> Outcome {
    let collection = collection(&cx, &name)?;
    ready(records::count(&cx, &collection, &list_query(&cx)).await)
}

pub(super) async fn aggregate(cx: Cx, Path(name): Path<String>) -> Outcome {
    let collection = collection(&cx, &name)?;
    ready(records::aggregate(&cx, &collection, &aggregate_query(&cx)).await)
}

pub(super) async fn view(cx: Cx, Path((name, id)): Path<(String, String)>) -> Outcome {
    let collection = collection(&cx, &name)?;
    let answer = records::view(&cx, &collection, &id, &view_query(&cx)).await?;
    // What is expanded may change while the record does not.
    let known =
        query(&cx, "expand").is_none() && if_none_match(&cx).is_some_and(|tags| tags.match_weakly(&answer.etag));
    Ok(if known { Reply::NotModified(answer.etag) } else { Reply::Record(answer) })
}

pub(super) async fn create(cx: Cx, Path(name): Path<String>, body: Submitted) -> Outcome {
    let collection = collection(&cx, &name)?;
    let body = body.provided(records::may_try(&cx, &collection, Operation::Create))?;
    let input = input(&collection, body).await?;
    Ok(records::create(&cx, &collection, input, &terms(&cx)).await.map(Reply::Record)?)
}

pub(super) async fn update(cx: Cx, Path((name, id)): Path<(String, String)>, body: Submitted) -> Outcome {
    let collection = collection(&cx, &name)?;
    let body = body.provided(records::may_try(&cx, &collection, Operation::Update))?;
    let input = input(&collection, body).await?;
    Ok(records::update(&cx, &collection, &id, input, &terms(&cx)).await.map(Reply::Record)?)
}

pub(super) async fn delete(cx: Cx, Path((name, id)): Path<(String, String)>) -> Outcome {
    let collection = collection(&cx, &name)?;
    Ok(records::delete(&cx, &collection, &id, &terms(&cx)).await.map(nothing)?)
}

pub(super) async fn update_where(Superuser(seat): Superuser, Path(name): Path<String>, body: Submitted) -> Outcome {
    let (cx, query) = (&seat.cx, bulk_query(&seat.cx)?);
    let collection = collection(cx, &name)?;
    let input = body.fields().await?;
    Ok(records::update_where(cx, &collection, &query, &input, &terms(cx)).await.map(Reply::Record)?)
}

pub(super) async fn delete_where(Superuser(seat): Superuser, Path(name): Path<String>) -> Outcome {
    let (cx, query) = (&seat.cx, bulk_query(&seat.cx)?);
    let collection = collection(cx, &name)?;
    Ok(records::delete_where(cx, &collection, &query, &terms(cx)).await.map(Reply::Record)?)
}

/// A body with room for what the fields may hold.
async fn input(collection: &Collection, body: Submitted) -> Result<Input> {
    let sizes = collection.fields.iter().map(|field| match &field.kind {
        FieldKind::Editor(editor) => editor.max_bytes(),
        FieldKind::File(file) => file.max_bytes().saturating_mul(file.max_select.max(1)),
        FieldKind::Json(json) => json.max_bytes(),
        _ => 0,
    });
    let room = sizes.fold(0, u64::saturating_add);
    let limit = BODY_MAX.saturating_add(usize::try_from(room).unwrap_or(usize::MAX));
    let Form { fields, files } = body.up_to(limit).saying(WRONG).naming_types().form().await?;
    Ok(Input { fields, files, ..Input::default() })
}
