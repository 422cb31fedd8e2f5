//! Plugins: WebAssembly components that take part in writes. Implements [`Hooks`], so that `records` needs not know.
//!
//! From an upload to a call:
//!
//! 1. [`scan`]      what the file is, exports and asks for; nothing is run.
//! 2. [`compile`]   in a process of its own that can be killed.
//! 3. [`artifact`]  the machine code, signed; only what this host has signed is ever loaded.
//! 4. [`instance`]  tried out once without any right, then called: a fresh instance for each call.
//! 5. [`attach`], [`grant`], [`terms`]  an admin says where it runs and what it may do; rows in [`rows`], in memory in [`registry`].
//! 6. [`timetable`]  or when it is called by the clock; [`welcome`] at sign-ins; [`mount`] for requests
//!    that it answers ([`web`]). All three by [`visit`].
//! 7. [`versions`]  which of its versions is called, or tried on a share of the calls; [`recovery`] goes back by itself.
//! 8. [`chain`]     on every write: the attached plugins in their order, within [`limits`]; on a plugin thread unless short ([`pace`]);
//!    what they use is counted in [`tally`], and held against the tenant's [`allowance`].
//!
//! Code is loaded before it is called, as far as there is room ([`ahead`]). Beside that, for authors: [`wrap`] makes components, [`rehearsal`] makes single calls.
//!
//! What a guest can reach is in [`interface`], one file for each interface of `wit/`. The engine, its threads and its
//! clock are one for all tenants ([`engine`]); everything else here belongs to one tenant.

mod ahead;
pub mod allowance;
pub mod artifact;
mod attach;
pub mod basics;
pub mod breaker;
pub mod call;
mod chain;
pub mod compile;
mod configure;
pub mod contract;
mod deliver;
pub mod engine;
pub mod fields;
pub mod figures;
mod grant;
pub mod instance;
mod interface;
mod lifecycle;
pub mod limiter;
pub mod limits;
pub mod logbook;
pub mod manifest;
pub mod mount;
pub mod pace;
mod parting;
mod recovery;
pub mod registry;
pub mod rehearsal;
pub mod rights;
mod rows;
pub mod scan;
mod secret;
pub mod tally;
pub mod terms;
pub mod timetable;
mod trial;
mod turns;
mod usage;
mod versions;
mod visit;
pub mod web;
mod welcome;
pub mod wrap;

use crate::clock::World;
use crate::db::{Failure, Store, Unit};
use crate::error::{Axis, Error, FieldErrors, PluginFailure, Result};
use crate::model::{Action, Collection, Record};
use crate::sql::Sql;
use crate::tasks::{self, Tasks};
use crate::tenant::hooks::{Before, Consequences, Delivery, Farewell, Hooks, Stage};
use crate::tenant::{Cx, Tenant};
use ahead::Shelf;
use allowance::Allowance;
use arc_swap::ArcSwap;
use artifact::Artifacts;
use futures_util::future::BoxFuture;
use instance::Ready;
use interface::log::one_line;
use limits::Class;
use logbook::Line;
use registry::{Plugin, Table};
use serde_json::{Map, Value as Json};
use std::sync::{Arc, OnceLock, Weak};
use timetable::Clockwork;
use tokio::sync::{Notify, OwnedMutexGuard};

pub use engine::{Engine, EngineConfig};

/// The plugins of one tenant.
#[derive(Debug)]
pub struct Plugins {
    engine: Arc<Engine>,
    store: Arc<Store>,
    artifacts: Artifacts,
    world: World,
    /// The tenant's line in front of the plugin threads.
    lane: Arc<str>,
    /// The fuel that the tenant's calls may burn.
    allowance: Arc<Allowance>,
    tasks: Tasks,
    table: Arc<ArcSwap<Table>>,
    /// Keeps the tenant's jobs in step with the table.
    clockwork: Arc<OnceLock<Clockwork>>,
    /// One change of the rows at a time, with the swap of the table that follows it.
    changing: Arc<tokio::sync::Mutex<()>>,
    /// One upload at a time: compiling takes a core.
    uploading: tokio::sync::Mutex<()>,
    /// Of requests that plugins answer.
    turns: Arc<turns::Turns>,
    shelf: Shelf,
    /// Told when the table was swapped.
    changed: Arc<Notify>,
    /// For tasks that outlive a call.
    me: Weak<Self>,
}

