//! Files that must not be let in, or only as what they are.

use super::Outcome::{Answers, Fails, Refused};
use super::made::{NO_CHANGE, Parts, assembled, hook, with_custom, with_host};
use super::{Case, case};
use tinybase::plugins::limits::upload as most;

const NOT_COMPONENT: super::Outcome = Refused("plugin_not_component");
const INVALID: super::Outcome = Refused("plugin_invalid");
const TOO_COMPLEX: super::Outcome = Refused("plugin_too_complex");
const UNKNOWN_IMPORT: super::Outcome = Refused("plugin_unknown_import");
const NO_HOOKS: super::Outcome = Refused("plugin_no_hooks");

pub fn all() -> Vec<Case> {
    let mut all = files();
    all.extend(features());
    all.extend(sizes());
    all.extend(nesting());
    all.extend(beginnings());
    all.extend(names());
    all
}

fn module(more: &str) -> Vec<u8> {
    Parts { more: &format!("{NO_CHANGE} {more}"), ..Parts::default() }.bytes()
}

/// A component that is a hook but for one more core module, which nobody instantiates.
fn beside(text: &str) -> Vec<u8> {
    Parts { before: text, ..Parts::default() }.bytes()
}

fn files() -> Vec<Case> {
    let good = hook("");
    let changed = |place: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[place] = byte;
        bytes
    };
    vec![
        case("an empty file", Vec::new(), NOT_COMPONENT),
        case("four bytes", b"\0asm".to_vec(), NOT_COMPONENT),
        case("noise", (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect(), NOT_COMPONENT),
        case("a text", b"(component)".to_vec(), NOT_COMPONENT),
        case("an ELF", b"\x7fELF\x02\x01\x01".to_vec(), NOT_COMPONENT),
        case("a zip", b"PK\x03\x04".to_vec(), NOT_COMPONENT),
        case("a gzip", b"\x1f\x8b\x08".to_vec(), NOT_COMPONENT),
        case("a core module", assembled("(module)"), NOT_COMPONENT),
        case("a component of tomorrow", changed(4, 0x0e), NOT_COMPONENT),
        case("only a header", b"\0asm\x0d\0\x01\0".to_vec(), NO_HOOKS),
        case("half a component", good[..good.len() / 2].to_vec(), INVALID),
        case("a component without its last byte", good[..good.len() - 1].to_vec(), INVALID),
        case("a component and something more", [good.as_slice(), b"\xff\xff\xff"].concat(), INVALID),
        case("two components", [good.as_slice(), good.as_slice()].concat(), INVALID),
        case("a section of no kind", [good.as_slice(), b"\x63\x01\x00"].concat(), INVALID),
        case("a section longer than the file", [good.as_slice(), b"\x00\xff\xff\xff\x7f"].concat(), INVALID),
        case(
            "a part with its bits turned",
            good.iter().enumerate().map(|(n, b)| if n > 60 && n < 90 { !b } else { *b }).collect(),
            INVALID,
        ),
    ]
}

fn features() -> Vec<Case> {
    vec![
        case("memory of 64 bits", beside("(core module (memory i64 1))"), INVALID),
        case("shared memory", beside("(core module (memory 1 1 shared))"), INVALID),
        case("a table of 64 bits", beside("(core module (table i64 1 funcref))"), INVALID),
        case("atomics", module("(func (drop (i32.atomic.load (i32.const 0))))"), INVALID),
        case("garbage collection", beside("(core module (type (struct (field i32))))"), INVALID),
        case("exceptions", beside("(core module (tag))"), INVALID),
        case("references to functions", beside("(core module (type $f (func)) (func (param (ref null $f))))"), INVALID),
        case(
            "relaxed vectors",
            module("(func (param v128) (drop (i8x16.relaxed_swizzle (local.get 0) (local.get 0))))"),
            INVALID,
        ),
        case("wide arithmetic", module("(func (drop (drop (i64.mul_wide_u (i64.const 1) (i64.const 1)))))"), INVALID),
        case("pages of another size", beside("(core module (memory 1 (pagesize 1)))"), INVALID),
        case("strings of two bytes", Parts { options: "string-encoding=utf16", ..Parts::default() }.bytes(), INVALID),
        case(
            "strings of one byte or two",
            Parts { options: "string-encoding=latin1+utf16", ..Parts::default() }.bytes(),
            INVALID,
        ),
        case("a hook that waits", Parts { options: "async", ..Parts::default() }.bytes(), INVALID),
    ]
}

