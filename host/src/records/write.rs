//! Create and update, as the steps that the doc of [`crate::records`] lists.

use super::original::{self, Original};
use super::plan::{Otherwise, Plan, Refusal};
use super::receipts::{self, Claim, Turn};
use super::tries::{TURNS, Tries, of_now, renewed};
use super::uploads::{Input, Named};
use super::{
    Answer, Tags, Terms, ViewQuery, auth_fields, defaults, direct, etag, passage, queued, read, relations, render,
};
use crate::access::{self, Operation};
use crate::error::{Current, Error, Result};
use crate::mail::Promised;
use crate::model::{Action, Collection, Draft, FieldKind, Record, date};
use crate::sql::Sql;
use crate::tenant::Cx;
use crate::tenant::hooks::{Before, Consequences, Stage};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use std::sync::Arc;

pub(super) const CREATE_FAILED: &str = "Failed to create record.";
pub(super) const UPDATE_FAILED: &str = "Failed to update record.";

/// Creates a record and answers with it as the caller may see it.
///
/// # Errors
/// `Forbidden` when only superusers may, `Invalid` when the rule, a field or a hook refuses, `Plugin` when a
/// hook fails, `Conflict` after three lost races.
pub async fn create(cx: &Cx, collection: &Arc<Collection>, input: impl Into<Input>, terms: &Terms) -> Result<Answer> {
    let input = input.into();
    let claim = match receipts::claim(cx, terms, (&[&collection.id], &collection.id), &input.told()).await? {
        Turn::Unclaimed => None,
        Turn::Ours(claim) => Some(claim),
        Turn::Made(answer) => return Ok(answer),
    };
    let input = direct::received(cx, collection, &input, CREATE_FAILED).await?;
    let mut tries = Tries::of_write(cx, &[&collection.id]).await;
    loop {
        match try_create(tries.cx(), tries.collection(collection)?, &input, terms, claim.as_ref()).await {
            Ok(written) => {
                tries.leave();
                return written.answer(tries.cx(), terms, claim.as_ref()).await;
            }
            Err(why) => tries.again(why).await?,
        }
    }
}

async fn try_create(
    cx: &Cx,
    collection: &Arc<Collection>,
    input: &Input,
    terms: &Terms,
    claim: Option<&Claim>,
) -> Result<Written, Refusal> {
    let mut plan = Plan::default();
    let planned = plan_create(cx, &mut plan, collection, &input.named(cx, collection)).await;
    let stored = planned.map_err(|error| plan.refusal(error))?;
    commit(cx, plan, stored, terms, claim, CREATE_FAILED).await
}

/// A write that is made.
enum Written {
    Now(Arc<Record>),
    /// By the same request, sent earlier and given up by its client.
    Before(Answer),
}

/// Commits a plan that is answered with a record.
async fn commit(
    cx: &Cx,
    mut plan: Plan,
    stored: Arc<Record>,
    terms: &Terms,
    claim: Option<&Claim>,
    message: &'static str,
) -> Result<Written, Refusal> {
    if let Some(claim) = claim {
        let query = ViewQuery { expand: None, fields: terms.query.fields.clone() };
        claim.keep(cx, &mut plan, &answer(cx, &stored, &query).await?)?;
    }
    match (plan.commit(cx).await.map_err(|refused| refused.why.with_message(message)), claim) {
        (Ok(()), _) => Ok(Written::Now(stored)),
        // The race may have been lost against the same request.
        (Err(Refusal::Conflict), Some(claim)) => claim.made(cx).await?.map(Written::Before).ok_or(Refusal::Conflict),
        (Err(why), _) => Err(why),
    }
}

impl Written {
    async fn answer(self, cx: &Cx, terms: &Terms, claim: Option<&Claim>) -> Result<Answer> {
        let stored = match self {
            Self::Now(stored) => stored,
            Self::Before(answer) => return Ok(answer),
        };
        let answer = answer_written(cx, &stored, &terms.query).await?;
        if let Some(claim) = claim.filter(|_| terms.query.expand.is_some()) {
            claim.amend(cx, &answer).await;
        }
        Ok(answer)
    }
}

/// Answers with a record as this write has made it, whatever becomes of it or of the schema meanwhile: what is told beside it
/// is read by the definitions of now.
pub(super) async fn answer_written(cx: &Cx, stored: &Arc<Record>, query: &ViewQuery) -> Result<Answer> {
    let mut now = Cow::Borrowed(cx);
    let mut made = answer(cx, stored, query).await;
    for _ in 0..TURNS {
        if now.tenant.is_as_in(&now.catalog) {
            break;
        }
        // It is written: what cannot be read just now is no reason to say that it is not.
        let Ok(next) = renewed(&now).await else { continue };
        now = Cow::Owned(next);
        // Of a collection that has gone by now it is told as it was written.
        let Ok(collection) = of_now(&now, &stored.collection) else { break };
        made = answer(&now, &Arc::new(stored.redefined(collection.clone())), query).await;
    }
    made
}

