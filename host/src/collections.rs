//! The verbs on collections: list, view, create, update, delete, truncate. For superusers; the door checks.
//!
//! A change of the schema is one transaction (tables, indexes and metadata together), then the catalog is
//! swapped: running requests finish on the one they began with.


mod rules;

use crate::db::{Failure, Unit};
use crate::error::{Error, FieldErrors, Result};
use crate::model::{Collection, date, picker::Picker};
use crate::records::{self, ListQuery};
use crate::schema;
use crate::tenant::Cx;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

const CREATE_FAILED: &str = "Failed to create collection.";
const UPDATE_FAILED: &str = "Failed to update collection.";
const DELETE_FAILED: &str = "Failed to delete collection probably due to existing reference in other collections.";

/// A page of collections: `{page, perPage, totalItems, totalPages, items}`.
///
/// # Errors
/// `Invalid` for a broken filter, sort or page.
pub async fn list(cx: &Cx, query: &ListQuery) -> Result<Json> {
    let page = records::Page::parse(query)?;
    let ids = records::collection_ids(cx, query).await?;
    let total = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let items: Vec<Json> = page.slice(&ids).iter().filter_map(|id| cx.catalog.collection(id)).map(|found| found.to_json()).collect();
    let reply = page.json(items, total);
    match query.fields.as_deref() {
        Some(fields) => Ok(Picker::parse(fields)?.apply(reply)),
        None => Ok(reply),
    }
}

/// One collection by name or id.
///
/// # Errors
/// `NotFound`.
pub fn view(cx: &Cx, name: &str) -> Result<Json> {
    cx.catalog.collection(name).map(|collection| collection.to_json()).ok_or_else(Error::not_found)
}

/// Creates a collection with its table.
///
/// # Errors
/// `Invalid` with an error for each mistake, nested by position.
pub async fn create(cx: &Cx, input: &Map<String, Json>) -> Result<Json> {
    let _lock = cx.tenant.schema_lock.lock().await;
    let cx = &latest(cx);
    let now = date::format(cx.now_ms);
    let new = Collection::from_json(input, &now, &mut |length| cx.tenant.world.ids.secret(length))
        .map_err(|fields| Error::Invalid { message: CREATE_FAILED.into(), fields })?;
    let new = check(cx, new, None, CREATE_FAILED)?;
    let mut unit = Unit::new();
    schema::add(&mut unit, &new);
    apply(cx, unit, CREATE_FAILED).await?;
    Ok(new.to_json())
}

/// Changes a collection and its table; records keep their values.
///
/// # Errors
/// `NotFound`, or `Invalid` with an error for each mistake, nested by position.
pub async fn update(cx: &Cx, name: &str, input: &Map<String, Json>) -> Result<Json> {
    let _lock = cx.tenant.schema_lock.lock().await;
    let cx = &latest(cx);
    let old = cx.catalog.collection(name).ok_or_else(Error::not_found)?.clone();
    let now = date::format(cx.now_ms);
    let mut new = (*old).clone();
    new.apply_json(input, &now, &mut |length| cx.tenant.world.ids.secret(length))
        .map_err(|fields| Error::Invalid { message: UPDATE_FAILED.into(), fields })?;
    let new = check(cx, new, Some(&old), UPDATE_FAILED)?;
    let mut unit = Unit::new();
    schema::change(&mut unit, &old, &new);
    apply(cx, unit, UPDATE_FAILED).await?;
    Ok(new.to_json())
}

/// Deletes a collection and its records.
///
/// # Errors
/// `NotFound`; `Invalid` for a system collection or one that others refer to.
pub async fn delete(cx: &Cx, name: &str) -> Result<()> {
    let _lock = cx.tenant.schema_lock.lock().await;
    let cx = &latest(cx);
    let collection = cx.catalog.collection(name).ok_or_else(Error::not_found)?.clone();
    let referenced = cx.catalog.referenced_by(&collection.id).iter().any(|reference| reference.collection.id != collection.id);
    if collection.system || referenced {
        return Err(Error::invalid(DELETE_FAILED));
    }
    let mut unit = Unit::new();
    schema::remove(&mut unit, &collection);
    apply(cx, unit, DELETE_FAILED).await
}

/// Deletes every record, one by one, with all that hangs on each.
///
/// # Errors
/// `NotFound`, or `Invalid` for a view and when a required relation forbids it.
pub async fn truncate(cx: &Cx, name: &str) -> Result<()> {
    let collection = cx.catalog.collection(name).ok_or_else(Error::not_found)?.clone();
    if collection.is_view() {
        return Err(Error::invalid("View collections cannot be truncated since they don't store their own records."));
    }
    loop {
        let ids = records::some_ids(cx, &collection).await?;
        if ids.is_empty() {
            return Ok(());
        }
        for id in ids {
            match records::delete(cx, &collection, &id).await {
                // Another record's deletion may have taken it along.
                Ok(()) | Err(Error::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Empty collections of each kind with their system fields and defaults, for editors to start from.
#[must_use]
pub fn scaffolds() -> Json {
    json!({
        "base": Collection::scaffold("base"),
        "auth": Collection::scaffold("auth"),
        "view": Collection::scaffold("view"),
    })
}

/// The operation under the catalog as it is now that the schema is locked.
fn latest(cx: &Cx) -> Cx {
    Cx { catalog: cx.tenant.catalog(), ..cx.clone() }
}

/// Everything that can be wrong with a definition, at once.
fn check(cx: &Cx, mut new: Collection, old: Option<&Collection>, message: &'static str) -> Result<Arc<Collection>> {
    let others = |name_or_id: &str| cx.catalog.collection(name_or_id).map(AsRef::as_ref);
    let mut errors: FieldErrors = new.check(old, &others, &mut cx.catalog.collections().map(AsRef::as_ref));
    if errors.is_empty() {
        rules::check(cx, &new, old, &mut errors);
    }
    errors.into_result(message)?;
    Ok(Arc::new(new))
}

/// Carries out a change of the schema and swaps the catalog.
async fn apply(cx: &Cx, unit: Unit, message: &'static str) -> Result<()> {
    let tenant = &cx.tenant;
    match tenant.store.write_alone(unit).await {
        Ok(_) => {}
        Err(Failure::Error(error)) => return Err(error.with_message(message)),
        Err(failure) => return Err(Error::invalid(format!("{message} Raw error: {}", failure.describe()))),
    }
    let catalog = schema::reload(&tenant.store).await?;
    tenant.catalog.store(Arc::new(catalog));
    Ok(())
}
