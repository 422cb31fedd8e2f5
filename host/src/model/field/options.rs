//! Checks and wire forms that options of several kinds share.

use crate::error::{FieldError, FieldErrors, code};
use crate::model::date;
use serde::{Deserialize, Deserializer, Serializer};
use serde_json::Value as Json;

/// The largest integer that every JSON client reads exactly.
pub const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// A limit that must lie between two others; 0 means unset and is fine.
pub fn check_limit(errors: &mut FieldErrors, key: &str, value: u64, min: u64, max: u64) {
    if value == 0 {
        return;
    }
    if value < min {
        errors.add(key, code::MIN_GREATER_EQUAL.with([("threshold", min.into())]));
    } else if value > max {
        errors.add(key, code::MAX_LESS_EQUAL.with([("threshold", max.into())]));
    }
}

/// Lists of domains that are allowed or refused: only one may be set, and each item is a domain.
pub fn check_domains(errors: &mut FieldErrors, except: &[String], only: &[String]) {
    for (key, list, other) in [("exceptDomains", except, only), ("onlyDomains", only, except)] {
        if !list.is_empty() && !other.is_empty() {
            errors.add(key, code::EMPTY);
            continue;
        }
        let mut invalid = FieldErrors::default();
        for (position, _) in list.iter().enumerate().filter(|(_, domain)| !is_domain(domain)) {
            invalid.add(&position.to_string(), code::IS_DOMAIN);
        }
        errors.nest(key, invalid);
    }
}

/// Whether a host is allowed by the two lists, regardless of case.
#[must_use]
pub fn allows_domain(domain: &str, except: &[String], only: &[String]) -> bool {
    let listed = |list: &[String]| list.iter().any(|item| item.eq_ignore_ascii_case(domain));
    (only.is_empty() || listed(only)) && !listed(except)
}

/// Labels of letters, digits and hyphens, at least two of them.
#[must_use]
pub fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    text.len() <= 255 && text.contains('.') && text.split('.').all(label)
}

/// A date limit as the client is told of it.
#[must_use]
pub fn date_error(code: code::Code, limit: &str) -> FieldError {
    let (day, time) = limit.split_once(' ').unwrap_or((limit, ""));
    let time = time.trim_end_matches('Z');
    let time = if time.contains('.') { time.trim_end_matches('0').trim_end_matches('.') } else { time };
    let mut error = code.with([("threshold", format!("{day} {time} +0000 UTC").into())]);
    error.params = vec![("threshold", format!("{day}T{time}Z").into())];
    error
}

/// Reads a date option: any accepted form, stored in the one form.
pub fn read_date<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(date::normalise(&String::deserialize(from)?))
}

/// Writes a number option without a fraction when it has none.
pub fn write_number<S: Serializer>(value: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
    match value {
        None => to.serialize_none(),
        Some(number) => match super::convert::number_value(*number) {
            crate::model::Value::Integer(integer) => to.serialize_i64(integer),
            _ => to.serialize_f64(*number),
        },
    }
}

/// A number for `params`, without a fraction when it has none.
#[must_use]
pub fn number_param(number: f64) -> Json {
    match super::convert::number_value(number) {
        crate::model::Value::Integer(integer) => integer.into(),
        _ => number.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains() {
        for domain in ["example.com", "a-b.c", "sub.example.com", "ž.cz", "xn--a.com"] {
            assert!(is_domain(domain), "{domain}");
        }
        for domain in ["", "example", "-a.com", "a-.com", "a..com", "a b.com", "http://a.com", "a.com."] {
            assert!(!is_domain(domain), "{domain}");
        }
        let list = ["A.com".to_owned()];
        assert!(allows_domain("a.com", &[], &list) && !allows_domain("b.com", &[], &list));
        assert!(!allows_domain("a.com", &list, &[]) && allows_domain("b.com", &list, &[]));
        let mut errors = FieldErrors::default();
        check_domains(&mut errors, &list, &list);
        assert_eq!(errors.0.len(), 2);
        let mut errors = FieldErrors::default();
        check_domains(&mut errors, &[], &["a.com".into(), "x".into()]);
        assert_eq!(format!("{errors:?}").matches("validation_is_domain").count(), 1);
    }

    #[test]
    fn limits() {
        let mut errors = FieldErrors::default();
        check_limit(&mut errors, "unset", 0, 5, 9);
        check_limit(&mut errors, "fine", 5, 5, 9);
        assert!(errors.is_empty());
        check_limit(&mut errors, "low", 4, 5, 9);
        check_limit(&mut errors, "high", 10, 5, 9);
        let text = format!("{errors:?}");
        assert!(text.contains("Must be no less than 5.") && text.contains("Must be no greater than 9."));
    }

    #[test]
    fn date_limits_read_like_dates() {
        let error = date_error(code::MIN_GREATER_EQUAL, "2024-01-01 00:00:00.000Z");
        assert_eq!(error.message, "Must be no less than 2024-01-01 00:00:00 +0000 UTC.");
        assert_eq!(error.params, [("threshold", "2024-01-01T00:00:00Z".into())]);
        let error = date_error(code::MAX_LESS_EQUAL, "2024-01-01 00:00:10.250Z");
        assert_eq!(error.params, [("threshold", "2024-01-01T00:00:10.25Z".into())]);
    }
}
