//! Which version of a plugin is called: list, approve, activate, go back, delete, and the canary, a version that gets a share
//! of the calls so that it can be compared before it gets them all.

use super::configure::Candidate;
use super::instance::Ready;
use super::registry::{Plugin, Version};
use super::{Plugins, rows};
use crate::activity::{self, Event};
use crate::error::{Error, Result, code};
use crate::model::date;
use crate::sql::Sql;
use crate::tenant::Cx;
use serde_json::{Value, json};
use std::sync::Arc;

const FAILED: &str = "Failed to change the version.";

const MISFIT: &str = "What is configured does not fit this version; with `force` it is called all the same.";

/// What a plugin may import without being granted anything.
const FREE: [&str; 2] = ["kv", "log"];

/// Whether an upload waits until a person has agreed: it comes from an API key, and is more than a computation, or would
/// have the rights that were granted to other code.
pub(super) fn waits(cx: &Cx, plugin: Option<&Plugin>, capabilities: &[String]) -> bool {
    let has_rights = plugin.is_some_and(Plugin::has_rights);
    cx.caller.key().is_some() && (has_rights || capabilities.iter().any(|name| !FREE.contains(&name.as_str())))
}

/// `{version, share}`, or null.
pub(super) fn canary_view(plugin: &Plugin) -> Value {
    let shown = |canary: &super::registry::Canary| json!({"version": canary.plugin.version.number.to_string(), "share": canary.share});
    plugin.canary.as_ref().map_or(Value::Null, shown)
}

