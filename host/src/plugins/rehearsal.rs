//! A rehearsal: one call of a hook as a server would make it, within all limits and with the real host functions, but
//! outside of any write. What an author's fixtures are run with; nothing here is part of a server's work.

use super::artifact;
use super::call::{Call, Errand, thread_cpu};
use super::chain;
use super::compile::{Failure, Standing};
use super::contract::{
    CallerIn, Changes, Claims, Consent, ContextIn, FieldIn, FieldOut, Findings, Receipt, RefusalOut, ValueIn,
};
use super::engine::Engine;
use super::fields;
use super::instance::{Finished, Ready};
use super::limits::{Class, Limits, Wish};
use super::logbook::Logbook;
use super::mount;
use super::registry::{Grant, Grants};
use super::rights::Rights;
use super::scan::{Rejection, Scan, scan};
use super::web::{WebAnswer, WebRequest};
use crate::db::{Failure as WriteFailure, Unit};
use crate::error::{Axis, Error, Result};
use crate::model::Verb;
use crate::sql::{Sql, Value as SqlValue};
use crate::tenant::Cx;
use crate::tenant::hooks::{QueuedVerb, QueuedWrite, Stage};
use arc_swap::ArcSwap;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// What the plugin is called while it is rehearsed, and its key in `_plugin_kv`.
const NAME: &str = "rehearsed";

/// A component that can be rehearsed.
#[derive(Debug)]
pub struct Cast {
    engine: Arc<Engine>,
    ready: Arc<Ready>,
    pub scan: Scan,
    pub compiled_in: Duration,
    /// Bytes of machine code.
    pub artifact_bytes: usize,
}

/// One call: of which hook, about what, and under which circumstances.
#[derive(Debug, Clone)]
pub struct Scene {
    pub stage: Stage,
    pub collection: String,
    /// Kind, id, collection.
    pub caller: (String, String, String),
    pub config: String,
    pub event_id: String,
    pub depth: u8,
    /// The stored record of an update; otherwise empty.
    pub original: Map<String, Value>,
    /// The draft, or the record that the hook is about.
    pub record: Map<String, Value>,
    /// What a route is asked.
    pub request: WebRequest,
    pub wish: Wish,
    /// Whether every collection of the tenant is granted to it.
    pub granted: bool,
}

/// How it went.
#[derive(Debug)]
pub struct Played {
    pub outcome: Outcome,
    pub fuel: u64,
    pub fuel_limit: u64,
    pub memory: usize,
    pub memory_limit: usize,
    /// Of the processor, for instance, call and drop.
    pub cpu: Duration,
    pub host_calls: u32,
    /// As an admin sees them, oldest first.
    pub log: Vec<Value>,
    /// What a before-hook wants written: `{collection, verb, id, fields}`.
    pub queued: Vec<Value>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It has nothing against it; a before-hook of a create or an update with what it changes.
    Accepted(Map<String, Value>),
    /// Field, code, message.
    Invalid(Vec<(String, String, String)>),
    Denied(u16, String),
    /// An after-hook's own words.
    Error(String),
    /// A route's answer.
    Answered(WebAnswer),
    Failed(Axis, String),
}

impl Cast {
    /// Takes a component in as an upload is: scanned, compiled in a process of its own, bound.
    ///
    /// # Errors
    /// As an upload.
    pub async fn load(engine: &Arc<Engine>, bytes: &[u8]) -> Result<Self> {
        let scan = scan(bytes).map_err(Rejection::into_error)?;
        let compiled = engine.compiler().compile(bytes, Standing::New).await.map_err(Failure::into_error)?;
        let component = artifact::deserialize(engine, &compiled.artifact)
            .map_err(|error| Error::internal("load a plugin", format_args!("{error:#}")))?;
        let ready = engine.ready(&component).map_err(|error| Error::invalid(format!("{error:#}")))?;
        Ok(Self {
            engine: engine.clone(),
            ready: Arc::new(ready),
            scan,
            compiled_in: compiled.took,
            artifact_bytes: compiled.artifact.len(),
        })
    }

    /// Makes the call.
    ///
    /// # Errors
    /// When it could not be made at all; a guest that fails is an [`Outcome`].
    pub async fn play(&self, cx: &Cx, scene: Scene) -> Result<Played> {
        let class = Class::of(scene.stage);
        let lane: Arc<str> = cx.tenant.name.as_str().into();
        let (engine, ready, cx, runtime) = (self.engine.clone(), self.ready.clone(), cx.clone(), Handle::current());
        let job = move || {
            let played = scene.play(&engine, &ready, &cx, runtime);
            let fuel = played.fuel;
            (played, fuel)
        };
        self.engine.run(class, &lane, job).await
    }
}

