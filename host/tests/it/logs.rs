//! The request log as superusers read it: filters, pages, hours, and that no secret is in it.

use crate::support::people::{Person, encode};
use crate::support::{PASSWORD, TestApp, open};
use serde_json::json;

async fn logged(app: &TestApp, filter: &str) -> Vec<serde_json::Value> {
    // Days may have gone by since the first sign-in. Those who read the log are in it too.
    let root = Person::sign_in(&app.app, "_superusers", "root@example.com", PASSWORD).await;
    let filter = format!("data.url !~ 'api/logs' && ({})", if filter.is_empty() { "id != ''" } else { filter });
    let reply = root.get(&format!("/api/logs?{}", encode(&format!("sort=created&perPage=500&filter={filter}")))).await;
    assert_eq!(reply.status, 200, "{reply}");
    reply.json["items"].as_array().expect("items").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_found_by_what_they_were() {
    let app = TestApp::new().await;
    app.anon().get("/api/health?mark=a%20b").await;
    app.anon().get("/api/nothing?mark").await;
    let user = app.user("user@example.com").await;
    user.get("/api/collections/users/records?mark").await;

    let all = logged(&app, "data.url ~ 'mark'").await;
    assert_eq!(all.len(), 3, "{all:?}");
    assert_eq!((all[0]["message"].clone(), all[0]["level"].clone()), (json!("GET /api/health?mark=a b"), json!(0)));
    assert_eq!((all[2]["data"]["auth"].clone(), all[2]["data"]["method"].clone()), (json!("users"), json!("GET")));
    let failed = logged(&app, "level > 0 && data.status = 404 && data.url ~ 'mark'").await;
    assert_eq!((failed.len(), failed[0]["data"]["url"].clone()), (1, json!("/api/nothing?mark")));
    assert_eq!(logged(&app, "created < '2020-01-01 00:00:00'").await.len(), 0);
    assert_eq!(logged(&app, "created <= @now && data.url ~ 'mark'").await.len(), 3);

    let one = app.superuser().get(&format!("/api/logs/{}", all[0]["id"].as_str().unwrap())).await;
    assert_eq!(one.json, all[0]);
    let page = app
        .superuser()
        .get(&format!("/api/logs?{}", encode("perPage=1&page=2&filter=data.url ~ 'mark' && data.url !~ 'api/logs'")))
        .await;
    assert_eq!((page.json["totalItems"].clone(), page.json["items"].as_array().unwrap().len()), (json!(3), 1));
    let hours = app
        .superuser()
        .get(&format!("/api/logs/stats?{}", encode("filter=data.url ~ 'mark' && data.url !~ 'api/logs'")))
        .await;
    assert_eq!(hours.json, json!([{"date": "2026-01-02 03:00:00.000Z", "total": 3}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_without_row_ids_are_sorted_by_when_their_rows_were_made() {
    let app = TestApp::new().await;
    app.collection(json!({"name": "a", "type": "base"})).await;
    app.anon().get("/api/health?first").await;
    app.anon().get("/api/health?second").await;
    app.host.default_tenant().tenant.logs.flush().await;
    for path in ["/api/logs", "/api/activity", "/api/outbox", "/api/crons/__pbLogsCleanup__/runs"] {
        let ids = async |sort: &str| {
            let reply = app.superuser().get(&format!("{path}?sort={sort}")).await;
            assert_eq!(reply.status, 200, "{path} {sort}: {reply}");
            reply.json["items"].as_array().expect("items").iter().map(|item| item["id"].clone()).collect::<Vec<_>>()
        };
        let mut down = ids("-@rowid").await;
        down.reverse();
        assert_eq!(ids("@rowid").await, down, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_filters_say_where() {
    let app = TestApp::new().await;
    for (query, word) in [
        ("filter=nope = 1", "position 1"),
        ("filter=level = ", "position"),
        ("filter=@collection.users.id = 1", "position 1"),
        ("sort=nope", "position 1"),
        ("page=x", "numbers"),
    ] {
        let reply = app.superuser().get(&format!("/api/logs?{}", encode(query))).await;
        assert_eq!(reply.status, 400, "{query}: {reply}");
        assert!(reply.json["message"].as_str().unwrap().contains(word), "{query}: {reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn old_rows_go_and_all_can() {
    let app = TestApp::new().await;
    app.anon().get("/api/health?old").await;
    assert_eq!(logged(&app, "data.url ~ 'old'").await.len(), 1);
    app.clock.advance(std::time::Duration::from_hours(24 * 6));
    app.anon().get("/api/health?young").await;
    let tenant = &app.host.default_tenant().tenant;
    tenant.logs.flush().await;
    assert!(tenant.logs.sweep().await.expect("a sweep") > 0);
    assert_eq!(logged(&app, "data.url ~ 'old'").await.len(), 0);
    assert_eq!(logged(&app, "data.url ~ 'young'").await.len(), 1);
    tenant.logs.clear().await.expect("nothing is left");
    assert_eq!(logged(&app, "data.url ~ 'young'").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_wanted_is_kept() {
    let app = TestApp::new().await;
    let settings = json!({"logs": {"minLevel": 8, "logIP": false, "logAuthId": true}});
    assert_eq!(app.superuser().patch("/api/settings", settings).await.status, 200);
    app.anon().get("/api/health?quiet").await;
    let user = app.user("user@example.com").await;
    user.get("/api/nothing?loud").await;
    assert_eq!(logged(&app, "data.url ~ 'quiet'").await.len(), 0);
    let loud = logged(&app, "data.url ~ 'loud'").await;
    assert_eq!(loud[0]["data"]["authId"], json!(user.id));
    assert_eq!(loud[0]["data"].get("userIP"), None);
    let small = json!({"logs": {"maxDataSize": 30}});
    assert_eq!(app.superuser().patch("/api/settings", small).await.status, 200);
    user.get("/api/nothing?small").await;
    let root = app.superuser();
    let cut = root.get("/api/logs?filter=message~'small'").await;
    assert_eq!(cut.json["items"][0]["data"], json!({"auth": "users", "__pb_truncated__": true}), "{cut}");
    assert_eq!(root.remove("/api/logs").await.status, 204);
    let told = root.get("/api/activity?filter=kind='logs'").await;
    assert_eq!((&told.json["items"][0]["action"], &told.json["totalItems"]), (&json!("delete"), &json!(1)), "{told}");
}

/// Everything that is secret in a request, and in what it is about, and then nothing of it in any row.
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_written() {
    let app = TestApp::new().await;
    app.collection(open("notes", json!([{"name": "title", "type": "text"}]))).await;
    let user = app.user("user@example.com").await;
    let token = app.superuser().token();
    let file = user.post("/api/files/token", json!({})).await.json["token"].as_str().expect("a token").to_owned();
    let headers = [
        ("referer", format!("https://me:canary-a@x.example/?access_token=canary-b#id_token={token}")),
        ("user-agent", format!("agent {token}")),
        ("authorization", format!("Bearer {}", user.token())),
    ];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for path in [
        format!("/api/files/notes/x/y.png?token={file}"),
        "/api/oauth2-redirect?code=canary-c&state=canary-d".to_owned(),
        format!("/api/collections/{token}?x={token}"),
        "/api/health?p%61ssword=canary-e".to_owned(),
    ] {
        app.anon().raw(axum::http::Method::GET, &path, &headers, Vec::new()).await;
    }
    let s3 = json!({"s3": {"secret": "canary-f", "enabled": true}});
    assert_eq!(app.superuser().patch("/api/settings", s3).await.status, 400);
    let all = serde_json::Value::Array(logged(&app, "").await).to_string();
    assert!(all.contains("oauth2-redirect") && all.contains("***"), "{all}");
    for secret in ["canary", PASSWORD, user.token(), token, &file, "eyJ"] {
        assert!(!all.contains(secret), "{secret} is in {all}");
    }
}
