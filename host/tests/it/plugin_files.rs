//! Components and their machine code: versions, restarts, damaged and lost files.

use crate::support::guests::{guest, plugin};
use crate::support::people::{Part, Person};
use crate::support::{self, TestApp, config, posts};
use axum::http::Method;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tinybase::config::Config;
use tinybase::host::Host;
use tinybase::tenant::Cx;

/// A server on a folder that outlives it.
async fn serve(dir: &Path) -> (Arc<Host>, Person) {
    let (host, _, root) = support::serve(config(dir)).await;
    (host, root)
}

fn files(dir: &Path, ending: &str) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(dir.join("plugins")).expect("the folder of plugins");
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect()
}

async fn slug(root: &Person, title: &str) -> Value {
    root.create("posts", json!({ "title": title })).await.json["slug"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_upload_of_a_name_is_the_next_version() {
    let app = TestApp::with_posts().await;
    let upload = async |name: &str, bytes: &[u8]| app.superuser().upload_as("/api/plugins", name, bytes).await;
    let first = upload("p", &plugin("slugify")).await;
    let id = first.json["id"].as_str().expect("an id").to_owned();
    assert_eq!((&first.json["version"], &first.json["state"]), (&json!("1"), &json!("uploaded")), "{first}");
    let same = upload("P", &plugin("slugify")).await;
    assert_eq!((&same.json["id"], &same.json["version"]), (&json!(id), &json!("1")), "the same bytes: {same}");
    assert!(first.json["compileMs"].as_i64() > Some(0), "{first}");

    let path = format!("/api/plugins/{id}");
    let attached = json!({"collection": "posts", "hooks": ["beforeCreate"]});
    app.superuser().post(&format!("{path}/attachments"), attached).await;
    assert_eq!(app.superuser().get(&path).await.json["state"], "active");

    // It lacks the hook that is attached, so somebody has to insist.
    let word_limit = plugin("word-limit");
    let parts = [Part::Text("name", "p"), Part::Text("force", "true"), Part::File("file", "p.wasm", &word_limit)];
    let pure = app.superuser().form(Method::POST, "/api/plugins", &parts).await;
    assert_eq!((&pure.json["id"], &pure.json["version"]), (&json!(id), &json!("2")), "{pure}");
    assert_eq!(app.superuser().get(&path).await.json["version"], "2", "called at once: it asks for nothing more");
    assert_eq!(slug(app.superuser(), "A").await, "", "it does not export the hook any more");

    let wider = upload("p", &guest("hostile")).await;
    assert_eq!((&wider.json["version"], &wider.json["state"]), (&json!("3"), &json!("uploaded")), "{wider}");
    assert_eq!(app.superuser().get(&path).await.json["version"], "2", "it waits for an admin");

    let activate =
        async |version: Value| app.superuser().post(&format!("{path}/activate"), json!({"version": version})).await;
    assert_eq!(activate(json!("1")).await.status, 200, "a version that is there");
    assert_eq!(slug(app.superuser(), "B C").await, "b-c", "rolled back");
    assert_eq!((activate(json!(9)).await.status, activate(json!("x")).await.status), (404, 400));
    let versions = app.superuser().get(&format!("{path}/versions")).await;
    assert_eq!(versions.json["totalItems"], 3, "{versions}");
    let opened = app.host.default_tenant();

    let off = app.superuser().patch(&path, json!({"enabled": false})).await;
    assert_eq!(off.json["state"], "disabled");
    assert_eq!(slug(app.superuser(), "D").await, "");
    assert_eq!(files(&opened.tenant.dir, "wasm").len(), 3);
    assert_eq!(app.superuser().remove(&path).await.status, 204);
    assert!(files(&opened.tenant.dir, "wasm").is_empty() && files(&opened.tenant.dir, "cwasm").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_names() {
    let app = TestApp::new().await;
    for name in ["../../x", "a b", "-a", "a/b", "\u{202e}x", &"n".repeat(61)] {
        let reply = app.superuser().upload_as("/api/plugins", name, &plugin("slugify")).await;
        // A file name that cannot be a plugin's name is not used for one.
        let named = reply.json["name"].as_str().is_some_and(|used| used.starts_with("plugin-"));
        assert!(named || reply.json["data"].get("name").is_some(), "{name}: {reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_work_is_refused_when_it_is_uploaded() {
    let app = TestApp::new().await;
    for (name, code, words) in [
        ("start-loop", "plugin_invalid", "(fuel)"),
        ("start-trap", "plugin_invalid", "(trap)"),
        ("wrong-signature", "plugin_invalid", "before-create"),
        ("no-hooks", "plugin_no_hooks", "answer"),
        ("unknown-import", "plugin_unknown_import", "evil:host/steal@1.0.0"),
        ("future-import", "plugin_unknown_import", "0.1.0"),
        ("not-component", "plugin_not_component", "core module"),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/guests/wat/{name}.wat"));
        let bytes = wat::parse_file(path).expect("it can be assembled");
        let reply = app.superuser().upload_as("/api/plugins", name, &bytes).await;
        assert_eq!((reply.status, reply.json["data"]["file"]["code"].as_str()), (400, Some(code)), "{name}: {reply}");
        let message = reply.json["data"]["file"]["message"].as_str().expect("a message");
        assert!(message.contains(words), "{name}: {message}");
    }
    assert_eq!(app.superuser().get("/api/plugins").await.json["totalItems"], 0);
    assert!(files(&app.host.default_tenant().tenant.dir, "wasm").is_empty(), "nothing is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn code_survives_a_restart_and_is_made_anew_when_it_cannot_be_trusted() {
    let dir = tempfile::tempdir().expect("a folder");
    let (host, root) = serve(dir.path()).await;
    root.post("/api/collections", posts()).await;
    let uploaded = root.upload_as("/api/plugins", "slugify", &plugin("slugify")).await;
    let path = format!("/api/plugins/{}/attachments", uploaded.json["id"].as_str().expect("an id"));
    let attached = root.post(&path, json!({"collection": "posts", "hooks": ["beforeCreate"]})).await;
    assert_eq!(attached.status, 200, "{attached}");
    let tenant = host.default_tenant().tenant.dir.clone();
    let artifact = files(&tenant, "cwasm").pop().expect("an artifact");
    let signed = fs::read(&artifact).expect("its bytes");
    drop(root);
    host.close().await;
    drop(host);

    let (host, root) = serve(dir.path()).await;
    assert_eq!(slug(&root, "As Before").await, "as-before");
    assert_eq!(fs::read(&artifact).expect("its bytes"), signed, "not compiled again");
    drop(root);
    host.close().await;
    drop(host);

    // Another key: what the old one signed is not loaded.
    fs::write(dir.path().join("host.key"), "k".repeat(64)).expect("it can be written");
    let (host, root) = serve(dir.path()).await;
    assert_eq!(slug(&root, "Made Anew").await, "made-anew");
    assert_ne!(fs::read(&artifact).expect("its bytes")[..32], signed[..32], "signed again");
    drop(root);
    host.close().await;
    drop(host);

    fs::remove_file(&artifact).expect("it is there");
    let (host, root) = serve(dir.path()).await;
    assert_eq!(slug(&root, "From The Component").await, "from-the-component");
    host.close().await;
}

/// Opens the server anew, once its machine code is gone and the component is as `harm` leaves it.
async fn harmed(dir: &Path, harm: impl Fn(&Path)) -> (Arc<Host>, Person, String) {
    let (host, root) = serve(dir).await;
    root.post("/api/collections", posts()).await;
    let uploaded = root.upload_as("/api/plugins", "slugify", &plugin("slugify")).await;
    let path = format!("/api/plugins/{}", uploaded.json["id"].as_str().expect("an id"));
    let body = json!({"collection": "posts", "hooks": ["beforeCreate"]});
    let attached = root.post(&format!("{path}/attachments"), body).await;
    assert_eq!(attached.status, 200, "{attached}");
    let tenant = host.default_tenant().tenant.dir.clone();
    drop(root);
    host.close().await;
    drop(host);
    for artifact in files(&tenant, "cwasm") {
        fs::remove_file(artifact).expect("it is there");
    }
    for component in files(&tenant, "wasm") {
        harm(&component);
    }
    let (host, root) = serve(dir).await;
    (host, root, path)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_whose_file_is_lost_says_so_and_is_mended_by_uploading_it_again() {
    let remove = |path: &Path| fs::remove_file(path).expect("it is there");
    let damage = |path: &Path| fs::write(path, b"\0asm, but not what it was").expect("it can be written");
    for (code, harm) in [("plugin_file_missing", &remove as &dyn Fn(&Path)), ("plugin_file_damaged", &damage)] {
        let dir = tempfile::tempdir().expect("a folder");
        let (host, root, path) = harmed(dir.path(), harm).await;
        let failed = root.create("posts", json!({"title": "A B"})).await;
        let told = &failed.json["data"]["plugin"];
        assert_eq!((failed.status, &told["code"]), (503, &json!("plugin_unavailable")), "{failed}");
        assert_eq!(told["message"], "The plugin's code cannot be loaded.", "{failed}");

        let view = root.get(&path).await.json;
        assert_eq!((&view["state"], &view["problem"]["code"]), (&json!("broken"), &json!(code)), "{view}");
        let message = view["problem"]["message"].as_str().expect("a message");
        assert!(message.contains("Upload the same file again"), "{message}");
        let log = root.get(&format!("{path}/logs")).await.json;
        let line = log["items"][0]["message"].as_str().expect("a line");
        assert!(line.contains("it cannot be loaded") && !line.contains(&*dir.path().to_string_lossy()), "{line}");
        let chosen = root.post(&format!("{path}/activate"), json!({"version": 1})).await;
        assert_eq!((chosen.status, &chosen.json["data"]["file"]["code"]), (400, &json!(code)), "{chosen}");
        // So often that its breaker opens: whoever mends it does not wait for that.
        for _ in 0..6 {
            assert_eq!(root.create("posts", json!({"title": "A B"})).await.status, 503);
        }

        let again = root.upload_as("/api/plugins", "slugify", &plugin("slugify")).await;
        assert_eq!(
            (again.status, &again.json["version"], &again.json["state"]),
            (200, &json!("1"), &json!("active")),
            "{again}"
        );
        assert!(again.json.get("problem").is_none(), "{again}");
        assert_eq!(slug(&root, "As Before").await, "as-before");
        drop(root);
        host.close().await;
        drop(host);
        let (host, root) = serve(dir.path()).await;
        assert_eq!(slug(&root, "Once More").await, "once-more", "the file is there again");
        host.close().await;
    }
}

/// The state of a plugin, once it is loaded.
async fn loaded(root: &Person, path: &str) -> Value {
    for _ in 0..400 {
        let view = root.get(path).await.json;
        if view["loaded"] == true {
            return view["state"].clone();
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{path} is not loaded");
}

/// Bytes of machine code in memory.
async fn code_bytes(root: &Person) -> u64 {
    let page = String::from_utf8(root.get("/metrics").await.body).expect("a text");
    let line = page.lines().find_map(|line| line.strip_prefix("tinybase_plugin_code_bytes ")).expect("a figure");
    line.parse().expect("a number")
}

/// Uploads a plugin, attaches it if that is wished, and answers with its path.
async fn put_up(root: &Person, name: &str, hook: Option<&str>) -> String {
    let uploaded = root.upload_as("/api/plugins", name, &plugin(name)).await;
    let path = format!("/api/plugins/{}", uploaded.json["id"].as_str().expect("an id"));
    if let Some(hook) = hook {
        attach(root, &path, hook).await;
    }
    path
}

async fn attach(root: &Person, path: &str, hook: &str) {
    let attached = root.post(&format!("{path}/attachments"), json!({"collection": "posts", "hooks": [hook]})).await;
    assert_eq!(attached.status, 200, "{attached}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_called_is_loaded_before_it_is() {
    let dir = tempfile::tempdir().expect("a folder");
    let (host, root) = serve(dir.path()).await;
    root.post("/api/collections", posts()).await;
    let slugify = put_up(&root, "slugify", Some("beforeCreate")).await;
    let off = put_up(&root, "word-limit", Some("validate")).await;
    assert_eq!(root.patch(&off, json!({"enabled": false})).await.status, 200);
    let idle = put_up(&root, "contact-details", None).await;
    drop(root);
    host.close().await;
    drop(host);

    let (host, root) = serve(dir.path()).await;
    assert_eq!(loaded(&root, &slugify).await, "active");
    let one = code_bytes(&root).await;
    let view = async |path: &str| {
        let view = root.get(path).await.json;
        (view["state"].clone(), view["loaded"].clone())
    };
    assert_eq!(view(&off).await, (json!("disabled"), json!(false)));
    assert_eq!(view(&idle).await, (json!("uploaded"), json!(false)));
    assert!(one > 0, "its code is counted");

    // As soon as they may be called.
    assert_eq!(root.patch(&off, json!({"enabled": true})).await.status, 200);
    assert_eq!(loaded(&root, &off).await, "active");
    attach(&root, &idle, "beforeCreate").await;
    assert_eq!(loaded(&root, &idle).await, "active");
    assert!(code_bytes(&root).await > one);

    // What is deleted is not held.
    for path in [&off, &idle] {
        assert_eq!(root.remove(path).await.status, 204);
    }
    for _ in 0..400 {
        if code_bytes(&root).await == one {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(code_bytes(&root).await, one);
    drop(root);
    host.close().await;
    drop(host);

    // Calls that come while it is loaded wait for that, and load it no second time.
    let (host, root) = serve(dir.path()).await;
    let titles: Vec<String> = (0..16).map(|number| format!("At Once {number}")).collect();
    let slugs = futures_util::future::join_all(titles.iter().map(|title| slug(&root, title))).await;
    for (number, slug) in slugs.into_iter().enumerate() {
        assert_eq!(slug, format!("at-once-{number}"));
    }
    assert_eq!(loaded(&root, &slugify).await, "active");
    assert_eq!(code_bytes(&root).await, one, "once");
    drop(root);
    host.close().await;
    drop(host);

    let (host, _, root) = support::serve(Config { no_plugins: true, ..config(dir.path()) }).await;
    root.create("posts", json!({"title": "Nobody"})).await;
    let view = root.get(&slugify).await.json;
    assert_eq!((&view["state"], &view["loaded"]), (&json!("off"), &json!(false)), "{view}");
    assert_eq!(code_bytes(&root).await, 0);
    host.close().await;
}

/// Takes away components and their machine code: what is loaded from now on is in memory already.
fn lose_files(dir: &Path) {
    for ending in ["wasm", "cwasm"] {
        for file in files(dir, ending) {
            fs::remove_file(file).expect("it is there");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_of_the_same_component_share_its_code() {
    let app = TestApp::with_posts().await;
    let root = app.superuser();
    let path = put_up(root, "slugify", Some("beforeCreate")).await;
    let one = code_bytes(root).await;
    let activate = async |bytes: u64| {
        lose_files(&app.host.default_tenant().tenant.dir);
        let again = root.post(&format!("{path}/activate"), json!({"version": 1})).await;
        assert_eq!((again.status, &again.json["loaded"]), (200, &json!(true)), "{again}");
        assert_eq!(code_bytes(root).await, bytes);
    };
    activate(one).await;
    // Uploading it again does not make anybody forget it.
    let same = root.upload_as("/api/plugins", "slugify", &plugin("slugify")).await;
    assert_eq!((same.status, &same.json["version"]), (200, &json!("1")), "{same}");
    activate(one).await;
    let twin = root.upload_as("/api/plugins", "twin", &plugin("slugify")).await;
    assert_eq!((twin.status, &twin.json["loaded"]), (200, &json!(true)), "{twin}");
    assert_eq!(code_bytes(root).await, one, "another plugin of the same component");
    put_up(root, "word-limit", None).await;
    let sum = code_bytes(root).await;
    assert!(sum > one);
    activate(sum).await;
    assert_eq!(slug(root, "Still There").await, "still-there");
}

#[tokio::test(flavor = "multi_thread")]
async fn code_that_is_in_memory_is_not_made_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let (host, root) = serve(dir.path()).await;
    root.post("/api/collections", posts()).await;
    let slugify = put_up(&root, "slugify", Some("beforeCreate")).await;
    let uploaded = root.upload_as("/api/plugins", "twin", &plugin("slugify")).await;
    let twin = format!("/api/plugins/{}", uploaded.json["id"].as_str().expect("an id"));
    attach(&root, &twin, "beforeCreate").await;
    assert_eq!(root.patch(&twin, json!({"enabled": false})).await.status, 200);
    drop(root);
    host.close().await;
    drop(host);

    let (host, root) = serve(dir.path()).await;
    assert_eq!(loaded(&root, &slugify).await, "active");
    assert_eq!(root.get(&twin).await.json["loaded"], false);
    let one = code_bytes(&root).await;
    lose_files(&host.default_tenant().tenant.dir);
    assert_eq!(root.patch(&twin, json!({"enabled": true})).await.status, 200);
    assert_eq!(loaded(&root, &twin).await, "active");
    assert_eq!(code_bytes(&root).await, one);
    host.close().await;
}

/// A compiler that finds no room while there is a file `busy`, and then does not begin before there is a file `go`; each line of
/// `begun` is a time that it has.
fn slow_compiler(dir: &Path) -> PathBuf {
    let script = dir.join("compiler");
    let (place, program) = (dir.display(), env!("CARGO_BIN_EXE_tinybase"));
    let words = format!(
        "#!/bin/sh\ncd '{place}'\nif [ -e busy ]; then : > tried; exit 6; fi\necho >> begun\n\
         until [ -e go ]; do /bin/sleep 0.02; done\nexec '{program}' \"$@\"\n"
    );
    fs::write(&script, words).expect("it can be written");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).expect("it is there");
    script
}

async fn appears(path: &Path) {
    for _ in 0..800 {
        if path.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{} does not appear", path.display());
}

#[tokio::test(flavor = "multi_thread")]
async fn code_that_is_missing_is_made_once_there_is_room_and_keeps_no_other_tenant_waiting() {
    let dir = tempfile::tempdir().expect("a folder");
    let (host, root) = serve(dir.path()).await;
    root.post("/api/collections", posts()).await;
    let slugify = put_up(&root, "slugify", Some("beforeCreate")).await;
    let opened = host.tenants.create("other").await.expect("a tenant");
    let cx = Cx::system(opened.tenant.clone());
    tinybase::collections::create(&cx, posts().as_object().expect("an object")).await.expect("a collection");
    let cx = Cx::system(opened.tenant.clone());
    let uploaded = opened.plugins.upload(&cx, plugin("slugify"), Some("p".into()), false).await.expect("an upload").0;
    let id = uploaded["id"].as_str().expect("an id").to_owned();
    let attachment = json!({"collection": "posts", "hooks": ["beforeCreate"]});
    opened.plugins.attach(&cx, &id, attachment.as_object().expect("an object").clone()).await.expect("an attachment");
    for artifact in files(&host.default_tenant().tenant.dir, "cwasm") {
        fs::remove_file(artifact).expect("it is there");
    }
    drop((root, cx, opened));
    host.close().await;
    drop(host);

    let scripts = tempfile::tempdir().expect("a folder");
    let script = slow_compiler(scripts.path());
    fs::write(scripts.path().join("busy"), "").expect("it can be written");
    let (host, _, root) = support::serve(Config { program: Some(script), ..config(dir.path()) }).await;
    appears(&scripts.path().join("tried")).await;
    fs::remove_file(scripts.path().join("busy")).expect("it is there");
    // Nobody has changed or called anything.
    appears(&scripts.path().join("begun")).await;
    assert_eq!(root.get(&slugify).await.json["problem"], Value::Null, "a busy machine is no fault of the plugin");

    let opened = host.tenant("other").await.expect("it opens");
    let cx = Cx::system(opened.tenant.clone());
    let mut tries = 0;
    while opened.plugins.view(&cx, &id).expect("it is there")["loaded"] != true {
        assert!(tries < 400, "it waits for the compiler of another tenant");
        tries += 1;
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(root.get(&slugify).await.json["loaded"], false);
    let go = async || fs::write(scripts.path().join("go"), "").expect("it can be written");
    let (made, ()) = tokio::join!(slug(&root, "Made Once"), go());
    assert_eq!((made, loaded(&root, &slugify).await), (json!("made-once"), json!("active")));
    assert_eq!(
        fs::read(scripts.path().join("begun")).expect("its lines"),
        b"\n",
        "a call waits for what is being made"
    );
    drop((cx, opened));
    host.close().await;
}
