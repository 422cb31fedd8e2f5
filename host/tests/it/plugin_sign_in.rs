//! Plugins at sign-ins: who has proved who they are may be refused, and tokens say what a plugin adds.

use crate::support::guests::guest;
use crate::support::people::Reply;
use crate::support::{PASSWORD, TestApp, open};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

fn runs() -> Value {
    let text = |name: &str| json!({"name": name, "type": "text"});
    open("runs", json!([text("what"), text("who"), text("more")]))
}

async fn app(more: Value) -> (TestApp, String) {
    let app = TestApp::new().await;
    app.collection(runs()).await;
    let id = app.attach(&guest("moments"), "users", &["beforeSignIn", "tokenClaims"], more).await;
    let grants = json!({"records": [{"collection": "runs", "verbs": ["create"], "as": "plugin"}]});
    app.superuser().put(&format!("/api/plugins/{id}/grants"), grants).await;
    (app, id)
}

/// A user of that name, and what comes of signing in.
async fn signs_in(app: &TestApp, name: &str) -> (String, Reply) {
    let email = format!("{name}@example.com");
    let body = json!({"email": email, "password": PASSWORD, "passwordConfirm": PASSWORD, "name": name});
    let id = app.superuser().created("users", body).await;
    (id, password(app, &email, PASSWORD).await)
}

async fn password(app: &TestApp, identity: &str, password: &str) -> Reply {
    let body = json!({"identity": identity, "password": password});
    app.anon().post("/api/collections/users/auth-with-password", body).await
}

/// What a token says.
fn claims(reply: &Reply) -> Value {
    assert_eq!(reply.status, 200, "{reply}");
    let token = reply.json["token"].as_str().expect("a token");
    let middle = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(middle).expect("base64")).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_refuses_who_has_proved_who_they_are() {
    let (app, _) = app(json!({})).await;
    let (_, blocked) = signs_in(&app, "blocked").await;
    assert_eq!((blocked.status, &blocked.json["message"]), (403, &json!("You are blocked.")), "{blocked}");
    let (_, invalid) = signs_in(&app, "invalid").await;
    assert_eq!((invalid.status, &invalid.json["data"]["name"]["code"]), (400, &json!("name_invalid")), "{invalid}");
    assert_eq!(signs_in(&app, "ann").await.1.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_never_run_a_plugin() {
    let (app, id) = app(json!({})).await;
    signs_in(&app, "panics").await;
    let said = async || app.superuser().get(&format!("/api/plugins/{id}/logs")).await.json["totalItems"].clone();
    assert_eq!(said().await, 1, "the call with the right password");
    let wrong = password(&app, "panics@example.com", "wrong-password").await;
    assert_eq!((wrong.status, wrong.json["data"].get("plugin")), (400, None), "{wrong}");
    assert_eq!(password(&app, "nobody@example.com", PASSWORD).await.status, 400);
    assert_eq!(said().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_plugin_lets_nobody_in_unless_it_is_told_to() {
    let (strict, _) = app(json!({})).await;
    let (_, reply) = signs_in(&strict, "panics").await;
    assert_eq!((reply.status, &reply.json["data"]["plugin"]["axis"]), (500, &json!("trap")), "{reply}");
    let (lenient, _) = app(json!({"onFailure": "open"})).await;
    assert_eq!(signs_in(&lenient, "panics").await.1.status, 200);
    let greedy = signs_in(&lenient, "greedy").await.1;
    assert!(claims(&greedy).get("role").is_none(), "and claims nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_may_write_at_a_sign_in_and_knows_the_way() {
    let (app, _) = app(json!({})).await;
    let (id, reply) = signs_in(&app, "noted").await;
    assert_eq!(reply.status, 200, "{reply}");
    let noted = app.anon().with_token(reply.json["token"].as_str().expect("a token"));
    assert_eq!(noted.post("/api/collections/users/auth-refresh", json!({})).await.status, 200);
    let rows = app.superuser().list("runs", "sort=@rowid").await.json["items"].clone();
    let rows: Vec<_> =
        rows.as_array().expect("a list").iter().map(|row| [&row["what"], &row["who"], &row["more"]]).collect();
    assert_eq!(
        rows,
        [[&json!("password"), &json!("user"), &json!(id)], [&json!("refresh"), &json!("user"), &json!(id)]]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_blocked_later_cannot_refresh() {
    let (app, _) = app(json!({})).await;
    let (id, reply) = signs_in(&app, "ann").await;
    let ann = app.anon().with_token(reply.json["token"].as_str().expect("a token"));
    app.superuser().update("users", &id, json!({"name": "blocked"})).await;
    assert_eq!(ann.post("/api/collections/users/auth-refresh", json!({})).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_tell_what_a_plugin_adds() {
    let (app, _) = app(json!({})).await;
    let (id, reply) = signs_in(&app, "editor").await;
    let said = claims(&reply);
    assert_eq!(
        (&said["role"], &said["way"], &said["id"]),
        (&json!("editor"), &json!("password"), &json!(id)),
        "{said}"
    );
    let editor = app.anon().with_token(reply.json["token"].as_str().expect("a token"));
    assert_eq!(editor.view("users", &id).await.json["id"], json!(id), "the token is good");
    let refreshed = editor.post("/api/collections/users/auth-refresh", json!({})).await;
    assert_eq!(claims(&refreshed)["way"], "refresh");
    let lent = app.superuser().post(&format!("/api/collections/users/impersonate/{id}"), json!({})).await;
    assert_eq!(claims(&lent)["way"], "impersonate");
    let (_, plain) = signs_in(&app, "plain").await;
    assert!(claims(&plain).get("role").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_cannot_claim_to_be_somebody_else() {
    let (app, id) = app(json!({})).await;
    for (name, words) in [("greedy", "the host's"), ("long", "at most"), ("sulking", "not today")] {
        let (_, reply) = signs_in(&app, name).await;
        assert_eq!((reply.status, &reply.json["data"]["plugin"]["axis"]), (500, &json!("output")), "{name}: {reply}");
        let log = app.superuser().get(&format!("/api/plugins/{id}/logs")).await;
        assert!(log.json["items"][0]["message"].as_str().is_some_and(|line| line.contains(words)), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_are_of_auth_collections_and_nobody_locks_superusers_out() {
    let app = TestApp::with_posts().await;
    let id = app.install(&guest("moments")).await;
    for collection in ["posts", "_superusers"] {
        let body = json!({"collection": collection, "hooks": ["beforeSignIn"]});
        let reply = app.superuser().post(&format!("/api/plugins/{id}/attachments"), body).await;
        assert_eq!(reply.status, 400, "{collection}: {reply}");
        assert!(reply.json["data"].get("hooks").is_some(), "{reply}");
    }
    let body = json!({"collection": "users", "hooks": ["scheduled"]});
    let reply = app.superuser().post(&format!("/api/plugins/{id}/attachments"), body).await;
    assert_eq!(reply.status, 400, "the clock is of no collection: {reply}");
}
