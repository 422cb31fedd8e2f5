//! Guests, friendly and hostile, called the way hooks call them but without a tenant: host functions refuse.

use super::*;
use crate::plugins::contract::{CallerIn, Changes, ContextIn, FieldIn, FieldOut, Findings, ValueIn, ValueOut};
use crate::plugins::engine::EngineConfig;
use crate::plugins::limits::{Class, Limits, TRIAL};
use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

static ENGINE: LazyLock<Arc<Engine>> = LazyLock::new(|| Engine::new(&EngineConfig::new(2)).unwrap());

fn bytes(path: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}: run `make plugins` first", path.display()))
}

fn ready(component: &[u8]) -> Ready {
    let component = Component::new(ENGINE.wasm(), component).unwrap();
    fits(&component).unwrap();
    ENGINE.ready(&component).unwrap()
}

fn assembled(name: &str) -> Vec<u8> {
    wat::parse_bytes(&bytes(&format!("tests/guests/wat/{name}.wat"))).unwrap().into_owned()
}

static HOSTILE: LazyLock<Ready> = LazyLock::new(|| ready(&bytes("tests/guests/dist/hostile.wasm")));

fn context(config: &str) -> ContextIn<'_> {
    let caller = CallerIn { kind: "guest", id: "", collection: "" };
    ContextIn { tenant: "t", collection: "posts", request_id: "r", caller, now_ms: 0, depth: 0, config }
}

fn call_with(ready: &Ready, limits: Limits, config: &str, title: &str) -> Finished<Changes> {
    let draft =
        [FieldIn { name: "title", value: ValueIn::Text(title) }, FieldIn { name: "slug", value: ValueIn::Text("") }];
    let call = Call::new(limits, limits.fuel_for(title.len()), None, None);
    ready.call(&ENGINE, Stage::BeforeCreate, call, (context(config), draft.as_slice()))
}

fn call(ready: &Ready, config: &str, title: &str) -> Finished<Changes> {
    call_with(ready, Limits::usual(Class::Before), config, title)
}

fn axis(finished: &Finished<Changes>) -> Option<Axis> {
    finished.result.as_ref().err().map(|failed| failed.axis)
}

fn misbehave(what: &str) -> Finished<Changes> {
    call(&HOSTILE, &format!("{{\"do\": \"{what}\"}}"), "x")
}

#[test]
fn a_friendly_guest_answers_with_its_changes() {
    let slugify = ready(&bytes("../plugins/dist/slugify.wasm"));
    assert!(slugify.listens(Stage::BeforeCreate) && !slugify.listens(Stage::Validate));
    for _ in 0..3 {
        let finished = call(&slugify, "{}", "Hello, World!");
        let (changes,) = finished.result.unwrap();
        assert_eq!(changes.unwrap(), [FieldOut { name: "slug".into(), value: ValueOut::Text("hello-world".into()) }]);
        assert!((1_000..50_000).contains(&finished.fuel_used), "{}", finished.fuel_used);
    }
    let (refused,) = call(&slugify, "{}", "!!!").result.unwrap();
    assert!(refused.is_err());
    assert!(slugify.try_out(&ENGINE, Call::new(TRIAL, TRIAL.fuel, None, None)).result.is_ok());
}

#[test]
fn each_budget_ends_the_call_that_exceeds_it() {
    for (what, expected) in [
        ("loop", Axis::Fuel),
        ("grow", Axis::Fuel),
        ("grow-trap", Axis::Memory),
        ("recurse", Axis::Trap),
        ("panic", Axis::Trap),
        ("unreachable", Axis::Trap),
        ("flood-log", Axis::HostCalls),
        ("flood-kv", Axis::HostCalls),
        ("flood-records", Axis::HostCalls),
        ("huge-output", Axis::Output),
        ("huge-text", Axis::Output),
        ("huge-refusal", Axis::Output),
        ("huge-log", Axis::Output),
    ] {
        let start = Instant::now();
        let finished = misbehave(what);
        assert_eq!(axis(&finished), Some(expected), "{what}: {:?}", finished.result);
        assert!(start.elapsed() < Duration::from_secs(5), "{what}");
        let failed = finished.result.unwrap_err();
        assert!(!failed.detail.is_empty() && failed.detail.len() < 3_000, "{what}: {}", failed.detail);
    }
}

#[test]
fn memory_is_counted_for_the_whole_store() {
    let finished = misbehave("grow");
    assert!(finished.call.limiter.used() <= Limits::usual(Class::Before).memory);
    assert!(finished.call.limiter.refused().is_some());
}

