//! Signing in with two factors: the first one that succeeds gives an id, which the second brings along.

use crate::support::people::Reply;
use crate::support::postbox::Postbox;
use crate::support::{PASSWORD, TestApp};
use axum::http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const ANN: &str = "ann@example.com";
const OVER: &str = "Invalid or expired MFA session.";

async fn app() -> (TestApp, Postbox) {
    let app = TestApp::new().await;
    let postbox = app.postbox().await;
    for email in [ANN, "bob@example.com"] {
        app.user(email).await;
    }
    demand(&app, "users", "").await;
    (app, postbox)
}

async fn demand(app: &TestApp, collection: &str, rule: &str) {
    let template = json!({"subject": "code", "body": "<p>code={OTP}</p>"});
    let options = json!({
        "otp": {"enabled": true, "emailTemplate": template}, "mfa": {"enabled": true, "rule": rule},
        "authAlert": {"enabled": false},
    });
    let changed = app.superuser().patch(&format!("/api/collections/{collection}"), options).await;
    assert_eq!(changed.status, 200, "{changed}");
}

async fn with_password(app: &TestApp, email: &str, mfa_id: &str) -> Reply {
    let body = json!({"identity": email, "password": PASSWORD, "mfaId": mfa_id});
    app.anon().post("/api/collections/users/auth-with-password", body).await
}

/// A password from a mail, as the body that signs in with it.
async fn otp(app: &TestApp, postbox: &Postbox, collection: &str, email: &str) -> Value {
    let path = format!("/api/collections/{collection}/request-otp");
    let reply = app.anon().post(&path, json!({ "email": email })).await;
    app.deliver().await;
    json!({"otpId": reply.json["otpId"], "password": postbox.to(email).pop().expect("a mail").code()})
}

async fn with_otp(app: &TestApp, postbox: &Postbox, email: &str, mfa_id: &str) -> Reply {
    let body = otp(app, postbox, "users", email).await;
    // As the SDK sends it.
    app.anon().post(&format!("/api/collections/users/auth-with-otp?mfaId={mfa_id}"), body).await
}

