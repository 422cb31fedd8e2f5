//! The verbs on collections: list, view, create, update, delete, truncate. For superusers; the door checks.
//!
//! A change of the schema is one transaction (tables, views, indexes and metadata together: [`change`]), then the
//! catalog is swapped: running requests finish on the one they began with. Tried without effect: [`rehearsal`].

mod change;
mod departure;
mod etag;
mod refusal;
mod rehearsal;
mod rules;
mod shape;
mod trial;
mod typescript;

pub use rules::{check_rule, try_rule};

use crate::error::{Current, Error, Result, code};
use crate::model::collection::providers;
use crate::model::{Collection, date, picker::Picker};
use crate::records::{self, ListQuery, Tags};
use crate::schema::catalog::Catalog;
use crate::tenant::Cx;
use change::Change;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

pub use rehearsal::{Wish, rehearse};
pub use shape::{input_schema, record_schema};
pub use trial::dry_run_view;
pub use typescript::{type_names, typescript};

const CREATE_FAILED: &str = "Failed to create collection.";
const UPDATE_FAILED: &str = "Failed to update collection.";
const IMPORT_FAILED: &str = "Failed to import collections.";
const DELETE_FAILED: &str = "Failed to delete collection.";

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

/// A definition as superusers see it, with its tag.
#[derive(Debug)]
pub struct Definition {
    pub json: Json,
    pub etag: String,
}

/// One collection by name or id.
///
/// # Errors
/// `NotFound`.
pub fn view(cx: &Cx, name: &str) -> Result<Definition> {
    cx.catalog.collection(name).map(|collection| shown(&cx.catalog, collection)).ok_or_else(Error::not_found)
}

fn shown(catalog: &Catalog, collection: &Collection) -> Definition {
    Definition { json: collection.to_json(), etag: etag::of(catalog, collection) }
}

/// Creates a collection with its table.
///
/// # Errors
/// `Invalid` with an error for each mistake, nested by position.
pub async fn create(cx: &Cx, input: &Map<String, Json>) -> Result<Definition> {
    let lock = cx.tenant.schema_lock.clone().lock_owned().await;
    let cx = &latest(cx);
    let (change, id) = plan_create(cx, input)?;
    change.commit(cx, lock, CREATE_FAILED).await?;
    view(&latest(cx), &id)
}

fn plan_create(cx: &Cx, input: &Map<String, Json>) -> Result<(Change, String)> {
    let new = Collection::from_json(input, &date::format(cx.now_ms), &mut |length| cx.tenant.world.ids.secret(length))
        .map_err(|fields| Error::Invalid { message: CREATE_FAILED.into(), fields })?;
    let mut change = Change::of(cx);
    let id = change.put(None, new);
    Ok((change, id))
}

/// Changes a collection and its table; records keep their values, and views follow.
///
/// # Errors
/// `NotFound`, `Stale` when the definition is not the one that `if_match` names, or `Invalid` with an error for each mistake,
/// nested by position.
pub async fn update(cx: &Cx, name: &str, input: &Map<String, Json>, if_match: Option<&Tags>) -> Result<Definition> {
    let lock = cx.tenant.schema_lock.clone().lock_owned().await;
    let cx = &latest(cx);
    let (change, id) = plan_update(cx, name, input, if_match)?;
    change.commit(cx, lock, UPDATE_FAILED).await?;
    view(&latest(cx), &id)
}

fn plan_update(cx: &Cx, name: &str, input: &Map<String, Json>, if_match: Option<&Tags>) -> Result<(Change, String)> {
    let old = seen(cx, name, if_match)?;
    let mut new = (*old).clone();
    new.apply_json(input, &date::format(cx.now_ms), &mut |length| cx.tenant.world.ids.secret(length))
        .map_err(|fields| Error::Invalid { message: UPDATE_FAILED.into(), fields })?;
    let mut change = Change::of(cx);
    let id = old.id.clone();
    change.put(Some(old), new);
    Ok((change, id))
}

