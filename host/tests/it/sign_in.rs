//! Signing in with a password, tokens, and the dashboard's session.

use crate::support::{PASSWORD, TestApp};
use axum::http::Method;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_identity_and_a_wrong_password_sound_alike() {
    let app = TestApp::new().await;
    app.user("ann@example.com").await;
    let mut answers = Vec::new();
    for (identity, password) in [("ann@example.com", "wrong-password"), ("nobody@example.com", PASSWORD)] {
        let body = json!({"identity": identity, "password": password});
        answers.push(app.anon().post("/api/collections/users/auth-with-password", body).await.to_string());
    }
    assert_eq!(answers[0], answers[1]);
    insta::assert_snapshot!(answers[0], @r#"400 {"status":400,"message":"Failed to authenticate.","data":{}}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_text_is_no_password() {
    let app = TestApp::new().await;
    let path = "/api/collections/users/auth-with-password";
    for (body, told) in [
        (json!({"identity": 5, "password": "x"}), json!({})),
        (json!({"identity": "a", "password": ["x"]}), json!({})),
        (json!({"identity": "a", "password": "x", "identityField": 5}), json!({})),
        (json!({"identity": null, "password": "x"}), json!({"identity": "validation_required"})),
        (
            json!({"identity": "a".repeat(256), "password": "x".repeat(256)}),
            json!({"identity": "validation_length_out_of_range", "password": "validation_length_out_of_range"}),
        ),
    ] {
        let reply = app.anon().post(path, body).await;
        let data = reply.json["data"].as_object().expect("an object");
        let codes: serde_json::Map<_, _> =
            data.iter().map(|(key, error)| (key.clone(), error["code"].clone())).collect();
        assert_eq!((reply.status, Value::Object(codes)), (400, told), "{reply}");
    }
    // In a form everything is a text.
    let user = json!({"email": "ann@example.com", "password": "12345678", "passwordConfirm": "12345678"});
    assert_eq!(app.superuser().create("users", user).await.status, 200);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let typed = b"identity=ann%40example.com&password=12345678".to_vec();
    assert_eq!(app.anon().raw(Method::POST, path, &form, typed).await.status, 200);
    let made = b"email=bob%40example.com&password=12345678&passwordConfirm=12345678".to_vec();
    let users = "/api/collections/users/records";
    let bob = app.superuser().raw(Method::POST, users, &form, made).await;
    assert_eq!(bob.status, 200, "{bob}");
    let bob = crate::support::people::Person::sign_in(&app.app, "users", "bob@example.com", "12345678").await;
    let changed = b"oldPassword=12345678&password=87654321&passwordConfirm=87654321".to_vec();
    let changed = bob.raw(Method::PATCH, &format!("{users}/{}", bob.id), &form, changed).await;
    assert_eq!(changed.status, 200, "{changed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_typed_twice() {
    let app = TestApp::new().await;
    let ann = app.user("ann@example.com").await;
    let (required, mismatch) = ("validation_required", "validation_values_mismatch");
    for (is_new, body, password, again) in [
        (true, json!({}), Some(required), Some(required)),
        (true, json!({"password": "", "passwordConfirm": ""}), Some(required), Some(required)),
        (true, json!({"passwordConfirm": PASSWORD}), Some(required), Some(mismatch)),
        (true, json!({"password": PASSWORD}), None, Some(required)),
        (false, json!({"password": "", "passwordConfirm": ""}), Some(required), None),
        (false, json!({"passwordConfirm": PASSWORD}), Some(required), Some(mismatch)),
        (false, json!({"password": PASSWORD, "passwordConfirm": ""}), None, Some(required)),
    ] {
        let root = app.superuser();
        let reply = if is_new { root.create("users", body).await } else { root.update("users", &ann.id, body).await };
        let code = |key: &str| reply.json["data"][key]["code"].as_str();
        assert_eq!((reply.status, code("password"), code("passwordConfirm")), (400, password, again), "{reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_end_with_their_time_and_with_the_password() {
    let app = TestApp::new().await;
    let ann = app.user("ann@example.com").await;
    assert_eq!(ann.view("users", &ann.id).await.status, 200);
    let refreshed = ann.post("/api/collections/users/auth-refresh", json!({})).await;
    assert_eq!(refreshed.status, 200, "{refreshed}");

    app.clock.advance(Duration::from_hours(6 * 24));
    assert_eq!(ann.view("users", &ann.id).await.status, 404, "a token of yesterday's week is a guest's");

    let ann = app.user("ann@example.com").await;
    let change = json!({"oldPassword": PASSWORD, "password": "another-secret", "passwordConfirm": "another-secret"});
    assert_eq!(ann.update("users", &ann.id, change).await.status, 200);
    assert_eq!(ann.view("users", &ann.id).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_auth_rule_is_asked_of_every_token_that_is_refreshed() {
    let app = TestApp::new().await;
    let set = app.superuser().patch("/api/collections/users", json!({"authRule": "name != 'banned'"})).await;
    assert_eq!(set.status, 200, "{set}");
    let ann = app.user("ann@example.com").await;
    let path = format!("/api/collections/users/impersonate/{}", ann.id);
    let lent = app.superuser().post(&path, json!({"duration": 3_600})).await;
    let lent = app.anon().with_token(lent.json["token"].as_str().expect("a token"));
    let refresh = "/api/collections/users/auth-refresh";
    assert_eq!(lent.post(refresh, json!({})).await.json["token"], lent.token(), "handed back");
    app.superuser().update("users", &ann.id, json!({"name": "banned"})).await;
    for person in [&ann, &lent] {
        let reply = person.post(refresh, json!({})).await;
        assert_eq!(reply.status, 403, "{reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_cannot_take_over_by_writing_the_record() {
    let app = TestApp::new().await;
    let ann = app.user("ann@example.com").await;
    for change in [
        json!({"email": "other@example.com"}),
        json!({"verified": true}),
        json!({"password": "new-secret-1", "passwordConfirm": "new-secret-1"}),
        json!({"password": "new-secret-1", "passwordConfirm": "new-secret-1", "oldPassword": "wrong"}),
    ] {
        assert_eq!(ann.update("users", &ann.id, change.clone()).await.status, 400, "{change}");
    }
    let before = app.superuser().view("users", &ann.id).await.json;
    assert_eq!(ann.update("users", &ann.id, json!({"tokenKey": "mine"})).await.status, 200, "ignored");
    assert_eq!(ann.view("users", &ann.id).await.json["email"], before["email"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_cookie_needs_its_csrf_value_to_change_anything() {
    let app = TestApp::new().await;
    let signed_in =
        app.anon().post("/api/admin/session", json!({"email": "root@example.com", "password": PASSWORD})).await;
    assert_eq!(signed_in.status, 200, "{signed_in}");
    let cookie = signed_in.headers["set-cookie"].to_str().expect("a cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let cookie = cookie.split(';').next().expect("its value").to_owned();
    let csrf = signed_in.json["csrf"].as_str().expect("a csrf value").to_owned();
    let anon = app.anon();
    let body = crate::support::open("made", json!([])).to_string().into_bytes();
    let json = ("content-type", "application/json");
    let without = anon.raw(Method::POST, "/api/collections", &[json, ("cookie", &cookie)], body.clone()).await;
    assert!(matches!(without.status, 401 | 403), "{without}");
    let with =
        anon.raw(Method::POST, "/api/collections", &[json, ("cookie", &cookie), ("x-csrf-token", &csrf)], body).await;
    assert_eq!(with.status, 200, "{with}");
    assert_eq!(anon.raw(Method::GET, "/api/collections", &[("cookie", &cookie)], Vec::new()).await.status, 200);
    assert_eq!(
        anon.raw(Method::GET, "/api/admin/session", &[("cookie", &cookie)], Vec::new()).await.json["csrf"],
        Value::from(csrf)
    );
    assert_eq!(anon.get("/api/admin/session").await.status, 401);
}

/// Signs in to the dashboard: the cookie and the CSRF value.
async fn sign_in(app: &TestApp) -> (String, String) {
    let reply = app.anon().post("/api/admin/session", json!({"email": "root@example.com", "password": PASSWORD})).await;
    let cookie = reply.headers["set-cookie"].to_str().expect("a cookie").split(';').next().expect("its value");
    (cookie.to_owned(), reply.json["csrf"].as_str().expect("a csrf value").to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_ended_is_over_wherever_its_cookie_is() {
    let app = TestApp::new().await;
    let ((here, csrf), (there, _)) = (sign_in(&app).await, sign_in(&app).await);
    let anon = app.anon();
    let get = |cookie: String| {
        let anon = anon.clone();
        async move { anon.raw(Method::GET, "/api/admin/sessions", &[("cookie", &cookie)], Vec::new()).await }
    };
    let listed = get(here.clone()).await;
    let sessions = listed.json["items"].as_array().expect("a list").clone();
    assert_eq!(sessions.len(), 2, "{listed}");
    let others = sessions.iter().find(|session| session["current"] == false).expect("the other one");
    assert_eq!(sessions.iter().filter(|session| session["current"] == true).count(), 1, "{listed}");

    let path = format!("/api/admin/sessions/{}", others["id"].as_str().expect("an id"));
    assert_eq!(anon.raw(Method::DELETE, &path, &[("cookie", &here)], Vec::new()).await.status, 401, "no proof");
    let ended = anon.raw(Method::DELETE, &path, &[("cookie", &here), ("x-csrf-token", &csrf)], Vec::new()).await;
    assert_eq!(ended.status, 204, "{ended}");
    assert_eq!((get(there).await.status, get(here.clone()).await.status), (401, 200));

    let close = |proof: String| {
        let (anon, cookie) = (anon.clone(), here.clone());
        async move {
            let headers: &[(&str, &str)] = &[("cookie", &cookie), ("x-csrf-token", &proof)];
            anon.raw(Method::DELETE, "/api/admin/session", headers, Vec::new()).await.status
        }
    };
    assert_eq!((close("wrong".into()).await, get(here.clone()).await.status), (403, 200));
    assert_eq!(
        (close(csrf).await, get(here.clone()).await.status),
        (204, 401),
        "a copy of the cookie is worth nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_after_a_session_has_ended_is_not_written_by_a_guest() {
    let app = TestApp::with_posts().await;
    let anon = app.anon();
    let (cookie, csrf) = sign_in(&app).await;
    let (_, elsewhere) = sign_in(&app).await;
    let post = async |headers: &[(&str, &str)]| {
        let headers = [&[("content-type", "application/json")], headers].concat();
        let body = json!({"title": "x"}).to_string().into_bytes();
        anon.raw(Method::POST, "/api/collections/posts/records", &headers, body).await.status
    };
    let with_cookie = ("cookie", cookie.as_str());
    assert_eq!(post(&[with_cookie, ("x-csrf-token", &csrf)]).await, 200);
    assert_eq!(post(&[with_cookie, ("x-csrf-token", &elsewhere)]).await, 401, "another tab has signed in anew");
    let close = [with_cookie, ("x-csrf-token", &csrf)];
    assert_eq!(anon.raw(Method::DELETE, "/api/admin/session", &close, Vec::new()).await.status, 204);

    assert_eq!(post(&[with_cookie, ("x-csrf-token", &csrf)]).await, 401, "ended elsewhere");
    assert_eq!(post(&[("x-csrf-token", &csrf)]).await, 401, "the browser has forgotten the cookie");
    let refused = anon.raw(Method::DELETE, "/api/collections/posts/records/x", &close, Vec::new()).await;
    assert_eq!(
        (refused.status, refused.json["message"].as_str().is_some_and(|text| text.contains("session"))),
        (401, true)
    );
    assert_eq!(app.superuser().list("posts", "").await.json["totalItems"], 1);

    // Signing in again, and out once more, need no session.
    let again = json!({"email": "root@example.com", "password": PASSWORD}).to_string().into_bytes();
    let headers = [("content-type", "application/json"), with_cookie, ("x-csrf-token", csrf.as_str())];
    assert_eq!(anon.raw(Method::POST, "/api/admin/session", &headers, again).await.status, 200);
    assert_eq!(anon.raw(Method::DELETE, "/api/admin/session", &close, Vec::new()).await.status, 204);
    // Without a sign of a session a guest is a guest, also one whose framework has a header of this name.
    assert_eq!(post(&[]).await, 200);
    assert_eq!(post(&[("x-csrf-token", "pt1lZ0Zk2m8=")]).await, 200);
    assert_eq!(post(&[with_cookie]).await, 200, "the page of another site proves nothing");
    let token = app.superuser().token();
    assert_eq!(post(&[("x-csrf-token", &csrf), ("authorization", token)]).await, 200, "a token speaks for itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_every_session() {
    let app = TestApp::new().await;
    let (cookie, _) = sign_in(&app).await;
    let root = app.superuser().get("/api/collections/_superusers/records").await.json["items"][0]["id"].clone();
    let path = format!("/api/collections/_superusers/records/{}", root.as_str().expect("an id"));
    let body = json!({"password": "another-secret-1", "passwordConfirm": "another-secret-1"});
    assert_eq!(app.superuser().patch(&path, body).await.status, 200);
    let reply = app.anon().raw(Method::GET, "/api/admin/session", &[("cookie", &cookie)], Vec::new()).await;
    assert_eq!(reply.status, 401, "{reply}");
}
