//! Values as SQLite stores, compares, prints and matches them, so that what is decided in memory is what
//! a statement would have decided.

use super::number::{number_of, printed};
use crate::sql::Value;
use std::borrow::Cow;
use std::cmp::Ordering;

/// How a side of a comparison wants values converted (SQLite, "Type Affinity").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Affinity {
    /// An expression or a parameter.
    None,
    /// A column without a type, such as the `value` of `json_each`.
    Blob,
    Text,
    Numeric,
}

impl Affinity {
    /// Of a column, from its declaration in capitals. A JSON column is NUMERIC to SQLite.
    pub(super) fn of_declaration(declaration: &str) -> Self {
        let declared = declaration.split([' ', '(']).next().unwrap_or_default();
        if declared.contains("CHAR") || declared.contains("CLOB") || declared.contains("TEXT") {
            Self::Text
        } else if declared.contains("BLOB") || declared.is_empty() {
            Self::Blob
        } else {
            Self::Numeric
        }
    }

    /// What becomes of a value that is stored in a column of this affinity.
    pub(super) fn stored(self, value: Value) -> Value {
        match (self, value) {
            (Self::Text, number @ (Value::Integer(_) | Value::Real(_))) => {
                Value::Text(text_of(&number).unwrap_or_default().into_owned())
            }
            (Self::Numeric, Value::Text(text)) => match number_of(&text) {
                Some(number) => shortest(number),
                None => Value::Text(text),
            },
            (Self::Numeric, number @ Value::Real(_)) => shortest(number),
            (_, value) => value,
        }
    }
}

/// Numeric columns keep a real number that is an integer as an integer.
fn shortest(number: Value) -> Value {
    match number {
        Value::Real(real) => integer_of(real).map_or(Value::Real(real), Value::Integer),
        other => other,
    }
}

/// The integer that a real number is.
fn integer_of(real: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "compared with the original below")]
    let integer = real as i64;
    #[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "whether it is exact is the question")]
    let exact = integer as f64 == real;
    (exact && integer > i64::MIN && integer < i64::MAX).then_some(integer)
}

/// The order of two values, after the conversions that the affinities ask for; `None` when one is NULL.
pub(super) fn compare(
    left: &Value,
    left_affinity: Affinity,
    right: &Value,
    right_affinity: Affinity,
) -> Option<Ordering> {
    if *left == Value::Null || *right == Value::Null {
        return None;
    }
    let (left, right) = match joint_affinity(left_affinity, right_affinity) {
        Affinity::Numeric => (as_number(left), as_number(right)),
        Affinity::Text if matches!(left, Value::Text(_)) || matches!(right, Value::Text(_)) => {
            (as_text(left), as_text(right))
        }
        _ => (Cow::Borrowed(left), Cow::Borrowed(right)),
    };
    Some(order(&left, &right))
}

/// `IS`: like `=`, but NULL is a value.
pub(super) fn is(left: &Value, left_affinity: Affinity, right: &Value, right_affinity: Affinity) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Null, _) | (_, Value::Null) => false,
        _ => compare(left, left_affinity, right, right_affinity) == Some(Ordering::Equal),
    }
}

/// The affinity under which a comparison takes place (`sqlite3CompareAffinity`).
fn joint_affinity(left: Affinity, right: Affinity) -> Affinity {
    match (left, right) {
        (Affinity::None, other) | (other, Affinity::None) => other,
        (Affinity::Numeric, _) | (_, Affinity::Numeric) => Affinity::Numeric,
        _ => Affinity::Blob,
    }
}

fn as_number(value: &Value) -> Cow<'_, Value> {
    match value {
        Value::Text(text) => number_of(text).map_or(Cow::Borrowed(value), Cow::Owned),
        _ => Cow::Borrowed(value),
    }
}

fn as_text(value: &Value) -> Cow<'_, Value> {
    match value {
        Value::Integer(_) | Value::Real(_) => Cow::Owned(Value::Text(text_of(value).unwrap_or_default().into_owned())),
        _ => Cow::Borrowed(value),
    }
}

