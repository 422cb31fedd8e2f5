//! Superusers: from where they may come, and what the command line does with them.

use crate::support::people::Person;
use crate::support::process::binary;
use crate::support::{PASSWORD, TestApp};
use serde_json::{Value, json};
use std::process::Command;
use tinybase::settings::Asked;
use tinybase::tenant::Cx;

#[tokio::test(flavor = "multi_thread")]
async fn superusers_come_from_where_the_settings_say() {
    let app = TestApp::new().await;
    let user = app.user("ann@example.com").await;
    let status = async |person: &Person| person.get("/api/collections").await.status;
    let allow = async |networks: Value| {
        let patch = json!({"superuserIPs": networks}).as_object().cloned().unwrap_or_default();
        let beside = tinybase::activity::of_settings(&Cx::system(app.host.default_tenant().tenant.clone()));
        app.host.default_tenant().realtime.change_settings(Asked { patch, from: None, seen: None, beside }).await
    };
    allow(json!(["10.0.0.0/8"])).await.expect("good networks");
    let refused = app.superuser().get("/api/collections").await;
    insta::assert_snapshot!(refused, @r#"403 {"status":403,"message":"Superusers may not come from this address.","data":{}}"#);
    assert_eq!(app.superuser().get("/api/health").await.status, 403, "wherever they go");
    let body = json!({"identity": "root@example.com", "password": PASSWORD});
    assert_eq!(app.anon().post("/api/collections/_superusers/auth-with-password", body).await.status, 403);
    let session = json!({"email": "root@example.com", "password": PASSWORD});
    assert_eq!(app.anon().post("/api/admin/session", session).await.status, 403);
    assert_eq!((status(&user).await, user.view("users", &user.id).await.status), (403, 200), "others are not meant");

    allow(json!(["10.0.0.0/8", "127.0.0.1"])).await.expect("good networks");
    assert_eq!(status(app.superuser()).await, 200);
    assert!(allow(json!(["home"])).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_hash_becomes_one_of_today_at_the_next_sign_in() {
    let app = TestApp::new().await;
    let ann = app.user("ann@example.com").await;
    let tenant = &app.host.default_tenant().tenant;
    // "U*U" in another program's bcrypt.
    let hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    let mut import = tinybase::sql::Sql::new("UPDATE users SET password = ");
    import.bind(hash);
    assert!(tenant.store.write(tinybase::db::Unit::of(import)).await.is_ok());
    let stored = async || {
        let mut select = tinybase::sql::Sql::new("SELECT password FROM users WHERE id = ");
        select.bind(ann.id.as_str());
        let read = tenant.store.read(|snapshot| snapshot.one(&select, |row| Ok(row.text(0).to_owned()))).await;
        read.expect("a row").expect("a row")
    };
    let sign_in = async |password: &str| {
        let body = json!({"identity": "ann@example.com", "password": password});
        app.anon().post("/api/collections/users/auth-with-password", body).await.status
    };
    assert_eq!((sign_in("wrong").await, stored().await.as_str()), (400, hash));
    assert_eq!(sign_in("U*U").await, 200);
    assert!(stored().await.starts_with("$argon2id$"), "{}", stored().await);
    assert_eq!((sign_in("U*U").await, sign_in("wrong").await), (200, 400));
    assert_eq!(ann.view("users", &ann.id).await.status, 200, "tokens stay");
}

#[test]
fn the_command_line_knows_superusers() {
    let dir = tempfile::tempdir().expect("a folder");
    let place = dir.path().join("tb_data");
    let run = |words: &[&str]| {
        let output = Command::new(binary()).args(words).arg("--dir").arg(&place).output().expect("the command line");
        let text = String::from_utf8(output.stdout).expect("text");
        (
            output.status.code().unwrap_or(-1),
            text.trim().to_owned(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    for words in [
        &["admin", "list"][..],
        &["admin", "ips"],
        &["keys", "list"],
        &["types"],
        &["backup", "list"],
        &["admin", "reset", "a@b.co"],
    ] {
        let (code, _, why) = run(words);
        assert!(code == 1 && why.contains("there is no data in") && !place.exists(), "{words:?}: {why}");
    }
    assert_eq!(run(&["admin", "create", "a@example.com", PASSWORD]).0, 0);
    assert_eq!(run(&["superuser", "upsert", "b@example.com", PASSWORD]).0, 0);
    assert_eq!(run(&["admin", "list"]).1, "a@example.com\nb@example.com");
    let (code, _, why) = run(&["admin", "create", "a@example.com", PASSWORD]);
    assert!(code == 1 && why.contains("email"), "{why}");
    let (code, _, why) = run(&["admin", "create", "c@example.com", "short"]);
    assert!(code == 1 && why.contains("password"), "{why}");
    assert_eq!(run(&["admin", "update", "b@example.com", "another-secret"]).0, 0);
    let (code, password, _) = run(&["admin", "reset", "b@example.com"]);
    assert!(code == 0 && password.len() == 20, "{password}");
    assert_eq!(run(&["admin", "delete", "a@example.com"]).0, 0);
    for words in [["admin", "delete", "nobody@example.com"], ["admin", "reset", "nobody@example.com"]] {
        let (code, _, why) = run(&words);
        assert!(code == 1 && why.contains("There is no superuser"), "{why}");
    }
    let (code, _, why) = run(&["admin", "delete", "b@example.com"]);
    assert!(code == 1 && why.contains("only existing superuser"), "{why}");
    assert_eq!(run(&["admin", "ips", "10.0.0.0/8", "::1"]).1, "10.0.0.0/8\n::1");
    assert_eq!(run(&["admin", "ips"]).1, "10.0.0.0/8\n::1");
    assert_eq!(run(&["admin", "ips", "home"]).0, 1);
    assert_eq!(run(&["admin", "ips", "any"]).1, "");
}
