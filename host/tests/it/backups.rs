//! Backups: making, listing, sending, checking, putting back, and the schedule.

use crate::files::papers;
use crate::support::guests::plugin;
use crate::support::people::Part;
use crate::support::storage::{ACCESS_KEY, BUCKET, Bucket, SECRET};
use crate::support::{TestApp, open};
use axum::http::Method;
use serde_json::{Value, json};
use std::io::{Cursor, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

async fn keys(app: &TestApp) -> Vec<String> {
    let reply = app.superuser().get("/api/backups").await;
    assert_eq!(reply.status, 200, "{reply}");
    let items = reply.json.as_array().expect("a list").clone();
    items.iter().map(|item| item["key"].as_str().expect("a key").to_owned()).collect()
}

async fn make(app: &TestApp, key: &str) {
    let reply = app.superuser().post("/api/backups", json!({"name": key})).await;
    assert_eq!(reply.status, 204, "{reply}");
}

async fn fetched(app: &TestApp, key: &str) -> Vec<u8> {
    let token = app.superuser().post("/api/files/token", json!({})).await.json["token"].clone();
    let reply = app.anon().get(&format!("/api/backups/{key}?token={}", token.as_str().expect("a token"))).await;
    assert_eq!(reply.status, 200, "{reply}");
    reply.body
}

async fn verified(app: &TestApp, key: &str) -> Value {
    let reply = app.superuser().post(&format!("/api/backups/{key}/verify"), json!({})).await;
    assert_eq!(reply.status, 200, "{reply}");
    reply.json
}

/// An archive with its entries changed: `None` leaves one out.
fn changed(archive: &[u8], change: impl Fn(&str, Vec<u8>) -> Option<(String, Vec<u8>)>) -> Vec<u8> {
    let mut from = ZipArchive::new(Cursor::new(archive)).expect("a zip");
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..from.len() {
        let mut entry = from.by_index(index).expect("an entry");
        let (name, mut bytes) = (entry.name().expect("a name").into_owned(), Vec::new());
        entry.read_to_end(&mut bytes).expect("its bytes");
        if let Some((name, bytes)) = change(&name, bytes) {
            to.start_file(name, SimpleFileOptions::default()).expect("an entry");
            to.write_all(&bytes).expect("its bytes");
        }
    }
    to.finish().expect("a zip").into_inner()
}

async fn uploaded(app: &TestApp, name: &str, archive: &[u8]) {
    let reply = app.superuser().form(Method::POST, "/api/backups/upload", &[Part::File("file", name, archive)]).await;
    assert_eq!(reply.status, 204, "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_is_made_listed_sent_and_removed() {
    let app = TestApp::new().await;
    let superuser = app.superuser();
    assert_eq!(superuser.get("/api/health").await.json["data"]["canBackup"], true);
    make(&app, "before.zip").await;
    let mode = |path: &str| std::fs::metadata(app.dir().join(path)).expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode("backups"), mode("backups/before.zip")), (0o700, 0o600));
    let unnamed = superuser.post("/api/backups", json!({})).await;
    assert_eq!((unnamed.status, unnamed.body.len()), (204, 0));
    let status = superuser.get("/api/backups/status").await.json;
    assert_eq!((&status["running"], &status["last"]["outcome"]), (&Value::Null, &json!("done")), "{status}");
    let mut all = keys(&app).await;
    all.sort();
    assert_eq!(all, ["before.zip", "pb_backup_acme_20260102030405.zip"]);
    for (name, code) in [
        ("before.zip", "validation_backup_name_exists"),
        ("../x.zip", "validation_match_invalid"),
        ("A.zip", "validation_match_invalid"),
        ("a.tar", "validation_match_invalid"),
    ] {
        let reply = superuser.post("/api/backups", json!({"name": name})).await;
        assert_eq!((reply.status, &reply.json["data"]["name"]["code"]), (400, &json!(code)), "{name}: {reply}");
    }
    let archive = fetched(&app, "before.zip").await;
    assert!(archive.starts_with(b"PK"));
    // A part of it, as a download that goes on asks for it.
    let token = superuser.post("/api/files/token", json!({})).await.json["token"].clone();
    let path = format!("/api/backups/before.zip?token={}", token.as_str().expect("a token"));
    let part = app.anon().raw(Method::GET, &path, &[("range", "bytes=2-5")], Vec::new()).await;
    assert_eq!((part.status, part.body.as_slice()), (206, &archive[2..6]));
    let user = app.user("user@example.com").await;
    let theirs = user.post("/api/files/token", json!({})).await.json["token"].clone();
    for path in ["/api/backups/before.zip", &format!("/api/backups/before.zip?token={}", theirs.as_str().expect("one"))]
    {
        let reply = user.get(path).await;
        assert_eq!(
            (reply.status, &reply.json["message"]),
            (403, &json!("Insufficient permissions to access the resource."))
        );
    }
    assert_eq!(superuser.remove("/api/backups/before.zip").await.status, 204);
    assert_eq!(superuser.remove("/api/backups/before.zip").await.status, 404);
    assert_eq!(keys(&app).await, ["pb_backup_acme_20260102030405.zip"]);
    let told = superuser.get("/api/activity?filter=kind='backup'&sort=id").await.json;
    let told: Vec<String> = told["items"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| {
            format!(
                "{} {}",
                entry["action"].as_str().unwrap_or_default(),
                entry["subject"].as_str().unwrap_or_default()
            )
        })
        .collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told.contains(&"delete before.zip".to_owned()), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn data_files_and_plugins_come_back() {
    let app = TestApp::new().await;
    app.collection(papers()).await;
    app.collection(open("things", json!([{"name": "n", "type": "number"}, {"name": "slug", "type": "text"}]))).await;
    let paper = app
        .anon()
        .uploaded("papers", &[Part::File("one", "one.txt", b"first"), Part::File("many", "a.txt", b"a")])
        .await;
    let installed = app.superuser().upload_as("/api/plugins", "slugify", &plugin("slugify")).await;
    assert_eq!(installed.status, 200, "{installed}");
    app.anon().created("things", json!({"n": 1})).await;
    make(&app, "a.zip").await;
    let report = verified(&app, "a.zip").await;
    assert_eq!(
        (&report["valid"], &report["entries"], &report["filesElsewhere"]),
        (&json!(true), &json!(4), &json!(0)),
        "{report}"
    );

    // Everything changes.
    app.anon().created("things", json!({"n": 2})).await;
    assert_eq!(app.anon().delete("papers", paper["id"].as_str().expect("an id")).await.status, 204);
    app.files_settled().await;
    let late = app.anon().uploaded("papers", &[Part::File("one", "late.txt", b"late")]).await;
    let id = installed.json["id"].as_str().expect("an id").to_owned();
    assert_eq!(app.superuser().remove(&format!("/api/plugins/{id}")).await.status, 204);
    app.collection(open("later", json!([]))).await;

    let reply = app.superuser().post("/api/backups/a.zip/restore", json!({})).await;
    assert_eq!((reply.status, reply.body.len()), (204, 0), "{reply}");
    assert!(app.host.again.is_asked());
    let twice = app.superuser().post("/api/backups/a.zip/restore", json!({})).await;
    assert_eq!((twice.status, &twice.json["message"]), (400, &json!("Another backup is about to be restored.")));
    // Until the data is opened anew it is what it was.
    assert_eq!(app.anon().list("things", "").await.json["totalItems"], 2);

    let app = app.reopened().await;
    assert_eq!(app.anon().values("things", "n", "").await, [json!(1)]);
    assert_eq!(app.anon().file(&paper, &paper["one"], "").await.body, b"first");
    assert_eq!(app.anon().file(&paper, &paper["many"][0], "").await.body, b"a");
    assert_eq!(app.anon().file(&late, &late["one"], "").await.status, 404);
    assert_eq!(app.superuser().get("/api/collections/later").await.status, 404);
    let attached = app
        .superuser()
        .post(&format!("/api/plugins/{id}/attachments"), json!({"collection": "things", "hooks": ["beforeCreate"]}))
        .await;
    assert_eq!(attached.status, 200, "the component is there: {attached}");
    let told = app.superuser().get("/api/activity?filter=kind='backup'").await.json;
    assert_eq!((&told["items"][0]["action"], &told["items"][0]["subject"]), (&json!("restore"), &json!("a.zip")));

    // The former data stays for a day.
    let former = app.dir().join("restore/old/data.db");
    assert!(former.exists());
    let sweep = async |app: &TestApp| {
        tinybase::backups::sweep(&app.host.default_tenant().tenant).await.expect("it can be removed")
    };
    assert_eq!(sweep(&app).await, 0);
    app.clock.advance(Duration::from_hours(24));
    assert_eq!((sweep(&app).await, former.exists()), (1, false));
    // What was restored can be restored again.
    let app = app.reopened().await;
    assert_eq!(app.superuser().get("/api/backups/status").await.json["last"], Value::Null);
    assert_eq!(app.superuser().post("/api/backups/a.zip/restore", json!({})).await.status, 204);
    let app = app.reopened().await;
    assert_eq!(app.anon().values("things", "n", "").await, [json!(1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_or_hostile_archive_replaces_nothing() {
    let app = TestApp::with_posts().await;
    app.anon().created("posts", json!({"title": "here"})).await;
    make(&app, "good.zip").await;
    let good = fetched(&app, "good.zip").await;
    let same = |name: &str, bytes: Vec<u8>| Some((name.to_owned(), bytes));
    let cut = &good[..good.len() - 100];
    let other_rows = changed(&good, |name, mut bytes| {
        if name == "data.db" {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0xff;
        }
        same(name, bytes)
    });
    let traversal =
        changed(&good, |name, bytes| if name == "data.db" { same("../data.db", bytes) } else { same(name, bytes) });
    let foreign = changed(&good, |name, bytes| if name == "manifest.json" { None } else { same(name, bytes) });
    let no_database = changed(&good, |name, bytes| match name {
        "data.db" => same(name, b"this is no database".to_vec()),
        "manifest.json" => {
            let mut manifest: Value = serde_json::from_slice(&bytes).expect("JSON");
            manifest["entries"][0]["size"] = json!(19);
            manifest["entries"][0]["sha256"] = json!(tinybase::crypto::sha256_hex(b"this is no database"));
            same(name, manifest.to_string().into_bytes())
        }
        _ => same(name, bytes),
    });
    for (name, archive, code, word) in [
        ("cut.zip", cut, "validation_backup_damaged", "no zip archive"),
        ("rows.zip", &other_rows, "validation_backup_damaged", "checksum"),
        ("out.zip", &traversal, "validation_backup_unsafe", "leads out"),
        ("pb.zip", &foreign, "validation_backup_foreign", "PocketBase"),
        ("none.zip", &no_database, "validation_backup_damaged", "does not open"),
    ] {
        uploaded(&app, name, archive).await;
        let report = verified(&app, name).await;
        assert_eq!((&report["valid"], &report["code"]), (&json!(false), &json!(code)), "{name}: {report}");
        let reply = app.superuser().post(&format!("/api/backups/{name}/restore"), json!({})).await;
        assert_eq!((reply.status, &reply.json["data"]["backup"]["code"]), (400, &json!(code)), "{name}: {reply}");
        assert!(reply.json["message"].as_str().expect("words").contains(word), "{name}: {reply}");
        assert!(!app.host.again.is_asked() && !app.dir().join("restore").exists(), "{name}");
    }
    let app = app.reopened().await;
    assert_eq!(app.anon().values("posts", "title", "").await, [json!("here")]);
    assert_eq!(std::fs::read_dir(app.dir().join("incoming")).expect("a folder").count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_uploaded_has_a_name_and_is_a_zip() {
    let app = TestApp::new().await;
    make(&app, "a.zip").await;
    let good = fetched(&app, "a.zip").await;
    for (name, bytes, code) in [
        ("a.zip", good.as_slice(), "validation_backup_name_exists"),
        ("b.txt", &good, "validation_backup_name_exists"),
        ("..%2fx.zip", &good, "validation_backup_name_exists"),
        ("b.zip", b"hello", "validation_invalid_mime_type"),
    ] {
        let reply = app.superuser().form(Method::POST, "/api/backups/upload", &[Part::File("file", name, bytes)]).await;
        assert_eq!((reply.status, &reply.json["data"]["file"]["code"]), (400, &json!(code)), "{name}: {reply}");
    }
    let reply = app.superuser().form(Method::POST, "/api/backups/upload", &[Part::Text("other", "x")]).await;
    assert_eq!((reply.status, &reply.json["data"]["file"]["code"]), (400, &json!("validation_required")), "{reply}");
    uploaded(&app, "@auto_pb_backup_other_1.zip", &good).await;
    assert_eq!(fetched(&app, "@auto_pb_backup_other_1.zip").await, good);
    assert_eq!(keys(&app).await.len(), 2);
    assert_eq!(std::fs::read_dir(app.dir().join("incoming")).expect("a folder").count(), 0);
}

fn bucket_of_backups(bucket: &Bucket) -> Value {
    json!({"backups": {"s3": {
        "enabled": true, "bucket": BUCKET, "region": "us-east-1", "endpoint": bucket.endpoint,
        "accessKey": ACCESS_KEY, "secret": SECRET, "forcePathStyle": true,
    }}})
}

#[tokio::test(flavor = "multi_thread")]
async fn archives_may_be_kept_in_a_bucket() {
    let (app, bucket) = (TestApp::with_posts().await, Bucket::new().await);
    app.set(bucket_of_backups(&bucket)).await;
    let trial = app.superuser().post("/api/settings/test/s3", json!({"filesystem": "backups"})).await;
    assert_eq!(trial.status, 204, "{trial}");
    app.anon().created("posts", json!({"title": "kept"})).await;
    make(&app, "far.zip").await;
    assert!(!app.dir().join("backups/far.zip").exists());
    assert_eq!(keys(&app).await, ["far.zip"]);
    assert_eq!(verified(&app, "far.zip").await["valid"], true);
    assert!(fetched(&app, "far.zip").await.starts_with(b"PK"));
    app.anon().created("posts", json!({"title": "lost"})).await;
    assert_eq!(app.superuser().post("/api/backups/far.zip/restore", json!({})).await.status, 204);
    let app = app.reopened().await;
    assert_eq!(app.anon().values("posts", "title", "").await, [json!("kept")]);
    assert_eq!(app.superuser().remove("/api/backups/far.zip").await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_in_a_bucket_stay_there() {
    let (app, bucket) = (TestApp::new().await, Bucket::new().await);
    app.set(bucket.settings()).await;
    app.collection(papers()).await;
    let paper = app.anon().uploaded("papers", &[Part::File("one", "one.txt", b"far")]).await;
    make(&app, "a.zip").await;
    assert_eq!(verified(&app, "a.zip").await["filesElsewhere"], 1);
    assert_eq!(app.superuser().post("/api/backups/a.zip/restore", json!({})).await.status, 204);
    let app = app.reopened().await;
    assert_eq!(app.anon().file(&paper, &paper["one"], "").await.body, b"far");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schedule_makes_archives_and_keeps_some() {
    let app = TestApp::new().await;
    make(&app, "by_hand.zip").await;
    app.set(json!({"backups": {"cron": "0 * * * *", "cronMaxKeep": 2}})).await;
    let jobs = &app.host.default_tenant().jobs;
    jobs.tick();
    let mut made = Vec::new();
    for run in 1..=4 {
        app.clock.advance(Duration::from_hours(1));
        jobs.tick();
        loop {
            let reply = app.superuser().get("/api/crons/__pbAutoBackup__/runs").await;
            let runs = reply.json["items"].as_array().expect("runs").clone();
            if runs.len() == run && runs.iter().all(|run| run["outcome"] != "running") {
                assert_eq!(runs[0]["outcome"], "done", "{runs:?}");
                made.push(runs[0]["detail"].as_str().expect("its name").to_owned());
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // The disk has a clock of its own, on which the archives are to lie apart.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(made[0], "@auto_pb_backup_acme_20260102040405.zip");
    let mut kept = keys(&app).await;
    kept.sort();
    assert_eq!(kept, [made[2].as_str(), made[3].as_str(), "by_hand.zip"]);
    app.set(json!({"backups": {"cron": ""}})).await;
    assert_eq!(app.superuser().get("/api/crons/__pbAutoBackup__/runs").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn superusers_hear_of_a_schedule_that_fails() {
    let (app, bucket) = (TestApp::new().await, Bucket::new().await);
    let postbox = app.postbox().await;
    let mut settings = bucket_of_backups(&bucket);
    settings["backups"]["cron"] = json!("@daily");
    app.set(settings).await;
    drop(bucket);
    let refused = app.superuser().get("/api/backups").await;
    assert_eq!(refused.status, 503, "{refused}");
    assert!(refused.json["message"].as_str().expect("words").starts_with("The bucket of the backups"), "{refused}");
    let failed = app.host.default_tenant().backups.make_automatically().await;
    assert!(failed.is_err(), "{failed:?}");
    app.deliver().await;
    let mails = postbox.to("root@example.com");
    assert_eq!(mails.len(), 1);
    assert!(mails[0].html().contains("The scheduled backup has failed"), "{}", mails[0].html());
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_ended_since_do_not_begin_again() {
    let app = TestApp::new().await;
    let body = json!({"email": "root@example.com", "password": crate::support::PASSWORD});
    let opened = app.anon().post("/api/admin/session", body).await;
    assert_eq!(opened.status, 200, "{opened}");
    make(&app, "a.zip").await;
    assert_eq!(app.superuser().post("/api/backups/a.zip/restore", json!({})).await.status, 204);
    let app = app.reopened().await;
    assert_eq!(app.superuser().get("/api/admin/sessions").await.json["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn data_that_does_not_open_gives_way_to_the_former() {
    let app = TestApp::with_posts().await;
    app.anon().created("posts", json!({"title": "here"})).await;
    make(&app, "a.zip").await;
    assert_eq!(app.superuser().post("/api/backups/a.zip/restore", json!({})).await.status, 204);
    // Between the trial and the opening the disk has lost what was prepared.
    let prepared = app.dir().join("restore/new/data.db");
    std::fs::write(&prepared, "nothing that opens").expect("it is there");
    let app = app.reopened().await;
    assert_eq!(app.anon().values("posts", "title", "").await, [json!("here")]);
    assert!(app.dir().join("restore/rejected/data.db").exists());
    let last = app.superuser().get("/api/backups/status").await.json["last"].clone();
    assert_eq!(
        (&last["action"], &last["key"], &last["outcome"]),
        (&json!("restore"), &json!("a.zip"), &json!("failed"))
    );
    assert!(last["detail"].as_str().expect("words").contains("former data"), "{last}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_was_promised_is_not_replaced_by_another() {
    let app = TestApp::with_posts().await;
    app.anon().created("posts", json!({"title": "one"})).await;
    make(&app, "one.zip").await;
    app.anon().created("posts", json!({"title": "two"})).await;
    make(&app, "two.zip").await;
    assert_eq!(app.superuser().post("/api/backups/one.zip/restore", json!({})).await.status, 204);
    let second = app.superuser().post("/api/backups/two.zip/restore", json!({})).await;
    assert_eq!((second.status, &second.json["message"]), (400, &json!("Another backup is about to be restored.")));
    let app = app.reopened().await;
    assert_eq!(app.anon().values("posts", "title", "").await, [json!("one")]);
    let last = app.superuser().get("/api/backups/status").await.json["last"].clone();
    assert_eq!(
        (&last["action"], &last["key"], &last["outcome"]),
        (&json!("restore"), &json!("one.zip"), &json!("done"))
    );

    // One that is refused leaves the data that was replaced.
    let cut = fetched(&app, "two.zip").await;
    uploaded(&app, "cut.zip", &cut[..cut.len() - 100]).await;
    assert_eq!(app.superuser().post("/api/backups/cut.zip/restore", json!({})).await.status, 400);
    assert!(app.dir().join("restore/old/data.db").exists() && !app.dir().join("restore.next").exists());
}
