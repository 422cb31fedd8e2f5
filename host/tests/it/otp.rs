//! Signing in with a password from a mail.

use crate::support::people::Reply;
use crate::support::postbox::Postbox;
use crate::support::{PASSWORD, TestApp};
use serde_json::{Value, json};
use std::time::Duration;
use tinybase::auth::expired;
use tinybase::sql::Sql;

const ANN: &str = "ann@example.com";
const REQUEST: &str = "/api/collections/users/request-otp";
const SIGN_IN: &str = "/api/collections/users/auth-with-otp";

async fn app() -> (TestApp, Postbox) {
    let app = TestApp::new().await;
    let postbox = app.postbox().await;
    let template = json!({"subject": "code", "body": "<p>code={OTP} id={OTP_ID}</p>"});
    let options =
        json!({"otp": {"enabled": true, "length": 6, "emailTemplate": template}, "authAlert": {"enabled": false}});
    let changed = app.superuser().patch("/api/collections/users", options).await;
    assert_eq!(changed.status, 200, "{changed}");
    app.user(ANN).await;
    (app, postbox)
}

async fn ask(app: &TestApp, email: &str) -> String {
    let reply = app.anon().post(REQUEST, json!({ "email": email })).await;
    assert_eq!(reply.status, 200, "{reply}");
    app.deliver().await;
    reply.json["otpId"].as_str().expect("an id").to_owned()
}

async fn sign_in(app: &TestApp, id: &str, password: &str) -> Reply {
    app.anon().post(SIGN_IN, json!({"otpId": id, "password": password})).await
}

async fn count(app: &TestApp, table: &'static str) -> i64 {
    let mut select = Sql::new("SELECT count(*) FROM ");
    select.name(table);
    let tenant = &app.host.default_tenant().tenant;
    let read = tenant.store.read(|snapshot| snapshot.one(&select, |row| Ok(row.integer(0))));
    read.await.expect("a count").unwrap_or_default()
}

