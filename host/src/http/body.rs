//! Bodies, read when a handler wants one: JSON, multipart and urlencoded forms, within a limit.

use super::form::{Gathered, UNREADABLE, object, text_of, unreadable};
use super::reply::Failure;
use super::request::Seat;
use super::room::Room;
use crate::error::{Error, FieldErrors, Result, code};
use crate::files::{Content, Incoming, Receiver};
use crate::model::pairs;
use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::header::{CONTENT_TYPE, EXPECT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Body as _;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;

const JSON: &str = "application/json";
const URL_ENCODED: &str = "application/x-www-form-urlencoded";

const UNSUPPORTED: &str = "Unsupported Content-Type.";

/// Largest body, unless a route says otherwise.
pub(super) const BODY_MAX: usize = 32 << 20;

/// Largest body with which somebody who is not signed in yet signs in.
pub(super) const SIGN_IN_MAX: usize = 64 << 10;

/// How much of a body that is too large is read and thrown away, so that the client gets to read why.
const DRAIN_MAX: usize = 64 << 20;

/// Most parts of a form.
const PARTS_MAX: usize = 1_000;

/// How long a client may take to send its body, and so much longer for as many bytes as it may send.
const PATIENCE: Duration = Duration::from_mins(5);
const SLOWEST_BYTES_PER_S: u64 = 64 << 10;

/// The body of a request, not yet read.
#[derive(Debug)]
pub(super) struct Submitted {
    request: Request,
    limit: usize,
    room: Room,
    /// What is said when it cannot be read.
    words: &'static str,
    /// Whether a type of content that nobody knows is told as such.
    names_types: bool,
}

/// A form with its files.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub fields: Map<String, Value>,
    /// In the order of the parts.
    pub files: Vec<Incoming>,
}

impl<S: Sync> FromRequest<S> for Submitted {
    type Rejection = Failure;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Failure> {
        let room = request.extensions().get::<Room>().cloned().unwrap_or_else(Room::none);
        Ok(Self { request, limit: BODY_MAX, room, words: UNREADABLE, names_types: true })
    }
}

impl Submitted {
    /// Whether it says that it is a form, whose values are texts.
    pub(super) fn is_form(&self) -> bool {
        content_type(self.request.headers()) != JSON
    }

    /// The same with another limit.
    pub(super) fn up_to(self, limit: usize) -> Self {
        Self { limit, ..self }
    }

    /// The same that is spoken of in these words when it cannot be read, whatever the reason.
    pub(super) fn saying(self, words: &'static str) -> Self {
        Self { words, names_types: false, ..self }
    }

    /// The same, of which it is told when its type is one that nobody knows.
    pub(super) fn naming_types(self) -> Self {
        Self { names_types: true, ..self }
    }

    /// The same when something holds that can be known without the body, which else is not kept.
    ///
    /// # Errors
    /// What does not hold.
    pub(super) fn provided(self, known: Result<()>) -> Result<Self> {
        match known {
            Ok(()) => Ok(self),
            Err(error) => {
                dismiss(self.request);
                Err(error)
            }
        }
    }

    /// Reads the body as an object.
    ///
    /// # Errors
    /// `Invalid` for an unknown type of content, a malformed body, or one with files; `TooLarge`; `Unavailable` when all
    /// bodies together take too much memory.
    pub(super) async fn fields(self) -> Result<Map<String, Value>> {
        let Form { fields, files } = self.form().await?;
        if files.is_empty() {
            return Ok(fields);
        }
        let mut errors = FieldErrors::default();
        for file in files {
            errors.add(&file.key, code::INVALID_FILE.say("Files are not accepted here."));
        }
        Err(Error::Invalid { message: "Failed to read the submitted data.".into(), fields: errors })
    }

    /// Reads the body as an object whose values are as they were typed: what is a text in a form, like a password of digits,
    /// stays one.
    ///
    /// # Errors
    /// As [`Submitted::fields`].
    pub(super) async fn texts(self) -> Result<Map<String, Value>> {
        let is_form = self.is_form();
        let mut fields = self.fields().await?;
        for value in fields.values_mut().filter(|_| is_form) {
            if let Some(text) = text_of(value) {
                *value = Value::String(text);
            }
        }
        Ok(fields)
    }