/// One more than there may be.
fn over(most: u32) -> usize {
    most as usize + 1
}

fn sizes() -> Vec<Case> {
    let many = |text: &str, count: usize| text.repeat(count);
    let core = |text: String| beside(&format!("(core module {text})"));
    vec![
        case("too many functions", core(many("(func)", over(most::FUNCTIONS_PER_MODULE))), TOO_COMPLEX),
        case(
            "one function that is too long",
            core(format!("(func {})", many("(drop (i32.const 1))", most::BODY_BYTES / 3 + 1))),
            TOO_COMPLEX,
        ),
        case("too many locals", core(format!("(func (local {}))", many("i32 ", over(most::LOCALS)))), TOO_COMPLEX),
        case(
            "too many parameters",
            core(format!("(func (param {}))", many("i32 ", most::PARAMETERS + 1))),
            TOO_COMPLEX,
        ),
        case(
            "too many results",
            core(format!("(type (func (result {})))", many("i32 ", most::PARAMETERS + 1))),
            TOO_COMPLEX,
        ),
        case("too many types", core(many("(type (func))", over(most::TYPES))), TOO_COMPLEX),
        case("too many globals", core(many("(global i32 (i32.const 0))", over(most::GLOBALS))), TOO_COMPLEX),
        case(
            "too many data segments",
            core(format!("(memory 1) {}", many("(data \"\")", over(most::DATA_SEGMENTS)))),
            TOO_COMPLEX,
        ),
        case(
            "too many elements",
            core(format!("(table 1 funcref) {}", many("(elem func)", over(most::ELEMENT_SEGMENTS)))),
            TOO_COMPLEX,
        ),
        case(
            "a branch with too many ways",
            core(format!("(func (block (br_table {} (i32.const 0))))", many("0 ", over(most::BRANCH_TARGETS) + 1))),
            TOO_COMPLEX,
        ),
        case(
            "blocks that are too deep",
            core(format!("(func {} {})", many("(block ", over(most::BLOCK_DEPTH)), many(")", over(most::BLOCK_DEPTH)))),
            TOO_COMPLEX,
        ),
        case("a table that is too large", core("(table 10000000 funcref)".to_owned()), TOO_COMPLEX),
        case("all memory at once", core("(memory 65536)".to_owned()), TOO_COMPLEX),
        case("too many core modules", beside(&many("(core module)", over(most::MODULES))), TOO_COMPLEX),
        case("too many types of components", beside(&many("(type (list u8))", over(most::TYPES))), TOO_COMPLEX),
        case(
            "too many imports",
            assembled(&format!(
                "(component {})",
                (0..=most::IMPORTS).map(|n| format!("(import \"a{n}\" (func))")).collect::<String>()
            )),
            TOO_COMPLEX,
        ),
        case(
            "too many exports",
            beside(&format!(
                "(core module $m) {}",
                (0..=most::EXPORTS).map(|n| format!("(export \"m{n}\" (core module $m))")).collect::<String>()
            )),
            TOO_COMPLEX,
        ),
        case("sections of nothing", with_custom("nothing", &vec![0; 3 << 20]), TOO_COMPLEX),
    ]
}

fn nesting() -> Vec<Case> {
    let instances: String = (0..70).map(|_| "(core instance (instantiate $empty))").collect();
    let doubled: String = (1..40).map(|n| format!("(type $t{n} (tuple $t{} $t{}))", n - 1, n - 1)).collect();
    vec![
        case(
            "components in components",
            beside(&format!(
                "{}{}",
                "(component ".repeat(over(most::COMPONENT_DEPTH)),
                ")".repeat(over(most::COMPONENT_DEPTH))
            )),
            TOO_COMPLEX,
        ),
        case("too many components", beside(&"(component)".repeat(over(most::COMPONENTS))), TOO_COMPLEX),
        case("too many instances", beside(&format!("(core module $empty) {instances}")), INVALID),
        case("a type that doubles", beside(&format!("(type $t0 (tuple u8 u8)) {doubled}")), INVALID),
        case("nine memories", module(&"(memory 1)".repeat(8)), INVALID),
    ]
}

