//! Sessions with mail servers that are private to the end: a real handshake, the password only behind it, and no server
//! for whom nobody vouches.

use crate::support::TestApp;
use crate::support::authority::Authority;
use crate::support::people::Reply;
use crate::support::postbox::{self, Postbox, Privacy};
use crate::support::process::Server;
use mailin::AuthMechanism;
use serde_json::{Value, json};
use std::process::Command;

/// The settings that use a postbox by a name.
fn settings(postbox: &Postbox, host: &str, tls: bool, username: &str) -> Value {
    let mut settings = postbox.settings_with("PLAIN", postbox::PASSWORD);
    for (key, value) in [("host", json!(host)), ("tls", tls.into()), ("username", username.into())] {
        settings["smtp"][key] = value;
    }
    settings
}

async fn try_out(app: &TestApp) -> Reply {
    let body = json!({"template": "otp", "email": "ann@example.com"});
    app.superuser().post("/api/settings/test/email", body).await
}

/// What was said with the server, and why it ended.
fn dialogue(reply: &Reply) -> String {
    assert_eq!((reply.status, &reply.json["data"]["smtp"]["code"]), (400, &json!("mail_not_sent")), "{reply}");
    let lines = reply.json["data"]["smtp"]["params"]["dialogue"].as_array().expect("lines");
    lines.iter().map(|line| format!("{}\n", line.as_str().expect("a line"))).collect()
}

/// An app that trusts an authority of its own too.
async fn trusting(authority: &Authority) -> (tempfile::TempDir, TestApp) {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("authorities.pem");
    // Others may stand before it, and words between them.
    std::fs::write(&path, format!("the others\n{}\nours\n{}", Authority::new().pem, authority.pem)).expect("a file");
    (dir, TestApp::with(|config| config.smtp_ca_file = Some(path)).await)
}

/// Both ways in which a session becomes private, with what the settings call them.
fn ways(authority: &Authority, name: &str) -> [(bool, Privacy); 2] {
    let server = authority.server(name);
    [(true, Privacy::FromTheFirstByte(server.clone())), (false, Privacy::WhenAsked(server))]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_a_trusted_authority_gets_password_and_mail_in_private() {
    let authority = Authority::new();
    let (_dir, app) = trusting(&authority).await;
    app.user("bob@example.com").await;
    for name in ["127.0.0.1", "localhost"] {
        for (tls, privacy) in ways(&authority, name) {
            // It lets nobody sign in without TLS.
            let postbox = Postbox::private(Some(AuthMechanism::Plain), privacy).await;
            app.set(settings(&postbox, name, tls, postbox::USERNAME)).await;
            let reply = try_out(&app).await;
            assert_eq!(reply.status, 204, "{name} {tls}: {reply}");
            let anon = app.anon();
            let body = json!({"email": "bob@example.com"});
            assert_eq!(anon.post("/api/collections/users/request-password-reset", body).await.status, 204);
            app.deliver().await;
            let mails = (postbox.to("ann@example.com").len(), postbox.to("bob@example.com").len());
            assert_eq!(mails, (1, 1), "by hand and by the queue");
            assert_eq!((postbox.private_sessions(), postbox.signed_in().len()), (2, 2));
            app.clock.advance(std::time::Duration::from_hours(1));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_for_whom_nobody_vouches_gets_nothing() {
    let authority = Authority::new();
    let app = TestApp::new().await;
    // Also where nothing would have to be private.
    for username in [postbox::USERNAME, ""] {
        for (tls, privacy) in ways(&authority, "127.0.0.1") {
            let postbox = Postbox::private(None, privacy).await;
            app.set(settings(&postbox, "127.0.0.1", tls, username)).await;
            let said = dialogue(&try_out(&app).await);
            let last = said.lines().last().unwrap_or_default();
            assert!(last.starts_with("! ") && last.contains("nobody who is trusted here vouches"), "{said}");
            assert!(last.contains("smtp-ca-file"), "{said}");
            assert!(!said.contains("AUTH as") && !said.contains("MAIL FROM"), "{said}");
            assert_eq!(said.contains("> STARTTLS"), !tls, "{said}");
            assert!(postbox.to("ann@example.com").is_empty() && postbox.signed_in().is_empty());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_for_a_name() {
    let authority = Authority::new();
    let (_dir, app) = trusting(&authority).await;
    for (tls, privacy) in ways(&authority, "mail.example.com") {
        let postbox = Postbox::private(None, privacy).await;
        app.set(settings(&postbox, "127.0.0.1", tls, "")).await;
        let said = dialogue(&try_out(&app).await);
        assert!(said.contains("for another name than `smtp.host`"), "{said}");
        assert!(postbox.to("ann@example.com").is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_names_the_file_and_nobody_else() {
    let dir = tempfile::tempdir().expect("a folder");
    let authority = Authority::new();
    let path = dir.path().join("ours.pem");
    authority.write(&path);
    let path = path.to_str().expect("a path");
    let postbox = Postbox::private(None, Privacy::FromTheFirstByte(authority.server("127.0.0.1"))).await;
    Server::make_superuser(dir.path());
    for by_flag in [false, true] {
        let server = if by_flag {
            Server::configured(dir.path(), &[], &["--smtp-ca-file", path]).await
        } else {
            Server::configured(dir.path(), &[("TINYBASE_SMTP_CA_FILE", path)], &[]).await
        };
        let mut wanted = settings(&postbox, "127.0.0.1", true, "");
        wanted["smtp"]["caFile"] = json!("/etc/passwd");
        let shown = server.patch("/api/settings", wanted).await;
        assert!(shown["smtp"].get("caFile").is_none(), "{shown}");
        let body = json!({"template": "otp", "email": "ann@example.com"});
        let (status, reply) = server.try_post("/api/settings/test/email", body).await;
        assert_eq!(status, 204, "{reply}");
        server.terminate();
        assert_eq!(server.ended().await, Some(0));
    }
    assert_eq!(postbox.to("ann@example.com").len(), 2);

    std::fs::write(path, "no certificate").expect("a file");
    std::fs::write(dir.path().join("tinybase.toml"), format!("smtp-ca-file = '{path}'\n")).expect("a file");
    let refused = Command::new(crate::support::process::binary())
        .args(["serve", "--http", "127.0.0.1:0", "--dir"])
        .arg(dir.path())
        .output()
        .expect("the command line");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("ours.pem") && said.contains("no certificate"), "{said}");
}
