//! The latest changes of records, kept for those who were away: each is a row that the change's own transaction writes,
//! so that it is there exactly when the change is.
//!
//! A row has what is needed to tell of the change with the rights of today: which record it was, and of a deleted one how
//! it was. The last row always stays, and a process numbers on from the time at which it opened the database where that
//! is more: so a number means the same change for ever, and one that means nothing was kept too long or came from a
//! database that a backup has replaced.

use super::Tenant;
use crate::db::{Outcome, Slot, Snapshot, Store, Unit};
use crate::error::Result;
use crate::model::{Action, Change, Record};
use crate::sql::Sql;
use serde_json::Value as Json;

/// Changes that are kept.
pub const KEPT_MAX: u64 = 10_000;
/// How long they are kept, at most.
pub const KEPT_FOR_MS: i64 = 24 * 3_600_000;
/// Bytes of past rows that are kept, and of one of them.
pub const KEPT_BYTES_MAX: u64 = 16 << 20;
const PAST_BYTES_MAX: usize = 64 << 10;
/// Changes that are told again at a time.
pub const MISSED_MAX: u64 = 5_000;
/// Rows of one statement.
const ROWS_MAX: usize = 500;

/// What a past row is kept without: no rule of a client asks for it.
const SECRETS: [&str; 2] = ["password", "tokenKey"];

/// Adds the rows of a unit's changes to it. `base` is the least number of this process.
pub fn record(unit: &mut Unit, changes: &[Change], base: u64, now_ms: i64) -> Option<Slot> {
    let deletes = changes.iter().any(|change| change.action == Action::Delete);
    let mut first = None;
    let mut place = 0_u64;
    for rows in changes.chunks(ROWS_MAX) {
        let mut sql =
            Sql::new("INSERT INTO _changes (seq, place, collection, record, action, past, bytes, at_ms) VALUES ");
        for (index, change) in rows.iter().enumerate() {
            if index > 0 {
                sql.push(", (NULL, ");
            } else {
                // Later rows get the number after the largest.
                sql.push("((SELECT max(max(seq), ").bind(i64::try_from(base).unwrap_or(i64::MAX));
                sql.push(") + 1 FROM _changes), ");
            }
            let subject = change.subject();
            let past = change.before.as_ref().filter(|_| deletes).and_then(|before| past(before));
            let bytes = past.as_ref().map_or(0, String::len);
            sql.number(place).push(", ").bind(subject.collection.id.as_str()).push(", ").bind(subject.id()).push(", ");
            sql.bind(change.action.name()).push(", ").bind(past).push(", ");
            sql.bind(i64::try_from(bytes).unwrap_or(i64::MAX)).push(", ").bind(now_ms).push(")");
            place += 1;
        }
        sql.push(" RETURNING seq");
        let slot = unit.query(sql);
        first.get_or_insert(slot);
    }
    first
}

/// The row that tells of changes in a collection of which it is not known which they were: of a statement that somebody
/// typed, and of a change of the table itself. Those who were away are not told of it; what follows the history has to look
/// at all of the collection.
#[must_use]
pub fn unseen(collection: &str, base: u64, now_ms: i64) -> Sql {
    let mut sql = Sql::new("INSERT INTO _changes (seq, place, collection, record, action, bytes, at_ms) VALUES ");
    sql.push("((SELECT max(max(seq), ").bind(i64::try_from(base).unwrap_or(i64::MAX)).push(") + 1 FROM _changes), 0, ");
    sql.bind(collection).push(", '', 'sql', 0, ").bind(now_ms).push(")");
    sql
}

/// The number of the first change that [`record`] wrote.
#[must_use]
pub fn first(outcome: &Outcome, slot: Slot) -> Option<u64> {
    let numbers = outcome.rows(slot).iter().filter_map(|row| match row.first() {
        Some(crate::sql::Value::Integer(number)) => u64::try_from(*number).ok(),
        _ => None,
    });
    numbers.min()
}

