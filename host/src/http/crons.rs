//! `/api/crons`, for superusers.

use super::reply::{Outcome, Reply, nothing};
use super::request::{Path, Superuser, list_query};
use crate::records::Page;

pub(super) async fn list(Superuser(seat): Superuser) -> Outcome {
    Ok(Reply::Value(seat.opened.jobs.list()))
}

/// Begins a run and does not wait for its end.
pub(super) async fn run(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    Ok(seat.opened.jobs.run_now(&id).map(nothing)?)
}

pub(super) async fn runs(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    let query = list_query(&seat.cx);
    let page = Page::parse(&query)?;
    let found = seat.opened.jobs.runs(&id, query.filter.as_deref(), query.sort.as_deref(), page.part()).await?;
    Ok(Reply::Page(page.json(&found.items, found.total)))
}
