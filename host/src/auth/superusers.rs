//! Superusers as the command line and the set-up link make them.

use super::{SUPERUSERS, collection};
use crate::error::{Error, Result};
use crate::model::Record;
use crate::records::{self, ListQuery, Terms, load_record};
use crate::tenant::Cx;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// Whether anybody can sign in as superuser yet.
///
/// # Errors
/// When the database cannot be read.
pub async fn has_superuser(cx: &Cx) -> Result<bool> {
    let page = list(cx).await?;
    Ok(!page.is_empty())
}

/// Creates a superuser.
///
/// # Errors
/// `Invalid` with the field that is wrong.
pub async fn create(cx: &Cx, email: &str, password: &str) -> Result<Arc<Record>> {
    let superusers = collection(cx, SUPERUSERS)?;
    records::create_record(cx, &superusers, input(email, password)).await
}

/// Creates a superuser, or sets the password of the one with that e-mail.
///
/// # Errors
/// `Invalid` with the field that is wrong.
pub async fn upsert(cx: &Cx, email: &str, password: &str) -> Result<()> {
    match find(cx, email).await? {
        Some(_) => set_password(cx, email, password).await,
        None => create(cx, email, password).await.map(|_| ()),
    }
}

/// Sets a superuser's password, which ends all their sessions.
///
/// # Errors
/// `NotFound`, or `Invalid` with the field that is wrong.
pub async fn set_password(cx: &Cx, email: &str, password: &str) -> Result<()> {
    let record = find(cx, email).await?.ok_or_else(Error::not_found)?;
    records::update(cx, &record.collection, record.id(), input(email, password), &Terms::default()).await.map(|_| ())
}

/// Deletes a superuser.
///
/// # Errors
/// `NotFound`; `Invalid` for the last one.
pub async fn delete(cx: &Cx, email: &str) -> Result<()> {
    let record = find(cx, email).await?.ok_or_else(Error::not_found)?;
    records::delete(cx, &record.collection, record.id(), &Terms::default()).await
}

/// The e-mails of all superusers.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(cx: &Cx) -> Result<Vec<String>> {
    let superusers = collection(cx, SUPERUSERS)?;
    let query = ListQuery { per_page: Some("1000".to_owned()), sort: Some("email".to_owned()), ..ListQuery::default() };
    let page = records::list(cx, &superusers, &query).await?;
    let page: Json = serde_json::from_slice(&page).map_err(|error| Error::internal("parse our own JSON", error))?;
    let items = page["items"].as_array().into_iter().flatten();
    Ok(items.filter_map(|item| item["email"].as_str()).map(str::to_owned).collect())
}

async fn find(cx: &Cx, email: &str) -> Result<Option<Record>> {
    load_record(&cx.tenant, &collection(cx, SUPERUSERS)?, "email", email).await
}

fn input(email: &str, password: &str) -> Map<String, Json> {
    let Json::Object(map) = json!({"email": email, "password": password, "passwordConfirm": password}) else {
        return Map::new();
    };
    map
}