impl Plugins {
    /// A page of a plugin's versions, newest first, in the shape of plugins.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn versions(&self, _cx: &Cx, id: &str) -> Result<Value> {
        let plugin = self.plugin(id)?;
        let versions = rows::versions(&self.store, id).await?;
        Ok(super::lifecycle::page(versions.iter().map(|version| self.plugin_view(&plugin, version)).collect()))
    }

    /// Chooses the version that is called from now on, which ends a canary; calls that run finish on the one they began
    /// with. Its code is loaded first, so that nobody waits for it, unless plugins are switched off: then nobody calls it. A
    /// person's choice is also their approval.
    ///
    /// # Errors
    /// `NotFound` when there is no such plugin or version, `MissingScope` when a key chooses what waits for a person, `Invalid`
    /// with what does not fit ([`Plugins::misfits`]) unless it is forced.
    pub async fn activate(&self, cx: &Cx, id: &str, number: i64, force: bool) -> Result<Value> {
        self.switch(cx, id, number, "activate", force).await
    }

    /// Agrees to a version that an API key has uploaded, and makes it the one that is called.
    ///
    /// # Errors
    /// As [`Plugins::activate`], and `MissingScope` for every key.
    pub async fn approve(&self, cx: &Cx, id: &str, number: i64, force: bool) -> Result<Value> {
        if cx.caller.key().is_some() {
            return Err(Error::MissingScope(None));
        }
        self.switch(cx, id, number, "approve", force).await
    }

    /// Goes back to the earlier version that was called last, of those that have not failed; the next time further back. While
    /// there is a canary, ends it.
    ///
    /// # Errors
    /// `NotFound`, or `Invalid` when there is none to go back to, or as [`Plugins::activate`].
    pub async fn roll_back(&self, cx: &Cx, id: &str, force: bool) -> Result<Value> {
        let plugin = self.plugin(id)?;
        if plugin.canary.is_some() {
            return self.set_canary(cx, id, None, force).await;
        }
        match self.earlier(&plugin).await?.first() {
            Some(before) => self.switch(cx, id, before.number, "rollback", force).await,
            None => Err(Error::invalid("There is no earlier version to go back to.")),
        }
    }

    async fn switch(&self, cx: &Cx, id: &str, number: i64, action: &'static str, force: bool) -> Result<Value> {
        // What was called before was chosen by somebody who could.
        let is_new = action != "rollback";
        let found = self.choose(cx, &*self.plugin(id)?, number, is_new).await?;
        let ready = self.load_chosen(id, &found).await?;
        let turn = self.turn().await;
        // While the code was loaded, others may have changed what this is judged by.
        let plugin = self.plugin(id)?;
        let chosen = self.choose(cx, &plugin, number, is_new).await?;
        check_same(&found, &chosen)?;
        if !force {
            self.misfits(cx, &plugin, Candidate::of(&chosen)).await?.into_result(MISFIT)?;
        }
        let (before, after) = (json!({"version": plugin.version.number}), json!({"version": number}));
        let event = Event { action, kind: "plugin", subject: id, name: &plugin.name, before, after };
        let mut statements = vec![activity::entry(cx, event)];
        if !chosen.approved {
            statements.push(rows::approve(id, number));
        }
        if is_new {
            statements.push(rows::set_healthy(id, number, true));
        }
        statements.push(rows::set_withdrawn(id, number, false));
        if number < plugin.version.number {
            statements.push(rows::set_withdrawn(id, plugin.version.number, true));
        }
        statements.extend(rows::set_version(id, number, &date::format(cx.now_ms)));
        self.change_in(turn, statements).await?;
        self.lend(id, number, ready).await;
        self.view(cx, id)
    }

    /// Gives code that is loaded already to a version that may now be called; an error would mean that a call was faster.
    pub(super) async fn lend(&self, id: &str, number: i64, ready: Option<Arc<Ready>>) {
        let Some(ready) = ready else { return };
        let state = self.table.load().plugin(id).and_then(|plugin| plugin.state_of(number)).cloned();
        if let Some(state) = state {
            state.lend(ready).await;
        }
    }

    /// The version that somebody would have called, if it is there and they may.
    async fn choose(&self, cx: &Cx, plugin: &Plugin, number: i64, is_new: bool) -> Result<Version> {
        self.check_key(cx, plugin)?;
        let chosen = self.version(plugin, number).await?;
        if !chosen.approved && cx.caller.key().is_some() {
            return Err(Error::MissingScope(None));
        }
        if is_new {
            self.check_reach_of_all(cx, plugin)?;
        }
        Ok(chosen)
    }

    /// Its code, unless it is deleted meanwhile; none while plugins are switched off, when nobody calls it.
    async fn load_chosen(&self, id: &str, chosen: &Version) -> Result<Option<Arc<Ready>>> {
        if self.engine.is_off() {
            return Ok(None);
        }
        match self.load(&chosen.sha256).await {
            Ok(ready) => Ok(Some(ready)),
            Err(error) => {
                self.version(&*self.plugin(id)?, chosen.number).await?;
                Err(error)
            }
        }
    }

    async fn version(&self, plugin: &Plugin, number: i64) -> Result<Version> {
        let versions = rows::versions(&self.store, &plugin.id).await?;
        let numbers: Vec<String> = versions.iter().rev().map(|version| version.number.to_string()).collect();
        let missing = || format!("The plugin has no version {number}; it has {}.", numbers.join(", "));
        versions.into_iter().find(|version| version.number == number).ok_or_else(|| Error::NotFound(missing().into()))
    }

    /// Gives a version a share of the calls, in percent, or ends that with `None`.
    ///
    /// # Errors
    /// `NotFound`, `Invalid` for a share or a version that cannot be, and as [`Plugins::activate`].
    pub async fn set_canary(&self, cx: &Cx, id: &str, canary: Option<(i64, u8)>, force: bool) -> Result<Value> {
        let mut loaded = None;
        if let Some(canary) = canary {
            let found = self.choose_canary(cx, &*self.plugin(id)?, canary).await?;
            loaded = Some((self.load_chosen(id, &found).await?, found));
        }
        let turn = self.turn().await;
        let plugin = self.plugin(id)?;
        self.check_key(cx, &plugin)?;
        let mut approved = true;
        if let Some((canary, (_, found))) = canary.zip(loaded.as_ref()) {
            let chosen = self.choose_canary(cx, &plugin, canary).await?;
            check_same(found, &chosen)?;
            if !force {
                let shared = Candidate { manifest: &chosen.manifest, exports: None };
                self.misfits(cx, &plugin, shared).await?.into_result(MISFIT)?;
            }
            approved = chosen.approved;
        }
        let after = json!({"canary": canary.map(|(number, share)| json!({"version": number, "share": share}))});
        let before = json!({"canary": canary_view(&plugin)});
        let event = Event { action: "canary", kind: "plugin", subject: id, name: &plugin.name, before, after };
        let mut statements = vec![rows::set_canary(id, canary, &date::format(cx.now_ms)), activity::entry(cx, event)];
        if let Some((number, _)) = canary {
            statements.push(rows::set_healthy(id, number, true));
            if !approved {
                statements.push(rows::approve(id, number));
            }
        }
        self.change_in(turn, statements).await?;
        if let Some((ready, chosen)) = loaded {
            self.lend(id, chosen.number, ready).await;
        }
        self.view(cx, id)
    }

    /// As [`Self::choose`], for a share of the calls.
    async fn choose_canary(&self, cx: &Cx, plugin: &Plugin, (number, share): (i64, u8)) -> Result<Version> {
        let chosen = self.choose(cx, plugin, number, true).await?;
        if number == plugin.version.number {
            let error = code::IN_INVALID.say("This version gets the other calls.");
            return Err(Error::field(FAILED, "version", error));
        }
        if !(1..=100).contains(&share) {
            return Err(Error::field(
                FAILED,
                "share",
                code::INVALID_VALUE.say("Must be a whole number from 1 to 100."),
            ));
        }
        Ok(chosen)
    }

    /// Removes a version that gets no calls.
    ///
    /// # Errors
    /// `NotFound`, or `Invalid` for one that is called.
    pub async fn delete_version(&self, cx: &Cx, id: &str, number: i64) -> Result<()> {
        let turn = self.turn().await;
        let plugin = self.plugin(id)?;
        self.check_key(cx, &plugin)?;
        let version = self.version(&plugin, number).await?;
        if plugin.state_of(number).is_some() {
            return Err(Error::invalid("This version is called: activate another one, or end its share, first."));
        }
        let told = activity::simple(cx, "delete-version", "plugin", id, &plugin.name, json!({"version": number}));
        let mut statements: Vec<Sql> = rows::delete_versions(id, &[number]);
        statements.push(told);
        self.change_in(turn, statements).await?;
        plugin.history.forget(number);
        self.sweep(vec![version.sha256]).await
    }
}

/// Whether a number still means the version whose code was loaded: that of the newest is given again when it is deleted.
fn check_same(loaded: &Version, chosen: &Version) -> Result<()> {
    if loaded.sha256 == chosen.sha256 { Ok(()) } else { Err(Error::not_found()) }
}
