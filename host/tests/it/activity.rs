//! The audit trail: who did what to what, without secrets, and without a cost for ordinary writes.

use crate::support::desk::Desk;
use crate::support::guests::plugin;
use crate::support::people::encode;
use crate::support::{TestApp, open, posts};
use axum::http::Method;
use serde_json::{Value, json};

/// The entries that a filter finds, the oldest first.
async fn told(app: &TestApp, filter: &str) -> Vec<Value> {
    let path = format!("/api/activity?{}", encode(&format!("sort=id&filter={filter}")));
    let reply = app.superuser().get(&path).await;
    assert_eq!(reply.status, 200, "{reply}");
    reply.json["items"].as_array().expect("items").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_superusers_do_to_records_is_told() {
    let app = TestApp::with_posts().await;
    let id = app.superuser().created("posts", json!({"title": "a", "views": 1})).await;
    app.superuser().update("posts", &id, json!({"title": "b"})).await;
    app.superuser().delete("posts", &id).await;
    let entries = told(&app, "kind = 'record'").await;
    let actions: Vec<_> = entries.iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["create", "update", "delete"]);
    assert_eq!(
        (entries[1]["before"].clone(), entries[1]["after"].clone()),
        (json!({"title": "a"}), json!({"title": "b"}))
    );
    assert_eq!((entries[0]["before"].clone(), entries[2]["after"].clone()), (Value::Null, Value::Null));
    let first = &entries[0];
    assert_eq!((first["subject"].clone(), first["name"].clone()), (json!(id), json!("posts")));
    assert_eq!(
        (first["actorKind"].clone(), first["actorName"].clone()),
        (json!("superuser"), json!("root@example.com"))
    );
    assert_eq!(
        (first["ip"].clone(), first["created"].clone()),
        (json!("127.0.0.1"), json!("2026-01-02 03:04:05.678Z"))
    );
    assert!(!first["requestId"].as_str().unwrap().is_empty());
    let one = app.superuser().get(&format!("/api/activity/{}", first["id"].as_str().unwrap())).await;
    assert_eq!(one.json, *first);
    assert_eq!(told(&app, "after.title = 'b'").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_users_write_is_not_told_but_what_they_sign_in_with_is() {
    let app = TestApp::with_posts().await;
    app.superuser().patch("/api/collections/users", json!({"updateRule": "id = @request.auth.id"})).await;
    let user = app.user("user@example.com").await;
    let before = told(&app, "").await.len();
    let id = user.created("posts", json!({"title": "a"})).await;
    user.update("posts", &id, json!({"title": "b"})).await;
    user.delete("posts", &id).await;
    user.update("users", &user.id, json!({"name": "me"})).await;
    assert_eq!(told(&app, "").await.len(), before);
    let change = json!({"oldPassword": crate::support::PASSWORD, "password": "canary-password", "passwordConfirm": "canary-password"});
    let reply = user.update("users", &user.id, change).await;
    assert_eq!(reply.status, 200, "{reply}");
    let entries = told(&app, "actorKind = 'user'").await;
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert_eq!(entries[0]["after"], json!({"password": "***", "tokenKey": "***"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_settings_and_sessions_are_told() {
    let app = TestApp::new().await;
    app.collection(open("notes", json!([{"name": "title", "type": "text"}]))).await;
    app.superuser().patch("/api/collections/notes", json!({"listRule": null})).await;
    app.superuser().remove("/api/collections/notes").await;
    let entries = told(&app, "kind = 'collection'").await;
    assert_eq!(entries.len(), 3);
    assert_eq!(
        (entries[1]["before"].clone(), entries[1]["after"].clone()),
        (json!({"listRule": ""}), json!({"listRule": null}))
    );
    assert_eq!(entries[2]["before"]["name"], "notes");

    let settings = json!({"meta": {"appName": "New"}, "s3": {"secret": "canary-secret"}});
    app.superuser().patch("/api/settings", settings).await;
    app.superuser().patch("/api/settings", json!({"s3": {"secret": "canary-other"}})).await;
    let entries = told(&app, "kind = 'settings'").await;
    assert_eq!(entries[0]["after"], json!({"meta": {"appName": "New"}}));
    assert_eq!((entries.len(), entries[1]["after"].clone()), (2, json!({"secret": "***"})));

    let sign_in = json!({"email": "root@example.com", "password": crate::support::PASSWORD});
    assert_eq!(app.anon().post("/api/admin/session", sign_in).await.status, 200);
    let entries = told(&app, "kind = 'session'").await;
    assert_eq!(
        (entries[0]["action"].clone(), entries[0]["actorName"].clone()),
        (json!("begin"), json!("root@example.com"))
    );
    let superusers = told(&app, "kind = 'superuser'").await;
    assert_eq!(
        (superusers[0]["action"].clone(), superusers[0]["actorKind"].clone()),
        (json!("create"), json!("system"))
    );
    let all = Value::Array(told(&app, "").await).to_string();
    for secret in ["canary", "argon2", crate::support::PASSWORD] {
        assert!(!all.contains(secret), "{secret} is in {all}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_are_told() {
    let app = TestApp::with_posts().await;
    let reply = app.superuser().upload("/api/plugins", &plugin("slugify")).await;
    assert_eq!(reply.status, 200, "{reply}");
    let path_of = format!("/api/plugins/{}", reply.json["id"].as_str().unwrap());
    let attachment = json!({"collection": "posts", "hooks": ["beforeCreate"]});
    let attached = app.superuser().post(&format!("{path_of}/attachments"), attachment).await;
    assert_eq!(attached.status, 200, "{attached}");
    let grant = json!({"records": [{"collection": "posts", "verbs": ["view"]}]});
    assert_eq!(app.superuser().put(&format!("{path_of}/grants"), grant).await.status, 200);
    assert_eq!(app.superuser().patch(&path_of, json!({"enabled": false})).await.status, 200);
    let path = format!("{path_of}/attachments/{}", attached.json["id"].as_str().unwrap());
    app.superuser().remove(&path).await;
    app.superuser().remove(&path_of).await;
    let actions: Vec<_> = told(&app, "kind = 'plugin'").await.iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["upload", "attach", "grant", "update", "detach", "delete"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_changes_at_once_are_one_entry_and_refused_ones_none() {
    let app = TestApp::new().await;
    app.collection(posts()).await;
    let lines: String = (0..250).map(|number| format!("{{\"title\":\"t{number}\"}}\n")).collect();
    let path = "/api/collections/posts/records/import?format=ndjson";
    let headers = [("content-type", "application/x-ndjson")];
    let reply = app.superuser().raw(Method::POST, path, &headers, lines.into_bytes()).await;
    assert_eq!((reply.status, reply.json["created"].clone()), (200, json!(250)), "{reply}");
    let entries = told(&app, "kind = 'records'").await;
    assert_eq!((entries.len(), entries[0]["after"]["count"].clone()), (1, json!(250)));
    assert_eq!(app.superuser().create("posts", json!({})).await.status, 400);
    assert_eq!(told(&app, "kind = 'record'").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_stay_for_a_year_and_nobody_changes_them() {
    let app = TestApp::with_posts().await;
    let update = json!({"query": "update _activity set name = 'x'", "write": true});
    assert_eq!(app.superuser().post("/api/sql", update).await.status, 400);
    let tenant = &app.host.default_tenant().tenant;
    let forge = tinybase::db::Unit::of(tinybase::sql::Sql::new("UPDATE _activity SET name = 'x'"));
    assert!(tenant.store.write(forge).await.is_err());
    assert!(told(&app, "").await.len() > 1);
    app.clock.advance(std::time::Duration::from_hours(24 * 366));
    assert!(tinybase::activity::sweep(tenant).await.expect("a sweep") > 1);
}

/// Queued beside a superuser's write, and made because of it afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_plugin_does_because_of_somebody_names_the_plugin() {
    for who in ["plugin", "caller"] {
        let desk = Desk::new(TestApp::new().await).await;
        let app = &desk.app;
        app.collection(open("gate", json!([{"name": "title", "type": "text"}]))).await;
        desk.grant(json!({"records": [{"collection": "gate", "verbs": ["create"], "as": who}]})).await;
        let name = app.superuser().get(&format!("/api/plugins/{}", desk.id)).await.json["name"].clone();
        let create = |title: &str| json!([["records.create", "gate", {"title": title}]]).to_string();
        let before = desk.lines().await.len();
        app.superuser().created("tasks", json!({"ask": create("queued"), "later": create("later")})).await;
        desk.answers(before, 1).await;
        let entries = told(app, "name = 'gate' && action = 'create' && kind = 'record'").await;
        let told_of: Vec<_> =
            entries.iter().map(|entry| json!([entry["after"]["title"], entry["actorKind"], entry["plugin"]])).collect();
        assert_eq!(told_of, [json!(["queued", "superuser", name]), json!(["later", "superuser", name])], "{who}");
        assert_eq!(told(app, "name = 'tasks' && kind = 'record'").await[0]["plugin"], "", "the write itself");
        let named = name.as_str().expect("a name");
        assert_eq!(told(app, &format!("plugin = '{named}' && action = 'create'")).await.len(), 2);
    }
}

/// The superuser wrote the title, and plugins the rest.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_names_the_plugins_that_changed_it_and_what() {
    let app = TestApp::with_posts().await;
    let hooks = ["beforeCreate", "beforeUpdate"];
    app.attach(&plugin("slugify"), "posts", &hooks, json!({"order": 1})).await;
    let template = json!({"field": "title", "template": "{title|upper}"});
    app.attach(&plugin("text-template"), "posts", &hooks, json!({"order": 2, "config": template})).await;
    let id = app.superuser().created("posts", json!({"title": "a b"})).await;
    app.superuser().update("posts", &id, json!({"title": "A B", "views": 1})).await;
    app.superuser().update("posts", &id, json!({"title": "c"})).await;
    let named = |plugin: &str, field: &str| json!({"plugin": plugin, "fields": [field]});
    let [slugify, template] = [named("plugin-0", "slug"), named("plugin-1", "title")];
    let entries = told(&app, "kind = 'record'").await;
    let of_each: Vec<_> = entries.iter().map(|entry| entry["hooks"].clone()).collect();
    assert_eq!(of_each, [json!([slugify, template]), json!([]), json!([slugify, template])]);
    assert_eq!(told(&app, "hooks ~ '\"plugin-1\"'").await.len(), 2);
    let one = app.superuser().get(&format!("/api/activity/{}", entries[0]["id"].as_str().unwrap())).await;
    assert_eq!(one.json["hooks"], entries[0]["hooks"]);

    let lines: String = (0..101).map(|number| format!("{{\"title\":\"t {number}\"}}\n")).collect();
    let path = "/api/collections/posts/records/import?format=ndjson";
    let reply =
        app.superuser().raw(Method::POST, path, &[("content-type", "application/x-ndjson")], lines.into_bytes());
    assert_eq!(reply.await.status, 200);
    let many = told(&app, "kind = 'records'").await;
    assert_eq!((many.len(), many[0]["hooks"].clone()), (1, json!([slugify, template])));
    assert_eq!(told(&app, "kind = 'collection'").await[0]["hooks"], json!([]));
}
