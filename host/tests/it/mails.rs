//! The queue of mails and the way out: a promise outlives the process, a server that does not answer is tried again, and
//! what went wrong can be read.

use crate::support::TestApp;
use crate::support::postbox::{self, Postbox};
use crate::support::process::Server;
use mailin::AuthMechanism;
use serde_json::{Value, json};
use std::time::Duration;
use tinybase::mail::ATTEMPTS_MAX;
use tinybase::sql::Sql;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

const RESET: &str = "/api/collections/users/request-password-reset";

async fn ask(app: &TestApp, email: &str) {
    let reply = app.anon().post(RESET, json!({"email": email})).await;
    assert_eq!(reply.status, 204, "{reply}");
}

/// `(due, html, error)` of what is in the queue.
async fn queue(app: &TestApp) -> Vec<(bool, String, String)> {
    let select = Sql::new("SELECT due_ms IS NOT NULL, html, error FROM _mails ORDER BY id");
    let tenant = &app.host.default_tenant().tenant;
    let read = tenant.store.read(|snapshot| {
        let mut rows = Vec::new();
        snapshot.rows(&select, |row| {
            rows.push((row.integer(0) == 1, row.text(1).to_owned(), row.text(2).to_owned()));
            Ok(())
        })?;
        Ok(rows)
    });
    read.await.expect("the queue")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_template_can_be_tried_out() {
    let app = TestApp::new().await;
    let postbox = app.postbox().await;
    app.set(json!({"meta": {"appName": "A & B", "senderName": "Us", "senderAddress": "us@example.com"}})).await;
    for template in ["verification", "password-reset", "email-change", "otp", "login-alert"] {
        let to = format!("{template}@example.com");
        let body = json!({"template": template, "email": to, "collection": "users"});
        let reply = app.superuser().post("/api/settings/test/email", body).await;
        assert_eq!(reply.status, 204, "{reply}");
        let mail = postbox.to(&to).pop().expect("a mail");
        assert_eq!((mail.from.as_str(), mail.header("To").as_str()), ("us@example.com", to.as_str()));
        assert!(mail.header("From").contains("Us"), "{}", mail.source);
        assert!(mail.html().contains("A &amp; B") && mail.text().contains("A & B"), "{}", mail.source);
        assert!(!mail.html().contains('{') || mail.html().contains("style"), "{}", mail.source);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_tells_what_the_server_has_said() {
    let app = TestApp::new().await;
    let body = json!({"template": "otp", "email": "ann@example.com"});
    let send = || app.superuser().post("/api/settings/test/email", body.clone());
    let off = send().await;
    assert_eq!((off.status, off.json["data"]["smtp"]["code"].as_str()), (400, Some("mail_not_sent")), "{off}");

    let postbox = app.postbox().await;
    postbox.refuse(550, "no such mailbox here");
    let refused = send().await;
    assert_eq!(refused.status, 400, "{refused}");
    assert!(refused.json["message"].as_str().expect("a text").contains("no such mailbox here"), "{refused}");
    let dialogue = refused.json["data"]["smtp"]["params"]["dialogue"].to_string();
    for line in ["EHLO localhost", "> MAIL FROM:<support@example.com>", "> RCPT TO:<ann@example.com>", "550"] {
        assert!(dialogue.contains(line), "{line}: {dialogue}");
    }
    drop(postbox);

    let wrong = json!({"template": "nope", "email": "x", "collection": "posts"});
    let wrong = app.superuser().post("/api/settings/test/email", wrong).await;
    for (field, code) in [
        ("template", "validation_in_invalid"),
        ("email", "validation_is_email"),
        ("collection", "validation_invalid_auth_collection"),
    ] {
        assert_eq!(wrong.json["data"][field]["code"], code, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialogue_holds_no_password() {
    let app = TestApp::new().await;
    let postbox = Postbox::with_sign_in(AuthMechanism::Plain).await;
    app.set(postbox.settings_with("PLAIN", "wrong-password-1")).await;
    let body = json!({"template": "otp", "email": "ann@example.com"});
    let reply = app.superuser().post("/api/settings/test/email", body).await;
    assert_eq!(reply.status, 400, "{reply}");
    let text = reply.to_string();
    assert!(text.contains("535") && text.contains(postbox::USERNAME), "{text}");
    assert!(!text.contains("wrong-password-1"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_busy_is_tried_again() {
    let app = TestApp::new().await;
    let postbox = app.postbox().await;
    app.user("ann@example.com").await;
    postbox.refuse(451, "later, please");
    ask(&app, "ann@example.com").await;
    app.deliver().await;
    assert!(postbox.to("ann@example.com").is_empty());
    postbox.accept();
    app.deliver().await;
    assert!(postbox.to("ann@example.com").is_empty(), "it pauses");
    app.clock.advance(Duration::from_secs(6));
    app.deliver().await;
    assert_eq!(postbox.to("ann@example.com").len(), 1);
    assert!(queue(&app).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_nobody_takes_is_given_up_and_seen() {
    let app = TestApp::new().await;
    let postbox = app.postbox().await;
    for email in ["ann@example.com", "bob@example.com", "cid@example.com"] {
        app.user(email).await;
    }
    postbox.refuse(550, "no such mailbox here");
    ask(&app, "ann@example.com").await;
    app.deliver().await;
    let rows = queue(&app).await;
    assert!(matches!(&rows[..], [(false, html, error)] if html.is_empty() && error.contains("550")), "{rows:?}");

    // Tried for as long as the token lives.
    postbox.refuse(451, "later, please");
    ask(&app, "bob@example.com").await;
    for _ in 0..ATTEMPTS_MAX {
        app.deliver().await;
        app.clock.advance(Duration::from_mins(10));
    }
    app.deliver().await;
    let rows = queue(&app).await;
    assert!(rows.iter().all(|(due, html, _)| !due && html.is_empty()) && rows.len() == 2, "{rows:?}");
    assert!(rows.iter().any(|(_, _, error)| error.contains("too old")), "{rows:?}");

    app.clock.advance(Duration::from_hours(24 * 8));
    app.host.default_tenant().tenant.mail.sweep().await.expect("a sweep");
    assert!(queue(&app).await.is_empty(), "forgotten after a while");
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_wait_until_smtp_is_switched_on() {
    let app = TestApp::new().await;
    app.user("ann@example.com").await;
    ask(&app, "ann@example.com").await;
    app.deliver().await;
    assert!(matches!(&queue(&app).await[..], [(true, html, _)] if html.contains("/_/#/auth/confirm-password-reset/")));
    let postbox = app.postbox().await;
    app.deliver().await;
    assert_eq!(postbox.to("ann@example.com").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sender_signs_in_as_the_settings_say() {
    for (mechanism, method) in [(AuthMechanism::Plain, "PLAIN"), (AuthMechanism::Login, "LOGIN")] {
        let app = TestApp::new().await;
        app.user("ann@example.com").await;
        let postbox = Postbox::with_sign_in(mechanism).await;
        app.set(postbox.settings_with(method, "wrong-password-1")).await;
        ask(&app, "ann@example.com").await;
        app.deliver().await;
        assert!(matches!(&queue(&app).await[..], [(true, ..)]), "a wrong password is not the mail's fault");
        // Corrected settings take effect at once.
        app.set(postbox.settings_with(method, postbox::PASSWORD)).await;
        app.deliver().await;
        assert_eq!((postbox.to("ann@example.com").len(), postbox.signed_in()), (1, vec![method]));
        let shown = app.superuser().get("/api/settings").await;
        assert!(!shown.to_string().contains(postbox::PASSWORD), "{shown}");
    }
}

/// What a client says to a server that offers STARTTLS, or expects TLS from the first byte: the first byte of its
/// handshake, and the lines before.
async fn handshake(listener: TcpListener, from_the_first_byte: bool) -> (u8, String) {
    let (socket, _) = listener.accept().await.expect("a client");
    let mut socket = BufReader::new(socket);
    let mut said = String::new();
    if !from_the_first_byte {
        for answer in ["220 postbox\r\n", "250-postbox\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n", "220 go ahead\r\n"] {
            if !answer.starts_with("220 postbox") {
                socket.read_line(&mut said).await.expect("a line");
            }
            socket.write_all(answer.as_bytes()).await.expect("an answer");
        }
    }
    (socket.read_u8().await.expect("a byte"), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_begins_as_the_settings_say_and_before_any_password() {
    const HANDSHAKE: u8 = 22;
    let app = TestApp::new().await;
    for tls in [true, false] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let server = tokio::spawn(handshake(listener, tls));
        let smtp = json!({
            "enabled": true, "host": "127.0.0.1", "port": port, "tls": tls, "username": "postman", "password": "hush",
        });
        app.set(json!({ "smtp": smtp })).await;
        let body = json!({"template": "otp", "email": "ann@example.com"});
        let reply = app.superuser().post("/api/settings/test/email", body).await;
        assert_eq!((reply.status, &reply.json["data"]["smtp"]["code"]), (400, &json!("mail_not_sent")), "{reply}");
        let (first, said) = server.await.expect("a handshake");
        assert_eq!(first, HANDSHAKE, "{said}");
        assert_eq!(said, if tls { "" } else { "EHLO localhost\r\nSTARTTLS\r\n" });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_was_promised_arrives_after_a_kill() {
    let dir = tempfile::tempdir().expect("a folder");
    // A port at which nobody answers, until the restart.
    let nobody = Postbox::new().await;
    let (port, settings) = (nobody.port, nobody.settings());
    drop(nobody);
    let server = Server::start(dir.path()).await;
    server.patch("/api/settings", settings).await;
    let user = json!({"email": "ann@example.com", "password": "secret123456", "passwordConfirm": "secret123456"});
    server.post("/api/collections/users/records", user).await;
    server.post(RESET, json!({"email": "ann@example.com"})).await;
    server.kill();

    let postbox = Postbox::on(port, None).await;
    let server = Server::serve(dir.path()).await;
    let token = arrived(&postbox, "ann@example.com").await.token();
    let body = json!({"token": token, "password": "another-secret-1", "passwordConfirm": "another-secret-1"});
    let confirmed: Value = server.post("/api/collections/users/confirm-password-reset", body).await;
    assert_eq!(confirmed, Value::Null);
}

/// The first mail to an address, once it is there.
async fn arrived(postbox: &Postbox, address: &str) -> postbox::Mail {
    for _ in 0..600 {
        if let Some(mail) = postbox.to(address).into_iter().next() {
            return mail;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no mail to {address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_just_being_taken_is_not_sent_again_after_a_stop() {
    let dir = tempfile::tempdir().expect("a folder");
    let postbox = Postbox::new().await;
    let server = Server::start(dir.path()).await;
    server.patch("/api/settings", postbox.settings()).await;
    for email in ["ann@example.com", "bob@example.com"] {
        let user = json!({"email": email, "password": "secret123456", "passwordConfirm": "secret123456"});
        server.post("/api/collections/users/records", user).await;
    }
    postbox.slow(Duration::from_secs(1));
    server.post(RESET, json!({"email": "ann@example.com"})).await;
    arrived(&postbox, "ann@example.com").await;
    server.terminate();
    assert_eq!(server.ended().await, Some(0));

    postbox.slow(Duration::ZERO);
    let server = Server::serve(dir.path()).await;
    server.post(RESET, json!({"email": "bob@example.com"})).await;
    arrived(&postbox, "bob@example.com").await;
    assert_eq!(postbox.to("ann@example.com").len(), 1);
}
