//! Components that are small to send and endless to compile. Each is refused by the compiler's own budget, whatever its size; which
//! one is over, that of a function or that of all, is the machine's affair where both are near.

use super::made::{Parts, hook, with_module};
use crate::support::TestApp;
use serde_json::json;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use wasm_encoder::{BlockType, CodeSection, Function, FunctionSection, InstructionSink, Module, TypeSection, ValType};

/// Bytes of the longest function that may be uploaded, but for a few.
const LONGEST: usize = 500_000;

/// A core module of functions without parameters, a body for each.
fn module(bodies: &[Function]) -> Vec<u8> {
    let (mut types, mut functions, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
    types.ty().function([], []);
    for body in bodies {
        functions.function(0);
        code.function(body);
    }
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&code);
    module.finish()
}

/// A function of so many locals, and so many bytes at least, made of what `write` adds for each number: round after round, so that
/// nothing of it is for nothing.
fn function(locals: u32, bytes: usize, mut write: impl FnMut(&mut InstructionSink<'_>, u32)) -> Function {
    let mut body = Function::new([(locals, ValType::I64)]);
    body.instructions().loop_(BlockType::Empty);
    let mut number = 0;
    while body.byte_len() < bytes {
        write(&mut body.instructions(), number);
        number += 1;
    }
    body.instructions().local_get(0).i64_eqz().br_if(0).end().end();
    body
}

/// Values that are all alive at once.
fn alive(locals: u32, bytes: usize) -> Function {
    function(locals, bytes, |write, number| {
        let at = number % locals;
        write.local_get(at * 7 % locals).local_get(at * 13 % locals).i64_add();
        write.local_get(locals - 1 - at).i64_mul().local_set(at);
    })
}

/// Every value may come from either of two places, again and again.
fn diamonds(locals: u32, bytes: usize) -> Function {
    function(locals, bytes, |write, number| {
        let (one, other) = (number % locals, (number * 7 + 3) % locals);
        write.local_get(one).i64_eqz().if_(BlockType::Empty);
        write.local_get(other).i64_const(number.into()).i64_add().local_set(one);
        write.else_().local_get(one).local_set(other).end();
    })
}

/// Loops in loops, with values that live through all of them.
fn loops(locals: u32, depth: u32, bytes: usize) -> Function {
    function(locals, bytes, |write, _| {
        for _ in 0..depth {
            write.loop_(BlockType::Empty);
        }
        for at in 0..locals {
            write.local_get(at).local_get((at + 1) % locals).i64_add().local_set(at);
        }
        for _ in 0..depth {
            write.local_get(0).i64_eqz().br_if(0).end();
        }
    })
}

/// Code that compiles faster than code does, and so earns time.
fn cheap(bytes: usize) -> Function {
    function(8, bytes, |write, number| {
        write.local_get(number % 8).local_get(number * 3 % 8).i64_add().local_set(number * 5 % 8);
    })
}

/// Many bodies of one kind.
fn times(count: usize, body: &Function) -> Vec<Function> {
    vec![body.clone(); count]
}

/// Uploads a bomb, which must be refused; what is said of it, with its code.
async fn refused(app: &TestApp, name: &str, bytes: &[u8]) -> (String, String) {
    let reply = app.superuser().upload_as("/api/plugins", "bomb", bytes).await;
    let file = &reply.json["data"]["file"];
    let text = |key: &str| file[key].as_str().unwrap_or_default().to_owned();
    assert_eq!(reply.status, 400, "{name}: {reply}");
    assert!(["plugin_too_complex", "plugin_compile_timeout"].contains(&&*text("code")), "{name}: {reply}");
    let calm = app.anon().create("posts", json!({"title": name})).await;
    assert_eq!(calm.status, 200, "after {name}: {calm}");
    (text("code"), text("message"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_longer_to_compile_than_code_does_is_refused() {
    let app = TestApp::with_posts().await;
    let upload = async |name: &str, bodies: &[Function]| refused(&app, name, &with_module(&module(bodies))).await;

    // One function: it is named, with its size and what it may take. The hook's own module stands before it.
    let (code, message) = upload("one function", &[alive(5_000, LONGEST)]).await;
    assert_eq!(code, "plugin_too_complex", "{message}");
    assert!(message.starts_with("Function 0 of core module 1 has 5000") && message.contains(" seconds"), "{message}");
    // Behind code that has earned more time than it took: that is not for one function to use up.
    let cheap = times(40, &cheap(100_000));
    let (code, message) =
        upload("a function behind honest ones", &[&cheap[..], &[alive(5_000, LONGEST)]].concat()).await;
    assert_eq!(code, "plugin_too_complex", "{message}");
    assert!(message.starts_with("Function 40 of core module 1"), "{message}");
    // None of these takes long by itself.
    let (_, message) = upload("many functions of middling size", &times(30, &alive(5_000, 70_000))).await;
    assert!(message.contains("bytes of code"), "{message}");
    upload("many ways to each value", &times(5, &diamonds(5_000, LONGEST))).await;
    upload("loops in loops", &times(30, &loops(1_500, 900, 1_000))).await;

    app.superuser().upload_as("/api/plugins", "honest", &hook("")).await;
    assert_eq!(app.superuser().get("/api/plugins").await.json["totalItems"], 1, "nothing of them is left");
}

/// What is large or odd without being dear comes through, or is refused by a bound of its own; nothing is left to run on.
#[tokio::test(flavor = "multi_thread")]
async fn what_only_looks_like_a_bomb_is_compiled() {
    let app = TestApp::with_posts().await;
    let branch = |ways: u32| {
        function(1, 100_000, move |write, _| {
            for _ in 0..50 {
                write.block(BlockType::Empty);
            }
            write.local_get(0).i32_wrap_i64().br_table((0..ways).map(|way| way % 50), 0);
            for _ in 0..50 {
                write.end();
            }
        })
    };
    let mut empty = Function::new([]);
    empty.instructions().end();
    for (name, bodies) in [
        ("branches with thousands of ways", times(10, &branch(9_000))),
        ("thousands of functions", times(15_000, &empty)),
        ("long functions", times(4, &cheap(LONGEST))),
    ] {
        let reply =
            app.superuser().upload_as("/api/plugins", &name.replace(' ', "-"), &with_module(&module(&bodies))).await;
        assert_eq!(reply.status, 200, "{name}: {reply}");
    }
    // Parts that are connected by what each hands to the next: the compiler makes that itself, and no code of the file pays for it.
    for (name, lifted) in [("nested", nested(6, 40)), ("composed", nested(1, 2_000))] {
        let reply = app.superuser().upload_as("/api/plugins", name, &lifted).await;
        assert_eq!(reply.status, 200, "{name}: {reply}");
    }
    assert_eq!(app.anon().create("posts", json!({"title": "after all"})).await.status, 200);
}

/// A server that compiles with a program of the test's own, which is shell.
async fn compiling_with(dir: &Path, shell: &str) -> TestApp {
    let program = dir.join("compiler");
    let binary = env!("CARGO_BIN_EXE_tinybase");
    std::fs::write(&program, format!("#!/bin/sh\ncompile='{binary}'\n{shell}\n")).expect("a file");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).expect("a program");
    TestApp::with(|config| config.program = Some(program)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_is_not_blamed_for_the_machine() {
    let dir = tempfile::tempdir().expect("a directory");
    // A directory cannot be read as a file is.
    let app = compiling_with(dir.path(), "exec \"$compile\" \"$@\" < /").await;
    let reply = app.superuser().upload_as("/api/plugins", "calm", &hook("")).await;
    assert_eq!(reply.status, 503, "{reply}");
    assert!(reply.headers.contains_key("retry-after"), "{reply}");
    assert_eq!(app.superuser().get("/api/plugins").await.json["totalItems"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_is_compiled_again_also_where_new_ones_take_too_long() {
    let dir = tempfile::tempdir().expect("a directory");
    let crowded = dir.path().join("crowded");
    let shell = format!(
        "test -e '{}' && test \"$3\" != accepted && cat > /dev/null && exit 4\nexec \"$compile\" \"$@\"",
        crowded.display()
    );
    let app = compiling_with(dir.path(), &shell).await;
    let (root, versions) = (app.superuser(), [hook(""), with_module(&module(&[cheap(100)]))]);
    for version in &versions {
        let reply = root.upload_as("/api/plugins", "calm", version).await;
        assert_eq!(reply.status, 200, "{reply}");
    }
    std::fs::write(&crowded, "").expect("a file");
    let reply = root.upload_as("/api/plugins", "other", &with_module(&module(&[cheap(200)]))).await;
    assert_eq!(reply.json["data"]["file"]["code"], "plugin_compile_timeout", "{reply}");
    let reply = root.upload_as("/api/plugins", "calm", &versions[1]).await;
    assert_eq!(reply.status, 200, "one that is known: {reply}");

    // As after an upgrade: what was compiled is of no use any more.
    let mut removed = 0;
    for entry in std::fs::read_dir(app.host.default_tenant().tenant.dir.join("plugins")).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|kind| kind == "cwasm") {
            std::fs::remove_file(path).expect("a file");
            removed += 1;
        }
    }
    assert_eq!(removed, 2);
    let id = reply.json["id"].as_str().expect("an id");
    let back = root.post(&format!("/api/plugins/{id}/rollback"), json!({})).await;
    assert_eq!((back.status, &back.json["version"]), (200, &json!("1")), "{back}");
}

/// A component in which one part calls another with values nested `depth` deep, by `functions` functions.
fn nested(depth: usize, functions: usize) -> Vec<u8> {
    let all = (0..depth).fold("u8".to_owned(), |inner, _| format!("(list (tuple string (option {inner})))"));
    let names: Vec<String> = (0..functions).map(|number| format!("f{number}")).collect();
    let each = |text: &dyn Fn(&str) -> String| names.iter().map(|name| text(name)).collect::<String>();
    let lists = format!("(type $all {all})");
    let memory =
        "(memory (export \"memory\") 1) (func (export \"realloc\") (param i32 i32 i32 i32) (result i32) (i32.const 0))";
    let inner = format!(
        "(component $callee {lists}
          (core module $m {memory} {})
          (core instance $i (instantiate $m))
          {})",
        each(&|name| format!("(func (export \"{name}\") (param i32 i32))")),
        each(&|name| {
            format!(
            "(func (export \"{name}\") (param \"v\" $all) (canon lift (core func $i \"{name}\") (memory (core memory $i \"memory\"))
             (realloc (core func $i \"realloc\"))))"
        )
        }),
    );
    let outer = format!(
        "(component $caller {lists} {}
          (core module $lib {memory})
          (core instance $lib (instantiate $lib))
          {}
          (core module $m {})
          (core instance (instantiate $m (with \"c\" (instance {})))))",
        each(&|name| format!("(import \"{name}\" (func ${name} (param \"v\" $all)))")),
        each(&|name| format!(
            "(core func ${name} (canon lower (func ${name}) (memory (core memory $lib \"memory\")) (realloc (core func $lib \"realloc\"))))"
        )),
        each(&|name| format!("(import \"c\" \"{name}\" (func (param i32 i32)))")),
        each(&|name| format!("(export \"{name}\" (func ${name}))")),
    );
    let with = each(&|name| format!("(with \"{name}\" (func $callee \"{name}\"))"));
    let parts =
        format!("{inner} {outer} (instance $callee (instantiate $callee)) (instance (instantiate $caller {with}))");
    Parts { before: &parts, ..Parts::default() }.bytes()
}
