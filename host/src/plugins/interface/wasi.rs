//! WASI 0.2 for guests whose toolchains import it whether the code uses it or not (JavaScript, Go, Python, Rust for
//! `wasm32-wasip2`): functions that give nothing away.
//!
//! | package | what a guest finds |
//! | --- | --- |
//! | `wasi:cli` | no environment, no arguments, an empty input; output becomes lines of the log; `exit` ends the call |
//! | `wasi:clocks` | the moment of the call, which stands still unless the guest waits ([`Basics`]); with the grant `clock` the time of day |
//! | `wasi:random` | one fixed sequence of numbers; with the grant `random` real ones |
//! | `wasi:io` | streams and pollables of the above |
//! | `wasi:filesystem` | no directory |
//! | `wasi:http` | the request that is to be answered, if there is one; none can be sent |
//! | everything else | every call is refused, by the error that means it or by a trap (`refused`) |
//!
//! Bound for each component under the names that it uses, so any version of 0.2 will do.

mod http;
mod io;
mod refused;

pub(in crate::plugins) use http::{IncomingRequest, ResponseOutparam};

use crate::plugins::basics::Basics;
use crate::plugins::call::{Call, Errand};
use crate::plugins::registry::Grants;
use crate::plugins::scan::{is_wasi, parts};
use crate::tenant::hooks::Stage;
use io::{InputStream, OutputStream, Pollable};
use refused::Nothing;
use wasmtime::StoreContextMut;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, ComponentType, Linker, LinkerInstance, Lower, Resource, ResourceType};

type Store<'a> = StoreContextMut<'a, Call>;
type Space<'a> = LinkerInstance<'a, Call>;

/// A linker that has all of WASI that a component imports; `None` when it imports none.
///
/// # Errors
/// wasmtime's.
pub(super) fn linker_for(linker: &Linker<Call>, component: &Component) -> wasmtime::Result<Option<Linker<Call>>> {
    let engine = linker.engine();
    let ty = component.component_type();
    if !ty.imports(engine).any(|(name, _)| is_wasi(name)) {
        return Ok(None);
    }
    let mut linker = linker.clone();
    // First everything is refused, then what there is takes the place of that.
    linker.allow_shadowing(true);
    for (name, import) in ty.imports(component.engine()).filter(|(name, _)| is_wasi(name)) {
        let ComponentItem::ComponentInstance(instance) = import.ty else { continue };
        let mut space = linker.instance(name)?;
        refused::bind(&mut space, component.engine(), name, &instance)?;
        if let Some((package, interface, _)) = parts(name) {
            bind(&mut space, package, interface)?;
        }
    }
    Ok(Some(linker))
}

fn bind(space: &mut Space<'_>, package: &str, interface: &str) -> wasmtime::Result<()> {
    match (package, interface) {
        ("wasi:cli", "environment") => environment(space),
        ("wasi:cli", "exit") => exit(space),
        ("wasi:cli", "stdin") => func(space, "get-stdin", |_| Ok((Resource::<InputStream>::new_own(io::STDIN),))),
        ("wasi:cli", "stdout") => func(space, "get-stdout", |_| Ok((Resource::<OutputStream>::new_own(io::STDOUT),))),
        ("wasi:cli", "stderr") => func(space, "get-stderr", |_| Ok((Resource::<OutputStream>::new_own(io::STDERR),))),
        ("wasi:cli", "terminal-input") => resource::<TerminalInput>(space, "terminal-input"),
        ("wasi:cli", "terminal-output") => resource::<TerminalOutput>(space, "terminal-output"),
        ("wasi:cli", "terminal-stdin") => func(space, "get-terminal-stdin", |_| Ok((no::<TerminalInput>(),))),
        ("wasi:cli", "terminal-stdout") => func(space, "get-terminal-stdout", |_| Ok((no::<TerminalOutput>(),))),
        ("wasi:cli", "terminal-stderr") => func(space, "get-terminal-stderr", |_| Ok((no::<TerminalOutput>(),))),
        ("wasi:clocks", "monotonic-clock") => monotonic_clock(space),
        ("wasi:clocks", "wall-clock") => wall_clock(space),
        ("wasi:filesystem", "preopens") => {
            func(space, "get-directories", |_| Ok((Vec::<(Resource<Nothing>, String)>::new(),)))
        }
        ("wasi:http", "types") => http::types(space),
        ("wasi:io", "error") => io::error(space),
        ("wasi:io", "poll") => io::poll(space),
        ("wasi:io", "streams") => io::streams(space),
        ("wasi:random", "random") => random(space, "get-random-bytes", "get-random-u64"),
        ("wasi:random", "insecure") => random(space, "get-insecure-random-bytes", "get-insecure-random-u64"),
        ("wasi:random", "insecure-seed") => {
            func(space, "insecure-seed", |basics| Ok(((basics.random(), basics.random()),)))
        }
        _ => Ok(()),
    }
}

