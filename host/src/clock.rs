//! Time, ids and randomness, handed in from outside so that tests can script them.
//! The only module that reads the system's clock or random source.

use rand::RngExt as _;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const LOWER_ALPHANUMERIC: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Length of a generated record id.
pub const ID_LENGTH: usize = 15;

pub trait Clock: fmt::Debug + Send + Sync {
    /// Milliseconds since 1970.
    fn now_ms(&self) -> i64;
}

pub trait Ids: fmt::Debug + Send + Sync {
    /// `length` characters of `[a-z0-9]`.
    fn lower(&self, length: usize) -> String;
    /// `length` characters of `[A-Za-z0-9]`, for keys and tokens: must be unpredictable in production.
    fn secret(&self, length: usize) -> String;
}

/// The world as seen by one host: its clock and its source of ids.
#[derive(Debug, Clone)]
pub struct World {
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

impl World {
    #[must_use]
    pub fn real() -> Self {
        Self { clock: Arc::new(SystemClock), ids: Arc::new(RandomIds) }
    }

    /// A clock that stands at `start_ms` until it is moved, and ids that count.
    #[must_use]
    pub fn scripted(start_ms: i64) -> (Self, Arc<ScriptedClock>) {
        let clock = Arc::new(ScriptedClock(AtomicI64::new(start_ms)));
        (Self { clock: clock.clone(), ids: Arc::new(CountedIds(AtomicU64::new(0))) }, clock)
    }

    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// A new record id.
    #[must_use]
    pub fn id(&self) -> String {
        self.ids.lower(ID_LENGTH)
    }
}

#[derive(Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

#[derive(Debug)]
pub struct RandomIds;

#[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
fn pick(alphabet: &[u8], length: usize) -> String {
    let mut rng = rand::rng();
    (0..length).map(|_| char::from(alphabet[rng.random_range(0..alphabet.len())])).collect()
}

impl Ids for RandomIds {
    fn lower(&self, length: usize) -> String {
        pick(LOWER_ALPHANUMERIC, length)
    }

    fn secret(&self, length: usize) -> String {
        pick(ALPHANUMERIC, length)
    }
}

#[derive(Debug)]
pub struct ScriptedClock(AtomicI64);

impl ScriptedClock {
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

impl Clock for ScriptedClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Ids that end in a counter, so that snapshots need no redaction.
#[derive(Debug)]
struct CountedIds(AtomicU64);

impl CountedIds {
    fn next(&self, length: usize) -> String {
        let number = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        format!("{number:0>length$}")
    }
}

impl Ids for CountedIds {
    fn lower(&self, length: usize) -> String {
        self.next(length)
    }

    fn secret(&self, length: usize) -> String {
        self.next(length)
    }
}
