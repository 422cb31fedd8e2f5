//! `/api/system` and `/metrics`: what the operator sees of a running server.

use crate::support::guests::plugin;
use crate::support::{TestApp, config, posts};
use axum::http::Method;
use serde_json::json;
use std::sync::Arc;
use tinybase::clock::World;
use tinybase::config::{Config, Secret};
use tinybase::host::Host;
use tinybase::http::App;

use crate::support::people::Person;

/// The value of a metric, labels included in its name.
fn metric(page: &str, name: &str) -> f64 {
    let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{name} is missing in {page}")).parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn stats_count_what_happens() {
    let app = TestApp::with_posts().await;
    app.attach(&plugin("slugify"), "posts", &["beforeCreate"], json!({})).await;
    app.superuser().created("posts", json!({"title": "a"})).await;
    app.superuser().created("posts", json!({"title": "b"})).await;
    app.anon().get("/api/nothing").await;
    let stats = app.superuser().get("/api/system/stats").await.json;
    assert!(stats["requests"]["total"].as_u64().unwrap() >= 5, "{stats}");
    assert!(stats["requests"]["byStatus"]["4xx"].as_u64().unwrap() >= 1, "{stats}");
    let latency = &stats["requests"]["lastMinute"]["latencyMs"];
    let found: Vec<_> = ["p50", "p90", "p95", "p99", "p999", "max"].map(|name| latency[name].as_f64()).to_vec();
    assert!(found.is_sorted() && found[0].is_some() && found[5] > Some(0.0), "{stats}");
    assert_eq!(
        (stats["totals"]["records"].clone(), stats["totals"]["recordsOf"]["posts"].clone()),
        (json!(2), json!(2))
    );
    assert_eq!((stats["plugins"][0]["calls"].clone(), stats["plugins"][0]["failures"].clone()), (json!(2), json!(0)));
    assert!(
        stats["database"]["bytes"].as_u64().unwrap() > 0
            && stats["database"]["work"]["committed"].as_u64().unwrap() > 2
    );
    assert!(stats["process"]["cpuSeconds"].as_f64().unwrap() > 0.0);
    assert_eq!((stats["storage"]["kind"].clone(), stats["storage"]["complete"].clone()), (json!("local"), json!(true)));
    // The slow part is a minute old at most.
    app.superuser().created("posts", json!({"title": "c"})).await;
    let records = async || app.superuser().get("/api/system/stats").await.json["totals"]["records"].clone();
    assert_eq!(records().await, json!(2));
    app.clock.advance(std::time::Duration::from_mins(2));
    assert_eq!(records().await, json!(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn info_tells_what_runs() {
    let app = TestApp::new().await;
    let info = app.superuser().get("/api/system/info").await.json;
    assert_eq!((info["name"].clone(), info["version"].clone()), (json!("tinybase"), json!(env!("CARGO_PKG_VERSION"))));
    assert!(info["engine"]["database"].as_str().unwrap().starts_with("libSQL (SQLite 3."), "{info}");
    assert_eq!(info["limits"]["recordsPerPage"], 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_text_for_prometheus() {
    let app = TestApp::new().await;
    app.collection(posts()).await;
    app.anon().get("/api/nothing").await;
    let reply = app.superuser().get("/metrics").await;
    assert!(reply.headers["content-type"].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    let page = String::from_utf8(reply.body).expect("UTF-8");
    assert!(metric(&page, "tinybase_http_requests_total{status=\"4xx\"}") >= 1.0);
    let (all, five) = (
        metric(&page, "tinybase_http_request_duration_seconds_bucket{le=\"+Inf\"}"),
        metric(&page, "tinybase_http_request_duration_seconds_bucket{le=\"0.005\"}"),
    );
    let count = metric(&page, "tinybase_http_request_duration_seconds_count");
    assert!(all >= five && (all - count).abs() < 0.5, "{all} {five} {count}");
    assert!(metric(&page, "tinybase_database_committed_total") >= 1.0);
    assert!(metric(&page, "tinybase_database_bytes{file=\"data.db\"}") >= 0.0);
    // Every line is a comment or a name with a number; every name was explained before.
    let mut explained = Vec::new();
    for line in page.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            explained.push(rest.split(' ').next().unwrap().to_owned());
        } else if !line.starts_with('#') {
            let (name, value) = line.rsplit_once(' ').expect("a value");
            let name = name.split('{').next().unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
            let known = |known: &String| {
                name.strip_prefix(known.as_str()).is_some_and(|rest| ["", "_bucket", "_sum", "_count"].contains(&rest))
            };
            assert!(explained.iter().any(known), "{line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_open_for_their_own_token() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let config = Config { metrics_token: Some(Secret("watcher-token".to_owned())), ..config(dir.path()) };
    assert!(!format!("{config:?}").contains("watcher"));
    let (world, _clock) = World::scripted(1_767_323_045_678);
    let host = Host::open(config, world).await.expect("the host opens");
    let app: Arc<App> = App::new(host.clone());
    let anon = Person::anonymous(&app);
    let ask = async |path: &str, token: &str| {
        anon.raw(Method::GET, path, &[("authorization", &format!("Bearer {token}"))], Vec::new()).await.status
    };
    assert_eq!(ask("/metrics", "watcher-token").await, 200);
    assert_eq!(ask("/metrics", "watcher-toke").await, 401);
    assert_eq!(ask("/metrics", "").await, 401);
    assert_eq!(ask("/api/system/stats", "watcher-token").await, 401, "it opens nothing else");
    host.close().await;
}
