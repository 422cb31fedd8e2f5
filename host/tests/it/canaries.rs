//! A server that logs everything it can, secrets in every place where requests carry them, and then none of them in
//! what was logged: neither on stderr, nor in the request log, nor in the audit trail.

use crate::support::PASSWORD;
use crate::support::people::{Part, form};
use crate::support::process::Server;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::process::Stdio;

/// What no log may hold. Each stands in a request below, or in the server's environment.
const CANARIES: [&str; 14] = [
    PASSWORD,
    "canary-signup",
    "canary-wrong-password",
    "canary-bearer",
    "canary-query",
    "canary-s3-secret",
    "canary-smtp-password",
    "canary-sync-token",
    "canary-sync-trial",
    "canary-broken-json",
    "canary-batch",
    "canary-form",
    "canary-sql",
    "canary-metrics-token",
];

struct Visitor {
    client: Client,
    base: String,
}

impl Visitor {
    /// Sends a request whatever becomes of it; the JSON of the answer.
    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Value {
        let mut request = self.client.request(method, format!("{}{path}", self.base)).body(body.into());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let reply = request.send().await.expect("an answer");
        serde_json::from_str(&reply.text().await.expect("a body")).unwrap_or_default()
    }

    async fn json(&self, method: Method, path: &str, token: &str, body: Value) -> Value {
        self.send(method, path, &[("content-type", "application/json"), ("authorization", token)], body.to_string())
            .await
    }
}

/// Requests with a secret in each place there is; answers with the tokens that were given out.
async fn tell_secrets(visitor: &Visitor, root: &str) -> Vec<String> {
    let users = "/api/collections/users/records";
    let sign_in = "/api/collections/users/auth-with-password";
    let account = json!({"email": "a@x.example", "password": "canary-signup", "passwordConfirm": "canary-signup"});
    visitor.json(Method::POST, users, "", account).await;
    let signed_in =
        visitor.json(Method::POST, sign_in, "", json!({"identity": "a@x.example", "password": "canary-signup"})).await;
    let token = signed_in["token"].as_str().expect("a token").to_owned();
    let id = signed_in["record"]["id"].as_str().expect("an id").to_owned();
    visitor
        .json(Method::POST, sign_in, "", json!({"identity": "a@x.example", "password": "canary-wrong-password"}))
        .await;
    let refreshed = visitor.json(Method::POST, "/api/collections/users/auth-refresh", &token, json!({})).await;
    let file = visitor.json(Method::POST, "/api/files/token", &token, json!({})).await;
    let as_other = visitor
        .json(Method::POST, &format!("/api/collections/users/impersonate/{id}"), root, json!({"duration": 60}))
        .await;
    let tokens =
        [&signed_in, &refreshed, &file, &as_other].map(|reply| reply["token"].as_str().expect("a token").to_owned());
    for token in &tokens {
        let referer = format!("https://x.example/?token={token}");
        let path = format!("/api/files/users/{id}/x.png?token={token}&password=canary-query");
        visitor.send(Method::GET, &path, &[("referer", &referer), ("user-agent", token)], "").await;
        visitor.send(Method::GET, &format!("/api/{token}"), &[], "").await;
    }
    visitor.send(Method::GET, users, &[("authorization", "Bearer tb_canary-bearer-0123456789")], "").await;
    let settings = json!({"s3": {"secret": "canary-s3-secret"}, "smtp": {"password": "canary-smtp-password"}, "sync": {"enabled": true, "url": "http://127.0.0.1:1", "authToken": "canary-sync-token"}});
    visitor.json(Method::PATCH, "/api/settings", root, settings).await;
    let enabled = json!({"s3": {"enabled": true, "secret": "canary-s3-secret", "endpoint": "http://127.0.0.1:1", "bucket": "b", "region": "r", "accessKey": "k"}});
    visitor.json(Method::PATCH, "/api/settings", root, enabled).await;
    visitor.json(Method::POST, "/api/settings/test/s3", root, json!({"filesystem": "storage"})).await;
    visitor.json(Method::POST, "/api/sync/test", root, json!({"authToken": "canary-sync-trial"})).await;
    let json_type = [("content-type", "application/json"), ("authorization", root)];
    visitor.send(Method::POST, users, &json_type, "{\"password\": \"canary-broken-json\", ").await;
    let batch = json!({"requests": [{"method": "POST", "url": users, "body": {"password": "canary-batch", "passwordConfirm": "canary-batch"}}]});
    visitor.json(Method::PATCH, "/api/settings", root, json!({"batch": {"enabled": true}})).await;
    visitor.json(Method::POST, "/api/batch", root, batch).await;
    let (kind, body) = form(&[
        Part::Text("email", "b@x.example"),
        Part::Text("password", "canary-form"),
        Part::Text("passwordConfirm", "canary-form"),
    ]);
    visitor.send(Method::POST, users, &[("content-type", &kind)], body).await;
    for (query, write) in [
        ("select 'canary-sql' from nothing", false),
        ("update users set name = 'canary-sql'", true),
        ("update users set email = 'canary-sql', id = 'x", true),
    ] {
        visitor.json(Method::POST, "/api/sql", root, json!({"query": query, "write": write})).await;
    }
    let session = json!({"email": "root@example.com", "password": PASSWORD});
    visitor.json(Method::POST, "/api/admin/session", "", session).await;
    visitor.send(Method::GET, "/metrics", &[("authorization", "Bearer canary-metrics-token")], "").await;
    tokens.into()
}

async fn without_a_trace(format: &str) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (data, log) = (dir.path().join("data"), dir.path().join("stderr.txt"));
    Server::make_superuser(&data);
    let variables = [
        ("TINYBASE_LOG", "trace"),
        ("TINYBASE_LOG_FORMAT", format),
        ("TINYBASE_METRICS_TOKEN", "canary-metrics-token"),
    ];
    let stderr = std::fs::File::create(&log).expect("a file");
    let server = Server::serve_with(&data, &variables, Stdio::from(stderr)).await;
    let visitor = Visitor { client: Client::new(), base: server.base.clone() };
    let mut secrets = tell_secrets(&visitor, server.token()).await;
    secrets.push(server.token().to_owned());
    secrets.extend(CANARIES.map(str::to_owned));
    let requests = server.get("/api/logs?perPage=1000").await;
    let activity = server.get("/api/activity?perPage=1000").await;
    assert!(requests["totalItems"].as_u64() > Some(15), "{requests}");
    assert!(activity["totalItems"].as_u64() > Some(4), "{activity}");
    server.kill();
    let log = std::fs::read_to_string(&log).expect("its log");
    assert!(log.len() > 1_000, "{log}");
    for (place, text) in
        [("the log", &log), ("the request log", &requests.to_string()), ("the audit trail", &activity.to_string())]
    {
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{secret} is in {place}: {text}");
        }
        assert!(!text.contains("$argon2"), "a hash is in {place}");
    }
    if format == "json" {
        let is_object = |line: &str| serde_json::from_str::<Value>(line).is_ok_and(|line| line["level"].is_string());
        assert!(log.lines().all(is_object), "every line is an object: {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_a_log_for_people() {
    without_a_trace("pretty").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_a_log_for_machines() {
    without_a_trace("json").await;
}
