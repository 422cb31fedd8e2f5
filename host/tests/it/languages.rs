//! Plugins in every language, which `make languages` builds with each one's own compiler, go through one list of what a
//! plugin has to do: the plugin of `templates/` and those of the museum here, a probe that uses every function of the host
//! (`probe`), and a pure check (`check`), which is the template of validators.

mod check;
mod probe;

use crate::support::TestApp;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// By the name of their template.
const LANGUAGES: [&str; 7] = ["rust", "ts", "go", "python", "c", "zig", "as"];

/// Names those that are tested on a machine which has not the tools for all: `rust,c`. What is named and missing fails.
const SUBSET: &str = "TINYBASE_LANGUAGES";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The component of a language, by the name of its folder and the beginning of its name.
fn component(folder: &str, kind: &str, language: &str) -> Option<Vec<u8>> {
    let wanted = std::env::var(SUBSET).unwrap_or_else(|_| LANGUAGES.join(","));
    if !wanted.split(',').any(|name| name.trim() == language) {
        return None;
    }
    let file = root().join(format!("{folder}/dist/{kind}-{language}.wasm"));
    let bytes = std::fs::read(&file).unwrap_or_else(|error| {
        panic!(
            "{}: {error}: run `make languages`, or name the languages that there are tools for: {SUBSET}=rust,c",
            file.display()
        )
    });
    Some(bytes)
}

fn journal() -> Value {
    let text = |name: &str| json!({"name": name, "type": "text"});
    json!({"name": "journal", "type": "base", "fields": [text("event"), text("record"), text("title")]})
}

/// Interpreters take more than the usual, and on a crowded machine any of them may take its time.
fn limits() -> Value {
    json!({"fuel": 100_000_000, "wallMs": 250, "memoryMb": 64})
}

