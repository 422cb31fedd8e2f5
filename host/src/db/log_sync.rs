//! Syncs the logs of stores that do not sync at each commit, shortly after it.
//!
//! The sync goes through a file handle of its own. That is safe: the engine keeps no advisory locks on
//! the log file (they are on the database and its shared memory, which must never be opened here), and
//! syncing more than the engine asks for cannot break the order it relies on. The file is opened each
//! time, because a log that was emptied and removed is followed by another file of the same name.

use std::collections::VecDeque;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::tasks;

/// From the first commit that is not synced to the start of the sync; with the sync itself it stays
/// within the promised 100 ms on a disk that is not overloaded.
const SYNC_AFTER: Duration = Duration::from_millis(60);

/// A store whose log may hold commits that are not yet on the disk.
pub(super) trait Synced: Send + Sync {
    /// Syncs. The store must ask again for any commit that comes after this was called.
    fn sync_log(&self);
}

/// One thread with the stores that are due, in order. It sleeps while nothing was written.
pub(super) struct LogSync {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    due: Mutex<Due>,
    wake: Condvar,
}

#[derive(Default)]
struct Due {
    /// All wait equally long, so this is sorted by itself. A store stands here at most once.
    stores: VecDeque<(Instant, Weak<dyn Synced>)>,
    ended: bool,
}

impl LogSync {
    pub(super) fn start() -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        tasks::thread("db-sync".to_owned(), move || theirs.work())?;
        Ok(Self { shared })
    }

    /// Has `store` synced soon.
    pub(super) fn arm(&self, store: Weak<dyn Synced>) {
        let mut due = self.shared.due.lock();
        due.stores.push_back((Instant::now() + SYNC_AFTER, store));
        let first = due.stores.len() == 1;
        drop(due);
        if first {
            self.shared.wake.notify_one();
        }
    }
}

impl Drop for LogSync {
    fn drop(&mut self) {
        self.shared.due.lock().ended = true;
        self.shared.wake.notify_one();
    }
}

impl Shared {
    fn work(&self) {
        while let Some(store) = self.next() {
            if let Some(store) = store.upgrade() {
                store.sync_log();
            }
        }
    }

    /// Waits for the next store that is due.
    fn next(&self) -> Option<Weak<dyn Synced>> {
        let mut due = self.due.lock();
        loop {
            match due.stores.front() {
                _ if due.ended => return None,
                None => self.wake.wait(&mut due),
                Some((when, _)) if *when <= Instant::now() => {
                    return due.stores.pop_front().map(|(_, store)| store);
                }
                Some((when, _)) => {
                    let when = *when;
                    self.wake.wait_until(&mut due, when);
                }
            }
        }
    }
}

/// Forces a log file to the disk; a file that is gone was copied into the database and synced with it.
pub(super) fn sync_file(log: &Path) -> io::Result<()> {
    match OpenOptions::new().read(true).write(true).open(log) {
        Ok(file) => file.sync_data(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
