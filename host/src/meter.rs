//! How many requests were answered, how, and how long it took: counters that every request touches and none waits for.
//!
//! A latency falls into one of a fixed number of buckets, each at most 1/32 wide, which is an atomic. They are counted
//! for ever and for each of the last tens of seconds. Percentiles are worked out when somebody asks.

use hdrhistogram::Histogram;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Buckets from one power of two to the next.
const PARTS: u64 = 32;
/// Bits of a number below [`PARTS`].
const PARTS_BITS: u32 = 5;
/// The longest latency that is told apart from longer ones, in microseconds: over an hour.
const LONGEST_US: u64 = (1 << 32) - 1;
/// So many powers of two, from [`PARTS`] to [`LONGEST_US`] and what is below.
const BUCKETS: usize = 28 * 32;

/// How long a slot of the window lasts, in seconds.
const SLOT_S: u64 = 10;
/// Whole slots that the window looks back, and the one at hand.
const WINDOW_SLOTS: u64 = 6;
/// One more than are looked at, so that nobody reads a slot that is about to be used again.
const SLOTS: usize = 8;

/// Digits that percentiles are exact to.
const DIGITS: u8 = 2;

/// Upper bounds of latencies as Prometheus wants them, in microseconds.
pub const BOUNDS_US: [u64; 12] =
    [500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000];

/// Requests of one process.
pub struct Meter {
    began: Instant,
    /// By the first digit of the status, 1 to 5.
    classes: [AtomicU64; 6],
    sum_us: AtomicU64,
    buckets: Box<[AtomicU64]>,
    slots: [Slot; SLOTS],
}

struct Slot {
    /// Which ten seconds it counts, from 1; 0 for none yet.
    epoch: AtomicU64,
    buckets: Box<[AtomicU32]>,
}

/// Latencies of some requests, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Latencies {
    pub count: u64,
    pub p50: u64,
    pub p90: u64,
    pub p95: u64,
    pub p99: u64,
    pub p999: u64,
    pub max: u64,
}

/// Numbers of any kind (fuel, microseconds), as how often each size came: noting one is three additions.
pub struct Spread {
    sum: AtomicU64,
    most: AtomicU64,
    buckets: Box<[AtomicU64]>,
}

impl std::fmt::Debug for Spread {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Spread").field("sum", &self.sum).finish_non_exhaustive()
    }
}

impl Default for Spread {
    fn default() -> Self {
        Self {
            sum: AtomicU64::new(0),
            most: AtomicU64::new(0),
            buckets: (0..BUCKETS).map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

impl Spread {
    /// Counts a number; those beyond [`LONGEST_US`] are told apart only in the sum and the maximum.
    pub fn note(&self, number: u64) {
        self.sum.fetch_add(number, Ordering::Relaxed);
        self.most.fetch_max(number, Ordering::Relaxed);
        self.buckets[bucket(number.min(LONGEST_US))].fetch_add(1, Ordering::Relaxed);
    }

    /// Adds all that another one has noted.
    pub fn absorb(&self, other: &Self) {
        self.sum.fetch_add(other.sum(), Ordering::Relaxed);
        self.most.fetch_max(other.most.load(Ordering::Relaxed), Ordering::Relaxed);
        for (count, more) in self.buckets.iter().zip(&other.buckets) {
            let more = more.load(Ordering::Relaxed);
            if more > 0 {
                count.fetch_add(more, Ordering::Relaxed);
            }
        }
    }

    /// How many were noted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }

    #[must_use]
    pub fn sum(&self) -> u64 {
        self.sum.load(Ordering::Relaxed)
    }

    /// The percentiles, in whatever was noted, and the exact maximum.
    #[must_use]
    pub fn quantiles(&self) -> Latencies {
        let counts: Vec<u64> = self.buckets.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        Latencies { max: self.most.load(Ordering::Relaxed), ..latencies(&counts) }
    }
}

/// The last minute.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Window {
    pub latencies: Latencies,
    /// How long it was; less at the beginning.
    pub seconds: u64,
}

/// Everything since the process began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    /// Answers by the first digit of their status; the first is unused.
    pub classes: [u64; 6],
    pub sum_us: u64,
    /// Requests that took at most as long as each of [`BOUNDS_US`], give or take a bucket.
    pub within: [u64; BOUNDS_US.len()],
    pub latencies: Latencies,
}

impl std::fmt::Debug for Meter {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Meter").field("classes", &self.classes).finish_non_exhaustive()
    }
}

