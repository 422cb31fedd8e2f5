//! A new password for who has forgotten theirs: a mail with a token, and the token back with the password. The token is
//! signed with the record's token key, which the new password replaces, so it is good for once.

use super::letters::{self, INVALID, Kind, email_of, nobody, promise, text};
use super::token::{self, Purpose};
use super::{TRIES, limits};
use crate::error::{Error, FieldErrors, Result, code};
use crate::model::{Collection, Value};
use crate::records::{load_record, update_unchanged};
use crate::tenant::Cx;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

const FAILED: &str = "Failed to set new password.";

/// Sends a mail to the address of a record. Says the same about any address.
///
/// # Errors
/// `Invalid` for an address that is none or a collection without passwords, `Unavailable` when too many mails wait.
pub async fn request(cx: &Cx, collection: &Arc<Collection>, body: &Map<String, Json>) -> Result<()> {
    if !collection.auth().is_some_and(|options| options.password_enabled) {
        return Err(Error::invalid("The collection is not configured to allow password authentication."));
    }
    let email = email_of(body)?;
    cx.tenant.mail.admit().await?;
    let found = load_record(&cx.tenant, collection, "email", email).await?;
    // With the token key, which a new password replaces: whoever has set one may soon ask again.
    let key =
        found.as_ref().map(|record| limits::key(&["reset", &collection.id, record.id(), record.text("tokenKey")]));
    let record = found.unwrap_or_else(|| nobody(cx, collection, email));
    let letter = letters::with_token(cx, &record, Kind::PasswordReset, Purpose::PasswordReset)?;
    promise(cx, &letter, key.as_deref()).await
}

/// Takes a token back, and sets the password. Whoever has the token has read a mail to that address, which verifies it.
///
/// # Errors
/// `Invalid` with what is wrong with the token or the password.
pub async fn confirm(cx: &Cx, collection: &Arc<Collection>, body: &Map<String, Json>) -> Result<()> {
    let (token, password, again) = (text(body, "token")?, text(body, "password")?, text(body, "passwordConfirm")?);
    for _ in 0..TRIES {
        let mut errors = FieldErrors::default();
        if password.is_empty() {
            errors.add("password", code::REQUIRED);
        }
        if again.is_empty() {
            errors.add("passwordConfirm", code::REQUIRED);
        } else if again != password {
            errors.add("passwordConfirm", code::VALUES_MISMATCH);
        }
        let holder = token::from_mail(&cx.tenant, collection, token, Purpose::PasswordReset).await;
        let holder = holder.map_err(|error| errors.add("token", error));
        errors.into_result(INVALID)?;
        let Ok((record, claims)) = holder else { return Err(Error::invalid(INVALID)) };
        let mut input = Map::from_iter([("password".to_owned(), json!(password))]);
        let is_verified = record.get("verified") == Some(&Value::Bool(true));
        if !is_verified && claims.email.as_deref() == Some(record.text("email")) {
            input.insert("verified".to_owned(), json!(true));
        }
        // The record must still be as it was when the token was looked at: of several that come with it one wins.
        if update_unchanged(&super::for_owner(cx, &record), &record, input)
            .await
            .map_err(|error| error.with_message(FAILED))?
        {
            return Ok(());
        }
    }
    Err(super::lost_race())
}
