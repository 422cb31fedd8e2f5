//! Definitions that are tried before they are changed, and changed only by whoever has seen them: `dryRun` and `If-Match`.

use crate::support::people::{Person, Reply};
use crate::support::{TestApp, open};
use axum::http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const THINGS: &str = "/api/collections/things";

fn tag(reply: &Reply) -> String {
    let tag = reply.headers.get("etag").unwrap_or_else(|| panic!("no tag: {reply}"));
    tag.to_str().expect("a text").to_owned()
}

async fn send_if(person: &Person, method: Method, path: &str, tag: &str, body: Value) -> Reply {
    let headers = [("content-type", "application/json"), ("if-match", tag)];
    person.raw(method, path, &headers, body.to_string().into_bytes()).await
}

/// All that a change could leave behind: the objects of the database, the definitions, the audit trail and what is stored.
async fn everything(app: &TestApp) -> Value {
    let root = app.superuser();
    let query = "select type, name, tbl_name, sql from sqlite_schema order by name";
    let objects = root.post("/api/sql", json!({"query": query})).await;
    assert_eq!(objects.status, 200, "{objects}");
    let files = root.post("/api/sql", json!({"query": "select key, state from _files order by key"})).await;
    json!([
        objects.json["rows"],
        files.json["rows"],
        root.get("/api/collections?perPage=500").await.json["items"],
        root.get("/api/activity?filter=kind%3D'collection'").await.json["items"],
        root.list("things", "sort=a").await.json["items"],
    ])
}

