//! Every route x every kind of caller -> status. Fails when a route of the table has no row here.

use crate::support::{TestApp, open};
use axum::http::Method;
use serde_json::json;
use std::collections::BTreeSet;

/// (method, route, body, status of anonymous, of a user, of a superuser). `{..}` stands for something that
/// does not exist, so that nothing is changed on the way.
const TABLE: &[(&str, &str, &str, u16, u16, u16)] = &[
    ("GET", "/api/collections/{collection}/records", "", 404, 404, 404),
    ("POST", "/api/collections/{collection}/records", "{}", 404, 404, 404),
    ("PATCH", "/api/collections/{collection}/records", "{}", 401, 403, 404),
    ("DELETE", "/api/collections/{collection}/records", "", 401, 403, 404),
    ("GET", "/api/collections/{collection}/records/count", "", 404, 404, 404),
    ("GET", "/api/collections/{collection}/records/aggregate", "", 404, 404, 404),
    ("GET", "/api/collections/{collection}/records/{id}", "", 404, 404, 404),
    ("PATCH", "/api/collections/{collection}/records/{id}", "{}", 404, 404, 404),
    ("DELETE", "/api/collections/{collection}/records/{id}", "", 404, 404, 404),
    ("GET", "/api/collections/{collection}/records/export", "", 404, 404, 404),
    ("POST", "/api/collections/{collection}/records/import", "", 401, 403, 404),
    ("POST", "/api/batch", "{}", 403, 403, 403),
    ("POST", "/api/files/token", "", 401, 200, 200),
    ("POST", "/api/collections/{collection}/uploads", "{}", 404, 404, 404),
    ("GET", "/api/files/{collection}/{id}/{filename}", "", 404, 404, 404),
    ("GET", "/api/collections/{collection}/auth-methods", "", 404, 404, 404),
    ("POST", "/api/collections/{collection}/auth-with-password", "{}", 404, 404, 404),
    ("POST", "/api/collections/{collection}/request-otp", "{}", 404, 404, 404),
    ("POST", "/api/collections/{collection}/auth-with-otp", "{}", 404, 404, 404),
    ("POST", "/api/collections/{collection}/request-password-reset", "{}", 404, 404, 404),
    ("POST", "/api/collections/{collection}/confirm-password-reset", "{}", 404, 404, 404),
    ("POST", "/api/collections/{collection}/request-verification", "{}", 404, 404, 404),
    ("POST", "/api/collections/{collection}/confirm-verification", "{}", 404, 404, 404),
    ("POST", "/api/collections/{collection}/request-email-change", "{}", 404, 404, 404),
    ("POST", "/api/collections/{collection}/confirm-email-change", "{}", 404, 404, 404),
    ("POST", "/api/collections/{collection}/auth-with-oauth2", "{}", 404, 404, 404),
    ("GET", "/api/oauth2-redirect", "", 307, 307, 307),
    ("POST", "/api/oauth2-redirect", "{}", 303, 303, 303),
    ("POST", "/api/collections/{collection}/auth-refresh", "", 404, 404, 404),
    ("POST", "/api/collections/{collection}/impersonate/{id}", "{}", 401, 403, 404),
    ("GET", "/api/collections", "", 401, 403, 200),
    ("POST", "/api/collections", "{}", 401, 403, 400),
    ("PUT", "/api/collections/import", "{}", 401, 403, 400),
    ("GET", "/api/collections/meta/scaffolds", "", 401, 403, 200),
    ("GET", "/api/collections/meta/oauth2-providers", "", 401, 403, 200),
    ("POST", "/api/collections/meta/dry-run-view", "{}", 401, 403, 400),
    ("GET", "/api/collections/{collection}", "", 401, 403, 404),
    ("PATCH", "/api/collections/{collection}", "{}", 401, 403, 404),
    ("DELETE", "/api/collections/{collection}", "", 401, 403, 404),
    ("DELETE", "/api/collections/{collection}/truncate", "", 401, 403, 404),
    ("GET", "/api/plugins", "", 401, 403, 200),
    ("POST", "/api/plugins", "", 401, 403, 400),
    ("GET", "/api/plugins/figures", "", 401, 403, 200),
    ("GET", "/api/plugins/{id}", "", 401, 403, 404),
    ("PATCH", "/api/plugins/{id}", "{}", 401, 403, 404),
    ("DELETE", "/api/plugins/{id}", "", 401, 403, 404),
    ("GET", "/api/plugins/{id}/attachments", "", 401, 403, 404),
    ("POST", "/api/plugins/{id}/attachments", "{}", 401, 403, 404),
    ("PATCH", "/api/plugins/{id}/attachments/{attachment}", "{}", 401, 403, 404),
    ("DELETE", "/api/plugins/{id}/attachments/{attachment}", "", 401, 403, 404),
    ("GET", "/api/plugins/{id}/schedules", "", 401, 403, 404),
    ("POST", "/api/plugins/{id}/schedules", "{}", 401, 403, 404),
    ("PATCH", "/api/plugins/{id}/schedules/{schedule}", "{}", 401, 403, 404),
    ("DELETE", "/api/plugins/{id}/schedules/{schedule}", "", 401, 403, 404),
    ("GET", "/api/plugins/{id}/route", "", 401, 403, 404),
    ("PUT", "/api/plugins/{id}/route", "{}", 401, 403, 404),
    ("DELETE", "/api/plugins/{id}/route", "", 401, 403, 404),
    ("GET", "/api/x/{*path}", "", 404, 404, 404),
    ("POST", "/api/x/{*path}", "", 404, 404, 404),
    ("PUT", "/api/x/{*path}", "", 404, 404, 404),
    ("PATCH", "/api/x/{*path}", "", 404, 404, 404),
    ("DELETE", "/api/x/{*path}", "", 404, 404, 404),
    ("GET", "/api/plugins/{id}/versions", "", 401, 403, 404),
    ("DELETE", "/api/plugins/{id}/versions/{version}", "", 401, 403, 404),
    ("POST", "/api/plugins/{id}/activate", "{}", 401, 403, 404),
    ("POST", "/api/plugins/{id}/approve", "{}", 401, 403, 404),
    ("POST", "/api/plugins/{id}/rollback", "", 401, 403, 404),
    ("POST", "/api/plugins/{id}/canary", "{}", 401, 403, 404),
    ("DELETE", "/api/plugins/{id}/canary", "", 401, 403, 404),
    ("GET", "/api/plugins/{id}/breaker", "", 401, 403, 404),
    ("POST", "/api/plugins/{id}/breaker", "{}", 401, 403, 404),
    ("GET", "/api/plugins/{id}/metrics", "", 401, 403, 404),
    ("POST", "/api/plugins/{id}/test", "{}", 401, 403, 404),
    ("GET", "/api/plugins/{id}/grants", "", 401, 403, 404),
    ("PUT", "/api/plugins/{id}/grants", "{}", 401, 403, 404),
    ("GET", "/api/plugins/{id}/config", "", 401, 403, 404),
    ("PUT", "/api/plugins/{id}/config", "{}", 401, 403, 404),
    ("GET", "/api/plugins/{id}/secrets", "", 401, 403, 404),
    ("PUT", "/api/plugins/{id}/secrets", "{}", 401, 403, 404),
    ("DELETE", "/api/plugins/{id}/secrets/{name}", "", 401, 403, 404),
    ("GET", "/api/plugins/{id}/logs", "", 401, 403, 404),
    ("GET", "/api/outbox", "", 401, 403, 200),
    ("DELETE", "/api/outbox", "", 401, 403, 400),
    ("POST", "/api/outbox/replay", "", 401, 403, 400),
    ("GET", "/api/outbox/{id}", "", 401, 403, 404),
    ("DELETE", "/api/outbox/{id}", "", 401, 403, 404),
    ("POST", "/api/outbox/{id}/replay", "", 401, 403, 404),
    ("GET", "/api/settings", "", 401, 403, 200),
    ("PATCH", "/api/settings", "{}", 401, 403, 200),
    ("POST", "/api/settings/test/email", "{}", 401, 403, 400),
    ("POST", "/api/settings/apple/generate-client-secret", "{}", 401, 403, 400),
    ("POST", "/api/settings/test/s3", "{}", 401, 403, 400),
    ("GET", "/api/settings/storage/presets", "", 401, 403, 200),
    ("GET", "/api/settings/storage/migrate", "", 401, 403, 200),
    ("POST", "/api/settings/storage/migrate", "{}", 401, 403, 400),
    ("DELETE", "/api/settings/storage/migrate", "", 401, 403, 400),
    ("GET", "/api/logs", "", 401, 403, 200),
    ("DELETE", "/api/logs", "", 401, 403, 204),
    ("GET", "/api/logs/stats", "", 401, 403, 200),
    ("GET", "/api/logs/{id}", "", 401, 403, 404),
    ("GET", "/api/activity", "", 401, 403, 200),
    ("GET", "/api/activity/{id}", "", 401, 403, 404),
    ("GET", "/api/crons", "", 401, 403, 200),
    ("POST", "/api/crons/{id}", "", 401, 403, 404),
    ("GET", "/api/crons/{id}/runs", "", 401, 403, 404),
    ("GET", "/api/backups", "", 401, 403, 200),
    ("POST", "/api/backups", "{\"name\":\"../x\"}", 401, 403, 400),
    ("POST", "/api/backups/upload", "", 401, 403, 400),
    ("GET", "/api/backups/status", "", 401, 403, 200),
    ("GET", "/api/backups/{key}", "", 403, 403, 404),
    ("DELETE", "/api/backups/{key}", "", 401, 403, 404),
    ("POST", "/api/backups/{key}/verify", "", 401, 403, 404),
    ("POST", "/api/backups/{key}/restore", "", 401, 403, 404),
    ("POST", "/api/sql", "{}", 401, 403, 400),
    ("GET", "/api/system/info", "", 401, 403, 200),
    ("GET", "/api/system/stats", "", 401, 403, 200),
    ("GET", "/metrics", "", 401, 403, 200),
    ("GET", "/api/openapi.json", "", 200, 200, 200),
    ("GET", "/api/types.ts", "", 200, 200, 200),
    ("GET", "/llms.txt", "", 200, 200, 200),
    ("GET", "/api/docs", "", 200, 200, 200),
    ("GET", "/api/docs/page.js", "", 200, 200, 200),
    ("GET", "/api/docs/page.css", "", 200, 200, 200),
    ("GET", "/api/sync", "", 401, 403, 200),
    ("POST", "/api/sync/test", "{}", 401, 403, 400),
    ("POST", "/api/sync/verify", "", 401, 403, 400),
    ("POST", "/api/sync/restart", "", 401, 403, 400),
    ("GET", "/api/keys", "", 401, 403, 200),
    ("POST", "/api/keys", "{}", 401, 403, 400),
    ("GET", "/api/keys/{id}", "", 401, 403, 404),
    ("PATCH", "/api/keys/{id}", "{}", 401, 403, 404),
    ("DELETE", "/api/keys/{id}", "", 401, 403, 404),
    ("POST", "/api/keys/{id}/rotate", "{}", 401, 403, 404),
    ("GET", "/api/health", "", 200, 200, 200),
    ("GET", "/livez", "", 200, 200, 200),
    ("GET", "/readyz", "", 200, 200, 200),
    ("GET", "/api/admin/session", "", 401, 401, 401),
    ("POST", "/api/admin/session", "{}", 400, 400, 400),
    ("DELETE", "/api/admin/session", "", 204, 204, 204),
    ("GET", "/api/admin/sessions", "", 401, 403, 200),
    ("DELETE", "/api/admin/sessions/{id}", "", 401, 403, 404),
    ("POST", "/api/admin/setup", "{}", 400, 400, 400),
    ("POST", "/api/rules/check", "{}", 401, 403, 400),
    ("POST", "/api/rules/try", "{}", 401, 403, 400),
    ("POST", "/api/realtime", "{}", 400, 400, 400),
    ("POST", "/api/realtime/publish", "{}", 400, 400, 400),
    ("GET", "/api/realtime/clients", "", 401, 403, 200),
];

