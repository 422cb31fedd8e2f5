//! A store whose engine runs in this process, on a local file.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::connection::Connection;
use super::console::{Console, Rights};
use super::copy::copy;
use super::error::{Failure, OpenFailure};
use super::held::Held;
use super::log_sync::{Synced, sync_file};
use super::marks::Marks;
use super::migrations::{Migration, migrate};
use super::queue::{Job, Queue, Task};
use super::readers::{Lane, Readers, Snapshot, Turn as ReaderTurn, on_worker};
use super::stats::{Counters, Stats};
use super::threads::{Threads, Turn};
use super::unit::{Outcome, Unit};
use super::upkeep::Upkeep;
use super::writer::Writer;
use super::{Durability, Options};
use crate::error::{Error, Result};
use crate::tasks::Tasks;

pub(super) struct Embedded {
    this: Weak<Self>,
    queue: Queue,
    /// Before the writer: a reader must never be the last to close.
    readers: Readers,
    /// Only a turn locks it, and there is one turn at a time.
    writer: Mutex<(Writer, Upkeep)>,
    threads: Threads,
    counters: Arc<Counters>,
    marks: Arc<Marks>,
    options: Options,
    path: PathBuf,
    log: PathBuf,
    /// Whether a sync of the log is on its way for what was committed last.
    sync_due: AtomicBool,
}

impl Embedded {
    pub(super) fn open(
        path: &Path,
        options: Options,
        threads: &Threads,
        migrations: &[Migration],
    ) -> Result<Arc<Self>, OpenFailure> {
        let options = Options { closing: Arc::default(), ..options };
        let conn = Connection::writer(path, &options)
            .map_err(|error| OpenFailure::Engine { path: path.to_owned(), detail: error.to_string() })?
            .ok_or_else(|| OpenFailure::Foreign { path: path.to_owned() })?;
        migrate(&conn, path, migrations)?;
        let log = log_of(path);
        // What a process committed before it was killed may not be on the disk yet, nor the migrations.
        let unsynced = std::fs::metadata(&log).is_ok_and(|log| log.len() > 0);
        let counters = Arc::new(Counters::default());
        let marks = Arc::new(Marks::default());
        let writer = Writer::new(conn, path, options.clone(), Arc::clone(&counters), Arc::clone(&marks));
        let store = Arc::new_cyclic(|this| Self {
            this: Weak::clone(this),
            queue: Queue::new(options.queue),
            readers: Readers::new(path, options.clone(), Arc::clone(&marks)),
            writer: Mutex::new((writer, Upkeep::new(&log))),
            threads: threads.clone(),
            counters,
            marks,
            options,
            path: path.to_owned(),
            log,
            sync_due: AtomicBool::new(false),
        });
        if unsynced {
            store.arm_sync();
        }
        Ok(store)
    }

    pub(super) async fn write(&self, unit: Unit, alone: bool) -> Result<Outcome, Failure> {
        let answer = self.enqueue(unit, alone)?;
        answer.await.unwrap_or_else(|_| Err(lost()))
    }

    pub(super) fn write_blocking(&self, unit: Unit) -> Result<Outcome, Failure> {
        let answer = self.enqueue(unit, false)?;
        answer.blocking_recv().unwrap_or_else(|_| Err(lost()))
    }

