//! The real server is asked to stop while it works: whatever it has taken is answered, listeners are told.

use crate::support::open;
use crate::support::process::Server;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

const RECORDS: &str = "/api/collections/things/records";

/// Writers at the same time; half of them keep their connection, the others make a new one each time.
const WRITERS: usize = 12;

/// Writes that were answered before the server is asked to stop.
const BEFORE: usize = 200;

/// Writes until the server says that an answer is the last of its connection, or nobody listens any more; answers with
/// the ids. A connection that was used before must serve each request; a new one may come too late, and then nothing may
/// have been written.
async fn write(base: String, keeps: bool, answered: Arc<AtomicUsize>) -> Vec<String> {
    let per_host = if keeps { usize::MAX } else { 0 };
    let client = reqwest::Client::builder().pool_max_idle_per_host(per_host).build().expect("a client");
    let mut ids = Vec::new();
    loop {
        let request = client.post(format!("{base}{RECORDS}")).header("content-type", "application/json");
        let reply = match request.body("{\"n\":1}").send().await {
            Ok(reply) => reply,
            Err(_) if !keeps || ids.is_empty() => return ids,
            Err(error) => panic!("a request that was taken had no answer: {error:?}"),
        };
        let status = reply.status();
        let is_last = reply.headers().get("connection").is_some_and(|value| value == "close");
        let text = reply.text().await.unwrap_or_else(|error| panic!("an answer broke off: {error:?}"));
        assert!(status.is_success(), "{status} {text}");
        let reply: Value = serde_json::from_str(&text).expect("JSON");
        ids.push(reply["id"].as_str().expect("an id").to_owned());
        answered.fetch_add(1, Ordering::Relaxed);
        if keeps && is_last {
            return ids;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_taken_is_lost_when_the_server_is_asked_to_stop() {
    let dir = tempfile::tempdir().expect("a folder");
    let server = Server::start(dir.path()).await;
    server.post("/api/collections", open("things", json!([{"name": "n", "type": "number"}]))).await;
    let mut stream = reqwest::get(format!("{}/api/realtime", server.base)).await.expect("a stream").bytes_stream();
    let socket = format!("{}/api/realtime", server.base.replace("http://", "ws://"));
    let (mut socket, _) = tokio_tungstenite::connect_async(socket).await.expect("a socket");

    let answered = Arc::new(AtomicUsize::new(0));
    let mut writers = tokio::task::JoinSet::new();
    for number in 0..WRITERS {
        writers.spawn(write(server.base.clone(), number % 2 == 0, answered.clone()));
    }
    while answered.load(Ordering::Relaxed) < BEFORE {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    server.terminate();
    let code = server.ended().await;
    assert_eq!(code, Some(0), "it ends well");

    let mut acknowledged = Vec::new();
    while let Some(ids) = writers.join_next().await {
        acknowledged.extend(ids.expect("a writer"));
    }
    let mut close = None;
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Close(frame) = message {
            close = frame.map(|frame| u16::from(frame.code));
        }
    }
    assert_eq!(close, Some(1001), "a socket is told that the server goes away");
    while let Some(chunk) = stream.next().await {
        chunk.expect("a stream ends between two events");
    }

    assert_eq!(
        std::fs::metadata(dir.path().join("data.db-wal")).map_or(0, |log| log.len()),
        0,
        "the log is in the file"
    );
    let server = Server::serve(dir.path()).await;
    let total = server.get(&format!("{RECORDS}?perPage=1")).await["totalItems"].as_u64().expect("a number");
    assert_eq!(total, acknowledged.len() as u64, "each answered write is there, and no other");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_server_stops_and_is_gone() {
    let dir = tempfile::tempdir().expect("a folder");
    let server = Server::start(dir.path()).await;
    let base = server.base.clone();
    server.terminate();
    assert_eq!(server.ended().await, Some(0));
    assert!(reqwest::get(format!("{base}/livez")).await.expect_err("nobody is there").is_connect());
    assert!(!dir.path().join("control.sock").exists());
}