/// A row as it is kept; `None` when it is too large.
fn past(record: &Record) -> Option<String> {
    let mut json = record.to_json_values();
    if let (Some(_), Some(values)) = (record.collection.auth(), json.as_object_mut()) {
        for secret in SECRETS {
            values.shift_remove(secret);
        }
    }
    let text = json.to_string();
    (text.len() <= PAST_BYTES_MAX).then_some(text)
}

/// The number of the last change.
///
/// # Errors
/// When the database cannot be read.
pub async fn last(store: &Store) -> Result<u64> {
    let select = Sql::new("SELECT max(seq) FROM _changes");
    let last = store.read(|snapshot| snapshot.one(&select, |row| Ok(row.integer(0)))).await?;
    Ok(last.and_then(|last| u64::try_from(last).ok()).unwrap_or_default())
}

/// A change that is told again.
#[derive(Debug)]
pub struct Kept {
    pub seq: u64,
    /// Its place in its commit.
    pub place: u64,
    /// The id of the collection.
    pub collection: String,
    pub record: String,
    pub action: Action,
    pub past: Option<Json>,
}

/// The changes after one and up to another, in their order; `None` when it is not known any more what they were, or
/// they are too many.
///
/// # Errors
/// When the database cannot be read.
pub async fn between(tenant: &Tenant, after: u64, upto: u64) -> Result<Option<Vec<Kept>>> {
    tenant.store.read(|snapshot| read(snapshot, after, upto)).await
}

fn read(snapshot: &mut Snapshot<'_>, after: u64, upto: u64) -> Result<Option<Vec<Kept>>> {
    let mut known = Sql::new("SELECT 1 FROM _changes WHERE seq = ");
    known.bind(i64::try_from(after).unwrap_or(i64::MAX));
    if after > upto || snapshot.one(&known, |_| Ok(()))?.is_none() {
        return Ok(None);
    }
    let mut select = Sql::new("SELECT seq, place, collection, record, action, past FROM _changes WHERE seq > ");
    select.number(after).push(" AND seq <= ").number(upto);
    select.push(" AND action != 'sql' ORDER BY seq LIMIT ").number(MISSED_MAX + 1);
    let mut kept = Vec::new();
    snapshot.rows(&select, |row| {
        kept.push(Kept {
            seq: u64::try_from(row.integer(0)).unwrap_or_default(),
            place: u64::try_from(row.integer(1)).unwrap_or_default(),
            collection: row.text(2).to_owned(),
            record: row.text(3).to_owned(),
            action: match row.text(4) {
                "create" => Action::Create,
                "update" => Action::Update,
                _ => Action::Delete,
            },
            past: serde_json::from_str(row.text(5)).ok(),
        });
        Ok(())
    })?;
    Ok(Some(kept).filter(|kept| kept.len() as u64 <= MISSED_MAX))
}

/// Forgets what is too old, too much or too many; the last change stays.
///
/// # Errors
/// When the database cannot be written.
pub async fn trim(tenant: &Tenant) -> Result<()> {
    let oldest_ms = tenant.world.now_ms().saturating_sub(KEPT_FOR_MS);
    let mut sql = Sql::new("DELETE FROM _changes WHERE seq < (SELECT max(seq) FROM _changes) AND seq <= max(");
    sql.push("coalesce((SELECT seq FROM _changes ORDER BY seq DESC LIMIT 1 OFFSET ").number(KEPT_MAX).push("), 0), ");
    sql.push("coalesce((SELECT max(seq) FROM _changes WHERE at_ms < ").bind(oldest_ms).push("), 0), ");
    sql.push("coalesce((SELECT max(seq) FROM (SELECT seq, sum(bytes) OVER (ORDER BY seq DESC) AS total FROM _changes)");
    sql.push(" WHERE total > ").number(KEPT_BYTES_MAX).push("), 0))");
    tenant.store.write(Unit::of(sql)).await.map(drop).map_err(crate::db::Failure::into_error)
}
