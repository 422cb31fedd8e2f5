//! What fuel and the deadline cost, each apart: the same component and the same calls by engines that have both, one or
//! neither. Batches take turns, so that what else the machine does falls on all alike.
//!
//! The calls are as the host makes them, without what else it does for one; the limit of memory is always on.

use super::{BATCH, BATCHES, CONTEXT, SLUG, TITLE, at, batch, check, component, draft, hook, micros};
use rustix::time::ClockId;
use std::time::{Duration, Instant};
use tinybase::plugins::contract::{Changes, ContextIn, FieldIn};
use tinybase::plugins::engine::settings;
use tinybase::plugins::limiter::Limiter;
use tinybase::plugins::limits::{Class, Limits};
use tinybase::plugins::scan::{PACKAGE, VERSION};
use tinybase::plugins::{Engine, EngineConfig};
use wasmtime::component::{Component, ComponentExportIndex, InstancePre, Linker};
use wasmtime::{Config, Store, UpdateDeadline};

/// Ticks that are never reached: nothing advances the epoch here.
const TICKS: u64 = 10;

/// How long the clock is watched while calls run.
const WATCHED: Duration = Duration::from_secs(2);

/// One engine with the component.
pub(super) struct Metered {
    pub(super) name: &'static str,
    fuel: bool,
    deadline: bool,
    engine: wasmtime::Engine,
    pre: InstancePre<Limiter>,
    hook: ComponentExportIndex,
}

impl Metered {
    fn new(component: &[u8], name: &'static str, fuel: bool, deadline: bool) -> Self {
        Self::with(settings(2, |_| ()), component, name, fuel, deadline)
    }

    pub(super) fn with(mut config: Config, slugify: &[u8], name: &'static str, fuel: bool, deadline: bool) -> Self {
        config.consume_fuel(fuel).epoch_interruption(deadline);
        let engine = wasmtime::Engine::new(&config).unwrap();
        let component = Component::new(&engine, slugify).unwrap();
        let interface =
            component.get_export_index(None, format!("{PACKAGE}/before-create@{VERSION}").as_str()).unwrap();
        let hook = component.get_export_index(Some(&interface), "before-create").unwrap();
        let mut linker = Linker::new(&engine);
        // What the hook does not call needs no host.
        linker.define_unknown_imports_as_traps(&component).unwrap();
        let pre = linker.instantiate_pre(&component).unwrap();
        Self { name, fuel, deadline, engine, pre, hook }
    }

    pub(super) fn call(&self, title: &str, slug: &str) {
        let limits = Limits::most(Class::Before);
        let mut store = Store::new(&self.engine, Limiter::new(limits.memory));
        store.limiter(|limiter| limiter);
        store.set_hostcall_fuel(limits.lifted);
        store.set_max_component_handles(limits.handles);
        if self.deadline {
            store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Interrupt));
            store.set_epoch_deadline(TICKS);
        }
        if self.fuel {
            store.set_fuel(limits.fuel).unwrap();
        }
        let instance = self.pre.instantiate(&mut store).unwrap();
        store.data_mut().start();
        let function = instance.get_func(&mut store, self.hook).unwrap();
        let typed = function.typed::<(ContextIn<'_>, &[FieldIn<'_>]), Changes>(&store).unwrap();
        let draft = draft(title);
        check(typed.call(&mut store, (CONTEXT, draft.as_slice())).unwrap(), slug);
    }
}

pub(super) fn main(slugify: &[u8]) {
    let engines = engines(slugify);
    let long = TITLE.repeat(100);
    let long_slug = vec![SLUG; 100].join("-").replace("title-hello", "titlehello");
    for (what, title, slug) in [("a title of 29 bytes", TITLE, SLUG), ("a title of 2,900 bytes", &long, &long_slug)] {
        compare(what, title, slug, &engines, BATCHES);
    }
    match component("../examples/dist/slug-ts.wasm") {
        // Each of its calls takes several times as long.
        Ok(bytes) => compare("TypeScript", TITLE, SLUG, &self::engines(&bytes), BATCHES / 10),
        Err(path) => println!("{path} is not built: `make languages`"),
    }
    clock(slugify);
}

fn engines(component: &[u8]) -> [Metered; 4] {
    [
        Metered::new(component, "fuel and deadline", true, true),
        Metered::new(component, "deadline, no fuel", false, true),
        Metered::new(component, "fuel, no deadline", true, false),
        Metered::new(component, "neither", false, false),
    ]
}

fn compare(what: &str, title: &str, slug: &str, engines: &[Metered; 4], batches: usize) {
    let mut times = [const { Vec::new() }; 4];
    for _ in 0..batches {
        for (metered, times) in engines.iter().zip(&mut times) {
            times.push(batch(&mut || metered.call(title, slug)));
        }
    }
    println!("{:<44} {:>10} {:>10} {:>10}", format!("meters: {what}"), "median", "p95", "");
    let medians = times.each_mut().map(|times| {
        times.sort_by(f64::total_cmp);
        at(times, 50)
    });
    for (metered, times) in engines.iter().zip(&times) {
        println!("{:<44} {:>7.2} us {:>7.2} us", metered.name, at(times, 50), at(times, 95));
    }
    let [both, no_fuel, no_deadline, neither] = medians;
    for (name, more, without) in
        [("fuel costs", both, no_fuel), ("the deadline costs", both, no_deadline), ("both cost", both, neither)]
    {
        println!("{name:<44} {:>7.2} us {:>8.1} %", more - without, (more - without) / without * 100.0);
    }
}

/// The thread that makes epochs advance while calls run: what it takes of a processor beside them.
fn clock(slugify: &[u8]) {
    let engine = Engine::new(&EngineConfig::new(2)).unwrap();
    let ready = engine.ready(&Component::new(engine.wasm(), slugify).unwrap()).unwrap();
    let (begun, mut calls) = (Instant::now(), 0.0);
    let used = || micros(ClockId::ProcessCPUTime) - micros(ClockId::ThreadCPUTime);
    let before = used();
    while begun.elapsed() < WATCHED {
        batch(&mut || hook(&engine, &ready));
        calls += f64::from(BATCH);
    }
    let (others, seconds) = (used() - before, begun.elapsed().as_secs_f64());
    println!("{:<44} {:>7.2} us {:>7.3} us", "the clock: a second, a call", others / seconds, others / calls);
}
