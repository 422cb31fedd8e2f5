//! `tinybase plugin build`: makes components of Rust crates. Cargo compiles them to core modules, which already carry
//! the description of their interfaces; this wraps each into a component, in this process and without further tools.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

const TARGET: &str = "wasm32-unknown-unknown";

/// A stack of 64 KiB instead of 1 MiB: what an instance starts with has to be set up and reset for each call. Cargo
/// leaves this out where `RUSTFLAGS` is set, which is how an author asks for another size.
const STACK: &str = "target.wasm32-unknown-unknown.rustflags=['-Clink-arg=-zstack-size=65536']";

/// A component that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Built {
    pub package: String,
    pub component: PathBuf,
    pub bytes: usize,
}

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
    let wrap = |&(package, out): &(&Package, &Path)| {
        let module = modules.get(&package.id).ok_or_else(|| {
            let name = &package.name;
            format!("{name} is no plugin crate: its Cargo.toml needs `[lib]` with `crate-type = [\"cdylib\"]`")
        })?;
        let component = componentize(module).map_err(|error| format!("{}: {error}", package.name))?;
        write(out, &component).map_err(|error| format!("{}: {error}", out.display()))?;
        Ok(Built { package: package.name.clone(), component: out.to_owned(), bytes: component.len() })
    };
    wanted.iter().map(wrap).collect()
}

/// Wraps a core module as a component, and checks the result.
fn componentize(module: &Path) -> Result<Vec<u8>, String> {
    let module = fs::read(module).map_err(|error| format!("cannot read {}: {error}", module.display()))?;
    wit_component::ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .and_then(wit_component::ComponentEncoder::encode)
        .map_err(|error| format!("cannot make a component of it: {error:#}"))
}

/// Writes beside the file and renames, so that nobody ever reads half a component.
fn write(out: &Path, component: &[u8]) -> std::io::Result<()> {
    if let Some(dir) = out.parent() {
        fs::create_dir_all(dir)?;
    }
    let mut part = out.as_os_str().to_owned();
    part.push(".part");
    fs::write(&part, component)?;
    fs::rename(&part, out)
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
        return Err(format!("cargo {} failed in {}", arguments[0], dir.display()));
    }
    String::from_utf8(output.stdout).map_err(|_| "cargo did not answer in UTF-8".to_owned())
}
