//! Each measure of a call's limits can be narrowed at each level: by the operator, in the settings of a tenant, in a plugin's manifest,
//! and where it is called. The smallest holds, and is shown.

use crate::support::TestApp;
use crate::support::desk::Desk;
use crate::support::guests::{guest, with_manifest};
use serde_json::{Value, json};
use tinybase::config::PluginQuota;

/// (measure, its small value)
const MEASURES: [(&str, u64); 8] = [
    ("fuel", 5_000_000),
    ("wallMs", 900),
    ("memoryMb", 7),
    ("hostCalls", 9),
    ("bytesPerCall", 20_000),
    ("handles", 11),
    ("logBytes", 300),
    ("atOnce", 2),
];

/// What the operator, the tenant's settings, the manifest and the place say in a round: each measure has its small value at one of
/// them, another one in each round, and twice as much at the others.
fn said(round: usize) -> [Value; 4] {
    let value = |level: usize, index: usize, small: u64| if (index + round) % 4 == level { small } else { small * 2 };
    std::array::from_fn(|level| {
        let each = MEASURES.iter().enumerate();
        Value::Object(
            each.map(|(index, (name, small))| ((*name).to_owned(), value(level, index, *small).into())).collect(),
        )
    })
}

fn quota(said: &Value) -> PluginQuota {
    let number = |name: &str| said[name].as_u64();
    PluginQuota {
        fuel: number("fuel"),
        wall_ms: number("wallMs"),
        memory_mb: number("memoryMb"),
        host_calls: number("hostCalls"),
        bytes_per_call: number("bytesPerCall"),
        handles: number("handles"),
        log_bytes: number("logBytes"),
        at_once: number("atOnce"),
        fuel_per_second: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_smallest_at_any_level_holds_and_is_shown() {
    for round in 0..4 {
        let [operator, tenant, manifest, place] = said(round);
        let app = TestApp::with(|config| config.plugin_quota = quota(&operator)).await;
        app.set(json!({ "pluginLimits": tenant })).await;
        let root = app.superuser();
        let moments = app.install(&with_manifest(guest("moments"), &json!({ "limits": manifest }))).await;
        let web = app.install(&with_manifest(guest("web"), &json!({ "limits": manifest }))).await;
        let attach = json!({"collection": "users", "hooks": ["beforeSignIn"], "limits": place});
        let attached = root.post(&format!("/api/plugins/{moments}/attachments"), attach).await.json;
        let schedule = json!({"name": "n", "expression": "0 0 1 1 *", "limits": place});
        let scheduled = root.post(&format!("/api/plugins/{moments}/schedules"), schedule).await.json;
        let routed = root.put(&format!("/api/plugins/{web}/route"), json!({ "limits": place })).await.json;
        assert_eq!(routed["limits"], place, "as it was given: {routed}");
        for (shown, hook) in [(&attached, "beforeSignIn"), (&scheduled, "scheduled"), (&routed, "route")] {
            for (name, small) in MEASURES {
                let wanted = if name == "atOnce" && hook != "route" { Value::Null } else { json!(small) };
                assert_eq!(shown["effectiveLimits"][hook][name], wanted, "round {round}, {hook}, {name}: {shown}");
            }
        }
        let listed = root.get(&format!("/api/plugins/{moments}/schedules")).await.json;
        assert_eq!(listed["items"][0]["effectiveLimits"], scheduled["effectiveLimits"]);
        let route = root.get(&format!("/api/plugins/{web}/route")).await.json;
        assert_eq!(route["effectiveLimits"], routed["effectiveLimits"]);
        let quota = root.get("/api/plugins/figures").await.json["quota"]["limits"].clone();
        for (name, _) in MEASURES {
            let least = [&operator, &tenant].into_iter().filter_map(|said| said[name].as_u64()).min();
            assert_eq!(quota[name].as_u64(), least, "{name}: {quota}");
        }
    }
}

/// A server with the hostile guest before creates of `posts`; answers with the plugin's path.
async fn hostile() -> (TestApp, String) {
    let app = TestApp::with_posts().await;
    let id = app.attach(&guest("hostile"), "posts", &["beforeCreate"], json!({})).await;
    (app, format!("/api/plugins/{id}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_narrows_what_calls_use_at_once() {
    let (app, path) = hostile().await;
    let axis = async |what: &str| {
        let reply = app.anon().create("posts", json!({ "title": what })).await;
        (reply.status, reply.json["data"]["plugin"]["axis"].clone())
    };
    let words = async || {
        let logs = app.superuser().get(&format!("{path}/logs")).await.json;
        logs["items"][0]["message"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(axis("use-store").await.0, 200);
    app.set(json!({"pluginLimits": {"hostCalls": 2}})).await;
    assert_eq!(axis("use-store").await, (500, json!("hostCalls")));
    assert!(words().await.contains("more than 2 "), "{}", words().await);
    assert_eq!(axis("nothing").await.0, 200);
    app.set(json!({"pluginLimits": {"hostCalls": 0, "fuel": 1_000_000, "memoryMb": 3}})).await;
    assert_eq!(axis("loop").await, (500, json!("fuel")));
    assert!(words().await.contains("all of 1200000 units"), "{}", words().await);
    assert_eq!(axis("grow-trap").await, (500, json!("memory")));
    assert!(words().await.contains(&format!("the limit is {}", 3 << 20)), "{}", words().await);
    app.set(json!({"pluginLimits": {"fuel": 0, "memoryMb": 0, "logBytes": 10}})).await;
    assert_eq!(axis("flood-log").await, (500, json!("hostCalls")));
    let logs = app.superuser().get(&format!("{path}/logs")).await.json;
    let said = logs["items"].as_array().expect("items").iter().filter(|line| line["message"] == "flood").count();
    assert_eq!(said, 2, "five bytes each: {logs}");
    app.set(json!({"pluginLimits": {"logBytes": 0}})).await;
    assert_eq!(axis("use-store").await.0, 200, "all is as before");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_has_its_own_fuel_in_a_second() {
    let (app, _) = hostile().await;
    let create = async || app.anon().create("posts", json!({"title": "nothing"})).await.status;
    assert_eq!(create().await, 200);
    app.set(json!({"pluginLimits": {"fuelPerSecond": 10}})).await;
    assert_eq!((create().await, create().await), (200, 429), "a second's worth to begin with");
    let quota = app.superuser().get("/api/plugins/figures").await.json["quota"].clone();
    assert_eq!((&quota["fuelPerSecond"], &quota["refused"]), (&json!(10), &json!(1)), "{quota}");
    app.set(json!({"pluginLimits": {"fuelPerSecond": 0}})).await;
    assert_eq!(create().await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_granted_by_the_day_is_narrowed_too() {
    let desk = Desk::new(TestApp::new().await).await;
    desk.grant(json!({"mail": {"to": "any", "perDay": 5}})).await;
    let set = |key: &str| json!(["kv.set", key, "x"]);
    let mail = json!(["mail.send", "a@example.com", "Hello", "Text"]);
    desk.app.set(json!({"pluginLimits": {"kvKeys": 2, "mailsPerDay": 1}})).await;
    let answers = desk.after(json!([set("a"), set("b"), set("c"), set("a"), mail, mail])).await;
    let errors: Vec<&Value> = answers.iter().map(|answer| &answer["error"]).collect();
    assert_eq!(errors, [&json!(null), &json!(null), &json!("full"), &json!(null), &json!(null), &json!("quota")]);
    assert!(answers[2]["message"].as_str().is_some_and(|words| words.contains("at most 2 keys")), "{answers:?}");
    assert!(answers[5]["message"].as_str().is_some_and(|words| words.contains("1 mails")), "{answers:?}");
    desk.app.set(json!({"pluginLimits": {"kvKeys": 0, "mailsPerDay": 9}})).await;
    let answers = desk.after(json!([set("c"), mail])).await;
    assert!(answers.iter().all(|answer| answer["error"].is_null()), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_answers_so_many_requests_at_once() {
    let app = TestApp::new().await;
    let id = app.install(&guest("web")).await;
    let path = format!("/api/plugins/{id}");
    let name = app.superuser().get(&path).await.json["name"].as_str().expect("a name").to_owned();
    let route = json!({"access": "guest", "limits": {"atOnce": 1, "wallMs": 5_000}});
    assert_eq!(app.superuser().put(&format!("{path}/route"), route).await.status, 200);
    let asked = format!("/api/x/{name}/loop");
    let anon = app.anon();
    // How many of them meet the first one hangs on how fast the machine is.
    for _ in 0..50 {
        let replies = futures_util::future::join_all((0..3).map(|_| anon.get(&asked))).await;
        let statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
        assert!(statuses.contains(&500) && statuses.iter().all(|status| [500, 503].contains(status)), "{statuses:?}");
        if statuses.contains(&503) {
            return;
        }
    }
    panic!("nobody is told to come again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_is_a_whole_number() {
    let app = TestApp::new().await;
    let refused = app.superuser().patch("/api/settings", json!({"pluginLimits": {"fuel": -1, "kvKeys": -2}})).await;
    assert_eq!(refused.status, 400, "{refused}");
    let errors = refused.json["data"]["pluginLimits"].as_object().expect("errors").keys().collect::<Vec<_>>();
    assert_eq!(errors, ["fuel", "kvKeys"]);
    let settings = app.superuser().get("/api/settings").await.json;
    assert_eq!(settings["pluginLimits"]["fuel"], 0, "{settings}");
}
