//! API keys: what they open and what not, until when, from where; and that they are no way around.

use crate::support::guests::{guest, plugin};
use crate::support::people::{Person, Reply};
use crate::support::process::binary;
use crate::support::{PASSWORD, TestApp, config, open};
use axum::http::Method;
use serde_json::{Value, json};
use std::process::Command;
use std::time::Duration;
use tinybase::auth;
use tinybase::clock::World;
use tinybase::host::Host;
use tinybase::model::Caller;
use tinybase::realtime::{Bearer, Outgoing};

/// Makes a key that must be made; answers with all of it.
async fn make(app: &TestApp, body: Value) -> Value {
    let reply = app.superuser().post("/api/keys", body).await;
    assert_eq!(reply.status, 200, "{reply}");
    reply.json
}

/// Somebody with a key of these scopes.
async fn with(app: &TestApp, scopes: &[&str]) -> Person {
    let key = make(app, json!({"name": "a key", "scopes": scopes})).await;
    app.anon().with_token(key["key"].as_str().expect("a key"))
}

/// Two collections that are for superusers only, and an open one.
async fn app() -> TestApp {
    let app = TestApp::new().await;
    let title = json!([{"name": "title", "type": "text"}, {"name": "secret", "type": "text", "hidden": true}]);
    for name in ["posts", "notes"] {
        app.collection(json!({"name": name, "type": "base", "fields": title})).await;
        app.superuser().created(name, json!({"title": format!("one of {name}"), "secret": "s"})).await;
    }
    app.collection(open("open", title)).await;
    app
}

