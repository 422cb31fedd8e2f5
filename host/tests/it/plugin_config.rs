//! A plugin's own configuration: it holds wherever the plugin is called, and what is said there stands over it.

use crate::support::desk::tasks;
use crate::support::guests::{guest, plugin};
use crate::support::{TestApp, open};
use serde_json::{Value, json};
use std::time::Duration;

async fn configure(app: &TestApp, id: &str, config: Value) {
    let path = format!("/api/plugins/{id}/config");
    let reply = app.superuser().put(&path, config.clone()).await;
    assert_eq!((reply.status, &reply.json), (200, &config), "{reply}");
    assert_eq!(app.superuser().get(&path).await.json, config);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attachment_stands_over_it_key_by_key() {
    let app = TestApp::with_posts().await;
    let own = json!({"config": {"template": "{title|slug}"}});
    let id = app.attach(&plugin("text-template"), "posts", &["beforeCreate"], own.clone()).await;
    let slug = async |title: &str| app.anon().create("posts", json!({ "title": title })).await.json["slug"].clone();
    assert_eq!(app.superuser().get(&format!("/api/plugins/{id}/config")).await.json, json!({}));

    configure(&app, &id, json!({"field": "slug", "template": "{title|upper}"})).await;
    assert_eq!(slug("One Two").await, "one-two", "the attachment's own template");
    let path = format!("/api/plugins/{id}/attachments");
    let shown = app.superuser().get(&path).await.json["items"][0].clone();
    assert_eq!(shown["config"], own["config"], "as it was given");
    let attachment = format!("{path}/{}", shown["id"].as_str().expect("an id"));
    assert_eq!(app.superuser().patch(&attachment, json!({"config": {}})).await.status, 200);
    assert_eq!(slug("Three").await, "THREE", "the plugin's");
    configure(&app, &id, json!({"field": "slug", "template": "{title}!"})).await;
    assert_eq!(slug("Four").await, "Four!", "at once");
    let trial = json!({"hook": "beforeCreate", "collection": "posts", "record": {"title": "Five"}, "config": {"field": "title"}});
    let trial = app.superuser().post(&format!("/api/plugins/{id}/test"), trial).await;
    assert_eq!(trial.json["changes"], json!({"title": "Five!"}), "{trial}");

    let told = app.superuser().get("/api/activity?perPage=500").await.json["items"].clone();
    let told: Vec<&Value> =
        told.as_array().expect("items").iter().filter(|entry| entry["action"] == "configure").collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(app.superuser().remove(&format!("/api/plugins/{id}")).await.status, 204);
    assert_eq!(app.superuser().get(&format!("/api/plugins/{id}/config")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_and_routes_have_it_too() {
    let app = TestApp::new().await;
    let text = |name: &str| json!({"name": name, "type": "text"});
    app.collection(open("runs", json!([text("what"), text("who"), text("more")]))).await;
    let upload = async |name: &str| {
        let reply = app.superuser().upload_as("/api/plugins", name, &guest(name)).await;
        reply.json["id"].as_str().expect("an id").to_owned()
    };
    let (moments, web) = (upload("moments").await, upload("web").await);
    let grants = json!({"records": [{"collection": "runs", "verbs": ["create"], "as": "plugin"}]});
    assert_eq!(app.superuser().put(&format!("/api/plugins/{moments}/grants"), grants).await.status, 200);
    let schedule = json!({"name": "nightly", "expression": "30 3 * * *", "config": {"n": 7}});
    let made = app.superuser().post(&format!("/api/plugins/{moments}/schedules"), schedule).await;
    assert_eq!(made.status, 200, "{made}");
    let route = json!({"access": "guest", "config": {"n": 7}});
    assert_eq!(app.superuser().put(&format!("/api/plugins/{web}/route"), route).await.status, 200);
    configure(&app, &moments, json!({"n": 1, "m": 2})).await;
    configure(&app, &web, json!({"n": 1, "m": 2})).await;

    assert_eq!(app.superuser().post("/api/crons/moments:nightly", json!({})).await.status, 204);
    let mut run = Value::Null;
    for _ in 0..400 {
        run = app.superuser().list("runs", "").await.json["items"][0]["more"].clone();
        if run.is_string() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(serde_json::from_str::<Value>(run.as_str().expect("a run")).expect("JSON"), json!({"n": 7, "m": 2}));
    let reply = app.anon().get("/api/x/web/echo").await;
    let said = String::from_utf8_lossy(&reply.body).into_owned();
    let config = said.lines().find_map(|line| line.strip_prefix("config ")).expect("a configuration");
    assert_eq!(serde_json::from_str::<Value>(config).expect("JSON"), json!({"n": 7, "m": 2}));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_held_to_the_schema_of_the_manifest() {
    let app = TestApp::new().await;
    app.collection(tasks()).await;
    let id = app.install(&guest("capable")).await;
    let path = format!("/api/plugins/{id}/config");
    for (config, pointer) in
        [(json!({"say": "too long"}), "/say"), (json!({"times": 0}), "/times"), (json!({"other": 1}), "")]
    {
        let refused = app.superuser().put(&path, config.clone()).await;
        assert_eq!(refused.status, 400, "{config}: {refused}");
        assert_eq!(refused.json["data"]["config"]["params"]["pointer"], pointer, "{config}: {refused}");
    }
    let long = json!({"say": "x".repeat(70_000)});
    assert_eq!(app.superuser().put(&path, long).await.json["data"]["config"]["code"], "validation_invalid_value");
    assert_eq!(app.superuser().get(&path).await.json, json!({}), "nothing was changed");
    configure(&app, &id, json!({"say": "hello"})).await;
    let attachments = format!("/api/plugins/{id}/attachments");
    let attach = |config: Value| json!({"collection": "tasks", "hooks": ["beforeCreate"], "config": config});
    assert_eq!(app.superuser().post(&attachments, attach(json!({"times": 0}))).await.status, 400);
    assert_eq!(app.superuser().post(&attachments, attach(json!({"times": 1}))).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_schema_requires_may_be_said_in_either_place() {
    let app = TestApp::with_posts().await;
    let id = app.install(&plugin("webhook")).await;
    let (own, attachments) = (format!("/api/plugins/{id}/config"), format!("/api/plugins/{id}/attachments"));
    let attach = |config: Value| json!({"collection": "posts", "hooks": ["afterCreate"], "config": config});
    configure(&app, &id, json!({"secret": "MINE"})).await;
    let refused = app.superuser().post(&attachments, attach(json!({"bearer": "TOKEN"}))).await;
    assert_eq!((refused.status, refused.json["data"]["config"]["code"].is_string()), (400, true), "no url: {refused}");
    configure(&app, &id, json!({"url": "https://example.com"})).await;
    assert_eq!(app.superuser().post(&attachments, attach(json!({"bearer": "TOKEN"}))).await.status, 200);
    assert_eq!(app.superuser().put(&own, json!({})).await.status, 400, "the attachment would have no url");
    assert_eq!(app.superuser().get(&own).await.json, json!({"url": "https://example.com"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_configure_at_once_are_judged_one_after_the_other() {
    let app = TestApp::with_posts().await;
    let id = app.install(&plugin("webhook")).await;
    let (own, attachments) = (format!("/api/plugins/{id}/config"), format!("/api/plugins/{id}/attachments"));
    let attach = json!({"collection": "posts", "hooks": ["afterCreate"], "config": {"bearer": "TOKEN"}});
    for _ in 0..10 {
        configure(&app, &id, json!({"url": "https://example.com"})).await;
        let root = app.superuser();
        let (emptied, attached) = tokio::join!(root.put(&own, json!({})), root.post(&attachments, attach.clone()));
        let mut statuses = [emptied.status, attached.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400], "one of them leaves no url for the other: {emptied} {attached}");
        if let Some(attachment) = attached.json["id"].as_str() {
            assert_eq!(root.remove(&format!("{attachments}/{attachment}")).await.status, 204);
        }
    }
}
