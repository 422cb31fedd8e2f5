//! Delete, with what it means for records that point at the deleted one: `cascadeDelete` goes with it,
//! a required relation that would become empty forbids it, any other relation is emptied.

use super::original::{self, Original};
use super::plan::{Otherwise, Plan, Refusal};
use super::tries::Tries;
use super::write::{compare, refuse_view, stale};
use super::{Tags, Terms, queued, read, walk};
use crate::access::{self, Operation};
use crate::db::Snapshot;
use crate::error::{Error, Result};
use crate::model::{Action, Collection, Draft, FieldKind, Record, Value};
use crate::schema::catalog::Reference;
use crate::sql::Sql;
use crate::tenant::Cx;
use crate::tenant::hooks::{Before, Consequences, ReadAt, Stage};
use futures_util::future::BoxFuture;
use serde_json::Map;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(super) const BLOCKED: &str =
    "Failed to delete record. Make sure that the record is not part of a required relation reference.";
const SUPERUSERS: &str = "_superusers";
const LAST_SUPERUSER: &str = "You can't delete the only existing superuser.";
/// Records that one delete may take with it.
const CASCADE_MAX: usize = 10_000;
/// Records that go one because of the other: each waits on the stack of its thread for those that go with it.
const CASCADE_DEPTH_MAX: usize = 100;
/// Records that a truncate deletes in one transaction; what hangs on them comes on top.
const TRUNCATE_CHUNK: u64 = 5_000;

/// Deletes a record and what hangs on it.
///
/// # Errors
/// `NotFound` when there is no such record or the rule hides it, `Invalid` when a required relation or a
/// hook forbids it or too much hangs on it, `Stale` when it is not the one that the terms name, `Conflict` after three lost races.
pub async fn delete(cx: &Cx, collection: &Arc<Collection>, id: &str, terms: &Terms) -> Result<()> {
    let mut tries = Tries::of_write(cx, &[&collection.id]).await;
    let _lock = cx.tenant.locks.lock(&[(&collection.id, id)]).await;
    loop {
        match try_delete(tries.cx(), tries.collection(collection)?, id, terms.if_match.as_ref()).await {
            Ok(()) => return Ok(()),
            Err(why) => match tries.again(why).await {
                Err(Error::Stale(_)) => return Err(stale(tries.cx(), tries.collection(collection)?, id, terms).await),
                again => again?,
            },
        }
    }
}

async fn try_delete(cx: &Cx, collection: &Arc<Collection>, id: &str, if_match: Option<&Tags>) -> Result<(), Refusal> {
    let mut plan = Plan::default();
    let planned = plan_delete(cx, &mut plan, collection, id, if_match).await;
    planned.map_err(|error| plan.refusal(error))?;
    plan.commit(cx).await.map_err(|refused| refused.why.with_message(BLOCKED))
}

/// Deletes every record of a collection with what hangs on them, [`TRUNCATE_CHUNK`] in a transaction.
///
/// # Errors
/// `Invalid` when a required relation or a hook forbids it, `Conflict` after three lost races. Of a collection
/// that is larger than one transaction the former ones stay done.
pub async fn truncate(cx: &Cx, collection: &Arc<Collection>) -> Result<()> {
    refuse_view(collection)?;
    if collection.is_superusers() {
        return Err(Error::invalid(LAST_SUPERUSER));
    }
    let mut tries = Tries::of(cx);
    loop {
        match truncate_some(tries.cx(), tries.collection(collection)?).await {
            Ok(true) => tries.begin_anew().await,
            Ok(false) => return Ok(()),
            Err(why) => tries.again(why).await?,
        }
    }
}

