//! Components that are let in and misbehave when they are called.

use super::Outcome::{Answers, Fails};
use super::made::{NO_CHANGE, Parts, REALLOC, answer, hook, with_host};
use super::{Case, case};

pub fn all() -> Vec<Case> {
    let mut all = computing();
    all.extend(remembering());
    all.extend(allocating());
    all.extend(answering());
    all.extend(asking());
    all.extend(handling());
    all
}

fn with(more: &str, body: &str) -> Vec<u8> {
    let (more, body) = (format!("{NO_CHANGE} {more}"), format!("{body} (i32.const 16)"));
    Parts { more: &more, body: &body, ..Parts::default() }.bytes()
}

/// They do not come to an end, or to a bad one.
fn computing() -> Vec<Case> {
    let many = "i64 ".repeat(2_000);
    let ackermann = "(func $a (param $m i32) (param $n i32) (result i32)
      (if (result i32) (i32.eqz (local.get $m)) (then (i32.add (local.get $n) (i32.const 1)))
        (else (if (result i32) (i32.eqz (local.get $n))
          (then (call $a (i32.sub (local.get $m) (i32.const 1)) (i32.const 1)))
          (else (call $a (i32.sub (local.get $m) (i32.const 1)) (call $a (local.get $m) (i32.sub (local.get $n) (i32.const 1)))))))))";
    vec![
        case("an endless loop", hook("(loop $l (br $l))"), Fails("fuel")),
        case(
            "an endless loop over memory",
            hook("(loop $l (i32.store (i32.const 0) (i32.const 1)) (br $l))"),
            Fails("fuel"),
        ),
        case("an endless loop of branches", hook("(loop $l (br_table $l $l $l (i32.const 7)))"), Fails("fuel")),
        case("recursion", with("(func $f (call $f) (call $f))", "(call $f)"), Fails("trap")),
        case(
            "recursion with large frames",
            with(&format!("(func $f (local {many}) (call $f) (call $f))"), "(call $f)"),
            Fails("trap"),
        ),
        case(
            "recursion through a table",
            with(
                "(type $t (func)) (table 1 funcref) (elem (i32.const 0) $f) (func $f (call_indirect (type $t) (i32.const 0)) (call_indirect (type $t) (i32.const 0)))",
                "(call $f)",
            ),
            Fails("trap"),
        ),
        case(
            "two that call each other",
            with("(func $f (call $g) (nop)) (func $g (call $f) (nop))", "(call $f)"),
            Fails("trap"),
        ),
        case("Ackermann", with(ackermann, "(drop (call $a (i32.const 3) (i32.const 14)))"), Fails("fuel")),
        case("unreachable", hook("(unreachable)"), Fails("trap")),
        case("a division by zero", hook("(drop (i32.div_s (i32.const 1) (i32.const 0)))"), Fails("trap")),
        case("an overflow", hook("(drop (i32.trunc_f64_s (f64.const 1e300)))"), Fails("trap")),
        case(
            "a null in a table",
            with("(type $t (func)) (table 1 funcref)", "(call_indirect (type $t) (i32.const 0))"),
            Fails("trap"),
        ),
        case(
            "an index beyond a table",
            with("(type $t (func)) (table 1 funcref)", "(call_indirect (type $t) (i32.const 9))"),
            Fails("trap"),
        ),
        case(
            "a call of another signature",
            with(
                "(type $t (func (param i64))) (table 1 funcref) (elem (i32.const 0) $f) (func $f)",
                "(call_indirect (type $t) (i64.const 1) (i32.const 0))",
            ),
            Fails("trap"),
        ),
    ]
}

