//! `/api/logs`, for superusers.

use super::reply::{Outcome, Reply, nothing};
use super::request::{Path, Superuser, list_query};
use crate::activity;
use crate::records::Page;
use serde_json::Value;

pub(super) async fn list(Superuser(seat): Superuser) -> Outcome {
    let query = list_query(&seat.cx);
    let page = Page::parse(&query)?;
    let logs = &seat.cx.tenant.logs;
    let found = logs.list(query.filter.as_deref(), query.sort.as_deref(), page.part()).await?;
    Ok(Reply::Page(page.json(&found.items, found.total)))
}

pub(super) async fn view(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    Ok(Reply::Value(seat.cx.tenant.logs.view(&id).await?))
}

pub(super) async fn stats(Superuser(seat): Superuser) -> Outcome {
    Ok(Reply::Value(seat.cx.tenant.logs.stats(seat.query("filter")).await?))
}

pub(super) async fn clear(Superuser(seat): Superuser) -> Outcome {
    // First, so that there is no clearing that nobody is told of.
    activity::tell(&seat.cx, activity::simple(&seat.cx, "delete", "logs", "logs", "", Value::Null)).await?;
    Ok(seat.cx.tenant.logs.clear().await.map(nothing)?)
}
