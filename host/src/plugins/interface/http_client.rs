//! `tinybase:plugin/http-client`: requests to the hosts that were granted, at public addresses only. What was checked is
//! what is dialled: the resolver of `outbound` gives out nothing else, and redirects are not followed.

use super::disguise::{self, Pair};
use super::secrets::{MARK, value};
use super::{Answer, acting, host, refuse, told, write};
use crate::db::Failure;
use crate::outbound::{Answer as Reply, Limits, Trouble, head_bytes};
use crate::plugins::call::{Call, Errand};
use crate::plugins::engine::apart;
use crate::plugins::limits::{Class, http as caps};
use crate::plugins::rights::Http;
use crate::plugins::secret;
use crate::plugins::usage::{self, Kind};
use crate::settings::PluginLimits;
use bytes::Bytes;
use hyper::header::{ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue, RANGE, USER_AGENT};
use hyper::{Method, Request, Uri};
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};
use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, Lift, LinkerInstance, Lower};

/// Headers that are the connection's business and not the guest's.
const OURS: [&str; 11] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

const AGENT: HeaderValue = HeaderValue::from_static("tinybase");

#[derive(Debug, ComponentType, Lift)]
#[component(record)]
struct Asked {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    #[component(name = "timeout-ms")]
    timeout_ms: u32,
}

#[derive(Debug, ComponentType, Lower)]
#[component(record)]
struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

pub(super) fn bind(linker: &mut LinkerInstance<'_, Call>) -> wasmtime::Result<()> {
    linker.func_wrap("send", |mut store: StoreContextMut<'_, Call>, (request,): (Asked,)| {
        host(&mut store, |call| send(call, request))
    })
}

/// Where a request goes.
struct Target {
    uri: Uri,
    host: String,
    port: u16,
    is_secure: bool,
}

fn send(call: &mut Call, asked: Asked) -> Answer<Response> {
    let errand = acting(call)?;
    let granted = errand.grants.load().rights.http.clone();
    let Some(http) = granted.filter(|_| Class::of(errand.stage) != Class::Validator) else {
        return refuse("denied", "`http-client` is not granted");
    };
    let target = target(&asked.url)?;
    admit(&http, &target, &asked.method)?;
    let pairs = pairs(call, errand, &target, &asked)?;
    let mut hidden = bound(call, errand, &target)?;
    let timeout_ms = asked.timeout_ms;
    let request = request(&target, asked, &pairs, !hidden.is_empty())?;
    hidden.extend(pairs);
    let size = size(request.uri().to_string().len(), request.headers(), request.body().len());
    let room = reserve(call, errand, &http, size)?;
    let limits = Limits {
        body_bytes: usize::try_from(room).unwrap_or(usize::MAX).min(call.limits.lifted),
        time: time(call, timeout_ms),
    };
    let outbound = &errand.cx.tenant.outbound;
    let came = AtomicU64::default();
    let sending = outbound.send_counted(outbound.for_guests(), request, limits, &came);
    let (reply, waited) = apart(|| errand.runtime.block_on(sending));
    let came = came.into_inner();
    let counted = count(call.deadline() + waited, errand, came);
    call.put_aside(waited);
    call.http_bytes = call.http_bytes.saturating_add(size).saturating_add(came);
    counted?;
    reply.map_or_else(|trouble| explain(&trouble), |reply| Ok(response(reply, &hidden)))
}

fn target(url: &str) -> Answer<Target> {
    let wrong = |why: &str| refuse("invalid", format!("url: {why}"));
    if url.len() > caps::URL_BYTES {
        return wrong("it is too long");
    }
    let Ok(uri) = url.parse::<Uri>() else { return wrong("it is no address") };
    let is_secure = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        _ => return wrong("it begins with neither https:// nor http://"),
    };
    let Some(authority) = uri.authority().filter(|authority| !authority.as_str().contains('@')) else {
        return wrong("it has no host, or names a user");
    };
    let host = authority.host().to_ascii_lowercase();
    let port = match (authority.port(), authority.port_u16()) {
        (None, _) if authority.as_str().len() == authority.host().len() => {
            if is_secure {
                443
            } else {
                80
            }
        }
        (Some(_), Some(port)) => port,
        _ => return wrong("its port is none"),
    };
    Ok(Target { uri, host, port, is_secure })
}

fn admit(http: &Http, target: &Target, method: &str) -> Answer<()> {
    if !http.may_reach(&target.host, target.port, target.is_secure) {
        return refuse("denied", "the host is not granted");
    }
    if !http.methods.iter().any(|granted| granted == method) {
        return refuse("denied", "the method is not granted");
    }
    Ok(())
}

