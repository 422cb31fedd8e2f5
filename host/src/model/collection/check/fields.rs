//! The fields of a definition. As in `PocketBase`, each kind of mistake is looked for only when there is none of
//! the kinds before.

use super::{Collection, Context, additions, has_via, is_word};
use crate::error::{Code, FieldError, FieldErrors, FieldIssue, code};
use crate::model::field::searchable;
use crate::model::{Field, FieldKind, Kind};
use serde_json::json;

const ID_CHARS_MAX: usize = 100;
const NAME_CHARS_MAX: usize = 100;
const HELP_CHARS_MAX: usize = 300;

/// Words of the rule language, of the engine and of a record's JSON.
const RESERVED: &[&str] = &["null", "true", "false", "_rowid_", "collectionId", "collectionName", "expand"];
/// Keys of an auth record's input that are no fields.
const RESERVED_IN_AUTH: &[&str] = &["passwordConfirm", "oldPassword"];

/// What is wrong with the list as a whole, or with fields by position.
enum Wrong {
    List(FieldError),
    Fields(FieldErrors),
}

type Step = fn(&Collection, &Context<'_>) -> Result<(), Wrong>;

pub(super) fn check(new: &Collection, context: &Context<'_>, errors: &mut FieldErrors) {
    // A view's fields follow from its query, which is checked elsewhere.
    let view: &[Step] = &[duplicates, each];
    let table: &[Step] = &[system_kinds, duplicates, mandatory, system_fields, kinds, reserved_in_auth, each];
    let steps = if new.is_view() { view } else { table };
    for step in steps {
        match step(new, context) {
            Ok(()) => {}
            Err(Wrong::List(error)) => return errors.add("fields", error),
            Err(Wrong::Fields(wrong)) => return errors.nest("fields", wrong),
        }
    }
}

fn at(position: usize, key: &str, error: impl Into<FieldError>) -> FieldErrors {
    let mut errors = FieldErrors::default();
    errors.nest(&position.to_string(), FieldErrors::one(key, error));
    errors
}

fn by_position(errors: FieldErrors) -> Result<(), Wrong> {
    if errors.is_empty() { Ok(()) } else { Err(Wrong::Fields(errors)) }
}

/// A system field that comes as one of another kind is not kept, whether it has its id or not. Of the key its own words are said.
fn system_kinds(new: &Collection, context: &Context<'_>) -> Result<(), Wrong> {
    let old = context.old.map_or(&[][..], |old| &old.fields);
    let turned = |old: &Field| {
        let mut now = new.fields.iter().filter(|field| field.name == old.name);
        old.name != "id" && now.any(|field| field.kind.name() != old.kind.name())
    };
    if old.iter().filter(|field| field.system).any(turned) {
        Err(Wrong::List(code::SYSTEM_FIELD_CHANGE.into()))
    } else {
        Ok(())
    }
}

fn duplicates(new: &Collection, _: &Context<'_>) -> Result<(), Wrong> {
    for (position, field) in new.fields.iter().enumerate() {
        let before = &new.fields[..position];
        if before.iter().any(|other| other.id == field.id) {
            let error = code::DUPLICATED_FIELD_ID.with([("fieldId", json!(field.id))]);
            return Err(Wrong::Fields(at(position, "id", error)));
        }
        if before.iter().any(|other| other.name.to_lowercase() == field.name.to_lowercase()) {
            let error = code::DUPLICATED_FIELD_NAME.with([("fieldName", json!(field.name))]);
            return Err(Wrong::Fields(at(position, "name", error)));
        }
    }
    Ok(())
}

fn mandatory(new: &Collection, _: &Context<'_>) -> Result<(), Wrong> {
    if !new.field("id").is_some_and(Field::is_primary_key) {
        return Err(Wrong::List(code::MISSING_PRIMARY_KEY.into()));
    }
    if !matches!(new.kind, Kind::Auth(_)) {
        return Ok(());
    }
    let expected: [(&str, &str, bool, Code); 5] = [
        ("password", "password", true, code::MISSING_PASSWORD_FIELD),
        ("tokenKey", "text", true, code::MISSING_TOKEN_KEY_FIELD),
        ("email", "email", false, code::MISSING_EMAIL_FIELD),
        ("emailVisibility", "bool", false, code::MISSING_EMAIL_VISIBILITY_FIELD),
        ("verified", "bool", false, code::MISSING_VERIFIED_FIELD),
    ];
    for (name, kind, hidden, missing) in expected {
        let Some(field) = new.field(name).filter(|field| field.kind.name() == kind) else {
            return Err(Wrong::List(missing.into()));
        };
        if !field.system || (hidden && !field.hidden) {
            let error = if hidden { code::MUST_BE_SYSTEM_AND_HIDDEN } else { code::MUST_BE_SYSTEM };
            return Err(Wrong::Fields(FieldErrors::one(name, error)));
        }
    }
    Ok(())
}

fn system_fields(new: &Collection, context: &Context<'_>) -> Result<(), Wrong> {
    let old = context.old.map_or(&[][..], |old| &old.fields);
    let kept = |old: &Field| new.fields.iter().any(|field| field.id == old.id && field.name == old.name);
    if old.iter().filter(|field| field.system).all(kept) {
        Ok(())
    } else {
        Err(Wrong::List(code::SYSTEM_FIELD_CHANGE.into()))
    }
}

fn kinds(new: &Collection, context: &Context<'_>) -> Result<(), Wrong> {
    let mut errors = FieldErrors::default();
    for (position, field) in new.fields.iter().enumerate() {
        if former(field, context).is_some_and(|old| old.kind.name() != field.kind.name()) {
            errors.add(&position.to_string(), code::FIELD_TYPE_CHANGE);
        }
    }
    by_position(errors)
}

fn reserved_in_auth(new: &Collection, _: &Context<'_>) -> Result<(), Wrong> {
    let mut errors = FieldErrors::default();
    for (position, field) in new.fields.iter().enumerate() {
        if matches!(new.kind, Kind::Auth(_)) && RESERVED_IN_AUTH.contains(&field.name.as_str()) {
            errors.nest(&position.to_string(), FieldErrors::one("name", code::RESERVED_FIELD_NAME));
        }
    }
    by_position(errors)
}

fn each(new: &Collection, context: &Context<'_>) -> Result<(), Wrong> {
    let mut errors = FieldErrors::default();
    for (position, field) in new.fields.iter().enumerate() {
        let mut wrong = FieldErrors::default();
        check_common(field, &mut wrong);
        field.kind.check_options(field, &mut wrong);
        if !new.is_view() {
            additions::check(field, &mut wrong);
        }
        check_surroundings(new, field, context, &mut wrong);
        errors.nest(&position.to_string(), wrong);
    }
    by_position(errors)
}

/// What an option may be in view of other fields, other collections and the stored definition.
fn check_surroundings(new: &Collection, field: &Field, context: &Context<'_>, errors: &mut FieldErrors) {
    let old = former(field, context).map(|old| &old.kind);
    match (&field.kind, old) {
        (FieldKind::Relation(relation), _) if !relation.collection_id.is_empty() => {
            if let Err(error) = check_relation(new, field, &relation.collection_id, context) {
                errors.add("collectionId", error);
            }
        }
        (FieldKind::Vector(vector), Some(FieldKind::Vector(old))) if vector.dimension != old.dimension => {
            errors.add("dimension", code::VECTOR_DIMENSION_CHANGE);
        }
        (FieldKind::Autodate(autodate), Some(FieldKind::Autodate(old))) if field.system => {
            let changed =
                [("onCreate", old.on_create, autodate.on_create), ("onUpdate", old.on_update, autodate.on_update)];
            for (key, ..) in changed.into_iter().filter(|(_, old, new)| old != new) {
                // Worse than what the option alone was blamed for.
                errors.0.insert(key.to_owned(), FieldIssue::Error(code::VALUES_MISMATCH.into()));
            }
        }
        _ => {}
    }
    if let Some(objection) = searchable::objection(new, field) {
        errors.add("searchable", objection);
    }
    if field.is_primary_key() && new.fields.iter().filter(|field| field.is_primary_key()).count() > 1 {
        errors.add("primaryKey", code::UNSUPPORTED_COMPOSITE_PK);
    }
}

/// The stored field with the same id.
fn former<'a>(field: &Field, context: &Context<'a>) -> Option<&'a Field> {
    context.old?.fields.iter().find(|old| old.id == field.id)
}

