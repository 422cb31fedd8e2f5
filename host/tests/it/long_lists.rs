//! Lists that look at so many rows that what these lead to is looked up at once for all of them
//! (`records/selection.rs`): they find what the short way finds.

use crate::support::people::{Person, encode, records};
use crate::support::{TestApp, open};
use axum::http::Method;
use serde_json::{Value, json};

/// Enough that no filter below is answered the short way.
const POSTS: usize = 6_000;
const TAGS: usize = 20;
const AUTHORS: usize = 30;

fn id(letter: char, number: usize) -> String {
    format!("{letter}{number:014}")
}

fn tags_of(post: usize) -> [usize; 2] {
    [post % TAGS, (post * 7 + 3) % TAGS]
}

fn kinds_of(post: usize) -> Vec<&'static str> {
    ["a", "b", "c"].into_iter().enumerate().filter(|(bit, _)| post >> bit & 1 == 1).map(|(_, kind)| kind).collect()
}

/// One in seven posts has no author.
fn author_of(post: usize) -> Option<usize> {
    (!post.is_multiple_of(7)).then_some(post % AUTHORS)
}

async fn import(root: &Person, collection: &str, rows: impl Iterator<Item = Value>) {
    let body: String = rows.map(|row| format!("{row}\n")).collect();
    let path = format!("{}/import?format=ndjson", records(collection));
    let reply = root.raw(Method::POST, &path, &[("content-type", "application/x-ndjson")], body.into_bytes()).await;
    assert_eq!((reply.status, &reply.json["failed"]), (200, &json!(0)), "{reply}");
}

