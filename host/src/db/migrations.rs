//! The system's own tables, step by step. Files in `migrations/`, embedded in the binary, append-only.
//!
//! What ran is in the table `_system_migrations` of each database, with a checksum of its text.

use std::path::Path;

use super::connection::Connection;
use super::error::{Failure, OpenFailure};
use crate::crypto::sha256_hex;
use crate::sql::Sql;

/// One file: `NNNN_name`, with its SQL.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    pub name: &'static str,
    pub sql: &'static str,
}

impl Migration {
    /// SHA-256 in hexadecimal, over the text with the line ends of Unix.
    fn checksum(&self) -> String {
        if self.sql.contains('\r') {
            return sha256_hex(self.sql.replace("\r\n", "\n").as_bytes());
        }
        sha256_hex(self.sql.as_bytes())
    }
}

macro_rules! embed {
    ($folder:literal: $($name:literal),* $(,)?) => {
        &[$(Migration {
            name: $name,
            sql: include_str!(concat!("../../../migrations/", $folder, "/", $name, ".sql")),
        }),*]
    };
}

/// `data.db` of a tenant.
pub const TENANT: &[Migration] = embed!["tenant": "0001_init", "0002_plugins", "0003_sessions", "0004_idempotency", "0005_files", "0006_activity", "0007_mails", "0008_api_keys", "0009_plugin_rights", "0010_plugin_schedules", "0011_changes", "0012_plugin_lifecycle", "0013_outbox_rows", "0014_plugin_routes", "0015_plugin_config", "0016_outbox_waiting", "0017_activity_plugin", "0018_activity_hooks", "0019_plugin_withdrawn"];
/// `logs.db` of a tenant.
pub const LOGS: &[Migration] = embed!["logs": "0001_init", "0002_jobs"];

const TABLE: &str = "CREATE TABLE IF NOT EXISTS _system_migrations (\
    name TEXT PRIMARY KEY NOT NULL, checksum TEXT NOT NULL, applied TEXT NOT NULL) WITHOUT ROWID, STRICT";

/// Brings the database at `path` up to `known`, each step in a transaction of its own.
pub(super) fn migrate(conn: &Connection, path: &Path, known: &[Migration]) -> Result<(), OpenFailure> {
    let engine = |error: rusqlite::Error| OpenFailure::Engine { path: path.to_owned(), detail: error.to_string() };
    conn.script(TABLE).map_err(engine)?;
    let done = check(conn, path, known)?;
    for (index, migration) in known.iter().enumerate().skip(done) {
        apply(conn, migration, index + 1).map_err(|error| OpenFailure::Migration {
            path: path.to_owned(),
            migration: migration.name,
            detail: error.to_string(),
        })?;
    }
    Ok(())
}

/// Compares what ran with what is known; how many ran.
fn check(conn: &Connection, path: &Path, known: &[Migration]) -> Result<usize, OpenFailure> {
    let mut done = 0;
    let mut wrong = None;
    let select = Sql::new("SELECT name, checksum FROM _system_migrations ORDER BY name");
    let read = conn.each(
        &select,
        |error| Failure::engine("reading the migrations", error),
        |row| {
            let name = row.text(0);
            let place = known.iter().position(|migration| migration.name == name);
            wrong = match place {
                None => Some(OpenFailure::Newer { path: path.to_owned(), migration: name.to_owned() }),
                Some(at) if at != done || known[at].checksum() != row.text(1) => {
                    Some(OpenFailure::Changed { path: path.to_owned(), migration: name.to_owned() })
                }
                Some(_) => None,
            };
            done += 1;
            Ok(wrong.is_none())
        },
    );
    match (read, wrong) {
        (Err(failure), _) => Err(OpenFailure::Engine { path: path.to_owned(), detail: format!("{failure:?}") }),
        (Ok(()), Some(wrong)) => Err(wrong),
        (Ok(()), None) => Ok(done),
    }
}

/// `number` goes into the file's header as its version, for whoever looks at it with other tools.
fn apply(conn: &Connection, migration: &Migration, number: usize) -> rusqlite::Result<()> {
    let mut record = Sql::new("INSERT INTO _system_migrations (name, checksum, applied) VALUES (");
    record.bind(migration.name).push(", ").bind(migration.checksum());
    record.push(", strftime('%Y-%m-%d %H:%M:%fZ', 'now'))");
    conn.control("BEGIN IMMEDIATE")?;
    let done = conn
        .script(migration.sql)
        .and_then(|()| conn.script(&format!("PRAGMA user_version={number}")))
        .and_then(|()| conn.run(&record))
        .and_then(|_| conn.control("COMMIT"));
    if done.is_err() && !conn.is_autocommit() {
        conn.control("ROLLBACK")?;
    }
    done
}
