//! `/api/collections/{c}/records`: create, view, list, update, delete, batch.

use crate::support::{TestApp, open, people::records};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_created_viewed_changed_and_deleted() {
    let app = TestApp::with_posts().await;
    let anon = app.anon();
    let created =
        anon.create("posts", json!({"title": "One", "views": 3, "published": true, "meta": {"a": [1]}})).await;
    assert_eq!(created.status, 200, "{created}");
    let id = created.json["id"].as_str().expect("an id").to_owned();
    assert_eq!(id.len(), 15);
    assert_eq!(anon.view("posts", &id).await.json, created.json);

    let updated = anon.update("posts", &id, json!({"views+": 2, "title": "Two"})).await;
    assert_eq!((updated.status, &updated.json["views"], &updated.json["title"]), (200, &json!(5), &json!("Two")));
    assert_eq!(updated.json["meta"], json!({"a": [1]}));

    assert_eq!(anon.delete("posts", &id).await.status, 204);
    assert_eq!(anon.view("posts", &id).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_field_errors_come_at_once() {
    let app = TestApp::with_posts().await;
    let reply = app.anon().create("posts", json!({"title": "", "author": "nobody000000000"})).await;
    insta::assert_snapshot!(reply, @r#"400 {"status":400,"message":"Failed to create record.","data":{"author":{"code":"validation_missing_rel_records","message":"Failed to find all relation records with the provided ids."},"title":{"code":"validation_required","message":"Cannot be blank."}}}"#);
    assert_eq!(app.anon().list("posts", "").await.json["totalItems"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_relation_is_refused_within_the_write() {
    let app = TestApp::with_posts().await;
    let reply = app.anon().create("posts", json!({"title": "x", "author": "nobody000000000"})).await;
    assert_eq!(
        (reply.status, reply.json["data"]["author"]["code"].as_str()),
        (400, Some("validation_missing_rel_records"))
    );
    let user = app.user("a@example.com").await;
    let reply = app.anon().create("posts", json!({"title": "x", "author": user.id})).await;
    assert_eq!((reply.status, &reply.json["author"]), (200, &json!(user.id)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unique_value_is_unique() {
    let app = TestApp::with_posts().await;
    app.anon().created("posts", json!({"title": "x", "slug": "same"})).await;
    let reply = app.anon().create("posts", json!({"title": "y", "slug": "same"})).await;
    insta::assert_snapshot!(reply, @r#"400 {"status":400,"message":"Failed to create record.","data":{"slug":{"code":"validation_not_unique","message":"Value must be unique."}}}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_filtered_sorted_and_paged() {
    let app = TestApp::with_posts().await;
    for views in 1..=7 {
        app.anon().created("posts", json!({"title": format!("post {views}"), "views": views})).await;
    }
    let anon = app.anon();
    let query = "filter=views > 2 && title ~ 'POST'&sort=-views&page=2&perPage=2";
    assert_eq!(anon.values("posts", "views", query).await, [json!(5), json!(4)]);
    let page = anon.list("posts", query).await.json;
    assert_eq!(
        (&page["page"], &page["perPage"], &page["totalItems"], &page["totalPages"]),
        (&json!(2), &json!(2), &json!(5), &json!(3))
    );
    let page = anon.list("posts", "skipTotal=1&perPage=9999").await.json;
    assert_eq!((&page["totalItems"], &page["totalPages"], &page["perPage"]), (&json!(-1), &json!(-1), &json!(1000)));
    for (flag, total) in [("0", 7), ("F", 7), ("false", 7), ("t", -1), ("True", -1)] {
        assert_eq!(anon.list("posts", &format!("skipTotal={flag}")).await.json["totalItems"], total, "{flag}");
    }
    for query in ["skipTotal=yes", "skipTotal=2", "filter=%20", "filter=%20%0A"] {
        assert_eq!(anon.list("posts", query).await.status, 400, "{query}");
    }
    let fields = anon.list("posts", "fields=title&perPage=1&sort=views").await.json;
    assert_eq!(fields["items"], json!([{"title": "post 1"}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn hot_counters_lose_no_increment() {
    let app = TestApp::with_posts().await;
    let id = app.anon().created("posts", json!({"title": "x"})).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let (anon, id) = (app.anon(), id.clone());
        tasks.spawn(async move { anon.update("posts", &id, json!({"views+": 1})).await.status });
    }
    while let Some(status) = tasks.join_next().await {
        assert_eq!(status.expect("a task"), 200);
    }
    assert_eq!(app.anon().view("posts", &id).await.json["views"], 64);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_record_takes_along_what_must_go_and_frees_the_rest() {
    let app = TestApp::new().await;
    let authors = app.collection(open("authors", json!([]))).await["id"].clone();
    let relation = |name: &str, cascade: bool, required: bool| json!({"name": name, "type": "relation", "collectionId": authors, "maxSelect": 1, "cascadeDelete": cascade, "required": required});
    app.collection(open("cascading", json!([relation("author", true, true)]))).await;
    app.collection(open("loose", json!([relation("author", false, false)]))).await;
    app.collection(open("strict", json!([relation("author", false, true)]))).await;
    let anon = app.anon();
    let author = anon.created("authors", json!({})).await;
    let gone = anon.created("cascading", json!({"author": author})).await;
    let freed = anon.created("loose", json!({"author": author})).await;
    let strict = anon.created("strict", json!({"author": author})).await;

    let refused = anon.delete("authors", &author).await;
    assert_eq!(refused.status, 400, "{refused}");
    assert_eq!(anon.view("cascading", &gone).await.status, 200, "a refused delete changes nothing");

    anon.delete("strict", &strict).await;
    assert_eq!(anon.delete("authors", &author).await.status, 204);
    assert_eq!(anon.view("cascading", &gone).await.status, 404);
    assert_eq!(anon.view("loose", &freed).await.json["author"], "");
}

#[tokio::test(flavor = "multi_thread")]
async fn expand_brings_what_the_caller_may_see() {
    let app = TestApp::with_posts().await;
    let ann = app.user("ann@example.com").await;
    let id = app.anon().created("posts", json!({"title": "x", "author": ann.id})).await;
    let path = format!("{}/{id}?expand=author", records("posts"));
    assert_eq!(ann.get(&path).await.json["expand"]["author"]["id"], json!(ann.id));
    assert_eq!(app.anon().get(&path).await.json["expand"], json!({}), "users' view rule hides others");
}

/// Apps read `record.expand.author` of each record, also of one without an author.
#[tokio::test(flavor = "multi_thread")]
async fn where_an_expand_finds_nothing_it_is_empty() {
    let app = TestApp::with_posts().await;
    let ann = app.user("ann@example.com").await;
    let id = app.anon().created("posts", json!({"title": "a", "author": ann.id})).await;
    app.anon().created("posts", json!({"title": "b"})).await;
    let root = app.superuser();
    let list = root.list("posts", "sort=title&expand=author.posts_via_author.author,nothing&fields=title,expand").await;
    let items = &list.json["items"];
    assert_eq!(items[1], json!({"title": "b", "expand": {}}), "{list}");
    let inner = &items[0]["expand"]["author"]["expand"]["posts_via_author"][0];
    assert_eq!((&inner["id"], &inner["expand"]["author"]["id"]), (&json!(id), &json!(ann.id)), "{list}");
    let created = root.post(&format!("{}?expand=author", records("posts")), json!({"title": "c"})).await;
    assert_eq!(created.json["expand"], json!({}), "{created}");
    // Below the record, too.
    let eve = app.user("eve@example.com").await;
    let seen = root.get(&format!("{}/{}?expand=posts_via_author", records("users"), eve.id)).await;
    assert_eq!(seen.json["expand"], json!({}), "{seen}");
    let seen = root.list("posts", "filter=title = 'a'&expand=author.posts_via_author.posts_via_author").await;
    let author = &seen.json["items"][0]["expand"]["author"]["expand"]["posts_via_author"][0];
    assert!(author.get("expand").is_none(), "that leads nowhere: {seen}");
    // A collection where nobody may look is asked for in `visibility`.
    for path in ["title", "nothing", "nothing_via_post", "author_via_posts"] {
        let seen = app.anon().list("posts", &format!("expand={path}")).await;
        assert!(seen.json["items"][0].get("expand").is_none(), "{path}: {seen}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_one_transaction() {
    let app = TestApp::with_posts().await;
    let settings = app.superuser().patch("/api/settings", json!({"batch": {"enabled": true}})).await;
    assert_eq!(settings.status, 200, "{settings}");
    let url = records("posts");
    let good = json!({"method": "POST", "url": url, "body": {"title": "a"}});
    let bad = json!({"method": "POST", "url": url, "body": {"title": ""}});
    let reply = app.anon().post("/api/batch", json!({"requests": [good, bad]})).await;
    assert_eq!(reply.status, 400, "{reply}");
    assert_eq!(reply.json["data"]["requests"]["1"]["response"]["data"]["title"]["code"], "validation_required");
    assert_eq!(app.anon().list("posts", "").await.json["totalItems"], 0);
    let reply = app.anon().post("/api/batch", json!({"requests": [good, good]})).await;
    assert_eq!((reply.status, reply.json[1]["status"].as_u64()), (200, Some(200)));
    assert_eq!(app.anon().list("posts", "").await.json["totalItems"], 2);
}
