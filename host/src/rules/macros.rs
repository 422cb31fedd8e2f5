//! `@now` and the other words that stand for a time. All UTC; the time is handed in.

use crate::model::date;
use crate::sql::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Macro {
    Now,
    Yesterday,
    Tomorrow,
    Second,
    Minute,
    Hour,
    Day,
    Month,
    Weekday,
    Year,
    TodayStart,
    TodayEnd,
    MonthStart,
    MonthEnd,
    YearStart,
    YearEnd,
}

const DAY_MS: i64 = 86_400_000;

impl Macro {
    const ALL: [(&'static str, Self); 16] = [
        ("@now", Self::Now),
        ("@yesterday", Self::Yesterday),
        ("@tomorrow", Self::Tomorrow),
        ("@second", Self::Second),
        ("@minute", Self::Minute),
        ("@hour", Self::Hour),
        ("@day", Self::Day),
        ("@month", Self::Month),
        ("@weekday", Self::Weekday),
        ("@year", Self::Year),
        ("@todayStart", Self::TodayStart),
        ("@todayEnd", Self::TodayEnd),
        ("@monthStart", Self::MonthStart),
        ("@monthEnd", Self::MonthEnd),
        ("@yearStart", Self::YearStart),
        ("@yearEnd", Self::YearEnd),
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, found)| *found)
    }

    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().map(|(name, _)| *name)
    }

    /// Whether it has another value a moment later; the others have theirs for a minute at least.
    pub(super) fn is_fleeting(self) -> bool {
        matches!(self, Self::Now | Self::Yesterday | Self::Tomorrow | Self::Second)
    }

    pub(super) fn value(self, now_ms: i64) -> Value {
        let now = date::format(now_ms);
        // `YYYY-MM-DD HH:MM:SS.mmmZ`: years have more digits only after 9999.
        let (day, time) = now.split_once(' ').unwrap_or((&now, ""));
        let (month, day_number) = day.rsplit_once('-').unwrap_or((day, "1"));
        let (year, month_number) = month.rsplit_once('-').unwrap_or((month, "1"));
        let number = |digits: &str| digits.parse::<i64>().unwrap_or_default();
        let start = |day: &str| Value::Text(format!("{day} 00:00:00.000Z"));
        let end = |day: &str| Value::Text(format!("{day} 23:59:59.999Z"));
        match self {
            Self::Now => Value::Text(now),
            Self::Yesterday => Value::Text(date::format(now_ms.saturating_sub(DAY_MS))),
            Self::Tomorrow => Value::Text(date::format(now_ms.saturating_add(DAY_MS))),
            Self::Second => number(time.get(6..8).unwrap_or_default()).into(),
            Self::Minute => number(time.get(3..5).unwrap_or_default()).into(),
            Self::Hour => number(time.get(..2).unwrap_or_default()).into(),
            Self::Day => number(day_number).into(),
            Self::Month => number(month_number).into(),
            // 1970-01-01 was a Thursday, and Sunday is 0.
            Self::Weekday => (now_ms.div_euclid(DAY_MS) + 4).rem_euclid(7).into(),
            Self::Year => number(year).into(),
            Self::TodayStart => start(day),
            Self::TodayEnd => end(day),
            Self::MonthStart => start(&format!("{month}-01")),
            Self::MonthEnd => end(&format!("{month}-{}", days_in(number(year), number(month_number)))),
            Self::YearStart => start(&format!("{year}-01-01")),
            Self::YearEnd => end(&format!("{year}-12-31")),
        }
    }
}

fn days_in(year: i64, month: i64) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_macro_at_the_end_of_a_leap_february() {
        // 2024-02-29 23:58:57.006Z, a Thursday.
        let now_ms = 1_709_251_137_006;
        let shown: Vec<String> = Macro::ALL
            .iter()
            .map(|(name, word)| match word.value(now_ms) {
                Value::Text(text) => format!("{name} {text}"),
                Value::Integer(number) => format!("{name} {number}"),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            shown,
            [
                "@now 2024-02-29 23:58:57.006Z",
                "@yesterday 2024-02-28 23:58:57.006Z",
                "@tomorrow 2024-03-01 23:58:57.006Z",
                "@second 57",
                "@minute 58",
                "@hour 23",
                "@day 29",
                "@month 2",
                "@weekday 4",
                "@year 2024",
                "@todayStart 2024-02-29 00:00:00.000Z",
                "@todayEnd 2024-02-29 23:59:59.999Z",
                "@monthStart 2024-02-01 00:00:00.000Z",
                "@monthEnd 2024-02-29 23:59:59.999Z",
                "@yearStart 2024-01-01 00:00:00.000Z",
                "@yearEnd 2024-12-31 23:59:59.999Z",
            ]
        );
    }
}