/// The secrets whose placeholders are in the request, if they may go where it goes.
fn pairs(call: &Call, errand: &Errand, target: &Target, asked: &Asked) -> Answer<Vec<Pair>> {
    let (mut pairs, mut filled) = (Vec::new(), 0);
    for (token, name) in &call.placeholders {
        let count = |bytes: &[u8]| disguise::count(bytes, token);
        let in_headers: usize = asked.headers.iter().map(|(_, value)| count(value.as_bytes())).sum();
        let used = count(asked.url.as_bytes()) + count(&asked.body) + in_headers;
        if used == 0 {
            continue;
        }
        // A secret may be much longer than its placeholder.
        filled += used;
        if filled > caps::FILLED {
            return refuse("too_large", format!("a request has at most {} placeholders", caps::FILLED));
        }
        // Withdrawn since the placeholder was given out.
        if !errand.grants.load().rights.secrets.contains(name) {
            return refuse("denied", "the secret is not granted");
        }
        let secret = value(errand, name)?;
        let is_bound = secret.hosts.iter().any(|host| host.covers(&target.host, target.port, target.is_secure));
        if !is_bound {
            return refuse("denied", "the secret is not bound to this host");
        }
        if !target.is_secure && !errand.cx.tenant.outbound.lets_guests_inside() {
            return refuse("denied", "secrets are sent by https only");
        }
        pairs.push(Pair { token: token.clone(), value: secret.value });
    }
    Ok(pairs)
}

/// The secrets that are bound to where a request goes, which may have been told them by another one.
fn bound(call: &Call, errand: &Errand, target: &Target) -> Answer<Vec<Pair>> {
    let tenant = &errand.cx.tenant;
    let mut secrets = secret::all(&tenant.store, &tenant.regime, &errand.plugin_id).map_err(told)?;
    secrets
        .retain(|(_, secret)| secret.hosts.iter().any(|host| host.covers(&target.host, target.port, target.is_secure)));
    let pair = |(name, secret): (String, secret::Secret)| {
        let token = call.placeholders.iter().find(|(_, known)| *known == name).map(|(token, _)| token);
        Pair { token: token.map_or(MARK, String::as_str).to_owned(), value: secret.value }
    };
    Ok(secrets.into_iter().map(pair).collect())
}

/// With `guarded`, the answer must come whole and as it is: it is searched for secrets.
fn request(target: &Target, asked: Asked, pairs: &[Pair], guarded: bool) -> Answer<Request<Bytes>> {
    let Asked { method, headers, body, .. } = asked;
    let wrong = |what: &str| refuse("invalid", format!("{what} cannot be sent"));
    let Ok(method) = method.parse::<Method>() else { return wrong("the method") };
    let given: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if headers.len() > caps::HEADERS || given > caps::HEADER_BYTES {
        return refuse(
            "too_large",
            format!("a request has at most {} headers of {} bytes", caps::HEADERS, caps::HEADER_BYTES),
        );
    }
    let Ok(uri) = filled_uri(&target.uri, pairs).parse::<Uri>() else { return wrong("the url") };
    let mut map = HeaderMap::new();
    map.insert(USER_AGENT, AGENT);
    for (name, value) in headers {
        let Ok(header) = name.parse::<HeaderName>() else { return wrong("a header") };
        if OURS.contains(&header.as_str()) {
            return refuse("invalid", format!("the header {header} is the host's"));
        }
        let Ok(mut value) = HeaderValue::from_bytes(&disguise::fill(value.into_bytes(), pairs)) else {
            return wrong("a header");
        };
        // Not to be printed, whatever a library logs.
        value.set_sensitive(!pairs.is_empty());
        if header == USER_AGENT {
            map.remove(USER_AGENT);
        }
        map.append(header, value);
    }
    if guarded || !pairs.is_empty() {
        map.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        map.remove(RANGE);
    }
    let mut request = Request::new(Bytes::from(disguise::fill(body, pairs)));
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = map;
    Ok(request)
}

/// The address with the secrets in its query; anywhere else they are not filled in.
fn filled_uri(uri: &Uri, pairs: &[Pair]) -> String {
    let text = uri.to_string();
    let Some((path, query)) = text.split_once('?') else { return text };
    let query =
        pairs.iter().fold(query.to_owned(), |query, pair| query.replace(&pair.token, &disguise::in_query(&pair.value)));
    format!("{path}?{query}")
}

/// Takes the request's bytes from the quotas; answers with the room that is left for the answer.
fn reserve(call: &Call, errand: &Errand, http: &Http, size: u64) -> Answer<u64> {
    let own = errand.cx.tenant.settings.load().plugin_limits.clone();
    let of_call = PluginLimits::narrow(http.bytes_per_call, own.http_bytes_per_call);
    let of_day = PluginLimits::narrow(http.bytes_per_day, own.http_bytes_per_day);
    let in_call = of_call.saturating_sub(call.http_bytes);
    if size >= in_call {
        return refuse("quota", format!("a call may exchange {of_call} bytes"));
    }
    let spent = || refuse("quota", format!("a day may take {of_day} bytes"));
    let now = errand.cx.tenant.world.now_ms();
    let (unit, slot) = usage::charge(&errand.plugin_id, Kind::Http, now, size, of_day);
    let outcome = write(call, errand, unit)?;
    match usage::sum(outcome.rows(slot).row(0)) {
        Some(sum) if sum < of_day => Ok((in_call - size).min(of_day - sum)),
        _ => spent(),
    }
}

