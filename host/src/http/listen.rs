//! Connections: accepting them, keeping them within limits, letting them finish when the server stops.

use super::App;
use super::patience::{Patient, Watch};
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections open at the same time.
const CONNECTIONS_MAX: usize = 20_000;

/// How long a connection may be idle between requests.
const IDLE: Duration = Duration::from_mins(1);

/// How long to wait when the system has no descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Answers on `listener` until `stop` resolves, then lets the open requests finish, for `grace` at most.
pub async fn serve(app: Arc<App>, listener: TcpListener, stop: impl Future<Output = ()>, grace: Duration) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &room) => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, peer, permit)) => {
                app.host.connections.spawn(connection(app.clone(), stream, peer, permit));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    if !app.host.connections.finish(grace).await {
        tracing::warn!("some requests did not finish in time");
    }
}

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> io::Result<(TcpStream, IpAddr, OwnedSemaphorePermit)> {
    let permit = room.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, peer.ip().to_canonical(), permit))
}

async fn connection(app: Arc<App>, stream: TcpStream, peer: IpAddr, _permit: OwnedSemaphorePermit) {
    let watch = Watch::default();
    let stream = Patient::new(stream, watch.clone());
    let answering = app.clone();
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (app, watch) = (answering.clone(), watch.clone());
        // Before hyper looks for more from the peer, which it does before it asks for the answer.
        watch.begin();
        async move {
            let response = app.answer(peer, with_body(request)).await;
            // After an upgrade there are no more heads to wait for.
            if response.status() != StatusCode::SWITCHING_PROTOCOLS {
                watch.end();
            }
            Ok::<_, Infallible>(response)
        }
    });
    let mut http = http1::Builder::new();
    // Not `pipeline_flush`: with it hyper takes from a stream without end, however slow its reader is.
    http.timer(TokioTimer::new()).header_read_timeout(IDLE);
    let mut connection = pin!(http.serve_connection(stream, service).with_upgrades());
    // What goes wrong with a connection is the peer's affair.
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = app.host.connections.stopped() => {
            connection.as_mut().graceful_shutdown();
            connection.as_mut().await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%peer, %error, "a connection ended badly");
    }
}

/// Most requests have no body, and an empty one costs nothing.
fn with_body(request: hyper::Request<Incoming>) -> Request {
    request.map(|body| if body.is_end_stream() { Body::empty() } else { Body::new(body) })
}
