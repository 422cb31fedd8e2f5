//! Requests to other servers: hyper with rustls, and nothing that waits for ever or takes whatever comes.
//!
//! Where an address is the operator's word, a request may go [`Reach::Anywhere`]. Where it is anybody else's (the
//! picture of somebody who signs in) it goes to public addresses only, whatever the name resolves to.

mod public;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::header::{HeaderMap, LOCATION};
use hyper::{Request, Uri};
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::GaiResolver;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use public::PublicOnly;
use rustls::ClientConfig;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_mins(1);
/// Redirects that a download follows.
const REDIRECTS_MAX: usize = 3;

/// A client that reaches every address.
pub type Anywhere<B> = Client<HttpsConnector<HttpConnector<GaiResolver>>, B>;

/// Where a request may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    Anywhere,
    /// Addresses of the internet: not this machine, not the network that it is in.
    Public,
}

/// What an answer may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub body_bytes: usize,
    /// From the connection to the last byte.
    pub time: Duration,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Why there is no answer; for the log.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("`{0}` is no address that can be asked")]
    Address(String),
    #[error("the address is not public")]
    NotPublic,
    #[error("no answer in time")]
    Late,
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
    #[error("redirected too often")]
    Redirects,
    #[error("{0}")]
    Broken(String),
}

/// Asks other servers. Connections are kept for a while; nothing is made before the first request.
#[derive(Default)]
pub struct Outbound {
    clients: OnceLock<Clients>,
    /// Guests reach private addresses too: for tests and development.
    guests_inside: bool,
}

struct Clients {
    anywhere: Anywhere<Full<Bytes>>,
    public: Client<HttpsConnector<HttpConnector<PublicOnly>>, Full<Bytes>>,
}

impl fmt::Debug for Outbound {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Outbound").finish_non_exhaustive()
    }
}

impl Outbound {
    /// One that lets guests reach this machine and its network, if it is told so.
    #[must_use]
    pub fn new(guests_inside: bool) -> Self {
        Self { clients: OnceLock::new(), guests_inside }
    }

    /// Whether guests reach private addresses too.
    #[must_use]
    pub fn lets_guests_inside(&self) -> bool {
        self.guests_inside
    }

    /// Where requests of guests may go.
    #[must_use]
    pub fn for_guests(&self) -> Reach {
        if self.guests_inside { Reach::Anywhere } else { Reach::Public }
    }

    /// Sends a request once; redirects are answers like others.
    ///
    /// # Errors
    /// When there is no whole answer within the limits.
    pub async fn send(&self, reach: Reach, request: Request<Bytes>, limits: Limits) -> Result<Answer, Trouble> {
        self.send_counted(reach, request, limits, &AtomicU64::default()).await
    }

    /// The same; adds to `came` the bytes of the answer, head and body, as they come, also of one that comes late or breaks off.
    ///
    /// # Errors
    /// As [`Outbound::send`].
    pub async fn send_counted(
        &self,
        reach: Reach,
        request: Request<Bytes>,
        limits: Limits,
        came: &AtomicU64,
    ) -> Result<Answer, Trouble> {
        let clients = self.clients()?;
        let request = request.map(Full::new);
        let asking = async {
            let response = match reach {
                Reach::Anywhere => clients.anywhere.request(request).await,
                Reach::Public => {
                    public::check_literal(request.uri())?;
                    clients.public.request(request).await
                }
            };
            let response = response.map_err(|error| {
                let words = in_full(&error);
                // What the resolver said comes back within hyper's error.
                if words.contains(&Trouble::NotPublic.to_string()) {
                    Trouble::NotPublic
                } else {
                    Trouble::Broken(words)
                }
            })?;
            let (head, body) = response.into_parts();
            came.fetch_add(head_bytes(&head.headers), Ordering::Relaxed);
            let counted = body.map_frame(|frame| {
                came.fetch_add(frame.data_ref().map_or(0, Bytes::len) as u64, Ordering::Relaxed);
                frame
            });
            let body = Limited::new(counted, limits.body_bytes).collect().await.map_err(|error| {
                if error.is::<LengthLimitError>() {
                    Trouble::TooLarge(limits.body_bytes)
                } else {
                    Trouble::Broken(error.to_string())
                }
            })?;
            Ok(Answer { status: head.status.as_u16(), headers: head.headers, body: body.to_bytes() })
        };
        tokio::time::timeout(limits.time, asking).await.unwrap_or(Err(Trouble::Late))
    }

    /// What is at an address that anybody may have named: from public addresses only, along a few redirects.
    ///
    /// # Errors
    /// When it is not to be had within the limits.
    pub async fn download(&self, url: &str, limits: Limits) -> Result<Answer, Trouble> {
        let following = async {
            let mut url = url.to_owned();
            for _ in 0..=REDIRECTS_MAX {
                let answer = self.send(Reach::Public, get(&url)?, limits).await?;
                if !(300..400).contains(&answer.status) {
                    return Ok(answer);
                }
                let target = answer.headers.get(LOCATION).and_then(|target| target.to_str().ok());
                let target = target.ok_or_else(|| Trouble::Broken("a redirect to nowhere".to_owned()))?;
                target.clone_into(&mut url);
            }
            Err(Trouble::Redirects)
        };
        tokio::time::timeout(limits.time, following).await.unwrap_or(Err(Trouble::Late))
    }

    fn clients(&self) -> Result<&Clients, Trouble> {
        if let Some(clients) = self.clients.get() {
            return Ok(clients);
        }
        let no_tls = |error: rustls::Error| Trouble::Broken(error.to_string());
        let anywhere = anywhere().map_err(no_tls)?;
        let public = client(HttpConnector::new_with_resolver(PublicOnly::default())).map_err(no_tls)?;
        Ok(self.clients.get_or_init(|| Clients { anywhere, public }))
    }
}

