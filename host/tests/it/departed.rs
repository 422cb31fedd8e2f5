//! A collection that is deleted and made anew under its name has its id again: nothing that was said about the former holds for
//! the other.

use crate::support::guests::{guest, plugin};
use crate::support::people::{Person, records};
use crate::support::{PASSWORD, TestApp, open};
use axum::http::Method;
use serde_json::{Map, Value, json};
use std::fmt::Debug;
use std::time::Duration;
use tinybase::auth;
use tinybase::db::Unit;
use tinybase::error::Error;
use tinybase::sql::Sql;
use tinybase::tenant::Cx;

fn secrets() -> Value {
    json!({"name": "secrets", "type": "base", "fields": [{"name": "title", "type": "text"}, {"name": "slug", "type": "text"}]})
}

/// Deletes `secrets` and makes it anew; it has its id again, or there would be nothing to attack.
async fn made_anew(app: &TestApp) {
    let root = app.superuser();
    let before = root.get("/api/collections/secrets").await.json["id"].clone();
    let gone = root.remove("/api/collections/secrets").await;
    assert_eq!(gone.status, 204, "{gone}");
    assert_eq!(app.collection(secrets()).await["id"], before);
}

async fn key(app: &TestApp, scopes: &[&str]) -> (String, Person) {
    let made = app.superuser().post("/api/keys", json!({"name": "a key", "scopes": scopes})).await;
    assert_eq!(made.status, 200, "{made}");
    let text = |name: &str| made.json[name].as_str().expect("a text").to_owned();
    (format!("/api/keys/{}", text("id")), app.anon().with_token(&text("key")))
}

async fn count(app: &TestApp, from: &'static str) -> Option<i64> {
    let mut select = Sql::new("SELECT count(*) FROM ");
    select.push(from);
    let tenant = app.host.default_tenant().tenant.clone();
    tenant.store.read(move |snapshot| snapshot.one(&select, |row| Ok(row.integer(0)))).await.expect("a count")
}