impl Default for Meter {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            classes: Default::default(),
            sum_us: AtomicU64::new(0),
            buckets: (0..BUCKETS).map(|_| AtomicU64::new(0)).collect(),
            slots: std::array::from_fn(|_| Slot {
                epoch: AtomicU64::new(0),
                buckets: (0..BUCKETS).map(|_| AtomicU32::new(0)).collect(),
            }),
        }
    }
}

impl Meter {
    /// Counts an answer.
    pub fn note(&self, status: u16, took: Duration) {
        self.note_at(self.began.elapsed().as_secs(), status, took);
    }

    fn note_at(&self, second: u64, status: u16, took: Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(LONGEST_US).min(LONGEST_US);
        let bucket = bucket(us);
        self.classes[usize::from(status / 100).min(5)].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(us, Ordering::Relaxed);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        let epoch = second / SLOT_S + 1;
        let slot = &self.slots[usize::try_from(epoch).unwrap_or_default() % SLOTS];
        let known = slot.epoch.load(Ordering::Acquire);
        // Whoever comes first empties the slot; a count that falls in between is lost from the window.
        if known != epoch && slot.epoch.compare_exchange(known, epoch, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            slot.buckets.iter().for_each(|count| count.store(0, Ordering::Relaxed));
        }
        slot.buckets[bucket].fetch_add(1, Ordering::Relaxed);
    }

    /// How long the process has been up.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        self.began.elapsed()
    }

    /// The last minute, and the seconds of the slot at hand.
    #[must_use]
    pub fn window(&self) -> Window {
        self.window_at(self.began.elapsed().as_secs())
    }

    fn window_at(&self, second: u64) -> Window {
        let epoch = second / SLOT_S + 1;
        let oldest = epoch.saturating_sub(WINDOW_SLOTS).max(1);
        let mut counts = vec![0_u64; BUCKETS];
        for slot in &self.slots {
            if !(oldest..=epoch).contains(&slot.epoch.load(Ordering::Acquire)) {
                continue;
            }
            for (sum, count) in counts.iter_mut().zip(&slot.buckets) {
                *sum += u64::from(count.load(Ordering::Relaxed));
            }
        }
        let seconds = (second % SLOT_S + WINDOW_SLOTS * SLOT_S).min(second).max(1);
        Window { latencies: latencies(&counts), seconds }
    }

    /// Everything since the process began.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let counts: Vec<u64> = self.buckets.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        let within = BOUNDS_US.map(|bound| counts[..=bucket(bound)].iter().sum());
        let classes = std::array::from_fn(|class| self.classes[class].load(Ordering::Relaxed));
        Totals { classes, sum_us: self.sum_us.load(Ordering::Relaxed), within, latencies: latencies(&counts) }
    }
}

fn bucket(us: u64) -> usize {
    let index = if us < PARTS {
        us
    } else {
        let shift = u64::BITS - us.leading_zeros() - PARTS_BITS - 1;
        u64::from(shift + 1) * PARTS + (us >> shift) - PARTS
    };
    usize::try_from(index).unwrap_or(BUCKETS).min(BUCKETS - 1)
}

/// The longest latency that falls into a bucket.
fn longest(bucket: usize) -> u64 {
    let (power, part) = (bucket as u64 / PARTS, bucket as u64 % PARTS);
    if power == 0 { part } else { ((PARTS + part + 1) << (power - 1)) - 1 }
}

