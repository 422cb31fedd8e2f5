//! API keys: `tb_ID_SECRET`. The id finds the row, the secret is compared by its hash; it is told when the key is made
//! or rotated and never again.

mod input;
mod rows;

use crate::activity::{self, Event, difference};
use crate::crypto;
use crate::db::{Failure, Guard, Unit};
use crate::error::{Error, Result, code};
use crate::model::{ApiKey, Scope, date};
use crate::schema::catalog::Catalog;
use crate::sql::Sql;
use crate::tenant::{Cx, Tenant};
use input::{Change, overlap};
use rows::Stored;
use serde_json::{Map, Value as Json, json};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// What every key begins with.
const PREFIX: &str = "tb_";

/// Characters of the secret half: more than can be guessed, so a fast hash is enough.
const SECRET_LENGTH: usize = 40;

/// Keys of one tenant.
const KEYS_MAX: i64 = 1_000;

/// How exactly it is noted when a key was used last.
const USED_EVERY: Duration = Duration::from_mins(1);

const NOT_GOOD: &str = "The API key is not valid.";

/// Sections of the settings that a key with the scope may change. The others lead to more than the scope says: who sets
/// where mails, files or visitors come from and go to can read the mail that resets a superuser's password.
const SETTINGS: [&str; 3] = ["batch", "logs", "rateLimits"];

/// Whether what somebody presents is a key, good or not.
#[must_use]
pub fn is_key(text: &str) -> bool {
    text.starts_with(PREFIX)
}

/// The key that somebody at an address presents.
///
/// # Errors
/// `Unauthenticated` for one that is not, or not any more; `Forbidden` for one that is not good from there.
pub async fn bearer(tenant: &Tenant, text: &str, ip: &str) -> Result<Arc<ApiKey>> {
    let refused = || Error::Unauthenticated(NOT_GOOD.into());
    let (id, secret) = text.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_')).ok_or_else(refused)?;
    let stored = rows::find(tenant, id).await?.ok_or_else(refused)?;
    let now_ms = tenant.world.now_ms();
    let given = crypto::sha256_hex(secret.as_bytes());
    let same = |hash: &str| crypto::same(hash.as_bytes(), given.as_bytes());
    let old = stored.old.as_ref().filter(|(_, until_ms)| *until_ms > now_ms);
    // Both are compared, whichever it is.
    let (is_current, is_old) = (same(&stored.hash), old.is_some_and(|(hash, _)| same(hash)));
    if !(is_current || is_old) || stored.key.expires_ms.is_some_and(|expires_ms| expires_ms <= now_ms) {
        return Err(refused());
    }
    let from_there = ip.parse::<IpAddr>().is_ok_and(|ip| stored.is_good_from(ip.to_canonical()));
    if !from_there {
        return Err(Error::Forbidden("The API key is not valid from this address.".into()));
    }
    let mut key = stored.key;
    if let Some((_, until_ms)) = old.filter(|_| !is_current) {
        key.expires_ms = Some(key.expires_ms.map_or(*until_ms, |expires_ms| expires_ms.min(*until_ms)));
    }
    Ok(Arc::new(key))
}

/// A key as it is now, if it is good still: for what it has caused, when that is dealt with later.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_id(tenant: &Tenant, id: &str) -> Result<Option<Arc<ApiKey>>> {
    let now_ms = tenant.world.now_ms();
    let is_good = |key: &ApiKey| key.expires_ms.is_none_or(|expires_ms| expires_ms > now_ms);
    Ok(rows::find(tenant, id).await?.map(|stored| stored.key).filter(is_good).map(Arc::new))
}

/// Whether a key that was good is so still, as it was; one that cannot be looked up is not.
pub async fn is_good(tenant: &Tenant, key: &ApiKey) -> bool {
    let found = rows::find(tenant, &key.id).await;
    found.is_ok_and(|found| {
        found.is_some_and(|stored| stored.key.scopes == key.scopes && stored.key.read_only == key.read_only)
    })
}

