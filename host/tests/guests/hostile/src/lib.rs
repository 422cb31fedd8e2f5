//! A guest that misbehaves in every way that the host must survive.
//!
//! What it does is named by the attachment's configuration, `{"do": "loop"}`, or else by the record's `title`. It
//! listens to creates and updates, before and after, and to deletes before; every hook does the same.
//!
//! | do | what happens |
//! | --- | --- |
//! | `loop` | never answers |
//! | `busy` | burns `n` rounds (configuration, a million by default) and goes on |
//! | `grow` | takes memory until the host refuses, then touches all of it for ever |
//! | `grow-trap` | takes memory until the refusal is a trap |
//! | `recurse` | overflows its stack |
//! | `panic`, `panic-log` | traps; the latter sends its message to the log first |
//! | `unreachable` | traps without a panic |
//! | `flood-log`, `flood-kv`, `flood-records` | never stops calling the host |
//! | `huge-log`, `huge-value`, `huge-filter` | one call to the host with 8 MiB of text |
//! | `huge-output` | answers with 100 fields of 16 KiB |
//! | `huge-text` | answers with a title of 8 MiB |
//! | `huge-refusal` | refuses with 2000 field errors of 1 KiB |
//! | `bad-field`, `bad-id` | changes a field that does not exist, or the id |
//! | `bad-kind`, `bad-json`, `bad-number` | sets the title to a number, to broken JSON, to "not a number" |
//! | `refuse`, `deny-403` | refuses as it should |
//! | `deny-200`, `deny-599` | refuses with a status that is none of its business |
//! | `error-always` | refuses, and fails every delivery |
//! | `queue-writes` | creates three records titled `side 0` to `side 2` in the same collection |
//! | `queue-for-ever` | the same, and the side records do it too |
//! | `queue-then-refuse` | the same, then refuses |
//! | `read-then-write` | titles the record `number N`, N being the records that there are |
//! | `remember` | titles the record `call N`, N being the calls that this instance has seen |
//! | `count-calls` | titles the record `call N`, N being kept in the plugin's store |
//! | `use-store` | sets, reads, lets expire and deletes values, and titles the record by what came of it |
//! | `find` | titles the record by the slugs it finds in the collection `other`, in their order |
//! | anything else | nothing |
#![forbid(unsafe_code)]

use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering};

use tinybase_plugin::prelude::*;
use tinybase_plugin::{FieldError, Refusal};

const MIB: usize = 1 << 20;
const KIB: usize = 1 << 10;

#[before_create]
fn before_create(ctx: &Context, draft: &mut Record) -> Hook {
    act(ctx, draft)
}

#[before_update]
fn before_update(ctx: &Context, _original: &Record, draft: &mut Record) -> Hook {
    act(ctx, draft)
}

#[before_delete]
fn before_delete(ctx: &Context, original: &Record) -> Hook {
    act(ctx, &mut original.clone())
}

#[after_create]
fn after_create(ctx: &Context, _event: &str, stored: &Record) -> Delivery {
    Ok(act(ctx, &mut stored.clone())?)
}

#[after_update]
fn after_update(ctx: &Context, _event: &str, _original: &Record, stored: &Record) -> Delivery {
    Ok(act(ctx, &mut stored.clone())?)
}