    /// Reads the body as an object that has to be there: what takes the place of everything is not forgotten by mistake.
    ///
    /// # Errors
    /// As [`Submitted::fields`], and `Invalid` for no body, null and forms.
    pub(super) async fn stated(self) -> Result<Map<String, Value>> {
        let Self { request, limit, room, .. } = self;
        let is_json = content_type(request.headers()) == JSON;
        let reading = collect(within(request, limit)?, limit, &room);
        let body = tokio::time::timeout(patience(limit), reading).await.unwrap_or_else(|_| Err(unreadable()))?;
        if !is_json || !body.trim_ascii_start().starts_with(b"{") {
            return Err(Error::invalid("The body must be a JSON object."));
        }
        room.take_parsed(&body)?;
        object(&body)
    }

    /// Reads the body as it is; with the head that came before it.
    ///
    /// # Errors
    /// `TooLarge`; `Unavailable` when all bodies together take too much memory; `Invalid` when it does not come.
    pub(super) async fn whole(self) -> Result<(Parts, Bytes)> {
        let Self { request, limit, room, .. } = self;
        let (parts, body) = within(request, limit)?.into_parts();
        let reading = collect(Request::new(body), limit, &room);
        let bytes = tokio::time::timeout(patience(limit), reading).await.unwrap_or_else(|_| Err(unreadable()))?;
        Ok((parts, bytes))
    }

    /// Reads the body as an object and files.
    ///
    /// # Errors
    /// As [`Submitted::fields`].
    pub(super) async fn form(self) -> Result<Form> {
        let (patience, words, names_types) = (patience(self.limit), self.words, self.names_types);
        let read = tokio::time::timeout(patience, self.read()).await.unwrap_or_else(|_| Err(unreadable()));
        read.map_err(|error| match error {
            Error::Invalid { message, fields } if message == UNREADABLE => {
                Error::Invalid { message: words.into(), fields }
            }
            Error::Invalid { message, fields } if message == UNSUPPORTED && !names_types => {
                Error::Invalid { message: words.into(), fields }
            }
            other => other,
        })
    }

    async fn read(self) -> Result<Form> {
        let Self { request, limit, room, .. } = self;
        let request = within(request, limit)?;
        match content_type(request.headers()).as_str() {
            JSON => {
                let body = collect(request, limit, &room).await?;
                room.take_parsed(&body)?;
                Ok(fields(object(&body)?))
            }
            URL_ENCODED => {
                let body = collect(request, limit, &room).await?;
                let mut gathered = Gathered::default();
                for pair in pairs(&String::from_utf8_lossy(&body)).take(PARTS_MAX) {
                    let (name, value) = pair.ok_or_else(unreadable)?;
                    room.take_parsed(value.as_bytes())?;
                    gathered.add(&name, &value)?;
                }
                Ok(fields(gathered.finish()))
            }
            "multipart/form-data" => multipart(request, limit, &room).await,
            _ if collect(request, limit, &room).await?.is_empty() => Ok(Form::default()),
            _ => Err(Error::invalid(UNSUPPORTED)),
        }
    }
}

/// How long a body of so many bytes may take.
fn patience(limit: usize) -> Duration {
    PATIENCE.saturating_add(Duration::from_secs(limit as u64 / SLOWEST_BYTES_PER_S))
}

fn fields(fields: Map<String, Value>) -> Form {
    Form { fields, files: Vec::new() }
}

/// The type of the content in small letters, without its parameters. As in `PocketBase` everything is JSON, or a url-encoded
/// form, that begins so: a type that a proxy has written twice, too.
pub(super) fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let value = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let known = [JSON, URL_ENCODED].into_iter().find(|known| value.starts_with(known));
    known.map_or(value, str::to_owned)
}

async fn collect(request: Request, limit: usize, room: &Room) -> Result<Bytes> {
    let mut body = request.into_body();
    let mut whole = Vec::new();
    let mut first = Bytes::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| unreadable())?.into_data() else { continue };
        if first.len() + whole.len() + data.len() > limit {
            drain(body).await;
            return Err(Error::TooLarge { limit_bytes: limit });
        }
        if let Err(full) = room.take(data.len()) {
            drain(body).await;
            return Err(full);
        }
        // Most bodies come in one piece, which is then not copied.
        if first.is_empty() && whole.is_empty() {
            first = data;
        } else {
            if whole.is_empty() {
                whole.extend_from_slice(&std::mem::take(&mut first));
            }
            whole.extend_from_slice(&data);
        }
    }
    Ok(if whole.is_empty() { first } else { whole.into() })
}