impl Plugins {
    /// Reads the tenant's rows, and loads the code of what is attached in the background; a call that comes first waits.
    ///
    /// # Errors
    /// When the database cannot be read or the directory cannot be made.
    pub async fn open(engine: Arc<Engine>, tenant: &Arc<Tenant>) -> Result<Arc<Self>> {
        let artifacts = Artifacts::open(&tenant.dir)?;
        let turns = turns::Turns::new(engine.route_threads());
        let allowance = Allowance::new(engine.fuel_per_second(), tenant.world.now_ms());
        let plugins = Arc::new_cyclic(|me| Self {
            engine,
            store: tenant.store.clone(),
            artifacts,
            world: tenant.world.clone(),
            lane: tenant.name.as_str().into(),
            allowance: Arc::new(allowance),
            tasks: tenant.tasks.clone(),
            table: Arc::default(),
            clockwork: Arc::default(),
            changing: Arc::default(),
            uploading: tokio::sync::Mutex::default(),
            turns: Arc::new(turns),
            shelf: Shelf::default(),
            changed: Arc::default(),
            me: me.clone(),
        });
        plugins.reload().await?;
        plugins.reseal_secrets(&tenant.regime).await?;
        plugins.keep_ahead();
        Ok(plugins)
    }

    /// # Errors
    /// `Unavailable` while the operator has switched plugins off.
    fn check_on(&self) -> Result<()> {
        if self.engine.is_off() {
            return Err(Error::Unavailable("Plugins are switched off on this server (--no-plugins).".into()));
        }
        Ok(())
    }

    /// The code of a plugin's version, loaded or compiled if it is not yet.
    async fn ready(&self, plugin: &Plugin) -> Result<Arc<Ready>> {
        self.check_on()?;
        let (state, sha256) = (&plugin.version.state, &plugin.version.sha256);
        if let Some(ready) = state.ready.get() {
            return Ok(ready.clone());
        }
        match state.ready.get_or_try_init(|| self.load(sha256)).await.cloned() {
            Ok(ready) => {
                state.lend(ready.clone()).await;
                Ok(ready)
            }
            Err(error) => {
                state.blame(&error);
                Err(error)
            }
        }
    }

    async fn load(&self, sha256: &str) -> Result<Arc<Ready>> {
        self.check_on()?;
        if let Some(ready) = self.shelf.get(sha256) {
            return Ok(ready);
        }
        if let Some(ready) = self.load_made(sha256).await? {
            return Ok(ready);
        }
        let (engine, artifact) = (self.engine.clone(), self.compile(sha256).await?);
        let bind = move || {
            let component = artifact::deserialize(&engine, &artifact)
                .map_err(|error| Error::internal("load a plugin", format_args!("{error:#}")))?;
            engine.bind(&component)
        };
        Ok(self.shelf.put(sha256, self.in_background(bind).await??))
    }

    /// Loads the machine code that was made before; `None` when there is none that can be trusted.
    async fn load_made(&self, sha256: &str) -> Result<Option<Arc<Ready>>> {
        let (engine, artifacts, name) = (self.engine.clone(), self.artifacts.clone(), sha256.to_owned());
        let load = move || artifacts.load(&engine, &name).map(|component| engine.bind(&component));
        let loaded = self.in_background(load).await?.transpose()?;
        Ok(loaded.map(|ready| self.shelf.put(sha256, ready)))
    }

    /// Makes the machine code of a component anew, and keeps it.
    async fn compile(&self, sha256: &str) -> Result<Vec<u8>> {
        let (artifacts, name) = (self.artifacts.clone(), sha256.to_owned());
        let component = self.in_background(move || artifacts.component(&name)).await??;
        let compiled = self.engine.compiler().compile(&component, compile::Standing::Accepted).await;
        let compiled = compiled.map_err(compile::Failure::into_error)?;
        let (engine, artifacts, name) = (self.engine.clone(), self.artifacts.clone(), sha256.to_owned());
        self.in_background(move || {
            artifacts.keep_artifact(&engine, &name, &compiled.artifact)?;
            Ok(compiled.artifact)
        })
        .await?
    }

