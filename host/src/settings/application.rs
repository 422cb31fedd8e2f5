//! The sections of the settings about the application itself: how people know it, batches, the request log.

use super::form::{self, at_least_zero, is_http_url};
use crate::error::{FieldErrors, code};
use crate::model::field::email::is_email;
use serde::{Deserialize, Serialize};

/// Longest name of an application, and of a sender.
const NAME_MAX: usize = 255;

/// Characters of `#rrggbb`.
const COLOR_LENGTH: usize = 7;

/// The application as people know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Meta {
    /// `#rrggbb`; empty for the dashboard's own.
    pub accent_color: String,
    pub app_name: String,
    #[serde(rename = "appURL")]
    pub app_url: String,
    /// Whether the dashboard offers no changes of collections.
    pub hide_controls: bool,
    /// Whom mails are from.
    pub sender_address: String,
    pub sender_name: String,
}

/// Several writes in one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Batch {
    pub enabled: bool,
    /// Bytes; 0 for the default.
    pub max_body_size: i64,
    pub max_requests: i64,
    /// Seconds.
    pub timeout: i64,
}

/// The request log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LogSettings {
    /// Whether the id of whoever was signed in is kept.
    pub log_auth_id: bool,
    #[serde(rename = "logIP")]
    pub log_ip: bool,
    /// Bytes of JSON kept of a request; 0 for no limit but those of its parts.
    pub max_data_size: i64,
    /// 0 switches the log off.
    pub max_days: i64,
    /// -4 debug, 0 info, 4 warning, 8 error.
    pub min_level: i64,
}

impl Default for Meta {
    fn default() -> Self {
        Self {
            accent_color: "#1055c9".to_owned(),
            app_name: "Acme".to_owned(),
            app_url: "http://localhost:8090".to_owned(),
            hide_controls: false,
            sender_address: "support@example.com".to_owned(),
            sender_name: "Support".to_owned(),
        }
    }
}

impl Default for Batch {
    fn default() -> Self {
        Self { enabled: false, max_body_size: 0, max_requests: 50, timeout: 3 }
    }
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { log_auth_id: false, log_ip: true, max_data_size: 0, max_days: 5, min_level: 0 }
    }
}

impl Meta {
    pub(super) fn check(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        form::name(&mut errors, "appName", &self.app_name, NAME_MAX);
        form::name(&mut errors, "senderName", &self.sender_name, NAME_MAX);
        if self.app_url.is_empty() {
            errors.add("appURL", code::REQUIRED);
        } else if !is_http_url(&self.app_url) {
            errors.add("appURL", code::IS_URL);
        }
        if self.sender_address.is_empty() {
            errors.add("senderAddress", code::REQUIRED);
        } else if !is_email(&self.sender_address) || self.sender_address.len() > NAME_MAX {
            errors.add("senderAddress", code::IS_EMAIL);
        }
        if !self.accent_color.is_empty() && self.accent_color.len() != COLOR_LENGTH {
            let length = || COLOR_LENGTH.into();
            errors.add("accentColor", code::LENGTH_INVALID.with([("min", length()), ("max", length())]));
        } else if !self.accent_color.is_empty() && !is_color(&self.accent_color) {
            errors.add("accentColor", code::IS_HEX_COLOR);
        }
        errors
    }
}

impl Batch {
    pub(super) fn check(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        at_least_zero(&mut errors, "maxBodySize", self.max_body_size, false);
        at_least_zero(&mut errors, "maxRequests", self.max_requests, self.enabled);
        at_least_zero(&mut errors, "timeout", self.timeout, self.enabled);
        errors
    }
}

impl LogSettings {
    pub(super) fn check(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        at_least_zero(&mut errors, "maxDataSize", self.max_data_size, false);
        at_least_zero(&mut errors, "maxDays", self.max_days, false);
        errors
    }
}

fn is_color(text: &str) -> bool {
    let digits = text.strip_prefix('#').filter(|_| text.len() == COLOR_LENGTH);
    digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors() {
        for text in ["#1055c9", "#FFFFFF"] {
            assert!(is_color(text), "{text}");
        }
        for text in ["1055c9", "#1055c", "#1055cg", "#1055c99", "red", "#äöü"] {
            assert!(!is_color(text), "{text}");
        }
    }

    #[test]
    fn a_sender_has_a_name_and_an_address() {
        assert!(Meta::default().check().is_empty());
        let wrong = Meta { sender_address: "nobody".into(), sender_name: " ".into(), ..Meta::default() };
        assert_eq!(wrong.check().0.keys().collect::<Vec<_>>(), ["senderAddress", "senderName"]);
    }
}
