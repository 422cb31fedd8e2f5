//! How instances are made and wiped: the same calls by engines whose pools are set up in other ways than the server's. Batches
//! take turns. Each call is measured twice over: one after the other, and with nothing of it left in the processor's caches, as it is
//! in a server that does much else between two calls. What is best for a small guest (`slugify`, 128 KiB of memory) need not be for a large one (TypeScript, megabytes), and
//! there is one pool for all.

use super::meters::Metered;
use super::{BATCHES, SLUG, TITLE, at, batch, component, micros};
use rustix::time::ClockId;
use std::hint::black_box;
use tinybase::plugins::engine::settings;
use wasmtime::{Enabled, PoolingAllocationConfig};

const KIB: usize = 1 << 10;

/// Bytes that are written to before a call that is to find the caches full of something else.
const CACHES: usize = 24 << 20;
const CACHE_LINE: usize = 64;

/// A way to set up a pool.
type Way = (&'static str, fn(&mut PoolingAllocationConfig));

const WAYS: [Way; 6] = [
    ("as the server's", |_| ()),
    ("dirty pages looked for, 128 KiB kept", |pool| {
        pool.linear_memory_keep_resident(128 * KIB);
    }),
    ("nothing looked for, 256 KiB kept", |pool| {
        pool.pagemap_scan(Enabled::No).linear_memory_keep_resident(256 * KIB);
    }),
    ("nothing looked for, 128 KiB kept", |pool| {
        pool.pagemap_scan(Enabled::No).linear_memory_keep_resident(128 * KIB);
    }),
    ("nothing kept", |pool| {
        pool.linear_memory_keep_resident(0).table_keep_resident(0);
    }),
    ("given back in lots of 32", |pool| {
        pool.decommit_batch_size(32);
    }),
];

pub(super) fn main(slugify: &[u8]) {
    compare("slugify", slugify, BATCHES);
    match component("../examples/dist/slug-ts.wasm") {
        Ok(typescript) => compare("slug-ts", &typescript, BATCHES / 10),
        Err(path) => println!("{path} is not built: `make languages`"),
    }
}

fn compare(plugin: &str, bytes: &[u8], batches: usize) {
    let engines = WAYS.map(|(name, change)| Metered::with(settings(2, change), bytes, name, true, true));
    let (mut warm, mut cold) = ([const { Vec::new() }; WAYS.len()], [const { Vec::new() }; WAYS.len()]);
    let mut caches = vec![0_u8; CACHES];
    for _ in 0..batches {
        for ((engine, warm), cold) in engines.iter().zip(&mut warm).zip(&mut cold) {
            warm.push(batch(&mut || engine.call(TITLE, SLUG)));
            for line in caches.chunks_mut(CACHE_LINE) {
                line[0] = line[0].wrapping_add(1);
            }
            black_box(&caches);
            let start = micros(ClockId::ThreadCPUTime);
            engine.call(TITLE, SLUG);
            cold.push(micros(ClockId::ThreadCPUTime) - start);
        }
    }
    println!(
        "{:<44} {:>10} {:>10} {:>10} {:>10}",
        format!("the pool of instances, {plugin}"),
        "median",
        "p95",
        "cold",
        "cold p95"
    );
    for ((engine, warm), cold) in engines.iter().zip(&mut warm).zip(&mut cold) {
        warm.sort_by(f64::total_cmp);
        cold.sort_by(f64::total_cmp);
        let [median, p95, cold, cold_p95] = [at(warm, 50), at(warm, 95), at(cold, 50), at(cold, 95)];
        println!("{:<44} {median:>7.2} us {p95:>7.2} us {cold:>7.2} us {cold_p95:>7.2} us", engine.name);
    }
}