fn missing(reply: &Reply, scope: &str) -> bool {
    let said = &reply.json["data"]["scope"];
    reply.status == 403 && said["code"] == "missing_scope" && said["params"]["scope"] == scope
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_told_once_and_does_what_its_scopes_say() {
    let app = app().await;
    let made = make(&app, json!({"name": " Export ", "scopes": ["posts:list", "posts:create", "posts:list"]})).await;
    let text = made["key"].as_str().expect("a key").to_owned();
    assert!(
        text.starts_with("tb_") && made["name"] == "Export" && made["scopes"] == json!(["posts:list", "posts:create"])
    );
    let listed = app.superuser().get("/api/keys").await;
    assert!(!listed.to_string().contains(&text) && listed.json["items"][0].get("key").is_none(), "{listed}");

    let key = app.anon().with_token(&format!("Bearer {text}"));
    assert_eq!(key.values("posts", "title", "").await, ["one of posts"]);
    let record = key.create("posts", json!({"title": "made", "secret": "kept"})).await;
    assert_eq!((record.status, &record.json["secret"]), (200, &json!("kept")), "what it wrote, it sees: {record}");
    let id = record.json["id"].as_str().expect("an id");
    assert!(missing(&key.view("posts", id).await, "posts:view"));
    assert!(missing(&key.update("posts", id, json!({"title": "x"})).await, "posts:update"));
    assert!(missing(&key.delete("posts", id).await, "posts:delete"));
    assert!(missing(&key.list("notes", "").await, "notes:list"));
    assert!(missing(&key.list("open", "").await, "open:list"), "a rule that lets everybody gives a key nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_door_for_superusers_asks_for_its_scope() {
    let app = app().await;
    let all: &[&str] = &["*:*", "plugins", "settings", "schema", "logs", "system", "realtime"];
    let (everything, nothing) = (with(&app, all).await, with(&app, &["notes:list"]).await);
    let looking = make(&app, json!({"name": "looks", "scopes": all, "readOnly": true})).await;
    let looking = app.anon().with_token(looking["key"].as_str().expect("a key"));
    // (method, path, status with every scope, the same for looking only, the scope that is named without)
    let doors: &[(Method, &str, u16, u16, Value)] = &[
        (Method::GET, "/api/collections", 200, 200, json!("schema")),
        (Method::GET, "/api/collections/posts", 200, 200, json!("schema")),
        (Method::GET, "/api/collections/meta/scaffolds", 200, 200, json!("schema")),
        (Method::POST, "/api/collections", 403, 403, Value::Null),
        (Method::PATCH, "/api/collections/posts", 403, 403, Value::Null),
        (Method::DELETE, "/api/collections/posts", 403, 403, Value::Null),
        (Method::DELETE, "/api/collections/posts/truncate", 403, 403, Value::Null),
        (Method::PUT, "/api/collections/import", 403, 403, Value::Null),
        (Method::POST, "/api/collections/meta/dry-run-view", 403, 403, Value::Null),
        (Method::POST, "/api/collections/users/impersonate/x", 403, 403, Value::Null),
        (Method::PATCH, "/api/collections/posts/records?filter=id=''", 200, 403, json!("posts:update")),
        (Method::DELETE, "/api/collections/posts/records?filter=id=''", 200, 403, json!("posts:delete")),
        (Method::GET, "/api/plugins", 200, 200, json!("plugins")),
        (Method::POST, "/api/plugins", 400, 403, json!("plugins")),
        (Method::GET, "/api/plugins/none/grants", 404, 404, json!("plugins")),
        (Method::PUT, "/api/plugins/none/grants", 403, 403, Value::Null),
        (Method::PUT, "/api/plugins/none/config", 404, 403, json!("plugins")),
        (Method::PUT, "/api/plugins/none/route", 404, 403, json!("plugins")),
        (Method::PUT, "/api/plugins/none/secrets", 403, 403, Value::Null),
        (Method::GET, "/api/settings", 200, 200, json!("settings")),
        (Method::PATCH, "/api/settings", 200, 403, json!("settings")),
        (Method::POST, "/api/settings/test/s3", 403, 403, Value::Null),
        (Method::POST, "/api/settings/apple/generate-client-secret", 403, 403, Value::Null),
        (Method::GET, "/api/realtime/clients", 200, 200, json!("realtime")),
        (Method::GET, "/api/keys", 403, 403, Value::Null),
        (Method::POST, "/api/keys", 403, 403, Value::Null),
        (Method::GET, "/api/keys/none", 403, 403, Value::Null),
        (Method::PATCH, "/api/keys/none", 403, 403, Value::Null),
        (Method::DELETE, "/api/keys/none", 403, 403, Value::Null),
        (Method::POST, "/api/keys/none/rotate", 403, 403, Value::Null),
        (Method::POST, "/api/rules/check", 403, 403, Value::Null),
        (Method::POST, "/api/rules/try", 403, 403, Value::Null),
        (Method::GET, "/api/admin/sessions", 403, 403, Value::Null),
        (Method::DELETE, "/api/admin/sessions/none", 403, 403, Value::Null),
        (Method::GET, "/api/collections/_superusers/records", 403, 403, Value::Null),
        (Method::POST, "/api/collections/_superusers/records", 403, 403, Value::Null),
        (Method::POST, "/api/collections/_otps/records", 403, 403, Value::Null),
        (Method::GET, "/api/collections/_externalAuths/records", 403, 403, Value::Null),
    ];
    let mut wrong = Vec::new();
    for (method, path, all, looks, scope) in doors {
        let headers: &[(&str, &str)] =
            if *method == Method::GET { &[] } else { &[("content-type", "application/json")] };
        let body = if *method == Method::GET { Vec::new() } else { b"{}".to_vec() };
        for (who, person, status) in [("all", &everything, all), ("looking", &looking, looks), ("none", &nothing, &403)]
        {
            let reply = person.raw(method.clone(), path, headers, body.clone()).await;
            let named = who != "none" || reply.json["data"]["scope"]["params"]["scope"] == *scope;
            if reply.status != *status || !named {
                wrong.push(format!("{method} {path} with {who}: expected {status} {scope}, got {reply}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_leads_to_a_superuser_is_not_for_keys() {
    let app = app().await;
    for scopes in [json!(["_superusers:list"]), json!(["_otps:create"]), json!(["keys"]), json!(["posts"]), json!([""])]
    {
        let reply = app.superuser().post("/api/keys", json!({"name": "k", "scopes": scopes})).await;
        let code = &reply.json["data"]["scopes"]["0"]["code"];
        assert!(reply.status == 400 && code == "validation_invalid_scope", "{scopes}: {reply}");
    }
    let key = with(&app, &["*:*", "settings", "plugins"]).await;
    for section in ["smtp", "s3", "superuserIPs", "trustedProxy", "meta", "backups"] {
        assert_eq!(key.patch("/api/settings", json!({ section: {} })).await.status, 403, "{section}");
    }
    assert_eq!(key.patch("/api/settings", json!({"batch": {"enabled": true}})).await.status, 200);
    let batch = json!({"requests": [{"method": "POST", "url": "/api/collections/_superusers/records",
        "body": {"email": "new@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD}}]});
    let reply = key.post("/api/batch", batch).await;
    assert!(reply.status == 400 && reply.to_string().contains("missing_scope"), "{reply}");
    // Nor do filters, sorts and expands lead into what the scopes do not name.
    let users = with(&app, &["posts:*"]).await;
    for query in
        ["filter=@collection.notes.title = 'x'", "filter=@request.auth.id = ''", "filter=secret = 's'", "sort=secret"]
    {
        let reply = users.list("posts", query).await;
        assert!(matches!(reply.status, 400 | 403), "{query}: {reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_of_system_collections_are_not_for_keys() {
    let app = app().await;
    let key = with(&app, &["plugins"]).await;
    let bytes = plugin("slugify");
    let id = app.attach(&bytes, "_superusers", &["beforeCreate"], json!({})).await;
    let free = app.attach(&bytes, "posts", &["beforeCreate"], json!({})).await;
    let path = |rest: &str| format!("/api/plugins/{id}{rest}");
    let attached = app.superuser().get(&path("/attachments")).await.json["items"][0]["id"].clone();
    let attached = path(&format!("/attachments/{}", attached.as_str().expect("an id")));
    let name = app.superuser().get(&path("")).await.json["name"].as_str().expect("a name").to_owned();
    for (what, reply) in [
        ("upload", key.upload_as("/api/plugins", &name, &plugin("word-limit")).await),
        ("activate", key.post(&path("/activate"), json!({"version": "1"})).await),
        ("switch off", key.patch(&path(""), json!({"enabled": false})).await),
        ("configure", key.put(&path("/config"), json!({})).await),
        ("give a route", key.put(&path("/route"), json!({})).await),
        ("delete", key.remove(&path("")).await),
        ("detach", key.remove(&attached).await),
        ("move away", key.patch(&attached, json!({"collection": "posts"})).await),
        ("keep still", key.patch(&attached, json!({"enabled": false})).await),
        ("attach", key.post(&path("/attachments"), json!({"collection": "posts", "hooks": ["beforeCreate"]})).await),
    ] {
        assert!(reply.status == 403 && reply.json["data"]["scope"]["code"] == "missing_scope", "{what}: {reply}");
    }
    assert_eq!(app.superuser().get(&path("/versions")).await.json["totalItems"], 1);
    let free = format!("/api/plugins/{free}");
    assert_eq!(key.patch(&free, json!({"enabled": false})).await.status, 200);
    assert_eq!(key.remove(&free).await.status, 204);
    assert_eq!(app.superuser().remove(&attached).await.status, 204);
    assert_eq!(key.remove(&path("")).await.status, 204, "it is like any other now");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_reaches_no_further_than_the_key_that_attaches_it() {
    let app = app().await;
    let (few, all) =
        (with(&app, &["plugins", "posts:list", "posts:view"]).await, with(&app, &["plugins", "*:*"]).await);
    let id = app.install(&plugin("slugify")).await;
    let path = |rest: &str| format!("/api/plugins/{id}{rest}");
    let body = json!({"collection": "posts", "hooks": ["beforeCreate"]});
    let refused = few.post(&path("/attachments"), body.clone()).await;
    assert_eq!((refused.status, &refused.json["data"]["scope"]["code"]), (403, &json!("missing_scope")), "{refused}");
    let attached = all.post(&path("/attachments"), body.clone()).await;
    assert_eq!(attached.status, 200, "{attached}");
    let attached = path(&format!("/attachments/{}", attached.json["id"].as_str().expect("an id")));
    assert_eq!(few.patch(&attached, json!({"order": 1})).await.status, 403);
    assert_eq!(few.put(&path("/config"), json!({})).await.status, 403);
    assert_eq!(all.put(&path("/config"), json!({})).await.status, 200);
    let schedule = json!({"name": "n", "expression": "* * * * *"});
    assert_eq!(few.put(&path("/route"), json!({})).await.status, 403, "it may have kept what it has seen");
    assert_eq!(few.post(&path("/schedules"), schedule.clone()).await.status, 403);
    assert_eq!(all.put(&path("/route"), json!({})).await.status, 400, "it answers no requests");
    let name = app.superuser().get(&path("")).await.json["name"].as_str().expect("a name").to_owned();
    let next = few.upload_as("/api/plugins", &name, &plugin("word-limit")).await;
    assert_eq!(next.json["state"], "waiting", "other code would see the same: {next}");
    assert_eq!(few.post(&path("/activate"), json!({"version": 1})).await.status, 403);
    let sign_in = json!({"collection": "users", "hooks": ["tokenClaims"]});
    assert_eq!(all.post(&path("/attachments"), sign_in).await.status, 403, "for people only");
    let grants = json!({"records": [{"collection": "posts", "verbs": ["list"]}]});
    assert_eq!(app.superuser().put(&path("/grants"), grants).await.status, 200);
    assert_eq!(all.post(&path("/attachments"), body).await.status, 403, "it would lend its grants");
    assert_eq!(all.put(&path("/config"), json!({})).await.status, 403, "they would be used as the key says");
    assert_eq!(all.post(&path("/schedules"), schedule).await.status, 403);
    assert_eq!(all.put(&path("/route"), json!({})).await.status, 403);

    let web = few.upload_as("/api/plugins", "web", &guest("web")).await.json;
    assert_eq!(web["state"], "waiting", "it asks for more than keys give");
    let (web, root) = (web["id"].as_str().expect("an id"), app.superuser());
    assert_eq!(root.post(&format!("/api/plugins/{web}/approve"), json!({"version": 1})).await.status, 200);
    let route = format!("/api/plugins/{web}/route");
    let closed = few.put(&route, json!({})).await;
    assert_eq!((closed.status, &closed.json["access"]), (200, &json!("superuser")), "{closed}");
    assert_eq!(few.remove(&route).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_is_opened_by_people_only() {
    let app = app().await;
    let (few, root) = (with(&app, &["plugins"]).await, app.superuser());
    let web = few.upload_as("/api/plugins", "web", &guest("web")).await.json;
    let path = format!("/api/plugins/{}", web["id"].as_str().expect("an id"));
    let route = format!("{path}/route");
    let put = async |person: &Person, body: Value| person.put(&route, body).await.status;
    for access in ["user", "guest"] {
        assert_eq!(
            put(&few, json!({ "access": access })).await,
            403,
            "it would be open once somebody approves: {access}"
        );
    }
    assert_eq!(root.get(&route).await.status, 404, "nothing was made");
    assert_eq!(put(&few, json!({})).await, 200);
    assert_eq!(root.post(&format!("{path}/approve"), json!({"version": 1})).await.status, 200);
    assert_eq!(app.anon().get("/api/x/web/echo").await.status, 401);
    assert_eq!(put(&few, json!({"access": "guest"})).await, 403, "what is granted later would be open");
    assert_eq!(put(root, json!({"access": "user"})).await, 200);
    assert_eq!(put(&few, json!({"config": {"n": 1}})).await, 200, "it stays as open as it was");
    assert_eq!(put(&few, json!({"access": "guest"})).await, 403);
    assert_eq!(put(&few, json!({"enabled": false})).await, 200, "less is for keys too");
    assert_eq!(put(&few, json!({"enabled": true})).await, 403);
    assert_eq!(put(root, json!({"enabled": true, "access": "guest"})).await, 200);
    assert_eq!(app.anon().get("/api/x/web/echo").await.status, 200);
    assert_eq!(put(&few, json!({"access": "superuser"})).await, 200);
    assert_eq!(app.anon().get("/api/x/web/echo").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn relations_are_followed_as_far_as_scopes_go() {
    let app = app().await;
    let notes = app.superuser().get("/api/collections/notes").await.json["id"].clone();
    let note = app.superuser().values("notes", "id", "").await[0].clone();
    let relation = json!({"name": "note", "type": "relation", "collectionId": notes, "maxSelect": 1});
    app.collection(json!({"name": "links", "type": "base", "fields": [relation]})).await;
    app.superuser().created("links", json!({"note": note})).await;
    let (few, more) = (with(&app, &["links:list"]).await, with(&app, &["links:list", "notes:view"]).await);
    let expanded = async |person: &Person| {
        person.list("links", "expand=note").await.json["items"][0]["expand"]["note"]["title"].clone()
    };
    assert_eq!((expanded(&few).await, expanded(&more).await), (Value::Null, json!("one of notes")));
    assert_eq!(few.list("links", "filter=note.title = 'one of notes'").await.status, 400, "a locked collection");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_end_by_time_by_rotation_and_by_hand() {
    let app = app().await;
    let made = make(&app, json!({"name": "k", "scopes": ["posts:list"], "expires": "2026-01-02 04:00:00.000Z"})).await;
    let (id, path) =
        (made["id"].as_str().expect("an id"), format!("/api/keys/{}", made["id"].as_str().expect("an id")));
    let key = |made: &Value| app.anon().with_token(made["key"].as_str().expect("a key"));
    let status = async |person: &Person| person.list("posts", "").await.status;
    let first = key(&made);
    assert_eq!(status(&first).await, 200);

    let rotated = app.superuser().post(&format!("{path}/rotate"), json!({"overlap": 60})).await;
    let second = key(&rotated.json);
    assert_eq!((status(&first).await, status(&second).await), (200, 200));
    app.clock.advance(Duration::from_secs(61));
    assert_eq!((status(&first).await, status(&second).await), (401, 200), "the overlap is over");
    let third = key(&app.superuser().post(&format!("{path}/rotate"), json!({})).await.json);
    assert_eq!((status(&second).await, status(&third).await), (401, 200), "without an overlap at once");

    assert_eq!(app.superuser().patch(&path, json!({"readOnly": true, "ips": ["127.0.0.1"]})).await.status, 200);
    assert_eq!((status(&second).await, status(&third).await), (401, 200), "a change is no rotation");

    app.clock.advance(Duration::from_hours(1));
    let late = third.list("posts", "").await;
    assert_eq!((late.status, &late.json["message"]), (401, &json!("The API key is not valid.")), "{late}");
    assert_eq!(app.superuser().patch(&path, json!({"expires": ""})).await.status, 200);
    assert_eq!(status(&third).await, 200);
    assert_eq!(app.superuser().remove(&path).await.status, 204);
    assert_eq!((status(&third).await, third.list("open", "").await.status), (401, 401), "it is not a guest's");
    assert_eq!((app.superuser().get(&path).await.status, app.superuser().remove(&path).await.status), (404, 404));
    let told = app.superuser().get("/api/activity?filter=kind%3D'key'&sort=id").await;
    let actions: Vec<&Value> =
        told.json["items"].as_array().expect("items").iter().map(|item| &item["action"]).collect();
    assert_eq!(actions, ["create", "rotate", "rotate", "update", "update", "delete"], "{told}");
    for wrong in ["tb_", "tb_x", &format!("tb_{id}_"), &format!("tb_{id}_wrong"), "tb_x_y_z"] {
        assert_eq!(app.anon().with_token(wrong).list("open", "").await.status, 401, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_good_from_where_they_may_be_used() {
    let app = app().await;
    for (ips, status) in
        [(json!(["127.0.0.1"]), 200), (json!(["10.0.0.0/8", "::1"]), 403), (json!(["127.0.0.0/8"]), 200)]
    {
        let key = make(&app, json!({"name": "k", "scopes": ["posts:list"], "ips": ips})).await;
        let reply = app.anon().with_token(key["key"].as_str().expect("a key")).list("posts", "").await;
        assert_eq!(reply.status, status, "{ips}: {reply}");
    }
    let wrong = json!({"name": "", "scopes": [], "ips": ["home"], "readOnly": 1, "expires": "2020-01-01"});
    insta::assert_snapshot!(app.superuser().post("/api/keys", wrong).await, @r#"400 {"status":400,"message":"Failed to save the API key.","data":{"expires":{"code":"validation_invalid_value","message":"The time must be in the future."},"ips":{"0":{"code":"validation_invlaid_ip_or_subnet","message":"Invalid IP or CIDR subnet."}},"name":{"code":"validation_required","message":"Cannot be blank."},"readOnly":{"code":"validation_invalid_value","message":"Invalid value."},"scopes":{"code":"validation_required","message":"Cannot be blank."}}}"#);
    insta::assert_snapshot!(app.superuser().post("/api/keys", json!({})).await, @r#"400 {"status":400,"message":"Failed to save the API key.","data":{"name":{"code":"validation_required","message":"Cannot be blank."},"scopes":{"code":"validation_required","message":"Cannot be blank."}}}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_use_is_noted() {
    let app = app().await;
    let made = make(&app, json!({"name": "k", "scopes": ["posts:list"]})).await;
    let key = app.anon().with_token(made["key"].as_str().expect("a key"));
    let path = format!("/api/keys/{}", made["id"].as_str().expect("an id"));
    assert_eq!(made["lastUsed"], "");
    let noted = async |expected: &str| {
        for _ in 0..1_000 {
            let seen = app.superuser().get(&path).await.json["lastUsed"].clone();
            if seen == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{expected} was not noted");
    };
    key.list("posts", "").await;
    noted("2026-01-02 03:04:05.678Z").await;
    app.clock.advance(Duration::from_secs(59));
    key.list("posts", "").await;
    app.clock.advance(Duration::from_secs(1));
    key.list("posts", "").await;
    noted("2026-01-02 03:05:05.678Z").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_socket_hears_what_the_key_may_and_nothing_once_it_is_gone() {
    let app = app().await;
    let made = make(&app, json!({"name": "k", "scopes": ["posts:list"]})).await;
    let tenant = app.host.default_tenant().tenant.clone();
    let caller = auth::caller_at(&tenant, made["key"].as_str().expect("a key"), "127.0.0.1").await.expect("a caller");
    assert!(matches!(&caller, Caller::Key(key) if key.name == "k"));
    let realtime = &app.host.default_tenant().realtime;
    let session = realtime.connect_socket(Bearer::new(caller, ""), "127.0.0.1").await.expect("a socket");
    let next = async || {
        let taken = tokio::time::timeout(Duration::from_secs(20), session.next()).await.expect("in time");
        taken
            .into_iter()
            .filter_map(|item| match item {
                Outgoing::Text(json) => serde_json::from_slice::<Value>(&json).ok(),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(next().await[0]["type"], "hello");
    session.hear(&json!({"type": "subscribe", "topics": ["posts/*", "notes/*", "open/*"]}).to_string()).await;
    assert_eq!(next().await[0]["type"], "ack");
    app.superuser().created("notes", json!({"title": "not for it"})).await;
    app.superuser().created("posts", json!({"title": "heard", "secret": "too"})).await;
    let heard = next().await;
    assert_eq!(
        (&heard[0]["record"]["title"], &heard[0]["record"]["secret"]),
        (&json!("heard"), &json!("too")),
        "{heard:?}"
    );

    let path = format!("/api/keys/{}", made["id"].as_str().expect("an id"));
    assert_eq!(app.superuser().remove(&path).await.status, 204);
    app.superuser().created("posts", json!({"title": "too late"})).await;
    app.superuser().created("open", json!({"title": "for everybody"})).await;
    let heard = next().await;
    assert_eq!((heard.len(), &heard[0]["record"]["title"]), (1, &json!("for everybody")), "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_collection_keeps_its_scopes_and_a_new_one_gets_none() {
    let app = app().await;
    let made = make(&app, json!({"name": "k", "scopes": ["posts:list"]})).await;
    let key = app.anon().with_token(made["key"].as_str().expect("a key"));
    assert_eq!(app.superuser().patch("/api/collections/posts", json!({"name": "articles"})).await.status, 200);
    app.collection(json!({"name": "posts", "type": "base", "fields": []})).await;
    assert_eq!((key.list("articles", "").await.status, key.list("posts", "").await.status), (200, 403));
    let path = format!("/api/keys/{}", made["id"].as_str().expect("an id"));
    assert_eq!(app.superuser().get(&path).await.json["scopes"], json!(["articles:list"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_makes_lists_and_revokes_keys() {
    let dir = tempfile::tempdir().expect("a folder");
    let run = |words: &[&str]| {
        let output =
            Command::new(binary()).args(words).arg("--dir").arg(dir.path()).output().expect("the command line");
        let text = String::from_utf8(output.stdout).expect("text");
        (output.status.success(), text.trim().to_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (made, key, _) = run(&["keys", "create", "backup job", "--scope", "*:list", "--scope", "logs", "--read-only"]);
    assert!(made && key.starts_with("tb_"), "{key}");
    let (_, listed, _) = run(&["keys", "list"]);
    let id = listed.split('\t').next().expect("an id").to_owned();
    assert_eq!(listed, format!("{id}\tbackup job\t*:list logs"));
    let (refused, _, why) = run(&["keys", "create", "x", "--scope", "_superusers:list"]);
    assert!(!refused && why.contains("There is no such scope"), "{why}");

    let host = Host::open(config(dir.path()), World::real()).await.expect("the host opens");
    let tenant = host.default_tenant().tenant.clone();
    assert!(auth::caller_at(&tenant, &key, "127.0.0.1").await.is_ok());
    host.close().await;
    drop((tenant, host));
    assert!(run(&["keys", "revoke", &id]).0 && run(&["keys", "list"]).1.is_empty());
    let (revoked, _, why) = run(&["keys", "revoke", &id]);
    assert!(!revoked && why.contains("There is no key"), "{why}");
}