/// Bytes of the names and values of a head.
#[must_use]
pub fn head_bytes(headers: &HeaderMap) -> u64 {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>() as u64
}

/// A request for what is at an absolute http address.
///
/// # Errors
/// `Address` when it is none.
pub fn get(url: &str) -> Result<Request<Bytes>, Trouble> {
    let wrong = || Trouble::Address(url.to_owned());
    let uri: Uri = url.parse().map_err(|_| wrong())?;
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    if !is_http || uri.host().is_none_or(str::is_empty) {
        return Err(wrong());
    }
    Request::get(uri).body(Bytes::new()).map_err(|_| wrong())
}

/// A client for requests with bodies of one's own making.
///
/// # Errors
/// When TLS cannot be set up.
pub fn anywhere<B>() -> Result<Anywhere<B>, rustls::Error>
where
    B: hyper::body::Body + Send,
    B::Data: Send,
{
    client(HttpConnector::new())
}

fn client<R, B>(mut tcp: HttpConnector<R>) -> Result<Client<HttpsConnector<HttpConnector<R>>, B>, rustls::Error>
where
    HttpsConnector<HttpConnector<R>>: hyper_util::client::legacy::connect::Connect + Clone,
    B: hyper::body::Body + Send,
    B::Data: Send,
{
    tcp.enforce_http(false);
    tcp.set_connect_timeout(Some(CONNECT));
    tcp.set_nodelay(true);
    let https = HttpsConnectorBuilder::new().with_tls_config(tls()?).https_or_http().enable_http1().wrap_connector(tcp);
    Ok(Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).build(https))
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

/// An error with those behind it, which say what it was.
fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    const LIMITS: Limits = Limits { body_bytes: 100, time: Duration::from_secs(20) };

    /// Answers every request with these bytes; an empty answer is none at all.
    async fn server(answer: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        crate::tasks::Tasks::new().spawn(async move {
            let mut silent = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 1024]).await;
                let _ = stream.write_all(answer.as_bytes()).await;
                if answer.is_empty() {
                    silent.push(stream);
                }
            }
        });
        url
    }

    /// Answers with the beginning of something larger, and keeps the rest.
    async fn dripping(beginning: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        crate::tasks::Tasks::new().spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 1024]).await;
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{beginning}");
            let _ = stream.write_all(answer.as_bytes()).await;
            // Until the client hangs up.
            let _ = stream.read(&mut [0; 1024]).await;
        });
        url
    }

    #[tokio::test]
    async fn answers_have_a_size_and_a_time() {
        let outbound = Outbound::default();
        let good = server("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok").await;
        let answer = outbound.send(Reach::Anywhere, get(&good).unwrap(), LIMITS).await.unwrap();
        assert_eq!((answer.status, &answer.body[..], answer.is_success()), (201, &b"ok"[..], true));

        let limits = Limits { body_bytes: 1, ..LIMITS };
        let large = outbound.send(Reach::Anywhere, get(&good).unwrap(), limits).await;
        assert!(matches!(large, Err(Trouble::TooLarge(1))), "{large:?}");

        let silent = server("").await;
        let limits = Limits { time: Duration::from_millis(50), ..LIMITS };
        let late = outbound.send(Reach::Anywhere, get(&silent).unwrap(), limits).await;
        assert!(matches!(late, Err(Trouble::Late)), "{late:?}");
    }

    #[tokio::test]
    async fn what_came_is_counted_whatever_becomes_of_it() {
        let outbound = Outbound::default();
        let come = async |answer: &'static str, limits: Limits| {
            let (url, came) = (server(answer).await, AtomicU64::default());
            let sent = outbound.send_counted(Reach::Anywhere, get(&url).unwrap(), limits, &came).await;
            (sent.map(|answer| answer.body.len()).map_err(|trouble| trouble.to_string()), came.into_inner())
        };
        // Name and value of the one header.
        let head = 14 + 2;
        assert_eq!(come("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", LIMITS).await, (Ok(10), head + 10));
        let (broken, came) = come("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n0123456789", LIMITS).await;
        assert!(broken.is_err() && came == head + 10, "{broken:?} {came}");
        let small = Limits { body_bytes: 5, ..LIMITS };
        let (large, came) = come("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", small).await;
        assert!(large.is_err() && came == head + 10, "{large:?} {came}");
        let (url, came) = (dripping("0123456789").await, AtomicU64::default());
        let soon = Limits { time: Duration::from_millis(300), ..LIMITS };
        let late = outbound.send_counted(Reach::Anywhere, get(&url).unwrap(), soon, &came).await;
        assert!(matches!(late, Err(Trouble::Late)), "{late:?}");
        assert!([0, head + 10].contains(&came.into_inner()), "all that there was, if anything came in time at all");
    }

    #[tokio::test]
    async fn a_download_does_not_reach_this_machine() {
        let outbound = Outbound::default();
        let here = server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
        let named = here.replace("127.0.0.1", "localhost");
        for url in [here.as_str(), &named, "http://[::1]:1/", "http://[::ffff:127.0.0.1]/", "http://169.254.169.254/"] {
            let refused = outbound.download(url, LIMITS).await;
            let words = format!("{refused:?}");
            assert!(
                refused.is_err() && (words.contains("NotPublic") || words.contains("not public")),
                "{url}: {words}"
            );
        }
        for url in ["file:///etc/passwd", "//x/", "http://", "nonsense"] {
            assert!(matches!(outbound.download(url, LIMITS).await, Err(Trouble::Address(_))), "{url}");
        }
    }
}