/// Deletes the records of one transaction; whether there were any.
async fn truncate_some(cx: &Cx, collection: &Arc<Collection>) -> Result<bool, Refusal> {
    let ids = read::some_ids(cx, collection, TRUNCATE_CHUNK).await?;
    if ids.is_empty() {
        return Ok(false);
    }
    let mut plan = Plan::default();
    for id in &ids {
        match plan_delete(cx, &mut plan, collection, id, None).await {
            // Another one of them has taken it along, or somebody else was faster.
            Ok(()) | Err(Error::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
        if plan.is_full() {
            break;
        }
    }
    // Others have taken all of them, which the next look shows; it is no step forward.
    if plan.is_blank() {
        return Err(Refusal::Conflict);
    }
    plan.commit(cx).await.map_err(|refused| refused.why.with_message(BLOCKED))?;
    Ok(true)
}

/// Adds a delete under the delete rule to the plan.
pub(super) async fn plan_delete(
    cx: &Cx,
    plan: &mut Plan,
    collection: &Arc<Collection>,
    id: &str,
    if_match: Option<&Tags>,
) -> Result<()> {
    refuse_view(collection)?;
    let permit = access::admit(cx, collection, Operation::Delete)?;
    let target = original::fetch(cx, plan, &permit, collection, id, &Map::new()).await?;
    compare(cx, &target, if_match)?;
    plan_removal(cx, plan, target).await
}

/// Adds the delete of a row that may be deleted to the plan.
pub(super) async fn plan_removal(cx: &Cx, plan: &mut Plan, target: Original) -> Result<()> {
    if target.record.collection.name == SUPERUSERS {
        let others = Sql::new("SELECT 1 FROM _superusers LIMIT 1 OFFSET 1");
        if !plan.would_find(cx, &others).await? {
            return Err(Error::invalid(LAST_SUPERUSER));
        }
        plan.must_find(others, Otherwise::Error(Error::invalid(LAST_SUPERUSER)));
    }
    if let Some(condition) = target.recheck.clone() {
        plan.must_find(condition, Otherwise::Conflict);
    }
    let mut gone = HashSet::new();
    take_down(cx, plan, target, &mut gone, 1).await
}

/// Removes one record after those that must go with it; boxed because it calls itself along references. `depth`
/// counts the records from the first one to this.
fn take_down<'a>(
    cx: &'a Cx,
    plan: &'a mut Plan,
    target: Original,
    gone: &'a mut HashSet<(String, String)>,
    depth: usize,
) -> BoxFuture<'a, Result<()>> {
    Box::pin(async move {
        let collection = target.record.collection.clone();
        if !gone.insert((collection.id.clone(), target.record.id().to_owned())) {
            return Ok(());
        }
        if gone.len() > CASCADE_MAX || depth > CASCADE_DEPTH_MAX {
            return Err(too_many());
        }
        let hooks = cx.hooks();
        let Consequences { queued, reads, .. } =
            if !plan.is_trial() && hooks.listens(&collection.id, Stage::BeforeDelete) {
                hooks.before(cx, Before::Delete { original: &target.record }).await?
            } else {
                Consequences::default()
            };
        plan.depend_on(reads)?;
        let moment = cx.tenant.store.moment();
        for reference in cx.catalog.referenced_by(&collection.id) {
            for referrer in referrers(cx, plan, reference, target.record.id()).await? {
                release(cx, plan, reference, referrer, target.record.id(), gone, depth).await?;
            }
        }
        let mut delete = Sql::new("DELETE FROM ");
        delete.name(&collection.name).push(" WHERE ");
        target.append_condition(&mut delete);
        plan.change_one(delete);
        for reference in cx.catalog.referenced_by(&collection.id) {
            // Somebody may have begun to point here since the referrers were read.
            let read = ReadAt { collection: reference.collection.id.clone(), moment };
            plan.must_leave_none(pointing(reference, target.record.id(), Sql::new("1")), read);
        }
        plan.note(cx, Action::Delete, Some(target.record), None);
        queued::plan_all(cx, plan, queued).await
    })
}

