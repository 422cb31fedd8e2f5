//! What a copy in a real libSQL server follows: every way of changing records and collections, whoever of the two ends
//! meanwhile.

use crate::support::sqld::{Sqld, assert_same, in_step, sync_until};
use crate::support::{TestApp, open};
use serde_json::{Value, json};
use std::time::Duration;
use tinybase::db::Unit;
use tinybase::sql::Sql;

async fn followed() -> (TestApp, Sqld) {
    let (app, sqld) = (TestApp::with_posts().await, Sqld::new().await);
    app.set(sqld.settings()).await;
    in_step(&app).await;
    (app, sqld)
}

/// Creates so many posts in one transaction.
async fn fill(app: &TestApp, count: usize, content: &str) {
    app.set(json!({"batch": {"enabled": true, "maxRequests": 10_000, "timeout": 120, "maxBodySize": 100 << 20}})).await;
    let requests: Vec<Value> = (0..count)
        .map(|index| {
            let body = json!({"title": format!("{index:05}"), "meta": content});
            json!({"method": "POST", "url": "/api/collections/posts/records", "body": body})
        })
        .collect();
    let made = app.superuser().post("/api/batch", json!({"requests": requests})).await;
    assert_eq!(made.status, 200, "{}", made.json["message"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_of_changing_records_is_followed() {
    let (app, sqld) = followed().await;
    let root = app.superuser();
    let first = root.created("posts", json!({"title": "one", "views": 1})).await;
    let second = root.created("posts", json!({"title": "two", "views": 2})).await;
    assert_same(&app).await;
    assert_eq!(root.update("posts", &first, json!({"title": "changed", "views+": 0.5})).await.status, 200);
    assert_eq!(root.delete("posts", &second).await.status, 204);
    assert_same(&app).await;
    assert_eq!(sqld.rows("SELECT id, title, views FROM posts").await, [[first.as_str(), "changed", "1.5"]]);

    fill(&app, 50, "batch").await;
    let many = root.patch("/api/collections/posts/records?filter=title%3C'00020'", json!({"views": 7})).await;
    assert_eq!(many.status, 200, "{many}");
    assert_eq!(
        root.remove("/api/collections/posts/records?filter=title%3E='00040'%20%26%26%20title%3C'1'").await.status,
        200
    );
    assert_same(&app).await;
    assert_eq!(sqld.value("SELECT count(*) || ' ' || sum(views = 7) FROM posts").await, "41 20");

    let posts = root.get("/api/collections/posts").await.json["id"].clone();
    let comments = json!([
        {"name": "post", "type": "relation", "collectionId": posts, "cascadeDelete": true, "maxSelect": 1},
        {"name": "likes", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 9},
    ]);
    app.collection(open("comments", comments)).await;
    let user = app.user("ann@example.com").await;
    for _ in 0..3 {
        root.created("comments", json!({"post": first, "likes": [user.id]})).await;
    }
    let other =
        root.list("posts", "filter=title='00001'").await.json["items"][0]["id"].as_str().expect("an id").to_owned();
    root.created("comments", json!({"post": other, "likes": [user.id]})).await;
    assert_same(&app).await;
    assert_eq!(root.delete("posts", &first).await.status, 204);
    assert_eq!(root.delete("users", &user.id).await.status, 204);
    assert_same(&app).await;
    assert_eq!(sqld.rows("SELECT post, likes FROM comments").await, [[other.as_str(), "[]"]]);

    let rows = "id,title\nimported0000001,from a file\n".as_bytes();
    let path = "/api/collections/posts/records/import?format=csv";
    let imported = root.raw(axum::http::Method::POST, path, &[("content-type", "text/csv")], rows.to_vec()).await;
    assert_eq!((imported.status, &imported.json["created"]), (200, &json!(1)), "{imported}");
    let typed = root
        .post("/api/sql", json!({"query": "UPDATE posts SET views = 99 WHERE title = '00001'", "write": true}))
        .await;
    assert_eq!(typed.status, 200, "{typed}");
    assert_same(&app).await;
    assert_eq!(sqld.value("SELECT count(*) FROM posts WHERE title = 'from a file'").await, "1");
    assert_eq!(sqld.value("SELECT views FROM posts WHERE title = '00001'").await, "99");

    assert_eq!(root.remove("/api/collections/posts/truncate").await.status, 204);
    let status = assert_same(&app).await;
    assert_eq!(sqld.value("SELECT (SELECT count(*) FROM posts) + (SELECT count(*) FROM comments)").await, "0");
    assert!(status["collections"].as_array().expect("collections").iter().all(|one| one["rows"] == 0), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_value_arrives_as_it_is() {
    let (app, sqld) = followed().await;
    app.collection(open(
        "kinds",
        json!([
            {"name": "text", "type": "text"}, {"name": "number", "type": "number"}, {"name": "flag", "type": "bool"},
            {"name": "maybe", "type": "number", "nullable": true}, {"name": "json", "type": "json"},
            {"name": "day", "type": "date"}, {"name": "tags", "type": "select", "values": ["a", "b"], "maxSelect": 2},
            {"name": "place", "type": "geoPoint"}, {"name": "vector", "type": "vector", "dimension": 3},
            {"name": "list", "type": "array"}, {"name": "rich", "type": "editor"},
        ]),
    ))
    .await;
    for body in [
        json!({}),
        json!({"text": "q'u\"o`te \u{1F600} \u{0} end", "number": -0.1, "flag": true, "json": {"a": [1, null, "x"]}}),
        json!({"number": 9_007_199_254_740_991_i64, "maybe": 0, "json": "5", "day": "2026-01-02 03:04:05.678Z"}),
        json!({"number": 1e300, "json": 5, "tags": ["b", "a"], "place": {"lon": 1.25, "lat": -2}}),
        json!({"vector": [0.25, -1, 3], "list": ["x", "y"], "rich": "<p>&amp;</p>", "json": null}),
    ] {
        app.superuser().created("kinds", body).await;
    }
    assert_same(&app).await;
    let select = "SELECT count(*) FROM kinds WHERE typeof(vector) = 'blob' AND length(vector) = 12";
    assert_eq!(sqld.value(select).await, "1");
    assert_eq!(sqld.value("SELECT group_concat(value) FROM kinds, json_each(tags) ORDER BY key").await, "b,a");
}

#[tokio::test(flavor = "multi_thread")]
async fn definitions_are_followed_and_views_of_readers_stay() {
    let (app, sqld) = followed().await;
    let root = app.superuser();
    let notes =
        app.collection(open("notes", json!([{"name": "text", "type": "text"}, {"name": "old", "type": "text"}]))).await;
    root.created("posts", json!({"title": "a post", "slug": "s"})).await;
    root.created("notes", json!({"text": "a note", "old": "gone soon"})).await;
    assert_same(&app).await;
    sqld.rows("CREATE VIEW seen AS SELECT title FROM posts").await;
    sqld.rows("CREATE TRIGGER unseen INSTEAD OF DELETE ON seen BEGIN DELETE FROM posts WHERE title = old.title; END")
        .await;
    sqld.rows("CREATE INDEX by_slug ON posts (slug)").await;

    // A field is renamed, one goes, one comes.
    let mut fields = notes["fields"].as_array().expect("fields").clone();
    fields.retain(|field| field["name"] != "old");
    for field in &mut fields {
        if field["name"] == "text" {
            field["name"] = json!("body");
        }
    }
    fields.push(json!({"name": "size", "type": "number"}));
    assert_eq!(root.patch("/api/collections/notes", json!({"fields": fields})).await.status, 200);
    assert_same(&app).await;
    assert_eq!(sqld.rows("SELECT body, size FROM notes").await, [["a note", "0"]]);
    assert!(sqld.try_rows("SELECT old FROM notes").await.is_err());

    // Two collections swap their names.
    for (from, to) in [("posts", "aside"), ("notes", "posts"), ("aside", "notes")] {
        let renamed = root.patch(&format!("/api/collections/{from}"), json!({"name": to})).await;
        assert_eq!(renamed.status, 200, "{renamed}");
    }
    assert_same(&app).await;
    assert_eq!(sqld.value("SELECT title FROM notes").await, "a post");
    assert_eq!(sqld.value("SELECT body FROM posts").await, "a note");
    assert_eq!(sqld.value("SELECT count(*) FROM sqlite_schema WHERE name = 'aside'").await, "0");
    for (from, to) in [("posts", "aside"), ("notes", "posts"), ("aside", "notes")] {
        assert_eq!(root.patch(&format!("/api/collections/{from}"), json!({"name": to})).await.status, 200);
    }
    assert_same(&app).await;
    assert_eq!(sqld.value("SELECT title FROM seen").await, "a post", "the view is of the table that is there now");

    let copied_anew = root.post("/api/sync/restart", json!({})).await;
    assert_eq!(copied_anew.status, 200, "{copied_anew}");
    root.created("posts", json!({"title": "another"})).await;
    assert_same(&app).await;
    assert_eq!(sqld.value("SELECT count(*) FROM seen").await, "2");
    let trigger = sqld.value("SELECT tbl_name FROM sqlite_schema WHERE type = 'trigger'").await;
    assert_eq!(trigger, "seen", "what stands on a view stays as well");

    assert_eq!(root.remove("/api/collections/notes").await.status, 204);
    while sqld.value("SELECT count(*) FROM sqlite_schema WHERE name = 'notes'").await != "0" {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Another one of that name is no table of somebody else.
    app.collection(open("notes", json!([{"name": "text", "type": "text"}]))).await;
    root.created("notes", json!({"text": "again"})).await;
    assert_same(&app).await;
    assert_eq!(sqld.value("SELECT text FROM notes").await, "again");
    let left =
        sqld.value("SELECT count(*) FROM sqlite_schema WHERE name LIKE '_tinybase_sync_%' AND type = 'table'").await;
    assert_eq!(left, "0", "nothing is left aside");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_and_made_again_between_two_looks_is_copied_anew() {
    let (app, mut sqld) = followed().await;
    let root = app.superuser();
    let fields = json!([{"name": "text", "type": "text"}, {"name": "old", "type": "text"}]);
    app.collection(open("notes", fields.clone())).await;
    let kept = app.collection(open("kept", fields.clone())).await;
    root.created("notes", json!({"text": "former"})).await;
    root.created("kept", json!({"text": "kept", "old": "gone"})).await;
    assert_same(&app).await;
    sqld.kill();
    assert_eq!(root.remove("/api/collections/notes").await.status, 204);
    app.collection(open("notes", fields)).await;
    root.created("notes", json!({"text": "again"})).await;
    let with = kept["fields"].as_array().expect("fields").clone();
    let without: Vec<Value> = with.iter().filter(|field| field["name"] != "old").cloned().collect();
    for fields in [without, with] {
        let changed = root.patch("/api/collections/kept", json!({"fields": fields})).await;
        assert_eq!(changed.status, 200, "{changed}");
    }
    sqld.start().await;
    assert_same(&app).await;
    assert_eq!(sqld.rows("SELECT text FROM notes").await, [["again"]]);
    assert_eq!(sqld.rows("SELECT text, old FROM kept").await, [["kept", ""]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_of_readers_stays_when_a_table_is_copied_anew() {
    let (app, sqld) = followed().await;
    sqld.rows("CREATE INDEX by_slug ON posts (slug)").await;
    app.superuser().post("/api/sync/restart", json!({})).await;
    app.superuser().created("posts", json!({"title": "one"})).await;
    assert_same(&app).await;
    assert_eq!(sqld.value("SELECT tbl_name FROM sqlite_schema WHERE name = 'by_slug'").await, "posts");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_loses_nothing_and_gets_nothing_twice() {
    let (app, mut sqld) = followed().await;
    let root = app.superuser();
    let mut expected = 0;
    for turn in 0..4 {
        for index in 0..25 {
            root.created("posts", json!({"title": format!("{turn} {index}"), "views": 1})).await;
            expected += 1;
        }
        // In the midst of it, or behind it.
        sqld.kill();
        for index in 25..40 {
            root.created("posts", json!({"title": format!("{turn} {index}"), "views": 1})).await;
            expected += 1;
        }
        let failing = sync_until(&app, "it fails", |status| status["state"] == "failing").await;
        assert!(failing["behind"].as_u64() >= Some(15), "{failing}");
        assert!(failing["error"].as_str().is_some_and(|error| error.contains("cannot be reached")), "{failing}");
        sqld.start().await;
        let status = in_step(&app).await;
        assert_eq!(status["error"], "", "{status}");
        assert_eq!(
            sqld.value("SELECT count(*) || ' ' || sum(views) FROM posts").await,
            format!("{expected} {expected}")
        );
    }
    let rows = sqld.value("SELECT rows FROM _tinybase_sync WHERE name = 'posts'").await;
    assert_eq!(rows, expected.to_string(), "what it says of itself is so");
    assert_same(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn this_server_goes_on_where_it_was() {
    let (app, sqld) = followed().await;
    app.superuser().created("posts", json!({"title": "before"})).await;
    in_step(&app).await;
    // A mark that only a new copy would wipe out.
    sqld.rows("CREATE TABLE marks AS SELECT rootpage FROM sqlite_schema WHERE name = 'posts'").await;
    let app = app.reopened().await;
    app.superuser().created("posts", json!({"title": "after"})).await;
    assert_same(&app).await;
    let same = "SELECT (SELECT rootpage FROM marks) = (SELECT rootpage FROM sqlite_schema WHERE name = 'posts')";
    assert_eq!(sqld.value(same).await, "1", "it is the same table");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_history_has_forgotten_is_copied_anew() {
    let (app, mut sqld) = followed().await;
    let kept = app.superuser().created("posts", json!({"title": "kept"})).await;
    let gone = app.superuser().created("posts", json!({"title": "gone"})).await;
    in_step(&app).await;
    sqld.kill();
    app.superuser().delete("posts", &gone).await;
    app.superuser().update("posts", &kept, json!({"title": "changed"})).await;
    let store = &app.host.default_tenant().tenant.store;
    let forget = Sql::new("DELETE FROM _changes WHERE seq < (SELECT max(seq) FROM _changes)");
    store.write(Unit::of(forget)).await.expect("it is forgotten");
    sqld.start().await;
    assert_same(&app).await;
    assert_eq!(sqld.rows("SELECT id, title FROM posts").await, [[kept.as_str(), "changed"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_never_see_half_a_table() {
    let (app, sqld) = (TestApp::with_posts().await, Sqld::new().await);
    // Several portions.
    fill(&app, 4_000, &"x".repeat(1_000)).await;
    app.set(sqld.settings()).await;
    let root = app.superuser();
    let mut seen = 0;
    for turn in 0..3 {
        let (mut status, mut writes) = (root.get("/api/sync").await.json, 0);
        while status["state"] != "following" || status["behind"] != 0 {
            let found = sqld.try_rows("SELECT count(*) FROM posts").await;
            let count = found.ok().map(|rows| rows[0][0].parse::<usize>().expect("a number"));
            // Not there before the first copy is complete, and whole from then on.
            assert!(count.is_none_or(|count| count >= 4_000) && (count.is_some() || seen == 0), "{count:?} {status}");
            seen = seen.max(count.unwrap_or_default());
            // Writes go on, in what is copied already and in what is not yet.
            if writes < 20 {
                root.created("posts", json!({"title": format!("meanwhile {turn}")})).await;
                writes += 1;
            }
            status = root.get("/api/sync").await.json;
        }
        let page =
            root.list("posts", "perPage=1&sort=id").await.json["items"][0]["id"].as_str().expect("an id").to_owned();
        assert_eq!(root.update("posts", &page, json!({"title": "first"})).await.status, 200);
        seen = seen.max(4_000);
        in_step(&app).await;
        root.post("/api/sync/restart", json!({})).await;
        root.created("posts", json!({"title": "begin"})).await;
    }
    assert_same(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn large_rows_go_a_few_at_a_time() {
    let (app, sqld) = (TestApp::new().await, Sqld::new().await);
    app.collection(open("large", json!([{"name": "body", "type": "json", "maxSize": 8 << 20}]))).await;
    for index in 0..6 {
        let body = format!("{index}{}", "y".repeat(3 << 20));
        app.superuser().created("large", json!({"body": body})).await;
    }
    app.set(sqld.settings()).await;
    assert_same(&app).await;
    assert_eq!(sqld.value("SELECT min(length(body)) FROM large").await, ((3 << 20) + 3).to_string(), "with its quotes");
}
