//! What the writer's connection does between transactions so that files stay small and plans good.
//!
//! It must be that connection: see `connection.rs` for why nobody else may checkpoint.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::connection::Connection;
use super::error::Failure;
use super::writer::Writer;
use crate::sql::Sql;

/// Transactions between two looks at the size of the log.
const COMMITS_PER_LOOK: u32 = 8;
/// Readers that overlap without a gap keep the engine from starting the log again; from this size on
/// the writer waits for them.
const LOG_BYTES: u64 = 32 << 20;
/// How long the writer waits, twice at most, for readers to let go of an old part of the log; the more
/// the log has grown, the longer, up to [`PATIENCE_MAX`].
const PATIENCE: Duration = Duration::from_millis(100);
const PATIENCE_MAX: Duration = Duration::from_secs(1);
/// After waiting in vain.
const PAUSE: Duration = Duration::from_millis(250);
/// Free pages given back to the file system at a time.
const FREE_PAGES: u64 = 4_096;

pub(super) struct Upkeep {
    log: PathBuf,
    commits: u32,
    not_before: Option<Instant>,
}

impl Upkeep {
    pub(super) fn new(log: &Path) -> Self {
        Self { log: log.to_owned(), commits: 0, not_before: None }
    }

    /// After a commit: now and then looks whether the log has grown and cuts it; true when it did. While a
    /// long read is on it may grow: waiting for that would stop all writes.
    pub(super) fn cut_log(&mut self, writer: &mut Writer, long_read: bool) -> bool {
        self.commits += 1;
        if self.commits < COMMITS_PER_LOOK {
            return false;
        }
        self.commits = 0;
        let bytes = std::fs::metadata(&self.log).map_or(0, |log| log.len());
        if bytes < LOG_BYTES || long_read || self.not_before.is_some_and(|then| Instant::now() < then) {
            return false;
        }
        let times = u32::try_from(bytes / LOG_BYTES).unwrap_or(u32::MAX);
        let patience = PATIENCE.saturating_mul(times).min(PATIENCE_MAX);
        let Ok(conn) = writer.connection() else { return false };
        let cut = matches!(conn.truncate_log(patience), Ok(true));
        self.not_before = if cut { None } else { Instant::now().checked_add(PAUSE) };
        cut
    }

    /// Statistics for the planner, free pages back to the file system, an empty log.
    pub(super) fn daily(conn: &Connection) -> Result<(), Failure> {
        let failed = |error: &rusqlite::Error| Failure::engine("housekeeping", error);
        let mut free = Sql::new("PRAGMA incremental_vacuum(");
        free.number(FREE_PAGES).push(")");
        conn.set_deadline(None);
        // Each row is a step of the work.
        conn.each(&Sql::new("PRAGMA optimize=0x10002"), failed, |_| Ok(true))?;
        conn.each(&free, failed, |_| Ok(true))?;
        conn.truncate_log(PATIENCE).map_err(|error| failed(&error))?;
        Ok(())
    }
}
