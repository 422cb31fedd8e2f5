//! What an uploaded file is, what it exports and what it asks for, read without running or compiling any of it.
//!
//! The order of questions is that of their cost: size, header, structure (`structure`), then the names
//! of imports and exports. Whether the code is valid is the compiler's business, in its own process (`compile`).

pub(super) mod functions;
mod structure;

use super::limits::{admin, upload};
use super::manifest::Manifest;
use crate::error::{Code, Error, FieldError, code};
use crate::tenant::hooks::Stage;

/// The package whose interfaces plugins speak, and the version of it that this host has.
pub const PACKAGE: &str = "tinybase:plugin";
pub const VERSION: &str = "0.1.0";

/// The track of WASI whose interfaces are there in name, and give nothing away (`interface::wasi`).
const WASI_VERSION: &str = "0.2.0";
const WASI_HTTP: &str = "wasi:http";
const WASI: [&str; 7] =
    ["wasi:cli", "wasi:clocks", "wasi:filesystem", "wasi:http", "wasi:io", "wasi:random", "wasi:sockets"];

/// The interfaces that a plugin may import. `types` holds no functions, so it is no capability.
const OFFERED: [&str; 11] =
    ["clock", "files", "http-client", "kv", "log", "mail", "random", "realtime", "records", "secrets", "types"];

/// What a component says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// What the component calls itself, if that can be the name of a plugin.
    pub name: Option<String>,
    /// The hook interfaces it exports, by short name (`before-create`), in the order of [`Stage::ALL`].
    pub exports: Vec<&'static str>,
    /// Everything it imports, as it spells it (`tinybase:plugin/log@0.1.0`).
    pub imports: Vec<String>,
    /// What it asks for, by short name (`log`); nothing at all makes it pure.
    pub capabilities: Vec<String>,
    /// What it says of itself in its own words.
    pub manifest: Manifest,
}

impl Scan {
    /// What it imports of WASI: no capability, only what its toolchain needs to run.
    #[must_use]
    pub fn runtime_basics(&self) -> Vec<&str> {
        self.imports.iter().map(String::as_str).filter(|name| is_wasi(name)).collect()
    }

    /// The moments at which the component can be called.
    #[must_use]
    pub fn stages(&self) -> Vec<Stage> {
        Stage::ALL.into_iter().filter(|stage| self.exports.contains(&stage.interface())).collect()
    }
}

/// Why a file is refused; becomes `data.file` of the reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    pub code: Code,
    /// A sentence or two that say what was found, in printable characters.
    pub detail: String,
}

impl Rejection {
    pub(super) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// The error of the field `file`.
    #[must_use]
    pub fn into_error(self) -> Error {
        let message = if self.detail.is_empty() { self.code.message.to_owned() } else { self.detail };
        Error::field("The plugin was not accepted.", "file", FieldError::new(self.code.code, message))
    }
}

/// Reads a file.
///
/// # Errors
/// A [`Rejection`] with one of the codes `plugin_too_large`, `plugin_not_component`, `plugin_too_complex`,
/// `plugin_unknown_import`, `plugin_no_hooks`, `plugin_invalid`.
pub fn scan(bytes: &[u8]) -> Result<Scan, Rejection> {
    if bytes.len() > upload::BYTES {
        let detail = format!("The file has {} bytes; the most is {}.", bytes.len(), upload::BYTES);
        return Err(Rejection::new(code::PLUGIN_TOO_LARGE, detail));
    }
    check_header(bytes)?;
    let names = structure::walk(bytes)?;
    let capabilities = check_imports(&names.imports)?;
    let exports = hooks(&names.exports)?;
    if exports.contains(&Stage::Validate.interface()) && !capabilities.is_empty() {
        let detail =
            format!("A validator is pure: it may import nothing, and this one imports {}.", capabilities.join(", "));
        return Err(Rejection::new(code::PLUGIN_UNKNOWN_IMPORT, detail));
    }
    let manifest = names.manifest.unwrap_or_default();
    Ok(Scan { name: names.name.filter(|name| is_name(name)), exports, imports: names.imports, capabilities, manifest })
}

/// Whether a text can be the name of a plugin: letters, digits, `.`, `_` and `-`, beginning with one of the former.
#[must_use]
pub fn is_name(name: &str) -> bool {
    name.len() <= admin::NAME_CHARS
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

/// Tells a component from what people upload instead.
fn check_header(bytes: &[u8]) -> Result<(), Rejection> {
    const MAGIC: &[u8] = b"\0asm";
    let not_component = |detail: &str| Err(Rejection::new(code::PLUGIN_NOT_COMPONENT, detail));
    let Some(version) = bytes.strip_prefix(MAGIC) else {
        return not_component(match bytes {
            [] => "The file is empty.",
            [0x7f, b'E', b'L', b'F', ..] => {
                "This is machine code (a .cwasm or a program). Upload the .wasm it was made from."
            }
            [b'P', b'K', ..] | [0x1f, 0x8b, ..] => "This is an archive. Upload the .wasm inside it.",
            _ if looks_like_text(bytes) => {
                "This is text, not a binary. Turn it into a binary first (wasm-tools parse)."
            }
            _ => "The file does not begin as WebAssembly does.",
        });
    };
    match version {
        [0x0d, 0, 1, 0, ..] => Ok(()),
        [1, 0, 0, 0, ..] => not_component(
            "This is a core module, not a component. Wrap it with `tinybase plugin build` or `wasm-tools component new`.",
        ),
        [_, _, 1, 0, ..] => {
            not_component("This component is of another version of the binary format than this host reads.")
        }
        _ => not_component("The file begins like WebAssembly, but is neither a module nor a component."),
    }
}

fn looks_like_text(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(64)];
    start.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace())
}