fn latencies(counts: &[u64]) -> Latencies {
    let Ok(mut histogram) = Histogram::<u64>::new_with_bounds(1, LONGEST_US, DIGITS) else {
        return Latencies::default();
    };
    for (bucket, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        histogram.saturating_record_n(longest(bucket), *count);
    }
    if histogram.is_empty() {
        return Latencies::default();
    }
    let at = |quantile| histogram.value_at_quantile(quantile);
    Latencies {
        count: histogram.len(),
        p50: at(0.5),
        p90: at(0.9),
        p95: at(0.95),
        p99: at(0.99),
        p999: at(0.999),
        max: histogram.max(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_narrow_and_in_order() {
        for us in (0..5_000).chain((5_000..LONGEST_US).step_by(98_765_431)).chain([LONGEST_US]) {
            let found = bucket(us);
            assert!(longest(found) >= us && (found == 0 || longest(found - 1) < us), "{us}");
            assert!(longest(found) - us <= us / PARTS + 1, "{us}");
        }
    }

    #[test]
    fn percentiles_of_a_known_set() {
        let meter = Meter::default();
        for ms in 1..=1_000 {
            meter.note_at(5, 200, Duration::from_millis(ms));
        }
        let Latencies { count, p50, p90, p95, p99, max, .. } = meter.window_at(5).latencies;
        assert_eq!(count, 1_000);
        let expectations = [(p50, 500_000), (p90, 900_000), (p95, 950_000), (p99, 990_000), (max, 1_000_000)];
        for (found, expected) in expectations {
            assert!(found.abs_diff(expected) < expected / 20, "{found} {expected}");
        }
        let totals = meter.totals();
        assert_eq!((totals.classes[2], totals.within[0]), (1_000, 0));
        assert!(totals.within[7].abs_diff(100) <= 4 && totals.within[11] == 1_000, "{:?}", totals.within);
    }

    #[test]
    fn a_spread_knows_sum_maximum_and_percentiles() {
        let spread = Spread::default();
        (1..=1_000).for_each(|number| spread.note(number * 1_000));
        spread.note(u64::from(u32::MAX) * 4);
        let Latencies { count, p50, p99, max, .. } = spread.quantiles();
        assert_eq!((count, max), (1_001, u64::from(u32::MAX) * 4));
        assert_eq!(spread.sum(), 500_500_000 + u64::from(u32::MAX) * 4);
        assert!(p50.abs_diff(500_000) < 25_000 && p99.abs_diff(990_000) < 50_000, "{p50} {p99}");
    }

    #[test]
    fn spreads_add_up() {
        let (all, other) = (Spread::default(), Spread::default());
        (0..90).for_each(|_| all.note(1_000));
        (0..10).for_each(|_| other.note(9_000));
        all.absorb(&other);
        let Latencies { count, p50, p99, max, .. } = all.quantiles();
        assert_eq!((count, max, all.sum()), (100, 9_000, 180_000));
        assert!(p50.abs_diff(1_000) < 50 && p99.abs_diff(9_000) < 300, "{p50} {p99}");
    }

    #[test]
    fn the_window_forgets() {
        let meter = Meter::default();
        let millisecond = Duration::from_millis(1);
        (0..5).for_each(|second| meter.note_at(second, 200, millisecond));
        meter.note_at(65, 500, millisecond);
        assert_eq!((meter.window_at(65).latencies.count, meter.window_at(65).seconds), (6, 65));
        assert_eq!((meter.window_at(75).latencies.count, meter.window_at(75).seconds), (1, 65));
        assert_eq!(meter.window_at(600).latencies.count, 0);
        // Its slot is used again.
        meter.note_at(80, 200, millisecond);
        assert_eq!(meter.window_at(80).latencies.count, 2);
        assert_eq!(meter.totals().classes, [0, 0, 6, 0, 0, 1]);
    }
}
