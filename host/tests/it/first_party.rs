//! The first-party plugins at work, each on a server as its documentation has it.

use crate::support::guests::plugin;
use crate::support::{TestApp, open};
use serde_json::{Value, json};

const WRITES: [&str; 2] = ["beforeCreate", "beforeUpdate"];

fn text(name: &str) -> Value {
    json!({"name": name, "type": "text"})
}

/// A server with one open collection and a plugin attached to it; the plugin's id.
async fn with(component: &str, collection: &str, fields: Value, hooks: &[&str], config: Value) -> (TestApp, String) {
    let app = TestApp::new().await;
    app.collection(open(collection, fields)).await;
    let id = app.attach(&plugin(component), collection, hooks, json!({ "config": config })).await;
    (app, id)
}

async fn grant(app: &TestApp, plugin: &str, grants: &[(&str, &[&str])]) {
    let records: Vec<Value> = grants
        .iter()
        .map(|(collection, verbs)| json!({"collection": collection, "verbs": verbs, "as": "plugin"}))
        .collect();
    let reply = app.superuser().put(&format!("/api/plugins/{plugin}/grants"), json!({ "records": records })).await;
    assert_eq!(reply.status, 200, "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_bookings_at_once_one_gets_through() {
    let fields = json!([text("room"), text("day")]);
    let (app, id) = with("unique-together", "bookings", fields, &WRITES, json!({"fields": ["room", "day"]})).await;
    let anon = app.anon();
    let booking = json!({"room": "one", "day": "mon"});
    assert_eq!(anon.create("bookings", booking.clone()).await.status, 400, "nothing is granted yet");
    grant(&app, &id, &[("bookings", &["list"])]).await;

    let (a, b, c, d) = (app.anon(), app.anon(), app.anon(), app.anon());
    let (a, b, c, d) = tokio::join!(
        a.create("bookings", booking.clone()),
        b.create("bookings", booking.clone()),
        c.create("bookings", booking.clone()),
        d.create("bookings", booking.clone()),
    );
    let replies = [a, b, c, d];
    let accepted = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!(accepted, 1, "{:?}", replies.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(anon.list("bookings", "").await.json["totalItems"], 1);
    let refused = anon.create("bookings", booking).await;
    assert_eq!(refused.json["data"]["day"]["code"], "validation_not_unique", "{refused}");
    let other = anon.created("bookings", json!({"room": "one", "day": "tue"})).await;
    assert_eq!(anon.update("bookings", &other, json!({"day": "mon"})).await.status, 400);
    assert_eq!(anon.update("bookings", &other, json!({"day": "wed"})).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_lies_in_the_trash_until_it_is_restored() {
    let fields = json!([text("title"), {"name": "meta", "type": "json"}, {"name": "views", "type": "number"}]);
    let (app, id) = with("soft-delete", "notes", fields, &["beforeDelete"], json!({})).await;
    let trash = json!([
        text("collection"), text("record"), text("by"), {"name": "data", "type": "json"},
        {"name": "deleted", "type": "date"}, {"name": "restored", "type": "date"}, {"name": "restore", "type": "bool"},
    ]);
    app.collection(open("trash", trash)).await;
    let attachment = json!({"collection": "trash", "hooks": ["beforeUpdate"]});
    assert_eq!(app.superuser().post(&format!("/api/plugins/{id}/attachments"), attachment).await.status, 200);
    let anon = app.anon();
    let note = anon.created("notes", json!({"title": "Keep", "meta": {"a": [1, "x"]}, "views": 2.5})).await;
    assert_eq!(anon.delete("notes", &note).await.status, 400, "what cannot be kept is not deleted");
    grant(&app, &id, &[("notes", &["create"]), ("trash", &["create"])]).await;

    assert_eq!(anon.delete("notes", &note).await.status, 204);
    assert_eq!(anon.view("notes", &note).await.status, 404);
    let kept = anon.list("trash", "").await.json["items"][0].clone();
    assert_eq!((&kept["record"], &kept["data"]["title"], &kept["by"]), (&json!(note), &json!("Keep"), &json!("guest")));

    let row = kept["id"].as_str().expect("an id");
    let restored = anon.update("trash", row, json!({"restore": true})).await;
    assert_eq!(restored.status, 200, "{restored}");
    let back = anon.view("notes", &note).await;
    assert_eq!(
        (&back.json["title"], &back.json["meta"], &back.json["views"]),
        (&json!("Keep"), &json!({"a": [1, "x"]}), &json!(2.5)),
        "{back}"
    );
    anon.update("trash", row, json!({"restore": false})).await;
    assert_eq!(anon.update("trash", row, json!({"restore": true})).await.status, 409, "not twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn json_fits_its_schema() {
    let schema =
        json!({"type": "object", "required": ["city"], "properties": {"city": {"type": "string", "minLength": 1}}});
    let fields = json!([{"name": "address", "type": "json"}]);
    let (app, _) = with("json-schema", "people", fields, &["validate"], json!({"schemas": {"address": schema}})).await;
    let anon = app.anon();
    let refused = anon.create("people", json!({"address": {"city": ""}})).await;
    assert_eq!(refused.json["data"]["address"]["code"], "validation_json_schema", "{refused}");
    anon.created("people", json!({"address": {"city": "Wien"}})).await;
    anon.created("people", json!({})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_moderated_computed_and_brought_into_one_form() {
    let config = json!({"fields": ["title"], "words": ["spam"], "action": "mask", "flag": "review"});
    let fields = json!([text("title"), text("path"), text("mail"), text("phone"), {"name": "review", "type": "bool"}]);
    let (app, _) = with("word-list", "posts", fields, &WRITES, config).await;
    let config = json!({"field": "path", "template": "{title|slug}"});
    app.attach(&plugin("text-template"), "posts", &WRITES, json!({"config": config, "order": 5})).await;
    let config = json!({"emails": ["mail"], "phones": ["phone"], "country": "43"});
    app.attach(&plugin("contact-details"), "posts", &WRITES, json!({ "config": config })).await;
    let anon = app.anon();
    let body = json!({"title": "No Sp4m here", "mail": " A@B.org ", "phone": "0664 123 45 67"});
    let post = anon.create("posts", body).await;
    let told = ["title", "path", "mail", "phone"].map(|name| post.json[name].as_str().unwrap_or_default().to_owned());
    assert_eq!(told, ["No **** here", "no-here", "a@b.org", "+436641234567"], "{post}");
    assert_eq!(post.json["review"], true);
    let refused = anon.create("posts", json!({"title": "x", "mail": "x", "phone": "x"})).await;
    let codes = ["mail", "phone"].map(|name| refused.json["data"][name]["code"].clone());
    assert_eq!(codes, [json!("validation_invalid_email"), json!("validation_invalid_phone")], "{refused}");
}
