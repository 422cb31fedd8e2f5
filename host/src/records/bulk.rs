//! Changes and deletes by filter, for superusers: many records in one transaction, each treated as if it were
//! written alone: hooks, checks, events, cascade. All of a call happens or nothing.

use super::original::Original;
use super::plan::{Plan, Refusal};
use super::receipts::{self, Claim, Turn};
use super::remove::{BLOCKED, plan_removal};
use super::tries::Tries;
use super::uploads::Named;
use super::write::{UPDATE_FAILED, plan_change, refuse_view};
use super::{Answer, Terms, read, render};
use crate::access::{self, Operation};
use crate::error::{Error, FieldErrors, Result, code};
use crate::model::Collection;
use crate::sql::Sql;
use crate::tenant::Cx;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use tokio::sync::OwnedMutexGuard;

/// Records that one call writes; `hasMore` says that there are others.
pub const BULK_MAX: usize = 1_000;
/// Bytes of records that one call takes into memory; the one that exceeds them is the last.
const BYTES_MAX: usize = 64 << 20;
/// Ids that are answered.
const IDS_SHOWN: usize = 100;

/// Which records are meant.
#[derive(Debug, Clone, Default)]
pub struct BulkQuery {
    pub filter: Option<String>,
    /// Only records whose id is larger: the `after` of the call before.
    pub after: Option<String>,
    /// Do all of it, without hooks, and take it back.
    pub dry_run: bool,
}

/// Gives every record that matches the same change.
///
/// # Errors
/// `Invalid` for a missing or broken filter, and for the first record that cannot be changed, by its id;
/// else as for a single update.
pub async fn update_where(
    cx: &Cx,
    collection: &Arc<Collection>,
    query: &BulkQuery,
    input: &Map<String, Json>,
    terms: &Terms,
) -> Result<Answer> {
    carry_out(cx, collection, Call { query, verb: Verb::Update(input), terms, claim: None }).await
}

/// Deletes every record that matches.
///
/// # Errors
/// As [`update_where`].
pub async fn delete_where(cx: &Cx, collection: &Arc<Collection>, query: &BulkQuery, terms: &Terms) -> Result<Answer> {
    carry_out(cx, collection, Call { query, verb: Verb::Delete, terms, claim: None }).await
}

#[derive(Clone, Copy)]
enum Verb<'a> {
    Update(&'a Map<String, Json>),
    Delete,
}

impl Verb<'_> {
    fn failed(self) -> &'static str {
        match self {
            Self::Update(_) => UPDATE_FAILED,
            Self::Delete => BLOCKED,
        }
    }

    fn operation(self) -> Operation {
        match self {
            Self::Update(_) => Operation::Update,
            Self::Delete => Operation::Delete,
        }
    }

    async fn plan(self, cx: &Cx, plan: &mut Plan, original: Original) -> Result<()> {
        match self {
            Self::Update(input) => plan_change(cx, plan, original, &Named::without_files(input)).await.map(drop),
            Self::Delete => plan_removal(cx, plan, original).await,
        }
    }
}

/// The records that a call is about.
struct Found {
    records: Vec<Original>,
    /// How many match, those beyond this call too.
    total: i64,
    has_more: bool,
}

/// What a call asks for.
#[derive(Clone, Copy)]
struct Call<'a> {
    query: &'a BulkQuery,
    verb: Verb<'a>,
    terms: &'a Terms,
    claim: Option<&'a Claim>,
}

async fn carry_out(cx: &Cx, collection: &Arc<Collection>, call: Call<'_>) -> Result<Answer> {
    let Call { query, verb, terms, .. } = call;
    refuse_view(collection)?;
    if !cx.caller.is_trusted() && cx.caller.key().is_none() {
        return Err(Error::Forbidden("Only superusers can perform this action.".into()));
    }
    // The permit allows everything; asking for it keeps to the path that every write takes.
    access::admit(cx, collection, verb.operation())?;
    // How many a filter finds is what a list tells.
    access::admit(cx, collection, Operation::List)?;
    if terms.if_match.is_some() {
        return Err(Error::invalid("If-Match is about one record, not about those that a filter finds."));
    }
    if query.dry_run {
        return call.write(cx, collection).await;
    }
    let (filter, after) = (query.filter.as_deref().unwrap_or_default(), query.after.as_deref().unwrap_or_default());
    let target = [&collection.id, "?", filter, "\0", after].concat();
    let none = Map::new();
    let input = if let Verb::Update(input) = verb { input } else { &none };
    match receipts::claim(cx, terms, (&[&collection.id], &target), input).await? {
        Turn::Unclaimed => call.write(cx, collection).await,
        Turn::Ours(claim) => Call { claim: Some(&claim), ..call }.write(cx, collection).await,
        Turn::Made(answer) => Ok(answer),
    }
}

