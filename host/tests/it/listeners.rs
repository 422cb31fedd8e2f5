//! Listeners who want to hear what is not for them, or to keep the server from telling the others.

use crate::support::people::Person;
use crate::support::{PASSWORD, TestApp, open};
use axum::http::Method;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tinybase::auth;
use tinybase::model::{Action, Caller, Change, Record};
use tinybase::realtime::{Bearer, Outgoing, Session};

/// Long enough for any machine; no assertion hangs on how long it takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody at the end of a WebSocket.
struct Listener {
    session: Session,
    heard: VecDeque<Value>,
}

impl Listener {
    async fn of(app: &TestApp, bearer: Bearer) -> Self {
        let session = app.host.default_tenant().realtime.connect_socket(bearer, "127.0.0.1").await.expect("a socket");
        let mut listener = Self { session, heard: VecDeque::new() };
        assert_eq!(listener.next().await["type"], "hello");
        listener
    }

    async fn guest(app: &TestApp) -> Self {
        Self::of(app, Bearer::new(Caller::Guest, "")).await
    }

    /// The next message; a closing one is its code.
    async fn next(&mut self) -> Value {
        while self.heard.is_empty() {
            let taken = tokio::time::timeout(PATIENCE, self.session.next()).await.expect("a message in time");
            self.heard.extend(taken.iter().map(|item| match item {
                Outgoing::Text(json) => serde_json::from_slice(json).expect("JSON"),
                Outgoing::Ping => json!({"type": "ping"}),
                Outgoing::Close { code, .. } => json!({"type": "close", "code": code}),
            }));
        }
        self.heard.pop_front().unwrap_or_default()
    }

    /// Says something and waits for the answer.
    async fn say(&mut self, message: Value) -> Value {
        self.session.hear(&message.to_string()).await;
        self.next().await
    }

    async fn subscribe(&mut self, topics: &[&str]) {
        let answer = self.say(json!({"type": "subscribe", "topics": topics})).await;
        assert_eq!(answer["type"], "ack", "{answer}");
    }

    /// (action, title) of the next event.
    async fn event(&mut self) -> (String, String) {
        let event = self.next().await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        assert_eq!(event["type"], "event", "{event}");
        (text(&event["action"]), text(&event["record"]["title"]))
    }
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
