//! What happens when a hook keeps failing: its breaker opens, and a version that is new and has a healthy one before it
//! is taken back without being asked. Also what an admin sees of the breakers, and how they are reset.

use super::configure::Candidate;
use super::instance::Ready;
use super::limits::admin;
use super::registry::{Plugin, Version};
use super::{Line, Plugins, rows};
use crate::activity::{self, Event};
use crate::error::{Error, Result, code};
use crate::model::date;
use crate::tenant::Cx;
use crate::tenant::hooks::Stage;
use serde_json::{Value, json};
use std::sync::Arc;

/// How often it is tried to take a version back while others change which there are.
const STEPS_BACK: usize = 5;

/// Where to go from a version that fails.
enum Refuge {
    /// To this one, whose code is loaded, if the machine had room for that.
    At(Box<Version>, Option<Arc<Ready>>),
    /// Nowhere: that leaves it to the breaker.
    None,
    /// It is not the one that is called, or not young.
    Unasked,
}

impl Plugins {
    /// Notes how a call of a hook went, and does what has to be done when it was one failure too many.
    pub(super) fn note(&self, cx: &Cx, plugin: &Arc<Plugin>, stage: Stage, failed: bool) {
        if !plugin.version.state.breakers[stage as usize].note(self.world.now_ms(), failed) {
            return;
        }
        let version = plugin.version.number;
        let text = format!("version {version} failed too often at {}: it is not called for a while", stage.name());
        let at_ms = self.world.now_ms();
        let request_id = cx.facts.id.clone();
        plugin
            .logbook
            .add(&plugin.name, Line { at_ms, level: tracing::Level::WARN, stage: Some(stage), request_id, text });
        // A route may fail because of what callers send: that is not for them to end a version with.
        if stage == Stage::Route {
            return;
        }
        let (Some(plugins), cx, id) = (self.me.upgrade(), Cx::system(cx.tenant.clone()), plugin.id.clone()) else {
            return;
        };
        let step_back = async move {
            if let Err(error) = plugins.step_back(&cx, &id, version, stage).await {
                tracing::error!(plugin = &*id, version, ?error, "a failing version could not be taken back");
            }
        };
        drop(self.tasks.spawn_until_stop(step_back));
    }

    /// Ends the share of a failing canary, or goes back from a new version to an earlier one; anew as long as others change meanwhile
    /// which there are. A breaker opens once, so nobody would come back to it.
    async fn step_back(&self, cx: &Cx, id: &str, number: i64, stage: Stage) -> Result<()> {
        for _ in 0..STEPS_BACK {
            if self.try_step_back(cx, id, number, stage).await? {
                return Ok(());
            }
        }
        tracing::warn!(
            plugin = id,
            version = number,
            "a failing version is left to its breaker: its versions change all the time"
        );
        Ok(())
    }

    /// The same once; whether that is all there is to do.
    async fn try_step_back(&self, cx: &Cx, id: &str, number: i64, stage: Stage) -> Result<bool> {
        let refuge = self.refuge(cx, id, number).await?;
        let turn = self.turn().await;
        let Ok(plugin) = self.plugin(id) else { return Ok(true) };
        let now = date::format(cx.now_ms);
        let canary = plugin.canary.as_ref().map(|canary| &canary.plugin.version);
        let mut statements = vec![rows::set_healthy(id, number, false)];
        let mut earlier = None;
        let after = if canary.is_some_and(|version| version.number == number) {
            statements.push(rows::set_canary(id, None, &now));
            json!({"version": plugin.version.number, "reason": reason(stage)})
        } else if plugin.version.number == number && is_young(&plugin.version, cx.now_ms) {
            let (before, ready) = match refuge {
                Refuge::At(before, ready) => (*before, ready),
                Refuge::None => return Ok(true),
                // It was a canary a moment ago.
                Refuge::Unasked => return Ok(false),
            };
            // While its code was loaded, others may have changed which may be called.
            let is_same = |version: &Version| version.number == before.number && version.sha256 == before.sha256;
            if !self.earlier(&plugin).await?.iter().any(is_same) {
                return Ok(false);
            }
            statements.extend(rows::set_version(id, before.number, &now));
            let after = json!({"version": before.number, "reason": reason(stage)});
            earlier = Some((before, ready));
            after
        } else {
            return Ok(true);
        };
        tracing::warn!(plugin = &*plugin.name, version = number, to = %after["version"], "a failing version was taken back");
        let before = json!({"version": number});
        let event = Event { action: "rollback", kind: "plugin", subject: id, name: &plugin.name, before, after };
        statements.push(activity::entry(cx, event));
        self.change_in(turn, statements).await?;
        let Some((version, ready)) = earlier else { return Ok(true) };
        self.lend(id, version.number, ready).await;
        if let Err(error) = self.warn_of_misfits(cx, &plugin, &version).await {
            tracing::warn!(
                plugin = &*plugin.name,
                ?error,
                "nobody can tell what its configuration means to that version"
            );
        }
        Ok(true)
    }