impl Call<'_> {
    async fn write(self, cx: &Cx, collection: &Arc<Collection>) -> Result<Answer> {
        let mut locks = Vec::new();
        let mut tries = Tries::of_write(cx, &[&collection.id]).await;
        loop {
            match self.try_write(tries.cx(), tries.collection(collection)?, &mut locks).await {
                Ok(answer) => return Ok(answer),
                Err(why) => tries.again(why).await?,
            }
        }
    }

    async fn try_write(
        self,
        cx: &Cx,
        collection: &Arc<Collection>,
        locks: &mut Vec<OwnedMutexGuard<()>>,
    ) -> Result<Answer, Refusal> {
        let Call { query, verb, terms, claim } = self;
        let found = select(cx, collection, &condition(cx, collection, query)?).await?;
        let answer = answer(&found, query.dry_run, terms)?;
        if !cx.tenant.is_as_in(&cx.catalog) {
            return Err(Refusal::Conflict);
        }
        if locks.is_empty() {
            let keys: Vec<_> =
                found.records.iter().map(|original| (collection.id.as_str(), original.record.id())).collect();
            *locks = cx.tenant.locks.lock(&keys).await;
        }
        let mut plan = if query.dry_run { Plan::trial() } else { Plan::default() };
        let ids: Vec<String> = found.records.iter().map(|original| original.record.id().to_owned()).collect();
        for (part, original) in found.records.into_iter().enumerate() {
            plan.begin_part(part);
            // One that went before may have taken it along.
            if let Some(original) = original.in_plan(&plan) {
                let planned = verb.plan(cx, &mut plan, original).await;
                planned.map_err(|error| name_record(error, ids.get(plan.blamed()), verb))?;
            }
        }
        if let Some(claim) = claim {
            claim.keep(cx, &mut plan, &answer)?;
        }
        let Err(refused) = plan.commit(cx).await else { return Ok(answer) };
        match (refused.why, claim) {
            (Refusal::Error(error), _) => Err(name_record(error, ids.get(refused.part), verb).into()),
            (Refusal::Conflict, None) => Err(Refusal::Conflict),
            (Refusal::Conflict, Some(claim)) => claim.made(cx).await?.ok_or(Refusal::Conflict),
        }
    }
}

fn condition(cx: &Cx, collection: &Arc<Collection>, query: &BulkQuery) -> Result<Sql> {
    let given = query.filter.as_deref().filter(|text| !text.trim().is_empty());
    let Some(filter) = read::client_filter(cx, collection, given)? else {
        return Err(Error::field("A filter is required: `id != ''` is every record.", "filter", code::REQUIRED));
    };
    let mut condition = read::to_condition(cx, &filter, &Map::new());
    if let Some(after) = &query.after {
        condition.push(" AND ").column(&collection.name, "id").push(" > ").bind(after.as_str());
    }
    Ok(condition)
}

/// The first records that match, by their ids.
async fn select(cx: &Cx, collection: &Arc<Collection>, condition: &Sql) -> Result<Found> {
    let mut rows = read::plain_select(&cx.catalog, collection);
    rows.push(" WHERE ").append(condition.clone()).push(" ORDER BY ").column(&collection.name, "id");
    rows.push(" LIMIT ").bind(i64::try_from(BULK_MAX + 1).unwrap_or(i64::MAX));
    let mut count = Sql::new("SELECT count(*) FROM ");
    count.name(&collection.name).push(" WHERE ").append(condition.clone());
    let read = cx.tenant.store.read(|snapshot| {
        let mut found = Found { records: Vec::new(), total: 0, has_more: false };
        let mut bytes = 0;
        snapshot.rows(&rows, |row| {
            if found.records.len() >= BULK_MAX || bytes > BYTES_MAX {
                found.has_more = true;
            } else {
                let original = Original::stored(collection, row);
                bytes += original.bytes();
                found.records.push(original);
            }
            Ok(())
        })?;
        found.total = snapshot.one(&count, |row| Ok(row.integer(0)))?.unwrap_or_default();
        Ok(found)
    });
    read.await
}

fn answer(found: &Found, dry_run: bool, terms: &Terms) -> Result<Answer> {
    let ids: Vec<&str> = found.records.iter().map(|original| original.record.id()).collect();
    let json = json!({
        "count": ids.len(),
        "total": found.total,
        "hasMore": found.has_more,
        "after": ids.last().copied().unwrap_or_default(),
        "ids": ids[..ids.len().min(IDS_SHOWN)],
        "dryRun": dry_run,
    });
    let json = render::pick(json.to_string().into_bytes(), terms.query.fields.as_deref())?;
    Ok(Answer { json, ..Answer::default() })
}

/// What is wrong with one record, under its id.
fn name_record(error: Error, id: Option<&String>, verb: Verb<'_>) -> Error {
    match (error, id) {
        (Error::Invalid { message, fields }, Some(id)) => {
            let mut records = FieldErrors::default();
            if fields.is_empty() {
                records.add(id, code::INVALID_VALUE.say(message));
            } else {
                records.nest(id, fields);
            }
            let mut all = FieldErrors::default();
            all.nest("records", records);
            Error::Invalid { message: verb.failed().into(), fields: all }
        }
        (error, _) => error,
    }
}