async fn library() -> TestApp {
    let app = TestApp::new().await;
    let text = |name: &str| json!({"name": name, "type": "text"});
    let tags = app.collection(open("tags", json!([text("name")]))).await;
    let authors = app.collection(open("authors", json!([text("name")]))).await;
    let relation = |name: &str, to: &Value, max: usize| json!({"name": name, "type": "relation", "collectionId": to["id"], "maxSelect": max});
    let kinds = json!({"name": "kinds", "type": "select", "values": ["a", "b", "c"], "maxSelect": 3});
    let fields = json!([text("title"), kinds, relation("author", &authors, 1), relation("tags", &tags, TAGS)]);
    let posts = app.collection(open("posts", fields)).await;
    app.collection(open("notes", json!([text("text"), relation("post", &posts, 1)]))).await;
    let root = app.superuser();
    import(root, "tags", (0..TAGS).map(|n| json!({"id": id('t', n), "name": format!("tag {n}")}))).await;
    import(root, "authors", (0..AUTHORS).map(|n| json!({"id": id('a', n), "name": format!("author {n}")}))).await;
    let post = |n: usize| {
        json!({"id": id('p', n), "title": format!("Post {n}"), "kinds": kinds_of(n), "tags": tags_of(n).map(|tag| id('t', tag)),
            "author": author_of(n).map(|author| id('a', author)).unwrap_or_default()})
    };
    import(root, "posts", (0..POSTS).map(post)).await;
    let note = |n: usize| json!({"id": id('n', n), "text": format!("note {}", n % 50), "post": id('p', n * 2)});
    import(root, "notes", (0..POSTS / 2).map(note)).await;
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_over_many_rows_find_what_they_mean() {
    let app = library().await;
    let anon = app.anon();
    let note_of = |post: usize| post.is_multiple_of(2).then_some(post / 2 % 50);
    let cases: [(&str, &dyn Fn(usize) -> bool); 10] = [
        ("tags.name ?= 'tag 3'", &|n| tags_of(n).contains(&3)),
        ("tags.name != 'tag 3'", &|n| !tags_of(n).contains(&3)),
        ("author.name = 'author 5'", &|n| author_of(n) == Some(5)),
        ("author.name != 'author 5'", &|n| author_of(n) != Some(5)),
        ("notes_via_post.text ?= 'note 7'", &|n| note_of(n) == Some(7)),
        ("notes_via_post.text != 'note 7'", &|n| note_of(n) != Some(7)),
        ("kinds:each ?!= 'a'", &|n| kinds_of(n).is_empty() || kinds_of(n).iter().any(|kind| *kind != "a")),
        ("kinds:each != 'a'", &|n| !kinds_of(n).contains(&"a")),
        ("title ~ 'POST 59'", &|n| format!("post {n}").contains("post 59")),
        ("tags.name ?= 'tag 3' && author.name != 'author 5'", &|n| tags_of(n).contains(&3) && author_of(n) != Some(5)),
    ];
    for (filter, holds) in cases {
        let found: Vec<String> = (0..POSTS).filter(|n| holds(*n)).map(|n| id('p', n)).collect();
        let query = format!("sort=id&page=2&perPage=40&filter={filter}");
        let page = anon.list("posts", &query).await;
        assert_eq!((page.status, &page.json["totalItems"]), (200, &json!(found.len())), "{filter}: {page}");
        let ids: Vec<&str> =
            page.json["items"].as_array().unwrap().iter().filter_map(|item| item["id"].as_str()).collect();
        assert_eq!(ids, found.iter().skip(40).take(40).collect::<Vec<_>>(), "{filter}");
        let count = anon.get(&format!("{}/count?{}", records("posts"), encode(&format!("filter={filter}")))).await;
        assert_eq!(count.json["count"], json!(found.len()), "{filter}");
        let path = format!("{}/aggregate?fn=count&{}", records("posts"), encode(&format!("filter={filter}")));
        assert_eq!(anon.get(&path).await.json["items"][0]["count"], json!(found.len()), "{filter}");
    }
}

/// Some pages are read the short way and others the long way, which may follow the index.
#[tokio::test(flavor = "multi_thread")]
async fn pages_without_a_sort_hold_every_row_once_and_as_made() {
    let app = library().await;
    let indexes = json!({"indexes": ["CREATE INDEX by_author ON posts (author)"]});
    assert_eq!(app.superuser().patch("/api/collections/posts", indexes).await.status, 200);
    let holds = |n: &usize| author_of(*n).is_some_and(|author| format!("author {author}").contains("author 1"));
    let expected: Vec<String> = (0..POSTS).filter(holds).map(|n| id('p', n)).collect();
    let mut found = Vec::new();
    for page in 1.. {
        let query = format!("perPage=300&page={page}&skipTotal=1&fields=id&filter=author.name ~ 'author 1'");
        let items = app.anon().list("posts", &query).await.json["items"].take();
        let ids = items.as_array().expect("items").iter().map(|item| item["id"].as_str().expect("an id").to_owned());
        let before = found.len();
        found.extend(ids);
        if found.len() < before + 300 {
            break;
        }
    }
    assert_eq!(found, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_over_many_rows_hides_what_it_should() {
    let app = library().await;
    let rule = json!({"listRule": "author.name != 'author 5' && tags.name != 'tag 3'"});
    assert_eq!(app.superuser().patch("/api/collections/posts", rule).await.status, 200);
    let seen = (0..POSTS).filter(|n| author_of(*n) != Some(5) && !tags_of(*n).contains(&3)).count();
    let page = app.anon().list("posts", "perPage=1").await;
    assert_eq!(page.json["totalItems"], json!(seen), "{page}");
    assert_eq!(app.superuser().list("posts", "perPage=1").await.json["totalItems"], json!(POSTS));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_total_is_never_older_than_the_last_commit() {
    let app = library().await;
    let root = app.superuser();
    let rule = json!({"listRule": "@request.auth.id = '' || author.name != 'author 5'"});
    assert_eq!(root.patch("/api/collections/posts", rule).await.status, 200);
    let user = app.user("ann@example.com").await;
    let filter = "perPage=1&filter=tags.name ?= 'tag 5'";
    let tagged = |n: &usize| tags_of(*n).contains(&5);
    let all = (0..POSTS).filter(tagged).count();
    let of_user = (0..POSTS).filter(tagged).filter(|n| author_of(*n) != Some(5)).count();
    assert!(of_user < all);
    // What one is told is nothing to the other, in whatever order they ask.
    for _ in 0..3 {
        assert_eq!(app.anon().list("posts", filter).await.json["totalItems"], json!(all));
        assert_eq!(user.list("posts", filter).await.json["totalItems"], json!(of_user));
        assert_eq!(root.list("posts", "perPage=1").await.json["totalItems"], json!(POSTS));
    }
    let post = json!({"id": id('p', POSTS), "title": "new", "tags": [id('t', 5)], "author": id('a', 1)});
    assert_eq!(root.post(&records("posts"), post).await.status, 200);
    assert_eq!(app.anon().list("posts", filter).await.json["totalItems"], json!(all + 1));
    assert_eq!(user.list("posts", filter).await.json["totalItems"], json!(of_user + 1));
    // A commit elsewhere decides, too.
    let renamed = json!({"name": "another"});
    assert_eq!(root.patch(&format!("{}/{}", records("tags"), id('t', 5)), renamed).await.status, 200);
    assert_eq!(app.anon().list("posts", filter).await.json["totalItems"], json!(0));
    assert_eq!(root.delete("posts", &id('p', POSTS)).await.status, 204);
    assert_eq!(root.list("posts", "perPage=1").await.json["totalItems"], json!(POSTS));
}

#[tokio::test(flavor = "multi_thread")]
async fn views_are_long_lists_too() {
    let app = library().await;
    let view = json!({"name": "titles", "type": "view", "viewQuery": "SELECT id, title, author, tags FROM posts", "listRule": ""});
    app.collection(view).await;
    let seen = (0..POSTS).filter(|n| author_of(*n) != Some(5) && !tags_of(*n).contains(&3)).count();
    let page = app.anon().list("titles", "perPage=1&filter=author.name != 'author 5' && tags.name != 'tag 3'").await;
    assert_eq!((page.status, &page.json["totalItems"]), (200, &json!(seen)), "{page}");
    let through = "SELECT id, post, text FROM notes";
    let view = json!({"name": "remarks", "type": "view", "viewQuery": through, "listRule": "", "viewRule": ""});
    app.collection(view).await;
    let found = (0..POSTS).filter(|n| n.is_multiple_of(2) && n / 2 % 50 == 7).count();
    let page = app.anon().list("posts", "perPage=1&filter=remarks_via_post.text ?= 'note 7'").await;
    assert_eq!((page.status, &page.json["totalItems"]), (200, &json!(found)), "{page}");
}

/// Those that point at what is deleted are looked for in parts; each is found once, also in a list.
#[tokio::test(flavor = "multi_thread")]
async fn what_pointed_at_a_deleted_record_points_at_it_no_more() {
    let app = library().await;
    let root = app.superuser();
    assert_eq!(root.delete("authors", &id('a', 5)).await.status, 204);
    assert_eq!(root.delete("tags", &id('t', 3)).await.status, 204);
    let total =
        async |filter: &str| root.list("posts", &format!("perPage=1&filter={filter}")).await.json["totalItems"].clone();
    let without = (0..POSTS).filter(|n| matches!(author_of(*n), None | Some(5))).count();
    assert_eq!(total("author = ''").await, json!(without));
    assert_eq!(total("tags:length = 1").await, json!((0..POSTS).filter(|n| tags_of(*n).contains(&3)).count()));
    assert_eq!(total(&format!("tags ~ '{}'", id('t', 3))).await, json!(0));
}
