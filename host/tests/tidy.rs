//! The rules of the house that a machine can check. A failure says what to do.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const LINES_MAX: usize = 600;
/// Drawers that everything ends up in.
const BANNED_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "misc", "manager", "service", "mod"];
/// Crates that only one module may know, with that module.
const OWNED_CRATES: &[(&str, &str)] = &[
    ("axum", "http"),
    ("wasmtime", "plugins"),
    ("cranelift_codegen", "plugins"),
    ("wasmparser", "plugins"),
    ("rusqlite", "db"),
    ("aes_gcm", "crypto"),
    ("argon2", "crypto"),
    ("blake3", "crypto"),
    ("jsonwebtoken", "crypto"),
    ("hmac", "crypto"),
    ("sha2", "crypto"),
    ("object_store", "files"),
    ("hyper_rustls", "outbound"),
    ("image", "files"),
    ("lettre", "mail"),
    ("infer", "files"),
    ("zip", "backups"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// `src/records/write.rs` -> `records`.
fn module_of(path: &Path) -> String {
    let source = root().join("host/src");
    let inside = path.strip_prefix(&source).unwrap_or(path);
    let first =
        inside.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned()).unwrap_or_default();
    first.trim_end_matches(".rs").to_owned()
}

/// The modules in the order of `lib.rs`.
fn order() -> Vec<String> {
    let text = fs::read_to_string(root().join("host/src/lib.rs")).expect("lib.rs");
    text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';').map(str::to_owned)).collect()
}

/// Source without its tests and comments: those may look anywhere.
fn product_code(text: &str) -> String {
    let code = ["mod tests {", "fn ", "pub fn ", "pub(crate) fn ", "#[expect", "use "]
        .iter()
        .fold(text, |code, start| code.split(&format!("#[cfg(test)]\n{start}")).next().unwrap_or_default());
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn is_test_code(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str().to_string_lossy().starts_with("tests"))
        || path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("_tests"))
}