    /// The version to go back to from one that fails, with its code: one that cannot be loaded would fail every call.
    async fn refuge(&self, cx: &Cx, id: &str, number: i64) -> Result<Refuge> {
        let Ok(plugin) = self.plugin(id) else { return Ok(Refuge::Unasked) };
        if plugin.version.number != number || !is_young(&plugin.version, cx.now_ms) {
            return Ok(Refuge::Unasked);
        }
        let mut unknown = None;
        for version in self.earlier(&plugin).await? {
            match self.load(&version.sha256).await {
                Ok(ready) => return Ok(Refuge::At(Box::new(version), Some(ready))),
                // A machine that is busy says nothing about it.
                Err(Error::Unavailable(_)) => unknown = unknown.or(Some(version)),
                Err(error) => {
                    let why = error.for_superusers();
                    self.warn(cx, &plugin, format!("version {} cannot be called instead: {why}", version.number));
                }
            }
        }
        // Where there is no other one it is loaded when it is called.
        Ok(unknown.map_or(Refuge::None, |version| Refuge::At(Box::new(version), None)))
    }

    /// A line for the plugin's log about what nobody has asked for.
    fn warn(&self, cx: &Cx, plugin: &Plugin, text: String) {
        let (at_ms, request_id) = (self.world.now_ms(), cx.facts.id.clone());
        plugin.logbook.add(&plugin.name, Line { at_ms, level: tracing::Level::WARN, stage: None, request_id, text });
    }

    /// Nobody is there to be asked, and a version that fails is worse than one that may: it is called already, also when nobody
    /// can tell what does not fit.
    async fn warn_of_misfits(&self, cx: &Cx, plugin: &Plugin, version: &Version) -> Result<()> {
        let misfits = self.misfits(cx, plugin, Candidate::of(version)).await?;
        if !misfits.is_empty() {
            let text = format!("what is configured does not fit version {}: {}", version.number, misfits.describe());
            self.warn(cx, plugin, text);
        }
        Ok(())
    }

    /// The versions to go back to from the one that is called now, the one that was called last first: earlier ones that were called,
    /// may be, and have neither failed nor been withdrawn by a person.
    pub(super) async fn earlier(&self, plugin: &Plugin) -> Result<Vec<Version>> {
        let mut versions = rows::versions(&self.store, &plugin.id).await?;
        versions.retain(|version| {
            let was_called = !version.activated.is_empty();
            let is_good = version.healthy && version.approved && !version.withdrawn;
            version.number < plugin.version.number && is_good && was_called
        });
        versions.sort_by(|a, b| (&b.activated, b.number).cmp(&(&a.activated, a.number)));
        Ok(versions)
    }

    /// The breakers of a plugin: `{version, hooks: [{hook, state, calls, failures, ..}], canary?: {version, hooks}}`.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn breaker(&self, _cx: &Cx, id: &str) -> Result<Value> {
        let plugin = self.plugin(id)?;
        let mut view = self.breakers_of(&plugin.version);
        if let Some(canary) = &plugin.canary {
            view["canary"] = self.breakers_of(&canary.plugin.version);
        }
        Ok(view)
    }

    fn breakers_of(&self, version: &Version) -> Value {
        let now = self.world.now_ms();
        let shown = |stage: Stage| {
            let mut view = version.state.breakers[stage as usize].view(now);
            view["hook"] = stage.name().into();
            view
        };
        let hooks: Vec<Value> = version.stages().map(shown).collect();
        json!({"version": version.number.to_string(), "hooks": hooks})
    }

    /// Closes the breaker of one hook, or of all.
    ///
    /// # Errors
    /// `NotFound`, or `Invalid` for a hook that the plugin does not export.
    pub async fn reset_breaker(&self, cx: &Cx, id: &str, hook: Option<&str>) -> Result<Value> {
        let plugin = self.plugin(id)?;
        self.check_key(cx, &plugin)?;
        let is_meant = |stage: Stage| hook.is_none_or(|name| stage.name() == name || stage.interface() == name);
        let stages: Vec<Stage> = Stage::ALL.into_iter().filter(|stage| is_meant(*stage)).collect();
        if !stages.iter().any(|stage| plugin.version.exports(*stage)) {
            let error = code::IN_INVALID.say("The plugin does not export this hook.");
            return Err(Error::field("Failed to reset the breaker.", "hook", error));
        }
        let before = self.breaker(cx, id)?;
        let called = [Some(&plugin), plugin.canary.as_ref().map(|canary| &canary.plugin)];
        for version in called.into_iter().flatten().map(|plugin| &plugin.version) {
            for stage in &stages {
                version.state.breakers[*stage as usize].reset(self.world.now_ms());
            }
        }
        let after = self.breaker(cx, id)?;
        let answer = after.clone();
        let (before, after) = activity::difference(&before, &after);
        let event = Event { action: "reset", kind: "plugin", subject: id, name: &plugin.name, before, after };
        self.change(vec![activity::entry(cx, event)]).await?;
        Ok(answer)
    }
}

fn reason(stage: Stage) -> String {
    format!("it failed too often at {}", stage.name())
}

fn is_young(version: &Version, now_ms: i64) -> bool {
    date::parse(&version.created).is_some_and(|created| now_ms - created < admin::PROBATION_MS)
}
