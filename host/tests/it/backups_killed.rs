//! Backups of the real server: while it writes, when it is killed, when the disk is full, and by the command line.

use crate::files::papers;
use crate::support::open;
use crate::support::people::{Part, file_path, form};
use crate::support::process::{Server, binary};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often the server is killed; more by `TINYBASE_TEST_KILLS`.
fn cycles() -> usize {
    std::env::var("TINYBASE_TEST_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(3)
}

/// Runs `tinybase backup ..`: whether it went well, and what it printed.
fn backup(dir: &Path, words: &[&str]) -> (bool, String, String) {
    let ran =
        Command::new(binary()).arg("backup").args(words).arg("--dir").arg(dir).output().expect("the command line");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    (ran.status.success(), text(&ran.stdout), text(&ran.stderr))
}

/// Uploads a file of a size; the record.
async fn upload(server: &Server, size: usize) -> Value {
    let (content_type, body) = form(&[Part::File("one", "one.bin", &vec![b'x'; size])]);
    let request = reqwest::Client::new().post(format!("{}/api/collections/papers/records", server.base));
    let reply = request.header("content-type", content_type).body(body).send().await.expect("an answer");
    serde_json::from_str(&reply.text().await.expect("a body")).expect("JSON")
}

/// All records of a collection.
async fn records(server: &Server, collection: &str) -> Vec<Value> {
    let page = server.get(&format!("/api/collections/{collection}/records?perPage=1000&sort=id")).await;
    page["items"].as_array().expect("items").clone()
}

/// Waits until the server answers, which it does not while it opens its data anew.
async fn restored(server: &Server, collection: &str, expected: usize) {
    let path = format!("{}/api/collections/{collection}/records", server.base);
    for _ in 0..600 {
        let reply = reqwest::Client::new().get(&path).send().await;
        let text = match reply {
            Ok(reply) => reply.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        };
        if serde_json::from_str::<Value>(&text).is_ok_and(|page| page["totalItems"] == expected) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the server does not come back with the restored data");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_made_while_everybody_writes_is_whole() {
    let dir = tempfile::tempdir().expect("a folder");
    let server = Arc::new(Server::start(dir.path()).await);
    server.post("/api/collections", papers()).await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut writers = tokio::task::JoinSet::new();
    for number in 0..4_usize {
        let (server, stop) = (server.clone(), stop.clone());
        writers.spawn(async move {
            let client = reqwest::Client::new();
            while !stop.load(Ordering::Relaxed) {
                let record = upload(&server, 1_000 + number * 150_000).await;
                let path =
                    format!("{}/api/collections/papers/records/{}", server.base, record["id"].as_str().expect("an id"));
                if number % 2 == 0 {
                    client.delete(path).send().await.expect("an answer");
                }
            }
        });
    }
    let mut made = Vec::new();
    for number in 0..3 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let key = format!("b{number}.zip");
        server.post("/api/backups", json!({"name": key})).await;
        made.push(key);
    }
    stop.store(true, Ordering::Relaxed);
    while let Some(writer) = writers.join_next().await {
        writer.expect("a writer");
    }
    for key in &made {
        let report = server.post(&format!("/api/backups/{key}/verify"), json!({})).await;
        assert_eq!((&report["valid"], &report["filesElsewhere"]), (&json!(true), &json!(0)), "{key}: {report}");
    }
    // Elsewhere, where there is nothing yet.
    let elsewhere = tempfile::tempdir().expect("a folder");
    let archive = dir.path().join("backups").join(&made[2]);
    let (went_well, _, words) = backup(elsewhere.path(), &["restore", archive.to_str().expect("a path")]);
    assert!(went_well, "{words}");
    let copy = Server::serve(elsewhere.path()).await;
    let all = records(&copy, "papers").await;
    assert!(!all.is_empty());
    for record in &all {
        let reply =
            reqwest::get(format!("{}{}", copy.base, file_path(record, &record["one"]))).await.expect("an answer");
        assert_eq!(reply.status(), 200, "{record}");
    }
    assert_eq!(kept(&elsewhere.path().join("storage")), all.len(), "and no other file");
}

fn kept(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { kept(&entry.path()) } else { 1 }).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_comes_back_with_what_was_restored() {
    let dir = tempfile::tempdir().expect("a folder");
    let server = Server::start(dir.path()).await;
    server.post("/api/collections", open("things", json!([]))).await;
    server.post("/api/collections/things/records", json!({})).await;
    server.post("/api/backups", json!({"name": "a.zip"})).await;
    for _ in 0..3 {
        server.post("/api/collections/things/records", json!({})).await;
    }
    let mut stream = reqwest::get(format!("{}/api/realtime", server.base)).await.expect("a stream");
    assert!(stream.chunk().await.expect("it is there").is_some());
    server.post("/api/backups/a.zip/restore", json!({})).await;
    // Listeners are told by the end of their stream.
    while let Ok(Some(_)) = stream.chunk().await {}
    // The same process on the same port, for whom the token of the superuser is good as before.
    restored(&server, "things", 1).await;
    server.post("/api/collections/things/records", json!({})).await;
    assert_eq!(server.get("/api/backups").await.as_array().expect("a list").len(), 1);
    // And again, by the command line, which hands it to the server.
    let (went_well, _, words) = backup(dir.path(), &["restore", "a.zip"]);
    assert!(went_well && words.contains("opens it now"), "{words}");
    restored(&server, "things", 1).await;
    server.terminate();
    assert_eq!(server.ended().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_of_a_backup_leaves_no_half_of_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let server = Server::start(dir.path()).await;
    server.post("/api/collections", papers()).await;
    for _ in 0..12 {
        upload(&server, 3_000_000).await;
    }
    let mut running = Some(server);
    for cycle in 0..cycles() {
        let server = match running.take() {
            Some(server) => server,
            None => Server::serve(dir.path()).await,
        };
        let request = reqwest::Client::new().post(format!("{}/api/backups", server.base));
        let request = request.header("authorization", server.token()).json(&json!({"name": format!("k{cycle}.zip")}));
        let asked = tokio::spawn(request.send());
        tokio::time::sleep(Duration::from_millis(20 + 60 * cycle as u64)).await;
        server.kill();
        let _ = asked.await;
    }
    let server = Server::serve(dir.path()).await;
    assert_eq!(kept(&dir.path().join("incoming")), 0);
    for item in server.get("/api/backups").await.as_array().expect("a list") {
        let key = item["key"].as_str().expect("a key");
        let report = server.post(&format!("/api/backups/{key}/verify"), json!({})).await;
        assert_eq!(report["valid"], true, "{key}: {report}");
    }
    server.post("/api/backups", json!({"name": "last.zip"})).await;
    assert_eq!(server.post("/api/backups/last.zip/verify", json!({})).await["entries"], 13);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_of_a_restore_leaves_one_or_the_other() {
    let dir = tempfile::tempdir().expect("a folder");
    let server = Server::start(dir.path()).await;
    server.post("/api/collections", papers()).await;
    for _ in 0..3 {
        upload(&server, 400_000).await;
    }
    server.post("/api/backups", json!({"name": "a.zip"})).await;
    let then = records(&server, "papers").await;
    let mut running = Some(server);
    for cycle in 0..cycles().max(4) {
        let server = match running.take() {
            Some(server) => server,
            None => Server::serve(dir.path()).await,
        };
        upload(&server, 1_000).await;
        let now = records(&server, "papers").await;
        let request = reqwest::Client::new().post(format!("{}/api/backups/a.zip/restore", server.base));
        let asked = tokio::spawn(request.header("authorization", server.token()).send());
        // From before it is unpacked to after the data was opened anew, which begins a second after the answer.
        tokio::time::sleep(Duration::from_millis([10, 90, 1_300, 1_700, 40, 2_200][cycle % 6])).await;
        server.kill();
        let _ = asked.await;
        let server = Server::serve(dir.path()).await;
        let found = records(&server, "papers").await;
        assert!(found == then || found == now, "cycle {cycle}: {} records", found.len());
        for record in &found {
            let path = format!("{}{}", server.base, file_path(record, &record["one"]));
            assert_eq!(reqwest::get(path).await.expect("an answer").status(), 200, "cycle {cycle}");
        }
        running = Some(server);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_fails_clearly_and_hurts_nobody() {
    let dir = tempfile::tempdir().expect("a folder");
    let server = Server::start(dir.path()).await;
    server.post("/api/collections", papers()).await;
    for _ in 0..3 {
        upload(&server, 2_000_000).await;
    }
    server.post("/api/backups", json!({"name": "good.zip"})).await;
    server.terminate();
    server.ended().await;
    // No file of more than 4 MiB: the archive of the three is larger, a single one is not.
    let server = Server::serve_on_small_disk(dir.path(), 4_096).await;
    let (status, reply) = server.try_post("/api/backups", json!({"name": "full.zip"})).await;
    assert_eq!((status, &reply["message"]), (503, &json!("There is no room left on the disk.")), "{reply}");
    let (content_type, body) = form(&[Part::File("one", "one.bin", &vec![b'x'; 4_400_000])]);
    let request = reqwest::Client::new().post(format!("{}/api/collections/papers/records", server.base));
    let refused = request.header("content-type", content_type).body(body).send().await.expect("an answer");
    assert!(refused.status().is_server_error(), "{refused:?}");
    // What is smaller goes on, and nothing is left of what did not fit.
    upload(&server, 1_000_000).await;
    assert_eq!(records(&server, "papers").await.len(), 4);
    assert_eq!(server.get("/api/backups").await.as_array().expect("a list").len(), 1);
    assert_eq!(kept(&dir.path().join("incoming")), 0);
    assert_eq!(kept(&dir.path().join("storage")), 4);
    assert_eq!(server.get("/api/backups/status").await["last"]["outcome"], "failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_does_all_of_it_without_a_server() {
    let dir = tempfile::tempdir().expect("a folder");
    Server::make_superuser(dir.path());
    let (went_well, name, words) = backup(dir.path(), &["create"]);
    assert!(went_well && name.starts_with("pb_backup_acme_"), "{name} {words}");
    let (_, listed, _) = backup(dir.path(), &["list"]);
    assert!(listed.starts_with(&format!("{name}\t")), "{listed}");
    let elsewhere = dir.path().join("copy.zip");
    let target = elsewhere.to_str().expect("a path");
    assert!(backup(dir.path(), &["download", &name, "--to", target]).0);
    assert!(!backup(dir.path(), &["download", &name, "--to", target]).0, "it is there already");
    let (went_well, report, words) = backup(dir.path(), &["verify", target]);
    assert!(went_well && report.contains("\"valid\":true"), "{report} {words}");
    assert!(backup(dir.path(), &["delete", &name]).0);
    // The data of now does not open any more, which is what backups are for.
    std::fs::write(dir.path().join("data.db"), "ruined").expect("it can be ruined");
    let (went_well, _, words) = backup(dir.path(), &["restore", target]);
    assert!(went_well, "{words}");
    let server = Server::serve(dir.path()).await;
    assert!(!server.token().is_empty(), "the superuser is there");
    drop(server);
    std::fs::write(&elsewhere, "no archive").expect("it can be ruined");
    let (went_well, _, words) = backup(dir.path(), &["verify", target]);
    assert!(!went_well && words.contains("no zip archive"), "{words}");
    let (went_well, _, words) = backup(dir.path(), &["restore", target]);
    assert!(!went_well && words.contains("no zip archive"), "{words}");
    let (went_well, _, words) = backup(dir.path(), &["restore", "missing.zip"]);
    assert!(!went_well && words.contains("no such backup"), "{words}");
}
