//! Making a component of a core module, in this process and without further tools.
//!
//! A module of Rust or of `wit-bindgen` carries the description of its interfaces. One of C, Zig, Go or `AssemblyScript`
//! does not need to: the names of what it imports and exports say which interfaces of the contract they are, so the world
//! is written here and embedded before the module is wrapped.

pub mod author;
pub mod quickjs;

use super::instance::function;
use super::scan::{PACKAGE, VERSION, printable};
use crate::tenant::hooks::Stage;
use rust_embed::RustEmbed;
use std::collections::BTreeSet;
use wasm_encoder::{CustomSection, ExportKind, ExportSection, Module, RawSection};
use wasmparser::{ExternalKind, Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// What the embedded description of a module's interfaces begins with.
const DESCRIBED: &str = "component-type";

/// The interface of the first WASI, which Go imports whatever it is told.
const PREVIEW1: &str = "wasi_snapshot_preview1";

/// Stands in for it and gives nothing away: a clock that stands still, no files, no environment. Made of the text beside
/// it, which a test holds.
const PREVIEW1_STUB: &[u8] = include_bytes!("wrap/preview1.wasm");

/// The name of the world that is written here, and that authors give theirs.
pub const WORLD: &str = "plugin";

#[derive(RustEmbed)]
#[folder = "../wit"]
struct Wit;

/// The contract as one text.
#[must_use]
pub fn contract() -> String {
    let mut text = format!("package {PACKAGE}@{VERSION};\n");
    for name in Wit::iter().filter(|name| name.rsplit_once('.').is_some_and(|(_, ending)| ending == "wit")) {
        let Some(file) = Wit::get(&name) else { continue };
        for line in String::from_utf8_lossy(&file.data).lines().filter(|line| !line.starts_with("package ")) {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// Makes a component of a core module.
///
/// # Errors
/// In words for its author: what is imported and not there, what is exported in another shape than the contract has.
pub fn componentize(module: &[u8]) -> Result<Vec<u8>, String> {
    let module = described(module)?;
    let mut encoder = ComponentEncoder::default();
    if imports_of(&module)?.iter().any(|(from, _)| from == PREVIEW1) {
        encoder.adapter(PREVIEW1, PREVIEW1_STUB).map_err(|error| format!("cannot stub WASI: {error:#}"))?;
    }
    let encoder = encoder.validate(true).module(&module);
    let component = encoder.and_then(ComponentEncoder::encode);
    component.map_err(|error| wrong_shape(&format!("{error:#}")))
}

fn wrong_shape(error: &str) -> String {
    format!(
        "cannot make a component of it: {error}\nA function of another shape than the contract has it is often a parameter \
         too many or too few: compare with {PACKAGE}@{VERSION} in wit/."
    )
}

/// The module with the description of its interfaces.
fn described(module: &[u8]) -> Result<Vec<u8>, String> {
    check_header(module)?;
    if is_described(module)? {
        return Ok(module.to_vec());
    }
    let mut bytes = with_full_names(module)?;
    let world = world_of(&bytes)?;
    let mut resolve = Resolve::new();
    let failed = |error: &dyn std::fmt::Display| format!("cannot describe its interfaces: {error:#}");
    resolve.push_source("contract.wit", &contract()).map_err(|error| failed(&error))?;
    let package = resolve.push_source("world.wit", &world).map_err(|error| failed(&error))?;
    let world = resolve.select_world(&[package], Some(WORLD)).map_err(|error| failed(&error))?;
    embed_component_metadata(&mut bytes, &resolve, world, StringEncoding::UTF8, false)
        .map_err(|error| failed(&error))?;
    Ok(bytes)
}

fn check_header(module: &[u8]) -> Result<(), String> {
    match module {
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => Ok(()),
        [0, b'a', b's', b'm', ..] => Err("it is a component already, not a core module".to_owned()),
        _ => Err("the compiler did not write a WebAssembly module".to_owned()),
    }
}

fn payloads(module: &[u8]) -> impl Iterator<Item = Result<Payload<'_>, String>> {
    Parser::new(0).parse_all(module).map(|payload| payload.map_err(|error| format!("the module is broken: {error}")))
}

fn is_described(module: &[u8]) -> Result<bool, String> {
    for payload in payloads(module) {
        if let Payload::CustomSection(section) = payload?
            && section.name().starts_with(DESCRIBED)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whence and what a module imports.
fn imports_of(module: &[u8]) -> Result<Vec<(String, String)>, String> {
    let mut imports = Vec::new();
    for payload in payloads(module) {
        if let Payload::ImportSection(section) = payload? {
            for import in section.into_imports() {
                let import = import.map_err(|error| format!("the module is broken: {error}"))?;
                imports.push((import.module.to_owned(), import.name.to_owned()));
            }
        }
    }
    Ok(imports)
}

fn exports_of(module: &[u8]) -> Result<Vec<String>, String> {
    let mut exports = Vec::new();
    for payload in payloads(module) {
        if let Payload::ExportSection(section) = payload? {
            for export in section {
                exports.push(export.map_err(|error| format!("the module is broken: {error}"))?.name.to_owned());
            }
        }
    }
    Ok(exports)
}

/// The world of a module, from the names of what it imports and exports.
fn world_of(module: &[u8]) -> Result<String, String> {
    let ours = format!("{PACKAGE}/");
    let (mut imports, mut unknown) = (BTreeSet::new(), BTreeSet::new());
    for (from, name) in imports_of(module)? {
        if from.starts_with(&ours) {
            imports.insert(from);
        } else if from != PREVIEW1 {
            unknown.insert(format!("{}.{}", printable(&from), printable(&name)));
        }
    }
    if !unknown.is_empty() {
        let list = unknown.into_iter().collect::<Vec<_>>().join(", ");
        return Err(format!(
            "the module imports {list}, which nobody provides: either a function that was declared and not linked, or \
             something that a plugin cannot have"
        ));
    }
    let exports: BTreeSet<String> = exports_of(module)?
        .iter()
        .filter_map(|name| name.split_once('#').map(|(interface, _)| interface.to_owned()))
        .filter(|interface| interface.starts_with(&ours))
        .collect();
    if exports.is_empty() {
        let all = Stage::ALL.map(full_name).join(", ");
        return Err(format!("the module exports no hook; it needs at least one of {all}"));
    }
    Ok(world(&imports.into_iter().collect::<Vec<_>>(), &exports.into_iter().collect::<Vec<_>>()))
}

/// The text of a world that imports and exports these interfaces.
#[must_use]
pub fn world(imports: &[String], exports: &[String]) -> String {
    let line = |verb: &str, name: &String| format!("  {verb} {name};\n");
    let imports: String = imports.iter().map(|name| line("import", name)).collect();
    let exports: String = exports.iter().map(|name| line("export", name)).collect();
    format!("package author:plugin;\n\nworld {WORLD} {{\n{imports}{exports}}}\n")
}

/// How a core module has to call the function of a hook.
fn full_name(stage: Stage) -> String {
    format!("{PACKAGE}/{}@{VERSION}#{}", stage.interface(), function(stage))
}

/// How a language calls it that cannot spell the full name: as the hook, in snake case.
fn plain_name(stage: Stage) -> String {
    match stage {
        Stage::Validate => function(stage).to_owned(),
        other => other.interface().replace('-', "_"),
    }
}

/// Gives exports their full names, for languages that cannot spell them: `before_create` stands for
/// `tinybase:plugin/before-create@0.1.0#before-create`, and `cabi_post_before_create` for what follows it.
fn with_full_names(module: &[u8]) -> Result<Vec<u8>, String> {
    const POST: &str = "cabi_post_";
    let renamed = |name: &str| {
        let (prefix, plain) = name.strip_prefix(POST).map_or(("", name), |rest| (POST, rest));
        let stage = Stage::ALL.into_iter().find(|stage| plain_name(*stage) == plain)?;
        Some(format!("{prefix}{}", full_name(stage)))
    };
    let names = exports_of(module)?;
    if names.iter().all(|name| renamed(name).is_none()) {
        return Ok(module.to_vec());
    }
    let mut out = Module::new();
    for payload in payloads(module) {
        let payload = payload?;
        if let Payload::ExportSection(section) = payload {
            let mut exports = ExportSection::new();
            for export in section {
                let export = export.map_err(|error| format!("the module is broken: {error}"))?;
                let kind = kind(export.kind)?;
                exports.export(&renamed(export.name).unwrap_or_else(|| export.name.to_owned()), kind, export.index);
            }
            out.section(&exports);
        } else if let Payload::CustomSection(section) = &payload {
            out.section(&CustomSection { name: section.name().into(), data: section.data().into() });
        } else if let Some((id, range)) = payload.as_section() {
            out.section(&RawSection { id, data: module.get(range).unwrap_or_default() });
        }
    }
    Ok(out.finish())
}

fn kind(kind: ExternalKind) -> Result<ExportKind, String> {
    Ok(match kind {
        ExternalKind::Func => ExportKind::Func,
        ExternalKind::Table => ExportKind::Table,
        ExternalKind::Memory => ExportKind::Memory,
        ExternalKind::Global => ExportKind::Global,
        other => return Err(format!("it exports something that plugins cannot have: {other:?}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugins::scan::scan;

    /// Every part of the module that a language would compile to, with the plain name of a hook.
    const VALIDATOR: &str = r#"(module
        (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
        (func (export "validate") (param i32) (result i32) (i32.const 8))
        (func (export "cabi_post_validate") (param i32)))"#;

    fn wasm(text: &str) -> Vec<u8> {
        wat::parse_str(text).unwrap()
    }

    #[test]
    fn the_stub_of_wasi_is_made_of_its_text() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/plugins/wrap");
        let made = wat::parse_file(folder.join("preview1.wat")).unwrap();
        if std::env::var_os("TINYBASE_BLESS").is_some() {
            std::fs::write(folder.join("preview1.wasm"), &made).unwrap();
        }
        let kept = std::fs::read(folder.join("preview1.wasm")).unwrap();
        assert!(kept == made, "run this test with TINYBASE_BLESS=1");
    }

    #[test]
    fn the_world_is_read_off_the_names() {
        let component = componentize(&wasm(VALIDATOR)).unwrap();
        let scan = scan(&component).unwrap();
        assert_eq!(scan.exports, ["validator"]);
        assert!(scan.capabilities.is_empty(), "{:?}", scan.capabilities);
    }

    #[test]
    fn a_capability_is_imported_by_its_name() {
        let text = r#"(module
            (import "tinybase:plugin/log@0.1.0" "log" (func (param i32 i32 i32 i32 i32)))
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
            (func (export "tinybase:plugin/before-create@0.1.0#before-create") (param i32) (result i32) (i32.const 8)))"#;
        let scan = scan(&componentize(&wasm(text)).unwrap()).unwrap();
        assert_eq!((scan.exports, scan.capabilities), (vec!["before-create"], vec!["log".to_owned()]));
    }

    #[test]
    fn what_is_wrong_is_said_in_the_authors_words() {
        for (text, words) in [
            (r#"(module (import "env" "printf" (func)) (func (export "validate")))"#, "env.printf"),
            ("(module)", "exports no hook"),
            (r#"(module (memory (export "memory") 1) (func (export "validate") (param i64)))"#, "contract"),
            (
                r#"(module (import "tinybase:plugin/teleport@0.1.0" "go" (func)) (func (export "validate") (param i32) (result i32) unreachable))"#,
                "teleport",
            ),
        ] {
            let error = componentize(&wasm(text)).unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
        assert!(componentize(b"#!/bin/sh").unwrap_err().contains("did not write"));
    }
}
