//! What one request may cost everybody else: memory, and turns in a line.

use crate::support::people::records;
use crate::support::{PASSWORD, TestApp, open};
use axum::http::Method;
use serde_json::{Value, json};
use tinybase::db::Unit;
use tinybase::sql::Sql;

/// Posts of 3 MB each by somebody; requests could not make them so fast.
async fn large_posts(app: &TestApp, author: &str, count: usize) {
    for number in 1..=count {
        let mut row = Sql::new("INSERT INTO posts (id, title, author) VALUES (");
        row.bind(format!("post{number}")).push(", hex(zeroblob(1500000)), ").bind(author).push(")");
        app.host.default_tenant().tenant.store.write(Unit::of(row)).await.expect("a row");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_has_a_size() {
    let app = TestApp::with_posts().await;
    large_posts(&app, "", 12).await;
    for query in ["perPage=1000&fields=id", "perPage=1000&expand=author&cursor="] {
        let reply = app.anon().list("posts", query).await;
        assert_eq!(reply.status, 400, "{query}");
        assert_eq!(reply.json["data"]["perPage"]["code"], "validation_content_size_limit", "{query}");
    }
    assert_eq!(app.anon().list("posts", "perPage=8").await.json["items"].as_array().map(Vec::len), Some(8));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expand_has_a_size_over_all_its_steps() {
    let app = TestApp::with_posts().await;
    let ann = app.user("ann@example.com").await;
    let opened = app.superuser().patch("/api/collections/users", json!({"listRule": "", "viewRule": ""})).await;
    assert_eq!(opened.status, 200, "{opened}");
    large_posts(&app, &ann.id, 9).await;
    let small = app.anon().created("posts", json!({"title": "small", "author": ann.id})).await;
    let path = format!("{}/{small}?expand=", records("posts"));
    // Each step alone stays within bounds; what they copy of one another does not.
    let reply = app.anon().get(&format!("{path}author.posts_via_author.author")).await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json["data"]["expand"]["code"], "validation_content_size_limit", "{reply}");
    let one = app.anon().get(&format!("{}/{}?expand=posts_via_author", records("users"), ann.id)).await;
    assert_eq!(one.json["expand"]["posts_via_author"].as_array().map(Vec::len), Some(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_text_of_very_many_values_is_refused() {
    let app = TestApp::with_posts().await;
    let bomb = format!("{{\"title\":\"x\",\"meta\":[{}0]}}", "0,".repeat(1_000_001));
    let reply = app
        .anon()
        .raw(Method::POST, &records("posts"), &[("content-type", "application/json")], bomb.clone().into_bytes())
        .await;
    assert_eq!((reply.status, reply.json["message"].as_str()), (400, Some("The body has too many values.")));
    let form = format!("title=x&meta=[{}0]", "0,".repeat(1_000_001)).into_bytes();
    let form_type = ("content-type", "application/x-www-form-urlencoded");
    let reply = app.anon().raw(Method::POST, &records("posts"), &[form_type], form).await;
    assert_eq!((reply.status, reply.json["message"].as_str()), (400, Some("The body has too many values.")));
    let large = json!({"title": "x", "meta": "x".repeat(700_000)});
    assert_eq!(app.anon().create("posts", large).await.status, 200, "a long text is no bomb");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_sign_in_with_small_bodies() {
    let app = TestApp::new().await;
    let large = json!({"identity": "a", "password": "x", "email": "a", "padding": "x".repeat(70_000)});
    for path in ["/api/collections/users/auth-with-password", "/api/admin/session", "/api/admin/setup"] {
        assert_eq!(app.anon().post(path, large.clone()).await.status, 413, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_write_is_told_before_the_body_is_looked_at() {
    let app = TestApp::new().await;
    let mut locked = open("locked", json!([]));
    (locked["createRule"], locked["updateRule"]) = (Value::Null, Value::Null);
    app.collection(locked).await;
    let broken = || b"{\"not\": json".to_vec();
    let json = [("content-type", "application/json")];
    let create = app.anon().raw(Method::POST, &records("locked"), &json, broken()).await;
    let update = app.anon().raw(Method::PATCH, &format!("{}/x", records("locked")), &json, broken()).await;
    assert_eq!((create.status, update.status), (403, 403));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_for_signing_in_has_an_end() {
    let app = TestApp::new().await;
    app.user("ann@example.com").await;
    let mut tries = tokio::task::JoinSet::new();
    for number in 0..400 {
        let anon = app.anon();
        tries.spawn(async move {
            let body = json!({"identity": "ann@example.com", "password": format!("guess {number}")});
            anon.post("/api/collections/users/auth-with-password", body).await
        });
    }
    let (mut wrong, mut later) = (0, 0);
    while let Some(reply) = tries.join_next().await {
        let reply = reply.expect("an answer");
        match reply.status {
            400 => wrong += 1,
            429 => {
                assert!(reply.headers.contains_key("retry-after"), "{reply}");
                later += 1;
            }
            other => panic!("{other}: {reply}"),
        }
    }
    assert!(wrong > 0 && later > 0, "{wrong} were checked, {later} sent away");
    let body = json!({"identity": "ann@example.com", "password": PASSWORD});
    assert_eq!(app.anon().post("/api/collections/users/auth-with-password", body).await.status, 200, "afterwards");
}