/// Numbers before text before blobs; text by its bytes.
fn order(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Real(a), Value::Real(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
        (Value::Integer(a), Value::Real(b)) => order_mixed(*a, *b),
        (Value::Real(a), Value::Integer(b)) => order_mixed(*b, *a).reverse(),
        (Value::Text(a), Value::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Value::Blob(a), Value::Blob(b)) => a.cmp(b),
        _ => class(left).cmp(&class(right)),
    }
}

/// Exact, where a conversion of the integer would lose digits.
fn order_mixed(integer: i64, real: f64) -> Ordering {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if real < -LIMIT {
        return Ordering::Greater;
    }
    if real >= LIMIT {
        return Ordering::Less;
    }
    #[expect(clippy::cast_possible_truncation, reason = "the integer part is meant, and it is in range")]
    let whole = real as i64;
    integer.cmp(&whole).then_with(|| 0.0_f64.partial_cmp(&real.fract()).unwrap_or(Ordering::Equal))
}

fn class(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Integer(_) | Value::Real(_) => 1,
        Value::Text(_) => 2,
        Value::Blob(_) => 3,
    }
}

/// A value as text; `None` for NULL. Blobs do not occur where rules look.
pub(super) fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => None,
        Value::Integer(number) => Some(Cow::Owned(number.to_string())),
        Value::Real(number) => Some(Cow::Owned(printed(*number))),
        Value::Text(text) => Some(Cow::Borrowed(text)),
        Value::Blob(bytes) => Some(String::from_utf8_lossy(bytes)),
    }
}

/// `text LIKE pattern ESCAPE '\'`: `%` is any run, `_` one character, ASCII letters regardless of case.
pub(super) fn like(text: &str, pattern: &str) -> bool {
    // SQLite's LIKE ends both at a NUL.
    let until_nul = |text: &'_ str| text.split('\0').next().unwrap_or_default().to_owned();
    let text: Vec<char> = until_nul(text).chars().collect();
    Pattern::parse(&until_nul(pattern)).is_some_and(|pattern| pattern.matches(&text))
}

enum Piece {
    One(char),
    AnyOne,
    Run,
}

struct Pattern(Vec<Piece>);

impl Pattern {
    /// `None` for a pattern that ends in a lone escape, which nothing matches.
    fn parse(pattern: &str) -> Option<Self> {
        let mut pieces = Vec::with_capacity(pattern.len());
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            pieces.push(match c {
                '\\' => Piece::One(chars.next()?),
                '%' => Piece::Run,
                '_' => Piece::AnyOne,
                c => Piece::One(c),
            });
        }
        Some(Self(pieces))
    }

    /// Goes back to the last `%` only, as an earlier one cannot help.
    fn matches(&self, text: &[char]) -> bool {
        let (mut at, mut piece) = (0, 0);
        let mut retry: Option<(usize, usize)> = None;
        loop {
            match self.0.get(piece) {
                Some(Piece::Run) => {
                    retry = Some((piece + 1, at));
                    piece += 1;
                    continue;
                }
                Some(Piece::AnyOne) if at < text.len() => {
                    at += 1;
                    piece += 1;
                    continue;
                }
                Some(Piece::One(c)) if text.get(at).is_some_and(|other| c.eq_ignore_ascii_case(other)) => {
                    at += 1;
                    piece += 1;
                    continue;
                }
                None if at == text.len() => return true,
                _ => {}
            }
            match retry {
                Some((after_run, from)) if from < text.len() => {
                    retry = Some((after_run, from + 1));
                    piece = after_run;
                    at = from + 1;
                }
                _ => return false,
            }
        }
    }
}

/// The pattern that a value on the right of `~` means: with a `%` of its own it is one already, otherwise
/// it is searched for literally.
pub(super) fn contains_pattern(text: &str) -> String {
    if has_unescaped_percent(text) { text.to_owned() } else { format!("%{}%", escape_pattern(text)) }
}

fn has_unescaped_percent(text: &str) -> bool {
    let mut escaped = false;
    for c in text.chars() {
        if c == '%' && !escaped {
            return true;
        }
        escaped = c == '\\' && !escaped;
    }
    false
}