async fn with_things() -> (TestApp, Vec<Value>) {
    let app = TestApp::new().await;
    let mut things = open(
        "things",
        json!([
            {"name": "a", "type": "text", "searchable": true},
            {"name": "b", "type": "select", "values": ["x", "y"], "maxSelect": 1},
            {"name": "cover", "type": "file", "maxSelect": 1},
        ]),
    );
    things["indexes"] = json!(["CREATE INDEX `idx_a` ON `things` (`a`) WHERE a != '?'"]);
    let made = app.collection(things).await;
    for (a, b) in [("one", "x"), ("two", "y"), ("two", "")] {
        app.superuser().created("things", json!({"a": a, "b": b})).await;
    }
    let view = json!({"name": "names", "type": "view", "viewQuery": "SELECT id, a FROM things", "listRule": ""});
    app.collection(view).await;
    (app, made["fields"].as_array().expect("fields").clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_tried_tells_its_statements_and_leaves_nothing() {
    let (app, mut fields) = with_things().await;
    let root = app.superuser();
    fields.retain(|field| field["name"] != "cover");
    for field in &mut fields {
        match field["name"].as_str() {
            Some("a") => field["name"] = json!("title"),
            Some("b") => field["maxSelect"] = json!(2),
            _ => {}
        }
    }
    fields.push(json!({"name": "n", "type": "number"}));
    let body = json!({
        "name": "items", "fields": fields, "indexes": ["CREATE INDEX `idx_t` ON `items` (`title`) WHERE title != '?'"],
    });
    // The view reads a column that is called otherwise afterwards.
    let refused = root.patch(&format!("{THINGS}?dryRun=1"), body.clone()).await;
    assert_eq!((refused.status, refused.json["message"].as_str().unwrap_or_default().contains("names")), (400, true));
    assert_eq!(root.remove("/api/collections/names").await.status, 204);
    app.collection(json!({"name": "ids", "type": "view", "viewQuery": "SELECT id FROM things", "listRule": ""})).await;

    let before = everything(&app).await;
    let tried = root.patch(&format!("{THINGS}?dryRun=1"), body.clone()).await;
    assert_eq!((tried.status, &tried.json["dryRun"]), (200, &json!(true)), "{tried}");
    assert_eq!(everything(&app).await, before, "nothing is left of it");
    assert_eq!(tried.headers.get("etag"), None, "nothing is stored that it would be the tag of");

    let touched: Vec<_> = tried.json["collections"].as_array().expect("a list").iter().collect();
    let told = |at: usize| [&touched[at]["change"], &touched[at]["name"], &touched[at]["rows"]];
    assert_eq!(told(0), [&json!("update"), &json!("things"), &json!(3)], "{tried}");
    assert_eq!(told(1), [&json!("update"), &json!("ids"), &Value::Null], "the view follows the name");
    assert_eq!(touched[1]["definition"]["viewQuery"].as_str().map(|query| query.contains("items")), Some(true));

    let statements: Vec<_> =
        tried.json["statements"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    let place = |part: &str| {
        let found = statements.iter().position(|statement| statement.contains(part));
        found.unwrap_or_else(|| panic!("no {part} in {statements:#?}"))
    };
    let order = [
        "DROP VIEW IF EXISTS `ids`",
        "DROP TRIGGER IF EXISTS",
        "DROP INDEX IF EXISTS `idx_a`",
        "ALTER TABLE `things` RENAME TO",
        "ALTER TABLE `items` DROP COLUMN `cover`",
        "RENAME COLUMN `_renaming_title` TO `title`",
        "UPDATE `items` SET `_changing_b`",
        "ALTER TABLE `items` ADD COLUMN `n`",
        "CREATE INDEX `idx_t` ON `items` (`title`) WHERE",
        "CREATE VIEW `ids`",
    ];
    assert!(order.map(place).is_sorted(), "{statements:#?}");
    assert!(!statements.iter().any(|statement| statement.contains("_collections")), "{statements:#?}");

    let made = root.patch(THINGS, body).await;
    assert_eq!(made.status, 200, "{made}");
    let mut promised = touched[0]["definition"].clone();
    promised["updated"] = made.json["updated"].clone();
    assert_eq!(promised, made.json, "it was what it said it would be");
    let found = root.list("items", "search=two").await;
    assert_eq!(found.json["totalItems"], 2, "the index of words is whole: {found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_rules_has_no_statements() {
    let (app, _) = with_things().await;
    let tried = app.superuser().patch(&format!("{THINGS}?dryRun=true"), json!({"listRule": null})).await;
    assert_eq!((tried.status, &tried.json["statements"]), (200, &json!([])), "{tried}");
    assert_eq!(tried.json["collections"][0]["definition"]["listRule"], Value::Null);
    assert_eq!(app.anon().list("things", "").await.status, 200, "the rule is what it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_refused_is_refused_when_it_is_tried() {
    let (app, _) = with_things().await;
    let root = app.superuser();
    let before = everything(&app).await;
    for (body, field) in [
        (json!({"name": "bad name"}), "name"),
        (json!({"listRule": "nothing = 1"}), "listRule"),
        (json!({"fields": [{"name": "x", "type": "nonsense"}]}), "fields"),
        (json!({"indexes": ["CREATE NONSENSE"]}), "indexes"),
    ] {
        let path = format!("{THINGS}?dryRun=1");
        let (tried, refused) = (root.patch(&path, body.clone()).await, root.patch(THINGS, body).await);
        assert_eq!((tried.status, &tried.json), (400, &refused.json), "{tried}");
        assert!(tried.json["data"].get(field).is_some(), "{tried}");
    }
    // What only the data refuses needs the transaction.
    let unique = json!({"indexes": ["CREATE UNIQUE INDEX `idx_u` ON `things` (`a`)"]});
    let (tried, refused) =
        (root.patch(&format!("{THINGS}?dryRun=1"), unique.clone()).await, root.patch(THINGS, unique).await);
    assert_eq!((tried.status, &tried.json), (400, &refused.json), "{tried}");
    assert!(tried.json["data"]["indexes"]["0"]["message"].as_str().is_some_and(|words| words.ends_with("the same a.")));
    assert_eq!(root.patch("/api/collections/missing?dryRun=1", json!({})).await.status, 404);
    assert_eq!(everything(&app).await, before);

    for name in ["dryrun", "dry_run", "dry-run"] {
        let refused = root.patch(&format!("{THINGS}?{name}=1"), json!({"listRule": null})).await;
        assert_eq!((refused.status, refused.json["data"].get(name).is_some()), (400, true), "{refused}");
    }
    let refused = root.patch(&format!("{THINGS}?dryRun=maybe"), json!({"listRule": null})).await;
    assert_eq!((refused.status, refused.json["data"].get("dryRun").is_some()), (400, true), "{refused}");
    assert_eq!(everything(&app).await, before);
    // What has no dry run is refused, and not done.
    for path in [
        format!("{THINGS}?dryRun=1"),
        format!("{THINGS}/truncate?dryRun=1"),
        format!("{THINGS}?dry_run=1"),
        format!("{THINGS}/truncate?dryRun=1;"),
    ] {
        assert_eq!(root.remove(&path).await.status, 400, "{path}");
    }
    assert_eq!(everything(&app).await, before);
    for person in [app.anon(), app.user("ann@example.com").await] {
        let refused = person.patch(&format!("{THINGS}?dryRun=1"), json!({"listRule": null})).await;
        assert!([401, 403].contains(&refused.status), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_collection_and_an_import_are_tried_too() {
    let (app, _) = with_things().await;
    let root = app.superuser();
    let before = everything(&app).await;
    let people = json!({"name": "people", "type": "auth", "fields": [{"name": "age", "type": "number"}]});
    let tried = root.post("/api/collections?dryRun=1", people.clone()).await;
    assert_eq!(tried.status, 200, "{tried}");
    let told = &tried.json["collections"][0];
    assert_eq!([&told["change"], &told["name"], &told["rows"]], [&json!("create"), &json!("people"), &json!(0)]);
    let statements = tried.json["statements"].as_array().expect("a list");
    let makes = |sql: &Value| sql.as_str().is_some_and(|sql| sql.starts_with("CREATE TABLE `people`"));
    assert!(statements.iter().any(makes), "{tried}");
    assert!(!tried.body.windows(6).any(|part| part == b"secret" || part == b"Secret"), "{tried}");

    let import = json!({"collections": [people], "deleteMissing": true});
    let tried = root.put("/api/collections/import?dryRun=1", import.clone()).await;
    assert_eq!(tried.status, 200, "{tried}");
    let changes = |tried: &Reply| -> Vec<(Value, Value, Value)> {
        let all = tried.json["collections"].as_array().expect("a list").iter();
        all.map(|told| (told["name"].clone(), told["change"].clone(), told["rows"].clone())).collect()
    };
    let told = changes(&tried);
    assert!(told.contains(&(json!("people"), json!("create"), json!(0))), "{tried}");
    assert!(told.contains(&(json!("things"), json!("delete"), json!(3))), "{tried}");
    assert!(told.contains(&(json!("names"), json!("delete"), Value::Null)), "{tried}");
    assert_eq!(everything(&app).await, before);

    let broken = json!({"collections": [{"name": "bad name"}]});
    let (tried, refused) = (
        root.put("/api/collections/import?dryRun=1", broken.clone()).await,
        root.put("/api/collections/import", broken).await,
    );
    assert_eq!((tried.status, &tried.json), (400, &refused.json), "{tried}");
    assert_eq!(root.put("/api/collections/import", import).await.status, 204, "the real one still goes well");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_has_a_tag_that_changes_with_it() {
    let (app, _) = with_things().await;
    let root = app.superuser();
    let first = tag(&root.get(THINGS).await);
    assert!(first.starts_with('"') && first.ends_with('"') && first.len() == 34, "{first}");
    assert_eq!(tag(&root.get(&format!("{THINGS}?fields=id")).await), first);
    let known = root.raw(Method::GET, THINGS, &[("if-none-match", &first)], Vec::new()).await;
    assert_eq!((known.status, known.body.len(), tag(&known)), (304, 0, first.clone()));

    let changed = root.patch(THINGS, json!({"listRule": "a != ''"})).await;
    assert_ne!(tag(&changed), first, "in the same moment too");
    assert_eq!(tag(&root.get(THINGS).await), tag(&changed));
    let view = tag(&root.get("/api/collections/names").await);
    root.patch(THINGS, json!({"name": "stuff"})).await;
    assert_ne!(tag(&root.get("/api/collections/names").await), view, "its query follows the name");

    // A secret is no part of what is shown, and still one of what is stored.
    let users = "/api/collections/users";
    let before = root.get(users).await;
    let after = root.patch(users, json!({"authToken": {"secret": "s".repeat(50), "duration": 1_209_600}})).await;
    assert_eq!(after.status, 200, "{after}");
    assert_ne!(tag(&after), tag(&before));
    let made = root.post("/api/collections", open("fresh", json!([]))).await;
    assert_eq!(tag(&made), tag(&root.get("/api/collections/fresh").await));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_that_was_changed_meanwhile_is_not_overwritten() {
    let (app, _) = with_things().await;
    let root = app.superuser();
    let seen = tag(&root.get(THINGS).await);
    let first = send_if(root, Method::PATCH, THINGS, &seen, json!({"listRule": null})).await;
    assert_eq!(first.status, 200, "{first}");
    for query in ["", "?dryRun=1"] {
        let second = send_if(root, Method::PATCH, &format!("{THINGS}{query}"), &seen, json!({"viewRule": null})).await;
        assert_eq!((second.status, &second.json["status"]), (412, &json!(412)), "{second}");
        assert_eq!((&second.json["collection"], &second.json["data"]), (&first.json, &json!({})), "{second}");
        assert_eq!(tag(&second), tag(&first), "the tag to try again with");
    }
    assert_eq!(root.get(THINGS).await.json["viewRule"], "");
    let gone = send_if(root, Method::DELETE, THINGS, &seen, Value::Null).await;
    assert_eq!((gone.status, root.get(THINGS).await.status), (412, 200), "{gone}");
    assert_eq!(send_if(root, Method::PATCH, "/api/collections/missing", &seen, json!({})).await.status, 404);
    let now = tag(&first);
    let weak = send_if(root, Method::PATCH, THINGS, &format!("W/{now}"), json!({"viewRule": null})).await;
    assert_eq!(weak.status, 412, "a weak tag is no proof");
    let listed = send_if(root, Method::PATCH, THINGS, &format!("\"0\", {now}"), json!({"viewRule": null})).await;
    assert_eq!(listed.status, 200, "{listed}");
    assert_eq!(send_if(root, Method::DELETE, "/api/collections/names", "*", Value::Null).await.status, 204);
    let now = tag(&root.get(THINGS).await);
    assert_eq!(send_if(root, Method::DELETE, THINGS, &now, Value::Null).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_change_a_definition_at_once_one_wins() {
    let (app, _) = with_things().await;
    app.clock.advance(Duration::from_secs(1));
    let seen = tag(&app.superuser().get(THINGS).await);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 1..=8 {
        let (root, seen) = (app.superuser().clone(), seen.clone());
        tasks.spawn(async move {
            let body = json!({"listRule": format!("a = '{number}'")});
            send_if(&root, Method::PATCH, THINGS, &seen, body).await.status
        });
    }
    let mut statuses = tasks.join_all().await;
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (200, &[412; 7][..]));
}
