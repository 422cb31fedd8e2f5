//! What a plugin may do besides reading and writing records: the shapes of these rights, and what they cover.
//! Reading them from JSON is [`read`], comparing them with what a manifest asks for is [`within`].

pub(super) mod read;
pub(super) mod within;

use serde_json::{Map, Value, json};
use std::fmt;

/// Everything that can be granted apart from records. Nothing is, unless it is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    pub http: Option<Http>,
    /// Names of secrets whose placeholders it gets.
    pub secrets: Vec<String>,
    /// Names of secrets that it signs with.
    pub signing: Vec<String>,
    pub mail: Option<Mail>,
    /// Patterns of topics that it publishes to.
    pub realtime: Vec<String>,
    pub files: Files,
    /// The time of day.
    pub clock: bool,
    /// Real randomness.
    pub random: bool,
}

/// Requests to other servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    pub hosts: Vec<HostPattern>,
    /// In capitals.
    pub methods: Vec<String>,
    /// `http://` too.
    pub insecure: bool,
    /// Both ways together, of one call of the plugin, and of a day in UTC.
    pub bytes_per_call: u64,
    pub bytes_per_day: u64,
}

/// `api.example.com`, `*.example.com`, either with a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern {
    /// Without the `*.`; in small letters.
    name: String,
    /// Any name below, and not the name itself.
    below: bool,
    /// The scheme's own when there is none.
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub to: Recipients,
    /// Mails of a day in UTC.
    pub per_day: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipients {
    Any,
    /// Addresses of the tenant's auth records.
    Users,
    /// Addresses, or `*@domain`; in small letters.
    List(Vec<String>),
}

/// The files of records that it may view, or update.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Files {
    pub read: bool,
    pub write: bool,
}

impl Rights {
    /// As [`read::rights`] reads it: what is not granted is not there.
    #[must_use]
    pub fn to_json(&self) -> Map<String, Value> {
        let mut json = Map::new();
        if let Some(Http { hosts, methods, insecure, bytes_per_call, bytes_per_day }) = &self.http {
            let hosts: Vec<_> = hosts.iter().map(ToString::to_string).collect();
            let http = json!({"hosts": hosts, "methods": methods, "insecure": insecure, "bytesPerCall": bytes_per_call, "bytesPerDay": bytes_per_day});
            json.insert("http".to_owned(), http);
        }
        for (key, list) in [("secrets", &self.secrets), ("signing", &self.signing), ("realtime", &self.realtime)] {
            if !list.is_empty() {
                json.insert(key.to_owned(), json!(list));
            }
        }
        if let Some(Mail { to, per_day }) = &self.mail {
            let to = match to {
                Recipients::Any => json!("any"),
                Recipients::Users => json!("users"),
                Recipients::List(list) => json!(list),
            };
            json.insert("mail".to_owned(), json!({"to": to, "perDay": per_day}));
        }
        let verbs: Vec<_> = [("read", self.files.read), ("write", self.files.write)]
            .iter()
            .filter(|verb| verb.1)
            .map(|verb| verb.0)
            .collect();
        if !verbs.is_empty() {
            json.insert("files".to_owned(), json!(verbs));
        }
        for (key, granted) in [("clock", self.clock), ("random", self.random)] {
            if granted {
                json.insert(key.to_owned(), json!(true));
            }
        }
        json
    }

    /// Whether a topic is one of those it publishes to.
    #[must_use]
    pub fn may_publish(&self, topic: &str) -> bool {
        self.realtime.iter().any(|pattern| covers_topic(pattern, topic))
    }
}

/// `orders/*` covers every topic that begins with `orders/`; without a star at its end a pattern is a topic.
fn covers_topic(pattern: &str, topic: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == topic, |start| topic.starts_with(start))
}

impl Http {
    #[must_use]
    pub fn may_reach(&self, host: &str, port: u16, is_secure: bool) -> bool {
        (is_secure || self.insecure) && self.hosts.iter().any(|pattern| pattern.covers(host, port, is_secure))
    }
}

