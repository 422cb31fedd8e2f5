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
