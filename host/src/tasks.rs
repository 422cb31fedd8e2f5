//! Background work that can be told to stop and be waited for. The only place that spawns.

use crate::error::{Error, Result};
use std::future::Future;
use std::io;
use std::thread;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The tasks of one owner (the host, a tenant). Clones are the same set.
#[derive(Debug, Clone, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Tasks {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A set of its own that also stops when this one does; it must be waited for on its own.
    #[must_use]
    pub fn child(&self) -> Self {
        Self { tracker: TaskTracker::new(), stop: self.stop.child_token() }
    }

    /// Starts a task that ends by itself; [`Tasks::finish`] waits for it.
    pub fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.tracker.spawn(task)
    }

    /// Starts a task that is dropped, at its next await, when the owner stops. `None` then.
    pub fn spawn_until_stop<F>(&self, task: F) -> JoinHandle<Option<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let stop = self.stop.clone();
        self.tracker.spawn(async move { stop.run_until_cancelled(task).await })
    }

    /// Runs blocking work on tokio's threads for that.
    pub fn spawn_blocking<R: Send + 'static>(&self, work: impl FnOnce() -> R + Send + 'static) -> JoinHandle<R> {
        self.tracker.spawn_blocking(work)
    }

    /// Resolves when the owner stops.
    pub async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Tells every task to stop and waits; false when some still run after `grace`.
    pub async fn finish(&self, grace: Duration) -> bool {
        self.stop.cancel();
        self.tracker.close();
        tokio::time::timeout(grace, self.tracker.wait()).await.is_ok()
    }
}

/// Runs blocking work on tokio's threads for that and waits for it.
///
/// # Errors
/// `Internal` when the work panics.
pub async fn blocking<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> Result<R> {
    #[expect(clippy::disallowed_methods, reason = "this is the function to use instead")]
    let running = tokio::task::spawn_blocking(work);
    running.await.map_err(|error| Error::internal("blocking work", error))
}

/// Starts a thread of the operating system.
///
/// # Errors
/// When the system has no more threads to give.
pub fn thread(name: String, body: impl FnOnce() + Send + 'static) -> io::Result<thread::JoinHandle<()>> {
    thread::Builder::new().name(name).spawn(body)
}

/// The same with a stack of so many bytes.
///
/// # Errors
/// As [`thread`].
pub fn thread_of(
    name: String,
    stack_bytes: usize,
    body: impl FnOnce() + Send + 'static,
) -> io::Result<thread::JoinHandle<()>> {
    thread::Builder::new().name(name).stack_size(stack_bytes).spawn(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn stopping_reaches_children_and_waits_for_the_rest() {
        let tasks = Tasks::new();
        let child = tasks.child();
        let endless = child.spawn_until_stop(std::future::pending::<()>());
        let short = tasks.spawn(async { 7 });
        assert!(tasks.finish(Duration::from_secs(5)).await);
        assert!(child.is_stopping() && child.finish(Duration::from_secs(5)).await);
        assert_eq!(endless.await.unwrap(), None);
        assert_eq!(short.await.unwrap(), 7);
    }

    #[tokio::test]
    async fn grace_ends() {
        let tasks = Tasks::new();
        let stubborn = tasks.spawn(std::future::pending::<()>());
        assert!(!tasks.finish(Duration::from_millis(10)).await);
        stubborn.abort();
    }
}
