//! Stops calling a hook that keeps failing, and tries it again from time to time.
//!
//! Only traps and limits count, not refusals: those are answers. Open after [`FAILURES`] failures within [`WINDOW_MS`] that
//! are at least a fifth of the calls; then one probe at a time, after a pause that doubles from [`PAUSE_FIRST_MS`] to
//! [`PAUSE_MAX_MS`]; a probe that succeeds closes it.

use parking_lot::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

const FAILURES: u32 = 5;
const WINDOW_MS: i64 = 60_000;
/// One failure in so many calls is too many.
const CALLS_PER_FAILURE: u32 = 5;
const PAUSE_FIRST_MS: i64 = 1_000;
const PAUSE_MAX_MS: i64 = 300_000;

/// The breaker of one hook of one version.
#[derive(Debug, Default)]
pub struct Breaker {
    status: Mutex<Status>,
    calls: AtomicU64,
    failures: AtomicU64,
}

#[derive(Debug, Default)]
struct Status {
    window_start: i64,
    calls: u32,
    failures: u32,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    pause_ms: i64,
    probe_at: i64,
}

impl Breaker {
    /// Whether a call may be made at `now_ms`; the probe of an open breaker is given to whoever asks first.
    pub fn admit(&self, now_ms: i64) -> bool {
        let mut status = self.status.lock();
        match &mut status.open {
            None => true,
            Some(open) if now_ms >= open.probe_at => {
                open.probe_at = now_ms + open.pause_ms;
                true
            }
            Some(_) => false,
        }
    }

    /// Notes how a call went.
    pub fn note(&self, now_ms: i64, failed: bool) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.failures.fetch_add(u64::from(failed), Ordering::Relaxed);
        let mut status = self.status.lock();
        if let Some(open) = &mut status.open {
            if failed {
                open.pause_ms = (open.pause_ms * 2).min(PAUSE_MAX_MS);
                open.probe_at = now_ms + open.pause_ms;
            } else {
                *status = Status { window_start: now_ms, ..Status::default() };
            }
            return;
        }
        if now_ms - status.window_start >= WINDOW_MS {
            *status = Status { window_start: now_ms, ..Status::default() };
        }
        status.calls = status.calls.saturating_add(1);
        status.failures = status.failures.saturating_add(u32::from(failed));
        let often = status.failures.saturating_mul(CALLS_PER_FAILURE) >= status.calls;
        if failed && status.failures >= FAILURES && often {
            status.open = Some(Open { pause_ms: PAUSE_FIRST_MS, probe_at: now_ms + PAUSE_FIRST_MS });
        }
    }

    /// How many calls were noted, and how many of them had failed.
    #[must_use]
    pub fn totals(&self) -> (u64, u64) {
        (self.calls.load(Ordering::Relaxed), self.failures.load(Ordering::Relaxed))
    }

    #[must_use]
    pub fn is_open(&self) -> bool {
        self.status.lock().open.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(breaker: &Breaker, times: u32, now: i64) {
        for _ in 0..times {
            breaker.note(now, true);
        }
    }

    #[test]
    fn opens_probes_and_closes() {
        let breaker = Breaker::default();
        fail(&breaker, 4, 0);
        assert!(breaker.admit(0) && !breaker.is_open());
        fail(&breaker, 1, 10);
        assert!(breaker.is_open() && !breaker.admit(500));
        assert!(breaker.admit(1_010), "the probe");
        assert!(!breaker.admit(1_011), "one at a time");
        breaker.note(1_020, true);
        assert!(!breaker.admit(3_000) && breaker.admit(3_020), "twice the pause");
        breaker.note(3_030, false);
        assert!(breaker.admit(3_031) && !breaker.is_open());
    }

    #[test]
    fn rare_failures_and_old_ones_do_not_count() {
        let breaker = Breaker::default();
        for _ in 0..100 {
            breaker.note(0, false);
        }
        fail(&breaker, 19, 0);
        assert!(!breaker.is_open(), "less than a fifth");
        let breaker = Breaker::default();
        fail(&breaker, 4, 0);
        fail(&breaker, 4, WINDOW_MS);
        assert!(!breaker.is_open());
    }

    #[test]
    fn the_pause_has_a_limit() {
        let breaker = Breaker::default();
        fail(&breaker, 40, 0);
        assert!(!breaker.admit(PAUSE_MAX_MS - 1) && breaker.admit(PAUSE_MAX_MS));
    }
}
