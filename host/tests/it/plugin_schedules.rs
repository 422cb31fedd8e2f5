//! Plugins that are called by the clock: jobs like the system's own, with a name, a cron expression and a history.

use crate::support::guests::{guest, plugin};
use crate::support::{TestApp, config, open};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tinybase::clock::World;
use tinybase::host::Host;

fn runs() -> Value {
    let text = |name: &str| json!({"name": name, "type": "text"});
    open("runs", json!([text("what"), text("who"), text("more")]))
}

/// An app with the plugin, whose name is `moments`, and a collection that it may write to.
async fn app() -> (TestApp, String) {
    let app = TestApp::new().await;
    app.collection(runs()).await;
    let reply = app.superuser().upload_as("/api/plugins", "moments", &guest("moments")).await;
    assert_eq!(reply.status, 200, "{reply}");
    let id = reply.json["id"].as_str().expect("an id").to_owned();
    let grants = json!({"records": [{"collection": "runs", "verbs": ["create"], "as": "plugin"}]});
    assert_eq!(app.superuser().put(&format!("/api/plugins/{id}/grants"), grants).await.status, 200);
    (app, format!("/api/plugins/{id}/schedules"))
}

async fn scheduled(app: &TestApp, path: &str, name: &str, expression: &str) -> Value {
    let body = json!({"name": name, "expression": expression, "config": {"n": 7}});
    let reply = app.superuser().post(path, body).await;
    assert_eq!(reply.status, 200, "{reply}");
    reply.json
}

