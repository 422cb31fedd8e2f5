//! `tinybase plugin test`: the fixtures of a plugin, called one by one as a server would, each in a tenant of its own that
//! is gone afterwards.

use super::build::component;
use super::fixture::{Case, Expect, load, outcome_json};
use crate::cli::{Failed, direct, terminal};
use crate::clock::World;
use crate::collections;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::host::socket::Refusal;
use crate::plugins::rehearsal::{self, Cast, Played};
use crate::records::{self, ListQuery};
use crate::tenant::Cx;
use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Records of a collection that are compared.
const COMPARED: &str = "500";

/// Threads of the host that is made for it.
const WORKERS: usize = 2;

#[derive(Debug, Args)]
pub(in crate::cli) struct Test {
    /// The plugin's folder, which is built first, or a component.
    #[arg(default_value = ".")]
    plugin: PathBuf,
    /// Where the fixtures are [default: the folder `fixtures` beside the component]
    #[arg(long, value_name = "DIR")]
    fixtures: Option<PathBuf>,
    /// Calls each hook so many times, and shows the median; after-hooks are called once.
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    repeat: u32,
    /// Print everything as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// How one case went.
struct Report {
    file: String,
    name: String,
    hook: String,
    complaints: Vec<String>,
    played: Option<Played>,
    median: Duration,
}

impl Test {
    pub(super) fn run(self) -> std::result::Result<(), Failed> {
        let beside = if self.plugin.is_dir() { Some(self.plugin.as_path()) } else { self.plugin.parent() };
        let fixtures = self.fixtures.clone().or_else(|| Some(beside?.join("fixtures")));
        let cases = load(&fixtures.unwrap_or_default()).map_err(Failed::usage)?;
        let (_, bytes) = component(&self.plugin)?;
        let work = async {
            let dir = tempfile::tempdir().map_err(|error| Failed::new(format!("failed to make a folder: {error}")))?;
            let config = Config {
                dir: dir.path().to_owned(),
                workers: WORKERS,
                plugin_threads: WORKERS,
                jobs_by_clock: false,
                ..Config::default()
            };
            let host = Host::open(config, World::real()).await?;
            let cast = Cast::load(&host.engine, &bytes).await?;
            let mut reports = Vec::new();
            for (number, (file, case)) in cases.iter().enumerate() {
                let file = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                reports.push(self.play(&host, &cast, number, file, case).await);
            }
            host.close().await;
            Ok((cast, reports))
        };
        let (cast, reports) = direct::block_on(WORKERS, work)?;
        let failed = reports.iter().filter(|report| !report.complaints.is_empty()).count();
        if self.json {
            terminal::data(&format!("{:#}", self.json_of(&cast, bytes.len(), &reports, failed)));
        } else {
            reports.iter().for_each(Report::print);
        }
        let passed = reports.len() - failed;
        if failed > 0 {
            let message = format!("{failed} of {} fixtures failed", reports.len());
            return Err(Failed { reported: true, ..Failed::new(message) });
        }
        terminal::say(&format!("{passed} passed"));
        Ok(())
    }

    async fn play(&self, host: &Arc<Host>, cast: &Cast, number: usize, file: String, case: &Case) -> Report {
        let mut report = Report {
            file,
            name: case.name.clone(),
            hook: case.hook().to_owned(),
            complaints: Vec::new(),
            played: None,
            median: Duration::ZERO,
        };
        match self.try_play(host, cast, number, case).await {
            Ok((played, median, complaints)) => {
                report.complaints = complaints;
                report.median = median;
                report.played = Some(played);
            }
            Err(error) => {
                let Refusal { message, fields } = Refusal::from(error);
                report.complaints.push(message);
                report.complaints.extend(fields);
            }
        }
        report
    }

    async fn try_play(
        &self,
        host: &Arc<Host>,
        cast: &Cast,
        number: usize,
        case: &Case,
    ) -> Result<(Played, Duration, Vec<String>)> {
        let scene = case.scene().map_err(Error::invalid)?;
        let exported = cast.scan.exports.iter().any(|name| *name == scene.stage.interface());
        if !exported {
            let exports = cast.scan.exports.join(", ");
            return Err(Error::invalid(format!(
                "the plugin does not export {}; it exports {exports}",
                scene.stage.interface()
            )));
        }
        let tenant = host.tenants.create(&format!("case-{number}")).await?.tenant.clone();
        let cx = stage(&Cx::system(tenant.clone()), case).await?;
        let played = cast.play(&cx, scene.clone()).await?;
        let mut times = vec![played.cpu];
        if played.host_calls == 0 {
            for _ in 1..self.repeat {
                times.push(cast.play(&cx, scene.clone()).await?.cpu);
            }
        }
        times.sort_unstable();
        let mut complaints = case.expect.complaints(&played);
        for (name, expected) in &case.expect.records {
            complaints.extend(Expect::of_records(name, expected, &all(&cx, name).await?));
        }
        Ok((played, times[times.len() / 2], complaints))
    }

