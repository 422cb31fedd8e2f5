//! Files that are not plugins, and plugins that are too much.

use super::*;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

fn refused(bytes: &[u8]) -> Rejection {
    scan(bytes).unwrap_err()
}

fn code_of(bytes: &[u8]) -> &'static str {
    refused(bytes).code.code
}

fn read(path: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}: run `make plugins` first", path.display()))
}

fn guest(name: &str) -> Vec<u8> {
    wat::parse_bytes(&read(&format!("tests/guests/wat/{name}.wat"))).unwrap().into_owned()
}

/// A component around a core module of this text.
fn around(module: &str) -> Vec<u8> {
    wat::parse_str(format!("(component (core module {module}))")).unwrap()
}

#[test]
fn plugins_tell_what_they_are() {
    let slugify = scan(&read("../plugins/dist/slugify.wasm")).unwrap();
    assert_eq!(slugify.exports, ["before-create", "before-update"]);
    assert_eq!(slugify.stages(), [Stage::BeforeCreate, Stage::BeforeUpdate]);
    assert!(slugify.capabilities.is_empty());
    let audit = scan(&read("../plugins/dist/audit-trail.wasm")).unwrap();
    assert_eq!(audit.exports, ["after-create", "after-update", "after-delete"]);
    assert_eq!(audit.capabilities, ["log", "records"]);
    assert!(audit.imports.iter().any(|name| name == "tinybase:plugin/records@0.1.0"), "{:?}", audit.imports);
    assert_eq!(scan(&read("../plugins/dist/word-limit.wasm")).unwrap().exports, ["validator"]);
}

#[test]
fn a_file_that_is_no_component_is_told_what_it_is() {
    let magic = b"\0asm";
    for (bytes, words) in [
        (b"".as_slice(), "empty"),
        (b"\x7fELF\x02\x01", "machine code"),
        (b"PK\x03\x04", "archive"),
        (b"\x1f\x8b\x08", "archive"),
        (b"(component)", "text"),
        (b"export default {}", "text"),
        (b"\xff\xfe\x00\x01", "does not begin"),
        (magic, "neither"),
        (b"\0asm\x01\0\0\0", "core module"),
        (b"\0asm\x0a\0\x01\0", "another version"),
        (b"\0asm\x0d\0\x02\0", "neither"),
    ] {
        let rejection = refused(bytes);
        assert_eq!(rejection.code.code, "plugin_not_component", "{words}");
        assert!(rejection.detail.contains(words), "{words}: {}", rejection.detail);
    }
    assert_eq!(code_of(&guest("not-component")), "plugin_not_component");
    assert_eq!(code_of(&vec![0; upload::BYTES + 1]), "plugin_too_large");
}

#[test]
fn a_broken_component_is_invalid() {
    let whole = read("../plugins/dist/slugify.wasm");
    for cut in [9, 100, whole.len() / 2, whole.len() - 1] {
        assert_eq!(code_of(&whole[..cut]), "plugin_invalid", "cut at {cut}");
    }
    let mut garbage = b"\0asm\x0d\0\x01\0".to_vec();
    garbage.extend((0..10_000u32).map(|n| u8::try_from(n * 7919 % 251).unwrap()));
    assert_eq!(code_of(&garbage), "plugin_invalid");
}

#[test]
fn flipped_bits_never_panic() {
    let whole = read("../plugins/dist/word-limit.wasm");
    for place in (8..whole.len()).step_by(37) {
        let mut bytes = whole.clone();
        bytes[place] ^= 1 << (place % 8);
        let _ = scan(&bytes);
    }
}

#[test]
fn unknown_imports_are_named_with_what_there_is() {
    let rejection = refused(&guest("unknown-import"));
    assert_eq!(rejection.code.code, "plugin_unknown_import");
    assert!(rejection.detail.contains("`evil:host/steal@1.0.0`"), "{}", rejection.detail);
    let rejection = refused(&guest("future-import"));
    assert!(
        rejection.detail.contains("`tinybase:plugin/kv@9.0.0`: this host has tinybase:plugin/kv@0.1.0"),
        "{}",
        rejection.detail
    );
    for name in ["wasi:sockets/tcp@0.3.0", "wasi:keyvalue/store@0.2.0", "wasi:cli/exit@0.2.0-rc1", "wasi:cli/exit"] {
        let wasi = wat::parse_str(format!("(component (import \"{name}\" (instance)))")).unwrap();
        assert!(refused(&wasi).detail.contains("of the versions 0.2"), "{name}");
    }
    let missing = wat::parse_str("(component (import \"tinybase:plugin/sockets@0.1.0\" (instance)))").unwrap();
    assert!(
        refused(&missing)
            .detail
            .contains("clock, files, http-client, kv, log, mail, random, realtime, records, secrets")
    );
    let plain = wat::parse_str("(component (import \"secret\" (func)))").unwrap();
    assert_eq!(code_of(&plain), "plugin_unknown_import");
}

#[test]
fn wasi_is_no_capability() {
    let scanned = scan(&read("tests/guests/dist/wasi.wasm")).unwrap();
    assert!(scanned.capabilities.is_empty(), "{:?}", scanned.capabilities);
    let basics = scanned.runtime_basics();
    assert!(basics.iter().any(|name| name.starts_with("wasi:sockets/")), "{basics:?}");
    assert!(!basics.iter().any(|name| name.starts_with("tinybase:")), "{basics:?}");
    assert!(scanned.exports.contains(&"validator"), "a check may have them");
}

