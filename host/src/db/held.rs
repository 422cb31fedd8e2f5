//! A snapshot that outlives one read: for a plugin's call, whose reads must all see the same moment.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::OwnedSemaphorePermit;

use super::connection::Connection;
use super::embedded::Embedded;
use super::error::Failure;
use super::readers::Snapshot;
use crate::error::Result;

/// A reader with an open transaction, until it is dropped. Its moment is that of the first read. There are
/// few of them, and the log cannot start again while one is open, so it must not be kept for long.
pub struct Held {
    store: Arc<Embedded>,
    /// `None` only while it is dropped.
    conn: Option<Connection>,
    moment: u64,
    _permit: OwnedSemaphorePermit,
}

impl Held {
    pub(super) fn new(store: Arc<Embedded>, conn: Connection, permit: OwnedSemaphorePermit) -> Result<Self> {
        conn.set_on_worker(None);
        // Before the transaction: what is committed in between is seen, and at worst taken for unseen.
        let moment = store.marks().latest();
        conn.control("BEGIN").map_err(|error| Failure::engine("a held snapshot", &error).into_error())?;
        Ok(Self { store, conn: Some(conn), moment, _permit: permit })
    }

    /// The moment of the snapshot, for [`super::Unit::expect_untouched`].
    #[must_use]
    pub fn moment(&self) -> u64 {
        self.moment
    }

    /// Reads; a statement that still runs at `until` is interrupted. Not for tokio's threads.
    ///
    /// # Errors
    /// That of `job`, [`crate::error::Error::Unavailable`] after the deadline.
    pub fn read<R>(&mut self, until: Instant, job: impl FnOnce(&mut Snapshot<'_>) -> Result<R>) -> Result<R> {
        let Some(conn) = &self.conn else {
            return Err(Failure::internal("a held snapshot", "used after its end").into_error());
        };
        conn.set_deadline(Some(until));
        let result = job(&mut Snapshot::new(conn));
        conn.set_deadline(None);
        self.store.counted(result)
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("store", &self.store).finish_non_exhaustive()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            conn.set_deadline(None);
            if !std::thread::panicking() && conn.control("COMMIT").is_ok() {
                self.store.readers().give_back(conn);
            }
        }
    }
}
