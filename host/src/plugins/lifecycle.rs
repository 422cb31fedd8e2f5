//! What an admin does with plugins: upload, list, view, switch on and off, delete, read the log. Versions: [`super::versions`].

use super::call::Call;
use super::compile::{Failure, Standing};
use super::configure::{Candidate, unexported};
use super::engine::Engine;
use super::instance::{self, Ready};
use super::limits::{Limits, TRIAL, admin};
use super::registry::{Plugin, Version};
use super::scan::{Rejection, Scan, is_name, scan};
use super::tally::Usage;
use super::{Plugins, artifact, rows};
use crate::activity::{self, Event};
use crate::crypto;
use crate::error::{Error, FieldErrors, Result, code};
use crate::model::date;
use crate::tenant::Cx;
use crate::tenant::hooks::Stage;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::OwnedMutexGuard;

const UPLOAD_FAILED: &str = "The plugin was not accepted.";

/// A component that has passed every test.
struct Accepted {
    scan: Scan,
    sha256: String,
    size: i64,
    compile_ms: i64,
    ready: Arc<Ready>,
    /// What the trial found out.
    report: Value,
}

impl Accepted {
    fn candidate(&self) -> Candidate<'_> {
        Candidate { manifest: &self.scan.manifest, exports: Some(self.scan.stages()) }
    }
}

impl Plugins {
    /// Takes a component in: scans, compiles and tries it out, and keeps it as a new plugin, or as the next version of the
    /// one with its name. That version is called at once, unless it asks for more than the one before it, or does not fit
    /// what is configured and is not forced: the second answer is what does not fit then ([`Plugins::misfits`]).
    ///
    /// # Errors
    /// `Invalid` with `file` (a code of its own for each kind of fault) or `name`.
    pub async fn upload(
        &self,
        cx: &Cx,
        bytes: Vec<u8>,
        name: Option<String>,
        force: bool,
    ) -> Result<(Value, FieldErrors)> {
        self.check_on()?;
        let _turn = self.uploading.lock().await;
        let wanted = name.filter(|name| !name.is_empty()).map(check_name).transpose()?;
        let accepted = self.accept(cx, bytes).await?;
        let name = wanted
            .or_else(|| accepted.scan.name.clone())
            .unwrap_or_else(|| format!("plugin-{}", &accepted.sha256[..8]));
        let known = self.table.load().plugin_named(&name).cloned();
        let now = date::format(cx.now_ms);
        let ready = self.shelf.put(&accepted.sha256, accepted.ready.clone());
        let mut misfits = FieldErrors::default();
        let (id, version) = match known {
            Some(plugin) if plugin.version.sha256 == accepted.sha256 => {
                self.mend(&plugin, ready).await;
                return self.view(cx, &plugin.id).map(|view| (view, misfits));
            }
            Some(plugin) => {
                let turn = self.turn().await;
                // Another version may be called since.
                let plugin = self.plugin(&plugin.id)?;
                if !force {
                    misfits = self.misfits(cx, &plugin, accepted.candidate()).await?;
                }
                self.add_version(cx, turn, &plugin, accepted, &now, misfits.is_empty()).await?
            }
            None => {
                let id = cx.tenant.world.id();
                let waits = super::versions::waits(cx, None, &accepted.scan.capabilities);
                let version = Version { approved: !waits, activated: now.clone(), ..accepted.into_version(1, &now) };
                let told = activity::simple(cx, "upload", "plugin", &id, &name, told(&version));
                self.change(vec![rows::insert_plugin(&id, &name, &now), rows::insert_version(&id, &version), told])
                    .await?;
                (id, version)
            }
        };
        tracing::info!(plugin = name, version = version.number, sha256 = version.sha256, "a plugin was uploaded");
        let table = self.table.load();
        let plugin = table.plugin(&id).ok_or_else(Error::not_found)?;
        if plugin.version.number == version.number {
            plugin.version.state.lend(ready).await;
        }
        Ok((self.plugin_view(plugin, &version), misfits))
    }

    /// What has been uploaded again is there again, if it had been lost: its hooks need not wait for their breakers.
    async fn mend(&self, plugin: &Plugin, ready: Arc<Ready>) {
        let state = &plugin.version.state;
        if state.fault().is_some() {
            let now = self.world.now_ms();
            state.breakers.iter().for_each(|breaker| breaker.reset(now));
        }
        state.lend(ready).await;
    }

