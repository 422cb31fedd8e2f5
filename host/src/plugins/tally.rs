//! What the calls of a plugin have used: for each hook of each version how many there were, how they ended, and how much
//! fuel, time, memory and host work they took. Every call adds to atomics and waits for nobody; percentiles are worked out
//! when somebody asks.

use crate::error::Axis;
use crate::meter::{Latencies, Spread};
use crate::tenant::hooks::Stage;
use parking_lot::Mutex;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// What one call has used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    pub fuel: u64,
    /// From its start to its end, without the wait for a thread.
    pub wall: Duration,
    /// The part of it that host functions took.
    pub host: Duration,
    /// Bytes of memories and tables at the end, which is the most there were.
    pub memory: usize,
    pub host_calls: u32,
}

impl Usage {
    /// `{fuel, wallMs, hostMs, memoryBytes, hostCalls}`.
    #[must_use]
    pub fn view(&self) -> Value {
        json!({
            "fuel": self.fuel,
            "wallMs": ms(micros(self.wall)),
            "hostMs": ms(micros(self.host)),
            "memoryBytes": self.memory,
            "hostCalls": self.host_calls,
        })
    }
}

/// All calls of one hook of one version.
#[derive(Debug, Default)]
pub struct Tally {
    fuel: Spread,
    wall_us: Spread,
    wait_us: Spread,
    host_us: AtomicU64,
    host_calls: AtomicU64,
    memory: AtomicU64,
    refusals: AtomicU64,
    skipped: AtomicU64,
    failed: [AtomicU64; Axis::ALL.len()],
}

impl Tally {
    /// Counts a call that is over.
    pub fn note(&self, usage: Usage, failed: Option<Axis>) {
        self.fuel.note(usage.fuel);
        self.wall_us.note(micros(usage.wall));
        if usage.host_calls > 0 {
            self.host_us.fetch_add(micros(usage.host), Relaxed);
            self.host_calls.fetch_add(u64::from(usage.host_calls), Relaxed);
        }
        self.memory.fetch_max(usage.memory as u64, Relaxed);
        if let Some(axis) = failed {
            self.note_failed(axis);
        }
    }

    /// Says of a call that was counted that it has failed after all.
    pub fn note_failed(&self, axis: Axis) {
        self.failed[axis as usize].fetch_add(1, Relaxed);
    }

    /// How long a call waited for a plugin thread; one that was made in place did not.
    pub fn note_wait(&self, waited: Duration) {
        self.wait_us.note(micros(waited));
    }

    /// The guest has answered that it does not want the write.
    pub fn note_refusal(&self) {
        self.refusals.fetch_add(1, Relaxed);
    }

    /// Its turn came, and it was not called: the breaker was open, or it could not be loaded.
    pub fn note_skipped(&self) {
        self.skipped.fetch_add(1, Relaxed);
    }

    /// Adds all that another one has counted.
    pub fn absorb(&self, other: &Self) {
        for (own, more) in [(&self.fuel, &other.fuel), (&self.wall_us, &other.wall_us), (&self.wait_us, &other.wait_us)]
        {
            own.absorb(more);
        }
        let sums = [
            (&self.host_us, &other.host_us),
            (&self.host_calls, &other.host_calls),
            (&self.refusals, &other.refusals),
            (&self.skipped, &other.skipped),
        ];
        for (own, more) in sums.into_iter().chain(self.failed.iter().zip(&other.failed)) {
            own.fetch_add(more.load(Relaxed), Relaxed);
        }
        self.memory.fetch_max(other.memory(), Relaxed);
    }

    /// The most bytes of memory that one call had.
    #[must_use]
    pub fn memory(&self) -> u64 {
        self.memory.load(Relaxed)
    }

    /// How much fuel calls took.
    #[must_use]
    pub fn fuel(&self) -> Latencies {
        self.fuel.quantiles()
    }

    /// `{calls, refusals, skipped, failures, errors, fuel, wallMs, queueMs, guestMs, hostMs, hostCalls, memoryBytes}`.
    #[must_use]
    pub fn view(&self) -> Value {
        let (fuel, wall, wait) = (self.fuel.quantiles(), self.wall_us.quantiles(), self.wait_us.quantiles());
        let errors: Map<String, Value> = Axis::ALL
            .into_iter()
            .map(|axis| (axis.name().to_owned(), self.failed[axis as usize].load(Relaxed).into()))
            .collect();
        json!({
            "calls": fuel.count,
            "refusals": self.refusals.load(Relaxed),
            "skipped": self.skipped.load(Relaxed),
            "failures": self.failures(),
            "errors": errors,
            "fuel": {"p50": fuel.p50, "p99": fuel.p99, "max": fuel.max, "total": self.fuel.sum()},
            "wallMs": times(wall, self.wall_us.sum()),
            "queueMs": times(wait, self.wait_us.sum()),
            "guestMs": ms(self.wall_us.sum().saturating_sub(self.host_us.load(Relaxed))),
            "hostMs": ms(self.host_us.load(Relaxed)),
            "hostCalls": self.host_calls.load(Relaxed),
            "memoryBytes": self.memory(),
        })
    }