#[test]
fn modules_import_only_what_stands_below_them() {
    let order = order();
    assert!(order.len() > 20, "lib.rs lists the modules as `pub mod name;`");
    let place: BTreeMap<&str, usize> = order.iter().enumerate().map(|(index, name)| (name.as_str(), index)).collect();
    let mut wrong = Vec::new();
    for path in files(&root().join("host/src"), "rs").iter().filter(|path| !is_test_code(path)) {
        let module = module_of(path);
        let Some(own) = place.get(module.as_str()) else { continue };
        let code = product_code(&fs::read_to_string(path).expect("a source file"));
        if code.contains("crate::{") {
            wrong.push(format!(
                "{}: import each module of the crate by itself, so that this test sees it",
                path.display()
            ));
        }
        for (name, other) in &place {
            let named = code.match_indices(&format!("crate::{name}")).any(|(at, found)| {
                !code[at + found.len()..].starts_with(|next: char| next.is_alphanumeric() || next == '_')
            });
            if named && other < own {
                wrong.push(format!("{}: {module} imports {name}, which stands above it", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "move what is shared down to the noun it serves, or see lib.rs:\n{}", wrong.join("\n"));
}

#[test]
fn only_one_module_knows_a_foreign_world() {
    let mut wrong = Vec::new();
    for path in files(&root().join("host/src"), "rs").iter().filter(|path| !is_test_code(path)) {
        let code = product_code(&fs::read_to_string(path).expect("a source file"));
        for (name, owner) in OWNED_CRATES {
            if module_of(path) != *owner && code.contains(&format!("{name}::")) {
                wrong.push(format!("{}: only `{owner}` may use the crate {name}", path.display()));
            }
        }
        if module_of(path) != "config" && code.contains("std::env::var") {
            wrong.push(format!("{}: only `config` reads the environment", path.display()));
        }
        if module_of(path) != "clock" && code.contains("SystemTime::now") {
            wrong.push(format!("{}: ask the tenant's `world` for the time", path.display()));
        }
        if module_of(path) != "tasks" && code.contains("tokio::spawn") {
            wrong.push(format!("{}: spawn through `tasks`", path.display()));
        }
    }
    assert!(wrong.is_empty(), "go through the module that owns it:\n{}", wrong.join("\n"));
}

#[test]
fn rules_and_model_are_pure() {
    for module in ["rules", "model"] {
        let mut sources = files(&root().join("host/src").join(module), "rs");
        sources.push(root().join(format!("host/src/{module}.rs")));
        for path in sources.iter().filter(|path| !is_test_code(path)) {
            let code = product_code(&fs::read_to_string(path).expect("a source file"));
            for word in ["async fn", ".await", "std::fs", "tokio::"] {
                assert!(!code.contains(word), "{}: `{module}` is pure, it must not say `{word}`", path.display());
            }
        }
    }
}

#[test]
fn files_are_short_documented_and_well_named() {
    let mut wrong = Vec::new();
    let mut sources = files(&root().join("host/src"), "rs");
    for folder in ["host/tests", "host/benches", "sdk-rust", "plugins", "examples"] {
        sources.extend(files(&root().join(folder), "rs"));
    }
    // What a build made, and bindings that a generator wrote.
    let made =
        |path: &&PathBuf| path.components().any(|part| part.as_os_str() == "target" || part.as_os_str() == "bindings");
    for path in sources.iter().filter(|path| !made(path)) {
        let text = fs::read_to_string(path).expect("a source file");
        let lines = text.lines().count();
        if lines > LINES_MAX {
            wrong.push(format!("{}: {lines} lines; it holds two things: name them and part them", path.display()));
        }
        let starts_with_doc = text
            .lines()
            .find(|line| !line.is_empty() && !line.starts_with("#!"))
            .is_some_and(|line| line.starts_with("//!"));
        let doc_attribute = text.contains("#![doc = include_str!");
        if !starts_with_doc && !doc_attribute {
            wrong.push(format!("{}: begin with `//!`: what is here, and what is not", path.display()));
        }
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        if BANNED_NAMES.contains(&stem.as_str()) {
            wrong.push(format!("{}: name the file after the noun it serves", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is in a data directory or what a build makes, and not in the repository.
const DATA: [&str; 8] =
    ["target/", "tb_data/", "tenants/", "storage/", "incoming/", "backups/", "restore/", "restore.next/"];

/// Every `path/like/this.rs` that the documents name exists.
#[test]
fn documents_name_paths_that_exist() {
    let mut wrong = Vec::new();
    let mut documents: Vec<String> =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "DESIGN.md"].map(str::to_owned).to_vec();
    for folder in ["docs", "migrations", "wit"] {
        let entries = fs::read_dir(root().join(folder)).expect("a folder of documents").flatten();
        let names = entries.map(|entry| format!("{folder}/{}", entry.file_name().to_string_lossy()));
        documents.extend(names.filter(|name| Path::new(name).extension().is_some_and(|ending| ending == "md")));
    }
    for document in &documents {
        let text = fs::read_to_string(root().join(document)).unwrap_or_else(|_| panic!("{document} is missing"));
        for quoted in text.split('`').skip(1).step_by(2) {
            let looks_like_path = quoted.contains('/')
                && !quoted.contains([' ', '{', '*', '<', '$', ':', '@', ',', '"'])
                && !quoted.starts_with(['/', '.', '-'])
                && (quoted.ends_with('/') || Path::new(quoted).extension().is_some());
            let built = quoted.contains("dist/") || DATA.iter().any(|made| quoted.starts_with(made));
            let beside = root().join(document).with_file_name(quoted);
            if looks_like_path && !built && !root().join(quoted).exists() && !beside.exists() {
                wrong.push(format!("{document}: `{quoted}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "named, but not there:\n{}", wrong.join("\n"));
}

/// Folders that are made, or hold what others wrote.
const FOREIGN: [&str; 4] = ["target", "node_modules", "dist", "tb_data"];

fn documents_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if path.is_dir() {
            if !name.starts_with('.') && !FOREIGN.contains(&name.as_str()) {
                documents_below(&path, found);
            }
        } else if path.extension().is_some_and(|ending| ending == "md") {
            found.push(path);
        }
    }
}

/// Every `[link](to/a/file.md)` of every document leads somewhere.
#[test]
fn documents_link_to_files_that_exist() {
    let mut documents = Vec::new();
    documents_below(&root(), &mut documents);
    let mut wrong = Vec::new();
    for document in &documents {
        let text = fs::read_to_string(document).expect("a document");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            let is_path = !file.is_empty() && !file.contains([':', ' ', '\n']) && !file.starts_with('/');
            if is_path && !document.with_file_name(file).exists() {
                wrong.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(documents.len() > 20, "the documents were found");
    assert!(wrong.is_empty(), "linked, but not there:\n{}", wrong.join("\n"));
}

/// Lines of code that a first-party plugin has at most, as `docs/first-party-plugins.md` says: tests, comments and blank lines aside.
const PLUGIN_LINES: usize = 299;

#[test]
fn first_party_plugins_are_short_and_tested() {
    for entry in fs::read_dir(root().join("plugins")).expect("the plugins").flatten() {
        let folder = entry.path();
        if !folder.join("Cargo.toml").is_file() {
            continue;
        }
        let sources = files(&folder.join("src"), "rs");
        let texts: Vec<String> = sources.iter().map(|path| fs::read_to_string(path).expect("a source")).collect();
        let code = texts.iter().flat_map(|text| text.lines().take_while(|line| *line != "#[cfg(test)]"));
        let lines = code.filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with("//")).count();
        assert!((1..=PLUGIN_LINES).contains(&lines), "{} has {lines} lines", folder.display());
        assert!(texts.iter().any(|text| text.contains("#[test]")), "{} has no tests", folder.display());
        assert!(folder.join("fixtures").is_dir(), "{} has no fixtures", folder.display());
    }
}
