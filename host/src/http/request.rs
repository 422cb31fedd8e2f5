//! From a request to a `Cx`: who asks, with what. Extractors that demand more than that.

use super::cookie;
use super::reply::Failure;
use super::scopes;
use crate::auth::{self, session};
use crate::crypto;
use crate::error::{Error, FieldErrors, code};
use crate::host::Host;
use crate::host::tenants::Opened;
use crate::model::{Caller, Collection, pairs};
use crate::records::{AggregateQuery, BulkQuery, ListQuery, Tags, Terms, ViewQuery};
use crate::tenant::cx::RequestFacts;
use crate::tenant::{Cx, Tenant};
use axum::extract::FromRequestParts;
use axum::extract::rejection::PathRejection;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HeaderName};
use axum::http::request::Parts;
use std::net::IpAddr;
use std::sync::Arc;

/// Must come with the session cookie on requests that change something.
const CSRF: HeaderName = HeaderName::from_static("x-csrf-token");

/// Where sessions begin and end, whatever there is of another one.
const DOORS: [&str; 2] = ["/api/admin/session", "/api/admin/setup"];

/// `Authorization` may have it in front of the token, in any case.
const BEARER: &str = "bearer ";

/// Most query parameters looked at.
const QUERY_MAX: usize = 1_000;

/// Paths on which somebody may be signed in.
const API: &str = "/api/";
const METRICS: &str = "/metrics";

/// Who sits at this request: put into its extensions by the chain, taken out by the extractors.
#[derive(Debug, Clone)]
pub(super) struct Seat {
    pub cx: Cx,
    pub opened: Arc<Opened>,
}

impl Seat {
    /// Finds out who asks, and whether they are refused whatever they ask. The tenant is the default one.
    pub(super) async fn of(host: &Host, peer: IpAddr, id: &str, request: &Parts) -> (Self, Option<Error>) {
        let opened = host.default_tenant().clone();
        let tenant = &opened.tenant;
        let ip = client(tenant, peer, &request.headers).to_string();
        let path = request.uri.path();
        let asks = path.starts_with(API) || path == METRICS;
        let found = if asks { caller(tenant, &ip, request).await } else { Ok(Caller::Guest) };
        let (caller, refused) = match found {
            Ok(caller) => (caller, None),
            Err(error) => (Caller::Guest, Some(error)),
        };
        let (query, query_is_broken) = first_of_each(request.uri.query().unwrap_or_default());
        let facts = RequestFacts {
            id: id.to_owned(),
            method: request.method.as_str().to_owned(),
            context: "default",
            query,
            query_is_broken,
            headers: snake_case(&request.headers),
            ip,
            peer: peer.to_string(),
        };
        (Self { cx: Cx::new(tenant.clone(), caller, facts), opened }, refused)
    }

    /// The first value of a query parameter, unless it is empty.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        query(&self.cx, name)
    }
}

/// The address of a client behind a peer, told by the headers that the settings name.
fn client(tenant: &Tenant, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let settings = tenant.settings.load();
    settings.trusted_proxy.client(peer, |name| headers.get_all(name).iter().next_back()?.to_str().ok())
}

/// A token or key in the header, else the dashboard's cookie with the proof that the page is ours.
///
/// # Errors
/// What keys are refused with; `Unauthenticated` for the proof of a session that is over.
async fn caller(tenant: &Arc<Tenant>, ip: &str, request: &Parts) -> Result<Caller, Error> {
    let Parts { method, headers, uri, .. } = request;
    let token = presented(headers);
    if !token.is_empty() {
        return auth::caller_at(tenant, token, ip).await;
    }
    let cookie = cookie::read(headers);
    let holder = match cookie {
        Some(cookie) => session::holder(tenant, cookie).await,
        None => None,
    };
    match holder {
        Some(holder) if method.is_safe() || has_proof(headers, &holder.csrf) => Ok(holder.caller),
        _ if !DOORS.contains(&uri.path()) && means_a_session(headers, cookie.is_some()) => {
            Err(Error::Unauthenticated("The session has ended. Please sign in again.".into()))
        }
        _ => Ok(Caller::Guest),
    }
}

