//! What an admin does with the outbox: look at what waits and what is dead, deliver it again, give it up.

use crate::activity::{self, Event};
use crate::db::{Failure, Row, Unit};
use crate::error::{Error, Result};
use crate::model::{Field, FieldKind, date};
use crate::schema::listing::{Found, Listing, Part};
use crate::schema::system;
use crate::sql::Sql;
use crate::tenant::Cx;
use serde_json::{Value as Json, json};

const VIEW: &str = "_outbox_rows";
const COLUMNS: &str = "id, state, plugin, pluginName, attachment, collection, collectionId, record, action, attempts, due_ms, error, created, event";
/// Those that somebody may still take: their attachment was not deleted.
const CAN_BE_TAKEN: &str = "attachment IN (SELECT id FROM _attachments)";
/// In the order of their commits.
const OLDEST_FIRST: &str = "seq";

/// The events of a part, without the records they tell of.
///
/// # Errors
/// `Invalid` for a broken filter or sort.
pub async fn list(cx: &Cx, filter: Option<&str>, sort: Option<&str>, part: Part) -> Result<Found> {
    listing(cx, filter, sort)?.read(&cx.tenant.store, VIEW, COLUMNS, part, shown).await
}

fn listing(cx: &Cx, filter: Option<&str>, sort: Option<&str>) -> Result<Listing> {
    Listing::of(&system::outbox_table(), filter, sort, OLDEST_FIRST, cx.now_ms)
}

/// One event with the records it tells of; without them for an API key, whose scope is another.
///
/// # Errors
/// `NotFound`.
pub async fn view(cx: &Cx, id: &str) -> Result<Json> {
    let mut select = Sql::new("SELECT ");
    select.push(COLUMNS).push(" FROM _outbox_rows WHERE id = ").bind(id);
    let whole = |row: &Row<'_>| {
        let mut view = shown(row);
        if cx.caller.key().is_some() {
            return view;
        }
        let mut event: Json = serde_json::from_str(row.text(13)).unwrap_or_default();
        for key in ["before", "after"] {
            hide_secrets(cx, row.text(6), &mut event[key]);
        }
        view["event"] = event;
        view
    };
    let found = cx.tenant.store.read(|snapshot| snapshot.one(&select, |row| Ok(whole(row)))).await?;
    found.ok_or_else(Error::not_found)
}

/// Password hashes and what tokens are signed with are nobody's to see; of a collection that is gone nobody knows which they
/// are.
fn hide_secrets(cx: &Cx, collection_id: &str, record: &mut Json) {
    let Some(values) = record.as_object_mut() else { return };
    match cx.catalog.collection(collection_id) {
        Some(collection) => {
            values.retain(|name, _| collection.field(name).is_some_and(|field| !is_secret(field)));
        }
        None => values.retain(|name, _| name == "id"),
    }
}

fn is_secret(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Password(_)) || field.name == "tokenKey"
}

/// Delivers an event at once, and as often as a new one if it fails again.
///
/// # Errors
/// `NotFound`, or `Invalid` when its attachment was deleted.
pub async fn replay(cx: &Cx, id: &str) -> Result<Json> {
    if view(cx, id).await?["gone"] == true {
        return Err(Error::invalid("The plugin that it is for was deleted or detached: it can only be given up."));
    }
    let mut which = Sql::new("id = ");
    which.bind(id);
    if change(cx, revived(cx), which, Told { action: "replay", subject: id, after: Json::Null }).await? == 0 {
        return Err(Error::not_found());
    }
    cx.tenant.outbox_bell.notify_one();
    view(cx, id).await
}

