//! What a tenant's plugins may use: the limits of its own settings for each call, and the fuel that all calls may burn in a second. A tenant that has burnt more has to
//! wait until it has made up for it; the others are served.
//!
//! What a call will burn is only known when it is over, so calls are let in as long as something is left, and what they
//! burnt is taken away then; that may be more than was left.

use super::limits::wish::Measure;
use super::limits::{Wish, allowance as caps};
use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::settings::plugins::{PluginLimits, said};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

const MS_PER_S: i128 = 1_000;

/// One tenant's.
#[derive(Debug)]
pub struct Allowance {
    /// What the operator allows; `None` when there is no such quota.
    most: Option<u64>,
    /// What the tenant's own settings say; 0 when they say nothing.
    own: AtomicU64,
    purse: Mutex<Purse>,
    refused: AtomicU64,
}

#[derive(Debug)]
struct Purse {
    /// Thousandths of fuel, so that a millisecond's worth of a small quota is not lost. Negative when more was burnt.
    left: i128,
    at_ms: i64,
}

impl Allowance {
    /// With a second's worth to begin with. A quota of nothing is none.
    #[must_use]
    pub fn new(per_second: Option<u64>, now_ms: i64) -> Self {
        let most = per_second.filter(|quota| *quota > 0);
        let left = i128::from(most.unwrap_or_default()) * MS_PER_S;
        let purse = Mutex::new(Purse { left, at_ms: now_ms });
        Self { most, own: AtomicU64::default(), purse, refused: AtomicU64::default() }
    }

    /// Takes in what the tenant's own settings say.
    pub fn narrow(&self, settings: &Settings) {
        let own = said(settings.plugin_limits.fuel_per_second).unwrap_or_default();
        if self.own.load(Relaxed) == own {
            return;
        }
        let mut purse = self.purse.lock();
        if self.per_second().is_none() {
            // Nothing was saved nor owed.
            purse.left = i128::from(own) * MS_PER_S;
        }
        self.own.store(own, Relaxed);
    }

    fn per_second(&self) -> Option<u64> {
        let own = Some(self.own.load(Relaxed)).filter(|own| *own > 0);
        self.most.into_iter().chain(own).min()
    }

    /// Lets a call in, or says how long the tenant has to wait.
    ///
    /// # Errors
    /// `OverQuota`.
    pub fn admit(&self, now_ms: i64) -> Result<()> {
        let Some(per_second) = self.per_second() else { return Ok(()) };
        let mut purse = self.purse.lock();
        purse.fill(per_second, now_ms);
        if purse.left > 0 {
            return Ok(());
        }
        self.refused.fetch_add(1, Relaxed);
        // Until there is more than nothing.
        let ms = (-purse.left).div_euclid(i128::from(per_second)) + 1;
        Err(Error::OverQuota { retry_after: Duration::from_millis(u64::try_from(ms).unwrap_or(u64::MAX)) })
    }

    /// Takes away what a call has burnt.
    pub fn spend(&self, fuel: u64) {
        let Some(per_second) = self.per_second() else { return };
        let least = -i128::from(per_second) * MS_PER_S * i128::from(caps::DEBT_S);
        let mut purse = self.purse.lock();
        purse.left = (purse.left - i128::from(fuel) * MS_PER_S).max(least);
    }

    /// `{fuelPerSecond, fuelLeft, refused}`; the first two are null where there is no quota.
    #[must_use]
    pub fn view(&self, now_ms: i64) -> Value {
        let per_second = self.per_second();
        let left = per_second.map(|per_second| {
            let mut purse = self.purse.lock();
            purse.fill(per_second, now_ms);
            i64::try_from(purse.left.div_euclid(MS_PER_S)).unwrap_or(i64::MAX)
        });
        json!({"fuelPerSecond": per_second, "fuelLeft": left, "refused": self.refused()})
    }

    /// Calls that were not let in.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }
}

