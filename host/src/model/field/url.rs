//! A web address; the scheme may be left out.

use super::options::{allows_domain, check_domains};
use super::{Behaviour, Field, column, convert};
use crate::error::{FieldError, FieldErrors, code};
use crate::model::Value;
use crate::sql;
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Longer addresses are refused, in characters.
const MAX_CHARS: usize = 2082;
/// Shorter ones too.
const MIN_CHARS: usize = 4;
const SCHEMES: &[&str] = &["http", "https", "ftp", "tcp", "udp", "ws", "wss"];

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Url {
    /// Refused hosts; only one of the lists may be set.
    pub except_domains: Vec<String>,
    /// The only allowed hosts.
    pub only_domains: Vec<String>,
}

/// Whether a text has the form of a web address.
#[must_use]
pub fn is_url(text: &str) -> bool {
    let chars = text.chars().count();
    if !(MIN_CHARS..=MAX_CHARS).contains(&chars) || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return false;
    }
    let (scheme, authority) = split(text);
    let (host, port) = split_port(authority);
    let known = scheme.is_none_or(|scheme| SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme)));
    // Without a scheme or a port, a word alone is not taken for a host.
    let plausible = scheme.is_some() || port.is_some() || host.contains('.');
    let digits = |port: &str| (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit());
    known && plausible && port.is_none_or(digits) && is_host(host)
}

/// Scheme and authority without the user's part.
fn split(text: &str) -> (Option<&str>, &str) {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) if !scheme.contains(['/', '?', '#']) => (Some(scheme), rest),
        _ => (None, text),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    (scheme, authority.rsplit_once('@').map_or(authority, |(_, host)| host))
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return inner.parse::<Ipv6Addr>().is_ok();
    }
    if host.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())) {
        return host.parse::<Ipv4Addr>().is_ok();
    }
    let edge = |c: char| c.is_ascii_alphanumeric() || c as u32 >= 0xa1;
    let label = |label: &str| {
        label.starts_with(edge) && label.ends_with(edge) && label.chars().all(|c| edge(c) || c == '-' || c == '_')
    };
    host.strip_suffix('.').unwrap_or(host).split('.').all(label)
}

impl Behaviour for Url {
    const NAME: &'static str = "url";

    fn zero(&self) -> Value {
        Value::Text(String::new())
    }

    fn column(&self) -> &'static str {
        "TEXT DEFAULT '' NOT NULL"
    }

    fn normalise(&self, input: &serde_json::Value) -> Value {
        Value::Text(convert::to_text(input))
    }

    fn check(&self, value: &Value) -> Result<(), FieldError> {
        let text = value.as_text().unwrap_or_default();
        if !is_url(text) {
            return Err(code::INVALID_URL.into());
        }
        // Where no scheme says that it begins with a host, it has none, and no list of hosts allows it.
        let (scheme, authority) = split(text);
        let host = if scheme.is_some() { split_port(authority).0 } else { "" };
        if allows_domain(host, &self.except_domains, &self.only_domains) {
            Ok(())
        } else {
            Err(code::URL_DOMAIN_NOT_ALLOWED.into())
        }
    }

    fn load(&self, stored: sql::ValueRef<'_>) -> Value {
        Value::Text(column::text(stored))
    }

    fn store(&self, value: &Value) -> sql::Value {
        sql::Value::Text(value.as_text().unwrap_or_default().to_owned())
    }

    fn write_json(&self, stored: sql::ValueRef<'_>, out: &mut Vec<u8>) {
        column::write_text(stored, out);
    }

    fn check_options(&self, _field: &Field, errors: &mut FieldErrors) {
        check_domains(errors, &self.except_domains, &self.only_domains);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form() {
        for text in [
            "https://example.com/a?b=c#d",
            "http://localhost:8090",
            "http://localhost",
            "example.com",
            "example.com/x",
            "localhost:80",
            "ftp://user:pass@ftp.example.com:21/x",
            "http://127.0.0.1/",
            "http://[::1]:8080/x",
            "https://příklad.cz",
            "wss://a-b.example.com?x",
            "HTTP://EXAMPLE.COM",
        ] {
            assert!(is_url(text), "{text}");
        }
        for text in [
            "",
            "y",
            "abc",
            "not a url",
            "localhost",
            "http://",
            "http:///x",
            "javascript:alert(1)",
            "foo://a.com",
            "http://-a.com",
            "http://a..com",
            "http://1.2.3.400",
            "http://[::g]",
            "http://a.com:x",
            "http://a.com:123456",
            "http://a.com/a b",
            ".example.com",
            "data:text/html,x",
        ] {
            assert!(!is_url(text), "{text}");
        }
        assert!(!is_url(&format!("http://example.com/{}", "x".repeat(2100))));
    }

    #[test]
    fn domains() {
        let code =
            |url: &Url, text: &str| url.check(&Value::Text(text.into())).err().map(|error| error.code.into_owned());
        let only = Url { only_domains: vec!["example.com".into()], ..Url::default() };
        assert_eq!(code(&only, "https://example.com:8080/x"), None);
        for text in
            ["https://other.com/", "https://example.com@other.com/", "example.com", "https://other.com/@example.com"]
        {
            assert_eq!(code(&only, text).as_deref(), Some("validation_url_domain_not_allowed"), "{text}");
        }
        assert_eq!(code(&only, "x").as_deref(), Some("validation_invalid_url"));
        let except = Url { except_domains: vec!["bad.com".into()], ..Url::default() };
        assert_eq!(code(&except, "https://BAD.com:80/").as_deref(), Some("validation_url_domain_not_allowed"));
        assert_eq!(code(&except, "https://example.com/x"), None);
    }
}
