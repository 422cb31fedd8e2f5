//! Forms of values that several sections of the settings have: names, numbers, hosts, addresses.

use crate::error::{FieldErrors, code};
use crate::model::field::url::is_url;
use std::net::IpAddr;

/// A text that must be there and may not be longer.
pub(super) fn name(errors: &mut FieldErrors, key: &str, value: &str, max: usize) {
    if value.trim().is_empty() {
        errors.add(key, code::REQUIRED);
    } else if value.chars().count() > max {
        errors.add(key, code::LENGTH_OUT_OF_RANGE.with([("min", 1.into()), ("max", max.into())]));
    } else if value.chars().any(char::is_control) {
        errors.add(key, code::INVALID_VALUE);
    }
}

pub(super) fn at_least_zero(errors: &mut FieldErrors, key: &str, value: i64, required: bool) {
    if value < 0 {
        errors.add(key, code::MIN_GREATER_EQUAL.with([("threshold", 0.into())]));
    } else if value == 0 && required {
        errors.add(key, code::REQUIRED);
    }
}

pub(super) fn at_most(errors: &mut FieldErrors, key: &str, value: i64, max: i64) {
    if value > max {
        errors.add(key, code::MAX_LESS_EQUAL.with([("threshold", max.into())]));
    }
}

/// A name or an address of a machine, without a port.
pub(super) fn is_host(text: &str) -> bool {
    let plain = !text.contains(['/', ':', '?', '#', '@', '[']);
    text.parse::<IpAddr>().is_ok() || plain && is_url(&format!("http://{text}"))
}

/// An absolute http address, which is what links in mails are made of.
pub(super) fn is_http_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    host.is_some_and(|host| !host.is_empty()) && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_have_no_port_and_no_path() {
        for text in ["localhost", "smtp.example.com", "127.0.0.1", "::1", "mail_1.example"] {
            assert!(is_host(text), "{text}");
        }
        for text in ["", "smtp.example.com:25", "http://smtp", "a b", "a/b", "me@host", "-a", "999.1.1.1"] {
            assert!(!is_host(text), "{text}");
        }
    }
}
