//! The clock behind deadlines: a thread that advances the engine's epoch while calls run, and sleeps when none does.

use crate::error::{Error, Result};
use crate::tasks;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::Thread;
use std::time::Duration;

/// Ticks without any call after which the thread goes to sleep. Long enough that a steady trickle of calls does not
/// wake it for each one.
const IDLE_TICKS: u32 = 100;

pub(super) struct Ticker {
    shared: Arc<Shared>,
    thread: Thread,
}

#[derive(Default)]
struct Shared {
    running: AtomicUsize,
    /// Calls ever begun, to see whether there were any between two ticks.
    begun: AtomicUsize,
    asleep: AtomicBool,
    ended: AtomicBool,
}

/// A call that runs; the epoch advances as long as it lives.
#[must_use]
pub struct Running<'a>(&'a Shared);

impl std::fmt::Debug for Running<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Running")
    }
}

impl Ticker {
    pub(super) fn start(engine: wasmtime::Engine, tick: Duration) -> Result<Self> {
        let shared = Arc::new(Shared::default());
        let theirs = shared.clone();
        let handle = tasks::thread("plugin-epoch".to_owned(), move || theirs.work(&engine, tick))
            .map_err(|error| Error::internal("start the clock for plugins", error))?;
        Ok(Self { shared, thread: handle.thread().clone() })
    }

    /// Either this sees that the thread sleeps, or the thread, about to sleep, sees this call: both sides write first
    /// and then read, in one order for all (`SeqCst`).
    pub(super) fn running(&self) -> Running<'_> {
        self.shared.begun.fetch_add(1, Ordering::Relaxed);
        self.shared.running.fetch_add(1, Ordering::SeqCst);
        if self.shared.asleep.load(Ordering::SeqCst) && self.shared.asleep.swap(false, Ordering::SeqCst) {
            self.thread.unpark();
        }
        Running(&self.shared)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.shared.running.load(Ordering::Relaxed) == 0
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

impl Shared {
    fn work(&self, engine: &wasmtime::Engine, tick: Duration) {
        let (mut idle, mut seen) = (0, 0);
        while !self.ended.load(Ordering::SeqCst) {
            // An unpark only makes this tick come early, which no deadline minds.
            std::thread::park_timeout(tick);
            engine.increment_epoch();
            let begun = self.begun.load(Ordering::Relaxed);
            let quiet = begun == seen && self.running.load(Ordering::SeqCst) == 0;
            idle = if quiet { idle + 1 } else { 0 };
            seen = begun;
            if idle > IDLE_TICKS {
                self.sleep();
                idle = 0;
            }
        }
    }

    fn sleep(&self) {
        self.asleep.store(true, Ordering::SeqCst);
        while self.asleep.load(Ordering::SeqCst)
            && self.running.load(Ordering::SeqCst) == 0
            && !self.ended.load(Ordering::SeqCst)
        {
            std::thread::park();
        }
        self.asleep.store(false, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn wait_until(what: impl Fn() -> bool) {
        let start = Instant::now();
        while !what() {
            assert!(start.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn sleeps_when_idle_and_wakes_for_a_call() {
        let engine = wasmtime::Engine::default();
        let ticker = Ticker::start(engine, Duration::from_micros(100)).unwrap();
        for _ in 0..20 {
            wait_until(|| ticker.shared.asleep.load(Ordering::SeqCst));
            let running = ticker.running();
            wait_until(|| !ticker.shared.asleep.load(Ordering::SeqCst));
            assert!(!ticker.is_idle());
            drop(running);
            assert!(ticker.is_idle());
        }
    }
}