fn size(address: usize, headers: &HeaderMap, body: usize) -> u64 {
    head_bytes(headers).saturating_add(address as u64).saturating_add(body as u64)
}

/// Takes an answer's bytes from the day's quota. Waited for only until the call's deadline, which an answer that is late has
/// reached, but counted in any case.
fn count(deadline: Instant, errand: &Errand, came: u64) -> Answer<()> {
    if came == 0 {
        return Ok(());
    }
    let (tenant, most) = (&errand.cx.tenant, i64::MAX.unsigned_abs());
    let (unit, _) = usage::charge(&errand.plugin_id, Kind::Http, tenant.world.now_ms(), came, most);
    let store = tenant.store.clone();
    let counting = async move { store.write(unit).await.map(drop).map_err(Failure::into_error) };
    let left = deadline.saturating_duration_since(Instant::now());
    let in_time = async { tokio::time::timeout(left, tenant.tasks.to_its_end(counting)).await };
    errand.runtime.block_on(in_time).unwrap_or(Ok(())).map_err(told)
}

/// As long as the guest wants, but not beyond the call's deadline.
fn time(call: &Call, timeout_ms: u32) -> Duration {
    let left = call.deadline().saturating_duration_since(Instant::now());
    if timeout_ms == 0 { left } else { left.min(Duration::from_millis(timeout_ms.into())) }
}

/// Words that hold nothing of the request.
fn explain(trouble: &Trouble) -> Answer<Response> {
    match trouble {
        Trouble::NotPublic => refuse("denied", "the address of the host is not public"),
        Trouble::Address(_) => refuse("invalid", "url: it is no address"),
        Trouble::Late => refuse("unavailable", "there was no answer in time"),
        Trouble::TooLarge(bytes) => refuse("too_large", format!("the answer has more than {bytes} bytes")),
        Trouble::Redirects => refuse("unavailable", "redirected too often"),
        Trouble::Broken(_) => refuse("unavailable", "the host could not be reached, or broke off"),
    }
}

fn response(reply: Reply, pairs: &[Pair]) -> Response {
    let hidden = |bytes: &[u8]| disguise::hide(bytes.to_vec(), pairs);
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(&hidden(value.as_bytes())).into_owned())
    };
    let body = if pairs.is_empty() { Vec::from(reply.body) } else { hidden(&reply.body) };
    Response { status: reply.status, headers: reply.headers.iter().map(header).collect(), body }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_where_it_leads() {
        for (url, host, port, is_secure) in [
            ("https://API.x.com/a?b=c", "api.x.com", 443, true),
            ("http://x.com:8080", "x.com", 8080, false),
            ("https://[::1]:1/", "[::1]", 1, true),
        ] {
            let target = target(url).unwrap();
            assert_eq!((target.host.as_str(), target.port, target.is_secure), (host, port, is_secure), "{url}");
        }
        for url in [
            "",
            "/path",
            "ftp://x.com/",
            "https://",
            "https://granted.com@evil.com/",
            "https://x.com:99999/",
            "https://x.com:/",
            "https://x y/",
        ] {
            assert_eq!(target(url).err().unwrap().code, "invalid", "{url}");
        }
    }

    #[test]
    fn a_secret_is_filled_in_where_it_belongs() {
        let token = "tb_placeholder_1";
        let pairs = [Pair { token: token.to_owned(), value: "a secret&more".to_owned() }];
        let url = format!("https://x.com/{token}?key={token}");
        let asked = Asked {
            method: "POST".into(),
            url: url.clone(),
            headers: vec![("authorization".into(), format!("Bearer {token}")), ("range".into(), "bytes=1-2".into())],
            body: format!("k={token}").into(),
            timeout_ms: 0,
        };
        let request = request(&target(&url).unwrap(), asked, &pairs, true).unwrap();
        assert_eq!(request.uri().to_string(), "https://x.com/tb_placeholder_1?key=a%20secret%26more");
        assert_eq!(request.headers()["authorization"], "Bearer a secret&more");
        assert_eq!(
            (request.headers().get("range"), &request.headers()["accept-encoding"]),
            (None, &HeaderValue::from_static("identity"))
        );
        assert_eq!(&request.body()[..], b"k=a secret&more");
    }

    #[test]
    fn headers_are_not_for_smuggling() {
        for (name, value, code) in [
            ("host", "evil.com", "invalid"),
            ("Content-Length", "0", "invalid"),
            ("transfer-encoding", "chunked", "invalid"),
            ("x", "a\r\nb: c", "invalid"),
            ("a b", "x", "invalid"),
            ("x", &"y".repeat(caps::HEADER_BYTES), "too_large"),
        ] {
            let url = "https://x.com/".to_owned();
            let headers = vec![(name.to_owned(), value.to_owned())];
            let asked = Asked { method: "GET".into(), url: url.clone(), headers, body: Vec::new(), timeout_ms: 0 };
            assert_eq!(request(&target(&url).unwrap(), asked, &[], false).unwrap_err().code, code, "{name}");
        }
    }
}
