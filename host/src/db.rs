//! The only user of SQLite. A [`Store`] is one database file with its writer, its readers and its queue.
//!
//! Writes are [`Unit`]s: data, run by one writer at a time on a small pool of [`Threads`], many of them in
//! one transaction. Reads are [`Snapshot`]s on connections that cannot write. Not here: what the rows mean.

mod connection;
pub mod console;
mod copy;
mod embedded;
mod error;
mod functions;
mod held;
mod kept;
mod lock;
mod log_sync;
mod marks;
mod memory;
mod merged;
pub mod migrations;
mod parts;
mod queue;
mod readers;
mod row;
mod scratch;
mod stats;
mod threads;
mod unit;
mod upkeep;
mod watch;
mod writer;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use embedded::Embedded;
use readers::{Lane, Turn};

use crate::error::Result;
use crate::tasks::Tasks;

pub use error::{Constraint, Failure, OpenFailure, Unique};
pub use held::Held;
pub use lock::DirLock;
pub use memory::share_memory;
pub use migrations::Migration;
pub use readers::Snapshot;
pub use row::Row;
pub use scratch::{Scratch, ScratchColumn};
pub use stats::Stats;
pub use threads::Threads;
pub use unit::{Guard, Outcome, RowSet, Slot, Trace, Unit};

/// The version of SQLite that the engine descends from.
#[must_use]
pub fn engine_version() -> &'static str {
    rusqlite::version()
}

/// When a write may be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// When it is committed: a process that is killed loses nothing. The log reaches the disk at most 100 ms
    /// later, so a power cut loses at most those, and never consistency.
    #[default]
    Normal,
    /// When it is on the disk.
    Full,
}

/// How a store behaves.
#[derive(Debug, Clone)]
pub struct Options {
    pub durability: Durability,
    /// Connections that read at the same time; opened when first needed, three file descriptors each at most.
    pub readers: usize,
    /// Threads that the machine runs at the same time: what a long reading may be divided among.
    pub cores: usize,
    /// Units, and apart from them reads, that may wait; one more is [`Failure::Unavailable`].
    pub queue: usize,
    /// Page cache of the connection that writes.
    pub cache_kib: u32,
    /// What the page cache of each connection that reads may grow to. It is empty at first, and begins anew after
    /// each commit: a table that is walked again and again between two commits is read once. See [`share_memory`].
    pub read_cache_kib: u32,
    /// Prepared statements kept by each connection.
    pub statements: usize,
    /// For a read and for waiting; a unit that shares a transaction has half of it.
    pub deadline: Duration,
    /// The largest size of the file, log apart; beyond it writes are [`Failure::Full`].
    pub max_bytes: Option<u64>,
    /// Once these stop, statements are interrupted: for what nobody waits for then.
    pub until: Option<Tasks>,
    /// Each store's own: it is being closed, and statements that may take long are interrupted.
    pub closing: Arc<AtomicBool>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            durability: Durability::Normal,
            readers: 4,
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            queue: 1024,
            cache_kib: 8_000,
            read_cache_kib: 64_000,
            statements: 256,
            deadline: Duration::from_secs(5),
            max_bytes: None,
            until: None,
            closing: Arc::default(),
        }
    }
}

/// One database. Cheap to share, open until [`Store::close`] or until the last one is dropped.
pub struct Store {
    engine: Arc<Embedded>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Store").field("stats", &self.stats()).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens or creates the file at `path` and brings it up to `migrations`. Blocks on the disk.
    ///
    /// # Errors
    /// See [`OpenFailure`].
    pub fn open(
        path: &Path,
        options: Options,
        threads: &Threads,
        migrations: &[Migration],
    ) -> Result<Arc<Self>, OpenFailure> {
        Ok(Arc::new(Self { engine: Embedded::open(path, options, threads, migrations)? }))
    }

    /// Does a unit of work, together with others in one transaction, and answers once it is committed
    /// (with [`Durability::Full`]: on the disk). When this future is dropped the unit may still happen.
    ///
    /// # Errors
    /// See [`Failure`]; nothing of the unit happened then.
    pub async fn write(&self, unit: Unit) -> Result<Outcome, Failure> {
        self.engine.write(unit, false).await
    }

    /// The same in a transaction of its own and with more time, for DDL and bulk.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn write_alone(&self, unit: Unit) -> Result<Outcome, Failure> {
        self.engine.write(unit, true).await
    }

    /// [`Store::write`] for a thread that is not tokio's.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn write_blocking(&self, unit: Unit) -> Result<Outcome, Failure> {
        self.engine.write_blocking(unit)
    }

    /// Reads from one consistent snapshot, on the calling thread. `job` must not wait for anything else:
    /// it holds one of few connections.
    ///
    /// # Errors
    /// That of `job`, [`crate::error::Error::Unavailable`] after the deadline or when all readers are busy for as long.
    pub async fn read<R: Send>(&self, job: impl FnOnce(&mut Snapshot<'_>) -> Result<R> + Send) -> Result<R> {
        self.engine.read(Lane::Ordinary, None, job).await
    }

    /// A read that is expected to be slow (an export, a count over much): beside the ordinary ones, one
    /// at a time, with a deadline of its own.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn read_slow<R: Send>(
        &self,
        limit: Duration,
        job: impl FnOnce(&mut Snapshot<'_>) -> Result<R> + Send,
    ) -> Result<R> {
        self.engine.read(Lane::Slow, Some(limit), job).await
    }

    /// This moment, for [`Unit::guard_if_touched`]: to be asked for before what it is compared with is read.
    #[must_use]
    pub fn moment(&self) -> u64 {
        self.engine.marks().latest()
    }

    /// [`Store::read`] for a thread that is not tokio's.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub fn read_blocking<R>(&self, job: impl FnOnce(&mut Snapshot<'_>) -> Result<R>) -> Result<R> {
        self.engine.read_blocking(job)
    }

    /// A snapshot to read from several times, for a thread that is not tokio's. There are few, apart from the
    /// ordinary readers, so it must be dropped soon.
    ///
    /// # Errors
    /// [`crate::error::Error::Unavailable`] when too many are still held at `until`.
    pub fn hold_blocking(&self, until: Instant) -> Result<Held> {
        self.engine.hold_blocking(until)
    }

    /// Writes a copy of the database as it is now to `target`, which must not exist, while writes go on; it
    /// is on the disk on return. Blocks for as long as that takes; interrupted after `limit`, and once `until` stop.
    ///
    /// # Errors
    /// [`Failure::Deadline`], [`Failure::Full`], or that of the file system; nothing is left at `target` then.
    pub fn copy_to(&self, target: &Path, limit: Duration, until: &Tasks) -> Result<(), Failure> {
        self.engine.copy_to(target, limit, until)
    }

    /// A connection for one statement that a superuser typed. Blocks, at most for the deadline, until there is room
    /// for one.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] when others are still at it.
    pub fn console(&self, rights: console::Rights) -> Result<(console::Console, Turn), Failure> {
        self.engine.console(rights)
    }

    /// Daily housekeeping: statistics for the planner, free pages given back, the log emptied.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn maintain(&self) -> Result<(), Failure> {
        self.engine.maintain().await
    }

    /// Finishes what waits, refuses more, closes the readers and then the writer, which leaves one file
    /// and no log. Does nothing the second time.
    pub async fn close(&self) {
        self.engine.close().await;
    }

    #[must_use]
    pub fn stats(&self) -> Stats {
        self.engine.stats()
    }
}
