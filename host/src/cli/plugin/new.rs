//! `tinybase plugin new`: the template of a language, with the SDK that it needs beside it, so that it builds without
//! anything of this repository.

use super::language::Language;
use crate::cli::{Failed, terminal};
use clap::Args;
use rust_embed::RustEmbed;
use serde_json::json;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What stands for the plugin's name in a template.
const NAME: &str = "plugin-name";

/// Longest name; more would not be a name on a server.
const NAME_CHARS: usize = 60;

/// What is made on the way and does not belong into a repository.
const IGNORED: &str = ".tinybase/\ntarget/\nnode_modules/\n.venv/\n__pycache__/\n.zig-cache/\n*.wasm\n";

#[derive(RustEmbed)]
#[folder = "../templates"]
struct Templates;

#[derive(RustEmbed)]
#[folder = "../sdk-rust"]
struct SdkRust;

#[derive(RustEmbed)]
#[folder = "../sdk-js"]
struct SdkJs;

#[derive(Debug, Args)]
pub(in crate::cli) struct New {
    /// The plugin's name: small letters, digits and dashes.
    name: String,
    /// The language it is written in.
    #[arg(long, value_name = "LANGUAGE", default_value = "rust")]
    lang: Language,
    /// The folder to make [default: the name, here]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Print the folder and its files as JSON.
    #[arg(long)]
    json: bool,
}

impl New {
    pub(super) fn run(self) -> Result<(), Failed> {
        let name = self.name.as_str();
        if !is_name(name) {
            return Err(Failed::usage(format!(
                "`{name}` cannot be the name of a plugin: small letters, digits and dashes, beginning with a letter"
            )));
        }
        let dir = self.dir.unwrap_or_else(|| PathBuf::from(name));
        let taken = fs::read_dir(&dir).is_ok_and(|mut entries| entries.next().is_some()) || dir.is_file();
        if taken {
            return Err(Failed::new(format!("{} is there already, and not empty", dir.display())));
        }
        let mut files = write(self.lang, name, &dir)
            .map_err(|error| Failed::new(format!("failed to write {}: {error}", dir.display())))?;
        files.sort();
        if self.json {
            let report = json!({"name": name, "language": self.lang.name(), "dir": dir, "files": files});
            terminal::data(&format!("{report:#}"));
            return Ok(());
        }
        terminal::data(&dir.display().to_string());
        terminal::say(&format!("made {name}: {} files; README.md says how to go on", files.len()));
        Ok(())
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= NAME_CHARS
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Writes the template; the paths of the author's own files.
fn write(lang: Language, name: &str, dir: &Path) -> io::Result<Vec<String>> {
    let mut files = Vec::new();
    let prefix = format!("{}/", lang.name());
    for path in Templates::iter().filter(|path| path.starts_with(&prefix)) {
        let Some(file) = Templates::get(&path) else { continue };
        let path = path.trim_start_matches(&prefix).replace(NAME, name);
        put(&dir.join(&path), String::from_utf8_lossy(&file.data).replace(NAME, name).as_bytes())?;
        files.push(path);
    }
    put(&dir.join(".gitignore"), IGNORED.as_bytes())?;
    match lang {
        Language::Rust => sdk_rust(&dir.join("tinybase-plugin"))?,
        Language::Ts => sdk_js(&dir.join(".tinybase/sdk"))?,
        _ => {}
    }
    Ok(files)
}

fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    fs::write(path, bytes)
}

/// The SDK for Rust without what only its own tests need.
fn sdk_rust(dir: &Path) -> io::Result<()> {
    for path in SdkRust::iter().filter(|path| ["src/", "macros/src/"].iter().any(|part| path.starts_with(part))) {
        let Some(file) = SdkRust::get(&path) else { continue };
        put(&dir.join(&*path), &file.data)?;
    }
    for path in ["Cargo.toml", "macros/Cargo.toml", "README.md"] {
        let Some(file) = SdkRust::get(path) else { continue };
        let text = String::from_utf8_lossy(&file.data);
        let text = text.split("\n[dev-dependencies]").next().unwrap_or_default();
        let lines = text.lines().filter(|line| !line.starts_with("workspace = ")).collect::<Vec<_>>();
        put(&dir.join(path), (lines.join("\n") + "\n").as_bytes())?;
    }
    Ok(())
}

/// The SDK for JavaScript.
pub(super) fn sdk_js(dir: &Path) -> io::Result<()> {
    const PARTS: [&str; 3] = [".js", ".d.ts", "package.json"];
    for path in SdkJs::iter().filter(|path| !path.contains('/') && PARTS.iter().any(|part| path.ends_with(part))) {
        let Some(file) = SdkJs::get(&path) else { continue };
        put(&dir.join(&*path), &file.data)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum as _;

    #[test]
    fn names() {
        for (name, good) in
            [("slug", true), ("my-2", true), ("Slug", false), ("-a", false), ("a-", false), ("", false), ("a/b", false)]
        {
            assert_eq!(is_name(name), good, "{name}");
        }
    }

    #[test]
    fn every_language_has_a_template_that_it_recognises() {
        for lang in Language::value_variants() {
            let dir = tempfile::tempdir().unwrap();
            let files = write(*lang, "my-hook", dir.path()).unwrap();
            assert_eq!(Language::of(dir.path()), Ok(*lang), "{files:?}");
            assert!(files.contains(&"README.md".to_owned()), "{lang:?}: {files:?}");
            assert!(files.iter().any(|file| file.starts_with("fixtures/")), "{lang:?}: {files:?}");
            for file in &files {
                let text = fs::read_to_string(dir.path().join(file)).unwrap();
                assert!(!text.contains(NAME), "{lang:?}: {file} still has the placeholder");
            }
        }
    }
}
