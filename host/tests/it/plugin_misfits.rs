//! Versions whose manifest refuses what is configured: who chooses one is told, and insists or not; a version that fails is
//! taken back without asking.

use crate::support::TestApp;
use crate::support::guests::{guest, plugin, with_manifest};
use crate::support::people::Part;
use axum::http::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// A component whose configuration needs `key` to be of a type.
fn wanting(component: Vec<u8>, key: &str, kind: &str) -> Vec<u8> {
    let mut schema = json!({"type": "object", "required": [key], "properties": {}});
    schema["properties"][key] = json!({ "type": kind });
    with_manifest(component, &json!({ "config": schema }))
}

async fn upload(app: &TestApp, bytes: &[u8]) -> Value {
    let reply = app.superuser().upload_as("/api/plugins", "p", bytes).await;
    assert_eq!(reply.status, 200, "{reply}");
    reply.json
}

/// The only item of a page.
async fn only(app: &TestApp, path: &str) -> String {
    app.superuser().get(path).await.json["items"][0]["id"].as_str().expect("an id").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_chooses_a_version_is_told_what_does_not_fit() {
    let app = TestApp::with_posts().await;
    let root = app.superuser();
    let first = upload(&app, &wanting(guest("moments"), "n", "integer")).await;
    assert_eq!((&first["version"], &first["misfits"]), (&json!("1"), &json!({})), "{first}");
    let path = format!("/api/plugins/{}", first["id"].as_str().expect("an id"));
    assert_eq!(root.put(&format!("{path}/config"), json!({"n": 1})).await.status, 200);
    let attach = |n: Value| json!({"collection": "users", "hooks": ["tokenClaims"], "config": {"n": n}});
    assert_eq!(root.post(&format!("{path}/attachments"), attach(json!(2))).await.status, 200);
    let schedule = json!({"name": "nightly", "expression": "0 3 * * *"});
    assert_eq!(root.post(&format!("{path}/schedules"), schedule).await.status, 200);
    let (attachment, schedule) =
        (only(&app, &format!("{path}/attachments")).await, only(&app, &format!("{path}/schedules")).await);

    // It is kept, and not called.
    let second = upload(&app, &wanting(guest("moments"), "n", "string")).await;
    let fault = |more: Value| {
        let mut params = json!({"pointer": "/n"});
        params.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        params
    };
    let misfits = &second["misfits"];
    assert_eq!(misfits["config"]["params"], fault(json!({})), "{second}");
    assert_eq!(misfits["attachments"][&attachment]["params"], fault(json!({"collection": "users"})), "{second}");
    assert_eq!(misfits["schedules"][&schedule]["params"], fault(json!({"name": "nightly"})), "{second}");
    assert_eq!((&second["version"], misfits.get("route")), (&json!("2"), None), "{second}");
    let called = async || root.get(&path).await.json["version"].clone();
    assert_eq!(called().await, "1");

    let two = json!({"version": 2});
    for (verb, body) in [("activate", two.clone()), ("approve", two), ("canary", json!({"version": 2, "share": 5}))] {
        let refused = root.post(&format!("{path}/{verb}"), body).await;
        assert_eq!((refused.status, &refused.json["data"]), (400, misfits), "{verb}: {refused}");
        assert!(refused.json["message"].as_str().is_some_and(|words| words.contains("force")), "{verb}: {refused}");
    }
    assert_eq!((called().await, &root.get(&path).await.json["canary"]), (json!("1"), &Value::Null));

    // Whoever insists configures it anew under its own schema, and is told the same on the way back.
    let forced = root.post(&format!("{path}/activate"), json!({"version": 2, "force": true})).await;
    assert_eq!((forced.status, &forced.json["version"]), (200, &json!("2")), "{forced}");
    let place = format!("{path}/attachments/{attachment}");
    assert_eq!(root.patch(&place, json!({"config": {"n": 3}})).await.status, 400, "by the new schema");
    assert_eq!(root.patch(&place, json!({"config": {"n": "three"}})).await.status, 200);
    let schedule_path = format!("{path}/schedules/{schedule}");
    assert_eq!(root.patch(&schedule_path, json!({"config": {"n": "one"}})).await.status, 200);
    assert_eq!(root.put(&format!("{path}/config"), json!({"n": "one"})).await.status, 200);
    let back = root.post(&format!("{path}/rollback"), json!({})).await;
    assert_eq!((back.status, called().await), (400, json!("2")), "{back}");
    // What is switched off is not called with it.
    assert_eq!(root.patch(&place, json!({"enabled": false})).await.status, 200);
    let back = root.post(&format!("{path}/rollback"), json!({})).await;
    assert_eq!(back.json["data"].get("attachments"), None, "{back}");
    let back = root.post(&format!("{path}/rollback"), json!({"force": true})).await;
    assert_eq!((back.status, called().await), (200, json!("1")), "{back}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_can_insist_and_a_route_is_asked_too() {
    let app = TestApp::new().await;
    let root = app.superuser();
    let first = upload(&app, &guest("web")).await;
    let path = format!("/api/plugins/{}", first["id"].as_str().expect("an id"));
    assert_eq!(root.put(&format!("{path}/route"), json!({"config": {"a": 1}})).await.status, 200);
    let next = wanting(guest("web"), "b", "string");
    let kept = upload(&app, &next).await;
    assert_eq!(kept["misfits"]["route"]["params"], json!({"pointer": ""}), "{kept}");
    assert_eq!(root.get(&path).await.json["version"], "1");
    let parts = [Part::Text("name", "p"), Part::Text("force", "true"), Part::File("file", "p.wasm", &next)];
    let forced = root.form(Method::POST, "/api/plugins", &parts).await;
    assert_eq!((forced.status, &forced.json["version"]), (200, &json!("3")), "{forced}");
    assert_eq!(forced.json["misfits"], json!({}), "{forced}");
    assert_eq!(root.get(&path).await.json["version"], "3");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_fails_is_taken_back_without_asking() {
    let app = TestApp::with_posts().await;
    let root = app.superuser();
    let first = upload(&app, &wanting(plugin("slugify"), "n", "integer")).await;
    let path = format!("/api/plugins/{}", first["id"].as_str().expect("an id"));
    let attach = json!({"collection": "posts", "hooks": ["beforeCreate"], "config": {"n": 1}});
    assert_eq!(root.post(&format!("{path}/attachments"), attach).await.status, 200);
    let id = only(&app, &format!("{path}/attachments")).await;
    upload(&app, &wanting(guest("hostile"), "n", "string")).await;
    let forced = root.post(&format!("{path}/activate"), json!({"version": 2, "force": true})).await;
    assert_eq!(forced.status, 200, "{forced}");
    let mend = json!({"config": {"n": "one", "do": "panic"}});
    assert_eq!(root.patch(&format!("{path}/attachments/{id}"), mend).await.status, 200);
    for _ in 0..5 {
        assert_eq!(app.anon().create("posts", json!({"title": "x"})).await.status, 500);
    }
    for _ in 0..400 {
        if root.get(&path).await.json["version"] == "1" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(root.get(&path).await.json["version"], "1");
    let is_said = |line: &Value| {
        let words = line["message"].as_str().unwrap_or_default();
        words.contains("does not fit version 1") && words.contains(&id) && words.contains("/n")
    };
    let mut logs = Value::Null;
    for _ in 0..400 {
        logs = root.get(&format!("{path}/logs")).await.json["items"].take();
        if logs.as_array().expect("items").iter().any(is_said) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert!(logs.as_array().expect("items").iter().any(is_said), "{logs}");
    assert_eq!(app.anon().create("posts", json!({"title": "Works Again"})).await.json["slug"], "works-again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_without_a_hook_that_is_attached_is_kept_and_not_called() {
    let app = TestApp::with_posts().await;
    let root = app.superuser();
    let first = upload(&app, &plugin("word-limit")).await;
    let path = format!("/api/plugins/{}", first["id"].as_str().expect("an id"));
    let attach = json!({"collection": "posts", "hooks": ["validate"], "config": {"field": "title", "max": 2}});
    let attached = root.post(&format!("{path}/attachments"), attach).await;
    assert_eq!(attached.status, 200, "{attached}");
    let id = only(&app, &format!("{path}/attachments")).await;
    let create = async || app.anon().create("posts", json!({"title": "far too many words"})).await.status;
    assert_eq!(create().await, 400);

    let kept = upload(&app, &plugin("slugify")).await;
    assert_eq!(kept["misfits"]["attachments"][&id]["message"], "The plugin does not export validate.", "{kept}");
    assert_eq!(create().await, 400, "the check goes on");
    let asked = root.post(&format!("{path}/activate"), json!({"version": 2})).await;
    assert_eq!((asked.status, asked.json["data"]["attachments"][&id].is_object()), (400, true), "{asked}");
    // A share of the calls is one of those that it exports.
    let shared = root.post(&format!("{path}/canary"), json!({"version": 2, "share": 100})).await;
    assert_eq!(shared.status, 200, "{shared}");
    assert_eq!(create().await, 400);
    assert_eq!(root.remove(&format!("{path}/canary")).await.status, 200);
    let forced = root.post(&format!("{path}/activate"), json!({"version": 2, "force": true})).await;
    assert_eq!(forced.status, 200, "{forced}");
    assert_eq!(create().await, 200);
}
