//! Looks at the clock while a statement runs: to stop it at its deadline, and to get out of the way of
//! tokio's other tasks when it takes long.
//!
//! Most reads are done in some ten microseconds, less than it costs to move a worker's other tasks to
//! another thread first (measured: 10 us of processor time a read against 38 us). So a read begins as it
//! is, and only one that turns out slow moves them, from inside the engine's progress handler.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long a read may keep a worker to itself.
const PATIENCE: Duration = Duration::from_millis(1);
/// How long the first attempt waits for another thread to take the worker's tasks; each further one
/// waits twice as long, since nothing tells whether one succeeded.
const FIRST_WAIT: Duration = Duration::from_micros(100);
const LONGEST_WAIT: Duration = Duration::from_millis(5);

/// Never, as a point in time.
const NEVER: u64 = u64::MAX;
/// As many ticks as it takes.
const ANY: u32 = u32::MAX;

/// Points in time in nanoseconds since `base`, set by whoever runs statements and compared by the engine.
pub(super) struct Watch {
    base: Instant,
    deadline: AtomicU64,
    step_aside: AtomicU64,
    attempts: AtomicU64,
    /// Ticks until the statement is interrupted.
    left: AtomicU32,
    /// How many are left when it is interrupted in case it has found no row.
    left_without_row: AtomicU32,
    /// It may take long, and gives way to a store that is being closed.
    gives_way: AtomicBool,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            base: Instant::now(),
            deadline: AtomicU64::new(NEVER),
            step_aside: AtomicU64::new(NEVER),
            attempts: AtomicU64::new(0),
            left: AtomicU32::new(ANY),
            left_without_row: AtomicU32::new(0),
            gives_way: AtomicBool::new(false),
        }
    }
}

impl Watch {
    /// From `then` on, statements are interrupted; `None` lifts it.
    pub(super) fn set_deadline(&self, then: Option<Instant>) {
        self.deadline.store(then.map_or(NEVER, |then| self.nanos(then)), Ordering::Relaxed);
    }

    /// Says that a worker of tokio has been running this since a moment; `None` for any other thread.
    pub(super) fn set_on_worker(&self, since: Option<Instant>) {
        let then = since.and_then(|since| since.checked_add(PATIENCE));
        self.step_aside.store(then.map_or(NEVER, |then| self.nanos(then)), Ordering::Relaxed);
        self.attempts.store(0, Ordering::Relaxed);
    }

    /// After so many ticks statements are interrupted, after `without_row` when no row was found until then; `None` lifts it.
    pub(super) fn set_ticks(&self, ticks: Option<u32>, without_row: u32) {
        self.left.store(ticks.unwrap_or(ANY), Ordering::Relaxed);
        self.left_without_row.store(ticks.map_or(0, |ticks| ticks.saturating_sub(without_row)), Ordering::Relaxed);
    }

    /// Whether ticks are counted.
    pub(super) fn is_limited(&self) -> bool {
        self.left.load(Ordering::Relaxed) != ANY
    }

    /// Says whether statements are of the kind that may take long.
    pub(super) fn set_gives_way(&self, gives_way: bool) {
        self.gives_way.store(gives_way, Ordering::Relaxed);
    }

    pub(super) fn gives_way(&self) -> bool {
        self.gives_way.load(Ordering::Relaxed)
    }

    /// Says that a statement has found a row.
    pub(super) fn found_row(&self) {
        self.left_without_row.store(0, Ordering::Relaxed);
    }

    /// Whether none of the ticks are left.
    pub(super) fn ran_out(&self) -> bool {
        self.left.load(Ordering::Relaxed) == 0
    }

    /// Called by the engine every so many instructions; true interrupts the statement.
    pub(super) fn tick(&self) -> bool {
        let now = self.nanos(Instant::now());
        if now >= self.step_aside.load(Ordering::Relaxed) {
            self.step_aside();
        }
        self.count() || now >= self.deadline.load(Ordering::Relaxed)
    }

    /// Whether this was the last tick. Only the thread that runs the statement counts.
    fn count(&self) -> bool {
        let left = self.left.load(Ordering::Relaxed);
        if left == ANY {
            return false;
        }
        let is_last = left.saturating_sub(1) <= self.left_without_row.load(Ordering::Relaxed);
        self.left.store(if is_last { 0 } else { left - 1 }, Ordering::Relaxed);
        is_last
    }

    /// Lets another thread take over this worker's tasks. `block_in_place` offers them and takes them back
    /// at its end unless somebody has come for them meanwhile; hence the wait inside. From then on tokio
    /// regards this thread as one that blocks, and further calls do nothing but wait.
    fn step_aside(&self) {
        let attempt = self.attempts.fetch_add(1, Ordering::Relaxed);
        let factor = 1_u32.checked_shl(u32::try_from(attempt).unwrap_or(u32::MAX)).unwrap_or(u32::MAX);
        let wait = FIRST_WAIT.saturating_mul(factor).min(LONGEST_WAIT);
        tokio::task::block_in_place(|| thread::sleep(wait));
        let next = Instant::now().checked_add(PATIENCE.saturating_mul(factor));
        self.step_aside.store(next.map_or(NEVER, |then| self.nanos(then)), Ordering::Relaxed);
    }

    fn nanos(&self, then: Instant) -> u64 {
        u64::try_from(then.saturating_duration_since(self.base).as_nanos()).unwrap_or(NEVER - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ticks until one interrupts, with a row found before the one of that number.
    fn ticks(watch: &Watch, row_before: u32) -> u32 {
        (1..=1_000)
            .find(|tick| {
                if *tick == row_before {
                    watch.found_row();
                }
                watch.tick()
            })
            .unwrap()
    }

    #[test]
    fn what_finds_no_row_ends_sooner() {
        let watch = Watch::default();
        for (limit, without_row, row_before, expected) in
            [(8, 8, 0, 8), (8, 2, 0, 2), (8, 2, 2, 8), (8, 2, 1, 8), (8, 9, 0, 8), (1, 1, 0, 1), (0, 0, 0, 1)]
        {
            watch.set_ticks(Some(limit), without_row);
            assert_eq!(ticks(&watch, row_before), expected, "{limit} {without_row} {row_before}");
            assert!(watch.ran_out());
        }
        watch.set_ticks(None, 0);
        assert!((0..100).all(|_| !watch.tick()) && !watch.ran_out());
    }
}