    async fn accept(&self, cx: &Cx, bytes: Vec<u8>) -> Result<Accepted> {
        let (scanned, bytes) = self.in_background(move || (scan(&bytes), bytes)).await?;
        let scan = scanned.map_err(Rejection::into_error)?;
        let (sha256, bytes) = self.in_background(move || (crypto::sha256_hex(&bytes), bytes)).await?;
        let is_new = !rows::unused(&self.store, vec![sha256.clone()]).await?.is_empty();
        let standing = if is_new { Standing::New } else { Standing::Accepted };
        let compiled = self.engine.compiler().compile(&bytes, standing).await.map_err(Failure::into_error)?;
        let (engine, artifacts) = (self.engine.clone(), self.artifacts.clone());
        let limits = TRIAL.within(engine.quota_of(&cx.tenant));
        self.in_background(move || {
            let (ready, start) = try_out(&engine, &compiled.artifact, limits).map_err(Rejection::into_error)?;
            let report = json!({"artifactBytes": compiled.artifact.len(), "start": start.view()});
            artifacts.keep_component(&sha256, &bytes)?;
            artifacts.keep_artifact(&engine, &sha256, &compiled.artifact)?;
            let ready = Arc::new(ready);
            let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
            let compile_ms = i64::try_from(compiled.took.as_millis()).unwrap_or(i64::MAX);
            Ok(Accepted { scan, sha256, size, compile_ms, ready, report })
        })
        .await?
    }

    async fn add_version(
        &self,
        cx: &Cx,
        turn: OwnedMutexGuard<()>,
        plugin: &Plugin,
        accepted: Accepted,
        now: &str,
        fits: bool,
    ) -> Result<(String, Version)> {
        self.check_key(cx, plugin)?;
        let old = rows::versions(&self.store, &plugin.id).await?;
        let number = old.first().map_or(0, |version| version.number) + 1;
        let wider = accepted.scan.capabilities.iter().any(|wish| !plugin.version.capabilities.contains(wish));
        let waits = super::versions::waits(cx, Some(plugin), &accepted.scan.capabilities)
            || self.check_reach_of_all(cx, plugin).is_err();
        let called = fits && !wider && !waits;
        let activated = if called { now.to_owned() } else { String::new() };
        let version = Version { approved: !waits, activated, ..accepted.into_version(number, now) };
        let told = activity::simple(cx, "upload", "plugin", &plugin.id, &plugin.name, told(&version));
        let mut statements = vec![rows::insert_version(&plugin.id, &version), told];
        if called {
            statements.extend(rows::set_version(&plugin.id, number, now));
        }
        let active = if called { number } else { plugin.version.number };
        let spare: Vec<&Version> = old
            .iter()
            .skip(admin::VERSIONS - 1)
            .filter(|version| version.number != active && plugin.state_of(version.number).is_none())
            .collect();
        statements
            .extend(rows::delete_versions(&plugin.id, &spare.iter().map(|version| version.number).collect::<Vec<_>>()));
        self.change_in(turn, statements).await?;
        for version in &spare {
            plugin.history.forget(version.number);
        }
        self.sweep(spare.into_iter().map(|version| version.sha256.clone()).collect()).await?;
        Ok((plugin.id.to_string(), version))
    }

    /// Removes the files of components that no version refers to any more.
    pub(super) async fn sweep(&self, hashes: Vec<String>) -> Result<()> {
        let unused = rows::unused(&self.store, hashes).await?;
        let artifacts = self.artifacts.clone();
        self.in_background(move || unused.iter().for_each(|sha256| artifacts.remove(sha256))).await
    }

    /// A page of all plugins, newest first.
    ///
    /// # Errors
    /// None at present.
    pub fn list(&self, _cx: &Cx) -> Result<Value> {
        let table = self.table.load();
        Ok(page(table.plugins().into_iter().map(|plugin| self.plugin_view(plugin, &plugin.version)).collect()))
    }

