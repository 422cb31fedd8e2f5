//! The rows of `_mails`.

use super::Letter;
use crate::db::{Row, Unit};
use crate::model::date;
use crate::sql::Sql;

/// The longest answer of a server that is kept.
const ERROR_CHARS: usize = 500;

/// A mail that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) attempts: i64,
    pub(super) letter: Letter,
}

impl Waiting {
    pub(super) fn of(row: &Row<'_>) -> Self {
        let text = |column| row.text(column).to_owned();
        let letter = Letter {
            kind: "",
            recipient: text(2),
            subject: text(3),
            html: text(4),
            text: text(7),
            expires_ms: row.integer(6),
        };
        Self { id: text(0), kind: text(1), attempts: row.integer(5), letter }
    }
}

/// A mail that is about to be promised.
#[derive(Debug, Clone)]
pub struct Promised {
    insert: Sql,
    remove: Sql,
}

impl Promised {
    /// The statement that promises it.
    #[must_use]
    pub fn into_sql(self) -> Sql {
        self.insert
    }

    /// Has a unit promise it.
    pub fn keep(self, unit: &mut Unit) {
        unit.run(self.insert);
    }

    /// Has a unit do as much as if it was promised, and leave nothing.
    pub fn pretend(self, unit: &mut Unit) {
        unit.run(self.insert).run(self.remove);
    }
}

pub(super) fn promise(id: &str, letter: &Letter, now_ms: i64) -> Promised {
    let Letter { kind, recipient, subject, html, text, expires_ms } = letter;
    let mut insert =
        Sql::new("INSERT INTO _mails (id, kind, recipient, subject, html, text, due_ms, expires_ms, created) VALUES (");
    insert.bind(id).push(", ").bind(*kind).push(", ").bind(recipient.as_str()).push(", ");
    insert
        .bind(subject.as_str())
        .push(", ")
        .bind(html.as_str())
        .push(", ")
        .bind(text.as_str())
        .push(", ")
        .bind(now_ms)
        .push(", ");
    insert.bind(*expires_ms).push(", ").bind(date::format(now_ms)).push(")");
    Promised { insert, remove: remove(id) }
}

fn select() -> Sql {
    Sql::new(
        "SELECT id, kind, recipient, subject, html, attempts, expires_ms, text FROM _mails WHERE due_ms IS NOT NULL",
    )
}

/// Those that may be tried, the longest due first.
pub(super) fn due(now_ms: i64, limit: i64) -> Sql {
    let mut sql = select();
    sql.push(" AND due_ms <= ").bind(now_ms).push(" AND expires_ms > ").bind(now_ms);
    sql.push(" ORDER BY due_ms, id LIMIT ").bind(limit);
    sql
}

/// Those that nobody wants any more.
pub(super) fn expired(now_ms: i64, limit: i64) -> Sql {
    let mut sql = select();
    sql.push(" AND expires_ms <= ").bind(now_ms).push(" ORDER BY due_ms, id LIMIT ").bind(limit);
    sql
}

/// One that waits, if there is any.
pub(super) fn any() -> Sql {
    let mut sql = select();
    sql.push(" LIMIT 1");
    sql
}

/// How many wait, counted no further than this.
pub(super) fn count(limit: i64) -> Sql {
    let mut sql = Sql::new("SELECT count(*) FROM (SELECT 1 FROM _mails WHERE due_ms IS NOT NULL LIMIT ");
    sql.bind(limit).push(")");
    sql
}

pub(super) fn remove(id: &str) -> Sql {
    let mut sql = Sql::new("DELETE FROM _mails WHERE id = ");
    sql.bind(id);
    sql
}

pub(super) fn postpone(id: &str, attempts: i64, due_ms: i64, error: &str) -> Sql {
    let mut sql = Sql::new("UPDATE _mails SET attempts = ");
    sql.bind(attempts).push(", due_ms = ").bind(due_ms).push(", error = ").bind(cut(error));
    sql.push(" WHERE id = ").bind(id);
    sql
}

/// The row is kept until `kept_ms`, without what the mail said.
pub(super) fn give_up(id: &str, error: &str, kept_ms: i64) -> Sql {
    let mut sql = Sql::new("UPDATE _mails SET due_ms = NULL, html = '', text = '', subject = '', error = ");
    sql.bind(cut(error)).push(", expires_ms = ").bind(kept_ms).push(" WHERE id = ").bind(id);
    sql
}

pub(super) fn hurry(now_ms: i64) -> Sql {
    let mut sql = Sql::new("UPDATE _mails SET due_ms = ");
    sql.bind(now_ms).push(" WHERE due_ms > ").bind(now_ms);
    sql
}

pub(super) fn forget(now_ms: i64) -> Sql {
    let mut sql = Sql::new("DELETE FROM _mails WHERE due_ms IS NULL AND expires_ms <= ");
    sql.bind(now_ms);
    sql
}

fn cut(text: &str) -> String {
    text.chars().take(ERROR_CHARS).collect()
}
