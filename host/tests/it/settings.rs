//! `/api/settings`: what is accepted, what is kept, what is never told.

use crate::support::TestApp;
use serde_json::{Value, json};
use tinybase::settings::Regime;

#[tokio::test(flavor = "multi_thread")]
async fn every_section_has_its_defaults_and_no_secret() {
    let app = TestApp::new().await;
    let reply = app.superuser().get("/api/settings").await;
    let bucket = json!({
        "enabled": false, "bucket": "", "region": "", "endpoint": "", "accessKey": "", "forcePathStyle": false,
        "directDownloads": false,
    });
    let rule = |label: &str, requests: i64, seconds: i64| json!({"audience": "", "duration": seconds, "label": label, "maxRequests": requests});
    let expected = json!({
        "backups": {"cron": "", "cronMaxKeep": 3, "s3": bucket},
        "batch": {"enabled": false, "maxBodySize": 0, "maxRequests": 50, "timeout": 3},
        "logs": {"logAuthId": false, "logIP": true, "maxDataSize": 0, "maxDays": 5, "minLevel": 0},
        "meta": {
            "accentColor": "#1055c9", "appName": "Acme", "appURL": "http://localhost:8090", "hideControls": false,
            "senderAddress": "support@example.com", "senderName": "Support",
        },
        "pluginLimits": {
            "fuelPerSecond": 0, "fuel": 0, "wallMs": 0, "memoryMb": 0, "hostCalls": 0, "bytesPerCall": 0, "handles": 0,
            "logBytes": 0, "atOnce": 0, "httpBytesPerCall": 0, "httpBytesPerDay": 0, "mailsPerDay": 0, "kvKeys": 0,
        },
        "realtime": {"topics": []},
        "rateLimits": {
            "enabled": false, "excludedIPs": [],
            "rules": [
                rule("*:auth", 2, 3), rule("*:create", 20, 5), rule("/api/batch", 3, 1), rule("/api/", 300, 10),
            ],
        },
        "s3": bucket,
        "smtp": {
            "authMethod": "", "enabled": false, "host": "smtp.example.com", "localName": "", "port": 587,
            "tls": false, "username": "",
        },
        "superuserIPs": [],
            "sync": {"enabled": false, "url": ""},
        "trustedProxy": {"headers": [], "proxies": [], "useLeftmostIP": false},
    });
    assert_eq!(reply.json, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_stays_until_another_is_sent_and_is_never_told() {
    let app = TestApp::new().await;
    let root = app.superuser();
    let given = json!({
        "smtp": {"enabled": true, "host": "127.0.0.1", "port": 2525, "username": "me", "password": "hush-1"},
        "backups": {"s3": {"secret": "hush-2"}},
    });
    let saved = root.patch("/api/settings", given).await;
    assert_eq!(saved.status, 200, "{saved}");
    let later = root.patch("/api/settings", json!({"smtp": {"username": "you"}})).await;
    for reply in [saved, later, root.get("/api/settings").await] {
        assert!(!reply.json.to_string().contains("hush"), "{reply}");
    }
    let held = app.host.default_tenant().tenant.settings.load_full();
    assert_eq!((held.smtp.username.as_str(), held.smtp.password.as_str()), ("you", "hush-1"));
    assert_eq!(held.backups.s3.secret, "hush-2");
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_of_all_sections_come_at_once_and_change_nothing() {
    let app = TestApp::new().await;
    let before = app.superuser().get("/api/settings").await.json;
    let rule = json!({"label": "/a", "duration": 1, "maxRequests": 1});
    let reply = app
        .superuser()
        .patch(
            "/api/settings",
            json!({
                "meta": {"appName": "New", "senderAddress": "nobody", "accentColor": "red"},
                "smtp": {"enabled": true, "host": "", "port": 0, "authMethod": "X"},
                "backups": {"cron": "whenever", "cronMaxKeep": -1, "s3": {"enabled": true}},
                "rateLimits": {"enabled": true, "rules": [rule, rule, {"label": "?"}], "excludedIPs": ["x"]},
                "trustedProxy": {"headers": ["X-Real-IP", ""], "proxies": ["10.0.0.0/33"]},
                "superuserIPs": ["10.0.0.1", "somewhere"],
            }),
        )
        .await;
    assert_eq!(reply.status, 400, "{reply}");
    let code = |path: &str| reply.json["data"].pointer(path).and_then(|error| error["code"].as_str());
    for (path, expected) in [
        ("/meta/senderAddress", "validation_is_email"),
        ("/meta/accentColor", "validation_length_invalid"),
        ("/smtp/host", "validation_required"),
        ("/smtp/port", "validation_required"),
        ("/smtp/authMethod", "validation_in_invalid"),
        ("/backups/cron", "validation_invalid_cron"),
        ("/backups/cronMaxKeep", "validation_min_greater_equal_than_required"),
        ("/backups/s3/bucket", "validation_required"),
        ("/rateLimits/rules/1/label", "validation_conflicting_rate_limit_rule"),
        ("/rateLimits/rules/2/label", "validation_match_invalid"),
        ("/rateLimits/rules/2/duration", "validation_required"),
        ("/rateLimits/excludedIPs/0", "validation_invlaid_ip_or_subnet"),
        ("/trustedProxy/headers/1", "validation_invalid_format"),
        ("/trustedProxy/proxies/0", "validation_invlaid_ip_or_subnet"),
        ("/superuserIPs/1", "validation_invlaid_ip_or_subnet"),
    ] {
        assert_eq!(code(path), Some(expected), "{path}: {reply}");
    }
    assert_eq!(app.superuser().get("/api/settings").await.json, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_the_wrong_type_or_no_name_is_no_change() {
    let app = TestApp::new().await;
    let root = app.superuser();
    let before = root.get("/api/settings").await.json;
    for wrong in [json!({"smtp": {"port": "x"}}), json!({"rateLimits": {"rules": [1]}}), json!({"superuserIPs": 1})] {
        assert_eq!(root.patch("/api/settings", wrong.clone()).await.status, 400, "{wrong}");
    }
    let unknown = json!({"nothing": {"of": "ours"}, "meta": {"nope": 1}});
    assert_eq!(root.patch("/api/settings", unknown).await.status, 200);
    assert_eq!(root.get("/api/settings").await.json, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_by_an_older_server_gets_the_new_defaults() {
    let app = TestApp::new().await;
    app.superuser().patch("/api/settings", json!({"meta": {"appName": "Old"}})).await;
    let store = &app.host.default_tenant().tenant.store;
    let mut older = tinybase::sql::Sql::new("UPDATE _params SET value = ");
    older
        .bind(json!({"meta": {"appName": "Old"}, "batch": {"enabled": true}}).to_string())
        .push(" WHERE id = 'settings'");
    store.write(tinybase::db::Unit::of(older)).await.expect("a row");
    let settings: Value =
        tinybase::settings::load(store, &Regime::default(), &app.host.world).await.expect("settings").to_json();
    assert_eq!((&settings["meta"]["appName"], &settings["batch"]["enabled"]), (&json!("Old"), &json!(true)));
    assert_eq!((&settings["smtp"]["port"], &settings["meta"]["senderName"]), (&json!(587), &json!("Support")));
}
