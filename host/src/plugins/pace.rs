//! Finds the hooks that are so short that handing their calls to a plugin thread and back would cost more than the
//! calls themselves. Such calls are made where the request is, with little fuel and time; one that needs more is forgotten and
//! made again on a plugin thread, and the hook is not made in place for a while.
//!
//! Only components without capabilities are made in place: nothing that they did can be seen when a call is forgotten.

use super::limits::in_place;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// What is known about one hook of one version. Races between calls only cost a call on the dearer way.
#[derive(Debug, Default)]
pub struct Pace {
    /// Its last call was short.
    short: AtomicBool,
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

    /// Notes what a call used that came to its end, in fuel and processor time: setting up an instance costs no fuel.
    pub fn note(&self, fuel_used: u64, took: Duration) {
        self.short.store(fuel_used <= in_place::SHORT_FUEL && took <= in_place::SHORT_TIME, Relaxed);
    }

    /// Notes a call that was made in place.
    pub fn note_in_place(&self, fuel_used: u64, took: Duration) {
        self.made_in_place.fetch_add(1, Relaxed);
        self.note(fuel_used, took);
    }

    /// Notes a call in place that had to be forgotten: the pause doubles each time.
    pub fn strike(&self, now_ms: i64) {
        let strikes = self.strikes.fetch_add(1, Relaxed).min(in_place::STRIKES_COUNTED);
        self.long_until_ms.store(now_ms.saturating_add(in_place::PAUSE_MS << strikes), Relaxed);
        self.short.store(false, Relaxed);
    }

    /// How many calls were made in place.
    pub fn made_in_place(&self) -> u64 {
        self.made_in_place.load(Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_has_to_show_that_it_is_short() {
        let pace = Pace::default();
        assert!(!pace.is_short(0), "unknown");
        pace.note(in_place::SHORT_FUEL, Duration::ZERO);
        assert!(pace.is_short(0));
        pace.note(in_place::SHORT_FUEL + 1, Duration::ZERO);
        assert!(!pace.is_short(0));
        pace.note(1, in_place::SHORT_TIME);
        assert!(pace.is_short(0));
        pace.note(1, in_place::SHORT_TIME * 2);
        assert!(!pace.is_short(0), "it works without burning fuel");
    }

    #[test]
    fn who_runs_out_in_place_waits_longer_each_time() {
        let pace = Pace::default();
        let mut now = 0;
        for pause in [1_000, 2_000, 4_000] {
            pace.note(1, Duration::ZERO);
            assert!(pace.is_short(now));
            pace.strike(now);
            pace.note(1, Duration::ZERO);
            assert!(!pace.is_short(now + pause - 1));
            now += pause;
        }
        for _ in 0..100 {
            pace.strike(now);
        }
        pace.note(1, Duration::ZERO);
        assert!(pace.is_short(now + 5_000_000), "the pause has a limit");
    }
}
