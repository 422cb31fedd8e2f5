//! How instances are made and wiped: the same calls by engines whose pools are set up in other ways than the server's. Batches
//! take turns. What is best for a small guest (`slugify`, 128 KiB of memory) need not be for a large one (TypeScript, megabytes), and
//! there is one pool for all.

use super::meters::Metered;
use super::{BATCHES, SLUG, TITLE, at, batch, component};
use tinybase::plugins::engine::settings;
use wasmtime::{Enabled, PoolingAllocationConfig};

const KIB: usize = 1 << 10;

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
    let mut times = [const { Vec::new() }; WAYS.len()];
    for _ in 0..batches {
        for (engine, times) in engines.iter().zip(&mut times) {
            times.push(batch(&mut || engine.call(TITLE, SLUG)));
        }
    }
    println!("{:<44} {:>10} {:>10}", format!("the pool of instances, {plugin}"), "median", "p95");
    for (engine, times) in engines.iter().zip(&mut times) {
        times.sort_by(f64::total_cmp);
        println!("{:<44} {:>7.2} us {:>7.2} us", engine.name, at(times, 50), at(times, 95));
    }
}
