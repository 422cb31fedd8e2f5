//! Writes that plugins ask for: queued by a before-hook into the plan of the main write, or made by an
//! after-hook as a write of its own. Grants were checked where the plugin asked.

use super::plan::{Plan, Refusal, TRIES, lost_race};
use super::remove;
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
        let (plugin, verb) = (write.plugin.clone(), write.verb.name());
        plan_one(cx, plan, write).await.map_err(|error| not_of_the_client(error, &plugin, verb))?;
    }
    Ok(())
}

/// That what a plugin wants to change is not there says nothing of what the client asks for, which may well be there.
fn not_of_the_client(error: Error, plugin: &str, verb: &str) -> Error {
    let Error::NotFound(_) = error else { return error };
    tracing::warn!(plugin, verb, "a plugin asks for the change of a record that does not exist");
    Error::invalid("A plugin asks for the change of another record with this one, and that record does not exist.")
}

/// Makes one write in the name of a plugin, in a transaction of its own.
///
/// # Errors
/// As the verbs of `records`.
pub async fn write_as_plugin(cx: &Cx, write: QueuedWrite) -> Result<()> {
    for _ in 0..TRIES {
        let mut plan = Plan::default();
        plan_one(cx, &mut plan, write.clone()).await?;
        match plan.commit(cx).await.map_err(|refused| refused.why) {
            Ok(()) => return Ok(()),
            Err(Refusal::Conflict) => {}
            Err(Refusal::Error(error)) => return Err(error),
        }
    }
    Err(lost_race())
}

async fn plan_one(cx: &Cx, plan: &mut Plan, write: QueuedWrite) -> Result<()> {
    match write.verb {
        QueuedVerb::Mail(letter) => {
            plan.promise_mail(cx.tenant.mail.promise(&letter));
            Ok(())
        }
        QueuedVerb::Publish { topic, data } => {
            plan.publish(topic, data);
            Ok(())
        }
        verb => plan_record(cx, plan, &write.plugin, &write.collection, verb).await,
    }
}

async fn plan_record(cx: &Cx, plan: &mut Plan, plugin: &str, collection: &str, verb: QueuedVerb) -> Result<()> {
    let cx = cx.as_plugin(plugin);
    if cx.depth > DEPTH_MAX {
        return Err(Error::invalid("Plugins write in answer to each other's writes too deeply."));
    }
    let collection = cx.catalog.collection(collection).ok_or_else(Error::not_found)?.clone();
    match verb {
        QueuedVerb::Create { id, fields } => {
            let mut input = input_of(fields);
            input.insert("id".to_owned(), Json::String(id));
            plan_create(&cx, plan, &collection, &Named::without_files(&input)).await?;
        }
        QueuedVerb::Update { id, fields, files, replaces } => {
            let input = Input { fields: input_of(fields), files, proven_email: None };
            let mut named = input.named(&cx, &collection);
            named.replaces = replaces.as_ref();
            plan_update(&cx, plan, &collection, &id, &named, None).await?;
        }
        QueuedVerb::Delete { id } => remove::plan_delete(&cx, plan, &collection, &id, None).await?,
        QueuedVerb::Mail(_) | QueuedVerb::Publish { .. } => {}
    }
    Ok(())
}

fn input_of(fields: Vec<(String, Value)>) -> Map<String, Json> {
    fields.into_iter().map(|(name, value)| (name, value.to_json())).collect()
}
