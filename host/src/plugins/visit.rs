//! Calls of a plugin outside of a write: by the clock, at a sign-in, on a route. One plugin, one call, and never on the
//! threads for the hooks of writes: such a call may write, and that write's hooks need a thread to run on.

use super::Plugins;
use super::call::{Call, Errand};
use super::contract::{CallerIn, ContextIn};
use super::engine::Engine;
use super::instance::{Failed, Ready};
use super::limits::{Class, Limits};
use super::registry::{Bound, Plugin};
use super::terms::Terms;
use crate::error::Result;
use crate::tenant::Cx;
use crate::tenant::hooks::Stage;
use std::sync::Arc;
use std::time::Instant;
use tokio::runtime::Handle;

/// Who is called, for what, under which budgets.
pub(super) struct Visit {
    pub plugin: Arc<Plugin>,
    pub stage: Stage,
    pub terms: Terms,
    pub cx: Cx,
    /// Since when it waits for a thread.
    pub asked: Instant,
}

/// What came of a call, and the fuel it took.
pub(super) type Visited<T> = (Result<T, Failed>, u64);

impl Visit {
    /// A call of what is attached to a collection.
    pub(super) fn of(bound: &Bound, stage: Stage, cx: &Cx) -> Self {
        let Bound { attachment, plugin } = bound;
        Self {
            plugin: plugin.picked(stage).clone(),
            stage,
            terms: attachment.terms.clone(),
            cx: cx.clone(),
            asked: Instant::now(),
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
            config: &self.terms.config,
        }
    }

    fn call(&self, engine: &Engine, input_bytes: usize, runtime: Handle) -> Call {
        let needs = self.plugin.version.limits;
        let limits = Limits::granted(Class::of(self.stage), self.terms.limits, needs, engine.quota_of(&self.cx.tenant));
        let errand = Errand {
            cx: self.cx.clone(),
            stage: self.stage,
            plugin: self.plugin.name.clone(),
            plugin_id: self.plugin.id.clone(),
            grants: self.plugin.grants.clone(),
            runtime,
        };
        Call::new(limits, limits.fuel_for(input_bytes), Some(errand), Some(self.plugin.logbook.clone()))
            .counted(self.plugin.version.state.tallies.clone(), false)
    }
}

impl Plugins {
    /// Makes the call that `work` is, with what it needs for it.
    ///
    /// # Errors
    /// `Plugin` when it fails or is not called for a while, `Unavailable` when too many calls wait, `OverQuota`.
    pub(super) async fn visit<T: Send + 'static>(
        &self,
        visit: Visit,
        input_bytes: usize,
        work: impl FnOnce(&Visit, &Engine, &Ready, Call) -> Visited<T> + Send + 'static,
    ) -> Result<T> {
        let (plugin, stage, request_id) = (visit.plugin.clone(), visit.stage, visit.cx.facts.id.clone());
        let (cx, known) = (visit.cx.clone(), plugin.version.state.clone());
        let ready = self.admitted(&cx, &plugin, stage).await?;
        let ready = ready.map_err(|why| self.failed(&plugin, stage, &request_id, None, why.words()))?;
        let (engine, runtime) = (self.engine.clone(), Handle::current());
        let asked = visit.asked;
        let job = move || {
            known.tallies.of(stage).note_wait(asked.elapsed());
            let call = visit.call(&engine, input_bytes, runtime);
            work(&visit, &engine, &ready, call)
        };
        let result = self.on_thread(Class::of(stage), job).await?;
        self.note(&cx, &plugin, stage, result.is_err());
        result.map_err(|Failed { axis, detail }| self.failed(&plugin, stage, &request_id, Some(axis), detail))
    }
}
