//! The section of the settings about the server that mails are sent through.

use super::form::{at_least_zero, at_most, is_host};
use crate::error::{FieldErrors, code};
use serde::{Deserialize, Serialize};

/// Longest user name or password.
const CREDENTIAL_MAX: usize = 1_000;

const PORT_MAX: i64 = 65_535;

/// Ways to sign in at a mail server; empty for the one that the server prefers.
const AUTH_METHODS: [&str; 3] = ["", "PLAIN", "LOGIN"];

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Smtp {
    /// `PLAIN`, `LOGIN`, or empty.
    pub auth_method: String,
    pub enabled: bool,
    pub host: String,
    /// The name this server greets with; empty for `localhost`.
    pub local_name: String,
    /// Never shown.
    pub password: String,
    pub port: i64,
    /// TLS from the first byte; otherwise STARTTLS where the server offers it.
    pub tls: bool,
    pub username: String,
}

impl Default for Smtp {
    fn default() -> Self {
        Self {
            auth_method: String::new(),
            enabled: false,
            host: "smtp.example.com".to_owned(),
            local_name: String::new(),
            password: String::new(),
            port: 587,
            tls: false,
            username: String::new(),
        }
    }
}

impl Smtp {
    pub(super) fn check(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        if self.enabled && self.host.is_empty() {
            errors.add("host", code::REQUIRED);
        } else if !self.host.is_empty() && !is_host(&self.host) {
            errors.add("host", code::IS_HOST);
        }
        at_least_zero(&mut errors, "port", self.port, self.enabled);
        at_most(&mut errors, "port", self.port, PORT_MAX);
        if !AUTH_METHODS.contains(&self.auth_method.as_str()) {
            errors.add("authMethod", code::IN_INVALID);
        }
        if !self.local_name.is_empty() && !is_host(&self.local_name) {
            errors.add("localName", code::IS_HOST);
        }
        for (key, value) in [("username", &self.username), ("password", &self.password)] {
            if value.len() > CREDENTIAL_MAX {
                errors.add(key, code::LENGTH_TOO_LONG.with([("max", CREDENTIAL_MAX.into())]));
            }
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(smtp: &Smtp) -> Vec<String> {
        smtp.check().0.into_keys().collect()
    }

    #[test]
    fn a_server_that_is_switched_on_can_be_reached() {
        assert!(keys(&Smtp::default()).is_empty());
        let nowhere = Smtp { host: String::new(), port: 0, ..Smtp::default() };
        assert!(keys(&nowhere).is_empty(), "it is off");
        assert_eq!(keys(&Smtp { enabled: true, ..nowhere }), ["host", "port"]);
        let wrong = Smtp {
            auth_method: "CRAM-MD5".into(),
            host: "a:25".into(),
            local_name: "a b".into(),
            port: 65_536,
            ..Smtp::default()
        };
        assert_eq!(keys(&wrong), ["authMethod", "host", "localName", "port"]);
    }
}