/// Notes that a key was used: beside the request, and once a minute.
pub fn note_use(tenant: &Arc<Tenant>, key: &ApiKey) {
    let now_ms = tenant.world.now_ms();
    if !tenant.notes.is_first(&["key used ", &key.id].concat(), USED_EVERY, now_ms) {
        return;
    }
    let (store, sql) = (tenant.store.clone(), rows::used(&key.id, now_ms));
    tenant.tasks.spawn(async move {
        if let Err(failure) = store.write(Unit::of(sql)).await {
            tracing::debug!(error = ?failure.into_error(), "the last use of a key was not noted");
        }
    });
}

/// All keys, by name.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(cx: &Cx) -> Result<Vec<Json>> {
    let stored = rows::all(&cx.tenant).await?;
    Ok(stored.iter().map(|stored| shown(&cx.catalog, stored)).collect())
}

/// One key.
///
/// # Errors
/// `NotFound`.
pub async fn view(cx: &Cx, id: &str) -> Result<Json> {
    Ok(shown(&cx.catalog, &stored(cx, id).await?))
}

/// Makes a key: `{name, scopes, readOnly?, expires?, ips?}`. The answer has the key itself, as `key`.
///
/// # Errors
/// `Invalid` with the field that is wrong.
pub async fn create(cx: &Cx, body: &Map<String, Json>) -> Result<Json> {
    let world = &cx.tenant.world;
    let (id, secret) = (world.id(), world.ids.secret(SECRET_LENGTH));
    let blank = Stored {
        key: ApiKey { id, name: String::new(), scopes: Vec::new(), read_only: false, expires_ms: None },
        hash: crypto::sha256_hex(secret.as_bytes()),
        old: None,
        ips: Vec::new(),
        used_ms: None,
        created_by: cx.caller.record().map(|record| record.id().to_owned()).unwrap_or_default(),
        created: date::format(cx.now_ms),
        updated: date::format(cx.now_ms),
    };
    let stored = Change::read(cx, body)?.on(blank)?;
    let mut room = Sql::new("SELECT 1 WHERE (SELECT count(*) FROM _api_keys) < ");
    room.bind(KEYS_MAX);
    let mut unit = Unit::new();
    unit.guard(room, Guard::SomeRow, Error::invalid(format!("There are {KEYS_MAX} keys already.")));
    guard_collections(cx, &mut unit, &stored);
    unit.run(rows::insert(&stored));
    unit.run(activity::entry(cx, event(&stored, "create", (Json::Null, shown(&cx.catalog, &stored)))));
    write(cx, unit).await?;
    Ok(told(cx, &stored, &secret))
}

/// Changes what is given of a key.
///
/// # Errors
/// `NotFound`, or `Invalid` with the field that is wrong.
pub async fn update(cx: &Cx, id: &str, body: &Map<String, Json>) -> Result<Json> {
    let old = stored(cx, id).await?;
    let (before, described) = (shown(&cx.catalog, &old), rows::described(&old));
    let mut new = Change::read(cx, body)?.on(old)?;
    new.updated = date::format(cx.now_ms);
    let after = shown(&cx.catalog, &new);
    let told = event(&new, "update", difference(&before, &after));
    let mut unit = Unit::new();
    if body.contains_key("scopes") {
        guard_collections(cx, &mut unit, &new);
    }
    unit.run_expecting(rows::update(&new, &described), 1, Error::not_found());
    unit.run(activity::entry(cx, told));
    write(cx, unit).await?;
    Ok(after)
}

/// Gives a key another secret; the one before is good for `overlap` seconds more. The answer has the key itself.
///
/// # Errors
/// `NotFound`, `Invalid` for an overlap that is too long, or `Conflict` when somebody else rotates it at the same time.
pub async fn rotate(cx: &Cx, id: &str, body: &Map<String, Json>) -> Result<Json> {
    let mut stored = stored(cx, id).await?;
    let overlap_ms = overlap(body)?;
    let secret = cx.tenant.world.ids.secret(SECRET_LENGTH);
    let before = std::mem::replace(&mut stored.hash, crypto::sha256_hex(secret.as_bytes()));
    stored.old = (overlap_ms > 0).then(|| (before.clone(), cx.now_ms.saturating_add(overlap_ms)));
    stored.updated = date::format(cx.now_ms);
    let told_of = event(&stored, "rotate", (Json::Null, Json::Null));
    write_one(cx, rows::rotate(&stored, &before), activity::entry(cx, told_of), super::lost_race()).await?;
    Ok(told(cx, &stored, &secret))
}

