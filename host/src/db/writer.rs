//! Turns units of work into transactions on the one connection that writes.
//!
//! Many units share one transaction, each in a savepoint, so that the price of a COMMIT (and of the sync,
//! with [`Durability::Full`]) is paid once. Nobody hears of success before that COMMIT. An error may take
//! the whole transaction down and the neighbours with it (an interrupted write, a full disk, RAISE(ROLLBACK));
//! then every unit of the batch runs again, in order and alone, and its second answer is the only one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::connection::Connection;
use super::error::Failure;
use super::marks::Marks;
use super::queue::{Queue, Task};
use super::stats::Counters;
use super::unit::{Action, Answer, Guard, Outcome, RowSet, Step, Unit};
use super::{Durability, Options};
use crate::sql::{Sql, ValueRef};

/// Units in one transaction at most.
const GROUP_UNITS: usize = 256;
/// How long a transaction stays open for more units.
const GROUP_TIME: Duration = Duration::from_millis(5);
/// The same when each commit waits for the disk.
const GROUP_TIME_FULL: Duration = Duration::from_millis(10);
/// How long a unit may take that has a transaction to itself: DDL, bulk.
const ALONE_TIME: Duration = Duration::from_mins(1);
/// Rows that a query inside a unit may return.
const QUERY_ROWS: usize = 100_000;
/// Bytes that they may be.
const QUERY_BYTES: usize = 64 << 20;

pub(super) struct Writer {
    /// `None` after a panic whose new connection could not be opened, and once closed.
    conn: Option<Connection>,
    closed: bool,
    path: PathBuf,
    options: Options,
    counters: Arc<Counters>,
    marks: Arc<Marks>,
    /// The batch that is being worked on; kept for its memory.
    batch: Vec<Ran>,
}

/// A unit that ran, in a transaction that is not committed yet.
struct Ran {
    task: Task,
    verdict: Result<Outcome, Broken>,
}

/// Why a unit did not go through.
enum Broken {
    /// The expectation of this step did not hold.
    Step(usize),
    Engine(Failure),
    Panicked,
}

/// Whether a batch can still be committed.
#[derive(PartialEq)]
enum Fate {
    Open,
    Lost,
}

impl Writer {
    pub(super) fn new(
        conn: Connection,
        path: &Path,
        options: Options,
        counters: Arc<Counters>,
        marks: Arc<Marks>,
    ) -> Self {
        Self { conn: Some(conn), closed: false, path: path.to_owned(), options, counters, marks, batch: Vec::new() }
    }

    /// Runs `first` and whoever waits behind it in one transaction; true when something was committed.
    pub(super) fn together(&mut self, first: Task, queue: &Queue) -> bool {
        // Left over only when the last turn panicked; their callers hear that the answer is lost.
        self.batch.clear();
        if let Err(failure) = self.begin() {
            self.settle(first, Err(Broken::Engine(failure)));
            return false;
        }
        match self.fill(first, queue) {
            Fate::Open => self.commit_batch(),
            Fate::Lost => self.rerun(),
        }
    }

    /// Runs one unit in a transaction of its own; true when it was committed.
    pub(super) fn alone(&mut self, task: Task) -> bool {
        let time = task.unit.time.unwrap_or(ALONE_TIME);
        self.set_lengthy(true);
        let committed = self.single(task, time);
        self.set_lengthy(false);
        committed
    }

    /// What takes long may have to end early, and to sort more than fits into memory: the rows of an index.
    fn set_lengthy(&self, is_lengthy: bool) {
        let Some(conn) = &self.conn else { return };
        conn.set_gives_way(is_lengthy);
        if let Err(error) = conn.set_spills(is_lengthy) {
            tracing::warn!(path = %self.path.display(), %error, "choosing a place for temporary tables");
        }
    }

    /// Closes the connection; the engine copies the log into the file and removes it.
    pub(super) fn close(&mut self) {
        self.closed = true;
        if let Some(conn) = self.conn.take()
            && let Err(error) = conn.close()
        {
            tracing::warn!(path = %self.path.display(), %error, "closing a database");
        }
    }

