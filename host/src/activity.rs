//! The audit trail: who did what to which record, collection, setting, plugin or session, from where, and what it was
//! before and is after it.
//!
//! An entry is a row that the transaction of the change itself writes, so there is neither without the other. Of
//! records are told: everything superusers do, superusers themselves, and changes of what others sign in with.
//! Whatever else users write costs nothing here. Secrets are masked ([`difference`]).

mod difference;
mod records;

use crate::db::{Failure, Row, Unit};
use crate::error::{Error, Result};
use crate::model::{Caller, Collection, date};
use crate::schema::listing::{Found, Listing, Part};
use crate::schema::system;
use crate::settings::Beside;
use crate::sql::Sql;
use crate::tenant::{Cx, Tenant};
use serde_json::{Value as Json, json};
use std::sync::Arc;

pub use difference::difference;
pub use records::{Involved, of_changes};

/// How long entries are kept.
const KEPT_MS: i64 = 365 * 86_400_000;

/// Rows deleted at once, so that the writer is free in between.
const SWEEP_ROWS: i64 = 5_000;

const TABLE: &str = "_activity";
const COLUMNS: &str = "id, actorKind, actorCollection, actorId, actorName, plugin, ip, requestId, action, kind, subject, name, \
     `before`, `after`, hooks, created";
/// Ids begin with the time.
const LATEST_FIRST: &str = "id DESC";

/// Every kind of thing that entries tell of. The description of the API lists them, so that clients know all there are.
pub const KINDS: [&str; 14] = [
    "record",
    "records",
    "superuser",
    "collection",
    "settings",
    "plugin",
    "session",
    "database",
    "backup",
    "storage",
    "sync",
    "key",
    "outbox",
    "logs",
];

/// Every verb of theirs.
pub const ACTIONS: [&str; 30] = [
    "create",
    "update",
    "delete",
    "upload",
    "activate",
    "approve",
    "attach",
    "detach",
    "grant",
    "configure",
    "keep secret",
    "forget secret",
    "schedule",
    "unschedule",
    "route",
    "unroute",
    "canary",
    "rollback",
    "delete-version",
    "reset",
    "rotate",
    "replay",
    "restore",
    "migrate",
    "cancel",
    "verify",
    "restart",
    "sql",
    "begin",
    "end",
];

/// What was done, and to what.
#[derive(Debug)]
pub struct Event<'a> {
    /// One of [`ACTIONS`].
    pub action: &'static str,
    /// What it was done to: one of [`KINDS`].
    pub kind: &'static str,
    /// Its id.
    pub subject: &'a str,
    /// What it is called.
    pub name: &'a str,
    /// What differs, as it was; null when it was not there.
    pub before: Json,
    pub after: Json,
}

/// The entry of an event, for the unit that makes the change.
#[must_use]
pub fn entry(cx: &Cx, event: Event<'_>) -> Sql {
    entry_involving(cx, (cx.through.as_deref(), &json!([])), event)
}

/// The entry of an event that a plugin asked for, if one did, and of what was changed by before-hooks.
fn entry_involving(cx: &Cx, involved: (Option<&str>, &Json), event: Event<'_>) -> Sql {
    let mut sql = Sql::new("INSERT INTO _activity (");
    sql.push(COLUMNS).push(") VALUES (").bind(cx.tenant.world.ids.uuid(cx.now_ms));
    for text in texts(cx, involved, event) {
        sql.push(", ").bind(text);
    }
    sql.push(")");
    sql
}

/// Which of the [`texts`] is `after`.
const AFTER: usize = 12;

/// The values of all [`COLUMNS`] but the id.
#[expect(clippy::needless_pass_by_value, reason = "an event is told once")]
fn texts(cx: &Cx, (plugin, hooks): (Option<&str>, &Json), event: Event<'_>) -> [String; 15] {
    debug_assert!(KINDS.contains(&event.kind), "KINDS lacks the kind of {event:?}");
    debug_assert!(ACTIONS.contains(&event.action), "ACTIONS lacks the verb of {event:?}");
    let record = cx.caller.record();
    let collection = record.map_or("", |record| record.collection.name.as_str());
    let called = match &cx.caller {
        Caller::Key(key) => key.name.as_str(),
        _ => record.map_or("", |record| record.text("email")),
    };
    [
        cx.caller.kind(),
        collection,
        cx.caller.id(),
        called,
        plugin.unwrap_or_default(),
        &cx.facts.ip,
        &cx.facts.id,
        event.action,
        event.kind,
        event.subject,
        event.name,
        &event.before.to_string(),
        &event.after.to_string(),
        &hooks.to_string(),
        &date::format(cx.now_ms),
    ]
    .map(str::to_owned)
}

/// An entry about something of which only what it is now is of interest.
#[must_use]
pub fn simple(cx: &Cx, action: &'static str, kind: &'static str, subject: &str, name: &str, after: Json) -> Sql {
    entry(cx, Event { action, kind, subject, name, before: Json::Null, after })
}

