//! What `componentize-qjs` makes of JavaScript, as one core module whose hooks are called by way of texts.
//!
//! Its component has the engine, the functions that know the interfaces, their shared memory with the snapshot in it, an adapter
//! of WASI and stubs for what that asks for: eleven modules, half a hundred instances and four memories, made anew for every
//! call. All that a hook needs of it is the first three, and where each finds the others was decided when the snapshot was
//! taken. So they are laid into one module here. What only the making of the snapshot needed traps from now on,
//! but for clocks, which stand still.
//!
//! And it hands over parameters one object at a time, which takes longer than most hooks do. So the component is made for a
//! world of its own ([`world`]), where a hook is told where its parameters lie, asks for what it needs of them, and answers with a
//! text; `text.c`, which is laid into the module too, stands between that and the contract.

mod merge;
mod part;

use super::author::Asked;
use super::{PACKAGE, VERSION, WORLD};
use crate::tenant::hooks::Stage;
use merge::Merge;
use part::Part;
use wasmparser_reencode::{Parser, Payload};

/// What the modules are recognised by.
const MEMORY_BASE: &str = ":memory_base";
const ENGINE: &str = "wit_dylib_initialize";
const LIBRARY: &str = "wit-dylib.wasm";

/// `text.c`, compiled (`make text`).
pub(in crate::plugins) const TEXT: &[u8] = include_bytes!("text.wasm");

type Outcome<T> = Result<T, String>;

fn broken(error: impl std::fmt::Display) -> String {
    format!("the component is broken: {error}")
}

/// What a hook asks for what it was given; `text.c` has the functions.
pub const CALL: &str = "author:plugin/call";
const CALL_WIT: &str = "interface call {
  words: func(call: u32, part: u32) -> string;
  now-ms: func(call: u32) -> f64;
  depth: func(call: u32) -> u32;
  field: func(call: u32, parameter: u32, name: string) -> string;
  fields: func(call: u32, parameter: u32) -> string;
}
";

/// The world that a component is to be made for, from an author's: its imports, [`CALL`], and for each hook a function called like
/// the interface.
///
/// # Errors
/// In words for its author, when there is a hook that JavaScript cannot have.
pub fn world(asked: &Asked) -> Outcome<String> {
    let imports = asked.imports.iter().map(|name| format!("{PACKAGE}/{name}@{VERSION}"));
    let mut items: Vec<_> = imports.chain(["call".to_owned()]).map(|name| format!("  import {name};\n")).collect();
    for stage in &asked.exports {
        let name = stage.interface();
        if *stage == Stage::Route {
            return Err(format!("world.wit exports {name}, which plugins in JavaScript cannot have"));
        }
        items.push(format!("  export {name}: func(call: u32) -> string;\n"));
    }
    Ok(format!("package author:plugin;\n\n{CALL_WIT}\nworld {WORLD} {{\n{}}}\n", items.concat()))
}

