//! What the operator wants to know of a running server: traffic, process, databases, storage, plugins. As JSON and as
//! text for Prometheus ([`metrics`]).

pub mod metrics;
mod process;

use super::Host;
use super::tenants::Opened;
use crate::db::Snapshot;
use crate::error::Result;
use crate::meter::Latencies;
use crate::sql::Sql;
use crate::tasks;
use serde_json::{Map, Value as Json, json};
use std::path::{Path, PathBuf};

/// How old what is slow to find out may be: the size of the storage, the number of records.
const FRESH_MS: i64 = 60_000;

/// Files that are looked at to find out how large the storage is.
const FILES_MAX: u64 = 500_000;

/// What was found out last, and when.
#[derive(Debug, Default)]
pub struct Measured(tokio::sync::Mutex<Option<(i64, Json)>>);

/// What this server is: `{version, engine, uptimeS, durability, limits, ..}`.
#[must_use]
pub fn info(host: &Host) -> Json {
    let config = &host.config;
    json!({
        "name": "tinybase",
        "version": env!("CARGO_PKG_VERSION"),
        "engine": {"database": format!("libSQL (SQLite {})", crate::db::engine_version()), "plugins": "wasmtime"},
        "platform": format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
        "uptimeS": host.meter.uptime().as_secs(),
        "durability": format!("{:?}", config.durability).to_lowercase(),
        "workers": config.workers,
        "databaseThreads": config.database_threads,
        "pluginThreads": config.plugin_threads,
        "pluginsOff": config.no_plugins,
        "limits": {
            "recordsPerPage": crate::records::PER_PAGE_MAX,
            "recordsPerBulk": crate::records::BULK_MAX,
            "filterChars": crate::rules::FILTER_CHARS_MAX,
            "filterComparisons": crate::rules::FILTER_COMPARISONS_MAX,
            "ruleChars": crate::rules::RULE_CHARS_MAX,
        },
    })
}

/// What this server does: traffic, process, connections, databases, storage, totals, plugins, outbox.
///
/// # Errors
/// When the database cannot be read.
pub async fn stats(host: &Host, opened: &Opened) -> Result<Json> {
    let tenant = &opened.tenant;
    let (window, totals) = (host.meter.window(), host.meter.totals());
    let measured = measured(opened).await?;
    let (waiting, background) = host.engine.load();
    let all: u64 = totals.classes.iter().sum();
    Ok(json!({
        "uptimeS": host.meter.uptime().as_secs(),
        "requests": {
            "total": all,
            "byStatus": {"1xx": totals.classes[1], "2xx": totals.classes[2], "3xx": totals.classes[3],
                "4xx": totals.classes[4], "5xx": totals.classes[5]},
            "latencyMs": latency(totals.latencies),
            "lastMinute": {
                "seconds": window.seconds,
                "total": window.latencies.count,
                "perSecond": round(per_second(window.latencies.count, window.seconds)),
                "latencyMs": latency(window.latencies),
            },
        },
        "process": process::shown(),
        "connections": {"http": host.connections.len(), "realtime": opened.realtime.connections()},
        "database": {
            "bytes": size(&tenant.dir.join("data.db")),
            "walBytes": size(&tenant.dir.join("data.db-wal")),
            "logsBytes": size(&tenant.dir.join("logs.db")) + size(&tenant.dir.join("logs.db-wal")),
            "work": tenant.store.stats().to_json(),
        },
        "storage": measured["storage"],
        "totals": measured["totals"],
        "logs": {"dropped": tenant.logs.dropped()},
        "outbox": outbox(opened).await?,
        "plugins": opened.plugins.counters(),
        "pluginTotals": opened.plugins.totals().view(),
        "pluginThreads": {"awaited": waiting, "background": background},
    }))
}

/// What is slow to find out, at most a minute old.
async fn measured(opened: &Opened) -> Result<Json> {
    let now_ms = opened.tenant.world.now_ms();
    // Those who ask at the same time wait for one who looks.
    let mut known = opened.measured.0.lock().await;
    if let Some((at_ms, found)) = &*known
        && (0..FRESH_MS).contains(&(now_ms - at_ms))
    {
        return Ok(found.clone());
    }
    let (root, is_remote) = (opened.tenant.dir.join("storage"), opened.tenant.settings.load().s3.enabled);
    let (files, bytes, complete) = tasks::blocking(move || folder(&root)).await?;
    let found = json!({
        "storage": {"kind": if is_remote { "s3" } else { "local" }, "files": files, "bytes": bytes, "complete": complete},
        "totals": totals(opened).await?,
    });
    *known = Some((now_ms, found.clone()));
    Ok(found)
}

async fn totals(opened: &Opened) -> Result<Json> {
    let catalog = opened.tenant.catalog();
    let tables: Vec<_> = catalog.collections().filter(|collection| !collection.is_view()).collect();
    let count = |snapshot: &mut Snapshot<'_>| {
        let mut counts = Map::new();
        let mut sum = 0;
        for collection in &tables {
            let mut select = Sql::new("SELECT count(*) FROM ");
            select.name(&collection.name);
            let count = snapshot.one(&select, |row| Ok(row.integer(0)))?.unwrap_or_default();
            if !collection.system {
                sum += count;
            }
            counts.insert(collection.name.clone(), count.into());
        }
        Ok(
            json!({"collections": catalog.collections().filter(|known| !known.system).count(), "records": sum, "recordsOf": counts}),
        )
    };
    opened.tenant.store.read(count).await
}

async fn outbox(opened: &Opened) -> Result<Json> {
    let select = Sql::new(
        "SELECT count(*) FILTER (WHERE due_ms IS NOT NULL), count(*) FILTER (WHERE due_ms IS NULL) FROM _outbox",
    );
    let read = |snapshot: &mut Snapshot<'_>| {
        snapshot.one(&select, |row| Ok(json!({"pending": row.integer(0), "dead": row.integer(1)})))
    };
    Ok(opened.tenant.store.read(read).await?.unwrap_or_default())
}

/// How many files are below a folder, how many bytes they have, and whether that was all.
fn folder(root: &Path) -> (u64, u64, bool) {
    let (mut files, mut bytes) = (0, 0);
    let mut folders: Vec<PathBuf> = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                folders.push(entry.path());
            } else if files >= FILES_MAX {
                return (files, bytes, false);
            } else {
                files += 1;
                bytes += metadata.len();
            }
        }
    }
    (files, bytes, true)
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}

fn latency(found: Latencies) -> Json {
    let Latencies { p50, p90, p95, p99, p999, max, .. } = found;
    let ms = |us: u64| round(as_f64(us) / 1_000.0);
    json!({"p50": ms(p50), "p90": ms(p90), "p95": ms(p95), "p99": ms(p99), "p999": ms(p999), "max": ms(max)})
}

fn per_second(count: u64, seconds: u64) -> f64 {
    as_f64(count) / as_f64(seconds.max(1))
}

fn round(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn as_f64(number: u64) -> f64 {
    number as f64
}
