//! What somebody may not hear any more: on connections that are open when it is taken from them, over both ways to listen.

use crate::support::listener::{Listener, Reader, row};
use crate::support::people::Person;
use crate::support::{PASSWORD, TestApp, open};
use serde_json::{Value, json};
use std::time::Duration;

/// A collection for members who are signed in, one for everybody, and the table of members.
struct Club {
    app: TestApp,
    ann: Person,
    membership: String,
}

impl Club {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let title = || json!({"name": "title", "type": "text"});
        app.collection(open("members", json!([{"name": "who", "type": "text"}]))).await;
        let mut inside = open("inside", json!([title()]));
        inside["listRule"] = json!("@request.auth.id != '' && @collection.members.who ?= @request.auth.id");
        app.collection(inside).await;
        app.collection(open("public", json!([title()]))).await;
        let ann = app.user("ann@example.com").await;
        let membership = app.superuser().created("members", json!({"who": ann.id})).await;
        Self { app, ann, membership }
    }

    /// Listens as `person` in both ways and hears what is inside; after `change` no more of it.
    async fn loses(&self, person: &Person, change: impl AsyncFnOnce(&TestApp)) {
        let root = self.app.superuser();
        let topics = ["inside/*", "public/*"];
        let mut socket = Listener::person(&self.app, person).await;
        socket.subscribe(&topics).await;
        let mut stream = Reader::new(&self.app).await;
        stream.subscribe(person, &topics).await;
        root.created("inside", json!({"title": "before"})).await;
        assert_eq!((socket.event().await, stream.event().await), (row("create", "before"), row("create", "before")));
        change(&self.app).await;
        root.created("inside", json!({"title": "after"})).await;
        root.created("public", json!({"title": "for all"})).await;
        assert_eq!((socket.event().await, stream.event().await), (row("create", "for all"), row("create", "for all")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_rule() {
    let club = Club::new().await;
    let locks = async |app: &TestApp| {
        let reply = app.superuser().patch("/api/collections/inside", json!({"listRule": null})).await;
        assert_eq!(reply.status, 200, "{reply}");
    };
    club.loses(&club.ann, locks).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_membership() {
    let club = Club::new().await;
    let leaves = async |app: &TestApp| {
        assert_eq!(app.superuser().delete("members", &club.membership).await.status, 204);
    };
    club.loses(&club.ann, leaves).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password() {
    let club = Club::new().await;
    let changes = async |app: &TestApp| {
        let body = json!({"password": "another123456", "passwordConfirm": "another123456", "oldPassword": PASSWORD});
        let reply = app.superuser().update("users", &club.ann.id, body).await;
        assert_eq!(reply.status, 200, "{reply}");
    };
    club.loses(&club.ann, changes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_of_all_tokens() {
    let club = Club::new().await;
    let changes = async |app: &TestApp| {
        let secret = json!({"authToken": {"secret": "x".repeat(50)}});
        let reply = app.superuser().patch("/api/collections/users", secret).await;
        assert_eq!(reply.status, 200, "{reply}");
    };
    club.loses(&club.ann, changes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_account() {
    let club = Club::new().await;
    let goes = async |app: &TestApp| {
        assert_eq!(app.superuser().delete("users", &club.ann.id).await.status, 204);
    };
    club.loses(&club.ann, goes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_token() {
    let club = Club::new().await;
    let path = format!("/api/collections/users/impersonate/{}", club.ann.id);
    let reply = club.app.superuser().post(&path, json!({"duration": 60})).await;
    let brief = club.ann.with_token(reply.json["token"].as_str().expect("a token"));
    let later = async |app: &TestApp| app.clock.advance(Duration::from_secs(61));
    club.loses(&brief, later).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_somebody_else_lasts_as_long_as_was_said_or_is_refused() {
    let club = Club::new().await;
    let path = format!("/api/collections/users/impersonate/{}", club.ann.id);
    for wrong in [json!(-1), json!("abc"), json!(1.5), json!(1e18), json!(true), json!(u64::MAX)] {
        let reply = club.app.superuser().post(&path, json!({ "duration": wrong })).await;
        assert_eq!((reply.status, reply.json["data"]["duration"].is_object()), (400, true), "{wrong}: {reply}");
    }
    for (right, status) in [(json!("60"), 401), (json!(60), 401), (json!(0), 200), (Value::Null, 200)] {
        let reply = club.app.superuser().post(&format!("{path}?fields=token"), json!({ "duration": right })).await;
        assert_eq!(reply.json.as_object().map(serde_json::Map::len), Some(1), "{reply}");
        let lent = club.ann.with_token(reply.json["token"].as_str().expect("a token"));
        club.app.clock.advance(Duration::from_secs(61));
        let asked = lent.post("/api/collections/users/auth-refresh", json!({})).await;
        assert_eq!(asked.status, status, "{right}: {asked}");
    }
}

async fn key(app: &TestApp) -> (Person, String) {
    let made = app.superuser().post("/api/keys", json!({"name": "k", "scopes": ["inside:list", "public:list"]})).await;
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    (app.anon().with_token(&text(&made.json["key"])), format!("/api/keys/{}", text(&made.json["id"])))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_key() {
    let club = Club::new().await;
    let (person, path) = key(&club.app).await;
    let goes = async |app: &TestApp| assert_eq!(app.superuser().remove(&path).await.status, 204);
    club.loses(&person, goes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_narrowed_key() {
    let club = Club::new().await;
    let (person, path) = key(&club.app).await;
    let narrows = async |app: &TestApp| {
        let reply = app.superuser().patch(&path, json!({"scopes": ["public:list"]})).await;
        assert_eq!(reply.status, 200, "{reply}");
    };
    club.loses(&person, narrows).await;
}