/// The same for all dead events that a filter finds: `{replayed, gone}`. The latter are left as they are, since their
/// attachments were deleted.
///
/// # Errors
/// `Invalid` without a filter or for a broken one.
pub async fn replay_where(cx: &Cx, filter: Option<&str>) -> Result<Json> {
    let mut which = Sql::new("due_ms IS NULL AND ");
    which.append(found_by(cx, filter)?);
    let mut gone = Sql::new("SELECT count(*) FROM _outbox WHERE NOT ");
    gone.push(CAN_BE_TAKEN).push(" AND ").append(which.clone());
    which.push(" AND ").push(CAN_BE_TAKEN);
    let gone = cx.tenant.store.read(|snapshot| snapshot.one(&gone, |row| Ok(row.integer(0)))).await?;
    let replayed = change(cx, revived(cx), which, Told::of_all("replay", filter)).await?;
    cx.tenant.outbox_bell.notify_one();
    Ok(json!({"replayed": replayed, "gone": gone.unwrap_or_default()}))
}

/// Gives an event up: its hook never hears of it.
///
/// # Errors
/// `NotFound`.
pub async fn drop_one(cx: &Cx, id: &str) -> Result<()> {
    let mut which = Sql::new("id = ");
    which.bind(id);
    match change(cx, Sql::new("DELETE FROM _outbox"), which, Told { action: "delete", subject: id, after: Json::Null })
        .await?
    {
        0 => Err(Error::not_found()),
        _ => Ok(()),
    }
}

/// The same for all events that a filter finds: `{deleted}`.
///
/// # Errors
/// `Invalid` without a filter or for a broken one.
pub async fn drop_where(cx: &Cx, filter: Option<&str>) -> Result<Json> {
    let which = found_by(cx, filter)?;
    let deleted = change(cx, Sql::new("DELETE FROM _outbox"), which, Told::of_all("delete", filter)).await?;
    Ok(json!({ "deleted": deleted }))
}

/// The condition of a filter, which must be there: what concerns all is to be asked for in so many words.
fn found_by(cx: &Cx, filter: Option<&str>) -> Result<Sql> {
    let filter = filter.ok_or_else(|| Error::invalid("A filter is required; `id != ''` finds all."))?;
    let listing = listing(cx, Some(filter), None)?;
    let mut which = Sql::new("id IN (SELECT id");
    which.append(listing.rows(VIEW)).push(")");
    Ok(which)
}

fn revived(cx: &Cx) -> Sql {
    let mut sql = Sql::new("UPDATE _outbox SET attempts = 0, error = '', due_ms = ");
    sql.bind(cx.tenant.world.now_ms());
    sql
}

/// What the audit trail is told of a change.
struct Told<'a> {
    action: &'static str,
    subject: &'a str,
    after: Json,
}

impl Told<'_> {
    /// Of a change of all that a filter finds.
    fn of_all(action: &'static str, filter: Option<&str>) -> Self {
        Self { action, subject: "", after: json!({ "filter": filter }) }
    }
}

/// Makes a change of the rows and tells of it, if there were any; how many. A row that is just being delivered may be gone before.
async fn change(cx: &Cx, mut sql: Sql, which: Sql, told: Told<'_>) -> Result<u64> {
    sql.push(" WHERE ").append(which);
    let mut unit = Unit::new();
    let changed = unit.count(sql);
    let Told { action, subject, after } = told;
    let event = Event { action, kind: "outbox", subject, name: subject, before: Json::Null, after };
    unit.run(activity::entry_of_changes(cx, event));
    let outcome = cx.tenant.store.write(unit).await.map_err(Failure::into_error)?;
    Ok(outcome.count(changed))
}

fn shown(row: &Row<'_>) -> Json {
    let due = matches!(row.get(10), crate::sql::ValueRef::Integer(_)).then(|| date::format(row.integer(10)));
    json!({
        "id": row.text(0),
        "state": row.text(1),
        "plugin": row.text(2),
        "pluginName": row.text(3),
        // A plugin takes its attachments along, and they know whose they were.
        "gone": row.text(2).is_empty(),
        "attachment": row.text(4),
        "collection": row.text(5),
        "collectionId": row.text(6),
        "record": row.text(7),
        "action": row.text(8),
        "attempts": row.integer(9),
        "due": due,
        "error": row.text(11),
        "created": row.text(12),
    })
}