/// A request whose body does not say that it is larger than it may be.
///
/// # Errors
/// `TooLarge`, before anything of it has come.
pub(super) fn within(request: Request, limit: usize) -> Result<Request> {
    if request.body().size_hint().lower() <= limit as u64 {
        return Ok(request);
    }
    dismiss(request);
    Err(Error::TooLarge { limit_bytes: limit })
}

/// Lets go of a body that nobody wants. A client that is still sending would not read the answer if the connection were closed,
/// so what comes is read and thrown away behind it. Whoever asks before sending (`Expect`) will not send.
fn dismiss(request: Request) {
    let (parts, body) = request.into_parts();
    let seat = parts.extensions.get::<Seat>().filter(|_| !parts.headers.contains_key(EXPECT));
    if let Some(seat) = seat {
        drop(seat.cx.tenant.tasks.spawn_until_stop(tokio::time::timeout(PATIENCE, drain(body))));
    }
}

pub(super) async fn drain(mut body: Body) {
    let mut read = 0;
    while let Some(Ok(frame)) = body.frame().await {
        read += frame.data_ref().map_or(0, Bytes::len);
        if read > DRAIN_MAX {
            return;
        }
    }
}

async fn multipart(request: Request, limit: usize, room: &Room) -> Result<Form> {
    let (parts, body) = request.into_parts();
    // Nothing would be read of it, which a client that still sends it would take for a broken connection.
    if !parts
        .headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().windows(9).any(|word| word.eq_ignore_ascii_case(b"boundary=")))
    {
        drain(body).await;
        return Err(unreadable());
    }
    let seat = parts.extensions.get::<Seat>().cloned();
    let receiver = || seat.as_ref().map_or_else(|| Receiver::new(None), |seat| seat.cx.tenant.files.receiver());
    let mut request = Request::from_parts(parts, Body::new(Limited::new(body, limit)));
    DefaultBodyLimit::disable().apply(&mut request);
    let mut multipart = Multipart::from_request(request, &()).await.map_err(|_| unreadable())?;
    let mut gathered = Gathered::default();
    let mut files = Vec::new();
    for _ in 0..PARTS_MAX {
        let Some(part) = multipart.next_field().await.map_err(|error| refusal(&error, limit))? else {
            return Ok(Form { fields: gathered.finish(), files });
        };
        let name = part.name().unwrap_or_default().to_owned();
        // A browser sends an input in which no file was chosen with an empty name: then it is a value, an empty one.
        if let Some(file_name) = part.file_name().filter(|name| !name.is_empty()).map(str::to_owned) {
            let content = part_file(part, receiver(), limit, room).await?;
            files.push(Incoming { key: name, file_name, content });
        } else {
            let bytes = part_bytes(part, limit, room).await?;
            room.take_parsed(&bytes)?;
            gathered.add(&name, &String::from_utf8_lossy(&bytes))?;
        }
    }
    Err(Error::invalid("The form has too many parts."))
}

async fn part_file(mut part: Field<'_>, mut receiver: Receiver, limit: usize, room: &Room) -> Result<Arc<Content>> {
    while let Some(piece) = part.chunk().await.map_err(|error| refusal(&error, limit))? {
        let held = receiver.held();
        receiver.take(&piece).await?;
        room.take(receiver.held().saturating_sub(held))?;
    }
    receiver.finish().await.map(Arc::new)
}

async fn part_bytes(mut part: Field<'_>, limit: usize, room: &Room) -> Result<Vec<u8>> {
    let mut whole = Vec::new();
    while let Some(piece) = part.chunk().await.map_err(|error| refusal(&error, limit))? {
        room.take(piece.len())?;
        whole.extend_from_slice(&piece);
    }
    Ok(whole)
}

