//! Relations point at records that exist: guarded within the write, explained when the guard fails.

use super::plan::{Plan, Refusal};
use crate::error::{Error, FieldError, FieldErrors, Result};
use crate::model::{FieldKind, Record};
use crate::sql::Sql;
use crate::tenant::Cx;

const MISSING_CODE: &str = "validation_missing_rel_records";
const MISSING_MESSAGE: &str = "Failed to find all relation records with the provided ids.";

/// Makes the plan fail unless the records that `stored` newly points at exist when it is carried out.
pub(super) fn guard(cx: &Cx, plan: &mut Plan, stored: &Record, original: Option<&Record>) {
    for (table, id) in targets(cx, stored, original) {
        // A record may point at itself.
        if !(id == stored.id() && table.id == stored.collection.id) {
            plan.must_find(lookup(&table.name, &id), Refusal::Relation);
        }
    }
}

/// Adds an error for each relation field that points at something missing.
pub(super) async fn check(cx: &Cx, record: &Record, errors: &mut FieldErrors) -> Result<()> {
    let wanted: Vec<(String, Sql)> = record
        .collection
        .fields
        .iter()
        .zip(&record.values)
        .filter_map(|(field, value)| {
            let FieldKind::Relation(relation) = &field.kind else { return None };
            let table = cx.catalog.collection(&relation.collection_id)?;
            Some((field, table, value))
        })
        .flat_map(|(field, table, value)| {
            let itself = (table.id == record.collection.id).then(|| record.id());
            let ids = value.items().iter().filter(move |id| Some(id.as_str()) != itself);
            ids.map(|id| (field.name.clone(), lookup(&table.name, id)))
        })
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let missing = cx
        .tenant
        .store
        .read(move |snapshot| {
            let mut missing = Vec::new();
            for (field, sql) in wanted {
                if !super::read::is_some(snapshot, &sql)? {
                    missing.push(field);
                }
            }
            Ok(missing)
        })
        .await?;
    for field in missing {
        errors.add(&field, FieldError::new(MISSING_CODE, MISSING_MESSAGE));
    }
    Ok(())
}

/// The error behind a failed guard. If the missing record has appeared meanwhile, the write was merely too early.
pub(super) async fn explain(cx: &Cx, record: &Record, message: &'static str) -> Error {
    let mut errors = FieldErrors::default();
    match check(cx, record, &mut errors).await {
        Err(error) => error,
        Ok(()) => match errors.into_result(message) {
            Err(error) => error,
            Ok(()) => super::write::lost_race(),
        },
    }
}

fn targets(
    cx: &Cx,
    stored: &Record,
    original: Option<&Record>,
) -> Vec<(std::sync::Arc<crate::model::Collection>, String)> {
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
