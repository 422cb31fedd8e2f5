//! Connections that only read, lent out one at a time, and the snapshot a reader sees through one.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::Options;
use super::connection::Connection;
use super::error::Failure;
use super::row::Row;
use crate::error::{Error, Result};
use crate::sql::Sql;

/// Slow reads (exports, counts over large joins) that may run beside the ordinary ones.
const SLOW_READERS: usize = 1;

pub(super) struct Readers {
    path: PathBuf,
    options: Options,
    permits: Semaphore,
    slow: Semaphore,
    waiting: AtomicUsize,
    idle: Mutex<Vec<Connection>>,
}

/// Which permits a read draws on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    Ordinary,
    Slow,
}

impl Readers {
    pub fn new(path: &Path, options: Options) -> Self {
        let count = options.readers.max(1);
        Self {
            path: path.to_owned(),
            options,
            permits: Semaphore::new(count),
            slow: Semaphore::new(SLOW_READERS),
            waiting: AtomicUsize::new(0),
            idle: Mutex::default(),
        }
    }

    /// Waits for its turn, at most for the deadline and not in a line longer than the queue's.
    pub async fn permit(&self, lane: Lane) -> Result<SemaphorePermit<'_>, Failure> {
        let permits = self.lane(lane);
        if let Ok(permit) = permits.try_acquire() {
            return Ok(permit);
        }
        let _waiting = self.wait()?;
        match tokio::time::timeout(self.options.deadline, permits.acquire()).await {
            Ok(permit) => permit.map_err(|_| Failure::Unavailable(CLOSING)),
            Err(_) => Err(Failure::Unavailable(CROWDED)),
        }
    }

    /// The same for a thread that is not tokio's.
    pub fn permit_blocking(&self, lane: Lane) -> Result<SemaphorePermit<'_>, Failure> {
        let permits = self.lane(lane);
        if let Ok(permit) = permits.try_acquire() {
            return Ok(permit);
        }
        let _waiting = self.wait()?;
        match wait_for(permits.acquire(), Instant::now() + self.options.deadline) {
            Some(permit) => permit.map_err(|_| Failure::Unavailable(CLOSING)),
            None => Err(Failure::Unavailable(CROWDED)),
        }
    }

    /// Runs `job` on a reader, in one transaction, so that all it reads is of one moment.
    pub fn run<R>(
        &self,
        _permit: &SemaphorePermit<'_>,
        limit: Duration,
        job: impl FnOnce(&mut Snapshot<'_>) -> Result<R>,
    ) -> Result<R> {
        let conn = self.take().map_err(Failure::into_error)?;
        conn.set_deadline(Instant::now().checked_add(limit));
        let control = |text| {
            conn.control(text).map_err(|error| Failure::engine("a snapshot", &error).into_error())
        };
        control("BEGIN")?;
        let result = job(&mut Snapshot { conn: &conn });
        conn.set_deadline(None);
        if control("COMMIT").is_ok() {
            self.give_back(conn);
        }
        result
    }

    /// Waits until no reader is at work, refuses new ones, closes all connections.
    pub async fn close(&self) {
        let all = u32::try_from(self.options.readers.max(1)).unwrap_or(u32::MAX);
        let slow = u32::try_from(SLOW_READERS).unwrap_or(u32::MAX);
        // An error means that they are closed already.
        let ordinary = self.permits.acquire_many(all).await;
        let slow = self.slow.acquire_many(slow).await;
        self.permits.close();
        self.slow.close();
        drop((ordinary, slow));
        self.idle.lock().clear();
    }

    fn lane(&self, lane: Lane) -> &Semaphore {
        match lane {
            Lane::Ordinary => &self.permits,
            Lane::Slow => &self.slow,
        }
    }

    fn wait(&self) -> Result<Waiting<'_>, Failure> {
        let waiting = Waiting(&self.waiting);
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= self.options.queue {
            return Err(Failure::Unavailable(CROWDED));
        }
        Ok(waiting)
    }

    fn take(&self) -> Result<Connection, Failure> {
        if let Some(conn) = self.idle.lock().pop() {
            return Ok(conn);
        }
        Connection::reader(&self.path, &self.options).map_err(|error| Failure::engine("opening a reader", &error))
    }

    /// Keeps the connection for the next read. One more than the ordinary ones may exist while a slow
    /// read is on; that one is closed, not kept.
    fn give_back(&self, conn: Connection) {
        let mut idle = self.idle.lock();
        if idle.len() < self.options.readers.max(1) && !self.permits.is_closed() {
            idle.push(conn);
        }
    }
}

const CLOSING: &str = "The database is being closed.";
const CROWDED: &str = "Too many reads are waiting.";

/// Counts down when a wait ends, however it ends.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The database at one moment: statements run on it see the same rows, whatever is committed meanwhile.
pub struct Snapshot<'a> {
    conn: &'a Connection,
}

impl Snapshot<'_> {
    /// Calls `each` for every row, while the statement stands on it; its error ends the reading.
    ///
    /// # Errors
    /// The statement's, or that of `each`.
    pub fn rows(&mut self, sql: &Sql, mut each: impl FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
        self.conn.each(sql, read_error, |row| each(row).map(|()| true))
    }

    /// What `map` makes of the first row; `None` when there is no row.
    ///
    /// # Errors
    /// The statement's, or that of `map`.
    pub fn one<R>(&mut self, sql: &Sql, map: impl FnOnce(&Row<'_>) -> Result<R>) -> Result<Option<R>> {
        let mut map = Some(map);
        let mut found = None;
        self.conn.each(sql, read_error, |row| {
            if let Some(map) = map.take() {
                found = Some(map(row)?);
            }
            Ok(false)
        })?;
        Ok(found)
    }

    /// The names of a statement's columns, without running it: to check what somebody wrote.
    ///
    /// # Errors
    /// [`Failure::Statement`] in the engine's words when it is wrong.
    pub fn columns(&mut self, sql: &Sql) -> Result<Vec<String>, Failure> {
        self.conn.columns(sql).map_err(|error| Failure::engine("a statement", &error))
    }
}

fn read_error(error: &rusqlite::Error) -> Error {
    Failure::engine("reading", error).into_error()
}

/// Runs blocking work where it may: tokio's other tasks move to another thread first. On a runtime with
/// one thread there is none to move to, so the work simply runs (tests; nothing else is served there).
pub(super) fn in_place<R>(work: impl FnOnce() -> R) -> R {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Blocks this thread on a future that needs no runtime; `None` when `until` comes first.
fn wait_for<F: Future>(future: F, until: Instant) -> Option<F::Output> {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
        let left = until.checked_duration_since(Instant::now())?;
        thread::park_timeout(left);
    }
}
