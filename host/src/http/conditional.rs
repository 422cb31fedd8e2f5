//! What a client has already, and which part it wants: `If-*` and `Range` against a file's tag and date.

use axum::http::header::{
    HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE,
};
use axum::http::{HeaderMap, Method};
use chrono::{DateTime, NaiveDateTime};
use std::ops::Range;

/// A date of HTTP, always in GMT.
const DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// The version of a file: its tag without quotes and when it was written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Version<'a> {
    pub etag: &'a str,
    pub modified_s: i64,
    pub size: u64,
}

/// What to answer with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Want {
    All,
    Part(Range<u64>),
    /// 416
    NoSuchPart,
    /// 304
    NotModified,
    /// 412
    Changed,
}

/// A time as `Last-Modified` tells it.
pub(super) fn date(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default().format(DATE).to_string()
}

/// What the client wants of a file (RFC 9110, section 13.2.2).
pub(super) fn want(method: &Method, headers: &HeaderMap, version: Version<'_>) -> Want {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let time = |name| text(name).and_then(parse_date);
    let reads = matches!(*method, Method::GET | Method::HEAD);
    if let Some(tags) = text(IF_MATCH) {
        if !names(tags, version.etag, false) {
            return Want::Changed;
        }
    } else if time(IF_UNMODIFIED_SINCE).is_some_and(|since| version.modified_s > since) {
        return Want::Changed;
    }
    if let Some(tags) = text(IF_NONE_MATCH) {
        if names(tags, version.etag, true) {
            return if reads { Want::NotModified } else { Want::Changed };
        }
    } else if reads && time(IF_MODIFIED_SINCE).is_some_and(|since| version.modified_s <= since) {
        return Want::NotModified;
    }
    let still_same = text(IF_RANGE).is_none_or(|given| match parse_date(given) {
        Some(since) => version.modified_s == since,
        None => names(given, version.etag, false),
    });
    match text(RANGE) {
        Some(range) if *method == Method::GET && still_same => part(range, version.size),
        _ => Want::All,
    }
}

/// Whether a list of tags names this one. A weak tag is good enough only where bytes do not matter.
fn names(tags: &str, etag: &str, weak: bool) -> bool {
    tags.split(',').map(str::trim).any(|tag| {
        let tag = if weak { tag.strip_prefix("W/").unwrap_or(tag) } else { tag };
        tag == "*" || tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')) == Some(etag)
    })
}

fn parse_date(text: &str) -> Option<i64> {
    NaiveDateTime::parse_from_str(text, DATE).ok().map(|date| date.and_utc().timestamp())
}

/// One part of bytes. Several at once, and what cannot be understood, are answered with the whole.
fn part(range: &str, size: u64) -> Want {
    let Some(spec) = range.strip_prefix("bytes=").map(str::trim).filter(|spec| !spec.contains(',')) else {
        return Want::All;
    };
    let Some((first, last)) = spec.split_once('-') else { return Want::All };
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok())?;
    let (start, end) = match (first, last) {
        ("", "") => return Want::All,
        ("", length) => match number(length) {
            Some(0) => return Want::NoSuchPart,
            Some(length) => (size.saturating_sub(length), size),
            None => return Want::All,
        },
        (first, "") => match number(first) {
            Some(first) => (first, size),
            None => return Want::All,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => (first, last.saturating_add(1).min(size)),
            _ => return Want::All,
        },
    };
    if start < end { Want::Part(start..end) } else { Want::NoSuchPart }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const NOW: i64 = 1_767_323_045;

    fn asked(headers: &[(HeaderName, &str)]) -> Want {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(name.clone(), HeaderValue::from_str(value).unwrap());
        }
        want(&Method::GET, &map, Version { etag: "abc", modified_s: NOW, size: 10 })
    }

    #[test]
    fn dates_go_both_ways() {
        assert_eq!(date(NOW), "Fri, 02 Jan 2026 03:04:05 GMT");
        assert_eq!(parse_date(&date(NOW)), Some(NOW));
        assert_eq!(parse_date("yesterday"), None);
    }

    #[test]
    fn what_the_client_has() {
        let (now, before, after) = (date(NOW), date(NOW - 1), date(NOW + 1));
        for (headers, expected) in [
            (vec![(IF_NONE_MATCH, "\"abc\"")], Want::NotModified),
            (vec![(IF_NONE_MATCH, "\"x\", W/\"abc\"")], Want::NotModified),
            (vec![(IF_NONE_MATCH, "*")], Want::NotModified),
            (vec![(IF_NONE_MATCH, "\"x\""), (IF_MODIFIED_SINCE, &now)], Want::All),
            (vec![(IF_MODIFIED_SINCE, &now)], Want::NotModified),
            (vec![(IF_MODIFIED_SINCE, &before)], Want::All),
            (vec![(IF_MATCH, "\"abc\"")], Want::All),
            (vec![(IF_MATCH, "W/\"abc\"")], Want::Changed),
            (vec![(IF_MATCH, "\"x\"")], Want::Changed),
            (vec![(IF_UNMODIFIED_SINCE, &before)], Want::Changed),
            (vec![(IF_UNMODIFIED_SINCE, &after)], Want::All),
        ] {
            assert_eq!(asked(&headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn parts() {
        for (range, expected) in [
            ("bytes=2-5", Want::Part(2..6)),
            ("bytes=0-", Want::Part(0..10)),
            ("bytes=8-99", Want::Part(8..10)),
            ("bytes=-3", Want::Part(7..10)),
            ("bytes=-99", Want::Part(0..10)),
            ("bytes=9-9", Want::Part(9..10)),
            ("bytes=10-", Want::NoSuchPart),
            ("bytes=50-60", Want::NoSuchPart),
            ("bytes=-0", Want::NoSuchPart),
            ("bytes=5-2", Want::All),
            ("bytes=0-1,3-4", Want::All),
            ("bytes=-", Want::All),
            ("bytes=+1-2", Want::All),
            ("bytes=99999999999999999999-", Want::All),
            ("lines=1-2", Want::All),
        ] {
            assert_eq!(asked(&[(RANGE, range)]), expected, "{range}");
        }
        assert_eq!(part("bytes=0-", 0), Want::NoSuchPart);
    }

    #[test]
    fn a_part_only_of_the_same_version() {
        let (now, after) = (date(NOW), date(NOW + 1));
        for (given, expected) in
            [("\"abc\"", Want::Part(0..2)), ("\"x\"", Want::All), (now.as_str(), Want::Part(0..2)), (&after, Want::All)]
        {
            assert_eq!(asked(&[(RANGE, "bytes=0-1"), (IF_RANGE, given)]), expected, "{given}");
        }
    }
}
