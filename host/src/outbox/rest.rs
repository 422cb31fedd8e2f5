//! When nothing is delivered because the call cannot be made now: that says nothing of the event, so it waits and loses
//! no try. In memory only, since what is full may be the line of the writer.

use super::PAUSE_FIRST_MS;
use crate::error::Error;
use std::collections::HashMap;
use std::ops::Range;
use std::time::Duration;

/// The longest rest: of an attachment whose calls the host has no room for, where each is twice as long as the one before, and of
/// all while the tenant is over its quota, which somebody may widen meanwhile.
const REST_MAX_MS: i64 = 60_000;

/// Why a delivery could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// The tenant's plugins are over their quota for so much longer.
    OverQuota(Duration),
    /// The host has no room for it, plugins are switched off, or its own was since it was looked for.
    Crowded,
}

impl Wait {
    /// `None` for what has to do with the event or with whom it is for.
    pub(super) fn of(error: &Error) -> Option<Self> {
        match error {
            Error::OverQuota { retry_after } => Some(Self::OverQuota(*retry_after)),
            Error::Unavailable(_) => Some(Self::Crowded),
            _ => None,
        }
    }
}

/// The times in which nothing is begun. A clock that is put back ends them.
#[derive(Debug, Default)]
pub(super) struct Rests {
    /// Of all attachments.
    all: Range<i64>,
    /// Of those that the host had no room for, each with how often in a row.
    of: HashMap<String, (Range<i64>, u32)>,
}

impl Rests {
    /// Whether nobody's turn comes.
    pub(super) fn all(&self, now_ms: i64) -> bool {
        self.all.contains(&now_ms)
    }

    /// Those whose turn does not come.
    pub(super) fn attachments(&self, now_ms: i64) -> Vec<String> {
        let resting = self.of.iter().filter(|(_, (rest, _))| rest.contains(&now_ms));
        resting.map(|(attachment, _)| attachment.clone()).collect()
    }

    /// Takes in what became of a line of an attachment.
    pub(super) fn note(&mut self, now_ms: i64, attachment: &str, was_called: bool, wait: Option<Wait>) {
        if was_called {
            self.of.remove(attachment);
        }
        match wait {
            Some(Wait::OverQuota(wait)) => {
                let wait = i64::try_from(wait.as_millis()).unwrap_or(REST_MAX_MS);
                self.all = span(now_ms, wait.clamp(PAUSE_FIRST_MS, REST_MAX_MS));
            }
            Some(Wait::Crowded) => self.crowded(now_ms, attachment),
            None => {}
        }
    }

    fn crowded(&mut self, now_ms: i64, attachment: &str) {
        // Those that were detached meanwhile are not asked for any more.
        self.of.retain(|_, (rest, _)| now_ms.saturating_sub(rest.end) < REST_MAX_MS);
        let times = match self.of.get(attachment) {
            // Another line of it had begun before.
            Some((rest, _)) if rest.contains(&now_ms) => return,
            Some((_, times)) => times.saturating_add(1),
            None => 0,
        };
        let pause = PAUSE_FIRST_MS.saturating_mul(2_i64.saturating_pow(times)).min(REST_MAX_MS);
        tracing::warn!(attachment, pause_ms = pause, "after-hooks cannot be called now: they wait");
        self.of.insert(attachment.to_owned(), (span(now_ms, pause), times));
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.of.is_empty()
    }
}

fn span(now_ms: i64, wait_ms: i64) -> Range<i64> {
    now_ms..now_ms.saturating_add(wait_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_was_made_begins_anew() {
        let mut rests = Rests::default();
        rests.note(0, "a", false, Some(Wait::Crowded));
        rests.note(1_000, "a", false, Some(Wait::Crowded));
        assert_eq!((rests.attachments(2_999), rests.attachments(3_000)), (vec!["a".to_owned()], Vec::new()));
        rests.note(3_000, "a", true, Some(Wait::Crowded));
        assert_eq!((rests.attachments(3_999).len(), rests.attachments(4_000).len()), (1, 0));
        assert!(rests.attachments(2_000).is_empty(), "the clock was put back");
        rests.note(500_000, "b", false, Some(Wait::Crowded));
        assert_eq!(rests.of.len(), 1, "nobody has asked for the other for long");
        rests.note(500_000, "b", false, Some(Wait::OverQuota(Duration::from_secs(9))));
        assert!(rests.all(508_999) && !rests.all(509_000) && !rests.all(499_999));
        rests.note(510_000, "b", false, Some(Wait::OverQuota(Duration::from_hours(24))));
        assert!(rests.all(569_999) && !rests.all(570_000), "somebody may have widened the quota");
        rests.note(570_000, "b", true, None);
        assert!(rests.is_empty());
    }

    #[test]
    fn only_what_says_nothing_of_the_event_is_waited_for() {
        assert_eq!(Wait::of(&Error::Unavailable("Busy.".into())), Some(Wait::Crowded));
        assert_eq!(Wait::of(&Error::invalid("It does not like it.")), None);
        assert_eq!(Wait::of(&Error::internal("a plugin's thread", "the job panicked")), None);
    }
}
