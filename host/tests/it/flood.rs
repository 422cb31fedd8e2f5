//! Everything that has a limit is asked for at once, of the real server, by far more than it has room for. Each of them is
//! told so, by an answer that the documentation knows; who asks for little is served as always; memory has an end, and so
//! has the server when it is asked to stop in the middle of it.

mod demands;

use crate::support::guests::guest;
use crate::support::process::Server;
use crate::support::{PASSWORD, open};
use demands::{DEMANDS, Flood};
use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;

/// Files that the server may have open, of which a quarter is not for connections.
const DESCRIPTORS: u64 = 1_024;
/// Connections that stay if they are let, which is more than there is room for.
const CROWD: usize = 850;
/// Peers that say a byte now and then.
const SLOW: usize = 40;
const SLOW_PAUSE: Duration = Duration::from_millis(400);
/// Listeners that never read, and how many of them on a WebSocket.
const SILENT: usize = 50;
const SILENT_SOCKETS: usize = 10;

/// Turns of the one who asks for little.
const ROUNDS: usize = 8;
/// By then every limit has been met, on any machine.
const LONGEST: Duration = Duration::from_mins(4);
/// For what is on its way already.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often the one who asks for little tries to get a connection.
const CONNECTIONS_TRIED: usize = 100;
/// What the documentation promises.
const STOPPED_BY: Duration = Duration::from_secs(15);
/// The room for bodies alone is half of it.
const MEMORY_MAX: u64 = 1 << 30;

const OWN: &str = "/api/collections/own/records";

