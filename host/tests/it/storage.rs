//! Files that move between the disk and a bucket, a bucket that does not answer, and files that clients get from the
//! bucket itself.

use crate::files::papers;
use crate::support::TestApp;
use crate::support::people::{Part, file_path};
use crate::support::process::Server;
use crate::support::storage::{Bucket, Storage};
use axum::http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const MIGRATE: &str = "/api/settings/storage/migrate";

/// The move once it is over.
async fn moved(app: &TestApp) -> Value {
    loop {
        let progress = app.superuser().get(MIGRATE).await.json;
        if progress["state"] != "running" {
            return progress;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn upload_some(app: &TestApp, count: usize) -> Vec<Value> {
    let mut records = Vec::new();
    for number in 0..count {
        // Some in memory, some by way of the disk.
        let content = vec![b'a' + number as u8; 10 + (number % 3) * 150_000];
        records.push(app.anon().uploaded("papers", &[Part::File("one", "one.bin", &content)]).await);
    }
    records
}

async fn expect_served(app: &TestApp, records: &[Value]) {
    for (number, record) in records.iter().enumerate() {
        let reply = app.anon().file(record, &record["one"], "").await;
        assert_eq!((reply.status, reply.body.len()), (200, 10 + (number % 3) * 150_000), "{number}");
        assert_eq!(reply.body[0], b'a' + number as u8);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_move_to_a_bucket_and_back() {
    let (app, bucket) = (TestApp::new().await, Bucket::new().await);
    app.collection(papers()).await;
    let alone = app.superuser().post(MIGRATE, json!({})).await;
    assert_eq!(alone.status, 400, "{alone}");
    let records = upload_some(&app, 40).await;
    app.set(bucket.settings()).await;
    for (to, code) in [("local", "validation_invalid_value"), ("moon", "validation_in_invalid")] {
        let reply = app.superuser().post(MIGRATE, json!({"to": to})).await;
        assert_eq!((reply.status, &reply.json["data"]["to"]["code"]), (400, &json!(code)), "{reply}");
    }
    let begun = app.superuser().post(MIGRATE, json!({"to": "s3"})).await;
    assert_eq!(
        (begun.status, &begun.json["state"], &begun.json["to"]),
        (200, &json!("running"), &json!("s3")),
        "{begun}"
    );
    // While it goes on every file is there.
    expect_served(&app, &records).await;
    let done = moved(&app).await;
    assert_eq!(
        (&done["state"], &done["movedFiles"], &done["files"]),
        (&json!("done"), &json!(40), &json!(40)),
        "{done}"
    );
    assert_eq!(done["movedBytes"], done["bytes"]);
    assert!(Storage::Disk.keys(&app).is_empty());
    let bucket = Storage::Bucket(bucket);
    assert_eq!(bucket.keys(&app).len(), 40);
    expect_served(&app, &records).await;

    app.set(json!({"s3": {"enabled": false}})).await;
    assert_eq!(app.superuser().post(MIGRATE, json!({})).await.json["to"], "local");
    assert_eq!(moved(&app).await["state"], "done");
    assert_eq!((Storage::Disk.keys(&app).len(), bucket.keys(&app).len()), (40, 0));
    expect_served(&app, &records).await;
    // What is removed is removed from where it is now.
    assert_eq!(app.anon().delete("papers", records[0]["id"].as_str().expect("an id")).await.status, 204);
    app.files_settled().await;
    assert_eq!(Storage::Disk.keys(&app).len(), 39);
    let told = app.superuser().get("/api/activity?filter=kind='storage'").await.json;
    assert_eq!(told["totalItems"], 2, "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_is_stopped_and_goes_on() {
    let (app, bucket) = (TestApp::new().await, Bucket::new().await);
    app.collection(papers()).await;
    let records = upload_some(&app, 60).await;
    app.set(bucket.settings()).await;
    assert_eq!(app.superuser().remove(MIGRATE).await.status, 400, "nothing is being moved");
    app.superuser().post(MIGRATE, json!({})).await;
    let twice = app.superuser().post(MIGRATE, json!({})).await;
    let cancelled = app.superuser().remove(MIGRATE).await;
    let stopped = moved(&app).await;
    // The bucket may have been faster than this test.
    if stopped["state"] == "cancelled" {
        assert_eq!((twice.status, cancelled.status), (400, 204), "{twice} {cancelled}");
    }
    expect_served(&app, &records).await;
    app.superuser().post(MIGRATE, json!({})).await;
    assert_eq!(moved(&app).await["state"], "done");
    assert!(Storage::Disk.keys(&app).is_empty());
    let bucket = Storage::Bucket(bucket);
    assert_eq!(bucket.keys(&app).len(), 60);
    expect_served(&app, &records).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_goes_on_after_a_kill() {
    let (dir, bucket) = (tempfile::tempdir().expect("a folder"), Bucket::new().await);
    let server = Server::start(dir.path()).await;
    server.post("/api/collections", papers()).await;
    let mut records = Vec::new();
    for number in 0..60 {
        let (content_type, body) =
            crate::support::people::form(&[Part::File("one", "one.bin", &vec![b'x'; 20_000 + number])]);
        let request = reqwest::Client::new().post(format!("{}/api/collections/papers/records", server.base));
        let reply = request.header("content-type", content_type).body(body).send().await.expect("an answer");
        records.push(serde_json::from_str::<Value>(&reply.text().await.expect("a body")).expect("JSON"));
    }
    server.patch("/api/settings", bucket.settings()).await;
    server.post(MIGRATE, json!({})).await;
    tokio::time::sleep(Duration::from_millis(60)).await;
    server.kill();
    let server = Server::serve(dir.path()).await;
    let mut state = Value::Null;
    for _ in 0..600 {
        state = server.get(MIGRATE).await["state"].clone();
        if state != "running" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(state, "done");
    for (number, record) in records.iter().enumerate() {
        let reply =
            reqwest::get(format!("{}{}", server.base, file_path(record, &record["one"]))).await.expect("an answer");
        assert_eq!((reply.status().as_u16(), reply.content_length()), (200, Some(20_000 + number as u64)));
    }
    let left = std::fs::read_dir(dir.path().join("storage")).expect("it is there").flatten();
    assert_eq!(left.filter(|entry| entry.path().is_file()).count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_does_not_answer_fails_clearly_and_hurts_no_record() {
    let (app, bucket) = (TestApp::new().await, Bucket::new().await);
    app.collection(papers()).await;
    let records = upload_some(&app, 3).await;
    app.set(bucket.settings()).await;
    let far = app.anon().uploaded("papers", &[Part::File("one", "far.txt", b"far")]).await;
    drop(bucket);
    let parts = [Part::Text("title", "x"), Part::File("one", "x.txt", b"x")];
    let refused = app.anon().form(Method::POST, "/api/collections/papers/records", &parts).await;
    assert_eq!(refused.status, 503, "{refused}");
    assert_eq!(refused.json["message"], "The file storage does not take the file. Please try again later.");
    // Records without files go on, and so do files that are on the disk.
    assert_eq!(app.anon().list("papers", "").await.json["totalItems"], 4);
    // A larger one is sent in another way.
    let content = vec![b'x'; 600_000];
    let large = [Part::File("one", "large.bin", &content)];
    let refused = app.anon().form(Method::POST, "/api/collections/papers/records", &large).await;
    assert_eq!(refused.status, 503, "{refused}");
    let path = far["id"].as_str().expect("an id");
    assert_eq!(app.anon().update("papers", path, json!({"title": "still"})).await.status, 200);
    app.superuser().post(MIGRATE, json!({})).await;
    let failed = moved(&app).await;
    assert_eq!((&failed["state"], &failed["movedFiles"]), (&json!("failed"), &json!(0)), "{failed}");
    assert!(!failed["problem"].as_str().expect("words").is_empty());
    assert_eq!(Storage::Disk.keys(&app).len(), 3);
    app.set(json!({"s3": {"enabled": false}})).await;
    expect_served(&app, &records).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn providers_of_buckets_are_known() {
    let app = TestApp::new().await;
    let presets = app.superuser().get("/api/settings/storage/presets").await.json;
    let ids: Vec<&str> =
        presets.as_array().expect("a list").iter().filter_map(|preset| preset["id"].as_str()).collect();
    for id in ["minio", "r2", "b2", "spaces"] {
        assert!(ids.contains(&id), "{presets}");
    }
}

/// What a client gets at an address, without following another one.
async fn fetched(address: &str) -> (u16, Vec<u8>) {
    let reply = reqwest::get(address).await.expect("an answer");
    (reply.status().as_u16(), reply.bytes().await.expect("a body").to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_get_files_from_the_bucket_when_that_is_wished() {
    let (app, bucket) = (TestApp::new().await, Bucket::new().await);
    let mut fields = papers();
    fields["fields"]
        .as_array_mut()
        .expect("fields")
        .push(json!({"name": "private", "type": "file", "protected": true}));
    fields["viewRule"] = json!("@request.auth.id != ''");
    app.collection(fields).await;
    app.set(bucket.settings()).await;
    let parts = [Part::File("one", "one.txt", b"in the bucket"), Part::File("private", "p.html", b"<html>x</html>")];
    let record = app.anon().uploaded("papers", &parts).await;
    assert_eq!(app.anon().file(&record, &record["one"], "").await.status, 200, "it is not wished yet");
    app.set(json!({"s3": {"directDownloads": true}})).await;

    let sent = app.anon().file(&record, &record["one"], "").await;
    let text = |reply: &crate::support::people::Reply, name: &str| {
        reply.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    assert_eq!((sent.status, text(&sent, "cache-control").as_str()), (302, "private, no-store"));
    let address = text(&sent, "location");
    assert!(address.starts_with(&bucket.endpoint) && address.contains("X-Amz-Expires=300"), "{address}");
    assert_eq!(fetched(&address).await, (200, b"in the bucket".to_vec()));
    // The address is good for this file and nothing else.
    let name = record["one"].as_str().expect("a name");
    let other = address.replace(name, record["private"].as_str().expect("a name"));
    assert_eq!(fetched(&other).await.0, 403);
    assert_eq!(fetched(&address.replace("X-Amz-Expires=300", "X-Amz-Expires=3000")).await.0, 403);

    // Protected files are for whom they were for.
    assert_eq!(app.anon().file(&record, &record["private"], "").await.status, 404);
    let user = app.user("user@example.com").await;
    let token = user.post("/api/files/token", json!({})).await.json["token"].clone();
    let query = format!("?token={}", token.as_str().expect("a token"));
    let sent = app.anon().file(&record, &record["private"], &query).await;
    assert_eq!(sent.status, 302, "{sent}");
    let address = text(&sent, "location");
    assert!(address.contains("response-content-disposition=attachment"), "HTML is to be saved: {address}");
    assert_eq!(fetched(&address).await, (200, b"<html>x</html>".to_vec()));

    // Whoever has a copy is told here whether it is good.
    let path = file_path(&record, &record["one"]);
    let head = app.anon().raw(Method::HEAD, &path, &[], Vec::new()).await;
    let etag = text(&head, "etag");
    assert_eq!(head.status, 200);
    let again = app.anon().raw(Method::GET, &path, &[("if-none-match", &etag)], Vec::new()).await;
    assert_eq!(again.status, 304);
}