/// They want memory, or what is not theirs.
fn remembering() -> Vec<Case> {
    let until = |grow: &str| format!("(loop $l (br_if $l (i32.ne {grow} (i32.const -1)))) (unreachable)");
    vec![
        case("a load beyond memory", hook("(drop (i32.load (i32.const 0x7ffffff0)))"), Fails("trap")),
        case("a store below zero", hook("(i32.store (i32.const -4) (i32.const 1))"), Fails("trap")),
        case("all memory there is", hook(&until("(memory.grow (i32.const 1))")), Fails("memory")),
        case(
            "more memory than there can be",
            hook("(drop (memory.grow (i32.const 65535))) (unreachable)"),
            Fails("fuel"),
        ),
        case(
            "memory that is not grown",
            hook("(loop $l (drop (memory.grow (i32.const 0))) (br $l))"),
            Fails("fuel or wall"),
        ),
        case(
            "memory filled again and again",
            hook("(loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 200000)) (br $l))"),
            Fails("fuel"),
        ),
        case(
            "memory copied again and again",
            hook("(loop $l (memory.copy (i32.const 0) (i32.const 8) (i32.const 200000)) (br $l))"),
            Fails("fuel"),
        ),
        case("a fill beyond memory", hook("(memory.fill (i32.const 0) (i32.const 1) (i32.const -1))"), Fails("fuel")),
        case(
            "a table that grows",
            with("(table $t 1 funcref)", &until("(table.grow $t (ref.null func) (i32.const 1000))")),
            Fails("trap"),
        ),
        case(
            "a table that is not grown",
            with("(table $t 1 funcref)", "(loop $l (drop (table.grow $t (ref.null func) (i32.const 0))) (br $l))"),
            Fails("fuel or wall"),
        ),
        case(
            "a segment that was dropped",
            with("(data $d \"abc\")", "(data.drop $d) (memory.init $d (i32.const 0) (i32.const 0) (i32.const 3))"),
            Fails("trap"),
        ),
    ]
}

/// What the host calls to hand over arguments, and after the answer.
fn allocating() -> Vec<Case> {
    let head = "(func (export \"realloc\") (param i32 i32 i32 i32) (result i32)";
    let realloc = |body: &str| Parts { realloc: &format!("{head} {body})"), ..Parts::default() }.bytes();
    let after = |body: &str| {
        let more = format!("{NO_CHANGE} (func (export \"post\") (param i32) {body})");
        Parts { more: &more, options: "(post-return (core func $code \"post\"))", ..Parts::default() }.bytes()
    };
    vec![
        case("an allocator that loops", realloc("(loop $l (br $l)) (i32.const 0)"), Fails("fuel")),
        case("an allocator that traps", realloc("(unreachable)"), Fails("trap")),
        case("an allocator that lies outside", realloc("(i32.const 0xfffffff0)"), Fails("trap")),
        case("an allocator that is not aligned", realloc("(i32.const 1025)"), Fails("trap")),
        case(
            "an allocator that calls itself",
            realloc("(call 0 (local.get 0) (local.get 1) (local.get 2) (local.get 3))"),
            Fails("trap"),
        ),
        case("an allocator that always gives the same", realloc("(i32.const 4096)"), Answers(200)),
        case(
            "an allocator that gives the last bytes",
            realloc("(i32.sub (i32.const 262144) (i32.const 8))"),
            Fails("trap"),
        ),
        case("a clean-up that loops", after("(loop $l (br $l))"), Fails("fuel")),
        case("a clean-up that traps", after("(unreachable)"), Fails("trap")),
        case(
            "a clean-up that grows",
            after("(loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) (unreachable)"),
            Fails("memory"),
        ),
    ]
}

