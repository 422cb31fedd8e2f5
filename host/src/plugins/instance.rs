//! One call of a guest: a fresh store and instance, the call, and what it used. Nothing of it outlives the call.

use super::call::{Call, Exhausted, Verdict, thread_cpu};
use super::engine::{Engine, ticks};
use super::limiter;
use super::limits::store as caps;
use super::scan::{origin, printable};
use super::tally::Usage;
use crate::error::Axis;
use crate::tenant::hooks::Stage;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use wasmtime::component::{Component, ComponentExportIndex, ComponentNamedList, InstancePre, Lift, Linker, Lower};
use wasmtime::{Store, StoreContextMut, Trap, UpdateDeadline};

/// Characters of a failure's detail.
const DETAIL_CHARS: usize = 1_500;

/// A component that is ready to be called: its code is loaded, its imports are bound, its hooks are found.
pub struct Ready {
    pre: InstancePre<Call>,
    hooks: [Option<ComponentExportIndex>; Stage::ALL.len()],
    _code: Code,
}

/// Machine code, counted for as long as it is in memory.
struct Code {
    bytes: u64,
    all: Arc<AtomicU64>,
}

impl Code {
    fn new(component: &Component, all: &Arc<AtomicU64>) -> Self {
        let range = component.image_range();
        let bytes = (range.end as usize).saturating_sub(range.start as usize) as u64;
        all.fetch_add(bytes, Ordering::Relaxed);
        Self { bytes, all: all.clone() }
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl std::fmt::Debug for Ready {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Ready")
    }
}

/// Why a call did not come to its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    pub axis: Axis,
    /// For the plugin's log: what was allowed, what happened. Printable.
    pub detail: String,
}

impl Failed {
    /// The guest has answered with what cannot be taken.
    #[must_use]
    pub fn output(detail: impl Into<String>) -> Self {
        Self { axis: Axis::Output, detail: detail.into() }
    }
}

/// A call that is over.
#[derive(Debug)]
pub struct Finished<R> {
    pub result: Result<R, Failed>,
    pub call: Call,
    pub fuel_used: u64,
    pub usage: Usage,
}

impl<R> Finished<R> {
    /// The same with another answer.
    pub fn map<S>(self, map: impl FnOnce(R) -> S) -> Finished<S> {
        let Self { result, call, fuel_used, usage } = self;
        Finished { result: result.map(map), call, fuel_used, usage }
    }

    /// Takes what the guest has answered. An answer that cannot be taken is a failure like one that is too large, and counted as one.
    pub fn taken<S>(self, take: impl FnOnce(R) -> Result<S, Failed>) -> Finished<S> {
        let Self { result, call, fuel_used, usage } = self;
        let untaken = |Failed { axis, detail }| {
            call.count_untaken(axis);
            Failed { axis, detail: clean(&detail) }
        };
        let result = result.and_then(|answer| take(answer).map_err(untaken));
        Finished { result, call, fuel_used, usage }
    }
}

impl Ready {
    /// Binds a component's imports. What it imports has been scanned, so an error here means that a signature differs
    /// from the contract. Its code is counted in `all` for as long as it is in memory.
    ///
    /// # Errors
    /// wasmtime's, naming the import.
    pub fn new(linker: &Linker<Call>, component: &Component, all: &Arc<AtomicU64>) -> wasmtime::Result<Self> {
        let pre = super::interface::link(linker, component)?;
        component.initialize_copy_on_write_image()?;
        let mut hooks = [const { None }; Stage::ALL.len()];
        for stage in Stage::ALL {
            let (package, version) = origin(stage);
            let name = format!("{package}/{}@{version}", stage.interface());
            let Some(interface) = component.get_export_index(None, &name) else { continue };
            let found = component.get_export_index(Some(&interface), function(stage));
            let missing = || wasmtime::Error::msg(format!("{name} is exported without its function"));
            hooks[stage as usize] = Some(found.ok_or_else(missing)?);
        }
        Ok(Self { pre, hooks, _code: Code::new(component, all) })
    }

    #[must_use]
    pub fn listens(&self, stage: Stage) -> bool {
        self.hooks[stage as usize].is_some()
    }

    /// Calls the hook of a stage. `P` and `R` are the types of its function in `wit/`.
    pub fn call<P, R>(&self, engine: &Engine, stage: Stage, call: Call, params: P) -> Finished<R>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        enter(engine, call, |store| {
            let instance = self.pre.instantiate(&mut *store)?;
            store.data_mut().limiter.start();
            let index =
                self.hooks[stage as usize].as_ref().ok_or_else(|| wasmtime::Error::msg("the hook is not exported"))?;
            let function = instance
                .get_func(&mut *store, index)
                .ok_or_else(|| wasmtime::Error::msg("the hook is not a function"))?;
            function.typed::<P, R>(&*store)?.call(&mut *store, params)
        })
    }

    /// Instantiates and calls nothing: what a call costs before the guest does anything.
    pub fn start(&self, engine: &Engine, call: Call) -> Finished<()> {
        enter(engine, call, |store| self.pre.instantiate(&mut *store).map(drop))
    }

    /// Instantiates without calling anything and looks at the types of the hooks, to find out before a plugin is used
    /// what would fail every time.
    pub fn try_out(&self, engine: &Engine, call: Call) -> Finished<()> {
        enter(engine, call, |store| {
            let instance = self.pre.instantiate(&mut *store)?;
            for stage in Stage::ALL {
                let Some(index) = &self.hooks[stage as usize] else { continue };
                let function = instance
                    .get_func(&mut *store, index)
                    .ok_or_else(|| wasmtime::Error::msg("the hook is not a function"))?;
                let typed = super::contract::check(stage, &function, &*store);
                typed.map_err(|error| {
                    error.context(format!("the function of {} is not as in the contract", stage.interface()))
                })?;
            }
            Ok(())
        })
    }
}