impl HostPattern {
    /// `None` for what is no name of a host.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let (text, below) = text.strip_prefix("*.").map_or((text.as_str(), false), |name| (name, true));
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) if !name.is_empty() && !port.contains(']') => {
                (name, Some(port.parse::<u16>().ok().filter(|port| *port > 0)?))
            }
            _ => (text, None),
        };
        let is_literal = name.starts_with('[')
            && name.ends_with(']')
            && name[1..name.len() - 1].parse::<std::net::Ipv6Addr>().is_ok();
        let is_label = |label: &str| {
            let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            (1..=63).contains(&label.len()) && label.bytes().all(inner)
        };
        let is_name = name.len() <= 253 && name.split('.').all(is_label);
        // A star over a whole top-level domain would be a star over nearly everything.
        let is_narrow = !below || (is_name && name.contains('.'));
        (is_narrow && (is_name || is_literal)).then(|| Self { name: name.to_owned(), below, port })
    }

    /// `host` in small letters, as it stands in the address.
    #[must_use]
    pub fn covers(&self, host: &str, port: u16, is_secure: bool) -> bool {
        let usual = if is_secure { 443 } else { 80 };
        let is_named = if self.below {
            host.strip_suffix(&self.name).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
        } else {
            host == self.name
        };
        is_named && port == self.port.unwrap_or(usual)
    }

    /// Whether it covers everything that the other does.
    fn includes(&self, other: &Self) -> bool {
        let is_under = other.name.strip_suffix(&self.name).is_some_and(|rest| rest.ends_with('.'));
        let is_named = match (self.below, other.below) {
            (true, true) => is_under || other.name == self.name,
            (true, false) => is_under,
            (false, below) => !below && other.name == self.name,
        };
        is_named && self.port == other.port
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = if self.below { "*." } else { "" };
        write!(out, "{star}{}", self.name)?;
        self.port.map_or(Ok(()), |port| write!(out, ":{port}"))
    }
}

impl Recipients {
    /// Whether a list has the address; what `Any` and `Users` cover is not for it to say.
    #[must_use]
    pub fn lists(&self, address: &str) -> bool {
        let Self::List(list) = self else { return false };
        let address = address.to_ascii_lowercase();
        list.iter().any(|entry| covers_address(entry, &address))
    }
}

fn covers_address(entry: &str, address: &str) -> bool {
    match entry.strip_prefix('*') {
        Some(domain) => address.ends_with(domain),
        None => entry == address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> HostPattern {
        HostPattern::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn a_pattern_covers_its_host_and_no_other() {
        let exact = pattern("API.x.com");
        assert!(exact.covers("api.x.com", 443, true) && exact.covers("api.x.com", 80, false));
        for (host, port) in [
            ("x.com", 443),
            ("evil-api.x.com", 443),
            ("api.x.com.evil.com", 443),
            ("api.x.com", 8443),
            ("api.x.com", 80),
        ] {
            assert!(!exact.covers(host, port, true), "{host}:{port}");
        }
        let below = pattern("*.y.com:8443");
        assert!(below.covers("a.y.com", 8443, true) && below.covers("a.b.y.com", 8443, true));
        for host in ["y.com", ".y.com", "evily.com", "a.y.com.z"] {
            assert!(!below.covers(host, 8443, true), "{host}");
        }
        assert!(
            pattern("[::1]:80").covers("[::1]", 80, false) && pattern("127.0.0.1:81").covers("127.0.0.1", 81, true)
        );
        for text in [
            "",
            "*",
            "*.com",
            "a b",
            "x.com/",
            "x.com:0",
            "x.com:70000",
            "user@x.com",
            "*.*.com",
            "x..com",
            "[x]",
            "https://x.com",
            "x.com.",
        ] {
            assert_eq!(HostPattern::parse(text), None, "{text}");
        }
    }

    #[test]
    fn topics_and_addresses_have_their_stars() {
        let rights = Rights { realtime: vec!["orders/*".into(), "news".into()], ..Rights::default() };
        assert!(rights.may_publish("orders/1") && rights.may_publish("news"));
        assert!(!rights.may_publish("news/1") && !rights.may_publish("order"));
        let list = Recipients::List(vec!["ann@x.com".into(), "*@y.com".into()]);
        assert!(list.lists("Ann@X.com") && list.lists("bob@y.com"));
        assert!(!list.lists("bob@x.com") && !list.lists("bob@evil-y.com.z") && !Recipients::Any.lists("a@x.com"));
    }
}