/// Answers that break the rules of the border, or are none of the guest's business.
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn answering() -> Vec<Case> {
    // A list at 64 of one field, whose name lies at 256 and whose value follows.
    let field = |name: &str, length: &str, value: &str| {
        let list = "\"\\00\\00\\00\\00\" \"\\40\\00\\00\\00\" \"\\01\\00\\00\\00\"";
        let more = format!(
            "(data (i32.const 16) {list}) (data (i32.const 64) \"\\00\\01\\00\\00\" \"{length}\" {value}) (data (i32.const 256) \"{name}\")"
        );
        Parts { more: &more, ..Parts::default() }.bytes()
    };
    let at = |address: &str| Parts { body: address, ..Parts::default() }.bytes();
    let text = "\"\\04\\00\\00\\00\\00\\00\\00\\00\" \"\\00\\01\\00\\00\" \"\\05\\00\\00\\00\"";
    let number = "\"\\03\\00\\00\\00\\00\\00\\00\\00\" \"\\00\\00\\00\\00\\00\\00\\f8\\7f\"";
    // Ten thousand fields, each with the same long text.
    let same = format!(
        "{REALLOC} (func $fill (param $count i32) (local $at i32)
          (loop $l
            (i32.store (i32.add (i32.const 4096) (i32.mul (local.get $at) (i32.const 32))) (i32.const 256))
            (i32.store (i32.add (i32.const 4100) (i32.mul (local.get $at) (i32.const 32))) (i32.const 5))
            (i32.store8 (i32.add (i32.const 4104) (i32.mul (local.get $at) (i32.const 32))) (i32.const 4))
            (i32.store (i32.add (i32.const 4112) (i32.mul (local.get $at) (i32.const 32))) (i32.const 400000))
            (i32.store (i32.add (i32.const 4116) (i32.mul (local.get $at) (i32.const 32))) (i32.const 60000))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br_if $l (i32.lt_u (local.get $at) (local.get $count)))))"
    );
    let many = |count: u32, kind: &str| {
        let body = format!(
            "(call $fill (i32.const {count})) {kind} (i32.store (i32.const 20) (i32.const 4096)) (i32.store (i32.const 24) (i32.const {count})) (i32.const 16)"
        );
        let more = format!("{NO_CHANGE} (data (i32.const 256) \"title\")");
        Parts {
            memory: "(memory (export \"memory\") 100)",
            realloc: &same,
            more: &more,
            body: &body,
            ..Parts::default()
        }
        .bytes()
    };
    vec![
        case("an answer outside of memory", at("(i32.const 0xfffffff0)"), Fails("trap")),
        case("an answer that is not aligned", at("(i32.const 17)"), Fails("trap")),
        case(
            "an answer of no kind",
            answer("\"\\07\\00\\00\\00\" \"\\00\\00\\00\\00\" \"\\00\\00\\00\\00\""),
            Fails("trap"),
        ),
        case(
            "a list outside of memory",
            answer("\"\\00\\00\\00\\00\" \"\\00\\00\\ff\\7f\" \"\\01\\00\\00\\00\""),
            Fails("trap"),
        ),
        case(
            "a list that is not aligned",
            answer("\"\\00\\00\\00\\00\" \"\\03\\00\\00\\00\" \"\\01\\00\\00\\00\""),
            Fails("trap"),
        ),
        case(
            "a list longer than memory",
            answer("\"\\00\\00\\00\\00\" \"\\00\\10\\00\\00\" \"\\ff\\ff\\ff\\0f\""),
            Fails("trap"),
        ),
        case(
            "a list whose length overflows",
            answer("\"\\00\\00\\00\\00\" \"\\00\\10\\00\\00\" \"\\ff\\ff\\ff\\ff\""),
            Fails("trap"),
        ),
        case("a name that is not UTF-8", field("\\ff\\fe\\fd\\fc\\fb", "\\05\\00\\00\\00", text), Fails("trap")),
        case("half a letter", field("titl\\c3", "\\05\\00\\00\\00", text), Fails("trap")),
        case("a name longer than memory", field("title", "\\ff\\ff\\ff\\7f", text), Fails("trap")),
        case(
            "a field of no kind",
            field("title", "\\05\\00\\00\\00", "\"\\63\\00\\00\\00\\00\\00\\00\\00\""),
            Fails("trap"),
        ),
        case("a field that does not exist", field("\\1b[31m", "\\05\\00\\00\\00", text), Fails("output")),
        case("a name with a zero in it", field("titl\\00", "\\05\\00\\00\\00", text), Fails("output")),
        case("a number that is none", field("views", "\\05\\00\\00\\00", number), Fails("output")),
        case("a change of the id", field("id", "\\02\\00\\00\\00", text), Fails("output")),
        case("a long text ten thousand times", many(10_000, ""), Fails("output")),
        case("one field over and over", many(15, ""), Answers(400)),
        case(
            "a hundred thousand empty fields",
            many(100_000, "(memory.fill (i32.const 4096) (i32.const 0) (i32.const 3200000))"),
            Fails("output"),
        ),
        case(
            "a refusal of no kind",
            answer(
                "\"\\01\\00\\00\\00\" \"\\09\\00\\00\\00\" \"\\00\\00\\00\\00\" \"\\00\\00\\00\\00\" \"\\00\\00\\00\\00\"",
            ),
            Fails("trap"),
        ),
        case(
            "a refusal with status 999",
            answer(
                "\"\\01\\00\\00\\00\" \"\\01\\00\\00\\00\" \"\\e7\\03\\00\\00\" \"\\00\\00\\00\\00\" \"\\00\\00\\00\\00\"",
            ),
            Answers(400),
        ),
    ]
}

