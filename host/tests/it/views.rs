//! Collections of type `view`: fields that follow from a query, and what happens to them when tables change.

use crate::support::people::Reply;
use crate::support::{TestApp, open};
use serde_json::{Value, json};

/// Posts with a title and a number, and a view of them that everybody may read.
async fn posts_and_view(query: &str) -> TestApp {
    let app = TestApp::new().await;
    app.collection(open("posts", json!([{"name": "title", "type": "text"}, {"name": "n", "type": "number"}]))).await;
    app.collection(view("shown", query)).await;
    app
}

fn view(name: &str, query: &str) -> Value {
    json!({"name": name, "type": "view", "viewQuery": query, "listRule": "", "viewRule": ""})
}

fn kinds(collection: &Value) -> Vec<(String, String)> {
    let text = |field: &Value, key: &str| field[key].as_str().expect("a text").to_owned();
    let fields = collection["fields"].as_array().expect("fields");
    fields.iter().map(|field| (text(field, "name"), text(field, "type"))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect()
}

fn code<'a>(reply: &'a Reply, field: &str) -> &'a str {
    reply.json["data"][field]["code"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn its_records_are_listed_filtered_viewed_and_never_written() {
    let app = posts_and_view(
        "SELECT title as id, cast(sum(n) as int) as total, count(*) as many FROM posts GROUP BY title -- by title",
    )
    .await;
    for (title, n) in [("a", 1), ("a", 2), ("b", 5)] {
        app.anon().created("posts", json!({"title": title, "n": n})).await;
    }
    let anon = app.anon();
    assert_eq!(anon.values("shown", "total", "sort=-total").await, [json!(5), json!(3)]);
    assert_eq!(anon.values("shown", "id", "filter=many > 1").await, [json!("a")]);
    let one = anon.view("shown", "a").await;
    assert_eq!((one.status, &one.json["collectionName"], &one.json["many"]), (200, &json!("shown"), &json!(2)));
    assert_eq!(anon.view("shown", "zzz").await.status, 404);
    for reply in [
        app.superuser().create("shown", json!({"id": "c"})).await,
        app.superuser().update("shown", "a", json!({"many": 3})).await,
        app.superuser().delete("shown", "a").await,
        app.superuser().remove("/api/collections/shown/truncate").await,
    ] {
        assert_eq!(reply.status, 400, "{reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_are_numbers_are_found_as_texts() {
    let app = posts_and_view("SELECT (ROW_NUMBER() OVER()) as id, title FROM posts").await;
    app.anon().created("posts", json!({"title": "one"})).await;
    let found = app.anon().view("shown", "1").await;
    assert_eq!((found.status, &found.json["id"], &found.json["title"]), (200, &json!("1"), &json!("one")));
    assert_eq!(app.anon().values("shown", "id", "filter=id = '1'").await, [json!("1")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn relations_and_rules_of_a_view() {
    let app = TestApp::new().await;
    let authors = app.collection(open("authors", json!([{"name": "name", "type": "text"}]))).await["id"].clone();
    let by = json!({"name": "by", "type": "relation", "collectionId": authors, "maxSelect": 1});
    app.collection(open("posts", json!([{"name": "title", "type": "text"}, by]))).await;
    let mut definition =
        view("signed", "SELECT p.id, p.title, a.id AS author, p.by FROM posts p JOIN authors a ON a.id = p.by");
    definition["listRule"] = json!("author.name = 'Ann'");
    let made = app.collection(definition).await;
    let expected = [("id", "text"), ("title", "text"), ("author", "relation"), ("by", "relation")];
    assert_eq!(kinds(&made), pairs(&expected));
    assert_eq!(made["fields"][2]["collectionId"], authors);
    for name in ["Ann", "Bob"] {
        let author = app.anon().created("authors", json!({"name": name})).await;
        app.anon().created("posts", json!({"title": format!("by {name}"), "by": author})).await;
    }
    let list = app.anon().list("signed", "expand=author").await;
    assert_eq!(list.json["totalItems"], 1, "{list}");
    assert_eq!(list.json["items"][0]["expand"]["author"]["name"], "Ann", "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_one_select_with_an_id_of_tables_that_exist() {
    let app = posts_and_view("SELECT id FROM posts").await;
    for query in [
        "SELECT title FROM posts",
        "SELECT id FROM posts; DROP TABLE posts",
        "DELETE FROM posts",
        "SELECT id FROM nowhere",
        "SELECT id, nothing FROM posts",
        "SELECT * FROM posts",
        "SELECT id, hash FROM _api_keys",
        "SELECT id, value FROM _params",
        "SELECT p.id, (SELECT value FROM _params) AS n FROM posts AS p",
        "SELECT seq AS id, past FROM main._changes",
        "SELECT id, name FROM _collections",
        "selec 1",
        ")",
    ] {
        let reply = app.superuser().post("/api/collections", view("bad", query)).await;
        assert_eq!(
            (reply.status, code(&reply, "viewQuery")),
            (400, "validation_invalid_view_query"),
            "{query}: {reply}"
        );
        let reply = app.superuser().patch("/api/collections/shown", json!({"viewQuery": query})).await;
        assert_eq!(
            (reply.status, code(&reply, "viewQuery")),
            (400, "validation_invalid_view_query"),
            "{query}: {reply}"
        );
        let reply = app.superuser().post("/api/collections/meta/dry-run-view", json!({"query": query})).await;
        assert_eq!((reply.status, code(&reply, "query")), (400, "validation_invalid_view_query"), "{query}: {reply}");
    }
    let reply = app.superuser().post("/api/collections", view("bad", "")).await;
    assert_eq!(code(&reply, "viewQuery"), "validation_required", "{reply}");
    // A column that is no word cannot be a field.
    let reply = app.superuser().post("/api/collections", view("bad", "SELECT id, n + 1 FROM posts")).await;
    assert_eq!(reply.json["data"]["fields"]["1"]["name"]["code"], "validation_match_invalid", "{reply}");
    assert_eq!(app.superuser().get("/api/collections/bad").await.status, 404);
    assert_eq!(app.superuser().get("/api/collections/posts").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_in_double_quotes_are_texts() {
    let query = "SELECT id, title, \"\" AS empty, \"it's\" AS word FROM posts WHERE \"title\" != \"no\"";
    let app = posts_and_view(query).await;
    for title in ["yes", "no"] {
        assert_eq!(app.superuser().create("posts", json!({"title": title})).await.status, 200);
    }
    let list = app.superuser().list("shown", "fields=title,empty,word").await;
    assert_eq!(list.json["items"], json!([{"title": "yes", "empty": null, "word": "it's"}]), "{list}");
    let shown = app.superuser().get("/api/collections/shown").await;
    let settled = "SELECT id, title, '' AS empty, 'it''s' AS word FROM posts WHERE \"title\" != 'no'";
    assert_eq!(shown.json["viewQuery"], settled, "{shown}");
    let dry = app.superuser().post("/api/collections/meta/dry-run-view", json!({"query": query})).await;
    assert_eq!(dry.status, 200, "{dry}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_goes_does_not_become_a_text_where_nobody_looks() {
    let app = posts_and_view("SELECT id, title FROM posts WHERE \"n\" != 1").await;
    let posts = app.superuser().get("/api/collections/posts").await.json;
    let mut fields = posts["fields"].as_array().expect("fields").clone();
    for field in fields.iter_mut().filter(|field| field["name"] == "n") {
        field["name"] = json!("number");
    }
    let renamed = app.superuser().patch("/api/collections/posts", json!({"fields": fields})).await;
    assert_eq!(renamed.status, 400, "{renamed}");
    let index = "CREATE UNIQUE INDEX one ON posts (title) WHERE \"n\" = 1";
    let indexed = app.superuser().patch("/api/collections/posts", json!({"indexes": [index]})).await;
    assert_eq!(indexed.status, 200, "{indexed}");
    assert_eq!(app.superuser().remove("/api/collections/shown").await.status, 204);
    let renamed = app.superuser().patch("/api/collections/posts", json!({"fields": fields})).await;
    let kept = app.superuser().get("/api/collections/posts").await.json["indexes"][0].to_string();
    assert!(!kept.contains("'n'"), "{renamed}: {kept}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_secret_of_accounts_is_in_no_dry_run() {
    let app = posts_and_view("SELECT id FROM posts").await;
    let query = json!({"query": "SELECT id, password, tokenKey, email FROM _superusers"});
    let dry = app.superuser().post("/api/collections/meta/dry-run-view", query).await;
    let keys: Vec<_> = dry.json["sample"][0].as_object().expect("a row").keys().cloned().collect();
    assert_eq!(keys, ["id", "email"], "{dry}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_fields_and_some_rows() {
    let app = posts_and_view("SELECT id FROM posts").await;
    for n in 0..12 {
        app.anon().created("posts", json!({"title": format!("t{n}"), "n": n})).await;
    }
    let query = "SELECT id, title, n FROM posts ORDER BY n";
    let reply = app.superuser().post("/api/collections/meta/dry-run-view", json!({"query": query})).await;
    assert_eq!(reply.status, 200, "{reply}");
    assert_eq!(kinds(&reply.json), pairs(&[("id", "text"), ("title", "text"), ("n", "number")]));
    let sample = reply.json["sample"].as_array().expect("rows");
    assert_eq!((sample.len(), &sample[3]["title"]), (10, &json!("t3")));
    let broken = json!({"query": "SELECT id, json_extract(title, '$.a') AS a FROM posts"});
    let reply = app.superuser().post("/api/collections/meta/dry-run-view", broken).await;
    assert_eq!((reply.status, code(&reply, "query")), (400, "validation_invalid_view_query"), "{reply}");
    let long = json!({"query": format!("SELECT id FROM posts WHERE title = '{}'", "x".repeat(5000))});
    let reply = app.superuser().post("/api/collections/meta/dry-run-view", long).await;
    assert_eq!(code(&reply, "query"), "validation_length_out_of_range", "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_follows_its_tables() {
    let app = posts_and_view("SELECT id, title FROM posts").await;
    app.collection(view("upper", "SELECT id, title AS name FROM shown")).await;
    app.anon().created("posts", json!({"title": "kept"})).await;
    let posts = app.superuser().get("/api/collections/posts").await.json;

    // A new name of the table is one in the query, too.
    let reply = app.superuser().patch("/api/collections/posts", json!({"name": "articles"})).await;
    assert_eq!(reply.status, 200, "{reply}");
    assert_eq!(app.anon().values("upper", "name", "").await, [json!("kept")]);
    let shown = app.superuser().get("/api/collections/shown").await.json;
    assert!(shown["viewQuery"].as_str().expect("a query").contains("articles"), "{shown}");

    // Options of a field are those of its copies, through views of views.
    let mut fields = posts["fields"].clone();
    fields[1]["max"] = json!(7);
    let reply = app.superuser().patch("/api/collections/articles", json!({"fields": fields})).await;
    assert_eq!(reply.status, 200, "{reply}");
    assert_eq!(app.superuser().get("/api/collections/upper").await.json["fields"][1]["max"], 7);

    // What a view needs can be neither renamed nor removed.
    fields[1]["name"] = json!("headline");
    let reply = app.superuser().patch("/api/collections/articles", json!({"fields": fields})).await;
    assert_eq!(reply.status, 400, "{reply}");
    let reply = app.superuser().patch("/api/collections/articles", json!({"fields": [posts["fields"][0]]})).await;
    assert_eq!(reply.status, 400, "{reply}");
    for (name, view) in [("articles", "shown"), ("shown", "upper")] {
        let reply = app.superuser().remove(&format!("/api/collections/{name}")).await;
        let message = format!("Failed to delete collection probably due to existing reference in {view}.");
        assert_eq!((reply.status, &reply.json["message"]), (400, &json!(message)), "{reply}");
    }
    assert_eq!(app.anon().values("upper", "name", "").await, [json!("kept")]);
    for name in ["upper", "shown", "articles"] {
        assert_eq!(app.superuser().remove(&format!("/api/collections/{name}")).await.status, 204, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_has_no_indexes_and_no_rules_for_writing() {
    let app = posts_and_view("SELECT id FROM posts").await;
    let mut definition = view("bad", "SELECT id FROM posts");
    definition["createRule"] = json!("");
    definition["indexes"] = json!(["CREATE INDEX i ON bad (id)"]);
    let reply = app.superuser().post("/api/collections", definition).await;
    assert_eq!(
        (code(&reply, "createRule"), code(&reply, "indexes")),
        ("validation_nil", "validation_indexes_not_supported")
    );
}
