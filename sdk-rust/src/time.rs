//! Milliseconds since 1970 as the text of a date field, without a date library.

/// `2026-01-31 12:00:00.000Z`
pub fn date_text(ms: i64) -> String {
    let days = ms.div_euclid(86_400_000);
    let in_day = ms.rem_euclid(86_400_000);
    let (year, month, day) = civil(days);
    let parts = [
        (year, 4, '-'),
        (month, 2, '-'),
        (day, 2, ' '),
        (in_day / 3_600_000, 2, ':'),
        (in_day / 60_000 % 60, 2, ':'),
        (in_day / 1000 % 60, 2, '.'),
        (in_day % 1000, 3, 'Z'),
    ];
    let mut text = String::with_capacity(24);
    for (number, width, separator) in parts {
        for digit in (0..width).rev() {
            let digit = number / 10i64.pow(digit) % 10;
            text.push(char::from(b'0' + digit as u8));
        }
        text.push(separator);
    }
    text
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar. Years are counted from March, so
/// that the leap day is the last of its year; 400 years are 146097 days.
fn civil(days: i64) -> (i64, i64, i64) {
    let since_march_0 = days + 719_468;
    let era = since_march_0.div_euclid(146_097);
    let day_of_era = since_march_0.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::date_text;

    #[test]
    fn writes_dates() {
        assert_eq!(date_text(0), "1970-01-01 00:00:00.000Z");
        assert_eq!(date_text(1_700_000_000_123), "2023-11-14 22:13:20.123Z");
        assert_eq!(date_text(1_709_164_800_000), "2024-02-29 00:00:00.000Z");
        assert_eq!(date_text(4_107_542_399_999), "2100-02-28 23:59:59.999Z");
        assert_eq!(date_text(-1), "1969-12-31 23:59:59.999Z");
    }
}