    /// The connection, opened anew if the last one was given up.
    pub(super) fn connection(&mut self) -> Result<&Connection, Failure> {
        if self.closed {
            return Err(Failure::Unavailable("The database is closed."));
        }
        if self.conn.is_none() {
            self.conn = Connection::writer(&self.path, &self.options)
                .map_err(|error| Failure::engine("reopening a database", &error))?;
        }
        self.conn.as_ref().ok_or_else(|| Failure::internal("reopening a database", "the file was exchanged"))
    }

    fn begin(&mut self) -> Result<(), Failure> {
        let conn = self.connection()?;
        if !conn.is_autocommit() {
            // A turn that panicked between two units left its transaction behind.
            let _ = conn.control("ROLLBACK");
        }
        conn.set_deadline(None);
        let begun = conn.control("BEGIN IMMEDIATE");
        begun.map_err(|error| {
            let failure = Failure::engine("beginning a transaction", &error);
            if !matches!(failure, Failure::Unavailable(_)) {
                self.conn = None;
            }
            failure
        })
    }

    /// Runs units into the open transaction until there is no more or it is time to commit.
    fn fill(&mut self, first: Task, queue: &Queue) -> Fate {
        let started = Instant::now();
        let until = started
            + match self.options.durability {
                Durability::Normal => GROUP_TIME,
                Durability::Full => GROUP_TIME_FULL,
            };
        let mut now = started;
        let mut next = Some(first);
        while let Some(task) = next {
            let (verdict, fate) = self.join(&task.unit, now);
            self.batch.push(Ran { task, verdict });
            if fate == Fate::Lost {
                return fate;
            }
            now = Instant::now();
            next = None;
            while self.batch.len() < GROUP_UNITS && now < until && next.is_none() {
                let Some(task) = queue.pop_mate() else { return Fate::Open };
                next = self.still_wanted(task);
            }
        }
        Fate::Open
    }

    /// Runs one unit inside the open transaction. The first one needs no savepoint: there is nobody yet
    /// whom its failure could hurt.
    fn join(&mut self, unit: &Unit, now: Instant) -> (Result<Outcome, Broken>, Fate) {
        let Some(conn) = &self.conn else {
            return (Err(Broken::Engine(Failure::Unavailable("The database is closed."))), Fate::Lost);
        };
        let first = self.batch.is_empty();
        conn.set_deadline(now.checked_add(self.shared_time()));
        if !first && let Err(error) = conn.control("SAVEPOINT unit") {
            return (Err(Broken::Engine(Failure::engine("a savepoint", &error))), Fate::Lost);
        }
        let verdict = attempt(conn, unit, |part, since| self.is_touched(part, since));
        // The engine may report a deadline even at the end of a statement that has done its work.
        conn.set_deadline(None);
        let kept = match &verdict {
            Ok(_) if first => Ok(()),
            Ok(_) => conn.control("RELEASE unit"),
            Err(Broken::Panicked) => {
                self.reopen();
                return (verdict, Fate::Lost);
            }
            Err(_) if first || conn.is_autocommit() => return (verdict, Fate::Lost),
            Err(_) => conn.control("ROLLBACK TO unit").and_then(|()| conn.control("RELEASE unit")),
        };
        (verdict, if kept.is_ok() { Fate::Open } else { Fate::Lost })
    }

    /// Whether a part was touched since: by a commit, or by a neighbour in the transaction that is open.
    fn is_touched(&self, part: &str, since: u64) -> bool {
        let neighbours = self.batch.iter().filter(|ran| ran.verdict.is_ok());
        self.marks.is_touched(part, since)
            || neighbours.flat_map(|ran| &ran.task.unit.touched).any(|touched| touched == part)
    }

    /// COMMIT, then the callbacks in order, then the answers.
    fn commit_batch(&mut self) -> bool {
        if self.commit().is_err() {
            return self.rerun();
        }
        let mut batch = std::mem::take(&mut self.batch);
        for ran in &mut batch {
            if let Ok(outcome) = &ran.verdict {
                self.publish(&mut ran.task.unit, outcome);
            }
        }
        for ran in batch.drain(..) {
            self.answer(ran.task, ran.verdict);
        }
        self.batch = batch;
        true
    }

