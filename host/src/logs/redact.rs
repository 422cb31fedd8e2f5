//! What could be a secret is not for the log: values of parameters that are called so, user and password in an
//! address, and whatever looks like a token of ours, wherever it stands.

use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// Stands for what was taken out.
const GONE: &str = "***";

/// A JWT begins so: it is `{"` in base64.
const JWT: &str = "eyJ";

/// An API key begins so.
const KEY: &str = "tb_";

/// Shortest token, prefix included.
const TOKEN_MIN: usize = 20;

/// Parameters whose values are secrets, by what their names end with, in small letters without `_` and `-`.
const SECRET_ENDINGS: [&str; 17] = [
    "token",
    "password",
    "passwd",
    "pwd",
    "pass",
    "key",
    "sig",
    "passwordconfirm",
    "secret",
    "code",
    "state",
    "otp",
    "mfaid",
    "authorization",
    "signature",
    "csrf",
    "credential",
];

/// An address with the secrets taken out of its query, its fragment and its authority.
pub(super) fn redacted_url(url: &str) -> Cow<'_, str> {
    let Some(begin) = url.find(['?', '#']) else { return without_password(redacted(url)) };
    let (path, rest) = url.split_at(begin);
    let mut clean = String::with_capacity(url.len());
    clean.push_str(path);
    for pair in rest.split_inclusive(['?', '#', '&']) {
        let (pair, end) = match pair.char_indices().next_back() {
            Some((at, '?' | '#' | '&')) => pair.split_at(at),
            _ => (pair, ""),
        };
        match pair.split_once('=') {
            Some((name, value)) if is_secret(name) || holds_password(value) => {
                clean.push_str(name);
                clean.push('=');
                clean.push_str(GONE);
            }
            _ => clean.push_str(pair),
        }
        clean.push_str(end);
    }
    let clean = if clean == url { Cow::Borrowed(url) } else { Cow::Owned(clean) };
    match clean {
        Cow::Borrowed(text) => without_password(redacted(text)),
        Cow::Owned(text) => Cow::Owned(without_password(redacted(&text)).into_owned()),
    }
}

fn is_secret(name: &str) -> bool {
    let name = percent_decode_str(name).decode_utf8_lossy();
    let name: String = name.to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    SECRET_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Whether a value is an address with somebody's password in it, or has one in it.
fn holds_password(value: &str) -> bool {
    let value = percent_decode_str(value).decode_utf8_lossy();
    value.split("://").skip(1).any(|rest| rest.split(['/', '?', '#']).next().is_some_and(|host| host.contains('@')))
}

/// `https://user:password@host` without what stands before the `@`.
fn without_password(url: Cow<'_, str>) -> Cow<'_, str> {
    let Some(begin) = url.find("://").map(|at| at + 3) else { return url };
    let end = url[begin..].find(['/', '?', '#']).map_or(url.len(), |length| begin + length);
    match url[begin..end].rfind('@') {
        Some(at) => Cow::Owned([&url[..begin], GONE, &url[begin + at..]].concat()),
        None => url,
    }
}

/// A text without what looks like a token.
pub(super) fn redacted(text: &str) -> Cow<'_, str> {
    if !text.contains(JWT) && !text.contains(KEY) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = [JWT, KEY].iter().filter_map(|start| rest.find(start)).min() {
        clean.push_str(&rest[..at]);
        rest = &rest[at..];
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let length = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
        clean.push_str(if length >= TOKEN_MIN { GONE } else { &rest[..length] });
        rest = &rest[length..];
    }
    clean.push_str(rest);
    Cow::Owned(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_that_are_called_like_secrets() {
        for (url, clean) in [
            ("/api/x?a=1&b=2", "/api/x?a=1&b=2"),
            ("/api/x?token=abc", "/api/x?token=***"),
            ("/api/x?a=1&access_token=abc&b", "/api/x?a=1&access_token=***&b"),
            ("/api/x?p%61ssword=abc", "/api/x?p%61ssword=***"),
            ("/_/#code=abc&x=1", "/_/#code=***&x=1"),
            ("/cb?code=a&state=b#token=c", "/cb?code=***&state=***#token=***"),
            ("https://u:p@h.example/x", "https://***@h.example/x"),
            ("/x?to=https%3A%2F%2Fbob%3APW%40h.example&a=1", "/x?to=***&a=1"),
            ("/x?to=a://b,https://bob:PW@h.example/c", "/x?to=***"),
            ("/x?mail=bob@h.example&pwd=PW&sig=PW", "/x?mail=bob@h.example&pwd=***&sig=***"),
            ("/api/tokens?tokens=3", "/api/tokens?tokens=3"),
        ] {
            assert_eq!(redacted_url(url), clean);
        }
    }

    #[test]
    fn tokens_wherever_they_stand() {
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6IjEifQ.abc-_";
        assert_eq!(redacted(&format!("a {jwt} b {jwt}")), "a *** b ***");
        assert_eq!(redacted("key tb_0123456789abcdefghij!"), "key ***!");
        assert_eq!(redacted("eyJ is short, tb_x too"), "eyJ is short, tb_x too");
        assert_eq!(redacted_url(&format!("/x/{jwt}?q={jwt}")), "/x/***?q=***");
    }
}