async fn answer(cx: &Cx, stored: &Arc<Record>, query: &ViewQuery) -> Result<Answer> {
    let json = render::one(cx, stored, query).await?;
    Ok(Answer { json, etag: etag::of_record(&cx.catalog, stored), replayed: false })
}

/// Creates a record and answers with the stored row.
///
/// # Errors
/// As [`create`].
pub async fn create_record(cx: &Cx, collection: &Arc<Collection>, input: impl Into<Input>) -> Result<Arc<Record>> {
    let (input, none) = (input.into(), Along::default());
    create_with(cx, collection, &input, &none).await
}

async fn create_with(cx: &Cx, collection: &Arc<Collection>, input: &Input, along: &Along) -> Result<Arc<Record>> {
    let mut tries = Tries::of_write(cx, &[&collection.id]).await;
    loop {
        match try_create_with(tries.cx(), tries.collection(collection)?, input, along).await {
            Ok(stored) => return Ok(stored),
            Err(why) => tries.again(why).await?,
        }
    }
}

async fn try_create_with(
    cx: &Cx,
    collection: &Arc<Collection>,
    input: &Input,
    along: &Along,
) -> Result<Arc<Record>, Refusal> {
    let mut plan = Plan::default();
    let planned = plan_create(cx, &mut plan, collection, &input.named(cx, collection)).await;
    let stored = planned.map_err(|error| plan.refusal(error))?;
    for (of, statement) in &along.removes {
        plan.remove(cx, of.clone(), statement.clone());
    }
    if let Some(mail) = &along.mail {
        plan.promise_mail(mail.clone());
    }
    plan.commit(cx).await.map_err(|refused| refused.why.with_message(CREATE_FAILED))?;
    Ok(stored)
}

/// What is written with a record by the same commit.
#[derive(Debug, Default)]
pub struct Along {
    pub mail: Option<Promised>,
    /// Rows of a collection that go: a DELETE without RETURNING.
    pub removes: Vec<(Arc<Collection>, Sql)>,
}

/// Creates a record of the server's own together with a mail that it promises; answers with the stored row.
///
/// # Errors
/// As [`create`].
pub async fn create_along(
    cx: &Cx,
    collection: &Arc<Collection>,
    input: Map<String, Json>,
    along: Along,
) -> Result<Arc<Record>> {
    create_with(cx, collection, &input.into(), &along).await
}

