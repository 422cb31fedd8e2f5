//! What the operator fixes outside of the database: settings from flags, variables and a file, and the key under which
//! the others are stored. With the real server, which is what reads them.

use crate::support::people::Person;
use crate::support::process::{Server, binary};
use crate::support::{PASSWORD, config};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};
use tinybase::clock::World;
use tinybase::db::Unit;
use tinybase::host::Host;
use tinybase::http::App;
use tinybase::sql::Sql;
use tinybase::tenant::Cx;

const ONE: &str = "the-first-key-of-thirty-two-byte";
const OTHER: &str = "another-key-of-thirty-two-bytes!";

/// The server's last words when it does not start.
fn refused(dir: &Path, variables: &[(&str, &str)], flags: &[&str]) -> String {
    let Output { status, stderr, .. } = Command::new(binary())
        .args(["serve", "--http", "127.0.0.1:0", "--dir"])
        .arg(dir)
        .args(flags)
        .envs(variables.iter().copied())
        .output()
        .expect("the command line");
    assert!(!status.success(), "it should not start");
    String::from_utf8_lossy(&stderr).into_owned()
}

async fn settings(server: &Server) -> Value {
    server.get("/api/settings?sources=1").await
}

#[tokio::test(flavor = "multi_thread")]
async fn flags_go_before_variables_before_the_file_before_what_is_stored() {
    let dir = tempfile::tempdir().expect("a folder");
    let server = Server::start(dir.path()).await;
    let stored = json!({"smtp": {"host": "stored", "port": 1, "username": "stored", "localName": "stored"}});
    server.patch("/api/settings", stored).await;
    server.terminate();
    assert_eq!(server.ended().await, Some(0));

    let file = "[smtp]\nhost = 'file'\nport = 2\nusername = 'file'\n";
    std::fs::write(dir.path().join("tinybase.toml"), file).expect("a file");
    let variables = [("TINYBASE_SMTP_HOST", "variable"), ("TINYBASE_SMTP_PORT", "3")];
    let server = Server::configured(dir.path(), &variables, &["--set", "smtp.host=flag"]).await;
    let all = settings(&server).await;
    let smtp = &all["smtp"];
    assert_eq!((&smtp["host"], &smtp["port"]), (&json!("flag"), &json!(3)), "{all}");
    assert_eq!((&smtp["username"], &smtp["localName"]), (&json!("file"), &json!("stored")), "{all}");
    let origin = |name: &str| all["sources"][name]["origin"].as_str();
    assert_eq!((origin("smtp.host"), origin("smtp.port")), (Some("flag"), Some("variable")), "{all}");
    assert_eq!((origin("smtp.username"), origin("smtp.localName")), (Some("file"), None), "{all}");
    let plain = server.get("/api/settings").await;
    assert!(plain.get("sources").is_none() && plain.get("secrets").is_none(), "only for those who ask");

    let (status, reply) = server.try_patch("/api/settings", json!({"smtp": {"port": 9, "localName": "new"}})).await;
    assert_eq!((status, &reply["data"]["smtp"]["port"]["code"]), (400, &json!("validation_setting_fixed")), "{reply}");
    let message = reply["data"]["smtp"]["port"]["message"].as_str().expect("a text");
    assert_eq!(message, "It is fixed by the variable TINYBASE_SMTP_PORT.");
    assert_eq!(settings(&server).await["smtp"]["localName"], "stored", "nothing is half done");
    let whole = json!({"smtp": {"host": "flag", "port": 3, "username": "file", "localName": "new"}});
    assert_eq!(server.patch("/api/settings", whole).await["smtp"]["localName"], "new", "what is fixed may be repeated");
    server.terminate();
    assert_eq!(server.ended().await, Some(0));

    std::fs::remove_file(dir.path().join("tinybase.toml")).expect("the file");
    let server = Server::serve(dir.path()).await;
    let all = settings(&server).await;
    assert_eq!((&all["smtp"]["host"], &all["smtp"]["localName"]), (&json!("stored"), &json!("new")), "{all}");
    assert_eq!(all["sources"], json!({}), "what was fixed was never stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_makes_no_sense_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    for (variables, flags, word) in [
        (&[("TINYBASE_SMTP_HOTS", "a")][..], &[][..], "TINYBASE_SMTP_HOTS"),
        (&[("TINYBASE_META_APP_URL", "not a url")], &[], "meta.appURL"),
        (&[("TINYBASE_WORKERS", "many")], &[], "TINYBASE_WORKERS"),
        (&[], &["--set", "smtp.hots=a"], "smtp.hots"),
        (&[], &["--config", "/nowhere/at/all.toml"], "/nowhere/at/all.toml"),
    ] {
        let words = refused(dir.path(), variables, flags);
        assert!(words.contains(word), "{word}: {words}");
    }
    std::fs::write(dir.path().join("tinybase.toml"), "htpp = '127.0.0.1:0'\n").expect("a file");
    assert!(refused(dir.path(), &[], &[]).contains("htpp"));
    std::fs::write(dir.path().join("tinybase.toml"), "[smtp]\nport = 'many'\n").expect("a file");
    let words = refused(dir.path(), &[], &[]);
    assert!(words.contains("smtp.port") && words.contains("tinybase.toml"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_settings_that_cannot_be_read_do_not_give_way_to_defaults() {
    let dir = tempfile::tempdir().expect("a folder");
    let host = Host::open(config(dir.path()), World::real()).await.expect("the host opens");
    let tenant = host.default_tenant().tenant.clone();
    let cx = Cx::system(tenant.clone());
    tinybase::auth::superusers::create(&cx, "root@example.com", PASSWORD).await.expect("a superuser");
    let superuser = Person::sign_in(&App::new(host.clone()), "_superusers", "root@example.com", PASSWORD).await;
    let name = json!({"meta": {"appName": "Mine"}});
    assert_eq!(superuser.patch("/api/settings", name.clone()).await.status, 200);
    let broken = Sql::new("UPDATE _params SET value = '{\"smtp\": \"hush\"}' WHERE id = 'settings'");
    tenant.store.write_alone(Unit::of(broken)).await.expect("another program's change");
    assert_eq!(superuser.patch("/api/settings", name).await.status, 500);
    host.close().await;
    drop((superuser, cx, tenant, host));
    let said = refused(dir.path(), &[], &[]);
    assert!(said.contains("what is stored is not as this version keeps it") && !said.contains("hush"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_settings_are_read_with_their_key_only_and_keys_change() {
    let dir = tempfile::tempdir().expect("a folder");
    let key = |name: &'static str, key: &'static str| (name, key);
    let current = |text| key("TINYBASE_ENCRYPTION_KEY", text);
    let previous = |text| key("TINYBASE_ENCRYPTION_KEY_PREVIOUS", text);
    let ended = async |server: Server| {
        server.terminate();
        assert_eq!(server.ended().await, Some(0));
    };
    let is_there = |words: &str| {
        let bytes = std::fs::read(dir.path().join("data.db")).expect("the database");
        bytes.windows(words.len()).any(|part| part == words.as_bytes())
    };
    let server = Server::start(dir.path()).await;
    server.patch("/api/settings", json!({"smtp": {"password": "hush-hush", "username": "somebody-known"}})).await;
    ended(server).await;
    assert!(is_there("hush-hush"), "without a key it is stored as it is");

    let server = Server::configured(dir.path(), &[current(ONE)], &[]).await;
    assert_eq!(settings(&server).await["smtp"]["username"], "somebody-known");
    server.patch("/api/settings", json!({"meta": {"appName": "Sealed"}})).await;
    ended(server).await;

    for (variables, words) in [
        (&[][..], "TINYBASE_ENCRYPTION_KEY"),
        (&[current(OTHER)], "another key than that of TINYBASE_ENCRYPTION_KEY"),
        (&[current("short")], "32 bytes"),
    ] {
        let said = refused(dir.path(), variables, &[]);
        assert!(said.contains(words) && !said.contains(OTHER), "{said}");
    }
    let said = refused(dir.path(), &[], &["--encryptionEnv", "NOT_SET"]);
    assert!(said.contains("NOT_SET"), "{said}");

    let server = Server::configured(dir.path(), &[current(OTHER), previous(ONE)], &[]).await;
    assert_eq!(settings(&server).await["meta"]["appName"], "Sealed");
    ended(server).await;
    assert!(refused(dir.path(), &[current(ONE)], &[]).contains("another key"), "the old key is worth nothing now");
    let server = Server::configured(dir.path(), &[("MINE", OTHER)], &["--encryption-env", "MINE"]).await;
    let all = settings(&server).await;
    assert_eq!((&all["meta"]["appName"], &all["smtp"]["username"]), (&json!("Sealed"), &json!("somebody-known")));
    ended(server).await;

    let server = Server::configured(dir.path(), &[previous(OTHER)], &[]).await;
    ended(server).await;
    let server = Server::serve(dir.path()).await;
    assert_eq!(settings(&server).await["meta"]["appName"], "Sealed", "and back to plain");
}

/// 12 GB, if they were taken for the values of one row. In a process of its own: the limit is of the whole engine.
#[tokio::test(flavor = "multi_thread")]
async fn no_statement_takes_all_the_memory_of_the_machine() {
    let dir = tempfile::tempdir().expect("a folder");
    let server = Server::start(dir.path()).await;
    let values = vec!["zeroblob(60000000)"; 200].join(", ");
    let (status, reply) = server.try_post("/api/sql", json!({"query": format!("select {values}")})).await;
    assert_eq!(status, 503, "{reply}");
    assert!(reply["message"].as_str().expect("a text").contains("more memory"), "{reply}");
    let (status, reply) = server.try_post("/api/sql", json!({"query": "select 1"})).await;
    assert_eq!((status, &reply["rows"]), (200, &json!([["1"]])), "what was taken is given back");
}