    pub(super) async fn read<R: Send>(
        &self,
        lane: Lane,
        limit: Option<Duration>,
        job: impl FnOnce(&mut Snapshot<'_>) -> Result<R> + Send,
    ) -> Result<R> {
        // Reads that never wait would otherwise keep a task on its worker for ever.
        tokio::task::consume_budget().await;
        let _permit = self.readers.permit(lane).await.map_err(|failure| self.late(failure))?;
        self.counted(self.readers.run(limit.unwrap_or(self.options.deadline), on_worker(), job))
    }

    pub(super) fn read_blocking<R>(&self, job: impl FnOnce(&mut Snapshot<'_>) -> Result<R>) -> Result<R> {
        let _permit =
            self.readers.permit_blocking(Lane::Ordinary, self.latest()).map_err(|failure| self.late(failure))?;
        self.counted(self.readers.run(self.options.deadline, false, job))
    }

    pub(super) fn hold_blocking(self: &Arc<Self>, until: Instant) -> Result<Held> {
        let permit =
            self.readers.permit_blocking(Lane::Held, until.min(self.latest())).map_err(|failure| self.late(failure))?;
        let conn = self.readers.take().map_err(Failure::into_error)?;
        Held::new(Arc::clone(self), conn, permit)
    }

    pub(super) fn marks(&self) -> &Marks {
        &self.marks
    }

    pub(super) fn readers(&self) -> &Readers {
        &self.readers
    }

    pub(super) fn copy_to(&self, target: &Path, limit: Duration, until: &Tasks) -> Result<(), Failure> {
        let _permit = self.readers.permit_blocking(Lane::Slow, self.latest())?;
        let options = Options { until: Some(until.clone()), ..self.options.clone() };
        copy(&self.path, &options, target, limit)
    }

    pub(super) fn console(&self, rights: Rights) -> Result<(Console, ReaderTurn), Failure> {
        let permit = self.readers.permit_blocking(Lane::Console, self.latest())?;
        let opened = Console::open(&self.path, &self.options, rights);
        let console = opened.map_err(|error| Failure::engine("opening a reader", &error))?;
        Ok((console, ReaderTurn(permit)))
    }

    pub(super) async fn maintain(&self) -> Result<(), Failure> {
        let (reply, answer) = oneshot::channel();
        self.push(Job::Maintain(reply))?;
        answer.await.unwrap_or_else(|_| Err(lost()))
    }

    pub(super) async fn close(&self) {
        self.queue.close();
        // What may take long has nobody who waits for it.
        self.options.closing.store(true, Ordering::Relaxed);
        self.readers.close().await;
        let (reply, closed) = oneshot::channel();
        if self.push(Job::Close(reply)).is_ok() {
            let _ = closed.await;
        }
    }

    pub(super) fn stats(&self) -> Stats {
        self.counters.read(self.queue.len())
    }

    fn enqueue(&self, unit: Unit, alone: bool) -> Result<oneshot::Receiver<Result<Outcome, Failure>>, Failure> {
        let (reply, answer) = oneshot::channel();
        let task = Task { unit, reply, queued: Instant::now() };
        self.push(if alone { Job::Alone(task) } else { Job::Together(task) })?;
        Ok(answer)
    }

    fn push(&self, job: Job) -> Result<(), Failure> {
        let start = self.queue.push(job).inspect_err(|_| self.counters.refused.add(1))?;
        if start && let Some(this) = self.this.upgrade() {
            self.threads.submit(this);
        }
        Ok(())
    }

    /// Until when somebody who comes now waits for a reader.
    fn latest(&self) -> Instant {
        Instant::now() + self.options.deadline
    }

    fn late(&self, failure: Failure) -> Error {
        self.counters.reads_late.add(1);
        failure.into_error()
    }

    pub(super) fn counted<R>(&self, result: Result<R>) -> Result<R> {
        self.counters.reads.add(1);
        if matches!(result, Err(Error::Unavailable(_))) {
            self.counters.reads_late.add(1);
        }
        result
    }

    /// Has the log synced soon, unless that is under way.
    fn arm_sync(&self) {
        if !self.sync_due.swap(true, Ordering::AcqRel) {
            self.threads.log_sync().arm(Weak::clone(&self.this) as Weak<dyn Synced>);
        }
    }
}

impl Turn for Embedded {
    fn turn(&self) -> bool {
        let mut guard = self.writer.lock();
        let (writer, upkeep) = &mut *guard;
        let committed = match self.queue.pop() {
            None => false,
            Some(Job::Together(task)) => match writer.still_wanted(task) {
                Some(task) => writer.together(task, &self.queue),
                None => false,
            },
            Some(Job::Alone(task)) => match writer.still_wanted(task) {
                Some(task) => writer.alone(task),
                None => false,
            },
            Some(Job::Maintain(reply)) => {
                let _ = reply.send(writer.connection().and_then(Upkeep::daily));
                false
            }
            Some(Job::Close(reply)) => {
                writer.close();
                let _ = reply.send(());
                false
            }
        };
        if committed {
            if self.options.durability == Durability::Normal {
                self.arm_sync();
            }
            if upkeep.cut_log(writer, self.readers.long_read()) {
                self.counters.log_cuts.add(1);
            }
        }
        self.queue.end_turn()
    }
}

impl Synced for Embedded {
    fn sync_log(&self) {
        // First the flag: a commit from here on asks for another sync.
        self.sync_due.store(false, Ordering::Release);
        self.counters.syncs.add(1);
        if let Err(error) = sync_file(&self.log) {
            self.counters.syncs_failed.add(1);
            tracing::error!(log = %self.log.display(), %error, "the log could not be synced");
        }
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded").field("path", &self.path).finish_non_exhaustive()
    }
}

fn lost() -> Failure {
    Failure::internal("a unit of work", "the writer gave it up")
}

/// The file that the engine keeps next to the database for what is committed and not yet copied into it.
fn log_of(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push("-wal");
    PathBuf::from(name)
}