    /// One plugin, with the version that is called.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn view(&self, _cx: &Cx, id: &str) -> Result<Value> {
        let plugin = self.plugin(id)?;
        Ok(self.plugin_view(&plugin, &plugin.version))
    }

    /// Switches a plugin on or off everywhere.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn set_enabled(&self, cx: &Cx, id: &str, enabled: bool) -> Result<Value> {
        let turn = self.turn().await;
        let plugin = self.plugin(id)?;
        self.check_key(cx, &plugin)?;
        let (before, after) = (json!({"enabled": plugin.enabled}), json!({"enabled": enabled}));
        let event = Event { action: "update", kind: "plugin", subject: id, name: &plugin.name, before, after };
        let told = activity::entry(cx, event);
        self.change_in(turn, vec![rows::set_enabled(id, enabled, &date::format(cx.now_ms)), told]).await?;
        self.view(cx, id)
    }

    /// Removes a plugin with all that belongs to it.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete(&self, cx: &Cx, id: &str) -> Result<()> {
        let turn = self.turn().await;
        let plugin = self.plugin(id)?;
        self.check_key(cx, &plugin)?;
        let hashes = rows::versions(&self.store, id).await?.into_iter().map(|version| version.sha256).collect();
        let mut statements = rows::delete_plugin(id);
        statements.push(activity::simple(cx, "delete", "plugin", id, &plugin.name, Value::Null));
        self.change_in(turn, statements).await?;
        tracing::info!(plugin = &*plugin.name, "a plugin was deleted");
        self.sweep(hashes).await
    }

    /// A page of a plugin's attachments, in the order of their calls.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn attachments(&self, cx: &Cx, id: &str) -> Result<Value> {
        self.plugin(id)?;
        Ok(page(self.attachment_page(cx, id)))
    }

    pub(super) fn plugin(&self, id: &str) -> Result<Arc<Plugin>> {
        self.table.load().plugin(id).cloned().ok_or_else(Error::not_found)
    }

    /// `waiting` until a person has agreed to it; `uploaded` until it is attached to something (or, for a version, until it is
    /// one that is called), `open` while it is stopped after failures, `broken` when its code cannot be loaded: `problem` says why.
    pub(super) fn plugin_view(&self, plugin: &Plugin, version: &Version) -> Value {
        let called = plugin.state_of(version.number);
        let stopped = called.is_some_and(|state| state.breakers.iter().any(super::breaker::Breaker::is_open));
        let fault = called.and_then(|state| state.fault());
        let state = match () {
            () if !version.approved => "waiting",
            () if !plugin.enabled => "disabled",
            () if self.engine.is_off() => "off",
            () if fault.is_some() => "broken",
            () if stopped => "open",
            () if called.is_none() || self.table.load().is_idle(&plugin.id) => "uploaded",
            () => "active",
        };
        let mut view = json!({
            "id": &*plugin.id,
            "name": &*plugin.name,
            "version": version.number.to_string(),
            "sha256": version.sha256,
            "size": version.size,
            "exports": version.exports,
            "imports": version.imports,
            "capabilities": version.capabilities,
            "manifest": version.manifest.json(),
            "compileMs": version.compile_ms,
            "state": state,
            "created": version.created,
            "activated": version.activated,
            "approved": version.approved,
            "healthy": version.healthy,
            "withdrawn": version.withdrawn,
            "canary": super::versions::canary_view(plugin),
            "loaded": called.is_some_and(|state| state.ready.initialized()),
            "report": serde_json::from_str::<Value>(&version.report).unwrap_or_else(|_| json!({})),
        });
        if let Some(fault) = fault {
            view["problem"] = json!({"code": fault.code, "message": fault.message});
        }
        view
    }
}

impl Accepted {
    fn into_version(self, number: i64, created: &str) -> Version {
        Version {
            number,
            sha256: self.sha256,
            size: self.size,
            exports: self.scan.exports.into_iter().map(str::to_owned).collect(),
            imports: self.scan.imports,
            capabilities: self.scan.capabilities,
            limits: rows::needs(&self.scan.manifest),
            manifest: self.scan.manifest,
            compile_ms: self.compile_ms,
            created: created.to_owned(),
            approved: true,
            healthy: true,
            withdrawn: false,
            activated: String::new(),
            report: self.report.to_string(),
            state: Arc::default(),
        }
    }
}

/// Loads, binds and instantiates a component once, with no right to anything; also tells what that took.
fn try_out(engine: &Engine, code: &[u8], limits: Limits) -> Result<(Ready, Usage), Rejection> {
    let invalid = |detail: String| Rejection::new(code::PLUGIN_INVALID, detail);
    let component =
        artifact::deserialize(engine, code).map_err(|error| invalid(format!("It cannot be loaded: {error:#}.")))?;
    instance::fits(&component)
        .map_err(|why| Rejection::new(code::PLUGIN_TOO_COMPLEX, format!("It is too large: {why}.")))?;
    let ready = engine.ready(&component).map_err(|error| invalid(format!("It does not fit this host: {error:#}.")))?;
    let finished = ready.try_out(engine, Call::new(limits, limits.fuel, None, None));
    match finished.result {
        Ok(()) => Ok((ready, finished.usage)),
        Err(failed) => {
            Err(invalid(format!("It fails before any hook is called ({}): {}.", failed.axis.name(), failed.detail)))
        }
    }
}

/// What the audit trail keeps of a version.
fn told(version: &Version) -> Value {
    json!({"version": version.number, "sha256": version.sha256, "capabilities": version.capabilities})
}

fn check_name(name: String) -> Result<String> {
    if is_name(&name) { Ok(name) } else { Err(Error::field(UPLOAD_FAILED, "name", code::INVALID_FORMAT)) }
}

/// A whole list as one page.
pub(super) fn page(items: Vec<Value>) -> Value {
    let total = items.len();
    let mut page = json!({"page": 1, "perPage": total.max(1), "totalItems": total, "totalPages": 1});
    page["items"] = Value::Array(items);
    page
}

/// Whether a stage can be attached: an error of the field `hooks` otherwise.
pub(super) fn check_stages(plugin: &Plugin, stages: &[Stage], errors: &mut FieldErrors) {
    let missing: Vec<_> =
        stages.iter().filter(|stage| !plugin.version.exports(**stage)).map(|stage| stage.name()).collect();
    if !missing.is_empty() {
        errors.add("hooks", unexported(&missing));
    }
}
