//! When something happens again and again: cron expressions of five fields, in UTC.

use chrono::{DateTime, Utc};
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

/// Longest expression.
pub const EXPRESSION_MAX: usize = 255;

/// A cron expression that makes sense: `minute hour day month weekday`, or a word such as `@daily`. All fields
/// must match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    text: String,
    cron: Cron,
}

impl Schedule {
    /// `None` for what is no cron expression.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let trimmed = text.trim();
        if trimmed.is_empty() || trimmed.len() > EXPRESSION_MAX {
            return None;
        }
        let spelled = if trimmed.eq_ignore_ascii_case("@midnight") { "@daily" } else { trimmed };
        let parser =
            CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).dom_and_dow(true).build();
        parser.parse(spelled).ok().map(|cron| Self { text: trimmed.to_owned(), cron })
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first time after a moment; `None` when there is none any more. Milliseconds since 1970, both.
    #[must_use]
    pub fn next_after(&self, ms: i64) -> Option<i64> {
        let then: DateTime<Utc> = DateTime::from_timestamp_millis(ms)?;
        self.cron.find_next_occurrence(&then, false).ok().map(|next| next.timestamp_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::date;

    #[test]
    fn the_next_time_is_after_the_moment() {
        // 2026-01-02 03:04:05.678Z, a Friday.
        let now = 1_767_323_045_678;
        let next = |text: &str| date::format(Schedule::parse(text).unwrap().next_after(now).unwrap());
        for (text, expected) in [
            ("* * * * *", "2026-01-02 03:05:00.000Z"),
            ("0 */6 * * *", "2026-01-02 06:00:00.000Z"),
            ("@daily", "2026-01-03 00:00:00.000Z"),
            ("@midnight", "2026-01-03 00:00:00.000Z"),
            ("5,10 4-5 * * 1-5", "2026-01-02 04:05:00.000Z"),
            // Both the day and the weekday: the first 13th that is a Friday.
            ("0 0 13 * 5", "2026-02-13 00:00:00.000Z"),
        ] {
            assert_eq!(next(text), expected, "{text}");
        }
        let minute = Schedule::parse("4 3 * * *").unwrap();
        let at = minute.next_after(now - 10_000).unwrap();
        assert_eq!(minute.next_after(at - 1), Some(at), "the minute itself, seen from before");
        assert_ne!(minute.next_after(at), Some(at), "and not twice");
    }

    #[test]
    fn what_is_no_expression() {
        for text in ["", "  ", "* * * *", "60 * * * *", "0 0 * * * *", "@reboot", "a b c d e", &"*".repeat(300)] {
            assert_eq!(Schedule::parse(text), None, "{text}");
        }
    }
}
