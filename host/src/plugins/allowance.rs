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

/// One tenant's. What the operator allows and what the tenant allows itself are counted apart, each at its own rate: a tenant
/// that changes its own settings neither loses what it owes the operator, nor pays it back at a rate of its choice.
#[derive(Debug)]
pub struct Allowance {
    operators: Quota,
    own: Quota,
    refused: AtomicU64,
}

#[derive(Debug)]
struct Quota {
    /// 0 when there is none.
    per_second: AtomicU64,
    purse: Mutex<Purse>,
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
        let operators = Quota::new(per_second.unwrap_or_default(), now_ms);
        Self { operators, own: Quota::new(0, now_ms), refused: AtomicU64::default() }
    }

    /// Lets a call in under these settings of the tenant, or says how long the tenant has to wait.
    ///
    /// # Errors
    /// `OverQuota`.
    pub fn admit(&self, settings: &Settings, now_ms: i64) -> Result<()> {
        let wait = self.quotas(settings, now_ms).into_iter().filter_map(|quota| quota.wait(now_ms)).max();
        let Some(retry_after) = wait else { return Ok(()) };
        self.refused.fetch_add(1, Relaxed);
        Err(Error::OverQuota { retry_after })
    }

    /// Takes away what a call has burnt.
    pub fn spend(&self, fuel: u64) {
        self.operators.spend(fuel);
        self.own.spend(fuel);
    }

    /// `{fuelPerSecond, fuelLeft, refused}`: the least of both; the first two are null where there is no quota.
    #[must_use]
    pub fn view(&self, settings: &Settings, now_ms: i64) -> Value {
        let quotas = self.quotas(settings, now_ms);
        let per_second = quotas.iter().filter_map(|quota| quota.rate()).min();
        let left = quotas.iter().filter_map(|quota| quota.left(now_ms)).min();
        json!({"fuelPerSecond": per_second, "fuelLeft": left, "refused": self.refused()})
    }

    /// Calls that were not let in.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// Both, as they are once the tenant's settings are taken in.
    fn quotas(&self, settings: &Settings, now_ms: i64) -> [&Quota; 2] {
        self.own.set(said(settings.plugin_limits.fuel_per_second).unwrap_or_default(), now_ms);
        [&self.operators, &self.own]
    }
}

impl Quota {
    fn new(per_second: u64, now_ms: i64) -> Self {
        Self { per_second: AtomicU64::new(per_second), purse: Mutex::new(Purse::full(per_second, now_ms)) }
    }

    fn rate(&self) -> Option<u64> {
        Some(self.per_second.load(Relaxed)).filter(|per_second| *per_second > 0)
    }

    /// Begins anew when it is another one.
    fn set(&self, per_second: u64, now_ms: i64) {
        if self.per_second.load(Relaxed) == per_second {
            return;
        }
        let mut purse = self.purse.lock();
        if self.per_second.swap(per_second, Relaxed) != per_second {
            *purse = Purse::full(per_second, now_ms);
        }
    }

    /// Until there is more than nothing.
    fn wait(&self, now_ms: i64) -> Option<Duration> {
        let per_second = self.rate()?;
        let mut purse = self.purse.lock();
        purse.fill(per_second, now_ms);
        if purse.left > 0 {
            return None;
        }
        let ms = (-purse.left).div_euclid(i128::from(per_second)) + 1;
        Some(Duration::from_millis(u64::try_from(ms).unwrap_or(u64::MAX)))
    }

    fn spend(&self, fuel: u64) {
        let Some(per_second) = self.rate() else { return };
        let least = -i128::from(per_second) * MS_PER_S * i128::from(caps::DEBT_S);
        let mut purse = self.purse.lock();
        purse.left = (purse.left - i128::from(fuel) * MS_PER_S).max(least);
    }

    fn left(&self, now_ms: i64) -> Option<i64> {
        let per_second = self.rate()?;
        let mut purse = self.purse.lock();
        purse.fill(per_second, now_ms);
        Some(i64::try_from(purse.left.div_euclid(MS_PER_S)).unwrap_or(i64::MAX))
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
    fn full(per_second: u64, now_ms: i64) -> Self {
        Self { left: i128::from(per_second) * MS_PER_S, at_ms: now_ms }
    }

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

    fn own(fuel_per_second: i64) -> Settings {
        let plugin_limits = PluginLimits { fuel_per_second, ..PluginLimits::default() };
        Settings { plugin_limits, ..Settings::default() }
    }

    fn wait_ms(allowance: &Allowance, now_ms: i64) -> u128 {
        wait_under(allowance, 0, now_ms)
    }

    fn wait_under(allowance: &Allowance, per_second: i64, now_ms: i64) -> u128 {
        match allowance.admit(&own(per_second), now_ms) {
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
        assert_eq!(allowance.view(&own(0), 10_500), json!({"fuelPerSecond": 1_000, "fuelLeft": 500, "refused": 4}));
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
        for (most, said, left) in [(None, 100, 100), (Some(1_000), 100, 100), (Some(50), 100, 50), (Some(50), 0, 50)] {
            let allowance = Allowance::new(most, 0);
            assert_eq!(wait_under(&allowance, said, 0), 0);
            assert_eq!(allowance.view(&own(said), 0)["fuelLeft"], left, "{most:?} {said}");
            allowance.spend(200);
            assert!(wait_under(&allowance, said, 0) > 0, "{most:?} {said}");
        }
        let allowance = Allowance::new(None, 0);
        assert_eq!(wait_under(&allowance, 100, 0), 0);
        allowance.spend(1_000);
        assert_eq!((wait_ms(&allowance, 0), &allowance.view(&own(0), 0)["fuelLeft"]), (0, &Value::Null));
    }

    #[test]
    fn a_tenant_owes_the_operator_the_same_whatever_it_allows_itself() {
        let allowance = Allowance::new(Some(1_000), 0);
        allowance.spend(31_000);
        assert_eq!(wait_ms(&allowance, 0), 30_001);
        // Not less by going down and up again.
        assert!(wait_under(&allowance, 1, 0) >= 30_001);
        allowance.spend(1);
        assert_eq!(wait_ms(&allowance, 0), 30_002);
        // Nor more by what it owes at another rate: that has an end of its own, and ends with the setting.
        assert_eq!(wait_under(&allowance, 1, 0), 30_002);
        allowance.spend(1_000);
        assert_eq!(wait_under(&allowance, 1, 0), u128::from(caps::DEBT_S) * 1_000 + 1);
        assert_eq!(wait_under(&allowance, 2, 31_002), 0, "another setting begins anew");
        allowance.spend(3);
        assert_eq!(wait_under(&allowance, 2, 31_002), 501);
    }

    #[test]
    fn without_a_quota_nothing_is_refused() {
        for none in [None, Some(0)] {
            let allowance = Allowance::new(none, 0);
            allowance.spend(u64::MAX);
            assert_eq!((wait_ms(&allowance, 0), allowance.refused()), (0, 0));
            assert_eq!(allowance.view(&own(0), 0)["fuelLeft"], Value::Null);
        }
    }
}
