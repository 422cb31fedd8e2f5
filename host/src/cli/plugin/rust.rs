//! Plugins in Rust: cargo compiles crates to core modules, which already carry the description of their interfaces.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::build::{Built, wrap};
use serde::Deserialize;

const TARGET: &str = "wasm32-unknown-unknown";

/// A stack of 64 KiB instead of 1 MiB: what an instance starts with has to be set up and reset for each call. Cargo
/// leaves this out where `RUSTFLAGS` is set, which is how an author asks for another size.
const STACK: &str = "target.wasm32-unknown-unknown.rustflags=['-Clink-arg=-zstack-size=65536']";

/// Builds the crate in `crate_dir` and writes its component to `out`.
pub(super) fn build(crate_dir: &Path, out: &Path) -> Result<Built, String> {
    let manifest = fs::canonicalize(crate_dir.join("Cargo.toml"))
        .map_err(|error| format!("{} is not a Rust crate: {error}", crate_dir.display()))?;
    let packages = packages(crate_dir)?;
    let package =
        packages.iter().find(|package| fs::canonicalize(&package.manifest_path).is_ok_and(|it| it == manifest));
    let package = package.ok_or_else(|| format!("{} describes no package", manifest.display()))?;
    let mut built = compile(crate_dir, &[(package, out)])?;
    built.pop().ok_or_else(|| format!("cargo built nothing of {}", package.name))
}

/// Builds several packages of one workspace with a single run of cargo, each into a file of its own.
pub(super) fn build_all(workspace_dir: &Path, wanted: &[(&str, &Path)]) -> Result<Vec<Built>, String> {
    let packages = packages(workspace_dir)?;
    let find = |name: &str| packages.iter().find(|package| package.name == name);
    let wanted: Result<Vec<_>, String> = wanted
        .iter()
        .map(|&(name, out)| {
            let package = find(name).ok_or_else(|| format!("{} has no package {name}", workspace_dir.display()))?;
            Ok((package, out))
        })
        .collect();
    compile(workspace_dir, &wanted?)
}

fn compile(dir: &Path, wanted: &[(&Package, &Path)]) -> Result<Vec<Built>, String> {
    let mut arguments = vec!["build", "--release", "--target", TARGET, "--config", STACK];
    arguments.push("--message-format=json-render-diagnostics");
    for (package, _) in wanted {
        arguments.extend(["--package", &package.id]);
    }
    let messages = cargo(dir, &arguments)?;
    let modules: HashMap<String, PathBuf> = messages.lines().filter_map(module).collect();
    let finish = |&(package, out): &(&Package, &Path)| {
        let module = modules.get(&package.id).ok_or_else(|| {
            let name = &package.name;
            format!("{name} is no plugin crate: its Cargo.toml needs `[lib]` with `crate-type = [\"cdylib\"]`")
        })?;
        let bytes = wrap(module, out).map_err(|error| format!("{}: {error}", package.name))?;
        Ok(Built { package: package.name.clone(), component: out.to_owned(), bytes })
    };
    wanted.iter().map(finish).collect()
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    manifest_path: PathBuf,
}

fn packages(dir: &Path) -> Result<Vec<Package>, String> {
    let json = cargo(dir, &["metadata", "--no-deps", "--format-version=1"])?;
    let metadata: Metadata = serde_json::from_str(&json).map_err(|error| format!("cargo metadata: {error}"))?;
    Ok(metadata.packages)
}

/// One line of what cargo reports while it builds; other kinds of lines lack some of these.
#[derive(Deserialize)]
struct Message {
    package_id: String,
    target: Target,
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

/// The package and its core module, where the line reports one.
fn module(line: &str) -> Option<(String, PathBuf)> {
    let message: Message = serde_json::from_str(line).ok()?;
    if !message.target.kind.iter().any(|kind| kind == "cdylib") {
        return None;
    }
    let module = message.filenames.into_iter().find(|file| file.extension() == Some(OsStr::new("wasm")))?;
    Some((message.package_id, module))
}

/// Runs cargo, which speaks to the user on standard error, and answers with its standard output.
fn cargo(dir: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("cargo")
        .args(arguments)
        .current_dir(dir)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot run cargo, which comes with Rust (https://rustup.rs): {error}"))?;
    if !output.status.success() {
        let hint = if is_target_missing() {
            format!("; if the target is missing: rustup target add {TARGET}")
        } else {
            String::new()
        };
        return Err(format!("cargo {} failed in {}{hint}", arguments[0], dir.display()));
    }
    String::from_utf8(output.stdout).map_err(|_| "cargo did not answer in UTF-8".to_owned())
}

/// Whether rustup knows that the target is not installed; without rustup nobody can tell.
fn is_target_missing() -> bool {
    let list = Command::new("rustup").args(["target", "list", "--installed"]).stderr(Stdio::null()).output();
    list.is_ok_and(|list| list.status.success() && !String::from_utf8_lossy(&list.stdout).contains(TARGET))
}
