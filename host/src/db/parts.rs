//! A long reading in parts that go on at the same time, each on a connection and a thread of its own, all of one moment.
//!
//! A walk through a large table is work for one core while the others may have none. Whoever reads says how the rows
//! are divided; here is whether there is anybody to read the other parts, and that all see the same rows.

use std::thread;
use std::time::Instant;

use tokio::sync::SemaphorePermit;

use super::connection::Connection;
use super::error::Failure;
use super::readers::{Readers, Snapshot};
use crate::error::{Error, Result};

/// Parts at most: they wait for the same memory, and others want to read as well.
const PARTS_MAX: usize = 4;

/// What the readers of other parts are taken from.
#[derive(Clone, Copy)]
pub(super) struct Beside<'a> {
    readers: &'a Readers,
    /// That of [`super::marks::Marks::still`], before the first snapshot began.
    moment: u64,
    until: Option<Instant>,
}

impl<'a> Beside<'a> {
    pub(super) fn new(readers: &'a Readers, moment: u64, until: Option<Instant>) -> Self {
        Self { readers, moment, until }
    }

    /// Somebody who reads what the first snapshot sees; `None` when all are busy or something was committed since.
    fn reader(&self) -> Result<Option<(Connection, SemaphorePermit<'a>)>> {
        let Ok(permit) = self.readers.ordinary_permits().try_acquire() else { return Ok(None) };
        let conn = self.readers.take().map_err(Failure::into_error)?;
        conn.set_deadline(self.until);
        conn.set_on_worker(None);
        conn.set_gives_way(false);
        conn.control("BEGIN").and_then(|()| conn.version()).map_err(|error| begun(&error))?;
        if self.readers.marks().still() == Some(self.moment) {
            return Ok(Some((conn, permit)));
        }
        self.end(conn);
        Ok(None)
    }

    fn end(&self, conn: Connection) {
        conn.set_deadline(None);
        if conn.control("COMMIT").is_ok() {
            self.readers.give_back(conn);
        }
    }
}

impl<'a> Snapshot<'a> {
    /// Into how many parts a long reading is best divided just now; one when it had better not be.
    #[must_use]
    pub fn parts(&self) -> usize {
        let Some(beside) = self.beside.filter(|_| !self.conn.is_limited()) else { return 1 };
        // One of them stays free for short reads.
        beside.readers.cores().min(PARTS_MAX).min(beside.readers.ordinary_permits().available_permits()).max(1)
    }

    /// Has `job` read each of so many parts, at the same time and of the same moment. `None`, and nothing was read, when there is
    /// nobody to do so, or something was committed meanwhile.
    ///
    /// # Errors
    /// That of the first part which has one.
    pub fn in_parts<R: Send>(
        &mut self,
        parts: usize,
        job: impl Fn(usize, &mut Snapshot<'_>) -> Result<R> + Sync,
    ) -> Result<Option<Vec<R>>> {
        let Some(beside) = self.beside else { return Ok(None) };
        // The first snapshot begins before the others, if it has not yet.
        self.conn.version().map_err(|error| begun(&error))?;
        let mut others = Vec::new();
        while others.len() + 1 < parts {
            let Some(other) = beside.reader()? else {
                for (conn, _permit) in others {
                    beside.end(conn);
                }
                return Ok(None);
            };
            others.push(other);
        }
        let job = &job;
        let results = thread::scope(|scope| {
            let start = |index: usize, other: (Connection, SemaphorePermit<'a>)| {
                let part = move || {
                    let result = job(index, &mut Snapshot::new(&other.0));
                    beside.end(other.0);
                    drop(other.1);
                    result
                };
                thread::Builder::new().name("db-part".to_owned()).spawn_scoped(scope, part)
            };
            let others: Vec<_> = others.into_iter().enumerate().map(|(index, other)| start(index + 1, other)).collect();
            let mut results = vec![job(0, self)];
            for (index, other) in others.into_iter().enumerate() {
                results.push(match other {
                    Ok(other) => other.join().unwrap_or_else(|_| Err(panicked())),
                    // The system has no more threads to give.
                    Err(_) => job(index + 1, self),
                });
            }
            results
        });
        results.into_iter().collect::<Result<Vec<R>>>().map(Some)
    }
}

fn begun(error: &rusqlite::Error) -> Error {
    Failure::engine("a snapshot", error).into_error()
}

fn panicked() -> Error {
    Failure::internal("a part of a reading", "panicked").into_error()
}
