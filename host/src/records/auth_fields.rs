//! What an auth collection's records have beyond the others': passwords that must be confirmed, token
//! keys that change with them, e-mail and verification that only a manager sets.

use super::lookup::ANY;
use super::passage::{self, Manages};
use super::plan::{Otherwise, Plan};
use super::uploads::Named;
use crate::db::{Failure, Unit};
use crate::error::{Code, FieldErrors, Result, code};
use crate::model::field::convert::to_text;
use crate::model::{Caller, Draft, Record, Value};
use crate::sql::Sql;
use crate::tenant::Cx;
use serde_json::{Map, Value as Json};

/// Length of a `tokenKey`, the record's part of the key that signs its tokens.
pub(super) const TOKEN_KEY_LENGTH: usize = 50;

const INVALID_OLD_PASSWORD: Code =
    Code { code: "validation_invalid_old_password", message: "Missing or invalid old password." };

/// Passwords as people type them. What looks like a number in a form is a text all the same.
struct Typed {
    has_password: bool,
    again: String,
    old: String,
}

impl Typed {
    fn of(input: &Map<String, Json>) -> Self {
        let text = |key: &str| input.get(key).map(to_text).unwrap_or_default();
        Self { has_password: input.contains_key("password"), again: text("passwordConfirm"), old: text("oldPassword") }
    }

    /// Whether somebody wants another password.
    fn is_any(&self) -> bool {
        self.has_password || !self.again.is_empty() || !self.old.is_empty()
    }

    /// Adds what is wrong: people type a new password twice, and an empty one is none.
    fn check(&self, is_person: bool, is_new: bool, password: Option<&str>, errors: &mut FieldErrors) {
        if password.is_none() && (is_new || is_person && self.is_any()) {
            errors.add("password", code::REQUIRED);
        }
        if !is_person {
            return;
        }
        if self.again.is_empty() && (is_new || password.is_some() || !self.old.is_empty()) {
            errors.add("passwordConfirm", code::REQUIRED);
        } else if self.again != password.unwrap_or_default() {
            errors.add("passwordConfirm", code::VALUES_MISMATCH);
        }
    }
}

/// Adds what is wrong with the auth fields of a draft, and sets its token key.
pub(super) async fn check(
    cx: &Cx,
    plan: &mut Plan,
    draft: &mut Draft,
    original: Option<&Record>,
    named: &Named<'_>,
    errors: &mut FieldErrors,
) -> Result<()> {
    let input: &Map<String, Json> = &named.fields;
    let typed = Typed::of(input);
    // Who would become a manager by this very change is none yet.
    let body = passage::resolved_body(cx, draft, input);
    let power = match original {
        Some(original) => passage::manages(cx, plan, original, &body).await?,
        None => passage::manages(cx, plan, &passage::as_if_stored(cx, draft), &body).await?,
    };
    let manages = !matches!(power, Manages::No);
    let new_password = draft.passwords.first().map(|(_, plain)| plain.clone()).filter(|plain| !plain.is_empty());
    let is_person = !matches!(cx.caller, Caller::System | Caller::Plugin { .. });
    typed.check(is_person, original.is_none(), new_password.as_deref(), errors);
    if let Some(original) = original {
        let changes = new_password.is_some() || is_person && typed.is_any();
        if changes && !manages {
            let (old_password, hash) = (typed.old, Some(original.text("password").to_owned()));
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
    let changes_email = original.is_some_and(|original| differs(original, &draft.record, "email"));
    let is_new_password = original.is_some() && new_password.is_some();
    match power {
        // Hashing takes a while, and so do validators and files: the power may be lost meanwhile.
        Manages::If(select) if verified != was_verified || changes_email || is_new_password => {
            plan.must_find(select, Otherwise::Conflict);
        }
        Manages::If(_) | Manages::Yes | Manages::No => {}
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
