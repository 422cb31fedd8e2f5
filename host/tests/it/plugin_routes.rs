//! Requests that plugins answer: who may ask, what they are told, and what they may say.

use crate::support::guests::{guest, plugin, with_manifest};
use crate::support::people::{Person, Reply};
use crate::support::{TestApp, open};
use axum::http::Method;
use serde_json::{Value, json};
use tinybase::config::PluginQuota;

/// An app with the plugin `web` and a route for whom `access` says; answers with the plugin's path.
async fn app(access: &str) -> (TestApp, String) {
    let app = TestApp::new().await;
    let text = |name: &str| json!({"name": name, "type": "text"});
    app.collection(open("runs", json!([text("what"), text("who")]))).await;
    let reply = app.superuser().upload_as("/api/plugins", "web", &guest("web")).await;
    assert_eq!((reply.status, &reply.json["exports"]), (200, &json!(["incoming-handler"])), "{reply}");
    let path = format!("/api/plugins/{}", reply.json["id"].as_str().expect("an id"));
    let route = json!({"access": access, "config": {"n": 7}});
    let reply = app.superuser().put(&format!("{path}/route"), route).await;
    assert_eq!((reply.status, &reply.json["path"]), (200, &json!("/api/x/web")), "{reply}");
    (app, path)
}

async fn ask(person: &Person, path: &str, headers: &[(&str, &str)]) -> Reply {
    person.raw(Method::GET, &format!("/api/x/web{path}"), headers, Vec::new()).await
}

