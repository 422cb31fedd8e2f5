//! After-hooks: one event of the outbox for one attachment.

use super::Plugins;
use super::call::{Call, Errand};
use super::chain::{Unready, cut};
use super::contract::{CallerIn, ContextIn, Receipt};
use super::engine::Engine;
use super::fields::{self, Projection};
use super::instance::{Finished, Ready};
use super::limits::{Class, Limits, answer};
use super::registry::{Attachment, Bound, Plugin, Table};
use crate::auth::keys;
use crate::error::{Error, Result};
use crate::model::{Action, Caller, Record};
use crate::records;
use crate::tenant::Cx;
use crate::tenant::hooks::{Delivery, Stage};
use std::sync::Arc;
use std::time::Instant;
use tokio::runtime::Handle;

/// What an after-hook's words begin with when trying again is in vain.
const PERMANENT: &str = "permanent:";

/// The status of such an error; no client sees it.
const GIVEN_UP: u16 = 422;

impl Plugins {
    pub(super) async fn run_after(&self, cx: &Cx, delivery: &Delivery) -> Result<()> {
        let stage = Stage::after(delivery.action);
        let table = self.table.load_full();
        let Some(bound) = table.bound(&delivery.attachment_id, stage) else {
            return Err(unheard(&table, &delivery.attachment_id, stage));
        };
        let Bound { attachment, plugin } = &bound.picked(stage);
        let (kind, name, _) = &delivery.caller;
        let by_name = kind == "plugin" && **name == *plugin.name;
        if by_name || delivery.through.as_deref() == Some(&*plugin.name) {
            return Ok(());
        }
        let state = &plugin.version.state;
        let ready = self.admitted(cx, plugin, stage).await?;
        let ready = ready.map_err(|why| match why {
            Unready::Open => Error::Unavailable("The breaker is open.".into()),
            why @ Unready::Broken(_) => self.failed(plugin, stage, &delivery.request_id, None, why.words()),
        })?;
        let event = Event {
            engine: self.engine.clone(),
            ready,
            stage,
            attachment: attachment.clone(),
            plugin: plugin.clone(),
            cx: Cx { depth: delivery.depth, caller: caller(cx, delivery).await?, ..cx.clone() },
            delivery: delivery.clone(),
            runtime: Handle::current(),
        };
        let asked = Instant::now();
        let job = move || {
            event.plugin.version.state.tallies.of(stage).note_wait(asked.elapsed());
            event.call()
        };
        let result = self.on_thread(Class::After, job).await?;
        self.note(cx, plugin, stage, result.is_err());
        match result {
            Ok((Ok(()),)) => Ok(()),
            Ok((Err(words),)) => {
                state.tallies.of(stage).note_refusal();
                let words = cut(words, answer::MESSAGE_BYTES);
                self.note_words(plugin, stage, &delivery.request_id, &words);
                Err(answered(&plugin.name, &words))
            }
            Err(failed) => Err(self.failed(plugin, stage, &delivery.request_id, Some(failed.axis), failed.detail)),
        }
    }

    /// The events that are not for now: of what is switched off, and of hooks whose breaker is open.
    pub(super) fn withheld_now(&self, now_ms: i64) -> Vec<(String, Action)> {
        let table = self.table.load();
        let mut withheld = Vec::new();
        for attachment in table.all_attachments() {
            let is_still = table.is_still(attachment);
            let plugin = table.plugin(&attachment.plugin);
            for action in [Action::Create, Action::Update, Action::Delete] {
                let stage = Stage::after(action);
                let hears = |plugin: &&Arc<Plugin>| attachment.stages.contains(&stage) && plugin.version.exports(stage);
                if is_still || plugin.filter(hears).is_some_and(|plugin| is_barred(plugin, stage, now_ms)) {
                    withheld.push((attachment.id.clone(), action));
                }
            }
        }
        withheld
    }
}

/// Whether none of the versions that the next call could be for may be called.
fn is_barred(plugin: &Plugin, stage: Stage, now_ms: i64) -> bool {
    let bars = |plugin: &Plugin| plugin.version.state.breakers[stage as usize].bars(now_ms);
    let canary = plugin.canary.as_ref().map(|canary| &canary.plugin).filter(|canary| canary.version.exports(stage));
    bars(plugin) && canary.is_none_or(|canary| bars(canary))
}

/// Why there is nobody to hear of an event: for now, or for good.
fn unheard(table: &Table, attachment_id: &str, stage: Stage) -> Error {
    let for_good = |message: String| Error::Refused { status: GIVEN_UP, message: message.into() };
    let found = table.attachment(attachment_id).and_then(|found| Some((found, table.plugin(&found.plugin)?)));
    let Some((attachment, plugin)) = found else {
        return for_good("The attachment that it is for was deleted.".to_owned());
    };
    if table.is_still(attachment) {
        return Error::Unavailable("The plugin is switched off.".into());
    }
    if !attachment.stages.contains(&stage) {
        return for_good(format!("The attachment of {} does not have {} any more.", plugin.name, stage.name()));
    }
    for_good(format!("Version {} of {}, which is called, has no {}.", plugin.version.number, plugin.name, stage.name()))
}

