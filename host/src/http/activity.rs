//! `/api/activity`, for superusers.

use super::reply::{Outcome, Reply};
use super::request::{Path, Superuser, list_query};
use crate::activity;
use crate::records::Page;

pub(super) async fn list(Superuser(seat): Superuser) -> Outcome {
    let query = list_query(&seat.cx);
    let page = Page::parse(&query)?;
    let found = activity::list(&seat.cx, query.filter.as_deref(), query.sort.as_deref(), page.part()).await?;
    Ok(Reply::Page(page.json(&found.items, found.total)))
}

pub(super) async fn view(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    Ok(Reply::Value(activity::view(&seat.cx, &id).await?))
}
