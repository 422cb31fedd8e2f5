//! What a hook costs: a fresh instance of `slugify` for each call, with fuel, deadline and memory limits on, given a
//! record of about 300 bytes; what it costs to hand a call to a plugin thread and back; and beside that
//! [`meters`]: how much of it is for fuel, and for the deadline; [`pool`]: other ways to set up the pool of instances;
//! [`languages`]: the same plugin in each; [`crowd`]: the first call of a plugin that lies on the disk, a thousand plugins, and
//! many callers.
//!
//! `make plugins`, then `cargo bench --bench hook_call`, or one part of it:
//! `cargo bench --bench hook_call -- call|meters|pool|languages|cold|loaded|parallel`.
//! Times are processor time of the plugin's thread, medians of batches, so that a busy machine does not show; where they are on
//! the wall, it says so.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark may stop, and prints what it measures")]

#[path = "hook_call/crowd.rs"]
mod crowd;
#[path = "hook_call/languages.rs"]
mod languages;
#[path = "hook_call/meters.rs"]
mod meters;
#[path = "hook_call/pool.rs"]
mod pool;

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};
use tinybase::plugins::call::Call;
use tinybase::plugins::contract::{CallerIn, Changes, ContextIn, FieldIn, ValueIn, ValueOut};
use tinybase::plugins::instance::Ready;
use tinybase::plugins::limits::{Class, Limits};
use tinybase::plugins::{Engine, EngineConfig};
use tinybase::tenant::hooks::Stage;
use tokio::runtime::Builder;
use wasmtime::component::Component;

/// The server's own allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BATCHES: usize = 200;
const BATCH: u32 = 100;

const TITLE: &str = "Hello, World! This is a Title";
const SLUG: &str = "hello-world-this-is-a-title";
const BODY: &str = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et \
                    dolore magna aliqua. Ut enim ad minim veniam.";

const CONTEXT: ContextIn<'_> = ContextIn {
    tenant: "default",
    collection: "posts",
    request_id: "r12345678901234",
    caller: CallerIn { kind: "user", id: "u12345678901234", collection: "users" },
    now_ms: 1,
    depth: 0,
    config: "{}",
};

/// A part of the bench; it is given `slugify`.
type Part = fn(&[u8]);

fn main() {
    // `cargo bench` adds a flag of its own.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_wanted = |part: &str| wanted.is_empty() || wanted.iter().any(|word| word == part);
    let slugify = component("../plugins/dist/slugify.wasm");
    let slugify = slugify.unwrap_or_else(|path| panic!("{path} is not there: run `make plugins`"));
    let parts: [(&str, Part); 7] = [
        ("call", call),
        ("meters", meters::main),
        ("pool", pool::main),
        ("languages", languages::main),
        ("cold", crowd::cold),
        ("loaded", crowd::loaded),
        ("parallel", crowd::parallel),
    ];
    for (_, part) in parts.into_iter().filter(|(name, _)| is_wanted(name)) {
        part(&slugify);
        println!();
    }
}

/// The bytes of a component that was built, or where it would be.
fn component(path: &str) -> Result<Vec<u8>, String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read(&file).map_err(|_| file.display().to_string())
}

fn call(slugify: &[u8]) {
    let engine = Engine::new(&EngineConfig::new(2)).unwrap();
    let ready = engine.ready(&Component::new(engine.wasm(), slugify).unwrap()).unwrap();
    println!("{:<44} {:>10} {:>10}", "slugify, before-create", "median", "p95");
    show("call: instantiate, run, drop", &cpu(|| hook(&engine, &ready)));
    show("of that: instantiate, drop", &cpu(|| instance(&engine, &ready)));
    hand_off(&engine, &Arc::new(ready));
}

