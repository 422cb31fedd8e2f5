//! `/api/realtime`: Server-Sent Events and WebSocket on the same path. What is said is `realtime`'s affair;
//! here it is put into responses and frames.

use super::body::Submitted;
use super::cookie;
use super::reply::{Outcome, Reply, nothing};
use super::request::{Seat, Superuser, list_query, presented};
use crate::error::Error;
use crate::host::Host;
use crate::realtime::{Bearer, MESSAGE_MAX, Outgoing, Session};
use crate::records::Page;
use crate::tasks::Tasks;
use axum::body::Body;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderName, ORIGIN, UPGRADE};
use axum::response::{IntoResponse as _, Response};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// Keeps nginx from holding back what is streamed.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// What `PocketBase` says of a body that is no set of subscriptions.
const WRONG: &str = "Something went wrong while processing your request.";

/// Largest set of subscriptions, with room for escapes.
const BODY_MAX: usize = 4 << 20;

/// Largest body of what is said, with room for escapes.
const SAID_MAX: usize = 512 << 10;

/// What a WebSocket keeps for reading; longer messages make it grow.
const READ_BUFFER: usize = 2 << 10;

/// Frames are gathered up to this size before they are written.
const WRITE_BUFFER: usize = 16 << 10;

/// How long a peer may take to read what is left, and to answer that it closes too.
const FAREWELL: Duration = Duration::from_secs(2);

pub(super) async fn connect(
    State(host): State<Arc<Host>>,
    seat: Seat,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Outcome<Response> {
    let connections = host.connections.clone();
    if !headers.get(UPGRADE).is_some_and(|name| name.as_bytes().eq_ignore_ascii_case(b"websocket")) {
        return stream(&seat, connections);
    }
    let upgrade = upgrade.map_err(|_| Error::invalid("The WebSocket handshake is not valid."))?;
    if !may_connect(&headers, &host.config.origins) {
        return Err(Error::Forbidden("Pages of this origin may not open a WebSocket here.".into()).into());
    }
    let realtime = &seat.opened.realtime;
    let session = realtime.connect_socket(bearer(&seat, &headers), &seat.cx.facts.ip).await?;
    let upgrade = upgrade.read_buffer_size(READ_BUFFER).write_buffer_size(WRITE_BUFFER);
    let upgrade = upgrade.max_message_size(MESSAGE_MAX).max_frame_size(MESSAGE_MAX);
    Ok(upgrade.on_upgrade(async move |socket| {
        connections.spawn(converse(socket, session, connections.clone()));
    }))
}

pub(super) async fn subscribe(seat: Seat, headers: HeaderMap, body: Submitted) -> Outcome {
    let is_form = body.is_form();
    let mut body = body.up_to(BODY_MAX).saying(WRONG).fields().await?;
    // A form with a single one says it as a text; JSON has lists for that.
    if let Some(one @ Value::String(_)) = body.get_mut("subscriptions").filter(|_| is_form) {
        *one = Value::Array(vec![one.take()]);
    }
    let realtime = &seat.opened.realtime;
    Ok(realtime.subscribe(&seat.cx, bearer(&seat, &headers), &body).await.map(nothing)?)
}

/// 204 when it was handed over to those who listen now.
pub(super) async fn publish(seat: Seat, body: Submitted) -> Outcome {
    let body = body.up_to(SAID_MAX).fields().await?;
    Ok(seat.opened.realtime.publish(&seat.cx, &body).await.map(nothing)?)
}

pub(super) async fn clients(Superuser(seat): Superuser) -> Outcome {
    let page = Page::parse(&list_query(&seat.cx))?;
    let (items, total) = seat.opened.realtime.clients(&page.part());
    Ok(Reply::Page(page.json(&items, total)))
}

/// Whoever asks, for as long as the token lasts that proved it.
fn bearer(seat: &Seat, headers: &HeaderMap) -> Bearer {
    let token = Some(presented(headers)).filter(|token| !token.is_empty());
    let token = token.or_else(|| cookie::read(headers)).unwrap_or_default();
    Bearer::new(seat.cx.caller.clone(), token)
}

fn stream(seat: &Seat, connections: Tasks) -> Outcome<Response> {
    let events = seat.opened.realtime.connect(&seat.cx.facts.ip)?;
    let events = events.take_until(Box::pin(async move { connections.stopped().await }));
    let headers = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-store"), (ACCEL_BUFFERING, "no")];
    Ok((headers, Body::from_stream(events.map(Ok::<_, Infallible>))).into_response())
}

/// A browser sends the dashboard's cookie along whatever page opens a WebSocket, and no CORS stands in
/// the way: only our own pages and named origins may. What is not a browser sends no origin.
fn may_connect(headers: &HeaderMap, named: &[String]) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    let own = headers.get(HOST).and_then(|host| host.to_str().ok());
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    let is_own = authority.zip(own).is_some_and(|(authority, own)| authority.eq_ignore_ascii_case(own));
    is_own || named.iter().any(|name| name == origin)
}

/// Carries messages both ways until one side has enough.
async fn converse(mut socket: WebSocket, session: Session, connections: Tasks) {
    loop {
        let outgoing = tokio::select! {
            outgoing = session.next() => outgoing,
            heard = socket.recv() => {
                match heard {
                    Some(Ok(Message::Text(text))) => session.hear(&text).await,
                    // Its farewell is answered while the rest is read.
                    Some(Ok(Message::Close(_))) => break,
                    Some(Err(_)) | None => return,
                    Some(Ok(_)) => session.heard(),
                }
                continue;
            }
            () = connections.stopped() => vec![Outgoing::AWAY],
        };
        let last = matches!(outgoing.last(), Some(Outgoing::Close { .. }));
        // A peer may be slow; one that takes nothing at all is the affair of the connection's patience.
        let sent = tokio::select! {
            sent = send(&mut socket, outgoing) => sent,
            () = too_late(&connections) => return,
        };
        match sent {
            Ok(()) if last => break,
            Ok(()) => {}
            Err(_) => return,
        }
    }
    drop(session);
    let farewell = async { while let Some(Ok(_)) = socket.recv().await {} };
    // Whether the peer says farewell or not, this was all.
    let _ = tokio::time::timeout(FAREWELL, farewell).await;
}

/// The server stops, and has waited long enough for a slow peer.
async fn too_late(connections: &Tasks) {
    connections.stopped().await;
    tokio::time::sleep(FAREWELL).await;
}

async fn send(socket: &mut WebSocket, outgoing: Vec<Outgoing>) -> Result<(), axum::Error> {
    for item in outgoing {
        let message = match item {
            Outgoing::Text(json) => Message::Text(Utf8Bytes::try_from(json).map_err(axum::Error::new)?),
            Outgoing::Ping => Message::Ping(bytes::Bytes::new()),
            Outgoing::Close { code, reason } => {
                Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) }))
            }
        };
        socket.feed(message).await?;
    }
    socket.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(origin: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("api.example:8090"));
        if let Some(origin) = origin {
            headers.insert(ORIGIN, HeaderValue::from_static(origin));
        }
        headers
    }

    #[test]
    fn pages_of_other_origins_may_not_connect() {
        let named = ["https://app.example".to_owned(), "*".to_owned()];
        for origin in
            [None, Some("http://api.example:8090"), Some("https://API.example:8090"), Some("https://app.example")]
        {
            assert!(may_connect(&headers(origin), &named), "{origin:?}");
        }
        for origin in ["https://evil.example", "null", "", "http://api.example", "http://evil.example/api.example:8090"]
        {
            assert!(!may_connect(&headers(Some(origin)), &named), "{origin}");
        }
    }
}
