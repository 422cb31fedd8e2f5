//! The rows of `_files`: files that are in storage, or may be, without a record that names them.
//!
//! The statements are parts of other people's transactions: that is what makes a file and its row in a
//! record agree.

use super::Key;
use crate::db::Unit;
use crate::model::{Collection, Field, FieldKind};
use crate::sql::Sql;
use std::sync::Arc;

/// Announced, and perhaps written; no commit has taken it yet.
const UPLOAD: &str = "upload";
/// May have arrived in the bucket, and waits for a record that takes it.
const STAGED: &str = "staged";
/// To be removed.
const DOOMED: &str = "doomed";

/// Announces a file that is about to be written.
pub(super) fn announce(key: &Key, now_ms: i64) -> Sql {
    insert(key, UPLOAD, now_ms)
}

/// Goes into a record's transaction: its file has arrived. Changes one row, unless the file was given up in
/// the meantime: then nothing of the transaction may happen.
pub(super) fn settle(key: &Key) -> Sql {
    let mut sql = Sql::new("DELETE FROM _files WHERE key = ");
    sql.bind(key.to_string()).push(" AND state = ").bind(UPLOAD);
    sql
}

/// Announces an upload that a client may send, and that waits until `expires_ms`. Changes no row when `max` wait, or
/// `each_max` of the same owner.
pub(super) fn stage(key: &Key, owner: &str, expires_ms: i64, (max, each_max): (i64, i64)) -> Sql {
    let mut sql = Sql::new("INSERT INTO _files (key, state, due_ms) SELECT ");
    sql.bind(key.to_string()).push(", ").bind(STAGED).push(", ").bind(expires_ms);
    sql.push(" WHERE (SELECT count(*) < ").bind(max).push(" AND count(*) FILTER (WHERE instr(key, ");
    sql.bind(format!("/{}", Key::owned_by(owner))).push(") > 0) < ").bind(each_max);
    sql.push(" FROM _files WHERE state = ").bind(STAGED).push(")");
    sql
}

/// Finds a row when an upload waits for a record.
#[must_use]
pub fn waits(key: &Key, now_ms: i64) -> Sql {
    let mut sql = Sql::new("SELECT 1 FROM _files WHERE key = ");
    sql.bind(key.to_string()).push(" AND state = ").bind(STAGED).push(" AND due_ms > ").bind(now_ms);
    sql
}

/// Goes into a record's transaction: the record has its own copy of an upload. Changes one row, unless another record has
/// taken it.
#[must_use]
pub fn take(key: &Key, now_ms: i64) -> Sql {
    no_longer_waits(&key.to_string(), now_ms)
}

/// Dooms an upload that waits.
pub(super) fn no_longer_waits(key: &str, now_ms: i64) -> Sql {
    let mut sql = Sql::new("UPDATE _files SET state = ");
    sql.bind(DOOMED).push(", due_ms = ").bind(now_ms).push(" WHERE key = ").bind(key);
    sql.push(" AND state = ").bind(STAGED);
    sql
}

/// Goes into a record's transaction: a file is not wanted any more.
#[must_use]
pub fn doom(key: &Key, now_ms: i64) -> Sql {
    insert(key, DOOMED, now_ms)
}

fn insert(key: &Key, state: &'static str, now_ms: i64) -> Sql {
    let mut sql = Sql::new("INSERT INTO _files (key, state, due_ms) VALUES (");
    sql.bind(key.to_string()).push(", ").bind(state).push(", ").bind(now_ms).push(") ON CONFLICT (key) DO NOTHING");
    sql
}

/// Dooms the files that a change of the schema leaves without a place: those of collections and fields that
/// go, and of fields that will hold one file instead of several. Goes before the steps of the change;
/// [`spare_kept`] goes behind them.
pub fn doom_lost(unit: &mut Unit, before: &[Arc<Collection>], after: &[Arc<Collection>], now_ms: i64) {
    for old in before {
        let new = after.iter().find(|new| new.id == old.id);
        for field in file_fields(old) {
            if !new.is_some_and(|new| is_kept(field, new)) {
                unit.run(doom_field(old, field, now_ms));
            }
        }
    }
}