/// The stored collection, if it is still the one that the client has seen.
fn seen(cx: &Cx, name: &str, if_match: Option<&Tags>) -> Result<Arc<Collection>> {
    let collection = cx.catalog.collection(name).ok_or_else(Error::not_found)?;
    let Definition { json, etag } = shown(&cx.catalog, collection);
    match if_match {
        Some(tags) if !tags.match_strongly(&etag) => {
            Err(Error::Stale(Some(Current { noun: "collection", json: json.to_string().into_bytes(), etag })))
        }
        _ => Ok(collection.clone()),
    }
}

/// Deletes a collection and its records.
///
/// # Errors
/// `NotFound`; `Stale` as [`update`]; `Invalid` for a system collection or one that others refer to or a view is made of.
pub async fn delete(cx: &Cx, name: &str, if_match: Option<&Tags>) -> Result<()> {
    let lock = cx.tenant.schema_lock.clone().lock_owned().await;
    let cx = &latest(cx);
    let collection = seen(cx, name, if_match)?;
    if collection.system {
        return Err(Error::invalid(DELETE_FAILED));
    }
    let others = referring(cx, &collection);
    if !others.is_empty() {
        let others = others.join(", ");
        let message = format!("Failed to delete collection probably due to existing reference in {others}.");
        return Err(Error::invalid(message));
    }
    let mut change = Change::of(cx);
    change.remove(&collection.id);
    change.commit(cx, lock, DELETE_FAILED).await
}

/// The names of the other collections with a relation to this one, each once.
fn referring(cx: &Cx, collection: &Collection) -> Vec<String> {
    let references = cx.catalog.referenced_by(&collection.id);
    let others = references.iter().filter(|reference| reference.collection.id != collection.id);
    let names: BTreeSet<&str> = others.map(|reference| reference.collection.name.as_str()).collect();
    names.into_iter().map(str::to_owned).collect()
}

/// Deletes every record with all that hangs on it.
///
/// # Errors
/// `NotFound`, or `Invalid` for a view and when a required relation forbids it.
pub async fn truncate(cx: &Cx, name: &str) -> Result<()> {
    let collection = cx.catalog.collection(name).ok_or_else(Error::not_found)?.clone();
    if collection.is_view() {
        return Err(Error::invalid("View collections cannot be truncated since they don't store their own records."));
    }
    records::truncate(cx, &collection).await
}

/// Creates and updates many collections at once, matched by id or else by name; with `deleteMissing` removes
/// the others, and fields that are not given. All or nothing, and the order of the list does not matter.
///
/// # Errors
/// `Invalid` with what is wrong in words, under `collections`.
pub async fn import(cx: &Cx, input: &Map<String, Json>) -> Result<()> {
    let lock = cx.tenant.schema_lock.clone().lock_owned().await;
    let cx = &latest(cx);
    plan_import(cx, input)?.commit(cx, lock, IMPORT_FAILED).await.map_err(import_failure)
}

fn plan_import(cx: &Cx, input: &Map<String, Json>) -> Result<Change> {
    let given = input.get("collections").and_then(Json::as_array).filter(|list| !list.is_empty());
    let given = given.ok_or_else(|| Error::field(IMPORT_FAILED, "collections", code::REQUIRED))?;
    let delete_missing = input.get("deleteMissing").and_then(Json::as_bool).unwrap_or_default();
    let mut change = Change::of(cx);
    let mut kept = HashSet::new();
    for definition in given {
        let definition =
            definition.as_object().ok_or_else(|| Error::field(IMPORT_FAILED, "collections", code::INVALID_VALUE))?;
        let (old, new) = imported(cx, definition, delete_missing).map_err(import_failure)?;
        kept.insert(change.put(old, new));
    }
    if delete_missing {
        for gone in cx.catalog.collections().filter(|known| !known.system && !kept.contains(&known.id)) {
            change.remove(&gone.id);
        }
    }
    Ok(change)
}

