//! The same as text for Prometheus, version 0.0.4. Names begin with `tinybase_`; times are in seconds.

use super::super::tenants::Opened;
use super::super::{DEFAULT_TENANT, Host};
use super::{as_f64, process, size};
use crate::error::Axis;
use crate::meter::BOUNDS_US;
use crate::plugins::figures::Figures;
use crate::plugins::tally::{Sums, Tally};
use serde_json::Value as Json;
use std::fmt::Write as _;

/// A text that grows by one metric after the other.
#[derive(Default)]
struct Page(String);

impl Page {
    fn metric(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP tinybase_{name} {help}\n# TYPE tinybase_{name} {kind}");
    }

    fn value(&mut self, name: &str, labels: &str, value: f64) {
        let _ = writeln!(self.0, "tinybase_{name}{labels} {value}");
    }

    fn single(&mut self, name: &str, kind: &str, help: &str, value: f64) {
        self.metric(name, kind, help);
        self.value(name, "", value);
    }
}

/// Counters and gauges of this process and of one tenant. Reads no database.
#[must_use]
pub fn page(host: &Host, opened: &Opened) -> String {
    let mut page = Page::default();
    page.metric("info", "gauge", "What this server is.");
    page.value("info", &format!("{{version=\"{}\"}}", env!("CARGO_PKG_VERSION")), 1.0);
    page.single("uptime_seconds", "gauge", "How long the process has been up.", host.meter.uptime().as_secs_f64());
    traffic(&mut page, host);
    system(&mut page);
    let connections = as_f64(host.connections.len() as u64);
    page.single("http_connections", "gauge", "Open connections.", connections);
    let realtime = as_f64(opened.realtime.connections() as u64);
    page.single("realtime_connections", "gauge", "Connections that listen to changes.", realtime);
    database(&mut page, opened);
    page.single(
        "log_dropped_total",
        "counter",
        "Rows of the request log that were lost.",
        as_f64(opened.tenant.logs.dropped()),
    );
    if opened.tenant.settings.load().sync.enabled {
        let behind = as_f64(opened.sync.last_behind());
        page.single("sync_behind", "gauge", "Changes that the copy lacked when it was last looked.", behind);
        page.single(
            "sync_errors_total",
            "counter",
            "Tries to bring the copy up to date that failed.",
            as_f64(opened.sync.errors()),
        );
    }
    plugins(&mut page, host, &opened.plugins.figures());
    tenants(&mut page, &ledgers(host, opened));
    page.0
}

/// The tenants whose plugins are told of: all that are open for the default one, which is the operator's; otherwise the one that asks.
fn ledgers(host: &Host, opened: &Opened) -> Vec<Ledger> {
    let ledger = |opened: &Opened| Ledger {
        tenant: opened.tenant.name.clone(),
        whole: opened.plugins.whole(),
        over_quota: opened.plugins.over_quota(),
    };
    if opened.tenant.name == DEFAULT_TENANT {
        return host.tenants.opened().iter().map(|opened| ledger(opened)).collect();
    }
    vec![ledger(opened)]
}

fn traffic(page: &mut Page, host: &Host) {
    let totals = host.meter.totals();
    page.metric("http_requests_total", "counter", "Answered requests by the first digit of their status.");
    for (class, count) in totals.classes.iter().enumerate().skip(1) {
        page.value("http_requests_total", &format!("{{status=\"{class}xx\"}}"), as_f64(*count));
    }
    let name = "http_request_duration_seconds";
    page.metric(name, "histogram", "How long answers took, without streaming what they hold.");
    for (bound, count) in BOUNDS_US.iter().zip(totals.within) {
        page.value(&format!("{name}_bucket"), &format!("{{le=\"{}\"}}", as_f64(*bound) / 1e6), as_f64(count));
    }
    let all = as_f64(totals.latencies.count);
    page.value(&format!("{name}_bucket"), "{le=\"+Inf\"}", all);
    page.value(&format!("{name}_sum"), "", as_f64(totals.sum_us) / 1e6);
    page.value(&format!("{name}_count"), "", all);
}

fn system(page: &mut Page) {
    let process = process::read();
    page.single("process_cpu_seconds_total", "counter", "Processor time.", as_f64(process.cpu_ms) / 1e3);
    let gauges = [
        ("process_resident_memory_bytes", "Memory in use.", process.memory_bytes),
        ("process_threads", "Threads.", process.threads),
        ("process_open_fds", "Open files and sockets.", process.open_files),
    ];
    for (name, help, value) in gauges {
        if let Some(value) = value {
            page.single(name, "gauge", help, as_f64(value));
        }
    }
}

fn database(page: &mut Page, opened: &Opened) {
    let dir = &opened.tenant.dir;
    page.metric("database_bytes", "gauge", "Sizes of the files of the databases.");
    for file in ["data.db", "data.db-wal", "logs.db", "logs.db-wal"] {
        page.value("database_bytes", &format!("{{file=\"{file}\"}}"), as_f64(size(&dir.join(file))));
    }
    let Json::Object(work) = opened.tenant.store.stats().to_json() else { return };
    for (name, value) in &work {
        let value = as_f64(value.as_u64().unwrap_or_default());
        match name.as_str() {
            "queued" => page.single("database_queued", "gauge", "Units of work that wait.", value),
            name => {
                page.single(
                    &format!("database_{}_total", snake_case(name)),
                    "counter",
                    "See docs/operating.md.",
                    value,
                );
            }
        }
    }
}

