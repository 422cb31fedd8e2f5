//! `tinybase plugin new`: the template of a language, what the wanted kind of plugin has instead of it, and the SDK that it needs
//! beside it, so that it builds without anything of this repository.

use super::language::Language;
use crate::cli::{Failed, terminal};
use clap::{Args, ValueEnum};
use rust_embed::RustEmbed;
use serde_json::json;
use std::collections::BTreeSet;
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

/// What a plugin is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// Hooks before and after writes.
    Hooks,
    /// A pure check of records, which imports nothing.
    Validator,
    /// Answers to requests; in Rust.
    Route,
}

impl Kind {
    /// The folder of `templates/kinds` with what is other than in the template of the language.
    fn folder(self) -> Option<&'static str> {
        match self {
            Self::Hooks => None,
            Self::Validator => Some("validator"),
            Self::Route => Some("route"),
        }
    }

    fn name(self) -> &'static str {
        self.folder().unwrap_or("hooks")
    }

    /// # Errors
    /// Why there is none in this language.
    fn check(self, lang: Language) -> Result<(), Failed> {
        if self == Self::Route && lang != Language::Rust {
            return Err(Failed::usage(format!(
                "a route is written in Rust: it exports `wasi:http/incoming-handler`, with streams and resources for which the template of \
                 `{}` has no bindings (use --lang rust)",
                lang.name()
            )));
        }
        Ok(())
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct New {
    /// The plugin's name: small letters, digits and dashes.
    name: String,
    /// The language it is written in.
    #[arg(long, value_name = "LANGUAGE", default_value = "rust")]
    lang: Language,
    /// What it is to be.
    #[arg(long, value_name = "KIND", default_value = "hooks")]
    kind: Kind,
    /// The folder to make [default: the name, here]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Print the folder and its files as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

impl New {
    pub(super) fn run(self) -> Result<(), Failed> {
        let name = self.name.as_str();
        if !is_name(name) {
            return Err(Failed::usage(format!(
                "`{name}` cannot be the name of a plugin: small letters, digits and dashes, beginning with a letter"
            )));
        }
        self.kind.check(self.lang)?;
        let dir = self.dir.unwrap_or_else(|| PathBuf::from(name));
        let taken = fs::read_dir(&dir).is_ok_and(|mut entries| entries.next().is_some()) || dir.is_file();
        if taken {
            return Err(Failed::new(format!("{} is there already, and not empty", dir.display())));
        }
        let files = write(self.lang, self.kind, name, &dir)
            .map_err(|error| Failed::new(format!("failed to write {}: {error}", dir.display())))?;
        if self.json {
            let report = json!({"name": name, "language": self.lang.name(), "kind": self.kind.name(), "dir": dir, "files": files});
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

/// Writes the template, and over it what its kind has in every language and in this one; the paths of the author's own files.
fn write(lang: Language, kind: Kind, name: &str, dir: &Path) -> io::Result<Vec<String>> {
    let mut files = BTreeSet::new();
    let of_kind = |part: &str| kind.folder().map(|kind| format!("kinds/{kind}/{part}/"));
    for prefix in [Some(format!("{}/", lang.name())), of_kind("all"), of_kind(lang.name())].into_iter().flatten() {
        for path in Templates::iter() {
            let (Some(rest), Some(file)) = (path.strip_prefix(&prefix), Templates::get(&path)) else { continue };
            let path = rest.replace(NAME, name);
            put(&dir.join(&path), String::from_utf8_lossy(&file.data).replace(NAME, name).as_bytes())?;
            files.insert(path);
        }
    }
    put(&dir.join(".gitignore"), IGNORED.as_bytes())?;
    match lang {
        Language::Rust => sdk_rust(&dir.join("tinybase-plugin"))?,
        Language::Ts => sdk_js(&dir.join(".tinybase/sdk"))?,
        _ => {}
    }
    Ok(files.into_iter().collect())
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
        let kinds = Kind::value_variants().iter();
        for (lang, kind) in
            Language::value_variants().iter().flat_map(|lang| kinds.clone().map(move |kind| (lang, kind)))
        {
            if kind.check(*lang).is_err() {
                continue;
            }
            let dir = tempfile::tempdir().unwrap();
            let files = write(*lang, *kind, "my-hook", dir.path()).unwrap();
            assert_eq!(Language::of(dir.path()), Ok(*lang), "{files:?}");
            let read = |file: &str| fs::read_to_string(dir.path().join(file)).unwrap();
            assert!(files.contains(&"README.md".to_owned()), "{lang:?}: {files:?}");
            assert!(files.contains(&"fixtures/tour.json".to_owned()), "{lang:?}: {files:?}");
            assert!(!files.iter().any(|file| read(file).contains(NAME)), "{lang:?} {kind:?}: a placeholder is left");
            assert_eq!(read("README.md").contains("A validator imports nothing"), *kind == Kind::Validator, "{lang:?}");
            assert_eq!(read("fixtures/tour.json").contains("\"validate\""), *kind == Kind::Validator, "{lang:?}");
        }
    }

    #[test]
    fn a_route_is_rusts_and_the_others_are_told_why() {
        assert!(Kind::Route.check(Language::Rust).is_ok() && Kind::Validator.check(Language::Go).is_ok());
        let refused = Kind::Route.check(Language::Zig).unwrap_err();
        assert!(refused.message.contains("incoming-handler") && refused.message.contains("zig"), "{}", refused.message);
    }
}
