//! Dates as text: `YYYY-MM-DD HH:MM:SS.mmmZ`, always UTC. Dates compare as text, so there is one form.
//!
//! Written by hand because every record carries dates; only the rare textual formats go through chrono.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

/// Length of a formatted date of a year with four digits.
pub const LENGTH: usize = 24;

const DAY_MS: i64 = 86_400_000;

/// 0001-01-01 00:00:00: a date nobody set. It is written as the empty text.
pub const ZERO_MS: i64 = -62_135_596_800_000;

/// Milliseconds since 1970 as text.
#[must_use]
pub fn format(ms: i64) -> String {
    let (year, month, day) = civil(ms.div_euclid(DAY_MS));
    let time = ms.rem_euclid(DAY_MS);
    if !(0..=9999).contains(&year) {
        return format_far(year, month, day, time);
    }
    let mut text = String::with_capacity(LENGTH);
    push(&mut text, year, 4);
    text.push('-');
    push(&mut text, month, 2);
    text.push('-');
    push(&mut text, day, 2);
    text.push(' ');
    push(&mut text, time / 3_600_000, 2);
    text.push(':');
    push(&mut text, time / 60_000 % 60, 2);
    text.push(':');
    push(&mut text, time / 1000 % 60, 2);
    text.push('.');
    push(&mut text, time % 1000, 3);
    text.push('Z');
    text
}

