//! Stops calling a hook that keeps failing, and tries it again from time to time.
//!
//! Only traps and limits count, not refusals: those are answers. Open after [`FAILURES`] failures within [`WINDOW_MS`] that
//! are at least a fifth of the calls; then one probe at a time, after a pause that doubles from [`PAUSE_FIRST_MS`] to
//! [`PAUSE_MAX_MS`]; a probe that succeeds closes it.

use crate::model::date;
use parking_lot::Mutex;
use serde_json::{Value, json};
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

    /// Whether no call may be made at `now_ms`, not even a probe.
    #[must_use]
    pub fn bars(&self, now_ms: i64) -> bool {
        self.status.lock().open.as_ref().is_some_and(|open| now_ms < open.probe_at)
    }

    /// Notes how a call went; answers whether this is what has opened it.
    pub fn note(&self, now_ms: i64, failed: bool) -> bool {
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
            return false;
        }
        if now_ms - status.window_start >= WINDOW_MS {
            *status = Status { window_start: now_ms, ..Status::default() };
        }
        status.calls = status.calls.saturating_add(1);
        status.failures = status.failures.saturating_add(u32::from(failed));
        let often = status.failures.saturating_mul(CALLS_PER_FAILURE) >= status.calls;
        let opens = failed && status.failures >= FAILURES && often;
        if opens {
            status.open = Some(Open { pause_ms: PAUSE_FIRST_MS, probe_at: now_ms + PAUSE_FIRST_MS });
        }
        opens
    }

    /// Closes it and forgets what was noted.
    pub fn reset(&self, now_ms: i64) {
        *self.status.lock() = Status { window_start: now_ms, ..Status::default() };
    }

    /// `{state: "closed" | "open" | "halfOpen", calls, failures, ..}`: those of the last minute; while it is open, when the
    /// next probe is due and how long the pause was.
    #[must_use]
    pub fn view(&self, now_ms: i64) -> Value {
        let status = self.status.lock();
        let stale = now_ms - status.window_start >= WINDOW_MS && status.open.is_none();
        let (calls, failures) = if stale { (0, 0) } else { (status.calls, status.failures) };
        match &status.open {
            None => json!({"state": "closed", "calls": calls, "failures": failures}),
            Some(open) => json!({
                "state": if now_ms >= open.probe_at { "halfOpen" } else { "open" },
                "calls": calls,
                "failures": failures,
                "probeAt": date::format(open.probe_at),
                "pauseMs": open.pause_ms,
            }),
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
        assert!(breaker.is_open() && breaker.bars(500) && !breaker.admit(500) && !breaker.bars(1_010));
        assert!(breaker.admit(1_010), "the probe");
        assert!(!breaker.admit(1_011), "one at a time");
        breaker.note(1_020, true);
        assert!(!breaker.admit(3_000) && breaker.admit(3_020), "twice the pause");
        breaker.note(3_030, false);
        assert!(breaker.admit(3_031) && !breaker.is_open());
    }

    #[test]
    fn it_tells_what_it_does_and_can_be_reset() {
        let breaker = Breaker::default();
        assert!(!breaker.note(0, false));
        let opened: Vec<bool> = (0..6).map(|_| breaker.note(0, true)).collect();
        assert_eq!(opened, [false, false, false, false, true, false], "told once");
        assert_eq!(breaker.view(10)["state"], "open");
        assert_eq!((&breaker.view(10)["calls"], &breaker.view(10)["failures"]), (&json!(6), &json!(5)));
        assert_eq!(breaker.view(2_000)["state"], "halfOpen", "after the pause, which has doubled");
        breaker.reset(20);
        assert_eq!(breaker.view(20), json!({"state": "closed", "calls": 0, "failures": 0}));
        assert!(breaker.admit(20));
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
