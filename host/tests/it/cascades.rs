//! Deletes that reach a record by several ways, or far too many of them.

use crate::support::{TestApp, open};
use serde_json::{Value, json};
use std::sync::Arc;
use tinybase::db::Unit;
use tinybase::sql::Sql;
use tokio::task::JoinSet;

fn relation(name: &str, target: &Value, max: u64, cascade: bool) -> Value {
    json!({
        "name": name, "type": "relation", "collectionId": target["id"], "maxSelect": max, "cascadeDelete": cascade,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_reached_twice_is_emptied_of_both() {
    let app = TestApp::new().await;
    let people = app.collection(open("people", json!([]))).await;
    let fields = json!([relation("author", &people, 1, false), relation("editor", &people, 1, false)]);
    app.collection(open("posts", fields)).await;
    let anon = app.anon();
    let person = anon.created("people", json!({})).await;
    let id = anon.created("posts", json!({"author": person, "editor": person})).await;
    assert_eq!(anon.delete("people", &person).await.status, 204);
    let post = anon.view("posts", &id).await.json;
    assert_eq!((&post["author"], &post["editor"]), (&json!(""), &json!("")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_emptied_first_still_goes_with_another() {
    let app = TestApp::new().await;
    let people = app.collection(open("people", json!([]))).await;
    let fields = json!([relation("reviewer", &people, 1, false), relation("author", &people, 1, true)]);
    app.collection(open("posts", fields)).await;
    let anon = app.anon();
    let person = anon.created("people", json!({})).await;
    let id = anon.created("posts", json!({"reviewer": person, "author": person})).await;
    assert_eq!(anon.delete("people", &person).await.status, 204);
    assert_eq!(anon.view("posts", &id).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_goes_when_all_that_it_points_at_goes_at_once() {
    let app = TestApp::new().await;
    let projects = app.collection(open("projects", json!([]))).await;
    let tags = app.collection(open("tags", json!([relation("project", &projects, 1, true)]))).await;
    app.collection(open("notes", json!([relation("tags", &tags, 5, true)]))).await;
    let anon = app.anon();
    let project = anon.created("projects", json!({})).await;
    let mut of_project = Vec::new();
    for _ in 0..2 {
        of_project.push(anon.created("tags", json!({"project": project})).await);
    }
    let other = anon.created("tags", json!({})).await;
    let gone = anon.created("notes", json!({"tags": of_project})).await;
    let stays = anon.created("notes", json!({"tags": [of_project[0], other]})).await;
    assert_eq!(anon.delete("projects", &project).await.status, 204);
    assert_eq!(anon.view("notes", &gone).await.status, 404);
    assert_eq!(anon.view("notes", &stays).await.json["tags"], json!([other]));
}

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

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_goes_whole_or_is_refused_when_it_is_too_long() {
    let app = TestApp::new().await;
    let links = app.collection(open("links", json!([]))).await;
    let mut fields = links["fields"].clone();
    fields.as_array_mut().expect("fields").push(relation("before", &links, 1, true));
    let reply = app.superuser().patch("/api/collections/links", json!({"fields": fields})).await;
    assert_eq!(reply.status, 200, "{reply}");
    for (name, length) in [("short", 100), ("long", 101), ("endless", 9_000)] {
        let mut rows = Sql::new("INSERT INTO links (id, before) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL ");
        rows.push("SELECT i + 1 FROM n WHERE i < ").bind(length).push(") SELECT ").bind(name).push(" || i, ");
        rows.push("CASE i WHEN 1 THEN '' ELSE ").bind(name).push(" || (i - 1) END FROM n");
        app.host.default_tenant().tenant.store.write(Unit::of(rows)).await.expect("rows");
    }
    let anon = app.anon();
    assert_eq!(anon.delete("links", "short1").await.status, 204);
    assert_eq!(anon.view("links", "short100").await.status, 404);
    for (first, last) in [("long1", "long101"), ("endless1", "endless9000")] {
        let refused = anon.delete("links", first).await;
        assert_eq!(
            (refused.status, refused.json["message"].as_str()),
            (400, Some("The delete would take or change too many records."))
        );
        assert_eq!(anon.view("links", last).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_points_at_what_went_while_they_began_to() {
    let app = Arc::new(TestApp::new().await);
    let posts = app.collection(open("posts", json!([]))).await;
    app.collection(open("comments", json!([relation("post", &posts, 1, false)]))).await;
    let mut gone = 0;
    for _ in 0..25 {
        let post = app.anon().created("posts", json!({})).await;
        let mut writing = JoinSet::new();
        for _ in 0..4 {
            let (app, post) = (app.clone(), post.clone());
            writing.spawn(async move { app.anon().create("comments", json!({"post": post})).await.status });
        }
        let (deleting, id) = (app.clone(), post.clone());
        let deleted = tokio::spawn(async move { deleting.anon().delete("posts", &id).await.status });
        let statuses = writing.join_all().await;
        assert!(statuses.iter().all(|status| [200, 400].contains(status)), "{statuses:?}");
        let deleted = deleted.await.expect("a reply");
        assert!([204, 409].contains(&deleted), "{deleted}");
        if deleted == 204 {
            gone += 1;
            let left = app.anon().list("comments", &format!("filter=post='{post}'")).await;
            assert_eq!(left.json["totalItems"], 0, "{left}");
        }
    }
    assert!(gone > 0);
}