#[test]
fn a_spinning_guest_is_stopped_by_the_clock() {
    let limits = Limits { fuel: 1 << 50, wall: Duration::from_millis(30), ..Limits::usual(Class::Before) };
    let start = Instant::now();
    let finished = call_with(&HOSTILE, limits, "{\"do\": \"loop\"}", "x");
    assert_eq!(axis(&finished), Some(Axis::Wall));
    let elapsed = start.elapsed();
    assert!(elapsed >= Duration::from_millis(30) && elapsed < Duration::from_secs(5), "{elapsed:?}");
}

#[test]
fn no_call_sees_another() {
    for _ in 0..3 {
        let (changes,) = misbehave("remember").result.unwrap();
        assert_eq!(changes.unwrap(), [FieldOut { name: "title".into(), value: ValueOut::Text("call 1".into()) }]);
    }
}

#[test]
fn breaking_the_border_is_a_trap() {
    for name in ["deep-recursion", "lying-length", "lying-realloc", "bad-text"] {
        let guest = ready(&assembled(name));
        let finished = call(&guest, "{}", "x");
        assert!(matches!(axis(&finished), Some(Axis::Trap | Axis::Output)), "{name}: {:?}", finished.result);
    }
}

#[test]
fn what_fails_before_any_hook_is_found_when_tried_out() {
    for (name, expected) in [("start-loop", Axis::Fuel), ("start-trap", Axis::Trap), ("wrong-signature", Axis::Trap)] {
        let guest = ready(&assembled(name));
        let finished = guest.try_out(&ENGINE, Call::new(TRIAL, TRIAL.fuel, None, None));
        assert_eq!(finished.result.unwrap_err().axis, expected, "{name}");
    }
}

#[test]
fn a_validator_has_no_host() {
    let guest = ready(&bytes("tests/guests/dist/impure-validator.wasm"));
    let limits = Limits::usual(Class::Validator);
    let draft = [FieldIn { name: "title", value: ValueIn::Text("x") }];
    let call = Call::new(limits, limits.fuel, None, None);
    let finished = guest.call::<_, Findings>(&ENGINE, Stage::Validate, call, (context("{}"), draft.as_slice()));
    assert_eq!(finished.result.unwrap_err().axis, Axis::HostCalls);
}

#[test]
fn a_guest_that_begins_too_large_is_refused_its_memory() {
    let limits = Limits { memory: 64 << 10, ..Limits::usual(Class::Before) };
    let finished = call_with(&HOSTILE, limits, "{}", "x");
    assert_eq!(axis(&finished), Some(Axis::Memory), "{:?}", finished.result);
}

#[test]
fn calls_in_parallel_do_not_disturb_each_other() {
    std::thread::scope(|scope| {
        for number in 0..4 {
            scope.spawn(move || {
                for round in 0..50 {
                    let what = if number % 2 == 0 { "panic" } else { "remember" };
                    let finished = misbehave(what);
                    assert_eq!(axis(&finished), (what == "panic").then_some(Axis::Trap), "{number} {round}");
                }
            });
        }
    });
}

#[test]
fn any_version_of_wasi_links_and_what_is_not_there_is_refused() {
    for version in ["0.2.0", "0.2.6", "0.2.12", "0.2.99"] {
        let text = format!(
            "(component
                (import \"wasi:cli/exit@{version}\" (instance
                    (export \"exit\" (func (param \"status\" (result))))
                    (export \"exit-some-day\" (func (param \"code\" u8)))))
                (import \"wasi:io/poll@{version}\" (instance $poll
                    (export \"pollable\" (type $pollable (sub resource)))
                    (export \"[method]pollable.block\" (func (param \"self\" (borrow $pollable))))))
                (alias export $poll \"pollable\" (type $pollable))
                (import \"wasi:sockets/tcp@{version}\" (instance
                    (alias outer 1 $pollable (type $outer))
                    (export \"pollable\" (type $pollable (eq $outer)))
                    (export \"tcp-socket\" (type $socket (sub resource)))
                    (export \"[method]tcp-socket.subscribe\" (func
                        (param \"self\" (borrow $socket)) (result (own $pollable)))))))"
        );
        let component = Component::new(ENGINE.wasm(), wat::parse_str(text).unwrap()).unwrap();
        let ready = ENGINE.ready(&component).unwrap_or_else(|error| panic!("{version}: {error:#}"));
        ready.start(&ENGINE, Call::new(TRIAL, TRIAL.fuel, None, None)).result.unwrap();
    }
}

#[test]
fn wasi_may_not_be_of_another_shape() {
    let text =
        "(component (import \"wasi:cli/exit@0.2.0\" (instance (export \"exit\" (func (param \"status\" string))))))";
    let component = Component::new(ENGINE.wasm(), wat::parse_str(text).unwrap()).unwrap();
    let error = ENGINE.ready(&component).map(drop).unwrap_err();
    assert!(format!("{error:#}").contains("wasi:cli/exit"), "{error:#}");
}