/// Puts a value into the plugin's store.
///
/// # Errors
/// When the database does.
pub async fn keep(cx: &Cx, key: &str, value: &str) -> Result<()> {
    let mut insert = Sql::new("INSERT INTO _plugin_kv (plugin, key, value) VALUES (");
    insert.bind(NAME).push(", ").bind(key).push(", ").bind(SqlValue::Blob(value.as_bytes().to_vec())).push(")");
    cx.tenant.store.write(Unit::of(insert)).await.map(drop).map_err(WriteFailure::into_error)
}

impl Scene {
    fn play(&self, engine: &Arc<Engine>, ready: &Ready, cx: &Cx, runtime: Handle) -> Played {
        let logbook = Arc::new(Logbook::default());
        let limits = Limits::effective(Class::of(self.stage), self.wish);
        let fuel_limit = limits.fuel_for(bytes(&self.original) + bytes(&self.record));
        let errand = Errand {
            cx: cx.clone(),
            stage: self.stage,
            plugin: NAME.into(),
            plugin_id: NAME.into(),
            grants: Arc::new(ArcSwap::from_pointee(self.grants(cx))),
            runtime,
        };
        let call = Call::new(limits, fuel_limit, Some(errand), Some(logbook.clone()));
        let start = thread_cpu();
        let (outcome, fuel, call) = self.call(engine, ready, cx, call);
        let cpu = thread_cpu().saturating_sub(start);
        let mut log = logbook.view();
        log.reverse();
        Played {
            outcome,
            fuel,
            fuel_limit,
            memory: call.limiter.used(),
            memory_limit: limits.memory,
            cpu,
            host_calls: call.host_calls(),
            log,
            queued: call.queued.iter().map(queued).collect(),
        }
    }

    fn grants(&self, cx: &Cx) -> Grants {
        let collections = cx.catalog.collections().filter(|collection| self.granted && !collection.system);
        let grant = |id: &str| Grant { collection: id.to_owned(), verbs: Verb::ALL.to_vec(), as_plugin: true };
        // Other servers, secrets, mails and topics are not there, whatever would be granted.
        let rights = Rights { clock: self.granted, random: self.granted, ..Rights::default() };
        Grants { records: collections.map(|collection| grant(&collection.id)).collect(), rights }
    }

    fn call(&self, engine: &Engine, ready: &Ready, cx: &Cx, call: Call) -> (Outcome, u64, Call) {
        let (old, new) = (Lowered::of(&self.original), Lowered::of(&self.record));
        let (old, new) = (old.fields(), new.fields());
        let (old, new) = (old.as_slice(), new.as_slice());
        let (context, event, stage) = (self.context(cx), self.event_id.as_str(), self.stage);
        match stage {
            Stage::BeforeCreate => changes(ready.call(engine, stage, call, (context, new))),
            Stage::BeforeUpdate => changes(ready.call(engine, stage, call, (context, old, new))),
            Stage::BeforeDelete => consent(ready.call(engine, stage, call, (context, new))),
            Stage::Validate => findings(ready.call(engine, stage, call, (context, new))),
            Stage::AfterUpdate => receipt(ready.call(engine, stage, call, (context, event, old, new))),
            Stage::AfterCreate | Stage::AfterDelete => receipt(ready.call(engine, stage, call, (context, event, new))),
            Stage::Scheduled => receipt(ready.call(engine, stage, call, (context, event))),
            Stage::BeforeSignIn => consent(ready.call(engine, stage, call, (context, event, new))),
            Stage::TokenClaims => claims(ready.call(engine, stage, call, (context, event, new))),
            Stage::Route => {
                let mut request = self.request.clone();
                mount::tell(&mut request, &context, NAME);
                answer(mount::ask(engine, ready, call, request))
            }
        }
    }

    fn context<'a>(&'a self, cx: &'a Cx) -> ContextIn<'a> {
        let (kind, id, collection) = &self.caller;
        ContextIn {
            tenant: &cx.tenant.name,
            collection: &self.collection,
            request_id: &cx.facts.id,
            caller: CallerIn { kind, id, collection },
            now_ms: cx.now_ms,
            depth: self.depth,
            config: &self.config,
        }
    }
}

fn bytes(record: &Map<String, Value>) -> usize {
    record.iter().map(|(name, value)| name.len() + value.to_string().len()).sum()
}

/// A record's values in the shapes of the contract, which borrow from it.
struct Lowered<'a>(Vec<(&'a str, Shape<'a>)>);

enum Shape<'a> {
    Plain(ValueIn<'a>),
    Texts(Vec<String>),
    Json(String),
}

impl<'a> Lowered<'a> {
    /// As a field of the fitting kind would have it: a list of texts is a select or a relation, any other list or object
    /// is JSON.
    fn of(record: &'a Map<String, Value>) -> Self {
        Self(record.iter().map(|(name, value)| (name.as_str(), Shape::of(value))).collect())
    }