/// The parts of `package/interface@version`.
pub(super) fn parts(name: &str) -> Option<(&str, &str, &str)> {
    let (path, version) = name.split_once('@').unwrap_or((name, ""));
    let (package, interface) = path.split_once('/')?;
    Some((package, interface, version))
}

/// Whether an import is one of those that every component may have.
pub(super) fn is_wasi(name: &str) -> bool {
    parts(name).is_some_and(|(package, _, version)| WASI.contains(&package) && same_track(version, WASI_VERSION))
}

/// Whether two versions are compatible as the component model has it: `0.1.x` among themselves, `1.x.y`
/// among themselves, nothing else.
fn same_track(version: &str, ours: &str) -> bool {
    let track = |version: &str| -> Option<(u64, Option<u64>)> {
        let mut numbers = version.split('.').map(str::parse::<u64>);
        let (major, minor, patch) = (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
        match (major, minor, numbers.next()) {
            (_, _, Some(_)) => None,
            (0, 0, None) => Some((0, Some(patch))),
            (0, minor, None) => Some((0, Some(minor))),
            (major, _, None) => Some((major, None)),
        }
    };
    version == ours || track(version).is_some_and(|theirs| track(ours) == Some(theirs))
}

/// The capabilities behind the imports, in the order of the alphabet.
fn check_imports(imports: &[String]) -> Result<Vec<String>, Rejection> {
    let unknown: Vec<String> = imports.iter().filter_map(|name| unknown_import(name)).collect();
    if !unknown.is_empty() {
        return Err(Rejection::new(code::PLUGIN_UNKNOWN_IMPORT, unknown.join(" ")));
    }
    let mut capabilities: Vec<String> = imports
        .iter()
        .filter(|name| !is_wasi(name))
        .filter_map(|name| parts(name))
        .map(|(_, interface, _)| interface.to_owned())
        .collect();
    capabilities.retain(|interface| interface != "types");
    capabilities.sort_unstable();
    capabilities.dedup();
    Ok(capabilities)
}

/// What is wrong with an import, if it is not one of ours.
fn unknown_import(name: &str) -> Option<String> {
    let shown = printable(name);
    if is_wasi(name) {
        return None;
    }
    match parts(name) {
        Some((PACKAGE, interface, version)) if OFFERED.contains(&interface) => (!same_track(version, VERSION))
            .then(|| format!("`{shown}`: this host has {PACKAGE}/{interface}@{VERSION}.")),
        Some((PACKAGE, _, _)) => {
            let known = OFFERED.iter().filter(|name| **name != "types").copied().collect::<Vec<_>>().join(", ");
            Some(format!("`{shown}`: {PACKAGE}@{VERSION} has no such interface to import; it has {known}."))
        }
        Some((package, _, _)) if package.starts_with("wasi:") => {
            Some(format!("`{shown}`: of WASI this host has {} of the versions 0.2.", WASI.join(", ")))
        }
        _ => Some(format!("`{shown}`: this host offers interfaces of {PACKAGE}@{VERSION} only.")),
    }
}

/// The package that a stage's interface is of, and the version that this host has.
pub(super) fn origin(stage: Stage) -> (&'static str, &'static str) {
    match stage {
        Stage::Route => (WASI_HTTP, WASI_VERSION),
        _ => (PACKAGE, VERSION),
    }
}

/// The hook interfaces among the exports.
fn hooks(exports: &[String]) -> Result<Vec<&'static str>, Rejection> {
    let exported = |stage: &Stage| {
        let (ours, track) = origin(*stage);
        exports.iter().filter_map(|name| parts(name)).any(|(package, interface, version)| {
            package == ours && interface == stage.interface() && same_track(version, track)
        })
    };
    let known: Vec<&'static str> = Stage::ALL.into_iter().filter(exported).map(Stage::interface).collect();
    if !known.is_empty() {
        return Ok(known);
    }
    let all = Stage::ALL.into_iter().filter(|stage| origin(*stage).0 == PACKAGE).map(Stage::interface);
    let all = all.collect::<Vec<_>>().join(", ");
    let found = exports.iter().take(10).map(|name| format!("`{}`", printable(name))).collect::<Vec<_>>().join(", ");
    let found = if found.is_empty() { "nothing".to_owned() } else { found };
    let detail = format!(
        "It exports {found}; a plugin exports at least one of {all}, of {PACKAGE}@{VERSION}, or {WASI_HTTP}/incoming-handler."
    );
    Err(Rejection::new(code::PLUGIN_NO_HOOKS, detail))
}

/// A name from the file, cut and without anything that could fool a terminal or a page.
pub(super) fn printable(name: &str) -> String {
    let mut shown: String =
        name.chars().take(upload::NAME_SHOWN).map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect();
    if name.chars().nth(upload::NAME_SHOWN).is_some() {
        shown.push_str("..");
    }
    shown
}

#[cfg(test)]
mod tests;