/// The runs of a job once there are so many and none is on.
async fn ended(app: &TestApp, job: &str, count: usize) -> Vec<Value> {
    loop {
        let reply = app.superuser().get(&format!("/api/crons/{job}/runs")).await;
        assert_eq!(reply.status, 200, "{reply}");
        let runs = reply.json["items"].as_array().expect("items").clone();
        if runs.len() >= count && runs.iter().all(|run| run["outcome"] != "running") {
            return runs;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn job(app: &TestApp, id: &str) -> Option<Value> {
    let reply = app.superuser().get("/api/crons").await;
    reply.json.as_array().expect("a list").iter().find(|job| job["id"] == id).cloned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_is_a_job_that_can_be_run() {
    let (app, path) = app().await;
    let made = scheduled(&app, &path, "nightly", " 30 3 * * * ").await;
    assert_eq!((&made["cron"], &made["expression"]), (&json!("moments:nightly"), &json!("30 3 * * *")), "{made}");
    let listed = job(&app, "moments:nightly").await.expect("a job");
    assert_eq!((&listed["expression"], &listed["next"]), (&json!("30 3 * * *"), &json!("2026-01-02 03:30:00.000Z")));
    assert_eq!(app.superuser().get(&path).await.json["items"][0], made);

    assert_eq!(app.superuser().post("/api/crons/moments:nightly", json!({})).await.status, 204);
    let runs = ended(&app, "moments:nightly", 1).await;
    assert_eq!((&runs[0]["outcome"], &runs[0]["cause"]), (&json!("done"), &json!("request")), "{runs:?}");
    let rows = app.superuser().list("runs", "").await.json["items"].clone();
    assert_eq!((&rows[0]["what"], &rows[0]["who"]), (&json!("nightly"), &json!("system")), "{rows}");
    assert_eq!(rows[0]["more"], "{\"n\":7}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_calls_it_and_failures_are_in_the_history() {
    let (app, path) = app().await;
    scheduled(&app, &path, "fails", "@hourly").await;
    let jobs = &app.host.default_tenant().jobs;
    jobs.tick();
    app.clock.advance(Duration::from_hours(3));
    jobs.tick();
    let runs = ended(&app, "moments:fails", 1).await;
    assert_eq!((runs.len(), &runs[0]["outcome"], &runs[0]["cause"]), (1, &json!("failed"), &json!("schedule")));
    assert_eq!(runs[0]["detail"], "nothing works today", "{runs:?}");
    assert_eq!(job(&app, "moments:fails").await.expect("a job")["last"]["outcome"], "failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_never_ends_is_ended() {
    let (app, path) = app().await;
    let made = scheduled(&app, &path, "loops", "@hourly").await;
    let change = json!({"limits": {"fuel": 1_000_000}});
    let id = made["id"].as_str().expect("an id");
    assert_eq!(app.superuser().patch(&format!("{path}/{id}"), change).await.json["limits"]["fuel"], 1_000_000);
    app.superuser().post("/api/crons/moments:loops", json!({})).await;
    let runs = ended(&app, "moments:loops", 1).await;
    assert_eq!(runs[0]["outcome"], "failed", "{runs:?}");
    assert!(runs[0]["detail"].as_str().is_some_and(|why| why.contains("uel")), "{runs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_or_ended_is_so_at_once() {
    let (app, path) = app().await;
    let made = scheduled(&app, &path, "nightly", "30 3 * * *").await;
    let one = format!("{path}/{}", made["id"].as_str().expect("an id"));
    app.superuser().patch(&one, json!({"expression": "0 5 * * *"})).await;
    assert_eq!(job(&app, "moments:nightly").await.expect("a job")["next"], "2026-01-02 05:00:00.000Z");
    app.superuser().patch(&one, json!({"enabled": false})).await;
    assert!(job(&app, "moments:nightly").await.is_none());
    assert_eq!(app.superuser().post("/api/crons/moments:nightly", json!({})).await.status, 404);
    app.superuser().patch(&one, json!({"enabled": true})).await;
    assert!(job(&app, "moments:nightly").await.is_some());

    let plugin = path.strip_suffix("/schedules").expect("a path");
    app.superuser().patch(plugin, json!({"enabled": false})).await;
    assert!(job(&app, "moments:nightly").await.is_none(), "the whole plugin is off");
    app.superuser().patch(plugin, json!({"enabled": true})).await;
    assert_eq!(app.superuser().remove(&one).await.status, 204);
    assert!(job(&app, "moments:nightly").await.is_none());
    assert_eq!(app.superuser().remove(&one).await.status, 404);

    scheduled(&app, &path, "nightly", "30 3 * * *").await;
    assert_eq!(app.superuser().remove(plugin).await.status, 204);
    assert!(job(&app, "moments:nightly").await.is_none(), "gone with its plugin");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_schedule_is_refused_by_field() {
    let (app, path) = app().await;
    scheduled(&app, &path, "nightly", "@daily").await;
    for (body, field) in [
        (json!({"expression": "@daily"}), "name"),
        (json!({"name": "a:b", "expression": "@daily"}), "name"),
        (json!({"name": "nightly", "expression": "@daily"}), "name"),
        (json!({"name": "x"}), "expression"),
        (json!({"name": "x", "expression": "often"}), "expression"),
        (json!({"name": "x", "expression": "@daily", "enabled": 3}), "enabled"),
        (json!({"name": "x", "expression": "@daily", "config": []}), "config"),
        (json!({"name": "x", "expression": "@daily", "limits": {"fuel": 0}}), "limits"),
    ] {
        let reply = app.superuser().post(&path, body.clone()).await;
        assert_eq!(reply.status, 400, "{body}: {reply}");
        assert!(reply.json["data"].get(field).is_some(), "{body}: {reply}");
    }
    let other = app.install(&plugin("slugify")).await;
    let body = json!({"name": "x", "expression": "@daily"});
    let reply = app.superuser().post(&format!("/api/plugins/{other}/schedules"), body).await;
    assert!(reply.json["data"].get("plugin").is_some(), "it cannot be called so: {reply}");
    assert_eq!(app.superuser().get(&path).await.json["totalItems"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_while_the_server_was_down_is_made_up_for() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let start = 1_767_323_045_678;
    let done = async |host: &Arc<Host>| {
        let part = tinybase::schema::listing::Part { offset: 0, limit: 10, counted: true };
        let found = host.default_tenant().jobs.runs("moments:hourly", None, None, part).await.expect("runs");
        found.items.iter().filter(|run| run["outcome"] != "running").count()
    };
    let (world, clock) = World::scripted(start);
    let host = Host::open(config(dir.path()), world).await.expect("the host opens");
    let plugins = host.default_tenant().plugins.clone();
    let cx = tinybase::tenant::Cx::system(host.default_tenant().tenant.clone());
    let plugin = plugins.upload(&cx, guest("moments"), Some("moments".to_owned()), false).await.expect("a plugin").0;
    let schedule = json!({"name": "hourly", "expression": "@hourly"}).as_object().expect("an object").clone();
    plugins.schedule(&cx, plugin["id"].as_str().expect("an id"), schedule).await.expect("a schedule");
    host.default_tenant().jobs.tick();
    clock.advance(Duration::from_hours(1));
    host.default_tenant().jobs.tick();
    while done(&host).await < 1 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop((cx, plugins));
    host.close().await;
    drop(host);

    let (world, clock) = World::scripted(start);
    clock.advance(Duration::from_hours(5));
    // Ids of the scripted world count from 1 again, so the rows of the first are in the way unless they differ.
    for _ in 0..100_000 {
        let _ = world.id();
    }
    let host = Host::open(config(dir.path()), world).await.expect("the host opens again");
    while done(&host).await < 2 {
        host.default_tenant().jobs.tick();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    host.default_tenant().jobs.tick();
    assert_eq!(done(&host).await, 2, "four hours are one run");
    host.close().await;
}
