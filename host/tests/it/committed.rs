//! One event for each change that was committed, whatever way it came, and none for what was not.

use crate::support::listener::{Listener, row};
use crate::support::{TestApp, open};
use axum::http::Method;
use serde_json::{Value, json};

fn title() -> Value {
    json!({"name": "title", "type": "text", "max": 20})
}

/// Parents with children that go with them, and somebody who listens to both.
async fn families() -> (TestApp, Listener) {
    let app = TestApp::new().await;
    let parents = app.collection(open("parents", json!([title()]))).await;
    let relation = |name: &str, cascade: bool| json!({"name": name, "type": "relation", "collectionId": parents["id"], "maxSelect": 1, "cascadeDelete": cascade});
    app.collection(open("children", json!([title(), relation("parent", true), relation("friend", false)]))).await;
    app.set(json!({"batch": {"enabled": true}})).await;
    let mut guest = Listener::guest(&app).await;
    guest.subscribe(&["parents/*", "children/*"]).await;
    (app, guest)
}

/// Hears a last change, so that nothing else came before it.
async fn nothing_more(app: &TestApp, guest: &mut Listener) {
    app.anon().created("parents", json!({"title": "mark"})).await;
    assert_eq!(guest.event().await, row("create", "mark"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_told_when_all_of_it_is_there() {
    let (app, mut guest) = families().await;
    let request = |method: &str, url: &str, body: Value| json!({"method": method, "url": url, "body": body});
    let (parents, id) = ("/api/collections/parents/records", "a23456789012345");
    let batch = |last: Value| {
        json!({"requests": [
            request("POST", parents, json!({"id": id, "title": "one"})),
            request("PATCH", &format!("{parents}/{id}"), json!({"title": "two"})),
            last,
        ]})
    };
    let refused = batch(request("POST", parents, json!({"title": "x".repeat(21)})));
    assert_eq!(app.anon().post("/api/batch", refused).await.status, 400);
    nothing_more(&app, &mut guest).await;
    let reply = app.anon().post("/api/batch", batch(request("POST", parents, json!({"title": "three"})))).await;
    assert_eq!(reply.status, 200, "{reply}");
    let mut told = vec![guest.event().await, guest.event().await, guest.event().await];
    assert_eq!(told.remove(2), row("create", "three"));
    assert_eq!(told.iter().map(|(action, _)| action.as_str()).collect::<Vec<_>>(), ["create", "update"]);
    nothing_more(&app, &mut guest).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cascade_is_told_record_by_record() {
    let (app, mut guest) = families().await;
    let anon = app.anon();
    let parent = anon.created("parents", json!({"title": "parent"})).await;
    anon.created("children", json!({"title": "child", "parent": parent})).await;
    anon.created("children", json!({"title": "friend", "friend": parent})).await;
    for _ in 0..3 {
        guest.event().await;
    }
    assert_eq!(anon.delete("parents", &parent).await.status, 204);
    let mut told = vec![guest.event().await, guest.event().await, guest.event().await];
    told.sort();
    assert_eq!(told, [row("delete", "child"), row("delete", "parent"), row("update", "friend")]);
    nothing_more(&app, &mut guest).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_and_changes_by_filter_are_told_row_by_row() {
    let (app, mut guest) = families().await;
    let root = app.superuser();
    let path = "/api/collections/parents/records";
    let csv = format!("title\na\n{}\nb\n", "x".repeat(21));
    let import = format!("{path}/import?format=csv");
    let reply = root.raw(Method::POST, &import, &[("content-type", "text/csv")], csv.into_bytes()).await;
    assert_eq!((&reply.json["created"], &reply.json["failed"]), (&json!(2), &json!(1)), "{reply}");
    assert_eq!((guest.event().await, guest.event().await), (row("create", "a"), row("create", "b")));
    let dry = format!("{path}?filter=title='a'&dryRun=1");
    assert_eq!(root.patch(&dry, json!({"title": "c"})).await.status, 200);
    let reply = root.patch(&format!("{path}?filter=title!=''"), json!({"title": "c"})).await;
    assert_eq!(reply.status, 200, "{reply}");
    assert_eq!((guest.event().await, guest.event().await), (row("update", "c"), row("update", "c")));
    let reply = root.remove(&format!("{path}?filter=title='c'")).await;
    assert_eq!(reply.status, 200, "{reply}");
    assert_eq!((guest.event().await, guest.event().await), (row("delete", "c"), row("delete", "c")));
    let both =
        [root.created("parents", json!({"title": "d"})).await, root.created("parents", json!({"title": "e"})).await];
    assert_eq!((guest.event().await, guest.event().await), (row("create", "d"), row("create", "e")));
    assert_eq!(root.remove("/api/collections/parents/truncate").await.status, 204);
    let mut told = vec![guest.event().await, guest.event().await];
    told.sort();
    assert_eq!((told, both.len()), (vec![row("delete", "d"), row("delete", "e")], 2));
    nothing_more(&app, &mut guest).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hangs_on_an_account_goes_with_it_and_is_told() {
    let app = TestApp::new().await;
    let ann = app.user("ann@example.com").await;
    let mut root = Listener::person(&app, app.superuser()).await;
    root.subscribe(&["_authOrigins/*", "_otps/*", "users/*"]).await;
    app.superuser().patch("/api/collections/users", json!({"otp": {"enabled": true}})).await;
    let reply = app.anon().post("/api/collections/users/request-otp", json!({"email": "ann@example.com"})).await;
    assert_eq!(reply.status, 200, "{reply}");
    let made = root.next().await;
    assert_eq!((&made["topic"], &made["action"]), (&json!("_otps/*"), &json!("create")), "{made}");
    assert_eq!(app.superuser().delete("users", &ann.id).await.status, 204);
    let mut told = Vec::new();
    for _ in 0..3 {
        let event = root.next().await;
        assert_eq!(event["action"], "delete", "{event}");
        let owner = event["record"]["recordRef"].as_str().map(str::to_owned);
        told.push((event["topic"].as_str().unwrap_or_default().to_owned(), owner));
    }
    told.sort();
    let of = |topic: &str, owner: Option<&str>| (topic.to_owned(), owner.map(str::to_owned));
    let owner = Some(ann.id.as_str());
    assert_eq!(told, [of("_authOrigins/*", owner), of("_otps/*", owner), of("users/*", None)]);
}