/// The stored definition that an imported one is about, and what becomes of it.
fn imported(
    cx: &Cx,
    definition: &Map<String, Json>,
    delete_missing: bool,
) -> Result<(Option<Arc<Collection>>, Collection)> {
    let now = date::format(cx.now_ms);
    let text = |key: &str| definition.get(key).and_then(Json::as_str).filter(|text| !text.is_empty());
    let find = |key: &str| text(key).and_then(|text| cx.catalog.collection(text)).cloned();
    let old = find("id").or_else(|| find("name"));
    let secrets = &mut |length| cx.tenant.world.ids.secret(length);
    let wrong = |fields| Error::Invalid { message: IMPORT_FAILED.into(), fields };
    let Some(old) = old else {
        return Ok((None, Collection::from_json(definition, &now, secrets).map_err(wrong)?));
    };
    let mut new = (*old).clone();
    let mut definition = merged(definition, &old, delete_missing);
    // Whoever was found by its name keeps its id.
    definition.insert("id".to_owned(), old.id.as_str().into());
    new.apply_json(&definition, &now, secrets).map_err(wrong)?;
    Ok((Some(old), new))
}

/// As `PocketBase` says it: one error for all, with the mistakes in its text.
fn import_failure(error: Error) -> Error {
    let Error::Invalid { message, fields } = error else { return error };
    if fields.0.contains_key("collections") {
        return Error::Invalid { message, fields };
    }
    // What the indexes of a definition are refused for has its place, in an import too.
    if fields.0.len() == 1 && fields.0.contains_key("indexes") {
        return Error::Invalid { message: IMPORT_FAILED.into(), fields };
    }
    let detail = if fields.is_empty() { message.into_owned() } else { fields.describe() };
    let message = format!("{} Raw error: \n{detail}", code::COLLECTIONS_IMPORT_FAILURE.message);
    Error::field(IMPORT_FAILED, "collections", code::COLLECTIONS_IMPORT_FAILURE.say(message))
}

/// Without `deleteMissing` the fields that a definition does not name stay, all of them where they are.
fn merged(definition: &Map<String, Json>, old: &Collection, delete_missing: bool) -> Map<String, Json> {
    let mut merged = definition.clone();
    let given = definition.get("fields").and_then(Json::as_array);
    if let (Some(given), false) = (given, delete_missing) {
        let mut fields = old.to_json()["fields"].as_array().cloned().unwrap_or_default();
        // Those that come behind are new, and not to be found again.
        let stored = fields.len();
        for field in given {
            let place = |key: &str| fields[..stored].iter().position(|known| known[key] == field[key]);
            // What another definition names by its id is renamed by that, and its name is free.
            let is_named = |place: &usize| given.iter().any(|other| other["id"] == fields[*place]["id"]);
            match place("id").or_else(|| place("name").filter(|place| !is_named(place))) {
                Some(place) => {
                    // Whoever was found by its name keeps its id: under another one it would be another column, and
                    // the values of this one would be lost.
                    let id = fields[place]["id"].take();
                    fields[place] = field.clone();
                    fields[place]["id"] = id;
                }
                None => fields.push(field.clone()),
            }
        }
        merged.insert("fields".to_owned(), Json::Array(fields));
    }
    merged
}

/// The catalog as it will be with a collection that is not written yet.
fn with(catalog: &Catalog, new: Arc<Collection>) -> Arc<Catalog> {
    let mut collections: Vec<_> = catalog.collections().filter(|known| known.id != new.id).cloned().collect();
    collections.push(new);
    Arc::new(Catalog::new(collections).at(catalog.moment()))
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

/// The `OAuth2` providers that can be configured, in the order in which they are offered.
#[must_use]
pub fn oauth2_providers() -> Json {
    let shown = |provider: &providers::Provider| json!({"name": provider.name, "displayName": provider.display_name, "logo": provider.logo()});
    providers::ALL.iter().map(shown).collect()
}

/// The operation under the catalog as it is now that the schema is locked.
fn latest(cx: &Cx) -> Cx {
    Cx { catalog: cx.tenant.catalog(), ..cx.clone() }
}
