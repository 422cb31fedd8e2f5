//! What an auth collection's records have beyond the others': passwords that must be confirmed, token
//! keys that change with them, e-mail and verification that only a manager sets.

use super::lookup::ANY;
use super::passage;
use super::uploads::Named;
use crate::access;
use crate::db::{Failure, Unit};
use crate::error::{Code, FieldErrors, Result, code};
use crate::model::{Caller, Draft, Record, Value};
use crate::sql::Sql;
use crate::tenant::Cx;
use serde_json::{Map, Value as Json};

/// Length of a `tokenKey`, the record's part of the key that signs its tokens.
pub(super) const TOKEN_KEY_LENGTH: usize = 50;

const INVALID_OLD_PASSWORD: Code =
    Code { code: "validation_invalid_old_password", message: "Missing or invalid old password." };

/// Adds what is wrong with a password as it was typed: people type it twice, and an empty one is none.
fn check_typed(cx: &Cx, input: &Map<String, Json>, is_new: bool, password: Option<&str>, errors: &mut FieldErrors) {
    let is_person = !matches!(cx.caller, Caller::System | Caller::Plugin { .. });
    let confirmed = input.get("passwordConfirm").and_then(Json::as_str).unwrap_or_default();
    let is_typed = is_person && (input.contains_key("password") || !confirmed.is_empty());
    if password.is_none() && (is_new || is_typed) {
        errors.add("password", code::REQUIRED);
    }
    if !is_person {
        return;
    }
    if confirmed.is_empty() && (is_new || password.is_some()) {
        errors.add("passwordConfirm", code::REQUIRED);
    } else if confirmed != password.unwrap_or_default() {
        errors.add("passwordConfirm", code::VALUES_MISMATCH);
    }
}

/// Adds what is wrong with the auth fields of a draft, and sets its token key.
pub(super) async fn check(
    cx: &Cx,
    draft: &mut Draft,
    original: Option<&Record>,
    named: &Named<'_>,
    errors: &mut FieldErrors,
) -> Result<()> {
    let input: &Map<String, Json> = &named.fields;
    let text = |key: &str| input.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    // Who would become a manager by this very change is none yet.
    let body = passage::resolved_body(cx, draft, input);
    let manages = match original {
        Some(original) => access::manages(cx, original, &body).await?,
        None => access::manages(cx, &passage::as_if_stored(cx, draft), &body).await?,
    };
    let new_password = draft.passwords.first().map(|(_, plain)| plain.clone()).filter(|plain| !plain.is_empty());
    check_typed(cx, input, original.is_none(), new_password.as_deref(), errors);
    if let Some(original) = original {
        if new_password.is_some() && !manages {
            let (old_password, hash) = (text("oldPassword"), Some(original.text("password").to_owned()));
            if old_password.is_empty() {
                errors.add("oldPassword", code::REQUIRED);
            } else if !cx.tenant.passwords.verify(old_password, hash).await? {
                errors.add("oldPassword", INVALID_OLD_PASSWORD);
            }
        }
        if !manages && differs(original, &draft.record, "email") {
            errors.add("email", code::VALUES_MISMATCH);
        }
    }
    let verified = draft.record.get("verified") == Some(&Value::Bool(true));
    let was_verified = original.is_some_and(|original| original.get("verified") == Some(&Value::Bool(true)));
    if !manages && verified != was_verified {
        errors.add("verified", code::VALUES_MISMATCH);
    }
    let rotates = new_password.is_some() || original.is_none_or(|original| differs(original, &draft.record, "email"));
    if rotates {
        set(draft, "tokenKey", Value::Text(cx.tenant.world.ids.secret(TOKEN_KEY_LENGTH)));
    }
    let proven = original.is_none() && named.proven_email == Some(draft.record.text("email"));
    if proven || draft.record.collection.name == "_superusers" {
        set(draft, "verified", Value::Bool(true));
    }
    Ok(())
}

/// Replaces the plain passwords by their hashes.
pub(super) async fn hash_passwords(cx: &Cx, draft: &mut Draft) -> Result<()> {
    for (index, plain) in std::mem::take(&mut draft.passwords) {
        let hash = if plain.is_empty() { String::new() } else { cx.tenant.passwords.hash(plain).await? };
        draft.record.values[index] = Value::Text(hash);
    }
    Ok(())
}

/// Gives a record a hash of today for the password that it has. Tokens stay, and nobody is told: to everybody but us it is
/// the same password.
///
/// # Errors
/// When the password cannot be hashed or the row not be written. One that was changed meanwhile is left alone.
pub async fn rehash(cx: &Cx, record: &Record, plain: String) -> Result<()> {
    let collection = &record.collection;
    let hash = cx.tenant.passwords.hash(plain).await?;
    let mut update = Sql::new("UPDATE ");
    update.name(&collection.name).push(" SET password = ").bind(hash).push(" WHERE id = ").bind(record.id());
    update.push(" AND password = ").bind(record.text("password"));
    let mut unit = Unit::of(update);
    unit.touch(&collection.id).touch(ANY);
    cx.tenant.store.write(unit).await.map(|_| ()).map_err(Failure::into_error)
}

fn differs(original: &Record, draft: &Record, field: &str) -> bool {
    original.get(field) != draft.get(field)
}

fn set(draft: &mut Draft, field: &str, value: Value) {
    if let Some(index) = draft.record.collection.field_index(field) {
        draft.record.values[index] = value;
    }
}
