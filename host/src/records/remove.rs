//! Delete, with what it means for records that point at the deleted one: `cascadeDelete` goes with it,
//! a required relation that would become empty forbids it, any other relation is emptied.

use super::plan::{Plan, Refusal, TRIES};
use super::write::{append_row_condition, lost_race, refuse_view};
use super::{queued, read};
use crate::access::{self, Operation, Permit};
use crate::error::{Error, Result};
use crate::model::{Action, Collection, Draft, FieldKind, Value};
use crate::schema::catalog::Reference;
use crate::sql::Sql;
use crate::tenant::Cx;
use crate::tenant::hooks::{Before, Stage};
use futures_util::future::BoxFuture;
use serde_json::Map;
use std::collections::HashSet;
use std::sync::Arc;

const BLOCKED: &str =
    "Failed to delete record. Make sure that the record is not part of a required relation reference.";
/// Records that one delete may take with it.
const CASCADE_MAX: usize = 10_000;

/// Deletes a record and what hangs on it.
///
/// # Errors
/// `NotFound` when there is no such record or the rule hides it, `Invalid` when a required relation or a
/// hook forbids it, `Conflict` after three lost races.
pub async fn delete(cx: &Cx, collection: &Arc<Collection>, id: &str) -> Result<()> {
    let _lock = cx.tenant.locks.lock(&[(&collection.id, id)]).await;
    for _ in 0..TRIES {
        let mut plan = Plan::default();
        plan_delete(cx, &mut plan, collection, id).await?;
        match plan.commit(cx).await {
            Ok(()) => return Ok(()),
            Err(Refusal::Conflict | Refusal::Relation) => {}
            Err(Refusal::Error(error)) => return Err(error.with_message(BLOCKED)),
        }
    }
    Err(lost_race())
}

/// Adds a delete under the delete rule to the plan.
pub(super) async fn plan_delete(cx: &Cx, plan: &mut Plan, collection: &Arc<Collection>, id: &str) -> Result<()> {
    refuse_view(collection)?;
    let permit = access::admit(cx, collection, Operation::Delete)?;
    let target = fetch(cx, &permit, collection, id).await?;
    refuse_last_superuser(cx, collection).await?;
    if let Some(condition) = target.recheck.clone() {
        plan.must_find(condition, Refusal::Conflict);
    }
    let mut gone = HashSet::new();
    take_down(cx, plan, target, &mut gone).await
}

async fn fetch(cx: &Cx, permit: &Permit, collection: &Arc<Collection>, id: &str) -> Result<read::Original> {
    read::for_write(cx, permit, collection, id, &Map::new()).await
}

/// Removes one record after those that must go with it; boxed because it calls itself along references.
fn take_down<'a>(
    cx: &'a Cx,
    plan: &'a mut Plan,
    target: read::Original,
    gone: &'a mut HashSet<(String, String)>,
) -> BoxFuture<'a, Result<()>> {
    Box::pin(async move {
        let collection = target.record.collection.clone();
        if !gone.insert((collection.id.clone(), target.record.id().to_owned())) {
            return Ok(());
        }
        if gone.len() > CASCADE_MAX {
            return Err(Error::invalid("The delete would take too many records with it."));
        }
        let hooks = cx.tenant.hooks();
        let queued = if hooks.listens(&collection.id, Stage::BeforeDelete) {
            hooks.before(cx, Before::Delete { original: &target.record }).await?
        } else {
            Vec::new()
        };
        for reference in cx.catalog.referenced_by(&collection.id) {
            for referrer in referrers(cx, reference, target.record.id()).await? {
                release(cx, plan, reference, referrer, target.record.id(), gone).await?;
            }
        }
        let mut delete = Sql::new("DELETE FROM ");
        delete.name(&collection.name).push(" WHERE ");
        append_row_condition(&mut delete, &target.record, &target.row);
        plan.change_one(delete);
        for reference in cx.catalog.referenced_by(&collection.id) {
            // Somebody may have begun to point here since the referrers were read.
            plan.must_leave_none(pointing(reference, target.record.id(), Sql::new("1")));
        }
        plan.note(cx, Action::Delete, Some(Arc::new(target.record)), None);
        queued::plan_all(cx, plan, queued).await
    })
}

/// What becomes of a record that points at a deleted one.
async fn release(
    cx: &Cx,
    plan: &mut Plan,
    reference: &Reference,
    referrer: read::Original,
    id: &str,
    gone: &mut HashSet<(String, String)>,
) -> Result<()> {
    if gone.contains(&(reference.collection.id.clone(), referrer.record.id().to_owned())) {
        return Ok(());
    }
    let field = &reference.collection.fields[reference.field];
    let FieldKind::Relation(relation) = &field.kind else { return Ok(()) };
    let left: Vec<String> =
        referrer.record.values[reference.field].items().iter().filter(|item| *item != id).cloned().collect();
    if left.is_empty() && relation.cascade_delete {
        return take_down(cx, plan, referrer, gone).await;
    }
    if left.is_empty() && field.required {
        return Err(Error::invalid(BLOCKED));
    }
    let mut draft = Draft::of(&referrer.record);
    let value = if field.kind.is_multiple() { Value::Texts(left) } else { Value::Text(String::new()) };
    draft.put(reference.field, value);
    let mut change = Sql::new("UPDATE ");
    change.name(&reference.collection.name).push(" SET ").name(&field.name).push(" = ");
    change.bind(field.kind.store(&draft.record.values[reference.field])).push(" WHERE ");
    append_row_condition(&mut change, &referrer.record, &referrer.row);
    plan.change_one(change);
    plan.note(cx, Action::Update, Some(Arc::new(referrer.record)), Some(Arc::new(draft.record)));
    Ok(())
}

async fn referrers(cx: &Cx, reference: &Reference, id: &str) -> Result<Vec<read::Original>> {
    let select = pointing(reference, id, cx.catalog.columns(&reference.collection));
    let collection = &reference.collection;
    cx.tenant
        .store
        .read(|snapshot| {
            let mut found = Vec::new();
            snapshot.rows(&select, |row| {
                let raw = read::raw(row, collection.fields.len());
                found.push(read::Original { record: read::load(collection, row), row: raw, recheck: None });
                Ok(())
            })?;
            Ok(found)
        })
        .await
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

async fn refuse_last_superuser(cx: &Cx, collection: &Collection) -> Result<()> {
    if collection.name != "_superusers" {
        return Ok(());
    }
    let others = Sql::new("SELECT 1 FROM _superusers LIMIT 1 OFFSET 1");
    if cx.tenant.store.read(|snapshot| read::is_some(snapshot, &others)).await? {
        Ok(())
    } else {
        Err(Error::invalid("You can't delete the only existing superuser."))
    }
}
