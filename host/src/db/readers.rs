//! Connections that only read, lent out one at a time, and the snapshot a reader sees through one.

use std::fmt;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use super::Options;
use super::connection::Connection;
use super::error::Failure;
use super::kept::Key;
use super::marks::Marks;
use super::parts::Beside;
use super::row::Row;
use crate::error::{Error, Result};
use crate::sql::Sql;

/// Slow reads (exports, counts over large joins) that may run beside the ordinary ones.
const SLOW_READERS: usize = 1;
/// Statements that superusers typed and that run at the same time.
const CONSOLES: usize = 2;
/// Snapshots that may be held at the same time beside the ordinary reads, which are short.
const HELD_READERS: usize = 8;

pub(super) struct Readers {
    path: PathBuf,
    options: Options,
    marks: Arc<Marks>,
    permits: Arc<Semaphore>,
    slow: Arc<Semaphore>,
    consoles: Arc<Semaphore>,
    held: Arc<Semaphore>,
    waiting: AtomicUsize,
    idle: Mutex<Vec<Connection>>,
}

/// The right to read beside others, for as long as it lives.
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "it is held, not read")] pub(super) OwnedSemaphorePermit);

/// Which permits a read draws on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    Ordinary,
    Slow,
    Console,
    Held,
}

impl Readers {
    pub(super) fn new(path: &Path, options: Options, marks: Arc<Marks>) -> Self {
        let count = options.readers.max(1);
        Self {
            path: path.to_owned(),
            options,
            marks,
            permits: Arc::new(Semaphore::new(count)),
            slow: Arc::new(Semaphore::new(SLOW_READERS)),
            consoles: Arc::new(Semaphore::new(CONSOLES)),
            held: Arc::new(Semaphore::new(HELD_READERS)),
            waiting: AtomicUsize::new(0),
            idle: Mutex::default(),
        }
    }

    /// Waits for its turn, at most for the deadline and not in a line longer than the queue's.
    pub(super) async fn permit(&self, lane: Lane) -> Result<SemaphorePermit<'_>, Failure> {
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

    /// The same for a thread that is not tokio's; the permit may outlive the borrow.
    pub(super) fn permit_blocking(&self, lane: Lane, until: Instant) -> Result<OwnedSemaphorePermit, Failure> {
        let permits = Arc::clone(self.lane(lane));
        if let Ok(permit) = Arc::clone(&permits).try_acquire_owned() {
            return Ok(permit);
        }
        let _waiting = self.wait()?;
        match wait_for(permits.acquire_owned(), until) {
            Some(permit) => permit.map_err(|_| Failure::Unavailable(CLOSING)),
            None => Err(Failure::Unavailable(CROWDED)),
        }
    }

    /// Runs `job` on a reader, in one transaction, so that all it reads is of one moment. The caller has a
    /// permit; `on_worker` tells that tasks of tokio wait behind this thread.
    pub(super) fn run<R>(
        &self,
        limit: Duration,
        on_worker: bool,
        job: impl FnOnce(&mut Snapshot<'_>) -> Result<R>,
    ) -> Result<R> {
        let conn = self.take().map_err(Failure::into_error)?;
        let now = Instant::now();
        conn.set_deadline(now.checked_add(limit));
        conn.set_on_worker(on_worker.then_some(now));
        conn.set_gives_way(limit > self.options.deadline);
        let control = |text| conn.control(text).map_err(|error| Failure::engine("a snapshot", &error).into_error());
        // What may take long is not to take the ordinary readers along.
        let still = self.marks.still().filter(|_| limit <= self.options.deadline);
        let beside = still.map(|moment| Beside::new(self, moment, now.checked_add(limit)));
        control("BEGIN")?;
        let result = job(&mut Snapshot { conn: &conn, beside });
        conn.set_deadline(None);
        if control("COMMIT").is_ok() {
            self.give_back(conn);
        }
        result
    }

    /// Waits until no reader is at work, refuses new ones, closes all connections.
    pub(super) async fn close(&self) {
        for (lane, count) in [
            (&self.held, HELD_READERS),
            (&self.slow, SLOW_READERS),
            (&self.consoles, CONSOLES),
            (&self.permits, self.ordinary()),
        ] {
            // An error means that it is closed already.
            let all = lane.acquire_many(u32::try_from(count).unwrap_or(u32::MAX)).await;
            lane.close();
            drop(all);
        }
        self.idle.lock().clear();
    }

    fn ordinary(&self) -> usize {
        self.options.readers.max(1)
    }

    /// Whether a read that is expected to be slow is on.
    pub(super) fn long_read(&self) -> bool {
        self.slow.available_permits() < SLOW_READERS || self.consoles.available_permits() < CONSOLES
    }

    /// Those that read at the same time.
    pub(super) fn ordinary_permits(&self) -> &Semaphore {
        &self.permits
    }

    pub(super) fn cores(&self) -> usize {
        self.options.cores
    }

    pub(super) fn marks(&self) -> &Marks {
        &self.marks
    }

    fn lane(&self, lane: Lane) -> &Arc<Semaphore> {
        match lane {
            Lane::Held => &self.held,
            Lane::Ordinary => &self.permits,
            Lane::Slow => &self.slow,
            Lane::Console => &self.consoles,
        }
    }

    fn wait(&self) -> Result<Waiting<'_>, Failure> {
        let waiting = Waiting(&self.waiting);
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= self.options.queue {
            return Err(Failure::Unavailable(CROWDED));
        }
        Ok(waiting)
    }

