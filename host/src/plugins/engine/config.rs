//! How wasmtime is set up. The same settings make the engine that runs and the one that compiles, or
//! artifacts would not load; only the pool of instances belongs to the former.

use crate::error::{Error, Result};
use crate::plugins::limits::{queue, store};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::num::NonZeroUsize;
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OperatorCost, OptLevel, PoolingAllocationConfig,
    RegallocAlgorithm, Strategy, WasmBacktraceDetails,
};

/// Reserved for each memory: as much as one may have. Accesses are checked against its end, which guards against speculation and
/// keeps the address space of a pool in gigabytes. Four gigabytes for each, which need no checks, were measured: they are worth nothing to
/// slugify, 2 % of a call of TypeScript, 1 % of Python, 7 % of Go.
const RESERVATION: u64 = store::MEMORY_BYTES as u64;
const GUARD: u64 = 64 << 10;

/// Bytes of a memory that are wiped and kept for the next instance instead of being given back to the system. Covers
/// all that a small guest touches; with `PAGEMAP_SCAN` only touched pages are wiped, so it may be generous.
const MEMORY_KEPT: usize = 1 << 20;
/// The same for kernels without `PAGEMAP_SCAN`, where all of it is wiped every time.
const MEMORY_KEPT_BLIND: usize = 256 << 10;
const TABLE_KEPT: usize = 16 << 10;

/// Instances that the pool holds for each plugin thread: one runs, the others stay warm for other plugins.
const SLOTS_PER_THREAD: u32 = 8;
const SLOTS_MIN: u32 = 32;
/// The pool that is tried when the wanted one does not fit into the address space.
const SLOTS_SMALL: u32 = 4;

/// Settings that decide what is compiled.
fn base() -> Config {
    let mut config = Config::new();
    config
        .strategy(Strategy::Cranelift)
        .cranelift_opt_level(OptLevel::Speed)
        .cranelift_regalloc_algorithm(RegallocAlgorithm::Backtracking)
        .consume_fuel(true)
        .operator_cost(costs())
        .epoch_interruption(true)
        .signals_based_traps(true)
        .max_wasm_stack(store::WASM_STACK_BYTES)
        .memory_reservation(RESERVATION)
        .memory_guard_size(GUARD)
        .memory_may_move(false)
        .memory_init_cow(true)
        .memory_guaranteed_dense_image_size(store::DENSE_IMAGE_BYTES)
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .wasm_backtrace_max_frames(NonZeroUsize::new(store::BACKTRACE_FRAMES))
        // For debuggers and profilers of the host: wasmtime finds its way by frame pointers, and nothing is unwound through guests.
        .native_unwind_info(false)
        .debug_symbols(false);
    switch_off(&mut config);
    config
}

/// What guests do without: each of these has had its holes, and no toolchain for plugins needs them.
fn switch_off(config: &mut Config) {
    use wasmtime::WasmFeatures as F;
    config.concurrency_support(false).shared_memory(false);
    for feature in [
        F::THREADS,
        F::SHARED_EVERYTHING_THREADS,
        F::MEMORY64,
        F::GC,
        F::GC_TYPES,
        F::FUNCTION_REFERENCES,
        F::EXCEPTIONS,
        F::LEGACY_EXCEPTIONS,
        F::RELAXED_SIMD,
        F::STACK_SWITCHING,
        F::CUSTOM_PAGE_SIZES,
        F::WIDE_ARITHMETIC,
        F::CM_ASYNC,
        F::CM_ASYNC_STACKFUL,
        F::CM_MORE_ASYNC_BUILTINS,
        F::CM_THREADING,
        F::CM_ERROR_CONTEXT,
        F::CM_FIXED_LENGTH_LISTS,
        F::CM_GC,
        F::CM_MAP,
    ] {
        config.wasm_features(feature, false);
    }
}

fn costs() -> OperatorCost {
    let mut costs = OperatorCost::new();
    costs.variable.memory_grow_per_page = store::FUEL_PER_GROWN_PAGE;
    (costs.MemoryGrow, costs.TableGrow) = (store::FUEL_PER_GROWTH, store::FUEL_PER_GROWTH);
    costs
}

