//! Trying a hook on a sample: a real call of real code within its limits, whose effects are kept from the world. Writes are
//! shown and not made, the plugin's store is a copy, nothing is counted, and no other hook hears of it.

use super::call::{Call, Errand};
use super::contract::{
    CallerIn, Changes, Consent, ContextIn, FieldErrorOut, FieldIn, FieldOut, Findings, Receipt, RefusalOut,
};
use super::engine::Engine;
use super::fields::{self, Projection};
use super::instance::{Failed, Finished, Ready};
use super::limits::{Class, Limits, admin, answer};
use super::logbook::Logbook;
use super::registry::{Attachment, Plugin};
use super::{Plugins, chain, rows};
use crate::error::{Axis, Error, FieldErrors, Result, code};
use crate::model::{Caller, Collection, Draft, Record};
use crate::records;
use crate::tenant::Cx;
use crate::tenant::hooks::{QueuedVerb, QueuedWrite, Stage};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use tokio::runtime::Handle;

const FAILED: &str = "Failed to try the hook.";

type Input = Map<String, Value>;

/// What is tried, and on what.
struct Sample {
    stage: Stage,
    original: Record,
    draft: Draft,
    config: String,
    fields: Projection,
    limits: Limits,
}

/// What a hook said.
enum Said {
    Fine,
    Changes(Vec<FieldOut>),
    Refusal(RefusalOut),
    Findings(Vec<FieldErrorOut>),
    Words(String),
}

impl Plugins {
    /// Runs a hook: `{hook, collection, record?, original?, attachment?, config?, version?, as?}`, where records are documents or
    /// the ids of stored ones and `as` is `guest` or (without it) whoever asks. Answers with `{hook, version, result: "accepted" |
    /// "refused" | "failed", changes, errors, message, status, axis, writes, log, usage, limits}`.
    ///
    /// # Errors
    /// `NotFound`, or `Invalid` with an error for each field that is wrong.
    pub async fn test(&self, cx: &Cx, id: &str, input: &Input) -> Result<Value> {
        let plugin = self.plugin(id)?;
        let (number, exports, ready) = self.tried_version(&plugin, input.get("version")).await?;
        let (collection, stage, attachment) = self.aim(cx, &plugin, &exports, input)?;
        let sample = self.sample(cx, &plugin, &collection, stage, attachment.as_deref(), input).await?;
        let caller =
            if input.get("as").and_then(Value::as_str) == Some("guest") { Caller::Guest } else { cx.caller.clone() };
        self.allowance.admit(&cx.tenant.settings.load(), self.world.now_ms())?;
        let logbook = Arc::<Logbook>::default();
        let errand = Errand {
            cx: Cx { caller, ..cx.clone() },
            stage,
            plugin: plugin.name.clone(),
            plugin_id: plugin.id.clone(),
            grants: plugin.grants.clone(),
            runtime: Handle::current(),
        };
        let (engine, log) = (self.engine.clone(), logbook.clone());
        let job = move || {
            let view = run(&engine, &ready, &sample, errand, &log);
            let fuel = view["usage"]["fuel"].as_u64().unwrap_or_default();
            (view, fuel)
        };
        let mut view = self.on_thread(Class::of(stage), job).await?;
        view["hook"] = stage.name().into();
        view["version"] = number.to_string().into();
        view["log"] = logbook.view().into();
        Ok(view)
    }

    /// The version that is asked for, or the one that is called: its number, what it exports, its code.
    async fn tried_version(&self, plugin: &Plugin, wanted: Option<&Value>) -> Result<(i64, Vec<String>, Arc<Ready>)> {
        let wrong = || Error::field(FAILED, "version", code::IN_INVALID.say("There is no such version."));
        let number = match wanted.filter(|value| !value.is_null()) {
            None => plugin.version.number,
            Some(value) => value.as_i64().or_else(|| value.as_str()?.parse().ok()).ok_or_else(wrong)?,
        };
        if number == plugin.version.number {
            return Ok((number, plugin.version.exports.clone(), self.ready(plugin).await?));
        }
        let versions = rows::versions(&self.store, &plugin.id).await?;
        let version = versions.into_iter().find(|version| version.number == number).ok_or_else(wrong)?;
        let ready = self.load(&version.sha256).await?;
        Ok((number, version.exports, ready))
    }