fn beginnings() -> Vec<Case> {
    let start = |body: &str, more: &str| module(&format!("{more} (func $start {body}) (start $start)"));
    vec![
        case("a start that loops", start("(loop $l (br $l))", ""), INVALID),
        case("a start that traps", start("(unreachable)", ""), INVALID),
        case("a start that recurses", start("(call $start) (call $start)", ""), INVALID),
        case(
            "a start that takes all memory",
            start("(loop $l (br_if $l (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) (unreachable)", ""),
            INVALID,
        ),
        case("a start that writes beyond memory", start("(i32.store (i32.const -4) (i32.const 0))", ""), INVALID),
        case(
            "a start that calls the host",
            with_host(
                "(start $start) (func $start (call $log (i32.const 1) (i32.const 16) (i32.const 0) (i32.const 0) (i32.const 0)))",
                "",
            ),
            INVALID,
        ),
        case("data beyond memory", module("(data (i32.const 99999999) \"x\")"), INVALID),
        case("elements beyond a table", module("(table 1 funcref) (func $f) (elem (i32.const 9) $f)"), INVALID),
        case(
            "more memory than a call may have",
            Parts { memory: "(memory (export \"memory\") 700)", ..Parts::default() }.bytes(),
            Fails("memory"),
        ),
        case(
            "memories that are too large together",
            Parts { memory: "(memory (export \"memory\") 100) (memory 100) (memory 100)", ..Parts::default() }.bytes(),
            INVALID,
        ),
        case(
            "holes in memory",
            Parts {
                memory: "(memory (export \"memory\") 500)",
                more: &format!("{NO_CHANGE} (data (i32.const 32000000) \"x\")"),
                ..Parts::default()
            }
            .bytes(),
            Fails("memory"),
        ),
    ]
}

fn names() -> Vec<Case> {
    let wants = |import: &str| beside(&format!("(import \"{import}\" (instance (export \"f\" (func))))"));
    let text = Parts::default().text();
    vec![
        case("WASI", wants("wasi:nonsense/environment@0.2.0"), UNKNOWN_IMPORT),
        case("somebody else's host", wants("evil:host/x@1.0.0"), UNKNOWN_IMPORT),
        case("an interface that is not there", wants("tinybase:plugin/root-shell@0.1.0"), UNKNOWN_IMPORT),
        case("a version that is not there", wants("tinybase:plugin/log@9.0.0"), UNKNOWN_IMPORT),
        case("itself", wants("tinybase:plugin/before-create@0.1.0"), UNKNOWN_IMPORT),
        case("a function of the host that is not there", wants("tinybase:plugin/log@0.1.0"), INVALID),
        case(
            "a function of another shape",
            beside("(import \"tinybase:plugin/log@0.1.0\" (instance (export \"log\" (func (param \"m\" string)))))"),
            INVALID,
        ),
        case("a module of the host's", beside("(import \"m\" (core module))"), UNKNOWN_IMPORT),
        case(
            "a hook of a version that is not there",
            assembled(&text.replace("before-create@0.1.0", "before-create@7.0.0")),
            NO_HOOKS,
        ),
        case("a hook by another name", assembled(&text.replace("before-create@0.1.0", "before-lunch@0.1.0")), NO_HOOKS),
        case(
            "a hook of somebody else",
            assembled(&text.replace("\"tinybase:plugin/before-create", "\"tinybase:plug-in/before-create")),
            NO_HOOKS,
        ),
        case(
            "a hook without its function",
            assembled(
                &text.replace("(instance $hooks (export \"before-create\"", "(instance $hooks (export \"after-lunch\""),
            ),
            INVALID,
        ),
        case(
            "a hook of another shape",
            assembled(&text.replace(
                "(param \"ctx\" $context) (param \"draft\" $fields)",
                "(param \"draft\" $fields) (param \"ctx\" $context)",
            )),
            INVALID,
        ),
        case(
            "a hook with a case too many",
            assembled(&text.replace(
                "(case \"other\" (tuple string (list u8)))",
                "(case \"other\" (tuple string (list u8))) (case \"more\" u64)",
            )),
            INVALID,
        ),
        case("a manifest that is not JSON", with_custom("tinybase:manifest", b"{\"name\": "), INVALID),
        case(
            "a manifest with a name that is none",
            with_custom("tinybase:manifest", b"{\"name\": \"../../etc\"}"),
            Answers(200),
        ),
        case("a manifest without end", with_custom("tinybase:manifest", "[".repeat(100_000).as_bytes()), INVALID),
        case("a section whose name would colour a terminal", with_custom("\u{1b}[31mred\u{202e}", b"x"), Answers(200)),
    ]
}
