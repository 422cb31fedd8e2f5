//! The options of a field that `PocketBase` does not know: `default`, `unique`, `nullable`.

use crate::error::{FieldErrors, code};
use crate::model::{Field, FieldKind};

/// Adds what is wrong with them, by wire name.
pub(super) fn check(field: &Field, errors: &mut FieldErrors) {
    if let Err(error) = field.check_default() {
        errors.add("default", error);
    }
    if field.unique && (field.is_primary_key() || !may_be_unique(field)) {
        errors.add("unique", code::EMPTY.say("A field of this kind cannot be unique."));
    }
    if field.nullable && (field.system || field.is_primary_key() || !may_be_null(field)) {
        errors.add("nullable", code::EMPTY.say("A field of this kind cannot be null."));
    }
}

/// Kinds that hold one value which somebody may want to look up by.
fn may_be_unique(field: &Field) -> bool {
    match &field.kind {
        FieldKind::Text(_)
        | FieldKind::Number(_)
        | FieldKind::Email(_)
        | FieldKind::Url(_)
        | FieldKind::Date(_)
        | FieldKind::Autodate(_) => true,
        FieldKind::Select(_) | FieldKind::Relation(_) => !field.kind.is_multiple(),
        FieldKind::Bool(_)
        | FieldKind::Editor(_)
        | FieldKind::File(_)
        | FieldKind::Json(_)
        | FieldKind::Password(_)
        | FieldKind::GeoPoint(_)
        | FieldKind::Vector(_)
        | FieldKind::Array(_) => false,
    }
}

/// A list says with no items that there are none, JSON and vectors have a null of their own, and the server keeps the rest.
fn may_be_null(field: &Field) -> bool {
    match &field.kind {
        FieldKind::Text(_)
        | FieldKind::Number(_)
        | FieldKind::Bool(_)
        | FieldKind::Email(_)
        | FieldKind::Url(_)
        | FieldKind::Editor(_)
        | FieldKind::Date(_)
        | FieldKind::GeoPoint(_) => true,
        FieldKind::Select(_) | FieldKind::Relation(_) => !field.kind.is_multiple(),
        FieldKind::Autodate(_)
        | FieldKind::File(_)
        | FieldKind::Json(_)
        | FieldKind::Password(_)
        | FieldKind::Vector(_)
        | FieldKind::Array(_) => false,
    }
}
