//! `Idempotency-Key`: what is sent twice happens once.

use crate::support::TestApp;
use crate::support::people::{Person, Reply, records};
use axum::http::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tinybase::records::receipts;

async fn send(person: &Person, method: Method, path: &str, key: &str, body: &Value) -> Reply {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    person.raw(method, path, &headers, body.to_string().into_bytes()).await
}

async fn create(person: &Person, key: &str, body: &Value) -> Reply {
    send(person, Method::POST, &records("posts"), key, body).await
}

fn is_replay(reply: &Reply) -> bool {
    reply.headers.get("idempotency-replayed").is_some_and(|value| value == "true")
}

async fn count(app: &TestApp) -> Value {
    app.anon().list("posts", "").await.json["totalItems"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_create_makes_one_record() {
    let app = TestApp::with_posts().await;
    let (anon, body) = (app.anon(), json!({"title": "x", "views": 1}));
    let first = create(&anon, "key-1", &body).await;
    assert_eq!((first.status, is_replay(&first)), (200, false), "{first}");
    let id = first.json["id"].as_str().expect("an id");
    anon.update("posts", id, json!({"title": "changed since"})).await;
    let again = create(&anon, "key-1", &body).await;
    assert_eq!((again.status, &again.json, is_replay(&again)), (200, &first.json, true));
    assert_eq!(again.headers.get("etag"), first.headers.get("etag"));
    assert_eq!(count(&app).await, 1);
    assert!(!is_replay(&create(&anon, "key-2", &body).await));
    assert_eq!(count(&app).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_stands_for_one_request() {
    let app = TestApp::with_posts().await;
    let anon = app.anon();
    let first = create(&anon, "k", &json!({"title": "x"})).await;
    let other = create(&anon, "k", &json!({"title": "y"})).await;
    insta::assert_snapshot!(other, @r#"422 {"status":422,"message":"The Idempotency-Key was used for another request before.","data":{"idempotencyKey":{"code":"idempotency_key_reused","message":"The key was used for another request before."}}}"#);
    let other =
        send(&anon, Method::POST, &format!("{}?fields=id", records("posts")), "k", &json!({"title": "x"})).await;
    assert_eq!(other.status, 422, "{other}");
    // Another caller, another path, another method: other keys.
    assert!(!is_replay(&create(app.superuser(), "k", &json!({"title": "x"})).await));
    let path = format!("{}/{}", records("posts"), first.json["id"].as_str().expect("an id"));
    let changed = send(&anon, Method::PATCH, &path, "k", &json!({"views+": 1})).await;
    assert_eq!((changed.status, is_replay(&changed)), (200, false), "{changed}");
    let again = send(&anon, Method::PATCH, &path, "k", &json!({"views+": 1})).await;
    assert_eq!((&again.json, is_replay(&again)), (&changed.json, true));
    assert_eq!(anon.get(&path).await.json["views"], 1);

    for key in ["", "with space", &"k".repeat(256)] {
        let refused = create(&anon, key, &json!({"title": "x"})).await;
        assert_eq!(refused.json["data"]["idempotencyKey"]["code"], "validation_invalid_format", "{key}: {refused}");
    }
    assert_eq!(count(&app).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_may_be_tried_again() {
    let app = TestApp::with_posts().await;
    let (anon, body) = (app.anon(), json!({"title": "x", "slug": "s"}));
    let blocking = anon.created("posts", json!({"title": "other", "slug": "s"})).await;
    for _ in 0..2 {
        let refused = create(&anon, "k", &body).await;
        assert_eq!((refused.status, is_replay(&refused)), (400, false), "{refused}");
    }
    anon.delete("posts", &blocking).await;
    assert_eq!(create(&anon, "k", &body).await.status, 200);
    assert!(is_replay(&create(&anon, "k", &body).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_the_same_time_one_writes() {
    let app = TestApp::with_posts().await;
    let body = json!({"title": "x", "views": 1});
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let (anon, body) = (app.anon(), body.clone());
        tasks.spawn(async move { create(&anon, "same", &body).await });
    }
    let replies = tasks.join_all().await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200 && !is_replay(reply)).count(), 1);
    assert_eq!(replies.iter().filter(|reply| reply.status == 200 && is_replay(reply)).count(), 63);
    assert!(replies.iter().all(|reply| reply.json == replies[0].json));
    assert_eq!(count(&app).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_gave_up_is_answered_when_it_returns() {
    let app = TestApp::with_posts().await;
    let body = json!({"title": "x"});
    // Some give up before the server is done, at whatever point that is.
    for patience in 0..20 {
        let key = format!("key-{patience}");
        let anon = app.anon();
        let first = create(&anon, &key, &body);
        let _ = tokio::time::timeout(Duration::from_micros(patience * 200), first).await;
        assert_eq!(create(&anon, &key, &body).await.status, 200);
        assert!(is_replay(&create(&anon, &key, &body).await));
    }
    assert_eq!(count(&app).await, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_repeated_as_a_whole() {
    let app = TestApp::with_posts().await;
    app.superuser().patch("/api/settings", json!({"batch": {"enabled": true}})).await;
    let user = app.user("ann@example.com").await;
    let url = format!("{}?expand=author", records("posts"));
    let post = json!({"method": "POST", "url": url, "body": {"title": "x", "author": user.id}});
    let body = json!({"requests": [post, post]});
    let first = send(&user, Method::POST, "/api/batch", "k", &body).await;
    assert_eq!(first.json[1]["body"]["expand"]["author"]["id"], json!(user.id), "{first}");
    let again = send(&user, Method::POST, "/api/batch", "k", &body).await;
    assert_eq!((again.status, &again.json, is_replay(&again)), (200, &first.json, true));
    let other = send(&user, Method::POST, "/api/batch", "k", &json!({"requests": [post]})).await;
    assert_eq!(other.status, 422, "{other}");
    assert_eq!(count(&app).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_kept_for_a_day() {
    let app = TestApp::with_posts().await;
    let (anon, body) = (app.anon(), json!({"title": "x"}));
    let day = Duration::from_millis(receipts::KEPT_MS.unsigned_abs());
    create(&anon, "a", &body).await;
    app.clock.advance(day.saturating_sub(Duration::from_secs(1)));
    create(&anon, "b", &body).await;
    assert!(is_replay(&create(&anon, "a", &body).await));
    app.clock.advance(Duration::from_secs(1));
    assert!(!is_replay(&create(&anon, "a", &json!({"title": "free again"})).await), "an old answer is no answer");
    assert_eq!(count(&app).await, 3);

    let tenant = &app.host.default_tenant().tenant;
    assert_eq!(receipts::sweep(tenant).await.expect("a sweep"), 0, "nothing has expired that was not replaced");
    app.clock.advance(day.saturating_sub(Duration::from_secs(1)));
    assert_eq!(receipts::sweep(tenant).await.expect("a sweep"), 1);
    assert!(is_replay(&create(&anon, "a", &json!({"title": "free again"})).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_share_their_keys_with_nobody_elsewhere() {
    let app = TestApp::with_posts().await;
    let body = json!({"title": "x"});
    let (here, there) = (app.anon().at("192.0.2.1"), app.anon().at("192.0.2.2"));
    assert_eq!(create(&here, "k", &body).await.status, 200);
    let other = create(&there, "k", &json!({"title": "y"})).await;
    assert!(other.status == 200 && !is_replay(&other), "neither refused nor told what others made: {other}");
    assert!(is_replay(&create(&here, "k", &body).await));
}
