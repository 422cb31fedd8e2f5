//! Another address for a record: a mail with a token goes there, and the token comes back with the password. The token is
//! signed with the record's token key, which the new address replaces, so it is good for once.

use super::letters::{self, INVALID, Kind, check_email, promise, text};
use super::token::{self, Purpose};
use super::{SUPERUSERS, TRIES, limits};
use crate::db::{Failure, Unit};
use crate::error::{Error, FieldErrors, Result, code};
use crate::model::Collection;
use crate::records::{load_record, update_unchanged};
use crate::tenant::Cx;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

/// Addresses that one account may have written to, and within which time: the mails go to whoever it names.
const ADDRESSES: i64 = 10;
const ADDRESSES_WITHIN: Duration = Duration::from_hours(1);

/// Sends a mail to the address that a signed-in record wants to have.
///
/// # Errors
/// `Unauthenticated` for guests, `Forbidden` for a record of another collection, `Invalid` for an address that is none
/// or taken, `RateLimited` after too many of them, `Unavailable` when too many mails wait.
pub async fn request(cx: &Cx, collection: &Arc<Collection>, body: &Map<String, Json>) -> Result<()> {
    let record = super::signed_in(cx, collection)?;
    refuse_superusers(collection)?;
    let email = text(body, "newEmail")?;
    let mut checked = check_email(email);
    if checked.is_ok() && email == record.text("email") {
        checked = Err(code::NOT_IN_INVALID.into());
    } else if checked.is_ok() && load_record(&cx.tenant, collection, "email", email).await?.is_some() {
        checked = Err(code::INVALID_NEW_EMAIL.into());
    }
    checked.map_err(|error| Error::field(INVALID, "newEmail", error))?;
    cx.tenant.mail.admit().await?;
    let mut unit = Unit::new();
    let asked =
        limits::take(&limits::key(&["changes", &collection.id, record.id()]), ADDRESSES, ADDRESSES_WITHIN, cx.now_ms);
    unit.run_expecting(asked, 1, Error::RateLimited { retry_after: ADDRESSES_WITHIN });
    cx.tenant.store.write(unit).await.map_err(Failure::into_error)?;
    let token = token::issue_mail(&cx.tenant, record, Purpose::EmailChange, Some(email))?;
    let letter = letters::compose(cx, record, Kind::EmailChange, email.to_owned(), &[("TOKEN", &token)])?;
    let key = limits::key(&["change", &collection.id, record.id(), email]);
    promise(cx, &letter, Some(&key)).await
}

/// Takes a token back, and sets the address.
///
/// # Errors
/// `Invalid` with what is wrong with the token or the password. Whether the address is taken by now is only told to
/// who has the password.
pub async fn confirm(cx: &Cx, collection: &Arc<Collection>, body: &Map<String, Json>) -> Result<()> {
    refuse_superusers(collection)?;
    let (token, password) = (text(body, "token")?, text(body, "password")?);
    for _ in 0..TRIES {
        let mut errors = FieldErrors::default();
        if password.is_empty() {
            errors.add("password", code::REQUIRED);
        }
        let holder = token::from_mail(&cx.tenant, collection, token, Purpose::EmailChange).await;
        let holder = holder.map_err(|error| errors.add("token", error));
        errors.into_result(INVALID)?;
        let Ok((record, claims)) = holder else { return Err(Error::invalid(INVALID)) };
        let email = claims.new_email.unwrap_or_default();
        if email.is_empty() {
            return Err(Error::field(INVALID, "token", code::INVALID_TOKEN_PAYLOAD));
        }
        let hash = Some(record.text("password").to_owned()).filter(|hash| !hash.is_empty());
        if !cx.tenant.passwords.verify(password.to_owned(), hash).await? {
            return Err(Error::field(INVALID, "password", code::INVALID_PASSWORD));
        }
        if load_record(&cx.tenant, collection, "email", &email).await?.is_some() {
            return Err(Error::field(INVALID, "token", code::INVALID_NEW_EMAIL));
        }
        let input = Map::from_iter([("email".to_owned(), json!(email)), ("verified".to_owned(), json!(true))]);
        let changed = update_unchanged(&super::for_owner(cx, &record), &record, input).await;
        if changed.map_err(|error| error.with_message("Failed to confirm email change."))? {
            return Ok(());
        }
    }
    Err(super::lost_race())
}

fn refuse_superusers(collection: &Collection) -> Result<()> {
    let message = "All superusers can change their emails directly.";
    if collection.name == SUPERUSERS { Err(Error::invalid(message)) } else { Ok(()) }
}
