//! What keeps rows from being written and has nothing to do with them: an import waits for it to pass, since to give up
//! would leave a file half-written.

use crate::error::{Error, PluginFailure, Result};
use crate::tenant::Tenant;
use std::time::Duration;

/// How often it is waited at most without a row getting through. Where nobody says how long it takes, that is as long as a plugin's
/// breaker takes for so many probes: a minute.
const PAUSES_MAX: u32 = 6;
const PAUSE_FIRST: Duration = Duration::from_secs(1);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_mins(1);
/// How long a quota that is not used takes to be full again: it is one of a second.
const QUOTA_FILLS: Duration = Duration::from_secs(1);
/// How long to sleep before looking whether the pause is over.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Whether an error says nothing of what is written, and another try may go well: the host or a quota has no room for it, or a
/// plugin is not called at all.
pub(super) fn passes(error: &Error) -> bool {
    matches!(
        error,
        Error::Unavailable(_)
            | Error::RateLimited { .. }
            | Error::OverQuota { .. }
            | Error::Plugin(PluginFailure { axis: None, is_broken: false, .. })
    )
}

#[derive(Debug, Default)]
pub(super) struct Pauses {
    /// Since a row got through.
    in_a_row: u32,
}

impl Pauses {
    /// A row got through.
    pub(super) fn begin_anew(&mut self) {
        self.in_a_row = 0;
    }

    /// Waits until it may go on.
    ///
    /// # Errors
    /// The same one, when it does not pass or has been waited for in vain; when the server stops.
    pub(super) async fn wait(&mut self, tenant: &Tenant, error: Error) -> Result<()> {
        let Some(pause) = self.pause(&error) else { return Err(error) };
        self.in_a_row += 1;
        let begun = tenant.world.now_ms();
        let end = begun.saturating_add(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
        loop {
            let now = tenant.world.now_ms();
            // A clock that is put back ends it.
            if !(begun..end).contains(&now) {
                return Ok(());
            }
            let left = Duration::from_millis(end.abs_diff(now)).min(LOOK_AGAIN);
            if tokio::time::timeout(left, tenant.tasks.stopped()).await.is_ok() {
                return Err(error);
            }
        }
    }

    fn pause(&self, error: &Error) -> Option<Duration> {
        if self.in_a_row >= PAUSES_MAX || !passes(error) {
            return None;
        }
        let pause = match error {
            Error::RateLimited { retry_after } => *retry_after,
            // By then there is something again, which the first call of a row may use up.
            Error::OverQuota { retry_after } => *retry_after + QUOTA_FILLS,
            _ => PAUSE_FIRST * 2_u32.pow(self.in_a_row),
        };
        Some(pause.clamp(Duration::from_millis(1), PAUSE_MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(error: &Error) -> Vec<u64> {
        let mut pauses = Pauses::default();
        let mut all = Vec::new();
        while let Some(pause) = pauses.pause(error) {
            all.push(pause.as_secs());
            pauses.in_a_row += 1;
        }
        pauses.begin_anew();
        assert_eq!(pauses.pause(error).map(|pause| pause.as_secs()), all.first().copied());
        all
    }

    fn failure(axis: Option<crate::error::Axis>) -> Error {
        Error::Plugin(PluginFailure { plugin: "p".into(), axis, is_broken: false, detail: String::new() })
    }

    #[test]
    fn what_passes_is_waited_for_and_not_for_ever() {
        let over = |seconds| Error::OverQuota { retry_after: Duration::from_secs(seconds) };
        assert_eq!(pauses(&over(7)), [8; 6]);
        assert_eq!(pauses(&over(3_600)), [60; 6]);
        assert_eq!(pauses(&Error::RateLimited { retry_after: Duration::from_secs(2) }), [2; 6]);
        for growing in [Error::Unavailable("Full.".into()), failure(None)] {
            assert_eq!(pauses(&growing), [1, 2, 4, 8, 16, 32]);
        }
        for about_a_row in [failure(Some(crate::error::Axis::Trap)), Error::invalid("No."), Error::not_found()] {
            assert!(pauses(&about_a_row).is_empty(), "{about_a_row:?}");
        }
    }
}
