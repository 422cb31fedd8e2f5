//! What is kept and what rows say is the same: deletes, cascades, changes of the schema, another storage,
//! a process that is killed.

use crate::files::papers;
use crate::support::people::{Part, file_path, form};
use crate::support::process::Server;
use crate::support::storage::{Bucket, SECRET, Storage};
use crate::support::{TestApp, open};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

fn id(record: &Value) -> &str {
    record["id"].as_str().expect("an id")
}

#[tokio::test(flavor = "multi_thread")]
async fn files_go_with_their_records() {
    for (app, storage) in Storage::each().await {
        let papers = app.collection(papers()).await["id"].clone();
        let notes = json!([
            {"name": "paper", "type": "relation", "collectionId": papers, "maxSelect": 1, "cascadeDelete": true},
            {"name": "scan", "type": "file", "maxSelect": 5},
        ]);
        app.collection(open("notes", notes)).await;
        let anon = app.anon();
        let paper = anon.uploaded("papers", &[Part::File("one", "one.txt", b"1")]).await;
        let link = Part::Text("paper", id(&paper));
        anon.uploaded("notes", &[link, Part::File("scan", "s.txt", b"2"), Part::File("scan", "t.txt", b"3")]).await;
        let other = anon.uploaded("notes", &[Part::File("scan", "other.txt", b"4")]).await;
        assert_eq!(anon.delete("papers", id(&paper)).await.status, 204);
        assert_eq!(anon.file(&paper, &paper["one"], "").await.status, 404);
        app.files_settled().await;
        let kept = storage.keys(&app);
        assert!(kept.len() == 1 && kept.iter().all(|key| key.contains(id(&other))), "{kept:?}");
        let truncated = app.superuser().remove("/api/collections/notes/truncate").await;
        assert_eq!(truncated.status, 204, "{truncated}");
        app.files_settled().await;
        assert!(storage.keys(&app).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_go_with_their_fields_and_collections() {
    for (app, storage) in Storage::each().await {
        app.collection(papers()).await;
        let parts = [
            Part::File("one", "one.txt", b"1"),
            Part::File("many", "a.txt", b"2"),
            Part::File("many", "b.txt", b"3"),
            Part::File("small", "s.txt", b"4"),
        ];
        let record = app.anon().uploaded("papers", &parts).await;
        let superuser = app.superuser();
        let mut fields = superuser.get("/api/collections/papers").await.json["fields"].clone();
        let fields = fields.as_array_mut().expect("fields");
        // One field goes, one keeps its last file only.
        fields.retain(|field| field["name"] != "one");
        fields.iter_mut().filter(|field| field["name"] == "many").for_each(|field| field["maxSelect"] = json!(1));
        let changed = superuser.patch("/api/collections/papers", json!({"name": "sheets", "fields": fields})).await;
        assert_eq!(changed.status, 200, "{changed}");
        app.files_settled().await;
        let kept = app.anon().view("sheets", id(&record)).await.json;
        assert_eq!(kept["many"], record["many"][1]);
        assert_eq!(storage.keys(&app).len(), 2);
        for name in [&kept["many"], &kept["small"]] {
            assert_eq!(app.anon().file(&kept, name, "").await.status, 200);
        }
        assert_eq!(superuser.remove("/api/collections/sheets").await.status, 204);
        app.files_settled().await;
        assert!(storage.keys(&app).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn storage_is_switched_without_losing_files() {
    let (app, bucket) = (TestApp::new().await, Bucket::new().await);
    app.collection(papers()).await;
    let (anon, superuser) = (app.anon(), app.superuser());
    let old = anon.uploaded("papers", &[Part::File("one", "old.txt", b"old")]).await;
    assert_eq!(superuser.patch("/api/settings", bucket.settings()).await.status, 200);
    assert_eq!(superuser.post("/api/settings/test/s3", json!({"filesystem": "storage"})).await.status, 204);
    let new = anon.uploaded("papers", &[Part::File("one", "new.txt", b"new")]).await;
    assert_eq!(anon.file(&old, &old["one"], "").await.body, b"old");
    assert_eq!(anon.file(&new, &new["one"], "").await.body, b"new");
    assert_eq!(superuser.patch("/api/settings", json!({"s3": {"enabled": false}})).await.status, 200);
    assert_eq!(anon.file(&new, &new["one"], "").await.body, b"new");
    for record in [&old, &new] {
        assert_eq!(anon.delete("papers", id(record)).await.status, 204);
    }
    app.files_settled().await;
    assert!(Storage::Disk.keys(&app).is_empty());
    assert!(Storage::Bucket(bucket).keys(&app).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_tried_out_and_its_secret_is_kept() {
    let (app, bucket) = (TestApp::new().await, Bucket::new().await);
    let superuser = app.superuser();
    let test = async |body: Value| superuser.post("/api/settings/test/s3", body).await;
    assert_eq!(test(json!({"filesystem": "nope"})).await.json["data"]["filesystem"]["code"], "validation_in_invalid");
    assert_eq!(test(json!({"filesystem": "storage"})).await.status, 400);
    let saved = superuser.patch("/api/settings", bucket.settings()).await;
    assert!(saved.status == 200 && !saved.json.to_string().contains(SECRET), "{saved}");
    assert!(!superuser.get("/api/settings").await.json.to_string().contains(SECRET));
    assert_eq!(test(json!({"filesystem": "storage"})).await.status, 204);
    superuser.patch("/api/settings", json!({"s3": {"secret": "wrong"}})).await;
    let refused = test(json!({"filesystem": "storage"})).await;
    assert_eq!(
        (refused.status, &refused.json["data"]["s3"]["params"]["permission"]),
        (400, &json!("s3:PutObject")),
        "{refused}"
    );
    let upload = app.collection(papers()).await;
    let reply = app
        .anon()
        .form(axum::http::Method::POST, "/api/collections/papers/records", &[Part::File("one", "x.txt", b"x")])
        .await;
    assert!(reply.status >= 500 && upload["name"] == "papers", "{reply}");
    assert_eq!(app.anon().list("papers", "").await.json["totalItems"], 0, "no record without its file");
}

/// How often the server is killed; more by `TINYBASE_TEST_KILLS`.
fn cycles() -> usize {
    std::env::var("TINYBASE_TEST_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(3)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_of_uploads_leaves_neither_gaps_nor_orphans() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut running = Some(Server::start(dir.path()).await);
    let mut acknowledged = Vec::new();
    for cycle in 0..cycles() {
        let server = match running.take() {
            Some(server) => server,
            None => Server::serve(dir.path()).await,
        };
        if cycle == 0 {
            server.post("/api/collections", papers()).await;
        }
        let mut senders = tokio::task::JoinSet::new();
        for size in [20, 300_000, 2_000_000] {
            senders.spawn(send_until_cut(server.base.clone(), size));
        }
        tokio::time::sleep(Duration::from_millis(150 + 70 * (cycle as u64 % 5))).await;
        server.kill();
        while let Some(records) = senders.join_next().await {
            acknowledged.extend(records.expect("a sender"));
        }
    }
    let server = Server::serve(dir.path()).await;
    let mut named = Vec::new();
    for page in 1.. {
        let items = server.get(&format!("/api/collections/papers/records?perPage=500&page={page}")).await;
        let items = items["items"].as_array().cloned().unwrap_or_default();
        if items.is_empty() {
            break;
        }
        named.extend(items.iter().map(|record| file_path(record, &record["one"]).replace("/api/files/", "")));
    }
    let lost: Vec<&String> = acknowledged.iter().filter(|path| !named.contains(path)).collect();
    assert!(!acknowledged.is_empty() && lost.is_empty(), "{lost:?}");
    let storage = dir.path().join("storage");
    let missing: Vec<&String> = named.iter().filter(|key| !storage.join(key).exists()).collect();
    assert!(missing.is_empty(), "records without their files: {missing:?}");
    for _ in 0..200 {
        if kept(&storage) == named.len() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(kept(&storage), named.len(), "files without records");
    assert_eq!(kept(&dir.path().join("incoming")), 0);
}

/// Uploads until the server is gone; the paths of what it has acknowledged.
async fn send_until_cut(base: String, size: usize) -> Vec<String> {
    let client = reqwest::Client::new();
    let (content_type, body) = form(&[Part::File("one", "one.bin", &vec![b'x'; size])]);
    let mut done = Vec::new();
    loop {
        let request = client.post(format!("{base}/api/collections/papers/records"));
        let Ok(reply) = request.header("content-type", &content_type).body(body.clone()).send().await else {
            return done;
        };
        let Ok(text) = reply.text().await else { return done };
        let record: Value = serde_json::from_str(&text).unwrap_or_default();
        if record["one"].is_string() {
            done.push(file_path(&record, &record["one"]).replace("/api/files/", ""));
        }
    }
}

fn kept(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { kept(&entry.path()) } else { 1 }).sum()
}