/// Escapes `\`, `%` and `_`, except where a backslash already does.
fn escape_pattern(text: &str) -> String {
    let special = |c: &char| matches!(c, '\\' | '%' | '_');
    let mut escaped = String::with_capacity(text.len() + 4);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if !special(&c) {
            escaped.push(c);
            continue;
        }
        escaped.push('\\');
        let already = if c == '\\' { chars.next_if(special) } else { None };
        escaped.push(already.unwrap_or(c));
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Value {
        Value::Text(value.to_owned())
    }

    #[test]
    fn affinity_decides_what_is_compared() {
        let less = |left, la, right, ra| compare(&left, la, &right, ra) == Some(Ordering::Less);
        let five = || Value::Integer(5);
        // A number is less than any text, unless the column is numeric.
        assert!(less(five(), Affinity::None, text("3"), Affinity::None));
        assert!(!less(five(), Affinity::Numeric, text("3"), Affinity::None));
        assert!(less(five(), Affinity::Numeric, text("x"), Affinity::None));
        // A text column turns the number into a text; a real keeps its point.
        assert!(is(&text("5"), Affinity::Text, &five(), Affinity::None));
        assert!(!is(&text("5"), Affinity::Text, &Value::Real(5.0), Affinity::None));
        assert!(is(&text("5.0"), Affinity::Text, &Value::Real(5.0), Affinity::None));
        // Two columns without a numeric one: as they are.
        assert!(!is(&text("5"), Affinity::Text, &five(), Affinity::Blob));
    }

    #[test]
    fn integers_and_reals_compare_exactly() {
        let big = 9_007_199_254_740_993_i64;
        assert_eq!(order_mixed(big, 9_007_199_254_740_992.0), Ordering::Greater);
        assert_eq!(order_mixed(i64::MAX, 9.3e18), Ordering::Less);
        assert_eq!(order_mixed(i64::MIN, -9.3e18), Ordering::Greater);
        assert_eq!(order_mixed(2, 2.5), Ordering::Less);
        assert_eq!(order_mixed(-2, -2.5), Ordering::Greater);
    }

    #[test]
    fn patterns() {
        for (value, pattern, matched) in [
            ("Alpha", "al%", true),
            ("Alpha", "al", false),
            ("Alpha", "a____", true),
            ("100%", "100\\%", true),
            ("1000", "100\\%", false),
            ("aXbXc", "%x%c", true),
            ("ÄB", "äb", false),
            ("äb", "_B", true),
            ("", "%", true),
            ("a", "a\\", false),
            ("aab", "%ab", true),
            ("a\0b", "a", true),
        ] {
            assert_eq!(like(value, pattern), matched, "{value:?} LIKE {pattern:?}");
        }
    }

    #[test]
    fn what_a_searched_text_means() {
        for (searched, pattern) in [
            ("m_m", "%m\\_m%"),
            ("al%", "al%"),
            ("100\\%", "%100\\%%"),
            ("\\\\%", "\\\\%"),
            ("a\\b", "%a\\\\b%"),
            ("__", "%\\_\\_%"),
            ("x\\", "%x\\\\%"),
            ("", "%%"),
        ] {
            assert_eq!(contains_pattern(searched), pattern, "{searched:?}");
        }
    }

    #[test]
    fn numeric_columns_store_short_numbers() {
        assert_eq!(Affinity::Numeric.stored(text("1.0")), Value::Integer(1));
        assert_eq!(Affinity::Numeric.stored(Value::Real(2.5)), Value::Real(2.5));
        assert_eq!(Affinity::Numeric.stored(text("[1]")), text("[1]"));
        assert_eq!(Affinity::of_declaration("JSON DEFAULT NULL"), Affinity::Numeric);
        assert_eq!(Affinity::of_declaration("TEXT PRIMARY KEY"), Affinity::Text);
        assert_eq!(Affinity::of_declaration("F32_BLOB(3)"), Affinity::Blob);
    }
}