/// A figure of a plugin: its name, what it is, and how it comes from the sums.
type Figure = (&'static str, &'static str, fn(&Sums) -> f64);

const FIGURES: [Figure; 7] = [
    ("plugin_calls_total", "Calls of the hooks of a plugin.", |sums| as_f64(sums.calls)),
    ("plugin_failures_total", "Calls that trapped or ran out of a budget.", |sums| as_f64(sums.failures)),
    ("plugin_refusals_total", "Calls that refused a write.", |sums| as_f64(sums.refusals)),
    ("plugin_skipped_total", "Turns without a call: the breaker was open.", |sums| as_f64(sums.skipped)),
    ("plugin_fuel_total", "Fuel that was burnt.", |sums| as_f64(sums.fuel)),
    ("plugin_seconds_total", "Time of the calls, host functions included.", |sums| as_f64(sums.wall_us) / 1e6),
    ("plugin_queue_seconds_total", "Time that calls have waited for a thread.", |sums| as_f64(sums.wait_us) / 1e6),
];

fn plugins(page: &mut Page, host: &Host, plugins: &[Figures]) {
    let (awaited, background) = host.engine.load();
    page.metric("plugin_threads_load", "gauge", "Calls of plugins that run or wait.");
    page.value("plugin_threads_load", "{kind=\"awaited\"}", as_f64(awaited as u64));
    page.value("plugin_threads_load", "{kind=\"background\"}", as_f64(background as u64));
    let code = as_f64(host.engine.code_bytes());
    page.single("plugin_code_bytes", "gauge", "Machine code of plugins in memory, of all tenants.", code);
    for (name, help, of) in FIGURES {
        page.metric(name, "counter", help);
        for plugin in plugins {
            page.value(name, &format!("{{plugin=\"{}\"}}", plugin.name), of(&plugin.sums));
        }
    }
    page.metric("plugin_errors_total", "counter", "Calls that failed, by the budget that ran out.");
    for plugin in plugins {
        for (axis, count) in plugin.errors().filter(|(_, count)| *count > 0) {
            let labels = format!("{{plugin=\"{}\",axis=\"{axis}\"}}", plugin.name);
            page.value("plugin_errors_total", &labels, as_f64(count));
        }
    }
}

/// What the plugins of one tenant have used.
struct Ledger {
    tenant: String,
    whole: Tally,
    over_quota: u64,
}

impl Ledger {
    /// `{tenant="..", MORE}`; the name of a tenant is made of letters, digits and hyphens.
    fn labels(&self, more: &str) -> String {
        format!("{{tenant=\"{}\"{more}}}", self.tenant)
    }
}

/// A figure of a tenant: its name, what it is, and how it comes from the ledger.
type TenantFigure = (&'static str, &'static str, &'static str, fn(&Ledger) -> f64);

const TENANT_FIGURES: [TenantFigure; 5] = [
    ("tenant_plugin_calls_total", "counter", "Calls of the plugins of a tenant.", |of| as_f64(of.whole.sums().calls)),
    ("tenant_plugin_refusals_total", "counter", "Calls that refused a write.", |of| as_f64(of.whole.sums().refusals)),
    ("tenant_plugin_skipped_total", "counter", "Turns without a call: the breaker was open.", |of| {
        as_f64(of.whole.sums().skipped)
    }),
    ("tenant_plugin_over_quota_total", "counter", "Turns without a call: the quota was used up.", |of| {
        as_f64(of.over_quota)
    }),
    ("tenant_plugin_memory_bytes", "gauge", "The most memory that one call had.", |of| as_f64(of.whole.memory())),
];

/// All plugins of a tenant together.
fn tenants(page: &mut Page, ledgers: &[Ledger]) {
    for (name, kind, help, of) in TENANT_FIGURES {
        page.metric(name, kind, help);
        for ledger in ledgers {
            page.value(name, &ledger.labels(""), of(ledger));
        }
    }
    let name = "tenant_plugin_errors_total";
    page.metric(name, "counter", "Calls that failed, by the budget that ran out.");
    for ledger in ledgers {
        for (axis, count) in Axis::ALL.into_iter().zip(ledger.whole.sums().errors) {
            page.value(name, &ledger.labels(&format!(",axis=\"{}\"", axis.name())), as_f64(count));
        }
    }
    let name = "tenant_plugin_fuel";
    page.metric(name, "summary", "Fuel of the calls, since the process began.");
    for ledger in ledgers {
        let fuel = ledger.whole.fuel();
        for (quantile, value) in [("0.5", fuel.p50), ("0.99", fuel.p99)] {
            page.value(name, &ledger.labels(&format!(",quantile=\"{quantile}\"")), as_f64(value));
        }
        page.value(&format!("{name}_sum"), &ledger.labels(""), as_f64(ledger.whole.sums().fuel));
        page.value(&format!("{name}_count"), &ledger.labels(""), as_f64(fuel.count));
    }
    let name = "tenant_plugin_seconds_total";
    page.metric(name, "counter", "Time of the calls: in the guest, in host functions, and before that in the queue.");
    for ledger in ledgers {
        let Sums { wall_us, host_us, wait_us, .. } = ledger.whole.sums();
        for (part, us) in [("guest", wall_us.saturating_sub(host_us)), ("host", host_us), ("queue", wait_us)] {
            page.value(name, &ledger.labels(&format!(",part=\"{part}\"")), as_f64(us) / 1e6);
        }
    }
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
