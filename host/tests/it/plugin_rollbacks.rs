//! Going back to an earlier version, by hand and by itself.

use crate::plugin_governance::{activate, create, slugs, until, upload};
use crate::support::TestApp;
use crate::support::guests::{guest, plugin, with_manifest};
use crate::support::people::Reply;
use serde_json::json;

/// Another component that does what it is told.
fn hostile(number: i64) -> Vec<u8> {
    with_manifest(guest("hostile"), &json!({ "number": number }))
}

/// A server whose plugin `p` has the version 1, which computes slugs, and the versions 2 and 3, which fail; 3 is called.
async fn three_versions() -> (TestApp, String) {
    let (app, path) = slugs(json!({"do": "panic"})).await;
    for number in [2, 3] {
        upload(&app, &hostile(number)).await;
        activate(&app, &path, number).await;
    }
    (app, path)
}

async fn roll_back(app: &TestApp, path: &str) -> Reply {
    app.superuser().post(&format!("{path}/rollback"), json!({})).await
}

/// The versions that somebody went back from, newest first.
async fn withdrawn(app: &TestApp, path: &str) -> Vec<String> {
    let page = app.superuser().get(&format!("{path}/versions")).await.json;
    let items = page["items"].as_array().expect("items");
    let gone = items.iter().filter(|version| version["withdrawn"] == true);
    gone.filter_map(|version| version["version"].as_str().map(str::to_owned)).collect()
}

async fn fail(app: &TestApp) {
    for _ in 0..5 {
        assert_eq!(create(app, "x").await.0, 500);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rolling_back_again_goes_further_back() {
    let (app, path) = three_versions().await;
    for version in ["2", "1"] {
        let back = roll_back(&app, &path).await;
        assert_eq!((back.status, &back.json["version"]), (200, &json!(version)), "{back}");
    }
    let end = roll_back(&app, &path).await;
    assert_eq!(
        (end.status, &end.json["message"]),
        (400, &json!("There is no earlier version to go back to.")),
        "{end}"
    );
    assert_eq!(withdrawn(&app, &path).await, ["3", "2"]);

    // What was withdrawn is not gone back to from a later one either, until somebody chooses it again.
    upload(&app, &hostile(4)).await;
    activate(&app, &path, 4).await;
    assert_eq!(app.superuser().remove(&format!("{path}/versions/1")).await.status, 204);
    assert_eq!(roll_back(&app, &path).await.status, 400);
    activate(&app, &path, 2).await;
    assert_eq!(withdrawn(&app, &path).await, ["4", "3"], "choosing an earlier one is going back");
    activate(&app, &path, 4).await;
    assert_eq!(roll_back(&app, &path).await.json["version"], "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_brought_back_to_what_they_went_back_from() {
    let (app, path) = three_versions().await;
    assert_eq!(roll_back(&app, &path).await.json["version"], "2");
    fail(&app).await;
    let plugin = until(&app, &path, |plugin| plugin["version"] != "2").await;
    assert_eq!(plugin["version"], "1", "and not the version 3");
    assert_eq!(create(&app, "After It").await, (200, "after-it".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_there_is_not_is_named_with_those_that_there_are() {
    let (app, path) = three_versions().await;
    let root = app.superuser();
    for missing in [
        root.post(&format!("{path}/activate"), json!({"version": 9})).await,
        root.post(&format!("{path}/approve"), json!({"version": 9})).await,
        root.post(&format!("{path}/canary"), json!({"version": 9, "share": 5})).await,
        root.remove(&format!("{path}/versions/9")).await,
    ] {
        let words = (missing.status, &missing.json["message"]);
        assert_eq!(words, (404, &json!("The plugin has no version 9; it has 1, 2, 3.")), "{missing}");
    }
}

/// Takes away the files of a version, whose code nobody has in memory.
async fn lose(app: &TestApp, path: &str, version: &str) {
    let page = app.superuser().get(&format!("{path}/versions")).await.json;
    let of_it = page["items"].as_array().expect("items").iter().find(|item| item["version"] == version);
    let sha256 = of_it.and_then(|item| item["sha256"].as_str()).expect("a hash").to_owned();
    let mut lost = 0;
    for file in std::fs::read_dir(app.host.default_tenant().tenant.dir.join("plugins")).expect("a folder").flatten() {
        if file.file_name().to_string_lossy().starts_with(&sha256) {
            std::fs::remove_file(file.path()).expect("it is there");
            lost += 1;
        }
    }
    assert!(lost > 0, "{version}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_whose_file_is_lost_is_passed_over() {
    let (app, path) = slugs(json!({"do": "panic"})).await;
    upload(&app, &with_manifest(plugin("slugify"), &json!({"number": 2}))).await;
    assert_eq!(app.superuser().get(&path).await.json["version"], "2");
    upload(&app, &hostile(3)).await;
    activate(&app, &path, 3).await;
    lose(&app, &path, "2").await;
    fail(&app).await;
    let plugin = until(&app, &path, |plugin| plugin["version"] != "3").await;
    assert_eq!(plugin["version"], "1", "and not the version 2, whose file is lost");
    assert_eq!(create(&app, "After It").await, (200, "after-it".into()));

    // When none can be loaded, it is left to the breaker.
    activate(&app, &path, 3).await;
    lose(&app, &path, "1").await;
    fail(&app).await;
    let log = format!("{path}/logs?search=instead");
    // Version 2 was tried before, too; 1 is the last.
    let told = until(&app, &log, |log| log["totalItems"] == 3).await;
    let last = told["items"][0]["message"].as_str().expect("a message");
    assert!(last.contains("version 1 cannot be called instead"), "{told}");
    let plugin = app.superuser().get(&path).await.json;
    assert_eq!((&plugin["version"], &plugin["state"]), (&json!("3"), &json!("open")), "{plugin}");
}