fn check_common(field: &Field, errors: &mut FieldErrors) {
    let between = |max: usize| code::LENGTH_OUT_OF_RANGE.with([("min", json!(1)), ("max", json!(max))]);
    if field.id.is_empty() {
        errors.add("id", code::REQUIRED);
    } else if field.id.chars().count() > ID_CHARS_MAX {
        errors.add("id", between(ID_CHARS_MAX));
    }
    if field.name.is_empty() {
        errors.add("name", code::REQUIRED);
    } else if field.name.chars().count() > NAME_CHARS_MAX {
        errors.add("name", between(NAME_CHARS_MAX));
    } else if !is_word(&field.name) {
        errors.add("name", code::MATCH_INVALID);
    } else if RESERVED.contains(&field.name.as_str()) {
        errors.add("name", code::NOT_IN_INVALID);
    } else if has_via(&field.name) {
        errors.add("name", code::FOUND_VIA);
    }
    if field.help.chars().count() > HELP_CHARS_MAX {
        errors.add("help", code::LENGTH_OUT_OF_RANGE.with([("min", json!(1)), ("max", json!(HELP_CHARS_MAX))]));
    }
}

fn check_relation(new: &Collection, field: &Field, target: &str, context: &Context<'_>) -> Result<(), FieldError> {
    if let Some(FieldKind::Relation(old)) = former(field, context).map(|old| &old.kind)
        && old.collection_id != target
    {
        return Err(code::FIELD_RELATION_CHANGE.into());
    }
    if target == new.id {
        return Ok(());
    }
    match (context.find)(target).filter(|found| found.id == target) {
        None => Err(code::FIELD_RELATION_MISSING_COLLECTION.into()),
        Some(found) if found.is_view() && !new.is_view() => Err(code::RELATION_NON_VIEW_BASE.into()),
        Some(_) => Ok(()),
    }
}
