//! What one tenant's storm costs another: how long a write with a hook takes a tenant that is alone, and how long while
//! another one burns as much fuel as its calls may, spins, or floods the host with calls, on many requests at the same time.
//!
//! `make plugins`, then `cargo bench --bench neighbours`. The times are on the wall: what is to be read is their ratio.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark may stop, and prints what it measures")]

use hdrhistogram::Histogram;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;
use tinybase::clock::World;
use tinybase::config::Config;
use tinybase::error::Error;
use tinybase::host::Host;
use tinybase::host::tenants::Opened;
use tinybase::tenant::Cx;
use tinybase::{collections, records};
use tokio::runtime::Builder;

/// The server's own allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const WRITES: u32 = 2_000;
const ATTACKERS: usize = 64;

/// What the other tenant's hook does meanwhile.
const STORMS: [&str; 7] = ["busy", "loop", "grow", "flood-log", "flood-kv", "flood-records", "huge-output"];

fn main() {
    let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let dir = tempfile::tempdir().unwrap();
        let program = Some(env!("CARGO_BIN_EXE_tinybase").into());
        let config = Config { dir: dir.path().to_owned(), program, jobs_by_clock: false, ..Config::default() };
        let host = Host::open(config, World::real()).await.unwrap();
        let slug = component("plugins/dist/slugify.wasm");
        let (calm, _) = tenant(&host, "calm", &[(&slug, json!({})), (&slug, json!({}))]).await;
        println!("{:<34} {:>10} {:>10} {:>10}", "a create with two hooks (ms)", "p50", "p99", "max");
        for _ in 0..200 {
            write(&calm).await.unwrap();
        }
        show("alone", &measure(&calm).await);
        let hostile = component("host/tests/guests/dist/hostile.wasm");
        for storm in STORMS {
            let config = json!({"do": storm, "n": 900_000});
            let (attacker, opened) = tenant(&host, &format!("storm-{storm}"), &[(&hostile, config)]).await;
            beside(storm, &calm, &attacker, &opened).await;
        }
        host.close().await;
    });
}

/// Measures while another tenant attacks, whose breakers are closed again and again so that it goes on.
async fn beside(storm: &str, calm: &Cx, attacker: &Cx, opened: &Opened) {
    let plugins = opened.plugins.list(attacker).unwrap();
    let id = plugins["items"][0]["id"].as_str().unwrap();
    let (over, attacks) = (AtomicBool::new(false), AtomicU64::new(0));
    let attack = async {
        let lines = (0..ATTACKERS).map(async |_| {
            while !over.load(Ordering::Relaxed) {
                // Whether it is let through or ends with its call is not the question here.
                let _ = write(attacker).await;
                if attacks.fetch_add(1, Ordering::Relaxed).is_multiple_of(5) {
                    opened.plugins.reset_breaker(attacker, id, None).await.unwrap();
                }
            }
        });
        futures_util::future::join_all(lines).await;
    };
    let work = async {
        let found = measure(calm).await;
        over.store(true, Ordering::Relaxed);
        found
    };
    let ((), found) = futures_util::future::join(attack, work).await;
    show(&format!("beside `{storm}` ({} calls)", attacks.load(Ordering::Relaxed)), &found);
}

fn component(path: &str) -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}: run `make plugins`", file.display()))
}

async fn tenant(host: &Host, name: &str, plugins: &[(&Vec<u8>, Value)]) -> (Cx, Arc<Opened>) {
    let opened = host.tenants.create(name).await.unwrap();
    let fields = json!([{"name": "title", "type": "text"}, {"name": "slug", "type": "text"}]);
    let notes = json!({"name": "notes", "type": "base", "fields": fields});
    collections::create(&Cx::system(opened.tenant.clone()), notes.as_object().unwrap()).await.unwrap();
    for (number, (bytes, config)) in plugins.iter().enumerate() {
        let cx = Cx::system(opened.tenant.clone());
        let uploaded = opened.plugins.upload(&cx, (*bytes).clone(), Some(format!("p{number}")), false).await.unwrap().0;
        let attachment = json!({"collection": "notes", "hooks": ["beforeCreate"], "config": config});
        let attachment = attachment.as_object().unwrap().clone();
        opened.plugins.attach(&cx, uploaded["id"].as_str().unwrap(), attachment).await.unwrap();
    }
    (Cx::system(opened.tenant.clone()), opened)
}

async fn write(cx: &Cx) -> Result<(), Error> {
    let notes = cx.catalog.collection("notes").unwrap().clone();
    let input = json!({"title": "Hello, World! This is a Title"});
    records::create_record(cx, &notes, input.as_object().unwrap().clone()).await.map(drop)
}

async fn measure(cx: &Cx) -> Histogram<u64> {
    let mut times = Histogram::new(3).unwrap();
    for _ in 0..WRITES {
        let start = Instant::now();
        write(cx).await.unwrap();
        times.saturating_record(u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX));
    }
    times
}

fn show(name: &str, times: &Histogram<u64>) {
    let [p50, p99] = [0.5, 0.99].map(|quantile| times.value_at_quantile(quantile));
    let ms = |us: u64| format!("{}.{:03}", us / 1_000, us % 1_000);
    println!("{name:<34} {:>10} {:>10} {:>10}", ms(p50), ms(p99), ms(times.max()));
}
