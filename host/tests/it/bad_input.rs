//! Bad input gets a typed 4xx and leaves nothing behind.

use crate::support::guests::guest;
use crate::support::people::records;
use crate::support::{TestApp, open};
use axum::http::Method;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn malformed_bodies_are_refused() {
    let app = TestApp::with_posts().await;
    let json = [("content-type", "application/json")];
    // Of a key that stands twice nobody knows which is meant.
    for body in [
        "{\"title\":\"a\",\"title\":\"b\"}",
        "{\"title\":\"a\",\"meta\":[{\"x\":1,\"x\":2}]}",
        "{",
        "[1]",
        "\"text\"",
        "{\"title\": }",
        "\u{0}",
    ] {
        let reply = app.anon().raw(Method::POST, &records("posts"), &json, body.into()).await;
        assert_eq!((reply.status, reply.json["status"].as_u64()), (400, Some(400)), "{body:?}: {reply}");
    }
    let deep = format!("{{\"meta\":{}1{}}}", "[".repeat(50_000), "]".repeat(50_000));
    assert_eq!(app.anon().raw(Method::POST, &records("posts"), &json, deep.into()).await.status, 400);
    let text =
        app.anon().raw(Method::POST, &records("posts"), &[("content-type", "text/plain")], b"title=x".to_vec()).await;
    assert_eq!(text.status, 400);
    assert_eq!(app.anon().list("posts", "").await.json["totalItems"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_escape_in_a_path_is_refused() {
    let app = TestApp::with_posts().await;
    let posts = records("posts");
    for path in
        [format!("{posts}/%zz"), format!("{posts}/%"), format!("{posts}/%4"), "/api/%zz".into(), "/_/%zz".into()]
    {
        let reply = app.anon().get(&path).await;
        assert_eq!((reply.status, reply.json["status"].as_u64()), (400, Some(400)), "{path}");
    }
    for (path, status) in [("/api/collections/%70osts/records", 200), ("/api/collections/posts/records/%7a", 404)] {
        assert_eq!(app.anon().get(path).await.status, status, "{path}");
    }
    assert_eq!(
        app.anon().get(&format!("{posts}?page=%zz")).await.status,
        200,
        "a parameter that cannot be read is not there"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn too_large_a_body_is_a_413() {
    let app = TestApp::with_posts().await;
    let body = format!("{{\"title\":\"{}\"}}", "x".repeat(40 << 20));
    let reply =
        app.anon().raw(Method::POST, &records("posts"), &[("content-type", "application/json")], body.into()).await;
    assert_eq!((reply.status, reply.json["status"].as_u64()), (413, Some(413)));
}

/// `PocketBase`'s words, each door its own.
#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_body_is_told_as_where_it_was_sent() {
    let app = TestApp::with_posts().await;
    app.set(json!({"batch": {"enabled": true}})).await;
    let posts = records("posts");
    for (method, path, words) in [
        (Method::POST, posts.as_str(), "Something went wrong while processing your request."),
        (Method::POST, "/api/realtime", "Something went wrong while processing your request."),
        (Method::POST, "/api/batch", "Failed to read the submitted batch data."),
        (Method::POST, "/api/collections", "Failed to load the collection type data due to invalid formatting."),
        (Method::PATCH, "/api/collections/posts", "Failed to load the submitted data due to invalid formatting."),
        (Method::PATCH, "/api/settings", "An error occurred while loading the submitted data."),
        (
            Method::POST,
            "/api/collections/users/auth-with-password",
            "An error occurred while loading the submitted data.",
        ),
    ] {
        for body in ["{", "[1]", "{\"a\":1,\"a\":2}"] {
            let json_type = [("content-type", "application/json")];
            let reply = app.superuser().raw(method.clone(), path, &json_type, body.into()).await;
            assert_eq!((reply.status, &reply.json["message"]), (400, &json!(words)), "{method} {path} {body}");
            assert_eq!(reply.json["data"], json!({}), "{method} {path} {body}");
        }
        for (content_type, body) in [
            ("application/x-www-form-urlencoded", "t=a&u=%zz"),
            ("application/x-www-form-urlencoded", "t=a;u=b"),
            ("multipart/form-data", "--y"),
        ] {
            let headers = [("content-type", content_type)];
            let reply = app.superuser().raw(method.clone(), path, &headers, body.into()).await;
            assert_eq!((reply.status, &reply.json["message"]), (400, &json!(words)), "{method} {path} {body}");
        }
        let names_types = path == posts || path.ends_with("auth-with-password");
        let words = if names_types { "Unsupported Content-Type." } else { words };
        for content_type in ["text/plain", "application/vnd.api+json"] {
            let headers = [("content-type", content_type)];
            let reply = app.superuser().raw(method.clone(), path, &headers, "{}".into()).await;
            assert_eq!((reply.status, &reply.json["message"]), (400, &json!(words)), "{method} {path} {content_type}");
        }
    }
}

/// A pair of a query that is none is not there.
#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_with_a_broken_escape_is_none() {
    let app = TestApp::with_posts().await;
    for title in ["a", "b"] {
        app.superuser().created("posts", json!({"title": title})).await;
    }
    for (query, found) in [
        ("filter=%zz", 2),
        ("filter=title%3D%22a%22&perPage=%", 1),
        ("filter=title%3D%22a%22;x", 2),
        ("filter=title%3D%22a%22&%zz=1&page=%2", 1),
    ] {
        let reply = app.superuser().get(&format!("{}?{query}", records("posts"))).await;
        assert_eq!(
            (reply.status, reply.json["items"].as_array().map(Vec::len)),
            (200, Some(found)),
            "{query}: {reply}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_collections_are_a_404() {
    let app = TestApp::new().await;
    assert_eq!(app.anon().list("nowhere", "").await.status, 404);
    assert_eq!(app.anon().create("nowhere", json!({})).await.status, 404);
    assert_eq!(app.anon().delete("nowhere", "x").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_types_become_field_errors_or_zero_values() {
    let app = TestApp::new().await;
    app.collection(open(
        "typed",
        json!([
            {"name": "mail", "type": "email"}, {"name": "few", "type": "number", "max": 3},
            {"name": "kind", "type": "select", "values": ["a", "b"], "maxSelect": 1},
        ]),
    ))
    .await;
    let reply = app.anon().create("typed", json!({"mail": "nonsense", "few": 4, "kind": "c"})).await;
    assert_eq!(reply.status, 400);
    for field in ["mail", "few", "kind"] {
        assert!(reply.json["data"][field]["code"].is_string(), "{field}: {reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_filter_says_where() {
    let app = TestApp::with_posts().await;
    for (filter, position) in [("title = ", 9), ("nothere = 1", 1), ("title ? 'x'", 7)] {
        let reply = app.anon().list("posts", &format!("filter={filter}")).await;
        assert_eq!(reply.status, 400, "{filter}");
        let message = reply.json["message"].as_str().unwrap_or_default();
        assert!(message.contains(&format!("position {position}")), "{filter}: {message}");
        assert_eq!(reply.json["data"], json!({}));
    }
    assert_eq!(app.anon().list("posts", "sort=nothere").await.status, 400);
    assert_eq!(app.anon().list("posts", "page=x").await.status, 400);
    let forbidden = app.anon().list("posts", "filter=@request.auth.id = ''").await;
    assert_eq!(forbidden.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_no_plugins_are_named_for_what_they_are() {
    let app = TestApp::new().await;
    let cases: [(&str, Vec<u8>, &str); 6] = [
        ("text", b"hello".to_vec(), "plugin_not_component"),
        ("nothing", Vec::new(), "plugin_not_component"),
        ("a core module", b"\0asm\x01\0\0\0".to_vec(), "plugin_not_component"),
        ("an unknown import", guest("unknown-import"), "plugin_unknown_import"),
        ("no hooks", guest("no-hooks"), "plugin_no_hooks"),
        ("too large", vec![0; 33 << 20], "plugin_too_large"),
    ];
    for (what, bytes, code) in cases {
        let reply = app.superuser().upload("/api/plugins", &bytes).await;
        assert_eq!((reply.status, reply.json["data"]["file"]["code"].as_str()), (400, Some(code)), "{what}: {reply}");
    }
    let reply = app.superuser().upload("/api/plugins", &guest("unknown-import")).await;
    assert!(reply.to_string().contains("evil:host/steal"), "the import is named: {reply}");
    assert_eq!(app.superuser().get("/api/plugins").await.json["totalItems"], 0);
    assert_eq!(app.anon().upload("/api/plugins", b"x").await.status, 401);
}