async fn journal_of(app: &TestApp, count: usize) -> Vec<Value> {
    let mut items = Vec::new();
    for _ in 0..400 {
        let reply = app.superuser().list("journal", "sort=@rowid").await;
        items = reply.json["items"].as_array().cloned().unwrap_or_default();
        if items.len() >= count {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    items
}

/// Whatever it is written in, a plugin changes drafts, refuses, denies, and writes down what was committed.
async fn behaves(component: &[u8]) {
    let app = TestApp::with_posts().await;
    app.collection(journal()).await;
    let hooks = ["beforeCreate", "beforeUpdate", "beforeDelete", "afterCreate"];
    let id = app.attach(component, "posts", &hooks, json!({"limits": limits()})).await;
    let shown = app.superuser().get(&format!("/api/plugins/{id}")).await.json;
    assert_eq!(shown["exports"], json!(["before-create", "before-update", "before-delete", "after-create"]));
    assert_eq!(shown["capabilities"], json!(["log", "records"]), "whatever its toolchain brings along: {shown}");
    let grants = json!({"records": [{"collection": "journal", "verbs": ["create"], "as": "plugin"}]});
    let granted = app.superuser().put(&format!("/api/plugins/{id}/grants"), grants).await;
    assert_eq!(granted.status, 200, "{granted}");
    let anon = app.anon();

    let meta = json!({"tags": ["a", "b"], "deep": {"er": [1, 2.5, null, "ü"]}});
    let body = json!({"title": "  Hello,  Wörld & 100 % ", "views": 12.5, "published": true, "meta": meta});
    let post = anon.create("posts", body).await;
    assert_eq!((post.status, &post.json["slug"]), (200, &json!("hello-w-rld-100")), "{post}");
    assert_eq!((&post.json["meta"], &post.json["views"]), (&meta, &json!(12.5)), "nothing else was changed: {post}");
    let id = post.json["id"].as_str().expect("an id").to_owned();

    let long = format!("{} end", "word ".repeat(400));
    let other = anon.create("posts", json!({"title": long})).await;
    let slug = other.json["slug"].as_str().unwrap_or_default().to_owned();
    assert_eq!((other.status, slug.len(), slug.ends_with("-end")), (200, 2_003, true), "{other}");

    let refused = anon.create("posts", json!({"title": "日本 !?"})).await;
    assert_eq!(
        (refused.status, &refused.json["data"]["title"]["code"]),
        (400, &json!("validation_slug_empty")),
        "{refused}"
    );

    let kept = anon.update("posts", &id, json!({"slug": "by-hand"})).await;
    assert_eq!((kept.status, &kept.json["slug"]), (200, &json!("by-hand")), "{kept}");
    let moved = anon.update("posts", &id, json!({"title": "Second"})).await;
    assert_eq!((moved.status, &moved.json["slug"]), (200, &json!("second")), "{moved}");

    let denied = anon.delete("posts", &id).await;
    assert_eq!((denied.status, &denied.json["message"]), (403, &json!("Published records stay.")), "{denied}");
    anon.update("posts", &id, json!({"published": false})).await;
    assert_eq!(anon.delete("posts", &id).await.status, 204);

    let written = journal_of(&app, 2).await;
    let titles: Vec<&str> = written.iter().filter_map(|row| row["title"].as_str()).collect();
    assert_eq!(titles.len(), 2, "one for each record that was committed: {written:?}");
    let first = written.iter().find(|row| row["record"] == json!(id)).expect("the first one");
    assert!(first["event"].as_str().is_some_and(|event| !event.is_empty()), "{first}");
}

/// What stands between JavaScript and the contract is kept as it was compiled; the compiler is that of C plugins.
#[test]
fn what_stands_before_javascript_is_made_of_its_text() {
    let wanted = std::env::var(SUBSET).unwrap_or_else(|_| LANGUAGES.join(","));
    if !wanted.split(',').any(|name| name.trim() == "c") {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let made = dir.path().join("text.wasm");
    let output = std::process::Command::new("make")
        .current_dir(root())
        .args(["--no-print-directory", "-o", "tools-languages", "text", &format!("TEXT={}", made.display())])
        .output()
        .expect("make runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let kept = std::fs::read(root().join("host/src/plugins/wrap/text.wasm")).expect("the kept one");
    assert!(std::fs::read(&made).expect("the made one") == kept, "run `make text`");
}

macro_rules! speaks {
    ($($module:ident: $language:literal),* $(,)?) => {$(
        mod $module {
            use super::*;

            #[tokio::test(flavor = "multi_thread")]
            async fn its_template_behaves() {
                if let Some(component) = component("examples", "slug", $language) {
                    behaves(&component).await;
                }
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn it_has_every_function_of_the_host() {
                if let Some(component) = component("host/tests/guests", "probe", $language) {
                    probe::asks(&component).await;
                }
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn it_has_every_moment() {
                if let Some(component) = component("host/tests/guests", "probe", $language) {
                    probe::listens(&component).await;
                }
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn it_checks() {
                if let Some(component) = component("host/tests/guests", "check", $language) {
                    check::checks(&component).await;
                }
            }
        }
    )*};
}

speaks! {
    rust: "rust",
    typescript: "ts",
    go: "go",
    python: "python",
    c: "c",
    zig: "zig",
    assembly_script: "as",
}

#[test]
fn every_template_is_tested() {
    let mut templates: Vec<String> = std::fs::read_dir(root().join("templates"))
        .expect("the templates")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    templates.retain(|name| name != "kinds");
    templates.sort();
    let mut languages = LANGUAGES.map(str::to_owned).to_vec();
    languages.sort();
    assert_eq!(templates, languages);
    for over in ["host/tests/guests/probe", "templates/kinds/validator"] {
        for language in &languages {
            let folder = root().join(format!("{over}/{language}"));
            assert!(folder.is_dir(), "{} is missing", folder.display());
        }
    }
}

/// Components as they were built for a version of the contract, for ever.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_built_once_runs_for_ever() {
    let museum = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/museum");
    let mut shown = Vec::new();
    for version in std::fs::read_dir(&museum).expect("the museum").flatten().filter(|entry| entry.path().is_dir()) {
        for piece in std::fs::read_dir(version.path()).expect("a room").flatten() {
            let (name, bytes) = (piece.file_name().to_string_lossy().into_owned(), std::fs::read(piece.path()));
            let bytes = bytes.expect("a piece");
            if name.starts_with("probe-") {
                probe::asks(&bytes).await;
                probe::listens(&bytes).await;
            } else {
                behaves(&bytes).await;
            }
            shown.push(name);
        }
    }
    shown.sort();
    let kept =
        ["probe", "slug"].map(|kind| ["as", "c", "rust", "zig"].map(|language| format!("{kind}-{language}.wasm")));
    assert_eq!(shown, kept.concat());
}