/// A record of about 300 bytes.
fn draft(title: &str) -> [FieldIn<'_>; 8] {
    let text = ValueIn::Text;
    [
        FieldIn { name: "id", value: text("abcdefghijklmno") },
        FieldIn { name: "title", value: text(title) },
        FieldIn { name: "slug", value: text("") },
        FieldIn { name: "body", value: text(BODY) },
        FieldIn { name: "views", value: ValueIn::Number(12.0) },
        FieldIn { name: "public", value: ValueIn::Boolean(true) },
        FieldIn { name: "created", value: text("2026-11-23 23:45:00.000Z") },
        FieldIn { name: "updated", value: text("2026-11-23 23:45:00.000Z") },
    ]
}

fn hook(engine: &Engine, ready: &Ready) {
    hook_within(engine, ready, Limits::usual(Class::Before));
}

fn hook_within(engine: &Engine, ready: &Ready, limits: Limits) {
    let call = Call::new(limits, limits.fuel_for(300), None, None);
    let draft = draft(TITLE);
    let finished = ready.call::<_, Changes>(engine, Stage::BeforeCreate, call, (CONTEXT, draft.as_slice()));
    check(finished.result.unwrap(), SLUG);
}

/// What is measured has to be right.
fn check((answer,): Changes, slug: &str) {
    let changes = black_box(answer).expect("the hook accepts");
    let found = changes.iter().find(|change| change.name == "slug").map(|change| &change.value);
    assert!(matches!(found, Some(ValueOut::Text(text)) if text == slug), "{found:?}");
}

fn instance(engine: &Engine, ready: &Ready) {
    let limits = Limits::usual(Class::Before);
    let finished = ready.start(engine, Call::new(limits, limits.fuel, None, None));
    black_box(finished.result).unwrap();
}

/// Microseconds of this thread's processor time for each call, by batch, in order of size.
fn cpu(mut work: impl FnMut()) -> Vec<f64> {
    let mut batches: Vec<f64> = (0..BATCHES).map(|_| batch(&mut work)).collect();
    batches.sort_by(f64::total_cmp);
    batches
}

/// The same of one batch.
fn batch(work: &mut impl FnMut()) -> f64 {
    let start = micros(ClockId::ThreadCPUTime);
    for _ in 0..BATCH {
        work();
    }
    (micros(ClockId::ThreadCPUTime) - start) / f64::from(BATCH)
}

fn micros(clock: ClockId) -> f64 {
    let now = clock_gettime(clock);
    #[expect(clippy::cast_precision_loss, reason = "seconds since the thread began")]
    let (seconds, nanos) = (now.tv_sec as f64, now.tv_nsec as f64);
    seconds * 1e6 + nanos / 1e3
}

/// From a task to a plugin thread and back, with nothing to do there and with the hook.
fn hand_off(engine: &Arc<Engine>, ready: &Arc<Ready>) {
    let runtime = Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let lane: Arc<str> = "default".into();
    for (what, with_hook) in [("hand-off to a plugin thread", false), ("hand-off and call", true)] {
        let (engine, ready, lane) = (engine.clone(), ready.clone(), lane.clone());
        let (wall, cpu) = runtime.block_on(async move {
            let mut wall = Vec::with_capacity(BATCHES);
            let start = micros(ClockId::ProcessCPUTime);
            for _ in 0..BATCHES {
                let begun = Instant::now();
                for _ in 0..BATCH {
                    let (engine2, ready) = (engine.clone(), ready.clone());
                    let job = move || {
                        if with_hook {
                            hook(&engine2, &ready);
                        }
                        ((), 0)
                    };
                    engine.run(Class::Before, &lane, job).await.unwrap();
                }
                wall.push(begun.elapsed().as_secs_f64() * 1e6 / f64::from(BATCH));
            }
            #[expect(clippy::cast_precision_loss, reason = "a small count")]
            let calls = (BATCHES * BATCH as usize) as f64;
            (wall, (micros(ClockId::ProcessCPUTime) - start) / calls)
        });
        let mut wall = wall;
        wall.sort_by(f64::total_cmp);
        show(&format!("{what}, wall"), &wall);
        println!("{:<44} {cpu:>7.2} us", format!("{what}, processor"));
    }
}

fn show(what: &str, sorted: &[f64]) {
    println!("{what:<44} {:>7.2} us {:>7.2} us", at(sorted, 50), at(sorted, 95));
}

fn at(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}