fn text(reply: &Reply) -> String {
    String::from_utf8_lossy(&reply.body).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_answers_with_what_it_was_asked() {
    let (app, _) = app("guest").await;
    let headers = [("x-mine", "1"), ("x-tinybase-caller-kind", "superuser"), ("content-type", "text/plain")];
    let reply = app.anon().raw(Method::POST, "/api/x/web/echo?a=b%20c", &headers, b"hello".to_vec()).await;
    assert_eq!(reply.status, 200, "{}", text(&reply));
    let said = text(&reply);
    for line in [
        "method POST",
        "query a=b%20c",
        "caller guest  ",
        "tenant default",
        "config {\"n\":7}",
        "header x-mine=1",
        "body 5 ",
    ] {
        assert!(said.lines().any(|found| found == line), "{line}: {said}");
    }
    assert!(!said.contains("superuser"), "only the host says who calls: {said}");
    assert_eq!(reply.headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(ask(&app.anon(), "/teapot", &[]).await.status, 418);
    let nothing = ask(&app.anon(), "/nothing", &[]).await;
    assert_eq!((nothing.status, nothing.body.len()), (204, 0));
    assert_eq!(ask(&app.anon(), "", &[]).await.status, 404, "the plugin's own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_is_named_and_not_betrayed() {
    let (app, _) = app("user").await;
    let ann = app.user("ann@example.com").await;
    let said = text(&ask(&ann, "/echo", &[("cookie", "a=b; tinybase_session=x")]).await);
    assert!(said.contains(&format!("caller user {} users", ann.id)), "{said}");
    assert!(!said.contains(ann.token()) && !said.contains("header authorization"), "{said}");
    assert!(said.contains("header cookie=a=b\n"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_is_for_whom_a_superuser_says() {
    for (access, guest, user) in [("superuser", 401, 403), ("user", 401, 200), ("guest", 200, 200)] {
        let (app, _) = app(access).await;
        let ann = app.user("ann@example.com").await;
        assert_eq!(ask(&app.anon(), "/echo", &[]).await.status, guest, "{access}");
        assert_eq!(ask(&ann, "/echo", &[]).await.status, user, "{access}");
        assert_eq!(ask(app.superuser(), "/echo", &[]).await.status, 200, "{access}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_is_there_when_it_was_given_and_for_superusers_unless_said_otherwise() {
    let (app, path) = app("guest").await;
    let route = format!("{path}/route");
    let off = app.superuser().put(&route, json!({"enabled": false})).await;
    assert_eq!((off.status, &off.json["access"]), (200, &json!("guest")), "what is missing stays: {off}");
    assert_eq!(ask(&app.anon(), "/echo", &[]).await.status, 404);
    assert_eq!(app.superuser().remove(&route).await.status, 204);
    assert_eq!(app.superuser().get(&route).await.status, 404);
    assert_eq!(ask(app.superuser(), "/echo", &[]).await.status, 404);
    assert_eq!(app.superuser().put(&route, json!({})).await.json["access"], "superuser");
    app.superuser().patch(&path, json!({"enabled": false})).await;
    assert_eq!(ask(app.superuser(), "/echo", &[]).await.status, 404, "the whole plugin is off");

    for (body, field) in [
        (json!({"access": "everybody"}), "access"),
        (json!({"enabled": 1}), "enabled"),
        (json!({"config": 1}), "config"),
    ] {
        let reply = app.superuser().put(&route, body).await;
        assert!(reply.status == 400 && reply.json["data"].get(field).is_some(), "{reply}");
    }
    let other = app.install(&plugin("slugify")).await;
    let reply = app.superuser().put(&format!("/api/plugins/{other}/route"), json!({})).await;
    assert!(reply.status == 400 && reply.json["data"].get("plugin").is_some(), "it answers nothing: {reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_says_nothing_in_the_servers_name() {
    let (app, _) = app("guest").await;
    let reply = ask(&app.anon(), "/forbidden", &[]).await;
    assert_eq!((reply.status, &reply.headers["x-own"]), (200, &axum::http::HeaderValue::from_static("1")));
    let cookies: Vec<_> = reply.headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["own=1"]);
    assert_ne!(
        reply.headers.get("access-control-allow-origin").map(axum::http::HeaderValue::as_bytes),
        Some(&b"https://evil.example.com"[..])
    );
    let page = ask(&app.anon(), "/page", &[]).await;
    let policy = page.headers["content-security-policy"].to_str().expect("a text").to_owned();
    assert!(policy.starts_with("sandbox ") && !policy.contains("allow-same-origin"), "{policy}");
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_have_an_end_both_ways() {
    let (app, _) = app("guest").await;
    let kind = [("content-type", "application/octet-stream")];
    let most = app.anon().raw(Method::PUT, "/api/x/web/echo", &kind, vec![b'x'; 4 << 20]).await;
    assert!(text(&most).contains("body 4194304 xxx"), "{}", text(&most));
    let more = app.anon().raw(Method::PUT, "/api/x/web/echo", &kind, vec![b'x'; (4 << 20) + 1]).await;
    assert_eq!(more.status, 413);
    let large = ask(&app.anon(), "/large", &[]).await;
    assert_eq!((large.status, &large.json["data"]["plugin"]["axis"]), (500, &json!("output")), "{large}");
}

/// As proxies do, and languages whose libraries know no other way.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_passed_on_from_stream_to_stream() {
    let (app, _) = app("guest").await;
    let kind = [("content-type", "application/octet-stream")];
    let body: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
    let passed = app.anon().raw(Method::POST, "/api/x/web/spliced", &kind, body.clone()).await;
    assert_eq!((passed.status, passed.body == body), (200, true), "{} bytes", passed.body.len());
    let zeroes = app.anon().raw(Method::POST, "/api/x/web/zeroes", &kind, vec![b'x'; 1_000]).await;
    assert_eq!((zeroes.status, zeroes.body == [0; 1_000]), (200, true));
    let more = app.anon().raw(Method::POST, "/api/x/web/zeroes", &kind, vec![b'x'; 100_000]).await;
    assert_eq!(
        (more.status, &more.json["data"]["plugin"]["axis"]),
        (500, &json!("trap")),
        "more than it was told: {more}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_misbehaves_fails_its_own_request() {
    let (app, path) = app("guest").await;
    app.superuser().put(&format!("{path}/route"), json!({"limits": {"fuel": 1_000_000}})).await;
    for (asked, axis) in [("/loop", "fuel"), ("/panic", "trap")] {
        let reply = ask(&app.anon(), asked, &[]).await;
        assert_eq!((reply.status, &reply.json["data"]["plugin"]["axis"]), (500, &json!(axis)), "{asked}: {reply}");
    }
    assert_eq!(ask(&app.anon(), "/teapot", &[]).await.status, 418);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_writes_with_the_rights_it_was_granted() {
    let (app, path) = app("guest").await;
    let denied = ask(&app.anon(), "/write", &[]).await;
    assert_eq!((denied.status, text(&denied)), (403, "denied".to_owned()));
    let grants = json!({"records": [{"collection": "runs", "verbs": ["create"], "as": "plugin"}]});
    app.superuser().put(&format!("{path}/grants"), grants).await;
    let written = ask(&app.anon(), "/write", &[]).await;
    assert_eq!(written.status, 200, "{}", text(&written));
    let rows: Value = app.anon().list("runs", "").await.json["items"].clone();
    assert_eq!((&rows[0]["id"], &rows[0]["who"]), (&json!(text(&written)), &json!("guest")), "{rows}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_requests_at_once_is_no_word_about_it() {
    let app =
        TestApp::with(|config| config.plugin_quota = PluginQuota { at_once: Some(0), ..PluginQuota::default() }).await;
    let bytes = with_manifest(guest("web"), &json!({"limits": {"atOnce": 0}}));
    let uploaded = app.superuser().upload_as("/api/plugins", "web", &bytes).await;
    let route = format!("/api/plugins/{}/route", uploaded.json["id"].as_str().expect("an id"));
    let route = app.superuser().put(&route, json!({"access": "guest"})).await;
    assert_eq!(route.json["effectiveLimits"]["route"]["atOnce"], 64, "{route}");
    assert_eq!(ask(&app.anon(), "/echo", &[]).await.status, 200);
}
