//! The dashboard's cookie: for scripts invisible, for other sites unusable.

use axum::http::HeaderMap;
use axum::http::header::{COOKIE, HeaderName, HeaderValue};

/// Over plain http, which is for development and private networks.
const PLAIN: &str = "tinybase_session";

/// Over https: the prefix makes browsers refuse one that another host or an insecure page has set.
const SECURE: &str = "__Host-tinybase_session";

const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The session token in the cookie.
pub(super) fn read(headers: &HeaderMap) -> Option<&str> {
    let wanted = name(headers);
    let texts = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut cookies = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    cookies.find(|(name, _)| *name == wanted).map(|(_, value)| value).filter(|value| !value.is_empty())
}

/// `Set-Cookie` for a session that lives for `seconds`; with an empty token and 0 it is removed.
pub(super) fn write(headers: &HeaderMap, token: &str, seconds: u64) -> Option<HeaderValue> {
    let name = name(headers);
    let secure = if name == SECURE { "; Secure" } else { "" };
    let text = format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    HeaderValue::try_from(text).ok()
}

/// The other cookies of a `Cookie` header; `None` when there are none.
pub(super) fn without_ours(value: &HeaderValue) -> Option<Vec<u8>> {
    let mut others = Vec::new();
    for pair in value.as_bytes().split(|byte| *byte == b';').filter(|pair| !is_named_ours(pair)) {
        if !others.is_empty() {
            others.extend_from_slice(b"; ");
        }
        others.extend_from_slice(pair.trim_ascii());
    }
    (!others.is_empty()).then_some(others)
}

/// Whether a `Set-Cookie` is about the dashboard's cookie.
pub(super) fn is_ours(value: &HeaderValue) -> bool {
    is_named_ours(value.as_bytes())
}

fn is_named_ours(pair: &[u8]) -> bool {
    let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
    [PLAIN, SECURE].iter().any(|ours| name.eq_ignore_ascii_case(ours.as_bytes()))
}

/// A proxy that ends TLS says so. A client that says so itself only makes its own cookie stricter.
fn name(headers: &HeaderMap) -> &'static str {
    let https = headers.get(FORWARDED_PROTO).is_some_and(|proto| proto.as_bytes().eq_ignore_ascii_case(b"https"));
    if https { SECURE } else { PLAIN }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn https_gets_a_cookie_of_its_own() {
        let https = headers(&[
            ("x-forwarded-proto", "https"),
            ("cookie", "a=b; tinybase_session=no; __Host-tinybase_session=yes"),
        ]);
        assert_eq!(read(&https), Some("yes"));
        let text = write(&https, "t", 60).unwrap();
        assert_eq!(text, "__Host-tinybase_session=t; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure");
    }

    #[test]
    fn plain_http() {
        let http = headers(&[("cookie", "x=1;tinybase_session=t")]);
        assert_eq!(read(&http), Some("t"));
        assert_eq!(write(&http, "t", 60).unwrap(), "tinybase_session=t; Path=/; HttpOnly; SameSite=Strict; Max-Age=60");
        assert_eq!(read(&headers(&[("cookie", "tinybase_session=")])), None);
    }
}
