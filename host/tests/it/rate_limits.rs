//! How often somebody may ask: rules of the settings, and shares of what there is little of.

use crate::support::people::{Person, records};
use crate::support::{PASSWORD, TestApp, open};
use axum::http::Method;
use serde_json::{Value, json};
use std::time::Duration;

async fn limit(app: &TestApp, rules: Value) {
    let reply = app.superuser().patch("/api/settings", json!({"rateLimits": {"enabled": true, "rules": rules}})).await;
    assert_eq!(reply.status, 200, "{reply}");
}

fn rule(label: &str, max: i64, audience: &str) -> Value {
    json!({"label": label, "maxRequests": max, "audience": audience, "duration": 10})
}

async fn asked(person: &Person, path: &str, times: usize) -> Vec<u16> {
    let mut answers = Vec::new();
    for _ in 0..times {
        answers.push(person.get(path).await.status);
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_often_is_told_when_to_come_again() {
    let app = TestApp::with_posts().await;
    limit(&app, json!([rule("posts:list", 2, ""), rule("/api/", 100, "")])).await;
    let anon = app.anon().at("192.0.2.1");
    let list = records("posts");
    assert_eq!(asked(&anon, &list, 2).await, [200, 200]);
    app.clock.advance(Duration::from_millis(3_400));
    let refused = anon.get(&list).await;
    assert_eq!(refused.status, 429);
    insta::assert_snapshot!(refused, @r#"429 {"status":429,"message":"Too Many Requests.","data":{}}"#);
    assert_eq!(refused.headers["retry-after"], "7", "6.6 seconds are left");
    assert_eq!(anon.get("/api/collections/%70osts/records").await.status, 429, "however it is spelled");
    assert_eq!(anon.get(&format!("{list}/count")).await.status, 429);
    assert_eq!(app.anon().at("192.0.2.2").get(&list).await.status, 200, "others are not concerned");
    assert_eq!(asked(&app.superuser().at("192.0.2.1"), &list, 5).await, [200; 5]);
    app.clock.advance(Duration::from_millis(6_600));
    assert_eq!(asked(&anon, &list, 3).await, [200, 200, 429]);
    limit(&app, json!([rule("posts:list", 3, "")])).await;
    assert_eq!(asked(&anon, &list, 4).await, [200, 200, 200, 429], "new rules begin anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_rule_has_windows_of_its_own() {
    let app = TestApp::with_posts().await;
    let list = records("posts");
    let count = format!("{list}/count");
    let short = json!({"label": count, "maxRequests": 100, "audience": "", "duration": 1});
    limit(&app, json!([rule(&list, 2, ""), short])).await;
    let anon = app.anon().at("192.0.2.1");
    for expected in [200, 200, 429, 429] {
        assert_eq!(asked(&anon, &list, 1).await, [expected]);
        assert_eq!(asked(&anon, &count, 1).await, [200]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn audiences_and_excluded_addresses() {
    let app = TestApp::with_posts().await;
    let ann = app.user("ann@example.com").await;
    limit(&app, json!([rule("/api/health", 1, "@guest"), rule("*:view", 1, "@auth")])).await;
    assert_eq!(asked(&app.anon(), "/api/health", 2).await, [200, 429]);
    assert_eq!(asked(&ann, "/api/health", 3).await, [200; 3]);
    let one = format!("{}/nothing", records("posts"));
    assert_eq!(asked(&ann, &one, 2).await, [404, 429]);
    assert_eq!(asked(&app.anon(), &one, 3).await, [404; 3]);
    let excluded = json!({"rateLimits": {"excludedIPs": ["127.0.0.0/8"]}});
    assert_eq!(app.superuser().patch("/api/settings", excluded).await.status, 200);
    assert_eq!(asked(&app.anon(), "/api/health", 3).await, [200; 3]);
    assert_eq!(asked(&app.anon().at("192.0.2.9"), "/api/health", 2).await, [200, 429]);
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_are_not_guessed_through_the_dashboard() {
    let app = TestApp::new().await;
    limit(&app, json!([rule("*:auth", 2, "")])).await;
    let anon = app.anon().at("192.0.2.1");
    let guess = json!({"email": "root@example.com", "password": "a guess of theirs"});
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(anon.post("/api/admin/session", guess.clone()).await.status);
    }
    assert_eq!(answers, [400, 400, 429]);
    let right = json!({"email": "root@example.com", "password": PASSWORD});
    assert_eq!(anon.post("/api/admin/session", right.clone()).await.status, 429);
    app.clock.advance(Duration::from_secs(10));
    assert_eq!(anon.post("/api/admin/session", right).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_writes_of_a_batch_count() {
    let app = TestApp::with_posts().await;
    app.superuser().patch("/api/settings", json!({"batch": {"enabled": true}})).await;
    limit(&app, json!([rule("posts:create", 3, "")])).await;
    let batch = |count: usize| {
        let one = json!({"method": "POST", "url": records("posts"), "body": {"title": "x"}});
        json!({"requests": vec![one; count]})
    };
    let anon = app.anon();
    assert_eq!(anon.post("/api/batch", batch(2)).await.status, 200);
    let refused = anon.post("/api/batch", batch(2)).await;
    assert_eq!(
        (refused.status, &refused.json["data"]["requests"]["1"]["response"]["status"]),
        (400, &json!(429)),
        "{refused}"
    );
    assert_eq!(anon.list("posts", "").await.json["totalItems"], 2, "nothing of the second was done");
    assert_eq!(app.superuser().post("/api/batch", batch(9)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxied_client_is_counted_and_not_its_proxy() {
    let app = TestApp::new().await;
    let proxy = json!({"trustedProxy": {"headers": ["X-Real-IP"], "proxies": ["10.0.0.7"]}});
    assert_eq!(app.superuser().patch("/api/settings", proxy).await.status, 200);
    limit(&app, json!([rule("/api/health", 1, "")])).await;
    let ask = async |peer: &str, client: &str| {
        app.anon().at(peer).raw(Method::GET, "/api/health", &[("x-real-ip", client)], Vec::new()).await.status
    };
    assert_eq!((ask("10.0.0.7", "203.0.113.1").await, ask("10.0.0.7", "203.0.113.2").await), (200, 200));
    assert_eq!(ask("10.0.0.7", "203.0.113.1").await, 429);
    assert_eq!((ask("192.0.2.1", "203.0.113.3").await, ask("192.0.2.1", "203.0.113.4").await), (200, 429), "a liar");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_does_not_take_all_turns_of_exports() {
    let app = TestApp::new().await;
    app.collection(open("things", json!([{"name": "n", "type": "number"}]))).await;
    let exports = &app.host.default_tenant().tenant.exports;
    let at = |address: &str| exports.turn(address.parse().expect("an address")).expect("a turn");
    let path = format!("{}/export?format=csv", records("things"));
    let (first, second) = (at("192.0.2.1"), at("192.0.2.1"));
    let refused = app.anon().at("192.0.2.1").get(&path).await;
    assert_eq!((refused.status, &refused.headers["retry-after"]), (429, &"5".parse().expect("a value")));
    assert_eq!(app.anon().at("192.0.2.2").get(&path).await.status, 200);
    let others = (at("192.0.2.3"), at("192.0.2.4"));
    assert_eq!(app.anon().at("192.0.2.2").get(&path).await.status, 503);
    drop((first, others));
    assert_eq!(app.anon().at("192.0.2.1").get(&path).await.status, 200);
    drop(second);
}
