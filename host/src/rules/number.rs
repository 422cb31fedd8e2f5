//! Numbers as SQLite reads them from texts and prints them.

use crate::sql::Value;

/// The number that a whole text is written as, with blanks around it allowed.
pub(super) fn number_of(text: &str) -> Option<Value> {
    let text = text.trim_matches(|c: char| matches!(c, ' ' | '\t'..='\r'));
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mantissa_end = unsigned.find(['e', 'E']).unwrap_or(unsigned.len());
    let (mantissa, exponent) = unsigned.split_at(mantissa_end);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.len() + fraction.len() == 0 {
        return None;
    }
    let mut power = 0;
    if let Some(written) = exponent.get(1..) {
        let magnitude = written.strip_prefix(['+', '-']).unwrap_or(written);
        if magnitude.is_empty() || !digits(magnitude) {
            return None;
        }
        power = magnitude
            .bytes()
            .fold(0, |power, digit| if power < 10_000 { power * 10 + i32::from(digit - b'0') } else { 10_000 });
        power = if written.starts_with('-') { -power } else { power };
    }
    if mantissa.len() == whole.len()
        && exponent.is_empty()
        && let Ok(integer) = text.parse::<i64>()
    {
        return Some(Value::Integer(integer));
    }
    let number = real_of(whole, fraction, power);
    Some(Value::Real(if text.starts_with('-') { -number } else { number }))
}

/// Digits and a power of ten as a real number, in the steps that SQLite takes (`sqlite3AtoF`).
fn real_of(whole: &str, fraction: &str, power: i32) -> f64 {
    /// From here on another digit would not fit.
    const FULL: u64 = (u64::MAX - 9) / 10;
    let mut significand: u64 = 0;
    let mut power = power;
    for digit in whole.bytes() {
        if significand < FULL {
            significand = significand * 10 + u64::from(digit - b'0');
        } else {
            power = power.saturating_add(1);
        }
    }
    for digit in fraction.bytes() {
        if significand < FULL {
            significand = significand * 10 + u64::from(digit - b'0');
            power = power.saturating_sub(1);
        }
    }
    if significand == 0 {
        return 0.0;
    }
    while power > 0 && significand < u64::MAX / 10 {
        significand *= 10;
        power -= 1;
    }
    while power < 0 && significand.is_multiple_of(10) {
        significand /= 10;
        power += 1;
    }
    let number = Double::of(significand).scaled(power);
    if number.is_nan() { f64::INFINITY } else { number }
}

/// As `printf("%!.15g")` of SQLite: 15 significant digits, always a decimal point.
pub(super) fn printed(number: f64) -> String {
    const DIGITS: i32 = 15;
    if number == 0.0 {
        return "0.0".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Inf" } else { "-Inf" }.to_owned();
    }
    let (digits, exponent) = significant_digits(number.abs());
    let mut text = String::from(if number < 0.0 { "-" } else { "" });
    if !(-4..DIGITS).contains(&exponent) {
        let (first, rest) = digits.split_at(1);
        let rest = if rest.is_empty() { "0" } else { rest };
        let sign = if exponent < 0 { "e-" } else { "e+" };
        text.extend([first, ".", rest, sign, &format!("{:02}", exponent.abs())]);
    } else if exponent < 0 {
        text.push_str("0.");
        text.push_str(&"0".repeat(exponent.unsigned_abs() as usize - 1));
        text.push_str(&digits);
    } else {
        let point = exponent.unsigned_abs() as usize + 1;
        let padded = format!("{digits:0<point$}");
        let (whole, fraction) = padded.split_at(point);
        let fraction = if fraction.is_empty() { "0" } else { fraction };
        text.extend([whole, ".", fraction]);
    }
    text
}

/// The leading digits without trailing zeros, and the power of ten of the first; halves are rounded up.
fn significant_digits(number: f64) -> (String, i32) {
    const COUNT: usize = 15;
    let (integer, scaled) = as_integer(number);
    let mut digits = integer.to_string().into_bytes();
    let mut power = i32::try_from(digits.len()).unwrap_or(0) - 1 + scaled;
    let round_up = digits.get(COUNT).is_some_and(|digit| *digit >= b'5');
    digits.truncate(COUNT);
    if round_up {
        let nines = digits.iter().rev().take_while(|digit| **digit == b'9').count();
        let kept = digits.len() - nines;
        digits.truncate(kept);
        if let Some(last) = digits.last_mut() {
            *last += 1;
        } else {
            digits.push(b'1');
            power += 1;
        }
    }
    while digits.len() > 1 && digits.last() == Some(&b'0') {
        digits.pop();
    }
    (String::from_utf8(digits).unwrap_or_default(), power)
}

