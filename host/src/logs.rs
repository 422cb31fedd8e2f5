//! The request log: a row of `logs.db` for each request, written in the background.
//!
//! A request only puts an entry into a bounded buffer. One task builds the rows and inserts many at once,
//! every second or as soon as a batch is full; when it cannot keep up, entries are dropped and counted. What
//! could be a secret is taken out before it is written ([`redact`]).

mod read;
mod redact;
mod rows;

use crate::clock::World;
use crate::db::{Failure, Store};
use crate::error::Result;
use crate::tasks::Tasks;
use arc_swap::ArcSwap;
use parking_lot::Mutex;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Notify;

/// Entries that wait at most; more are dropped.
const BUFFER_MAX: usize = 10_000;

/// Entries that are written without waiting for the time.
const BATCH: usize = 200;

/// How long an entry waits at most for others to be written with.
const WAIT: Duration = Duration::from_secs(1);

/// Rows deleted at once, so that the writer is free in between.
const SWEEP_ROWS: i64 = 5_000;

const DAY_MS: i64 = 86_400_000;

/// The level of a request that went well.
pub const INFO: i64 = 0;

/// The level of a request that was refused or failed.
pub const ERROR: i64 = 8;

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Whether the id of whoever was signed in is kept.
    pub auth_id: bool,
    /// Whether addresses are kept.
    pub ip: bool,
    /// Of the JSON of a row; 0 for no limit but those of its parts.
    pub data_bytes: usize,
    /// 0 keeps nothing.
    pub max_days: i64,
    pub min_level: i64,
}

/// One request, as it was answered.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    pub request_id: String,
    pub method: String,
    /// Path and query.
    pub url: String,
    pub referer: String,
    pub user_agent: String,
    /// The client's.
    pub ip: String,
    /// Of the other end of the connection: a proxy's, or the client's.
    pub peer: String,
    pub status: u16,
    pub took: Duration,
    /// When it was answered.
    pub at_ms: i64,
    /// The collection of whoever was signed in; empty for guests.
    pub auth: String,
    pub auth_id: String,
    /// What the client was told, when the request failed.
    pub error: String,
    /// What only the operator may read about the failure.
    pub details: String,
}

impl Entry {
    /// Requests that failed are errors.
    #[must_use]
    pub fn level(&self) -> i64 {
        level(self.status)
    }
}

/// The level of a request that was answered with `status`.
#[must_use]
pub fn level(status: u16) -> i64 {
    if status >= 400 { ERROR } else { INFO }
}

/// The log of one tenant.
pub struct Logs {
    shared: Arc<Shared>,
}

struct Shared {
    store: Arc<Store>,
    world: World,
    policy: ArcSwap<Policy>,
    buffer: Mutex<Vec<Entry>>,
    full: Notify,
    dropped: AtomicU64,
    /// One writer at a time, so that closing waits for a batch that is under way.
    writing: tokio::sync::Mutex<()>,
}

impl fmt::Debug for Logs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Logs").field("policy", &self.shared.policy).finish_non_exhaustive()
    }
}

impl Logs {
    /// Starts the log on its own store; `tasks` runs the writer.
    #[must_use]
    pub fn start(store: Arc<Store>, policy: Policy, world: World, tasks: &Tasks) -> Self {
        let shared = Arc::new(Shared {
            store,
            world,
            policy: ArcSwap::from_pointee(policy),
            buffer: Mutex::default(),
            full: Notify::new(),
            dropped: AtomicU64::new(0),
            writing: tokio::sync::Mutex::default(),
        });
        tasks.spawn_until_stop(work(Arc::downgrade(&shared)));
        Self { shared }
    }

    /// Whether a request that was answered with `status` is kept. Ask before building an [`Entry`].
    #[must_use]
    pub fn wants(&self, status: u16) -> bool {
        let policy = self.shared.policy.load();
        policy.max_days > 0 && level(status) >= policy.min_level
    }

    /// Takes an entry; drops it when too many wait.
    pub fn add(&self, mut entry: Entry) {
        rows::shorten(&mut entry);
        let mut buffer = self.shared.buffer.lock();
        if buffer.len() >= BUFFER_MAX {
            drop(buffer);
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        buffer.push(entry);
        let waiting = buffer.len();
        drop(buffer);
        if waiting.is_multiple_of(BATCH) {
            self.shared.full.notify_one();
        }
    }

    /// How many entries were dropped because the writer could not keep up.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::Relaxed)
    }

    pub fn set_policy(&self, policy: Policy) {
        self.shared.policy.store(Arc::new(policy));
    }

    /// Deletes what is older than the policy says; how many rows.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn sweep(&self) -> Result<u64> {
        let days = self.shared.policy.load().max_days;
        let oldest_ms = self.now_ms() - days.saturating_mul(DAY_MS);
        let mut gone = 0;
        loop {
            let (unit, deleted) = rows::delete_before(oldest_ms, SWEEP_ROWS);
            match self.shared.store.write(unit).await.map_err(Failure::into_error)?.count(deleted) {
                0 => return Ok(gone),
                some => gone += some,
            }
        }
    }

    fn now_ms(&self) -> i64 {
        self.shared.world.now_ms()
    }

    /// Where the rows are.
    #[must_use]
    pub fn store(&self) -> &Arc<Store> {
        &self.shared.store
    }

    /// Writes what waits.
    pub async fn flush(&self) {
        self.shared.flush().await;
    }

    /// Writes what waits and closes the store.
    pub async fn close(&self) {
        self.shared.flush().await;
        self.shared.store.close().await;
    }
}

/// Writes until the log is gone.
async fn work(log: Weak<Shared>) {
    while let Some(shared) = log.upgrade() {
        // Either the time has come, or a batch is full.
        let _ = tokio::time::timeout(WAIT, shared.full.notified()).await;
        shared.flush().await;
    }
}

impl Shared {
    async fn flush(&self) {
        let _one = self.writing.lock().await;
        let entries = std::mem::take(&mut *self.buffer.lock());
        if entries.is_empty() {
            return;
        }
        let count = entries.len() as u64;
        let unit = rows::insert(&entries, **self.policy.load(), &self.world);
        if let Err(failure) = self.store.write(unit).await {
            self.dropped.fetch_add(count, Ordering::Relaxed);
            tracing::warn!(?failure, count, "rows of the request log were lost");
        }
    }
}
