//! Components that toolchains built for WASI: they find the names that they import, and nothing behind them.

use crate::support::TestApp;
use crate::support::guests::guest;
use crate::support::people::Reply;
use serde_json::{Value, json};

async fn app() -> (TestApp, String) {
    let app = TestApp::with_posts().await;
    let id = app.attach(&guest("wasi"), "posts", &["beforeCreate", "validate"], json!({})).await;
    (app, id)
}

async fn tried(app: &TestApp, what: &str) -> Reply {
    app.anon().create("posts", json!({"title": what})).await
}

/// What the plugin's log says, newest first.
async fn logged(app: &TestApp, id: &str) -> Vec<(String, String)> {
    let reply = app.superuser().get(&format!("/api/plugins/{id}/logs")).await;
    let text = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
    let items = reply.json["items"].as_array().cloned().unwrap_or_default();
    items.iter().map(|line| (text(line, "level"), text(line, "message"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn wasi_is_shown_as_imports_and_not_as_a_capability() {
    let app = TestApp::with_posts().await;
    let reply = app.superuser().upload_as("/api/plugins", "basics", &guest("wasi")).await;
    assert_eq!((reply.status, &reply.json["capabilities"]), (200, &json!([])), "{reply}");
    let imports = reply.json["imports"].as_array().expect("a list");
    assert!(imports.iter().any(|name| name.as_str().is_some_and(|name| name.starts_with("wasi:cli/"))), "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_system_is_there() {
    let (app, id) = app().await;
    assert_eq!(tried(&app, "system").await.json["slug"], "0 0 None 0 closed");
    let socket = tried(&app, "socket").await;
    let refusals = socket.json["slug"].as_str().map(|slug| slug.matches("name: \"access-denied\"").count());
    assert_eq!(refusals, Some(2), "{socket}: {:?}", logged(&app, &id).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_stand_still_until_the_guest_waits_which_takes_no_time() {
    let (app, _) = app().await;
    let reply = tried(&app, "time").await;
    assert_eq!(reply.json["slug"], "true 1 1", "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_grant_numbers_are_random_and_a_check_is_still_pure() {
    let (app, id) = app().await;
    let invalid = tried(&app, "invalid").await.json["data"]["title"]["message"].clone();
    let granted =
        app.superuser().put(&format!("/api/plugins/{id}/grants"), json!({"random": true, "clock": true})).await;
    assert_eq!(granted.status, 200, "{granted}");
    let first = tried(&app, "random").await;
    let second = tried(&app, "random").await;
    assert_eq!((first.status, second.status), (200, 200), "a slug is unique: {second}");
    assert_eq!(tried(&app, "invalid").await.json["data"]["title"]["message"], invalid);
    assert_eq!(tried(&app, "time").await.json["slug"], "true 1 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn random_numbers_are_the_same_in_every_call() {
    let (app, _) = app().await;
    let first = tried(&app, "random").await;
    let id = first.json["id"].as_str().expect("an id");
    app.anon().delete("posts", id).await;
    let second = tried(&app, "random").await;
    assert_eq!((second.status, &second.json["slug"]), (200, &first.json["slug"]), "{second}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_guest_prints_is_in_its_log() {
    let (app, id) = app().await;
    assert_eq!(tried(&app, "print").await.json["slug"], "printed");
    let line = |level: &str, text: &str| (level.to_owned(), text.to_owned());
    let lines = logged(&app, &id).await;
    let wanted = [line("info", "without an end"), line("warn", "to the errors"), line("info", "to the output")];
    assert_eq!(lines, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn exit_ends_the_call_and_its_last_words_are_kept() {
    let (app, id) = app().await;
    let reply = tried(&app, "exit").await;
    assert_eq!((reply.status, &reply.json["data"]["plugin"]["axis"]), (500, &json!("trap")), "{reply}");
    let lines = logged(&app, &id).await;
    let why = &lines.first().expect("a line").1;
    assert!(why.contains("called exit (with an error)") && why.contains("nothing left to do"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wasi_has_its_budget_too() {
    let (app, _) = app().await;
    let endless = tried(&app, "write-for-ever").await;
    assert_eq!((endless.status, &endless.json["data"]["plugin"]["code"]), (500, &json!("plugin_failed")), "{endless}");
    let greedy = tried(&app, "too-random").await;
    assert_eq!(greedy.json["data"]["plugin"]["code"], "plugin_failed", "{greedy}");
    assert_eq!(app.anon().list("posts", "").await.json["totalItems"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_with_wasi_is_a_check() {
    let (app, _) = app().await;
    let (first, second) = (tried(&app, "invalid").await, tried(&app, "invalid").await);
    assert_eq!((first.status, &first.json["data"]["title"]["code"]), (400, &json!("dice")), "{first}");
    assert_eq!(first.json["data"], second.json["data"], "the same every time");
}
