//! A server that plugins ask: it answers with what it was asked, keeps that, and can be made to wait.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};

pub struct Web {
    pub port: u16,
    shelf: Arc<Shelf>,
    serving: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Shelf {
    asked: Mutex<Vec<String>>,
    arrived: Notify,
    gate: Option<Semaphore>,
}

impl Drop for Web {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Web {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let shelf = Arc::new(Shelf { gate: Some(Semaphore::new(0)), ..Shelf::default() });
        let routes = Router::new().fallback(answer).with_state(shelf.clone());
        let serving = tokio::spawn(async move { axum::serve(listener, routes).await.expect("it serves") });
        Self { port, shelf, serving }
    }

    /// As grants name it.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host())
    }

    /// What was asked: method, address, headers and body in one text each.
    pub fn asked(&self) -> Vec<String> {
        self.shelf.asked.lock().expect("a lock").clone()
    }

    /// Waits until somebody stands at `/hold`.
    pub async fn held(&self) {
        self.shelf.arrived.notified().await;
    }

    /// Lets one go on that stands there.
    pub fn release(&self) {
        self.shelf.gate.as_ref().expect("a gate").add_permits(1);
    }
}

/// An embedding that tells how long the text is, and how many spaces it has.
fn embedding(body: &str) -> String {
    let asked: Value = serde_json::from_str(body).expect("JSON");
    let input = asked["input"].as_str().expect("a text");
    let embedding = [input.len(), input.matches(' ').count(), 1];
    json!({"object": "list", "model": asked["model"], "data": [{"index": 0, "embedding": embedding}]}).to_string()
}

/// An answer that begins, and ends in another way than it should.
fn beginning(end: impl Future<Output = Result<Bytes, std::io::Error>> + Send + 'static) -> Response {
    let first = stream::iter([Ok(Bytes::from("x".repeat(5_000)))]);
    // What was sent has to be on its way before the connection ends.
    let end = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        end.await
    };
    Body::from_stream(first.chain(stream::once(end))).into_response()
}

async fn answer(
    State(shelf): State<Arc<Shelf>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let told: serde_json::Map<String, Value> =
        headers.iter().map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap_or_default()))).collect();
    let body = String::from_utf8_lossy(&body).into_owned();
    let echo = json!({"method": method.as_str(), "url": uri.to_string(), "headers": told, "body": body});
    let seen_before = {
        let mut asked = shelf.asked.lock().expect("a lock");
        asked.push(echo.to_string());
        asked.iter().filter(|text| text.contains(&format!("\"url\":\"{uri}\""))).count() > 1
    };
    match uri.path() {
        "/flaky" if !seen_before => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        "/gone" => StatusCode::GONE.into_response(),
        "/v1/embeddings" => embedding(&body).into_response(),
        "/large" => "x".repeat(2 << 20).into_response(),
        "/away" => (StatusCode::FOUND, [("location", "/inside")]).into_response(),
        "/hold" => {
            shelf.arrived.notify_one();
            shelf.gate.as_ref().expect("a gate").acquire().await.expect("it is open").forget();
            "released".into_response()
        }
        // Five thousand bytes of more, and then the end of the connection, or nothing.
        "/break" => beginning(async { Err(std::io::Error::other("on purpose")) }),
        "/linger" => beginning(std::future::pending()),
        "/teapot" => (StatusCode::IM_A_TEAPOT, [("x-echo", "1")], "short and stout").into_response(),
        _ => echo.to_string().into_response(),
    }
}
