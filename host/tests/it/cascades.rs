//! Deletes that reach a record by several ways, or far too many of them.

use crate::support::{TestApp, open};
use serde_json::{Value, json};
use tinybase::db::Unit;
use tinybase::sql::Sql;

#[tokio::test(flavor = "multi_thread")]
async fn a_delete_that_would_empty_far_too_many_is_refused_whole() {
    let app = TestApp::with_posts().await;
    let ann = app.user("ann@example.com").await;
    // As they would come to be over the years.
    let mut rows = Sql::new("INSERT INTO posts (id, title, author) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL ");
    rows.push("SELECT i + 1 FROM n WHERE i < 50001) SELECT 'post' || i, 'x', ").bind(ann.id.as_str()).push(" FROM n");
    app.host.default_tenant().tenant.store.write(Unit::of(rows)).await.expect("rows");
    let refused = ann.delete("users", &ann.id).await;
    assert_eq!(
        (refused.status, refused.json["message"].as_str()),
        (400, Some("The delete would take or change too many records."))
    );
    assert_eq!(app.anon().view("posts", "post50001").await.json["author"], json!(ann.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delete_that_would_hold_too_much_in_memory_is_refused_whole() {
    let app = TestApp::with_posts().await;
    let ann = app.user("ann@example.com").await;
    for number in 0..24 {
        let mut row = Sql::new("INSERT INTO posts (id, title, author) VALUES (");
        row.bind(format!("post{number}")).push(", hex(zeroblob(1500000)), ").bind(ann.id.as_str()).push(")");
        app.host.default_tenant().tenant.store.write(Unit::of(row)).await.expect("a row");
    }
    assert_eq!(ann.delete("users", &ann.id).await.status, 400);
    assert_eq!(app.superuser().view("users", &ann.id).await.status, 200);
}
