//! When each part of a database was last written, so that a unit can depend on what was read before it.
//!
//! A part is whatever its writers and readers agree to call by one name (a collection). Numbers grow with each commit that
//! touches something. A reader takes the number before its snapshot begins: a commit that it does not see has a larger one.
//! Apart from that each COMMIT is counted, so that two readers can tell whether they see the same moment.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

#[derive(Debug, Default)]
pub(super) struct Marks {
    latest: AtomicU64,
    /// Grows before each COMMIT and after it: odd while one is on.
    commits: AtomicU64,
    parts: Mutex<HashMap<String, u64>>,
}

impl Marks {
    /// The number of the last commit that touched anything.
    pub(super) fn latest(&self) -> u64 {
        self.latest.load(Ordering::Acquire)
    }

    /// Notes parts that were touched by a commit that is done. Only the writer calls it.
    pub(super) fn note(&self, touched: &[String]) {
        if touched.is_empty() {
            return;
        }
        let mut parts = self.parts.lock();
        let number = self.latest.load(Ordering::Relaxed) + 1;
        for part in touched {
            match parts.get_mut(part) {
                Some(last) => *last = number,
                None => drop(parts.insert(part.clone(), number)),
            }
        }
        self.latest.store(number, Ordering::Release);
    }

    /// Runs a COMMIT. Only the writer calls it.
    pub(super) fn commit<R>(&self, run: impl FnOnce() -> R) -> R {
        self.commits.fetch_add(1, Ordering::SeqCst);
        let result = run();
        self.commits.fetch_add(1, Ordering::SeqCst);
        result
    }

    /// The moment before the next COMMIT; `None` while one is on, when nobody can say what a reader will see.
    pub(super) fn still(&self) -> Option<u64> {
        let commits = self.commits.load(Ordering::SeqCst);
        commits.is_multiple_of(2).then_some(commits)
    }

    /// Whether a part was touched by a commit after the one of that number.
    pub(super) fn is_touched(&self, part: &str, since: u64) -> bool {
        self.parts.lock().get(part).is_some_and(|last| *last > since)
    }
}