/// A number as an integer of 18 or 19 digits and a power of ten, in the steps that SQLite takes
/// (`sqlite3FpDecode`), so that its last digit is ours.
fn as_integer(number: f64) -> (u64, i32) {
    const UP_TO: f64 = 9.223_372_036_854_775e18;
    let mut value = Double { high: number, low: 0.0 };
    let mut power = 0;
    let mut scale = |until: &dyn Fn(f64) -> bool, (factor, factor_low): (f64, f64), step: i32| {
        while !until(value.high) {
            value.multiply(factor, factor_low);
            power += step;
        }
    };
    if number > UP_TO {
        scale(&|high| high <= 9.223_372_036_854_774e118, HUNDRED[1], 100);
        scale(&|high| high <= 9.223_372_036_854_774e28, TEN[1], 10);
        scale(&|high| high <= UP_TO, ONE[1], 1);
    } else {
        scale(&|high| high >= 9.223_372_036_854_775e-83, HUNDRED[0], -100);
        scale(&|high| high >= 9.223_372_036_854_775e7, TEN[0], -10);
        scale(&|high| high >= 9.223_372_036_854_775e17, ONE[0], -1);
    }
    (value.truncated(), power)
}

/// 10 to the power of 100, 10 and 1, and of -100, -10 and -1, each with what its first part lacks.
const HUNDRED: [(f64, f64); 2] = [(1e100, -1.590_289_110_975_991_8e83), (1e-100, -1.999_189_980_260_288_3e-117)];
const TEN: [(f64, f64); 2] = [(1e10, 0.0), (1e-10, -3.643_219_731_549_774e-27)];
const ONE: [(f64, f64); 2] = [(1e1, 0.0), (1e-1, -5.551_115_123_125_783e-18)];

/// A number of twice the precision (Dekker).
struct Double {
    high: f64,
    low: f64,
}

impl Double {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what is lost is the low part"
    )]
    fn of(integer: u64) -> Self {
        let high = integer as f64;
        let rounded = high as u64;
        let low = if integer >= rounded { (integer - rounded) as f64 } else { -((rounded - integer) as f64) };
        Self { high, low }
    }

    /// Times a power of ten, as one number.
    fn scaled(mut self, power: i32) -> f64 {
        let (mut left, up) = (power.unsigned_abs(), power > 0);
        for (step, [raised, lowered]) in [(100, HUNDRED), (10, TEN), (1, ONE)] {
            while left >= step {
                let (factor, factor_low) = if up { raised } else { lowered };
                self.multiply(factor, factor_low);
                left -= step;
            }
        }
        self.high + self.low
    }

    fn multiply(&mut self, factor: f64, factor_low: f64) {
        let upper_half = |number: f64| f64::from_bits(number.to_bits() & 0xffff_ffff_fc00_0000);
        let (high, factor_high) = (upper_half(self.high), upper_half(factor));
        let (rest, factor_rest) = (self.high - high, factor - factor_high);
        let product = high * factor_high;
        let cross = high * factor_rest + rest * factor_high;
        let sum = product + cross;
        let error = product - sum + cross + rest * factor_rest;
        let error = self.high * factor_low + self.low * factor + error;
        self.high = sum + error;
        self.low = sum - self.high + error;
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "both parts fit by construction")]
    fn truncated(&self) -> u64 {
        if self.low < 0.0 {
            (self.high as u64).saturating_sub((-self.low) as u64)
        } else {
            (self.high as u64).saturating_add(self.low as u64)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_texts() {
        for (written, number) in [
            (" 12 ", Some(Value::Integer(12))),
            ("-0", Some(Value::Integer(0))),
            ("+.5", Some(Value::Real(0.5))),
            ("5.", Some(Value::Real(5.0))),
            ("1e2", Some(Value::Real(100.0))),
            ("9223372036854775808", Some(Value::Real(9_223_372_036_854_775_808.0))),
            ("1e", None),
            (".", None),
            ("", None),
            ("0x10", None),
            ("12a", None),
            ("--1", None),
        ] {
            assert_eq!(number_of(written), number, "{written:?}");
        }
    }

    #[test]
    fn reals_print_as_in_sqlite() {
        for (number, text) in [
            (5.0, "5.0"),
            (-5.5, "-5.5"),
            (0.1 + 0.2, "0.3"),
            (1e14, "100000000000000.0"),
            (1e15, "1.0e+15"),
            (1.5e300, "1.5e+300"),
            (0.0001, "0.0001"),
            (0.00001, "1.0e-05"),
            (123_456_789.987_654_3, "123456789.987654"),
            (999_999_999_999_999.9, "1.0e+15"),
        ] {
            assert_eq!(printed(number), text);
        }
    }
}
