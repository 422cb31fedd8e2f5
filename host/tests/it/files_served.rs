//! `GET /api/files`: bytes, parts, what is in the cache already, headers, thumbs, protected files.

use crate::files::{PNG, papers};
use crate::support::open;
use crate::support::people::{Part, file_path};
use crate::support::storage::Storage;
use axum::http::Method;
use serde_json::json;
use std::io::Cursor;
use std::time::Duration;

/// A picture of noise: nothing but a photograph's like is smaller as JPEG.
fn picture(width: u32, height: u32, format: image::ImageFormat) -> Vec<u8> {
    let noise = |x: u32, y: u32| (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)) as u8;
    let pixels = image::RgbImage::from_fn(width, height, |x, y| image::Rgb([noise(x, y), noise(y, x), 7]));
    let mut bytes = Vec::new();
    image::DynamicImage::from(pixels).write_to(&mut Cursor::new(&mut bytes), format).expect("a picture");
    bytes
}

fn measures(bytes: &[u8]) -> (u32, u32) {
    let picture = image::load_from_memory(bytes).expect("a picture");
    (picture.width(), picture.height())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_safe_to_look_at() {
    for (app, _storage) in Storage::each().await {
        app.collection(papers()).await;
        let parts = [Part::File("picture", "p.png", PNG), Part::File("one", "a.html", b"<script>alert(1)</script>")];
        let record = app.anon().uploaded("papers", &parts).await;
        let reply = app.anon().file(&record, &record["picture"], "").await;
        let header =
            |name: &str| reply.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        assert_eq!((reply.body.as_slice(), header("content-type").as_str()), (PNG, "image/png"));
        assert_eq!(header("content-disposition"), format!("inline; filename={}", record["picture"]));
        assert_eq!(header("content-length"), PNG.len().to_string());
        assert!(header("content-security-policy").contains("sandbox") && header("cache-control").contains("max-age"));
        assert_eq!((header("x-content-type-options").as_str(), header("x-frame-options").as_str()), ("nosniff", ""));
        let saved = app.anon().file(&record, &record["picture"], "?download=1").await;
        assert!(saved.headers["content-disposition"].to_str().expect("text").starts_with("attachment"));
        let page = app.anon().file(&record, &record["one"], "").await;
        assert!(page.headers["content-disposition"].to_str().expect("text").starts_with("attachment"));
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
        let head = app.anon().raw(Method::HEAD, &file_path(&record, &record["picture"]), &[], Vec::new()).await;
        assert_eq!(
            (head.status, head.body.len(), &head.headers["content-length"]),
            (200, 0, &reply.headers["content-length"])
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_and_versions() {
    for (app, _storage) in Storage::each().await {
        app.collection(papers()).await;
        let record = app.anon().uploaded("papers", &[Part::File("one", "digits.txt", b"0123456789")]).await;
        let path = file_path(&record, &record["one"]);
        let anon = app.anon();
        let get = async |headers: &[(&str, &str)]| anon.raw(Method::GET, &path, headers, Vec::new()).await;
        let part = get(&[("range", "bytes=2-5")]).await;
        assert_eq!((part.status, part.body.as_slice()), (206, &b"2345"[..]));
        assert_eq!(
            (&part.headers["content-range"], &part.headers["content-length"]),
            (&"bytes 2-5/10".parse().unwrap(), &4.into())
        );
        assert_eq!(get(&[("range", "bytes=-3")]).await.body, b"789");
        let beyond = get(&[("range", "bytes=50-60")]).await;
        assert_eq!((beyond.status, &beyond.headers["content-range"]), (416, &"bytes */10".parse().unwrap()));
        let whole = get(&[]).await;
        let text = |name: &str| whole.headers[name].to_str().expect("text").to_owned();
        let (etag, modified) = (text("etag"), text("last-modified"));
        for known in [("if-none-match", etag.as_str()), ("if-modified-since", &modified)] {
            let reply = get(&[known]).await;
            assert_eq!((reply.status, reply.body.len()), (304, 0), "{known:?}");
        }
        assert_eq!(get(&[("if-match", "\"other\"")]).await.status, 412);
        assert_eq!(get(&[("range", "bytes=0-1"), ("if-range", &etag)]).await.status, 206);
        assert_eq!(get(&[("range", "bytes=0-1"), ("if-range", "\"other\"")]).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_shows_the_files_of_its_source() {
    for (app, _storage) in Storage::each().await {
        app.collection(papers()).await;
        let parts = [Part::Text("title", "x"), Part::File("one", "one.txt", b"1"), Part::File("many", "m.txt", b"2")];
        let record = app.anon().uploaded("papers", &parts).await;
        let query = "SELECT (ROW_NUMBER() OVER()) AS id, p.one AS single, many FROM papers p";
        app.collection(json!({"name": "sheets", "type": "view", "viewQuery": query, "listRule": ""})).await;
        app.collection(
            json!({"name": "covers", "type": "view", "viewQuery": "SELECT id, single AS c FROM sheets", "listRule": ""}),
        )
        .await;
        let (sheet, cover) = (app.anon().list("sheets", "").await.json, app.anon().list("covers", "").await.json);
        let (sheet, cover) = (&sheet["items"][0], &cover["items"][0]);
        assert_eq!((&sheet["single"], &cover["c"]), (&record["one"], &record["one"]));
        assert_eq!(app.anon().file(sheet, &sheet["single"], "").await.body, b"1");
        assert_eq!(app.anon().file(sheet, &sheet["many"][0], "").await.body, b"2");
        assert_eq!(app.anon().file(cover, &cover["c"], "").await.body, b"1");
        assert_eq!(app.anon().file(cover, &sheet["many"][0], "").await.status, 404, "not a file of this view");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_anywhere_else() {
    for (app, _storage) in Storage::each().await {
        app.collection(papers()).await;
        let record = app.anon().uploaded("papers", &[Part::File("one", "one.txt", b"1")]).await;
        let text = |field: &str| record[field].as_str().expect("text").to_owned();
        let (collection, id, one) = (text("collectionId"), text("id"), text("one"));
        for path in [
            format!("/api/files/{collection}/{id}/..%2f..%2f..%2fdata.db"),
            format!("/api/files/{collection}/{id}/..%2f{id}%2f{one}"),
            format!("/api/files/{collection}/..%2f..%2f{collection}%2f{id}/{one}"),
            format!("/api/files/{collection}/{id}/%2e%2e"),
            format!("/api/files/{collection}/{id}/..%5c..%5cdata.db"),
            format!("/api/files/{collection}/{id}/{one}%00"),
            format!("/api/files/%2e%2e/{id}/{one}"),
            format!("/api/files/{collection}/{id}/thumbs_{one}%2f100x100_{one}"),
        ] {
            assert_eq!(app.anon().get(&path).await.status, 404, "{path}");
        }
        assert_eq!(app.anon().get(&format!("/api/files/papers/{id}/{one}")).await.body, b"1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn thumbs_are_made_once_and_go_with_their_file() {
    for (app, storage) in Storage::each().await {
        let sizes = ["50x20", "50x20t", "50x20b", "40x40f", "0x30", "30x0"];
        app.collection(open("albums", json!([{"name": "shot", "type": "file", "thumbs": sizes}]))).await;
        let bytes = picture(200, 100, image::ImageFormat::Png);
        let record = app.anon().uploaded("albums", &[Part::File("shot", "shot.png", &bytes)]).await;
        let thumb = async |query: &str| app.anon().file(&record, &record["shot"], query).await;
        for (size, expected) in [
            ("100x100", (100, 100)),
            ("50x20", (50, 20)),
            ("50x20t", (50, 20)),
            ("40x40f", (40, 20)),
            ("0x30", (60, 30)),
            ("30x0", (30, 15)),
        ] {
            let reply = thumb(&format!("?thumb={size}")).await;
            assert_eq!(
                (measures(&reply.body), &reply.headers["content-type"]),
                (expected, &"image/png".parse().unwrap()),
                "{size}"
            );
            let name = reply.headers["content-disposition"].to_str().expect("text").to_owned();
            assert!(name.contains(&format!("{size}_shot")), "{name}");
        }
        assert_eq!(thumb("?thumb=7x7").await.body, bytes, "a size that is not listed");
        // Many ask at once.
        let mut asking = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let (anon, path) = (app.anon(), file_path(&record, &record["shot"]));
            asking.spawn(async move { anon.get(&format!("{path}?thumb=50x20b")).await.body });
        }
        let all = asking.join_all().await;
        assert!(all.iter().all(|bytes| *bytes == all[0]) && measures(&all[0]) == (50, 20));
        let plain = storage.keys(&app).into_iter().filter(|key| !key.ends_with(".webp")).count();
        assert_eq!(plain, 1 + 7);
        app.anon().delete("albums", record["id"].as_str().expect("an id")).await;
        app.files_settled().await;
        assert!(storage.keys(&app).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn thumbs_of_other_formats_and_of_what_is_no_picture() {
    for (app, _storage) in Storage::each().await {
        app.collection(papers()).await;
        let flat = {
            let mut bytes = Vec::new();
            let pixels = image::RgbImage::from_pixel(300, 300, image::Rgb([200, 10, 10]));
            image::DynamicImage::from(pixels)
                .write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png)
                .expect("a picture");
            bytes
        };
        for (bytes, plain, for_webp) in [
            (picture(200, 100, image::ImageFormat::Jpeg), "image/jpeg", "image/avif"),
            (picture(200, 100, image::ImageFormat::WebP), "image/png", "image/"),
            (flat, "image/png", "image/webp"),
        ] {
            let record = app.anon().uploaded("papers", &[Part::File("one", "x", &bytes)]).await;
            let path = format!("{}?thumb=100x100", file_path(&record, &record["one"]));
            for (accept, expected) in [("*/*", plain), ("image/avif,image/webp,*/*", for_webp)] {
                let reply = app.anon().raw(Method::GET, &path, &[("accept", accept)], Vec::new()).await;
                let mime = reply.headers["content-type"].to_str().expect("text").to_owned();
                assert!(
                    mime.starts_with(expected)
                        && reply.headers["vary"].to_str().expect("text").to_lowercase().contains("accept"),
                    "{mime}"
                );
                if mime == "image/avif" {
                    // No decoder is at hand; the head of the file tells the format, and the frame its size.
                    assert_eq!(&reply.body[4..12], b"ftypavif");
                    let size = [0, 0, 0, 100, 0, 0, 0, 100];
                    assert!(reply.body.windows(8).any(|bytes| bytes == size), "100 by 100");
                } else {
                    assert_eq!(measures(&reply.body), (100, 100));
                }
            }
        }
        let mut broken = PNG[..40].to_vec();
        broken.extend_from_slice(b"nonsense");
        for bytes in [&b"text"[..], &broken] {
            let record = app.anon().uploaded("papers", &[Part::File("one", "t.png", bytes)]).await;
            let reply = app.anon().file(&record, &record["one"], "?thumb=100x100").await;
            assert_eq!((reply.status, reply.body.as_slice()), (200, bytes));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn protected_files_ask_for_a_token_and_follow_the_view_rule() {
    for (app, _storage) in Storage::each().await {
        let mut secrets = open(
            "secrets",
            json!([
                {"name": "doc", "type": "file", "protected": true},
                {"name": "owner", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 1},
            ]),
        );
        secrets["viewRule"] = json!("owner = @request.auth.id && @request.context = 'protectedFile'");
        app.collection(secrets).await;
        let (ann, bob) = (app.user("ann@example.com").await, app.user("bob@example.com").await);
        let record =
            app.anon().uploaded("secrets", &[Part::Text("owner", &ann.id), Part::File("doc", "d.txt", b"mine")]).await;
        assert_eq!(app.anon().post("/api/files/token", json!({})).await.status, 401);
        let token = async |person: &crate::support::people::Person| {
            let reply = person.post("/api/files/token", json!({})).await;
            format!("?token={}", reply.json["token"].as_str().expect("a token"))
        };
        let (anns, bobs, roots) = (token(&ann).await, token(&bob).await, token(app.superuser()).await);
        let fetched = app.anon().file(&record, &record["doc"], &anns).await;
        assert_eq!((fetched.status, fetched.body.as_slice()), (200, &b"mine"[..]));
        assert!(fetched.headers["cache-control"].to_str().expect("text").starts_with("private"));
        assert_eq!(app.anon().file(&record, &record["doc"], &roots).await.status, 200);
        let with_auth_token = format!("?token={}", ann.token());
        for query in ["", "?token=nonsense", &bobs, &with_auth_token] {
            assert_eq!(app.anon().file(&record, &record["doc"], query).await.status, 404, "{query}");
        }
        // A token of files opens nothing else.
        let elsewhere = [("authorization", anns.trim_start_matches("?token="))];
        assert_eq!(app.anon().raw(Method::POST, "/api/files/token", &elsewhere, Vec::new()).await.status, 401);
        app.clock.advance(Duration::from_secs(200));
        assert_eq!(app.anon().file(&record, &record["doc"], &anns).await.status, 404, "tokens live for minutes");
    }
}
