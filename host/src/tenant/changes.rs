//! The feed of committed changes. Published by the writer after each commit, in commit order; followed
//! by realtime. `records` publishes and knows no follower. Their numbers are those of the history.

use crate::model::Change;
use parking_lot::RwLock;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The changes of one commit, in their order.
pub type Together = Arc<[Arc<Change>]>;

/// A change with its place in the order of commits.
#[derive(Debug, Clone)]
pub struct Committed {
    pub seq: u64,
    pub change: Arc<Change>,
    pub together: Together,
}

type Follower = Box<dyn Fn(&Committed) + Send + Sync>;

#[derive(Default)]
pub struct Changes {
    seq: AtomicU64,
    /// The least number of a change of this process.
    base: AtomicU64,
    followers: RwLock<Vec<Follower>>,
}

impl fmt::Debug for Changes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Changes").field("seq", &self.seq).finish_non_exhaustive()
    }
}

impl Changes {
    /// Calls `follower` with every change from now on, on the writer's thread: it must hand over and return.
    pub fn follow(&self, follower: impl Fn(&Committed) + Send + Sync + 'static) {
        self.followers.write().push(Box::new(follower));
    }

    /// Goes on after the last change that the history has. `now_ms` is when the database was opened: numbers begin
    /// there, so that none means one thing before a backup is restored and another thing after it.
    pub fn begin(&self, last: u64, now_ms: i64) {
        self.seq.store(last, Ordering::Relaxed);
        self.base.store(u64::try_from(now_ms).unwrap_or_default().saturating_mul(1_000), Ordering::Relaxed);
    }

    /// What the numbers of this process are larger than.
    #[must_use]
    pub fn base(&self) -> u64 {
        self.base.load(Ordering::Relaxed)
    }

    /// Tells the followers what was committed together. Only ever called from a unit's `after_commit`. `first` is the
    /// number of the first change in the history; `unkept` are changes that the history does not have.
    pub fn publish(&self, first: Option<u64>, changes: Vec<Change>, unkept: Vec<Change>) {
        let kept = changes.len();
        let changes = changes.into_iter().chain(unkept);
        let together: Together = changes.map(Arc::new).collect();
        let first = first.unwrap_or_else(|| self.seq() + 1);
        for (index, change) in together.iter().enumerate() {
            // What is not in the history has no number of its own.
            let seq = first + (index.min(kept.saturating_sub(1)) as u64);
            self.seq.store(seq, Ordering::Relaxed);
            let committed = Committed { seq, change: change.clone(), together: together.clone() };
            for follower in self.followers.read().iter() {
                follower(&committed);
            }
        }
    }

    /// The number of the last change.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq.load(Ordering::Relaxed)
    }
}
