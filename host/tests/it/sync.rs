//! `/api/sync`: a copy of the collections in a real libSQL server: made, refused, tried out, compared, begun anew.

use crate::support::sqld::{Sqld, assert_same, compared, in_step, sync_until};
use crate::support::{TestApp, open};
use serde_json::{Value, json};
use tinybase::db::Unit;
use tinybase::sql::Sql;

fn of<'a>(status: &'a Value, name: &str) -> &'a Value {
    let collections = status["collections"].as_array().expect("collections");
    collections.iter().find(|collection| collection["name"] == name).unwrap_or_else(|| panic!("{name}: {status}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_made_and_holds_no_secret() {
    let (app, sqld) = (TestApp::with_posts().await, Sqld::guarded().await);
    let author = app.user("ann@example.com").await;
    for index in 0..30 {
        let body = json!({"title": format!("post {index}"), "views": f64::from(index) * 1.5, "author": author.id, "meta": {"a": [index]}});
        app.superuser().created("posts", body).await;
    }
    app.collection(json!({"name": "titles", "type": "view", "viewQuery": "SELECT id, title FROM posts"})).await;
    let off = app.superuser().get("/api/sync").await;
    assert_eq!((off.json["state"].as_str(), off.json["collections"].clone()), (Some("off"), json!([])), "{off}");

    app.set(sqld.settings()).await;
    let status = assert_same(&app).await;
    assert_eq!(of(&status, "posts")["rows"], 30, "{status}");
    assert_eq!((status["url"].as_str(), status["error"].as_str()), (Some(sqld.url().as_str()), Some("")), "{status}");
    assert_ne!(status["lastSuccess"], "", "{status}");
    let select =
        "SELECT title, views, typeof(views), json_extract(meta, '$.a[0]'), author FROM posts WHERE title = 'post 3'";
    assert_eq!(sqld.rows(select).await, [["post 3", "4.5", "real", "3", &author.id]]);

    let tables =
        "SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name)";
    assert_eq!(sqld.value(tables).await, "_tinybase_sync,posts,users", "no system tables, no views, nothing aside");
    let columns = sqld.value("SELECT group_concat(name) FROM pragma_table_info('users')").await;
    assert!(columns.contains("email") && !columns.contains("password") && !columns.contains("tokenKey"), "{columns}");
    let everything = format!("{:?}", sqld.rows("SELECT * FROM users").await);
    assert!(!everything.contains("argon2"), "{everything}");

    let token = sqld.token();
    for path in ["/api/settings", "/api/sync", "/api/activity?perPage=500", "/api/openapi.json"] {
        let reply = app.superuser().get(path).await;
        assert!(reply.status == 200 && !String::from_utf8_lossy(&reply.body).contains(token), "{path} tells the token");
    }
    let stored = format!("{:?}", app.superuser().get("/api/settings").await.json["sync"]);
    assert!(stored.contains(&sqld.url()) && !stored.contains("authToken"), "{stored}");
    let metrics = String::from_utf8(app.superuser().get("/metrics").await.body).expect("text");
    assert!(
        metrics.contains("\ntinybase_sync_behind 0\n") && metrics.contains("\ntinybase_sync_errors_total "),
        "{metrics}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_told_and_put_right() {
    let (app, sqld) = (TestApp::with_posts().await, Sqld::guarded().await);
    app.superuser().created("posts", json!({"title": "one"})).await;
    app.set(json!({"sync": {"enabled": true, "url": sqld.url(), "authToken": "a.wrong.token"}})).await;
    let failing = sync_until(&app, "it fails", |status| status["state"] == "failing").await;
    let error = failing["error"].as_str().expect("words");
    assert!(error.contains("does not accept the token") && !error.contains("a.wrong.token"), "{failing}");
    assert!(failing["errors"].as_u64() > Some(0), "{failing}");
    assert_eq!(of(&failing, "posts")["state"], "waiting", "{failing}");
    // Writes do not wait for it.
    app.superuser().created("posts", json!({"title": "two"})).await;
    app.set(json!({"sync": {"authToken": sqld.token()}})).await;
    assert_same(&app).await;
    assert_eq!(sqld.value("SELECT count(*) FROM posts").await, "2");
    app.set(json!({"sync": {"enabled": false}})).await;
    let off = sync_until(&app, "it is off", |status| status["state"] == "off").await;
    assert_eq!(off["url"], "", "{off}");
    app.superuser().created("posts", json!({"title": "three"})).await;
    assert_eq!(sqld.value("SELECT count(*) FROM posts").await, "2", "what is off copies nothing");
    app.set(json!({"sync": {"enabled": true}})).await;
    assert_same(&app).await;
    assert_eq!(sqld.value("SELECT count(*) FROM posts").await, "3");
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_others_are_not_touched() {
    let (app, sqld) = (TestApp::with_posts().await, Sqld::new().await);
    sqld.rows("CREATE TABLE Posts (id INTEGER PRIMARY KEY, mine TEXT)").await;
    sqld.rows("INSERT INTO Posts (mine) VALUES ('precious')").await;
    app.superuser().created("posts", json!({"title": "one"})).await;
    app.set(sqld.settings()).await;
    let failing = sync_until(&app, "it is refused", |status| status["state"] == "failing").await;
    assert!(failing["error"].as_str().is_some_and(|error| error.contains("(posts)")), "{failing}");
    let tried = app.superuser().post("/api/sync/test", json!({})).await;
    assert!(tried.status == 400 && tried.json.to_string().contains("Posts"), "{tried}");
    assert_eq!(sqld.rows("SELECT name FROM sqlite_schema WHERE type = 'table'").await, [["Posts"]]);
    sqld.rows("ALTER TABLE Posts RENAME TO precious").await;
    assert_same(&app).await;

    // One that comes in the way later holds up its collection, and no other.
    sqld.rows("CREATE TABLE notes (mine TEXT)").await;
    app.collection(open("notes", json!([{"name": "text", "type": "text"}]))).await;
    app.set(json!({"sync": {"enabled": false}})).await;
    app.set(json!({"sync": {"enabled": true}})).await;
    let failing = sync_until(&app, "it says so", |status| of(status, "notes")["state"] == "blocked").await;
    assert_eq!(failing["state"], "failing", "{failing}");
    let id = app.superuser().created("posts", json!({"title": "two"})).await;
    let wanted = format!("SELECT count(*) FROM posts WHERE id = '{id}'");
    while sqld.value(&wanted).await != "1" {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(sqld.value("SELECT mine FROM precious").await, "precious");
    assert_eq!(sqld.value("SELECT count(*) FROM pragma_table_info('notes')").await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_was_tampered_with_is_found_out_and_made_anew() {
    let (app, sqld) = (TestApp::with_posts().await, Sqld::new().await);
    let mut ids = Vec::new();
    for index in 0..1_200 {
        ids.push(json!({"method": "POST", "url": "/api/collections/posts/records", "body": {"title": format!("post {index}")}}));
    }
    app.set(json!({"batch": {"enabled": true, "maxRequests": 2_000, "timeout": 60}})).await;
    let made = app.superuser().post("/api/batch", json!({"requests": ids})).await;
    assert_eq!(made.status, 200, "{made}");
    app.set(sqld.settings()).await;
    assert_same(&app).await;
    let some = sqld.rows("SELECT id FROM posts ORDER BY id LIMIT 3 OFFSET 600").await;
    let [first, second, third] = [&some[0][0], &some[1][0], &some[2][0]];
    sqld.rows(&format!("UPDATE posts SET title = 'forged' WHERE id = '{first}'")).await;
    sqld.rows(&format!("DELETE FROM posts WHERE id = '{second}'")).await;
    sqld.rows(&format!("UPDATE posts SET id = 'zzzzzzzzzzzzzzz' WHERE id = '{third}'")).await;
    let found = compared(&app).await;
    assert_eq!(
        (&found["state"], &found["differences"], &found["rows"]),
        (&json!("done"), &json!(4), &json!(1_199)),
        "{found}"
    );
    for (id, what) in
        [(first, "different"), (second, "missing"), (third, "missing"), (&"zzzzzzzzzzzzzzz".to_owned(), "extra")]
    {
        let expected = json!({"collection": "posts", "id": id, "what": what});
        assert!(found["found"].as_array().expect("a list").contains(&expected), "{expected}: {found}");
    }
    let restarted = app.superuser().post("/api/sync/restart", json!({})).await;
    assert_eq!(restarted.status, 200, "{restarted}");
    let healed = format!("SELECT title != 'forged' FROM posts WHERE id = '{first}'");
    while sqld.value(&healed).await != "1" {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_same(&app).await;
    let told = app.superuser().get("/api/activity?perPage=500").await;
    let entries = told.json["items"].as_array().expect("entries");
    for action in ["restart", "verify"] {
        assert!(entries.iter().any(|entry| entry["kind"] == "sync" && entry["action"] == action), "{action}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_another_database_is_replaced() {
    let (app, sqld) = (TestApp::with_posts().await, Sqld::new().await);
    app.superuser().created("posts", json!({"title": "of the first"})).await;
    app.collection(open("only_here", json!([]))).await;
    app.set(sqld.settings()).await;
    assert_same(&app).await;
    let source = sqld.value("SELECT source FROM _tinybase_sync WHERE id = ''").await;
    app.set(json!({"sync": {"enabled": false}})).await;
    sync_until(&app, "it is off", |status| status["state"] == "off").await;

    let other = TestApp::with_posts().await;
    // Ids of the tests count: those of two databases would be the same.
    let own = Sql::new("INSERT INTO _params (id, value, created, updated) VALUES ('syncSource', 'another', '', '')");
    other.host.default_tenant().tenant.store.write(Unit::of(own)).await.expect("it is another one");
    for index in 0..20 {
        other.superuser().created("posts", json!({"title": format!("of the second {index}")})).await;
    }
    other.set(sqld.settings()).await;
    assert_same(&other).await;
    assert_eq!(sqld.value("SELECT count(*) FROM posts WHERE title LIKE 'of the second%'").await, "20");
    assert_eq!(sqld.value("SELECT count(*) FROM posts").await, "20");
    let now = sqld.value("SELECT source FROM _tinybase_sync WHERE id = ''").await;
    assert!(now == "another" && source != now, "{source} {now}");
    assert_eq!(sqld.value("SELECT count(*) FROM sqlite_schema WHERE name = 'only_here'").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_another_server_writes_is_left_to_it_until_it_is_begun_anew() {
    let (app, sqld) = (TestApp::with_posts().await, Sqld::new().await);
    app.set(sqld.settings()).await;
    in_step(&app).await;
    sqld.rows("UPDATE _tinybase_sync SET source = 'another', turn = 'another' WHERE id = ''").await;
    app.superuser().created("posts", json!({"title": "one"})).await;
    let is_told = |status: &Value| status["error"].as_str().is_some_and(|error| error.contains("another server"));
    let failing = sync_until(&app, "it is told", is_told).await;
    assert_eq!(failing["state"], "failing", "{failing}");
    app.superuser().created("posts", json!({"title": "two"})).await;
    assert_eq!(sqld.value("SELECT source FROM _tinybase_sync WHERE id = ''").await, "another");
    assert_eq!(app.superuser().post("/api/sync/restart", json!({})).await.status, 200);
    assert_same(&app).await;
    assert_eq!(sqld.value("SELECT count(*) FROM posts").await, "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_server_is_refused_with_its_field() {
    let app = TestApp::with_posts().await;
    for (sync, field, code) in [
        (json!({"enabled": true}), "url", "validation_required"),
        (json!({"url": "ftp://db.example.com"}), "url", "validation_is_url"),
        (json!({"url": "https://me:secret@db.example.com"}), "url", "validation_is_url"),
        (json!({"url": "libsql://db.example.com?authToken=x"}), "url", "validation_is_url"),
        (json!({"authToken": "a\nb"}), "authToken", "validation_invalid_value"),
    ] {
        let reply = app.superuser().patch("/api/settings", json!({"sync": sync})).await;
        assert_eq!((reply.status, &reply.json["data"]["sync"][field]["code"]), (400, &json!(code)), "{sync}: {reply}");
        if sync.get("enabled").is_none() {
            let tried = app.superuser().post("/api/sync/test", sync.clone()).await;
            assert_eq!(tried.status, 400, "{sync}: {tried}");
        }
    }
    let off = app.superuser().post("/api/sync/verify", json!({})).await;
    assert_eq!((off.status, off.json["message"].as_str()), (400, Some("The database sync is off.")), "{off}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_tells_what_was_said() {
    let (app, sqld) = (TestApp::with_posts().await, Sqld::guarded().await);
    let body = json!({"url": sqld.url(), "authToken": sqld.token()});
    let tried = app.superuser().post("/api/sync/test", body).await;
    assert_eq!(tried.status, 200, "{tried}");
    let said = tried.json["dialogue"].to_string();
    for words in ["/v3/pipeline, with a token", "SQLite 3.", "no copy yet", "done", "not encrypted"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains(sqld.token()), "{said}");
    assert_eq!(sqld.rows("SELECT name FROM sqlite_schema").await, Vec::<Vec<String>>::new(), "nothing is left");

    let refused = app.superuser().post("/api/sync/test", json!({"url": sqld.url()})).await;
    assert_eq!((refused.status, &refused.json["data"]["sync"]["code"]), (400, &json!("sync_failed")), "{refused}");
    let dialogue = refused.json["data"]["sync"]["params"]["dialogue"].to_string();
    assert!(dialogue.contains("without a token") && dialogue.contains("! the server does not accept"), "{refused}");
    let nobody = app.superuser().post("/api/sync/test", json!({"url": "http://127.0.0.1:9"})).await;
    assert!(nobody.status == 400 && nobody.json.to_string().contains("cannot be reached"), "{nobody}");
    let web = crate::support::web::Web::start().await;
    let foreign = app.superuser().post("/api/sync/test", json!({"url": web.url("")})).await;
    assert!(foreign.status == 400 && foreign.json.to_string().contains("does not speak Hrana 3"), "{foreign}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_with_the_scope_looks_and_begins_anew_and_does_not_try() {
    let (app, sqld) = (TestApp::with_posts().await, Sqld::new().await);
    app.set(sqld.settings()).await;
    in_step(&app).await;
    let mut keys = Vec::new();
    for read_only in [true, false] {
        let body = json!({"name": "a key", "scopes": ["settings"], "readOnly": read_only});
        let made = app.superuser().post("/api/keys", body).await;
        assert_eq!(made.status, 200, "{made}");
        keys.push(app.anon().with_token(made.json["key"].as_str().expect("the key")));
    }
    let [reader, writer] = keys.as_slice() else { panic!("two keys") };
    assert_eq!(reader.get("/api/sync").await.status, 200);
    assert_eq!(reader.post("/api/sync/restart", json!({})).await.status, 403);
    assert_eq!(writer.post("/api/sync/restart", json!({})).await.status, 200);
    assert_eq!(writer.post("/api/sync/test", json!({})).await.status, 403);
    let moved = writer.patch("/api/settings", json!({"sync": {"url": "https://elsewhere.example"}})).await;
    assert_eq!(moved.status, 403, "{moved}");
}
