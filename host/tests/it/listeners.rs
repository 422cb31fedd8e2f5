//! Listeners who want to hear what is not for them, or to keep the server from telling the others.

use crate::support::listener::{Listener, Reader, row};
use crate::support::people::Person;
use crate::support::{PASSWORD, TestApp, open};
use axum::http::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use tinybase::auth;
use tinybase::model::{Action, Change, Record};
use tinybase::realtime::Bearer;

fn relation(name: &str, target: &Value, cascade: bool) -> Value {
    json!({"name": name, "type": "relation", "collectionId": target["id"], "maxSelect": 1, "cascadeDelete": cascade})
}

fn title() -> Value {
    json!({"name": "title", "type": "text"})
}

/// People, some of them private, and their posts, which guests see unless their author or reviewer is private.
async fn private_people() -> TestApp {
    let app = TestApp::new().await;
    let people = app.collection(open("people", json!([{"name": "private", "type": "bool"}]))).await;
    let mut posts =
        open("posts", json!([title(), relation("reviewer", &people, false), relation("author", &people, true)]));
    posts["listRule"] = json!("author.private != true && reviewer.private != true");
    app.collection(posts).await;
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_rule_hid_is_not_told_when_it_goes_with_the_reason() {
    let app = private_people().await;
    let anon = app.anon();
    let mut guest = Listener::guest(&app).await;
    guest.subscribe(&["posts/*"]).await;
    let hermit = anon.created("people", json!({"private": true})).await;
    let host = anon.created("people", json!({"private": false})).await;
    anon.created("posts", json!({"title": "hidden", "author": hermit})).await;
    anon.created("posts", json!({"title": "hidden twice", "author": hermit, "reviewer": hermit})).await;
    anon.created("posts", json!({"title": "open", "author": host})).await;
    assert_eq!(guest.event().await, row("create", "open"));
    assert_eq!(anon.delete("people", &hermit).await.status, 204);
    assert_eq!(anon.delete("people", &host).await.status, 204);
    assert_eq!(guest.event().await, row("delete", "open"), "and nothing of the hermit's");
    anon.created("posts", json!({"title": "last"})).await;
    assert_eq!(guest.event().await, row("create", "last"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hid_a_record_from_behind_still_does_when_both_go() {
    let app = TestApp::new().await;
    let posts = app.collection(open("posts", json!([title()]))).await;
    let notes = json!([{"name": "secret", "type": "bool"}, relation("post", &posts, true)]);
    app.collection(open("notes", notes)).await;
    let rule = json!({"listRule": "notes_via_post.secret != true"});
    assert_eq!(app.superuser().patch("/api/collections/posts", rule).await.status, 200);
    let anon = app.anon();
    let mut ids = Vec::new();
    for (title, secret) in [("hidden", true), ("open", false)] {
        let post = anon.created("posts", json!({"title": title})).await;
        anon.created("notes", json!({"post": post, "secret": secret})).await;
        ids.push(post);
    }
    let mut guest = Listener::guest(&app).await;
    guest.subscribe(&["posts/*"]).await;
    for id in ids {
        assert_eq!(anon.delete("posts", &id).await.status, 204);
    }
    assert_eq!(guest.event().await, row("delete", "open"));
}

#[tokio::test(flavor = "multi_thread")]
async fn superusers_who_may_not_be_where_they_are_hear_as_guests() {
    let app = TestApp::new().await;
    let mut locked = open("locked", json!([title()]));
    locked["listRule"] = Value::Null;
    app.collection(locked).await;
    app.collection(open("posts", json!([title()]))).await;
    let (root, inside) = (app.superuser(), app.superuser().at("10.1.2.3"));
    let caller = auth::caller(&app.host.default_tenant().tenant, root.token()).await;
    let mut socket = Listener::of(&app, Bearer::new(caller, root.token())).await;
    socket.subscribe(&["locked/*", "posts/*"]).await;
    inside.created("locked", json!({"title": "heard"})).await;
    assert_eq!(socket.event().await, row("create", "heard"));
    assert_eq!(inside.patch("/api/settings", json!({"superuserIPs": ["10.0.0.0/8"]})).await.status, 200);
    inside.created("locked", json!({"title": "not heard"})).await;
    inside.created("posts", json!({"title": "open"})).await;
    assert_eq!(socket.event().await, row("create", "open"));
    let answer = socket.say(json!({"type": "auth", "token": root.token()})).await;
    assert_eq!(answer["type"], "error", "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_topics_at_once_are_refused() {
    let app = TestApp::new().await;
    let mut guest = Listener::guest(&app).await;
    guest.subscribe(&["posts/*"]).await;
    // The same one again and again, so that it would be a single one in the end.
    let same = vec!["posts/*"; 1001];
    let many: Vec<String> = (0..1001).map(|number| format!("posts/{number}")).collect();
    for message in [
        json!({"type": "subscribe", "topics": same}),
        json!({"type": "unsubscribe", "topics": many}),
        json!({"type": "subscribe", "topics": &many[..100], "filter": "x".repeat(6_000)}),
    ] {
        let answer = guest.say(message).await;
        assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!("invalid")), "{answer}");
    }
    assert_eq!(guest.say(json!({"type": "unsubscribe", "topics": &many[..1000]})).await["type"], "ack");
}

#[tokio::test(flavor = "multi_thread")]
async fn few_subscriptions_may_cost_a_query() {
    let app = TestApp::with_posts().await;
    let topics = |listener: usize, count: usize| -> Vec<String> {
        (0..count).map(|number| format!("posts/{listener}x{number}")).collect()
    };
    let ask = |topics: Vec<String>| json!({"type": "subscribe", "topics": topics, "filter": "author.name != 'x'"});
    let mut guest = Listener::guest(&app).await;
    assert_eq!(guest.say(ask(topics(0, 51))).await["code"], "invalid");
    assert_eq!(guest.say(ask(topics(0, 50))).await["type"], "ack");
    assert_eq!(guest.say(ask(topics(1, 1))).await["code"], "invalid", "what it has counts too");
    guest.subscribe(&["posts/*", "posts/1"]).await;

    let mut others = Vec::new();
    for number in 1..40 {
        let mut other = Listener::guest(&app).await;
        assert_eq!(other.say(ask(topics(number, 50))).await["type"], "ack", "{number}");
        others.push(other);
    }
    let mut late = Listener::guest(&app).await;
    assert_eq!(late.say(ask(topics(99, 1))).await["code"], "unavailable", "all of them together");
    assert_eq!(late.say(ask(topics(1, 1))).await["type"], "ack", "what others ask for too costs nothing more");
    late.subscribe(&["posts/*"]).await;
    others.pop();
    assert_eq!(late.say(ask(topics(99, 1))).await["type"], "ack", "there is room again");
}

/// Signs in to the dashboard: the cookie, its CSRF value, and whom its token proves.
async fn dashboard(app: &TestApp) -> (String, String, Bearer) {
    let reply = app.anon().post("/api/admin/session", json!({"email": "root@example.com", "password": PASSWORD})).await;
    let cookie = reply.headers["set-cookie"].to_str().expect("a cookie").split(';').next().expect("its value");
    let token = cookie.split_once('=').expect("a value").1;
    let tenant = &app.host.default_tenant().tenant;
    let holder = auth::session::holder(tenant, token).await.expect("a session");
    let csrf = reply.json["csrf"].as_str().expect("a csrf value").to_owned();
    (cookie.to_owned(), csrf, Bearer::new(holder.caller, token))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_is_a_guests_once_its_session_is_ended() {
    let app = TestApp::new().await;
    let mut locked = open("locked", json!([title()]));
    locked["listRule"] = Value::Null;
    app.collection(locked).await;
    app.collection(open("public", json!([title()]))).await;
    let (root, anon): (&Person, Person) = (app.superuser(), app.anon());
    let (cookie, csrf, bearer) = dashboard(&app).await;
    let (_, _, other) = dashboard(&app).await;
    let topics = ["locked/*", "public/*"];
    let (mut ended, mut stays) = (Listener::of(&app, bearer.clone()).await, Listener::of(&app, other).await);
    ended.subscribe(&topics).await;
    stays.subscribe(&topics).await;
    let headers: &[(&str, &str)] =
        &[("cookie", &cookie), ("x-csrf-token", &csrf), ("content-type", "application/json")];
    let mut stream = Reader::new(&app).await;
    let body = json!({"clientId": stream.id, "subscriptions": topics}).to_string().into_bytes();
    assert_eq!(anon.raw(Method::POST, "/api/realtime", headers, body).await.status, 204);
    root.created("locked", json!({"title": "before"})).await;
    assert_eq!((ended.event().await, stream.event().await), (row("create", "before"), row("create", "before")));

    assert_eq!(anon.raw(Method::DELETE, "/api/admin/session", headers, Vec::new()).await.status, 204);
    // Who was let in just before it ended gets no further.
    let mut late = Listener::of(&app, bearer).await;
    late.subscribe(&topics).await;
    root.created("locked", json!({"title": "after"})).await;
    root.created("public", json!({"title": "for all"})).await;
    assert_eq!(ended.event().await, row("create", "for all"), "as a guest");
    assert_eq!(stream.event().await, row("create", "for all"), "as a guest");
    assert_eq!(late.event().await, row("create", "for all"), "as a guest");
    assert_eq!(stays.event().await, row("create", "before"));
    assert_eq!(stays.event().await, row("create", "after"), "another session goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_change_that_cannot_be_told_does_not_end_the_telling() {
    let app = TestApp::with_posts().await;
    let mut guest = Listener::guest(&app).await;
    guest.subscribe(&["posts/*"]).await;
    let tenant = &app.host.default_tenant().tenant;
    // A record without the values that its fields have: whoever looks at it panics.
    let collection = tenant.catalog().collection("posts").cloned().expect("posts");
    let broken = Arc::new(Record { collection, values: Vec::new() });
    let change = Change { action: Action::Create, before: None, after: Some(broken) };
    tenant.changes.publish(None, vec![change], Vec::new());
    assert_eq!(guest.next().await["type"], "gap", "it has missed something");
    assert_eq!(guest.next().await, json!({"type": "close", "code": 1013}));

    // That one was in no history, so that its number is given again.
    app.anon().created("posts", json!({"title": "between"})).await;
    let mut guest = Listener::guest(&app).await;
    guest.subscribe(&["posts/*"]).await;
    app.anon().created("posts", json!({"title": "next"})).await;
    assert_eq!(guest.event().await, row("create", "next"));
}