fn enter<R>(engine: &Engine, call: Call, work: impl FnOnce(&mut Store<Call>) -> wasmtime::Result<R>) -> Finished<R> {
    let (fuel, deadline, limits) = (call.fuel(), call.first_deadline(), call.limits);
    let mut store = Store::new(engine.wasm(), call);
    store.limiter(|call| &mut call.limiter);
    store.set_hostcall_fuel(limits.lifted);
    store.set_max_component_handles(limits.handles);
    store.epoch_deadline_callback(at_deadline);
    store.set_epoch_deadline(ticks(deadline));
    let running = engine.running();
    let result = match store.set_fuel(fuel) {
        // A panic on the host's side fails this call and nothing else; the store is dropped whole.
        Ok(()) => {
            catch_unwind(AssertUnwindSafe(|| work(&mut store))).unwrap_or_else(|_| Err(wasmtime::Error::msg(PANICKED)))
        }
        Err(error) => Err(error),
    };
    drop(running);
    let fuel_used = fuel.saturating_sub(store.get_fuel().unwrap_or(0));
    let mut call = store.into_data();
    call.finish_log();
    let usage = call.usage(fuel_used);
    let result = result.map_err(|error| classify(&error, &call));
    call.count(usage, result.as_ref().err().map(|failed| failed.axis));
    Finished { result, call, fuel_used, usage }
}

/// The words of a call that panicked on the host's side.
const PANICKED: &str = "the host panicked";

/// The function of a hook's interface: it is called like the interface, but for a few.
#[must_use]
pub fn function(stage: Stage) -> &'static str {
    match stage {
        Stage::Validate => "validate",
        Stage::Scheduled => "run",
        Stage::Route => "handle",
        other => other.interface(),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the signature is wasmtime's")]
fn at_deadline(mut store: StoreContextMut<'_, Call>) -> wasmtime::Result<UpdateDeadline> {
    Ok(match store.data_mut().at_deadline(thread_cpu) {
        Verdict::Wait(more) => UpdateDeadline::Continue(ticks(more)),
        Verdict::End => UpdateDeadline::Interrupt,
    })
}

/// What wasmtime says when a guest hands over more bytes than `set_hostcall_fuel` allows. The type of that error is
/// private, so its words are all there is to go by; a test holds them.
const TOO_MUCH_COPIED: &str = "fuel allocated for hostcalls has been exhausted";

/// The budget that ran out, from the error that ended a call.
fn classify(error: &wasmtime::Error, call: &Call) -> Failed {
    let limits = &call.limits;
    let words = format!("{error:#}");
    let (axis, detail) = if let Some(exhausted) = error.downcast_ref::<Exhausted>() {
        (exhausted.axis, exhausted.detail.clone())
    } else if let Some(trap) = error.downcast_ref::<Trap>() {
        match trap {
            Trap::OutOfFuel => (Axis::Fuel, format!("all of {} units of fuel used", call.fuel())),
            Trap::Interrupt => {
                (Axis::Wall, format!("not done after {:?}; the limit is {:?}", call.elapsed(), limits.wall))
            }
            // A guest that is refused memory mostly gives up with a trap of its own.
            _ => match call.limiter.refused() {
                Some(asked) => {
                    (Axis::Memory, format!("wanted {asked} bytes of memory; the limit is {}: {words}", limits.memory))
                }
                None => (Axis::Trap, with_last_words(words, call)),
            },
        }
    } else if words.contains(TOO_MUCH_COPIED) {
        (Axis::Output, format!("handed over more than {} bytes at once", limits.lifted))
    } else if words.contains(limiter::OVER_BUDGET) {
        let asked = call.limiter.refused().unwrap_or_default();
        (Axis::Memory, format!("begins with {asked} bytes of memory; the limit is {}", limits.memory))
    } else {
        (Axis::Trap, with_last_words(words, call))
    };
    Failed { axis, detail: clean(&detail) }
}

/// A guest that gives up mostly says why on its error stream.
fn with_last_words(words: String, call: &Call) -> String {
    match call.basics.last_words() {
        Some(last) => format!("{words}: it said \"{last}\""),
        None => words,
    }
}

/// A detail for the log, cut and printable: names of frames are the guest's to choose.
fn clean(detail: &str) -> String {
    let cut: String = detail.chars().take(DETAIL_CHARS).collect();
    cut.lines()
        .map(|line| line.split_whitespace().map(printable).collect::<Vec<_>>().join(" "))
        .collect::<Vec<_>>()
        .join(" | ")
}

/// Whether the pool can hold an instance of the component at all.
///
/// # Errors
/// What it has too much of.
pub fn fits(component: &Component) -> Result<(), String> {
    let Some(needs) = component.resources_required() else { return Err("it imports modules or components".to_owned()) };
    if needs.num_memories > caps::MEMORIES {
        return Err(format!("it has {} memories; the most is {}", needs.num_memories, caps::MEMORIES));
    }
    if needs.num_tables > caps::TABLES {
        return Err(format!("it has {} tables; the most is {}", needs.num_tables, caps::TABLES));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
