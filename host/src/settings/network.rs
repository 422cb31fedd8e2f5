//! The sections of the settings about addresses: networks, whom to believe about a client's address, from where
//! superusers may come.

use crate::error::{FieldErrors, code};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Most networks in one list.
const NETWORKS_MAX: usize = 1_000;

/// Most headers that are looked at.
const HEADERS_MAX: usize = 16;

/// Longest name of a header.
const HEADER_LENGTH_MAX: usize = 128;

/// Addresses and networks (`10.0.0.1`, `10.0.0.0/8`, `fd00::/8`), as they were written and as they are compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct Networks {
    texts: Vec<String>,
    nets: Vec<IpNet>,
}

impl From<Vec<String>> for Networks {
    fn from(texts: Vec<String>) -> Self {
        let nets = texts.iter().filter_map(|text| parse(text)).collect();
        Self { texts, nets }
    }
}

impl From<Networks> for Vec<String> {
    fn from(networks: Networks) -> Self {
        networks.texts
    }
}

impl Networks {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Whether an address is in one of them.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.nets.iter().any(|net| net.contains(&address))
    }

    pub(super) fn check_into(&self, errors: &mut FieldErrors, key: &str) {
        if self.texts.len() > NETWORKS_MAX {
            errors.add(key, code::TOO_MANY_VALUES.with([("maxSelect", NETWORKS_MAX.into())]));
        }
        let mut wrong = FieldErrors::default();
        for (index, _) in self.texts.iter().enumerate().filter(|(_, text)| parse(text).is_none()) {
            wrong.add(&index.to_string(), code::INVALID_IP_OR_SUBNET);
        }
        errors.nest(key, wrong);
    }
}

/// The address that stands for all of one client: a subscriber has the lower half of IPv6 addresses to itself.
#[must_use]
pub fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::from(Ipv6Addr::from(u128::from(address) >> 64 << 64)),
        address @ IpAddr::V4(_) => address,
    }
}

fn parse(text: &str) -> Option<IpNet> {
    let text = text.trim();
    match text.parse::<IpAddr>() {
        Ok(address) => Some(IpNet::from(address.to_canonical())),
        Err(_) => text.parse().ok(),
    }
}

/// An address as a header tells it, with a port or without.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = || text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = text.parse().map_or_else(|_| bare().parse().ok(), |told: SocketAddr| Some(told.ip()));
    address.as_ref().map(IpAddr::to_canonical)
}

/// Whom to believe about the address of a client.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TrustedProxy {
    /// Headers that tell it; the first one that is there and holds an address counts.
    pub headers: Vec<String>,
    /// The peers that are believed; when there are none, every peer is, as in PocketBase.
    pub proxies: Networks,
    /// The first address of the header instead of the last one.
    #[serde(rename = "useLeftmostIP")]
    pub use_leftmost_ip: bool,
}

impl TrustedProxy {
    /// The address of a client behind `peer`; `header` answers with the last value of a header of that name.
    #[must_use]
    pub fn client<'a>(&self, peer: IpAddr, header: impl Fn(&str) -> Option<&'a str>) -> IpAddr {
        if self.headers.is_empty() || !self.proxies.is_empty() && !self.proxies.contains(peer) {
            return peer;
        }
        let mut told = self.headers.iter().filter_map(|name| header(name)).filter(|list| !list.trim().is_empty());
        if self.use_leftmost_ip {
            return told.find_map(|list| list.split(',').find_map(address)).unwrap_or(peer);
        }
        if self.proxies.is_empty() {
            return told.find_map(|list| list.rsplit(',').find_map(address)).unwrap_or(peer);
        }
        told.next().and_then(|list| self.behind_proxies(list)).unwrap_or(peer)
    }

    /// The last address that is not itself a proxy's that is believed, or the first one. `None` when something else
    /// stands behind it: what is before that may be the client's own text.
    fn behind_proxies(&self, list: &str) -> Option<IpAddr> {
        let mut found = None;
        for text in list.rsplit(',').filter(|text| !text.trim().is_empty()) {
            let told = address(text)?;
            found = Some(told);
            if !self.proxies.contains(told) {
                break;
            }
        }
        found
    }

    pub(super) fn check(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        if self.headers.len() > HEADERS_MAX {
            errors.add("headers", code::TOO_MANY_VALUES.with([("maxSelect", HEADERS_MAX.into())]));
        }
        let mut wrong = FieldErrors::default();
        for (index, _) in self.headers.iter().enumerate().filter(|(_, name)| !is_header(name)) {
            wrong.add(&index.to_string(), code::INVALID_FORMAT);
        }
        errors.nest("headers", wrong);
        self.proxies.check_into(&mut errors, "proxies");
        errors
    }
}