/// Changes a record, provided that it is still as it was read; whether it was.
///
/// # Errors
/// As [`update`].
pub async fn update_unchanged(cx: &Cx, record: &Record, input: Map<String, Json>) -> Result<bool> {
    let tag = etag::of_record(&cx.catalog, record);
    let terms = Terms { if_match: Some(Tags::parse(&tag)), ..Terms::default() };
    match update(cx, &record.collection, record.id(), input, &terms).await {
        Ok(_) => Ok(true),
        Err(Error::Stale(_) | Error::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Changes a record and answers with it as the caller may see it.
///
/// # Errors
/// As [`create`]; `NotFound` when there is no such record or the rule hides it, `Stale` when it is not the one
/// that the terms name.
pub async fn update(
    cx: &Cx,
    collection: &Arc<Collection>,
    id: &str,
    input: impl Into<Input>,
    terms: &Terms,
) -> Result<Answer> {
    let input = input.into();
    let target = [&collection.id, "/", id].concat();
    let claim = match receipts::claim(cx, terms, (&[&collection.id], &target), &input.told()).await? {
        Turn::Unclaimed => None,
        Turn::Ours(claim) => Some(claim),
        Turn::Made(answer) => return Ok(answer),
    };
    // The bucket may take its time to tell of uploads, so nobody waits for that.
    let input = direct::received(cx, collection, &input, UPDATE_FAILED).await?;
    let mut tries = Tries::of_write(cx, &[&collection.id]).await;
    let _lock = cx.tenant.locks.lock(&[(&collection.id, id)]).await;
    loop {
        match try_update(tries.cx(), tries.collection(collection)?, id, &input, terms, claim.as_ref()).await {
            Ok(written) => {
                tries.leave();
                return written.answer(tries.cx(), terms, claim.as_ref()).await;
            }
            Err(why) => match tries.again(why).await {
                Err(Error::Stale(_)) => return Err(stale(tries.cx(), tries.collection(collection)?, id, terms).await),
                again => again?,
            },
        }
    }
}

async fn try_update(
    cx: &Cx,
    collection: &Arc<Collection>,
    id: &str,
    input: &Input,
    terms: &Terms,
    claim: Option<&Claim>,
) -> Result<Written, Refusal> {
    let named = input.named(cx, collection);
    let mut plan = Plan::default();
    let planned = plan_update(cx, &mut plan, collection, id, &named, terms.if_match.as_ref()).await;
    let stored = planned.map_err(|error| plan.refusal(error))?;
    commit(cx, plan, stored, terms, claim, UPDATE_FAILED).await
}

/// The record as it is instead of as the client thought, if the caller may see it.
pub(super) async fn stale(cx: &Cx, collection: &Arc<Collection>, id: &str, terms: &Terms) -> Error {
    match read::view(cx, collection, id, &terms.query).await {
        Ok(Answer { json, etag, .. }) => Error::Stale(Some(Current { noun: "record", json, etag })),
        Err(_) => Error::Stale(None),
    }
}

/// Refuses a record that is not the one that the client has seen.
pub(super) fn compare(cx: &Cx, original: &Original, if_match: Option<&Tags>) -> Result<()> {
    let matches = |tags: &Tags| tags.match_strongly(&etag::of_record(&cx.catalog, &original.record));
    if if_match.is_none_or(matches) { Ok(()) } else { Err(Error::Stale(None)) }
}

/// Adds a create to the plan; boxed because a hook's queued writes come back here.
pub(super) fn plan_create<'a>(
    cx: &'a Cx,
    plan: &'a mut Plan,
    collection: &'a Arc<Collection>,
    named: &'a Named<'a>,
) -> BoxFuture<'a, Result<Arc<Record>>> {
    Box::pin(async move {
        refuse_view(collection)?;
        let permit = access::admit(cx, collection, Operation::Create)?;
        let input = &*named.fields;
        let mut draft = Draft::new(collection.clone());
        apply(cx, &mut draft, input);
        named.keep_promise(&mut draft);
        named.tell(&mut draft);
        defaults::apply(cx, &mut draft);
        let recheck = passage::admit_draft(cx, plan, &permit, &draft, input).await?;
        let Consequences { queued, reads, touched } =
            before(cx, plan.is_trial(), Stage::BeforeCreate, Before::Create { draft: &mut draft }).await?;
        plan.depend_on(reads)?;
        let stored = Arc::new(finish(cx, draft, None, named, plan).await?);
        named.plan(cx, plan, &stored)?;
        if let Some(condition) = recheck {
            plan.must_find(condition, Otherwise::Error(passage::refused(cx)));
        }
        relations::guard(cx, plan, &stored, None);
        defaults::guard_id(plan, &stored, CREATE_FAILED);
        plan.change_one(insert(&stored));
        plan.note_touched(cx, Action::Create, (None, Some(stored.clone())), touched);
        queued::plan_all(cx, plan, queued).await?;
        Ok(stored)
    })
}

/// Adds an update to the plan. The row must still be as it was read when the plan is carried out.
pub(super) fn plan_update<'a>(
    cx: &'a Cx,
    plan: &'a mut Plan,
    collection: &'a Arc<Collection>,
    id: &'a str,
    named: &'a Named<'a>,
    if_match: Option<&'a Tags>,
) -> BoxFuture<'a, Result<Arc<Record>>> {
    Box::pin(async move {
        refuse_view(collection)?;
        let permit = access::admit(cx, collection, Operation::Update)?;
        let original = original::fetch(cx, plan, &permit, collection, id, &named.fields).await?;
        compare(cx, &original, if_match)?;
        plan_change(cx, plan, original, named).await
    })
}

/// Adds the change of a row that may be changed to the plan.
pub(super) async fn plan_change(
    cx: &Cx,
    plan: &mut Plan,
    original: Original,
    named: &Named<'_>,
) -> Result<Arc<Record>> {
    let before_it = original.record.clone();
    named.check_replaced(&before_it)?;
    let mut draft = Draft::of(&before_it);
    apply(cx, &mut draft, &named.fields);
    named.tell(&mut draft);
    let event = Before::Update { original: &before_it, draft: &mut draft };
    let Consequences { queued, reads, touched } = before(cx, plan.is_trial(), Stage::BeforeUpdate, event).await?;
    plan.depend_on(reads)?;
    let stored = Arc::new(finish(cx, draft, Some(&before_it), named, plan).await?);
    named.plan(cx, plan, &stored)?;
    if let Some(condition) = original.recheck.clone() {
        plan.must_find(condition, Otherwise::Conflict);
    }
    relations::guard(cx, plan, &stored, Some(&before_it));
    plan.change_one(change(&original, &stored));
    plan.note_touched(cx, Action::Update, (Some(before_it), Some(stored.clone())), touched);
    queued::plan_all(cx, plan, queued).await?;
    Ok(stored)
}