    fn failures(&self) -> u64 {
        self.failed.iter().map(|count| count.load(Relaxed)).sum()
    }

    #[must_use]
    pub fn sums(&self) -> Sums {
        Sums {
            calls: self.fuel.count(),
            refusals: self.refusals.load(Relaxed),
            skipped: self.skipped.load(Relaxed),
            failures: self.failures(),
            errors: std::array::from_fn(|axis| self.failed[axis].load(Relaxed)),
            fuel: self.fuel.sum(),
            wall_us: self.wall_us.sum(),
            wait_us: self.wait_us.sum(),
            host_us: self.host_us.load(Relaxed),
            host_calls: self.host_calls.load(Relaxed),
        }
    }
}

/// The tallies of one version, made when a hook is first called.
#[derive(Debug, Default)]
pub struct Tallies([OnceLock<Box<Tally>>; Stage::ALL.len()]);

impl Tallies {
    pub fn of(&self, stage: Stage) -> &Tally {
        self.0[stage as usize].get_or_init(Box::default)
    }

    /// Those hooks that were called, each as `{version, hook, calls, ..}`.
    #[must_use]
    pub fn view(&self, version: i64) -> Vec<Value> {
        let shown = |(stage, cell): (Stage, &OnceLock<Box<Tally>>)| {
            let mut view = cell.get()?.view();
            view["version"] = version.to_string().into();
            view["hook"] = stage.name().into();
            Some(view)
        };
        Stage::ALL.into_iter().zip(&self.0).filter_map(shown).collect()
    }

    /// Adds all hooks to a tally.
    pub fn add_to(&self, whole: &Tally) {
        self.0.iter().filter_map(OnceLock::get).for_each(|tally| whole.absorb(tally));
    }

    /// All hooks together.
    #[must_use]
    pub fn sums(&self) -> Sums {
        self.0.iter().filter_map(OnceLock::get).fold(Sums::default(), |sums, tally| sums.plus(&tally.sums()))
    }
}

/// Many tallies added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    pub calls: u64,
    pub refusals: u64,
    pub skipped: u64,
    pub failures: u64,
    /// By axis, in the order of [`Axis::ALL`].
    pub errors: [u64; Axis::ALL.len()],
    pub fuel: u64,
    pub wall_us: u64,
    pub wait_us: u64,
    pub host_us: u64,
    pub host_calls: u64,
}

impl Sums {
    #[must_use]
    pub fn plus(self, other: &Self) -> Self {
        let mut errors = self.errors;
        errors.iter_mut().zip(other.errors).for_each(|(sum, more)| *sum += more);
        Self {
            calls: self.calls + other.calls,
            refusals: self.refusals + other.refusals,
            skipped: self.skipped + other.skipped,
            failures: self.failures + other.failures,
            errors,
            fuel: self.fuel + other.fuel,
            wall_us: self.wall_us + other.wall_us,
            wait_us: self.wait_us + other.wait_us,
            host_us: self.host_us + other.host_us,
            host_calls: self.host_calls + other.host_calls,
        }
    }

    #[must_use]
    pub fn view(&self) -> Value {
        let errors: Map<String, Value> = Axis::ALL
            .into_iter()
            .zip(self.errors)
            .map(|(axis, count)| (axis.name().to_owned(), count.into()))
            .collect();
        json!({
            "calls": self.calls,
            "refusals": self.refusals,
            "skipped": self.skipped,
            "failures": self.failures,
            "errors": errors,
            "fuel": self.fuel,
            "wallMs": ms(self.wall_us),
            "queueMs": ms(self.wait_us),
            "hostMs": ms(self.host_us),
            "hostCalls": self.host_calls,
        })
    }
}

/// The tallies of a plugin's versions, handed on when the registry's table is swapped.
#[derive(Debug, Default)]
pub struct History(Mutex<BTreeMap<i64, Arc<Tallies>>>);

impl History {
    /// Those of a version.
    #[must_use]
    pub fn of(&self, version: i64) -> Arc<Tallies> {
        self.0.lock().entry(version).or_default().clone()
    }