/// Routes whose answers are not JSON: the stream and the dashboard have tests of their own.
const ELSEWHERE: &[(&str, &str)] = &[("GET", "/api/realtime"), ("GET", "/_"), ("GET", "/_/"), ("GET", "/_/{*path}")];

/// The routes as the table in `http.rs` declares them.
fn declared() -> BTreeSet<(String, String)> {
    tinybase::http::ROUTES.iter().map(|route| (route.method.to_owned(), route.path.to_owned())).collect()
}

#[test]
fn every_route_has_a_row() {
    let rows = TABLE.iter().map(|row| (row.0, row.1)).chain(ELSEWHERE.iter().copied());
    let rows: BTreeSet<(String, String)> = rows.map(|(method, path)| (method.to_owned(), path.to_owned())).collect();
    assert_eq!(declared(), rows, "a route without a row, or a row without a route");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_every_kind_of_caller() {
    let app = TestApp::new().await;
    app.collection(open("unused", json!([]))).await;
    let user = app.user("user@example.com").await;
    let mut wrong = Vec::new();
    for (method, route, body, anonymous, signed_in, superuser) in TABLE {
        let path = route.replace('{', "no-").replace('}', "");
        let people = [
            ("anonymous", app.anon(), anonymous),
            ("user", user.clone(), signed_in),
            ("superuser", app.superuser().clone(), superuser),
        ];
        for (who, person, status) in people {
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            let headers: &[(&str, &str)] = if body.is_empty() { &[] } else { &[("content-type", "application/json")] };
            let reply = person.raw(method.clone(), &path, headers, body.as_bytes().to_vec()).await;
            if reply.status != *status {
                wrong.push(format!("{method} {route} as {who}: expected {status}, got {reply}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
