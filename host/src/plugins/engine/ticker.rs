//! The clock behind deadlines: a thread that advances the engine's epoch while calls run, and sleeps when none does.

use crate::error::{Error, Result};
use crate::tasks;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::Thread;
use std::time::{Duration, Instant};

/// Ticks without any call after which the thread goes to sleep. Long enough that a steady trickle of calls does not
/// wake it for each one.
const IDLE_TICKS: u32 = 100;

/// Ticks that are made up for at once: a minute of the usual ones, as long as any call may take.
const MISSED_MAX: u32 = 12_000;

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

    /// How many calls run.
    pub(super) fn calls(&self) -> usize {
        self.shared.running.load(Ordering::Relaxed)
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
        let (mut idle, mut seen, mut last) = (0, 0, Instant::now());
        while !self.ended.load(Ordering::SeqCst) {
            std::thread::park_timeout(tick);
            // On a crowded machine this thread comes late, and what it has missed is made up for: deadlines are times. A call
            // that began meanwhile is asked early and says how long it still has.
            let due = ticks_since(&mut last, tick);
            for _ in 0..due {
                engine.increment_epoch();
            }
            let begun = self.begun.load(Ordering::Relaxed);
            let quiet = begun == seen && self.running.load(Ordering::SeqCst) == 0;
            idle = if quiet { idle + 1 } else { 0 };
            seen = begun;
            if idle > IDLE_TICKS {
                self.sleep();
                (idle, last) = (0, Instant::now());
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

/// How many whole ticks have passed since `last`, which is moved on by as many.
fn ticks_since(last: &mut Instant, tick: Duration) -> u32 {
    let passed = last.elapsed().as_nanos() / tick.as_nanos().max(1);
    let due = u32::try_from(passed).unwrap_or(u32::MAX).min(MISSED_MAX);
    *last = if due < MISSED_MAX { *last + tick * due } else { Instant::now() };
    due
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_that_were_missed_are_made_up_for() {
        let tick = Duration::from_millis(5);
        let start = Instant::now();
        let mut last = start.checked_sub(Duration::from_millis(52)).unwrap();
        let due = ticks_since(&mut last, tick);
        assert!(due >= 10 && last <= Instant::now() && last.elapsed() < tick * 2 + start.elapsed(), "{due}");
        let mut long_ago = start.checked_sub(tick * MISSED_MAX).unwrap();
        assert_eq!(ticks_since(&mut long_ago, tick), MISSED_MAX);
        assert!(long_ago >= start, "a machine that slept does not count on");
    }

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
            assert_eq!(ticker.calls(), 1);
            drop(running);
            assert_eq!(ticker.calls(), 0);
        }
    }
}