/// Bytes of a component up to which its machine code tells where in it each instruction comes from. That is for the numbers in the
/// backtrace of a trap, which lead authors to their own code; those of a large interpreter lead nowhere, and have to be read and
/// checked with the rest before the first call. An artifact loads with or without them.
pub(in crate::plugins) const TRACED_BYTES: usize = 4 << 20;

/// The settings of the process that compiles a component of so many bytes.
#[must_use]
pub fn for_worker(bytes: usize) -> Config {
    let mut config = base();
    config.generate_address_map(bytes <= TRACED_BYTES);
    config
}

/// What the engine for so many threads is set up with, but for what is changed of its pool; benches ask what that costs.
#[must_use]
pub fn settings(threads: usize, change: impl FnOnce(&mut PoolingAllocationConfig)) -> Config {
    let (mut config, mut pool) = (base(), pool(slots(threads)));
    change(&mut pool);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}

fn slots(threads: usize) -> u32 {
    u32::try_from(threads).unwrap_or(u32::MAX).saturating_mul(SLOTS_PER_THREAD).max(SLOTS_MIN)
}

fn with_pool(slots: u32) -> Config {
    let mut config = base();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(slots)));
    config
}

/// The engine that runs guests on so many threads.
pub(super) fn start(threads: usize) -> Result<Engine> {
    for slots in [slots(threads), SLOTS_SMALL.max(u32::try_from(threads).unwrap_or(SLOTS_SMALL))] {
        match Engine::new(&with_pool(slots)) {
            Ok(engine) => return Ok(engine),
            Err(error) => tracing::error!(
                slots,
                error = format!("{error:#}"),
                "the pool for plugins does not fit: trying a smaller one"
            ),
        }
    }
    tracing::error!(
        "no pool for plugins: calls will be several times slower. Is the address space limited (ulimit -v)?"
    );
    let mut config = base();
    config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
    Engine::new(&config).map_err(|error| Error::internal("start the engine for plugins", format_args!("{error:#}")))
}

fn pool(slots: u32) -> PoolingAllocationConfig {
    let scans = PoolingAllocationConfig::is_pagemap_scan_available();
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(slots)
        .total_core_instances(slots.saturating_mul(store::CORE_INSTANCES))
        .total_memories(slots.saturating_mul(2))
        .total_tables(slots.saturating_mul(4))
        .max_unused_warm_slots(slots)
        .max_core_instances_per_component(store::CORE_INSTANCES)
        .max_memories_per_component(store::MEMORIES)
        .max_tables_per_component(store::TABLES)
        .max_tables_per_module(store::TABLES_PER_MODULE)
        .max_memories_per_module(1)
        .max_core_instance_size(store::INSTANCE_BYTES)
        .max_component_instance_size(store::INSTANCE_BYTES)
        .table_elements(store::TABLE_ELEMENTS)
        .max_memory_size(store::MEMORY_BYTES)
        .linear_memory_keep_resident(if scans { MEMORY_KEPT } else { MEMORY_KEPT_BLIND })
        .table_keep_resident(TABLE_KEPT)
        .pagemap_scan(Enabled::Auto);
    pool
}

/// A short text that is the same for engines which can load each other's artifacts.
#[must_use]
pub fn fingerprint(engine: &Engine) -> String {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// So that the deadline of a call can be given in ticks.
#[must_use]
pub fn ticks(wall: std::time::Duration) -> u64 {
    u64::try_from(wall.as_nanos().div_ceil(queue::TICK.as_nanos().max(1))).unwrap_or(1 << 32).clamp(1, 1 << 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn artifacts_of_the_worker_load_here() {
        let worker = Engine::new(&for_worker(TRACED_BYTES)).unwrap();
        assert_eq!(fingerprint(&start(2).unwrap()), fingerprint(&worker));
    }

    #[test]
    fn a_deadline_is_never_zero_ticks_and_never_wraps() {
        assert_eq!(ticks(Duration::ZERO), 1);
        assert_eq!(ticks(Duration::from_millis(11)), 3);
        assert_eq!(ticks(Duration::MAX), 1 << 32);
    }
}