/// The core module of a component that was made for [`world`]: it imports what the component does of the contract, and exports
/// its hooks as the contract has them.
///
/// # Errors
/// In words, when it is not made of the parts that `componentize-qjs` makes it of.
pub fn module(component: &[u8]) -> Outcome<Vec<u8>> {
    let mut parts = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        if let Payload::ModuleSection { unchecked_range, .. } = payload.map_err(broken)? {
            let [start, end] =
                [unchecked_range.start, unchecked_range.end].map(|at| usize::try_from(at).unwrap_or(usize::MAX));
            parts.push(Part::read(component.get(start..end).unwrap_or_default())?);
        }
    }
    let is_memory = |part: &Part<'_>| part.exports.keys().any(|name| name.ends_with(MEMORY_BASE));
    let is_engine = |part: &Part<'_>| part.exports.contains_key(ENGINE);
    let is_interfaces = |part: &Part<'_>| part.imports.iter().any(|import| import.name == ENGINE);
    let tests: [&dyn Fn(&Part<'_>) -> bool; 3] = [&is_memory, &is_engine, &is_interfaces];
    let mut found = Vec::new();
    for test in tests {
        let at = parts.iter().position(test).ok_or("the component has not the parts that it should be made of")?;
        found.push(parts.swap_remove(at));
    }
    if found.iter().any(|part| part.starts) {
        return Err("a part of the component runs code at its start".to_owned());
    }
    found.push(Part::read(TEXT)?);
    Merge::new(found)?.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmparser_reencode::ExternalKind;

    #[test]
    fn hooks_become_functions_that_answer_with_texts() {
        let asked = Asked { imports: vec!["log".to_owned()], exports: vec![Stage::BeforeCreate] };
        let made = world(&asked).unwrap();
        assert!(made.contains("  import tinybase:plugin/log@0.1.0;\n"), "{made}");
        assert!(made.contains("\n  export before-create: func(call: u32) -> string;\n"), "{made}");
        assert!(!made.contains("export tinybase:"), "{made}");
        let route = world(&Asked { exports: vec![Stage::Route], ..asked }).unwrap_err();
        assert!(route.contains("cannot have"), "{route}");
    }

    #[test]
    fn what_stands_between_has_code_and_nothing_else() {
        let part = Part::read(TEXT).unwrap();
        assert_eq!(part.counts[1..], [0, 0], "elements and data");
        let wanted: Vec<_> = part.imports.iter().map(|import| (import.module, import.name)).collect();
        assert_eq!(wanted, [("env", "memory"), ("env", "cabi_realloc")]);
        let asked = CALL_WIT.lines().filter_map(|line| line.split_once(": func").map(|(name, _)| name.trim()));
        for name in asked.chain(["changes", "answer", "errors"]) {
            assert!(part.exported(name, ExternalKind::Func).is_some(), "{name}");
        }
    }

    #[test]
    fn another_component_is_refused() {
        for text in ["(component)", "(component (core module (func (export \"wit_dylib_initialize\"))))"] {
            let error = module(&wat::parse_str(text).unwrap()).unwrap_err();
            assert!(error.contains("parts"), "{error}");
        }
        assert!(module(b"#!/bin/sh").unwrap_err().contains("broken"));
        for malformed in malformed() {
            let error = module(&component(&malformed)).unwrap_err();
            assert!(error.contains("broken"), "{error}");
        }
    }

    /// A type of functions that take and give nothing.
    const TYPE: &[u8] = &[1, 4, 1, 0x60, 0, 0];
    const MEMORY: &[&[u8]] = &[
        &[6, 6, 1, 0x7f, 0, 0x41, 0, 0x0b],
        b"\x07\x2e\x02\x0dx:memory_base\x03\x00\x1awit-dylib.wasm:memory_base\x03\x00",
    ];
    const ENGINES: &[&[u8]] =
        &[b"\x07\x27\x02\x14wit_dylib_initialize\x00\x00\x0ccabi_realloc\x00\x00", &[10, 4, 1, 2, 0, 0x0b]];

    /// The three parts, one of them with a number that is beyond everything.
    fn malformed() -> [[Vec<u8>; 3]; 3] {
        let part =
            |sections: &[&[u8]], more: &[&[u8]]| [&b"\0asm\x01\0\0\0"[..], &sections.concat(), &more.concat()].concat();
        let (memory, engine) = (part(&[TYPE], MEMORY), part(&[TYPE, &[3, 2, 1, 0]], ENGINES));
        let user = part(&[TYPE], &[b"\x02\x1c\x01\x03env\x14wit_dylib_initialize\x00\x00"]);
        let of_no_type = b"\x02\x20\x01\x03env\x14wit_dylib_initialize\x00\xff\xff\xff\xff\x0f";
        [
            [memory.clone(), engine.clone(), part(&[TYPE], &[of_no_type])],
            [part(&[&[1, 5, 0xff, 0xff, 0xff, 0xff, 0x0f]], MEMORY), engine, user.clone()],
            [memory, part(&[TYPE, &[3, 6, 1, 0xff, 0xff, 0xff, 0xff, 0x0f]], ENGINES), user],
        ]
    }

    fn component(parts: &[Vec<u8>; 3]) -> Vec<u8> {
        let sections = parts.iter().flat_map(|part| [&[1, u8::try_from(part.len()).unwrap()][..], part].concat());
        b"\0asm\x0d\0\x01\0".iter().copied().chain(sections).collect()
    }
}