    /// Makes calls on a plugin thread, in the tenant's line; `job` answers what they have burnt, which the tenant pays also when
    /// nobody waits for the answer any more.
    async fn on_thread<T: Send + 'static>(
        &self,
        class: Class,
        job: impl FnOnce() -> (T, u64) + Send + 'static,
    ) -> Result<T> {
        let allowance = self.allowance.clone();
        let paid = move || {
            let (done, fuel) = job();
            allowance.spend(fuel);
            (done, fuel)
        };
        self.engine.run(class, &self.lane, paid).await
    }

    /// Work on files and code, away from tokio's threads, and from the plugins': a call there may wait for it.
    async fn in_background<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        tasks::blocking(work).await
    }

    /// Makes changes of the rows and then of the table; both or neither, also when the client goes away meanwhile: a
    /// grant that is taken back must not be in force any more.
    async fn change(&self, statements: Vec<Sql>) -> Result<()> {
        self.change_in(self.turn().await, statements).await
    }

    /// Waits until nobody else changes the rows. What a change is judged by is read after that.
    async fn turn(&self) -> OwnedMutexGuard<()> {
        self.changing.clone().lock_owned().await
    }

    /// As [`Self::change`], in a turn that was taken before.
    async fn change_in(&self, turn: OwnedMutexGuard<()>, statements: Vec<Sql>) -> Result<()> {
        let (store, fresh) = (self.store.clone(), self.fresh_table());
        let change = async move {
            let _turn = turn;
            let mut unit = Unit::new();
            for statement in statements {
                unit.run(statement);
            }
            store.write(unit).await.map_err(Failure::into_error)?;
            fresh.await
        };
        self.tasks.to_its_end(change).await
    }

    /// Puts a table into force that is read once this is awaited, in the turn of whoever has changed the rows.
    fn fresh_table(&self) -> impl Future<Output = Result<()>> + Send + use<> {
        let (store, table, tasks) = (self.store.clone(), self.table.clone(), self.tasks.clone());
        let (clockwork, changed) = (self.clockwork.clone(), self.changed.clone());
        async move {
            let known = table.load_full();
            let fresh = tasks.insist("read the changed plugins", || rows::load(&store, &known)).await?;
            let fresh = Arc::new(fresh);
            table.store(fresh.clone());
            if let Some(clockwork) = clockwork.get() {
                clockwork.wind(&fresh);
            }
            changed.notify_one();
            Ok(())
        }
    }

    async fn reload(&self) -> Result<()> {
        let table = rows::load(&self.store, &self.table.load()).await?;
        self.table.store(Arc::new(table));
        Ok(())
    }

    /// Writes into a plugin's log what the host has to say of a call.
    fn tell(&self, plugin: &Plugin, level: tracing::Level, stage: Stage, request_id: &str, text: String) {
        let (at_ms, request_id) = (self.world.now_ms(), request_id.to_owned());
        plugin.logbook.add(&plugin.name, Line { at_ms, level, stage: Some(stage), request_id, text });
    }

    /// Notes what a hook could not do, in its own words: whoever has written it looks there first.
    fn note_words(&self, plugin: &Plugin, stage: Stage, request_id: &str, words: &str) {
        let text = format!("{} answered: {}", stage.name(), one_line(words));
        self.tell(plugin, tracing::Level::WARN, stage, request_id, text);
    }

    /// Notes a failure where the admin looks for it, and makes the error that the caller gets.
    fn failed(&self, plugin: &Plugin, stage: Stage, request_id: &str, axis: Option<Axis>, detail: String) -> Error {
        let what = axis.map_or("unavailable", Axis::name);
        let text = format!("{} failed ({what}): {detail}", stage.name());
        self.tell(plugin, tracing::Level::ERROR, stage, request_id, text);
        let is_broken = axis.is_none() && plugin.version.state.fault().is_some();
        Error::Plugin(PluginFailure { plugin: plugin.name.to_string(), axis, is_broken, detail })
    }
}

impl Hooks for Plugins {
    fn listens(&self, collection_id: &str, stage: Stage) -> bool {
        !self.engine.is_off() && !self.table.load().hooks(collection_id, stage).is_empty()
    }

    fn before<'a>(&'a self, cx: &'a Cx, event: Before<'a>) -> BoxFuture<'a, Result<Consequences>> {
        Box::pin(self.run_before(cx, event))
    }

    fn validate<'a>(&'a self, cx: &'a Cx, draft: &'a Record) -> BoxFuture<'a, Result<FieldErrors>> {
        Box::pin(self.run_validators(cx, draft))
    }

    fn after(&self, collection_id: &str, action: Action) -> Vec<String> {
        let table = self.table.load();
        table.hooks(collection_id, Stage::after(action)).iter().map(|bound| bound.attachment.id.clone()).collect()
    }

    fn unheard(&self, plugin: &str, request_id: &str, count: usize, why: &str) {
        let (at_ms, request_id) = (self.world.now_ms(), request_id.to_owned());
        if let Some(plugin) = self.table.load().plugin_named(plugin) {
            let text = format!("{count} of the messages that it sent with this write were not passed on: {why}");
            plugin
                .logbook
                .add(&plugin.name, Line { at_ms, level: tracing::Level::WARN, stage: None, request_id, text });
        }
    }

    fn withheld(&self, now_ms: i64) -> Vec<(String, Action)> {
        self.withheld_now(now_ms)
    }

    fn part<'a>(&'a self, cx: &'a Cx, gone: &'a [Arc<Collection>]) -> BoxFuture<'a, Farewell> {
        Box::pin(self.part_with(cx, gone))
    }

    fn deliver<'a>(&'a self, cx: &'a Cx, delivery: &'a Delivery) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.run_after(cx, delivery))
    }

    fn before_sign_in<'a>(
        &'a self,
        cx: &'a Cx,
        record: &'a Arc<Record>,
        method: &'static str,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.run_before_sign_in(cx, record, method))
    }

    fn token_claims<'a>(
        &'a self,
        cx: &'a Cx,
        record: &'a Arc<Record>,
        method: &'static str,
    ) -> BoxFuture<'a, Result<Map<String, Json>>> {
        Box::pin(self.run_token_claims(cx, record, method))
    }
}
