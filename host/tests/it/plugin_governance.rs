//! How plugins are governed: what their calls use, breakers, versions, canaries, approval, going back by itself.

use crate::support::guests::{guest, plugin, with_manifest};
use crate::support::people::Person;
use crate::support::{PASSWORD, TestApp, open};
use serde_json::{Value, json};
use std::time::Duration;
use tinybase::sql::Sql;

/// A server where the plugin `p`, version 1, computes slugs of posts; answers with its path.
pub async fn slugs(config: Value) -> (TestApp, String) {
    let app = TestApp::with_posts().await;
    let path = upload(&app, &plugin("slugify")).await;
    let body = json!({"collection": "posts", "hooks": ["beforeCreate"], "config": config});
    let attached = app.superuser().post(&format!("{path}/attachments"), body).await;
    assert_eq!(attached.status, 200, "{attached}");
    (app, path)
}

/// Uploads the next version of `p`.
pub async fn upload(app: &TestApp, bytes: &[u8]) -> String {
    let reply = app.superuser().upload_as("/api/plugins", "p", bytes).await;
    assert_eq!(reply.status, 200, "{reply}");
    format!("/api/plugins/{}", reply.json["id"].as_str().expect("an id"))
}

pub async fn activate(app: &TestApp, path: &str, version: i64) {
    let reply = app.superuser().post(&format!("{path}/activate"), json!({"version": version})).await;
    assert_eq!((reply.status, &reply.json["version"]), (200, &json!(version.to_string())), "{reply}");
}

pub async fn create(app: &TestApp, title: &str) -> (u16, String) {
    let reply = app.anon().create("posts", json!({"title": title})).await;
    (reply.status, reply.json["slug"].as_str().unwrap_or_default().to_owned())
}

