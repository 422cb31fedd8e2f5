//! Finds the hooks that are so short that handing their calls to a plugin thread and back would cost more than the
//! calls themselves. Such calls are made where the request is, with little fuel and time; one that needs more is forgotten and
//! made again on a plugin thread, and the hook is not made in place for a while.
//!
//! In place a call has no function of the host: one that asks for any is forgotten before it gets it, like one that runs out of fuel. So nothing
//! that a forgotten call did can be seen.
//!
//! How long a call took is read from the clock on the wall, which costs next to nothing. Only where that says too long, which on a
//! crowded machine it says of any, the next call is measured by its thread's processor time, a system call for each reading.

use super::call::thread_cpu;
use super::limits::in_place;
use super::tally::Usage;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// What the calls of one turn used.
#[derive(Debug, Default, Clone, Copy)]
pub struct Used {
    pub fuel: u64,
    pub host_calls: u32,
}

impl Used {
    pub fn add(&mut self, usage: &Usage) {
        self.fuel += usage.fuel;
        self.host_calls += usage.host_calls;
    }
}

/// What is known about one hook of one version. Races between calls only cost a call on the dearer way.
#[derive(Debug, Default)]
pub struct Pace {
    /// Its last call was short.
    short: AtomicBool,
    /// By the clock on the wall its last call was not, which may be the machine's fault.
    doubted: AtomicBool,
    /// How often a call in place was not.
    strikes: AtomicU32,
    long_until_ms: AtomicI64,
    made_in_place: AtomicU64,
}

impl Pace {
    /// Whether the next call may be made in place.
    pub fn is_short(&self, now_ms: i64) -> bool {
        self.short.load(Relaxed) && now_ms >= self.long_until_ms.load(Relaxed)
    }

    /// Begins to measure a call, on the thread that makes it.
    pub fn watch(&self) -> Watch {
        Watch { wall: Instant::now(), cpu: self.doubted.load(Relaxed).then(thread_cpu) }
    }

    /// Notes what a call used that came to its end, and how long it took: setting up an instance costs no fuel.
    pub fn note(&self, used: Used, took: Took) {
        let Took { time, is_exact } = took;
        let is_long = time > in_place::SHORT_TIME;
        self.doubted.store(is_long, Relaxed);
        let is_frugal = used.host_calls == 0 && used.fuel <= in_place::SHORT_FUEL;
        self.short.store(is_frugal && !(is_long && is_exact), Relaxed);
    }

    /// Notes a call that was made in place.
    pub fn note_in_place(&self, used: Used, took: Took) {
        self.made_in_place.fetch_add(1, Relaxed);
        self.note(used, took);
    }

    /// Notes a call in place that had to be forgotten. The pause doubles each time, but not for one that was short until it asked for a function
    /// of the host.
    pub fn strike(&self, used: Used, now_ms: i64) {
        let only_asked = used.host_calls > 0 && used.fuel <= in_place::SHORT_FUEL;
        let strikes = if only_asked { 0 } else { self.strikes.fetch_add(1, Relaxed).min(in_place::STRIKES_COUNTED) };
        self.long_until_ms.store(now_ms.saturating_add(in_place::PAUSE_MS << strikes), Relaxed);
        self.short.store(false, Relaxed);
    }

    /// How many calls were made in place.
    pub fn made_in_place(&self) -> u64 {
        self.made_in_place.load(Relaxed)
    }
}

/// Measures one call.
#[derive(Debug)]
pub struct Watch {
    wall: Instant,
    cpu: Option<Duration>,
}

/// How long a call took.
#[derive(Debug, Clone, Copy)]
pub struct Took {
    time: Duration,
    /// Processor time; otherwise what passed on the wall, which is as much or more.
    is_exact: bool,
}

impl Watch {
    /// To be asked on the thread that it was begun on.
    #[must_use]
    pub fn took(&self) -> Took {
        match self.cpu {
            Some(before) => Took { time: thread_cpu().saturating_sub(before), is_exact: true },
            None => Took { time: self.wall.elapsed(), is_exact: false },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exactly(time: Duration) -> Took {
        Took { time, is_exact: true }
    }

    fn fuel(fuel: u64) -> Used {
        Used { fuel, host_calls: 0 }
    }

    #[test]
    fn a_hook_has_to_show_that_it_is_short() {
        let pace = Pace::default();
        assert!(!pace.is_short(0), "unknown");
        pace.note(fuel(in_place::SHORT_FUEL), exactly(Duration::ZERO));
        assert!(pace.is_short(0));
        pace.note(fuel(in_place::SHORT_FUEL + 1), exactly(Duration::ZERO));
        assert!(!pace.is_short(0));
        pace.note(fuel(1), exactly(in_place::SHORT_TIME));
        assert!(pace.is_short(0));
        pace.note(fuel(1), exactly(in_place::SHORT_TIME * 2));
        assert!(!pace.is_short(0), "it works without burning fuel");
        pace.note(fuel(1), exactly(Duration::ZERO));
        pace.note(Used { host_calls: 1, ..fuel(1) }, exactly(Duration::ZERO));
        assert!(!pace.is_short(0), "it asked for what there is not in place");
    }

    #[test]
    fn a_call_that_was_long_on_the_wall_is_doubted_and_measured_exactly_the_next_time() {
        let pace = Pace::default();
        assert!(!pace.watch().took().is_exact, "nothing is known against it");
        pace.note(fuel(1), Took { time: in_place::SHORT_TIME * 2, is_exact: false });
        assert!(pace.is_short(0), "the machine may have been busy");
        assert!(pace.watch().took().is_exact);
        pace.note(fuel(1), exactly(in_place::SHORT_TIME * 2));
        assert!(!pace.is_short(0));
        assert!(pace.watch().took().is_exact, "until it is short again");
        pace.note(fuel(1), exactly(Duration::ZERO));
        assert!(pace.is_short(0) && !pace.watch().took().is_exact);
    }

    #[test]
    fn who_runs_out_in_place_waits_longer_each_time() {
        let pace = Pace::default();
        let mut now = 0;
        for pause in [1_000, 2_000, 4_000] {
            pace.note(fuel(1), exactly(Duration::ZERO));
            assert!(pace.is_short(now));
            pace.strike(fuel(1), now);
            pace.note(fuel(1), exactly(Duration::ZERO));
            assert!(!pace.is_short(now + pause - 1));
            now += pause;
        }
        for _ in 0..100 {
            pace.strike(fuel(1), now);
        }
        pace.note(fuel(1), exactly(Duration::ZERO));
        assert!(pace.is_short(now + 5_000_000), "the pause has a limit");
    }

    #[test]
    fn who_asks_for_the_host_waits_no_longer_each_time() {
        let pace = Pace::default();
        for now in [0, 1_000, 2_000, 3_000] {
            pace.strike(Used { host_calls: 1, ..fuel(1) }, now);
            pace.note(fuel(1), exactly(Duration::ZERO));
            assert!(!pace.is_short(now + 999) && pace.is_short(now + 1_000));
        }
        let late = Used { host_calls: 1, ..fuel(in_place::SHORT_FUEL + 1) };
        pace.strike(late, 0);
        pace.strike(late, 0);
        pace.note(fuel(1), exactly(Duration::ZERO));
        assert!(!pace.is_short(1_999), "but who works before it asks does");
    }
}