/// What the audit trail says was done to things of a kind.
async fn told(app: &TestApp, action: &str, kind: &str) -> Vec<Value> {
    let query = format!("/api/activity?filter=action='{action}'%26%26kind='{kind}'");
    app.superuser().get(&query).await.json["items"].as_array().expect("entries").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_for_the_former_opens_nothing_of_the_other() {
    let app = TestApp::new().await;
    app.collection(secrets()).await;
    app.collection(json!({"name": "news", "type": "base", "fields": [{"name": "title", "type": "text"}]})).await;
    let (path, holder) = key(&app, &["secrets:list", "secrets:*", "news:list", "settings:read"]).await;
    let (other, nobody) = key(&app, &["secrets:view"]).await;
    let (untouched, _) = key(&app, &["news:list", "*:view"]).await;
    assert_eq!(holder.list("secrets", "").await.status, 200);
    let before = app.superuser().get(&untouched).await.json;
    made_anew(&app).await;
    let id = app.superuser().created("secrets", json!({"title": "of the new ones"})).await;

    assert_eq!(holder.list("secrets", "").await.status, 403);
    assert_eq!(nobody.view("secrets", &id).await.status, 403);
    assert_eq!(holder.list("news", "").await.status, 200, "the rest of the key is good");
    assert_eq!(app.superuser().get(&path).await.json["scopes"], json!(["news:list", "settings:read"]));
    assert_eq!(app.superuser().get(&other).await.json["scopes"], json!([]));
    assert_eq!(app.superuser().get(&untouched).await.json, before);

    let entries = told(&app, "update", "key").await;
    assert_eq!(entries.len(), 2, "{entries:?}");
    let of =
        |scopes: Value| entries.iter().find(|entry| entry["before"]["scopes"] == scopes).expect("an entry").clone();
    let entry = of(json!(["secrets:list", "secrets:*", "news:list", "settings:read"]));
    assert_eq!(
        (&entry["after"]["scopes"], &entry["actorKind"]),
        (&json!(["news:list", "settings:read"]), &json!("superuser"))
    );
    assert_eq!(of(json!(["secrets:view"]))["after"]["scopes"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_of_the_former_hears_and_reads_nothing_of_the_other() {
    let app = TestApp::with_posts().await;
    app.collection(open("secrets", secrets()["fields"].clone())).await;
    let slugify = app.attach(&plugin("slugify"), "secrets", &["beforeCreate"], json!({})).await;
    app.superuser()
        .post(&format!("/api/plugins/{slugify}/attachments"), json!({"collection": "posts", "hooks": ["beforeCreate"]}))
        .await;
    let reader = app.install(&guest("hostile")).await;
    let grants = json!({"records": [
        {"collection": "secrets", "verbs": ["list", "view"], "as": "plugin"}, {"collection": "posts", "verbs": ["list"], "as": "plugin"},
    ], "clock": true});
    let granted = app.superuser().put(&format!("/api/plugins/{reader}/grants"), grants).await;
    assert_eq!(granted.status, 200, "{granted}");
    let made = app.anon().create("secrets", json!({"title": "A Title"})).await;
    assert_eq!(made.json["slug"], "a-title", "{made}");

    let gone = app.superuser().remove("/api/collections/secrets").await;
    assert_eq!(gone.status, 204, "{gone}");
    app.collection(open("secrets", secrets()["fields"].clone())).await;
    let made = app.anon().create("secrets", json!({"title": "A Title"})).await;
    assert_eq!((made.status, &made.json["slug"]), (200, &json!("")), "nobody is attached: {made}");
    let attachments = app.superuser().get(&format!("/api/plugins/{slugify}/attachments")).await.json;
    assert_eq!((&attachments["totalItems"], &attachments["items"][0]["collection"]), (&json!(1), &json!("posts")));
    assert_eq!(app.anon().create("posts", json!({"title": "A Title"})).await.json["slug"], "a-title");
    let grants = app.superuser().get(&format!("/api/plugins/{reader}/grants")).await.json;
    assert_eq!((grants["records"].as_array().map(Vec::len), &grants["clock"]), (Some(1), &json!(true)), "{grants}");
    assert_eq!(grants["records"][0]["collection"], "posts", "{grants}");

    let detached = told(&app, "detach", "plugin").await;
    assert_eq!((detached.len(), &detached[0]["before"]["collection"]), (1, &json!("secrets")), "{detached:?}");
    let narrowed = told(&app, "grant", "plugin").await;
    let narrowed = narrowed.iter().find(|entry| entry["before"]["records"][0]["collection"] == "secrets");
    let after = &narrowed.expect("an entry")["after"]["records"];
    assert_eq!((after.as_array().map(Vec::len), &after[0]["collection"]), (Some(1), &json!("posts")), "{after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_by_an_import_or_under_another_name_goes_as_well() {
    let app = TestApp::new().await;
    app.collection(secrets()).await;
    app.attach(&plugin("slugify"), "secrets", &["beforeCreate"], json!({})).await;
    let (path, holder) = key(&app, &["secrets:create", "logs"]).await;
    // Renamed, all of it follows; who comes under the name that is free gets none of it.
    let renamed = app.superuser().patch("/api/collections/secrets", json!({"name": "vault"})).await;
    assert_eq!(renamed.status, 200, "{renamed}");
    assert_eq!(holder.create("vault", json!({"title": "A B"})).await.json["slug"], "a-b");
    app.collection(secrets()).await;
    assert_eq!(holder.create("secrets", json!({"title": "A B"})).await.status, 403);
    assert_eq!(app.superuser().create("secrets", json!({"title": "A B"})).await.json["slug"], "");

    let all = app.superuser().get("/api/collections?perPage=100").await.json["items"].clone();
    let kept: Vec<&Value> = all.as_array().expect("a list").iter().filter(|known| known["name"] != "vault").collect();
    let imported =
        app.superuser().put("/api/collections/import", json!({"collections": kept, "deleteMissing": true})).await;
    assert_eq!(imported.status, 204, "{imported}");
    assert_eq!(app.superuser().get(&path).await.json["scopes"], json!(["logs"]));
    assert_eq!(count(&app, "_attachments").await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn events_accounts_and_rows_of_the_past_go_too() {
    let app = TestApp::new().await;
    app.collection(open("secrets", secrets()["fields"].clone())).await;
    app.collection(json!({"name": "people", "type": "auth"})).await;
    let plugin_id = app.attach(&plugin("audit-trail"), "secrets", &["afterCreate"], json!({})).await;
    let off = app.superuser().patch(&format!("/api/plugins/{plugin_id}"), json!({"enabled": false})).await;
    assert_eq!(off.status, 200, "{off}");
    let attachment =
        app.superuser().get(&format!("/api/plugins/{plugin_id}/attachments")).await.json["items"][0]["id"].clone();
    let tenant = app.host.default_tenant().tenant.clone();
    let mut event = Sql::new(
        "INSERT INTO _outbox (id, attachment, collection, record, action, event, due_ms, created) SELECT 'e', ",
    );
    event
        .bind(attachment.as_str().expect("an id"))
        .push(", id, 'r', 'create', '{}', 0, '' FROM _collections WHERE name = 'secrets'");
    assert!(tenant.store.write(tinybase::db::Unit::of(event)).await.is_ok());
    let id = app.superuser().created("secrets", json!({"title": "told once"})).await;
    assert_eq!(app.superuser().delete("secrets", &id).await.status, 204);
    let body = json!({"email": "ann@example.com", "password": "a long password", "passwordConfirm": "a long password"});
    let ann = app.superuser().created("people", body).await;
    let collection = app.superuser().get("/api/collections/people").await.json["id"].clone();
    let account = json!({"collectionRef": collection, "recordRef": ann, "provider": "google", "providerId": "7"});
    app.superuser().created("_externalAuths", account).await;

    assert!(count(&app, "_changes WHERE past LIKE '%told once%'").await > Some(0));
    assert_eq!(count(&app, "_outbox").await, Some(1));
    let numbers = count(&app, "_changes WHERE action != 'sql'").await;
    made_anew(&app).await;
    assert_eq!(app.superuser().remove("/api/collections/people").await.status, 204);
    assert_eq!(count(&app, "_outbox").await, Some(0));
    assert_eq!(count(&app, "_externalAuths").await, Some(0));
    assert_eq!(
        count(&app, "_changes WHERE past IS NOT NULL").await,
        Some(0),
        "what was deleted is not told under new rules"
    );
    let left = count(&app, "_changes WHERE action != 'sql'").await;
    assert_eq!(left, numbers, "the numbers by which clients go on are there");
}

/// Sends a request with an `Idempotency-Key`: the status, and whether it was answered before.
async fn sent(person: &Person, path: &str, key: &str, body: &Value) -> (u16, bool) {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    let reply = person.raw(Method::POST, path, &headers, body.to_string().into_bytes()).await;
    (reply.status, reply.headers.contains_key("idempotency-replayed"))
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_kept_go_too() {
    let app = TestApp::new().await;
    app.collection(secrets()).await;
    app.collection(open("news", secrets()["fields"].clone())).await;
    app.set(json!({"batch": {"enabled": true}})).await;
    let (root, body) = (app.superuser(), json!({"title": "x"}));
    let one = |name: &str| json!({"method": "POST", "url": records(name), "body": body});
    let both = json!({"requests": [one("news"), one("secrets")]});
    let other = json!({"requests": [one("news"), one("news")]});
    let (of_secrets, of_news) = (records("secrets"), records("news"));
    let all = [
        (of_secrets.as_str(), "a", &body),
        (of_news.as_str(), "b", &body),
        ("/api/batch", "c", &both),
        ("/api/batch", "d", &other),
    ];
    for (path, key, body) in all {
        assert_eq!(sent(root, path, key, body).await, (200, false), "{path} {key}");
        assert_eq!(sent(root, path, key, body).await, (200, true), "{path} {key}");
    }
    made_anew(&app).await;
    let mut again = Vec::new();
    for (path, key, body) in all {
        again.push(sent(root, path, key, body).await);
    }
    assert_eq!(again, [(200, false), (200, true), (200, false), (200, true)]);
    assert_eq!(root.list("secrets", "").await.json["totalItems"], 2, "what was answered is there");

    // What somebody was answered whose account went with its collection.
    app.collection(json!({"name": "people", "type": "auth"})).await;
    let ann = json!({"email": "ann@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD});
    root.created("people", ann).await;
    let ann = Person::sign_in(&app.app, "people", "ann@example.com", PASSWORD).await;
    assert_eq!(sent(&ann, &of_news, "e", &body).await, (200, false));
    let kept = count(&app, "_idempotency").await;
    assert_eq!(root.remove("/api/collections/people").await.status, 204);
    assert_eq!(count(&app, "_idempotency").await, kept.map(|kept| kept - 1));
}

/// What a request was refused for: `field: message`, one for each.
fn refused<T: Debug>(answer: Result<T, Error>) -> String {
    match answer {
        Err(Error::Invalid { fields, .. }) => fields.describe(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_still_saw_the_former_says_nothing_about_the_other() {
    let app = TestApp::new().await;
    app.collection(secrets()).await;
    app.collection(open("news", secrets()["fields"].clone())).await;
    let [attached, granted] = [app.install(&plugin("slugify")).await, app.install(&guest("hostile")).await];
    let opened = app.host.default_tenant();
    // A request that began before the collection went.
    let before = Cx::system(opened.tenant.clone());
    assert_eq!(app.superuser().remove("/api/collections/secrets").await.status, 204);
    let object = |json: Value| -> Map<String, Value> { json.as_object().expect("an object").clone() };
    let made =
        async |scope: &str| auth::keys::create(&before, &object(json!({"name": scope, "scopes": [scope]}))).await;
    let kept = made("news:list").await.expect("a key");
    let id = kept["id"].as_str().expect("an id");
    let widened =
        async |scope: &str| auth::keys::update(&before, id, &object(json!({"scopes": ["news:list", scope]}))).await;
    let attach = async |name: &str| {
        let body = object(json!({"collection": name, "hooks": ["beforeCreate"]}));
        opened.plugins.attach(&before, &attached, body).await
    };
    let grant = async |name: &str| {
        let body = object(json!({"records": [{"collection": name, "verbs": ["list"], "as": "plugin"}]}));
        opened.plugins.set_grants(&before, &granted, body).await
    };

    for remade in [false, true] {
        if remade {
            app.clock.advance(Duration::from_secs(1));
            app.collection(secrets()).await;
        }
        assert!(refused(made("secrets:list").await).starts_with("scopes: "), "{remade}");
        assert!(refused(widened("secrets:list").await).starts_with("scopes: "), "{remade}");
        assert!(widened("news:view").await.is_ok(), "{remade}");
    }
    assert_eq!(app.superuser().remove("/api/collections/secrets").await.status, 204);
    assert!(refused(attach("secrets").await).starts_with("collection: "));
    assert!(refused(grant("secrets").await).starts_with("records.0.collection: "));
    assert_eq!((count(&app, "_attachments").await, count(&app, "_grants").await), (Some(0), Some(0)));
    // It was nothing else that they were refused for.
    assert!(attach("news").await.is_ok() && grant("news").await.is_ok());
    assert_eq!((count(&app, "_attachments").await, count(&app, "_grants").await), (Some(1), Some(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collection_that_stays_keeps_all_of_it() {
    let app = TestApp::new().await;
    app.collection(secrets()).await;
    app.collection(json!({"name": "notes", "type": "base", "fields": [
        {"name": "of", "type": "relation", "collectionId": app.superuser().get("/api/collections/secrets").await.json["id"], "maxSelect": 1},
    ]}))
    .await;
    app.attach(&plugin("slugify"), "secrets", &["beforeCreate"], json!({})).await;
    let (path, _) = key(&app, &["secrets:list"]).await;
    let refused = app.superuser().remove("/api/collections/secrets").await;
    assert_eq!(refused.status, 400, "another one refers to it: {refused}");
    assert_eq!(app.superuser().get(&path).await.json["scopes"], json!(["secrets:list"]));
    assert_eq!(app.superuser().create("secrets", json!({"title": "A B"})).await.json["slug"], "a-b");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_an_earlier_build_left_behind_go_when_the_data_is_opened() {
    let app = TestApp::new().await;
    let users = app.superuser().get("/api/collections/users").await.json["id"].as_str().expect("an id").to_owned();
    let tables = [
        ("_externalAuths", ", provider, providerId", ", 'p', hex(randomblob(4))"),
        ("_authOrigins", ", fingerprint", ", 'f'"),
        ("_otps", ", password", ", 'p'"),
        ("_mfas", ", method", ", 'm'"),
    ];
    // Before, between and behind those that there are.
    let refs = ["", "a_gone", "pbc_gone", "zzz", &users];
    for (table, columns, values) in tables {
        for (index, of) in refs.into_iter().enumerate() {
            let mut insert = Sql::new("INSERT INTO ");
            insert.name(table).push(" (id, collectionRef, recordRef").push(columns).push(") VALUES (");
            insert.bind(format!("{table}{index}")).push(", ").bind(of).push(", 'r'").push(values).push(")");
            let tenant = app.host.default_tenant().tenant.clone();
            tenant.store.write(Unit::of(insert)).await.expect("a row");
        }
    }
    let app = app.reopened().await;
    for left in [
        "_externalAuths WHERE recordRef = 'r'",
        "_authOrigins WHERE recordRef = 'r'",
        "_otps WHERE recordRef = 'r'",
        "_mfas WHERE recordRef = 'r'",
    ] {
        assert_eq!(count(&app, left).await, Some(1), "{left}");
    }
    assert_eq!(app.superuser().list("_externalAuths", "").await.json["items"][0]["collectionRef"], users.as_str());
}
