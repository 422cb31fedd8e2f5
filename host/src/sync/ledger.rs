//! The table `_tinybase_sync` of the copy: whose copy it is, up to which change, and how far each collection is. It is
//! written by the transactions that write the rows, so that a lost reply is harmless: what it says is so.
//!
//! The row with an empty id is of the database, each other one of a collection.

use super::hrana::Trouble;
use super::shape::OWN;
use crate::sql::{Sql, Value};

const COLUMNS: &str = "id, source, turn, watermark, name, definition, rows, next, cursor, copied";

/// What the table says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ledger {
    /// Whose copy it is.
    pub(super) source: String,
    /// Of the last batch: the next one is refused when there was another since.
    pub(super) turn: String,
    /// The number of the last change that it has.
    pub(super) watermark: u64,
    pub(super) entries: Vec<Entry>,
}

/// How far a collection is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: String,
    /// The table that readers see; empty before there is one.
    pub(super) name: String,
    /// Its definition's hash.
    pub(super) definition: String,
    pub(super) rows: u64,
    /// The hash of the definition that is being copied anew; empty otherwise.
    pub(super) next: String,
    /// The last id that the table aside has, and how many rows.
    pub(super) cursor: String,
    pub(super) copied: u64,
}

impl Entry {
    pub(super) fn is_copying(&self) -> bool {
        !self.next.is_empty()
    }
}

impl Ledger {
    /// What [`select`] has found.
    ///
    /// # Errors
    /// `Refused` when it is no table of this kind.
    pub(super) fn read(rows: &[Vec<Value>]) -> Result<Self, Trouble> {
        let mut ledger = Self::default();
        let mut is_there = false;
        for row in rows {
            let [id, source, turn, watermark, name, definition, rows, next, cursor, copied] = row.as_slice() else {
                return Err(foreign());
            };
            if text(id).is_empty() {
                is_there = true;
                (ledger.source, ledger.turn, ledger.watermark) = (text(source), text(turn), number(watermark));
                continue;
            }
            ledger.entries.push(Entry {
                id: text(id),
                name: text(name),
                definition: text(definition),
                rows: number(rows),
                next: text(next),
                cursor: text(cursor),
                copied: number(copied),
            });
        }
        if is_there { Ok(ledger) } else { Err(foreign()) }
    }

    pub(super) fn entry(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// Whether a table is one of the copy.
    pub(super) fn has_table(&self, name: &str) -> bool {
        name.starts_with(OWN) || self.entries.iter().any(|entry| entry.name.eq_ignore_ascii_case(name))
    }
}

fn foreign() -> Trouble {
    Trouble::Refused(format!("the database there has a table {OWN} that is no copy's"))
}

fn text(value: &Value) -> String {
    if let Value::Text(text) = value { text.clone() } else { String::new() }
}

fn number(value: &Value) -> u64 {
    if let Value::Integer(number) = value { u64::try_from(*number).unwrap_or_default() } else { 0 }
}

/// Makes the table, with a row for the database.
pub(super) fn create() -> [Sql; 2] {
    let mut table = Sql::new("CREATE TABLE ");
    table.name(OWN).push(
        " (id TEXT PRIMARY KEY NOT NULL, source TEXT NOT NULL DEFAULT '', turn TEXT NOT NULL DEFAULT '', \
         watermark INTEGER NOT NULL DEFAULT 0, name TEXT NOT NULL DEFAULT '', definition TEXT NOT NULL DEFAULT '', \
         rows INTEGER NOT NULL DEFAULT 0, next TEXT NOT NULL DEFAULT '', cursor TEXT NOT NULL DEFAULT '', \
         copied INTEGER NOT NULL DEFAULT 0, updated TEXT NOT NULL DEFAULT '')",
    );
    let mut row = Sql::new("INSERT INTO ");
    row.name(OWN).push(" (id) VALUES ('')");
    [table, row]
}

pub(super) fn select() -> Sql {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM ").name(OWN).push(" ORDER BY id");
    sql
}

/// Fails unless the last batch was that one: an id is never null.
pub(super) fn guard(turn: &str) -> Sql {
    let mut sql = Sql::new("INSERT INTO ");
    sql.name(OWN).push(" (id) SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM ").name(OWN);
    sql.push(" WHERE id = '' AND turn = ").bind(turn).push(")");
    sql
}

/// Up to where the copy is, now.
pub(super) fn advance(source: &str, turn: &str, watermark: u64, now: &str) -> Sql {
    let mut sql = update();
    sql.push("source = ").bind(source).push(", turn = ").bind(turn).push(", watermark = ");
    sql.bind(i64::try_from(watermark).unwrap_or(i64::MAX)).push(", updated = ").bind(now).push(" WHERE id = ''");
    sql
}

/// A collection is copied anew.
pub(super) fn begin(id: &str, definition: &str) -> Sql {
    let mut sql = Sql::new("INSERT INTO ");
    sql.name(OWN).push(" (id, next) VALUES (").bind(id).push(", ").bind(definition);
    sql.push(") ON CONFLICT (id) DO UPDATE SET next = excluded.next, cursor = '', copied = 0");
    sql
}

/// After a DELETE: so many of a collection's rows are gone, and so many come.
pub(super) fn count(id: &str, aside: bool, more: usize) -> Sql {
    let mut sql = update();
    sql.push(if aside { "copied = copied" } else { "rows = rows" }).push(" - changes() + ").number(more as u64);
    sql.push(" WHERE id = ").bind(id);
    sql
}

/// A page has been copied.
pub(super) fn turn_page(id: &str, cursor: &str, more: usize) -> Sql {
    let mut sql = update();
    sql.push("cursor = ").bind(cursor).push(", copied = copied + ").number(more as u64);
    sql.push(" WHERE id = ").bind(id);
    sql
}

/// The table aside has taken the place of the one that readers see.
pub(super) fn swap(id: &str, name: &str) -> Sql {
    let mut sql = update();
    sql.push("name = ").bind(name).push(", definition = next, rows = copied, next = '', cursor = '', copied = 0");
    sql.push(" WHERE id = ").bind(id);
    sql
}

/// A collection has no table that readers see any more.
pub(super) fn lose_table(id: &str) -> Sql {
    let mut sql = update();
    sql.push("name = '', definition = '', rows = 0 WHERE id = ").bind(id);
    sql
}

/// A collection is not there any more.
pub(super) fn forget(id: &str) -> Sql {
    let mut sql = Sql::new("DELETE FROM ");
    sql.name(OWN).push(" WHERE id = ").bind(id);
    sql
}

fn update() -> Sql {
    let mut sql = Sql::new("UPDATE ");
    sql.name(OWN).push(" SET ");
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_without_the_row_of_a_database_is_somebody_elses() {
        assert!(matches!(Ledger::read(&[]), Err(Trouble::Refused(_))));
        assert!(matches!(Ledger::read(&[vec![Value::Null]]), Err(Trouble::Refused(_))));
    }

    #[test]
    fn tables_of_the_copy_are_known_regardless_of_case() {
        let entry = Entry { id: "c".into(), name: "Posts".into(), ..Entry::default() };
        let ledger = Ledger { entries: vec![entry], ..Ledger::default() };
        assert!(ledger.has_table("posts") && ledger.has_table("_tinybase_sync_c") && !ledger.has_table("notes"));
    }
}