    pub(super) fn take(&self) -> Result<Connection, Failure> {
        if let Some(conn) = self.idle.lock().pop() {
            return Ok(conn);
        }
        Connection::reader(&self.path, &self.options).map_err(|error| Failure::engine("opening a reader", &error))
    }

    /// Keeps the connection for the next read. More than the ordinary ones may exist while a slow read is
    /// on or a snapshot is held; those are closed, not kept.
    pub(super) fn give_back(&self, conn: Connection) {
        let mut idle = self.idle.lock();
        if idle.len() < self.ordinary() && !self.permits.is_closed() {
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
    pub(super) conn: &'a Connection,
    /// Who may read other parts of the same moment.
    pub(super) beside: Option<Beside<'a>>,
}

impl<'a> Snapshot<'a> {
    /// One that reads by itself.
    pub(super) fn new(conn: &'a Connection) -> Self {
        Self { conn, beside: None }
    }

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

    /// Reads with statements of at most so many instructions of the engine together, or `without_row` when they have found no
    /// row until then; `None` when it takes more.
    ///
    /// # Errors
    /// That of `job`.
    pub fn within<R>(
        &mut self,
        operations: u32,
        without_row: u32,
        job: impl FnOnce(&mut Self) -> Result<R>,
    ) -> Result<Option<R>> {
        self.conn.set_operations(Some(operations), without_row);
        let result = job(self);
        let ran_out = self.conn.ran_out();
        self.conn.set_operations(None, 0);
        if ran_out && result.is_err() { Ok(None) } else { result.map(Some) }
    }

    /// The number that `ask` finds, which a statement stands for: the one that was found the last time, as long as nothing
    /// was committed since. `whose` are those who may know that it was asked before.
    ///
    /// # Errors
    /// That of `ask`.
    pub fn number(&mut self, whose: &[&str], sql: &Sql, ask: impl FnOnce(&mut Self) -> Result<i64>) -> Result<i64> {
        let Some(key) = Key::of(whose, sql) else { return ask(self) };
        let version = self.conn.version().map_err(|error| read_error(&error))?;
        if let Some(known) = self.conn.kept().borrow_mut().get(version, &key) {
            return Ok(known);
        }
        let number = ask(self)?;
        self.conn.kept().borrow_mut().put(key, number);
        Ok(number)
    }

    /// Whether a statement would look at every row of a table, one after the other, without an index.
    ///
    /// # Errors
    /// The statement's.
    pub fn walks_through(&mut self, table: &str, sql: &Sql) -> Result<bool> {
        let mut plan = Sql::new("EXPLAIN QUERY PLAN ");
        plan.append(sql.clone());
        let walk = format!("SCAN {table}");
        // Of a row: its id, that of the one above, nothing, and what is done, first the outermost loop.
        Ok(self.one(&plan, |row| Ok(row.text(3) == walk))?.unwrap_or(false))
    }

    /// The names of a statement's columns, without running it: to check what somebody wrote.
    ///
    /// # Errors
    /// [`Failure::Statement`] in the engine's words when it is wrong.
    pub fn columns(&mut self, sql: &Sql) -> Result<Vec<String>, Failure> {
        self.conn.columns(sql).map_err(|error| Failure::engine("a statement", &error))
    }
}

impl fmt::Debug for Snapshot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Snapshot")
    }
}

fn read_error(error: &rusqlite::Error) -> Error {
    Failure::engine("reading", error).into_error()
}

/// Whether this task may have other tasks waiting behind it that another thread could take. On a runtime
/// with one thread there is none to take them.
pub(super) fn on_worker() -> bool {
    matches!(Handle::try_current().map(|handle| handle.runtime_flavor()), Ok(RuntimeFlavor::MultiThread))
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
