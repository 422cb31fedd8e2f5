//! What is not visible stays invisible, and what may not be written stays unwritten: attacks by bodies, by
//! rules that a write itself would change, by batches, and by subscriptions.

use crate::support::people::records;
use crate::support::process::Server;
use crate::support::{PASSWORD, TestApp, open};
use crate::visibility::{Scene, scene};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

/// Long enough for any machine; no assertion hangs on how long it takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// The body that makes a user.
fn account(email: &str) -> Value {
    json!({"email": email, "password": PASSWORD, "passwordConfirm": PASSWORD})
}

fn guarded(rules: &Value) -> Value {
    let mut things = open(
        "things",
        json!([
            {"name": "title", "type": "text"},
            {"name": "role", "type": "text", "autogeneratePattern": "[a-z]{5}"},
            {"name": "rank", "type": "number"},
            {"name": "tags", "type": "select", "values": ["red", "vip"], "maxSelect": 2},
            {"name": "secret", "type": "text", "hidden": true},
        ]),
    );
    for (name, rule) in rules.as_object().into_iter().flatten() {
        things[name] = rule.clone();
    }
    things
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_must_not_be_sent_has_no_second_spelling() {
    let app = TestApp::new().await;
    let no_key =
        "@request.body.rank:isset = false && @request.body.tags:isset = false && @request.body.role:isset = false";
    app.collection(guarded(&json!({"createRule": no_key, "updateRule": no_key}))).await;
    let anon = app.anon();
    let id = anon.created("things", json!({"title": "x"})).await;
    let before = app.superuser().view("things", &id).await.json;
    for body in [
        json!({"rank": 5}),
        json!({"rank": null}),
        json!({"rank+": 5}),
        json!({"rank-": 5}),
        json!({"tags": ["vip"]}),
        json!({"tags+": "vip"}),
        json!({"+tags": "vip"}),
        json!({"tags-": "vip"}),
        json!({"role:autogenerate": ""}),
        json!({"role": "boss"}),
        json!({"title": "y", "role": ""}),
    ] {
        assert_eq!(anon.create("things", body.clone()).await.status, 400, "{body}");
        assert_eq!(anon.update("things", &id, body.clone()).await.status, 404, "{body}");
    }
    // What means nothing is as good as not sent: it sets nothing.
    for body in [
        json!({"Rank": 5}),
        json!({"++rank": 5}),
        json!({"rank+-": 5}),
        json!({"rank ": 5}),
        json!({"tags:each": "vip"}),
    ] {
        assert!(matches!(anon.update("things", &id, body.clone()).await.status, 200 | 404), "{body}");
        assert_eq!(app.superuser().view("things", &id).await.json, before, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_field_is_neither_written_nor_compared_through_a_body() {
    let app = TestApp::new().await;
    app.collection(guarded(&json!({
        "createRule": "@request.body.secret:isset = false", "updateRule": "@request.body.secret:changed = false",
    })))
    .await;
    let id = app.superuser().created("things", json!({"title": "x", "secret": "s3cret"})).await;
    for key in ["secret", "secret+", "+secret", "secret-", "secret:autogenerate"] {
        let created = app.anon().create("things", json!({"title": "x", key: "forged"})).await;
        assert_eq!(created.status, 200, "a key that is dropped was not sent: {key}");
        let id = created.json["id"].as_str().expect("an id");
        assert_eq!(app.superuser().view("things", id).await.json["secret"], "", "{key}");
    }
    // Whether the stored value was guessed makes no difference.
    for guess in ["s3cret", "wrong"] {
        assert_eq!(app.anon().update("things", &id, json!({"secret": guess})).await.status, 200, "{guess}");
    }
    assert_eq!(app.superuser().view("things", &id).await.json["secret"], "s3cret");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_is_judged_on_what_is_stored() {
    let app = TestApp::new().await;
    app.collection(guarded(&json!({"updateRule": "role = 'open'", "deleteRule": "role = 'open'", "createRule": null})))
        .await;
    let id = app.superuser().created("things", json!({"role": "shut"})).await;
    assert_eq!(app.anon().update("things", &id, json!({"role": "open"})).await.status, 404);
    assert_eq!(app.anon().delete("things", &id).await.status, 404);
    assert_eq!(app.superuser().update("things", &id, json!({"role": "open"})).await.status, 200);
    assert_eq!(app.anon().update("things", &id, json!({"role": "shut"})).await.status, 200);
    assert_eq!(app.anon().update("things", &id, json!({"role": "open"})).await.status, 404);
}

async fn with_teams(manage_rule: &str) -> TestApp {
    let app = TestApp::new().await;
    let teams = app
        .collection(open(
            "teams",
            json!([{"name": "chief", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 1}]),
        ))
        .await;
    let mut fields = app.superuser().get("/api/collections/users").await.json["fields"].clone();
    let more = [
        json!({"name": "team", "type": "relation", "collectionId": teams["id"], "maxSelect": 1}),
        json!({"name": "boss", "type": "text"}),
    ];
    fields.as_array_mut().expect("fields").extend(more);
    let signed_in = "@request.auth.id != ''";
    let change = json!({"fields": fields, "manageRule": manage_rule, "listRule": signed_in, "viewRule": signed_in, "updateRule": signed_in});
    let reply = app.superuser().patch("/api/collections/users", change).await;
    assert_eq!(reply.status, 200, "{reply}");
    app
}

/// The rule looks into another collection, which memory cannot.
#[tokio::test(flavor = "multi_thread")]
async fn a_manage_rule_may_follow_relations() {
    let app = with_teams("team.chief = @request.auth.id && @request.auth.id != ''").await;
    let (ann, bob) = (app.user("ann@example.com").await, app.user("bob@example.com").await);
    let team = app.superuser().created("teams", json!({"chief": ann.id})).await;
    let emails = async |person: &crate::support::people::Person| {
        let listed = person.list("users", &format!("filter=id = '{}'", bob.id)).await.json["items"][0]["email"].clone();
        let viewed = person.view("users", &bob.id).await.json["email"].clone();
        let path = format!("{}/{}?expand=team", records("users"), bob.id);
        let expanded = person.get(&path).await.json["email"].clone();
        [listed, viewed, expanded]
    };
    assert_eq!(emails(&ann).await, [Value::Null, Value::Null, Value::Null]);
    assert_eq!(ann.update("users", &bob.id, json!({"verified": true})).await.status, 400);
    assert_eq!(app.superuser().update("users", &bob.id, json!({"team": team})).await.status, 200);
    assert_eq!(emails(&ann).await, ["bob@example.com", "bob@example.com", "bob@example.com"]);
    let change = json!({"verified": true, "email": "rob@example.com", "password": "new-secret", "passwordConfirm": "new-secret"});
    let changed = ann.update("users", &bob.id, change).await;
    assert_eq!((changed.status, &changed.json["email"]), (200, &json!("rob@example.com")), "{changed}");
    let carol = app.user("carol@example.com").await;
    assert_eq!(carol.update("users", &bob.id, json!({"verified": false})).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_becomes_a_manager_by_the_change_that_needs_one() {
    let app = with_teams("boss = @request.auth.id || team.chief = @request.auth.id").await;
    let (ann, bob) = (app.user("ann@example.com").await, app.user("bob@example.com").await);
    let team = app.superuser().created("teams", json!({"chief": ann.id})).await;
    for claim in [json!({"boss": ann.id}), json!({"team": team}), json!({"boss": ann.id, "team": team})] {
        for (id, change) in [
            (&ann.id, json!({"verified": true})),
            (&bob.id, json!({"password": "taken-over", "passwordConfirm": "taken-over"})),
            (&bob.id, json!({"email": "mine@example.com"})),
        ] {
            let mut body = claim.clone();
            body.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
            let reply = ann.update("users", id, body.clone()).await;
            assert_eq!(reply.status, 400, "{body}: {reply}");
        }
    }
}

/// The auth rule looks into another collection.
#[tokio::test(flavor = "multi_thread")]
async fn an_auth_rule_may_follow_relations() {
    let app = with_teams("team.chief = @request.auth.id").await;
    let set = app.superuser().patch("/api/collections/users", json!({"authRule": "team.chief != ''"})).await;
    assert_eq!(set.status, 200, "{set}");
    let reply = app.superuser().create("users", account("ann@example.com")).await;
    let id = reply.json["id"].as_str().expect("an id").to_owned();
    let sign_in = async || {
        let body = json!({"identity": "ann@example.com", "password": PASSWORD});
        app.anon().post("/api/collections/users/auth-with-password", body).await.status
    };
    assert_eq!(sign_in().await, 403);
    let team = app.superuser().created("teams", json!({"chief": id})).await;
    assert_eq!(app.superuser().update("users", &id, json!({"team": team})).await.status, 200);
    assert_eq!(sign_in().await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_create_rule_sees_an_id_and_nobody_verified() {
    let app = TestApp::new().await;
    let rule = json!({"createRule": "verified = false && id != '' && @request.body.verified:isset = false || @request.body.verified = true && verified = true"});
    assert_eq!(app.superuser().patch("/api/collections/users", rule).await.status, 200);
    let mut body = account("ann@example.com");
    assert_eq!(app.anon().create("users", body.clone()).await.status, 200);
    body["email"] = json!("bob@example.com");
    body["verified"] = json!(true);
    assert_eq!(app.anon().create("users", body).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_no_way_around() {
    let Scene { app, bob, .. } = scene().await;
    let rules = json!({"updateRule": "@request.auth.id != '' && owner = @request.auth.id", "deleteRule": null});
    assert_eq!(app.superuser().patch("/api/collections/notes", rules).await.status, 200);
    assert_eq!(app.superuser().patch("/api/settings", json!({"batch": {"enabled": true}})).await.status, 200);
    let id = app.superuser().list("notes", "").await.json["items"][0]["id"].as_str().expect("an id").to_owned();
    for (method, status) in [("PATCH", 404), ("DELETE", 403)] {
        let request = json!({"method": method, "url": format!("{}/{id}", records("notes")), "body": {"text": "taken"}});
        let reply = bob.post("/api/batch", json!({"requests": [request]})).await;
        assert_eq!(reply.status, 400, "{reply}");
        assert_eq!(reply.json["data"]["requests"]["0"]["response"]["status"], status, "{reply}");
    }
    assert_eq!(app.superuser().view("notes", &id).await.json["text"], "mine");
}

/// A guest's subscriptions, some of which ask what they may not; only what they may see arrives.
#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_shows_and_answers_no_more_than_a_list() {
    let dir = tempfile::tempdir().expect("a folder");
    let server = Server::start(dir.path()).await;
    let mut vault = open("vault", json!([{"name": "name", "type": "text"}]));
    vault["listRule"] = Value::Null;
    vault["viewRule"] = Value::Null;
    let vault = server.post("/api/collections", vault).await;
    let fields = json!([
        {"name": "title", "type": "text"},
        {"name": "secret", "type": "text", "hidden": true},
        {"name": "vault", "type": "relation", "collectionId": vault["id"], "maxSelect": 1},
        {"name": "pin", "type": "password"},
    ]);
    server.post("/api/collections", open("things", fields)).await;
    let url = format!("{}/api/realtime", server.base.replace("http://", "ws://"));
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.expect("a socket");
    let refused = [
        "secret = 's3cret'",
        "secret != 'wrong'",
        "pin != ''",
        "vault.name = 'gold'",
        "@request.auth.id = ''",
        "@collection.vault.name ?= 'gold'",
    ];
    let mut id = 0;
    let mut subscribe = async |socket: &mut tokio_tungstenite::WebSocketStream<_>, body: Value| {
        id += 1;
        let mut message = json!({"type": "subscribe", "id": id});
        message.as_object_mut().expect("an object").extend(body.as_object().expect("an object").clone());
        socket.send(Message::text(message.to_string())).await.expect("sent");
    };
    for (number, filter) in refused.iter().enumerate() {
        // Each topic is a string of its own, so that its events can be told from the others'.
        let topic = format!("things/*?options=%7B%22query%22%3A%7B%22n%22%3A{number}%7D%7D");
        subscribe(&mut socket, json!({"topics": [topic], "filter": filter})).await;
    }
    subscribe(&mut socket, json!({"topics": ["vault/*"]})).await;
    subscribe(&mut socket, json!({"topics": ["things/*"], "filter": "title = 'last' || title = 'one'", "expand": "vault", "fields": "*,secret,expand.vault.name"})).await;
    let gold = server.post(&records("vault"), json!({"name": "gold"})).await;
    for title in ["one", "last"] {
        let body = json!({"title": title, "secret": "s3cret", "vault": gold["id"], "pin": "12345678"});
        server.post(&records("things"), body).await;
    }
    let mut events = Vec::new();
    while !events.iter().any(|event: &Value| event["record"]["title"] == "last") {
        let message =
            tokio::time::timeout(PATIENCE, socket.next()).await.expect("in time").expect("open").expect("a message");
        if let Message::Text(text) = message {
            let message: Value = serde_json::from_str(&text).expect("JSON");
            if message["type"] == "event" {
                assert_eq!(message["topic"], "things/*", "{message}");
                for secret in ["s3cret", "gold", "argon2"] {
                    assert!(!text.contains(secret), "{message}");
                }
                events.push(message);
            }
        }
    }
    assert_eq!(events.len(), 2, "{events:?}");
}
