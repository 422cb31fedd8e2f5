//! Clients that go away in the middle: what they began is done to its end, and what the server knows stays what the
//! database holds.

use crate::support::people::{Person, Reply};
use crate::support::{TestApp, guests, open};
use serde_json::{Value, json};
use std::future::Future;
use std::time::Duration;
use tinybase::db::Unit;
use tinybase::schema;
use tinybase::sql::Sql;

/// The first client waits for so long, and each next one longer.
const STEP: Duration = Duration::from_micros(400);
/// Long enough for any machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends requests whose clients go away, each a little later than the one before, until some are answered; after each
/// one `settled` must become true.
async fn abandon<R, S>(app: &TestApp, request: impl Fn(u32) -> R, settled: impl Fn() -> S)
where
    R: Future<Output = Reply>,
    S: Future<Output = bool>,
{
    let mut answered = 0;
    for number in 0.. {
        if let Ok(reply) = tokio::time::timeout(STEP * number, request(number)).await {
            assert!(reply.status < 300, "{reply}");
            answered += 1;
        }
        // What is on its way to the database arrives before this does.
        let last = Unit::of(Sql::new("UPDATE _params SET id = id WHERE id = 'nobody'"));
        app.host.default_tenant().tenant.store.write(last).await.expect("a turn");
        let wait = async {
            while !settled().await {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        assert!(tokio::time::timeout(PATIENCE, wait).await.is_ok(), "after {number} the server knows something else");
        if answered == 3 {
            return;
        }
    }
}

async fn stored(app: &TestApp, sql: Sql) -> String {
    let store = &app.host.default_tenant().tenant.store;
    let found = store.read(|snapshot| snapshot.one(&sql, |row| Ok(row.text(0).to_owned()))).await;
    found.expect("a row").unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn collections_are_as_the_database_has_them() {
    let app = TestApp::new().await;
    app.collection(open("things", json!([{"name": "first", "type": "text"}]))).await;
    let root: &Person = app.superuser();
    let change = |number: u32| async move {
        // A field comes, and the one before goes.
        let fields = json!([{"name": format!("field{number}"), "type": "text"}]);
        root.patch("/api/collections/things", json!({"fields": fields})).await
    };
    let tenant = &app.host.default_tenant().tenant;
    let settled = || async {
        let stored = schema::reload(&tenant.store).await.expect("the collections");
        let (stored, known) = (stored.collection("things").cloned(), tenant.catalog().collection("things").cloned());
        stored == known
    };
    abandon(&app, change, settled).await;
    assert_eq!(root.list("things", "").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_as_the_database_has_them() {
    let app = TestApp::new().await;
    let root = app.superuser();
    let change = |number: u32| async move {
        root.patch("/api/settings", json!({"meta": {"appName": format!("App {number}")}})).await
    };
    let settled = || async {
        let text = stored(&app, Sql::new("SELECT value FROM _params WHERE id = 'settings'")).await;
        let stored: Value = serde_json::from_str(&text).unwrap_or_default();
        let known = app.host.default_tenant().tenant.settings.load().meta.app_name.clone();
        text.is_empty() || stored["meta"]["appName"] == known
    };
    abandon(&app, change, settled).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_are_as_the_database_has_them() {
    let app = TestApp::new().await;
    let (root, id) = (app.superuser(), app.install(&guests::plugin("slugify")).await);
    let path = format!("/api/plugins/{id}");
    let change = |number: u32| {
        let path = path.clone();
        async move { root.patch(&path, json!({"enabled": number.is_multiple_of(2)})).await }
    };
    let settled = || async {
        let mut sql = Sql::new("SELECT CASE WHEN enabled THEN 'on' ELSE 'disabled' END FROM _plugins WHERE id = ");
        sql.bind(id.as_str());
        (stored(&app, sql).await == "disabled") == (root.get(&path).await.json["state"] == "disabled")
    };
    abandon(&app, change, settled).await;
}