async fn furnished(server: &Server) {
    let body = json!([{"name": "title", "type": "text"}, {"name": "body", "type": "text", "max": 100_000}]);
    for name in ["own", "things", "kept", "rated", "hooked"] {
        server.post("/api/collections", open(name, body.clone())).await;
    }
    let ann = json!({"email": "ann@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD});
    server.post("/api/collections/users/records", ann).await;
    for number in 0..150 {
        let row = json!({"title": format!("row {number}"), "body": "x".repeat(20_000)});
        server.post("/api/collections/kept/records", row).await;
    }
    server.attach(&guest("hostile"), "hooked", &["before-create"]).await;
    server
        .patch(
            "/api/settings",
            json!({
                "trustedProxy": {"headers": ["X-Forwarded-For"], "proxies": ["127.0.0.1"]},
                "rateLimits": {"enabled": true, "rules": [{"label": "rated:list", "maxRequests": 5, "duration": 60}]},
            }),
        )
        .await;
}

/// An answer to somebody who asks for little: there must be one, and a good one.
async fn served(request: reqwest::RequestBuilder) -> Value {
    let request = request.header("x-forwarded-for", "198.51.100.1");
    // The client may open another connection before the one that it has is back from its last answer; there is no room for that one.
    for _ in 0..CONNECTIONS_TRIED {
        let reply = request.try_clone().expect("a body at hand").send().await.expect("an answer");
        let status = reply.status();
        let text = reply.text().await.expect("a body");
        if status != StatusCode::SERVICE_UNAVAILABLE || !text.contains("too many connections") {
            assert!(status.is_success(), "{status} {text}");
            return serde_json::from_str(&text).unwrap_or_default();
        }
    }
    panic!("no connection of its own");
}

/// Writes and reads, on a connection of its own that it never gives up.
async fn work(client: reqwest::Client, base: String, rounds: usize) {
    for number in 0..rounds {
        let title = format!("mine {number}");
        let made = served(client.post(format!("{base}{OWN}")).json(&json!({"title": title}))).await;
        let path = format!("{base}{OWN}/{}", made["id"].as_str().expect("an id"));
        served(client.patch(&path).json(&json!({"body": "changed"}))).await;
        let seen = served(client.get(&path)).await;
        assert_eq!((&seen["title"], &seen["body"]), (&json!(title), &json!("changed")));
        let page = served(client.get(format!("{base}{OWN}?sort=-title&perPage=5"))).await;
        assert_eq!(page["totalItems"], 1);
        served(client.delete(&path)).await;
    }
}

/// Listens to everything that happens in a collection, and counts it.
async fn listening(server: &Server, collection: &str) -> (Arc<AtomicUsize>, tokio::task::JoinHandle<()>) {
    let mut stream = reqwest::get(format!("{}/api/realtime", server.base)).await.expect("a stream").bytes_stream();
    let first = stream.next().await.expect("a first message").expect("it goes on");
    subscribe(server, &String::from_utf8_lossy(&first), collection).await;
    let heard = Arc::new(AtomicUsize::new(0));
    let counts = heard.clone();
    let reading = tokio::spawn(async move {
        let mut text = String::new();
        while let Some(Ok(piece)) = stream.next().await {
            text.push_str(&String::from_utf8_lossy(&piece));
            let whole = text.rfind("\n\n").map_or(0, |at| at + 2);
            counts.fetch_add(text.drain(..whole).collect::<String>().matches("\"action\":").count(), Ordering::Relaxed);
        }
    });
    (heard, reading)
}

async fn subscribe(server: &Server, first: &str, collection: &str) {
    let id = first.split("\"clientId\":\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a client id");
    server.post("/api/realtime", json!({"clientId": id, "subscriptions": [format!("{collection}/*")]})).await;
}

/// Listeners to what is written most, who never read; they are there for as long as what is answered is held.
async fn silent(server: &Server, flood: &Flood) -> (Vec<TcpStream>, Vec<impl Sized + use<>>) {
    let mut streams = Vec::new();
    for _ in SILENT_SOCKETS..SILENT {
        let mut stream = flood.said("GET /api/realtime HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("a stream");
        let mut first = Vec::new();
        while !String::from_utf8_lossy(&first).contains("\"}\n") {
            stream.read_buf(&mut first).await.expect("a first message");
        }
        subscribe(server, &String::from_utf8_lossy(&first), "things").await;
        streams.push(stream);
    }
    let mut sockets = Vec::new();
    for _ in 0..SILENT_SOCKETS {
        let url = format!("{}/api/realtime", server.base.replace("http://", "ws://"));
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await.expect("a socket");
        let asked = json!({"type": "subscribe", "topics": ["things/*"]}).to_string();
        socket.send(Message::text(asked)).await.expect("it is sent");
        sockets.push(socket);
    }
    (streams, sockets)
}

/// Connections that are made and stay. Those for whom there is no room are told, and come again.
async fn crowd(flood: Flood) {
    while !flood.is_over() {
        if let Ok(mut stream) = TcpStream::connect(flood.address).await {
            let mut said = Vec::new();
            let _ = stream.read_to_end(&mut said).await;
            // Who is given up after a while is not told anything.
            if !said.is_empty() {
                flood.answered_with("crowd", &[503], &String::from_utf8_lossy(&said));
            }
        }
        tokio::time::sleep(SLOW_PAUSE).await;
    }
}

/// Says the beginning of a request, and then a byte now and then.
async fn slow(flood: Flood, kind: &'static str, beginning: &'static str) {
    while !flood.is_over() {
        let Ok(mut stream) = flood.said(beginning).await else {
            tokio::time::sleep(SLOW_PAUSE).await;
            continue;
        };
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(SLOW_PAUSE).await;
        }
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said).await;
        if !said.is_empty() {
            flood.answered_with(kind, &[400, 503], &String::from_utf8_lossy(&said));
        }
        tokio::time::sleep(SLOW_PAUSE).await;
    }
}

const SLOW_HEAD: &str = "GET /api/health HTTP/1.1\r\nHost: x\r\nX-Slow: ";
const SLOW_BODY: &str = "POST /api/collections/things/records HTTP/1.1\r\nHost: x\r\n\
    Content-Type: application/json\r\nContent-Length: 50000\r\n\r\n{";

/// Lets everybody loose.
fn begin(flood: &Flood) -> JoinSet<()> {
    let mut all = JoinSet::new();
    for _ in 0..SLOW {
        all.spawn(slow(flood.clone(), "slow head", SLOW_HEAD));
        all.spawn(slow(flood.clone(), "slow body", SLOW_BODY));
    }
    for demand in &DEMANDS {
        for number in 0..demand.count {
            all.spawn(flood.clone().ask_for(demand, number));
        }
    }
    for _ in 0..CROWD {
        all.spawn(crowd(flood.clone()));
    }
    all
}

/// Listeners of the server, as itself counts them.
async fn listeners(server: &Server) -> usize {
    let page = server.get("/api/realtime/clients?perPage=1").await;
    page["totalItems"].as_u64().expect("a number") as usize
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_of_everything_at_once_is_refused_and_hurts_nobody_else() {
    let dir = tempfile::tempdir().expect("a folder");
    let log = dir.path().join("server.log");
    Server::make_superuser(dir.path());
    let written = File::create(&log).expect("a file").into();
    let server = Server::serve_with_few_descriptors(dir.path(), DESCRIPTORS, written).await;
    furnished(&server).await;
    let flood = Flood::of(&server.base);
    let client = reqwest::Client::new();
    work(client.clone(), server.base.clone(), 1).await;
    let (heard, reading) = listening(&server, "own").await;
    let held = silent(&server, &flood).await;
    assert_eq!(listeners(&server).await, SILENT + 1);

    let mut all = begin(&flood);
    let (mut rounds, mut left) = (0, SILENT);
    let everything = async {
        while rounds < ROUNDS || !flood.has_met_every_limit() || left > 0 {
            work(client.clone(), server.base.clone(), 1).await;
            rounds += 1;
            left = listeners(&server).await - 1;
        }
    };
    let is_done = tokio::time::timeout(LONGEST, everything).await.is_ok();
    assert!(is_done, "{rounds} rounds, {left} who never read, {}", flood.summary());
    let hears = async {
        // A create, an update and a delete.
        while heard.load(Ordering::Relaxed) < 3 * rounds {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let _ = tokio::time::timeout(PATIENCE, hears).await;
    assert_eq!(heard.load(Ordering::Relaxed), 3 * rounds, "who reads hears everything, and once");

    let peak = server.memory_peak_bytes();
    server.terminate();
    let code = tokio::time::timeout(STOPPED_BY, server.ended()).await.expect("it stops in time");
    assert_eq!(code, Some(0), "it ends well");
    flood.end();
    reading.await.expect("the stream ends");
    drop(held);
    all.abort_all();
    while let Some(ended) = all.join_next().await {
        assert!(!ended.is_err_and(|error| error.is_panic()), "whoever asks survives it");
    }
    println!("{rounds} rounds, {} MiB, {}", peak >> 20, flood.summary());
    assert_eq!(flood.wrong(), Vec::<String>::new());
    assert!(peak < MEMORY_MAX, "{} MiB", peak >> 20);
    let log = std::fs::read_to_string(&log).expect("the log");
    assert!(!log.contains("ERROR") && !log.contains("panicked"), "{log}");
}
