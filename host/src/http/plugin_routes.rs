//! `/api/x/{plugin}/..`: requests that plugins answer. What a plugin may not be told is taken out of the request, and what it
//! may not say out of the answer.

use super::body::Submitted;
use super::cookie;
use super::reply::Failure;
use super::request::{Seat, presented};
use crate::error::Error;
use crate::model::Caller;
use crate::plugins::web::{WebAnswer, WebRequest};
use axum::body::Body;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{StatusCode, Uri};
use axum::response::Response;

/// Below it are the plugins.
const PREFIX: &str = "/api/x/";

/// Largest body of a request.
const BODY_MAX: usize = 4 << 20;

/// The page that a browser makes of an answer has no origin, so that what a plugin writes is never the dashboard's page.
const POLICY: HeaderValue = HeaderValue::from_static("sandbox allow-scripts allow-forms allow-popups allow-downloads");

/// What is about the connection and not about the message.
const HOPS: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What the server itself says to browsers, about all of its pages.
const OURS: [&str; 15] = [
    "alt-svc",
    "clear-site-data",
    "content-length",
    "content-security-policy",
    "content-security-policy-report-only",
    "cross-origin-opener-policy",
    "nel",
    "report-to",
    "reporting-endpoints",
    "service-worker-allowed",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
    "x-request-id",
    "x-xss-protection",
];

pub(super) async fn answer(seat: Seat, uri: Uri, body: Submitted) -> Result<Response, Failure> {
    let (plugin, path_with_query) = place(&uri).ok_or_else(Error::not_found)?;
    let plugins = &seat.opened.plugins;
    let door = plugins.door(&seat.cx, plugin);
    let (door, body) = match door {
        Ok(door) => (door, body),
        Err(error) => return Err(body.provided(Err(error)).err().unwrap_or_else(Error::not_found).into()),
    };
    let (parts, body) = body.up_to(BODY_MAX).whole().await?;
    let (method, authority) = (parts.method.as_str().to_owned(), authority(&parts));
    let headers = told(&parts.headers, &seat.cx.caller);
    let request = WebRequest { method, path_with_query, authority, headers, body };
    Ok(response(plugins.answer(&seat.cx, door, request).await?))
}

/// The plugin's name, and what is asked of it.
fn place(uri: &Uri) -> Option<(&str, String)> {
    let below = uri.path().strip_prefix(PREFIX)?;
    let (plugin, path) = below.split_at(below.find('/').unwrap_or(below.len()));
    let path = if path.is_empty() { "/" } else { path };
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    Some((plugin, format!("{path}{query}")))
}

fn authority(parts: &Parts) -> String {
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.or_else(|| parts.uri.authority().map(Authority::as_str)).unwrap_or_default().to_owned()
}

/// The fields of a request as a plugin may know them: not what would let it act as the caller.
fn told(headers: &HeaderMap, caller: &Caller) -> Vec<(String, Vec<u8>)> {
    let named = named_hops(headers);
    let is_ours = !presented(headers).is_empty() && !matches!(caller, Caller::Guest);
    let is_kept_back = |name: &HeaderName| {
        let name = name.as_str();
        HOPS.contains(&name)
            || named.iter().any(|hop| hop == name)
            || (name == "authorization" && is_ours)
            || name == "x-csrf-token"
    };
    let pairs = headers.iter().filter(|(name, _)| !is_kept_back(name)).filter_map(|(name, value)| {
        let value = if *name == header::COOKIE { cookie::without_ours(value)? } else { value.as_bytes().to_vec() };
        Some((name.as_str().to_owned(), value))
    });
    pairs.collect()
}

/// Fields that `Connection` names are about the connection too.
fn named_hops(headers: &HeaderMap) -> Vec<String> {
    let texts = headers.get_all(header::CONNECTION).into_iter().filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).map(|name| name.trim().to_ascii_lowercase()).collect()
}

fn response(answer: WebAnswer) -> Response {
    let WebAnswer { status, headers, body } = answer;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let is_empty = matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED);
    let mut response = Response::new(if is_empty { Body::empty() } else { Body::from(body) });
    *response.status_mut() = status;
    for (name, value) in headers {
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) else { continue };
        if !is_left_out(&name, &value) {
            response.headers_mut().append(name, value);
        }
    }
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY);
    response
}

fn is_left_out(name: &HeaderName, value: &HeaderValue) -> bool {
    let text = name.as_str();
    HOPS.contains(&text)
        || OURS.contains(&text)
        || text.starts_with("access-control-")
        || text.starts_with(crate::plugins::mount::OWN)
        || (*name == header::SET_COOKIE && cookie::is_ours(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_plugin_is_found_by_the_path() {
        for (uri, expected) in [
            ("/api/x/feed", Some(("feed", "/"))),
            ("/api/x/feed?a=1", Some(("feed", "/?a=1"))),
            ("/api/x/feed/", Some(("feed", "/"))),
            ("/api/x/feed/a%20b/c?d", Some(("feed", "/a%20b/c?d"))),
            ("/api/y/feed", None),
        ] {
            let uri: Uri = uri.parse().unwrap();
            let found = place(&uri);
            assert_eq!(found.as_ref().map(|(plugin, path)| (*plugin, path.as_str())), expected, "{uri}");
        }
    }

    #[test]
    fn what_lets_one_act_as_the_caller_is_not_told() {
        let asked = headers(&[
            ("authorization", "token"),
            ("cookie", "a=b; tinybase_session=secret"),
            ("x-csrf-token", "secret"),
            ("connection", "close, X-Hop"),
            ("x-hop", "1"),
            ("accept", "*/*"),
        ]);
        let names = |caller: &Caller| told(&asked, caller).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(&Caller::System), ["cookie", "accept"]);
        assert_eq!(names(&Caller::Guest), ["authorization", "cookie", "accept"], "it is somebody else's");
        assert_eq!(told(&asked, &Caller::System)[0].1, b"a=b");
    }

    #[test]
    fn what_a_plugin_may_not_say_is_left_out() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
        let answer = WebAnswer {
            status: 200,
            headers: vec![
                pair("set-cookie", "tinybase_session=x"),
                pair("set-cookie", " __Host-Tinybase_Session=x"),
                pair("set-cookie", "own=1"),
                pair("content-security-policy", "default-src *"),
                pair("access-control-allow-origin", "*"),
                pair("transfer-encoding", "chunked"),
                pair("content-length", "7"),
                pair("x-tinybase-caller-kind", "superuser"),
                pair("x-own", "1"),
            ],
            body: b"hello".to_vec(),
        };
        let response = response(answer);
        let mut names: Vec<_> = response.headers().keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["content-security-policy", "set-cookie", "x-own"]);
        assert_eq!(response.headers()["set-cookie"], "own=1");
        assert!(response.headers()["content-security-policy"].to_str().unwrap().starts_with("sandbox"));
    }
}