/// What a tenant's own settings say of the limits of a call.
#[must_use]
pub fn own_limits(settings: &Settings) -> Wish {
    let PluginLimits { fuel, wall_ms, memory_mb, host_calls, bytes_per_call, handles, log_bytes, at_once, .. } =
        settings.plugin_limits;
    let of_call = [
        (Measure::Fuel, fuel),
        (Measure::WallMs, wall_ms),
        (Measure::MemoryMb, memory_mb),
        (Measure::HostCalls, host_calls),
        (Measure::BytesPerCall, bytes_per_call),
        (Measure::Handles, handles),
        (Measure::LogBytes, log_bytes),
        (Measure::AtOnce, at_once),
    ];
    of_call.into_iter().fold(Wish::default(), |wish, (measure, own)| wish.with(measure, said(own)))
}

impl Purse {
    fn fill(&mut self, per_second: u64, now_ms: i64) {
        let per_second = i128::from(per_second);
        let passed = i128::from(now_ms.saturating_sub(self.at_ms).max(0));
        // A clock that was put back goes on from there.
        self.at_ms = now_ms;
        self.left = self.left.saturating_add(per_second.saturating_mul(passed)).min(per_second * MS_PER_S);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait_ms(allowance: &Allowance, now_ms: i64) -> u128 {
        match allowance.admit(now_ms) {
            Ok(()) => 0,
            Err(Error::OverQuota { retry_after }) => retry_after.as_millis(),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_burnt_beyond_the_quota_has_to_be_waited_for() {
        let allowance = Allowance::new(Some(1_000), 0);
        assert_eq!(wait_ms(&allowance, 0), 0, "a second's worth to begin with");
        allowance.spend(1_500);
        assert_eq!(wait_ms(&allowance, 0), 501);
        assert_eq!((wait_ms(&allowance, 500), wait_ms(&allowance, 501)), (1, 0));
        assert_eq!(allowance.refused(), 2);
        allowance.spend(1);
        assert_eq!(wait_ms(&allowance, 501), 1);
        assert_eq!(wait_ms(&allowance, 10_000), 0);
        allowance.spend(1_000);
        assert_eq!(wait_ms(&allowance, 10_000), 1, "no more than a second's worth is saved");
        assert_eq!(allowance.view(10_500), json!({"fuelPerSecond": 1_000, "fuelLeft": 500, "refused": 4}));
    }

    #[test]
    fn a_debt_has_an_end_and_so_has_a_clock_that_is_put_back() {
        let allowance = Allowance::new(Some(7), 1_000_000);
        allowance.spend(u64::MAX);
        allowance.spend(u64::MAX);
        let most = u128::from(caps::DEBT_S) * 1_000;
        assert!((most..most + 10).contains(&wait_ms(&allowance, 1_000_000)));
        assert!(wait_ms(&allowance, 0) <= most + 10);
        let later = i64::try_from(most).unwrap() + 10;
        assert_eq!(wait_ms(&allowance, later), 0);
        let huge = Allowance::new(Some(u64::MAX), i64::MIN);
        huge.spend(u64::MAX);
        assert_eq!(wait_ms(&huge, i64::MAX), 0);
    }

    #[test]
    fn a_tenant_may_allow_itself_less_and_never_more() {
        let own = |fuel_per_second| {
            let plugin_limits = PluginLimits { fuel_per_second, ..PluginLimits::default() };
            Settings { plugin_limits, ..Settings::default() }
        };
        for (most, said, left) in [(None, 100, 100), (Some(1_000), 100, 100), (Some(50), 100, 50), (Some(50), 0, 50)] {
            let allowance = Allowance::new(most, 0);
            allowance.narrow(&own(said));
            assert_eq!(wait_ms(&allowance, 0), 0);
            assert_eq!(allowance.view(0)["fuelLeft"], left, "{most:?} {said}");
            allowance.spend(200);
            assert!(wait_ms(&allowance, 0) > 0, "{most:?} {said}");
        }
        let allowance = Allowance::new(None, 0);
        allowance.narrow(&own(100));
        allowance.spend(1_000);
        allowance.narrow(&own(0));
        assert_eq!((wait_ms(&allowance, 0), &allowance.view(0)["fuelLeft"]), (0, &Value::Null));
    }

    #[test]
    fn without_a_quota_nothing_is_refused() {
        for none in [None, Some(0)] {
            let allowance = Allowance::new(none, 0);
            allowance.spend(u64::MAX);
            assert_eq!((wait_ms(&allowance, 0), allowance.refused()), (0, 0));
            assert_eq!(allowance.view(0)["fuelLeft"], Value::Null);
        }
    }
}
