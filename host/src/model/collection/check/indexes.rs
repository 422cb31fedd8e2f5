//! The indexes of a definition. As in `PocketBase`, the first mistake ends the check.

use super::{Collection, Context};
use crate::error::{FieldError, FieldErrors, code};
use crate::model::Kind;
use crate::model::index::Index;
use serde_json::json;

pub(super) fn check(new: &Collection, context: &Context<'_>, errors: &mut FieldErrors) {
    if new.is_view() {
        if !new.indexes.is_empty() {
            errors.add("indexes", code::INDEXES_NOT_SUPPORTED);
        }
        return;
    }
    let mut parsed: Vec<Index> = Vec::with_capacity(new.indexes.len());
    for (position, statement) in new.indexes.iter().enumerate() {
        match check_one(new, statement, &parsed, context) {
            Ok(index) => parsed.push(index),
            Err(error) => return errors.nest("indexes", FieldErrors::one(&position.to_string(), error)),
        }
    }
    if let Err(error) = check_system(new, &parsed, context) {
        errors.add("indexes", error);
    }
}

fn check_one(new: &Collection, statement: &str, before: &[Index], context: &Context<'_>) -> Result<Index, FieldError> {
    let Some(index) = Index::parse(statement) else {
        return Err(code::INVALID_INDEX_EXPRESSION.into());
    };
    let same_name = |other: &Index| other.name.eq_ignore_ascii_case(&index.name);
    if before.iter().any(same_name) {
        return Err(code::DUPLICATED_INDEX_NAME.into());
    }
    let uses_name = |other: &&&Collection| {
        other.indexes.iter().filter_map(|statement| Index::parse(statement)).any(|index| same_name(&index))
    };
    if let Some(user) = context.others.iter().find(uses_name) {
        return Err(code::EXISTING_INDEX_NAME.with([("usedTableName", json!(user.name))]));
    }
    if before.iter().any(|other| same_definition(other, &index)) {
        return Err(code::DUPLICATED_INDEX_DEFINITION.into());
    }
    let known = |name: &String| new.fields.iter().any(|field| field.name.eq_ignore_ascii_case(name));
    match index.column_names().iter().find(|name| !known(name)) {
        Some(unknown) => {
            let message = format!("Failed to create index {} - no such column: {unknown}.", index.name);
            Err(code::INVALID_INDEX_EXPRESSION.say(message))
        }
        None => Ok(index),
    }
}

fn same_definition(one: &Index, other: &Index) -> bool {
    let named = |index: &Index| Index { name: String::new(), table: String::new(), ..index.clone() };
    named(one) == named(other)
}

/// Unique indexes on system fields stay, and the records of auth collections are found by unique keys.
fn check_system(new: &Collection, parsed: &[Index], context: &Context<'_>) -> Result<(), FieldError> {
    let columns = |index: &Index| index.columns.iter().map(|column| column.name.to_lowercase()).collect::<Vec<_>>();
    let old = context.old.map(|old| (old, old.indexes.iter().filter_map(|statement| Index::parse(statement))));
    for (old, index) in old.into_iter().flat_map(|(old, indexes)| indexes.map(move |index| (old, index))) {
        let system = old.fields.iter().filter(|field| field.system);
        let named = |name: &str| index.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
        let Some(field) = system.into_iter().find(|field| named(&field.name)).filter(|_| index.unique) else {
            continue;
        };
        if !parsed.iter().any(|kept| kept.unique && columns(kept) == columns(&index)) {
            return Err(code::INVALID_UNIQUE_SYSTEM_FIELD_INDEX.with([("fieldName", json!(field.name))]));
        }
    }
    if matches!(new.kind, Kind::Auth(_)) {
        for field in ["tokenKey", "email"] {
            if !Index::is_unique_on(&new.indexes, field) {
                return Err(code::MISSING_REQUIRED_UNIQUE_INDEX.with([("fieldName", json!(field))]));
            }
        }
    }
    Ok(())
}
