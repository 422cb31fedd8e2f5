//! Files that clients send to the bucket themselves, and the records that take them.

use crate::files::{PNG, papers};
use crate::support::TestApp;
use crate::support::people::{Person, file_path, records};
use crate::support::process::Server;
use crate::support::storage::Bucket;
use axum::http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use tinybase::db::Unit;
use tinybase::sql::Sql;

const OFFERS: &str = "/api/collections/papers/uploads";

async fn in_bucket() -> (TestApp, Bucket) {
    let (app, bucket) = (TestApp::new().await, Bucket::new().await);
    app.set(bucket.settings()).await;
    (app, bucket)
}

/// Sends bytes to where an offer says; the status.
async fn put(offer: &Value, bytes: &[u8]) -> u16 {
    let mut request = reqwest::Client::new().put(offer["url"].as_str().expect("an address"));
    for (name, value) in offer["headers"].as_object().expect("headers") {
        request = request.header(name, value.as_str().expect("a text"));
    }
    // Of an empty body this client says no length, as browsers do.
    request
        .header("content-length", bytes.len())
        .body(bytes.to_vec())
        .send()
        .await
        .expect("the bucket answers")
        .status()
        .as_u16()
}

async fn offered(person: &Person, wish: Value) -> Value {
    let reply = person.post(OFFERS, wish).await;
    assert_eq!(reply.status, 200, "{reply}");
    reply.json
}

/// An upload that is in the bucket, as a record names it.
async fn sent(person: &Person, field: &str, name: &str, bytes: &[u8]) -> Value {
    let offer = offered(person, json!({"field": field, "name": name, "size": bytes.len()})).await;
    assert_eq!(put(&offer, bytes).await, 200);
    json!({"upload": offer["upload"]})
}

fn waiting(bucket: &Bucket) -> usize {
    bucket.keys().iter().filter(|key| key.starts_with("@uploads/")).count()
}

fn stored(bucket: &Bucket) -> BTreeSet<String> {
    bucket.keys().into_iter().filter(|key| !key.starts_with("@uploads/")).collect()
}

fn key(record: &Value, name: &Value) -> String {
    file_path(record, name).replace("/api/files/", "")
}