    fn json_of(&self, cast: &Cast, size: usize, reports: &[Report], failed: usize) -> Value {
        let cases: Vec<Value> = reports.iter().map(Report::json).collect();
        json!({
            "plugin": self.plugin,
            "size": size,
            "exports": cast.scan.exports,
            "capabilities": cast.scan.capabilities,
            "compileMs": cast.compiled_in.as_secs_f64() * 1e3,
            "artifactSize": cast.artifact_bytes,
            "cases": cases,
            "failed": failed,
        })
    }
}

/// Makes what is there before the call.
async fn stage(cx: &Cx, case: &Case) -> Result<Cx> {
    for definition in &case.collections {
        collections::create(&Cx::system(cx.tenant.clone()), definition).await?;
    }
    let cx = Cx::system(cx.tenant.clone());
    for (name, rows) in &case.records {
        let collection = cx.catalog.collection(name).ok_or_else(|| missing(name))?;
        for row in rows {
            records::create_record(&cx, collection, row.clone()).await?;
        }
    }
    for (key, value) in &case.kv {
        rehearsal::keep(&cx, key, value).await?;
    }
    Ok(cx)
}

fn missing(name: &str) -> Error {
    Error::invalid(format!("`collections` of the fixture has no `{name}`"))
}

/// What is in a collection, in order of creation.
async fn all(cx: &Cx, name: &str) -> Result<Vec<Value>> {
    let collection = cx.catalog.collection(name).ok_or_else(|| missing(name))?;
    let query =
        ListQuery { per_page: Some(COMPARED.to_owned()), sort: Some("@rowid".to_owned()), ..ListQuery::default() };
    let page = records::list(cx, collection, &query).await?;
    let page: Value =
        serde_json::from_slice(&page).map_err(|error| Error::internal("read a page of records", error))?;
    Ok(page["items"].as_array().cloned().unwrap_or_default())
}

impl Report {
    fn title(&self) -> String {
        let what = if self.name.is_empty() { &self.hook } else { &self.name };
        format!("{}: {what}", self.file)
    }

    fn print(&self) {
        let verdict = if self.complaints.is_empty() { "ok  " } else { "FAIL" };
        let used = self.played.as_ref().map(|played| {
            format!(
                "{} of {} fuel, {} of {} KiB, {:.2} ms, {} host calls",
                played.fuel,
                played.fuel_limit,
                played.memory >> 10,
                played.memory_limit >> 10,
                self.median.as_secs_f64() * 1e3,
                played.host_calls
            )
        });
        terminal::data(&format!("{verdict}  {}", self.title()));
        if let Some(used) = used {
            terminal::data(&format!("      {used}"));
        }
        self.complaints.iter().for_each(|complaint| terminal::data(&format!("      {complaint}")));
        let lines = self.played.iter().flat_map(|played| &played.log);
        for line in lines {
            let text = |key: &str| line[key].as_str().unwrap_or_default();
            terminal::data(&format!("      log {}: {}", text("level"), text("message")));
        }
    }

    fn json(&self) -> Value {
        let mut json = json!({
            "file": self.file,
            "name": self.name,
            "hook": self.hook,
            "passed": self.complaints.is_empty(),
            "complaints": self.complaints,
        });
        if let Some(played) = &self.played {
            json["outcome"] = outcome_json(&played.outcome);
            json["fuel"] = json!(played.fuel);
            json["fuelLimit"] = json!(played.fuel_limit);
            json["memory"] = json!(played.memory);
            json["memoryLimit"] = json!(played.memory_limit);
            json["cpuMs"] = json!(self.median.as_secs_f64() * 1e3);
            json["hostCalls"] = json!(played.host_calls);
            json["queued"] = json!(played.queued);
            json["log"] = json!(played.log);
        }
        json
    }
}
