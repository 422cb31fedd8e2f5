//! A real SMTP server in the test's own process, which keeps what it is given, or refuses it.

use base64::Engine as _;
use mailin::{Action, AuthMechanism, Handler, Response, SessionBuilder, response};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

pub const USERNAME: &str = "postman";
pub const PASSWORD: &str = "a-password-of-the-tests";

/// For as long as this is held.
pub struct Postbox {
    pub port: u16,
    shelf: Arc<Mutex<Shelf>>,
    serving: tokio::task::JoinHandle<()>,
}

/// When a postbox begins to speak with TLS.
#[derive(Clone)]
pub enum Privacy {
    Never,
    FromTheFirstByte(TlsAcceptor),
    WhenAsked(TlsAcceptor),
}

#[derive(Default)]
struct Shelf {
    mails: Vec<Mail>,
    /// What RCPT is answered with instead of being accepted.
    refusal: Option<(u16, &'static str)>,
    /// How the senders of mails have signed in.
    signed_in: Vec<&'static str>,
    /// Sessions that were private.
    private: usize,
    /// How long the answer takes after a mail was taken.
    slowness: Duration,
}

/// A mail as it came.
#[derive(Debug, Clone, Default)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    pub source: String,
}

impl Drop for Postbox {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Postbox {
    pub async fn new() -> Self {
        Self::on(0, None).await
    }

    /// One that takes mails only from who signs in.
    pub async fn with_sign_in(mechanism: AuthMechanism) -> Self {
        Self::on(0, Some(mechanism)).await
    }

    pub async fn on(port: u16, mechanism: Option<AuthMechanism>) -> Self {
        Self::open(port, mechanism, Privacy::Never).await
    }

    /// One that speaks with TLS.
    pub async fn private(mechanism: Option<AuthMechanism>, privacy: Privacy) -> Self {
        Self::open(0, mechanism, privacy).await
    }

    async fn open(port: u16, mechanism: Option<AuthMechanism>, privacy: Privacy) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let shelf = Arc::<Mutex<Shelf>>::default();
        let shared = shelf.clone();
        let serving = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let desk = Desk { shelf: shared.clone(), mechanism: mechanism.clone() };
                tokio::spawn(desk.serve(socket, privacy.clone()));
            }
        });
        Self { port, shelf, serving }
    }

    /// The settings that use it.
    pub fn settings(&self) -> Value {
        settings(self.port, "", "", "")
    }

    /// The settings that sign in.
    pub fn settings_with(&self, method: &str, password: &str) -> Value {
        settings(self.port, method, USERNAME, password)
    }

    /// Answers every recipient with that.
    pub fn refuse(&self, code: u16, words: &'static str) {
        self.shelf.lock().refusal = Some((code, words));
    }

    /// Says for so long nothing about a mail that it has taken.
    pub fn slow(&self, slowness: Duration) {
        self.shelf.lock().slowness = slowness;
    }

    pub fn accept(&self) {
        self.shelf.lock().refusal = None;
    }

    pub fn signed_in(&self) -> Vec<&'static str> {
        self.shelf.lock().signed_in.clone()
    }

    /// How many sessions were private.
    pub fn private_sessions(&self) -> usize {
        self.shelf.lock().private
    }

    /// The mails to an address, in the order in which they came.
    pub fn to(&self, address: &str) -> Vec<Mail> {
        let mails = &self.shelf.lock().mails;
        mails.iter().filter(|mail| mail.to.iter().any(|to| to == address)).cloned().collect()
    }
}

fn settings(port: u16, method: &str, username: &str, password: &str) -> Value {
    json!({"smtp": {
        "enabled": true, "host": "127.0.0.1", "port": port, "tls": false, "authMethod": method,
        "username": username, "password": password, "localName": "",
    }})
}

/// Where one client is served.
struct Desk {
    shelf: Arc<Mutex<Shelf>>,
    mechanism: Option<AuthMechanism>,
}

/// Either way of speaking.
trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

