//! How much has been judged and written: that who sees alike shares both is a claim that tests count.

use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Debug, Default)]
pub(super) struct Counters {
    judged: AtomicU64,
    written: AtomicU64,
    reviewed: AtomicU64,
}

/// Since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// How often somebody's right to see something was worked out.
    pub judged: u64,
    /// How many messages were made.
    pub written: u64,
    /// How often it was looked after who is there.
    pub reviewed: u64,
}

impl Counters {
    pub(super) fn judged(&self) {
        self.judged.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn written(&self) {
        self.written.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn reviewed(&self) {
        self.reviewed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn now(&self) -> Work {
        let now = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Work { judged: now(&self.judged), written: now(&self.written), reviewed: now(&self.reviewed) }
    }
}