fn act(ctx: &Context, draft: &mut Record) -> Hook {
    let what = ctx.config_text("do").unwrap_or_else(|| draft.text("title").unwrap_or_default().to_owned());
    match what.as_str() {
        "loop" => spin(u64::MAX),
        "busy" => spin(ctx.config_integer("n").and_then(|n| n.try_into().ok()).unwrap_or(1_000_000)),
        "grow" => grow(),
        "grow-trap" => loop {
            black_box(Vec::<u8>::with_capacity(MIB)).leak();
        },
        "recurse" => {
            black_box(recurse(1));
        }
        "panic" => panic!("on purpose"),
        "panic-log" => {
            log::panics();
            panic!("on purpose");
        }
        "unreachable" => trap(),
        "flood-log" => loop {
            log::info("flood");
        },
        "flood-kv" => loop {
            let _ = kv::increment("flood", 1);
        },
        "flood-records" => loop {
            let _ = records::count(&ctx.collection, "");
        },
        "huge-log" => log::info(&"x".repeat(8 * MIB)),
        "huge-value" => kv::set("huge", "x".repeat(8 * MIB))?,
        "huge-filter" => {
            records::find(&ctx.collection, &"x".repeat(8 * MIB), "", 1)?;
        }
        "huge-output" => {
            for number in 0..100 {
                draft.set(&format!("field{number}"), "x".repeat(16 * KIB));
            }
        }
        "huge-text" => {
            draft.set("title", "x".repeat(8 * MIB));
        }
        "huge-refusal" => {
            let error = FieldError::new("title", "flood", &"x".repeat(KIB));
            return Err(Refusal::Invalid(vec![error; 2000]));
        }
        "bad-field" => {
            draft.set("no_such_field", "x");
        }
        "bad-id" => {
            draft.set("id", "hijacked0000000");
        }
        "bad-kind" => {
            draft.set("title", 7);
        }
        "bad-json" => {
            draft.set("title", Value::Json("{\"open\":".to_owned()));
        }
        "bad-number" => {
            draft.set("title", f64::NAN);
        }
        "refuse" => return refuse("title", "validation_refused", "Refused on purpose."),
        "deny-403" => return deny(403, "No entry."),
        "deny-200" => return deny(200, "Fine."),
        "deny-599" => return deny(599, "The server is to blame."),
        "error-always" => return deny(400, "Always."),
        "queue-writes" | "queue-for-ever" => queue_writes(ctx)?,
        "queue-then-refuse" => {
            queue_writes(ctx)?;
            return refuse("title", "validation_refused", "Refused after three writes.");
        }
        "read-then-write" => {
            let there = records::count(&ctx.collection, "")?;
            draft.set("title", format!("number {there}"));
        }
        "remember" => {
            static CALLS: AtomicU32 = AtomicU32::new(0);
            draft.set("title", format!("call {}", CALLS.fetch_add(1, Ordering::Relaxed) + 1));
        }
        "count-calls" => {
            draft.set("title", format!("call {}", kv::increment("calls", 1)?));
        }
        "use-store" => {
            draft.set("title", use_store()?);
        }
        "count-where" => {
            let filter = ctx.config_text("filter").unwrap_or_default();
            let count = records::count(&ctx.collection, &filter)?;
            draft.set("title", format!("{count} found"));
        }
        "at-most-five" => {
            let filter = format!("slug = '{}'", draft.text("slug").unwrap_or_default());
            if records::count(&ctx.collection, &filter)? >= 5 {
                return refuse("slug", "validation_too_many", "There are five already.");
            }
        }
        "find" => {
            let found = records::find("other", "", "slug", 10)?;
            let slugs: Vec<&str> = found.iter().filter_map(|record| record.text("slug").ok()).collect();
            draft.set("title", slugs.join(" "));
        }
        _ => {}
    }
    Ok(())
}

fn use_store() -> Result<String, Refusal> {
    let code =
        |result: Result<(), tinybase_plugin::Error>| result.err().map_or_else(|| "fine".to_owned(), |error| error.code);
    let missing = kv::get_text("name")?.is_none();
    kv::set("name", "first")?;
    kv::set("name", "second")?;
    let name = kv::get_text("name")?.unwrap_or_default();
    kv::set_for("brief", "x", 1_000)?;
    kv::delete("name")?;
    kv::delete("name")?;
    let deleted = kv::get_text("name")?.is_none();
    kv::set("text", "abc")?;
    let text = code(kv::increment("text", 1).map(drop));
    kv::set("most", i64::MAX.to_string())?;
    let most = code(kv::increment("most", 1).map(drop));
    let less = kv::increment("less", -5)?;
    let (long, large) = (code(kv::set(&"k".repeat(256), "x")), code(kv::set("large", vec![0; 65_537])));
    Ok(format!("{missing} {name} {deleted} {text} {most} {less} {long} {large}"))
}

fn spin(rounds: u64) {
    for round in 0..rounds {
        black_box(round);
    }
}

/// Takes memory a page at a time and touches each, since only touched pages cost the host anything; when it gets no
/// more, it goes on touching what it has.
fn grow() {
    let mut pages: Vec<Vec<u64>> = Vec::new();
    loop {
        let mut page = Vec::new();
        if page.try_reserve_exact(512).is_ok() && pages.try_reserve(1).is_ok() {
            page.push(1);
            pages.push(page);
            continue;
        }
        for page in &mut pages {
            black_box(page)[0] += 1;
        }
    }
}

fn recurse(depth: u64) -> u64 {
    let frame = black_box([depth; 64]);
    if depth == 0 { 0 } else { recurse(frame[3] + 1) + frame[5] }
}

#[cfg(target_arch = "wasm32")]
fn trap() {
    std::arch::wasm32::unreachable();
}

#[cfg(not(target_arch = "wasm32"))]
fn trap() {
    std::process::abort();
}

/// Only for a client's own write: the side records would otherwise queue some themselves. `queue-for-ever` is
/// for seeing what stops that.
fn queue_writes(ctx: &Context) -> Hook {
    if ctx.depth > 0 && ctx.config_text("do") != Some("queue-for-ever".to_owned()) {
        return Ok(());
    }
    for number in 0..3 {
        records::create(&ctx.collection, &Record::new().with("title", format!("side {number}")))?;
    }
    Ok(())
}
