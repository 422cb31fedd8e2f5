//! Background work that can be told to stop and be waited for. The only place that spawns.

use crate::error::{Error, Result};
use futures_util::FutureExt as _;
use std::future::Future;
use std::io;
use std::panic::AssertUnwindSafe;
use std::thread;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long to wait before what must be done is tried again.
const INSIST_PAUSE: Duration = Duration::from_millis(200);

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

    /// Runs work to its end, also when whoever waits for it goes away half-way: a handler is dropped where it stands
    /// once its client is gone.
    ///
    /// # Errors
    /// The work's; `Internal` when it panics.
    pub async fn to_its_end<T, F>(&self, work: F) -> Result<T>
    where
        F: Future<Output = Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        self.tracker.spawn(work).await.unwrap_or_else(|error| Err(Error::internal("work to its end", error)))
    }

    /// Does what must be done: tries again after a failure, until the owner stops.
    ///
    /// # Errors
    /// The last one, when the owner stops.
    pub async fn insist<T, F>(&self, what: &'static str, attempt: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        loop {
            match attempt().await {
                Err(error) if !self.is_stopping() => tracing::error!(?error, "could not {what}, trying again"),
                done => return done,
            }
            let _ = tokio::time::timeout(INSIST_PAUSE, self.stopped()).await;
        }
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

    /// How many of them run.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tracker.len()
    }

    /// Whether none of them runs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tracker.is_empty()
    }

    /// Tells every task to stop and waits; false when some still run after `grace`.
    pub async fn finish(&self, grace: Duration) -> bool {
        self.stop.cancel();
        self.tracker.close();
        tokio::time::timeout(grace, self.tracker.wait()).await.is_ok()
    }
}

/// A panic as an error: for a turn of a task that must go on after it.
///
/// # Errors
/// The work's; `Internal` when it panics.
pub async fn caught<T>(what: &'static str, work: impl Future<Output = Result<T>>) -> Result<T> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| Err(Error::internal(what, "panic")))
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
    async fn work_goes_on_when_nobody_waits_for_it() {
        let (tasks, (send, receive)) = (Tasks::new(), tokio::sync::oneshot::channel());
        let (go, gone) = tokio::sync::oneshot::channel::<()>();
        let mut waiting = Box::pin(tasks.to_its_end(async move {
            let _ = gone.await;
            send.send(7).map_err(|_| Error::invalid("nobody listens"))
        }));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(waiting);
        go.send(()).unwrap();
        assert_eq!(receive.await.unwrap(), 7);
    }

    #[tokio::test]
    async fn what_must_be_done_is_tried_again_until_the_owner_stops() {
        let tasks = Tasks::new();
        let tries = std::sync::atomic::AtomicUsize::new(0);
        let attempt = |good: usize| {
            let tries = &tries;
            move || async move {
                let count = tries.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
                if count >= good { Ok(count) } else { Err(Error::Unavailable("busy".into())) }
            }
        };
        assert_eq!(tasks.insist("count", attempt(3)).await.unwrap(), 3);
        assert!(tasks.finish(Duration::from_secs(5)).await);
        let stopped = tasks.insist("count", attempt(usize::MAX)).await;
        assert!(matches!(stopped, Err(Error::Unavailable(_))), "{stopped:?}");
    }

    #[tokio::test]
    async fn grace_ends() {
        let tasks = Tasks::new();
        let stubborn = tasks.spawn(std::future::pending::<()>());
        assert!(!tasks.finish(Duration::from_millis(10)).await);
        stubborn.abort();
    }
}
