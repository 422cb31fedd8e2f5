//! Uploads: names, limits, order, what replaces what. On the disk and in a bucket alike.

use crate::support::people::{Part, records};
use crate::support::storage::Storage;
use crate::support::{TestApp, open};
use axum::http::Method;
use serde_json::{Value, json};

/// A PNG of one red pixel.
pub const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1, 8,
    2, 0, 0, 0, 0x90, 0x77, 0x53, 0xde, 0, 0, 0, 0x0c, 0x49, 0x44, 0x41, 0x54, 0x08, 0xd7, 0x63, 0xf8, 0xcf, 0xc0, 0,
    0, 3, 1, 1, 0, 0x18, 0xdd, 0x8d, 0xb0, 0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

pub fn papers() -> Value {
    open(
        "papers",
        json!([
            {"name": "title", "type": "text"},
            {"name": "one", "type": "file", "maxSelect": 1},
            {"name": "many", "type": "file", "maxSelect": 3},
            {"name": "small", "type": "file", "maxSelect": 1, "maxSize": 10},
            {"name": "picture", "type": "file", "maxSelect": 1, "mimeTypes": ["image/png"]},
            {"name": "secret", "type": "file", "maxSelect": 1, "hidden": true},
        ]),
    )
}

async fn change(app: &TestApp, record: &Value, parts: &[Part<'_>]) -> Value {
    let path = format!("{}/{}", records("papers"), record["id"].as_str().expect("an id"));
    let reply = app.anon().form(Method::PATCH, &path, parts).await;
    assert_eq!(reply.status, 200, "{reply}");
    reply.json
}

fn names(value: &Value) -> Vec<String> {
    let text = |name: &Value| {
        let name = name.as_str().expect("a name");
        name.rsplit_once('_').expect("a random part").0.to_owned()
    };
    value.as_array().expect("a list").iter().map(text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_uploaded_added_ordered_and_removed() {
    for (app, storage) in Storage::each().await {
        app.collection(papers()).await;
        let anon = app.anon();
        let (a, b) = (Part::File("many", "Aaa.TXT", b"a"), Part::File("many", "b b b.txt", b"b"));
        let record = anon.uploaded("papers", &[Part::Text("title", "x"), a, b]).await;
        assert_eq!(
            (&record["title"], names(&record["many"])),
            (&json!("x"), vec!["aaa".to_owned(), "b_b_b".to_owned()])
        );
        let fetched = anon.file(&record, &record["many"][1], "").await;
        assert_eq!((fetched.status, fetched.body.as_slice()), (200, &b"b"[..]));

        let more = change(&app, &record, &[Part::File("+many", "first.txt", b"f")]).await;
        assert_eq!(names(&more["many"]), ["first", "aaa", "b_b_b"]);
        let kept = [Part::Text("many", more["many"][2].as_str().expect("a name")), Part::File("many", "new.txt", b"n")];
        let kept = change(&app, &record, &kept).await;
        assert_eq!(
            (names(&kept["many"]), &kept["many"][0]),
            (vec!["b_b_b".to_owned(), "new".to_owned()], &more["many"][2])
        );
        let less = change(&app, &record, &[Part::Text("many-", kept["many"][0].as_str().expect("a name"))]).await;
        assert_eq!(names(&less["many"]), ["new"]);
        let replaced = change(&app, &record, &[Part::File("many", "last.txt", b"l")]).await;
        assert_eq!(names(&replaced["many"]), ["last"]);

        for gone in [&record["many"][0], &more["many"][0], &kept["many"][1]] {
            assert_eq!(anon.file(&record, gone, "").await.status, 404);
        }
        app.files_settled().await;
        let key = |name: &Value| format!("{}/{}/{}", record["collectionId"], record["id"], name).replace('"', "");
        assert_eq!(storage.keys(&app).into_iter().collect::<Vec<_>>(), [key(&replaced["many"][0])]);

        let cleared = anon.update("papers", record["id"].as_str().expect("an id"), json!({"many": null})).await;
        assert_eq!(cleared.json["many"], json!([]));
        app.files_settled().await;
        assert!(storage.keys(&app).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_allowed_is_refused_and_not_kept() {
    for (app, storage) in Storage::each().await {
        app.collection(papers()).await;
        let anon = app.anon();
        let many =
            |count| vec!["x.txt"; count].into_iter().map(|name| Part::File("many", name, b"x")).collect::<Vec<_>>();
        for (parts, field, code) in [
            (vec![Part::File("small", "s.txt", b"more than ten")], "small", "validation_file_size_limit"),
            (vec![Part::File("picture", "p.png", b"just text")], "picture", "validation_invalid_mime_type"),
            (many(4), "many", "validation_too_many_files"),
            (vec![Part::Text("one", "of_another.txt")], "one", "validation_invalid_file"),
            (vec![Part::File("one", "o.txt", b"o"), Part::Text("many", "../../x")], "many", "validation_invalid_file"),
        ] {
            let reply = anon.form(Method::POST, &records("papers"), &parts).await;
            assert_eq!((reply.status, reply.json["data"][field]["code"].as_str()), (400, Some(code)), "{reply}");
        }
        let record =
            anon.uploaded("papers", &[Part::File("picture", "p.txt", PNG), Part::File("small", "s", b"")]).await;
        assert!(record["small"].as_str().is_some_and(|name| name.ends_with(".txt")), "{record}");
        let unknown =
            anon.uploaded("papers", &[Part::File("title", "t.txt", b"t"), Part::File("nope", "n.txt", b"n")]).await;
        assert_eq!(unknown["title"], "");
        let hidden = anon.uploaded("papers", &[Part::File("secret", "s.txt", b"s")]).await;
        let hidden = app.superuser().view("papers", hidden["id"].as_str().expect("an id")).await;
        assert_eq!(hidden.json["secret"], "", "{hidden}");
        app.files_settled().await;
        assert_eq!(storage.keys(&app).len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_loses_leaves_no_file() {
    for (app, storage) in Storage::each().await {
        let mut unique = open("papers", json!([{"name": "slug", "type": "text"}, {"name": "one", "type": "file"}]));
        unique["indexes"] = json!(["CREATE UNIQUE INDEX idx_papers_slug ON papers (slug)"]);
        app.collection(unique).await;
        let parts = [Part::Text("slug", "same"), Part::File("one", "one.txt", b"1")];
        app.anon().uploaded("papers", &parts).await;
        let second = app.anon().form(Method::POST, &records("papers"), &parts).await;
        assert_eq!(second.json["data"]["slug"]["code"], "validation_not_unique", "{second}");
        app.files_settled().await;
        assert_eq!(storage.keys(&app).len(), 1);
        assert_eq!(std::fs::read_dir(app.dir().join("incoming")).expect("the folder").count(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn large_files_arrive_whole() {
    for (app, _storage) in Storage::each().await {
        app.collection(open("papers", json!([{"name": "one", "type": "file", "maxSize": 30_000_000}]))).await;
        // More than one part of a bucket's upload.
        let bytes: Vec<u8> = (0..20_000_000_u32).map(|n| (n % 251) as u8).collect();
        let record = app.anon().uploaded("papers", &[Part::File("one", "big.bin", &bytes)]).await;
        let reply = app.anon().file(&record, &record["one"], "").await;
        assert!(reply.status == 200 && reply.body == bytes, "{} bytes", reply.body.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_takes_files_or_leaves_none() {
    for (app, storage) in Storage::each().await {
        app.collection(papers()).await;
        app.superuser().patch("/api/settings", json!({"batch": {"enabled": true, "timeout": 60}})).await;
        let url = records("papers");
        let good = json!({"method": "POST", "url": url, "body": {"title": "a", "many": ["nonsense"]}});
        let bad = json!({"method": "POST", "url": url, "body": {"one": "of_another.txt"}});
        let send = async |requests: Value| {
            let payload = json!({ "requests": requests }).to_string();
            let files = [Part::File("requests.0.many", "m.txt", b"m"), Part::File("requests[1].many+", "n.txt", b"n")];
            let [first, second] = files;
            app.anon().form(Method::POST, "/api/batch", &[Part::Text("@jsonPayload", &payload), first, second]).await
        };
        let reply = send(json!([good, bad])).await;
        assert_eq!(reply.status, 400, "{reply}");
        app.files_settled().await;
        assert!(storage.keys(&app).is_empty());
        let second = json!({"method": "POST", "url": url, "body": {"title": "b"}});
        let reply = send(json!([good, second])).await;
        assert_eq!(reply.status, 200, "{reply}");
        for (index, bytes) in [(0, b"m"), (1, b"n")] {
            let record = &reply.json[index]["body"];
            assert_eq!(app.anon().file(record, &record["many"][0], "").await.body, bytes);
        }
    }
}
