//! `ETag`, `If-Match`, `If-None-Match`: nobody overwrites what they have not seen.

use crate::support::people::{Person, Reply, records};
use crate::support::{TestApp, open};
use axum::http::Method;
use serde_json::{Value, json};
use std::time::Duration;

fn tag(reply: &Reply) -> String {
    let tag = reply.headers.get("etag").unwrap_or_else(|| panic!("no tag: {reply}"));
    tag.to_str().expect("a text").to_owned()
}

async fn patch_if(person: &Person, id: &str, tag: &str, body: Value) -> Reply {
    let headers = [("content-type", "application/json"), ("if-match", tag)];
    let path = format!("{}/{id}", records("posts"));
    person.raw(Method::PATCH, &path, &headers, body.to_string().into_bytes()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_names_the_row_and_nothing_else() {
    let app = TestApp::with_posts().await;
    let ann = app.user("ann@example.com").await;
    let body = json!({"title": "x", "views": 3, "published": true, "published_at": "2026-01-01 00:00:00.000Z", "meta": {"a": [1.5]}, "author": ann.id});
    let created = app.anon().create("posts", body).await;
    let id = created.json["id"].as_str().expect("an id");
    let first = tag(&created);
    assert!(first.starts_with('"') && first.ends_with('"') && first.len() == 34, "{first}");
    for query in ["", "?fields=id", "?expand=author", "?expand=author&fields=title"] {
        for person in [app.anon(), ann.clone(), app.superuser().clone()] {
            let viewed = person.get(&format!("{}/{id}{query}", records("posts"))).await;
            assert_eq!(tag(&viewed), first, "{query}");
        }
    }
    let changed = app.anon().update("posts", id, json!({"views+": 1})).await;
    assert_ne!(tag(&changed), first);
    assert_eq!(tag(&app.anon().view("posts", id).await), tag(&changed));
    let back = app.anon().update("posts", id, json!({"views": 3})).await;
    assert_eq!(tag(&back), first, "the same row has the same tag");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_changes_with_what_is_hidden_and_with_the_collection() {
    let app = TestApp::new().await;
    let mut secrets = open("secrets", json!([{"name": "pin", "type": "text", "hidden": true}]));
    app.collection(secrets.clone()).await;
    let root = app.superuser();
    let id = root.created("secrets", json!({"pin": "1234"})).await;
    let first = tag(&app.anon().view("secrets", &id).await);
    root.update("secrets", &id, json!({"pin": "4321"})).await;
    let second = tag(&app.anon().view("secrets", &id).await);
    assert_ne!(first, second);
    app.clock.advance(Duration::from_secs(1));
    secrets["fields"][0]["hidden"] = json!(false);
    assert_eq!(root.patch("/api/collections/secrets", json!({"fields": secrets["fields"]})).await.status, 200);
    let viewed = app.anon().view("secrets", &id).await;
    assert_ne!(tag(&viewed), second, "it is shown in another way now");

    let user = app.user("ann@example.com").await;
    let before = tag(&user.view("users", &user.id).await);
    let body = json!({"password": "another12345", "passwordConfirm": "another12345"});
    let after = root.update("users", &user.id, body).await;
    assert_ne!(tag(&after), before, "a new password is a new row");
    assert_eq!(tag(&root.view("users", &user.id).await), tag(&after));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_meanwhile_is_not_overwritten() {
    let app = TestApp::with_posts().await;
    let anon = app.anon();
    let created = anon.create("posts", json!({"title": "one"})).await;
    let id = created.json["id"].as_str().expect("an id");
    let seen = tag(&created);
    let changed = patch_if(&anon, id, &seen, json!({"title": "two"})).await;
    assert_eq!(changed.status, 200, "{changed}");

    let refused = patch_if(&anon, id, &seen, json!({"title": "three"})).await;
    assert_eq!((refused.status, &refused.json["status"]), (412, &json!(412)), "{refused}");
    assert_eq!((&refused.json["record"], &refused.json["data"]), (&changed.json, &json!({})));
    assert_eq!(tag(&refused), tag(&changed), "the tag to try again with");
    assert_eq!(anon.view("posts", id).await.json["title"], "two");

    let weak = format!("W/{}", tag(&changed));
    assert_eq!(patch_if(&anon, id, &weak, json!({"title": "x"})).await.status, 412, "a weak tag is no proof");
    let listed = format!("\"0\", {}", tag(&changed));
    assert_eq!(patch_if(&anon, id, &listed, json!({"title": "four"})).await.status, 200);
    assert_eq!(patch_if(&anon, id, "*", json!({"title": "five"})).await.status, 200);
    assert_eq!(patch_if(&anon, "no-such-record", &seen, json!({})).await.status, 404);

    let path = format!("{}/{id}", records("posts"));
    let gone = anon.raw(Method::DELETE, &path, &[("if-match", &seen)], Vec::new()).await;
    assert_eq!((gone.status, &gone.json["record"]["title"]), (412, &json!("five")));
    let now = tag(&anon.view("posts", id).await);
    assert_eq!(anon.raw(Method::DELETE, &path, &[("if-match", &now)], Vec::new()).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_with_the_same_tag_one_wins() {
    let app = TestApp::with_posts().await;
    let created = app.anon().create("posts", json!({"title": "x"})).await;
    let (id, seen) = (created.json["id"].as_str().expect("an id").to_owned(), tag(&created));
    let mut tasks = tokio::task::JoinSet::new();
    for number in 1..=16 {
        let (anon, id, seen) = (app.anon(), id.clone(), seen.clone());
        tasks.spawn(async move { patch_if(&anon, &id, &seen, json!({"views": number})).await.status });
    }
    let mut statuses = tasks.join_all().await;
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (200, &[412; 15][..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_writer_is_not_shown_what_is_hidden_from_them() {
    let app = TestApp::new().await;
    let mut notes = open("notes", json!([{"name": "text", "type": "text"}]));
    notes["viewRule"] = Value::Null;
    app.collection(notes).await;
    let id = app.superuser().created("notes", json!({"text": "secret"})).await;
    let headers = [("content-type", "application/json"), ("if-match", "\"x\"")];
    let path = format!("{}/{id}", records("notes"));
    let refused = app.anon().raw(Method::PATCH, &path, &headers, b"{}".to_vec()).await;
    assert_eq!((refused.status, refused.json.get("record")), (412, None), "{refused}");
    assert_eq!(refused.headers.get("etag"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_is_not_sent_again() {
    let app = TestApp::with_posts().await;
    let created = app.anon().create("posts", json!({"title": "x"})).await;
    let path = format!("{}/{}", records("posts"), created.json["id"].as_str().expect("an id"));
    let get =
        async |path: &str, seen: &str| app.anon().raw(Method::GET, path, &[("if-none-match", seen)], Vec::new()).await;
    let seen = tag(&created);
    let known = get(&path, &seen).await;
    assert_eq!((known.status, &known.json, tag(&known)), (304, &Value::Null, seen.clone()));
    assert!(known.headers.get_all("vary").iter().any(|vary| vary == "Authorization, Cookie"));
    assert_eq!(get(&path, &format!("W/{seen}")).await.status, 304);
    assert_eq!(get(&path, "\"0\"").await.status, 200);
    assert_eq!(get(&format!("{path}?expand=author"), &seen).await.status, 200, "what is expanded may have changed");
    app.anon().update("posts", created.json["id"].as_str().expect("an id"), json!({"title": "y"})).await;
    assert_eq!(get(&path, &seen).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_of_a_batch_has_its_own_condition() {
    let app = TestApp::with_posts().await;
    app.superuser().patch("/api/settings", json!({"batch": {"enabled": true}})).await;
    let anon = app.anon();
    let created = anon.create("posts", json!({"title": "one"})).await;
    let url = format!("{}/{}", records("posts"), created.json["id"].as_str().expect("an id"));
    let change =
        |tag: &str| json!({"method": "PATCH", "url": url, "headers": {"If-Match": tag}, "body": {"title": "two"}});
    let reply = anon.post("/api/batch", json!({"requests": [change(&tag(&created)), change(&tag(&created))]})).await;
    assert_eq!(reply.json["data"]["requests"]["1"]["response"]["status"], 412, "{reply}");
    let reply = anon.post("/api/batch", json!({"requests": [change(&tag(&created))]})).await;
    assert_eq!(reply.status, 200, "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_is_not_created_anew_under_a_condition() {
    let app = TestApp::with_posts().await;
    app.superuser().patch("/api/settings", json!({"batch": {"enabled": true}})).await;
    let anon = app.anon();
    let created = anon.create("posts", json!({"title": "one"})).await;
    let id = created.json["id"].as_str().expect("an id");
    let put = |tag: &str, title: &str| {
        let body = json!({"id": id, "title": title});
        json!({"requests": [{"method": "PUT", "url": records("posts"), "headers": {"If-Match": tag}, "body": body}]})
    };
    let reply = anon.post("/api/batch", put(&tag(&created), "two")).await;
    assert_eq!(reply.status, 200, "{reply}");
    assert_eq!(anon.delete("posts", id).await.status, 204);
    for seen in [tag(&created).as_str(), "*"] {
        let reply = anon.post("/api/batch", put(seen, "three")).await;
        assert_eq!(reply.json["data"]["requests"]["0"]["response"]["status"], 412, "{reply}");
    }
    assert_eq!(anon.view("posts", id).await.status, 404);
}

async fn settings_if(root: &Person, query: &str, tag: &str, body: Value) -> Reply {
    let headers = [("content-type", "application/json"), ("if-match", tag)];
    let path = format!("/api/settings{query}");
    root.raw(Method::PATCH, &path, &headers, body.to_string().into_bytes()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_changed_only_by_whoever_has_seen_them() {
    let app = TestApp::new().await;
    let root = app.superuser();
    let first = tag(&root.get("/api/settings").await);
    for query in ["?sources=1", "?fields=meta"] {
        assert_eq!(tag(&root.get(&format!("/api/settings{query}")).await), first, "{query}");
    }
    let named = json!({"meta": {"appName": "Ours"}});
    let saved = settings_if(root, "", &first, named.clone()).await;
    assert_eq!((saved.status, &saved.json["meta"]["appName"]), (200, &json!("Ours")), "{saved}");
    let second = tag(&saved);
    assert_ne!(second, first);
    assert_eq!(tag(&root.get("/api/settings").await), second);

    let late = settings_if(root, "", &first, json!({"meta": {"appName": "Mine"}, "batch": {"enabled": true}})).await;
    assert_eq!(late.status, 412, "{late}");
    assert_eq!(late.json["message"], "The settings were changed since you have seen them.");
    let held = root.get("/api/settings").await;
    assert_eq!((tag(&late), &late.json["settings"]), (second.clone(), &held.json), "what they are now comes along");
    assert_eq!((&held.json["meta"]["appName"], &held.json["batch"]["enabled"]), (&json!("Ours"), &json!(false)));
    let late = settings_if(root, "?sources=1", "\"x\"", named.clone()).await;
    assert_eq!((late.status, &late.json["settings"]["secrets"]), (412, &json!([])), "as it was asked for");

    // What changes nothing is made of what was seen, too; and a list of tags, and any.
    assert_eq!(settings_if(root, "", &first, named.clone()).await.status, 412);
    for tags in [format!("{first}, {second}"), "*".to_owned()] {
        let same = settings_if(root, "", &tags, named.clone()).await;
        assert_eq!((same.status, tag(&same)), (200, second.clone()), "{same}");
    }
    // As the clients of PocketBase send it.
    let blind = root.patch("/api/settings", json!({"meta": {"appName": "Theirs"}})).await;
    assert_eq!((blind.status, &blind.json["meta"]["appName"]), (200, &json!("Theirs")), "{blind}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tag_of_the_settings_changes_with_a_secret_and_tells_it_to_nobody() {
    let app = TestApp::new().await;
    let root = app.superuser();
    let password = |secret: &str| json!({"smtp": {"password": secret}});
    let first = tag(&root.patch("/api/settings", password("hush-1")).await);
    let changed = root.patch("/api/settings", password("hush-2")).await;
    assert_ne!(tag(&changed), first);
    let late = settings_if(root, "", &first, password("hush-3")).await;
    assert_eq!(late.status, 412);
    assert!(!late.json.to_string().contains("hush"), "{late}");
    assert_eq!(app.host.default_tenant().tenant.settings.load().smtp.password, "hush-2");
    assert_eq!(
        tag(&root.patch("/api/settings", password("hush-1")).await),
        first,
        "the same settings have the same tag"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_have_seen_the_same_settings_one_changes_them() {
    let app = TestApp::new().await;
    let seen = tag(&app.superuser().get("/api/settings").await);
    let mut running = tokio::task::JoinSet::new();
    for name in ["a", "b", "c", "d", "e", "f"] {
        let (root, seen) = (app.superuser().clone(), seen.clone());
        running.spawn(async move { settings_if(&root, "", &seen, json!({"meta": {"appName": name}})).await.status });
    }
    let mut statuses = running.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412]);
}
