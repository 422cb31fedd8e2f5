//! The feed of committed changes. Published by the writer after each commit, in commit order; followed
//! by realtime. `records` publishes and knows no follower.

use crate::model::Change;
use parking_lot::RwLock;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The changes of one commit, in their order.
pub type Together = Arc<[Arc<Change>]>;

/// A change with its place in the order of commits of this process.
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

    /// Tells the followers what was committed together. Only ever called from a unit's `after_commit`.
    pub fn publish(&self, changes: Vec<Change>) {
        let together: Together = changes.into_iter().map(Arc::new).collect();
        for change in together.iter() {
            let seq = self.seq.fetch_add(1, Ordering::Relaxed) + 1;
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