/// Spares the doomed files that are still named after the change.
pub fn spare_kept(unit: &mut Unit, before: &[Arc<Collection>], after: &[Arc<Collection>]) {
    for new in after {
        let Some(old) = before.iter().find(|old| old.id == new.id) else { continue };
        for field in file_fields(new) {
            let was = file_fields(old).find(|was| was.id == field.id);
            if was.is_some_and(|was| !is_kept(was, new)) {
                let mut sql = Sql::new("DELETE FROM _files WHERE state = ");
                sql.bind(DOOMED).push(" AND key IN (SELECT ").append(keys(new, field)).push(")");
                unit.run(sql);
            }
        }
    }
}

/// A field of files that stays as it is, or from one file to several.
fn is_kept(field: &Field, new: &Collection) -> bool {
    let now = new.fields.iter().find(|known| known.id == field.id);
    now.is_some_and(|now| now.kind.is_multiple() || !field.kind.is_multiple())
}

fn file_fields(collection: &Collection) -> impl Iterator<Item = &Field> {
    let is_file = |field: &&Field| matches!(field.kind, FieldKind::File(_));
    collection.fields.iter().filter(move |field| !collection.is_view() && is_file(field))
}

fn doom_field(collection: &Collection, field: &Field, now_ms: i64) -> Sql {
    let mut sql = Sql::new("INSERT INTO _files (key, state, due_ms) SELECT key, ");
    sql.bind(DOOMED).push(", ").bind(now_ms).push(" FROM (SELECT ").append(keys(collection, field));
    sql.push(") WHERE true ON CONFLICT (key) DO NOTHING");
    sql
}

/// For each field of files a query of the keys that its records name.
pub fn named(collection: &Collection) -> impl Iterator<Item = Sql> {
    file_fields(collection).map(|field| {
        let mut sql = Sql::new("SELECT ");
        sql.append(keys(collection, field));
        sql
    })
}

/// `.. AS key FROM ..`: the keys of a field's files.
fn keys(collection: &Collection, field: &Field) -> Sql {
    let mut sql = Sql::default();
    sql.bind(format!("{}/", collection.id)).push(" || ").column(&collection.name, "id").push(" || '/' || ");
    if field.kind.is_multiple() {
        sql.push("item.value AS key FROM ").name(&collection.name).push(", json_each(CASE WHEN json_valid(");
        sql.column(&collection.name, &field.name).push(") THEN ").column(&collection.name, &field.name);
        sql.push(" ELSE '[]' END) AS item WHERE item.value <> ''");
    } else {
        sql.column(&collection.name, &field.name).push(" AS key FROM ").name(&collection.name);
        sql.push(" WHERE ").column(&collection.name, &field.name).push(" <> ''");
    }
    sql
}

/// `(key, tries)` of files to be removed now.
pub(super) fn due(now_ms: i64, limit: i64) -> Sql {
    let mut sql = Sql::new("SELECT key, tries FROM _files WHERE state = ");
    sql.bind(DOOMED).push(" AND due_ms <= ").bind(now_ms).push(" ORDER BY due_ms LIMIT ").bind(limit);
    sql
}

/// Uploads that have waited too long, as [`due`] has them.
pub(super) fn overdue(now_ms: i64, limit: i64) -> Sql {
    let mut sql = Sql::new("SELECT key, tries FROM _files WHERE state = ");
    sql.bind(STAGED).push(" AND due_ms <= ").bind(now_ms).push(" ORDER BY due_ms LIMIT ").bind(limit);
    sql
}

/// Files that were announced, the oldest first, as [`due`] has them.
pub(super) fn announced(limit: i64) -> Sql {
    let mut sql = Sql::new("SELECT key, tries FROM _files WHERE state = ");
    sql.bind(UPLOAD).push(" ORDER BY due_ms LIMIT ").bind(limit);
    sql
}

/// Gives up a file that was announced, unless a commit has taken it by then.
pub(super) fn give_up(key: &str) -> Sql {
    let mut sql = Sql::new("UPDATE _files SET state = ");
    sql.bind(DOOMED).push(" WHERE key = ").bind(key).push(" AND state = ").bind(UPLOAD);
    sql
}

/// The file is gone.
pub(super) fn forget(key: &str) -> Sql {
    let mut sql = Sql::new("DELETE FROM _files WHERE key = ");
    sql.bind(key).push(" AND state = ").bind(DOOMED);
    sql
}

/// The file could not be removed; it is tried again.
pub(super) fn postpone(key: &str, tries: i64, due_ms: i64) -> Sql {
    let mut sql = Sql::new("UPDATE _files SET tries = ");
    sql.bind(tries).push(", due_ms = ").bind(due_ms).push(" WHERE key = ").bind(key);
    sql
}
