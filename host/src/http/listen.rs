//! Connections: accepting them, keeping them within limits, letting them finish when the server stops.
//!
//! Stopping has three steps. First the server is *leaving*: it is not ready any more and each answer says that it is
//! the connection's last, but it still takes who comes. Then it takes nobody any more; what is on its way already is
//! still answered. Then streams are ended, and whatever is being answered gets its time.

use super::App;
use super::descriptors;
use super::pace::Paced;
use super::patience::{Patience, Patient, Watch};
use crate::tenant::shares::{Share, Shares};
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections open at the same time.
const CONNECTIONS_MAX: usize = 20_000;

/// Of those this part for one address that is neither this machine's nor a proxy's: one of so many.
const CONNECTIONS_OF_ONE_PART: usize = 2;

/// How long the server is leaving before it takes nobody any more, unless nobody is connected.
const LEAVING: Duration = Duration::from_secs(1);

/// How often it is looked whether anybody still is.
const LEAVING_TICK: Duration = Duration::from_millis(50);

/// How long a connection without a request may be used for one that is on its way already.
const LAST_CALL: Duration = Duration::from_millis(500);

/// How long to wait when the system has no descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What those are told for whom there is no room.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n\
    Content-Type: application/json\r\nContent-Length: 80\r\n\r\n\
    {\"status\":503,\"message\":\"There are too many connections to this one.\",\"data\":{}}";

/// What connections may do.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub connections: usize,
    /// Of one address that is neither this machine's nor a proxy's.
    pub connections_of_one: usize,
    pub patience: Patience,
}

impl Default for Limits {
    fn default() -> Self {
        Self::of(CONNECTIONS_MAX)
    }
}

impl Limits {
    fn of(connections: usize) -> Self {
        let of_one = connections.div_ceil(CONNECTIONS_OF_ONE_PART);
        Self { connections, connections_of_one: of_one, patience: Patience::default() }
    }

    /// As many connections as the system lets this process have.
    fn of_this_process() -> Self {
        Self::of(descriptors::room(CONNECTIONS_MAX))
    }
}

/// What a connection holds as long as it is open.
struct Place {
    _permit: OwnedSemaphorePermit,
    _share: Share,
}

/// Where connections take their places.
struct Room {
    all: Arc<Semaphore>,
    shares: Arc<Shares>,
}

impl Room {
    fn place(&self, app: &App, peer: IpAddr) -> Option<Place> {
        let permit = self.all.clone().try_acquire_owned().ok()?;
        let mut share = self.shares.none(peer);
        let settings = app.host.default_tenant().tenant.settings.load();
        let is_many = peer.is_loopback() || settings.trusted_proxy.proxies.contains(peer);
        (is_many || share.take(1)).then_some(Place { _permit: permit, _share: share })
    }
}

/// Answers on `listener` until `stop` resolves, then lets the open requests finish, for `grace` at most.
pub async fn serve(app: Arc<App>, listener: TcpListener, stop: impl Future<Output = ()>, grace: Duration) {
    serve_within(app, listener, stop, grace, Limits::of_this_process()).await;
}

/// The same with other limits.
pub async fn serve_within(
    app: Arc<App>,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
    grace: Duration,
    limits: Limits,
) {
    let room =
        Room { all: Arc::new(Semaphore::new(limits.connections)), shares: Shares::of(limits.connections_of_one) };
    let take = |accepted| take(&app, &room, limits.patience, accepted);
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Err(error) = take(accepted) {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            },
            () = &mut stop => break,
        }
    }
    app.host.leaving.store(true, Ordering::Relaxed);
    let mut over = pin!(tokio::time::sleep(LEAVING));
    while !app.host.connections.is_empty() {
        tokio::select! {
            accepted = listener.accept() => drop(take(accepted)),
            () = tokio::time::sleep(LEAVING_TICK) => {}
            () = &mut over => break,
        }
    }
    take_the_last(listener, take);
    if !app.host.connections.finish(grace).await {
        tracing::warn!("some requests did not finish in time");
    }
}

/// Takes those whom the system has let in already, and closes the door. They are asked for directly: tokio may not know
/// of them yet.
fn take_the_last(listener: TcpListener, take: impl Fn(io::Result<(TcpStream, SocketAddr)>) -> io::Result<()>) {
    let Ok(listener) = listener.into_std() else { return };
    while let Ok((stream, peer)) = listener.accept() {
        let stream = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream));
        if take(stream.map(|stream| (stream, peer))).is_err() {
            return;
        }
    }
}

/// Begins to serve a connection, or tells it that there is no room.
fn take(
    app: &Arc<App>,
    room: &Room,
    patience: Patience,
    accepted: io::Result<(TcpStream, SocketAddr)>,
) -> io::Result<()> {
    let (stream, peer) = accepted?;
    stream.set_nodelay(true)?;
    let peer = peer.ip().to_canonical();
    match room.place(app, peer) {
        Some(place) => drop(app.host.connections.spawn(connection(app.clone(), stream, peer, place, patience))),
        // A new connection has room for so little; if it has not, it is not told why.
        None => drop(stream.try_write(FULL)),
    }
    Ok(())
}

async fn connection(app: Arc<App>, stream: TcpStream, peer: IpAddr, _place: Place, patience: Patience) {
    let watch = Watch::default();
    let stream = Patient::new(stream, watch.clone(), patience);
    let answering = app.clone();
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (app, watch) = (answering.clone(), watch.clone());
        // Before hyper looks for more from the peer, which it does before it asks for the answer.
        watch.begin();
        async move {
            let response = app.answer(peer, with_body(request, patience)).await;
            // After an upgrade there are no more heads to wait for.
            if response.status() != StatusCode::SWITCHING_PROTOCOLS {
                watch.end();
            }
            Ok::<_, Infallible>(response)
        }
    });
    let mut http = http1::Builder::new();
    // Not `pipeline_flush`: with it hyper takes from a stream without end, however slow its reader is.
    http.timer(TokioTimer::new()).header_read_timeout(patience.idle);
    let mut connection = pin!(http.serve_connection(stream, service).with_upgrades());
    // What goes wrong with a connection is the peer's affair.
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = app.host.connections.stopped() => {
            if let Ok(result) = tokio::time::timeout(LAST_CALL, connection.as_mut()).await {
                result
            } else {
                connection.as_mut().graceful_shutdown();
                connection.as_mut().await
            }
        }
    };
    if let Err(error) = result {
        tracing::debug!(%peer, %error, "a connection ended badly");
    }
}

/// Most requests have no body, and an empty one costs nothing.
fn with_body(request: hyper::Request<Incoming>, patience: Patience) -> Request {
    request.map(|body| if body.is_end_stream() { Body::empty() } else { Body::new(Paced::new(body, patience)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_the_short_answer_is_right() {
        let text = std::str::from_utf8(FULL).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("Content-Length: {}", body.len())), "{}", body.len());
        assert!(serde_json::from_str::<serde_json::Value>(body).is_ok());
    }
}
