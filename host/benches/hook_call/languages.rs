//! What the same plugin costs in each language, and where: its instance alone, and the whole call; batches take turns. And
//! the fuel of a call, which is the same on every machine.
//!
//! Files that are named on the command line are measured beside them, so that two ways to build one can be compared.

use super::{CONTEXT, Component, Engine, EngineConfig, TITLE, at, batch, component, draft, hook_within};
use std::path::Path;
use tinybase::plugins::call::Call;
use tinybase::plugins::contract::Changes;
use tinybase::plugins::instance::Ready;
use tinybase::plugins::limits::{Class, Limits};
use tinybase::tenant::hooks::Stage;

const LANGUAGES: [&str; 7] = ["rust", "c", "zig", "as", "ts", "go", "python"];

/// A batch is a hundred calls, and those of some languages take milliseconds.
const BATCHES: usize = 20;

pub(super) fn main(_: &[u8]) {
    let engine = Engine::new(&EngineConfig::new(2)).unwrap();
    let named: Vec<String> =
        std::env::args().filter(|word| Path::new(word).extension().is_some_and(|ending| ending == "wasm")).collect();
    let usual = LANGUAGES.map(|language| format!("../examples/dist/slug-{language}.wasm"));
    let wanted = if named.is_empty() { usual.to_vec() } else { named };
    let mut plugins = Vec::new();
    for path in wanted {
        match component(&path) {
            Ok(bytes) => {
                let ready = engine.ready(&Component::new(engine.wasm(), bytes).unwrap()).unwrap();
                plugins.push((path, ready, Vec::new(), Vec::new()));
            }
            Err(path) => println!("{path} is not built: `make languages`"),
        }
    }
    for _ in 0..BATCHES {
        for (_, ready, calls, instances) in &mut plugins {
            calls.push(batch(&mut || hook_within(&engine, ready, Limits::most(Class::Before))));
            instances.push(batch(&mut || start(&engine, ready)));
        }
    }
    println!("{:<44} {:>10} {:>10} {:>10} {:>10} {:>10}", "before-create", "call", "p95", "instance", "fuel", "memory");
    for (path, ready, calls, instances) in &mut plugins {
        calls.sort_by(f64::total_cmp);
        instances.sort_by(f64::total_cmp);
        let (fuel, memory) = used(&engine, ready);
        let [median, p95, instance] = [at(calls, 50), at(calls, 95), at(instances, 50)];
        let name = path.rsplit('/').next().unwrap_or_default();
        println!("{name:<44} {median:>7.2} us {p95:>7.2} us {instance:>7.2} us {fuel:>10} {:>6} KiB", memory >> 10);
    }
}

fn start(engine: &Engine, ready: &Ready) {
    let limits = Limits::most(Class::Before);
    ready.start(engine, Call::new(limits, limits.fuel, None, None)).result.unwrap();
}

/// Fuel and memory of one call.
fn used(engine: &Engine, ready: &Ready) -> (u64, usize) {
    let limits = Limits::most(Class::Before);
    let (call, draft) = (Call::new(limits, limits.fuel, None, None), draft(TITLE));
    let finished = ready.call::<_, Changes>(engine, Stage::BeforeCreate, call, (CONTEXT, draft.as_slice()));
    (finished.fuel_used, finished.usage.memory)
}
