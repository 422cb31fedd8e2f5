//! Calls of a plugin outside of a write: by the clock, at a sign-in, on a route. One plugin, one call, and never on the
//! threads for the hooks of writes: such a call may write, and that write's hooks need a thread to run on.

use super::Plugins;
use super::call::{Call, Errand};
use super::contract::{CallerIn, ContextIn};
use super::engine::Engine;
use super::instance::{Failed, Ready};
use super::limits::{Class, Limits, Wish};
use super::registry::{Bound, Plugin};
use crate::error::{Error, Result};
use crate::tenant::Cx;
use crate::tenant::hooks::Stage;
use std::sync::Arc;
use tokio::runtime::Handle;

/// Who is called, for what, under which budgets.
pub(super) struct Visit {
    pub plugin: Arc<Plugin>,
    pub stage: Stage,
    /// JSON text of an object.
    pub config: String,
    pub limits: Wish,
    pub cx: Cx,
}

/// What came of a call, and the fuel it took.
pub(super) type Visited<T> = (Result<T, Failed>, u64);

impl Visit {
    /// A call of what is attached to a collection.
    pub(super) fn of(bound: &Bound, stage: Stage, cx: &Cx) -> Self {
        let Bound { attachment, plugin } = bound;
        Self {
            plugin: plugin.clone(),
            stage,
            config: attachment.config.clone(),
            limits: attachment.limits,
            cx: cx.clone(),
        }
    }

    pub(super) fn context<'a>(&'a self, collection: &'a str) -> ContextIn<'a> {
        let caller = &self.cx.caller;
        ContextIn {
            tenant: &self.cx.tenant.name,
            collection,
            request_id: &self.cx.facts.id,
            caller: CallerIn {
                kind: caller.kind(),
                id: caller.id(),
                collection: caller.record().map_or("", |record| &record.collection.name),
            },
            now_ms: self.cx.now_ms,
            depth: self.cx.depth,
            config: &self.config,
        }
    }

    fn call(&self, input_bytes: usize, runtime: Handle) -> Call {
        let limits = Limits::effective(Class::of(self.stage), self.limits);
        let errand = Errand {
            cx: self.cx.clone(),
            stage: self.stage,
            plugin: self.plugin.name.clone(),
            plugin_id: self.plugin.id.clone(),
            grants: self.plugin.grants.clone(),
            runtime,
        };
        Call::new(limits, limits.fuel_for(input_bytes), Some(errand), Some(self.plugin.logbook.clone()))
    }
}

impl Plugins {
    /// Makes the call that `work` is, with what it needs for it.
    ///
    /// # Errors
    /// `Plugin` when it fails or is not called for a while, `Unavailable` when too many calls wait.
    pub(super) async fn visit<T: Send + 'static>(
        &self,
        visit: Visit,
        input_bytes: usize,
        work: impl FnOnce(&Visit, &Engine, &Ready, Call) -> Visited<T> + Send + 'static,
    ) -> Result<T> {
        let (plugin, stage, request_id) = (visit.plugin.clone(), visit.stage, visit.cx.facts.id.clone());
        let breaker = &plugin.version.state.breakers[stage as usize];
        let now = self.world.now_ms();
        if !breaker.admit(now) {
            let why = "it failed too often and is not called for a while".to_owned();
            return Err(self.failed(&plugin, stage, &request_id, None, why));
        }
        let ready = match self.ready(&plugin).await {
            Ok(ready) => ready,
            Err(busy @ Error::Unavailable(_)) => return Err(busy),
            Err(error) => {
                breaker.note(now, true);
                let why = format!("it cannot be loaded: {error:?}");
                return Err(self.failed(&plugin, stage, &request_id, None, why));
            }
        };
        let (engine, runtime) = (self.engine.clone(), Handle::current());
        let job = move || {
            let call = visit.call(input_bytes, runtime);
            work(&visit, &engine, &ready, call)
        };
        let result = self.engine.run(Class::of(stage), &self.lane, job).await?;
        breaker.note(self.world.now_ms(), result.is_err());
        result.map_err(|Failed { axis, detail }| self.failed(&plugin, stage, &request_id, Some(axis), detail))
    }
}
