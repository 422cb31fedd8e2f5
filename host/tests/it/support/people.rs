//! Those who speak to the server: each has the same verbs, and answers with a [`Reply`].

use axum::body::Body;
use axum::http::{Method, Request};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use tinybase::http::App;

#[derive(Clone)]
pub struct Person {
    app: Arc<App>,
    token: Option<String>,
    /// The address that the requests come from.
    address: IpAddr,
    /// The signed-in record's id.
    pub id: String,
}

/// What the server answered. Displays as `status body`, for snapshots.
pub struct Reply {
    pub status: u16,
    pub headers: axum::http::HeaderMap,
    pub json: Value,
    /// The same as it came, for what is no JSON.
    pub body: Vec<u8>,
}

/// A part of a form: a text, or a file with its name.
pub enum Part<'a> {
    Text(&'a str, &'a str),
    File(&'a str, &'a str, &'a [u8]),
}

impl fmt::Display for Reply {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.status, self.json)
    }
}

impl Person {
    pub fn anonymous(app: &Arc<App>) -> Self {
        Self { app: app.clone(), token: None, address: IpAddr::V4(Ipv4Addr::LOCALHOST), id: String::new() }
    }

    pub async fn sign_in(app: &Arc<App>, collection: &str, email: &str, password: &str) -> Self {
        let path = format!("/api/collections/{collection}/auth-with-password");
        let reply = Self::anonymous(app).post(&path, json!({"identity": email, "password": password})).await;
        assert_eq!(reply.status, 200, "{reply}");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let token = Some(text(&reply.json["token"]));
        Self { token, id: text(&reply.json["record"]["id"]), ..Self::anonymous(app) }
    }

    /// The same person elsewhere.
    pub fn at(&self, address: &str) -> Self {
        Self { address: address.parse().expect("an address"), ..self.clone() }
    }

    /// The same with another token in the header.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn remove(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, None).await
    }

    // --- records

    pub async fn create(&self, collection: &str, body: Value) -> Reply {
        self.post(&records(collection), body).await
    }

    pub async fn view(&self, collection: &str, id: &str) -> Reply {
        self.get(&format!("{}/{id}", records(collection))).await
    }

    pub async fn update(&self, collection: &str, id: &str, body: Value) -> Reply {
        self.patch(&format!("{}/{id}", records(collection)), body).await
    }

    pub async fn delete(&self, collection: &str, id: &str) -> Reply {
        self.remove(&format!("{}/{id}", records(collection))).await
    }

    /// The records that the query finds; `query` is what stands behind `?`, as it is typed.
    pub async fn list(&self, collection: &str, query: &str) -> Reply {
        self.get(&format!("{}?{}", records(collection), encode(query))).await
    }

    /// The values of one field in the records that the query finds.
    pub async fn values(&self, collection: &str, field: &str, query: &str) -> Vec<Value> {
        let reply = self.list(collection, query).await;
        assert_eq!(reply.status, 200, "{reply}");
        reply.json["items"].as_array().expect("items").iter().map(|item| item[field].clone()).collect()
    }

    /// Creates a record that must be accepted, and answers with its id.
    pub async fn created(&self, collection: &str, body: Value) -> String {
        let reply = self.create(collection, body).await;
        assert_eq!(reply.status, 200, "{reply}");
        reply.json["id"].as_str().expect("an id").to_owned()
    }

    /// Uploads a plugin.
    pub async fn upload(&self, path: &str, bytes: &[u8]) -> Reply {
        self.upload_as(path, "plugin", bytes).await
    }

    /// Uploads `name.wasm` in the part `file`.
    pub async fn upload_as(&self, path: &str, name: &str, bytes: &[u8]) -> Reply {
        self.form(Method::POST, path, &[Part::File("file", &format!("{name}.wasm"), bytes)]).await
    }

    /// Sends a form.
    pub async fn form(&self, method: Method, path: &str, parts: &[Part<'_>]) -> Reply {
        let (content_type, body) = form(parts);
        self.raw(method, path, &[("content-type", &content_type)], body).await
    }

    /// Creates a record with a form that must be accepted.
    pub async fn uploaded(&self, collection: &str, parts: &[Part<'_>]) -> Value {
        let reply = self.form(Method::POST, &records(collection), parts).await;
        assert_eq!(reply.status, 200, "{reply}");
        reply.json
    }

    /// A file of a record, by the name that the field holds; `query` begins with `?`.
    pub async fn file(&self, record: &Value, name: &Value, query: &str) -> Reply {
        self.get(&format!("{}{query}", file_path(record, name))).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        match body {
            Some(body) => {
                self.raw(method, path, &[("content-type", "application/json")], body.to_string().into_bytes()).await
            }
            None => self.raw(method, path, &[], Vec::new()).await,
        }
    }

    /// Sends exactly this.
    pub async fn raw(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", token);
        }
        let request = request.body(Body::from(body)).expect("a request");
        let reply = self.app.answer(self.address, request).await;
        let (parts, body) = reply.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Reply { status: parts.status.as_u16(), headers: parts.headers, json, body: bytes.to_vec() }
    }
}

pub fn file_path(record: &Value, name: &Value) -> String {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    format!("/api/files/{}/{}/{}", text(&record["collectionId"]), text(&record["id"]), text(name))
}

/// A form's content type and body.
pub fn form(parts: &[Part<'_>]) -> (String, Vec<u8>) {
    const BOUNDARY: &str = "a-boundary-of-the-tests";
    let mut body = Vec::new();
    for part in parts {
        let (head, content) = match part {
            Part::Text(name, text) => (format!("name=\"{name}\"\r\n"), text.as_bytes()),
            // A sender's word for the type, which is nobody's concern.
            Part::File(name, file, bytes) => {
                (format!("name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: text/html\r\n"), *bytes)
            }
        };
        body.extend_from_slice(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n").as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={BOUNDARY}"), body)
}

pub fn records(collection: &str) -> String {
    format!("/api/collections/{collection}/records")
}

/// Encodes what may not stand in a URL, so that tests can be typed as they are read.
pub fn encode(query: &str) -> String {
    let keep = |c: char| c.is_ascii_alphanumeric() || "=&-_.~,*".contains(c);
    let mut parts = Vec::new();
    for pair in query.split('&').fold(Vec::<String>::new(), join_operators) {
        let (key, value) = pair.split_once('=').unwrap_or((&pair, ""));
        let value: String =
            value.chars().map(|c| if keep(c) && c != '=' && c != '&' { c.to_string() } else { percent(c) }).collect();
        parts.push(format!("{key}={value}"));
    }
    parts.join("&")
}

/// `&&` in a filter is not the end of a parameter.
fn join_operators(mut parts: Vec<String>, part: &str) -> Vec<String> {
    match parts.last_mut() {
        Some(last) if part.is_empty() => last.push_str("&&"),
        Some(last) if last.ends_with("&&") => last.push_str(part),
        _ => parts.push(part.to_owned()),
    }
    parts
}

pub fn percent(c: char) -> String {
    c.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect()
}