/// Whether somebody believes to be signed in, and must not be taken for a guest: what they write would be in nobody's name.
/// Other programs have headers of this name too, so that without a cookie it has to look like ours.
fn means_a_session(headers: &HeaderMap, has_cookie: bool) -> bool {
    headers.get(CSRF).is_some_and(|given| has_cookie || session::is_csrf(given.as_bytes()))
}

fn has_proof(headers: &HeaderMap, csrf: &str) -> bool {
    headers.get(CSRF).is_some_and(|given| crypto::same(given.as_bytes(), csrf.as_bytes()))
}

/// The token in `Authorization`, with or without `Bearer`; empty when there is none.
pub(super) fn presented(headers: &HeaderMap) -> &str {
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default().trim();
    match value.get(..BEARER.len()) {
        Some(prefix) if prefix.eq_ignore_ascii_case(BEARER) => value[BEARER.len()..].trim_start(),
        _ => value,
    }
}

/// The first value of each parameter, decoded, and whether there are others that cannot be: these are not there, as in `PocketBase`.
fn first_of_each(query: &str) -> (Vec<(String, String)>, bool) {
    let (mut first, mut is_broken): (Vec<(String, String)>, _) = (Vec::new(), false);
    for pair in pairs(query).take(QUERY_MAX) {
        match pair {
            Some((name, value)) if !first.iter().any(|(known, _)| *known == name) => first.push((name, value)),
            Some(_) => {}
            None => is_broken = true,
        }
    }
    (first, is_broken)
}

/// Refuses a request of which a parameter cannot be read, where it could have been the one that makes it harmless.
///
/// # Errors
/// `Invalid`.
pub(super) fn unbroken(cx: &Cx) -> Result<(), Error> {
    if cx.facts.query_is_broken {
        return Err(Error::invalid("A parameter cannot be read: a % or a ; in it has to be escaped."));
    }
    Ok(())
}

/// The first value of each header, under the names that rules know.
fn snake_case(headers: &HeaderMap) -> Vec<(String, String)> {
    let names = headers.keys().map(|name| {
        let value = headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        (name.as_str().replace('-', "_"), value.unwrap_or_default())
    });
    names.collect()
}

/// The first value of a query parameter, unless it is empty.
pub(super) fn query<'a>(cx: &'a Cx, name: &str) -> Option<&'a str> {
    let found = cx.facts.query.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
}

pub(super) fn list_query(cx: &Cx) -> ListQuery {
    let get = |name| query(cx, name).map(str::to_owned);
    ListQuery {
        page: get("page"),
        per_page: get("perPage"),
        skip_total: get("skipTotal"),
        sort: get("sort"),
        filter: get("filter"),
        search: get("search"),
        cursor: cx.facts.query.iter().find(|(known, _)| known == "cursor").map(|(_, value)| value.clone()),
        near: get("near"),
        limit: get("limit"),
        expand: get("expand"),
        fields: get("fields"),
    }
}

pub(super) fn aggregate_query(cx: &Cx) -> AggregateQuery {
    let get = |name| query(cx, name).map(str::to_owned);
    AggregateQuery { functions: get("fn"), group_by: get("groupBy"), list: list_query(cx) }
}

pub(super) fn view_query(cx: &Cx) -> ViewQuery {
    let get = |name| query(cx, name).map(str::to_owned);
    ViewQuery { expand: get("expand"), fields: get("fields") }
}

/// What a write is asked for besides its body.
pub(super) fn terms(cx: &Cx) -> Terms {
    Terms {
        query: view_query(cx),
        if_match: if_match(cx),
        idempotency_key: header(cx, "idempotency_key").map(str::to_owned),
    }
}

/// Which records a write by filter is about.
///
/// # Errors
/// `Invalid` for a parameter that is not known: with a misspelt `dryRun` it would be no trial.
pub(super) fn bulk_query(cx: &Cx) -> Result<BulkQuery, Error> {
    only(cx, &["filter", "after", "dryRun", "fields"])?;
    let get = |name| query(cx, name).map(str::to_owned);
    Ok(BulkQuery { filter: get("filter"), after: get("after"), dry_run: flag(cx, "dryRun")? })
}

