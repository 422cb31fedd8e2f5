//! What every request goes through, as one function: the hot path has no layers to box and clone.

use super::App;
use super::rates;
use super::reply::{self, Told};
use super::request::Seat;
use super::room::Room;
use crate::auth::origin;
use crate::clock::ID_LENGTH;
use crate::error::{Error, Result};
use crate::logs::{self, Entry};
use crate::model::picker::Picker;
use crate::records;
use crate::tenant::{Cx, turnover};
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{HeaderName, HeaderValue, REFERER, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use hyper::body::Body as _;
use hyper::service::Service as _;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// On every answer, beside those that say who may read it.
const SECURITY_HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN")),
    (header::X_XSS_PROTECTION, HeaderValue::from_static("1; mode=block")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
];

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Paths whose requests are of interest even when they go well.
const API: &str = "/api/";

const COLLECTIONS: &str = "/api/collections/";

/// Reading the log well is not logged: it would answer with itself.
const LOGS: &str = "/api/logs";

/// How often a read is done at most when the schema changes meanwhile.
const TURNS: usize = 8;

/// What is said of a path with a `%` that begins no escape.
const BROKEN_ESCAPE: &str = "The path of the request has a broken escape.";

/// Left by a handler in an answer that other sites may show in a frame.
#[derive(Debug, Clone)]
pub(super) struct Framed;

impl App {
    /// Answers one request; never fails.
    pub async fn answer(&self, peer: IpAddr, request: Request) -> Response {
        let began = Instant::now();
        let id = self.host.world.ids.lower(ID_LENGTH);
        let origin = request.headers().get(header::ORIGIN).cloned();
        let mut response = if request.method() == Method::OPTIONS {
            self.cors.preflight(origin.as_ref(), request.headers())
        } else {
            let mut response = self.answer_logged(peer, request, &id).await;
            self.cors.allow(origin.as_ref(), response.headers_mut());
            secure(&mut response);
            response
        };
        if let Ok(id) = HeaderValue::try_from(id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        self.host.meter.note(response.status().as_u16(), began.elapsed());
        let is_last = self.host.leaving.load(Ordering::Relaxed) && response.status() != StatusCode::SWITCHING_PROTOCOLS;
        if is_last {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    async fn answer_logged(&self, peer: IpAddr, request: Request, id: &str) -> Response {
        let began = Instant::now();
        let line = Line::of(&request);
        let (parts, body) = request.into_parts();
        let seat = AssertUnwindSafe(Seat::of(&self.host, peer, id, &parts)).catch_unwind().await;
        let Ok((seat, refused)) = seat else { return reply::panicked(id).0 };
        let reads = refused.is_none() && reads_records(&parts);
        let (mut cx, opened) = (seat.cx.clone(), seat.opened.clone());
        let (mut response, mut told) = match refused {
            Some(error) => reply::finish(reply::Failure::from(error).into_response(), None, id),
            None => self.answer_seated(seat, Request::from_parts(parts, body)).await,
        };
        let mut turns = 1;
        while !cx.tenant.is_as_in(&cx.catalog) && (reads || response.status() == StatusCode::INTERNAL_SERVER_ERROR) {
            // What was read may be of another field than it says.
            let anew = if reads && turns < TURNS { records::renewed(&cx).await } else { Err(turnover::changed()) };
            match anew {
                Ok(now) => cx = now,
                Err(error) => {
                    (response, told) = reply::finish(reply::Failure::from(error).into_response(), None, id);
                    break;
                }
            }
            turns += 1;
            let seat = Seat { cx: cx.clone(), opened: opened.clone() };
            (response, told) = self.answer_seated(seat, line.again()).await;
        }
        line.log(&cx, began, &response, told);
        response
    }

    /// Superusers come from where they may, and nobody comes too often.
    fn admit(cx: &Cx, path: &str) -> Result<()> {
        origin::check(&cx.tenant, &cx.caller, cx.facts.address())?;
        rates::admit(cx, path)
    }

    async fn answer_seated(&self, seat: Seat, mut request: Request) -> (Response, Told) {
        let cx = seat.cx.clone();
        let path = request.uri().path();
        if let Err(error) = escapes_are_whole(path).and_then(|()| Self::admit(&cx, path)) {
            return reply::finish(reply::Failure::from(error).into_response(), None, &cx.facts.id);
        }
        // Before the handler runs: a mistake in `fields` must not be found after a write.
        let picker = match seat.query("fields").map(Picker::parse).transpose() {
            Ok(picker) => picker,
            Err(error) => return reply::finish(reply::Failure::from(error).into_response(), None, &cx.facts.id),
        };
        request.extensions_mut().insert(seat);
        // Held until there is an answer: for so long is what was submitted in memory.
        let room = (!request.body().is_end_stream()).then(|| Room::new(&self.bodies, cx.facts.address()));
        if let Some(room) = &room {
            request.extensions_mut().insert(room.clone());
        }
        let response = AssertUnwindSafe(self.router.call(request)).catch_unwind().await;
        match response {
            Ok(Ok(response)) => reply::finish(response, picker.as_ref(), &cx.facts.id),
            Ok(Err(never)) => match never {},
            Err(_) => reply::panicked(&cx.facts.id),
        }
    }
}

/// # Errors
/// `Invalid` for a `%` in a path without two digits behind it.
fn escapes_are_whole(path: &str) -> Result<()> {
    let is_whole = |rest: &str| rest.len() >= 2 && rest.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit);
    if path.split('%').skip(1).all(is_whole) { Ok(()) } else { Err(Error::invalid(BROKEN_ESCAPE)) }
}

/// Whether a request reads records and does nothing else, so that it can be answered anew. Of its head only the seat and the
/// address are of interest to those who answer.
fn reads_records(parts: &Parts) -> bool {
    parts.method == Method::GET && parts.uri.path().starts_with(COLLECTIONS)
}

fn secure(response: &mut Response) {
    let framed = response.extensions_mut().remove::<Framed>().is_some();
    let headers = response.headers_mut();
    for (name, value) in SECURITY_HEADERS {
        if framed && name == header::X_FRAME_OPTIONS {
            continue;
        }
        headers.entry(name).or_insert(value);
    }
}

/// What the log wants of a request, kept while its handler has the request.
struct Line {
    uri: Uri,
    referer: Option<HeaderValue>,
    user_agent: Option<HeaderValue>,
}

impl Line {
    fn of(request: &Request) -> Self {
        let header = |name| request.headers().get(name).cloned();
        Self { uri: request.uri().clone(), referer: header(REFERER), user_agent: header(USER_AGENT) }
    }

    /// The request once more, for those whose seat says all else: it has no body.
    fn again(&self) -> Request {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = self.uri.clone();
        request
    }

    fn log(self, cx: &Cx, began: Instant, response: &Response, told: Told) {
        let status = response.status().as_u16();
        let path = self.uri.path();
        let of_interest = logs::level(status) > logs::INFO || (path.starts_with(API) && !path.starts_with(LOGS));
        if !of_interest || !cx.tenant.logs.wants(status) {
            return;
        }
        let record = cx.caller.record();
        let key = cx.caller.key().map(|_| cx.caller.kind());
        let text =
            |value: Option<&HeaderValue>| value.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        cx.tenant.logs.add(Entry {
            request_id: cx.facts.id.clone(),
            method: cx.facts.method.clone(),
            url: self.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            referer: text(self.referer.as_ref()),
            user_agent: text(self.user_agent.as_ref()),
            ip: cx.facts.ip.clone(),
            peer: cx.facts.peer.clone(),
            status,
            took: began.elapsed(),
            at_ms: cx.tenant.world.now_ms(),
            auth: record.map_or_else(|| key.unwrap_or_default().into(), |record| record.collection.name.clone()),
            auth_id: cx.caller.id().to_owned(),
            error: told.error,
            details: told.details,
        });
    }
}
