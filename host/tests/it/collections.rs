//! `/api/collections`: definitions, and what happens to the data when they change.

use crate::support::{TestApp, open};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_is_checked_as_a_whole() {
    let app = TestApp::new().await;
    let mut bad = open(
        "bad name",
        json!([{"name": "a", "type": "text"}, {"name": "A", "type": "text"}, {"name": "null", "type": "bool"}]),
    );
    bad["indexes"] = json!(["CREATE NONSENSE"]);
    let reply = app.superuser().post("/api/collections", bad).await;
    assert_eq!(reply.status, 400, "{reply}");
    assert!(reply.json["data"].get("name").is_some(), "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_are_renamed_added_and_removed_and_records_keep_the_rest() {
    let app = TestApp::new().await;
    let made = app
        .collection(open(
            "things",
            json!([{"name": "a", "type": "text"}, {"name": "b", "type": "text"}, {"name": "gone", "type": "text"}]),
        ))
        .await;
    let id = app.anon().created("things", json!({"a": "A", "b": "B", "gone": "x"})).await;
    let mut fields = made["fields"].as_array().expect("fields").clone();
    fields.retain(|field| field["name"] != "gone");
    // The two swap their names.
    for field in &mut fields {
        match field["name"].as_str() {
            Some("a") => field["name"] = json!("b"),
            Some("b") => field["name"] = json!("a"),
            _ => {}
        }
    }
    fields.push(json!({"name": "new", "type": "number"}));
    let changed = app.superuser().patch("/api/collections/things", json!({"name": "items", "fields": fields})).await;
    assert_eq!(changed.status, 200, "{changed}");
    let record = app.anon().view("items", &id).await;
    assert_eq!((&record.json["a"], &record.json["b"], &record.json["new"]), (&json!("B"), &json!("A"), &json!(0)));
    assert!(record.json.get("gone").is_none());
    assert_eq!(app.anon().view("things", &id).await.status, 404, "the old name is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_the_data_breaks_changes_nothing() {
    let app = TestApp::new().await;
    app.collection(open("things", json!([{"name": "a", "type": "text"}]))).await;
    for _ in 0..2 {
        app.anon().created("things", json!({"a": "same"})).await;
    }
    let reply = app
        .superuser()
        .patch(
            "/api/collections/things",
            json!({"name": "renamed", "indexes": ["CREATE UNIQUE INDEX idx_a ON things (a)"]}),
        )
        .await;
    assert_eq!(reply.status, 400, "{reply}");
    assert_eq!(app.anon().list("things", "").await.json["totalItems"], 2);
    assert_eq!(app.superuser().get("/api/collections/renamed").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_an_index_is_told_at_its_place() {
    let app = TestApp::new().await;
    app.collection(open("things", json!([{"name": "a", "type": "text"}]))).await;
    for _ in 0..2 {
        app.anon().created("things", json!({"a": "same"})).await;
    }
    let good = "CREATE INDEX idx_good ON things (a)";
    for (wrong, words) in [
        (json!("CREATE INDEX idx_bad ON things (unknown_function(a))"), "no such function"),
        (json!("CREATE INDEX idx_bad ON things (a COLLATE nowhere)"), "no such collation"),
        (json!("CREATE INDEX idx_bad ON things (a) WHERE missing = 1"), "no such column"),
        (json!("CREATE UNIQUE INDEX idx_bad ON things (a)"), "records that are there have the same a"),
        (json!("CREATE UNIQUE INDEX idx_bad ON things (lower(a))"), "records that are there have the same"),
        (json!("DROP TABLE things"), "Invalid CREATE INDEX"),
        (json!(5), "Invalid"),
        (Value::Null, "Invalid CREATE INDEX"),
    ] {
        let body = json!({"indexes": [good, wrong]});
        let reply = app.superuser().patch("/api/collections/things", body.clone()).await;
        let message = reply.json["data"]["indexes"]["1"]["message"].as_str().unwrap_or_default();
        assert!(reply.status == 400 && message.contains(words), "{wrong}: {reply}");
        let mut body = body;
        body["name"] = json!("things");
        let reply = app.superuser().put("/api/collections/import", json!({"collections": [body]})).await;
        let message = reply.json["data"]["indexes"]["1"]["message"].as_str().unwrap_or_default();
        assert!(reply.status == 400 && message.contains(words), "an import, {wrong}: {reply}");
    }
    let made = json!({"name": "others", "type": "base", "indexes": ["CREATE INDEX idx_bad ON others (nothing(id))"]});
    let reply = app.superuser().post("/api/collections", made).await;
    assert_eq!(reply.json["data"]["indexes"]["0"]["code"], "validation_invalid_index_expression", "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_of_another_installation_may_quote_texts_like_names() {
    let app = TestApp::new().await;
    let index = "CREATE UNIQUE INDEX idx_a ON things (\"a\") WHERE \"a\" != \"\" AND a != \"none\"";
    let mut things = open("things", json!([{"name": "a", "type": "text"}]));
    things["indexes"] = json!([index]);
    let made = app.collection(things).await;
    assert_eq!(made["indexes"][0], "CREATE UNIQUE INDEX `idx_a` ON `things` (`a`) WHERE \"a\" != '' AND a != 'none'");
    for (value, status) in [("", 200), ("", 200), ("none", 200), ("none", 200), ("x", 200), ("x", 400)] {
        assert_eq!(app.anon().create("things", json!({"a": value})).await.status, status, "{value}");
    }
}

/// While the names of a field that everybody sees and of one that nobody does are swapped again and again.
#[tokio::test(flavor = "multi_thread")]
async fn running_requests_see_the_former_definition_or_the_new_one() {
    let app = TestApp::new().await;
    let hidden = json!({"name": "b", "type": "text", "hidden": true});
    let made = app.collection(open("things", json!([{"name": "a", "type": "text"}, hidden]))).await;
    let id = app.superuser().created("things", json!({"a": "seen", "b": "unseen"})).await;
    let fields = made["fields"].as_array().expect("fields").clone();
    let done = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let mut running = tokio::task::JoinSet::new();
    for writes in [false, false, true] {
        let (anon, done, id) = (app.anon(), done.clone(), id.clone());
        running.spawn(async move {
            let mut statuses = std::collections::BTreeSet::new();
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                let reply = if writes {
                    anon.update("things", &id, json!({"id": id})).await
                } else {
                    anon.view("things", &id).await
                };
                assert!(!reply.to_string().contains("unseen"), "{reply}");
                statuses.insert(reply.status);
            }
            statuses
        });
    }
    for turn in 0..40 {
        let mut swapped = fields.clone();
        for field in &mut swapped {
            let name = match (field["name"].as_str(), turn % 2) {
                (Some("a"), 0) => "b",
                (Some("b"), 0) => "a",
                _ => continue,
            };
            field["name"] = json!(name);
        }
        let reply = app.superuser().patch("/api/collections/things", json!({"fields": swapped})).await;
        assert_eq!(reply.status, 200, "{reply}");
    }
    done.store(true, std::sync::atomic::Ordering::Relaxed);
    for statuses in running.join_all().await {
        assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collection_that_others_point_at_stays() {
    let app = TestApp::new().await;
    let target = app.collection(open("target", json!([]))).await["id"].clone();
    app.collection(open("source", json!([{"name": "to", "type": "relation", "collectionId": target, "maxSelect": 1}])))
        .await;
    let refused = app.superuser().remove("/api/collections/target").await;
    let message = "Failed to delete collection probably due to existing reference in source.";
    assert_eq!((refused.status, refused.json["message"].as_str()), (400, Some(message)), "{refused}");
    assert_eq!(app.superuser().remove("/api/collections/source").await.status, 204);
    assert_eq!(app.superuser().remove("/api/collections/target").await.status, 204);
    assert_eq!(app.superuser().remove("/api/collections/_superusers").await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn choices_become_one_or_several_and_keep_what_fits() {
    let app = TestApp::new().await;
    let made = app
        .collection(open("things", json!([{"name": "s", "type": "select", "values": ["a", "b", "c"], "maxSelect": 3}])))
        .await;
    let several = app.anon().created("things", json!({"s": ["c", "a"]})).await;
    let none = app.anon().created("things", json!({"s": []})).await;
    let mut fields = made["fields"].clone();
    for (max, first, second) in [(1, json!("a"), json!("")), (2, json!(["a"]), json!([]))] {
        fields[1]["maxSelect"] = json!(max);
        let reply = app.superuser().patch("/api/collections/things", json!({"fields": fields})).await;
        assert_eq!(reply.status, 200, "{reply}");
        assert_eq!(app.anon().view("things", &several).await.json["s"], first);
        assert_eq!(app.anon().view("things", &none).await.json["s"], second);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_all_or_nothing_in_any_order() {
    let app = TestApp::new().await;
    let import = |collections: serde_json::Value, delete: bool| {
        let body = json!({"collections": collections, "deleteMissing": delete});
        let app = &app;
        async move { app.superuser().put("/api/collections/import", body).await }
    };
    // A relation, a rule and a view that look at what comes later in the list.
    let author = json!({"name": "author", "type": "relation", "collectionId": "authors0", "maxSelect": 1});
    let posts = json!({"id": "posts0", "name": "posts", "type": "base", "fields": [{"name": "title", "type": "text"}, author],
        "listRule": "@collection.authors.name ?= 'Ann'", "createRule": ""});
    let names = json!({"id": "names0", "name": "names", "type": "view", "viewQuery": "SELECT id, name FROM authors", "listRule": ""});
    let authors = json!({"id": "authors0", "name": "authors", "type": "base", "fields": [{"name": "name", "type": "text"}], "createRule": ""});
    let reply = import(json!([names, posts, authors]), false).await;
    assert_eq!(reply.status, 204, "{reply}");
    let ann = app.anon().created("authors", json!({"name": "Ann"})).await;
    app.superuser().created("posts", json!({"title": "kept", "author": ann})).await;

    // One that cannot be: nothing of the others.
    let reply =
        import(json!([{"name": "fine", "type": "base"}, {"name": "posts", "listRule": "nothing = 1"}]), false).await;
    assert_eq!(
        (reply.status, reply.json["data"]["collections"]["code"].as_str()),
        (400, Some("validation_collections_import_failure")),
        "{reply}"
    );
    assert_eq!(app.superuser().get("/api/collections/fine").await.status, 404);

    // Fields that are not named stay; two collections swap their names, and the view follows.
    let swap = json!([{"id": "posts0", "name": "authors", "listRule": null, "fields": [{"name": "n", "type": "number"}]}, {"id": "authors0", "name": "posts"}]);
    let reply = import(swap, false).await;
    assert_eq!(reply.status, 204, "{reply}");
    let swapped = app.superuser().get("/api/collections/posts0").await.json;
    let fields: Vec<_> =
        swapped["fields"].as_array().expect("fields").iter().map(|field| field["name"].clone()).collect();
    assert_eq!(
        (&swapped["name"], fields),
        (&json!("authors"), vec![json!("id"), json!("title"), json!("author"), json!("n")])
    );
    assert_eq!(app.superuser().values("authors", "title", "").await, [json!("kept")]);
    assert_eq!(app.anon().values("names", "name", "").await, [json!("Ann")]);

    // What is missing goes, but not what a view or a relation that stays needs.
    let reply = import(json!([{"id": "posts0"}]), true).await;
    assert_eq!(reply.status, 400, "{reply}");
    let users = json!({"id": "_pb_users_auth_"});
    let reply = import(json!([{"id": "authors0"}, {"id": "names0"}, users]), true).await;
    assert_eq!(reply.status, 204, "{reply}");
    assert_eq!(app.superuser().get("/api/collections/posts0").await.status, 404);
    assert_eq!(app.superuser().get("/api/collections/users").await.status, 200);
    assert_eq!(app.superuser().get("/api/collections/_mfas").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncate_takes_all_or_nothing() {
    let app = TestApp::new().await;
    let target = app.collection(open("target", json!([{"name": "next", "type": "text"}]))).await;
    let id = target["id"].clone();
    let mut fields = target["fields"].clone();
    fields
        .as_array_mut()
        .expect("fields")
        .push(json!({"name": "self", "type": "relation", "collectionId": id, "maxSelect": 1}));
    let reply = app.superuser().patch("/api/collections/target", json!({"fields": fields})).await;
    assert_eq!(reply.status, 200, "{reply}");
    let all = json!({"name": "all", "type": "relation", "collectionId": id, "maxSelect": 9});
    let one = json!({"name": "one", "type": "relation", "collectionId": id, "maxSelect": 1, "required": true});
    app.collection(open("several", json!([all]))).await;
    app.collection(open("needs", json!([one]))).await;
    let first = app.anon().created("target", json!({})).await;
    let second = app.anon().created("target", json!({"self": first})).await;
    app.anon().update("target", &first, json!({"self": second})).await;
    let pointing = app.anon().created("several", json!({"all": [first, second]})).await;
    let needs = app.anon().created("needs", json!({"one": second})).await;
    let refused = app.superuser().remove("/api/collections/target/truncate").await;
    assert_eq!(refused.status, 400, "{refused}");
    assert_eq!(app.anon().list("target", "").await.json["totalItems"], 2);
    assert_eq!(app.anon().delete("needs", &needs).await.status, 204);
    let done = app.superuser().remove("/api/collections/target/truncate").await;
    assert_eq!(done.status, 204, "{done}");
    assert_eq!(app.anon().list("target", "").await.json["totalItems"], 0);
    assert_eq!(app.anon().view("several", &pointing).await.json["all"], json!([]));
    assert_eq!(app.superuser().remove("/api/collections/_superusers/truncate").await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn providers_are_listed() {
    let app = TestApp::new().await;
    let list = app.superuser().get("/api/collections/meta/oauth2-providers").await.json;
    assert_eq!(
        (list.as_array().map(Vec::len), &list[0]["name"], &list[31]["displayName"]),
        (Some(32), &json!("apple"), &json!("OIDC (3)"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_read_by_the_fields_that_its_reader_knows() {
    let app = TestApp::new().await;
    let text = |name: &str| json!({"name": name, "type": "text"});
    let made = app.collection(open("things", json!([text("first"), text("second"), text("third")]))).await;
    let id = app.anon().created("things", json!({"first": "1", "second": "2", "third": "3"})).await;
    let tenant = &app.host.default_tenant().tenant;
    let older = tenant.catalog().collection("things").cloned().expect("things");
    let field = |name: &str| {
        let fields = made["fields"].as_array().expect("fields");
        fields.iter().find(|field| field["name"] == name).cloned().expect("a field")
    };
    let change = async |names: &[&str]| {
        let fields: Vec<_> = names.iter().map(|name| field(name)).collect();
        let reply = app.superuser().patch("/api/collections/things", json!({"fields": fields})).await;
        assert_eq!(reply.status, 200, "{reply}");
    };

    change(&["id", "third", "second", "first"]).await;
    let row = tinybase::records::load_record(tenant, &older, "id", &id).await.expect("a reader").expect("a row");
    assert_eq!(["first", "second", "third"].map(|name| row.text(name)), ["1", "2", "3"]);
    change(&["id", "third", "second"]).await;
    let row = tinybase::records::load_record(tenant, &older, "id", &id).await;
    assert!(row.is_err(), "rather nothing than the values of other fields: {row:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_survive_an_import_that_knows_the_fields_by_other_ids() {
    let app = TestApp::new().await;
    let things = app.collection(open("things", json!([{"name": "title", "type": "text"}]))).await;
    app.anon().created("things", json!({"title": "kept"})).await;
    let import = async |fields: serde_json::Value| {
        let body = json!({"collections": [{"name": "things", "fields": fields}]});
        app.superuser().put("/api/collections/import", body).await
    };
    let reply = import(json!([{"id": "foreign", "name": "title", "type": "text", "max": 9}])).await;
    assert_eq!(reply.status, 204, "{reply}");
    let after = app.superuser().get("/api/collections/things").await.json;
    assert_eq!((&after["fields"][1]["id"], &after["fields"][1]["max"]), (&things["fields"][1]["id"], &json!(9)));
    assert_eq!(app.anon().values("things", "title", "").await, [json!("kept")]);

    // New ones without ids are not taken for each other.
    let reply = import(json!([{"name": "one", "type": "text"}, {"name": "two", "type": "text"}])).await;
    assert_eq!(reply.status, 204, "{reply}");
    let after = app.superuser().get("/api/collections/things").await.json;
    assert_eq!(after["fields"].as_array().map(Vec::len), Some(4), "{after}");

    // It cannot become another kind.
    let reply = import(json!([{"id": "foreign", "name": "title", "type": "number"}])).await;
    assert_eq!(reply.status, 400, "{reply}");
    assert!(reply.to_string().contains("Field type cannot be changed."), "{reply}");

    // A name that is given up is free, in any order.
    let id = &things["fields"][1]["id"];
    let renamed =
        json!([{"id": "other", "name": "title", "type": "number"}, {"id": id, "name": "was", "type": "text"}]);
    let reply = import(renamed).await;
    assert_eq!(reply.status, 204, "{reply}");
    assert_eq!(app.anon().values("things", "was", "").await, [json!("kept")]);
    assert_eq!(app.anon().values("things", "title", "").await, [json!(0)]);
}
