//! Time, ids and randomness, handed in from outside so that tests can script them.
//! The only module that reads the system's clock or random source.

use rand::RngExt as _;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const LOWER_ALPHANUMERIC: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const DIGITS: &[u8] = b"0123456789";
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
    /// `length` digits, for passwords that are typed from a mail: must be unpredictable in production.
    fn digits(&self, length: usize) -> String;
    /// A UUID of version 7: later ones sort behind earlier ones.
    fn uuid(&self, now_ms: i64) -> String;
    /// `length` characters of `[A-Za-z0-9]`, for keys and tokens: must be unpredictable in production.
    fn secret(&self, length: usize) -> String;
    /// So many bytes: must be unpredictable in production.
    fn bytes(&self, length: usize) -> Vec<u8>;
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

#[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
fn bits() -> u128 {
    rand::rng().random()
}

impl Ids for RandomIds {
    fn uuid(&self, now_ms: i64) -> String {
        let time = u128::from(now_ms.unsigned_abs() & 0xffff_ffff_ffff);
        let rest = bits() & 0x0000_0000_0000_0fff_3fff_ffff_ffff_ffff;
        let hex = format!("{:032x}", (time << 80) | (0x7_u128 << 76) | (0x2_u128 << 62) | rest);
        [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
    }

    fn digits(&self, length: usize) -> String {
        pick(DIGITS, length)
    }

    fn lower(&self, length: usize) -> String {
        pick(LOWER_ALPHANUMERIC, length)
    }

    fn secret(&self, length: usize) -> String {
        pick(ALPHANUMERIC, length)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
    fn bytes(&self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        rand::rng().fill(&mut bytes[..]);
        bytes
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
    fn uuid(&self, _now_ms: i64) -> String {
        format!("00000000-0000-7000-8000-{}", self.next(12))
    }

    fn digits(&self, length: usize) -> String {
        self.next(length)
    }

    fn lower(&self, length: usize) -> String {
        self.next(length)
    }

    fn secret(&self, length: usize) -> String {
        self.next(length)
    }

    fn bytes(&self, length: usize) -> Vec<u8> {
        let mut bytes = self.next(length).into_bytes();
        bytes.truncate(length);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_of_version_7_and_in_order() {
        let (first, second) = (RandomIds.uuid(1_704_110_400_000), RandomIds.uuid(1_704_110_400_001));
        assert_eq!((first.len(), first.as_bytes()[14], &first[..13]), (36, b'7', "018cc4e5-2200"), "{first}");
        assert!(matches!(first.as_bytes()[19], b'8' | b'9' | b'a' | b'b') && first < second);
        assert_eq!(World::scripted(0).0.ids.uuid(0), "00000000-0000-7000-8000-000000000001");
    }
}
