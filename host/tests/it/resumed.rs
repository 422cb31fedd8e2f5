//! Coming back: what a WebSocket is told of the time that it was away.

use crate::support::listener::Listener;
use crate::support::process::Server;
use crate::support::{TestApp, open};
use axum::http::Method;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

/// Long enough for any machine; no assertion hangs on how long it takes.
const PATIENCE: Duration = Duration::from_secs(20);

fn posts() -> Value {
    let mut posts = open("posts", json!([{"name": "title", "type": "text"}, {"name": "hidden", "type": "bool"}]));
    posts["listRule"] = json!("hidden != true");
    posts
}

/// Somebody who listened to posts and went away: the last number that they know.
async fn left(app: &TestApp) -> u64 {
    let mut guest = Listener::guest(app).await;
    guest.subscribe(&["posts/*"]).await;
    app.anon().created("posts", json!({"title": "last heard"})).await;
    guest.next().await["seq"].as_u64().expect("a number")
}

/// What is told to somebody who comes back: (action, title) of each event, and how it ended.
async fn back(app: &TestApp, topics: &[&str], after: u64) -> (Vec<(String, String)>, String) {
    let mut guest = Listener::guest(app).await;
    resume(&mut guest, topics, after).await
}

async fn resume(guest: &mut Listener, topics: &[&str], after: u64) -> (Vec<(String, String)>, String) {
    let ack = guest.say(json!({"type": "subscribe", "id": 1, "topics": topics, "resume": after})).await;
    assert_eq!(ack, json!({"type": "ack", "id": 1}));
    let (mut told, mut seq) = (Vec::new(), after);
    loop {
        let message = guest.next().await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        if message["type"] != "gap" {
            let number = message["seq"].as_u64().expect("a number");
            assert!(number >= seq, "{message} after {seq}");
            seq = number;
        }
        if message["type"] != "event" {
            assert_eq!(message["id"], 1);
            return (told, text(&message["type"]));
        }
        told.push((text(&message["action"]), text(&message["record"]["title"])));
    }
}

