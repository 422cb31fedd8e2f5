//! `/api/outbox`, for superusers.

use super::reply::{Outcome, Reply, nothing};
use super::request::{Path, Superuser, list_query};
use crate::outbox::desk;
use crate::records::Page;

pub(super) async fn list(Superuser(seat): Superuser) -> Outcome {
    let query = list_query(&seat.cx);
    let page = Page::parse(&query)?;
    let found = desk::list(&seat.cx, query.filter.as_deref(), query.sort.as_deref(), page.part()).await?;
    Ok(Reply::Page(page.json(&found.items, found.total)))
}

pub(super) async fn view(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    Ok(Reply::Value(desk::view(&seat.cx, &id).await?))
}

pub(super) async fn replay(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    Ok(Reply::Value(desk::replay(&seat.cx, &id).await?))
}

pub(super) async fn replay_where(Superuser(seat): Superuser) -> Outcome {
    Ok(Reply::Value(desk::replay_where(&seat.cx, seat.query("filter")).await?))
}

pub(super) async fn drop_one(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    Ok(desk::drop_one(&seat.cx, &id).await.map(nothing)?)
}

pub(super) async fn drop_where(Superuser(seat): Superuser) -> Outcome {
    Ok(Reply::Value(desk::drop_where(&seat.cx, seat.query("filter")).await?))
}
