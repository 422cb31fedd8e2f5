//! `tinybase plugin build`: whatever the language, a folder goes in and a component comes out.

use super::language::Language;
use super::rust;
use crate::cli::{Failed, terminal};
use crate::plugins::wrap::componentize;
use clap::Args;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Debug, Args)]
pub(in crate::cli) struct Build {
    /// The plugin's folder; with --package a workspace of Rust crates.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Where the component goes [default: the name of the folder, in it, ending in .wasm]
    #[arg(short, long, value_name = "FILE", conflicts_with = "packages")]
    out: Option<PathBuf>,
    /// A package of the workspace and where its component goes; several are built at once.
    #[arg(long = "package", value_name = "NAME=FILE")]
    packages: Vec<String>,
    /// The language, where the files do not tell.
    #[arg(long, value_name = "LANGUAGE")]
    lang: Option<Language>,
    /// Print what was built as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// A component that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Built {
    pub package: String,
    pub component: PathBuf,
    pub bytes: usize,
}

impl Build {
    pub(super) fn run(self) -> Result<(), Failed> {
        let start = Instant::now();
        let built = if self.packages.is_empty() {
            vec![build(&self.dir, self.out.as_deref(), self.lang)?]
        } else {
            let wanted = self.packages.iter().map(|text| package(text)).collect::<Result<Vec<_>, _>>()?;
            rust::build_all(&self.dir, &wanted).map_err(Failed::new)?
        };
        let took_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        if self.json {
            let built: Vec<_> = built
                .iter()
                .map(|built| json!({"name": built.package, "file": built.component, "size": built.bytes}))
                .collect();
            terminal::data(&format!("{:#}", json!({"built": built, "tookMs": took_ms})));
            return Ok(());
        }
        for built in built {
            terminal::data(&built.component.display().to_string());
            terminal::say(&format!("built {} ({} bytes)", built.package, built.bytes));
        }
        Ok(())
    }
}

/// Builds the plugin in a folder, to a file in it unless another is named.
pub(super) fn build(dir: &Path, out: Option<&Path>, lang: Option<Language>) -> Result<Built, Failed> {
    let out = out.map_or_else(|| default_out(dir), |out| Ok(out.to_owned()))?;
    let lang = lang.map_or_else(|| Language::of(dir), Ok).map_err(Failed::new)?;
    lang.build(dir, &out).map_err(Failed::new)
}

/// A component that a command is about: the file itself, or what is built of a folder.
pub(super) fn component(path: &Path) -> Result<(String, Vec<u8>), Failed> {
    let (name, file) = if path.is_dir() {
        let built = build(path, None, None)?;
        terminal::say(&format!("built {} ({} bytes)", built.package, built.bytes));
        (built.component.clone(), built.component)
    } else {
        (path.to_owned(), path.to_owned())
    };
    let name = name.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok((name, read(&file)?))
}

/// A file that has to be there.
pub(super) fn read(file: &Path) -> Result<Vec<u8>, Failed> {
    fs::read(file).map_err(|error| Failed::new(format!("failed to read {}: {error}", file.display())))
}

/// Wraps a core module in a file as a component in another; how many bytes that has.
pub(super) fn wrap(module: &Path, out: &Path) -> Result<usize, String> {
    let module = fs::read(module).map_err(|error| format!("cannot read {}: {error}", module.display()))?;
    let component = componentize(&module)?;
    write(out, &component).map_err(|error| format!("cannot write {}: {error}", out.display()))?;
    Ok(component.len())
}

/// Writes beside the file and renames, so that nobody ever reads half a component.
pub(super) fn write(out: &Path, component: &[u8]) -> std::io::Result<()> {
    if let Some(dir) = out.parent() {
        fs::create_dir_all(dir)?;
    }
    let mut part = out.as_os_str().to_owned();
    part.push(".part");
    fs::write(&part, component)?;
    fs::rename(&part, out)
}

fn package(text: &str) -> Result<(&str, &Path), Failed> {
    let pair = text.split_once('=').filter(|(name, file)| !name.is_empty() && !file.is_empty());
    let (name, file) = pair.ok_or_else(|| Failed::usage(format!("`{text}` is not NAME=FILE")))?;
    Ok((name, Path::new(file)))
}

/// The name of a folder, which is also that of the plugin in it.
pub(super) fn folder_name(dir: &Path) -> Result<String, Failed> {
    let dir = dir.canonicalize().map_err(|error| Failed::new(format!("failed to enter {}: {error}", dir.display())))?;
    let name = dir.file_name().ok_or_else(|| Failed::usage("name a file with --out"))?;
    Ok(name.to_string_lossy().into_owned())
}

fn default_out(dir: &Path) -> Result<PathBuf, Failed> {
    Ok(dir.join(folder_name(dir)?).with_added_extension("wasm"))
}
