//! The section of the settings about the copy of the collections in a libSQL server.

use super::form::is_http_url;
use crate::error::{FieldErrors, code};
use serde::{Deserialize, Serialize};

/// Longest address and token, in bytes.
const URL_MAX: usize = 1_000;
const TOKEN_MAX: usize = 10_000;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DatabaseSync {
    pub enabled: bool,
    /// The server's address: `https://`, `http://`, or `libsql://`, which is the first.
    pub url: String,
    /// Never shown.
    pub auth_token: String,
}

impl DatabaseSync {
    /// The address that is asked, without a slash at its end.
    #[must_use]
    pub fn address(&self) -> String {
        let url = self.url.trim_end_matches('/');
        url.strip_prefix("libsql://").map_or_else(|| url.to_owned(), |rest| format!("https://{rest}"))
    }

    /// Forgets the token that it has from former settings if those were of another server: it is shown to nobody, also not
    /// to another server.
    pub fn keep_token_of(&mut self, former: &Self) {
        if self.address() != former.address() {
            self.auth_token.clear();
        }
    }

    /// What is wrong with it.
    #[must_use]
    pub fn check(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        if self.url.is_empty() {
            if self.enabled {
                errors.add("url", code::REQUIRED);
            }
        } else if let Some(words) = flaw(self) {
            errors.add("url", code::IS_URL.say(words));
        }
        for (key, value, max) in [("url", &self.url, URL_MAX), ("authToken", &self.auth_token, TOKEN_MAX)] {
            if value.len() > max {
                errors.add(key, code::LENGTH_TOO_LONG.with([("max", max.into())]));
            }
        }
        // It becomes a header.
        if self.auth_token.bytes().any(|byte| !(b'!'..=b'~').contains(&byte)) {
            errors.add("authToken", code::INVALID_VALUE);
        }
        errors
    }
}

/// What is wrong with an address, in words.
fn flaw(sync: &DatabaseSync) -> Option<&'static str> {
    let address = sync.address();
    if !is_http_url(&address) {
        return Some("Must be an address that begins with https://, http:// or libsql://.");
    }
    let host = address.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    if host.contains('@') {
        return Some("Must hold neither name nor password; the token has a field of its own.");
    }
    if address.contains(['?', '#']) {
        return Some("Must have nothing behind its path; the token has a field of its own.");
    }
    let is_port = |port: &str| port.ends_with(']') || port.parse::<u16>().is_ok();
    let is_sound = address.parse::<hyper::Uri>().is_ok() && host.rsplit_once(':').is_none_or(|(_, port)| is_port(port));
    (!is_sound).then_some("Must be a valid URL.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(enabled: bool, url: &str, token: &str) -> Vec<String> {
        let sync = DatabaseSync { enabled, url: url.to_owned(), auth_token: token.to_owned() };
        sync.check().0.into_keys().collect()
    }

    #[test]
    fn an_address_is_one_of_a_server_and_holds_no_secret() {
        assert_eq!(keys(false, "", ""), [""; 0]);
        assert_eq!(keys(true, "", ""), ["url"]);
        for url in ["http://127.0.0.1:8080", "https://db.example.com/", "libsql://db-me.turso.io", "http://[::1]:1/ns"]
        {
            assert_eq!(keys(true, url, "a.b-c_d"), [""; 0], "{url}");
        }
        for url in [
            "db.example.com",
            "ws://db.example.com",
            "file:///tmp/a.db",
            "libsql://",
            "https://me:secret@db.example.com",
            "libsql://db.turso.io?authToken=x",
            "https://db.example.com/#a",
            "https://a b",
            "https://db.example.com:port",
        ] {
            assert_eq!(keys(false, url, ""), ["url"], "{url}");
        }
        assert_eq!(keys(false, "", "two words"), ["authToken"]);
        assert_eq!(keys(false, "", "a\r\nb"), ["authToken"]);
    }

    #[test]
    fn libsql_means_tls() {
        let sync = DatabaseSync { url: "libsql://db-me.turso.io/".into(), ..DatabaseSync::default() };
        assert_eq!(sync.address(), "https://db-me.turso.io");
    }

    #[test]
    fn a_token_stays_with_its_server() {
        let former =
            DatabaseSync { enabled: true, url: "libsql://db-me.turso.io".into(), auth_token: "kept".to_owned() };
        let token = |url: &str| {
            let mut sync = DatabaseSync { url: url.to_owned(), ..former.clone() };
            sync.keep_token_of(&former);
            sync.auth_token
        };
        assert_eq!(token("libsql://db-me.turso.io"), "kept");
        assert_eq!(token("https://db-me.turso.io/"), "kept", "the same server in other words");
        assert_eq!(token("http://db-me.turso.io"), "");
        assert_eq!(token("https://elsewhere.example"), "");
        assert_eq!(token(""), "");
    }
}