/// The entry of an event, for the place in its unit behind a statement that changes rows: there is none when that has changed
/// none, and else `after`, if it is an object, tells their `count`.
#[must_use]
pub fn entry_of_changes(cx: &Cx, event: Event<'_>) -> Sql {
    let texts = texts(cx, (cx.through.as_deref(), &json!([])), event);
    let mut sql = Sql::new("INSERT INTO _activity (");
    sql.push(COLUMNS).push(") SELECT ").bind(cx.tenant.world.ids.uuid(cx.now_ms));
    for (index, text) in texts.into_iter().enumerate() {
        if index == AFTER {
            sql.push(", json_set(").bind(text).push(", '$.count', changes())");
        } else {
            sql.push(", ").bind(text);
        }
    }
    sql.push(" WHERE changes() > 0");
    sql
}

/// Writes an entry about something that is no change of the database.
///
/// # Errors
/// When the database cannot be written.
pub async fn tell(cx: &Cx, entry: Sql) -> Result<()> {
    cx.tenant.store.write(Unit::of(entry)).await.map(|_| ()).map_err(Failure::into_error)
}

/// The entries of a change of the schema.
#[must_use]
pub fn of_collections(cx: &Cx, before: &[Arc<Collection>], after: &[Arc<Collection>]) -> Vec<Sql> {
    let find = |list: &[Arc<Collection>], id: &str| list.iter().find(|known| known.id == id).cloned();
    let event = |action, subject: &Collection, (before, after)| {
        entry(cx, Event { action, kind: "collection", subject: &subject.id, name: &subject.name, before, after })
    };
    let mut entries = Vec::new();
    for new in after {
        match find(before, &new.id) {
            None => entries.push(event("create", new, (Json::Null, new.to_json()))),
            Some(old) if old != *new => {
                entries.push(event("update", new, difference(&old.to_json(), &new.to_json())));
            }
            Some(_) => {}
        }
    }
    for old in before.iter().filter(|old| find(after, &old.id).is_none()) {
        entries.push(event("delete", old, (old.to_json(), Json::Null)));
    }
    entries
}

/// The entry of a change of the settings.
#[must_use]
pub fn of_settings(cx: &Cx) -> Beside {
    let cx = cx.clone();
    Box::new(move |old, new| {
        let (before, after) = difference(&old.to_json(), &new.to_json());
        entry(&cx, Event { action: "update", kind: "settings", subject: "settings", name: "settings", before, after })
    })
}

/// The entries of a part, the latest first.
///
/// # Errors
/// `Invalid` for a broken filter or sort.
pub async fn list(cx: &Cx, filter: Option<&str>, sort: Option<&str>, part: Part) -> Result<Found> {
    let listing = Listing::of(&system::activity_table(), filter, sort, LATEST_FIRST, cx.now_ms)?;
    listing.read(&cx.tenant.store, TABLE, COLUMNS, part, shown).await
}

/// One entry.
///
/// # Errors
/// `NotFound`.
pub async fn view(cx: &Cx, id: &str) -> Result<Json> {
    let mut select = Sql::new("SELECT ");
    select.push(COLUMNS).push(" FROM _activity WHERE id = ").bind(id);
    let found = cx.tenant.store.read(|snapshot| snapshot.one(&select, |row| Ok(shown(row)))).await?;
    found.ok_or_else(Error::not_found)
}

fn shown(row: &Row<'_>) -> Json {
    let parsed = |index| serde_json::from_str::<Json>(row.text(index)).unwrap_or_default();
    json!({
        "id": row.text(0),
        "actorKind": row.text(1),
        "actorCollection": row.text(2),
        "actorId": row.text(3),
        "actorName": row.text(4),
        "plugin": row.text(5),
        "ip": row.text(6),
        "requestId": row.text(7),
        "action": row.text(8),
        "kind": row.text(9),
        "subject": row.text(10),
        "name": row.text(11),
        "before": parsed(12),
        "after": parsed(13),
        "hooks": parsed(14),
        "created": row.text(15),
    })
}

/// Deletes the entries that have been kept for long enough; how many.
///
/// # Errors
/// When the database cannot be written.
pub async fn sweep(tenant: &Tenant) -> Result<u64> {
    let before = date::format(tenant.world.now_ms().saturating_sub(KEPT_MS));
    let mut gone = 0;
    loop {
        let mut sql = Sql::new("DELETE FROM _activity WHERE id IN (SELECT id FROM _activity WHERE created < ");
        sql.bind(before.as_str()).push(" ORDER BY id LIMIT ").bind(SWEEP_ROWS).push(")");
        let mut unit = Unit::new();
        let slot = unit.count(sql);
        match tenant.store.write(unit).await.map_err(Failure::into_error)?.count(slot) {
            0 => return Ok(gone),
            some => gone += some,
        }
    }
}