#[test]
fn versions_of_one_track_are_one() {
    assert!(same_track("0.1.0", "0.1.7") && same_track("1.2.3", "1.0.0"));
    for (theirs, ours) in [
        ("0.2.0", "0.1.0"),
        ("2.0.0", "1.0.0"),
        ("0.0.1", "0.0.2"),
        ("0.1.0-rc1", "0.1.0"),
        ("", "0.1.0"),
        ("0.1", "0.1.0"),
    ] {
        assert!(!same_track(theirs, ours), "{theirs} {ours}");
    }
}

#[test]
fn hooks_are_found_or_missed_by_name() {
    let rejection = refused(&guest("no-hooks"));
    assert_eq!(rejection.code.code, "plugin_no_hooks");
    assert!(
        rejection.detail.contains("`answer`") && rejection.detail.contains("before-create"),
        "{}",
        rejection.detail
    );
    assert_eq!(code_of(b"\0asm\x0d\0\x01\0"), "plugin_no_hooks");
}

#[test]
fn a_pure_check_may_not_import() {
    let rejection = refused(&read("tests/guests/dist/impure-validator.wasm"));
    assert_eq!(rejection.code.code, "plugin_unknown_import");
    assert!(rejection.detail.contains("log"), "{}", rejection.detail);
    assert!(scan(&read("tests/guests/dist/hostile-validator.wasm")).unwrap().capabilities.is_empty());
}

#[test]
fn structures_that_explode_are_refused() {
    let many = |one: &str, count: usize| one.repeat(count);
    let nested = |depth: usize| format!("(func {}{})", many("(block ", depth), many(")", depth));
    let mut deep = "(component)".to_owned();
    for _ in 0..10 {
        deep = format!("(component {deep})");
    }
    let mut targets = "(func (block (br_table".to_owned();
    for _ in 0..20_000 {
        let _ = write!(targets, " 0");
    }
    targets.push_str(" (i32.const 0))))");
    for (what, bytes) in [
        ("functions", around(&many("(func)", 20_001))),
        ("bytes of code", around(&format!("(func {})", many("(drop (i64.const -1)) ", 200_000)))),
        ("locals", around(&format!("(func (local {}))", many("i64 ", 6_000)))),
        ("blocks", around(&nested(1_100))),
        ("targets", around(&targets)),
        ("parameters", around(&format!("(type (func (param {})))", many("i32 ", 100)))),
        ("globals", around(&many("(global i32 (i32.const 0))", 10_001))),
        ("data segments", around(&many("(data \"x\")", 50_001))),
        ("bytes of memory", around("(memory 65536)")),
        ("elements of one table", around("(table 10000000 funcref)")),
        ("levels of components", wat::parse_str(deep).unwrap()),
        ("core modules", wat::parse_str(format!("(component {})", many("(core module)", 101))).unwrap()),
        ("components", wat::parse_str(format!("(component {})", many("(component)", 201))).unwrap()),
        ("types", wat::parse_str(format!("(component {})", many("(type u8)", 20_001))).unwrap()),
        ("custom sections", around(&format!("(@custom \"x\" \"{}\")", many("x", 3 << 20)))),
        (
            "imports",
            wat::parse_str(
                (0..201).fold("(component ".to_owned(), |text, n| text + &format!("(import \"a{n}\" (func))")) + ")",
            )
            .unwrap(),
        ),
    ] {
        let rejection = refused(&bytes);
        assert_eq!(rejection.code.code, "plugin_too_complex", "{what}: {}", rejection.detail);
        assert!(rejection.detail.contains(what), "{what}: {}", rejection.detail);
    }
}

#[test]
fn features_without_a_place_are_refused() {
    for module in ["(memory i64 1)", "(memory 1 2 shared)", "(table i64 1 funcref)"] {
        assert_eq!(code_of(&around(module)), "plugin_invalid", "{module}");
    }
    let utf16 = "(component (core module $m (memory (export \"memory\") 1) (func (export \"f\") (param i32 i32))
        (func (export \"realloc\") (param i32 i32 i32 i32) (result i32) i32.const 0))
        (core instance $i (instantiate $m))
        (func (export \"f\") (param \"x\" string) (canon lift (core func $i \"f\") string-encoding=utf16
        (memory (core memory $i \"memory\")) (realloc (core func $i \"realloc\")))))";
    let rejection = refused(&wat::parse_str(utf16).unwrap());
    assert!(rejection.detail.contains("UTF-8"), "{}", rejection.detail);
}

#[test]
fn names_are_found_and_cleaned() {
    let named = |text: &str| {
        let names = structure::walk(&wat::parse_str(text).unwrap()).unwrap();
        names.name.filter(|name| is_name(name))
    };
    assert_eq!(named("(component $slugify)").as_deref(), Some("slugify"));
    assert_eq!(named("(component (core module $inner.wasm))").as_deref(), Some("inner"));
    assert_eq!(
        named("(component (@custom \"tinybase:manifest\" \"{\\\"name\\\":\\\"mine\\\"}\"))").as_deref(),
        Some("mine")
    );
    assert_eq!(named("(component (@custom \"tinybase:manifest\" \"{\\\"name\\\":\\\"../../x\\\"}\"))"), None);
    let unreadable = wat::parse_str("(component (@custom \"tinybase:manifest\" \"nonsense\"))").unwrap();
    assert_eq!(structure::walk(&unreadable).unwrap_err().code, code::PLUGIN_INVALID);
    let both = "(component (core module (@custom \"tinybase:manifest\" \"{\\\"name\\\":\\\"inner\\\"}\"))
        (@custom \"tinybase:manifest\" \"{\\\"name\\\":\\\"outer\\\"}\"))";
    assert_eq!(named(both).as_deref(), Some("outer"), "what is outside means more");
    assert_eq!(printable("a\u{202e}\x1b[31m\n"), "a??[31m?");
    assert!(printable(&"x".repeat(1_000)).len() <= upload::NAME_SHOWN + 2);
}
