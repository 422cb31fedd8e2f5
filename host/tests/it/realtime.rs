//! Changes as they happen: over SSE and over WebSocket, to those who may see them.

use crate::support::open;
use crate::support::process::Server;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

/// Long enough for any machine; no assertion hangs on how long it takes.
const PATIENCE: Duration = Duration::from_secs(20);

async fn server_with_things() -> (tempfile::TempDir, Server) {
    let dir = tempfile::tempdir().expect("a folder");
    let server = Server::start(dir.path()).await;
    let mut things = open("things", json!([{"name": "title", "type": "text"}, {"name": "public", "type": "bool"}]));
    things["listRule"] = json!("public = true");
    server.post("/api/collections", things).await;
    (dir, server)
}

/// The change of one record through its life, and one that guests may not see.
async fn live(server: &Server) -> String {
    let path = "/api/collections/things/records";
    server.post(path, json!({"title": "hidden"})).await;
    let id = server.post(path, json!({"title": "a", "public": true})).await["id"].as_str().expect("an id").to_owned();
    let client = reqwest::Client::new();
    let url = format!("{}{path}/{id}", server.base);
    let update = client.patch(&url).header("content-type", "application/json").body("{\"title\":\"b\"}").send().await;
    assert!(update.expect("an answer").status().is_success());
    assert!(client.delete(&url).send().await.expect("an answer").status().is_success());
    id
}

fn expected(id: &str) -> Vec<(String, String, String)> {
    let row = |action: &str, title: &str| (action.to_owned(), id.to_owned(), title.to_owned());
    vec![row("create", "a"), row("update", "b"), row("delete", "b")]
}

fn seen(message: &Value) -> (String, String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&message["action"]), text(&message["record"]["id"]), text(&message["record"]["title"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn sse_brings_every_change_that_the_rule_allows() {
    let (_dir, server) = server_with_things().await;
    let reply = reqwest::get(format!("{}/api/realtime", server.base)).await.expect("a stream");
    assert!(reply.headers()["content-type"].to_str().expect("text").starts_with("text/event-stream"));
    let mut stream = reply.bytes_stream();
    let mut buffer = String::new();
    let mut next = async || loop {
        if let Some(end) = buffer.find("\n\n") {
            let frame = buffer[..end].to_owned();
            buffer.drain(..end + 2);
            let line =
                |name: &str| frame.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
            return (line("event:"), serde_json::from_str::<Value>(&line("data:")).expect("JSON"));
        }
        let chunk =
            tokio::time::timeout(PATIENCE, stream.next()).await.expect("in time").expect("a chunk").expect("bytes");
        buffer.push_str(&String::from_utf8_lossy(&chunk));
    };
    let (event, data) = next().await;
    assert_eq!(event, "PB_CONNECT");
    server.post("/api/realtime", json!({"clientId": data["clientId"], "subscriptions": ["things/*"]})).await;
    // The subscription above was made as superuser: it sees the hidden one too.
    let id = live(&server).await;
    let (_, hidden) = next().await;
    assert_eq!(hidden["record"]["title"], "hidden");
    let mut got = Vec::new();
    for _ in 0..3 {
        let (event, data) = next().await;
        assert_eq!(event, "things/*");
        got.push(seen(&data));
    }
    assert_eq!(got, expected(&id));
}

#[tokio::test(flavor = "multi_thread")]
async fn websocket_brings_every_change_that_the_rule_allows() {
    let (_dir, server) = server_with_things().await;
    let url = format!("{}/api/realtime", server.base.replace("http://", "ws://"));
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.expect("a socket");
    let next = async |socket: &mut tokio_tungstenite::WebSocketStream<_>| loop {
        let message = tokio::time::timeout(PATIENCE, socket.next()).await.expect("in time");
        if let Message::Text(text) = message.expect("a message").expect("a message") {
            return serde_json::from_str::<Value>(&text).expect("JSON");
        }
    };
    let hello = next(&mut socket).await;
    assert_eq!(hello["type"], "hello");
    assert!(hello["clientId"].is_string() && hello["seq"].is_u64(), "{hello}");
    socket
        .send(Message::text(json!({"type": "subscribe", "id": 7, "topics": ["things/*"]}).to_string()))
        .await
        .expect("sent");
    assert_eq!(next(&mut socket).await, json!({"type": "ack", "id": 7}));
    let id = live(&server).await;
    let mut got = Vec::new();
    let mut last = 0;
    for _ in 0..3 {
        let event = next(&mut socket).await;
        assert_eq!((&event["type"], &event["topic"]), (&json!("event"), &json!("things/*")), "{event}");
        assert!(event["seq"].as_u64() > Some(last));
        last = event["seq"].as_u64().unwrap_or_default();
        got.push(seen(&event));
    }
    assert_eq!(got, expected(&id), "and never the hidden one");
}
