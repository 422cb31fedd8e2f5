//! How far capabilities go: addresses, quotas, what a manifest asks for, what an admin can and cannot say.

use crate::support::desk::{Desk, tasks};
use crate::support::guests::{guest, plugin, with_manifest};
use crate::support::web::Web;
use crate::support::{TestApp, config, open};
use serde_json::{Value, json};
use std::time::Duration;
use tinybase::clock::World;
use tinybase::host::Host;
use tinybase::sql::Sql;

fn get(url: &str) -> Value {
    json!(["http-client.send", {"method": "GET", "url": url}])
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_leads_into_this_machine_or_its_network() {
    let (desk, web) = (Desk::new(TestApp::new().await).await, Web::start().await);
    let port = web.port;
    let hosts = [
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
        format!("[::1]:{port}"),
        format!("[::ffff:127.0.0.1]:{port}"),
        format!("[64:ff9b::7f00:1]:{port}"),
        format!("0.0.0.0:{port}"),
        format!("2130706433:{port}"),
        format!("0x7f.1:{port}"),
        format!("127.1:{port}"),
        "169.254.169.254".to_owned(),
        "10.0.0.1".to_owned(),
        "192.168.1.1".to_owned(),
        "[fe80::1]".to_owned(),
        "[fd00::1]".to_owned(),
    ];
    desk.grant(json!({"http": {"hosts": hosts, "insecure": true}})).await;
    let calls: Vec<Value> = hosts.iter().map(|host| get(&format!("http://{host}/"))).collect();
    for (host, answer) in hosts.iter().zip(desk.after(json!(calls)).await) {
        assert_eq!(answer["error"], "denied", "{host}: {answer}");
        assert!(answer["message"].as_str().is_some_and(|words| words.contains("public")), "{host}: {answer}");
    }
    assert!(web.asked().is_empty(), "{:?}", web.asked());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plugin_exchanges_is_counted_by_call_and_by_day() {
    let app = TestApp::with(|config| config.plugin_private_addresses = true).await;
    let (desk, web) = (Desk::new(app).await, Web::start().await);
    let grant = |call: u64, day: u64| json!({"http": {"hosts": [web.host()], "insecure": true, "bytesPerCall": call, "bytesPerDay": day}});
    desk.grant(grant(10_000, 1_000_000)).await;
    let answers = desk.after(json!([get(&web.url("/")), get(&web.url("/large")), get(&web.url("/"))])).await;
    assert_eq!((&answers[0]["status"], &answers[1]["error"]), (&json!(200), &json!("too_large")), "{answers:?}");
    assert_eq!(answers[2]["error"], "quota", "the call has nothing left: {answers:?}");
    assert_eq!(desk.after(json!([get(&web.url("/"))])).await[0]["status"], 200, "another call has");

    desk.grant(grant(10_000, 5)).await;
    let asked = web.asked().len();
    assert_eq!(desk.after(json!([get(&web.url("/"))])).await[0]["error"], "quota", "the day has not");
    assert_eq!(web.asked().len(), asked, "nothing was sent");
    desk.grant(grant(10_000, 1_000_000)).await;

    let before = exchanged(&desk.app.host).await;
    assert!(before > 10_000, "{before}");
    let dir = desk.app.dir().to_owned();
    desk.app.host.close().await;
    let kept = tempfile::tempdir().expect("a folder");
    std::fs::copy(dir.join("data.db"), kept.path().join("data.db")).expect("a copy");
    let host = Host::open(config(kept.path()), World::real()).await.expect("it opens again");
    assert_eq!(exchanged(&host).await, before, "a restart forgets nothing");
    host.close().await;
}

/// What plugins have exchanged with other servers.
async fn exchanged(host: &Host) -> i64 {
    let select = Sql::new("SELECT sum(amount) FROM _plugin_usage");
    let store = &host.default_tenant().tenant.store;
    store.read(|snapshot| snapshot.one(&select, |row| Ok(row.integer(0)))).await.expect("a sum").unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_off_or_comes_too_late_is_counted() {
    let app = TestApp::with(|config| config.plugin_private_addresses = true).await;
    let (desk, web) = (Desk::new(app).await, Web::start().await);
    desk.grant(
        json!({"http": {"hosts": [web.host()], "insecure": true, "bytesPerCall": 12_000, "bytesPerDay": 1_000_000}}),
    )
    .await;
    let late = json!(["http-client.send", {"method": "GET", "url": web.url("/linger"), "timeoutMs": 1_500}]);
    for ask in [get(&web.url("/break")), late] {
        let before = exchanged(&desk.app.host).await;
        let answers = desk.after(json!([ask])).await;
        assert_eq!(answers[0]["error"], "unavailable", "{answers:?}");
        let after = exchanged(&desk.app.host).await;
        assert!((before + 5_000..before + 6_000).contains(&after), "{ask}: {before} {after}");
    }
    let answers = desk.after(json!(vec![get(&web.url("/break")); 4])).await;
    assert_eq!((&answers[1]["error"], &answers[3]["error"]), (&json!("unavailable"), &json!("quota")), "{answers:?}");

    // The time of the call itself is up.
    let before = exchanged(&desk.app.host).await;
    desk.app.anon().created("tasks", json!({"later": json!([get(&web.url("/linger"))]).to_string()})).await;
    let mut after = before;
    for _ in 0..400 {
        after = exchanged(&desk.app.host).await;
        if after > before + 5_000 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert!((before + 5_000..before + 6_000).contains(&after), "{before} {after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_day_has_a_new_quota() {
    let app = TestApp::with(|config| config.plugin_private_addresses = true).await;
    let (mut desk, web) = (Desk::new(app).await, Web::start().await);
    desk.grant(json!({"http": {"hosts": [web.host()], "insecure": true, "bytesPerDay": 400}})).await;
    let answers = desk.after(json!(vec![get(&web.url("/teapot")); 20])).await;
    assert_eq!((&answers[0]["status"], &answers[19]["error"]), (&json!(418), &json!("quota")), "{answers:?}");
    desk.app.sleep_a_night().await;
    assert_eq!(desk.after(json!([get(&web.url("/teapot"))])).await[0]["status"], 418);
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_are_read_whole_or_not_at_all() {
    let desk = Desk::new(TestApp::new().await).await;
    let all = json!({
        "records": [{"collection": "tasks", "verbs": ["list"], "as": "plugin"}],
        "http": {"hosts": ["api.x.com", "*.y.com:8443"], "methods": ["GET"], "insecure": false, "bytesPerCall": 1000, "bytesPerDay": 2000},
        "secrets": ["KEY"], "signing": ["KEY"], "mail": {"to": ["*@x.com"], "perDay": 3},
        "realtime": ["a/*"], "files": ["read"], "clock": true, "random": true,
    });
    let path = format!("/api/plugins/{}/grants", desk.id);
    assert_eq!(desk.try_grant(all.clone()).await.json, all);
    for (wrong, place) in [
        (json!({"sockets": true}), "/sockets"),
        (json!({"http": {"hosts": ["*"]}}), "/http/hosts/0"),
        (json!({"http": {}}), "/http/hosts"),
        (json!({"mail": {"to": "all"}}), "/mail/to"),
        (json!({"records": [{"collection": "nothing", "verbs": ["list"]}]}), "/records/0/collection"),
        (json!({"clock": "yes"}), "/clock"),
    ] {
        let refused = desk.try_grant(wrong.clone()).await;
        assert_eq!(refused.status, 400, "{wrong}: {refused}");
        assert!(
            refused.json["data"].pointer(place).is_some_and(|error| error["code"].is_string()),
            "{wrong}: {refused}"
        );
        assert_eq!(desk.app.superuser().get(&path).await.json, all, "nothing was changed");
    }
    assert_eq!(desk.try_grant(json!({})).await.json, json!({"records": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_grants_no_more_than_a_plugin_asks_for() {
    let app = TestApp::with_posts().await;
    let manifest = json!({"requests": {
        "http": {"hosts": ["*.x.com"], "methods": ["GET", "POST"]},
        "records": [{"collection": "posts", "verbs": ["list", "view"]}],
    }});
    let id = app.install(&with_manifest(guest("hostile"), &manifest)).await;
    let shown = app.superuser().get(&format!("/api/plugins/{id}")).await;
    assert_eq!(shown.json["manifest"], manifest, "{shown}");
    let path = format!("/api/plugins/{id}/grants");
    let records = |verbs: Value, who: &str| json!({"records": [{"collection": "posts", "verbs": verbs, "as": who}]});
    for (grants, place) in [
        (json!({"http": {"hosts": ["x.com"]}}), "/http"),
        (json!({"clock": true}), "/clock"),
        (records(json!(["create"]), "caller"), "/records/0"),
        (records(json!(["list"]), "plugin"), "/records/0"),
    ] {
        let refused = app.superuser().put(&path, grants.clone()).await;
        assert_eq!(refused.status, 400, "{grants}: {refused}");
        assert!(refused.json["data"].pointer(place).is_some(), "{grants}: {refused}");
    }
    let mut within = records(json!(["list"]), "caller");
    within["http"] = json!({"hosts": ["api.x.com"]});
    assert_eq!(app.superuser().put(&path, within).await.status, 200);

    for wrong in [json!({"config": {"type": "nonsense"}}), json!({"requests": {"sockets": true}}), json!([])] {
        let refused = app.superuser().upload("/api/plugins", &with_manifest(plugin("slugify"), &wrong)).await;
        assert_eq!(
            (refused.status, &refused.json["data"]["file"]["code"]),
            (400, &json!("plugin_invalid")),
            "{wrong}: {refused}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_is_held_to_the_schema_of_the_manifest() {
    let app = TestApp::new().await;
    app.collection(tasks()).await;
    app.collection(open("others", json!([{"name": "ask", "type": "text"}]))).await;
    let id = app.install(&guest("capable")).await;
    let shown = app.superuser().get(&format!("/api/plugins/{id}")).await;
    assert_eq!(shown.json["manifest"]["config"]["properties"]["say"]["type"], "string", "{shown}");
    let path = format!("/api/plugins/{id}/attachments");
    let attach = |config: Value| json!({"collection": "tasks", "hooks": ["beforeCreate"], "config": config});
    for (config, pointer) in
        [(json!({"say": "too long"}), "/say"), (json!({"times": 0}), "/times"), (json!({"other": 1}), "")]
    {
        let refused = app.superuser().post(&path, attach(config.clone())).await;
        assert_eq!(refused.status, 400, "{config}: {refused}");
        assert_eq!(refused.json["data"]["config"]["params"]["pointer"], pointer, "{config}: {refused}");
    }
    let attached = app.superuser().post(&path, attach(json!({"say": "hello", "times": 2}))).await;
    assert_eq!(attached.status, 200, "{attached}");
    let path = format!("{path}/{}", attached.json["id"].as_str().expect("an id"));
    assert_eq!(app.superuser().patch(&path, json!({"config": {"say": 1}})).await.status, 400);
    assert_eq!(app.superuser().patch(&path, json!({"order": 3})).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queued_change_of_what_is_not_there_is_not_the_clients_404() {
    let desk = Desk::new(TestApp::new().await).await;
    desk.grant(json!({"records": [{"collection": "tasks", "verbs": ["update", "delete"], "as": "plugin"}]})).await;
    for function in ["records.update", "records.delete"] {
        let ask = json!([[function, "tasks", "nobodyhasthisid"]]).to_string();
        let refused = desk.app.anon().create("tasks", json!({"ask": ask, "title": "x"})).await;
        assert_eq!(refused.status, 400, "{function}: {refused}");
        let words = refused.json["message"].as_str().expect("a message");
        assert!(words.contains("A plugin asks") && words.contains("does not exist"), "{function}: {refused}");
        assert_eq!(desk.app.anon().list("tasks", "").await.json["totalItems"], 0, "all or nothing");
        let answers = desk.after(json!([[function, "tasks", "nobodyhasthisid"]])).await;
        assert_eq!(answers[0]["error"], "not_found", "after a write the plugin is told: {answers:?}");
        let made = desk.app.anon().list("tasks", "").await.json["items"][0]["id"].as_str().expect("an id").to_owned();
        desk.app.anon().delete("tasks", &made).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_are_taken_away_by_an_object_only() {
    let desk = Desk::new(TestApp::new().await).await;
    desk.grant(json!({"clock": true})).await;
    let path = format!("/api/plugins/{}/grants", desk.id);
    for wrong in [json!(null), json!([]), json!("x"), json!(1)] {
        assert_eq!(desk.try_grant(wrong.clone()).await.status, 400, "{wrong}");
    }
    let root = desk.app.superuser();
    assert_eq!(root.raw("PUT".parse().expect("a method"), &path, &[], Vec::new()).await.status, 400, "no body");
    assert_eq!(root.get(&path).await.json["clock"], true, "they are still there");
    desk.grant(json!({})).await;
    assert_ne!(root.get(&path).await.json["clock"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_there_is_not_is_refused_wherever_limits_are_said() {
    let app = TestApp::with_posts().await;
    let root = app.superuser();
    let moments = app.install(&guest("moments")).await;
    let web = app.install(&guest("web")).await;
    let limits = json!({"fule": 5});
    let attach = json!({"collection": "users", "hooks": ["beforeSignIn"], "limits": limits});
    let schedule = json!({"name": "n", "expression": "0 0 1 1 *", "limits": limits});
    for reply in [
        root.post(&format!("/api/plugins/{moments}/attachments"), attach).await,
        root.post(&format!("/api/plugins/{moments}/schedules"), schedule).await,
        root.put(&format!("/api/plugins/{web}/route"), json!({"access": "guest", "limits": limits})).await,
    ] {
        assert_eq!(
            (reply.status, &reply.json["data"]["limits"]["fule"]["code"]),
            (400, &json!("validation_in_invalid")),
            "{reply}"
        );
    }
    for wrong in [json!({"fuel": "x"}), json!({"fule": 5}), json!([])] {
        let reply = root.upload("/api/plugins", &with_manifest(guest("hostile"), &json!({ "limits": wrong }))).await;
        assert_eq!(reply.status, 400, "{wrong}: {reply}");
        let told = &reply.json["data"]["file"];
        assert!(told["message"].as_str().is_some_and(|words| words.contains("`limits` of the manifest")), "{reply}");
    }
}
