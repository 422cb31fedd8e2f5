//! A small fixed pool of threads that all stores share: an idle store costs none.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

use super::log_sync::LogSync;
use crate::tasks;

/// Something with work to do, a batch at a time.
pub(super) trait Turn: Send + Sync {
    /// Does one batch; true when there is more.
    fn turn(&self) -> bool;
}

/// The pool. Clones are the same threads; they end when the last clone is gone and the work is done.
#[derive(Clone)]
pub struct Threads {
    owner: Arc<Owner>,
}

struct Owner {
    shared: Arc<Shared>,
    log_sync: LogSync,
}

#[derive(Default)]
struct Shared {
    line: Mutex<Line>,
    wake: Condvar,
}

#[derive(Default)]
struct Line {
    /// A store stands here at most once, which bounds it.
    turns: VecDeque<Arc<dyn Turn>>,
    idle: usize,
    ended: bool,
}

impl Threads {
    /// Starts `count` threads, at least one.
    ///
    /// # Errors
    /// When the system has no more threads to give.
    pub fn start(count: usize) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        for number in 0..count.max(1) {
            let shared = Arc::clone(&shared);
            tasks::thread(format!("db-{number}"), move || shared.work())?;
        }
        Ok(Self { owner: Arc::new(Owner { shared, log_sync: LogSync::start()? }) })
    }

    pub(super) fn submit(&self, turn: Arc<dyn Turn>) {
        self.owner.shared.submit(turn);
    }

    pub(super) fn log_sync(&self) -> &LogSync {
        &self.owner.log_sync
    }
}

impl fmt::Debug for Threads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Threads").field("waiting", &self.owner.shared.line.lock().turns.len()).finish_non_exhaustive()
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.shared.line.lock().ended = true;
        self.shared.wake.notify_all();
    }
}

impl Shared {
    fn submit(&self, turn: Arc<dyn Turn>) {
        let mut line = self.line.lock();
        line.turns.push_back(turn);
        let sleeping = line.idle > 0;
        drop(line);
        if sleeping {
            self.wake.notify_one();
        }
    }

    fn work(&self) {
        while let Some(turn) = self.next() {
            // A panic must not cost the pool a thread; the store goes on with its next job.
            let more = catch_unwind(AssertUnwindSafe(|| turn.turn())).unwrap_or_else(|_| {
                tracing::error!("a turn of a database panicked");
                true
            });
            if more {
                // Behind the others, for fairness; nobody is woken, since this thread looks next.
                self.line.lock().turns.push_back(turn);
            }
        }
    }

    fn next(&self) -> Option<Arc<dyn Turn>> {
        let mut line = self.line.lock();
        loop {
            if let Some(turn) = line.turns.pop_front() {
                return Some(turn);
            }
            if line.ended {
                return None;
            }
            line.idle += 1;
            self.wake.wait(&mut line);
            line.idle -= 1;
        }
    }
}