fn mfa_id(reply: &Reply) -> String {
    assert_eq!(reply.status, 401, "{reply}");
    assert_eq!(reply.json.as_object().expect("an object").len(), 1, "the id and nothing else: {reply}");
    reply.json["mfaId"].as_str().expect("an id").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_factors_in_either_order() {
    let (app, postbox) = app().await;
    let methods = app.anon().get("/api/collections/users/auth-methods").await;
    assert_eq!(methods.json["mfa"], json!({"enabled": true, "duration": 600}));
    let id = mfa_id(&with_password(&app, ANN, "").await);
    assert_eq!(with_otp(&app, &postbox, ANN, &id).await.status, 200);
    let id = mfa_id(&with_otp(&app, &postbox, ANN, "").await);
    let reply = with_password(&app, ANN, &id).await;
    assert_eq!((reply.status, &reply.json["record"]["email"]), (200, &json!(ANN)), "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_factor_is_another_one_of_the_same_record_in_time() {
    let (app, postbox) = app().await;
    let said = |reply: Reply| (reply.status, reply.json["message"].as_str().unwrap_or_default().to_owned());
    let refused = |words: &str| (400, words.to_owned());
    let id = mfa_id(&with_password(&app, ANN, "").await);
    assert_eq!(said(with_password(&app, ANN, &id).await), refused("A different authentication method is required."));
    assert_eq!(said(with_otp(&app, &postbox, "bob@example.com", &id).await), refused("Invalid MFA session."));
    assert_eq!(said(with_otp(&app, &postbox, ANN, "nothing12345678").await), refused(OVER));
    app.clock.advance(Duration::from_secs(601));
    assert_eq!(said(with_otp(&app, &postbox, ANN, &id).await), refused(OVER));
    let wrong = json!({"identity": ANN, "password": "wrong-password"});
    let wrong = app.anon().post("/api/collections/users/auth-with-password", wrong).await;
    assert_eq!((wrong.status, &wrong.json["mfaId"]), (400, &Value::Null), "a wrong factor opens nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_sign_in_is_good_for_one() {
    let (app, postbox) = app().await;
    let id = mfa_id(&with_otp(&app, &postbox, ANN, "").await);
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let body = json!({"identity": ANN, "password": PASSWORD, "mfaId": id});
        let anon = app.anon();
        running.spawn(async move { anon.post("/api/collections/users/auth-with-password", body).await.status });
    }
    let statuses = running.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 400].contains(status)), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_says_who_is_asked() {
    let (app, _postbox) = app().await;
    demand(&app, "users", "name = 'careful'").await;
    assert_eq!(with_password(&app, ANN, "").await.status, 200);
    let ann = app.superuser().list("users", "filter=email='ann@example.com'").await.json["items"][0]["id"].clone();
    app.superuser().update("users", ann.as_str().expect("an id"), json!({"name": "careful"})).await;
    mfa_id(&with_password(&app, ANN, "").await);
    let broken = json!({"mfa": {"enabled": true, "rule": "nope = 1"}});
    let reply = app.superuser().patch("/api/collections/users", broken).await;
    assert_eq!(reply.json["data"]["mfa"]["rule"]["code"], "validation_invalid_rule", "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_no_factor_goes_when_the_address_is_proved() {
    let (app, postbox) = app().await;
    for (name, rule) in [("a", "name = 'careful'"), ("b", "verified = false"), ("c", "verified = true")] {
        demand(&app, "users", rule).await;
        let email = format!("{name}@example.com");
        let body = json!({"email": email, "password": PASSWORD, "passwordConfirm": PASSWORD});
        app.superuser().created("users", body).await;
        assert_ne!(with_otp(&app, &postbox, &email, "").await.status, 400, "{rule}");
        assert_eq!(with_password(&app, &email, "").await.status, 400, "somebody else may have set it: {rule}");
    }
    demand(&app, "users", "name != 'spared'").await;
    let id = mfa_id(&with_otp(&app, &postbox, ANN, "").await);
    assert_eq!(with_password(&app, ANN, &id).await.status, 200, "it is the other factor");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_what_was_waiting() {
    let (app, postbox) = app().await;
    let id = mfa_id(&with_password(&app, ANN, "").await);
    let ann = app.superuser().list("users", "filter=email='ann@example.com'").await.json["items"][0]["id"].clone();
    let body = json!({"password": "another-secret-1", "passwordConfirm": "another-secret-1"});
    app.superuser().update("users", ann.as_str().expect("an id"), body).await;
    let reply = with_otp(&app, &postbox, ANN, &id).await;
    assert_eq!((reply.status, &reply.json["message"]), (400, &json!(OVER)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_asks_for_the_second_factor_too() {
    let app = TestApp::new().await;
    let postbox = app.postbox().await;
    // Enabling one-time passwords for superusers demands two factors.
    let template = json!({"subject": "code", "body": "<p>code={OTP}</p>"});
    let options = json!({"otp": {"enabled": true, "emailTemplate": template}});
    let changed = app.superuser().patch("/api/collections/_superusers", options).await;
    assert_eq!(changed.json["mfa"]["enabled"], true, "{changed}");
    let root = "root@example.com";
    let session = "/api/admin/session";
    let first = app.anon().post(session, json!({"email": root, "password": PASSWORD})).await;
    let id = mfa_id(&first);
    assert!(!first.headers.contains_key("set-cookie"), "no cookie for half a sign-in");
    let mut body = otp(&app, &postbox, "_superusers", root).await;
    body["mfaId"] = json!(id);
    let second = app.anon().post(session, body).await;
    assert_eq!(second.status, 200, "{second}");
    let cookie = second.headers["set-cookie"].to_str().expect("a cookie").split(';').next().expect("its value");
    let seen = app.anon().raw(Method::GET, session, &[("cookie", cookie)], Vec::new()).await;
    assert_eq!(seen.json["record"]["email"], root, "{seen}");
}