    /// Every version that was ready to be called since the process began, newest first.
    #[must_use]
    pub fn all(&self) -> Vec<(i64, Arc<Tallies>)> {
        self.0.lock().iter().rev().map(|(version, tallies)| (*version, tallies.clone())).collect()
    }

    /// Forgets a version that is deleted.
    pub fn forget(&self, version: i64) {
        self.0.lock().remove(&version);
    }

    /// Adds all versions to a tally.
    pub fn add_to(&self, whole: &Tally) {
        self.all().iter().for_each(|(_, tallies)| tallies.add_to(whole));
    }

    #[must_use]
    pub fn sums(&self) -> Sums {
        self.all().iter().fold(Sums::default(), |sums, (_, tallies)| sums.plus(&tallies.sums()))
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn times(found: Latencies, sum_us: u64) -> Value {
    json!({"p50": ms(found.p50), "p99": ms(found.p99), "max": ms(found.max), "total": ms(sum_us)})
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn ms(us: u64) -> f64 {
    us as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(fuel: u64, wall_ms: u64, host_calls: u32) -> Usage {
        let (wall, host) = (Duration::from_millis(wall_ms), Duration::from_millis(wall_ms / 2));
        Usage { fuel, wall, host, memory: 65_536, host_calls }
    }

    #[test]
    fn calls_are_counted_by_how_they_ended() {
        let tallies = Tallies::default();
        let tally = tallies.of(Stage::BeforeCreate);
        (0..98).for_each(|_| tally.note(usage(1_000, 2, 1), None));
        tally.note(usage(50_000, 40, 0), Some(Axis::Wall));
        tally.note(usage(50_000, 40, 0), Some(Axis::Fuel));
        tally.note_refusal();
        tally.note_wait(Duration::from_micros(300));
        let view = &tallies.view(3)[0];
        assert_eq!((&view["version"], &view["hook"]), (&json!("3"), &json!("beforeCreate")));
        assert_eq!((&view["calls"], &view["failures"], &view["refusals"]), (&json!(100), &json!(2), &json!(1)));
        assert_eq!((&view["errors"]["wall"], &view["errors"]["trap"]), (&json!(1), &json!(0)));
        assert!(view["fuel"]["p50"].as_u64().is_some_and(|p50| p50.abs_diff(1_000) < 50), "{view}");
        assert!(view["fuel"]["p99"].as_u64().is_some_and(|p99| p99 >= 48_000), "{view}");
        assert_eq!((&view["hostMs"], &view["guestMs"]), (&json!(98.0), &json!(178.0)));
        assert_eq!((&view["memoryBytes"], &view["hostCalls"]), (&json!(65_536), &json!(98)));
    }

    #[test]
    fn hooks_of_plugins_add_up_to_one() {
        let (one, two, whole) = (Tallies::default(), Tallies::default(), Tally::default());
        (0..99).for_each(|_| one.of(Stage::BeforeCreate).note(usage(1_000, 2, 1), None));
        two.of(Stage::Validate).note(usage(90_000, 10, 0), Some(Axis::Memory));
        two.of(Stage::BeforeCreate).note_refusal();
        two.of(Stage::BeforeCreate).note_skipped();
        two.of(Stage::BeforeCreate).note_wait(Duration::from_millis(3));
        one.add_to(&whole);
        two.add_to(&whole);
        let view = whole.view();
        assert_eq!((&view["calls"], &view["refusals"], &view["skipped"]), (&json!(100), &json!(1), &json!(1)));
        assert_eq!((&view["errors"]["memory"], &view["failures"]), (&json!(1), &json!(1)));
        assert_eq!((&view["hostMs"], &view["guestMs"]), (&json!(99.0), &json!(109.0)));
        assert_eq!((&view["queueMs"]["total"], &view["memoryBytes"]), (&json!(3.0), &json!(65_536)));
        assert_eq!((&view["fuel"]["total"], &view["fuel"]["max"]), (&json!(189_000), &json!(90_000)));
        assert!(whole.fuel().p50.abs_diff(1_000) < 50, "{view}");
        assert_eq!(whole.sums(), one.sums().plus(&two.sums()));
    }

    #[test]
    fn versions_add_up() {
        let history = History::default();
        history.of(1).of(Stage::Validate).note(usage(10, 0, 0), None);
        history.of(2).of(Stage::AfterCreate).note(usage(20, 0, 0), Some(Axis::Trap));
        let sums = history.sums();
        assert_eq!((sums.calls, sums.failures, sums.fuel), (2, 1, 30));
        assert_eq!(history.all().iter().map(|(version, _)| *version).collect::<Vec<_>>(), [2, 1]);
        history.forget(1);
        assert_eq!(history.sums().calls, 1);
    }
}
