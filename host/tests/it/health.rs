//! `/api/health` and what every reply has.

use crate::support::TestApp;
use axum::http::Method;

#[tokio::test(flavor = "multi_thread")]
async fn health_says_so() {
    let app = TestApp::new().await;
    let reply = app.anon().get("/api/health").await;
    insta::assert_snapshot!(reply, @r#"200 {"code":200,"message":"API is healthy.","data":{}}"#);
    assert_eq!(app.anon().raw(Method::HEAD, "/api/health", &[], Vec::new()).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reply_has_an_id_and_is_not_sniffed() {
    let app = TestApp::new().await;
    for path in ["/api/health", "/api/nowhere", "/api/collections"] {
        let reply = app.anon().get(path).await;
        assert!(reply.headers.contains_key("x-request-id"), "{path}");
        assert_eq!(reply.headers["x-content-type-options"], "nosniff", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_path_is_a_404_in_the_envelope() {
    let app = TestApp::new().await;
    let reply = app.anon().get("/api/nowhere").await;
    assert_eq!((reply.status, reply.json["status"].as_u64()), (404, Some(404)));
    assert!(reply.json["data"].as_object().is_some_and(serde_json::Map::is_empty), "{reply}");
}