fn refusal(error: &MultipartError, limit: usize) -> Error {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { Error::TooLarge { limit_bytes: limit } } else { unreadable() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    async fn read(content_type: &str, body: impl Into<Body>, limit: usize) -> Result<Form> {
        let request = Request::builder().header(CONTENT_TYPE, content_type).body(body.into()).unwrap();
        Submitted { request, limit, room: Room::none(), words: "no", names_types: true }.form().await
    }

    const PARTS: &str = "--x\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n12\r\n\
        --x\r\ncontent-disposition: form-data; name=\"@jsonPayload\"\r\n\r\n{\"b\":[1]}\r\n\
        --x\r\ncontent-disposition: form-data; name=\"f\"; filename=\"f.txt\"\r\n\r\nhello\r\n--x--\r\n";

    #[tokio::test]
    async fn each_type_of_content() {
        let form = read("application/json; charset=utf-8", "{\"a\":1}", 99).await.unwrap();
        assert_eq!(Value::Object(form.fields), json!({"a": 1}));
        let form = read("application/json, application/json", "{\"a\":1}", 99).await.unwrap();
        assert_eq!(Value::Object(form.fields), json!({"a": 1}));
        for kind in [URL_ENCODED.to_owned(), format!("{URL_ENCODED}, {URL_ENCODED}")] {
            let form = read(&kind, "a=1&a=b+c&d=%26", 99).await.unwrap();
            assert_eq!(Value::Object(form.fields), json!({"a": [1, "b c"], "d": "&"}));
        }
        let form = read("multipart/form-data; Boundary=x", PARTS, 9_999).await.unwrap();
        assert_eq!(Value::Object(form.fields), json!({"a": 12, "b": [1]}));
        let file = &form.files[0];
        assert_eq!((file.key.as_str(), file.content.bytes().await.unwrap().as_ref()), ("f", &b"hello"[..]));
        assert!(read("", "", 99).await.unwrap().fields.is_empty());
    }

    #[tokio::test]
    async fn an_input_without_a_file_is_an_empty_value() {
        let parts = "--x\r\ncontent-disposition: form-data; name=\"f\"; filename=\"\"\r\n\
            content-type: application/octet-stream\r\n\r\n\r\n--x--\r\n";
        let form = read("multipart/form-data; boundary=x", parts, 9_999).await.unwrap();
        assert_eq!((Value::Object(form.fields), form.files.len()), (json!({"f": ""}), 0));
    }

    #[tokio::test]
    async fn a_password_of_digits_is_a_text() {
        let texts = async |content_type: &str, body: &'static str| {
            let request = Request::builder().header(CONTENT_TYPE, content_type).body(body.into()).unwrap();
            Submitted { request, limit: 99, room: Room::none(), words: UNREADABLE, names_types: true }
                .texts()
                .await
                .unwrap()
        };
        let typed = texts("application/x-www-form-urlencoded", "a=12345678&b=true&c=x").await;
        assert_eq!(Value::Object(typed), json!({"a": "12345678", "b": "true", "c": "x"}));
        assert_eq!(Value::Object(texts("application/json", "{\"a\":1}").await), json!({"a": 1}));
    }

    #[tokio::test]
    async fn what_cannot_be_read() {
        for (content_type, body) in [
            ("text/plain", "x"),
            ("", "{}"),
            ("application/json", "{"),
            ("application/json", "{\"a\":1,\"a\":1}"),
            ("application/vnd.api+json", "{}"),
            ("application/x-www-form-urlencoded", "a=1&b=%zz"),
            ("application/x-www-form-urlencoded", "a=1;b=2"),
            ("multipart/form-data", "x"),
            ("multipart/form-data; boundary=y", PARTS),
        ] {
            assert!(matches!(read(content_type, body, 9_999).await, Err(Error::Invalid { .. })), "{content_type}");
        }
    }

    #[tokio::test]
    async fn limits() {
        let large = read("application/json", "{\"a\":\"xxxxxxxxxxxxxxxx\"}", 10).await;
        assert!(matches!(large, Err(Error::TooLarge { limit_bytes: 10 })));
        let pieces = futures_util::stream::iter(["{\"a\":", "\"xxxxxxxxxxxx\"}"].map(Ok::<_, std::io::Error>));
        assert!(matches!(read("application/json", Body::from_stream(pieces), 10).await, Err(Error::TooLarge { .. })));
        let pieces = futures_util::stream::iter(["{\"a\"", ":", "1}"].map(Ok::<_, std::io::Error>));
        assert_eq!(read("application/json", Body::from_stream(pieces), 10).await.unwrap().fields["a"], json!(1));
        let pieces = futures_util::stream::iter([PARTS].map(Ok::<_, std::io::Error>));
        let large = read("multipart/form-data; boundary=x", Body::from_stream(pieces), 50).await;
        assert!(matches!(large, Err(Error::TooLarge { .. })), "{large:?}");
    }
}