    fn fields(&self) -> Vec<FieldIn<'_>> {
        self.0.iter().map(|(name, shape)| FieldIn { name, value: shape.value() }).collect()
    }
}

impl<'a> Shape<'a> {
    fn of(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Plain(ValueIn::Null),
            Value::Bool(truth) => Self::Plain(ValueIn::Boolean(*truth)),
            Value::Number(number) => Self::Plain(ValueIn::Number(number.as_f64().unwrap_or_default())),
            Value::String(text) => Self::Plain(ValueIn::Text(text)),
            Value::Array(items) => match items.iter().map(|item| item.as_str().map(str::to_owned)).collect() {
                Some(texts) => Self::Texts(texts),
                None => Self::Json(value.to_string()),
            },
            Value::Object(_) => Self::Json(value.to_string()),
        }
    }

    fn value(&self) -> ValueIn<'_> {
        match self {
            Self::Plain(value) => *value,
            Self::Texts(texts) => ValueIn::Texts(texts),
            Self::Json(text) => ValueIn::Json(text),
        }
    }
}

/// What of a finished call is looked at: its outcome, the fuel, and what it leaves behind.
fn ended<R>(finished: Finished<(R,)>, judge: impl FnOnce(R) -> Outcome) -> (Outcome, u64, Call) {
    let Finished { result, call, fuel_used, .. } = finished.map(|(answer,)| answer);
    let outcome = match result {
        Ok(answer) => judge(answer),
        Err(failed) => Outcome::Failed(failed.axis, failed.detail),
    };
    (outcome, fuel_used, call)
}

fn answer(finished: Finished<WebAnswer>) -> (Outcome, u64, Call) {
    ended(finished.map(|answer| (answer,)), Outcome::Answered)
}

fn changes(finished: Finished<Changes>) -> (Outcome, u64, Call) {
    ended(finished, |answer| match answer {
        Ok(changes) => changed(changes),
        Err(refusal) => refused(refusal),
    })
}

fn changed(changes: Vec<FieldOut>) -> Outcome {
    let mut changed = Map::new();
    for FieldOut { name, value } in changes {
        match fields::to_json(value) {
            Ok(value) => drop(changed.insert(name, value)),
            Err(why) => return Outcome::Failed(Axis::Output, format!("it set the field {name:?} to {why}")),
        }
    }
    Outcome::Accepted(changed)
}

fn consent(finished: Finished<Consent>) -> (Outcome, u64, Call) {
    ended(finished, |answer| answer.map_or_else(refused, |()| Outcome::Accepted(Map::new())))
}

fn findings(finished: Finished<Findings>) -> (Outcome, u64, Call) {
    ended(finished, |answer| match (chain::last_words(&answer), answer) {
        (Some(failed), _) => Outcome::Failed(failed.axis, failed.detail),
        (None, Ok(())) => Outcome::Accepted(Map::new()),
        (None, Err(found)) => refused(RefusalOut::Invalid(found)),
    })
}

fn receipt(finished: Finished<Receipt>) -> (Outcome, u64, Call) {
    ended(finished, |answer| answer.map_or_else(Outcome::Error, |()| Outcome::Accepted(Map::new())))
}

fn claims(finished: Finished<Claims>) -> (Outcome, u64, Call) {
    ended(finished, |answer| answer.map_or_else(Outcome::Error, changed))
}

fn refused(refusal: RefusalOut) -> Outcome {
    match refusal {
        RefusalOut::Invalid(found) => {
            Outcome::Invalid(found.into_iter().map(|error| (error.field, error.code, error.message)).collect())
        }
        RefusalOut::Denied((status, message)) => Outcome::Denied(status, message),
    }
}

fn queued(write: &QueuedWrite) -> Value {
    let fields = |fields: &[(String, crate::model::Value)]| -> Map<String, Value> {
        fields.iter().map(|(name, value)| (name.clone(), value.to_json())).collect()
    };
    let collection = &write.collection;
    match &write.verb {
        QueuedVerb::Create { id, fields: values } => {
            json!({"collection": collection, "verb": "create", "id": id, "fields": fields(values)})
        }
        QueuedVerb::Update { id, fields: values, .. } => {
            json!({"collection": collection, "verb": "update", "id": id, "fields": fields(values)})
        }
        QueuedVerb::Delete { id } => json!({"collection": collection, "verb": "delete", "id": id}),
        QueuedVerb::Mail(letter) => json!({"verb": "mail", "to": letter.recipient, "subject": letter.subject}),
        QueuedVerb::Publish { topic, data } => json!({"verb": "publish", "topic": topic, "data": data}),
    }
}