/// Creates a paper that is refused; the code of a field.
async fn refused(person: &Person, body: Value, field: &str) -> String {
    let reply = person.create("papers", body).await;
    assert_eq!(reply.status, 400, "{reply}");
    reply.json["data"][field]["code"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_takes_what_is_in_the_bucket() {
    let (app, bucket) = in_bucket().await;
    app.collection(papers()).await;
    let anon = app.anon();
    let wish = json!({"field": "one", "name": "My Notes.txt", "size": 5, "type": "image/png"});
    let offer = offered(&anon, wish).await;
    assert_eq!((&offer["method"], &offer["headers"]), (&json!("PUT"), &json!({"Content-Type": "image/png"})));
    assert_eq!(
        (&offer["urlExpires"], &offer["expires"]),
        (&json!("2026-01-02 03:19:05.678Z"), &json!("2026-01-02 04:04:05.678Z"))
    );
    // The length and the type are part of the address.
    assert_eq!(put(&offer, b"hello!").await, 403);
    let mut other = offer.clone();
    other["headers"]["Content-Type"] = json!("text/html");
    assert_eq!(put(&other, b"hello").await, 403);
    assert_eq!(put(&offer, b"hello").await, 200);
    assert_eq!((waiting(&bucket), stored(&bucket).len()), (1, 0));

    let record = anon.create("papers", json!({"title": "x", "one": {"upload": offer["upload"]}})).await.json;
    assert!(record["one"].as_str().expect("a name").starts_with("my_notes_"), "{record}");
    let fetched = anon.file(&record, &record["one"], "").await;
    assert_eq!((fetched.status, fetched.body.as_slice()), (200, &b"hello"[..]));
    assert_eq!(fetched.headers["content-type"], "text/plain; charset=utf-8", "judged by the content");
    app.files_settled().await;
    assert_eq!((waiting(&bucket), stored(&bucket)), (0, BTreeSet::from([key(&record, &record["one"])])));

    // The address is good for a while yet: what comes there goes away.
    assert_eq!(put(&offer, b"hallo").await, 200);
    assert_eq!(anon.file(&record, &record["one"], "").await.body, b"hello");
    app.clock.advance(Duration::from_hours(24));
    app.files_settled().await;
    assert_eq!((waiting(&bucket), stored(&bucket).len()), (0, 1));
    let rows = Sql::new("SELECT key FROM _files");
    let left = app.host.default_tenant().tenant.store.read(|snapshot| snapshot.one(&rows, |_| Ok(()))).await;
    assert_eq!(left.expect("it can be read"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_are_added_as_other_files_are() {
    let (app, bucket) = in_bucket().await;
    app.collection(papers()).await;
    let anon = app.anon();
    let (a, b) = (sent(&anon, "many", "aaa.txt", b"a").await, sent(&anon, "many", "bbb.txt", b"").await);
    let record = anon.create("papers", json!({"many": [a, b]})).await.json;
    let id = record["id"].as_str().expect("an id");
    let names = |record: &Value| -> Vec<String> {
        let names = record["many"].as_array().expect("a list").iter();
        names.map(|name| name.as_str().expect("a name")[..3].to_owned()).collect()
    };
    assert_eq!(names(&record), ["aaa", "bbb"]);
    assert_eq!(anon.file(&record, &record["many"][1], "").await.body, b"");
    let first = sent(&anon, "many", "ccc.txt", b"c").await;
    let more = anon.update("papers", id, json!({"+many": first})).await.json;
    assert_eq!(names(&more), ["ccc", "aaa", "bbb"]);
    let last = sent(&anon, "many", "ddd.txt", b"d").await;
    let kept = anon.update("papers", id, json!({"many": [last, more["many"][1]]})).await.json;
    assert_eq!(names(&kept), ["aaa", "ddd"], "behind those that are kept");
    app.files_settled().await;
    assert_eq!((waiting(&bucket), stored(&bucket).len()), (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_field_does_not_take_is_refused() {
    let (app, bucket) = in_bucket().await;
    app.collection(papers()).await;
    let anon = app.anon();
    let wish = |field: &str, size: Value| json!({"field": field, "name": "x", "size": size});
    for (body, field, code) in [
        (wish("small", json!(11)), "size", "validation_file_size_limit"),
        (wish("one", json!(-1)), "size", "validation_invalid_value"),
        (wish("one", Value::Null), "size", "validation_required"),
        (wish("title", json!(1)), "field", "validation_invalid_value"),
        (wish("nope", json!(1)), "field", "validation_invalid_value"),
        (wish("secret", json!(1)), "field", "validation_invalid_value"),
        (wish("many-", json!(1)), "field", "validation_invalid_value"),
        (json!({"size": 1}), "field", "validation_required"),
        (json!({"field": "one", "size": 1, "type": "a\nb"}), "type", "validation_invalid_format"),
        (json!({"field": "one", "size": 1, "name": "n".repeat(256)}), "name", "validation_length_too_long"),
    ] {
        let reply = anon.post(OFFERS, body).await;
        assert_eq!((reply.status, reply.json["data"][field]["code"].as_str()), (400, Some(code)), "{reply}");
    }
    assert_eq!(bucket.keys().len(), 0);

    // The content counts, whatever the name says.
    let text = sent(&anon, "picture", "p.png", b"just text").await;
    assert_eq!(refused(&anon, json!({"picture": text}), "picture").await, "validation_invalid_mime_type");
    let picture = sent(&anon, "picture", "p.txt", PNG).await;
    assert_eq!(anon.create("papers", json!({"picture": picture})).await.status, 200);
    let mut many = Vec::new();
    for name in ["a", "b", "c", "d"] {
        many.push(sent(&anon, "many", name, b"x").await);
    }
    assert_eq!(refused(&anon, json!({"many": many}), "many").await, "validation_too_many_files");
    many.pop();
    assert_eq!(anon.create("papers", json!({"many": many})).await.status, 200, "a refusal uses up nothing");
    // The limit that holds is the one of the moment at which the record takes it.
    let small = sent(&anon, "small", "s.txt", b"ten bytes!").await;
    let mut papers = app.superuser().get("/api/collections/papers").await.json;
    for field in papers["fields"].as_array_mut().expect("fields") {
        if field["name"] == "small" {
            field["maxSize"] = json!(9);
        }
    }
    let changed = app.superuser().patch("/api/collections/papers", json!({"fields": papers["fields"]})).await;
    assert_eq!(changed.status, 200, "{changed}");
    assert_eq!(refused(&anon, json!({"small": small}), "small").await, "validation_file_size_limit");
    app.files_settled().await;
    assert_eq!((stored(&bucket).len(), waiting(&bucket)), (4, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_good_once_and_for_one_caller() {
    let (app, bucket) = in_bucket().await;
    app.collection(papers()).await;
    let mut notes = papers();
    notes["name"] = json!("notes");
    app.collection(notes).await;
    let (ann, bob) = (app.user("ann@example.com").await, app.user("bob@example.com").await);
    let upload = sent(&ann, "one", "a.txt", b"hers").await;
    for stranger in [&bob, &app.anon(), app.superuser()] {
        assert_eq!(refused(stranger, json!({"one": upload}), "one").await, "validation_invalid_file");
    }
    let elsewhere = ann.create("notes", json!({"one": upload})).await;
    assert_eq!(elsewhere.json["data"]["one"]["code"], "validation_invalid_file", "{elsewhere}");
    assert_eq!(refused(&ann, json!({"many": [upload]}), "many").await, "validation_invalid_file");
    let token = upload["upload"].as_str().expect("a token");
    let forged = format!("{}x", &token[..token.len() - 1]);
    for other in [forged.as_str(), "", "nonsense", ann.token()] {
        assert_eq!(refused(&ann, json!({"one": {"upload": other}}), "one").await, "validation_invalid_file");
    }
    let unsent = offered(&ann, json!({"field": "one", "size": 1})).await;
    let unsent = json!({"one": {"upload": unsent["upload"]}});
    assert_eq!(refused(&ann, unsent, "one").await, "validation_invalid_file");

    // Of those who come at the same time one gets it.
    let (first, second) =
        tokio::join!(ann.create("papers", json!({"one": upload})), ann.create("papers", json!({"one": upload})));
    let mut both = [first.status, second.status];
    both.sort_unstable();
    // The other finds it used, or gone in the middle of its copy.
    assert!(matches!(both, [200, 400 | 409]), "{first} {second}");
    assert_eq!(refused(&ann, json!({"one": upload}), "one").await, "validation_invalid_file");
    let twice = sent(&ann, "many", "b.txt", b"twice").await;
    assert_eq!(refused(&ann, json!({"many": [twice, twice]}), "many").await, "validation_invalid_file");

    app.set(json!({"batch": {"enabled": true, "maxRequests": 10, "timeout": 30}})).await;
    let create = |upload: &Value| json!({"method": "POST", "url": records("papers"), "body": {"many": [upload]}});
    let batch = ann.post("/api/batch", json!({"requests": [create(&twice), create(&twice)]})).await;
    assert_eq!(batch.status, 400, "{batch}");
    let blamed = &batch.json["data"]["requests"]["1"]["response"]["data"]["many"]["code"];
    assert_eq!(blamed, "validation_invalid_file", "{batch}");
    let batch = ann.post("/api/batch", json!({"requests": [create(&twice)]})).await;
    assert_eq!(batch.status, 200, "nothing of the other batch happened: {batch}");
    app.files_settled().await;
    assert_eq!((stored(&bucket).len(), waiting(&bucket)), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_is_sent_again_takes_its_upload_once() {
    let (app, bucket) = in_bucket().await;
    app.collection(papers()).await;
    let anon = app.anon();
    let body = json!({"one": sent(&anon, "one", "a.txt", b"once").await});
    let headers = [("content-type", "application/json"), ("idempotency-key", "k1")];
    let path = records("papers");
    let create = || anon.raw(Method::POST, &path, &headers, body.to_string().into_bytes());
    let (first, second) = (create().await, create().await);
    assert_eq!((first.status, second.status, &first.json), (200, 200, &second.json), "{second}");
    assert_eq!(app.anon().list("papers", "").await.json["totalItems"], 1);
    app.files_settled().await;
    assert_eq!(bucket.keys().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_takes_in_time_is_removed() {
    let (app, bucket) = in_bucket().await;
    app.collection(papers()).await;
    let anon = app.anon();
    let offer = offered(&anon, json!({"field": "one", "size": 4})).await;
    assert_eq!(put(&offer, b"late").await, 200);
    app.files_settled().await;
    assert_eq!(waiting(&bucket), 1, "it waits");
    app.clock.advance(Duration::from_hours(1));
    let body = json!({"one": {"upload": offer["upload"]}});
    assert_eq!(refused(&anon, body.clone(), "one").await, "validation_invalid_file");
    app.files_settled().await;
    assert_eq!(waiting(&bucket), 0);
    // One that was on its way all the time is found too.
    assert_eq!(put(&offer, b"late").await, 200);
    assert_eq!(refused(&anon, body, "one").await, "validation_invalid_file");
    app.files_settled().await;
    assert_eq!(waiting(&bucket), 1);
    app.clock.advance(Duration::from_hours(23));
    app.files_settled().await;
    assert_eq!(waiting(&bucket), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_write_gets_no_address() {
    let (app, bucket) = in_bucket().await;
    let mut papers = papers();
    let owner = json!({"name": "owner", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 1});
    papers["fields"].as_array_mut().expect("fields").push(owner);
    papers["createRule"] = json!("owner = @request.auth.id && @request.auth.id != ''");
    papers["updateRule"] = json!("owner = @request.auth.id");
    app.collection(papers).await;
    let (ann, bob) = (app.user("ann@example.com").await, app.user("bob@example.com").await);
    let wish = json!({"field": "one", "size": 1});
    for person in [&app.anon(), &ann] {
        let reply = person.post(OFFERS, wish.clone()).await;
        assert_eq!((reply.status, &reply.json["message"]), (400, &json!("Failed to create record.")), "{reply}");
    }
    let with = |data: Value| json!({"field": "one", "size": 1, "data": data});
    let others = ann.post(OFFERS, with(json!({"owner": bob.id}))).await;
    assert_eq!(others.status, 400, "{others}");
    offered(&ann, with(json!({"owner": ann.id}))).await;
    let paper = ann.create("papers", json!({"owner": ann.id})).await.json["id"].clone();
    let change = |id: &Value| json!({"field": "one", "size": 1, "record": id});
    offered(&ann, change(&paper)).await;
    offered(app.superuser(), change(&paper)).await;
    for (person, id) in [(&bob, &paper), (&app.anon(), &paper), (&ann, &json!("nobodysrecordid"))] {
        assert_eq!(person.post(OFFERS, change(id)).await.status, 404);
    }
    let locked = json!({"createRule": null, "updateRule": null});
    assert_eq!(app.superuser().patch("/api/collections/papers", locked).await.status, 200);
    assert_eq!(ann.post(OFFERS, wish.clone()).await.status, 403);
    assert_eq!(ann.post(OFFERS, change(&paper)).await.status, 403);
    assert_eq!(app.superuser().post(OFFERS, wish.clone()).await.status, 200);
    let view = json!({"name": "all_papers", "type": "view", "viewQuery": "SELECT id, one FROM papers"});
    app.collection(view).await;
    assert_eq!(app.superuser().post("/api/collections/all_papers/uploads", wish.clone()).await.status, 400);
    // On the disk there is nothing to send to.
    app.set(json!({"s3": {"enabled": false}})).await;
    let here = app.superuser().post(OFFERS, wish).await;
    assert_eq!(here.status, 400);
    assert!(here.json["message"].as_str().expect("words").starts_with("Files are not kept in a bucket"), "{here}");
    assert!(bucket.keys().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_the_places_of_others() {
    let (app, _bucket) = in_bucket().await;
    app.collection(papers()).await;
    let (one, other) = (app.anon().at("2001:db8::1"), app.anon().at("192.0.2.2"));
    let user = app.user("ann@example.com").await;
    let wish = || json!({"field": "one", "size": 1});
    offered(&one, wish()).await;
    // As if as many had been asked for as one may have, less one.
    let more = Sql::new(
        "WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 498) \
         INSERT INTO _files (key, state, due_ms) SELECT key || number, state, due_ms FROM _files, numbers",
    );
    app.host.default_tenant().tenant.store.write(Unit::of(more)).await.expect("rows");
    let last = offered(&one, wish()).await;
    let refused = app.anon().at("2001:db8::2").post(OFFERS, wish()).await;
    assert_eq!(refused.status, 503, "of the same household: {refused}");
    for person in [&other, &user, app.superuser()] {
        offered(person, wish()).await;
    }
    assert_eq!(put(&last, b"x").await, 200);
    assert_eq!(one.create("papers", json!({"one": {"upload": last["upload"]}})).await.status, 200);
    offered(&one, wish()).await;
    assert_eq!(one.post(OFFERS, wish()).await.status, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn offers_are_counted_as_creating_is() {
    let (app, _bucket) = in_bucket().await;
    app.collection(papers()).await;
    let rule = json!({"label": "papers:create", "maxRequests": 2, "audience": "", "duration": 10});
    app.set(json!({"rateLimits": {"enabled": true, "rules": [rule]}})).await;
    let anon = app.anon();
    offered(&anon, json!({"field": "one", "size": 1})).await;
    assert_eq!(anon.create("papers", json!({"title": "x"})).await.status, 200);
    assert_eq!(anon.post(OFFERS, json!({"field": "one", "size": 1})).await.status, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_waits_while_the_storage_is_switched() {
    let (app, bucket) = in_bucket().await;
    app.collection(papers()).await;
    let anon = app.anon();
    let upload = json!({"one": sent(&anon, "one", "a.txt", b"waits").await});
    app.set(json!({"s3": {"enabled": false}})).await;
    assert_eq!(refused(&anon, upload.clone(), "one").await, "validation_invalid_file");
    let moved = app.superuser().post("/api/settings/storage/migrate", json!({"to": "local"})).await;
    assert_eq!(moved.status, 200, "{moved}");
    loop {
        let progress = app.superuser().get("/api/settings/storage/migrate").await.json;
        if progress["state"] != "running" {
            assert_eq!((&progress["state"], &progress["movedFiles"]), (&json!("done"), &json!(0)), "{progress}");
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(waiting(&bucket), 1, "it is no file of a record");
    app.set(json!({"s3": {"enabled": true}})).await;
    assert_eq!(anon.create("papers", upload).await.status, 200);
    app.files_settled().await;
    assert_eq!((waiting(&bucket), stored(&bucket).len()), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_down_harms_no_record() {
    let (app, bucket) = in_bucket().await;
    app.collection(papers()).await;
    let anon = app.anon();
    let upload = sent(&anon, "one", "a.txt", b"a").await;
    drop(bucket);
    let reply = anon.create("papers", json!({"one": upload})).await;
    assert!(reply.status >= 500, "{reply}");
    assert_eq!(anon.list("papers", "").await.json["totalItems"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_between_leaves_neither_gaps_nor_orphans() {
    let (dir, bucket) = (tempfile::tempdir().expect("a folder"), Bucket::new().await);
    let mut running = Some(Server::start(dir.path()).await);
    let (mut acknowledged, mut waits) = (Vec::new(), Vec::new());
    for cycle in 0..3_u64 {
        let server = match running.take() {
            Some(server) => server,
            None => Server::serve(dir.path()).await,
        };
        if cycle == 0 {
            server.patch("/api/settings", bucket.settings()).await;
            server.post("/api/collections", papers()).await;
        }
        let offer = server.post(OFFERS, json!({"field": "one", "name": "waits.txt", "size": 5})).await;
        assert_eq!(put(&offer, b"waits").await, 200);
        waits.push(offer["upload"].clone());
        let mut senders = tokio::task::JoinSet::new();
        for size in [20, 300_000] {
            senders.spawn(send_until_cut(server.base.clone(), size));
        }
        tokio::time::sleep(Duration::from_millis(400 + 130 * cycle)).await;
        server.kill();
        while let Some(keys) = senders.join_next().await {
            acknowledged.extend(keys.expect("a sender"));
        }
    }
    let server = Server::serve(dir.path()).await;
    for upload in waits {
        let record = server.post(&records("papers"), json!({"one": {"upload": upload}})).await;
        acknowledged.push(key(&record, &record["one"]));
    }
    let mut named = BTreeSet::new();
    for page in 1.. {
        let items = server.get(&format!("{}?perPage=500&page={page}", records("papers"))).await;
        let items = items["items"].as_array().cloned().unwrap_or_default();
        if items.is_empty() {
            break;
        }
        named.extend(items.iter().map(|record| key(record, &record["one"])));
    }
    let lost: Vec<&String> = acknowledged.iter().filter(|key| !named.contains(*key)).collect();
    assert!(acknowledged.len() > 3 && lost.is_empty(), "{lost:?}");
    let missing: Vec<&String> = named.iter().filter(|key| !bucket.keys().contains(*key)).collect();
    assert!(missing.is_empty(), "records without their files: {missing:?}");
    for _ in 0..200 {
        if stored(&bucket) == named {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(stored(&bucket), named, "files without records");
}

/// Uploads and has records take that until the server is gone; the keys of what it has acknowledged.
async fn send_until_cut(base: String, size: usize) -> Vec<String> {
    let client = reqwest::Client::new();
    let bytes = vec![b'x'; size];
    let mut done = Vec::new();
    let ask = async |path: String, body: Value| -> Option<Value> {
        let request = client.post(format!("{base}{path}")).header("content-type", "application/json");
        let text = request.body(body.to_string()).send().await.ok()?.text().await.ok()?;
        serde_json::from_str(&text).ok()
    };
    loop {
        let Some(offer) = ask(OFFERS.to_owned(), json!({"field": "one", "name": "x.txt", "size": size})).await else {
            return done;
        };
        assert_eq!(put(&offer, &bytes).await, 200);
        let body = json!({"one": {"upload": offer["upload"]}});
        let Some(record) = ask(records("papers"), body).await else { return done };
        assert!(record["one"].is_string(), "{record}");
        done.push(key(&record, &record["one"]));
    }
}
