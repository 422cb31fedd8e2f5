//! Those who listen: on a WebSocket, or to a stream of server-sent events.

use super::TestApp;
use super::people::Person;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::Duration;
use tinybase::auth;
use tinybase::model::Caller;
use tinybase::realtime::{Bearer, Outgoing, Session, SseStream};

/// Long enough for any machine; no assertion hangs on how long it takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody at the end of a WebSocket.
pub struct Listener {
    session: Session,
    heard: VecDeque<Value>,
}

impl Listener {
    pub async fn of(app: &TestApp, bearer: Bearer) -> Self {
        let session = app.host.default_tenant().realtime.connect_socket(bearer, "127.0.0.1").await.expect("a socket");
        let mut listener = Self { session, heard: VecDeque::new() };
        assert_eq!(listener.next().await["type"], "hello");
        listener
    }

    /// As somebody who is signed in.
    pub async fn person(app: &TestApp, person: &Person) -> Self {
        let tenant = &app.host.default_tenant().tenant;
        let caller = auth::caller_at(tenant, person.token(), "127.0.0.1").await.expect("a caller");
        Self::of(app, Bearer::new(caller, person.token())).await
    }

    pub async fn guest(app: &TestApp) -> Self {
        Self::of(app, Bearer::new(Caller::Guest, "")).await
    }

    /// The next message, of those that are not about the connection itself; a closing one is its code.
    pub async fn next(&mut self) -> Value {
        while self.heard.is_empty() {
            let taken = tokio::time::timeout(PATIENCE, self.session.next()).await.expect("a message in time");
            self.heard.extend(taken.iter().filter_map(|item| match item {
                Outgoing::Text(json) => Some(serde_json::from_slice(json).expect("JSON")),
                Outgoing::Ping => None,
                Outgoing::Close { code, .. } => Some(json!({"type": "close", "code": code})),
            }));
        }
        self.heard.pop_front().unwrap_or_default()
    }

    /// Says something and waits for the answer.
    pub async fn say(&mut self, message: Value) -> Value {
        self.session.hear(&message.to_string()).await;
        self.next().await
    }

    pub async fn subscribe(&mut self, topics: &[&str]) {
        let answer = self.say(json!({"type": "subscribe", "topics": topics})).await;
        assert_eq!(answer["type"], "ack", "{answer}");
    }

    /// What it is told of a topic that is no collection's.
    pub async fn told(&mut self, topic: &str) -> Value {
        let event = self.next().await;
        assert_eq!((&event["type"], &event["topic"]), (&json!("event"), &json!(topic)), "{event}");
        assert_eq!(event["action"], "message", "{event}");
        event["data"].clone()
    }

    /// (action, title) of the next event.
    pub async fn event(&mut self) -> (String, String) {
        let event = self.next().await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        assert_eq!(event["type"], "event", "{event}");
        (text(&event["action"]), text(&event["record"]["title"]))
    }
}

/// Somebody who reads server-sent events.
pub struct Reader {
    stream: SseStream,
    buffer: String,
    pub id: String,
}

impl Reader {
    pub async fn new(app: &TestApp) -> Self {
        let stream = app.host.default_tenant().realtime.connect("127.0.0.1").expect("a stream");
        let mut reader = Self { stream, buffer: String::new(), id: String::new() };
        let (name, data) = reader.next().await;
        assert_eq!(name, "PB_CONNECT");
        data["clientId"].as_str().expect("an id").clone_into(&mut reader.id);
        reader
    }

    /// Says in somebody's name what it wants to hear.
    pub async fn subscribe(&self, person: &Person, topics: &[&str]) {
        let reply = person.post("/api/realtime", json!({"clientId": self.id, "subscriptions": topics})).await;
        assert_eq!(reply.status, 204, "{reply}");
    }

    /// The next event and its data.
    pub async fn next(&mut self) -> (String, Value) {
        loop {
            if let Some(end) = self.buffer.find("\n\n") {
                let frame: String = self.buffer.drain(..end + 2).collect();
                let line = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
                return (line("event:").to_owned(), serde_json::from_str(line("data:")).expect("JSON"));
            }
            let piece = tokio::time::timeout(PATIENCE, self.stream.next()).await.expect("a message in time");
            self.buffer.push_str(&String::from_utf8_lossy(&piece.expect("the stream goes on")));
        }
    }

    /// (action, title) of the next event.
    pub async fn event(&mut self) -> (String, String) {
        let (_, data) = self.next().await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&data["action"]), text(&data["record"]["title"]))
    }
}

pub fn row(action: &str, title: &str) -> (String, String) {
    (action.to_owned(), title.to_owned())
}