fn format_far(year: i64, month: i64, day: i64, time: i64) -> String {
    let (hour, minute, second, ms) = (time / 3_600_000, time / 60_000 % 60, time / 1000 % 60, time % 1000);
    format!("{year:05}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

/// Appends the last `width` decimal digits.
fn push(text: &mut String, number: i64, width: u32) {
    for power in (0..width).rev() {
        let digit = number / 10_i64.pow(power) % 10;
        text.push(char::from(b'0' + u8::try_from(digit).unwrap_or(0)));
    }
}

/// Days since 1970 to year, month and day of the proleptic Gregorian calendar (Hinnant's algorithm:
/// years begin in March, so that the leap day is the last of its year).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Reads any of the accepted forms to milliseconds since 1970.
///
/// Accepted are ISO 8601 with `T` or a space, with or without a fraction and with an offset, `Z` or nothing
/// (UTC); a lone date; RFC 822, 850 and 1123; the forms of C and Ruby. A time without seconds is not.
#[must_use]
pub fn parse(text: &str) -> Option<i64> {
    if text.as_bytes().first().is_some_and(u8::is_ascii_digit) && text.as_bytes().get(4) == Some(&b'-') {
        parse_iso(text)
    } else {
        parse_textual(text)
    }
}

/// Any accepted form to the one that is stored; the empty text for anything else.
#[must_use]
pub fn normalise(text: &str) -> String {
    if is_canonical(text) {
        return text.to_owned();
    }
    match parse(text) {
        None | Some(ZERO_MS) => String::new(),
        Some(ms) => format(ms),
    }
}

/// Whether a text is exactly what [`format`] writes.
#[must_use]
pub fn is_canonical(text: &str) -> bool {
    text.len() == LENGTH
        && text.as_bytes()[10] == b' '
        && text.as_bytes()[19] == b'.'
        && text.ends_with('Z')
        && parse_iso(text).is_some_and(|ms| ms != ZERO_MS)
}

/// A reader of fixed-width digits.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn number(&mut self, width: usize) -> Option<u32> {
        let (digits, rest) = self.0.split_at_checked(width)?;
        let mut number = 0;
        for digit in digits {
            number = number * 10 + u32::from(digit.is_ascii_digit().then(|| digit - b'0')?);
        }
        self.0 = rest;
        Some(number)
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        let (first, rest) = self.0.split_first()?;
        if *first != byte {
            return None;
        }
        self.0 = rest;
        Some(())
    }

    /// `.` or `,` and digits, cut to milliseconds.
    fn fraction(&mut self) -> Option<i64> {
        if !matches!(self.0.first(), Some(b'.' | b',')) {
            return Some(0);
        }
        let length = self.0[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length == 0 {
            return None;
        }
        let digits = &self.0[1..=length];
        self.0 = &self.0[length + 1..];
        Some((0..3).fold(0, |ms, place| ms * 10 + digits.get(place).map_or(0, |digit| i64::from(digit - b'0'))))
    }

    /// `±HH:MM` or `±HHMM` in minutes.
    fn offset(&mut self) -> Option<i64> {
        let sign = match self.0.first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        self.0 = &self.0[1..];
        let hours = self.number(2)?;
        if self.0.first() == Some(&b':') {
            self.0 = &self.0[1..];
        }
        let minutes = self.number(2)?;
        (hours <= 24 && minutes < 60).then(|| sign * i64::from(hours * 60 + minutes))
    }
}

fn parse_iso(text: &str) -> Option<i64> {
    let mut cursor = Cursor(text.as_bytes());
    let year = cursor.number(4)?;
    cursor.take(b'-')?;
    let month = cursor.number(2)?;
    cursor.take(b'-')?;
    let day = cursor.number(2)?;
    let midnight = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?.and_hms_opt(0, 0, 0)?;
    let midnight = midnight.and_utc().timestamp_millis();
    if cursor.0.is_empty() {
        return Some(midnight);
    }
    if cursor.take(b'T').is_none() {
        cursor.take(b' ')?;
    }
    let hour = cursor.number(2)?;
    cursor.take(b':')?;
    let minute = cursor.number(2)?;
    cursor.take(b':')?;
    let second = cursor.number(2)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let ms = midnight + i64::from(hour * 3600 + minute * 60 + second) * 1000 + cursor.fraction()?;
    Some(ms - parse_zone(&mut cursor)? * 60_000)
}

/// What follows the seconds: nothing, `Z`, an offset, or an offset after a space with perhaps a zone's name.
fn parse_zone(cursor: &mut Cursor<'_>) -> Option<i64> {
    if cursor.0.is_empty() || cursor.0 == b"Z" {
        return Some(0);
    }
    let spaced = cursor.take(b' ').is_some();
    let minutes = cursor.offset()?;
    let named = spaced && cursor.0.len() > 1 && cursor.0[0] == b' ' && cursor.0[1..].iter().all(u8::is_ascii_uppercase);
    (cursor.0.is_empty() || named).then_some(minutes)
}

/// Forms with an offset, and forms whose zone is a name. Zone names are ambiguous: all are taken for UTC.
fn parse_textual(text: &str) -> Option<i64> {
    const WITH_OFFSET: [&str; 3] = ["%a, %d %b %Y %H:%M:%S %z", "%d %b %y %H:%M %z", "%a %b %d %H:%M:%S %z %Y"];
    const NAIVE: [&str; 3] = ["%a, %d %b %Y %H:%M:%S", "%d %b %y %H:%M", "%A, %d-%b-%y %H:%M:%S"];
    const WITH_YEAR_LAST: &str = "%a %b %e %H:%M:%S %Y";
    if !text.is_ascii() || text.len() > 64 {
        return None;
    }
    if let Some(date) = WITH_OFFSET.iter().find_map(|form| DateTime::parse_from_str(text, form).ok()) {
        return Some(date.timestamp_millis());
    }
    let millis = |date: NaiveDateTime| date.and_utc().timestamp_millis();
    if let Ok(date) = NaiveDateTime::parse_from_str(text, WITH_YEAR_LAST) {
        return Some(millis(date));
    }
    if let Ok(date) = NaiveDate::parse_from_str(text, "%d %b %Y") {
        return date.and_hms_opt(0, 0, 0).map(millis);
    }
    let (head, zone) = text.rsplit_once(' ')?;
    if is_zone_name(zone) {
        return NAIVE.iter().find_map(|form| NaiveDateTime::parse_from_str(head, form).ok()).map(millis);
    }
    let (front, zone) = head.rsplit_once(' ')?;
    let unix = format!("{front} {}", text.rsplit_once(' ')?.1);
    is_zone_name(zone).then(|| NaiveDateTime::parse_from_str(&unix, WITH_YEAR_LAST).ok()).flatten().map(millis)
}

fn is_zone_name(word: &str) -> bool {
    (3..=5).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_like_chrono() {
        for ms in [0, 1, -1, 951_782_400_123, 1_709_164_800_000, 4_102_444_799_999, ZERO_MS, -2_208_988_800_001] {
            let chrono = DateTime::from_timestamp_millis(ms).unwrap().format("%Y-%m-%d %H:%M:%S%.3fZ").to_string();
            assert_eq!(format(ms), chrono);
            assert_eq!(parse(&format(ms)), Some(ms));
        }
        assert_eq!(format(253_402_300_800_000), "10000-01-01 00:00:00.000Z");
        assert!(!format(i64::MIN).is_empty() && !format(i64::MAX).is_empty());
    }

    #[test]
    fn reads_what_is_accepted() {
        let noon = "2024-02-29 12:00:00.000Z";
        for text in [
            "2024-02-29 12:00:00.000Z",
            "2024-02-29 12:00:00Z",
            "2024-02-29 12:00:00",
            "2024-02-29T12:00:00",
            "2024-02-29T12:00:00Z",
            "2024-02-29T12:00:00.000000001Z",
            "2024-02-29T14:00:00+02:00",
            "2024-02-29T14:00:00+0200",
            "2024-02-29 10:30:00 -01:30",
            "2024-02-29 12:00:00 +0000 UTC",
            "Thu, 29 Feb 2024 12:00:00 GMT",
            "Thu, 29 Feb 2024 13:00:00 +0100",
            "29 Feb 24 12:00 UTC",
            "29 Feb 24 13:00 +0100",
            "Thursday, 29-Feb-24 12:00:00 UTC",
            "Thu Feb 29 12:00:00 2024",
            "Thu Feb 29 12:00:00 UTC 2024",
            "Thu Feb 29 13:00:00 +0100 2024",
        ] {
            assert_eq!(normalise(text), noon, "{text}");
        }
        assert_eq!(normalise("2024-01-02"), "2024-01-02 00:00:00.000Z");
        assert_eq!(normalise("02 Jan 2024"), "2024-01-02 00:00:00.000Z");
        assert_eq!(normalise("2024-01-02T03:04:05.6789Z"), "2024-01-02 03:04:05.678Z");
        assert_eq!(normalise("2024-01-02 03:04:05,5"), "2024-01-02 03:04:05.500Z");
    }

    #[test]
    fn anything_else_is_empty() {
        for text in [
            "",
            "not a date",
            "1700000000",
            "2024-01-02 03:04",
            "2024-13-01",
            "2023-02-29",
            "2024-01-02 24:00:00",
            "2024-01-02 03:04:60",
            "2024-01-02 03:04:05.",
            "2024-01-02 03:04:05+1",
            "2024-01-02 03:04:05Zx",
            "2024-1-2",
            "0001-01-01 00:00:00.000Z",
            "0001-01-01",
            "žšč0-01-01",
        ] {
            assert_eq!(normalise(text), "", "{text}");
        }
    }
}
