//! Whom plugins act for, when the server changes an account for who has proved to be its owner: that account, never the
//! server, which anybody could set off.

use crate::outbox;
use crate::support::guests::{guest, plugin};
use crate::support::postbox::Postbox;
use crate::support::{PASSWORD, TestApp, open};
use serde_json::{Value, json};

const NEW: &str = "another-secret-1";

fn path(action: &str) -> String {
    format!("/api/collections/users/{action}")
}

/// A server whose plugin writes down every change of an account as the caller, where `create` allows it.
async fn watched(create: Value) -> (TestApp, Postbox) {
    let app = TestApp::new().await;
    let postbox = app.postbox().await;
    let text = |name: &str| json!({"name": name, "type": "text"});
    let mut users = app.superuser().get("/api/collections/users").await.json;
    users["fields"].as_array_mut().expect("fields").push(text("title"));
    users["otp"] = json!({"enabled": true, "emailTemplate": {"subject": "code", "body": "<p>code={OTP}</p>"}});
    users["authAlert"] = json!({"enabled": false});
    assert_eq!(app.superuser().patch("/api/collections/users", users).await.status, 200);
    let mut audit = open("audit", json!(["event", "action", "collection", "record", "at", "by"].map(text)));
    audit["createRule"] = create;
    app.collection(audit).await;
    let id = app.attach(&plugin("audit-trail"), "users", &["afterUpdate"], json!({})).await;
    let grants = json!({"records": [{"collection": "audit", "verbs": ["list", "create"], "as": "caller"}]});
    assert_eq!(app.superuser().put(&format!("/api/plugins/{id}/grants"), grants).await.status, 200);
    (app, postbox)
}

/// Proves to be the owner of that address, in one of the ways that there are.
async fn prove(app: &TestApp, postbox: &Postbox, flow: &str, email: &str) {
    let (anon, new_email) = (app.anon(), format!("new-{email}"));
    let ask = async |action: &str| {
        let reply = anon.post(&path(action), json!({ "email": email })).await;
        assert!(matches!(reply.status, 200 | 204), "{flow}: {reply}");
        app.deliver().await;
        reply.json
    };
    let mail = || postbox.to(email).pop().expect("a mail");
    let reply = match flow {
        "verification" => {
            ask("request-verification").await;
            anon.post(&path("confirm-verification"), json!({"token": mail().token()})).await
        }
        "password" => {
            ask("request-password-reset").await;
            let body = json!({"token": mail().token(), "password": NEW, "passwordConfirm": NEW});
            anon.post(&path("confirm-password-reset"), body).await
        }
        "email" => {
            let owner = app.user(email).await;
            owner.post(&path("request-email-change"), json!({ "newEmail": new_email })).await;
            app.deliver().await;
            let token = postbox.to(&new_email).pop().expect("a mail").token();
            anon.post(&path("confirm-email-change"), json!({"token": token, "password": PASSWORD})).await
        }
        _ => {
            let id = ask("request-otp").await["otpId"].clone();
            anon.post(&path("auth-with-otp"), json!({"otpId": id, "password": mail().code()})).await
        }
    };
    assert!(matches!(reply.status, 200 | 204), "{flow}: {reply}");
}

const FLOWS: [&str; 4] = ["verification", "password", "email", "otp"];

/// Waits until the event of that account has been tried; whether it was delivered.
async fn is_written_down(app: &TestApp, id: &str) -> bool {
    let query = format!("filter=record='{id}'");
    let page = outbox::until(app, &query, |page| page["totalItems"] == 0 || page["items"][0]["attempts"] == 1).await;
    let written = app.superuser().list("audit", &query).await.json["totalItems"] == 1;
    assert_eq!(page["totalItems"] == 0, written, "{page}");
    written
}

async fn account(app: &TestApp, flow: &str) -> (String, String) {
    let email = format!("{flow}@example.com");
    let body = json!({"email": email, "password": PASSWORD, "passwordConfirm": PASSWORD});
    (app.superuser().created("users", body).await, email)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_proves_to_own_an_account_lends_that_account() {
    let own = json!("@request.auth.id = record && @request.auth.collectionName = 'users'");
    let (app, postbox) = watched(own).await;
    for flow in FLOWS {
        let (id, email) = account(&app, flow).await;
        prove(&app, &postbox, flow, &email).await;
        assert!(is_written_down(&app, &id).await, "{flow}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sets_off_what_only_superusers_may() {
    let (app, postbox) = watched(json!(null)).await;
    for flow in FLOWS {
        let (id, email) = account(&app, flow).await;
        prove(&app, &postbox, flow, &email).await;
        assert!(!is_written_down(&app, &id).await, "{flow}");
    }
    let (id, _) = account(&app, "root").await;
    app.superuser().update("users", &id, json!({"name": "x"})).await;
    assert!(is_written_down(&app, &id).await, "but superusers may");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_factor_of_two_lends_no_account() {
    let (app, postbox) = watched(json!("@request.auth.id != ''")).await;
    let both = json!({"mfa": {"enabled": true, "rule": ""}});
    assert_eq!(app.superuser().patch("/api/collections/users", both).await.status, 200);
    let (id, email) = account(&app, "verification").await;
    prove(&app, &postbox, "verification", &email).await;
    assert!(!is_written_down(&app, &id).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_change_a_plugin_reads_what_the_account_may_see() {
    let (app, postbox) = watched(json!("")).await;
    let mut other = open("other", json!([{"name": "slug", "type": "text"}]));
    other["listRule"] = json!("slug = @request.auth.email");
    app.collection(other).await;
    let id = app.attach(&guest("hostile"), "users", &["beforeUpdate"], json!({"config": {"do": "find"}})).await;
    let grants = json!({"records": [{"collection": "other", "verbs": ["list"], "as": "caller"}]});
    assert_eq!(app.superuser().put(&format!("/api/plugins/{id}/grants"), grants).await.status, 200);
    for flow in FLOWS {
        let (id, email) = account(&app, flow).await;
        app.superuser().created("other", json!({ "slug": email })).await;
        prove(&app, &postbox, flow, &email).await;
        assert_eq!(app.superuser().view("users", &id).await.json["title"], email, "{flow}: no other's");
    }
}
