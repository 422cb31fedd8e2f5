//! What a hook costs: a fresh instance of `slugify` for each call, with fuel, deadline and memory limits on, given a
//! record of about 300 bytes; and what it costs to hand a call to a plugin thread and back.
//!
//! `make plugins`, then `cargo bench --bench hook_call`. Times are processor time of the plugin's thread, medians of
//! batches, so that a busy machine does not show; the hand-off is also shown as time on the wall.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark may stop, and prints what it measures")]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};
use tinybase::plugins::call::Call;
use tinybase::plugins::contract::{CallerIn, Changes, ContextIn, FieldIn, ValueIn};
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

const BODY: &str = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et \
                    dolore magna aliqua. Ut enim ad minim veniam.";

fn main() {
    let engine = Engine::new(&EngineConfig::new(2)).unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/dist/slugify.wasm");
    let bytes = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}: run `make plugins`", file.display()));
    let component = Component::new(engine.wasm(), &bytes).unwrap();
    let ready = engine.ready(&component).unwrap();
    println!("{:<34} {:>10} {:>10}", "slugify, before-create", "median", "p95");
    show("call: instantiate, run, drop", &cpu(|| hook(&engine, &ready)));
    show("of that: instantiate, drop", &cpu(|| instance(&engine, &ready)));
    hand_off(&engine, &Arc::new(ready));
}

fn hook(engine: &Engine, ready: &Ready) {
    let limits = Limits::usual(Class::Before);
    let text = ValueIn::Text;
    let draft = [
        FieldIn { name: "id", value: text("abcdefghijklmno") },
        FieldIn { name: "title", value: text("Hello, World! This is a Title") },
        FieldIn { name: "slug", value: text("") },
        FieldIn { name: "body", value: text(BODY) },
        FieldIn { name: "views", value: ValueIn::Number(12.0) },
        FieldIn { name: "public", value: ValueIn::Boolean(true) },
        FieldIn { name: "created", value: text("2026-11-23 23:45:00.000Z") },
        FieldIn { name: "updated", value: text("2026-11-23 23:45:00.000Z") },
    ];
    let caller = CallerIn { kind: "user", id: "u12345678901234", collection: "users" };
    let context = ContextIn {
        tenant: "default",
        collection: "posts",
        request_id: "r12345678901234",
        caller,
        now_ms: 1,
        depth: 0,
        config: "{}",
    };
    let call = Call::new(limits, limits.fuel_for(300), None, None);
    let finished = ready.call::<_, Changes>(engine, Stage::BeforeCreate, call, (context, draft.as_slice()));
    assert!(black_box(finished.result).unwrap().0.is_ok());
}

fn instance(engine: &Engine, ready: &Ready) {
    let limits = Limits::usual(Class::Before);
    let finished = ready.start(engine, Call::new(limits, limits.fuel, None, None));
    black_box(finished.result).unwrap();
}

/// Microseconds of this thread's processor time for each call, by batch, in order of size.
fn cpu(mut work: impl FnMut()) -> Vec<f64> {
    let mut batches: Vec<f64> = (0..BATCHES)
        .map(|_| {
            let start = thread_time();
            for _ in 0..BATCH {
                work();
            }
            (thread_time() - start) / f64::from(BATCH)
        })
        .collect();
    batches.sort_by(f64::total_cmp);
    batches
}

fn thread_time() -> f64 {
    micros(ClockId::ThreadCPUTime)
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
        println!("{:<34} {cpu:>7.2} us", format!("{what}, processor"));
    }
}

fn show(what: &str, sorted: &[f64]) {
    println!("{what:<34} {:>7.2} us {:>7.2} us", sorted[sorted.len() / 2], sorted[sorted.len() * 95 / 100]);
}