/// Ends a key, at once.
///
/// # Errors
/// `NotFound`.
pub async fn revoke(cx: &Cx, id: &str) -> Result<()> {
    let stored = stored(cx, id).await?;
    let told = event(&stored, "delete", (shown(&cx.catalog, &stored), Json::Null));
    write_one(cx, rows::delete(id), activity::entry(cx, told), Error::not_found()).await
}

/// Refuses a change of the settings that is not for keys.
///
/// # Errors
/// `Forbidden`, with the first section that is not.
pub fn check_settings(cx: &Cx, patch: &Map<String, Json>) -> Result<()> {
    let refused = patch.keys().find(|section| !SETTINGS.contains(&section.as_str()));
    match refused {
        Some(section) if cx.caller.key().is_some() => {
            Err(Error::Forbidden(format!("An API key may not change `{section}` of the settings.").into()))
        }
        _ => Ok(()),
    }
}

/// Refuses scopes for a collection that is deleted meanwhile: its id may be another one's later, or is so already, which is told by
/// when that was made.
fn guard_collections(cx: &Cx, unit: &mut Unit, stored: &Stored) {
    let ids = stored.key.scopes.iter().filter_map(Scope::collection);
    let meant: Map<String, Json> =
        ids.map(|id| (id.to_owned(), cx.catalog.collection(id).map(|known| known.created.as_str()).into())).collect();
    let mut gone = Sql::new("SELECT 1 FROM json_each(");
    gone.bind(Json::Object(meant).to_string()).push(
        ") AS meant WHERE NOT EXISTS (SELECT 1 FROM _collections AS c WHERE c.id = meant.key AND c.created = meant.value)",
    );
    unit.guard(gone, Guard::NoRow, Error::field("Failed to save the API key.", "scopes", code::INVALID_SCOPE));
}

async fn stored(cx: &Cx, id: &str) -> Result<Stored> {
    rows::find(&cx.tenant, id).await?.ok_or_else(Error::not_found)
}

/// What the audit trail is told.
fn event<'a>(stored: &'a Stored, action: &'static str, (before, after): (Json, Json)) -> Event<'a> {
    Event { action, kind: "key", subject: &stored.key.id, name: &stored.key.name, before, after }
}

async fn write_one(cx: &Cx, sql: Sql, told: Sql, otherwise: Error) -> Result<()> {
    let mut unit = Unit::new();
    unit.run_expecting(sql, 1, otherwise);
    unit.run(told);
    write(cx, unit).await
}

async fn write(cx: &Cx, unit: Unit) -> Result<()> {
    cx.tenant.store.write(unit).await.map(|_| ()).map_err(Failure::into_error)
}

fn told(cx: &Cx, stored: &Stored, secret: &str) -> Json {
    let mut told = shown(&cx.catalog, stored);
    told["key"] = Json::String([PREFIX, &stored.key.id, "_", secret].concat());
    told
}

/// A key without what it is made of.
fn shown(catalog: &Catalog, stored: &Stored) -> Json {
    let Stored { key, old, ips, used_ms, created_by, created, updated, .. } = stored;
    let name_of = |id: &str| catalog.collection(id).map_or_else(|| id.to_owned(), |found| found.name.clone());
    let scopes: Vec<String> = key.scopes.iter().map(|scope| scope.show(name_of)).collect();
    let time = |at_ms: Option<i64>| at_ms.map(date::format).unwrap_or_default();
    json!({
        "id": key.id, "name": key.name, "scopes": scopes, "readOnly": key.read_only, "ips": ips,
        "expires": time(key.expires_ms), "lastUsed": time(*used_ms),
        "oldKeyUntil": time(old.as_ref().map(|(_, until_ms)| *until_ms)),
        "createdBy": created_by, "created": created, "updated": updated,
    })
}
