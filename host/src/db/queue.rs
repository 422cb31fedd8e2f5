//! The bounded line of work in front of a store's writer.
//!
//! One lock guards the jobs and the flag that says somebody is working them off. That makes the only
//! subtle moment plain: a job is either seen by the turn that is about to end or starts a new one.

use std::collections::VecDeque;
use std::time::Instant;

use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::error::Failure;
use super::unit::{Outcome, Unit};

/// A unit that waits, with whom to tell.
pub(super) struct Task {
    pub unit: Unit,
    pub reply: oneshot::Sender<Result<Outcome, Failure>>,
    pub queued: Instant,
}

/// What the writer can be asked for.
pub(super) enum Job {
    /// May share a transaction with its neighbours.
    Together(Task),
    /// Has a transaction of its own.
    Alone(Task),
    /// Housekeeping between transactions.
    Maintain(oneshot::Sender<Result<(), Failure>>),
    /// The last job: closes the writer's connection.
    Close(oneshot::Sender<()>),
}

pub(super) struct Queue {
    state: Mutex<State>,
    capacity: usize,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    draining: bool,
    closed: bool,
}

impl Queue {
    pub(super) fn new(capacity: usize) -> Self {
        Self { state: Mutex::default(), capacity }
    }

    /// Adds a job; true when the caller must see to it that a turn is taken.
    pub(super) fn push(&self, job: Job) -> Result<bool, Failure> {
        let mut state = self.state.lock();
        let last = matches!(job, Job::Close(_));
        if state.closed && !last {
            return Err(Failure::Unavailable("The database is being closed."));
        }
        if state.jobs.len() >= self.capacity && !last {
            return Err(Failure::Unavailable("Too many writes are waiting."));
        }
        state.jobs.push_back(job);
        Ok(!std::mem::replace(&mut state.draining, true))
    }

    /// The next job of any kind.
    pub(super) fn pop(&self) -> Option<Job> {
        self.state.lock().jobs.pop_front()
    }

    /// The next job, if it may join the transaction that is open.
    pub(super) fn pop_mate(&self) -> Option<Task> {
        let mut state = self.state.lock();
        match state.jobs.pop_front()? {
            Job::Together(task) => Some(task),
            other => {
                state.jobs.push_front(other);
                None
            }
        }
    }

    /// Ends a turn; true when another one is due, otherwise the next push asks for it.
    pub(super) fn end_turn(&self) -> bool {
        let mut state = self.state.lock();
        state.draining = !state.jobs.is_empty();
        state.draining
    }

    /// Takes no more work, apart from the last job.
    pub(super) fn close(&self) {
        self.state.lock().closed = true;
    }

    pub(super) fn len(&self) -> usize {
        self.state.lock().jobs.len()
    }
}