    /// The transaction is gone: what the units saw in it never was. Each runs again by itself, except one
    /// that panicked, one that used up its time, and one that was alone and has had its answer.
    fn rerun(&mut self) -> bool {
        self.abandon();
        let mut batch = std::mem::take(&mut self.batch);
        let alone = batch.len() == 1;
        let mut committed = false;
        for ran in batch.drain(..) {
            match ran.verdict {
                Err(broken) if alone => self.settle(ran.task, Err(broken)),
                Err(broken @ (Broken::Panicked | Broken::Engine(Failure::Deadline))) => {
                    self.settle(ran.task, Err(broken));
                }
                _ => {
                    self.counters.rerun.add(1);
                    committed |= self.single(ran.task, self.shared_time());
                }
            }
        }
        self.batch = batch;
        committed
    }

    fn single(&mut self, task: Task, limit: Duration) -> bool {
        let verdict = self.transaction(&task.unit, limit);
        let committed = verdict.is_ok();
        self.settle(task, verdict);
        committed
    }

    fn transaction(&mut self, unit: &Unit, limit: Duration) -> Result<Outcome, Broken> {
        self.begin().map_err(Broken::Engine)?;
        let conn = self.connection().map_err(Broken::Engine)?;
        conn.set_deadline(Instant::now().checked_add(limit));
        let marks = Arc::clone(&self.marks);
        let verdict =
            attempt(self.connection().map_err(Broken::Engine)?, unit, |part, since| marks.is_touched(part, since));
        match verdict {
            Ok(outcome) => {
                if let Some(call) = &unit.before {
                    call();
                }
                if let Err(error) = self.commit() {
                    self.abandon();
                    return Err(Broken::Engine(Failure::engine("COMMIT", &error)));
                }
                Ok(outcome)
            }
            Err(Broken::Panicked) => {
                self.reopen();
                Err(Broken::Panicked)
            }
            Err(broken) => {
                self.abandon();
                Err(broken)
            }
        }
    }

    fn commit(&mut self) -> rusqlite::Result<()> {
        let Some(conn) = &self.conn else { return Err(rusqlite::Error::InvalidQuery) };
        conn.set_deadline(None);
        self.marks.commit(|| conn.control("COMMIT"))?;
        self.counters.commits.add(1);
        Ok(())
    }

    /// Rolls back whatever is open; a connection that cannot even do that is given up.
    fn abandon(&mut self) {
        if let Some(conn) = &self.conn {
            conn.set_deadline(None);
            if !conn.is_autocommit() && conn.control("ROLLBACK").is_err() {
                self.conn = None;
            }
        }
    }

    /// After a panic nobody knows what state the connection is in.
    fn reopen(&mut self) {
        self.counters.panics.add(1);
        self.conn = None;
        if let Err(failure) = self.connection() {
            tracing::error!(path = %self.path.display(), ?failure, "a database could not be reopened");
        }
    }

    /// Publishes and answers a unit whose own transaction is over.
    fn settle(&self, mut task: Task, verdict: Result<Outcome, Broken>) {
        if let Ok(outcome) = &verdict {
            self.publish(&mut task.unit, outcome);
        }
        self.answer(task, verdict);
    }

    fn answer(&self, task: Task, verdict: Result<Outcome, Broken>) {
        let counter = if verdict.is_ok() { &self.counters.committed } else { &self.counters.failed };
        counter.add(1);
        let reply = verdict.map_err(|broken| match broken {
            Broken::Engine(failure) => failure,
            Broken::Panicked => Failure::internal("a unit of work", "panicked"),
            Broken::Step(index) => match task.unit.otherwise(index) {
                Some(error) => Failure::Refused(error),
                None => Failure::internal("a unit of work", "a step without an error was refused"),
            },
        });
        // Nobody listens when the caller has gone; the write stands all the same.
        let _ = task.reply.send(reply);
    }

