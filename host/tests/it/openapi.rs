//! The description of the API: that it is valid `OpenAPI` 3.1, complete, and tells nobody more than there is for them.

use crate::support::guests::plugin;
use crate::support::people::Person;
use crate::support::{PASSWORD, TestApp, open, posts};
use axum::http::Method;
use boon::{Compiler, Schemas};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The schema that the `OpenAPI` Initiative publishes.
const OPENAPI: &str = include_str!("data/openapi-3.1.json");

async fn described(person: &Person) -> Value {
    let reply = person.get("/api/openapi.json").await;
    assert_eq!(reply.status, 200, "{reply}");
    reply.json
}

fn check(document: &Value) {
    let mut compiler = Compiler::new();
    let schema: Value = serde_json::from_str(OPENAPI).expect("JSON");
    compiler.add_resource("http://tests/openapi.json", schema).expect("a resource");
    // Whether the schemas in it are schemas is not what that one looks at.
    compiler.add_resource("http://tests/document.json", document.clone()).expect("a resource");
    let mut schemas = Schemas::new();
    let whole = compiler.compile("http://tests/openapi.json", &mut schemas).expect("a schema");
    if let Err(error) = schemas.validate(document, whole) {
        panic!("{error:#}");
    }
    for name in document["components"]["schemas"].as_object().expect("schemas").keys() {
        let place = format!("http://tests/document.json#/components/schemas/{name}");
        compiler.compile(&place, &mut schemas).unwrap_or_else(|error| panic!("{name}: {error:#}"));
    }
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().expect("a name");
        assert!(document["components"]["schemas"].get(name).is_some(), "{name} is referred to and missing");
    }
    let ids: Vec<_> = operations(document).map(|(_, operation)| operation["operationId"].clone()).collect();
    let unique: BTreeSet<String> = ids.iter().map(ToString::to_string).collect();
    assert_eq!(unique.len(), ids.len(), "two operations have one id: {ids:?}");
}

fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().expect("methods");
        methods.iter().map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), operation))
    })
}

