//! The HTTP client that speaks to a bucket: hyper with rustls, and nothing that waits for ever.

use async_trait::async_trait;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Bytes, Frame};
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector as Tcp;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use object_store::client::{
    ClientOptions, HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse,
    HttpResponseBody, HttpService,
};
use rustls::ClientConfig;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// How long the head of an answer may take; the body of the request is sent in this time too.
const ANSWER: Duration = Duration::from_mins(1);
/// How long an answer's body may stand still.
const SILENCE: Duration = Duration::from_secs(30);
/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_mins(1);

/// Makes the clients.
#[derive(Debug)]
pub(super) struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        let mut tcp = Tcp::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT));
        tcp.set_nodelay(true);
        let tls = tls().map_err(|error| object_store::Error::Generic { store: "S3", source: error.into() })?;
        let https =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build::<_, HttpRequestBody>(https);
        Ok(HttpClient::new(Service(client)))
    }
}

/// Trusts whom the system trusts; a system that knows nobody gets Mozilla's list.
fn tls() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = || ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
    let rooted = match builder()?.with_native_roots() {
        Ok(rooted) => rooted,
        Err(error) => {
            tracing::debug!(%error, "the system has no certificates");
            builder()?.with_webpki_roots()
        }
    };
    Ok(rooted.with_no_client_auth())
}

#[derive(Debug)]
struct Service(Client<HttpsConnector<Tcp>, HttpRequestBody>);

#[async_trait]
impl HttpService for Service {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let answer = tokio::time::timeout(ANSWER, self.0.request(request)).await;
        let response = answer.map_err(|late| HttpError::new(HttpErrorKind::Timeout, late))?.map_err(|error| {
            let kind = if error.is_connect() { HttpErrorKind::Connect } else { HttpErrorKind::Request };
            HttpError::new(kind, error)
        })?;
        let (head, body) = response.into_parts();
        let body = body.map_err(|error| HttpError::new(HttpErrorKind::Interrupted, error));
        Ok(HttpResponse::from_parts(head, HttpResponseBody::new(Watched::new(body.boxed()))))
    }
}

/// A body that fails when nothing comes for too long.
struct Watched<B> {
    body: B,
    silence: Pin<Box<Sleep>>,
}

impl<B> Watched<B> {
    fn new(body: B) -> Self {
        Self { body, silence: Box::pin(tokio::time::sleep(SILENCE)) }
    }
}

impl<B: Body<Data = Bytes, Error = HttpError> + Unpin> Body for Watched<B> {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            self.silence.as_mut().reset(Instant::now() + SILENCE);
            return Poll::Ready(frame);
        }
        ready!(self.silence.as_mut().poll(cx));
        let late = io::Error::new(io::ErrorKind::TimedOut, "the answer stands still");
        Poll::Ready(Some(Err(HttpError::new(HttpErrorKind::Timeout, late))))
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}