/// A function without parameters, counted.
fn func<R>(
    space: &mut Space<'_>,
    name: &str,
    work: impl Fn(&mut Basics) -> wasmtime::Result<R> + Send + Sync + 'static,
) -> wasmtime::Result<()>
where
    R: wasmtime::component::ComponentNamedList + Lower + 'static,
{
    space.func_wrap(name, move |mut store: Store<'_>, (): ()| {
        let basics = &mut store.data_mut().basics;
        basics.enter(0)?;
        work(basics)
    })
}

/// A type of handles that need no clearing up.
fn resource<T: 'static>(space: &mut Space<'_>, name: &str) -> wasmtime::Result<()> {
    space.resource(name, ResourceType::host::<T>(), |_, _| Ok(()))
}

/// Handles that are never given out.
enum TerminalInput {}
enum TerminalOutput {}

fn no<T: 'static>() -> Option<Resource<T>> {
    None
}

fn environment(space: &mut Space<'_>) -> wasmtime::Result<()> {
    func(space, "get-environment", |_| Ok((Vec::<(String, String)>::new(),)))?;
    func(space, "get-arguments", |_| Ok((Vec::<String>::new(),)))?;
    func(space, "initial-cwd", |_| Ok((None::<String>,)))
}

fn exit(space: &mut Space<'_>) -> wasmtime::Result<()> {
    space.func_wrap("exit", |_: Store<'_>, (status,): (Result<(), ()>,)| -> wasmtime::Result<()> {
        let how = if status.is_ok() { "without an error" } else { "with an error" };
        Err(wasmtime::Error::msg(format!("the guest called exit ({how}), which ends the call before its answer")))
    })
}

fn monotonic_clock(space: &mut Space<'_>) -> wasmtime::Result<()> {
    func(space, "now", |basics| Ok((basics.now_ns(),)))?;
    func(space, "resolution", |_| Ok((1u64,)))?;
    space.func_wrap("subscribe-instant", |mut store: Store<'_>, (at,): (u64,)| {
        let basics = &mut store.data_mut().basics;
        basics.enter(0)?;
        Ok((Resource::<Pollable>::new_own(basics.alarm(at)),))
    })?;
    space.func_wrap("subscribe-duration", |mut store: Store<'_>, (wait,): (u64,)| {
        let basics = &mut store.data_mut().basics;
        basics.enter(0)?;
        let at = basics.now_ns().saturating_add(wait);
        Ok((Resource::<Pollable>::new_own(basics.alarm(at)),))
    })
}

/// Seconds since 1970 and nanoseconds.
#[derive(Debug, Clone, Copy, ComponentType, Lower)]
#[component(record)]
struct Datetime {
    seconds: u64,
    nanoseconds: u32,
}

const NANOS: u64 = 1_000_000_000;

fn wall_clock(space: &mut Space<'_>) -> wasmtime::Result<()> {
    space.func_wrap("now", |mut store: Store<'_>, (): ()| {
        let call = store.data_mut();
        call.basics.enter(0)?;
        Ok((datetime(call),))
    })?;
    func(space, "resolution", |_| Ok((Datetime { seconds: 0, nanoseconds: 1_000_000 },)))
}

/// The moment that the context of the call names too, or, where it is granted, the time of day; and what the guest has
/// waited since.
fn datetime(call: &Call) -> Datetime {
    let real = granted(call, Grants::clock).map(|errand| errand.cx.tenant.world.now_ms());
    let began = real.unwrap_or_else(|| call.errand.as_ref().map_or(0, |errand| errand.cx.now_ms));
    let began_ns = u64::try_from(began).unwrap_or(0).saturating_mul(1_000_000);
    let now_ns = began_ns.saturating_add(call.basics.waited_ns());
    Datetime { seconds: now_ns / NANOS, nanoseconds: u32::try_from(now_ns % NANOS).unwrap_or(0) }
}

fn random(space: &mut Space<'_>, bytes: &str, number: &str) -> wasmtime::Result<()> {
    space.func_wrap(bytes, |mut store: Store<'_>, (length,): (u64,)| {
        let call = store.data_mut();
        call.basics.enter(length)?;
        let fixed = call.basics.random_bytes(length)?;
        Ok((unforeseen(call, fixed.len()).unwrap_or(fixed),))
    })?;
    space.func_wrap(number, |mut store: Store<'_>, (): ()| {
        let call = store.data_mut();
        call.basics.enter(0)?;
        let real = unforeseen(call, size_of::<u64>()).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
        Ok((real.unwrap_or_else(|| call.basics.random()),))
    })
}

/// The errand of a call that was granted something which changes what the basics are; never of a validator, which depends on
/// nothing but the draft.
fn granted(call: &Call, is_granted: fn(&Grants) -> bool) -> Option<&Errand> {
    let errand = call.errand.as_ref()?;
    (errand.stage != Stage::Validate && is_granted(&errand.grants.load())).then_some(errand)
}

/// Real randomness, where it is granted.
fn unforeseen(call: &Call, length: usize) -> Option<Vec<u8>> {
    granted(call, Grants::random).map(|errand| errand.cx.tenant.world.ids.bytes(length))
}
