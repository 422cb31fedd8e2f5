//! `PATCH` and `DELETE` of `/api/collections/{c}/records?filter=`: many records in one transaction.

use crate::support::people::{Person, Reply, records};
use crate::support::{TestApp, guests, open};
use axum::http::Method;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tinybase::model::Action;
use tinybase::records::BULK_MAX;

fn path(collection: &str, query: &str) -> String {
    let query = query.replace(' ', "%20").replace('"', "%22").replace('<', "%3C").replace('>', "%3E");
    format!("{}?{query}", records(collection))
}

async fn change(person: &Person, query: &str, body: Value) -> Reply {
    person.patch(&path("posts", query), body).await
}

/// Posts with `views` from 1 on; answers with their ids.
async fn with_posts(count: usize) -> (TestApp, Vec<String>) {
    let app = TestApp::with_posts().await;
    let mut ids = Vec::new();
    for views in 1..=count {
        ids.push(app.anon().created("posts", json!({"title": format!("post {views}"), "views": views})).await);
    }
    (app, ids)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_filter_finds_is_changed_at_once() {
    let (app, ids) = with_posts(5).await;
    let root = app.superuser();
    let tried = change(root, "filter=views>2&dryRun=1", json!({"views+": 100})).await;
    assert_eq!(tried.status, 200, "{tried}");
    let expected = json!({"count": 3, "total": 3, "hasMore": false, "after": ids[4], "ids": ids[2..], "dryRun": true});
    assert_eq!(tried.json, expected);
    assert_eq!(root.values("posts", "views", "sort=views").await, [1, 2, 3, 4, 5].map(|views| json!(views)));

    let done = change(root, "filter=views>2", json!({"views+": 100, "published": true})).await;
    assert_eq!((done.status, &done.json["count"], &done.json["dryRun"]), (200, &json!(3), &json!(false)), "{done}");
    assert_eq!(root.values("posts", "views", "sort=views").await, [1, 2, 103, 104, 105].map(|views| json!(views)));
    assert_eq!(root.list("posts", "filter=published = true").await.json["totalItems"], 3);

    let gone = root.remove(&path("posts", "filter=published=true")).await;
    assert_eq!((gone.status, &gone.json["count"]), (200, &json!(3)), "{gone}");
    assert_eq!(root.list("posts", "").await.json["totalItems"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_cannot_be_changed_keeps_all_from_it() {
    let (app, ids) = with_posts(3).await;
    let root = app.superuser();
    let refused = change(root, "filter=views>0", json!({"title": ""})).await;
    assert_eq!(refused.status, 400, "{refused}");
    assert_eq!(refused.json["data"]["records"][&ids[0]]["title"]["code"], "validation_required");
    // Only the second breaks the index, and only the transaction can tell.
    let refused = change(root, "filter=views>0", json!({"slug": "same", "views+": 1})).await;
    let errors = &refused.json["data"]["records"];
    assert_eq!(errors[&ids[1]]["slug"]["code"], "validation_not_unique", "{refused}");
    assert_eq!(errors.as_object().expect("errors").len(), 1);
    assert_eq!(root.values("posts", "views", "sort=views").await, [1, 2, 3].map(|views| json!(views)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_refused_is_refused_by_a_dry_run_too() {
    let (app, ids) = with_posts(3).await;
    let root = app.superuser();
    for body in [json!({"title": ""}), json!({"slug": "same"}), json!({"author": "nobody000000000"})] {
        let tried = change(root, "filter=views>0&dryRun=1", body.clone()).await;
        assert_eq!(tried.status, 400, "{tried}");
        let done = change(root, "filter=views>0", body).await;
        assert_eq!(tried.json, done.json);
    }
    let posts = root.get("/api/collections/posts").await.json["id"].clone();
    let strict = json!([{"name": "post", "type": "relation", "collectionId": posts, "maxSelect": 1, "required": true}]);
    app.collection(open("strict", strict)).await;
    let held = app.anon().created("strict", json!({"post": ids[1]})).await;
    let tried = root.remove(&path("posts", "filter=views>0&dryRun=1")).await;
    assert!(tried.status == 400 && tried.json["data"]["records"][&ids[1]].is_object(), "{tried}");
    app.anon().delete("strict", &held).await;
    let tried = root.remove(&path("posts", "filter=views>0&dryRun=1")).await;
    assert_eq!((tried.status, &tried.json["count"]), (200, &json!(3)), "{tried}");
    assert_eq!(root.values("posts", "views", "sort=views").await, [1, 2, 3].map(|views| json!(views)));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_record_has_its_hook_and_its_event() {
    let (app, ids) = with_posts(3).await;
    app.attach(&guests::plugin("slugify"), "posts", &["beforeUpdate"], json!({})).await;
    let heard: Arc<Mutex<Vec<(Action, String)>>> = Arc::default();
    let ear = heard.clone();
    app.host.default_tenant().tenant.changes.follow(move |committed| {
        let change = &committed.change;
        ear.lock().expect("nobody panics").push((change.action, change.subject().id().to_owned()));
    });
    let root = app.superuser();
    let refused = change(root, "filter=views>0", json!({"title": "!"})).await;
    assert_eq!(refused.json["data"]["records"][&ids[0]]["title"]["code"], "validation_slug_empty", "{refused}");
    assert!(heard.lock().expect("nobody panics").is_empty(), "nothing happened");

    assert_eq!(change(root, "filter=views=2", json!({"title": "By Hook"})).await.status, 200);
    assert_eq!(root.view("posts", &ids[1]).await.json["slug"], "by-hook");
    assert_eq!(root.remove(&path("posts", "filter=views!=2")).await.status, 200);
    let heard = heard.lock().expect("nobody panics").clone();
    let expected = [(Action::Update, 1), (Action::Delete, 0), (Action::Delete, 2)];
    assert_eq!(heard, expected.map(|(action, index): (Action, usize)| (action, ids[index].clone())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_call_is_made_once() {
    let (app, _) = with_posts(3).await;
    let send = async || {
        let headers = [("content-type", "application/json"), ("idempotency-key", "k")];
        let path = path("posts", "filter=views>1&fields=count");
        app.superuser().raw(Method::PATCH, &path, &headers, b"{\"views+\":10}".to_vec()).await
    };
    let (first, again) = (send().await, send().await);
    assert_eq!((&first.json, &again.json), (&json!({"count": 2}), &json!({"count": 2})));
    assert_eq!(
        (first.headers.get("idempotency-replayed"), again.headers.contains_key("idempotency-replayed")),
        (None, true)
    );
    assert_eq!(app.anon().values("posts", "views", "sort=views").await, [1, 12, 13].map(|views| json!(views)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delete_takes_along_what_hangs_on_the_records() {
    let app = TestApp::new().await;
    let boards = app.collection(open("boards", json!([{"name": "parent", "type": "text"}]))).await["id"].clone();
    let relation = |name: &str, cascade: bool, required: bool| json!({"name": name, "type": "relation", "collectionId": boards, "maxSelect": 9, "cascadeDelete": cascade, "required": required});
    app.collection(open("cards", json!([relation("boards", true, false)]))).await;
    app.collection(open("pins", json!([relation("boards", false, true)]))).await;
    let root = app.superuser();
    let (one, two) = (root.created("boards", json!({})).await, root.created("boards", json!({})).await);
    root.created("cards", json!({"boards": [one, two]})).await;
    let pin = root.created("pins", json!({"boards": [one, two]})).await;
    let refused = root.remove(&path("boards", "filter=id!=''")).await;
    assert_eq!(refused.status, 400, "{refused}");
    assert!(refused.json["data"]["records"][&two].is_object(), "the first leaves the pin one board: {refused}");
    assert_eq!(root.list("boards", "").await.json["totalItems"], 2);

    root.delete("pins", &pin).await;
    let done = root.remove(&path("boards", "filter=id!=''")).await;
    assert_eq!((done.status, &done.json["count"]), (200, &json!(2)), "{done}");
    assert_eq!(root.list("cards", "").await.json["totalItems"], 0, "released by the first, deleted by the second");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_must_say_what_it_means() {
    let (app, _) = with_posts(1).await;
    let root = app.superuser();
    for query in ["", "filter=", "filter=%20"] {
        let refused = root.remove(&path("posts", query)).await;
        assert_eq!(refused.json["data"]["filter"]["code"], "validation_required", "{query}: {refused}");
    }
    for (query, field) in [
        ("filter=id!=''&dryrun=1", "dryrun"),
        ("filter=id!=''&dryRun", "dryRun"),
        ("filter=id!=''&dryRun=yes", "dryRun"),
    ] {
        let refused = root.remove(&path("posts", query)).await;
        assert_eq!((refused.status, refused.json["data"][field].is_object()), (400, true), "{query}: {refused}");
    }
    // A trial, if it could be read.
    for broken in ["dryRun=1;", "dryRun=1%25%", "dryRun%=1"] {
        let refused = root.remove(&path("posts", &format!("filter=id!=''&{broken}"))).await;
        assert_eq!(refused.status, 400, "{broken}: {refused}");
    }
    for filter in ["*", "views >", "nope = 1"] {
        let refused = root.remove(&path("posts", &format!("filter={filter}"))).await;
        assert_eq!(refused.status, 400, "{filter}: {refused}");
    }
    let user = app.user("ann@example.com").await;
    assert_eq!(app.anon().remove(&path("posts", "filter=id!=''")).await.status, 401);
    assert_eq!(change(&user, "filter=id!=''", json!({})).await.status, 403);
    let with_tag = [("if-match", "\"x\"")];
    let refused = root.raw(Method::DELETE, &path("posts", "filter=id!=''"), &with_tag, Vec::new()).await;
    assert_eq!(refused.status, 400, "{refused}");
    assert_eq!(root.list("posts", "").await.json["totalItems"], 1);
    assert_eq!(root.remove(&path("_superusers", "filter=id!=''")).await.status, 400, "the last one stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_beyond_the_limit_is_left_for_the_next_call() {
    let app = TestApp::new().await;
    app.collection(open("rows", json!([{"name": "n", "type": "number"}]))).await;
    let root = app.superuser();
    let cx = tinybase::tenant::Cx::system(app.host.default_tenant().tenant.clone());
    let rows = cx.catalog.collection("rows").expect("it is there").clone();
    let count = BULK_MAX + 20;
    for _ in 0..count {
        tinybase::records::create_record(&cx, &rows, serde_json::Map::new()).await.expect("a record");
    }
    let first = root.patch(&path("rows", "filter=n<1000"), json!({"n+": 1})).await;
    assert_eq!(first.json["count"], BULK_MAX, "{first}");
    assert_eq!((&first.json["total"], &first.json["hasMore"]), (&json!(count), &json!(true)));
    assert_eq!(first.json["ids"].as_array().expect("ids").len(), 100);
    let after = first.json["after"].as_str().expect("an id");
    let second = root.patch(&path("rows", &format!("filter=n<1000&after={after}")), json!({"n+": 1})).await;
    assert_eq!((&second.json["count"], &second.json["hasMore"]), (&json!(20), &json!(false)), "{second}");
    assert_eq!(root.list("rows", "filter=n = 1").await.json["totalItems"], count);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_beside_single_writes_lose_nothing() {
    let (app, ids) = with_posts(4).await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..12 {
        let (root, id) = (app.superuser().clone(), ids[number % 4].clone());
        tasks.spawn(async move {
            if number % 3 == 0 {
                change(&root, "filter=title~'post'", json!({"views+": 1000})).await.status
            } else {
                root.update("posts", &id, json!({"views+": 1})).await.status
            }
        });
    }
    let statuses = tasks.join_all().await;
    assert_eq!(statuses, [200; 12]);
    let views = app.anon().values("posts", "views", "").await;
    let sum: i64 = views.iter().map(|views| views.as_i64().expect("a whole number")).sum();
    assert_eq!(sum, 1 + 2 + 3 + 4 + 4 * 4 * 1000 + 8);
}
