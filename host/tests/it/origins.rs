//! Where people sign in from: a mail tells of a sign-in from somewhere new.

use crate::support::people::Person;
use crate::support::{PASSWORD, TestApp};
use axum::http::Method;
use serde_json::json;

const ANN: &str = "ann@example.com";

async fn from(app: &TestApp, agent: &str) {
    let headers = [("content-type", "application/json"), ("user-agent", agent)];
    let body = json!({"identity": ANN, "password": PASSWORD}).to_string().into_bytes();
    let reply = app.anon().raw(Method::POST, "/api/collections/users/auth-with-password", &headers, body).await;
    assert_eq!(reply.status, 200, "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_tells_of_a_new_place_but_not_of_the_first() {
    let app = TestApp::new().await;
    let postbox = app.postbox().await;
    // Signs in.
    let ann = app.user(ANN).await;
    app.deliver().await;
    assert!(postbox.to(ANN).is_empty());
    from(&app, "<b>a browser</b>").await;
    from(&app, "<b>a browser</b>").await;
    app.deliver().await;
    let mails = postbox.to(ANN);
    assert_eq!(mails.len(), 1);
    let html = mails[0].html();
    assert!(html.contains("2026-01-02 03:04:05.678Z - 127.0.0.1 &lt;b&gt;a browser&lt;/b&gt;"), "{html}");
    let mine = ann.list("_authOrigins", "").await;
    assert_eq!(mine.json["totalItems"], 2, "{mine}");
    assert_eq!(app.anon().list("_authOrigins", "").await.json["totalItems"], 0);
    ann.post("/api/collections/users/auth-refresh", json!({})).await;
    assert_eq!(ann.list("_authOrigins", "").await.json["totalItems"], 2, "a refresh is no sign-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_from_one_place_are_told_of_once() {
    let app = TestApp::new().await;
    let postbox = app.postbox().await;
    app.user(ANN).await;
    futures_util::future::join_all((0..8).map(|_| from(&app, "a new one"))).await;
    app.deliver().await;
    assert_eq!(postbox.to(ANN).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_places_are_remembered_until_the_password_changes() {
    let app = TestApp::new().await;
    let ann = app.user(ANN).await;
    for place in 0..7 {
        from(&app, &format!("browser {place}")).await;
    }
    assert_eq!(ann.list("_authOrigins", "").await.json["totalItems"], 5);
    let body = json!({"oldPassword": PASSWORD, "password": "another-secret-1", "passwordConfirm": "another-secret-1"});
    assert_eq!(ann.update("users", &ann.id, body).await.status, 200);
    let mine = format!("filter=recordRef='{}'", ann.id);
    assert_eq!(app.superuser().list("_authOrigins", &mine).await.json["totalItems"], 0);
    let again = Person::sign_in(&app.app, "users", ANN, "another-secret-1").await;
    assert_eq!(again.list("_authOrigins", "").await.json["totalItems"], 1, "the first one again");
    app.superuser().delete("users", &ann.id).await;
    assert_eq!(app.superuser().list("_authOrigins", &mine).await.json["totalItems"], 0, "they go with the record");
}
