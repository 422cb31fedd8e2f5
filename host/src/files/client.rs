//! The HTTP client that speaks to a bucket: bodies of any size, and nothing that waits for ever.

use crate::outbound::{self, Anywhere};
use async_trait::async_trait;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Bytes, Frame};
use hyper::header::LOCATION;
use object_store::client::{
    ClientOptions, HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse,
    HttpResponseBody, HttpService,
};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// How long the head of an answer may take; the body of the request is sent in this time too.
const ANSWER: Duration = Duration::from_mins(1);
/// How long an answer's body may stand still.
const SILENCE: Duration = Duration::from_secs(30);

/// Makes the clients.
#[derive(Debug)]
pub(super) struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = outbound::anywhere();
        let client = client.map_err(|error| object_store::Error::Generic { store: "S3", source: error.into() })?;
        Ok(HttpClient::new(Service(client)))
    }
}

#[derive(Debug)]
struct Service(Anywhere<HttpRequestBody>);

#[async_trait]
impl HttpService for Service {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let answer = tokio::time::timeout(ANSWER, self.0.request(request)).await;
        let response = answer.map_err(|late| HttpError::new(HttpErrorKind::Timeout, late))?.map_err(|error| {
            let kind = if error.is_connect() { HttpErrorKind::Connect } else { HttpErrorKind::Request };
            HttpError::new(kind, error)
        })?;
        let (mut head, body) = response.into_parts();
        // The crate follows no redirects, and takes one without a place for another region; S3 names the place sometimes.
        if head.status.is_redirection() && head.headers.contains_key("x-amz-request-id") {
            head.headers.remove(LOCATION);
        }
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