/// A hook's words as an error: tried again, unless the hook says that it would be in vain.
fn answered(plugin: &str, words: &str) -> Error {
    let message = format!("{plugin} answered: {words}");
    if words.trim_start().starts_with(PERMANENT) {
        return Error::Refused { status: GIVEN_UP, message: message.into() };
    }
    Error::invalid(message)
}

/// Whom grants as the caller act for, as they are now. A record or a key that is gone is a guest.
async fn caller(cx: &Cx, delivery: &Delivery) -> Result<Caller> {
    let Some((kind, id, collection)) = &delivery.lends else { return Ok(Caller::Guest) };
    if kind == "key" {
        return Ok(keys::by_id(&cx.tenant, id).await?.map_or(Caller::Guest, Caller::Key));
    }
    let found = match cx.catalog.collection(collection).filter(|found| found.id == *collection) {
        Some(collection) => records::load_record(&cx.tenant, collection, "id", id).await?,
        None => None,
    };
    Ok(match (kind.as_str(), found) {
        ("user", Some(record)) => Caller::User(Arc::new(record)),
        ("superuser", Some(record)) => Caller::Superuser(Arc::new(record)),
        ("system", _) => Caller::System,
        _ => Caller::Guest,
    })
}

struct Event {
    engine: Arc<Engine>,
    ready: Arc<Ready>,
    stage: Stage,
    attachment: Arc<Attachment>,
    plugin: Arc<Plugin>,
    cx: Cx,
    delivery: Delivery,
    runtime: Handle,
}

impl Event {
    fn call(self) -> (Result<Receipt, super::instance::Failed>, u64) {
        let Delivery { action, before, after, event_id, .. } = &self.delivery;
        let projection = &self.attachment.fields;
        let (old, old_bytes) = lower(before.as_deref(), projection);
        let (new, new_bytes) = lower(after.as_deref(), projection);
        let context = self.context();
        let call = self.budget(old_bytes + new_bytes);
        let id = event_id.as_str();
        let finished: Finished<Receipt> = match action {
            Action::Create => self.ready.call(&self.engine, self.stage, call, (context, id, new.as_slice())),
            Action::Update => {
                self.ready.call(&self.engine, self.stage, call, (context, id, old.as_slice(), new.as_slice()))
            }
            Action::Delete => self.ready.call(&self.engine, self.stage, call, (context, id, old.as_slice())),
        };
        (finished.result, finished.fuel_used)
    }

    fn budget(&self, input_bytes: usize) -> Call {
        let (needs, quota) = (self.plugin.version.limits, self.engine.quota_of(&self.cx.tenant));
        let limits = Limits::granted(Class::After, self.attachment.terms.limits, needs, quota);
        let errand = Errand {
            cx: self.cx.clone(),
            stage: self.stage,
            plugin: self.plugin.name.clone(),
            plugin_id: self.plugin.id.clone(),
            grants: self.plugin.grants.clone(),
            runtime: self.runtime.clone(),
        };
        Call::new(limits, limits.fuel_for(input_bytes), Some(errand), Some(self.plugin.logbook.clone()))
            .counted(self.plugin.version.state.tallies.clone(), false)
    }

    fn context(&self) -> ContextIn<'_> {
        let (kind, id, collection) = &self.delivery.caller;
        let subject = self.delivery.after.as_deref().or(self.delivery.before.as_deref());
        ContextIn {
            tenant: &self.cx.tenant.name,
            collection: subject.map_or("", |record| &record.collection.name),
            request_id: &self.delivery.request_id,
            caller: CallerIn { kind, id, collection },
            now_ms: self.cx.now_ms,
            depth: self.delivery.depth,
            config: &self.attachment.terms.config,
        }
    }
}

fn lower<'a>(record: Option<&'a Record>, projection: &Projection) -> (Vec<super::contract::FieldIn<'a>>, usize) {
    record.map_or_else(|| (Vec::new(), 0), |record| fields::lower(record, projection))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_permanent_is_given_up() {
        for (words, given_up) in
            [("permanent: gone", true), (" permanent:gone", true), ("gone", false), ("not permanent: yet", false)]
        {
            let error = answered("sender", words);
            assert_eq!(matches!(error, Error::Refused { .. }), given_up, "{words}: {error:?}");
            assert!(format!("{error:?}").contains(words), "{error:?}");
        }
    }
}