async fn config(app: &TestApp, path: &str, config: Value) {
    let path = format!("{path}/attachments");
    let id = app.superuser().get(&path).await.json["items"][0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(app.superuser().patch(&format!("{path}/{id}"), json!({ "config": config })).await.status, 200);
}

/// Waits for what happens in the background; nothing hangs on how long it takes.
pub async fn until(app: &TestApp, path: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let mut found = Value::Null;
    for _ in 0..400 {
        found = app.superuser().get(path).await.json;
        if fits(&found) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it does not happen: {found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_calls_use_is_counted_by_hook_and_version() {
    let (app, path) = slugs(json!({})).await;
    for number in 0..10 {
        assert_eq!(create(&app, &format!("Post {number}")).await.0, 200);
    }
    assert_eq!(create(&app, "!!!").await.0, 400, "refused");
    let metrics = app.superuser().get(&format!("{path}/metrics")).await.json;
    assert_eq!(metrics["hooks"].as_array().map(Vec::len), Some(1), "{metrics}");
    let hook = &metrics["hooks"][0];
    assert_eq!((&hook["version"], &hook["hook"]), (&json!("1"), &json!("beforeCreate")));
    assert_eq!((&hook["calls"], &hook["refusals"], &hook["failures"]), (&json!(11), &json!(1), &json!(0)), "{hook}");
    for positive in ["/fuel/p50", "/fuel/p99", "/fuel/total", "/wallMs/total", "/guestMs", "/memoryBytes"] {
        assert!(hook.pointer(positive).and_then(Value::as_f64).is_some_and(|found| found > 0.0), "{positive}: {hook}");
    }
    assert_eq!(metrics["totals"]["calls"], 11);

    let stats = app.superuser().get("/api/system/stats").await.json;
    assert_eq!((&stats["plugins"][0]["calls"], &stats["pluginTotals"]["calls"]), (&json!(11), &json!(11)));
    let page = String::from_utf8(app.superuser().get("/metrics").await.body).expect("text");
    assert!(page.contains("tinybase_plugin_calls_total{plugin=\"p\"} 11\n"), "{page}");
    assert!(page.contains("tinybase_plugin_refusals_total{plugin=\"p\"} 1\n"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_counted_by_the_budget_that_ran_out() {
    let app = TestApp::with_posts().await;
    for (what, axis) in [("loop", "fuel"), ("grow-trap", "memory"), ("flood-kv", "hostCalls"), ("panic", "trap")] {
        let name = format!("c_{}", what.replace('-', "_"));
        app.collection(open(&name, json!([{"name": "title", "type": "text"}]))).await;
        let id = app.attach(&guest("hostile"), &name, &["beforeCreate"], json!({"config": {"do": what}})).await;
        assert_eq!(app.anon().create(&name, json!({"title": "x"})).await.status, 500);
        let metrics = app.superuser().get(&format!("/api/plugins/{id}/metrics")).await.json;
        let hook = &metrics["hooks"][0];
        assert_eq!(
            (&hook["calls"], &hook["failures"], &hook["errors"][axis]),
            (&json!(1), &json!(1), &json!(1)),
            "{hook}"
        );
        assert_eq!(metrics["totals"]["errors"][axis], 1);
    }
    let page = String::from_utf8(app.superuser().get("/metrics").await.body).expect("text");
    assert!(page.contains("tinybase_plugin_errors_total{plugin=\"plugin-0\",axis=\"fuel\"} 1\n"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_in_place_that_is_made_again_counts_once() {
    let (app, path) = slugs(json!({})).await;
    // The third needs more fuel than calls in place get: it is forgotten there and made again on a thread.
    let long = "Ä b".repeat(1_500);
    for title in ["a", "b", &long] {
        assert_eq!(app.anon().create("posts", json!({"title": title})).await.status, 200);
    }
    let hook = app.superuser().get(&format!("{path}/metrics")).await.json["hooks"][0].take();
    assert_eq!((&hook["calls"], &hook["failures"]), (&json!(3), &json!(0)), "{hook}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_cannot_be_taken_is_a_failure_by_its_axis() {
    let app = TestApp::with_posts().await;
    let id = app.attach(&guest("hostile"), "posts", &["beforeCreate"], json!({"config": {"do": "bad-field"}})).await;
    let path = format!("/api/plugins/{id}");
    for _ in 0..5 {
        let reply = app.anon().create("posts", json!({"title": "x"})).await;
        assert_eq!((reply.status, &reply.json["data"]["plugin"]["axis"]), (500, &json!("output")), "{reply}");
    }
    assert_eq!(create(&app, "x").await.0, 503, "the breaker is open");
    let metrics = app.superuser().get(&format!("{path}/metrics")).await.json;
    let hook = &metrics["hooks"][0];
    assert_eq!((&hook["calls"], &hook["failures"], &hook["refusals"]), (&json!(5), &json!(5), &json!(0)), "{metrics}");
    assert_eq!((&hook["errors"]["output"], &hook["errors"]["trap"]), (&json!(5), &json!(0)), "{metrics}");
    // What goes on without it is counted all the same, and the draft is as it was.
    let attachments = format!("{path}/attachments");
    let attachment = app.superuser().get(&attachments).await.json["items"][0]["id"].as_str().expect("an id").to_owned();
    let open = app.superuser().patch(&format!("{attachments}/{attachment}"), json!({"onFailure": "open"})).await;
    assert_eq!(open.status, 200, "{open}");
    app.superuser().post(&format!("{path}/breaker"), json!({})).await;
    assert_eq!(create(&app, "x").await.0, 200);
    let metrics = app.superuser().get(&format!("{path}/metrics")).await.json;
    assert_eq!(metrics["hooks"][0]["errors"]["output"], 6, "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_breaker_can_be_seen_and_reset() {
    let app = TestApp::with_posts().await;
    let id = app.attach(&guest("hostile"), "posts", &["beforeCreate"], json!({"config": {"do": "panic"}})).await;
    let path = format!("/api/plugins/{id}");
    let hook = async || {
        let view = app.superuser().get(&format!("{path}/breaker")).await.json;
        let hooks = view["hooks"].as_array().expect("hooks").clone();
        hooks.into_iter().find(|hook| hook["hook"] == "beforeCreate").expect("the hook")
    };
    assert_eq!(hook().await["state"], "closed");
    for _ in 0..5 {
        assert_eq!(create(&app, "x").await.0, 500);
    }
    assert_eq!(create(&app, "x").await.0, 503);
    let open = hook().await;
    assert_eq!(
        (&open["state"], &open["pauseMs"], &open["failures"]),
        (&json!("open"), &json!(1_000), &json!(5)),
        "{open}"
    );
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(hook().await["state"], "halfOpen");
    assert_eq!(create(&app, "x").await.0, 500, "the probe");
    assert_eq!(hook().await["pauseMs"], 2_000);
    config(&app, &path, json!({"do": "nothing"})).await;
    assert_eq!(create(&app, "x").await.0, 503);

    let wrong = app.superuser().post(&format!("{path}/breaker"), json!({"hook": "afterLunch"})).await;
    assert_eq!((wrong.status, wrong.json["data"]["hook"].is_object()), (400, true), "{wrong}");
    let reset = app.superuser().post(&format!("{path}/breaker"), json!({"hook": "beforeCreate"})).await;
    assert_eq!(reset.status, 200, "{reset}");
    assert_eq!(hook().await["state"], "closed");
    assert_eq!(create(&app, "x").await.0, 200);
    let told = app.superuser().get("/api/activity?filter=action='reset'").await.json;
    assert_eq!(told["totalItems"], 1, "{told}");
    let metrics = app.superuser().get(&format!("{path}/metrics")).await.json;
    assert_eq!(metrics["totals"]["skipped"], 2, "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_that_keeps_failing_is_taken_back() {
    let (app, path) = slugs(json!({"do": "panic"})).await;
    assert_eq!(create(&app, "Before It").await, (200, "before-it".into()));
    upload(&app, &guest("hostile")).await;
    activate(&app, &path, 2).await;
    for _ in 0..5 {
        assert_eq!(create(&app, "x").await.0, 500);
    }
    until(&app, &path, |plugin| plugin["version"] == "1").await;
    assert_eq!(create(&app, "After It").await, (200, "after-it".into()));
    let told = app.superuser().get("/api/activity?filter=action='rollback'").await.json;
    let entry = &told["items"][0];
    assert_eq!(
        (&entry["actorKind"], &entry["before"]["version"], &entry["after"]["version"]),
        (&json!("system"), &json!(2), &json!(1)),
        "{entry}"
    );
    let versions = app.superuser().get(&format!("{path}/versions")).await.json;
    assert_eq!((&versions["items"][0]["healthy"], &versions["items"][1]["healthy"]), (&json!(false), &json!(true)));

    // Somebody insists; a day later nobody decides for them.
    activate(&app, &path, 2).await;
    app.clock.advance(Duration::from_hours(25));
    // Tokens have run out, too.
    let root = Person::sign_in(&app.app, "_superusers", "root@example.com", PASSWORD).await;
    for _ in 0..5 {
        assert_eq!(create(&app, "y").await.0, 500);
    }
    assert_eq!(create(&app, "y").await.0, 503);
    assert_eq!(root.get(&path).await.json["state"], "open");
    let back = root.post(&format!("{path}/rollback"), json!({})).await;
    assert_eq!((back.status, &back.json["version"]), (200, &json!("1")), "{back}");
    assert_eq!(create(&app, "And Back").await, (200, "and-back".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_gets_its_share_and_is_compared() {
    let (app, path) = slugs(json!({"do": "nothing"})).await;
    upload(&app, &guest("hostile")).await;
    let canary = format!("{path}/canary");
    for (body, status, field) in [
        (json!({"version": "2"}), 400, Some("share")),
        (json!({"share": 10}), 400, Some("version")),
        (json!({"version": "1", "share": 10}), 400, Some("version")),
        (json!({"version": "2", "share": 0}), 400, Some("share")),
        (json!({"version": "2", "share": 101}), 400, Some("share")),
        (json!({"version": "2", "share": "20"}), 400, Some("share")),
        (json!({"version": "2", "share": -1}), 400, Some("share")),
        (json!({"version": "2", "share": 1.5}), 400, Some("share")),
        (json!({"version": "7", "share": 10}), 404, None),
    ] {
        let reply = app.superuser().post(&canary, body.clone()).await;
        assert_eq!(reply.status, status, "{body}: {reply}");
        assert!(field.is_none_or(|field| reply.json["data"][field].is_object()), "{body}: {reply}");
        let is_blank = reply.json["data"]["share"]["code"] == "validation_required";
        assert_eq!(is_blank, field == Some("share") && body.get("share").is_none(), "{body}: {reply}");
    }
    let set = app.superuser().post(&canary, json!({"version": "2", "share": 25})).await;
    assert_eq!((set.status, &set.json["canary"]), (200, &json!({"version": "2", "share": 25})), "{set}");
    let mut slugged = 0;
    for number in 0..40 {
        let (status, slug) = create(&app, &format!("n {number}")).await;
        assert_eq!(status, 200);
        slugged += usize::from(!slug.is_empty());
    }
    assert_eq!(slugged, 30);
    let metrics = app.superuser().get(&format!("{path}/metrics")).await.json;
    let calls: Vec<(&Value, &Value)> =
        metrics["hooks"].as_array().expect("hooks").iter().map(|hook| (&hook["version"], &hook["calls"])).collect();
    assert_eq!(calls, [(&json!("2"), &json!(10)), (&json!("1"), &json!(30))], "{metrics}");

    activate(&app, &path, 2).await;
    assert_eq!(app.superuser().get(&path).await.json["canary"], Value::Null, "promoted");
    assert_eq!(create(&app, "No Slug").await, (200, String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_that_fails_loses_its_share() {
    let (app, path) = slugs(json!({"do": "panic"})).await;
    upload(&app, &guest("hostile")).await;
    let canary = format!("{path}/canary");
    assert_eq!(app.superuser().post(&canary, json!({"version": 2, "share": 50})).await.status, 200);
    let mut failed = 0;
    for number in 0..10 {
        failed += usize::from(create(&app, &format!("n {number}")).await.0 == 500);
    }
    assert_eq!(failed, 5);
    until(&app, &path, |plugin| plugin["canary"].is_null()).await;
    assert_eq!(create(&app, "All Is Well").await, (200, "all-is-well".into()));

    assert_eq!(app.superuser().post(&canary, json!({"version": 2, "share": 50})).await.status, 200);
    let ended = app.superuser().remove(&canary).await;
    assert_eq!((ended.status, &ended.json["canary"]), (200, &Value::Null), "{ended}");
    assert_eq!(create(&app, "Still Well").await, (200, "still-well".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_can_be_deleted_unless_it_is_called() {
    let (app, path) = slugs(json!({})).await;
    upload(&app, &guest("hostile")).await;
    let version = |number: &str| format!("{path}/versions/{number}");
    assert_eq!(app.superuser().remove(&version("1")).await.status, 400);
    assert_eq!(app.superuser().post(&format!("{path}/canary"), json!({"version": 2, "share": 1})).await.status, 200);
    assert_eq!(app.superuser().remove(&version("2")).await.status, 400);
    assert_eq!(app.superuser().remove(&format!("{path}/canary")).await.status, 200);
    assert_eq!(app.superuser().remove(&version("2")).await.status, 204);
    for gone in ["2", "x", "-1"] {
        assert_eq!(app.superuser().remove(&version(gone)).await.status, 404, "{gone}");
    }
    assert_eq!(app.superuser().get(&format!("{path}/versions")).await.json["totalItems"], 1);
    assert_eq!(app.superuser().post(&format!("{path}/rollback"), json!({})).await.status, 400, "there is none");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_deleted_and_chosen_at_once_takes_no_plugin_with_it() {
    let (app, path) = slugs(json!({})).await;
    let root = app.superuser();
    for round in 0..12 {
        // Asks for more, so that it is not called yet.
        let more = with_manifest(guest("hostile"), &json!({ "round": round }));
        let uploaded = root.upload_as("/api/plugins", "p", &more).await;
        assert_eq!(uploaded.status, 200, "{uploaded}");
        let number: i64 = uploaded.json["version"].as_str().expect("a text").parse().expect("a number");
        let (verb, body) = match round % 2 {
            0 => ("activate", json!({ "version": number })),
            _ => ("canary", json!({"version": number, "share": 1})),
        };
        let (place, version) = (format!("{path}/{verb}"), format!("{path}/versions/{number}"));
        let (chosen, deleted) = tokio::join!(root.post(&place, body), root.remove(&version));
        assert!(
            matches!((chosen.status, deleted.status), (200, 400) | (404, 204)),
            "one of them was first: {chosen} {deleted}"
        );
        let now = root.get(&path).await;
        assert_eq!(now.status, 200, "{now}");
        if chosen.status == 200 && round % 2 == 0 {
            assert_eq!(root.post(&format!("{path}/activate"), json!({"version": 1})).await.status, 200);
        } else if chosen.status == 200 {
            assert_eq!(root.remove(&place).await.status, 200);
        }
        assert_eq!(create(&app, &format!("Round {round}")).await, (200, format!("round-{round}")), "it is called");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_key_uploads_waits_for_a_person() {
    let app = TestApp::with_posts().await;
    let key = app.superuser().post("/api/keys", json!({"name": "ci", "scopes": ["plugins", "posts:*"]})).await;
    let key = app.anon().with_token(key.json["key"].as_str().expect("a key"));
    let pure = key.upload_as("/api/plugins", "pure", &plugin("slugify")).await;
    assert_eq!(
        (&pure.json["state"], &pure.json["approved"]),
        (&json!("uploaded"), &json!(true)),
        "it can only compute: {pure}"
    );

    let wide = key.upload_as("/api/plugins", "wide", &guest("hostile")).await;
    assert_eq!((&wide.json["state"], &wide.json["approved"]), (&json!("waiting"), &json!(false)), "{wide}");
    let path = format!("/api/plugins/{}", wide.json["id"].as_str().expect("an id"));
    let body = json!({"collection": "posts", "hooks": ["beforeCreate"], "config": {"do": "deny-403"}});
    assert_eq!(key.post(&format!("{path}/attachments"), body).await.status, 200);
    assert_eq!(create(&app, "x").await.0, 200, "it is not called");
    assert_eq!(key.post(&format!("{path}/activate"), json!({"version": 1})).await.status, 403);
    assert_eq!(key.post(&format!("{path}/approve"), json!({"version": 1})).await.status, 403);
    let approved = app.superuser().post(&format!("{path}/approve"), json!({"version": 1})).await;
    assert_eq!((approved.status, &approved.json["state"]), (200, &json!("active")), "{approved}");
    assert_eq!(create(&app, "x").await.0, 403, "it is called");

    // What was granted was granted to other code: the next version waits, the old one goes on.
    let grants = json!({"records": [{"collection": "posts", "verbs": ["list"]}]});
    assert_eq!(app.superuser().put(&format!("{path}/grants"), grants).await.status, 200);
    let next = key.upload_as("/api/plugins", "wide", &plugin("slugify")).await;
    assert_eq!((&next.json["version"], &next.json["state"]), (&json!("2"), &json!("waiting")), "{next}");
    assert_eq!(key.post(&format!("{path}/canary"), json!({"version": 2, "share": 100})).await.status, 403);
    assert_eq!(create(&app, "x").await.0, 403);
    assert_eq!(app.superuser().post(&format!("{path}/activate"), json!({"version": 2})).await.status, 200);
    assert_eq!(create(&app, "Now It Is").await, (200, "now-it-is".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_swapped_under_load_without_a_lost_request() {
    let (app, path) = slugs(json!({"do": "nothing"})).await;
    upload(&app, &guest("hostile")).await;
    let (app, path) = (&app, &path);
    let writers = (0..4).map(async |writer| {
        for number in 0..60 {
            let (status, slug) = create(app, &format!("w{writer} n{number}")).await;
            // Either version has answered it, wholly.
            assert_eq!(status, 200);
            assert!(slug.is_empty() || slug == format!("w{writer}-n{number}"), "{slug}");
        }
    });
    let swaps = async {
        for round in 0..30 {
            activate(app, path, if round % 2 == 0 { 2 } else { 1 }).await;
        }
    };
    futures_util::future::join(futures_util::future::join_all(writers), swaps).await;
    let metrics = app.superuser().get(&format!("{path}/metrics")).await.json;
    assert_eq!((&metrics["totals"]["calls"], &metrics["totals"]["failures"]), (&json!(240), &json!(0)), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_reported() {
    let (app, path) = slugs(json!({})).await;
    let report = app.superuser().get(&path).await.json["report"].clone();
    assert!(
        report["artifactBytes"].as_u64() > Some(0) && report["start"]["memoryBytes"].as_u64() > Some(0),
        "{report}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_kept_of_what_is_set_while_a_plugin_is_deleted() {
    let app = TestApp::with_posts().await;
    let (app, it) = (&app, app.superuser());
    let id = app.install(&guest("hostile")).await;
    let path = format!("/api/plugins/{id}");
    let grants = json!({"records": [{"collection": "posts", "verbs": ["list"]}], "random": true});
    let secret = json!({"name": "key", "value": "hush", "hosts": ["example.com"]});
    let (grants_at, secrets_at) = (format!("{path}/grants"), format!("{path}/secrets"));
    // The delete has its turn first; the others come while it is at work.
    let (deleted, granted, kept, disabled) = tokio::join!(
        it.remove(&path),
        it.put(&grants_at, grants),
        it.put(&secrets_at, secret),
        it.patch(&path, json!({"enabled": false})),
    );
    assert_eq!(deleted.status, 204, "{deleted}");
    for late in [&granted, &kept, &disabled] {
        assert_eq!(late.status, 404, "{late}");
    }
    let rows = Sql::new(
        "SELECT (SELECT count(*) FROM _grants) + (SELECT count(*) FROM _plugin_rights) + (SELECT count(*) FROM _plugin_secrets)",
    );
    let store = &app.host.default_tenant().tenant.store;
    let left = store.read(|snapshot| snapshot.one(&rows, |row| Ok(row.integer(0)))).await.expect("a number");
    assert_eq!(left, Some(0));
}
