//! Relations point at records that exist: guarded within the write, explained when the guard fails.

use super::overlay::PartSight;
use super::plan::{Otherwise, Plan, Refusal};
use super::write::CREATE_FAILED;
use crate::error::{FieldError, FieldErrors, Result};
use crate::model::{Collection, FieldKind, Record};
use crate::sql::Sql;
use crate::tenant::Cx;
use std::sync::Arc;

const MISSING_CODE: &str = "validation_missing_rel_records";
const MISSING_MESSAGE: &str = "Failed to find all relation records with the provided ids.";

/// Makes the plan fail unless the records that `stored` newly points at exist when it is carried out.
pub(super) fn guard(cx: &Cx, plan: &mut Plan, stored: &Arc<Record>, original: Option<&Record>) {
    for (table, id) in targets(cx, stored, original) {
        // A record may point at itself.
        if !(id == stored.id() && table.id == stored.collection.id) {
            plan.must_find(lookup(&table.name, &id), Otherwise::Relation(stored.clone()));
        }
    }
}

/// Adds an error for each relation field that points at something missing, as a part of a plan sees it.
pub(super) async fn check(cx: &Cx, record: &Record, sight: PartSight<'_>, errors: &mut FieldErrors) -> Result<()> {
    let mut missing = Vec::new();
    let mut wanted = Vec::new();
    for (field, value) in record.collection.fields.iter().zip(&record.values) {
        let FieldKind::Relation(relation) = &field.kind else { continue };
        let Some(table) = cx.catalog.collection(&relation.collection_id) else { continue };
        let itself = (table.id == record.collection.id).then(|| record.id());
        for id in value.items().iter().filter(|id| Some(id.as_str()) != itself) {
            match sight.has(table, id) {
                Some(true) => {}
                Some(false) => missing.push(field.name.clone()),
                None => wanted.push((field.name.clone(), lookup(&table.name, id))),
            }
        }
    }
    if !wanted.is_empty() {
        let read = cx.tenant.store.read(|snapshot| {
            for (field, sql) in wanted {
                if !super::read::is_some(snapshot, &sql)? {
                    missing.push(field);
                }
            }
            Ok(())
        });
        read.await?;
    }
    for field in missing {
        errors.add(&field, FieldError::new(MISSING_CODE, MISSING_MESSAGE));
    }
    Ok(())
}

/// Why a guard failed. If the missing record has appeared meanwhile, the write was merely too early.
pub(super) async fn explain(cx: &Cx, record: &Record, sight: PartSight<'_>) -> Refusal {
    let mut errors = FieldErrors::default();
    match check(cx, record, sight, &mut errors).await.and_then(|()| errors.into_result(CREATE_FAILED)) {
        Err(error) => Refusal::Error(error),
        Ok(()) => Refusal::Conflict,
    }
}

fn targets(cx: &Cx, stored: &Record, original: Option<&Record>) -> Vec<(Arc<Collection>, String)> {
    let mut targets = Vec::new();
    for (index, field) in stored.collection.fields.iter().enumerate() {
        let FieldKind::Relation(relation) = &field.kind else { continue };
        let Some(table) = cx.catalog.collection(&relation.collection_id) else { continue };
        let known = original.map_or(&[][..], |original| original.values[index].items());
        for id in stored.values[index].items().iter().filter(|id| !known.contains(id)) {
            targets.push((table.clone(), id.clone()));
        }
    }
    targets
}

fn lookup(table: &str, id: &str) -> Sql {
    let mut sql = Sql::new("SELECT 1 FROM ");
    sql.name(table).push(" WHERE id = ").bind(id);
    sql
}
