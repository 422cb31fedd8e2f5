//! Trying hooks without effect, what calls are granted, reading a plugin's log, and a server whose plugins are off.

use crate::support::guests::{guest, plugin};
use crate::support::people::Reply;
use crate::support::{TestApp, config, open, posts, serve};
use serde_json::{Value, json};
use std::time::Duration;
use tinybase::config::PluginQuota;

async fn attempt(app: &TestApp, id: &str, body: Value) -> Reply {
    app.superuser().post(&format!("/api/plugins/{id}/test"), body).await
}

/// The hostile guest, not attached to anything, and what it does when it is told to.
async fn doing(app: &TestApp, id: &str, what: &str) -> Value {
    let body = json!({"hook": "beforeCreate", "collection": "posts", "record": {"title": "x"}, "config": {"do": what}});
    let reply = attempt(app, id, body).await;
    assert_eq!(reply.status, 200, "{reply}");
    reply.json
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_is_tried_on_a_sample_and_changes_nothing() {
    let app = TestApp::with_posts().await;
    let id = app.install(&plugin("slugify")).await;
    let body = json!({"hook": "beforeCreate", "collection": "posts", "record": {"title": "Hello World", "views": 3}});
    let tried = attempt(&app, &id, body).await;
    assert_eq!(tried.status, 200, "{tried}");
    assert_eq!((&tried.json["result"], &tried.json["changes"]), (&json!("accepted"), &json!({"slug": "hello-world"})));
    assert!(tried.json["usage"]["fuel"].as_u64() > Some(0), "{tried}");
    assert_eq!(tried.json["limits"]["wallMs"], 50, "{tried}");
    let refused =
        attempt(&app, &id, json!({"hook": "beforeCreate", "collection": "posts", "record": {"title": "!"}})).await;
    assert_eq!((&refused.json["result"], &refused.json["status"]), (&json!("refused"), &json!(400)), "{refused}");
    assert!(refused.json["errors"]["title"]["code"].is_string(), "{refused}");

    let stored = app.anon().created("posts", json!({"title": "Stored One", "slug": "old"})).await;
    let body =
        json!({"hook": "beforeUpdate", "collection": "posts", "original": stored, "record": {"title": "Second"}});
    assert_eq!(attempt(&app, &id, body).await.json["changes"]["slug"], "second");
    assert_eq!(app.anon().view("posts", &stored).await.json["slug"], "old");
    assert_eq!(app.anon().list("posts", "").await.json["totalItems"], 1);
    let metrics = app.superuser().get(&format!("/api/plugins/{id}/metrics")).await.json;
    assert_eq!(metrics["totals"]["calls"], 0, "a trial is not counted");

    let validator = app.install(&plugin("word-limit")).await;
    let config = json!({"field": "title", "max": 1});
    let body = json!({"hook": "validate", "collection": "posts", "record": {"title": "a b"}, "config": config});
    let found = attempt(&app, &validator, body).await;
    assert_eq!(found.json["result"], "refused", "{found}");
    assert!(found.json["errors"]["title"]["code"].is_string(), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_tells_what_went_wrong() {
    let app = TestApp::with_posts().await;
    let id = app.install(&guest("hostile")).await;
    for (what, axis) in
        [("loop", "fuel"), ("grow-trap", "memory"), ("flood-log", "hostCalls"), ("panic", "trap"), ("bad-id", "output")]
    {
        let tried = doing(&app, &id, what).await;
        assert_eq!((&tried["result"], &tried["axis"]), (&json!("failed"), &json!(axis)), "{what}: {tried}");
        assert!(tried["message"].as_str().is_some_and(|message| !message.is_empty()), "{what}: {tried}");
    }
    let logged = doing(&app, &id, "panic-log").await;
    assert!(logged["log"][0]["message"].as_str().is_some_and(|line| line.contains("on purpose")), "{logged}");
    let denied = doing(&app, &id, "deny-403").await;
    assert_eq!(
        (&denied["result"], &denied["status"], &denied["message"]),
        (&json!("refused"), &json!(403), &json!("No entry."))
    );
    // Ten failures would have opened the breaker of a real hook.
    for _ in 0..6 {
        doing(&app, &id, "panic").await;
    }
    let breaker = app.superuser().get(&format!("/api/plugins/{id}/breaker")).await.json;
    assert!(breaker["hooks"].as_array().expect("hooks").iter().all(|hook| hook["state"] == "closed"), "{breaker}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_trial_writes_is_shown_and_not_made() {
    let app = TestApp::with_posts().await;
    let id = app.install(&guest("hostile")).await;
    let grants = json!({"records": [{"collection": "posts", "verbs": ["create"], "as": "plugin"}]});
    app.superuser().put(&format!("/api/plugins/{id}/grants"), grants).await;
    let tried = doing(&app, &id, "queue-writes").await;
    let writes = tried["writes"].as_array().expect("writes");
    assert_eq!(writes.len(), 3, "{tried}");
    assert_eq!(
        (&writes[0]["verb"], &writes[0]["collection"], &writes[0]["fields"]["title"]),
        (&json!("create"), &json!("posts"), &json!("side 0"))
    );
    let body = json!({"hook": "afterCreate", "collection": "posts", "record": {"title": "x"}, "config": {"do": "queue-writes"}});
    let late = attempt(&app, &id, body).await.json;
    assert_eq!(late["writes"].as_array().map(Vec::len), Some(3), "{late}");
    assert_eq!(app.anon().list("posts", "").await.json["totalItems"], 0);
    for _ in 0..3 {
        assert_eq!(doing(&app, &id, "count-calls").await["changes"]["title"], "call 1", "its store is a copy");
    }
    let used = doing(&app, &id, "use-store").await;
    assert_eq!(used["changes"]["title"], "true second true invalid invalid -5 invalid too_large", "{used}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_asks_for_what_is_there() {
    let app = TestApp::with_posts().await;
    let id = app.install(&plugin("slugify")).await;
    for (body, field) in [
        (json!({"collection": "posts"}), "hook"),
        (json!({"collection": "posts", "hook": "afterCreate"}), "hook"),
        (json!({"hook": "beforeCreate"}), "collection"),
        (json!({"hook": "beforeCreate", "collection": "nowhere"}), "collection"),
        (json!({"hook": "beforeCreate", "collection": "posts", "record": "nobody"}), "record"),
        (json!({"hook": "beforeCreate", "collection": "posts", "record": 7}), "record"),
        (json!({"hook": "beforeCreate", "collection": "posts", "config": "x"}), "config"),
        (json!({"hook": "beforeCreate", "collection": "posts", "version": 9}), "version"),
        (json!({"hook": "beforeCreate", "collection": "posts", "attachment": "none"}), "attachment"),
    ] {
        let reply = attempt(&app, &id, body.clone()).await;
        assert_eq!(reply.status, 400, "{body}: {reply}");
        assert!(reply.json["data"].get(field).is_some(), "{body}: {reply}");
    }
    let key = app.superuser().post("/api/keys", json!({"name": "k", "scopes": ["plugins"]})).await;
    let key = app.anon().with_token(key.json["key"].as_str().expect("a key"));
    let body = json!({"hook": "beforeCreate", "collection": "posts"});
    assert_eq!(key.post(&format!("/api/plugins/{id}/test"), body).await.status, 403, "not for keys");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attachment_shows_what_its_calls_get() {
    let app = TestApp::with_posts().await;
    let id = app.install(&plugin("slugify")).await;
    let path = format!("/api/plugins/{id}/attachments");
    let body = json!({"collection": "posts", "hooks": ["beforeCreate", "beforeUpdate"], "limits": {"fuel": 1_000_000_000_000_u64, "wallMs": 20}});
    let attached = app.superuser().post(&path, body).await;
    let limits = &attached.json["effectiveLimits"];
    assert_eq!(
        (&limits["beforeCreate"]["fuel"], &limits["beforeCreate"]["wallMs"]),
        (&json!(100_000_000), &json!(20)),
        "{attached}"
    );
    assert_eq!((&limits["beforeUpdate"]["memoryMb"], &limits["beforeUpdate"]["hostCalls"]), (&json!(16), &json!(64)));
    let listed = app.superuser().get(&path).await.json["items"][0].take();
    assert_eq!(&listed["effectiveLimits"], limits);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_s_quota_holds_over_what_attachments_ask_for() {
    let dir = tempfile::tempdir().expect("a folder");
    let quota = PluginQuota { fuel: Some(900_000), memory_mb: Some(4), ..PluginQuota::default() };
    let (host, _app, root) = serve(tinybase::config::Config { plugin_quota: quota, ..config(dir.path()) }).await;
    root.post("/api/collections", posts()).await;
    let id = root.upload("/api/plugins", &guest("hostile")).await.json["id"].as_str().expect("an id").to_owned();
    let body = json!({"collection": "posts", "hooks": ["beforeCreate"], "config": {"do": "busy", "n": 1_000_000}, "limits": {"fuel": 90_000_000}});
    let attached = root.post(&format!("/api/plugins/{id}/attachments"), body).await;
    let limits = &attached.json["effectiveLimits"]["beforeCreate"];
    assert_eq!(
        (&limits["fuel"], &limits["memoryMb"], &limits["wallMs"]),
        (&json!(900_000), &json!(4), &json!(50)),
        "{attached}"
    );
    let failed = root.create("posts", json!({"title": "x"})).await;
    assert_eq!(failed.json["data"]["plugin"]["axis"], "fuel", "{failed}");
    host.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_plugins_says_so_and_loses_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let (host, app, root) = serve(config(dir.path())).await;
    root.post("/api/collections", posts()).await;
    root.post(
        "/api/collections",
        open("audit", json!([{"name": "action", "type": "text"}, {"name": "record", "type": "text"}])),
    )
    .await;
    let attach = async |bytes: &[u8], name: &str, hooks: &[&str], more: Value| {
        let id = root.upload_as("/api/plugins", name, bytes).await.json["id"].as_str().expect("an id").to_owned();
        let body = json!({"collection": "posts", "hooks": hooks, "config": more});
        assert_eq!(root.post(&format!("/api/plugins/{id}/attachments"), body).await.status, 200);
        id
    };
    let id = attach(&guest("hostile"), "harm", &["beforeCreate"], json!({"do": "loop"})).await;
    attach(&guest("hostile"), "late", &["afterCreate"], json!({"do": "nothing"})).await;
    assert_eq!(root.create("posts", json!({"title": "x"})).await.status, 500);
    host.close().await;
    drop((host, app, root));

    let off = tinybase::config::Config { no_plugins: true, ..config(dir.path()) };
    let (host, app, root) = serve(off).await;
    assert_eq!(root.create("posts", json!({"title": "goes through"})).await.status, 200);
    let path = format!("/api/plugins/{id}");
    assert_eq!(root.get(&path).await.json["state"], "off");
    assert_eq!(root.get("/api/system/info").await.json["pluginsOff"], true);
    let body = json!({"hook": "beforeCreate", "collection": "posts"});
    for reply in [root.upload("/api/plugins", &plugin("slugify")).await, root.post(&format!("{path}/test"), body).await]
    {
        assert_eq!(reply.status, 503, "{reply}");
        assert!(reply.json["message"].as_str().is_some_and(|message| message.contains("--no-plugins")), "{reply}");
    }
    // What should be told to the after-hook waits; the one that does harm can be switched off.
    let tenant = &host.default_tenant().tenant;
    for _ in 0..3 {
        assert_eq!(tinybase::outbox::turn(tenant).await.expect("a turn"), 0, "that is no try");
    }
    let outbox = root.get("/api/outbox").await.json;
    assert_eq!((&outbox["totalItems"], &outbox["items"][0]["attempts"]), (&json!(1), &json!(0)), "{outbox}");
    assert_eq!(root.patch(&path, json!({"enabled": false})).await.json["state"], "disabled");
    host.close().await;
    drop((host, app, root));

    let (host, _app, root) = serve(config(dir.path())).await;
    assert_eq!(root.create("posts", json!({"title": "y"})).await.status, 200);
    for _ in 0..400 {
        if root.get("/api/outbox").await.json["totalItems"] == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(root.get("/api/outbox").await.json["totalItems"], 0, "it was told");
    host.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_read_by_page_filter_and_as_it_grows() {
    let app = TestApp::with_posts().await;
    let id = app.attach(&guest("hostile"), "posts", &["beforeCreate"], json!({"config": {"do": "panic-log"}})).await;
    let path = format!("/api/plugins/{id}/logs");
    for _ in 0..2 {
        assert_eq!(app.anon().create("posts", json!({"title": "x"})).await.status, 500);
    }
    let all = app.superuser().get(&path).await.json;
    let total = all["totalItems"].as_u64().expect("a number");
    assert!(total >= 4 && all["items"].as_array().map(Vec::len) == Some(total as usize), "{all}");
    let page = app.superuser().get(&format!("{path}?page=2&perPage=1")).await.json;
    assert_eq!((&page["items"][0], &page["totalItems"]), (&all["items"][1], &all["totalItems"]));
    let failed =
        app.superuser().get(&format!("{path}?search=failed%20(TRAP)&hook=beforeCreate&level=error")).await.json;
    assert_eq!(failed["totalItems"], 2, "{failed}");
    assert_eq!(app.superuser().get(&format!("{path}?hook=validate")).await.json["totalItems"], 0);
    for wrong in ["level=loud", "hook=lunch", "after=x", "wait=-1"] {
        assert_eq!(app.superuser().get(&format!("{path}?{wrong}")).await.status, 400, "{wrong}");
    }
    let last = all["items"][0]["seq"].as_u64().expect("a number");
    let tail = format!("{path}?after={last}&wait=30");
    let write = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        app.anon().create("posts", json!({"title": "x"})).await
    };
    let (more, _) = futures_util::future::join(app.superuser().get(&tail), write).await;
    let lines = more.json["items"].as_array().expect("lines");
    assert!(!lines.is_empty() && lines.iter().all(|line| line["seq"].as_u64() > Some(last)), "{more}");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_plugins_are_off_another_version_can_be_chosen() {
    let dir = tempfile::tempdir().expect("a folder");
    let (host, app, root) = serve(config(dir.path())).await;
    root.post("/api/collections", posts()).await;
    let id =
        root.upload_as("/api/plugins", "p", &plugin("slugify")).await.json["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/plugins/{id}");
    let body = json!({"collection": "posts", "hooks": ["beforeCreate"], "config": {"do": "loop"}});
    assert_eq!(root.post(&format!("{path}/attachments"), body).await.status, 200);
    assert_eq!(root.upload_as("/api/plugins", "p", &guest("hostile")).await.status, 200);
    assert_eq!(root.post(&format!("{path}/activate"), json!({"version": 2})).await.status, 200);
    assert_eq!(root.create("posts", json!({"title": "x"})).await.status, 500, "it does harm");
    host.close().await;
    drop((host, app, root));

    let off = tinybase::config::Config { no_plugins: true, ..config(dir.path()) };
    let (host, app, root) = serve(off).await;
    for (verb, body, version) in [
        ("rollback", json!({}), "1"),
        ("activate", json!({"version": 2}), "2"),
        ("activate", json!({"version": 1}), "1"),
        ("canary", json!({"version": 2, "share": 10}), "1"),
    ] {
        let chosen = root.post(&format!("{path}/{verb}"), body).await;
        assert_eq!((chosen.status, &chosen.json["version"]), (200, &json!(version)), "{verb}: {chosen}");
        assert_eq!((&chosen.json["state"], &chosen.json["loaded"]), (&json!("off"), &json!(false)), "{verb}: {chosen}");
    }
    assert_eq!(root.remove(&format!("{path}/canary")).await.status, 200);
    host.close().await;
    drop((host, app, root));

    let (host, _app, root) = serve(config(dir.path())).await;
    assert_eq!(root.create("posts", json!({"title": "Well Again"})).await.json["slug"], "well-again");
    host.close().await;
}
