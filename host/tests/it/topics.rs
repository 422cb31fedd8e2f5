//! Topics that are no collection's: who may speak and listen there, and who is seen.

use crate::support::listener::{Listener, Reader, row};
use crate::support::{TestApp, open};
use serde_json::{Value, json};
use std::time::Duration;

/// Rooms with members, news for everybody, and a board that members of staff write on.
async fn rooms() -> TestApp {
    let app = TestApp::new().await;
    let fields = json!([
        {"name": "title", "type": "text"}, {"name": "room", "type": "text"}, {"name": "who", "type": "text"},
    ]);
    app.collection(open("members", fields)).await;
    let member = "@collection.members.room ?= room && @collection.members.who ?= @request.auth.id";
    app.set(json!({"realtime": {"topics": [
        {"pattern": "rooms/{room}", "subscribeRule": member, "publishRule": member, "presenceRule": member},
        {"pattern": "news", "subscribeRule": "", "publishRule": "@request.auth.name = 'editor' && @request.body.text != ''"},
        {"pattern": "lobby/{place}", "subscribeRule": "", "publishRule": "", "presenceRule": "place != 'silent'"},
        {"pattern": "gone", "subscribeRule": "", "publishRule": ""},
    ]}}))
    .await;
    app
}

fn publish(topic: &str, data: &Value) -> Value {
    json!({"topic": topic, "data": data})
}

const PUBLISH: &str = "/api/realtime/publish";

