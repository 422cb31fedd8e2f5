//! `/api/collections`: definitions, and what happens to the data when they change.

use crate::support::{TestApp, open};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_is_checked_as_a_whole() {
    let app = TestApp::new().await;
    let mut bad = open(
        "bad name",
        json!([{"name": "a", "type": "text"}, {"name": "A", "type": "text"}, {"name": "null", "type": "bool"}]),
    );
    bad["indexes"] = json!(["CREATE NONSENSE"]);
    let reply = app.superuser().post("/api/collections", bad).await;
    assert_eq!(reply.status, 400, "{reply}");
    assert!(reply.json["data"].get("name").is_some(), "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_are_renamed_added_and_removed_and_records_keep_the_rest() {
    let app = TestApp::new().await;
    let made = app
        .collection(open(
            "things",
            json!([{"name": "a", "type": "text"}, {"name": "b", "type": "text"}, {"name": "gone", "type": "text"}]),
        ))
        .await;
    let id = app.anon().created("things", json!({"a": "A", "b": "B", "gone": "x"})).await;
    let mut fields = made["fields"].as_array().expect("fields").clone();
    fields.retain(|field| field["name"] != "gone");
    // The two swap their names.
    for field in &mut fields {
        match field["name"].as_str() {
            Some("a") => field["name"] = json!("b"),
            Some("b") => field["name"] = json!("a"),
            _ => {}
        }
    }
    fields.push(json!({"name": "new", "type": "number"}));
    let changed = app.superuser().patch("/api/collections/things", json!({"name": "items", "fields": fields})).await;
    assert_eq!(changed.status, 200, "{changed}");
    let record = app.anon().view("items", &id).await;
    assert_eq!((&record.json["a"], &record.json["b"], &record.json["new"]), (&json!("B"), &json!("A"), &json!(0)));
    assert!(record.json.get("gone").is_none());
    assert_eq!(app.anon().view("things", &id).await.status, 404, "the old name is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_the_data_breaks_changes_nothing() {
    let app = TestApp::new().await;
    app.collection(open("things", json!([{"name": "a", "type": "text"}]))).await;
    for _ in 0..2 {
        app.anon().created("things", json!({"a": "same"})).await;
    }
    let reply = app
        .superuser()
        .patch(
            "/api/collections/things",
            json!({"name": "renamed", "indexes": ["CREATE UNIQUE INDEX idx_a ON things (a)"]}),
        )
        .await;
    assert_eq!(reply.status, 400, "{reply}");
    assert_eq!(app.anon().list("things", "").await.json["totalItems"], 2);
    assert_eq!(app.superuser().get("/api/collections/renamed").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collection_that_others_point_at_stays() {
    let app = TestApp::new().await;
    let target = app.collection(open("target", json!([]))).await["id"].clone();
    app.collection(open("source", json!([{"name": "to", "type": "relation", "collectionId": target, "maxSelect": 1}])))
        .await;
    assert_eq!(app.superuser().remove("/api/collections/target").await.status, 400);
    assert_eq!(app.superuser().remove("/api/collections/source").await.status, 204);
    assert_eq!(app.superuser().remove("/api/collections/target").await.status, 204);
    assert_eq!(app.superuser().remove("/api/collections/_superusers").await.status, 400);
}