impl Desk {
    async fn serve(self, socket: TcpStream, privacy: Privacy) -> io::Result<()> {
        let mut builder = SessionBuilder::new("postbox");
        if let Some(mechanism) = self.mechanism {
            builder.enable_auth(mechanism);
            if matches!(privacy, Privacy::Never) {
                builder.insecure_enable_plaintext_auth();
            }
        }
        if matches!(privacy, Privacy::WhenAsked(_)) {
            builder.enable_start_tls();
        }
        let clerk = Clerk { shelf: self.shelf.clone(), mail: Mail::default(), bytes: Vec::new() };
        let mut session = builder.build(IpAddr::from([127, 0, 0, 1]), clerk);
        let greeting = session.greeting().buffer()?;
        let mut wire: BufReader<Box<dyn Wire>> = BufReader::new(match &privacy {
            Privacy::FromTheFirstByte(acceptor) => Box::new(acceptor.accept(socket).await?),
            Privacy::Never | Privacy::WhenAsked(_) => Box::new(socket),
        });
        if matches!(privacy, Privacy::FromTheFirstByte(_)) {
            session.tls_active();
            self.shelf.lock().private += 1;
        }
        wire.write_all(&greeting).await?;
        let mut line = Vec::new();
        while wire.read_until(b'\n', &mut line).await? > 0 {
            let before = self.shelf.lock().mails.len();
            let answer = session.process(&line);
            line.clear();
            let taken = self.shelf.lock().mails.len() > before;
            if taken {
                let slowness = self.shelf.lock().slowness;
                tokio::time::sleep(slowness).await;
            }
            wire.write_all(&answer.buffer()?).await?;
            wire.flush().await?;
            match (&answer.action, &privacy) {
                (Action::Close, _) => break,
                (Action::UpgradeTls, Privacy::WhenAsked(acceptor)) => {
                    wire = BufReader::new(Box::new(acceptor.accept(wire.into_inner()).await?));
                    session.tls_active();
                    self.shelf.lock().private += 1;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

struct Clerk {
    shelf: Arc<Mutex<Shelf>>,
    mail: Mail,
    bytes: Vec<u8>,
}

impl Clerk {
    fn let_in(&self, how: &'static str, username: &str, password: &str) -> Response {
        if username != USERNAME || password != PASSWORD {
            return response::INVALID_CREDENTIALS;
        }
        self.shelf.lock().signed_in.push(how);
        response::AUTH_OK
    }
}

impl Handler for Clerk {
    fn mail(&mut self, _: IpAddr, _: &str, from: &str) -> Response {
        self.mail = Mail { from: from.to_owned(), ..Mail::default() };
        response::OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        if let Some((code, words)) = self.shelf.lock().refusal {
            return Response::custom(code, words.to_owned());
        }
        self.mail.to.push(to.to_owned());
        response::OK
    }

    fn data_start(&mut self, _: &str, _: &str, _: bool, _: &[String]) -> Response {
        self.bytes.clear();
        response::OK
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        self.mail.source = String::from_utf8_lossy(&self.bytes).into_owned();
        self.shelf.lock().mails.push(std::mem::take(&mut self.mail));
        response::OK
    }

    fn auth_plain(&mut self, _: &str, username: &str, password: &str) -> Response {
        self.let_in("PLAIN", username, password)
    }

    fn auth_login(&mut self, username: &str, password: &str) -> Response {
        self.let_in("LOGIN", username, password)
    }
}

impl Mail {
    /// A header's value, unfolded.
    pub fn header(&self, name: &str) -> String {
        let head = self.source.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
        let found = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        found.unwrap_or_default().to_owned()
    }

    pub fn html(&self) -> String {
        self.part("text/html")
    }

    pub fn text(&self) -> String {
        self.part("text/plain")
    }

    fn part(&self, kind: &str) -> String {
        let at =
            self.source.find(&format!("Content-Type: {kind}")).unwrap_or_else(|| panic!("{kind}: {}", self.source));
        let (head, body) = self.source[at..].split_once("\r\n\r\n").expect("a body");
        let body = body.split("\r\n--").next().unwrap_or_default();
        if head.contains("quoted-printable") {
            return quoted_printable(body);
        }
        if head.contains("base64") {
            let packed: String = body.split_whitespace().collect();
            let bytes = base64::engine::general_purpose::STANDARD.decode(packed).expect("base64");
            return String::from_utf8(bytes).expect("UTF-8");
        }
        body.to_owned()
    }

    /// The token in the link.
    pub fn token(&self) -> String {
        let html = self.html();
        let words = html.split(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
        let token = words.filter(|word| word.len() > 60 && word.matches('.').count() == 2).map(str::to_owned).next();
        token.unwrap_or_else(|| panic!("no token: {html}"))
    }

    /// What stands behind `code=`.
    pub fn code(&self) -> String {
        let html = self.html();
        let behind = html.split("code=").nth(1).unwrap_or_else(|| panic!("no code: {html}"));
        behind.chars().take_while(char::is_ascii_digit).collect()
    }
}

fn quoted_printable(body: &str) -> String {
    let joined = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let hex = (*first == b'=').then(|| behind.get(..2)).flatten().and_then(|hex| std::str::from_utf8(hex).ok());
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            bytes.push(byte);
            rest = &behind[2..];
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}
