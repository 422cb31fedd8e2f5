//! Imports that meet what passes: a quota that is used up, a breaker that is open. They wait, and if they wait in vain they say
//! how far they came.

use crate::support::guests::{guest, plugin};
use crate::support::people::{Reply, records};
use crate::support::{TestApp, open};
use axum::http::Method;
use serde_json::{Value, json};
use std::pin::pin;
use std::time::Duration;
use tinybase::config::PluginQuota;

/// A server whose plugins may burn so much a second, with an open collection `notes`.
async fn within(fuel_per_second: u64) -> TestApp {
    let quota = PluginQuota { fuel_per_second: Some(fuel_per_second), ..PluginQuota::default() };
    let app = TestApp::with(|config| config.plugin_quota = quota).await;
    notes(&app).await;
    app
}

async fn notes(app: &TestApp) {
    app.collection(open("notes", json!([{"name": "title", "type": "text"}, {"name": "slug", "type": "text"}]))).await;
}

/// Imports notes with these titles, while the clock goes on.
async fn import(app: &TestApp, titles: &[&str]) -> Reply {
    let lines: Vec<String> = titles.iter().map(|title| json!({ "title": title }).to_string()).collect();
    let to = format!("{}/import?format=ndjson", records("notes"));
    let mut importing = pin!(app.superuser().raw(Method::POST, &to, &[], lines.join("\n").into_bytes()));
    loop {
        tokio::select! {
            reply = &mut importing => return reply,
            // Ten times as fast as it really does.
            () = tokio::time::sleep(Duration::from_millis(10)) => app.clock.advance(Duration::from_millis(100)),
        }
    }
}

fn counts(reply: &Reply) -> [u64; 3] {
    assert_eq!(reply.status, 200, "{reply}");
    ["rows", "created", "failed"].map(|key| reply.json[key].as_u64().expect("a number"))
}

async fn total(app: &TestApp) -> Value {
    app.superuser().list("notes", "").await.json["totalItems"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_beyond_the_quota_waits_until_there_is_more() {
    let app = within(20_000).await;
    app.attach(&plugin("slugify"), "notes", &["beforeCreate"], json!({})).await;
    let reply = import(&app, &["A Title"; 40]).await;
    assert_eq!(counts(&reply), [40, 40, 0], "{reply}");
    assert_eq!((&reply.json["stopped"], total(&app).await), (&Value::Null, json!(40)), "{reply}");
    let figures = app.superuser().get("/api/plugins/figures").await.json;
    assert!(figures["quota"]["refused"].as_u64() > Some(0), "there was something to wait for: {figures}");
    assert_eq!(figures["totals"]["calls"], 40, "no row is planned twice: {figures}");
}

/// Each try of the row burns all that there is before its validator comes to its turn.
#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_waits_in_vain_tells_how_far_it_came() {
    let app = within(2_000_000).await;
    app.attach(&guest("hostile"), "notes", &["beforeCreate"], json!({})).await;
    app.attach(&guest("hostile-validator"), "notes", &["validate"], json!({})).await;
    let reply = import(&app, &["one", "two", "three", "busy", "five"]).await;
    assert_eq!(counts(&reply), [3, 3, 0], "{reply}");
    let stopped = &reply.json["stopped"];
    assert_eq!((&stopped["row"], &stopped["status"]), (&json!(4), &json!(429)), "{reply}");
    assert_eq!(stopped["data"]["plugin"]["code"], "plugin_quota", "{reply}");
    assert!(stopped["retryAfter"].as_u64() > Some(0), "{reply}");
    // What nothing is written of may be sent again as it is.
    let reply = import(&app, &["busy", "five"]).await;
    assert_eq!((reply.status, &reply.json["data"]["plugin"]["code"]), (429, &json!("plugin_quota")), "{reply}");
    assert!(reply.headers.contains_key("retry-after"), "{reply}");
    assert_eq!(total(&app).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn good_rows_wait_for_a_breaker_that_others_have_opened() {
    let app = TestApp::new().await;
    notes(&app).await;
    let id = app.attach(&guest("hostile"), "notes", &["beforeCreate"], json!({})).await;
    let mut titles = vec!["panic"; 5];
    titles.extend(["good"; 12]);
    titles.extend(["panic"; 2]);
    titles.extend(["good"; 3]);
    let reply = import(&app, &titles).await;
    assert_eq!(counts(&reply), [22, 15, 7], "{reply}");
    assert_eq!((&reply.json["stopped"], total(&app).await), (&Value::Null, json!(15)), "{reply}");
    let errors = reply.json["errors"].as_array().expect("errors");
    let rows: Vec<&Value> = errors.iter().map(|error| &error["row"]).collect();
    assert_eq!(rows, [1, 2, 3, 4, 5, 18, 19], "{reply}");
    assert!(errors.iter().all(|error| error["data"]["plugin"]["code"] == "plugin_failed"), "{reply}");
    let metrics = app.superuser().get(&format!("/api/plugins/{id}/metrics")).await.json;
    assert!(metrics["totals"]["skipped"].as_u64() > Some(0), "the breaker was open: {metrics}");
}

/// Its probes are rows, and each that fails gets the import nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn an_import_does_not_wait_for_ever_for_a_plugin_that_fails() {
    let app = TestApp::new().await;
    notes(&app).await;
    app.attach(&guest("hostile"), "notes", &["beforeCreate"], json!({})).await;
    let titles = ["good", "good", "good"].into_iter().chain(["panic"; 60]).collect::<Vec<_>>();
    let reply = import(&app, &titles).await;
    let [rows, created, failed] = counts(&reply);
    assert_eq!((rows, created), (3 + failed, 3), "{reply}");
    assert!((5..60).contains(&failed), "{reply}");
    let stopped = &reply.json["stopped"];
    assert_eq!((&stopped["row"], &stopped["status"]), (&json!(rows + 1), &json!(503)), "{reply}");
    assert_eq!(stopped["data"]["plugin"]["code"], "plugin_unavailable", "{reply}");
    assert_eq!(total(&app).await, 3);
}
