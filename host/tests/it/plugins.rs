//! Components take part in writes: they compute, refuse, validate, hear of changes; hostile ones hurt only
//! their own call.

use crate::support::guests::{guest, plugin};
use crate::support::people::Part;
use crate::support::{TestApp, open};
use axum::http::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// Waits until the outbox has delivered; bounded, and no assertion hangs on how long it takes.
async fn eventually(app: &TestApp, collection: &str, query: &str, count: usize) -> Vec<Value> {
    let mut items = Vec::new();
    for _ in 0..200 {
        let reply = app.superuser().list(collection, query).await;
        items = reply.json["items"].as_array().cloned().unwrap_or_default();
        if items.len() >= count {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    items
}

fn audit() -> Value {
    let text = |name: &str| json!({"name": name, "type": "text"});
    let fields = json!([text("event"), text("action"), text("collection"), text("record"), {"name": "at", "type": "date"}, text("by")]);
    json!({"name": "audit", "type": "base", "fields": fields})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_may_be_called_by_what_looks_like_a_number() {
    let app = TestApp::new().await;
    for name in ["2024", "true", "1.50"] {
        let parts = [Part::Text("name", name), Part::File("file", "slugify.wasm", &plugin("slugify"))];
        let reply = app.superuser().form(Method::POST, "/api/plugins", &parts).await;
        assert_eq!((reply.status, &reply.json["name"]), (200, &json!(name)), "{reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slug_is_computed_in_webassembly() {
    let app = TestApp::with_posts().await;
    let reply = app.superuser().upload_as("/api/plugins", "slugify", &plugin("slugify")).await;
    assert_eq!(reply.status, 200, "{reply}");
    assert_eq!(reply.json["name"], "slugify");
    assert_eq!(reply.json["exports"], json!(["before-create", "before-update"]));
    assert_eq!(reply.json["capabilities"], json!([]));
    let id = reply.json["id"].as_str().expect("an id");
    let attachment = json!({"collection": "posts", "hooks": ["beforeCreate", "beforeUpdate"]});
    let attached = app.superuser().post(&format!("/api/plugins/{id}/attachments"), attachment).await;
    assert_eq!(attached.status, 200, "{attached}");

    let anon = app.anon();
    let post = anon.create("posts", json!({"title": "  Hello,  Wörld & 100 % "})).await;
    assert_eq!((post.status, &post.json["slug"]), (200, &json!("hello-w-rld-100")), "{post}");
    let id = post.json["id"].as_str().expect("an id");
    assert_eq!(anon.view("posts", id).await.json["slug"], "hello-w-rld-100", "it is in the database");
    let updated = anon.update("posts", id, json!({"title": "Second"})).await;
    assert_eq!(updated.json["slug"], "second");
    let refused = anon.create("posts", json!({"title": "!!!"})).await;
    assert_eq!(refused.status, 400);
    assert!(refused.json["data"]["title"]["code"].is_string(), "{refused}");
    assert_eq!(anon.list("posts", "").await.json["totalItems"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_needs_nothing_but_the_draft() {
    let app = TestApp::with_posts().await;
    let reply = app.superuser().upload("/api/plugins", &plugin("word-limit")).await;
    assert_eq!(reply.json["capabilities"], json!([]), "{reply}");
    app.attach(&plugin("word-limit"), "posts", &["validate"], json!({"config": {"field": "title", "max": 2}})).await;
    let refused = app.anon().create("posts", json!({"title": "one two three"})).await;
    assert_eq!(refused.status, 400, "{refused}");
    assert!(refused.json["data"]["title"]["code"].is_string(), "{refused}");
    app.anon().created("posts", json!({"title": "one two"})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_after_hook_writes_with_the_rights_it_was_granted() {
    let app = TestApp::with_posts().await;
    app.collection(audit()).await;
    let id =
        app.attach(&plugin("audit-trail"), "posts", &["afterCreate", "afterUpdate", "afterDelete"], json!({})).await;
    let grants = json!({"records": [{"collection": "audit", "verbs": ["list", "view", "create"], "as": "plugin"}]});
    let granted = app.superuser().put(&format!("/api/plugins/{id}/grants"), grants).await;
    assert_eq!(granted.status, 200, "{granted}");

    let post = app.anon().created("posts", json!({"title": "x"})).await;
    app.anon().update("posts", &post, json!({"title": "y"})).await;
    app.anon().delete("posts", &post).await;
    let rows = eventually(&app, "audit", "sort=@rowid", 3).await;
    let actions: Vec<&Value> = rows.iter().map(|row| &row["action"]).collect();
    assert_eq!(actions, [&json!("create"), &json!("update"), &json!("delete")], "in order");
    assert!(rows.iter().all(|row| row["record"] == json!(post)));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_grant_a_capability_is_denied() {
    let app = TestApp::with_posts().await;
    app.collection(audit()).await;
    app.attach(&plugin("audit-trail"), "posts", &["afterCreate"], json!({})).await;
    app.anon().created("posts", json!({"title": "x"})).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(app.superuser().list("audit", "").await.json["totalItems"], 0);
}

/// What each hostile behaviour runs out of.
#[tokio::test(flavor = "multi_thread")]
async fn hostile_guests_fail_their_own_call_and_nothing_else() {
    let app = TestApp::new().await;
    app.collection(open("calm", json!([{"name": "title", "type": "text"}]))).await;
    let hostile = guest("hostile");
    for (behaviour, axis) in [
        ("loop", "fuel"),
        ("grow-trap", "memory"),
        ("flood-kv", "hostCalls"),
        ("flood-log", "hostCalls"),
        ("recurse", "trap"),
        ("panic", "trap"),
        ("huge-output", "output"),
    ] {
        // One plugin for each: the breaker would switch off one that fails so often.
        let id = app.install(&hostile).await;
        let name = format!("c_{}", behaviour.replace('-', "_"));
        app.collection(open(&name, json!([{"name": "title", "type": "text"}]))).await;
        // So few calls of the host that those who flood it run out of them before the time is up, however crowded the machine is.
        let limits = json!({"hostCalls": 100});
        let attachment =
            json!({"collection": name, "hooks": ["beforeCreate"], "config": {"do": behaviour}, "limits": limits});
        let attached = app.superuser().post(&format!("/api/plugins/{id}/attachments"), attachment).await;
        assert_eq!(attached.status, 200, "{attached}");

        let (victim, calm) = (app.anon(), app.anon());
        let (failed, unharmed) =
            tokio::join!(victim.create(&name, json!({"title": "x"})), calm.create("calm", json!({"title": behaviour})));
        assert_eq!(failed.status, 500, "{behaviour}: {failed}");
        assert_eq!(failed.json["data"]["plugin"]["code"], "plugin_failed", "{behaviour}: {failed}");
        assert_eq!(failed.json["data"]["plugin"]["axis"], axis, "{behaviour}: {failed}");
        assert_eq!(unharmed.status, 200, "{behaviour}");
        assert_eq!(app.anon().list(&name, "").await.json["totalItems"], 0, "{behaviour} wrote nothing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_that_gives_up_has_words_for_its_author_and_not_for_clients() {
    let app = TestApp::with_posts().await;
    let id =
        app.attach(&guest("hostile-validator"), "posts", &["validate"], json!({"config": {"do": "give-up"}})).await;
    let failed = app.anon().create("posts", json!({"title": "x"})).await;
    assert_eq!((failed.status, &failed.json["data"]["plugin"]["axis"]), (500, &json!("trap")), "{failed}");
    assert!(!failed.to_string().contains("not a function"), "{failed}");
    let log = app.superuser().get(&format!("/api/plugins/{id}/logs")).await.json;
    let line = log["items"][0]["message"].as_str().expect("a line");
    assert!(
        line.starts_with("validate failed (trap): it said \"uncaught: ") && line.contains("x is not a function"),
        "{line}"
    );
    assert!(line.contains("at validate") && !line.chars().any(char::is_control), "{line}");
    let metrics = app.superuser().get(&format!("/api/plugins/{id}/metrics")).await.json;
    let hook = &metrics["hooks"][0];
    assert_eq!((&hook["errors"]["trap"], &hook["refusals"]), (&json!(1), &json!(0)), "{metrics}");
    let trial =
        json!({"hook": "validate", "collection": "posts", "record": {"title": "x"}, "config": {"do": "give-up"}});
    let trial = app.superuser().post(&format!("/api/plugins/{id}/test"), trial).await;
    assert_eq!((&trial.json["result"], &trial.json["axis"]), (&json!("failed"), &json!("trap")), "{trial}");
    assert!(trial.json["message"].as_str().is_some_and(|words| words.contains("x is not a function")), "{trial}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_hook_can_be_made_to_let_the_write_go_on() {
    let app = TestApp::with_posts().await;
    app.attach(&guest("hostile"), "posts", &["beforeCreate"], json!({"onFailure": "open", "config": {"do": "panic"}}))
        .await;
    app.anon().created("posts", json!({"title": "x"})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn queued_writes_commit_with_the_record_or_not_at_all() {
    let app = TestApp::with_posts().await;
    let id = app.attach(&guest("hostile"), "posts", &["beforeCreate"], json!({"config": {"do": "queue-writes"}})).await;
    let denied = app.anon().create("posts", json!({"title": "x", "slug": "one"})).await;
    assert_ne!(denied.status, 200, "not granted: {denied}");
    let grants = json!({"records": [{"collection": "posts", "verbs": ["create"], "as": "plugin"}]});
    app.superuser().put(&format!("/api/plugins/{id}/grants"), grants).await;
    let accepted = app.anon().create("posts", json!({"title": "x", "slug": "one"})).await;
    assert_eq!(accepted.status, 200, "{accepted}");
    assert_eq!(app.anon().list("posts", "").await.json["totalItems"], 4);
    let refused = app.anon().create("posts", json!({"title": "x", "slug": "one"})).await;
    assert_eq!(refused.status, 400, "not unique: {refused}");
    assert_eq!(app.anon().list("posts", "").await.json["totalItems"], 4, "nothing of it was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_that_call_each_other_for_ever_are_stopped() {
    let app = TestApp::with_posts().await;
    // A plugin is not called for what it wrote itself, so it takes two.
    for _ in 0..2 {
        let id = app
            .attach(&guest("hostile"), "posts", &["beforeCreate"], json!({"config": {"do": "queue-for-ever"}}))
            .await;
        let grants = json!({"records": [{"collection": "posts", "verbs": ["create"], "as": "plugin"}]});
        app.superuser().put(&format!("/api/plugins/{id}/grants"), grants).await;
    }
    let refused = app.anon().create("posts", json!({"title": "x"})).await;
    assert_eq!(refused.status, 400, "{refused}");
    assert_eq!(app.anon().list("posts", "").await.json["totalItems"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_detached_plugin_is_not_called_any_more() {
    let app = TestApp::with_posts().await;
    let id = app.attach(&plugin("slugify"), "posts", &["beforeCreate"], json!({})).await;
    let path = format!("/api/plugins/{id}/attachments");
    let attachments = app.superuser().get(&path).await.json;
    let attachment = attachments["items"][0]["id"].as_str().expect("an attachment").to_owned();
    assert_eq!(app.superuser().remove(&format!("{path}/{attachment}")).await.status, 204);
    let post = app.anon().create("posts", json!({"title": "Not Slugged"})).await;
    assert_eq!(post.json["slug"], "");
    assert_eq!(app.superuser().remove(&format!("/api/plugins/{id}")).await.status, 204);
    assert_eq!(app.superuser().get(&format!("/api/plugins/{id}")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn attaching_asks_for_what_is_there() {
    let app = TestApp::with_posts().await;
    let id = app.install(&plugin("slugify")).await;
    let path = format!("/api/plugins/{id}/attachments");
    for (body, field) in [
        (json!({"collection": "nowhere", "hooks": ["beforeCreate"]}), "collection"),
        (json!({"collection": "posts", "hooks": ["afterCreate"]}), "hooks"),
        (json!({"collection": "posts", "hooks": ["nonsense"]}), "hooks"),
        (json!({"collection": "posts", "hooks": []}), "hooks"),
    ] {
        let reply = app.superuser().post(&path, body.clone()).await;
        assert_eq!(reply.status, 400, "{body}");
        assert!(reply.json["data"].get(field).is_some(), "{body}: {reply}");
    }
}
