//! Requests that a plugin answers below `/api/x/{plugin}`: what is asked, and answers.
//!
//! ```
//! use tinybase_plugin::prelude::*;
//!
//! #[route]
//! fn hello(ctx: &Context, request: &Asked) -> Answer {
//!     match (request.method.as_str(), request.path.as_str()) {
//!         ("GET", "/") => Answer::text(200, &["Hello, ", &ctx.caller.id].concat()),
//!         _ => Answer::text(404, "There is nothing here."),
//!     }
//! }
//! ```
//!
//! Whom the host lets in, it says in `ctx.caller`; a client cannot. The component exports `wasi:http/incoming-handler`.

use crate::bindings::types::{Caller, Context};

#[cfg(all(target_arch = "wasm32", feature = "route"))]
#[doc(hidden)]
pub mod wasi;

/// What the host tells of a request begins so; clients' own such headers are taken out.
const OWN: &str = "x-tinybase-";

/// A request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    /// In capitals.
    pub method: String,
    /// Below the plugin's own place, beginning with a slash; as it came, so perhaps with `%20`.
    pub path: String,
    /// Without the question mark.
    pub query: String,
    /// Names in small letters, without what the context says.
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

impl Asked {
    /// A request, for tests.
    pub fn new(method: &str, path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        Self { method: method.to_owned(), path: path.to_owned(), query: query.to_owned(), ..Self::default() }
    }

    /// The first header of that name, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.and_then(|(_, value)| std::str::from_utf8(value).ok())
    }

    /// The first query parameter of that name, decoded.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let pairs = self.query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let mut decoded = pairs.map(|(name, value)| (decode(name), decode(value)));
        decoded.find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The body, if it is text.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.body).ok()
    }

    /// Takes what the host tells out of the headers.
    #[cfg_attr(not(all(target_arch = "wasm32", feature = "route")), allow(dead_code))]
    fn take_context(&mut self) -> Context {
        let mut told = |name: &str| {
            let name = [OWN, name].concat();
            let place = self.headers.iter().position(|(known, _)| *known == name);
            place.map(|place| String::from_utf8_lossy(&self.headers.remove(place).1).into_owned()).unwrap_or_default()
        };
        Context {
            tenant: told("tenant"),
            collection: String::new(),
            request_id: told("request-id"),
            caller: Caller { kind: told("caller-kind"), id: told("caller-id"), collection: told("caller-collection") },
            now_ms: told("now-ms").parse().unwrap_or(0),
            depth: 0,
            config: told("config"),
        }
    }
}

/// What a plugin answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// Nothing but a status.
    pub fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub fn text(status: u16, text: &str) -> Self {
        Self::of(status, "text/plain; charset=utf-8", text)
    }

    /// JSON text.
    pub fn json(status: u16, json: &str) -> Self {
        Self::of(status, "application/json", json)
    }

    /// A page. A browser gives it no origin, so its scripts reach nothing of the server's.
    pub fn html(status: u16, html: &str) -> Self {
        Self::of(status, "text/html; charset=utf-8", html)
    }

    pub fn of(status: u16, content_type: &str, body: impl AsRef<[u8]>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self { status, headers, body: body.as_ref().to_vec() }
    }

    /// Adds a header.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// `%20` and `+` are spaces.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let hex = match (first, after) {
            (b'%', [high, low, ..]) => {
                std::str::from_utf8(&[*high, *low]).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok())
            }
            _ => None,
        };
        match (hex, first) {
            (Some(byte), _) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            (None, b'+') => bytes.push(b' '),
            (None, byte) => bytes.push(*byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded() {
        let asked = Asked::new("GET", "/a?x=1%202+3&y&z=%zz&gr%C3%BCn=ja&end=%2");
        let get = |name: &str| asked.parameter(name);
        assert_eq!(asked.path, "/a");
        assert_eq!((get("x").as_deref(), get("y").as_deref(), get("w")), (Some("1 2 3"), Some(""), None));
        assert_eq!(
            (get("z").as_deref(), get("grün").as_deref(), get("end").as_deref()),
            (Some("%zz"), Some("ja"), Some("%2"))
        );
    }

    #[test]
    fn the_context_is_taken_out_of_the_headers() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
        let mut asked = Asked {
            headers: vec![pair("accept", "x"), pair("x-tinybase-caller-kind", "user"), pair("x-tinybase-now-ms", "7")],
            ..Asked::new("GET", "/")
        };
        let context = asked.take_context();
        assert_eq!((context.caller.kind.as_str(), context.now_ms, asked.headers.len()), ("user", 7, 1));
        assert_eq!(asked.header("Accept"), Some("x"));
    }
}