fn rows(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(action, title)| ((*action).to_owned(), (*title).to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_is_told_once_and_as_it_is_now() {
    let app = TestApp::new().await;
    app.collection(posts()).await;
    app.collection(open("others", json!([{"name": "title", "type": "text"}]))).await;
    let anon = app.anon();
    let kept = anon.created("posts", json!({"title": "kept"})).await;
    let gone = anon.created("posts", json!({"title": "gone"})).await;
    let closed = anon.created("posts", json!({"title": "closed"})).await;
    let after = left(&app).await;

    let new = anon.created("posts", json!({"title": "new"})).await;
    anon.update("posts", &kept, json!({"title": "first"})).await;
    anon.created("others", json!({"title": "of others"})).await;
    anon.created("posts", json!({"title": "never seen", "hidden": true})).await;
    let brief = anon.created("posts", json!({"title": "brief"})).await;
    anon.update("posts", &kept, json!({"title": "second"})).await;
    anon.update("posts", &closed, json!({"hidden": true})).await;
    assert_eq!(anon.delete("posts", &brief).await.status, 204);
    assert_eq!(anon.delete("posts", &gone).await.status, 204);
    anon.update("posts", &new, json!({"title": "new and changed"})).await;

    let mut guest = Listener::guest(&app).await;
    let told = resume(&mut guest, &["posts/*"], after).await;
    let expected = rows(&[("update", "second"), ("delete", "gone"), ("create", "new and changed")]);
    assert_eq!(told, (expected, "resumed".into()));
    anon.created("posts", json!({"title": "from now on"})).await;
    assert_eq!(guest.event().await, ("create".into(), "from now on".into()));

    let one = format!("posts/{kept}");
    assert_eq!(back(&app, &[&one], after).await, (rows(&[("update", "second")]), "resumed".into()));
    let (both, _) = back(&app, &["posts/*", "others", "nothing/*"], after).await;
    assert_eq!(both.len(), 5, "{both:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_is_judged_by_the_rules_of_now() {
    let app = TestApp::new().await;
    app.collection(posts()).await;
    let after = left(&app).await;
    let anon = app.anon();
    let gone = anon.created("posts", json!({"title": "gone", "hidden": true})).await;
    let before_it_went = left(&app).await;
    anon.created("posts", json!({"title": "there"})).await;
    assert_eq!(app.superuser().delete("posts", &gone).await.status, 204);
    assert_eq!(back(&app, &["posts/*"], before_it_went).await.0, rows(&[("create", "there")]), "it was hidden");
    let rule = json!({"listRule": "title != 'there'"});
    assert_eq!(app.superuser().patch("/api/collections/posts", rule).await.status, 200);
    assert_eq!(back(&app, &["posts/*"], before_it_went).await.0, rows(&[("delete", "gone")]));
    assert_eq!(back(&app, &["posts/*"], after).await.0, rows(&[("create", "last heard")]), "it came and went");
    app.superuser().patch("/api/collections/posts", json!({"listRule": null})).await;
    assert_eq!(back(&app, &["posts/*"], after).await, (rows(&[]), "resumed".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_rule_hid_stays_hidden_when_it_went_with_the_reason() {
    let app = TestApp::new().await;
    let posts = app.collection(posts()).await;
    let relation = json!({"name": "post", "type": "relation", "collectionId": posts["id"], "maxSelect": 1});
    app.collection(open("notes", json!([{"name": "secret", "type": "bool"}, relation]))).await;
    let anon = app.anon();
    let mut ids = Vec::new();
    for (title, secret) in [("hidden", true), ("open", false)] {
        let post = anon.created("posts", json!({"title": title})).await;
        anon.created("notes", json!({"post": post, "secret": secret})).await;
        ids.push(post);
    }
    let after = left(&app).await;
    let rule = json!({"listRule": "notes_via_post.secret != true"});
    assert_eq!(app.superuser().patch("/api/collections/posts", rule).await.status, 200);
    for id in ids {
        // The note stays, without its post.
        assert_eq!(anon.delete("posts", &id).await.status, 204);
    }
    assert_eq!(back(&app, &["posts/*"], after).await, (rows(&[("delete", "open")]), "resumed".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_knows_any_more_is_a_gap() {
    let app = TestApp::new().await;
    app.collection(posts()).await;
    let after = left(&app).await;
    for unknown in [0, after + 1, u64::MAX] {
        assert_eq!(back(&app, &["posts/*"], unknown).await, (rows(&[]), "gap".into()), "{unknown}");
    }
    let mut guest = Listener::guest(&app).await;
    assert_eq!(guest.say(json!({"type": "subscribe", "topics": ["posts/*"], "resume": -1})).await["code"], "invalid");

    // Too much to be told again.
    let last = left(&app).await;
    let lines: String = (0..5_001).map(|number| format!("{{\"title\":\"{number}\"}}\n")).collect();
    let path = "/api/collections/posts/records/import?format=ndjson";
    let headers = [("content-type", "application/x-ndjson")];
    let reply = app.superuser().raw(Method::POST, path, &headers, lines.into_bytes()).await;
    assert_eq!(reply.json["created"], 5_001, "{reply}");
    assert_eq!(back(&app, &["posts/*"], last).await, (rows(&[]), "gap".into()));

    // What is kept ends after a day, except for the last change.
    app.anon().created("posts", json!({"title": "yesterday"})).await;
    let last = left(&app).await;
    app.clock.advance(Duration::from_hours(25));
    let trim = async || {
        let tenant = &app.host.default_tenant().tenant;
        tinybase::tenant::history::trim(tenant).await.expect("trimmed");
    };
    trim().await;
    assert_eq!(back(&app, &["posts/*"], after).await.1, "gap");
    assert_eq!(back(&app, &["posts/*"], last).await, (rows(&[]), "resumed".into()));
    app.anon().created("posts", json!({"title": "today"})).await;
    trim().await;
    assert_eq!(back(&app, &["posts/*"], last).await.1, "gap");
}

/// Opens a WebSocket on the server and hears its first message.
async fn connect(server: &Server) -> (impl AsyncFnMut(Option<Value>) -> Value, u64) {
    let url = format!("{}/api/realtime", server.base.replace("http://", "ws://"));
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.expect("a socket");
    let mut talk = async move |message: Option<Value>| {
        if let Some(message) = message {
            socket.send(Message::text(message.to_string())).await.expect("sent");
        }
        loop {
            let message = tokio::time::timeout(PATIENCE, socket.next()).await.expect("in time");
            if let Message::Text(text) = message.expect("a message").expect("a message") {
                return serde_json::from_str::<Value>(&text).expect("JSON");
            }
        }
    };
    let hello = talk(None).await;
    let seq = hello["seq"].as_u64().expect("a number");
    (talk, seq)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_the_server_is_killed() {
    let dir = tempfile::tempdir().expect("a folder");
    let server = Server::start(dir.path()).await;
    server.post("/api/collections", open("things", json!([{"name": "title", "type": "text"}]))).await;
    let (mut talk, _) = connect(&server).await;
    talk(Some(json!({"type": "subscribe", "topics": ["things/*"]}))).await;
    let path = "/api/collections/things/records";
    server.post(path, json!({"title": "heard"})).await;
    let last = talk(None).await["seq"].as_u64().expect("a number");
    drop(talk);
    server.post(path, json!({"title": "missed"})).await;
    server.kill();

    let server = Server::start(dir.path()).await;
    server.post(path, json!({"title": "missed too"})).await;
    let (mut talk, now) = connect(&server).await;
    assert!(now > last);
    talk(Some(json!({"type": "subscribe", "topics": ["things/*"], "resume": last}))).await;
    for title in ["missed", "missed too"] {
        let event = talk(None).await;
        assert_eq!((&event["action"], &event["record"]["title"]), (&json!("create"), &json!(title)), "{event}");
    }
    assert_eq!(talk(None).await, json!({"type": "resumed", "seq": now}));
}