/// What they ask of the host.
fn asking() -> Vec<Case> {
    let forever = |call: &str| with_host("(data (i32.const 256) \"key\")", &format!("(loop $l {call} (br $l))"));
    let once = |call: &str| with_host("(data (i32.const 256) \"k\\ff\\fe\")", call);
    let log = |at: &str, length: &str| format!("(call $log (i32.const 1) {at} {length} (i32.const 0) (i32.const 0))");
    let spot = |number: u32| format!("(i32.const {number})");
    vec![
        case("log without end", forever(&log(&spot(256), &spot(3))), Fails("hostCalls")),
        case(
            "reads without end",
            forever("(call $get (i32.const 256) (i32.const 3) (i32.const 512))"),
            Fails("hostCalls"),
        ),
        case(
            "writes without end",
            forever(
                "(call $set (i32.const 256) (i32.const 3) (i32.const 256) (i32.const 3) (i64.const 0) (i32.const 512))",
            ),
            Fails("hostCalls"),
        ),
        case(
            "counting without end",
            forever("(call $increment (i32.const 256) (i32.const 3) (i64.const 1) (i32.const 512))"),
            Fails("hostCalls"),
        ),
        case("a log line outside of memory", once(&log("(i32.const 0x7ffffff0)", "(i32.const 9)")), Fails("trap")),
        case("a log line longer than memory", once(&log(&spot(256), "(i32.const -1)")), Fails("trap")),
        case("a log line that is not UTF-8", once(&log(&spot(256), &spot(3))), Fails("trap")),
        case(
            "a level that does not exist",
            once(&log(&spot(16), &spot(0)).replace("$log (i32.const 1)", "$log (i32.const 77)")),
            Fails("trap"),
        ),
        case(
            "fields of a line without end",
            once("(call $log (i32.const 1) (i32.const 16) (i32.const 0) (i32.const 0) (i32.const 0x0fffffff))"),
            Fails("trap"),
        ),
        case("an empty key", once("(call $get (i32.const 16) (i32.const 0) (i32.const 512))"), Answers(200)),
        case(
            "a place for the answer that is not there",
            once("(call $get (i32.const 16) (i32.const 1) (i32.const 0x7ffffff0))"),
            Fails("trap"),
        ),
        case(
            "a place for the answer that is not aligned",
            once("(call $get (i32.const 16) (i32.const 1) (i32.const 513))"),
            Fails("trap"),
        ),
        case(
            "a line of twenty megabytes",
            with_host("", &format!("(drop (memory.grow (i32.const 100))) {}", log(&spot(0), "(i32.const 6000000)"))),
            Fails("output"),
        ),
    ]
}

/// Resources of their own.
fn handling() -> Vec<Case> {
    let with = |dtor: &str, body: &str| {
        let before = format!(
            "(core module $dtor (func (export \"d\") (param i32) {dtor})) (core instance $dtor (instantiate $dtor))
             (type $r (resource (rep i32) (dtor (core func $dtor \"d\"))))
             (core func $new (canon resource.new $r)) (core func $drop (canon resource.drop $r)) (core func $rep (canon resource.rep $r))"
        );
        let imports = "(import \"r\" \"new\" (func $new (param i32) (result i32))) (import \"r\" \"drop\" (func $drop (param i32)))
          (import \"r\" \"rep\" (func $rep (param i32) (result i32)))";
        let with = "(with \"r\" (instance (export \"new\" (func $new)) (export \"drop\" (func $drop)) (export \"rep\" (func $rep))))";
        let body = format!("{body} (i32.const 16)");
        Parts { before: &before, imports, with, body: &body, ..Parts::default() }.bytes()
    };
    vec![
        case("handles without end", with("", "(loop $l (drop (call $new (i32.const 1))) (br $l))"), Fails("trap")),
        case("a handle that was never given", with("", "(call $drop (i32.const 99))"), Fails("trap")),
        case("a handle below zero", with("", "(drop (call $rep (i32.const -1)))"), Fails("trap")),
        case(
            "a handle that is dropped twice",
            with(
                "",
                "(local.set $n (call $new (i32.const 1))) (call $drop (local.get $n)) (call $drop (local.get $n))",
            ),
            Fails("trap"),
        ),
        case(
            "a destructor that loops",
            with("(loop $l (br $l))", "(call $drop (call $new (i32.const 1)))"),
            Fails("fuel"),
        ),
        case("a destructor that traps", with("(unreachable)", "(call $drop (call $new (i32.const 1)))"), Fails("trap")),
        case("handles that are not dropped", with("(unreachable)", "(drop (call $new (i32.const 1)))"), Answers(200)),
    ]
}
