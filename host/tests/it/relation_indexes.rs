//! Indexes that the host makes itself on single relations: they follow the definition, are listed nowhere, and come to
//! databases that had none.

use crate::support::{TestApp, open};
use serde_json::{Value, json};
use tinybase::db::Unit;
use tinybase::sql::Sql;

fn relation(id: &str, name: &str, target: &Value, max: u64) -> Value {
    json!({"id": id, "name": name, "type": "relation", "collectionId": target["id"], "maxSelect": max})
}

async fn texts(app: &TestApp, query: &'static str) -> Vec<String> {
    let read = |snapshot: &mut tinybase::db::Snapshot<'_>| {
        let mut texts = Vec::new();
        snapshot.rows(&Sql::new(query), |row| {
            texts.push(row.text(0).to_owned());
            Ok(())
        })?;
        Ok(texts)
    };
    app.host.default_tenant().tenant.store.read(read).await.expect("rows")
}

/// `table.column` of each.
async fn made(app: &TestApp) -> Vec<String> {
    let query = "SELECT tbl_name || '.' || info.name FROM sqlite_schema JOIN pragma_index_info(sqlite_schema.name) AS info \
                 WHERE sqlite_schema.name LIKE '~relation%' ORDER BY 1";
    texts(app, query).await
}

async fn run(app: &TestApp, statement: &'static str) {
    app.host.default_tenant().tenant.store.write_alone(Unit::of(Sql::new(statement))).await.expect(statement);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_relation_has_one_unless_its_author_made_it() {
    let app = TestApp::new().await;
    let people = app.collection(open("people", json!([]))).await;
    let single = |name: &str| relation(&format!("id_{name}"), name, &people, 1);
    let fields = json!([
        single("owner"), single("boss"), single("folded"), single("partial"), single("second"),
        relation("id_tags", "tags", &people, 9), {"name": "title", "type": "text"},
    ]);
    let indexes = json!([
        "CREATE INDEX `by_boss` ON `posts` (\n  `boss`,\n  `second`\n)",
        "CREATE INDEX `by_folded` ON `posts` (`folded` COLLATE NOCASE)",
        "CREATE INDEX `by_partial` ON `posts` (`partial`) WHERE partial != ''",
    ]);
    let mut definition = open("posts", fields);
    definition["indexes"] = indexes.clone();
    let posts = app.collection(definition).await;
    assert_eq!(posts["indexes"], indexes);
    assert_eq!(made(&app).await, ["posts.folded", "posts.owner", "posts.partial", "posts.second"]);
    for column in ["owner", "boss", "folded", "partial", "second"] {
        let plan = format!("EXPLAIN QUERY PLAN SELECT count(title) FROM posts WHERE {column} = 'x'");
        let plan = app.superuser().post("/api/sql", json!({"query": plan})).await;
        assert!(plan.json.to_string().contains("SEARCH posts USING INDEX"), "{column}: {plan}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn they_follow_fields_and_collections() {
    let app = TestApp::new().await;
    let people = app.collection(open("people", json!([]))).await;
    let fields = json!([
        relation("a", "owner", &people, 1),
        relation("b", "boss", &people, 1),
        relation("c", "tags", &people, 9),
    ]);
    app.collection(open("posts", fields)).await;
    let root = app.superuser();
    let id = root.created("people", json!({})).await;
    root.created("posts", json!({"owner": id, "tags": [id]})).await;
    let change = async |fields: Value| {
        let changed = root.patch("/api/collections/posts", json!({"fields": fields})).await;
        assert_eq!((changed.status, &changed.json["indexes"]), (200, &json!([])), "{changed}");
        made(&app).await
    };
    // Two swap their names, the list becomes a single relation.
    let swapped = json!([
        relation("a", "boss", &people, 1),
        relation("b", "owner", &people, 1),
        relation("c", "tags", &people, 1),
    ]);
    assert_eq!(change(swapped).await, ["posts.boss", "posts.owner", "posts.tags"]);
    let record = root.list("posts", "").await.json["items"][0].clone();
    assert_eq!((&record["boss"], &record["owner"], &record["tags"]), (&json!(id), &json!(""), &json!(id)));
    assert_eq!(
        change(json!([relation("a", "boss", &people, 9), relation("b", "owner", &people, 1)])).await,
        ["posts.owner"]
    );
    let renamed = root.patch("/api/collections/posts", json!({"name": "notes"})).await;
    assert_eq!((renamed.status, made(&app).await), (200, vec!["notes.owner".to_owned()]));
    assert_eq!(root.remove("/api/collections/notes").await.status, 204);
    assert!(made(&app).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_has_none_gets_them_when_it_is_opened() {
    let app = TestApp::new().await;
    let people = app.collection(open("people", json!([]))).await;
    app.collection(open("posts", json!([relation("a", "owner", &people, 1), relation("b", "boss", &people, 1)]))).await;
    let posts = app.superuser().get("/api/collections/posts").await.json;
    for name in texts(&app, "SELECT name FROM sqlite_schema WHERE name LIKE '~relation%'").await {
        let mut drop = Sql::new("DROP INDEX ");
        drop.name(&name);
        app.host.default_tenant().tenant.store.write_alone(Unit::of(drop)).await.expect(&name);
    }
    assert!(made(&app).await.is_empty());
    run(&app, "CREATE INDEX `~relation_of_nobody` ON people (id)").await;
    let app = app.reopened().await;
    assert_eq!(made(&app).await, ["posts.boss", "posts.owner"]);
    assert_eq!(app.superuser().get("/api/collections/posts").await.json, posts, "the definition is what it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_definition_may_take_their_names() {
    let app = TestApp::new().await;
    let people = app.collection(open("people", json!([]))).await;
    for name in ["~relation_x", "~Relation_x~a"] {
        let mut definition = open("posts", json!([relation("a", "owner", &people, 1)]));
        definition["indexes"] = json!([format!("CREATE INDEX `{name}` ON posts (owner)")]);
        let refused = app.superuser().post("/api/collections", definition).await;
        let code = &refused.json["data"]["indexes"]["0"]["code"];
        assert_eq!((refused.status, code), (400, &json!("validation_invalid_index_expression")), "{refused}");
    }
    assert!(made(&app).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_exported_is_imported_with_them() {
    let app = TestApp::new().await;
    let people = app.collection(open("people", json!([]))).await;
    let posts = app.collection(open("posts", json!([relation("a", "owner", &people, 1)]))).await;
    let root = app.superuser();
    assert_eq!(root.remove("/api/collections/posts").await.status, 204);
    for _ in 0..2 {
        let imported = root.put("/api/collections/import", json!({"collections": [posts]})).await;
        assert_eq!((imported.status, made(&app).await), (204, vec!["posts.owner".to_owned()]), "{imported}");
    }
    assert_eq!(root.get("/api/collections/posts").await.json["indexes"], json!([]));
}
