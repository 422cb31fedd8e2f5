//! The process is killed without warning: what was acknowledged is there, what was promised is delivered.

use crate::support::guests::plugin;
use crate::support::open;
use crate::support::process::Server;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

const RECORDS: &str = "/api/collections/things/records";

/// How often the server is killed; more by `TINYBASE_TEST_KILLS`.
fn cycles() -> usize {
    std::env::var("TINYBASE_TEST_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(3)
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_writes_survive_a_kill() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut acknowledged: Vec<String> = Vec::new();
    let server = Server::start(dir.path()).await;
    server.post("/api/collections", open("things", json!([{"name": "n", "type": "number"}]))).await;
    let mut server = Some(server);
    for cycle in 0..cycles() {
        let running = Arc::new(match server.take() {
            Some(server) => server,
            None => Server::serve(dir.path()).await,
        });
        let stop = Arc::new(AtomicBool::new(false));
        let mut writers = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (base, stop) = (running.base.clone(), stop.clone());
            writers.spawn(async move {
                let client = reqwest::Client::new();
                let mut ids = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let request = client.post(format!("{base}{RECORDS}")).header("content-type", "application/json");
                    let Ok(reply) = request.body("{\"n\":1}").send().await else { break };
                    let Ok(text) = reply.text().await else { break };
                    let reply: Value = serde_json::from_str(&text).unwrap_or_default();
                    ids.extend(reply["id"].as_str().map(str::to_owned));
                }
                ids
            });
        }
        tokio::time::sleep(Duration::from_millis(150 + 70 * (cycle as u64 % 5))).await;
        Arc::try_unwrap(running).unwrap_or_else(|_| panic!("nobody else holds the server")).kill();
        stop.store(true, Ordering::Relaxed);
        while let Some(ids) = writers.join_next().await {
            acknowledged.extend(ids.expect("a writer"));
        }
    }
    let server = Server::serve(dir.path()).await;
    assert!(!acknowledged.is_empty());
    let mut stored = std::collections::HashSet::new();
    for page in 1.. {
        let items = server.get(&format!("{RECORDS}?perPage=1000&page={page}&fields=id")).await;
        let ids: Vec<String> = items["items"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|item| item["id"].as_str().map(str::to_owned))
            .collect();
        if ids.is_empty() {
            break;
        }
        stored.extend(ids);
    }
    let lost: Vec<&String> = acknowledged.iter().filter(|id| !stored.contains(*id)).collect();
    assert!(lost.is_empty(), "{} of {} acknowledged records are gone", lost.len(), acknowledged.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_after_hook_is_delivered_after_a_kill() {
    let dir = tempfile::tempdir().expect("a folder");
    let server = Server::start(dir.path()).await;
    server.post("/api/collections", open("things", json!([{"name": "n", "type": "number"}]))).await;
    let text = |name: &str| json!({"name": name, "type": "text"});
    let fields = json!([text("event"), text("action"), text("collection"), text("record"), {"name": "at", "type": "date"}, text("by")]);
    server.post("/api/collections", json!({"name": "audit", "type": "base", "fields": fields})).await;
    let id = server.attach(&plugin("audit-trail"), "things", &["afterCreate"]).await;
    let grants = json!({"records": [{"collection": "audit", "verbs": ["list", "view", "create"], "as": "plugin"}]});
    server.put(&format!("/api/plugins/{id}/grants"), grants).await;
    let mut created = Vec::new();
    for n in 0..20 {
        created.push(server.post(RECORDS, json!({"n": n})).await["id"].clone());
    }
    // Some are delivered already, some are not: either way each arrives, and only once.
    server.kill();
    let server = Server::serve(dir.path()).await;
    let mut heard = Vec::new();
    for _ in 0..200 {
        let rows = server.get("/api/collections/audit/records?perPage=1000").await;
        heard = rows["items"].as_array().into_iter().flatten().map(|row| row["record"].clone()).collect();
        if heard.len() >= created.len() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let sorted = |mut ids: Vec<Value>| {
        ids.sort_by_key(ToString::to_string);
        ids
    };
    assert_eq!(sorted(heard), sorted(created));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_again_after_a_kill_is_written_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let running = Server::start(dir.path()).await;
    running.post("/api/collections", open("things", json!([{"name": "n", "type": "number"}]))).await;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..8 {
        let base = running.base.clone();
        writers.spawn(async move {
            let client = reqwest::Client::new();
            let mut sent = Vec::new();
            for round in 0.. {
                let n = round * 8 + writer;
                sent.push(n);
                // What the kill leaves without an answer may have been written or not.
                if !create_once(&client, &base, n).await {
                    break;
                }
            }
            sent
        });
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    running.kill();
    let sent: Vec<i64> = writers.join_all().await.concat();
    assert!(sent.len() >= 8);
    let server = Server::serve(dir.path()).await;
    let client = reqwest::Client::new();
    for n in &sent {
        assert!(create_once(&client, &server.base, *n).await, "{n}");
    }
    for n in &sent {
        let found = server.get(&format!("{RECORDS}?filter=n={n}&fields=id")).await;
        assert_eq!(found["totalItems"], 1, "{n}");
    }
}

/// Creates the record `n` under the key `n`; whether it was answered.
async fn create_once(client: &reqwest::Client, base: &str, n: i64) -> bool {
    let request = client.post(format!("{base}{RECORDS}")).header("content-type", "application/json");
    let request = request.header("idempotency-key", format!("key-{n}")).body(json!({"n": n}).to_string());
    match request.send().await {
        Ok(reply) => reply.status().is_success() && reply.text().await.is_ok(),
        Err(_) => false,
    }
}

/// Whoever was killed could not end it. It waits for the rest of a component here, which never comes.
#[test]
fn a_compiler_does_not_outlive_who_asked_for_it() {
    let script = "exec 3<&0; \"$0\" __compile 600 <&3 & echo $!; wait";
    let mut asking = Command::new("sh");
    asking.args(["-c", script, env!("CARGO_BIN_EXE_tinybase")]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut asking = asking.spawn().expect("a shell");
    let mut said = BufReader::new(asking.stdout.take().expect("its output"));
    let mut compiler = String::new();
    said.read_line(&mut compiler).expect("a line");
    let threads = format!("/proc/{}/task", compiler.trim());
    while std::fs::read_dir(&threads).expect("it works").count() < 2 {
        std::thread::sleep(Duration::from_millis(5));
    }
    asking.kill().expect("it was there");
    // Its output is the shell's: it ends when both are gone.
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || tell.send(said.read_to_end(&mut Vec::new())));
    told.recv_timeout(Duration::from_mins(1)).expect("it does not go on alone").expect("an end");
    asking.wait().expect("it is gone");
}