/// What becomes of a record that points at a deleted one.
async fn release(
    cx: &Cx,
    plan: &mut Plan,
    reference: &Reference,
    referrer: Original,
    id: &str,
    gone: &mut HashSet<(String, String)>,
    depth: usize,
) -> Result<()> {
    if gone.contains(&(reference.collection.id.clone(), referrer.record.id().to_owned())) {
        return Ok(());
    }
    // Another record that goes may have taken it along or changed it since it was read.
    let Some(referrer) = referrer.in_plan(plan) else { return Ok(()) };
    let field = &reference.collection.fields[reference.field];
    let FieldKind::Relation(relation) = &field.kind else { return Ok(()) };
    let items = referrer.record.values[reference.field].items();
    let left: Vec<String> = items.iter().filter(|item| *item != id).cloned().collect();
    if left.len() == items.len() {
        return Ok(());
    }
    if left.is_empty() && relation.cascade_delete {
        return take_down(cx, plan, referrer, gone, depth + 1).await;
    }
    if left.is_empty() && field.required {
        return Err(Error::invalid(BLOCKED));
    }
    let mut draft = Draft::of(&referrer.record);
    let value = if field.kind.is_multiple() { Value::Texts(left) } else { field.zero() };
    draft.put(reference.field, value);
    let mut change = Sql::new("UPDATE ");
    change.name(&reference.collection.name).push(" SET ").name(&field.name).push(" = ");
    change.bind(field.store(&draft.record.values[reference.field])).push(" WHERE ");
    referrer.append_condition(&mut change);
    plan.change_one(change);
    plan.note(cx, Action::Update, Some(referrer.record), Some(Arc::new(draft.record)));
    Ok(())
}

/// The records whose relation holds an id: those stored, as far as the plan does not touch them, and those planned.
async fn referrers(cx: &Cx, plan: &mut Plan, reference: &Reference, id: &str) -> Result<Vec<Original>> {
    let collection = &reference.collection;
    let (rows_max, bytes_max) = plan.room();
    let select = |part: Option<Sql>| {
        let mut select = pointing(reference, id, cx.catalog.columns(collection));
        if let Some(part) = part {
            select.push(" AND ").append(part);
        }
        select.push(" LIMIT ").number(rows_max as u64 + 1);
        select
    };
    // Of all parts together, and of a first attempt that was given up.
    let (rows, bytes) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let read = |snapshot: &mut Snapshot<'_>, select: &Sql| {
        let (mut found, mut own) = (Vec::new(), 0);
        let read = snapshot.rows(select, |row| {
            let original = Original::stored(collection, row);
            own += original.bytes();
            let all = bytes.fetch_add(original.bytes(), Ordering::Relaxed) + original.bytes();
            found.push(original);
            if rows.fetch_add(1, Ordering::Relaxed) >= rows_max || all > bytes_max { Err(too_many()) } else { Ok(()) }
        });
        if read.is_err() {
            rows.fetch_sub(found.len(), Ordering::Relaxed);
            bytes.fetch_sub(own, Ordering::Relaxed);
        }
        read.map(|()| found)
    };
    let parts = cx.tenant.store.read(|snapshot| walk::read(snapshot, &collection.name, false, select, read)).await?;
    let mut found: Vec<Original> = parts.into_iter().flatten().collect();
    plan.hold(bytes.into_inner());
    found.retain(|original| plan.overlay().get(collection, original.record.id()).is_none());
    let points = |record: &&Arc<Record>| record.values[reference.field].items().iter().any(|item| item == id);
    found.extend(plan.overlay().records(collection).filter(points).cloned().map(Original::planned));
    Ok(found)
}

fn too_many() -> Error {
    Error::invalid("The delete would take or change too many records.")
}

/// The rows whose relation holds an id.
fn pointing(reference: &Reference, id: &str, columns: Sql) -> Sql {
    let collection = &reference.collection;
    let field = &collection.fields[reference.field];
    let mut sql = Sql::new("SELECT ");
    sql.append(columns).push(" FROM ").name(&collection.name).push(" WHERE ");
    if field.kind.is_multiple() {
        sql.push("instr(").column(&collection.name, &field.name).push(", ").bind(id);
        sql.push(") > 0 AND EXISTS (SELECT 1 FROM json_each(").column(&collection.name, &field.name);
        sql.push(") AS item WHERE item.value = ").bind(id).push(")");
    } else {
        sql.column(&collection.name, &field.name).push(" = ").bind(id);
    }
    sql
}