fn every_kind() -> Value {
    json!([
        {"name": "title", "type": "text", "required": true, "max": 80, "help": "What it is called"},
        {"name": "n", "type": "number", "min": 0, "onlyInt": true},
        {"name": "ok", "type": "bool"},
        {"name": "mail", "type": "email"},
        {"name": "link", "type": "url"},
        {"name": "body", "type": "editor"},
        {"name": "at", "type": "date", "nullable": true},
        {"name": "kind", "type": "select", "values": ["a", "b\"c"], "maxSelect": 1},
        {"name": "tags", "type": "select", "values": ["x", "y"], "maxSelect": 2},
        {"name": "cover", "type": "file", "maxSelect": 1},
        {"name": "owner", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 1},
        {"name": "readers", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 9},
        {"name": "meta", "type": "json"},
        {"name": "spot", "type": "geoPoint"},
        {"name": "list", "type": "array", "of": "number"},
        {"name": "near", "type": "vector", "dimension": 2},
        {"name": "secret", "type": "text", "hidden": true},
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_valid_and_complete() {
    let app = TestApp::with_posts().await;
    app.collection(open("every_kind", every_kind())).await;
    let view = json!({"name": "titles", "type": "view", "viewQuery": "select id, title from posts", "listRule": ""});
    app.collection(view).await;
    let user = app.user("user@example.com").await;
    for person in [&app.anon(), &user, app.superuser()] {
        check(&described(person).await);
    }
    let document = described(app.superuser()).await;
    let known: BTreeSet<String> = operations(&document).map(|(name, _)| name).collect();
    for route in tinybase::http::ROUTES {
        let is_page = ["/_", "/api/docs", "/api/x/", "/llms.txt"].iter().any(|page| route.path.starts_with(page));
        let name = format!("{} {}", route.method, route.path);
        assert_eq!(known.contains(&name), !is_page, "{name}");
    }
    let record = &document["components"]["schemas"]["EveryKindRecord"];
    assert_eq!(record["properties"]["kind"]["enum"], json!(["a", "b\"c", ""]));
    assert_eq!(record["properties"]["at"]["anyOf"][1], json!({"type": "null"}));
    assert_eq!(document["components"]["schemas"]["EveryKindCreate"]["required"], json!(["title"]));
    assert!(known.contains("PATCH /api/collections/every_kind/records/{id}"));
    assert!(
        known.contains("GET /api/collections/titles/records")
            && !known.contains("POST /api/collections/titles/records")
    );
}

/// The description that the dashboard's types are made of.
const OF_THE_DASHBOARD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../admin/codegen/openapi.json");

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_knows_the_api_as_it_is() {
    let app = TestApp::new().await;
    app.collection(posts()).await;
    let document = app.superuser().get("/api/openapi.json?skipCollections=1").await;
    assert_eq!(document.status, 200, "{document}");
    check(&document.json);
    let known: Value = serde_json::from_str(&std::fs::read_to_string(OF_THE_DASHBOARD).expect("a file")).expect("JSON");
    for part in ["/paths", "/components/schemas"] {
        let (now, known) = (document.json.pointer(part), known.pointer(part));
        let [now, known] = [now, known].map(|found| found.and_then(Value::as_object).expect("an object"));
        let names: BTreeSet<&String> = now.keys().chain(known.keys()).collect();
        let stale: Vec<_> = names.into_iter().filter(|name| now.get(*name) != known.get(*name)).collect();
        assert!(
            stale.is_empty(),
            "the types of the dashboard are stale, `npm run api` in admin/ makes them anew: {stale:?}"
        );
    }
    assert_eq!(app.superuser().get("/api/openapi.json?skipCollections=maybe").await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_as_they_are_described() {
    let app = TestApp::new().await;
    app.collection(open("every_kind", every_kind())).await;
    let record = json!({"title": "t", "n": 3, "kind": "a", "tags": ["x"], "spot": {"lon": 1, "lat": 2}, "near": [1, 2], "list": [1]});
    let records = [
        app.superuser().create("every_kind", record).await.json,
        app.superuser().create("every_kind", json!({"title": "u"})).await.json,
    ];
    let user = app.user("user@example.com").await;
    let users = user.view("users", &user.id).await.json;
    let root = app.superuser();
    app.attach(&plugin("slugify"), "every_kind", &["beforeCreate"], json!({})).await;
    let plugins = root.get("/api/plugins").await.json;
    let attachments = format!("/api/plugins/{}/attachments", plugins["items"][0]["id"].as_str().expect("an id"));
    let path = format!("/api/plugins/{}", plugins["items"][0]["id"].as_str().expect("an id"));
    let key = json!({"name": "k", "scopes": ["every_kind:list"]});
    let rule = json!({"collection": "every_kind", "kind": "list", "rule": "titel = 'a' && 1"});
    let attempt =
        json!({"collection": "every_kind", "action": "view", "rule": "title = 't'", "record": records[0]["id"]});
    let trial = json!({"hook": "beforeCreate", "collection": "every_kind", "record": {"title": "A b"}});
    let view = json!({"query": "select id, title from every_kind"});
    let import = "/api/collections/every_kind/records/import?format=ndjson&dryRun=1";
    let sign_in = json!({"email": "root@example.com", "password": PASSWORD});
    let others = [
        ("ToldKey", root.post("/api/keys", key).await.json),
        ("ApiKey", root.get("/api/keys").await.json["items"][0].clone()),
        ("AdminSession", app.anon().post("/api/admin/session", sign_in).await.json),
        ("SessionEntry", root.get("/api/admin/sessions").await.json["items"][0].clone()),
        ("Collection", root.get("/api/collections/every_kind").await.json),
        ("Collection", root.get("/api/collections/users").await.json),
        ("ChangePreview", root.patch("/api/collections/every_kind?dryRun=1", json!({"name": "kinds"})).await.json),
        ("ViewPreview", root.post("/api/collections/meta/dry-run-view", view).await.json),
        ("RuleCheck", root.post("/api/rules/check", rule).await.json),
        ("RuleVerdict", root.post("/api/rules/try", attempt).await.json),
        (
            "ImportReport",
            root.raw(Method::POST, import, &[("content-type", "application/x-ndjson")], b"{\"title\": 3}\n{}".to_vec())
                .await
                .json,
        ),
        ("SystemInfo", root.get("/api/system/info").await.json),
        ("Stats", root.get("/api/system/stats").await.json),
        ("Grants", root.get(&format!("{path}/grants")).await.json),
        ("Breakers", root.get(&format!("{path}/breaker")).await.json),
        ("PluginMetrics", root.get(&format!("{path}/metrics")).await.json),
        ("Trial", root.post(&format!("{path}/test"), trial).await.json),
        ("BackupStatus", root.get("/api/backups/status").await.json),
        ("Plugin", plugins["items"][0].clone()),
        ("Attachment", root.get(&attachments).await.json["items"][0].clone()),
        ("Settings", root.get("/api/settings").await.json),
        ("LogRow", root.get("/api/logs").await.json["items"][0].clone()),
        ("ActivityEntry", root.get("/api/activity").await.json["items"][0].clone()),
        ("Cron", root.get("/api/crons").await.json[0].clone()),
        ("Rows", root.post("/api/sql", json!({"query": "select 1, null"})).await.json),
        ("Error", app.anon().get("/api/sql").await.json),
        ("Health", app.anon().get("/api/health").await.json),
    ];
    let document = described(app.superuser()).await;
    let mut compiler = Compiler::new();
    compiler.add_resource("http://tests/document.json", document).expect("a resource");
    let mut schemas = Schemas::new();
    let answers = [("EveryKindRecord", &records[0]), ("EveryKindRecord", &records[1]), ("UsersRecord", &users)];
    for (name, record) in answers.into_iter().chain(others.iter().map(|(name, answer)| (*name, answer))) {
        let place = format!("http://tests/document.json#/components/schemas/{name}");
        let index = compiler.compile(&place, &mut schemas).expect("a schema");
        if let Err(error) = schemas.validate(record, index) {
            panic!("{name}: {record}: {error:#}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_more_than_there_is_for_them() {
    let app = TestApp::new().await;
    app.collection(open(
        "public",
        json!([{"name": "title", "type": "text"}, {"name": "hush", "type": "text", "hidden": true}]),
    ))
    .await;
    let mut members = open("members", json!([{"name": "motto", "type": "text"}]));
    for rule in ["listRule", "viewRule", "createRule", "updateRule", "deleteRule"] {
        members[rule] = json!("@request.auth.id != ''");
    }
    app.collection(members).await;
    let mut locked = open("vault", json!([{"name": "gold", "type": "text"}]));
    for rule in ["listRule", "viewRule", "createRule", "updateRule", "deleteRule"] {
        locked[rule] = Value::Null;
    }
    app.collection(locked).await;
    let user = app.user("user@example.com").await;
    for path in ["/api/openapi.json", "/api/types.ts"] {
        let text = async |person: &Person| String::from_utf8(person.get(path).await.body).expect("UTF-8");
        let (guest, member, root) = (text(&app.anon()).await, text(&user).await, text(app.superuser()).await);
        for (word, seen) in [
            ("title", [true, true, true]),
            ("hush", [false, false, true]),
            ("motto", [false, true, true]),
            ("gold", [false, false, true]),
            ("_superusers", [false, false, true]),
        ] {
            assert_eq!([&guest, &member, &root].map(|text| text.contains(word)), seen, "{path} {word}");
        }
    }
    let guest = described(&app.anon()).await;
    assert!(guest["paths"].get("/api/sql").is_none() && guest["paths"].get("/api/batch").is_some());
    assert!(described(app.superuser()).await["paths"].get("/api/sql").is_some());
    let page = String::from_utf8(app.anon().get("/llms.txt").await.body).expect("UTF-8");
    assert!(page.contains("/api/openapi.json") && page.contains("`public` (base): id (text), title (text)"), "{page}");
    assert!(!page.contains("vault") && !page.contains("/api/sql"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_brings_everything_along() {
    let app = TestApp::new().await;
    app.collection(posts()).await;
    let page = app.anon().get("/api/docs").await;
    let policy = page.headers["content-security-policy"].to_str().expect("a policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let html = String::from_utf8(page.body).expect("UTF-8");
    assert!(!html.contains("//") && !html.contains("style=") && !html.contains("onclick"), "{html}");
    for linked in html.split("=\"/").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert_eq!(app.anon().get(&format!("/{linked}")).await.status, 200, "{linked}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_writes_the_same_types() {
    let app = TestApp::new().await;
    let shown = String::from_utf8(app.superuser().get("/api/types.ts").await.body).expect("UTF-8");
    let dir = tempfile::tempdir().expect("a temporary folder");
    let run = |words: &[&str]| {
        let mut command = std::process::Command::new(crate::support::process::binary());
        let output = command.args(words).arg("--dir").arg(dir.path().join("data")).output().expect("output");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    run(&["admin", "create", "root@example.com", crate::support::PASSWORD]);
    let types = |more: &[&str]| run(&[&["types"], more].concat());
    assert_eq!(types(&[]), shown);
    let file = dir.path().join("types.ts");
    assert_eq!(types(&["--out", file.to_str().expect("a path")]), "");
    assert_eq!(std::fs::read_to_string(file).expect("a file"), shown);
}
