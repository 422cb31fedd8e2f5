//! The verbs on collections: list, view, create, update, delete, truncate. For superusers; the door checks.
//!
//! A change of the schema is one transaction (tables, indexes and metadata together), then the catalog is
//! swapped: running requests finish on the one they began with.

mod rules;

pub use rules::{check_rule, try_rule};

use crate::db::{Failure, Unit};
use crate::error::{Error, FieldErrors, Result, code};
use crate::model::{Collection, date, picker::Picker};
use crate::records::{self, ListQuery};
use crate::schema::{self, catalog::Catalog};
use crate::tenant::Cx;
use serde_json::{Map, Value as Json, json};
use std::collections::HashSet;
use std::sync::Arc;

const CREATE_FAILED: &str = "Failed to create collection.";
const UPDATE_FAILED: &str = "Failed to update collection.";
const IMPORT_FAILED: &str = "Failed to import collections.";
const DELETE_FAILED: &str = "Failed to delete collection probably due to existing reference in other collections.";

/// A page of collections: `{page, perPage, totalItems, totalPages, items}`.
///
/// # Errors
/// `Invalid` for a broken filter, sort or page.
pub async fn list(cx: &Cx, query: &ListQuery) -> Result<Json> {
    let page = records::Page::parse(query)?;
    let ids = records::collection_ids(cx, query).await?;
    let total = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let items: Vec<Json> =
        page.slice(&ids).iter().filter_map(|id| cx.catalog.collection(id)).map(|found| found.to_json()).collect();
    let reply = page.json(&items, total);
    match query.fields.as_deref() {
        Some(fields) => Ok(Picker::parse(fields)?.apply_to_items(reply)),
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
    let referenced =
        cx.catalog.referenced_by(&collection.id).iter().any(|reference| reference.collection.id != collection.id);
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
            match records::delete(cx, &collection, &id, &records::Terms::default()).await {
                // Another record's deletion may have taken it along.
                Ok(()) | Err(Error::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Creates and updates many collections at once, matched by id or else by name; with `deleteMissing` removes
/// the others, and fields that are not given. All or nothing.
///
/// # Errors
/// `Invalid` with what is wrong with the first collection that is.
pub async fn import(cx: &Cx, input: &Map<String, Json>) -> Result<()> {
    let _lock = cx.tenant.schema_lock.lock().await;
    let mut cx = latest(cx);
    let given = input.get("collections").and_then(Json::as_array).filter(|list| !list.is_empty());
    let given = given.ok_or_else(|| Error::field(IMPORT_FAILED, "collections", code::REQUIRED))?;
    let delete_missing = input.get("deleteMissing").and_then(Json::as_bool).unwrap_or_default();
    let now = date::format(cx.now_ms);
    let mut unit = Unit::new();
    let mut kept = HashSet::new();
    for definition in given {
        let definition =
            definition.as_object().ok_or_else(|| Error::field(IMPORT_FAILED, "collections", code::INVALID_VALUE))?;
        let text = |key: &str| definition.get(key).and_then(Json::as_str).unwrap_or_default();
        let old = cx.catalog.collection(text("id")).or_else(|| cx.catalog.collection(text("name"))).cloned();
        let secrets = &mut |length| cx.tenant.world.ids.secret(length);
        let mut new = match &old {
            Some(old) => (**old).clone(),
            None => Collection::from_json(definition, &now, secrets).map_err(import_failure)?,
        };
        if let Some(old) = &old {
            new.apply_json(&merged(definition, old, delete_missing), &now, secrets).map_err(import_failure)?;
        }
        let new = check(&cx, new, old.as_deref(), IMPORT_FAILED)?;
        match &old {
            Some(old) => schema::change(&mut unit, old, &new),
            None => schema::add(&mut unit, &new),
        }
        kept.insert(new.id.clone());
        cx.catalog = with(&cx.catalog, new);
    }
    if delete_missing {
        for gone in cx.catalog.collections().filter(|known| !known.system && !kept.contains(&known.id)) {
            schema::remove(&mut unit, gone);
        }
    }
    apply(&cx, unit, IMPORT_FAILED).await
}

fn import_failure(fields: FieldErrors) -> Error {
    let mut errors = FieldErrors::default();
    errors.nest("collections", fields);
    Error::Invalid { message: IMPORT_FAILED.into(), fields: errors }
}

/// Without `deleteMissing` the fields that a definition does not name stay.
fn merged(definition: &Map<String, Json>, old: &Collection, delete_missing: bool) -> Map<String, Json> {
    let mut merged = definition.clone();
    let given = definition.get("fields").and_then(Json::as_array);
    if let (Some(given), false) = (given, delete_missing) {
        let mut fields = given.clone();
        let known = old.to_json()["fields"].as_array().cloned().unwrap_or_default();
        let named =
            |field: &Json| given.iter().any(|other| other["id"] == field["id"] || other["name"] == field["name"]);
        fields.extend(known.into_iter().filter(|field| !named(field)));
        merged.insert("fields".to_owned(), Json::Array(fields));
    }
    merged
}

/// The catalog as it will be with a collection that is not written yet.
fn with(catalog: &Catalog, new: Arc<Collection>) -> Arc<Catalog> {
    let mut collections: Vec<_> = catalog.collections().filter(|known| known.id != new.id).cloned().collect();
    collections.push(new);
    Arc::new(Catalog::new(collections))
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
        // The statement came from a superuser (an index, a view), who is helped by the engine's words.
        Err(Failure::Statement(words)) => return Err(Error::invalid(format!("{message} Raw error: {words}"))),
        Err(failure) => return Err(failure.into_error().with_message(message)),
    }
    let catalog = schema::reload(&tenant.store).await?;
    tenant.catalog.store(Arc::new(catalog));
    Ok(())
}
