//! A copy of a database as it is at one moment, while writes go on: the base of backups.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use super::Options;
use super::connection::Connection;
use super::error::Failure;
use crate::sql::Sql;

/// A copy is for whoever made it.
const MODE: u32 = 0o600;

/// Writes the database at `path` to `target`, which must not exist: compact, in one file, on the disk when
/// this returns. What was begun is removed when it fails.
pub(super) fn copy(path: &Path, options: &Options, target: &Path, limit: Duration) -> Result<(), Failure> {
    let taken = |error: std::io::Error| Failure::internal("a copy of a database", error);
    // The engine would write into an empty file; this also makes the name ours.
    OpenOptions::new().write(true).create_new(true).mode(MODE).open(target).map_err(taken)?;
    let copied = fill(path, options, target, limit).and_then(|()| {
        // The engine does not sync a copy. Nobody has it open, so a handle of our own breaks no locks.
        OpenOptions::new().write(true).open(target).and_then(|file| file.sync_all()).map_err(taken)
    });
    if copied.is_err() {
        let _ = std::fs::remove_file(target);
    }
    copied
}

fn fill(path: &Path, options: &Options, target: &Path, limit: Duration) -> Result<(), Failure> {
    let failed = |error: &rusqlite::Error| Failure::engine("a copy of a database", error);
    let name = target.to_str().ok_or_else(|| Failure::internal("a copy of a database", "its path is not UTF-8"))?;
    let conn = Connection::copier(path, options).map_err(|error| failed(&error))?;
    conn.set_deadline(Instant::now().checked_add(limit));
    let mut sql = Sql::new("VACUUM INTO ");
    sql.bind(name);
    conn.run(&sql).map_err(|error| failed(&error))?;
    Ok(())
}