    /// The collection and the hook, and the attachment whose settings hold: the one that is named, or the first there is.
    fn aim(
        &self,
        cx: &Cx,
        plugin: &Plugin,
        exports: &[String],
        input: &Input,
    ) -> Result<(Arc<Collection>, Stage, Option<Arc<Attachment>>)> {
        let mut errors = FieldErrors::default();
        let text = |key: &str| input.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let table = self.table.load();
        let attachments = table.attachments(&plugin.id);
        let named = text("attachment").map(|id| attachments.iter().find(|attachment| attachment.id == id));
        if matches!(named, Some(None)) {
            errors.add("attachment", code::IN_INVALID.say("There is no such attachment."));
        }
        let of_attachment = named.flatten().map(|attachment| attachment.collection.as_str());
        let collection = text("collection").or(of_attachment).and_then(|name| cx.catalog.collection(name)).cloned();
        match &collection {
            None => errors.add("collection", code::IN_INVALID.say("There is no such collection.")),
            Some(collection) if collection.is_view() => {
                errors.add("collection", code::IN_INVALID.say("Records of a view are not written."));
            }
            Some(_) => {}
        }
        let known = |stage: &Stage| text("hook").is_some_and(|name| stage.name() == name || stage.interface() == name);
        // What comes with no record has none to be tried on.
        let stage =
            Stage::ALL.into_iter().filter(|stage| stage.is_of_collection() && !stage.is_of_sign_in()).find(known);
        if !stage.is_some_and(|stage| exports.iter().any(|name| name == stage.interface())) {
            errors.add("hook", code::IN_INVALID.say("The plugin does not export this hook."));
        }
        let (Some(collection), Some(stage), true) = (collection, stage, errors.is_empty()) else {
            errors.into_result(FAILED)?;
            return Err(Error::not_found());
        };
        let fits = |attachment: &&&Arc<Attachment>| {
            attachment.collection == collection.id && attachment.stages.contains(&stage)
        };
        let attachment = named.flatten().or_else(|| attachments.iter().find(fits)).map(|found| (*found).clone());
        Ok((collection, stage, attachment))
    }

    async fn sample(
        &self,
        cx: &Cx,
        plugin: &Plugin,
        collection: &Arc<Collection>,
        stage: Stage,
        attachment: Option<&Attachment>,
        input: &Input,
    ) -> Result<Sample> {
        let record = subject(cx, collection, input, "record").await?;
        let original = subject(cx, collection, input, "original").await?;
        let blank = || Draft::new(collection.clone()).record;
        // An update of a stored record begins with that record; a document stands for what it will be.
        let original = original.or_else(|| record.clone()).unwrap_or_else(blank);
        let record = record.unwrap_or_else(|| original.clone());
        let config = match input.get("config") {
            None | Some(Value::Null) => match attachment {
                Some(found) => found.terms.config.clone(),
                None => Value::Object(self.base_config(&plugin.id).await?).to_string(),
            },
            Some(Value::Object(own)) if Value::Object(own.clone()).to_string().len() <= admin::CONFIG_BYTES => {
                let mut all = self.base_config(&plugin.id).await?;
                all.extend(own.clone());
                Value::Object(all).to_string()
            }
            Some(_) => return Err(Error::field(FAILED, "config", code::INVALID_VALUE.say("Must be an object."))),
        };
        let wish = attachment.map(|found| found.terms.limits).unwrap_or_default();
        let limits = Limits::granted(Class::of(stage), wish, plugin.version.limits, self.engine.quota_of(&cx.tenant));
        let fields = attachment.map(|found| found.fields.clone()).unwrap_or_default();
        Ok(Sample { stage, original, draft: Draft::of(&record), config, fields, limits })
    }
}

/// A record of the input: a document, or a stored one by its id.
async fn subject(cx: &Cx, collection: &Arc<Collection>, input: &Input, key: &str) -> Result<Option<Record>> {
    match input.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(document @ Value::Object(_)) => Ok(Some(Record::from_json_values(collection.clone(), document))),
        Some(Value::String(id)) => match records::load_record(&cx.tenant, collection, "id", id).await? {
            Some(record) => Ok(Some(record)),
            None => Err(Error::field(FAILED, key, code::IN_INVALID.say("There is no such record."))),
        },
        Some(_) => Err(Error::field(FAILED, key, code::INVALID_VALUE.say("Must be a record or the id of one."))),
    }
}

fn run(engine: &Engine, ready: &Ready, sample: &Sample, errand: Errand, logbook: &Arc<Logbook>) -> Value {
    let (old, old_bytes) = fields::lower(&sample.original, &sample.fields);
    let (new, new_bytes) = fields::lower(&sample.draft.record, &sample.fields);
    let bytes =
        if matches!(sample.stage, Stage::BeforeUpdate | Stage::AfterUpdate) { old_bytes } else { 0 } + new_bytes;
    let cx = errand.cx.clone();
    let record = cx.caller.record();
    let context = ContextIn {
        tenant: &cx.tenant.name,
        collection: &sample.original.collection.name,
        request_id: &cx.facts.id,
        caller: CallerIn {
            kind: cx.caller.kind(),
            id: cx.caller.id(),
            collection: record.map_or("", |record| &record.collection.name),
        },
        now_ms: cx.now_ms,
        depth: cx.depth,
        config: &sample.config,
    };
    let fuel = sample.limits.fuel_for(bytes);
    let call = Call::new(sample.limits, fuel, Some(errand), Some(logbook.clone())).for_trial();
    let finished = drive(engine, ready, sample.stage, call, context, [old.as_slice(), new.as_slice()]);
    let usage = finished.usage.view();
    let writes: Vec<Value> = finished.call.queued.iter().map(|write| shown(&cx, write)).collect();
    let mut view = answered(sample, finished.result);
    view["usage"] = usage;
    view["writes"] = writes.into();
    view["limits"] = sample.limits.view();
    view
}