    /// Tells the world about a committed unit. A callback that panics must not cost the others theirs.
    fn publish(&self, unit: &mut Unit, outcome: &Outcome) {
        self.marks.note(&unit.touched);
        for call in unit.after.drain(..) {
            if catch_unwind(AssertUnwindSafe(|| call(outcome))).is_err() {
                tracing::error!("a callback after a commit panicked");
            }
        }
    }

    /// For a unit that shares a transaction: short enough that those behind it do not give up waiting.
    fn shared_time(&self) -> Duration {
        self.options.deadline / 2
    }

    /// Drops work that nobody waits for, or that waited too long to be worth doing.
    pub(super) fn still_wanted(&self, task: Task) -> Option<Task> {
        if task.reply.is_closed() {
            self.counters.abandoned.add(1);
            return None;
        }
        if task.queued.elapsed() > self.options.deadline {
            self.counters.refused.add(1);
            let _ = task.reply.send(Err(Failure::Unavailable("The write waited too long.")));
            return None;
        }
        Some(task)
    }
}

fn attempt(conn: &Connection, unit: &Unit, is_touched: impl Fn(&str, u64) -> bool) -> Result<Outcome, Broken> {
    catch_unwind(AssertUnwindSafe(|| apply(conn, unit, is_touched))).unwrap_or(Err(Broken::Panicked))
}

fn apply(conn: &Connection, unit: &Unit, is_touched: impl Fn(&str, u64) -> bool) -> Result<Outcome, Broken> {
    let mut outcome = Outcome::default();
    unit.stands_at(None);
    for (index, step) in unit.steps.iter().enumerate() {
        let done = match &step.action {
            Action::Untouched { since, .. } if is_touched(&since.part, since.moment) => Err(Broken::Step(index)),
            Action::Guard { unless: Some(since), .. } if !is_touched(&since.part, since.moment) => Ok(()),
            _ => carry_out(conn, index, step, &mut outcome),
        };
        done.inspect_err(|_| unit.stands_at(Some(index)))?;
    }
    Ok(outcome)
}

fn carry_out(conn: &Connection, index: usize, step: &Step, outcome: &mut Outcome) -> Result<(), Broken> {
    let engine = |error: rusqlite::Error| broken(&error);
    match &step.action {
        Action::Run => {
            conn.run(&step.sql).map_err(engine)?;
        }
        Action::Expect { rows, .. } => {
            if conn.run(&step.sql).map_err(engine)? != *rows {
                return Err(Broken::Step(index));
            }
        }
        Action::Guard { guard, .. } => {
            if found(conn, &step.sql)? != (*guard == Guard::SomeRow) {
                return Err(Broken::Step(index));
            }
        }
        // Looked at by the caller, who knows the marks.
        Action::Untouched { .. } => {}
        Action::Count => outcome.answers.push(Answer::Count(conn.run(&step.sql).map_err(engine)?)),
        Action::Query => outcome.answers.push(Answer::Rows(query(conn, &step.sql)?)),
        #[cfg(test)]
        Action::Panic => panic!("a test asked for it"),
    }
    Ok(())
}

fn broken(error: &rusqlite::Error) -> Broken {
    Broken::Engine(Failure::engine("a unit of work", error))
}

fn found(conn: &Connection, select: &Sql) -> Result<bool, Broken> {
    let mut found = false;
    conn.each(select, broken, |_| {
        found = true;
        Ok(false)
    })?;
    Ok(found)
}

fn query(conn: &Connection, sql: &Sql) -> Result<RowSet, Broken> {
    let mut rows = RowSet::default();
    let mut count = 0;
    let mut bytes_left = QUERY_BYTES;
    conn.each(sql, broken, |row| {
        count += 1;
        if count > QUERY_ROWS {
            return Err(Broken::Engine(Failure::TooBig));
        }
        rows.width = row.width();
        for index in 0..rows.width {
            let length = match row.get(index) {
                ValueRef::Text(text) => text.len(),
                ValueRef::Blob(bytes) => bytes.len(),
                _ => 0,
            };
            let left = bytes_left.checked_sub(length).ok_or(Broken::Engine(Failure::TooBig))?;
            bytes_left = left;
            rows.values.push(row.value(index));
        }
        Ok(true)
    })?;
    Ok(rows)
}