/// What may be the name of a header.
fn is_header(name: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.len() <= HEADER_LENGTH_MAX && name.bytes().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(texts: &[&str]) -> Networks {
        texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>().into()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn networks_hold_addresses_of_both_kinds() {
        let some = networks(&["10.0.0.0/8", "192.0.2.1", "fd00::/8", "::ffff:198.51.100.7"]);
        for inside in ["10.1.2.3", "192.0.2.1", "fd12::1", "::ffff:10.0.0.1", "198.51.100.7"] {
            assert!(some.contains(ip(inside)), "{inside}");
        }
        for outside in ["11.0.0.1", "192.0.2.2", "fe80::1", "::1"] {
            assert!(!some.contains(ip(outside)), "{outside}");
        }
        let mut errors = FieldErrors::default();
        networks(&["10.0.0.0/8", "10.0.0.0/33", "home"]).check_into(&mut errors, "ips");
        assert_eq!(errors.describe(), "ips.1: Invalid IP or CIDR subnet.; ips.2: Invalid IP or CIDR subnet.");
    }

    #[test]
    fn a_header_counts_when_its_peer_is_believed() {
        let peer = ip("10.0.0.1");
        let header = |name: &str| match name {
            "X-Forwarded-For" => Some("203.0.113.7, nonsense, 198.51.100.9, 10.0.0.2"),
            "X-Empty" => Some(" , ?"),
            "X-Ports" => Some("203.0.113.7:1,198.51.100.9:4711, [fd00::1]:80, 10.0.0.2:443"),
            "X-Unknown" => Some("203.0.113.7, unknown"),
            "X-Blank" => Some(" "),
            "X-Proxies" => Some("10.0.0.3, [::ffff:10.0.0.2]"),
            _ => None,
        };
        let believe = |headers: &[&str], proxies: &[&str], use_leftmost_ip| TrustedProxy {
            headers: headers.iter().map(|name| (*name).to_owned()).collect(),
            proxies: networks(proxies),
            use_leftmost_ip,
        };
        for (headers, proxies, leftmost, expected) in [
            (&[][..], &[][..], false, "10.0.0.1"),
            (&["X-Other"], &[], false, "10.0.0.1"),
            (&["X-Empty"], &[], false, "10.0.0.1"),
            (&["X-Empty", "X-Forwarded-For"], &[], false, "10.0.0.2"),
            (&["X-Forwarded-For"], &[], true, "203.0.113.7"),
            (&["X-Forwarded-For"], &["10.0.0.0/8"], false, "198.51.100.9"),
            (&["X-Forwarded-For"], &["10.0.0.0/8"], true, "203.0.113.7"),
            (&["X-Forwarded-For"], &["192.0.2.0/24"], true, "10.0.0.1"),
            (&["X-Forwarded-For"], &["0.0.0.0/0"], false, "10.0.0.1"),
            (&["X-Ports"], &["10.0.0.0/8", "fd00::/8"], false, "198.51.100.9"),
            (&["X-Ports"], &["10.0.0.0/8"], false, "fd00::1"),
            (&["X-Ports"], &[], true, "203.0.113.7"),
            (&["X-Unknown", "X-Forwarded-For"], &["10.0.0.0/8"], false, "10.0.0.1"),
            (&["X-Blank", "X-Forwarded-For"], &["10.0.0.0/8"], false, "198.51.100.9"),
            (&["X-Proxies"], &["10.0.0.0/8"], false, "10.0.0.3"),
        ] {
            let found = believe(headers, proxies, leftmost).client(peer, header);
            assert_eq!(found, ip(expected), "{headers:?} {proxies:?} {leftmost}");
        }
    }

    #[test]
    fn headers_have_names() {
        let wrong =
            TrustedProxy { headers: vec!["X-Real-IP".into(), "a b".into(), String::new()], ..TrustedProxy::default() };
        assert_eq!(wrong.check().describe(), "headers.1: Invalid value format.; headers.2: Invalid value format.");
    }
}
