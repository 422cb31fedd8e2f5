//! One plugin that was not called yet, a thousand of them, and many who call at the same time.

use super::{BATCH, BATCHES, at, component, cpu, hook, hook_within, micros, show};
use rustix::time::ClockId;
use std::sync::Arc;
use std::time::Instant;
use tinybase::plugins::artifact::Artifacts;
use tinybase::plugins::engine::for_worker;
use tinybase::plugins::instance::Ready;
use tinybase::plugins::limits::{Class, Limits};
use tinybase::plugins::{Engine, EngineConfig};
use tokio::runtime::Builder;

/// How often a plugin is loaded.
const LOADS: usize = 50;
const PLUGINS: usize = 1_000;
const CALLERS: usize = 64;
const CALLS_OF_CALLER: usize = 500;

/// A prime, so that steps of it come to all of the plugins, one far from the other.
const STRIDE: usize = 617;

/// A folder with the artifact of a component, as an upload leaves it.
struct Shelf {
    engine: Arc<Engine>,
    artifacts: Artifacts,
    /// Stands for the hash of the component.
    name: &'static str,
    bytes: usize,
    _dir: tempfile::TempDir,
}

impl Shelf {
    fn new(bytes: &[u8]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::new(&EngineConfig::new(2).in_dir(dir.path())).unwrap();
        let worker = wasmtime::Engine::new(&for_worker(bytes.len())).unwrap();
        let artifact = worker.precompile_component(bytes).unwrap();
        let (artifacts, name) = (Artifacts::open(dir.path()).unwrap(), "component");
        artifacts.keep_artifact(&engine, name, &artifact).unwrap();
        Self { engine, artifacts, name, bytes: artifact.len(), _dir: dir }
    }

    /// From the file to what can be called.
    fn load(&self) -> Ready {
        let component = self.artifacts.load(&self.engine, self.name).unwrap();
        self.engine.ready(&component).unwrap()
    }
}

/// The first call of a plugin: its artifact is read, checked against its signature, loaded, bound, and called. The file is in
/// the memory of the system, as it is after an upload; from the disk its reading comes on top.
pub(super) fn cold(slugify: &[u8]) {
    println!(
        "{:<44} {:>10} {:>10} {:>10} {:>10} {:>10}",
        "the first call, wall", "artifact", "median", "p95", "max", "processor"
    );
    let others = ["ts", "go", "python", "c"].map(|language| {
        (format!("slug-{language}"), component(&format!("../examples/dist/slug-{language}.wasm")).ok())
    });
    for (name, bytes) in std::iter::once(("slugify".to_owned(), Some(slugify.to_vec()))).chain(others) {
        let Some(bytes) = bytes else {
            println!("{name:<44} not built: `make languages`");
            continue;
        };
        let shelf = Shelf::new(&bytes);
        let (mut times, mut processor): (Vec<f64>, Vec<f64>) = (0..LOADS)
            .map(|_| {
                let (begun, worked) = (Instant::now(), micros(ClockId::ThreadCPUTime));
                let ready = shelf.load();
                hook_within(&shelf.engine, &ready, Limits::most(Class::Before));
                (begun.elapsed().as_secs_f64() * 1e3, (micros(ClockId::ThreadCPUTime) - worked) / 1e3)
            })
            .unzip();
        times.sort_by(f64::total_cmp);
        processor.sort_by(f64::total_cmp);
        let [median, p95, max] = [50, 95, 100].map(|percent| at(&times, percent));
        let (processor, size) = (at(&processor, 50), shelf.bytes / 1_000);
        println!("{name:<44} {size:>7} kB {median:>7.2} ms {p95:>7.2} ms {max:>7.2} ms {processor:>7.2} ms");
    }
}

/// What a thousand plugins that are ready take of memory, and whether calls are dearer for it.
pub(super) fn loaded(slugify: &[u8]) {
    let shelf = Shelf::new(slugify);
    let engine = &shelf.engine;
    let first = shelf.load();
    println!("{:<44} {:>10} {:>10}", "plugins that are loaded", "median", "p95");
    show("1 loaded, a call", &cpu(|| hook(engine, &first)));
    let before = resident();
    let begun = Instant::now();
    let all: Vec<Ready> = (0..PLUGINS).map(|_| shelf.load()).collect();
    let (took, bytes) = (begun.elapsed(), resident().saturating_sub(before));
    println!(
        "{:<44} {:>7} kB {:>7.2} ms",
        format!("{PLUGINS} loaded, each"),
        bytes / PLUGINS / 1_000,
        took.as_secs_f64()
    );
    show(&format!("{PLUGINS} loaded, a call of one"), &cpu(|| hook(engine, &first)));
    for (what, step) in [("in turn", 1), ("far apart", STRIDE)] {
        let mut next = 0;
        let times = cpu(|| {
            hook(engine, &all[next]);
            next = (next + step) % all.len();
        });
        show(&format!("{PLUGINS} loaded, calls of all {what}"), &times);
    }
    println!("{:<44} {:>7} MB", "memory after that", resident() / 1_000_000);
}

/// Bytes of this process that are in memory.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<usize>().unwrap() * 1_024
}

/// One who calls, and many at the same time, on two plugin threads: how long each waits, and what a call takes of the processors.
pub(super) fn parallel(slugify: &[u8]) {
    let shelf = Shelf::new(slugify);
    let ready = Arc::new(shelf.load());
    let runtime = Builder::new_multi_thread().worker_threads(2).build().unwrap();
    println!(
        "{:<44} {:>10} {:>10} {:>10} {:>10}",
        "callers on 2 threads, wall", "median", "p99", "processor", "calls/s"
    );
    for (callers, calls) in [(1, BATCHES * BATCH as usize), (CALLERS, CALLS_OF_CALLER)] {
        let begun = (Instant::now(), micros(ClockId::ProcessCPUTime));
        let lines = (0..callers).map(|_| runtime.spawn(line(shelf.engine.clone(), ready.clone(), calls)));
        let lines: Vec<_> = lines.collect();
        let mut waits: Vec<f64> = runtime
            .block_on(async { futures_util::future::join_all(lines).await })
            .into_iter()
            .flat_map(Result::unwrap)
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "a small count")]
        let all = waits.len() as f64;
        let (seconds, used) = (begun.0.elapsed().as_secs_f64(), micros(ClockId::ProcessCPUTime) - begun.1);
        waits.sort_by(f64::total_cmp);
        let (median, p99, each, rate) = (at(&waits, 50), at(&waits, 99), used / all, all / seconds);
        println!("{:<44} {median:>7.1} us {p99:>7.1} us {each:>7.2} us {rate:>10.0}", format!("{callers} at a time"));
    }
}

/// One caller's calls, one after the other: the microseconds that it waited for each.
async fn line(engine: Arc<Engine>, ready: Arc<Ready>, calls: usize) -> Vec<f64> {
    let lane: Arc<str> = "default".into();
    let mut waits = Vec::with_capacity(calls);
    for _ in 0..calls {
        let (theirs, ready, begun) = (engine.clone(), ready.clone(), Instant::now());
        let job = move || {
            hook(&theirs, &ready);
            ((), 0)
        };
        engine.run(Class::Before, &lane, job).await.unwrap();
        waits.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    waits
}