/// Refuses parameters that are not among these, or cannot be read.
///
/// # Errors
/// `Invalid`, with each of the others.
pub(super) fn only(cx: &Cx, known: &[&str]) -> Result<(), Error> {
    unbroken(cx)?;
    let mut errors = FieldErrors::default();
    for (name, _) in cx.facts.query.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
        errors.add(name, code::UNKNOWN_FIELD.say("There is no such parameter."));
    }
    errors.into_result("There is an unknown parameter.")
}

/// A parameter that is on or off; one that is neither is refused, not guessed.
///
/// # Errors
/// `Invalid`, with the parameter.
pub(super) fn flag(cx: &Cx, name: &str) -> Result<bool, Error> {
    match cx.facts.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()) {
        None | Some("0" | "false") => Ok(false),
        Some("1" | "true") => Ok(true),
        Some(_) => Err(Error::field("The parameter must be 1 or 0.", name, code::INVALID_VALUE)),
    }
}

pub(super) fn if_match(cx: &Cx) -> Option<Tags> {
    header(cx, "if_match").map(Tags::parse)
}

pub(super) fn if_none_match(cx: &Cx) -> Option<Tags> {
    header(cx, "if_none_match").map(Tags::parse)
}

/// The first value of a header, by its name in lower snake case.
fn header<'a>(cx: &'a Cx, name: &str) -> Option<&'a str> {
    let found = cx.facts.headers.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

/// The collection that a path names.
pub(super) fn collection(cx: &Cx, name: &str) -> Result<Arc<Collection>, Error> {
    cx.catalog.collection(name).cloned().ok_or_else(|| Error::NotFound("Missing collection context.".into()))
}

impl<S: Sync> FromRequestParts<S> for Seat {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        parts.extensions.get::<Self>().cloned().ok_or_else(no_seat)
    }
}

fn no_seat() -> Failure {
    Failure::Error(Error::internal("answer a request", "it did not pass the chain"))
}

impl<S: Sync> FromRequestParts<S> for Cx {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        let seat = parts.extensions.get::<Seat>();
        seat.map(|seat| seat.cx.clone()).ok_or_else(no_seat)
    }
}

/// A seat that only superusers get, and keys with the scope for it.
#[derive(Debug)]
pub(super) struct Superuser(pub Seat);

impl<S: Sync> FromRequestParts<S> for Superuser {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let seat = Seat::from_request_parts(parts, state).await?;
        let refused = match &seat.cx.caller {
            Caller::Superuser(_) => return Ok(Self(seat)),
            Caller::Key(key) => match scopes::check(key, parts) {
                Ok(()) => return Ok(Self(seat)),
                Err(error) => error,
            },
            Caller::Guest => Error::Unauthenticated("The request requires valid record authorization token.".into()),
            _ => Error::Forbidden("The authorized record is not allowed to perform this action.".into()),
        };
        Err(refused.into())
    }
}

/// The parameters of a path; what cannot be one is not found.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Failure))]
pub(super) struct Path<T>(pub T);

impl From<PathRejection> for Failure {
    fn from(_: PathRejection) -> Self {
        Self::Error(Error::not_found())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn tokens_come_raw_or_as_bearer() {
        for (value, token) in
            [("abc", "abc"), ("Bearer abc", "abc"), ("bEARER  abc", "abc"), ("", ""), ("Bearer", "Bearer")]
        {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_static(value));
            assert_eq!(presented(&headers), token);
        }
    }

    #[test]
    fn of_repeated_parameters_the_first_counts() {
        let (query, is_broken) = first_of_each("page=1&page=2&filter=a%20%2B+b&flag");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(query, [pair("page", "1"), pair("filter", "a + b"), pair("flag", "")]);
        assert!(!is_broken);
        assert_eq!(first_of_each("a=1;&b=2"), (vec![pair("b", "2")], true));
    }

    #[test]
    fn header_names_are_snake_case() {
        let mut headers = HeaderMap::new();
        headers.insert("X-My-Token", HeaderValue::from_static("1"));
        headers.append("X-My-Token", HeaderValue::from_static("2"));
        assert_eq!(snake_case(&headers), [("x_my_token".to_owned(), "1".to_owned())]);
    }
}
