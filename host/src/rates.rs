//! How often each client has asked: counters of the rate limits, in memory, as many as there is room for. Which rule
//! a request falls under is not here.

use crate::error::{Error, Result};
use crate::settings::RateRule;
use crate::settings::network::household;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::time::Duration;

/// Counters that are kept; beyond that those that would end first are forgotten.
const COUNTERS_MAX: usize = 100_000;

/// Which part of them is forgotten at once, so that there is room for a while.
const FORGOTTEN_PART: usize = 8;

/// Parts of the table, so that requests seldom wait for each other.
const PARTS: usize = 16;

const SECOND_MS: i64 = 1_000;

/// The counters of one tenant.
#[derive(Debug)]
pub struct Rates {
    parts: [Mutex<HashMap<Key, Window>>; PARTS],
    hasher: RandomState,
}

/// Whose requests of which kind are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    bucket: String,
    address: IpAddr,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    ends_ms: i64,
    left: i64,
}

impl Default for Rates {
    fn default() -> Self {
        Self { parts: std::array::from_fn(|_| Mutex::default()), hasher: RandomState::new() }
    }
}

impl Rates {
    /// Counts a request of `address` in `bucket`.
    ///
    /// # Errors
    /// `RateLimited`, until the window ends, when the rule allows no more.
    pub fn pass(&self, bucket: String, address: IpAddr, rule: &RateRule, now_ms: i64) -> Result<()> {
        let key = Key { bucket, address: household(address) };
        let part = usize::try_from(self.hasher.hash_one(&key) % PARTS as u64).unwrap_or_default();
        let mut counters = self.parts[part].lock();
        let length_ms = rule.duration.saturating_mul(SECOND_MS);
        let fresh = Window { ends_ms: now_ms.saturating_add(length_ms), left: rule.max_requests };
        if !counters.contains_key(&key) {
            make_room(&mut counters, now_ms);
        }
        let window = counters.entry(key).or_insert(fresh);
        // A clock that was set back must not keep anybody out.
        if now_ms >= window.ends_ms || window.ends_ms > fresh.ends_ms {
            *window = fresh;
        }
        if window.left <= 0 {
            let left_ms = u64::try_from(window.ends_ms - now_ms).unwrap_or_default();
            return Err(Error::RateLimited { retry_after: Duration::from_millis(left_ms) });
        }
        window.left -= 1;
        Ok(())
    }

    /// Forgets everything, as other rules hold now.
    pub fn clear(&self) {
        for part in &self.parts {
            part.lock().clear();
        }
    }
}

/// Forgets what has ended, and if that is not enough, what ends first.
fn make_room(counters: &mut HashMap<Key, Window>, now_ms: i64) {
    if counters.len() < COUNTERS_MAX / PARTS {
        return;
    }
    counters.retain(|_, window| window.ends_ms > now_ms);
    if counters.len() >= COUNTERS_MAX / PARTS {
        let mut ends: Vec<i64> = counters.values().map(|window| window.ends_ms).collect();
        let (_, last_forgotten, _) = ends.select_nth_unstable(counters.len() / FORGOTTEN_PART);
        counters.retain(|_, window| window.ends_ms > *last_forgotten);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(max_requests: i64, duration: i64) -> RateRule {
        RateRule { duration, max_requests, ..RateRule::default() }
    }

    fn wait_ms(result: Result<()>) -> Option<u128> {
        match result {
            Ok(()) => None,
            Err(Error::RateLimited { retry_after }) => Some(retry_after.as_millis()),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_window_begins_with_its_first_request() {
        let rates = Rates::default();
        let ask = |bucket: &str, address: &str, now_ms| {
            wait_ms(rates.pass(bucket.to_owned(), address.parse().unwrap(), &rule(2, 10), now_ms))
        };
        assert_eq!((ask("a", "192.0.2.1", 1_000), ask("a", "192.0.2.1", 2_500)), (None, None));
        assert_eq!(ask("a", "192.0.2.1", 4_000), Some(7_000), "until the window ends");
        assert_eq!((ask("b", "192.0.2.1", 4_000), ask("a", "192.0.2.2", 4_000)), (None, None));
        assert_eq!(ask("a", "192.0.2.1", 10_999), Some(1));
        assert_eq!(ask("a", "192.0.2.1", 11_000), None);
        assert_eq!((ask("c", "2001:db8::1", 0), ask("c", "2001:db8::2", 0)), (None, None));
        assert_eq!(ask("c", "2001:db8::3", 0), Some(10_000), "the network of one subscriber");
        assert_eq!(ask("d", "192.0.2.1", 900_000), None);
        assert_eq!(ask("d", "192.0.2.1", 1_000), None, "the clock was set back");
        rates.clear();
        assert_eq!(ask("c", "2001:db8::3", 0), None);
    }

    #[test]
    fn there_is_an_end_to_the_table() {
        let rates = Rates::default();
        let count = || rates.parts.iter().map(|part| part.lock().len()).sum::<usize>();
        let from = |number: u32| IpAddr::from(std::net::Ipv4Addr::from(number));
        for number in 0..u32::try_from(COUNTERS_MAX).unwrap() + 20_000 {
            rates.pass("a".to_owned(), from(number), &rule(1, 60), i64::from(number) / 1_000).unwrap();
        }
        assert!(count() <= COUNTERS_MAX, "{}", count());
        let last = from(u32::try_from(COUNTERS_MAX).unwrap() + 19_999);
        assert!(rates.pass("a".to_owned(), last, &rule(1, 60), 120).is_err(), "the latest is still known");
        rates.pass("a".to_owned(), from(0), &rule(1, 60), 200_000).unwrap();
        for number in 1..1_000 {
            rates.pass("a".to_owned(), from(number), &rule(1, 60), 200_000).unwrap();
        }
        assert!(count() <= COUNTERS_MAX);
    }
}
