//! What is proved by a mail: that an address is one's own, that a password may be set, that an address may change. People
//! who are not there are answered like those who are, and a token is good for once.

use crate::support::people::{Person, Reply};
use crate::support::{PASSWORD, TestApp};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const ANN: &str = "ann@example.com";
const NEW: &str = "another-secret-1";

fn path(action: &str) -> String {
    format!("/api/collections/users/{action}")
}

async fn ask(app: &TestApp, action: &str, email: &str) -> Reply {
    app.anon().post(&path(action), json!({"email": email})).await
}

async fn sign_in(app: &TestApp, identity: &str, password: &str) -> u16 {
    app.anon().post(&path("auth-with-password"), json!({"identity": identity, "password": password})).await.status
}

fn with(token: &str) -> Value {
    json!({"token": token, "password": NEW, "passwordConfirm": NEW})
}

async fn verified(app: &TestApp, id: &str) -> Value {
    app.superuser().view("users", id).await.json["verified"].clone()
}

/// How often each status was answered when everybody sent the same at the same time.
async fn all_at_once(app: &TestApp, path: &str, body: Value) -> (usize, Vec<u16>) {
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (anon, path, body) = (app.anon(), path.to_owned(), body.clone());
        running.spawn(async move { anon.post(&path, body).await.status });
    }
    let statuses = running.join_all().await;
    let (good, bad): (Vec<u16>, Vec<u16>) = statuses.into_iter().partition(|status| *status == 204);
    (good.len(), bad)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_replaced_once() {
    let app = TestApp::new().await;
    let postbox = app.postbox().await;
    let ann = app.user(ANN).await;
    assert_eq!(ask(&app, "request-password-reset", ANN).await.status, 204);
    app.deliver().await;
    let mail = postbox.to(ANN).pop().expect("a mail");
    assert_eq!(mail.header("Subject"), "Reset your Acme password");
    let token = mail.token();

    let mut wrong = with(&token);
    wrong["passwordConfirm"] = json!("different-1");
    let reply = app.anon().post(&path("confirm-password-reset"), wrong).await;
    assert_eq!(reply.json["data"]["passwordConfirm"]["code"], "validation_values_mismatch", "{reply}");
    let mut short = with(&token);
    (short["password"], short["passwordConfirm"]) = (json!("abc"), json!("abc"));
    let reply = app.anon().post(&path("confirm-password-reset"), short).await;
    assert_eq!(reply.json["data"]["password"]["code"], "validation_min_text_constraint", "{reply}");

    let (good, bad) = all_at_once(&app, &path("confirm-password-reset"), with(&token)).await;
    assert_eq!((good, bad.iter().all(|status| *status == 400)), (1, true), "{bad:?}");
    assert_eq!((sign_in(&app, ANN, PASSWORD).await, sign_in(&app, ANN, NEW).await), (400, 200));
    assert_eq!(ann.post(&path("auth-refresh"), json!({})).await.status, 401, "old tokens are over");
    assert_eq!(verified(&app, &ann.id).await, true, "who reads the mail owns the address");
    // Whoever has just set a password may have mistyped it.
    assert_eq!(ask(&app, "request-password-reset", ANN).await.status, 204);
    app.deliver().await;
    assert_eq!(postbox.to(ANN).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn superusers_can_forget_their_passwords_too() {
    let app = TestApp::new().await;
    let postbox = app.postbox().await;
    let body = json!({"email": "root@example.com"});
    assert_eq!(app.anon().post("/api/collections/_superusers/request-password-reset", body.clone()).await.status, 204);
    app.deliver().await;
    let token = postbox.to("root@example.com").pop().expect("a mail").token();
    let crossed = app.anon().post(&path("confirm-password-reset"), with(&token)).await;
    assert_eq!(crossed.json["data"]["token"]["code"], "validation_token_collection_mismatch", "{crossed}");
    let reply = app.anon().post("/api/collections/_superusers/confirm-password-reset", with(&token)).await;
    assert_eq!(reply.status, 204, "{reply}");
    Person::sign_in(&app.app, "_superusers", "root@example.com", NEW).await;
    let verify = app.anon().post("/api/collections/_superusers/request-verification", body).await;
    assert_eq!((verify.status, &verify.json["message"]), (400, &json!("All superusers are verified by default.")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_mail_is_not_sent_twice_within_two_minutes() {
    let app = TestApp::new().await;
    let postbox = app.postbox().await;
    app.user(ANN).await;
    for action in ["request-password-reset", "request-verification"] {
        let before = postbox.to(ANN).len();
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (anon, path) = (app.anon(), path(action));
            running.spawn(async move { anon.post(&path, json!({"email": ANN})).await.status });
        }
        assert!(running.join_all().await.iter().all(|status| *status == 204));
        app.deliver().await;
        assert_eq!(postbox.to(ANN).len(), before + 1, "{action}");
        app.clock.advance(Duration::from_secs(121));
        ask(&app, action, ANN).await;
        app.deliver().await;
        assert_eq!(postbox.to(ANN).len(), before + 2, "{action}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_there_is_answered_alike() {
    let app = TestApp::new().await;
    let postbox = app.postbox().await;
    app.user(ANN).await;
    let store = app.host.default_tenant().tenant.store.clone();
    for action in ["request-password-reset", "request-verification"] {
        let mut answers = Vec::new();
        for email in [ANN, "nobody@example.com"] {
            let before = store.stats().committed;
            let answer = ask(&app, action, email).await;
            // Both wait for a commit, which is what takes the time.
            assert!(store.stats().committed > before, "{action} {email}");
            answers.push((answer.to_string(), answer.body));
            app.deliver().await;
        }
        assert_eq!(answers[0], answers[1], "{action}");
        for (email, code) in [("", "validation_required"), ("nope", "validation_is_email")] {
            let reply = ask(&app, action, email).await;
            assert_eq!((reply.status, &reply.json["data"]["email"]["code"]), (400, &json!(code)), "{reply}");
        }
    }
    assert_eq!((postbox.to(ANN).len(), postbox.to("nobody@example.com").len()), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_verified() {
    let app = TestApp::new().await;
    let postbox = app.postbox().await;
    let ann = app.user(ANN).await;
    ask(&app, "request-verification", ANN).await;
    app.deliver().await;
    let token = postbox.to(ANN).pop().expect("a mail").token();
    // A token is good for what it was made for.
    let reply = app.anon().post(&path("confirm-password-reset"), with(&token)).await;
    assert_eq!(reply.json["data"]["token"]["code"], "validation_invalid_token", "{reply}");
    let confirm = |token: String| {
        let somebody = app.anon();
        async move { somebody.post(&path("confirm-verification"), json!({ "token": token })).await }
    };
    for bad in [String::new(), "abc".to_owned(), ann.token().to_owned()] {
        let code = if bad.is_empty() { "validation_required" } else { "validation_invalid_token" };
        let reply = confirm(bad).await;
        assert_eq!((reply.status, &reply.json["data"]["token"]["code"]), (400, &json!(code)), "{reply}");
    }
    assert_eq!(confirm(token.clone()).await.status, 204);
    assert_eq!(verified(&app, &ann.id).await, true);
    assert_eq!(ann.post(&path("auth-refresh"), json!({})).await.status, 200, "it keeps tokens");
    assert_eq!(confirm(token).await.status, 204, "there is nothing left to do");
    app.clock.advance(Duration::from_mins(3));
    ask(&app, "request-verification", ANN).await;
    app.deliver().await;
    assert_eq!(postbox.to(ANN).len(), 1, "nothing to ask for");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_expires() {
    let app = TestApp::new().await;
    let postbox = app.postbox().await;
    app.user(ANN).await;
    ask(&app, "request-password-reset", ANN).await;
    app.deliver().await;
    let token = postbox.to(ANN).pop().expect("a mail").token();
    app.clock.advance(Duration::from_secs(1801));
    let reply = app.anon().post(&path("confirm-password-reset"), with(&token)).await;
    assert_eq!(reply.json["data"]["token"]["code"], "validation_invalid_token", "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_changed_once() {
    let app = TestApp::new().await;
    let postbox = app.postbox().await;
    let ann = app.user(ANN).await;
    app.user("bob@example.com").await;
    let ask_for = path("request-email-change");
    let request = |email: &'static str| ann.post(&ask_for, json!({ "newEmail": email }));
    for (email, code) in [
        ("", "validation_required"),
        ("nope", "validation_is_email"),
        (ANN, "validation_not_in_invalid"),
        ("bob@example.com", "validation_invalid_new_email"),
    ] {
        let reply = request(email).await;
        assert_eq!((reply.status, &reply.json["data"]["newEmail"]["code"]), (400, &json!(code)), "{reply}");
    }
    assert_eq!(
        app.anon().post(&path("request-email-change"), json!({"newEmail": "new@example.com"})).await.status,
        401
    );
    assert_eq!(request("new@example.com").await.status, 204);
    app.deliver().await;
    assert!(postbox.to(ANN).is_empty());
    let token = postbox.to("new@example.com").pop().expect("a mail").token();
    let confirm = path("confirm-email-change");
    let wrong = app.anon().post(&confirm, json!({"token": token, "password": "wrong-password"})).await;
    assert_eq!(wrong.json["data"]["password"]["code"], "validation_invalid_password", "{wrong}");
    let (good, bad) = all_at_once(&app, &confirm, json!({"token": token, "password": PASSWORD})).await;
    assert_eq!((good, bad.iter().all(|status| *status == 400)), (1, true), "{bad:?}");
    assert_eq!(ann.post(&path("auth-refresh"), json!({})).await.status, 401, "old tokens are over");
    let stored = app.superuser().view("users", &ann.id).await;
    assert_eq!((&stored.json["email"], &stored.json["verified"]), (&json!("new@example.com"), &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_cannot_have_the_whole_world_written_to() {
    let app = TestApp::new().await;
    let postbox = app.postbox().await;
    let ann = app.user(ANN).await;
    let mut statuses = Vec::new();
    for n in 0..11 {
        let body = json!({"newEmail": format!("stranger-{n}@example.com")});
        statuses.push(ann.post(&path("request-email-change"), body).await.status);
    }
    app.deliver().await;
    assert_eq!((&statuses[..10], statuses[10]), (&[204; 10][..], 429));
    assert!(postbox.to("stranger-9@example.com").len() == 1 && postbox.to("stranger-10@example.com").is_empty());
    app.clock.advance(Duration::from_hours(1));
    let again = ann.post(&path("request-email-change"), json!({"newEmail": "new@example.com"})).await;
    assert_eq!(again.status, 204, "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_was_taken_meanwhile_is_refused() {
    let app = TestApp::new().await;
    let postbox = app.postbox().await;
    let ann = app.user(ANN).await;
    ann.post(&path("request-email-change"), json!({"newEmail": "new@example.com"})).await;
    app.deliver().await;
    let token = postbox.to("new@example.com").pop().expect("a mail").token();
    app.user("new@example.com").await;
    let somebody = app.anon();
    let confirm = |password: &'static str| {
        somebody.post("/api/collections/users/confirm-email-change", json!({"token": token, "password": password}))
    };
    let wrong = confirm("wrong-password").await;
    assert_eq!(wrong.json["data"]["token"], Value::Null, "it is not told to who has no password: {wrong}");
    let reply = confirm(PASSWORD).await;
    assert_eq!(reply.json["data"]["token"]["code"], "validation_invalid_new_email", "{reply}");
    assert_eq!(app.superuser().view("users", &ann.id).await.json["email"], ANN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_cannot_write_the_mail() {
    let app = TestApp::new().await;
    let postbox = app.postbox().await;
    let template = json!({"subject": "Hi {RECORD:name}", "body": "<p>{RECORD:name} {RECORD:tokenKey} {TOKEN}</p>"});
    let changed = app.superuser().patch("/api/collections/users", json!({"verificationTemplate": template})).await;
    assert_eq!(changed.status, 200, "{changed}");
    let ann = app.user(ANN).await;
    let name = "<script>{TOKEN}</script>\r\nBcc: eve@example.com";
    assert_eq!(ann.update("users", &ann.id, json!({ "name": name })).await.status, 200);
    ask(&app, "request-verification", ANN).await;
    app.deliver().await;
    let mail = postbox.to(ANN).pop().expect("a mail");
    assert!(mail.html().contains("&lt;script&gt;{TOKEN}&lt;/script&gt;"), "{}", mail.html());
    assert!(mail.html().contains("{RECORD:tokenKey}"), "{}", mail.html());
    assert_eq!((mail.header("Bcc"), postbox.to("eve@example.com").len()), (String::new(), 0), "{}", mail.source);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_gets_into_the_log() {
    let app = TestApp::new().await;
    let postbox = app.postbox().await;
    app.user(ANN).await;
    ask(&app, "request-password-reset", ANN).await;
    app.deliver().await;
    let token = postbox.to(ANN).pop().expect("a mail").token();
    let mut short = with(&token);
    short["password"] = json!("abc");
    app.anon().post(&path("confirm-password-reset"), short).await;
    app.anon().post(&path("confirm-password-reset"), with(&token)).await;
    let second = path("auth-with-otp?mfaId=a-sign-in-that-waits");
    app.anon().post(&second, json!({"otpId": "x", "password": "a-password-from-a-mail"})).await;
    let dir = app.dir().to_owned();
    app.host.close().await;
    let logged = ["logs.db", "logs.db-wal"].map(|name| std::fs::read(Path::new(&dir).join(name)).unwrap_or_default());
    let logged = logged.concat();
    let holds = |text: &str| logged.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("confirm-password-reset"), "the requests are in the log");
    assert!(!holds("a-sign-in-that-waits") && !holds("a-password-from-a-mail"));
    assert!(!holds(&token) && !holds(NEW) && !holds(token.rsplit('.').next().expect("a signature")));
}