async fn sweep(app: &TestApp) {
    let tenant = &app.host.default_tenant().tenant;
    expired::otps(tenant).await.expect("a sweep");
    expired::counts(tenant).await.expect("a sweep");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_from_a_mail_signs_in_once() {
    let (app, postbox) = app().await;
    let id = ask(&app, ANN).await;
    let mail = postbox.to(ANN).pop().expect("a mail");
    assert!(mail.html().contains(&format!("id={id}")) && mail.code().len() == 6, "{}", mail.html());
    let reply = sign_in(&app, &id, &mail.code()).await;
    assert_eq!((reply.status, &reply.json["record"]["email"]), (200, &json!(ANN)), "{reply}");
    assert_eq!(reply.json["record"]["verified"], true, "who reads the mail owns the address");
    let again = sign_in(&app, &id, &mail.code()).await;
    assert_eq!((again.status, &again.json["message"]), (400, &json!("Invalid or expired OTP.")));
    // Whoever had set the password may have been somebody else.
    let body = json!({"identity": ANN, "password": PASSWORD});
    assert_eq!(app.anon().post("/api/collections/users/auth-with-password", body).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_at_once_one_gets_in() {
    let (app, postbox) = app().await;
    let id = ask(&app, ANN).await;
    let code = postbox.to(ANN).pop().expect("a mail").code();
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (anon, body) = (app.anon(), json!({"otpId": id, "password": code}));
        running.spawn(async move { anon.post(SIGN_IN, body).await.status });
    }
    let statuses = running.join_all().await;
    let many = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((many(200), many(400), many(429)), (1, 4, 45), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_are_counted_for_ids_that_exist_and_for_others() {
    let (app, postbox) = app().await;
    let (known, unknown) = (ask(&app, ANN).await, ask(&app, "nobody@example.com").await);
    assert_eq!((known.len(), postbox.to("nobody@example.com").len()), (unknown.len(), 0));
    let code = postbox.to(ANN).pop().expect("a mail").code();
    let mut answers = Vec::new();
    for id in [&known, &unknown] {
        let mut said = Vec::new();
        for _ in 0..6 {
            said.push(sign_in(&app, id, "nonsense").await.to_string());
        }
        answers.push(said);
    }
    assert_eq!(answers[0], answers[1]);
    assert!(answers[0][4].starts_with("400") && answers[0][5].starts_with("429"), "{answers:?}");
    assert_eq!(sign_in(&app, &known, &code).await.status, 429, "too late, though it is right");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_expires_and_is_cleaned_up() {
    let (app, postbox) = app().await;
    let id = ask(&app, ANN).await;
    let code = postbox.to(ANN).pop().expect("a mail").code();
    app.clock.advance(Duration::from_secs(181));
    assert_eq!(sign_in(&app, &id, &code).await.status, 400);
    assert_eq!((count(&app, "_otps").await, count(&app, "_auth_limits").await), (1, 2), "a guess and a request");
    let fresh = ask(&app, ANN).await;
    app.clock.advance(Duration::from_mins(1));
    sweep(&app).await;
    let left = app.superuser().values("_otps", "id", "").await;
    assert_eq!(left, [Value::from(fresh)]);
    app.clock.advance(Duration::from_mins(10));
    sweep(&app).await;
    assert_eq!((count(&app, "_otps").await, count(&app, "_auth_limits").await), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_more_than_ten_of_them() {
    let (app, postbox) = app().await;
    let nobody = "nobody@example.com";
    for asked in [ANN, nobody] {
        let mut ids = Vec::new();
        for _ in 0..12 {
            ids.push(ask(&app, asked).await);
            app.clock.advance(Duration::from_secs(1));
        }
        assert_eq!((&ids[10], &ids[11]), (&ids[9], &ids[9]), "the last one is named again, whoever asks for {asked}");
        ids.truncate(10);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 10, "the ten before are different");
    }
    assert_eq!((postbox.to(ANN).len(), postbox.to(nobody).len()), (10, 0));
    app.clock.advance(Duration::from_mins(3));
    let fresh = ask(&app, ANN).await;
    let last = postbox.to(ANN).pop().expect("a mail");
    assert!(last.html().contains(&fresh), "after a while there is room again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_one_of_ten_is_good_and_that_it_was_used_is_not_told() {
    let (app, postbox) = app().await;
    for _ in 0..9 {
        ask(&app, ANN).await;
    }
    let (tenth, again) = (ask(&app, ANN).await, ask(&app, ANN).await);
    assert_eq!(tenth, again);
    let code = postbox.to(ANN).pop().expect("a mail").code();
    let signed_in = sign_in(&app, &again, &code).await;
    assert_eq!(signed_in.status, 200, "{signed_in}");
    assert_eq!(ask(&app, ANN).await, tenth);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_written_otherwise_takes_nobodys_room() {
    let (app, postbox) = app().await;
    for _ in 0..12 {
        ask(&app, "ANN@example.com").await;
    }
    ask(&app, ANN).await;
    assert_eq!(postbox.to(ANN).len(), 1, "to this collection they are two addresses");
    let index = "CREATE UNIQUE INDEX by_email ON users (email COLLATE NOCASE)";
    let users = app.superuser().get("/api/collections/users").await;
    let own = |index: &&Value| !index.as_str().is_some_and(|text| text.contains("(`email`)"));
    let mut indexes: Vec<Value> =
        users.json["indexes"].as_array().expect("indexes").iter().filter(own).cloned().collect();
    indexes.push(json!(index));
    let changed = app.superuser().patch("/api/collections/users", json!({"indexes": indexes})).await;
    assert_eq!(changed.status, 200, "{changed}");
    for turn in 0..12 {
        ask(&app, if turn % 2 == 0 { ANN } else { "ANN@example.com" }).await;
    }
    let mails = postbox.to(ANN).len() + postbox.to("ANN@example.com").len();
    assert_eq!(mails, 1 + 9, "now they are one, of which one was asked for before");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_requests_at_once_ten_are_mailed() {
    let (app, postbox) = app().await;
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let anon = app.anon();
        running.spawn(async move { anon.post(REQUEST, json!({ "email": ANN })).await });
    }
    let replies = running.join_all().await;
    let statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    assert_eq!(statuses, [200; 50]);
    let mut ids: Vec<_> = replies.iter().map(|reply| reply.json["otpId"].to_string()).collect();
    ids.sort_unstable();
    ids.dedup();
    app.deliver().await;
    assert_eq!((ids.len(), postbox.to(ANN).len(), count(&app, "_otps").await), (10, 10, 10));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_belongs_to_its_collection_and_to_its_token_key() {
    let (app, postbox) = app().await;
    let second = json!({"name": "others", "type": "auth", "otp": {"enabled": true}});
    app.collection(second).await;
    let id = ask(&app, ANN).await;
    let code = postbox.to(ANN).pop().expect("a mail").code();
    let body = json!({"otpId": id, "password": code});
    assert_eq!(app.anon().post("/api/collections/others/auth-with-otp", body.clone()).await.status, 400);
    let ann = app.superuser().list("users", "filter=email='ann@example.com'").await.json["items"][0]["id"].clone();
    let reset = json!({"tokenKey:autogenerate": ""});
    app.superuser().update("users", ann.as_str().expect("an id"), reset).await;
    assert_eq!(app.anon().post(SIGN_IN, body).await.status, 400, "it went with the token key");
    assert_eq!(count(&app, "_otps").await, 0);
    for (path, body) in [(REQUEST, json!({"email": ANN})), (SIGN_IN, json!({"otpId": "x", "password": "y"}))] {
        let path = path.replace("users", "_superusers");
        assert_eq!(app.anon().post(&path, body).await.status, 403, "{path}");
    }
}