#[tokio::test(flavor = "multi_thread")]
async fn members_hear_each_other_for_as_long_as_they_are_members() {
    let app = rooms().await;
    let (ann, bob) = (app.user("ann@example.com").await, app.user("bob@example.com").await);
    let root = app.superuser();
    root.created("members", json!({"room": "1", "who": ann.id})).await;
    let bobs = root.created("members", json!({"room": "1", "who": bob.id})).await;

    let (mut anns, mut guest) = (Listener::person(&app, &ann).await, Listener::guest(&app).await);
    let mut reads = Reader::new(&app).await;
    reads.subscribe(&bob, &["rooms/1", "rooms/2", "news"]).await;
    anns.subscribe(&["rooms/1"]).await;
    guest.subscribe(&["rooms/1", "news"]).await;

    assert_eq!(ann.post(PUBLISH, publish("rooms/1", &json!({"text": "hello\n"}))).await.status, 204);
    assert_eq!(anns.told("rooms/1").await, json!({"text": "hello\n"}), "who speaks hears it too");
    assert_eq!(reads.next().await, ("rooms/1".into(), json!({"text": "hello\n"})));
    let said = anns.say(json!({"type": "publish", "id": 3, "topic": "rooms/1", "data": [1, null]})).await;
    assert_eq!(said, json!({"type": "ack", "id": 3}));
    assert_eq!(anns.told("rooms/1").await, json!([1, null]));
    assert_eq!(reads.next().await.1, json!([1, null]));

    // Who is no member neither speaks nor listens, be it from the next word on.
    for person in [&app.anon(), &app.user("eve@example.com").await] {
        let reply = person.post(PUBLISH, publish("rooms/1", &json!(1))).await;
        assert_eq!(reply.status, 403, "{reply}");
    }
    assert_eq!(bob.post(PUBLISH, publish("rooms/2", &json!(1))).await.status, 403);
    assert_eq!(root.delete("members", &bobs).await.status, 204);
    assert_eq!(ann.post(PUBLISH, publish("rooms/1", &json!("between us"))).await.status, 204);
    assert_eq!(anns.told("rooms/1").await, "between us");
    assert_eq!(root.post(PUBLISH, publish("news", &json!("for all"))).await.status, 204);
    assert_eq!(reads.next().await, ("news".into(), json!("for all")), "and not what was said after he left");
    assert_eq!(guest.told("news").await, "for all", "and nothing of the room");
    assert_eq!(bob.post(PUBLISH, publish("rooms/1", &json!(1))).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_can_ask_what_is_said_and_changes_at_once() {
    let app = rooms().await;
    let ann = app.user("ann@example.com").await;
    assert_eq!(app.superuser().update("users", &ann.id, json!({"name": "editor"})).await.status, 200);
    let mut guest = Listener::guest(&app).await;
    guest.subscribe(&["gone", "news"]).await;
    for (data, status) in [(json!({"text": ""}), 403), (json!("x"), 403), (json!({"text": "x"}), 204)] {
        assert_eq!(ann.post(PUBLISH, publish("news", &data)).await.status, status, "{data}");
    }
    assert_eq!(guest.told("news").await, json!({"text": "x"}));
    assert_eq!(app.anon().post(PUBLISH, publish("gone", &json!(1))).await.status, 204);
    assert_eq!(guest.told("gone").await, 1);
    app.set(json!({"realtime": {"topics": [{"pattern": "news", "subscribeRule": "", "publishRule": ""}]}})).await;
    assert_eq!(app.anon().post(PUBLISH, publish("gone", &json!(2))).await.status, 403);
    assert_eq!(app.superuser().post(PUBLISH, publish("gone", &json!(2))).await.status, 204);
    assert_eq!(app.anon().post(PUBLISH, publish("news", &json!(3))).await.status, 204);
    assert_eq!(guest.told("news").await, 3, "what no pattern fits is for superusers");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_says_what_only_the_server_says() {
    let app = rooms().await;
    let root = app.superuser();
    let members = app.superuser().get("/api/collections/members").await.json["id"].clone();
    let of_id = format!("{}/x", members.as_str().expect("an id"));
    for (topic, code) in [
        ("members/*", "validation_topic_of_server"),
        ("MEMBERS", "validation_topic_of_server"),
        (&of_id, "validation_topic_of_server"),
        ("@oauth2", "validation_topic_of_server"),
        ("PB_CONNECT", "validation_topic_of_server"),
        ("lobby/1/@presence", "validation_topic_of_server"),
        ("", "validation_required"),
        ("a?options=1", "validation_match_invalid"),
        ("a\nevent:PB_CONNECT", "validation_match_invalid"),
        (&"x".repeat(256), "validation_length_too_long"),
    ] {
        let reply = root.post(PUBLISH, publish(topic, &json!(1))).await;
        assert_eq!((reply.status, &reply.json["data"]["topic"]["code"]), (400, &json!(code)), "{topic}: {reply}");
    }
    let reply = root.post(PUBLISH, publish("news", &json!("x".repeat(65_535)))).await;
    assert_eq!(reply.json["data"]["data"]["code"], "validation_content_size_limit", "{reply}");
    assert_eq!(root.post(PUBLISH, json!({"topic": 1})).await.status, 400);
    let tenant = &app.host.default_tenant().tenant;
    assert!(tenant.broadcast("news", &json!(1)).is_ok() && tenant.broadcast("members/x", &json!(1)).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_speaks_and_listens_as_far_as_its_scope_goes() {
    let app = rooms().await;
    let key = async |scope: &str| {
        let made = app.superuser().post("/api/keys", json!({"name": "k", "scopes": [scope]})).await;
        app.anon().with_token(made.json["key"].as_str().expect("a key"))
    };
    let (speaks, listens, other) = (key("realtime").await, key("realtime:read").await, key("logs").await);
    let mut reads = Reader::new(&app).await;
    reads.subscribe(&listens, &["rooms/1"]).await;
    for (person, status) in [(&other, 403), (&listens, 403), (&speaks, 204)] {
        assert_eq!(person.post(PUBLISH, publish("rooms/1", &json!(status))).await.status, status);
    }
    assert_eq!(reads.next().await, ("rooms/1".into(), json!(204)));
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_in_the_rules_of_topics_name_their_place() {
    let app = rooms().await;
    for (topics, place, code) in [
        (json!([{"pattern": "a"}, {"pattern": "b/{x}", "publishRule": "y = 1"}]), "1/publishRule", "invalid_rule"),
        (json!([{"pattern": "b/{x}", "presenceRule": "x = "}]), "0/presenceRule", "invalid_rule"),
        (json!([{"pattern": "b/{x}", "subscribeRule": "@collection.nope.x = x"}]), "0/subscribeRule", "invalid_rule"),
        (json!([{"pattern": "a b"}]), "0/pattern", "match_invalid"),
        (json!([{"pattern": "a"}, {"pattern": "a"}]), "1/pattern", "duplicated_topic"),
    ] {
        let reply = app.superuser().patch("/api/settings", json!({"realtime": {"topics": topics}})).await;
        let found = reply.json.pointer(&format!("/data/realtime/topics/{place}/code"));
        assert_eq!(found, Some(&json!(format!("validation_{code}"))), "{reply}");
    }
    let settings = app.superuser().get("/api/settings").await.json;
    assert_eq!(settings["realtime"]["topics"].as_array().map(Vec::len), Some(4), "nothing was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_is_not_passed_on() {
    let app = rooms().await;
    let mut guest = Listener::guest(&app).await;
    let mut statuses = Vec::new();
    for number in 0..1_001 {
        let answer = guest.say(json!({"type": "publish", "topic": "gone", "data": number})).await;
        statuses.push(if answer["type"] == "ack" { json!("ack") } else { answer["code"].clone() });
    }
    let last = statuses.pop();
    assert!(statuses.iter().all(|status| status == "ack"), "{statuses:?}");
    assert_eq!(last, Some(json!("rate_limited")));
    assert_eq!(app.anon().post(PUBLISH, publish("gone", &json!(1))).await.status, 429, "be it by another way");
    assert_eq!(app.anon().at("10.0.0.1").post(PUBLISH, publish("gone", &json!(1))).await.status, 204);
    assert_eq!(app.superuser().post(PUBLISH, publish("gone", &json!(1))).await.status, 204);
}

/// (action, ids of the users who are meant) of what is told about who is there.
fn seen(data: &Value) -> (String, Vec<String>) {
    let members = data["members"].as_array().cloned().unwrap_or_else(|| vec![data["member"].clone()]);
    let name = |member: &Value| member["user"]["id"].as_str().unwrap_or("guest").to_owned();
    (data["action"].as_str().unwrap_or_default().to_owned(), members.iter().map(name).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_there_is_told_to_those_who_may_listen() {
    let app = rooms().await;
    let (ann, bob) = (app.user("ann@example.com").await, app.user("bob@example.com").await);
    let root = app.superuser();
    root.created("members", json!({"room": "1", "who": ann.id})).await;
    let bobs = root.created("members", json!({"room": "1", "who": bob.id})).await;
    let watch = "rooms/1/@presence";
    let join = |state: Value| json!({"type": "join", "topic": "rooms/1", "state": state});

    let (mut anns, mut eves) = (Listener::person(&app, &ann).await, Listener::guest(&app).await);
    eves.subscribe(&[watch, "news"]).await;
    assert_eq!(eves.say(join(json!(1))).await["code"], "forbidden");
    anns.subscribe(&[watch]).await;
    assert_eq!(seen(&anns.told(watch).await), ("state".into(), vec![]));
    let answer = anns.say(join(json!({"typing": false}))).await;
    let member = answer["member"].as_str().expect("an id").to_owned();
    assert_eq!(seen(&anns.told(watch).await), ("join".into(), vec![ann.id.clone()]));

    let mut reads = Reader::new(&app).await;
    reads.subscribe(&bob, &[watch]).await;
    let (name, data) = reads.next().await;
    assert_eq!((name.as_str(), &data["members"][0]["state"]), (watch, &json!({"typing": false})));

    let mut second = Listener::person(&app, &bob).await;
    assert_eq!(second.say(join(Value::Null)).await["type"], "ack");
    assert_eq!(seen(&anns.told(watch).await), ("join".into(), vec![bob.id.clone()]));
    assert_eq!(seen(&reads.next().await.1), ("join".into(), vec![bob.id.clone()]));
    assert_eq!(anns.say(join(json!({"typing": true}))).await["member"], member);
    let update = anns.told(watch).await;
    assert_eq!((&update["action"], &update["member"]["state"]), (&json!("update"), &json!({"typing": true})));
    assert_eq!(reads.next().await.1["member"]["id"], json!(member));

    // Leaving by saying so, by going away, and by not being a member any more.
    assert_eq!(second.say(json!({"type": "leave", "topic": "rooms/1"})).await["type"], "ack");
    assert_eq!(second.say(json!({"type": "leave", "topic": "rooms/1"})).await["code"], "not_found");
    assert_eq!(seen(&anns.told(watch).await), ("leave".into(), vec![bob.id.clone()]));
    assert_eq!(second.say(join(Value::Null)).await["type"], "ack");
    assert_eq!(seen(&anns.told(watch).await).0, "join");
    drop(second);
    assert_eq!(seen(&anns.told(watch).await).0, "leave");
    let mut third = Listener::person(&app, &bob).await;
    assert_eq!(third.say(join(Value::Null)).await["type"], "ack");
    assert_eq!(seen(&anns.told(watch).await).0, "join");
    assert_eq!(root.delete("members", &bobs).await.status, 204);
    assert_eq!(seen(&anns.told(watch).await), ("leave".into(), vec![bob.id.clone()]), "by itself");

    root.post(PUBLISH, publish("news", &json!("end"))).await;
    assert_eq!(eves.told("news").await, "end", "and nothing about who is there");
    let clients = root.get("/api/realtime/clients").await.json;
    let seen_at: Vec<&Value> =
        clients["items"].as_array().expect("items").iter().map(|item| &item["present"]).collect();
    assert!(seen_at.contains(&&json!(["rooms/1"])) && seen_at.contains(&&json!([])), "{clients}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_in_is_seen_as_who_they_are() {
    let app = rooms().await;
    let ann = app.user("ann@example.com").await;
    let mut watches = Listener::guest(&app).await;
    watches.subscribe(&["lobby/1/@presence"]).await;
    assert_eq!(seen(&watches.told("lobby/1/@presence").await), ("state".into(), vec![]));
    let mut anns = Listener::guest(&app).await;
    for (topic, state, code) in [
        ("lobby/silent", Value::Null, "forbidden"),
        ("members/1", Value::Null, "invalid"),
        ("lobby/1", json!("x".repeat(1_025)), "invalid"),
    ] {
        let answer = anns.say(json!({"type": "join", "topic": topic, "state": state})).await;
        assert_eq!(answer["code"], code, "{topic}: {answer}");
    }
    assert_eq!(anns.say(json!({"type": "join", "topic": "lobby/1"})).await["type"], "ack");
    assert_eq!(seen(&watches.told("lobby/1/@presence").await), ("join".into(), vec!["guest".into()]));
    assert_eq!(anns.say(json!({"type": "auth", "token": ann.token()})).await["type"], "ack");
    assert_eq!(seen(&watches.told("lobby/1/@presence").await), ("update".into(), vec![ann.id.clone()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn superusers_see_who_is_connected() {
    let app = rooms().await;
    let ann = app.user("ann@example.com").await;
    let mut anns = Listener::person(&app, &ann).await;
    anns.subscribe(&["members/*", "rooms/1"]).await;
    let reads = Reader::new(&app).await;
    reads.subscribe(&app.anon(), &["news"]).await;
    let clients = app.superuser().get("/api/realtime/clients?perPage=1").await.json;
    assert_eq!((&clients["totalItems"], &clients["totalPages"]), (&json!(2), &json!(2)));
    let first = &clients["items"][0];
    assert_eq!((&first["transport"], &first["topics"]), (&json!("sse"), &json!(["news"])), "the latest");
    assert_eq!(first["auth"], json!({"kind": "guest", "id": "", "collectionName": ""}));
    let clients = app.superuser().get("/api/realtime/clients?perPage=1&page=2").await;
    let second = &clients.json["items"][0];
    assert_eq!(second["auth"], json!({"kind": "user", "id": ann.id, "collectionName": "users"}));
    assert_eq!((&second["topicCount"], &second["transport"]), (&json!(2), &json!("websocket")));
    assert!(!clients.to_string().contains(&reads.id), "what speaks for a connection is not told");
    drop(reads);
    let left = app.superuser().get("/api/realtime/clients").await.json;
    assert_eq!(left["totalItems"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sees_alike_shares_the_work() {
    let app = rooms().await;
    let mut listeners = Vec::new();
    for _ in 0..50 {
        let mut guest = Listener::guest(&app).await;
        guest.subscribe(&["news", "members/*"]).await;
        listeners.push(guest);
    }
    let realtime = &app.host.default_tenant().realtime;
    let before = realtime.work();
    app.superuser().post(PUBLISH, publish("news", &json!("once"))).await;
    app.superuser().created("members", json!({"title": "once"})).await;
    for listener in &mut listeners {
        // What is said goes another way than what is changed, so that either may come first.
        let both = [listener.next().await, listener.next().await];
        assert!(both.iter().any(|event| event["data"] == "once"), "{both:?}");
        assert!(both.iter().any(|event| event["record"]["title"] == "once"), "{both:?}");
    }
    let after = realtime.work();
    assert_eq!(after.judged - before.judged, 2, "one judgement for the message and one for the change");
    assert_eq!(after.written - before.written, 2, "each written once");

    // Where the rule asks who it is, each is judged by themselves, and what all see is still written once.
    app.superuser().patch("/api/collections/members", json!({"listRule": "@request.auth.id != 'x'"})).await;
    let (ann, bob) = (app.user("ann@example.com").await, app.user("bob@example.com").await);
    let (mut anns, mut bobs) = (Listener::person(&app, &ann).await, Listener::person(&app, &bob).await);
    anns.subscribe(&["members/*"]).await;
    bobs.subscribe(&["members/*"]).await;
    let before = realtime.work();
    app.superuser().created("members", json!({"title": "each"})).await;
    for listener in listeners.iter_mut().chain([&mut anns, &mut bobs]) {
        assert_eq!(listener.event().await, row("create", "each"));
    }
    let after = realtime.work();
    assert_eq!((after.judged - before.judged, after.written - before.written), (3, 1), "guests, Ann and Bob");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_seen_alike_is_judged_once() {
    let app = rooms().await;
    let (mut present, ann) = (Vec::new(), app.user("ann@example.com").await);
    for number in 0..40 {
        let mut one = if number % 2 == 0 { Listener::guest(&app).await } else { Listener::person(&app, &ann).await };
        assert_eq!(one.say(json!({"type": "join", "topic": "lobby/1"})).await["type"], "ack");
        present.push(one);
    }
    let realtime = &app.host.default_tenant().realtime;
    let passes = async |most: u64| {
        let (reviewed, judged) = (realtime.work().reviewed, realtime.work().judged);
        while realtime.work().reviewed < reviewed + 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let judged = realtime.work().judged - judged;
        // With one that goes on.
        let passed = realtime.work().reviewed - reviewed + 1;
        assert!(judged > 0 && judged <= most * passed, "{judged} judgements in {passed} looks");
    };
    passes(1).await;
    // Where the rule asks who it is, guests and each who is signed in are judged by themselves.
    let rule = "@request.auth.id != 'x'";
    app.set(json!({"realtime": {"topics": [{"pattern": "lobby/{place}", "presenceRule": rule}]}})).await;
    passes(2).await;
    app.set(json!({"realtime": {"topics": [{"pattern": "lobby/{place}", "presenceRule": "place != '1'"}]}})).await;
    let gone = async || {
        let clients = app.superuser().get("/api/realtime/clients?perPage=100").await.json;
        clients["items"].as_array().expect("items").iter().all(|one| one["present"] == json!([]))
    };
    while !gone().await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_keep_up_with_who_is_there_is_told_how_they_are() {
    let app = rooms().await;
    let watch = "lobby/1/@presence";
    let (mut reads, mut sleeps) = (Listener::guest(&app).await, Listener::guest(&app).await);
    for listener in [&mut reads, &mut sleeps] {
        listener.subscribe(&[watch, "news"]).await;
        assert_eq!(listener.told(watch).await["action"], "state");
    }
    let root = app.superuser();
    let mut moves = Listener::person(&app, root).await;
    // More than may wait for one connection.
    for number in 0..9_000 {
        let answer = moves.say(json!({"type": "join", "topic": "lobby/1", "state": number})).await;
        assert_eq!(answer["type"], "ack", "{answer}");
        assert_eq!(reads.told(watch).await["member"]["state"], number, "who reads is told of each");
        if number == 4_000 {
            root.post(PUBLISH, publish("news", &json!("in between"))).await;
            assert_eq!(reads.told("news").await, "in between");
        }
    }
    assert_eq!(sleeps.told(watch).await["action"], "join");
    assert_eq!(sleeps.told("news").await, "in between", "what is said is said once for all");
    let last = sleeps.told(watch).await;
    assert_eq!((&last["action"], &last["member"]["state"]), (&json!("update"), &json!(8_999)));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_read_is_let_go_and_nobody_else_notices() {
    let app = rooms().await;
    let (mut reads, mut sleeps) = (Listener::guest(&app).await, Listener::guest(&app).await);
    let stream = Reader::new(&app).await;
    reads.subscribe(&["news"]).await;
    sleeps.subscribe(&["news"]).await;
    stream.subscribe(&app.anon(), &["news"]).await;
    // More than may wait for one connection.
    let long = "x".repeat(60_000);
    for number in 0..300 {
        let said = json!({"number": number, "text": long});
        assert_eq!(app.superuser().post(PUBLISH, publish("news", &said)).await.status, 204);
        assert_eq!(reads.told("news").await["number"], number);
    }
    assert_eq!(sleeps.next().await, json!({"type": "gap"}), "and nothing of what waited");
    assert_eq!(sleeps.next().await, json!({"type": "close", "code": 1013}));
    let clients = app.superuser().get("/api/realtime/clients").await.json;
    assert_eq!(clients["totalItems"], 1, "the stream is let go too: {clients}");
}
