//! Writes that plugins ask for: queued by a before-hook into the plan of the main write, or made by an
//! after-hook as a write of its own. Grants were checked where the plugin asked.
//!
//! In the plugin's own name they go past the rules. In the caller's they are the caller's own writes, judged like these:
//! on the rows as the plan has made them so far, and again at the commit.

use super::plan::{Plan, Refusal};
use super::remove;
use super::tries::Tries;
use super::uploads::{Input, Named};
use super::write::{plan_create, plan_update};
use crate::error::{Error, Result};
use crate::model::Value;
use crate::tenant::Cx;
use crate::tenant::cx::DEPTH_MAX;
use crate::tenant::hooks::{QueuedVerb, QueuedWrite};
use serde_json::{Map, Value as Json};

/// Adds the queued writes to the plan, in order, with the hooks of their own collections.
pub(super) async fn plan_all(cx: &Cx, plan: &mut Plan, queued: Vec<QueuedWrite>) -> Result<()> {
    for write in queued {
        let (plugin, as_caller, verb) = (write.plugin.clone(), write.as_caller, write.verb.name());
        plan_one(cx, plan, write).await.map_err(|error| not_of_the_client(error, plugin, as_caller, verb))?;
    }
    Ok(())
}

/// What may be said to the client of a write that it has not asked for itself. That what a plugin wants to change is not there
/// says nothing of what the client asks for, which may well be there; and whether it is there or only not the client's to
/// write is not for it to know.
fn not_of_the_client(error: Error, plugin: String, as_caller: bool, verb: &'static str) -> Error {
    match error {
        Error::NotFound(_) | Error::Forbidden(_) | Error::MissingScope(_) if as_caller => {
            tracing::info!(plugin, verb, ?error, "a plugin asks in the caller's name for what the caller may not do");
            Error::BeyondCaller(plugin)
        }
        Error::NotFound(_) => {
            tracing::warn!(plugin, verb, "a plugin asks for the change of a record that does not exist");
            Error::invalid(
                "A plugin asks for the change of another record with this one, and that record does not exist.",
            )
        }
        error => error,
    }
}

/// Makes one write that a plugin asks for, in a transaction of its own.
///
/// # Errors
/// As the verbs of `records`; `BeyondCaller` for a create in the caller's name that the rule refuses.
pub async fn write_for_plugin(cx: &Cx, write: QueuedWrite) -> Result<()> {
    // A call has little time: it waits for nobody.
    let mut tries = Tries::of(cx);
    loop {
        match try_write(tries.cx(), write.clone()).await {
            Ok(()) => return Ok(()),
            Err(why) => tries.again(why).await?,
        }
    }
}

async fn try_write(cx: &Cx, write: QueuedWrite) -> Result<(), Refusal> {
    let mut plan = Plan::default();
    let planned = plan_one(cx, &mut plan, write).await;
    planned.map_err(|error| plan.refusal(error))?;
    plan.commit(cx).await.map_err(|refused| refused.why)
}

async fn plan_one(cx: &Cx, plan: &mut Plan, write: QueuedWrite) -> Result<()> {
    match write.verb {
        QueuedVerb::Mail(letter) => {
            plan.promise_mail(cx.tenant.mail.promise(&letter));
            Ok(())
        }
        QueuedVerb::Publish { topic, data } => {
            plan.publish(write.plugin, topic, data);
            Ok(())
        }
        ref verb => {
            let cx = author(cx, &write.plugin, write.as_caller, verb);
            plan_record(&cx, plan, &write.collection, write.verb).await
        }
    }
}

/// Who makes the write.
fn author(cx: &Cx, plugin: &str, as_caller: bool, verb: &QueuedVerb) -> Cx {
    if !as_caller {
        return cx.as_plugin(plugin);
    }
    // Rules may ask how the request was sent.
    let method = match verb {
        QueuedVerb::Create { .. } => "POST",
        QueuedVerb::Delete { .. } => "DELETE",
        QueuedVerb::Update { .. } | QueuedVerb::Mail(_) | QueuedVerb::Publish { .. } => "PATCH",
    };
    cx.lent_to(plugin, method)
}

async fn plan_record(cx: &Cx, plan: &mut Plan, collection: &str, verb: QueuedVerb) -> Result<()> {
    if cx.depth > DEPTH_MAX {
        return Err(Error::invalid("Plugins write in answer to each other's writes too deeply."));
    }
    let collection = cx.catalog.collection(collection).ok_or_else(Error::not_found)?.clone();
    match verb {
        QueuedVerb::Create { id, fields } => {
            let input = input_of(fields);
            let mut named = Named::without_files(&input);
            named.promised_id = Some(&id);
            plan_create(cx, plan, &collection, &named).await?;
        }
        QueuedVerb::Update { id, fields, files, replaces } => {
            let input = Input { fields: input_of(fields), files, proven_email: None };
            let mut named = input.named(cx, &collection);
            named.replaces = replaces.as_ref();
            plan_update(cx, plan, &collection, &id, &named, None).await?;
        }
        QueuedVerb::Delete { id } => remove::plan_delete(cx, plan, &collection, &id, None).await?,
        QueuedVerb::Mail(_) | QueuedVerb::Publish { .. } => {}
    }
    Ok(())
}

fn input_of(fields: Vec<(String, Value)>) -> Map<String, Json> {
    fields.into_iter().map(|(name, value)| (name, value.to_json())).collect()
}
