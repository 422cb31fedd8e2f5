//! Where requests come from: what proxies tell of it, and from where superusers may come.

use crate::support::people::Person;
use crate::support::{PASSWORD, TestApp};
use axum::http::Method;
use serde_json::{Value, json};

/// The address that the server takes a superuser's request to come from.
async fn seen(root: &Person, headers: &[(&str, &str)]) -> String {
    let reply = root.raw(Method::GET, "/api/health", headers, Vec::new()).await;
    reply.json["data"]["realIP"].as_str().unwrap_or_else(|| panic!("{reply}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_believed_when_it_is_one() {
    let app = TestApp::new().await;
    let root = app.superuser().at("10.0.0.7");
    let told = [("x-forwarded-for", "203.0.113.7, 198.51.100.9")];
    assert_eq!(seen(&root, &told).await, "10.0.0.7", "nobody is believed by default");
    let set = async |proxy: Value| {
        assert_eq!(app.superuser().patch("/api/settings", json!({"trustedProxy": proxy})).await.status, 200);
    };
    set(json!({"headers": ["X-Forwarded-For"]})).await;
    assert_eq!(seen(&root, &told).await, "198.51.100.9");
    set(json!({"useLeftmostIP": true})).await;
    assert_eq!(seen(&root, &told).await, "203.0.113.7");
    let twice = [("x-forwarded-for", "192.0.2.1"), ("x-forwarded-for", "192.0.2.2")];
    assert_eq!(seen(&root, &twice).await, "192.0.2.2", "the last one is the proxy's");
    set(json!({"proxies": ["10.0.0.0/8", "198.51.100.9"], "useLeftmostIP": false})).await;
    assert_eq!(seen(&root, &told).await, "203.0.113.7", "proxies on the way are passed over");
    assert_eq!(seen(&root.at("192.0.2.200"), &told).await, "192.0.2.200", "who is no proxy is not believed");
    let health = root.raw(Method::GET, "/api/health", &told, Vec::new()).await;
    assert_eq!(health.json["data"]["possibleProxyHeader"], "X-Forwarded-For");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_tells_the_client_and_the_proxy() {
    let app = TestApp::new().await;
    let proxy = json!({"trustedProxy": {"headers": ["X-Real-IP"], "proxies": ["10.0.0.7"]}});
    assert_eq!(app.superuser().patch("/api/settings", proxy).await.status, 200);
    let headers = [("x-real-ip", "203.0.113.7")];
    app.anon().at("10.0.0.7").raw(Method::GET, "/api/health?marked", &headers, Vec::new()).await;
    let tenant = &app.host.default_tenant().tenant;
    tenant.logs.flush().await;
    let found = tinybase::sql::Sql::new("SELECT data FROM _logs WHERE message LIKE '%marked'");
    let row = tenant.logs.store().read(|snapshot| snapshot.one(&found, |row| Ok(row.text(0).to_owned()))).await;
    let row: Value = serde_json::from_str(&row.expect("the log").expect("a row")).expect("JSON");
    assert_eq!((&row["userIP"], &row["remoteIP"]), (&json!("203.0.113.7"), &json!("10.0.0.7")), "{row}");
}

#[tokio::test(flavor = "multi_thread")]
async fn superusers_come_from_where_they_may() {
    let app = TestApp::new().await;
    let root = app.superuser();
    let file_token = root.at("10.0.0.1").post("/api/files/token", json!({})).await;
    assert_eq!(file_token.status, 200, "{file_token}");
    let locked_out = root.patch("/api/settings", json!({"superuserIPs": ["10.0.0.0/8"]})).await;
    assert_eq!(locked_out.json["data"]["superuserIPs"]["code"], "validation_superuser_locked_out", "{locked_out}");
    let inside = root.at("10.1.2.3");
    assert_eq!(inside.patch("/api/settings", json!({"superuserIPs": ["10.0.0.0/8"]})).await.status, 200);

    for path in ["/api/settings", "/api/health", "/api/collections/users/records"] {
        assert_eq!(inside.get(path).await.status, 200, "{path}");
        assert_eq!(root.get(path).await.status, 403, "{path}");
    }
    let sign_in = json!({"identity": "root@example.com", "password": PASSWORD});
    let path = "/api/collections/_superusers/auth-with-password";
    assert_eq!(app.anon().post(path, sign_in.clone()).await.status, 403);
    let wrong = json!({"identity": "root@example.com", "password": "a guess of theirs"});
    assert_eq!(app.anon().post(path, wrong).await.status, 403, "a guess is told nothing");
    assert_eq!(inside.post(path, sign_in).await.status, 200);
    let dashboard = json!({"email": "root@example.com", "password": PASSWORD});
    assert_eq!(app.anon().post("/api/admin/session", dashboard.clone()).await.status, 403);
    assert_eq!(app.anon().at("10.0.0.9").post("/api/admin/session", dashboard).await.status, 200);

    assert_eq!(app.anon().get("/api/health").await.status, 200, "everybody else comes from everywhere");
    let user = app.anon().at("10.0.0.9");
    assert_eq!(user.get("/api/health").await.status, 200);
    let opened = inside.patch("/api/settings", json!({"superuserIPs": []})).await;
    assert_eq!((opened.status, root.get("/api/settings").await.status), (200, 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dashboard_session_is_no_way_around() {
    let app = TestApp::new().await;
    let dashboard = json!({"email": "root@example.com", "password": PASSWORD});
    let session = app.anon().post("/api/admin/session", dashboard).await;
    let cookie =
        session.headers["set-cookie"].to_str().expect("a cookie").split(';').next().expect("a pair").to_owned();
    let ask = async |address: &str| {
        app.anon().at(address).raw(Method::GET, "/api/settings", &[("cookie", &cookie)], Vec::new()).await.status
    };
    assert_eq!(ask("192.0.2.1").await, 200);
    let inside = app.superuser().at("10.1.2.3");
    assert_eq!(inside.patch("/api/settings", json!({"superuserIPs": ["10.0.0.0/8"]})).await.status, 200);
    assert_eq!((ask("192.0.2.1").await, ask("10.0.0.1").await), (403, 200));
}