/// Calls the hook of a stage with the records it is given, old and new.
fn drive(
    engine: &Engine,
    ready: &Ready,
    stage: Stage,
    call: Call,
    context: ContextIn<'_>,
    [old, new]: [&[FieldIn<'_>]; 2],
) -> Finished<Said> {
    let event = "trial";
    let receipt = |(answer,): Receipt| answer.map_or_else(Said::Words, |()| Said::Fine);
    let changes = |(answer,): Changes| answer.map_or_else(Said::Refusal, Said::Changes);
    match stage {
        Stage::BeforeCreate => ready.call(engine, stage, call, (context, new)).map(changes),
        Stage::BeforeUpdate => ready.call(engine, stage, call, (context, old, new)).map(changes),
        Stage::BeforeDelete => ready
            .call(engine, stage, call, (context, old))
            .map(|(answer,): Consent| answer.map_or_else(Said::Refusal, |()| Said::Fine)),
        Stage::Validate => ready.call(engine, stage, call, (context, new)).taken(|(answer,): Findings| {
            match chain::last_words(&answer) {
                Some(failed) => Err(failed),
                None => Ok(answer.map_or_else(Said::Findings, |()| Said::Fine)),
            }
        }),
        Stage::AfterCreate => ready.call(engine, stage, call, (context, event, new)).map(receipt),
        Stage::AfterDelete => ready.call(engine, stage, call, (context, event, old)).map(receipt),
        // The others are not tried.
        _ => ready.call(engine, stage, call, (context, event, old, new)).map(receipt),
    }
}

/// What the hook said, as the caller of a write would have heard it.
fn answered(sample: &Sample, result: Result<Said, Failed>) -> Value {
    let refused = |status: u16, message: String, errors: Value| json!({"result": "refused", "status": status, "message": message, "errors": errors});
    match result {
        Err(failed) => failure(failed.axis, &failed.detail),
        Ok(Said::Fine) => json!({"result": "accepted", "changes": {}}),
        Ok(Said::Changes(changes)) => {
            let mut draft = sample.draft.clone();
            match fields::apply(&mut draft, changes, &sample.fields) {
                Ok(_) => json!({"result": "accepted", "changes": difference(&sample.draft.record, &draft.record)}),
                Err(detail) => failure(Axis::Output, &detail),
            }
        }
        Ok(Said::Refusal(RefusalOut::Denied((status, text)))) => {
            let status = if (400..500).contains(&status) { status } else { 400 };
            refused(status, chain::cut(text, answer::MESSAGE_BYTES), json!({}))
        }
        Ok(Said::Refusal(RefusalOut::Invalid(found)) | Said::Findings(found)) => {
            let errors: Map<String, Value> = found
                .into_iter()
                .take(answer::FIELD_ERRORS)
                .map(|FieldErrorOut { field, code, message }| {
                    let [code, message] =
                        [chain::cut(code, answer::CODE_BYTES), chain::cut(message, answer::MESSAGE_BYTES)];
                    (chain::cut(field, answer::CODE_BYTES), json!({"code": code, "message": message}))
                })
                .collect();
            refused(400, "Some fields are wrong.".to_owned(), Value::Object(errors))
        }
        Ok(Said::Words(words)) => json!({"result": "refused", "message": chain::cut(words, answer::MESSAGE_BYTES)}),
    }
}

fn failure(axis: Axis, detail: &str) -> Value {
    json!({"result": "failed", "axis": axis.name(), "message": detail})
}

/// The fields that a hook has changed, as they are then.
fn difference(before: &Record, after: &Record) -> Value {
    let fields = before.collection.fields.iter().zip(before.values.iter().zip(&after.values));
    let changed = fields.filter(|(_, (was, is))| was != is);
    Value::Object(changed.map(|(field, (_, is))| (field.name.clone(), is.to_json())).collect())
}

fn shown(cx: &Cx, write: &QueuedWrite) -> Value {
    let collection = cx.catalog.collection(&write.collection).map_or(write.collection.as_str(), |found| &found.name);
    let values = |fields: &[(String, crate::model::Value)]| {
        Value::Object(fields.iter().map(|(name, value)| (name.clone(), value.to_json())).collect())
    };
    match &write.verb {
        QueuedVerb::Create { id, fields } => {
            json!({"verb": "create", "collection": collection, "id": id, "fields": values(fields)})
        }
        QueuedVerb::Update { id, fields, files, .. } => {
            let names: Vec<&str> = files.iter().map(|file| file.file_name.as_str()).collect();
            json!({"verb": "update", "collection": collection, "id": id, "fields": values(fields), "files": names})
        }
        QueuedVerb::Mail(letter) => json!({"verb": "mail", "to": letter.recipient, "subject": letter.subject}),
        QueuedVerb::Publish { topic, data } => json!({"verb": "publish", "topic": topic, "data": data}),
        QueuedVerb::Delete { id } => json!({"verb": "delete", "collection": collection, "id": id}),
    }
}
