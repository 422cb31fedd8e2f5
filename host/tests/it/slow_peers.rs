//! Peers that are slow, silent, or too many, at real sockets: they are given up, and the others are served.

use crate::support::TestApp;
use serde_json::json;
use std::net::SocketAddr;
use std::time::Duration;
use tinybase::http::{Limits, Patience, serve_within};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Long enough for any machine; no assertion hangs on how long it takes.
const LONG: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(200);

fn patient() -> Patience {
    Patience { head: LONG, idle: LONG, stall: LONG, body: LONG, body_bytes_per_s: 1_000_000_000 }
}

struct Door {
    app: TestApp,
    address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

impl Door {
    async fn open(limits: Limits) -> Self {
        let app = TestApp::with_posts().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let stopped = async { drop(stopped.await) };
        let serving = tokio::spawn(serve_within(app.app.clone(), listener, stopped, LONG, limits));
        Self { app, address, stop: Some(stop), serving }
    }

    async fn with(patience: Patience) -> Self {
        Self::open(Limits { patience, ..Limits::default() }).await
    }

    /// A connection on which so much has been sent.
    async fn said(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.expect("a connection");
        stream.write_all(text.as_bytes()).await.expect("sent");
        stream
    }

    /// Others are served as if nothing was.
    async fn serves(&self) {
        assert!(
            said_until_the_end(self.said("GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await)
                .await
                .ends_with("ok")
        );
    }
}

/// All that the server says until it closes the connection.
async fn said_until_the_end(mut stream: TcpStream) -> String {
    let mut all = Vec::new();
    // A reset is an end as well.
    let _ = tokio::time::timeout(LONG, stream.read_to_end(&mut all)).await.expect("the server gives up");
    String::from_utf8_lossy(&all).into_owned()
}

/// What the server says first.
async fn first_words(stream: &mut TcpStream) -> String {
    let mut some = [0; 4_096];
    let count = tokio::time::timeout(LONG, stream.read(&mut some)).await.expect("in time").expect("some words");
    String::from_utf8_lossy(&some[..count]).into_owned()
}

const CREATE: &str = "POST /api/collections/posts/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_does_not_end_is_given_up() {
    let door = Door::with(Patience { head: SHORT, ..patient() }).await;
    let half = door.said("GET /api/health HTTP/1.1\r\nHost: x\r\nX-Slow: ").await;
    assert_eq!(said_until_the_end(half).await, "", "nothing was asked");
    door.serves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_says_nothing_is_given_up() {
    let door = Door::with(Patience { idle: SHORT, ..patient() }).await;
    assert_eq!(said_until_the_end(door.said("").await).await, "");
    let one = door.said("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(said_until_the_end(one).await.ends_with("ok"), "and so it is after a request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_given_up_and_one_that_comes_slowly_is_not() {
    let body = SHORT * 5;
    let door = Door::with(Patience { body, body_bytes_per_s: 1, ..patient() }).await;
    let silent = door.said(&format!("{CREATE}Content-Length: 100\r\n\r\n")).await;
    let answer = said_until_the_end(silent).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    // Each byte earns a second, and no silence is longer than the first may be.
    let mut slow = door.said(&format!("{CREATE}Content-Length: 13\r\n\r\n{{\"title\"")).await;
    for rest in [":", "\"x\"", "}"] {
        tokio::time::sleep(body / 2).await;
        slow.write_all(rest.as_bytes()).await.expect("sent");
    }
    let answer = first_words(&mut slow).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(door.app.anon().list("posts", "").await.json["totalItems"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_takes_nothing_is_given_up() {
    let door = Door::with(Patience { stall: SHORT, ..patient() }).await;
    let root = door.app.superuser();
    let large = "x".repeat(700_000);
    for _ in 0..30 {
        assert_eq!(root.create("posts", json!({"title": "x", "meta": large})).await.status, 200);
    }
    let text = "GET /api/collections/posts/records HTTP/1.1\r\nHost: x\r\n\r\n";
    let deaf = door.said(text).await;
    while !door.app.host.connections.is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(deaf);
    door.serves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_connections_than_there_is_room_for_are_told_so() {
    let door = Door::open(Limits { connections: 2, patience: patient(), ..Limits::default() }).await;
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut stream = door.said("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert!(first_words(&mut stream).await.starts_with("HTTP/1.1 200"));
        held.push(stream);
    }
    let refused = said_until_the_end(TcpStream::connect(door.address).await.expect("a connection")).await;
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("Retry-After: 1\r\n"), "{refused}");
    drop(held.pop());
    loop {
        let again = "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        if said_until_the_end(door.said(again).await).await.starts_with("HTTP/1.1 200") {
            break;
        }
    }
    let mut first = held.pop().expect("the other one");
    first.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("sent");
    assert!(first_words(&mut first).await.starts_with("HTTP/1.1 200"), "who was there is not disturbed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_leaves_says_so_and_answers_what_is_under_way() {
    let mut door = Door::with(patient()).await;
    let mut kept = door.said("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(first_words(&mut kept).await.starts_with("HTTP/1.1 200"));
    let mut half = door.said(&format!("{CREATE}Content-Length: 13\r\n\r\n{{\"title\"")).await;
    while door.app.host.connections.is_empty() {
        tokio::task::yield_now().await;
    }
    door.stop.take().expect("it runs").send(()).expect("it hears");
    while !door.app.host.leaving.load(std::sync::atomic::Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    kept.write_all(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("sent");
    let answer = said_until_the_end(kept).await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("connection: close"), "{answer}");
    half.write_all(b":\"x\"}").await.expect("sent");
    let answer = said_until_the_end(half).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    door.serving.await.expect("it has ended");
    assert!(TcpStream::connect(door.address).await.is_err());
}

/// Nobody waits for what will not be taken; what comes of it all the same is thrown away, and the connection is good for more.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_says_that_it_is_too_large_is_refused_before_it_comes() {
    let hour = Duration::from_hours(1);
    let door = Door::with(Patience { stall: hour, body: hour, ..patient() }).await;
    let post = |path: &str, length: u64| {
        format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n")
    };
    for path in ["/api/collections/posts/records", "/api/realtime", "/api/collections/users/auth-with-password"] {
        let mut stream = door.said(&post(path, 1 << 40)).await;
        let words = first_words(&mut stream).await;
        assert!(words.starts_with("HTTP/1.1 413"), "{path}: {words}");
    }
    let length = 100_000;
    let mut stream = door.said(&post("/api/collections/users/auth-with-password", length)).await;
    assert!(first_words(&mut stream).await.starts_with("HTTP/1.1 413"));
    stream.write_all(&vec![b' '; usize::try_from(length).expect("a length")]).await.expect("it is read");
    stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.expect("sent");
    assert!(said_until_the_end(stream).await.ends_with("ok"));
}
