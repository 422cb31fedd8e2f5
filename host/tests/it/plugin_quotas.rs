//! What a tenant's plugins may use: the least of the host's caps, the operator's quota, the manifest and the attachment holds on
//! each axis; the fuel of all calls in a second; and what the plugins of a tenant have used together.

use crate::hostile::made::Parts;
use crate::hostile::{note, tenant};
use crate::support::guests::{guest, plugin, with_manifest};
use crate::support::{TestApp, open};
use serde_json::{Value, json};
use std::time::Duration;
use tinybase::config::PluginQuota;

const MIB: u64 = 1 << 20;

/// A server with such a quota and an open collection `posts`.
async fn within(quota: PluginQuota) -> TestApp {
    let app = TestApp::with(|config| config.plugin_quota = quota).await;
    app.collection(crate::support::posts()).await;
    app
}

/// The last line of a plugin's log, as soon as it fits.
async fn last_words(app: &TestApp, id: &str, part: &str) -> String {
    let mut found = String::new();
    for _ in 0..400 {
        let logs = app.superuser().get(&format!("/api/plugins/{id}/logs")).await.json;
        found = logs["items"][0]["message"].as_str().unwrap_or_default().to_owned();
        if found.contains(part) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("`{part}` is not said: {found}");
}

/// Attaches the hostile guest, with what its manifest and the attachment say of limits, to a collection of its own.
async fn hostile(app: &TestApp, name: &str, hooks: &[&str], [manifest, attachment]: [&Value; 2]) -> String {
    app.collection(open(name, json!([{"name": "title", "type": "text"}]))).await;
    let bytes = with_manifest(guest("hostile"), &json!({ "limits": manifest }));
    app.attach(&bytes, name, hooks, json!({ "limits": attachment })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_least_of_all_holds_for_fuel_and_memory() {
    let quota = PluginQuota { fuel: Some(3_000_000), memory_mb: Some(6), ..PluginQuota::default() };
    let app = within(quota).await;
    let (none, greedy) = (json!({}), json!({"fuel": 100_000_000, "wallMs": 250, "memoryMb": 64}));
    let (plugin, attachment) = (json!({"fuel": 2_000_000, "memoryMb": 5}), json!({"fuel": 1_000_000, "memoryMb": 4}));
    let crossed = json!({"fuel": 2_500_000, "memoryMb": 3});
    for (number, (said, fuel, memory)) in [
        ([&none, &none], 3_000_000, 6),
        ([&none, &greedy], 3_000_000, 6),
        ([&plugin, &greedy], 2_000_000, 5),
        ([&plugin, &attachment], 1_000_000, 4),
        ([&plugin, &crossed], 2_000_000, 3),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("c{number}");
        let id = hostile(&app, &name, &["beforeCreate"], said).await;
        let reply = app.anon().create(&name, json!({"title": "loop"})).await;
        assert_eq!(reply.json["data"]["plugin"]["axis"], "fuel", "{said:?}: {reply}");
        // What a record of up to a KiB adds.
        last_words(&app, &id, &format!("all of {} units of fuel used", fuel + 200_000)).await;
        let reply = app.anon().create(&name, json!({"title": "grow-trap"})).await;
        assert_eq!(reply.json["data"]["plugin"]["axis"], "memory", "{said:?}: {reply}");
        last_words(&app, &id, &format!("the limit is {}", memory * MIB)).await;
        let trial = json!({"hook": "beforeCreate", "collection": name, "record": {"title": "nothing"}});
        let trial = app.superuser().post(&format!("/api/plugins/{id}/test"), trial).await;
        let limits = &trial.json["limits"];
        assert_eq!((&limits["fuel"], &limits["memoryMb"]), (&json!(fuel), &json!(memory)), "{trial}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_least_of_all_holds_for_time() {
    let app = within(PluginQuota { wall_ms: Some(40), ..PluginQuota::default() }).await;
    let (none, more) = (json!({}), json!({"wallMs": 60_000}));
    let (plugin, attachment) = (json!({"wallMs": 30}), json!({"wallMs": 20}));
    for (number, (said, wall)) in
        [([&none, &none], 40), ([&more, &more], 40), ([&plugin, &more], 30), ([&plugin, &attachment], 20)]
            .into_iter()
            .enumerate()
    {
        let name = format!("c{number}");
        // After a write there is fuel for much longer.
        let id = hostile(&app, &name, &["afterCreate"], said).await;
        app.anon().created(&name, json!({"title": "loop"})).await;
        let words = last_words(&app, &id, "afterCreate failed (wall)").await;
        assert!(words.ends_with(&format!("the limit is {wall}ms")), "{said:?}: {words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_more_than_the_host_allows() {
    let (fuel, wall_ms, memory_mb) = (Some(1 << 50), Some(1 << 40), Some(1 << 20));
    let lavish = PluginQuota { fuel, wall_ms, memory_mb, fuel_per_second: Some(0), ..PluginQuota::default() };
    let app = within(lavish).await;
    let greedy = json!({"fuel": 1_u64 << 50, "wallMs": 1_u64 << 40, "memoryMb": 1 << 20});
    let id = hostile(&app, "c", &["beforeCreate"], [&greedy, &greedy]).await;
    let reply = app.anon().create("c", json!({"title": "loop"})).await;
    assert_eq!(reply.status, 500, "{reply}");
    let words = last_words(&app, &id, "beforeCreate failed").await;
    assert!(words.contains("all of 100200000 units") || words.contains("the limit is 250ms"), "{words}");
    assert_eq!(app.anon().create("c", json!({"title": "grow-trap"})).await.status, 500);
    last_words(&app, &id, &format!("the limit is {}", 64 * MIB)).await;
    let attachments = app.superuser().get(&format!("/api/plugins/{id}/attachments")).await.json;
    let limits = &attachments["items"][0]["effectiveLimits"]["beforeCreate"];
    assert_eq!(
        (&limits["fuel"], &limits["wallMs"], &limits["memoryMb"]),
        (&json!(100_000_000), &json!(250), &json!(64)),
        "{attachments}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_begins_with_more_than_the_quota_is_not_taken_in() {
    let app = within(PluginQuota { memory_mb: Some(1), ..PluginQuota::default() }).await;
    let large = Parts { memory: r#"(memory (export "memory") 20)"#, ..Parts::default() };
    let reply = app.superuser().upload("/api/plugins", &large.bytes()).await;
    assert_eq!((reply.status, &reply.json["data"]["file"]["code"]), (400, &json!("plugin_invalid")), "{reply}");
    assert!(reply.json["data"]["file"]["message"].as_str().is_some_and(|words| words.contains("memory")), "{reply}");
}

/// A server whose tenants have a thousand units of fuel a second, less than one call of `slugify` takes.
async fn thrifty() -> (TestApp, String) {
    let app = within(PluginQuota { fuel_per_second: Some(1_000), ..PluginQuota::default() }).await;
    app.collection(open("calm", json!([{"name": "title", "type": "text"}]))).await;
    let id = app.attach(&plugin("slugify"), "posts", &["beforeCreate"], json!({})).await;
    (app, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_burns_more_than_its_quota_waits_and_the_others_do_not() {
    let (app, id) = thrifty().await;
    let (neighbour, other) = tenant(&app, "neighbour", plugin("slugify")).await;
    let post = app.anon().created("posts", json!({"title": "First"})).await;
    let late = app.anon().create("posts", json!({"title": "Second"})).await;
    let told = &late.json["data"]["plugin"];
    assert_eq!((late.status, &told["code"], &told["axis"]), (429, &json!("plugin_quota"), &json!("fuel")), "{late}");
    let wait: u64 = late.headers["retry-after"].to_str().expect("a text").parse().expect("a number");
    assert!((1..=60).contains(&wait), "{wait}");
    let batch =
        json!({"requests": [{"method": "POST", "url": "/api/collections/posts/records", "body": {"title": "x"}}]});
    app.set(json!({"batch": {"enabled": true}})).await;
    let batch = app.anon().post("/api/batch", batch).await;
    let part = &batch.json["data"]["requests"]["0"]["response"];
    assert_eq!((batch.status, &part["status"]), (400, &json!(429)), "{batch}");
    assert_eq!(part["data"]["plugin"]["code"], "plugin_quota", "{batch}");
    assert_eq!(batch.headers["retry-after"], late.headers["retry-after"], "as of a single request: {batch}");
    assert_eq!(app.anon().list("posts", "").await.json["totalItems"], 1, "nothing of it was written");

    assert_eq!(app.anon().create("calm", json!({"title": "x"})).await.status, 200, "no plugin, no quota");
    assert_eq!(app.anon().update("posts", &post, json!({"title": "New"})).await.status, 200, "none at updates");
    assert_eq!(note(&neighbour, "Over There").await.as_deref(), Some("over-there"));
    let trial = json!({"hook": "beforeCreate", "collection": "posts", "record": {"title": "x"}});
    assert_eq!(app.superuser().post(&format!("/api/plugins/{id}/test"), trial).await.status, 429);

    let metrics = app.superuser().get(&format!("/api/plugins/{id}/metrics")).await.json;
    assert_eq!((&metrics["totals"]["calls"], &metrics["totals"]["failures"]), (&json!(1), &json!(0)), "{metrics}");
    let quota = app.superuser().get("/api/plugins/figures").await.json["quota"].take();
    assert_eq!((&quota["fuelPerSecond"], &quota["refused"]), (&json!(1_000), &json!(3)), "{quota}");
    assert!(quota["fuelLeft"].as_i64().is_some_and(|left| left <= 0), "{quota}");
    let page = String::from_utf8(app.superuser().get("/metrics").await.body).expect("text");
    for (name, count) in [("default", 3), ("neighbour", 0)] {
        let line = format!("tinybase_tenant_plugin_over_quota_total{{tenant=\"{name}\"}} {count}\n");
        assert!(page.contains(&line), "{line}: {page}");
    }
    assert_eq!(other.plugins.over_quota(), 0);

    app.clock.advance(Duration::from_secs(wait));
    let later = app.anon().create("posts", json!({"title": "Second"})).await;
    assert_eq!((later.status, &later.json["slug"]), (200, &json!("second")), "{later}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_after_hook_over_the_quota_waits_and_loses_no_try() {
    let (app, _) = thrifty().await;
    let id = app.attach(&guest("hostile"), "calm", &["afterCreate"], json!({})).await;
    app.anon().created("posts", json!({"title": "Burns It"})).await;
    app.anon().created("calm", json!({"title": "nothing"})).await;
    let mut refused = Value::Null;
    for _ in 0..400 {
        refused = app.superuser().get("/api/plugins/figures").await.json["quota"]["refused"].take();
        if refused != json!(0) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(refused, json!(1), "its turn does not come");
    let rows = app.superuser().get("/api/outbox").await.json;
    let row = &rows["items"][0];
    assert_eq!((&row["state"], &row["attempts"]), (&json!("pending"), &json!(0)), "{rows}");
    app.clock.advance(Duration::from_mins(2));
    for _ in 0..400 {
        if app.superuser().get("/api/outbox").await.json["totalItems"] == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let metrics = app.superuser().get(&format!("/api/plugins/{id}/metrics")).await.json;
    assert_eq!((&metrics["totals"]["calls"], &metrics["totals"]["failures"]), (&json!(1), &json!(0)), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_plugins_of_a_tenant_use_is_told_together() {
    let app = within(PluginQuota::default()).await;
    app.attach(&plugin("slugify"), "posts", &["beforeCreate"], json!({})).await;
    app.collection(open("harmed", json!([{"name": "title", "type": "text"}]))).await;
    app.attach(&guest("hostile"), "harmed", &["beforeCreate"], json!({})).await;
    let (neighbour, _opened) = tenant(&app, "neighbour", plugin("slugify")).await;
    for number in 0..8 {
        app.anon().created("posts", json!({"title": format!("Post {number}")})).await;
    }
    assert_eq!(app.anon().create("posts", json!({"title": "!"})).await.status, 400);
    for what in ["loop", "grow-trap", "count-calls"] {
        let expected = if what == "count-calls" { 200 } else { 500 };
        assert_eq!(app.anon().create("harmed", json!({ "title": what })).await.status, expected, "{what}");
    }
    note(&neighbour, "Elsewhere").await.expect("a slug");

    let ledger = app.superuser().get("/api/plugins/figures").await.json;
    let totals = &ledger["totals"];
    assert_eq!(
        (&ledger["tenant"], ledger["plugins"].as_array().map(Vec::len)),
        (&json!("default"), Some(2)),
        "{ledger}"
    );
    assert_eq!(
        (&totals["calls"], &totals["refusals"], &totals["failures"]),
        (&json!(12), &json!(1), &json!(2)),
        "{totals}"
    );
    assert_eq!((&totals["errors"]["fuel"], &totals["errors"]["memory"]), (&json!(1), &json!(1)), "{totals}");
    let number = |pointer: &str| totals.pointer(pointer).and_then(Value::as_f64).unwrap_or_default();
    assert!(number("/fuel/p50") > 0.0 && number("/fuel/p99") > 9e6, "one call of twelve burnt all it had: {totals}");
    assert!(number("/fuel/total") > 1e7 && number("/memoryBytes") > 15e6, "{totals}");
    assert!((number("/guestMs") + number("/hostMs") - number("/wallMs/total")).abs() < 0.01, "{totals}");
    assert!(number("/hostMs") > 0.0 && number("/queueMs/total") > 0.0, "{totals}");
    let of_each = |pointer: &str| -> f64 {
        let plugins = ledger["plugins"].as_array().expect("plugins");
        plugins.iter().filter_map(|plugin| plugin.pointer(pointer)).filter_map(Value::as_f64).sum()
    };
    for whole in ["/calls", "/failures", "/errors/fuel", "/fuel/total"] {
        assert!((of_each(whole) - number(whole)).abs() < 0.5, "{whole} is that of all: {ledger}");
    }
    assert!(of_each("/fuel/p99") > number("/fuel/p50") && of_each("/memoryBytes") > 15e6, "{ledger}");
    assert_eq!(ledger["quota"], json!({"fuelPerSecond": null, "fuelLeft": null, "refused": 0, "limits": {}}));

    let page = String::from_utf8(app.superuser().get("/metrics").await.body).expect("text");
    for line in [
        "tinybase_tenant_plugin_calls_total{tenant=\"default\"} 12\n",
        "tinybase_tenant_plugin_calls_total{tenant=\"neighbour\"} 1\n",
        "tinybase_tenant_plugin_errors_total{tenant=\"default\",axis=\"fuel\"} 1\n",
        "tinybase_tenant_plugin_errors_total{tenant=\"neighbour\",axis=\"fuel\"} 0\n",
        "tinybase_tenant_plugin_fuel_count{tenant=\"default\"} 12\n",
        "tinybase_tenant_plugin_fuel{tenant=\"neighbour\",quantile=\"0.99\"} ",
        "tinybase_tenant_plugin_seconds_total{tenant=\"default\",part=\"queue\"} ",
        "tinybase_tenant_plugin_memory_bytes{tenant=\"default\"} ",
    ] {
        assert!(page.contains(line), "{line}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_is_held_to_what_the_tenant_allows_itself() {
    let app = within(PluginQuota::default()).await;
    let id = app.attach(&plugin("slugify"), "posts", &["beforeCreate"], json!({})).await;
    let trial = json!({"hook": "beforeCreate", "collection": "posts", "record": {"title": "x"}});
    app.set(json!({"pluginLimits": {"fuelPerSecond": 1}})).await;
    for status in [200, 429] {
        let tried = app.superuser().post(&format!("/api/plugins/{id}/test"), trial.clone()).await;
        assert_eq!(tried.status, status, "{tried}");
    }
}