/// Refuses a write that nobody of that kind may make, whatever is in it: before a body is read.
///
/// # Errors
/// `Invalid` for a view, else as [`access::admit`].
pub fn may_try(cx: &Cx, collection: &Arc<Collection>, operation: Operation) -> Result<()> {
    refuse_view(collection)?;
    access::admit(cx, collection, operation).map(|_| ())
}

pub(super) fn refuse_view(collection: &Collection) -> Result<()> {
    if collection.is_view() { Err(Error::invalid("Unsupported collection type.")) } else { Ok(()) }
}

/// Input onto the draft. Unknown keys are ignored, and so are hidden fields unless the caller may see them.
pub(super) fn apply(cx: &Cx, draft: &mut Draft, input: &Map<String, Json>) {
    let collection = draft.record.collection.clone();
    let mut random = |length: usize| cx.tenant.world.ids.lower(length);
    draft.apply_input(input, |key| passage::may_set(cx, &collection, key), &mut random);
}

async fn before(cx: &Cx, is_trial: bool, stage: Stage, event: Before<'_>) -> Result<Consequences> {
    let collection = match &event {
        Before::Create { draft } | Before::Update { draft, .. } => draft.record.collection.clone(),
        Before::Delete { original } => original.collection.clone(),
    };
    // Hooks may do more than write.
    if !is_trial && cx.hooks().listens(&collection.id, stage) {
        cx.hooks().before(cx, event).await
    } else {
        Ok(Consequences::default())
    }
}

/// Draft to row: what the system sets, then every field error at once, then validators.
async fn finish(
    cx: &Cx,
    mut draft: Draft,
    original: Option<&Record>,
    named: &Named<'_>,
    plan: &mut Plan,
) -> Result<Record> {
    let message = if original.is_some() { UPDATE_FAILED } else { CREATE_FAILED };
    set_system_fields(cx, &mut draft, original);
    let mut errors = draft.check(original);
    named.check(&draft, &mut errors);
    if draft.record.collection.auth().is_some() {
        auth_fields::check(cx, plan, &mut draft, original, named, &mut errors).await?;
    }
    if !errors.is_empty() {
        relations::check(cx, &draft.record, plan.sight(), &mut errors).await?;
        errors.into_result(message)?;
    }
    auth_fields::hash_passwords(cx, &mut draft).await?;
    let record = draft.record;
    if cx.hooks().listens(&record.collection.id, Stage::Validate) {
        cx.hooks().validate(cx, &record).await?.into_result(message)?;
    }
    Ok(record)
}

fn set_system_fields(cx: &Cx, draft: &mut Draft, original: Option<&Record>) {
    let collection = draft.record.collection.clone();
    let mut random = |length: usize| cx.tenant.world.ids.lower(length);
    for (index, field) in collection.fields.iter().enumerate() {
        match &field.kind {
            FieldKind::Autodate(autodate) if autodate.sets_on(original.is_none()) => {
                draft.record.values[index] = crate::model::Value::Text(date::format(cx.now_ms));
            }
            FieldKind::Text(text) if original.is_none() && draft.record.values[index].is_zero() => {
                if let Some(generated) = text.autogenerate(&mut random) {
                    draft.record.values[index] = crate::model::Value::Text(generated);
                }
            }
            _ => {}
        }
    }
}

fn insert(record: &Record) -> Sql {
    let fields = &record.collection.fields;
    let mut sql = Sql::new("INSERT INTO ");
    sql.name(&record.collection.name).push(" (");
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            sql.push(", ");
        }
        sql.name(&field.name);
    }
    sql.push(") VALUES (");
    for (index, (field, value)) in fields.iter().zip(&record.values).enumerate() {
        if index > 0 {
            sql.push(", ");
        }
        sql.bind(field.store(value));
    }
    sql.push(")");
    sql
}

/// Sets what differs, on the row exactly as it was read.
fn change(original: &Original, stored: &Record) -> Sql {
    let fields = &stored.collection.fields;
    let mut sql = Sql::new("UPDATE ");
    sql.name(&stored.collection.name).push(" SET ");
    let mut first = true;
    for (index, field) in fields.iter().enumerate() {
        if original.record.values[index] != stored.values[index] {
            if !first {
                sql.push(", ");
            }
            sql.name(&field.name).push(" = ").bind(field.store(&stored.values[index]));
            first = false;
        }
    }
    if first {
        sql.push("id = id");
    }
    sql.push(" WHERE ");
    original.append_condition(&mut sql);
    sql
}
