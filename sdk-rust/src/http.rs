//! Requests to the hosts that an admin grants. Using it makes the component import `tinybase:plugin/http-client`.
//!
//! Redirects are answers like others. A secret goes into a header, the query or the body by its placeholder
//! (`crate::secrets`), and only to the hosts that it is bound to.

use crate::bindings::types::Error;
use crate::error::{Failure, give_up};

#[cfg(target_arch = "wasm32")]
use crate::bindings::http_client as host;
#[cfg(not(target_arch = "wasm32"))]
use crate::testing::host::http_client as host;

pub use crate::bindings::http_client::{Request, Response};

/// A request without headers and body: `http::request("GET", "https://api.example.com/x").send()?`.
pub fn request(method: &str, url: &str) -> Request {
    Request { method: method.to_owned(), url: url.to_owned(), headers: Vec::new(), body: Vec::new(), timeout_ms: 0 }
}

/// What is at an address.
pub fn get(url: &str) -> Result<Response, Error> {
    request("GET", url).send()
}

/// Sends JSON text to an address.
pub fn post_json(url: &str, json: &str) -> Result<Response, Error> {
    request("POST", url).header("content-type", "application/json").body(json).send()
}

impl Request {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self
    }

    /// Gives up after so many milliseconds; 0 leaves it at what the call itself may last.
    pub fn timeout_ms(mut self, timeout_ms: u32) -> Self {
        self.timeout_ms = timeout_ms;
        self
    }

    /// Sends it once. Every answer of the server's is a response, whatever its status.
    pub fn send(&self) -> Result<Response, Error> {
        host::send(self)
    }
}

impl Response {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether another try may have another end: the server is busy or broken, or wants the request later.
    pub fn may_pass(&self) -> bool {
        matches!(self.status, 408 | 425 | 429) || self.status >= 500
    }

    /// For after-hooks: the answer if it is a good one. Otherwise the hook fails, to be tried again where that may help, and
    /// else for good.
    pub fn accepted(self) -> Result<Self, Failure> {
        if self.is_success() {
            return Ok(self);
        }
        let words = ["the server answered ", &self.status.to_string()].concat();
        if self.may_pass() { Err(words.into()) } else { give_up(&words) }
    }

    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as text; `None` where it is not UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.body).ok()
    }
}
